"""JSON Schemas of documents for editors, made of the keys that the readers read.

Draft 7, which the YAML support of common editors knows. A schema says what a document is made of; whether names lead
somewhere and expressions type is for `check`.
"""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

from safetyrules.language.document_keys import DOCUMENTS
from safetyrules.language.document_shapes import (
    Alternatives,
    Either,
    Entries,
    Items,
    Shape,
    Value,
    Whole,
    Words,
)
from safetyrules.language.reading.names import LEVEL, TAKEN, TYPE_NAME, NameShape
from safetyrules.text import Text

JsonSchema = dict[str, Any]

#: The schemas by the names that `safetyrules schema` takes; ``document/v1`` is any of them, by its first key.
NAMES = {
    "ruleset/v1": "ruleset", "instruments/v1": "instruments", "facts-document/v1": "facts", "table/v1": "table",
    "document/v1": None,
}  # fmt: skip
_ANY_VALUE: JsonSchema = {"type": ["boolean", "number", "string"]}
_SOME_WORDS: JsonSchema = {"type": "string", "pattern": r"\S"}
_DAY = "^[0-9]{4}-(0[1-9]|1[0-2])-(0[1-9]|[12][0-9]|3[01])$"
_SIMPLE: dict[str, JsonSchema] = {
    "words": _SOME_WORDS,
    "text": {
        "type": "object", "properties": {"zh": _SOME_WORDS, "en": _SOME_WORDS}, "required": ["zh", "en"],
        "additionalProperties": False,
    },
    "expression": {**_ANY_VALUE, "minLength": 1},
    "citation": {"type": ["string", "number"], "pattern": r"^\s*[^#\s]([^#]*(#[^#]*[^#\s])?)?\s*$"},
    "literal": _ANY_VALUE,
    "number": {"type": "number"},
    "flag": {"type": "boolean"},
    "yes": {"const": True},
    "day": {"type": ["string", "null"], "pattern": _DAY},
    "word": {**_ANY_VALUE, "minLength": 1},
    "cell": {"anyOf": [_ANY_VALUE, {"type": "array", "minItems": 1, "items": _ANY_VALUE}]},
}  # fmt: skip


@lru_cache
def _definitions() -> dict[str, JsonSchema]:
    making = _Making()
    for shape in DOCUMENTS.values():
        making.value(shape)
    return making.definitions


def json_schema(name: str) -> JsonSchema:
    """The JSON Schema (draft 7) of one of `NAMES`."""
    key = NAMES[name]
    head: JsonSchema = {"$schema": "http://json-schema.org/draft-07/schema#", "$id": f"urn:safetyrules:{name}"}
    if key is not None:
        body = _reference(DOCUMENTS[key])
    else:
        body = {
            "type": "object",
            "allOf": [{"if": {"required": [each]}, "then": _reference(DOCUMENTS[each])} for each in DOCUMENTS],
            "anyOf": [{"required": [each]} for each in DOCUMENTS],
        }
    return {**head, **body, "definitions": _needed(body)}


def _reference(shape: Shape) -> JsonSchema:
    return {"allOf": [{"$ref": f"#/definitions/{_slug(shape.name)}"}]}


def _needed(body: JsonSchema) -> dict[str, JsonSchema]:
    """The definitions that ``body`` leads to."""
    found: dict[str, JsonSchema] = {}
    pending: list[Any] = [body]
    while pending:
        each = pending.pop()
        if isinstance(each, dict):
            name = str(each.get("$ref", "")).rpartition("/")[2]
            if name and name not in found:
                found[name] = _definitions()[name]
                pending.append(found[name])
            pending.extend(each.values())
        elif isinstance(each, list):
            pending.extend(each)
    return dict(sorted(found.items()))


class _Making:
    def __init__(self) -> None:
        self.definitions: dict[str, JsonSchema] = {}

    def value(self, value: Value) -> JsonSchema:
        match value:
            case Shape():
                return self.shape(value)
            case Alternatives():
                return self.alternatives(value)
            case NameShape():
                return {"type": ["string", "number"], "pattern": _pattern(value)}
            case Words(words):
                return {"enum": list(words)}
            case Whole(low):
                return {"type": "integer", "minimum": low}
            case Items(of, empty, alone):
                items: JsonSchema = {"type": "array", "items": self.value(of), **({} if empty else {"minItems": 1})}
                return {"anyOf": [self.value(of), items]} if alone else items
            case Entries(names, of, least):
                return {
                    "type": "object", "propertyNames": {"pattern": _pattern(names)},
                    "additionalProperties": self.value(of), "minProperties": least,
                }  # fmt: skip
            case Either(of):
                return {"anyOf": [self.value(each) for each in of]}
            case "outcome" | "outcome or none":
                from safetyrules.language.document_keys import OUTCOME

                return {"anyOf": [_ANY_VALUE, self.shape(OUTCOME)]}
        return _SIMPLE[value]

    def shape(self, shape: Shape) -> JsonSchema:
        name = _slug(shape.name)
        if name not in self.definitions:
            self.definitions[name] = {}
            self.definitions[name] = {
                "title": _both(shape.what),
                "type": "object",
                "properties": {key.name: {**self.value(key.of), "description": _both(key.text)} for key in shape.keys},
                "additionalProperties": False,
                **({"required": list(shape.required)} if shape.required else {}),
                **self._together(shape),
            }
        return {"$ref": f"#/definitions/{name}"}

    def alternatives(self, alternatives: Alternatives) -> JsonSchema:
        *marked, (_, last) = alternatives.shapes
        if alternatives.name == "overlays":
            return {
                "type": "object",
                "oneOf": [{"required": [mark]} for mark, _ in alternatives.shapes],
                "allOf": [{"if": {"required": [mark]}, "then": self.shape(each)} for mark, each in alternatives.shapes],
            }
        chosen = self.shape(last)
        for mark, each in reversed(marked):
            chosen = {"if": {"required": [mark]}, "then": self.shape(each), "else": chosen}
        return chosen

    def _together(self, shape: Shape) -> JsonSchema:
        """Which keys go together."""
        rules: list[JsonSchema] = [_exactly_one(group) for group in shape.one_of]
        names = {key.name for key in shape.keys}
        rules += [_where(key, {"anyOf": _each(others)}) for key, others in shape.beside.items()]
        rules += [_where(key, {"required": list(others)}) for key, others in shape.needs.items()]
        rules += [_where(key, _exactly_one(others)) for key, others in shape.one_beside.items()]
        if {"grade", "table"} <= names:
            rules.append(_where("grade", {"properties": {"table": {"required": ["otherwise"]}}}))
        if {"inputs", "rows"} <= names:
            cells = {"properties": {"rows": {"items": {"required": ["if"]}}}}
            conditions = {"properties": {"rows": {"items": {"required": ["when"]}}}}
            rules.append({"if": {"required": ["inputs"]}, "then": cells, "else": conditions})
        if "of" in names and shape.name != "choices":
            typed = ["type"] if "type" in names else ["value", "assign"]
            rules.append(self._of(typed))
        return {"allOf": rules} if rules else {}

    def _of(self, typed: list[str]) -> JsonSchema:
        """What stands beside a type under ``of``."""
        levels, name = self.value(Entries(LEVEL, "text")), self.value(TYPE_NAME)
        return {
            "if": {"anyOf": [_is(key, "choice") for key in typed]},
            "then": {"required": ["of"], "properties": {"of": levels}},
            "else": {
                "if": {"anyOf": [_is(key, word) for key in typed for word in ("list", "subjects")]},
                "then": {"required": ["of"], "properties": {"of": name}},
                "else": {"not": {"required": ["of"]}},
            },
        }


def _is(key: str, word: str) -> JsonSchema:
    return {"required": [key], "properties": {key: {"const": word}}}


def _where(key: str, then: JsonSchema) -> JsonSchema:
    return {"if": {"required": [key]}, "then": then}


def _each(keys: tuple[str, ...]) -> list[JsonSchema]:
    return [{"required": [key]} for key in keys]


def _exactly_one(keys: tuple[str, ...]) -> JsonSchema:
    return {"oneOf": _each(keys)}


def _pattern(names: NameShape) -> str:
    taken = "|".join(sorted(map(re.escape, TAKEN)))
    never = rf"(?!(?:.*\.)?(?:{taken})(?:\.|$))" if names.read_in_expressions else ""
    return f"^{never}(?:{names.pattern.pattern})$"


def _slug(name: str) -> str:
    return name.replace(" ", "-")


def _both(text: Text) -> str:
    return text.en if text.zh == text.en else f"{text.zh} / {text.en}"
