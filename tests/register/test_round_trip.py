"""What an entity says, said by rows, comes out of the register unchanged."""

from __future__ import annotations

from typing import Any

import polars as pl
from agreement_facts import facts_of as facts_drawn
from agreement_programs import Generated, programs
from hypothesis import given, settings
from hypothesis import strategies as st
from register_rows import MAPPING, only, read, rows_of, small
from test_engines_agree import AS_OF, examples, load
from test_entities import content, parse

import safetyrules
from safetyrules.engine.columnar.entities import facts_of


@settings(max_examples=examples(60))
@given(st.data(), programs(small=True))
def test_rows_say_what_the_entity_says(data: st.DataObject, generated: Generated) -> None:
    program = load(generated)
    entities = {f"s{i}": parse(program, data.draw(facts_drawn(generated.kinds))) for i in range(5)}
    entities = {key: each for key, each in entities.items() if rows_of(program.schema, "enterprise", {key: each})}
    rows = rows_of(program.schema, "enterprise", entities)
    if not entities or rows is None:
        return
    batch = only(rows, program=program)
    assert batch.rejects.rows() == []
    assert batch.keys.to_list() == sorted(entities)
    for row, key in enumerate(batch.keys):
        again = facts_of(program.schema, batch.tables, row)
        assert content(parse(program, again), given=False) == content(entities[key], given=False)


def test_the_generator_of_rows_is_seldom_without_an_answer() -> None:
    kept = 0

    @settings(max_examples=examples(30), database=None)
    @given(st.data(), programs(small=True))
    def count(data: st.DataObject, generated: Generated) -> None:
        nonlocal kept
        program = load(generated)
        entity = parse(program, data.draw(facts_drawn(generated.kinds)))
        kept += rows_of(program.schema, "enterprise", {"s": entity}) is not None

    count()
    assert kept > 8


def test_facts_of_a_register_are_assessed() -> None:
    program = safetyrules.default_program()
    batch = only(small(), MAPPING)
    facts: list[Any] = [facts_of(program.schema, batch.tables, row) for row in range(2)]
    assert facts[0]["name"] == "甲厂"
    assert facts[0]["dust"] == {"hazard_present": False}
    assert facts[1]["dust"]["collectors"] == [
        {"name": "除尘1", "system": "dry"},
        {"name": "除尘2", "system": "wet"},
    ]
    assert [m["chemical"] for m in facts[1]["hazmat"]["units"][0]["materials"]] == [
        "7664-41-7",
        {"not_applicable": True},
    ]
    assert facts[1]["hazmat"]["units"][0]["materials"][0]["categories"] == ["W2", "J3"]
    assert program.assess(facts[1], as_of=AS_OF)["dust.grade"].proven == "blue"


def test_batches_hold_whole_subjects_in_order() -> None:
    batches = read(small(), MAPPING, size=1)
    assert [batch.keys.to_list() for batch in batches] == [[key] for key in sorted(small()["enterprise"]["subject"])]
    assert [batch.tables.frames["dust.collector"].height for batch in batches] == [0, 2]
    assert [batch.counts["hazmat.material"].read for batch in batches] == [1, 2]


def test_parts_of_parts_stand_by_their_parents_in_the_order_of_the_file() -> None:
    tables = small()
    b = tables["hazmat.unit"]["subject"][0]
    tables["hazmat.unit"] = pl.DataFrame({"subject": [b] * 3, "part": ["u1", "u2", "u3"]})
    parents = ["u2", "u1", "u2", "u3", "u1", "u2"]
    tables["hazmat.material"] = pl.DataFrame(
        {"subject": [b] * 6, "part": list("abcdef"), "parent": parents, "name": list("abcdef")}
    )
    batch = only(tables)
    assert batch.tables.frames["hazmat.material"].select("#parent", "name").rows() == [
        (0, "b"), (0, "e"), (1, "a"), (1, "c"), (1, "f"), (2, "d"),
    ]  # fmt: skip
    assert batch.parts["hazmat.material"].to_list() == list("beacfd")
