"""What an expectation takes, what it does not, and what is then said."""

from __future__ import annotations

import pytest
from tiny_law import DOCUMENTS, case, cases, program

from safetyrules.diagnostics import RulesetError
from safetyrules.plugins import load_installed
from safetyrules.program import load_program
from safetyrules.testing.reading import read_suite
from safetyrules.testing.running import Runner

TANKS = "tanks: [{leaking: true, vented: true, dike: false}, {leaking: false}]"
FITS = [
    ("workers: 30, licensed: false", "grade: red"),
    ("workers: 30, licensed: false", "grade: {is: red, clauses: [order-1#2]}"),
    ("workers: 30, licensed: true", "grade: {is: blue, clauses: [order-1#3]}"),
    ("workers: {between: [5, 20]}", "grade: {undetermined: [blue, yellow]}"),
    ("workers: {between: [5, 20]}, licensed: false", "grade: {at_most: yellow, undetermined: true, needs: [workers]}"),
    ("workers: {at_least: 10}, licensed: false", "grade: {at_least: yellow}"),
    ("", "grade: undetermined"),
    ("workers: 90", 'share: "1/3"'),
    ("workers: {between: [10, 15]}", "share: {between: [2, 3]}"),
    ("workers: {between: [10, 15]}", "share: {at_least: 2, at_most: 3}"),
    ("opened: 2009-12-31", "since: 2010-01-01"),
    ("opened: 2009-12-31", "since: {at_most: 2010-01-01}"),
    ("opened: 2009-12-31", "old: true"),
    (TANKS, "tank.unsafe: found"),
    (TANKS, "'tanks[0].tank.unsafe': found"),
    (TANKS, "'tanks[1]#tank.unsafe': not_found"),
    (TANKS, "'order-1#1': {is: found}"),
    ("tanks: []", "tank.unsafe: not_applicable"),
    ("tanks: []", "'tanks[0].tank.unsafe': absent"),
    ("tanks: {items: [{leaking: false}], more: true}", "tank.unsafe: undetermined"),
    (TANKS, "tank.unsafe: {is: found, severity: major}"),
    (TANKS, "'tanks[1].tank.unsafe': {is: not_found, severity: major}"),
    (TANKS, "'order-1#1': {severity: major}"),
    ("tanks: []", "tank.unsafe: {is: not_applicable, severity: major}"),
    ("", "tank.unsafe: {severity: major}"),
]


@pytest.mark.parametrize(("facts", "expect"), FITS)
def test_fits(facts: str, expect: str) -> None:
    runner = Runner(program())
    asked = cases(case(facts, expect))
    runner.check(asked)
    assert [failure for result in runner.run(asked).failed for failure in result.failures] == []


DIFFERS = [
    ("workers: 30, licensed: false", "grade: blue", "blue", "red"),
    ("workers: 30, licensed: false", "grade: undetermined", "undetermined", "red"),
    ("workers: {between: [5, 20]}, licensed: false", "grade: blue", "blue", "{undetermined: [blue, yellow]}"),
    ("workers: {between: [5, 20]}, licensed: false", "grade: {at_least: yellow}", "{at_least: yellow}",
     "{undetermined: [blue, yellow]}"),
    ("workers: {at_least: 10}, licensed: false", "grade: {at_most: yellow}", "{at_most: yellow}",
     "{undetermined: [yellow, red]}"),
    ("workers: {between: [10, 15]}", "share: 2", "2", "{between: [2, 3]}"),
    ("workers: {between: [10, 15]}", "share: {at_least: 2.5}", "{at_least: 2.5}", "{between: [2, 3]}"),
    ("workers: 90", "share: 0.3333333333", "0.3333333333", '"1/3"'),
    ("workers: 30, licensed: false", "grade: {is: red, clauses: [order-1#3]}", "{clauses: [order-1#3]}",
     '{clauses: ["order-1#2"]}'),
    ("", "grade: {undetermined: true, needs: [workers]}", "{needs: [workers]}", "{needs: [licensed, workers]}"),
    (TANKS, "tank.unsafe: not_found", "not_found", "found (tanks[0]: found, tanks[1]: not_found)"),
    ("tanks: []", "tank.unsafe: found", "found", "not_applicable"),
    ("tanks: []", "'tanks[0].tank.unsafe': found", "found", "absent"),
    (TANKS, "tank.unsafe: {is: found, severity: general}", "{severity: general}", "{severity: major}"),
    (TANKS, "tank.unsafe: {is: not_found, severity: general}", "{is: not_found, severity: general}",
     "found (tanks[0]: found, tanks[1]: not_found)"),
    ("tanks: []", "'order-1#1': {severity: general}", "{severity: general}", "{severity: major}"),
    ("tanks: []", "tank.unsafe: {is: found, severity: major}", "{is: found, severity: major}", "not_applicable"),
    ("tanks: []", "'tanks[0].tank.unsafe': {severity: major}", "{severity: major}", "absent"),
]  # fmt: skip


@pytest.mark.parametrize(("facts", "expect", "expected", "actual"), DIFFERS)
def test_what_differs_is_said_as_a_test_would_say_it(facts: str, expect: str, expected: str, actual: str) -> None:
    (result,) = Runner(program()).run(cases(case(facts, expect))).results
    (failure,) = result.failures
    assert (failure.kind, failure.expected.replace('"', "'"), failure.actual.replace('"', "'")) == (
        "expectation", expected.replace('"', "'").replace("[order-1#3]", "['order-1#3']"), actual.replace('"', "'"),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("expect", "code"),
    [
        ("grad: red", "SR4106"),
        ("'order-1#9': found", "SR4106"),
        ("grade: purple", "SR4107"),
        ("grade: {at_least: purple}", "SR4107"),
        ("share: many", "SR4107"),
        ("old: {at_least: true}", "SR4107"),
        ("tank.unsafe: true", "SR4107"),
        ("since: 3x", "SR4107"),
        ("grade: {is: red, severity: major}", "SR4107"),
        ("'order-1#2': {severity: major}", "SR4107"),
        ("tank.unsafe: {is: absent, severity: major}", "SR4107"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_runs(expect: str, code: str) -> None:
    with pytest.raises(RulesetError) as refused:
        Runner(program()).check(cases(case("", expect)))
    assert [each.code for each in refused.value.diagnostics] == [code]
    assert refused.value.diagnostics[0].span is not None


@pytest.mark.parametrize(
    ("rows", "passes"),
    [
        ("[shenyang-four-duties#二(二)1-e]", True),
        ("[shenyang-four-duties#二(二)1-f]", False),
        ("[shenyang-four-duties#二(二)1-e, shenyang-four-duties#二(二)1-f]", False),
        ("[]", False),
    ],
)
def test_rows_are_exactly_those_that_hold(rows: str, passes: bool) -> None:
    """A municipal enterprise comes under row e, whether or not it would come under row f."""
    text = (
        "- {name: municipal, as_of: 2026-11-21, jurisdiction: '210100', "
        "facts: {affiliation: municipal, is_high_risk_sector: true, outlet: {is_business_outlet: false}}, "
        f"expect: {{supervision_tier: {{is: municipal, rows: {rows}}}}}}}\n"
    )
    (result,) = Runner(load_installed()).run(read_suite(text, "tier.test.yaml").cases).results
    assert result.passed == passes
    if not passes:
        assert "rows" in result.failures[0].expected


TWICE = """\
ruleset: twice
title: {zh: 两条, en: Twice}
instrument: order-1
rules:
  - id: yard.crowded
    title: {zh: 拥挤, en: Crowded}
    clause: "3"
    on: enterprise
    when: 'workers > 100'
    finding: general
  - id: yard.unlicensed
    title: {zh: 无证, en: Unlicensed}
    clause: "3"
    in_force: {from: 2022-01-01, to: null}
    on: enterprise
    when: '!licensed'
    finding: major
"""
LOCAL = """\
instruments: local
list:
  - id: local-1
    title: {zh: 地方, en: Local}
    issuer: {zh: 市, en: City}
    level: local_regulation
    jurisdiction: "210100"
    in_force: {from: 2020-01-01, to: null}
    clauses: [{id: "1", title: {zh: 从严, en: Stricter}}]
"""
STRICTER = """\
ruleset: local
title: {zh: 从严, en: Stricter}
instrument: local-1
jurisdiction: "210100"
overlays: [{tighten: yard.crowded, severity: major, clause: "1"}]
"""


@pytest.mark.parametrize(
    ("asked", "actual"),
    [
        ("expect: {yard.crowded: {is: not_found, severity: general}}", None),
        ("jurisdiction: '210100', expect: {yard.crowded: {is: not_found, severity: major}}", None),
        ("jurisdiction: '210100', expect: {yard.crowded: {severity: general}}", "{severity: major}"),
        ("law_at: 2021-12-31, expect: {'order-1#3': {severity: general}}", None),
        ("expect: {'order-1#3': {severity: general}}", "{severity: [general, major]}"),
        ("expect: {'order-1#3': {severity: major}}", "{severity: [general, major]}"),
        ("jurisdiction: '210100', expect: {'order-1#3': {severity: major}}", None),
        ("law_at: 2021-12-31, expect: {yard.unlicensed: {severity: major}}", "absent"),
    ],
)
def test_a_severity_is_that_of_the_law_in_force_there_and_then(asked: str, actual: str | None) -> None:
    documents = [*DOCUMENTS.items(), ("twice.yaml", TWICE), ("local.yaml", LOCAL), ("stricter.yaml", STRICTER)]
    runner = Runner(load_program(documents))
    some = cases("facts: {workers: 5, licensed: true}, " + asked)
    runner.check(some)
    (result,) = runner.run(some).results
    assert [failure.actual for failure in result.failures] == ([] if actual is None else [actual])
