"""The analyses find nothing in the shipped law but facts that are kept for readers."""

from __future__ import annotations

from test_rulesets import SUITES

from safetyrules.analysis.run import analyse
from safetyrules.diagnostics import Severity
from safetyrules.language.plan_checks import check_plans
from safetyrules.program import default_program

#: Facts that no rule reads: what registers have of workshops, and the reason that must go with a departure.
FOR_READERS = {
    ("dust.workshop", "floor_area"),
    ("dust.workshop", "production_lines"),
    ("dust.workshop", "workers"),
    ("dust.workshop", "electrics_explosion_proof"),
    ("dust.collector", "separator"),
    ("enterprise", "tier_departure_reason"),
}


def test_the_shipped_law_can_be_meant() -> None:
    program = default_program()
    said = [*program.linked.warnings, *check_plans(program.linked, program.places)]
    found = analyse(program, SUITES, said)
    assert said == []
    assert [each.render("en") for each in found if each.code != "SR0722" or each.severity is not Severity.NOTE] == []
    places = {each.span for each in found}
    kinds = program.schema.kinds
    assert places == {kinds[kind].facts[fact].span for kind, fact in FOR_READERS}
