"""Replaying an assessment on the reference interpreter, and what reads what.

A `Replay` evaluates only the conclusions that are asked for and those they rest on, in the order of the plan, and keeps
every value it made. Each conclusion that it evaluates must equal the assessment's, else the facts were changed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any, TypeVar

import networkx

from safetyrules.diagnostics import Diagnostic, RequestError, diagnostic
from safetyrules.engine import algebra
from safetyrules.engine.reference import Place, Reference
from safetyrules.explanation.words import Words
from safetyrules.facts.entity import Entity
from safetyrules.language import terms as t
from safetyrules.language.plan import Key, Plan, reads
from safetyrules.values import TRUE, Finite, Scalar

if TYPE_CHECKING:
    from safetyrules.result import Assessment

#: A fact or conclusion of an entity: (entity path, dotted name).
Node = tuple[str, str]
PLANS_KEPT = 64
T = TypeVar("T")


@dataclass(frozen=True)
class Spot(Place):
    """A place that has an identity, and knows what list member each variable stands for."""

    members: Mapping[str, Listed] = field(default_factory=dict)

    @cached_property
    def key(self) -> tuple[object, ...]:
        bound = ((n, id(v) if isinstance(v, Entity) else v) for n, v in sorted(self.bound.items()))
        return (id(self.entity), *bound)

    def at(self, variable: str, member: Listed) -> Spot:
        return replace(self, bound={**self.bound, variable: member.value}, members={**self.members, variable: member})


At = tuple[t.Term, Spot]


@dataclass(frozen=True, slots=True)
class Listed:
    """A member of a list and why it is there: ``tests`` it must pass, ``source`` it is computed from, ``open_list``
    where it stands for members not given, as (path of the entity, list fact). ``path`` is empty where it is
    computed."""

    value: Entity | Scalar
    path: str
    certain: bool = True
    many: bool = False
    tests: tuple[At, ...] = ()
    source: At | None = None
    open_list: Node | None = None


class PlanView:
    """What explanations need of a plan, made once: words, and which conclusions read which."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.words = Words(plan)
        self._order = {conclusion.key: number for number, conclusion in enumerate(plan.conclusions)}
        self._below: dict[Key, tuple[Key, ...]] = {}
        self._static: dict[tuple[str, int], tuple[Any, ...]] = {}
        self._reads: dict[Key, set[Key]] = {}

    def static(self, what: str, term: T, make: Callable[[T], Iterable[Any]]) -> tuple[Any, ...]:
        """Something about a term or rule of the plan that does not depend on facts, made once."""
        key = (what, id(term))
        found = self._static.get(key)
        if found is None:
            found = self._static[key] = tuple(make(term))
        return found

    def reads(self, key: Key) -> set[Key]:
        """The conclusions that one reads, as kinds."""
        if key not in self._reads:
            found = reads(self.plan.by_key[key], self.plan.by_key, self.plan.schema)
            self._reads[key] = {each for each in found if each in self._order}
        return self._reads[key]

    def below(self, key: Key) -> tuple[Key, ...]:
        """A conclusion and all that it rests on, in the order of the plan."""
        if key not in self._below:
            found, pending = {key}, [key]
            while pending:
                new = self.reads(pending.pop()) - found
                found |= new
                pending.extend(new)
            self._below[key] = tuple(sorted(found, key=self._order.__getitem__))
        return self._below[key]

    def facts(self, key: Key) -> frozenset[Key]:
        """The facts, as (kind, name), that a conclusion reads itself."""
        return self._facts(key)

    @lru_cache(maxsize=4096)  # noqa: B019 - a view is itself kept in a bounded cache
    def _facts(self, key: Key) -> frozenset[Key]:
        found: set[Key] = set()
        sectors = self.plan.schema.sectors.values()
        for term in t.walk(self.plan.by_key[key].term):
            if isinstance(term, t.FactValue | t.PartsOf | t.ValuesOf):
                found.add((term.entity.kind, term.fact))
            elif isinstance(term, t.SectorGrades):
                found |= {
                    (kind.name, s.present)
                    for s in sectors
                    for kind in self.plan.schema.kinds.values()
                    if s.present in kind.facts
                }
        return frozenset(found)


class _ByDigest:
    """A plan as a key of a cache."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan

    def __hash__(self) -> int:
        return hash(self.plan.digest)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _ByDigest) and other.plan.digest == self.plan.digest


@lru_cache(maxsize=PLANS_KEPT)
def _view(named: _ByDigest) -> PlanView:
    return PlanView(named.plan)


def view_of(plan: Plan) -> PlanView:
    """The view of a plan; plans of one digest share it."""
    return _view(_ByDigest(plan))


class Remembering(Reference):
    """The reference interpreter, keeping the value of every term at every place, evaluating only what is asked for."""

    def __init__(self, view: PlanView, root: Entity, assessment: Assessment) -> None:
        super().__init__(view.plan, root, assessment.request.as_of)
        self.view = view
        self.by_path = {entity.path: entity for entities in self.entities.values() for entity in entities}
        self.spots = {path: Spot(entity) for path, entity in self.by_path.items()}
        self._memo: dict[tuple[int, tuple[object, ...]], Scalar] = {}
        self._assessed = assessment
        self._done: set[Key] = set()

    def demand(self, key: Key) -> None:
        """Evaluate a conclusion of every entity and what it rests on. Raises RequestError where facts were changed."""
        if key in self._done:
            return
        for each in self.view.below(key):
            if each in self._done:
                continue
            conclusion = self.plan.by_key[each]
            for entity in self.entities.get(conclusion.on, ()):
                self._noticed = []
                value = self.values[entity.path, conclusion.name] = self.evaluate(
                    conclusion.term, self.spots[entity.path]
                )
                if not value.known:
                    self.diagnostics.extend((entity.path, conclusion.name, notice) for notice in self._noticed)
                said = algebra.with_nothing(value) if entity.residual else value
                if self._assessed.scalars.get((entity.path, conclusion.name)) != said:
                    raise RequestError([diagnostic("SR2104", path=f"{entity.path}#{conclusion.name}")])
            self._done.add(each)

    def evaluate(self, term: t.Term, place: Place) -> Scalar:
        if isinstance(term, t.Constant | t.FactValue | t.ConclusionValue):
            return super().evaluate(term, place)
        assert isinstance(place, Spot)
        key = (id(term), place.key)
        found = self._memo.get(key)
        if found is None:
            found = self._memo[key] = super().evaluate(term, place)
        return found


class Replay:
    """One assessment, replayed. Raises RequestError (SR2104) where the facts no longer give the same outcomes."""

    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.view = view_of(assessment.plan)
        self.plan = self.view.plan
        self.words = self.view.words
        self.root: Entity = assessment.program.entity(assessment.facts, assessment.request)
        self.reference = Remembering(self.view, self.root, assessment)
        expected = sum(len(self.reference.entities.get(c.on, ())) for c in self.plan.conclusions)
        if expected != len(assessment.scalars):
            raise RequestError([diagnostic("SR2104", path=self.root.path)])

    # ---- values ------------------------------------------------------------------------------------------------------

    def entity(self, path: str) -> Entity:
        return self.reference.by_path[path]

    def spot(self, path: str) -> Spot:
        return self.reference.spots[path]

    def value(self, term: t.Term, place: Spot) -> Scalar:
        """What is still possible of a term at a place; the conclusion it belongs to must have been demanded."""
        return self.reference.evaluate(term, place)

    def owner(self, term: t.EntityTerm, place: Spot) -> Entity:
        return self.reference.entity(term, place)

    def conclusion(self, node: Node) -> Scalar:
        """What is still possible of a conclusion of an entity, as other rules read it."""
        if node not in self.reference.values:
            self.reference.demand((self.entity(node[0]).kind, node[1]))
        return self.reference.values[node]

    def notices(self, node: Node) -> tuple[Diagnostic, ...]:
        self.conclusion(node)
        return tuple(each for path, name, each in self.reference.diagnostics if (path, name) == node)

    # ---- lists -------------------------------------------------------------------------------------------------------

    def members(self, term: t.ListTerm, place: Spot) -> Iterator[Listed]:
        """The members of a list with why they are there; like `Reference.members`, those that may be there included."""
        match term:
            case t.PartsOf(entity, fact) | t.ValuesOf(entity, fact):
                yield from self._given(self.owner(entity, place), fact)
            case t.ListOf(items):
                yield from (Listed(self.value(item, place), "", source=(item, place)) for item in items)
            case t.Filtered(operand, variable, test):
                yield from self._passing(operand, variable, test, place)
            case t.Mapped(operand, variable, test, body):
                source = self.members(operand, place) if test is None else self._passing(operand, variable, test, place)
                for member in source:
                    spot = place.at(variable, member)
                    yield replace(member, value=self.value(body, spot), source=(body, spot))
            case t.SectorGrades():
                yield from self._sectors(term)

    def _given(self, owner: Entity, fact: str) -> Iterator[Listed]:
        members = owner.lists[fact]
        for number, item in enumerate(members.items):
            yield Listed(item, item.path if isinstance(item, Entity) else f"{owner.path}.{fact}[{number}]")
        if members.residual is not None:
            yield Listed(members.residual, f"{owner.path}.{fact}[?]", False, True, open_list=(owner.path, fact))

    def _passing(self, operand: t.ListTerm, variable: str, test: t.Term, place: Spot) -> Iterator[Listed]:
        for member in self.members(operand, place):
            spot = place.at(variable, member)
            passed = self.value(test, spot)
            assert isinstance(passed, Finite)
            if True in passed.outcomes:
                yield replace(member, certain=member.certain and passed == TRUE, tests=(*member.tests, (test, spot)))

    def _sectors(self, term: t.SectorGrades) -> Iterator[Listed]:
        spot = self.spot(self.root.path)
        for sector, present, grade in self.sector_terms(term):
            there = self.value(present, spot)
            assert isinstance(there, Finite)
            if True in there.outcomes:
                yield Listed(
                    self.value(grade, spot), sector, there == TRUE, tests=((present, spot),), source=(grade, spot)
                )

    def sector_terms(self, term: t.SectorGrades) -> tuple[tuple[str, t.Term, t.Term], ...]:
        """Of each sector: its name, the term that says whether it is there, and the term of its grade."""
        me = t.Up(0, self.root.kind)
        found: list[tuple[str, t.Term, t.Term]] = []
        for name in self.plan.sectors:
            sector = self.plan.schema.sectors[name]
            if sector.grade is None:
                continue
            present: t.Term = t.Unassigned(t.BOOLEAN, False)
            if sector.present in self.root.values:
                present = t.FactValue(me, sector.present, t.BOOLEAN, False)
            elif (me.kind, sector.present) in self.plan.by_key:
                present = t.ConclusionValue(me, sector.present, t.BOOLEAN, False)
            grade: t.Term = t.Unassigned(term.item, False)
            if (me.kind, sector.grade) in self.plan.by_key:
                grade = t.ConclusionValue(me, sector.grade, term.item, True)
            found.append((name, present, grade))
        return tuple(found)

    def counted(self, term: t.FindingCount) -> Iterator[tuple[Node, str, Finite]]:
        """The findings that a count reads: each as (entity path, conclusion), its clause and its outcome."""
        for conclusion in self.plan.findings.get(term.sector, ()):
            if term.severity in (conclusion.severity, "any"):
                for entity in self.reference.entities.get(conclusion.on, ()):
                    outcome = self.conclusion((entity.path, conclusion.name))
                    assert isinstance(outcome, Finite)
                    yield (entity.path, conclusion.name), conclusion.clause or "", outcome

    # ---- what rests on what ------------------------------------------------------------------------------------------

    def graph(self) -> networkx.DiGraph[Node]:
        """Every conclusion and every fact that one reads; an edge leads from what is read to what reads it. ``kind``
        of a node is ``conclusion`` or ``fact``."""
        graph: networkx.DiGraph[Node] = networkx.DiGraph()
        for conclusion in self.plan.conclusions:
            self.reference.demand(conclusion.key)
            for entity in self.reference.entities.get(conclusion.on, ()):
                node = (entity.path, conclusion.name)
                graph.add_node(node, kind="conclusion")
                for read in self.reads(node):
                    kind = "conclusion" if read in self.reference.values else "fact"
                    graph.add_node(read, kind=kind)
                    graph.add_edge(read, node)
        return graph

    def reads(self, node: Node) -> Iterator[Node]:
        """The facts and conclusions that a conclusion reads, members of lists included."""
        self.conclusion(node)
        term = self.plan.by_key[self.entity(node[0]).kind, node[1]].term
        pending: list[tuple[object, Spot]] = [(term, self.spot(node[0]))]
        seen: set[Node] = set()
        while pending:
            found, place = pending.pop()
            for read in self._read(found, place):
                if read not in seen:
                    seen.add(read)
                    yield read
            pending.extend(self.inside(found, place))

    def _read(self, term: object, place: Spot) -> Iterator[Node]:
        match term:
            case (
                t.FactValue(entity, name)
                | t.PartsOf(entity, name)
                | t.ValuesOf(entity, name)
                | t.ConclusionValue(entity, name)
            ):
                yield self.owner(entity, place).path, name
            case t.FindingCount():
                yield from (node for node, _, _ in self.counted(term))

    def inside(self, term: object, place: Spot) -> Iterator[tuple[object, Spot]]:
        """What stands directly inside a term, at its place: bodies of comprehensions once for each member."""
        match term:
            case t.Quantified(_, operand, variable, body):
                yield operand, place
                yield from ((body, place.at(variable, member)) for member in self.members(operand, place))
            case t.Filtered(operand, variable, test):
                yield operand, place
                yield from ((test, place.at(variable, member)) for member in self.members(operand, place))
            case t.Mapped(operand, variable, test, body):
                yield operand, place
                for member in self.members(operand, place):
                    yield body, place.at(variable, member)
                    if test is not None:
                        yield test, place.at(variable, member)
            case t.SectorGrades():
                root = self.spot(self.root.path)
                for _, present, grade in self.sector_terms(term):
                    yield present, root
                    yield grade, root
            case _:
                yield from ((child, place) for child in t.children(term) if not isinstance(child, t.Up | t.Variable))
