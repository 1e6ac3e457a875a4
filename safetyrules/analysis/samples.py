"""Values that are worth trying, and how a result leads back to them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import Any, TypeGuard

from safetyrules.engine import algebra
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.language.spaces import OTHER_TEXT, Sample
from safetyrules.values import Finite, Interval, Nothing


def pool(type_: ScalarType, as_of: Fraction) -> list[Sample]:
    """Values of a type that are worth trying."""
    match type_:
        case BooleanType():
            return [False, True]
        case ChoiceType(members=members):
            return list(members)
        case NumberType(minimum=low, maximum=high):
            near = [low, low + 1 if low is not None else None, high, high - 1 if high is not None else None]
            numbers = [Fraction(1), Fraction(0), Fraction(10), Fraction(3), Fraction(100), *near]
            return list(dict.fromkeys(each for each in numbers if each is not None and fits_type(each, type_, False)))
        case DateType():
            return [Fraction(date(2015, 1, 1).toordinal()), as_of, as_of - 1, as_of + 1, as_of - 400, as_of + 400]
    return ["x"]


def fits_type(value: object, type_: ScalarType, nothing: bool) -> bool:
    """Is it a value of the type, or "no value" where that may be?"""
    match type_:
        case _ if isinstance(value, Nothing):
            return nothing
        case BooleanType():
            return isinstance(value, bool)
        case ChoiceType(members=members):
            return value in members
        case NumberType(integer=integer, minimum=low, maximum=high):
            if not isinstance(value, Fraction) or (integer and value.denominator != 1):
                return False
            return (low is None or value >= low) and (high is None or value <= high)
        case DateType():
            return isinstance(value, Fraction) and value.denominator == 1 and 1 <= value <= algebra.LAST_DAY
        case TextType():
            return isinstance(value, str)
    return False


def is_number(value: object) -> TypeGuard[Fraction]:
    return isinstance(value, Fraction)


def shifted(samples: Iterable[Sample], by: Callable[[Fraction], Fraction | None]) -> list[Sample]:
    """What numbers among the samples are led back to."""
    found = (by(each) for each in samples if isinstance(each, Fraction))
    return [each for each in found if each is not None]


def stands(operator: str, one: Any, two: Any, type_: ScalarType) -> bool:
    """Does ``one operator two`` hold of two values of a type?"""

    def scalar(value: Any) -> Finite | Interval:
        if isinstance(value, Fraction):
            return Interval(value, value)
        return Finite(frozenset({"x" if value == OTHER_TEXT else value}))

    return algebra.compare(operator, scalar(one), scalar(two), type_).outcomes == {True}
