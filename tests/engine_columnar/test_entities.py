"""Subjects as tables and back: nothing that the engines read is lost."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from agreement_facts import facts_of as facts_drawn
from agreement_programs import Generated, programs
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engines_agree import AS_OF, examples, load

import safetyrules
from safetyrules.engine.columnar.entities import facts_of, raw_of, tables_of
from safetyrules.engine.columnar.tables import PARENT, VALUE, Tables
from safetyrules.facts.entity import Entity, Members
from safetyrules.facts.input import parse_facts
from safetyrules.facts.schema import Schema


def parse(program: Any, facts: Any) -> Entity:
    return parse_facts(program.models, "enterprise", facts)


def content(entity: Entity, given: bool = True) -> Any:
    """What engines read of an entity, with or without which facts were given."""
    return (
        entity.kind,
        entity.residual,
        entity.values,
        {name: members_content(members, given) for name, members in entity.lists.items()},
        {name for name in entity.given if given and name in entity.values},
    )


def members_content(members: Members, given: bool) -> Any:
    each = [content(item, given) if isinstance(item, Entity) else item for item in members.items]
    residual = content(members.residual, given) if isinstance(members.residual, Entity) else members.residual
    return each, members.open, residual


def tables(facts: list[Any], raw: bool = True) -> tuple[Schema, Tables, Any]:
    program = safetyrules.default_program()
    entities = [parse(program, each) for each in facts]
    made = tables_of(program.schema, "enterprise", entities, dict(enumerate(facts)) if raw else None)
    return program.schema, made, program


@settings(max_examples=examples(60))
@given(st.data(), programs(small=True))
def test_a_subject_comes_back_from_tables_as_it_went_in(data: st.DataObject, generated: Generated) -> None:
    program = load(generated)
    drawn = [data.draw(facts_drawn(generated.kinds)) for _ in range(6)]
    entities = [parse(program, facts) for facts in drawn]
    made = tables_of(program.schema, "enterprise", entities)
    assert made.height == len(drawn)
    for row, entity in enumerate(entities):
        assert content(parse(program, facts_of(program.schema, made, row))) == content(entity)


@settings(max_examples=examples(15))
@given(st.data(), programs(small=True))
def test_facts_from_tables_give_the_same_answers(data: st.DataObject, generated: Generated) -> None:
    program = load(generated)
    drawn = [data.draw(facts_drawn(generated.kinds)) for _ in range(4)]
    made = tables_of(program.schema, "enterprise", [parse(program, facts) for facts in drawn])
    for row, facts in enumerate(drawn):
        again = facts_of(program.schema, made, row)
        said = program.assess(again, as_of=AS_OF, engine="reference")
        assert dict(said.scalars) == dict(program.assess(facts, as_of=AS_OF, engine="reference").scalars)


@settings(max_examples=examples(40))
@given(st.data(), programs(small=True))
def test_only_what_no_column_holds_is_apart(data: st.DataObject, generated: Generated) -> None:
    program = load(generated)
    facts = data.draw(facts_drawn(generated.kinds, known=True))
    numbers = [Fraction(str(n)) for n in _numbers(facts)]
    fits = all(abs(n) <= 2**53 for n in numbers)
    assert bool(tables_of(program.schema, "enterprise", [parse(program, facts)]).apart) == (not fits)


def _numbers(value: Any) -> Iterator[Any]:
    if isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _numbers(item)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield value


def test_the_columns_of_the_layout() -> None:
    chemical = {"chemical": {"not_applicable": True}, "quantity": {"between": [0.1, 2]}, "categories": ["W2", None]}
    _, made, _ = tables(
        [
            {"name": "甲", "employees": 12, "affiliation": {"one_of": ["central", "none"]}},
            {
                "revenue": {"at_least": 0.3},
                "dust": {"hazard_present": True, "collectors": [{"system": "dry"}, {}]},
                "hazmat": {"units": {"items": [{"materials": [chemical]}], "more": True}},
            },
        ]
    )
    root, collectors = made.frames["enterprise"], made.frames["dust.collector"]
    assert root["employees"].to_list() == [12.0, None]
    assert root["revenue"].to_list() == [None, None]
    assert root["revenue?low"].to_list() == [None, 0.3]
    assert "revenue?high" not in root.columns
    assert root["affiliation?set"].to_list() == [0b100001, None]
    assert root["dust.collectors?complete"].to_list() == [False, True]
    assert root["hazmat.units?complete"].to_list() == [False, False]
    assert collectors[PARENT].to_list() == [1, 1]
    assert collectors[PARENT].dtype == pl.UInt32
    assert collectors["system"].to_list() == ["dry", None]
    assert made.frames["hazmat.material"]["chemical?none"].to_list() == [True]
    assert made.frames["hazmat.material"]["quantity?low"].to_list() == [0.1]
    assert made.values["hazmat.material", "categories"][VALUE].to_list() == ["W2", None]
    assert made.apart == {}


@pytest.mark.parametrize(
    "facts",
    [
        {"revenue": Fraction(1, 3)},
        {"employees": 2**53 + 1},
        {"revenue": {"at_least": Fraction(1, 3)}},
        {"name": {"one_of": ["甲", "乙"]}},
        {"tier_departure": {"one_of": ["township", "district", "municipal"]}},
        {"dust": {"materials": [{"kst": 0.12345678901234567890123}, {"kst": Fraction(2, 7)}]}},
    ],
)
def test_what_no_column_holds_is_apart(facts: Any) -> None:
    schema, made, program = tables([{"name": "甲"}, facts])
    assert made.apart == {1: facts}
    assert facts_of(schema, made, 1) is facts
    written = tables([{"name": "甲"}, facts], raw=False)[1].apart[1]
    assert content(parse(program, written)) == content(parse(program, facts))


def test_an_empty_register_has_its_frames() -> None:
    _, made, _ = tables([])
    assert made.height == 0
    assert set(made.frames) >= {"enterprise", "dust.collector", "hazmat.material"}


def test_facts_written_from_an_entity_are_what_was_given() -> None:
    program = safetyrules.default_program()
    facts = {"name": "甲", "employees": {"at_least": 30}, "dust": {"hazard_present": True, "collectors": []}}
    assert raw_of(program.schema, parse(program, facts)) == facts
