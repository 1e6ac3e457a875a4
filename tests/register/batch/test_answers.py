"""What a batch answers is what each subject is told alone, by the reference; and its columns hang on the law alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from agreement_facts import facts_of as facts_drawn
from agreement_programs import Generated, programs
from hypothesis import given, settings
from hypothesis import strategies as st
from register_rows import MAPPING, credit_code, rows_of, small
from test_engines_agree import AS_OF, examples, law_days, load, places
from test_entities import parse

import safetyrules
from benchmarks.register_agreement import differences
from safetyrules.engine.columnar.tables import Tables
from safetyrules.engine.columnar.tabulate import Prepared, Tabulated
from safetyrules.register.answer_frames import Framing, RegisterAnswers
from safetyrules.register.mapping import read_mapping
from safetyrules.register.register import open_register


def differing(framing: Framing, source: Any, size: int = 1000) -> list[Any]:
    with open_register(source, program=framing.program) as register:
        return [
            each
            for batch in register.batches(size)
            for each in differences(framing, batch, framing.frames(batch), "reference")
        ]


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"treat_unknown_as": "worst", "closed": ("*",)},
        {"treat_unknown_as": "best", "law_at": "2022-06-01", "sectors": ("dust",), "jurisdiction": "210100"},
    ],
    ids=["as it stands", "closed world, worst", "one sector, best, other law"],
)
def test_as_the_reference_on_the_shipped_law(demo: Path, options: dict[str, Any]) -> None:
    framing = Framing(safetyrules.default_program(), as_of="2026-01-01", outcomes=True, **options)
    assert differing(framing, demo, 250) == []


@pytest.mark.parametrize("outcomes", [True, False], ids=["with words", "without words"])
def test_subjects_decided_one_by_one_stand_among_the_others(
    demo: Path, monkeypatch: pytest.MonkeyPatch, outcomes: bool
) -> None:
    """Nothing tells who was decided by columns. Without the words of outcomes, what no table has is not finished."""
    program, columns_alone = safetyrules.default_program(), Prepared.run

    def answered(asked: bool) -> RegisterAnswers:
        with open_register(demo) as register:
            return Framing(program, as_of="2026-01-01", outcomes=asked).frames(next(register.batches(120)))

    def some_doubtful(prepared: Prepared, tables: Tables) -> Tabulated:
        found = columns_alone(prepared, tables)
        chosen = pl.Series([row for row in range(tables.height) if row % 5 < 2], dtype=pl.UInt32)
        return replace(found, doubtful=chosen)

    by_columns = answered(True)
    monkeypatch.setattr(Prepared, "run", some_doubtful)
    mixed = answered(outcomes)
    assert mixed.exact >= 40 > by_columns.exact
    for (name, table), (_, other) in zip(by_columns.tables(), mixed.tables(), strict=False):
        assert table.equals(other), name
    assert set(mixed.outcomes) == (set(by_columns.outcomes) if outcomes else set())


def test_a_difference_would_be_seen(demo: Path) -> None:
    framing = Framing(safetyrules.default_program(), as_of="2026-01-01", outcomes=True)
    with open_register(demo) as register:
        batch = next(register.batches(40))
    answers = framing.frames(batch)
    for table in ("findings", "subjects", "outcomes"):
        changed: dict[str, Any] = {
            "subjects": answers.subjects, "findings": answers.findings, "duties": answers.duties,
            "rejects": answers.rejects, "outcomes": dict(answers.outcomes),
        }  # fmt: skip
        if table == "findings":
            changed["findings"] = answers.findings.slice(1)
        elif table == "subjects":
            changed["subjects"] = answers.subjects.with_columns(~pl.col("overall_grade.undetermined"))
        else:
            changed["outcomes"]["enterprise"] = answers.outcomes["enterprise"].with_columns(pl.col("word_0") ^ 1)
        found = {each[1] for each in differences(framing, batch, type(answers)(**changed), "reference")}
        assert found == {table}


@settings(max_examples=examples(20))
@given(data=st.data(), generated=programs(), place=places, law_at=law_days)
def test_as_the_reference_on_generated_law(data: st.DataObject, generated: Generated, place: str, law_at: date) -> None:
    """Duties, logs, dates and what else the shipped law has not; from rows, and from a list of subjects."""
    program = load(generated)
    facts = {f"s{i}": data.draw(facts_drawn(generated.kinds)) for i in range(4)}
    options: dict[str, Any] = {"as_of": AS_OF, "law_at": law_at, "jurisdiction": place}
    framing = Framing(program, outcomes=True, **options)
    rows = rows_of(program.schema, "enterprise", {key: parse(program, each) for key, each in facts.items()})
    if rows is not None:
        assert differing(framing, rows) == []
    listed = safetyrules.tabulate(
        [{"subject": key, **each} for key, each in facts.items()], program=program, outcomes=True, **options
    )
    alone = {key: program.assess(each, **options) for key, each in facts.items()}
    assert listed.subjects["subject"].to_list() == sorted(alone)
    if rows is not None:
        framed = safetyrules.tabulate(rows, program=program, outcomes=True, **options)
        assert listed.subjects.drop("place", strict=False).schema == framed.subjects.drop("place", strict=False).schema
        assert listed.findings.equals(framed.findings)
        assert listed.duties.equals(framed.duties)
        assert all(listed.outcomes[kind].equals(framed.outcomes[kind]) for kind in framed.outcomes)


def test_columns_hang_on_the_law_alone(demo: Path) -> None:
    """Neither on the places that the subjects are in, nor on what is known of them."""
    one = safetyrules.tabulate(demo, as_of="2026-01-01", outcomes=True)
    two = safetyrules.tabulate([], as_of="2026-01-01", outcomes=True)
    three = safetyrules.tabulate([{"place": "110101"}], as_of="2026-01-01", outcomes=True)
    for other in (two, three):
        assert [(n, f.schema) for n, f in one.tables()] == [(n, f.schema) for n, f in other.tables()]
    assert "is_medium_or_larger" in three.subjects.columns  # Shenyang's
    assert three.subjects["is_medium_or_larger.undetermined"].to_list() == [None]


def test_places_of_one_batch_have_their_own_law() -> None:
    facts = [{"subject": "b", "place": "210112"}, {"subject": "a", "place": "110101"}, {"subject": "c"}]
    found = safetyrules.tabulate(facts, as_of="2026-01-01")
    assert found.subjects["subject"].to_list() == ["a", "b", "c"]
    assert found.subjects["place"].to_list() == ["110101", "210112", None]
    plans = found.subjects["plan"].to_list()
    assert plans[0] == plans[2] != plans[1]
    assert {tuple(sorted(used.places)): used.subjects for used in found.plans.values()} == {
        ("CN",): 2,
        ("210112",): 1,
    }


def test_every_way_in_says_the_same() -> None:
    tables, mapping = small(), read_mapping(MAPPING, "mapping.yaml")
    pandas = {kind: frame.to_pandas() for kind, frame in tables.items()}
    arrow = {kind: frame.to_arrow() for kind, frame in tables.items()}
    said = [safetyrules.tabulate(each, mapping=mapping, as_of=AS_OF) for each in (tables, pandas, arrow)]
    with open_register(tables, mapping) as register:
        said.append(safetyrules.tabulate(register, as_of=AS_OF))
        facts = [{"subject": key, **register.facts(key)} for key in (credit_code(1), credit_code(2))]
    said.append(safetyrules.tabulate(facts, as_of=AS_OF))
    for other in said[1:]:
        assert other.subjects.equals(said[0].subjects)
        assert other.findings.equals(said[0].findings)
    assert said[0].subjects.height == 2


def test_bad_subjects_of_a_list_are_set_aside() -> None:
    listed = [
        {"subject": "a", "employees": -1},
        {"subject": "b"},
        {"subject": "b", "employees": 3},
        3,
        {"credit_code": credit_code(3)},
        {},
    ]
    found = safetyrules.tabulate(listed, as_of=AS_OF)
    assert found.subjects["subject"].to_list() == ["5", credit_code(3)]
    assert found.set_aside() == {"SR1002": 1, "SR1006": 1, "SR5032": 1}
    assert found.rejects["subject"].to_list() == ["3", "a", "b", "b"]
