"""Either of two texts: where both may stand, the set of what either may be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

from safetyrules.engine.columnar.forms import Code, Sets, TextSet, same
from safetyrules.engine.columnar.nodes import Node
from safetyrules.facts.schema import ChoiceType

if TYPE_CHECKING:
    from safetyrules.engine.columnar.algebra import Algebra

#: More pairs of what two texts may be are not laid out: where both may stand, the row is doubtful.
MOST_PAIRS = 100_000
#: Nor so many in order to know the texts again that a fact gives: they stand beside the others as a value.
MOST_FORESEEN = 10_000
#: Layouts of pairs and of sets that are kept: the largest have `MOST_PAIRS` small numbers.
KEPT = 64
Domain = tuple[TextSet, ...]
#: A text that was not foreseen.
UNFORESEEN = TextSet(frozenset(), and_value=True)


def joined_texts(algebra: Algebra, one: Code, two: Code) -> Code:
    """The one, the other, or either: whatever may have a value."""
    g = algebra.graph
    both = g.both2(one.some, two.some)
    there = g.either2(one.some, two.some)
    value = g.where(one.some, one.value, two.value)
    known = g.where(one.some, one.known, two.known)
    texts = None if one.texts is None or two.texts is None else one.texts | two.texts
    sides = [_alone(algebra, side, when) for side, when in ((one, one.some), (two, g.opposite(one.some)))]
    if both is g.false:
        return _with_sets(algebra, Code(one.type, value, known, there, g.false, None, texts), sides)
    agree = g.both((one.known, two.known, same(g, one.value, two.value)))
    known = g.where(both, agree, known)
    sides = [(g.where(both, g.constant(0), node), held) for node, held in sides]
    pairs = None if isinstance(one.type, ChoiceType) else _pairs(algebra, one, two)
    if pairs is None:
        sure = (g.either2(side.known, _held(algebra, side)) for side in (one, two))
        algebra.doubt(g.both((both, g.opposite(agree), *sure)))
    else:
        apart = g.both2(both, g.opposite(agree))
        # A set has one value beside the texts foreseen, no more.
        algebra.doubt(g.both((apart, pairs.two_values, g.opposite(same(g, one.value, two.value)))))
        value = g.where(g.both2(one.some, g.opposite(g.both2(both, pairs.value_of_two))), one.value, two.value)
        sides.append((g.where(apart, pairs.number, g.constant(0)), pairs.domain))
    return _with_sets(algebra, Code(one.type, value, known, there, g.false, None, texts), sides)


def _held(algebra: Algebra, side: Code) -> Node:
    return algebra.graph.false if side.sets is None else side.sets.some(algebra.graph)


def _alone(algebra: Algebra, side: Code, when: Node) -> tuple[Node, Domain]:
    """The number of a side's set where that side stands alone."""
    g = algebra.graph
    if side.sets is None:
        return g.constant(0), ()
    return g.where(when, side.sets.node, g.constant(0)), side.sets.domain


def _with_sets(algebra: Algebra, code: Code, sides: Sequence[tuple[Node, Domain]]) -> Code:
    """The sets of several columns, of which one at most is not 0 in a row, as one."""
    g = algebra.graph
    told = [(each, domain) for each, domain in sides if domain and not (each.constant and not each.detail)]
    if not told:
        return Code(code.type, code.value, code.known, code.some, code.none, None, code.texts)
    cells_of_sides, together = _numbered(tuple(domain for _, domain in told))
    node = g.constant(0)
    for (each, _), cells in zip(told, cells_of_sides, strict=True):
        here = g.cell("code", each, cells)
        node = here if node.constant else g.where(same(g, here, g.constant(0)), node, here)
    return Code(code.type, code.value, code.known, code.some, code.none, Sets(node, together), code.texts)


@lru_cache(maxsize=KEPT)
def _numbered(domains: tuple[Domain, ...]) -> tuple[list[tuple[int, ...]], Domain]:
    """The sets of several domains, each numbered once from 1: of each domain the numbers of its sets after 0, which is
    no set; and all the sets."""
    numbers: dict[TextSet, int] = {}
    cells = [(0, *(numbers.setdefault(texts, len(numbers) + 1) for texts in domain)) for domain in domains]
    return cells, tuple(numbers)


@dataclass(frozen=True)
class _Pairs:
    """Of each row the number of the set of both sides, 0 for none; whether both sides have a value that was not
    foreseen; and whether only the second has."""

    number: Node
    domain: Domain
    two_values: Node
    value_of_two: Node


def _pairs(algebra: Algebra, one: Code, two: Code) -> _Pairs | None:
    g = algebra.graph
    (first, ones), (second, twos) = (_domain(algebra, *each, foreseeing=True) for each in ((one, two), (two, one)))
    if len(ones) * len(twos) > MOST_FORESEEN:
        (first, ones), (second, twos) = (_domain(algebra, *each, foreseeing=False) for each in ((one, two), (two, one)))
    if len(ones) * len(twos) > MOST_PAIRS:
        return None
    place = g.apply("code", "place", first, second, detail=(len(twos), 1))
    cells, sets, two_values, value_of_two = _of_both(tuple(ones), tuple(twos))
    return _Pairs(
        g.cell("code", place, cells), sets, g.cell("truth", place, two_values), g.cell("truth", place, value_of_two)
    )


@lru_cache(maxsize=KEPT)
def _of_both(
    ones: tuple[TextSet | None, ...], twos: tuple[TextSet | None, ...]
) -> tuple[tuple[int, ...], Domain, tuple[bool, ...], tuple[bool, ...]]:
    """Of every pair the number of its set, 0 for none; the sets; and of every pair whether both have a value, and
    whether only the second has. Plans of the same law have the same pairs."""
    numbers: dict[TextSet, int] = {}
    cells, two_values, value_of_two = [], [], []
    for a in ones:
        for b in twos:
            if a is None or b is None:  # any text, and so is either of it and another
                number, values = 0, (False, False)
            else:
                union, values = TextSet(a.texts | b.texts, a.and_value or b.and_value), (a.and_value, b.and_value)
                several = len(union.texts) + union.and_value > 1
                number = numbers.setdefault(union, len(numbers) + 1) if several else 0
            cells.append(number)
            two_values.append(values == (True, True))
            value_of_two.append(values == (False, True))
    return tuple(cells), tuple(numbers), tuple(two_values), tuple(value_of_two)


def _foreseen(side: Code) -> frozenset[str]:
    of_sets = () if side.sets is None else (each.texts for each in side.sets.domain)
    return (side.texts or frozenset()).union(*of_sets)


def _domain(algebra: Algebra, side: Code, other: Code, foreseeing: bool) -> tuple[Node, list[TextSet | None]]:
    """What a side may be, numbered: each text foreseen, one not foreseen, each set, and any text (None).

    Of a text that may be anything, those are foreseen that its own sets have, and, if asked for, the other side.
    """
    g = algebra.graph
    own = _foreseen(side) if side.texts is None else side.texts
    texts = sorted(own | _foreseen(other) if side.texts is None and foreseeing else own)
    domain: list[TextSet | None] = [TextSet(frozenset({text})) for text in texts]
    if side.texts is None:
        domain.append(UNFORESEEN)
    domain.append(None)
    node = g.where(side.known, g.numbered(side.value, texts), g.constant(len(domain) - 1))
    if side.sets is not None:
        node = g.where(side.sets.some(g), g.apply("code", "shifted", side.sets.node, detail=len(domain) - 1), node)
        domain.extend(side.sets.domain)
    return node, domain
