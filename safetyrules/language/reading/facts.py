"""Facts documents: sectors, scales, choice sets, kinds with their facts, declared conclusions."""

from __future__ import annotations

from functools import partial
from typing import Literal

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

Worse = Literal["first", "last", "none"]
_WORSE: tuple[Worse, ...] = ("first", "last", "none")


def read_facts(reading: Reading, root: MappingNode) -> FactsDocument:
    place = Text("事实文档", "a facts document")
    fields = reading.fields(root, place, ("facts",), ("sector", "scales", "choices", "kinds", "conclusions"))
    scales = [_scale(reading, key, node) for key, node in reading.entries(fields["scales"])]
    choices = [_choice_set(reading, key, node) for key, node in reading.entries(fields["choices"])]
    return FactsDocument(
        name=reading.name(fields["facts"], DOCUMENT_NAME),
        sector=optional(fields["sector"], partial(_sector, reading)),
        choice_sets=(*scales, *choices),
        kinds=tuple(_kind(reading, key, node) for key, node in reading.entries(fields["kinds"])),
        conclusions=tuple(_conclusion(reading, key, node) for key, node in reading.entries(fields["conclusions"])),
    )


def _sector(reading: Reading, node: Node) -> SectorDocument:
    fields = reading.fields(node, Text("行业领域", "a sector"), ("name", "title", "present"), ("grade",))
    return SectorDocument(
        name=reading.name(fields["name"], NAME),
        title=reading.text(fields["title"]),
        present=reading.name(fields["present"], DOTTED_NAME),
        grade=optional(fields["grade"], lambda grade: reading.name(grade, DOTTED_NAME)),
        span=node.span,
    )


def _scale(reading: Reading, key: ScalarNode, node: Node) -> ChoiceSetDocument:
    fields = reading.fields(node, Text("等级", "a scale"), ("title", "worse", "levels"))
    worse = fields["worse"]
    return ChoiceSetDocument(
        name=reading.key_name(key, NAME),
        title=reading.text(fields["title"]),
        levels=read_levels(reading, fields["levels"]),
        scale=True,
        worse=reading.one_of(worse, _WORSE, Text("更差的一端", "the worse end")) if worse is not None else "none",
    )


def _choice_set(reading: Reading, key: ScalarNode, node: Node) -> ChoiceSetDocument:
    fields = reading.fields(node, Text("取值集合", "a choice set"), ("title", "of"))
    return ChoiceSetDocument(
        name=reading.key_name(key, NAME),
        title=reading.text(fields["title"]),
        levels=read_levels(reading, fields["of"]),
        scale=False,
    )


def _kind(reading: Reading, key: ScalarNode, node: Node) -> KindDocument:
    fields = reading.fields(node, Text("实体类型", "a kind"), (), ("title", "root", "facts", "sections"))
    return KindDocument(
        name=reading.key_name(key, DOTTED_NAME),
        title=optional(fields["title"], reading.text),
        root=reading.flag(fields["root"]),
        facts=_facts(reading, fields["facts"]),
        sections=tuple(_section(reading, name, section) for name, section in reading.entries(fields["sections"])),
    )


def _section(reading: Reading, key: ScalarNode, node: Node) -> SectionDocument:
    fields = reading.fields(node, Text("分区", "a section"), ("facts",), ("title",))
    return SectionDocument(
        name=reading.key_name(key, NAME),
        title=optional(fields["title"], reading.text),
        facts=_facts(reading, fields["facts"]),
    )


def _facts(reading: Reading, node: Node | None) -> tuple[FactDocument, ...]:
    return tuple(_fact(reading, key, fact) for key, fact in reading.entries(node))


def _fact(reading: Reading, key: ScalarNode, node: Node) -> FactDocument:
    fields = reading.fields(
        node,
        Text("事实", "a fact"),
        ("type", "title"),
        ("of", "unit", "help", "minimum", "maximum", "may_not_apply", "log", "shared"),
    )
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
    fields = reading.fields(node, Text("结论声明", "a conclusion"), ("on", "type", "title"), ("of", "unit", "open"))
    return ConclusionDocument(
        name=reading.key_name(key, DOTTED_NAME),
        on=reading.name(fields["on"], DOTTED_NAME),
        type=read_type(reading, fields["type"], fields),
        title=reading.text(fields["title"]),
        open=reading.flag(fields["open"]),
    )
