"""Does some row of a decision table always decide? Proved by cells, or not claimed.

Conditions made of ``&& || !`` over comparisons of one term with literals split the space of those terms into cells; within
a cell every row is constant, so trying one point of each cell is a proof. Anything else is left unproved (design 5.5).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType
from safetyrules.language import terms as t

if TYPE_CHECKING:
    from safetyrules.language.declare import Declarations

Point = Mapping[t.Term, bool | Fraction | str]
CELL_LIMIT = 20_000


def is_exhaustive(rows: tuple[t.TableRow, ...], declarations: Declarations) -> bool:
    """True when every combination of known operands makes some row true."""
    points = cell_points([row.when for row in rows], declarations)
    if points is None:
        return False
    return all(any(_holds(row.when, point, declarations) for row in rows) for point in points)


def cell_points(conditions: list[t.Term], declarations: Declarations) -> Iterator[Point] | None:
    """A point in every cell that the conditions make; None where their shape allows no proof, or cells are too many."""
    literals: dict[t.Term, set[bool | Fraction | str]] = {}
    for condition in conditions:
        if not _collect(condition, literals, declarations):
            return None
    samples = [sorted(_samples(operand, values), key=repr) for operand, values in literals.items()]
    cells = 1
    for sample in samples:
        cells *= len(sample)
    if cells > CELL_LIMIT:
        return None
    return (dict(zip(literals, values, strict=True)) for values in product(*samples))


def _collect(term: t.Term, literals: dict[t.Term, set[bool | Fraction | str]], declarations: Declarations) -> bool:
    match term:
        case t.Constant():
            return True
        case t.Not(operand):
            return _collect(operand, literals, declarations)
        case t.Junction(_, operands):
            return all(_collect(operand, literals, declarations) for operand in operands)
        case t.Comparison(_, left, right):
            one, two = _value(left, declarations), _value(right, declarations)
            if (one is None) == (two is None):
                return False
            operand, value = (left, two) if one is None else (right, one)
            if value is None or not _is_operand(operand):
                return False
            literals.setdefault(operand, set()).add(value)
            return True
        case t.Among(operand, constants):
            if not _is_operand(operand):
                return False
            literals.setdefault(operand, set()).update(constant.value for constant in constants)
            return True
    if isinstance(term.type, BooleanType) and _is_operand(term):
        literals.setdefault(term, set())
        return True
    return False


def _is_operand(term: t.Term) -> bool:
    return isinstance(term, t.FactValue | t.ConclusionValue | t.Sure | t.FindingCount) and not term.may_be_nothing


def _value(term: t.Term, declarations: Declarations) -> bool | Fraction | str | None:
    if isinstance(term, t.Constant):
        return term.value
    if isinstance(term, t.ParameterValue):
        value = declarations.parameters[term.ruleset, term.name].value
        return value.value if value is not None else None
    return None


def _samples(operand: t.Term, values: set[bool | Fraction | str]) -> set[bool | Fraction | str]:
    type_ = operand.type
    if isinstance(type_, BooleanType):
        return {True, False}
    if isinstance(type_, ChoiceType):
        return set(type_.members)
    if not isinstance(type_, NumberType | DateType):
        return values | {"\0"}
    edges = sorted(v for v in values if isinstance(v, Fraction))
    points = {*edges, edges[0] - 1, edges[-1] + 1}
    points |= {(low + high) / 2 for low, high in zip(edges, edges[1:], strict=False)}
    integer = isinstance(type_, DateType) or type_.integer
    if integer:
        points = {Fraction(p.__floor__()) for p in points} | {Fraction(p.__ceil__()) for p in points}
    if isinstance(type_, NumberType):
        low, high = type_.minimum, type_.maximum
        if isinstance(operand, t.FindingCount):
            low = Fraction(0)
        points |= {bound for bound in (low, high) if bound is not None}
        points = {p for p in points if (low is None or p >= low) and (high is None or p <= high)}
    return set(points)


def _holds(term: t.Term, point: Point, declarations: Declarations) -> bool:
    match term:
        case t.Constant(value):
            return bool(value)
        case t.Not(operand):
            return not _holds(operand, point, declarations)
        case t.Junction(operator, operands):
            quantify = all if operator == "&&" else any
            return quantify(_holds(operand, point, declarations) for operand in operands)
        case t.Among(operand, constants):
            return point[operand] in {constant.value for constant in constants}
        case t.Comparison(operator, left, right):
            one, two = _value(left, declarations), _value(right, declarations)
            return _compare(operator, left, point[left] if one is None else one, point[right] if two is None else two)
    return bool(point[term])


def _compare(operator: str, left: t.Term, one: bool | Fraction | str, two: bool | Fraction | str) -> bool:
    if operator in ("==", "!="):
        return (one == two) == (operator == "==")
    if isinstance(left.type, ChoiceType):
        one, two = Fraction(left.type.members.index(str(one))), Fraction(left.type.members.index(str(two)))
    assert isinstance(one, Fraction)
    assert isinstance(two, Fraction)
    return {"<": one < two, "<=": one <= two, ">": one > two, ">=": one >= two}[operator]
