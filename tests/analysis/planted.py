"""Rulesets with one planted defect each, and clean ones: small programs in one file, the defect marked in its line.

The documents of a file stand between ``---`` lines and keep its line numbers. One that starts with ``# file: NAME`` is
the CSV file of a table, one that starts with ``# tests`` a test file. ``#! SR0702`` at the end of a line says what must
be found there.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from safetyrules.analysis.run import analyse
from safetyrules.diagnostics import Diagnostic, RulesetError
from safetyrules.language.link import link
from safetyrules.language.plan_checks import check_plans
from safetyrules.language.read import read_document
from safetyrules.places import places
from safetyrules.program import Program
from safetyrules.testing.model import Suite
from safetyrules.testing.reading import read_suite

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


def program_of(found: Planted) -> Program:
    """Raises RulesetError."""
    documents = [read_document(text, name, open_file=lambda file: found.files[file]) for name, text in found.documents]
    tree = places()
    return Program(link(documents, f"digest of {found.path.stem}", tree), tree)


def suites_of(found: Planted) -> list[Suite] | None:
    return [read_suite(text, found.path.name) for text in found.tests] or None


def said_of(found: Planted) -> list[Diagnostic]:
    """All that `check` says of a program."""
    try:
        program = program_of(found)
    except RulesetError as error:
        return list(error.diagnostics)
    said = [*program.linked.warnings, *check_plans(program.linked, program.places)]
    return [*said, *analyse(program, suites_of(found), said, drafting=True)]
