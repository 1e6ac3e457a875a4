"""What is chained: Horn rules over numbered propositions, and the small interface that every chainer serves.

A proposition says "outcome o of node n of this entity is still possible". What is possible of a boolean, choice or
scale is a set, and sets are carried through a rule outcome by outcome, so every finite term is a handful of Horn rules
over such propositions: nothing is ever negated, and chaining until nothing changes gives exactly the sets that the
reference interpreter computes.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Protocol

from safetyrules.diagnostics import SafetyRulesError

#: The proposition that needs no support: it is left out of bodies.
ALWAYS = -1
#: A rule as chainers see it: the head, and the propositions joined. Numbers are a shard's own, from 0.
LocalRule = tuple[int, tuple[int, ...]]
LocalRules = tuple[LocalRule, ...]


class ChainingError(SafetyRulesError):
    """A forward chainer cannot be used, or was asked for more than it may safely be given."""


@dataclass(frozen=True, slots=True)
class Horn:
    """``head`` holds where everything in ``body`` does. Propositions of one entity kind; ``body`` is never empty."""

    head: int
    body: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Shard:
    """Rules that are chained together. ``rules`` are in numbers of their own, so that shards of one shape are one
    ruleset; ``propositions`` gives the kind's number of each, ``numbers`` the place of each rule among the kind's."""

    rules: LocalRules
    propositions: tuple[int, ...]
    numbers: tuple[int, ...]
    local: dict[int, int]
    reads: frozenset[int]


class Chainer(Protocol):
    """Chains one shard over one entity until nothing changes, and keeps nothing of it afterwards.

    There is no retract: what falls with its last support is worked out from the justifications (`justifications.py`),
    for durable-rules leaves the conclusions of a retracted premise standing.
    """

    @property
    def name(self) -> str:
        """``durable`` or ``plain``."""

    def fire(self, rules: LocalRules, given: Collection[int]) -> list[int]:
        """The places in ``rules`` of those that fire, in order of firing. Raises ChainingError."""
