"""The pytest plugin collects test files, says well what failed, and keeps out of the way of who has none."""

from __future__ import annotations

import subprocess
import sys

import pytest
from tiny_law import DOCUMENTS

pytest_plugins = ["pytester"]

CASES = """\
rules: law
defaults: {as_of: 2024-01-01, subject: enterprise}
cases:
  - {name: thirty, facts: {employees: 30}, expect: {size_class: undetermined}}
  - {name: wrong, facts: {dust: {hazard_present: false}}, expect: {dust.grade: red}}
"""


@pytest.fixture
def repository(pytester: pytest.Pytester) -> pytest.Pytester:
    pytester.makefile(".test.yaml", law=CASES.replace("rules: law\n", ""))
    return pytester


def test_cases_are_collected_and_failures_told(repository: pytest.Pytester) -> None:
    found = repository.runpytest_subprocess("-p", "no:cacheprovider")
    found.assert_outcomes(passed=1, failed=1)
    found.stdout.fnmatch_lines(["law.test.yaml:4:12: wrong", "*dust.grade: expected red, got no_value"])
    assert "Traceback" not in found.stdout.str()


def test_a_case_can_be_chosen(repository: pytest.Pytester) -> None:
    repository.runpytest_subprocess("-k", "thirty").assert_outcomes(passed=1, deselected=1)


def test_the_plugin_can_be_turned_off(repository: pytest.Pytester) -> None:
    assert repository.runpytest_subprocess("-p", "no:safetyrules").ret == pytest.ExitCode.NO_TESTS_COLLECTED


def test_a_file_that_is_wrong_is_an_error_with_its_place(pytester: pytest.Pytester) -> None:
    pytester.makefile(".test.yaml", law="- {name: a, fcts: {}}\n")
    found = pytester.runpytest_subprocess()
    found.assert_outcomes(errors=1)
    found.stdout.fnmatch_lines(["law.test.yaml:1:13: error SR4102: *"])


def test_rules_of_the_repository_are_loaded(pytester: pytest.Pytester) -> None:
    folder = pytester.mkdir("law")
    own = DOCUMENTS["tiny.yaml"].partition("  - id: grade\n")[0].partition("rules:")[0]
    rule = "rules:\n  - {id: own.size, title: {zh: 大, en: Big}, clause: order-1#1, on: enterprise, value: boolean, "
    (folder / "own.yaml").write_text(f"{own}{rule}is: 'employees >= 30'}}\n", encoding="utf-8")
    (folder / "instruments.yaml").write_text(DOCUMENTS["instruments.yaml"], encoding="utf-8")
    case = "- {name: big, as_of: 2024-01-01, facts: {employees: 30}, expect: {own.size: true}}\n"
    pytester.makefile(".test.yaml", own=case)
    pytester.makeini("[pytest]\nsafetyrules_rules = law\n")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)
    pytester.makeini("[pytest]\n")
    pytester.runpytest_subprocess().assert_outcomes(errors=1)
    pytester.makefile(".test.yaml", own=f"rules: law\ncases:\n  {case}")
    pytester.runpytest_subprocess().assert_outcomes(passed=1)


def test_who_has_no_such_files_pays_nothing() -> None:
    code = (
        "import sys, safetyrules.testing.pytest_plugin\n"
        "heavy = {'polars', 'pydantic', 'lark', 'networkx', 'typer', 'rich', 'yaml'} & set(sys.modules)\n"
        "assert not heavy, heavy\n"
        "assert not [name for name in sys.modules if name.startswith('safetyrules.') and 'testing' not in name]"
    )
    subprocess.run([sys.executable, "-c", code], check=True)
