"""What several writers of one finding may come to is exactly what some choice of what each may say comes to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain, combinations, product
from random import Random

import pytest

from safetyrules.engine.accumulating import accumulated
from safetyrules.language import terms as t
from safetyrules.values import NOTHING, Outcome

SETS = [frozenset(each) for n in (1, 2, 3) for each in combinations((True, False, NOTHING), n)]
Beats = tuple[frozenset[int], ...]


def written(beats: Beats) -> t.Written:
    writers = (t.Writer(f"w{n}", t.NoValueTerm(t.BOOLEAN), below) for n, below in enumerate(beats))
    return t.Written(tuple(writers), t.BOOLEAN, True)


def orders(count: int) -> Iterator[Beats]:
    """Every way in which writers may override those after them."""
    below = [range(n + 1, count) for n in range(count)]
    subsets = [list(chain.from_iterable(combinations(each, n) for n in range(len(each) + 1))) for each in below]
    for chosen in product(*subsets):
        yield tuple(map(frozenset, chosen))


def came_to(said: Sequence[Outcome], beats: Beats) -> Outcome:
    standing = [
        outcome
        for n, outcome in enumerate(said)
        if outcome is not NOTHING
        and not any(n in below and said[i] is not NOTHING for i, below in enumerate(beats))
    ]  # fmt: skip
    return True if True in standing else False if standing else NOTHING


def agrees(beats: Beats, sets: Sequence[frozenset[Outcome]]) -> bool:
    said = [(True in each, False in each, NOTHING in each) for each in sets]
    found = accumulated(written(beats), said, all, any)
    possible = {outcome for outcome, may in zip((True, False, NOTHING), found, strict=True) if may}
    return possible == {came_to(each, beats) for each in product(*sets)}


@pytest.mark.parametrize("count", [1, 2, 3])
def test_of_few_writers(count: int) -> None:
    for beats in orders(count):
        for sets in product(SETS, repeat=count):
            assert agrees(beats, sets), (beats, sets)


def test_of_more_writers() -> None:
    random = Random(5)
    for beats in orders(4):
        for _ in range(60):
            sets = [random.choice(SETS) for _ in beats]
            assert agrees(beats, sets), (beats, sets)
