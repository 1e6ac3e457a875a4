"""The register that all programs read and the columns that they write: wide records in Parquet, settings pinned."""

from __future__ import annotations

import zlib
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, Literal

import polars as pl

from benchmarks.programs import COLOURS
from benchmarks.synthetic_rules import COUNTS, DERIVED, FLAGS

COLOUR = pl.Enum(COLOURS)
#: The same for every program that writes.
COMPRESSION: Literal["zstd"] = "zstd"
LEVEL, ROW_GROUP = 1, 100_000
BOOLEANS = tuple(each.name for each in DERIVED if each.type == "boolean")
NUMBERS = tuple(each.name for each in DERIVED if each.type == "integer")
GRADES = tuple(each.name for each in DERIVED if each.type == "colour")
#: The columns of sets: of a boolean and a grade what is proven and possible, of a number its ends.
SETS: dict[str, Any] = {
    **{f"{name}.{part}": pl.Boolean() for name in BOOLEANS for part in ("proven", "possible", "undetermined")},
    **{f"{name}.{part}": pl.Int64() for name in NUMBERS for part in ("at_least", "at_most")},
    **{f"{name}.{part}": COLOUR for name in GRADES for part in ("proven", "possible")},
    **{f"{name}.undetermined": pl.Boolean() for name in (*NUMBERS, *GRADES)},
}
#: The columns of values, where all facts are known.
VALUES: dict[str, Any] = {
    **dict.fromkeys(BOOLEANS, pl.Boolean()),
    **dict.fromkeys(NUMBERS, pl.Int64()),
    **dict.fromkeys(GRADES, COLOUR),
}

#: From a Parquet file of facts to one of answers.
Program = Callable[[Path, Path], None]


def facts_frame(
    rows: int, missing: float, *, flags: tuple[str, ...] = FLAGS, counts: tuple[str, ...] = COUNTS, most: int = 100
) -> pl.DataFrame:
    """Facts drawn by chance; a share of them is not known. A longer register begins with a shorter one."""
    row = pl.int_range(rows, dtype=pl.UInt64, eager=True)

    def drawn(name: str, purpose: int) -> pl.Series:
        """From 0 to below a million."""
        return row.hash(seed=zlib.crc32(f"{purpose} {name}".encode())) % 1_000_000

    columns = {name: drawn(name, 1) < 500_000 for name in flags}
    columns.update((name, (drawn(name, 1) * (most + 1) // 1_000_000).cast(pl.Int64)) for name in counts)
    frame = pl.DataFrame(columns)
    if not missing:
        return frame
    known = {name: drawn(name, 2) >= round(missing * 1_000_000) for name in columns}
    return frame.select(pl.when(known[name]).then(pl.col(name)).alias(name) for name in columns)


def write(frame: pl.DataFrame, target: Path) -> None:
    frame.write_parquet(target, compression=COMPRESSION, compression_level=LEVEL, row_group_size=ROW_GROUP)


def sink(frame: pl.LazyFrame, target: Path) -> None:
    frame.sink_parquet(target, compression=COMPRESSION, compression_level=LEVEL, row_group_size=ROW_GROUP)


def register(folder: Path, rows: int, missing: float) -> Path:
    """The file of a register; it is made where there is none."""
    file = folder / f"facts-{rows}-{round(missing * 100)}.parquet"
    if not file.exists():
        write(facts_frame(rows, missing), file)
    return file


def read(file: Path) -> pl.DataFrame:
    """A file, or a folder of files as Spark writes it."""
    return pl.read_parquet(file / "*.parquet" if file.is_dir() else file)


def require_same(what: str, found: Path, expected: Path, schema: Mapping[str, Any]) -> None:
    """Raises AssertionError where a column of two files of answers differs in a row."""
    one, two = (_plain(read(file), schema) for file in (found, expected))
    if one.height != two.height:
        raise AssertionError(f"{what}: {one.height} rows for {two.height}")
    wrong = [name for name in schema if not one[name].equals(two[name], null_equal=True)]
    if wrong:
        rows = (one[wrong[0]].ne_missing(two[wrong[0]])).arg_true()
        first = int(rows[0])
        shown = f"{wrong[0]} in row {first}: {one[wrong[0]][first]!r} for {two[wrong[0]][first]!r}"
        raise AssertionError(f"{what}: {len(wrong)} columns differ, first {shown}")


def _plain(frame: pl.DataFrame, schema: Mapping[str, Any]) -> pl.DataFrame:
    missing = [name for name in schema if name not in frame.columns]
    if missing:
        raise AssertionError(f"columns are missing: {missing[:5]}")
    return frame.select(pl.col(name).cast(pl.String if type_ == COLOUR else type_) for name, type_ in schema.items())
