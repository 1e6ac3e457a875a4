"""Overlays as written become typed; a ``tighten`` is proved stricter by its shape, or refused (design 5.12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safetyrules.diagnostics import Diagnostic, Span, diagnostic, did_you_mean
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t
from safetyrules.language.check import check_condition
from safetyrules.language.document import OverlayDocument, RulesetDocument, Word
from safetyrules.language.rule_terms import RuleChecker
from safetyrules.language.ruleform import Overlay, Rule
from safetyrules.language.types import constant, plain_type, type_words, unknown_name
from safetyrules.text import Text

RULE = Text("所改的规则", "the rule it changes")
_A_SCALE = Text("结论为级别的规则", "a rule that concludes a level of a scale")
_A_PERIOD = Text("有周期 every 的义务", "a duty with a period, `every:`")


def check_overlays(checker: RuleChecker, rulesets: Sequence[RulesetDocument], rules: dict[str, Rule]) -> list[Overlay]:
    """The overlays of all rulesets, typed; problems go to the declarations'."""
    found: list[Overlay] = []
    for ruleset in rulesets:
        for document in ruleset.overlays:
            overlay = _overlay(checker, document, ruleset, rules)
            if overlay is not None:
                found.append(overlay)
    return found


def _overlay(
    checker: RuleChecker, document: OverlayDocument, ruleset: RulesetDocument, rules: dict[str, Rule]
) -> Overlay | None:
    clauses = checker.citations(document.clause, ruleset, checker.declarations.problems)
    if not clauses:
        return None
    jurisdiction = checker.declarations.rulesets[ruleset.name.text].jurisdiction
    days = checker.declarations.instruments[clauses[0].split("#", 1)[0]].in_force
    overlay = Overlay(
        document.action, document.target.text, clauses, jurisdiction, days, document.span,
        severity=document.severity, raise_to=document.raise_to.text if document.raise_to else None,
        every_months=document.every_months, every_days=document.every_days,
    )  # fmt: skip
    if document.action == "set":
        return _set_overlay(checker, document, overlay)
    rule = rules.get(document.target.text)
    if rule is None:
        if document.target.text not in checker.documents:
            checker.declarations.problems.append(unknown_name(document.target, "SR0603", checker.documents))
        return None
    scope = checker.scope(rule.on, ruleset.name.text, checker.declarations.problems, set())
    if rule.applies is not None:
        scope = scope.knowing(rule.applies)
    if document.action == "replace":
        return _replacing(checker, document, overlay, ruleset, rule)
    condition = document.when if document.action == "exempt" else document.or_when
    when = check_condition(condition, scope, t.BOOLEAN) if condition is not None else None
    if document.action == "exempt":
        return replace(overlay, when=when or t.Constant(True, t.BOOLEAN))
    return _tightening(checker, document, overlay, rule, when)


def _set_overlay(checker: RuleChecker, document: OverlayDocument, overlay: Overlay) -> Overlay | None:
    ruleset, _, name = document.target.text.partition("/")
    parameter = checker.declarations.parameters.get((ruleset, name))
    if parameter is None:
        if (f"{ruleset}/", name) not in checker.declarations.broken:
            known = [f"{r}/{p}" for r, p in checker.declarations.parameters]
            checker.declarations.problems.append(unknown_name(document.target, "SR0607", known))
        return None
    assert document.value is not None
    value = constant(document.value, parameter.type, checker.declarations.problems)
    return replace(overlay, value=value) if value is not None else None


def _replacing(
    checker: RuleChecker, document: OverlayDocument, overlay: Overlay, ruleset: RulesetDocument, rule: Rule
) -> Overlay | None:
    assert document.rule is not None
    problems: list[Diagnostic] = []
    written = document.rule
    on = written.on.text if written.on is not None else rule.on
    for found, expected in ((on, rule.on), (written.kind, rule.kind)):
        if found != expected:
            span = written.on.span if written.on is not None and found is on else written.span
            problems.append(
                diagnostic("SR0612", span, name=rule.id, found=found, expected=expected, related=[(rule.span, RULE)])
            )
    new = None if problems else checker.rule(written, ruleset, (rule.on, rule.concludes), problems, {})
    checker.declarations.problems.extend(problems)
    if new is None:
        return None
    return replace(overlay, rule=replace(new, sector=rule.sector, except_=rule.except_, concludes=rule.concludes))


def _tightening(
    checker: RuleChecker, document: OverlayDocument, overlay: Overlay, rule: Rule, when: t.Term | None
) -> Overlay | None:
    """Proved stricter by its shape (design 5.12); anything else must be a ``replace``."""
    problem: Diagnostic | None = None
    if document.or_when is not None and rule.kind != "finding":
        problem = _not_stricter("or_when", document.span, rule, found=rule.kind, expected="finding")
    elif document.severity is not None and rule.kind != "finding":
        problem = _not_stricter("severity", document.span, rule, found=rule.kind, expected="finding")
    elif document.raise_to is not None:
        problem = _raised(document.raise_to, rule)
    elif document.every_months is not None or document.every_days is not None:
        problem = _shortened(document, rule)
    if problem is not None:
        checker.declarations.problems.append(problem)
        return None
    return replace(overlay, when=when)


def _raised(level: Word, rule: Rule) -> Diagnostic | None:
    scale = rule.type
    if not isinstance(scale, ChoiceType) or not scale.scale:
        return _not_stricter("raise_to", level.span, rule, found=plain_type(scale), expected=_A_SCALE)
    if level.text not in scale.members:
        fix, expected = did_you_mean(level.text, scale.members), type_words(scale)
        return diagnostic("SR0507", level.span, value=level.text, name=scale.name, expected=expected, fix=fix)
    if scale.worse == "none":
        return _not_stricter("raise_to", level.span, rule, found="worse: none", expected="worse: first / worse: last")
    return None


def _shortened(document: OverlayDocument, rule: Rule) -> Diagnostic | None:
    """Is the new period shorter than the duty's own, in the same measure?"""
    months, days = (rule.duty.every_months, rule.duty.every_days) if rule.duty is not None else (None, None)
    for new, old, word in ((document.every_months, months, "months"), (document.every_days, days, "days")):
        if new is not None and (old is None or new >= old):
            if old is not None:
                return _not_stricter("every", document.span, rule, f"{word}: {new}", f"{word}: < {old}")
            periods = ((months, "months"), (days, "days"))
            expected = next((f"{each}: < {number}" for number, each in periods if number is not None), None)
            return _not_stricter("every", document.span, rule, f"{word}: {new}", expected or _A_PERIOD)
    return None


def _not_stricter(change: str, span: Span, rule: Rule, found: str, expected: Text | str) -> Diagnostic:
    return diagnostic(
        "SR0608",
        span,
        name=rule.id,
        change=change,
        found=found,
        expected=expected,
        fix=Text("改用 replace", "use replace"),
        related=[(rule.span, RULE)],
    )
