"""Atomic conditions: what is decided by our own code rather than chained, and what deciding it reads.

An atom is a finite term that chaining does not look into: a fact, a comparison of numbers or dates, a lookup, a
quantifier or aggregate over parts, a count of findings, anything read of another entity. A conclusion of numbers,
dates or text is decided the same way, as a whole.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from safetyrules.engine import algebra
from safetyrules.engine.reference import Place, Reference
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import BooleanType, ChoiceType, ScalarType
from safetyrules.language import terms as t
from safetyrules.language.plan import Key, Plan
from safetyrules.language.term_trees import walk
from safetyrules.values import FALSE, NOTHING, TRUE, Finite, Outcome, Scalar


@dataclass(frozen=True, slots=True)
class Recorded:
    """Is the decision recorded in ``fact`` given? A departure by recorded decision takes effect only then."""

    fact: t.FactValue


AtomTerm = t.Term | Recorded

#: Which entities a change of what an atom reads concerns: the one changed, those inside it, or any.
Reach = Literal["self", "below", "any"]


@dataclass(frozen=True, slots=True)
class Read:
    """A fact or conclusion (``concluded``) of a kind that a term reads."""

    kind: str
    name: str
    concluded: bool
    reach: Reach

    @property
    def key(self) -> Key:
        return self.kind, self.name


@dataclass(frozen=True, slots=True)
class Atom:
    """``outcomes`` gives the proposition of each outcome; decided before stratum ``stratum`` is chained."""

    term: AtomTerm
    outcomes: dict[Outcome, int]
    stratum: int
    reads: frozenset[Read]


class Decider(Reference):
    """The reference interpreter, asked for one term at a place at a time. ``values`` holds what is concluded so far."""

    def notice(self, code: str, **values: object) -> None:
        """Notices come from replaying an assessment, not from chaining it."""

    def decide(self, term: AtomTerm, entity: Entity) -> Scalar:
        if isinstance(term, Recorded):
            holder = self.entity(term.fact.entity, Place(entity))
            name = term.fact.fact
            return TRUE if name in holder.given and algebra.has_value(holder.values[name]) else FALSE
        return self.evaluate(term, Place(entity))

    def possible(self, term: AtomTerm, entity: Entity) -> frozenset[Outcome]:
        value = self.decide(term, entity)
        assert isinstance(value, Finite)
        return value.outcomes


def finite(type_: ScalarType) -> bool:
    """Are there finitely many outcomes, known from the type?"""
    return isinstance(type_, BooleanType | ChoiceType)


def support(term: AtomTerm) -> tuple[Outcome, ...]:
    """The outcomes that an atom can have at all."""
    if isinstance(term, Recorded):
        return (True, False)
    outcomes: tuple[Outcome, ...] = term.type.members if isinstance(term.type, ChoiceType) else (True, False)
    return (*outcomes, NOTHING) if _may_lack_value(term) else outcomes


def _may_lack_value(term: t.Term) -> bool:
    """Can it have no value? What was narrowed by ``has()`` still has none where there is nothing else it can be."""
    if isinstance(term, t.Applicable):
        return False
    return any(getattr(part, "may_be_nothing", False) for part in walk(term))


def is_atom(term: t.Term) -> bool:
    """Is this term, of a finite type, decided rather than chained?"""
    match term:
        case t.ConclusionValue(entity):
            return not (isinstance(entity, t.Up) and entity.levels == 0)
        case t.Comparison(_, left, right):
            return not (finite(left.type) and finite(right.type) and (_chains(left) or _chains(right)))
        case t.Among(operand) | t.Applicable(operand) | t.Sure(operand):
            return not (finite(operand.type) and _chains(operand))
        case (
            t.Constant() | t.NoValueTerm() | t.Unassigned() | t.Not() | t.Junction() | t.Choose()
            | t.UnsettledReadings() | t.Permitted() | t.DecisionTable() | t.Excepted() | t.Written()
        ):  # fmt: skip
            return False
    return True


def _chains(term: t.Term) -> bool:
    return not is_atom(term) and not isinstance(term, t.Constant | t.NoValueTerm)


def reads_of(term: AtomTerm, plan: Plan) -> frozenset[Read]:
    """Everything that deciding ``term`` reads."""
    whole = term.fact if isinstance(term, Recorded) else term
    return frozenset(read for part in walk(whole) for read in _read_by(part, plan))


def _read_by(part: object, plan: Plan) -> Iterator[Read]:
    match part:
        case t.FactValue(entity, name) | t.PartsOf(entity, name) | t.ValuesOf(entity, name):
            yield Read(entity.kind, name, False, _reach(entity))
        case t.ConclusionValue(entity, name):
            yield Read(entity.kind, name, True, _reach(entity))
        case t.FindingCount(sector, severity):
            for conclusion in plan.findings.get(sector, ()):
                if severity in (conclusion.severity, "any"):
                    yield Read(*conclusion.key, True, "any")
        case t.SectorGrades():
            roots = [kind for kind in plan.schema.kinds.values() if kind.root]
            for listed in (plan.schema.sectors[each] for each in plan.sectors):
                for root in roots:
                    for read in (listed.present, listed.grade):
                        if read is not None:
                            yield Read(root.name, read, (root.name, read) in plan.by_key, "any")


def _reach(entity: t.EntityTerm) -> Reach:
    if isinstance(entity, t.Variable):
        return "any"
    return "self" if entity.levels == 0 else "below"
