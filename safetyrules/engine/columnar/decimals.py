"""Columns of numbers of few places: which cells are such, and which number a float that is slightly off stands for.

A decimal of at most fifteen digits is the shortest form of the float nearest to it, and of no other (design 5.17).
"""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from safetyrules.engine.columnar.facts import DECIMAL
from safetyrules.engine.columnar.multiples import Multiples
from safetyrules.engine.columnar.tables import repeated

#: Whole numbers below this have at most fifteen digits.
MOST_STEPS = 1e15


def decimal_columns(frame: pl.DataFrame, names: Iterable[str]) -> list[pl.Series]:
    """The columns of truths that forms of facts ask for, by their names (`facts.DECIMAL`): is a number that is given a
    decimal of so many places?"""
    found = []
    for name in names:
        column, _, digits = name.rpartition(DECIMAL)
        if column not in frame.columns or frame.get_column(column).dtype.is_integer():
            held = repeated(True, pl.Boolean, frame.height)
        else:
            number = frame.get_column(column)
            nearest, few = _nearest(number, 10 ** int(digits))
            held = ((nearest == number) & few).fill_null(True)
        found.append(held.alias(name))
    return found


def exact_ends(ends: pl.Series, errors: pl.Series, on: pl.Series, of: Multiples) -> pl.Series:
    """The ends, where they can only be one number as the float nearest to that (`Multiples`)."""
    nearest, few = _nearest(ends, of.steps)
    return nearest.zip_with(on & few & ends.is_finite() & (errors < of.least_doubt), ends)


def _nearest(number: pl.Series, whole: int) -> tuple[pl.Series, pl.Series]:
    """The floats of the nearest multiples of one part of so many; are these parts counted in fifteen digits?"""
    scale = float(whole)
    steps = (number * scale).round()
    steps = steps.zip_with(steps != 0.0, repeated(0.0, pl.Float64, number.len()))  # zero has no sign
    # Polars divides by one number through its reciprocal, which rounds twice; by a column as it should.
    return steps / repeated(scale, pl.Float64, number.len()), steps.abs() < MOST_STEPS
