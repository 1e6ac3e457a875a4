"""What a ruleset's test expects of an answer, in the forms of rulesets/README.md."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Any

from safetyrules.engine.algebra import has_value
from safetyrules.result import Assessment, Outcome
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

_PART = re.compile(r"(?P<path>.*\])\.(?P<name>[^\[\]]+)")
_STATUSES = ("found", "not_found", "not_applicable", "undetermined")
_BOUNDS = {"at_least", "at_most", "between", "none"}


class BadExpectationError(ValueError):
    """The test itself is written wrongly."""


def difference(answer: Assessment, key: str, expected: Any) -> str | None:
    """What differs from the expectation under ``key``, in words; None where nothing does."""
    found = outcomes(answer, key)
    if not found and any(each.name == key and each.kind == "finding" for each in answer.plan.conclusions):
        return (
            None if expected == "not_applicable" else f"{key}: expected {expected}, got not_applicable (no such part)"
        )
    if expected == "absent":
        return None if not found else f"{key}: expected no such conclusion, got {_said(found)}"
    if not found:
        return f"{key}: expected {expected}, got no such conclusion"
    if len(found) > 1 or found[0].residual:
        if expected not in _STATUSES:
            raise BadExpectationError(f"{key}: a finding over several parts can only be one of {', '.join(_STATUSES)}")
        fits = _over_parts(found) == expected
    else:
        fits = _fits(found[0], expected)
    return None if fits else f"{key}: expected {expected}, got {_said(found)}"


def outcomes(answer: Assessment, key: str) -> list[Outcome]:
    """The subject's conclusion ``name``, a part's ``list[0].name``, or a finding ``name`` of every part that has it."""
    part = _PART.fullmatch(key)
    path = f"{answer.request.subject}.{part['path']}" if part else answer.request.subject
    name = part["name"] if part else key
    found = [each for each in answer.outcomes if (each.path, each.name) == (path, name)]
    if not found and not part:
        found = [each for each in answer.outcomes if each.name == name and each.conclusion.kind == "finding"]
    return found


def _over_parts(found: list[Outcome]) -> str:
    """Found in one part is found; then undetermined in one, or in a part the list may still have; and so on."""
    seen = {"undetermined" if each.residual and each.status == "found" else each.status for each in found}
    return next(status for status in ("found", "undetermined", "not_found", "not_applicable") if status in seen)


def _fits(outcome: Outcome, expected: Any) -> bool:
    scalar = outcome.scalar
    if expected == "not_applicable":
        return scalar.known and not has_value(scalar)
    if expected == "undetermined":
        return not scalar.known
    if isinstance(expected, dict):
        return _fits_mapping(scalar, expected)
    if isinstance(expected, str) and outcome.conclusion.kind == "finding":
        return outcome.status == expected
    return _is(scalar, expected)


def _fits_mapping(scalar: Scalar, expected: dict[str, Any]) -> bool:
    if set(expected) == {"undetermined"}:
        wanted = [NOTHING if each == "none" else each for each in expected["undetermined"]]
        return isinstance(scalar, Finite) and len(wanted) > 1 and scalar.outcomes == frozenset(wanted)
    if set(expected) - {"none"} not in ({"between"}, {"at_least"}, {"at_most"}):
        raise BadExpectationError(f"{expected} is no form of expectation")
    low, high = expected.get("between", (expected.get("at_least"), expected.get("at_most")))
    bounds = tuple(None if each is None else Fraction(str(each)) for each in (low, high))
    if not isinstance(scalar, Interval) or scalar.empty:
        return False
    return (scalar.low, scalar.high) == bounds and scalar.nothing == bool(expected.get("none", False))


def _is(scalar: Scalar, expected: Any) -> bool:
    if isinstance(expected, bool | str):
        return isinstance(scalar, Finite) and scalar.outcomes == frozenset({expected})
    number = Fraction(str(expected))
    return isinstance(scalar, Interval) and scalar.known and not scalar.empty and scalar.low == number


def _said(found: list[Outcome]) -> str:
    return "; ".join(f"{shown(each)} ({each.path})" if each.path.count("[") else shown(each) for each in found)


def shown(outcome: Outcome) -> str:
    """An outcome in the words of an expectation."""
    scalar = outcome.scalar
    if outcome.conclusion.kind == "finding":
        return outcome.status
    if isinstance(scalar, AnyText):
        return "any text" + (" or none" if scalar.nothing else "")
    if isinstance(scalar, Finite):
        return "{" + ", ".join("none" if each is None else str(each) for each in outcome.possible or ()) + "}"
    if scalar.empty:
        return "not_applicable"
    low, high = (None if bound is None else float(bound) for bound in (scalar.low, scalar.high))
    return f"{low if scalar.known else f'between {low} and {high}'}" + (" or none" if scalar.nothing else "")
