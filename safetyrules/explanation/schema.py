"""The models of ``explanation/v1``, and with them its published JSON Schema.

Every text stands in both languages. Conclusions refer to one another by ``path#name``.
"""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field

from safetyrules.explanation.needs import NeedKind

FORMAT: Literal["explanation/v1"] = "explanation/v1"
Words = dict[Literal["zh", "en"], str]


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class Asked(_Part):
    """What was asked, so that the answer can be replayed."""

    plan_digest: str
    facts_digest: str
    engine_version: str
    subject: str
    as_of: date
    law_at: date
    jurisdiction: str
    what_if: bool
    treat_unknown_as: Literal["withhold", "worst", "best"]
    closed: list[str]


class Possible(_Part):
    """What is still possible of a value. ``one_of`` lists the outcomes of booleans, choices and texts, null standing
    for "no value"; ``least`` and ``greatest`` bound numbers and dates (null: unbounded). ``words`` says it in
    words."""

    standing: Literal["true", "false", "unknown", "no_value", "value"]
    known: bool
    may_have_no_value: bool
    one_of: list[bool | str | None] | None = None
    least: str | None = None
    greatest: str | None = None
    words: Words


class Read(_Part):
    """A fact, a list or another conclusion (``refers_to`` names it as ``path#name``)."""

    kind: Literal["fact", "list", "conclusion"]
    path: str
    title: Words
    owner: Words | None = None
    value: Possible | None = None
    given: bool | None = None
    count: int | None = None
    open: bool | None = None
    source: str | None = None
    assumed: str | None = None
    refers_to: str | None = None


class CitationPart(_Part):
    instrument: str
    clause: str
    title: Words
    number: str
    clause_title: Words
    level: str
    in_force_from: date | None
    in_force_to: date | None
    inferred: Words | None


class StepPart(_Part):
    """A condition or value. ``matters`` is false where another had already decided. What stands inside depends on
    ``kind``: ``parts`` in their order, each with a ``role`` and, where it has one, a ``label``."""

    kind: Literal[
        "condition",
        "all",
        "any",
        "not",
        "list",
        "branch",
        "table",
        "count",
        "lookup",
        "readings",
        "permission",
        "undecided",
    ]
    words: Words | None = None
    value: Possible
    matters: bool
    reads: list[Read] = Field(default_factory=list)
    parts: list[InnerPart] = Field(default_factory=list)
    hit: str | None = None
    parameter: str | None = None
    settled: bool | None = None
    others: int | None = None


class InnerPart(_Part):
    role: Literal[
        "operand", "detail", "member", "test", "then", "otherwise", "row", "when", "reading", "found", "possible"
    ]
    label: Words | None = None
    path: str | None = None
    standing: str | None = None
    step: StepPart | None = None
    then: StepPart | None = None
    clauses: list[CitationPart] = Field(default_factory=list)
    refers_to: str | None = None


class ExceptionPart(_Part):
    rule: str
    title: Words
    citations: list[CitationPart]
    standing: Literal["applies", "may_apply", "does_not_apply"]
    recorded: bool
    when: StepPart
    then: StepPart | None
    exceptions: list[ExceptionPart]


class RulePart(_Part):
    rule: str
    title: Words
    citations: list[CitationPart]
    confidence: str | None
    force: str
    note: Words | None
    remedy: Words | None
    value: Possible
    standing: Literal["decides", "may_decide", "gives_way", "silent"]
    prevails_over: list[dict[Literal["rule", "ground"], str]]
    parameters: list[dict[str, Any]]
    overlays: list[dict[str, Any]]
    applies: StepPart | None
    body: StepPart | None
    exceptions: list[ExceptionPart]


class ConclusionPart(_Part):
    id: str
    title: Words
    owner: Words | None
    kind: str
    severity: str | None
    status: str
    value: Possible
    rules: list[RulePart]
    unwritten: StepPart | None
    diagnostics: list[dict[str, Any]]


class NeedPart(_Part):
    kind: NeedKind
    path: str
    title: Words
    owner: Words | None
    known: Possible | None
    help: Words | None
    options: dict[str, Words]


class AssumptionPart(_Part):
    path: str
    title: Words
    owner: Words | None
    why: str


class ObstaclePart(_Part):
    words: Words
    want: bool
    unknown: bool
    step: StepPart


class WayPart(_Part):
    by: Words
    obstacles: list[ObstaclePart]


class WhyNotPart(_Part):
    conclusion: str
    level: str
    standing: Literal["proven", "possible", "excluded"]
    ways: list[WayPart]


class ExplanationDocument(_Part):
    """``explanation/v1``. ``roots`` were asked for; ``conclusions`` are they and all they rest on. ``why_not``
    answers that question alone, and is null otherwise."""

    format: Literal["explanation/v1"] = FORMAT
    asked: Asked
    roots: list[str]
    conclusions: list[ConclusionPart]
    needs: list[NeedPart]
    assumptions: list[AssumptionPart]
    why_not: WhyNotPart | None = None
    notices: list[dict[str, Any]]


StepPart.model_rebuild()


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of ``explanation/v1``."""
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **ExplanationDocument.model_json_schema()}
