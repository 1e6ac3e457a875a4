"""Strict JSON: text to the same node tree as YAML, with places; duplicate keys, NaN and infinities are refused.

Numbers keep the digits as written. Only the first problem of syntax is reported, for what follows it cannot be trusted.
"""

from __future__ import annotations

import json
import re
from contextlib import suppress
from fractions import Fraction
from typing import Final, NoReturn

from safetyrules.diagnostics import Diagnostic, RulesetError, Span, diagnostic, shorten
from safetyrules.language.source_text import SourceText, invisible_in_value, source_text
from safetyrules.language.yaml_nodes import (
    LARGEST_EXPONENT,
    MOST_DIGITS,
    MappingNode,
    Node,
    ScalarNode,
    ScalarValue,
    SequenceNode,
)
from safetyrules.language.yaml_source import LIMITS, MOST_PROBLEMS, Limits, ParsedYaml
from safetyrules.text import Text

_TOKEN: Final = re.compile(
    r'[ \t\r\n]*(?:(?P<mark>[\[\]{}:,])|(?P<text>"(?:[^"\\\x00-\x1f]|\\.)*")'
    r"|(?P<number>-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)(?![0-9A-Za-z.])|(?P<word>[A-Za-z_.+-][\w.+-]*)|(?P<end>\Z))"
)
_WORDS: Final[dict[str, bool | None]] = {"true": True, "false": False, "null": None}


def parse_json(content: str | bytes, source_name: str, limits: Limits = LIMITS) -> ParsedYaml:
    """The node tree of ``content`` with its problems."""
    try:
        source = source_text(content, source_name, limits.bytes)
    except RulesetError as error:
        return ParsedYaml(None, error.diagnostics)
    reader = _Reader(source, limits)
    root: Node | None = None
    with suppress(_StoppedError):
        root = reader.document()
    return ParsedYaml(root, tuple(reader.problems))


class _StoppedError(Exception):
    """The rest of the text is not read; the problem is already recorded."""


class _Reader:
    def __init__(self, source: SourceText, limits: Limits) -> None:
        self.source = source
        self.limits = limits
        self.problems: list[Diagnostic] = []
        self.nodes = 0
        self.at = 0
        self.advance()

    def document(self) -> Node:
        root = self.node(1)
        if self.kind != "end":
            self.stop(Text("最外层的值之后还有内容", "there is more after the outermost value"))
        return root

    # ---- tokens ------------------------------------------------------------------------------------------------------

    def advance(self) -> None:
        """To the next token: ``kind``, ``word`` and its offsets."""
        match = _TOKEN.match(self.source.text, self.at)
        if match is None:
            rest = self.source.text[self.at :]
            self.start = self.at + len(rest) - len(rest.lstrip(" \t\r\n"))
            self.end = min(self.start + 1, len(self.source.text))
            self.kind, self.word = "bad", self.source.text[self.start : self.end]
            return
        self.kind = str(match.lastgroup)
        self.start, self.end = match.span(self.kind)
        self.word = match.group(self.kind)
        self.at = match.end()

    def span(self, start: int | None = None, end: int | None = None) -> Span:
        return self.source.span(self.start if start is None else start, self.end if end is None else end)

    def stop(self, reason: Text) -> NoReturn:
        self.problems.append(diagnostic("SR4003", self.span(), found=shorten(self.word, 40) or None, reason=reason))
        raise _StoppedError

    def too_much(self, code: str, limit: int) -> NoReturn:
        self.problems.append(diagnostic(code, self.span(), limit=limit))
        raise _StoppedError

    def report(self, problem: Diagnostic) -> None:
        self.problems.append(problem)
        if len(self.problems) >= MOST_PROBLEMS:
            raise _StoppedError

    # ---- values ------------------------------------------------------------------------------------------------------

    def node(self, depth: int) -> Node:
        self.nodes += 1
        if self.nodes > self.limits.nodes:
            self.too_much("SR0105", self.limits.nodes)
        if self.kind == "mark" and self.word in "[{":
            if depth > self.limits.depth:
                self.too_much("SR0104", self.limits.depth)
            return self.sequence(depth) if self.word == "[" else self.mapping(depth)
        scalar = self.scalar()
        self.advance()
        return scalar

    def scalar(self) -> ScalarNode:
        span = self.span()
        if self.kind == "text":
            return self.text()
        value: ScalarValue = self.word
        if self.kind == "number":
            mantissa, _, exponent = self.word.lower().partition("e")
            if len(mantissa) > MOST_DIGITS or len(exponent) > 5 or abs(int(exponent or "0")) > LARGEST_EXPONENT:
                self.report(diagnostic("SR0118", span, found=shorten(self.word, 40)))
            else:
                value = Fraction(self.word)
        elif self.kind == "word" and self.word in _WORDS:
            value = _WORDS[self.word]
        elif self.kind == "word" and self.word.lstrip("+-") in ("NaN", "Infinity", "nan", "inf", "Inf"):
            self.report(diagnostic("SR0119", span, found=self.word, fix=_WRITE_NULL))
            value = None
        elif self.kind == "end":
            self.stop(Text("文本到此中断", "the text breaks off here"))
        else:
            self.stop(Text("此处应为一个值", "a value is needed here"))
        return ScalarNode(self.word, value, "plain", span, self.start, self.end, self.source)

    def text(self) -> ScalarNode:
        span = self.span()
        try:
            words: str = json.loads(self.word)
        except ValueError:
            self.stop(Text("反斜杠后的字符不对", "a backslash stands before the wrong character"))
        invisible = invisible_in_value(words, span)
        if invisible is not None:
            self.report(invisible)
        return ScalarNode(words, words, "double", span, self.start, self.end, self.source)

    def sequence(self, depth: int) -> SequenceNode:
        start = self.start
        items: list[Node] = []
        self.advance()
        while not self.closes("]", bool(items)):
            items.append(self.node(depth + 1))
        end = self.end
        self.advance()
        return SequenceNode(tuple(items), self.span(start, end))

    def mapping(self, depth: int) -> MappingNode:
        start = self.start
        entries: dict[str, tuple[ScalarNode, Node]] = {}
        folded: dict[str, ScalarNode] = {}
        self.advance()
        while not self.closes("}", bool(entries)):
            if self.kind != "text":
                self.stop(Text("键须为双引号中的文字", "a key must be text in double quotes"))
            key = self.text()
            self.advance()
            if self.word != ":" or self.kind != "mark":
                self.stop(Text("键之后应为冒号", "a key is followed by a colon"))
            self.advance()
            value = self.node(depth + 1)
            self.add(key, value, entries, folded)
        end = self.end
        self.advance()
        return MappingNode(tuple(entries.values()), self.span(start, end))

    def closes(self, mark: str, some: bool) -> bool:
        """At the closing mark; a comma between members is read on the way."""
        if self.kind == "mark" and self.word == mark:
            return True
        if some:
            if self.kind == "end":
                self.stop(Text("文本到此中断", "the text breaks off here"))
            if self.kind != "mark" or self.word != ",":
                self.stop(Text(f"此处应为逗号或 {mark}", f"a comma or {mark} is needed here"))
            self.advance()
        return False

    def add(
        self, key: ScalarNode, value: Node, entries: dict[str, tuple[ScalarNode, Node]], folded: dict[str, ScalarNode]
    ) -> None:
        if key.text in entries:
            first = (entries[key.text][0].span, Text("第一次在这里", "first given here"))
            self.report(diagnostic("SR0112", key.span, related=[first], key=shorten(key.text, 60)))
            return
        other = folded.setdefault(key.text.casefold(), key)
        if other is not key:
            second = (other.span, Text("另一个在这里", "the other one is here"))
            self.report(
                diagnostic(
                    "SR0113", key.span, related=[second], key=shorten(key.text, 60), other=shorten(other.text, 60)
                )
            )
        entries[key.text] = (key, value)


_WRITE_NULL = Text("值不知道时写 null", "where the value is not known, write null")
