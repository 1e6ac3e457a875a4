"""Strict YAML: text to a tree of nodes with places, or every reason why not.

YAML has many ways to say one thing and several to say what nobody meant; we read the part whose meaning can be seen:
mappings, lists and scalars. Everything else is refused by name.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import yaml

from safetyrules.diagnostics import Diagnostic, RulesetError, Span, diagnostic
from safetyrules.language.limits import LIMITS, Limits
from safetyrules.language.lookalikes import ascii_fix, first_lookalike, with_ascii
from safetyrules.language.source_text import SourceText, invisible_in_value, source_text
from safetyrules.language.yaml_nodes import (
    MappingNode,
    Node,
    ScalarNode,
    ScalarStyle,
    ScalarValue,
    SequenceNode,
    resolve_scalar,
    to_plain,
)
from safetyrules.language.yaml_syntax import syntax_problem
from safetyrules.text import Text

__all__ = [
    "LIMITS",
    "MOST_PROBLEMS",
    "Limits",
    "MappingNode",
    "Node",
    "ParsedYaml",
    "ScalarNode",
    "SequenceNode",
    "load_yaml",
    "parse_yaml",
    "to_plain",
]


MOST_PROBLEMS: Final = 200
_UP_TO_SPACE = re.compile(r"\S*")

# Problems after which the tree still says what the author meant, so that its contents are worth checking too.
_HARMLESS = frozenset({"SR0112", "SR0113", "SR0116"})
_STYLES: dict[str, ScalarStyle] = {"": "plain", "'": "single", '"': "double", "|": "literal", ">": "folded"}
_PARSER: Final[Callable[[str], Any]] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class ParsedYaml:
    """The tree as far as it could be read, and its problems."""

    root: Node | None
    problems: tuple[Diagnostic, ...]

    @property
    def readable(self) -> bool:
        """Is the tree whole, so that further checks would not report what is already reported?"""
        return self.root is not None and all(problem.code in _HARMLESS for problem in self.problems)


def load_yaml(content: str | bytes, source_name: str, limits: Limits = LIMITS) -> Node:
    """The node tree of ``content``; raises `RulesetError` listing every problem."""
    parsed = parse_yaml(content, source_name, limits)
    if parsed.root is None or parsed.problems:
        raise RulesetError(parsed.problems)
    return parsed.root


def parse_yaml(
    content: str | bytes, source_name: str, limits: Limits = LIMITS, parser: Callable[[str], Any] = _PARSER
) -> ParsedYaml:
    """The node tree of ``content`` with its problems; ``parser`` makes a PyYAML event source of a text."""
    try:
        source = source_text(content, source_name, limits.bytes)
    except RulesetError as error:
        return ParsedYaml(None, error.diagnostics)
    composer = _Composer(source, limits, parser(source.text).get_event)
    root: Node | None = None
    try:
        root = composer.document()
    except yaml.YAMLError as error:
        composer.problems.append(syntax_problem(error, source))
    except _LimitReachedError:
        root = None
    ordered = sorted(composer.problems, key=lambda problem: problem.span or Span(source_name, 0, 0, 0, 0))
    return ParsedYaml(root, tuple(ordered))


class _LimitReachedError(Exception):
    """The rest of the text is not read; the problem is already recorded."""


class _Composer:
    """Builds the tree from parser events, recording problems as it goes."""

    def __init__(self, source: SourceText, limits: Limits, next_event: Callable[[], Any]) -> None:
        self.source = source
        self.limits = limits
        self.next_event = next_event
        self.problems: list[Diagnostic] = []
        self.nodes = 0

    def document(self) -> Node | None:
        """The root of the only document of the stream."""
        self.next_event()
        event = self.next_event()
        if type(event) is yaml.StreamEndEvent:
            self.report("SR0111", Span(self.source.name, 1, 1, 1, 1))
            return None
        if event.tags:
            fix = Text("删除 %TAG 一行", "delete the %TAG line")
            self.report("SR0108", self.span_of(event), fix=fix, tag=", ".join(sorted(event.tags)))
        first = self.next_event()
        if type(first) is yaml.ScalarEvent and not first.value and not first.style and not first.tag:
            self.report("SR0111", Span(self.source.name, 1, 1, 1, 1))
            return None
        root = self.node(first, 1)
        self.next_event()
        after = self.next_event()
        if type(after) is not yaml.StreamEndEvent:
            self.report(
                "SR0110",
                self.span_of(after),
                fix=Text("一个文件只写一个文档", "put each document into a file of its own"),
            )
        return root

    def node(self, event: Any, depth: int) -> Node:
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            self.report("SR0105", self.span_of(event), limit=self.limits.nodes)
            raise _LimitReachedError
        kind = type(event)
        if kind is yaml.AliasEvent:
            self.report("SR0107", self.span_of(event), fix=_write_out(), name=event.anchor)
            return ScalarNode("", None, "plain", self.span_of(event), 0, 0, self.source)
        if event.anchor is not None:
            self.report("SR0106", self.properties_span(event), fix=_write_out(), name=event.anchor)
        if event.tag is not None:
            self.report(
                "SR0108",
                self.properties_span(event),
                fix=Text(
                    "删除标签；若“!”是表达式的一部分，给表达式加单引号",
                    "delete the tag; if the ! belongs to an expression, put the expression in single quotes",
                ),
                tag=event.tag,
            )
        if kind is yaml.ScalarEvent:
            return self.scalar(event)
        if depth > self.limits.depth:
            self.report("SR0104", self.span_of(event), limit=self.limits.depth)
            raise _LimitReachedError
        return self.sequence(event, depth) if kind is yaml.SequenceStartEvent else self.mapping(event, depth)

    def scalar(self, event: Any, *, key: bool = False) -> ScalarNode:
        style = _STYLES[event.style or ""]
        text: str = event.value
        start, end = event.start_mark.index, event.end_mark.index
        if style in ("literal", "folded"):
            end = start + len(self.source.text[start:end].rstrip())
            span = self.source.span(start, end)
        else:
            span = self.span_of(event)
        value: ScalarValue = text
        if style == "plain" and not key:
            value, problem = resolve_scalar(text)
            if problem is not None:
                self.report(problem, span, found=text, fix=_SCALAR_FIXES[problem])
        elif style == "double" and (invisible := invisible_in_value(text, span)):
            self.add(invisible)
        return ScalarNode(text, value, style, span, start, end, self.source)

    def sequence(self, event: Any, depth: int) -> SequenceNode:
        items: list[Node] = []
        item = self.next_event()
        while type(item) is not yaml.SequenceEndEvent:
            items.append(self.node(item, depth + 1))
            item = self.next_event()
        return SequenceNode(tuple(items), self.collection_span(event, item, items[-1] if items else None))

    def mapping(self, event: Any, depth: int) -> MappingNode:
        entries: list[tuple[ScalarNode, Node]] = []
        seen: dict[str, ScalarNode] = {}
        folded: dict[str, ScalarNode] = {}
        item = self.next_event()
        while type(item) is not yaml.MappingEndEvent:
            key = self.key(item, depth)
            value = self.node(self.next_event(), depth + 1)
            if key is not None and self.is_new(key, seen, folded):
                entries.append((key, value))
            item = self.next_event()
        return MappingNode(tuple(entries), self.collection_span(event, item, entries[-1][1] if entries else None))

    def key(self, event: Any, depth: int) -> ScalarNode | None:
        """The key that starts at ``event``, or None where it is refused."""
        if type(event) is not yaml.ScalarEvent or event.anchor is not None or event.tag is not None:
            node = self.node(event, depth + 1)
            if not isinstance(node, ScalarNode):
                self.report("SR0114", node.span)
            return None
        self.nodes += 1
        key = self.scalar(event, key=True)
        if key.style in ("literal", "folded") or not key.text:
            self.report("SR0114", key.span)
            return None
        if key.style != "plain":
            return key
        if key.text == "<<":
            self.report("SR0109", key.span, fix=_write_out())
            return None
        if first_lookalike(key.text) is None:
            return key
        self.report("SR0116", key.span, found=key.text, fix=ascii_fix(key.text))
        fixed = with_ascii(key.text).strip(" \"'")
        return ScalarNode(fixed, fixed, key.style, key.span, key.start, key.end, key.source)

    def is_new(self, key: ScalarNode, seen: dict[str, ScalarNode], folded: dict[str, ScalarNode]) -> bool:
        """Records ``key``; False, with a problem, where the mapping has it already."""
        first = seen.setdefault(key.text, key)
        if first is not key:
            self.report(
                "SR0112", key.span, related=[(first.span, Text("第一次在这里", "first given here"))], key=key.text
            )
            return False
        other = folded.setdefault(key.text.casefold(), key)
        if other is not key:
            self.report(
                "SR0113",
                key.span,
                related=[(other.span, Text("另一个在这里", "the other one is here"))],
                key=key.text,
                other=other.text,
            )
        return True

    def report(self, code: str, span: Span, **details: Any) -> None:
        self.add(diagnostic(code, span, **details))

    def add(self, problem: Diagnostic) -> None:
        self.problems.append(problem)
        if len(self.problems) == MOST_PROBLEMS:
            raise _LimitReachedError

    def span_of(self, event: Any) -> Span:
        start, end = event.start_mark, event.end_mark
        return Span(self.source.name, start.line + 1, start.column + 1, end.line + 1, end.column + 1)

    def collection_span(self, start: Any, end: Any, last: Node | None) -> Span:
        """A block collection ends with its last value; its end event stands only at the next token."""
        opened = start.start_mark
        if start.flow_style or last is None:
            closed = end.end_mark
            return Span(self.source.name, opened.line + 1, opened.column + 1, closed.line + 1, closed.column + 1)
        span = last.span
        return Span(self.source.name, opened.line + 1, opened.column + 1, span.end_line, span.end_column)

    def properties_span(self, event: Any) -> Span:
        """The anchor or tag that ``event`` starts with."""
        start = event.start_mark.index
        word = _UP_TO_SPACE.match(self.source.text, start)
        return self.source.span(start, word.end() if word else start)


def _write_out() -> Text:
    return Text("在每处写出全部内容", "write the content out in each place")


_SCALAR_FIXES = {
    "SR0117": Text("改为存在的日期；若是文字，加引号", "give a day that exists, or quote it if it is text"),
    "SR0118": Text("改小数值；若是文字，加引号", "give a smaller number, or quote it if it is text"),
    "SR0119": Text("不知道的值不要写；若是文字，加引号", "leave an unknown value out, or quote it if it is text"),
}
