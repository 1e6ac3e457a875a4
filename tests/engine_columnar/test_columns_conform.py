"""The conformance suite by columns: they give the reference's answers, or leave a subject to exact arithmetic."""

from __future__ import annotations

import pytest
from conformance_suite import Case, cases
from tabulating import differing, tabulated
from test_conformance import loaded

from safetyrules import SafetyRulesError

#: Files about what columns do not hold or settle: sets of texts, keys known in part, and numbers next to a threshold.
APART = {
    "exact-numbers", "integers-rounding", "lookup", "hit-collect-sum-count", "table-inputs", "text", "layers",
    "lists-aggregates", "comparison", "and-or-not", "division-by-zero", "has",
}  # fmt: skip


#: A register's columns are made of its members' answers: see tests/register/test_register_rules.py.
CASES = [case for case in cases() if "subject" not in case.options]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.file}: {case.name} ({case.order})")
def test_as_the_reference(case: Case) -> None:
    program = loaded(case.file, case.order)
    try:
        said = program.assess(case.facts, engine="reference", **case.options).scalars
    except SafetyRulesError:
        return  # refused before any engine is asked
    found, apart = tabulated(program, [case.facts], **case.options)
    if apart:
        assert case.file in APART
    else:
        assert differing(said, found.outcomes(0)) == {}
