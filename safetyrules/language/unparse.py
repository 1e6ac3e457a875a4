"""From a syntax tree back to the text of an expression, with no more brackets than its meaning needs."""

from __future__ import annotations

import re
from fractions import Fraction
from typing import Final

from safetyrules.language.cel import COMPARISON, PRECEDENCE
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

_ANY: Final = 0
_OPERATION: Final = 1
_UNARY: Final = max(PRECEDENCE.values()) + 1
_MEMBER: Final = _UNARY + 1

_PLAIN: Final = 24
"""Up to so many digits a number is written out."""


def unparse(expression: Expression) -> str:
    """The text of ``expression``; parsing it gives the same tree again, places aside."""
    return _written(expression, _ANY)


def _written(node: Expression, level: int) -> str:
    """``node`` where nothing that binds less than ``level`` may stand bare."""
    words, binding = _bare(node)
    return words if binding >= level else f"({words})"


def _bare(node: Expression) -> tuple[str, int]:
    """``node`` without brackets around it, and how strongly it binds."""
    match node:
        case LiteralValue(value=value):
            return _literal(value)
        case Name(name=name):
            return name, _MEMBER
        case Select(operand=operand, field=field):
            return f"{_written(operand, _MEMBER)}.{field}", _MEMBER
        case Has(operand=operand):
            return f"has({unparse(operand)})", _MEMBER
        case Unary(operator=operator, operand=operand):
            repeated = isinstance(operand, Unary) and operand.operator == operator
            return operator + _written(operand, _UNARY if repeated else _MEMBER), _UNARY
        case Binary(operator=operator, left=left, right=right):
            level = PRECEDENCE[operator]
            leftmost = level + 1 if level == COMPARISON else level
            return f"{_written(left, leftmost)} {operator} {_written(right, level + 1)}", level
        case Conditional(test=test, then=then, otherwise=otherwise):
            return f"{_written(test, _OPERATION)} ? {_written(then, _OPERATION)} : {unparse(otherwise)}", _ANY
        case ListLiteral(items=items):
            return f"[{', '.join(map(unparse, items))}]", _MEMBER
        case Comprehension(quantifier=quantifier, operand=operand, variable=variable, test=test, body=body):
            parts = (body,) if test is None else (test, body)
            arguments = ", ".join((variable, *map(unparse, parts)))
            return f"{_written(operand, _MEMBER)}.{quantifier}({arguments})", _MEMBER
        case Call(function=function, arguments=arguments_, receiver=receiver):
            called = f"{function}({', '.join(map(unparse, arguments_))})"
            return (called if receiver is None else f"{_written(receiver, _MEMBER)}.{called}"), _MEMBER


def _literal(value: bool | Fraction | str) -> tuple[str, int]:
    if isinstance(value, bool):
        return ("true" if value else "false"), _MEMBER
    if isinstance(value, str):
        return _quoted(value), _MEMBER
    if value < 0:
        words, binding = _literal(-value)
        return "-" + (words if binding == _MEMBER else f"({words})"), _UNARY
    twos, fives = _multiplicity(value.denominator, 2), _multiplicity(value.denominator, 5)
    if value.denominator != 2**twos * 5**fives:
        return f"{value.numerator} / {value.denominator}", PRECEDENCE["/"]
    return _decimal(value, max(twos, fives)), _MEMBER


def _decimal(value: Fraction, places: int) -> str:
    """A decimal with so many places, as an author would write it: with an exponent only where it is very long."""
    digits = str(value.numerator * 10**places // value.denominator)
    if max(places, len(digits)) > _PLAIN:
        significant = digits.rstrip("0")
        fraction = f".{significant[1:]}" if len(significant) > 1 else ""
        return f"{significant[0]}{fraction}e{len(digits) - 1 - places}"
    if places == 0:
        return digits
    digits = digits.rjust(places + 1, "0")
    return f"{digits[:-places]}.{digits[-places:]}"


def _multiplicity(number: int, factor: int) -> int:
    times = 0
    while number % factor == 0:
        number //= factor
        times += 1
    return times


_ESCAPED: Final = {"\\": r"\\", '"': r"\"", "\n": r"\n", "\r": r"\r", "\t": r"\t"}
_TO_ESCAPE = re.compile(r'[\\"]|[^\x20-\x7e]')


def _quoted(text: str) -> str:
    """A literal in double quotes; what does not print as itself is escaped."""

    def escape(match: re.Match[str]) -> str:
        character = match.group()
        if character in _ESCAPED:
            return _ESCAPED[character]
        if character.isprintable():
            return character
        code = ord(character)
        return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"

    return f'"{_TO_ESCAPE.sub(escape, text)}"'
