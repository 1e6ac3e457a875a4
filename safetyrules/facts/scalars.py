"""One given scalar, in any of its forms, as the abstract value it means."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from fractions import Fraction
from math import ceil, floor

from safetyrules.diagnostics import did_you_mean
from safetyrules.facts.codes import CODE_READERS
from safetyrules.facts.entity import Provenance
from safetyrules.facts.raw import exact
from safetyrules.facts.refusal import Refused, half_width, printable
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.text import Text, same
from safetyrules.units import SYMBOLS, Unit, convert, parse_unit
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Outcome, Scalar

#: The keys of which a form has exactly one, and those that may stand beside it.
FORMS = ("value", "at_least", "at_most", "between", "one_of", "unknown", "not_applicable")
BESIDE = ("unit", "source", "assumed")
_RANGES = ("at_least", "at_most", "between")


@dataclass(frozen=True, slots=True)
class Given:
    """A given scalar: what is possible of it, whether it was said to be unknown, and where it comes from."""

    value: Scalar
    unknown: bool = False
    provenance: Provenance | None = None


def anything(of: ScalarType, may_not_apply: bool = False) -> Scalar:
    """Everything the type allows."""
    match of:
        case BooleanType():
            return _finite((True, False), may_not_apply)
        case ChoiceType(members=members):
            return _finite(members, may_not_apply)
        case NumberType(minimum=low, maximum=high):
            return Interval(low, high, nothing=may_not_apply)
        case DateType():
            return Interval(None, None, nothing=may_not_apply)
        case TextType():
            return AnyText(nothing=may_not_apply)


def not_applicable(of: ScalarType) -> Scalar:
    if isinstance(of, NumberType | DateType):
        return Interval(None, None, nothing=True, empty=True)
    return Finite(frozenset({NOTHING}))


def expectation(of: ScalarType) -> Text:
    """What a value of the type looks like."""
    match of:
        case BooleanType():
            return same("true / false")
        case ChoiceType(members=members):
            names = " / ".join(members[:12]) + (" …" if len(members) > 12 else "")
            return Text(f"以下之一：{names}", f"one of {names}")
        case NumberType():
            return _number_expectation(of)
        case DateType():
            return Text("日期，YYYY-MM-DD", "a date, YYYY-MM-DD")
        case TextType(code=code):
            return Text("文字", "text") if code is None else _CODES[code]


def read_scalar(of: ScalarType, may_not_apply: bool, raw: object) -> Given | None:
    """What a given value means; None for null. Raises `Refused`."""
    if raw is None:
        return None
    if isinstance(raw, dict):
        return _form(of, may_not_apply, raw)
    return Given(_exactly(of, raw, None))


def read_provenance(raw: dict[str, object]) -> Provenance | None:
    """The ``source`` and ``assumed`` beside a form. Raises `Refused`."""
    for key in ("source", "assumed"):
        words = raw.get(key)
        if words is not None and (not isinstance(words, str) or not words.strip()):
            raise Refused("SR1021", words, Text("非空文字", "a text that is not empty"), key=key)
    source, assumed = raw.get("source"), raw.get("assumed")
    if source is None and assumed is None:
        return None
    return Provenance(None if source is None else str(source), None if assumed is None else str(assumed))


def read_date(raw: object) -> int:
    """The day number of a date, given as a date or as ``YYYY-MM-DD``. Raises `Refused`."""
    expected = expectation(DateType())
    if isinstance(raw, datetime):
        fix = Text(f"写成 {raw.date().isoformat()}", f"write {raw.date().isoformat()}")
        raise Refused("SR1011", raw, expected, fix)
    if isinstance(raw, date):
        return raw.toordinal()
    if isinstance(raw, str):
        match = re.fullmatch(r"([0-9]{4})-([0-9]{2})-([0-9]{2})", raw)
        if match:
            try:
                return date(int(match[1]), int(match[2]), int(match[3])).toordinal()
            except ValueError:
                raise Refused("SR1010", raw, Text("历法中有的日子", "a day that exists in the calendar")) from None
        raise _refused_date_text(raw, expected)
    raise Refused("SR1010", raw, expected)


def _form(of: ScalarType, may_not_apply: bool, raw: dict[str, object]) -> Given:
    for key in raw:
        if key not in FORMS and key not in BESIDE:
            raise Refused("SR1013", key, _FORM_EXPECTED, did_you_mean(key, (*FORMS, *BESIDE)))
    named = [key for key in FORMS if key in raw]
    if len(named) != 1:
        found = " + ".join(named) if named else raw
        fix = None
        if set(named) == {"at_least", "at_most"}:
            fix = Text("写成 between: [下限, 上限]", "write between: [low, high]")
        raise Refused("SR1013", found, _FORM_EXPECTED, fix)
    provenance = read_provenance(raw)
    form, content = named[0], raw[named[0]]
    if form in ("unknown", "not_applicable"):
        return _said(of, may_not_apply, form, content, provenance)
    if content is None and form == "value":
        return Given(anything(of, may_not_apply), True, provenance)
    unit = _unit(of, raw["unit"]) if raw.get("unit") is not None else None
    match form:
        case "value":
            return Given(_exactly(of, content, unit), False, provenance)
        case "one_of":
            return Given(_one_of(of, content, unit), False, provenance)
        case _:
            return Given(_range(of, form, content, unit), False, provenance)


def _said(of: ScalarType, may_not_apply: bool, form: str, content: object, provenance: Provenance | None) -> Given:
    if content is not True:
        raise Refused("SR1013", {form: content}, same(f"{form}: true"))
    if form == "unknown":
        return Given(anything(of, may_not_apply), True, provenance)
    if not may_not_apply:
        fix = Text("不知道时写 {unknown: true}", "where it is not known, write {unknown: true}")
        raise Refused("SR1016", {form: content}, expectation(of), fix)
    return Given(not_applicable(of), False, provenance)


def _exactly(of: ScalarType, raw: object, unit: Unit | None) -> Scalar:
    point = _point(of, raw, unit)
    return Interval(point, point) if isinstance(point, Fraction) else Finite(frozenset({point}))


def _one_of(of: ScalarType, raw: object, unit: Unit | None) -> Scalar:
    if not isinstance(raw, list) or not raw:
        raise Refused("SR1013", {"one_of": raw}, Text("one_of: 非空列表", "one_of: a list that is not empty"))
    numbers: list[Fraction] = []
    outcomes: list[Outcome] = []
    for item in raw:
        point = _point(of, item, unit)
        if isinstance(point, Fraction):
            numbers.append(point)
        else:
            outcomes.append(point)
    return Interval(min(numbers), max(numbers)) if numbers else Finite(frozenset(outcomes))


def _range(of: ScalarType, form: str, raw: object, unit: Unit | None) -> Scalar:
    if not isinstance(of, NumberType | DateType):
        fix = Text("写成 one_of: […]", "write one_of: […]")
        raise Refused("SR1014", {form: raw}, expectation(of), fix, form=form)
    low = high = None
    if form == "between":
        if not isinstance(raw, list) or len(raw) != 2:
            raise Refused("SR1013", {form: raw}, Text("between: [下限, 上限]", "between: [low, high]"))
        low, high = _bound(of, raw[0], unit), _bound(of, raw[1], unit)
        if low > high:
            fix = Text("下限写在前面", "write the lower bound first")
            raise Refused("SR1015", {form: raw}, Text("下限不大于上限", "the low end not above the high end"), fix)
    elif form == "at_least":
        low = _bound(of, raw, unit)
    else:
        high = _bound(of, raw, unit)
    if isinstance(of, NumberType):
        low, high = _within(of, low, high)
        if low is not None and high is not None and low > high:
            raise Refused("SR1015", {form: raw}, expectation(of))
    return Interval(low, high)


def _within(of: NumberType, low: Fraction | None, high: Fraction | None) -> tuple[Fraction | None, Fraction | None]:
    """The range cut to the declared one, and to whole numbers for an integer."""
    if of.minimum is not None:
        low = of.minimum if low is None else max(low, of.minimum)
    if of.maximum is not None:
        high = of.maximum if high is None else min(high, of.maximum)
    if of.integer:
        low = None if low is None else Fraction(ceil(low))
        high = None if high is None else Fraction(floor(high))
    return low, high


def _bound(of: NumberType | DateType, raw: object, unit: Unit | None) -> Fraction:
    return _number(of, raw, unit) if isinstance(of, NumberType) else Fraction(read_date(raw))


def _point(of: ScalarType, raw: object, unit: Unit | None) -> Fraction | Outcome:
    match of:
        case BooleanType():
            return _boolean(raw)
        case ChoiceType():
            return _choice(of, raw)
        case NumberType():
            return _number_within(of, raw, unit)
        case DateType():
            return Fraction(read_date(raw))
        case TextType():
            return _text(of, raw)


def _boolean(raw: object) -> bool:
    if isinstance(raw, bool):
        return raw
    fix = None
    word = half_width(raw).strip().casefold() if isinstance(raw, str) else raw
    for value, words in ((True, _YES), (False, _NO)):
        if not isinstance(word, float) and any(word == w and type(word) is type(w) for w in words):
            write = "true" if value else "false"
            fix = Text(f"写成 {write}（不加引号）", f"write {write}, without quotes")
    raise Refused("SR1004", raw, expectation(BooleanType()), fix)


def _choice(of: ChoiceType, raw: object) -> str:
    if isinstance(raw, str):
        if raw in of.members:
            return raw
        fix = None
        for member, title in zip(of.members, of.titles, strict=False):
            if raw.strip().casefold() in (title.zh.casefold(), title.en.casefold()):
                fix = Text(f"写成 {member}", f"write {member}")
        raise Refused("SR1009", raw, expectation(of), fix or did_you_mean(half_width(raw), of.members))
    raise Refused("SR1009", raw, expectation(of))


def _text(of: TextType, raw: object) -> str:
    if not isinstance(raw, str):
        fix = Text("加上引号写成文字", "put it in quotes, as text") if isinstance(raw, int | float) else None
        raise Refused("SR1008", raw, expectation(of), fix)
    return raw if of.code is None else CODE_READERS[of.code](raw)


def _number(of: NumberType, raw: object, unit: Unit | None) -> Fraction:
    if isinstance(raw, str):
        raise Refused("SR1005", raw, _number_expectation(of), _unquoted(raw, of))
    try:
        number = exact(raw)
    except Refused as refused:
        refused.expected = _number_expectation(of) if refused.code == "SR1005" else refused.expected
        raise
    if unit is not None and of.unit is not None:
        number = convert(number, unit, of.unit)
    return number


def _number_within(of: NumberType, raw: object, unit: Unit | None) -> Fraction:
    number = _number(of, raw, unit)
    if of.integer and number.denominator != 1:
        raise Refused("SR1007", raw, _number_expectation(of))
    if (of.minimum is not None and number < of.minimum) or (of.maximum is not None and number > of.maximum):
        raise Refused("SR1006", raw, _number_expectation(of))
    return number


def _unit(of: ScalarType, raw: object) -> Unit:
    if not isinstance(of, NumberType) or of.unit is None:
        raise Refused("SR1019", raw, None, Text("去掉 unit", "leave the unit out"))
    expected = Text(f"与 {of.unit} 同类的单位", f"a unit of the same kind as {of.unit}")
    if not isinstance(raw, str) or not raw.strip() or len(raw) > 100:
        raise Refused("SR1017", raw, expected)
    try:
        unit = parse_unit(raw)
    except KeyError as error:
        symbol = str(error.args[0])
        raise Refused("SR1017", raw, expected, did_you_mean(symbol, SYMBOLS)) from None
    try:
        convert(Fraction(0), unit, of.unit)
    except ValueError:
        raise Refused("SR1018", raw, expected) from None
    return unit


def _number_expectation(of: NumberType) -> Text:
    zh, en = ("整数", "an integer") if of.integer else ("数", "a number")
    if of.unit is not None and of.unit.powers:
        zh, en = f"{zh}（{of.unit}）", f"{en} of {of.unit}"
    match of.minimum, of.maximum:
        case None, None:
            return Text(zh, en)
        case low, None:
            return Text(f"{zh}，不小于 {low}", f"{en}, at least {low}")
        case None, high:
            return Text(f"{zh}，不大于 {high}", f"{en}, at most {high}")
        case low, high:
            return Text(f"{zh}，{low} 至 {high}", f"{en}, from {low} to {high}")


def _unquoted(raw: str, of: NumberType) -> Text | None:
    words = half_width(raw).strip()
    match = re.fullmatch(r"([-+]?[0-9]+(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?)\s*(\S*)", words)
    if match is None or len(words) > 60:
        return None
    number, rest = match[1], printable(match[2])
    if not rest:
        return Text(f"写成 {number}（不加引号）", f"write {number}, without quotes")
    if of.unit is not None and rest in SYMBOLS:
        return same(f"{{value: {number}, unit: {rest}}}")
    return Text(f"只写数：{number}", f"write the number alone: {number}")


def _refused_date_text(raw: str, expected: Text) -> Refused:
    words = half_width(raw).strip()
    match = re.fullmatch(r"([0-9]{4})[-/.年]?([0-9]{1,2})[-/.月]?([0-9]{1,2})日?([T ].*)?", words)
    if match is None:
        return Refused("SR1010", raw, expected)
    write = f"{match[1]}-{int(match[2]):02d}-{int(match[3]):02d}"
    return Refused("SR1011" if match[4] else "SR1010", raw, expected, Text(f"写成 {write}", f"write {write}"))


def _finite(outcomes: tuple[Outcome, ...], nothing: bool) -> Finite:
    return Finite(frozenset((*outcomes, NOTHING) if nothing else outcomes))


_YES: tuple[object, ...] = ("true", "yes", "y", "on", "1", "是", "有", "对", 1)
_NO: tuple[object, ...] = ("false", "no", "n", "off", "0", "否", "无", "没有", "不", 0)
_FORM_EXPECTED = Text(
    f"以下恰好一个：{'、'.join(FORMS)}；旁边可有：{'、'.join(BESIDE)}",
    f"exactly one of {', '.join(FORMS)}; beside it {', '.join(BESIDE)}",
)
_CODES = {
    "credit_code": Text("统一社会信用代码（18 位）", "a unified social credit code (18 characters)"),
    "place": Text("行政区划代码（6、9 或 12 位）", "a place code (6, 9 or 12 digits)"),
    "industry": Text("国民经济行业代码（2 至 4 位）", "an industry code (2 to 4 digits, section letter optional)"),
}
Reader = Callable[[object], Given | None]


def reader(of: ScalarType, may_not_apply: bool) -> Reader:
    """`read_scalar` for one fact."""
    return lambda raw: read_scalar(of, may_not_apply, raw)
