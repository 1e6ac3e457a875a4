"""Gaps, overlaps, masked rows and rules that never or always fire are exactly those that Z3 finds."""

from __future__ import annotations

from typing import Any

import z3
from generated_tables import (
    FIRST_LINE,
    LEVELS,
    Condition,
    Rows,
    conditions,
    excepted,
    finding,
    possible,
    program_of,
    replaced,
    tables,
)
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engines_agree import examples

from safetyrules.analysis.contradictions import contradictions
from safetyrules.analysis.firing import firing
from safetyrules.analysis.gaps import gaps
from safetyrules.analysis.law import Law
from safetyrules.analysis.loosening import loosening
from safetyrules.analysis.masked import masked_rows
from safetyrules.analysis.overlaps import overlaps
from safetyrules.analysis.run import Analysis
from safetyrules.language.spaces import Space

slow = settings(max_examples=examples(60))


def found(analysis: Analysis, table: Rows, hit: str, otherwise: str | None) -> set[tuple[str, int]]:
    """Codes with the numbers of the rows (0: the table) where they are reported."""
    problems = list(analysis(Law(program_of(table, hit, otherwise))))
    assert all(each.example is not None for each in problems if each.code not in ("SR0713", "SR0704"))
    lines = [(each.code, each.span.line - FIRST_LINE if each.span else 0) for each in problems]
    return {(code, max(number, -1) + 1) for code, number in lines}


def earlier(table: Rows, number: int) -> list[Any]:
    return [when.formula for when, _ in table.rows[:number]]


@slow
@given(tables)
def test_gaps(table: Rows) -> None:
    free = possible(table.applies.formula, *(z3.Not(when.formula) for when, _ in table.rows))
    assert {code for code, _ in found(gaps, table, "first", None)} == ({"SR0701"} if free else set())


@slow
@given(tables)
def test_overlaps_of_unique_rows(table: Rows) -> None:
    expected = {
        ("SR0702", number + 1)
        for number, (when, _) in enumerate(table.rows)
        if any(possible(table.applies.formula, when.formula, above) for above in earlier(table, number))
    }
    assert found(overlaps, table, "unique", "blue") == expected


@slow
@given(tables)
def test_overlaps_of_rows_that_should_agree(table: Rows) -> None:
    expected = {
        ("SR0703", number + 1)
        for number, (when, then) in enumerate(table.rows)
        if any(
            possible(table.applies.formula, when.formula, above.formula) and other != then
            for above, other in table.rows[:number]
        )
    }
    assert found(overlaps, table, "any", "blue") == expected


@slow
@given(tables)
def test_masked_rows_of_a_first_table(table: Rows) -> None:
    assert found_rows(table, "first") == masked(table, lambda number, other: other < number)


@slow
@given(tables)
def test_masked_rows_of_a_table_that_takes_the_greatest(table: Rows) -> None:
    def before(number: int, other: int) -> bool:
        one, two = (LEVELS.index(table.rows[each][1]) for each in (number, other))
        return two > one or (two == one and other < number)

    assert found_rows(table, "collect max") == masked(table, before)


def found_rows(table: Rows, hit: str) -> set[tuple[str, int]]:
    return {each for each in found(masked_rows, table, hit, "blue") if each[0] != "SR0705"}


def masked(table: Rows, before: Any) -> set[tuple[str, int]]:
    if not possible(table.applies.formula):
        return set()  # the rule says so
    expected = set()
    for number, (when, _) in enumerate(table.rows):
        above = [row.formula for other, (row, _) in enumerate(table.rows) if before(number, other)]
        if not possible(table.applies.formula, when.formula):
            expected.add(("SR0713", number + 1))
        elif not possible(table.applies.formula, when.formula, *map(z3.Not, above)):
            expected.add(("SR0704", number + 1))
    return expected


@slow
@given(tables)
def test_exhaustive_tables(table: Rows) -> None:
    """Nothing is proved that is not so; what these facts make exhaustive is proved."""
    (found,) = Law(program_of(table, "first", None)).tables
    free = (z3.Not(when.formula) for when, _ in table.rows)
    assert found.term.exhaustive == (not possible(table.applies.formula, *free))


@slow
@given(tables)
def test_rules_that_never_apply(table: Rows) -> None:
    problems = [each.code for each in firing(Law(program_of(table, "first", "blue")))]
    literal = table.applies.text == "true"
    assert problems == ([] if literal or possible(table.applies.formula) else ["SR0711"])


@slow
@given(conditions, conditions)
def test_what_two_conditions_have_in_common(one: Condition, two: Condition) -> None:
    table = Rows(Condition("true", z3.BoolVal(True)), ((one, "blue"), (two, "red")))
    (found,) = Law(program_of(table, "first", "blue")).tables
    first, second = (row.when for row in found.term.rows)
    space = Space([first, second])
    assert bool(space.meet(space.boxes(first), space.boxes(second))) == possible(one.formula, two.formula)
    both = space.meet(space.boxes(first), space.boxes(second, "not true"))
    assert bool(both) == possible(one.formula, z3.Not(two.formula))
    assert space.covered(space.boxes(first), space.boxes(second)) == (not possible(one.formula, z3.Not(two.formula)))


@slow
@given(conditions, conditions)
def test_findings_that_never_or_always_fire(applies: Condition, when: Condition) -> None:
    asked = possible(applies.formula)
    expected = []
    if not asked or not possible(applies.formula, when.formula):
        expected = ["SR0711"]
    elif not possible(applies.formula, z3.Not(when.formula)):
        expected = ["SR0712"]
    problems = list(firing(Law(finding(applies, when))))
    assert [each.code for each in problems] == expected
    assert all(each.example is not None for each in problems if asked)


@slow
@given(conditions, conditions, conditions, conditions)
def test_replacements_that_loosen(one: Condition, two: Condition, three: Condition, four: Condition) -> None:
    """Found before, and not any more."""
    laxer = possible(one.formula, two.formula, z3.Not(z3.And(three.formula, four.formula)))
    problems = list(loosening(Law(replaced((one, two), (three, four)))))
    assert [each.code for each in problems] == (["SR0728"] if laxer else [])
    assert all(each.example is not None for each in problems)


outcomes = st.sampled_from(["withdraw: true", "then: true", "then: false"])


@slow
@given(conditions, conditions, conditions, outcomes, outcomes)
def test_exceptions_that_contradict(
    applies: Condition, one: Condition, two: Condition, first: str, second: str
) -> None:
    both = possible(applies.formula, one.formula, two.formula)
    problems = list(contradictions(Law(excepted(applies, one, two, (first, second)))))
    assert [each.code for each in problems] == (["SR0716"] if both and first != second else [])
