"""The benchmark of tests types the command, and its many cases are what the law says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from benchmarks import testing


def test_many_cases_as_typed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    testing.write_many(tmp_path, 40)
    testing.as_typed("a table", tmp_path / "cache", [str(tmp_path / "sums.test.yaml")], 1)
    said = capsys.readouterr().out.splitlines()
    assert [re.sub("[0-9.,]+ s, [0-9,]+", "…", line) for line in said] == [
        "a table: 40 cases in … a second (target 2,000)",
        "  the whole process: 40 cases in … a second (target 2,000)",
    ]


def test_a_case_that_fails_ends_the_benchmark(tmp_path: Path) -> None:
    testing.write_many(tmp_path, 4)
    table = tmp_path / "sums.test.csv"
    table.write_text(
        table.read_text("utf-8").replace("true", "wrong").replace("false", "true").replace("wrong", "false")
    )
    with pytest.raises(SystemExit, match="4 failed"):
        testing.as_typed("a table", tmp_path / "cache", [str(tmp_path / "sums.test.yaml")], 1)
