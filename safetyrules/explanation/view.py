"""What explanations need of a plan and facts do not change, made once: words, citations, and what reads what.

What is made is kept with the view by the identity of a term or rule of the plan, so a view never grows beyond its
plan; views are kept for so many plans. Two threads may make the same thing twice, which is harmless.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from fractions import Fraction
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, NamedTuple, TypeVar, cast

from safetyrules.explanation.evaluate import Value, value_of
from safetyrules.explanation.reasons import Citation
from safetyrules.explanation.words import Words
from safetyrules.language import terms as t
from safetyrules.language.plan import Key, Plan, reads
from safetyrules.language.ruleform import LinkedProgram
from safetyrules.language.term_trees import children, fact_read, walk

if TYPE_CHECKING:
    from safetyrules.explanation.conclusions import RuleForm
    from safetyrules.explanation.makers import Make

PLANS_KEPT = 64
T = TypeVar("T")
Made = TypeVar("Made")


class Computed(NamedTuple):
    """What gives the value of a conclusion, and whether there may be something to notice beside it."""

    value: Value
    may_notice: bool


class PlanView:
    """One plan with what was made of it for explanations."""

    def __init__(self, linked: LinkedProgram, plan: Plan) -> None:
        self.linked = linked
        self.plan = plan
        self.words = Words(plan)
        #: Functions that give the value of a term (`safetyrules.explanation.evaluate`), by the term's identity.
        self.values: dict[int, Value] = {}
        #: Functions that make the step of a term (`safetyrules.explanation.steps`), by identity and who it is about.
        self.steps: dict[tuple[int, t.EntityTerm | None], Make] = {}
        #: Rules in the form that explains them (`safetyrules.explanation.conclusions`): of the one that writes a
        #: conclusion by its key, of several with the rule's id.
        self.forms: dict[tuple[str, ...], RuleForm] = {}
        self._static: dict[tuple[str, int], object] = {}
        self._citations: dict[str, Citation] = {}
        self._order = {conclusion.key: number for number, conclusion in enumerate(plan.conclusions)}
        self._counts = Counter(conclusion.on for conclusion in plan.conclusions)
        self._below: dict[Key, tuple[Key, ...]] = {}
        self._reads: dict[Key, frozenset[Key]] = {}
        self._facts: dict[Key, frozenset[Key]] = {}
        self._computed: dict[Key, Computed] = {}
        self._thresholds: dict[tuple[Key, Key], frozenset[Fraction] | None] = {}

    def static(self, what: str, term: T, make: Callable[[T], Made]) -> Made:
        """Something about a term, rule or conclusion of the plan that does not depend on facts, made once."""
        key = (what, id(term))
        found = self._static.get(key)
        if found is None:
            found = self._static[key] = make(term)
        return cast(Made, found)

    def cite(self, citation: str) -> Citation:
        """``instrument#clause`` with all that is said of it."""
        found = self._citations.get(citation)
        if found is None:
            name, _, clause = citation.partition("#")
            instrument = self.linked.instruments[name]
            days = instrument.in_force
            found = self._citations[citation] = Citation(
                name,
                clause,
                instrument.title,
                instrument.number,
                instrument.clauses[clause].title,
                instrument.level,
                days.first,
                days.last,
                days.inferred,
            )
        return found

    def concluded_of(self, kind: str) -> int:
        """How many conclusions an entity of a kind has."""
        return self._counts[kind]

    # ---- what reads what ---------------------------------------------------------------------------------------------

    def reads(self, key: Key) -> frozenset[Key]:
        """The conclusions that one reads, as kinds."""
        found = self._reads.get(key)
        if found is None:
            read = reads(self.plan.by_key[key], self.plan.by_key, self.plan.schema)
            found = self._reads[key] = frozenset(each for each in read if each in self._order)
        return found

    def below(self, key: Key) -> tuple[Key, ...]:
        """A conclusion and all that it rests on, in the order of the plan."""
        found = self._below.get(key)
        if found is None:
            keys, pending = {key}, [key]
            while pending:
                new = self.reads(pending.pop()) - keys
                keys |= new
                pending.extend(new)
            found = self._below[key] = tuple(sorted(keys, key=self._order.__getitem__))
        return found

    def facts(self, key: Key) -> frozenset[Key]:
        """The facts, as (kind, name), that a conclusion reads itself."""
        found = self._facts.get(key)
        if found is None:
            found = self._facts[key] = self._facts_of(key)
        return found

    def _facts_of(self, key: Key) -> frozenset[Key]:
        found: set[Key] = set()
        sectors = self.plan.schema.sectors.values()
        for term in walk(self.plan.by_key[key].term):
            fact = fact_read(term)
            if fact is not None:
                found.add(fact)
            elif isinstance(term, t.SectorGrades):
                found |= {
                    (kind.name, s.present)
                    for s in sectors
                    for kind in self.plan.schema.kinds.values()
                    if s.present in kind.facts
                }
        return frozenset(found)

    def computed(self, kind: str, name: str) -> Computed:
        """How a conclusion is computed."""
        found = self._computed.get((kind, name))
        if found is None:
            term = self.plan.by_key[kind, name].term
            noticing = any(_noticing(each) for each in walk(term))
            found = self._computed[kind, name] = Computed(value_of(self, term), noticing)
        return found

    def thresholds(self, key: Key, fact: Key) -> frozenset[Fraction] | None:
        """The constants that a conclusion itself compares a fact with; None where it reads it otherwise."""
        if (key, fact) not in self._thresholds:
            self._thresholds[key, fact] = _thresholds(self.plan.by_key[key].term, fact)
        return self._thresholds[key, fact]

    def resting_on(self, fact: Key) -> frozenset[Key]:
        """The conclusions that rest on a fact, however far."""
        return self._resting.get(fact, frozenset())

    @cached_property
    def _resting(self) -> dict[Key, frozenset[Key]]:
        rests: dict[Key, set[Key]] = {}
        found: dict[Key, set[Key]] = {}
        for conclusion in self.plan.conclusions:
            key = conclusion.key
            facts = set(self.facts(key))
            for read in self.reads(key):
                facts |= rests[read]
            rests[key] = facts
            for fact in facts:
                found.setdefault(fact, set()).add(key)
        return {fact: frozenset(keys) for fact, keys in found.items()}

    def choosing(self, parameter: str) -> frozenset[Key]:
        """The conclusions with an unsettled reading that a parameter (``ruleset/name``) would choose."""
        return self._choosing.get(parameter, frozenset())

    @cached_property
    def _choosing(self) -> dict[str, frozenset[Key]]:
        found: dict[str, set[Key]] = {}
        for conclusion in self.plan.conclusions:
            for term in walk(conclusion.term):
                if isinstance(term, t.UnsettledReadings):
                    found.setdefault(f"{term.ruleset}/{term.parameter}", set()).add(conclusion.key)
        return {parameter: frozenset(keys) for parameter, keys in found.items()}

    def readers_of(self, keys: frozenset[Key]) -> frozenset[Key]:
        """Some conclusions and all that rest on them."""
        found = set(keys)
        for conclusion in self.plan.conclusions:
            if conclusion.key not in found and not self.reads(conclusion.key).isdisjoint(found):
                found.add(conclusion.key)
        return frozenset(found)

    def sector_terms(self, term: t.SectorGrades, root: str) -> tuple[tuple[str, t.Term, t.Term], ...]:
        """Of each sector: its name, the term that says whether it is there, and the term of its grade."""
        return self.static(f"sectors of {root}", term, lambda each: tuple(self._sector_terms(each, root)))

    def _sector_terms(self, term: t.SectorGrades, root: str) -> list[tuple[str, t.Term, t.Term]]:
        me = t.Up(0, root)
        found: list[tuple[str, t.Term, t.Term]] = []
        for name in self.plan.sectors:
            sector = self.plan.schema.sectors[name]
            if sector.grade is None:
                continue
            present: t.Term = t.Unassigned(t.BOOLEAN, False)
            if sector.present in self.plan.schema.kinds[root].facts:
                present = t.FactValue(me, sector.present, t.BOOLEAN, False)
            elif (root, sector.present) in self.plan.by_key:
                present = t.ConclusionValue(me, sector.present, t.BOOLEAN, False)
            grade: t.Term = t.Unassigned(term.item, False)
            if (root, sector.grade) in self.plan.by_key:
                grade = t.ConclusionValue(me, sector.grade, term.item, True)
            found.append((name, present, grade))
        return found


def _noticing(term: object) -> bool:
    """May the interpreter have something to say of a term beside its value?"""
    match term:
        case t.Arithmetic(operator=operator):
            return operator in ("/", "%")
        case t.DecisionTable(hit=hit):
            return hit in ("unique", "any")
        case t.Excepted(exceptions=exceptions):
            return len(exceptions) > 1 or any(each.exceptions for each in exceptions)
        case t.Written(accumulates=accumulates):
            return not accumulates
    return isinstance(term, t.TextFunction | t.LookupValue | t.Permitted)


def _thresholds(root: t.Term, fact: Key) -> frozenset[Fraction] | None:
    found: set[Fraction] = set()
    pending: list[object] = [root]
    while pending:
        term = pending.pop()
        if isinstance(term, t.Comparison) and _is_fact(term.left, fact) and isinstance(term.right, t.Constant):
            found.add(Fraction(term.right.value))
        elif isinstance(term, t.Applicable) and _is_fact(term.operand, fact):
            continue
        elif _is_fact(term, fact):
            return None
        else:
            pending.extend(children(term))
    return frozenset(found)


def _is_fact(term: object, fact: Key) -> bool:
    if isinstance(term, t.Sure):
        return _is_fact(term.term, fact)
    return isinstance(term, t.FactValue) and (term.entity.kind, term.fact) == fact


class _ByDigest:
    """A plan as a key of a cache."""

    def __init__(self, linked: LinkedProgram, plan: Plan) -> None:
        self.linked = linked
        self.plan = plan

    def __hash__(self) -> int:
        return hash(self.plan.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and other.plan.digest == self.plan.digest


@lru_cache(maxsize=PLANS_KEPT)
def _view(named: _ByDigest) -> PlanView:
    return PlanView(named.linked, named.plan)


def view_of(linked: LinkedProgram, plan: Plan) -> PlanView:
    """The view of a plan; plans of one digest share it."""
    return _view(_ByDigest(linked, plan))
