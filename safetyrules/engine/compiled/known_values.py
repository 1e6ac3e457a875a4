"""What generated code calls on known values: see `layout` for the representation. Everything is exact."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from math import gcd
from typing import Any

from safetyrules.engine import algebra
from safetyrules.values import Interval


class Unplain(Exception):  # noqa: N818 - no error: another path takes over
    """The facts are not plain: something is not known, not exact, or wrong. Another path takes over."""


class Unknown:
    """Stands, in the plain function, for the value of a fact that is not given. Whatever would look at it raises, so
    the plain function runs to its end only where the law never came to need that fact. It may be moved about, which
    code that stores values must guard against (see `known.leaks`)."""

    __slots__ = ()

    def _raise(self, *_: object) -> Any:
        raise Unplain

    __bool__ = __eq__ = __ne__ = __hash__ = __lt__ = __le__ = __gt__ = __ge__ = _raise
    __lshift__ = __rlshift__ = __truediv__ = __len__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __index__ = __contains__ = _raise


UNKNOWN = Unknown()


def and3(one: Any, two: Any) -> bool | None:
    if one is UNKNOWN or two is UNKNOWN:
        raise Unplain
    if one is False or two is False:
        return False
    return None if one is None or two is None else True


def or3(one: Any, two: Any) -> bool | None:
    if one is UNKNOWN or two is UNKNOWN:
        raise Unplain
    if one is True or two is True:
        return True
    return None if one is None or two is None else False


# ---- known numbers --------------------------------------------------------------------------------------------------


def add(n: int, d: int, m: int, e: int) -> tuple[int, int]:
    if d == e:
        return n + m, d
    common = d * e // gcd(d, e)
    return n * (common // d) + m * (common // e), common


def divide(n: int, d: int, m: int, e: int) -> tuple[int, int]:
    """(n/d) / (m/e)."""
    if m == 0:
        raise Unplain
    return (n * e, d * m) if m > 0 else (-n * e, -d * m)


def remainder(n: int, m: int) -> int:
    if m == 0:
        raise Unplain
    rest = abs(n) % abs(m)
    return rest if n >= 0 else -rest


def rounded_pair(n: int, d: int, digits: int) -> tuple[int, int]:
    value = algebra.rounded(Interval(Fraction(n, d), Fraction(n, d)), digits).low
    assert value is not None
    return value.numerator, value.denominator


# ---- known dates and texts ------------------------------------------------------------------------------------------


def shifted_months(ordinal: int, months: int) -> int:
    found = algebra.add_months(Fraction(ordinal), Fraction(months))
    if found is None:
        raise Unplain
    return int(found)


def in_calendar(ordinal: int) -> int:
    if not 1 <= ordinal <= algebra.LAST_DAY:
        raise Unplain
    return ordinal


def year(ordinal: int) -> int:
    return date.fromordinal(ordinal).year


def cut(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise Unplain
    return text[start:stop]
