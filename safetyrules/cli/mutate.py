"""``safetyrules mutate``: would the tests notice a fault in the rulesets?"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, Annotated, cast

import typer

from safetyrules.cli import ANSWERED, WARNINGS
from safetyrules.cli import options as o
from safetyrules.cli.output import PlainForm, language_of, print_diagnostics, print_json, print_lines
from safetyrules.diagnostics import RequestError, RulesetError, diagnostic, did_you_mean
from safetyrules.text import Language, same

if TYPE_CHECKING:
    from safetyrules.mutation.edits import Operator
    from safetyrules.mutation.reporting import Mutation
    from safetyrules.testing.finding import Loaded

TOO_LOW = WARNINGS


def mutate(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Test files or folders of them.")
    ] = None,
    words: Annotated[str | None, typer.Option("-k", metavar="WORDS", help="Only cases whose name has these.")] = None,
    operator: Annotated[
        list[str] | None, typer.Option("--operator", metavar="NAME", help="Only these faults; repeatable.")
    ] = None,
    rule: Annotated[
        list[str] | None, typer.Option("--rule", metavar="NAME", help="Only faults in these (* for any part).")
    ] = None,
    seconds: Annotated[
        float | None, typer.Option("--time", metavar="SECONDS", help="Run no longer; the rest is not run.")
    ] = None,
    seed: Annotated[int, typer.Option("--seed", metavar="N", help="Draws what is run where time is short.")] = 0,
    processes: Annotated[int, typer.Option("--processes", metavar="N", min=1, help="Run in as many at once.")] = 1,
    min_score: Annotated[
        float | None, typer.Option("--min-score", metavar="PERCENT", help="Exit with 1 where less is noticed.")
    ] = None,
    html: Annotated[
        Path | None, typer.Option("--html", metavar="FOLDER", help="Write a page for each ruleset there.")
    ] = None,
    document: Annotated[
        Path | None, typer.Option("--json", metavar="FILE", help="Write a document mutation/v1 there.")
    ] = None,
    rules: o.RULES = None,
    form: o.PLAIN_FORM = PlainForm.text,
    lang: o.LANG = None,
) -> int:
    """Put faults into the rulesets that the tests are for, one at a time, and say which of them no test notices."""
    from safetyrules.mutation.reporting import joined
    from safetyrules.testing.finding import ask_for_tests

    language = language_of(lang)
    chosen = _operators(operator or [])
    parts = []
    until = None if seconds is None else perf_counter() + seconds
    for loaded in ask_for_tests(paths or [], rules or []):
        print_diagnostics((each for plugin in loaded.program.plugins for each in plugin.problems), language)
        left = None if until is None else max(0.0, until - perf_counter())
        parts.append(_mutated(loaded, rules or [], words, chosen, rule or ["*"], left, seed, processes))
    mutation = joined(parts)
    _report(mutation, html, document, form, language)
    if min_score is None or mutation.counted().surely >= min_score:
        return ANSWERED
    _too_low(mutation, min_score, language)
    return TOO_LOW


def _operators(names: list[str]) -> frozenset[Operator]:
    from safetyrules.mutation.edits import OPERATORS

    for name in names:
        if name not in OPERATORS:
            expected = same(" / ".join(OPERATORS))
            problem = diagnostic(
                "SR2105", option="operator", found=name, expected=expected, fix=did_you_mean(name, OPERATORS)
            )
            raise RequestError([problem])
    return frozenset(cast("list[Operator]", names) or OPERATORS)


def _mutated(
    loaded: Loaded, rules: list[Path], words: str | None, operators: frozenset[Operator], names: list[str],
    seconds: float | None, seed: int, processes: int,
) -> Mutation:  # fmt: skip
    from safetyrules.mutation.baseline import baseline
    from safetyrules.mutation.law import law_of
    from safetyrules.mutation.making import mutants_of
    from safetyrules.mutation.processes import run_in
    from safetyrules.mutation.reporting import Mutation
    from safetyrules.testing.choosing import chosen
    from safetyrules.testing.coverage.measuring import rulesets_of
    from safetyrules.testing.meaning import Meaning

    started = perf_counter()
    program, suites = loaded
    every = [case for suite in suites for case in suite.cases]
    Meaning(program.linked).refuse(every)
    cases = chosen(every, words)
    if not cases:
        raise RulesetError([diagnostic("SR4110", name=words or ", ".join(suite.source for suite in suites))])
    law = law_of(program, [*rules, *suites[0].rules])
    mutants = mutants_of(law, rulesets_of(program.linked, cases), operators, seed)
    wanted = [each for each in mutants.all if any(fnmatchcase(each.rule, name) for name in names)]
    ground = baseline(program, cases)
    left = None if seconds is None else max(0.0, seconds - (perf_counter() - started))
    with _progress(len(wanted)) as progress:
        fates = run_in(processes, law, ground, wanted, seconds=left, seed=seed, progress=progress)
    return Mutation(tuple(fates), len(ground.grounds), ground.failing, mutants.sampled, perf_counter() - started)


@contextmanager
def _progress(of: int) -> Iterator[Callable[[int], None]]:
    """Shows how many mutants are done, where somebody looks on."""
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=of)
        yield lambda done: bar.update(task, completed=done)


def _report(mutation: Mutation, html: Path | None, document: Path | None, form: PlainForm, language: Language) -> None:
    from safetyrules.cli.coverage import write
    from safetyrules.mutation.pages import page
    from safetyrules.mutation.reporting import mutation_document, terminal

    if html is not None:
        for ruleset in mutation.rulesets:
            name = re.sub(r"[^\w.-]", "_", ruleset)
            write(html / f"{name}.html", page(mutation, ruleset, language).encode())
    if document is not None:
        text = json.dumps(mutation_document(mutation).to_json(), ensure_ascii=False, indent=1)
        write(document, f"{text}\n".encode())
    if form is PlainForm.json:
        print_json(mutation_document(mutation).to_json())
    else:
        print_lines(terminal(mutation, language))


def _too_low(mutation: Mutation, wanted: float, language: Language) -> None:
    from safetyrules.testing.coverage.reporting import percent

    found = percent(mutation.counted().surely)
    print_diagnostics([diagnostic("SR4112", found=found, wanted=f"{wanted:g}")], language)
