"""JSON Schema of scalar facts in every form they may be given."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    NumberType,
    PartsType,
    ScalarType,
    TextType,
    ValuesType,
)
from safetyrules.text import Text

JsonSchema = dict[str, Any]

_CODE_PATTERNS = {
    "credit_code": "^[0-9A-HJ-NP-RT-UW-Ya-hj-np-rt-uw-y]{2}[0-9]{6}[0-9A-HJ-NP-RT-UW-Ya-hj-np-rt-uw-y]{10}$",
    "industry": "^[A-Ta-t]?[0-9]{2,4}$",
    "place": "^([0-9]{6}([0-9]{3}){0,2}|[0-9]{6}-[A-Z0-9]+)$",
}


def both(text: Text) -> str:
    """A title in both languages."""
    return text.zh if text.zh == text.en else f"{text.zh} / {text.en}"


def described(fact: Fact) -> str:
    """What to know about a fact besides its title, in both languages."""
    words = [both(fact.help)] if fact.help is not None else []
    unit = unit_of(fact.type)
    if unit:
        words.append(f"单位 / unit: {unit}")
    if fact.may_not_apply:
        words.append("可以不适用 / may not apply: {not_applicable: true}")
    if isinstance(fact.type, PartsType) and fact.type.log is not None:
        words.append(f"按日期的记录 / a log by date: {fact.type.log}")
    return "\n".join(words)


def unit_of(of: FactType) -> str:
    """The unit of a number or of the numbers of a list; empty where there is none."""
    if isinstance(of, ValuesType):
        return unit_of(of.item)
    return str(of.unit) if isinstance(of, NumberType) and of.unit is not None else ""


def json_plain(of: ScalarType, ranged: bool = True) -> JsonSchema:
    """A value of the type itself. ``ranged``: within the declared range."""
    match of:
        case BooleanType():
            return {"type": "boolean"}
        case ChoiceType(members=members, titles=titles):
            described = "; ".join(f"{m}: {both(t)}" for m, t in zip(members, titles, strict=False))
            return {"enum": list(members), "description": described}
        case DateType():
            return {"type": "string", "format": "date", "pattern": "^[0-9]{4}-[0-9]{2}-[0-9]{2}$"}
        case TextType(code=code):
            return {"type": "string", "maxLength": 100_000} | ({"pattern": _CODE_PATTERNS[code]} if code else {})
        case NumberType():
            return _number(of, ranged)


def json_scalar(of: ScalarType, may_not_apply: bool) -> JsonSchema:
    """The value, null, or a mapping that says less than a value or more about it."""
    within = json_plain(of)
    counted = isinstance(of, NumberType) and of.unit is not None
    one = json_plain(of, ranged=not counted)
    if counted and isinstance(of, NumberType) and of.integer:
        one = {"type": "number"}
    forms: JsonSchema = {
        "value": {"anyOf": [one, {"type": "null"}]},
        "one_of": {"type": "array", "items": one, "minItems": 1},
        "unknown": {"const": True},
    }
    if isinstance(of, NumberType | DateType):
        bound = {"type": "number"} if isinstance(of, NumberType) else one
        forms |= {
            "at_least": bound,
            "at_most": bound,
            "between": {"type": "array", "items": bound, "minItems": 2, "maxItems": 2},
        }
    if may_not_apply:
        forms["not_applicable"] = {"const": True}
    words = {"type": ["string", "null"], "minLength": 1}
    beside: JsonSchema = {"source": words, "assumed": words}
    if counted:
        beside["unit"] = {"type": ["string", "null"], "minLength": 1, "default": unit_of(of)}
    form = {
        "type": "object",
        "properties": forms | beside,
        "oneOf": [{"required": [name]} for name in forms],
        "additionalProperties": False,
    }
    schema: JsonSchema = {"anyOf": [within, {"type": "null"}, form]}
    if counted:
        schema["x-unit"] = unit_of(of)
    return schema


def _number(of: NumberType, ranged: bool) -> JsonSchema:
    schema: JsonSchema = {"type": "integer" if of.integer else "number"}
    if ranged and of.minimum is not None:
        schema["minimum"] = _json_number(of.minimum)
    if ranged and of.maximum is not None:
        schema["maximum"] = _json_number(of.maximum)
    return schema


def _json_number(number: Fraction) -> int | float:
    return number.numerator if number.denominator == 1 else float(number)
