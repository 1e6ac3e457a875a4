"""The parts of an explanation: conclusion ← rules ← conditions ← facts, as frozen data in both languages.

`matters` is false of a step that could not change the result, because another had already decided it. Almost all are
named tuples: an explanation is made of hundreds, and those are the immutable objects that Python makes fastest.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal, NamedTuple

from safetyrules.diagnostics import Diagnostic
from safetyrules.facts.schema import ScalarType
from safetyrules.text import Text
from safetyrules.values import Scalar

#: Makes a part out of the tuple of all its fields, in half the time of calling its class: where hundreds are made.
make = tuple.__new__

#: A fact or conclusion of an entity: (entity path, dotted name).
Node = tuple[str, str]


# ---- what a condition reads -----------------------------------------------------------------------------------------


class FactRead(NamedTuple):
    """A fact with what is known of it. ``given`` is false where the caller said nothing."""

    path: str
    title: Text
    owner: Text | None
    value: Scalar
    type: ScalarType
    given: bool
    source: str | None
    assumed: str | None


@dataclass(frozen=True, slots=True)
class ListRead:
    """A list of parts or values: how many are given, and whether there may be more."""

    path: str
    title: Text
    owner: Text | None
    count: int
    open: bool
    given: bool
    source: str | None
    assumed: str | None


class ConclusionRead(NamedTuple):
    """Another conclusion; explained once, under its ``node``, in the same explanation."""

    node: Node
    title: Text
    owner: Text | None
    kind: str
    value: Scalar
    type: ScalarType


Read = FactRead | ListRead | ConclusionRead


# ---- conditions and values ------------------------------------------------------------------------------------------


class Atom(NamedTuple):
    """A condition or value without conditions inside; ``details`` explain counts, lookups and lists in it."""

    words: Text
    value: Scalar
    type: ScalarType
    matters: bool
    reads: tuple[Read, ...] = ()
    details: tuple[Step, ...] = ()


class Group(NamedTuple):
    """``all`` of the steps, ``any`` of them, or ``not`` the one; ``words`` says it in one sentence."""

    operator: Literal["all", "any", "not"]
    words: Text
    value: Scalar
    type: ScalarType
    matters: bool
    steps: tuple[Step, ...]


class Member(NamedTuple):
    """A member of a list: its path and label, whether it is surely there, and what holds of it."""

    path: str
    label: Text
    certain: bool
    tests: tuple[Step, ...]
    step: Step | None


class OverList(NamedTuple):
    """``exists``, ``all`` or ``exists_one`` over a list, or an aggregate of it, with the members that decided;
    ``others`` counts those that did not matter."""

    words: Text
    value: Scalar
    type: ScalarType
    matters: bool
    lists: tuple[ListRead, ...]
    members: tuple[Member, ...]
    others: int


class Branch(NamedTuple):
    """If … then … otherwise; None for a branch that is not taken."""

    value: Scalar
    type: ScalarType
    matters: bool
    test: Step
    then: Step | None
    otherwise: Step | None


RowStanding = Literal["holds", "may_hold", "does_not_hold", "not_reached"]


class Row(NamedTuple):
    """A row of a decision table; ``when`` is None where rows before it had decided."""

    number: int
    standing: RowStanding
    matters: bool
    words: Text
    when: Step | None
    then: Step
    clauses: tuple[Citation, ...]


class Table(NamedTuple):
    """``otherwise`` is None where a row surely decides or there is none."""

    hit: str
    value: Scalar
    type: ScalarType
    matters: bool
    rows: tuple[Row, ...]
    otherwise: Step | None


class Count(NamedTuple):
    """The findings that a count reads: found, still possible, and how many are neither; ``in_force`` is false where no
    list of the sector is."""

    words: Text
    value: Scalar
    type: ScalarType
    matters: bool
    found: tuple[ConclusionRead, ...]
    possible: tuple[ConclusionRead, ...]
    others: int
    in_force: bool


class Lookup(NamedTuple):
    """A cell of a lookup table: its keys, and whether they have a row."""

    title: Text
    citation: Citation | None
    column: str
    keys: tuple[tuple[Text, Text], ...]
    value: Scalar
    type: ScalarType
    matters: bool
    row_exists: bool | None


class Reading(NamedTuple):
    name: str
    title: Text
    step: Step


class Readings(NamedTuple):
    """The readings of an unsettled clause, and the parameter that would choose one."""

    parameter: str
    title: Text
    value: Scalar
    type: ScalarType
    matters: bool
    readings: tuple[Reading, ...]


class Permission(NamedTuple):
    """What the law permits, and the recorded decision that settles it."""

    permitted: tuple[Text, ...]
    decision: FactRead | None
    settled: bool
    value: Scalar
    type: ScalarType
    matters: bool


class Undecided(NamedTuple):
    """No instrument in force decides."""

    value: Scalar
    type: ScalarType
    matters: bool


Step = Atom | Group | OverList | Branch | Table | Count | Lookup | Readings | Permission | Undecided


# ---- rules ----------------------------------------------------------------------------------------------------------


class Citation(NamedTuple):
    """A clause with its instrument and the days it is in force; ``inferred`` says why a day was inferred."""

    instrument: str
    clause: str
    instrument_title: Text
    number: str
    clause_title: Text
    level: str
    first: date | None
    last: date | None
    inferred: Text | None


class Setting(NamedTuple):
    """A parameter of the ruleset with its value here; ``citations`` where an overlay set it."""

    parameter: str
    title: Text
    value: Text
    citations: tuple[Citation, ...]


ExceptionStanding = Literal["applies", "may_apply", "does_not_apply"]


class ExceptionReason(NamedTuple):
    """An exception that was considered; ``then`` is None where it withdraws the outcome."""

    rule: str
    title: Text
    citations: tuple[Citation, ...]
    standing: ExceptionStanding
    recorded: bool
    when: Step
    then: Step | None
    exceptions: tuple[ExceptionReason, ...]


class OverlayReason(NamedTuple):
    """A change that a jurisdiction makes to the rule."""

    action: Literal["set", "exempt", "replace", "tighten"]
    citations: tuple[Citation, ...]


Ground = Literal["superior", "special", "later", "overrides"]
WriterStanding = Literal["decides", "may_decide", "gives_way", "silent"]


class RuleReason(NamedTuple):
    """One rule that writes the conclusion. ``prevails`` names the rules that give way to it, and why."""

    rule: str
    title: Text
    citations: tuple[Citation, ...]
    confidence: str | None
    force: str
    note: Text | None
    remedy: Text | None
    value: Scalar
    type: ScalarType
    standing: WriterStanding
    prevails: tuple[tuple[str, Text, Ground], ...]
    settings: tuple[Setting, ...]
    overlays: tuple[OverlayReason, ...]
    applies: Step | None
    body: Step | None
    exceptions: tuple[ExceptionReason, ...]


class ConclusionReason(NamedTuple):
    """A conclusion of an entity and the rules behind it; ``unwritten`` explains one that no rule writes."""

    node: Node
    title: Text
    owner: Text | None
    kind: str
    severity: str | None
    status: str
    value: Scalar
    type: ScalarType
    rules: tuple[RuleReason, ...]
    unwritten: Step | None
    notices: tuple[Diagnostic, ...]
