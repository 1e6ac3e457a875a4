"""Columns of cells say what the reader of single facts says."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from register_rows import credit_code

from safetyrules.engine.columnar.cells import decimal_of, float_of
from safetyrules.facts.codes import CODE_READERS, CREDIT_CHARACTERS
from safetyrules.facts.refusal import Refused
from safetyrules.facts.scalars import read_scalar
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, Fact, NumberType, ScalarType, TextType
from safetyrules.register.column import BoundColumn, bound_column
from safetyrules.register.labels import Match, Role, Target
from safetyrules.register.reading import least_float_from, read_cells
from safetyrules.text import Text
from safetyrules.units import parse_unit
from safetyrules.values import NOTHING, Finite, Interval

SYSTEM = ChoiceType("system", ("dry", "wet", "none"), (Text("干式", "Dry"), Text("湿式", "Wet"), Text("无", "None")))
TONNES = NumberType(parse_unit("t"), False, Fraction(0), Fraction(100))
WHOLE = NumberType(None, True, Fraction(0), None)


def column(of: ScalarType, dtype: Any = None, maybe: bool = False, unit: str | None = None) -> BoundColumn:
    match = Match(Target(Fact("x", of, Text("甲", "X"), None, maybe), Role.VALUE), parse_unit(unit) if unit else None)
    found = bound_column("enterprise", "c", dtype or pl.String(), match, None, pytest.fail)
    assert found is not None
    return found


def said(bound: BoundColumn, cells: list[Any], dtype: Any = None) -> list[Any]:
    """Each cell: its value, ``NOTHING``, or "bad"."""
    read = read_cells(bound, pl.Series("c", cells, dtype=dtype or pl.String))
    found: list[Any] = []
    for row in range(len(cells)):
        value = read.exact.get(row, read.values[row])
        found.append("bad" if read.bad[row] else NOTHING if read.none[row] else value)
    return found


def by_fact(of: ScalarType, raw: Any) -> Any:
    """What the reader of facts says."""
    try:
        given = read_scalar(of, False, raw)
    except Refused:
        return "bad"
    assert given is not None
    value = given.value
    if isinstance(value, Interval):
        return date.fromordinal(int(value.low or 0)) if isinstance(of, DateType) else value.low
    assert isinstance(value, Finite)
    return next(iter(value.outcomes))


numbers = st.one_of(
    st.decimals(allow_nan=False, allow_infinity=False, places=3),
    st.floats(allow_nan=False, allow_infinity=False).map(lambda f: Decimal(repr(f))),
    st.integers(-(10**20), 10**20).map(Decimal),
    st.from_regex(r"[0-9]{1,20}\.[0-9]{1,20}", fullmatch=True).map(Decimal),
    st.integers(0, 200).map(lambda n: Decimal(n) / 2),
)


@given(st.lists(numbers, min_size=1), st.sampled_from([TONNES, WHOLE, NumberType()]))
@example([Decimal("0.30000000000000004"), Decimal("9007199254740993"), Decimal("1E-7"), Decimal("-0")], NumberType())
def test_numbers_written_out(values: list[Decimal], of: NumberType) -> None:
    found = said(column(of), [str(value) for value in values])
    expected = [by_fact(of, value) for value in values]
    assert [Fraction(repr(f)) if isinstance(f, float) else f for f in found] == expected


@given(st.lists(st.floats() | st.integers(0, 1000).map(float), min_size=1), st.sampled_from([TONNES, WHOLE]))
def test_numbers_of_a_column_of_floats(values: list[float], of: NumberType) -> None:
    found = said(column(of, pl.Float64()), values, pl.Float64)
    assert [decimal_of(f) if isinstance(f, float) else f for f in found] == [by_fact(of, value) for value in values]


@given(st.lists(st.floats(-1, 101) | st.integers(-1, 101).map(float), min_size=1), st.sampled_from([TONNES, WHOLE]))
@example([-0.0, 1.0], TONNES)
@example([0.0, 100.0], TONNES)
def test_numbers_near_their_range(values: list[float], of: NumberType) -> None:
    """Columns that lie within it are read as a whole."""
    found = said(column(of, pl.Float64()), values, pl.Float64)
    assert [decimal_of(f) if isinstance(f, float) else f for f in found] == [by_fact(of, value) for value in values]


@given(st.lists(st.integers(-(2**63), 2**63 - 1) | st.integers(-3, 100), min_size=1))
def test_numbers_of_a_column_of_integers(values: list[int]) -> None:
    found = said(column(WHOLE, pl.Int64()), values, pl.Int64)
    assert [int(f) if isinstance(f, float) else f for f in found] == [by_fact(WHOLE, value) for value in values]


@given(st.lists(numbers, min_size=1), st.sampled_from(["kg", "mg", "t", "g"]))
def test_units_are_converted_exactly(values: list[Decimal], unit: str) -> None:
    found = said(column(TONNES, unit=unit), [str(value) for value in values])
    expected = [by_fact(TONNES, {"value": value, "unit": unit}) for value in values]
    assert [decimal_of(f) if isinstance(f, float) else f for f in found] == expected


@given(st.lists(st.integers(0, 10_000), min_size=1))
def test_units_that_are_no_power_of_ten(values: list[int]) -> None:
    hours = NumberType(parse_unit("h"))
    found = said(column(hours, pl.Int64(), unit="min"), values, pl.Int64)
    assert [decimal_of(f) if isinstance(f, float) else f for f in found] == [Fraction(v, 60) for v in values]


@given(st.fractions())
def test_a_float_stands_for_a_decimal_only_where_it_prints_it(number: Fraction) -> None:
    held = float_of(number)
    assert held is None or Fraction(repr(held)) == number


@given(st.decimals(-(10**6), 10**6, places=18).map(Fraction))
def test_the_least_float_from_a_bound(bound: Fraction) -> None:
    from math import inf, nextafter

    least = least_float_from(bound)
    assert decimal_of(least) >= bound > decimal_of(nextafter(least, -inf))


codes = st.one_of(
    st.integers(0, 10**9 - 1).map(credit_code),
    st.integers(0, 10**9 - 1).map(lambda n: credit_code(n).lower()),
    st.text(CREDIT_CHARACTERS, min_size=18, max_size=18),
    st.tuples(st.integers(0, 10**9 - 1), st.sampled_from(CREDIT_CHARACTERS)).map(
        lambda p: credit_code(p[0])[:-1] + p[1]
    ),
    st.integers(0, 9999).map(lambda n: credit_code(n)[:-1] + "I"),
    st.integers(0, 9999).map(lambda n: f" {credit_code(n)}"),
    st.text(max_size=20).filter(lambda s: s.strip() != ""),
    st.sampled_from(
        ["２６６２", "C2662", "A2662", "c26", "0111", "9801", "210100", "210102001000", "990000", "沈阳市"]
    ),
    st.from_regex(r"[0-9]{6}([0-9]{3}){0,2}", fullmatch=True),
    st.from_regex(r"[A-T]?[0-9]{2,4}", fullmatch=True),
)


@given(st.lists(codes, min_size=1), st.sampled_from(list(CODE_READERS)))
@example(["ſ1350211000000001", "91350211000000001\n"], "credit_code")
def test_codes(values: list[str], code: Any) -> None:
    of = TextType(code)
    assert said(column(of), values) == [by_fact(of, value) for value in values]


@given(st.lists(st.dates() | st.sampled_from(["2024-02-30", "0000-01-01", "2024-1-1", "x"]), min_size=1))
def test_dates(values: list[Any]) -> None:
    texts = [str(value) for value in values]
    assert said(column(DateType()), texts) == [by_fact(DateType(), text) for text in texts]


def test_moments_are_days_only_at_midnight() -> None:
    cells = [datetime(2024, 1, 31), datetime(2024, 1, 31, 9), None]
    assert said(column(DateType(), pl.Datetime()), cells, pl.Datetime) == [date(2024, 1, 31), "bad", None]
    assert said(column(DateType(), pl.Datetime()), cells[:1], pl.Datetime) == [date(2024, 1, 31)]


@pytest.mark.parametrize(
    ("of", "cell", "expected"),
    [
        (BooleanType(), "是", True),
        (BooleanType(), " 有 ", True),
        (BooleanType(), "Y", True),
        (BooleanType(), "假", False),
        (BooleanType(), "N", False),
        (BooleanType(), "未知", None),
        (BooleanType(), "", None),
        (BooleanType(), "也许", "bad"),
        (SYSTEM, "dry", "dry"),
        (SYSTEM, "湿式", "wet"),
        (SYSTEM, "WET", "wet"),
        (SYSTEM, "无", "none"),
        (SYSTEM, "不详", None),
        (SYSTEM, "干", "bad"),
        (TextType(), " 甲 ", " 甲 "),
        (TextType(), "  ", None),
        (WHOLE, "３", "bad"),
        (WHOLE, "1,000", "bad"),
        (WHOLE, "不详", None),
    ],
)  # fmt: skip
def test_words_of_registers(of: ScalarType, cell: str, expected: Any) -> None:
    assert said(column(of), [cell, None]) == [expected, None]


def test_not_applicable_only_where_the_fact_may_be() -> None:
    assert said(column(SYSTEM, maybe=True), ["不适用"]) == [NOTHING]
    assert said(column(SYSTEM), ["不适用"]) == ["bad"]
    assert said(column(TextType(), maybe=True), ["N/A", "乙"]) == [NOTHING, "乙"]
    assert said(column(TextType()), ["N/A"]) == ["N/A"]


def test_short_floats_keep_their_own_decimal() -> None:
    assert said(column(NumberType(), pl.Float32()), [0.1, 2.5], pl.Float32) == [0.1, 2.5]
    assert said(column(NumberType(), pl.Decimal(10, 2)), [Decimal("0.10")], pl.Decimal(10, 2)) == [0.1]
