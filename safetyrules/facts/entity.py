"""Entities as the engines read them: every fact of an entity as what is still possible of it.

Made from raw facts by `safetyrules.facts.input.parse_facts`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from safetyrules.values import Scalar


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a fact comes from, and why it is assumed where it is."""

    source: str | None = None
    assumed: str | None = None


@dataclass(slots=True, eq=False)
class Entity:
    """One thing that has facts. Not to be changed after it was made.

    ``values`` holds every scalar fact of the kind by its dotted name, ``lists`` every list fact; a fact that is not
    given is everything its type allows. ``given`` names the facts that were given in any form other than unknown.
    A ``residual`` entity stands for the members that an open list may still have.
    """

    kind: str
    path: str
    values: dict[str, Scalar] = field(default_factory=dict)
    lists: dict[str, Members] = field(default_factory=dict)
    parent: Entity | None = None
    residual: bool = False
    provenance: dict[str, Provenance] = field(default_factory=dict)
    given: frozenset[str] = frozenset()

    def parts(self) -> Iterator[Entity]:
        """The entities directly inside, in the order given; a residual entity comes last in its list."""
        for members in self.lists.values():
            for member in (*members.items, members.residual):
                if isinstance(member, Entity):
                    yield member

    def walk(self) -> Iterator[Entity]:
        """This entity and everything inside it, outer before inner."""
        yield self
        for part in self.parts():
            yield from part.walk()


@dataclass(frozen=True, slots=True, eq=False)
class Members:
    """The members of a list: those given and, where the list is open, one that stands for all others."""

    items: tuple[Entity, ...] | tuple[Scalar, ...]
    open: bool
    residual: Entity | Scalar | None
