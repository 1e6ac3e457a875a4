"""What is written of a register, as Spark holds it: the columns of every output, known before anything runs.

Choices are text and counts are signed, because Spark has neither enumerations nor unsigned numbers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import polars as pl
import pyarrow as pa

if TYPE_CHECKING:
    from safetyrules.register.answer_frames import Framing

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


def layouts(framing: Framing) -> Layouts:
    """The outputs of any register under the framing's program and options, wherever its subjects are."""
    plain = {**framing.schema.tables, COUNTS: _COUNTED}
    return Layouts({name: arrow(pl.DataFrame(schema=plain[name])).schema for name in OUTPUTS})


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
