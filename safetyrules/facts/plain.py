"""Good facts as entities without the input models: mappings, lists and scalars as programs and JSON have them.

A `PlainReader` takes nothing that the input models would refuse and makes the entity that they would make. Whatever is
wrong, or of a rarer form (a model, a closed world, a subclass of a plain type), it leaves to them: they also explain.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from typing import Any, NamedTuple

from safetyrules.facts.build import Building
from safetyrules.facts.entity import Entity, Members
from safetyrules.facts.presence import speaking
from safetyrules.facts.raw import LONGEST_LIST, LONGEST_TEXT
from safetyrules.facts.scalars import Given, anything, read_date, read_provenance, read_scalar
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Fact,
    Kind,
    NumberType,
    PartsType,
    ScalarType,
    Schema,
    TextType,
    ValuesType,
)
from safetyrules.values import FALSE, TRUE, Finite, Scalar

#: So many values of a type are kept, so that facts which share a value share what it means.
VALUES_KEPT = 1024
#: A code or date that is longer is wrong, or worth a closer look.
LONGEST_CODE = 32
_LEAVES = frozenset({str, int, float, bool, type(None), date, Decimal, Fraction})
_MARKS = frozenset({"items", "more", "complete_since", "unknown", "source", "assumed"})


class NotPlain(Exception):  # noqa: N818 - no error: the input models take over
    """The facts are wrong, or of a form that only the input models read."""


#: What reading facts that are not plain may raise.
_NOT_PLAIN = (NotPlain, KeyError, TypeError, ValueError, OverflowError, AttributeError, ArithmeticError, RecursionError)
Read = Callable[[Any], Scalar]


class _Listed(NamedTuple):
    """A list as the input models would hand it on."""

    items: Any
    more: bool | None = None
    complete_since: int | None = None
    source: str | None = None
    assumed: str | None = None


class _Key(NamedTuple):
    """What stands under a key of the input: a fact, whose value ``read`` reads where it is a scalar, or a section."""

    fact: Fact | None
    read: Read | None
    section: dict[str, _Key] | None


@dataclass(frozen=True, slots=True)
class _Shape:
    """A kind as it is read: its keys, its scalars with nothing known of them, and its lists."""

    keys: dict[str, _Key]
    unknown: dict[str, Scalar]
    lists: tuple[Fact, ...]
    order: dict[str, int]


class PlainReader:
    """Reads the plain facts of the subjects of one schema. Safe to share between threads."""

    def __init__(self, schema: Schema) -> None:
        self.schema = schema
        self._shapes: dict[str, _Shape] = {}
        self._reads: dict[ScalarType, Read] = {}

    def entity(self, kind: str, facts: object) -> Entity | None:
        """The entity that ``facts`` describe; None where they are not plain good facts."""
        try:
            return _PlainBuilding(self).subject(kind, facts)
        except _NOT_PLAIN:
            return None

    def shape(self, name: str) -> _Shape:
        found = self._shapes.get(name)
        if found is None:
            found = self._shapes[name] = self._shape(self.schema.kinds[name])
        return found

    def read(self, of: ScalarType) -> Read:
        """What reads plain scalars of a type, the same for all facts of it; raises one of `_NOT_PLAIN`."""
        found = self._reads.get(of)
        if found is None:
            found = self._reads[of] = _reader(of)
        return found

    def _shape(self, kind: Kind) -> _Shape:
        keys: dict[str, _Key] = {}
        unknown: dict[str, Scalar] = {}
        lists: list[Fact] = []
        for section in kind.sections:
            _level(keys, section.split("."))
        for fact in kind.facts.values():
            *sections, key = fact.name.split(".")
            read = None
            if isinstance(fact.type, PartsType | ValuesType):
                lists.append(fact)
            else:
                unknown[fact.name] = anything(fact.type, fact.may_not_apply)
                read = self.read(fact.type)
            _level(keys, sections)[key] = _Key(fact, read, None)
        return _Shape(keys, unknown, tuple(lists), {name: number for number, name in enumerate(kind.facts)})


def _level(keys: dict[str, _Key], sections: list[str]) -> dict[str, _Key]:
    """The keys of a section, made where it is new."""
    for section in sections:
        inner = keys.setdefault(section, _Key(None, None, {})).section
        assert inner is not None
        keys = inner
    return keys


class _Lists(dict[str, Members]):
    """The lists of an entity. Few of those that were not given are ever looked at: what stands for their members is
    made then."""

    __slots__ = ("_building", "_entity", "_shape")

    def __init__(self, building: _PlainBuilding, entity: Entity, shape: _Shape) -> None:
        super().__init__()
        self._building, self._entity, self._shape = building, entity, shape

    def __missing__(self, name: str) -> Members:
        fact = next((each for each in self._shape.lists if each.name == name), None)
        if fact is None:
            raise KeyError(name)
        assert isinstance(fact.type, PartsType | ValuesType)
        found = self[name] = self._building.not_given(self._entity, fact, fact.type)
        return found

    def _all(self) -> dict[str, Members]:
        """Every list, in the order of the declarations."""
        return {fact.name: self[fact.name] for fact in self._shape.lists}

    def __iter__(self) -> Iterator[str]:
        return iter(self._all())

    def __len__(self) -> int:
        return len(self._shape.lists)

    def __contains__(self, name: object) -> bool:
        return any(fact.name == name for fact in self._shape.lists)

    def get(self, name: str, default: Any = None) -> Any:
        try:
            return self[name]
        except KeyError:
            return default

    def keys(self) -> Any:
        return self._all().keys()

    def values(self) -> Any:
        return self._all().values()

    def items(self) -> Any:
        return self._all().items()


class _PlainBuilding(Building):
    """Makes the entities of one subject from what is given, as it stands."""

    def __init__(self, reader: PlainReader) -> None:
        super().__init__(reader.schema, lambda kind: {}, frozenset())
        self.reader = reader
        self._members = 0

    def subject(self, kind: str, facts: object) -> Entity:
        entity = self.entity(kind, kind, None, facts, None)
        for present, evidence in self.schema.denials(kind).items():
            if entity.values[present] == FALSE and speaking(evidence, entity):
                raise NotPlain
        return entity

    def entity(self, kind: str, path: str, parent: Entity | None, form: Any, assumed: str | None) -> Entity:
        shape = self.reader.shape(kind)
        entity = Entity(kind, path, shape.unknown.copy(), parent=parent)
        given: list[str] = []
        listed: dict[str, Any] = {}
        self._section(entity, shape.keys, form, given, listed)
        entity.lists = _Lists(self, entity, shape)
        for fact in shape.lists if listed else ():
            assert isinstance(fact.type, PartsType | ValuesType)
            read = listed.get(fact.name)
            if read is not None and self._list(entity, fact, fact.type, self._listed(fact, read), None):
                given.append(fact.name)
        entity.given = frozenset(given)
        if len(entity.provenance) > 1:
            entity.provenance = dict(sorted(entity.provenance.items(), key=lambda each: shape.order[each[0]]))
        return entity

    def unknown(self, kind: str, path: str, parent: Entity) -> Entity:
        shape = self.reader.shape(kind)
        entity = Entity(kind, path, shape.unknown.copy(), parent=parent, residual=True)
        entity.lists = _Lists(self, entity, shape)
        return entity

    def _section(
        self, entity: Entity, keys: dict[str, _Key], raw: Any, given: list[str], listed: dict[str, Any]
    ) -> None:
        """Read the facts of a mapping; lists are put aside, to be read in the order of their declarations."""
        if raw.__class__ is not dict:
            raise NotPlain
        values = entity.values
        for key, value in raw.items():
            fact, read, section = keys[key]
            if value is None:
                continue
            if section is not None:
                self._section(entity, section, value, given, listed)
                continue
            assert fact is not None
            name = fact.name
            if read is None:
                listed[name] = value
            elif value.__class__ is dict:
                known = _form(fact.type, fact.may_not_apply, value)  # type: ignore[arg-type]
                values[name] = known.value
                if known.provenance is not None:
                    entity.provenance[name] = known.provenance
                if not known.unknown:
                    given.append(name)
            else:
                values[name] = read(value)
                given.append(name)

    def _listed(self, fact: Fact, raw: Any) -> _Listed:
        listed = _Listed(raw) if raw.__class__ is list else _list_form(fact, raw)
        items = listed.items
        if items is None:
            return listed
        self._members += len(items)
        if items.__class__ is not list or self._members > LONGEST_LIST:
            raise NotPlain
        if isinstance(fact.type, ValuesType):
            read = self.reader.read(fact.type.item)
            return listed._replace(items=[_value(fact.type.item, read, each) for each in items])
        return listed


def _value(of: ScalarType, read: Read, raw: Any) -> Given:
    return _form(of, False, raw) if raw.__class__ is dict else Given(read(raw))


# ---- forms ----------------------------------------------------------------------------------------------------------


def _form(of: ScalarType, may_not_apply: bool, raw: dict[str, Any]) -> Given:
    """A scalar in a form such as ``{at_least: …}``."""
    for content in raw.values():
        if content.__class__ is list:
            for each in content:
                _leaf(each)
        else:
            _leaf(content)
    found = read_scalar(of, may_not_apply, raw)
    assert found is not None
    return found


def _leaf(raw: Any) -> None:
    if raw.__class__ not in _LEAVES:
        raise NotPlain
    if raw.__class__ is str:
        _text(raw)


def _text(raw: str) -> str:
    """A text that is not too long, and Unicode throughout."""
    if len(raw) > LONGEST_TEXT:
        raise NotPlain
    raw.encode()  # half of a surrogate pair: a UnicodeError, hence a ValueError
    return raw


def _list_form(fact: Fact, raw: Any) -> _Listed:
    if raw.__class__ is not dict or not raw or not _MARKS.issuperset(raw):
        raise NotPlain
    items, more, unknown, since = (raw.get(key) for key in ("items", "more", "unknown", "complete_since"))
    if any(mark is not None and mark is not True and mark is not False for mark in (more, unknown)):
        raise NotPlain
    if unknown and not items is more is since is None:
        raise NotPlain
    if since is not None and not (isinstance(fact.type, PartsType) and fact.type.log is not None):
        raise NotPlain
    for words in (raw.get("source"), raw.get("assumed")):
        if words is not None:
            _leaf(words)
    read_provenance(raw)
    day = None
    if since is not None:
        _leaf(since)
        day = read_date(since)
    return _Listed(items, more, day, raw.get("source"), raw.get("assumed"))


# ---- scalars --------------------------------------------------------------------------------------------------------


def _reader(of: ScalarType) -> Read:
    match of:
        case BooleanType():
            return _boolean
        case ChoiceType(members=members):
            return partial(_choice, {member: Finite(frozenset({member})) for member in members})
        case NumberType():
            return partial(_number, of, {}, {})
        case TextType(code=None):
            return _words
        case TextType():
            return partial(_coded, of, {})
        case DateType():
            return partial(_day, of, {})


def _boolean(raw: Any) -> Scalar:
    if raw is True:
        return TRUE
    if raw is False:
        return FALSE
    raise NotPlain


def _choice(known: dict[str, Scalar], raw: Any) -> Scalar:
    if raw.__class__ is not str:
        raise NotPlain
    return known[raw]


def _number(of: NumberType, whole: dict[int, Scalar], decimal: dict[float, Scalar], raw: Any) -> Scalar:
    """Apart, because a large whole number equals a float whose shortest form is another number."""
    kept: dict[Any, Scalar]
    if raw.__class__ is int:
        kept = whole
    elif raw.__class__ is float:
        kept = decimal
    elif raw.__class__ is Decimal or raw.__class__ is Fraction:
        return _exactly(of, raw)
    else:
        raise NotPlain
    return kept.get(raw) or _kept(of, kept, raw)


def _words(raw: Any) -> Scalar:
    if raw.__class__ is not str:
        raise NotPlain
    return Finite(frozenset({_text(raw)}))


def _coded(of: TextType, kept: dict[str, Scalar], raw: Any) -> Scalar:
    if raw.__class__ is not str or len(raw) > LONGEST_CODE:
        raise NotPlain
    return kept.get(raw) or _kept(of, kept, raw)


def _day(of: DateType, kept: dict[Any, Scalar], raw: Any) -> Scalar:
    if raw.__class__ is not str and raw.__class__ is not date:
        raise NotPlain
    return kept.get(raw) or _kept(of, kept, raw)


def _kept(of: ScalarType, kept: dict[Any, Scalar], raw: Any) -> Scalar:
    found = _exactly(of, raw)
    if len(kept) < VALUES_KEPT:
        kept[raw] = found
    return found


def _exactly(of: ScalarType, raw: Any) -> Scalar:
    found = read_scalar(of, False, raw)
    assert found is not None
    return found.value
