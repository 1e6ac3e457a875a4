"""What generated code calls. Everything here is exact; see `layout` for the representations."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import gcd, isfinite
from typing import Any

from safetyrules.engine import algebra
from safetyrules.engine.lookup import lookup as abstract_lookup
from safetyrules.engine.texts import text_function as abstract_text
from safetyrules.engine.values import NOTHING, AnyText, Finite, Interval, Scalar
from safetyrules.facts.codes import CODE_READERS
from safetyrules.facts.raw import LONGEST_LIST, LONGEST_TEXT
from safetyrules.facts.refusal import LARGEST_BITS
from safetyrules.facts.scalars import anything, read_date, read_provenance, read_scalar
from safetyrules.facts.schema import BooleanType, ChoiceType, NumberType, ScalarType
from safetyrules.language.ruleform import LookupTable

INF = float("inf")
#: The greatest whole number that is a fact.
LARGEST = 2**LARGEST_BITS - 1
Exact = int | Fraction
Bound = int | Fraction | float


class Unplain(Exception):
    """The facts are not plain: something is not known, not exact, or wrong. Another path takes over."""


class Unknown:
    """Stands, in the plain function, for the value of a fact that is not given. Whatever would look at it raises, so the
    plain function runs to its end only where the law never came to need that fact. It may be moved about, which code
    that stores values must guard against (see `known.leaks`)."""

    __slots__ = ()

    def _raise(self, *_: object) -> Any:
        raise Unplain

    __bool__ = __eq__ = __ne__ = __hash__ = __lt__ = __le__ = __gt__ = __ge__ = _raise
    __lshift__ = __rlshift__ = __truediv__ = __len__ = _raise
    __add__ = __radd__ = __sub__ = __rsub__ = __mul__ = __rmul__ = __neg__ = __index__ = __contains__ = _raise


UNKNOWN = Unknown()


def absent(raw: Any) -> Any:
    """What the plain function keeps of a value that is not a plain good one: `UNKNOWN` where it is missing."""
    if raw is None:
        return UNKNOWN
    raise Unplain


def absent_or_none(raw: Any) -> Any:
    """The same where "not applicable" is a legal answer."""
    if raw is None:
        return UNKNOWN
    if raw.__class__ is dict and len(raw) == 1 and raw.get("not_applicable") is True:
        return None
    raise Unplain


# ---- known numbers --------------------------------------------------------------------------------------------------


def pair(value: Any, low: Any, high: Any) -> tuple[int, int]:
    """A plain number within its declared range, as numerator and denominator."""
    kind = type(value)
    if kind is int:
        if (low is not None and value < low) or (high is not None and value > high) or abs(value) > LARGEST:
            raise Unplain
        return value, 1
    if kind is not float or not isfinite(value):
        raise Unplain
    if (low is not None and value < low) or (high is not None and value > high):
        exact = Fraction(repr(value))
        if (low is not None and exact < low) or (high is not None and exact > high):
            raise Unplain
    if value.is_integer() and abs(value) < 1e15:
        return int(value), 1
    scaled = value * 1000.0
    whole = round(scaled)
    # A decimal of up to three places and twelve digits is the shortest form of the float nearest to it.
    if abs(whole) < 1e12 and whole / 1000.0 == value:
        return whole, 1000
    return Decimal(repr(value)).as_integer_ratio()


def add(n: int, d: int, m: int, e: int) -> tuple[int, int]:
    if d == e:
        return n + m, d
    common = d * e // gcd(d, e)
    return n * (common // d) + m * (common // e), common


def divide(n: int, d: int, m: int, e: int) -> tuple[int, int]:
    """(n/d) / (m/e)."""
    if m == 0:
        raise Unplain
    return (n * e, d * m) if m > 0 else (-n * e, -d * m)


def remainder(n: int, m: int) -> int:
    if m == 0:
        raise Unplain
    rest = abs(n) % abs(m)
    return rest if n >= 0 else -rest


def exact(n: int, d: int) -> Exact:
    """A pair as one exact number."""
    if d == 1:
        return n
    value = Fraction(n, d)
    return value.numerator if value.denominator == 1 else value


def rounded_pair(n: int, d: int, digits: int) -> tuple[int, int]:
    value = algebra.rounded(Interval(Fraction(n, d), Fraction(n, d)), digits).low
    assert value is not None
    return value.numerator, value.denominator


# ---- known dates and texts ------------------------------------------------------------------------------------------


def day(value: Any) -> int:
    """The ordinal of a plain date."""
    if type(value) is date:
        return value.toordinal()
    if type(value) is str and len(value) == 10 and value[4] == value[7] == "-":
        try:
            return date.fromisoformat(value).toordinal()
        except ValueError:
            raise Unplain from None
    raise Unplain


def shifted_months(ordinal: int, months: int) -> int:
    found = algebra.add_months(Fraction(ordinal), Fraction(months))
    if found is None:
        raise Unplain
    return int(found)


def in_calendar(ordinal: int) -> int:
    if not 1 <= ordinal <= algebra.LAST_DAY:
        raise Unplain
    return ordinal


def year(ordinal: int) -> int:
    return date.fromordinal(ordinal).year


def cut(text: str, start: int, end: int | None = None) -> str:
    stop = len(text) if end is None else end
    if not 0 <= start <= stop <= len(text):
        raise Unplain
    return text[start:stop]


# ---- masks ----------------------------------------------------------------------------------------------------------


def _truth_table(function: Any) -> tuple[int, ...]:
    table = []
    for one in range(8):
        for two in range(8):
            table.append(_mask_of(function(_finite(one), _finite(two))) if one and two else 0)
    return tuple(table)


def _finite(mask: int) -> Finite:
    return Finite(frozenset(o for o, bit in ((False, 1), (True, 2), (NOTHING, 4)) if mask & bit))


def _mask_of(value: Finite) -> int:
    return sum(bit for o, bit in ((False, 1), (True, 2), (NOTHING, 4)) if any(x is o for x in value.outcomes))


#: Indexed by ``one << 3 | two``; masks of false, true and "no value".
AND = _truth_table(algebra.conjunction)
OR = _truth_table(algebra.disjunction)
#: Indexed by a mask.
NOT = (0, 2, 1, 3, 4, 6, 5, 7)


def equal_masks(one: int, two: int, none: int) -> int:
    """``==`` of two masks of one choice type whose "no value" bit is ``none``."""
    if one == none or two == none:
        return 4
    a, b = one & ~none, two & ~none
    result = 0 if not a & b else 2
    if a != b or a & (a - 1):
        result |= 1
    return result | 4 if (one | two) & none else result


def ordered_masks(operator: str, one: int, two: int, none: int) -> int:
    """``<`` or ``<=`` of two masks of one scale."""
    if one == none or two == none:
        return 4
    a, b = one & ~none, two & ~none
    least_a, most_a = (a & -a).bit_length(), a.bit_length()
    least_b, most_b = (b & -b).bit_length(), b.bit_length()
    if operator == "<":
        true, false = least_a < most_b, most_a >= least_b
    else:
        true, false = least_a <= most_b, most_a > least_b
    return (2 if true else 0) | (1 if false else 0) | (4 if (one | two) & none else 0)


def greatest_mask(one: int, two: int, none: int) -> int:
    """The greater of two levels, pointwise; "no value" gives way to the other."""
    a, b = one & (none - 1), two & (none - 1)
    result = one & two & none
    if a and b:
        result |= (a & ~((b & -b) - 1)) | (b & ~((a & -a) - 1))
    if one & none:
        result |= b
    if two & none:
        result |= a
    return result


def least_mask(one: int, two: int, none: int) -> int:
    a, b = one & (none - 1), two & (none - 1)
    result = one & two & none
    if a and b:
        result |= (a & ((1 << b.bit_length()) - 1)) | (b & ((1 << a.bit_length()) - 1))
    if one & none:
        result |= b
    if two & none:
        result |= a
    return result


def settled(permitted: int, decision: int) -> int:
    """A permission, settled where the recorded decision is surely among what is permitted (design 5.13)."""
    return permitted if decision & ~permitted else decision


# ---- bounds ---------------------------------------------------------------------------------------------------------


def multiply(low: Any, high: Any, other_low: Any, other_high: Any) -> tuple[Any, Any]:
    if low == high and other_low == other_high:
        value = low * other_low
        return value, value
    if low >= 0 and other_low >= 0 and high != INF and other_high != INF:
        return low * other_low, high * other_high
    products = [0 if a == 0 or b == 0 else a * b for a in (low, high) for b in (other_low, other_high)]
    return min(products), max(products)


def quotient(low: Any, high: Any, other_low: Any, other_high: Any) -> tuple[Any, Any]:
    if other_low <= 0 <= other_high:
        return -INF, INF
    if low == high and other_low == other_high:
        value = Fraction(low) / other_low
        return value, value
    inverse = [0 if b in (INF, -INF) else Fraction(1) / b for b in (other_low, other_high)]
    return multiply(low, high, min(inverse), max(inverse))


def abstract_interval(low: Any, high: Any, none: int) -> Interval:
    """Bounds as the reference has them."""
    if none == 2:
        return algebra.NO_NUMBER
    if low is high and type(low) is Fraction:
        return Interval(low, low, nothing=bool(none))
    return Interval(
        None if low == -INF else Fraction(low), None if high == INF else Fraction(high), nothing=bool(none)
    )


def bounds(value: Scalar) -> tuple[Bound, Bound, int]:
    assert isinstance(value, Interval)
    if value.empty:
        return 0, 0, 2
    return (
        -INF if value.low is None else whole(value.low),
        INF if value.high is None else whole(value.high),
        1 if value.nothing else 0,
    )


def whole(value: Fraction) -> Exact:
    return value.numerator if value.denominator == 1 else value


def range_remainder(low: Any, high: Any, other_low: Any, other_high: Any) -> tuple[Any, Any]:
    result = bounds(algebra.arithmetic("%", abstract_interval(low, high, 0), abstract_interval(other_low, other_high, 0)))
    return result[0], result[1]


def range_rounded(low: Any, high: Any, digits: int) -> tuple[Any, Any]:
    result = bounds(algebra.rounded(abstract_interval(low, high, 0), digits))
    return result[0], result[1]


def range_dates(name: str, *arguments: Any) -> tuple[Any, Any, int]:
    """A date function of (low, high, flag) triples, flattened."""
    intervals = [abstract_interval(*arguments[i : i + 3]) for i in range(0, len(arguments), 3)]
    return bounds(algebra.date_function(name, intervals))


def hull(low: Any, high: Any, none: int, other_low: Any, other_high: Any, other_none: int) -> tuple[Any, Any, int]:
    """Either of two ranges; a flag of 3 is "none yet"."""
    if none == 3:
        return other_low, other_high, other_none
    if none == 2:
        return (other_low, other_high, 1) if other_none != 2 else (0, 0, 2)
    if other_none == 2:
        return low, high, 1
    return (low if low < other_low else other_low), (high if high > other_high else other_high), none | other_none


def greatest_range(
    low: Any, high: Any, none: int, other_low: Any, other_high: Any, other_none: int, least: bool
) -> tuple[Any, Any, int]:
    """The greater (or lesser) of two ranges, or the other where one has no value: see `algebra.greatest`."""
    if none == 2:
        return other_low, other_high, other_none
    if other_none == 2:
        return low, high, none
    lower, higher = other_low < low, other_high > high
    if least:
        found_low = other_low if lower else low
        found_high = high if higher else other_high
    else:
        found_low = low if lower else other_low
        found_high = other_high if higher else high
    if none and other_none:
        return (other_low if lower else low), (other_high if higher else high), 1
    if none:
        return min(found_low, other_low), max(found_high, other_high), 0
    if other_none:
        return min(found_low, low), max(found_high, high), 0
    return found_low, found_high, 0


NUMBER = NumberType()


# ---- texts and lookups that are not plain ---------------------------------------------------------------------------


def _quiet(code: str, **values: object) -> None:
    """Diagnostics are the replay's to give."""


def as_text(value: Any) -> Scalar:
    return Finite(frozenset({value})) if type(value) is str else value


def plain_text(value: Scalar) -> Any:
    """A text known for certain as a str."""
    if isinstance(value, Finite) and len(value.outcomes) == 1:
        (only,) = value.outcomes
        if isinstance(only, str):
            return only
    return value


def texts_equal(one: Any, two: Any) -> int:
    if type(two) is str:
        if type(one) is str:
            return 2 if one == two else 1
        if type(one) is Finite:
            outcomes = one.outcomes
            none = NOTHING in outcomes
            found = two in outcomes
            others = len(outcomes) - none - found
            return (2 if found else 0) | (1 if others else 0) | (4 if none else 0)
    return _mask_of(algebra.compare("==", as_text(one), as_text(two), BOOLEAN))


def text_among(one: Any, constants: frozenset[str]) -> int:
    if type(one) is str:
        return 2 if one in constants else 1
    members = [Finite(frozenset({c})) for c in constants]
    return _mask_of(algebra.among(one, members, BOOLEAN))


def text_function(name: str, *arguments: Any) -> Scalar:
    return abstract_text(name, [a if isinstance(a, Interval) else as_text(a) for a in arguments], _quiet)


def truth_of(value: Scalar) -> int:
    assert isinstance(value, Finite)
    return _mask_of(value)


def text_applicable(value: Any) -> int:
    if type(value) is str:
        return 2
    if type(value) is Finite:
        if NOTHING not in value.outcomes:
            return 2
        return 1 if len(value.outcomes) == 1 else 3
    return 3 if value.nothing else 2


BOOLEAN = BooleanType()


def abstract(value: Any, type_: ScalarType) -> Scalar:
    """A mask or text in the reference's form."""
    if isinstance(type_, BooleanType):
        return _finite(value)
    if isinstance(type_, ChoiceType):
        outcomes: set[Any] = {m for i, m in enumerate(type_.members) if value >> i & 1}
        if value >> len(type_.members) & 1:
            outcomes.add(NOTHING)
        return Finite(frozenset(outcomes))
    return as_text(value)


def possible_form(value: Scalar, type_: ScalarType) -> Any:
    """The reference's form as a mask, a triple of bounds or a text."""
    if isinstance(value, Interval):
        return bounds(value)
    if isinstance(type_, BooleanType):
        assert isinstance(value, Finite)
        return _mask_of(value)
    if isinstance(type_, ChoiceType):
        assert isinstance(value, Finite)
        mask = sum(1 << i for i, m in enumerate(type_.members) if m in value.outcomes)
        return mask | (1 << len(type_.members) if NOTHING in value.outcomes else 0)
    return plain_text(value)


def remembered_lookup(table: LookupTable, column: str, types: tuple[ScalarType, ...]) -> Callable[..., Any]:
    """Looking up keys in the possible representation (ranges as intervals); the same few incomplete keys come again."""

    @lru_cache(maxsize=1024)
    def found(*keys: Any) -> Any:
        scalars = [key if isinstance(key, Interval) else abstract(key, of) for key, of in zip(keys, types, strict=True)]
        return possible_form(abstract_lookup(table, scalars, column, _quiet), table.columns[column])

    return found


ANY_TEXT = AnyText()
ANY_TEXT_OR_NOTHING = AnyText(nothing=True)
ONLY_NOTHING = algebra.ONLY_NOTHING
NONE_PAIR = (None, 1)


@lru_cache(maxsize=8192)
def join_texts(one: Any, two: Any) -> Any:
    """Either of two texts; None is "none yet". The same few sets come again."""
    if one is None or one is two:
        return two
    return plain_text(algebra.join(as_text(one), as_text(two)))


def text_without_nothing(value: Any) -> Any:
    return value if type(value) is str else _without_nothing(value)


@lru_cache(maxsize=8192)
def _without_nothing(value: Scalar) -> Any:
    return plain_text(algebra.without_nothing(value))


def range_among(low: Any, high: Any, constants: tuple[Fraction, ...]) -> int:
    """``in`` for a range: which of the constants it may hit, and whether it may hit none."""
    if low == high:
        return 2 if low in constants else 1
    return 3 if any(low <= constant <= high for constant in constants) else 1


def and3(one: bool | None, two: bool | None) -> bool | None:
    if one is UNKNOWN or two is UNKNOWN:
        raise Unplain
    if one is False or two is False:
        return False
    return None if one is None or two is None else True


def or3(one: bool | None, two: bool | None) -> bool | None:
    if one is UNKNOWN or two is UNKNOWN:
        raise Unplain
    if one is True or two is True:
        return True
    return None if one is None or two is None else False


# ---- reading --------------------------------------------------------------------------------------------------------

EMPTY: dict[str, Any] = {}


def text(raw: Any) -> str:
    """A plain text: not too long, and Unicode throughout."""
    if raw.__class__ is not str or len(raw) > LONGEST_TEXT:
        raise Unplain
    if not raw.isascii():
        raw.encode()  # half of a surrogate pair: a UnicodeError, hence a ValueError
    return raw


def check_form(raw: Any) -> None:
    """The texts and lists of a form are no longer than the input models allow."""
    if raw.__class__ is str:
        text(raw)
    elif raw.__class__ is list:
        if len(raw) > LONGEST_LIST:
            raise Unplain
        for each in raw:
            if each.__class__ is str:
                text(each)
    elif raw.__class__ is dict:
        for each in raw.values():
            if each.__class__ is not dict:
                check_form(each)


def read_form(raw: Any, type_: ScalarType, may_not_apply: bool) -> Any:
    """A given value in any form, in the possible representation."""
    check_form(raw)
    found = read_scalar(type_, may_not_apply, raw)
    return possible_form(anything(type_, may_not_apply) if found is None else found.value, type_)


def is_given(raw: Any) -> bool:
    """Was the fact given, in any form that may have a value?"""
    if raw is None:
        return False
    if raw.__class__ is dict:
        return not (raw.get("unknown") or raw.get("not_applicable") or ("value" in raw and raw["value"] is None))
    return True


def list_form(raw: Any, log: bool) -> tuple[Any, bool, int | None]:
    """The items of a list in any form, whether it is open, and the day since which a log is complete."""
    if raw is None:
        return (), True, None
    if raw.__class__ is list:
        return raw, log, None
    if raw.__class__ is not dict or not LIST_KEYS.issuperset(raw) or not raw:
        raise Unplain
    items, more, since = raw.get("items"), raw.get("more"), raw.get("complete_since")
    if items is not None and items.__class__ is not list:
        raise Unplain
    for mark in (more, raw.get("unknown")):
        if mark is not None and mark is not True and mark is not False:
            raise Unplain
    if raw.get("unknown") and (items is not None or more is not None or since is not None):
        raise Unplain
    if since is not None and not log:
        raise Unplain
    for words in (raw.get("source"), raw.get("assumed")):
        if words is not None:
            text(words)
    read_provenance(raw)
    day_since = None if since is None else read_date(since)
    silent = log and more is None and since is None
    return items or (), items is None or bool(more) or since is not None or silent, day_since


LIST_KEYS = frozenset({"items", "more", "complete_since", "unknown", "source", "assumed"})


def _text_code(read: Any) -> Any:
    """A reader of a validated code; the same few thousand codes come again and again."""

    @lru_cache(maxsize=4096)
    def cached(raw: str) -> str:
        return str(read(raw))

    def reader(raw: Any) -> str:
        if raw.__class__ is not str:
            raise Unplain
        return cached(raw)

    return reader


place = _text_code(CODE_READERS["place"])
industry = _text_code(CODE_READERS["industry"])
credit_code = _text_code(CODE_READERS["credit_code"])
