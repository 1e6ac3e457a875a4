"""The tables of a register, wherever they come from: `find_tables` gives each as a lazy frame under its name.

A register is one table, or several by name; a folder with files named after kinds of entities is the usual form.
"""

from __future__ import annotations

import codecs
import csv
import os
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetyrules.diagnostics import Diagnostic, RegisterError, diagnostic
from safetyrules.register.partitions import check_partitions
from safetyrules.text import Text, same

if TYPE_CHECKING:
    import polars as pl

PARQUET, ARROW, TEXT, WORKBOOK = (".parquet",), (".arrow", ".ipc", ".feather"), (".csv",), (".xlsx", ".xlsm", ".xls")
DOCUMENTS = (".ndjson", ".jsonl")
ENDINGS = (*PARQUET, *ARROW, *TEXT, *WORKBOOK)
ENCODINGS = ("utf-8", "gb18030")
_BLOCK = 1 << 20
_READABLE = same(" / ".join((*ENDINGS, *DOCUMENTS)))


@dataclass(frozen=True)
class SourceTable:
    """One table of a register. ``where`` is how messages name it; ``seekable``: some rows are read without all;
    ``files``: what it is read from."""

    name: str
    where: str
    frame: pl.LazyFrame
    types: Mapping[str, pl.DataType]
    seekable: bool = False
    files: tuple[Path, ...] = ()

    @property
    def columns(self) -> tuple[str, ...]:
        return tuple(self.types)


def is_documents(source: object) -> bool:
    """Is the source a file of documents, one a line, rather than tables?"""
    return isinstance(source, str | os.PathLike) and Path(source).suffix.lower() in DOCUMENTS


def find_tables(source: object, only: str, scratch: Path, encoding: str | None = None) -> dict[str, SourceTable]:
    """The tables of ``source`` by name. A table without a name of its own is called ``only``.

    Raises `RegisterError` with every table that cannot be read. ``scratch`` is for files in another encoding.
    """
    problems: list[Diagnostic] = []
    found: dict[str, SourceTable] = {}
    for name, where, content in _named(source, only):
        try:
            for table in _opened(name, where, content, scratch, encoding):
                found[table.name] = table
        except RegisterError as error:
            problems.extend(error.diagnostics)
    if problems:
        raise RegisterError(problems)
    return found


def _named(source: object, only: str) -> Iterator[tuple[str, str, object]]:
    """Name, place in messages and content of each table."""
    if isinstance(source, Mapping):
        for name, content in source.items():
            yield str(name), str(name), Path(content) if isinstance(content, str) else content
        return
    if not isinstance(source, str | os.PathLike):
        yield only, type(source).__name__, source
        return
    path = Path(source)
    if not path.exists():
        raise _unreadable(str(path), Text("没有这个文件或文件夹", "there is no such file or folder"))
    if not path.is_dir():
        yield only, str(path), path
        return
    inside = [each for each in sorted(path.iterdir()) if not each.name.startswith((".", "_"))]
    tables = [each for each in inside if each.is_dir() or each.suffix.lower() in ENDINGS]
    if not tables:
        reason = Text("文件夹里没有表", "there are no tables in the folder")
        raise _unreadable(str(path), reason, expected=_READABLE)
    for each in tables:
        yield (each.name if each.is_dir() else each.stem), str(each), each


def _opened(name: str, where: str, content: object, scratch: Path, encoding: str | None) -> Iterator[SourceTable]:
    import polars as pl

    try:
        if isinstance(content, Path):
            files = _files(content)
            for inner, frame in _of_path(name, content, files, scratch, encoding):
                yield _table(inner, where, frame, all(_is_one_of(each, PARQUET) for each in files), files)
        else:
            yield _table(name, where, _of_object(where, content))
    except (pl.exceptions.PolarsError, OSError, UnicodeError, csv.Error, ValueError) as error:
        raise _unreadable(where, same(str(error).partition("\n")[0][:200] or type(error).__name__)) from error


def _table(
    name: str, where: str, frame: pl.LazyFrame, seekable: bool = False, files: tuple[Path, ...] = ()
) -> SourceTable:
    return SourceTable(name, where, frame, dict(frame.collect_schema()), seekable, files)


def _files(path: Path) -> tuple[Path, ...]:
    """The files of one table."""
    if not path.is_dir():
        return (path,)
    return tuple(sorted(each for each in path.rglob("*") if _is_one_of(each, ENDINGS) and each.is_file()))


def _is_one_of(path: Path, endings: tuple[str, ...]) -> bool:
    return path.suffix.lower() in endings


def _of_object(where: str, content: Any) -> pl.LazyFrame:
    import polars as pl

    if isinstance(content, pl.LazyFrame):
        return content
    if isinstance(content, pl.DataFrame):
        return content.lazy()
    if type(content).__module__.partition(".")[0] == "pandas":
        return pl.from_pandas(content).lazy()
    if hasattr(content, "__arrow_c_stream__"):
        return pl.DataFrame(content).lazy()
    expected = Text("文件、文件夹、数据框或 Arrow 表", "a file, a folder, a data frame or an Arrow table")
    raise _unreadable(where, Text("这不是表", "this is no table"), expected=expected)


def _of_path(
    name: str, path: Path, files: tuple[Path, ...], scratch: Path, encoding: str | None
) -> Iterator[tuple[str, pl.LazyFrame]]:
    import polars as pl

    endings = {each.suffix.lower() for each in files}
    if len(endings) != 1 or not endings <= set(ENDINGS):
        reason = Text("不是一种可读的文件", "not files of one kind that can be read")
        raise _unreadable(str(path), reason, found=", ".join(sorted(endings)) or None, expected=_READABLE)
    ending = endings.pop()
    if ending in PARQUET:
        check_partitions(files, pl.read_parquet_schema)
        yield name, pl.scan_parquet(list(files))
    elif ending in ARROW:
        check_partitions(files, pl.read_ipc_schema)
        yield name, pl.scan_ipc(list(files))
    elif ending in TEXT:
        yield name, _of_text(files, scratch / name, encoding)
    else:
        for each in files:
            yield from _of_workbook(name, each)


def _of_text(files: Iterable[Path], scratch: Path, encoding: str | None) -> pl.LazyFrame:
    """CSV files, every cell as its text; an empty cell is null."""
    import polars as pl

    read: list[Path] = []
    spoken_by = {path: encoding or _encoding(path) for path in files}
    check_partitions(spoken_by, lambda path: dict.fromkeys(_header(path, spoken_by[path]), same("-")))
    for number, (path, spoken) in enumerate(spoken_by.items()):
        if spoken != "utf-8":
            scratch.mkdir(parents=True, exist_ok=True)
            written = scratch / f"{number:05d}.csv"
            _transcode(path, spoken, written)
            path = written
        read.append(path)
    frames = [pl.scan_csv(path, infer_schema=False, try_parse_dates=False) for path in read]
    if len(frames) == 1:
        return frames[0]
    columns = frames[0].collect_schema().names()
    return pl.concat([frame.select(columns) for frame in frames])


def _encoding(path: Path) -> str:
    """UTF-8 where the whole file is, else GB18030 where the whole file is."""
    for encoding in ENCODINGS:
        decoder = codecs.getincrementaldecoder(encoding)()
        try:
            with path.open("rb") as file:
                while block := file.read(_BLOCK):
                    decoder.decode(block)
                decoder.decode(b"", True)
        except UnicodeDecodeError:
            continue
        return encoding
    expected = same(" / ".join(ENCODINGS))
    raise RegisterError([diagnostic("SR5017", path=str(path), name=path.name, expected=expected)])


def _transcode(source: Path, encoding: str, target: Path) -> None:
    with source.open(encoding=encoding, newline="") as read, target.open("w", encoding="utf-8", newline="") as write:
        while block := read.read(_BLOCK):
            write.write(block)


def _header(path: Path, encoding: str) -> list[str]:
    with path.open(encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as file:
        header = next(csv.reader(file), [])
    twice = sorted({name for name in header if header.count(name) > 1})
    if twice:
        raise RegisterError([diagnostic("SR5015", path=str(path), table=path.name, column=name) for name in twice])
    return header


def _of_workbook(name: str, path: Path) -> Iterator[tuple[str, pl.LazyFrame]]:
    """The sheets of a workbook under their names; the only one under the name of the file's kind."""
    import polars as pl

    try:
        sheets = pl.read_excel(path, sheet_id=0, raise_if_empty=False)
    except ModuleNotFoundError as error:
        fix = same("pip install 'safetyrules[register]'")
        problem = diagnostic("SR5018", path=str(path), name=path.name, package=error.name or "fastexcel", fix=fix)
        raise RegisterError([problem]) from None
    filled = {sheet: frame for sheet, frame in sheets.items() if frame.width}
    for sheet, frame in filled.items():
        yield name if len(filled) == 1 else sheet, frame.lazy()


def _unreadable(name: str, reason: Text, found: str | None = None, expected: Text | None = None) -> RegisterError:
    return RegisterError([diagnostic("SR5001", path=name, name=name, reason=reason, found=found, expected=expected)])
