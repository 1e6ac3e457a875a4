"""What an expression can see, and the two demands made of one: a single value, or a list.

A `Scope` is handed down as an expression is checked; what an earlier ``has()`` established is added on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeGuard, get_args

from safetyrules.diagnostics import Diagnostic, Span, diagnostic, did_you_mean
from safetyrules.facts.schema import ChoiceType, Kind, NumberType, ScalarType, Schema
from safetyrules.language import terms as t
from safetyrules.language.expression import Expression, LiteralValue
from safetyrules.language.ruleform import LookupTable, Parameter
from safetyrules.language.types import assignable, plain_type, type_words
from safetyrules.text import same

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
    established: frozenset[t.Term] = frozenset()

    def knowing(self, test: t.Term | None, truth: bool = True) -> Scope:
        """The scope where ``test`` came out as ``truth``."""
        return self if test is None else replace(self, established=self.established | established(test, truth))

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
        scope.report("SR0514", expression.span)
        return None
    if expected is not None and not assignable(found.type, expected):
        code = "SR0504" if isinstance(found.type, NumberType) and isinstance(expected, NumberType) else "SR0503"
        scope.report(code, expression.span, found=plain_type(found.type), expected=type_words(expected))
        return None
    return found


def check_list(expression: Expression, scope: Scope, item: ScalarType | None = None) -> t.ListTerm | None:
    """A list of parts or scalars."""
    found = scope.check(expression, scope, item, False)
    if found is None or is_list(found):
        return found
    scope.report("SR0509", expression.span)
    return None


def item_type(operand: t.ListTerm) -> ScalarType | None:
    """The type of the members of a list of scalars; None for a list of parts."""
    return None if isinstance(operand, t.PartsOf) else operand.item


def part_kind(operand: t.ListTerm) -> str | None:
    """The kind of the members of a list of parts; None for a list of scalars."""
    return operand.kind if isinstance(operand, t.PartsOf | t.Filtered) else None


def member(expression: LiteralValue, type_: ChoiceType, scope: Scope) -> t.Constant | None:
    """A text literal as a value of a choice or scale."""
    value = expression.value
    if isinstance(value, str) and value in type_.members:
        return t.Constant(value, type_, expression.span)
    scope.report(
        "SR0507",
        expression.span,
        found=value,
        name=type_.name,
        expected=type_words(type_),
        fix=did_you_mean(str(value), type_.members),
    )
    return None


def applicable(found: t.Term, scope: Scope) -> t.Term | None:
    """``found`` where its having a value is established; else a diagnostic (design 5.3)."""
    if not found.may_be_nothing:
        return found
    if found in scope.established:
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
