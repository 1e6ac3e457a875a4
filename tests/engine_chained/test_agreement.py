"""On generated programs and facts both chainers say what the reference says, and a session what a fresh assessment
says."""

from __future__ import annotations

from datetime import date
from typing import Any

import chainers
import pytest
from agreement_facts import FactsWriter, facts_of
from agreement_programs import Generated, programs
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engines_agree import AS_OF, examples, law_days, load, places

from safetyrules import FactsError
from safetyrules.engine import chained
from safetyrules.engine.chained.session import ChainedSession
from safetyrules.engine.chained.strata import chained_plan
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import PartsType
from safetyrules.language.plan import Plan
from safetyrules.program import Program

Changes = dict[tuple[str, str], tuple[Any, Any]]


def reference(program: Program, facts: Any, **options: Any) -> tuple[Plan, Entity, dict[tuple[str, str], Any]]:
    said = program.assess(facts, as_of=AS_OF, engine="reference", **options)
    return said.plan, program.entity(said.facts, said.request), dict(said.scalars)


@pytest.mark.parametrize("name", chainers.NAMES)
@settings(max_examples=examples(150))
@given(data=st.data(), generated=programs(), place=places, law_at=law_days)
def test_as_the_reference(name: str, data: st.DataObject, generated: Generated, place: str, law_at: date) -> None:
    chainer = chainers.chainer(name)
    program = load(generated)
    for _ in range(6):
        facts = data.draw(facts_of(generated.kinds))
        plan, entity, said = reference(program, facts, law_at=law_at, jurisdiction=place)
        assert dict(chained.decide(plan, entity, AS_OF, chainer)) == said


@settings(max_examples=examples(100))
@given(generated=programs(), place=places)
def test_plans_are_cut_for_the_fence(generated: Generated, place: str) -> None:
    from safetyrules.engine.chained.durable import check

    plan = chained_plan(load(generated).plan(AS_OF, place))
    for kind in plan.kinds.values():
        rules = kind.rules
        for rule in rules.rules:
            assert max(rules.stratum[p] for p in rule.body) <= rules.stratum[rule.head]
        chained_rules = [number for here in kind.strata for shard in here.shards for number in shard.numbers]
        assert sorted(chained_rules) == list(range(len(rules.rules)))
        known = {p for atom in rules.atoms for p in atom.outcomes.values()} | set(rules.absences.values())
        for here in kind.strata:
            for shard in here.shards:
                check(shard.rules)
                for place_, number in enumerate(shard.numbers):
                    rule = rules.rules[number]
                    local_head, local_body = shard.rules[place_]
                    assert shard.propositions[local_head] == rule.head
                    assert tuple(shard.propositions[p] for p in local_body) == rule.body
                    known.add(rule.head)
                    # Nothing is read before it can be there, so no rule leads back to its own premises.
                    assert known.issuperset(rule.body)
                    assert rule.head not in rule.body


def _paths(entity: Entity) -> list[tuple[Entity, str]]:
    return [(each, fact) for each in entity.walk() if "[?]" not in each.path for fact in (*each.values, *each.lists)]


def _value(data: st.DataObject, generated: Generated, kind: str, fact: str) -> Any:
    """Another value for a fact, good or (seldom) bad."""
    writer = FactsWriter(data.draw, generated.kinds, bad=3)
    scene = generated.kinds[kind]
    for listed in scene.lists:
        if listed.name == fact:
            return _given(writer.members(listed))
    named = next(named for named in scene.named if named.name == fact)
    return _given(writer.fact(named))


def _given(value: Any) -> Any:
    return None if type(value) is object else value


@pytest.mark.parametrize("name", chainers.NAMES)
@settings(max_examples=examples(60))
@given(data=st.data(), generated=programs(), place=places)
def test_any_sequence_of_changes(name: str, data: st.DataObject, generated: Generated, place: str) -> None:
    """After each change: the answers of a fresh assessment, and exactly the differences were reported."""
    program = load(generated)
    facts = data.draw(facts_of(generated.kinds))
    session = ChainedSession(program, facts, as_of=AS_OF, jurisdiction=place, chainer=chainers.chainer(name))
    _, _, said = reference(program, facts, jurisdiction=place)
    assert dict(session.assessment.scalars) == said
    for _ in range(8):
        places_ = _paths(session.chain.decider.root)
        entity, fact = data.draw(st.sampled_from(places_))
        value = _value(data, generated, entity.kind, fact)
        before, facts_before = said, session.facts
        try:
            changes = session.update(f"{entity.path}.{fact}", value)
        except FactsError:
            assert session.facts == facts_before
            assert dict(session.assessment.scalars) == said
            continue
        _, root, said = reference(program, session.facts, jurisdiction=place)
        assert dict(session.assessment.scalars) == said
        assert {(c.path, c.conclusion): (c.before, c.after) for c in changes} == differing(before, said)
        _assert_justified(session)
        assert [e.path for e in root.walk()] == [e.path for e in session.chain.decider.root.walk()]


def differing(before: dict[Any, Any], after: dict[Any, Any]) -> Changes:
    keys = before.keys() | after.keys()
    return {key: (before.get(key), after.get(key)) for key in keys if before.get(key) != after.get(key)}


def _assert_justified(session: ChainedSession) -> None:
    """What holds is decided or has a support whose premises hold; what has no support does not hold."""
    graph = session.justifications.graph
    for path, state in session.chain.states.items():
        rules = state.kind.rules
        heads = {rule.head for rule in rules.rules}
        for proposition in state.holding & heads:
            supports = session.justifications.supports(path, proposition)
            assert supports
            for number, premises in supports:
                assert set(rules.rules[number].body) == set(premises) <= state.holding
        for number, rule in enumerate(rules.rules):
            assert ((path, number, "fired") in graph) == state.holding.issuperset(rule.body)


@settings(max_examples=examples(40))
@given(data=st.data(), generated=programs())
def test_several_changes_at_once(data: st.DataObject, generated: Generated) -> None:
    program = load(generated)
    facts = data.draw(facts_of(generated.kinds))
    session = ChainedSession(program, facts, as_of=AS_OF, chainer=chainers.chainer("plain"))
    root = session.chain.decider.root
    wanted = {}
    for entity, fact in data.draw(st.lists(st.sampled_from(_paths(root)), min_size=1, max_size=6, unique=True)):
        type_ = program.schema.kinds[entity.kind].facts[fact].type
        if not isinstance(type_, PartsType):
            wanted[f"{entity.path}.{fact}"] = _value(data, generated, entity.kind, fact)
    before = dict(session.assessment.scalars)
    try:
        changes = session.update_all(wanted)
    except FactsError:
        assert dict(session.assessment.scalars) == before
        return
    after = reference(program, session.facts)[2]
    assert dict(session.assessment.scalars) == after
    assert {(c.path, c.conclusion): (c.before, c.after) for c in changes} == differing(before, after)
