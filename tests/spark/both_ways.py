"""The same register answered on one machine and in Spark, as plain rows."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import polars as pl

from safetyrules.register.answer_frames import Framing
from safetyrules.register.register import open_register
from safetyrules.spark import ProgramSource, SparkAnswers, tabulate_spark
from safetyrules.spark.layouts import (
    AT,
    COUNTS,
    DUTIES,
    FINDINGS,
    KEY,
    OUTPUT,
    OUTPUTS,
    REJECTS,
    SUBJECTS,
    arrow,
    layouts,
)

if TYPE_CHECKING:
    from pyspark.sql import DataFrame, SparkSession

WRITTEN = (SUBJECTS, FINDINGS, DUTIES, REJECTS)
AS_OF = {"as_of": "2025-06-30"}
Rows = dict[str, list[dict[str, Any]]]


def on_one_machine(source: ProgramSource, register: Any, mapping: Any = None, size: int = 300, **options: Any) -> Rows:
    """What the single-machine reader and tabulator say, batch by batch, each output by subject."""
    program = source.program()
    framing = Framing(program, **(options or AS_OF))
    columns = layouts(framing).outputs
    rows: Rows = {name: [] for name in WRITTEN}
    with open_register(register, mapping, program=program) as opened:
        for batch in opened.batches(size):
            for name, found in framing.frames(batch).tables():
                names = columns[name].names
                held = list(pl.from_arrow(arrow(found)).iter_rows(named=True))
                # All rows of a subject are under one plan, and sorting keeps their order.
                held.sort(key=lambda row: row["subject"] or "")
                rows[name] += [{column: row.get(column) for column in names} for row in held]
    return rows


def in_spark(answers: SparkAnswers) -> Rows:
    """What comes out of Spark, in one run."""
    stream = pl.from_arrow(answers.stream.toArrow())
    assert isinstance(stream, pl.DataFrame)
    ordered = stream.sort(KEY, AT, nulls_last=False)
    return {
        name: ordered.filter(pl.col(OUTPUT) == number)[name].struct.unnest().to_dicts()
        for number, name in enumerate(OUTPUTS)
        if name != COUNTS
    }


def frames(session: SparkSession, tables: Mapping[str, pl.DataFrame]) -> dict[str, DataFrame]:
    return {name: session.createDataFrame(table.to_arrow()) for name, table in tables.items()}


def differences(one: Rows, two: Rows) -> Iterator[str]:
    for name in WRITTEN:
        if len(one[name]) != len(two[name]):
            yield f"{name}: {len(one[name])} rows, {len(two[name])} in Spark"
        for at, (ours, theirs) in enumerate(zip(one[name], two[name], strict=False)):
            cells = {c: (ours.get(c), theirs.get(c)) for c in ours | theirs if not _same(ours.get(c), theirs.get(c))}
            if cells:
                yield f"{name} row {at} of {ours.get('subject')}: {cells}"
                break


def _same(one: object, two: object) -> bool:
    """The last digit of a sum depends on how many subjects are answered at once, on one machine too."""
    if isinstance(one, float) and isinstance(two, float):
        return math.isclose(one, two, rel_tol=1e-13)
    return one == two


def assert_same(one: Rows, two: Rows) -> None:
    found = list(differences(one, two))
    assert not found, "\n".join(found)


def check_same(
    session: SparkSession, source: ProgramSource, tables: Mapping[str, pl.DataFrame], mapping: Any = None,
    **options: Any,
) -> Rows:  # fmt: skip
    """Both ways give the same rows in the same order; these."""
    one = on_one_machine(source, dict(tables), mapping)
    numbered = {name: table.with_columns(pl.int_range(pl.len()).alias("#order")) for name, table in tables.items()}
    given = frames(session, numbered), dict.fromkeys(tables, "#order")
    answers = tabulate_spark(source, given[0], order=given[1], mapping=mapping, **{**AS_OF, **options})
    two = in_spark(answers)
    assert_same(one, two)
    return two
