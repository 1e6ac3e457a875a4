"""Does some row of a decision table always decide? Proved by cells, or not claimed.

Conditions made of ``&& || !`` over comparisons of one term with literals split the space of those terms into cells,
within which every row is constant. Each row fills some boxes of cells; the proof is that together they fill the space.
Anything else is left unproved (design 5.5).
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Set
from fractions import Fraction
from itertools import pairwise, product
from typing import TYPE_CHECKING, Any

from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType
from safetyrules.language import terms as t

if TYPE_CHECKING:
    from safetyrules.language.declare import Declarations

Value = bool | Fraction | str
#: A stretch of cells: for each operand the samples that it covers, as bits.
Box = tuple[int, ...]
#: Bounds the work of one proof; a table that needs more is left unproved.
MOST_BOXES = 20_000
MOST_STEPS = 2_000_000


def is_exhaustive(rows: tuple[t.TableRow, ...], declarations: Declarations, settable: Set[str] = frozenset()) -> bool:
    """True when every combination of known operands makes some row true.

    ``settable`` names the parameters (``ruleset/parameter``) that have another value in some place: nothing is proved
    of a table that reads one.
    """
    read = (node for row in rows for node in t.walk(row.when) if isinstance(node, t.ParameterValue))
    if any(f"{node.ruleset}/{node.name}" in settable for node in read):
        return False
    conditions = [row.when for row in rows]
    literals: dict[t.Term, set[Value]] = {}
    if not all(_collect(condition, literals, declarations) for condition in conditions):
        return False
    space = _Space(
        {operand: sorted(_samples(operand, values), key=_rank) for operand, values in literals.items()}, declarations
    )
    try:
        boxes = [box for condition in conditions for box in space.boxes(condition)]
        return space.covered(dict.fromkeys(boxes))
    except _TooMuchError:
        return False


class _TooMuchError(Exception):
    """The proof would take too long."""


class _Space:
    """The cells that some operands make: all combinations of their samples, in natural order."""

    def __init__(self, samples: dict[t.Term, list[Value]], declarations: Declarations) -> None:
        self.declarations = declarations
        # The operand with the most samples first: it tells most boxes apart.
        self.operands = sorted(samples, key=lambda operand: -len(samples[operand]))
        self.samples = [_ordered(operand, samples[operand]) for operand in self.operands]
        self.places = {operand: place for place, operand in enumerate(self.operands)}
        self.everything: Box = tuple((1 << len(each)) - 1 for each in self.samples)
        self.steps = 0

    def boxes(self, term: t.Term, truth: bool = True) -> list[Box]:
        """The cells where a condition comes out as ``truth``."""
        match term:
            case t.Constant(value):
                return [self.everything] if bool(value) == truth else []
            case t.Not(operand):
                return self.boxes(operand, not truth)
            case t.Junction(operator, operands):
                parts = [self.boxes(operand, truth) for operand in operands]
                if (operator == "&&") != truth:
                    return self._few([box for part in parts for box in part])
                found = [self.everything]
                for part in parts:
                    met = (tuple(a & b for a, b in zip(one, two, strict=True)) for one, two in product(found, part))
                    found = self._few(dict.fromkeys(box for box in met if all(box)))
                return found
            case t.Among(operand, constants):
                mask = 0
                for constant in constants:
                    mask |= self._mask(operand, "==", constant.value)
            case t.Comparison(operator, left, right):
                one, two = _value(left, self.declarations), _value(right, self.declarations)
                if two is not None:
                    operand, mask = left, self._mask(left, operator, two)
                else:
                    assert one is not None
                    operand, mask = right, self._mask(right, _MIRRORED[operator], one)
            case _:
                operand, mask = term, self._mask(term, "==", True)
        place = self.places[operand]
        whole = self.everything[place]
        covered = mask if truth else whole & ~mask
        return [(*self.everything[:place], covered, *self.everything[place + 1 :])] if covered else []

    def _few(self, boxes: Iterable[Box]) -> list[Box]:
        found = list(boxes)
        self.steps += len(found)
        if len(found) > MOST_BOXES or self.steps > MOST_STEPS:
            raise _TooMuchError
        return found

    def _mask(self, operand: t.Term, operator: str, value: Value) -> int:
        """The samples of ``operand`` that stand so to ``value``, as bits."""
        samples = self.samples[self.places[operand]]
        if isinstance(operand.type, ChoiceType | BooleanType) or not isinstance(value, Fraction):
            below = samples.index(value)
            upto = below + 1
        else:
            below, upto = bisect_left(samples, value), bisect_right(samples, value)
        less, less_or_equal, every = (1 << below) - 1, (1 << upto) - 1, (1 << len(samples)) - 1
        return {
            "<": less,
            "<=": less_or_equal,
            ">": every ^ less_or_equal,
            ">=": every ^ less,
            "==": less_or_equal ^ less,
            "!=": every ^ less_or_equal ^ less,
        }[operator]

    def covered(self, boxes: Iterable[Box], place: int = 0) -> bool:
        """Do the boxes fill all cells of the operands from ``place`` on?"""
        found = list(boxes)
        if any(box[place:] == self.everything[place:] for box in found):
            return True
        if not found or place == len(self.samples):
            return False
        above: list[list[int]] = [[] for _ in self.samples[place]]
        for number, box in enumerate(found):
            rest = box[place]
            while rest:
                lowest = rest & -rest
                above[lowest.bit_length() - 1].append(number)
                rest ^= lowest
                self.steps += 1
            if self.steps > MOST_STEPS:
                raise _TooMuchError
        layers = dict.fromkeys(map(tuple, above))
        return all(self.covered([found[number] for number in layer], place + 1) for layer in layers)


def _rank(value: Value) -> tuple[Fraction, str]:
    return (Fraction(0), value) if isinstance(value, str) else (Fraction(value), "")


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "==", "!=": "!="}


def _ordered(operand: t.Term, samples: list[Value]) -> list[Any]:
    """Samples in the order in which comparisons put them."""
    return list(operand.type.members) if isinstance(operand.type, ChoiceType) else samples


def _collect(term: t.Term, literals: dict[t.Term, set[Value]], declarations: Declarations) -> bool:
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


def _value(term: t.Term, declarations: Declarations) -> Value | None:
    if isinstance(term, t.Constant):
        return term.value
    if isinstance(term, t.ParameterValue):
        value = declarations.parameters[term.ruleset, term.name].value
        return value.value if value is not None else None
    return None


def _samples(operand: t.Term, values: set[Value]) -> set[Value]:
    type_ = operand.type
    if isinstance(type_, BooleanType):
        return {True, False}
    if isinstance(type_, ChoiceType):
        return set(type_.members)
    if not isinstance(type_, NumberType | DateType):
        return values | {"\0"}
    edges = sorted(v for v in values if isinstance(v, Fraction))
    points = {*edges, edges[0] - 1, edges[-1] + 1}
    points |= {(low + high) / 2 for low, high in pairwise(edges)}
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
