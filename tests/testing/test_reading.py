"""Test files are read strictly, and what is wrong is said with its place."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator

from safetyrules.diagnostics import Diagnostic, RulesetError
from safetyrules.language.yaml_source import load_yaml, to_plain
from safetyrules.testing.model import Case, Refusal
from safetyrules.testing.reading import read_suite
from safetyrules.testing.written import json_schema

OK = "facts: {}, expect: {grade: red}"


def read(text: str, files: dict[str, bytes] | None = None) -> tuple[Case, ...]:
    return read_suite(text, "a.test.yaml", (files or {}).__getitem__).cases


def problems(text: str, files: dict[str, bytes] | None = None) -> list[Diagnostic]:
    with pytest.raises(RulesetError) as refused:
        read(text, files)
    return list(refused.value.diagnostics)


@pytest.mark.parametrize(
    ("text", "code", "place", "fix"),
    [
        ("- {name: a, as_of: 2024-01-01, fact: {}, expect: {x: 1}}\n", "SR4102", "1:32", "did you mean 'facts'?"),
        (f"cases:\n  - {{name: a, as_of: tomorrow, {OK}}}\n", "SR4101", "2:22", None),
        (f"cases:\n  - {{as_of: 2024-01-01, {OK}}}\n", "SR4101", "2:5", None),
        ("cases:\n  - {name: a, as_of: 2024-01-01, facts: []}\n", "SR4101", "2:34", None),
        (f"cases:\n  - {{name: a, {OK}}}\n", "SR2105", "2:12", None),
        ("cases:\n  - {name: a, as_of: 2024-01-01, facts: {}}\n", "SR4101", "2:5", None),
        (f"fixtures: {{base: {{}}}}\ncases:\n  - {{name: a, from: bas, as_of: 2024-01-01, {OK}}}\n", "SR4103", "3:21",
         "did you mean 'base'?"),
        ("fixtures: {a: {from: b}, b: {from: a}}\n", "SR4104", "1:36", None),
        (f"- {{name: a, as_of: 2024-01-01, {OK}}}\n- {{name: a, as_of: 2024-01-01, {OK}}}\n", "SR4105", "2:10", None),
        ("- {name: a, as_of: 2024-01-01, expect: {x: {atleast: 1}}}\n", "SR4102", "1:45", "did you mean 'at_least'?"),
        ("- {name: a, as_of: 2024-01-01, expect: {x: [1]}}\n", "SR4101", "1:41", None),
        ("- {name: a, as_of: 2024-01-01, expect: {x: {severity: majr}}}\n", "SR4101", "1:55", "did you mean 'major'?"),
        ("- {name: a, as_of: 2024-01-01, expect: {x: {severty: major}}}\n", "SR4102", "1:45",
         "did you mean 'severity'?"),
        (f"cases:\n  - {{name: a, unset: b, as_of: 2024-01-01, {OK}}}\n", "SR4109", "2:22", None),
        (f"cases:\n  - {{name: a, set: {{'t[1].x': 1}}, as_of: 2024-01-01, {OK}}}\n", "SR4109", "2:31", None),
        ("tables: [{file: no.csv}]\n", "SR4001", None, None),
        ("just words\n", "SR4101", "1:1", None),
        ("- {name: a, name: b}\n", "SR0112", "1:13", None),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_with_its_place(text: str, code: str, place: str | None, fix: str | None) -> None:
    found = problems(text)[0]
    assert found.code == code
    if place is not None:
        assert str(found.span) == f"a.test.yaml:{place}"
    if fix is not None:
        assert found.fix is not None
        assert found.fix.en == fix


def test_all_that_is_wrong_is_said_at_once() -> None:
    found = problems("- {name: a, as_of: x, fcts: {}}\n- {nme: b, expect: {x: 1}}\n")
    assert [each.code for each in found] == ["SR4101", "SR4102", "SR4101", "SR4102"]


def test_cases_build_on_fixtures() -> None:
    (case,) = read(
        "defaults: {as_of: 2024-01-01, closed: dust}\n"
        "fixtures:\n"
        "  base: {facts: {dust: {workers: {at_least: 3}, collectors: [{system: dry, dust_class: wood}]}}}\n"
        "  wet: {from: base, set: {'dust.collectors[0].system': wet}, law_at: 2020-01-01}\n"
        "cases:\n"
        "  - name: a\n"
        "    from: wet\n"
        "    facts: {dust: {workers: {at_most: 9}, materials: []}}\n"
        "    unset: 'dust.collectors[0].dust_class'\n"
        "    expect: {x: 1}\n"
    )
    assert case.facts == {"dust": {"workers": {"at_most": 9}, "collectors": [{"system": "wet"}], "materials": []}}
    assert {key: str(value) for key, value in case.options.items()} == {
        "as_of": "2024-01-01", "closed": "['dust']", "law_at": "2020-01-01",
    }  # fmt: skip


def test_a_row_of_a_table_is_a_case() -> None:
    heads = b"name,workers,tanks[0].dike,as_of,expect:grade\n"
    table = heads + b"nine,9,,2024-01-01,blue\n,{at_least: 30},true,2024-01-01,red\n"
    one, two = read("tables: [{name: t, file: t.csv, facts: {licensed: false}}]\n", {"t.csv": table})
    assert (one.name, one.facts, one.span.line) == ("t: nine", {"licensed": False, "workers": 9}, 2)
    assert (two.name, two.facts["tanks"], two.facts["workers"]) == ("t: 2", [{"dike": True}], {"at_least": 30})
    assert [(each.key, each.wanted, str(each.span)) for each in two.expectations] == [("grade", "red", "t.csv:3:1")]


@pytest.mark.parametrize(
    ("table", "line"),
    [
        (b"name,workers\na,1\n", 1),
        (b"workers,workers,expect:x\n1,1,1\n", 1),
        (b"workers,expect:x\n1\n", 2),
        (b'workers,expect:x\n"1,2\n', 2),
    ],
)
def test_a_table_must_be_one(table: bytes, line: int) -> None:
    found = problems("tables: [{file: t.csv}]\n", {"t.csv": table})[0]
    assert (found.code, found.span and found.span.line) == ("SR4108", line)


@pytest.mark.parametrize(
    ("cell", "code", "fix"),
    [
        ("{atleast: 3}", "SR4102", "did you mean 'at_least'?"),
        ("{severity: majr}", "SR4101", "did you mean 'major'?"),
        ("[red]", "SR4101", None),
    ],
)
def test_a_cell_of_a_table_is_read_as_strictly(cell: str, code: str, fix: str | None) -> None:
    text = "defaults: {as_of: 2024-01-01}\ntables: [{file: a.csv}]\n"
    table = f'name,expect:x\none,"{{is: found, severity: major}}"\ntwo,"{cell}"\n'
    (problem,) = problems(text, {"a.csv": table.encode()})
    assert (problem.code, problem.fix and problem.fix.en) == (code, fix)
    assert problem.span is not None
    assert (problem.span.source, problem.span.line) == ("a.csv", 3)


def test_refusals() -> None:
    (case,) = read("- {name: a, as_of: 2024-01-01, refused: [SR1004, {code: SR1001, at: dust.x}]}\n")
    assert case.refusals == (Refusal("SR1004"), Refusal("SR1001", "dust.x"))


def test_the_json_schema_takes_what_is_read_and_refuses_what_is_not() -> None:
    schema = json_schema()
    Draft202012Validator.check_schema(schema)
    validator = Draft202012Validator(schema)
    good = "cases: [{name: a, as_of: '2024-01-01', expect: {x: {at_least: 3, needs: [y]}, z: red}}]"
    bad = "cases: [{name: a, as_of: '2024-01-01', expect: {x: {atleast: 3}}}]"
    severity = "[{{name: a, as_of: '2024-01-01', expect: {{x: {{is: found, severity: {}}}}}}}]"
    assert validator.is_valid(_plain(severity.format("major")))
    assert not validator.is_valid(_plain(severity.format("serious")))
    assert validator.is_valid(_plain(good))
    assert validator.is_valid(_plain("[{name: a, as_of: '2024-01-01', refused: [SR1004]}]"))
    assert not validator.is_valid(_plain(bad))
    assert not validator.is_valid(_plain("[{as_of: '2024-01-01'}]"))


def _plain(text: str) -> object:
    return json.loads(json.dumps(to_plain(load_yaml(text, "x"))))
