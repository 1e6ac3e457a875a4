"""Every decision row of Order 10, articles 3, 6 to 10 and 12, and of the 2017 list for the same, against its rule."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import decision_rows
import pytest

from safetyrules.program import default_program

ROWS = decision_rows.read(Path(__file__).with_name("trade_rows.yaml"))
PARAMETERS = [pytest.param(row, id=f"{row['row']}-{row['rule'].rpartition('.')[2]}") for row in ROWS.rows]


@pytest.mark.parametrize("row", PARAMETERS)
def test_rule_equals_row(row: decision_rows.Row) -> None:
    decision_rows.rule_equals_row(ROWS, row)


@pytest.mark.parametrize("row", PARAMETERS)
def test_every_difference_is_one_and_has_a_reason(row: decision_rows.Row) -> None:
    decision_rows.every_difference_is_one(ROWS, row)


@pytest.mark.parametrize("row", PARAMETERS)
def test_a_missing_fact_never_looks_clean(row: decision_rows.Row) -> None:
    decision_rows.a_missing_fact_never_looks_clean(ROWS, row)


def test_every_finding_of_the_sector_has_a_row() -> None:
    rules = {
        name
        for name, rule in default_program().linked.rules.items()
        if rule.kind == "finding" and rule.sector == "trade"
    }
    assert rules == {row["rule"] for row in ROWS.rows}


# ---- what changed on 2023-05-15 --------------------------------------------------------------------------------------


def _both_days(old: str, new: str, industry: str, **section: Any) -> tuple[str, str]:
    """What the list of 2017 says on its last day and Order 10 on its first, of the same facts."""
    facts = {"industry": industry, "trade": section}
    last, first = (
        default_program().assess(facts, as_of=date(2023, 5, 14), law_at=day, sectors=["trade"])
        for day in (date(2023, 5, 14), date(2023, 5, 15))
    )
    return last.by_clause[f"trade-129-2017#{old}"], first.by_clause[f"mem-order-10-2023#{new}"]


def test_freezers_with_ten_people_or_no_room_of_their_own() -> None:
    unit = {"uses_ammonia_refrigeration": True, "has_quick_freezer": True, "workers_in_quick_freezer_room": 10}
    assert _both_days("special-2(2)", "12(2)", "1311", quick_freezer_in_separate_room=True, **unit) == (
        "not_found",
        "found",
    )
    assert _both_days("special-2(2)", "12(2)", "1311", quick_freezer_in_separate_room=False, **unit) == (
        "found",
        "found",
    )


def test_fumigation_without_masks_is_enough_since_order_10() -> None:
    work = {"does_fumigation": True, "evacuation_confirmed_before_fumigation": True, "phosphine_alarm": "working"}
    assert _both_days("sector-7(1)", "10(1)", "1610", gas_masks_provided=False, **work) == ("not_found", "found")


def test_grain_has_no_successor() -> None:
    facts = {"industry": "5211", "trade": {"has_grain_in_out_work": True, "grain_steps_followed": False}}
    answer = default_program().assess(facts, as_of=date(2023, 5, 15), sectors=["trade"])
    assert {each.status for each in answer.findings if each.conclusion.severity == "major"} <= {
        "undetermined",
        "not_applicable",
    }
