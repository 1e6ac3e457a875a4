"""What generated code does for speed: long tables are halved, mappings taken as they stand, decimals read in place,
exceptions nested; and calls that come again are remembered."""

from __future__ import annotations

import random
import re
from datetime import UTC, date, datetime, timedelta, timezone
from fractions import Fraction
from typing import Any

import pytest
from conformance_suite import written
from test_edges import FACTS, program, said, table, value

from safetyrules import FactsError, RequestError, load_program
from safetyrules.program import Program

ROWS = 40
COLOURS = ("blue", "yellow", "red")


def halved(loaded: Program, test: str) -> bool:
    """Does the code test as is only done to leave rows out?"""
    return re.search(test, loaded.compiled(loaded.plan(date(2024, 1, 1)), "enterprise").source) is not None


def first(rows: list[dict[str, Any]]) -> Program:
    table = {"hit": "first", "rows": rows, "otherwise": -1}
    return program({"ruleset": "r", "rules": [{"id": "x", "on": "enterprise", "value": "integer", "table": table}]})


@pytest.mark.parametrize("hit", ["first", "collect max", "unique"])
def test_a_long_table_of_bands(hit: str) -> None:
    step, width = (4, 3) if hit == "unique" else (7, 5)
    rows = [{"if": [f"{step * i % 120}..{step * i % 120 + width}"], "then": i} for i in range(ROWS)]
    if hit == "unique":
        rows = rows[:30]
    loaded = table("integer", hit=hit, inputs=["i"], rows=rows, otherwise=-1)
    assert halved(loaded, r"if f_i_0 < \d+:") == (hit != "collect max")
    for number in range(-2, 170):
        said(loaded, {"i": number})
    said(loaded, {"i": {"between": [3, 9]}})
    said(loaded, {})


def test_a_long_table_of_open_ends_and_fractions() -> None:
    rows: list[dict[str, Any]] = [{"when": f"n > {i}.5 && n <= {i + 2}.25 && a", "then": i} for i in range(ROWS)]
    rows.insert(17, {"when": "n >= 4 && !a", "then": 100})
    rows.append({"when": "a", "then": 200})
    loaded = first(rows)
    assert halved(loaded, r"if f_n_0( \* \d+)? < \d+")
    for number in [0, 0.5, 0.51, 2.25, 2.26, 3.999, 4, 17.5, 17.75, 39.5, 40.5, 41.25, 42, 1e300, -3]:
        for flag in (True, False):
            said(loaded, {"n": number, "a": flag})
    said(loaded, {"n": 4})


def test_a_long_table_of_texts_and_of_levels() -> None:
    rows: list[dict[str, Any]] = [{"when": f'name == "t{i % 25}" && i > {i}', "then": i} for i in range(ROWS)]
    rows.insert(9, {"when": 'name in ["t3", "t24"] && i < 0', "then": 300})
    rows.insert(11, {"when": "i == 77", "then": 400})
    loaded = first(rows)
    assert halved(loaded, r"\.get\(f_name_0, -1\)")
    rng = random.Random(1)
    for _ in range(150):
        said(loaded, {"name": f"t{rng.randrange(27)}", "i": rng.choice([-2, 0, 5, 30, 39, 60, 77])})
    said(loaded, {"i": 77})
    levels = [{"when": f'decision >= "{COLOURS[i % 3]}" && i == {i}', "then": i} for i in range(ROWS)]
    loaded = first(levels)
    for number in range(-2, ROWS + 1, 3):
        for colour in COLOURS:
            said(loaded, {"i": number, "decision": colour})


def test_exceptions_of_exceptions_with_siblings() -> None:
    rules: list[dict[str, Any]] = [
        {"id": "x", "on": "enterprise", "value": "integer", "is": "-1"},
        {"id": "e0", "except": "x", "when": "n > 0", "then": 0},
        {"id": "e1", "except": "e0", "when": "n > 1", "then": 1},
        {"id": "f1", "except": "e0", "when": "a", "then": 7},
        {"id": "e2", "except": "e1", "when": "n > 2", "then": 2},
    ]
    loaded = program({"ruleset": "r", "rules": rules})
    for number in (0, 0.5, 1, 1.5, 2, 2.5, {"at_least": 1}, None):
        for flag in (True, False, None):
            said(loaded, {"n": number, "a": flag})


FULL: dict[str, Any] = {
    "a": True, "n": 1.5, "i": 3, "d": "2024-02-03", "name": "steel", "c": "red", "decision": "blue", "xs": [1, 2.5],
    "items": [{"w": 1, "b": True}, {"b": False, "w": 0.125}], "entries": {"items": [], "more": False},
}  # fmt: skip


def test_mappings_in_any_order_are_read_alike() -> None:
    loaded = value("number", 'a && name == "steel" ? n + i + sum(items.map(m, m.w)) + sum(xs) : 0')
    rng = random.Random(2)
    keys = list(FULL)
    expected = said(loaded, FULL)
    for _ in range(20):
        rng.shuffle(keys)
        assert said(loaded, {key: FULL[key] for key in keys}) == expected
    for key in keys:
        said(loaded, {other: each for other, each in FULL.items() if other != key})
        said(loaded, {**FULL, key: None})


def test_a_mapping_with_an_unknown_key_for_a_known_one_is_refused() -> None:
    loaded = value("number", "sum(items.map(m, m.w))")
    swapped = {("bb" if key == "a" else key): each for key, each in FULL.items()}
    for facts in (swapped, {**FULL, "items": [{"w": 1, "bb": True}]}, {**FULL, "bb": 1}):
        with pytest.raises(FactsError):
            loaded.assess(facts, as_of="2024-01-01")


@pytest.mark.parametrize(
    "number",
    [0.0, -0.0, 0.1, 0.0009, 123456.789, 999999999.999, 1e9, 1000000000.5, 1e15, 1e22, 0.1 + 0.2, 5e-324, -0.001, 2.0],
)
def test_a_float_is_the_decimal_that_it_prints(number: float) -> None:
    loaded = value("number", "n * 3 + sum(xs)")
    assert said(loaded, {**FULL, "n": number, "xs": [number, 1]}) is not None
    assert loaded.assess({**FULL, "n": number}, as_of="2024-01-01")["x"].value == 3 * exact(number) + exact(3.5)


def exact(number: float) -> Fraction:
    return Fraction(repr(number))


@pytest.mark.parametrize("number", [0.0, 0.999, -1.0, 3.001, 4.0, float("nan"), float("inf")])
def test_a_float_out_of_range_is_refused(number: float) -> None:
    bounded = {"enterprise": {"root": True, "facts": {"m": {"type": "number", "minimum": 1, "maximum": 3}}}}
    whole = written([{**FACTS, "kinds": bounded}, {"ruleset": "r", "values": {"number": {"x": "m"}}}], "bounded")
    loaded = load_program(whole.documents, open_file=lambda source, name: whole.files[name].encode())
    assert loaded.assess({"m": 1.0}, as_of="2024-01-01")["x"].value == 1
    with pytest.raises(FactsError):
        loaded.assess({"m": number}, as_of="2024-01-01")


def test_calls_that_come_again_are_told_apart() -> None:
    loaded = value("date", "as_of")
    late = datetime(2024, 1, 2, 1, tzinfo=timezone(timedelta(hours=8)))
    days: list[Any] = ["2024-01-01", date(2024, 1, 2), late, late.astimezone(UTC), datetime(2024, 1, 3), "2024-01-01"]
    found = [loaded.assess({}, as_of=day)["x"].value for day in (*days, *days)]
    assert [str(each) for each in found] == 2 * [
        "2024-01-01", "2024-01-02", "2024-01-02", "2024-01-02", "2024-01-03", "2024-01-01"
    ]  # fmt: skip
    for wrong in ("2024-13-01", "yesterday"):
        for _ in range(2):
            with pytest.raises(RequestError):
                loaded.assess({}, as_of=wrong)
    with pytest.raises(RequestError):
        loaded.assess({}, as_of="2024-01-01", treat_unknown_as=["worst"])  # type: ignore[arg-type]
