"""The law goes to executors as its source, and is the same law there."""

from __future__ import annotations

import pickle
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("pyarrow", reason="pyarrow is not installed: pip install 'safetyrules[spark]'")

from yard_law import CSV, DOCUMENTS, YARD_LAW

from safetyrules import RulesetError, default_program
from safetyrules.register.mapping import NO_MAPPING
from safetyrules.spark import ProgramSource
from safetyrules.spark.task import RegisterForm, Task


def in_folder(folder: Path) -> Path:
    for name, text in DOCUMENTS:
        (folder / name).write_text(str(text), encoding="utf-8")
    (folder / "limits.csv").write_bytes(CSV)
    return folder


def test_a_program_is_made_once_in_a_process() -> None:
    assert YARD_LAW.program() is pickle.loads(pickle.dumps(YARD_LAW)).program()
    assert ProgramSource().program() is default_program()


def test_files_are_taken_along(tmp_path: Path) -> None:
    source = ProgramSource.of_paths([in_folder(tmp_path)], installed=False)
    shipped = pickle.dumps(source.expecting(source.program()))
    for file in tmp_path.iterdir():
        file.unlink()
    found = pickle.loads(shipped)
    assert list(found.program().linked.tables) == ["yard.limits"]
    assert list(found.program().schema.kinds) == ["enterprise", "yard.tank", "yard.valve"]


def test_files_beside_the_installed_law_are_taken_along(tmp_path: Path) -> None:
    (tmp_path / "own.yaml").write_text(
        "facts: own\nkinds:\n  enterprise:\n    facts:\n      founded: {type: date, title: {zh: 成立, en: Founded}}\n",
        encoding="utf-8",
    )
    source = ProgramSource.of_paths([tmp_path / "own.yaml"])
    found = pickle.loads(pickle.dumps(source.expecting(source.program()))).program()
    assert "founded" in found.schema.kinds["enterprise"].facts
    assert "dust.grade" in {rule.concludes for rule in found.linked.rules.values()}


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    with pytest.raises(RulesetError):
        ProgramSource.of_paths([tmp_path / "none.yaml"])
    (tmp_path / "bad.yaml").write_text("facts: [", encoding="utf-8")
    with pytest.raises(RulesetError):
        ProgramSource.of_paths([tmp_path])


def test_other_law_is_refused() -> None:
    with pytest.raises(ValueError, match="install the same versions on every executor"):
        replace(YARD_LAW, expected="0" * 64).program()


def test_what_is_shipped_holds_no_program_and_an_executor_needs_no_spark_to_read_it() -> None:
    YARD_LAW.program()
    task = Task("key", YARD_LAW, RegisterForm("enterprise", {}, NO_MAPPING), {"as_of": "2025-06-30"}, 10)
    shipped = pickle.dumps(task)
    assert len(shipped) < 10_000
    code = (
        "import pickle, sys; pickle.loads(sys.stdin.buffer.read()); "
        "print([name for name in ('polars', 'pyspark', 'safetyrules.program') if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], input=shipped, capture_output=True, check=True)
    assert run.stdout.decode().strip() == "[]"
