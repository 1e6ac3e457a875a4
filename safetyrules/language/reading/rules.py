"""Rules: one unit of law, an exception to one, or the replacement of one in an overlay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

from safetyrules.language import document_keys as keys
from safetyrules.language.document import (
    Citation,
    Condition,
    DutyDocument,
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


def read_rule(reading: Reading, node: Node) -> RuleDocument:
    """A rule of a ruleset."""
    if isinstance(node, MappingNode) and any(key.text == "except" for key, _ in node.entries):
        return _exception(reading, node)
    fields = reading.mapping(node, keys.RULE)
    return _ordinary(reading, fields, reading.name(fields["id"], RULE_ID), read_citations(reading, fields["clause"]))


def read_replacement(reading: Reading, node: Node, target: Word, clause: tuple[Citation, ...]) -> RuleDocument:
    """The rule that stands in for ``target``: it takes its id, and the overlay's clause unless it cites its own."""
    fields = reading.mapping(node, keys.REPLACEMENT)
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
    chosen = reading.only(fields, keys.RULE.what, keys.OUTCOMES)
    if chosen is None:
        return rule
    strange = [key for key, outcomes in keys.RULE.beside.items() if chosen not in outcomes]
    reading.exclude(fields, strange, Text(f"{chosen}（结果）", f"the outcome '{chosen}'"))
    return _WITH_OUTCOME[chosen](reading, fields, rule)


def _described(reading: Reading, fields: Fields, rule: RuleDocument) -> RuleDocument:
    """``rule`` with the keys that say how it binds, not what it concludes."""
    confidence, force = fields["confidence"], fields["force"]
    return replace(
        rule,
        confidence=None
        if confidence is None
        else reading.one_of(confidence, keys.CONFIDENCES, Text("可信程度", "a confidence")),
        force="must" if force is None else reading.one_of(force, keys.FORCES, Text("约束力", "a force")),
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
        severity=reading.one_of(fields["finding"], keys.SEVERITIES, Text("major 或 general", "major or general")),
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
    duty = reading.mapping(fields["duty"], keys.DUTY)
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
    fields = reading.mapping(node, keys.EVERY)
    months, days = read_period(reading, fields, keys.EVERY.what)
    return months, days, reading.one_of(fields["basis"], keys.BASES, Text("calendar 或 rolling", "calendar or rolling"))


def read_period(reading: Reading, fields: Fields, place: Text) -> tuple[int | None, int | None]:
    """Months or days."""
    reading.only(fields, place, ("months", "days"))
    return (
        optional(fields["months"], lambda node: reading.whole(node, 1)),
        optional(fields["days"], lambda node: reading.whole(node, 1)),
    )


def _remedy(reading: Reading, node: Node) -> RemedyDocument:
    fields = reading.mapping(node, keys.REMEDY)
    return RemedyDocument(reading.text(fields["text"]), reading.names(fields["facts"], DOTTED_NAME))


def _exception(reading: Reading, node: Node) -> RuleDocument:
    fields = reading.mapping(node, keys.EXCEPTION)
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
    test = reading.only(fields, keys.EXCEPTION.what, ("when", "decided_by"))
    if test == "decided_by":
        reading.exclude(fields, ("then", "withdraw"), Text("decided_by", "'decided_by'"))
    elif test == "when":
        reading.only(fields, keys.EXCEPTION.what, ("then", "withdraw"))
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
