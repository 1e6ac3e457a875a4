"""What a search for facts works on: entities in the making, and what is wanted of terms there."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import partial
from typing import Any

from safetyrules.language import terms as t
from safetyrules.language.spaces import Axis, Order, Reading, Sample, Undefined

#: Does a value do?
Admits = Callable[[Any], bool]


@dataclass(eq=False)
class Draft:
    """An entity in the making. ``lists`` has those that are given; all of them are complete."""

    kind: str
    parent: Draft | None = None
    values: dict[str, Sample] = field(default_factory=dict)
    lists: dict[str, list[Any]] = field(default_factory=dict)

    def walk(self) -> Iterator[Draft]:
        yield self
        for members in self.lists.values():
            for member in members:
                if isinstance(member, Draft):
                    yield from member.walk()


@dataclass(frozen=True)
class Spot:
    """Where a term is read: the entity its rule is on, what its variables are bound to (drafts, or values), and how
    many conclusions were gone through to come here."""

    draft: Draft
    bound: Mapping[str, Any] = field(default_factory=dict)
    level: int = 0

    def binding(self, variable: str, value: object) -> Spot:
        return replace(self, bound={**self.bound, variable: value})


@dataclass(frozen=True)
class Be:
    """Wanted: a term whose value ``admits`` takes. ``samples`` are worth trying first."""

    term: t.Term
    spot: Spot
    admits: Admits
    samples: Sequence[Sample] = ()


@dataclass(frozen=True)
class Hold:
    """Wanted: a condition that is true, or false."""

    term: t.Term
    spot: Spot
    truth: bool


@dataclass(frozen=True)
class Member:
    """Wanted: one more member of a list of parts, of which the goals hold that ``goals`` makes of it."""

    operand: t.ListTerm
    spot: Spot
    goals: Callable[[Spot, Any], list[Goal]] = lambda _, __: []


Goal = Be | Hold | Member
#: What is changed in drafts, and what is wanted then.
Way = tuple[Callable[[], None] | None, list[Goal]]


def goals_of(constraints: Sequence[tuple[Axis, int]], spot: Spot) -> list[Goal]:
    """What a box of cells wants. A reading of a clause is nobody's to choose."""
    found: list[Goal] = []
    for axis, mask in constraints:
        match axis.operand:
            case Reading():
                continue
            case Order(left, right):
                for sign in axis.chosen(mask):
                    if isinstance(sign, str):
                        found.append(Hold(t.Comparison(sign, left, right, False), spot, True))  # type: ignore[arg-type]
                        break
            case operand:
                samples = [each for each in axis.chosen(mask) if not isinstance(each, Undefined)]
                found.append(Be(operand, spot, partial(axis.takes, mask), samples))
    return sorted(found, key=lambda goal: not (isinstance(goal, Be) and isinstance(goal.term, t.FactValue)))
