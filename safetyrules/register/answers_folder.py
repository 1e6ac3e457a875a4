"""The folder of a register's answers on disk: files appear whole or not at all, and one process writes at a time.

A file is written beside its place under a name that begins with ``.tmp-``, flushed to the disk, and renamed; its folder
is flushed too. How a table is written is pinned, so that equal tables give equal bytes.
"""

from __future__ import annotations

import errno
import hashlib
import io
import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from safetyrules.diagnostics import RegisterError, diagnostic
from safetyrules.register.partitions import is_full, reason_of
from safetyrules.text import Text

if TYPE_CHECKING:
    import polars as pl

MANIFEST, JOURNAL, CODEBOOK = "register.json", ".tmp-partitions.ndjson", "outcomes.json"
SCRATCH = ".tmp-scratch"
_LOCK, _ASIDE = ".tmp-lock", ".tmp-"
TABLES = ("subjects", "findings", "duties", "rejects", "outcomes", "summary")
ROW_GROUP = 100_000


class FileRecord(NamedTuple):
    """A file that stands: how many rows and bytes it has, and their digest."""

    rows: int
    bytes: int
    sha256: str


class AnswersFolder:
    """``path`` with what is in it. Made by `opened`."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def write_table(self, name: str, frame: pl.DataFrame) -> FileRecord:
        """Raises RegisterError where there is no room, or no right, to write."""
        content = io.BytesIO()
        frame.rechunk().write_parquet(
            content, compression="zstd", compression_level=3, statistics=True, row_group_size=ROW_GROUP,
            data_page_size=1 << 20,
        )  # fmt: skip
        written = content.getbuffer()
        self.write(name, written)
        return FileRecord(frame.height, len(written), hashlib.sha256(written).hexdigest())

    def write_json(self, name: str, document: object) -> None:
        self.write(name, (json.dumps(document, ensure_ascii=False, indent=1, sort_keys=True) + "\n").encode())

    def write(self, name: str, content: bytes | memoryview) -> None:
        place = self.path / name
        aside = place.with_name(f"{_ASIDE}{place.name}")
        with self._writing(name):
            place.parent.mkdir(parents=True, exist_ok=True)
            try:
                with aside.open("wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                aside.replace(place)
            finally:
                aside.unlink(missing_ok=True)
            _flush(place.parent)

    def append(self, name: str, line: object) -> None:
        """Adds a line to a journal. Half a line, where the process is killed, counts for nothing."""
        with self._writing(name), (self.path / name).open("ab") as file:
            end = file.tell()
            try:
                file.write((json.dumps(line, ensure_ascii=False, sort_keys=True) + "\n").encode())
                file.flush()
                os.fsync(file.fileno())
            except BaseException:
                os.ftruncate(file.fileno(), end)
                raise

    def recovered_lines(self, name: str) -> list[Any]:
        """The whole lines of a journal; what follows them is cut off."""
        place = self.path / name
        with self._writing(name):
            if not place.exists():
                return []
            content = place.read_bytes()
            found: list[Any] = []
            end = 0
            for line in content.splitlines(keepends=True):
                try:
                    found.append(json.loads(line if line.endswith(b"\n") else b""))
                except ValueError:
                    break
                end += len(line)
            if end < len(content):
                os.truncate(place, end)
        return found

    def read_json(self, name: str) -> Any:
        """A document of the folder; None where there is none. Raises RegisterError where it cannot be read."""
        try:
            return json.loads((self.path / name).read_bytes())
        except FileNotFoundError:
            return None
        except (OSError, ValueError) as error:
            place = self.path / name
            raise RegisterError([diagnostic("SR4001", path=str(place), name=name, reason=reason_of(error))]) from error

    def stands(self, name: str, record: FileRecord) -> bool:
        """Is the file there as it was written?"""
        try:
            with (self.path / name).open("rb") as file:
                return hashlib.file_digest(file, "sha256").hexdigest() == record.sha256
        except OSError:
            return False

    def remove(self, name: str) -> None:
        with self._writing(name):
            (self.path / name).unlink(missing_ok=True)
            _flush(self.path)

    def clear(self) -> None:
        """Removes all answers, the manifest last: it says that the rest is ours."""
        with self._writing(self.path.name):
            for table in TABLES:
                if (self.path / table).exists():
                    shutil.rmtree(self.path / table)
            (self.path / CODEBOOK).unlink(missing_ok=True)
            (self.path / JOURNAL).unlink(missing_ok=True)
            (self.path / MANIFEST).unlink(missing_ok=True)

    def sweep(self, known: frozenset[str]) -> None:
        """Removes what an earlier process left half done: files aside, and tables that are not among ``known``."""
        with self._writing(self.path.name):
            for table in TABLES:
                for file in sorted((self.path / table).rglob("*")):
                    if file.is_file() and (file.name.startswith(_ASIDE) or self._name(file) not in known):
                        file.unlink()
            for file in self.path.glob(f"{_ASIDE}*"):
                if file.is_file() and file.name not in (_LOCK, JOURNAL):
                    file.unlink()

    def names(self, table: str) -> list[str]:
        """The files of a table, by name."""
        found = (self.path / table).rglob("*.parquet")
        return sorted(self._name(file) for file in found)

    def _name(self, file: Path) -> str:
        return file.relative_to(self.path).as_posix()

    @contextmanager
    def _writing(self, name: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            fix = Text("腾出空间后，同一命令从中断处继续", "make room; the same command goes on from there")
            place = self.path / name
            problem = diagnostic(
                "SR4031", path=str(place), name=name, reason=reason_of(error), fix=fix if is_full(error) else None
            )
            raise RegisterError([problem]) from error


@contextmanager
def opened(path: Path) -> Iterator[AnswersFolder]:
    """The folder, made where there is none, for one process at a time.

    Raises RegisterError where it holds something else than answers, or another process writes to it.
    """
    folder = AnswersFolder(path)
    with folder._writing(path.name):
        path.mkdir(parents=True, exist_ok=True)
        ours = (path / MANIFEST).exists()
        strange = [each.name for each in sorted(path.iterdir()) if not _ours(each, ours)]
        if strange:
            fix = Text("换一个文件夹", "name another folder")
            raise RegisterError([diagnostic("SR5103", path=str(path), name=path.name, found=strange[0], fix=fix)])
        lock = (path / _LOCK).open("wb")
    with lock:
        _lock(lock.fileno(), path)
        try:
            yield folder
        finally:
            (path / _LOCK).unlink(missing_ok=True)
            if not any(path.iterdir()):
                path.rmdir()


def _ours(each: Path, manifest: bool) -> bool:
    """Without a manifest there can be no answers: it is written first, and removed last."""
    return each.name.startswith(_ASIDE) or (manifest and each.name in (MANIFEST, CODEBOOK, *TABLES))


def _lock(descriptor: int, path: Path) -> None:
    try:
        import fcntl
    except ImportError:  # on Windows nobody keeps two processes apart
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno not in (errno.EWOULDBLOCK, errno.EACCES):
            return  # a file system without locks
        raise RegisterError([diagnostic("SR5102", path=str(path), name=path.name)]) from error


def _flush(folder: Path) -> None:
    """So that a rename outlasts a loss of power."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # on Windows folders cannot be opened
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:
            raise
    finally:
        os.close(descriptor)
