"""Runs the tests that lie beside the rulesets: every case of every ``*.test.yaml``, on each engine."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from expectations import difference

from safetyrules.folders import TEST_ENDING
from safetyrules.language.yaml_source import load_yaml, to_plain
from safetyrules.program import Program, default_program

RULESETS = Path(__file__).parents[2] / "rulesets"
ENGINES = ("compiled", "reference")
OPTIONS = {"as_of", "law_at", "jurisdiction", "closed", "sectors", "treat_unknown_as", "subject"}
KEYS = {"name", "facts", "expect", "notices"} | OPTIONS


def _cases() -> Iterator[Any]:
    for file in sorted(RULESETS.rglob(f"*{TEST_ENDING}")):
        name = file.relative_to(RULESETS).as_posix()
        for case in to_plain(load_yaml(file.read_bytes(), name)):
            yield pytest.param(case, id=f"{name.removesuffix(TEST_ENDING)}: {case['name']}")


@pytest.fixture(scope="module")
def program() -> Program:
    return default_program()


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("case", list(_cases()))
def test_ruleset(case: dict[str, Any], engine: Any, program: Program) -> None:
    assert set(case) <= KEYS, f"unknown keys: {set(case) - KEYS}"
    options = {key: case[key] for key in OPTIONS & set(case)}
    answer = program.assess(case["facts"], engine=engine, **options)
    differences = [difference(answer, key, expected) for key, expected in case["expect"].items()]
    missing = set(case.get("notices", ())) - {notice.code for notice in answer.notices}
    differences += [f"notice {code}: not given" for code in sorted(missing)]
    if wrong := [each for each in differences if each is not None]:
        pytest.fail("\n".join(wrong), pytrace=False)


def test_every_ruleset_is_tested() -> None:
    rulesets = {file for file in RULESETS.rglob("*.yaml") if not file.name.endswith(TEST_ENDING) and _is_ruleset(file)}
    assert rulesets
    assert [each.name for each in rulesets if not each.with_name(f"{each.stem}{TEST_ENDING}").exists()] == []


def test_case_names_are_unique() -> None:
    ids = [parameter.id for parameter in _cases()]
    assert sorted(ids) == sorted(set(ids))


def test_every_rule_has_an_expectation(program: Program) -> None:
    """No rule is left without a case that expects something of what it concludes."""
    expected = {key.rpartition("].")[2] for parameter in _cases() for key in parameter.values[0]["expect"]}
    assert {rule.concludes for rule in program.linked.rules.values()} - expected == set()


def _is_ruleset(file: Path) -> bool:
    return file.read_text(encoding="utf-8").startswith("ruleset:")
