"""Explanations as documents of ``explanation/v1`` (`safetyrules.explanation.schema`)."""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Any

from safetyrules import __version__
from safetyrules.engine import algebra
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import amount, number_words, ordered, standing
from safetyrules.explanation.needs import Need
from safetyrules.explanation.schema import (
    Asked,
    AssumptionPart,
    CitationPart,
    ConclusionPart,
    ExceptionPart,
    ExplanationDocument,
    InnerPart,
    NeedPart,
    ObstaclePart,
    Possible,
    Read,
    RulePart,
    StepPart,
    WayPart,
    WhyNotPart,
    Words,
)
from safetyrules.explanation.trace import Node
from safetyrules.explanation.why import Explanation
from safetyrules.explanation.why_not import WhyNot
from safetyrules.facts.schema import DateType, ScalarType
from safetyrules.result import Assessment
from safetyrules.text import Text
from safetyrules.values import AnyText, Finite, Interval, Scalar


def document(explanation: Explanation) -> ExplanationDocument:
    """The document of an explanation."""
    return ExplanationDocument(
        asked=_asked(explanation.assessment),
        roots=[_id(root) for root in explanation.roots],
        conclusions=[_conclusion(each) for each in explanation.conclusions],
        needs=[_need(need) for need in explanation.needs],
        assumptions=[
            AssumptionPart(path=a.path, title=_text(a.title), owner=_maybe(a.owner), why=a.why)
            for a in explanation.assumptions
        ],
        notices=[notice.to_json() for notice in explanation.assessment.notices],
    )


def document_why_not(answer: WhyNot) -> ExplanationDocument:
    """The document of an answer to "why not"."""
    ways = [
        WayPart(
            by=_text(way.by),
            obstacles=[
                ObstaclePart(words=_text(o.words), want=o.want, unknown=o.unknown, step=_step(o.step))
                for o in way.obstacles
            ],
        )
        for way in answer.ways
    ]
    return ExplanationDocument(
        asked=_asked(answer.assessment),
        roots=[_id(answer.node)],
        conclusions=[],
        needs=[],
        assumptions=[],
        why_not=WhyNotPart(conclusion=_id(answer.node), level=answer.level, standing=answer.standing, ways=ways),
        notices=[notice.to_json() for notice in answer.assessment.notices],
    )


def _asked(assessment: Assessment) -> Asked:
    request = assessment.request
    return Asked(
        plan_digest=assessment.plan.digest,
        facts_digest=assessment.facts_digest,
        engine_version=__version__,
        subject=request.subject,
        as_of=request.as_of,
        law_at=request.law_at,
        jurisdiction=request.jurisdiction,
        what_if=request.what_if,
        treat_unknown_as=request.treat_unknown_as,
        closed=list(request.closed),
    )


# ---- values ---------------------------------------------------------------------------------------------------------


def _id(node: Node) -> str:
    return "#".join(node)


def _text(text: Text) -> Words:
    return {"zh": text.zh, "en": text.en}


def _maybe(text: Text | None) -> Words | None:
    return None if text is None else _text(text)


def possible(value: Scalar, type_: ScalarType) -> Possible:
    """What is still possible of a value."""
    one_of: list[bool | str | None] | None = None
    least = greatest = None
    if isinstance(value, Finite):
        one_of = [*ordered(value, type_), *([None] if algebra.has_nothing(value) else [])]
    elif isinstance(value, Interval) and not value.empty:
        least, greatest = _bound(value.low, type_), _bound(value.high, type_)
    else:
        assert isinstance(value, AnyText | Interval)
    return Possible.model_construct(
        standing=standing(value),
        known=value.known,
        may_have_no_value=algebra.has_nothing(value),
        one_of=one_of,
        least=least,
        greatest=greatest,
        words=_text(amount(value, type_)),
    )


def _bound(bound: Fraction | None, type_: ScalarType) -> str | None:
    if bound is None:
        return None
    if isinstance(type_, DateType):
        return date.fromordinal(int(bound)).isoformat()
    words = number_words(bound)
    return str(bound) if words.startswith("≈") else words


def _need(need: Need) -> NeedPart:
    known = possible(need.value, need.type) if need.value is not None and isinstance(need.type, ScalarType) else None
    options = {name: _text(title) for name, title in need.options}
    return NeedPart(
        kind=need.kind,
        path=need.path,
        title=_text(need.title),
        owner=_maybe(need.owner),
        known=known,
        help=_maybe(need.help),
        options=options,
    )


# ---- rules ----------------------------------------------------------------------------------------------------------


def _conclusion(reason: r.ConclusionReason) -> ConclusionPart:
    return ConclusionPart(
        id=_id(reason.node),
        title=_text(reason.title),
        owner=_maybe(reason.owner),
        kind=reason.kind,
        severity=reason.severity,
        status=reason.status,
        value=possible(reason.value, reason.type),
        rules=[_rule(rule) for rule in reason.rules],
        unwritten=_optional(reason.unwritten),
        diagnostics=[notice.to_json() for notice in reason.notices],
    )


def _rule(rule: r.RuleReason) -> RulePart:
    return RulePart(
        rule=rule.rule,
        title=_text(rule.title),
        citations=_citations(rule.citations),
        confidence=rule.confidence,
        force=rule.force,
        note=_maybe(rule.note),
        remedy=_maybe(rule.remedy),
        value=possible(rule.value, rule.type),
        standing=rule.standing,
        prevails_over=[{"rule": name, "ground": ground} for name, _, ground in rule.prevails],
        parameters=[
            {
                "parameter": s.parameter,
                "title": _text(s.title),
                "value": _text(s.value),
                "set_by": [f"{c.instrument}#{c.clause}" for c in s.citations],
            }
            for s in rule.settings
        ],
        overlays=[
            {"action": o.action, "clauses": [f"{c.instrument}#{c.clause}" for c in o.citations]} for o in rule.overlays
        ],
        applies=_optional(rule.applies),
        body=_optional(rule.body),
        exceptions=[_exception(each) for each in rule.exceptions],
    )


def _exception(each: r.ExceptionReason) -> ExceptionPart:
    return ExceptionPart(
        rule=each.rule,
        title=_text(each.title),
        citations=_citations(each.citations),
        standing=each.standing,
        recorded=each.recorded,
        when=_step(each.when),
        then=_optional(each.then),
        exceptions=[_exception(inner) for inner in each.exceptions],
    )


def _citations(citations: tuple[r.Citation, ...]) -> list[CitationPart]:
    return [
        CitationPart(
            instrument=c.instrument, clause=c.clause, title=_text(c.instrument_title), number=c.number,
            clause_title=_text(c.clause_title), level=c.level, in_force_from=c.first, in_force_to=c.last,
            inferred=_maybe(c.inferred),
        )
        for c in citations
    ]  # fmt: skip


# ---- steps ----------------------------------------------------------------------------------------------------------


def _optional(step: r.Step | None) -> StepPart | None:
    return None if step is None else _step(step)


def _step(step: r.Step) -> StepPart:
    value = possible(step.value, step.type)
    made: dict[str, Any] = {"value": value, "matters": step.matters}
    match step:
        case r.Atom():
            made |= {"kind": "condition", "words": _text(step.words), "reads": [_read(each) for each in step.reads]}
            made["parts"] = [InnerPart(role="detail", step=_step(each)) for each in step.details]
        case r.Group():
            made |= {"kind": step.operator, "words": _text(step.words)}
            made["parts"] = [InnerPart(role="operand", step=_step(each)) for each in step.steps]
        case r.OverList():
            made |= {
                "kind": "list",
                "words": _text(step.words),
                "reads": [_read(each) for each in step.lists],
                "others": step.others,
            }
            made["parts"] = [part for member in step.members for part in _member(member)]
        case r.Branch():
            made |= {"kind": "branch", "parts": [InnerPart(role="test", step=_step(step.test))]}
            made["parts"] += [InnerPart(role="then", step=_step(step.then))] if step.then is not None else []
            made["parts"] += (
                [InnerPart(role="otherwise", step=_step(step.otherwise))] if step.otherwise is not None else []
            )
        case r.Table():
            made |= {"kind": "table", "hit": step.hit, "parts": [_row(row) for row in step.rows]}
            made["parts"] += (
                [InnerPart(role="otherwise", step=_step(step.otherwise))] if step.otherwise is not None else []
            )
        case r.Count():
            made |= {"kind": "count", "words": _text(step.words), "others": step.others}
            found = [InnerPart(role="found", label=_text(e.title), refers_to=_id(e.node)) for e in step.found]
            maybe = [InnerPart(role="possible", label=_text(e.title), refers_to=_id(e.node)) for e in step.possible]
            made["parts"] = [*found, *maybe]
        case r.Lookup():
            keys = [Text(f"{n.zh} = {v.zh}", f"{n.en} = {v.en}") for n, v in step.keys]
            words = Text(
                f"{step.title.zh} [{'，'.join(k.zh for k in keys)}] {step.column}",
                f"{step.title.en} [{', '.join(k.en for k in keys)}] {step.column}",
            )
            made |= {"kind": "lookup", "words": _text(words)}
        case r.Readings():
            made |= {"kind": "readings", "parameter": step.parameter, "words": _text(step.title)}
            made["parts"] = [
                InnerPart(role="reading", label=_text(each.title), path=each.name, step=_step(each.step))
                for each in step.readings
            ]
        case r.Permission():
            reads = [_read(step.decision)] if step.decision is not None else []
            made |= {"kind": "permission", "reads": reads, "settled": step.settled}
            made["parts"] = [InnerPart(role="possible", label=_text(each)) for each in step.permitted]
        case r.Undecided():
            made["kind"] = "undecided"
    return StepPart(**made)


def _member(member: r.Member) -> list[InnerPart]:
    label, there = _text(member.label), "certain" if member.certain else "maybe"
    tests = [
        InnerPart(role="test", label=label, path=member.path, standing=there, step=_step(test)) for test in member.tests
    ]
    return [
        *tests,
        InnerPart(role="member", label=label, path=member.path, standing=there, step=_optional(member.step)),
    ]


def _row(row: r.Row) -> InnerPart:
    return InnerPart(
        role="row",
        label=_text(row.words),
        path=str(row.number),
        standing=row.standing,
        step=_optional(row.when),
        then=_step(row.then),
        clauses=_citations(row.clauses),
    )


def _read(read: r.Read) -> Read:
    if isinstance(read, r.ConclusionRead):
        return Read(
            kind="conclusion",
            path=read.node[0],
            title=_text(read.title),
            owner=_maybe(read.owner),
            value=possible(read.value, read.type),
            refers_to=_id(read.node),
        )
    if isinstance(read, r.ListRead):
        return Read(
            kind="list",
            path=read.path,
            title=_text(read.title),
            owner=_maybe(read.owner),
            given=read.given,
            count=read.count,
            open=read.open,
            source=read.source,
            assumed=read.assumed,
        )
    return Read(
        kind="fact",
        path=read.path,
        title=_text(read.title),
        owner=_maybe(read.owner),
        value=possible(read.value, read.type),
        given=read.given,
        source=read.source,
        assumed=read.assumed,
    )
