"""Opening a register: `open_register` checks that it can be read, `Register.batches` reads it."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Protocol

from safetyrules.diagnostics import Diagnostic, RegisterError, diagnostic
from safetyrules.facts.schema import Schema
from safetyrules.program import Program, default_program
from safetyrules.register.batch import Batch, assemble
from safetyrules.register.binding import Binding, bind
from safetyrules.register.documents import find_documents
from safetyrules.register.mapping import NO_MAPPING, RegisterMapping, read_mapping
from safetyrules.register.ordering import batches_of_rows
from safetyrules.register.sources import find_tables, is_documents
from safetyrules.text import same

BATCH = 50_000


class _Content(Protocol):
    """What is behind a register: tables or documents."""

    @property
    def notices(self) -> tuple[Diagnostic, ...]: ...

    def batches(self, size: int, scratch: Path) -> Iterator[Batch]: ...


class Register:
    """A register that fits the schema. Close it, or use it in a ``with`` block, to remove its scratch files.

    ``notices`` list the columns that are not read.
    """

    def __init__(self, content: _Content, root: str, scratch: tempfile.TemporaryDirectory[str]) -> None:
        self._content = content
        self._scratch = scratch
        self._runs = 0
        self.root = root

    @property
    def notices(self) -> tuple[Diagnostic, ...]:
        return self._content.notices

    def batches(self, size: int = BATCH) -> Iterator[Batch]:
        """Whole subjects with all their parts, at most ``size`` at a time, by key over the whole register.

        Raises `RegisterError` where a file cannot be read to its end.
        """
        if size < 1:
            raise ValueError("size must be at least 1")
        self._runs += 1
        folder = Path(self._scratch.name) / f"run-{self._runs}"
        return self._batches(size, folder)

    def _batches(self, size: int, folder: Path) -> Iterator[Batch]:
        import polars as pl

        try:
            yield from self._content.batches(size, folder)
        except (pl.exceptions.PolarsError, OSError) as error:
            reason = same(str(error).partition("\n")[0][:200] or type(error).__name__)
            raise RegisterError([diagnostic("SR5001", path=self.root, name=self.root, reason=reason)]) from error
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    def close(self) -> None:
        self._scratch.cleanup()

    def __enter__(self) -> Register:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


class _TableContent:
    def __init__(self, binding: Binding) -> None:
        self.binding = binding
        self.notices = binding.notices

    def batches(self, size: int, scratch: Path) -> Iterator[Batch]:
        for frames in batches_of_rows(self.binding, size, scratch):
            yield assemble(self.binding, frames)


def open_register(
    source: object,
    mapping: str | os.PathLike[str] | RegisterMapping | None = None,
    *,
    program: Program | None = None,
    subject: str | None = None,
    scratch: str | os.PathLike[str] | None = None,
) -> Register:
    """A register to be read.

    ``source``: a file (Parquet, Arrow, CSV, XLSX, or NDJSON with a document a line), a folder of files named after
    kinds of entities, a data frame, any object with an Arrow stream, or a mapping of such by name. ``mapping``: the
    path of a mapping file. ``subject``: the root kind, where there are several. ``scratch``: where temporary files go.

    Raises `RegisterError` listing every table and column that does not fit.
    """
    law = program if program is not None else default_program()
    root = law._root(subject)
    said = mapping if isinstance(mapping, RegisterMapping) else NO_MAPPING if mapping is None else _file(mapping)
    folder = tempfile.TemporaryDirectory(prefix="register-", dir=None if scratch is None else os.fspath(scratch))
    try:
        content: _Content
        if is_documents(source):
            content = find_documents(law.models, root, Path(str(source)), said)
        else:
            content = _TableContent(bind_source(law.schema, root, source, said, Path(folder.name)))
    except BaseException:
        folder.cleanup()
        raise
    return Register(content, root, folder)


def bind_source(schema: Schema, root: str, source: object, mapping: RegisterMapping, scratch: Path) -> Binding:
    """The tables of ``source`` with what their columns give. Raises `RegisterError`."""
    said = mapping.tables.get(root)
    only = said.table.text if said is not None and said.table is not None else root
    return bind(schema, root, find_tables(source, only, scratch / "text", mapping.encoding), mapping)


def _file(path: str | os.PathLike[str]) -> RegisterMapping:
    try:
        content = Path(path).read_bytes()
    except OSError as error:
        reason = same(error.strerror or type(error).__name__)
        raise RegisterError([diagnostic("SR5001", path=str(path), name=str(path), reason=reason)]) from error
    return read_mapping(content, str(path))
