"""One subject, or several, by columns: what `tabulate` says of them, for comparison with the reference."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from safetyrules.engine.columnar.entities import tables_of
from safetyrules.engine.columnar.tabulate import Tabulated, tabulate
from safetyrules.program import Program
from safetyrules.values import Interval, Scalar


def tabulated(program: Program, facts: Sequence[Any], **options: Any) -> tuple[Tabulated, frozenset[int]]:
    """What the columns say of subjects under one plan, and the rows that they leave to exact arithmetic."""
    asked = [program.asked(each, **options) for each in facts]
    plan, request, _ = asked[0]
    assert all(other is plan for other, _, _ in asked)
    entities = [program.entity(each, request) for each, (_, request, _) in zip(facts, asked, strict=True)]
    tables = tables_of(plan.schema, request.subject, entities)
    found = tabulate(plan, request.subject, request.as_of, tables)
    return found, frozenset(tables.apart) | frozenset(found.doubtful.to_list())


def differing(reference: Mapping[Any, Scalar], columns: Mapping[Any, Scalar]) -> dict[Any, tuple[Any, Any]]:
    """Where columns say something else. A number that had to be rounded differs from the exact one by the rounding."""
    keys = dict.fromkeys((*reference, *columns))
    return {
        key: (reference.get(key), columns.get(key))
        for key in keys
        if reference.get(key) != columns.get(key) and not _rounded(reference.get(key), columns.get(key))
    }


def _rounded(one: Scalar | None, two: Scalar | None) -> bool:
    if not isinstance(one, Interval) or not isinstance(two, Interval):
        return False
    if (one.nothing, one.empty) != (two.nothing, two.empty):
        return False
    return all(
        a == b or (a is not None and b is not None and abs(a - b) <= abs(a) * Fraction(1, 10**13))
        for a, b in ((one.low, two.low), (one.high, two.high))
    )
