"""The files that one table is cut into: do they have the same columns, and which of them cannot be read to its end?"""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import Any

from safetyrules.diagnostics import Diagnostic, RegisterError, diagnostic
from safetyrules.text import Text, same

_ABSENT = Text("没有这一列", "no such column")


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
            problems.append(diagnostic("SR5001", path=str(file), name=file.name, reason=reason_of(error)))
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
    """The columns of Parquet files that cannot be read to their end, found by reading each: for a message, after
    something failed."""
    import polars as pl

    found: list[Diagnostic] = []
    for file in files:
        if file.suffix.lower() != ".parquet":
            continue
        try:
            columns = list(pl.read_parquet_schema(file))
        except Exception as error:
            found.append(diagnostic("SR5001", path=str(file), name=file.name, reason=reason_of(error)))
            continue
        for column in columns:
            try:
                pl.read_parquet(file, columns=[column])
            except Exception as error:
                found.append(
                    diagnostic("SR5021", path=str(file), name=file.name, column=column, reason=reason_of(error))
                )
    return found
