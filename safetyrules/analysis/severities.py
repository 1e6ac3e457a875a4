"""Rules in force together that write one finding with different severities: a conclusion has only one (design 5.10)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

from safetyrules.analysis.law import Law
from safetyrules.diagnostics import Diagnostic, Span, diagnostic
from safetyrules.language.plan import Key, Plan
from safetyrules.language.ruleform import Rule
from safetyrules.text import Text

FIX = Text(
    "给它们同样的严重程度，或者用 concludes 让一条写另一个结论；只在一地更严的，用 tighten 和 severity: major",
    "give them one severity, or let one conclude another name (concludes); where only a place is stricter, tighten the "
    "rule there (tighten, severity: major)",
)


def severities(law: Law) -> Iterator[Diagnostic]:
    """SR0718, at the rule that came later in the law, or at the overlay that made the difference."""
    for key, writers in _several(law).items():
        told: set[tuple[str, str, Span]] = set()
        for plan in _plans(law, key, writers):
            in_force = [plan.rules[rule.id] for rule in writers if rule.id in plan.rules]
            for number, second in enumerate(in_force):
                first = next((each for each in in_force[:number] if each.severity != second.severity), None)
                if first is None:
                    continue
                span, other = _where(plan, first, second)
                if (first.id, second.id, span) not in told:
                    told.add((first.id, second.id, span))
                    yield _told(key[1], first, second, span, other)
                break


def _told(name: str, first: Rule, second: Rule, span: Span, other: Span) -> Diagnostic:
    return diagnostic(
        "SR0718",
        span,
        name=name,
        first=first.id,
        second=second.id,
        one=first.severity,
        two=second.severity,
        fix=FIX,
        related=[(other, Text("另一个", "the other"))],
    )


def _several(law: Law) -> dict[Key, list[Rule]]:
    """The writers of each finding that has more than one, in the order of their places in the law."""
    found: dict[Key, list[Rule]] = {}
    for rule in law.linked.rules.values():
        if rule.kind == "finding" and rule.except_ is None:
            found.setdefault((rule.on, rule.concludes), []).append(rule)
    return {
        key: sorted(rules, key=lambda rule: (len(rule.overrides), rule.days.first or date.min, rule.span))
        for key, rules in found.items()
        if len(rules) > 1
    }


def _plans(law: Law, key: Key, writers: list[Rule]) -> Iterator[Plan]:
    """A plan of every day and place where what is in force of the writers, or what changes them, may differ."""
    names = {rule.id for rule in writers}
    overlays = [overlay for overlay in law.linked.overlays if overlay.target in names]
    stretches = [*(rule.days for rule in writers), *(overlay.days for overlay in overlays)]
    days = {days.first for days in stretches if days.first is not None}
    days |= {days.last + timedelta(days=1) for days in stretches if days.last is not None and days.last < date.max}
    places = dict.fromkeys([*(rule.jurisdiction for rule in writers), *(each.jurisdiction for each in overlays)])
    register = law.linked.schema.register(key[0])
    for day in sorted({date.min} | days):
        for place in places:
            if law.program.places.known(place):
                yield law.program.plan(day, place, None, register)


def _where(plan: Plan, first: Rule, second: Rule) -> tuple[Span, Span]:
    """Where to say it, and where the other stands. What a place changes is the cause, rather than the rules."""
    by_overlay = {
        rule.id: overlay.span
        for rule in (first, second)
        for overlay in plan.overlays.get(rule.id, ())
        if overlay.severity is not None or overlay.rule is not None
    }
    if first.id in by_overlay and second.id not in by_overlay:
        return by_overlay[first.id], second.span
    return by_overlay.get(second.id, second.span), by_overlay.get(first.id, first.span)
