"""Whose part each row is: the rows of subjects and of parts found by their keys.

Keys of subjects are texts; those of parts are whole numbers where their column is of such, else texts. Pairs of a
subject's row and a small whole number are looked for as one number, many times faster than as two keys.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars as pl

#: Part keys below this stand in one number with the row of their subject.
_PACKED = 2**31
_ROW, _KEY, _OWNER = "#row", "#key", "#owner"


def subject_rows(keys: Mapping[str, pl.Series], root: str) -> dict[str, pl.Series]:
    """By kind of parts, for each row the row of its subject; null where it has no key, or no subject has it.

    ``keys``: by kind the keys of the subjects of its rows. Of subjects with the same key the first is found.
    """
    import polars as pl

    kinds = [kind for kind in keys if kind != root]
    if not kinds:
        return {}
    # All kinds at once: the subjects, which are many, are made ready to be found only once.
    found = _first_rows(pl.concat([keys[kind].rename(_KEY) for kind in kinds]).to_frame(), keys[root].to_frame(_KEY))
    rows: dict[str, pl.Series] = {}
    before = 0
    for kind in kinds:
        rows[kind] = found.slice(before, len(keys[kind]))
        before += len(keys[kind])
    return rows


def part_rows(owners: pl.Series, parts: pl.Series, owners_among: pl.Series, parts_among: pl.Series) -> pl.Series:
    """For each pair of a subject's row and a part's key, the row of the same pair among others; null where there is
    none. Of equal pairs among them the first is found."""
    import polars as pl

    if parts.dtype != parts_among.dtype:
        parts, parts_among = parts.cast(pl.String), parts_among.cast(pl.String)
    pack = _is_small(parts) and _is_small(parts_among)
    return _first_rows(_pairs(owners, parts, pack), _pairs(owners_among, parts_among, pack))


def doubled(owners: pl.Series, parts: pl.Series | None = None) -> pl.Series:
    """The rows whose key another row has too: of subjects, or of parts of a subject. No row without a key is one."""
    import polars as pl

    pairs = owners.to_frame(_KEY) if parts is None else _pairs(owners, parts, _is_small(parts))
    if pairs.width == 1:
        key = pairs.to_series()
        if key.null_count() == 0 and key.len() and (key.slice(1) > key.slice(0, key.len() - 1)).all():
            return pl.Series(dtype=pl.UInt32)  # each is larger than the one before it
    there = pl.all_horizontal(pl.all().is_not_null())
    return pairs.select((pl.struct(pl.all()).is_duplicated() & there).alias(_KEY)).to_series().arg_true()


def _first_rows(asked: pl.DataFrame, among: pl.DataFrame) -> pl.Series:
    keys = asked.columns
    numbered = among.with_row_index(_ROW)
    found = asked.join(numbered, on=keys, how="left", maintain_order="left")
    if found.height > asked.height:
        numbered = numbered.unique(keys, keep="first", maintain_order=True)
        found = asked.join(numbered, on=keys, how="left", maintain_order="left")
    return found.get_column(_ROW)


def _is_small(parts: pl.Series) -> bool:
    if not parts.dtype.is_integer():
        return False
    least, most = parts.min(), parts.max()
    return least is None or (int(least) >= 0 and int(most) < _PACKED)  # type: ignore[arg-type]


def _pairs(owners: pl.Series, parts: pl.Series, pack: bool) -> pl.DataFrame:
    import polars as pl

    if pack:
        return (owners.cast(pl.Int64) * _PACKED + parts.cast(pl.Int64)).to_frame(_KEY)
    return pl.DataFrame([owners.alias(_OWNER), parts.alias(_KEY)])
