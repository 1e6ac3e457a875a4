"""Facts read anew: what differs from the facts a chain holds is put on its agenda, and nothing else."""

from __future__ import annotations

from safetyrules.engine.chained.atoms import Decider
from safetyrules.engine.chained.run import Chain
from safetyrules.facts.entity import Entity, Members


def renew(chain: Chain, root: Entity) -> None:
    """Let the chain go on with the entity tree ``root`` in place of the one it has."""
    before = {entity.path: entity for entity in chain.decider.root.walk()}
    after = {entity.path: entity for entity in root.walk()}
    values = chain.decider.values
    chain.decider = Decider(chain.plan, root, chain.decider.as_of)
    chain.decider.values = values
    for path in before.keys() - after.keys():
        chain.remove(path)
    for path, entity in after.items():
        if path not in before:
            chain.add(entity)
            continue
        if path in chain.states:
            chain.states[path].entity = entity
        for name in _changed(before[path], entity):
            chain.touch(entity, name)


def _changed(one: Entity, two: Entity) -> set[str]:
    """The facts that two states of one entity differ in, whether they are given included."""
    found = set(one.given ^ two.given)
    found.update(name for name, value in two.values.items() if one.values[name] != value)
    found.update(name for name, members in two.lists.items() if _members(one.lists[name]) != _members(members))
    return found


def _members(members: Members) -> tuple[object, ...]:
    every = (*members.items, members.residual)
    return (members.open, *(member.path if isinstance(member, Entity) else member for member in every))
