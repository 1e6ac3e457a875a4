"""The reference interpreter: what a plan means, in the plainest code that says it.

It evaluates the terms of a plan over an entity tree with sets and intervals of exact values. It is the oracle for every
other engine and replays assessments for explanations; speed is no aim here.
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction

from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.engine import algebra
from safetyrules.engine.lookup import lookup
from safetyrules.engine.texts import text_function
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t
from safetyrules.language.plan import Plan
from safetyrules.values import FALSE, NOTHING, TRUE, UNKNOWN, Finite, Interval, Outcome, Scalar


@dataclass(frozen=True)
class Member:
    """A member of a list: surely there or not (``certain``), and standing for any number of members or not
    (``many``)."""

    value: Entity | Scalar
    certain: bool = True
    many: bool = False


@dataclass(frozen=True)
class Place:
    """Where a term is evaluated: the entity its rule is on, and what its variables are bound to."""

    entity: Entity
    bound: Mapping[str, Entity | Scalar] = field(default_factory=dict)

    def binding(self, variable: str, value: Entity | Scalar) -> Place:
        return replace(self, bound={**self.bound, variable: value})


class Reference:
    """One subject under one plan. `run` fills ``values``: (entity path, conclusion) → what is still possible."""

    def __init__(self, plan: Plan, root: Entity, as_of: date) -> None:
        self.plan = plan
        self.root = root
        self.as_of = as_of
        self.entities: dict[str, list[Entity]] = {}
        for entity in root.walk():
            self.entities.setdefault(entity.kind, []).append(entity)
        self.values: dict[tuple[str, str], Scalar] = {}
        self.diagnostics: list[tuple[str, str, Diagnostic]] = []
        self._noticed: list[Diagnostic] = []

    def run(self, only: Container[tuple[str, str]] | None = None) -> Reference:
        """Evaluate every conclusion of every entity, in the order of the plan; or ``only`` those with these keys, among
        which must be all that they read."""
        for conclusion in self.plan.conclusions:
            if only is not None and conclusion.key not in only:
                continue
            for entity in self.entities.get(conclusion.on, ()):
                self._noticed = []
                value = self.evaluate(conclusion.term, Place(entity))
                self.values[entity.path, conclusion.name] = value
                if not value.known:
                    self.diagnostics.extend((entity.path, conclusion.name, each) for each in self._noticed)
        return self

    def outcomes(self) -> dict[tuple[str, str], Scalar]:
        """``values`` as answers: what stands for parts that may not exist may also have no value (design 5.2)."""
        residual = {entity.path for entities in self.entities.values() for entity in entities if entity.residual}
        return {
            (path, name): algebra.with_nothing(value) if path in residual else value
            for (path, name), value in self.values.items()
        }

    def conclusion(self, entity: Entity, name: str) -> Scalar:
        return self.values[entity.path, name]

    # ---- scalars -----------------------------------------------------------------------------------------------------

    def evaluate(self, term: t.Term, place: Place) -> Scalar:
        """What is still possible of ``term``."""
        match term:
            case t.Constant(literal):
                return algebra.exactly(literal)
            case t.NoValueTerm(type_):
                return algebra.nothing(type_)
            case t.FactValue(entity, fact):
                return self.entity(entity, place).values[fact]
            case t.ConclusionValue(entity, name):
                return self.conclusion(self.entity(entity, place), name)
            case t.ItemValue(variable):
                value = place.bound[variable]
                assert not isinstance(value, Entity)
                return value
            case t.AsOf():
                return algebra.exactly(Fraction(self.as_of.toordinal()))
            case t.Sure(inner):
                return algebra.without_nothing(self.evaluate(inner, place))
            case t.Applicable(operand):
                value = self.evaluate(operand, place)
                return algebra.possible(algebra.has_value(value), algebra.has_nothing(value), False)
            case t.Not(operand):
                return algebra.negation(self.truth(operand, place))
            case t.Junction():
                return self._junction(term, place)
            case t.Comparison(operator, left, right):
                type_ = left.type if isinstance(left.type, ChoiceType) else right.type
                return algebra.compare(operator, self.evaluate(left, place), self.evaluate(right, place), type_)
            case t.Among(operand, constants):
                members = [algebra.exactly(constant.value) for constant in constants]
                return algebra.among(self.evaluate(operand, place), members, operand.type)
            case t.Arithmetic():
                return self._arithmetic(term, place)
            case t.Negative(operand):
                return algebra.negative(self.number(operand, place))
            case t.Round(operand, digits):
                return algebra.rounded(self.number(operand, place), digits)
            case t.Choose(test, then, otherwise, type_):
                return self._choose(self.truth(test, place), then, otherwise, type_, place)
            case t.DateFunction(function, arguments):
                return algebra.date_function(function, [self.number(each, place) for each in arguments])
            case t.TextFunction(function, arguments):
                return text_function(function, [self.evaluate(each, place) for each in arguments], self.notice)
            case t.LookupValue(table, keys, column):
                values = [self.evaluate(key, place) for key in keys]
                return lookup(self.plan.tables[table], values, column, self.notice)
            case t.UnsettledReadings(readings):
                return algebra.joined(self.evaluate(reading, place) for _, reading in readings)
            case t.Quantified():
                return self._quantified(term, place)
            case t.Aggregate():
                return self._aggregate(term, place)
            case t.FindingCount():
                return self._finding_count(term)
            case t.Permitted():
                return self._permitted(term, place)
            case t.DecisionTable():
                return self._table(term, place)
            case t.Excepted(base, exceptions):
                return self._excepted(base, exceptions, place)
            case t.Written():
                return self._written(term, place)
            case t.Unassigned(type_):
                everything = algebra.everything(type_)
                return algebra.with_nothing(everything) if term.may_be_nothing else everything
        raise AssertionError(f"no meaning for {term!r}")

    def truth(self, term: t.Term, place: Place) -> Finite:
        value = self.evaluate(term, place)
        assert isinstance(value, Finite)
        return value

    def number(self, term: t.Term, place: Place) -> Interval:
        value = self.evaluate(term, place)
        assert isinstance(value, Interval)
        return value

    def entity(self, term: t.EntityTerm, place: Place) -> Entity:
        if isinstance(term, t.Variable):
            bound = place.bound[term.name]
            assert isinstance(bound, Entity)
            return bound
        entity = place.entity
        for _ in range(term.levels):
            assert entity.parent is not None
            entity = entity.parent
        return entity

    def notice(self, code: str, **values: object) -> None:
        self._noticed.append(diagnostic(code, severity=Severity.WARNING, **values))  # type: ignore[arg-type]

    # ---- operators ---------------------------------------------------------------------------------------------------

    def _junction(self, term: t.Junction, place: Place) -> Finite:
        combine = algebra.conjunction if term.operator == "&&" else algebra.disjunction
        decided = FALSE if term.operator == "&&" else TRUE
        result = self.truth(term.operands[0], place)
        for operand in term.operands[1:]:
            if result == decided:
                break
            result = combine(result, self.truth(operand, place))
        return result

    def _arithmetic(self, term: t.Arithmetic, place: Place) -> Interval:
        left, right = self.number(term.left, place), self.number(term.right, place)
        if term.operator in ("/", "%") and right.low == right.high == 0 and not right.empty:
            self.notice("SR2001")
        return algebra.arithmetic(term.operator, left, right)

    def _choose(self, test: Finite, then: t.Term, otherwise: t.Term, type_: object, place: Place) -> Scalar:
        found: list[Scalar] = []
        if True in test.outcomes:
            found.append(self.evaluate(then, place))
        if False in test.outcomes:
            found.append(self.evaluate(otherwise, place))
        if NOTHING in test.outcomes:
            found.append(algebra.nothing(then.type))
        return algebra.joined(found)

    # ---- lists -------------------------------------------------------------------------------------------------------

    def members(self, term: t.ListTerm, place: Place) -> Iterator[Member]:
        """The members of a list, those that only may be there included."""
        match term:
            case t.PartsOf(entity, fact) | t.ValuesOf(entity, fact):
                members = self.entity(entity, place).lists[fact]
                yield from (Member(item) for item in members.items)
                if members.residual is not None:
                    yield Member(members.residual, certain=False, many=True)
            case t.ListOf(items):
                yield from (Member(self.evaluate(item, place)) for item in items)
            case t.Filtered(operand, variable, test):
                yield from self._passing(operand, variable, test, place)
            case t.Mapped(operand, variable, test, body):
                source = self.members(operand, place) if test is None else self._passing(operand, variable, test, place)
                for member in source:
                    yield replace(member, value=self.evaluate(body, place.binding(variable, member.value)))
            case t.SectorGrades():
                yield from self._sector_grades(term)

    def _passing(self, operand: t.ListTerm, variable: str, test: t.Term, place: Place) -> Iterator[Member]:
        for member in self.members(operand, place):
            passed = self.truth(test, place.binding(variable, member.value))
            if True in passed.outcomes:
                yield replace(member, certain=member.certain and passed == TRUE)

    def _sector_grades(self, term: t.SectorGrades) -> Iterator[Member]:
        for name in self.plan.sectors:
            sector = self.plan.schema.sectors[name]
            if sector.grade is None:
                continue
            present = self._root_value(sector.present)
            assert isinstance(present, Finite)
            if True not in present.outcomes:
                continue
            key = (self.root.path, sector.grade)
            grade = self.values.get(key, algebra.everything(term.item))
            yield Member(grade, certain=present == TRUE)

    def _root_value(self, name: str) -> Scalar:
        if name in self.root.values:
            return self.root.values[name]
        return self.values.get((self.root.path, name), UNKNOWN)

    def _quantified(self, term: t.Quantified, place: Place) -> Finite:
        if term.quantifier == "exists_one":
            return self._exists_one(term, place)
        exists = term.quantifier == "exists"
        result, absent = (FALSE, False) if exists else (TRUE, True)
        combine = algebra.disjunction if exists else algebra.conjunction
        for member in self.members(term.operand, place):
            body = self.truth(term.body, place.binding(term.variable, member.value))
            if not member.certain:
                body = Finite(body.outcomes | {absent})
            result = combine(result, body)
        return result

    def _exists_one(self, term: t.Quantified, place: Place) -> Finite:
        counts, none = {0}, False
        for member in self.members(term.operand, place):
            body = self.truth(term.body, place.binding(term.variable, member.value))
            none = none or NOTHING in body.outcomes
            if True in body.outcomes:
                more = {min(count + 1, 2) for count in counts}
                if member.many:
                    more |= {2}
                counts = more if member.certain and body == TRUE else counts | more
        return algebra.possible(1 in counts, bool(counts - {1}), none)

    def _aggregate(self, term: t.Aggregate, place: Place) -> Scalar:
        members = list(self.members(term.operand, place))
        if term.function == "size":
            least = sum(member.certain for member in members)
            most = None if any(member.many for member in members) else Fraction(len(members))
            return Interval(Fraction(least), most)
        valued: list[Member] = []
        for member in members:
            assert not isinstance(member.value, Entity)
            if algebra.has_value(member.value):
                certain = member.certain and not algebra.has_nothing(member.value)
                valued.append(Member(algebra.without_nothing(member.value), certain, member.many))
        if term.function == "sum":
            return _sum(valued)
        result = algebra.nothing(term.type)
        for member in valued:
            assert not isinstance(member.value, Entity)
            value = member.value if member.certain else algebra.with_nothing(member.value)
            result = algebra.greatest(result, value, term.type, least=term.function == "min")
        return result

    def _finding_count(self, term: t.FindingCount) -> Interval:
        """Bounds of the number of clauses (or instances) found; without a list in force anything is possible."""
        if term.sector not in self.plan.findings:
            return Interval(Fraction(0), None)
        least: dict[object, int] = {}
        most: dict[object, int] = {}
        boundless = False
        for conclusion in self.plan.findings[term.sector]:
            if term.severity not in (conclusion.severity, "any"):
                continue
            for entity in self.entities.get(conclusion.on, ()):
                outcome = self.conclusion(entity, conclusion.name)
                assert isinstance(outcome, Finite)
                if True not in outcome.outcomes:
                    continue
                counted = (conclusion.key, entity.path) if term.instances else conclusion.counted_as
                most[counted] = 1
                if outcome == TRUE and not entity.residual:
                    least[counted] = 1
                boundless = boundless or (term.instances and entity.residual)
        return Interval(Fraction(len(least)), None if boundless else Fraction(len(most)))

    # ---- outcomes of rules -------------------------------------------------------------------------------------------

    def _permitted(self, term: t.Permitted, place: Place) -> Finite:
        permitted = Finite(frozenset(term.permitted))
        if term.settled_by is None:
            return permitted
        decision = self.evaluate(term.settled_by, place)
        assert isinstance(decision, Finite)
        if not decision.outcomes & permitted.outcomes and algebra.has_value(decision):
            found = ", ".join(sorted(str(o) for o in decision.outcomes))
            self.notice("SR2003", found=found, expected=", ".join(term.permitted))
        # A decision that may be outside what is permitted may settle nothing.
        return decision if decision.outcomes <= permitted.outcomes else permitted

    def _table(self, term: t.DecisionTable, place: Place) -> Scalar:
        match term.hit:
            case "first":
                return self._first(term, place)
            case "unique" | "any":
                return self._united(term, place)
            case "collect sum" | "collect count":
                return self._summed(term, place)
        return self._ranked(term, place)

    def _otherwise(self, term: t.DecisionTable, place: Place) -> Scalar:
        return algebra.nothing(term.type) if term.otherwise is None else self.evaluate(term.otherwise, place)

    def _first(self, term: t.DecisionTable, place: Place) -> Scalar:
        found: list[Scalar] = []
        for row in term.rows:
            when = self.truth(row.when, place)
            if True in when.outcomes:
                found.append(self.evaluate(row.then, place))
            if when == TRUE:
                return algebra.joined(found)
        if not (term.exhaustive and found):
            found.append(self._otherwise(term, place))
        return algebra.joined(found)

    def _united(self, term: t.DecisionTable, place: Place) -> Scalar:
        found: list[Scalar] = []
        sure: list[Scalar] = []
        for row in term.rows:
            when = self.truth(row.when, place)
            if True in when.outcomes:
                found.append(self.evaluate(row.then, place))
            if when == TRUE:
                sure.append(found[-1])
        if any(one.known and two.known and one != two for one in sure for two in sure):
            self.notice("SR2004")
        if not sure and not (term.exhaustive and found):
            found.append(self._otherwise(term, place))
        return algebra.joined(found)

    def _ranked(self, term: t.DecisionTable, place: Place) -> Scalar:
        least = term.hit in ("collect min", "priority")
        result = algebra.nothing(term.type)
        for row in term.rows:
            when = self.truth(row.when, place)
            if True in when.outcomes:
                then = self.evaluate(row.then, place)
                raised = algebra.greatest(result, then, term.type, least)
                result = raised if when == TRUE else algebra.join(result, raised)
        if algebra.has_nothing(result):
            if term.exhaustive and algebra.has_value(result):
                return algebra.without_nothing(result)
            otherwise = self._otherwise(term, place)
            return algebra.join(algebra.without_nothing(result), otherwise) if algebra.has_value(result) else otherwise
        return result

    def _summed(self, term: t.DecisionTable, place: Place) -> Scalar:
        members = []
        for row in term.rows:
            when = self.truth(row.when, place)
            if True in when.outcomes:
                one = algebra.exactly(Fraction(1)) if term.hit == "collect count" else self.evaluate(row.then, place)
                certain = when == TRUE and not algebra.has_nothing(one)
                if algebra.has_value(one):
                    members.append(Member(algebra.without_nothing(one), certain))
        return _sum(members)

    def _excepted(self, base: t.Term, branches: tuple[t.ExceptionBranch, ...], place: Place) -> Scalar:
        found: list[Scalar] = []
        sure: list[Scalar] = []
        for branch in branches:
            when = self._branch_when(branch, place)
            if True not in when.outcomes:
                continue
            if branch.then is None:
                outcome = algebra.nothing(base.type)
            else:
                outcome = self._excepted(branch.then, branch.exceptions, place)
            found.append(outcome)
            if when == TRUE:
                sure.append(outcome)
        if any(one.known and two.known and one != two for one in sure for two in sure):
            self.notice("SR2005")
        if not sure:
            found.append(self.evaluate(base, place))
        return algebra.joined(found)

    def _branch_when(self, branch: t.ExceptionBranch, place: Place) -> Finite:
        when = self.truth(branch.when, place)
        if branch.recorded:
            assert isinstance(branch.then, t.FactValue)
            entity = self.entity(branch.then.entity, place)
            decided = branch.then.fact in entity.given and algebra.has_value(entity.values[branch.then.fact])
            when = algebra.conjunction(when, TRUE if decided else FALSE)
        return when

    def _written(self, term: t.Written, place: Place) -> Scalar:
        """What a writer says stands where every writer that prevails over it may be silent."""
        if term.accumulates:
            return self._accumulated(term, place)
        said = [self.evaluate(writer.term, place) for writer in term.writers]
        found: list[Scalar] = []
        for number, value in enumerate(said):
            silent = all(algebra.has_nothing(said[i]) for i, w in enumerate(term.writers) if number in w.beats)
            if silent and algebra.has_value(value):
                found.append(algebra.without_nothing(value))
        if all(algebra.has_nothing(value) for value in said):
            found.append(algebra.nothing(term.type))
        if len({value for value in found if value.known}) > 1:
            self.notice("SR2006")
        return algebra.joined(found)

    def _accumulated(self, term: t.Written, place: Place) -> Finite:
        """Found where a writer finds it; a writer does not count where one that overrides it says something."""
        #: What it may have come to so far, each with the overriding writers that then said something.
        possible: set[tuple[frozenset[int], Outcome]] = {(frozenset(), NOTHING)}
        for number, writer in enumerate(term.writers):
            above = {i for i, other in enumerate(term.writers) if number in other.beats}
            said = self.truth(writer.term, place).outcomes
            before, possible = possible, set()
            for spoken, so_far in before:
                for outcome in said:
                    counts = outcome is not NOTHING and not above & spoken
                    speaks = outcome is not NOTHING and writer.beats
                    possible.add((
                        spoken | {number} if speaks else spoken,
                        outcome if counts and so_far is not True else so_far,
                    ))  # fmt: skip
        return Finite(frozenset(outcome for _, outcome in possible))


def _sum(members: Iterable[Member]) -> Interval:
    low: algebra.Bound = Fraction(0)
    high: algebra.Bound = Fraction(0)
    for member in members:
        assert isinstance(member.value, Interval)
        least, most = algebra.ends(member.value)
        if member.many:
            least = -algebra.INFINITY if least < 0 else Fraction(0)
            most = algebra.INFINITY if most > 0 else Fraction(0)
        elif not member.certain:
            least, most = min(least, Fraction(0)), max(most, Fraction(0))
        low, high = algebra.plus(low, least), algebra.plus(high, most)
    return algebra.interval(low, high)
