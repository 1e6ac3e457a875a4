"""What can be at all: which outcomes the atoms of a condition can have together.

Each thing that atoms compare with constants (a fact, a conclusion, a lookup) is one *operand*. Its values fall into
classes that the atoms cannot tell apart; what may be known of it is a set of classes. All combinations are tried. What
no combination gives is impossible and not asked of tests.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from functools import reduce
from itertools import combinations, product
from typing import Literal

from safetyrules.engine import algebra
from safetyrules.facts.schema import BooleanType, ChoiceType, NumberType
from safetyrules.language import terms as t
from safetyrules.language.ruleform import LinkedProgram, Rule
from safetyrules.language.term_trees import walk
from safetyrules.testing.coverage.points import Condition
from safetyrules.values import FALSE, NOTHING, TRUE, UNKNOWN, Finite

Outcome = Literal["true", "false", "unknown"]
#: The outcome of each atom, None where it was not asked; and of the whole.
Vector = tuple[tuple[Outcome | None, ...], Outcome | None]
#: More combinations than this are not tried; all outcomes count as possible then.
MOST_COMBINATIONS = 40_000
#: More classes than this: only what is known of one class, or of nothing, is tried.
MOST_CLASSES = 6
_NONE = "none"


def outcome_of(value: Finite) -> Outcome | None:
    """None where there is no value."""
    if value == TRUE:
        return "true"
    if value == FALSE:
        return "false"
    return "unknown" if not value.known else None


@dataclass
class _Operand:
    """``tests`` say of a class whether an atom holds."""

    term: object
    allowed: Callable[[frozenset[object]], bool] = lambda _: True
    numbers: set[Fraction] = field(default_factory=set)
    words: set[object] = field(default_factory=set)
    has: bool = False

    def classes(self) -> list[object]:
        type_ = getattr(self.term, "type", None)
        found: list[object]
        match type_:
            case BooleanType():
                found = [True, False]
            case ChoiceType(members=members) if self.numbers or type_.scale:
                found = list(members)
            case ChoiceType(members=members):
                rest = [member for member in members if member not in self.words]
                found = [*(member for member in members if member in self.words), *rest[:1]]
            case NumberType(minimum=low, maximum=high, integer=integer):
                found = list(_between(sorted(self.numbers), low, high, integer))
            case _ if self.numbers:
                found = list(_between(sorted(self.numbers), None, None, False))
            case _:
                found = [*sorted(self.words, key=str), "\x00"]
        if getattr(self.term, "may_be_nothing", False) and self.has:
            found.append(_NONE)
        return found

    def known(self) -> Iterator[frozenset[object]]:
        """What may be known of it."""
        yield from filter(self.allowed, self._known())

    def _known(self) -> Iterator[frozenset[object]]:
        classes = self.classes()
        if not can_be_unknown(self.term):
            yield from (frozenset({each}) for each in classes)
        elif len(classes) > MOST_CLASSES:
            yield from (frozenset({each}) for each in classes)
            yield frozenset(classes)
            yield frozenset(classes) - {_NONE}
        else:
            for size in range(1, len(classes) + 1):
                yield from map(frozenset, combinations(classes, size))


def _between(
    points: Sequence[Fraction], low: Fraction | None, high: Fraction | None, integer: bool
) -> Iterator[object]:
    """A number of every stretch that the points bound, and the points."""
    if not points:
        yield Fraction(0) if low is None else low
        return
    step = Fraction(1) if integer else Fraction(1, 2)
    tried = [points[0] - step]
    for one, two in zip(points, [*points[1:], None], strict=True):
        tried.append(one)
        middle = one + 1 if two is None else (one + two) / 2
        if integer:
            middle = one + 1
        if two is None or middle < two:
            tried.append(middle)
    yield from (each for each in tried if (low is None or each >= low) and (high is None or each <= high))


def can_be_unknown(term: object) -> bool:
    """Does it rest on anything that a caller may leave out?"""
    sources = (
        t.FactValue, t.ConclusionValue, t.ItemValue, t.PartsOf, t.ValuesOf, t.FindingCount, t.SectorGrades,
        t.LookupValue, t.UnsettledReadings, t.Permitted, t.Unassigned,
    )  # fmt: skip
    return any(isinstance(each, sources) for each in walk(term))


class Space:
    """The combinations that a condition can meet, given those asked before it."""

    def __init__(self, program: LinkedProgram, condition: Condition) -> None:
        self.program = program
        self.condition = condition
        self.operands: dict[object, _Operand] = {}
        self._tests: dict[int, Callable[[Mapping[object, frozenset[object]]], Finite]] = {}
        for term in (*condition.given, *condition.missed, condition.term):
            self._collect(term)

    def vectors(self) -> frozenset[Vector] | None:
        """Every vector of outcomes that can be; None where there are too many to try."""
        choices = [list(operand.known()) for operand in self.operands.values()]
        if reduce(lambda count, each: count * len(each), choices, 1) > MOST_COMBINATIONS:
            return self._without_context()
        names = list(self.operands)
        found: set[Vector] = set()
        for combination in product(*choices):
            known = dict(zip(names, combination, strict=True))
            if all(True in self._value(each, known, None).outcomes for each in self.condition.given) and all(
                self._value(each, known, None) != TRUE for each in self.condition.missed
            ):
                seen: dict[int, Outcome | None] = {}
                result = self._value(self.condition.term, known, seen)
                atoms = tuple(seen.get(id(atom)) for atom in self.condition.atoms)
                found.add((atoms, outcome_of(result)))
        return frozenset(found)

    def all_can_miss(self) -> bool:
        """Can all that is ``missed`` surely not hold together, where what is ``given`` holds?"""
        choices = [list(operand.known()) for operand in self.operands.values()]
        if reduce(lambda count, each: count * len(each), choices, 1) > MOST_COMBINATIONS:
            return True
        names = list(self.operands)
        for combination in product(*choices):
            known = dict(zip(names, combination, strict=True))
            if all(True in self._value(each, known, None).outcomes for each in self.condition.given) and all(
                outcome_of(self._value(each, known, None)) in ("false", None) for each in self.condition.missed
            ):
                return True
        return False

    def _without_context(self) -> frozenset[Vector] | None:
        condition = self.condition
        if condition.given or condition.missed:
            return Space(self.program, Condition(condition.rule, condition.term)).vectors()
        return None

    # ---- values ------------------------------------------------------------------------------------------------------

    def _value(
        self, term: t.Term, known: Mapping[object, frozenset[object]], seen: dict[int, Outcome | None] | None
    ) -> Finite:
        """As the reference interpreter evaluates it, in the same order."""
        match term:
            case t.Junction(operator, operands):
                combine = algebra.conjunction if operator == "&&" else algebra.disjunction
                decided = FALSE if operator == "&&" else TRUE
                result = self._value(operands[0], known, seen)
                for operand in operands[1:]:
                    if result == decided:
                        break
                    result = combine(result, self._value(operand, known, seen))
                return result
            case t.Not(operand):
                return algebra.negation(self._value(operand, known, seen))
        value = self._tests[id(term)](known)
        if seen is not None:
            seen[id(term)] = outcome_of(value)
        return value

    # ---- atoms -------------------------------------------------------------------------------------------------------

    def _collect(self, term: t.Term) -> None:
        match term:
            case t.Junction(_, operands):
                for operand in operands:
                    self._collect(operand)
            case t.Not(operand):
                self._collect(operand)
            case _:
                self._tests[id(term)] = self._test(term)

    def _operand(self, term: object) -> tuple[object, _Operand, bool]:
        sure = isinstance(term, t.Sure)
        inner = term.term if isinstance(term, t.Sure) else term
        if inner not in self.operands:
            self.operands[inner] = _Operand(inner, self._allowed(inner))
        return inner, self.operands[inner], sure

    def _allowed(self, term: object) -> Callable[[frozenset[object]], bool]:
        """What the rest of the law leaves possible of it."""
        if isinstance(term, t.FindingCount):
            rules = [rule for rule in self.program.rules.values() if rule.kind == "finding" and rule.binds]
            severities = {rule.severity for rule in rules if rule.sector == term.sector}
            if not severities:  # without a list in force, any number is possible
                return lambda known: len(known) == len(self.operands[term].classes())
            if term.severity not in ("any", *severities):
                return lambda known: self._may_be_none(term, known)
            return lambda _: True
        if isinstance(term, t.ConclusionValue) and all(
            rule.applies is None and not rule.body.may_be_nothing for rule in self._writers(term)
        ):
            if self._always_there(self._writers(term)):
                return lambda known: _NONE not in known
            return lambda known: known != {_NONE}
        return lambda _: True

    def _may_be_none(self, term: object, known: frozenset[object]) -> bool:
        """Does what is known of a number leave room for one below all that it is compared with?"""
        least = min(self.operands[term].numbers, default=Fraction(1))
        return any(isinstance(each, Fraction) and each < least for each in known)

    def _always_there(self, writers: Sequence[Rule]) -> bool:
        """Is one of them in force wherever and whenever the rule that reads them is?"""
        reader = self.program.rules.get(self.condition.rule)
        if reader is None:
            return False
        here = [each for each in writers if each.except_ is None and each.jurisdiction in ("CN", reader.jurisdiction)]
        next_day = (reader.days.first or date.min).toordinal()
        for writer in sorted(here, key=lambda rule: rule.days.first or date.min):
            if (writer.days.first or date.min).toordinal() <= next_day:
                next_day = max(next_day, (writer.days.last or date.max).toordinal() + 1)
        return next_day > (reader.days.last or date.max).toordinal()

    def _writers(self, term: t.ConclusionValue) -> list[Rule]:
        rules = self.program.rules.values()
        return [rule for rule in rules if (rule.on, rule.concludes) == (term.entity.kind, term.conclusion)]

    def _constant(self, term: object) -> t.Constant | None:
        if isinstance(term, t.ParameterValue):
            parameter = self.program.parameters.get((term.ruleset, term.name))
            return parameter.value if parameter is not None else None
        return term if isinstance(term, t.Constant) else None

    def _test(self, term: t.Term) -> Callable[[Mapping[object, frozenset[object]]], Finite]:
        match term:
            case t.Constant(value):
                return lambda _: algebra.possible(value is True, value is False, False)
            case t.Applicable(t.ConclusionValue(t.Up(0), _) as conclusion) if (
                applies := self._applies(conclusion)
            ) is not None:
                self._collect(applies)
                return lambda known: _there(self._value(applies, known, None))
            case t.Applicable(operand):
                inner, found, _ = self._operand(operand)
                found.has = True
                return lambda known: _finite(
                    frozenset(each != _NONE for each in known[inner]) if known[inner] else frozenset({False})
                )
            case t.Comparison(operator, left, right):
                if (constant := self._constant(right)) is not None:
                    return self._compared(operator, left, constant)
                if (constant := self._constant(left)) is not None:
                    return self._compared(_TURNED[operator], right, constant)
            case t.Among(operand, constants):
                inner, found, sure = self._operand(operand)
                for each in constants:
                    _note(found, each.value)
                values = {each.value for each in constants}
                return lambda known: _over(known[inner], sure, lambda one: one in values)
        inner, _, sure = self._operand(term)
        if getattr(term, "type", None) == t.BOOLEAN:
            return lambda known: _over(known[inner], sure, lambda one: one is True)
        raise AssertionError(f"no condition: {term!r}")

    def _applies(self, term: t.ConclusionValue) -> t.Term | None:
        """The condition under which a conclusion has a value; None where that is not one condition."""
        writers = self._writers(term)
        if len(writers) != 1 or writers[0].body.may_be_nothing:
            return None
        return writers[0].applies

    def _compared(
        self, operator: str, other: t.Term, constant: t.Constant
    ) -> Callable[[Mapping[object, frozenset[object]]], Finite]:
        inner, found, sure = self._operand(other)
        _note(found, constant.value)
        type_ = other.type
        rank: Callable[[object], object] = lambda one: one  # noqa: E731
        if isinstance(type_, ChoiceType) and operator not in ("==", "!="):
            rank = type_.members.index
        bound = rank(constant.value)
        sign = _SIGNS[operator]
        return lambda known: _over(known[inner], sure, lambda one: sign(rank(one), bound))


def _there(applies: Finite) -> Finite:
    found = {each is True for each in applies.outcomes}
    return _finite(frozenset(found))


def _note(operand: _Operand, value: object) -> None:
    if isinstance(value, Fraction):
        operand.numbers.add(value)
    else:
        operand.words.add(value)


def _over(known: frozenset[object], sure: bool, test: Callable[[object], bool]) -> Finite:
    found: set[object] = {test(each) for each in known if each != _NONE}
    if _NONE in known and not sure:
        found.add(NOTHING)
    return _finite(frozenset(found)) if found else algebra.ONLY_NOTHING


def _finite(outcomes: frozenset[object]) -> Finite:
    return Finite(outcomes) if outcomes != UNKNOWN.outcomes else UNKNOWN  # type: ignore[arg-type]


_TURNED = {"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}
_SIGNS: Mapping[str, Callable[[object, object], bool]] = {
    "==": lambda a, b: a == b,
    "!=": lambda a, b: a != b,
    "<": lambda a, b: a < b,  # type: ignore[operator]
    "<=": lambda a, b: a <= b,  # type: ignore[operator]
    ">": lambda a, b: a > b,  # type: ignore[operator]
    ">=": lambda a, b: a >= b,  # type: ignore[operator]
}
