"""The plain chainer: the same as durable-rules does for us, in a page of Python.

It serves where durable-rules cannot be installed, and each of the two is the other's oracle.
"""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache

from safetyrules.engine.chained.horn import LocalRules


class PlainChainer:
    """Counts, for each rule, the premises that do not hold yet; a rule fires when there are none left."""

    name = "plain"

    def fire(self, rules: LocalRules, given: Collection[int]) -> list[int]:
        missing, readers = _indexed(rules)
        waiting = list(missing)
        holding = set(given)
        pending = sorted(holding)
        fired: list[int] = []
        while pending:
            for number in readers.get(pending.pop(), ()):
                waiting[number] -= 1
                if waiting[number]:
                    continue
                fired.append(number)
                head = rules[number][0]
                if head not in holding:
                    holding.add(head)
                    pending.append(head)
        return fired


@lru_cache(maxsize=4096)
def _indexed(rules: LocalRules) -> tuple[tuple[int, ...], dict[int, tuple[int, ...]]]:
    """How many premises each rule has, and the rules that read each proposition."""
    readers: dict[int, list[int]] = {}
    for number, (_, body) in enumerate(rules):
        for proposition in set(body):
            readers.setdefault(proposition, []).append(number)
    return tuple(len(set(body)) for _, body in rules), {p: tuple(found) for p, found in readers.items()}
