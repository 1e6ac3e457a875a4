"""Each chainer is the other's oracle, on rules that may lead back to themselves; and both do what the word means."""

from __future__ import annotations

import chainers
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safetyrules.engine.chained import ChainingError, default_chainer
from safetyrules.engine.chained.horn import Horn, LocalRules
from safetyrules.engine.chained.shards import JOINED, RULES, cut, shortened

#: A program of the numbers of propositions only, small enough that much is shared and much leads back.
bodies = st.lists(st.integers(0, 14), min_size=1, max_size=JOINED, unique=True).map(tuple)
rulesets = st.lists(st.tuples(st.integers(0, 14), bodies), min_size=1, max_size=RULES).map(tuple)


def naive(rules: LocalRules, given_: set[int]) -> set[int]:
    """The places of the rules that fire, by going round until nothing changes."""
    holding, fired = set(given_), set[int]()
    while True:
        more = {n for n, (_, body) in enumerate(rules) if holding.issuperset(body)}
        if more == fired:
            return fired
        fired = more
        holding |= {rules[n][0] for n in fired}


@pytest.mark.parametrize("name", chainers.NAMES)
@settings(max_examples=200)
@given(rules=rulesets, given_=st.sets(st.integers(0, 14)))
def test_until_nothing_changes(name: str, rules: LocalRules, given_: set[int]) -> None:
    fired = chainers.chainer(name).fire(rules, given_)
    assert len(fired) == len(set(fired))
    assert set(fired) == naive(rules, given_)


@pytest.mark.parametrize("name", chainers.NAMES)
def test_a_rule_fires_after_what_it_reads(name: str) -> None:
    rules = ((3, (2,)), (2, (1,)), (1, (0,)), (4, (3, 0)))
    assert chainers.chainer(name).fire(rules, [0]) == [2, 1, 0, 3]


@pytest.mark.parametrize("name", chainers.NAMES)
def test_nothing_is_remembered(name: str) -> None:
    chainer = chainers.chainer(name)
    rules = ((2, (0, 1)),)
    assert chainer.fire(rules, [0]) == []
    assert chainer.fire(rules, [1]) == []
    assert chainer.fire(rules, [0, 1]) == [0]
    assert chainer.fire(rules, []) == []


@given(st.lists(st.integers(0, 999), min_size=1, max_size=90, unique=True))
def test_long_joins_are_shortened_without_loss(body: list[int]) -> None:
    made: dict[int, tuple[int, ...]] = {}

    def aside(part: tuple[int, ...]) -> int:
        made[1000 + len(made)] = part
        return 999 + len(made)

    def stands_for(p: int) -> set[int]:
        return {p} if p < 1000 else {q for part in made[p] for q in stands_for(part)}

    short = shortened(body, aside)
    assert len(short) <= JOINED
    assert all(len(part) <= JOINED for part in made.values())
    assert {q for p in short for q in stands_for(p)} == set(body)


@given(st.lists(st.tuples(st.integers(0, 500), bodies), max_size=200))
def test_cutting_keeps_every_rule_once_and_in_order(rules: list[tuple[int, tuple[int, ...]]]) -> None:
    horn = [Horn(head, body) for head, body in rules]
    back = [
        (number, Horn(shard.propositions[head], tuple(shard.propositions[p] for p in body)))
        for shard in cut(enumerate(horn))
        for number, (head, body) in zip(shard.numbers, shard.rules, strict=True)
    ]
    assert back == list(enumerate(horn))


def test_the_chainer_is_chosen_by_name(monkeypatch: pytest.MonkeyPatch) -> None:
    assert default_chainer("plain").name == "plain"
    monkeypatch.setenv("SAFETYRULES_CHAINER", "plain")
    assert default_chainer().name == "plain"
    monkeypatch.setenv("SAFETYRULES_CHAINER", "rete")
    with pytest.raises(ChainingError, match="SR2610"):
        default_chainer()


def test_durable_rules_is_the_default_where_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    chainers.durable()
    monkeypatch.delenv("SAFETYRULES_CHAINER", raising=False)
    assert default_chainer().name == "durable"


def test_without_durable_rules_the_plain_chainer_serves(monkeypatch: pytest.MonkeyPatch) -> None:
    import sys

    monkeypatch.setitem(sys.modules, "durable_rules_engine", None)
    monkeypatch.delenv("SAFETYRULES_CHAINER", raising=False)
    assert default_chainer().name == "plain"
    with pytest.raises(ChainingError, match="SR2601"):
        default_chainer("durable")
