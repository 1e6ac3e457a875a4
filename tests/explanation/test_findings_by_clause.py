"""A finding that several clauses may find is told under each of them, with what that one finds."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any

import pytest
from conformance_suite import written

import safetyrules
from safetyrules.report import markdown, report
from safetyrules.result import Assessment

DOCUMENTS: list[dict[str, Any]] = [
    {
        "facts": "base",
        "sector": {"name": "plant", "present": "present"},
        "kinds": {
            "enterprise": {
                "root": True,
                "facts": {
                    **dict.fromkeys(("present", "a", "b", "c", "d"), "boolean"),
                    "tanks": {"type": "list", "of": "tank"},
                },
            },
            "tank": {"facts": {"cracked": "boolean", "rusty": "boolean"}},
        },
    },
    {
        "instruments": "base",
        "list": [
            {"id": "law", "clauses": ["1", "2", "3"]},
            {"id": "decree", "level": "administrative_regulation", "clauses": ["1", "2", "3"]},
            {"id": "city", "level": "policy", "jurisdiction": "210100", "clauses": ["1"]},
        ],
    },
    {
        "ruleset": "base",
        "sector": "plant",
        "rules": [
            {"id": "a.leak", "clause": "law#1", "concludes": "leak", "finding": "major", "when": "a"},
            {"id": "b.leak", "clause": "decree#1", "concludes": "leak", "finding": "major", "when": "b"},
            {"id": "small", "clause": "law#2", "except": "a.leak", "when": "d", "withdraw": True},
            {"id": "a.over", "clause": "law#2", "concludes": "over", "finding": "general", "when": "a"},
            {
                "id": "b.over", "clause": "decree#2", "concludes": "over", "finding": "general", "applies": "c",
                "when": "b", "overrides": ["a.over"],
            },
            {
                "id": "a.tank", "clause": "law#3", "concludes": "tank.bad", "on": "tank", "finding": "major",
                "when": "cracked",
            },
            {
                "id": "b.tank", "clause": "decree#3", "concludes": "tank.bad", "on": "tank", "finding": "major",
                "when": "rusty",
            },
            {"id": "majors", "clause": "law#1", "value": "integer", "is": 'findings("plant", "major")'},
        ],
    },
    {
        "ruleset": "city",
        "instrument": "city",
        "jurisdiction": "210100",
        "overlays": [{"tighten": "a.leak", "or_when": "c", "clause": "1"}],
    },
]  # fmt: skip


@lru_cache
def law() -> Any:
    files = written(DOCUMENTS, "by-clause")
    return safetyrules.load_program(files.documents, open_file=lambda source, name: files.files[name].encode())


def assessed(facts: Mapping[str, Any], **options: Any) -> Assessment:
    found: Assessment = law().assess({"present": True, **facts}, as_of="2024-01-01", **options)
    return found


NO = {"a": False, "b": False, "c": False, "d": False, "tanks": []}


@pytest.mark.parametrize("engine", ["compiled", "reference", "chained"])
@pytest.mark.parametrize(
    ("facts", "place", "expected"),
    [
        ({"a": True}, "320500", {"law#1": "found", "decree#1": "not_found"}),
        ({"b": True}, "320500", {"law#1": "not_found", "decree#1": "found"}),
        ({"a": True, "b": True}, "320500", {"law#1": "found", "decree#1": "found"}),
        ({}, "320500", {"law#1": "not_found", "decree#1": "not_found"}),
        ({"a": None, "b": True}, "320500", {"law#1": "undetermined", "decree#1": "found"}),
        ({"a": None}, "320500", {"law#1": "undetermined", "decree#1": "not_found"}),
        ({"a": True, "d": True, "b": True}, "320500", {"law#1": "not_applicable", "decree#1": "found"}),
        ({"c": True}, "210100", {"law#1": "not_found", "decree#1": "not_found", "city#1": "found"}),
        ({"a": True, "c": None}, "210100", {"law#1": "found", "decree#1": "not_found", "city#1": "undetermined"}),
        ({"c": True, "d": True}, "210100", {"law#1": "not_applicable", "city#1": "not_applicable"}),
        # What is overridden does not count; nor is it known to where the overriding rule may say something.
        ({"a": True}, "320500", {"law#2": "found", "decree#2": "not_applicable"}),
        ({"a": True, "c": True}, "320500", {"law#2": "not_applicable", "decree#2": "not_found"}),
        ({"a": True, "c": None}, "320500", {"law#2": "undetermined", "decree#2": "undetermined"}),
        ({"tanks": [{"cracked": True, "rusty": False}]}, "320500", {"law#3": "found", "decree#3": "not_found"}),
        ({"tanks": [{"cracked": False}]}, "320500", {"law#3": "not_found", "decree#3": "undetermined"}),
        ({"tanks": None}, "320500", {"law#3": "undetermined", "decree#3": "undetermined"}),
        ({"tanks": []}, "320500", {"law#3": "not_applicable", "decree#3": "not_applicable"}),
    ],
)
def test_each_clause_has_what_it_finds(
    engine: str, facts: dict[str, Any], place: str, expected: dict[str, str]
) -> None:
    answer = assessed({**NO, **facts}, jurisdiction=place, engine=engine)
    assert {clause: answer.by_clause[clause] for clause in expected} == expected
    assert ("city#1" in answer.by_clause) == (place == "210100")


def test_in_the_document() -> None:
    document = assessed({**NO, "b": True}).to_document()
    found = {each.clause: each for each in document.findings}
    law_1, decree_1 = found["law#1"], found["decree#1"]
    assert (law_1.status, law_1.found_in, law_1.rules) == ("not_found", [], ["a.leak", "small"])
    assert (decree_1.status, decree_1.found_in, decree_1.rules) == ("found", ["enterprise"], ["b.leak"])
    assert law_1.conclusions == decree_1.conclusions == ["leak"]
    assert law_1.severity == decree_1.severity == "major"
    assert found["decree#2"].severity == "general"
    assert {"law", "decree"} <= set(document.instruments)


def test_it_is_counted_once() -> None:
    assert assessed({**NO, "a": True, "b": True})["majors"].value == 1


def test_in_the_report() -> None:
    document = assessed({**NO, "b": True, "tanks": [{"cracked": None, "rusty": True}]}).to_document()
    assert _findings(markdown(report(document, "en"))) == [
        "## Findings: law (1, in force from 2000-01-01)",
        "  - ✓ 1 1 — not found",
        "  - ✓ 2 2 — not found",
        "  - ? 3 3 — undetermined (found by another clause)",
        "## Findings: decree (1, in force from 2000-01-01)",
        "  - ✗ 1 1 — major hazard found",
        "  - ✗ 3 3 — major hazard found: tank 1",
        "  - Not applicable: 2",
    ]
    chinese = _findings(markdown(report(document, "zh")))
    assert chinese[3] == "  - ? 3 3 —— 未能确定（已依其他条款发现）"
    assert chinese[6] == "  - ✗ 3 3 —— 发现重大隐患：tank 1"


def _findings(text: str) -> list[str]:
    """The lines of a report about findings."""
    lines = [line for line in text.splitlines() if line]
    first = next(number for number, line in enumerate(lines) if line.startswith(("## Findings", "## 隐患")))
    return lines[first : first + 8]
