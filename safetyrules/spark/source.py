"""The law on its way to executors: as what it is made from, never as the objects made from it."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import lru_cache
from importlib.metadata import entry_points
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from safetyrules.diagnostics import RulesetError
from safetyrules.folders import DocumentFile, documents_in, read_files, unreadable
from safetyrules.hookspecs import GROUP

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from safetyrules.program import Program


@dataclass(frozen=True)
class SourceDocument:
    """A document and the files beside it that it names."""

    name: str
    content: bytes
    beside: Mapping[str, bytes] = field(default_factory=dict)


@dataclass(frozen=True)
class ProgramSource:
    """What a program is made from: the law that is installed, documents, or both.

    ``expected`` is the digest of the program that it must make; an executor on which other law is installed refuses.
    """

    installed: bool = True
    documents: tuple[SourceDocument, ...] = ()
    expected: str | None = None

    @classmethod
    def of_paths(cls, paths: Iterable[str | Path], *, installed: bool = True) -> ProgramSource:
        """Documents in files and folders, with what they name. Raises RulesetError."""
        found: list[SourceDocument] = []
        for path in map(Path, paths):
            try:
                files = list(documents_in(path, str(path))) if path.is_dir() else [_one(path)]
                held = [file.holding() for file in files]
            except OSError as error:
                raise RulesetError([unreadable(str(path), error)]) from error
            read, problems = read_files(held)
            if problems:
                raise RulesetError(problems)
            for file, document in zip(held, read, strict=True):
                beside = {name: file.beside(name) for name, _ in document.files}
                found.append(SourceDocument(file.name, file.content(), beside))
        return cls(installed, tuple(found))

    @classmethod
    def of_texts(
        cls, texts: Iterable[tuple[str, str | bytes]], beside: Mapping[tuple[str, str], bytes] | None = None
    ) -> ProgramSource:
        """Documents alone, as `safetyrules.load_program` takes them; ``beside``: (document, file it names) → bytes."""
        named: dict[str, dict[str, bytes]] = {}
        for (document, file), content in (beside or {}).items():
            named.setdefault(document, {})[file] = content
        documents = (
            SourceDocument(name, text.encode() if isinstance(text, str) else text, named.get(name, {}))
            for name, text in texts
        )
        return cls(False, tuple(documents))

    @property
    def key(self) -> str:
        """A digest of all that is shipped."""
        found = hashlib.sha256(repr((self.installed, self.expected)).encode())
        for document in self.documents:
            for name, content in ((document.name, document.content), *sorted(document.beside.items())):
                found.update(hashlib.sha256(name.encode() + b"\0" + content).digest())
        return found.hexdigest()

    def program(self) -> Program:
        """The program, made once in each process. Raises what loading raises, ValueError where it is another than
        ``expected``."""
        return _loaded(_Shipped(self.key, self))

    def expecting(self, program: Program) -> ProgramSource:
        return replace(self, expected=program.digest)


class _Shipped:
    """A source that is looked up by its digest."""

    def __init__(self, key: str, source: ProgramSource) -> None:
        self.key, self.source = key, source

    def __hash__(self) -> int:
        return hash(self.key)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Shipped) and self.key == other.key


@lru_cache(maxsize=4)
def _loaded(shipped: _Shipped) -> Program:
    source = shipped.source
    program = _made(source)
    if source.expected is not None and program.digest != source.expected:
        raise ValueError(
            f"这里装有的规则（{program.digest}）不是任务的规则（{source.expected}）：请在各执行器上安装同一版本 / "
            f"the law installed here ({program.digest}) is not the law of the task ({source.expected}): "
            "install the same versions on every executor"
        )
    return program


def _made(source: ProgramSource) -> Program:
    from safetyrules.program import default_program, load_program

    if source.installed and not source.documents:
        return default_program()
    if source.installed:
        from safetyrules.cache import cache_in_use
        from safetyrules.plugins import load_plugins

        return load_plugins(entry_points(group=GROUP), [_file(each) for each in source.documents], cache=cache_in_use())
    beside = {(document.name, name): held for document in source.documents for name, held in document.beside.items()}
    return load_program(
        [(document.name, document.content) for document in source.documents],
        open_file=lambda document, name: beside[document, name],
    )


def _one(path: Path) -> DocumentFile:
    return DocumentFile(str(path), path, path.parent)


def _file(document: SourceDocument) -> DocumentFile:
    # The loader asks of a folder no more than the files in it, by name.
    folder = cast("Traversable", _Beside(document.beside))
    return DocumentFile(document.name, cast("Traversable", _Held(document.content)), folder, document.content)


class _Held:
    """A file in memory."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def open(self, mode: str = "rb", *_: Any) -> BytesIO:
        return BytesIO(self.content)


class _Beside:
    """The files beside a document."""

    def __init__(self, files: Mapping[str, bytes]) -> None:
        self.files = files

    def __truediv__(self, name: str) -> _Held:
        if name not in self.files:
            raise FileNotFoundError(name)
        return _Held(self.files[name])
