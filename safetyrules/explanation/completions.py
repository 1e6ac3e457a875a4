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
from safetyrules.engine.reference import Place, Reference
from safetyrules.explanation.trace import Node, Replay
from safetyrules.facts.entity import Entity, Members
from safetyrules.facts.schema import DateType, NumberType
from safetyrules.language import terms as t
from safetyrules.language.plan import Key
from safetyrules.values import Finite, Interval, Scalar

if TYPE_CHECKING:
    from safetyrules.explanation.needs import NeedKind, Openings

#: At most so many evaluations are spent on the needs of one conclusion.
TRIES = 256
#: At most so many combinations of the other unknowns are tried.
TOGETHER = 64

Changes = Mapping[Node, Scalar]
NeedKey = tuple["NeedKind", str]


class Trial(Reference):
    """A subject with some facts replaced and some readings chosen, evaluated only where that makes a difference."""

    def __init__(self, replay: Replay, changes: Changes, chosen: Mapping[str, str]) -> None:
        super().__init__(replay.plan, substituted(replay.root, changes), replay.assessment.request.as_of)
        self.view = replay.view
        self.chosen = chosen
        self.changes = changes
        self.values = dict(replay.reference.values)

    def outcome(self, node: Node) -> Scalar:
        """What is then possible of a conclusion."""
        changed: dict[Key, set[str]] = {}
        facts: dict[Key, set[str]] = {}
        kinds = {entity.path: kind for kind, entities in self.entities.items() for entity in entities}
        for path, name in self.changes:
            facts.setdefault((kinds[path], name), set()).add(path)
        for key in self.view.below((kinds[node[0]], node[1])):
            conclusion = self.plan.by_key[key]
            origins = set().union(*(facts[f] for f in self.view.facts(key) if f in facts)) if facts else set()
            origins = origins.union(*(changed[r] for r in self.view.reads(key) if r in changed))
            everywhere = bool(self.chosen) and self._reads_choice(conclusion.term)
            for entity in self.entities.get(conclusion.on, ()):
                if everywhere or any(_related(entity.path, origin) for origin in origins):
                    value = self.evaluate(conclusion.term, Place(entity))
                    if value != self.values[entity.path, conclusion.name]:
                        self.values[entity.path, conclusion.name] = value
                        changed.setdefault(key, set()).add(entity.path)
        return self.values[node]

    def evaluate(self, term: t.Term, place: Place) -> Scalar:
        if isinstance(term, t.UnsettledReadings):
            choice = self.chosen.get(f"{term.ruleset}/{term.parameter}")
            if choice is not None:
                return self.evaluate(dict(term.readings)[choice], place)
        return super().evaluate(term, place)

    def _reads_choice(self, term: t.Term) -> bool:
        return any(
            isinstance(each, t.UnsettledReadings) and f"{each.ruleset}/{each.parameter}" in self.chosen
            for each in t.walk(term)
        )


def _related(one: str, two: str) -> bool:
    """Is one of two entities inside the other, or the same?"""
    shorter, longer = sorted((one, two), key=len)
    return longer.startswith(shorter) and (len(longer) == len(shorter) or longer[len(shorter)] == ".")


def substituted(root: Entity, changes: Changes) -> Entity:
    """A copy of an entity tree with some facts replaced."""
    by_path: dict[str, dict[str, Scalar]] = {}
    for (path, name), value in changes.items():
        by_path.setdefault(path, {})[name] = value
    return _copy(root, None, by_path)


def _copy(entity: Entity, parent: Entity | None, changes: Mapping[str, Mapping[str, Scalar]]) -> Entity:
    here = changes.get(entity.path, {})
    made = Entity(
        entity.kind,
        entity.path,
        {**entity.values, **here},
        {},
        parent,
        entity.residual,
        entity.provenance,
        entity.given | frozenset(here),
    )
    for name, members in entity.lists.items():
        items = tuple(_copy(item, made, changes) if isinstance(item, Entity) else item for item in members.items)
        residual = members.residual
        if isinstance(residual, Entity):
            residual = _copy(residual, made, changes)
        made.lists[name] = Members(items, members.open, residual)  # type: ignore[arg-type]
    return made


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
            if self._outcome({key: value}) != self._base:
                return True
        return False

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
        kind = self.replay.entity(self.node[0]).kind
        for key in self.replay.view.below((kind, self.node[1])):
            if fact not in self.replay.view.facts(key):
                continue
            pending: list[object] = [self.replay.plan.by_key[key].term]
            while pending:
                term = pending.pop()
                if isinstance(term, t.Comparison) and _is_fact(term.left, fact) and isinstance(term.right, t.Constant):
                    found.add(Fraction(term.right.value))
                elif isinstance(term, t.Applicable) and _is_fact(term.operand, fact):
                    continue
                elif _is_fact(term, fact):
                    return None
                else:
                    pending.extend(t.children(term))
        return found


def _is_fact(term: object, fact: Key) -> bool:
    if isinstance(term, t.Sure):
        return _is_fact(term.term, fact)
    return isinstance(term, t.FactValue) and (term.entity.kind, term.fact) == fact
