"""Boxes of cells, held against trying every cell."""

from __future__ import annotations

from fractions import Fraction
from itertools import pairwise, product

from hypothesis import given
from hypothesis import strategies as st

from safetyrules.facts.schema import NumberType
from safetyrules.language import terms as t
from safetyrules.language.spaces import UNDEFINED, Axis, Box, Meeting, Space, numbers_in, runs
from safetyrules.values import NOTHING

HERE = t.Up(0, "enterprise")


def fact(name: str, nothing: bool = False) -> t.FactValue:
    return t.FactValue(HERE, name, NumberType(), nothing)


def compared(name: str, *bounds: int) -> list[t.Term]:
    return [t.Comparison("<", fact(name), t.Constant(Fraction(bound), t.NUMBER), False) for bound in bounds]


SPACE = Space([*compared("x", 1, 2, 3), *compared("y", 5), *compared("z", 7, 8)])
boxes = st.tuples(*(st.integers(1, everything) for everything in SPACE.everything))


def cells(box: Box) -> set[tuple[int, ...]]:
    return set(product(*(tuple(numbers_in(mask)) for mask in box)))


@given(st.lists(boxes, max_size=40), boxes)
def test_what_is_free(many: list[Box], within: Box) -> None:
    left = cells(within) - {cell for box in many for cell in cells(box)}
    free = [cells(box) for box in SPACE.free([within], many)]
    assert {cell for found in free for cell in found} == left
    assert sum(map(len, free)) == len(left)  # no cell twice
    assert SPACE.covered([within], many) == (not left)


@given(st.lists(boxes, max_size=40), boxes)
def test_which_boxes_meet(many: list[Box], one: Box) -> None:
    expected = [number for number, box in enumerate(many) if cells(box) & cells(one)]
    assert list(numbers_in(Meeting(SPACE, many).of(one))) == expected


@given(st.lists(boxes, min_size=1, max_size=4), st.lists(boxes, min_size=1, max_size=4))
def test_what_lies_in_both(one: list[Box], two: list[Box]) -> None:
    def united(found: list[Box]) -> set[tuple[int, ...]]:
        return {cell for box in found for cell in cells(box)}

    assert united(SPACE.meet(one, two)) == united(one) & united(two)


@given(st.integers(0, 2**70))
def test_runs_of_bits(mask: int) -> None:
    assert sum((1 << end) - (1 << first) for first, end in runs(mask)) == mask
    found = list(runs(mask))
    assert all(one[1] < two[0] for one, two in pairwise(found))


def axis_of(term: t.Term) -> Axis:
    (axis,) = Space([term]).axes
    return axis


def test_a_number_lies_in_the_cell_of_its_stretch() -> None:
    axis = Space(compared("x", 1, 3)).axes[0]
    below, at_three = 1, 1 << axis.samples.index(Fraction(3))
    assert axis.takes(below, Fraction(-1000))
    assert not axis.takes(below, Fraction(1))
    assert axis.takes(at_three, Fraction(3))
    assert not axis.takes(at_three, Fraction(299, 100))


def test_what_may_have_no_value_or_none_that_can_be_computed_has_cells_for_that() -> None:
    quotient = t.Arithmetic("/", fact("a"), fact("b"), NumberType(), False)
    one = t.Constant(Fraction(1), t.NUMBER)
    assert NOTHING in axis_of(t.Comparison("<", fact("x", True), one, True)).samples
    assert UNDEFINED in axis_of(t.Comparison("<", quotient, one, False)).samples
    less, more = (t.Comparison(sign, quotient, one, False) for sign in ("<", ">="))  # type: ignore[arg-type]
    space = Space([less, more])
    assert not space.covered([space.everything], [*space.boxes(less), *space.boxes(more)])


def test_two_terms_compared_both_ways_are_one_operand() -> None:
    less = t.Comparison("<", fact("x"), fact("y"), False)
    turned = t.Comparison("<=", fact("y"), fact("x"), False)
    space = Space([less, turned])
    assert len(space.axes) == 1
    assert space.boxes(turned) == space.boxes(less, "not true")
