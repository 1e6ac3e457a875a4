"""Looking up reference data with a key that may be known in part (design 5.19)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from itertools import product

from safetyrules.engine import algebra
from safetyrules.language.ruleform import Cell, LookupTable
from safetyrules.values import AnyText, Finite, Interval, Scalar

#: More combinations of possible keys than this are tried row by row instead.
COMBINATIONS = 10_000
Notice = Callable[..., None]


def lookup(table: LookupTable, keys: Sequence[Scalar], column: str, notice: Notice) -> Scalar:
    """The cell; with an unknown key every row still possible; with a known key that has no row unknown, or no value
    where the table says so. A key without a value has no row: no value."""
    type_ = table.columns[column]
    if not all(algebra.has_value(key) for key in keys):
        return algebra.nothing(type_)
    none = any(algebra.has_nothing(key) for key in keys)
    place = table.place(column)
    exact = exact_keys(keys)
    found: list[Scalar] = []
    absent = False
    if exact is not None:
        for key in exact:
            row = table.index.get(key)
            if row is None:
                absent = True
            else:
                found.append(_cell(row[place], table, column))
        if absent and table.absent_key == "unknown" and len(exact) == 1:
            notice("SR2002", table=table.name, found=", ".join(str(cell) for cell in exact[0]))
    else:
        places = [table.place(key) for key in table.keys]
        absent = True
        for row in table.rows:
            if all(_may_be(row[p], key) for p, key in zip(places, keys, strict=True)):
                found.append(_cell(row[place], table, column))
    if absent and table.absent_key == "not_applicable":
        found.append(algebra.nothing(type_))
    elif not found:
        found.append(algebra.everything(type_))
    result = algebra.joined(found)
    return algebra.with_nothing(result) if none else result


def _cell(cell: Cell, table: LookupTable, column: str) -> Scalar:
    return algebra.nothing(table.columns[column]) if cell is None else algebra.exactly(cell)


def exact_keys(keys: Sequence[Scalar]) -> list[tuple[Cell, ...]] | None:
    """Every combination of key values still possible; None where they cannot be listed."""
    choices: list[list[Cell]] = []
    count = 1
    for key in keys:
        if isinstance(key, Finite):
            choices.append([o for o in key.outcomes if isinstance(o, bool | str)])
        elif isinstance(key, Interval) and key.low is not None and key.low == key.high:
            choices.append([key.low])
        else:
            return None
        count *= len(choices[-1])
    return None if count > COMBINATIONS else list(product(*choices))


def _may_be(cell: Cell, key: Scalar) -> bool:
    if isinstance(key, AnyText):
        return True
    if isinstance(key, Finite):
        return cell in key.outcomes
    low, high = algebra.ends(key)
    return isinstance(cell, Fraction) and low <= cell <= high
