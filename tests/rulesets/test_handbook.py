"""Every ruleset has a page in the handbook, which speaks of all its clauses and open readings."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[2]
HANDBOOK = ROOT / "docs" / "handbook"
FIRST_KEY = re.compile(r"^ruleset:", re.MULTILINE)
RULESETS = sorted(
    path.relative_to(ROOT / "rulesets")
    for path in (ROOT / "rulesets").rglob("*.yaml")
    if not path.name.endswith(".test.yaml") and FIRST_KEY.search(path.read_text("utf-8"))
)
#: ``6(1) to 6(8)`` in a page stands for the clauses between as well.
SPAN = re.compile(r"(?P<stem>[\w.()-]*)\((?P<first>\d+)\) to (?P=stem)\((?P<last>\d+)\)")


def document(ruleset: Path) -> dict[str, Any]:
    return dict(yaml.safe_load((ROOT / "rulesets" / ruleset).read_text("utf-8")))


def page(ruleset: Path) -> str:
    return (HANDBOOK / ruleset.with_suffix(".md")).read_text("utf-8")


def clauses(ruleset: Path) -> set[str]:
    """What rules, rows and overlays cite; of its own instrument without it, of others as ``instrument#clause``."""
    written = document(ruleset)
    cited: list[str] = []
    for rule in written.get("rules", ()):
        for entry in (rule, *rule.get("table", {}).get("rows", ())):
            clause = entry.get("clause", [])
            cited += clause if isinstance(clause, list) else [clause]
    cited += [overlay["clause"] for overlay in written.get("overlays", ())]
    own = f"{written['instrument']}#"
    return {clause.removeprefix(own) for clause in cited if "#" not in clause or clause.startswith(own)}


def spoken_of(clause: str, text: str) -> bool:
    """Does the page have the clause as a word of its own, or inside a span?"""
    if re.search(rf"(?<![\w.-]){re.escape(clause)}(?![\w(-]|\.\d)", text):
        return True
    stem, _, number = clause.removesuffix(")").rpartition("(")
    return number.isdigit() and any(
        span["stem"] == stem and int(span["first"]) <= int(number) <= int(span["last"]) for span in SPAN.finditer(text)
    )


@pytest.mark.parametrize("ruleset", RULESETS, ids=str)
def test_the_page_speaks_of_every_clause(ruleset: Path) -> None:
    text = page(ruleset)
    assert [clause for clause in sorted(clauses(ruleset)) if not spoken_of(clause, text)] == []


@pytest.mark.parametrize("ruleset", RULESETS, ids=str)
def test_the_page_names_every_open_reading(ruleset: Path) -> None:
    written, text = document(ruleset), page(ruleset)
    unsettled = [
        f"{written['ruleset']}/{name}"
        for name, parameter in written.get("parameters", {}).items()
        if "value" not in parameter
    ]
    assert [name for name in unsettled if name not in text] == []


@pytest.mark.parametrize("ruleset", RULESETS, ids=str)
def test_the_page_says_what_is_from_memory(ruleset: Path) -> None:
    remembered = [rule["id"] for rule in document(ruleset).get("rules", ()) if rule.get("confidence") == "from-memory"]
    assert not remembered or "memory" in page(ruleset), remembered


def test_every_page_stands_for_a_ruleset_and_is_in_the_index() -> None:
    index = (HANDBOOK / "README.md").read_text("utf-8")
    pages = {path.relative_to(HANDBOOK) for path in HANDBOOK.rglob("*.md")} - {Path("README.md")}
    assert pages == {ruleset.with_suffix(".md") for ruleset in RULESETS}
    assert [each for each in sorted(pages) if f"({each.as_posix()})" not in index] == []
