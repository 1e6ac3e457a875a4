"""Facts documents: sectors, scales, choice sets, kinds with their facts, declared conclusions."""

from __future__ import annotations

from functools import partial

from safetyrules.language import document_keys as keys
from safetyrules.language.document import (
    ChoiceSetDocument,
    ConclusionDocument,
    FactDocument,
    FactsDocument,
    KindDocument,
    SectionDocument,
    SectorDocument,
)
from safetyrules.language.reading.names import DOCUMENT_NAME, DOTTED_NAME, NAME
from safetyrules.language.reading.shapes import Reading, optional
from safetyrules.language.reading.types import read_levels, read_type
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode
from safetyrules.text import Text


def read_facts(reading: Reading, root: MappingNode) -> FactsDocument:
    fields = reading.mapping(root, keys.FACTS)
    scales = [_scale(reading, key, node) for key, node in reading.entries(fields["scales"])]
    choices = [_choice_set(reading, key, node) for key, node in reading.entries(fields["choices"])]
    return FactsDocument(
        name=reading.name(fields["facts"], DOCUMENT_NAME),
        sector=optional(fields["sector"], partial(_sector, reading)),
        choice_sets=(*scales, *choices),
        kinds=tuple(_kind(reading, key, node) for key, node in reading.entries(fields["kinds"])),
        conclusions=tuple(_conclusion(reading, key, node) for key, node in reading.entries(fields["conclusions"])),
    )


_CODE = Text("代码的开头，加引号", "the beginning of a code, quoted")


def _sector(reading: Reading, node: Node) -> SectorDocument:
    fields = reading.mapping(node, keys.SECTOR)
    return SectorDocument(
        name=reading.name(fields["name"], NAME),
        title=reading.text(fields["title"]),
        present=reading.name(fields["present"], DOTTED_NAME),
        implied_by=tuple(reading.name(item, DOTTED_NAME) for item in reading.items(fields["implied_by"])),
        codes=tuple(
            (reading.key_name(key, DOTTED_NAME), tuple(reading.word(code, _CODE) for code in reading.items(codes)))
            for key, codes in reading.entries(fields["codes"])
        ),
        grade=optional(fields["grade"], lambda grade: reading.name(grade, DOTTED_NAME)),
        span=node.span,
    )


def _scale(reading: Reading, key: ScalarNode, node: Node) -> ChoiceSetDocument:
    fields = reading.mapping(node, keys.SCALE)
    worse = fields["worse"]
    return ChoiceSetDocument(
        name=reading.key_name(key, NAME),
        title=reading.text(fields["title"]),
        levels=read_levels(reading, fields["levels"]),
        scale=True,
        worse=reading.one_of(worse, keys.WORSE, Text("更差的一端", "the worse end")) if worse is not None else "none",
    )


def _choice_set(reading: Reading, key: ScalarNode, node: Node) -> ChoiceSetDocument:
    fields = reading.mapping(node, keys.CHOICE_SET)
    return ChoiceSetDocument(
        name=reading.key_name(key, NAME),
        title=reading.text(fields["title"]),
        levels=read_levels(reading, fields["of"]),
        scale=False,
    )


def _kind(reading: Reading, key: ScalarNode, node: Node) -> KindDocument:
    fields = reading.mapping(node, keys.KIND)
    return KindDocument(
        name=reading.key_name(key, DOTTED_NAME),
        title=optional(fields["title"], reading.text),
        root=reading.flag(fields["root"]),
        facts=_facts(reading, fields["facts"]),
        sections=tuple(_section(reading, name, section) for name, section in reading.entries(fields["sections"])),
    )


def _section(reading: Reading, key: ScalarNode, node: Node) -> SectionDocument:
    fields = reading.mapping(node, keys.SECTION)
    return SectionDocument(
        name=reading.key_name(key, NAME),
        title=optional(fields["title"], reading.text),
        facts=_facts(reading, fields["facts"]),
    )


def _facts(reading: Reading, node: Node | None) -> tuple[FactDocument, ...]:
    return tuple(_fact(reading, key, fact) for key, fact in reading.entries(node))


def _fact(reading: Reading, key: ScalarNode, node: Node) -> FactDocument:
    fields = reading.mapping(node, keys.FACT)
    return FactDocument(
        name=reading.key_name(key, NAME),
        type=read_type(reading, fields["type"], fields),
        title=reading.text(fields["title"]),
        help=optional(fields["help"], reading.text),
        minimum=optional(fields["minimum"], reading.number),
        maximum=optional(fields["maximum"], reading.number),
        may_not_apply=reading.flag(fields["may_not_apply"]),
        log=optional(fields["log"], lambda log: reading.name(log, DOTTED_NAME)),
        shared=reading.flag(fields["shared"]),
    )


def _conclusion(reading: Reading, key: ScalarNode, node: Node) -> ConclusionDocument:
    fields = reading.mapping(node, keys.CONCLUSION)
    return ConclusionDocument(
        name=reading.key_name(key, DOTTED_NAME),
        on=reading.name(fields["on"], DOTTED_NAME),
        type=read_type(reading, fields["type"], fields),
        title=reading.text(fields["title"]),
        open=reading.flag(fields["open"]),
    )
