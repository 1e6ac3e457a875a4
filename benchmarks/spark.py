"""A register on one machine and in Spark: ``python -m benchmarks.spark --rows N [--master local[2]] [--partitions P]``.

Both read the same invented register and write the same outputs. Each is run at a tenth of the rows, at that again, now
warm, and at all of them: the difference of the warm runs gives what a row costs, what the first took beside its rows is
what starting costs. From these follows the size from which Spark is faster on so many cores. Seconds of a clock depend
on what else runs; the seconds of processors hardly do.
"""

from __future__ import annotations

import argparse
import os
import shutil
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
    from safetyrules.program import default_program
    from safetyrules.register.answer_frames import Framing
    from safetyrules.register.register import open_register

    framing = Framing(default_program(), as_of=AS_OF)
    with open_register(register) as opened:
        for number, batch in enumerate(opened.batches()):
            for name, frame in framing.frames(batch).tables():
                (out / name).mkdir(parents=True, exist_ok=True)
                frame.write_parquet(out / name / f"part-{number:05d}.parquet")


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


def rate(cold: Cost, warm: Cost, large: Cost, rows: int) -> Rate:
    row = (large.processor - warm.processor) / (rows - rows // 10)
    return Rate(max(0.0, cold.processor - row * (rows // 10)), row)


def pays_from(one: Rate, spark: Rate, session: float, cores: int) -> float | None:
    """The rows from which Spark on ``cores`` is faster than one process on one; None where it never is."""
    saved = one.row - spark.row / cores
    return None if saved <= 0 else max(0.0, session + spark.start - one.start) / saved


def said(name: str, found: Cost) -> None:
    print(f"{name}  {found.clock:8.1f} s  {found.processor:8.1f} s of processors", flush=True)


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
        small = options.rows // 10
        for size in (small, options.rows):
            write_demo_register(program, DemoRequest(size), folder / f"in-{size}")

        def measured(name: str, size: int, work: Callable[[Path, Path], None]) -> Cost:
            out = folder / f"{name}-{size}"
            found = cost(lambda: work(folder / f"in-{size}", out))
            shutil.rmtree(out)
            said(f"{name:<12} {size:>9,} rows", found)
            return found

        def whole(name: str, work: Callable[[Path, Path], None]) -> Rate:
            cold, warm, large = (measured(name, size, work) for size in (small, small, options.rows))
            return rate(cold, warm, large, options.rows)

        ours = whole("one machine", one_machine)
        builder = SparkSession.builder.appName("benchmark").master(options.master).config("spark.driver.memory", "2g")
        builder = builder.config("spark.ui.enabled", "false").config("spark.ui.showConsoleProgress", "false")
        session: list[SparkSession] = []
        start = cost(lambda: session.append(builder.getOrCreate()))
        session[0].sparkContext.setLogLevel("ERROR")
        said("Spark, starting             ", start)
        theirs = whole("Spark", lambda register, out: in_spark(register, out, options.partitions))
        session[0].stop()
    print(f"one machine: {ours.start:.1f} s to start, {ours.row * 1e3:.3f} ms a row")
    print(f"Spark: {start.processor + theirs.start:.1f} s to start, {theirs.row * 1e3:.3f} ms a row of one core")
    for cores in CORES:
        least = pays_from(ours, theirs, start.processor, cores)
        print(f"on {cores} cores it pays " + ("never" if least is None else f"from {least:,.0f} rows"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
