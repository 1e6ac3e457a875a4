"""The syntax tree of an expression, as written: our subset of CEL (https://github.com/google/cel-spec).

Produced by `safetyrules.language.cel.parse_expression`, read by the check pass. Nothing here knows names or types.
"""

from __future__ import annotations

from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from safetyrules.diagnostics import Span

UnaryOperator = Literal["!", "-"]
BinaryOperator = Literal["&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in"]
Quantifier = Literal["exists", "all", "exists_one", "filter", "map"]


@dataclass(frozen=True, slots=True)
class LiteralValue:
    """``true``, ``3.5``, ``"dry"``. Numbers are exact: the decimal as written."""

    span: Span
    value: bool | Fraction | str


@dataclass(frozen=True, slots=True)
class Name:
    span: Span
    name: str


@dataclass(frozen=True, slots=True)
class Select:
    """``operand.field``; ``field_span`` is the field name alone."""

    span: Span
    operand: Expression
    field: str
    field_span: Span


@dataclass(frozen=True, slots=True)
class Has:
    """``has(operand)``: is the named fact or conclusion applicable?"""

    span: Span
    operand: Expression


@dataclass(frozen=True, slots=True)
class Unary:
    span: Span
    operator: UnaryOperator
    operand: Expression


@dataclass(frozen=True, slots=True)
class Binary:
    span: Span
    operator: BinaryOperator
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Conditional:
    """``test ? then : otherwise``."""

    span: Span
    test: Expression
    then: Expression
    otherwise: Expression


@dataclass(frozen=True, slots=True)
class ListLiteral:
    span: Span
    items: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Comprehension:
    """``operand.exists(variable, body)`` and its kin; ``map`` with three arguments has ``test`` as its filter."""

    span: Span
    quantifier: Quantifier
    operand: Expression
    variable: str
    body: Expression
    test: Expression | None = None


@dataclass(frozen=True, slots=True)
class Call:
    """``function(arguments)``, or ``receiver.function(arguments)`` when ``receiver`` is given."""

    span: Span
    function: str
    arguments: tuple[Expression, ...]
    function_span: Span
    receiver: Expression | None = None


Expression = LiteralValue | Name | Select | Has | Unary | Binary | Conditional | ListLiteral | Comprehension | Call
