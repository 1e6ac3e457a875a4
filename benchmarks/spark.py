"""A register on one machine and in Spark: ``python -m benchmarks.spark --rows N [--master local[2]] [--partitions P]``.

Both read the same invented register and write the same outputs. Each is run at a tenth of the rows and at all of them;
the difference gives what a row costs, the rest is what starting costs. From these follows the size from which Spark is
faster on so many cores. Seconds of a clock depend on what else runs; the seconds of processors hardly do.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest

AS_OF = "2025-06-30"
#: Cores of a cluster for which the size is worked out.
CORES = (2, 8, 32, 128)


@dataclass(frozen=True)
class Cost:
    """Seconds of the clock, and of all processors."""

    clock: float
    processor: float


@dataclass(frozen=True)
class Rate:
    """``start`` and ``row`` are seconds of the processors that work one after the other: before the first row, and for
    each row."""

    start: float
    row: float


def one_machine(register: Path, out: Path) -> None:
    """What the reader and the tabulator do in one process, written as Spark writes it."""
    import polars as pl

    from safetyrules.program import default_program
    from safetyrules.register import tables_of_answers as said
    from safetyrules.register.answering import Tabulator
    from safetyrules.register.register import open_register

    tabulator = Tabulator(default_program(), as_of=AS_OF)
    with open_register(register) as opened:
        for number, batch in enumerate(opened.batches()):
            found: dict[str, list[pl.DataFrame]] = {"rejects": [batch.rejects]}
            for answers in tabulator.answers(batch.tables):
                found.setdefault("subjects", []).append(said.subjects(answers, batch.keys))
                found.setdefault("findings", []).append(said.findings(answers, batch.keys))
                found.setdefault("duties", []).append(said.duties(answers, batch.keys))
            for name, frames in found.items():
                (out / name).mkdir(parents=True, exist_ok=True)
                whole = pl.concat(frames, how="diagonal").sort("subject", maintain_order=True)
                whole.write_parquet(out / name / f"part-{number:05d}.parquet")


def in_spark(register: Path, out: Path, partitions: int) -> None:
    from safetyrules.spark import run_batch_spark

    run_batch_spark(None, register, out, {"as_of": AS_OF, "partitions": partitions})


def processor_seconds() -> float:
    """Of this process and all below it, so far."""
    ticks, parents = {}, {}
    for entry in os.listdir("/proc"):
        if entry.isdigit():
            with suppress(OSError):
                fields = Path("/proc", entry, "stat").read_text().rpartition(")")[2].split()
                parents[int(entry)] = int(fields[1])
                ticks[int(entry)] = sum(map(int, fields[11:15]))
    tree = {os.getpid()}
    while more := {child for child, parent in parents.items() if parent in tree} - tree:
        tree |= more
    return sum(ticks[each] for each in tree if each in ticks) / os.sysconf("SC_CLK_TCK")


def cost(work: Callable[[], None]) -> Cost:
    clock, processor = time.perf_counter(), processor_seconds()
    work()
    return Cost(time.perf_counter() - clock, processor_seconds() - processor)


def rate(small: Cost, large: Cost, rows: int) -> Rate:
    row = (large.processor - small.processor) / (rows - rows // 10)
    return Rate(max(0.0, large.processor - row * rows), row)


def pays_from(one: Rate, spark: Rate, session: float, cores: int) -> float | None:
    """The rows from which Spark on ``cores`` is faster than one process on one; None where it never is."""
    saved = one.row - spark.row / cores
    return None if saved <= 0 else max(0.0, session + spark.start - one.start) / saved


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.spark", description="One machine against Spark.")
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--master", default="local[2]")
    parser.add_argument("--partitions", type=int, default=8)
    options = parser.parse_args()
    from pyspark.sql import SparkSession

    from safetyrules.program import default_program

    os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    program = default_program()
    with tempfile.TemporaryDirectory(prefix="benchmark-") as scratch:
        folder = Path(scratch)
        sizes = (options.rows // 10, options.rows)
        for size in sizes:
            write_demo_register(program, DemoRequest(size), folder / f"in-{size}")
        single = [cost(lambda n=size: one_machine(folder / f"in-{n}", folder / f"one-{n}")) for size in sizes]  # type: ignore[misc]
        for size, each in zip(sizes, single, strict=True):
            print(
                f"one machine  {size:>9,} rows  {each.clock:8.1f} s  {each.processor:8.1f} s of processors", flush=True
            )
        builder = SparkSession.builder.appName("benchmark").master(options.master).config("spark.driver.memory", "2g")
        builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
        session: list[SparkSession] = []
        start = cost(lambda: session.append(builder.getOrCreate()))
        session[0].sparkContext.setLogLevel("ERROR")
        print(f"Spark        starting        {start.clock:8.1f} s  {start.processor:8.1f} s of processors", flush=True)
        several = []
        for size in sizes:
            several.append(cost(lambda n=size: in_spark(folder / f"in-{n}", folder / f"spark-{n}", options.partitions)))  # type: ignore[misc]
            each = several[-1]
            print(
                f"Spark        {size:>9,} rows  {each.clock:8.1f} s  {each.processor:8.1f} s of processors", flush=True
            )
        session[0].stop()
    ours, theirs = rate(*single, options.rows), rate(*several, options.rows)
    print(f"one machine: {ours.start:.1f} s to start, {ours.row * 1e3:.3f} ms a row")
    print(f"Spark: {start.processor + theirs.start:.1f} s to start, {theirs.row * 1e3:.3f} ms a row of one core")
    for cores in CORES:
        size = pays_from(ours, theirs, start.processor, cores)
        print(f"on {cores} cores it pays " + ("never" if size is None else f"from {size:,.0f} rows"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
