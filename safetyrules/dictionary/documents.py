"""The data dictionary as a document: ``facts-list/v2``."""

from __future__ import annotations

from collections.abc import Iterable
from fractions import Fraction
from typing import Any, Literal

from pydantic import AliasChoices, Field

from safetyrules.dictionary.entries import Entry, Page, Role
from safetyrules.documents import ExactNumber, Words, exact_number
from safetyrules.documents import words as both
from safetyrules.facts.json_forms import unit_of
from safetyrules.facts.schema import (
    ChoiceType,
    FactType,
    NumberType,
    PartsType,
    TextType,
    TypeName,
    ValuesType,
    type_name,
)
from safetyrules.testing.documents import Part

_SCHEMA = AliasChoices("schema", "schema_")
ListedType = TypeName | Literal["list", "subjects"]


class ValueDocument(Part):
    value: str
    title: Words


class SectorUseDocument(Part):
    """``present``: the fact says whether the sector is there. ``implied``: it is true, or above 0, only where the
    sector is. ``listed``: it has members only where the sector is. ``code``: ``codes`` begin the codes that stand for
    the sector."""

    sector: str
    role: Role
    codes: list[str]


class RulesetUseDocument(Part):
    ruleset: str
    rules: list[str]
    clauses: list[str]


class FactDocument(Part):
    """One fact. ``path`` is its name from the subject on, with ``[*]`` after a list."""

    page: str
    kind: str
    fact: str
    path: str
    title: Words
    help: Words | None = Field(description="how to find it out")
    type: ListedType
    of: str | None = Field(description="of a list: its kind or the type of its values; of subjects: their kind")
    code: Literal["credit_code", "place", "industry"] | None
    log: str | None = Field(description="of a log: the date of its entries")
    scale: bool = Field(description="whether the values are ordered, from first to last")
    values: list[ValueDocument]
    unit: str
    minimum: ExactNumber | None
    maximum: ExactNumber | None
    may_not_apply: bool
    sectors: list[SectorUseDocument]
    read_by: list[RulesetUseDocument]


class FactsListDocument(Part):
    """Facts that can be given, and the rules that read them."""

    schema_: Literal["facts-list/v2"] = Field(
        default="facts-list/v2", validation_alias=_SCHEMA, serialization_alias="schema"
    )
    facts: list[FactDocument]


def facts_document(pages: Iterable[Page]) -> FactsListDocument:
    return FactsListDocument(facts=[_fact(page, entry) for page in pages for entry in page.entries])


def _fact(page: Page, entry: Entry) -> FactDocument:
    fact = entry.fact
    single = fact.type.item if isinstance(fact.type, ValuesType) else fact.type
    return FactDocument(
        page=page.name, kind=entry.kind, fact=fact.name, path=entry.path, title=both(fact.title),
        help=None if fact.help is None else both(fact.help), type=_type(fact.type), of=_of(fact.type),
        unit=unit_of(fact.type), may_not_apply=fact.may_not_apply,
        sectors=[SectorUseDocument(sector=use.sector, role=use.role, codes=list(use.codes)) for use in entry.sectors],
        read_by=[
            RulesetUseDocument(ruleset=use.ruleset, rules=list(use.rules), clauses=list(use.clauses))
            for use in entry.read_by
        ],
        **_details(single),
    )  # fmt: skip


def _details(of: FactType) -> dict[str, Any]:
    """What the type of a fact, or of the values of a list, says more."""
    choice = of if isinstance(of, ChoiceType) else None
    number = of if isinstance(of, NumberType) else NumberType()
    return {
        "code": of.code if isinstance(of, TextType) else None,
        "log": of.log if isinstance(of, PartsType) else None,
        "scale": choice is not None and choice.scale,
        "values": []
        if choice is None
        else [
            ValueDocument(value=member, title=both(title))
            for member, title in zip(choice.members, choice.titles, strict=True)
        ],
        "minimum": _bound(number.minimum),
        "maximum": _bound(number.maximum),
    }


def _bound(bound: Fraction | None) -> ExactNumber | None:
    return None if bound is None else exact_number(bound)


def _type(of: FactType) -> ListedType:
    match of:
        case PartsType(subjects=subjects):
            return "subjects" if subjects else "list"
        case ValuesType():
            return "list"
        case _:
            return type_name(of)


def _of(of: FactType) -> str | None:
    match of:
        case PartsType(kind=kind):
            return kind
        case ValuesType(item=item):
            return type_name(item)
        case _:
            return None
