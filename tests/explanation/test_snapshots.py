"""Every form of explanation of the small law, in both languages, against files checked in.

After an intended change, run the tests once with ``UPDATE_SNAPSHOTS=1`` and read the difference.
"""

from __future__ import annotations

import json
import os
import re
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from small_law import CASES, assess

from safetyrules.explanation.schema import ExplanationDocument, json_schema
from safetyrules.text import LANGUAGES, Language

SNAPSHOTS = Path(__file__).parent / "snapshots"
WHY_NOT: dict[str, str | bool] = {
    "grade_table": "yellow",
    "two_writers": "yellow",
    "finding_undetermined": "not_found",
    "permission": "city",
    "open_list": True,
    "exemption_unknown": "blue",
    "readings": "found",
    "grade_closed_world": "red",
}


def compare(name: str, written: str) -> None:
    path = SNAPSHOTS / name
    if os.environ.get("UPDATE_SNAPSHOTS"):
        path.write_text(written, encoding="utf-8")
    assert path.read_text(encoding="utf-8") == written


def without_digests(written: str) -> str:
    """Digests name the program's text and the release; they are tested on their own."""
    return re.sub(r"(规则版本|plan) [0-9a-f]{12}", r"\1 …", written)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("case", CASES)
def test_text_and_markdown(case: str, language: Language) -> None:
    asked, assessment = assess(case)
    explanation = assessment.why(asked)
    compare(f"{case}.{language}.txt", without_digests(explanation.to_text(language)))
    compare(f"{case}.{language}.md", without_digests(explanation.to_markdown(language)))


@pytest.mark.parametrize("case", CASES)
def test_json(case: str) -> None:
    asked, assessment = assess(case)
    document = assessment.why(asked).to_json()
    jsonschema.validate(document, json_schema())
    ExplanationDocument.model_validate(document)
    asked_for = document["asked"]
    assert asked_for["plan_digest"] == assessment.plan.digest
    assert asked_for["facts_digest"] == assessment.facts_digest
    compare(f"{case}.json", json.dumps(_steady(document), ensure_ascii=False, indent=1) + "\n")


@pytest.mark.parametrize("case", WHY_NOT)
def test_why_not(case: str) -> None:
    asked, assessment = assess(case)
    answer = assessment.why_not(asked, WHY_NOT[case])
    jsonschema.validate(answer.to_json(), json_schema())
    for language in LANGUAGES:
        compare(f"why_not.{case}.{language}.txt", without_digests(answer.to_text(language)))
        compare(f"why_not.{case}.{language}.md", without_digests(answer.to_markdown(language)))


def test_no_snapshot_is_left_over() -> None:
    forms = ("zh.txt", "en.txt", "zh.md", "en.md")
    expected = {f"{case}.{form}" for case in CASES for form in (*forms, "json")}
    expected |= {f"why_not.{case}.{form}" for case in WHY_NOT for form in forms}
    assert {path.name for path in SNAPSHOTS.iterdir()} == expected


def _steady(document: dict[str, Any]) -> dict[str, Any]:
    varying = {"plan_digest", "facts_digest", "engine_version"}
    return {**document, "asked": {key: "…" if key in varying else value for key, value in document["asked"].items()}}
