"""Checked facts as entities: what is not given becomes what its type allows, an open list gets a residual member.

A list is complete as given unless it says ``more: true``. A log is complete only from its ``complete_since`` on, or
where it says ``more: false``; a log that says neither is open, for the absence of an entry then proves nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from fractions import Fraction
from typing import Any

from safetyrules.facts.entity import Entity, Members, Provenance
from safetyrules.facts.presence import speaking
from safetyrules.facts.scalars import Given, anything, read_provenance
from safetyrules.facts.schema import BooleanType, Fact, PartsType, ScalarType, Schema, ValuesType
from safetyrules.values import FALSE, Interval, Scalar

#: The name that closes the whole subject.
ALL = "*"

#: For each fact of a kind, the attributes that lead to what was given of it.
Steps = Mapping[str, tuple[str, ...]]


class Building:
    """Makes entities of checked forms."""

    def __init__(self, schema: Schema, steps: Callable[[str], Steps], closed: frozenset[str]) -> None:
        self.schema = schema
        self.steps = steps
        self.closed = closed

    def entity(self, kind: str, path: str, parent: Entity | None, form: Any, assumed: str | None) -> Entity:
        """``assumed``: why what is missing inside a part counts as false and empty; None where it does not."""
        entity = Entity(kind, path, parent=parent)
        given: set[str] = set()
        steps = self.steps(kind)
        for name, fact in self.schema.kinds[kind].facts.items():
            read = form
            for attribute in steps[name]:
                read = getattr(read, attribute) if read is not None else None
            reason = assumed if parent is not None else self._reason(name)
            if isinstance(fact.type, PartsType | ValuesType):
                stated = self._list(entity, fact, fact.type, read, reason)
            else:
                stated = self._scalar(entity, fact, fact.type, read, reason)
            if stated:
                given.add(name)
        entity.given = frozenset(given)
        if parent is None and self.closed:
            self._keep_open_what_is_there(entity)
        return entity

    def _keep_open_what_is_there(self, entity: Entity) -> None:
        """A closed world does not assume a sector away that other facts speak for: whether it is present stays
        unknown."""
        for present, evidence in self.schema.denials(entity.kind).items():
            said = entity.provenance.get(present)
            fact = self.schema.kinds[entity.kind].facts[present]
            if present not in entity.given and said is not None and speaking(evidence, entity):
                assert not isinstance(fact.type, PartsType | ValuesType)
                del entity.provenance[present]
                entity.values[present] = anything(fact.type, fact.may_not_apply)

    def unknown(self, kind: str, path: str, parent: Entity) -> Entity:
        """A residual entity: all that its kind allows, lists open."""
        entity = Entity(kind, path, parent=parent, residual=True)
        for name, fact in self.schema.kinds[kind].facts.items():
            if isinstance(fact.type, PartsType | ValuesType):
                entity.lists[name] = self.not_given(entity, fact, fact.type)
            else:
                entity.values[name] = anything(fact.type, fact.may_not_apply)
        return entity

    def _reason(self, name: str) -> str | None:
        """Why a missing fact of the root counts as false or empty."""
        named = [s for s in self.closed if name.startswith(f"{s}.")]
        section = max(named, key=len) if named else ALL if ALL in self.closed else None
        return None if section is None else f"closed world: {section}"

    def _scalar(self, entity: Entity, fact: Fact, of: ScalarType, read: Given | None, reason: str | None) -> bool:
        if read is None:
            closes = reason is not None and isinstance(of, BooleanType)
            entity.values[fact.name] = FALSE if closes else anything(of, fact.may_not_apply)
            if closes:
                entity.provenance[fact.name] = Provenance(assumed=reason)
            return False
        entity.values[fact.name] = read.value
        if read.provenance is not None:
            entity.provenance[fact.name] = read.provenance
        return not read.unknown

    def _list(self, entity: Entity, fact: Fact, of: PartsType | ValuesType, read: Any, reason: str | None) -> bool:
        if read is None:
            closes = reason is not None
            entity.lists[fact.name] = Members((), False, None) if closes else self.not_given(entity, fact, of)
            if closes:
                entity.provenance[fact.name] = Provenance(assumed=reason)
            return False
        provenance = read_provenance({"source": read.source, "assumed": read.assumed})
        silent_log = (
            isinstance(of, PartsType) and of.log is not None and read.more is None and read.complete_since is None
        )
        if silent_log and reason is not None:
            silent_log = False
            provenance = provenance or Provenance(assumed=reason)
        if provenance is not None:
            entity.provenance[fact.name] = provenance
        is_open = read.items is None or bool(read.more) or read.complete_since is not None or silent_log
        residual = self._residual(entity, fact, of, read.complete_since) if is_open else None
        if isinstance(of, PartsType):
            # A subject in a list is one of its own: what counts as false in it, its own sections say.
            parts = tuple(
                self.entity(
                    of.kind, f"{entity.path}.{fact.name}[{index}]", None if of.subjects else entity, item, reason
                )
                for index, item in enumerate(read.items or ())
            )
            entity.lists[fact.name] = Members(parts, is_open, residual)
        else:
            values: tuple[Scalar, ...] = tuple(
                anything(of.item) if item is None else item.value for item in read.items or ()
            )
            entity.lists[fact.name] = Members(values, is_open, residual)
        return read.items is not None or bool(read.more)

    def not_given(self, entity: Entity, fact: Fact, of: PartsType | ValuesType) -> Members:
        """A list of which nothing is said."""
        return Members((), True, self._residual(entity, fact, of, None))

    def _residual(
        self, entity: Entity, fact: Fact, of: PartsType | ValuesType, complete_since: int | None
    ) -> Entity | Scalar:
        """One that stands for the members not given; in a log complete since a day, only for those before it."""
        if isinstance(of, ValuesType):
            return anything(of.item)
        residual = self.unknown(of.kind, f"{entity.path}.{fact.name}[?]", entity)
        if complete_since is not None and of.log is not None:
            nothing = self.schema.kinds[of.kind].facts[of.log].may_not_apply
            residual.values[of.log] = Interval(None, Fraction(max(complete_since - 1, 1)), nothing=nothing)
        return residual
