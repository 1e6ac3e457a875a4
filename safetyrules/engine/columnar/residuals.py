"""The rows that stand for what is not given: one for each open list (design 5.2), the same as residual entities."""

from __future__ import annotations

from collections.abc import Collection
from datetime import timedelta

import polars as pl

from safetyrules.engine.columnar.facts import RESIDUAL, values_table
from safetyrules.engine.columnar.tables import (
    COMPLETE,
    HIGH,
    PARENT,
    SINCE,
    VALUE,
    Tables,
    column_type,
    repeated,
    row_numbers,
)  # fmt: skip
from safetyrules.facts.schema import Kind, PartsType, Schema, ValuesType


def with_residuals(schema: Schema, tables: Tables, wanted: Collection[str] | None = None) -> dict[str, pl.DataFrame]:
    """The frames by table, every open list with a row for the members it may still have. ``wanted``: the tables to
    make, with those above them; None is all."""
    root = tables.frames[tables.root]
    root = root.hstack([repeated(False, pl.Boolean, root.height).alias(RESIDUAL)])
    found = {tables.root: root}
    _below(schema, tables, schema.kinds[tables.root], None, found, wanted)
    return found


def columns_of(schema: Schema, tables: Tables) -> frozenset[tuple[str, str]]:
    """The columns (table, name) that `with_residuals` may give the frames, itself left undone."""
    found = {(kind, name) for kind, frame in tables.frames.items() for name in frame.columns}
    found |= {(values_table(*key), name) for key, frame in tables.values.items() for name in frame.columns}
    for kind in schema.kinds.keys() & tables.frames.keys():
        columns = tables.frames[kind].columns
        for fact in schema.kinds[kind].facts.values():
            if isinstance(fact.type, PartsType) and fact.type.log is not None and fact.name + SINCE in columns:
                found.add((fact.type.kind, fact.type.log + HIGH))
    return frozenset(found)


def _below(
    schema: Schema,
    tables: Tables,
    kind: Kind,
    moved: pl.Series | None,
    found: dict[str, pl.DataFrame],
    wanted: Collection[str] | None,
) -> None:
    """The lists of a kind. ``moved`` says for each row as given which row of the frame it has become."""
    for fact in kind.facts.values():
        if isinstance(fact.type, PartsType):
            if wanted is not None and fact.type.kind not in wanted:
                continue
            part = schema.kinds[fact.type.kind]
            given = tables.frames.get(part.name)
            frame, now = _members(found[kind.name], fact.name, given, moved, fact.type.log)
            found[part.name] = frame
            _below(schema, tables, part, now, found, wanted)
        elif isinstance(fact.type, ValuesType):
            if wanted is not None and values_table(kind.name, fact.name) not in wanted:
                continue
            given = tables.values.get((kind.name, fact.name))
            if given is None:
                given = pl.DataFrame(schema={PARENT: pl.UInt32, VALUE: column_type(fact.type.item)})
            found[values_table(kind.name, fact.name)], _ = _members(found[kind.name], fact.name, given, moved, None)


def _members(
    owner: pl.DataFrame, fact: str, given: pl.DataFrame | None, moved: pl.Series | None, log: str | None
) -> tuple[pl.DataFrame, pl.Series]:
    """The members of a list and its residual rows, in order of their owner; where each member now stands."""
    if given is None:
        given = pl.DataFrame(schema={PARENT: pl.UInt32})
    parent = given[PARENT].cast(pl.UInt32)
    own = parent if moved is None else moved[parent].alias(PARENT)
    others = [column for column in given.get_columns() if column.name != PARENT]
    members = pl.DataFrame([*others, own, repeated(False, pl.Boolean, given.height).alias(RESIDUAL)])
    open_ = row_numbers(owner.height)
    if fact + COMPLETE in owner.columns:
        open_ = open_.filter(~owner[fact + COMPLETE].fill_null(False))
    if not open_.len():
        return members, row_numbers(members.height)
    # Each member moves down by the open lists of the owners before its own: their residual rows stand in between.
    place = row_numbers(given.height)
    among = row_numbers(open_.len())
    if given.height:
        place = (place + open_.search_sorted(own, side="left")).cast(pl.UInt32)
        among = (among + own.search_sorted(open_, side="right")).cast(pl.UInt32)
    residual = pl.DataFrame([open_.alias(PARENT), repeated(True, pl.Boolean, open_.len()).alias(RESIDUAL)])
    if log is not None and fact + SINCE in owner.columns:
        before = owner[fact + SINCE][open_] - timedelta(days=1)
        residual = residual.hstack([before.cast(pl.Date).alias(log + HIGH)])
    order = repeated(0, pl.UInt32, given.height + open_.len())
    order = order.scatter(place, row_numbers(given.height))
    order = order.scatter(among, row_numbers(open_.len()) + given.height)
    return pl.concat([members, residual], how="diagonal")[order], place
