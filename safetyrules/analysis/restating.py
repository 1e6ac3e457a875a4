"""A fact that restates its clause: whoever fills it in has judged already, and the rule only repeats it.

Measured by words: of the Chinese titles of rule and fact, without the words of denial and the particles that a clause
has and a fact has not, the share of pairs of neighbouring characters that both have.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator

from safetyrules.analysis.examples import comparing
from safetyrules.analysis.law import Law
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.facts.schema import Fact
from safetyrules.language import terms as t
from safetyrules.language.ruleform import Rule
from safetyrules.text import Text

#: From this share on, two titles say the same.
ALIKE = 0.75
_DENIAL = re.compile(r"未按规定|没有|未能|不得|未|不|无|没|的|了|时|\W")


def restating(law: Law) -> Iterator[Diagnostic]:
    """SR0723 of findings whose whole condition is one boolean fact."""
    for rule in law.linked.rules.values():
        fact = _only_fact(law, rule)
        if fact is not None and likeness(rule.title, fact.title) >= ALIKE:
            related = [(fact.span, Text("该事实", "the fact"))] if fact.span is not None else []
            yield diagnostic(
                "SR0723", rule.body.span or rule.span, severity=Severity.NOTE, name=rule.id, found=fact.name,
                fix=Text("改问看得见的事实，由规则判断", "ask for what can be seen, and let the rule judge"),
                related=related,
                example=comparing(
                    law, rule, rule.body, True, Text(f"{rule.id}：事实即结论", f"{rule.id}; the fact is the finding")
                ),
            )  # fmt: skip


def _only_fact(law: Law, rule: Rule) -> Fact | None:
    if rule.kind != "finding":
        return None
    term = rule.body
    while isinstance(term, t.Not | t.Sure):
        term = term.operand if isinstance(term, t.Not) else term.term
    if not isinstance(term, t.FactValue):
        return None
    return law.linked.schema.kinds[term.entity.kind].facts[term.fact]


def likeness(one: Text, two: Text) -> float:
    """From 0 (nothing in common) to 1 (the same words)."""
    first, second = (Counter(_pairs(_DENIAL.sub("", each.zh))) for each in (one, two))
    whole = first.total() + second.total()
    return 2 * (first & second).total() / whole if whole else 0.0


def _pairs(words: str) -> list[str]:
    return [words[place : place + 2] for place in range(len(words) - 1)]
