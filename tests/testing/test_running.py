"""Cases run on two engines; refusals, notices and disagreements are failures of their own kinds."""

from __future__ import annotations

import json
from datetime import date
from typing import Any
from xml.etree import ElementTree as Xml

import conformance_suite
import pytest
from jsonschema import Draft202012Validator
from tiny_law import case, cases, program

import safetyrules
from safetyrules.language.plan import Plan
from safetyrules.program import load_program
from safetyrules.testing import columns
from safetyrules.testing.documents import junit, results_document
from safetyrules.testing.finding import files_of, read_suites
from safetyrules.testing.reading import read_suite
from safetyrules.testing.results import Run
from safetyrules.testing.running import Runner
from safetyrules.testing.schemas import SCHEMAS
from safetyrules.testing.telling import plain
from safetyrules.values import Finite, Scalar


def run(*written: str) -> Run:
    return Runner(program()).run(cases(*written))


def test_cases_are_answered_by_columns_too() -> None:
    assert run(*(case(f"workers: {number}, licensed: false", "grade: blue") for number in range(9))).by_columns == 9


def test_a_disagreement_of_engines_is_a_failure_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    honest = columns.read

    def wrong(form: object, cells: list[object]) -> Scalar:
        found = honest(form, cells)  # type: ignore[arg-type]
        return Finite(frozenset({"red"})) if found == Finite(frozenset({"blue"})) else found

    monkeypatch.setattr(columns, "read", wrong)
    (result,) = run(case("workers: 3, licensed: false", "grade: blue")).results
    (failure,) = result.failures
    assert (failure.kind, failure.key) == ("disagreement", "enterprise#grade")
    assert (failure.expected, failure.actual) == ("blue", "red")


def test_a_file_is_run_on_what_it_asks_about_and_all_that_rests_on(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []
    honest = columns.prepare

    def counting(plan: Plan, *rest: Any) -> Any:
        seen.append(len(plan.conclusions))
        return honest(plan, *rest)

    monkeypatch.setattr(columns, "prepare", counting)
    run(case("workers: 3", "share: 10"))
    run(case("workers: 3", "share: 10"), case("workers: 3, licensed: false", "grade: blue"))
    run("facts: {workers: 0}, notices: [SR2001]")
    one, both, nothing = seen
    assert 0 == nothing < one < both


def test_days_on_which_the_law_says_the_same_are_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    heights: list[int] = []
    honest = columns.tables_of

    def counting(*given: Any, **others: Any) -> Any:
        found = honest(*given, **others)
        heights.append(found.height)
        return found

    monkeypatch.setattr(columns, "tables_of", counting)
    cases_of_days = [f"as_of: 2024-01-0{day}, {case('workers: 3', 'share: 10')}" for day in (1, 2, 3)]
    assert run(*cases_of_days).by_columns == 3
    assert heights == [3]


def test_a_refusal_that_is_expected() -> None:
    wrong = "facts: {workers: many, tanks: 3}"
    assert run(f"{wrong}, refused: [{{code: SR1005, at: workers}}, SR1003]").failed == ()
    (result,) = run(f"{wrong}, refused: [SR1001]").results
    assert [(each.kind, each.expected) for each in result.failures] == [("refusal", "SR1001")]
    assert "SR1005" in result.failures[0].actual


def test_facts_that_are_refused_though_nobody_expects_it() -> None:
    (result,) = run(case("workers: many", "grade: red")).results
    assert [each.kind for each in result.failures] == ["refusal"]
    assert "SR1005" in plain(result, "en")


def test_facts_that_are_answered_though_a_refusal_is_expected() -> None:
    (result,) = run("facts: {workers: 3}, refused: [SR1005]").results
    assert [(each.kind, each.actual) for each in result.failures] == [("refusal", "answered")]


def test_notices() -> None:
    assert run("facts: {workers: 0}, notices: [SR2001]").failed == ()
    (result,) = run("facts: {workers: 1}, notices: [SR2001]").results
    assert [each.kind for each in result.failures] == ["notice"]


@pytest.mark.parametrize(("language", "words"), [("en", "expected blue, got red"), ("zh", "期望 blue，实际 red")])
def test_a_failure_says_where_what_and_why(language: str, words: str) -> None:
    (result,) = run(case("workers: 31, licensed: false", "grade: blue")).results
    told = plain(result, language)  # type: ignore[arg-type]
    assert told.startswith("tiny.test.yaml:3:12: case 0\n")
    assert words in told
    assert "31" in told.partition(words)[2]


def test_results_as_a_document_that_fits_its_schema() -> None:
    both = run(case("workers: 31", "grade: blue"), case("workers: 31", 'share: "30/31"'))
    document = results_document(both).to_json()
    Draft202012Validator(SCHEMAS["test-results/v1"]()).validate(json.loads(json.dumps(document)))
    assert (document["passed"], document["failed"]) == (1, 1)
    assert document["cases"][0]["failures"][0]["at"] == "tiny.test.yaml:3:51"


def test_results_as_junit_writes_them() -> None:
    suites = Xml.fromstring(junit(run(case("workers: 31", "grade: blue"), case("workers: 30", "share: 1")), "en"))
    assert (suites.get("tests"), suites.get("failures")) == ("2", "1")
    failure = suites.find("testsuite/testcase/failure")
    assert failure is not None
    assert "expected blue" in str(failure.get("message"))
    assert failure.get("type") == "expectation"


def test_a_count_of_a_severity_that_nothing_in_force_has_is_none_by_columns_too() -> None:
    """The list is in force, though all that it has is of another severity."""
    law = load_program(conformance_suite.program("force", "as_written").documents)
    suite = read_suite("[{name: none, as_of: 2024-01-01, facts: {}, expect: {majors: 0}}]", "none.test.yaml")
    assert Runner(law).run(suite.cases).failed == ()


def test_a_register_asks_its_members_what_its_rules_read() -> None:
    """What is asked of members is a part of their law; the register comes to the same as with all of it."""
    law = safetyrules.default_program()
    (suite,) = (each for each in read_suites(files_of(law.plugins)) if "portfolio" in each.source)
    registers = [each for each in suite.cases if each.options.get("subject") in law.registers][:12]
    assert registers
    runner = Runner(law)
    for each in registers:
        (result,) = runner.run([each]).results
        assert result.passed
    whole = law.plan(date(2026, 11, 1), "210100")
    assert max(len(part.plan.conclusions) for part in runner._parts._made.values()) < len(whole.conclusions) / 2
