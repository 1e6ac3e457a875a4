"""Functions of dates, on columns of day numbers (design 5.15)."""

from __future__ import annotations

from collections.abc import Sequence

from safetyrules.engine.columnar.algebra import Algebra
from safetyrules.engine.columnar.forms import Number, some
from safetyrules.engine.columnar.nodes import Node


def date_function(algebra: Algebra, name: str, arguments: Sequence[Number]) -> Number:
    """All are monotone in each argument, so the ends decide; outside the calendar there is no bound."""
    g = algebra.graph
    none = g.either(argument.none for argument in arguments)
    has = g.both(some(g, argument) for argument in arguments)
    below, above = g.minus_infinity, g.infinity
    match name:
        case "days_between":
            start, end = arguments
            between = algebra.arithmetic("-", end, start)
            low, high = between.low, between.high
        case "year":
            low, high = _ends(algebra, "year", (arguments[0],))
        case "add_days":
            moved = algebra.arithmetic("+", *arguments)
            low = g.apply("number", "in calendar", moved.low, below)
            high = low if moved.low is moved.high else g.apply("number", "in calendar", moved.high, above)
        case _:
            low, high = _ends(algebra, "add months", arguments)
    return Number(g.where(has, low, g.infinity), g.where(has, high, g.minus_infinity), none, places=0)


def _ends(algebra: Algebra, operation: str, arguments: Sequence[Number]) -> tuple[Node, Node]:
    g = algebra.graph
    low = g.apply("number", operation, *(a.low for a in arguments), g.minus_infinity)
    if all(a.low is a.high for a in arguments):
        known = g.apply("truth", "<", g.minus_infinity, low)
        return low, g.where(known, low, g.infinity)
    return low, g.apply("number", operation, *(a.high for a in arguments), g.infinity)
