"""What a mapping of a document is made of: its keys, in the order they are written in, and what stands at each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from safetyrules.language.reading.names import NameShape
from safetyrules.text import Text

Simple = Literal[
    "words", "text", "expression", "outcome", "outcome or none", "citation", "literal", "number", "flag", "yes", "day",
    "word", "cell",
]  # fmt: skip


@dataclass(frozen=True)
class Words:
    """One of the words that the language defines."""

    words: tuple[str, ...]


@dataclass(frozen=True)
class Whole:
    """A whole number not below ``low``."""

    low: int


@dataclass(frozen=True)
class Items:
    """A list; with ``alone``, a single item may stand without its list."""

    of: Value
    empty: bool = False
    alone: bool = False


@dataclass(frozen=True)
class Entries:
    """A mapping whose keys the author chooses; their order counts."""

    names: NameShape
    of: Value
    least: int = 1


@dataclass(frozen=True)
class Either:
    """Any of several."""

    of: tuple[Value, ...]


@dataclass(frozen=True)
class Key:
    """A key of a mapping. ``of`` is what stands there."""

    name: str
    of: Value
    text: Text
    required: bool = False


@dataclass(frozen=True)
class Shape:
    """A mapping with known keys, in the order they are written in.

    Of each group in ``one_of`` exactly one key is given. ``beside`` names, for a key, those of which one must be given
    too; ``needs`` the keys that must be given with it; ``one_beside`` the keys of which exactly one must be.
    """

    name: str
    what: Text
    keys: tuple[Key, ...]
    one_of: tuple[tuple[str, ...], ...] = ()
    beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    needs: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    one_beside: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    @property
    def required(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if key.required)

    @property
    def others(self) -> tuple[str, ...]:
        return tuple(key.name for key in self.keys if not key.required)

    def __getitem__(self, name: str) -> Key:
        return next(key for key in self.keys if key.name == name)


@dataclass(frozen=True)
class Alternatives:
    """One of several mappings: the first of whose ``marks`` the key is given, else the last."""

    name: str
    what: Text
    shapes: tuple[tuple[str, Shape], ...]


Value = Simple | NameShape | Words | Whole | Items | Entries | Either | Shape | Alternatives
