"""One column of a register bound to what it gives: its type, unit, code list and the like, checked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Any

from safetyrules.diagnostics import did_you_mean
from safetyrules.engine.columnar.tables import MOST_MEMBERS_OF_A_SET
from safetyrules.facts.refusal import Refused
from safetyrules.facts.scalars import expectation, read_scalar
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    NumberType,
    PartsType,
    ScalarType,
    TextType,
    ValuesType,
)
from safetyrules.language.document import Scalar as Literal
from safetyrules.language.document import Word
from safetyrules.register.labels import Match, Role, Target, fits
from safetyrules.register.mapping import ColumnMapping, plain_of
from safetyrules.register.words import Outcome, Words, reader
from safetyrules.text import Text, same
from safetyrules.units import SYMBOLS, Unit, parse_unit
from safetyrules.values import NOTHING

if TYPE_CHECKING:
    import polars as pl

Refuse = Callable[..., None]
_SET_SEPARATOR = "|"
_FITTING: dict[str, tuple[type[Any], ...]] = {
    "unit": (NumberType,),
    "format": (DateType,),
    "pad": (TextType,),
}


@dataclass(frozen=True)
class BoundColumn:
    """A column and what it gives. ``kind`` is that of its table; ``empty`` is what an empty cell means."""

    kind: str
    name: str
    target: Target
    words: Words
    separator: str | None = None
    empty: Outcome = None

    @cached_property
    def read(self) -> Callable[[Any], Outcome]:
        """Reads one cell, of a list one member. Raises `Refused`."""
        return reader(self.words)


def bound_column(
    kind: str, name: str, dtype: pl.DataType, match: Match, said: ColumnMapping | None, refuse: Refuse
) -> BoundColumn | None:
    """The column bound to its target; None where something does not fit, which is reported to ``refuse``."""
    target = match.target
    of, listed = _scalar_type(target)
    refused: list[str] = []

    def report(code: str, place: Word | None = None, /, **details: Any) -> None:
        refused.append(code)
        refuse(code, place, **details)

    if target.role is Role.ONE_OF and isinstance(of, ChoiceType) and len(of.members) > MOST_MEMBERS_OF_A_SET:
        report("SR5013", key="one_of", fact=target.fact.name)
    if said is not None:
        _check_keys(said, target, of, listed, report)
    unit = _unit(said, match, of, target, report)
    may_not_apply = target.fact.may_not_apply and target.role is Role.VALUE and not listed
    values = _values(said, of, may_not_apply, target, report)
    separator = said.separator.text if said is not None and said.separator is not None else None
    if target.role is Role.ONE_OF:
        separator = separator or _SET_SEPARATOR
    words = Words(
        of,
        may_not_apply,
        target.role,
        None if unit is None or not isinstance(of, NumberType) or unit == of.unit else str(unit),
        values,
        said.format.text if said is not None and said.format is not None else None,
        said.pad[0] if said is not None and said.pad is not None else None,
    )
    _check_dtype(name, dtype, words, listed, separator, target, report)
    if refused:
        return None
    bound = BoundColumn(kind, name, target, words, separator)
    if said is None or said.empty is None:
        return bound
    empty = _literal(said.empty, of, may_not_apply, target, report)
    return None if refused else BoundColumn(kind, name, target, words, separator, _said(words, empty))


def _scalar_type(target: Target) -> tuple[ScalarType, bool]:
    """The type of what the cells hold, and whether they hold lists of it."""
    if target.role in (Role.COMPLETE, Role.NOT_APPLICABLE):
        return BooleanType(), False
    if target.role is Role.COMPLETE_SINCE:
        return DateType(), False
    of = target.fact.type
    assert not isinstance(of, PartsType)
    return (of.item, True) if isinstance(of, ValuesType) else (of, target.role is Role.ONE_OF)


def _check_keys(said: ColumnMapping, target: Target, of: ScalarType, listed: bool, report: Refuse) -> None:
    given: dict[str, Any] = {"unit": said.unit, "format": said.format, "pad": said.pad}
    for key, value in given.items():
        if value is not None and not isinstance(of, _FITTING[key]):
            span = value[1] if isinstance(value, tuple) else value.span
            report("SR5013", Word(key, span), key=key, fact=target.name)
    if said.separator is not None and not listed:
        report("SR5013", said.separator, key="separator", fact=target.name)
    if said.empty is not None and listed:
        report("SR5013", Word("empty", said.empty.span), key="empty", fact=target.name)


def _unit(said: ColumnMapping | None, match: Match, of: ScalarType, target: Target, report: Refuse) -> Unit | None:
    if said is None or said.unit is None:
        return match.unit
    if not isinstance(of, NumberType):
        return None
    word = said.unit
    try:
        unit = parse_unit(word.text)
    except KeyError as error:
        fix = did_you_mean(str(error.args[0]), SYMBOLS)
        report("SR5009", word, unit=word.text, fact=target.name, fix=fix, expected=same(str(of.unit or "-")))
        return None
    if not fits(unit, target):
        report("SR5009", word, unit=word.text, fact=target.name, expected=same(str(of.unit or "-")))
        return None
    return unit


def _values(
    said: ColumnMapping | None, of: ScalarType, may_not_apply: bool, target: Target, report: Refuse
) -> dict[str, Any] | None:
    if said is None or not said.values:
        return None
    return {key: _literal(value, of, may_not_apply, target, report) for key, value in said.values.items()}


def _literal(literal: Literal, of: ScalarType, may_not_apply: bool, target: Target, report: Refuse) -> Any:
    """A value of the mapping file as a raw fact: None for unknown, `NOTHING` for not applicable."""
    raw = plain_of(literal.value)
    if raw is None or (raw == "unknown" and not (isinstance(of, ChoiceType) and raw in of.members)):
        return None
    if raw == "not_applicable" and may_not_apply:
        return NOTHING
    try:
        read_scalar(of, may_not_apply, raw)
    except Refused as refused:
        report(
            "SR5011", Word(str(raw), literal.span), word=str(raw), fact=target.name,
            expected=expectation(of), fix=refused.fix,
        )  # fmt: skip
    return raw


def _said(words: Words, raw: Any) -> Outcome:
    """What an empty cell means, in the unit of the fact."""
    return reader(Words(words.type, words.may_not_apply, values={"": raw}))("")


def _check_dtype(
    name: str, dtype: pl.DataType, words: Words, listed: bool, separator: str | None, target: Target, report: Refuse
) -> None:
    """Can cells of this type be read as the fact?"""
    import polars as pl

    cells: Any = dtype
    if listed and isinstance(dtype, pl.List | pl.Array):
        cells = dtype.inner
    elif listed and _is_text(cells) and separator is None:
        hint = Text('在映射文件中写 separator: "、"', 'write separator: "," in the mapping')
        report("SR5012", column=name, fix=hint)
        return
    if cells == pl.Null or _is_text(cells):
        return
    whole = cells.is_integer() or cells.is_float()
    match words.type:
        case BooleanType():
            fitting = cells == pl.Boolean or cells.is_integer() or (whole and bool(words.values))
        case NumberType():
            fitting = cells.is_numeric()
        case DateType():
            fitting = cells == pl.Date or isinstance(cells, pl.Datetime)
            fitting = fitting or (cells.is_integer() and words.format is not None)
        case TextType(code=code):
            fitting = whole and (code in (None, "place") or words.pad is not None)
        case ChoiceType():
            fitting = bool(words.values) and (cells == pl.Boolean or whole)
    if listed and cells is dtype and not _is_text(cells):
        fitting = False
    if not fitting:
        expected = expectation(words.type)
        fix: Text | None = None
        if isinstance(words.type, TextType) and whole:
            fix = Text("写成文字，或在映射中写 pad: 位数", "write it as text, or give pad: DIGITS in the mapping")
        report("SR5010", column=name, fact=target.name, found=str(dtype), expected=expected, fix=fix)


def _is_text(dtype: Any) -> bool:
    import polars as pl

    return dtype == pl.String or isinstance(dtype, pl.Categorical | pl.Enum)
