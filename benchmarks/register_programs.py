"""Who answers a register, and what they are held against."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

from benchmarks.register_data import SETS, VALUES, Program, register, require_same

OURS, HAND, FLOOR = "tabulate", "hand-written Polars", "scan and write"
OURS_KNOWN, HAND_KNOWN, FLOOR_KNOWN = f"{OURS}, known", f"{HAND}, known", f"{FLOOR}, values"


class Maker(NamedTuple):
    """``package`` is what has to be installed. ``known``: for known facts only, and writes values rather than sets.
    ``most`` rows are given to it; ``heavy``: not in the small run."""

    make: Callable[[], Program]
    package: str = ""
    known: bool = False
    most: int | None = None
    heavy: bool = False
    answers: bool = True


def _of(module: str, name: str, *arguments: str) -> Callable[[], Program]:
    """What it needs is imported when it is made."""

    def make() -> Program:
        found = import_module(f"benchmarks.{module}")
        program: Program = getattr(found, name)(*(getattr(found, each) for each in arguments))
        return program

    return make


MAKERS: dict[str, Maker] = {
    FLOOR: Maker(_of("register_polars", "sets_floor"), answers=False),
    HAND: Maker(_of("register_polars", "program", "three_valued")),
    OURS: Maker(_of("register_ours", "with_sets")),
    "DuckDB": Maker(_of("register_sql", "duckdb"), "duckdb"),
    "NumPy": Maker(_of("register_numpy", "program"), "numpy, pyarrow"),
    "PySpark": Maker(_of("register_sql", "pyspark"), "pyspark", heavy=True),
    "loop over decide": Maker(_of("register_rows", "decide"), most=20_000),
    FLOOR_KNOWN: Maker(_of("register_polars", "values_floor"), known=True, answers=False),
    HAND_KNOWN: Maker(_of("register_polars", "program", "known"), known=True),
    OURS_KNOWN: Maker(_of("register_ours", "with_values"), known=True),
    "OpenFisca": Maker(_of("register_openfisca", "openfisca"), "OpenFisca-Core", known=True),
    "zen-engine": Maker(_of("register_rows", "zen"), "zen-engine", known=True, most=20_000),
}


class Ready(NamedTuple):
    name: str
    maker: Maker
    program: Program


def available(wanted: Collection[str] | None, heavy: bool) -> tuple[list[Ready], list[str]]:
    """The programs that can be had, and what is missing. Ours, by hand, and the floor are always among them."""
    ready, missing = [], []
    for name, maker in MAKERS.items():
        if maker.package and ((wanted is not None and name not in wanted) or (maker.heavy and not heavy)):
            continue
        try:
            ready.append(Ready(name, maker, maker.make()))
        except ImportError:
            missing.append(f"{name} (package {maker.package})")
    return ready, missing


def target(folder: Path, name: str) -> Path:
    return folder / f"answers of {name}.parquet"


def check(programs: list[Ready], folder: Path, rows: int, missing: float) -> None:
    """Every program answers a whole register as the hand-written one does, and that is as `tabulate` does. Raises
    AssertionError where one does not."""
    for known in (False, True):
        reference = HAND_KNOWN if known else HAND
        source = register(folder, rows, 0.0 if known else missing)
        each: Any
        for each in sorted(programs, key=lambda ready: ready.name != reference):
            if each.maker.known != known or not each.maker.answers or (each.maker.most or rows) < rows:
                continue
            each.program(source, target(folder, each.name))
            if each.name != reference:
                schema = VALUES if known else SETS
                require_same(each.name, target(folder, each.name), target(folder, reference), schema)


def calls(programs: list[Ready], folder: Path, rows: int, missing: float) -> Iterator[tuple[str, Callable[[], None]]]:
    """The programs that take so many rows with so much missing."""
    source = register(folder, rows, missing)
    for name, maker, program in programs:
        if (maker.known and missing) or (maker.most or rows) < rows:
            continue

        def call(name: str = name, program: Program = program) -> None:
            program(source, target(folder, name))

        yield name, call
