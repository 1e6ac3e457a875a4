"""The answers of a register: each subject under the plan of its place, by columns, exactly where columns do not do."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import polars as pl

from safetyrules.engine.columnar.entities import all_facts
from safetyrules.engine.columnar.exactly import with_exact
from safetyrules.engine.columnar.forms import Unfit
from safetyrules.engine.columnar.subsets import closed as close
from safetyrules.engine.columnar.subsets import subset
from safetyrules.engine.columnar.tables import Tables
from safetyrules.engine.columnar.tabulate import Prepared, Tabulated, known_facts, prepare, unanswered
from safetyrules.language.order import Conclusion
from safetyrules.language.plan import Plan
from safetyrules.values import Scalar

if TYPE_CHECKING:
    from safetyrules.program import Program
    from safetyrules.result import Treatment


@dataclass(frozen=True)
class Answers:
    """What is concluded of the subjects of ``rows`` (of the tables asked about), all under one plan. ``exact`` counts
    those that were decided one by one, ``decided`` has what came out, by row of ``tabulated``, where a tabulator is to
    keep it."""

    rows: pl.Series
    tabulated: Tabulated
    exact: int
    decided: Mapping[int, Mapping[tuple[str, str], Scalar]] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return self.tabulated.plan


class Tabulator:
    """Answers batch after batch of a register; plans are lowered once. The options are those of `Program.assess`."""

    #: Are the outcomes of subjects that are decided one by one read again after they were put into columns?
    keeps_decided = False

    def __init__(
        self,
        program: Program,
        *,
        as_of: date | datetime | str,
        law_at: date | datetime | str | None = None,
        jurisdiction: str | None = None,
        treat_unknown_as: Treatment = "withhold",
        closed: Collection[str] = (),
        sectors: Collection[str] | None = None,
        subject: str | None = None,
        told: Callable[[Conclusion], bool] | None = None,
    ) -> None:
        """``told``: the conclusions that answers have; None is all. Raises RequestError when the call itself cannot be
        answered."""
        self.program = program
        self.told = told
        self.options: dict[str, Any] = {
            "as_of": as_of, "law_at": law_at, "jurisdiction": jurisdiction, "treat_unknown_as": treat_unknown_as,
            "closed": closed, "sectors": sectors, "subject": subject,
        }  # fmt: skip
        _, self.request, _ = program.asked({}, **self.options)
        self._prepared: Callable[..., Prepared | None] = lru_cache(maxsize=64)(self._prepare)

    def answers(self, tables: Tables) -> Iterator[Answers]:
        """The answers of a batch, plan by plan; every subject is in one of them."""
        for plan, rows in self._plans(tables):
            part = tables if rows.len() == tables.height else subset(self.program.schema, tables, rows)
            yield self._answered(plan, part, rows)

    def _plans(self, tables: Tables) -> Iterator[tuple[Plan, pl.Series]]:
        """The plans that apply, and the rows of the subjects under each. Places under the same law share a plan."""
        every = pl.int_range(tables.height, dtype=pl.UInt32, eager=True)
        place = self.program.place_fact(tables.root)
        frame = tables.frames[tables.root]
        if self.options["jurisdiction"] is not None or place is None or place not in frame.columns:
            plan, _, _ = self.program.asked({}, **self.options)
            yield plan, every
            return
        by_digest: dict[str, tuple[Plan, list[str | None]]] = {}
        for value in frame[place].unique(maintain_order=True):
            plan, _, _ = self.program.asked(_nested(place, value), **self.options)
            by_digest.setdefault(plan.digest, (plan, []))[1].append(value)
        if len(by_digest) == 1:
            yield next(iter(by_digest.values()))[0], every
            return
        for plan, values in by_digest.values():
            known = [value for value in values if value is not None]
            here = frame[place].is_in(pl.Series(known, dtype=pl.String).implode()).fill_null(len(known) < len(values))
            yield plan, every.filter(here)

    def _answered(self, plan: Plan, tables: Tables, rows: pl.Series) -> Answers:
        schema, root = self.program.schema, tables.root
        # What is decided one by one is closed by `Program.assess` itself.
        held = close(schema, tables, self.request.closed)
        prepared = self._prepared(_Asked(plan, root, held))
        if prepared is None:
            found = replace(unanswered(plan.telling_apart, root), plan=plan)
            left = list(range(tables.height))
        else:
            found = prepared.run(held)
            left = sorted({*tables.apart, *found.doubtful.to_list()})
        if not left:
            return Answers(rows, found, 0)
        facts = all_facts(schema, subset(schema, tables, pl.Series(left, dtype=pl.UInt32)))
        decided = ((row, self._decided(each)) for row, each in zip(left, facts, strict=True))
        kept = dict(decided) if self.keeps_decided else {}
        return Answers(rows, with_exact(found, kept.items() if self.keeps_decided else decided), len(left), kept)

    def _decided(self, facts: Any) -> Mapping[tuple[str, str], Scalar]:
        return self.program.assess(facts, **self.options).scalars_apart

    def _prepare(self, asked: _Asked) -> Prepared | None:
        try:
            plan = asked.plan.telling_apart
            prepared = prepare(plan, asked.root, self.request.as_of, asked.tables, asked.known, self.told)
            return replace(prepared, lowered=replace(prepared.lowered, plan=asked.plan))
        except Unfit:
            return None


class _Asked:
    """A plan for tables of certain columns, of which all or not all are known: what is lowered once."""

    def __init__(self, plan: Plan, root: str, tables: Tables) -> None:
        self.plan, self.root, self.tables = plan, root, tables
        columns = [(kind, *frame.columns) for kind, frame in sorted(tables.frames.items())]
        values = [(key, *frame.columns) for key, frame in sorted(tables.values.items())]
        self.known = known_facts(tables)
        self.key = (plan.digest, root, tuple(columns), tuple(values), self.known)

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Asked) and self.key == other.key


def _nested(name: str, value: object) -> dict[str, Any]:
    first, _, rest = name.partition(".")
    return {first: _nested(rest, value) if rest else value}
