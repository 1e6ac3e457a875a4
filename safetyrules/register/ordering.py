"""The rows of a register in the order of their subjects' keys, some hundred thousand subjects at a time.

A small register is sorted in memory. Files that are in order already are read where they lie; all others are first
divided by ranges of keys into a scratch folder. Memory is bounded by two ranges, whatever the size of the register: the
last batch of one may still be answered while the next is read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

from safetyrules.register.binding import Binding, BoundTable
from safetyrules.register.rows import ABOVE, ORDER, PART, SUBJECT

if TYPE_CHECKING:
    import polars as pl

#: Registers of so many rows in all are sorted in memory, and those of one range.
MOST_ROWS_IN_MEMORY = 500_000
#: Subjects in one range of keys, and the rows that they may have with all their parts; more where a batch has more.
RANGE = 250_000
ROWS_OF_RANGE = 3_000_000
#: Keys that are looked at to find the ranges.
MOST_KEYS = 1_000_000
#: How a register is divided: batches end where ranges do, so a run that goes on must divide as the one before it did.
DIVISION = f"{MOST_ROWS_IN_MEMORY} rows, {RANGE} subjects, {ROWS_OF_RANGE} rows of a range"
_CHUNK = 250_000
#: So many tables are read at the same time for their keys.
_MOST_SIDE_BY_SIDE = 4

Frames = Mapping[str, "pl.DataFrame"]


def batches_of_rows(
    binding: Binding,
    size: int,
    scratch: Path,
    in_memory: int = MOST_ROWS_IN_MEMORY,
    range_size: int = RANGE,
    range_rows: int = ROWS_OF_RANGE,
) -> Iterator[Frames]:
    """For each kind its rows of at most ``size`` subjects, sorted by key; rows of a subject keep their order."""
    scans = {kind: with_keys(bound, bound.table.frame) for kind, bound in binding.tables.items()}
    rows = {kind: int(found.item()) for kind, found in _collected(_lengths(scans)).items()}
    subjects = rows[binding.root]
    one_range = subjects <= range_size and sum(rows.values()) <= range_rows
    if sum(rows.values()) > in_memory and not one_range:
        fitting = min(range_size, range_rows * subjects // sum(rows.values()))
        ranges = _ranges(binding, scans, scratch, subjects, max(size, fitting // size * size))
    else:
        whole = _collected({kind: scan.with_row_index(ORDER) for kind, scan in scans.items()})
        ranges = iter([{kind: _sorted(frame) for kind, frame in whole.items()}])
    for frames in ranges:
        yield from _slices(binding.root, frames, size)


def _lengths(scans: Mapping[str, pl.LazyFrame]) -> dict[str, pl.LazyFrame]:
    import polars as pl

    return {kind: scan.select(pl.len()) for kind, scan in scans.items()}


def _collected(scans: Mapping[str, pl.LazyFrame]) -> dict[str, pl.DataFrame]:
    """All at once, side by side."""
    import polars as pl

    return dict(zip(scans, pl.collect_all(list(scans.values())), strict=True))


def height(binding: Binding) -> int:
    """How many rows the table of the subjects has."""
    import polars as pl

    return int(binding.tables[binding.root].table.frame.select(pl.len()).collect().item())


def rows_of(binding: Binding, key: str) -> Frames:
    """For each kind its rows of one subject."""
    import polars as pl

    scans = {kind: with_keys(bound, bound.table.frame) for kind, bound in binding.tables.items()}
    return {kind: scan.filter(pl.col(SUBJECT) == key).collect().with_row_index(ORDER) for kind, scan in scans.items()}


def with_keys(bound: BoundTable, rows: pl.LazyFrame, plain: bool = False) -> pl.LazyFrame:
    """The columns of a table that are read, and its keys: of subjects as text, of parts as text or Int64; a blank key
    is none. ``plain``: all keys of subjects are known to be texts without blanks around them."""
    import polars as pl

    types = bound.table.types
    keys = {SUBJECT: pl.col(bound.subject) if plain else _key(pl.col(bound.subject), types[bound.subject])}
    for name, column in ((PART, bound.part), (ABOVE, bound.parent)):
        if column is not None:
            whole = types[column].is_integer() and types[column] not in (pl.UInt64, pl.Int128, pl.UInt128)
            keys[name] = pl.col(column).cast(pl.Int64) if whole else _key(pl.col(column), types[column])
    return rows.select(bound.read).with_columns(key.alias(name) for name, key in keys.items())


def _key(column: pl.Expr, dtype: pl.DataType) -> pl.Expr:
    import polars as pl

    if dtype.is_float():
        column = (
            pl.when(column == column.round(0))
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    text = column.cast(pl.String).str.strip_chars()
    return pl.when(text != "").then(text)


def _ranges(
    binding: Binding, scans: Mapping[str, pl.LazyFrame], scratch: Path, subjects: int, range_size: int
) -> Iterator[Frames]:
    step = max(1, subjects // MOST_KEYS)
    in_place = _in_order(binding.tables.values())
    root = binding.tables[binding.root]
    bounds = _bounds(with_keys(root, root.table.frame, plain=in_place), step, max(1, range_size // step))
    if not in_place:
        for kind, scan in scans.items():
            _divide(scan, bounds, scratch / "ranges" / kind)
    for number in range(len(bounds) + 1):
        if in_place:
            low = bounds[number - 1] if number else None
            high = bounds[number] if number < len(bounds) else None
            between = {kind: _between(bound, low, high) for kind, bound in binding.tables.items()}
            yield {kind: frame.with_row_index(ORDER) for kind, frame in _collected(between).items()}
        else:
            yield {kind: _divided(scan, scratch / "ranges" / kind / f"{number:06d}") for kind, scan in scans.items()}


def _in_order(tables: Iterable[BoundTable]) -> bool:
    """Can the rows of all tables be read by ranges where they lie? Reads their keys once, side by side."""
    with ThreadPoolExecutor(_MOST_SIDE_BY_SIDE, thread_name_prefix="keys") as several:
        return all(several.map(_is_in_order, tables))


def _is_in_order(bound: BoundTable) -> bool:
    """Are the keys of a table that can be read from anywhere texts, in order, none missing and none with blanks?"""
    import polars as pl

    if not bound.table.seekable or bound.table.types[bound.subject] != pl.String:
        return False
    last = ""
    raw = bound.table.frame.select(bound.subject)
    for chunk in raw.collect_batches(chunk_size=_CHUNK, maintain_order=True):
        keys = chunk.to_series()
        if not keys.len():
            continue
        if keys.null_count() or keys[0] == "" or keys[0] < last or not keys.is_sorted() or not _without_blanks(keys):
            return False
        last = keys[-1]
    return True


def _without_blanks(keys: pl.Series) -> bool:
    """Has none of some keys, which are in order, blanks around it?"""
    # Between these two characters no blank has its place; the first and the last key tell where all keys begin.
    ends = keys.str.tail(1)
    if keys[0] > "!" and keys[-1] < "~" and (ends >= "!").all() and (ends <= "~").all():
        return True
    return bool((keys.str.strip_chars() == keys).all())


def _bounds(subjects: pl.LazyFrame, step: int, every: int) -> list[str]:
    """The last key of each range but the last, by one of so many keys."""
    import polars as pl

    seen: list[pl.Series] = []
    rows = 0
    for chunk in subjects.select(SUBJECT).collect_batches(chunk_size=_CHUNK, maintain_order=True):
        seen.append(chunk.to_series().gather_every(step, offset=-rows % step).drop_nulls())
        rows += chunk.height
    if not seen:
        return []
    ordered = pl.concat(seen).sort()
    bounds = ordered.gather_every(every, offset=every - 1).unique(maintain_order=True).to_list()
    return bounds[:-1] if bounds and bounds[-1] == ordered[-1] else bounds


def _between(bound: BoundTable, low: str | None, high: str | None) -> pl.LazyFrame:
    """The rows of a range, of a table whose keys are plain."""
    import polars as pl

    scan, key = with_keys(bound, bound.table.frame, plain=True), pl.col(bound.subject)
    if low is not None:
        scan = scan.filter(key > low)
    if high is not None:
        scan = scan.filter(key <= high)
    return scan


def _divide(scan: pl.LazyFrame, bounds: list[str], folder: Path) -> None:
    """Writes the rows of each range of keys to a folder of its own, in the order they came."""
    import polars as pl

    ends = pl.Series(bounds, dtype=pl.String)
    folder.mkdir(parents=True, exist_ok=True)
    before = 0
    for number, chunk in enumerate(scan.collect_batches(chunk_size=_CHUNK, maintain_order=True)):
        chunk = chunk.with_row_index(ORDER, offset=before)
        before += chunk.height
        at = (
            ends.search_sorted(chunk[SUBJECT].fill_null(""), side="left")
            if bounds
            else pl.zeros(chunk.height, eager=True)
        )
        parted = chunk.with_columns(at.cast(pl.UInt32).alias("#range")).partition_by(
            "#range", as_dict=True, include_key=False
        )
        for (place,), rows in parted.items():
            inside = folder / f"{place:06d}"
            inside.mkdir(exist_ok=True)
            rows.write_ipc(inside / f"{number:06d}.arrow", compression="lz4")


def _divided(scan: pl.LazyFrame, folder: Path) -> pl.DataFrame:
    import polars as pl

    files = sorted(folder.glob("*.arrow")) if folder.is_dir() else []
    if not files:
        return scan.with_row_index(ORDER).clear().collect()
    return _sorted(pl.concat([pl.read_ipc(file) for file in files]))


def _sorted(frame: pl.DataFrame) -> pl.DataFrame:
    """By subject, and those of each in the order in which they came, as they all are."""
    if frame.get_column(SUBJECT).is_sorted():
        return frame
    return frame.sort(SUBJECT, ORDER, nulls_last=False)


def _slices(root: str, frames: Frames, size: int) -> Iterator[Frames]:
    """Whole subjects, at most so many at a time; rows of nobody go with the subjects around them."""
    keys = {kind: frame[SUBJECT].fill_null("") for kind, frame in frames.items()}
    subjects = keys[root].unique(maintain_order=True)
    ends = subjects.gather_every(size, offset=size - 1).to_list()
    if ends and ends[-1] == subjects[-1]:
        ends.pop()
    firsts = dict.fromkeys(frames, 0)
    for end in (*ends, None):
        part: dict[str, pl.DataFrame] = {}
        for kind, frame in frames.items():
            after = frame.height if end is None else int(keys[kind].search_sorted(end, side="right"))
            part[kind] = frame.slice(firsts[kind], after - firsts[kind])
            firsts[kind] = after
        if any(each.height for each in part.values()):
            yield part
