"""Draws that depend on a seed and a place alone: a hash of (seed, row, column), never the state of a generator.

So the same seed gives the same register whatever the number of threads or the size of a chunk, and more rows never
change the rows before them. The hash is splitmix64 in wrapping 64-bit arithmetic; what is drawn comes off *wheels*,
tables of 4096 or more slots with the weights already in them. No logarithm or power is taken: their last bits differ
between machines.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from itertools import pairwise
from typing import Any, TypeVar

import polars as pl

SLOTS = 4096
#: Where in a hash the independent parts of one draw are found.
MISSING_BITS, BOUNDARY_BITS, SLOT_BITS, WITHIN_BITS = 0, 16, 32, 44
_GOLDEN, _FIRST, _SECOND = 0x9E3779B97F4A7C15, 0xBF58476D1CE4E5B9, 0x94D049BB133111EB
_CHANCES = 1 << 16
Value = TypeVar("Value")


def stream(*words: object) -> int:
    """A 64-bit number for a name: which of the independent sequences of draws is meant."""
    return int.from_bytes(blake2b("\0".join(map(str, words)).encode(), digest_size=8).digest(), "big")


def whole(number: int) -> pl.Expr:
    return pl.lit(number, dtype=pl.UInt64)


def mixed(number: pl.Expr) -> pl.Expr:
    """The finalizer of splitmix64; arithmetic on UInt64 wraps."""
    number = (number ^ (number // whole(1 << 30))) * whole(_FIRST)
    number = (number ^ (number // whole(1 << 27))) * whole(_SECOND)
    return number ^ (number // whole(1 << 31))


def key_of(parent: pl.Expr, ordinal: pl.Expr) -> pl.Expr:
    """The key of the entity with this number (counted from 0) below ``parent``."""
    return mixed(parent + (ordinal + whole(1)) * whole(_GOLDEN))


def drawn(key: pl.Expr, name: str) -> pl.Expr:
    """The hash of one fact of the entities with these keys."""
    return mixed(key + whole(stream(name)))


def chance(draw: pl.Expr, rate: float, bits: int = SLOT_BITS) -> pl.Expr:
    """True at ``rate``."""
    return (draw // whole(1 << bits)) % whole(_CHANCES) < whole(round(rate * _CHANCES))


def place_on(draw: pl.Expr, slots: int) -> pl.Expr:
    return ((draw // whole(1 << SLOT_BITS)) % whole(slots)).cast(pl.UInt32)


def off_wheel(wheel: pl.Series, draw: pl.Expr) -> pl.Expr:
    """A slot of the wheel."""
    return pl.lit(wheel).gather(place_on(draw, wheel.len()))


def within(draw: pl.Expr) -> pl.Expr:
    """A number from 0 to 1 (exclusive)."""
    return (draw // whole(1 << WITHIN_BITS)).cast(pl.Float64) * 2.0**-20


def wheel(values: Sequence[Value], weights: Iterable[float] | None = None, dtype: Any = None) -> pl.Series:
    """A wheel on which every value has at least one slot, and otherwise slots by its weight."""
    given = [1.0] * len(values) if weights is None else list(weights)
    slots = max(SLOTS, 1 << (4 * len(values) - 1).bit_length())
    free, total = slots - len(values), sum(given)
    ends = [0]
    running = 0.0
    for number, weight in enumerate(given, start=1):
        running += weight
        ends.append(number + int(free * running / total + 1e-9))
    ends[-1] = slots
    counts = [last - first for first, last in pairwise(ends)]
    return pl.Series(values=[v for v, n in zip(values, counts, strict=True) for _ in range(n)], dtype=dtype)


def falling(count: int) -> list[float]:
    """Weights of which the first is greatest and none is negligible."""
    return [1.0 / (2 + number) for number in range(count)]


@dataclass(frozen=True)
class Quantiles:
    """A distribution by its quantiles: (share, value) from share 0 to share 1, straight between them."""

    knots: tuple[tuple[float, float], ...]

    def at(self, share: float) -> float:
        for (low, start), (high, end) in pairwise(self.knots):
            if share <= high:
                return start + (end - start) * ((share - low) / (high - low))
        return self.knots[-1][1]

    def times(self, scale: float) -> Quantiles:
        return Quantiles(tuple((share, value * scale) for share, value in self.knots))

    def slots(self) -> list[float]:
        return [self.at(slot / SLOTS) for slot in range(SLOTS + 1)]

    def off(self, draw: pl.Expr, finer: pl.Expr | None = None) -> pl.Expr:
        """A number with this distribution; ``finer`` (default: of the same draw) moves it within its slot."""
        slots = self.slots()
        low = off_wheel(pl.Series(values=slots[:-1]), draw)
        width = off_wheel(pl.Series(values=[b - a for a, b in pairwise(slots)]), draw)
        return low + width * within(draw if finer is None else finer)


#: Of things that the law measures, around its bounds (1): most below, some far above.
AROUND = Quantiles(((0, 0), (0.05, 0), (0.3, 0.25), (0.6, 0.8), (0.8, 1.6), (0.95, 5), (0.99, 20), (1, 100)))
#: Members of a list of which there are any, mean about 1: most lists are short, some are very long.
MEMBERS = Quantiles(((0, 0.15), (0.4, 0.33), (0.7, 0.7), (0.9, 1.6), (0.97, 4), (0.995, 12), (0.999, 40), (1, 120)))
#: Persons employed: two thirds below 20, one in a thousand above 5,000.
PERSONS = Quantiles(
    ((0, 1), (0.25, 4), (0.5, 11), (0.65, 20), (0.8, 60), (0.9, 180), (0.96, 480), (0.99, 1500), (0.999, 6000),
     (1, 120_000))
)  # fmt: skip
#: How far one measure of size strays from the enterprise's own.
STRAY = Quantiles(((0, 0.4), (0.2, 0.8), (0.8, 1.2), (0.95, 2), (1, 6)))
#: Money (10,000 yuan) for each person employed.
MONEY_FOR_EACH = Quantiles(((0, 2), (0.1, 15), (0.5, 60), (0.8, 140), (0.95, 500), (0.99, 2000), (1, 9000)))
#: Days before the day the facts describe.
DAYS_AGO = Quantiles(((0, -400), (0.06, 0), (0.4, 180), (0.7, 700), (0.9, 2500), (0.98, 6000), (1, 15_000)))


def members(mean: float) -> pl.Series:
    """How many members lists have, as a wheel with this mean: fractions are spread, not cut off."""
    slots = MEMBERS.slots()[:-1]
    average = sum(slots) / SLOTS
    dithered = (
        int(value * mean / average + (slot * 2_654_435_761 % SLOTS) / SLOTS) for slot, value in enumerate(slots)
    )
    return pl.Series(values=list(dithered), dtype=pl.UInt32)
