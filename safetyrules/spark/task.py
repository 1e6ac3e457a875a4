"""What an executor does with the rows of a partition: subjects made whole, checked, answered, and given out as rows."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import pyarrow as pa

from safetyrules.register.mapping import RegisterMapping
from safetyrules.spark.source import ProgramSource

if TYPE_CHECKING:
    import polars as pl

    from safetyrules.register.batch import Batch
    from safetyrules.spark.layouts import Layouts

#: The stream of a register's rows: whose a row is, of which kind (by its place among those bound), what orders it among
#: the rows of its kind and subject, and beside these a struct for each kind, named ``#0``, ``#1``, …
SUBJECT, KIND, ORDER, TEXT = "#subject", "#kind", "#order", "#text"
#: Rows of an output in one Arrow batch.
_ROWS_OUT = 10_000


@dataclass(frozen=True)
class RegisterForm:
    """The tables of a register as far as executors must know them: by name, the columns and their types."""

    root: str
    tables: Mapping[str, pa.Schema]
    mapping: RegisterMapping


@dataclass(frozen=True)
class Task:
    """Answers the rows of a partition. Holds what the work is made from; each process makes it once, by ``key``."""

    key: str
    source: ProgramSource
    register: RegisterForm
    options: Mapping[str, Any]
    rows: int

    def __call__(self, batches: Iterable[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        _one_core_each()
        from safetyrules.spark.whole_subjects import whole_subjects

        at = 0
        for table in whole_subjects(batches, self.rows):
            for answered in _work(_Keyed(self.key, self)).answered(table, at):
                at += answered.num_rows
                yield from answered.to_batches(max_chunksize=_ROWS_OUT)


def _one_core_each() -> None:
    """Spark runs as many tasks as it has cores; Polars would start as many threads in each. No effect where Polars is
    loaded already, or where the environment says otherwise."""
    from pyspark import TaskContext

    context = TaskContext.get()
    os.environ.setdefault("POLARS_MAX_THREADS", str(context.cpus() if context is not None else 1))


class _Keyed:
    """A task that is looked up by its key."""

    def __init__(self, key: str, task: Task) -> None:
        self.key, self.task = key, task

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Keyed) and self.key == other.key


@lru_cache(maxsize=4)
def _work(keyed: _Keyed) -> _Work:
    return _Work(keyed.task)


class _Work:
    """What a task is made into: the program, its tabulator, the bound tables."""

    def __init__(self, task: Task) -> None:
        from safetyrules.register.answer_frames import Framing
        from safetyrules.spark.forms import bound_form
        from safetyrules.spark.layouts import layouts

        program = task.source.program()
        self.binding = bound_form(program.schema, task.register)
        self.framing = Framing(program, **task.options)
        self.layouts: Layouts = layouts(self.framing)

    def answered(self, table: pa.Table, at: int) -> Iterator[pa.Table]:
        """The answers of some whole subjects, as rows of the stream of answers."""
        from safetyrules.register.batch import assemble
        from safetyrules.register.tables_of_answers import KEY
        from safetyrules.spark import layouts as l

        batch = assemble(self.binding, self._frames(table))
        pieces: list[tuple[str, pl.DataFrame, str | None]] = [(l.COUNTS, _counts(batch), None)]
        pieces.extend((name, frame, KEY) for name, frame in self.framing.frames(batch).tables())
        for output, frame, subject in pieces:
            if frame.height:
                yield self.layouts.rows(output, frame, subject, at)
                at += frame.height

    def _frames(self, table: pa.Table) -> dict[str, pl.DataFrame]:
        """For each kind its rows, as those of a register on one machine are before they are checked."""
        import polars as pl

        from safetyrules.register import rows
        from safetyrules.register.ordering import with_keys

        stream = pl.from_arrow(table)
        assert isinstance(stream, pl.DataFrame)
        frames: dict[str, pl.DataFrame] = {}
        for number, (kind, bound) in enumerate(self.binding.tables.items()):
            own = stream.filter(pl.col(KIND) == number)[f"#{number}"].struct.unnest()
            own.columns = list(bound.read)
            frames[kind] = with_keys(bound, own.lazy()).with_row_index(rows.ORDER).collect()
        return frames


def _counts(batch: Batch) -> pl.DataFrame:
    import polars as pl

    rows = [(kind, *count) for kind, count in batch.counts.items()]
    return pl.DataFrame(rows, schema=["kind", "read", "accepted", "set_aside"], orient="row")
