"""`run_batch_spark`: a folder of Parquet in, a folder of Parquet out, as a run on one machine has them."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any
from urllib.parse import unquote

from pyspark.sql import DataFrame, SparkSession
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from safetyrules.diagnostics import Diagnostic, RegisterError, RequestError, diagnostic
from safetyrules.register.batch import Count
from safetyrules.spark.layouts import DUTIES, FINDINGS, REJECTS, SUBJECTS
from safetyrules.spark.source import ProgramSource
from safetyrules.spark.tabulate import tabulate_spark
from safetyrules.text import Text, same

WRITTEN = (SUBJECTS, FINDINGS, DUTIES, REJECTS)
_ENDING = ".parquet"
_ORDER, _FILE, _ROW, _NUMBER = "#order", "#file", "#row", "#number"
#: Spark says ``file:///`` in one place and ``file:/`` in another.
_SCHEME = "^[a-z0-9]+:/+"
#: Rows of a file that come before those of the next.
_ROWS_OF_A_FILE = 1 << 40


@dataclass(frozen=True)
class BatchCounts:
    """What a run read, by kind, and what there was to say beside."""

    kinds: Mapping[str, Count]
    notices: tuple[Diagnostic, ...] = ()


def run_batch_spark(
    program: ProgramSource | None,
    source: str | os.PathLike[str],
    out: str | os.PathLike[str],
    options: Mapping[str, Any],
    master: str | None = None,
) -> BatchCounts:
    """Answer the register in the folder ``source`` and write ``subjects``, ``findings``, ``duties`` and ``rejects``
    into the folder ``out``, each as a folder of Parquet files in the order of subjects.

    ``source`` has a Parquet file, or a folder of such, for each kind; both may be addresses that Spark reads
    (``hdfs:``, ``s3a:``). ``options`` are those of `tabulate_spark`. ``master`` is the address of the cluster (default:
    of the session that runs already, else ``local[*]``). Raises `RegisterError`, `RequestError`.
    """
    _refuse_what_is_there(out)
    with _session(master) as session:
        frames = {name: _read(session, files) for name, files in _tables(session, os.fspath(source)).items()}
        answers = tabulate_spark(program, frames, **{**options, "order": dict.fromkeys(frames, _ORDER)})
        with answers:
            for name in WRITTEN:
                written = answers.output(name, in_order=True).write
                written.option("compression", "zstd").parquet(f"{os.fspath(out).rstrip('/')}/{name}")
            counted = answers.counts.orderBy("kind").collect()
    counts = {row["kind"]: Count(row["read"], row["accepted"], row["set_aside"]) for row in counted}
    return BatchCounts(counts, answers.notices)


def _refuse_what_is_there(out: str | os.PathLike[str]) -> None:
    if "://" in os.fspath(out):
        return  # Spark refuses to write where something is
    path = Path(out)
    if path.exists() and (not path.is_dir() or any(path.iterdir())):
        reason = Text("文件夹不是空的", "the folder is not empty")
        raise RequestError([diagnostic("SR4031", name=path, reason=reason)])


@contextmanager
def _session(master: str | None) -> Iterator[SparkSession]:
    """The session that is active, which stays; else one of its own, which is stopped."""
    active = SparkSession.getActiveSession()
    if active is not None:
        yield active
        return
    address = master or "local[*]"
    if address.startswith("local"):
        os.environ.setdefault("PYSPARK_PYTHON", sys.executable)
    session = SparkSession.builder.appName("safetyrules").master(address).getOrCreate()
    try:
        yield session
    finally:
        session.stop()


def _tables(session: SparkSession, source: str) -> dict[str, str]:
    """The tables of a folder: name → path. What does not begin as a table's name is no table, as on one machine."""
    found: dict[str, str] = {}
    other: list[str] = []
    for path, is_folder in _inside(session, source):
        name = PurePosixPath(path).name
        if name.startswith((".", "_")):
            continue
        if is_folder:
            found[name] = path
        elif name.lower().endswith(_ENDING):
            found[name[: -len(_ENDING)]] = path
        else:
            other.append(name)
    if not found:
        reason = Text("文件夹里没有 Parquet 表", "there are no Parquet tables in the folder")
        raise _unreadable(source, reason, ", ".join(sorted(other)[:12]) or None)
    return dict(sorted(found.items()))


def _inside(session: SparkSession, source: str) -> Iterator[tuple[str, bool]]:
    """What a folder holds: path, and whether that is a folder."""
    if "://" not in source:
        folder = Path(source)
        if not folder.is_dir():
            raise _unreadable(source, Text("没有这个文件夹", "there is no such folder"))
        for each in folder.iterdir():
            yield str(each.absolute()), each.is_dir()
        return
    gateway: Any = session.sparkContext
    path = gateway._jvm.org.apache.hadoop.fs.Path(source)
    system = path.getFileSystem(gateway._jsc.hadoopConfiguration())
    if not system.exists(path):
        raise _unreadable(source, Text("没有这个文件夹", "there is no such folder"))
    for status in system.listStatus(path):
        yield status.getPath().toString(), bool(status.isDirectory())


def _read(session: SparkSession, path: str) -> DataFrame:
    """A table, with the order of its rows: that of its files by name, and of the rows in them."""
    reader = session.read.option("recursiveFileLookup", "true").option("pathGlobFilter", f"*{_ENDING}")
    table = reader.parquet(path)
    files = sorted(table.inputFiles(), key=lambda file: PurePosixPath(unquote(file)).parts)
    row = F.col("_metadata.row_index")
    if len(files) == 1:
        return table.select("*", row.alias(_ORDER))
    pairs = [(re.sub(_SCHEME, "/", file), number) for number, file in enumerate(files)]
    numbers = session.createDataFrame(pairs, f"`{_FILE}` string, `{_NUMBER}` long")
    numbered = table.select(
        "*", F.regexp_replace("_metadata.file_path", _SCHEME, "/").alias(_FILE), row.alias(_ROW)
    ).join(F.broadcast(numbers), on=_FILE, how="left")
    number = F.coalesce(F.col(_NUMBER), F.raise_error(F.lit("a file that was not there when the run began")))
    order = (number * F.lit(_ROWS_OF_A_FILE) + F.col(_ROW)).alias(_ORDER)
    return numbered.select(*(F.col(f"`{name}`") for name in table.columns), order)


def _unreadable(name: str, reason: Text, found: str | None = None) -> RegisterError:
    expected = same(f"KIND{_ENDING} / KIND/*{_ENDING}")
    return RegisterError([diagnostic("SR5001", path=name, name=name, reason=reason, found=found, expected=expected)])
