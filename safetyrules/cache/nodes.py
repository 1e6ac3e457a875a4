"""Frozen data as a table of numbered nodes, and back.

A node is a value or an object of a registered class; its fields are the numbers of earlier nodes. Equal nodes are one,
and nodes of one class and one height lie together, field after field, so that reading them back is a few calls for
thousands of nodes. Whoever reads gets values and objects of registered classes, or `DamagedError`: a table cannot name
anything else, and nothing in it is run.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import fields, is_dataclass
from datetime import date
from enum import Enum
from fractions import Fraction
from itertools import accumulate, chain, repeat
from operator import attrgetter
from types import MappingProxyType
from typing import Any

#: The nodes that every table begins with.
_ALWAYS: tuple[Any, ...] = (None, False, True)
#: The kinds of height 0, in the order in which a table has them.
_FIRST = ("always", "given", "string", "integer")
_LEAVES: dict[type, str] = {str: "string", int: "integer"}
_ITEM_BYTES = 4


class UnstorableError(Exception):
    """The data holds something that no table can hold."""


class DamagedError(Exception):
    """This is no table, or none of these classes."""


class Registry:
    """The classes that nodes may have, by name, and the functions that may be named in them."""

    def __init__(self, classes: Iterable[type], functions: Iterable[Callable[..., Any]] = ()) -> None:
        self.shapes = {each.__name__: _Shape(each) for each in classes}
        self.functions = {each.__name__: each for each in functions}


class _Shape:
    """How objects of one class are taken apart and made."""

    def __init__(self, of: type) -> None:
        self.of = of
        self.names: tuple[str, ...]
        if is_dataclass(of):
            self.names = tuple(each.name for each in fields(of))
        elif issubclass(of, Enum):
            self.names = ("value",)
        else:
            self.names = tuple(getattr(of, "_fields", None) or of.__dict__["__slots__"])
        self._several = attrgetter(*self.names) if len(self.names) > 1 else None
        #: Nothing but slots, and a constructor that does no more than fill them.
        self.slotted = bool(of.__dict__.get("__slots__")) and not hasattr(of, "__post_init__")

    def parts(self, value: object) -> Sequence[object]:
        if self._several is not None:
            return self._several(value)
        return [getattr(value, name) for name in self.names]

    def make(self, columns: Sequence[list[Any]], count: int) -> Iterable[Any]:
        """Objects with these fields. Those of classes with slots are filled without their constructors, which only do
        the same, one by one: there are tens of thousands."""
        if self.slotted:
            made: list[Any] = list(map(object.__new__, repeat(self.of, count)))
            for name, column in zip(self.names, columns, strict=True):
                deque(map(self.of.__dict__[name].__set__, made, column), 0)
            return made
        if not columns:
            return [self.of() for _ in range(count)]
        return map(self.of, *columns)


# ---- writing ---------------------------------------------------------------------------------------------------------


def write_table(root: object, registry: Registry, given: Sequence[object] = ()) -> bytes:
    """The table of ``root``, without the objects in ``given``: whoever reads has those. Raises UnstorableError."""
    try:
        return _Writing(registry, given).table(root)
    except ValueError as error:  # an integer of too many digits for text
        raise UnstorableError(str(error)) from error


class _Writing:
    def __init__(self, registry: Registry, given: Sequence[object]) -> None:
        self.registry = registry
        self.kinds: list[str] = []
        self.parts: list[tuple[int, ...]] = []
        self.heights: list[int] = []
        self.values: list[object] = []
        self.known: dict[tuple[object, ...], int] = {}
        self.of_object: dict[int, int] = {}
        self.held: list[object] = []  # so that no id is used twice
        for value in _ALWAYS:
            self._node("always", repr(value), value)
        for each in given:
            self.of_object.setdefault(id(each), self._node("given", id(each), None))

    def table(self, root: object) -> bytes:
        last = self._add(root)
        ranks = {kind: _rank(kind) for kind in set(self.kinds)}
        order = sorted(range(len(self.kinds)), key=lambda node: (self.heights[node], ranks[self.kinds[node]], node))
        number = [0] * len(order)
        for place, node in enumerate(order):
            number[node] = place
        strings = [self.values[node] for node in order if self.kinds[node] == "string"]
        integers = [self.values[node] for node in order if self.kinds[node] == "integer"]
        groups: list[tuple[str, int, int]] = []
        columns = array("I")
        for kind, members in self._groups(order):
            parts = [self.parts[node] for node in members]
            if kind in self.registry.shapes:
                groups.append((kind, len(members), 0))
                inside = chain.from_iterable(zip(*parts, strict=True))
            else:
                columns.extend(map(len, parts))
                groups.append((kind, len(members), sum(map(len, parts))))
                inside = chain.from_iterable(parts)
            columns.extend(map(number.__getitem__, inside))
        if columns.itemsize != _ITEM_BYTES:
            raise UnstorableError("no array of 32-bit integers here")
        if sys.byteorder == "big":
            columns.byteswap()
        head = json.dumps([strings, integers, groups, number[last]], separators=(",", ":")).encode("ascii")
        return len(head).to_bytes(8, "little") + head + columns.tobytes()

    def _groups(self, order: list[int]) -> Iterator[tuple[str, list[int]]]:
        members: list[int] = []
        for node in order:
            if self.heights[node] == 0:
                continue
            if members and (self.kinds[node], self.heights[node]) != (self.kinds[members[0]], self.heights[members[0]]):
                yield self.kinds[members[0]], members
                members = []
            members.append(node)
        if members:
            yield self.kinds[members[0]], members

    def _add(self, root: object) -> int:
        """The number of ``root``, after those of all that is in it; without recursion, for trees may be deep."""
        pending: list[tuple[object, str, Sequence[object] | None]] = [(root, "", None)]
        entered: set[int] = set()
        known = self.of_object
        while pending:
            value, kind, inside = pending.pop()
            if id(value) in known:
                continue
            if inside is None:
                if id(value) in entered:
                    raise UnstorableError("it holds itself")
                entered.add(id(value))
                kind, inside = self._apart(value)
                pending.append((value, kind, inside))
                for each in inside:
                    if id(each) not in known:
                        leaf = _LEAVES.get(each.__class__)
                        if leaf is None:
                            pending.append((each, "", None))
                        else:
                            known[id(each)] = self._node(leaf, each, each)
                            self.held.append(each)
                continue
            known[id(value)] = self._enter(kind, value, inside)
            self.held.append(value)
        return known[id(root)]

    def _enter(self, kind: str, value: object, inside: Sequence[object]) -> int:
        if kind in _FIRST:
            return self._node(kind, repr(value) if kind == "always" else value, value)
        parts = tuple([self.of_object[id(each)] for each in inside])
        if kind in ("frozenset", "set"):
            parts = tuple(sorted(parts))
        return self._node(kind, parts, None, parts)

    def _node(self, kind: str, key: object, value: object, parts: tuple[int, ...] = ()) -> int:
        known = self.known.get((kind, key))
        if known is not None:
            return known
        number = self.known[kind, key] = len(self.kinds)
        self.kinds.append(kind)
        self.values.append(value)
        self.parts.append(parts)
        heights = self.heights
        heights.append(0 if kind in _FIRST else 1 + max([heights[part] for part in parts], default=0))
        return number

    def _apart(self, value: Any) -> tuple[str, Sequence[object]]:
        """The kind of a value and what it is made of."""
        of = value.__class__
        if value is None or of is bool:
            return "always", ()
        if of is str:
            return "string", ()
        if of is int:
            return "integer", ()
        shape = self.registry.shapes.get(of.__name__)
        if shape is not None and shape.of is of:
            return of.__name__, shape.parts(value)
        if of is tuple or of is frozenset or of is set:
            return of.__name__, tuple(value)
        if of is dict or of is MappingProxyType:
            return "dict", [*value, *value.values()]
        if of is list:
            return "list", value
        if of is Fraction:
            return "fraction", (value.numerator, value.denominator)
        if of is date:
            return "date", (value.toordinal(),)
        name = getattr(value, "__name__", "")
        if name and self.registry.functions.get(name) is value:
            return "function", (name,)
        if of is float:
            return "float", (value.hex(),)
        raise UnstorableError(f"{of.__module__}.{of.__qualname__}")


def _rank(kind: str) -> tuple[int, str]:
    return (_FIRST.index(kind), "") if kind in _FIRST else (len(_FIRST), kind)


# ---- reading ---------------------------------------------------------------------------------------------------------


def read_table(content: bytes | memoryview, registry: Registry, given: Sequence[object] = ()) -> Any:
    """What `write_table` was given. Raises DamagedError."""
    try:
        return _read(memoryview(content), registry, given)
    except (ValueError, TypeError, KeyError, IndexError, OverflowError, ArithmeticError, RecursionError) as error:
        raise DamagedError(f"{type(error).__name__}: {error}") from error


def _read(content: memoryview, registry: Registry, given: Sequence[object]) -> Any:
    start = 8 + int.from_bytes(content[:8], "little")
    strings, integers, groups, root = json.loads(bytes(content[8:start]))
    columns = array("I")
    columns.frombytes(content[start:])
    if sys.byteorder == "big":
        columns.byteswap()
    _only(strings, str)
    _only(integers, int)
    nodes: list[Any] = [*_ALWAYS, *given, *strings, *integers]
    at = 0
    for kind, count, inside in groups:
        shape = registry.shapes.get(kind)
        size = count * len(shape.names) if shape is not None else count + inside
        numbers = columns[at : at + size]
        at += size
        parts = numbers if shape is not None else numbers[count:]
        if len(numbers) != size or (parts and max(parts) >= len(nodes)):
            raise ValueError(f"{kind} names what is not there")
        values = list(map(nodes.__getitem__, parts))
        if shape is not None:
            nodes.extend(shape.make([values[i : i + count] for i in range(0, size, count or 1)], count))
        else:
            nodes.extend(_plain(kind, numbers[:count], values, registry))
    if at != len(columns):
        raise ValueError("more numbers than nodes")
    return nodes[root]


def _only(values: object, of: type) -> None:
    if not isinstance(values, list) or not set(map(type, values)) <= {of}:
        raise ValueError(f"not a list of {of.__name__}")


def _plain(kind: str, lengths: Sequence[int], values: list[Any], registry: Registry) -> Iterable[Any]:
    ends = list(accumulate(lengths))
    if (ends[-1] if ends else 0) != len(values):
        raise ValueError("lengths do not add up")
    members = (values[end - length : end] for end, length in zip(ends, lengths, strict=True))
    match kind:
        case "tuple":
            return map(tuple, members)
        case "list":
            return members
        case "frozenset":
            return map(frozenset, members)
        case "set":
            return map(set, members)
        case "dict":
            return (dict(zip(each[: len(each) // 2], each[len(each) // 2 :], strict=True)) for each in members)
        case "fraction":
            return (Fraction(*each) for each in members)
        case "date":
            return (date.fromordinal(*each) for each in members)
        case "float":
            return (float.fromhex(*each) for each in members)
        case "function":
            return (registry.functions[name] for (name,) in members)
    raise ValueError(f"no class {kind!r}")
