"""What may be known of the things that conditions ask about, as far as conditions can tell.

The constants that a number is compared with cut its range into cells, within which no comparison tells two numbers
apart; the same holds of days, and of the words that a text or choice is compared with. What may be known of it is then
one of finitely many things: an interval that begins in one cell and ends in another, or a set of words; with "no value"
possible or not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import combinations

from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Outcome, Scalar

#: A thing with more cells or words than this is not looked through.
MOST_WORDS = 7
MOST_CELLS = 24


class TooManyError(Exception):
    """There is more than can be looked through."""


@dataclass
class Operand:
    """A thing that conditions ask about. ``range`` is what is possible of it at all; ``settled`` where that is also all
    that is ever known of it; ``always_known`` of the day the facts describe; ``whole`` where every value of its type
    may matter."""

    name: str
    type: ScalarType
    range: Scalar
    numbers: set[Fraction] = field(default_factory=set)
    words: set[str] = field(default_factory=set)
    whole: bool = False
    always_known: bool = False
    settled: bool = False

    def known(self) -> list[Scalar]:
        """All that may be known of it, one of each kind that conditions can tell apart. Raises TooManyError."""
        if self.settled:
            return [self.range]
        if isinstance(self.range, Interval):
            return list(self._numbers(self.range))
        return list(self._words())

    # ---- numbers and days --------------------------------------------------------------------------------------------

    def _numbers(self, range_: Interval) -> Iterator[Scalar]:
        if not range_.empty:
            whole = isinstance(self.type, DateType) or (isinstance(self.type, NumberType) and self.type.integer)
            points = samples(sorted(self.numbers), range_.low, range_.high, whole)
            if len(points) > MOST_CELLS:
                raise TooManyError
            for place, low in enumerate(points):
                for high in points[place : place + 1] if self.always_known else points[place:]:
                    yield Interval(low, high)
                    if range_.nothing:
                        yield Interval(low, high, nothing=True)
        if range_.nothing:
            yield Interval(None, None, nothing=True, empty=True)

    # ---- booleans, choices and texts ---------------------------------------------------------------------------------

    def _words(self) -> Iterator[Scalar]:
        outcomes = self._outcomes()
        if len(outcomes) > MOST_WORDS:
            raise TooManyError
        for size in range(1, len(outcomes) + 1):
            for chosen in combinations(outcomes, size):
                yield Finite(frozenset(chosen))
        if isinstance(self.range, AnyText):
            yield AnyText()
            if self.range.nothing:
                yield AnyText(nothing=True)

    def _outcomes(self) -> list[Outcome]:
        """The values that conditions tell apart, and one that stands for all others."""
        if isinstance(self.range, AnyText):
            found: list[Outcome] = [*sorted(self.words), _other(self.words)]
            return [*found, NOTHING] if self.range.nothing else found
        assert isinstance(self.range, Finite)
        possible = self.range.outcomes
        match self.type:
            case BooleanType():
                found = [each for each in (True, False) if each in possible]
            case ChoiceType(members=members):
                every = [each for each in members if each in possible]
                named = [each for each in every if each in self.words]
                rest = [each for each in every if each not in self.words]
                found = list(every) if self.whole else [*named, *rest[:1]]
            case _:
                named = sorted(str(each) for each in possible if isinstance(each, str) and each in self.words)
                rest = sorted(str(each) for each in possible if isinstance(each, str) and each not in self.words)
                found = [*named, *rest[:1]]
        return [*found, NOTHING] if NOTHING in possible else found


def _other(words: set[str]) -> str:
    """A text that is none of ``words``."""
    other = "\N{REPLACEMENT CHARACTER}"
    while other in words:
        other += "\N{REPLACEMENT CHARACTER}"
    return other


def samples(points: Sequence[Fraction], low: Fraction | None, high: Fraction | None, whole: bool) -> list[Fraction]:
    """One number of each cell into which ``points`` cut the range from ``low`` to ``high``, in order: the points that
    lie in it, and a number between each two neighbours. Of whole numbers, whole ones."""
    inside = [each for each in points if (low is None or each >= low) and (high is None or each <= high)]
    if whole:
        inside = [each for each in inside if each.denominator == 1]
    if not inside:
        return [low if low is not None else high if high is not None else Fraction(0)]
    found: list[Fraction] = []
    if low is None or low < inside[0]:
        found.append(inside[0] - 1 if low is None else low if whole else (low + inside[0]) / 2)
    for one, two in zip(inside, [*inside[1:], None], strict=True):
        found.append(one)
        if two is not None:
            middle = one + 1 if whole else (one + two) / 2
            if middle < two:
                found.append(middle)
    last = inside[-1]
    if high is None or high > last:
        found.append(last + 1 if high is None else high if whole else (last + high) / 2)
    return found
