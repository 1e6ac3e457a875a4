"""Types of terms: reading them, comparing them, naming them, and literals of a type."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction
from typing import get_args

from safetyrules.diagnostics import Diagnostic, Severity, diagnostic, did_you_mean
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    CodeName,
    DateType,
    NumberType,
    ScalarType,
    TextType,
)
from safetyrules.language.document import ChoiceSetDocument, Scalar, TypeDocument, Word
from safetyrules.language.terms import Constant
from safetyrules.text import Text
from safetyrules.units import SYMBOLS, Unit, parse_unit

DECLARE_CHOICES = Text(
    "在 choices: 下声明取值集合，再写它的名称", "declare the values under `choices:` and write the name given there"
)
MOST_NAMED = 13
#: A number or date that only its quotes make a text.
_PLAIN = re.compile(r"-?[0-9]+(\.[0-9]+)?|[0-9]{4}-[0-9]{2}-[0-9]{2}")
SCALARS = ("boolean", "number", "integer", "text", "date", "choice", *get_args(CodeName))
BUILTIN_TYPES = (*SCALARS, "list", "subjects")


class TypeResolver:
    """Types as written -> types."""

    def __init__(self, choice_sets: dict[str, ChoiceType], problems: list[Diagnostic]) -> None:
        self.choice_sets = choice_sets
        self.problems = problems

    def scalar(
        self,
        document: TypeDocument,
        owner: str,
        minimum: Scalar | None,
        maximum: Scalar | None,
        known: Iterable[str] = (),
    ) -> ScalarType | None:
        """The type, or None after a diagnostic. ``owner`` names an inline choice."""
        name = document.name.text
        if name in ("number", "integer"):
            return self._number(document, minimum, maximum)
        if name not in SCALARS and name not in self.choice_sets:
            self.problems.append(unknown_name(document.name, "SR0416", [*BUILTIN_TYPES, *self.choice_sets, *known]))
            return None
        if minimum is not None or maximum is not None:
            self.problems.append(diagnostic("SR0413", (minimum or maximum).span, type=name))  # type: ignore[union-attr]
        if document.unit is not None:
            self.problems.append(diagnostic("SR0414", document.unit.span, type=name))
        match name:
            case "boolean":
                return BooleanType()
            case "date":
                return DateType()
            case "text":
                return TextType()
            case "credit_code" | "place" | "industry":
                return TextType(name)
            case "choice":
                if not document.choices:
                    self.problems.append(diagnostic("SR0415", document.name.span, fix=DECLARE_CHOICES))
                    return None
                levels = document.choices
                return ChoiceType(owner, tuple(v.name.text for v in levels), tuple(v.title for v in levels))
        return self.choice_sets[name]

    def _number(self, document: TypeDocument, minimum: Scalar | None, maximum: Scalar | None) -> NumberType:
        integer = document.name.text == "integer"
        bounds: list[Fraction | None] = []
        for bound in (minimum, maximum):
            bounds.append(bound.value if bound is not None and isinstance(bound.value, Fraction) else None)
        low, high = bounds
        if integer and minimum is None:
            low = Fraction(0)
        if low is not None and high is not None and low > high and maximum is not None:
            fix = Text("写明更小的 minimum：整数默认从 0 起", "state a lower minimum: an integer starts at 0")
            if minimum is not None:
                fix = Text("交换两个界限", "swap the two bounds")
            problem = diagnostic("SR0418", maximum.span, found=plain_number(high), low=plain_number(low), fix=fix)
            self.problems.append(problem)
        unit: Unit | None = None
        if document.unit is not None:
            try:
                unit = parse_unit(document.unit.text)
            except KeyError as error:
                found = str(error.args[0])
                expected = ", ".join(SYMBOLS)
                near = did_you_mean(found, SYMBOLS)
                self.problems.append(
                    diagnostic("SR0419", document.unit.span, unit=found, expected=None if near else expected, fix=near)
                )
        return NumberType(unit, integer, low, high)


def choice_type(document: ChoiceSetDocument) -> ChoiceType:
    return ChoiceType(
        document.name.text,
        tuple(level.name.text for level in document.levels),
        tuple(level.title for level in document.levels),
        document.scale,
        document.worse,
    )


def unknown_name(word: Word, code: str, known: Iterable[str], severity: Severity = Severity.ERROR) -> Diagnostic:
    """``code`` at the word, with the nearest known name as its fix, or all where none is near and they are few."""
    names = list(known)
    fix = did_you_mean(word.text, names)
    expected = ", ".join(names) if fix is None and 0 < len(names) <= MOST_NAMED else None
    return diagnostic(code, word.span, severity=severity, name=word.text, expected=expected, fix=fix)


def constant(scalar: Scalar, type_: ScalarType, problems: list[Diagnostic]) -> Constant | None:
    """A literal as a constant of ``type_``; None after a diagnostic when it does not fit."""
    value = scalar.value
    fits: Callable[[], bool] = {
        BooleanType: lambda: isinstance(value, bool),
        NumberType: lambda: isinstance(value, Fraction) and (not type_.integer or value.denominator == 1),  # type: ignore[union-attr]
        DateType: lambda: isinstance(value, date),
        TextType: lambda: isinstance(value, str),
        ChoiceType: lambda: isinstance(value, str) and value in type_.members,  # type: ignore[union-attr]
    }[type(type_)]
    if value is None or not fits():
        members = type_.members if isinstance(type_, ChoiceType) else ()
        problems.append(
            diagnostic(
                "SR0501",
                scalar.span,
                found=written(value),
                expected=type_words(type_),
                fix=did_you_mean(written(value), members) or _unquoted(value, type_),
            )
        )
        return None
    if isinstance(value, date):
        return Constant(Fraction(value.toordinal()), type_, scalar.span)
    return Constant(value, type_, scalar.span)


def written(value: object) -> str:
    """A value as an author writes it."""
    match value:
        case None:
            return "null"
        case bool():
            return str(value).lower()
        case Fraction():
            return plain_number(value)
    return str(value)


def plain_number(value: Fraction) -> str:
    """A number in decimals where it has a finite decimal form."""
    rest = value.denominator
    for factor in (2, 5):
        while rest % factor == 0:
            rest //= factor
    if rest != 1:
        return str(value)
    places = value.denominator.bit_length()
    digits = f"{abs(value.numerator) * 10**places // value.denominator:0{places + 1}}"
    whole, decimals = digits[:-places], digits[-places:].rstrip("0")
    return f"{'-' if value < 0 else ''}{whole}{'.' if decimals else ''}{decimals}"


def _unquoted(value: object, type_: ScalarType) -> Text | None:
    """A fix for a value of another type that only quotes make one."""
    if isinstance(value, str) and not isinstance(type_, TextType | ChoiceType):
        plain = _PLAIN.fullmatch(value) is not None or value in ("true", "false")
        return Text("去掉引号", "leave out the quotes") if plain else None
    if not isinstance(value, str) and isinstance(type_, TextType):
        return Text("加引号", "put it in quotes")
    return None


def type_words(type_: ScalarType) -> Text:
    """A type in words, for diagnostics."""
    match type_:
        case BooleanType():
            return Text("布尔值 true 或 false", "a boolean, true or false")
        case NumberType(integer=True, unit=unit):
            return Text(f"整数{f'（{unit}）' if unit else ''}", f"an integer{f' in {unit}' if unit else ''}")
        case NumberType(unit=unit):
            return Text(f"数值{f'（{unit}）' if unit else ''}", f"a number{f' in {unit}' if unit else ''}")
        case DateType():
            return Text("日期 YYYY-MM-DD", "a date, YYYY-MM-DD")
        case TextType():
            return Text("文本", "a text")
        case ChoiceType(members=members):
            words = ", ".join(members[:12]) + ("…" if len(members) > 12 else "")
            return Text(f"下列之一：{words}", f"one of {words}")


def comparable(one: ScalarType, two: ScalarType) -> bool:
    """May two terms stand on both sides of ``==``, or in one list?"""
    if isinstance(one, NumberType) and isinstance(two, NumberType):
        return one.unit is None or two.unit is None or one.unit == two.unit
    if isinstance(one, TextType) and isinstance(two, TextType):
        return True
    return one == two


def assignable(found: ScalarType, expected: ScalarType) -> bool:
    if isinstance(found, NumberType) and isinstance(expected, NumberType):
        return comparable(found, expected) and (found.integer or not expected.integer)
    return comparable(found, expected)


def joined(one: ScalarType, two: ScalarType) -> ScalarType:
    """The type that holds both of two comparable types."""
    if isinstance(one, NumberType) and isinstance(two, NumberType):
        return NumberType(one.unit or two.unit, one.integer and two.integer)
    if isinstance(one, TextType) and isinstance(two, TextType) and one != two:
        return TextType()
    return one


def plain_type(type_: ScalarType) -> str:
    """A type in the words of the language itself, the same for every reader."""
    match type_:
        case BooleanType():
            return "boolean"
        case NumberType(unit=unit, integer=integer):
            return ("integer" if integer else "number") + (f" ({unit})" if unit else "")
        case DateType():
            return "date"
        case TextType(code=code):
            return code or "text"
        case ChoiceType(name=name, scale=scale):
            return f"{'scale' if scale else 'choice'} {name}"
