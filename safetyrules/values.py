"""Values as the reference interpreter sees them: what is still possible.

`Finite` is a set of outcomes (booleans, choices, texts, dates as days never), ``NOTHING`` ("no value", not applicable)
included. `Interval` is a range of numbers or dates. `AnyText` is any text at all. See docs/explanation/unknowns.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Final


class Nothing:
    """ "No value": not applicable, or no rule said anything. A single object, `NOTHING`."""

    def __repr__(self) -> str:
        return "NOTHING"

    def __reduce__(self) -> str:
        return "NOTHING"


NOTHING: Final = Nothing()

Outcome = bool | str | Nothing


@dataclass(frozen=True, slots=True)
class Finite:
    """The outcomes still possible of a boolean, choice or text; never empty."""

    outcomes: frozenset[Outcome]

    @property
    def known(self) -> bool:
        return len(self.outcomes) == 1


@dataclass(frozen=True, slots=True)
class AnyText:
    """A text of which nothing is known (a boundless set); ``nothing`` says whether "no value" is possible too."""

    nothing: bool = False

    @property
    def known(self) -> bool:
        return False


@dataclass(frozen=True, slots=True)
class Interval:
    """A number between ``low`` and ``high`` inclusive (None: unbounded); a date as its proleptic day number.

    ``nothing`` says whether "no value" is possible too. ``empty`` is true when only "no value" is possible.
    """

    low: Fraction | None
    high: Fraction | None
    nothing: bool = False
    empty: bool = False

    @property
    def known(self) -> bool:
        if self.empty:
            return True
        low = self.low
        return not self.nothing and low is not None and (low is self.high or low == self.high)


class _Whole(dict[int, Interval]):
    """Known whole numbers, made when they are asked for; the first so many are kept."""

    def __missing__(self, number: int) -> Interval:
        value = Fraction(number)
        found = Interval(value, value)
        if len(self) < WHOLE_KEPT:
            self[number] = found
        return found


WHOLE_KEPT: Final = 4096
#: A whole number as a known value. Most are one object each, so that ``is`` finds them equal soon.
WHOLE: Final = _Whole()

Scalar = Finite | AnyText | Interval
TRUE = Finite(frozenset({True}))
FALSE = Finite(frozenset({False}))
UNKNOWN = Finite(frozenset({True, False}))
