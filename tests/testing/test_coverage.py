"""What cases reach, what is left, and what cannot be."""

from __future__ import annotations

import json

import pytest
from jsonschema import Draft202012Validator
from tiny_law import DOCUMENTS, case, cases, program

from safetyrules.program import load_program
from safetyrules.testing.coverage.feasible import Space
from safetyrules.testing.coverage.measuring import Coverage, Item, measure
from safetyrules.testing.coverage.points import points_of
from safetyrules.testing.coverage.reporting import coverage_document, page, terminal
from safetyrules.testing.schemas import SCHEMAS

EVERYTHING = frozenset({"tiny"})
TANK = "tanks: [{{leaking: {}, vented: {}, dike: {}}}]"


def measured(*written: str) -> Coverage:
    return measure(program(), cases(*written), EVERYTHING)


def tanks(*rows: tuple[str, str, str]) -> Coverage:
    return measured(*(case(TANK.format(*row), "tank.unsafe: undetermined") for row in rows))


def items(coverage: Coverage, rule: str, kind: str) -> list[Item]:
    return [item for item in coverage.items if (item.rule, item.kind) == (rule, kind)]


def reached(coverage: Coverage, rule: str, kind: str) -> list[str]:
    """Where, by line and column, with the part."""
    return [f"{i.span.column}{i.part}" for i in items(coverage, rule, kind) if i.reached]


def test_nothing_is_reached_by_no_case() -> None:
    coverage = measured()
    assert coverage.counted()[0] == 0
    assert coverage.percent == 0


def test_only_what_expectations_rest_on_is_reached() -> None:
    coverage = measured(case("workers: 30, licensed: false", "share: 1"))
    assert [item.rule for item in coverage.items if item.kind == "rule" and item.reached] == ["share"]


def test_rows_hold_where_those_above_do_not() -> None:
    coverage = measured(case("workers: 31", "grade: red"), case("workers: 5", "grade: blue"))
    assert [item.part for item in items(coverage, "grade", "row") if item.reached] == ["1", "otherwise"]


def test_a_row_that_may_hold_is_not_reached() -> None:
    assert reached(measured(case("workers: {at_least: 20}", "grade: undetermined")), "grade", "row") == ["112"]


@pytest.mark.parametrize(("workers", "outcome"), [("30", "true"), ("9", "false"), ("{at_least: 3}", "unknown")])
def test_each_outcome_of_a_condition_counts(workers: str, outcome: str) -> None:
    coverage = measured(case(f"workers: {workers}", "grade: undetermined"))
    first = [item for item in items(coverage, "grade", "condition") if item.span.line == 20 and item.reached]
    assert [item.part for item in first] == [outcome]


def test_what_is_not_asked_is_not_reached() -> None:
    """``leaking`` is false, so nobody asks the rest."""
    assert reached(tanks(("false", "true", "true")), "tank.unsafe", "condition") == ["15true", "12false"]


def test_independence_takes_a_pair_that_differs_in_one_condition() -> None:
    one = ("true", "false", "true")
    assert reached(tanks(one), "tank.unsafe", "independence") == []
    assert reached(tanks(one, ("false", "false", "false")), "tank.unsafe", "independence") == ["12"]
    assert reached(tanks(one, ("true", "true", "true")), "tank.unsafe", "independence") == ["25"]
    assert reached(tanks(("true", "true", "false"), ("true", "true", "true")), "tank.unsafe", "independence") == ["36"]


def test_an_outcome_that_is_not_known_shows_no_independence() -> None:
    assert reached(tanks(("true", "false", "true"), ("{unknown: true}", "false", "true")), "tank.unsafe",
                   "independence") == []  # fmt: skip


def test_exceptions_that_apply_and_that_do_not() -> None:
    assert reached(measured(case("licensed: true", "grade: blue")), "grade.licensed", "exception") == ["5true"]
    assert reached(measured(case("licensed: false", "grade: red")), "grade.licensed", "exception") == ["5false"]


def test_clauses_are_reached_by_their_rules() -> None:
    coverage = measured(case("tanks: [{leaking: false, dike: true}]", "tank.unsafe: not_found"))
    assert [item.part for item in coverage.items if item.kind == "clause" and item.reached] == ["order-1#1"]


def test_a_condition_on_the_day_is_never_unknown() -> None:
    of_the_day = [i for i in items(measured(), "old", "condition") if i.span.column > 30]
    assert {item.part: item.possible for item in of_the_day} == {"true": True, "false": True, "unknown": False}


@pytest.mark.parametrize(
    ("when", "impossible"),
    [
        ("workers >= 30 && workers >= 10", {"10 false"}),
        ("workers >= 30 && workers < 10", {"10 true"}),
        ("workers < 0 || licensed", {"0 true"}),
        ("licensed || !licensed", {"!licensed true"}),
    ],
)
def test_what_other_conditions_rule_out_is_impossible(when: str, impossible: set[str]) -> None:
    rule = f"""\
ruleset: more
title: {{zh: 多, en: More}}
instrument: order-1
rules:
  - {{id: more, title: {{zh: 多, en: More}}, clause: "1", on: enterprise, value: boolean, is: '{when}'}}
"""
    law = load_program([*DOCUMENTS.items(), ("more.yaml", rule)])
    (condition,) = points_of(law.linked, law.linked.rules["more"]).conditions
    vectors = Space(law.linked, condition).vectors()
    assert vectors is not None
    words = [part.split()[-1] for part in when.replace("||", "&&").split("&&")]
    seen = {(number, outcomes[number]) for outcomes, _ in vectors for number in range(len(words))}
    missing = {
        f"{word} {outcome}"
        for number, word in enumerate(words)
        for outcome in ("true", "false", "unknown")
        if (number, outcome) not in seen
    }
    # What can be true where the whole is known is what the conditions before it leave.
    assert {each for each in missing if "unknown" not in each} == impossible


def test_rows_above_leave_no_room() -> None:
    """``workers >= 10`` is asked where ``workers >= 30`` may not hold; both outcomes are left."""
    second = [item for item in items(measured(), "grade", "condition") if item.span.line == 21]
    assert [item.possible for item in second] == [True, True, True]


def test_the_document_fits_its_schema_and_names_cases() -> None:
    document = coverage_document(measured(case("workers: 30, licensed: false", "share: 1"))).to_json()
    Draft202012Validator(SCHEMAS["coverage/v1"]()).validate(json.loads(json.dumps(document)))
    (ruleset,) = document["rulesets"]
    (share,) = [item for item in ruleset["items"] if item["kind"] == "rule" and item["rule"] == "share"]
    assert (share["reached"], share["cases"]) == (True, ["tiny.test.yaml: case 0"])


def test_the_terminal_lists_what_is_left_with_its_place() -> None:
    lines = [line.text for line in terminal(measured(case("workers: 30", "share: 1")), "en")]
    assert any(line.startswith("tiny.yaml:21:11: grade: row 2 never holds") for line in lines)
    assert lines[-1].startswith("coverage ")


def test_a_page_needs_nothing_from_elsewhere() -> None:
    written = page(measured(case("workers: 30", "share: 1")), "tiny", "zh")
    assert "<script" not in written
    assert "http" not in written
    assert "src=" not in written
