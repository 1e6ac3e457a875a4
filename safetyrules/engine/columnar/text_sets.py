"""Either of two texts: where both may stand, the set of what either may be."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from safetyrules.engine.columnar.forms import Code, Sets, same
from safetyrules.engine.columnar.nodes import Node
from safetyrules.facts.schema import ChoiceType

if TYPE_CHECKING:
    from safetyrules.engine.columnar.algebra import Algebra

#: More pairs of what two texts may be are not laid out: where both may stand, the row is doubtful.
MOST_PAIRS = 100_000
#: Layouts of pairs and of sets that are kept: the largest have `MOST_PAIRS` small numbers.
KEPT = 64
Texts = frozenset[str]


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
    pairs = None if isinstance(one.type, ChoiceType) else _pairs(algebra, one, two)
    if pairs is None:
        sure = (g.either2(side.known, _held(algebra, side)) for side in (one, two))
        algebra.doubt(g.both((both, g.opposite(agree), *sure)))
    else:
        place, domain, outside = pairs
        apart = g.both2(both, g.opposite(agree))
        # A text that is none of those a set may hold: the set of both is none that was foreseen.
        algebra.doubt(g.both2(apart, outside))
        sides = [(g.where(both, g.constant(0), node), held) for node, held in sides]
        sides.append((g.where(apart, place, g.constant(0)), domain))
    return _with_sets(algebra, Code(one.type, value, known, there, g.false, None, texts), sides)


def _held(algebra: Algebra, side: Code) -> Node:
    return algebra.graph.false if side.sets is None else side.sets.some(algebra.graph)


def _alone(algebra: Algebra, side: Code, when: Node) -> tuple[Node, tuple[Texts, ...]]:
    """The number of a side's set where that side stands alone."""
    g = algebra.graph
    if side.sets is None:
        return g.constant(0), ()
    return g.where(when, side.sets.node, g.constant(0)), side.sets.domain


def _with_sets(algebra: Algebra, code: Code, sides: Sequence[tuple[Node, tuple[Texts, ...]]]) -> Code:
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
def _numbered(domains: tuple[tuple[Texts, ...], ...]) -> tuple[list[tuple[int, ...]], tuple[Texts, ...]]:
    """The sets of several domains, each numbered once from 1: of each domain the numbers of its sets after 0, which is
    no set; and all the sets."""
    numbers: dict[Texts, int] = {}
    cells = [(0, *(numbers.setdefault(texts, len(numbers) + 1) for texts in domain)) for domain in domains]
    return cells, tuple(numbers)


def _pairs(algebra: Algebra, one: Code, two: Code) -> tuple[Node, tuple[Texts, ...], Node] | None:
    """Of each row the number of the set of both, and whether one of them is a text that was not foreseen."""
    g = algebra.graph
    first, ones = _domain(algebra, one, two)
    second, twos = _domain(algebra, two, one)
    if len(ones) * len(twos) > MOST_PAIRS:
        return None
    place = g.apply("code", "place", first, second, detail=(len(twos), 1))
    cells, sets, outside = _of_both(tuple(ones), tuple(twos))
    return g.cell("code", place, cells), sets, g.cell("truth", place, outside)


@lru_cache(maxsize=KEPT)
def _of_both(
    ones: tuple[Texts | None, ...], twos: tuple[Texts | None, ...]
) -> tuple[tuple[int, ...], tuple[Texts, ...], tuple[bool, ...]]:
    """Of every pair the number of its set, 0 for none; the sets; and of every pair whether a text not foreseen is in
    it. Plans of the same law have the same pairs."""
    numbers: dict[Texts, int] = {}
    cells, outside = [], []
    for a in ones:
        for b in twos:
            # None is any text, and so is either of it and another; an empty set is a text not foreseen.
            union = None if a is None or b is None else a | b
            lost = union is not None and not (a and b)
            several = union is not None and not lost and len(union) > 1
            cells.append(numbers.setdefault(union, len(numbers) + 1) if several and union is not None else 0)
            outside.append(lost)
    return tuple(cells), tuple(numbers), tuple(outside)


def _foreseen(side: Code) -> Texts:
    return (side.texts or frozenset()).union(*(side.sets.domain if side.sets is not None else ()))


def _domain(algebra: Algebra, side: Code, other: Code) -> tuple[Node, list[Texts | None]]:
    """What a side may be, numbered: each text foreseen, one not foreseen (an empty set), any text (None), each set.

    Of a text that may be anything, those are foreseen that the other side may be.
    """
    g = algebra.graph
    texts = sorted(_foreseen(other) if side.texts is None else side.texts)
    domain: list[Texts | None] = [*(frozenset({text}) for text in texts), frozenset(), None]
    node = g.where(side.known, g.numbered(side.value, texts), g.constant(len(texts) + 1))
    if side.sets is not None:
        node = g.where(side.sets.some(g), g.apply("code", "shifted", side.sets.node, detail=len(domain) - 1), node)
        domain.extend(side.sets.domain)
    return node, domain
