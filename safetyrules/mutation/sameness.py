"""Have two terms the same outcome, whatever the facts are? Proved by trying all that may be known, or not claimed.

`same_outcome` takes two terms apart down to what their conditions ask about (`safetyrules.mutation.operands`), and
computes both, with the reference interpreter, for every combination of what may be known of that. What is only passed
on, as the result of a row, is compared by what it says, and need not be looked into. Anything that conditions compare
with something other than constants stands for itself.

Where the two terms differ in one place only, that place is tried first, and then what is around it: what stands above a
row, or in ``applies``, may rule out what would tell them apart.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from datetime import date
from fractions import Fraction
from itertools import product
from math import prod
from time import perf_counter
from typing import Any, cast

from safetyrules.engine import algebra
from safetyrules.engine.reference import Place, Reference
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import BooleanType, ChoiceType
from safetyrules.language import terms as t
from safetyrules.language.plan import Plan
from safetyrules.language.term_trees import children
from safetyrules.mutation.operands import Operand, TooManyError
from safetyrules.values import Interval, Scalar

#: More combinations than this are not tried.
MOST_COMBINATIONS = 60_000
_NOBODY = Entity("", "")
_NO_SCALARS = (t.PartsOf, t.ValuesOf, t.ListOf, t.Filtered, t.Mapped, t.SectorGrades, t.Up, t.Variable)


@dataclass(frozen=True)
class Possible:
    """What a plan leaves possible whatever the facts are. ``values``: of conclusions, by entity kind and name; what is
    not there may be anything of its type. ``findings``: the severities of those of each sector, and what each is
    counted as; None where nothing is said of them."""

    values: Mapping[tuple[str, str], Scalar] = field(default_factory=dict)
    findings: Mapping[str, tuple[tuple[str | None, object], ...]] | None = None

    def count(self, term: t.FindingCount) -> tuple[Interval, bool]:
        """What a count of findings can be, and whether that is all that is ever known of it."""
        if self.findings is None:
            return Interval(Fraction(0), None), False
        if term.sector not in self.findings:  # without a list in force, any number is possible
            return Interval(Fraction(0), None), True
        counted = {each for severity, each in self.findings[term.sector] if term.severity in (severity, "any")}
        if not counted:
            return Interval(Fraction(0), Fraction(0)), True
        return Interval(Fraction(0), None if term.instances else Fraction(len(counted))), False

    def range(self, term: Any) -> tuple[Scalar, bool]:
        """What a term can be at all, and whether that is all that is ever known of it."""
        everything = algebra.everything(term.type)
        match term:
            case t.ConclusionValue(entity, name):
                return self.values.get((entity.kind, name)) or _maybe(everything, term), False
            case t.FindingCount():
                return self.count(term)
            case t.Aggregate(function="size"):
                return Interval(Fraction(0), None), False
        return _maybe(everything, term), False


class UnprovableError(Exception):
    """A form of which it is not known how to tell it by cases."""


def same_outcome(one: t.Term, two: t.Term, possible: Possible, limit: float = float("inf")) -> bool:
    """True where it is proved that both have the same outcome, unknowns included. ``limit`` is when to give up, as
    `time.perf_counter` counts."""
    if one == two:
        return True
    for inner, other in reversed(list(_differing(one, two))):
        if isinstance(inner, _NO_SCALARS) or isinstance(other, _NO_SCALARS):
            continue
        try:
            if _proved(cast(t.Term, inner), cast(t.Term, other), possible, limit):
                return True
        except (TooManyError, UnprovableError):
            continue
    return False


def _differing(one: object, two: object) -> Iterator[tuple[object, object]]:
    """The pair, and as long as they differ in one place only, the pair of what differs there."""
    while True:
        yield one, two
        if one.__class__ is not two.__class__ or _frame(one) != _frame(two):
            return
        pairs = [(a, b) for a, b in zip(children(one), children(two), strict=True) if a != b]
        if len(pairs) != 1:
            return
        one, two = pairs[0]


def _frame(value: Any) -> object:
    """A term without the terms inside it: what is left is what the term itself says."""
    if isinstance(value, tuple):
        return tuple(_inner(each) for each in value)
    compared = [each.name for each in fields(value) if each.compare]
    return tuple((name, _inner(getattr(value, name))) for name in compared)


def _inner(value: Any) -> object:
    if isinstance(value, t.TableRow | t.ExceptionBranch | t.Writer | tuple):
        return _frame(value)
    return "·" if value.__class__ in t.NODE_CLASSES else value


def _proved(one: t.Term, two: t.Term, possible: Possible, limit: float) -> bool:
    apart = _Apart(possible)
    first, second = apart.value(one), apart.value(two)
    choices = [operand.known() for operand in apart.operands.values()]
    if prod(map(len, choices)) > MOST_COMBINATIONS:
        raise TooManyError
    names = [operand.name for operand in apart.operands.values()]
    reference = Reference(cast(Plan, None), _NOBODY, date.min)
    for count, combination in enumerate(product(*choices)):
        if count % 256 == 0 and perf_counter() > limit:
            raise TooManyError
        place = Place(_NOBODY, dict(zip(names, combination, strict=True)))
        if reference.evaluate(first, place) != reference.evaluate(second, place):
            return False
    return True


@dataclass(frozen=True)
class _Decided:
    """Is there a recorded decision in this fact?"""

    fact: t.Term
    type: BooleanType = t.BOOLEAN
    may_be_nothing: bool = False


class _Apart:
    """Terms with operands as variables, and with tokens for what is only passed on. The same operand, and the same
    result, is the same in all terms that it takes apart."""

    def __init__(self, possible: Possible) -> None:
        self.possible = possible
        self.operands: dict[object, Operand] = {}
        self._tokens: dict[object, str] = {}

    # ---- conditions --------------------------------------------------------------------------------------------------

    def condition(self, term: t.Term) -> t.Term:
        match term:
            case t.Constant():
                return term
            case t.Not(operand):
                return replace(term, operand=self.condition(operand))
            case t.Junction(_, operands):
                return replace(term, operands=tuple(map(self.condition, operands)))
            case t.Sure(inner):
                return replace(term, term=self.condition(inner))
            case t.Comparison(operator, left, right) if isinstance(right, t.Constant):
                return replace(term, left=self._compared(left, right, operator))
            case t.Comparison(operator, left, right) if isinstance(left, t.Constant):
                return replace(term, right=self._compared(right, left, operator))
            case t.Among(operand, constants):
                asked = operand
                for each in constants:
                    asked = self._compared(operand, each, "==")
                return replace(term, operand=asked)
            case t.Applicable(operand):
                return replace(term, operand=self._variable(operand))
            case t.Choose(test, then, otherwise):
                return replace(
                    term, test=self.condition(test), then=self.condition(then), otherwise=self.condition(otherwise)
                )
            case t.UnsettledReadings(readings):
                return replace(term, readings=tuple((name, self.condition(each)) for name, each in readings))
            case t.NoValueTerm():
                return term
            case t.DecisionTable(hit="first" | "unique" | "any"):
                return self._table(term, self.condition)
        return self._variable(term)

    def _compared(self, term: t.Term, constant: t.Constant, operator: str) -> t.Term:
        inner = term.term if isinstance(term, t.Sure) else term
        if isinstance(inner, t.Constant):
            return term
        variable = self._variable(term)
        operand = self.operands[inner]
        if isinstance(constant.value, Fraction):
            operand.numbers.add(constant.value)
        elif isinstance(constant.value, str):
            operand.words.add(constant.value)
        operand.whole = operand.whole or operator not in ("==", "!=")
        return variable

    def _variable(self, term: Any, whole: bool = False) -> t.Term:
        if isinstance(term, t.Sure):
            return replace(term, term=self._variable(term.term, whole))
        found = self.operands.get(term)
        if found is None:
            known = isinstance(term, t.AsOf)
            range_, settled = self.possible.range(term)
            found = Operand(f"${len(self.operands)}", term.type, range_, always_known=known, settled=settled)
            self.operands[term] = found
        found.whole = found.whole or whole
        return t.ItemValue(found.name, found.type, may_be_nothing=term.may_be_nothing)

    # ---- values ------------------------------------------------------------------------------------------------------

    def value(self, term: t.Term, clauses: tuple[str, ...] = ()) -> t.Term:
        """A term of any type. What is passed on becomes a token; a row's result is another one under other clauses."""
        match term:
            case t.NoValueTerm():
                return replace(term, type=t.TEXT)
            case t.Choose(test, then, otherwise):
                test = self.condition(test)
                return replace(term, test=test, then=self.value(then), otherwise=self.value(otherwise), type=t.TEXT)
            case t.DecisionTable(hit="first" | "unique" | "any"):
                return replace(self._table(term, self.value), type=t.TEXT)
            case t.DecisionTable(hit="collect max" | "collect min" | "priority"):
                return self._table(term, lambda each, *_: self._level(each))
            case t.DecisionTable() | t.Written():
                raise UnprovableError
            case t.UnsettledReadings(readings):
                return replace(term, readings=tuple((name, self.value(each)) for name, each in readings), type=t.TEXT)
            case t.Excepted(base, exceptions):
                return replace(
                    term, base=self.value(base), exceptions=tuple(map(self._branch, exceptions)), type=t.TEXT
                )
        if isinstance(term.type, BooleanType) and not (clauses and isinstance(term, t.Constant)):
            return self.condition(term)
        if isinstance(term, t.Sure):
            return replace(term, term=self.value(term.term, clauses))
        token = t.Constant(self._tokens.setdefault((term, clauses), f"#{len(self._tokens)}"), t.TEXT)
        if not term.may_be_nothing or isinstance(term, t.Constant):
            return token
        there = t.Applicable(self._variable(term))
        return t.Choose(there, token, t.NoValueTerm(t.TEXT), t.TEXT, True)

    def _level(self, term: t.Term) -> t.Term:
        """A result that is ranked among others: a level."""
        if isinstance(term, t.Constant | t.NoValueTerm):
            return term
        if isinstance(term.type, ChoiceType) and isinstance(term, t.ConclusionValue | t.FactValue | t.Sure):
            return self._variable(term, whole=True)
        raise UnprovableError

    def _table(self, term: t.DecisionTable, value: Callable[..., t.Term]) -> t.DecisionTable:
        def result(row: t.TableRow) -> t.Term:
            return value(row.then) if value == self.condition else value(row.then, row.clauses)

        rows = tuple(replace(row, when=self.condition(row.when), then=result(row)) for row in term.rows)
        otherwise = None if term.otherwise is None else value(term.otherwise)
        return replace(term, rows=rows, otherwise=otherwise)

    def _branch(self, branch: t.ExceptionBranch) -> t.ExceptionBranch:
        when = self.condition(branch.when)
        if branch.recorded and branch.then is not None:
            when = t.Junction("&&", (when, self._variable(_Decided(branch.then))), when.may_be_nothing)
        then = None if branch.then is None else self.value(branch.then)
        return replace(
            branch, when=when, then=then, recorded=False, exceptions=tuple(map(self._branch, branch.exceptions))
        )


def _maybe(value: Scalar, term: Any) -> Scalar:
    return algebra.with_nothing(value) if term.may_be_nothing else value
