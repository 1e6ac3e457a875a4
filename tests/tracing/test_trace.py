"""The matrix from clauses to rules to cases: what each clause comes to, for folders of law and for the shipped law."""

from __future__ import annotations

import json
from pathlib import Path

import jsonschema
import pytest

from safetyrules.cli import main
from safetyrules.plugins import load_installed
from safetyrules.tracing.matrix import STATUSES, trace

LAW = """\
instruments: yard
list:
  - id: yard-1
    title: {zh: 堆场, en: Yard}
    issuer: {zh: 例, en: Example}
    level: policy
    jurisdiction: CN
    in_force: {from: 2024-01-01, to: null}
    clauses:
      - {id: "1", title: {zh: 一, en: One}, status: not_decidable, reason: {zh: 目的, en: Purpose only}}
      - {id: "2", title: {zh: 二, en: Two}}
      - {id: "3", title: {zh: 三, en: Three}}
      - {id: "4", title: {zh: 四, en: Four}, status: pending, reason: {zh: 半, en: The other half}}
      - {id: "5", title: {zh: 五, en: Five}}
      - {id: "6", title: {zh: 六, en: Six}}
      - {id: "7", title: {zh: 七, en: Seven}, status: text_not_at_hand, reason: {zh: 无, en: Not seen}}
      - {id: "8", title: {zh: 八, en: Eight}, status: other_subject, reason: {zh: 他, en: Others}}
"""
RULES = """\
ruleset: yard
title: {zh: 堆场, en: Yard}
instrument: yard-1
parameters:
  many: {type: integer, value: 30, unit: person, title: {zh: 多, en: Many}, clause: "6"}
rules:
  - id: yard.large
    title: {zh: 大, en: Large}
    clause: "2"
    confidence: from-memory
    on: enterprise
    value: boolean
    is: 'employees >= many'
  - id: yard.colour
    title: {zh: 颜色, en: Colour}
    clause: "4"
    on: enterprise
    grade: colour
    table:
      hit: first
      rows:
        - {when: 'yard.large', then: red, clause: "5"}
      otherwise: blue
"""
TESTS = """\
- {name: thirty, as_of: 2024-06-01, facts: {employees: 30}, expect: {yard.large: true}}
- {name: wrong, as_of: 2024-06-01, facts: {employees: 30}, expect: {yard.colour: blue}}
"""


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    (tmp_path / "law").mkdir()
    for name, text in (("instruments.yaml", LAW), ("yard.yaml", RULES), ("yard.test.yaml", TESTS)):
        (tmp_path / "law" / name).write_text(text, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAFETYRULES_CACHE", str(tmp_path / "cache"))
    return tmp_path


def traced(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> dict[str, object]:
    assert main(["trace", *arguments, "--format", "json"]) == code
    document = json.loads(capsys.readouterr().out)
    assert main(["schema", "trace/v1"]) == 0
    jsonschema.validate(document, json.loads(capsys.readouterr().out))
    return dict(document)


def test_each_clause_has_its_status(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = traced(capsys, "law")
    (instrument,) = document["instruments"]  # type: ignore[misc]
    assert {each["clause"]: each["status"] for each in instrument["clauses"]} == {
        "1": "not_decidable", "2": "rule", "3": "unaccounted", "4": "rule", "5": "rule", "6": "rule",
        "7": "text_not_at_hand", "8": "other_subject",
    }  # fmt: skip
    assert document["counts"] == {
        "rule": 4, "other_subject": 1, "not_decidable": 1, "text_not_at_hand": 1, "pending": 0, "unaccounted": 1
    }  # fmt: skip


def test_only_cases_that_pass_reach_a_clause(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    document = traced(capsys, "law")
    clauses = {each["clause"]: each for each in document["instruments"][0]["clauses"]}  # type: ignore[index]
    assert [clauses[number]["cases"] for number in "2456"] == [1, 0, 0, 1]
    assert clauses["2"]["citers"][0]["cases"] == ["law/yard.test.yaml: thirty"]
    assert clauses["2"]["from_memory"] is True
    assert [(c["kind"], c["name"], c["rule"]) for c in clauses["5"]["citers"]] == [("row", "1", "yard.colour")]
    assert [(c["kind"], c["name"]) for c in clauses["6"]["citers"]] == [("parameter", "yard/many")]
    assert (clauses["4"]["declared"], clauses["4"]["reason"]["en"]) == ("pending", "The other half")
    assert (document["failed"], document["untested"]) == (1, ["yard-1#4", "yard-1#5"])


def test_strict_names_what_is_unaccounted_for_and_what_no_case_reaches(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["trace", "law", "--strict", "--lang", "en"]) == 1
    said = capsys.readouterr().err
    assert "law/instruments.yaml:12:14: warning SR0909: clause '3'" in said
    assert said.count("SR4201") == 2
    assert main(["trace", "law", "--strict", "--no-tests", "--lang", "en"]) == 1
    said = capsys.readouterr().err
    assert "SR0909" in said
    assert "SR4201" not in said


def test_strict_is_content_where_nothing_is_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "law" / "instruments.yaml").write_text(
        LAW.replace("Three}", "Three}, status: pending, reason: {zh: 无, en: Later}")
    )
    (folder / "law" / "yard.test.yaml").write_text(TESTS.replace("blue", "red"))
    assert main(["trace", "law", "--strict"]) == 0
    assert capsys.readouterr().err == ""


def test_text_and_markdown_say_the_same(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "law", "--lang", "en"]) == 0
    text = capsys.readouterr().out
    assert "✓ 2 Two — rule\n  yard.large (from memory), 1 cases\n" in text
    assert "! 4 Four — rule; in part pending: The other half\n  yard.colour, no case\n" in text
    assert "  yard.colour row 1, no case\n" in text
    assert "✗ 3 Three — unaccounted for\n" in text
    assert main(["trace", "law", "--lang", "en", "--format", "markdown", "--cases"]) == 0
    table = capsys.readouterr().out
    assert "| 2 | Two | rule | yard.large (from memory) | 1 cases<br>law/yard.test.yaml: thirty |\n" in table
    assert "| 1 | One | not decidable: Purpose only |  |  |\n" in table


def test_some_statuses_and_instruments(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["trace", "law", "--status", "unaccounted", "--lang", "zh"]) == 0
    text = capsys.readouterr().out
    assert "✗ 3 三 — 无着落" in text
    assert "yard.large" not in text
    document = traced(capsys, "--instrument", "gb-18218-2018")
    assert [each["instrument"] for each in document["instruments"]] == ["gb-18218-2018"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("arguments", "code"), [(["--status", "done"], "SR4202"), (["--instrument", "gb-18218"], "SR0903")]
)
def test_bad_words(capsys: pytest.CaptureFixture[str], arguments: list[str], code: str) -> None:
    assert main(["trace", "--no-tests", *arguments]) == 2
    assert code in capsys.readouterr().err


def test_the_shipped_law_accounts_for_every_clause() -> None:
    program = load_installed()
    matrix = trace(program, None, program.linked.instruments)
    assert matrix.unaccounted == ()
    assert sum(matrix.counted().values()) == sum(len(each.clauses) for each in program.linked.instruments.values())
    assert set(matrix.counted()) == set(STATUSES)
