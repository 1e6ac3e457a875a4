"""The synthetic rules by hand in Polars: once for unknown facts too, once for known facts only; and the floor of both.

With unknown facts a boolean is a nullable column, on which Polars' own operators follow Kleene; a number is its two
ends; a level has what it may be and what it surely is.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl

from benchmarks.register_data import COLOUR, GRADES, SETS, VALUES, Program, sink
from benchmarks.synthetic_rules import COUNTS, DERIVED

c = pl.col
#: Of each table, the boolean that it reads.
FAULTS = {each.name: each.table[1] for each in DERIVED if each.table is not None}


def level(name: str) -> pl.Expr:
    return pl.lit(name, dtype=COLOUR)


def chosen(test: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
    """``test ? then : otherwise`` of nullable booleans."""
    return pl.when(test).then(then).when(~test).then(otherwise).otherwise(pl.when(then == otherwise).then(then))


def three_valued_booleans() -> list[pl.Expr]:
    return [
        c("b0") & ~c("b1"),
        c("h0") | (c("n1") > 25),
        ~c("h1") & (c("b2") | c("b5")),
        chosen(c("h2"), c("n3") >= 35, c("b6")),
        c("h3") & ~c("b4"),
        c("h4") | (c("n5") > 45),
        ~c("h5") & (c("b6") | c("b9")),
        chosen(c("h6"), c("n7") >= 55, c("b0")),
        c("h7") & ~c("b8"),
        c("h8") | (c("n1") > 65),
        ~c("h9") & (c("b0") | c("b3")),
        chosen(c("h10"), c("n3") >= 25, c("b4")),
        c("h11") & ~c("b2"),
        c("h12") | (c("n5") > 35),
        ~c("h13") & (c("b4") | c("b7")),
        chosen(c("h14"), c("n7") >= 45, c("b8")),
        c("h15") & ~c("b6"),
        c("h16") | (c("n1") > 55),
        ~c("h17") & (c("b8") | c("b1")),
        chosen(c("h18"), c("n3") >= 65, c("b2")),
    ]


def bounds(test: pl.Expr, then: tuple[pl.Expr, pl.Expr], otherwise: tuple[pl.Expr, pl.Expr]) -> list[pl.Expr]:
    """The ends of ``test ? then : otherwise``."""
    return [
        pl.when(test).then(a).when(~test).then(b).otherwise(join(a, b))
        for a, b, join in zip(then, otherwise, (pl.min_horizontal, pl.max_horizontal), strict=True)
    ]


def three_valued(facts: pl.LazyFrame) -> pl.LazyFrame:
    """The columns of `SETS`."""
    frame = facts.with_columns(
        c(n).fill_null(limit).alias(f"{n}.{end}") for end, limit in (("low", 0), ("high", 100)) for n in COUNTS
    )
    for i, boolean in enumerate(three_valued_booleans()):
        frame = frame.with_columns(boolean.alias(f"h{i}"))
    for i in range(0, 15, 3):
        n, m, k = f"n{i % 8}", f"n{(i + 1) % 8}", f"n{(i + 1) % 8}"
        a, b, d = (f"t{i + j}" for j in range(3))
        frame = frame.with_columns(
            (c(f"{n}.{end}") * (i % 4 + 1) + c(f"{m}.{end}")).alias(f"{a}.{end}") for end in ("low", "high")
        )
        low, high = c(f"{a}.low"), c(f"{a}.high")
        ends = bounds(c(f"h{i + 1}"), (low - c(f"{k}.high"), high - c(f"{k}.low")), (low + (i + 1), high + (i + 1)))
        frame = frame.with_columns(ends[0].alias(f"{b}.low"), ends[1].alias(f"{b}.high"))
        of_test = c(f"h{i + 2}")
        ten, twenty = pl.lit(10, dtype=pl.Int64), pl.lit(20, dtype=pl.Int64)
        first = bounds(of_test, (ten, ten), (twenty, twenty))
        frame = frame.with_columns(
            (ten_or_twenty + c(f"{b}.{end}") + c(f"{a}.{end}")).alias(f"{d}.{end}")
            for ten_or_twenty, end in zip(first, ("low", "high"), strict=True)
        )
    for name, fault in FAULTS.items():
        low, high = c(f"t{name[1:]}.low"), c(f"t{name[1:]}.high")
        proven, possible = c(fault).fill_null(False), c(fault).fill_null(True)
        surely_red, red = (low >= 200) & proven, (high >= 200) & possible
        surely_yellow = (low >= 40) & (high <= 119) & ~possible
        frame = frame.with_columns(
            red.alias(f"{name}.red"),
            surely_red.alias(f"{name}.surely_red"),
            ((high >= 120) & ~surely_red).alias(f"{name}.orange"),
            ((low >= 120) & ~red).alias(f"{name}.surely_orange"),
            ((high >= 40) & (low <= 119) & ~proven).alias(f"{name}.yellow"),
            surely_yellow.alias(f"{name}.surely_yellow"),
            ((low < 120) & ~surely_yellow).alias(f"{name}.blue"),
        )
    any_of = {
        f"overall.{word}": pl.any_horizontal(c(f"{name}.{word}") for name in FAULTS)
        for word in ("red", "orange", "yellow", "surely_red", "surely_orange", "surely_yellow")
    }
    frame = frame.with_columns(each.alias(name) for name, each in any_of.items())
    return frame.select(
        *(c(f"h{i}").fill_null(False).alias(f"h{i}.proven") for i in range(20)),
        *(c(f"h{i}").fill_null(True).alias(f"h{i}.possible") for i in range(20)),
        *(c(f"h{i}").is_null().alias(f"h{i}.undetermined") for i in range(20)),
        *(c(f"t{i}.low").alias(f"t{i}.at_least") for i in range(15)),
        *(c(f"t{i}.high").alias(f"t{i}.at_most") for i in range(15)),
        *((c(f"t{i}.low") != c(f"t{i}.high")).alias(f"t{i}.undetermined") for i in range(15)),
        *(_least(name).alias(f"{name}.proven") for name in FAULTS),
        *(_worst(c(f"{n}.red"), c(f"{n}.orange"), c(f"{n}.yellow")).alias(f"{n}.possible") for n in GRADES),
        _worst(*(c(f"overall.surely_{word}") for word in ("red", "orange", "yellow"))).alias("overall.proven"),
    ).with_columns((c(f"{name}.proven") != c(f"{name}.possible")).alias(f"{name}.undetermined") for name in GRADES)


def _worst(red: pl.Expr, orange: pl.Expr, yellow: pl.Expr) -> pl.Expr:
    found = pl.when(red).then(level("red")).when(orange).then(level("orange"))
    return found.when(yellow).then(level("yellow")).otherwise(level("blue"))


def _least(name: str) -> pl.Expr:
    found = pl.when(c(f"{name}.blue")).then(level("blue")).when(c(f"{name}.yellow")).then(level("yellow"))
    return found.when(c(f"{name}.orange")).then(level("orange")).otherwise(level("red"))


def known(facts: pl.LazyFrame) -> pl.LazyFrame:
    """The columns of `VALUES`."""
    booleans = (
        c("b0") & ~c("b1"),
        c("h0") | (c("n1") > 25),
        ~c("h1") & (c("b2") | c("b5")),
        pl.when("h2").then(c("n3") >= 35).otherwise("b6"),
        c("h3") & ~c("b4"),
        c("h4") | (c("n5") > 45),
        ~c("h5") & (c("b6") | c("b9")),
        pl.when("h6").then(c("n7") >= 55).otherwise("b0"),
        c("h7") & ~c("b8"),
        c("h8") | (c("n1") > 65),
        ~c("h9") & (c("b0") | c("b3")),
        pl.when("h10").then(c("n3") >= 25).otherwise("b4"),
        c("h11") & ~c("b2"),
        c("h12") | (c("n5") > 35),
        ~c("h13") & (c("b4") | c("b7")),
        pl.when("h14").then(c("n7") >= 45).otherwise("b8"),
        c("h15") & ~c("b6"),
        c("h16") | (c("n1") > 55),
        ~c("h17") & (c("b8") | c("b1")),
        pl.when("h18").then(c("n3") >= 65).otherwise("b2"),
    )
    frame = facts
    for i, boolean in enumerate(booleans):
        frame = frame.with_columns(boolean.alias(f"h{i}"))
    for i in range(0, 15, 3):
        n, m = c(f"n{i % 8}"), c(f"n{(i + 1) % 8}")
        first = n * (i % 4 + 1) + m
        frame = frame.with_columns(first.alias(f"t{i}"))
        second = pl.when(f"h{i + 1}").then(c(f"t{i}") - m).otherwise(c(f"t{i}") + (i + 1))
        frame = frame.with_columns(second.alias(f"t{i + 1}"))
        third = pl.when(f"h{i + 2}").then(10).otherwise(20) + c(f"t{i + 1}") + c(f"t{i}")
        frame = frame.with_columns(third.alias(f"t{i + 2}"))
    frame = frame.with_columns(
        _worst(
            (c(f"t{name[1:]}") >= 200) & c(fault),
            c(f"t{name[1:]}") >= 120,
            (c(f"t{name[1:]}") >= 40) & ~c(fault),
        ).alias(name)
        for name, fault in FAULTS.items()
    )
    has = [pl.any_horizontal(c(name) == level(word) for name in FAULTS) for word in ("red", "orange", "yellow")]
    return frame.with_columns(_worst(*has).alias("overall")).select(*VALUES)


def program(write: Callable[[pl.LazyFrame], pl.LazyFrame]) -> Program:
    def answer(source: Path, target: Path) -> None:
        sink(write(pl.scan_parquet(source)), target)

    return answer


def floor(schema: dict[str, pl.DataType]) -> Program:
    """Reads every fact, and writes columns of the same number and types, copied from facts without a rule."""

    def copied(name: str, type_: pl.DataType, number: int) -> pl.Expr:
        if type_ == pl.Boolean:
            found = c(f"b{number % 10}").fill_null(False)
        elif type_ == pl.Int64:
            found = c(f"n{number % 8}").fill_null(0)
        else:
            found = pl.when(f"b{number % 10}").then(level("red")).otherwise(level("blue"))
        return found.alias(name)

    columns = [copied(name, type_, number) for number, (name, type_) in enumerate(schema.items())]
    return program(lambda facts: facts.select(*columns))


def sets_floor() -> Program:
    return floor(SETS)


def values_floor() -> Program:
    return floor(VALUES)
