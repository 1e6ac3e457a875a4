"""Trying values for what is unknown, to tell the facts that can change a conclusion from those that cannot.

A fact is dropped only where every value of it, alone and together with every value of the others, leaves the
conclusion's outcomes as they are. Where that is too much to try, or values cannot be listed, it stays.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from fractions import Fraction
from itertools import pairwise, product
from typing import TYPE_CHECKING

from safetyrules.engine import algebra
from safetyrules.explanation.evaluate import Evaluation, Spot, Value, value_of
from safetyrules.explanation.trace import Node, Replay
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import DateType, NumberType
from safetyrules.language.plan import Key
from safetyrules.values import Finite, Interval, Scalar

if TYPE_CHECKING:
    from safetyrules.explanation.needs import NeedKey, Openings

#: At most so many evaluations are spent on the needs of one conclusion.
TRIES = 256
#: At most so many combinations of the other unknowns are tried.
TOGETHER = 64

Changes = Mapping[Node, Scalar]


class Trial(Evaluation):
    """A subject with some facts changed and some readings chosen, evaluated only where that makes a difference, each
    conclusion when it is first asked for."""

    def __init__(self, replay: Replay, changes: Changes, chosen: Mapping[str, str]) -> None:
        self.plan, self.view, self.root = replay.plan, replay.view, replay.root
        self.as_of, self.entities = replay.reference.as_of, replay.reference.entities
        self.changes, self.chosen = changes, chosen
        self.values = {}
        self._base = replay.reference
        self._spots: dict[Entity, Spot] = {}
        self._facts: dict[Key, set[str]] = {}
        for path, name in changes:
            self._facts.setdefault((self._base.by_path[path].kind, name), set()).add(path)
        self._choosing: frozenset[Key] = frozenset()
        touched = [self.view.resting_on(fact) for fact in self._facts]
        if chosen:
            self._choosing = self._choosing.union(*(self.view.choosing(parameter) for parameter in chosen))
            touched.append(self.view.readers_of(self._choosing))
        self._touched = touched[0] if len(touched) == 1 else frozenset().union(*touched)
        self._changed: dict[Key, set[str]] = {}
        self._done: set[Key] = set()

    def notice(self, code: str, **values: object) -> None:
        """What is noticed of a trial interests nobody."""

    def outcome(self, node: Node) -> Scalar:
        """What is then possible of a conclusion."""
        entity = self._base.by_path[node[0]]
        key = (entity.kind, node[1])
        if key in self._touched and key not in self._done:
            for each in self.view.below(key):
                if each in self._touched and each not in self._done:
                    self._settle(each)
        return self.told(entity, node[1])

    def told(self, entity: Entity, name: str) -> Scalar:
        found = self.values.get((entity.path, name))
        return self._base.told(entity, name) if found is None else found

    def _settle(self, key: Key) -> None:
        """Evaluate a conclusion of every entity near to what was changed; all that it reads is settled."""
        self._done.add(key)
        facts, read = self.view.facts(key), self.view.reads(key)
        everywhere = key in self._choosing
        if not everywhere and facts.isdisjoint(self._facts) and read.isdisjoint(self._changed):
            return
        name, entities = key[1], self.entities.get(key[0], ())
        if not everywhere and not (len(entities) == 1 and entities[0] is self.root):
            origins = {path for fact, paths in self._facts.items() if fact in facts for path in paths}
            origins.update(path for other, paths in self._changed.items() if other in read for path in paths)
            entities = [entity for entity in entities if any(_related(entity.path, origin) for origin in origins)]
        value_of_term = value_of(self.view, self.plan.by_key[key].term)
        for entity in entities:
            value, told = self._evaluated(value_of_term, entity), self._base.told(entity, name)
            if value is not told and value != told:
                self.values[entity.path, name] = value
                self._changed.setdefault(key, set()).add(entity.path)

    def _evaluated(self, value_of_term: Value, entity: Entity) -> Scalar:
        spot = self._spots.get(entity)
        if spot is None:
            spot = self._spots[entity] = Spot(entity)
        value: Scalar = value_of_term(self, spot)
        spot.memory.forget()
        return value


def _related(one: str, two: str) -> bool:
    """Is one of two entities inside the other, or the same?"""
    shorter, longer = sorted((one, two), key=len)
    return longer.startswith(shorter) and (len(longer) == len(shorter) or longer[len(shorter)] == ".")


class Completions:
    """Which of the unknowns of a conclusion make no difference to it."""

    def __init__(self, replay: Replay, node: Node, found: Openings) -> None:
        self.replay = replay
        self.node = node
        self.found = found
        self.tries = 0
        self._base = replay.conclusion(node)

    def idle(self) -> set[NeedKey]:
        """The facts and readings that no completion makes a difference to."""
        if any(key[0] not in ("fact", "reading") for key in self.found.found):
            return set()
        values: dict[NeedKey, list[Scalar | str]] = {}
        for key in self.found.found:
            listed = self._values(key)
            if not listed:
                return set()
            values[key] = listed
        doubtful = [key for key, listed in values.items() if not self._alone(key, listed)]
        return self._together(values, doubtful)

    def _alone(self, key: NeedKey, listed: Iterable[Scalar | str]) -> bool:
        """Does a value of it, all else as it is, change the outcomes? Yes, where there are no tries left."""
        for value in listed:
            if self.tries >= TRIES:
                return True
            self.tries += 1
            if self._trial(key, value).outcome(self.node) != self._base:
                return True
        return False

    def _trial(self, key: NeedKey, value: Scalar | str) -> Trial:
        """The trial of one value, which all conclusions of the assessment share."""
        what = self.found.nodes.get(key, key[1])
        made = self.replay.trials.get((what, value))
        if made is None:
            changes = {} if isinstance(value, str) else {self.found.nodes[key]: value}
            chosen = {key[1]: value} if isinstance(value, str) else {}
            made = self.replay.trials[what, value] = Trial(self.replay, changes, chosen)
        return made

    def _together(self, values: Mapping[NeedKey, list[Scalar | str]], doubtful: list[NeedKey]) -> set[NeedKey]:
        """Those of the doubtful that make no difference whatever the others are, or where some stay unknown."""
        idle = set()
        for key in doubtful:
            others = {other: (None, *listed) for other, listed in values.items() if other != key}
            count = math.prod(len(listed) for listed in others.values())
            if count > TOGETHER or self.tries + count * (1 + len(values[key])) > TRIES:
                continue
            combinations = (dict(zip(others, each, strict=True)) for each in product(*others.values()))
            if not any(self._differs(key, values[key], rest) for rest in combinations):
                idle.add(key)
        return idle

    def _differs(
        self, key: NeedKey, listed: Iterable[Scalar | str], rest: Mapping[NeedKey, Scalar | str | None]
    ) -> bool:
        open_ = self._outcome(rest)
        return any(self._outcome({**rest, key: value}) != open_ for value in listed)

    def _outcome(self, given: Mapping[NeedKey, Scalar | str | None]) -> Scalar:
        self.tries += 1
        changes = {
            self.found.nodes[key]: value
            for key, value in given.items()
            if value is not None and not isinstance(value, str)
        }
        chosen = {key[1]: value for key, value in given.items() if isinstance(value, str)}
        return Trial(self.replay, changes, chosen).outcome(self.node)

    def _values(self, key: NeedKey) -> list[Scalar | str]:
        """Values of which every other behaves as one; none where they cannot be listed."""
        need = self.found.found[key]
        if need.kind == "reading":
            return [name for name, _ in need.options]
        node = self.found.nodes.get(key)
        if isinstance(need.value, Finite) and node is not None:
            return [Finite(frozenset({o})) for o in sorted(need.value.outcomes, key=str)]
        if isinstance(need.value, Interval) and isinstance(need.type, NumberType | DateType) and node is not None:
            return self._numbers(node, need.value, need.type)
        return []

    def _numbers(self, node: Node, value: Interval, type_: NumberType | DateType) -> list[Scalar | str]:
        """Whole numbers between near bounds; else, of a number that is only compared with constants, those and values
        between them."""
        low, high = algebra.ends(value)
        whole = isinstance(type_, DateType) or type_.integer
        if whole and isinstance(low, Fraction) and isinstance(high, Fraction) and high - low < TOGETHER:
            points = {Fraction(n) for n in range(math.ceil(low), math.floor(high) + 1)}
        else:
            bounds = self._thresholds((self.replay.entity(node[0]).kind, node[1]))
            if bounds is None:
                return []
            step = Fraction(1) if whole else Fraction(1, 1000)
            points = {p for b in bounds for p in (b - step, b, b + step)} | {
                b for b in (value.low, value.high) if b is not None
            }
            if not whole:
                points |= {(one + two) / 2 for one, two in pairwise(sorted(bounds))}
        found: list[Scalar | str] = [Interval(p, p) for p in sorted(points) if low <= p <= high]
        if value.nothing:
            found.append(algebra.NO_NUMBER)
        return found if len(found) <= TOGETHER else []

    def _thresholds(self, fact: Key) -> set[Fraction] | None:
        """The constants that a fact is compared with wherever it is read; None where it is read otherwise."""
        found: set[Fraction] = set()
        view, kind = self.replay.view, self.replay.entity(self.node[0]).kind
        for key in view.below((kind, self.node[1])):
            if fact in view.facts(key):
                thresholds = view.thresholds(key, fact)
                if thresholds is None:
                    return None
                found |= thresholds
        return found
