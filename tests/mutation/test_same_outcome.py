"""The recogniser of equivalent mutants: what it calls the same is the same for all facts."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutable_law import FACTS, RULES, TABLE, law_in

from safetyrules.engine.reference import Reference
from safetyrules.mutation.equivalence import Equivalence
from safetyrules.mutation.law import Law
from safetyrules.mutation.operands import samples
from safetyrules.program import Program

DAY = date(2024, 1, 1)


@pytest.fixture(scope="module")
def law(tmp_path_factory: pytest.TempPathFactory) -> Law:
    return law_in(tmp_path_factory.mktemp("law"))


def same(law: Law, folder: Path, old: str, new: str) -> bool:
    assert old in RULES
    return Equivalence(law).same(law_in(folder, small=RULES.replace(old, new)).linked)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("workers > 9", "workers >= 10"),
        ("workers > 9", "!(workers <= 9)"),
        ("workers > 9", "workers > 9.5"),
        ("'leaking && !vented'", "'!vented && leaking'"),
        ("'leaking && !vented'", "'!(vented || !leaking)'"),
        ("'form == \"dry\"'", "'form != \"wet\"'"),
        ("'form == \"dry\"'", "'form in [\"dry\"]'"),
        ("'workers >= many', then: red", "'workers >= 30 && workers >= 0', then: red"),
        ("'workers > 9', then: yellow", "'workers > 9 && workers <= 1000', then: yellow"),
        ("'workers > 9', then: yellow", "'workers > 9 || workers > 2000', then: yellow"),
        ("'has(ratio) && ratio >= 1'", "'has(ratio) ? ratio >= 1 : false'"),
        ("findings(\"works\", \"major\") >= 1", "findings(\"works\", \"major\") > 0"),
        # One finding is in force, and no general one.
        ("findings(\"works\", \"major\") >= 1", "findings(\"works\", \"major\") == 1"),
        ("'findings(\"works\", \"major\") >= 1'",
         "'findings(\"works\", \"major\") >= 1 || findings(\"works\", \"general\") > 3'"),
    ],
)  # fmt: skip
def test_the_same_in_other_words(law: Law, tmp_path: Path, old: str, new: str) -> None:
    assert same(law, tmp_path, old, new)


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("workers > 9", "workers >= 9"),
        ("'leaking && !vented'", "'leaking || !vented'"),
        ("'leaking && !vented'", "'leaking'"),
        ("'form == \"dry\"'", "'true'"),
        ("otherwise: blue", "otherwise: yellow"),
        ("finding: major", "finding: general"),
        ("'workers > 9', then: yellow", "'workers > 9 && workers <= 999', then: yellow"),
        # For known numbers the same, for unknown ones not: unknown is an answer.
        ("'workers > 9', then: yellow", "'workers > 9 && (heavy || !heavy)', then: yellow"),
        ('findings("works", "major") >= 1', 'findings("works", "major") >= 2'),
        ("value: 30", "value: 31"),
        ("    when: 'licensed'", "    in_force: {from: 2021-01-01, to: null}\n    when: 'licensed'"),
    ],
)
def test_what_is_not_the_same(law: Law, tmp_path: Path, old: str, new: str) -> None:
    assert not same(law, tmp_path, old, new)


def test_rows_that_do_not_overlap_may_change_places(tmp_path: Path) -> None:
    one = "        - {when: 'workers > 900', then: yellow}\n"
    two = "        - {when: 'workers < 9', then: blue}\n"
    old = "        - {when: 'workers > 9', then: yellow}\n"
    law = law_in(tmp_path, small=RULES.replace(old, one + two))
    other = law_in(tmp_path, small=RULES.replace(old, two + one)).linked
    assert Equivalence(law).same(other)
    overlapping = law_in(tmp_path, small=RULES.replace(old, one.replace("900", "5") + two))
    swapped = law_in(tmp_path, small=RULES.replace(old, two + one.replace("900", "5"))).linked
    assert not Equivalence(overlapping).same(swapped)


# ---- at and beyond the ends of a range ------------------------------------------------------------------------------

COMPARED = "'has(ratio) && ratio >= 1'"


@pytest.mark.parametrize(
    ("one", "two", "expected"),
    [
        # An amount is from 0 to 500.
        ("amount >= 0", "amount >= -0.001", True),
        ("amount >= 0", "amount > -1", True),
        ("amount > 500", "amount > 501", True),
        ("amount <= 500", "amount < 500.001", True),
        ("licensed && amount < 0", "licensed && amount < -1", True),
        ("amount >= 0", "amount >= 0.001", False),
        ("amount > 0", "amount > -1", False),
        ("amount > 500", "amount > 499", False),
        ("amount >= 500", "amount >= 501", False),
        ("amount < 0", "amount > -1", False),
        # An integer is from 0 unless said otherwise; nothing is declared of what is computed.
        ("workers >= 0", "workers >= -1", True),
        ("workers - 5 >= 0", "workers - 5 >= -1", False),
    ],
)
def test_a_bound_beyond_the_declared_range(tmp_path: Path, one: str, two: str, expected: bool) -> None:
    laws = [law_in(tmp_path, small=RULES.replace(COMPARED, f"'{each}'")) for each in (one, two)]
    assert Equivalence(laws[0]).same(laws[1].linked) == expected


UNBOUNDED = FACTS.replace("minimum: 0, maximum: 500, ", "")


def test_without_a_declared_least_value_a_bound_below_zero_decides(tmp_path: Path) -> None:
    laws = [
        law_in(tmp_path, facts=UNBOUNDED, small=RULES.replace(COMPARED, f"'{each}'"))
        for each in ("amount >= 0", "amount >= -1")
    ]
    assert not Equivalence(laws[0]).same(laws[1].linked)
    assert _outcomes(laws[0].program, {"amount": -1}) != _outcomes(laws[1].program, {"amount": -1})


#: A rule that reads the limit of a substance, and nothing else does.
LOOKED_UP = RULES.replace("'has(ratio) && ratio >= 1'", "'CONDITION'").replace(
    '\'amount / lookup("limits", stuff, "limit")\'', "'amount'"
)
LIMIT = 'lookup("limits", stuff, "limit")'
HAS = f"has({LIMIT})"
#: Of each substance the limit before and after.
CELL = "stuff,limit,note\nchlorine,{},\nammonia,10,gas\nwater,,none\n"


def law_looking_up(folder: Path, condition: str, cell: str, facts: str = FACTS) -> Law:
    """Numbers without units, for any of them to be compared with any other."""
    own = folder / str(len(list(folder.iterdir())))
    own.mkdir()
    plain, limits = (each.replace(", unit: t", "") for each in (facts, TABLE))
    rules = LOOKED_UP.replace("CONDITION", condition)
    return law_in(own, facts=plain, limits=limits, small=rules, csv=CELL.format(cell))


BEYOND = [
    (f"{HAS} && amount >= {LIMIT}", "0", "-1"),
    (f"{HAS} && amount >= {LIMIT}", "0", "-0.001"),
    (f"{HAS} && {LIMIT} <= amount", "0", "-1"),
    (f"{HAS} && amount < {LIMIT}", "0", "-1"),
    (f"{HAS} && amount > {LIMIT}", "500", "501"),
    (f"{HAS} && amount <= {LIMIT}", "500", "501"),
    (f"{HAS} && workers >= {LIMIT} && amount >= {LIMIT}", "0", "-1"),
    (f'{HAS} && findings("works", "major") >= {LIMIT}', "0", "-1"),
    (f"{HAS} && size(tanks) >= {LIMIT}", "0", "-1"),
]
INSIDE = [
    (f"{HAS} && amount >= {LIMIT}", "0", "1"),
    (f"{HAS} && amount >= {LIMIT}", "0", "0.001"),
    (f"{HAS} && amount > {LIMIT}", "0", "-1"),
    (f"{HAS} && amount <= {LIMIT}", "0", "-1"),
    (f"{HAS} && amount >= {LIMIT}", "500", "501"),
    (f"{HAS} && amount >= {LIMIT}", "0", "501"),
    # Which of the rows it is need not be known: then it is told from a number between them.
    (f"{HAS} && amount == {LIMIT}", "0", "-1"),
    (f"{HAS} && amount - 5 >= {LIMIT}", "0", "-1"),
    (f"{HAS} && amount >= {LIMIT} + 1", "0", "-1"),
    (f"{HAS} && (amount >= {LIMIT} || amount / {LIMIT} > 2)", "1", "-1"),
    (f"{HAS} && 0 - amount >= {LIMIT}", "0", "-1"),
    (f"{HAS} && amount >= {LIMIT}", "0", ""),
]


@pytest.mark.parametrize(("condition", "before", "after"), BEYOND)
def test_a_cell_beyond_the_declared_range_decides_nothing(
    tmp_path: Path, condition: str, before: str, after: str
) -> None:
    law = law_looking_up(tmp_path, condition, before)
    other = law_looking_up(tmp_path, condition, after)
    assert Equivalence(law).same(other.linked)
    assert Equivalence(other).same(law.linked)


@pytest.mark.parametrize(("condition", "before", "after"), INSIDE)
def test_a_cell_that_may_decide_is_not_called_the_same(tmp_path: Path, condition: str, before: str, after: str) -> None:
    law = law_looking_up(tmp_path, condition, before)
    other = law_looking_up(tmp_path, condition, after)
    assert not Equivalence(law).same(other.linked)
    assert not Equivalence(other).same(law.linked)


def test_a_cell_below_what_has_no_declared_least_value_decides(tmp_path: Path) -> None:
    condition = f"{HAS} && amount >= {LIMIT}"
    one, two = (law_looking_up(tmp_path, condition, each, UNBOUNDED) for each in ("0", "-1"))
    assert not Equivalence(one).same(two.linked)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    condition=st.sampled_from([condition for condition, _, _ in (*BEYOND, *INSIDE)]),
    cells=st.tuples(*[st.sampled_from(["-1", "-0.5", "0", "0.5", "9", "499", "500", "501"])] * 2),
    facts=st.data(),
)
def test_cells_called_the_same_are_the_same_for_all_facts(
    tmp_path_factory: pytest.TempPathFactory, condition: str, cells: tuple[str, str], facts: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("chance")
    laws = [law_looking_up(folder, condition, each) for each in cells]
    if Equivalence(laws[0]).same(laws[1].linked):
        substance = st.sampled_from(["chlorine", "ammonia", "water", {"one_of": ["chlorine", "ammonia"]}])
        for each in facts.draw(st.lists(st.tuples(_FACTS, substance), min_size=15, max_size=15)):
            known = {**each[0], "stuff": each[1]}
            assert _outcomes(laws[0].program, known) == _outcomes(laws[1].program, known)


@pytest.mark.parametrize(
    ("points", "low", "high", "whole", "expected"),
    [
        ([2, 3], None, None, True, [1, 2, 3, 4]),
        ([2, 3], None, None, False, [1, 2, Fraction(5, 2), 3, 4]),
        ([2, 5], 0, 10, True, [0, 2, 3, 5, 10]),
        ([0], 0, None, True, [0, 1]),
        ([-1, 0], 0, None, True, [0, 1]),
        ([700], 0, 500, False, [0]),
        ([Fraction(5, 2)], 0, 10, True, [0]),
    ],
)
def test_cells_of_numbers(
    points: list[Any], low: int | None, high: int | None, whole: bool, expected: list[Any]
) -> None:
    bounds = [None if each is None else Fraction(each) for each in (low, high)]
    assert samples([Fraction(each) for each in points], bounds[0], bounds[1], whole) == expected


def test_cells_of_whole_numbers_on_both_sides_of_a_bound_between_them() -> None:
    """No whole number is 2.5, and yet it tells 2 from 3."""
    found = samples([Fraction(5, 2), Fraction(3)], Fraction(0), Fraction(10), True)
    assert {each > Fraction(5, 2) for each in found if each < 3} == {False}


# ---- by chance -------------------------------------------------------------------------------------------------------

_BOUNDS = st.sampled_from(["0", "2", "2.5", "3", "9", "1000", "1001"])
_SIGNS = st.sampled_from([">=", ">", "<", "<=", "==", "!="])


def _atoms() -> st.SearchStrategy[str]:
    number = st.builds("{} {} {}".format, st.sampled_from(["workers", "amount"]), _SIGNS, _BOUNDS)
    others = ["licensed", "!licensed", "present", 'stuff == "a"', 'stuff in ["a", "b"]']
    return st.one_of(number, st.sampled_from(others))


def _conditions() -> st.SearchStrategy[str]:
    return st.recursive(
        _atoms(),
        lambda inner: st.one_of(
            st.builds("({} && {})".format, inner, inner),
            st.builds("({} || {})".format, inner, inner),
            st.builds("!({})".format, inner),
        ),
        max_leaves=4,
    )


def _numbers(whole: bool) -> st.SearchStrategy[Any]:
    exact = st.integers(0, 12) if whole else st.sampled_from([0, 1, 2, 2.25, 2.5, 2.75, 3, 4, 9, 10, 499])
    return st.one_of(
        exact,
        st.tuples(exact, exact).map(lambda pair: {"between": sorted(pair)}),
        exact.map(lambda least: {"at_least": least}),
        st.just({"unknown": True}),
    )


_FACTS = st.fixed_dictionaries({
    "workers": _numbers(True), "amount": _numbers(False),
    "licensed": st.sampled_from([True, False, {"unknown": True}]),
    "present": st.sampled_from([True, False, {"unknown": True}]),
    "stuff": st.sampled_from(["a", "b", "c", {"one_of": ["a", "b"]}, {"one_of": ["b", "c"]}, {"unknown": True}]),
})  # fmt: skip


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=_conditions(), two=_conditions(), facts=st.lists(_FACTS, min_size=25, max_size=25))
def test_what_is_called_the_same_is_the_same_for_all_facts(
    tmp_path_factory: pytest.TempPathFactory, one: str, two: str, facts: list[dict[str, Any]]
) -> None:
    """Two tables of conditions drawn by chance; where they are called the same, no facts tell them apart."""
    folder = tmp_path_factory.mktemp("chance")
    laws = [law_in(folder, small=_table(first, second)) for first, second in ((one, two), (two, one))]
    if Equivalence(laws[0]).same(laws[1].linked):
        for each in facts:
            assert _outcomes(laws[0].program, each) == _outcomes(laws[1].program, each)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(one=_atoms(), two=_atoms(), facts=st.lists(_FACTS, min_size=25, max_size=25))
def test_conditions_called_the_same_are_the_same_for_all_facts(
    tmp_path_factory: pytest.TempPathFactory, one: str, two: str, facts: list[dict[str, Any]]
) -> None:
    folder = tmp_path_factory.mktemp("chance")
    laws = [
        law_in(folder, small=RULES.replace("'has(ratio) && ratio >= 1'", f"'{condition}'"))
        for condition in (f"{one} && ({two} || {one})", one)
    ]
    if Equivalence(laws[0]).same(laws[1].linked):
        for each in facts:
            assert _outcomes(laws[0].program, each) == _outcomes(laws[1].program, each)


def _table(first: str, second: str) -> str:
    rows = "        - {when: 'workers >= many', then: red}\n        - {when: 'workers > 9', then: yellow}\n"
    return RULES.replace(
        rows, f"        - {{when: '{first}', then: red}}\n        - {{when: '{second}', then: yellow}}\n"
    )


def _outcomes(program: Program, facts: dict[str, Any]) -> dict[tuple[str, str], object]:
    plan, request, _ = program.asked(facts, as_of=DAY)
    return dict(Reference(plan, program.entity(facts, request), DAY).run().outcomes())
