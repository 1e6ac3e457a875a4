"""What the hand-written programs of several sectors share."""

from __future__ import annotations

import sys
from pathlib import Path

import polars as pl
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
try:
    from benchmarks.sectors.logic import BLUE, NONE, ORANGE, RED, YELLOW, sector_grade
finally:
    sys.path.remove(str(ROOT))


@pytest.mark.parametrize(
    ("present", "majors", "general", "colours", "grade"),
    [
        (True, (False, True), True, (BLUE, ORANGE), RED),
        (True, (False, False), True, (BLUE, BLUE), YELLOW),
        (True, (False, False), False, (BLUE, BLUE), BLUE),
        (True, (False, False), False, (YELLOW, ORANGE), ORANGE),
        (True, (False, None), False, (BLUE, YELLOW), YELLOW | RED),
        (True, (False, False), None, (BLUE, BLUE), BLUE | YELLOW),
        (True, (False, False), False, (BLUE, NONE | ORANGE), BLUE | ORANGE),
        (False, (False, True), True, (RED, RED), NONE),
        (None, (False, False), True, (BLUE, BLUE), YELLOW | NONE),
    ],
)
def test_the_grade_of_a_sector_is_its_gravest_colour(
    present: bool | None,
    majors: tuple[bool | None, ...],
    general: bool | None,
    colours: tuple[int, ...],
    grade: int,
) -> None:
    truths = {"present": present, "one": majors[0], "two": majors[1], "general": general}
    row = pl.DataFrame(
        {**{name: [value] for name, value in truths.items()}, "by_dust": [colours[0]], "by_workers": [colours[1]]},
        schema={**dict.fromkeys(truths, pl.Boolean), "by_dust": pl.UInt8, "by_workers": pl.UInt8},
    )
    found = sector_grade(pl.col("present"), ["one", "two"], "general", ["by_dust", "by_workers"])
    assert row.select(found.alias("grade"))["grade"].to_list() == [grade]
