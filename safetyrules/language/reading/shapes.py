"""Shapes that every document shares: mappings with known keys, words, texts, numbers, dates.

A reader never stops at a problem. It records it and hands on a stand-in of the right type, so that the rest of the
document is still checked; `safetyrules.language.read` refuses a document with problems, so no stand-in gets out.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from fractions import Fraction
from typing import Any, TypeVar

from safetyrules.diagnostics import Diagnostic, Span, diagnostic, did_you_mean, shorten
from safetyrules.language.document import Scalar, Word
from safetyrules.language.document_shapes import Shape
from safetyrules.language.lookalikes import ascii_fix, first_lookalike, with_ascii
from safetyrules.language.reading.names import NameShape
from safetyrules.language.yaml_source import MOST_PROBLEMS, MappingNode, Node, ScalarNode, SequenceNode
from safetyrules.text import Text

T = TypeVar("T")
W = TypeVar("W", bound=str)

LONGEST_ECHO = 60

OpenFile = Callable[[str], bytes]

A_LIST = Text("列表", "a list")
A_MAPPING = Text("映射", "a mapping")
_SOME_ITEMS = Text("至少有一项的列表", "a list with at least one item")
_SOME_ENTRIES = Text("至少有一项的映射", "a mapping with at least one entry")
_TWO_LANGUAGES = Text("{zh: …, en: …} 形式的文字", "a text {zh: …, en: …}")
_QUOTE_IT = Text("若是文字，加引号", "quote it if it is text")


def optional(node: Node | None, read: Callable[[Node], T]) -> T | None:
    """``read(node)``, or None where the key is not given."""
    return None if node is None else read(node)


class Fields:
    """The values of one mapping by key; a key not given is None."""

    def __init__(self, span: Span, entries: Iterable[tuple[ScalarNode, Node]] = ()) -> None:
        self.span = span
        self._entries = {key.text: (key, value) for key, value in entries}

    def __getitem__(self, key: str) -> Node | None:
        entry = self._entries.get(key)
        return entry[1] if entry else None

    def __contains__(self, key: str) -> bool:
        return key in self._entries

    def key_span(self, key: str) -> Span:
        return self._entries[key][0].span

    def given(self, keys: Iterable[str]) -> list[str]:
        """Those of ``keys`` that are given."""
        return [key for key in keys if key in self._entries]


class TooManyProblemsError(Exception):
    """What is recorded is enough to report; raised by `Reading.add` for the one who started the reading."""


class Reading:
    """One document being read: where its problems go, and how the file of a table is opened."""

    def __init__(self, source_name: str, open_file: OpenFile | None = None) -> None:
        self.source_name = source_name
        self.open_file = open_file
        self.problems: list[Diagnostic] = []
        self.nowhere = Span(source_name, 1, 1, 1, 1)

    def report(self, code: str, span: Span, **details: Any) -> None:
        self.add(diagnostic(code, span, **details))

    def add(self, *problems: Diagnostic) -> None:
        """Records ``problems``; a document with too many is not read to its end."""
        self.problems.extend(problems)
        if len(self.problems) >= MOST_PROBLEMS:
            raise TooManyProblemsError

    def wrong_shape(self, node: Node, wanted: Text, fix: Text | None = None) -> None:
        self.report("SR0204", node.span, fix=fix, wanted=wanted, got=describe(node))

    # Mappings and lists

    def mapping(self, node: Node | None, shape: Shape) -> Fields:
        """The values of a mapping of this shape after its keys were checked."""
        return self.fields(node, shape.what, shape.required, shape.others)

    def fields(self, node: Node | None, place: Text, required: Sequence[str], others: Sequence[str] = ()) -> Fields:
        """The values of ``node`` after its keys were checked; ``place`` names the mapping in messages."""
        if not isinstance(node, MappingNode):
            if node is not None:
                self.wrong_shape(node, A_MAPPING)
            return Fields(node.span if node is not None else self.nowhere)
        known = (*required, *others)
        fields = Fields(node.span, node.entries)
        for key, _ in node.entries:
            if key.text not in known:
                self.unknown_key(key.text, key.span, place, known)
        for key_text in required:
            if key_text not in fields:
                self.report("SR0203", node.span, place=place, key=key_text)
        return fields

    def unknown_key(self, key: str, span: Span, place: Text, known: Iterable[str]) -> None:
        shown = shorten(key, LONGEST_ECHO)
        fix = did_you_mean(shown, known)
        expected = None if fix else ", ".join(known)
        self.report("SR0202", span, expected=expected, fix=fix, place=place, key=shown)

    def only(self, fields: Fields, place: Text, keys: Sequence[str]) -> str | None:
        """The one of ``keys`` that is given; a problem where there is none or several."""
        given = fields.given(keys)
        if len(given) == 1:
            return given[0]
        span = fields.key_span(given[1]) if given else fields.span
        self.report("SR0208", span, found=", ".join(given) or None, place=place, keys=", ".join(keys))
        return None

    def exclude(self, fields: Fields, keys: Iterable[str], other: Text) -> None:
        """A problem for each of ``keys`` that is given though it does not go with ``other``."""
        for key in fields.given(keys):
            self.report("SR0209", fields.key_span(key), key=key, other=other)

    def entries(self, node: Node | None) -> tuple[tuple[ScalarNode, Node], ...]:
        """The entries of a mapping whose keys the author chooses."""
        if node is None:
            return ()
        if not isinstance(node, MappingNode) or not node.entries:
            self.wrong_shape(node, A_MAPPING if not isinstance(node, MappingNode) else _SOME_ENTRIES)
            return ()
        return node.entries

    def items(self, node: Node | None, *, empty: bool = False) -> tuple[Node, ...]:
        if node is None:
            return ()
        if not isinstance(node, SequenceNode) or not (node.items or empty):
            self.wrong_shape(node, A_LIST if not isinstance(node, SequenceNode) else _SOME_ITEMS)
            return ()
        return node.items

    # Words

    def word(self, node: Node | None, wanted: Text) -> Word:
        """A single word or identifier as written; a number keeps the digits that were typed."""
        if node is None:
            return Word("", self.nowhere)
        if not isinstance(node, ScalarNode) or not node.text.strip() or (node.value is None and not node.quoted):
            self.wrong_shape(node, wanted)
            return Word("", node.span)
        return Word(node.text, node.span)

    def name(self, node: Node | None, shape: NameShape) -> Word:
        word = self.word(node, shape.what)
        return self.checked_name(word, shape) if word.text else word

    def key_name(self, key: ScalarNode, shape: NameShape) -> Word:
        return self.checked_name(Word(key.text, key.span), shape)

    def names(self, node: Node | None, shape: NameShape) -> tuple[Word, ...]:
        return tuple(self.name(item, shape) for item in self.items(node, empty=True))

    def checked_name(self, word: Word, shape: NameShape) -> Word:
        if shape.accepts(word.text):
            return word
        if first_lookalike(word.text) is not None and shape.accepts(with_ascii(word.text)):
            self.report("SR0116", word.span, found=word.text, fix=ascii_fix(word.text))
            return word
        shown = shorten(word.text, LONGEST_ECHO)
        near = shape.near(shown)
        self.report(
            "SR0207",
            word.span,
            expected=shape.expected,
            fix=Text(f"写成“{near}”", f"write '{near}'") if near else None,
            name=shown,
            what=shape.what,
        )
        return word

    def one_of(self, node: Node | None, words: Sequence[W], wanted: Text) -> W:
        """One of the words the language defines."""
        word = self.word(node, wanted)
        if word.text in words:
            return words[words.index(word.text)]
        if word.text:
            shown = shorten(word.text, LONGEST_ECHO)
            self.report("SR0205", word.span, expected=", ".join(words), fix=did_you_mean(shown, words), word=shown)
        return words[0]

    # Values

    def text(self, node: Node | None) -> Text:
        """A text in both languages."""
        if node is None:
            return Text("", "")
        if not isinstance(node, MappingNode):
            self.wrong_shape(node, _TWO_LANGUAGES)
            return Text("", "")
        fields = Fields(node.span, node.entries)
        for key, _ in node.entries:
            if key.text not in Text._fields:
                self.unknown_key(key.text, key.span, Text("文字", "a text"), Text._fields)
        missing = [language for language in Text._fields if language not in fields]
        if missing:
            self.report("SR0206", node.span, missing=", ".join(missing))
        return Text(self.words(fields["zh"]), self.words(fields["en"]))

    def words(self, node: Node | None) -> str:
        """Text in one language, or words that are the same in both."""
        if node is None:
            return ""
        if not isinstance(node, ScalarNode) or not isinstance(node.value, str) or not node.value.strip():
            fix = _QUOTE_IT if isinstance(node, ScalarNode) and node.text.strip() else None
            self.wrong_shape(node, Text("文字", "text"), fix)
            return ""
        return node.value

    def scalar(self, node: Node | None) -> Scalar:
        """A literal: boolean, number, date or text."""
        if node is None:
            return Scalar(None, self.nowhere)
        if not isinstance(node, ScalarNode) or node.value is None:
            self.wrong_shape(node, Text("一个值", "a value"))
            return Scalar(None, node.span)
        return Scalar(node.value, node.span)

    def number(self, node: Node) -> Scalar:
        if isinstance(node, ScalarNode) and isinstance(node.value, Fraction):
            return Scalar(node.value, node.span)
        if isinstance(node, ScalarNode) and first_lookalike(node.text) is not None:
            self.report("SR0116", node.span, found=node.text, fix=ascii_fix(node.text))
        else:
            self.wrong_shape(node, Text("数", "a number"))
        return Scalar(Fraction(0), node.span)

    def whole(self, node: Node, low: int) -> int:
        """A whole number not below ``low``."""
        number = self.number(node).value
        if isinstance(number, Fraction) and number.denominator == 1 and number >= low:
            return int(number)
        if isinstance(node, ScalarNode) and isinstance(node.value, Fraction):
            self.report("SR0210", node.span, found=node.text, low=low)
        return low

    def flag(self, node: Node | None) -> bool:
        """``true`` or ``false``; absent is false."""
        if node is None:
            return False
        if isinstance(node, ScalarNode) and isinstance(node.value, bool):
            return node.value
        self.wrong_shape(node, Text("true 或 false", "true or false"))
        return False

    def yes(self, node: Node | None) -> bool:
        """``true`` alone: a mark that is left out where it does not hold."""
        if node is None:
            return False
        if not (isinstance(node, ScalarNode) and node.value is True):
            self.wrong_shape(node, Text("true", "true"))
        return True

    def day(self, node: Node | None) -> date | None:
        """A date; ``null`` is open."""
        if node is None or (isinstance(node, ScalarNode) and node.value is None):
            return None
        if isinstance(node, ScalarNode) and isinstance(node.value, date):
            return node.value
        self.wrong_shape(node, Text("日期（2024-01-31，不加引号）", "a date (2024-01-31, without quotes)"))
        return None


def describe(node: Node) -> Text:
    """What a node is, in words."""
    if isinstance(node, MappingNode):
        return A_MAPPING if node.entries else Text("空映射", "an empty mapping")
    if isinstance(node, SequenceNode):
        return A_LIST if node.items else Text("空列表", "an empty list")
    words = shorten(" ".join(node.text.split()), LONGEST_ECHO)
    match node.value:
        case None:
            return Text("空值", "nothing")
        case bool():
            return Text(f"布尔值 {words}", f"the boolean {words}")
        case Fraction():
            return Text(f"数 {words}", f"the number {words}")
        case date():
            return Text(f"日期 {words}", f"the date {words}")
        case _:
            return Text(f"文字“{words}”", f"the text '{words}'") if words else Text("空文字", "an empty text")
