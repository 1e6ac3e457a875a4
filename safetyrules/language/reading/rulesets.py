"""Ruleset documents: parameters, rules and overlays."""

from __future__ import annotations

from typing import Literal

from safetyrules.language import document_keys as keys
from safetyrules.language.document import OverlayDocument, ParameterDocument, RulesetDocument, Word
from safetyrules.language.reading.expressions import read_citation, read_citations, read_condition
from safetyrules.language.reading.names import DOCUMENT_NAME, LEVEL, NAME, PARAMETER_PATH, PLACE, RULE_ID
from safetyrules.language.reading.rules import read_period, read_replacement, read_rule
from safetyrules.language.reading.shapes import Fields, Reading, optional
from safetyrules.language.reading.types import read_type
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode
from safetyrules.text import Text

Action = Literal["set", "exempt", "replace", "tighten"]


_ACTIONS: tuple[Action, ...] = ("set", "exempt", "replace", "tighten")
_AN_OVERLAY = Text("覆盖", "an overlay")


def read_ruleset(reading: Reading, root: MappingNode) -> RulesetDocument:
    fields = reading.mapping(root, keys.RULESET)
    if "overlays" in fields and "jurisdiction" not in fields:
        place = Text("有覆盖的规则集", "a ruleset with overlays")
        reading.report("SR0203", fields.key_span("overlays"), place=place, key="jurisdiction")
    return RulesetDocument(
        name=reading.name(fields["ruleset"], DOCUMENT_NAME),
        title=reading.text(fields["title"]),
        instrument=reading.name(fields["instrument"], DOCUMENT_NAME),
        sector=optional(fields["sector"], lambda sector: reading.name(sector, NAME)),
        jurisdiction=optional(fields["jurisdiction"], lambda place: reading.name(place, PLACE)),
        parameters=tuple(_parameter(reading, key, node) for key, node in reading.entries(fields["parameters"])),
        rules=tuple(read_rule(reading, node) for node in reading.items(fields["rules"], empty=True)),
        overlays=tuple(_overlay(reading, node) for node in reading.items(fields["overlays"], empty=True)),
    )


def _parameter(reading: Reading, key: ScalarNode, node: Node) -> ParameterDocument:
    fields = reading.mapping(node, keys.PARAMETER)
    return ParameterDocument(
        name=reading.key_name(key, NAME),
        type=read_type(reading, fields["type"], fields),
        title=reading.text(fields["title"]),
        value=optional(fields["value"], reading.scalar),
        clause=optional(fields["clause"], lambda clause: read_citation(reading, clause)),
    )


def _overlay(reading: Reading, node: Node) -> OverlayDocument:
    given = {key.text for key, _ in node.entries} if isinstance(node, MappingNode) else set()
    actions = [action for action in _ACTIONS if action in given]
    if len(actions) != 1:
        return _no_overlay(reading, node)
    action = actions[0]
    fields = reading.mapping(node, keys.OVERLAYS[action])
    target = reading.name(fields[action], PARAMETER_PATH if action == "set" else RULE_ID)
    clause = read_citations(reading, fields["clause"])
    if action == "tighten":
        return _tightening(reading, fields, OverlayDocument(node.span, action, target, clause))
    return OverlayDocument(
        node.span,
        action,
        target,
        clause,
        value=optional(fields["value"], reading.scalar),
        when=optional(fields["when"], lambda when: read_condition(reading, when)),
        rule=optional(fields["with"], lambda rule: read_replacement(reading, rule, target, clause)),
    )


def _no_overlay(reading: Reading, node: Node) -> OverlayDocument:
    """Says what an overlay is where a mapping names no action, or several."""
    if isinstance(node, MappingNode):
        reading.only(Fields(node.span, node.entries), _AN_OVERLAY, _ACTIONS)
    else:
        reading.fields(node, _AN_OVERLAY, ())
    return OverlayDocument(node.span, "exempt", Word("", node.span), ())


def _tightening(reading: Reading, fields: Fields, overlay: OverlayDocument) -> OverlayDocument:
    """``overlay`` with the one way in which it is stricter."""
    chosen = reading.only(fields, Text("tighten 覆盖", "an overlay with 'tighten'"), keys.TIGHTENINGS)
    node = fields[chosen] if chosen else None
    span, target, clause = overlay.span, overlay.target, overlay.clause
    if node is None:
        return overlay
    match chosen:
        case "or_when":
            return OverlayDocument(span, "tighten", target, clause, or_when=read_condition(reading, node))
        case "severity":
            severity: Literal["major"] = reading.one_of(node, ("major",), Text("major", "major"))
            return OverlayDocument(span, "tighten", target, clause, severity=severity)
        case "raise_to":
            return OverlayDocument(span, "tighten", target, clause, raise_to=reading.name(node, LEVEL))
        case _:
            shape = keys.SHORTER_PERIOD
            months, days = read_period(reading, reading.mapping(node, shape), shape.what)
            return OverlayDocument(span, "tighten", target, clause, every_months=months, every_days=days)
