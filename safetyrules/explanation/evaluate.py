"""What is still possible of the terms of a plan, by one function for each term, and each term once at each place.

The reference interpreter says what a term means. The functions made here say the same of the terms that law is mostly
made of where they come to one known value, and ask the interpreter for all else. Booleans are always one of the few
values of `TRUTHS`, so that ``is`` compares them.
"""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, cast

from safetyrules.engine import algebra
from safetyrules.engine.lookup import lookup
from safetyrules.engine.reference import Member, Place, Reference
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.language import terms as t
from safetyrules.values import FALSE, NOTHING, TRUE, UNKNOWN, WHOLE, Finite, Interval, Outcome, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator

    from safetyrules.explanation.reasons import Node
    from safetyrules.explanation.trace import Listed
    from safetyrules.explanation.view import PlanView

#: So many keys of a lookup are remembered with what they come to.
LOOKUPS_KEPT = 256
#: Every set of outcomes of a boolean, as one object each.
TRUTHS: Mapping[frozenset[Outcome], Finite] = {
    each.outcomes: each
    for each in (
        TRUE,
        FALSE,
        UNKNOWN,
        algebra.ONLY_NOTHING,
        Finite(frozenset({True, NOTHING})),
        Finite(frozenset({False, NOTHING})),
        Finite(frozenset({True, False, NOTHING})),
    )
}
_SIGNS: Mapping[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le, ">": operator.gt, ">=": operator.ge,
}  # fmt: skip


def truth(value: Any) -> Finite:
    """A boolean as the one object that says it."""
    return TRUTHS[value.outcomes]


# ---- places ---------------------------------------------------------------------------------------------------------


class Memory:
    """What was found out at a place: the values of terms by their identity, and the memories of places inside, where
    one variable more is bound."""

    __slots__ = ("inner", "values")

    def __init__(self) -> None:
        self.values: dict[int, Scalar] = {}
        self.inner: dict[tuple[str, object], Memory] = {}

    def forget(self) -> None:
        self.values.clear()
        self.inner.clear()

    def within(self, variable: str, value: Entity | Scalar) -> Memory:
        key = (variable, value)
        found = self.inner.get(key)
        if found is None:
            found = self.inner[key] = Memory()
        return found


@dataclass(frozen=True)
class Spot(Place):
    """A place with a memory, that knows what list member each variable stands for."""

    members: Mapping[str, Listed] = field(default_factory=dict)
    memory: Memory = field(default_factory=Memory, compare=False, repr=False)

    def binding(self, variable: str, value: Entity | Scalar) -> Spot:
        return replace(self, bound={**self.bound, variable: value}, memory=self.memory.within(variable, value))

    def at(self, variable: str, member: Listed) -> Spot:
        return replace(self.binding(variable, member.value), members={**self.members, variable: member})


#: What is still possible of one term; its type says which scalar that is.
Value = Callable[["Evaluation", Spot], Any]


# ---- evaluation -----------------------------------------------------------------------------------------------------


class Evaluation(Reference):
    """The reference interpreter, evaluating each term once at each place, and of conclusions only what is asked for.

    ``changes`` are facts taken to be otherwise, ``chosen`` readings taken to be chosen, by ``ruleset/parameter``.
    """

    view: PlanView
    changes: Mapping[Node, Scalar]
    chosen: Mapping[str, str]

    def evaluate(self, term: t.Term, place: Place) -> Scalar:
        found: Scalar = value_of(self.view, term)(self, cast(Spot, place))
        return found

    def told(self, entity: Entity, name: str) -> Scalar:
        """What is still possible of a conclusion of an entity, as other rules read it."""
        raise NotImplementedError

    def conclusion(self, entity: Entity, name: str) -> Scalar:
        return self.told(entity, name)

    def fact(self, entity: Entity, name: str) -> Scalar:
        changed = self.changes.get((entity.path, name)) if self.changes else None
        return entity.values[name] if changed is None else changed

    def _sector_grades(self, term: t.SectorGrades) -> Iterator[Member]:
        place = Spot(self.root)
        for _, present, grade in self.view.sector_terms(term, self.root.kind):
            there = self.truth(present, place)
            if True in there.outcomes:
                yield Member(self.evaluate(grade, place), certain=there == TRUE)

    def _branch_when(self, branch: t.ExceptionBranch, place: Place) -> Finite:
        if not self.changes or not branch.recorded:
            return super()._branch_when(branch, place)
        assert isinstance(branch.then, t.FactValue)
        entity, name = self.entity(branch.then.entity, place), branch.then.fact
        given = name in entity.given or (entity.path, name) in self.changes
        decided = given and algebra.has_value(self.fact(entity, name))
        return algebra.conjunction(self.truth(branch.when, place), TRUE if decided else FALSE)


def value_of(view: PlanView, term: t.Term) -> Value:
    """The function that evaluates a term of the view's plan."""
    found = view.values.get(id(term))
    if found is None:
        found = view.values[id(term)] = _made(view, term)
    return found


def _made(view: PlanView, term: t.Term) -> Value:
    match term:
        case t.Constant() | t.NoValueTerm() | t.Unassigned():
            return _fixed(term)
        case t.FactValue():
            return _fact(term)
        case t.ConclusionValue():
            return _conclusion(term)
        case t.ItemValue(variable, type_):
            return _item(variable, isinstance(type_, BooleanType))
        case t.Sure(inner):
            return _sure(value_of(view, inner))
        case t.Applicable(operand):
            return _applicable(value_of(view, operand))
        case t.Not(operand):
            return _not(value_of(view, operand))
        case t.Junction(sign, operands):
            return _junction(id(term), sign, [value_of(view, each) for each in operands])
        case t.Comparison():
            return _comparison(view, term)
        case t.Among():
            return _among(view, term)
        case t.Choose():
            return _choose(view, term)
        case t.Arithmetic(sign, left, right) if sign in ("+", "-", "*"):
            return _arithmetic(id(term), sign, value_of(view, left), value_of(view, right))
        case t.UnsettledReadings():
            return _readings(view, term)
        case t.LookupValue():
            return _lookup(view, term)
    return _interpreted(term)


def _interpreted(term: t.Term) -> Value:
    """By the reference interpreter."""
    key, boolean = id(term), isinstance(term.type, BooleanType)

    def value(of: Evaluation, place: Spot) -> Scalar:
        memory = place.memory.values
        found = memory.get(key)
        if found is None:
            found = Reference.evaluate(of, term, place)
            found = memory[key] = truth(found) if boolean else found
        return found

    return value


# ---- what is read ---------------------------------------------------------------------------------------------------


def _fixed(term: t.Constant | t.NoValueTerm | t.Unassigned) -> Value:
    found: Scalar
    if isinstance(term, t.Constant):
        found = algebra.exactly(term.value)
    elif isinstance(term, t.NoValueTerm):
        found = algebra.nothing(term.type)
    else:
        found = algebra.everything(term.type)
        found = algebra.with_nothing(found) if term.may_be_nothing else found
    if isinstance(term.type, BooleanType):
        found = truth(found)
    return lambda of, place: found


def _fact(term: t.FactValue) -> Value:
    name, entity_term, boolean = term.fact, term.entity, isinstance(term.type, BooleanType)

    def there(of: Evaluation, place: Spot) -> Any:
        found: Any = of.fact(of.entity(entity_term, place), name)
        return TRUTHS[found.outcomes] if boolean else found

    def here(of: Evaluation, place: Spot) -> Any:
        return of.fact(place.entity, name) if of.changes else place.entity.values[name]

    def truth_here(of: Evaluation, place: Spot) -> Any:
        found: Any = of.fact(place.entity, name) if of.changes else place.entity.values[name]
        return TRUTHS[found.outcomes]

    if not _is_here(entity_term):
        return there
    return truth_here if boolean else here


def _is_here(entity: t.EntityTerm) -> bool:
    """Is it the entity that the rule is on?"""
    return isinstance(entity, t.Up) and entity.levels == 0


def _conclusion(term: t.ConclusionValue) -> Value:
    name, entity_term, boolean = term.conclusion, term.entity, isinstance(term.type, BooleanType)
    is_here = _is_here(entity_term)

    def value(of: Evaluation, place: Spot) -> Any:
        entity = place.entity if is_here else of.entity(entity_term, place)
        found: Any = of.values.get((entity.path, name))
        if found is None:
            found = of.told(entity, name)
        if not boolean or found is TRUE or found is FALSE:
            return found
        return TRUTHS[found.outcomes]

    return value


def _item(variable: str, boolean: bool) -> Value:
    def value(of: Evaluation, place: Spot) -> Scalar:
        found: Any = place.bound[variable]
        return truth(found) if boolean else found

    return value


def _sure(inner: Value) -> Value:
    def value(of: Evaluation, place: Spot) -> Scalar:
        found: Scalar = inner(of, place)
        if not algebra.has_nothing(found):
            return found
        found = algebra.without_nothing(found)
        return TRUTHS.get(found.outcomes, found) if isinstance(found, Finite) else found

    return value


# ---- conditions -----------------------------------------------------------------------------------------------------


def _applicable(operand: Value) -> Value:
    def value(of: Evaluation, place: Spot) -> Scalar:
        found = operand(of, place)
        return truth(algebra.possible(algebra.has_value(found), algebra.has_nothing(found), False))

    return value


def _not(operand: Value) -> Value:
    def value(of: Evaluation, place: Spot) -> Scalar:
        found = operand(of, place)
        return FALSE if found is TRUE else TRUE if found is FALSE else truth(algebra.negation(found))

    return value


def _junction(key: int, sign: str, operands: list[Value]) -> Value:
    combine, decided, neutral = (
        (algebra.conjunction, FALSE, TRUE) if sign == "&&" else (algebra.disjunction, TRUE, FALSE)
    )

    def value(of: Evaluation, place: Spot) -> Scalar:
        memory = place.memory.values
        known = memory.get(key)
        if known is not None:
            return known
        result = neutral
        for operand in operands:
            found = operand(of, place)
            if found is decided:
                result = decided
                break
            if found is not neutral:
                result = found if result is neutral else truth(combine(result, found))
        memory[key] = result
        return result

    return value


def _comparison(view: PlanView, term: t.Comparison) -> Value:
    sign, type_ = term.operator, term.left.type if isinstance(term.left.type, ChoiceType) else term.right.type
    left, right = value_of(view, term.left), value_of(view, term.right)
    if isinstance(term.left.type, NumberType | DateType):
        return _numbers(id(term), sign, left, right, type_)
    key, equality, equal = id(term), sign in ("==", "!="), sign == "=="

    def value(of: Evaluation, place: Spot) -> Scalar:
        memory = place.memory.values
        known = memory.get(key)
        if known is not None:
            return known
        one, two = left(of, place), right(of, place)
        if equality and one.known and two.known and _has_value(one) and _has_value(two):
            result = TRUE if (one.outcomes == two.outcomes) is equal else FALSE
        else:
            result = truth(algebra.compare(sign, one, two, type_))
        memory[key] = result
        return result

    return value


def _has_value(value: Any) -> bool:
    return NOTHING not in value.outcomes


def _numbers(key: int, sign: str, left: Value, right: Value, type_: ScalarType) -> Value:
    """A comparison of numbers or dates; known whole numbers compare as such."""
    compare = _SIGNS[sign]

    def value(of: Evaluation, place: Spot) -> Scalar:
        memory = place.memory.values
        known = memory.get(key)
        if known is not None:
            return known
        one, two = left(of, place), right(of, place)
        low, other = one.low, two.low
        if low is one.high is not None and other is two.high is not None and not one.nothing and not two.nothing:
            if low.denominator == other.denominator:
                holds = compare(low.numerator, other.numerator)
            else:
                holds = compare(low.numerator * other.denominator, other.numerator * low.denominator)
            result = TRUE if holds else FALSE
        else:
            result = truth(algebra.compare(sign, one, two, type_))
        memory[key] = result
        return result

    return value


def _is_point(value: Interval) -> bool:
    return value.low is value.high is not None and not value.nothing


def _among(view: PlanView, term: t.Among) -> Value:
    key, operand, type_ = id(term), value_of(view, term.operand), term.operand.type
    members = [algebra.exactly(constant.value) for constant in term.constants]

    def value(of: Evaluation, place: Spot) -> Scalar:
        memory = place.memory.values
        found = memory.get(key)
        if found is None:
            found = memory[key] = truth(algebra.among(operand(of, place), members, type_))
        return found

    return value


# ---- values ---------------------------------------------------------------------------------------------------------


def _choose(view: PlanView, term: t.Choose) -> Value:
    key, boolean = id(term), isinstance(term.type, BooleanType)
    test, then, otherwise = (value_of(view, each) for each in (term.test, term.then, term.otherwise))

    def value(of: Evaluation, place: Spot) -> Scalar:
        memory = place.memory.values
        found = memory.get(key)
        if found is not None:
            return found
        decided = test(of, place)
        if decided is TRUE:
            found = then(of, place)
        elif decided is FALSE:
            found = otherwise(of, place)
        else:
            found = of._choose(decided, term.then, term.otherwise, term.type, place)
            found = truth(found) if boolean else found
        memory[key] = found
        return found

    return value


def _arithmetic(key: int, sign: str, left: Value, right: Value) -> Value:
    compute: Callable[[Any, Any], Any] = {"+": operator.add, "-": operator.sub, "*": operator.mul}[sign]

    def value(of: Evaluation, place: Spot) -> Scalar:
        memory = place.memory.values
        found = memory.get(key)
        if found is not None:
            return found
        one, two = left(of, place), right(of, place)
        if _is_point(one) and _is_point(two):
            low, other = one.low, two.low
            if low.denominator == other.denominator == 1:
                found = WHOLE[compute(low.numerator, other.numerator)]
            else:
                result = compute(low, other)
                found = Interval(result, result)
        else:
            found = algebra.arithmetic(sign, one, two)
        memory[key] = found
        return found

    return value


def _lookup(view: PlanView, term: t.LookupValue) -> Value:
    """A key that is not known joins many rows: what keys come to is kept, unless there is something to notice."""
    key, boolean = id(term), isinstance(term.type, BooleanType)
    table, column, keys = view.plan.tables[term.table], term.column, [value_of(view, each) for each in term.keys]
    kept: dict[tuple[Scalar, ...], Scalar] = {}

    def looked_up(of: Evaluation, values: tuple[Scalar, ...]) -> Scalar:
        noticed: list[str] = []

        def notice(code: str, **said: object) -> None:
            noticed.append(code)
            of.notice(code, **said)

        found = lookup(table, values, column, notice)
        found = truth(found) if boolean else found
        if not noticed and len(kept) < LOOKUPS_KEPT:
            kept[values] = found
        return found

    def value(of: Evaluation, place: Spot) -> Scalar:
        memory = place.memory.values
        found = memory.get(key)
        if found is None:
            values = tuple([each(of, place) for each in keys])
            found = memory[key] = kept.get(values) or looked_up(of, values)
        return found

    return value


def _readings(view: PlanView, term: t.UnsettledReadings) -> Value:
    path, united = f"{term.ruleset}/{term.parameter}", _interpreted(term)
    readings = {name: value_of(view, each) for name, each in term.readings}

    def value(of: Evaluation, place: Spot) -> Scalar:
        choice = of.chosen.get(path) if of.chosen else None
        found: Scalar = united(of, place) if choice is None else readings[choice](of, place)
        return found

    return value
