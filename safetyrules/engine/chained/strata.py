"""A plan made ready to chain: for each kind and stratum what is decided, what is chained and what is read out.

Strata are what keeps counting and negation sound: whatever counts, compares, quantifies over or denies a conclusion is
decided only when the stratum of that conclusion is final, for every entity.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field

from safetyrules.engine.chained.atoms import Reach, Read, finite, reads_of
from safetyrules.engine.chained.horn import ALWAYS, Shard
from safetyrules.engine.chained.lowering import lowered
from safetyrules.engine.chained.rules import KindRules
from safetyrules.engine.chained.shards import cut
from safetyrules.language import terms as t
from safetyrules.language.plan import Conclusion, Key, Plan

#: Plans kept ready; the least used is forgotten. (The rulesets of durable-rules are kept apart, by shape:
#: `durable.py`.)
PLANS_KEPT = 64


@dataclass(frozen=True, slots=True)
class Decided:
    """Something decided by our own code for an entity of ``kind``: an atom (``number``) or a whole conclusion
    (``name``)."""

    kind: str
    stratum: int
    number: int = -1
    name: str = ""


@dataclass(slots=True)
class KindStratum:
    """One round of one kind: decide ``decided`` and ``absences``, chain ``shards``, read out ``conclusions``."""

    decided: list[Decided] = field(default_factory=list)
    absences: dict[int, int] = field(default_factory=dict)
    shards: tuple[Shard, ...] = ()
    conclusions: list[str] = field(default_factory=list)


@dataclass(slots=True)
class ChainedKind:
    """A kind's rules, its rounds, and where each proposition is looked at."""

    rules: KindRules
    whole: dict[str, t.Term]
    strata: list[KindStratum] = field(default_factory=list)
    concludes: dict[int, list[str]] = field(default_factory=dict)


class ChainedPlan:
    """The strata of a plan. Holds nothing of any subject."""

    def __init__(self, plan: Plan) -> None:
        self.concluded: dict[Key, int] = {}
        self.kinds: dict[str, ChainedKind] = {}
        #: What is decided from each fact or conclusion: (kind, name, is a conclusion) → by whom, how far off.
        self.readers: dict[tuple[str, str, bool], list[tuple[Decided, Reach]]] = {}
        for conclusion in plan.conclusions:
            self._conclude(plan, conclusion)
        self.depth = 1 + max((kind_depth(kind) for kind in self.kinds.values()), default=0)
        for kind in self.kinds.values():
            self._lay_out(plan, kind)

    def _conclude(self, plan: Plan, conclusion: Conclusion) -> None:
        kind = self.kinds.get(conclusion.on)
        if kind is None:
            kind = self.kinds[conclusion.on] = ChainedKind(KindRules(plan, conclusion.on, self.concluded), {})
        rules = kind.rules
        if finite(conclusion.type):
            node = rules.conclusions[conclusion.name] = lowered(rules, conclusion.term)
            stratum = max((rules.stratum[p] for p in node.values() if p != ALWAYS), default=0)
        else:
            kind.whole[conclusion.name] = conclusion.term
            reads = reads_of(conclusion.term, plan)
            stratum = rules.after(read.key for read in reads if read.concluded)
        self.concluded[conclusion.key] = stratum

    def _lay_out(self, plan: Plan, kind: ChainedKind) -> None:
        rules = kind.rules
        kind.strata = [KindStratum() for _ in range(self.depth)]
        for number, atom in enumerate(rules.atoms):
            self._decide(kind, Decided(rules.kind, atom.stratum, number=number), atom.reads)
        for name, term in kind.whole.items():
            stratum = self.concluded[rules.kind, name]
            self._decide(kind, Decided(rules.kind, stratum, name=name), reads_of(term, plan))
        for proposition, absence in rules.absences.items():
            kind.strata[rules.stratum[absence]].absences[proposition] = absence
        for name, node in rules.conclusions.items():
            kind.strata[self.concluded[rules.kind, name]].conclusions.append(name)
            for proposition in node.values():
                kind.concludes.setdefault(proposition, []).append(name)
        for stratum, here in enumerate(kind.strata):
            here.shards = cut((n, r) for n, r in enumerate(rules.rules) if rules.stratum[r.head] == stratum)

    def _decide(self, kind: ChainedKind, decided: Decided, reads: frozenset[Read]) -> None:
        kind.strata[decided.stratum].decided.append(decided)
        reaches: dict[tuple[str, str, bool], set[Reach]] = {}
        for read in reads:
            reaches.setdefault((read.kind, read.name, read.concluded), set()).add(read.reach)
        for key, found in reaches.items():
            # Read in two ways: whatever is in reach of the wider one is decided again.
            widest: Reach = "any" if "any" in found or len(found) > 1 else next(iter(found))
            self.readers.setdefault(key, []).append((decided, widest))

    @property
    def shards(self) -> tuple[Shard, ...]:
        return tuple(s for kind in self.kinds.values() for stratum in kind.strata for s in stratum.shards)


def kind_depth(kind: ChainedKind) -> int:
    """The last stratum that anything of a kind is in."""
    return max([*kind.rules.stratum, *(kind.rules.concluded[kind.rules.kind, name] for name in kind.whole), 0])


_kept: OrderedDict[str, ChainedPlan] = OrderedDict()
_lock = threading.Lock()


def chained_plan(plan: Plan) -> ChainedPlan:
    """The strata of a plan, kept by its digest."""
    with _lock:
        found = _kept.pop(plan.digest, None) or ChainedPlan(plan)
        _kept[plan.digest] = found
        if len(_kept) > PLANS_KEPT:
            _kept.popitem(last=False)
    return found
