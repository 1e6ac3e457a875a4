"""Checks that need the whole program: who else writes a conclusion, and which clauses nobody implements."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.language import terms as t
from safetyrules.language.declare import Declarations
from safetyrules.language.rule_terms import Key
from safetyrules.language.ruleform import Overlay, Rule
from safetyrules.text import Text


def second_writers(declarations: Declarations, rules: Mapping[str, Rule]) -> Iterator[Diagnostic]:
    """Conclusions that two rules write without leave (design 5.10)."""
    writers: dict[Key, list[Rule]] = {}
    for rule in rules.values():
        if rule.except_ is None and rule.binds:
            writers.setdefault((rule.on, rule.concludes), []).append(rule)
    for key, found in writers.items():
        declared = declarations.conclusions.get(key)
        for number, second in enumerate(found):
            for first in found[:number]:
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


def clauses_without_rules(
    declarations: Declarations, rules: Mapping[str, Rule], overlays: Sequence[Overlay]
) -> Iterator[Diagnostic]:
    """Clauses that no rule, row, overlay or table implements and that do not say why."""
    cited = {citation for rule in rules.values() for citation in rule.clauses}
    cited |= {citation for overlay in overlays for citation in overlay.clauses}
    cited |= {
        citation for rule in rules.values() if isinstance(rule.body, t.DecisionTable)
        for row in rule.body.rows for citation in row.clauses
    }  # fmt: skip
    cited |= {f"{table.instrument}#{table.clause}" for table in declarations.tables.values()}
    for instrument in declarations.instruments.values():
        for clause in instrument.clauses.values():
            if clause.status == "rule" and f"{instrument.id}#{clause.id}" not in cited:
                yield diagnostic(
                    "SR0909", clause.span, severity=Severity.WARNING, clause=clause.id, instrument=instrument.id
                )
