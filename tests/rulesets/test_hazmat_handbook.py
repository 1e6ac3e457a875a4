"""Each ruleset of hazardous chemicals has a page in the handbook that speaks of every clause of it."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
RULESETS = sorted(
    path.relative_to(ROOT / "rulesets")
    for pattern in ("hazmat/*.yaml", "choices/hazmat_*.yaml")
    for path in (ROOT / "rulesets").glob(pattern)
    if not path.name.endswith(".test.yaml")
)


def clauses(ruleset: Path) -> set[str]:
    """Of its own instrument, as cited by rules and rows."""
    document = yaml.safe_load((ROOT / "rulesets" / ruleset).read_text("utf-8"))
    cited: list[str] = []
    for rule in document["rules"]:
        for entry in (rule, *rule.get("table", {}).get("rows", ())):
            clause = entry.get("clause", [])
            cited += clause if isinstance(clause, list) else [clause]
    return {each for each in cited if "#" not in each}


def test_there_are_rulesets() -> None:
    assert len(RULESETS) == 7


@pytest.mark.parametrize("ruleset", RULESETS, ids=str)
def test_the_page_speaks_of_every_clause(ruleset: Path) -> None:
    page = (ROOT / "docs" / "handbook" / ruleset.with_suffix(".md")).read_text("utf-8")
    assert [clause for clause in sorted(clauses(ruleset)) if clause not in page] == []


@pytest.mark.parametrize("ruleset", RULESETS, ids=str)
def test_the_page_names_every_open_reading(ruleset: Path) -> None:
    document = yaml.safe_load((ROOT / "rulesets" / ruleset).read_text("utf-8"))
    page = (ROOT / "docs" / "handbook" / ruleset.with_suffix(".md")).read_text("utf-8")
    parameters = document.get("parameters", {}).items()
    unsettled = [f"{document['ruleset']}/{name}" for name, parameter in parameters if "value" not in parameter]
    assert [name for name in unsettled if name not in page] == []


@pytest.mark.parametrize("ruleset", RULESETS, ids=str)
def test_the_page_is_in_the_index(ruleset: Path) -> None:
    index = (ROOT / "docs" / "handbook" / "README.md").read_text("utf-8")
    assert f"({ruleset.with_suffix('.md').as_posix()})" in index
