"""Check pass: expressions as written become terms, with names, types, units and applicability settled.

One entry point, `check_condition`. A problem is added to the scope's list and the term is None; the caller goes on, so
that one run of ``check`` reports everything.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from fractions import Fraction

from safetyrules.diagnostics import Diagnostic, Severity, Span, diagnostic, did_you_mean
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Kind,
    NumberType,
    PartsType,
    ScalarType,
    Schema,
    TextType,
    ValuesType,
)
from safetyrules.language import terms as t
from safetyrules.language.declare import type_words
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
from safetyrules.language.ruleform import LookupTable, Parameter
from safetyrules.text import Text, same
from safetyrules.units import PURE

#: (kind, conclusion) -> its type and whether it may have no value; None when there is no such conclusion.
ConclusionLookup = Callable[[str, str], "tuple[ScalarType, bool] | None"]


@dataclass(frozen=True)
class Scope:
    """What an expression can see. ``established`` holds the terms that an earlier ``has()`` proved to have a value."""

    schema: Schema
    kind: Kind
    ruleset: str
    conclusion: ConclusionLookup
    conclusion_names: Mapping[str, Sequence[str]]
    parameters: Mapping[tuple[str, str], Parameter]
    tables: Mapping[str, LookupTable]
    problems: list[Diagnostic]
    variables: Mapping[str, t.Variable | t.ItemValue]
    established: frozenset[t.Term] = frozenset()

    def knowing(self, test: t.Term | None, truth: bool = True) -> Scope:
        """The scope where ``test`` came out as ``truth``."""
        return self if test is None else replace(self, established=self.established | established(test, truth))

    def report(self, code: str, span: Span | None, **values: object) -> None:
        self.problems.append(diagnostic(code, span, **values))  # type: ignore[arg-type]


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
        scope.report("SR0519", condition.chosen_by.span, name=name, found=", ".join(names), expected=same(", ".join(members)))
        return None
    readings = [(word.text, check_scalar(formula.tree, scope, expected, passing)) for word, formula in condition.readings]
    good = [(name, term) for name, term in readings if term is not None]
    if len(good) != len(readings):
        return None
    return t.UnsettledReadings(
        tuple(good), scope.ruleset, name, expected, any(term.may_be_nothing for _, term in good), condition.span
    )


def check_scalar(
    expression: Expression, scope: Scope, expected: ScalarType | None = None, passing: bool = False
) -> t.Term | None:
    """A term with one value, of type ``expected`` where that is given; see `check_condition` for ``passing``."""
    if isinstance(expected, ChoiceType) and isinstance(expression, LiteralValue) and isinstance(expression.value, str):
        return member(expression, expected, scope)
    found = _check(expression, scope, expected, passing)
    if found is None:
        return None
    if not isinstance(found, _SCALARS):
        scope.report("SR0514", expression.span)
        return None
    if expected is not None and not assignable(found.type, expected):
        code = "SR0504" if isinstance(found.type, NumberType) and isinstance(expected, NumberType) else "SR0503"
        scope.report(code, expression.span, found=plain_type(found.type), expected=type_words(expected))
        return None
    return found


def check_list(expression: Expression, scope: Scope, item: ScalarType | None = None) -> t.ListTerm | None:
    """A list of parts or scalars."""
    found = _check(expression, scope, item)
    if found is not None and not isinstance(found, _LISTS):
        scope.report("SR0509", expression.span)
        return None
    return found


def item_type(operand: t.ListTerm) -> ScalarType | None:
    """The type of the members of a list of scalars; None for a list of parts."""
    return None if isinstance(operand, t.PartsOf) else operand.item


def part_kind(operand: t.ListTerm) -> str | None:
    """The kind of the members of a list of parts; None for a list of scalars."""
    return operand.kind if isinstance(operand, t.PartsOf | t.Filtered) else None


def _check(
    expression: Expression, scope: Scope, expected: ScalarType | None, passing: bool = False
) -> t.Term | t.ListTerm | None:
    match expression:
        case LiteralValue(span, value):
            return literal(value, span)
        case Name() | Select():
            return _passed(_reference(expression, scope, guarded=not passing), scope)
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
            return _passed(check_call(expression, scope, expected, guarded=not passing), scope)
    raise AssertionError(f"no check for {expression!r}")


# ---- literals and names ---------------------------------------------------------------------------------------------


def literal(value: bool | Fraction | str, span: Span | None) -> t.Constant:
    if isinstance(value, bool):
        return t.Constant(value, t.BOOLEAN, span)
    if isinstance(value, Fraction):
        return t.Constant(value, NumberType(integer=value.denominator == 1), span)
    return t.Constant(value, t.TEXT, span)


def member(expression: LiteralValue, type_: ChoiceType, scope: Scope) -> t.Constant | None:
    """A text literal as a value of a choice or scale."""
    value = expression.value
    if isinstance(value, str) and value in type_.members:
        return t.Constant(value, type_, expression.span)
    scope.report(
        "SR0507", expression.span, found=value, name=type_.name, expected=type_words(type_),
        fix=did_you_mean(str(value), type_.members),
    )
    return None


def _dotted(expression: Expression) -> list[tuple[str, Span]] | None:
    parts: list[tuple[str, Span]] = []
    while isinstance(expression, Select):
        parts.append((expression.field, expression.field_span))
        expression = expression.operand
    if not isinstance(expression, Name):
        return None
    parts.append((expression.name, expression.span))
    return parts[::-1]


def _reference(expression: Name | Select, scope: Scope, guarded: bool) -> t.Term | t.ListTerm | None:
    parts = _dotted(expression)
    if parts is None:
        scope.report("SR0515", expression.span)
        return None
    words = [word for word, _ in parts]
    span = expression.span
    variable = scope.variables.get(words[0])
    if isinstance(variable, t.ItemValue):
        if len(words) > 1:
            scope.report("SR0515", span)
            return None
        return replace(variable, span=span)
    if variable is not None:
        if len(words) == 1:
            scope.report("SR0514", span)
            return None
        found = _attribute(variable, scope.schema.kinds[variable.kind], ".".join(words[1:]), span, scope)
        if found is not None:
            return _settled(found, scope, guarded)
        return _unknown(parts[1:], scope.schema.kinds[variable.kind], scope)
    found = _attribute(t.Up(0, scope.kind.name), scope.kind, ".".join(words), span, scope)
    if found is not None:
        return _settled(found, scope, guarded)
    if len(words) == 1 and (parameter := scope.parameters.get((scope.ruleset, words[0]))) is not None:
        if parameter.value is None:
            scope.report("SR0520", span, name=words[0])
            return None
        return t.ParameterValue(scope.ruleset, words[0], parameter.type, span)
    if words == ["as_of"]:
        return t.AsOf(span)
    for levels, kind in enumerate(scope.schema.chain(scope.kind.name)):
        if kind.word == words[0] and len(words) > 1:
            found = _attribute(t.Up(levels, kind.name), kind, ".".join(words[1:]), span, scope)
            return _settled(found, scope, guarded) if found is not None else _unknown(parts[1:], kind, scope)
    return _unknown(parts, scope.kind, scope)


def _attribute(
    entity: t.EntityTerm, kind: Kind, name: str, span: Span, scope: Scope
) -> t.Term | t.ListTerm | None:
    fact = kind.facts.get(name)
    if fact is not None:
        if isinstance(fact.type, PartsType):
            return t.PartsOf(entity, name, fact.type.kind, span)
        if isinstance(fact.type, ValuesType):
            return t.ValuesOf(entity, name, fact.type.item, span)
        return t.FactValue(entity, name, fact.type, fact.may_not_apply, span)
    conclusion = scope.conclusion(kind.name, name)
    if conclusion is not None:
        return t.ConclusionValue(entity, name, conclusion[0], conclusion[1], span)
    return None


def _settled(found: t.Term | t.ListTerm | None, scope: Scope, guarded: bool) -> t.Term | t.ListTerm | None:
    return applicable(found, scope) if guarded and isinstance(found, _SCALARS) else found


def applicable(found: t.Term, scope: Scope) -> t.Term | None:
    """``found`` where its having a value is established; else a diagnostic (design 5.3)."""
    if not found.may_be_nothing:
        return found
    if found in scope.established:
        return t.Sure(found, found.span)
    scope.report("SR0508", found.span, name=_name_of(found), fix=same(f"has({_name_of(found)}) && …"))
    return None


def _passed(found: t.Term | t.ListTerm | None, scope: Scope) -> t.Term | t.ListTerm | None:
    """What was read unguarded but is established all the same has a value."""
    return t.Sure(found, found.span) if isinstance(found, _SCALARS) and found in scope.established else found


def _name_of(found: t.Term) -> str:
    match found:
        case t.FactValue(entity, name) | t.ConclusionValue(entity, name):
            return f"{entity.name}.{name}" if isinstance(entity, t.Variable) else name
        case t.LookupValue(table, _, column):
            return f'lookup("{table}", …, "{column}")'
    return "…"


def _unknown(parts: Sequence[tuple[str, Span]], kind: Kind, scope: Scope) -> None:
    name = ".".join(word for word, _ in parts)
    first, last = parts[0][1], parts[-1][1]
    span = Span(first.source, first.line, first.column, last.end_line, last.end_column)
    known: list[str] = [*kind.facts, *scope.conclusion_names.get(kind.name, ()), *scope.variables]
    known += [p for ruleset, p in scope.parameters if ruleset == scope.ruleset]
    known += [f"{k.word}.{fact}" for k in scope.schema.chain(kind.name)[1:] for fact in k.facts]
    fix = did_you_mean(name, known)
    if fix is None and (section := kind.sections.get(name)) is not None:
        fix = Text(f"“{name}”是分区，请写其中的事实", f"'{name}' is a section ({section.title.en}); name a fact inside it")
    scope.report("SR0502", span, name=name, kind=kind.name, found=name, fix=fix)


# ---- operators ------------------------------------------------------------------------------------------------------


def _has(span: Span, operand: Expression, scope: Scope) -> t.Term | None:
    if isinstance(operand, Name | Select):
        found = _reference(operand, scope, guarded=False)
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
        scope.report("SR0522", span, severity=Severity.WARNING, name=_name_of(found))
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
    operand = check_scalar(left, scope, _comparable_literal(item) if item is not None else None) if written_text else first
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
            "SR0504" if units else "SR0505", expression.span, left=plain_type(left.type), right=plain_type(right.type),
            found=plain_type(right.type), expected=type_words(left.type),
        )
        return None
    ordered = isinstance(left.type, NumberType | DateType) or (isinstance(left.type, ChoiceType) and left.type.scale)
    if operator not in ("==", "!=") and not ordered:
        scope.report("SR0506", expression.span, operator=operator, found=plain_type(left.type))
        return None
    nothing = left.may_be_nothing or right.may_be_nothing
    return t.Comparison(operator, left, right, nothing, expression.span)  # type: ignore[arg-type]


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
    return first, check_scalar(right, scope, _comparable_literal(first.type) if isinstance(right, LiteralValue) else None)


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


def _comprehension(expression: Comprehension, scope: Scope) -> t.Term | t.ListTerm | None:
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
            return t.Quantified(quantifier, operand, name, body, body.may_be_nothing, span) if body is not None else None


# ---- types ----------------------------------------------------------------------------------------------------------


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


def established(term: t.Term, truth: bool) -> frozenset[t.Term]:
    """The terms that certainly have a value where ``term`` came out as ``truth``."""
    match term:
        case t.Applicable(operand):
            return frozenset({operand}) if truth else frozenset()
        case t.Not(operand):
            return established(operand, not truth)
        case t.Junction(operator, operands):
            sets = [established(operand, truth) for operand in operands]
            if (operator == "&&") == truth:
                return frozenset().union(*sets)
            return frozenset.intersection(*sets)
    return frozenset()


_SCALARS = tuple(c for c in t._TERM_CLASSES if c not in (t.Up, t.Variable) and c.__name__ not in (
    "PartsOf", "ValuesOf", "ListOf", "Filtered", "Mapped", "SectorGrades"))  # fmt: skip
_LISTS = (t.PartsOf, t.ValuesOf, t.ListOf, t.Filtered, t.Mapped, t.SectorGrades)
