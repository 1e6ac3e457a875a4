"""What helps an author whose comparison cannot be meant: how two types may meet, and thresholds no value reaches."""

from __future__ import annotations

from fractions import Fraction

from safetyrules.diagnostics import Severity, Span
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.language import terms as t
from safetyrules.language.scope import Scope, name_of
from safetyrules.language.types import plain_number, plain_type, type_words
from safetyrules.text import Text
from safetyrules.units import convert

PARAMETER = Text("参数在此声明", "the parameter is declared here")
_COUNT = NumberType(integer=True, minimum=Fraction(0))


def report_mismatch(left: t.Term, right: t.Term, span: Span, scope: Scope) -> None:
    """The problem of two terms that do not go together: their units (SR0504), or else their types (SR0505)."""
    one, two = left.type, right.type
    if isinstance(one, NumberType) and isinstance(two, NumberType):
        scope.report("SR0504", span, found=plain_type(two), expected=type_words(one), fix=_same_unit(one, two))
    else:
        fix = _one_type(left, two) or _one_type(right, one)
        scope.report("SR0505", span, left=plain_type(one), right=plain_type(two), fix=fix)


def _same_unit(one: NumberType, two: NumberType) -> Text | None:
    assert one.unit is not None
    assert two.unit is not None
    try:
        convert(Fraction(1), two.unit, one.unit)
    except ValueError:
        return None
    return Text(
        "把两者声明为同一单位；录入事实时会自动换算", "declare both in one unit; facts are converted when they are read"
    )


def _one_type(term: t.Term, other: ScalarType) -> Text | None:
    """How to write the literal ``term`` so that it is of the type ``other``."""
    if not isinstance(term, t.Constant):
        return None
    match term.type, other:
        case TextType(), DateType():
            return Text(f'写作 date("{term.value}")', f'write date("{term.value}")')
        case TextType(), NumberType() | BooleanType():
            return Text("去掉引号", "leave out the quotes")
        case NumberType() | BooleanType(), TextType() | ChoiceType():
            return Text("加引号", "put it in quotes")
    return None


def report_unreachable(operator: str, left: t.Term, right: t.Term, scope: Scope, span: Span) -> None:
    """Warns where a threshold lies outside the declared range, so that the comparison always comes out the same."""
    if _threshold(left, scope) is not None:
        left, right, operator = right, left, t.MIRRORED[operator]
    type_, value = ranged(left), _threshold(right, scope)
    if type_ is None or value is None:
        return
    outcome = always(operator, type_, value)
    known = any(problem.code == "SR0527" and problem.span == span for problem in scope.problems)
    if outcome is not None and not known:
        parameter = scope.parameters[right.ruleset, right.name] if isinstance(right, t.ParameterValue) else None
        scope.report(
            "SR0527",
            span,
            severity=Severity.WARNING,
            outcome=Text("成立", "true") if outcome else Text("不成立", "false"),
            name=_name(left),
            found=plain_number(value),
            expected=ranged_words(type_),
            related=[(parameter.span, PARAMETER)] if parameter is not None else (),
        )


def _threshold(term: t.Term, scope: Scope) -> Fraction | None:
    if isinstance(term, t.ParameterValue):
        default = scope.parameters[term.ruleset, term.name].value
        return _threshold(default, scope) if default is not None else None
    number = isinstance(term, t.Constant) and isinstance(term.type, NumberType)
    return term.value if number and isinstance(term, t.Constant) and isinstance(term.value, Fraction) else None


def ranged(term: t.Term) -> NumberType | None:
    """The type of something whose range is declared."""
    if isinstance(term, t.Sure):
        return ranged(term.term)
    if isinstance(term, t.FindingCount):
        return _COUNT
    return term.type if isinstance(term, t.FactValue | t.ItemValue) and isinstance(term.type, NumberType) else None


def _name(term: t.Term) -> str:
    match term:
        case t.Sure(inner):
            return _name(inner)
        case t.ItemValue(variable):
            return variable
        case t.FindingCount(instances=instances):
            return "instances(…)" if instances else "findings(…)"
    return name_of(term)


def always(operator: str, type_: NumberType, value: Fraction) -> bool | None:
    """How the comparison comes out for every value of the type; None where it depends.

    A bound itself as threshold is not remarked on: ``0..30`` says so where 0 is the least.
    """
    below = type_.minimum is not None and value < type_.minimum
    above = type_.maximum is not None and value > type_.maximum
    if operator in ("==", "!="):
        never = below or above or (type_.integer and value.denominator != 1)
        return (operator == "!=") if never else None
    if operator in (">", ">="):
        if above or (operator == ">" and value == type_.maximum):
            return False
        return True if below else None
    if below or (operator == "<" and value == type_.minimum):
        return False
    return True if above else None


def ranged_words(type_: NumberType) -> Text:
    """The range of a number in words."""
    low, high = type_.minimum, type_.maximum
    if low is not None and high is not None:
        bounds = f"{plain_number(low)} … {plain_number(high)}"
    else:
        bounds = (
            f">= {plain_number(low)}" if low is not None else f"<= {plain_number(high)}" if high is not None else ""
        )
    if type_.integer:
        return Text(f"整数，{bounds}" if bounds else "整数", f"an integer, {bounds}" if bounds else "an integer")
    return Text(f"数值，{bounds}", f"a number, {bounds}")
