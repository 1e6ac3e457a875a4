"""Tables of facts back to the mappings that `safetyrules.assess` takes, one by one: an oracle, not an engine."""

from __future__ import annotations

from typing import Any

from safetyrules.engine.columnar.tables import COMPLETE, NONE, PARENT, SINCE, VALUE, Tables
from safetyrules.facts.schema import NumberType, PartsType, Schema, ValuesType

Facts = dict[str, Any]


def facts_of_tables(schema: Schema, tables: Tables) -> list[Facts]:
    """The facts of every subject, in order."""
    return _entities(schema, tables, tables.root)


def _entities(schema: Schema, tables: Tables, kind: str) -> list[Facts]:
    declared = schema.kinds[kind]
    rows = tables.frames[kind].to_dicts()
    members: dict[str, list[list[Any]]] = {}
    for fact in declared.facts.values():
        lists: list[list[Any]] = [[] for _ in rows]
        if isinstance(fact.type, PartsType):
            parents = tables.frames[fact.type.kind][PARENT].to_list()
            for parent, part in zip(parents, _entities(schema, tables, fact.type.kind), strict=True):
                lists[parent].append(part)
        elif isinstance(fact.type, ValuesType):
            for member in tables.values[kind, fact.name].to_dicts():
                lists[member[PARENT]].append(member[VALUE])
        members[fact.name] = lists
    found = []
    for number, row in enumerate(rows):
        facts: Facts = {}
        for fact in declared.facts.values():
            if isinstance(fact.type, PartsType | ValuesType):
                value: Any = {"items": members[fact.name][number], "more": not row[fact.name + COMPLETE]}
                if row.get(fact.name + SINCE) is not None:
                    value["complete_since"] = row[fact.name + SINCE]
            elif row.get(fact.name + NONE):
                value = {"not_applicable": True}
            else:
                value = row[fact.name]
                if isinstance(fact.type, NumberType) and fact.type.integer and value is not None:
                    assert value.is_integer()
                    value = int(value)
            if value is not None:
                _put(facts, fact.name.split("."), value)
        found.append(facts)
    return found


def _put(facts: Facts, path: list[str], value: Any) -> None:
    for step in path[:-1]:
        facts = facts.setdefault(step, {})
    facts[path[-1]] = value
