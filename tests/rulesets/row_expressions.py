"""Evaluates the boolean expressions of decision rows: a small part of Python's syntax, and nothing that could run."""

from __future__ import annotations

import ast
import operator
from collections.abc import Callable, Mapping
from typing import Any

_COMPARE: dict[type[ast.cmpop], Callable[[Any, Any], bool]] = {
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.In: lambda one, several: one in several,
}


def value_of(expression: str, names: Mapping[str, Any]) -> Any:
    """The value of ``expression`` over ``names``. KeyError names a word that is not among them; ValueError says what
    the expression holds beyond and, or, not, comparisons, lists, literals and ``a if b else c``."""
    return _value(ast.parse(expression, mode="eval").body, names)


def _value(node: ast.expr, names: Mapping[str, Any]) -> Any:
    match node:
        case ast.Constant(value=bool() | int() | float() | str() as value):
            return value
        case ast.Name(id=name):
            return names[name]
        case ast.List(elts=items):
            return [_value(item, names) for item in items]
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            return not _value(operand, names)
        case ast.BoolOp(op=op, values=values):
            found = [
                _value(each, names) for each in values
            ]  # all of them, so that no unknown word hides behind the first
            return all(found) if isinstance(op, ast.And) else any(found)
        case ast.Compare(left=left, ops=[comparison], comparators=[right]) if type(comparison) in _COMPARE:
            return _COMPARE[type(comparison)](_value(left, names), _value(right, names))
        case ast.IfExp(test=test, body=body, orelse=otherwise):
            return _value(body if _value(test, names) else otherwise, names)
    raise ValueError(f"not part of a row's expression: {ast.unparse(node)}")
