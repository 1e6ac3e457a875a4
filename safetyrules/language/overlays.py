"""Overlays as written become typed overlays; a ``tighten`` is proved stricter by its shape, or refused (design 5.12)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from safetyrules.diagnostics import Diagnostic, diagnostic
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t
from safetyrules.language.check import check_condition
from safetyrules.language.document import OverlayDocument, RulesetDocument
from safetyrules.language.rule_terms import RuleChecker
from safetyrules.language.ruleform import Overlay, Rule
from safetyrules.language.types import constant, unknown_name


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
    scope = checker.scope(rule.on, ruleset.name.text, checker.declarations.problems, set()).knowing(rule.applies)
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
    checker.documents[document.rule.id.text] = (document.rule, ruleset)
    problems: list[Diagnostic] = []
    new = checker.rule(document.rule, ruleset, (rule.on, rule.concludes), problems, {})
    checker.declarations.problems.extend(problems)
    if new is None:
        return None
    return replace(overlay, rule=replace(new, sector=rule.sector, except_=rule.except_, concludes=rule.concludes))


def _tightening(
    checker: RuleChecker, document: OverlayDocument, overlay: Overlay, rule: Rule, when: t.Term | None
) -> Overlay | None:
    """Proved stricter by its shape (design 5.12); anything else must be a ``replace``."""
    if document.or_when is not None and rule.kind != "finding":
        checker.declarations.problems.append(diagnostic("SR0608", document.span, name=rule.id, found="or_when"))
        return None
    if document.severity is not None and rule.kind != "finding":
        checker.declarations.problems.append(diagnostic("SR0608", document.span, name=rule.id, found="severity"))
        return None
    if document.raise_to is not None:
        scale = rule.type
        if (
            not isinstance(scale, ChoiceType)
            or not scale.scale
            or document.raise_to.text not in scale.members
            or scale.worse == "none"
        ):
            checker.declarations.problems.append(
                diagnostic("SR0608", document.raise_to.span, name=rule.id, found="raise_to")
            )
            return None
    if document.every_months is not None or document.every_days is not None:
        duty = rule.duty
        shorter = duty is not None and (
            (
                document.every_months is not None
                and duty.every_months is not None
                and document.every_months < duty.every_months
            )
            or (
                document.every_days is not None
                and duty.every_days is not None
                and document.every_days < duty.every_days
            )
        )
        if not shorter:
            checker.declarations.problems.append(diagnostic("SR0608", document.span, name=rule.id, found="every"))
            return None
    return replace(overlay, when=when)
