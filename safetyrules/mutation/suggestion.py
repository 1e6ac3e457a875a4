"""For a mutant that survived: the case that should have noticed, and a case that would.

Cases are tried that differ from one that is there in one fact or two: numbers and days at the constants that they are
compared with and beside them, words that are compared or looked up, and facts left unknown. What a compared amount is
computed from is moved to where the amount meets its bound.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from itertools import combinations
from time import perf_counter
from typing import Any

from safetyrules.diagnostics import SafetyRulesError, Span
from safetyrules.engine.reference import Place, Reference
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.language import terms as t
from safetyrules.language.order import Conclusion, Key
from safetyrules.language.plan import Plan
from safetyrules.language.term_trees import walk
from safetyrules.mutation.altered import Altered
from safetyrules.mutation.amounts import EPSILON, decimal
from safetyrules.mutation.baseline import Baseline, Ground
from safetyrules.mutation.edits import Mutant
from safetyrules.program import Program
from safetyrules.result import Outcome
from safetyrules.testing.asked import part_of
from safetyrules.testing.expectations import shown
from safetyrules.testing.merging import NoSuchFactError, with_value
from safetyrules.testing.model import Case
from safetyrules.values import Interval, Scalar

#: Seconds that are spent on one mutant.
SECONDS = 0.6
#: As many of the cases that reach a mutant are looked at, and built upon.
MOST_CASES = 60
BUILT_UPON = 3
MOST_ON_A_DAY = 3
_UNKNOWN: Mapping[str, bool] = {"unknown": True}
_HUGE = Fraction(10**12)


@dataclass(frozen=True)
class Suggestion:
    """A case like ``like`` with other facts (by their paths) or another day, and what it should expect of ``key``: by
    the law ``expected``, by the mutant ``actual``."""

    like: Case
    key: str
    expected: str
    actual: str
    facts: Mapping[str, Any] = field(default_factory=dict)
    as_of: date | None = None


class Suggesting:
    """Looks for cases that tell a mutant from the law."""

    def __init__(self, program: Program, baseline: Baseline) -> None:
        self.program = program
        self.baseline = baseline

    # ---- the nearest case --------------------------------------------------------------------------------------------

    def nearest(self, mutant: Mutant, reaching: Sequence[Ground]) -> Ground | None:
        """The case that should have noticed: where a bound is changed, the one whose amount is nearest to it."""
        compared = self._compared(mutant)
        if compared is None:
            return reaching[0] if reaching else None
        near: list[tuple[Fraction, int, Ground]] = []
        for number, ground in enumerate(reaching[:MOST_CASES]):
            amounts = amounts_at(self._part(ground), ground.entity, ground.request.as_of, compared)
            near.append((min(amounts, default=_HUGE), number, ground))
        return min(near, key=lambda each: each[:2])[2] if near else None

    def _compared(self, mutant: Mutant) -> Span | None:
        """The place of the comparison with a constant that was changed."""
        if mutant.operator not in ("threshold", "unit", "comparison"):
            return None
        for rule in self.program.linked.rules.values():
            if rule.ruleset == mutant.ruleset:
                for term in (rule.applies, rule.when, rule.body):
                    for each in walk(term) if term is not None else ():
                        if isinstance(each, t.Comparison) and each.span is not None and _is_bound(each, mutant):
                            return each.span
        return None

    def _part(self, ground: Ground) -> Plan:
        return _only(self.baseline.plans[ground.plan_key], ground.keys)

    # ---- a case that tells them apart --------------------------------------------------------------------------------

    def suggest(self, mutant: Mutant, program: Program, plans: Sequence[tuple[Ground, Altered]]) -> Suggestion | None:
        """A case that passes under the law and fails under the mutant (``program``); None where none was found.
        ``plans`` are cases to build upon, with what the mutant changes of their plans."""
        until = perf_counter() + SECONDS
        if mutant.operator == "date":
            return self._another_day(mutant, program, until)
        if mutant.operator == "severity" and (told := _by_severity(plans)) is not None:
            return told
        for ground, altered in plans[:BUILT_UPON]:
            if ground.alone or not altered.same_keys:
                continue
            found = _Varied(self.program, ground, altered, until).search()
            if found is not None:
                return found
        return None

    def _another_day(self, mutant: Mutant, program: Program, until: float) -> Suggestion | None:
        """One of the cases, on a day on which the two laws are not the same."""
        for day in _days_about(mutant):
            for grounds in self.baseline.by_plan.values():
                for ground in sorted(grounds, key=lambda each: len(each.keys))[-MOST_ON_A_DAY:]:
                    if perf_counter() > until:
                        return None
                    found = None if ground.alone else self._on(day, ground, program)
                    if found is not None:
                        return found
        return None

    def _on(self, day: date, ground: Ground, program: Program) -> Suggestion | None:
        options = {key: value for key, value in ground.case.options.items() if key not in ("as_of", "law_at")}
        said: list[dict[tuple[str, str], tuple[Conclusion, Scalar]]] = []
        for law in (self.program, program):
            try:
                plan, request, _ = law.asked(ground.case.facts, as_of=day, **options)
            except SafetyRulesError:
                return None
            run = Reference(part_of(plan, ground.asked), ground.entity, request.as_of).run()
            kinds = {each.path: each.kind for each in ground.entity.walk()}
            said.append({
                (path, name): (plan.by_key[kinds[path], name], value) for (path, name), value in run.outcomes().items()
            })  # fmt: skip
        for place in said[0]:
            if place[1] in ground.asked and place in said[1] and said[0][place][1] != said[1][place][1]:
                expected, actual = (shown(Outcome(place[0], *each[place], "withhold")) for each in said)
                return Suggestion(ground.case, _key(place, ground.entity.path), expected, actual, as_of=day)
        gone = next((place for place in said[0] if place[1] in ground.asked and place not in said[1]), None)
        if gone is not None:
            expected = shown(Outcome(gone[0], *said[0][gone], "withhold"))
            return Suggestion(ground.case, _key(gone, ground.entity.path), expected, "absent", as_of=day)
        return None


def _by_severity(plans: Sequence[tuple[Ground, Altered]]) -> Suggestion | None:
    """One of the cases, expecting the severity of a finding that it asks about."""
    for ground, altered in plans:
        for key in sorted(altered.changed):
            one, two = (plan.by_key.get(key) for plan in (altered.before, altered.after))
            if one is not None and two is not None and one.severity != two.severity and key[1] in ground.asked:
                expected, actual = (f"{{severity: {each.severity}}}" for each in (one, two))
                return Suggestion(ground.case, key[1], expected, actual)
    return None


def _days_about(mutant: Mutant) -> list[date]:
    """The days between the day as written and as shifted, both included, and the days beside them."""
    days = []
    for words in (mutant.change.original, mutant.change.mutated):
        try:
            days.append(date.fromisoformat(words.strip("\"'\\")))
        except ValueError:
            return []
    first, last = min(days).toordinal() - 1, max(days).toordinal() + 1
    return [date.fromordinal(day) for day in range(first, last + 1)]


def amounts_at(plan: Plan, entity: Entity, as_of: date, comparison: Span) -> list[Fraction]:
    """How far from its bound the amount is that is compared at a place, each time that it is."""
    return [abs(amount - bound) for amount, bound in compared_at(plan, entity, as_of).get(comparison, ())]


def compared_at(plan: Plan, entity: Entity, as_of: date) -> Mapping[Span, list[tuple[Fraction, Fraction]]]:
    """The known amounts that are compared with known bounds, by the place of the comparison."""
    run = _Watching(plan, entity, as_of)
    run.run()
    return run.seen


class _Watching(Reference):
    """Notes both sides of every comparison."""

    def __init__(self, plan: Plan, root: Entity, as_of: date) -> None:
        super().__init__(plan, root, as_of)
        self.seen: dict[Span, list[tuple[Fraction, Fraction]]] = {}

    def evaluate(self, term: t.Term, place: Place) -> Scalar:
        if isinstance(term, t.Comparison) and term.span is not None:
            left, right = super().evaluate(term.left, place), super().evaluate(term.right, place)
            amounts = [side.low for side in (left, right) if isinstance(side, Interval) and side.known]
            match amounts:
                case [Fraction() as amount, Fraction() as bound]:
                    self.seen.setdefault(term.span, []).append((amount, bound))
        return super().evaluate(term, place)


class _Varied:
    """Variants of one case."""

    def __init__(self, program: Program, ground: Ground, altered: Altered, until: float) -> None:
        self.program = program
        self.ground = ground
        self.altered = altered
        self.until = until
        # Where a conclusion comes about as before, and only counts otherwise, it shows in what counts it.
        told = all(altered.only_terms(key) for key in altered.changed)
        self.keys = self._rested_on(altered.changed if told else {each.key for each in altered.affected})
        self.before = _only(altered.before, self.keys)
        self.after = _only(altered.after, self.keys)

    def search(self) -> Suggestion | None:
        if (found := self._tried(())) is not None:
            return found
        changes = list(self._changes())
        for change in changes:
            if (found := self._tried([change])) is not None:
                return found
        for one, two in combinations(changes, 2):
            if perf_counter() > self.until:
                return None
            if one[0] != two[0] and (found := self._tried([one, two])) is not None:
                return found
        return None

    def _tried(self, changes: Iterable[tuple[str, Any]]) -> Suggestion | None:
        if perf_counter() > self.until:
            return None
        facts: Any = self.ground.case.facts
        try:
            for path, value in changes:
                facts = with_value(facts, path, value)
            entity = self.program.entity(facts, self.ground.request)
            runs = [Reference(plan, entity, self.ground.request.as_of).run() for plan in (self.before, self.after)]
        except (SafetyRulesError, NoSuchFactError, KeyError):
            return None
        one, two = (run.outcomes() for run in runs)
        for place in one:
            if one[place] != two.get(place):
                kinds = {each.path: each.kind for each in entity.walk()}
                key = (kinds[place[0]], place[1])
                expected, actual = (
                    shown(Outcome(place[0], plan.by_key[key], values[place], "withhold"))
                    for plan, values in ((self.before, one), (self.after, two))
                )
                return Suggestion(self.ground.case, _key(place, entity.path), expected, actual, dict(changes))
        return None

    # ---- what is changed ---------------------------------------------------------------------------------------------

    def _changes(self) -> Iterator[tuple[str, Any]]:
        """Facts that what was changed rests on, with other values; those that it reads itself first."""
        near, far = self._read_by(self.altered.changed), self._read_by(self._rested_on(self.altered.changed))
        constants = _constants((*self.before.conclusions, *self.after.conclusions))
        seen: set[tuple[str, str]] = set()
        for read in (near, far):
            for entity in self.ground.entity.walk():
                if entity.residual:
                    continue
                path = entity.path[len(self.ground.entity.path) :].lstrip(".")
                for name, type_ in read.get(entity.kind, {}).items():
                    if (entity.path, name) in seen:
                        continue
                    seen.add((entity.path, name))
                    at = f"{path}.{name}" if path else name
                    now = entity.values.get(name)
                    if isinstance(type_, NumberType) and isinstance(now, Interval) and now.known:
                        yield from ((at, value) for value in self._meeting(at, now.low or Fraction(0), type_))
                    values = {str(value): value for value in self._values(now, name, type_, constants)}
                    yield from ((at, value) for value in values.values())

    def _meeting(self, path: str, now: Fraction, type_: NumberType) -> Iterator[Any]:
        """What the number must be for what is computed from it to meet the bounds that it is compared with in what was
        changed, where it grows evenly with it."""
        more = now * 2 or Fraction(1)
        try:
            facts = with_value(self.ground.case.facts, path, next(_written(more, type_), None))
            entity = self.program.entity(facts, self.ground.request)
        except (SafetyRulesError, NoSuchFactError):
            return
        then = compared_at(self.before, entity, self.ground.request.as_of)
        for span, pairs in self._compared.items():
            for (amount, bound), (other, _) in zip(pairs, then.get(span, ()), strict=False):
                if amount != other:
                    slope = (other - amount) / (more - now)
                    for off in (Fraction(0), -EPSILON / 2, EPSILON / 2, Fraction(-1, 2), Fraction(1, 2)):
                        yield from _written(now + (bound + off - amount) / slope, type_)

    @cached_property
    def _compared(self) -> Mapping[Span, list[tuple[Fraction, Fraction]]]:
        places = {
            term.span
            for key in self.altered.changed
            for term in walk(self.before.by_key[key].term)
            if isinstance(term, t.Comparison)
        }
        found = compared_at(self.before, self.ground.entity, self.ground.request.as_of)
        return {span: pairs for span, pairs in found.items() if span in places}

    def _rested_on(self, keys: Iterable[Key]) -> frozenset[Key]:
        """The conclusions, and all that they rest on."""
        found = set(keys)
        pending = list(found)
        while pending:
            for key in self.altered.reads[pending.pop()]:
                if key not in found:
                    found.add(key)
                    pending.append(key)
        return frozenset(found)

    def _read_by(self, keys: Iterable[Key]) -> Mapping[str, Mapping[str, ScalarType]]:
        found: dict[str, dict[str, ScalarType]] = {}
        for key in sorted(keys):
            for plan in (self.before, self.after):
                for term in walk(plan.by_key[key].term) if key in plan.by_key else ():
                    if isinstance(term, t.FactValue):
                        found.setdefault(term.entity.kind, {})[term.fact] = term.type
        return found

    def _values(
        self, now: Scalar | None, name: str, type_: ScalarType, constants: Mapping[object, set[Any]]
    ) -> Iterator[Any]:
        match type_:
            case BooleanType():
                yield from (True, False)
            case ChoiceType(members=members):
                yield from members
            case NumberType(integer=integer):
                step = Fraction(1) if integer else EPSILON
                for constant in sorted(constants.get(name) or constants.get(None, set())):
                    for number in (constant, constant - step, constant + step, constant - step / 2):
                        yield from _written(number, type_)
                if isinstance(now, Interval) and now.known and now.low is not None:
                    for factor in (Fraction(0), Fraction(1, 2), Fraction(2), Fraction(10), Fraction(1, 10)):
                        yield from _written(now.low * factor, type_)
            case DateType():
                for constant in sorted(constants.get(name, set())):
                    for day in (0, -1, 1):
                        yield date.fromordinal(int(constant) + day)
            case TextType():
                keys = [key for rows in self.altered.rows.values() for row in rows for key in row]
                yield from sorted({str(key) for key in keys})
                yield from sorted(constants.get(name, set()))
        yield dict(_UNKNOWN)


def _written(number: Fraction, type_: NumberType) -> Iterator[int | Decimal]:
    """The number as a fact, where it can be one."""
    low, high = type_.minimum, type_.maximum
    if (low is not None and number < low) or (high is not None and number > high):
        return
    if number.denominator == 1:
        yield int(number)
    elif not type_.integer and (words := decimal(number)) is not None:
        yield Decimal(words)


def _constants(conclusions: Iterable[Conclusion]) -> Mapping[object, set[Any]]:
    """The constants that each fact is compared with."""
    found: dict[object, set[Any]] = {}
    for conclusion in dict.fromkeys(conclusions):
        for term in walk(conclusion.term):
            if isinstance(term, t.Comparison):
                for side, other in ((term.left, term.right), (term.right, term.left)):
                    if isinstance(other, t.Constant):
                        _note(found, side, other)
                        if isinstance(other.value, Fraction) and isinstance(other.type, NumberType):
                            found.setdefault(None, set()).add(other.value)
            elif isinstance(term, t.Among):
                for constant in term.constants:
                    _note(found, term.operand, constant)
    return found


def _note(found: dict[object, set[Any]], side: t.Term, constant: t.Constant) -> None:
    inner = side.term if isinstance(side, t.Sure) else side
    if isinstance(inner, t.FactValue) and not isinstance(constant.value, bool):
        found.setdefault(inner.fact, set()).add(constant.value)


def _only(plan: Plan, keys: frozenset[Key]) -> Plan:
    return replace(plan, conclusions=tuple(each for each in plan.conclusions if each.key in keys))


def _is_bound(comparison: t.Comparison, mutant: Mutant) -> bool:
    """Is the mutant in this comparison, or in the parameter that it compares with?"""
    assert comparison.span is not None
    parameters = {
        (each.ruleset, each.name)
        for each in (comparison.left, comparison.right)
        if isinstance(each, t.ParameterValue)
    }  # fmt: skip
    return _inside(mutant.span, comparison.span) or (mutant.ruleset, mutant.rule) in parameters


def _inside(one: Span, two: Span) -> bool:
    return (
        one.source == two.source
        and (two.line, two.column) <= (one.line, one.column)
        and (one.end_line, one.end_column) <= (two.end_line, two.end_column)
    )


def _key(place: tuple[str, str], root: str) -> str:
    """A conclusion as a test file names it."""
    path = place[0][len(root) :].lstrip(".")
    return f"{path}.{place[1]}" if path else place[1]
