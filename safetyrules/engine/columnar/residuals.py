"""The rows that stand for what is not given: one for each open list (design 5.2), the same as residual entities.

They stand below all members, so that no column of these is moved; `row_orders` says where each belongs.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
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
    """The frames by table, every open list with a row below for the members it may still have. ``wanted``: the tables
    to make, with those above them; None is all."""
    root = tables.frames[tables.root]
    root = root.hstack([repeated(False, pl.Boolean, root.height).alias(RESIDUAL)])
    found = {tables.root: root}
    _below(schema, tables, schema.kinds[tables.root], found, wanted)
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
    schema: Schema, tables: Tables, kind: Kind, found: dict[str, pl.DataFrame], wanted: Collection[str] | None
) -> None:
    """The lists of a kind."""
    for fact in kind.facts.values():
        if isinstance(fact.type, PartsType):
            if wanted is not None and fact.type.kind not in wanted:
                continue
            part = schema.kinds[fact.type.kind]
            found[part.name] = _members(found[kind.name], fact.name, tables.frames.get(part.name), fact.type.log)
            _below(schema, tables, part, found, wanted)
        elif isinstance(fact.type, ValuesType):
            if wanted is not None and values_table(kind.name, fact.name) not in wanted:
                continue
            given = tables.values.get((kind.name, fact.name))
            if given is None:
                given = pl.DataFrame(schema={PARENT: pl.UInt32, VALUE: column_type(fact.type.item)})
            found[values_table(kind.name, fact.name)] = _members(found[kind.name], fact.name, given, None)


def _members(owner: pl.DataFrame, fact: str, given: pl.DataFrame | None, log: str | None) -> pl.DataFrame:
    """The members of a list, and below them its residual rows in the order of their owners."""
    if given is None:
        given = pl.DataFrame(schema={PARENT: pl.UInt32})
    columns = {each.name: each for each in given.get_columns()}
    columns[PARENT] = given[PARENT].cast(pl.UInt32)
    columns[RESIDUAL] = repeated(False, pl.Boolean, given.height).alias(RESIDUAL)
    frame = pl.DataFrame(list(columns.values()))
    open_ = row_numbers(owner.height)
    if fact + COMPLETE in owner.columns:
        open_ = open_.filter(~owner[fact + COMPLETE].fill_null(False))
    if not open_.len():
        return frame
    below = {PARENT: open_, RESIDUAL: repeated(True, pl.Boolean, open_.len())}
    if log is not None and fact + SINCE in owner.columns:
        below[log + HIGH] = (owner[fact + SINCE][open_] - timedelta(days=1)).cast(pl.Date)
    rest = pl.DataFrame([each.alias(name) for name, each in below.items()])
    return pl.concat([frame, rest], how="diagonal", rechunk=True)


def row_orders(schema: Schema, frames: Mapping[str, pl.DataFrame], root: str) -> dict[str, pl.Series]:
    """By kind, the numbers of its rows in their order: by owner, members as they are listed, then what stands for
    others. A kind whose rows stand in that order as they are is left out."""
    orders: dict[str, pl.Series] = {}
    #: Of the rows of a kind, where each stands in that order.
    places: dict[str, pl.Series] = {}
    kinds = [root]
    for kind in kinds:
        for part in schema.parts(kind):
            if part.name not in frames:
                continue
            kinds.append(part.name)
            frame = frames[part.name]
            open_lists = int(frame[RESIDUAL].sum())
            if open_lists:
                owners = places[kind].gather(frame[PARENT]) if kind in places else frame[PARENT]
                place = _placed(owners, frame.height - open_lists, frames[kind].height)
                blank = repeated(0, pl.UInt32, frame.height)
                places[part.name], orders[part.name] = place, blank.scatter(place, row_numbers(frame.height))
    return orders


def _placed(owners: pl.Series, members: int, height: int) -> pl.Series:
    """Where each row of a list comes to stand: a member after those before it and the residual rows of owners before
    its own, a residual row after all members of its owner. ``owners``: where these stand, of ``height`` in all."""
    above, open_ = owners.slice(0, members), owners.slice(members)
    here = repeated(0, pl.UInt32, height).scatter(open_, 1)
    before = here.cum_sum() - here
    rows, among = row_numbers(members), open_.arg_sort()
    in_turn = open_.gather(among)
    # Of each owner, how many members there are up to its last; `above` rises, so the last one written stands.
    until = repeated(0, pl.UInt32, height).scatter(above, rows + 1).cum_max()
    residual = until.gather(in_turn) + row_numbers(open_.len())
    place = (rows + before.gather(above)).extend_constant(0, open_.len())
    return place.cast(pl.UInt32).scatter(among + members, residual)
