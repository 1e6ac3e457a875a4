"""Numbers that columns hold exactly: whole ones of small range in 32 bits, halves and quarters as they are."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabulating import differing, tabulated
from test_columns import AS_OF, program, same

from safetyrules.engine.columnar import tabulate
from safetyrules.engine.columnar.tables import Tables

SMALL = {"type": "integer", "minimum": -100, "maximum": 1000}
POINTS = {"type": "choice", "of": {name: {"zh": name, "en": name} for name in ("rare", "half", "daily", "always")}}
SCORE = '(m == "rare" ? 0.25 : m == "half" ? 0.5 : m == "daily" ? 6 : 10)'


def value(name: str, formula: str, of: str = "integer") -> dict[str, Any]:
    return {"id": name, "value": of, "is": formula}


FORMULAS = ("a + b", "a - b", "a * 3 - b", "a * b", "a * b * 20000", "max(a, b)", "-a", "a > b ? a + 1 : b * 2")


@settings(max_examples=60)
@given(facts=st.lists(st.dictionaries(st.sampled_from("ab"), st.integers(-100, 1000)), min_size=1, max_size=4))
def test_small_numbers_are_the_same_as_in_the_reference(facts: list[dict[str, int]]) -> None:
    rules = [value(f"v{number}", formula) for number, formula in enumerate(FORMULAS)]
    rules += [value(f"t{number}", f"v{number} >= 40.5", "boolean") for number in range(len(FORMULAS))]
    loaded = program({"a": SMALL, "b": SMALL}, rules)
    same(loaded, facts)


def test_what_is_small_is_held_in_32_bits_and_what_may_be_larger_is_not() -> None:
    loaded = program({"a": SMALL, "b": SMALL}, [value(f"v{i}", each) for i, each in enumerate(FORMULAS)])
    found, _ = tabulated(loaded, [{"a": 1000, "b": 1000}, {}], as_of=AS_OF)
    types = dict(found.frames["enterprise"].schema)
    small = [name for name in ("v0", "v1", "v2", "v3", "v5", "v6", "v7") if types[f"{name}?low"] == pl.Int32]
    assert small == ["v0", "v1", "v2", "v3", "v5", "v6", "v7"]
    assert types["v4?high"] == pl.Float64
    assert found.outcomes(0)["enterprise", "v4"] != found.outcomes(1)["enterprise", "v4"]


@pytest.mark.parametrize("number", [1001, -1001, 3_000_000_000])
def test_a_number_beyond_its_declared_range_is_refused(number: int) -> None:
    loaded = program({"a": SMALL}, [value("v", "a * 2")])
    plan, request, _ = loaded.asked({}, as_of=AS_OF)
    tables = Tables("enterprise", {"enterprise": pl.DataFrame({"a": [1.0, float(number)]})})
    with pytest.raises(ValueError, match=r"enterprise\.a is beyond its declared range, which reaches to 1000"):
        tabulate.tabulate(plan, request.subject, request.as_of, tables)


def test_whole_numbers_of_any_type_are_read() -> None:
    loaded = program({"a": SMALL, "b": {"type": "integer"}}, [value("v", "a * 2"), value("w", "b + 1")])
    plan, request, _ = loaded.asked({}, as_of=AS_OF)
    for type_ in (pl.Int8, pl.Int64, pl.Float64):
        frame = pl.DataFrame({"a": [7, None], "b": [7, None]}, schema={"a": type_, "b": type_})
        found = tabulate.tabulate(plan, request.subject, request.as_of, Tables("enterprise", {"enterprise": frame}))
        for row, facts in enumerate(({"a": 7, "b": 7}, {})):
            said = loaded.assess(facts, as_of=AS_OF, engine="reference").scalars
            assert differing(said, found.outcomes(row)) == {}


def test_products_of_halves_on_a_border_are_settled() -> None:
    rules = [
        value("score", f"{SCORE} * n", "number"),
        *(value(f"t{border}", f"score >= {border}", "boolean") for border in (5, 20, 60)),
        value("exactly", "score == 2.5", "boolean"),
    ]
    facts = [{"m": m, "n": n} for m in ("rare", "half", "daily", "always") for n in (1, 5, 10, 80, 100)]
    same(program({"m": POINTS, "n": SMALL}, rules), [*facts, {"n": 10}, {"m": "half"}, {}], left=set())


def test_too_many_digits_are_left_to_exact_arithmetic() -> None:
    rules = [value("x", f"{SCORE} * n * n * n * n * n", "number"), value("t", "x >= 2.5", "boolean")]
    facts = [{"m": "rare", "n": 1000}, {"m": "rare", "n": 2}, {"m": "always", "n": 1}]
    found, apart = tabulated(program({"m": POINTS, "n": SMALL}, rules), facts, as_of=AS_OF)
    assert 0 in apart
    assert not {1, 2} & apart
    assert len(found.frames["enterprise"]) == 3
