"""Invented registers on disk: the form, the same bytes anywhere, and nothing half-written."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from facts_of_tables import facts_of_tables
from polars.testing import assert_frame_equal

from safetyrules.cli import main
from safetyrules.diagnostics import RequestError
from safetyrules.program import Program
from safetyrules.register import demo_folder
from safetyrules.register.demo import demo_tables
from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest

COMMAND = (sys.executable, "-c", "import sys; from safetyrules.cli import main; sys.exit(main())")


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*")) if path.is_file()
    }  # fmt: skip


def test_tables_hold_what_is_invented_in_memory(shipped: Program, tmp_path: Path) -> None:
    request = DemoRequest(500, 7)
    rows = write_demo_register(shipped, request, tmp_path / "out")
    tables = demo_tables(shipped, 500, 7)
    assert rows == {kind: frame.height for kind, frame in tables.frames.items()}
    assert {path.name for path in (tmp_path / "out").iterdir()} == {f"{kind}.parquet" for kind in tables.frames}

    subjects = pl.read_parquet(tmp_path / "out" / "enterprise.parquet")
    assert subjects["subject"].is_sorted()
    assert subjects["subject"].is_unique().all()
    assert subjects["credit_code"].to_list() == subjects["subject"].to_list()
    renamed = tables.frames["enterprise"].rename({"dust.collectors?complete": "dust.collectors.complete"})
    both = ("revenue", "dust.collectors.complete", "activities.machinery")
    assert_frame_equal(subjects.select(both), renamed.select(both))
    assert subjects.schema["employees"] == pl.Int64
    assert subjects.schema["affiliation"] == pl.String


def test_parts_name_their_subject_and_their_parent(shipped: Program, tmp_path: Path) -> None:
    write_demo_register(shipped, DemoRequest(500, 7, present={"hazmat": 0.5}), tmp_path / "out")
    units = pl.read_parquet(tmp_path / "out" / "hazmat.unit.parquet")
    materials = pl.read_parquet(tmp_path / "out" / "hazmat.material.parquet")
    assert units.columns[:2] == ["subject", "part"]
    assert "parent" not in units.columns
    assert materials.columns[:3] == ["subject", "part", "parent"]
    assert materials.select("subject", "part").is_unique().all()
    of = units.select("subject", pl.col("part").alias("parent"))
    assert materials.join(of, on=["subject", "parent"], how="anti").height == 0
    assert materials.schema["categories"] == pl.List(pl.String)
    assert materials["categories"].null_count() == 0
    assert materials["categories"].list.len().max() > 1
    assert {"categories.complete", "chemical.not_applicable"} <= set(materials.columns)


def test_csv_holds_the_same(shipped: Program, tmp_path: Path) -> None:
    request = DemoRequest(200, 7)
    write_demo_register(shipped, request, tmp_path / "parquet")
    write_demo_register(shipped, request, tmp_path / "csv", "csv")
    for path in (tmp_path / "parquet").iterdir():
        expected = pl.read_parquet(path)
        lists = [name for name, type_ in expected.schema.items() if isinstance(type_, pl.List)]
        flat = expected.with_columns(pl.col(name).list.join(";") for name in lists)
        read = pl.read_csv(tmp_path / "csv" / f"{path.stem}.csv", schema=flat.schema)
        # An empty cell is a text or none: neither is ever invented as an empty text.
        text = pl.col(pl.String).replace("", None)
        assert_frame_equal(read.with_columns(text), flat.with_columns(text))


def test_ndjson_is_a_document_a_line_that_can_be_assessed(shipped: Program, tmp_path: Path) -> None:
    rows = write_demo_register(shipped, DemoRequest(200, 7, present={"hazmat": 0.5}), tmp_path / "out", "ndjson")
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["enterprise.ndjson"]
    lines = (tmp_path / "out" / "enterprise.ndjson").read_text(encoding="utf-8").splitlines()
    read = [json.loads(line) for line in lines]
    assert rows["enterprise"] == len(read) == 200
    assert [document.pop("subject") for document in read] == [document["credit_code"] for document in read]
    tables = demo_tables(shipped, 200, 7, present={"hazmat": 0.5})
    for document, facts in zip(read, facts_of_tables(shipped.schema, tables), strict=True):
        answers = [shipped.assess(given, as_of="2024-06-30") for given in (document, facts)]
        assert answers[0].to_document().to_json() == answers[1].to_document().to_json()


def test_logs_and_dates_are_written_too(pits: Program, tmp_path: Path) -> None:
    request = DemoRequest(100, 7, present={"pits": 1.0})
    write_demo_register(pits, request, tmp_path / "out")
    pit = pl.read_parquet(tmp_path / "out" / "pits.pit.parquet")
    assert pit.schema["entries.complete_since"] == pl.Date
    assert pit.schema["gases"] == pl.List(pl.String)
    write_demo_register(pits, request, tmp_path / "documents", "ndjson")
    for line in (tmp_path / "documents" / "works.ndjson").read_text(encoding="utf-8").splitlines():
        document = json.loads(line)
        del document["subject"]
        pits.assess(document, as_of="2024-06-30")


def test_large_registers_are_cut_by_subject(shipped: Program, tmp_path: Path) -> None:
    request = DemoRequest(250, 7, present={"dust": 0.5})
    write_demo_register(shipped, request, tmp_path / "whole")
    write_demo_register(shipped, request, tmp_path / "cut", partition=100)
    files = sorted(path.name for path in (tmp_path / "cut" / "dust.collector").iterdir())
    assert files == ["part-0000.parquet", "part-0001.parquet", "part-0002.parquet"]
    for path in (tmp_path / "whole").iterdir():
        assert_frame_equal(pl.read_parquet(tmp_path / "cut" / path.stem), pl.read_parquet(path))
    for number in range(3):
        subjects = pl.read_parquet(tmp_path / "cut" / "enterprise" / f"part-{number:04d}.parquet")["subject"]
        parts = pl.read_parquet(tmp_path / "cut" / "dust.collector" / f"part-{number:04d}.parquet")["subject"]
        assert parts.is_in(subjects.to_list()).all()


def test_the_bytes_are_the_same_on_any_number_of_threads(tmp_path: Path) -> None:
    found = []
    for threads in ("1", "2", "5"):
        out = tmp_path / threads
        environment = os.environ | {"POLARS_MAX_THREADS": threads, "PYTHONHASHSEED": threads}
        asked = ("demo", "register", str(out), "--rows", "3000", "--seed", "42")
        subprocess.run([*COMMAND, *asked], env=environment, check=True, capture_output=True, timeout=120)
        found.append(digests(out))
    assert found[0] == found[1] == found[2]


# ---- nothing half-written --------------------------------------------------------------------------------------------


def test_what_is_there_stays_unless_it_may_be_replaced(shipped: Program, tmp_path: Path) -> None:
    out = tmp_path / "out"
    write_demo_register(shipped, DemoRequest(20, 1), out)
    before = digests(out)
    with pytest.raises(RequestError, match="SR4031"):
        write_demo_register(shipped, DemoRequest(20, 2), out)
    assert digests(out) == before
    write_demo_register(shipped, DemoRequest(20, 2), out, overwrite=True)
    assert digests(out) != before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


def test_an_empty_folder_is_filled(shipped: Program, tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    write_demo_register(shipped, DemoRequest(5), tmp_path / "out")
    assert (tmp_path / "out" / "enterprise.parquet").exists()


@pytest.mark.parametrize("overwrite", [False, True])
def test_other_files_are_never_replaced(shipped: Program, tmp_path: Path, overwrite: bool) -> None:
    (tmp_path / "out").mkdir()
    (tmp_path / "out" / "thesis.docx").write_text("mine")
    (tmp_path / "file").write_text("mine")
    for name in ("out", "file"):
        with pytest.raises(RequestError, match="SR4031"):
            write_demo_register(shipped, DemoRequest(5), tmp_path / name, overwrite=overwrite)
    assert (tmp_path / "out" / "thesis.docx").read_text() == (tmp_path / "file").read_text() == "mine"


def test_a_failure_on_the_way_leaves_what_was_there(
    shipped: Program, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    out = tmp_path / "out"
    write_demo_register(shipped, DemoRequest(20, 1), out)
    before = digests(out)
    real, written = demo_folder._write, []

    def failing(table: Any, file: Path, form: demo_folder.FileFormat) -> None:
        written.append(file)
        if len(written) == 3:
            raise OSError(28, "No space left on device")
        real(table, file, form)

    monkeypatch.setattr(demo_folder, "_write", failing)
    with pytest.raises(RequestError, match="No space left"):
        write_demo_register(shipped, DemoRequest(20, 2), out, overwrite=True)
    assert digests(out) == before
    assert [path.name for path in tmp_path.iterdir()] == ["out"]


# ---- the verb --------------------------------------------------------------------------------------------------------


def test_the_verb_says_how_many_rows_each_table_has(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = str(tmp_path / "out")
    asked = (
        "demo",
        "register",
        out,
        "--rows",
        "50",
        "--present",
        "dust=1",
        "--parts",
        "dust.collector=4",
        "--lang",
        "zh",
    )
    assert main(list(asked)) == 0
    printed = capsys.readouterr()
    assert printed.out.splitlines()[:2] == ["表\t行数", "enterprise\t50"]
    assert printed.err == ""
    assert main(list(asked)) == 2
    printed = capsys.readouterr()
    assert printed.out == ""
    assert "SR4031" in printed.err
    assert "--overwrite" in printed.err


@pytest.mark.parametrize(
    ("options", "code"),
    [
        (("--rows", "-3"), "SR2105"),
        (("--present", "dust"), "SR2105"),
        (("--parts", "dust.collector=many"), "SR2105"),
        (("--law-at", "soon"), "SR2105"),
        (("--place", "nowhere"), "SR2103"),
        (("--rows", "many"), "SR4004"),
        (("--format", "xlsx"), "SR4004"),
    ],
)
def test_a_wrong_option_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: tuple[str, ...], code: str
) -> None:
    assert main(["demo", "register", str(tmp_path / "out"), *options]) == 2
    assert code in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
