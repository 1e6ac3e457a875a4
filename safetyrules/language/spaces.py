"""Conditions as boxes of cells: what the proofs about rows and rules stand on.

Whatever conditions compare with literals (a fact, a conclusion, a sum) is an *operand*. Its values fall into cells that
no condition tells apart, each known by a sample; two more cells stand for "no value" and for what cannot be computed.
A condition built of ``&& || ! ?:`` over such comparisons is true in a union of *boxes*: for each operand a set of
cells. Whatever else a condition asks is an operand of its own that is true or false, whatever the others are. So what
is proved of all cells holds for all facts; that some cell is free need not mean that facts can be in it.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import reduce
from itertools import accumulate, pairwise
from operator import or_, xor
from typing import Literal

from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.language import terms as t
from safetyrules.language.term_trees import walk
from safetyrules.values import NOTHING, Nothing

Value = bool | Fraction | str
#: For each operand of a space the cells that are taken, as bits.
Box = tuple[int, ...]
#: How a condition comes out: true, false, not false, not true. What has no value is neither true nor false.
Truth = Literal["true", "false", "not false", "not true"]
#: Bounds the work of one question; what needs more is left unproved.
MOST_BOXES = 20_000
MOST_STEPS = 2_000_000
#: A text other than all those that conditions name.
OTHER_TEXT = "\0"


class TooMuchError(Exception):
    """The proof would take too long."""


class Undefined:
    """The cell of what cannot be computed: a division by zero, a key without a row. A single object, `UNDEFINED`."""


UNDEFINED = Undefined()
Sample = Value | Nothing | Undefined


@dataclass(frozen=True, slots=True)
class Order:
    """An operand: how two terms stand to each other, ``<``, ``==`` or ``>`` (``!=`` where there is no order)."""

    left: t.Term
    right: t.Term


@dataclass(frozen=True, slots=True)
class Reading:
    """An operand: which reading of a clause holds."""

    ruleset: str
    parameter: str
    names: tuple[str, ...]


Operand = t.Term | Order | Reading


@dataclass
class Axis:
    """One operand and its cells, each known by a sample, in their natural order; "no value" and what cannot be computed
    come last, where they can be."""

    operand: Operand
    samples: list[Sample]
    edges: frozenset[Value] = frozenset()
    nothing: int = 0
    undefined: int = 0

    @property
    def everything(self) -> int:
        return (1 << len(self.samples)) - 1

    @property
    def valued(self) -> int:
        """The cells in which it has a value."""
        return self.everything & ~(self.nothing | self.undefined)

    def chosen(self, mask: int) -> list[Sample]:
        return [sample for number, sample in enumerate(self.samples) if mask >> number & 1]

    def takes(self, mask: int, value: Sample) -> bool:
        """Does a value lie in one of the cells?"""
        if value in self.samples:
            return bool(mask >> self.samples.index(value) & 1)
        if isinstance(value, str):
            return OTHER_TEXT in self.chosen(mask)
        if not isinstance(value, Fraction):
            return False
        below = bisect_left([each for each in self.samples if isinstance(each, Fraction)], value)
        beside = [number for number in (below - 1, below) if 0 <= number < len(self.samples)]
        return any(mask >> number & 1 and self.samples[number] not in self.edges for number in beside)


_SWAPPED: dict[Truth, Truth] = {"true": "false", "false": "true", "not true": "not false", "not false": "not true"}
#: The cells of an `Order` that a comparison takes.
_STANDING: dict[str, tuple[str, ...]] = {
    "<": ("<",), "<=": ("<", "=="), ">": (">",), ">=": (">", "=="), "==": ("==",), "!=": ("<", ">", "!="),
}  # fmt: skip
#: The literal of a parameter, None where it has no value.
ConstantOf = Callable[[t.ParameterValue], t.Constant | None]


class Space:
    """The cells of all operands of some conditions. Raises TooMuchError wherever a question takes too long."""

    def __init__(self, conditions: Iterable[t.Term], constant_of: ConstantOf = lambda _: None) -> None:
        self._constant_of = constant_of
        self._literals: dict[Operand, set[Value]] = {}
        self._nothing: dict[Operand, bool] = {}
        for condition in conditions:
            self._collect(condition)
        axes = [self._axis(operand, literals) for operand, literals in self._literals.items()]
        # The operand with the most cells first: it tells most boxes apart.
        self.axes = sorted(axes, key=lambda axis: -len(axis.samples))
        self._places = {axis.operand: place for place, axis in enumerate(self.axes)}
        self.everything: Box = tuple(axis.everything for axis in self.axes)
        self._known: dict[tuple[int, Truth], tuple[t.Term, list[Box]]] = {}
        self._steps = 0

    # ---- operands ----------------------------------------------------------------------------------------------------

    def _collect(self, term: t.Term) -> None:
        match term:
            case t.Constant():
                return
            case t.Not(operand):
                self._collect(operand)
            case t.Junction(_, operands):
                for operand in operands:
                    self._collect(operand)
            case t.Choose(test, then, otherwise, BooleanType()):
                for each in (test, then, otherwise):
                    self._collect(each)
            case t.UnsettledReadings(readings, _, _, BooleanType()):
                self._literals.setdefault(_reading(term), set())
                for _, reading in readings:
                    self._collect(reading)
            case t.Applicable(operand):
                self._operand(operand)
            case t.Among(operand, constants):
                self._operand(operand, *(constant.value for constant in constants))
            case t.Comparison(_, left, right):
                one, two = self._value(left), self._value(right)
                if one is None and two is None:
                    self._order(left, right)
                elif one is None or two is None:
                    literal = two if one is None else one
                    assert literal is not None
                    self._operand(left if one is None else right, literal)
            case _:
                self._operand(term)

    def _operand(self, term: t.Term, *literals: Value) -> None:
        inner = _unwrapped(term)
        self._literals.setdefault(inner, set()).update(literals)
        # One place may know that there is a value, and another ask whether there is.
        self._nothing[inner] = self._nothing.get(inner, False) or term.may_be_nothing

    def _order(self, left: t.Term, right: t.Term) -> None:
        one, two = _unwrapped(left), _unwrapped(right)
        if Order(two, one) not in self._literals:
            self._literals.setdefault(Order(one, two), set())

    def _value(self, term: t.Term) -> Value | None:
        """The literal that a term is, or is settled to."""
        found = self._constant_of(term) if isinstance(term, t.ParameterValue) else term
        return found.value if isinstance(found, t.Constant) else None

    def _axis(self, operand: Operand, literals: set[Value]) -> Axis:
        match operand:
            case Reading(names=names):
                return Axis(operand, list(names))
            case Order(left, right):
                cells = ["<", "==", ">"] if ordered(left.type) else ["==", "!="]
                nothing = left.may_be_nothing or right.may_be_nothing
                return _with_extra(operand, list(cells), nothing, undefinable(left) or undefinable(right))
        found: list[Sample] = list(_samples(operand, literals))
        return _with_extra(operand, found, self._nothing[operand], undefinable(operand), frozenset(literals))

    # ---- boxes -------------------------------------------------------------------------------------------------------

    def boxes(self, term: t.Term, truth: Truth = "true") -> list[Box]:
        """Where a condition comes out so. Its operands must be those of the conditions that the space was made of."""
        known = self._known.get((id(term), truth))
        if known is None:
            known = self._known[id(term), truth] = term, self._boxes(term, truth)
        return known[1]

    def _boxes(self, term: t.Term, truth: Truth) -> list[Box]:
        match term:
            case t.Constant(value):
                return [self.everything] if bool(value) == (truth in ("true", "not false")) else []
            case t.Not(operand):
                return self.boxes(operand, _SWAPPED[truth])
            case t.Junction(operator, operands):
                parts = [self.boxes(operand, truth) for operand in operands]
                both = (operator == "&&") == (truth in ("true", "not false"))
                return self.meet(*parts) if both else self._few(box for part in parts for box in part)
            case t.Choose(test, then, otherwise, BooleanType()):
                found = self.meet(self.boxes(test), self.boxes(then, truth))
                found += self.meet(self.boxes(test, "false"), self.boxes(otherwise, truth))
                if truth.startswith("not"):
                    found += self.meet(self.boxes(test, "not true"), self.boxes(test, "not false"))
                return self._few(found)
            case t.UnsettledReadings(readings, _, _, BooleanType()):
                place = self._places[_reading(term)]
                met = (
                    self.meet([self._along(place, 1 << number)], self.boxes(reading, truth))
                    for number, (_, reading) in enumerate(readings)
                )
                return self._few(box for boxes in met for box in boxes)
        place, holds, fails = self._cells(term)
        axis = self.axes[place]
        mask = {
            "true": holds,
            "false": fails,
            "not true": axis.everything & ~holds,
            "not false": axis.everything & ~fails,
        }
        return [self._along(place, mask[truth])] if mask[truth] else []

    def _along(self, place: int, mask: int) -> Box:
        return (*self.everything[:place], mask, *self.everything[place + 1 :])

    def _cells(self, term: t.Term) -> tuple[int, int, int]:
        """Of something that is asked of one operand: the operand's place, and the cells where it is true and false."""
        match term:
            case t.Applicable(operand):
                place = self._places[_unwrapped(operand)]
                axis = self.axes[place]
                return place, axis.valued, axis.nothing
            case t.Among(operand, constants):
                place = self._places[_unwrapped(operand)]
                mask = 0
                for constant in constants:
                    mask |= self._mask(self.axes[place], "==", constant.value)
            case t.Comparison(operator, left, right):
                one, two = self._value(left), self._value(right)
                if one is None and two is None:
                    return self._order_cells(operator, left, right)
                if one is not None and two is not None:
                    raise TooMuchError  # a comparison of two literals has no operand
                if one is not None:
                    left, operator, two = right, t.MIRRORED[operator], one  # type: ignore[assignment]
                assert two is not None
                place = self._places[_unwrapped(left)]
                mask = self._mask(self.axes[place], operator, two)
            case _:
                place = self._places[_unwrapped(term)]
                mask = self._mask(self.axes[place], "==", True)
        return place, mask, self.axes[place].valued & ~mask

    def _order_cells(self, operator: str, left: t.Term, right: t.Term) -> tuple[int, int, int]:
        place = self._places.get(Order(_unwrapped(left), _unwrapped(right)))
        if place is None:
            place, operator = self._places[Order(_unwrapped(right), _unwrapped(left))], t.MIRRORED[operator]
        axis = self.axes[place]
        mask = sum(1 << number for number, sample in enumerate(axis.samples) if sample in _STANDING[operator])
        return place, mask, axis.valued & ~mask

    def _mask(self, axis: Axis, operator: str, value: Value) -> int:
        """The cells of an axis that stand so to a value."""
        operand = axis.operand
        assert not isinstance(operand, Order | Reading)
        if isinstance(operand.type, ChoiceType | BooleanType | TextType) or not isinstance(value, Fraction):
            below = axis.samples.index(value)
            upto = below + 1
        else:
            count = axis.valued.bit_length()
            below, upto = bisect_left(axis.samples, value, 0, count), bisect_right(axis.samples, value, 0, count)  # type: ignore[type-var]
        less, less_or_equal, every = (1 << below) - 1, (1 << upto) - 1, axis.valued
        return {
            "<": less,
            "<=": less_or_equal,
            ">": every ^ less_or_equal,
            ">=": every ^ less,
            "==": less_or_equal ^ less,
            "!=": every ^ less_or_equal ^ less,
        }[operator]

    def meet(self, *parts: Sequence[Box]) -> list[Box]:
        """What lies in a box of every part."""
        found: list[Box] = [self.everything]
        for part in sorted(parts, key=len):
            met = (tuple(map(int.__and__, one, two)) for one in found for two in part)
            found = self._few(dict.fromkeys(box for box in met if all(box)))
        return found

    def _few(self, boxes: Iterable[Box]) -> list[Box]:
        found = list(boxes)
        self._count(len(found))
        if len(found) > MOST_BOXES:
            raise TooMuchError
        return found

    def _count(self, steps: int) -> None:
        self._steps += steps
        if self._steps > MOST_STEPS:
            raise TooMuchError

    # ---- what is left free -------------------------------------------------------------------------------------------

    def free(self, within: Iterable[Box], boxes: Sequence[Box]) -> Iterator[Box]:
        """Boxes inside those ``within`` that none of ``boxes`` reaches. They may be many; they come one by one."""
        self._steps = 0
        for box in within:
            reaching = [each for each in boxes if all(map(int.__and__, box, each))]
            yield from self._free(box, reaching, 0)

    def covered(self, within: Iterable[Box], boxes: Sequence[Box]) -> bool:
        """Do the boxes fill those ``within``?"""
        return next(self.free(within, boxes), None) is None

    def _free(self, within: Box, boxes: Sequence[Box], place: int) -> Iterator[Box]:
        """``within``, with what is left of it from ``place`` on, as the boxes leave it free."""
        while boxes:
            if any(all(not w & ~b for w, b in zip(within[place:], box[place:], strict=True)) for box in boxes):
                return
            self._count(len(boxes))
            mask = within[place]
            if not all(box[place] & mask == mask for box in boxes):
                break
            place += 1
        if not boxes:
            yield within
            return
        layers: dict[int, int] = {}
        changes: dict[int, int] = {}
        for number, box in enumerate(boxes):
            for first, end in runs(box[place]):
                changes[first] = changes.get(first, 0) ^ 1 << number
                changes[end] = changes.get(end, 0) ^ 1 << number
        self._count(len(changes))
        uncovered, layer, passed = mask, 0, 0
        for cell in sorted(changes):
            if layer:
                stretch = mask & ((1 << cell) - (1 << passed))
                if stretch:
                    layers[layer] = layers.get(layer, 0) | stretch
                    uncovered &= ~stretch
            layer ^= changes[cell]
            passed = cell
        if uncovered:
            yield (*within[:place], uncovered, *within[place + 1 :])
        for layer, cells in layers.items():
            inner = (*within[:place], cells, *within[place + 1 :])
            yield from self._free(inner, [boxes[number] for number in numbers_in(layer)], place + 1)

    # ---- meaning -----------------------------------------------------------------------------------------------------

    def constraints(self, box: Box) -> list[tuple[Axis, int]]:
        """The operands that a box says something about, with the cells it takes."""
        return [(axis, mask) for axis, mask in zip(self.axes, box, strict=True) if mask != axis.everything]


class Meeting:
    """Which of many boxes meet a given one, found by their cells and not one by one."""

    def __init__(self, space: Space, boxes: Sequence[Box]) -> None:
        self._everything = space.everything
        self.all = (1 << len(boxes)) - 1
        #: By operand and cell, the numbers of the boxes that have it, as bits.
        self._at: list[list[int]] = []
        for place, everything in enumerate(space.everything):
            changes = [0] * (everything.bit_length() + 1)
            for number, box in enumerate(boxes):
                for first, end in runs(box[place]):
                    changes[first] ^= 1 << number
                    changes[end] ^= 1 << number
            self._at.append(list(accumulate(changes[:-1], xor)))

    def of(self, box: Box) -> int:
        """The numbers of the boxes that have a cell in common with this one, as bits."""
        found = self.all
        for place, mask in enumerate(box):
            if mask == self._everything[place]:
                continue
            cells, here = self._at[place], 0
            for first, end in runs(mask):
                here = reduce(or_, cells[first:end], here)
            found &= here
            if not found:
                break
        return found


def runs(mask: int) -> Iterator[tuple[int, int]]:
    """The stretches of bits that are set: the first of each, and the one after its last."""
    start = 0
    while mask:
        skipped = (mask & -mask).bit_length() - 1
        mask >>= skipped
        length = (~mask & (mask + 1)).bit_length() - 1
        yield start + skipped, start + skipped + length
        start += skipped + length
        mask >>= length


def numbers_in(bits: int) -> Iterator[int]:
    """The places of the bits that are set, from the lowest."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


# ---- operands and their cells ---------------------------------------------------------------------------------------


def _unwrapped(term: t.Term) -> t.Term:
    """What is established to have a value is the same operand as without: where it has none, nobody asks."""
    while isinstance(term, t.Sure):
        term = term.term
    return term


def _reading(term: t.UnsettledReadings) -> Reading:
    return Reading(term.ruleset, term.parameter, tuple(name for name, _ in term.readings))


def ordered(type_: ScalarType) -> bool:
    return isinstance(type_, NumberType | DateType) or (isinstance(type_, ChoiceType) and type_.scale)


def undefinable(term: t.Term) -> bool:
    """May it have neither a value nor "no value", though all facts are known?"""
    for each in walk(term):
        match each:
            case t.Arithmetic("/" | "%", _, right) if not (isinstance(right, t.Constant) and right.value != 0):
                return True
            case t.LookupValue() | t.Unassigned() | t.DateFunction("add_days" | "add_months"):
                return True
            case t.TextFunction("substring"):
                return True
    return False


def _with_extra(
    operand: Operand, samples: list[Sample], nothing: bool, undefined: bool, edges: frozenset[Value] = frozenset()
) -> Axis:
    axis = Axis(operand, samples, edges)
    if nothing:
        axis.nothing = 1 << len(samples)
        samples.append(NOTHING)
    if undefined:
        axis.undefined = 1 << len(samples)
        samples.append(UNDEFINED)
    return axis


def _samples(operand: t.Term, literals: set[Value]) -> list[Value]:
    type_ = operand.type
    match type_:
        case BooleanType():
            return [True, False]
        case ChoiceType(members=members):
            return list(members)
        case TextType():
            return [*sorted(str(value) for value in literals), OTHER_TEXT]
    low, high, whole = range_of(operand)
    edges = sorted(value for value in literals if isinstance(value, Fraction))
    if not edges:
        return [next((bound for bound in (low, high) if bound is not None), Fraction(0))]
    points = {*edges, edges[0] - 1, edges[-1] + 1}
    points |= {(one + two) / 2 for one, two in pairwise(edges)}
    if whole:
        points = {Fraction(p.__floor__()) for p in points} | {Fraction(p.__ceil__()) for p in points}
    points |= {bound for bound in (low, high) if bound is not None}
    return sorted(p for p in points if (low is None or p >= low) and (high is None or p <= high))


def range_of(operand: t.Term) -> tuple[Fraction | None, Fraction | None, bool]:
    """The least and greatest number that an operand can be, and whether it is whole."""
    match operand:
        case t.FindingCount() | t.Aggregate("size") | t.TextFunction("size"):
            return Fraction(0), None, True
        case _ if isinstance(operand.type, NumberType):
            return operand.type.minimum, operand.type.maximum, operand.type.integer
    return None, None, True
