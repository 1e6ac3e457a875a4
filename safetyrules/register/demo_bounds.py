"""What the rules of a plan hold against each fact: bounds of numbers and dates, keys of lookup tables, bad outcomes.

A value is followed through conclusions: where a ratio of a quantity and the cell of a table is compared with 1, the
quantity is held against the 1 and against every cell of that column.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fractions import Fraction

from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.language import terms as t
from safetyrules.language.plan import Key, Plan
from safetyrules.language.term_trees import children, walk

#: Kind and fact.
Place = tuple[str, str]


@dataclass
class Bounds:
    """``days`` and ``months`` are periods counted from a date fact; ``starts`` are texts that a text is compared with
    in part; ``bad`` the outcomes that lead to a finding, ``good`` the lowest and highest number that does not;
    ``decisions`` the facts that record a decision."""

    numbers: dict[Place, set[Fraction]] = field(default_factory=dict)
    dates: dict[Place, set[int]] = field(default_factory=dict)
    days: dict[Place, set[int]] = field(default_factory=dict)
    months: dict[Place, set[int]] = field(default_factory=dict)
    texts: dict[Place, dict[str, None]] = field(default_factory=dict)
    starts: dict[Place, dict[str, None]] = field(default_factory=dict)
    bad: dict[Place, set[bool | str]] = field(default_factory=dict)
    good: dict[Place, tuple[Fraction | None, Fraction | None]] = field(default_factory=dict)
    decisions: set[Place] = field(default_factory=set)


@dataclass
class Sources:
    """The facts that a value is made of, the constants beside them, and whether the day of the facts is among them."""

    facts: dict[Place, ScalarType] = field(default_factory=dict)
    numbers: set[Fraction] = field(default_factory=set)
    dates: set[int] = field(default_factory=set)
    texts: dict[str, None] = field(default_factory=dict)
    as_of: bool = False

    def add(self, other: Sources) -> None:
        self.facts.update(other.facts)
        self.numbers |= other.numbers
        self.dates |= other.dates
        self.texts.update(other.texts)
        self.as_of |= other.as_of

    def constant(self, value: object, type_: ScalarType) -> None:
        if isinstance(value, str):
            self.texts[value] = None
        elif isinstance(value, Fraction) and isinstance(type_, DateType):
            self.dates.add(int(value))
        elif isinstance(value, Fraction):
            self.numbers.add(value)


def bounds_of(plan: Plan) -> Bounds:
    """The bounds of all facts that the plan reads."""
    reading = _Reading(plan)
    for conclusion in plan.conclusions:
        reading.here = conclusion.key
        for term in walk(conclusion.term):
            reading.read(term)
        if conclusion.kind == "finding":
            reading.judge(conclusion.term, True, set())
    return reading.bounds


class _Reading:
    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.bounds = Bounds()
        self._sources: dict[Key, Sources] = {}
        #: The conclusion being read: what its comprehension variables range over is its own.
        self.here: Key = ("", "")
        self._lists: dict[tuple[Key, str], list[t.ListTerm]] = {}
        self._ranging: set[tuple[Key, str]] = set()
        for conclusion in plan.conclusions:
            for term in walk(conclusion.term):
                if isinstance(term, t.Quantified | t.Filtered | t.Mapped):
                    self._lists.setdefault((conclusion.key, term.variable), []).append(term.operand)

    # ---- what a term says of the facts in it -------------------------------------------------------------------------

    def read(self, term: object) -> None:
        match term:
            case t.Comparison(left=left, right=right):
                sides = self.of(left)
                sides.add(self.of(right))
                self._compared(sides)
            case t.Among(operand=operand, constants=constants):
                sides = self.of(operand)
                for constant in constants:
                    sides.constant(constant.value, constant.type)
                self._compared(sides)
            case t.LookupValue(table=table, keys=keys):
                for name, key in zip(self.plan.tables[table].keys, keys, strict=True):
                    self._keyed(table, name, key)
            case t.TextFunction(function="startsWith" | "endsWith" | "contains", arguments=arguments):
                self._texts(self.bounds.starts, self._of_all(arguments))
            case t.DateFunction(function="add_days" | "add_months" as function, arguments=(day, period)):
                periods = self.bounds.days if function == "add_days" else self.bounds.months
                numbers = {abs(int(number)) for number in self.of(period).numbers}
                for place, type_ in self.of(day).facts.items():
                    if isinstance(type_, DateType):
                        periods.setdefault(place, set()).update(numbers)
            case t.Permitted(settled_by=decision) if decision is not None:
                self.bounds.decisions.update(self.of(decision).facts)
            case t.Excepted(exceptions=exceptions):
                for branch in _branches(exceptions):
                    if branch.recorded and branch.then is not None:
                        self.bounds.decisions.update(self.of(branch.then).facts)

    def _compared(self, sides: Sources) -> None:
        for place, type_ in sides.facts.items():
            if isinstance(type_, NumberType):
                self.bounds.numbers.setdefault(place, set()).update(sides.numbers)
            elif isinstance(type_, DateType):
                self.bounds.dates.setdefault(place, set()).update(sides.dates)
                self.bounds.days.setdefault(place, set()).update(abs(int(number)) for number in sides.numbers)
        self._texts(self.bounds.texts, sides)

    def _texts(self, found: dict[Place, dict[str, None]], sides: Sources) -> None:
        for place, type_ in sides.facts.items():
            if isinstance(type_, TextType) and sides.texts:
                found.setdefault(place, {}).update(sides.texts)

    def _keyed(self, table: str, column: str, key: t.Term) -> None:
        """A key of a lookup table: its cells are what the facts in the key are held against."""
        sides = self.of(key)
        sides.add(self._column(table, column))
        if any(isinstance(each, t.TextFunction) for each in walk(key)):
            self._texts(self.bounds.starts, sides)
        else:
            self._compared(sides)

    # ---- where a value comes from ------------------------------------------------------------------------------------

    def of(self, term: object) -> Sources:
        found = Sources()
        match term:
            case t.Constant(value=value, type=type_):
                found.constant(value, type_)
            case t.AsOf():
                found.as_of = True
            case t.FactValue(entity=entity, fact=fact, type=type_):
                found.facts[entity.kind, fact] = type_
            case t.ValuesOf(entity=entity, fact=fact, item=item):
                found.facts[entity.kind, fact] = item
            case t.ConclusionValue(entity=entity, conclusion=conclusion):
                found.add(self._concluded((entity.kind, conclusion)))
            case t.ItemValue(variable=variable):
                found.add(self._ranged(variable))
            case t.LookupValue(table=table, column=column):
                found.add(self._column(table, column))
            case _:
                found.add(self._of_all(_made_of(term)))
        return found

    def _ranged(self, variable: str) -> Sources:
        """The members of the lists that a variable of this name ranges over; one inside another may share its name."""
        name = (self.here, variable)
        if name in self._ranging:
            return Sources()
        self._ranging.add(name)
        found = self._of_all(self._lists.get(name, ()))
        self._ranging.discard(name)
        return found

    def _of_all(self, terms: Iterable[object]) -> Sources:
        found = Sources()
        for term in terms:
            found.add(self.of(term))
        return found

    def _concluded(self, key: Key) -> Sources:
        if key not in self._sources:
            self._sources[key] = Sources()  # conclusions are in order, so nothing leads back here
            conclusion = self.plan.by_key.get(key)
            if conclusion is not None:
                here, self.here = self.here, key
                self._sources[key] = self.of(conclusion.term)
                self.here = here
        return self._sources[key]

    def _column(self, table: str, column: str) -> Sources:
        found = Sources()
        rows = self.plan.tables[table]
        place = rows.place(column)
        for row in rows.rows:
            found.constant(row[place], rows.columns[column])
        return found

    # ---- what leads to a finding -------------------------------------------------------------------------------------

    def judge(self, term: object, wanted: bool, seen: set[Key]) -> None:
        """Note the outcomes of facts that make ``term`` come out as ``wanted``."""
        match term:
            case t.Not(operand=operand):
                self.judge(operand, not wanted, seen)
            case t.Junction(operands=operands):
                for operand in operands:
                    self.judge(operand, wanted, seen)
            case t.FactValue(entity=entity, fact=fact, type=BooleanType()):
                self.bounds.bad.setdefault((entity.kind, fact), set()).add(wanted)
            case t.Comparison(operator="==" | "!=" as operator, left=left, right=right):
                named = {str(side.value) for side in (left, right) if isinstance(side, t.Constant)}
                for side in (left, right):
                    self._chosen(side, named, (operator == "==") == wanted)
            case t.Comparison(operator=operator, left=left, right=right):
                self._measured(operator, left, right, wanted)
                self._measured(_TURNED[operator], right, left, wanted)
            case t.Among(operand=operand, constants=constants):
                self._chosen(operand, {str(constant.value) for constant in constants}, wanted)
            case t.Choose(then=then, otherwise=otherwise):
                self.judge(then, wanted, seen)
                self.judge(otherwise, wanted, seen)
            case t.UnsettledReadings(readings=readings):
                for _, reading in readings:
                    self.judge(reading, wanted, seen)
            case t.Excepted(base=base):
                self.judge(base, wanted, seen)
            case t.Sure(term=inner):
                self.judge(inner, wanted, seen)
            case t.Quantified(body=body):
                self.judge(body, wanted, seen)
            case t.ConclusionValue(entity=entity, conclusion=conclusion):
                key = (entity.kind, conclusion)
                if key not in seen and key in self.plan.by_key:
                    seen.add(key)
                    self.judge(self.plan.by_key[key].term, wanted, seen)

    def _chosen(self, term: object, named: set[str], wanted: bool) -> None:
        if isinstance(term, t.FactValue) and isinstance(term.type, ChoiceType):
            bad = named if wanted else set(term.type.members) - named
            self.bounds.bad.setdefault((term.entity.kind, term.fact), set()).update(bad)

    def _measured(self, operator: str, fact: object, bound: object, wanted: bool) -> None:
        """A number that is bad on one side of a constant."""
        if not isinstance(fact, t.FactValue) or not isinstance(bound, t.Constant):
            return
        of, number = fact.type, bound.value
        if not isinstance(of, NumberType) or not isinstance(number, Fraction):
            return
        bad = operator if wanted else _OPPOSITE[operator]
        step = Fraction(1) if of.integer else Fraction(1, 100)
        place = (fact.entity.kind, fact.fact)
        low, high = self.bounds.good.get(place, (None, None))
        if bad in (">", ">="):
            limit = number if bad == ">" else number - step
            self.bounds.good[place] = (low, limit if high is None else min(high, limit))
        elif bad in ("<", "<="):
            limit = number if bad == "<" else number + step
            self.bounds.good[place] = (limit if low is None else max(low, limit), high)


_TURNED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}
_OPPOSITE = {"<": ">=", "<=": ">", ">": "<=", ">=": "<", "==": "!=", "!=": "=="}


def _made_of(term: object) -> list[object]:
    """What a value is made of: outcomes, not the tests that choose between them."""
    match term:
        case t.Choose(then=then, otherwise=otherwise):
            return [then, otherwise]
        case t.DecisionTable(rows=rows, otherwise=otherwise):
            return [*(row.then for row in rows), otherwise]
        case t.Excepted(base=base, exceptions=exceptions):
            return [base, *(branch.then for branch in _branches(exceptions))]
        case t.Written(writers=writers):
            return [writer.term for writer in writers]
        case t.UnsettledReadings(readings=readings):
            return [reading for _, reading in readings]
        case t.Filtered(operand=operand):
            return [operand]
        case t.Mapped(body=body):
            return [body]
        case t.Not() | t.Junction() | t.Comparison() | t.Among() | t.Applicable() | t.Quantified():
            return []
    return [] if term is None else children(term)


def _branches(branches: tuple[t.ExceptionBranch, ...]) -> Iterator[t.ExceptionBranch]:
    for branch in branches:
        yield branch
        yield from _branches(branch.exceptions)
