"""Versioned documents: what ``--format json`` prints and `Assessment.to_document` returns, with their JSON Schemas.

Every text is ``{zh, en}``. A number is ``{exact, decimal}``: ``exact`` is an integer or a fraction (``1/3``),
``decimal`` the same in decimal digits, rounded to 15 significant digits where it has no finite decimal form. Days are
ISO texts.
"""

from __future__ import annotations

from decimal import Context, Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, Literal

from pydantic import AliasChoices, BaseModel, ConfigDict, Field

from safetyrules.diagnostics import Diagnostic
from safetyrules.text import Text

_DIGITS = Context(prec=15)
_SCHEMA = AliasChoices("schema", "schema_")


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data."""
        return self.model_dump(mode="json", by_alias=True)


class Words(_Part):
    """The same text in both languages."""

    zh: str
    en: str

    def text(self) -> Text:
        return Text(self.zh, self.en)


class ExactNumber(_Part):
    exact: str
    decimal: str


Value = bool | str | ExactNumber


class Place(_Part):
    """A place in a source text, from 1, in characters; the end is exclusive."""

    source: str
    line: int
    column: int
    end_line: int
    end_column: int


class Related(_Part):
    at: str
    message: Words


class DiagnosticDocument(_Part):
    code: str
    severity: Literal["error", "warning", "note"]
    message: Words
    at: Place | None = None
    path: str | None = None
    found: str | None = None
    expected: Words | None = None
    fix: Words | None = None
    related: list[Related] = Field(default_factory=list)
    example: Words | None = Field(default=None, description="a test case that shows it")


class DiagnosticsDocument(_Part):
    """A list of diagnostics."""

    schema_: Literal["diagnostics/v1"] = Field(
        default="diagnostics/v1", validation_alias=_SCHEMA, serialization_alias="schema"
    )
    diagnostics: list[DiagnosticDocument]


class PlaceName(_Part):
    code: str
    name: Words | None = Field(description="null where the place is not in the tables")


class RequestDocument(_Part):
    """What was asked. ``what_if``: the jurisdiction is not the place of operation."""

    subject: str
    as_of: str
    law_at: str
    place: PlaceName | None
    jurisdiction: PlaceName
    what_if: bool
    treat_unknown_as: Literal["withhold", "worst", "best"]
    closed: list[str]
    sectors: list[str]


class PluginDocument(_Part):
    name: str
    distribution: str
    version: str
    loaded: bool


class EngineDocument(_Part):
    version: str
    engine: str
    program_digest: str
    plan_digest: str
    plugins: list[PluginDocument]


class ClauseDocument(_Part):
    clause: str
    title: Words


class InstrumentDocument(_Part):
    """An instrument that is cited, with the cited clauses in their order."""

    title: Words
    number: str
    issuer: Words
    level: str
    jurisdiction: str
    in_force_from: str | None
    in_force_to: str | None
    inferred: Words | None
    clauses: list[ClauseDocument]


class ChoiceDocument(_Part):
    """The values of a choice or scale, in order."""

    scale: bool
    worse: Literal["first", "last", "none"]
    values: dict[str, Words]


class EntityDocument(_Part):
    """An entity with conclusions. ``residual``: it stands for parts that an open list may still have."""

    kind: str
    title: Words
    name: str | None
    residual: bool


class NeedDocument(_Part):
    """Something that is not known and can still change the conclusion."""

    kind: str
    path: str
    title: Words
    owner: Words | None
    known: Words | None = Field(description="what is known of it so far")
    help: Words | None


Status = Literal["found", "not_found", "not_applicable", "determined", "no_value", "undetermined"]


class ConclusionDocument(_Part):
    """One conclusion of one entity.

    ``value`` is given where it is determined, else ``possible`` lists the outcomes of a boolean or choice (null: no
    value) and ``low`` and ``high`` bound a number or date. ``proven`` and ``worst`` are the levels between which a
    grade lies. ``treated`` is what ``treat_unknown_as`` makes of it. ``binds`` is false for what the law only
    encourages, proposes or records.
    """

    path: str
    name: str
    kind: str
    title: Words
    type: Literal["boolean", "number", "integer", "text", "date", "choice"]
    choice: str | None
    unit: str | None
    sector: str | None
    severity: Literal["major", "general"] | None
    binds: bool
    status: Status
    words: Words
    value: Value | None
    possible: list[bool | str | None] | None
    low: Value | None
    high: Value | None
    may_have_no_value: bool
    proven: str | None
    worst: str | None
    treated: bool | str | None
    clauses: list[str]
    rules: list[str]
    from_memory: bool = Field(description="a rule rests on the memory of its author, not on a source at hand")
    needs: list[NeedDocument]


class FindingDocument(_Part):
    """One clause over its entities: found in one is found, then undetermined, not found, not applicable. Of a finding
    that several clauses may find, each has what it finds itself."""

    clause: str
    title: Words
    sector: str | None
    severity: Literal["major", "general"] | None
    status: Literal["found", "not_found", "not_applicable", "undetermined"]
    found_in: list[str]
    undetermined_in: list[str]
    conclusions: list[str]
    rules: list[str] = Field(description="the rules of these conclusions that find by the clause, with exceptions")


class SectorDocument(_Part):
    name: str
    title: Words
    grade: str | None = Field(description="the conclusion that is the sector's grade")
    findings_in_force: bool = Field(description="a list of findings of this sector was in force")


class AssumptionDocument(_Part):
    path: str
    title: Words
    value: Words
    why: str
    source: str | None


class ChangeDocument(_Part):
    """A fact that the caller set to ask a what-if."""

    path: str
    value: str


class AssessmentDocument(_Part):
    """The answer for one subject."""

    schema_: Literal["assessment/v1"] = Field(
        default="assessment/v1", validation_alias=_SCHEMA, serialization_alias="schema"
    )
    engine: EngineDocument
    request: RequestDocument
    facts_digest: str
    changes: list[ChangeDocument]
    case: Words | None
    name: str | None
    notices: list[DiagnosticDocument]
    sectors: list[SectorDocument]
    findings: list[FindingDocument]
    conclusions: list[ConclusionDocument]
    assumptions: list[AssumptionDocument]
    entities: dict[str, EntityDocument]
    choices: dict[str, ChoiceDocument]
    instruments: dict[str, InstrumentDocument]


class PluginState(_Part):
    name: str
    distribution: str
    version: str
    loaded: bool
    documents: list[str]
    problems: list[DiagnosticDocument]


class PluginsDocument(_Part):
    """The installed plugins."""

    schema_: Literal["plugins/v1"] = Field(default="plugins/v1", validation_alias=_SCHEMA, serialization_alias="schema")
    plugins: list[PluginState]


class RuleDocument(_Part):
    id: str
    title: Words
    kind: str
    severity: Literal["major", "general"] | None
    sector: str | None
    ruleset: str
    on: str
    concludes: str
    clauses: list[str]
    force: str
    confidence: str | None
    in_force_from: str | None
    in_force_to: str | None
    jurisdiction: str
    except_: str | None = Field(validation_alias=AliasChoices("except", "except_"), serialization_alias="except")
    overrides: list[str]
    remedy: Words | None
    note: Words | None
    at: str = Field(description="where it is written: source:line:column")


class RulesDocument(_Part):
    """Rules that are loaded."""

    schema_: Literal["rules/v1"] = Field(default="rules/v1", validation_alias=_SCHEMA, serialization_alias="schema")
    rules: list[RuleDocument]


class VersionDocument(_Part):
    schema_: Literal["version/v1"] = Field(default="version/v1", validation_alias=_SCHEMA, serialization_alias="schema")
    safetyrules: str
    python: str


#: Every document, by the name that its ``schema`` key holds.
MODELS: dict[str, type[BaseModel]] = {
    "assessment/v1": AssessmentDocument,
    "diagnostics/v1": DiagnosticsDocument,
    "rules/v1": RulesDocument,
    "plugins/v1": PluginsDocument,
    "version/v1": VersionDocument,
}


@lru_cache(maxsize=4096)
def words(text: Text) -> Words:
    """The same few thousand titles come again and again."""
    return Words(zh=text.zh, en=text.en)


def exact_number(number: Fraction) -> ExactNumber:
    rest = number.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest == 1:
        digits = max(len(str(number.numerator)), 1) + len(str(number.denominator)) * 4
        decimal = Context(prec=digits).divide(Decimal(number.numerator), Decimal(number.denominator))
    else:
        decimal = _DIGITS.divide(Decimal(number.numerator), Decimal(number.denominator))
    return ExactNumber(exact=str(number), decimal=format(decimal, "f"))


def diagnostic_document(problem: Diagnostic) -> DiagnosticDocument:
    return DiagnosticDocument.model_validate(problem.to_json())


def diagnostics_document(problems: tuple[Diagnostic, ...] | list[Diagnostic]) -> dict[str, Any]:
    """Plain JSON data of a list of diagnostics."""
    document = DiagnosticsDocument(diagnostics=[diagnostic_document(problem) for problem in problems])
    return document.model_dump(mode="json", by_alias=True, exclude_none=True)


def json_schema(name: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a document named by its version, such as ``assessment/v1``."""
    schema = MODELS[name].model_json_schema(by_alias=True, mode="serialization")
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:safetyrules:{name}", **schema}
