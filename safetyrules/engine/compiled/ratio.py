"""Exact numbers as bounds of ranges: whole numbers as `int`, others as `Ratio`, infinity as a float.

`fractions.Fraction` keeps every value in lowest terms and meets every kind of number, which costs several times as much
as the sums themselves; bounds live for one decision, in which a few products and sums are all that is done to them.
"""

from __future__ import annotations

from fractions import Fraction
from math import gcd, lcm
from operator import is_
from typing import Any

INF = float("inf")

#: Below this, a denominator is multiplied rather than kept least: a common divisor costs more than it saves.
SMALL = 1 << 60


class Ratio:
    """A numerator and a positive denominator, not in lowest terms. The other operand may be whole, a ratio, a
    fraction or an infinite float."""

    __slots__ = ("denominator", "numerator")

    def __init__(self, numerator: int, denominator: int) -> None:
        self.numerator = numerator
        self.denominator = denominator

    def __repr__(self) -> str:
        return f"Ratio({self.numerator}, {self.denominator})"

    def __add__(self, other: Any) -> Any:
        if other.__class__ is int:
            return Ratio(self.numerator + other * self.denominator, self.denominator)
        if other.__class__ is float:
            return other
        d, e = self.denominator, other.denominator
        if d == e:
            return Ratio(self.numerator + other.numerator, d)
        common = d * e // gcd(d, e)
        return Ratio(self.numerator * (common // d) + other.numerator * (common // e), common)

    __radd__ = __add__

    def __neg__(self) -> Ratio:
        return Ratio(-self.numerator, self.denominator)

    def __sub__(self, other: Any) -> Any:
        return self + -other

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if other.__class__ is int:
            return Ratio(self.numerator * other, self.denominator)
        if other.__class__ is float:
            return other if self.numerator > 0 else -other if self.numerator else 0
        return Ratio(self.numerator * other.numerator, self.denominator * other.denominator)

    __rmul__ = __mul__

    def __lt__(self, other: Any) -> bool:
        if other.__class__ is float:
            return bool(other > 0)
        return bool(self.numerator * other.denominator < other.numerator * self.denominator)

    def __le__(self, other: Any) -> bool:
        if other.__class__ is float:
            return bool(other > 0)
        return bool(self.numerator * other.denominator <= other.numerator * self.denominator)

    def __gt__(self, other: Any) -> bool:
        if other.__class__ is float:
            return bool(other < 0)
        return bool(self.numerator * other.denominator > other.numerator * self.denominator)

    def __ge__(self, other: Any) -> bool:
        if other.__class__ is float:
            return bool(other < 0)
        return bool(self.numerator * other.denominator >= other.numerator * self.denominator)

    def __eq__(self, other: object) -> bool:
        if other.__class__ is Ratio or other.__class__ is int or other.__class__ is Fraction:
            return bool(self.numerator * other.denominator == other.numerator * self.denominator)
        return False

    def __hash__(self) -> int:
        return hash(Fraction(self.numerator, self.denominator))


#: A finite bound, and any bound.
Exact = int | Ratio
Bound = int | Ratio | float


def exact(n: int, d: int) -> Exact:
    """A pair as one exact number."""
    if d == 1:
        return n
    return Ratio(n, d) if n % d else n // d


def fraction(value: Any) -> Fraction:
    """A finite bound as the reference has it."""
    return Fraction(value.numerator, value.denominator)


def whole(value: Fraction) -> Exact:
    return exact(value.numerator, value.denominator)


def divided(one: Any, two: Any) -> Exact:
    """The quotient of finite bounds; the divisor is not zero."""
    n, d = one.numerator * two.denominator, one.denominator * two.numerator
    return exact(n, d) if d > 0 else exact(-n, -d)


def totals(lows: list[Any], highs: list[Any], n: int = 0, d: int = 1) -> tuple[Bound, Bound]:
    """The sums of bounds, to which n/d is added; many are the bounds of something known, one object for both."""
    least = total(lows, n, d)
    return least, (least if all(map(is_, lows, highs)) else total(highs, n, d))


def total(bounds: list[Any], n: int, d: int) -> Bound:
    for bound in bounds:
        if bound.__class__ is float:  # infinite, and in one direction only
            return INF if bound > 0 else -INF
        e = bound.denominator
        if e == d:
            n += bound.numerator
        elif not d % e:
            n += bound.numerator * (d // e)
        elif d < SMALL:
            n = n * e + bound.numerator * d
            d *= e
        else:
            common = lcm(d, e)
            n = n * (common // d) + bound.numerator * (common // e)
            d = common
    return exact(n, d)
