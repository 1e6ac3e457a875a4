"""Every operator makes the faults it is for, in their places, and nothing else."""

from __future__ import annotations

from pathlib import Path

import pytest
from mutable_law import LIMITS, RULES, law_in, mutants

from safetyrules.diagnostics import RulesetError
from safetyrules.mutation.edits import OPERATORS, applied
from safetyrules.mutation.law import Law
from safetyrules.mutation.making import mutants_of


@pytest.fixture
def law(tmp_path: Path) -> Law:
    return law_in(tmp_path)


def made(law: Law, operator: str, rule: str) -> set[tuple[str, str]]:
    return {
        (each.change.original, each.change.mutated)
        for each in mutants(law)
        if (each.operator, each.rule) == (operator, rule)
    }


@pytest.mark.parametrize(
    ("operator", "rule", "expected"),
    [
        ("threshold", "many", {("30", "31"), ("30", "29")}),
        ("threshold", "heavy", {("1", "2"), ("1", "0"), ("1", "1.001"), ("1", "0.999")}),
        ("comparison", "heavy", {("ratio >= 1", "ratio > 1")}),
        ("junction", "heavy", {("has(ratio) && ratio >= 1", "has(ratio) || ratio >= 1")}),
        ("condition", "heavy", {("has(ratio)", "true"), ("ratio >= 1", "true")}),
        ("condition", "tank.unsafe", {("leaking", "true"), ("!vented", "true")}),
        ("applies", "tank.unsafe", {('form == "dry"', "true")}),
        ("comparison", "tank.unsafe", {('form == "dry"', 'form != "dry"')}),
        ("severity", "tank.unsafe", {("major", "general")}),
        ("severity", "grade", {('"major"', '"general"')}),
        ("level", "grade", {("red", "yellow"), ("yellow", "blue"), ("yellow", "red"), ("blue", "yellow")}),
        ("level", "grade.licensed", {("blue", "yellow")}),
        ("date", "old", {('"2010-01-01"', '"2010-01-02"'), ('"2010-01-01"', '"2009-12-31"')}),
        (
            "date",
            "order-1",
            {
                ("2020-01-01", "2020-01-02"),
                ("2020-01-01", "2019-12-31"),
                ("2030-12-31", "2031-01-01"),
                ("2030-12-31", "2030-12-30"),
            },
        ),
        ("result", "crowd", {(old, new) for old, news in
                             {"2": ("3", "1", "2.001", "1.999"), "1.5": ("2.5", "0.5", "1.501", "1.499"),
                              "1": ("2", "0", "1.001", "0.999")}.items() for new in news}),
        ("comparison", "crowd", {('">= 50"', '"> 50"'), ('"< 10"', '"<= 10"')}),
        ("condition", "crowd", {('">= 50"', '"-"'), ('"10..49"', '"-"'), ('"< 10"', '"-"')}),
        ("unit", "limits", {("5", "0.005"), ("10", "0.01"), ("t", "kg")}),
        ("row", "limits", {("chlorine,5,", ""), ("ammonia,10,gas", ""), ("water,,none", "")}),
    ],
)  # fmt: skip
def test_what_an_operator_makes(law: Law, operator: str, rule: str, expected: set[tuple[str, str]]) -> None:
    found = made(law, operator, rule)
    assert found == expected - {("t", "kg")} if operator == "unit" else found == expected


def test_both_ends_of_a_range_move(law: Law) -> None:
    ranges = {mutated for original, mutated in made(law, "threshold", "crowd") if original == '"10..49"'}
    assert ranges == {'"11..49"', '"9..49"', '"10..50"', '"10..48"'}


def test_rows_are_swapped_with_the_next_where_the_first_decides(law: Law) -> None:
    orders = {(original[-12:], mutated[-12:]) for original, mutated in made(law, "order", "grade")}
    assert len(orders) == 2
    assert made(law, "order", "crowd") == set()


def test_rows_and_exceptions_are_dropped_from_their_lists(law: Law) -> None:
    source = law.text("small.yaml")
    for mutant in mutants(law):
        if mutant.operator in ("row", "exception") and mutant.span.source == "small.yaml":
            text = applied(source, mutant.change.edits)
            assert text.count("\n  - id:") + text.count("\n        - {") == (
                RULES.count("\n  - id:") + RULES.count("\n        - {") - 1
            )


def test_every_operator_makes_something(law: Law) -> None:
    assert {each.operator for each in mutants(law)} == set(OPERATORS)


def test_a_mutant_has_the_place_rule_and_clause_of_what_it_changes(law: Law) -> None:
    (licensed,) = [each for each in mutants(law) if each.operator == "exception"]
    assert (licensed.rule, licensed.clause, licensed.span.source) == ("grade.licensed", "order-1#3", "small.yaml")
    line = licensed.span.line
    assert RULES.split("\n")[line - 1] == "  - id: grade.licensed"


def test_no_fault_is_made_twice(law: Law) -> None:
    edits = [each.change.edits for each in mutants(law)]
    assert len(edits) == len(set(edits))


def test_only_the_operators_asked_for(law: Law) -> None:
    found = mutants_of(law, frozenset({"small"}), frozenset({"severity"})).all
    assert {each.operator for each in found} == {"severity"}


def test_rulesets_that_are_not_asked_for_are_left_alone(law: Law) -> None:
    assert mutants_of(law, frozenset()).all == ()


def test_of_a_long_table_rows_are_drawn_and_that_is_said(tmp_path: Path) -> None:
    rows = "".join(f"stuff {number},{number},\n" for number in range(1, 700))
    law = law_in(tmp_path, csv="stuff,limit,note\n" + rows)
    one, two = (mutants_of(law, frozenset({"small"}), frozenset({"row"}), seed) for seed in (1, 2))
    assert [(each.table, each.rows, each.of) for each in one.sampled] == [("limits", 500, 699)]
    assert one.all != two.all
    assert one.all == mutants_of(law, frozenset({"small"}), frozenset({"row"}), 1).all


def test_expressions_in_every_way_of_writing_them(tmp_path: Path) -> None:
    rules = RULES.replace("when: 'leaking && !vented'", "when: >-\n      leaking &&\n      !vented").replace(
        "is: 'has(ratio) && ratio >= 1'", 'is: "has(ratio) && (ratio >= 1)"'
    )
    law = law_in(tmp_path, small=rules)
    assert made(law, "condition", "tank.unsafe") == {("leaking", "true"), ("!vented", "true")}
    for mutant in mutants(law):
        if mutant.rule in ("tank.unsafe", "heavy") and mutant.operator in ("condition", "junction", "comparison"):
            try:
                law.with_edits(mutant.change.edits)
            except RulesetError as error:
                assert {each.code for each in error.diagnostics} <= {"SR0508"}  # noqa: PT017 - what is read may be left out


def test_quoted_cells_of_a_table_keep_their_quotes(tmp_path: Path) -> None:
    law = law_in(tmp_path, csv=LIMITS.replace("ammonia,10,gas", 'ammonia,"10","gas, cold"'))
    assert ('"10"', '"11"') in made(law, "threshold", "limits")
