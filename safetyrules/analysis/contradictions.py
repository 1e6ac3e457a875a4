"""Exceptions to one rule that hold together and say otherwise (design 5.11)."""

from __future__ import annotations

from collections.abc import Iterator

from safetyrules.analysis.examples import Look, example, in_boxes
from safetyrules.analysis.law import Law
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.language import terms as t
from safetyrules.language.ruleform import Rule
from safetyrules.language.spaces import TooMuchError
from safetyrules.text import Text


def contradictions(law: Law) -> Iterator[Diagnostic]:
    """SR0716, at the second of two exceptions, with facts for which the interpreter notices the conflict."""
    siblings: dict[str, list[Rule]] = {}
    for rule in law.linked.rules.values():
        if rule.except_ is not None and not rule.recorded and rule.when is not None:
            siblings.setdefault(rule.except_, []).append(rule)
    for rules in siblings.values():
        for number, second in enumerate(rules):
            for first in rules[:number]:
                problem = _contradiction(law, first, second)
                if problem is not None:
                    yield problem
                    break


def _contradiction(law: Law, first: Rule, second: Rule) -> Diagnostic | None:
    if _outcome(first) == _outcome(second):
        return None
    assert first.when is not None
    assert second.when is not None
    given = list(dict.fromkeys((*law.given(first), *law.given(second), first.when, second.when)))
    computed = [each for each in (first.body, second.body) if not isinstance(each, t.Constant | t.NoValueTerm)]

    def conflict(look: Look) -> bool:
        return all(map(look.holds, given)) and "SR2005" in look.noticed(second)

    try:
        space = law.space(given)
        shown = example(
            law, second, in_boxes(space, law.within(space, given)), [*given, *computed], conflict,
            Text(f"{first.id} 与 {second.id} 都成立", f"{first.id} and {second.id} both hold"),
        )  # fmt: skip
    except TooMuchError:
        return None
    if shown is None:
        return None
    return diagnostic(
        "SR0716", second.when.span or second.span, severity=Severity.WARNING, first=first.id, second=second.id,
        fix=Text("让一个成为另一个的例外，或把条件分开", "make one an exception to the other, or tell them apart"),
        related=[(first.when.span or first.span, Text("另一个例外", "the other exception"))], example=shown,
    )  # fmt: skip


def _outcome(rule: Rule) -> t.Term | None:
    return None if rule.withdraw else rule.body
