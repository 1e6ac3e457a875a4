"""Some of the subjects of tables, and facts filled in for a closed world."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import polars as pl

from safetyrules.engine.columnar.tables import ASSUMED, COMPLETE, LOW, NONE, PARENT, SINCE, Tables
from safetyrules.facts.build import ALL
from safetyrules.facts.schema import BooleanType, Evidence, PartsType, Schema, ValuesType


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
    """What is missing in the named sections (``*``: everywhere) is false, or an empty list (design 5.6); a sector that
    other facts speak for is not assumed away."""
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
                if fact.name in denials:
                    missing = missing & ~_there(schema, tables, kind, denials[fact.name])
                given = pl.col(fact.name) if fact.name in frame.columns else pl.lit(None, dtype=pl.Boolean)
                filled.append(pl.when(missing).then(False).otherwise(given).alias(fact.name))
                filled.append(missing.alias(fact.name + ASSUMED))
        frames[kind] = frame.with_columns(filled)
    return Tables(tables.root, frames, tables.values, tables.apart)


def _there(schema: Schema, tables: Tables, kind: str, evidence: Evidence) -> pl.Expr:
    """Is a sector there by other facts?"""
    frame = tables.frames[kind]
    listed = [_listed(schema, tables, kind, name) for name in evidence.lists]
    return pl.any_horizontal(pl.lit(False), *listed, *speaking_columns(schema, kind, evidence, frame.columns).values())


def speaking_columns(schema: Schema, kind: str, evidence: Evidence, columns: Collection[str]) -> Mapping[str, pl.Expr]:
    """For each fact beside lists that may speak for a sector and has columns: does it? Never null."""
    found: dict[str, pl.Expr] = {}
    for name in (*evidence.facts, *evidence.codes):
        here = [column for column in (name, name + LOW) if column in columns]
        if name in evidence.codes:
            says = [_begins(pl.col(column), evidence.codes[name]) for column in here]
        elif isinstance(schema.kinds[kind].facts[name].type, BooleanType):
            says = [pl.col(column) for column in here]
        else:
            says = [pl.col(column) > 0 for column in here]
        if says:
            found[name] = pl.any_horizontal(each.fill_null(False) for each in says)
    return found


def _begins(code: pl.Expr, beginnings: Collection[str]) -> pl.Expr:
    return pl.any_horizontal(code.str.starts_with(each) for each in beginnings)


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
