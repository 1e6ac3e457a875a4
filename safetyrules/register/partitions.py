"""The files that one table is cut into: do they have the same columns, and which of them cannot be read to its end?"""

from __future__ import annotations

import csv
import errno
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from safetyrules.diagnostics import Diagnostic, RegisterError, diagnostic
from safetyrules.text import Text, same

_ABSENT = Text("没有这一列", "no such column")
#: What the reader of CSV says where the rest of a file is taken for one cell.
_NEVER_CLOSED = ("unexpected end of data", "field larger than field limit")


def check_partitions(files: Iterable[Path], columns_of: Callable[[Path], Mapping[str, Any]]) -> None:
    """Raises `RegisterError` with every column of every file that is not as in the first, and every file that cannot
    be opened. ``columns_of`` gives the types of a file's columns."""
    problems: list[Diagnostic] = []
    first: tuple[Path, Mapping[str, Any]] | None = None
    for file in files:
        try:
            columns = columns_of(file)
        except RegisterError as error:
            problems.extend(error.diagnostics)
            continue
        except Exception as error:
            problems.append(_unreadable(file, reason_of(error)))
            continue
        if first is None:
            first = file, columns
        else:
            problems.extend(_differences(file, columns, *first))
    if problems:
        raise RegisterError(problems)


def _differences(
    file: Path, columns: Mapping[str, Any], first: Path, expected: Mapping[str, Any]
) -> Iterable[Diagnostic]:
    for name in dict.fromkeys((*expected, *columns)):
        here, there = columns.get(name), expected.get(name)
        if here != there:
            words = [_ABSENT if each is None else same(str(each)) for each in (here, there)]
            beside = Text(f"如 {first.name}：{words[1].zh}", f"as in {first.name}: {words[1].en}")
            yield diagnostic("SR5020", path=str(file), name=file.name, column=name, found=words[0].en, expected=beside)


def reason_of(error: BaseException) -> Text:
    """The first line of what an error says."""
    if isinstance(error, OSError) and error.strerror:
        return same(error.strerror)
    return same(str(error).partition("\n")[0][:200] or type(error).__name__)


def is_full(error: BaseException) -> bool:
    """Is there no room to write, rather than something to be read?"""
    if isinstance(error, OSError) and error.errno is not None:
        return error.errno in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
    return any(f"os error {number}" in str(error) for number in (errno.ENOSPC, errno.EDQUOT, errno.EFBIG))


def damage(files: Iterable[Path]) -> list[Diagnostic]:
    """The files that cannot be read to their end, with the column or the line, found by reading each: for a message,
    after something failed."""
    readers = {".parquet": _damaged_parquet, ".csv": _damaged_text, ".arrow": _damaged_arrow}
    readers |= dict.fromkeys((".ipc", ".feather"), _damaged_arrow)
    return [found for file in files if file.suffix.lower() in readers for found in readers[file.suffix.lower()](file)]


def _damaged_parquet(file: Path) -> Iterator[Diagnostic]:
    import polars as pl

    try:
        columns = list(pl.read_parquet_schema(file))
    except Exception as error:
        yield _unreadable(file, reason_of(error))
        return
    for column in columns:
        try:
            pl.read_parquet(file, columns=[column])
        except Exception as error:
            yield diagnostic("SR5021", path=str(file), name=file.name, column=column, reason=reason_of(error))


def _damaged_arrow(file: Path) -> Iterator[Diagnostic]:
    import polars as pl

    try:
        pl.read_ipc(file)
    except Exception as error:
        yield _unreadable(file, reason_of(error))


def _damaged_text(file: Path) -> Iterator[Diagnostic]:
    """The first line of a CSV file that has more cells than the header, or a quote that nothing closes."""
    line, header = 1, 0
    try:
        # In all encodings that are read, what divides cells and lines are the bytes of these characters and no others.
        with file.open(encoding="latin-1", newline="") as text:
            rows = csv.reader(text, strict=True)
            for cells in rows:
                header = header or len(cells)
                if len(cells) > header:
                    reason = Text(
                        f"第 {line} 行有 {len(cells)} 格，表头有 {header} 格",
                        f"line {line} has {len(cells)} cells, the header {header}",
                    )
                    yield _unreadable(file, reason)
                    return
                line = rows.line_num + 1
    except OSError as error:
        yield _unreadable(file, reason_of(error))
    except csv.Error as error:
        if any(words in str(error) for words in _NEVER_CLOSED):
            reason = Text(f"第 {line} 行的引号没有结束", f"a quote that opens on line {line} never closes")
            yield _unreadable(file, reason)


def _unreadable(file: Path, reason: Text) -> Diagnostic:
    return diagnostic("SR5001", path=str(file), name=file.name, reason=reason)
