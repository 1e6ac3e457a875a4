"""The passes from text to plan: golden cases, one folder for each pass."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from golden_passes import PASSES, Case, case, cases, diagnostics, expected, linked, rendered, snapshot

from safetyrules.diagnostics import Diagnostic, Span
from safetyrules.diagnostics.law_codes import CODES as LAW
from safetyrules.diagnostics.meaning_codes import CODES as MEANING
from safetyrules.language.plan import make_plan
from safetyrules.places import places

BAD = [path for name in PASSES for path in cases(name, "bad")]
GOOD = [path for name in PASSES for path in cases(name, "good")]


def named(path: Path) -> str:
    return f"{path.parent.parent.name}/{path.stem}"


@pytest.mark.parametrize("path", BAD, ids=named)
def test_bad_case_gives_exactly_these_diagnostics(path: Path) -> None:
    assert rendered(diagnostics(case(path))) == expected(path)


@pytest.mark.parametrize("path", GOOD, ids=named)
def test_good_case_gives_exactly_this_form(path: Path) -> None:
    assert snapshot(case(path)) == expected(path)


@pytest.mark.parametrize("path", BAD, ids=named)
def test_diagnostics_lie_within_the_text_and_exist_in_both_languages(path: Path) -> None:
    found = case(path)
    problems = diagnostics(found)
    assert problems
    for problem in problems:
        assert problem.span is not None
        for span in (problem.span, *(span for span, _ in problem.related)):
            assert_within(span, found)
        assert_bilingual(problem)


def assert_within(span: Span, found: Case) -> None:
    lines = lines_of(span, found)
    assert 1 <= span.line <= span.end_line <= len(lines)
    assert 1 <= span.column <= len(lines[span.line - 1]) + 1
    assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
    assert (span.line, span.column) <= (span.end_line, span.end_column)


def lines_of(span: Span, found: Case) -> list[str]:
    return (
        (found.path if span.source == found.path.name else found.path.parents[2] / span.source)
        .read_text(encoding="utf-8")
        .split("\n")
    )


def assert_bilingual(problem: Diagnostic) -> None:
    for text in (problem.message, problem.expected, problem.fix, *(words for _, words in problem.related)):
        if text is not None and text.zh != text.en:
            assert re.search("[\u4e00-\u9fff]", text.zh)
            assert not re.search("[\u4e00-\u9fff]", re.sub("['‘].*?['’]", "", text.en))


@pytest.mark.parametrize("path", BAD, ids=named)
def test_a_name_that_is_not_known_stands_where_its_diagnostic_says(path: Path) -> None:
    found = case(path)
    for problem in diagnostics(found):
        wrong = re.match("there is no (?:.* )?'(.*)'", problem.message.en)
        wrong = wrong or re.match("kind '.*' has no fact or conclusion '(.*)'", problem.message.en)
        if wrong is not None and problem.span is not None and problem.code != "SR0419":
            assert problem.span.line == problem.span.end_line
            line = lines_of(problem.span, found)[problem.span.line - 1]
            written = line[problem.span.column - 1 : problem.span.end_column - 1].strip("\"'")
            assert wrong[1] in written.split("#") or wrong[1] == written


def test_every_code_has_a_case() -> None:
    golden = "\n".join(expected(path) for path in (*BAD, *GOOD))
    assert set(MEANING) | set(LAW) <= set(re.findall(r"(?:error|warning|note) (SR\d{4})", golden))


def test_one_mistake_gives_one_diagnostic() -> None:
    """A case whose name does not say that it holds several mistakes is about one."""
    for path in BAD:
        several = path.stem.endswith("_several")
        assert (len(diagnostics(case(path))) > 1) == several, named(path)


def test_plans_do_not_depend_on_the_order_of_documents() -> None:
    for path in cases("plan", "good"):
        found = case(path)
        program = linked(found)
        found.documents.reverse()
        turned = linked(found)
        for day, place, register in found.plans:
            one, two = (make_plan(each, places(), day, place, register=register) for each in (program, turned))
            assert [c.key for c in one.conclusions] == [c.key for c in two.conclusions]
            assert one.digest == two.digest
