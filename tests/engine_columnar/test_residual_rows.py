"""Rows for what is not given stand below the members, and are told in their places."""

from __future__ import annotations

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

import safetyrules
from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.residuals import row_orders, with_residuals
from safetyrules.engine.columnar.tables import PARENT, Tables

UNITS, MATERIALS = "hazmat.unit", "hazmat.material"
lists = st.tuples(st.booleans(), st.lists(st.tuples(st.booleans(), st.integers(0, 3)), max_size=3))


@given(st.lists(lists, max_size=5))
def test_order(subjects: list[tuple[bool, list[tuple[bool, int]]]]) -> None:
    """Subjects have units (is the list complete?), these have so many materials (is that list complete?)."""
    schema = safetyrules.default_program().schema
    units = [(row, *unit) for row, (_, listed) in enumerate(subjects) for unit in listed]
    tables = Tables(
        "enterprise",
        {
            "enterprise": pl.DataFrame(
                {"hazmat.units?complete": [complete for complete, _ in subjects]},
                {"hazmat.units?complete": pl.Boolean},
            ),
            UNITS: pl.DataFrame(
                {PARENT: [u[0] for u in units], "materials?complete": [u[1] for u in units]},
                {PARENT: pl.UInt32, "materials?complete": pl.Boolean},
            ),
            MATERIALS: pl.DataFrame(
                {PARENT: [row for row, unit in enumerate(units) for _ in range(unit[2])]}, {PARENT: pl.UInt32}
            ),
        },
    )  # fmt: skip
    frames = with_residuals(schema, tables)
    orders = row_orders(schema, frames, "enterprise")

    def rows(kind: str) -> list[tuple[int, bool]]:
        frame = frames[kind].select(PARENT, RESIDUAL)
        return (frame[orders[kind]] if kind in orders else frame).rows()

    number = {unit: place for place, unit in enumerate(orders.get(UNITS, range(frames[UNITS].height)))}
    assert rows(UNITS) == [
        (row, residual)
        for row, (complete, listed) in enumerate(subjects)
        for residual in (*[False] * len(listed), *[True] * (not complete))
    ]
    below = iter(units)
    expected: list[tuple[int, bool]] = []
    for place, (_, residual) in enumerate(rows(UNITS)):
        complete, count = (False, 0) if residual else next(below)[1:]
        expected += [(place, False)] * count + [(place, True)] * (not complete)
    assert [(number[parent], residual) for parent, residual in rows(MATERIALS)] == expected
