"""What registers read of their members, batch by batch: the columns of those facts and conclusions, and nothing else.

A fact that a register reads is concluded beside the rest, so that facts and conclusions come in the same columns, and
what no column holds of either is kept beside them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from safetyrules.engine.columnar.entities import facts_of
from safetyrules.engine.columnar.forms import Number
from safetyrules.engine.columnar.tables import FINISHED, Tables
from safetyrules.engine.columnar.tabulate import SUBJECT, Tabulated, cells_of, names, read
from safetyrules.facts.schema import PartsType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.order import Conclusion, Key, reads
from safetyrules.language.plan import Plan
from safetyrules.language.ruleform import LinkedProgram
from safetyrules.language.term_trees import walk
from safetyrules.register.answering import Answers, Tabulator
from safetyrules.values import Scalar

if TYPE_CHECKING:
    from safetyrules.program import Program

#: The row of a member among all members, and in its batch.
ROW, IN_BATCH = "#row", "#in_batch"


def read_of_members(program: LinkedProgram, register: str) -> frozenset[str]:
    """The facts and conclusions of members that any rule or overlay of a register reads, whatever the day and place."""
    schema, kind = program.schema, program.schema.member_kind(register)
    rules = [rule for rule in program.rules.values() if schema.register(rule.on) == register]
    own = {rule.id for rule in rules}
    changes = [overlay for overlay in program.overlays if overlay.target in own]
    rules += [overlay.rule for overlay in changes if overlay.rule is not None]
    terms: list[object] = [overlay.when for overlay in changes]
    for rule in rules:
        terms += [rule.applies, rule.when, rule.body, None if rule.duty is None else rule.duty.due]
    found: set[str] = set()
    for term in terms:
        for node in walk(term) if term is not None else ():
            match node:
                case t.FactValue(entity, name) | t.ConclusionValue(entity, name) if entity.kind == kind:
                    found.add(name)
    return frozenset(found)


@dataclass(frozen=True)
class MemberAnswers:
    """``columns``: a row for each member of a batch, in its order, with the columns of what was read; ``exact``: by
    row, what the columns do not hold as it is."""

    columns: pl.DataFrame
    exact: Mapping[int, Mapping[str, Scalar]]


class MemberTabulator(Tabulator):
    """Answers of members, of which no more is concluded than ``read`` needs."""

    keeps_decided = True

    def __init__(self, program: Program, read: frozenset[str], **options: Any) -> None:
        super().__init__(program, **options)
        self.read = read
        self._needed = lru_cache(maxsize=64)(self._only_needed)

    def members(self, tables: Tables) -> MemberAnswers:
        """What is read of the members of a batch."""
        frames: list[pl.DataFrame] = []
        exact: dict[int, dict[str, Scalar]] = {}
        for answers in self.answers(tables):
            found = answers.tabulated
            frame = found.frames[found.root]
            columns = [
                pl.col(column).alias(column.replace(f"{name}?", f"{name}{FINISHED}", 1))
                for (on, name), form in found.forms.items()
                if on == found.root and name in self.read
                for column in names(name, form)
            ]
            chosen = frame.select(pl.lit(answers.rows.gather(frame[SUBJECT])).alias(IN_BATCH), *columns)
            frames.append(chosen.cast({pl.Int32: pl.Float64}))  # one type for every plan
            for row, name, scalar in self._beside(answers, tables):
                exact.setdefault(row, {})[name] = scalar
        every = pl.concat(frames, how="diagonal") if frames else pl.DataFrame(schema={IN_BATCH: pl.UInt32})
        return MemberAnswers(every.sort(IN_BATCH), exact)

    def _beside(self, answers: Answers, tables: Tables) -> Iterator[tuple[int, str, Scalar]]:
        """What the columns of answers do not hold as it is: numbers that are not the decimal of a float, texts of which
        a set is possible."""
        found = answers.tabulated
        for (on, name), form in found.forms.items():
            if on != found.root or name not in self.read:
                continue
            for row, outcomes in answers.decided.items():
                scalar = outcomes[on, name]
                if read(form, cells_of(form, scalar)) != scalar or f"{name}?set" in names(name, form):
                    yield answers.rows[row], name, scalar
            if isinstance(form, Number) and not form.exact:
                for row in range(answers.rows.len()):
                    if row not in answers.decided:
                        at = answers.rows[row]
                        yield at, name, self._decided(facts_of(self.program.schema, tables, at))[on, name]
            elif f"{name}?set" in names(name, form):
                yield from ((row, name, scalar) for row, scalar in _sets(answers, name, found))

    def _plans(self, tables: Tables) -> Iterator[tuple[Plan, pl.Series]]:
        for plan, rows in super()._plans(tables):
            yield self._needed(_Known(plan)), rows

    def _only_needed(self, known: _Known) -> Plan:
        plan, kind = known.plan, self.request.subject
        facts = self.program.schema.kinds[kind].facts
        concluded = [_concluded(facts[name], kind) for name in sorted(self.read) if name in facts]
        wanted = [(kind, name) for name in self.read if (kind, name) in plan.by_key]
        kept = _below(plan, wanted)
        return replace(plan, conclusions=(*(c for c in plan.conclusions if c.key in kept), *concluded))

    def _decided(self, facts: Any) -> Mapping[tuple[str, str], Scalar]:
        found = dict(super()._decided(facts))
        root = self.request.subject
        values = self.program.entity(facts, self.request).values
        found.update({(root, name): values[name] for name in self.read if name in values})
        return found


def _sets(answers: Answers, name: str, found: Tabulated) -> Iterator[tuple[int, Scalar]]:
    form = found.forms[found.root, name]
    columns = names(name, form)
    rows = found.frames[found.root].filter(pl.col(f"{name}?set") > 0).select(SUBJECT, *columns)
    for subject, *cells in rows.iter_rows():
        yield answers.rows[subject], read(form, cells)


class _Known:
    """A plan by its digest, which is what plans that are the same have in common."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __hash__(self) -> int:
        return hash(self.plan.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Known) and self.plan.digest == other.plan.digest


def _concluded(fact: Any, kind: str) -> Conclusion:
    """A fact as a conclusion of its own."""
    assert not isinstance(fact.type, PartsType | ValuesType)
    term = t.FactValue(t.Up(0, kind), fact.name, fact.type, fact.may_not_apply)
    return Conclusion(fact.name, kind, fact.title, fact.type, "value", term)


def _below(plan: Plan, wanted: Iterable[Key]) -> set[Key]:
    """The conclusions and all they rest on. All findings of a sector stay where one is counted: that there is a list in
    force is part of the count."""
    kept = set(wanted)
    pending = list(kept)
    while pending:
        conclusion = plan.by_key[pending.pop()]
        needed = reads(conclusion, plan.by_key, plan.schema)
        for term in conclusion.mentions:
            if isinstance(term, t.FindingCount):
                needed |= {counted.key for counted in plan.findings.get(term.sector, ())}
        pending.extend(needed - kept)
        kept |= needed
    return kept
