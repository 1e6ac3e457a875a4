"""The same answers by hand in Polars: one streaming query from the tables of a register to one Parquet file."""

from __future__ import annotations

from functools import reduce
from pathlib import Path

import polars as pl

from benchmarks.register_data import sink
from benchmarks.sectors import confined_space, dust, hazmat, smelting
from benchmarks.sectors.logic import KEY, scan
from benchmarks.sectors.questions import SECTORS, question

HANDS = {"dust": dust, "hazmat": hazmat, "confined_space": confined_space, "smelting": smelting}


def query(register: Path, sectors: tuple[str, ...]) -> pl.LazyFrame:
    """A row for each enterprise, with the columns of the question for these sectors."""
    asked = question().columns(sectors)
    frame = scan(register, "enterprise")
    hands = [HANDS[sector] for sector in sectors]
    parts = [each for hand in hands for each in hand.parts(register)]
    frame = reduce(lambda whole, part: whole.join(part, on=KEY, how="left"), parts, frame)
    steps = [hand.enterprise() for hand in hands]
    for step in range(max(map(len, steps))):
        columns = {name: each for made in steps if step < len(made) for name, each in made[step].items()}
        frame = frame.with_columns(each.alias(name) for name, each in columns.items())
    return frame.select(pl.col(name).cast(of) for name, of in asked.items())


def by_hand(register: Path, target: Path, sectors: tuple[str, ...] = SECTORS) -> None:
    sink(query(register, sectors), target)
