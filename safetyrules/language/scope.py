"""What an expression can see, and the two demands made of one: a single value, or a list.

A `Scope` is handed down as an expression is checked; what an earlier ``has()`` established is added on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TypeGuard, get_args

from safetyrules.diagnostics import Diagnostic, Span, diagnostic, did_you_mean
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Kind,
    NumberType,
    ScalarType,
    Schema,
    TextType,
)
from safetyrules.language import terms as t
from safetyrules.language.expression import Expression, LiteralValue
from safetyrules.language.ruleform import LookupTable, Parameter
from safetyrules.language.types import assignable, comparable, plain_type, type_words
from safetyrules.text import Text, same

#: Terms of one value, and lists.
SCALARS = get_args(t.Term)
LISTS = get_args(t.ListTerm)
Checked = t.Term | t.ListTerm | None
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
    #: Checks an expression of any shape: expression, scope, expected type, whether "no value" may pass through.
    check: Callable[[Expression, Scope, ScalarType | None, bool], Checked]
    #: What was declared but refused, by kind (``*``: any): a name among these is not to blame for being unknown.
    broken: Collection[tuple[str, str]] = ()
    #: The parameters that some expression reads.
    parameters_read: set[tuple[str, str]] = field(default_factory=set)
    established: frozenset[t.Term] = frozenset()
    #: An earlier test did not check, so what it establishes is not known; a missing ``has()`` is then not reported.
    doubtful: bool = False

    def knowing(self, test: t.Term | None, truth: bool = True) -> Scope:
        """The scope where ``test`` came out as ``truth``; None is a test that did not check."""
        if test is None:
            return self if self.doubtful else replace(self, doubtful=True)
        known = established(test, truth)
        return self if known <= self.established else replace(self, established=self.established | known)

    def is_broken(self, kind: str, name: str) -> bool:
        """Was ``name``, or something it begins with, declared but refused?"""
        words = name.split(".")
        starts = [".".join(words[:length]) for length in range(1, len(words) + 1)]
        return any((each, start) in self.broken for each in (kind, "*") for start in starts)

    def report(self, code: str, span: Span | None, **values: object) -> None:
        self.problems.append(diagnostic(code, span, **values))  # type: ignore[arg-type]


def is_scalar(found: Checked) -> TypeGuard[t.Term]:
    return isinstance(found, SCALARS)


def is_list(found: Checked) -> TypeGuard[t.ListTerm]:
    return isinstance(found, LISTS)


def check_scalar(
    expression: Expression, scope: Scope, expected: ScalarType | None = None, passing: bool = False
) -> t.Term | None:
    """A term with one value, of type ``expected`` where that is given; see `check_condition` for ``passing``."""
    if isinstance(expected, ChoiceType) and isinstance(expression, LiteralValue) and isinstance(expression.value, str):
        return member(expression, expected, scope)
    found = scope.check(expression, scope, expected, passing)
    if found is None:
        return None
    if not is_scalar(found):
        assert is_list(found)
        fix = Text("用 exists、all、size 等得出单个值", "make one value of it with exists, all, size or the like")
        scope.report("SR0514", expression.span, found=list_words(found), fix=fix)
        return None
    if expected is not None and not assignable(found.type, expected):
        numbers = isinstance(found.type, NumberType) and isinstance(expected, NumberType)
        code = "SR0504" if numbers and not comparable(found.type, expected) else "SR0503"
        scope.report(
            code,
            expression.span,
            found=plain_type(found.type),
            expected=type_words(expected),
            fix=_fitting(found.type, expected),
        )
        return None
    return found


def _fitting(found: ScalarType, expected: ScalarType) -> Text | None:
    """A way from a term of one type to one of another."""
    if isinstance(found, NumberType) and isinstance(expected, NumberType):
        if comparable(found, expected):
            return Text("用 round(…) 取整", "make it whole with round(…)")
        return None
    if isinstance(found, TextType) and isinstance(expected, DateType):
        return Text('日期写作 date("2024-01-31")', 'write dates as date("2024-01-31")')
    if isinstance(expected, BooleanType) and not isinstance(found, BooleanType):
        return Text("写成比较，例如 … >= 1", "make it a comparison, such as … >= 1")
    return None


def check_list(expression: Expression, scope: Scope, item: ScalarType | None = None) -> t.ListTerm | None:
    """A list of parts or scalars."""
    found = scope.check(expression, scope, item, False)
    if found is None or is_list(found):
        return found
    assert is_scalar(found)
    scope.report("SR0509", expression.span, found=plain_type(found.type))
    return None


def item_type(operand: t.ListTerm) -> ScalarType | None:
    """The type of the members of a list of scalars; None for a list of parts."""
    return None if isinstance(operand, t.PartsOf) else operand.item


def list_words(operand: t.ListTerm) -> str:
    """A list in the words of the language, for ``found``."""
    item = item_type(operand)
    return f"list of {plain_type(item) if item is not None else part_kind(operand)}"


def part_kind(operand: t.ListTerm) -> str | None:
    """The kind of the members of a list of parts; None for a list of scalars."""
    return operand.kind if isinstance(operand, t.PartsOf | t.Filtered) else None


def members_may_be_nothing(operand: t.ListTerm, scope: Scope) -> bool:
    """May a member of a list of scalars have no value?"""
    match operand:
        case t.ListOf(items):
            return any(item.may_be_nothing for item in items)
        case t.Mapped(body=body):
            return body.may_be_nothing
        case t.Filtered(inner):
            return members_may_be_nothing(inner, scope)
        case t.SectorGrades():
            roots = [kind.name for kind in scope.schema.kinds.values() if kind.root]
            grades = [sector.grade for sector in scope.schema.sectors.values() if sector.grade is not None]
            found = [scope.conclusion(root, grade) for root in roots for grade in grades]
            return any(each is not None and each[1] for each in found)
    return False


def member(expression: LiteralValue, type_: ChoiceType, scope: Scope) -> t.Constant | None:
    """A text literal as a value of a choice or scale."""
    value = expression.value
    if isinstance(value, str) and value in type_.members:
        return t.Constant(value, type_, expression.span)
    scope.report(
        "SR0507",
        expression.span,
        value=value,
        name=type_.name,
        expected=type_words(type_),
        fix=did_you_mean(str(value), type_.members),
    )
    return None


def applicable(found: t.Term, scope: Scope) -> t.Term | None:
    """``found`` where its having a value is established; else a diagnostic (design 5.3)."""
    if not found.may_be_nothing:
        return found
    if scope.doubtful or found in scope.established:
        return t.Sure(found, found.span)
    scope.report("SR0508", found.span, name=name_of(found), fix=same(f"has({name_of(found)}) && …"))
    return None


def name_of(found: t.Term) -> str:
    match found:
        case t.FactValue(entity, name) | t.ConclusionValue(entity, name):
            return f"{entity.name}.{name}" if isinstance(entity, t.Variable) else name
        case t.LookupValue(table, _, column):
            return f'lookup("{table}", …, "{column}")'
    return "…"


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
