"""What is still possible of a value, as columns: the sets and intervals of `safetyrules.engine.algebra`.

A number or date is its two ends as floats. Where a float may differ from the exact end, ``low_error`` and
``high_error`` bound the difference; None where there is none: the end is then the decimal of the float's shortest form,
and two such compare as the decimals do, because rounding never changes an order (design 5.17, 5.18). ``places`` are
the binary places after the point that every value can do with, 0 for whole numbers: floats add and multiply these
exactly. ``multiples`` say what every exact end is a multiple of where floats do not hold it: they settle comparisons
that lie within the error (`Multiples`). "No value" alone is the interval from plus to minus infinity.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from fractions import Fraction
from itertools import combinations

from safetyrules.engine.columnar.multiples import Multiples, common, of_values
from safetyrules.engine.columnar.nodes import Graph, Node
from safetyrules.engine.columnar.tables import LARGEST_NUMBER
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType, TextType


@dataclass(frozen=True, slots=True)
class Truth:
    """May it be true, may it be false, may there be no value?"""

    true: Node
    false: Node
    none: Node


@dataclass(frozen=True, slots=True)
class Number:
    low: Node
    high: Node
    none: Node
    low_error: Node | None = None
    high_error: Node | None = None
    places: int | None = None
    multiples: Multiples | None = None

    @property
    def whole(self) -> bool:
        return self.places == 0

    @property
    def exact(self) -> bool:
        return self.low_error is None and self.high_error is None


@dataclass(frozen=True, slots=True)
class Levels:
    """A choice: for each member, may it be that one?"""

    type: ChoiceType
    members: tuple[Node, ...]
    none: Node


@dataclass(frozen=True, slots=True)
class TextSet:
    """The texts that a value may be; with ``and_value`` also the one that the column of values holds, which no table
    of the law names and a fact gives."""

    texts: frozenset[str]
    and_value: bool = False


@dataclass(frozen=True, slots=True)
class Sets:
    """Which set of texts: ``node`` numbers those of ``domain`` from 1; 0 is no set."""

    node: Node
    domain: tuple[TextSet, ...]

    def some(self, graph: Graph) -> Node:
        """Is there a set?"""
        return graph.opposite(same(graph, self.node, graph.constant(0)))

    def held(self, texts: frozenset[str]) -> tuple[int, str]:
        """The number of a set of just these texts, and the value that it needs; 0 where there is none."""
        for number, each in enumerate(self.domain, start=1):
            beside = texts - each.texts
            if each.texts <= texts and len(beside) == each.and_value:
                return number, "".join(beside)
        return 0, ""

    def told(self, graph: Graph, holds: Callable[[TextSet], bool]) -> Node:
        """Where there is a set, does this hold of it?"""
        return graph.cell("truth", self.node, [False, *map(holds, self.domain)])


@dataclass(frozen=True, slots=True)
class Code:
    """A choice (by its place among the members) or a text that is ``value`` where ``known``, and where not one of a set
    of texts (`TextSet`), or anything of its type; no value at all where not ``some``. ``texts`` are those that a known
    value may be (None: any)."""

    type: ScalarType
    value: Node
    known: Node
    some: Node
    none: Node
    sets: Sets | None = None
    texts: frozenset[str] | None = None


Form = Truth | Number | Levels | Code
TEXT = TextType()
#: Choices of more members are never spread over a column for each.
MOST_LEVELS = 64
#: A float differs from the decimal or the quotient nearest to it by at most this share.
EPSILON = 2.0**-53
#: Below it floats lose digits, and in the end are zero: so much at most is then lost.
LEAST_NORMAL = 1e-290
#: Numbers with more binary places after the point are not followed as exact.
MOST_PLACES = 10


class Unfit(Exception):  # noqa: N818 - not an error: the plan is then decided row by row
    """The columns cannot hold what a plan computes."""


def everything(graph: Graph, type_: ScalarType) -> Form:
    """All values of a type; "no value" is not among them."""
    match type_:
        case BooleanType():
            return Truth(graph.true, graph.true, graph.false)
        case NumberType(minimum=minimum, maximum=maximum, integer=whole):
            low, low_error = bound(graph, minimum, graph.minus_infinity)
            high, high_error = bound(graph, maximum, graph.infinity)
            of = None if whole else of_values(graph, (end for end in (minimum, maximum) if end is not None))
            return Number(low, high, graph.false, low_error, high_error, 0 if whole else None, of)
        case DateType():
            return Number(graph.minus_infinity, graph.infinity, graph.false, places=0)
        case ChoiceType(members=members):
            if len(members) <= MOST_LEVELS:
                return Levels(type_, (graph.true,) * len(members), graph.false)
            return Code(type_, graph.constant(0), graph.false, graph.true, graph.false)
    return Code(type_, graph.constant(""), graph.false, graph.true, graph.false, texts=frozenset())


def nothing(graph: Graph, type_: ScalarType) -> Form:
    match type_:
        case BooleanType():
            return Truth(graph.false, graph.false, graph.true)
        case NumberType() | DateType():
            of = of_values(graph, ())
            return Number(graph.infinity, graph.minus_infinity, graph.true, places=0, multiples=of)
        case ChoiceType(members=members) if len(members) <= MOST_LEVELS:
            return Levels(type_, (graph.false,) * len(members), graph.true)
    blank = graph.constant(0 if isinstance(type_, ChoiceType) else "")
    return Code(type_, blank, graph.true, graph.false, graph.true, texts=frozenset())


def constant(graph: Graph, value: bool | Fraction | str, type_: ScalarType) -> Form:
    match value:
        case bool():
            return Truth(graph.constant(value), graph.constant(not value), graph.false)
        case Fraction():
            node, error = bound(graph, value, graph.infinity)
            places = None if error is not None else _places(value)
            return Number(node, node, graph.false, error, error, places, of_values(graph, [value]))
    if isinstance(type_, ChoiceType):
        place = type_.members.index(value)
        if len(type_.members) <= MOST_LEVELS:
            members = tuple(graph.constant(i == place) for i in range(len(type_.members)))
            return Levels(type_, members, graph.false)
        return Code(type_, graph.constant(place), graph.true, graph.true, graph.false)
    return Code(type_, graph.constant(value), graph.true, graph.true, graph.false, texts=frozenset({value}))


def _places(value: Fraction) -> int | None:
    """The binary places after the point; None where there are too many, or no end of them."""
    places = value.denominator.bit_length() - 1
    return places if value.denominator == 1 << places and places <= MOST_PLACES else None


def multiples(graph: Graph, *numbers: Number) -> Multiples | None:
    """What the ends of all of these are multiples of."""
    known = [each for number in numbers if (each := multiples_of(graph, number)) is not None]
    return common(graph, known) if len(known) == len(numbers) else None


def multiples_of(graph: Graph, number: Number) -> Multiples | None:
    """What its ends are multiples of: that is seen from binary places, too."""
    if number.multiples is None and number.places is not None:
        return Multiples(1 << number.places, graph.true)
    return number.multiples


def finest(*numbers: Number) -> int | None:
    """The places that values of all of these can do with."""
    places = [number.places for number in numbers if number.places is not None]
    return max(places, default=0) if len(places) == len(numbers) else None


def bound(graph: Graph, value: Fraction | None, otherwise: Node) -> tuple[Node, Node | None]:
    """An end and how far the float may be off; ``otherwise`` where there is no bound."""
    if value is None:
        return otherwise, None
    near = float(value)
    exact = (value.denominator == 1 and abs(near) <= LARGEST_NUMBER) or Fraction(repr(near)) == value
    return graph.constant(near), None if exact else graph.constant(abs(near) * EPSILON)


def none_of(form: Form) -> Node:
    """May there be no value?"""
    return form.none


def some(graph: Graph, form: Form) -> Node:
    """May there be a value?"""
    match form:
        case Truth(true, false, none):
            return graph.true if none is graph.false else graph.either2(true, false)
        case Number(low, high, none):
            return graph.true if none is graph.false else graph.apply("truth", "<=", low, high)
        case Levels(_, members, none):
            return graph.true if none is graph.false else graph.either(members)
        case Code():
            return form.some


def without_nothing(graph: Graph, form: Form) -> Form:
    """With "no value" struck out, where something else is possible."""
    none = graph.both2(form.none, graph.opposite(some(graph, form)))
    return with_none(form, none)


def with_none(form: Form, none: Node) -> Form:
    match form:
        case Truth(true, false, _):
            return Truth(true, false, none)
        case Number():
            return replace(form, none=none)
        case Levels(type_, members, _):
            return Levels(type_, members, none)
        case Code():
            return replace(form, none=none)


def levels(graph: Graph, form: Form) -> Levels:
    """A choice with a column for each member. Raises Unfit where there are too many."""
    if isinstance(form, Levels):
        return form
    assert isinstance(form, Code)
    if not isinstance(form.type, ChoiceType) or len(form.type.members) > MOST_LEVELS:
        raise Unfit
    unknown = graph.opposite(form.known)
    members = tuple(
        graph.both2(form.some, graph.either2(unknown, same(graph, form.value, graph.constant(place))))
        for place in range(len(form.type.members))
    )
    return Levels(form.type, members, form.none)


def settled(form: Form) -> bool:
    """Is it seen from the graph alone that every row has one value?"""
    match form:
        case Truth(true, false, none):
            return _never(none) and (_opposite(false, true) or _opposite(true, false))
        case Number(low, high, none):
            return _never(none) and low is high
        case Levels(_, members, none):
            asked = [_conjuncts(member) for member in members if not _never(member)]
            pairs = combinations(asked, 2)
            return _never(none) and all(any((node, not yes) in two for node, yes in one) for one, two in pairs)
        case Code(_, _, known, some_, none):
            return _never(none) and known.detail is True and some_.detail is True
    return False


def _never(node: Node) -> bool:
    return node.constant and node.detail is False


def _opposite(node: Node, other: Node) -> bool:
    return node.operation == "not" and node.arguments[0] is other


def _conjuncts(node: Node) -> set[tuple[Node, bool]]:
    """Nodes, each with whether it is true, of which all hold where ``node`` does."""
    found: set[tuple[Node, bool]] = set()
    pending = [(node, True)]
    while pending:
        each, true = pending.pop()
        found.add((each, true))
        if each.operation == "not":
            pending.append((each.arguments[0], not true))
        elif each.operation == ("and" if true else "or"):
            pending.extend((argument, true) for argument in each.arguments)
    return found


def same(graph: Graph, one: Node, two: Node) -> Node:
    """Equality of codes or texts."""
    if one is two:
        return graph.true
    if one.constant and two.constant:
        return graph.constant(one.detail == two.detail)
    return graph.apply("truth", "==", *sorted((one, two), key=lambda node: node.number))


def columns(form: Form) -> tuple[Node, ...]:
    """The nodes of a form, in order; `rebuilt` puts others in their place."""
    match form:
        case Truth(true, false, none):
            return (true, false, none)
        case Number(low, high, none, low_error, high_error):
            on = None if form.multiples is None else form.multiples.on
            return (low, high, none, *(e for e in (low_error, high_error, on) if e is not None))
        case Levels(_, members, none):
            return (*members, none)
        case Code(_, value, known, some_, none, sets):
            return (value, known, some_, none) if sets is None else (value, known, some_, none, sets.node)


def rebuilt(form: Form, nodes: tuple[Node, ...]) -> Form:
    match form:
        case Truth():
            return Truth(*nodes)
        case Number():
            rest = list(nodes[3:])
            low = rest.pop(0) if form.low_error is not None else None
            high = rest.pop(0) if form.high_error is not None else None
            of = None if form.multiples is None else replace(form.multiples, on=rest.pop(0))
            return Number(nodes[0], nodes[1], nodes[2], low, high, form.places, of)
        case Levels(type_):
            return Levels(type_, nodes[:-1], nodes[-1])
        case Code(type_):
            sets = None if form.sets is None else Sets(nodes[4], form.sets.domain)
            return Code(type_, nodes[0], nodes[1], nodes[2], nodes[3], sets, form.texts)
