"""Types of terms: reading them, comparing them, naming them, and literals of a type."""

from __future__ import annotations

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
from safetyrules.units import Unit, parse_unit

BUILTIN_TYPES = ("boolean", "number", "integer", "text", "date", "choice", "list", *get_args(CodeName))


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
                    self.problems.append(diagnostic("SR0415", document.name.span))
                    return None
                levels = document.choices
                return ChoiceType(owner, tuple(v.name.text for v in levels), tuple(v.title for v in levels))
        found = self.choice_sets.get(name)
        if found is None:
            self.problems.append(unknown_name(document.name, "SR0416", [*BUILTIN_TYPES, *self.choice_sets, *known]))
        return found

    def _number(self, document: TypeDocument, minimum: Scalar | None, maximum: Scalar | None) -> NumberType:
        integer = document.name.text == "integer"
        bounds: list[Fraction | None] = []
        for bound in (minimum, maximum):
            if bound is not None and (isinstance(bound.value, bool) or not isinstance(bound.value, Fraction)):
                self.problems.append(diagnostic("SR0417", bound.span, found=bound.value))
                bound = None
            bounds.append(bound.value if bound is not None and isinstance(bound.value, Fraction) else None)
        low, high = bounds
        if integer and minimum is None:
            low = Fraction(0)
        if low is not None and high is not None and low > high and maximum is not None:
            self.problems.append(diagnostic("SR0418", maximum.span, found=high, low=low))
        unit: Unit | None = None
        if document.unit is not None:
            try:
                unit = parse_unit(document.unit.text)
            except KeyError as error:
                self.problems.append(diagnostic("SR0419", document.unit.span, found=str(error.args[0])))
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
    """``code`` at the word, with the nearest known name as its fix."""
    return diagnostic(
        code, word.span, severity=severity, found=word.text, name=word.text, fix=did_you_mean(word.text, known)
    )


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
                found="null" if value is None else value,
                expected=type_words(type_),
                fix=did_you_mean(str(value), members),
            )
        )
        return None
    if isinstance(value, date):
        return Constant(Fraction(value.toordinal()), type_, scalar.span)
    return Constant(value, type_, scalar.span)


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
    """A type in one English word or two, for ``found``."""
    match type_:
        case BooleanType():
            return "boolean"
        case NumberType(unit=unit, integer=integer):
            return ("integer" if integer else "number") + (f" in {unit}" if unit else "")
        case DateType():
            return "date"
        case TextType(code=code):
            return code or "text"
        case ChoiceType(name=name, scale=scale):
            return f"{'scale' if scale else 'choice'} {name}"
