"""Which grade and which tier `--by` counts, where the law has more conclusions than one that it could mean."""

from __future__ import annotations

from pathlib import Path

import pytest
from batch_folders import AS_OF
from register_rows import MAPPING, small

from safetyrules import RequestError
from safetyrules.cli.batch import _lines
from safetyrules.plugins import load_with_paths
from safetyrules.register.batch_run import BatchOptions, BatchResult, run_batch
from safetyrules.register.mapping import read_mapping
from safetyrules.register.register import open_register

#: A city's law, beside all that is installed: what of `sector_grades()` it makes, differs.
LAW = """\
ruleset: city.grades
title: {zh: 某市, en: A city}
instrument: safetyrules-choices
rules:
  - id: city.worth_a_visit
    title: {zh: 需要上门, en: Worth a visit}
    clause: G22
    on: enterprise
    OUTCOME
"""
BOOLEAN = 'value: boolean\n    is: \'sector_grades().exists(g, g in ["orange", "red"])\''
LEVEL = 'value: colour\n    is: \'sector_grades().exists(g, g == "red") ? "red" : "blue"\''
GRADE = LEVEL.replace("value: colour", "grade: colour")
TIER = "assign: tier\n    is: '\"district\"'"


def answered(folder: Path, outcome: str, *by: tuple[str, ...]) -> BatchResult:
    (folder / "city.yaml").write_text(LAW.replace("OUTCOME", outcome), encoding="utf-8")
    program = load_with_paths([folder / "city.yaml"])
    with open_register(small(), read_mapping(MAPPING, "mapping.yaml"), program=program) as register:
        return run_batch(program, register, folder / "out", BatchOptions(AS_OF, by=by))


@pytest.mark.parametrize("outcome", [BOOLEAN, LEVEL], ids=["boolean", "level"])
def test_what_only_reads_the_grades_of_all_sectors_is_no_overall_grade(tmp_path: Path, outcome: str) -> None:
    result = answered(tmp_path, outcome, ("grade",), ("city.worth_a_visit",))
    assert result.overall == ("overall_grade",)
    assert result.summaries["grade"]["subjects"].sum() == 2
    assert result.summaries["city.worth_a_visit"]["subjects"].sum() == 2
    assert sum(" undetermined: " in line for line in _lines(result, "en")) == 1


def test_two_overall_grades_are_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        answered(tmp_path, GRADE, ("place", "grade"))
    (problem,) = refused.value.diagnostics
    assert problem.code == "SR2105"
    assert problem.expected is not None
    assert problem.expected.en == "city.worth_a_visit / overall_grade"
    assert not (tmp_path / "out").exists()
    result = answered(tmp_path, GRADE, ("overall_grade",), ("city.worth_a_visit",), ("sector", "grade"))
    assert result.overall == ("city.worth_a_visit", "overall_grade")
    assert [result.summaries[name]["subjects"].sum() for name in result.overall] == [2, 2]
    said = list(_lines(result, "en"))
    assert all(
        any(line.startswith(f"{title}: ") for line in said) for title in ("Worth a visit", "Overall hazard grade")
    )


def test_two_tiers_are_asked_for_by_name(tmp_path: Path) -> None:
    with pytest.raises(RequestError) as refused:
        answered(tmp_path, TIER, ("tier",))
    (problem,) = refused.value.diagnostics
    assert problem.expected is not None
    assert {"city.worth_a_visit", "supervision_tier"} <= set(problem.expected.en.split(" / "))
