"""The matrix as a document: ``trace/v1``."""

from __future__ import annotations

from typing import Literal

from pydantic import AliasChoices, Field

from safetyrules.documents import Words
from safetyrules.documents import words as both
from safetyrules.testing.documents import Part
from safetyrules.tracing.matrix import STATUSES, Citer, Matrix, Status, TracedClause, TracedInstrument

_SCHEMA = AliasChoices("schema", "schema_")


class CiterDocument(Part):
    """What cites the clause. ``rule`` is the rule whose row it is, that reads it or that it changes; null where no rule
    reads it."""

    kind: Literal["rule", "row", "table", "parameter", "overlay"]
    name: str
    rule: str | None
    title: Words
    at: str = Field(description="where it is written: source:line:column")
    confidence: Literal["verified-2-sources", "verified-1-source", "from-memory"] | None
    cases: list[str] = Field(description="the cases that pass and reach it: file and name")


class ClauseTraceDocument(Part):
    """``declared`` and ``reason`` are what the instrument says of the clause, also where a rule cites it."""

    clause: str
    title: Words
    status: Status
    declared: Literal["rule", "not_decidable", "other_subject", "text_not_at_hand", "pending"]
    reason: Words | None
    at: str
    from_memory: bool
    cases: int
    citers: list[CiterDocument]


class InstrumentTraceDocument(Part):
    instrument: str
    title: Words
    number: str
    level: str
    jurisdiction: str
    in_force_from: str | None
    in_force_to: str | None
    clauses: list[ClauseTraceDocument]


class TraceDocument(Part):
    """Instrument, clause, rules, cases, status. Without ``tested`` no tests were run, and ``cases`` says nothing."""

    schema_: Literal["trace/v1"] = Field(default="trace/v1", validation_alias=_SCHEMA, serialization_alias="schema")
    tested: bool
    passed: int
    failed: int
    counts: dict[Status, int]
    untested: list[str] = Field(description="clauses with rules that no passing case reaches")
    instruments: list[InstrumentTraceDocument]


def trace_document(matrix: Matrix, statuses: frozenset[Status] = frozenset(STATUSES)) -> TraceDocument:
    """The document; of clauses only those of ``statuses``. The counts are of all."""
    return TraceDocument(
        tested=matrix.tested,
        passed=matrix.passed,
        failed=matrix.failed,
        counts=matrix.counted(),
        untested=[clause.name for clause in matrix.untested],
        instruments=[_instrument(each, statuses) for each in matrix.instruments],
    )


def _instrument(traced: TracedInstrument, statuses: frozenset[Status]) -> InstrumentTraceDocument:
    each = traced.instrument
    return InstrumentTraceDocument(
        instrument=each.id,
        title=both(each.title),
        number=each.number,
        level=each.level,
        jurisdiction=each.jurisdiction,
        in_force_from=None if each.in_force.first is None else each.in_force.first.isoformat(),
        in_force_to=None if each.in_force.last is None else each.in_force.last.isoformat(),
        clauses=[_clause(clause) for clause in traced.clauses if clause.status in statuses],
    )


def _clause(traced: TracedClause) -> ClauseTraceDocument:
    clause = traced.clause
    return ClauseTraceDocument(
        clause=clause.id, title=both(clause.title), status=traced.status, declared=clause.status,
        reason=None if clause.reason is None else both(clause.reason), at=str(clause.span),
        from_memory=traced.from_memory, cases=len(traced.cases), citers=[_citer(each) for each in traced.citers],
    )  # fmt: skip


def _citer(citer: Citer) -> CiterDocument:
    return CiterDocument(
        kind=citer.kind, name=citer.name, rule=citer.rule, title=both(citer.title), at=str(citer.span),
        confidence=citer.confidence, cases=[case.id for case in citer.cases],
    )  # fmt: skip
