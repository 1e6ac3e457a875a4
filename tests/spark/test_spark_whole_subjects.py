"""Subjects are whole however Arrow cuts the stream."""

from __future__ import annotations

from itertools import groupby

import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'safetyrules[spark]'")

import pyarrow as pa

from safetyrules.spark.whole_subjects import whole_subjects


@given(
    st.lists(st.sampled_from([None, "a", "b", "c", "d"]), max_size=40),
    st.lists(st.integers(0, 9), max_size=40),
    st.integers(1, 12),
)
def test_every_row_comes_once_and_subjects_are_whole(keys: list[str | None], cuts: list[int], rows: int) -> None:
    keys = sorted(keys, key=lambda key: key or "")
    table = pa.table({"key": pa.array(keys, pa.string()), "row": list(range(len(keys)))})
    batches, at = [], 0
    for cut in [*cuts, len(keys)]:
        piece = table.slice(at, cut).combine_chunks().to_batches()
        batches += piece or [pa.RecordBatch.from_pylist([], schema=table.schema)]
        at += cut
    found = list(whole_subjects(batches, rows))
    assert [row for each in found for row in each["row"].to_pylist()] == list(range(len(keys)))
    owners = [key for each in found for key in set(each["key"].to_pylist()) - {None}]
    assert len(owners) == len(set(owners))
    assert all(each.num_rows for each in found)


def test_what_is_held_is_bounded() -> None:
    keys = [key for key in "abcdefghij" for _ in range(30)]
    batches = pa.table({"key": keys}).to_batches(max_chunksize=7)
    sizes = [each.num_rows for each in whole_subjects(batches, 50)]
    assert sum(sizes) == 300
    assert max(sizes) <= 50 + 7 + 30


def test_a_large_subject_is_copied_once(monkeypatch: pytest.MonkeyPatch) -> None:
    keys = ["a", *["b"] * 5000, "c"]
    assert [(key, len(list(rows))) for key, rows in groupby(keys)] == [("a", 1), ("b", 5000), ("c", 1)]
    copied: list[int] = []
    from safetyrules.spark import whole_subjects as module

    class Arrow:
        class Table:
            @staticmethod
            def from_batches(held: list[object]) -> object:
                found = pa.Table.from_batches(held)
                copied.append(found.num_rows)
                return found

    monkeypatch.setattr(module, "pa", Arrow)
    assert [each.num_rows for each in whole_subjects(pa.table({"key": keys}).to_batches(max_chunksize=7), 10)]
    assert sum(copied) < 2 * len(keys)
