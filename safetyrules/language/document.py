"""The document form: rules, facts, instruments and tables as written, every part with its place in the source.

Made by `safetyrules.language.read.read_document`; read by the resolve pass. Nothing here is checked beyond its own
shape: names may point nowhere, expressions may not type.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from safetyrules.diagnostics import Span
from safetyrules.language.expression import Expression
from safetyrules.text import Text


@dataclass(frozen=True, slots=True)
class Word:
    """A name, identifier or other single word as written."""

    text: str
    span: Span


@dataclass(frozen=True, slots=True)
class Scalar:
    """A literal: null, boolean, exact number, date or text."""

    value: bool | Fraction | date | str | None
    span: Span


@dataclass(frozen=True, slots=True)
class Formula:
    """An expression as written, parsed."""

    text: str
    span: Span
    tree: Expression


@dataclass(frozen=True, slots=True)
class Readings:
    """A clause whose reading is unsettled: every reading, and the parameter that chooses one."""

    span: Span
    readings: tuple[tuple[Word, Formula], ...]
    chosen_by: Word


Condition = Formula | Readings


@dataclass(frozen=True, slots=True)
class Citation:
    """``clause`` of ``instrument`` (None: the ruleset's own instrument)."""

    instrument: str | None
    clause: str
    span: Span


@dataclass(frozen=True, slots=True)
class InForce:
    """Inclusive bounds; ``inferred`` says why, where a bound was inferred rather than stated."""

    span: Span
    first_day: date | None
    last_day: date | None
    inferred: Text | None = None


@dataclass(frozen=True, slots=True)
class LevelDocument:
    name: Word
    title: Text


@dataclass(frozen=True, slots=True)
class ChoiceSetDocument:
    """A scale (``worse`` given, ordered from first to last) or a named choice set (``worse`` None)."""

    name: Word
    title: Text
    levels: tuple[LevelDocument, ...]
    scale: bool
    worse: Literal["first", "last", "none"] = "none"


@dataclass(frozen=True, slots=True)
class TypeDocument:
    """A type as written: a name, with ``of`` for lists and members (a name) and inline choices (levels)."""

    name: Word
    of: Word | None = None
    choices: tuple[LevelDocument, ...] = ()
    unit: Word | None = None


@dataclass(frozen=True, slots=True)
class FactDocument:
    name: Word
    type: TypeDocument
    title: Text
    help: Text | None = None
    minimum: Scalar | None = None
    maximum: Scalar | None = None
    may_not_apply: bool = False
    log: Word | None = None
    shared: bool = False


@dataclass(frozen=True, slots=True)
class SectionDocument:
    name: Word
    title: Text | None
    facts: tuple[FactDocument, ...]


@dataclass(frozen=True, slots=True)
class KindDocument:
    name: Word
    title: Text | None
    root: bool
    facts: tuple[FactDocument, ...]
    sections: tuple[SectionDocument, ...]


@dataclass(frozen=True, slots=True)
class ConclusionDocument:
    name: Word
    on: Word
    type: TypeDocument
    title: Text
    open: bool = False


@dataclass(frozen=True, slots=True)
class SectorDocument:
    name: Word
    title: Text
    present: Word
    implied_by: tuple[Word, ...]
    codes: tuple[tuple[Word, tuple[Word, ...]], ...]
    grade: Word | None
    span: Span


@dataclass(frozen=True, slots=True)
class FactsDocument:
    name: Word
    sector: SectorDocument | None
    choice_sets: tuple[ChoiceSetDocument, ...]
    kinds: tuple[KindDocument, ...]
    conclusions: tuple[ConclusionDocument, ...]


ClauseStatus = Literal["rule", "not_decidable", "other_subject", "text_not_at_hand", "pending"]


@dataclass(frozen=True, slots=True)
class ClauseDocument:
    id: Word
    title: Text
    status: ClauseStatus
    reason: Text | None


@dataclass(frozen=True, slots=True)
class InstrumentDocument:
    id: Word
    title: Text
    number: str
    issuer: Text
    level: Word
    jurisdiction: Word
    in_force: InForce
    supersedes: tuple[Word, ...]
    clauses: tuple[ClauseDocument, ...]
    span: Span


@dataclass(frozen=True, slots=True)
class InstrumentsDocument:
    name: Word
    instruments: tuple[InstrumentDocument, ...]


@dataclass(frozen=True, slots=True)
class ColumnDocument:
    name: Word
    header: str
    type: TypeDocument


@dataclass(frozen=True, slots=True)
class TableDocument:
    """A lookup table.

    ``rows`` hold the cells as text, None where empty, in the order of ``columns``; ``row_lines`` the lines of the file
    on which they start.
    """

    name: Word
    title: Text
    instrument: Word
    clause: Citation
    keys: tuple[Word, ...]
    columns: tuple[ColumnDocument, ...]
    absent_key: Literal["unknown", "not_applicable"]
    file: Word
    rows: tuple[tuple[str | None, ...], ...] = ()
    row_lines: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class ParameterDocument:
    name: Word
    type: TypeDocument
    title: Text
    value: Scalar | None
    clause: Citation | None = None


@dataclass(frozen=True, slots=True)
class Permission:
    """``may: [...]``: permitted outcomes, settled only by the recorded decision in ``settled_by``."""

    span: Span
    permitted: tuple[Scalar, ...]
    settled_by: Word | None


@dataclass(frozen=True, slots=True)
class NoValue:
    """``otherwise: none``."""

    span: Span


Outcome = Scalar | Formula | Permission | NoValue


@dataclass(frozen=True, slots=True)
class RowDocument:
    """A row of a decision table; cells of the ``inputs`` form are already one condition."""

    span: Span
    when: Condition
    then: Outcome
    clause: tuple[Citation, ...]
    title: Text | None = None


HitPolicy = Literal["unique", "any", "first", "priority", "collect max", "collect min", "collect sum", "collect count"]


@dataclass(frozen=True, slots=True)
class DecisionTableDocument:
    span: Span
    hit: HitPolicy
    hit_span: Span
    rows: tuple[RowDocument, ...]
    otherwise: Outcome | None


@dataclass(frozen=True, slots=True)
class RemedyDocument:
    text: Text
    facts: tuple[Word, ...]


@dataclass(frozen=True, slots=True)
class DutyDocument:
    text: Text
    evidence: Text | None
    due: Condition | None
    every_months: int | None
    every_days: int | None
    basis: Literal["calendar", "rolling"] | None


OutcomeKind = Literal["finding", "value", "grade", "duty", "assign", "exception"]
Force = Literal["must", "may", "encouraged", "target", "proposed", "recorded"]
Confidence = Literal["verified-2-sources", "verified-1-source", "from-memory"]


@dataclass(frozen=True, slots=True)
class RuleDocument:
    """One rule. Which of the outcome fields are set depends on ``kind``; the read pass guarantees that they fit."""

    id: Word
    title: Text
    span: Span
    kind: OutcomeKind
    clause: tuple[Citation, ...]
    on: Word | None
    concludes: Word
    confidence: Confidence | None = None
    force: Force = "must"
    in_force: InForce | None = None
    applies: Condition | None = None
    when: Condition | None = None
    severity: Literal["major", "general"] | None = None
    type: TypeDocument | None = None
    is_: Condition | None = None
    table: DecisionTableDocument | None = None
    duty: DutyDocument | None = None
    remedy: RemedyDocument | None = None
    except_: Word | None = None
    then: Outcome | None = None
    withdraw: bool = False
    decided_by: Word | None = None
    overrides: tuple[Word, ...] = ()
    note: Text | None = None


@dataclass(frozen=True, slots=True)
class OverlayDocument:
    """One overlay; ``target`` is a rule id, or ``ruleset/parameter`` for ``set``."""

    span: Span
    action: Literal["set", "exempt", "replace", "tighten"]
    target: Word
    clause: tuple[Citation, ...]
    value: Scalar | None = None
    when: Condition | None = None
    or_when: Condition | None = None
    rule: RuleDocument | None = None
    severity: Literal["major"] | None = None
    raise_to: Word | None = None
    every_months: int | None = None
    every_days: int | None = None


@dataclass(frozen=True, slots=True)
class RulesetDocument:
    name: Word
    title: Text
    instrument: Word
    sector: Word | None
    jurisdiction: Word | None
    parameters: tuple[ParameterDocument, ...]
    rules: tuple[RuleDocument, ...]
    overlays: tuple[OverlayDocument, ...]


Document = FactsDocument | InstrumentsDocument | TableDocument | RulesetDocument
