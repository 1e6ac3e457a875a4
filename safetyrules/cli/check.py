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


def check(
    paths: Annotated[
        list[Path] | None, typer.Argument(metavar="[PATH]...", help="Documents or folders of them.")
    ] = None,
    only: Annotated[bool, typer.Option("--only", help="Check the paths alone, without the installed law.")] = False,
    strict: Annotated[bool, typer.Option("--strict", help="Exit with 1 where there are warnings.")] = False,
    timings: Annotated[bool, typer.Option("--timings", help="Say how long each pass took.")] = False,
    form: o.PLAIN_FORM = PlainForm.text,
    lang: o.LANG = None,
) -> int:
    """Check the installed law, with the documents in PATH: names, types, units, cycles, writers, citations."""
    from safetyrules.language.plan_checks import check_plans
    from safetyrules.plugins import load_with_paths

    problems: list[Diagnostic] = []
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
        problems.extend(check_plans(program.linked, program.places))
        seconds_of = program.timings if timings else {}
        rules, instruments = len(program.linked.rules), len(program.linked.instruments)
        summary = {
            "zh": f"已检查 {rules} 条规则、{instruments} 份文件",
            "en": f"checked {rules} rules of {instruments} instruments",
        }[language]
    errors = sum(problem.severity is Severity.ERROR for problem in problems)
    warnings = sum(problem.severity is Severity.WARNING for problem in problems)
    if form is PlainForm.json:
        print_json(diagnostics_json(problems))
    else:
        print_diagnostics(problems, language, to_stderr=False)
        counted = {"zh": f"{errors} 个错误，{warnings} 个警告", "en": f"{errors} error(s), {warnings} warning(s)"}[
            language
        ]
        print(("; " if language == "en" else "；").join(filter(None, (summary, counted))))
        for name, seconds in seconds_of.items():
            print(f"  {name}: {seconds * 1000:.1f} ms")
    if errors or any(problem.code in ("SR3001", "SR3002") for problem in problems):
        return BAD_INPUT
    return WARNINGS if strict and warnings else ANSWERED
