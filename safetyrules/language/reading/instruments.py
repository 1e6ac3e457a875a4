"""Instruments documents: legal texts and the list of their clauses."""

from __future__ import annotations

from safetyrules.language import document_keys as keys
from safetyrules.language.document import ClauseDocument, InForce, InstrumentDocument, InstrumentsDocument
from safetyrules.language.reading.expressions import read_in_force
from safetyrules.language.reading.names import DOCUMENT_NAME, NAME, PLACE
from safetyrules.language.reading.shapes import Reading, optional
from safetyrules.language.yaml_source import MappingNode, Node
from safetyrules.text import Text


def read_instruments(reading: Reading, root: MappingNode) -> InstrumentsDocument:
    fields = reading.mapping(root, keys.INSTRUMENTS)
    return InstrumentsDocument(
        name=reading.name(fields["instruments"], DOCUMENT_NAME),
        instruments=tuple(_instrument(reading, node) for node in reading.items(fields["list"])),
    )


def _instrument(reading: Reading, node: Node) -> InstrumentDocument:
    fields = reading.mapping(node, keys.INSTRUMENT)
    in_force = fields["in_force"]
    number = fields["number"]
    return InstrumentDocument(
        id=reading.name(fields["id"], DOCUMENT_NAME),
        title=reading.text(fields["title"]),
        number=reading.word(number, Text("文号", "the number of the instrument")).text if number is not None else "",
        issuer=reading.text(fields["issuer"]),
        level=reading.name(fields["level"], NAME),
        jurisdiction=reading.name(fields["jurisdiction"], PLACE),
        in_force=read_in_force(reading, in_force) if in_force is not None else InForce(node.span, None, None),
        supersedes=reading.names(fields["supersedes"], DOCUMENT_NAME),
        clauses=tuple(_clause(reading, clause) for clause in reading.items(fields["clauses"], empty=True)),
        span=node.span,
    )


def _clause(reading: Reading, node: Node) -> ClauseDocument:
    fields = reading.mapping(node, keys.CLAUSE)
    status = fields["status"]
    if status is None:
        reading.exclude(fields, ("reason",), Text("须由规则实现的条款", "a clause that a rule must implement"))
    elif "reason" not in fields:
        reading.report("SR0203", node.span, place=Text("有 status 的条款", "a clause with a status"), key="reason")
    return ClauseDocument(
        id=reading.word(fields["id"], Text("条款号", "the id of a clause")),
        title=reading.text(fields["title"]),
        status="rule" if status is None else reading.one_of(status, keys.STATUSES, Text("条款状态", "a status")),
        reason=optional(fields["reason"], reading.text),
    )
