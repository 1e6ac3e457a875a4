"""Checks that need the whole program: who else writes a conclusion, and which clauses nobody implements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from datetime import date

from safetyrules.diagnostics import Diagnostic, Severity, Span, diagnostic
from safetyrules.language import terms as t
from safetyrules.language.declare import Declarations
from safetyrules.language.document import RulesetDocument
from safetyrules.language.instruments import days_words
from safetyrules.language.rule_terms import Key, RuleChecker
from safetyrules.language.ruleform import ACCUMULATING, Days, Overlay, Rule
from safetyrules.places import PlaceTree
from safetyrules.text import Text, same


def second_writers(declarations: Declarations, rules: Mapping[str, Rule]) -> Iterator[Diagnostic]:
    """Conclusions that two rules write without leave (design 5.10). Findings and duties accumulate and need none."""
    writers: dict[Key, list[Rule]] = {}
    for rule in rules.values():
        if rule.except_ is None and rule.binds:
            writers.setdefault((rule.on, rule.concludes), []).append(rule)
    for key, found in writers.items():
        declared = declarations.conclusions.get(key)
        for number, second in enumerate(found):
            for first in found[:number]:
                if {first.kind, second.kind} <= ACCUMULATING:
                    continue
                if declared is None or not declared.open:
                    code = "SR0609"
                elif (
                    first.overrides.count(second.id)
                    or second.overrides.count(first.id)
                    or (first.jurisdiction != second.jurisdiction or first.days.first != second.days.first)
                ):
                    continue
                else:
                    code = "SR0610"
                yield diagnostic(
                    code,
                    second.span,
                    name=key[1],
                    first=first.id,
                    second=second.id,
                    related=[(first.span, Text("另一条规则", "the other rule"))],
                )


def mixed_outcomes(rules: Mapping[str, Rule]) -> Iterator[Diagnostic]:
    """Findings and duties that a rule of another kind writes too: that would count for one, or they for nothing."""
    writers: dict[Key, Rule] = {}
    for rule in rules.values():
        if rule.except_ is not None:
            continue
        first = writers.setdefault((rule.on, rule.concludes), rule)
        if rule.kind != first.kind and {rule.kind, first.kind} & {"finding", "duty"}:
            yield diagnostic(
                "SR0616",
                rule.span,
                name=rule.concludes,
                first=first.id,
                second=rule.id,
                one=first.kind,
                two=rule.kind,
                fix=Text("让它写自己的结论（concludes）", "let it conclude a name of its own (concludes)"),
                related=[(first.span, Text("另一条规则", "the other rule"))],
            )


def without_force(rules: Mapping[str, Rule], places: PlaceTree | None) -> Iterator[Diagnostic]:
    """Rules that bind nobody, and yet would change what a binding rule in force beside them says (design 5.13)."""
    binding: dict[Key, list[Rule]] = {}
    for rule in rules.values():
        if rule.except_ is None and rule.binds:
            binding.setdefault((rule.on, rule.concludes), []).append(rule)
    for rule in rules.values():
        if rule.binds:
            continue
        if rule.except_ is not None:
            base = rules.get(rule.except_)
            changed = [base] if base is not None and base.binds else []
        else:
            changed = binding.get((rule.on, rule.concludes), [])
        for other in changed:
            days = other.days.within(rule.days)
            if other.days.overlaps(rule.days) and not _apart(other.jurisdiction, rule.jurisdiction, places, days):
                yield diagnostic(
                    "SR0615",
                    rule.span,
                    name=rule.id,
                    force=rule.force,
                    other=other.id,
                    fix=Text("让它写自己的结论（concludes）", "let it conclude a name of its own (concludes)"),
                    related=[(other.span, Text("有约束力的规则", "the rule that binds"))],
                )
                break


def never_effective(
    declarations: Declarations, rules: Mapping[str, Rule], overlays: Sequence[Overlay], places: PlaceTree | None
) -> Iterator[Diagnostic]:
    """Exceptions and overlays that no day, or no place, has in force together with the rule they limit or change."""
    for rule in rules.values():
        base = rules.get(rule.except_) if rule.except_ is not None else None
        if base is None:
            continue
        if not base.days.overlaps(rule.days):
            yield _never(rule.span, rule.id, base, days_words(rule.days), days_words(base.days))
        elif _apart(base.jurisdiction, rule.jurisdiction, places, base.days.within(rule.days)):
            yield _never(rule.span, rule.id, base, rule.jurisdiction, base.jurisdiction)
    for overlay in overlays:
        target = rules.get(overlay.target)
        if target is not None:
            days = overlay.days
            if not target.days.overlaps(days):
                yield _never(
                    overlay.span, f"{overlay.action} {target.id}", target, days_words(days), days_words(target.days)
                )
            elif _apart(target.jurisdiction, overlay.jurisdiction, places, target.days.within(days)):
                yield _outside(overlay, target.jurisdiction, target.span)
        elif overlay.action == "set":
            ruleset, _, name = overlay.target.partition("/")
            there = declarations.rulesets[ruleset].jurisdiction
            if _apart(there, overlay.jurisdiction, places, overlay.days):
                yield _outside(overlay, there, declarations.parameters[ruleset, name].span)


def _never(span: Span, name: str, target: Rule, found: str, expected: str) -> Diagnostic:
    related = [(target.span, Text("所依的规则", "the rule it depends on"))]
    return diagnostic(
        "SR0913",
        span,
        severity=Severity.WARNING,
        name=name,
        target=target.id,
        found=found,
        expected=same(expected),
        related=related,
    )


def _outside(overlay: Overlay, place: str, span: Span) -> Diagnostic:
    return diagnostic(
        "SR0914",
        overlay.span,
        name=overlay.target,
        found=overlay.jurisdiction,
        expected=Text(f"{place} 或其中的地域", f"{place}, or a place inside it"),
        related=[(span, Text("覆盖所改之处", "what the overlay changes"))],
    )


def _apart(one: str, two: str, places: PlaceTree | None, days: Days) -> bool:
    """Does neither place cover the other? What is not known is not held against anyone."""
    day = days.first or days.last or date.max
    return places is not None and places.covers(one, two, day) is False and places.covers(two, one, day) is False


def cited_clauses(
    checker: RuleChecker, rulesets: Sequence[RulesetDocument], rules: Mapping[str, Rule], overlays: Sequence[Overlay]
) -> set[str]:
    """Every ``instrument#clause`` that a rule, row, overlay, table or parameter cites; checks those of parameters."""
    cited = {citation for rule in rules.values() for citation in rule.clauses}
    cited |= {citation for overlay in overlays for citation in overlay.clauses}
    bodies = [rule.body for rule in (*rules.values(), *(o.rule for o in overlays if o.rule is not None))]
    cited |= {
        citation for body in bodies if isinstance(body, t.DecisionTable)
        for row in body.rows for citation in row.clauses
    }  # fmt: skip
    cited |= {f"{table.instrument}#{table.clause}" for table in checker.declarations.tables.values()}
    for ruleset in rulesets:
        for parameter in ruleset.parameters:
            if parameter.clause is not None:
                cited.update(checker.citations((parameter.clause,), ruleset, checker.declarations.problems))
    return cited


def clauses_without_rules(declarations: Declarations, cited: Set[str]) -> Iterator[Diagnostic]:
    """Clauses that nothing implements and that do not say why."""
    for instrument in declarations.instruments.values():
        for clause in instrument.clauses.values():
            if clause.status == "rule" and f"{instrument.id}#{clause.id}" not in cited:
                fix = Text(
                    "写一条规则，或写明 status 和 reason", "write a rule for it, or give it a status and a reason"
                )
                yield diagnostic(
                    "SR0909",
                    clause.span,
                    severity=Severity.WARNING,
                    clause=clause.id,
                    instrument=instrument.id,
                    fix=fix,
                )


def unread_parameters(declarations: Declarations, read: Set[tuple[str, str]]) -> Iterator[Diagnostic]:
    """Parameters that no expression of their ruleset reads."""
    for key, parameter in declarations.parameters.items():
        if key not in read:
            yield diagnostic("SR0423", parameter.span, severity=Severity.WARNING, name=parameter.name)
