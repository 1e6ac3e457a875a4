"""Rows that never hold, never decide, or are not what they seem to a reader who goes from top to bottom.

A row of a *first* table is masked where rows above hold wherever it does. Of a table that ranks results (*priority*,
*collect max*, *collect min*), one is masked where rows of a better result hold wherever it does. Where something is not
known, such a row does harm: it stays possible, though it can never be the answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from safetyrules.analysis.examples import MOST_BOXES, Accept, all_hold, almost, example, in_boxes, place_of
from safetyrules.analysis.law import Law, Table
from safetyrules.analysis.overlaps import ABOVE, MOST_FINDINGS, pairs
from safetyrules.diagnostics import Diagnostic, Severity, Span, diagnostic
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t
from safetyrules.language.spaces import Box, Meeting, Space, TooMuchError, numbers_in
from safetyrules.text import Text

#: What makes a condition never true and is told by itself.
CAUSES = ("SR0527", "SR0726")


def masked_rows(law: Law) -> Iterator[Diagnostic]:
    """SR0713 (never holds), SR0704 (never decides) and SR0705 (a part of it never decides)."""
    for table in law.tables:
        conditions = [row.when for row in table.term.rows]
        if not law.same_everywhere([*table.given, *conditions]):
            continue
        try:
            yield from _Masking(law, table).problems()
        except TooMuchError:
            continue


def misleading_order(law: Law) -> Iterator[Diagnostic]:
    """SR0706: in a *priority* table, a row that one further down outranks where both hold."""
    for table in law.tables:
        if table.term.hit != "priority" or not isinstance(table.term.type, ChoiceType):
            continue
        told: set[int] = set()
        for first, second, region, space in pairs(law, table):
            one, two = table.term.rows[first], table.term.rows[second]
            if second in told or rank(table.term, two.then) is None or not _outranks(table.term, two.then, one.then):
                continue
            name = table.rule.id
            shown = example(
                law, table.rule, in_boxes(space, region), [*table.given, one.when, two.when],
                all_hold((*table.given, one.when, two.when)),
                Text(f"{name}：第 {second + 1} 行胜过 {first + 1}", f"{name}; row {second + 1} outranks {first + 1}"),
            )  # fmt: skip
            if shown is not None:
                told.add(second)
                yield diagnostic(
                    "SR0706", two.span, severity=Severity.NOTE, name=name, first=first + 1, second=second + 1,
                    fix=Text("把它移到前面", "move it above"),
                    related=[(one.span, ABOVE)] if one.span is not None else (), example=shown,
                )  # fmt: skip


def rank(term: t.DecisionTable, then: t.Term) -> Fraction | None:
    """The place of a result in a table that ranks, the best first; None where it is computed, or nothing ranks it."""
    if not isinstance(then, t.Constant):
        return None
    if isinstance(term.type, ChoiceType):
        place = Fraction(term.type.members.index(str(then.value)))
    elif isinstance(then.value, Fraction):
        place = then.value
    else:
        return None
    return -place if term.hit == "collect max" else place


def _outranks(term: t.DecisionTable, one: t.Term, two: t.Term) -> bool:
    first, second = rank(term, one), rank(term, two)
    return first is not None and second is not None and first < second


@dataclass
class _Masking:
    law: Law
    table: Table
    space: Space = field(init=False)

    def __post_init__(self) -> None:
        self.conditions = [row.when for row in self.table.term.rows]
        self.space = self.law.space([*self.table.given, *self.conditions])
        self.within = self.law.within(self.space, self.table.given)
        self.boxes = [self.space.boxes(when) for when in self.conditions]
        flat = [(number, box) for number, boxes in enumerate(self.boxes) for box in boxes]
        self.owners = [number for number, _ in flat]
        self.flat = [box for _, box in flat]
        self.meeting = Meeting(self.space, self.flat)
        self.ranks = [rank(self.table.term, row.then) for row in self.table.term.rows]

    def problems(self) -> Iterator[Diagnostic]:
        found = 0
        for number, row in enumerate(self.table.term.rows):
            if isinstance(row.when, t.Constant):
                where = self.within if row.when.value else []
            else:
                where = self.space.meet(self.within, self.boxes[number])
            problem = self._problem(number, row, where)
            if problem is not None:
                yield problem
                found += 1
            else:
                for part in self._parts(number, row):
                    yield part
                    found += 1
            if found >= MOST_FINDINGS:
                return

    def _problem(self, number: int, row: t.TableRow, where: list[Box]) -> Diagnostic | None:
        if not self.within:
            return None  # the table is never asked: the rule says so
        if not where:
            if self.law.blamed(row.when, CAUSES) or isinstance(row.when, t.Constant):
                return None
            given, name = self.table.given, self.table.rule.id
            near = [*almost(row.when), *in_boxes(self.space, self.within[:MOST_BOXES])]
            shown = example(
                self.law, self.table.rule, near,
                [*given, *self.conditions], lambda look: all(map(look.holds, given)) and look.fails(row.when),
                Text(f"{name}：第 {number + 1} 行不成立", f"{name}; row {number + 1} does not hold"),
            )  # fmt: skip
            return self._told("SR0713", row.span, number, shown)
        deciding = self._deciding(number)
        if deciding is None or not self.space.covered(where, self._meeting_any(where, deciding)):
            return None
        name = self.table.rule.id
        shown = example(
            self.law, self.table.rule, in_boxes(self.space, where), [*self.table.given, *self.conditions],
            lambda look: look.holds(row.when) and look.outcome(self.table.rule).known,
            Text(f"{name}：第 {number + 1} 行成立而不决定", f"{name}; row {number + 1} holds and does not decide"),
        )  # fmt: skip
        return self._told("SR0704", row.span, number, shown)

    def _held_and_decided(self, terms: Sequence[t.Term]) -> Accept:
        return lambda look: all(map(look.holds, terms)) and look.outcome(self.table.rule).known

    def _told(self, code: str, span: Span | None, number: int, shown: Text | None) -> Diagnostic:
        note = code == "SR0705"
        return diagnostic(
            code, span, severity=Severity.NOTE if note else Severity.WARNING, name=self.table.rule.id, row=number + 1,
            fix=Text("删去或改正", "drop it or put it right"), example=shown,
        )  # fmt: skip

    def _deciding(self, number: int) -> list[int] | None:
        """The rows that decide before this one wherever they hold; None where there is no such order."""
        term = self.table.term
        if term.hit == "first":
            return list(range(number))
        if term.hit not in ("priority", "collect max", "collect min"):
            return None
        own, place = term.rows[number], self.ranks[number]
        if place is None:
            return None
        better = [other for other, each in enumerate(self.ranks) if each is not None and each < place]
        again = (
            other
            for other, row in enumerate(term.rows[:number])
            if self.ranks[other] == place and row.then == own.then and set(own.clauses) <= set(row.clauses)
        )
        return [*better, *again]

    def _meeting_any(self, where: Sequence[Box], rows: Sequence[int]) -> list[Box]:
        """The boxes of some rows that reach into ``where``."""
        reached = 0
        for box in where:
            reached |= self.meeting.of(box)
        wanted = set(rows)
        return [self.flat[place] for place in numbers_in(reached) if self.owners[place] in wanted]

    def _parts(self, number: int, row: t.TableRow) -> Iterator[Diagnostic]:
        """Parts of the condition that could be left out, because rows above hold wherever they would count."""
        if self.table.term.hit != "first" or not number:
            return
        above = list(range(number))
        for part, whole in _parts(row.when):
            rest = [part, *whole]
            where = self.space.meet(self.within, *(self.space.boxes(each) for each in rest))
            if not where or not self.space.covered(where, self._meeting_any(where, above)):
                continue
            name, at = self.table.rule.id, place_of(part)
            shown = example(
                self.law, self.table.rule, in_boxes(self.space, where), [*self.table.given, *self.conditions],
                self._held_and_decided(rest),
                Text(f"{name}：第 {at} 处，上面的行先决定", f"{name}; {at}, a row above decides"),
            )  # fmt: skip
            yield self._told("SR0705", getattr(part, "span", None) or row.span, number, shown)


def _parts(when: t.Term) -> Iterator[tuple[t.Term, list[t.Term]]]:
    """Each alternative that a condition names, and what else it asks for together with it."""
    joined = list(when.operands) if isinstance(when, t.Junction) and when.operator == "&&" else [when]
    for number, each in enumerate(joined):
        others = joined[:number] + joined[number + 1 :]
        if isinstance(each, t.Junction) and each.operator == "||":
            for operand in each.operands:
                yield operand, others
        elif isinstance(each, t.Among) and len(each.constants) > 1:
            for constant in each.constants:
                span = constant.span or each.span
                yield t.Among(each.operand, (constant,), each.may_be_nothing, span), others
