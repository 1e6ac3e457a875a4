"""The same answers by hand in Polars: for each sector one query from the tables of a register; then one file."""

from __future__ import annotations

from functools import reduce
from pathlib import Path
from types import ModuleType

import polars as pl

from benchmarks.register_data import write
from benchmarks.sectors import confined_space, dust, hazmat, smelting, trade
from benchmarks.sectors.logic import BLUE, KEY, ORANGE, RED, YELLOW, any_of, first_hit, scan, within
from benchmarks.sectors.questions import GRADES, OVERALL, SECTORS, question

#: Each has ``parts(register)``, what the parts of each enterprise have, by key, and ``enterprise()``, the columns to
#: make of that and of the enterprise's own facts, step by step.
HANDS: dict[str, ModuleType] = {
    "dust": dust,
    "hazmat": hazmat,
    "confined_space": confined_space,
    "smelting": smelting,
    "trade": trade,
}


def query(register: Path, sector: str) -> pl.LazyFrame:
    """A row for each enterprise, in the order of the register, with the columns of the question for a sector."""
    hand = HANDS[sector]
    frame = reduce(
        lambda whole, part: whole.join(part, on=KEY, how="left", maintain_order="left"),
        hand.parts(register),
        scan(register, "enterprise"),
    )
    for step in hand.enterprise():
        frame = frame.with_columns(each.alias(name) for name, each in step.items())
    return frame.select(pl.col(name).cast(of) for name, of in question().columns((sector,)).items())


def overall() -> pl.Expr:
    """The gravest of the grades of all sectors, of which one that is not there has none."""

    def some_grade(wanted: int) -> pl.Expr:
        return any_of(within(pl.col(grade), wanted) for grade in GRADES)

    return first_hit(
        [(some_grade(RED), RED), (some_grade(RED | ORANGE), ORANGE), (some_grade(RED | ORANGE | YELLOW), YELLOW)], BLUE
    )


def by_hand(register: Path, target: Path, sectors: tuple[str, ...] = SECTORS) -> None:
    """In memory, sector after sector: faster here than streaming and than one query for all, and in half the memory of
    that one."""
    first, *others = (query(register, sector).collect() for sector in sectors)
    found = pl.concat([first, *(each.drop(KEY) for each in others)], how="horizontal")
    write(found.with_columns(overall().alias(OVERALL)) if sectors == SECTORS else found, target)
