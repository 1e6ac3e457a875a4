"""Explanations as documents of ``explanation/v1``: plain JSON data as the models of `safetyrules.explanation.schema`.

The data is written as it stands, with every key of its model; tests hold it against the models and their JSON Schema.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from safetyrules import __version__
from safetyrules.engine import algebra
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import amount, number_words, ordered, standing
from safetyrules.explanation.schema import FORMAT
from safetyrules.facts.schema import DateType, ScalarType
from safetyrules.text import Text
from safetyrules.values import AnyText, Finite, Interval, Scalar

if TYPE_CHECKING:
    from safetyrules.explanation.needs import Need
    from safetyrules.explanation.reasons import Node
    from safetyrules.explanation.why import Explanation
    from safetyrules.explanation.why_not import WhyNot
    from safetyrules.result import Assessment

Json = dict[str, Any]


def document(explanation: Explanation) -> Json:
    """The document of an explanation."""
    assessment = explanation.assessment
    return {
        "format": FORMAT,
        "asked": _asked(assessment),
        "roots": [_id(root) for root in explanation.roots],
        "conclusions": [_conclusion(each) for each in explanation.conclusions],
        "needs": [_need(need) for need in explanation.needs],
        "assumptions": [
            {"path": a.path, "title": _text(a.title), "owner": _maybe(a.owner), "why": a.why}
            for a in explanation.assumptions
        ],
        "why_not": None,
        "notices": [notice.to_json() for notice in assessment.notices],
    }


def document_why_not(answer: WhyNot) -> Json:
    """The document of an answer to "why not"."""
    ways = [
        {
            "by": _text(way.by),
            "obstacles": [
                {"words": _text(o.words), "want": o.want, "unknown": o.unknown, "step": _step(o.step)}
                for o in way.obstacles
            ],
        }
        for way in answer.ways
    ]
    return {
        "format": FORMAT,
        "asked": _asked(answer.assessment),
        "roots": [_id(answer.node)],
        "conclusions": [],
        "needs": [],
        "assumptions": [],
        "why_not": {
            "conclusion": _id(answer.node),
            "level": answer.level,
            "standing": answer.standing,
            "ways": ways,
        },
        "notices": [notice.to_json() for notice in answer.assessment.notices],
    }


def _asked(assessment: Assessment) -> Json:
    request = assessment.request
    return {
        "plan_digest": assessment.plan.digest,
        "facts_digest": assessment.facts_digest,
        "engine_version": __version__,
        "subject": request.subject,
        "as_of": request.as_of.isoformat(),
        "law_at": request.law_at.isoformat(),
        "jurisdiction": request.jurisdiction,
        "what_if": request.what_if,
        "treat_unknown_as": request.treat_unknown_as,
        "closed": list(request.closed),
    }


# ---- values ---------------------------------------------------------------------------------------------------------


def _id(node: Node) -> str:
    return "#".join(node)


def _text(text: Text) -> Json:
    return {"zh": text.zh, "en": text.en}


def _maybe(text: Text | None) -> Json | None:
    return None if text is None else {"zh": text.zh, "en": text.en}


def _day(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def possible(value: Scalar, type_: ScalarType) -> Json:
    """What is still possible of a value."""
    one_of: list[bool | str | None] | None = None
    least = greatest = None
    nothing = algebra.has_nothing(value)
    if isinstance(value, Finite):
        one_of = [*ordered(value, type_), *([None] if nothing else [])]
    elif isinstance(value, Interval) and not value.empty:
        least, greatest = _bound(value.low, type_), _bound(value.high, type_)
    else:
        assert isinstance(value, AnyText | Interval)
    words = amount(value, type_)
    return {
        "standing": standing(value),
        "known": value.known,
        "may_have_no_value": nothing,
        "one_of": one_of,
        "least": least,
        "greatest": greatest,
        "words": {"zh": words.zh, "en": words.en},
    }


def _bound(bound: Fraction | None, type_: ScalarType) -> str | None:
    if bound is None:
        return None
    if isinstance(type_, DateType):
        return date.fromordinal(int(bound)).isoformat()
    words = number_words(bound)
    return str(bound) if words.startswith("≈") else words


def _need(need: Need) -> Json:
    known = possible(need.value, need.type) if need.value is not None and isinstance(need.type, ScalarType) else None
    return {
        "kind": need.kind,
        "path": need.path,
        "title": _text(need.title),
        "owner": _maybe(need.owner),
        "known": known,
        "help": _maybe(need.help),
        "options": {name: _text(title) for name, title in need.options},
    }


# ---- rules ----------------------------------------------------------------------------------------------------------


def _conclusion(reason: r.ConclusionReason) -> Json:
    return {
        "id": _id(reason.node),
        "title": _text(reason.title),
        "owner": _maybe(reason.owner),
        "kind": reason.kind,
        "severity": reason.severity,
        "status": reason.status,
        "value": possible(reason.value, reason.type),
        "rules": [_rule(rule) for rule in reason.rules],
        "unwritten": _optional(reason.unwritten),
        "diagnostics": [notice.to_json() for notice in reason.notices],
    }


def _rule(rule: r.RuleReason) -> Json:
    return {
        "rule": rule.rule,
        "title": _text(rule.title),
        "citations": _citations(rule.citations),
        "confidence": rule.confidence,
        "force": rule.force,
        "note": _maybe(rule.note),
        "remedy": _maybe(rule.remedy),
        "value": possible(rule.value, rule.type),
        "standing": rule.standing,
        "prevails_over": [{"rule": name, "ground": ground} for name, _, ground in rule.prevails],
        "parameters": [
            {
                "parameter": s.parameter,
                "title": _text(s.title),
                "value": _text(s.value),
                "set_by": [f"{c.instrument}#{c.clause}" for c in s.citations],
            }
            for s in rule.settings
        ],
        "overlays": [
            {"action": o.action, "clauses": [f"{c.instrument}#{c.clause}" for c in o.citations]} for o in rule.overlays
        ],
        "applies": _optional(rule.applies),
        "body": _optional(rule.body),
        "exceptions": [_exception(each) for each in rule.exceptions],
    }


def _exception(each: r.ExceptionReason) -> Json:
    return {
        "rule": each.rule,
        "title": _text(each.title),
        "citations": _citations(each.citations),
        "standing": each.standing,
        "recorded": each.recorded,
        "when": _step(each.when),
        "then": _optional(each.then),
        "exceptions": [_exception(inner) for inner in each.exceptions],
    }


def _citations(citations: tuple[r.Citation, ...]) -> list[Json]:
    return [
        {
            "instrument": c.instrument,
            "clause": c.clause,
            "title": _text(c.instrument_title),
            "number": c.number,
            "clause_title": _text(c.clause_title),
            "level": c.level,
            "in_force_from": _day(c.first),
            "in_force_to": _day(c.last),
            "inferred": _maybe(c.inferred),
        }
        for c in citations
    ]


# ---- steps ----------------------------------------------------------------------------------------------------------


def _optional(step: r.Step | None) -> Json | None:
    return None if step is None else _step(step)


def _step(step: r.Step) -> Json:
    made: Json = {
        "kind": "condition",
        "words": None,
        "value": possible(step.value, step.type),
        "matters": step.matters,
        "reads": [],
        "parts": [],
        "hit": None,
        "parameter": None,
        "settled": None,
        "others": None,
    }
    match step:
        case r.Atom():
            made["words"] = _text(step.words)
            made["reads"] = [_read(each) for each in step.reads]
            made["parts"] = [_inner("detail", step=_step(each)) for each in step.details]
        case r.Group():
            made["kind"], made["words"] = step.operator, _text(step.words)
            made["parts"] = [_inner("operand", step=_step(each)) for each in step.steps]
        case r.OverList():
            made["kind"], made["words"], made["others"] = "list", _text(step.words), step.others
            made["reads"] = [_read(each) for each in step.lists]
            made["parts"] = [part for member in step.members for part in _member(member)]
        case r.Branch():
            inside = (("test", step.test), ("then", step.then), ("otherwise", step.otherwise))
            made["kind"] = "branch"
            made["parts"] = [_inner(role, step=_step(each)) for role, each in inside if each is not None]
        case r.Table():
            made["kind"], made["hit"] = "table", step.hit
            made["parts"] = [_row(row) for row in step.rows]
            if step.otherwise is not None:
                made["parts"].append(_inner("otherwise", step=_step(step.otherwise)))
        case r.Count():
            made["kind"], made["words"], made["others"] = "count", _text(step.words), step.others
            counted = [("found", each) for each in step.found] + [("possible", each) for each in step.possible]
            made["parts"] = [_inner(role, label=_text(e.title), refers_to=_id(e.node)) for role, e in counted]
        case r.Lookup():
            keys = [Text(f"{n.zh} = {v.zh}", f"{n.en} = {v.en}") for n, v in step.keys]
            made["kind"] = "lookup"
            made["words"] = {
                "zh": f"{step.title.zh} [{'，'.join(k.zh for k in keys)}] {step.column}",
                "en": f"{step.title.en} [{', '.join(k.en for k in keys)}] {step.column}",
            }
        case r.Readings():
            made["kind"], made["parameter"], made["words"] = "readings", step.parameter, _text(step.title)
            made["parts"] = [
                _inner("reading", label=_text(each.title), path=each.name, step=_step(each.step))
                for each in step.readings
            ]
        case r.Permission():
            made["kind"], made["settled"] = "permission", step.settled
            made["reads"] = [_read(step.decision)] if step.decision is not None else []
            made["parts"] = [_inner("possible", label=_text(each)) for each in step.permitted]
        case r.Undecided():
            made["kind"] = "undecided"
    return made


def _inner(
    role: str,
    *,
    label: Json | None = None,
    path: str | None = None,
    standing: str | None = None,
    step: Json | None = None,
    then: Json | None = None,
    clauses: tuple[r.Citation, ...] = (),
    refers_to: str | None = None,
) -> Json:
    return {
        "role": role,
        "label": label,
        "path": path,
        "standing": standing,
        "step": step,
        "then": then,
        "clauses": _citations(clauses),
        "refers_to": refers_to,
    }


def _member(member: r.Member) -> list[Json]:
    there = "certain" if member.certain else "maybe"
    steps = [*(("test", test) for test in member.tests), ("member", member.step)]
    return [
        _inner(role, label=_text(member.label), path=member.path, standing=there, step=_optional(step))
        for role, step in steps
    ]


def _row(row: r.Row) -> Json:
    return _inner(
        "row",
        label=_text(row.words),
        path=str(row.number),
        standing=row.standing,
        step=_optional(row.when),
        then=_step(row.then),
        clauses=row.clauses,
    )


def _read(read: r.Read) -> Json:
    made: Json = {
        "kind": "fact",
        "path": "",
        "title": _text(read.title),
        "owner": _maybe(read.owner),
        "value": None,
        "given": None,
        "count": None,
        "open": None,
        "source": None,
        "assumed": None,
        "refers_to": None,
    }
    if isinstance(read, r.ConclusionRead):
        made["kind"], made["path"], made["refers_to"] = "conclusion", read.node[0], _id(read.node)
        made["value"] = possible(read.value, read.type)
        return made
    made["path"], made["given"], made["source"], made["assumed"] = read.path, read.given, read.source, read.assumed
    if isinstance(read, r.ListRead):
        made["kind"], made["count"], made["open"] = "list", read.count, read.open
    else:
        made["value"] = possible(read.value, read.type)
    return made
