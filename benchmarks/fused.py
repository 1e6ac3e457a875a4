"""An experiment: the graph of the 45 values as one compiled loop over rows, beside the Polars expressions of it.

    python -m benchmarks.fused [--rows 10000,100000,1000000]

The loop is Python source, a line for each node, compiled by numba (`pip install numba`). Booleans are bytes. It has the
operations that this program needs and no others; nothing in the library uses it.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from statistics import median
from time import perf_counter, process_time
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from benchmarks.register_data import facts_frame
from benchmarks.register_ours import answers, compiled, in_columns, synthetic_rules
from safetyrules.engine.columnar.forms import columns
from safetyrules.engine.columnar.nodes import Node
from safetyrules.engine.columnar.tabulate import Prepared, names

#: A line for each operation; {0}, {1}, … are its arguments, {fact} the column it reads.
LINES = {
    "given": "{fact}[i] if {fact}_ok[i] else {0}",
    "not given false": "{fact}[i] | (1 - {fact}_ok[i])",
    "not given true": "1 - ({fact}[i] & {fact}_ok[i])",
    "not": "1 - {0}",
    "<=": "1 if {0} <= {1} else 0",
    "<": "1 if {0} < {1} else 0",
    "==": "1 if {0} == {1} else 0",
    "+": "{0} + {1}",
    "*": "{0} * {1}",
    "negative": "-{0}",
    "least": "{0} if {0} < {1} else {1}",
    "most": "{0} if {0} > {1} else {1}",
    "where": "{1} if {0} else {2}",
}
JOINED = {"and": " & ", "or": " | "}


class Kernel(NamedTuple):
    """``source`` is a function of the number of rows, the facts with what of them is given, and a column to fill for
    each of ``outputs``."""

    source: str
    facts: list[str]
    outputs: dict[str, Node]


def kernel(prepared: Prepared) -> Kernel:
    """Raises KeyError where an operation has no line."""
    outputs = {
        name: node
        for (_, conclusion), form in prepared.lowered.conclusions.items()
        for name, node in zip(names(conclusion, form), columns(form), strict=False)
        if not node.constant
    }
    needed = sorted(_needed(outputs.values()), key=lambda node: node.number)
    facts = sorted({str(node.detail) for node in needed if "given" in node.operation})
    lines = [f"        v{node.number} = {_line(node)}" for node in needed if not node.constant]
    lines += [f"        o{number}[i] = v{node.number}" for number, node in enumerate(outputs.values())]
    given = [f"{fact}, {fact}_ok" for fact in facts]
    head = f"def kernel(rows, {', '.join(given)}, {', '.join(f'o{i}' for i in range(len(outputs)))}):"
    return Kernel("\n".join([head, "    for i in prange(rows):", *lines]), facts, outputs)


def _needed(wanted: Iterable[Node]) -> set[Node]:
    found: set[Node] = set()
    pending = list(wanted)
    while pending:
        node = pending.pop()
        if node not in found:
            found.add(node)
            pending.extend(node.arguments)
    return found


def _line(node: Node) -> str:
    written = [_number(each) if each.constant else f"v{each.number}" for each in node.arguments]
    if node.operation in JOINED:
        return JOINED[node.operation].join(written)
    return LINES[node.operation].format(*written, fact=node.detail)


def _number(node: Node) -> str:
    return str(int(node.detail)) if node.kind == "truth" else f"float('{node.detail}')"  # type: ignore[call-overload]


class Fused:
    """``seconds`` is what compiling took, on the first call."""

    def __init__(self, prepared: Prepared, parallel: bool) -> None:
        numba: Any = import_module("numba")
        self.kernel = kernel(prepared)
        scope: dict[str, Any] = {"prange": numba.prange}
        exec(self.kernel.source, scope)
        self._run = numba.njit(scope["kernel"], parallel=parallel, nogil=True)
        start = perf_counter()
        self.run(facts_frame(16, 0.1))
        self.seconds = perf_counter() - start

    def arrays(self, facts: pl.DataFrame) -> list[Any]:
        """Facts as bytes and floats, and bytes that say what is given."""
        found = []
        for fact in self.kernel.facts:
            column = facts[fact]
            blank = column.fill_null(False).cast(pl.UInt8) if column.dtype == pl.Boolean else column.fill_null(0)
            found.append((blank if column.dtype == pl.Boolean else blank.cast(pl.Float64)).to_numpy())
            found.append(column.is_not_null().cast(pl.UInt8).to_numpy())
        return found

    def filled(self, rows: int, arrays: list[Any]) -> dict[str, Any]:
        found = {
            name: np.empty(rows, dtype=np.uint8 if node.kind == "truth" else np.float64)
            for name, node in self.kernel.outputs.items()
        }
        self._run(rows, *arrays, *found.values())
        return found

    def run(self, facts: pl.DataFrame) -> pl.DataFrame:
        """The columns of conclusions, of the types that `tabulate` gives them."""
        found = pl.DataFrame(self.filled(facts.height, self.arrays(facts)))
        return found.with_columns(pl.col(pl.UInt8).cast(pl.Boolean))


def tabulated(prepared: Prepared, facts: pl.DataFrame) -> pl.DataFrame:
    return answers(prepared, in_columns(facts)).frames["enterprise"]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fused", description=__doc__)
    parser.add_argument(
        "--rows", default="10000,100000,1000000", type=lambda text: [int(each) for each in text.split(",")]
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--parallel", action="store_true", help="a loop for all processors too, a minute to compile")
    options = parser.parse_args(arguments)
    rules = synthetic_rules()
    ready = compiled(rules, facts_frame(1, 0.1).schema)
    kernels = {"one processor": Fused(ready.prepared, parallel=False)}
    if options.parallel:
        kernels["all processors"] = Fused(ready.prepared, parallel=True)
    print(f"lowering {ready.seconds * 1000:.0f} ms; {len(_source(kernels))} lines")
    for name, fused in kernels.items():
        print(f"compiling the loop for {name}: {fused.seconds:.1f} s")
    for rows in options.rows:
        facts = facts_frame(rows, 0.1)
        calls: dict[str, Callable[[], Any]] = {"Polars": partial(tabulated, ready.prepared, facts)}
        for name, fused in kernels.items():
            calls[f"loop, {name}"] = partial(fused.run, facts)
            calls[f"loop alone, {name}"] = partial(fused.filled, rows, fused.arrays(facts))
        expected = calls["Polars"]()
        for name, fused in kernels.items():
            found = fused.run(facts)
            if not found.equals(expected.select(found.columns)):
                raise AssertionError(f"the loop for {name} answers otherwise")
        _print(rows, calls, options.rounds)
    return 0


def _source(kernels: dict[str, Fused]) -> list[str]:
    return next(iter(kernels.values())).kernel.source.splitlines()


def _print(rows: int, calls: dict[str, Callable[[], Any]], rounds: int) -> None:
    wall: dict[str, list[float]] = {name: [] for name in calls}
    work: dict[str, list[float]] = {name: [] for name in calls}
    for _ in range(rounds):
        for name, call in calls.items():
            start, busy = perf_counter(), process_time()
            call()
            wall[name].append(perf_counter() - start)
            work[name].append(process_time() - busy)
    for name in calls:
        ratio = median(a / b for a, b in zip(wall[name], wall["Polars"], strict=True))
        print(
            f"| {rows:,} | {name} | {min(wall[name]) * 1000:,.1f} ms | {median(work[name]) * 1000:,.1f} ms "
            f"| {ratio:.2f} |"
        )


if __name__ == "__main__":
    sys.exit(main())
