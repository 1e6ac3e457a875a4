"""Timing of alternatives side by side: in one process, in turns, many rounds, so that what slows one slows all."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median
from time import perf_counter_ns

#: Something to time: it is called with the number of the input to take.
Call = Callable[[int], object]


@dataclass(frozen=True)
class Times:
    """Microseconds of one call: the median of the rounds' means, and the middle and 99th percentile of single calls."""

    typical: float
    p50: float
    p99: float


@dataclass(frozen=True)
class Row:
    """One published figure. ``ratio`` compares ours with ``against``: below 1 ours is faster, or smaller."""

    name: str
    ours: Times | None
    theirs: Times | None
    against: str
    ratio: float | None
    target: str = ""
    note: str = ""

    @property
    def p99_ratio(self) -> float | None:
        return self.ours.p99 / self.theirs.p99 if self.ours and self.theirs else None


def alternate(calls: Mapping[str, Call], inputs: int, rounds: int, seconds: float) -> dict[str, Times]:
    """Time every call on every input, in turns. ``seconds`` is how long all rounds together may take."""
    for call in calls.values():
        for number in range(inputs):
            call(number)
    pace = {name: max(_once(call, inputs), 1) for name, call in calls.items()}
    budget = seconds * 1e9 / (rounds * len(calls))
    repeats = {name: max(1, int(budget / pace[name])) for name in calls}
    means: dict[str, list[float]] = {name: [] for name in calls}
    singles: dict[str, list[int]] = {name: [] for name in calls}
    gc.collect()
    collecting = gc.isenabled()
    gc.disable()
    try:
        for _ in range(rounds):
            for name, call in calls.items():
                spent = 0
                for _ in range(repeats[name]):
                    for number in range(inputs):
                        start = perf_counter_ns()
                        call(number)
                        took = perf_counter_ns() - start
                        spent += took
                        singles[name].append(took)
                means[name].append(spent / (repeats[name] * inputs))
            gc.collect()
    finally:
        if collecting:
            gc.enable()
    return {name: _times(means[name], singles[name]) for name in calls}


def _once(call: Call, inputs: int) -> int:
    start = perf_counter_ns()
    for number in range(inputs):
        call(number)
    return perf_counter_ns() - start


def _times(means: list[float], singles: list[int]) -> Times:
    singles.sort()
    return Times(median(means) / 1000, singles[len(singles) // 2] / 1000, singles[len(singles) * 99 // 100] / 1000)


def compare(
    name: str, ours: Call, theirs: Call, against: str, *, inputs: int, rounds: int, seconds: float, target: str = ""
) -> Row:
    """One figure: ours against one other."""
    times = alternate({"ours": ours, "theirs": theirs}, inputs, rounds, seconds)
    return Row(name, times["ours"], times["theirs"], against, times["ours"].typical / times["theirs"].typical, target)
