"""What a column may be called: names of facts, their titles in both languages, the unit in brackets after a title."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from fractions import Fraction

from safetyrules.facts.schema import (
    ChoiceType,
    DateType,
    Fact,
    Kind,
    NumberType,
    PartsType,
    Schema,
    TextType,
    ValuesType,
)
from safetyrules.units import Unit, convert, parse_unit

SUBJECT, PART, ABOVE = "subject", "part", "parent"
_SUBJECT_LABELS = ("subject", "主体", "主体标识", "企业标识")
_PART_LABELS = ("part", "编号", "部分标识")
_ABOVE_LABELS = ("parent", "上级编号", "上级标识")
#: Words for units as they stand in column labels.
_UNITS = {
    "万元": "10k_yuan", "元": "yuan", "人": "person", "名": "person", "吨": "t", "千克": "kg", "公斤": "kg", "克": "g",
    "毫克": "mg", "米": "m", "毫米": "mm", "厘米": "cm", "千米": "km", "公里": "km", "平方米": "m2", "㎡": "m2",
    "m²": "m2", "立方米": "m3", "m³": "m3", "升": "L", "小时": "h", "分钟": "min", "秒": "s", "天": "day", "日": "day",
    "月": "month", "年": "year", "℃": "degC", "摄氏度": "degC", "兆帕": "MPa", "千帕": "kPa", "帕": "Pa",
}  # fmt: skip
_BRACKETED = re.compile(r"(.+?)\s*[(（\[【]([^()（）\[\]【】]*)[)）\]】]\s*")


class Role(StrEnum):
    """What a column says of its fact: its value, or what is known of it in part."""

    VALUE = ""
    AT_LEAST = "at_least"
    AT_MOST = "at_most"
    ONE_OF = "one_of"
    NOT_APPLICABLE = "not_applicable"
    COMPLETE = "complete"
    COMPLETE_SINCE = "complete_since"


@dataclass(frozen=True, slots=True)
class Target:
    """What a column gives."""

    fact: Fact
    role: Role

    @property
    def name(self) -> str:
        return f"{self.fact.name}.{self.role}" if self.role else self.fact.name


@dataclass(frozen=True, slots=True)
class Match:
    """A target that a label fits, with the unit that the label names."""

    target: Target
    unit: Unit | None = None


def roles(fact: Fact) -> tuple[Role, ...]:
    """What columns may say of a fact."""
    match fact.type:
        case PartsType(log=log):
            return (Role.COMPLETE,) if log is None else (Role.COMPLETE, Role.COMPLETE_SINCE)
        case ValuesType():
            return (Role.VALUE, Role.COMPLETE)
        case NumberType() | DateType():
            found: tuple[Role, ...] = (Role.VALUE, Role.AT_LEAST, Role.AT_MOST)
        case ChoiceType():
            found = (Role.VALUE, Role.ONE_OF)
        case _:
            found = (Role.VALUE,)
    return (*found, Role.NOT_APPLICABLE) if fact.may_not_apply else found


def targets(kind: Kind) -> dict[str, Target]:
    """Everything that columns of a kind may give, by its name."""
    found = {target.name: target for fact in kind.facts.values() for target in (Target(fact, r) for r in roles(fact))}
    return {**found, **{name: found[name] for name in kind.facts if name in found}}


class Labels:
    """The labels that the columns of one kind may have without being mapped."""

    def __init__(self, kind: Kind) -> None:
        self.targets = targets(kind)
        self._by_title: dict[str, dict[str, Target]] = {}
        for target in self.targets.values():
            if target.role is Role.VALUE:
                for title in target.fact.title:
                    self._by_title.setdefault(normal(title), {})[target.name] = target

    def matches(self, label: str) -> tuple[Match, ...]:
        """The targets that a label fits: one by its name, else those with its title."""
        named = self.targets.get(label)
        if named is not None:
            return (Match(named),)
        exact = tuple(Match(target) for target in self._by_title.get(normal(label), {}).values())
        if exact:
            return exact
        bracketed = _BRACKETED.fullmatch(label)
        if bracketed is None:
            return ()
        unit = label_unit(bracketed[2])
        titled = (self.targets.get(bracketed[1]), *self._by_title.get(normal(bracketed[1]), {}).values())
        found = {target.name: target for target in titled if target is not None}
        return tuple(Match(t, unit) for t in found.values() if unit is not None and fits(unit, t))


def fits(unit: Unit, target: Target) -> bool:
    """Can numbers in ``unit`` be converted to that of the fact?"""
    of = target.fact.type.item if isinstance(target.fact.type, ValuesType) else target.fact.type
    if not isinstance(of, NumberType) or of.unit is None:
        return False
    try:
        convert(Fraction(0), unit, of.unit)
    except ValueError:
        return False
    return True


def label_unit(words: str) -> Unit | None:
    """The unit that stands in brackets in a label; None where it is none we know."""
    try:
        return parse_unit(_UNITS.get(words.strip(), words.strip()) or "?")
    except KeyError:
        return None


def normal(label: str) -> str:
    """A label for comparing: full-width as half-width, without blanks and marks, in one case."""
    folded = unicodedata.normalize("NFKC", label).casefold()
    return re.sub(r"[\s_\-·.,，、。:：;；/\"'“”‘’()（）\[\]?？*]+", "", folded)


def subject_labels(schema: Schema, root: str) -> tuple[str, ...]:
    """What the column with the key of the subject may be called: its own names, else those of the credit code."""
    codes = [
        fact for fact in schema.kinds[root].facts.values()
        if isinstance(fact.type, TextType) and fact.type.code == "credit_code"
    ]  # fmt: skip
    return (*_SUBJECT_LABELS, *(label for fact in codes for label in (fact.name, *fact.title)))


def key_labels(schema: Schema, root: str) -> Mapping[str, tuple[str, ...]]:
    """The labels of key columns, the best first."""
    return {SUBJECT: subject_labels(schema, root), PART: _PART_LABELS, ABOVE: _ABOVE_LABELS}
