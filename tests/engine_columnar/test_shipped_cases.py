"""The shipped cases, through `decide` and by columns of both kinds."""

from __future__ import annotations

import pytest

from safetyrules.program import default_program
from safetyrules.testing.finding import files_of, read_suites
from safetyrules.testing.running import Runner

SUITES = read_suites(files_of(default_program().plugins))


@pytest.mark.parametrize("start", range(5))
def test_a_file_in_five_is_answered_alike(start: int) -> None:
    cases = [case for suite in SUITES[start::5] for case in suite.cases]
    run = Runner(default_program()).run(cases)
    assert [(result.case.name, [each.key for each in result.failures]) for result in run.failed] == []
    assert run.by_columns > len(cases) * 0.8
