"""What is written of a register, as Spark holds it: the columns of every output, known before anything runs.

Choices are text and counts are signed, because Spark has neither enumerations nor unsigned numbers.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

from safetyrules.engine.columnar.tabulate import unanswered
from safetyrules.language.plan import NATIONAL, Plan
from safetyrules.register import tables_of_answers as said
from safetyrules.register.answering import Answers
from safetyrules.register.batch import reject_columns

if TYPE_CHECKING:
    from safetyrules.program import Program
    from safetyrules.register.answering import Tabulator

SUBJECTS, FINDINGS, DUTIES, REJECTS, COUNTS = OUTPUTS = ("subjects", "findings", "duties", "rejects", "counts")
#: Beside the outputs, in the stream of answers: which output a row is of, whose it is, and where it stands among the
#: rows of its subject.
OUTPUT, KEY, AT = "#output", "#subject", "#at"
_COUNTED = {"kind": pl.String(), "read": pl.Int64(), "accepted": pl.Int64(), "set_aside": pl.Int64()}


@dataclass(frozen=True)
class Layouts:
    """The columns of each output."""

    outputs: Mapping[str, pa.Schema]

    @property
    def stream(self) -> pa.Schema:
        """All outputs in one stream, of which each row has one."""
        fields = [pa.field(OUTPUT, pa.int32()), pa.field(KEY, pa.string()), pa.field(AT, pa.int64())]
        fields += [pa.field(name, pa.struct(list(schema))) for name, schema in self.outputs.items()]
        return pa.schema(fields)

    def rows(self, output: str, frame: pl.DataFrame, subject: str | None, at: int) -> pa.Table:
        """Rows of one output as rows of the stream; ``subject`` names the column that says whose they are, ``at`` how
        many rows came before."""
        schema = self.outputs[output]
        missing = [pl.lit(None).alias(name) for name in schema.names if name not in frame.columns]
        whole = arrow(frame.with_columns(missing).select(schema.names)).cast(schema)
        rows = whole.num_rows
        struct = pa.StructArray.from_arrays([column.combine_chunks() for column in whole.columns], fields=list(schema))
        keys = whole.column(subject).combine_chunks() if subject is not None else pa.nulls(rows, pa.string())
        columns = [pa.repeat(pa.scalar(OUTPUTS.index(output), pa.int32()), rows), keys, pa.array(range(at, at + rows))]
        for name, other in self.outputs.items():
            columns.append(struct if name == output else pa.nulls(rows, pa.struct(list(other))))
        return pa.Table.from_arrays(columns, schema=self.stream)


def layouts(program: Program, tabulator: Tabulator) -> Layouts:
    """The outputs of any register under this program, wherever its subjects are."""
    subjects: dict[str, pa.Field] = {}
    for plan in _plans(program, tabulator):
        nobody = Answers(pl.Series(dtype=pl.UInt32), unanswered(plan, tabulator.request.subject), 0)
        frame = said.subjects(nobody, pl.Series(dtype=pl.String))
        for each in arrow(frame).schema:
            subjects.setdefault(each.name, each)
    plain = {FINDINGS: said.FINDINGS, DUTIES: said.DUTIES, REJECTS: reject_columns(), COUNTS: _COUNTED}
    tables = {name: arrow(pl.DataFrame(schema=schema)).schema for name, schema in plain.items()}
    return Layouts({SUBJECTS: pa.schema(list(subjects.values())), **tables})


def _plans(program: Program, tabulator: Tabulator) -> Iterator[Plan]:
    """Plans that have between them every conclusion that the law of any place has."""
    options = tabulator.options
    yield program.asked({}, **options)[0]
    if options["jurisdiction"] is not None:
        return
    written = {rule.jurisdiction for rule in program.linked.rules.values()} | {
        overlay.jurisdiction for overlay in program.linked.overlays
    }
    for place in sorted(written - {NATIONAL}):
        yield program.asked({}, **{**options, "jurisdiction": place})[0]


def arrow(frame: pl.DataFrame) -> pa.Table:
    """A frame with the types that Spark knows too."""
    casts: list[pl.Expr] = []
    for name, dtype in frame.schema.items():
        if isinstance(dtype, pl.Enum | pl.Categorical):
            casts.append(pl.col(name).cast(pl.String))
        elif isinstance(dtype, pl.List) and isinstance(dtype.inner, pl.Enum | pl.Categorical):
            casts.append(pl.col(name).cast(pl.List(pl.String)))
        elif dtype.is_unsigned_integer():
            casts.append(pl.col(name).cast(pl.Int64))
    table = frame.with_columns(casts).to_arrow(compat_level=pl.CompatLevel.oldest())
    return table.cast(pa.schema([pa.field(each.name, _small(each.type)) for each in table.schema]))


def _small(type_: pa.DataType) -> pa.DataType:
    """Spark has texts and lists of one size."""
    if pa.types.is_large_string(type_):
        return pa.string()
    if pa.types.is_large_list(type_):
        return pa.list_(_small(type_.value_type))
    return type_
