"""Running cases: each through `decide`, all of one plan by columns too, and both held against one another."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from time import perf_counter
from typing import Any, Literal

from safetyrules.diagnostics import Diagnostic, FactsError, RequestError, Span
from safetyrules.facts.entity import Entity
from safetyrules.language import terms as t
from safetyrules.language.plan import Plan
from safetyrules.members import RegisterAssessment
from safetyrules.program import Program
from safetyrules.result import Assessment, EngineName, Outcome, Request
from safetyrules.testing.columns import Columns
from safetyrules.testing.expectations import Answered, key_of, shown
from safetyrules.testing.meaning import Meaning
from safetyrules.testing.model import Case, Expectation
from safetyrules.text import Language
from safetyrules.values import Scalar

FailureKind = Literal["expectation", "refusal", "notice", "disagreement"]


@dataclass(frozen=True)
class Failure:
    """One thing that is not as expected. ``names`` are what `why` explains."""

    kind: FailureKind
    span: Span
    key: str
    expected: str
    actual: str
    answer: Assessment | None = field(default=None, repr=False, compare=False)
    names: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def why(self, language: Language) -> str:
        """The reasons that led there; empty where there are none."""
        if self.answer is None:
            return ""
        try:
            return "\n".join(self.answer.why(name).to_text(language).rstrip("\n") for name in self.names[:3])
        except RequestError:
            return ""


@dataclass(frozen=True)
class Result:
    case: Case
    failures: tuple[Failure, ...]
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True)
class Run:
    """All results, in the order of the cases. ``by_columns`` counts the cases that columns settled."""

    results: tuple[Result, ...]
    seconds: float
    by_columns: int

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if not result.passed)


@dataclass
class _Group:
    """The cases that one plan and the same request answer."""

    plan: Plan
    request: Request
    rows: list[int] = field(default_factory=list)
    entities: list[Entity] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)


class Runner:
    """Runs cases under one program, again and again; what was prepared for one run serves the next."""

    def __init__(self, program: Program, *, engine: EngineName = "compiled", columns: bool = True) -> None:
        self.program = program
        self.engine = engine
        self._columns = Columns() if columns else None
        self._dated: dict[str, bool] = {}

    def check(self, cases: Iterable[Case]) -> None:
        """Raises RulesetError with every expectation that cannot be meant."""
        Meaning(self.program.linked).refuse(cases)

    def run(self, cases: Sequence[Case]) -> Run:
        with _keeping_all():
            return self._run(cases)

    def _run(self, cases: Sequence[Case]) -> Run:
        started = perf_counter()
        answers: list[Assessment | None] = []
        failures: list[list[Failure]] = []
        seconds: list[float] = []
        for case in cases:
            before = perf_counter()
            answer, found = self._decide(case)
            answers.append(answer)
            failures.append(found)
            seconds.append(perf_counter() - before)
        settled = self._compare(cases, answers, failures)
        results = (Result(case, tuple(found), took) for case, found, took in zip(cases, failures, seconds, strict=True))
        return Run(tuple(results), perf_counter() - started, settled)

    def answer(self, case: Case) -> Assessment:
        """Raises FactsError or RequestError."""
        return self.program.assess(case.facts, engine=self.engine, **case.options)

    # ---- one by one --------------------------------------------------------------------------------------------------

    def _decide(self, case: Case) -> tuple[Assessment | None, list[Failure]]:
        try:
            answer = self.answer(case)
        except (FactsError, RequestError) as error:
            return None, list(_refused(case, error.diagnostics))
        if case.refusals:
            expected = ", ".join(_refusal(each.code, each.at) for each in case.refusals)
            return answer, [Failure("refusal", case.span, "refused", expected, "answered", answer)]
        asked = Answered(answer)
        found = []
        for each in case.expectations:
            mismatch = asked.mismatch(each)
            if mismatch is not None:
                found.append(
                    Failure(
                        "expectation", each.span, each.key, mismatch.expected, mismatch.actual, answer, mismatch.names
                    )
                )
        found.extend(self._notices(case, answer))
        return answer, found

    def _notices(self, case: Case, answer: Assessment) -> Iterable[Failure]:
        if not case.notices:
            return
        noticed = [each.code for each in answer.notices]
        if not set(case.notices) <= set(noticed):
            noticed += self._noticed_inside(answer)
        for code in case.notices:
            if code not in noticed:
                yield Failure("notice", case.span, "notices", code, ", ".join(dict.fromkeys(noticed)) or "[]", answer)

    def _noticed_inside(self, answer: Assessment) -> list[str]:
        """What is noticed of undetermined conclusions when they are computed."""
        from safetyrules.engine.reference import Reference

        run = Reference(answer.plan, self.program.entity(answer.facts, answer.request), answer.request.as_of).run()
        return [problem.code for _, _, problem in run.diagnostics]

    # ---- all together ------------------------------------------------------------------------------------------------

    def _compare(
        self, cases: Sequence[Case], answers: Sequence[Assessment | None], failures: list[list[Failure]]
    ) -> int:
        """Adds where columns say otherwise; how many cases they settled."""
        if self._columns is None:
            return 0
        settled = 0
        for group in self._groups(cases, answers).values():
            decided: list[Mapping[tuple[str, str], Scalar]] = [_scalars(answers[row]) for row in group.rows]
            differences, count = self._columns.differences(
                group.plan, group.request, group.entities, decided, frozenset(group.asked)
            )
            settled += count
            for subject, path, name, one, two in differences:
                row = group.rows[subject]
                failures[row].append(self._disagreement(cases[row], answers[row], path, name, one, two))
        return settled

    def _groups(
        self, cases: Sequence[Case], answers: Sequence[Assessment | None]
    ) -> Mapping[tuple[str, date | None, str], _Group]:
        groups: dict[tuple[str, date | None, str], _Group] = {}
        for row, (case, answer) in enumerate(zip(cases, answers, strict=True)):
            if answer is None:
                continue
            plan, request = answer.plan, answer.request
            day = request.as_of if self._depends_on_the_day(plan) else None
            group = groups.setdefault((plan.digest, day, request.subject), _Group(plan, request))
            group.rows.append(row)
            entity = answer.entity if isinstance(answer, RegisterAssessment) else None
            group.entities.append(self.program.entity(case.facts, request) if entity is None else entity)
            group.asked.update(self._names(plan, each, request.subject) for each in case.expectations)
        return groups

    def _depends_on_the_day(self, plan: Plan) -> bool:
        """Does any conclusion read the day that the facts describe? If none does, cases of many days are one batch."""
        found = self._dated.get(plan.digest)
        if found is None:
            terms = (term for conclusion in plan.conclusions for term in t.walk(conclusion.term))
            found = self._dated[plan.digest] = any(isinstance(term, t.AsOf) for term in terms)
        return found

    def _names(self, plan: Plan, expectation: Expectation, root: str) -> str:
        key = key_of(expectation.key, self.program.linked.instruments, root)
        if key.clause is None:
            return key.name
        return next((c.name for c in plan.conclusions if c.kind == "finding" and c.clause == key.clause), "")

    def _disagreement(
        self, case: Case, answer: Assessment | None, path: str, name: str, one: Scalar | None, two: Scalar | None
    ) -> Failure:
        assert answer is not None
        conclusion = next((each for each in answer.plan.conclusions if each.name == name), None)
        said = [
            "–" if scalar is None or conclusion is None else shown(Outcome(path, conclusion, scalar, "withhold"))
            for scalar in (one, two)
        ]
        names = (f"{path}#{name}",) if one is not None else ()
        return Failure("disagreement", case.span, f"{path}#{name}", said[0], said[1], answer, names)


@contextmanager
def _keeping_all() -> Iterator[None]:
    """Everything that a run makes is kept until it ends: looking for what could be let go takes a third of the time and
    finds nothing."""
    collecting = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if collecting:
            gc.enable()


def _scalars(answer: Assessment | None) -> Mapping[tuple[str, str], Scalar]:
    assert answer is not None
    return answer.scalars


def _refused(case: Case, problems: Sequence[Diagnostic]) -> Iterable[Failure]:
    """What differs from the refusal that was expected, if one was."""
    root = str(case.options.get("subject") or "")
    codes = {(problem.code, _at(problem, root)) for problem in problems}
    actual = ", ".join(_refusal(code, at) for code, at in sorted(codes, key=str))
    if not case.refusals:
        yield Failure("refusal", case.span, "facts", "answered", actual, diagnostics=tuple(problems))
        return
    for each in case.refusals:
        if not any(each.code == code and (each.at is None or each.at == at) for code, at in codes):
            yield Failure(
                "refusal", case.span, "refused", _refusal(each.code, each.at), actual, diagnostics=tuple(problems)
            )


def _at(problem: Diagnostic, root: str) -> str | None:
    """The path of a refused fact, below the subject."""
    return None if problem.path is None else problem.path.partition(".")[2] or problem.path


def _refusal(code: str, at: Any) -> str:
    return code if at is None else f"{{code: {code}, at: {at}}}"
