"""Runs the tests that lie beside the rulesets, as ``safetyrules test`` does and on the reference interpreter too."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest

from safetyrules.folders import TEST_ENDING
from safetyrules.program import default_program
from safetyrules.result import EngineName
from safetyrules.testing.expectations import key_of
from safetyrules.testing.finding import files_in, read_suites
from safetyrules.testing.model import Suite
from safetyrules.testing.running import Runner
from safetyrules.testing.telling import plain

RULESETS = Path(__file__).parents[2] / "rulesets"
SUITES = read_suites(files_in([RULESETS]))


def short(suite: Suite) -> str:
    return Path(suite.source).relative_to(RULESETS).as_posix().removesuffix(TEST_ENDING)


@cache
def runner(engine: EngineName) -> Runner:
    return Runner(default_program(), engine=engine, columns=engine == "compiled")


@pytest.mark.parametrize("engine", ["compiled", "reference"])
@pytest.mark.parametrize("suite", SUITES, ids=short)
def test_ruleset(suite: Suite, engine: EngineName) -> None:
    runner(engine).check(suite.cases)
    run = runner(engine).run(suite.cases)
    assert len(run.results) == len(suite.cases) > 0
    if run.failed:
        pytest.fail("\n\n".join(plain(result, "en") for result in run.failed), pytrace=False)


def test_every_ruleset_is_tested() -> None:
    rulesets = {file for file in RULESETS.rglob("*.yaml") if not file.name.endswith(TEST_ENDING) and _is_ruleset(file)}
    assert rulesets
    assert [each.name for each in rulesets if not each.with_name(f"{each.stem}{TEST_ENDING}").exists()] == []


def test_every_rule_has_an_expectation() -> None:
    linked = default_program().linked
    asked = [each.key for suite in SUITES for case in suite.cases for each in case.expectations]
    expected = {key_of(key, linked.instruments, "enterprise").name for key in asked}
    assert {rule.concludes for rule in linked.rules.values()} - expected == set()


def _is_ruleset(file: Path) -> bool:
    return file.read_text(encoding="utf-8").startswith("ruleset:")
