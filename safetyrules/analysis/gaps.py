"""Gaps: facts for which no row of a table holds, where nothing says that there is no value then."""

from __future__ import annotations

from collections.abc import Iterator

from safetyrules.analysis.examples import example, in_boxes
from safetyrules.analysis.law import Law, Table
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.language.spaces import TooMuchError
from safetyrules.text import Text


def gaps(law: Law) -> Iterator[Diagnostic]:
    """Of a sum or count nothing is missing where no row holds: it is 0."""
    for table in law.tables:
        summed = table.term.hit in ("collect sum", "collect count")
        if table.term.otherwise is None and not table.term.exhaustive and not summed:
            problem = _gap(law, table)
            if problem is not None:
                yield problem


def _gap(law: Law, table: Table) -> Diagnostic | None:
    conditions = [row.when for row in table.term.rows]
    try:
        space = law.space([*table.given, *conditions])
        filled = [box for condition in conditions for box in space.boxes(condition)]
        free = space.free(law.within(space, table.given), filled)
        shown = example(
            law,
            table.rule,
            in_boxes(space, free),
            [*table.given, *conditions],
            lambda look: all(map(look.holds, table.given)) and all(map(look.fails, conditions)),
            Text(f"{table.rule.id}：没有一行成立", f"{table.rule.id}; no row holds"),
        )
    except TooMuchError:
        return None
    if shown is None:
        return None
    fix = Text("加一行，或写 otherwise（没有值时写 none）", "add a row, or an otherwise: (none for no value)")
    return diagnostic("SR0701", table.term.span, severity=Severity.WARNING, name=table.rule.id, fix=fix, example=shown)
