"""Rulesets with one planted defect each, and clean ones: small programs in one file, the defect marked in its line.

The documents of a file stand between ``---`` lines and keep its line numbers. One that starts with ``# file: NAME`` is
the CSV file of a table, one that starts with ``# tests`` a test file. ``#! SR0702`` at the end of a line says what must
be found there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).parent


@dataclass
class Planted:
    """A program and its tests as texts, and the (line, code) that its analysis must find."""

    path: Path
    documents: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    tests: list[str] = field(default_factory=list)
    marks: list[tuple[int, str]] = field(default_factory=list)


def paths(folder: str) -> list[Path]:
    return sorted((HERE / folder).glob("*.yaml"))


def planted(path: Path) -> Planted:
    found = Planted(path)
    text = path.read_text(encoding="utf-8")
    line = 0
    for part in re.split(r"^---\n", text, flags=re.MULTILINE):
        if named := re.match(r"# file: (\S+)\n", part):
            found.files[named[1]] = part[named.end() :].encode()
        elif part.startswith("# tests"):
            found.tests.append("\n" * line + part)
        else:
            found.documents.append((path.name, "\n" * line + part))
        line += part.count("\n") + 1
    for number, each in enumerate(text.split("\n"), start=1):
        if mark := re.search(r"#! (SR\d{4})$", each):
            found.marks.append((number, mark[1]))
    return found
