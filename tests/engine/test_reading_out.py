"""What an assessment reads out: all outcomes at once, one of the subject, or any by its key come to the same."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from safetyrules import Assessment, assess
from safetyrules.engine.compiled.decode import Raw
from safetyrules.values import WHOLE, WHOLE_KEPT, Interval

CASES: list[dict[str, Any]] = [
    {},
    {"employees": 12, "dust": {"hazard_present": True, "collectors": [{"system": "dry"}, {}]}},
    {"dust": {"collectors": {"items": [{"system": "wet"}], "more": True}}, "hazmat": {"units": [{"name": "1"}]}},
]


def answers(facts: dict[str, Any], sectors: list[str] | None, engine: Any) -> Assessment:
    return assess(facts, as_of="2026-08-01", sectors=sectors, engine=engine)


@pytest.mark.parametrize("engine", ["compiled", "reference", "chained"])
@pytest.mark.parametrize("sectors", [None, ["hazmat"], []])
@pytest.mark.parametrize("facts", CASES)
def test_every_way_of_reading_comes_to_the_same(facts: dict[str, Any], sectors: Any, engine: Any) -> None:
    assessment = answers(facts, sectors, engine)
    root = assessment.request.subject
    read = {(outcome.path, outcome.name): outcome.scalar for outcome in assessment.outcomes}
    assert read == dict(assessment.scalars)
    assert len(read) == len(assessment.outcomes) == len(assessment.scalars)
    own = {key: scalar for key, scalar in read.items() if key[0] == root}
    assert own == dict(assessment.computed.of_subject())
    for path, name in own:
        assert answers(facts, sectors, engine)[name].scalar == own[path, name]


@pytest.mark.parametrize("facts", CASES)
def test_outcomes_come_in_the_order_that_the_reference_gives(facts: dict[str, Any]) -> None:
    one, two = (answers(facts, None, engine) for engine in ("compiled", "reference"))
    assert isinstance(one.computed, Raw)
    assert one.outcomes == two.outcomes


def test_whole_numbers_are_shared_and_no_more_than_so_many_are_kept() -> None:
    for number in range(-3, WHOLE_KEPT + 100):
        assert WHOLE[number] == Interval(Fraction(number), Fraction(number))
    assert WHOLE[5] is WHOLE[5]
    assert len(WHOLE) <= WHOLE_KEPT
