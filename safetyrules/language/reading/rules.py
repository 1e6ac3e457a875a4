"""Rules: one unit of law, an exception to one, or the replacement of one in an overlay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from safetyrules.language.document import (
    Citation,
    Condition,
    Confidence,
    DutyDocument,
    Force,
    RemedyDocument,
    RuleDocument,
    TypeDocument,
    Word,
)
from safetyrules.language.reading.decision_tables import read_decision_table
from safetyrules.language.reading.expressions import (
    read_citations,
    read_condition,
    read_in_force,
    read_outcome,
)
from safetyrules.language.reading.names import DOTTED_NAME, RULE_ID
from safetyrules.language.reading.shapes import Fields, Reading, optional
from safetyrules.language.reading.types import read_type
from safetyrules.language.yaml_source import MappingNode, Node
from safetyrules.text import Text

Basis = Literal["calendar", "rolling"]
Severity = Literal["major", "general"]
SEVERITIES: tuple[Severity, ...] = ("major", "general")

_OUTCOMES: tuple[Literal["finding", "value", "grade", "duty", "assign"], ...] = (
    "finding", "value", "grade", "duty", "assign",
)  # fmt: skip
_FORCES: tuple[Force, ...] = ("must", "may", "encouraged", "target", "proposed", "recorded")
_CONFIDENCES: tuple[Confidence, ...] = ("verified-2-sources", "verified-1-source", "from-memory")
_BASES: tuple[Basis, ...] = ("calendar", "rolling")

_DESCRIPTION = ("confidence", "force", "in_force", "overrides", "note")
_RULE = ("concludes", "applies", *_OUTCOMES, "when", "is", "table", "of", "unit", "due", "every", "remedy")
_EXCEPTION = ("when", "decided_by", "then", "withdraw")
_BELONGS: dict[str, tuple[str, ...]] = {
    "finding": ("when", "remedy"),
    "value": ("is", "table", "of", "unit"),
    "grade": ("is", "table"),
    "assign": ("is", "table", "of", "unit"),
    "duty": ("when", "due", "every"),
}
_SOMEWHERE = tuple(dict.fromkeys(key for keys in _BELONGS.values() for key in keys))

_A_RULE = Text("规则", "a rule")
_AN_EXCEPTION = Text("例外", "an exception")


def read_rule(reading: Reading, node: Node) -> RuleDocument:
    """A rule of a ruleset."""
    if isinstance(node, MappingNode) and any(key.text == "except" for key, _ in node.entries):
        return _exception(reading, node)
    fields = reading.fields(node, _A_RULE, ("id", "title", "clause", "on"), (*_DESCRIPTION, *_RULE))
    return _ordinary(reading, fields, reading.name(fields["id"], RULE_ID), read_citations(reading, fields["clause"]))


def read_replacement(reading: Reading, node: Node, target: Word, clause: tuple[Citation, ...]) -> RuleDocument:
    """The rule that stands in for ``target``: it takes its id, and the overlay's clause unless it cites its own."""
    place = Text("替换规则", "a replacement rule")
    fields = reading.fields(node, place, ("title", "on"), ("clause", *_DESCRIPTION, *_RULE))
    cited = read_citations(reading, fields["clause"])
    return _ordinary(reading, fields, target, cited or clause)


def _ordinary(reading: Reading, fields: Fields, id_: Word, clause: tuple[Citation, ...]) -> RuleDocument:
    concludes = fields["concludes"]
    rule = RuleDocument(
        id=id_,
        title=reading.text(fields["title"]),
        span=fields.span,
        kind="finding",
        clause=clause,
        on=optional(fields["on"], lambda kind: reading.name(kind, DOTTED_NAME)),
        concludes=id_ if concludes is None else reading.name(concludes, DOTTED_NAME),
        applies=_condition(reading, fields, "applies"),
    )
    rule = _described(reading, fields, rule)
    chosen = reading.only(fields, _A_RULE, _OUTCOMES)
    if chosen is None:
        return rule
    strange = [key for key in _SOMEWHERE if key not in _BELONGS[chosen]]
    reading.exclude(fields, strange, Text(f"{chosen}（结果）", f"the outcome '{chosen}'"))
    return _WITH_OUTCOME[chosen](reading, fields, rule)


def _described(reading: Reading, fields: Fields, rule: RuleDocument) -> RuleDocument:
    """``rule`` with the keys that say how it binds, not what it concludes."""
    confidence, force = fields["confidence"], fields["force"]
    return replace(
        rule,
        confidence=None
        if confidence is None
        else reading.one_of(confidence, _CONFIDENCES, Text("可信程度", "a confidence")),
        force="must" if force is None else reading.one_of(force, _FORCES, Text("约束力", "a force")),
        in_force=optional(fields["in_force"], lambda node: read_in_force(reading, node)),
        overrides=reading.names(fields["overrides"], RULE_ID),
        note=optional(fields["note"], reading.text),
    )


def _finding(reading: Reading, fields: Fields, rule: RuleDocument) -> RuleDocument:
    if "when" not in fields:
        reading.report("SR0203", fields.span, place=Text("finding 规则", "a rule with a finding"), key="when")
    return replace(
        rule,
        kind="finding",
        severity=reading.one_of(fields["finding"], SEVERITIES, Text("major 或 general", "major or general")),
        when=_condition(reading, fields, "when"),
        remedy=optional(fields["remedy"], lambda node: _remedy(reading, node)),
    )


def _value(reading: Reading, fields: Fields, rule: RuleDocument) -> RuleDocument:
    return replace(_derived(reading, fields, rule, "value"), kind="value")


def _grade(reading: Reading, fields: Fields, rule: RuleDocument) -> RuleDocument:
    graded = replace(_derived(reading, fields, rule, "grade"), kind="grade")
    if graded.table is not None and graded.table.otherwise is None:
        reading.report("SR0217", graded.table.span)
    return graded


def _assign(reading: Reading, fields: Fields, rule: RuleDocument) -> RuleDocument:
    return replace(_derived(reading, fields, rule, "assign"), kind="assign")


def _derived(reading: Reading, fields: Fields, rule: RuleDocument, outcome: str) -> RuleDocument:
    """``rule`` with a type, and the expression or table that gives its value."""
    reading.only(fields, Text(f"{outcome} 规则", f"a rule with the outcome '{outcome}'"), ("is", "table"))
    return replace(
        rule,
        type=_type(reading, fields, outcome),
        is_=_condition(reading, fields, "is"),
        table=optional(fields["table"], lambda node: read_decision_table(reading, node)),
    )


def _type(reading: Reading, fields: Fields, outcome: str) -> TypeDocument:
    if outcome != "grade":
        return read_type(reading, fields[outcome], fields)
    return read_type(reading, fields[outcome], Fields(fields.span))


def _duty(reading: Reading, fields: Fields, rule: RuleDocument) -> RuleDocument:
    duty = reading.fields(fields["duty"], Text("义务", "a duty"), ("text",), ("evidence",))
    months, days, basis = _every(reading, fields["every"])
    return replace(
        rule,
        kind="duty",
        when=_condition(reading, fields, "when"),
        duty=DutyDocument(
            text=reading.text(duty["text"]),
            evidence=optional(duty["evidence"], reading.text),
            due=_condition(reading, fields, "due"),
            every_months=months,
            every_days=days,
            basis=basis,
        ),
    )


def _every(reading: Reading, node: Node | None) -> tuple[int | None, int | None, Basis | None]:
    if node is None:
        return None, None, None
    place = Text("周期", "a period")
    fields = reading.fields(node, place, ("basis",), ("months", "days"))
    months, days = read_period(reading, fields, place)
    return months, days, reading.one_of(fields["basis"], _BASES, Text("calendar 或 rolling", "calendar or rolling"))


def read_period(reading: Reading, fields: Fields, place: Text) -> tuple[int | None, int | None]:
    """Months or days."""
    reading.only(fields, place, ("months", "days"))
    return (
        optional(fields["months"], lambda node: reading.whole(node, 1)),
        optional(fields["days"], lambda node: reading.whole(node, 1)),
    )


def _remedy(reading: Reading, node: Node) -> RemedyDocument:
    fields = reading.fields(node, Text("整改办法", "a remedy"), ("text",), ("facts",))
    return RemedyDocument(reading.text(fields["text"]), reading.names(fields["facts"], DOTTED_NAME))


def _exception(reading: Reading, node: Node) -> RuleDocument:
    fields = reading.fields(node, _AN_EXCEPTION, ("id", "except", "title", "clause"), (*_DESCRIPTION, *_EXCEPTION))
    base = reading.name(fields["except"], RULE_ID)
    rule = RuleDocument(
        id=reading.name(fields["id"], RULE_ID),
        title=reading.text(fields["title"]),
        span=node.span,
        kind="exception",
        clause=read_citations(reading, fields["clause"]),
        on=None,
        concludes=base,
        when=_condition(reading, fields, "when"),
        except_=base,
        then=optional(fields["then"], lambda then: read_outcome(reading, then)),
        withdraw=reading.yes(fields["withdraw"]),
        decided_by=optional(fields["decided_by"], lambda fact: reading.name(fact, DOTTED_NAME)),
    )
    test = reading.only(fields, _AN_EXCEPTION, ("when", "decided_by"))
    if test == "decided_by":
        reading.exclude(fields, ("then", "withdraw"), Text("decided_by", "'decided_by'"))
    elif test == "when":
        reading.only(fields, _AN_EXCEPTION, ("then", "withdraw"))
    return _described(reading, fields, rule)


def _condition(reading: Reading, fields: Fields, key: str) -> Condition | None:
    return optional(fields[key], lambda node: read_condition(reading, node))


_WITH_OUTCOME: dict[str, Callable[[Reading, Fields, RuleDocument], RuleDocument]] = {
    "finding": _finding,
    "value": _value,
    "grade": _grade,
    "assign": _assign,
    "duty": _duty,
}
