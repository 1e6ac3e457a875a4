"""The shipped law over drawn registers: every subject has the answers that it has alone, whatever the options."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import polars as pl
import pytest
from tabulating import differing

from safetyrules.engine.columnar.entities import all_facts, facts_of
from safetyrules.engine.columnar.subsets import subset
from safetyrules.engine.columnar.tables import Tables
from safetyrules.program import default_program
from safetyrules.register.answering import Tabulator
from safetyrules.register.demo import demo_tables

ROWS = 150
OPTIONS: list[dict[str, Any]] = [
    {"as_of": "2024-06-30", "law_at": "2024-01-01"},
    {"as_of": "2024-06-30", "law_at": "2020-01-01"},
    {"as_of": "2014-08-02"},
    {"as_of": "2024-06-30", "jurisdiction": "210100"},
    {"as_of": "2024-06-30", "jurisdiction": "CN", "sectors": ["dust"]},
    {"as_of": "2024-06-30", "closed": ["dust"]},
    {"as_of": "2024-06-30", "closed": ["*"]},
]


@lru_cache
def register(missing: float) -> Tables:
    return demo_tables(default_program(), ROWS, 11, missing=missing, boundary=0.2)


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_as_each_subject_alone(options: dict[str, Any], missing: float) -> None:
    program, tables = default_program(), register(missing)
    seen = 0
    for answers in Tabulator(program, **options).answers(tables):
        for number, row in enumerate(answers.rows):
            seen += 1
            if row % 5:
                continue
            facts = facts_of(program.schema, tables, row)
            said = program.assess(facts, engine="reference", **options)
            assert said.plan.digest == answers.plan.digest
            assert differing(said.scalars, answers.tabulated.outcomes(number)) == {}
    assert seen == ROWS


@pytest.mark.parametrize("missing", [0.0, 0.3, 0.9])
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_columns_settle_all_but_a_few(options: dict[str, Any], missing: float) -> None:
    """Without risk points: products of scores often come to a border exactly, and what lies on one is decided alone."""
    tables = demo_tables(default_program(), ROWS, 11, missing=missing, boundary=0.2, parts={"risk.point": 0.0})
    for answers in Tabulator(default_program(), **options).answers(tables):
        assert answers.exact < answers.rows.len() / 4


def test_a_subset_has_the_facts_of_its_subjects() -> None:
    program, tables = default_program(), register(0.3)
    rows = pl.Series([3, 4, 17, 80, ROWS - 1], dtype=pl.UInt32)
    chosen = subset(program.schema, tables, rows)
    wanted = [facts_of(program.schema, tables, row) for row in rows]
    assert [facts_of(program.schema, chosen, row) for row in range(rows.len())] == wanted
    assert list(all_facts(program.schema, chosen)) == wanted
