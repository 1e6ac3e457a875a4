"""The data dictionary of a program: every fact, on the page of its section, with the rules that read it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from typing import Literal

from safetyrules.analysis.reading import Reader, fact_readers, is_label
from safetyrules.facts.schema import Fact, Kind, PartsType, Schema
from safetyrules.program import Program
from safetyrules.text import Text

#: What a fact says of a sector. ``present``: whether it is there. ``implied``: true, or above 0, only where it is.
#: ``listed``: it has members only where the sector is. ``code``: some beginnings of a code stand for it.
Role = Literal["present", "implied", "listed", "code"]


@dataclass(frozen=True)
class SectorUse:
    """``codes`` are the beginnings that stand for the sector, in the role ``code``."""

    sector: str
    title: Text
    role: Role
    codes: tuple[str, ...] = ()


@dataclass(frozen=True)
class RulesetUse:
    """The rules of one ruleset that read a fact, and the clauses (``instrument#clause``) that these cite."""

    ruleset: str
    title: Text
    instrument: str
    rules: tuple[str, ...]
    clauses: tuple[str, ...]


@dataclass(frozen=True)
class Entry:
    """One fact. ``path`` is its name as typed in facts, from the subject on: ``dust.collectors[*].system``. ``log``
    where it is the date of the entries of a log; ``label`` where it tells one entity from another."""

    path: str
    kind: str
    fact: Fact
    sectors: tuple[SectorUse, ...]
    read_by: tuple[RulesetUse, ...]
    log: bool
    label: bool


@dataclass(frozen=True)
class Group:
    """Facts of one kind that stand together. ``list_path`` is the list in which entities of the kind live."""

    kind: str
    title: Text
    list_path: str | None
    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Page:
    """A section of the subject with the parts in its lists; what the subject has outside of sections; a register."""

    name: str
    title: Text
    groups: tuple[Group, ...]

    @property
    def entries(self) -> Iterator[Entry]:
        return (entry for group in self.groups for entry in group.entries)


def dictionary(program: Program) -> tuple[Page, ...]:
    """All facts of a program, each once: those of subjects by section, then registers whole. Parts stand on the page of
    the list that they live in."""
    making = _Making(program)
    schema = program.schema
    pages: dict[str, tuple[Text, list[Group]]] = {}
    for root in schema.roots:
        kind = schema.kinds[root]
        for group, section in making.groups(kind):
            own = section.split(".")[0] if kind.members is None else ""
            title = kind.sections[own].title if own else kind.title
            pages.setdefault(own or root, (title, []))[1].append(group)
    return tuple(Page(name, title, tuple(groups)) for name, (title, groups) in pages.items())


def chosen(pages: Iterable[Page], wanted: Callable[[Entry], bool]) -> tuple[Page, ...]:
    """The pages with those entries alone; without pages and groups that have none."""
    found: list[Page] = []
    for page in pages:
        groups = (replace(group, entries=tuple(filter(wanted, group.entries))) for group in page.groups)
        kept = tuple(group for group in groups if group.entries)
        if kept:
            found.append(replace(page, groups=kept))
    return tuple(found)


class _Making:
    def __init__(self, program: Program) -> None:
        self.linked = program.linked
        self.schema: Schema = program.schema
        self.readers = fact_readers(program.linked)
        instruments = program.linked.instruments.items()
        citations = (f"{instrument}#{clause}" for instrument, each in instruments for clause in each.clauses)
        self.order = {citation: place for place, citation in enumerate(citations)}
        self.sectors = {kind: self._sectors(kind) for kind in self.schema.roots}
        self.dates = {
            (fact.type.kind, fact.type.log)
            for kind in self.schema.kinds.values()
            for fact in kind.facts.values()
            if isinstance(fact.type, PartsType)
        }

    def groups(self, root: Kind) -> Iterator[tuple[Group, str]]:
        """The facts of a subject by section, each followed by the parts in its lists; and the section."""
        sections = dict.fromkeys(_section(fact) for fact in root.facts.values())
        for section in sorted(sections, key=bool):  # what is in no section comes first
            facts = [fact for fact in root.facts.values() if _section(fact) == section]
            title = root.sections[section].title if section else root.title
            yield self.group(root, title, None, facts), section
            for part in self.parts(root, "", facts):
                yield part, section

    def parts(self, kind: Kind, prefix: str, facts: Iterable[Fact]) -> Iterator[Group]:
        for fact in facts:
            if not isinstance(fact.type, PartsType) or fact.type.subjects:
                continue
            part, path = self.schema.kinds[fact.type.kind], f"{prefix}{fact.name}"
            yield self.group(part, part.title, path, part.facts.values())
            yield from self.parts(part, f"{path}[*].", part.facts.values())

    def group(self, kind: Kind, title: Text, path: str | None, facts: Iterable[Fact]) -> Group:
        prefix = "" if path is None else f"{path}[*]."
        return Group(kind.name, title, path, tuple(self.entry(kind, prefix, fact) for fact in facts))

    def entry(self, kind: Kind, prefix: str, fact: Fact) -> Entry:
        key = kind.name, fact.name
        return Entry(
            path=f"{prefix}{fact.name}",
            kind=kind.name,
            fact=fact,
            sectors=tuple(self.sectors.get(kind.name, {}).get(fact.name, ())),
            read_by=tuple(self.by_ruleset([*self.readers.get(key, ()), *self.shared(kind, fact)])),
            log=key in self.dates,
            label=is_label(fact),
        )

    def shared(self, kind: Kind, fact: Fact) -> Iterable[Reader]:
        """The rules on members of a register that read a fact which it shares with them."""
        if kind.members is None:
            return ()
        member, name = self.schema.kinds[self.schema.member_kind(kind.name)], f"{kind.word}.{fact.name}"
        return self.readers.get((member.name, name), ()) if member.facts.get(name) == replace(fact, name=name) else ()

    def by_ruleset(self, readers: Iterable[Reader]) -> Iterator[RulesetUse]:
        found: dict[str, list[Reader]] = {}
        for reader in readers:
            found.setdefault(reader.ruleset, []).append(reader)
        for name in sorted(found):
            ruleset = self.linked.rulesets[name]
            rules = dict.fromkeys(reader.rule for reader in found[name])
            cited = {clause for reader in found[name] for clause in reader.clauses}
            clauses = tuple(sorted(cited, key=self.order.__getitem__))
            yield RulesetUse(name, ruleset.title, ruleset.instrument, tuple(rules), clauses)

    def _sectors(self, kind: str) -> dict[str, list[SectorUse]]:
        """By fact of a subject: what it says of sectors."""
        found: dict[str, list[SectorUse]] = {}
        denials = self.schema.denials(kind)
        for sector in self.schema.sectors.values():
            if sector.present not in denials:
                continue
            evidence = denials[sector.present]
            roles: dict[Role, tuple[str, ...]] = {
                "present": (sector.present,), "implied": evidence.facts, "listed": evidence.lists,
            }  # fmt: skip
            for role, names in roles.items():
                for name in names:
                    found.setdefault(name, []).append(SectorUse(sector.name, sector.title, role))
            for name, codes in evidence.codes.items():
                found.setdefault(name, []).append(SectorUse(sector.name, sector.title, "code", codes))
        return found


def _section(fact: Fact) -> str:
    return fact.name.rpartition(".")[0]
