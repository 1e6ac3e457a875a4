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
    ("enterprise", "tier_departure_reason"),
}


def test_the_shipped_law_can_be_meant() -> None:
    program = default_program()
    said = [*program.linked.warnings, *check_plans(program.linked, program.places)]
    found = analyse(program, SUITES, said)
    assert said == []
    assert {each.severity for each in found} == {Severity.NOTE}
    # Items of checklists are facts that restate their clause (SR0723): what the law asks of them is no more.
    told = [each for each in found if each.code not in ("SR0722", "SR0723")]
    # Known to be level 1 or 2, and not which: the row holds all the same, so that nothing milder stays possible.
    assert [(each.code, each.span.source.rpartition("/")[2]) for each in told if each.span is not None] == [
        ("SR0705", "hazmat_grade.yaml")
    ]
    places = {each.span for each in found if each.code == "SR0722"}
    kinds = program.schema.kinds
    assert places == {kinds[kind].facts[fact].span for kind, fact in FOR_READERS}
