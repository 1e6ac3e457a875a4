"""Cases run in several processes come to what they come to in one."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from shared_cases import told, written
from tiny_law import program

from safetyrules.testing import sharing
from safetyrules.testing.model import Case
from safetyrules.testing.running import Runner

#: A process of its own, as the command line is: this one has threads, and is not copied.
SCRIPT = """\
import json, os, sys
from safetyrules.testing import sharing
from shared_cases import told, written
from tiny_law import program

sharing.FEW_CASES = 2
sharing._processors = lambda: int(sys.argv[1])
counted, whole = [], sharing._in_copies
def counting(program, files, copies):
    counted.append((len(files), copies))
    return whole(program, files, copies)
sharing._in_copies = counting
if sys.argv[2] == "lost":
    here, runner = os.getpid(), sharing._runner
    sharing._runner = lambda program: runner(program) if os.getpid() == here else os._exit(1)
print(json.dumps([told(sharing.run_shared(program(), written())), counted, "polars" in sys.modules]))
"""


def in_a_process(copies: int, fate: str = "whole") -> Any:
    folder = Path(__file__).parent
    found = subprocess.run(
        [sys.executable, "-c", SCRIPT, str(copies), fate],
        cwd=folder, capture_output=True, text=True, encoding="utf-8", check=True,
    )  # fmt: skip
    return json.loads(found.stdout)


@pytest.fixture(scope="module")
def alone() -> Any:
    found = told(Runner(program()).run(written()))
    assert [bool(failures) for failures in found[1]].count(True) == 3
    return found


copies_are_made = pytest.mark.skipif(sys.platform != "linux", reason="processes are copied on Linux only")


@copies_are_made
def test_as_in_one_process(alone: Any) -> None:
    shared, counted, polars = in_a_process(2)
    assert shared == alone
    assert counted == [[3, 2]]
    # Two files have failures: these were run again, where their answers can be explained.
    assert polars


@copies_are_made
def test_no_more_copies_than_files(alone: Any) -> None:
    shared, counted, _ = in_a_process(8)
    assert (shared, counted) == (alone, [[3, 3]])


@copies_are_made
def test_a_lost_copy_costs_time_only(alone: Any) -> None:
    shared, counted, _ = in_a_process(2, "lost")
    assert (shared, counted) == (alone, [[3, 2]])


def test_one_processor_makes_no_copies(alone: Any) -> None:
    shared, counted, _ = in_a_process(1)
    assert (shared, counted) == (alone, [])


@copies_are_made
@pytest.mark.parametrize(
    ("processors", "quota", "copies"),
    [
        (2, None, 2),
        (sharing.MOST_COPIES, None, sharing.MOST_COPIES),
        (sharing.MOST_COPIES + 1, None, sharing.MOST_COPIES),
        (64, "max 100000\n", sharing.MOST_COPIES),
        (64, "200000 100000\n", 2),
        # A part of a processor is worth a copy.
        (64, "150000 100000\n", 2),
        (64, "10000 100000\n", 1),
        (2, "400000 100000\n", 2),
        # Not what the kernel writes: as if it were not there.
        (4, "", 4),
        (4, "0 0\n", 4),
    ],
)
def test_copies_by_processors_and_the_quota_of_a_container(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, processors: int, quota: str | None, copies: int
) -> None:
    place = tmp_path / "cpu.max"
    if quota is not None:
        place.write_text(quota, encoding="ascii")
    monkeypatch.setattr(sharing, "QUOTA", place)
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(range(processors)))
    assert sharing._processors() == copies


def test_a_process_with_threads_is_not_copied(alone: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def copying(*_: object) -> None:
        raise AssertionError("copied")

    monkeypatch.setattr(sharing, "FEW_CASES", 2)
    monkeypatch.setattr(sharing, "_processors", lambda: 2)
    monkeypatch.setattr(sharing, "_in_copies", copying)
    assert told(sharing.run_shared(program(), written())) == alone


def test_a_few_cases_are_run_here(monkeypatch: pytest.MonkeyPatch) -> None:
    def copying(*_: object) -> None:
        raise AssertionError("copied")

    few: Sequence[Case] = written()[:6]
    monkeypatch.setattr(sharing, "_may_copy", lambda: True)
    monkeypatch.setattr(sharing, "_processors", lambda: 2)
    monkeypatch.setattr(sharing, "_in_copies", copying)
    assert len(sharing.run_shared(program(), few).results) == len(few)
