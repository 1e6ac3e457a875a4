"""Every decision row of Order 6 and GB 15577-2018, evaluated in Python over known facts, against the rule for it."""

from __future__ import annotations

from pathlib import Path

import decision_rows
import pytest

from safetyrules.program import default_program

ROWS = decision_rows.read(Path(__file__).with_name("dust_duty_rows.yaml"))
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


def test_every_duty_has_a_row() -> None:
    rules = {
        name
        for name, rule in default_program().linked.rules.items()
        if rule.kind == "finding" and name.startswith(("dust.order6.", "dust.gb15577."))
    }
    assert rules == {row["rule"] for row in ROWS.rows}
