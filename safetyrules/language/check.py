"""Check pass: expressions as written become terms, with names, types, units and applicability settled.

Entry points: `check_condition`, and `check` for the scopes that carry it down. A problem is added to the scope's list
and the term is None; the caller goes on, so that one run of ``check`` reports everything.
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
from safetyrules.language.hints import PARAMETER, report_mismatch, report_unreachable
from safetyrules.language.references import passed, reference
from safetyrules.language.scope import (
    Checked,
    Scope,
    check_list,
    check_scalar,
    is_list,
    item_type,
    list_words,
    members_may_be_nothing,
    name_of,
    part_kind,
)
from safetyrules.language.types import comparable, joined, plain_type, type_words
from safetyrules.text import Text, same
from safetyrules.units import PURE


def check_condition(condition: Condition, scope: Scope, expected: ScalarType, passing: bool = False) -> t.Term | None:
    """The term of a formula, or of all its readings, checked against the type ``expected``.

    With ``passing`` the value becomes that of a conclusion, so that "no value" may pass through it untested.
    """
    if isinstance(condition, Formula):
        return check_scalar(condition.tree, scope, expected, passing)
    name = condition.chosen_by.text
    scope.parameters_read.add((scope.ruleset, name))
    parameter = scope.parameters.get((scope.ruleset, name))
    if parameter is None and scope.is_broken(f"{scope.ruleset}/", name):
        return None
    if parameter is None:
        known = [p for r, p in scope.parameters if r == scope.ruleset]
        scope.report("SR0518", condition.chosen_by.span, name=name, fix=did_you_mean(name, known))
        return None
    names = [word.text for word, _ in condition.readings]
    if not isinstance(parameter.type, ChoiceType) or set(parameter.type.members) != set(names):
        wanted = Text("取值集合类型的参数", "a parameter that is a choice")
        if isinstance(parameter.type, ChoiceType):
            wanted = same(", ".join(parameter.type.members))
        scope.report(
            "SR0519",
            condition.chosen_by.span,
            name=name,
            found=", ".join(names),
            expected=wanted,
            related=[(parameter.span, PARAMETER)],
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
        scope.report("SR0521", span)
        return None
    if found is None:
        return None
    if is_list(found):
        fix = Text("列表总是有的，可用 size(…) > 0", "a list is always there; ask size(…) > 0")
        scope.report("SR0521", span, found=list_words(found), fix=fix)
        return None
    if not isinstance(found, t.FactValue | t.ConclusionValue | t.LookupValue):
        scope.report("SR0521", span, fix=Text("删去 has()", "drop has()"))
        return None
    if not found.may_be_nothing and not isinstance(found, t.ConclusionValue):
        fix = Text("删去 has()，或给事实加 may_not_apply: true", "drop has(), or give the fact may_not_apply: true")
        scope.report("SR0522", span, severity=Severity.WARNING, name=name_of(found), fix=fix)
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
    if isinstance(right, ListLiteral) and not right.items:
        none_of = check_scalar(left, scope)
        return t.Among(none_of, (), none_of.may_be_nothing, span) if none_of is not None else None
    if isinstance(right, ListLiteral) and right.items and all(isinstance(i, LiteralValue) for i in right.items):
        operand = check_scalar(left, scope)
        if operand is None:
            return None
        constants = [check_scalar(i, scope, _comparable_literal(operand.type)) for i in right.items]
        if any(c is None for c in constants):
            return None
        good = tuple(c for c in constants if isinstance(c, t.Constant))
        for each in good:
            if not comparable(operand.type, each.type):
                report_mismatch(operand, each, each.span or span, scope)
                return None
            report_unreachable("==", operand, each, scope, each.span or span)
        return t.Among(operand, good, operand.may_be_nothing, span)
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
        scope.report("SR0505", span, left=plain_type(operand.type), right=list_words(members))
        return None
    variable = t.ItemValue("·member", item, may_be_nothing=members_may_be_nothing(members, scope))
    nothing = operand.may_be_nothing or variable.may_be_nothing
    equal = t.Comparison("==", variable, operand, nothing, span)
    return t.Quantified("exists", members, variable.variable, equal, nothing, span)


def _comparison(expression: Binary, scope: Scope) -> t.Term | None:
    left, right = _pair(expression.left, expression.right, scope)
    if left is None or right is None:
        return None
    operator = expression.operator
    assert operator in ("==", "!=", "<", "<=", ">", ">=")
    if not comparable(left.type, right.type):
        report_mismatch(left, right, expression.span, scope)
        return None
    ordered = isinstance(left.type, NumberType | DateType) or (isinstance(left.type, ChoiceType) and left.type.scale)
    if operator not in ("==", "!=") and not ordered:
        fix = None
        if isinstance(left.type, ChoiceType):
            fix = Text("用 in [...]，或在 scales: 下按次序声明", "use in [...], or declare it in order under `scales:`")
        scope.report("SR0506", expression.span, operator=operator, type=plain_type(left.type), fix=fix)
        return None
    nothing = left.may_be_nothing or right.may_be_nothing
    report_unreachable(operator, left, right, scope, expression.span)
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
            report_mismatch(left, right, span, scope)
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
        scope.report("SR0526", span, left=plain_type(first.type), right=plain_type(second.type))
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
        return t.ListOf((), expected or t.INTEGER, span)
    item = good[0].type
    for term in good[1:]:
        if not comparable(item, term.type):
            scope.report("SR0526", term.span or span, left=plain_type(item), right=plain_type(term.type))
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
        bound = t.ItemValue(name, item, may_be_nothing=members_may_be_nothing(operand, scope))
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
