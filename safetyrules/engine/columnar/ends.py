"""The ends of intervals, and how far the floats of them may be off: what is computed without ever asking on which side
of a line they lie."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce

from safetyrules.engine.columnar.forms import EPSILON, Number
from safetyrules.engine.columnar.nodes import Graph, Node

#: An end of an interval, and how far it may be off.
End = tuple[Node, Node | None]


def beyond(graph: Graph, ends: Sequence[Node]) -> tuple[Node, Node]:
    """What stands for no number where the least and the greatest are sought: nothing lies further, and it stays small
    where all are."""
    if not graph.all_small(ends):
        return graph.infinity, graph.minus_infinity
    furthest = float(max(graph.small[end.number] for end in ends))
    return graph.constant(furthest), graph.constant(-furthest)


# ---- errors ---------------------------------------------------------------------------------------------------------


def low_error(graph: Graph, one: Number) -> Node:
    return _error(graph, one, one.low, one.low_error)


def high_error(graph: Graph, one: Number) -> Node:
    return _error(graph, one, one.high, one.high_error)


def _error(graph: Graph, one: Number, end: Node, error: Node | None) -> Node:
    if error is not None:
        return error
    # What has few binary places is the float itself.
    return rounding(graph, end) if one.places is None else graph.zero


def rounding(graph: Graph, end: Node) -> Node:
    """How far a float may be from the decimal that it stands for."""
    if end.constant:
        value = float(end.detail)  # type: ignore[arg-type]
        whole = value in (float("inf"), float("-inf")) or value.is_integer()
        return graph.zero if whole else graph.constant(abs(value) * EPSILON)
    return graph.apply("number", "rounding", end)


def step(graph: Graph, result: Node) -> Node:
    """What one operation may add to the error of its result."""
    if result.constant:
        return graph.constant(abs(float(result.detail)) * EPSILON)  # type: ignore[arg-type]
    return graph.apply("number", "step", result)


def finite(graph: Graph, one: Node) -> Node:
    return one if one.constant else graph.apply("number", "finite", one)


# ---- arithmetic -----------------------------------------------------------------------------------------------------


def plus(graph: Graph, one: Node, two: Node) -> Node:
    if one is graph.zero or two is graph.zero:
        return two if one is graph.zero else one
    for infinite in (graph.infinity, graph.minus_infinity):
        if one is infinite or two is infinite:
            return infinite
    return graph.apply("number", "+", *sorted((one, two), key=lambda n: n.number))


def negated(graph: Graph, one: Node) -> Node:
    if one.constant:
        return graph.constant(-float(one.detail))  # type: ignore[arg-type]
    return graph.apply("number", "negative", one)


def absolute(graph: Graph, one: Node) -> Node:
    if one.constant:
        return graph.constant(abs(float(one.detail)))  # type: ignore[arg-type]
    return graph.apply("number", "absolute", one)


def times(graph: Graph, one: Node, two: Node) -> Node:
    """Nothing times infinity is nothing."""
    if one is graph.zero or two is graph.zero:
        return graph.zero
    return graph.apply("number", "*", *sorted((one, two), key=lambda n: n.number))


def sum_end(graph: Graph, one: Node, one_error: Node, two: Node, two_error: Node) -> tuple[Node, Node]:
    result = plus(graph, one, two)
    return result, plus(graph, plus(graph, one_error, two_error), step(graph, result))


def two_ends(graph: Graph, one: Number) -> list[tuple[Node, Node]]:
    """Each with its error; once where they are one."""
    low, high = (one.low, low_error(graph, one)), (one.high, high_error(graph, one))
    return [low] if one.low is one.high else [low, high]


def spread(graph: Graph, results: Sequence[tuple[Node, Node]]) -> tuple[Node, Node, Node, Node]:
    """The least and the greatest of results, each with the largest error of all."""
    error = graph.most(*(error for _, error in results))
    return graph.least(*(r for r, _ in results)), error, graph.most(*(r for r, _ in results)), error


def products(graph: Graph, one: Number, two: Number) -> tuple[Node, Node, Node, Node]:
    pairs = [(a, b) for a in two_ends(graph, one) for b in two_ends(graph, two)]
    return spread(graph, [(times(graph, a, b), _product_error(graph, a, x, b, y)) for (a, x), (b, y) in pairs])


def _product_error(graph: Graph, a: Node, a_error: Node, b: Node, b_error: Node) -> Node:
    parts = [
        times(graph, absolute(graph, a), b_error),
        times(graph, absolute(graph, b), a_error),
        times(graph, a_error, b_error),
        _product_step(graph, a, b),
    ]
    # What is infinite is so exactly.
    return finite(graph, reduce(lambda x, y: plus(graph, x, y), parts, graph.zero))


def _product_step(graph: Graph, a: Node, b: Node) -> Node:
    """What rounding adds: a product of two that are not zero may be too small for a float to hold."""
    product = times(graph, a, b)
    if product.constant or any(each.constant and abs(float(each.detail)) >= 1 for each in (a, b)):  # type: ignore[arg-type]
        return step(graph, product)
    return graph.apply("number", "product step", product, a, b)


def exact_products(graph: Graph, one: Number, two: Number) -> tuple[Node, Node]:
    """Of numbers of which floats hold every product."""
    if one.low.constant and one.low is one.high:
        one, two = two, one
    if not (two.low.constant and two.low is two.high):
        found = [times(graph, a, b) for a, _ in two_ends(graph, one) for b, _ in two_ends(graph, two)]
        return graph.least(*found), graph.most(*found)
    low = times(graph, one.low, two.low)
    high = low if one.low is one.high else times(graph, one.high, two.low)
    return (high, low) if float(two.low.detail) < 0 else (low, high)  # type: ignore[arg-type]
