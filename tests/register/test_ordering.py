"""In memory, in place or by way of a scratch folder: the same rows in the same order."""

from __future__ import annotations

import random
from collections.abc import Iterator
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from register_rows import credit_code

import safetyrules
from safetyrules.register import ordering
from safetyrules.register.mapping import NO_MAPPING
from safetyrules.register.ordering import batches_of_rows
from safetyrules.register.register import bind_source

COUNT = 500


def write(folder: Path, shuffled: bool) -> None:
    numbers = sorted(range(COUNT), key=credit_code)
    parts = [(n, part) for n in numbers for part in range(n % 4)]
    if shuffled:
        random.Random(1).shuffle(numbers)
        random.Random(2).shuffle(parts)
    enterprise = pl.DataFrame({"subject": [credit_code(n) for n in numbers], "employees": numbers})
    collectors = pl.DataFrame(
        {
            "subject": [credit_code(n) for n, _ in parts],
            "part": [str(p) for _, p in parts],
            "name": [f"{p}" for p in parts],
        }
    )
    enterprise.write_parquet(folder / "enterprise.parquet", row_group_size=50)
    collectors.write_parquet(folder / "dust.collector.parquet", row_group_size=50)


@pytest.mark.parametrize("shuffled", [False, True])
@pytest.mark.parametrize(
    ("in_memory", "range_size", "range_rows"),
    [(10**6, 10, 0), (0, 120, 10**6), (0, 10**6, 10**6), (0, 10**6, 0), (0, 1, 10**6)],
)
@pytest.mark.parametrize("size", [1, 7, 10**6])
def test_every_way_gives_the_same(
    tmp_path: Path, shuffled: bool, in_memory: int, range_size: int, range_rows: int, size: int
) -> None:
    write(tmp_path, shuffled)
    schema = safetyrules.default_program().schema
    binding = bind_source(schema, "enterprise", tmp_path, NO_MAPPING, tmp_path / "text")
    found = list(batches_of_rows(binding, size, tmp_path / "scratch", in_memory, range_size, range_rows))
    assert max(each["enterprise"].height for each in found) <= size
    keys = [key for each in found for key in each["enterprise"]["#subject"]]
    assert keys == sorted(credit_code(n) for n in range(COUNT))
    for each in found:
        assert set(each["dust.collector"]["#subject"]) <= set(each["enterprise"]["#subject"])
    collectors = [row for each in found for row in each["dust.collector"].select("#subject", "name").rows()]
    source = pl.read_parquet(tmp_path / "dust.collector.parquet").select("subject", "name")
    assert collectors == sorted(source.rows(), key=lambda row: row[0])


def test_files_in_order_are_not_copied(tmp_path: Path) -> None:
    write(tmp_path, shuffled=False)
    schema = safetyrules.default_program().schema
    binding = bind_source(schema, "enterprise", tmp_path, NO_MAPPING, tmp_path / "text")
    list(batches_of_rows(binding, 50, tmp_path / "scratch", 0, 100))
    assert not (tmp_path / "scratch").exists()


@pytest.mark.parametrize("shuffled", [False, True])
def test_subjects_with_many_parts_are_read_in_smaller_ranges(
    tmp_path: Path, shuffled: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A range has whole batches, and no more of them than its rows allow."""
    write(tmp_path, shuffled)
    binding = bind_source(safetyrules.default_program().schema, "enterprise", tmp_path, NO_MAPPING, tmp_path / "text")
    held: list[int] = []
    whole = ordering._slices

    def counting(root: str, frames: ordering.Frames, size: int) -> Iterator[ordering.Frames]:
        held.append(frames[root].height)
        return whole(root, frames, size)

    monkeypatch.setattr(ordering, "_slices", counting)
    rows = sum(frame.height for each in batches_of_rows(binding, 20, tmp_path / "a") for frame in each.values())
    average, held[:] = rows / COUNT, []
    found = list(batches_of_rows(binding, 20, tmp_path / "b", 0, range_rows=round(50 * average)))
    assert sum(held) == COUNT
    assert max(held) == 40
    assert max(each["enterprise"].height for each in found) == 20


characters = st.sampled_from(
    [*"!09AZaz~", " ", "\t", "\n", "\x1f", "\x7f", "\x85", "\xa0", "\u2003", "\u3000", "厂", "é"]
)


@given(st.lists(st.text(characters, min_size=1, max_size=4), min_size=1, max_size=6).map(sorted))
def test_blanks_around_keys_are_seen(keys: list[str]) -> None:
    column = pl.Series(keys)
    assert ordering._without_blanks(column) == (column.str.strip_chars() == column).all()


@pytest.mark.parametrize("blank", [" {}", "{} ", "{}\u3000", "\u3000{}", "\t{}", "{}\xa0"])
def test_files_in_order_with_blanks_around_a_key_are_read_by_their_keys(tmp_path: Path, blank: str) -> None:
    write(tmp_path, shuffled=False)
    source = pl.read_parquet(tmp_path / "dust.collector.parquet")
    one = source["subject"].unique().sort()[100]
    padded = pl.when((pl.col("subject") == one) & (pl.col("part") == "0")).then(pl.lit(blank.format(one)))
    source = source.with_columns(padded.otherwise("subject").alias("subject")).sort("subject", maintain_order=True)
    source.write_parquet(tmp_path / "dust.collector.parquet")
    binding = bind_source(safetyrules.default_program().schema, "enterprise", tmp_path, NO_MAPPING, tmp_path / "text")
    for each in batches_of_rows(binding, 50, tmp_path / "scratch", 0, 100):
        assert set(each["dust.collector"]["#subject"]) <= set(each["enterprise"]["#subject"])
    found = list(batches_of_rows(binding, 50, tmp_path / "again", 0, 100))
    parts = [key for each in found for key in each["dust.collector"]["#subject"]]
    assert len(parts) == source.height
    assert parts.count(one) == (source["subject"].str.strip_chars() == one).sum()
