"""What generated code calls on texts and lookups of which something is unknown, and the way to and from the reference's
values."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from safetyrules.engine import algebra
from safetyrules.engine.compiled.masks import finite, mask_of
from safetyrules.engine.compiled.ranges import bounds
from safetyrules.engine.lookup import lookup as abstract_lookup
from safetyrules.engine.texts import text_function as abstract_text
from safetyrules.facts.schema import BooleanType, ChoiceType, ScalarType
from safetyrules.language.ruleform import LookupTable
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

BOOLEAN = BooleanType()


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
        if type(one) is AnyText:
            return 7 if one.nothing else 3
        if type(one) is Finite:
            outcomes = one.outcomes
            none = NOTHING in outcomes
            found = two in outcomes
            others = len(outcomes) - none - found
            return (2 if found else 0) | (1 if others else 0) | (4 if none else 0)
    return mask_of(algebra.compare("==", as_text(one), as_text(two), BOOLEAN))


def text_among(one: Any, constants: frozenset[str]) -> int:
    if type(one) is str:
        return 2 if one in constants else 1
    members = [Finite(frozenset({c})) for c in constants]
    return mask_of(algebra.among(one, members, BOOLEAN))


def text_function(name: str, *arguments: Any) -> Scalar:
    return abstract_text(name, [a if isinstance(a, Interval) else as_text(a) for a in arguments], _quiet)


def truth_of(value: Scalar) -> int:
    assert isinstance(value, Finite)
    return mask_of(value)


def text_applicable(value: Any) -> int:
    if type(value) is str:
        return 2
    if type(value) is Finite:
        if NOTHING not in value.outcomes:
            return 2
        return 1 if len(value.outcomes) == 1 else 3
    return 3 if value.nothing else 2


def abstract(value: Any, type_: ScalarType) -> Scalar:
    """A mask or text in the reference's form."""
    if isinstance(type_, BooleanType):
        return finite(value)
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
        return mask_of(value)
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


def join_texts(one: Any, two: Any) -> Any:
    """Either of two texts; None is "none yet"."""
    if one is None or one is two:
        return two
    if type(one) is AnyText or type(two) is AnyText:
        return ANY_TEXT_OR_NOTHING if _may_be_nothing(one) or _may_be_nothing(two) else ANY_TEXT
    return _joined(one, two)


@lru_cache(maxsize=8192)
def _joined(one: Any, two: Any) -> Any:
    """The same few sets come again."""
    return plain_text(algebra.join(as_text(one), as_text(two)))


def _may_be_nothing(value: Any) -> bool:
    if type(value) is Finite:
        return NOTHING in value.outcomes
    return type(value) is not str and value.nothing


def text_without_nothing(value: Any) -> Any:
    if type(value) is AnyText:
        return ANY_TEXT
    if type(value) is str or NOTHING not in value.outcomes:
        return value
    return _without_nothing(value)


@lru_cache(maxsize=8192)
def _without_nothing(value: Scalar) -> Any:
    return plain_text(algebra.without_nothing(value))
