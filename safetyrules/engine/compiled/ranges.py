"""What generated code calls on ranges of numbers and dates: two bounds and a flag (see `layout`)."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from safetyrules.engine import algebra
from safetyrules.engine.compiled.ratio import INF, Bound, Ratio, divided, fraction, whole
from safetyrules.values import Interval, Scalar


def multiply(low: Any, high: Any, other_low: Any, other_high: Any) -> tuple[Any, Any]:
    """The product of two ranges; nothing times infinity is nothing."""
    if low.__class__ is not float and other_low.__class__ is not float:
        n, m = low.numerator, other_low.numerator
        if n >= 0 <= m:
            d = low.denominator * other_low.denominator
            least = n * m if d == 1 else Ratio(n * m, d)
            if low is high and other_low is other_high:
                return least, least
            if high.__class__ is float or other_high.__class__ is float:
                return least, _times(high, other_high)
            d = high.denominator * other_high.denominator
            n = high.numerator * other_high.numerator
            return least, (n if d == 1 else Ratio(n, d))
    products = [_times(a, b) for a in (low, high) for b in (other_low, other_high)]
    return min(products), max(products)


def _times(one: Any, two: Any) -> Any:
    return 0 if one == 0 or two == 0 else one * two


def quotient(low: Any, high: Any, other_low: Any, other_high: Any) -> tuple[Any, Any]:
    """Unbounded where the divisor may be zero."""
    if low.__class__ is not float and other_low.__class__ is not float and low.numerator >= 0 < other_low.numerator:
        least = 0 if other_high.__class__ is float else divided(low, other_high)
        if low is high and other_low is other_high:
            return least, least
        return least, (INF if high.__class__ is float else divided(high, other_low))
    if other_low <= 0 <= other_high:
        return -INF, INF
    inverse = [0 if b in (INF, -INF) else divided(1, b) for b in (other_low, other_high)]
    return multiply(low, high, min(inverse), max(inverse))


def abstract_interval(low: Any, high: Any, none: int) -> Interval:
    """Bounds as the reference has them."""
    if none == 2:
        return algebra.NO_NUMBER
    return Interval(None if low == -INF else fraction(low), None if high == INF else fraction(high), nothing=bool(none))


def bounds(value: Scalar) -> tuple[Bound, Bound, int]:
    assert isinstance(value, Interval)
    if value.empty:
        return 0, 0, 2
    return (
        -INF if value.low is None else whole(value.low),
        INF if value.high is None else whole(value.high),
        1 if value.nothing else 0,
    )


def range_remainder(low: Any, high: Any, other_low: Any, other_high: Any) -> tuple[Any, Any]:
    result = bounds(
        algebra.arithmetic("%", abstract_interval(low, high, 0), abstract_interval(other_low, other_high, 0))
    )
    return result[0], result[1]


def range_rounded(low: Any, high: Any, digits: int) -> tuple[Any, Any]:
    result = bounds(algebra.rounded(abstract_interval(low, high, 0), digits))
    return result[0], result[1]


def range_dates(name: str, *arguments: Any) -> tuple[Any, Any, int]:
    """A date function of (low, high, flag) triples, flattened."""
    intervals = [abstract_interval(*arguments[i : i + 3]) for i in range(0, len(arguments), 3)]
    return bounds(algebra.date_function(name, intervals))


def hull(low: Any, high: Any, none: int, other_low: Any, other_high: Any, other_none: int) -> tuple[Any, Any, int]:
    """Either of two ranges; a flag of 3 is "none yet"."""
    if none == 3:
        return other_low, other_high, other_none
    if none == 2:
        return (other_low, other_high, 1) if other_none != 2 else (0, 0, 2)
    if other_none == 2:
        return low, high, 1
    return (low if low < other_low else other_low), (high if high > other_high else other_high), none | other_none


def greatest_range(
    low: Any, high: Any, none: int, other_low: Any, other_high: Any, other_none: int, least: bool
) -> tuple[Any, Any, int]:
    """The greater (or lesser) of two ranges, or the other where one has no value: see `algebra.greatest`."""
    if none == 2:
        return other_low, other_high, other_none
    if other_none == 2:
        return low, high, none
    lower, higher = other_low < low, other_high > high
    if least:
        found_low = other_low if lower else low
        found_high = high if higher else other_high
    else:
        found_low = low if lower else other_low
        found_high = other_high if higher else high
    if none and other_none:
        return (other_low if lower else low), (other_high if higher else high), 1
    if none:
        return min(found_low, other_low), max(found_high, other_high), 0
    if other_none:
        return min(found_low, low), max(found_high, high), 0
    return found_low, found_high, 0


def range_among(low: Any, high: Any, constants: tuple[Fraction, ...]) -> int:
    """``in`` for a range: which of the constants it may hit, and whether it may hit none."""
    if low == high:
        return 2 if low in constants else 1
    return 3 if any(low <= constant <= high for constant in constants) else 1
