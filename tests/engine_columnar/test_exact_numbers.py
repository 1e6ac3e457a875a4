"""Numbers that columns hold exactly: whole ones of small range in 32 bits, halves and quarters as they are."""

from __future__ import annotations

import math
from collections.abc import Sequence
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from tabulating import differing, tabulated
from test_columns import AS_OF, NUMBER, program, same

from safetyrules.engine.columnar import tabulate
from safetyrules.engine.columnar.decimals import decimal_columns
from safetyrules.engine.columnar.facts import DECIMAL
from safetyrules.engine.columnar.multiples import MOST_STEPS, common, of_values
from safetyrules.engine.columnar.nodes import Graph
from safetyrules.engine.columnar.tables import Tables
from safetyrules.program import Program
from safetyrules.values import Finite

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


# ---- decimals -------------------------------------------------------------------------------------------------------

FINE = {"type": "number", "minimum": 0, "maximum": 1000}
KNOWN_IN_PART = {"a": FINE, "b": FINE, "c": FINE, "n": SMALL}
SCORES = ("a * b * c", "a * b + c", "a - b - c", "max(a * b, c * 0.1) * n", "(n > 2 ? a * 0.2 : b) * c", "b - a * 0.3")


def thousandths(lowest: int, highest: int) -> st.SearchStrategy[float]:
    return st.integers(lowest, highest).map(lambda number: number / 1000)


def is_of_thousandths(number: float | str) -> bool:
    return (Fraction(str(number)) * 1000).denominator == 1


def beside(number: float) -> st.SearchStrategy[float]:
    """A decimal, the floats next to it (decimals of seventeen digits), and the decimals next to it of three places."""
    near = (number, math.nextafter(number, -1), math.nextafter(number, 2000), number + 0.001, number - 0.001)
    return st.sampled_from([each if each in near[1:3] else round(each, 3) for each in near])


@st.composite
def on_a_border(draw: st.DrawFn) -> tuple[dict[str, Any], Fraction]:
    """Facts of three decimal places, or nearly, and what exactly one of the scores comes to."""
    facts: dict[str, Any] = {name: draw(thousandths(0, 20_000).flatmap(beside).map(abs)) for name in "abc"}
    facts["n"] = draw(st.integers(0, 4))
    score = draw(st.sampled_from(SCORES))
    exact = {name: Fraction(repr(value)) for name, value in facts.items()}
    values = {
        "a * b * c": lambda a, b, c, n: a * b * c,
        "a * b + c": lambda a, b, c, n: a * b + c,
        "a - b - c": lambda a, b, c, n: a - b - c,
        "max(a * b, c * 0.1) * n": lambda a, b, c, n: max(a * b, c / 10) * n,
        "(n > 2 ? a * 0.2 : b) * c": lambda a, b, c, n: (a / 5 if n > 2 else b) * c,
        "b - a * 0.3": lambda a, b, c, n: b - a * Fraction(3, 10),
    }
    off = draw(
        st.sampled_from([Fraction(0), Fraction(0), Fraction(1, 10**9), Fraction(-1, 10**9), Fraction(1, 10**12)])
    )
    return {**facts, "score": score}, values[score](**exact) + off


@settings(max_examples=150, deadline=None)
@given(asked=on_a_border(), ranges=st.booleans())
def test_decimals_on_a_border_and_beside_it_are_as_in_the_reference(
    asked: tuple[dict[str, Any], Fraction], ranges: bool
) -> None:
    facts, border = asked
    score = facts.pop("score")
    assume(Fraction(f"{float(border):.12f}") == border)  # as a rule may write it
    named = f"({float(border):.12f})"
    rules = [value("score", score, "number")]
    rules += [value(f"t{i}", f"score {each} {named}", "boolean") for i, each in enumerate(("<", "<=", "==", ">", "!="))]
    given_ = [facts, {**facts, "a": {"between": [facts["a"], 1000]}}, {**facts, "c": {"at_most": facts["c"]}}]
    same(program(KNOWN_IN_PART, rules), given_ if ranges else given_[:1])


def test_scores_of_decimals_on_a_border_are_settled() -> None:
    rules = [
        value("score", "a * b * c", "number"),
        *(value(f"t{border}", f"score >= {border}", "boolean") for border in (20, 70, 160)),
        value("sum", "a + b * 0.1 - c", "number"),
        value("above", "sum > 0.3", "boolean"),
    ]
    facts = [{"a": 0.7, "b": 10, "c": 10}, {"a": 0.1, "b": 2, "c": 100}, {"a": 1.6, "b": 4, "c": 25}]
    facts += [{"a": 0.1, "b": 2}, {"a": 0.5, "b": 1, "c": 0.3}, {"a": 0.7, "b": 10, "c": {"between": [10, 22.8]}}]
    same(program(KNOWN_IN_PART, rules), facts, left=set())


def test_sums_of_decimals_over_parts_are_settled() -> None:
    """Ten tenths are one (design 5.17)."""
    rules = [
        value("whole", "sum(rooms.map(r, r.a)) >= 1", "boolean"),
        value("most", "max(rooms.map(r, r.a * 3)) <= 0.9", "boolean"),
    ]
    loaded = program({"rooms": {"type": "list", "of": "room"}}, rules, kinds={"room": {"facts": {"a": FINE}}})
    facts = [{"rooms": [{"a": 0.1}] * count + [{"a": 0.3}]} for count in (6, 7, 8)]
    facts += [{"rooms": {"items": [{"a": 0.7}, {"a": {"between": [0.3, 2]}}], "more": True}}, {}]
    same(loaded, facts, left=set())


def test_what_is_no_decimal_of_few_places_is_left_to_exact_arithmetic() -> None:
    rules = [value("t", "a * 10 >= 3", "boolean"), value("s", "a + b >= 0.3", "boolean")]
    facts = [{"a": 0.30000000000000004, "b": 0}, {"a": 0.3, "b": 0}, {"a": 0.1, "b": 0.20000000000000001}, {"b": 1}]
    loaded = program(KNOWN_IN_PART, rules)
    _, apart = tabulated(loaded, facts, as_of=AS_OF)
    assert apart == {0}
    assert loaded.assess(facts[0], as_of=AS_OF).scalars["enterprise", "t"] == Finite(frozenset({True}))
    same(loaded, facts)


def test_products_of_too_many_digits_for_floats_are_left_to_exact_arithmetic() -> None:
    """A step of nine places is less than the error here."""
    borders = ("999997000.002999998", "999997000.002999999", "999997000.003")
    rules = [value(f"t{place}", f"a * b * c >= {border}", "boolean") for place, border in enumerate(borders)]
    facts = [{"a": 999.999, "b": 999.999, "c": 999.999}, {"a": 999.998, "b": 999.999, "c": 999.999}, {"a": 1}]
    same(program(KNOWN_IN_PART, rules), facts, left={0})


def test_numbers_that_can_only_be_one_decimal_are_that() -> None:
    loaded = program(KNOWN_IN_PART, [value("v", "a - b - c", "number"), value("w", "b - b * 0.1 - 0.9", "number")])
    found, _ = tabulated(loaded, [{"a": 1, "b": 0.9, "c": 0.4}, {"a": 0.3, "b": 1, "c": 0.1}], as_of=AS_OF)
    frame = found.frames["enterprise"]
    assert frame["v?low"].to_list() == [-0.3, -0.8]
    assert [repr(each) for each in frame["w?low"]] == ["-0.09", "0.0"]


@given(numbers=st.lists(st.one_of(thousandths(-(10**9), 10**9), st.floats(-1e13, 1e13)), min_size=1, max_size=20))
def test_a_decimal_of_few_places_is_what_its_shortest_form_prints(numbers: list[float]) -> None:
    frame = pl.DataFrame({"a": numbers})
    (found,) = decimal_columns(frame, [f"a{DECIMAL}3"])
    for number, held in zip(numbers, found, strict=True):
        few = is_of_thousandths(number)
        assert few or not held
        assert held or not few or abs(number) >= 1e9


# ---- multiples of other steps ---------------------------------------------------------------------------------------

#: Thresholds and factors by substance; one has none, and one is nothing, which leaves a ratio without bounds.
SUBSTANCES = {
    "gas": ("0.3", "2"), "acid": ("5", "1.5"), "oil": ("5000", "1"), "salt": ("150", "2.5"), "dust": ("7", "0.5"),
}  # fmt: skip
ODD = {"void": ("0", "1"), "misread": ("", "3")}
SUBSTANCE = {"substance": "text", "q": {**FINE, "maximum": 100}}
RATIOS = {
    "ratio": 'q / lookup("thresholds", substance, "threshold")',
    "weighted": 'lookup("thresholds", substance, "factor") * ratio',
}


def installations(borders: Sequence[str], substances: dict[str, tuple[str, str]]) -> Program:
    rows = "".join(f"{name},{threshold},{factor}\n" for name, (threshold, factor) in substances.items())
    table = {
        "table": "thresholds", "keys": ["substance"], "absent_key": "unknown",
        "columns": {"substance": {"type": "text"}, "threshold": NUMBER, "factor": NUMBER},
        "csv": f"substance,threshold,factor\n{rows}",
    }  # fmt: skip
    ratio = {"on": "material", "applies": 'has(lookup("thresholds", substance, "threshold"))'}
    found = [{**value(name, formula, "number"), **ratio} for name, formula in RATIOS.items()]
    found[1]["applies"] += ' && has(lookup("thresholds", substance, "factor")) && has(ratio)'
    some = "materials.filter(m, has(m.{0})).map(m, m.{0})"
    found += [
        value("s", f"sum({some.format('ratio')})", "number"),
        value("r", f"(near ? 1.2 : far ? 0.5 : 2) * sum({some.format('weighted')})", "number"),
        value("worst", f"max({some.format('ratio')})", "number"),
    ]
    for place, border in enumerate(borders):
        found += [value(f"s{place}", f"s >= {border}", "boolean"), value(f"r{place}", f"r > {border}", "boolean")]
        found.append(value(f"w{place}", f"has(worst) && worst <= {border}", "boolean"))
    facts = {"materials": {"type": "list", "of": "material"}, "near": "boolean", "far": "boolean"}
    return program(facts, found, kinds={"material": {"facts": SUBSTANCE}}, tables=[table])


@st.composite
def materials_on_a_border(draw: st.DrawFn) -> tuple[dict[str, Any], str]:
    """Materials of which the ratios, or the weighted ones, come to a border, or to nearly that."""
    known = {name: (Fraction(a), Fraction(b)) for name, (a, b) in SUBSTANCES.items()}
    names = draw(st.lists(st.sampled_from(sorted(known)), min_size=1, max_size=5))
    items: list[dict[str, Any]] = [
        {"substance": each, "q": draw(thousandths(1, 20_000).flatmap(beside))} for each in names
    ]
    weight = draw(st.booleans())
    total = Fraction(0)
    for item in items:
        threshold, factor = known[item["substance"]]
        item["q"] = abs(item["q"])
        total += Fraction(repr(item["q"])) / threshold * (factor * 2 if weight else 1)
    off = draw(st.sampled_from((0, 0, 0, 1, -1)))
    border = f"{float(total + Fraction(off, 10**9)):.12f}"
    if draw(st.booleans()):  # what is left to the next whole number, of what can be divided into it
        border = str(int(total) + 1)
        left = (int(total) + 1 - total) * Fraction(5, 3 if weight else 1)
        items.append({"substance": "acid", "q": float(round(left, 3))})
    changed = draw(st.sampled_from(("nothing", "substance", "q", "more", "between")))
    if changed == "between":
        items[0]["q"] = {"between": [max(items[0]["q"], 0.001), 90]}
    elif changed in items[0]:
        del items[0][changed]
    facts = {"materials": {"items": items, "more": True} if changed == "more" else items}
    return {**facts, **draw(st.sampled_from(({"near": False, "far": False}, {"near": True}, {})))}, border


@settings(max_examples=120, deadline=None)
@given(asked=materials_on_a_border(), odd=st.booleans())
def test_sums_of_quotients_on_a_border_and_beside_it_are_as_in_the_reference(
    asked: tuple[dict[str, Any], str], odd: bool
) -> None:
    facts, border = asked
    loaded = installations((border,), {**SUBSTANCES, **ODD} if odd else SUBSTANCES)
    listed = facts["materials"]["items"] if isinstance(facts["materials"], dict) else facts["materials"]
    ends = [
        end
        for each in listed
        for end in (each["q"]["between"] if isinstance(each.get("q"), dict) else [each.get("q", 0)])
    ]
    settled = all(map(is_of_thousandths, [*ends, border]))  # such steps, and those of thresholds, are coarse enough
    same(loaded, [facts], left=set() if settled else None)


def test_thresholds_that_columns_know_settle_sums_of_ratios() -> None:
    """Ten times a thirtieth of 0.3, and so on, are exactly one; a thousandth of a ton less is not."""
    items = {
        "thirds": [{"substance": "gas", "q": 0.1}] * 3,
        "sevenths": [{"substance": "dust", "q": 1}] * 7,
        "mixed": [{"substance": "gas", "q": 0.1}, {"substance": "acid", "q": 2.5}, {"substance": "salt", "q": 25}],
    }
    under = {name: [*each[1:], {**each[0], "q": round(each[0]["q"] - 0.001, 3)}] for name, each in items.items()}
    facts = [{"materials": each, "near": False, "far": False} for each in (*items.values(), *under.values())]
    found = same(installations(("1",), SUBSTANCES), [*facts, {}, {"materials": []}], left=set())
    assert [found.outcomes(row)["enterprise", "s0"] for row in range(6)] == [Finite(frozenset({True}))] * 3 + [
        Finite(frozenset({False}))
    ] * 3
    # What is one number only is told as the float of that.
    assert found.frames["enterprise"]["s?low"].to_list()[:4] == [1.0, 1.0, 1.0, float(1 - Fraction(1, 300))]


def test_divisors_that_facts_give_are_left_to_exact_arithmetic() -> None:
    rules = [
        value("v", "a / b", "number"),
        value("t", "v >= 0.7", "boolean"),
        value("u", "a / 0.3 / 3 >= 7", "boolean"),
    ]
    loaded = program({"a": FINE, "b": {**FINE, "minimum": 0.001}}, rules)
    facts = [{"a": 0.7, "b": 1}, {"a": 2.1, "b": 3}, {"a": 6.3, "b": 2}, {"a": 6.299, "b": 2}, {"b": 3}, {"a": 1}]
    _, apart = tabulated(loaded, facts, as_of=AS_OF)
    assert apart == {0, 1}
    same(loaded, facts)


def test_too_fine_steps_are_left_to_exact_arithmetic() -> None:
    """Primes multiply: no float tells such multiples apart."""
    primes = (2.3, 2.9, 3.1, 3.7, 4.1, 4.3, 4.7, 5.3, 5.9, 6.1)
    chosen = "".join(f"n == {place} ? {prime} : " for place, prime in enumerate(primes))
    rules = [value("v", f"a / ({chosen}1)", "number"), value("t", "v >= 2", "boolean")]
    facts = [{"a": 4.6, "n": 0}, {"a": 12.2, "n": 9}, {"a": 12.1, "n": 9}, {"a": 2, "n": 50}]
    same(program({"a": FINE, "n": SMALL}, rules), facts, left={0, 1, 3})


@given(
    values=st.lists(st.fractions(min_value=-50, max_value=50, max_denominator=40), min_size=1, max_size=4),
    others=st.lists(st.fractions(min_value=-50, max_value=50, max_denominator=40), min_size=1, max_size=4),
)
def test_results_of_arithmetic_are_multiples_of_what_is_said(values: list[Fraction], others: list[Fraction]) -> None:
    graph = Graph()
    mine, other = of_values(graph, values), of_values(graph, others)
    assume(mine is not None and other is not None)
    assert mine is not None
    assert other is not None
    pairs = [(a, b) for a in values for b in others]
    divided = [(a, b) for a, b in pairs if b]
    for of, results in (
        (mine.plus(graph, other), [a - b for a, b in pairs]),
        (mine.times(graph, other), [a * b for a, b in pairs]),
        (mine.over(graph, other), [a / b for a, b in divided]),
        (common(graph, (mine, other)), [*values, *others]),
    ):
        assert of is None or all((each * of.steps).denominator == 1 for each in results)
        assert of is None or of.inverse is None or all((of.inverse / each).denominator == 1 for each in results if each)
    finest = mine.over(graph, other)
    assert finest is None or finest.steps <= MOST_STEPS


TINY = [1e-200, -1e-200, 1e-250, 5e-160, 0, 1, 1e-10]


@pytest.mark.parametrize("formula", ["a * b > 0", "a * b < 0", "a * b * 0.5 == 0", "b != 0 && a * a / b > 0"])
def test_what_is_too_small_for_floats_is_not_taken_for_zero(formula: str) -> None:
    loaded = program({"a": NUMBER, "b": NUMBER}, [value("v", formula, "boolean")])
    same(loaded, [{"a": a, "b": b} for a in TINY for b in TINY])
