"""``safetyrules trace``: which rules and tests stand for each clause of the law, and why some have none."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from safetyrules.cli import ANSWERED, WARNINGS
from safetyrules.cli import options as o
from safetyrules.cli.output import Form, language_of, print_diagnostics, print_json, print_lines
from safetyrules.diagnostics import Diagnostic, RequestError, Severity, diagnostic, did_you_mean
from safetyrules.text import same

if TYPE_CHECKING:
    from safetyrules.program import Program
    from safetyrules.testing.finding import CaseFile, Loaded
    from safetyrules.tracing.matrix import Matrix


def trace(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Documents and tests, or folders of them.")
    ] = None,
    instrument: Annotated[
        list[str] | None, typer.Option("--instrument", metavar="ID", help="Only this instrument.")
    ] = None,
    status: Annotated[
        list[str] | None, typer.Option("--status", metavar="STATUS", help="Show only clauses of this status.")
    ] = None,
    only: Annotated[bool, typer.Option("--only", help="The paths alone, without the installed law.")] = False,
    tests: Annotated[bool, typer.Option("--tests/--no-tests", help="Run the tests, and say which reach what.")] = True,
    cases: Annotated[bool, typer.Option("--cases", help="Name every case.")] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Exit with 1 where a clause is unaccounted for, or no passing case reaches it."),
    ] = False,
    form: o.FORM = Form.text,
    lang: o.LANG = None,
) -> int:
    """Print the matrix instrument, clause, rules, tests, status: of the law in PATH, else of the installed law."""
    from safetyrules.plugins import load_with_paths
    from safetyrules.tracing.documents import trace_document
    from safetyrules.tracing.matrix import STATUSES, declared_in, instruments_of
    from safetyrules.tracing.matrix import trace as traced
    from safetyrules.tracing.telling import markdown, terminal

    language = language_of(lang)
    for each in status or ():
        if each not in STATUSES:
            fix = did_you_mean(each, STATUSES)
            raise RequestError(
                [diagnostic("SR4202", name=each, found=each, expected=same(" / ".join(STATUSES)), fix=fix)]
            )
    documents = [path for path in paths or () if _is_law(path)]
    program = load_with_paths(documents, installed=not only)
    print_diagnostics((each for plugin in program.plugins for each in plugin.problems), language)
    chosen = _known(program, instrument) if instrument else list(program.linked.instruments)
    if paths and not instrument:
        chosen = list(instruments_of(program, documents))
    # Instruments of the paths alone are tested there alone.
    own = set(declared_in(program, documents))
    found = _tests(program, paths or [], documents, only, own.issuperset(chosen)) if tests else None
    matrix = traced(program, found, chosen)
    statuses = frozenset(each for each in STATUSES if not status or each in status)
    if form is Form.json:
        print_json(trace_document(matrix, statuses).to_json())
    elif form is Form.markdown:
        sys.stdout.write(markdown(matrix, language, statuses, cases))
    else:
        print_lines(terminal(matrix, language, statuses, cases))
    if not strict:
        return ANSWERED
    problems = _problems(matrix)
    print_diagnostics(problems, language)
    return WARNINGS if problems else ANSWERED


def _known(program: Program, names: Sequence[str]) -> list[str]:
    known = program.linked.instruments
    unknown = [name for name in names if name not in known]
    if unknown:
        raise RequestError(
            [diagnostic("SR0903", name=name, found=name, fix=did_you_mean(name, known)) for name in unknown]
        )
    return list(names)


def _is_law(path: Path) -> bool:
    from safetyrules.folders import TEST_ENDING

    return not path.name.endswith(TEST_ENDING)


def _tests(program: Program, paths: Sequence[Path], documents: Sequence[Path], only: bool, own: bool) -> list[Loaded]:
    """The tests in and beside the paths; and of the installed law, unless all instruments are the paths' ``own``."""
    from safetyrules.testing.finding import files_of, load, read_suites

    found = [each for path in paths for each in _beside(path)]
    if not only and not own:
        found.extend(files_of(program.plugins))
    unique = {each.name: each for each in found}
    return load(read_suites(unique.values()), documents, installed=not only)


def _beside(path: Path) -> list[CaseFile]:
    from safetyrules.folders import TEST_ENDING
    from safetyrules.testing.finding import files_in

    if path.is_dir():
        return files_in([path]) if any(path.rglob(f"*{TEST_ENDING}")) else []
    test = path if not _is_law(path) else path.with_name(f"{path.stem}{TEST_ENDING}")
    return files_in([test]) if test.exists() or not _is_law(path) else []


def _problems(matrix: Matrix) -> list[Diagnostic]:
    missing = [
        diagnostic("SR0909", each.clause.span, severity=Severity.WARNING, clause=each.clause.id,
                   instrument=each.instrument)
        for each in matrix.unaccounted
    ]  # fmt: skip
    return missing + [diagnostic("SR4201", each.clause.span, name=each.name) for each in matrix.untested]
