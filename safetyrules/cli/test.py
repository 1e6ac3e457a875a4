"""``safetyrules test``: do the rulesets say what their tests expect, and what of the law do the tests reach?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from safetyrules.cli import ANSWERED, WARNINGS
from safetyrules.cli import options as o
from safetyrules.cli.output import PlainForm, language_of, print_diagnostics, print_json, print_lines
from safetyrules.text import Language

if TYPE_CHECKING:
    from safetyrules.program import Program
    from safetyrules.testing.model import Case
    from safetyrules.testing.results import Run

FAILED = WARNINGS


def run_cases(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Test files or folders of them.")
    ] = None,
    words: Annotated[str | None, typer.Option("-k", metavar="WORDS", help="Only cases whose name has these.")] = None,
    last_failed: Annotated[bool, typer.Option("--lf", help="Only cases that failed last time.")] = False,
    junit: Annotated[Path | None, typer.Option("--junit", metavar="FILE", help="Write JUnit's XML there.")] = None,
    watch: Annotated[bool, typer.Option("--watch", help="Run again whenever a file changes.")] = False,
    coverage: Annotated[bool, typer.Option("--coverage", help="Say what of the law the cases reach.")] = False,
    min_coverage: Annotated[
        float | None, typer.Option("--min-coverage", metavar="PERCENT", help="Exit with 1 where less is reached.")
    ] = None,
    coverage_html: Annotated[
        Path | None, typer.Option("--coverage-html", metavar="FOLDER", help="Write a page for each ruleset there.")
    ] = None,
    coverage_json: Annotated[
        Path | None, typer.Option("--coverage-json", metavar="FILE", help="Write a document coverage/v1 there.")
    ] = None,
    rules: o.RULES = None,
    form: o.PLAIN_FORM = PlainForm.text,
    lang: o.LANG = None,
) -> int:
    """Run the tests of rulesets: those in PATH, else those that lie beside the installed law."""
    language = language_of(lang)
    asked = coverage or min_coverage is not None or coverage_html is not None or coverage_json is not None

    def once() -> int:
        run, ran = _run(paths or [], rules or [], words, last_failed, form, language)
        failed = bool(run.failed)
        if junit is not None:
            from safetyrules.cli.coverage import write
            from safetyrules.testing.documents import junit as written

            write(junit, written(run, language))
        if asked:
            from safetyrules.cli.coverage import measured, report_coverage

            reached = report_coverage(measured(ran), min_coverage, coverage_html, coverage_json, form, language)
            failed = failed or not reached
        return FAILED if failed else ANSWERED

    if not watch:
        return once()
    from safetyrules.cli.watching import watch_and

    return watch_and(once, [*(paths or []), *(rules or [])], language)


def _run(
    paths: list[Path], rules: list[Path], words: str | None, last_failed: bool, form: PlainForm, language: Language
) -> tuple[Run, list[tuple[Program, list[Case]]]]:
    """The run, printed, and which cases ran under which program."""
    from safetyrules.testing.choosing import LastFailed, chosen
    from safetyrules.testing.documents import results_document
    from safetyrules.testing.finding import ask_for_tests
    from safetyrules.testing.meaning import Meaning
    from safetyrules.testing.sharing import run_shared
    from safetyrules.testing.telling import joined, lines_of, summary

    runs = []
    ran: list[tuple[Program, list[Case]]] = []
    kept = LastFailed()
    for program, suites in ask_for_tests(paths, rules):
        print_diagnostics((each for plugin in program.plugins for each in plugin.problems), language)
        cases = [case for suite in suites for case in suite.cases]
        Meaning(program.linked).refuse(cases)
        cases = chosen(cases, words)
        cases = kept.among(cases) if last_failed else cases
        runs.append(run_shared(program, cases))
        ran.append((program, cases))
    run = joined(runs)
    kept.keep(result.case for result in run.failed)
    if form is PlainForm.json:
        print_json(results_document(run).to_json())
    else:
        for result in run.failed:
            print_lines(lines_of(result, language))
        print_lines(summary(run, language))
    return run, ran
