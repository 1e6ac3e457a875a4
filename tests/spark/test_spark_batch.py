"""A folder in, a folder out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'safetyrules[spark]'")
pytest.importorskip("pandas", reason="pandas is not installed: pip install 'safetyrules[spark]'")

from both_ways import AS_OF, WRITTEN, assert_same, on_one_machine
from yard_law import YARD_LAW
from yards import yards

from safetyrules.diagnostics import RegisterError, RequestError
from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest
from safetyrules.spark import ProgramSource, run_batch_spark

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def written(out: Path) -> dict[str, list[dict[str, object]]]:
    files = {name: sorted((out / name).glob("*.parquet")) for name in WRITTEN}
    return {name: pl.concat([pl.read_parquet(file) for file in found]).to_dicts() for name, found in files.items()}


@pytest.mark.usefixtures("session")
def test_the_installed_law_over_several_files(tmp_path: Path) -> None:
    law, register = ProgramSource(), tmp_path / "登记 1%25"
    write_demo_register(law.program(), DemoRequest(120, 4), register, partition=50)
    # Out of order, and one subject in two files: the order of files and rows is that of one machine.
    for file in register.rglob("*.parquet"):
        pl.read_parquet(file).reverse().write_parquet(file)
    counts = run_batch_spark(law, register, tmp_path / "out", {**AS_OF, "partitions": 3})
    assert_same(on_one_machine(law, register), written(tmp_path / "out"))
    assert counts.kinds["enterprise"] == (120, 120, 0)
    assert counts.kinds["hazmat.material"].read > 30


@pytest.mark.usefixtures("session")
def test_rejects_are_written_and_counted(tmp_path: Path) -> None:
    tables = yards(40, tmp_path / "in")
    bad = tables["yard.tank"].with_columns(amount=-pl.col("amount"))
    bad.write_parquet(tmp_path / "in" / "yard.tank.parquet")
    counts = run_batch_spark(YARD_LAW, tmp_path / "in", tmp_path / "out", {**AS_OF, "partitions": 2})
    there, here = on_one_machine(YARD_LAW, tmp_path / "in"), written(tmp_path / "out")
    assert_same(there, here)
    aside = {row["subject"] for row in here["rejects"]}
    assert counts.kinds["enterprise"] == (40, 40 - len(aside), len(aside))
    assert aside


def test_a_folder_that_holds_something_is_left_alone(session: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "mine.txt").touch()
    with pytest.raises(RequestError):
        run_batch_spark(YARD_LAW, tmp_path, tmp_path / "out", AS_OF)


def test_a_folder_without_tables_is_refused(session: SparkSession, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "enterprise.csv").touch()
    for source in (tmp_path / "in", tmp_path / "none", "file://" + str(tmp_path / "none")):
        with pytest.raises(RegisterError):
            run_batch_spark(YARD_LAW, source, tmp_path / "out", AS_OF)
