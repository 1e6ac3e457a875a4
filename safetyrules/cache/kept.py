"""What is kept of one program: the program linked, and the code of its plans, each under a key of all they rest on.

A key is a digest of contents, never of dates of files: every document with its name, the tables that ship with the
library, the plugins with their versions, this library's source, and the Python that runs it. The tables that documents
name are only known once these are read, so an entry lists them with their digests and is used where all still agree.
"""

from __future__ import annotations

import hashlib
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import suppress
from dataclasses import replace
from functools import lru_cache
from importlib.util import MAGIC_NUMBER
from pathlib import Path
from typing import TYPE_CHECKING

import safetyrules
from safetyrules.cache.folder import Folder, UnusableError
from safetyrules.cache.nodes import DamagedError, UnstorableError, read_table, write_table
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.facts.packaged import packaged_text
from safetyrules.language.ruleform import LinkedProgram

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable

    from safetyrules.engine.compiled.compiled_plan import Generated
    from safetyrules.language.plan import Plan

#: (document, file that it names) → the bytes of the file.
OpenFile = Callable[[str, str], bytes]
#: (document, file that it names, digest of the file), in the order in which they were opened.
FilesNamed = tuple[tuple[str, str, str], ...]
_SOURCE = (".py", ".pyc")
#: The tables that linking itself looks into.
_TABLES = ("places.csv", "industry_divisions.csv")


class Kept:
    """What a folder keeps of one program. Nothing here raises: what is not kept is made anew."""

    def __init__(self, folder: Folder, key: str) -> None:
        self._folder = folder
        self._key = key

    def program(self, open_file: OpenFile | None) -> LinkedProgram | None:
        """The linked program, where the files that its documents name are still the same."""
        from safetyrules.cache.classes import LAW

        content = self._folder.read(f"{self._key}.program")
        if content is None:
            return None
        with suppress(DamagedError, ValueError, TypeError):
            files, linked = read_table(content, LAW)
            if isinstance(linked, LinkedProgram) and all(_same(open_file, *each) for each in files):
                return linked
        return None

    def keep_program(self, linked: LinkedProgram, files: FilesNamed) -> None:
        from safetyrules.cache.classes import LAW

        with suppress(UnstorableError):
            self._folder.write(f"{self._key}.program", write_table((files, linked), LAW))

    def code(self, plan: Plan, root: str) -> Generated | None:
        """The code of a plan of this program."""
        from safetyrules.cache.compiled_plans import compiled_from_bytes

        content = self._folder.read(self._plan_name(plan, root))
        if content is not None:
            with suppress(DamagedError):
                return compiled_from_bytes(content, plan)
        return None

    def keep_code(self, generated: Generated, plan: Plan) -> None:
        from safetyrules.cache.compiled_plans import compiled_to_bytes

        with suppress(UnstorableError):
            self._folder.write(self._plan_name(plan, generated.root), compiled_to_bytes(generated, plan))

    def parts(self, file: str) -> KeptParts:
        """The code of the parts of plans that a file of tests asks about."""
        return KeptParts(self._folder, f"{_digest([self._key, file])}.parts")

    def _plan_name(self, plan: Plan, root: str) -> str:
        return f"{_digest([self._key, *_places(plan, root)])}.plan"


class KeptParts:
    """The code of several plans in one file, which is written when all of them are known."""

    def __init__(self, folder: Folder, name: str) -> None:
        self._folder = folder
        self._name = name
        self._held: dict[str, bytes | memoryview] = _divided(folder.read(name))
        self._more = False

    def code(self, plan: Plan, root: str, known: bool) -> Generated | None:
        """The code of a plan; ``known`` is what it was compiled for (`compile_plan`)."""
        from safetyrules.cache.compiled_plans import compiled_from_bytes

        content = self._held.get(_part_name(plan, root, known))
        if content is not None:
            with suppress(DamagedError):
                return compiled_from_bytes(memoryview(content), plan)
        return None

    def keep(self, generated: Generated, plan: Plan, known: bool) -> None:
        """Keep code, without its source: nobody reads that of a part."""
        from safetyrules.cache.compiled_plans import compiled_to_bytes

        with suppress(UnstorableError):
            content = compiled_to_bytes(replace(generated, source=""), plan)
            self._held[_part_name(plan, generated.root, known)] = content
            self._more = True

    def write(self) -> None:
        """Write what there is to keep, where that is more than the file has."""
        if self._more:
            head = json.dumps({key: len(content) for key, content in self._held.items()}).encode()
            self._folder.write(self._name, b"".join([len(head).to_bytes(8, "little"), head, *self._held.values()]))
            self._more = False


def _divided(content: memoryview | None) -> dict[str, bytes | memoryview]:
    """What `KeptParts.write` put together."""
    found: dict[str, bytes | memoryview] = {}
    if content is None:
        return found
    at = 8 + int.from_bytes(content[:8], "little")
    for key, length in json.loads(bytes(content[8:at])).items():
        found[key] = content[at : at + length]
        at += length
    return found


def _part_name(plan: Plan, root: str, known: bool) -> str:
    return _digest([*_places(plan, root), str(known)])


def _places(plan: Plan, root: str) -> Iterator[str]:
    """What tells a plan from others of its program. Code refers to what a plan has by its place there, so places take
    part."""
    yield from (plan.digest, root, plan.schema.names)
    yield from plan.tables
    for conclusion in plan.conclusions:
        yield from conclusion.key


class Cache:
    """A folder that keeps programs. ``quiet`` where nobody asked for it: that it cannot be used is then no news,
    unless others can write it."""

    def __init__(self, path: Path, quiet: bool = False) -> None:
        self.folder = Folder(path)
        self.notices: tuple[Diagnostic, ...] = ()
        try:
            self.folder.usable()
            self._here: str | None = _here()
        except OSError:  # a source that cannot be read: then nothing tells whether it is still the same
            self._here = None
        except UnusableError as error:
            self._here = None
            if error.unsafe or not quiet:
                notice = diagnostic("SR4007", severity=Severity.NOTE, path=str(path), name=path, reason=error.reason)
                self.notices = (notice,)

    def kept(self, documents: Iterable[tuple[str, str]], plugins: Iterable[tuple[str, str, str]] = ()) -> Kept | None:
        """What is kept of the program of these (name, digest of the content), in their order, that come from these
        (plugin, distribution, version). None where nothing can be kept."""
        if self._here is None:
            return None
        parts = [self._here, *(part for each in documents for part in each), "", *(p for each in plugins for p in each)]
        return Kept(self.folder, _digest(parts))


def content_digest(content: str | bytes) -> str:
    """The digest of a text or of bytes; the same words as text and as bytes are not the same."""
    if isinstance(content, str):
        return "t" + hashlib.sha256(content.encode("utf-8", "surrogatepass")).hexdigest()
    return hashlib.sha256(content).hexdigest()


def _same(open_file: OpenFile | None, document: str, name: str, digest: str) -> bool:
    if open_file is None:
        return False
    try:
        return content_digest(open_file(document, name)) == digest
    except Exception:  # the caller's own: what is wrong shows when the file is read in earnest
        return False


def _digest(parts: Iterable[str]) -> str:
    """Of the parts and of where one ends and the next begins."""
    found = hashlib.sha256()
    for part in parts:
        words = part.encode("utf-8", "surrogatepass")
        found.update(b"%d:" % len(words))
        found.update(words)
    return found.hexdigest()


@lru_cache(maxsize=1)
def _here() -> str:
    """The digest of what every entry rests on: this library, its tables, and this Python."""
    package = os.path.dirname(safetyrules.__file__)
    parts = [safetyrules.__version__, sys.version, MAGIC_NUMBER.hex(), str(sys.flags.optimize)]
    if not os.path.isdir(package):  # imported from an archive
        from importlib.resources import files

        parts += [part for source in _archived(files(safetyrules)) for part in source]
    for folder, folders, names in os.walk(package):
        folders[:] = sorted(name for name in folders if name != "__pycache__")
        for name in sorted(names):
            if name.endswith(_SOURCE):
                with open(os.path.join(folder, name), "rb") as source:
                    parts += [folder.removeprefix(package), name, content_digest(source.read())]
    parts += [content_digest(packaged_text(name)) for name in _TABLES]
    return _digest(parts)


def _archived(folder: Traversable) -> Iterator[tuple[str, str]]:
    for entry in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if entry.is_dir():
            yield from _archived(entry)
        elif entry.name.endswith(_SOURCE):
            yield str(entry), content_digest(entry.read_bytes())
