"""From a command line to an assessment: read the case, load the law, ask."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from safetyrules.case import Case, read_case, with_changes
from safetyrules.diagnostics import FactsError, RequestError, diagnostic
from safetyrules.folders import read_bytes, unreadable
from safetyrules.language.yaml_source import LIMITS
from safetyrules.plugins import load_with_paths
from safetyrules.program import Program
from safetyrules.result import Assessment
from safetyrules.text import Text


@dataclass(frozen=True)
class Question:
    """What the command line asks, beside the case."""

    case: str
    as_of: str | None = None
    law_at: str | None = None
    jurisdiction: str | None = None
    treat_unknown_as: str | None = None
    closed: Sequence[str] | None = None
    sectors: Sequence[str] | None = None
    changes: Sequence[str] | None = None
    rules: Sequence[Path] | None = None
    #: Where ``case`` is the key of a subject: the register that it is in, and its mapping.
    register: str | None = None
    mapping: Path | None = None


@dataclass(frozen=True)
class Answer:
    case: Case
    assessment: Assessment

    @property
    def changes(self) -> list[tuple[str, str]]:
        return [(path, value) for path, _, value in (change.partition("=") for change in self.case.changes)]


def ask(question: Question) -> Answer:
    """Raises FactsError, RequestError, RulesetError, RegisterError or PluginError with every problem and its place."""
    case = read_case(_content(question.case), _name(question.case)) if question.register is None else None
    program: Program = load_with_paths(tuple(question.rules or ()))
    if case is None:
        case = _case_of_register(question, program)
    roots = program.schema.roots
    subject = str(case.options.get("subject") or next(iter(roots), "enterprise"))
    if question.changes:
        case = with_changes(case, list(question.changes), subject)
    options = _options(case, question)
    try:
        return Answer(case, program.assess(case.facts, **options))
    except FactsError as error:
        located = (case.located(problem, subject) for problem in error.diagnostics)
        raise FactsError(sorted(located, key=lambda problem: (problem.span is None, problem.span))) from error


def _case_of_register(question: Question, program: Program) -> Case:
    """One subject of a register."""
    from safetyrules.register.register import open_register

    assert question.register is not None
    with open_register(question.register, question.mapping, program=program) as register:
        return Case(f"{question.register}#{question.case}", register.facts(question.case))


def _options(case: Case, question: Question) -> dict[str, Any]:
    options: dict[str, Any] = dict(case.options)
    asked = {
        "as_of": question.as_of,
        "law_at": question.law_at,
        "jurisdiction": question.jurisdiction,
        "treat_unknown_as": question.treat_unknown_as,
        "closed": question.closed or None,
        "sectors": question.sectors or None,
    }
    options.update({name: value for name, value in asked.items() if value is not None})
    if "as_of" not in options:
        expected = Text("案例文件中的 as_of，或 --as-of 日期", "as_of in the case file, or --as-of DATE")
        raise RequestError([diagnostic("SR2105", option="as_of", found="", expected=expected)])
    return options


def _content(case: str) -> bytes:
    if case == "-":
        return sys.stdin.buffer.read(LIMITS.bytes + 1)
    try:
        return read_bytes(Path(case))
    except (OSError, ValueError) as error:
        raise FactsError([unreadable(case, error)]) from error


def _name(case: str) -> str:
    return "<stdin>" if case == "-" else case
