"""Each planted defect is caught at its place and nothing else is said; clean rulesets raise nothing."""

from __future__ import annotations

import re
from datetime import date
from pathlib import Path

import pytest
from planted import Planted, paths, planted, program_of, said_of

from safetyrules.analysis.run import ANALYSES
from safetyrules.diagnostics import Diagnostic, RulesetError, Severity
from safetyrules.diagnostics.analysis_codes import CODES
from safetyrules.program import Program
from safetyrules.testing.reading import read_suite
from safetyrules.testing.running import Runner
from safetyrules.text import LANGUAGES

DEFECTS = paths("defects")
CLEAN = paths("clean")
#: What no facts can show: that something is missing, out of date, said twice, or not proved.
NOT_SHOWN = {"SR0717", "SR0718", "SR0719", "SR0720", "SR0721", "SR0722", "SR0729"}


def named(path: Path) -> str:
    return path.stem


def test_there_are_enough_of_both() -> None:
    assert len(DEFECTS) >= 50
    assert len(CLEAN) >= 50
    marks = [planted(path).marks for path in DEFECTS]
    assert all(len(each) == 1 for each in marks)
    assert set(CODES) <= {code for each in marks for _, code in each}


@pytest.mark.parametrize("path", DEFECTS, ids=named)
def test_a_planted_defect_is_caught_at_its_place(path: Path) -> None:
    found = planted(path)
    assert [(each.span.line if each.span else None, each.code) for each in said_of(found)] == found.marks


@pytest.mark.parametrize("path", CLEAN, ids=named)
def test_a_clean_ruleset_raises_nothing(path: Path) -> None:
    assert [each.render("en") for each in said_of(planted(path))] == []


@pytest.mark.parametrize("path", DEFECTS, ids=named)
def test_a_finding_is_shown_by_a_test_that_passes_as_it_is_printed(path: Path) -> None:
    found = planted(path)
    for problem in analysed(found):
        if problem.code in NOT_SHOWN:
            assert problem.example is None
            continue
        assert problem.example is not None
        for language in LANGUAGES:
            run_case(program_of(found), problem.render(language))


def analysed(found: Planted) -> list[Diagnostic]:
    """What the analyses say, and no other pass."""
    try:
        before = {(each.code, each.span) for each in program_of(found).linked.warnings}
    except RulesetError:
        return []
    return [each for each in said_of(found) if (each.code, each.span) not in before]


def run_case(program: Program, rendered: str) -> None:
    """Pastes what is printed under the message into a test file, and runs it as `safetyrules test` does."""
    printed = re.split(r"^  (?:as a test|测试):\n", rendered, flags=re.MULTILINE)[1]
    suite = read_suite(re.sub("^    ", "", printed, flags=re.MULTILINE), "pasted.test.yaml")
    assert len(suite.cases) == 1
    runner = Runner(program)
    runner.check(suite.cases)
    run = runner.run(suite.cases)
    assert run.failed == ()


@pytest.mark.parametrize(
    ("stem", "expected"),
    [
        ("gap_number_between_bands", "{yard.x: no_value}"),
        ("overlap_bounds_touch", "{yard.x: {undetermined: [blue, red]}}"),
        ("any_disagrees", "{yard.x: {undetermined: [close, fence]}}"),
        ("masked_by_wider_row", "{yard.x: yellow}"),
        ("exceptions_contradict", "{yard.x: {undetermined: [blue, yellow]}}"),
        ("always_finding", "{yard.x: found}"),
        ("overlay_loosens_replace", "{yard.x: not_found}"),
    ],
)
def test_the_example_shows_what_is_wrong(stem: str, expected: str) -> None:
    (problem,) = said_of(planted(next(path for path in DEFECTS if path.stem == stem)))
    assert problem.example is not None
    assert problem.example.en.endswith(f"expect: {expected}")


def test_examples_of_one_ruleset_stand_in_one_test_file() -> None:
    """Their names differ, so that all can be pasted."""
    text = """\
ruleset: many
title: {zh: 多, en: Many}
instrument: law
rules:
  - id: many.x
    title: {zh: 甲乙, en: Many}
    clause: "1"
    on: enterprise
    grade: colour
    table:
      hit: first
      rows:
        - {when: 'load > 10', then: red}
        - {when: 'load > 20', then: red}
        - {when: 'load > 30 || people > 5', then: red}
        - {when: 'load > 40 || people > 6', then: orange}
      otherwise: blue
"""
    found = planted(next(path for path in DEFECTS if path.stem == "overlap_columns"))
    found.documents[-1] = (found.documents[-1][0], text)
    said = said_of(found)
    assert [each.code for each in said] == ["SR0704", "SR0705", "SR0704"]
    suite = read_suite("\n".join(each.example.en for each in said if each.example), "pasted.test.yaml")
    assert Runner(program_of(found)).run(suite.cases).failed == ()


def test_every_analysis_says_what_it_does() -> None:
    assert all(each.__doc__ and re.search("SR0[57]|is missing", each.__doc__) for each in ANALYSES)


@pytest.mark.parametrize("stem", ["severities_differ", "severities_of_the_first_by_id"])
def test_the_severer_of_two_counts_until_the_law_is_mended(stem: str) -> None:
    program = program_of(planted(next(path for path in DEFECTS if path.stem == stem)))
    before, after = (program.plan(date(year, 6, 1), "210100") for year in (2020, 2022))
    assert len(before.by_key["enterprise", "yard.leak"].rules) == 1
    assert len(after.by_key["enterprise", "yard.leak"].rules) == 2
    assert {plan.by_key["enterprise", "yard.leak"].severity for plan in (before, after)} == {"major"}


def test_a_finding_counts_for_a_sector_rather_than_none() -> None:
    program = program_of(planted(next(path for path in DEFECTS if path.stem == "sectors_differ")))
    plan = program.plan(date(2022, 6, 1), "210100")
    assert plan.by_key["enterprise", "yard.leak"].rules == ("a.x", "yard.x")
    assert [each.name for each in plan.findings["yards"]] == ["yard.leak"]


def test_both_places_of_two_severities_are_said() -> None:
    (problem,) = said_of(planted(next(path for path in DEFECTS if path.stem == "severities_tightened_alone")))
    assert problem.severity is Severity.ERROR
    ((other, _),) = problem.related
    assert problem.span is not None
    assert (problem.span.line, other.line) == (69, 56)
    assert "concludes" in problem.render("en")
