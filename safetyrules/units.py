"""Units of measure: what a number counts, so that a comparison of tonnes with kilograms is refused.

A `Unit` is a product of powers of symbols. Conversion is exact and only between units of one dimension; it happens when
facts are read, never inside rules.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction

#: symbol -> (dimension, size in the dimension's base unit, offset to the base unit)
SYMBOLS: dict[str, tuple[str, Fraction, Fraction]] = {
    symbol: (dimension, Fraction(size), Fraction(offset))
    for symbol, dimension, size, offset in [
        ("kg", "mass", "1", "0"),
        ("t", "mass", "1000", "0"),
        ("g", "mass", "0.001", "0"),
        ("mg", "mass", "0.000001", "0"),
        ("m", "length", "1", "0"),
        ("mm", "length", "0.001", "0"),
        ("cm", "length", "0.01", "0"),
        ("km", "length", "1000", "0"),
        ("um", "length", "0.000001", "0"),
        ("m2", "area", "1", "0"),
        ("m3", "volume", "1", "0"),
        ("L", "volume", "0.001", "0"),
        ("Pa", "pressure", "1", "0"),
        ("kPa", "pressure", "1000", "0"),
        ("MPa", "pressure", "1000000", "0"),
        ("bar", "pressure", "100000", "0"),
        ("K", "temperature", "1", "0"),
        ("degC", "temperature", "1", "273.15"),
        ("s", "time", "1", "0"),
        ("min", "time", "60", "0"),
        ("h", "time", "3600", "0"),
        ("day", "day", "1", "0"),
        ("month", "month", "1", "0"),
        ("year", "month", "12", "0"),
        ("yuan", "money", "1", "0"),
        ("10k_yuan", "money", "10000", "0"),
        ("person", "person", "1", "0"),
        ("J", "energy", "1", "0"),
        ("mJ", "energy", "0.001", "0"),
        ("%", "ratio", "0.01", "0"),
        ("ppm", "ratio", "0.000001", "0"),
        ("point", "point", "1", "0"),
    ]
}


@dataclass(frozen=True, slots=True)
class Unit:
    """``powers`` maps symbols to exponents, sorted by symbol; empty is a pure number."""

    powers: tuple[tuple[str, int], ...] = ()

    def __str__(self) -> str:
        above = [s if p == 1 else f"{s}^{p}" for s, p in self.powers if p > 0]
        below = [s if p == -1 else f"{s}^{-p}" for s, p in self.powers if p < 0]
        return ("*".join(above) or "1") + "".join(f"/{s}" for s in below)

    def times(self, other: Unit, sign: int = 1) -> Unit:
        powers = dict(self.powers)
        for symbol, power in other.powers:
            powers[symbol] = powers.get(symbol, 0) + sign * power
        return Unit(tuple(sorted((s, p) for s, p in powers.items() if p)))


PURE = Unit()


def parse_unit(words: str) -> Unit:
    """``t``, ``mg/m3``, ``t*m/s``. Raises KeyError with the unknown symbol."""
    unit = PURE
    sign = 1
    for part in words.replace("*", " * ").replace("/", " / ").split():
        if part in ("*", "/"):
            sign = 1 if part == "*" else -1
            continue
        if part != "1" and part not in SYMBOLS:
            raise KeyError(part)
        if part != "1":
            unit = unit.times(Unit(((part, 1),)), sign)
        sign = 1
    return unit


def convert(value: Fraction, source: Unit, target: Unit) -> Fraction:
    """``value`` in ``source`` as a number of ``target``, exactly. Raises ValueError when their dimensions differ."""
    if source == target:
        return value
    if _dimension(source) != _dimension(target):
        raise ValueError(f"{source} is not a measure of the same kind as {target}")
    if len(source.powers) == 1 and len(target.powers) == 1 and source.powers[0][1] == target.powers[0][1] == 1:
        _, size, offset = SYMBOLS[source.powers[0][0]]
        _, target_size, target_offset = SYMBOLS[target.powers[0][0]]
        return (value * size + offset - target_offset) / target_size
    return value * _size(source) / _size(target)


def _dimension(unit: Unit) -> dict[str, int]:
    dimension: dict[str, int] = {}
    for symbol, power in unit.powers:
        name = SYMBOLS[symbol][0]
        dimension[name] = dimension.get(name, 0) + power
    return {name: power for name, power in dimension.items() if power}


def _size(unit: Unit) -> Fraction:
    size = Fraction(1)
    for symbol, power in unit.powers:
        size *= SYMBOLS[symbol][1] ** power
    return size
