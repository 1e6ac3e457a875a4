"""Mutants in several processes at once: each has the law and the cases of its own, and is handed mutants in turn."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from random import Random
from time import perf_counter, time

from safetyrules.folders import DocumentFile
from safetyrules.mutation.baseline import Baseline, baseline
from safetyrules.mutation.edits import Mutant
from safetyrules.mutation.law import Law
from safetyrules.mutation.running import Fate, Mutating
from safetyrules.testing.model import Case

#: Mutants that are handed over at once.
AT_ONCE = 8


def run_in(
    processes: int,
    law: Law,
    ground: Baseline,
    mutants: Sequence[Mutant],
    *,
    seconds: float | None,
    seed: int,
    progress: Callable[[int], None],
) -> list[Fate]:
    """The fate of every mutant, in the order given. With ``seconds``, what cannot be run in time is not run; which that
    is depends on ``seed``, not on where it stands. ``progress`` is told how many are done."""
    order = list(range(len(mutants)))
    if seconds is not None:
        Random(seed).shuffle(order)
    fates: dict[int, Fate] = {}
    if processes == 1:
        mutating = Mutating(law, ground)
        deadline = None if seconds is None else perf_counter() + seconds
        for number in order:
            fates[number] = mutating.fate(mutants[number], deadline)
            progress(len(fates))
        return [fates[number] for number in range(len(mutants))]
    until = None if seconds is None else time() + seconds
    parts = [order[at : at + AT_ONCE] for at in range(0, len(order), AT_ONCE)]
    context = multiprocessing.get_context("spawn")
    cases = tuple(each.case for each in ground.grounds)
    with ProcessPoolExecutor(processes, context, _begin, (law.files, cases, until)) as pool:
        tasks = {pool.submit(_run, [mutants[number] for number in part]): part for part in parts}
        for task in as_completed(tasks):
            fates.update(zip(tasks[task], task.result(), strict=True))
            progress(len(fates))
    return [fates[number] for number in range(len(mutants))]


_mutating: Mutating | None = None
_until: float | None = None


def _begin(files: Sequence[DocumentFile], cases: Sequence[Case], until: float | None) -> None:
    global _mutating, _until
    law = Law(files)
    _mutating = Mutating(law, baseline(law.program, cases))
    _until = None if until is None else perf_counter() + until - time()


def _run(mutants: Sequence[Mutant]) -> list[Fate]:
    assert _mutating is not None
    return [_mutating.fate(mutant, _until) for mutant in mutants]
