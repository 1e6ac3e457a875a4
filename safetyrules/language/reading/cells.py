"""Cells of a decision table that names its inputs once: each row becomes one condition.

``-`` accepts anything, a literal must be equal, ``>= 30`` compares, ``3..9`` is an inclusive range, a list accepts any
of its cells. The condition is the conjunction a reader would write by hand, with its places on the cells.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date
from fractions import Fraction
from functools import reduce
from typing import NamedTuple

from safetyrules.diagnostics import Span
from safetyrules.language.document import Formula
from safetyrules.language.expression import (
    Binary,
    BinaryOperator,
    Call,
    Expression,
    ListLiteral,
    LiteralValue,
    Name,
    Select,
)
from safetyrules.language.lookalikes import ascii_fix, first_lookalike, with_ascii
from safetyrules.language.reading.shapes import A_LIST, Reading
from safetyrules.language.yaml_nodes import ScalarValue, resolve_scalar
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode, SequenceNode
from safetyrules.text import Text

_OPERATORS: dict[str, BinaryOperator] = {"==": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
_COMPARISON = re.compile(r"(==|!=|<=|>=|<|>)\s*(.*)", re.DOTALL)
_RANGE = re.compile(r"(\S+?)\s*\.\.\s*(\S+)")
_FORMS = Text(
    '-、一个值、">= 3"、"3..9" 或列表',
    '- (anything), a value, ">= 3", "3..9" or a list',
)


class Test(NamedTuple):
    """What one cell demands, as written by hand and as a tree; ``equals`` is the literal of a test for equality."""

    text: str
    tree: Expression
    equals: Literal | None = None


class Literal(NamedTuple):
    """A literal as it is written in an expression, and as a tree."""

    text: str
    tree: Expression


def read_cells(reading: Reading, node: Node | None, inputs: Sequence[Formula]) -> Formula:
    """The condition of one row."""
    if node is None:
        return Formula("true", reading.nowhere, LiteralValue(reading.nowhere, True))
    true = Formula("true", node.span, LiteralValue(node.span, True))
    if not isinstance(node, SequenceNode):
        reading.wrong_shape(node, A_LIST)
        return true
    if len(node.items) != len(inputs):
        reading.report("SR0215", node.span, got=len(node.items), wanted=len(inputs))
        return true
    tests = [read_cell(reading, cell, given) for cell, given in zip(node.items, inputs, strict=True)]
    demanded = [test for test in tests if test is not None]
    if not demanded:
        return true
    joined = _joined("&&", demanded, node.span)
    return Formula(joined.text, node.span, joined.tree)


def read_cell(reading: Reading, node: Node, given: Formula) -> Test | None:
    """What ``node`` demands of the input ``given``; None for ``-``."""
    if isinstance(node, SequenceNode):
        return _any_of(reading, node, given)
    if isinstance(node, MappingNode) or (node.value is None and not node.quoted) or not node.text.strip():
        return _unreadable(reading, node)
    if node.text == "-":
        return None
    if isinstance(node.value, bool | Fraction | date):
        return _compare(given, "==", node.value, node)
    if first_lookalike(node.text) is not None and _is_form(with_ascii(node.text)):
        reading.report("SR0116", node.span, found=node.text, fix=ascii_fix(node.text))
        return None
    if match := _COMPARISON.fullmatch(node.text):
        value = _operand(match[2])
        return _unreadable(reading, node) if value is None else _compare(given, _OPERATORS[match[1]], value, node)
    if ".." in node.text:
        return _range(reading, node, given)
    return _compare(given, "==", node.text, node)


def _is_form(text: str) -> bool:
    """Is ``text`` a comparison or a range, and not just words with Chinese punctuation?"""
    return bool(_COMPARISON.fullmatch(text)) or bool(_RANGE.fullmatch(text)) or isinstance(_value(text), Fraction)


def _value(text: str) -> ScalarValue:
    """The scalar that ``text`` would be if it stood alone; None where it is none."""
    value, problem = resolve_scalar(text.strip())
    return None if problem else value


def _operand(text: str) -> bool | Fraction | date | str | None:
    """The literal after a comparison operator: a number, a date, a boolean or one word."""
    value = _value(text)
    if isinstance(value, str) and (re.search(r"[\s<>=!&|?(]", value) or ".." in value):
        return None
    return value


def _range(reading: Reading, node: ScalarNode, given: Formula) -> Test | None:
    match = _RANGE.fullmatch(node.text)
    low, high = (_value(match[1]), _value(match[2])) if match else (None, None)
    if isinstance(low, Fraction) and isinstance(high, Fraction):
        return _between(reading, node, given, low, high, reversed_bounds=low > high)
    if isinstance(low, date) and isinstance(high, date):
        return _between(reading, node, given, low, high, reversed_bounds=low > high)
    return _unreadable(reading, node)


def _between(
    reading: Reading, node: ScalarNode, given: Formula, low: Fraction | date, high: Fraction | date, *,
    reversed_bounds: bool,
) -> Test | None:  # fmt: skip
    if reversed_bounds:
        reading.report("SR0211", node.span, found=node.text)
        return None
    bounds = [_compare(given, ">=", low, node), _compare(given, "<=", high, node)]
    return _joined("&&", bounds, node.span)


def _any_of(reading: Reading, node: SequenceNode, given: Formula) -> Test | None:
    if not node.items or any(isinstance(item, ScalarNode) and item.text == "-" for item in node.items):
        return _unreadable(reading, node)
    tests = [test for item in node.items if (test := read_cell(reading, item, given)) is not None]
    if len(tests) < len(node.items):
        return None
    literals = [test.equals for test in tests if test.equals is not None]
    if len(literals) < len(tests):
        joined = _joined("||", tests, node.span)
        return Test(f"({joined.text})", joined.tree)
    return Test(
        f"{_subject(given)} in [{', '.join(literal.text for literal in literals)}]",
        Binary(node.span, "in", given.tree, ListLiteral(node.span, tuple(literal.tree for literal in literals))),
    )


def _compare(given: Formula, operator: BinaryOperator, value: bool | Fraction | date | str, node: ScalarNode) -> Test:
    literal = _literal(value, node.span)
    return Test(
        f"{_subject(given)} {operator} {literal.text}",
        Binary(node.span, operator, given.tree, literal.tree),
        literal if operator == "==" else None,
    )


def _literal(value: bool | Fraction | date | str, span: Span) -> Literal:
    match value:
        case bool():
            return Literal("true" if value else "false", LiteralValue(span, value))
        case Fraction():
            return Literal(_decimal(value), LiteralValue(span, value))
        case date():
            argument = LiteralValue(span, value.isoformat())
            return Literal(f'date("{value.isoformat()}")', Call(span, "date", (argument,), span))
        case str():
            escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
            return Literal(f'"{escaped}"', LiteralValue(span, value))


def _decimal(value: Fraction) -> str:
    """The exact decimal of a number that was written as one."""
    if value.denominator == 1:
        return str(value.numerator)
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
    digits = str(abs(value.numerator) * 10**places // value.denominator).rjust(places + 1, "0")
    return f"{'-' if value < 0 else ''}{digits[:-places]}.{digits[-places:]}"


def _subject(given: Formula) -> str:
    """The input as it stands in a comparison."""
    return given.text if isinstance(given.tree, Name | Select | Call | LiteralValue) else f"({given.text})"


def _joined(operator: BinaryOperator, tests: Sequence[Test], span: Span) -> Test:
    tree = reduce(lambda left, right: Binary(span, operator, left, right), (test.tree for test in tests))
    return Test(f" {operator} ".join(test.text for test in tests), tree)


def _unreadable(reading: Reading, node: Node) -> Test | None:
    """Reports ``node``; what it demands cannot be known."""
    found = node.text if isinstance(node, ScalarNode) else None
    reading.report("SR0216", node.span, found=found or None, expected=_FORMS)
    return None
