"""Some of the subjects of tables, and facts filled in for a closed world."""

from __future__ import annotations

from collections.abc import Collection

import polars as pl

from safetyrules.engine.columnar.tables import ASSUMED, COMPLETE, NONE, PARENT, SINCE, Tables
from safetyrules.facts.build import ALL
from safetyrules.facts.schema import BooleanType, PartsType, Schema, ValuesType


def subset(schema: Schema, tables: Tables, rows: pl.Series) -> Tables:
    """The subjects of ``rows`` (in increasing order) with all that belongs to them."""
    frames = {tables.root: tables.frames[tables.root][rows]}
    values: dict[tuple[str, str], pl.DataFrame] = {}
    kept = {tables.root: rows.cast(pl.UInt32)}
    pending = [tables.root]
    for kind in pending:
        moved = pl.DataFrame({PARENT: kept[kind], "#now": pl.int_range(kept[kind].len(), dtype=pl.UInt32, eager=True)})
        for fact in schema.kinds[kind].facts.values():
            if isinstance(fact.type, PartsType) and fact.type.kind in tables.frames:
                part = fact.type.kind
                frames[part], kept[part] = _members(tables.frames[part], moved)
                pending.append(part)
            elif isinstance(fact.type, ValuesType) and (kind, fact.name) in tables.values:
                values[kind, fact.name], _ = _members(tables.values[kind, fact.name], moved)
    now = {int(row): number for number, row in enumerate(rows)}
    apart = {now[row]: facts for row, facts in tables.apart.items() if row in now}
    return Tables(tables.root, frames, values, apart)


def _members(frame: pl.DataFrame, moved: pl.DataFrame) -> tuple[pl.DataFrame, pl.Series]:
    numbered = frame.with_columns(pl.int_range(pl.len(), dtype=pl.UInt32).alias("#was"))
    found = numbered.join(moved, on=PARENT, how="inner", maintain_order="left")
    return found.with_columns(pl.col("#now").alias(PARENT)).drop("#now", "#was"), found["#was"]


def closed(schema: Schema, tables: Tables, sections: Collection[str]) -> Tables:
    """What is missing in the named sections (``*``: everywhere) is false, or an empty list (design 5.6); a sector whose
    parts are listed is not assumed away."""
    if not sections:
        return tables
    frames = dict(tables.frames)
    kinds: list[tuple[str, bool | None]] = [(tables.root, None)]
    for kind, inherited in kinds:
        frame = frames.get(kind)
        if frame is None:
            continue
        filled = []
        denials = schema.denials(kind) if kind == tables.root else {}
        for fact in schema.kinds[kind].facts.values():
            named = ALL in sections or any(fact.name.startswith(f"{section}.") for section in sections)
            closes = named if inherited is None else inherited
            if isinstance(fact.type, PartsType):
                kinds.append((fact.type.kind, closes))
            if not closes:
                continue
            if isinstance(fact.type, PartsType | ValuesType):
                filled.append(_empty_where_absent(schema, tables, kind, fact.name, frame))
            elif isinstance(fact.type, BooleanType):
                missing = pl.col(fact.name).is_null() if fact.name in frame.columns else pl.lit(True)
                if fact.name + NONE in frame.columns:
                    missing = missing & pl.col(fact.name + NONE).is_null()
                for listed in denials.get(fact.name, ()):
                    missing = missing & ~_listed(schema, tables, kind, listed)
                given = pl.col(fact.name) if fact.name in frame.columns else pl.lit(None, dtype=pl.Boolean)
                filled.append(pl.when(missing).then(False).otherwise(given).alias(fact.name))
                filled.append(missing.alias(fact.name + ASSUMED))
        frames[kind] = frame.with_columns(filled)
    return Tables(tables.root, frames, tables.values, tables.apart)


def _members_of(schema: Schema, tables: Tables, kind: str, fact: str) -> pl.DataFrame | None:
    of = schema.kinds[kind].facts[fact].type
    return tables.frames.get(of.kind) if isinstance(of, PartsType) else tables.values.get((kind, fact))


def _listed(schema: Schema, tables: Tables, kind: str, fact: str) -> pl.Expr:
    members = _members_of(schema, tables, kind, fact)
    if members is None:
        return pl.lit(False)
    return pl.int_range(pl.len(), dtype=pl.UInt32).is_in(members[PARENT].unique().implode())


def _empty_where_absent(schema: Schema, tables: Tables, kind: str, fact: str, frame: pl.DataFrame) -> pl.Expr:
    """A list of which nothing was said is empty; one that has members and is open stays open."""
    said = pl.col(fact + COMPLETE) if fact + COMPLETE in frame.columns else pl.lit(None, dtype=pl.Boolean)
    absent = ~said.fill_null(False) & ~_listed(schema, tables, kind, fact)
    if fact + SINCE in frame.columns:
        absent = absent & pl.col(fact + SINCE).is_null()
    return pl.when(absent).then(True).otherwise(said).alias(fact + COMPLETE)
