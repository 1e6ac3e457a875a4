"""The findings of a register are told under each clause that finds them, by columns and one by one alike."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from conformance_suite import written

import safetyrules
from safetyrules.engine.columnar.entities import tables_of
from safetyrules.program import Program
from safetyrules.register.answering import Answers, Tabulator
from safetyrules.register.tables_of_answers import findings, subjects
from safetyrules.result import Treatment

DOCUMENTS: list[dict[str, Any]] = [
    {
        "facts": "base",
        "sector": {"name": "plant", "present": "present"},
        "kinds": {
            "enterprise": {
                "root": True,
                "facts": {
                    **dict.fromkeys(("present", "a", "b", "c"), "boolean"), "tanks": {"type": "list", "of": "tank"},
                },
            },
            "tank": {"facts": {"cracked": "boolean", "rusty": "boolean"}},
        },
    },
    {
        "instruments": "base",
        "list": [
            {"id": "law", "clauses": ["1", "2", "3"]},
            {"id": "decree", "level": "administrative_regulation", "clauses": ["1", "2", "3"]},
        ],
    },
    {
        "ruleset": "base",
        "sector": "plant",
        "rules": [
            {"id": "a.leak", "clause": "law#1", "concludes": "leak", "finding": "major", "when": "a"},
            {"id": "b.leak", "clause": "decree#1", "concludes": "leak", "finding": "major", "when": "b"},
            {"id": "a.over", "clause": "law#2", "concludes": "over", "finding": "general", "when": "a"},
            {
                "id": "b.over", "clause": "decree#2", "concludes": "over", "finding": "general", "applies": "c",
                "when": "b", "overrides": ["a.over"],
            },
            {
                "id": "a.tank", "clause": "law#3", "concludes": "tank.bad", "on": "tank", "finding": "major",
                "when": "cracked",
            },
            {
                "id": "b.tank", "clause": "decree#3", "concludes": "tank.bad", "on": "tank", "finding": "major",
                "when": "rusty",
            },
        ],
    },
]  # fmt: skip
NO = {"present": True, "a": False, "b": False, "c": False, "tanks": []}
ASKED: list[dict[str, Any]] = [
    {**NO, "b": True, "tanks": [{"cracked": None, "rusty": True}]},
    {**NO, "a": True, "c": None},
    {**NO, "a": True, "b": True, "tanks": None},
    NO,
]
EXPECTED = [
    ("0", "decree#1", "leak", "major", "", "found"),
    ("0", "decree#3", "tank.bad", "major", "tanks[0]", "found"),
    ("0", "law#3", "tank.bad", "major", "tanks[0]", "undetermined"),
    ("1", "decree#2", "over", "general", "", "undetermined"),
    ("1", "law#1", "leak", "major", "", "found"),
    ("1", "law#2", "over", "general", "", "undetermined"),
    ("2", "decree#1", "leak", "major", "", "found"),
    ("2", "decree#3", "tank.bad", "major", "tanks[?]", "undetermined"),
    ("2", "law#1", "leak", "major", "", "found"),
    ("2", "law#2", "over", "general", "", "found"),
    ("2", "law#3", "tank.bad", "major", "tanks[?]", "undetermined"),
]


def law() -> Program:
    files = written(DOCUMENTS, "by-clause")
    return safetyrules.load_program(files.documents, open_file=lambda source, name: files.files[name].encode())


def rows(frame: pl.DataFrame) -> list[tuple[Any, ...]]:
    columns = ("subject", "clause", "rule", "severity", "part", "status")
    return sorted(frame.select(pl.col(column).cast(pl.String) for column in columns).rows())


def by_columns(program: Program, treatment: Treatment = "withhold") -> tuple[Answers, pl.Series]:
    options: dict[str, Any] = {"as_of": "2024-01-01", "jurisdiction": "320500", "treat_unknown_as": treatment}
    _, request, _ = program.asked({}, **options)
    plan, _, _ = program.asked({}, **options)
    tables = tables_of(plan.schema, request.subject, [program.entity(each, request) for each in ASKED])
    (answers,) = Tabulator(program, **options).answers(tables)
    return answers, pl.Series([str(place) for place in range(len(ASKED))])


def test_by_columns() -> None:
    answers, keys = by_columns(law())
    assert answers.exact == 0
    assert rows(findings(answers, keys)) == EXPECTED


@pytest.mark.parametrize("outcomes", [False, True])
def test_one_by_one(outcomes: bool) -> None:
    found = safetyrules.tabulate(ASKED, program=law(), as_of="2024-01-01", jurisdiction="320500", outcomes=outcomes)
    assert rows(found.findings) == EXPECTED


def test_subjects_that_columns_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    def unfit(*_: Any) -> None:
        return None

    monkeypatch.setattr(Tabulator, "_prepare", unfit)
    answers, keys = by_columns(law())
    assert answers.exact == len(ASKED)
    assert rows(findings(answers, keys)) == EXPECTED


def test_each_is_counted_once() -> None:
    answers, keys = by_columns(law())
    counted = subjects(answers, keys)
    assert counted["plant.major.found"].to_list() == [2, 1, 1, 0]
    assert counted["plant.general.found"].to_list() == [0, 0, 1, 0]


def test_what_is_not_known_is_treated_clause_by_clause() -> None:
    answers, keys = by_columns(law(), "worst")
    found = findings(answers, keys, "worst").filter(pl.col("treated").is_not_null())
    assert [(row[1], row[-1]) for row in rows(found)] == [
        (each[1], each[-1]) for each in EXPECTED if each[-1] == "undetermined"
    ]
