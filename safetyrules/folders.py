"""Documents in folders: on disk or inside an installed package, unpacked or zipped."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, NamedTuple

from safetyrules.diagnostics import Diagnostic, RulesetError, diagnostic
from safetyrules.language.limits import LIMITS
from safetyrules.text import Text

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from safetyrules.language.document import Document

#: Tests of rulesets lie beside them and are no documents.
TEST_ENDING = ".test.yaml"


class DocumentFile(NamedTuple):
    """A document that was found: what messages call it, the file, and the folder with the files it may name; and what
    the file holds, once it was read."""

    name: str
    file: Traversable
    folder: Traversable
    held: bytes | None = None

    def content(self) -> bytes:
        return read_bytes(self.file) if self.held is None else self.held

    def holding(self) -> DocumentFile:
        """The same with its content. Raises OSError or KeyError."""
        return self._replace(held=self.content())

    def beside(self, name: str) -> bytes:
        return read_bytes(self.folder / name)


class ReadDocument(NamedTuple):
    """A document that was read. ``digest`` covers its text and the files beside it that it names, which ``files`` lists
    with their own digests."""

    source: str
    document: Document
    digest: bytes
    files: tuple[tuple[str, str], ...] = ()


def read_bytes(file: Traversable) -> bytes:
    """The content of a file, but of a huge one only as much as shows that it is too large."""
    with file.open("rb") as stream:
        return stream.read(LIMITS.bytes + 1)


def documents_in(folder: Traversable, name: str, only: Sequence[str] = ("*",)) -> Iterator[DocumentFile]:
    """The documents in a folder and its subfolders, in the order of their names."""
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            if not entry.name.startswith((".", "__")):
                yield from documents_in(entry, f"{name}/{entry.name}", only)
        elif is_document(entry.name) and any(fnmatchcase(entry.name, pattern) for pattern in only):
            yield DocumentFile(f"{name}/{entry.name}", entry, folder)


def is_document(file_name: str) -> bool:
    return file_name.endswith((".yaml", ".yml")) and not file_name.endswith(TEST_ENDING)


def read_files(files: Iterable[DocumentFile]) -> tuple[list[ReadDocument], list[Diagnostic]]:
    """The documents that could be read, and every problem of the others."""
    documents: list[ReadDocument] = []
    problems: list[Diagnostic] = []
    for file in files:
        try:
            documents.append(_read(file))
        except RulesetError as error:
            problems.extend(error.diagnostics)
        except (OSError, KeyError) as error:
            problems.append(unreadable(file.name, error))
    return documents, problems


def _read(file: DocumentFile) -> ReadDocument:
    from safetyrules.language.read import read_document

    content = file.content()
    digest = hashlib.sha256(content)
    files: list[tuple[str, str]] = []

    def beside(name: str) -> bytes:
        more = file.beside(name)
        own = hashlib.sha256(more)
        digest.update(own.digest())
        files.append((name, own.hexdigest()))
        return more

    document = read_document(content, file.name, open_file=beside)
    return ReadDocument(file.name, document, digest.digest(), tuple(files))


def unreadable(name: str, error: BaseException) -> Diagnostic:
    """SR4001 with the reason in words: the system's own for its errors."""
    reasons: dict[type[BaseException], Text] = {
        FileNotFoundError: Text("没有这个文件", "there is no such file"),
        IsADirectoryError: Text("这是文件夹", "it is a folder"),
        PermissionError: Text("没有读取权限", "reading it is not permitted"),
    }
    said = str(getattr(error, "strerror", None) or error or type(error).__name__)
    return diagnostic("SR4001", path=name, name=name, reason=reasons.get(type(error), Text(said, said)))
