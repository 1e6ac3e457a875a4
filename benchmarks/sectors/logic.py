"""What the hand-written program is made of: truths as nullable booleans, on which Polars' operators follow Kleene; sets
of levels as bits.

Over the parts of an enterprise a truth is a number (false 0, unknown 1, true 2), so that "some part" is the largest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import reduce
from operator import or_
from pathlib import Path

import polars as pl

c = pl.col
BLUE, YELLOW, ORANGE, RED, NONE = 1, 2, 4, 8, 16
ANY_COLOUR = BLUE | YELLOW | ORANGE | RED
KEY = "subject"


def any_of(truths: Iterable[pl.Expr]) -> pl.Expr:
    return reduce(or_, truths)


def broken(device: str) -> pl.Expr:
    """Failed or absent."""
    return c(device) != "working"


def has(fact: str) -> pl.Expr:
    """Has it a value? A column of its own says where it is not applicable."""
    return pl.coalesce(~c(f"{fact}.not_applicable"), pl.when(c(fact).is_not_null()).then(True))


def agreed(*readings: pl.Expr) -> pl.Expr:
    """What all readings of an unsettled clause say; unknown where they differ."""
    first, *others = readings
    same = reduce(lambda one, two: one & two, (first == other for other in others))
    return pl.when(same).then(first)


def chosen(test: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    """``test ? then : otherwise``."""
    return pl.when(test).then(then).when(~test).then(otherwise).otherwise(agreed(then, otherwise))


# ---- over parts ------------------------------------------------------------------------------------------------------


def number(truth: pl.Expr) -> pl.Expr:
    return (truth.cast(pl.UInt8) * 2).fill_null(1)


def truth(number_: pl.Expr) -> pl.Expr:
    return pl.when(number_ == 2).then(True).when(number_ == 0).then(False)


def scan(register: Path, kind: str) -> pl.LazyFrame:
    """The table of a kind: a file, or a folder of files."""
    folder = register / kind
    return pl.scan_parquet(folder / "*.parquet" if folder.is_dir() else register / f"{kind}.parquet")


def by_enterprise(rows: pl.LazyFrame, truths: Mapping[str, pl.Expr]) -> pl.LazyFrame:
    """Of each truth about parts: whether some part of the enterprise has it, as a number; and how many parts."""
    numbers = rows.select(KEY, *(number(each).alias(name) for name, each in truths.items()))
    return numbers.group_by(KEY).agg(c(*truths).max())


def some(name: str, list_: str | None) -> pl.Expr:
    """Has some part of the list it? Unknown, where it is not said that the list is complete and none surely has."""
    given = c(name).fill_null(0)
    return truth(given if list_ is None else pl.max_horizontal(given, open_list(list_)))


def open_list(list_: str) -> pl.Expr:
    """1 where it is not said that the list is complete, else 0."""
    return (~c(f"{list_}.complete")).fill_null(True).cast(pl.UInt8)


def is_empty(count: str, list_: str) -> pl.Expr:
    given = c(count).fill_null(0)
    return pl.when(given > 0).then(False).when(c(f"{list_}.complete")).then(True)


# ---- levels ----------------------------------------------------------------------------------------------------------


def byte(bits: int) -> pl.Expr:
    return pl.lit(bits, dtype=pl.UInt8)


def first_hit(rows: Sequence[tuple[pl.Expr, int | pl.Expr]], otherwise: int | pl.Expr) -> pl.Expr:
    """The levels possible: a row that is true ends the table, an unknown one adds its level."""
    found = _bits(otherwise)
    for test, then in reversed(rows):
        # What comes later stands once, or a long table would be a tree of as many branches as it has outcomes.
        later = pl.when(test).then(byte(0)).otherwise(byte(255))
        found = found & later | pl.when(~test).then(byte(0)).otherwise(_bits(then))
    return found


def _bits(levels: int | pl.Expr) -> pl.Expr:
    return byte(levels) if isinstance(levels, int) else levels


def where(applies: pl.Expr, levels: pl.Expr, none: int = NONE) -> pl.Expr:
    """No value where it does not apply."""
    kept = pl.when(~applies).then(byte(0)).otherwise(byte(255))
    return levels & kept | pl.when(applies).then(byte(0)).otherwise(byte(none))


def within(levels: pl.Expr, wanted: int) -> pl.Expr:
    """Is the level one of those wanted? Of what has no value it is not."""
    return pl.when(levels & byte(wanted) == 0).then(False).when(levels & byte(255 - wanted) == 0).then(True)


def worst_of(rows: Sequence[pl.Expr]) -> pl.Expr:
    """The levels possible of the gravest of several, each of which has a level or none."""
    numbers = [(each & byte(ANY_COLOUR) | each // NONE).cast(pl.Int16) for each in rows]
    floor = pl.max_horizontal(*(each & -each for each in numbers))
    return (reduce(or_, numbers) & -floor).cast(pl.UInt8)


def found_as(finding: pl.Expr, level: int) -> pl.Expr:
    """A level where something is found, the lowest where it is not."""
    return pl.when(finding).then(byte(level)).when(~finding).then(byte(BLUE)).otherwise(byte(level | BLUE))


def sector_grade(present: pl.Expr, majors: Iterable[str], general: str, colours: Iterable[str]) -> pl.Expr:
    """The grade of a sector: red where one of the columns ``majors`` is found, yellow where ``general`` is, or the
    gravest of the columns ``colours``; none where the sector is not present."""
    found = [found_as(any_of(map(c, majors)), RED), found_as(c(general), YELLOW)]
    return where(present, worst_of([*found, *map(c, colours)]))


def worst_part(name: str, count: str, list_: str) -> pl.Expr:
    """The colour of the worst part of a list by ``NAME.red``, ``.orange`` and ``.yellow``, which say that some part is
    so grave at least; red where the list is empty."""
    return first_hit(
        [
            (is_empty(count, list_), RED),
            (some(f"{name}.red", list_), RED),
            (some(f"{name}.orange", list_), ORANGE),
            (some(f"{name}.yellow", list_), YELLOW),
        ],
        BLUE,
    )


def graver(name: str, levels: pl.Expr) -> dict[str, pl.Expr]:
    """What `worst_part` asks of each part."""
    return {
        f"{name}.red": within(levels, RED),
        f"{name}.orange": within(levels, RED | ORANGE),
        f"{name}.yellow": within(levels, RED | ORANGE | YELLOW),
    }
