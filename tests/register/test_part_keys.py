"""Parts find their subject and the part above them, whatever their keys are."""

from __future__ import annotations

from collections import Counter
from typing import Any

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from safetyrules.register.part_keys import doubled, part_rows, subject_rows

names = st.none() | st.sampled_from("abcde")
keys = st.one_of(
    st.lists(st.none() | st.integers(0, 5) | st.integers(2**31 - 2, 2**31 + 2) | st.integers(-2, 2), max_size=12),
    st.lists(st.none() | st.integers(0, 5), max_size=12),
)
texts = st.lists(st.none() | st.sampled_from(["1", "2", "m1"]), max_size=12)


def owners_of(parts: list[Any]) -> st.SearchStrategy[list[int | None]]:
    return st.lists(st.none() | st.integers(0, 3), min_size=len(parts), max_size=len(parts))


def first(wanted: Any, among: list[Any]) -> int | None:
    return None if wanted is None or None in wanted or wanted not in among else among.index(wanted)


@given(st.lists(names, max_size=8), st.lists(names, max_size=8), st.lists(names, max_size=8))
def test_subjects(root: list[str | None], ones: list[str | None], others: list[str | None]) -> None:
    found = subject_rows(
        {kind: pl.Series(k, dtype=pl.String) for kind, k in zip("rxy", (root, ones, others), strict=True)}, "r"
    )
    among = [(key,) for key in root]
    assert {kind: rows.to_list() for kind, rows in found.items()} == {
        "x": [first((key,), among) for key in ones],
        "y": [first((key,), among) for key in others],
    }


@given(keys | texts, keys | texts, st.data())
def test_parts(parts: list[Any], among: list[Any], data: st.DataObject) -> None:
    owners, owners_among = data.draw(owners_of(parts)), data.draw(owners_of(among))

    def series(values: list[Any]) -> pl.Series:
        return pl.Series(values, dtype=pl.String if any(isinstance(v, str) for v in values) else pl.Int64)

    def told(values: list[Any]) -> list[Any]:
        """Numbers are compared with texts as they are written."""
        both = series(parts).dtype != series(among).dtype
        return [str(value) if both and value is not None else value for value in values]

    rows = (pl.Series(each, dtype=pl.UInt32) for each in (owners, owners_among))
    found = part_rows(next(rows), series(parts), next(rows), series(among))
    pairs = list(zip(owners_among, told(among), strict=True))
    assert found.to_list() == [first(pair, pairs) for pair in zip(owners, told(parts), strict=True)]


@given(keys | texts, st.data())
def test_doubled(parts: list[Any], data: st.DataObject) -> None:
    owners = data.draw(owners_of(parts))
    found = doubled(pl.Series(owners, dtype=pl.UInt32), pl.Series(parts))
    pairs = list(zip(owners, parts, strict=True))
    counts = Counter(pairs)
    assert found.to_list() == [row for row, pair in enumerate(pairs) if None not in pair and counts[pair] > 1]
    alone = doubled(pl.Series(owners, dtype=pl.UInt32))
    assert alone.to_list() == [r for r, owner in enumerate(owners) if owner is not None and owners.count(owner) > 1]
