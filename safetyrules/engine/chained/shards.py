"""Cutting rules into shards small enough for durable-rules, and joins short enough.

The limits here are half or less of those measured of durable-rules 2.0.28: a message that satisfies more than 63 rules
is lost, a rule that joins more than 16 facts is refused, and between 500 and 600 distinct conditions compiling never
returns.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from safetyrules.engine.chained.horn import Horn, Shard

#: Rules in one shard; a proposition that all of them read satisfies that many at most.
RULES = 48
#: Propositions joined by one rule.
JOINED = 12
#: Distinct propositions in one shard.
PROPOSITIONS = 192


def shortened(body: Sequence[int], joined: Callable[[tuple[int, ...]], int]) -> tuple[int, ...]:
    """``body`` in at most `JOINED` propositions: ``joined`` makes the auxiliary one that stands for several."""
    while len(body) > JOINED:
        body = (joined(tuple(body[:JOINED])), *body[JOINED:])
    return tuple(body)


def cut(numbered: Iterable[tuple[int, Horn]]) -> tuple[Shard, ...]:
    """The shards of rules given with their numbers, in an order in which each rule follows those that it reads."""
    found: list[Shard] = []
    taken: list[tuple[int, Horn]] = []
    seen: set[int] = set()
    for number, rule in numbered:
        names = {rule.head, *rule.body}
        if taken and (len(taken) == RULES or len(seen | names) > PROPOSITIONS):
            found.append(_shard(taken))
            taken, seen = [], set()
        taken.append((number, rule))
        seen |= names
    if taken:
        found.append(_shard(taken))
    return tuple(found)


def _shard(taken: list[tuple[int, Horn]]) -> Shard:
    local: dict[int, int] = {}
    rules = []
    reads: set[int] = set()
    for _, rule in taken:
        body = tuple(local.setdefault(p, len(local)) for p in rule.body)
        reads.update(rule.body)
        rules.append((local.setdefault(rule.head, len(local)), body))
    return Shard(tuple(rules), tuple(local), tuple(number for number, _ in taken), local, frozenset(reads))
