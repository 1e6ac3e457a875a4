"""The clauses behind a conclusion, from its explanation."""

from __future__ import annotations

from collections.abc import Iterable

from safetyrules.explanation import reasons as r
from safetyrules.explanation.why import Explanation, steps_of


def clauses_behind(explanation: Explanation) -> frozenset[str]:
    """``instrument#clause`` of every rule, row, exception and overlay that the conclusion rests on; of findings that
    are read along the way, those that are or may be found."""
    found: set[str] = set()
    for reason in explanation.conclusions:
        beside = reason.node not in explanation.roots
        if beside and reason.kind == "finding" and reason.status not in ("found", "undetermined"):
            continue
        for rule in reason.rules:
            if rule.standing in ("decides", "may_decide"):
                found.update(_cited(rule.citations))
                for overlay in rule.overlays:
                    found.update(_cited(overlay.citations))
                found.update(_of_exceptions(rule.exceptions))
        for step in steps_of(reason):
            if isinstance(step, r.Table):
                for row in step.rows:
                    if row.standing in ("holds", "may_hold"):
                        found.update(_cited(row.clauses))
            elif isinstance(step, r.Lookup) and step.citation is not None:
                found.update(_cited([step.citation]))
    return frozenset(found)


def clauses_of_rows(explanation: Explanation) -> frozenset[str]:
    """``instrument#clause`` of the rows that hold or may hold in the conclusion's own tables."""
    return frozenset(
        clause
        for reason in explanation.conclusions
        if reason.node in explanation.roots
        for step in steps_of(reason)
        if isinstance(step, r.Table)
        for row in step.rows
        if row.standing in ("holds", "may_hold")
        for clause in _cited(row.clauses)
    )


def _of_exceptions(exceptions: Iterable[r.ExceptionReason]) -> Iterable[str]:
    for each in exceptions:
        if each.standing != "does_not_apply":
            yield from _cited(each.citations)
            yield from _of_exceptions(each.exceptions)


def _cited(citations: Iterable[r.Citation]) -> list[str]:
    return [f"{each.instrument}#{each.clause}" for each in citations]
