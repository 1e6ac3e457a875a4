"""Answers in one form, so that they can be compared: every conclusion of every entity as what is still possible of it.

A finite outcome is the set of what it may be, None for "no value"; a number is (least, greatest, may have no value),
None for an open end, and "nothing" where it has no value at all.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction
from typing import Any

from safetyrules import Assessment

#: (entity path, conclusion) → what is possible.
Answers = dict[tuple[str, str], Any]
NOTHING = "nothing"


def of_assessment(assessment: Assessment) -> Answers:
    """What the library answers."""
    found: Answers = {}
    for outcome in assessment.outcomes:
        key = (outcome.path, outcome.name)
        if outcome.possible is not None:
            found[key] = frozenset(outcome.possible)
        elif outcome.bounds is not None:
            low, high = outcome.bounds
            found[key] = (low, high, outcome.may_have_no_value)
        elif outcome.status == "no_value":
            found[key] = NOTHING
        else:
            found[key] = ("any", outcome.may_have_no_value)
    return found


def known_number(value: Any) -> Any:
    return NOTHING if value is None else (Fraction(value), Fraction(value), False)


def finite(value: Any) -> frozenset[Any]:
    return value if isinstance(value, frozenset) else frozenset({value})


def differences(ours: Answers, theirs: Answers) -> list[str]:
    """What is not the same, in words; both ways."""
    found = [
        f"{key}: {ours[key]} here, {theirs[key]} there"
        for key in ours.keys() & theirs.keys()
        if ours[key] != theirs[key]
    ]
    found += [f"{key}: only here" for key in sorted(ours.keys() - theirs.keys())]
    found += [f"{key}: only there" for key in sorted(theirs.keys() - ours.keys())]
    return found


def require_equal(what: str, ours: Mapping[Any, Any], theirs: Mapping[Any, Any]) -> None:
    """Raises AssertionError with the first differences."""
    found = differences(dict(ours), dict(theirs))
    if found:
        raise AssertionError(f"{what}: {len(found)} answers differ, first {'; '.join(found[:5])}")
