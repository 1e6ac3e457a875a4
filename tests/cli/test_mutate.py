"""``safetyrules mutate``: exit codes, what it prints and what it writes."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from command_line import Run
from jsonschema import Draft202012Validator

from safetyrules.testing.schemas import SCHEMAS

HEAD = "defaults: {as_of: 2024-01-01}\ncases:\n"
CASE = (
    "  - {{name: {0} workers, facts: {{dust: {{hazard_present: true, workers_total: {0}}}}}, "
    "expect: {{dust.colour_by_workers: {1}}}}}\n"
)
BOUNDS = ((2, "blue"), (3, "yellow"), (9, "yellow"), (10, "orange"), (29, "orange"), (30, "red"))
UNKNOWN = (
    "  - {name: unknown, facts: {dust: {hazard_present: true}}, "
    "expect: {dust.colour_by_workers: {undetermined: [blue, yellow, orange, red]}}}\n"
)
ONLY = ("--rule", "*_workers", "--lang", "en")


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAFETYRULES_CACHE", str(tmp_path / "cache"))
    return tmp_path


def written(folder: Path, *left_out: int) -> str:
    text = HEAD + "".join(CASE.format(*each) for each in BOUNDS if each[0] not in left_out) + UNKNOWN
    (folder / "workers.test.yaml").write_text(text, encoding="utf-8")
    return "workers.test.yaml"


def test_every_fault_is_noticed(folder: Path, run: Run) -> None:
    ran = run("mutate", written(folder), *ONLY, "--min-score", "100")
    assert ran.code == 0, ran.out
    assert "mutation score 100 %" in ran.out


def test_a_survivor_has_its_place_and_the_case_that_is_lacking(folder: Path, run: Run) -> None:
    ran = run("mutate", written(folder, 29), *ONLY, "--min-score", "100")
    assert ran.code == 1
    assert "choices/dust_grade.yaml:7:40: many_workers: threshold moved: 30 → 29" in ran.out
    assert "the nearest is '30 workers' (workers.test.yaml:" in ran.out
    assert "SR4112" in ran.err


def test_in_chinese(folder: Path, run: Run) -> None:
    ran = run("mutate", written(folder, 29), "--rule", "many_workers", "--lang", "zh")
    assert "界限偏移: 30 → 29" in ran.out
    assert "变异得分" in ran.out


def test_documents(folder: Path, run: Run) -> None:
    ran = run("mutate", written(folder, 29), *ONLY, "--format", "json", "--json", "m.json", "--html", "pages")
    assert ran.json["schema"] == "mutation/v1"
    Draft202012Validator(SCHEMAS["mutation/v1"]()).validate(ran.json)
    kept = json.loads((folder / "m.json").read_text(encoding="utf-8"))
    assert kept["total"] == ran.json["total"]
    (ruleset,) = ran.json["rulesets"]
    (survivor,) = [each for each in ruleset["mutants"] if each["status"] == "survived"]
    assert (survivor["original"], survivor["mutated"], survivor["operator"]) == ("30", "29", "threshold")
    assert survivor["suggestion"]["case"].startswith("- name: ")
    page = (folder / "pages" / "choices.dust_grade.html").read_text(encoding="utf-8")
    assert "30 → 29" in page


def test_only_some_operators(folder: Path, run: Run) -> None:
    ran = run("mutate", written(folder), *ONLY, "--operator", "comparison", "--format", "json")
    mutants = [each for ruleset in ran.json["rulesets"] for each in ruleset["mutants"]]
    assert {each["operator"] for each in mutants} == {"comparison"}


def test_no_such_operator(folder: Path, run: Run) -> None:
    ran = run("mutate", written(folder), "--operator", "threshhold", "--lang", "en")
    assert ran.code == 2
    assert "did you mean 'threshold'" in ran.err


def test_no_case_is_no_score(folder: Path, run: Run) -> None:
    assert run("mutate", written(folder), "-k", "nothing has these words").code == 2


def test_what_is_not_run_counts_against_the_score_asked_for(folder: Path, run: Run) -> None:
    ran = run("mutate", written(folder), *ONLY, "--time", "0", "--min-score", "1")
    assert ran.code == 1
    assert "0 killed, 0 survived" in ran.out
    assert "0 not run" not in ran.out


def test_cases_that_fail_anyway_are_said(folder: Path, run: Run) -> None:
    path = folder / written(folder)
    path.write_text(path.read_text(encoding="utf-8") + CASE.format(50, "blue"), encoding="utf-8")
    ran = run("mutate", str(path), "--rule", "many_workers", "--lang", "en")
    assert "1 cases fail as it is" in ran.out


def test_rules_of_ones_own(folder: Path, run: Run) -> None:
    """Documents beside the installed law are mutated where they stand."""
    law = folder / "law"
    law.mkdir()
    (law / "local.yaml").write_text(
        "ruleset: local\ntitle: {zh: 本地, en: Local}\ninstrument: safetyrules-choices\nrules:\n"
        "  - {id: local.crowd, title: {zh: 人多, en: Crowd}, clause: G7-dust-workers, on: enterprise,\n"
        "     value: boolean, is: 'dust.workers_total > 5'}\n",
        encoding="utf-8",
    )
    (law / "local.test.yaml").write_text(
        HEAD + "  - {name: five, facts: {dust: {workers_total: 5}}, expect: {local.crowd: false}}\n", encoding="utf-8"
    )
    ran = run("mutate", "law", "--rules", "law", "--rule", "local.*", "--lang", "en")
    assert "local: 66.6 %" in ran.out
    assert "law/local.yaml:6:48: local.crowd [safetyrules-choices#G7-dust-workers]: threshold moved: 5 → 6" in ran.out
