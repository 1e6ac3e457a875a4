"""`tabulate_spark`: the answers of a register that is in Spark."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Mapping
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pyspark.sql import DataFrame
from pyspark.sql.pandas.types import from_arrow_schema

from safetyrules.diagnostics import RegisterError, diagnostic
from safetyrules.register.answer_frames import Framing
from safetyrules.register.mapping import NO_MAPPING, RegisterMapping, read_mapping
from safetyrules.spark.answers import SparkAnswers
from safetyrules.spark.forms import bound_form
from safetyrules.spark.layouts import layouts
from safetyrules.spark.source import ProgramSource
from safetyrules.spark.stream import arrow_schema, register_stream
from safetyrules.spark.task import RegisterForm, Task
from safetyrules.text import same

if TYPE_CHECKING:
    from safetyrules.result import Treatment

#: Rows of all kinds that an executor answers at once: what bounds its memory.
ROWS = 100_000


def tabulate_spark(
    program_source: ProgramSource | None,
    frames: Mapping[str, DataFrame],
    *,
    as_of: date | datetime | str,
    law_at: date | datetime | str | None = None,
    jurisdiction: str | None = None,
    treat_unknown_as: Treatment = "withhold",
    closed: Collection[str] = (),
    sectors: Collection[str] | None = None,
    subject: str | None = None,
    mapping: str | os.PathLike[str] | RegisterMapping | None = None,
    order: Mapping[str, str] | None = None,
    partitions: int | None = None,
    rows: int = ROWS,
) -> SparkAnswers:
    """The answers of the register in ``frames``: by kind (or the name that ``mapping`` gives it) its data frame.

    ``program_source``: what the law is made from (default: what is installed, which must be the same on every
    executor). The options from ``as_of`` to ``subject`` are those of `Program.assess`; ``mapping`` is a mapping file.
    ``order`` names for a table the column with the order of its rows (whole numbers): the places of parts in their
    lists follow it, else the key of the part. ``partitions`` (default: ``spark.sql.shuffle.partitions``) is into how
    many tasks the subjects are divided; ``rows`` bounds how many rows of all kinds one answers at once.

    Nothing runs yet. Raises `RegisterError` listing every column that does not fit, `RequestError` where the call
    cannot be answered.
    """
    source = program_source if program_source is not None else ProgramSource()
    program = source.program()
    source = source.expecting(program)
    options: dict[str, Any] = {
        "as_of": as_of, "law_at": law_at, "jurisdiction": jurisdiction, "treat_unknown_as": treat_unknown_as,
        "closed": tuple(closed), "sectors": None if sectors is None else tuple(sectors), "subject": subject,
    }  # fmt: skip
    framing = Framing(program, **options)
    said = mapping if isinstance(mapping, RegisterMapping) else NO_MAPPING if mapping is None else _mapping(mapping)
    tables = {name: arrow_schema(frame) for name, frame in frames.items()}
    ordered = dict(order or {})
    for name, column in ordered.items():
        if name in tables and column in tables[name].names:
            tables[name] = tables[name].remove(tables[name].get_field_index(column))
    register = RegisterForm(framing.request.subject, tables, said)
    binding = bound_form(program.schema, register)
    key = hashlib.sha256(repr((source.key, register, options, rows)).encode()).hexdigest()
    stream = register_stream(binding, frames, ordered, _partitions(frames, partitions))
    answers = stream.mapInArrow(
        Task(key, source, register, options, max(1, rows)), from_arrow_schema(layouts(framing).stream)
    )
    return SparkAnswers(answers, binding.notices)


def _partitions(frames: Mapping[str, DataFrame], asked: int | None) -> int:
    if asked is not None:
        return max(1, asked)
    session = next(iter(frames.values())).sparkSession
    return int(str(session.conf.get("spark.sql.shuffle.partitions", "200")))


def _mapping(path: str | os.PathLike[str]) -> RegisterMapping:
    try:
        return read_mapping(Path(path).read_bytes(), str(path))
    except OSError as error:
        reason = same(error.strerror or type(error).__name__)
        raise RegisterError([diagnostic("SR5001", path=str(path), name=str(path), reason=reason)]) from error
