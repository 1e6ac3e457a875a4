"""Reading results out: from the slots of a layout to what the reference interpreter would say, and entities into
slots."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple, Protocol

from safetyrules.computed import Row, Treatment
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
from safetyrules.values import FALSE, TRUE, WHOLE, WHOLE_KEPT, Finite, Interval, Scalar

Record = list[Any]


#: Reads one conclusion out of the subject's slots or a part's record.
Read = Callable[[Sequence[Any]], Scalar]


class Raw:
    """What generated code computed: the subject's conclusion slots and the records of its parts, not yet read out."""

    __slots__ = ("layout", "parts", "root")

    def __init__(self, layout: Layout, computed: tuple[tuple[Any, ...], tuple[list[Record], ...]]) -> None:
        self.layout = layout
        self.root, self.parts = computed

    def outcomes(self) -> Mapping[tuple[str, str], Scalar]:
        """(entity path, conclusion) → what is still possible, as `Reference.outcomes` gives it."""
        reading = _reading(self.layout)
        return Outcomes(self) if reading.parts else self.of_subject()

    def of_subject(self) -> dict[tuple[str, str], Scalar]:
        """The outcomes of the subject itself."""
        values = self.root
        return {key: table[values[where]] for key, _, table, where in _reading(self.layout).cells}

    def one(self, name: str) -> Scalar:
        """One conclusion of the subject, without reading out the others. Raises KeyError."""
        return _reading(self.layout).reads[self.layout.root, name](self.root)

    def rows(self, treatment: Treatment) -> Iterable[Row]:
        """Every outcome, in the order of the plan, as its fields."""
        reading, root, values = _reading(self.layout), self.layout.root, self.root
        if not reading.parts:
            return [(root, concluded, table[values[where]], treatment) for _, concluded, table, where in reading.cells]
        return self._rows(Outcomes(self), treatment)

    def _rows(self, outcomes: Outcomes, treatment: Treatment) -> Iterator[Row]:
        paths, root = outcomes.paths, self.layout.root
        for conclusion in self.layout.conclusions:
            for path in (root,) if conclusion.on == root else paths[conclusion.on]:
                yield path, conclusion, outcomes[path, conclusion.name], treatment


class Outcomes(Mapping[tuple[str, str], Scalar]):
    """The outcomes of all entities, those of parts each read out when it is first asked for."""

    def __init__(self, raw: Raw) -> None:
        self._raw = raw
        self._root = raw.layout.root
        self._reads = _reading(raw.layout).reads
        self._read: dict[tuple[str, str], Scalar] = raw.of_subject()

    def __getitem__(self, key: tuple[str, str]) -> Scalar:
        found = self._read.get(key)
        if found is None:
            path, name = key
            kind, record = self._records[path]
            found = self._reads[kind, name](record)
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
                for path in self.paths[conclusion.on]:
                    yield path, conclusion.name

    def __len__(self) -> int:
        counts = {self._root: 1, **dict(zip(_part_kinds(self._raw.layout), map(len, self._raw.parts), strict=True))}
        return sum(counts[conclusion.on] for conclusion in self._raw.layout.conclusions)

    def __repr__(self) -> str:
        return repr(dict(self))

    @cached_property
    def paths(self) -> dict[str, list[str]]:
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
            for kind, paths in self.paths.items()
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


class _Reading(NamedTuple):
    """How a layout is read out: each conclusion of the subject as its key, the conclusion, a table and which slots are
    looked up in it; what reads each conclusion of any entity; whether parts have conclusions."""

    cells: tuple[tuple[tuple[str, str], Conclusion, Table, int | slice], ...]
    reads: dict[tuple[str, str], Read]
    parts: bool


def _reading(layout: Layout) -> _Reading:
    """Kept in the layout beside what it caches itself: it lives as long."""
    kept: _Reading | None = vars(layout).get("reading")
    if kept is None:
        reads = {each.key: _reader(layout, each) for each in layout.conclusions}
        cells = [
            (each.key, each, *_cell(layout, each, reads[each.key]))
            for each in layout.conclusions
            if each.on == layout.root
        ]
        kept = vars(layout)["reading"] = _Reading(tuple(cells), reads, len(cells) < len(reads))
    return kept


def _cell(layout: Layout, conclusion: Conclusion, read: Read) -> tuple[Table, int | slice]:
    """Where a conclusion of the subject is looked up, and what is looked up. A table does in one step what a reader is
    called for."""
    here, sure = layout.kinds[layout.root], layout.sure[conclusion.key]
    if conclusion.name not in here.settled:
        first, *others = [layout.root_slots.index(slot) for slot in here.conclusions[conclusion.name]]
        table = _known_table(conclusion.type) if sure else _possible_table(conclusion.type)
        if table is not None:
            return table, first if not others else slice(first, first + 1 + len(others))
    return _Called(read), slice(None)


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


def _possible(type_: ScalarType, slots: list[int]) -> Read:
    """Reads the possible representation of a type."""
    first, table = slots[0], _possible_table(type_)
    if table is not None:
        return lambda values: table[values[first]]
    if isinstance(type_, NumberType | DateType):
        _, high, none = slots
        return lambda values: abstract_interval(values[first], values[high], values[none])
    return lambda values: abstract(values[first], type_)


def _known(type_: ScalarType, slots: list[int]) -> Read:
    """Reads the known representation of a type; None is "no value"."""
    first, table = slots[0], _known_table(type_)
    if len(slots) == 2:
        second = slots[1]
        return lambda values: table[values[first], values[second]]
    return lambda values: table[values[first]]


# ---- tables of values -----------------------------------------------------------------------------------------------


class Table(Protocol):
    """What a representation means."""

    def __getitem__(self, key: Any, /) -> Scalar: ...


class _Called:
    """A table that asks a reader."""

    __slots__ = ("_read",)

    def __init__(self, read: Read) -> None:
        self._read = read

    def __getitem__(self, values: Any, /) -> Scalar:
        return self._read(values)


class _Numbers(dict[Any, Scalar]):
    """Known numbers and dates: a whole number, or numerator and denominator."""

    def __missing__(self, key: Any) -> Scalar:
        pair = key.__class__ is tuple
        number, denominator = key if pair else (key, 1)
        if number is None:
            found: Scalar = algebra.NO_NUMBER
        elif number % denominator == 0:
            found = WHOLE[number // denominator]
        else:
            value = Fraction(number, denominator)
            found = Interval(value, value)
        if len(self) < WHOLE_KEPT:
            self[key] = found
        return found


class _Texts(dict[Any, Scalar]):
    """Known texts, none of which is kept."""

    def __missing__(self, key: str | None) -> Scalar:
        return algebra.ONLY_NOTHING if key is None else Finite(frozenset({key}))


class _Masks(dict[int, Scalar]):
    """Sets of the members of a choice, by their bits."""

    def __init__(self, type_: ChoiceType) -> None:
        super().__init__({1 << i: Finite(frozenset({member})) for i, member in enumerate(type_.members)})
        self._type = type_

    def __missing__(self, mask: int) -> Scalar:
        return abstract(mask, self._type)


_BOOLEANS: Mapping[Any, Finite] = {True: TRUE, False: FALSE, None: algebra.ONLY_NOTHING}
_BOOLEAN_MASKS: Mapping[int, Finite] = {**{mask: finite(mask) for mask in range(1, 8)}, 1: FALSE, 2: TRUE}
_NUMBERS, _TEXTS = _Numbers(), _Texts()


def _possible_table(type_: ScalarType) -> Table | None:
    """What the possible representation of a type means; None where it is read otherwise."""
    if isinstance(type_, BooleanType):
        return _BOOLEAN_MASKS
    return _Masks(type_) if isinstance(type_, ChoiceType) else None


def _known_table(type_: ScalarType) -> Table:
    match type_:
        case NumberType() | DateType():
            return _NUMBERS
        case BooleanType():
            return _BOOLEANS
        case ChoiceType(scale=scale, members=members):
            named: dict[Any, Scalar] = {
                number if scale else member: Finite(frozenset({member})) for number, member in enumerate(members)
            }
            named[None] = algebra.nothing(type_)
            return named
    return _TEXTS


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
