"""Expressions, unsettled readings, citations and outcomes: what rules, tables and overlays share."""

from __future__ import annotations

import re
from datetime import date

from safetyrules.diagnostics import RulesetError
from safetyrules.language import document_keys as keys
from safetyrules.language.cel import parse_expression
from safetyrules.language.document import Citation, Condition, Formula, InForce, NoValue, Outcome, Readings
from safetyrules.language.expression import LiteralValue
from safetyrules.language.locate import locator
from safetyrules.language.reading.names import NAME
from safetyrules.language.reading.shapes import Reading
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode, SequenceNode
from safetyrules.text import Text

AN_EXPRESSION = Text("表达式", "an expression")
_CITATION = re.compile(r"(?:(?P<instrument>[a-z0-9]+(?:[-_.][a-z0-9]+)*)\s*#\s*)?(?P<clause>[^#\s](?:[^#]*[^#\s])?)")


def read_formula(reading: Reading, node: Node) -> Formula:
    """One expression."""
    if not isinstance(node, ScalarNode) or not node.text.strip() or (node.value is None and not node.quoted):
        reading.wrong_shape(node, AN_EXPRESSION)
        return _stand_in(node)
    if isinstance(node.value, date):
        reading.report(
            "SR0213",
            node.span,
            found=node.text,
            fix=Text(f"写成 'date(\"{node.text}\")'", f"write 'date(\"{node.text}\")'"),
        )
        return _stand_in(node)
    try:
        return Formula(node.text, node.span, parse_expression(node.text, locator(node)))
    except RulesetError as error:
        reading.add(*error.diagnostics)
        return _stand_in(node)


def read_condition(reading: Reading, node: Node) -> Condition:
    """An expression, or the readings of a clause that is unsettled."""
    if not isinstance(node, MappingNode):
        return read_formula(reading, node)
    fields = reading.mapping(node, keys.READINGS)
    entries = reading.entries(fields["readings"])
    if len(entries) == 1:
        reading.report("SR0214", entries[0][0].span)
    return Readings(
        node.span,
        tuple((reading.key_name(key, NAME), read_formula(reading, value)) for key, value in entries),
        reading.name(fields["chosen_by"], NAME),
    )


def read_outcome(reading: Reading, node: Node | None, *, none: bool = False) -> Outcome:
    """A literal or ``{is: expression}``; with ``none``, also the plain word ``none`` for no value."""
    if isinstance(node, MappingNode):
        fields = reading.mapping(node, keys.OUTCOME)
        formula = fields["is"]
        return read_formula(reading, formula) if formula is not None else _stand_in(node)
    if none and isinstance(node, ScalarNode) and node.text == "none" and not node.quoted:
        return NoValue(node.span)
    return reading.scalar(node)


def read_citations(reading: Reading, node: Node | None) -> tuple[Citation, ...]:
    """A clause or a list of clauses, each of the ruleset's instrument or ``instrument#clause``."""
    if node is None:
        return ()
    nodes = reading.items(node) if isinstance(node, SequenceNode) else (node,)
    return tuple(read_citation(reading, each) for each in nodes)


def read_citation(reading: Reading, node: Node | None) -> Citation:
    word = reading.word(node, Text("条款号", "the id of a clause"))
    match = _CITATION.fullmatch(word.text)
    if match is None:
        if word.text:
            reading.report(
                "SR0212",
                word.span,
                found=word.text,
                expected=Text("条款号，或 文件编号#条款号", "a clause id, or instrument#clause"),
            )
        return Citation(None, word.text, word.span)
    return Citation(match["instrument"], match["clause"], word.span)


def read_in_force(reading: Reading, node: Node) -> InForce:
    """Inclusive bounds, of an instrument or of one rule."""
    fields = reading.mapping(node, keys.IN_FORCE)
    inferred = fields["inferred"]
    return InForce(
        node.span,
        reading.day(fields["from"]),
        reading.day(fields["to"]),
        reading.text(inferred) if inferred is not None else None,
    )


def _stand_in(node: Node) -> Formula:
    return Formula("", node.span, LiteralValue(node.span, True))
