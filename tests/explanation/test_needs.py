"""What would settle a conclusion: exact on small examples, sound on generated programs."""

from __future__ import annotations

import random
from collections.abc import Iterator
from functools import lru_cache
from itertools import product
from typing import Any

import pytest
from generated_law import FINITE, PROGRAMS, Facts, incomplete_facts, law, open_facts
from hypothesis import given, settings
from hypothesis import strategies as st
from small_law import assess, program

from safetyrules.explanation.completions import Completions
from safetyrules.explanation.needs import openings
from safetyrules.explanation.trace import Replay
from safetyrules.result import Assessment

DAY = "2024-05-01"


@pytest.mark.parametrize(
    ("case", "expected"),
    [
        ("finding_found", set()),
        ("finding_undetermined", {("fact", "smelts"), ("fact", "furnaces[0].state"), ("fact", "furnaces[0].cooled")}),
        ("grade_table", set()),
        ("exemption_unknown", {("fact", "waiver"), ("fact", "smelts")}),
        ("readings", {("reading", "works.rules/reading")}),
        ("permission", {("decision", "tier_decision")}),
        ("permission_settled", set()),
        ("open_list", {("fact", "furnaces[1].state"), ("list", "furnaces")}),
        ("lookup_unknown_key", {("fact", "substance")}),
        ("lookup_no_row", {("row", 'thresholds/limit["Z"]')}),
        ("no_list_in_force", {("instrument", "sector:furnace"), ("fact", "workers")}),
    ],
)
def test_needs(case: str, expected: set[tuple[str, str]]) -> None:
    asked, assessment = assess(case)
    assert {(n.kind, n.path.removeprefix("enterprise.")) for n in assessment.why(asked).needs} == expected


def test_a_need_says_what_is_known_of_it() -> None:
    assessment = program().assess(
        {"workers": {"at_least": 250}, "smelts": False, "furnaces": []}, as_of=DAY, engine="reference"
    )
    (need,) = assessment.needs("furnace.grade")
    assert (need.title.zh, need.help and need.help.en) == ("从业人员", "Those at work at period end.")
    assert need.value == assessment.program.entity(assessment.facts, assessment.request).values["workers"]


def test_a_fact_that_is_known_enough_is_not_needed() -> None:
    assessment = program().assess(
        {"workers": {"at_least": 300}, "smelts": False, "furnaces": []}, as_of=DAY, engine="reference"
    )
    assert assessment.needs("furnace.grade") == ()
    assert assessment.needs(assessment["colour"]) == assessment.needs("colour")


def test_a_row_below_what_surely_holds_is_not_needed() -> None:
    facts = {"smelts": True, "furnaces": [{"state": "cracked", "cooled": False}]}
    assert program().assess(facts, as_of=DAY, engine="reference").needs("furnace.grade") == ()


def test_assumptions() -> None:
    asked, assessment = assess("finding_found")
    assert [(a.path, a.why) for a in assessment.assumptions(asked)] == [("enterprise.furnaces[1].cooled", "图纸未见")]
    asked, assessment = assess("grade_closed_world")
    assert [a.path for a in assessment.assumptions(asked)] == []
    assert {a.path for a in assessment.assumptions("uncleaned")} == {"enterprise.cleaned", "enterprise.regime"}
    assert [a.path for a in assessment.assumptions("some_cracked")] == ["enterprise.furnaces"]


# ---- generated programs ---------------------------------------------------------------------------------------------


@lru_cache
def loaded(number: int) -> Any:
    return law(number)


def assessed(number: int, facts: Facts) -> Assessment:
    made: Assessment = loaded(number).assess(facts, as_of=DAY, engine="reference")
    return made


def unknown(facts: Facts) -> list[tuple[str, str, tuple[object, ...]]]:
    """The unknown facts: path, key in the facts, values."""
    found = [(f"enterprise.{name}", name, values) for name, values in FINITE["enterprise"].items() if name not in facts]
    for number, item in enumerate(facts["items"]):
        found += [
            (f"enterprise.items[{number}].{name}", f"{number}.{name}", values)
            for name, values in FINITE["item"].items() if name not in item
        ]  # fmt: skip
    return found


def completed(facts: Facts, values: dict[str, object]) -> Facts:
    made: Facts = {**facts, "items": [dict(item) for item in facts["items"]]}
    for key, value in values.items():
        number, _, name = key.rpartition(".")
        (made["items"][int(number)] if number else made)[name] = value
    return made


def completions(facts: Facts) -> Iterator[dict[str, object]]:
    open_ = unknown(facts)
    for values in product(*(values for _, _, values in open_)):
        yield {key: value for (_, key, _), value in zip(open_, values, strict=True)}


@settings(max_examples=150, deadline=None)
@given(st.integers(0, PROGRAMS - 1), incomplete_facts(), st.data())
def test_a_fact_not_listed_changes_nothing(number: int, facts: Facts, data: st.DataObject) -> None:
    """However the rest turns out, a fact that is not listed makes no difference to an undetermined conclusion."""
    assessment = assessed(number, facts)
    for name, outcome in assessment.conclusions.items():
        found = assessment.needs(name)
        listed = {need.path for need in found if need.kind == "fact"}
        assert listed <= {path for path, _, _ in unknown(facts)}
        assert {need.kind for need in found} <= {"fact", "reading", "conflict"}
        if outcome.status != "undetermined":
            assert not found
            continue
        rest = [each for each in unknown(facts) if each[0] not in listed]
        chosen = {key: data.draw(st.sampled_from(v), key) for path, key, v in unknown(facts) if path in listed}
        answers = set()
        for values in product(*(values for _, _, values in rest[:5])):
            others = {key: value for (_, key, _), value in zip(rest[:5], values, strict=True)}
            answers.add(assessed(number, completed(facts, {**chosen, **others}))[name].scalar)
        assert len(answers) == 1
        for _, key, values in rest:
            for value in values:
                assert assessed(number, completed(facts, {key: value}))[name].scalar == outcome.scalar


@settings(max_examples=60, deadline=None)
@given(st.integers(0, PROGRAMS - 1), open_facts())
def test_an_open_list_is_listed_where_members_can_matter(number: int, facts: Facts) -> None:
    """Where closing the list or adding a member changes what is possible, the list is listed."""
    assessment = assessed(number, facts)
    items = facts["items"]["items"] if isinstance(facts.get("items"), dict) else []
    more = [dict(zip(FINITE["item"], values, strict=True)) for values in product(*FINITE["item"].values())]
    tried = [assessed(number, {**facts, "items": items + added}) for added in ([], *([each] for each in more))]
    for name, outcome in assessment.conclusions.items():
        if outcome.status == "undetermined" and any(each[name].scalar != outcome.scalar for each in tried):
            needs = {(need.kind, need.path) for need in assessment.needs(name)}
            assert ("list", "enterprise.items") in needs or len({each[name].scalar for each in tried}) == 1


def test_listed_facts_can_matter() -> None:
    """On generated programs with complete lists, nearly every fact listed changes what is possible for some completion.

    Of 388 listed here 366 do, taken alone or when all others are known; the rest do so while another stays unknown, or
    under one reading only.
    """
    draw = random.Random(20240501)
    listed = needless = 0
    for _ in range(120):
        number = draw.randrange(PROGRAMS)
        facts: Facts = {name: draw.choice(v) for name, v in FINITE["enterprise"].items() if draw.random() < 0.6}
        facts["items"] = [
            {n: draw.choice(v) for n, v in FINITE["item"].items() if draw.random() < 0.6} for _ in range(2)
        ]
        if len(unknown(facts)) > 5:
            continue
        assessment = assessed(number, facts)
        full = {
            tuple(each.items()): assessed(number, completed(facts, each)).conclusions for each in completions(facts)
        }
        for name, outcome in assessment.conclusions.items():
            for need in assessment.needs(name) if outcome.status == "undetermined" else ():
                if need.kind == "fact":
                    listed += 1
                    needless += not _matters(need.path, name, facts, full, assessment, number)
    assert listed > 200
    assert needless / listed < 0.08


def _matters(path: str, name: str, facts: Facts, full: dict[Any, Any], assessment: Assessment, number: int) -> bool:
    key, values = next((key, values) for p, key, values in unknown(facts) if p == path)
    grouped: dict[Any, set[Any]] = {}
    for each, conclusions in full.items():
        rest = tuple(pair for pair in each if pair[0] != key)
        grouped.setdefault(rest, set()).add(conclusions[name].scalar)
    if any(len(outcomes) > 1 for outcomes in grouped.values()):
        return True
    return any(assessed(number, completed(facts, {key: v}))[name].scalar != assessment[name].scalar for v in values)


def test_trying_values_drops_what_cannot_matter() -> None:
    """``a`` is read by an undecided row, but both rows give the same."""
    from small_law import FACTS, INSTRUMENTS

    from safetyrules.program import load_program

    rules = """
ruleset: works.rules
title: {zh: 规则, en: Rules}
instrument: order-1
rules:
  - id: same
    title: {zh: 相同, en: Same}
    clause: "3"
    on: enterprise
    grade: colour
    table:
      hit: first
      rows:
        - {when: 'trial && cleaned', then: red}
        - {when: 'cleaned', then: red}
      otherwise: blue
"""
    made = load_program([("facts", FACTS), ("law", INSTRUMENTS), ("rules", rules)])
    assessment = made.assess({}, as_of=DAY, engine="reference")
    replay = Replay(assessment)
    node = ("enterprise", "same")
    replay.conclusion(node)
    found = openings(replay, node)
    assert {path for _, path in found.found} == {"enterprise.trial", "enterprise.cleaned"}
    assert Completions(replay, node, found).idle() == {("fact", "enterprise.trial")}
    assert [need.path for need in assessment.needs("same")] == ["enterprise.cleaned"]
