"""The folder of the cache: who may write it, how files come into it whole, and how many stay.

What lies in it is trusted as Python trusts ``__pycache__``: whoever can write there can run code as the user. So the
folder is used only where it belongs to the user and nobody else can write it, which is asked of the open folder and
the open file, not of their names. Files are written aside and then renamed: no process ever sees half of one.
"""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from safetyrules.text import Text

#: Files that stay in a folder, the last used; each serves one program or one plan.
FILES_KEPT: Final = 64
#: The same of files that serve one file of tests each.
PARTS_KEPT: Final = 256
#: A larger file is neither written nor read.
LARGEST: Final = 64 * 1024 * 1024
#: Changes whenever what is inside changes its meaning without a change of this library's source.
_MAGIC: Final = b"safetyrules cache 1\n"
_ENDINGS: Final = (".program", ".plan")
_PARTS: Final = ".parts"
_UNFINISHED: Final = ".part"  # what is finished ends otherwise
_SYSTEM_HAS_OWNERS: Final = hasattr(os, "geteuid") and os.open in os.supports_dir_fd and hasattr(os, "O_NOFOLLOW")


class UnusableError(Exception):
    """The folder cannot be used. ``reason`` says why; ``unsafe`` where it could be, but must not."""

    def __init__(self, reason: Text, unsafe: bool = False) -> None:
        super().__init__(reason.en)
        self.reason = reason
        self.unsafe = unsafe


class Folder:
    """Whole, checked contents by name. Every call opens the folder anew and asks again whose it is."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def usable(self) -> None:
        """Makes the folder where there is none. Raises UnusableError."""
        with self._opened(make=True):
            pass

    def read(self, name: str) -> memoryview | None:
        """The content kept under ``name``, or None where there is none that is whole. Never raises."""
        with suppress(OSError, UnusableError), self._opened() as folder:
            file = os.open(name, os.O_RDONLY | os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK, dir_fd=folder)
            with open(file, "rb") as stream:
                status = os.fstat(file)
                if not stat.S_ISREG(status.st_mode) or _not_ours(status) or status.st_size > LARGEST:
                    return None
                whole = stream.read()
                with suppress(OSError):
                    os.utime(file)  # the last used stay
            return _content(whole, name)
        return None

    def write(self, name: str, content: bytes) -> None:
        """Keep ``content`` under ``name``. Where that cannot be done, nothing is kept; never raises."""
        whole = _MAGIC + _digest(name, content) + content
        if len(whole) > LARGEST:
            return
        aside = f"{name}.{os.getpid()}.{os.urandom(4).hex()}{_UNFINISHED}"
        with suppress(OSError, UnusableError), self._opened(make=True) as folder:
            try:
                file = os.open(aside, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600, dir_fd=folder)
                with open(file, "wb") as stream:
                    stream.write(whole)
                os.replace(aside, name, src_dir_fd=folder, dst_dir_fd=folder)
            except OSError:
                with suppress(OSError):
                    os.unlink(aside, dir_fd=folder)
                raise
            _remove_oldest(folder)

    @contextmanager
    def _opened(self, make: bool = False) -> Iterator[int]:
        """The folder, open, and found to be the user's alone. Raises UnusableError."""
        if not _SYSTEM_HAS_OWNERS:
            raise UnusableError(Text("此系统无法确认文件夹的所有者", "this system does not tell who owns a folder"))
        try:
            if make:
                os.makedirs(self.path.parent, exist_ok=True)
                with suppress(FileExistsError):
                    os.mkdir(self.path, 0o700)
            folder = os.open(self.path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        except (OSError, ValueError) as error:
            words = getattr(error, "strerror", None) or str(error)
            raise UnusableError(Text(words, words)) from error
        try:
            if _not_ours(os.fstat(folder)):
                raise UnusableError(
                    Text("它不属于当前用户，或他人可以写入", "it is not the user's own, or others can write it"),
                    unsafe=True,
                )
            yield folder
        finally:
            os.close(folder)


def _not_ours(status: os.stat_result) -> bool:
    return status.st_uid != os.geteuid() or bool(status.st_mode & (stat.S_IWGRP | stat.S_IWOTH))


def _digest(name: str, content: bytes | memoryview) -> bytes:
    found = hashlib.sha256(name.encode() + b"\n")
    found.update(content)
    return found.digest()


def _content(whole: bytes, name: str) -> memoryview | None:
    start = len(_MAGIC) + hashlib.sha256().digest_size
    content = memoryview(whole)[start:]
    if whole[: len(_MAGIC)] != _MAGIC or whole[len(_MAGIC) : start] != _digest(name, content):
        return None
    return content


def _remove_oldest(folder: int) -> None:
    """All but the last used files, and what other processes began long ago and never finished."""
    ages: list[tuple[float, str]] = []
    parts: list[tuple[float, str]] = []
    unfinished: list[tuple[float, str]] = []
    with os.scandir(folder) as entries:
        for entry in entries:
            with suppress(OSError):
                for endings, found in ((_ENDINGS, ages), (_PARTS, parts), (_UNFINISHED, unfinished)):
                    if entry.name.endswith(endings):
                        found.append((entry.stat(follow_symlinks=False).st_mtime, entry.name))
    newest = max([*ages, *parts], default=(0.0, ""))[0]
    old = [each for each in unfinished if each[0] < newest - 3600]
    for _, name in [*old, *sorted(ages)[:-FILES_KEPT], *sorted(parts)[:-PARTS_KEPT]]:
        with suppress(OSError):
            os.unlink(name, dir_fd=folder)
