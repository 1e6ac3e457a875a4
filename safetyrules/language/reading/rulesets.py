"""Ruleset documents: parameters, rules and overlays."""

from __future__ import annotations

from typing import Literal, NamedTuple

from safetyrules.language.document import OverlayDocument, ParameterDocument, RulesetDocument, Word
from safetyrules.language.reading.expressions import read_citation, read_citations, read_condition
from safetyrules.language.reading.names import DOCUMENT_NAME, LEVEL, NAME, PARAMETER_PATH, PLACE, RULE_ID, NameShape
from safetyrules.language.reading.rules import read_period, read_replacement, read_rule
from safetyrules.language.reading.shapes import Fields, Reading, optional
from safetyrules.language.reading.types import read_type
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode
from safetyrules.text import Text

Action = Literal["set", "exempt", "replace", "tighten"]


class ActionShape(NamedTuple):
    """What an overlay of one action names, and the keys it takes besides ``clause``."""

    target: NameShape
    required: tuple[str, ...] = ()
    others: tuple[str, ...] = ()


_TIGHTENINGS = ("or_when", "severity", "raise_to", "every")
_ACTIONS: dict[Action, ActionShape] = {
    "set": ActionShape(PARAMETER_PATH, ("value",)),
    "exempt": ActionShape(RULE_ID, ("when",)),
    "replace": ActionShape(RULE_ID, ("with",)),
    "tighten": ActionShape(RULE_ID, (), _TIGHTENINGS),
}
_AN_OVERLAY = Text("覆盖", "an overlay")
_A_RULESET = Text("规则集", "a ruleset")


def read_ruleset(reading: Reading, root: MappingNode) -> RulesetDocument:
    fields = reading.fields(
        root,
        _A_RULESET,
        ("ruleset", "title", "instrument"),
        ("sector", "jurisdiction", "parameters", "rules", "overlays"),
    )
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
    fields = reading.fields(node, Text("参数", "a parameter"), ("type", "title"), ("value", "of", "unit", "clause"))
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
    shape = _ACTIONS[action]
    place = Text(f"{action} 覆盖", f"an overlay with '{action}'")
    fields = reading.fields(node, place, (action, "clause", *shape.required), shape.others)
    target = reading.name(fields[action], shape.target)
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
        reading.only(Fields(node.span, node.entries), _AN_OVERLAY, tuple(_ACTIONS))
    else:
        reading.fields(node, _AN_OVERLAY, ())
    return OverlayDocument(node.span, "exempt", Word("", node.span), ())


def _tightening(reading: Reading, fields: Fields, overlay: OverlayDocument) -> OverlayDocument:
    """``overlay`` with the one way in which it is stricter."""
    chosen = reading.only(fields, Text("tighten 覆盖", "an overlay with 'tighten'"), _TIGHTENINGS)
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
            place = Text("更短的周期", "a shorter period")
            months, days = read_period(reading, reading.fields(node, place, (), ("months", "days")), place)
            return OverlayDocument(span, "tighten", target, clause, every_months=months, every_days=days)
