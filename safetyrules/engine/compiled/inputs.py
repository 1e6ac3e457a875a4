"""What generated readers call: values that are not of the plainest form."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from math import isfinite
from typing import Any

from safetyrules.engine.compiled.known_values import Unplain
from safetyrules.engine.compiled.possible_values import possible_form
from safetyrules.facts.codes import CODE_READERS
from safetyrules.facts.presence import begins
from safetyrules.facts.raw import LONGEST_LIST, LONGEST_TEXT
from safetyrules.facts.refusal import LARGEST_BITS
from safetyrules.facts.scalars import anything, read_date, read_provenance, read_scalar
from safetyrules.facts.schema import BooleanType, ScalarType
from safetyrules.values import FALSE

#: The greatest whole number that is a fact.
LARGEST = 2**LARGEST_BITS - 1


def no_value(raw: Any) -> None:
    """What the plain function keeps of a form where "not applicable" is a legal answer, and this must be it."""
    if raw.__class__ is dict and len(raw) == 1 and raw.get("not_applicable") is True:
        return
    raise Unplain


def pair(value: Any, low: Any, high: Any) -> tuple[int, int]:
    """A plain number within its declared range, as numerator and denominator."""
    if value.__class__ is int:
        if (low is not None and value < low) or (high is not None and value > high) or abs(value) > LARGEST:
            raise Unplain
        return value, 1
    if value.__class__ is not float or not isfinite(value):
        raise Unplain
    if (low is not None and value < low) or (high is not None and value > high):
        exact = Fraction(repr(value))
        if (low is not None and exact < low) or (high is not None and exact > high):
            raise Unplain
    # A decimal of up to three places and twelve digits is the shortest form of the float nearest to it.
    whole = round(value * 1000.0) if -1e9 < value < 1e9 else 0
    if whole / 1000.0 == value:
        return whole, 1000
    return Decimal(repr(value)).as_integer_ratio()


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


Path = tuple[str, ...]


def refuse_denied(
    said: Any,
    entity: Any,
    lists: tuple[Path, ...],
    facts: tuple[Path, ...],
    codes: tuple[tuple[Path, ScalarType, tuple[str, ...]], ...],
) -> None:
    """Raise where a sector is said to be absent while a list of its section has members, a boolean or number that
    implies it may do so, or a code stands for it."""
    if said is not False:
        read = read_scalar(BooleanType(), False, said)
        if read is None or read.value != FALSE:
            return
    for path in lists:
        raw = _at(entity, path)
        if raw.__class__ is dict:
            raw = raw.get("items")
        if raw:
            raise Unplain
    for path in facts:
        raw = _at(entity, path)
        if raw and not (raw.__class__ is dict and raw.get("unknown")):
            raise Unplain
    for path, of, beginnings in codes:
        raw = _at(entity, path)
        if raw is not None:
            read = read_scalar(of, True, raw)
            if read is not None and begins(read.value, beginnings):
                raise Unplain


def _at(entity: Any, path: Path) -> Any:
    for key in path:
        entity = entity.get(key) if entity.__class__ is dict else None
    return entity


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
