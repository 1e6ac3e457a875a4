"""From what is wanted to facts: a search for facts under which terms come out as wanted.

It goes backwards through terms, conclusions and lists, trying one way after another, within a budget. What it finds is
a proposal; whoever asked evaluates it. What it does not find may exist all the same.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from fractions import Fraction
from functools import partial
from operator import eq
from typing import Any

from safetyrules.analysis.goals import Admits, Be, Draft, Goal, Hold, Member, Spot, Way
from safetyrules.analysis.samples import fits_type, is_number, pool, shifted, stands
from safetyrules.engine import algebra
from safetyrules.facts.schema import BooleanType, ScalarType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.plan import Plan
from safetyrules.language.spaces import Sample
from safetyrules.language.term_trees import walk
from safetyrules.values import NOTHING, Interval, Nothing

#: Ways tried in one search, goals met one after another, conclusions gone through in one another, and members made of
#: one list.
MOST_WAYS = 3_000
MOST_GOALS = 300
MOST_LEVELS = 12
MOST_MEMBERS = 12
#: Cells of a column that are tried to compare with.
MOST_CELLS = 20


class Search:
    """A search for facts of a subject under a plan. ``root`` is the draft of the subject."""

    def __init__(self, plan: Plan, root: Draft, as_of: date) -> None:
        self.plan = plan
        self.root = root
        self.as_of = Fraction(as_of.toordinal())
        self.left = MOST_WAYS
        self._undo: list[Callable[[], None]] = []

    def spot_of(self, kind: str) -> Spot:
        """An entity of a kind, with one of each of its ancestors."""
        chain = list(reversed(self.plan.schema.chain(kind)))
        draft = self.root
        for each in chain[1:]:
            assert each.parent_fact is not None
            part = Draft(each.name, draft)
            draft.lists.setdefault(each.parent_fact, []).append(part)
            draft = part
        return Spot(draft)

    def solve(self, goals: list[Goal], depth: int = 0) -> Iterator[None]:
        """Stops at each proposal, which stands in the drafts until the next is asked for."""
        if not goals:
            yield
            return
        if depth == MOST_GOALS:
            return
        first, rest = goals[0], goals[1:]
        for change, more in self._ways(first):
            self.left -= 1
            if self.left < 0:
                return
            mark = len(self._undo)
            if change is not None:
                change()
            yield from self.solve([*more, *rest], depth + 1)
            while len(self._undo) > mark:
                self._undo.pop()()

    def complete(self, terms: Sequence[t.Term], spot: Spot) -> None:
        """Gives whatever the terms read directly and nobody has given yet: some value, and empty lists."""
        for term in terms:
            for node in walk(term):
                match node:
                    case t.FactValue(t.Up() as entity, fact, type_):
                        draft = self._draft(entity, spot)
                        if fact not in draft.values:
                            self._give(draft, fact, pool(type_, self.as_of)[0])()
                    case t.PartsOf(t.Up() as entity, fact) | t.ValuesOf(t.Up() as entity, fact):
                        self._list(self._draft(entity, spot), fact)

    # ---- changes -----------------------------------------------------------------------------------------------------

    def _give(self, draft: Draft, fact: str, value: Sample) -> Callable[[], None]:
        def give() -> None:
            draft.values[fact] = value
            self._undo.append(lambda: draft.values.pop(fact))  # type: ignore[arg-type]

        return give

    def _list(self, draft: Draft, fact: str) -> list[Any]:
        if fact not in draft.lists:
            draft.lists[fact] = []
            self._undo.append(lambda: draft.lists.pop(fact))  # type: ignore[arg-type]
        return draft.lists[fact]

    def _append(self, draft: Draft, fact: str, member: object) -> Callable[[], None]:
        def append() -> None:
            members = self._list(draft, fact)
            members.append(member)
            self._undo.append(lambda: members.remove(member))

        return append

    def _close(self, draft: Draft, fact: str) -> Callable[[], None]:
        def close() -> None:
            self._list(draft, fact)

        return close

    def _draft(self, entity: t.EntityTerm, spot: Spot) -> Draft:
        if isinstance(entity, t.Variable):
            found = spot.bound[entity.name]
            assert isinstance(found, Draft)
            return found
        draft = spot.draft
        for _ in range(entity.levels):
            assert draft.parent is not None
            draft = draft.parent
        return draft

    # ---- ways --------------------------------------------------------------------------------------------------------

    def _ways(self, goal: Goal) -> Iterator[Way]:
        match goal:
            case Hold(term, spot, truth):
                yield from self._holding(term, spot, truth)
            case Be():
                yield from self._being(goal)
            case Member():
                yield from self._one_more(goal)

    def _holding(self, term: t.Term, spot: Spot, truth: bool) -> Iterator[Way]:
        match term:
            case t.Constant(value):
                if value is truth:
                    yield None, []
            case t.Not(operand):
                yield None, [Hold(operand, spot, not truth)]
            case t.Junction(operator, operands):
                if (operator == "&&") == truth:
                    yield None, [Hold(operand, spot, truth) for operand in operands]
                else:
                    # The first that says otherwise guards those after it.
                    for operand in operands:
                        yield None, [Hold(operand, spot, truth)]
            case t.Comparison(operator, left, right):
                yield from self._comparing(operator, left, right, spot, truth)
            case t.Among(operand, constants):
                members = [constant.value for constant in constants]
                yield None, [Be(operand, spot, lambda v: v is not NOTHING and (v in members) == truth, members)]
            case t.Applicable(operand):
                yield None, [Be(operand, spot, lambda v: (v is not NOTHING) == truth, [] if truth else [NOTHING])]
            case t.Choose(test, then, otherwise):
                yield None, [Hold(test, spot, True), Hold(then, spot, truth)]
                yield None, [Hold(test, spot, False), Hold(otherwise, spot, truth)]
            case t.UnsettledReadings(readings):
                yield None, [Hold(reading, spot, truth) for _, reading in readings]
            case t.Quantified():
                yield from self._quantified(term, spot, truth)
            case t.TextFunction(function, (operand, t.Constant(value))):
                words = [f"{value}", f"{value}00"] if truth else ["x"]
                fits = {"startsWith": str.startswith, "endsWith": str.endswith}.get(function, str.__contains__)
                yield None, [Be(operand, spot, lambda v: isinstance(v, str) and fits(v, str(value)) == truth, words)]
            case (
                t.FactValue()
                | t.ConclusionValue()
                | t.ItemValue()
                | t.LookupValue()
                | t.Sure()
                | t.DecisionTable()
                | t.Excepted()
                | t.Written()
            ):
                yield None, [Be(term, spot, lambda v: v is truth, [truth])]

    def _comparing(self, operator: str, left: t.Term, right: t.Term, spot: Spot, truth: bool) -> Iterator[Way]:
        def fits(one: Any, two: Any) -> bool:
            found = not (isinstance(one, Nothing) or isinstance(two, Nothing))
            return found and stands(operator, one, two, left.type) == truth

        if isinstance(left, t.Constant) or (isinstance(right, t.FactValue) and not isinstance(left, t.FactValue)):
            left, right = right, left
            swapped = True
        else:
            swapped = False
        for value in self._pool(right, spot):
            near = [value, value + 1, value - 1] if isinstance(value, Fraction) else []
            admits = partial(fits, value) if swapped else partial(_with_second, fits, value)
            yield None, [Be(right, spot, partial(eq, value), [value]), Be(left, spot, admits, near)]

    def _being(self, goal: Be) -> Iterator[Way]:
        term, spot, admits, samples = goal.term, goal.spot, goal.admits, goal.samples
        while isinstance(term, t.Sure):
            term = term.term
        match term:
            case t.Constant(value):
                if admits(value):
                    yield None, []
            case t.NoValueTerm():
                if admits(NOTHING):
                    yield None, []
            case t.AsOf():
                if admits(self.as_of):
                    yield None, []
            case t.FactValue(entity, fact, type_):
                yield from self._fact(self._draft(entity, spot), fact, type_, term.may_be_nothing, admits, samples)
            case t.ItemValue(variable):
                if admits(spot.bound.get(variable)):
                    yield None, []
            case t.ConclusionValue(entity, name):
                conclusion = self.plan.by_key.get((entity.kind, name))
                if conclusion is not None and spot.level < MOST_LEVELS:
                    there = Spot(self._draft(entity, spot), {}, spot.level + 1)
                    yield None, [Be(conclusion.term, there, admits, samples)]
            case t.Choose(test, then, otherwise):
                yield None, [Hold(test, spot, True), Be(then, spot, admits, samples)]
                yield None, [Hold(test, spot, False), Be(otherwise, spot, admits, samples)]
            case t.UnsettledReadings(readings):
                yield None, [Be(reading, spot, admits, samples) for _, reading in readings]
            case t.DecisionTable():
                yield from self._table(term, spot, admits, samples)
            case t.Excepted(base, exceptions):
                conditions = [branch.when for branch in exceptions if not branch.recorded]
                yield None, [*(Hold(when, spot, False) for when in conditions), Be(base, spot, admits, samples)]
                for branch in exceptions:
                    if not branch.recorded:
                        then = branch.then or t.NoValueTerm(term.type)
                        yield None, [Hold(branch.when, spot, True), Be(then, spot, admits, samples)]
            case t.Written(writers, _, accumulates):
                for writer in writers:
                    goals: list[Goal] = [Be(writer.term, spot, admits, samples)]
                    if accumulates and not admits(True):
                        others = (each.term for each in writers if each is not writer)
                        goals += [Be(each, spot, lambda v: v is not True, [False, NOTHING]) for each in others]
                    yield None, goals
            case t.Permitted(permitted, settled_by):
                if settled_by is not None:
                    chosen = [each for each in permitted if admits(each)]
                    yield None, [Be(settled_by, spot, lambda v: v in chosen, chosen)]
            case t.Aggregate():
                yield from self._aggregate(term, spot, admits)
            case t.LookupValue():
                yield from self._lookup(term, spot, admits)
            case t.FindingCount():
                yield from self._count(term, admits)
            case t.Arithmetic() | t.Negative() | t.Round() | t.DateFunction():
                yield from self._computed(term, spot, admits, samples)
            case _ if isinstance(term.type, BooleanType):
                for truth in (True, False):
                    if admits(truth):
                        yield None, [Hold(term, spot, truth)]

    def _fact(
        self, draft: Draft, fact: str, type_: ScalarType, nothing: bool, admits: Admits, samples: Sequence[Sample]
    ) -> Iterator[Way]:
        if fact in draft.values:
            if admits(draft.values[fact]):
                yield None, []
            return
        tried = list(dict.fromkeys([*samples, *pool(type_, self.as_of), *([NOTHING] if nothing else [])]))
        for value in tried:
            if fits_type(value, type_, nothing) and admits(value):
                yield self._give(draft, fact, value), []

    def _table(self, term: t.DecisionTable, spot: Spot, admits: Admits, samples: Sequence[Sample]) -> Iterator[Way]:
        for number, row in enumerate(term.rows):
            others = term.rows[:number] if term.hit == "first" else (*term.rows[:number], *term.rows[number + 1 :])
            not_these: list[Goal] = [Hold(other.when, spot, False) for other in others[-MOST_GOALS // 2 :]]
            yield None, [Hold(row.when, spot, True), Be(row.then, spot, admits, samples), *not_these]
        otherwise = term.otherwise or t.NoValueTerm(term.type)
        yield None, [Be(otherwise, spot, admits, samples), *(Hold(row.when, spot, False) for row in term.rows)]

    # ---- lists -------------------------------------------------------------------------------------------------------

    def _source(self, operand: t.ListTerm, spot: Spot) -> tuple[Draft, str] | None:
        match operand:
            case t.PartsOf(entity, fact) | t.ValuesOf(entity, fact):
                return self._draft(entity, spot), fact
            case t.Filtered(inner) | t.Mapped(inner):
                return self._source(inner, spot)
        return None

    def _one_more(self, goal: Member) -> Iterator[Way]:
        """The list gets a part, or a value for which the goals hold."""
        source = self._source(goal.operand, goal.spot)
        if source is None:
            return
        draft, fact = source
        type_ = self.plan.schema.kinds[draft.kind].facts[fact].type
        if isinstance(type_, ValuesType):
            for value in pool(type_.item, self.as_of):
                yield self._append(draft, fact, value), self._inside(goal.operand, goal.spot, value, goal.goals)
            return
        part = Draft(type_.kind, draft)  # type: ignore[union-attr]
        yield self._append(draft, fact, part), self._inside(goal.operand, goal.spot, part, goal.goals)

    def _inside(
        self, operand: t.ListTerm, spot: Spot, member: object, goals: Callable[[Spot, Any], list[Goal]]
    ) -> list[Goal]:
        """What must hold of a member of the source for it to be a member of what is made of that."""
        match operand:
            case t.Filtered(inner, variable, test):
                own: list[Goal] = [Hold(test, spot.binding(variable, member), True)]
                return [*own, *self._inside(inner, spot, member, goals)]
        return goals(spot, member)

    def _quantified(self, term: t.Quantified, spot: Spot, truth: bool) -> Iterator[Way]:
        source = self._source(term.operand, spot)
        if source is None:
            return
        wanted = (term.quantifier != "all") == truth
        if not wanted:
            members = source[0].lists.get(source[1], [])
            body: list[Goal] = [
                Hold(term.body, spot.binding(term.variable, member), term.quantifier == "all") for member in members
            ]
            yield self._close(*source), body
            return
        values = [node.value for node in walk(term.body) if isinstance(node, t.Constant)]
        kind = self.plan.schema.kinds[source[0].kind].facts[source[1]].type
        if isinstance(kind, ValuesType):
            for value in (v for v in values if fits_type(v, kind.item, False)):
                yield self._append(*source, value), [Hold(term.body, spot.binding(term.variable, value), truth)]
            return

        def goals(there: Spot, member: object) -> list[Goal]:
            return [Hold(term.body, there.binding(term.variable, member), truth)]

        yield None, [Member(term.operand, spot, goals)]

    def _aggregate(self, term: t.Aggregate, spot: Spot, admits: Admits) -> Iterator[Way]:
        source = self._source(term.operand, spot)
        if source is None:
            return
        if term.function == "size":
            for count in range(MOST_MEMBERS + 1):
                if admits(Fraction(count)):
                    yield self._close(*source), [Member(term.operand, spot)] * count
            return
        if admits(Fraction(0) if term.function == "sum" else NOTHING):
            yield self._close(*source), []
        operand = term.operand
        if isinstance(operand, t.Mapped):
            inner = operand.operand if operand.test is None else t.Filtered(
                operand.operand, operand.variable, operand.test, None, None
            )  # fmt: skip
            variable, body = operand.variable, operand.body

            def goals(there: Spot, member: object) -> list[Goal]:
                return [Be(body, there.binding(variable, member), admits)]

            yield None, [Member(inner, spot, goals)]
        elif isinstance(operand, t.ValuesOf):
            for value in pool(operand.item, self.as_of):
                if admits(value):
                    yield self._append(*source, value), []

    # ---- other sources of values -------------------------------------------------------------------------------------

    def _lookup(self, term: t.LookupValue, spot: Spot, admits: Admits) -> Iterator[Way]:
        table = self.plan.tables[term.table]
        place = table.place(term.column)
        for row in table.rows:
            cell: Any = NOTHING if row[place] is None else row[place]
            if admits(cell):
                keys = [row[table.place(key)] for key in table.keys]
                if None not in keys:
                    wanted: list[Goal] = [
                        Be(key, spot, partial(eq, cell_of), [cell_of])
                        for key, cell_of in zip(term.keys, keys, strict=True)
                        if cell_of is not None
                    ]
                    yield None, wanted

    def _count(self, term: t.FindingCount, admits: Admits) -> Iterator[Way]:
        counted = [
            conclusion
            for conclusion in self.plan.findings.get(term.sector, ())
            if term.severity in (conclusion.severity, "any")
        ]
        on_root = [each for each in counted if each.on == self.root.kind]
        spot = Spot(self.root, {}, MOST_LEVELS // 2)
        for count in range(min(len(on_root), MOST_MEMBERS) + 1):
            if admits(Fraction(count)):
                goals: list[Goal] = [Be(each.term, spot, lambda v: v is True, [True]) for each in on_root[:count]]
                goals += [Be(each.term, spot, lambda v: v is not True, [False]) for each in on_root[count:]]
                lists = [
                    kind.parent_fact
                    for kind in self.plan.schema.parts(self.root.kind)
                    if any(each.on == kind.name for each in counted) and kind.parent_fact is not None
                ]

                def close(lists: list[str] = lists) -> None:
                    for fact in lists:
                        self._list(self.root, fact)

                yield close, goals

    def _computed(self, term: t.Term, spot: Spot, admits: Admits, samples: Sequence[Sample]) -> Iterator[Way]:
        """One operand is taken as it is found worth trying, the other as the result wants it."""
        match term:
            case t.Negative(operand):
                yield None, [Be(operand, spot, lambda v: is_number(v) and admits(-v), shifted(samples, lambda s: -s))]
            case t.Round(operand, digits):

                def rounded(value: Any) -> bool:
                    return is_number(value) and admits(algebra.rounded(Interval(value, value), digits).low)

                yield None, [Be(operand, spot, rounded, samples)]
            case t.DateFunction("year", (day,)):
                middle = shifted(samples, lambda s: Fraction(date(min(max(int(s), 1), 9999), 6, 15).toordinal()))

                def in_year(value: Any) -> bool:
                    return is_number(value) and admits(Fraction(date.fromordinal(int(value)).year))

                yield None, [Be(day, spot, in_year, middle)]
            case t.Arithmetic(operator, left, right):
                for value in self._pool(right, spot):
                    yield from self._from_right(operator, left, right, value, spot, admits, samples)
            case t.DateFunction(function, (left, right)):
                for value in self._pool(right, spot):
                    yield from self._from_right(function, left, right, value, spot, admits, samples)

    def _from_right(
        self, operator: str, left: t.Term, right: t.Term, value: Sample, spot: Spot, admits: Admits,
        samples: Sequence[Sample],
    ) -> Iterator[Way]:  # fmt: skip
        if not isinstance(value, Fraction):
            return
        known = Interval(value, value)

        def result(found: Fraction) -> Fraction | None:
            one = Interval(found, found)
            if operator in ("+", "-", "*", "/", "%"):
                made = algebra.arithmetic(operator, one, known)
            else:
                made = algebra.date_function(operator, [one, known])
            return made.low if made.known else None

        inverse: dict[str, Callable[[Fraction], Fraction | None]] = {
            "+": lambda s: s - value, "-": lambda s: s + value, "*": lambda s: s / value if value else None,
            "/": lambda s: s * value, "%": lambda s: s, "days_between": lambda s: value - s,
            "add_days": lambda s: s - value, "add_months": lambda s: algebra.add_months(s, -value),
        }  # fmt: skip
        tried = shifted(samples, inverse[operator])

        def fits(found: Any) -> bool:
            return is_number(found) and (made := result(found)) is not None and admits(made)

        yield None, [Be(right, spot, partial(eq, value), [value]), Be(left, spot, fits, tried)]

    def _pool(self, term: t.Term, spot: Spot) -> list[Sample]:
        """Values that a term may well be brought to have."""
        while isinstance(term, t.Sure):
            term = term.term
        match term:
            case t.Constant(value):
                return [value]
            case t.AsOf():
                return [self.as_of]
            case t.FactValue(entity, fact, type_):
                draft = self._draft(entity, spot)
                return [draft.values[fact]] if fact in draft.values else pool(type_, self.as_of)
            case t.LookupValue(table, _, column):
                found = self.plan.tables[table]
                place = found.place(column)
                cells: dict[Sample, None] = {row[place]: None for row in found.rows if row[place] is not None}  # type: ignore[misc]
                return list(cells)[:MOST_CELLS]
        return pool(term.type, self.as_of)


def _with_second(fits: Callable[[Any, Any], bool], second: object, first: object) -> bool:
    return fits(first, second)
