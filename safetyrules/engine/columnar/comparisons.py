"""Comparisons with a constant of what need not be computed for it, which is many times faster.

Whether at least one of many is true is seen without counting. A date that is moved by a fixed number of months lies
before a fixed day where the date itself lies before another.
"""

from __future__ import annotations

from bisect import bisect_left
from fractions import Fraction
from functools import lru_cache
from math import ceil, floor, isfinite

from safetyrules.engine.algebra import LAST_DAY, add_months
from safetyrules.engine.columnar.nodes import Graph, Node


def at_most(graph: Graph, one: Node, two: Node) -> Node:
    """``one <= two``, of ends as floats hold them."""
    found = None
    if _is_finite(two):
        found = _until(graph, one, floor(float(two.detail)))  # type: ignore[arg-type]
    elif _is_finite(one):
        # From a whole number on is not until the one before it.
        before = _until(graph, two, ceil(float(one.detail)) - 1)  # type: ignore[arg-type]
        found = None if before is None else graph.opposite(before)
    return graph.apply("truth", "<=", one, two) if found is None else found


def _is_finite(node: Node) -> bool:
    return node.constant and isfinite(float(node.detail))  # type: ignore[arg-type]


def _until(graph: Graph, whole: Node, last: int) -> Node | None:
    """Is a whole number at most ``last``? None where that is best asked of the number."""
    if whole.operation == "count" and last <= 0:
        return graph.false if last < 0 else graph.opposite(graph.either(whole.arguments))
    if whole.operation == "add months" and _is_finite(whole.arguments[1]):
        return _moved_until(graph, whole, last)
    return None


def _moved_until(graph: Graph, moved: Node, last: int) -> Node:
    """Is a moved date at most the day ``last``? Where there is none in the calendar, it is without a bound."""
    day, months, outside = moved.arguments
    first_moved, last_moved, last_until = _days(int(float(months.detail)), last)  # type: ignore[arg-type]

    def until(limit: int) -> Node:
        return graph.apply("truth", "<=", day, graph.constant(float(limit)))

    early = graph.both2(graph.opposite(until(first_moved - 1)), until(last_until))
    if outside is graph.infinity:
        return early
    assert outside is graph.minus_infinity
    return graph.either((early, until(first_moved - 1), graph.opposite(until(last_moved))))


@lru_cache(maxsize=1024)
def _days(months: int, last: int) -> tuple[int, int, int]:
    """The first and the last day that there is a moved date of, and the last of those that is moved to no later than
    the day ``last``; before the first where none is. Moving never changes an order (design 5.15)."""

    def moved(day: int) -> Fraction | None:
        return add_months(Fraction(day), Fraction(months))

    # Earlier months leave the first days of the calendar without a date, later ones its last.
    days = range(1, LAST_DAY + 1)
    first = bisect_left(days, True, key=lambda day: moved(day) is not None) + 1 if months < 0 else 1
    after = LAST_DAY + 1 if months < 0 else bisect_left(days, True, key=lambda day: moved(day) is None) + 1
    there = range(first, after)
    until = bisect_left(there, True, key=lambda day: (moved(day) or 0) > last)
    return first, after - 1, first + until - 1
