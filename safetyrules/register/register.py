"""Opening a register: `open_register` checks that it can be read, `Register.batches` reads it."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from safetyrules.diagnostics import Diagnostic, RegisterError, diagnostic
from safetyrules.facts.schema import Schema
from safetyrules.program import Program, default_program
from safetyrules.register.batch import Batch, assemble
from safetyrules.register.binding import Binding, bind
from safetyrules.register.documents import find_documents
from safetyrules.register.mapping import NO_MAPPING, RegisterMapping, read_mapping
from safetyrules.register.ordering import batches_of_rows, height, rows_of
from safetyrules.register.partitions import damage, is_full, reason_of
from safetyrules.register.sources import find_tables, is_documents
from safetyrules.text import Text

#: Subjects that are read and decided at a time: a query costs as much for a few as for many.
BATCH = 200_000


class _Content(Protocol):
    """What is behind a register: tables or documents."""

    @property
    def notices(self) -> tuple[Diagnostic, ...]: ...

    @property
    def files(self) -> tuple[Path, ...]: ...

    def height(self) -> int: ...

    def batches(self, size: int, scratch: Path, skip: int) -> Iterator[Batch]: ...

    def batch_of(self, key: str) -> Batch: ...


class Register:
    """A register that fits the schema. Close it, or use it in a ``with`` block, to remove its scratch files.

    ``notices`` list the columns that are not read; ``mapping_digest`` names what its mapping says, where it has one.
    """

    def __init__(
        self,
        content: _Content,
        schema: Schema,
        root: str,
        scratch: tempfile.TemporaryDirectory[str],
        mapping_digest: str | None = None,
    ) -> None:
        self._content = content
        self._schema = schema
        self._scratch = scratch
        self._runs = 0
        self.root = root
        self.mapping_digest = mapping_digest

    @property
    def notices(self) -> tuple[Diagnostic, ...]:
        return self._content.notices

    @property
    def files(self) -> tuple[Path, ...]:
        """The files that are read; none where some of the register is in memory."""
        return self._content.files

    def height(self) -> int:
        """How many rows of subjects there are, good or bad. Raises `RegisterError`."""
        with self._readable():
            return self._content.height()

    def facts(self, key: str) -> dict[str, Any]:
        """The facts of one subject, as `safetyrules.assess` takes them.

        Raises `RegisterError` where the register has no such subject, and with every fault of one that is set aside.
        """
        from safetyrules.engine.columnar.entities import facts_of

        with self._readable():
            batch = self._content.batch_of(key)
        if batch.keys.is_empty():
            raise RegisterError(_faults(batch) or [diagnostic("SR5041", path=self.root, found=key, name=key)])
        facts: dict[str, Any] = facts_of(self._schema, batch.tables, 0)
        return facts

    def batches(
        self, size: int = BATCH, skip: int = 0, scratch: str | os.PathLike[str] | None = None
    ) -> Generator[Batch, None, None]:
        """Whole subjects with all their parts, at most ``size`` at a time, by key over the whole register; the first
        ``skip`` batches are left out. ``scratch``: where this run puts its temporary files.

        Raises `RegisterError` where a file cannot be read to its end.
        """
        if size < 1:
            raise ValueError("size must be at least 1")
        self._runs += 1
        folder = Path(self._scratch.name if scratch is None else scratch) / f"run-{self._runs}"
        return self._batches(size, folder, skip)

    def _batches(self, size: int, folder: Path, skip: int) -> Generator[Batch, None, None]:
        try:
            with self._readable():
                yield from self._content.batches(size, folder, skip)
        finally:
            shutil.rmtree(folder, ignore_errors=True)

    @contextmanager
    def _readable(self) -> Iterator[None]:
        import polars as pl

        try:
            yield
        except (pl.exceptions.PolarsError, OSError) as error:
            if is_full(error):
                where = Text("临时文件", "temporary files")
                raise RegisterError([diagnostic("SR4031", name=where, reason=reason_of(error))]) from error
            found = damage(self.files)
            if not found:
                found = [diagnostic("SR5001", path=self.root, name=self.root, reason=reason_of(error))]
            raise RegisterError(found) from error

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

    @property
    def files(self) -> tuple[Path, ...]:
        found = [bound.table.files for bound in self.binding.tables.values()]
        return tuple(dict.fromkeys(file for files in found for file in files)) if all(found) else ()

    def height(self) -> int:
        return height(self.binding)

    def batches(self, size: int, scratch: Path, skip: int) -> Iterator[Batch]:
        for frames in islice(batches_of_rows(self.binding, size, scratch), skip, None):
            yield assemble(self.binding, frames)

    def batch_of(self, key: str) -> Batch:
        return assemble(self.binding, rows_of(self.binding, key))


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
    said, digest = _said(mapping)
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
    return Register(content, law.schema, root, folder, digest)


def bind_source(schema: Schema, root: str, source: object, mapping: RegisterMapping, scratch: Path) -> Binding:
    """The tables of ``source`` with what their columns give. Raises `RegisterError`."""
    said = mapping.tables.get(root)
    only = said.table.text if said is not None and said.table is not None else root
    return bind(schema, root, find_tables(source, only, scratch / "text", mapping.encoding), mapping)


def _said(mapping: str | os.PathLike[str] | RegisterMapping | None) -> tuple[RegisterMapping, str | None]:
    """What a mapping says, and its digest."""
    if mapping is None:
        return NO_MAPPING, None
    if isinstance(mapping, RegisterMapping):
        return mapping, hashlib.sha256(repr(mapping).encode()).hexdigest()
    try:
        content = Path(mapping).read_bytes()
    except OSError as error:
        problem = diagnostic("SR5001", path=str(mapping), name=str(mapping), reason=reason_of(error))
        raise RegisterError([problem]) from error
    return read_mapping(content, str(mapping)), hashlib.sha256(content).hexdigest()


def _faults(batch: Batch) -> list[Diagnostic]:
    """Why the subject of a batch is set aside."""
    return [
        Diagnostic(
            row["code"],
            Text(row["reason_zh"], row["reason_en"]),
            path="/".join(each for each in (row["kind"], row["part"], row["column"]) if each),
            found=row["value"],
        )
        for row in batch.rejects.iter_rows(named=True)
    ]
