"""What of a plan cases ask about: the conclusions they expect something of, and all that these rest on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, replace

from safetyrules.facts.schema import PartsType
from safetyrules.language import terms as t
from safetyrules.language.order import Conclusion, Key, reads, sector_keys
from safetyrules.language.plan import Plan
from safetyrules.language.term_trees import fact_read, walk
from safetyrules.program import Program
from safetyrules.testing.expectations import key_of
from safetyrules.testing.model import Case


@dataclass(frozen=True)
class Part:
    """What a file asks of a plan. ``number``: parts of one number say the same, whatever the day of their law;
    ``dated``: some conclusion reads the day that the facts describe; ``facts`` are those that it reads."""

    plan: Plan
    number: int
    dated: bool
    facts: frozenset[Key]


class Parts:
    """The parts of plans, each made once."""

    def __init__(self) -> None:
        self._made: dict[tuple[str, frozenset[str]], Part] = {}
        self._numbers: dict[object, int] = {}

    def of(self, plan: Plan, names: frozenset[str]) -> Part:
        found = self._made.get((plan.digest, names))
        if found is None:
            part = part_of(plan, names)
            number = self._numbers.setdefault((part.conclusions, part.sectors), len(self._numbers))
            dated = any(isinstance(term, t.AsOf) for each in part.conclusions for term in walk(each.term))
            found = self._made[plan.digest, names] = Part(part, number, dated, _facts_read(part))
        return found


def _facts_read(part: Plan) -> frozenset[Key]:
    """The facts that conclusions read, those by which the language itself tells sectors and logs, and the lists that
    lead there."""
    schema = part.schema
    found = {fact for each in part.conclusions for term in walk(each.term) if (fact := fact_read(term)) is not None}
    found |= {key for key in sector_keys(schema) if key[1] in schema.kinds[key[0]].facts}
    for name in {kind for kind, _ in found} | {each.on for each in part.conclusions}:
        for kind in schema.chain(name):
            if kind.parent is not None and kind.parent_fact is not None:
                found.add((kind.parent, kind.parent_fact))
    for kind in schema.kinds.values():
        for listed in kind.facts.values():
            if isinstance(listed.type, PartsType) and listed.type.log is not None and (kind.name, listed.name) in found:
                found.add((listed.type.kind, listed.type.log))
    return frozenset(found)


def names_asked(program: Program, plan: Plan, case: Case) -> frozenset[str]:
    """The conclusions that a case expects something of, those behind a clause among them."""
    names: set[str] = set()
    for each in case.expectations:
        key = key_of(each.key, program.linked.instruments, program.schema.roots[0])
        if key.clause is None:
            names.add(key.name)
            continue
        for conclusion in plan.conclusions:
            found_by = {each.clause for each in conclusion.by_clause}
            if key.clause in found_by or any(key.clause in plan.rules[rule].clauses for rule in conclusion.rules):
                names.add(conclusion.name)
    return frozenset(names)


def part_of(plan: Plan, asked: frozenset[str]) -> Plan:
    """The plan without the conclusions that those asked about do not rest on."""
    kept: set[Key] = {conclusion.key for conclusion in plan.conclusions if conclusion.name in asked}
    pending = list(kept)
    while pending:
        conclusion = plan.by_key[pending.pop()]
        for key in (*reads(conclusion, plan.by_key, plan.schema), *_listed(conclusion, plan)):
            if key not in kept and key in plan.by_key:
                kept.add(key)
                pending.append(key)
    conclusions = tuple(each for each in plan.conclusions if each.key in kept)
    named = hashlib.sha256("\n".join([plan.digest, *("#".join(each.key) for each in conclusions)]).encode())
    return replace(plan, conclusions=conclusions, digest=named.hexdigest())


def _listed(conclusion: Conclusion, plan: Plan) -> Iterator[Key]:
    """One finding of each sector whose findings are counted, so that its list stays in force though none of the
    severity asked for is on it."""
    for term in conclusion.mentions:
        if isinstance(term, t.FindingCount):
            yield from (each.key for each in plan.findings.get(term.sector, ())[:1])
