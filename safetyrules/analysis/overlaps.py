"""Overlaps: two rows that hold together, where the hit policy says that they do not, or that they agree."""

from __future__ import annotations

from collections.abc import Iterator

from safetyrules.analysis.examples import Look, example, in_boxes
from safetyrules.analysis.law import Law, Table
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.language import terms as t
from safetyrules.language.spaces import Box, Meeting, Space, TooMuchError, numbers_in
from safetyrules.text import Text

#: Rows above that one row is tried against, and findings in one table: a table that overlaps everywhere says so soon.
MOST_PAIRS = 8
MOST_FINDINGS = 20
ABOVE = Text("另一行", "the other row")


def overlaps(law: Law) -> Iterator[Diagnostic]:
    """SR0702 for `unique`, SR0703 for `any`: at the lower row, with facts for which both hold."""
    for table in law.tables:
        if table.term.hit in ("unique", "any"):
            told: set[int] = set()
            for first, second, region, space in pairs(law, table):
                if second in told or (table.term.hit == "any" and _same(table, first, second)):
                    continue
                problem = _overlap(law, table, first, second, region, space)
                if problem is not None:
                    yield problem
                    told.add(second)
                    if len(told) == MOST_FINDINGS:
                        break


def pairs(law: Law, table: Table) -> Iterator[tuple[int, int, list[Box], Space]]:
    """The rows whose boxes meet where the table is asked: a row, one below it, and where they meet."""
    conditions = [row.when for row in table.term.rows]
    try:
        space = law.space([*table.given, *conditions])
        within = law.within(space, table.given)
        boxes = [(number, box) for number, when in enumerate(conditions) for box in space.boxes(when)]
        meeting = Meeting(space, [box for _, box in boxes])
        own: dict[int, int] = {}
        for place, (number, _) in enumerate(boxes):
            own[number] = own.get(number, 0) | 1 << place
        for second, when in enumerate(conditions):
            reached = 0
            for box in space.boxes(when):
                reached |= meeting.of(box)
            above = dict.fromkeys(boxes[place][0] for place in numbers_in(reached))
            for first in [number for number in above if number < second][:MOST_PAIRS]:
                region = space.meet(within, space.boxes(conditions[first]), space.boxes(when))
                if region:
                    yield first, second, region, space
    except TooMuchError:
        return


def _same(table: Table, first: int, second: int) -> bool:
    return table.term.rows[first].then == table.term.rows[second].then


def _overlap(law: Law, table: Table, first: int, second: int, region: list[Box], space: Space) -> Diagnostic | None:
    one, two = table.term.rows[first], table.term.rows[second]
    unique = table.term.hit == "unique"

    def both(look: Look) -> bool:
        if not (all(map(look.holds, table.given)) and look.holds(one.when) and look.holds(two.when)):
            return False
        return unique or _differ(look, one.then, two.then)

    computed = [each for each in (one.then, two.then) if not isinstance(each, t.Constant)]
    name = table.rule.id
    shown = example(
        law, table.rule, in_boxes(space, region), [*table.given, one.when, two.when, *computed], both,
        Text(f"{name}：第 {first + 1} 行与第 {second + 1} 行都成立", f"{name}; rows {first + 1} and {second + 1} hold"),
    )  # fmt: skip
    if shown is None:
        return None
    return diagnostic(
        "SR0702" if unique else "SR0703",
        two.span,
        severity=Severity.WARNING,
        name=name,
        first=first + 1,
        second=second + 1,
        related=[(one.span, ABOVE)] if one.span is not None else (),
        example=shown,
    )


def _differ(look: Look, one: t.Term, two: t.Term) -> bool:
    first, second = look.value(one), look.value(two)
    return first.known and second.known and first != second
