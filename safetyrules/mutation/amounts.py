"""Faults in a number or day that the law names: a step off, or read in another unit."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from fractions import Fraction
from math import log

from safetyrules.facts.schema import NumberType, ScalarType
from safetyrules.mutation.edits import Operator
from safetyrules.units import SYMBOLS, Unit

#: The smaller of the two steps by which a threshold is moved: a thousandth of its unit.
EPSILON = Fraction(1, 1000)


def moved(number: Fraction, type_: ScalarType | None) -> Iterator[tuple[Operator, Fraction]]:
    """The number one unit and a little up and down, and as it would be in the nearest other unit of its kind."""
    steps = [Fraction(1), Fraction(-1)]
    if not (isinstance(type_, NumberType) and type_.integer):
        steps += [EPSILON, -EPSILON]
    for step in steps:
        yield "threshold", number + step
    factor = misread(type_.unit) if isinstance(type_, NumberType) and type_.unit is not None else None
    if factor is not None and number:
        yield "unit", number * factor


def misread(unit: Unit) -> Fraction | None:
    """What a number in this unit is multiplied with where the nearest other unit was meant: of tonnes, kilograms. None
    where there is no other."""
    if not unit.powers:
        return None
    symbol, power = unit.powers[0]
    other = nearest(symbol)
    return None if other is None else (SYMBOLS[other][1] / SYMBOLS[symbol][1]) ** power


def nearest(symbol: str) -> str | None:
    """The unit of the same dimension that is nearest in size; a smaller one where two are equally near."""
    dimension, size, offset = SYMBOLS[symbol]
    others = [
        (abs(log(other_size / size)), other_size, name)
        for name, (its, other_size, its_offset) in SYMBOLS.items()
        if its == dimension and other_size != size and its_offset == offset
    ]
    return min(others)[2] if others else None


def decimal(number: Fraction) -> str | None:
    """A number as it is written; None where it has no end."""
    rest, places = number.denominator, 0
    while rest % 10 == 0:
        rest, places = rest // 10, places + 1
    while rest % 2 == 0 or rest % 5 == 0:
        rest, places = rest // (2 if rest % 2 == 0 else 5), places + 1
    if rest != 1:
        return None
    if not places:
        return str(number.numerator)
    digits = str(abs(number.numerator) * 10**places // number.denominator).rjust(places + 1, "0")
    whole, part = digits[:-places], digits[-places:].rstrip("0")
    return f"{'-' if number < 0 else ''}{whole}{'.' if part else ''}{part}"


def neighbours(day: date) -> Iterator[date]:
    """The day after and the day before."""
    for days in (1, -1):
        try:
            yield day + timedelta(days=days)
        except OverflowError:
            continue
