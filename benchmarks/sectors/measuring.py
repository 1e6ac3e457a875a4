"""The register of all four sectors, from a folder of Parquet to a Parquet file: ours against the program by hand."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from time import perf_counter

import safetyrules
from benchmarks.register import Turns, most_memory
from benchmarks.register_data import require_same
from benchmarks.scale import FULL, Scale
from benchmarks.sectors.by_hand import by_hand
from benchmarks.sectors.ours import Ours
from benchmarks.sectors.questions import DAY, question
from benchmarks.timing import Row
from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest

OURS, HAND = "ours", "hand-written Polars"
TARGET = "≤ 1.2"
Call = Callable[[Path, Path], None]


def made(folder: Path, rows: int) -> Path:
    """An invented register of so many enterprises, as `safetyrules demo register` makes it, kept in ``folder``."""
    register = folder / f"register-{rows}"
    if not register.exists():
        write_demo_register(safetyrules.default_program(), DemoRequest(rows), register)
    return register


def programs() -> dict[str, Call]:
    return {OURS: Ours(), HAND: by_hand}


def check(calls: Mapping[str, Call], register: Path, folder: Path) -> None:
    """Both answer all enterprises; raises AssertionError where an answer differs."""
    for name, call in calls.items():
        call(register, folder / f"{name}.parquet")
    require_same(OURS, folder / f"{OURS}.parquet", folder / f"{HAND}.parquet", question().columns())


def compared(folder: Path, rows: int, rounds: int) -> Row:
    """Compares the answers of all enterprises, then times both."""
    register, calls = made(folder, rows), programs()
    check(calls, register, folder)
    turns = Turns(
        {name: lambda call=call, name=name: call(register, folder / f"{name}.parquet") for name, call in calls.items()},  # type: ignore[misc]
        rounds,
    )
    ours = calls[OURS]
    assert isinstance(ours, Ours)
    stages = ", ".join(f"{stage} {seconds:.2f}" for stage, seconds in ours.seconds.items())
    note = (
        f"{turns.work_ratio(OURS, HAND):.2f} of processor time, {rows / turns.seconds(OURS):,.0f} against "
        f"{rows / turns.seconds(HAND):,.0f} enterprises/s; {ours.exact} decided one by one; seconds: {stages}"
    )
    ratio = turns.ratio(OURS, HAND)
    return Row(f"four sectors, {rows:,} enterprises", turns.times(OURS), turns.times(HAND), HAND, ratio, TARGET, note)


def run(scale: Scale) -> Iterator[Row]:
    """The rows for ``python -m benchmarks``."""
    small = scale.rules < FULL.rules
    with tempfile.TemporaryDirectory(prefix="sectors-") as folder:
        yield compared(Path(folder), 2_000 if small else 20_000, 3)


def whole(folder: Path, rows: int) -> str:
    """All that `safetyrules batch` answers of the same register, findings and duties too, in a process of its own."""
    register, answers = made(folder, rows), folder / f"answers-{rows}"
    command = [str(Path(sys.executable).with_name("safetyrules")), "batch", str(register), str(answers)]
    start = perf_counter()
    subprocess.run([*command, "--as-of", DAY, "--overwrite"], check=True, capture_output=True)
    took = perf_counter() - start
    return f"{rows / took:,.0f} enterprises/s, {took:,.1f} s"


def memory(folder: Path, rows: int, name: str) -> str:
    """The most memory of a process that does nothing but one program, once."""
    command = [sys.executable, "-m", "benchmarks.sectors", "--one", name, "--rows", str(rows), "--folder", str(folder)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    return done.stdout.splitlines()[-1] if done.returncode == 0 else f"failed: {done.stderr[-300:]}"


def one(folder: Path, rows: int, name: str) -> str:
    """In this process: one program, once, and the most memory that it had."""
    register, start = made(folder, rows), perf_counter()
    programs()[name](register, folder / f"{name}.parquet")
    return f"{most_memory('self') / 1024:,.0f} MB, {perf_counter() - start:.2f} s"
