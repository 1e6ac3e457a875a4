"""One scalar fact in the columns of its table, and back: what the layout of `safetyrules.engine.columnar.tables` holds.

What a cell cannot hold (a set of texts, a number whose decimal a Float64 does not print, a choice of too many members
that is known in part) is None here, and its subject is decided apart.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from safetyrules.engine.columnar.tables import HIGH, LARGEST_NUMBER, LOW, MOST_MEMBERS_OF_A_SET, NONE, SET, column_type
from safetyrules.facts.scalars import anything, not_applicable
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

#: A fact of which nothing need be said.
MISSING: Any = object()


@dataclass(frozen=True)
class Cell:
    """The columns of one scalar: the plain one first, then its companions."""

    name: str
    type: ScalarType
    may_not_apply: bool

    @cached_property
    def suffixes(self) -> tuple[str, ...]:
        beside: tuple[str, ...] = ()
        if isinstance(self.type, NumberType | DateType):
            beside = (LOW, HIGH)
        elif isinstance(self.type, ChoiceType) and len(self.type.members) <= MOST_MEMBERS_OF_A_SET:
            beside = (SET,)
        return ("", *beside, *((NONE,) if self.may_not_apply else ()))

    @cached_property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.name + suffix for suffix in self.suffixes)

    @cached_property
    def types(self) -> tuple[Any, ...]:
        import polars as pl

        plain = column_type(self.type)
        of = {"": plain, LOW: plain, HIGH: plain, SET: pl.UInt64(), NONE: pl.Boolean()}
        return tuple(of[suffix] for suffix in self.suffixes)

    @cached_property
    def anything(self) -> Scalar:
        return anything(self.type, self.may_not_apply)

    def cells(self, value: Scalar) -> tuple[Any, ...] | None:
        """What the columns say of ``value``; None where they cannot say it."""
        found = dict.fromkeys(self.suffixes)
        if value == self.anything:
            return tuple(found.values())
        if value == not_applicable(self.type):
            return tuple((found | {NONE: True}).values()) if self.may_not_apply else None
        if self.may_not_apply:
            found[NONE] = False
        said = self._bounds(value) if isinstance(value, Interval) else self._outcomes(value)
        return None if said is None else tuple((found | said).values())

    def scalar(self, cells: Sequence[Any]) -> Scalar:
        """What is still possible by the columns, which are those of `suffixes`."""
        at = dict(zip(self.suffixes, cells, strict=True))
        if at[""] is not None:
            return self._known(at[""])
        if at.get(NONE):
            return not_applicable(self.type)
        if isinstance(self.type, NumberType | DateType):
            low, high = at[LOW], at[HIGH]
            if low is None and high is None and at.get(NONE) is None:
                return self.anything
            bounds = self.type if isinstance(self.type, NumberType) else NumberType()
            return Interval(
                bounds.minimum if low is None else self._point(low),
                bounds.maximum if high is None else self._point(high),
            )
        bits = at.get(SET)
        if bits is not None and isinstance(self.type, ChoiceType):
            return Finite(frozenset(m for i, m in enumerate(self.type.members) if bits >> i & 1))
        return anything(self.type, self.may_not_apply and at.get(NONE) is None)

    def form(self, value: Scalar, given: bool = False) -> Any:
        """``value`` as `safetyrules.assess` takes it, `MISSING` where nothing need be said.

        ``given``: say it even where it says no more than the type does.
        """
        if value == self.anything and not given:
            return MISSING
        if value == not_applicable(self.type):
            return {"not_applicable": True}
        match value:
            case Finite(outcomes=outcomes):
                if len(outcomes) == 1:
                    return next(iter(outcomes))
                if NOTHING in outcomes:
                    return MISSING
                order = self.type.members if isinstance(self.type, ChoiceType) else sorted(outcomes, key=str)
                return {"one_of": [each for each in order if each in outcomes]}
            case AnyText():
                return MISSING
            case Interval(low=low, high=high, nothing=nothing):
                return MISSING if nothing else self._range(low, high)

    def _known(self, plain: Any) -> Scalar:
        if isinstance(self.type, NumberType | DateType):
            point = self._point(plain)
            return Interval(point, point)
        return Finite(frozenset({plain}))

    def _point(self, plain: Any) -> Fraction:
        return decimal_of(plain) if isinstance(self.type, NumberType) else Fraction(plain.toordinal())

    def _outcomes(self, value: Finite | AnyText) -> dict[str, Any] | None:
        if isinstance(value, AnyText):
            return {}
        if len(value.outcomes) == 1:
            return {"": next(iter(value.outcomes))}
        if NOTHING in value.outcomes:
            return None
        if isinstance(self.type, BooleanType):
            return {}
        if isinstance(self.type, ChoiceType):
            if len(value.outcomes) == len(self.type.members):
                return {}
            if SET in self.suffixes:
                return {SET: sum(1 << i for i, m in enumerate(self.type.members) if m in value.outcomes)}
        return None

    def _bounds(self, value: Interval) -> dict[str, Any] | None:
        if value.nothing:
            return None
        cell = float_of if isinstance(self.type, NumberType) else _day
        if value.known and value.low is not None:
            plain = cell(value.low)
            return None if plain is None else {"": plain}
        declared = self.type if isinstance(self.type, NumberType) else NumberType()
        said: dict[str, Any] = {}
        for suffix, bound, end in ((LOW, value.low, declared.minimum), (HIGH, value.high, declared.maximum)):
            if bound is not None and bound != end:
                said[suffix] = cell(bound)
                if said[suffix] is None:
                    return None
        return said

    def _range(self, low: Fraction | None, high: Fraction | None) -> Any:
        plain = _raw_number if isinstance(self.type, NumberType) else _day
        if low is None and high is None:
            return MISSING
        if low == high and low is not None:
            return plain(low)
        declared = self.type if isinstance(self.type, NumberType) else NumberType()
        if high is None or (high == declared.maximum and low is not None):
            assert low is not None
            return {"at_least": plain(low)}
        if low is None or low == declared.minimum:
            return {"at_most": plain(high)}
        return {"between": [plain(low), plain(high)]}


def float_of(number: Fraction) -> float | None:
    """The float whose shortest form is this decimal; None where there is none, or where whole numbers have gaps."""
    if abs(number) > LARGEST_NUMBER:
        return None
    near = float(number)
    return near if decimal_of(near) == number else None


def decimal_of(number: float) -> Fraction:
    """The decimal that the shortest form of a float prints."""
    return Fraction(float.__repr__(number))


def _raw_number(number: Fraction) -> int | float | Fraction:
    if number.denominator == 1:
        return number.numerator
    near = float_of(number)
    return number if near is None else near


def _day(number: Fraction) -> date:
    return date.fromordinal(int(number))
