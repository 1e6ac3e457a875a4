"""The benchmarks run, and their answers are equal. How long anything takes is not asserted."""

from __future__ import annotations

import json
import math
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[2]
#: Stands in front of the other engines, so that the run is one without them whether or not they are installed.
WITHOUT_PEERS = """
import runpy, sys
for package in ("zen", "cel_expr_python", "durable", "clips", "duckdb", "openfisca_core"):
    sys.modules[package] = None
sys.argv[0] = "benchmarks"
runpy.run_module("benchmarks", run_name="__main__", alter_sys=True)
"""


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    file = tmp_path_factory.mktemp("benchmarks") / "rows.json"
    command = [sys.executable, "-c", WITHOUT_PEERS, "--small", "--json", str(file)]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, encoding="utf-8")
    assert done.returncode == 0, done.stdout + done.stderr
    document = json.loads(file.read_text(encoding="utf-8"))
    return {"out": done.stdout, **document}


def test_every_benchmark_gives_rows(ran: dict[str, Any]) -> None:
    assert ran["failures"] == {}
    expected = {"decide", "synthetic", "adversarial", "explaining", "loading", "analysis", "register", "sectors"}
    assert expected <= {row["benchmark"] for row in ran["rows"]}


def test_ratios_are_finite(ran: dict[str, Any]) -> None:
    for row in ran["rows"]:
        assert row["ratio"] is None or math.isfinite(row["ratio"]), row
        assert row["ratio"] is not None or row["benchmark"] == "chained", row


def test_missing_peers_are_named(ran: dict[str, Any]) -> None:
    for peer in ("zen-engine", "C++ CEL", "durable-rules", "DuckDB", "OpenFisca"):
        assert f"left out, not installed: {peer}" in ran["out"]
        assert all(row["against"] != peer for row in ran["rows"])


def test_an_answer_that_differs_is_noticed() -> None:
    sys.path.insert(0, str(ROOT))
    try:
        from benchmarks.handwritten_synthetic import assess
        from benchmarks.synthetic import require_same
        from benchmarks.synthetic_rules import facts
    finally:
        sys.path.remove(str(ROOT))
    answer = assess(facts(1))
    require_same("the same", dict(answer), answer)
    with pytest.raises(AssertionError, match="1 values differ, first h0"):
        require_same("another", {**answer, "h0": not answer["h0"]}, answer)
    with pytest.raises(AssertionError, match="1 values differ, first h0"):
        require_same("a number for a truth value", {**answer, "h0": int(answer["h0"])}, answer)


def test_a_grade_by_hand_that_differs_is_noticed(tmp_path: Path) -> None:
    sys.path.insert(0, str(ROOT))
    try:
        import polars as pl

        from benchmarks.sectors.measuring import HAND, OURS, check, made, programs
    finally:
        sys.path.remove(str(ROOT))
    register, calls = made(tmp_path, 200), programs()
    check(calls, register, tmp_path)

    def graver(source: Path, target: Path) -> None:
        calls[HAND](source, target)
        pl.read_parquet(target).with_columns(pl.col("dust.grade") | 8).write_parquet(target)

    with pytest.raises(AssertionError, match=r"1 columns differ, first dust\.grade"):
        check({**calls, HAND: graver}, register, tmp_path)
    assert pl.read_parquet(tmp_path / f"{OURS}.parquet")["overall_grade"].n_unique() > 5
