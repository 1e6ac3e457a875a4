"""The synthetic rules by hand in NumPy: with sets, and, as formulas, for known facts only."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl

from benchmarks.programs import COLOURS
from benchmarks.register_data import COMPRESSION, GRADES, LEVEL, ROW_GROUP, Program
from benchmarks.register_polars import FAULTS
from benchmarks.synthetic_rules import COUNTS, FLAGS

Array = np.ndarray[Any, Any]
#: A boolean as two: may it be true, may it be false?
Truth = tuple[Array, Array]
Get = Callable[[str], Any]
#: The formula of every value, over what is known.
Formulas = dict[str, Callable[[Get], Any]]


# ---- sets ------------------------------------------------------------------------------------------------------------


def both(*truths: Truth) -> Truth:
    true, false = truths[0]
    for other_true, other_false in truths[1:]:
        true, false = true & other_true, false | other_false
    return true, false


def either(*truths: Truth) -> Truth:
    return no(both(*(no(each) for each in truths)))


def no(truth: Truth) -> Truth:
    return truth[1], truth[0]


def chosen(test: Truth, then: Truth, otherwise: Truth) -> Truth:
    true, false = test
    return true & then[0] | false & otherwise[0], true & then[1] | false & otherwise[1]


def sets(facts: pl.DataFrame) -> dict[str, Array]:
    """The columns of `SETS`; levels by their place."""
    b: dict[str, Truth] = {}
    for name in FLAGS:
        b[name] = facts[name].fill_null(True).to_numpy(), ~facts[name].fill_null(False).to_numpy()
    low = {name: facts[name].fill_null(0).to_numpy() for name in COUNTS}
    high = {name: facts[name].fill_null(100).to_numpy() for name in COUNTS}

    def above(name: str, bound: int) -> Truth:
        return high[name] > bound, low[name] <= bound

    h: list[Truth] = []
    h.append(both(b["b0"], no(b["b1"])))
    for i in range(1, 20):
        flag, other, count = b[f"b{i % 10}"], b[f"b{(i + 3) % 10}"], f"n{i % 8}"
        bound = 5 * i % 50 + 20
        if i % 4 == 0:
            h.append(both(h[-1], no(flag)))
        elif i % 4 == 1:
            h.append(either(h[-1], above(count, bound)))
        elif i % 4 == 2:
            h.append(both(no(h[-1]), either(flag, other)))
        else:
            h.append(chosen(h[-1], above(count, bound - 1), other))
    found: dict[str, Array] = {}
    for i, (true, false) in enumerate(h):
        found[f"h{i}.proven"], found[f"h{i}.possible"], found[f"h{i}.undetermined"] = ~false, true, true & false
    ends = _numbers(low, high, h)
    for i, (least, most) in enumerate(ends):
        found[f"t{i}.at_least"], found[f"t{i}.at_most"], found[f"t{i}.undetermined"] = least, most, least != most
    some: dict[str, list[Array]] = {"red": [], "orange": [], "yellow": []}
    surely: dict[str, list[Array]] = {"red": [], "orange": [], "yellow": []}
    for name, fault in FAULTS.items():
        (least, most), (true, false) = ends[int(name[1:])], h[int(fault[1:])]
        red, surely_red = (most >= 200) & true, (least >= 200) & ~false
        yellow, surely_yellow = (most >= 40) & (least <= 119) & false, (least >= 40) & (most <= 119) & ~true
        orange, blue = (most >= 120) & ~surely_red, (least < 120) & ~surely_yellow
        for word, may, must in (
            ("red", red, surely_red), ("orange", orange, (least >= 120) & ~red), ("yellow", yellow, surely_yellow),
        ):  # fmt: skip
            some[word].append(may)
            surely[word].append(must)
        found[f"{name}.proven"] = _place((blue, 0), (yellow, 1), (orange, 2), otherwise=3)
        found[f"{name}.possible"] = _place((red, 3), (orange, 2), (yellow, 1), otherwise=0)
    for part, marks in (("proven", surely), ("possible", some)):
        any_of = [(np.logical_or.reduce(marks[word]), COLOURS.index(word)) for word in ("red", "orange", "yellow")]
        found[f"overall.{part}"] = _place(*any_of, otherwise=0)
    for name in GRADES:
        found[f"{name}.undetermined"] = found[f"{name}.proven"] != found[f"{name}.possible"]
    return found


def _numbers(low: dict[str, Array], high: dict[str, Array], h: list[Truth]) -> list[tuple[Array, Array]]:
    ends: list[tuple[Array, Array]] = []
    for i in range(0, 15, 3):
        n, m = f"n{i % 8}", f"n{(i + 1) % 8}"
        least, most = low[n] * (i % 4 + 1) + low[m], high[n] * (i % 4 + 1) + high[m]
        true, false = h[i + 1]
        less, more = (least - high[m], most - low[m]), (least + (i + 1), most + (i + 1))
        second = (
            np.where(~false, less[0], np.where(~true, more[0], np.minimum(less[0], more[0]))),
            np.where(~false, less[1], np.where(~true, more[1], np.maximum(less[1], more[1]))),
        )
        true, false = h[i + 2]
        third = np.where(true, 10, 20) + second[0] + least, np.where(false, 20, 10) + second[1] + most
        ends += [(least, most), second, third]
    return ends


def _place(*cases: tuple[Array, int], otherwise: int) -> Array:
    """The place of the first case that holds."""
    found = np.full(len(cases[0][0]), otherwise, dtype=np.uint8)
    for holds, place in cases[::-1]:
        found[holds] = place
    return found


def program() -> Program:
    """Row group after row group, so that arrays stay small."""

    def answer(source: Path, target: Path) -> None:
        pq: Any = import_module("pyarrow.parquet")
        writer = None
        for batch in pq.ParquetFile(source).iter_batches(batch_size=ROW_GROUP):
            table = _arrow(sets(pl.DataFrame(batch)))
            writer = writer or pq.ParquetWriter(target, table.schema, compression=COMPRESSION, compression_level=LEVEL)
            writer.write_table(table, row_group_size=ROW_GROUP)
        if writer is not None:
            writer.close()

    return answer


def _arrow(columns: dict[str, Array]) -> Any:
    pa: Any = import_module("pyarrow")

    def column(values: Array) -> Any:
        if values.dtype != np.uint8:
            return pa.array(values)
        return pa.DictionaryArray.from_arrays(pa.array(values.view(np.int8)), pa.array(list(COLOURS)))

    return pa.table({name: column(values) for name, values in columns.items()})


# ---- known facts -----------------------------------------------------------------------------------------------------


def formulas() -> Formulas:
    """The formula of every value; levels are their places."""
    found: Formulas = {"h0": lambda get: get("b0") & ~get("b1")}
    for i in range(1, 20):
        found[f"h{i}"] = _boolean(i, f"h{i - 1}", f"b{i % 10}", f"b{(i + 3) % 10}", f"n{i % 8}", 5 * i % 50 + 20)
    for i in range(15):
        found[f"t{i}"] = _number(i)
    for name, fault in FAULTS.items():
        found[name] = _level(f"t{name[1:]}", fault)
    found["overall"] = lambda get: np.maximum.reduce([get(name) for name in FAULTS])
    return found


def _boolean(i: int, before: str, flag: str, other: str, count: str, bound: int) -> Callable[[Get], Any]:
    forms: tuple[Callable[[Get], Any], ...] = (
        lambda get: get(before) & ~get(flag),
        lambda get: get(before) | (get(count) > bound),
        lambda get: ~get(before) & (get(flag) | get(other)),
        lambda get: np.where(get(before), get(count) >= bound, get(other)),
    )
    return forms[i % 4]


def _number(i: int) -> Callable[[Get], Any]:
    n, m, h, one, two = f"n{i % 8}", f"n{(i + 1) % 8}", f"h{i}", f"t{i - 1}", f"t{i - 2}"
    forms: tuple[Callable[[Get], Any], ...] = (
        lambda get: get(n) * (i % 4 + 1) + get(m),
        lambda get: np.where(get(h), get(one) - get(n), get(one) + i),
        lambda get: np.where(get(h), 10, 20) + get(one) + get(two),
    )
    return forms[i % 3]


def _level(number: str, fault: str) -> Callable[[Get], Any]:
    def level(get: Get) -> Any:
        value, wrong = get(number), get(fault)
        return np.select([(value >= 200) & wrong, value >= 120, (value >= 40) & ~wrong], [3, 2, 1], 0)

    return level
