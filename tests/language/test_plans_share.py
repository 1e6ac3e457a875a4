"""What plans share of a program is what each would make alone."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

import safetyrules
from safetyrules.language.plan import make_plan

ASKED = [
    (date(2026, 11, 1), "210100", None),
    (date(2019, 6, 1), "CN", None),
    (date(2024, 5, 1), "350581", None),
    (date(2024, 5, 1), "150525", ("dust",)),
    (date(2024, 5, 1), "210100", "regulator"),
]


@pytest.mark.parametrize("asked", ASKED, ids=str)
def test_a_plan_is_the_same_whatever_was_planned_before(asked: tuple[date, str, tuple[str, ...] | str | None]) -> None:
    program = safetyrules.default_program()
    day, place, others = asked
    sectors, register = (None, others) if isinstance(others, str) else (others, None)
    alone = make_plan(replace(program.linked), program.places, day, place, sectors, register)
    shared = replace(program.linked)
    for each_day, each_place, _ in reversed(ASKED):
        make_plan(shared, program.places, each_day, each_place)
    plan = make_plan(shared, program.places, day, place, sectors, register)
    assert plan.digest == alone.digest
    assert plan.conclusions == alone.conclusions
    assert plan.rules == alone.rules
    assert plan.notices == alone.notices
    assert plan.conclusions
