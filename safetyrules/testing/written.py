"""Test files as they are written: pydantic models, which check a file and give its JSON Schema."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, PlainValidator, RootModel, WithJsonSchema

SCHEMA_NAME = "tests/v1"
Model = TypeVar("Model", bound=BaseModel)


def _day(raw: object) -> object:
    if isinstance(raw, date):
        return raw
    if isinstance(raw, str):
        return date.fromisoformat(raw)
    raise ValueError("YYYY-MM-DD")


def _value(raw: object) -> object:
    if isinstance(raw, bool | int | Decimal | str | date):
        return raw
    raise ValueError("true, 2.5, text")


def _bound(raw: object) -> object:
    return None if raw is None else _value(raw)


def _names(raw: object) -> object:
    names = [raw] if isinstance(raw, str) else raw
    if isinstance(names, list) and all(isinstance(each, str) for each in names):
        return names
    raise ValueError("NAME, [NAME, …]")


def _undetermined(raw: object) -> object:
    if raw is True or (isinstance(raw, list) and len(raw) > 1 and all(isinstance(each, bool | str) for each in raw)):
        return raw
    raise ValueError("true, [OUTCOME, OUTCOME, …]")


def _expected(raw: object) -> object:
    return raw if isinstance(raw, dict) else _value(raw)


def _refusal(raw: object) -> object:
    return raw if isinstance(raw, dict | str) else _value(raw)


_ANY_VALUE: dict[str, Any] = {"type": ["boolean", "number", "string"]}
_LIST_OF_NAMES: dict[str, Any] = {"type": "array", "items": {"type": "string"}}

Day = Annotated[Any, PlainValidator(_day), WithJsonSchema({"type": "string", "format": "date"})]
Value = Annotated[Any, PlainValidator(_value), WithJsonSchema(_ANY_VALUE)]
Bound = Annotated[Any, PlainValidator(_bound), WithJsonSchema({"type": ["boolean", "number", "string", "null"]})]
Names = Annotated[list[str], PlainValidator(_names), WithJsonSchema({"anyOf": [{"type": "string"}, _LIST_OF_NAMES]})]
Undetermined = Annotated[
    Any,
    PlainValidator(_undetermined),
    WithJsonSchema({"anyOf": [{"const": True}, {"type": "array", "items": _ANY_VALUE, "minItems": 2}]}),
]


class Written(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, arbitrary_types_allowed=True)


class WrittenExpectation(Written):
    """What is expected of a conclusion, where a bare value does not say it. What is said must all hold."""

    is_: Value | None = Field(default=None, alias="is", description="exactly this value, or this status")
    at_least: Value | None = Field(default=None, description="surely this number or day or more; this level or a worse")
    at_most: Value | None = Field(default=None, description="surely this number or day or less; this level or a milder")
    between: list[Bound] | None = Field(
        default=None, min_length=2, max_length=2, description="exactly these bounds are possible; null: boundless"
    )
    none: bool | None = Field(default=None, description='with between: is "no value" possible too?')
    undetermined: Undetermined | None = Field(
        default=None, description='true, or exactly the outcomes that are possible; "none" is "no value"'
    )
    needs: list[str] | None = Field(default=None, description="exactly the facts that would settle it")
    severity: Literal["major", "general"] | None = Field(
        default=None, description="of a finding: its severity under the law in force"
    )
    clauses: list[str] | None = Field(default=None, description="clauses that must be among the reasons")
    rows: list[str] | None = Field(default=None, description="exactly the clauses of the rows that hold or may hold")


class WrittenRefusal(Written):
    code: str
    at: str | None = Field(default=None, description="the path of the fact that is refused")


Expected = Annotated[Any, PlainValidator(_expected)]
Refused = Annotated[Any, PlainValidator(_refusal)]


class WrittenExpectations(RootModel[dict[str, Expected]]):
    """What is expected of conclusions, by their names."""


class WrittenOptions(Written):
    """What is asked, beside the facts: as `safetyrules.assess` takes it."""

    as_of: Day | None = None
    law_at: Day | None = None
    jurisdiction: str | None = None
    closed: Names | None = None
    sectors: Names | None = None
    subject: str | None = None
    treat_unknown_as: Literal["withhold", "worst", "best"] | None = None


class WrittenFixture(WrittenOptions):
    """Facts and options that cases share. They build on those of ``from``, first to last."""

    from_: Names | None = Field(default=None, alias="from")
    note: str | None = None
    facts: dict[str, Any] | None = None
    set_: dict[str, Any] | None = Field(default=None, alias="set", description="path: value, also inside lists")
    unset: Names | None = Field(default=None, description="paths of facts to take away")


class WrittenCase(WrittenFixture):
    name: str = Field(min_length=1)
    expect: dict[str, Expected] | None = None
    notices: Names | None = Field(default=None, description="codes that the answer must notice")
    refused: list[Refused] | None = Field(default=None, min_length=1, description="codes of the refusal")


class WrittenTable(WrittenFixture):
    """A CSV file of cases: a column for each fact path, ``expect:NAME`` for what is expected."""

    file: str
    name: str | None = None
    notices: Names | None = None


class WrittenFile(Written):
    """A file with fixtures. A file of cases alone may be a list of them."""

    note: str | None = None
    rules: Names | None = Field(default=None, description="documents, relative to the file, beside the installed law")
    defaults: WrittenOptions | None = None
    fixtures: dict[str, WrittenFixture] | None = None
    cases: list[WrittenCase] | None = None
    tables: list[WrittenTable] | None = None


class TestFile(RootModel[list[WrittenCase] | WrittenFile]):
    """A file of tests of rulesets."""

    __test__ = False


def json_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of test files."""
    schema = TestFile.model_json_schema(by_alias=True, mode="validation")
    parts = schema["$defs"]
    for name, model in (("WrittenExpectation", WrittenExpectation), ("WrittenRefusal", WrittenRefusal)):
        parts[name] = model.model_json_schema(by_alias=True, mode="validation")
    case = parts["WrittenCase"]["properties"]
    said = {"anyOf": [_ANY_VALUE, {"$ref": "#/$defs/WrittenExpectation"}]}
    case["expect"] = {"type": "object", "additionalProperties": said}
    refusals = {"anyOf": [{"type": "string"}, {"$ref": "#/$defs/WrittenRefusal"}]}
    case["refused"] = {"type": "array", "minItems": 1, "items": refusals}
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema", "$id": f"urn:safetyrules:{SCHEMA_NAME}", **schema,
    }  # fmt: skip
