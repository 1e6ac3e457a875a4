"""Running cases: each through `decide` and held against what is expected, all of one plan by columns too."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from time import perf_counter
from typing import Any

from safetyrules.diagnostics import Diagnostic, FactsError, RequestError
from safetyrules.engine.compiled.compiled_plan import CompiledPlan
from safetyrules.engine.compiled.layout import most_missing
from safetyrules.facts.entity import Entity
from safetyrules.language.plan import Plan
from safetyrules.members import RegisterAssessment, assess_register
from safetyrules.program import Program
from safetyrules.result import Assessment, EngineName, Request
from safetyrules.testing.asked import Part, Parts, names_asked
from safetyrules.testing.code_of_files import CodeOfFiles
from safetyrules.testing.columns import Columns
from safetyrules.testing.comparing import Decided, compare
from safetyrules.testing.expectations import Answered
from safetyrules.testing.meaning import Meaning
from safetyrules.testing.model import Case
from safetyrules.testing.results import Failure, Result, Run


@dataclass
class _Asked:
    """What a file asks of one plan: the conclusions, and the cases with what their calls ask for. ``known``: some case
    may give all facts; ``whole``: all of the law is asked for."""

    file: str
    plan: Plan
    known: bool = True
    whole: bool = False
    names: set[str] = field(default_factory=set)
    rows: list[tuple[int, Request, tuple[Diagnostic, ...]]] = field(default_factory=list)


class Runner:
    """Runs cases under one program, again and again; what was prepared for one run serves the next."""

    def __init__(self, program: Program, *, engine: EngineName = "compiled", columns: bool = True) -> None:
        self.program = program
        self.engine = engine
        self._columns = Columns() if columns else None
        self._parts = Parts()
        self._code = CodeOfFiles(program)

    def check(self, cases: Iterable[Case]) -> None:
        """Raises RulesetError with every expectation that cannot be meant."""
        Meaning(self.program.linked).refuse(cases)

    def run(self, cases: Sequence[Case]) -> Run:
        with _keeping_all():
            return self._run(cases)

    def _run(self, cases: Sequence[Case]) -> Run:
        started = perf_counter()
        answers: list[Assessment | None] = [None] * len(cases)
        parts: dict[int, Part] = {}
        entities: dict[int, Entity] = {}
        failures: list[list[Failure]] = [[] for _ in cases]
        seconds = [0.0] * len(cases)
        for asked in self._asked(cases, failures):
            part = self._parts.of(asked.plan, frozenset(asked.names))
            for row, request, _ in asked.rows:
                if request.subject not in self.program.registers:
                    with suppress(FactsError):  # what is wrong is said when the case is decided
                        entities[row] = self.program.entity(cases[row].facts, request)
                parts[row] = part
            asked.known = any(_may_be_known(entities[row], part) for row, _, _ in asked.rows if row in entities)
            for row, request, notices in asked.rows:
                before = perf_counter()
                answers[row], failures[row] = self._decide(cases[row], asked, part, request, notices)
                seconds[row] = perf_counter() - before
        self._code.write()
        settled = 0
        if self._columns is not None:
            compared = compare(self._columns, _decided(cases, parts, entities, answers))
            settled = compared.settled
            for row, failure in compared.failures:
                failures[row].append(failure)
        results = (Result(case, tuple(found), took) for case, found, took in zip(cases, failures, seconds, strict=True))
        return Run(tuple(results), perf_counter() - started, settled)

    # ---- one by one --------------------------------------------------------------------------------------------------

    def _asked(self, cases: Sequence[Case], failures: list[list[Failure]]) -> Iterable[_Asked]:
        """The cases that go together. Of which member a notice is nobody says: a case of a register that expects one
        asks for everything."""
        found: dict[tuple[object, ...], _Asked] = {}
        for row, case in enumerate(cases):
            try:
                plan, request, notices = self.program.asked(case.facts, engine=self.engine, **case.options)
            except (FactsError, RequestError) as error:
                failures[row] = list(_refused(case, error.diagnostics))
                continue
            file = case.span.source
            whole = bool(case.notices) and request.subject in self.program.registers
            asked = found.setdefault((file, plan.digest, request.subject, whole), _Asked(file, plan, whole=whole))
            asked.names |= {each.name for each in plan.conclusions} if whole else names_asked(self.program, plan, case)
            asked.rows.append((row, request, notices))
        return found.values()

    def _answer(
        self, case: Case, asked: _Asked, part: Part, request: Request, notices: tuple[Diagnostic, ...]
    ) -> Assessment:
        """Raises FactsError or RequestError."""
        if request.subject not in self.program.registers:
            return self._assessed(case.facts, asked.file, part, request, notices, asked.known)
        if asked.whole:
            return self.program.assess(case.facts, engine=self.engine, **case.options)

        def code(_: Plan, subject: str) -> CompiledPlan:
            return self._code.of(asked.file, part, subject, asked.known)

        kind = self.program.schema.member_kind(request.subject)
        read = frozenset(name for on, name in part.facts if on == kind)

        def assess(facts: object, **options: Any) -> Assessment:
            plan, each, said = self.program.asked(facts, **options)
            return self._assessed(facts, asked.file, self._parts.of(plan, read), each, said, True)

        return assess_register(self.program, part.plan, case.facts, request, notices, assess, code)

    def _assessed(
        self, facts: object, file: str, part: Part, request: Request, notices: tuple[Diagnostic, ...], known: bool
    ) -> Assessment:
        program = self.program
        if self.engine != "compiled":
            found = program.interpreted(part.plan, program.entity(facts, request), request)
            return Assessment(program, part.plan, facts, request, found, notices)
        compiled = self._code.of(file, part, request.subject, known)
        raw = program.decide(compiled, facts, request)
        return Assessment(program, part.plan, facts, request, raw, (*notices, *compiled.notices))

    def _decide(
        self, case: Case, asked: _Asked, part: Part, request: Request, notices: tuple[Diagnostic, ...]
    ) -> tuple[Assessment | None, list[Failure]]:
        try:
            answer = self._answer(case, asked, part, request, notices)
        except (FactsError, RequestError) as error:
            return None, list(_refused(case, error.diagnostics))
        if case.refusals:
            expected = ", ".join(_refusal(each.code, each.at) for each in case.refusals)
            return answer, [Failure("refusal", case.span, "refused", expected, "answered", answer)]
        answered = Answered(answer)
        found = []
        for each in case.expectations:
            mismatch = answered.mismatch(each)
            if mismatch is not None:
                found.append(
                    Failure(
                        "expectation", each.span, each.key, mismatch.expected, mismatch.actual, answer, mismatch.names
                    )
                )
        found.extend(self._notices(case, asked.plan, answer))
        return answer, found

    def _notices(self, case: Case, plan: Plan, answer: Assessment) -> Iterable[Failure]:
        if not case.notices:
            return
        noticed = [each.code for each in answer.notices]
        if not set(case.notices) <= set(noticed):
            noticed += self._noticed_inside(plan, answer)
        for code in case.notices:
            if code not in noticed:
                yield Failure("notice", case.span, "notices", code, ", ".join(dict.fromkeys(noticed)) or "[]", answer)

    def _noticed_inside(self, plan: Plan, answer: Assessment) -> list[str]:
        """What is noticed of undetermined conclusions when they are computed, asked about or not."""
        from safetyrules.engine.reference import Reference

        run = Reference(plan, self.program.entity(answer.facts, answer.request), answer.request.as_of).run()
        return [problem.code for _, _, problem in run.diagnostics]


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


def _may_be_known(entity: Entity, part: Part) -> bool:
    """Is little missing of the subject's facts that a part reads? Code for known facts gives up otherwise."""
    read = [name for kind, name in part.facts if kind == entity.kind and name in entity.values]
    return sum(name not in entity.given for name in read) <= most_missing(len(read))


def _decided(
    cases: Sequence[Case],
    parts: Mapping[int, Part],
    entities: Mapping[int, Entity],
    answers: Sequence[Assessment | None],
) -> Iterator[Decided]:
    """The cases that were answered."""
    for row, (case, answer) in enumerate(zip(cases, answers, strict=True)):
        if answer is not None:
            entity = answer.entity if isinstance(answer, RegisterAssessment) else entities[row]
            yield Decided(row, case, parts[row], entity, answer)


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
