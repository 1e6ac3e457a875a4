"""Rules about registers over tables, batch after batch: what the reference says of each register alone."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import pytest
from conformance_suite import Case, cases
from hypothesis import given, settings
from hypothesis import strategies as st
from tabulating import differing
from test_conformance import loaded

from safetyrules.engine.columnar.entities import facts_of, tables_of
from safetyrules.engine.columnar.subsets import subset
from safetyrules.facts.input import parse_facts
from safetyrules.program import Program, default_program
from safetyrules.register.demo import demo_tables
from safetyrules.register.register_answers import RegisterTabulator
from safetyrules.values import Scalar

OPTIONS: list[dict[str, Any]] = [{}, {"closed": ["*"]}, {"jurisdiction": "210100"}]


def over_tables(
    program: Program, registers: Sequence[dict[str, Any]], members: Sequence[tuple[int | None, Any]], batch: int,
    **options: Any,
) -> dict[int, Mapping[tuple[str, str], Scalar]]:  # fmt: skip
    """What tables say of each register. ``members``: the number of the register, and the facts."""

    def tables(kind: str, facts: Sequence[Any]) -> Any:
        return tables_of(program.schema, kind, [parse_facts(program.models, kind, each) for each in facts])

    keys = pl.Series([f"r{number}" for number in range(len(registers))], dtype=pl.String)
    tabulator = RegisterTabulator(program, tables("regulator", registers), keys, **options)
    for first in range(0, len(members), batch):
        here = members[first : first + batch]
        named = pl.Series([None if number is None else f"r{number}" for number, _ in here], dtype=pl.String)
        tabulator.add(tables("enterprise", [facts for _, facts in here]), named)
    found = {}
    for answers in tabulator.conclude():
        for number, row in enumerate(answers.rows):
            found[row] = answers.tabulated.outcomes(number)
    return found


def alone(program: Program, register: dict[str, Any], members: Sequence[Any], engine: Any, **options: Any) -> Any:
    facts = {**register, "enterprises": _list(register, members)}
    return program.assess(facts, subject="regulator", engine=engine, **options).scalars


def _list(register: dict[str, Any], members: Sequence[Any]) -> Any:
    if register.get("enterprises") == []:  # the members given are all there are
        return list(members)
    return {"items": list(members), "more": True} if members else None


# ---- generated registers --------------------------------------------------------------------------------------------


def suite() -> Program:
    program: Program = loaded("register-rules", "as_written")
    return program


def maybe(values: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.one_of(st.none(), values)


PLACES = st.sampled_from(["210100", "210102", "110101"])
TIERS = st.one_of(
    st.sampled_from(["township", "district", "municipal"]), st.just({"one_of": ["district", "municipal"]})
)
NUMBERS = st.one_of(
    st.integers(0, 3), st.just({"not_applicable": True}), st.just({"at_least": 1}), st.just({"between": [0, 2]}),
    st.just(2**70), st.just({"at_most": 0}),
)  # fmt: skip
TANKS = st.lists(st.fixed_dictionaries({}, optional={"full": st.booleans()}), max_size=2)
ENTERPRISES = st.fixed_dictionaries(
    {},
    optional={
        "place": PLACES, "big": st.booleans(), "officer": st.booleans(), "inspected": NUMBERS, "tanks": TANKS,
        "regulator": st.fixed_dictionaries({}, optional={"level": TIERS}),
    },
)  # fmt: skip
REGISTERS = st.fixed_dictionaries(
    {}, optional={"place": PLACES, "level": TIERS, "staff": st.integers(0, 3), "enterprises": st.just([])}
)


@settings(deadline=None)
@given(st.data())
def test_as_the_reference_and_the_compiled_plan(data: st.DataObject) -> None:
    registers = data.draw(st.lists(REGISTERS, min_size=1, max_size=3))
    numbers = st.one_of(st.none(), st.integers(0, len(registers) - 1))
    members = data.draw(st.lists(st.tuples(numbers, ENTERPRISES), max_size=8))
    options = {"as_of": "2024-01-01", **data.draw(st.sampled_from(OPTIONS))}
    found = over_tables(suite(), registers, members, data.draw(st.integers(1, 4)), **options)
    for number, register in enumerate(registers):
        own = [facts for which, facts in members if which == number]
        said = alone(suite(), register, own, "reference", **options)
        assert differing(said, found[number]) == {}
        assert dict(alone(suite(), register, own, "compiled", **options)) == dict(said)


def test_members_of_nobody_are_named() -> None:
    program = suite()
    registers = tables_of(program.schema, "regulator", [parse_facts(program.models, "regulator", {})])
    members = tables_of(program.schema, "enterprise", [parse_facts(program.models, "enterprise", {"big": True})] * 3)
    tabulator = RegisterTabulator(program, registers, pl.Series(["a"]), as_of="2024-01-01", complete=True)
    tabulator.add(members, pl.Series(["a", "b", None]))
    (answers,) = tabulator.conclude()
    assert tabulator.unknown_keys == {"b"}
    assert answers.tabulated.outcomes(0)["regulator", "municipal_ones"].known


# ---- the shipped law ------------------------------------------------------------------------------------------------

ROWS = 120


@pytest.mark.parametrize("missing", [0.0, 0.3])
@pytest.mark.parametrize("register", ["regulator", "region"])
def test_shipped_law_over_a_drawn_register(register: str, missing: float) -> None:
    program = default_program()
    tables = demo_tables(program, ROWS, 11, missing=missing, boundary=0.2)
    owner = [row % 3 for row in range(ROWS)]
    own = [
        {"place": "210100", "staff": {"professional": 3, "in_post": 4, "posts": 4, "enforcement": 4}},
        {"place": "210102", "staff": {"professional": 2, "in_post": 4}},
        {"place": "110101"},
    ]
    if register == "regulator":
        own = [
            {**facts, "level": level} for facts, level in zip(own, ("municipal", "district", "district"), strict=True)
        ]
    entities = [parse_facts(program.models, register, facts) for facts in own]
    keys = pl.Series(["a", "b", "c"])
    options = {"as_of": "2026-11-21"}
    tabulator = RegisterTabulator(
        program, tables_of(program.schema, register, entities), keys, complete=True, **options
    )  # fmt: skip
    for first in range(0, ROWS, 50):
        rows = pl.Series(range(first, min(first + 50, ROWS)), dtype=pl.UInt32)
        tabulator.add(subset(program.schema, tables, rows), keys.gather([owner[row] for row in rows]))
    seen = set()
    for answers in tabulator.conclude():
        for number, row in enumerate(answers.rows):
            seen.add(row)
            members = [facts_of(program.schema, tables, each) for each in range(ROWS) if owner[each] == row]
            facts = {**own[row], "enterprises": members}
            said = program.assess(facts, subject=register, engine="reference", **options)
            assert said.plan.digest == answers.plan.digest
            assert differing(said.scalars, answers.tabulated.outcomes(number)) == {}
    assert seen == {0, 1, 2}


# ---- the conformance suite ------------------------------------------------------------------------------------------

CASES = [case for case in cases() if case.options.get("subject") == "regulator" and case.refused is None]


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.name} ({case.order})")
def test_conforms(case: Case) -> None:
    program = loaded(case.file, case.order)
    listed = case.facts.get("enterprises")
    members = listed["items"] if isinstance(listed, dict) else listed or []
    register = {name: value for name, value in case.facts.items() if name != "enterprises"}
    if isinstance(listed, list):
        register["enterprises"] = []
    options = {name: value for name, value in case.options.items() if name != "subject"}
    found = over_tables(program, [register], [(0, facts) for facts in members], 2, **options)
    said = program.assess(case.facts, engine="reference", **case.options).scalars
    assert differing(said, found[0]) == {}
