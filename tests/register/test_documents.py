"""Registers of documents, one a line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from polars.testing import assert_frame_equal
from register_rows import credit_code, only, read

import safetyrules
from safetyrules.diagnostics import RegisterError
from safetyrules.engine.columnar.entities import tables_of
from safetyrules.facts.input import parse_facts

A, B, C = (credit_code(n) for n in (1, 2, 3))
FACTS: list[Any] = [
    {"credit_code": C, "employees": {"at_least": 30}, "revenue": 0.1},
    {"credit_code": A, "dust": {"hazard_present": True, "collectors": {"items": [{"system": "dry"}], "more": True}}},
    {"credit_code": B, "hazmat": {"units": [{"materials": [{"quantity": 1.5, "categories": ["W2"]}]}]}},
]


def write(folder: Path, *lines: str) -> Path:
    path = folder / "register.ndjson"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_documents_become_the_tables_of_their_facts(tmp_path: Path) -> None:
    batch = only(write(tmp_path, *map(json.dumps, FACTS)))
    program = safetyrules.default_program()
    ordered = sorted(FACTS, key=lambda facts: str(facts["credit_code"]))
    expected = tables_of(
        program.schema, "enterprise", [parse_facts(program.models, "enterprise", facts) for facts in ordered]
    )
    assert batch.keys.to_list() == [facts["credit_code"] for facts in ordered]
    for kind, frame in expected.frames.items():
        assert_frame_equal(frame, batch.tables.frames[kind])
    assert batch.counts["hazmat.material"] == (1, 1, 0)


def test_batches_in_the_order_of_keys(tmp_path: Path) -> None:
    batches = read(write(tmp_path, *map(json.dumps, FACTS)), size=1)
    assert [batch.keys.to_list() for batch in batches] == [[key] for key in sorted([A, B, C])]


def test_numbers_are_read_from_their_text(tmp_path: Path) -> None:
    path = write(
        tmp_path,
        f'{{"credit_code": "{A}", "revenue": 0.12345678901234567891}}',
        f'{{"credit_code": "{B}", "revenue": 0.1}}',
    )
    batch = only(path)
    assert list(batch.tables.apart) == [0]
    assert str(batch.tables.apart[0]["revenue"]) == "0.12345678901234567891"


def test_lines_that_are_no_facts_are_set_aside(tmp_path: Path) -> None:
    good = json.dumps(FACTS[0])
    path = write(
        tmp_path, good, "{", "[]", '{"name": "甲"}', f'{{"credit_code": "{A}", "employees": -1, "x": 1}}',
        '{"credit_code": "1", "credit_code": "2"}', '{"subject": "s", "dust": {"collectors": [{}]}}',
        '{"subject": "s"}',
        "",
    )  # fmt: skip
    batch = only(path)
    assert batch.keys.to_list() == [C]
    assert sorted(batch.rejects["code"]) == sorted(
        ["SR5038", "SR5038", "SR5031", "SR1006", "SR1001", "SR5038", "SR5032", "SR5032"]
    )
    assert batch.counts["enterprise"] == (8, 1, 7)
    assert batch.counts["dust.collector"] == (1, 0, 1)


def test_the_fact_that_has_the_key(tmp_path: Path) -> None:
    path = write(tmp_path, '{"name": "乙"}', '{"name": "丙"}')
    mapping = "tables: {enterprise: {subject: name}}"
    assert only(path, mapping).keys.to_list() == ["丙", "乙"]
    with pytest.raises(RegisterError) as caught:
        only(path, "tables: {enterprise: {subject: nme}}")
    assert [problem.code for problem in caught.value.diagnostics] == ["SR5008"]
