"""An invented register on disk: a folder with a table for each kind of entity, in the form that registers are read in.

A table has ``subject`` (the credit code), of parts ``part`` and ``parent`` (numbers of parts in their subject), and the
facts under their names; beside them ``<fact>.not_applicable``, ``<list>.complete`` and ``<log>.complete_since``. As
NDJSON there is one file of documents, a subject a line with its parts inside. Large registers are cut into files by
subject, the same subjects in the files of one number. What stands in a file depends on the request alone: every setting
of the writers is pinned.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Literal, get_args

import polars as pl

from safetyrules.diagnostics import RequestError, diagnostic
from safetyrules.engine.columnar.tables import COMPLETE, NONE, PARENT, SINCE, VALUE
from safetyrules.facts.schema import ChoiceType, Kind, NumberType, ValuesType
from safetyrules.program import Program
from safetyrules.register.demo import SUBJECT, Piece, demo_pieces
from safetyrules.register.demo_documents import documents
from safetyrules.register.demo_request import DemoRequest
from safetyrules.register.demo_values import CODE, PART
from safetyrules.text import Text, same

FileFormat = Literal["parquet", "csv", "ndjson"]
#: Subjects in one file, and pieces that make up a file: neither may depend on the machine.
PARTITION, PIECES = 200_000, 4
ROW_GROUP = 100_000
SEPARATOR = ";"
_NAMES = ((NONE, ".not_applicable"), (COMPLETE, ".complete"), (SINCE, ".complete_since"))


def write_demo_register(
    program: Program,
    request: DemoRequest,
    out: Path,
    form: FileFormat = "parquet",
    *,
    overwrite: bool = False,
    partition: int = PARTITION,
    written: Callable[[int], None] = lambda rows: None,
) -> dict[str, int]:
    """Write the register and give the rows of each table. ``written`` is called with the subjects done so far.

    Raises RequestError where the request is wrong or ``out`` holds something; then nothing is changed.
    """
    request = request.checked(program)
    _refuse_what_is_there(out, overwrite)
    rows: dict[str, int] = {}
    several = request.rows > partition
    with _put_in_place(out) as folder:
        pieces = demo_pieces(program, request, max(1, -(-partition // PIECES)))
        number = 0
        while together := list(islice(pieces, PIECES)):
            for kind, content in _contents(program, together, form):
                file = folder / kind / f"part-{number:04d}.{form}" if several else folder / f"{kind}.{form}"
                file.parent.mkdir(exist_ok=True)
                _write(content, file, form)
            for piece in together:
                for kind, frame in piece.frames.items():
                    rows[kind] = rows.get(kind, 0) + frame.height
            written(rows[request.root(program)])
            number += 1
    return rows


def _contents(
    program: Program, pieces: list[Piece], form: FileFormat
) -> Iterator[tuple[str, pl.DataFrame | Iterator[str]]]:
    """What goes into the files of these pieces: a table of each kind, or the documents of the subjects."""
    schema = program.schema
    if form == "ndjson":
        yield pieces[0].root, (line for piece in pieces for line in documents(schema, piece))
        return
    for kind in pieces[0].frames:
        yield kind, pl.concat([_table(schema.kinds[kind], piece) for piece in pieces], rechunk=True)


def _table(kind: Kind, piece: Piece) -> pl.DataFrame:
    frame = piece.frames[kind.name]
    codes = piece.frames[piece.root][CODE]
    columns: list[pl.Series] = [codes.alias("subject")]
    if kind.name != piece.root:
        assert kind.parent is not None
        columns = [codes.gather(frame[SUBJECT]).alias("subject"), frame[PART].cast(pl.Int64).alias("part")]
        if kind.parent != piece.root:
            parent = piece.frames[kind.parent][PART].cast(pl.Int64)
            columns.append(parent.gather(frame[PARENT]).alias("parent"))
    for fact in kind.facts.values():
        for name in (fact.name, *(f"{fact.name}{beside}" for beside, _ in _NAMES)):
            if name in frame.columns:
                column = frame[name]
                if isinstance(fact.type, ChoiceType) and name == fact.name:
                    column = column.cast(pl.String)
                elif isinstance(fact.type, NumberType) and fact.type.integer and name == fact.name:
                    column = column.cast(pl.Int64)
                columns.append(column.alias(_on_disk(name)))
            elif name == fact.name and isinstance(fact.type, ValuesType):
                columns.append(_listed(frame.height, piece.values[kind.name, fact.name], fact.type).alias(name))
    return pl.DataFrame(columns)


def _on_disk(name: str) -> str:
    for beside, word in _NAMES:
        if name.endswith(beside):
            return name.removesuffix(beside) + word
    return name


def _listed(height: int, members: pl.DataFrame, of: ValuesType) -> pl.Series:
    """A list in each row, empty where it has no members."""
    value = pl.col(VALUE).cast(pl.String) if isinstance(of.item, ChoiceType) else pl.col(VALUE)
    lists = members.group_by(PARENT, maintain_order=True).agg(value)
    rows = pl.select(pl.int_range(height, dtype=pl.UInt32).alias(PARENT))
    return rows.join(lists, on=PARENT, how="left", maintain_order="left")[VALUE].fill_null([])


def _write(content: pl.DataFrame | Iterator[str], file: Path, form: FileFormat) -> None:
    if not isinstance(content, pl.DataFrame):
        with file.open("w", encoding="utf-8", newline="\n") as stream:
            stream.writelines(content)
    elif form == "parquet":
        content.write_parquet(
            file, compression="zstd", compression_level=1, statistics=True, row_group_size=ROW_GROUP,
            data_page_size=1 << 20,
        )  # fmt: skip
    else:
        lists = [name for name, type_ in content.schema.items() if isinstance(type_, pl.List)]
        flat = content.with_columns(pl.col(name).cast(pl.List(pl.String)).list.join(SEPARATOR) for name in lists)
        flat.write_csv(file, line_terminator="\n", separator=",", quote_style="necessary", batch_size=1024)


# ---- the folder ------------------------------------------------------------------------------------------------------


def _refuse_what_is_there(out: Path, overwrite: bool) -> None:
    """An empty folder may be filled; one that holds tables and nothing else may be replaced where that is asked for."""
    if not out.exists() and not out.is_symlink():
        return
    fix = None
    if not out.is_dir() or out.is_symlink():
        reason = Text("已有这个名字的文件", "there is a file of this name")
    elif not any(out.iterdir()):
        return
    elif not all(each.is_dir() or each.suffix[1:] in get_args(FileFormat) for each in out.rglob("*")):
        reason = Text("文件夹里有不是表的文件", "the folder holds files that are no tables")
    elif overwrite:
        return
    else:
        reason = Text("文件夹不是空的", "the folder is not empty")
        fix = Text("换一个文件夹，或加 --overwrite", "name another folder, or add --overwrite")
    raise RequestError([diagnostic("SR4031", name=out, reason=reason, fix=fix)])


@contextmanager
def _put_in_place(out: Path) -> Iterator[Path]:
    """A folder beside ``out`` that takes its place when all is written, and is removed where that fails."""
    aside = out.parent / f".{out.name}.{os.getpid()}.partial"
    before = out.parent / f".{out.name}.{os.getpid()}.before"
    try:
        out.parent.mkdir(parents=True, exist_ok=True)
        aside.mkdir()
        yield aside
        if out.exists():
            out.rename(before)
        aside.rename(out)
    except OSError as error:
        raise RequestError([diagnostic("SR4031", name=out, reason=same(error.strerror or str(error)))]) from error
    finally:
        shutil.rmtree(aside, ignore_errors=True)
        if before.exists() and not out.exists():
            before.rename(out)
        shutil.rmtree(before, ignore_errors=True)
