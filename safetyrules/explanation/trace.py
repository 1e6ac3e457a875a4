"""Replaying an assessment on the reference interpreter, and what reads what.

A `Replay` evaluates only the conclusions that are asked for and keeps every value it made; an assessment has one that
all its explanations share. Each conclusion that is explained must equal the assessment's, else the facts were
changed.
"""

from __future__ import annotations

from collections.abc import Iterator
from copy import copy
from dataclasses import dataclass, replace
from functools import cached_property
from threading import RLock
from typing import TYPE_CHECKING

import networkx

from safetyrules.diagnostics import Diagnostic, RequestError, diagnostic
from safetyrules.engine import algebra
from safetyrules.explanation.evaluate import Evaluation, Spot, Value, value_of
from safetyrules.explanation.reasons import Node as Node
from safetyrules.explanation.view import view_of
from safetyrules.facts.entity import Entity
from safetyrules.language import terms as t
from safetyrules.language.plan import Key
from safetyrules.language.term_trees import children
from safetyrules.values import TRUE, Finite, Scalar

if TYPE_CHECKING:
    from safetyrules.explanation.completions import Trial
    from safetyrules.explanation.needs import Need, Own
    from safetyrules.explanation.reasons import ConclusionRead, ConclusionReason, FactRead
    from safetyrules.explanation.view import PlanView
    from safetyrules.result import Assessment

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


class Remembering(Evaluation):
    """An evaluation of an assessment's own facts. What another conclusion came to, it takes from the assessment, and
    `verify` makes sure that it is what the facts give."""

    def __init__(self, view: PlanView, root: Entity, assessment: Assessment) -> None:
        super().__init__(view.plan, root, assessment.request.as_of)
        self.view = view
        self.changes = {}
        self.chosen = {}
        self.by_path = {entity.path: entity for entities in self.entities.values() for entity in entities}
        self.spots = {path: Spot(entity) for path, entity in self.by_path.items()}
        self.notices: dict[Node, tuple[Diagnostic, ...]] = {}
        self._listening = False
        self._outcomes = assessment.scalars
        alone = len(self.by_path) == 1
        self.values.update(assessment.scalars if alone else assessment.computed.of_subject())
        self._verified: set[Node] = set()
        self._demanded: set[Key] = set()

    def told(self, entity: Entity, name: str) -> Scalar:
        node = (entity.path, name)
        found = self.values.get(node)
        if found is None:
            if entity.residual:
                # The assessment adds "no value" to it, which other rules do not read.
                self.demand((entity.kind, name))
                return self.values[node]
            found = self.values[node] = self._said(node)
        return found

    def _said(self, node: Node) -> Scalar:
        """What the assessment says."""
        try:
            return self._outcomes[node]
        except KeyError:
            raise _changed(node) from None

    def demand(self, key: Key) -> None:
        """Verify a conclusion of every entity and what it rests on. Raises RequestError where facts were changed."""
        if key in self._demanded:
            return
        for each in self.view.below(key):
            if each not in self._demanded:
                name = each[1]
                for entity in self.entities.get(each[0], ()):
                    self.verify(entity, name)
                self._demanded.add(each)

    def verify(self, entity: Entity, name: str) -> Scalar:
        """Evaluate a conclusion of an entity. Raises RequestError where the assessment says otherwise."""
        path = entity.path
        node = (path, name)
        if node in self._verified:
            return self.values[node]
        computed = self.view.computed(entity.kind, name)
        value: Scalar = computed.value(self, self.spots[path])
        if entity.residual:
            told, found = self._said(node), algebra.with_nothing(value)
        else:
            told, found = self.values.get(node) or self.told(entity, name), value
        if told is not found and told != found:
            raise _changed(node)
        self.values[node] = value
        self._verified.add(node)
        if computed.may_notice and not value.known:
            self.notices[node] = self._noticed_of(computed.value, entity)
        return value

    def _noticed_of(self, value: Value, entity: Entity) -> tuple[Diagnostic, ...]:
        """What is noticed when a term is computed, and all inside it with it, though it be known already."""
        self._listening, self._noticed = True, []
        try:
            value(self, Spot(entity))
            return tuple(self._noticed)
        finally:
            self._listening, self._noticed = False, []

    def notice(self, code: str, **values: object) -> None:
        if self._listening:
            super().notice(code, **values)


def _changed(node: Node) -> RequestError:
    return RequestError([diagnostic("SR2104", path="#".join(node))])


class Replay:
    """One assessment, replayed, with all that was found out about it so far. Its methods are not for several threads at
    once; what an `Explanation` and the like offer takes the ``lock``.

    Raises RequestError (SR2104) where the facts no longer give the same outcomes.
    """

    def __init__(self, assessment: Assessment) -> None:
        outcomes = assessment.scalars
        # A copy, because the assessment keeps this replay: without a cycle, memory is free at once.
        self.assessment = copy(assessment)
        self.view = view_of(assessment.program.linked, assessment.plan)
        self.plan = self.view.plan
        self.words = self.view.words
        self.lock = RLock()
        self.root: Entity = assessment.program.entity(assessment.facts, assessment.request)
        self.reference = Remembering(self.view, self.root, assessment)
        #: What other modules of this package made of the assessment, each thing once.
        self.reasons: dict[Node, tuple[ConclusionReason, tuple[Node, ...]]] = {}
        self.facts_read: dict[tuple[Entity, str, bool], FactRead] = {}
        self.conclusions_read: dict[tuple[Entity, str, bool], ConclusionRead] = {}
        self.openings: dict[Node, Own] = {}
        self.needs: dict[Node, tuple[Need, ...]] = {}
        self.trials: dict[tuple[Node | str, Scalar | str], Trial] = {}
        counted = ((kind, len(entities)) for kind, entities in self.reference.entities.items())
        expected = sum(count * self.view.concluded_of(kind) for kind, count in counted)
        if expected != len(outcomes):
            raise RequestError([diagnostic("SR2104", path=self.root.path)])

    @cached_property
    def assumes(self) -> bool:
        """Is any fact assumed?"""
        return any(from_.assumed is not None for entity in self.root.walk() for from_ in entity.provenance.values())

    # ---- values ------------------------------------------------------------------------------------------------------

    def entity(self, path: str) -> Entity:
        return self.reference.by_path[path]

    def spot(self, path: str) -> Spot:
        return self.reference.spots[path]

    def value(self, term: t.Term, place: Spot) -> Scalar:
        """What is still possible of a term at a place."""
        found: Scalar = value_of(self.view, term)(self.reference, place)
        return found

    def owner(self, term: t.EntityTerm, place: Spot) -> Entity:
        return self.reference.entity(term, place)

    def conclusion(self, node: Node) -> Scalar:
        """What is still possible of a conclusion of an entity, as other rules read it."""
        return self.reference.told(self.reference.by_path[node[0]], node[1])

    def demand(self, node: Node) -> None:
        """Make sure that a conclusion and all it rests on are what the facts give."""
        self.reference.demand((self.entity(node[0]).kind, node[1]))

    def notices(self, node: Node) -> tuple[Diagnostic, ...]:
        """What was noticed of an undetermined conclusion when it was computed."""
        self.reference.verify(self.entity(node[0]), node[1])
        return self.reference.notices.get(node, ())

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
        for sector, present, grade in self.view.sector_terms(term, self.root.kind):
            there = self.value(present, spot)
            assert isinstance(there, Finite)
            if True in there.outcomes:
                yield Listed(
                    self.value(grade, spot), sector, there == TRUE, tests=((present, spot),), source=(grade, spot)
                )

    def counted(self, term: t.FindingCount) -> Iterator[tuple[Node, str | Key | None, Finite]]:
        """The findings that a count reads: each as (entity path, conclusion), what it is counted as and its outcome."""
        for conclusion in self.plan.findings.get(term.sector, ()):
            if term.severity in (conclusion.severity, "any"):
                for entity in self.reference.entities.get(conclusion.on, ()):
                    outcome = self.conclusion((entity.path, conclusion.name))
                    assert isinstance(outcome, Finite)
                    yield (entity.path, conclusion.name), conclusion.counted_as, outcome

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
                for _, present, grade in self.view.sector_terms(term, self.root.kind):
                    yield present, root
                    yield grade, root
            case _:
                yield from ((child, place) for child in children(term) if not isinstance(child, t.Up | t.Variable))
