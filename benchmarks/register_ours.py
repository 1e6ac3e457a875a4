"""`tabulate` from Parquet to Parquet: batch after batch of the file, answers streamed to one file."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from itertools import chain
from pathlib import Path
from time import perf_counter
from typing import Any, NamedTuple

import polars as pl
from polars.io.plugins import register_io_source

from benchmarks.programs import DAY
from benchmarks.programs import program as rules_program
from benchmarks.register_data import COLOUR, SETS, VALUES, Program, sink
from benchmarks.synthetic_rules import FACTS, ours
from safetyrules import Program as Rules
from safetyrules.engine.columnar.forms import Levels, Number, Truth, settled
from safetyrules.engine.columnar.running import AS_WRITTEN
from safetyrules.engine.columnar.tables import Tables
from safetyrules.engine.columnar.tabulate import Known, Prepared, Tabulated, known_facts, names, prepare

#: Rows of a batch of a register that is larger than what is answered at once.
BATCH = 200_000
AT_ONCE = 1_000_000
Shape = Callable[[Prepared], dict[str, pl.Expr]]


def sets(prepared: Prepared) -> dict[str, pl.Expr]:
    """Of every conclusion what is proven, possible and undetermined."""
    found: dict[str, pl.Expr] = {}
    for (_, name), form in prepared.lowered.conclusions.items():
        cells = [pl.col(column) for column in names(name, form)]
        match form:
            case Truth():
                found[f"{name}.proven"] = cells[0] & ~cells[1]
                found[f"{name}.possible"] = cells[0]
                found[f"{name}.undetermined"] = cells[0] & cells[1]
            case Number():
                found[f"{name}.at_least"], found[f"{name}.at_most"] = cells[0], cells[1]
                found[f"{name}.undetermined"] = cells[0] != cells[1]
            case Levels(type_):
                members = list(zip(cells, type_.members, strict=False))
                least, most = _first(members), _first(members[::-1])
                found[f"{name}.proven"], found[f"{name}.possible"] = least, most
                found[f"{name}.undetermined"] = least != most
    return found


def values(prepared: Prepared) -> dict[str, pl.Expr]:
    """Of every conclusion its value, where it has one only."""
    found: dict[str, pl.Expr] = {}
    for (_, name), form in prepared.lowered.conclusions.items():
        cells = [pl.col(column) for column in names(name, form)]
        one = settled(form)
        match form:
            case Truth():
                found[name] = cells[0] if one else pl.when(cells[0] != cells[1]).then(cells[0])
            case Number():
                found[name] = cells[0] if one else pl.when(cells[0] == cells[1]).then(cells[0])
            case Levels(type_):
                members = list(zip(cells, type_.members, strict=False))
                least, most = _first(members), _first(members[::-1])
                found[name] = least if one else pl.when(least == most).then(least)
    return found


def _first(members: list[tuple[pl.Expr, str]]) -> pl.Expr:
    """The first level that is possible."""
    *before, (_, last) = members
    found: Any = pl
    for possible, member in before:
        found = found.when(possible).then(pl.lit(member, dtype=COLOUR))
    expression: pl.Expr = found.otherwise(pl.lit(last, dtype=COLOUR))
    return expression


class Compiled(NamedTuple):
    """``seconds`` that lowering took. The rules are read and checked before."""

    prepared: Prepared
    seconds: float


def compiled(rules: Rules, columns: pl.Schema, known: Known = frozenset()) -> Compiled:
    plan, request, _ = rules.asked({}, as_of=DAY)
    start = perf_counter()
    prepared = prepare(plan, request.subject, request.as_of, in_columns(pl.DataFrame(schema=columns)), known)
    return Compiled(prepared, perf_counter() - start)


def in_columns(facts: pl.DataFrame) -> Tables:
    return Tables("enterprise", {"enterprise": facts})


def answers(prepared: Prepared, facts: Tables) -> Tabulated:
    """Of one batch. Raises AssertionError where a subject would have to be decided exactly: none of these has to."""
    found = prepared.run(facts)
    if found.doubtful.len():
        raise AssertionError(f"{found.doubtful.len()} subjects are left to exact arithmetic")
    return found


def program(rules: Rules, shape: Shape, types: Mapping[str, Any]) -> Program:
    """Every call compiles anew: what a register costs from the file to the answers, but for reading the rules."""

    def answer(source: Path, target: Path) -> None:
        ready: dict[Known, tuple[Prepared, list[pl.Expr]]] = {}

        def answered(piece: pl.DataFrame) -> pl.LazyFrame:
            tables = in_columns(piece)
            known = known_facts(tables)
            if known not in ready:
                prepared = compiled(rules, piece.schema, known).prepared
                written = shape(prepared)
                ready[known] = prepared, [written[name].alias(name) for name in types]
            prepared, columns = ready[known]
            return answers(prepared, tables).frames["enterprise"].lazy().select(columns)

        facts = pl.scan_parquet(source)
        if facts.select(pl.len()).collect().item() <= AT_ONCE:
            sink(in_types(answered(by_halves(facts)), types), target)
            return
        pieces = facts.collect_batches(chunk_size=BATCH, maintain_order=True)
        first = answered(next(pieces))
        held = first.collect_schema()

        def stream(columns: Any, predicate: Any, most: Any, size: Any) -> Iterator[pl.DataFrame]:
            for each in chain((first,), map(answered, pieces)):
                fitting = each.cast(held)
                yield (fitting if columns is None else fitting.select(columns)).collect(optimizations=AS_WRITTEN)

        sink(in_types(register_io_source(stream, schema=held), types), target)

    return answer


def by_halves(facts: pl.LazyFrame) -> pl.DataFrame:
    """A file that is small has few row groups, each of which Polars reads with one thread: half of the columns are read
    beside the others."""
    names = facts.collect_schema().names()
    return pl.concat(pl.collect_all([facts.select(names[::2]), facts.select(names[1::2])]), how="horizontal")


def in_types(found: pl.LazyFrame, types: Mapping[str, Any]) -> pl.LazyFrame:
    """Numbers come as they were computed; they are as wide as is asked for where they are written."""
    return found.select(pl.col(name).cast(type_) for name, type_ in types.items())


def synthetic_rules() -> Rules:
    return rules_program(FACTS, ours())


def with_sets() -> Program:
    return program(synthetic_rules(), sets, SETS)


def with_values() -> Program:
    return program(synthetic_rules(), values, VALUES)
