"""Every diagnostic code has a page, both languages say the same fields, and whoever reports one fills them."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from pathlib import Path

import pytest
from diagnostic_pages import FOLDER, INDEX, entries, head

from safetyrules.diagnostics.catalogue import CATALOGUE

ROOT = Path(__file__).parents[2]
CODE = re.compile(r"SR[0-9]{4}")


def fields(words: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(words) if name is not None}


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call whose first argument is a code, with its place."""
    for path in sorted((ROOT / "safetyrules").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and node.args and CODE.fullmatch(str(getattr(node.args[0], "value", ""))):
                yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def named(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def test_both_languages_have_the_same_fields() -> None:
    assert [code for code, text in CATALOGUE.items() if fields(text.zh) != fields(text.en)] == []


#: Who takes a code first, and which fields it fills by itself.
REPORTERS: dict[str, set[str]] = {
    "diagnostic": set(),
    "report": set(),
    "Refused": set(),
    "stop": {"reason"},
    "failed": {"name", "reason", "hook"},
}


def test_whoever_reports_a_code_fills_its_fields() -> None:
    found = [(place, node) for place, node in calls() if named(node) in REPORTERS]
    assert len(found) > 200
    missing = []
    for place, node in found:
        code = node.args[0].value  # type: ignore[attr-defined]
        given = {keyword.arg for keyword in node.keywords} | REPORTERS[named(node)]
        needed = fields(CATALOGUE[code].zh) | fields(CATALOGUE[code].en) if code in CATALOGUE else set()
        if None not in given and not needed <= given:
            missing.append(f"{place}: {code} needs {sorted(needed - given)}")
    assert missing == []


def test_only_codes_of_the_catalogue_are_reported() -> None:
    assert {node.args[0].value for _, node in calls()} <= set(CATALOGUE)  # type: ignore[attr-defined]


@pytest.mark.parametrize("code", sorted(CATALOGUE))
def test_every_code_has_a_page(code: str) -> None:
    page = (FOLDER / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(head(code))
    assert re.findall("^## (.*)$", page, re.MULTILINE) == ["Meaning", "Example", "Fix"]
    sections = re.split("^## .*$", page, flags=re.MULTILINE)[1:]
    assert all(len(section.strip()) > 10 for section in sections)


def test_there_is_no_page_without_a_code() -> None:
    assert {path.stem for path in FOLDER.glob("SR*.md")} <= set(CATALOGUE)


def test_the_index_lists_every_page() -> None:
    assert INDEX.read_text(encoding="utf-8").endswith(f"\n\n{entries()}")
