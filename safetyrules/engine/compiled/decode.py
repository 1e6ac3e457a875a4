"""Reading results out: from the slots of a layout to what the reference interpreter would say, and entities into
slots."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from safetyrules.engine import algebra
from safetyrules.engine.compiled.known_values import UNKNOWN
from safetyrules.engine.compiled.layout import KindLayout, Layout
from safetyrules.engine.compiled.possible_values import abstract, possible_form
from safetyrules.engine.compiled.ranges import abstract_interval
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import ChoiceType, DateType, NumberType, PartsType, ScalarType, ValuesType
from safetyrules.values import Finite, Interval, Scalar

Record = list[Any]


class Raw:
    """What generated code computed: the subject's conclusion slots and the records of its parts, not yet read out."""

    __slots__ = ("layout", "parts", "root")

    def __init__(self, layout: Layout, computed: tuple[tuple[Any, ...], tuple[list[Record], ...]]) -> None:
        self.layout = layout
        self.root, self.parts = computed

    def outcomes(self) -> dict[tuple[str, str], Scalar]:
        """(entity path, conclusion) → what is still possible, as `Reference.outcomes` gives it."""
        found: dict[tuple[str, str], Scalar] = {}
        records = dict(zip((n for n, h in self.layout.kinds.items() if not h.root), self.parts, strict=True))
        paths: dict[int, str] = {}
        root = self._root_values()
        for conclusion in self.layout.conclusions:
            here = self.layout.kinds[conclusion.on]
            slots = here.conclusions[conclusion.name]
            sure = self.layout.sure[conclusion.key]
            settled = here.settled.get(conclusion.name)
            if here.root:
                found[here.kind.name, conclusion.name] = self._value(root, slots, settled, conclusion.type, sure)
                continue
            places = [int(slot) for slot in slots]
            known_places = None if settled is None else [int(slot) for slot in settled]
            for record in records[conclusion.on]:
                value = self._value(record, places, known_places, conclusion.type, sure)
                if _residual(record):
                    value = algebra.with_nothing(value)
                found[self._path(here, record, paths), conclusion.name] = value
        return found

    def of_subject(self, name: str) -> Scalar:
        """One conclusion of the subject, without reading out the others. Raises KeyError."""
        here = self.layout.kinds[self.layout.root]
        slots, settled = here.conclusions[name], here.settled.get(name)
        key = (self.layout.root, name)
        type_ = self.layout.plan.by_key[key].type
        return self._value(self._root_values(), slots, settled, type_, self.layout.sure[key])

    def _root_values(self) -> dict[str, Any]:
        return dict(zip(self.layout.root_slots, self.root, strict=True))

    def _value(self, values: Any, slots: Any, settled: Any, type_: ScalarType, sure: bool) -> Scalar:
        if settled is not None and values[settled[0]] is not UNKNOWN:
            return scalar(tuple(values[slot] for slot in settled), type_, True)
        return scalar(tuple(values[slot] for slot in slots), type_, sure)

    def _path(self, here: KindLayout, record: Record, paths: dict[int, str]) -> str:
        known = paths.get(id(record))
        if known is None:
            parent = record[0]
            if parent is None:
                above = self.layout.root
            else:
                assert here.kind.parent is not None
                above = self._path(self.layout.kinds[here.kind.parent], parent, paths)
            number = "?" if record[1] < 0 else record[1]
            known = paths[id(record)] = f"{above}.{here.kind.parent_fact}[{number}]"
        return known


def _residual(record: Record) -> bool:
    """Does the record, or one that it is inside of, stand for members not given?"""
    while record is not None:
        if record[1] < 0:
            return True
        record = record[0]
    return False


def scalar(values: tuple[Any, ...], type_: ScalarType, sure: bool) -> Scalar:
    """A value in its slots, in the reference's form."""
    if not sure:
        if isinstance(type_, NumberType | DateType):
            return abstract_interval(*values)
        return abstract(values[0], type_)
    first = values[0]
    if first is None:
        return algebra.nothing(type_)
    match type_:
        case NumberType():
            value = Fraction(first, values[1]) if len(values) == 2 else Fraction(first)
            return Interval(value, value)
        case DateType():
            return Interval(Fraction(first), Fraction(first))
        case ChoiceType(scale=True, members=members):
            return Finite(frozenset({members[first]}))
    return Finite(frozenset({first}))


# ---- entities into slots --------------------------------------------------------------------------------------------


def records_of(layout: Layout, root: Entity) -> tuple[Any, ...]:
    """What the reader would return for the facts of an entity tree."""
    alls: dict[str, list[Record]] = {name: [] for name, here in layout.kinds.items() if not here.root}
    here = layout.kinds[layout.root]
    cells: dict[str, Any] = {}
    _fill_facts(here, root, cells)
    for fact, slot in here.lists.items():
        cells[slot] = _fill_list(layout, here, root, fact, None, alls)
    return (*cells.values(), *alls.values())


def _fill_facts(here: KindLayout, entity: Entity, cells: dict[str, Any]) -> None:
    for name, slots in here.facts.items():
        if name.startswith("given:"):
            fact = name.removeprefix("given:")
            cells[slots[0]] = fact in entity.given and algebra.has_value(entity.values[fact])
            continue
        type_ = here.kind.facts[name].type
        assert not isinstance(type_, PartsType | ValuesType)
        form = possible_form(entity.values[name], type_)
        values = form if isinstance(form, tuple) else (form,)
        cells.update(zip(slots, values, strict=True))


def _fill_list(
    layout: Layout, here: KindLayout, entity: Entity, fact: str, record: Record | None, alls: dict[str, list[Record]]
) -> list[Any]:
    type_ = here.kind.facts[fact].type
    members = entity.lists[fact]
    found: list[Any] = []
    if isinstance(type_, ValuesType):
        for value in (*members.items, *([members.residual] if members.residual is not None else [])):
            assert not isinstance(value, Entity)
            form = possible_form(value, type_.item)
            found.append((value is not members.residual, *(form if isinstance(form, tuple) else (form,))))
        return found
    assert isinstance(type_, PartsType)
    part = layout.kinds[type_.kind]
    numbered = [(number, item) for number, item in enumerate(members.items)]
    for number, item in [*numbered, *([(-1, members.residual)] if members.residual is not None else [])]:
        assert isinstance(item, Entity)
        child: Record = [record, number, *[None] * (part.size - 2)]
        cells: dict[str, Any] = {}
        _fill_facts(part, item, cells)
        for slot, value in cells.items():
            child[int(slot)] = value
        alls[type_.kind].append(child)
        for name, slot in part.lists.items():
            child[int(slot)] = _fill_list(layout, part, item, name, child, alls)
        found.append(child)
    return found
