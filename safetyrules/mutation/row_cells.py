"""Faults in the cells of a decision table that names its inputs once: ``">= 30"``, ``3..9``, ``metal``, a list."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from fractions import Fraction

from safetyrules.diagnostics import Span
from safetyrules.facts.schema import ChoiceType, ScalarType
from safetyrules.language import expression as e
from safetyrules.language.document import Formula
from safetyrules.language.source_text import SourceText
from safetyrules.mutation.amounts import decimal, moved
from safetyrules.mutation.edits import Change, Edit, replaced, start_of, written
from safetyrules.mutation.expressions import beside

_NUMBER = re.compile(r"(?<![\w-])(?<!\w\.)-?[0-9]+(?:\.[0-9]+)?(?![\w-])")
_SIGN = re.compile(r"(>=|<=|>|<|==|!=)")
_TURNED = {">=": ">", ">": ">=", "<=": "<", "<": "<=", "==": "!=", "!=": "=="}
_NOTHING_ASKED = '"-"'


def has_cells(source: SourceText, formula: Formula) -> bool:
    """Is the condition of a row made of cells?"""
    return written(source, formula.span).startswith(("[", "- "))


def of_cells(source: SourceText, formula: Formula, types: Mapping[Span, ScalarType]) -> Iterator[Change]:
    """The faults of one row's cells."""
    for cell in _cells(formula.tree, formula.span):
        if not isinstance(cell, e.LiteralValue):
            yield replaced(source, "condition", cell.span, _NOTHING_ASKED)
        for span in dict.fromkeys(_literals(cell)):
            yield from _in_cell(source, span, types.get(span))


def _cells(tree: e.Expression, row: Span) -> Iterator[e.Expression]:
    """What each cell asks: the row is their conjunction."""
    if isinstance(tree, e.Binary) and tree.operator == "&&" and tree.span == row:
        yield from _cells(tree.left, row)
        yield from _cells(tree.right, row)
    else:
        yield tree


def _literals(tree: e.Expression) -> Iterator[Span]:
    """The places of the single tests of a cell: of the cell itself, or of the items of its list."""
    if isinstance(tree, e.Binary) and isinstance(tree.right, e.ListLiteral):
        yield from (item.span for item in tree.right.items)
    elif isinstance(tree, e.Binary) and tree.operator in ("&&", "||"):
        yield from _literals(tree.left)
        yield from _literals(tree.right)
    elif isinstance(tree, e.Binary):
        yield tree.right.span


def _in_cell(source: SourceText, span: Span, type_: ScalarType | None) -> Iterator[Change]:
    cell = written(source, span)
    start = start_of(source, span)
    sign = _SIGN.search(cell)
    if sign is not None:
        other = _TURNED[sign[1]]
        edit = Edit(source.span(start + sign.start(), start + sign.end()), other)
        yield Change("comparison", (edit,), cell, cell[: sign.start()] + other + cell[sign.end() :])
    for match in _NUMBER.finditer(cell):
        for operator, number in moved(Fraction(match[0]), type_):
            words = decimal(number)
            if words is not None:
                edit = Edit(source.span(start + match.start(), start + match.end()), words)
                yield Change(operator, (edit,), cell, cell[: match.start()] + words + cell[match.end() :])
    if isinstance(type_, ChoiceType) and type_.scale:
        for member in type_.members:
            if re.search(rf"(?<!\w){re.escape(member)}(?!\w)", cell):
                for level in beside(type_, member):
                    yield replaced(source, "level", span, cell.replace(member, level, 1))
                break
