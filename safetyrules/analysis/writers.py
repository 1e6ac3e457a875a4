"""Rules in force together that write one conclusion (design 5.10): of a finding, each for a severity or a sector of its
own, while a conclusion has only one of both; of any other, in a circle of which none prevails."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date, timedelta
from itertools import pairwise

from safetyrules.analysis.law import Law
from safetyrules.diagnostics import Diagnostic, Severity, Span, diagnostic
from safetyrules.language.plan import Key, Plan
from safetyrules.language.precedence import precedence
from safetyrules.language.ruleform import ACCUMULATING, Rule
from safetyrules.text import Text

FIXES = {
    "SR0718": Text(
        "给它们同样的严重程度，或者用 concludes 让一条写另一个结论；只在一地更严的，用 tighten 和 severity: major",
        "give them one severity, or let one conclude another name (concludes); where only a place is stricter, tighten "
        "the rule there (tighten, severity: major)",
    ),
    "SR0719": Text(
        "让它们的规则集属于同一行业领域，或者用 concludes 让一条写另一个结论",
        "give their rulesets one sector, or let one conclude another name (concludes)",
    ),
}


def writers(law: Law) -> Iterator[Diagnostic]:
    """SR0718 of severities and SR0719 of sectors, at the rule that came later in the law, or at the overlay that made
    the difference."""
    for key, rules in _several(law, lambda rule: rule.kind == "finding").items():
        told: set[tuple[str, Span]] = set()
        for plan in _plans(law, key, rules):
            in_force = [plan.rules[rule.id] for rule in rules if rule.id in plan.rules]
            for code, said in (("SR0718", _severity), ("SR0719", _sector)):
                found = _differing(in_force, said)
                if found is not None:
                    span, other = _where(plan, *found)
                    if (code, span) not in told:
                        told.add((code, span))
                        yield _told(code, key[1], *found, span, other, said)


def circles(law: Law) -> Iterator[Diagnostic]:
    """SR0720 of rules that give way to one another in a circle, at the one that overrides a superior."""
    for key, rules in _several(law, lambda rule: rule.kind not in ACCUMULATING).items():
        told: set[tuple[str, ...]] = set()
        for plan in _plans(law, key, rules):
            writers = [plan.rules[rule.id] for rule in rules if rule.id in plan.rules]
            for circle in precedence(law.linked, law.program.places, writers, plan.law_at).circles:
                if circle not in told:
                    told.add(circle)
                    yield _in_circle(key[1], [plan.rules[name] for name in circle])


def _in_circle(name: str, rules: list[Rule]) -> Diagnostic:
    """Rank, place and date alone make no circle: one of its rules overrides the one below it."""
    at = next(above for above, below in pairwise(rules) if below.id in above.overrides)
    return diagnostic(
        "SR0720",
        at.span,
        severity=Severity.WARNING,
        name=name,
        cycle=" → ".join(rule.id for rule in rules),
        fix=Text(
            "用 overrides 写明其中哪一条优先于其他各条", "say with overrides which of them prevails over the others"
        ),
        related=[(rule.span, Text("另一条规则", "another of them")) for rule in rules[1:] if rule is not at],
    )


def _severity(rule: Rule) -> str:
    return str(rule.severity)


def _sector(rule: Rule) -> str:
    return rule.sector or "-"


def _differing(rules: list[Rule], said: Callable[[Rule], str]) -> tuple[Rule, Rule] | None:
    """The first rule that differs from one before it, after that one."""
    for number, second in enumerate(rules):
        for first in rules[:number]:
            if said(first) != said(second):
                return first, second
    return None


def _told(
    code: str, name: str, first: Rule, second: Rule, span: Span, other: Span, said: Callable[[Rule], str]
) -> Diagnostic:
    return diagnostic(
        code,
        span,
        name=name,
        first=first.id,
        second=second.id,
        one=said(first),
        two=said(second),
        fix=FIXES[code],
        related=[(other, Text("另一个", "the other"))],
    )


def _several(law: Law, of: Callable[[Rule], bool]) -> dict[Key, list[Rule]]:
    """The writers ``of`` some kind of each conclusion that has more than one, in the order of their places in the
    law."""
    found: dict[Key, list[Rule]] = {}
    for rule in law.linked.rules.values():
        if of(rule) and rule.except_ is None:
            found.setdefault((rule.on, rule.concludes), []).append(rule)
    return {
        key: sorted(rules, key=lambda rule: (len(rule.overrides), rule.days.first or date.min, rule.span))
        for key, rules in found.items()
        if len(rules) > 1
    }


def _plans(law: Law, key: Key, rules: list[Rule]) -> Iterator[Plan]:
    """A plan of every day and place where what is in force of the writers, or what changes them, may differ."""
    names = {rule.id for rule in rules}
    overlays = [overlay for overlay in law.linked.overlays if overlay.target in names]
    stretches = [*(rule.days for rule in rules), *(overlay.days for overlay in overlays)]
    days = {days.first for days in stretches if days.first is not None}
    days |= {days.last + timedelta(days=1) for days in stretches if days.last is not None and days.last < date.max}
    places = dict.fromkeys([*(rule.jurisdiction for rule in rules), *(each.jurisdiction for each in overlays)])
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
