"""Deciding and chaining one subject, stratum by stratum: all of it at first, then only what a change touches.

`Chain` holds, for each entity, the propositions that hold. What is to be decided again waits on an agenda by stratum; a
shard is chained only for an entity that has gained something it reads. What is lost falls by the justifications, where
they are kept; a single assessment keeps none.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import TypeVar

from safetyrules.engine import algebra
from safetyrules.engine.chained.atoms import Decider, Reach
from safetyrules.engine.chained.horn import ALWAYS, Chainer
from safetyrules.engine.chained.justifications import Justifications
from safetyrules.engine.chained.strata import ChainedKind, ChainedPlan, Decided
from safetyrules.facts.entity import Entity
from safetyrules.language.plan import Plan
from safetyrules.values import Finite, Scalar

Answer = tuple[str, str]
T = TypeVar("T")


class EntityState:
    """One entity and what holds of it. ``gained`` is what it has come to hold in this round of changes."""

    __slots__ = ("entity", "gained", "holding", "kind")

    def __init__(self, entity: Entity, kind: ChainedKind) -> None:
        self.entity = entity
        self.kind = kind
        self.holding: set[int] = set()
        self.gained: set[int] = set()


class Chain:
    """One subject under one plan."""

    def __init__(
        self,
        plan: Plan,
        chained: ChainedPlan,
        root: Entity,
        as_of: date,
        chainer: Chainer,
        justifications: Justifications | None = None,
    ) -> None:
        self.plan = plan
        self.chained = chained
        self.chainer = chainer
        self.justifications = justifications
        self.decider = Decider(plan, root, as_of)
        self.states: dict[str, EntityState] = {}
        #: What each answer was before the changes being worked in; None where there was none.
        self.before: dict[Answer, Scalar | None] = {}
        #: How many shards were chained by the last `settle`.
        self.chainings = 0
        self._decide: list[dict[str, set[Decided]]] = [{} for _ in range(chained.depth)]
        self._deny: list[dict[str, set[int]]] = [{} for _ in range(chained.depth)]
        self._conclude: list[dict[str, set[str]]] = [{} for _ in range(chained.depth)]
        for entity in root.walk():
            self.add(entity)

    @property
    def values(self) -> dict[Answer, Scalar]:
        """(entity path, conclusion) → what is still possible, before anything is said of parts that may not exist."""
        return self.decider.values

    # ---- what is to be done ------------------------------------------------------------------------------------------

    def add(self, entity: Entity) -> None:
        """Everything of an entity is to be decided."""
        kind = self.chained.kinds.get(entity.kind)
        if kind is None:
            return
        self.states[entity.path] = EntityState(entity, kind)
        for stratum, here in enumerate(kind.strata):
            self._decide[stratum].setdefault(entity.path, set()).update(here.decided)
            self._deny[stratum].setdefault(entity.path, set()).update(here.absences)
            self._conclude[stratum].setdefault(entity.path, set()).update(here.conclusions)

    def remove(self, path: str) -> None:
        """An entity is no longer there."""
        state = self.states.pop(path, None)
        if state is None:
            return
        for agenda in (*self._decide, *self._deny, *self._conclude):
            agenda.pop(path, None)  # type: ignore[attr-defined]
        if self.justifications is not None:
            self.justifications.forget(path)
        for name in (*state.kind.rules.conclusions, *state.kind.whole):
            self._concluded(state.entity, name, None)

    def touch(self, entity: Entity, name: str, concluded: bool = False) -> None:
        """A fact (or conclusion) of an entity has changed: what reads it is to be decided again."""
        for decided, reach in self.chained.readers.get((entity.kind, name, concluded), ()):
            for path in self._reached(entity, decided.kind, reach):
                self._decide[decided.stratum].setdefault(path, set()).add(decided)

    def _reached(self, entity: Entity, kind: str, reach: Reach) -> Iterator[str]:
        if reach == "self":
            if entity.path in self.states:
                yield entity.path
            return
        candidates = entity.walk() if reach == "below" else self.decider.entities.get(kind, ())
        yield from (each.path for each in candidates if each.kind == kind and each.path in self.states)

    # ---- doing it ----------------------------------------------------------------------------------------------------

    def settle(self) -> Chain:
        """Work in everything on the agenda, until nothing changes."""
        self.chainings = 0
        for stratum in range(self.chained.depth):
            for path, wanted in _taken(self._decide[stratum]):
                self._decided(self.states[path], wanted)
            for path, denied in _taken(self._deny[stratum]):
                self._denied(self.states[path], stratum, denied)
            for state in self.states.values():
                if state.gained:
                    self._chained(state, stratum)
            for path, names in _taken(self._conclude[stratum]):
                state = self.states[path]
                for name in sorted(names):
                    self._concluded(state.entity, name, _outcomes(state, name))
        for state in self.states.values():
            state.gained.clear()
        return self

    def _decided(self, state: EntityState, wanted: Iterable[Decided]) -> None:
        gained: list[int] = []
        lost: list[int] = []
        for decided in wanted:
            if decided.name:
                term = state.kind.whole[decided.name]
                self._concluded(state.entity, decided.name, self.decider.decide(term, state.entity))
                continue
            atom = state.kind.rules.atoms[decided.number]
            possible = {atom.outcomes[outcome] for outcome in self.decider.possible(atom.term, state.entity)}
            for proposition in atom.outcomes.values():
                if (proposition in possible) != (proposition in state.holding):
                    (gained if proposition in possible else lost).append(proposition)
        self._change(state, gained, lost)

    def _denied(self, state: EntityState, stratum: int, denied: Iterable[int]) -> None:
        absences = state.kind.strata[stratum].absences
        gained: list[int] = []
        lost: list[int] = []
        for proposition in denied:
            absence = absences[proposition]
            if (proposition not in state.holding) != (absence in state.holding):
                (gained if proposition not in state.holding else lost).append(absence)
        self._change(state, gained, lost)

    def _change(self, state: EntityState, gained: Iterable[int], lost: Iterable[int]) -> None:
        lost = list(lost)
        if lost:
            assert self.justifications is not None
            for proposition in self.justifications.withdraw(state.entity.path, lost):
                state.holding.discard(proposition)
                state.gained.discard(proposition)
                self._noticed(state, proposition)
        for proposition in gained:
            self._gain(state, proposition)

    def _gain(self, state: EntityState, proposition: int) -> None:
        state.holding.add(proposition)
        state.gained.add(proposition)
        self._noticed(state, proposition)

    def _noticed(self, state: EntityState, proposition: int) -> None:
        """What looks at a proposition that came or went has to look again."""
        kind, path = state.kind, state.entity.path
        absence = kind.rules.absences.get(proposition)
        if absence is not None:
            self._deny[kind.rules.stratum[absence]].setdefault(path, set()).add(proposition)
        for name in kind.concludes.get(proposition, ()):
            self._conclude[self.chained.concluded[kind.rules.kind, name]].setdefault(path, set()).add(name)

    def _chained(self, state: EntityState, stratum: int) -> None:
        for shard in state.kind.strata[stratum].shards:
            if state.gained.isdisjoint(shard.reads):
                continue
            given = [shard.local[p] for p in shard.reads & state.holding]
            self.chainings += 1
            for place in self.chainer.fire(shard.rules, given):
                rule = state.kind.rules.rules[shard.numbers[place]]
                if self.justifications is not None:
                    self.justifications.fired(state.entity.path, shard.numbers[place], rule)
                if rule.head not in state.holding:
                    self._gain(state, rule.head)

    def _concluded(self, entity: Entity, name: str, value: Scalar | None) -> None:
        key = entity.path, name
        old = self.values.get(key)
        if old == value:
            return
        self.before.setdefault(key, old)
        if value is None:
            del self.values[key]
        else:
            self.values[key] = value
        self.touch(entity, name, concluded=True)

    # ---- reading out -------------------------------------------------------------------------------------------------

    def outcomes(self) -> dict[Answer, Scalar]:
        """Every answer, in the form and order of the reference interpreter's."""
        return {
            (entity.path, conclusion.name): self.outcome(entity, conclusion.name)
            for conclusion in self.plan.conclusions
            for entity in self.decider.entities.get(conclusion.on, ())
        }

    def outcome(self, entity: Entity, name: str) -> Scalar:
        value = self.values[entity.path, name]
        return algebra.with_nothing(value) if entity.residual else value


def _outcomes(state: EntityState, name: str) -> Scalar:
    node = state.kind.rules.conclusions[name]
    return Finite(frozenset(outcome for outcome, p in node.items() if p == ALWAYS or p in state.holding))


def _taken(agenda: dict[str, T]) -> Iterator[tuple[str, T]]:
    """What waits, until nothing does."""
    while agenda:
        path = next(iter(agenda))
        yield path, agenda.pop(path)
