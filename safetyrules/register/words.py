"""One cell as one value: what its words mean. The columns as a whole are read by `safetyrules.register.reading`.

What a cell says is judged by the same reader as the facts of `safetyrules.assess`; before it, the words that registers
use are taken to what that reader knows.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from fractions import Fraction
from typing import Any, Final

from safetyrules.facts.refusal import Refused
from safetyrules.facts.scalars import expectation, read_scalar
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.register.labels import Role
from safetyrules.text import Text, same
from safetyrules.values import NOTHING, Finite, Interval, Nothing

YES: Final = frozenset({"true", "yes", "y", "t", "1", "是", "有", "真", "√"})
NO: Final = frozenset({"false", "no", "n", "f", "0", "否", "无", "没有", "假", "×"})
UNKNOWN_WORDS: Final = frozenset({"unknown", "未知", "不详", "不清楚"})
NOTHING_WORDS: Final = frozenset({"not_applicable", "not applicable", "n/a", "不适用"})
NUMBER: Final = r"^[+-]?[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?$"
_NUMBER = re.compile(NUMBER)
_YES_OR_NO = same("true / false / 是 / 否 / 有 / 无 / Y / N")


@dataclass(frozen=True, slots=True)
class Words:
    """How the cells of one column are to be read.

    ``values``: words of this column only, taken to raw facts ("unknown" is None, "not applicable" `NOTHING`); ``unit``:
    that of its numbers; ``format``: how it writes dates; ``pad``: the digits of its codes.
    """

    type: ScalarType
    may_not_apply: bool = False
    role: Role = Role.VALUE
    unit: str | None = None
    values: Mapping[str, Any] | None = None
    format: str | None = None
    pad: int | None = None


Outcome = bool | str | Fraction | date | Nothing | None


def reader(words: Words) -> Callable[[Any], Outcome]:
    """What one cell says; None where it is unknown. The reader raises `Refused`."""
    of = words.type
    named = {m: m for m in of.members} if isinstance(of, ChoiceType) else {}
    titled = _titles(of) if isinstance(of, ChoiceType) else {}
    values = words.values or {}
    within = f"{words.role}" if words.role in (Role.AT_LEAST, Role.AT_MOST) else None

    def read(cell: Any) -> Outcome:
        text = key_of(cell)
        if text in values:
            return _outcome(of, words.may_not_apply, values[text])
        if not isinstance(cell, str):
            return judged(lambda: _raw_of_typed(words, cell))
        if not text:
            return None
        folded = text.casefold()
        if text in named:
            return text
        if folded in titled:
            return titled[folded]
        if words.may_not_apply and within is None and folded in NOTHING_WORDS:
            return NOTHING
        if folded in UNKNOWN_WORDS and not isinstance(of, TextType):
            return None
        return judged(lambda: _raw_of_text(words, cell, text, folded))

    def judged(raw: Callable[[], Any]) -> Outcome:
        try:
            return _judged(words, raw(), within)
        except Refused as refused:
            if values and refused.code in ("SR1004", "SR1005", "SR1009"):
                refused = Refused("SR5036", "", same(" / ".join(list(values)[:12])), refused.fix)
            raise refused from None

    return read


def key_of(cell: Any) -> str:
    """A cell as the keys of ``values`` write it."""
    if isinstance(cell, str):
        return cell.strip()
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, float) and cell.is_integer():
        return str(int(cell))
    return str(cell)


def _judged(words: Words, raw: Any, within: str | None) -> Outcome:
    """By the reader of facts."""
    form: Any = {within or "value": raw} if words.unit is not None or within is not None else raw
    if words.unit is not None:
        form["unit"] = words.unit
    given = read_scalar(words.type, words.may_not_apply, form)
    if given is None:
        return None
    value = given.value
    if isinstance(value, Interval):
        end = value.high if within == Role.AT_MOST else value.low
        if end is None:
            return None
        return end if isinstance(words.type, NumberType) else date.fromordinal(int(end))
    assert isinstance(value, Finite)
    (only,) = value.outcomes
    return only


def _outcome(of: ScalarType, may_not_apply: bool, raw: Any) -> Outcome:
    if raw is None or raw is NOTHING:
        return None if raw is None else NOTHING
    return _judged(Words(of, may_not_apply), raw, None)


def _raw_of_typed(words: Words, cell: Any) -> Any:
    """A cell of a typed column as raw facts have it."""
    match words.type:
        case BooleanType() if isinstance(cell, int) and not isinstance(cell, bool):
            if cell in (0, 1):
                return bool(cell)
            raise Refused("SR1004", cell, _YES_OR_NO)
        case TextType() if isinstance(cell, int | float) and not isinstance(cell, bool):
            if isinstance(cell, float) and not cell.is_integer():
                raise Refused("SR1008", cell, expectation(words.type))
            return str(int(cell)).rjust(words.pad or 0, "0")
        case DateType() if isinstance(cell, int):
            return _date(words, str(cell))
        case DateType() if isinstance(cell, datetime) and (cell.hour, cell.minute, cell.second) == (0, 0, 0):
            return cell.date() if not cell.microsecond else cell
    return cell


def _raw_of_text(words: Words, cell: str, text: str, folded: str) -> Any:
    """A cell of text as raw facts have it. ``text`` is without blanks around it, ``folded`` in one case too."""
    match words.type:
        case BooleanType():
            if folded in YES:
                return True
            if folded in NO:
                return False
            raise Refused("SR1004", cell, _YES_OR_NO)
        case NumberType():
            return Decimal(text) if _NUMBER.fullmatch(text) else cell
        case DateType():
            return _date(words, text)
        case TextType() if words.pad is not None and text.isascii() and text.isdigit():
            return text.rjust(words.pad, "0")
    return text if isinstance(words.type, ChoiceType) else cell


def _date(words: Words, text: str) -> Any:
    if words.format is None:
        return text
    try:
        return datetime.strptime(text, words.format).date()
    except ValueError:
        expected = Text(f"如 {_EXAMPLE.strftime(words.format)}", f"for example {_EXAMPLE.strftime(words.format)}")
        raise Refused("SR5037", text, expected, format=words.format) from None


def _titles(of: ChoiceType) -> dict[str, str]:
    """Titles of members, where only one member has the title and none has it as its name."""
    found: dict[str, set[str]] = {}
    for member, title in zip(of.members, of.titles, strict=False):
        for words in title:
            found.setdefault(words.strip().casefold(), set()).add(member)
    names = {member.casefold() for member in of.members}
    return {words: next(iter(m)) for words, m in found.items() if len(m) == 1 and (words not in names or words in m)}


_EXAMPLE = date(2024, 1, 31)
