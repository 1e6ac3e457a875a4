"""What is still possible of a value, in words: numbers with units, dates, choices, sets and ranges."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Final

from safetyrules.engine import algebra
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.text import Text, same
from safetyrules.units import Unit
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

UNKNOWN: Final = Text("未知", "unknown")
NO_VALUE: Final = Text("无", "none")
YES: Final = Text("是", "yes")
NO: Final = Text("否", "no")

#: Symbols that read better as words.
_UNITS: Final[dict[str, Text]] = {
    "kg": Text("千克", "kg"), "t": Text("吨", "t"), "g": Text("克", "g"), "mg": Text("毫克", "mg"),
    "m": Text("米", "m"), "mm": Text("毫米", "mm"), "cm": Text("厘米", "cm"), "km": Text("千米", "km"),
    "um": Text("微米", "µm"),
    "m2": Text("平方米", "m²"), "m3": Text("立方米", "m³"), "L": Text("升", "L"), "degC": Text("℃", "°C"),
    "s": Text("秒", "s"), "min": Text("分钟", "min"), "h": Text("小时", "h"),
    "day": Text("日", "day(s)"), "month": Text("个月", "month(s)"), "year": Text("年", "year(s)"),
    "yuan": Text("元", "yuan"), "10k_yuan": Text("万元", "10,000 yuan"), "person": Text("人", "person(s)"),
    "point": Text("分", "point(s)"),
}  # fmt: skip
_LISTED: Final = 8


def unit_words(unit: Unit | None) -> Text:
    """The unit after a number, with the space before it; empty where there is none."""
    if unit is None or not unit.powers:
        return same("")
    if len(unit.powers) == 1 and unit.powers[0][1] == 1:
        words = _UNITS.get(unit.powers[0][0], same(unit.powers[0][0]))
        return Text(f" {words.zh}", f" × {words.en}" if words.en[0].isdigit() else f" {words.en}")
    return same(f" {str(unit).replace('*', '·')}")


def number_words(number: Fraction) -> str:
    """A decimal where the number is one of reasonable length, else rounded and said so."""
    if number.denominator == 1:
        return str(number.numerator)
    rest = number.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest == 1 and _short(number):
        return _decimal(number)
    return f"≈{float(number):.6g}"


def _short(number: Fraction) -> bool:
    return (number * 10**12).denominator == 1 and abs(number) < 10**15


def _decimal(number: Fraction) -> str:
    scaled = abs(number) * 10**12
    whole, fraction = divmod(scaled.numerator, 10**12)
    return f"{'-' if number < 0 else ''}{whole}.{fraction:012d}".rstrip("0")


def either(words: Iterable[Text]) -> Text:
    """``甲或乙``, ``one or two``."""
    found = list(words)
    if len(found) > _LISTED:
        more = len(found) - _LISTED
        found = [*found[:_LISTED], Text(f"另外 {more} 种", f"{more} more")]
    if len(found) == 1:
        return found[0]
    return Text(
        "、".join(t.zh for t in found[:-1]) + "或" + found[-1].zh,
        " / ".join(t.en for t in found)
        if any(" or " in t.en for t in found)
        else ", ".join(t.en for t in found[:-1]) + " or " + found[-1].en,
    )


def listing(words: Iterable[Text]) -> Text:
    """``甲、乙``, ``one, two``."""
    found = list(words)
    return Text("、".join(t.zh for t in found), ", ".join(t.en for t in found))


def plain(value: bool | str | Fraction, type_: ScalarType) -> Text:
    """One value of a type."""
    match type_:
        case BooleanType():
            return YES if value else NO
        case ChoiceType(members=members, titles=titles):
            return titles[members.index(str(value))] if value in members else same(str(value))
        case DateType() if isinstance(value, Fraction):
            return same(date.fromordinal(int(value)).isoformat())
        case NumberType(unit=unit) if isinstance(value, Fraction):
            words = unit_words(unit)
            return Text(f"{number_words(value)}{words.zh}", f"{number_words(value)}{words.en}")
    return Text(f"“{value}”", f'"{value}"')


def amount(value: Scalar, type_: ScalarType, nothing: Text = NO_VALUE, spelt_out: bool = False) -> Text:
    """What is still possible: the value, a set, a range or "unknown". ``nothing`` names "no value"; ``spelt_out`` lists
    every member of a choice rather than say "unknown"."""
    if not algebra.has_value(value):
        return nothing
    words = _possible(algebra.without_nothing(value), type_, spelt_out and isinstance(type_, ChoiceType))
    if not algebra.has_nothing(value):
        return words
    return Text(f"{words.zh}，或{nothing.zh}", f"{words.en}, or {nothing.en}")


def _possible(value: Scalar, type_: ScalarType, spelt_out: bool) -> Text:
    if isinstance(value, AnyText):
        return UNKNOWN
    if isinstance(value, Finite):
        if value.known:
            (only,) = value.outcomes
            return plain(only, type_) if isinstance(only, bool | str) else NO_VALUE
        if not spelt_out and value == algebra.everything(type_):
            return UNKNOWN
        return either(plain(outcome, type_) for outcome in ordered(value, type_))
    if value.low is not None and value.low == value.high:
        return plain(value.low, type_)
    everything = algebra.everything(type_)
    assert isinstance(everything, Interval)
    return _range(value, everything, type_)


def _range(value: Interval, everything: Interval, type_: ScalarType) -> Text:
    low = value.low if value.low != everything.low or value.high == everything.high else None
    if value.low == everything.low and value.high == everything.high:
        return UNKNOWN
    if low is not None and value.high is not None:
        first = number_words(low) if isinstance(type_, NumberType) else plain(low, type_).en
        last = plain(value.high, type_)
        return Text(f"{first} 至 {last.zh}", f"{first} to {last.en}")
    if value.high is not None:
        last = plain(value.high, type_)
        return Text(f"≤ {last.zh}", f"≤ {last.en}")
    assert value.low is not None
    first_ = plain(value.low, type_)
    return Text(f"≥ {first_.zh}", f"≥ {first_.en}")


def ordered(value: Finite, type_: ScalarType) -> list[bool | str]:
    """The outcomes that are values, in the order of their type."""
    members = type_.members if isinstance(type_, ChoiceType) else ()
    found = [outcome for outcome in value.outcomes if isinstance(outcome, bool | str)]
    if len(found) < 2:
        return found
    return sorted(found, key=lambda o: (members.index(str(o)) if o in members else 0, o is False, str(o)))


def standing(value: Scalar) -> str:
    """A truth in a word: ``true``, ``false``, ``unknown``, ``no_value``; ``value`` of anything but a boolean."""
    if isinstance(value, Finite) and value.outcomes <= {True, False, NOTHING}:
        if len(value.outcomes) > 1:
            return "unknown"
        (only,) = value.outcomes
        return "no_value" if only is NOTHING else "true" if only is True else "false"
    return "value"
