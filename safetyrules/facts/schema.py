"""What facts exist: kinds of entities, their facts, and the types of those facts. Resolved and frozen.

Built from the facts documents by `safetyrules.language.declare`; read by the input models, the check pass and the
engines.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from functools import cached_property
from typing import Literal

from safetyrules.diagnostics import Span
from safetyrules.text import Text
from safetyrules.units import Unit


@dataclass(frozen=True, slots=True)
class BooleanType:
    pass


@dataclass(frozen=True, slots=True)
class NumberType:
    """An exact rational, or an integer, within inclusive declared bounds (None: unbounded)."""

    unit: Unit | None = None
    integer: bool = False
    minimum: Fraction | None = None
    maximum: Fraction | None = None


@dataclass(frozen=True, slots=True)
class DateType:
    pass


CodeName = Literal["credit_code", "place", "industry"]


@dataclass(frozen=True, slots=True)
class TextType:
    """Free text, or a validated code."""

    code: CodeName | None = None


@dataclass(frozen=True, slots=True)
class ChoiceType:
    """One of a closed list of values. A scale is ordered from first to last; ``worse`` names its worse end."""

    name: str
    members: tuple[str, ...]
    titles: tuple[Text, ...]
    scale: bool = False
    worse: Literal["first", "last", "none"] = "none"


@dataclass(frozen=True, slots=True)
class PartsType:
    """A list of parts of one kind; a log names the date fact of its entries. Where they are ``subjects`` of their
    own, the list makes a register of the kind that has it."""

    kind: str
    log: str | None = None
    subjects: bool = False


@dataclass(frozen=True, slots=True)
class ValuesType:
    """A list of scalar values."""

    item: ScalarType


ScalarType = BooleanType | NumberType | DateType | TextType | ChoiceType
FactType = ScalarType | PartsType | ValuesType
TypeName = Literal["boolean", "number", "integer", "text", "date", "choice"]


def type_name(of: ScalarType) -> TypeName:
    """The word for a type in documents."""
    match of:
        case BooleanType():
            return "boolean"
        case NumberType(integer=integer):
            return "integer" if integer else "number"
        case DateType():
            return "date"
        case TextType():
            return "text"
        case ChoiceType():
            return "choice"


@dataclass(frozen=True, slots=True)
class Fact:
    """One declared fact. ``name`` is its dotted path inside its entity (``dust.hazard_present``)."""

    name: str
    type: FactType
    title: Text
    help: Text | None = None
    may_not_apply: bool = False
    span: Span | None = field(default=None, compare=False)


@dataclass(frozen=True, slots=True)
class Section:
    """A structure inside an entity; its facts have names that begin with ``name.``."""

    name: str
    title: Text


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of entity. A part has a ``parent`` kind and the ``parent_fact`` (a list) that holds it."""

    name: str
    title: Text
    root: bool
    facts: Mapping[str, Fact]
    sections: Mapping[str, Section] = field(default_factory=dict)
    parent: str | None = None
    parent_fact: str | None = None

    @property
    def word(self) -> str:
        """How rules on its parts name it: the last word (``unit`` for ``hazmat.unit``)."""
        return self.name.rsplit(".", 1)[-1]

    @property
    def members(self) -> Fact | None:
        """Of a register, the list of its members; None where the kind is no register."""
        return next((f for f in self.facts.values() if isinstance(f.type, PartsType) and f.type.subjects), None)


@dataclass(frozen=True, slots=True)
class Sector:
    """``implied_by``: facts that are there only where the sector is (a boolean that is true, a number above 0);
    ``codes``: by fact, the beginnings of codes that stand for it."""

    name: str
    title: Text
    present: str
    grade: str | None
    implied_by: tuple[str, ...] = ()
    codes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What speaks against the denial of a sector: lists with members, booleans that are true and numbers above 0, codes
    that begin so."""

    lists: tuple[str, ...]
    facts: tuple[str, ...]
    codes: Mapping[str, tuple[str, ...]]

    @property
    def names(self) -> tuple[str, ...]:
        return (*self.lists, *self.facts, *self.codes)


@dataclass(frozen=True)
class Schema:
    """All kinds, choice sets and sectors of a program."""

    kinds: Mapping[str, Kind]
    choice_sets: Mapping[str, ChoiceType]
    sectors: Mapping[str, Sector]

    @cached_property
    def roots(self) -> tuple[str, ...]:
        """The kinds that are subjects; registers come last, so that the first is what is meant where none is named."""
        kinds = [kind for kind in self.kinds.values() if kind.root]
        return tuple(kind.name for kind in sorted(kinds, key=lambda kind: kind.members is not None))

    @cached_property
    def names(self) -> str:
        """The names of all kinds and their facts, in order."""
        return "\n".join(f"{kind.name}: {' '.join(kind.facts)}" for kind in self.kinds.values())

    def register(self, kind: str) -> str | None:
        """The register that ``kind`` is, or is a part of."""
        root = self.chain(kind)[-1].name
        return root if root in self.registers else None

    @cached_property
    def registers(self) -> frozenset[str]:
        """The kinds of subjects that have members."""
        return frozenset(name for name in self.roots if self.kinds[name].members is not None)

    def member_kind(self, register: str) -> str:
        """The kind of a register's members."""
        fact = self.kinds[register].members
        assert fact is not None
        assert isinstance(fact.type, PartsType)
        return fact.type.kind

    def chain(self, kind: str) -> tuple[Kind, ...]:
        """The kind and its ancestors, nearest first."""
        found = [self.kinds[kind]]
        while found[-1].parent is not None:
            found.append(self.kinds[found[-1].parent])
        return tuple(found)

    def denials(self, kind: str) -> Mapping[str, Evidence]:
        """For each fact of ``kind`` that says whether a sector is present, what must not be so where it is denied.

        A denial beside listed parts (of the same section), or beside what implies the sector, would make a hazard look
        clean.
        """
        return self._denials.get(kind, {})

    @cached_property
    def _denials(self) -> Mapping[str, Mapping[str, Evidence]]:
        found: dict[str, dict[str, Evidence]] = {}
        for sector in self.sectors.values():
            section = sector.present.rpartition(".")[0]
            for kind in self.kinds.values():
                if sector.present in kind.facts:
                    lists = tuple(
                        fact.name
                        for fact in kind.facts.values()
                        if section
                        and isinstance(fact.type, PartsType | ValuesType)
                        and fact.name.startswith(f"{section}.")
                    )
                    evidence = Evidence(lists, sector.implied_by, sector.codes)
                    found.setdefault(kind.name, {})[sector.present] = evidence
        return found

    def parts(self, kind: str) -> tuple[Kind, ...]:
        """The kinds whose entities live directly in a list of ``kind``."""
        return tuple(k for k in self.kinds.values() if k.parent == kind)
