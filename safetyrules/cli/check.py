"""``safetyrules check``: does the law that is loaded hold together?"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated

import typer

from safetyrules.cli import ANSWERED, BAD_INPUT, WARNINGS
from safetyrules.cli import options as o
from safetyrules.cli.output import PlainForm, diagnostics_json, language_of, print_diagnostics, print_json
from safetyrules.diagnostics import Diagnostic, PluginError, RulesetError, Severity
from safetyrules.text import Text

_NOTED = Text("{count} 条提示{how}", "{count} note(s){how}")


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Documents or folders of them.")
    ] = None,
    only: Annotated[bool, typer.Option("--only", help="Check the paths alone, without the installed law.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where there are warnings.")] = False,
    notes: Annotated[
        bool, typer.Option("--notes", help="Also print notes: what nobody reads, rules without a test.")
    ] = False,
    timings: Annotated[bool, typer.Option("--timings", help="Say how long each pass took.")] = False,
    form: o.PLAIN_FORM = PlainForm.text,
    lang: o.LANG = None,
) -> int:
    """Check the installed law, with the documents in PATH: names, types, units, cycles, writers, citations; gaps,
    overlaps, rows and rules that never count, exceptions that contradict, what nobody reads, what loosens."""
    from safetyrules.analysis.run import analyse
    from safetyrules.language.plan_checks import check_plans
    from safetyrules.passes import Passes
    from safetyrules.plugins import load_with_paths
    from safetyrules.testing.finding import suites_beside

    problems: list[Diagnostic] = []
    analysed: list[Diagnostic] = []
    summary = ""
    seconds_of: Mapping[str, float] = {}
    language = language_of(lang)
    try:
        program = load_with_paths(paths or (), installed=not only, anew=timings)
    except (RulesetError, PluginError) as error:
        problems.extend(error.diagnostics)
    else:
        problems.extend(problem for plugin in program.plugins for problem in plugin.problems)
        problems.extend(program.notices)
        problems.extend(program.linked.warnings)
        passes = Passes()
        with passes("plans"):
            problems.extend(check_plans(program.linked, program.places))
        with passes("read tests"):
            suites = suites_beside(program.plugins if not only else (), paths or ())
        # Law that has no plan cannot be asked what it comes to.
        if not any(problem.severity is Severity.ERROR for problem in problems):
            analysed = analyse(program, suites, problems, drafting=notes, passes=passes)
        if paths:
            analysed = [each for each in analysed if each.severity is not Severity.NOTE or _inside(each, paths)]
        seconds_of = {**program.timings, **passes.seconds} if timings else {}
        rules, instruments = len(program.linked.rules), len(program.linked.instruments)
        summary = {
            "zh": f"已检查 {rules} 条规则、{instruments} 份文件",
            "en": f"checked {rules} rules of {instruments} instruments",
        }[language]
    noted = sum(problem.severity is Severity.NOTE for problem in analysed)
    problems.extend(analysed)
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    if form is PlainForm.json:
        print_json(diagnostics_json(problems))
    else:
        hidden = set() if notes else {each for each in analysed if each.severity is Severity.NOTE}
        print_diagnostics((each for each in problems if each not in hidden), language, to_stderr=False)
        counted = {"zh": f"{errors} 个错误，{warnings} 个警告", "en": f"{errors} error(s), {warnings} warning(s)"}[
            language
        ]
        more = _NOTED.format(count=noted, how="" if notes else " (--notes)").in_language(language) if noted else ""
        joint = "; " if language == "en" else "；"
        print(joint.join(filter(None, (summary, counted, more))))
        for name, seconds in seconds_of.items():
            print(f"  {name}: {seconds * 1000:.1f} ms")
    if errors or any(problem.code in ("SR3001", "SR3002") for problem in problems):
        return BAD_INPUT
    return WARNINGS if strict and warnings else ANSWERED


def _inside(problem: Diagnostic, paths: list[Path]) -> bool:
    """Is it about a document in the paths? Notes on other law are no business of who checks these."""
    source = problem.span.source if problem.span is not None else ""
    return any(source == str(path) or source.startswith(f"{path}/") for path in paths)
