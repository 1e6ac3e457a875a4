"""The rule form: rules, instruments, tables and parameters with every name resolved and every expression typed.

Made by `safetyrules.language.declare` and `safetyrules.language.link`; a `LinkedProgram` holds it all. Read by the
plan passes, which never look at documents again.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import TYPE_CHECKING, Literal

from safetyrules.diagnostics import Diagnostic, Span
from safetyrules.facts.schema import ScalarType, Schema
from safetyrules.language.terms import Constant, Term
from safetyrules.text import Text

if TYPE_CHECKING:
    from safetyrules.language.document import ClauseStatus, Confidence, Force, OutcomeKind
    from safetyrules.language.order import Conclusion

#: Outcomes that accumulate: what any writer finds or wants done stands, whichever of them is superior (design 5.10).
ACCUMULATING = frozenset({"finding", "duty"})
#: Superior first. A local regulation and a ministry rule share a rank: the law puts neither above the other.
LEVELS: dict[str, int] = {
    "constitution": 0,
    "law": 1,
    "administrative_regulation": 2,
    "local_regulation": 3,
    "ministry_rule": 3,
    "local_government_rule": 4,
    "national_standard": 5,
    "industry_standard": 6,
    "policy": 7,
    "design_choice": 8,
}


@dataclass(frozen=True, slots=True)
class Clause:
    id: str
    title: Text
    status: ClauseStatus
    reason: Text | None
    span: Span


@dataclass(frozen=True, slots=True)
class Days:
    """Inclusive first and last day (None: open); ``inferred`` says why a bound was inferred."""

    first: date | None
    last: date | None
    inferred: Text | None = None

    def covers(self, day: date) -> bool:
        return (self.first is None or self.first <= day) and (self.last is None or day <= self.last)

    def within(self, other: Days) -> Days:
        """The days that both cover."""
        first = max((day for day in (self.first, other.first) if day is not None), default=None)
        last = min((day for day in (self.last, other.last) if day is not None), default=None)
        return Days(first, last, self.inferred or other.inferred)

    def overlaps(self, other: Days) -> bool:
        return not (
            (self.last is not None and other.first is not None and self.last < other.first)
            or (other.last is not None and self.first is not None and other.last < self.first)
        )


@dataclass(frozen=True, slots=True)
class Instrument:
    id: str
    title: Text
    number: str
    issuer: Text
    level: str
    jurisdiction: str
    in_force: Days
    supersedes: tuple[str, ...]
    clauses: Mapping[str, Clause]
    span: Span


Cell = bool | Fraction | str | None


@dataclass(frozen=True)
class LookupTable:
    """Reference data. Cells are Fractions (dates as ordinals), texts or booleans; None is an empty cell: not
    applicable."""

    name: str
    title: Text
    instrument: str
    clause: str
    keys: tuple[str, ...]
    columns: Mapping[str, ScalarType]
    rows: tuple[tuple[Cell, ...], ...]
    absent_key: Literal["unknown", "not_applicable"]

    @cached_property
    def index(self) -> dict[tuple[Cell, ...], tuple[Cell, ...]]:
        """Rows by their key cells."""
        places = [self.place(key) for key in self.keys]
        return {tuple(row[place] for place in places): row for row in self.rows}

    def place(self, column: str) -> int:
        return list(self.columns).index(column)

    def has_empty(self, column: str) -> bool:
        place = self.place(column)
        return any(row[place] is None for row in self.rows)


@dataclass(frozen=True, slots=True)
class Parameter:
    ruleset: str
    name: str
    type: ScalarType
    title: Text
    value: Constant | None
    span: Span
    clause: str | None = None


@dataclass(frozen=True, slots=True)
class ConclusionDeclaration:
    name: str
    on: str
    type: ScalarType
    title: Text
    open: bool
    span: Span


@dataclass(frozen=True, slots=True)
class Remedy:
    text: Text
    facts: tuple[str, ...]


def due_name(conclusion: str) -> str:
    """The name of the conclusion that is a duty's due day."""
    return f"{conclusion}.due"


@dataclass(frozen=True, slots=True)
class Duty:
    text: Text
    evidence: Text | None
    due: Term | None
    every_months: int | None
    every_days: int | None
    basis: Literal["calendar", "rolling"] | None


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule, typed. ``body`` is the term of its outcome *without* ``applies`` (a finding's ``when``); ``then`` and
    ``withdraw`` belong to exceptions. ``clauses`` are ``instrument#clause``, the first being the one that decides
    dates."""

    id: str
    title: Text
    ruleset: str
    sector: str | None
    kind: OutcomeKind
    clauses: tuple[str, ...]
    confidence: Confidence | None
    force: Force
    on: str
    concludes: str
    days: Days
    jurisdiction: str
    type: ScalarType
    applies: Term | None
    body: Term
    span: Span
    severity: Literal["major", "general"] | None = None
    duty: Duty | None = None
    remedy: Remedy | None = None
    except_: str | None = None
    withdraw: bool = False
    recorded: bool = False
    when: Term | None = None
    overrides: tuple[str, ...] = ()
    note: Text | None = None

    @property
    def instrument(self) -> str:
        return self.clauses[0].split("#", 1)[0]

    @property
    def binds(self) -> bool:
        return self.force in ("must", "may")


@dataclass(frozen=True, slots=True)
class Overlay:
    action: Literal["set", "exempt", "replace", "tighten"]
    target: str
    clauses: tuple[str, ...]
    jurisdiction: str
    days: Days
    span: Span
    value: Constant | None = None
    when: Term | None = None
    rule: Rule | None = None
    severity: Literal["major"] | None = None
    raise_to: str | None = None
    every_months: int | None = None
    every_days: int | None = None


@dataclass(frozen=True)
class Ruleset:
    name: str
    title: Text
    instrument: str
    jurisdiction: str
    sector: str | None


@dataclass(frozen=True)
class LinkedProgram:
    """All loaded law, checked and linked. Immutable; ``digest`` names it."""

    schema: Schema
    instruments: Mapping[str, Instrument]
    tables: Mapping[str, LookupTable]
    rulesets: Mapping[str, Ruleset]
    parameters: Mapping[tuple[str, str], Parameter]
    declared: Mapping[tuple[str, str], ConclusionDeclaration]
    rules: Mapping[str, Rule]
    overlays: tuple[Overlay, ...]
    warnings: tuple[Diagnostic, ...]
    digest: str

    @cached_property
    def joined(self) -> dict[str, dict[tuple[str, str], Conclusion]]:
        """By rule, the conclusions that plans made of it where it stood alone: every plan makes the same."""
        return {}

    @cached_property
    def settled(self) -> dict[tuple[str, str, str], Conclusion]:
        """By rule and conclusion, those of `joined` with the program's own parameters in place."""
        return {}

    def clause(self, citation: str) -> Clause:
        """The clause of ``instrument#clause``."""
        instrument, clause = citation.split("#", 1)
        return self.instruments[instrument].clauses[clause]
