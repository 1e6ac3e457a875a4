"""``safetyrules assess``: findings, grades, class and tier of one subject."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from safetyrules.cli import options as o
from safetyrules.cli.asking import Question, ask
from safetyrules.cli.output import Form, language_of, print_diagnostics, print_json, print_lines
from safetyrules.cli.why import of_the_answer, print_reasons
from safetyrules.describe import assessment_document
from safetyrules.report import markdown, report


def assess(
    case: o.CASE,
    as_of: o.AS_OF = None,
    law_at: o.LAW_AT = None,
    jurisdiction: o.JURISDICTION = None,
    treat_unknown_as: o.TREAT = None,
    closed: o.CLOSED = None,
    sector: o.SECTOR = None,
    changes: o.SET = None,
    register: o.REGISTER = None,
    mapping: o.MAPPING = None,
    rules: o.RULES = None,
    form: o.FORM = Form.text,
    lang: o.LANG = None,
    why: Annotated[
        bool, typer.Option("--why", help="Add the reasons of the findings, grades, class and tier.")
    ] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Add every conclusion of the subject and its parts.")
    ] = False,
) -> int:
    """Assess one subject: findings item by item, grades, size class, supervision tier, duties."""
    answer = ask(
        Question(case, as_of, law_at, jurisdiction, treat_unknown_as, closed, sector, changes, rules, register, mapping)
    )
    document = assessment_document(answer.assessment, case=answer.case.title, changes=answer.changes)
    language = language_of(lang)
    broken = [problem for plugin in answer.assessment.program.plugins for problem in plugin.problems]
    print_diagnostics(broken, language)
    if form is Form.json:
        plain = document.to_json()
        print_json({"assessment": plain, "explanation": of_the_answer(answer.assessment).to_json()} if why else plain)
        return 0
    lines = report(document, language, everything=everything)
    if form is Form.markdown:
        sys.stdout.write(markdown(lines))
    else:
        print_lines(lines)
    if why:
        print_reasons(answer.assessment, form, language)
    return 0
