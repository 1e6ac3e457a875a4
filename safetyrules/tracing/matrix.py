"""The matrix: instrument, clause, what cites it, the cases that reach that, and what the clause has come to."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from safetyrules.diagnostics import Span
from safetyrules.language.document import ClauseStatus, Confidence
from safetyrules.language.ruleform import Clause, Instrument, LinkedProgram
from safetyrules.program import Program
from safetyrules.testing.coverage.measuring import citing
from safetyrules.testing.finding import Loaded
from safetyrules.testing.model import Case
from safetyrules.testing.running import Runner
from safetyrules.text import Text

#: ``rule``: something cites it. ``unaccounted``: nothing does, and nobody says why.
Status = Literal["rule", "not_decidable", "other_subject", "text_not_at_hand", "pending", "unaccounted"]
STATUSES: tuple[Status, ...] = (
    "rule", "other_subject", "not_decidable", "text_not_at_hand", "pending", "unaccounted",
)  # fmt: skip


@dataclass(frozen=True)
class Citer:
    """A rule, a row, an overlay, a lookup table or a parameter that cites a clause. ``rule`` is the rule whose row it
    is, that reads it or that it changes (None: no rule reads it); ``cases`` pass and reach it."""

    kind: Literal["rule", "row", "table", "parameter", "overlay"]
    name: str
    rule: str | None
    title: Text
    span: Span
    confidence: Confidence | None
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class TracedClause:
    instrument: str
    clause: Clause
    citers: tuple[Citer, ...]

    @property
    def name(self) -> str:
        return f"{self.instrument}#{self.clause.id}"

    @property
    def status(self) -> Status:
        """A clause that is cited has a rule, also where a part of it has not: then ``clause.reason`` says why."""
        if self.citers:
            return "rule"
        declared: ClauseStatus = self.clause.status
        return "unaccounted" if declared == "rule" else declared

    @property
    def cases(self) -> tuple[Case, ...]:
        return tuple({id(case): case for citer in self.citers for case in citer.cases}.values())

    @property
    def from_memory(self) -> bool:
        """Does a rule behind it rest on the memory of its author?"""
        return any(citer.confidence == "from-memory" for citer in self.citers)


@dataclass(frozen=True)
class TracedInstrument:
    instrument: Instrument
    clauses: tuple[TracedClause, ...]


@dataclass(frozen=True)
class Matrix:
    """``tested`` is false where no tests were run; ``failed`` cases count for nothing."""

    instruments: tuple[TracedInstrument, ...]
    tested: bool
    passed: int
    failed: int

    @property
    def clauses(self) -> Iterator[TracedClause]:
        return (clause for each in self.instruments for clause in each.clauses)

    def counted(self) -> dict[Status, int]:
        """How many clauses have each status."""
        found = [clause.status for clause in self.clauses]
        return {status: found.count(status) for status in STATUSES}

    @property
    def unaccounted(self) -> tuple[TracedClause, ...]:
        return tuple(clause for clause in self.clauses if clause.status == "unaccounted")

    @property
    def untested(self) -> tuple[TracedClause, ...]:
        """Clauses with rules that no passing case reaches; none where no tests were run."""
        return tuple(c for c in self.clauses if self.tested and c.status == "rule" and not c.cases)


def trace(program: Program, tests: Sequence[Loaded] | None, instruments: Collection[str]) -> Matrix:
    """The matrix of these instruments. ``tests`` are run, one by one; None: without tests.

    Raises RulesetError where an expectation cannot be meant.
    """
    passed: list[Case] = []
    failed = 0
    reached: dict[tuple[str, str, str, str], dict[int, Case]] = {}
    for loaded in tests or ():
        cases = [case for suite in loaded.suites for case in suite.cases]
        runner = Runner(loaded.program, columns=False)
        runner.check(cases)
        run = runner.run(cases)
        good = [result.case for result in run.results if result.passed]
        passed.extend(good)
        failed += len(run.failed)
        for each in citing(loaded.program, good):
            key = (each.clause, each.kind, each.name, each.rule.id)
            reached.setdefault(key, {}).update((id(case), case) for case in each.cases)
    by_clause: dict[str, list[Citer]] = {}
    for clause, citer in _citers(program, reached):
        by_clause.setdefault(clause, []).append(citer)
    traced = tuple(
        _instrument(each, by_clause) for each in program.linked.instruments.values() if each.id in instruments
    )
    return Matrix(traced, tests is not None, len(passed), failed)


def _instrument(instrument: Instrument, by_clause: dict[str, list[Citer]]) -> TracedInstrument:
    clauses = (
        TracedClause(instrument.id, clause, tuple(by_clause.get(f"{instrument.id}#{clause.id}", ())))
        for clause in instrument.clauses.values()
    )
    return TracedInstrument(instrument, tuple(clauses))


def _citers(program: Program, reached: dict[tuple[str, str, str, str], dict[int, Case]]) -> Iterator[tuple[str, Citer]]:
    linked = program.linked
    read: set[str] = set()
    for each in citing(program, ()):
        cases = tuple(reached.get((each.clause, each.kind, each.name, each.rule.id), {}).values())
        title, confidence = each.rule.title, each.rule.confidence
        if each.kind == "table":
            title = linked.tables[each.name].title
        elif each.kind == "parameter":
            ruleset, _, name = each.name.partition("/")
            title = linked.parameters[ruleset, name].title
        if each.kind in ("table", "parameter"):
            read.add(each.name)
        yield each.clause, Citer(each.kind, each.name, each.rule.id, title, each.span, confidence, cases)
    yield from _unread(linked, read)


def _unread(linked: LinkedProgram, read: Collection[str]) -> Iterator[tuple[str, Citer]]:
    """Lookup tables and parameters that no rule reads."""
    for table in linked.tables.values():
        if table.name not in read:
            clause = f"{table.instrument}#{table.clause}"
            span = linked.clause(clause).span
            yield clause, Citer("table", table.name, None, table.title, span, None, ())
    for parameter in linked.parameters.values():
        name = f"{parameter.ruleset}/{parameter.name}"
        if name not in read and parameter.clause is not None:
            yield parameter.clause, Citer("parameter", name, None, parameter.title, parameter.span, None, ())


def declared_in(program: Program, paths: Iterable[Path]) -> tuple[str, ...]:
    """The instruments that documents in these files or folders declare."""
    prefixes = [str(path) for path in paths]
    return tuple(name for name, each in program.linked.instruments.items() if _inside(each.span, prefixes))


def instruments_of(program: Program, paths: Iterable[Path]) -> tuple[str, ...]:
    """The instruments that documents in these files or folders declare, or that their rules and overlays cite."""
    prefixes = [str(path) for path in paths]
    linked = program.linked
    found = {name for name, each in linked.instruments.items() if _inside(each.span, prefixes)}
    cited = [(each.span, each.clauses) for each in linked.rules.values()]
    cited += [(each.span, each.clauses) for each in linked.overlays]
    for span, clauses in cited:
        if _inside(span, prefixes):
            found.update(clause.partition("#")[0] for clause in clauses)
    return tuple(name for name in linked.instruments if name in found)


def _inside(span: Span, paths: Sequence[str]) -> bool:
    return any(span.source == each or span.source.startswith(f"{each.rstrip('/')}/") for each in paths)
