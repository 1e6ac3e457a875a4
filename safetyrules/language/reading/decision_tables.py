"""Decision tables: rows with conditions of their own, or cells under inputs named once."""

from __future__ import annotations

from collections.abc import Sequence

from safetyrules.language import document_keys as keys
from safetyrules.language.document import (
    Condition,
    DecisionTableDocument,
    Formula,
    Outcome,
    Permission,
    RowDocument,
    Scalar,
)
from safetyrules.language.expression import LiteralValue
from safetyrules.language.reading.cells import read_cells
from safetyrules.language.reading.expressions import read_citations, read_condition, read_formula, read_outcome
from safetyrules.language.reading.names import DOTTED_NAME
from safetyrules.language.reading.shapes import Fields, Reading, optional
from safetyrules.language.yaml_source import Node, SequenceNode
from safetyrules.text import Text


def read_decision_table(reading: Reading, node: Node) -> DecisionTableDocument:
    fields = reading.mapping(node, keys.DECISION_TABLE)
    inputs = None
    if "inputs" in fields:
        inputs = tuple(read_formula(reading, each) for each in reading.items(fields["inputs"]))
    hit = fields["hit"]
    return DecisionTableDocument(
        span=node.span,
        hit=reading.one_of(hit, keys.HIT_POLICIES, Text("命中策略", "a hit policy")),
        hit_span=hit.span if hit is not None else node.span,
        rows=tuple(_row(reading, row, inputs) for row in reading.items(fields["rows"])),
        otherwise=optional(fields["otherwise"], lambda otherwise: read_outcome(reading, otherwise, none=True)),
    )


def _row(reading: Reading, node: Node, inputs: Sequence[Formula] | None) -> RowDocument:
    shape = keys.ROW if inputs is None else keys.ROW_OF_CELLS
    fields = reading.mapping(node, shape)
    when = fields[shape.keys[0].name]
    tested: Condition
    if inputs is not None:
        tested = read_cells(reading, when, inputs)
    else:
        tested = read_condition(reading, when) if when is not None else _always(fields)
    return RowDocument(
        span=node.span,
        when=tested,
        then=_then(reading, fields),
        clause=read_citations(reading, fields["clause"]),
        title=optional(fields["title"], reading.text),
    )


def _then(reading: Reading, fields: Fields) -> Outcome:
    chosen = reading.only(fields, keys.ROW.what, ("then", "may"))
    if chosen == "may":
        return _permission(reading, fields)
    reading.exclude(fields, ("settled_by",), Text("没有 may 的行", "a row without 'may'"))
    return read_outcome(reading, fields["then"]) if chosen else Scalar(None, fields.span)


def _permission(reading: Reading, fields: Fields) -> Permission:
    may = fields["may"]
    assert may is not None
    permitted = reading.items(may) if isinstance(may, SequenceNode) else (may,)
    return Permission(
        span=may.span,
        permitted=tuple(reading.scalar(each) for each in permitted),
        settled_by=optional(fields["settled_by"], lambda fact: reading.name(fact, DOTTED_NAME)),
    )


def _always(fields: Fields) -> Formula:
    return Formula("true", fields.span, LiteralValue(fields.span, True))
