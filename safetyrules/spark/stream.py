"""The tables of a register as one stream of rows, in which the rows of a subject lie together, whatever their kind."""

from __future__ import annotations

from collections.abc import Mapping
from functools import reduce

import pyarrow as pa
from pyspark.errors import PySparkException
from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from pyspark.sql import types as s
from pyspark.sql.pandas.types import to_arrow_type

from safetyrules.register.binding import Binding, BoundTable
from safetyrules.spark.task import KIND, ORDER, SUBJECT, TEXT

#: What Unicode calls white space: keys are stripped of it on one machine, and by the same characters here.
_BLANKS = "\t\n\x0b\x0c\r \x85\xa0\u1680" + "".join(map(chr, range(0x2000, 0x200B))) + "\u2028\u2029\u202f\u205f\u3000"


def arrow_schema(frame: DataFrame) -> pa.Schema:
    """The columns of a data frame as Arrow has them; a type that Arrow does not have becomes one that fits no fact."""
    return pa.schema([pa.field(field.name, _arrow_type(field.dataType)) for field in frame.schema.fields])


def _arrow_type(type_: s.DataType) -> pa.DataType:
    try:
        return to_arrow_type(type_)
    except PySparkException:
        return pa.binary()


def register_stream(
    binding: Binding, frames: Mapping[str, DataFrame], order: Mapping[str, str], partitions: int
) -> DataFrame:
    """All rows of a register, partitioned by the hash of the subject's key and in the order of subject, kind and row.

    ``order``: by table, the column that says in which order its rows stand; of other tables the key of the part does,
    then what the row holds, so that the order is the same however the rows come.
    """
    shapes = [_struct(bound, frames[bound.table.name]) for bound in binding.tables.values()]
    tagged = [
        _tagged(number, bound, frames[bound.table.name], order.get(bound.table.name), shapes)
        for number, bound in enumerate(binding.tables.values())
    ]
    # By the key alone: never by place, of which one may hold most subjects.
    parted = reduce(DataFrame.unionByName, tagged).repartition(partitions, SUBJECT)
    return parted.sortWithinPartitions(SUBJECT, KIND, ORDER, TEXT, "#hash").drop("#hash")


def _struct(bound: BoundTable, frame: DataFrame) -> s.StructType:
    """The columns that are read, named by their places: names may have any form, and may differ by case only."""
    types = {field.name: field.dataType for field in frame.schema.fields}
    return s.StructType([s.StructField(f"f{at}", types[name]) for at, name in enumerate(bound.read)])


def _tagged(
    number: int, bound: BoundTable, frame: DataFrame, order: str | None, shapes: list[s.StructType]
) -> DataFrame:
    plain = frame.toDF(*(f"c{at}" for at in range(len(frame.columns))))
    at = {name: f"c{place}" for place, name in enumerate(frame.columns)}
    types = {field.name: field.dataType for field in frame.schema.fields}
    content = F.struct(*(F.col(at[name]).alias(f"f{place}") for place, name in enumerate(bound.read)))
    place: Column = F.lit(None).cast("bigint")
    text: Column = F.lit(None).cast("string")
    tie: Column = F.lit(None).cast("bigint")
    if order is not None:
        place = F.col(at[order]).cast("bigint")
    else:
        tie = F.xxhash64(content)
        if bound.part is not None and isinstance(types[bound.part], s.IntegralType):
            place = F.col(at[bound.part]).cast("bigint")
        elif bound.part is not None:
            text = _key(F.col(at[bound.part]), types[bound.part])
    return plain.select(
        _key(F.col(at[bound.subject]), types[bound.subject]).alias(SUBJECT),
        F.lit(number).alias(KIND),
        place.alias(ORDER),
        text.alias(TEXT),
        tie.alias("#hash"),
        *(
            (content if other == number else F.lit(None).cast(shape)).alias(f"#{other}")
            for other, shape in enumerate(shapes)
        ),
    )


def _key(column: Column, type_: s.DataType) -> Column:
    """A key as text, so that the same key in two tables is the same text; null where it is blank."""
    if isinstance(type_, s.FractionalType) and not isinstance(type_, s.DecimalType):
        whole = column.try_cast("bigint").cast("string")
        column = F.when(column == F.rint(column), whole).otherwise(column.cast("string"))
    text = F.btrim(column.cast("string"), F.lit(_BLANKS))
    return F.when(text != "", text)
