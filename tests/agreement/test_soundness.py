"""Whatever the unknown turns out to be, its outcome was among those said to be possible (design 5.4)."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from random import Random
from typing import Any

from agreement_completions import completions, contains, leaves, put
from agreement_facts import facts_of
from agreement_programs import Generated, programs
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engines_agree import examples, load

from safetyrules.program import Program
from safetyrules.values import Finite, Scalar

AS_OF = date(2024, 3, 1)
COMPLETIONS = 24
#: Of the finite outcomes whose completions were all tried, the share that was larger than it need be.
MOST_IMPRECISE = 0.25
Scalars = Mapping[tuple[str, str], Scalar]


def decided(program: Program, facts: dict[str, Any]) -> Scalars:
    return program.assess(facts, as_of=AS_OF).scalars


def not_contained(wide: Scalars, narrow: Scalars) -> dict[tuple[str, str], tuple[Scalar, Scalar]]:
    """A part not named before is one of those that the residual stood for."""
    found = {}
    for (path, name), scalar in narrow.items():
        key = (path, name) if (path, name) in wide else (_residual(wide, path, name), name)
        if key[0] == "":
            continue
        if not contains(wide[key], scalar):
            found[path, name] = (wide[key], scalar)
    return found


def _residual(wide: Scalars, path: str, name: str) -> str:
    numbers = list(re.finditer(r"\[\d+\]", path))
    for first in range(len(numbers)):
        start = numbers[first].start()
        open_path = path[:start] + re.sub(r"\[\d+\]", "[?]", path[start:])
        if (open_path, name) in wide:
            return open_path
    return "" if "[?]" in path else path


@settings(max_examples=examples(60))
@given(st.data(), programs(small=True), st.integers(0, 10**6))
def test_completions_stay_within_what_was_possible(data: st.DataObject, generated: Generated, seed: int) -> None:
    program = load(generated)
    for _ in range(3):
        facts = data.draw(facts_of(generated.kinds))
        unknown = decided(program, facts)
        found = leaves(program.schema, generated.kinds, facts)
        for completed in completions(found, facts, COMPLETIONS, Random(seed))[0]:
            assert not_contained(unknown, decided(program, completed)) == {}, completed


@settings(max_examples=examples(40))
@given(st.data(), programs(), st.integers(0, 10**6))
def test_learning_a_fact_never_makes_more_possible(data: st.DataObject, generated: Generated, seed: int) -> None:
    program = load(generated)
    random = Random(seed)
    facts = data.draw(facts_of(generated.kinds))
    before = decided(program, facts)
    while found := leaves(program.schema, generated.kinds, facts):
        leaf = random.choice(found)
        option = random.choice(leaf.options)
        facts = put(facts, [(leaf, option)])
        after = decided(program, facts)
        if not _absent_keys(generated):
            assert not_contained(before, after) == {}, (leaf, option)
        before = after


def _absent_keys(generated: Generated) -> bool:
    """A key that turns out to have no row is an error of data, which no unknown key foretells (design 5.19)."""
    return any("lookup(" in text for _, text in generated.written.documents)


def test_imprecision_is_bounded() -> None:
    """Small programs over facts of few values, whose completions can all be tried."""
    larger = counted = 0

    @settings(max_examples=examples(60), database=None)
    @given(st.data(), programs(small=True))
    def count(data: st.DataObject, generated: Generated) -> None:
        nonlocal larger, counted
        program = load(generated)
        facts = data.draw(facts_of(generated.kinds))
        unknown = decided(program, facts)
        completed, all_ = completions(leaves(program.schema, generated.kinds, facts), facts, 64, Random(0))
        if not all_:
            return
        union: dict[tuple[str, str], frozenset[Any]] = {}
        for each in completed:
            for key, scalar in decided(program, each).items():
                if isinstance(scalar, Finite):
                    union[key] = union.get(key, frozenset()) | scalar.outcomes
        for key, scalar in unknown.items():
            if isinstance(scalar, Finite) and key in union:
                counted += 1
                larger += scalar.outcomes > union[key]

    count()
    print(f"needlessly large: {larger} of {counted} finite outcomes ({larger / max(counted, 1):.1%})")
    assert counted > 100
    assert larger <= MOST_IMPRECISE * counted
