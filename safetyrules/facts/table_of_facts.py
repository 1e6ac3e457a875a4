"""The facts of a schema as rows, for the ``facts`` command and the documentation."""

from __future__ import annotations

from fractions import Fraction
from typing import NamedTuple

from safetyrules.facts.json_forms import unit_of
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    FactType,
    NumberType,
    PartsType,
    Schema,
    TextType,
    ValuesType,
)
from safetyrules.text import Language, Text


class FactRow(NamedTuple):
    """One declared fact in words."""

    kind: str
    fact: str
    type: str
    unit: str
    range: str
    title: str
    help: str


def describe(schema: Schema, language: Language) -> list[FactRow]:
    """A row for each fact of each kind, in the order of their declaration."""
    return [
        FactRow(
            kind=kind.name,
            fact=fact.name,
            type=type_words(fact.type).in_language(language) + (_OR_NOTHING.in_language(language) * fact.may_not_apply),
            unit=unit_of(fact.type),
            range=_range(fact.type),
            title=fact.title.in_language(language),
            help=fact.help.in_language(language) if fact.help is not None else "",
        )
        for kind in schema.kinds.values()
        for fact in kind.facts.values()
    ]


def type_words(of: FactType) -> Text:
    """What a fact of this type holds."""
    match of:
        case BooleanType():
            return Text("布尔", "boolean")
        case NumberType(integer=integer):
            return Text("整数", "integer") if integer else Text("数", "number")
        case DateType():
            return Text("日期", "date")
        case TextType(code=code):
            return _CODES[code or ""]
        case ChoiceType(scale=True):
            return Text("等级", "scale")
        case ChoiceType():
            return Text("选项", "choice")
        case PartsType(kind=kind, subjects=True):
            return Text(f"成员：{kind}", f"members: {kind}")
        case PartsType(kind=kind, log=log):
            return Text(f"{'记录' if log else '列表'}：{kind}", f"{'log' if log else 'list'} of {kind}")
        case ValuesType(item=item):
            inner = type_words(item)
            return Text(f"列表：{inner.zh}", f"list of {inner.en}")


def _range(of: FactType) -> str:
    match of:
        case NumberType(minimum=low, maximum=high) if low is not None or high is not None:
            return f"{_number(low)}..{_number(high)}"
        case ChoiceType(members=members, scale=scale):
            return (" < " if scale else " | ").join(members)
        case ValuesType(item=item):
            return _range(item)
        case _:
            return ""


def _number(bound: Fraction | None) -> str:
    return "" if bound is None else str(bound)


_OR_NOTHING = Text("，可不适用", ", may not apply")
_CODES = {
    "": Text("文字", "text"),
    "credit_code": Text("统一社会信用代码", "unified social credit code"),
    "place": Text("行政区划代码", "place code"),
    "industry": Text("行业代码", "industry code"),
}
