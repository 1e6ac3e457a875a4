"""Registers, from Parquet to Parquet: `tabulate`, the same by hand, and other engines.

    python -m benchmarks --only register --small
    python -m benchmarks.register --rows 100000,1000000,5000000 [--peers "DuckDB,OpenFisca"] [--missing 0,0.1,0.5]

Answers are compared on all rows of a register before anything is timed; how they are measured: `benchmarks/README.md`.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict
from pathlib import Path
from statistics import median
from time import perf_counter, process_time

from benchmarks.register_data import register
from benchmarks.register_law import generated, law
from benchmarks.register_programs import (
    HAND,
    HAND_KNOWN,
    MAKERS,
    OURS,
    OURS_KNOWN,
    Ready,
    available,
    calls,
    check,
    target,
)
from benchmarks.scale import FULL, Scale
from benchmarks.timing import Row, Times

#: Rule evaluations in a second that are aimed at.
EVALUATIONS = 300e6
#: Ours may take so many times what these take.
TARGETS = {HAND: "≤ 1.2", HAND_KNOWN: "≤ 1.2", "OpenFisca": f"≤ {1 / 3:.3f}", "zen-engine": f"≤ {1 / 30:.3f}"}


class Turns:
    """Seconds of each round of each call, by the clock and of this process's processors; all have the same rounds."""

    def __init__(self, programs: Mapping[str, Callable[[], None]], rounds: int) -> None:
        self.wall: dict[str, list[float]] = {name: [] for name in programs}
        self.work: dict[str, list[float]] = {name: [] for name in programs}
        for call in programs.values():
            call()
        for _ in range(rounds):
            for name, call in programs.items():
                start, busy = perf_counter(), process_time()
                call()
                self.wall[name].append(perf_counter() - start)
                self.work[name].append(process_time() - busy)

    def seconds(self, name: str) -> float:
        return min(self.wall[name])

    def ratio(self, one: str, two: str) -> float:
        """Of the clock: the median over rounds, so that what slows a round slows both."""
        return median(a / b for a, b in zip(self.wall[one], self.wall[two], strict=True))

    def work_ratio(self, one: str, two: str) -> float:
        return median(a / max(b, 1e-6) for a, b in zip(self.work[one], self.work[two], strict=True))

    def times(self, name: str) -> Times:
        sorted_ = sorted(each * 1e6 for each in self.wall[name])
        return Times(median(sorted_), sorted_[len(sorted_) // 2], sorted_[-1])


def compared(programs: list[Ready], folder: Path, rows: int, missing: float, rounds: int) -> tuple[list[Row], Turns]:
    """Ours against each other program, on a register of so many rows."""
    turns = Turns(dict(calls(programs, folder, rows, missing)), rounds)
    found = []
    for name in turns.wall:
        if name in (OURS, OURS_KNOWN):
            continue
        ours = OURS_KNOWN if MAKERS[name].known else OURS
        work = f"{turns.work_ratio(ours, name):.2f} of processor time, " if name != "PySpark" else ""
        note = f"{work}{rows / turns.seconds(ours):,.0f} against {rows / turns.seconds(name):,.0f} rows/s"
        title = f"{rows:,} rows, {missing:.0%} missing" + (", known" if MAKERS[name].known else "")
        found.append(
            Row(title, turns.times(ours), turns.times(name), name, turns.ratio(ours, name), TARGETS.get(name, ""), note)
        )
    return found, turns


def compiling(folder: Path, rows: int) -> Row:
    """What lowering takes of ours; it is in every other row too."""
    import polars as pl

    from benchmarks.register_ours import compiled, synthetic_rules

    rules, schema = synthetic_rules(), pl.scan_parquet(register(folder, rows, 0.0)).collect_schema()
    took = sorted(compiled(rules, schema).seconds * 1e6 for _ in range(5))
    return Row("lowering 45 values", Times(took[2], took[2], took[-1]), None, "20 ms", took[2] / 20_000)


def evaluations(count: int, rows: int, missing: float, rounds: int) -> Row:
    rules = generated(count, rows, missing)
    turns = Turns({"run": rules.run}, rounds)
    rate = count * rows / turns.seconds("run")
    note = f"{rate / 1e6:,.0f} M rule evaluations/s, lowered in {rules.compiled.seconds * 1000:,.0f} ms"
    return Row(
        f"{count} rules, {rows:,} rows, {missing:.0%} missing", turns.times("run"), None, "300 M rule evaluations/s",
        EVALUATIONS / rate, "≤ 1.0" if count == 200 else "", note,
    )  # fmt: skip


def shipped(rows: int, missing: float, folder: Path, rounds: int) -> Iterator[Row]:
    found = law(rows, missing, folder)
    turns = Turns({"columns": found.columns, "folder": found.folder}, rounds)
    for name, title in (("columns", "facts in columns"), ("folder", "from a folder of tables to one of answers")):
        rate = rows / turns.seconds(name)
        note = f"{rate:,.0f} enterprises/s, {found.exact} decided one by one"
        yield Row(
            f"shipped law, {rows:,} enterprises, {title}", turns.times(name), None, "10,000 enterprises/s", 1e4 / rate,
            note=note,
        )  # fmt: skip


def run(scale: Scale) -> Iterator[Row]:
    """The rows for ``python -m benchmarks``."""
    small = scale.rules < FULL.rules
    rows, rounds = (500, 3) if small else (100_000, 7)
    programs, missing = available(None, heavy=False)
    for name in missing:
        print(f"left out, not installed: {name}")
    with tempfile.TemporaryDirectory(prefix="register-") as made:
        folder = Path(made)
        for share in (0.0, 0.1, 0.5):
            check(programs, folder, min(rows, 20_000), share)
            yield from compared(programs, folder, rows, share, rounds)[0]
        yield compiling(folder, rows)
        for count in (50,) if small else (50, 200, 1000):
            yield evaluations(count, rows, 0.1, rounds)
        yield from shipped(rows // 10, 0.1, folder, min(rounds, 3))


# ---- the full run ----------------------------------------------------------------------------------------------------


def full(options: argparse.Namespace, folder: Path) -> Iterator[Row]:
    programs, missing = available(options.peers, heavy=True)
    for name in missing:
        print(f"left out, not installed: {name}")
    seconds: dict[str, dict[int, float]] = {}
    for rows in options.rows:
        for share in options.missing:
            check(programs, folder, min(rows, options.check), share)
            found, turns = compared(programs, folder, rows, share, options.rounds)
            yield from found
            for name in turns.wall:
                if share == (0.0 if MAKERS[name].known else options.missing[-1]):
                    seconds.setdefault(name, {})[rows] = turns.seconds(name)
    yield compiling(folder, options.rows[0])
    for name, by_rows in seconds.items():
        if len(by_rows) > 1:
            few, many = min(by_rows), max(by_rows)
            growth = math.log(by_rows[many] / by_rows[few]) / math.log(many / few)
            print(f"{name}: time grows as the rows to the power {growth:.2f}, from {few:,} to {many:,}")
    memory(programs, folder, options.rows[-1], options.missing[-1])
    for count in (50, 200, 1000):
        yield evaluations(count, min(options.rows[-1], 1_000_000), 0.1, options.rounds)
    yield from shipped(options.enterprises, 0.1, folder, options.rounds)


def memory(programs: Collection[Ready], folder: Path, rows: int, missing: float) -> None:
    """The most memory of a process that does nothing but one program, once."""
    for name, maker, _ in programs:
        if (maker.most or rows) >= rows:
            share = 0.0 if maker.known else missing
            command = [sys.executable, "-m", "benchmarks.register", "--one", name, "--rows", str(rows)]
            command += ["--missing", str(share), "--folder", str(folder)]
            done = subprocess.run(command, capture_output=True, text=True, check=False)
            said = done.stdout.splitlines()[-1] if done.returncode == 0 else f"failed: {done.stderr[-300:]}"
            print(f"memory at {rows:,} rows, {name}: {said}")


def one(options: argparse.Namespace) -> None:
    """In a process of its own: one program, once, and the most memory that it and its children had."""
    source = register(options.folder, options.rows[0], options.missing[0])
    start = perf_counter()
    MAKERS[options.one].make()(source, target(options.folder, options.one))
    took = perf_counter() - start
    children = Path(f"/proc/self/task/{os.getpid()}/children").read_text(encoding="ascii").split()
    peak = sum(map(most_memory, ("self", *children)))
    print(f"{peak / 1024:,.0f} MB, {took:.2f} s")


def most_memory(process: str) -> int:
    lines = Path("/proc", process, "status").read_text(encoding="ascii", errors="replace").splitlines()
    return next((int(line.split()[1]) for line in lines if line.startswith("VmHWM")), 0)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.register", description=__doc__)
    parser.add_argument("--rows", default="100000", type=lambda text: [int(each) for each in text.split(",")])
    parser.add_argument("--missing", default="0,0.1,0.5", type=lambda text: [float(each) for each in text.split(",")])
    parser.add_argument("--peers", type=lambda text: text.split(","), help=f"of {', '.join(MAKERS)}; all by default")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--check", type=int, default=10**9, help="rows whose answers are compared, at most")
    parser.add_argument("--enterprises", type=int, default=20_000, help="on the register under the shipped law")
    parser.add_argument("--folder", type=Path, help="where registers and answers are kept")
    parser.add_argument("--json", type=Path, help="write the rows there too")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.one:
        one(options)
        return 0
    rows: list[Row] = []
    with tempfile.TemporaryDirectory(prefix="register-") as made:
        folder = options.folder or Path(made)
        folder.mkdir(exist_ok=True, parents=True)
        for row in full(options, folder):
            rows.append(row)
            theirs = f"{row.theirs.typical / 1000:,.1f}" if row.theirs else ""
            assert row.ours is not None
            assert row.ratio is not None
            print(
                f"| {row.name} | {row.ours.typical / 1000:,.1f} | {theirs} | {row.against} | {row.ratio:.3f} "
                f"| {row.target} | {row.note} |", flush=True,
            )  # fmt: skip
    if options.json is not None:
        document = [asdict(row) for row in rows]
        options.json.write_text(json.dumps(document, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
