"""Programs and facts that are larger than law is, threads, and memory."""

from __future__ import annotations

import gc
import threading
import tracemalloc
from datetime import date
from typing import Any

from test_edges import program, said, table, value

DAY = date(2024, 1, 1)


def rules(*content: dict[str, Any]) -> Any:
    return program({"ruleset": "r", "rules": list(content)})


def test_a_chain_of_two_hundred() -> None:
    chain = [{"id": "v0", "value": "number", "is": "n"}]
    chain += [{"id": f"v{i}", "value": "number", "is": f"v{i - 1} + 1"} for i in range(1, 200)]
    loaded = rules(*chain, {"id": "x", "value": "number", "is": "v199"})
    assert said(loaded, {"n": 1}).low == 200
    assert said(loaded, {"n": {"between": [1, 2]}}).high == 201


def test_a_table_of_a_thousand_rows() -> None:
    rows = [{"when": f"n == {i}", "then": i} for i in range(1000)]
    loaded = table("integer", hit="first", rows=rows)
    assert said(loaded, {"n": 999}).low == 999
    assert said(loaded, {"n": {"between": [10, 12]}}).nothing


def test_three_hundred_conditions() -> None:
    for operator, expected in ((" && ", False), (" || ", True)):
        loaded = value("boolean", operator.join(f"n != {i}" for i in range(300)))
        assert said(loaded, {"n": 7}).outcomes == {expected}
        assert said(loaded, {}).outcomes == {True, False}


def test_exceptions_sixty_deep() -> None:
    found = [{"id": "x", "value": "number", "is": "-1"}, {"id": "e0", "except": "x", "when": "n > 0", "then": 0}]
    found += [{"id": f"e{i}", "except": f"e{i - 1}", "when": f"n > {i}", "then": i} for i in range(1, 60)]
    loaded = rules(*found)
    assert said(loaded, {"n": 41}).low == 40
    assert said(loaded, {"n": {"between": [41, 43]}}).high == 42


def test_ten_thousand_parts() -> None:
    loaded = value("number", "sum(items.map(e, e.w))")
    items: list[Any] = [{"w": 0.1, "b": True}] * 10_000
    assert said(loaded, {"items": items}).low == 1000
    assert said(loaded, {"items": [*items, {"w": {"at_least": 1}}]}).low == 1001


def test_blocks_deeper_than_python_allows() -> None:
    """Twenty loops inside one another are the most; beyond that the interpreter answers."""
    nested = "n > 0"
    for level in range(25):
        nested = f"items.exists(v{level}, {nested})"
    loaded = value("boolean", nested)
    assert said(loaded, {"n": 1, "items": [{}]}).outcomes == {True}
    assert said(loaded, {"n": 1, "items": []}).outcomes == {False}


def test_eight_threads_on_a_cold_program() -> None:
    for _ in range(5):
        loaded = value("boolean", "items.exists(e, e.w > n) && n > 1")
        found: list[Any] = []
        start = threading.Barrier(8)

        def ask(number: int, loaded: Any = loaded, found: list[Any] = found, start: threading.Barrier = start) -> None:
            start.wait()
            for each in range(20):
                facts = {"n": 2, "items": [{"w": number + each}]}
                scalar = loaded.assess(facts, as_of=DAY).scalars["enterprise", "x"]
                found.append(scalar.outcomes == {number + each > 2})

        threads = [threading.Thread(target=ask, args=(number,)) for number in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert found == [True] * 160


def test_memory_does_not_grow() -> None:
    """Five thousand assessments more leave nothing more behind."""
    loaded = value("boolean", 'items.exists(e, e.w > n) && name != "x"')

    def ask(count: int) -> None:
        for number in range(count):
            facts = {"n": number, "name": f"n{number}", "items": [{"w": number}], **({"a": None} if number % 7 else {})}
            loaded.assess(facts, as_of=DAY).scalars  # noqa: B018

    ask(2000)
    gc.collect()
    tracemalloc.start()
    ask(2000)
    gc.collect()
    before = tracemalloc.get_traced_memory()[0]
    ask(5000)
    gc.collect()
    after = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    assert after - before < 100_000
