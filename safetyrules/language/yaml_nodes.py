"""The node tree of a YAML text: mappings, lists and scalars, each with its place.

Scalars are resolved by our own rules, not YAML's: ``no`` is text, numbers are exact, and what looks like a number but
is none (``.nan``) is refused.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from safetyrules.diagnostics import Span
from safetyrules.language.source_text import SourceText

ScalarStyle = Literal["plain", "single", "double", "literal", "folded"]
ScalarValue = bool | Fraction | date | str | None
ScalarProblem = Literal["SR0117", "SR0118", "SR0119"]

LARGEST_EXPONENT = 400
MOST_DIGITS = 400

_NUMBER = re.compile(r"([-+]?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?)(?:[eE]([-+]?[0-9]+))?")
_DATE = re.compile(r"([0-9]{4})-([0-9]{2})-([0-9]{2})")
_NOT_A_NUMBER = re.compile(r"\.(?:nan|NaN|NAN)|NaN|[-+]?(?:\.(?:inf|Inf|INF)|Infinity)")
_WORDS: dict[str, bool | None] = {"true": True, "false": False, "null": None, "~": None, "": None}
_FIRST_OF_NUMBER = frozenset("+-.0123456789NI")


@dataclass(frozen=True, slots=True)
class ScalarNode:
    """One scalar: ``text`` as YAML reads it, ``value`` as our rules resolve it.

    ``start`` and ``end`` are its offsets in ``source``, quotes and block header included.
    """

    text: str
    value: ScalarValue
    style: ScalarStyle
    span: Span
    start: int
    end: int
    source: SourceText = field(repr=False, compare=False)

    @property
    def quoted(self) -> bool:
        return self.style != "plain"

    @property
    def written(self) -> str:
        """The scalar as it stands in the source."""
        return self.source.text[self.start : self.end]


@dataclass(frozen=True, slots=True)
class SequenceNode:
    items: tuple[Node, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class MappingNode:
    """Entries in the order of the source; no key occurs twice."""

    entries: tuple[tuple[ScalarNode, Node], ...]
    span: Span


Node = ScalarNode | SequenceNode | MappingNode


def resolve_scalar(text: str) -> tuple[ScalarValue, ScalarProblem | None]:
    """The value of a plain scalar, or the code of what is wrong with it.

    A number written with leading zeros stays text: ``0111`` is an industry code, not one hundred and eleven.
    """
    if text in _WORDS:
        return _WORDS[text], None
    if text[0] not in _FIRST_OF_NUMBER:
        return text, None
    if number := _NUMBER.fullmatch(text):
        digits, exponent = number.groups()
        if len(digits) > MOST_DIGITS or (exponent and _beyond(exponent)):
            return text, "SR0118"
        return Fraction(text), None
    if day := _DATE.fullmatch(text):
        try:
            return date(*map(int, day.groups())), None
        except ValueError:
            return text, "SR0117"
    return (text, "SR0119") if _NOT_A_NUMBER.fullmatch(text) else (text, None)


def _beyond(exponent: str) -> bool:
    digits = exponent.lstrip("+-").lstrip("0")
    return len(digits) > 3 or int(digits or "0") > LARGEST_EXPONENT


PlainData = bool | int | Decimal | date | str | list["PlainData"] | dict[str, "PlainData"] | None


def to_plain(node: Node) -> PlainData:
    """``node`` as plain Python data; a whole number becomes an int, any other the decimal as written."""
    if isinstance(node, MappingNode):
        return {key.text: to_plain(value) for key, value in node.entries}
    if isinstance(node, SequenceNode):
        return [to_plain(item) for item in node.items]
    if isinstance(node.value, Fraction):
        return int(node.value) if node.value.denominator == 1 else Decimal(node.text)
    return node.value
