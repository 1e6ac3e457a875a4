"""Mapping files: what they say is done, what does not fit is refused with its place."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from register_rows import credit_code, only, read

import safetyrules
from safetyrules.diagnostics import RegisterError
from safetyrules.register.mapping import read_mapping
from safetyrules.register.proposal import propose
from safetyrules.register.register import open_register

A = credit_code(1)


def table(**columns: Any) -> dict[str, pl.DataFrame]:
    return {"enterprise": pl.DataFrame({"subject": ["a", "b"], **columns})}


def of_columns(columns: str, more: str = "") -> str:
    return f"tables:\n  enterprise:\n    columns: {columns}\n{more}"


def frame(source: Any, mapping: str) -> pl.DataFrame:
    batch = only(source, mapping)
    assert batch.rejects.rows() == []
    return batch.tables.frames["enterprise"]


def test_columns_units_and_code_lists() -> None:
    source = table(人数=["1", "不明"], 收入=["12345", "0.1"], 涉尘=["A", "C"], 成员=["x", None])
    mapping = of_columns(
        '{人数: {fact: employees, values: {不明: unknown}}, 收入: {fact: revenue, unit: yuan}, '
        '涉尘: {fact: dust.hazard_present, values: {A: true, B: false, C: unknown}}, '
        '成员: {fact: affiliation, values: {x: central}, empty: none}}'
    )  # fmt: skip
    found = frame(source, mapping)
    assert found["employees"].to_list() == [1.0, None]
    assert found["revenue"].to_list() == [1.2345, 0.00001]
    assert found["dust.hazard_present"].to_list() == [True, None]
    assert found["affiliation"].to_list() == ["central", "none"]


def test_empty_cells_are_unknown_unless_the_file_says_otherwise() -> None:
    source = table(涉尘=[None, " "])
    assert frame(source, of_columns("{涉尘: dust.hazard_present}"))["dust.hazard_present"].to_list() == [None, None]
    said = frame(source, of_columns("{涉尘: {fact: dust.hazard_present, empty: false}}"))
    assert said["dust.hazard_present"].to_list() == [False, False]


def test_numbers_that_stand_for_words_and_codes_kept_as_numbers() -> None:
    source = table(涉尘=[1, 2], 行业=[111, 2662])
    mapping = of_columns(
        "{涉尘: {fact: dust.hazard_present, values: {1: true, 2: false}}, 行业: {fact: industry, pad: 4}}"
    )
    found = frame(source, mapping)
    assert found["dust.hazard_present"].to_list() == [True, False]
    assert found["industry"].to_list() == ["0111", "2662"]


def test_constants() -> None:
    mapping = 'tables: {enterprise: {constants: {place: "210100", employees: 5, dust.hazard_present: false}}}'
    found = frame(table(), mapping)
    assert found["place"].to_list() == ["210100"] * 2
    assert found["employees"].to_list() == [5.0] * 2
    assert found["dust.hazard_present"].to_list() == [False] * 2


@pytest.mark.parametrize(
    ("said", "expected"),
    [("", [False, True]), ("absent: none", [True, True]), ("complete: false", [False, False])],
)
def test_what_no_rows_of_parts_mean(said: str, expected: list[bool]) -> None:
    source = table() | {"除尘系统": pl.DataFrame({"subject": ["b"], "编号": ["1"], "除尘方式": ["干式"]})}
    mapping = f"tables: {{dust.collector: {{{said or 'complete: true'}}}}}"
    found = frame(source, mapping)
    assert found["dust.collectors?complete"].to_list() == expected


def test_kinds_without_a_table() -> None:
    assert frame(table(), "tables: {dust.store: {absent: none}}")["dust.stores?complete"].to_list() == [True, True]
    assert frame(table(), "tables: {enterprise: {}}")["dust.stores?complete"].to_list() == [False, False]


def test_dates_in_another_form(tmp_path: Path) -> None:
    program, source = _with_date(), table(日=["2024/01/31", "2024.1.1"])
    said = read_mapping(of_columns('{日: {fact: founded, format: "%Y/%m/%d"}}'), "m.yaml")
    batch = only(source, said, program=program)
    assert batch.tables.frames["enterprise"]["founded"].to_list() == [date(2024, 1, 31)]
    assert batch.rejects["code"].to_list() == ["SR5037"]


def _with_date() -> safetyrules.Program:
    text = """
facts: own
kinds:
  enterprise:
    root: true
    title: {zh: 企业, en: Enterprise}
    facts:
      founded: {type: date, title: {zh: 成立日期, en: Founded}}
      one: {type: text, title: {zh: 同名, en: Same}}
      two: {type: text, title: {zh: 同名, en: Same}}
"""
    return safetyrules.load_program([("own.yaml", text)])


def test_a_word_of_no_list_is_refused_as_such() -> None:
    batch = only(table(涉尘=["A", "Z"]), of_columns("{涉尘: {fact: dust.hazard_present, values: {A: true}}}"))
    assert batch.rejects.select("subject", "code").rows() == [("b", "SR5036")]


PARTS = {"hazmat.unit": pl.DataFrame({"subject": ["a"], "part": ["1"]})}
CASES: list[tuple[str, Any, str]] = [
    ("SR0412", table(), "tables: {enterprises: {}}"),
    ("SR0202", table(), "tables: {enterprise: {colums: {}}}"),
    ("SR0112", table(), "tables:\n  enterprise: {}\n  enterprise: {}"),
    ("SR0205", table(), "tables: {enterprise: {absent: all}}"),
    ("SR5002", {"dust.collector": pl.DataFrame({"subject": ["a"]})}, "tables: {dust.collector: {absent: none}}"),
    (
        "SR5002",
        table() | {"hazmat.material": pl.DataFrame({"subject": ["a"], "parent": ["1"]})},
        "tables: {enterprise: {}}",
    ),
    ("SR5003", table() | {"dust.colector": pl.DataFrame({"subject": ["a"]})}, "tables: {enterprise: {}}"),
    ("SR5004", {"enterprise": pl.DataFrame({"name": ["a"]})}, "tables: {enterprise: {}}"),
    ("SR5004", table() | PARTS | {"hazmat.material": pl.DataFrame({"subject": ["a"]})}, "tables: {enterprise: {}}"),
    ("SR5006", table(employees=[1, 2], 从业人员期末数=[1, 2]), "tables: {enterprise: {}}"),
    ("SR5006", table(employees=[1, 2]), "tables: {enterprise: {constants: {employees: 1}}}"),
    ("SR5007", table(), of_columns("{人数: employees}")),
    ("SR5007", table(), "tables: {enterprise: {ignored: [人数]}}"),
    ("SR5007", table(), "tables: {enterprise: {subject: 代码}}"),
    ("SR5008", table(人数=[1, 2]), of_columns("{人数: employes}")),
    ("SR5008", table(), "tables: {enterprise: {constants: {employes: 1}}}"),
    ("SR5009", table(人数=[1, 2]), of_columns("{人数: {fact: employees, unit: t}}")),
    ("SR5009", table(人数=[1, 2]), of_columns("{人数: {fact: employees, unit: heads}}")),
    ("SR5010", table(行业=[1, 2]), of_columns("{行业: industry}")),
    ("SR5010", table(隶属=[1, 2]), of_columns("{隶属: affiliation}")),
    ("SR5010", table(人数=[True, False]), of_columns("{人数: employees}")),
    ("SR5011", table(隶属=["A", "B"]), of_columns("{隶属: {fact: affiliation, values: {A: centre}}}")),
    ("SR5011", table(), "tables: {enterprise: {constants: {employees: -1}}}"),
    ("SR5011", table(隶属=["A", "B"]), of_columns("{隶属: {fact: affiliation, empty: centre}}")),
    (
        "SR5012",
        table() | PARTS | {"hazmat.material": pl.DataFrame({"subject": ["a"], "parent": ["1"], "categories": ["W2"]})},
        "tables: {enterprise: {}}",
    ),
    ("SR5013", table(n=["A", "B"]), of_columns("{n: {fact: name, unit: t}}")),
    ("SR5013", table(n=["A", "B"]), of_columns('{n: {fact: name, separator: ";"}}')),
    ("SR5014", table(), "tables: {enterprise: {table: 企业名单}}"),
    ("SR5014", table(), "tables: {enterprise: {}}\nignored: [x]"),
    ("SR5014", table(), "tables: {dust.store: {columns: {x: name}}}"),
    ("SR5016", table() | {"企业": pl.DataFrame({"subject": ["a"]})}, "tables: {enterprise: {}}"),
]


@pytest.mark.parametrize(("code", "source", "mapping"), CASES)
def test_what_does_not_fit_is_refused(code: str, source: Any, mapping: str) -> None:
    with pytest.raises(RegisterError) as caught:
        read(source, mapping)
    assert code in [problem.code for problem in caught.value.diagnostics]
    assert all(problem.render("zh") and problem.render("en") for problem in caught.value.diagnostics)


def test_a_title_of_two_facts_names_both() -> None:
    with pytest.raises(RegisterError) as caught:
        read(table(同名=["x", "y"]), program=_with_date())
    (problem,) = caught.value.diagnostics
    assert problem.code == "SR5005"
    assert "one, two" in problem.message.en


def test_all_problems_at_once() -> None:
    with pytest.raises(RegisterError) as caught:
        read(table(人数=[1, 2], x=[1, 2]), of_columns("{人数: employes, x: industry, y: name}"))
    assert {problem.code for problem in caught.value.diagnostics} == {"SR5007", "SR5008", "SR5010"}
    assert all(problem.span is not None for problem in caught.value.diagnostics)


def test_columns_that_are_not_read_are_listed() -> None:
    with open_register(table(备注=["x", "y"], employes=[1, 2])) as register:
        assert [notice.code for notice in register.notices] == ["SR5019", "SR5019"]
        assert "employees" in str(register.notices[1].fix)
    ignoring = read_mapping("tables: {enterprise: {ignored: [备注, employes]}}", "m.yaml")
    with open_register(table(备注=["x", "y"], employes=[1, 2]), ignoring) as register:
        assert register.notices == ()


def test_units_in_labels() -> None:
    assert frame(table(**{"年营业收入（元）": [20000, 1]}), "tables: {enterprise: {}}")["revenue"].to_list() == [
        2.0,
        0.0001,
    ]
    with open_register(table(**{"年营业收入（吨）": [20000, 1]})) as register:
        assert [notice.code for notice in register.notices] == ["SR5019"]


def test_a_proposed_mapping_is_accepted_and_lists_what_is_left(tmp_path: Path) -> None:
    program = safetyrules.default_program()
    source = {
        "名单": pl.DataFrame(
            {
                "统一社会信用代码": [A],
                "名称": ["甲"],
                "年营业收入（元）": [1],
                "存在粉尘爆炸危险": ["待查"],
                "从业人员": [3],
                "备注": [""],
            }
        )
    }
    text = propose(program.schema, "enterprise", source, {"enterprise": ["industry", "name"]}, tmp_path)
    assert '"年营业收入（元）": {fact: revenue, unit: yuan}' in text
    assert '{fact: dust.hazard_present, values: {"待查": unknown}}' in text
    assert '- "从业人员"  # perhaps employees' in text
    assert "#   industry" in text
    assert "#   name" not in text
    batch = only(source, text)
    assert batch.keys.to_list() == [A]
    assert batch.rejects.rows() == []
