"""Raw facts as they arrive: copied once into plain mappings, lists and scalars, refusing what is not data."""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from enum import Enum
from fractions import Fraction
from typing import Any

from safetyrules.diagnostics import FactsError
from safetyrules.facts.refusal import LARGEST_BITS, Refused, shown_key
from safetyrules.text import Text, same

DEEPEST = 64
LONGEST_TEXT = 100_000
LONGEST_LIST = 1_000_000
MOST_VALUES = 50_000_000
#: Powers of ten beyond which a decimal is not a measurement of anything.
LARGEST_EXPONENT = 1000

Loc = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Copy:
    """A plain copy of raw facts, what was refused on the way, and where."""

    facts: object
    refused: tuple[tuple[Loc, Refused], ...]


def copy_of(facts: object) -> Copy:
    """Plain ``dict``, ``list`` and scalars with the content of ``facts``. What is refused is null in the copy."""
    copying = _Copying()
    plain = copying.copy(facts, (), 0).plain
    return Copy(plain, tuple(copying.refused))


def facts_digest(facts: object) -> str:
    """SHA-256 over a canonical JSON of the raw facts: the same for any order of keys and any form of a number."""
    copy = copy_of(facts)
    if copy.refused:
        raise FactsError(refused.at(plain_path("facts", loc)) for loc, refused in copy.refused)
    problems: list[tuple[Loc, Refused]] = []
    canonical = _canonical(copy.facts, (), problems)
    if problems:
        raise FactsError(refused.at(plain_path("facts", loc)) for loc, refused in problems)
    words = json.dumps(canonical, ensure_ascii=True, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(words.encode("ascii")).hexdigest()


def plain_path(root: str, loc: Loc) -> str:
    """A place in raw facts, without knowing their schema."""
    return root + "".join(f"[{step}]" if isinstance(step, int) else f".{shown_key(step)}" for step in loc)


def exact(raw: object) -> Fraction:
    """The exact number that ``raw`` means. A float means the decimal of its shortest form."""
    expected = Text("数", "a number")
    if isinstance(raw, bool):
        raise Refused("SR1005", raw, expected, Text("写成数，不写 true 或 false", "write a number, not true or false"))
    if isinstance(raw, float):
        raw = Decimal(float.__repr__(raw))
    if isinstance(raw, Decimal):
        if not raw.is_finite():
            raise Refused("SR1012", raw, Text("有限的数", "a finite number"), _OMIT)
        if not raw:
            return Fraction(0)
        if abs(raw.adjusted()) > LARGEST_EXPONENT or len(raw.as_tuple().digits) > LARGEST_EXPONENT:
            raise Refused("SR1028", raw, _SMALLER)
        return Fraction(raw)
    if isinstance(raw, int | Fraction):
        number = Fraction(raw)
        if max(number.numerator.bit_length(), number.denominator.bit_length()) > LARGEST_BITS:
            raise Refused("SR1028", raw, _SMALLER)
        return number
    raise Refused("SR1005", raw, expected)


_OMIT = Text("值不知道时写 null 或不写", "where the value is not known, write null or leave it out")
_UNICODE = Text("完整的 Unicode 文字", "Unicode text without lone surrogates")
_SMALLER = Text("一千位以内的数", "a number of at most a thousand digits")


@dataclass(frozen=True, slots=True)
class _Copied:
    plain: object
    size: int = 1
    height: int = 0


@dataclass(slots=True)
class _Copying:
    """Copies each container once, however often it is shared, so that a small input stays small."""

    refused: list[tuple[Loc, Refused]] = field(default_factory=list)
    done: dict[int, _Copied] = field(default_factory=dict)
    active: set[int] = field(default_factory=set)
    kept: list[object] = field(default_factory=list)  # what is made on the way must keep its identity

    def copy(self, raw: object, loc: Loc, depth: int) -> _Copied:
        try:
            value = _plain(raw)
        except Refused as refused:
            return self._refuse(loc, refused)
        if isinstance(value, str) and len(value) > LONGEST_TEXT:
            limit = Text(f"至多 {LONGEST_TEXT} 个字符", f"at most {LONGEST_TEXT} characters")
            return self._refuse(loc, Refused("SR1026", value, limit))
        if isinstance(value, str) and not _whole(value):
            return self._refuse(loc, Refused("SR1032", value, _UNICODE))
        if not isinstance(value, Mapping | list | tuple):
            return _Copied(value)
        if value is not raw:
            self.kept.append(value)
        key = id(raw)
        if key in self.active:
            return self._refuse(loc, Refused("SR1025", _opened(value), Text("有限的结构", "a finite structure")))
        copied = self.done.get(key)
        if depth + (copied.height if copied else 0) > DEEPEST:
            return self._refuse(loc, Refused("SR1024", _opened(value), _nesting()))
        if copied is None:
            self.active.add(key)
            self.kept.append(raw)
            copied = self._mapping(value, loc, depth) if isinstance(value, Mapping) else self._list(value, loc, depth)
            self.active.discard(key)
            if copied.size > MOST_VALUES:
                limit = Text(f"至多 {MOST_VALUES} 个值", f"at most {MOST_VALUES} values")
                copied = self._refuse(loc, Refused("SR1027", _opened(value), limit))
            self.done[key] = copied
        return copied

    def _mapping(self, value: Mapping[Any, Any], loc: Loc, depth: int) -> _Copied:
        plain: dict[str, object] = {}
        size, height = 1, 0
        for key, item in value.items():
            if not isinstance(key, str) or isinstance(key, Enum):
                key = key.value if isinstance(key, Enum) else key
                if not isinstance(key, str):
                    expected = Text("文字的键", "a text key")
                    self.refused.append(((*loc, shown_key(key)), Refused("SR1023", key, expected, key=shown_key(key))))
                    continue
            if len(key) > LONGEST_TEXT:
                self.refused.append(((*loc, shown_key(key)), Refused("SR1026", key, Text("短的键", "a short key"))))
                continue
            if not _whole(key):
                self.refused.append(((*loc, shown_key(key)), Refused("SR1032", key, _UNICODE)))
                continue
            copied = self.copy(item, (*loc, str(key)), depth + 1)
            plain[str(key)] = copied.plain
            size, height = size + copied.size, max(height, copied.height + 1)
        return _Copied(plain, size, height)

    def _list(self, value: list[Any] | tuple[Any, ...], loc: Loc, depth: int) -> _Copied:
        if len(value) > LONGEST_LIST:
            limit = Text(f"至多 {LONGEST_LIST} 个成员", f"at most {LONGEST_LIST} members")
            return self._refuse(loc, Refused("SR1027", f"{len(value)}", limit))
        plain: list[object] = []
        size, height = 1, 0
        for index, item in enumerate(value):
            copied = self.copy(item, (*loc, index), depth + 1)
            plain.append(copied.plain)
            size, height = size + copied.size, max(height, copied.height + 1)
        return _Copied(plain, size, height)

    def _refuse(self, loc: Loc, refused: Refused) -> _Copied:
        self.refused.append((loc, refused))
        return _Copied(None)


def _whole(words: str) -> bool:
    """Is the text Unicode throughout, without halves of surrogate pairs?"""
    try:
        words.encode("utf-8")
    except UnicodeEncodeError:
        return False
    return True


def _opened(value: object) -> str:
    return "{…}" if isinstance(value, Mapping) else "[…]"


def _nesting() -> Text:
    return Text(f"至多 {DEEPEST} 层", f"at most {DEEPEST} levels")


def _plain(raw: object) -> object:
    """A scalar or container of the standard library with the content of ``raw``."""
    if raw is None or isinstance(raw, Mapping | list | tuple | bool | Fraction | Decimal):
        return raw
    if isinstance(raw, Enum):
        return _plain(raw.value)
    if isinstance(raw, str):
        return str(raw)
    if isinstance(raw, float):
        return float(raw)
    if isinstance(raw, int):
        return int(raw)
    if isinstance(raw, date):
        return raw
    pydantic = sys.modules.get("pydantic")
    if pydantic is not None and isinstance(raw, pydantic.BaseModel):
        return _dumped(raw)
    item = getattr(raw, "item", None)
    if callable(item):
        return _item(raw, item)
    raise Refused("SR1029", raw, _DATA)


def _dumped(model: Any) -> object:
    try:
        return model.model_dump(mode="python", by_alias=True, warnings=False)
    except Exception as error:
        raise Refused("SR1029", model, _DATA, same(type(error).__name__)) from error


def _item(raw: object, item: Any) -> object:
    """The Python value of a scalar of an array library; a short float keeps its own shortest form."""
    try:
        value = item()
        if isinstance(value, float):
            try:
                return Decimal(str(raw))
            except InvalidOperation:
                return float(value)
    except Exception as error:
        raise Refused("SR1029", raw, _DATA, same(type(error).__name__)) from error
    if value is None or isinstance(value, bool | int | str | date):
        return value
    raise Refused("SR1029", raw, _DATA)


_DATA = Text("映射、列表、文字、数、布尔或日期", "a mapping, list, text, number, boolean or date")


def _canonical(value: object, loc: Loc, problems: list[tuple[Loc, Refused]]) -> object:
    """JSON in which a number is ``["#", "1/10"]``, so that no two different facts share a form."""
    if value is None or isinstance(value, bool | str):
        return value
    if isinstance(value, dict):
        return {key: _canonical(item, (*loc, key), problems) for key, item in value.items()}
    if isinstance(value, list):
        return ["[", *(_canonical(item, (*loc, index), problems) for index, item in enumerate(value))]
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, date):
        return value.isoformat()
    try:
        number = exact(value)
    except Refused as refused:
        problems.append((loc, refused))
        return None
    return ["#", f"{number.numerator}/{number.denominator}"]
