"""Plain facts are read without the input models, and come to what the models make of them; all else is left to them."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sample_schema import SCHEMA, nested, read
from test_input_properties import BAD, GOOD, anything, given_facts, json_sections, json_values, names, shaped

from safetyrules.diagnostics import FactsError
from safetyrules.facts.entity import Entity, Members
from safetyrules.facts.plain import PlainReader
from safetyrules.facts.schema import Fact

READER = PlainReader(SCHEMA)


def seen(entity: Any) -> Any:
    """All that there is to an entity, its orders included; a scalar is itself."""
    if not isinstance(entity, Entity):
        return entity
    return (
        entity.kind,
        entity.path,
        list(entity.values.items()),
        [(name, _members(members)) for name, members in entity.lists.items()],
        None if entity.parent is None else entity.parent.path,
        entity.residual,
        list(entity.provenance.items()),
        entity.given,
    )


def _members(members: Members) -> Any:
    return [seen(item) for item in members.items], members.open, seen(members.residual)


def require_the_same(facts: object) -> bool:
    """Compares what both make of facts; were they plain?"""
    plain = READER.entity("enterprise", facts)
    if plain is None:
        return False
    assert seen(plain) == seen(read(facts))
    return True


@given(anything | shaped | st.fixed_dictionaries({"dust": shaped}))
def test_whatever_is_given_is_read_alike_or_left_to_the_models(facts: object) -> None:
    require_the_same(facts)


@given(st.dictionaries(names, json_values, max_size=4) | json_sections)
def test_what_json_has_is_read_alike_or_left_to_the_models(facts: object) -> None:
    require_the_same(facts)


@given(given_facts())
def test_every_legal_form_is_plain(case: tuple[Fact, object, object]) -> None:
    fact, _, form = case
    assert require_the_same(nested(fact.name, form))


@pytest.mark.parametrize("facts", GOOD)
def test_good_facts_are_plain(facts: object) -> None:
    assert require_the_same(facts) or "{'unknown': True}]" in str(facts)


@pytest.mark.parametrize("facts", BAD)
def test_bad_facts_are_left_to_the_models(facts: object) -> None:
    assert READER.entity("enterprise", facts) is None


class System(StrEnum):
    DRY = "dry"


class Words(str):
    __slots__ = ()


LEFT: list[object] = [
    {"dust": {"system": System.DRY}},
    {"dust": {"system": {"value": System.DRY}}},
    {"dust": {"system": {"one_of": [Words("dry")]}}},
    {"founded": datetime(2020, 1, 1)},
    {"founded": {"value": datetime(2020, 1, 1)}},
    {"workers": True},
    {"dust": {"ratio": float("nan")}},
    {"dust": {"ratio": 10**2000}},
    {"name": "\ud800"},
    {"name": {"value": "\ud800"}},
    {"name": "x" * 100_001},
    {"permit": {"value": True, "source": "x" * 100_001}},
    {"dust": {"collectors": {"items": [], "source": "\ud800"}}},
    {"dust": {"collectors": ({},)}},
]


@pytest.mark.parametrize("facts", LEFT)
def test_rare_forms_are_left_to_the_models(facts: object) -> None:
    assert READER.entity("enterprise", facts) is None


PLAIN: list[object] = [
    {"dust": {"ratio": ratio}}
    for ratio in (0.1, -0.0, 0, 1, 1.0, 2**60, float(2**60), Decimal("1.10"), Fraction(1, 3), 1e300, -2.5)
] + [
    {"founded": date(2020, 2, 29), "closed_on": {"not_applicable": True}},
    {"permit": {"value": True, "source": "seen"}, "name": {"value": "甲", "assumed": "told"}, "workers": 3},
    {"dust": {"collectors": {"items": [{"fans": [{"power": 3}]}, {}], "source": "list", "more": False}}},
    {"drills": [{"held_on": "2020-01-01"}], "dust": {"depths": [1, 2.5, {"at_least": 3}]}},
    {"drills": {"items": [], "more": False}},
    {"drills": {"complete_since": date(2020, 1, 1)}},
]


@pytest.mark.parametrize("facts", PLAIN)
def test_plain_facts_are_plain_however_often(facts: object) -> None:
    for _ in range(2):
        assert require_the_same(facts)


def test_a_structure_that_contains_itself_is_left_to_the_models() -> None:
    fans: list[object] = []
    collector: dict[str, object] = {"fans": fans}
    fans.append(collector)
    assert READER.entity("enterprise", {"dust": {"collectors": [collector]}}) is None
    with pytest.raises(FactsError):
        read({"dust": {"collectors": [collector]}})


def test_lists_shared_many_times_over_are_left_to_the_models() -> None:
    fans = {"fans": [{}] * 2000}
    assert READER.entity("enterprise", {"dust": {"collectors": [fans] * 1000}}) is None


@given(st.lists(st.integers() | st.floats(allow_nan=False), min_size=1, max_size=4))
def test_equal_numbers_of_different_forms_keep_their_own_meaning(numbers: list[float]) -> None:
    for number in (*numbers, *(float(n) for n in numbers if abs(n) < 1e300)):
        assert require_the_same({"dust": {"ratio": number}}) or number < -273


def test_lists_that_nobody_gave_are_there_however_they_are_asked_for() -> None:
    def lists() -> dict[str, Members]:
        entity = READER.entity("enterprise", {})
        assert entity is not None
        return entity.lists

    expected = read({}).lists
    names_ = list(expected)
    assert names_
    for look in (list, len, lambda each: list(each.keys()), lambda each: list(dict(each)), lambda each: list({**each})):
        assert look(lists()) == look(expected)  # type: ignore[operator]
    for name in names_:
        assert name in lists()
        for found in (lists()[name], lists().get(name)):
            assert found is not None
            assert _members(found) == _members(expected[name])
    asked_backwards = lists()
    assert [asked_backwards[name].open for name in reversed(names_)] == [True] * len(names_)
    assert list(asked_backwards) == names_
    assert "no such list" not in lists()
    assert lists().get("no such list") is None
    with pytest.raises(KeyError, match="no such list"):
        lists()["no such list"]
