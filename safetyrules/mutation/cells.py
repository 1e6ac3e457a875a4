"""Does a number in a lookup table decide anything otherwise when it is another one?

Where numbers of a table are only ever compared, by size, with something whose range is known, a number at or beyond an
end of that range decides as every other number there: what is never negative is at least 0, and at least -1. That is so
whatever is known of either side: what a comparison may come to hangs on how each number that may yet be looked up
stands to the least and to the greatest value that the other side may have, and both of these lie within the range.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction

from safetyrules.language import terms as t
from safetyrules.language.plan import Plan
from safetyrules.language.ruleform import Cell, LookupTable
from safetyrules.language.term_trees import children
from safetyrules.mutation.sameness import Possible
from safetyrules.values import Interval

Column = tuple[str, str]
_ORDERED = {">=": "<=", "<=": ">=", ">": "<", "<": ">"}
#: Of these it is known what is possible of them at all, from a declaration or from the plan.
_BOUNDED = (t.FactValue, t.ConclusionValue, t.FindingCount, t.Aggregate)


@dataclass(frozen=True)
class Moved:
    """A number that stands in a column of a table, and the one in its place."""

    column: Column
    before: Fraction
    after: Fraction


@dataclass(frozen=True)
class Compared:
    """What a column is compared with: ``side operator cell``."""

    operator: str
    side: t.Term


def moved(table: LookupTable, other: LookupTable, key: tuple[Cell, ...], columns: Iterable[str]) -> list[Moved] | None:
    """The numbers of a row in which two states of a table differ; None where they differ in more."""
    one, two = table.index.get(key), other.index.get(key)
    if one is None or two is None:
        return None
    found = []
    for column in columns:
        before, after = (row[table.place(column)] for row in (one, two))
        if before == after:
            continue
        if not isinstance(before, Fraction) or not isinstance(after, Fraction):
            return None
        found.append(Moved((table.name, column), before, after))
    return found


class Uses:
    """What a plan does with the columns that it looks up."""

    def __init__(self, plan: Plan) -> None:
        found: dict[Column, list[Compared | None]] = {}
        for conclusion in plan.conclusions:
            for column, use in _uses(conclusion.term):
                found.setdefault(column, []).append(use)
        self._found: Mapping[Column, list[Compared | None]] = found

    def same(self, number: Moved, possible: Possible) -> bool:
        """Is it proved that the plan decides everything alike by either number?"""
        for use in self._found.get(number.column, ()):
            if use is None:
                return False
            range_, _ = possible.range(use.side)
            if not isinstance(range_, Interval):
                return False
            always = decided(use.operator, number.before, range_)
            if always is None or always != decided(use.operator, number.after, range_):
                return False
        return True


def decided(operator: str, bound: Fraction, range_: Interval) -> bool | None:
    """What ``x operator bound`` comes to for every x of a range; None where that hangs on x."""
    low, high = range_.low, range_.high
    if operator in ("<", "<="):
        opposite = decided({"<": ">=", "<=": ">"}[operator], bound, range_)
        return None if opposite is None else not opposite
    if low is not None and (bound <= low if operator == ">=" else bound < low):
        return True
    if high is not None and (bound > high if operator == ">=" else bound >= high):
        return False
    return None


def _uses(node: object) -> Iterator[tuple[Column, Compared | None]]:
    """Every lookup inside a term with what it is compared with; None where it is used in another way."""
    if isinstance(node, t.Comparison) and node.operator in _ORDERED:
        one, two = _bare(node.left), _bare(node.right)
        if isinstance(two, t.LookupValue) and isinstance(one, _BOUNDED):
            yield (two.table, two.column), Compared(node.operator, one)
            yield from _inside(one, *two.keys)
            return
        if isinstance(one, t.LookupValue) and isinstance(two, _BOUNDED):
            yield (one.table, one.column), Compared(_ORDERED[node.operator], two)
            yield from _inside(two, *one.keys)
            return
    if isinstance(node, t.Applicable) and isinstance(inner := _bare(node.operand), t.LookupValue):
        yield from _inside(*inner.keys)  # there is a number, whichever it is
        return
    if isinstance(node, t.LookupValue):
        yield (node.table, node.column), None
    yield from _inside(*children(node))


def _inside(*nodes: object) -> Iterator[tuple[Column, Compared | None]]:
    for node in nodes:
        yield from _uses(node)


def _bare(term: t.Term) -> t.Term:
    return term.term if isinstance(term, t.Sure) else term
