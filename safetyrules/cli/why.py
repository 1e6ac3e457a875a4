"""``safetyrules why`` and ``why-not``: the chain of reasons behind a conclusion, or what keeps it from a level."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from safetyrules.cli import options as o
from safetyrules.cli.asking import Question, ask
from safetyrules.cli.output import Form, language_of, print_json
from safetyrules.explanation.why import Explanation
from safetyrules.explanation.why_not import WhyNot
from safetyrules.result import Assessment
from safetyrules.text import Language

CONCLUSION = Annotated[
    str,
    typer.Argument(metavar="CONCLUSION", help="A conclusion of the subject, path#conclusion of a part, or a clause."),
]


def why(
    case: o.CASE,
    conclusion: CONCLUSION,
    as_of: o.AS_OF = None,
    law_at: o.LAW_AT = None,
    jurisdiction: o.JURISDICTION = None,
    closed: o.CLOSED = None,
    sector: o.SECTOR = None,
    changes: o.SET = None,
    register: o.REGISTER = None,
    mapping: o.MAPPING = None,
    rules: o.RULES = None,
    form: o.FORM = Form.text,
    lang: o.LANG = None,
) -> int:
    """Say why a conclusion is what it is: rules, clauses in force, conditions with values, facts with sources."""
    question = Question(case, as_of, law_at, jurisdiction, None, closed, sector, changes, rules, register, mapping)
    explanation = ask(question).assessment.why(conclusion)
    _print(explanation, form, language_of(lang))
    return 0


def why_not(
    case: o.CASE,
    conclusion: CONCLUSION,
    level: Annotated[str, typer.Argument(metavar="LEVEL", help="The level or value that was expected.")],
    as_of: o.AS_OF = None,
    law_at: o.LAW_AT = None,
    jurisdiction: o.JURISDICTION = None,
    closed: o.CLOSED = None,
    sector: o.SECTOR = None,
    changes: o.SET = None,
    register: o.REGISTER = None,
    mapping: o.MAPPING = None,
    rules: o.RULES = None,
    form: o.FORM = Form.text,
    lang: o.LANG = None,
) -> int:
    """Say what keeps a conclusion from a level, and what would have to be otherwise."""
    question = Question(case, as_of, law_at, jurisdiction, None, closed, sector, changes, rules, register, mapping)
    explanation = ask(question).assessment.why_not(conclusion, level)
    _print(explanation, form, language_of(lang))
    return 0


def _print(explanation: Explanation | WhyNot, form: Form, language: Language) -> None:
    if form is Form.json:
        print_json(explanation.to_json())
    elif form is Form.markdown:
        sys.stdout.write(explanation.to_markdown(language))
    else:
        sys.stdout.write(explanation.to_text(language))


def of_the_answer(assessment: Assessment) -> Explanation:
    """Why the findings that are not refuted, the grades, the classes and the tier are what they are, told together."""
    shown = ("finding", "grade", "assignment", "declared")
    roots = tuple(
        (outcome.path, outcome.name)
        for outcome in assessment.outcomes
        if outcome.conclusion.kind in shown
        and outcome.status in ("found", "undetermined", "determined")
        and (outcome.conclusion.kind == "finding" or outcome.path == assessment.request.subject)
    )
    return Explanation(assessment.replay, roots)


def print_reasons(assessment: Assessment, form: Form, language: Language) -> None:
    sys.stdout.write("\n")
    _print(of_the_answer(assessment), form, language)
