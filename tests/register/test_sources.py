"""One register in every form gives the same batch."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from polars.testing import assert_frame_equal
from register_rows import MAPPING, only, read, small

from safetyrules.diagnostics import RegisterError
from safetyrules.register.batch import Batch


def flat() -> dict[str, pl.DataFrame]:
    """The small register with its list as text, which every form can hold."""
    return small()


def assert_same(one: Batch, two: Batch) -> None:
    assert one.keys.to_list() == two.keys.to_list()
    assert one.counts == two.counts
    assert one.rejects.rows() == two.rejects.rows()
    for kind, frame in one.tables.frames.items():
        assert_frame_equal(frame, two.tables.frames[kind], check_column_order=False)
    for key, frame in one.tables.values.items():
        assert_frame_equal(frame, two.tables.values[key])


def parquet(folder: Path) -> Any:
    for kind, frame in flat().items():
        frame.write_parquet(folder / f"{kind}.parquet")
    return folder


def partitions(folder: Path) -> Any:
    for kind, frame in flat().items():
        (folder / kind).mkdir()
        for number in range(frame.height):
            frame.slice(number, 1).write_parquet(folder / kind / f"{number}.parquet")
    return str(folder)


def arrow(folder: Path) -> Any:
    for kind, frame in flat().items():
        frame.write_ipc(folder / f"{kind}.arrow")
    return folder


def csv(folder: Path, encoding: str = "utf-8") -> Any:
    for kind, frame in flat().items():
        (folder / f"{kind}.csv").write_bytes(frame.write_csv().encode(encoding))
    return folder


def with_mark(folder: Path) -> Any:
    return csv(folder, "utf-8-sig")


def gb18030(folder: Path) -> Any:
    return csv(folder, "gb18030")


def workbook(folder: Path) -> Any:
    xlsxwriter, _ = pytest.importorskip("xlsxwriter"), pytest.importorskip("fastexcel")
    with xlsxwriter.Workbook(folder / "register.xlsx") as book:
        for kind, frame in flat().items():
            frame.write_excel(book, worksheet=kind)
    return folder / "register.xlsx"


def pandas(folder: Path) -> Any:
    pytest.importorskip("pandas")
    return {kind: frame.to_pandas() for kind, frame in flat().items()}


def arrow_tables(folder: Path) -> Any:
    return {kind: frame.to_arrow() for kind, frame in flat().items()}


def duckdb(folder: Path) -> Any:
    db = pytest.importorskip("duckdb").connect()
    return {kind: db.sql("select * from frame") for kind, frame in flat().items()}


def lazily(folder: Path) -> Any:
    return {kind: frame.lazy() for kind, frame in flat().items()}


@pytest.mark.parametrize(
    "form", [parquet, partitions, arrow, csv, with_mark, gb18030, workbook, pandas, arrow_tables, duckdb, lazily]
)
def test_every_form_is_read_alike(form: Any, tmp_path: Path) -> None:
    assert_same(only(form(tmp_path), MAPPING), only(flat(), MAPPING))


def test_a_single_frame_is_the_table_of_subjects(tmp_path: Path) -> None:
    frame = small()["enterprise"]
    frame.write_parquet(tmp_path / "any name.parquet")
    assert_same(only(tmp_path / "any name.parquet"), only(frame))


def refused(source: Any, mapping: Any = None) -> list[str]:
    with pytest.raises(RegisterError) as caught:
        read(source, mapping)
    assert all(problem.path or problem.span or problem.code == "SR5002" for problem in caught.value.diagnostics)
    return [problem.code for problem in caught.value.diagnostics]


def test_what_cannot_be_read_is_said(tmp_path: Path) -> None:
    assert refused(tmp_path / "missing.parquet") == ["SR5001"]
    assert refused(tmp_path) == ["SR5001"]
    assert refused(3) == ["SR5001"]
    assert refused(tmp_path / "missing.ndjson") == ["SR5001"]
    (tmp_path / "bad.parquet").write_bytes(b"no")
    assert refused(tmp_path / "bad.parquet") == ["SR5001"]
    (tmp_path / "wide.csv").write_text("名称".encode().decode() + ",x", encoding="utf-16")
    assert refused(tmp_path / "wide.csv") == ["SR5017"]
    (tmp_path / "twice.csv").write_text("subject,name,name\n1,a,b\n", encoding="utf-8")
    assert refused(tmp_path / "twice.csv") == ["SR5015"]


def test_a_workbook_without_its_reader(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(*arguments: Any, **options: Any) -> Any:
        raise ModuleNotFoundError(name="fastexcel")

    monkeypatch.setattr(pl, "read_excel", missing)
    (tmp_path / "register.xlsx").write_bytes(b"")
    assert refused(tmp_path / "register.xlsx") == ["SR5018"]
