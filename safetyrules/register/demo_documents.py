"""Invented subjects as documents: a line of JSON each, in the form that `safetyrules.assess` takes, with ``subject``.

Made row by row: a fact is a value or ``{"not_applicable": true}``, and no column holds both.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any

from safetyrules.engine.columnar.tables import COMPLETE, NONE, PARENT, SINCE, VALUE
from safetyrules.facts.schema import Fact, NumberType, PartsType, ScalarType, Schema, ValuesType
from safetyrules.register.demo import Piece
from safetyrules.register.demo_values import CODE

Facts = dict[str, Any]


def documents(schema: Schema, piece: Piece) -> Iterator[str]:
    """A line for each subject, in order."""
    codes = piece.frames[piece.root][CODE]
    for code, facts in zip(codes, _entities(schema, piece, piece.root), strict=True):
        yield json.dumps({"subject": code, **facts}, ensure_ascii=False, separators=(",", ":"), default=_day) + "\n"


def _day(value: object) -> str:
    assert isinstance(value, date)
    return value.isoformat()


def _entities(schema: Schema, piece: Piece, kind: str) -> list[Facts]:
    frame = piece.frames[kind]
    found: list[Facts] = [{} for _ in range(frame.height)]
    for fact in schema.kinds[kind].facts.values():
        *sections, name = fact.name.split(".")
        for facts, value in zip(found, _given(schema, piece, kind, fact), strict=True):
            if value is None:
                continue
            for section in sections:
                facts = facts.setdefault(section, {})
            facts[name] = value
    return found


def _given(schema: Schema, piece: Piece, kind: str, fact: Fact) -> list[Any]:
    """What is said of a fact in each row; None: nothing."""
    frame = piece.frames[kind]
    if isinstance(fact.type, PartsType | ValuesType):
        return _lists(schema, piece, kind, fact)
    values = _plain(frame[fact.name].to_list(), fact.type)
    if fact.name + NONE not in frame.columns:
        return values
    return [
        {"not_applicable": True} if none else value
        for value, none in zip(values, frame[fact.name + NONE], strict=True)
    ]  # fmt: skip


def _lists(schema: Schema, piece: Piece, kind: str, fact: Fact) -> list[Any]:
    frame = piece.frames[kind]
    items: list[list[Any]] = [[] for _ in range(frame.height)]
    members: list[Any]
    if isinstance(fact.type, PartsType):
        below = piece.frames[fact.type.kind]
        members = _entities(schema, piece, fact.type.kind)
    else:
        assert isinstance(fact.type, ValuesType)
        below = piece.values[kind, fact.name]
        members = _plain(below[VALUE].to_list(), fact.type.item)
    for parent, member in zip(below[PARENT], members, strict=True):
        items[parent].append(member)
    said: list[Any] = [
        {"items": listed, "more": not complete}
        for listed, complete in zip(items, frame[fact.name + COMPLETE], strict=True)
    ]
    if fact.name + SINCE in frame.columns:
        for envelope, since in zip(said, frame[fact.name + SINCE], strict=True):
            if since is not None:
                envelope["complete_since"] = since
    return said


def _plain(values: list[Any], of: ScalarType) -> list[Any]:
    """Whole numbers without a fraction part."""
    if not isinstance(of, NumberType):
        return values
    return [int(value) if value is not None and value.is_integer() else value for value in values]
