"""Law of one place holds there and in what lies below it, and nowhere else."""

from __future__ import annotations

from datetime import date

import pytest
from law import assess

from safetyrules.language.plan import make_plan
from safetyrules.places import ROOT
from safetyrules.program import default_program
from safetyrules.tracing.matrix import trace

DAYS = [date(2019, 6, 1), date(2022, 6, 1), date(2024, 1, 1), date(2025, 6, 30), date(2026, 11, 21)]
LOCAL = {
    "210100": "shenyang.key_supervision",
    "340100": "dust.key.hefei_2024",
    "350581": "shishi.key_supervision",
    "140000": "shanxi.inspection_cap",
    "500110": "smelting.shijiao.registered",
    "440000": "guangdong.key_unit",
    "150525": "naiman.own_plan",
    "430723": "li_county.without_supervisor",
}


def test_there_is_local_law_of_each_of_these_places() -> None:
    written = {rule.concludes: rule.jurisdiction for rule in default_program().linked.rules.values()}
    assert {place: written[conclusion] for place, conclusion in LOCAL.items()} == {place: place for place in LOCAL}
    assert {place for place in written.values() if place != ROOT} == set(LOCAL)


def around(day: date) -> list[str]:
    """The places with law of their own, all above them, and what lies beside or below any of these."""
    tree = default_program().places
    above = {code: tree.ancestors(code, day) for code in tree.codes}
    line = {code for place in LOCAL for code in above[place]}
    return sorted(code for code, codes in above.items() if code in line or (len(codes) > 1 and codes[1] in line))


@pytest.mark.parametrize("day", DAYS, ids=str)
def test_no_rule_is_in_force_outside_its_place(day: date) -> None:
    program = default_program()
    reached = set()
    for place in around(day):
        above = {place, *program.places.ancestors(place, day)}
        for register in (None, "regulator", "region"):
            plan = make_plan(program.linked, program.places, day, place, register=register)
            assert {rule.jurisdiction for rule in plan.rules.values()} <= above
            reached |= {rule.jurisdiction for rule in plan.rules.values()}
    in_force = {rule.jurisdiction for rule in program.linked.rules.values() if rule.days.covers(day)}
    assert reached == in_force


def test_what_shishi_asks_is_a_general_hazard() -> None:
    point = {"colour_registered": False, "control_posts_named": False}
    answer = assess({"place": "350581", "risk": {"points": [point]}}, as_of="2024-01-01")
    found = [answer[f"risk.points[0]#{name}"] for name in ("shishi.colours", "shishi.posts")]
    assert [(each.status, each.conclusion.severity) for each in found] == [("found", "general")] * 2


@pytest.mark.parametrize(
    "ruleset",
    ["naiman_park", "shijiao", "li_county", "shenyang.daily_check", "shishi.leaders"],
)
def test_what_local_policies_ask_is_never_a_major_hazard(ruleset: str) -> None:
    rules = [each for each in default_program().linked.rules.values() if each.ruleset == f"supervision.{ruleset}"]
    severities = {rule.severity for rule in rules if rule.kind == "finding"}
    assert severities == {"general"}


def test_what_is_only_proposed_or_encouraged_binds_nobody() -> None:
    rules = default_program().linked.rules
    loose = {
        "li_county.without_supervisor": "proposed",
        "shijiao.four_colours": "encouraged",
        "naiman.exits_known": "target",
    }
    assert {name: rules[name].force for name in loose} == loose


def test_what_shishi_asks_of_governments_is_no_clause_of_an_enterprise() -> None:
    """It is theirs alone in an answer; the matrix of clauses still has it, with its rules."""
    enterprise = assess({"place": "350581"}, as_of="2024-01-01")
    government = assess({"body": "city_government"}, as_of="2024-01-01", subject="government", jurisdiction="350581")
    theirs = {clause for clause in government.by_clause if clause.startswith("shishi-reform-2017#二(三)")}
    assert len(theirs) == 7
    assert not theirs & set(enterprise.by_clause)
    assert not {finding.clause for finding in enterprise.to_document().findings} & theirs
    assert {clause.partition("#")[0] for clause in government.by_clause} == {"shishi-reform-2017"}
    traced = trace(default_program(), None, {"shishi-reform-2017"})
    rules = {f"{each.instrument}#{each.clause.id}": each.citers for each in traced.clauses}
    assert all(rules[clause] for clause in theirs)
