"""Golden cases of the passes from text to plan: small programs, and what each pass must make of them or say about them.

A case is one YAML file whose documents, separated by ``---`` lines, are the documents of a program together with those
of ``base.yaml`` (left out after a first line ``# no base``). A document that starts with ``# file: NAME`` is the CSV
file of a table. Documents keep the line numbers of the case, so that the places in diagnostics are places in the case.

``python tests/language/golden_passes.py`` writes what the passes now say beside every case; review the difference.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from pathlib import Path

from safetyrules.diagnostics import Diagnostic, RulesetError
from safetyrules.language.link import link
from safetyrules.language.plan import make_plan
from safetyrules.language.plan_checks import check_plans
from safetyrules.language.read import read_document
from safetyrules.language.ruleform import LinkedProgram
from safetyrules.places import places

from snapshots import plan_lines, program_lines  # isort: skip

HERE = Path(__file__).parent
PASSES = ("declare", "check", "link", "plan")


@dataclass
class Case:
    """The documents of a case by their place in it, its CSV files, and the plans it asks for."""

    path: Path
    documents: list[tuple[str, str]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    plans: list[tuple[date, str, str | None]] = field(default_factory=list)


def cases(name: str, quality: str) -> list[Path]:
    return sorted((HERE / name / quality).glob("*.yaml"))


def case(path: Path) -> Case:
    text = path.read_text(encoding="utf-8")
    found = Case(path)
    if not text.startswith("# no base"):
        _add(found, HERE / "base.yaml")
    _add(found, path)
    for day, place, register in re.findall(r"^# plan: (\S+) (\S+)(?: of (\S+))?$", text, re.MULTILINE):
        found.plans.append((date.fromisoformat(day), place, register or None))
    return found


def _add(found: Case, path: Path) -> None:
    line = 0
    for part in re.split(r"^---\n", path.read_text(encoding="utf-8"), flags=re.MULTILINE):
        if named := re.match(r"# file: (\S+)\n", part):
            found.files[named[1]] = part[named.end() :].encode()
        elif re.search(r"^[a-z]", part, re.MULTILINE):
            found.documents.append((path.name, "\n" * line + part))
        line += part.count("\n") + 1


def linked(found: Case) -> LinkedProgram:
    """The program of a case. Raises RulesetError."""
    documents = [read_document(text, name, open_file=lambda file: found.files[file]) for name, text in found.documents]
    return link(documents, f"digest of {found.path.stem}", places())


def diagnostics(found: Case) -> list[Diagnostic]:
    """All that is said about a case: errors and warnings of linking, then of every plan."""
    try:
        program = linked(found)
    except RulesetError as error:
        return list(error.diagnostics)
    return [*program.warnings, *check_plans(program, places())]


def rendered(problems: list[Diagnostic]) -> str:
    english = "\n".join(problem.render("en") for problem in problems)
    chinese = "\n".join(problem.render("zh") for problem in problems)
    return f"{english}\n\n{chinese}\n"


def snapshot(found: Case) -> str:
    """The typed rules of a case, or the plans that it asks for, in few words."""
    program = linked(found)
    return "".join(f"{line}\n" for line in _snapshot(found, program))


def _snapshot(found: Case, program: LinkedProgram) -> Iterator[str]:
    if not found.plans:
        yield from program_lines(program)
    for day, place, register in found.plans:
        plan = make_plan(program, places(), day, place, register=register)
        yield from plan_lines(replace(plan, law_at=day))


def expected(path: Path) -> str:
    return path.with_suffix(".txt").read_text(encoding="utf-8")


def _rewrite() -> None:
    for name in PASSES:
        for path in cases(name, "bad"):
            path.with_suffix(".txt").write_text(rendered(diagnostics(case(path))), encoding="utf-8")
        for path in cases(name, "good"):
            path.with_suffix(".txt").write_text(snapshot(case(path)), encoding="utf-8")


if __name__ == "__main__":
    _rewrite()
