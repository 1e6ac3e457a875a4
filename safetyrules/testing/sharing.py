"""Running many cases with every processor that there is: file by file, in processes that are copies of this one.

A copy has the law and the cases read already, so only numbers go to and fro. A copy of a process with threads may wait
forever for one that it does not have: where there are any, and on systems without copies, cases run in this process.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
from collections.abc import Iterable, Sequence
from math import ceil
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING

from safetyrules.program import Program
from safetyrules.testing.model import Case
from safetyrules.testing.results import Result, Run

if TYPE_CHECKING:
    from safetyrules.testing.running import Runner

#: Fewer cases are not worth a process.
FEW_CASES = 500
#: Each copy imports Polars and prepares the law for itself, and the longest file is run by one of them in any case:
#: more copies than these cost memory and gain nothing.
MOST_COPIES = 8
#: What the group that this process is in may take: microseconds of processors, or "max", in so many microseconds.
QUOTA = Path("/sys/fs/cgroup/cpu.max")
#: Of each case whether it passed and its seconds; and how many cases columns settled.
_Told = tuple[list[tuple[bool, float]], int]


def run_shared(program: Program, cases: Sequence[Case]) -> Run:
    """What `Runner.run` finds, sooner."""
    started = perf_counter()
    files = _by_file(cases)
    copies = min(_processors(), len(files))
    if len(cases) < FEW_CASES or copies < 2 or not _may_copy():
        return _alone(program, cases)
    told = _in_copies(program, [[cases[row] for row in rows] for rows in files], copies)
    if told is None:
        return _alone(program, cases)
    results: dict[int, Result] = {}
    settled = 0
    again: Runner | None = None
    for rows, (each, by_columns) in zip(files, told, strict=True):
        settled += by_columns
        if all(passed for passed, _ in each):
            results.update((row, Result(cases[row], (), seconds)) for row, (_, seconds) in zip(rows, each, strict=True))
            continue
        # What a failure shows hangs on the answers, which stayed where they were made.
        again = _runner(program) if again is None else again
        results.update(zip(rows, again.run([cases[row] for row in rows]).results, strict=True))
    return Run(tuple(results[row] for row in range(len(cases))), perf_counter() - started, settled)


def _alone(program: Program, cases: Sequence[Case]) -> Run:
    return _runner(program).run(cases)


def _runner(program: Program) -> Runner:
    from safetyrules.testing.running import Runner

    return Runner(program)


def _by_file(cases: Iterable[Case]) -> list[list[int]]:
    """The rows of the cases of each file; those of one file share what is prepared for them. Most cases first, so that
    no process is left with the longest file at the end."""
    found: dict[str, list[int]] = {}
    for row, case in enumerate(cases):
        found.setdefault(case.span.source, []).append(row)
    return sorted(found.values(), key=len, reverse=True)


def _processors() -> int:
    """How many copies are worth having here: a container may have less than the processors that it sees."""
    if sys.platform != "linux":
        return 1
    return min(len(os.sched_getaffinity(0)), _quota(), MOST_COPIES)


def _quota() -> int:
    """The processors that a container may keep busy, a part counted as one; `MOST_COPIES` where nothing limits them."""
    try:
        time, _, period = QUOTA.read_text(encoding="ascii").partition(" ")
        return max(1, ceil(int(time) / int(period)))
    except (OSError, ValueError, ZeroDivisionError):  # no such file, or "max"
        return MOST_COPIES


def _may_copy() -> bool:
    """Polars starts threads when it is imported."""
    return threading.active_count() == 1 and "polars" not in sys.modules


# ---- the copies -----------------------------------------------------------------------------------------------------


class _Copy:
    """What a copy has from the process that it was copied from. ``runner`` is made in the copy."""

    program: Program
    files: Sequence[Sequence[Case]]
    runner: Runner


def _in_copies(program: Program, files: Sequence[Sequence[Case]], copies: int) -> list[_Told] | None:
    """What each file came to; None where a copy was lost."""
    from concurrent.futures import ProcessPoolExecutor
    from concurrent.futures.process import BrokenProcessPool
    from multiprocessing import get_context

    _Copy.program, _Copy.files = program, files
    sys.stdout.flush()
    sys.stderr.flush()
    pool = ProcessPoolExecutor(copies, get_context("fork"), _begin)
    try:
        return list(pool.map(_run_file, range(len(files))))
    except BrokenProcessPool:
        return None
    finally:
        pool.shutdown(cancel_futures=True)


def _begin() -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the process that was copied stops its copies
    gc.disable()  # a copy ends with its files: looking for what could be let go between them finds nothing
    _Copy.runner = _runner(_Copy.program)


def _run_file(number: int) -> _Told:
    run = _Copy.runner.run(_Copy.files[number])
    return [(result.passed, result.seconds) for result in run.results], run.by_columns
