"""What no rule reads: conclusions on the way to nothing, and facts that are asked for in vain."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from safetyrules.analysis.law import Law, nodes_of
from safetyrules.analysis.untested import expected
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.facts.schema import Fact, Kind, PartsType, TextType
from safetyrules.language import terms as t
from safetyrules.language.order import Key, sector_keys
from safetyrules.language.ruleform import LinkedProgram
from safetyrules.language.term_trees import fact_read, walk
from safetyrules.text import Text

#: A text that says which thing is meant; answers name entities by it.
NAME = "name"


@dataclass(frozen=True)
class Reader:
    """A rule that reads something, or that an overlay makes read it: then ``clauses`` (``instrument#clause``) are the
    overlay's."""

    ruleset: str
    rule: str
    clauses: tuple[str, ...]


def conclusions_unread(law: Law) -> Iterator[Diagnostic]:
    """SR0721. A finding, duty, grade or assignment is an answer; so is what a facts document declares by itself, or a
    test asks for by itself."""
    read, _ = _read(law.linked)
    read |= {key for suite in law.suites or () for case in suite.cases for key in expected(law, case)}
    for rule in law.linked.rules.values():
        key = (rule.on, rule.concludes)
        if rule.kind == "value" and key not in read and key not in law.linked.declared:
            fix = Text(
                "若供外部使用，在 facts 文档的 conclusions 中声明；否则删去",
                "declare it under `conclusions:` in a facts document if it is an answer; else drop it",
            )
            yield diagnostic("SR0721", rule.span, severity=Severity.NOTE, name=rule.concludes, fix=fix)


def facts_unread(law: Law) -> Iterator[Diagnostic]:
    """SR0722. Names, codes and places tell one subject from another, and whose law is meant; they are not judged."""
    _, read = _read(law.linked)
    about = {rule.on for rule in law.every_rule}
    schema = law.linked.schema
    deciding = {(schema.roots[0], sector.present) for sector in schema.sectors.values()} if schema.roots else set()
    for kind in schema.kinds.values():
        if _listed_in_vain(law.linked, kind, read, about):
            continue  # the list is told
        for fact in kind.facts.values():
            if (kind.name, fact.name) in read or (kind.name, fact.name) in deciding or is_label(fact):
                continue
            if isinstance(fact.type, PartsType) and (
                fact.type.subjects or _asked(law.linked, fact.type.kind, read, about)
            ):
                continue
            yield diagnostic("SR0722", fact.span, severity=Severity.NOTE, name=fact.name, kind=kind.name)


def is_label(fact: Fact) -> bool:
    """Does it tell one entity from another, or say whose law is meant?"""
    return isinstance(fact.type, TextType) and (fact.type.code is not None or fact.name.rpartition(".")[2] == NAME)


def _asked(linked: LinkedProgram, kind: str, read: set[Key], about: set[str]) -> bool:
    """Is a rule on parts of this kind, or on parts of these, or is a fact of them read?"""
    if kind in about or any(on == kind for on, _ in read):
        return True
    return any(_asked(linked, part.name, read, about) for part in linked.schema.parts(kind))


def _listed_in_vain(linked: LinkedProgram, kind: Kind, read: set[Key], about: set[str]) -> bool:
    return kind.parent is not None and not _asked(linked, kind.name, read, about)


def fact_readers(linked: LinkedProgram) -> dict[Key, list[Reader]]:
    """By fact (kind, name), the rules that read it, each once, in the order of the program."""
    found: dict[Key, dict[tuple[str, str], Reader]] = {}
    for reader, nodes in _nodes(linked):
        for fact in filter(None, map(fact_read, nodes)):
            found.setdefault(fact, {}).setdefault((reader.ruleset, reader.rule), reader)
    return {fact: list(readers.values()) for fact, readers in found.items()}


def _nodes(linked: LinkedProgram) -> Iterator[tuple[Reader, Iterable[object]]]:
    for rule in linked.rules.values():
        yield Reader(rule.ruleset, rule.id, rule.clauses), nodes_of(rule)
    for overlay in linked.overlays:
        if overlay.rule is not None:
            yield Reader(overlay.rule.ruleset, overlay.target, overlay.clauses), nodes_of(overlay.rule)
        if overlay.when is not None:
            yield Reader(linked.rules[overlay.target].ruleset, overlay.target, overlay.clauses), walk(overlay.when)


def _read(linked: LinkedProgram) -> tuple[set[Key], set[Key]]:
    """The conclusions and the facts that rules, overlays and the language itself read."""
    conclusions: set[Key] = set(sector_keys(linked.schema))
    for _, nodes in _nodes(linked):
        conclusions.update((n.entity.kind, n.conclusion) for n in nodes if isinstance(n, t.ConclusionValue))
    facts = set(fact_readers(linked))
    for kind in linked.schema.kinds.values():
        for fact in kind.facts.values():
            if isinstance(fact.type, PartsType) and fact.type.log is not None:
                facts.add((fact.type.kind, fact.type.log))
    return conclusions, facts
