"""The public CEL conformance tests: each case is claimed or listed with a reason, and what is claimed holds."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Mapping
from fnmatch import fnmatchcase
from fractions import Fraction
from pathlib import Path

import pytest

from safetyrules.diagnostics import RulesetError, Span
from safetyrules.language.cel import parse_expression

from .cases import Case, Failure, Outcome, Reason, Value, disagreements, read_cases, read_reasons, reason_against
from .engines import evaluate
from .fetch import cache_folder, fetch

CASES = 2138
CLAIMED = {
    "basic": 24,
    "comparisons": 49,
    "conversions": 1,
    "fields": 2,
    "fp_math": 26,
    "integer_math": 33,
    "lists": 6,
    "logic": 25,
    "macros": 30,
    "namespace": 1,
    "parse": 8,
    "plumbing": 3,
    "string": 36,
    "string_ext": 15,
    "type_deduction": 6,
}


@pytest.fixture(scope="module")
def cases() -> list[Case]:
    if "SAFETYRULES_OFFLINE" in os.environ and not cache_folder().is_dir():
        pytest.skip("the conformance tests are not at hand, and SAFETYRULES_OFFLINE is set")
    return read_cases(fetch())


@pytest.fixture(scope="module")
def reasons() -> list[Reason]:
    return read_reasons(Path(__file__).with_name("out_of_subset.yaml"))


@pytest.fixture(scope="module")
def claimed(cases: list[Case], reasons: list[Reason]) -> list[Case]:
    return [case for case in cases if reason_against(case, reasons) is None]


def parses(case: Case) -> bool:
    try:
        parse_expression(case.expression, lambda start, end: Span(case.path, 1, start + 1, 1, end + 1))
    except RulesetError:
        return False
    return True


def test_all_cases_are_read_and_none_slips_out_of_the_claim(cases: list[Case], claimed: list[Case]) -> None:
    assert len(cases) == CASES
    assert Counter(case.file for case in claimed) == CLAIMED


def test_what_is_claimed_parses(claimed: list[Case]) -> None:
    assert [f"{case.path}: {case.expression}" for case in claimed if not parses(case)] == []


def test_what_is_said_to_be_no_expression_of_ours_is_refused(cases: list[Case], reasons: list[Reason]) -> None:
    wrong = [
        f"{reason.name}: {case.path}: {case.expression}"
        for reason in reasons
        if reason.refused
        for case in cases
        if reason.covers(case) and parses(case)
    ]
    assert wrong == []


def test_each_reason_is_needed(cases: list[Case], reasons: list[Reason]) -> None:
    """A reason that excludes nothing, in whole or in part, is a mistake or has had its day."""
    counted = Counter(reason.name for case in cases if (reason := reason_against(case, reasons)) is not None)
    for reason in reasons:
        assert reason.why.strip()
        assert counted[reason.name] > 0, reason.name
        if reason.code is not None:
            assert any(reason.code.search(case.code) for case in cases), reason.name
        for kind in reason.kinds:
            assert any(kind in case.kinds for case in cases), (reason.name, kind)
        for pattern in reason.cases:
            assert any(fnmatchcase(case.path, pattern) for case in cases), (reason.name, pattern)


def test_reading_values(cases: list[Case]) -> None:
    by_path = {case.path: case for case in cases}
    assert by_path["fp_math/fp_math/add_positive_positive"].expected == Fraction(39, 2)
    assert by_path["macros/filter/list_some"].expected == (Fraction(1), Fraction(3))
    assert by_path["string/concatenation/ascii_unicode_unicode_smp"].expected == "aÿ🐱"
    assert by_path["basic/self_eval_nonzeroish/self_eval_unicode_escape_four"].expression == r'"\u270c"'
    assert by_path["comparisons/bound/int_lte_right_true"].bindings == {"x": Fraction(124)}
    assert by_path["plumbing/eval_results/error_result"].expected == Failure("foo")


def test_disagreements_are_found(claimed: list[Case]) -> None:
    expected = {(case.expression, *case.bindings.items()): case.expected for case in claimed}

    def right(expression: str, bindings: Mapping[str, Value]) -> Outcome:
        outcome = expected[(expression, *bindings.items())]
        return Failure("in other words") if isinstance(outcome, Failure) else outcome

    def fails(expression: str, bindings: Mapping[str, Value]) -> Outcome:
        return Failure()

    def one_for_true(expression: str, bindings: Mapping[str, Value]) -> Outcome:
        outcome = right(expression, bindings)
        return Fraction(outcome) if isinstance(outcome, bool) else outcome

    assert disagreements(claimed, right) == []
    assert len(disagreements(claimed, fails)) == sum(not isinstance(case.expected, Failure) for case in claimed)
    assert len(disagreements(claimed, one_for_true)) == sum(isinstance(case.expected, bool) for case in claimed)


@pytest.mark.parametrize("engine", ["reference", "compiled"])
def test_what_is_claimed_holds(claimed: list[Case], engine: str) -> None:
    found = disagreements(claimed, lambda expression, bindings: evaluate(expression, bindings, engine))
    assert [str(each) for each in found] == []
