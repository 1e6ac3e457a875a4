"""Asking the shipped law: every answer is computed by both engines, which must agree."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetyrules.case import Case, read_case
from safetyrules.program import default_program
from safetyrules.result import Assessment

EXAMPLES = Path(__file__).parents[2] / "examples"


def assess(facts: dict[str, Any], *, as_of: str = "2026-11-21", **options: Any) -> Assessment:
    program = default_program()
    answer = program.assess(facts, as_of=as_of, engine="compiled", **options)
    reference = program.assess(facts, as_of=as_of, engine="reference", **options)
    assert answer.scalars == reference.scalars
    return answer


def example(name: str) -> Case:
    return read_case((EXAMPLES / f"{name}.yaml").read_bytes(), f"{name}.yaml")


def merged(facts: dict[str, Any], **more: Any) -> dict[str, Any]:
    """A copy of the facts with more of them; sections are merged, anything else replaced."""
    result = dict(facts)
    for key, value in more.items():
        both = isinstance(value, dict) and isinstance(result.get(key), dict)
        result[key] = merged(result[key], **value) if both else value
    return result


def possible(answer: Assessment, name: str) -> set[Any]:
    """The outcomes of a conclusion that are still possible, None for "no value"."""
    outcomes = answer[name].possible
    assert outcomes is not None
    return set(outcomes)
