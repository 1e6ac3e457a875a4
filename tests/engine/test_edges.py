"""Where the engines once disagreed or broke, and the inputs at the edges of what they take."""

from __future__ import annotations

import warnings
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from conformance_suite import written

from safetyrules import FactsError, load_program
from safetyrules.program import Program
from safetyrules.values import NOTHING, Finite, Interval

FACTS: dict[str, Any] = {
    "facts": "f",
    "scales": {"colour": {"worse": "last", "levels": ["blue", "yellow", "red"]}},
    "kinds": {
        "enterprise": {
            "root": True,
            "facts": {
                "a": "boolean", "n": "number", "i": {"type": "integer", "minimum": -5}, "d": "date", "name": "text",
                "c": {"type": "colour", "may_not_apply": True}, "decision": {"type": "colour"},
                "xs": {"type": "list", "of": "number"}, "items": {"type": "list", "of": "item"},
                "entries": {"type": "list", "of": "entry", "log": "on"},
            },
        },
        "item": {"facts": {"w": "number", "b": "boolean"}},
        "entry": {"facts": {"on": "date"}},
    },
}  # fmt: skip


def program(*documents: dict[str, Any]) -> Program:
    whole = written([FACTS, *documents], "edges")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        loaded = load_program(whole.documents, open_file=lambda source, name: whole.files[name].encode())
        loaded.compiled(loaded.plan(date(2024, 1, 1)), "enterprise")  # what it warns of is an error too
    return loaded


def value(type_: str, expression: str) -> Program:
    return program({"ruleset": "r", "values": {type_: {"x": expression}}})


def table(type_: str, **content: Any) -> Program:
    return program({"ruleset": "r", "rules": [{"id": "x", "value": type_, "table": content}]})


def said(loaded: Program, facts: Any, **options: Any) -> Any:
    """What both engines say of ``x``."""
    found = [
        loaded.assess(facts, as_of="2024-01-01", engine=engine, **options).scalars  # type: ignore[arg-type]
        for engine in ("reference", "compiled")
    ]
    assert found[0] == found[1]
    return found[0]["enterprise", "x"]


@pytest.mark.parametrize(
    ("type_", "expression"),
    [
        ("number", "1 / 0"),
        ("integer", "1 % 0"),
        ("date", 'add_months(date("9999-12-01"), 12)'),
        ("date", "add_days(as_of, 9999999)"),
        ("integer", 'year(add_days(date("9999-12-31"), 10))'),
        ("text", '"abc".substring(5)'),
    ],
)
def test_constants_that_cannot_be_computed_are_unknown(type_: str, expression: str) -> None:
    assert not said(value(type_, expression), {}).known
    assert not said(value(type_, expression), {"a": True, "n": 1}).known


def test_constant_rows_that_conflict() -> None:
    rows = [{"when": "true", "then": 1}, {"when": "true", "then": 2}]
    assert said(table("integer", hit="unique", rows=rows), {}) == Interval(Fraction(1), Fraction(2))


def test_a_member_without_a_value() -> None:
    assert said(value("boolean", "3 in [max(xs), 4]"), {"xs": []}) == Finite(frozenset({NOTHING}))
    assert said(value("boolean", "[max(xs), 4].exists(v, v == 3)"), {"xs": []}) == Finite(frozenset({NOTHING}))


def test_constant_members_of_uncertain_membership() -> None:
    assert said(value("number", "sum([1, 2].filter(v, v > n))"), {}) == Interval(Fraction(0), Fraction(3))
    assert said(value("number", "max([1, 2].filter(v, v > n))"), {}) == Interval(Fraction(1), Fraction(2), nothing=True)


def test_a_rank_whose_rows_may_have_no_value_is_not_exhaustive() -> None:
    rows = [{"when": "a", "then": {"is": "c"}}, {"when": "!a", "then": "red"}]
    loaded = table("colour", hit="collect max", rows=rows)
    assert NOTHING in said(loaded, {"a": True}).outcomes
    assert said(loaded, {"a": True, "c": {"not_applicable": True}}) == Finite(frozenset({NOTHING}))


def test_nothing_is_proved_of_a_parameter_that_some_place_sets() -> None:
    rows = [{"when": "n < edge", "then": "red"}, {"when": "n >= 3", "then": "blue"}]
    rules = {"ruleset": "r", "parameters": {"edge": {"type": "number", "value": 3}}, "rules": [
        {"id": "x", "value": "colour", "table": {"hit": "first", "rows": rows}}]}  # fmt: skip
    assert said(program(rules), {}) == Finite(frozenset({"red", "blue"}))
    local = {"ruleset": "local", "jurisdiction": "210100", "overlays": [{"set": "r/edge", "value": 1}]}
    loaded = program(rules, local)
    assert said(loaded, {"n": 2}, jurisdiction="210100") == Finite(frozenset({NOTHING}))
    assert NOTHING in said(loaded, {}, jurisdiction="210100").outcomes


def test_a_reader_of_what_an_overlay_may_silence_asks_first() -> None:
    rules = [
        {"id": "base", "value": "number", "is": "n"},
        {"id": "x", "value": "boolean", "is": "has(base) && base > 3"},
    ]
    new = {"on": "enterprise", "value": "number", "is": "n + 1", "applies": "a"}
    local = {"ruleset": "local", "jurisdiction": "210100", "overlays": [{"replace": "base", "with": new}]}
    loaded = program({"ruleset": "r", "rules": rules}, local)
    assert said(loaded, {"n": 3, "a": False}, jurisdiction="210100") == Finite(frozenset({False}))
    unasked = [rules[0], {**rules[1], "is": "base > 3"}]
    with pytest.raises(Exception, match="SR0508"):
        program({"ruleset": "r", "rules": unasked}, local)


def test_a_log_complete_since_the_first_day() -> None:
    loaded = value("integer", "max(entries.map(e, year(e.on)))")
    assert not said(loaded, {"entries": {"items": [], "complete_since": "0001-01-01"}}).known


def test_numbers_too_large_for_a_float() -> None:
    assert said(value("number", "n + sum(xs)"), {"n": 10**400}) == Interval(None, None)
    assert said(value("number", "n * sum(xs)"), {"n": 10**400, "xs": {"items": [1], "more": True}}) == Interval(
        None, None
    )
    assert said(value("boolean", "n > 5"), {"n": 10**400}) == Finite(frozenset({True}))


@pytest.mark.parametrize(
    "facts",
    [
        {"d": "2024-W05-1"}, {"d": "20240101"}, {"name": "x" * 200_000}, {"name": "\ud800"},
        {"n": 10**5000}, {"i": 10**5000},
        {"n": float("nan")}, {"n": float("inf")}, {"n": True}, {"i": 2.5}, {"i": "3"}, {"xs": [True]}, {"xs": [1, "x"]},
        {"name": {"one_of": ["\ud800"]}}, {"n": {"value": 1, "source": "\udfff"}}, {"items": [None]},
        {"items": [3]}, {"a": 1},
        {"c": {"unknown": False}}, {"xs": {"items": 3}}, {"n": {"at_least": 1, "at_most": 2}}, {"nn": 1}, 7, None,
    ],
)  # fmt: skip
def test_bad_facts_are_refused_alike(facts: Any) -> None:
    loaded = value(
        "boolean", 'n > 1 || d > as_of || name == "x" || i > 1 || a || xs.exists(v, v > 1) || items.exists(e, e.b)'
    )
    found = []
    for engine in ("reference", "compiled"):
        with pytest.raises(FactsError) as refusal:
            loaded.assess(facts, as_of="2024-01-01", engine=engine)  # type: ignore[arg-type]
        found.append(refusal.value.diagnostics)
    assert found[0] == found[1]


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (0.1 + 0.2, True), (0.3, False), (0.30000000000000004, True), (1e-7, False), (1e16, True), (10**300, True),
        (3, True), (3.0, True), (Decimal("0.3"), False), (Fraction(3, 10), False), (-0.0, False), (5e-324, False),
    ],
)  # fmt: skip
def test_floats_at_a_threshold(given: Any, expected: bool) -> None:
    assert said(value("boolean", "n > 0.3"), {"n": given}) == Finite(frozenset({expected}))


def test_a_float_for_an_integer() -> None:
    assert said(value("integer", "i + 1"), {"i": 3.0}) == Interval(Fraction(4), Fraction(4))


def test_a_permission_is_settled_by_what_is_permitted_only() -> None:
    rows = [{"when": "true", "may": ["blue", "yellow"], "settled_by": "decision"}]
    loaded = table("colour", hit="first", rows=rows, otherwise="red")
    assert said(loaded, {"decision": "yellow"}) == Finite(frozenset({"yellow"}))
    for open_ in ("red", None, {"one_of": ["yellow", "red"]}):
        assert said(loaded, {"decision": open_}) == Finite(frozenset({"blue", "yellow"}))


def test_names_that_are_words_of_python() -> None:
    rules = [
        {"id": name, "value": "number", "is": "n + 1"} for name in ("lambda", "none.class", "def", "read", "as_of.t1")
    ]
    rules.append({"id": "x", "value": "boolean", "is": "n > 1"})
    said(program({"ruleset": "r", "rules": rules}), {"n": 1})


def test_sector_grades_in_a_rule_on_a_part() -> None:
    sector = {"facts": "s", "sector": {"name": "dust", "present": "a", "grade": "g"}}
    grade = {
        "id": "g",
        "grade": "colour",
        "table": {"hit": "first", "rows": [{"when": "n > 1", "then": "red"}], "otherwise": "blue"},
    }
    part = {"id": "p", "on": "item", "value": "boolean", "is": 'sector_grades().exists(s, s == "red")'}
    worst = {"id": "x", "value": "boolean", "is": "items.exists(e, e.p)"}
    loaded = program(sector, {"ruleset": "r", "rules": [grade, part, worst]})
    assert said(loaded, {"a": True, "n": 2, "items": [{}]}) == Finite(frozenset({True}))
    assert said(loaded, {"n": 2, "items": [{}]}) == Finite(frozenset({True, False}))


def test_a_finding_that_rests_on_nothing_is_counted_as_often_as_there_are_parts() -> None:
    facts = {**FACTS, "sector": {"name": "dust", "present": "a", "grade": "g"}}
    counted = ("x", "instances"), ("y", "findings")
    rules: list[dict[str, Any]] = [
        {"id": "always", "on": "item", "clause": "1", "finding": "major", "when": "1 < 2"},
        {"id": "g", "grade": "colour", "is": '"blue"'},
        *({"id": name, "value": "integer", "is": f'{count}("dust", "major")'} for name, count in counted),
    ]
    whole = written([facts, {"ruleset": "dusts", "sector": "dust", "rules": rules}], "counted")
    loaded = load_program(whole.documents, open_file=lambda source, name: whole.files[name].encode())
    assert said(loaded, {}) == Interval(Fraction(0), None)
    assert said(loaded, {"items": [{}, {}]}) == Interval(Fraction(2), Fraction(2))
    assert said(loaded, {"items": {"items": [{}], "more": True}}) == Interval(Fraction(1), None)


def test_a_part_counts_the_findings_of_all_parts_and_not_of_those_before_it() -> None:
    facts = {**FACTS, "sector": {"name": "dust", "present": "a", "grade": "g"}}
    rules: list[dict[str, Any]] = [
        {"id": "wrong", "on": "item", "clause": "1", "finding": "major", "when": "b"},
        {"id": "g", "grade": "colour", "is": '"blue"'},
        {"id": "all", "on": "item", "value": "integer", "is": 'instances("dust", "major")'},
        {"id": "heavier", "on": "item", "value": "boolean", "is": "w > 1"},
        {"id": "others", "on": "item", "value": "boolean", "is": "enterprise.items.exists(o, o.heavier)"},
        {"id": "x", "value": "integer", "is": "max(items.map(m, m.others ? m.all : 0))"},
    ]
    whole = written([facts, {"ruleset": "dusts", "sector": "dust", "rules": rules}], "counted by parts")
    loaded = load_program(whole.documents, open_file=lambda source, name: whole.files[name].encode())
    items = [{"b": True, "w": 1}, {"b": True, "w": 2}]
    for members in (items, items[::-1], [*items, {}], [{}]):
        said(loaded, {"a": True, "items": members})
    assert loaded.assess({"a": True, "items": items}, as_of="2024-01-01").outcome("items[0]#all").value == 2
    assert loaded.assess({"a": True, "items": items}, as_of="2024-01-01").outcome("items[0]#others").value is True
