"""Reading results out: from the slots of a layout to what the reference interpreter would say, and entities into
slots."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any

from safetyrules.engine import algebra
from safetyrules.engine.compiled.known_values import UNKNOWN
from safetyrules.engine.compiled.layout import KindLayout, Layout
from safetyrules.engine.compiled.masks import finite
from safetyrules.engine.compiled.possible_values import abstract, possible_form
from safetyrules.engine.compiled.ranges import abstract_interval
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    NumberType,
    PartsType,
    ScalarType,
    ValuesType,
)
from safetyrules.language.plan import Conclusion
from safetyrules.values import FALSE, TRUE, Finite, Interval, Scalar

Record = list[Any]


#: Reads one conclusion out of the subject's slots or a part's record.
Read = Callable[[Sequence[Any]], Scalar]


class Raw:
    """What generated code computed: the subject's conclusion slots and the records of its parts, not yet read out."""

    __slots__ = ("layout", "parts", "root")

    def __init__(self, layout: Layout, computed: tuple[tuple[Any, ...], tuple[list[Record], ...]]) -> None:
        self.layout = layout
        self.root, self.parts = computed

    def outcomes(self) -> Outcomes:
        """(entity path, conclusion) → what is still possible, as `Reference.outcomes` gives it."""
        return Outcomes(self)

    def of_subject(self, name: str) -> Scalar:
        """One conclusion of the subject, without reading out the others. Raises KeyError."""
        return _readers(self.layout)[self.layout.root, name](self.root)


class Outcomes(Mapping[tuple[str, str], Scalar]):
    """The outcomes of all entities, each read out when it is first asked for."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._root = raw.layout.root
        self._readers = _readers(raw.layout)
        self._read: dict[tuple[str, str], Scalar] = {}

    def __getitem__(self, key: tuple[str, str]) -> Scalar:
        found = self._read.get(key)
        if found is None:
            path, name = key
            if path == self._root:
                found = self._readers[key](self._raw.root)
            else:
                kind, record = self._records[path]
                found = self._readers[kind, name](record)
                if _residual(record):
                    found = algebra.with_nothing(found)
            self._read[key] = found
        return found

    def __iter__(self) -> Iterator[tuple[str, str]]:
        """In the order of the plan."""
        for conclusion in self._raw.layout.conclusions:
            if conclusion.on == self._root:
                yield self._root, conclusion.name
            else:
                for path in self._paths[conclusion.on]:
                    yield path, conclusion.name

    def __len__(self) -> int:
        counts = {self._root: 1, **dict(zip(_part_kinds(self._raw.layout), map(len, self._raw.parts), strict=True))}
        return sum(counts[conclusion.on] for conclusion in self._raw.layout.conclusions)

    def __repr__(self) -> str:
        return repr(dict(self))

    @cached_property
    def _paths(self) -> dict[str, list[str]]:
        """The paths of the parts of each kind."""
        layout, paths = self._raw.layout, dict[int, str]()
        return {
            kind: [_path(layout, layout.kinds[kind], record, paths) for record in records]
            for kind, records in zip(_part_kinds(layout), self._raw.parts, strict=True)
        }

    @cached_property
    def _records(self) -> dict[str, tuple[str, Record]]:
        """Path of a part → its kind and record."""
        records = dict(zip(_part_kinds(self._raw.layout), self._raw.parts, strict=True))
        return {
            path: (kind, record)
            for kind, paths in self._paths.items()
            for path, record in zip(paths, records[kind], strict=True)
        }


def _part_kinds(layout: Layout) -> list[str]:
    return [name for name, here in layout.kinds.items() if not here.root]


def _path(layout: Layout, here: KindLayout, record: Record, paths: dict[int, str]) -> str:
    known = paths.get(id(record))
    if known is None:
        parent = record[0]
        if parent is None:
            above = layout.root
        else:
            assert here.kind.parent is not None
            above = _path(layout, layout.kinds[here.kind.parent], parent, paths)
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


# ---- values in slots ------------------------------------------------------------------------------------------------


def _readers(layout: Layout) -> dict[tuple[str, str], Read]:
    """What reads each conclusion. Kept in the layout beside what it caches itself: they live as long as it."""
    kept: dict[tuple[str, str], Read] | None = vars(layout).get("readers")
    if kept is None:
        kept = vars(layout)["readers"] = {each.key: _reader(layout, each) for each in layout.conclusions}
    return kept


def _reader(layout: Layout, conclusion: Conclusion) -> Read:
    here, type_ = layout.kinds[conclusion.on], conclusion.type
    number = layout.root_slots.index if here.root else int
    slots = [number(slot) for slot in here.conclusions[conclusion.name]]
    read = _known(type_, slots) if layout.sure[conclusion.key] else _possible(type_, slots)
    settled = [number(slot) for slot in here.settled.get(conclusion.name, ())]
    if not settled:
        return read
    first, read_settled = settled[0], _known(type_, settled)
    return lambda values: read(values) if values[first] is UNKNOWN else read_settled(values)


_BOOLEANS: Mapping[Any, Finite] = {True: TRUE, False: FALSE, None: algebra.ONLY_NOTHING}
_MASKS = {mask: finite(mask) for mask in range(1, 8)}


def _possible(type_: ScalarType, slots: list[int]) -> Read:
    """Reads the possible representation of a type."""
    first = slots[0]
    if isinstance(type_, NumberType | DateType):
        _, high, none = slots
        return lambda values: abstract_interval(values[first], values[high], values[none])
    if isinstance(type_, BooleanType):
        return lambda values: _MASKS[values[first]]
    if isinstance(type_, ChoiceType):
        single = {1 << i: Finite(frozenset({member})) for i, member in enumerate(type_.members)}
        return lambda values: single.get(values[first]) or abstract(values[first], type_)
    return lambda values: abstract(values[first], type_)


def _known(type_: ScalarType, slots: list[int]) -> Read:
    """Reads the known representation of a type; None is "no value"."""
    nothing, first = algebra.nothing(type_), slots[0]
    match type_:
        case NumberType() if len(slots) == 2:
            second = slots[1]
            return lambda values: nothing if values[first] is None else _point(Fraction(values[first], values[second]))
        case NumberType() | DateType():
            return lambda values: nothing if values[first] is None else _point(Fraction(values[first]))
        case BooleanType():
            return lambda values: _BOOLEANS[values[first]]
        case ChoiceType(scale=scale, members=members):
            named: dict[Any, Scalar] = {
                number if scale else member: Finite(frozenset({member})) for number, member in enumerate(members)
            }
            named[None] = nothing
            return lambda values: named[values[first]]
    return lambda values: nothing if values[first] is None else Finite(frozenset({values[first]}))


def _point(value: Fraction) -> Interval:
    return Interval(value, value)


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
