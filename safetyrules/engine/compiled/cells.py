"""Cells of tables, and constants, in the known representation."""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from safetyrules.facts.schema import ChoiceType, DateType, NumberType, ScalarType


def key_form(type_: ScalarType) -> Callable[[object], object]:
    """How a key cell is looked up: a scale by its place, everything else by its value (1 equals Fraction(1))."""
    if isinstance(type_, ChoiceType) and type_.scale:
        return lambda cell: type_.members.index(str(cell))
    return lambda cell: cell


def cell_form(type_: ScalarType) -> Callable[[object], object]:
    """A cell in the known representation."""
    match type_:
        case NumberType():
            return lambda cell: (None, 1) if cell is None else Fraction(str(cell)).as_integer_ratio()
        case DateType():
            return lambda cell: None if cell is None else int(str(cell))
        case ChoiceType(scale=True, members=members):
            return lambda cell: None if cell is None else members.index(str(cell))
    return lambda cell: cell
