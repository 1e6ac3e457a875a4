"""Whole subjects out of a stream of rows in the order of subjects, which Arrow batches cut anywhere."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import pyarrow as pa


def whole_subjects(batches: Iterable[pa.RecordBatch], rows: int, key: int = 0) -> Iterator[pa.Table]:
    """Tables of whole subjects, as soon as ``rows`` rows are held.

    Rows of one subject follow one another; column ``key`` says whose they are. The last subject that is held may go on
    in the next batch, so it is held back. Rows without a key (null) are nobody's, and are never held back. A table is
    larger than ``rows`` by no more than a batch and one subject.
    """
    held: list[pa.RecordBatch] = []
    count = 0
    for batch in batches:
        if not batch.num_rows:
            continue
        held.append(batch)
        count += batch.num_rows
        first, last = held[0].column(key)[0].as_py(), batch.column(key)[-1].as_py()
        # Of a subject that fills all that is held nothing can be given out: nothing is copied until it ends.
        if count < rows or (first == last and last is not None):
            continue
        back = 0 if last is None else _rows_of(last, held, key)
        whole = pa.Table.from_batches(held)
        yield whole.slice(0, count - back)
        held = whole.slice(count - back).combine_chunks().to_batches() if back else []
        count = back
    if held:
        yield pa.Table.from_batches(held)


def _rows_of(subject: str, held: list[pa.RecordBatch], key: int) -> int:
    """How many of the last rows are of ``subject``."""
    found = 0
    for batch in reversed(held):
        keys = batch.column(key).to_pylist()
        here = next((at for at, each in enumerate(reversed(keys)) if each != subject), len(keys))
        found += here
        if here < len(keys):
            break
    return found
