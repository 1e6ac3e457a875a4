"""What the cases come to without any fault: for each case its facts as the engines read them, what it rests on, and
what that came to."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any

from safetyrules.engine.lookup import exact_keys
from safetyrules.engine.reference import Place, Reference
from safetyrules.facts.entity import Entity
from safetyrules.language import terms as t
from safetyrules.language.order import Key, reads
from safetyrules.language.plan import Plan
from safetyrules.language.ruleform import Cell
from safetyrules.language.term_trees import walk
from safetyrules.members import RegisterAssessment
from safetyrules.program import Program
from safetyrules.result import Request
from safetyrules.testing.asked import names_asked, part_of
from safetyrules.testing.model import Case
from safetyrules.testing.running import Runner
from safetyrules.values import Scalar

Values = Mapping[tuple[str, str], Scalar]
#: What a plan is asked for: law day, jurisdiction, sectors and register.
PlanKey = tuple[Any, ...]
#: Table → the keys that were looked up, None where they were not all known.
LookedUp = Mapping[str, frozenset[tuple[Cell, ...]] | None]


#: What an expectation says of why, not of what.
_REASONS = frozenset({"needs", "clauses", "rows"})


@dataclass(frozen=True)
class Ground:
    """A case that passes, with all that running it again takes. ``asked`` are the conclusions it expects something of,
    ``keys`` these and all that they rest on, ``values`` what that came to. ``members`` are, of a register, the plans of
    its members with the conclusions that it rests on there. ``alone`` marks a case that is run anew as a whole: a
    register, or one that expects notices."""

    case: Case
    plan_key: PlanKey
    request: Request
    entity: Entity
    asked: frozenset[str]
    keys: frozenset[Key]
    values: Values
    looked_up: LookedUp
    members: tuple[tuple[PlanKey, frozenset[Key]], ...]
    alone: bool

    @cached_property
    def severity_expected(self) -> bool:
        """Does it expect a severity, which may be another though every outcome is as before?"""
        wanted = (each.wanted for each in self.case.expectations)
        return any(isinstance(each, dict) and "severity" in each for each in wanted)

    @cached_property
    def reasons_expected(self) -> bool:
        """Does it expect what would settle a conclusion, or which clauses are behind it?"""
        wanted = (each.wanted for each in self.case.expectations)
        return any(isinstance(each, dict) and not _REASONS.isdisjoint(each) for each in wanted)


@dataclass(frozen=True)
class Baseline:
    """The cases that pass, by the plan they ask for. ``failing`` are those that do not: no help against faults."""

    program: Program
    grounds: tuple[Ground, ...]
    failing: tuple[Case, ...]

    @cached_property
    def plans(self) -> Mapping[PlanKey, Plan]:
        keys = {key for ground in self.grounds for key in (ground.plan_key, *(each for each, _ in ground.members))}
        return {key: self.program.plan(*key) for key in sorted(keys, key=str)}

    @cached_property
    def reads(self) -> Mapping[PlanKey, Mapping[Key, set[Key]]]:
        """What each conclusion of each plan needs first."""
        return {
            plan_key: {each.key: reads(each, plan.by_key, plan.schema) for each in plan.conclusions}
            for plan_key, plan in self.plans.items()
        }

    @cached_property
    def tables(self) -> Mapping[PlanKey, Mapping[Key, frozenset[str]]]:
        """The tables that each conclusion of each plan looks up in."""
        return {
            plan_key: {each.key: frozenset(_tables_in(each.term)) for each in plan.conclusions}
            for plan_key, plan in self.plans.items()
        }

    @cached_property
    def by_plan(self) -> Mapping[PlanKey, tuple[Ground, ...]]:
        found: dict[PlanKey, list[Ground]] = {}
        for ground in self.grounds:
            found.setdefault(ground.plan_key, []).append(ground)
        return {key: tuple(grounds) for key, grounds in found.items()}


def baseline(program: Program, cases: Sequence[Case]) -> Baseline:
    """The ground of ``cases``. A case that expects a refusal is left out: no fault in a ruleset changes what facts
    are."""
    runner = Runner(program, engine="reference", columns=False)
    expecting = [case for case in cases if not case.refusals]
    run = runner.run(expecting)
    passing = [result.case for result in run.results if result.passed]
    failing = tuple(result.case for result in run.results if not result.passed)
    return Baseline(program, tuple(_ground(program, case) for case in passing), failing)


def _ground(program: Program, case: Case) -> Ground:
    plan, request, _ = program.asked(case.facts, **case.options)
    register = (request.subject,) if request.subject in program.registers else ()
    asked = names_asked(program, plan, case)
    part = part_of(plan, asked)
    entity = program.entity(case.facts, request)
    run = _Noting(part, entity, request.as_of)
    run.run()
    return Ground(
        case, (request.law_at, request.jurisdiction, request.sectors, *register), request, entity, asked,
        frozenset(conclusion.key for conclusion in part.conclusions), run.values, run.looked_up(),
        tuple(_members(program, case, part)) if register else (), bool(register or case.notices),
    )  # fmt: skip


def _members(program: Program, case: Case, part: Plan) -> Iterator[tuple[PlanKey, frozenset[Key]]]:
    """The plans of a register's members, with what the register rests on there."""
    answer = program.assess(case.facts, engine="reference", **case.options)
    assert isinstance(answer, RegisterAssessment)
    kind = program.schema.member_kind(answer.request.subject)
    read = frozenset(
        term.fact
        for conclusion in part.conclusions
        for term in walk(conclusion.term)
        if isinstance(term, t.FactValue) and term.entity.kind == kind
    )
    found: dict[PlanKey, frozenset[Key]] = {}
    for member in answer.members:
        rested_on = part_of(member.plan, read)
        key = (member.request.law_at, member.request.jurisdiction, member.request.sectors)
        found[key] = frozenset(conclusion.key for conclusion in rested_on.conclusions)
    yield from found.items()


def _tables_in(term: t.Term) -> Iterator[str]:
    return (each.table for each in walk(term) if isinstance(each, t.LookupValue))


class _Noting(Reference):
    """Computes as the reference interpreter does, and notes what is looked up."""

    def __init__(self, plan: Plan, root: Entity, as_of: date) -> None:
        super().__init__(plan, root, as_of)
        self._looked_up: dict[str, set[tuple[Cell, ...]] | None] = {}

    def evaluate(self, term: t.Term, place: Place) -> Scalar:
        if isinstance(term, t.LookupValue):
            keys = exact_keys([super(_Noting, self).evaluate(key, place) for key in term.keys])
            seen = self._looked_up.setdefault(term.table, set())
            if keys is None:
                self._looked_up[term.table] = None
            elif seen is not None:
                seen.update(keys)
        return super().evaluate(term, place)

    def looked_up(self) -> LookedUp:
        return {table: None if keys is None else frozenset(keys) for table, keys in self._looked_up.items()}
