"""Operations on what is still possible: sets of outcomes and intervals (design 5.2 to 5.5, 5.17).

Every function is sound: whatever the operands turn out to be, the result they would give is among the results returned.
Infinite bounds are None in an `Interval` and plus or minus infinity inside this module.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from functools import reduce

from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.values import NOTHING, UNKNOWN, AnyText, Finite, Interval, Outcome, Scalar

Bound = Fraction | float
INFINITY = float("inf")
LAST_DAY = date.max.toordinal()
ONLY_NOTHING = Finite(frozenset({NOTHING}))
NO_NUMBER = Interval(None, None, nothing=True, empty=True)


# ---- making and joining ---------------------------------------------------------------------------------------------


def everything(type_: ScalarType) -> Scalar:
    """All values of a type; "no value" is not among them."""
    match type_:
        case BooleanType():
            return UNKNOWN
        case ChoiceType(members=members):
            return Finite(frozenset(members))
        case NumberType(minimum=minimum, maximum=maximum):
            return Interval(minimum, maximum)
        case DateType():
            return Interval(None, None)
    return AnyText()


def nothing(type_: ScalarType) -> Scalar:
    """Only "no value", in the form of a type."""
    return NO_NUMBER if isinstance(type_, NumberType | DateType) else ONLY_NOTHING


def exactly(value: bool | Fraction | str) -> Scalar:
    if isinstance(value, Fraction):
        return Interval(value, value)
    return Finite(frozenset({value}))


def join(one: Scalar, two: Scalar) -> Scalar:
    """Either."""
    if isinstance(one, Interval) and isinstance(two, Interval):
        if one.empty or two.empty:
            full = two if one.empty else one
            return full if full.empty else Interval(full.low, full.high, nothing=True)
        low = None if one.low is None or two.low is None else min(one.low, two.low)
        high = None if one.high is None or two.high is None else max(one.high, two.high)
        return Interval(low, high, one.nothing or two.nothing)
    if isinstance(one, Finite) and isinstance(two, Finite):
        return Finite(one.outcomes | two.outcomes)
    assert not isinstance(one, Interval)
    assert not isinstance(two, Interval)
    return AnyText(has_nothing(one) or has_nothing(two))


def has_nothing(value: Scalar) -> bool:
    """May there be no value?"""
    return NOTHING in value.outcomes if isinstance(value, Finite) else value.nothing


def has_value(value: Scalar) -> bool:
    """May there be a value?"""
    if isinstance(value, Finite):
        return value.outcomes != ONLY_NOTHING.outcomes
    return not (isinstance(value, Interval) and value.empty)


def without_nothing(value: Scalar) -> Scalar:
    """With "no value" struck out; unchanged where nothing else is possible."""
    if not has_nothing(value) or not has_value(value):
        return value
    if isinstance(value, Finite):
        return Finite(value.outcomes - {NOTHING})
    if isinstance(value, Interval):
        return Interval(value.low, value.high)
    return AnyText()


def with_nothing(value: Scalar) -> Scalar:
    if isinstance(value, Finite):
        return Finite(value.outcomes | {NOTHING})
    if isinstance(value, Interval):
        return Interval(value.low, value.high, True, value.empty)
    return AnyText(True)


# ---- booleans -------------------------------------------------------------------------------------------------------


def negation(value: Finite) -> Finite:
    return Finite(frozenset(outcome if outcome is NOTHING else not outcome for outcome in value.outcomes))


def conjunction(one: Finite, two: Finite) -> Finite:
    """Kleene, with "no value": false wins, then no value, then true."""
    return _pointwise(_and, one, two)


def disjunction(one: Finite, two: Finite) -> Finite:
    return _pointwise(_or, one, two)


def _and(one: Outcome, two: Outcome) -> Outcome:
    if one is False or two is False:
        return False
    return NOTHING if one is NOTHING or two is NOTHING else True


def _or(one: Outcome, two: Outcome) -> Outcome:
    if one is True or two is True:
        return True
    return NOTHING if one is NOTHING or two is NOTHING else False


def _pointwise(function: Callable[[Outcome, Outcome], Outcome], one: Finite, two: Finite) -> Finite:
    return Finite(frozenset(function(a, b) for a in one.outcomes for b in two.outcomes))


def possible(true: bool, false: bool, nothing_too: bool) -> Finite:
    outcomes: set[Outcome] = set()
    if true:
        outcomes.add(True)
    if false:
        outcomes.add(False)
    if nothing_too:
        outcomes.add(NOTHING)
    return Finite(frozenset(outcomes))


# ---- comparison -----------------------------------------------------------------------------------------------------


def compare(operator: str, one: Scalar, two: Scalar, type_: ScalarType) -> Finite:
    """``one operator two`` of two values of ``type_`` (which orders scales)."""
    none = has_nothing(one) or has_nothing(two)
    if not has_value(one) or not has_value(two):
        return ONLY_NOTHING
    if operator == "!=":
        return negation(compare("==", one, two, type_))
    if isinstance(one, AnyText) or isinstance(two, AnyText):
        return possible(True, True, none)
    if isinstance(one, Interval) and isinstance(two, Interval):
        return _compare_intervals(operator, one, two, none)
    assert isinstance(one, Finite)
    assert isinstance(two, Finite)
    results = {
        _compare_members(operator, a, b, type_)
        for a in one.outcomes if a is not NOTHING for b in two.outcomes if b is not NOTHING
    }  # fmt: skip
    return possible(True in results, False in results, none)


def _compare_intervals(operator: str, one: Interval, two: Interval, none: bool) -> Finite:
    if operator in (">", ">="):
        one, two, operator = two, one, {">": "<", ">=": "<="}[operator]
    low, high, other_low, other_high = *ends(one), *ends(two)
    if operator == "==":
        return possible(low <= other_high and other_low <= high, not (low == high == other_low == other_high), none)
    if operator == "<":
        return possible(low < other_high, high >= other_low, none)
    return possible(low <= other_high, high > other_low, none)


def _compare_members(operator: str, one: Outcome, two: Outcome, type_: ScalarType) -> bool:
    if operator == "==":
        return one == two
    assert isinstance(type_, ChoiceType)
    a, b = type_.members.index(str(one)), type_.members.index(str(two))
    return {"<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]


def among(one: Scalar, constants: Iterable[Scalar], type_: ScalarType) -> Finite:
    """``one in [constants]``."""
    if isinstance(one, Finite):
        members = {outcome for constant in constants if isinstance(constant, Finite) for outcome in constant.outcomes}
        values = one.outcomes - {NOTHING}
        return possible(bool(values & members), bool(values - members), has_nothing(one))
    result = possible(False, True, False)
    for constant in constants:
        result = disjunction(result, compare("==", without_nothing(one), constant, type_))
    if not has_value(one):
        return ONLY_NOTHING
    return Finite(result.outcomes | {NOTHING}) if has_nothing(one) else result


# ---- numbers --------------------------------------------------------------------------------------------------------


def ends(value: Interval) -> tuple[Bound, Bound]:
    return (-INFINITY if value.low is None else value.low), (INFINITY if value.high is None else value.high)


def interval(low: Bound, high: Bound, none: bool = False) -> Interval:
    return Interval(low if isinstance(low, Fraction) else None, high if isinstance(high, Fraction) else None, none)


def arithmetic(operator: str, one: Interval, two: Interval) -> Interval:
    """``+ - * / %``; a divisor that may be zero makes the result unbounded (5.21)."""
    if one.empty or two.empty:
        return NO_NUMBER
    none = one.nothing or two.nothing
    low, high, other_low, other_high = *ends(one), *ends(two)
    match operator:
        case "+":
            return interval(plus(low, other_low), plus(high, other_high), none)
        case "-":
            return interval(plus(low, -other_high), plus(high, -other_low), none)
        case "*":
            products = [_times(a, b) for a in (low, high) for b in (other_low, other_high)]
            return interval(min(products), max(products), none)
    if other_low <= 0 <= other_high:
        return interval(-INFINITY, INFINITY, none)
    if operator == "/":
        inverse = [Fraction(0) if isinstance(b, float) else 1 / b for b in (other_low, other_high)]
        products = [_times(a, b) for a in (low, high) for b in inverse]
        return interval(min(products), max(products), none)
    return _remainder(low, high, other_low, other_high, none)


def plus(one: Bound, two: Bound) -> Bound:
    """The sum; whatever is finite adds nothing to an infinity, though it were too large for a float."""
    if isinstance(one, float):
        return one
    return two if isinstance(two, float) else one + two


def _times(one: Bound, two: Bound) -> Bound:
    if one == 0 or two == 0:
        return Fraction(0)
    if isinstance(one, float) or isinstance(two, float):
        return INFINITY if (one > 0) == (two > 0) else -INFINITY
    return one * two


def _remainder(low: Bound, high: Bound, other_low: Bound, other_high: Bound, none: bool) -> Interval:
    """The sign is the dividend's, as in CEL."""
    if low == high and other_low == other_high and isinstance(low, Fraction) and isinstance(other_low, Fraction):
        rest = abs(low) % abs(other_low)
        return interval(rest if low >= 0 else -rest, rest if low >= 0 else -rest, none)
    most = max(other_high, -other_low) - 1
    return interval(max(-most, low) if low < 0 else Fraction(0), min(most, high) if high > 0 else Fraction(0), none)


def negative(value: Interval) -> Interval:
    if value.empty:
        return value
    low, high = ends(value)
    return interval(-high, -low, value.nothing)


def rounded(value: Interval, digits: int) -> Interval:
    """Half away from zero."""
    if value.empty:
        return value

    def one(bound: Bound) -> Bound:
        if not isinstance(bound, Fraction):
            return bound
        scaled = abs(bound) * Fraction(10) ** digits
        whole = (scaled + Fraction(1, 2)).__floor__() / Fraction(10) ** digits
        return whole if bound >= 0 else -whole

    return interval(
        one(value.low if value.low is not None else -INFINITY),
        one(value.high if value.high is not None else INFINITY),
        value.nothing,
    )


# ---- dates ----------------------------------------------------------------------------------------------------------


def add_months(day: Fraction, months: Fraction) -> Fraction | None:
    """The same day of a later month, clamped to its end; None outside the calendar."""
    if not 1 <= day <= LAST_DAY:
        return None
    start = date.fromordinal(int(day))
    number = start.year * 12 + start.month - 1 + int(months)
    year, month = divmod(number, 12)
    if not 1 <= year <= 9999:
        return None
    last = calendar.monthrange(year, month + 1)[1]
    return Fraction(date(year, month + 1, min(start.day, last)).toordinal())


def date_function(name: str, arguments: list[Interval]) -> Interval:
    """All are monotone in each argument, so the ends decide."""
    if any(argument.empty for argument in arguments):
        return NO_NUMBER
    none = any(argument.nothing for argument in arguments)
    if name == "days_between":
        start, end = arguments
        return _and_nothing(arithmetic("-", end, start), none)
    if name == "year":
        return _and_nothing(_ends_through(_year, arguments[0]), none)
    day, count = arguments
    if name == "add_days":
        return _and_nothing(_in_calendar(arithmetic("+", day, count)), none)
    low = add_months(day.low, count.low) if day.low is not None and count.low is not None else None
    high = add_months(day.high, count.high) if day.high is not None and count.high is not None else None
    return Interval(low, high, none)


def _year(day: Fraction) -> Fraction | None:
    return Fraction(date.fromordinal(int(day)).year) if 1 <= day <= LAST_DAY else None


def _ends_through(function: Callable[[Fraction], Fraction | None], value: Interval) -> Interval:
    return Interval(
        function(value.low) if value.low is not None else None, function(value.high) if value.high is not None else None
    )


def _in_calendar(value: Interval) -> Interval:
    low = value.low if value.low is not None and 1 <= value.low <= LAST_DAY else None
    high = value.high if value.high is not None and 1 <= value.high <= LAST_DAY else None
    return Interval(low, high)


def _and_nothing(value: Interval, none: bool) -> Interval:
    return Interval(value.low, value.high, none)


# ---- greatest and least ---------------------------------------------------------------------------------------------


def greatest(one: Scalar, two: Scalar, type_: ScalarType, least: bool = False) -> Scalar:
    """The greater of two values, or the other where one has no value; with ``least`` the lesser."""
    if isinstance(one, Interval) and isinstance(two, Interval):
        if one.empty or two.empty:
            return two if one.empty else one
        pick: Callable[[Bound, Bound], Bound] = min if least else max
        low, high, other_low, other_high = *ends(one), *ends(two)
        result = interval(pick(low, other_low), pick(high, other_high), one.nothing and two.nothing)
        if one.nothing:
            result = _hull(result, two)
        return _hull(result, one) if two.nothing else result
    assert isinstance(one, Finite)
    assert isinstance(two, Finite)
    assert isinstance(type_, ChoiceType)
    choose: Callable[..., Outcome] = min if least else max
    return Finite(
        frozenset(
            b if a is NOTHING else a if b is NOTHING else choose(a, b, key=type_.members.index)
            for a in one.outcomes
            for b in two.outcomes
        )
    )


def _hull(one: Interval, two: Interval) -> Interval:
    low, high, other_low, other_high = *ends(one), *ends(two)
    return interval(min(low, other_low), max(high, other_high), one.nothing)


def joined(values: Iterable[Scalar]) -> Scalar:
    return reduce(join, values)
