"""Comparisons that need not compute what they compare say the same as if they did."""

from __future__ import annotations

from datetime import date

import polars as pl
from hypothesis import example, given
from hypothesis import strategies as st

from safetyrules.engine.algebra import LAST_DAY, add_months
from safetyrules.engine.columnar import tabulate
from safetyrules.engine.columnar.comparisons import at_most
from safetyrules.engine.columnar.few_rows import FewRows
from safetyrules.engine.columnar.nodes import Graph, Node
from safetyrules.engine.columnar.running import Run, column, schedule

TODAY = date(2026, 11, 1).toordinal()
days = st.integers(1, LAST_DAY) | st.sampled_from([1, 31, LAST_DAY - 30, LAST_DAY, TODAY])
limits = st.integers(-400, LAST_DAY + 400) | days.map(lambda day: day + 0.5)


def answered(graph: Graph, asked: Node, frame: pl.DataFrame) -> list[bool]:
    if asked.constant:
        return [bool(asked.detail)] * frame.height
    run = (FewRows if tabulate.FEW_ROWS > 0 else Run)(graph, {"entity": frame})
    run.compute(schedule([asked], graph))
    return run.frames["entity"][column(asked)].to_list()


@given(
    dates=st.lists(days, min_size=1, max_size=8),
    months=st.integers(-120_000, 120_000) | st.integers(-30, 30),
    limit=limits,
    bounded_above=st.booleans(),
    from_limit=st.booleans(),
)
@example(dates=[1, 30, 31, 59, LAST_DAY], months=-1, limit=0, bounded_above=True, from_limit=False)
@example(dates=[LAST_DAY - 31, LAST_DAY - 30], months=1, limit=LAST_DAY, bounded_above=False, from_limit=True)
def test_a_moved_date_is_compared_as_if_it_were_moved(
    dates: list[int], months: int, limit: float, bounded_above: bool, from_limit: bool
) -> None:
    graph = Graph()
    day = graph.node("entity", "number", "given", (graph.minus_infinity,), "day")
    outside = graph.infinity if bounded_above else graph.minus_infinity
    moved = graph.apply("number", "add months", day, graph.constant(float(months)), outside)
    line = graph.constant(float(limit))
    asked = at_most(graph, line, moved) if from_limit else at_most(graph, moved, line)
    assert "add months" not in {node.operation for node in schedule([asked], graph).needed}

    def expected(each: int) -> bool:
        found = add_months(each, months)  # type: ignore[arg-type]
        end = float(outside.detail) if found is None else float(found)  # type: ignore[arg-type]
        return limit <= end if from_limit else end <= limit

    frame = pl.DataFrame({"day": pl.Series(dates, dtype=pl.Float64)})
    assert answered(graph, asked, frame) == [expected(each) for each in dates]


@given(
    rows=st.lists(st.tuples(st.booleans(), st.booleans(), st.booleans()), min_size=1, max_size=8),
    limit=st.sampled_from([-1.0, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0]),
    from_limit=st.booleans(),
)
def test_a_count_is_compared_as_if_it_were_counted(
    rows: list[tuple[bool, bool, bool]], limit: float, from_limit: bool
) -> None:
    graph = Graph()
    truths = [graph.node("entity", "truth", "given true", (), name) for name in "abc"]
    count = graph.apply("number", "count", *truths)
    line = graph.constant(limit)
    asked = at_most(graph, line, count) if from_limit else at_most(graph, count, line)
    expected = [limit <= sum(row) if from_limit else sum(row) <= limit for row in rows]
    frame = pl.DataFrame(rows, schema=["a", "b", "c"], orient="row")
    assert answered(graph, asked, frame) == expected


def test_more_truths_than_a_byte_holds_are_counted() -> None:
    graph = Graph()
    names = [f"t{number}" for number in range(300)]
    truths = [graph.node("entity", "truth", "given true", (), name) for name in names]
    many = at_most(graph, graph.constant(300.0), graph.apply("number", "count", *truths))
    frame = pl.DataFrame({name: [True, number != 7] for number, name in enumerate(names)})
    assert answered(graph, many, frame) == [True, False]
