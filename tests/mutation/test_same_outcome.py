"""The recogniser of equivalent mutants: what it calls the same is the same for all facts."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mutable_law import RULES, law_in

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
