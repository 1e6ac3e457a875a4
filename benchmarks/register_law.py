"""Registers under more rules: generated ones with unknown facts, and the shipped law on an invented register."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

import polars as pl

from benchmarks import generated_rules
from benchmarks.programs import DAY, program
from benchmarks.register_data import facts_frame, write
from benchmarks.register_ours import Compiled, answers, compiled, in_columns, sets
from safetyrules import Program, default_program
from safetyrules.engine.columnar.entities import all_facts
from safetyrules.engine.columnar.subsets import subset
from safetyrules.engine.columnar.tables import Tables
from safetyrules.register.answering import Tabulator
from safetyrules.register.demo import demo_tables
from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest
from safetyrules.register.register import open_register
from safetyrules.register.tables_of_answers import subjects
from safetyrules.values import Finite

BATCH = 200_000


class Rules(NamedTuple):
    """So many generated rules, ready for a register whose facts are in part unknown."""

    rules: int
    compiled: Compiled
    facts: pl.DataFrame
    #: From facts to the answers of all of them, batch after batch.
    run: Callable[[], None]


def generated(count: int, rows: int, missing: float) -> Rules:
    """Raises AssertionError where the reference engine says otherwise of one of the first subjects."""
    rules = program(generated_rules.FACTS, generated_rules.rules(count))
    flags, counts = generated_rules.FLAGS, generated_rules.COUNTS
    facts = facts_frame(rows, missing, flags=flags, counts=counts, most=1000)
    ready = compiled(rules, facts.schema)
    _require_reference(rules, ready, facts.head(10))
    written = sets(ready.prepared)

    def run() -> None:
        for piece in facts.iter_slices(BATCH):
            found = answers(ready.prepared, in_columns(piece)).frames["enterprise"]
            found.select(expression.alias(name) for name, expression in written.items())

    return Rules(count, ready, facts, run)


def _require_reference(rules: Program, ready: Compiled, facts: pl.DataFrame) -> None:
    found = answers(ready.prepared, in_columns(facts))
    for row, each in enumerate(facts.iter_rows(named=True)):
        known = {name: value for name, value in each.items() if value is not None}
        expected = dict(rules.assess(known, as_of=DAY, engine="reference").scalars)
        if found.outcomes(row) != expected:
            raise AssertionError(f"subject {row}: columns answer otherwise than the reference")


class Law(NamedTuple):
    """The shipped law over invented enterprises: with facts in columns, and from a folder of tables to a table."""

    rows: int
    exact: int
    columns: Callable[[], None]
    folder: Callable[[], None]


def law(rows: int, missing: float, folder: Path) -> Law:
    """Raises AssertionError where `assess` says otherwise of one of the first enterprises."""
    rules = default_program()
    tables = demo_tables(rules, rows, missing=missing)
    tabulator = Tabulator(rules, as_of=DAY, law_at=DAY)
    _require_assess(rules, tables)
    exact = sum(each.exact for each in tabulator.answers(tables))
    register = folder / f"register-{rows}"
    if not register.exists():
        write_demo_register(rules, DemoRequest(rows, missing=missing), register)

    def columns() -> None:
        for _ in tabulator.answers(tables):
            pass

    def whole() -> None:
        with open_register(register, program=rules) as opened:
            for number, batch in enumerate(opened.batches()):
                for each in tabulator.answers(batch.tables):
                    write(subjects(each, batch.keys), folder / f"subjects-{number}.parquet")

    return Law(rows, exact, columns, whole)


def _require_assess(rules: Program, tables: Tables) -> None:
    few = subset(rules.schema, tables, pl.Series(range(min(10, tables.height)), dtype=pl.UInt32))
    tabulator = Tabulator(rules, as_of=DAY, law_at=DAY)
    facts = list(all_facts(rules.schema, few))
    for each in tabulator.answers(few):
        for row, subject in enumerate(each.rows):
            expected = rules.assess(facts[subject], as_of=DAY, law_at=DAY).scalars
            found = each.tabulated.outcomes(row)
            wrong = [key for key, value in expected.items() if isinstance(value, Finite) and found[key] != value]
            if wrong:
                raise AssertionError(f"enterprise {subject}: {wrong[0]} is otherwise than `assess` says")
