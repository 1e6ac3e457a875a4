"""The law as it is written, and as it would be with something else in a place: the documents of a program, each with
its text, read and linked again with one of them changed."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from pathlib import Path

from safetyrules.diagnostics import RulesetError
from safetyrules.folders import DocumentFile, read_files
from safetyrules.language.document import Document, TableDocument
from safetyrules.language.limits import LIMITS
from safetyrules.language.link import link
from safetyrules.language.plan_checks import check_plans
from safetyrules.language.read import read_document
from safetyrules.language.ruleform import LinkedProgram
from safetyrules.language.source_text import SourceText, source_text
from safetyrules.mutation.edits import Edit, applied
from safetyrules.plugins import documents_with_paths
from safetyrules.program import Program, link_program


class Law:
    """The documents of a program. ``linked`` is what they say together."""

    def __init__(self, files: Iterable[DocumentFile], program: Program | None = None) -> None:
        """Raises RulesetError where the documents do not check. ``program`` is what they make, where it is known."""
        self._files = {file.name: file.holding() for file in files}
        documents, problems = read_files(self._files.values())
        if problems:
            raise RulesetError(problems)
        self.program = program if program is not None else link_program(documents)
        self.linked = self.program.linked
        self._read = {document.source: document for document in documents}
        self._texts: dict[str, SourceText] = {}
        #: The sources of CSV files, with the documents that name them.
        self.tables: dict[str, str] = {
            _beside(document.source, document.document.file.text): document.source
            for document in documents
            if isinstance(document.document, TableDocument)
        }

    @property
    def files(self) -> tuple[DocumentFile, ...]:
        return tuple(self._files.values())

    @property
    def documents(self) -> dict[str, Document]:
        """The documents by their sources."""
        return {source: each.document for source, each in self._read.items()}

    def text(self, source: str) -> SourceText:
        """The text of a document, or of a file of a table."""
        found = self._texts.get(source)
        if found is None:
            found = self._texts[source] = source_text(self._content(source), source, LIMITS.bytes)
        return found

    def _content(self, source: str) -> bytes:
        if source in self._files:
            return self._files[source].content()
        document = self.tables[source]
        return self._files[document].beside(source.rpartition("/")[2])

    def with_edits(self, edits: Sequence[Edit]) -> LinkedProgram:
        """The law with ``edits`` of one source made. Raises RulesetError where it does not check."""
        name = edits[0].span.source
        content = applied(self.text(name), edits).encode("utf-8")
        changed = self.tables.get(name, name)
        file = self._files[changed]

        def beside(other: str) -> bytes:
            return content if _beside(changed, other) == name else file.beside(other)

        document = read_document(content if changed == name else file.content(), changed, open_file=beside)
        digest = hashlib.sha256(self.linked.digest.encode() + content + name.encode()).hexdigest()
        documents = (document if source == changed else each.document for source, each in self._read.items())
        linked = link(documents, digest, self.program.places)
        problems = check_plans(linked, self.program.places)
        if problems:
            raise RulesetError(problems)
        return linked


def _beside(document: str, file: str) -> str:
    folder, slash, _ = document.rpartition("/")
    return f"{folder}{slash}{file}"


def law_of(program: Program, paths: Sequence[str | Path]) -> Law:
    """The law of a program that `safetyrules.plugins.load_with_paths` made of ``paths``."""
    return Law(documents_with_paths(program, paths), program)
