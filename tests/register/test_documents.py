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


def told(path: Path) -> list[tuple[Any, ...]]:
    rejects = only(path).rejects
    return rejects.select("subject", "column", "code", "reason_zh", "reason_en").rows()


def test_lines_that_cannot_be_read_are_told_by_their_number_in_the_file(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(FACTS[0]), "", "  ", '{"employees": }', "", "[]", '{"name": "甲"}', "{} {}")
    assert told(path) == [
        (None, None, "SR5038", "第 4 行不是 JSON 文档：第 15 个字符：Expecting value",
         "line 4 is no JSON document: character 15: Expecting value"),
        (None, None, "SR5038", "第 6 行不是 JSON 文档：应为映射", "line 6 is no JSON document: a mapping belongs here"),
        (None, "credit_code", "SR5031", "第 7 行没有主体的键", "line 7 has no key of its subject"),
        (None, None, "SR5038", "第 8 行不是 JSON 文档：第 4 个字符：Extra data",
         "line 8 is no JSON document: character 4: Extra data"),
    ]  # fmt: skip


def test_a_number_that_nothing_holds_sets_its_line_aside_alone(tmp_path: Path) -> None:
    path = write(tmp_path, json.dumps(FACTS[0]), f'{{"credit_code": "{A}", "revenue": 1e{"9" * 20}}}')
    batch = only(path)
    assert batch.keys.to_list() == [C]
    assert batch.rejects["reason_en"].to_list() == ["line 2 is no JSON document: a number is too large or too small"]


@pytest.mark.parametrize("key", ["subject", "credit_code"])
def test_a_key_with_half_a_character_is_none(tmp_path: Path, key: str) -> None:
    path = write(tmp_path, json.dumps(FACTS[0]), f'{{"{key}": "\\ud800"}}')
    batch = only(path)
    assert batch.keys.to_list() == [C]
    assert batch.rejects["subject"].to_list() == [None]
    listed = safetyrules.tabulate([{key: "\ud800", "employees": 1}], as_of="2026-01-01")
    assert listed.subjects.height == 0
    assert listed.rejects["code"].to_list() == ["SR5031" if key == "subject" else "SR1032"]


def test_all_lines_of_one_subject_are_counted_and_where_their_key_is_is_told(tmp_path: Path) -> None:
    path = write(tmp_path, '{"subject": "s"}', f'{{"credit_code": "{A}"}}', '{"subject": " s"}', '{"subject": "s"}')
    assert [row[:3] + row[4:] for row in told(path)] == [("s", "subject", "SR5032", "3 rows are of one subject")] * 3
    path = write(tmp_path, f'{{"subject": "{A}"}}', f'{{"credit_code": "{A}"}}')
    assert [row[:3] for row in told(path)] == [(A, "subject", "SR5032"), (A, "credit_code", "SR5032")]


@pytest.mark.parametrize("key", [1.0, True, " ", ["1"], {"value": "1"}])
def test_a_listed_subject_whose_key_is_none_does_not_take_the_key_of_its_place(key: Any) -> None:
    found = safetyrules.tabulate([{"subject": "1"}, {"subject": key, "employees": 1}], as_of="2026-01-01")
    assert found.subjects["subject"].to_list() == ["1"]
    assert found.rejects.select("subject", "column", "code", "reason_zh", "reason_en").rows() == [
        (None, "subject", "SR5031", "第 2 个主体没有主体的键", "subject 2 has no key of its subject")
    ]
