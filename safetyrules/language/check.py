"""Check pass: expressions as written become terms, with names, types, units and applicability settled.

Entry points: `check_condition`, and `check` for the scopes that carry it down. A problem is added to the scope's list and the term is None; the caller goes on, so
that one run of ``check`` reports everything.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from fractions import Fraction

from safetyrules.diagnostics import Severity, Span, did_you_mean
from safetyrules.facts.schema import (
    ChoiceType,
    DateType,
    NumberType,
    ScalarType,
    TextType,
)
from safetyrules.language import terms as t
from safetyrules.language.document import Condition, Formula
from safetyrules.language.expression import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Expression,
    Has,
    ListLiteral,
    LiteralValue,
    Name,
    Select,
    Unary,
)
from safetyrules.language.functions import check_call
from safetyrules.language.references import passed, reference
from safetyrules.language.scope import (
    Checked,
    Scope,
    check_list,
    check_scalar,
    item_type,
    name_of,
    part_kind,
)
from safetyrules.language.types import comparable, joined, plain_type, type_words
from safetyrules.text import same
from safetyrules.units import PURE


def check_condition(condition: Condition, scope: Scope, expected: ScalarType, passing: bool = False) -> t.Term | None:
    """The term of a formula, or of all its readings, checked against the type ``expected``.

    With ``passing`` the value becomes that of a conclusion, so that "no value" may pass through it untested.
    """
    if isinstance(condition, Formula):
        return check_scalar(condition.tree, scope, expected, passing)
    name = condition.chosen_by.text
    parameter = scope.parameters.get((scope.ruleset, name))
    if parameter is None:
        known = [p for r, p in scope.parameters if r == scope.ruleset]
        scope.report("SR0518", condition.chosen_by.span, name=name, found=name, fix=did_you_mean(name, known))
        return None
    names = [word.text for word, _ in condition.readings]
    if not isinstance(parameter.type, ChoiceType) or set(parameter.type.members) != set(names):
        members = parameter.type.members if isinstance(parameter.type, ChoiceType) else ()
        scope.report(
            "SR0519", condition.chosen_by.span, name=name, found=", ".join(names), expected=same(", ".join(members))
        )
        return None
    readings = [
        (word.text, check_scalar(formula.tree, scope, expected, passing)) for word, formula in condition.readings
    ]
    good = [(name, term) for name, term in readings if term is not None]
    if len(good) != len(readings):
        return None
    return t.UnsettledReadings(
        tuple(good), scope.ruleset, name, expected, any(term.may_be_nothing for _, term in good), condition.span
    )


def check(expression: Expression, scope: Scope, expected: ScalarType | None, passing: bool = False) -> Checked:
    """A term or list of any type; the dispatcher that a `Scope` carries down."""
    match expression:
        case LiteralValue(span, value):
            return literal(value, span)
        case Name() | Select():
            return passed(reference(expression, scope, guarded=not passing), scope)
        case Has(span, operand):
            return _has(span, operand, scope)
        case Unary(span, "!", operand):
            inner = check_scalar(operand, scope, t.BOOLEAN)
            return t.Not(inner, inner.may_be_nothing, span) if inner is not None else None
        case Unary(span, "-", operand):
            return _negative(span, operand, scope)
        case Binary(span, "&&" | "||", _, _):
            return _junction(expression, scope)
        case Binary(span, "in", left, right):
            return _membership(span, left, right, scope)
        case Binary(span, "==" | "!=" | "<" | "<=" | ">" | ">=", _, _):
            return _comparison(expression, scope)
        case Binary():
            return _arithmetic(expression, scope)
        case Conditional(span, test, then, otherwise):
            return _conditional(span, test, then, otherwise, scope, expected, passing)
        case ListLiteral(span, items):
            return _list(span, items, scope, expected)
        case Comprehension():
            return _comprehension(expression, scope)
        case Call():
            return passed(check_call(expression, scope, expected, guarded=not passing), scope)
    raise AssertionError(f"no check for {expression!r}")


# ---- literals and names ---------------------------------------------------------------------------------------------


def literal(value: bool | Fraction | str, span: Span | None) -> t.Constant:
    if isinstance(value, bool):
        return t.Constant(value, t.BOOLEAN, span)
    if isinstance(value, Fraction):
        return t.Constant(value, NumberType(integer=value.denominator == 1), span)
    return t.Constant(value, t.TEXT, span)


# ---- operators ------------------------------------------------------------------------------------------------------


def _has(span: Span, operand: Expression, scope: Scope) -> t.Term | None:
    if isinstance(operand, Name | Select):
        found = reference(operand, scope, guarded=False)
    elif isinstance(operand, Call):
        found = check_call(operand, scope, None, guarded=False)
    else:
        found = None
        scope.report("SR0521", span)
        return None
    if found is None:
        return None
    if not isinstance(found, t.FactValue | t.ConclusionValue | t.LookupValue):
        scope.report("SR0521", span)
        return None
    if not found.may_be_nothing and not isinstance(found, t.ConclusionValue):
        scope.report("SR0522", span, severity=Severity.WARNING, name=name_of(found))
    return t.Applicable(found, span)


def _negative(span: Span, operand: Expression, scope: Scope) -> t.Term | None:
    inner = check_scalar(operand, scope)
    if inner is None:
        return None
    if not isinstance(inner.type, NumberType):
        scope.report("SR0503", span, found=plain_type(inner.type), expected=type_words(t.NUMBER))
        return None
    if isinstance(inner, t.Constant) and isinstance(inner.value, Fraction):
        return t.Constant(-inner.value, inner.type, span)
    return t.Negative(inner, NumberType(inner.type.unit, inner.type.integer), inner.may_be_nothing, span)


def _junction(expression: Binary, scope: Scope) -> t.Term | None:
    operator = expression.operator
    assert operator in ("&&", "||")
    operands: list[Expression] = []
    pending: list[Expression] = [expression]
    while pending:
        each = pending.pop()
        if isinstance(each, Binary) and each.operator == operator:
            pending += [each.right, each.left]
        else:
            operands.append(each)
    checked: list[t.Term | None] = []
    for operand in operands:
        term = check_scalar(operand, scope, t.BOOLEAN)
        checked.append(term)
        scope = scope.knowing(term, operator == "&&")
    good = [term for term in checked if term is not None]
    if len(good) != len(checked):
        return None
    return t.Junction(operator, tuple(good), any(term.may_be_nothing for term in good), expression.span)


def _membership(span: Span, left: Expression, right: Expression, scope: Scope) -> t.Term | None:
    if isinstance(right, ListLiteral) and right.items and all(isinstance(i, LiteralValue) for i in right.items):
        operand = check_scalar(left, scope)
        if operand is None:
            return None
        constants = [check_scalar(i, scope, _comparable_literal(operand.type)) for i in right.items]
        if any(c is None for c in constants):
            return None
        return t.Among(operand, tuple(c for c in constants if isinstance(c, t.Constant)), operand.may_be_nothing, span)
    written_text = isinstance(left, LiteralValue) and isinstance(left.value, str)
    first = None if written_text else check_scalar(left, scope)
    members = check_list(right, scope, first.type if first is not None else None)
    if members is None:
        return None
    item = item_type(members)
    operand = (
        check_scalar(left, scope, _comparable_literal(item) if item is not None else None) if written_text else first
    )
    if operand is None:
        return None
    if item is None or not comparable(item, operand.type):
        scope.report("SR0505", span, left=plain_type(operand.type), right=plain_type(item) if item else "parts")
        return None
    variable = t.ItemValue("·member", item)
    equal = t.Comparison("==", variable, operand, operand.may_be_nothing, span)
    return t.Quantified("exists", members, variable.variable, equal, operand.may_be_nothing, span)


def _comparison(expression: Binary, scope: Scope) -> t.Term | None:
    left, right = _pair(expression.left, expression.right, scope)
    if left is None or right is None:
        return None
    operator = expression.operator
    assert operator in ("==", "!=", "<", "<=", ">", ">=")
    if not comparable(left.type, right.type):
        units = isinstance(left.type, NumberType) and isinstance(right.type, NumberType)
        scope.report(
            "SR0504" if units else "SR0505",
            expression.span,
            left=plain_type(left.type),
            right=plain_type(right.type),
            found=plain_type(right.type),
            expected=type_words(left.type),
        )
        return None
    ordered = isinstance(left.type, NumberType | DateType) or (isinstance(left.type, ChoiceType) and left.type.scale)
    if operator not in ("==", "!=") and not ordered:
        scope.report("SR0506", expression.span, operator=operator, found=plain_type(left.type))
        return None
    nothing = left.may_be_nothing or right.may_be_nothing
    return t.Comparison(operator, left, right, nothing, expression.span)


def _pair(left: Expression, right: Expression, scope: Scope) -> tuple[t.Term | None, t.Term | None]:
    """Both sides; a text literal opposite a choice is read as one of its values."""
    if isinstance(left, LiteralValue) and isinstance(left.value, str):
        other = check_scalar(right, scope)
        expected = _comparable_literal(other.type) if other is not None else None
        return (check_scalar(left, scope, expected) if other is not None else None), other
    first = check_scalar(left, scope)
    if first is None:
        check_scalar(right, scope)
        return None, None
    return first, check_scalar(
        right, scope, _comparable_literal(first.type) if isinstance(right, LiteralValue) else None
    )


def _comparable_literal(type_: ScalarType) -> ScalarType | None:
    return type_ if isinstance(type_, ChoiceType) else None


def _arithmetic(expression: Binary, scope: Scope) -> t.Term | None:
    left, right = check_scalar(expression.left, scope), check_scalar(expression.right, scope)
    if left is None or right is None:
        return None
    operator, span = expression.operator, expression.span
    nothing = left.may_be_nothing or right.may_be_nothing
    if operator == "+" and isinstance(left.type, TextType) and isinstance(right.type, TextType):
        return t.TextFunction("concat", (left, right), t.TEXT, nothing, span)
    for side in (left, right):
        if not isinstance(side.type, NumberType):
            scope.report("SR0503", side.span or span, found=plain_type(side.type), expected=type_words(t.NUMBER))
            return None
    assert isinstance(left.type, NumberType)
    assert isinstance(right.type, NumberType)
    integer = left.type.integer and right.type.integer and operator != "/"
    one, two = left.type.unit, right.type.unit
    if operator in ("+", "-", "%"):
        if not comparable(left.type, right.type):
            scope.report("SR0504", span, found=plain_type(right.type), expected=type_words(left.type))
            return None
        if operator == "%" and not integer:
            scope.report("SR0503", span, found=plain_type(NumberType()), expected=type_words(t.INTEGER))
            return None
        unit = one or two
    elif one is None and two is None:
        unit = None
    else:
        unit = (one or PURE).times(two or PURE, 1 if operator == "*" else -1)
    return t.Arithmetic(operator, left, right, NumberType(unit, integer), nothing, span)  # type: ignore[arg-type]


def _conditional(
    span: Span,
    test: Expression,
    then: Expression,
    otherwise: Expression,
    scope: Scope,
    expected: ScalarType | None,
    passing: bool,
) -> t.Term | None:
    condition = check_scalar(test, scope, t.BOOLEAN)
    first = check_scalar(then, scope.knowing(condition, True), expected, passing)
    other = expected or (_comparable_literal(first.type) if first else None)
    second = check_scalar(otherwise, scope.knowing(condition, False), other, passing)
    if condition is None or first is None or second is None:
        return None
    if isinstance(second.type, ChoiceType) and isinstance(then, LiteralValue) and expected is None:
        first = check_scalar(then, scope, second.type)
        if first is None:
            return None
    if not comparable(first.type, second.type):
        scope.report("SR0505", span, left=plain_type(first.type), right=plain_type(second.type))
        return None
    type_ = joined(first.type, second.type)
    nothing = condition.may_be_nothing or first.may_be_nothing or second.may_be_nothing
    return t.Choose(condition, first, second, type_, nothing, span)


# ---- lists ----------------------------------------------------------------------------------------------------------


def _list(span: Span, items: Iterable[Expression], scope: Scope, expected: ScalarType | None) -> t.ListTerm | None:
    written = list(items)
    choice = expected if isinstance(expected, ChoiceType) else None
    if choice is None:
        for each in written:
            if not isinstance(each, LiteralValue):
                probe = check_scalar(each, scope)
                if probe is not None and isinstance(probe.type, ChoiceType):
                    choice = probe.type
                break
    checked = [check_scalar(each, scope, choice) for each in written]
    good = [term for term in checked if term is not None]
    if len(good) != len(checked):
        return None
    if not good:
        return t.ListOf((), expected or t.NUMBER, span)
    item = good[0].type
    for term in good[1:]:
        if not comparable(item, term.type):
            scope.report("SR0505", term.span or span, left=plain_type(item), right=plain_type(term.type))
            return None
        item = joined(item, term.type)
    return t.ListOf(tuple(good), item, span)


def _comprehension(expression: Comprehension, scope: Scope) -> Checked:
    operand = check_list(expression.operand, scope)
    if operand is None:
        return None
    span, written = expression.span, expression.variable
    name = written if written not in scope.variables else f"{written}'{len(scope.variables)}"
    kind = part_kind(operand)
    item = item_type(operand)
    if kind is not None:
        bound: t.Variable | t.ItemValue = t.Variable(name, kind)
    else:
        assert item is not None
        bound = t.ItemValue(name, item)
    inner = replace(scope, variables={**scope.variables, written: bound})
    match expression.quantifier:
        case "filter":
            test = check_scalar(expression.body, inner, t.BOOLEAN)
            return t.Filtered(operand, name, test, kind, item, span) if test is not None else None
        case "map":
            condition: t.Term | None = None
            if expression.test is not None:
                condition = check_scalar(expression.test, inner, t.BOOLEAN)
                if condition is None:
                    return None
            body = check_scalar(expression.body, inner.knowing(condition))
            return t.Mapped(operand, name, condition, body, body.type, span) if body is not None else None
        case quantifier:
            body = check_scalar(expression.body, inner, t.BOOLEAN)
            return (
                t.Quantified(quantifier, operand, name, body, body.may_be_nothing, span) if body is not None else None
            )
