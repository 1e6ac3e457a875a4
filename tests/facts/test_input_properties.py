"""Properties of reading: it refuses and never fails, and what it reads contains what was meant."""

from __future__ import annotations

import contextlib
import hashlib
import json
import subprocess
import sys
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import Draft202012Validator  # type: ignore[import-untyped]
from sample_schema import COLLECTOR, ENTERPRISE, MODELS, SCHEMA, contains, nested, problems, read

from safetyrules.diagnostics import FactsError
from safetyrules.facts.input import facts_digest
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, Fact, NumberType, ScalarType, TextType
from safetyrules.facts.table_of_facts import FactRow, describe
from safetyrules.values import NOTHING

VALIDATOR = Draft202012Validator(MODELS.json_schema("enterprise"))

names = st.sampled_from(
    [*(step for name in ENTERPRISE.facts for step in name.split(".")), *COLLECTOR.facts, "items", "more", "one_of",
     "value", "unit", "between", "at_least", "unknown", "complete_since", "source"]
)  # fmt: skip
scalars = (
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=12) | st.dates() | st.datetimes()
    | st.decimals() | st.fractions() | st.binary(max_size=3) | st.complex_numbers() | st.sampled_from(["dry", "kg"])
)  # fmt: skip
anything = st.recursive(
    scalars,
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.tuples(inner)
        | st.dictionaries(names | st.text(max_size=5) | st.integers() | st.none(), inner, max_size=5)
    ),
    max_leaves=25,
)
shaped = st.dictionaries(names, anything, max_size=6)


@given(anything | shaped | st.fixed_dictionaries({"dust": shaped}), st.sets(st.sampled_from(["dust", "*", "dsut"])))
def test_reading_raises_nothing_but_facts_errors(facts: object, closed: set[str]) -> None:
    for problem in problems(facts, *closed):
        assert problem.code.startswith("SR10")
        assert (problem.path or "").startswith(("enterprise", "closed"))
        assert problem.render("zh").encode("utf-8")
        assert problem.render("en").encode("utf-8")
    with contextlib.suppress(FactsError):
        assert len(facts_digest(facts)) == 64


def values_of(of: ScalarType) -> st.SearchStrategy[Any]:
    """Legal plain values of a type, in forms that JSON has."""
    match of:
        case BooleanType():
            return st.booleans()
        case ChoiceType(members=members):
            return st.sampled_from(members)
        case NumberType(integer=True):
            return st.integers(0, 10**6)
        case NumberType(minimum=low):
            return st.integers(0, 100) | st.floats(0 if low is not None else -50, 100, allow_nan=False)
        case DateType():
            return st.dates().map(lambda d: d.isoformat())
        case TextType(code="credit_code"):
            return st.sampled_from(["91350100M000100Y43", "91210102MA0000015T"])
        case TextType(code="place"):
            return st.sampled_from(["320583", "350581001", "320583-KETD"])
        case TextType(code="industry"):
            return st.sampled_from(["26", "2662", "060"])
        case TextType():
            return st.text(max_size=9)


def meant(of: ScalarType, plain: Any) -> object:
    if isinstance(of, NumberType):
        return Fraction(Decimal(repr(plain)))
    return date.fromisoformat(plain).toordinal() if isinstance(of, DateType) else plain


SCALAR_FACTS = [f for f in ENTERPRISE.facts.values() if isinstance(f.type, ScalarType)]


@st.composite
def given_facts(draw: st.DrawFn) -> tuple[Fact, object, object]:
    """A scalar fact, what is meant by it, and a legal form that does not rule that out."""
    fact = draw(st.sampled_from(SCALAR_FACTS))
    of = fact.type
    assert isinstance(of, ScalarType)
    if fact.may_not_apply and draw(st.booleans()):
        form: object = draw(st.sampled_from([None, {"unknown": True}, {"not_applicable": True}]))
        return fact, NOTHING, form
    value, other = draw(values_of(of)), draw(values_of(of))
    forms: list[object] = [value, None, {"unknown": True}, {"value": value, "source": "x"}, {"one_of": [other, value]}]
    if isinstance(of, NumberType | DateType):
        low, high = sorted([value, other])
        forms += [{"at_least": low}, {"at_most": high}, {"between": [low, high]}]
    return fact, meant(of, value), draw(st.sampled_from(forms))


@given(given_facts())
def test_what_is_meant_lies_in_what_is_read(case: tuple[Fact, object, object]) -> None:
    fact, value, form = case
    abstract = read(nested(fact.name, form)).values[fact.name]
    if value is NOTHING:
        assert contains(abstract, NOTHING) or getattr(abstract, "nothing", False)
    else:
        assert contains(abstract, value)


@given(given_facts())
def test_the_json_schema_accepts_what_is_read(case: tuple[Fact, object, object]) -> None:
    fact, _, form = case
    facts = json.loads(json.dumps(nested(fact.name, form)))
    assert list(VALIDATOR.iter_errors(facts)) == []


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 200) | st.floats(allow_nan=False, allow_infinity=False)
    | st.sampled_from(["dry", "2020-01-01", "kg", "x"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=8,
)  # fmt: skip


json_sections = st.fixed_dictionaries({"dust": st.dictionaries(names, json_values)})


@given(st.dictionaries(names, json_values, max_size=4) | json_sections)
def test_what_the_json_schema_rejects_is_refused(facts: object) -> None:
    if not VALIDATOR.is_valid(facts):
        assert problems(facts)


GOOD: list[object] = [
    {},
    {"dust": None, "drills": None},
    {"workers": {"at_least": 30}, "dust": {"stock": {"value": 2.5, "unit": "kg", "source": "scale", "assumed": "dry"}}},
    {"dust": {"collectors": [{"system": "dry", "fans": []}], "depths": [1, {"unknown": True}]}},
    {"dust": {"collectors": {"items": [{"system": {"one_of": ["dry", "wet"]}}], "more": True}}},
    {"dust": {"collectors": {"unknown": True}}},
    {"drills": {"items": [{"held_on": "2020-01-01"}], "complete_since": "2020-01-01"}},
    {"credit_code": "91350100M000100Y43", "place": {"not_applicable": True}, "industry": "C2662"},
]
BAD: list[object] = [
    [],
    {"wrokers": 3},
    {"workers": "3"},
    {"workers": -3},
    {"workers": 2.5},
    {"workers": {}},
    {"workers": {"at_least": 3, "at_most": 4}},
    {"workers": {"not_applicable": True}},
    {"workers": {"between": [1]}},
    {"permit": 1},
    {"permit": {"value": True, "unit": "t"}},
    {"permit": {"one_of": []}},
    {"founded": "2020/01/01"},
    {"dust": []},
    {"dust": {"system": "hot"}},
    {"dust": {"stock": 101}},
    {"dust": {"collectors": {}}},
    {"dust": {"collectors": [None]}},
    {"dust": {"collectors": {"items": [], "more": 1}}},
    {"dust": {"collectors": {"items": [], "complete_since": "2020-01-01"}}},
    {"credit_code": "short"},
    {"place": "32058"},
    {"industry": "化工"},
]


@pytest.mark.parametrize("facts", GOOD)
def test_good_facts_fit_the_json_schema(facts: object) -> None:
    assert problems(facts) == ()
    assert list(VALIDATOR.iter_errors(facts)) == []


@pytest.mark.parametrize("facts", BAD)
def test_bad_facts_do_not_fit_the_json_schema(facts: object) -> None:
    assert problems(facts)
    assert not VALIDATOR.is_valid(facts)


def test_the_json_schema_says_what_a_reader_needs() -> None:
    schema = MODELS.json_schema("enterprise")
    Draft202012Validator.check_schema(schema)
    assert schema["$schema"] == "https://json-schema.org/draft/2020-12/schema"
    assert schema["title"] == "企业 / Enterprise"
    workers = schema["properties"]["workers"]
    assert workers["title"] == "人数 / Workers"
    assert workers["description"] == "看名册 / see the roll\n单位 / unit: person"
    assert workers["x-unit"] == "person"
    assert workers["anyOf"][0] == {"type": "integer", "minimum": 0}
    forms = next(option for option in workers["anyOf"] if option.get("type") == "object")["properties"]
    assert set(forms) == {
        "value", "one_of", "unknown", "at_least", "at_most", "between", "source", "assumed", "unit",
    }  # fmt: skip
    assert "dust_collector" in schema["$defs"]


def test_the_digest() -> None:
    one, two = {"a": 1, "b": {"c": [1, 2], "d": "x"}}, {"b": {"d": "x", "c": (1, 2)}, "a": 1.0}
    assert facts_digest(one) == facts_digest(two)
    assert facts_digest({"a": 0.1}) == facts_digest({"a": Decimal("0.1")}) == facts_digest({"a": Fraction(1, 10)})
    assert facts_digest({"a": Decimal("1.50")}) == facts_digest({"a": 1.5})
    assert facts_digest({"a": date(2020, 1, 2)}) == facts_digest({"a": "2020-01-02"})
    different: list[object] = [
        {"a": 1}, {"a": 2}, {"a": "1"}, {"a": True}, {"a": None}, {}, {"a": [1]}, {"a": []}, {"a": {}}, {"b": 1},
        {"a": ["#", "1/1"]}, {"a": {"#": "1/1"}}, {"a": [[1]]}, {"a": 0.1}, {"a": Fraction(0.1)},
    ]  # fmt: skip
    assert len({facts_digest(facts) for facts in different}) == len(different)
    canonical = b'{"a":["#","1/10"],"b":["[",true,"x",null]}'
    assert facts_digest({"b": [True, "x", None], "a": 0.1}) == hashlib.sha256(canonical).hexdigest()


plain = st.none() | st.booleans() | st.integers() | st.text(max_size=4)


@given(st.recursive(plain, lambda inner: st.dictionaries(st.text(max_size=3), inner), max_leaves=12))
def test_the_digest_does_not_hang_on_the_order_of_keys(facts: object) -> None:
    def turned(value: object) -> object:
        return {k: turned(v) for k, v in reversed(value.items())} if isinstance(value, dict) else value

    assert facts_digest(facts) == facts_digest(turned(facts))


@pytest.mark.parametrize("make", [lambda: {"a": float("nan")}, lambda: {1: 2}, lambda: {"a": object()}])
def test_the_digest_refuses_what_is_no_facts(make: Callable[[], object]) -> None:
    with pytest.raises(FactsError):
        facts_digest(make())


def test_the_table_of_facts() -> None:
    rows = {(row.kind, row.fact): row for row in describe(SCHEMA, "en")}
    assert len(rows) == sum(len(kind.facts) for kind in SCHEMA.kinds.values())
    assert rows["enterprise", "workers"] == FactRow(
        "enterprise", "workers", "integer", "person", "0..", "Workers", "see the roll"
    )
    assert rows["enterprise", "dust.stock"][2:5] == ("number, may not apply", "t", "0..100")
    assert rows["enterprise", "dust.colour"][2:5] == ("scale", "", "blue < red")
    assert rows["dust.collector", "system"][2:5] == ("choice", "", "dry | wet | none")
    assert rows["enterprise", "drills"].type == "log of drill"
    assert rows["enterprise", "dust.depths"][2:5] == ("list of number", "mm", "0..")
    assert rows["enterprise", "place"].type == "place code, may not apply"
    chinese = {(row.kind, row.fact): row for row in describe(SCHEMA, "zh")}
    assert chinese["enterprise", "permit"] == FactRow("enterprise", "permit", "布尔", "", "", "许可", "")


def test_the_schema_of_facts_is_light() -> None:
    words = "import sys, safetyrules.facts.schema, safetyrules.facts.entity; print('pydantic' in sys.modules)"
    run = subprocess.run([sys.executable, "-c", words], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "False"
