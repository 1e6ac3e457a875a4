"""The graph that a plan is lowered to: columns computed from columns, each once.

A node is a column of one table, never null. Nodes are made through `Graph`, which gives back the node it already has
for the same computation (so nothing is computed twice) and settles what is constant. A table is known by its name; its
*links* are columns of row numbers in other tables (a part's parent).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from math import inf, isfinite, prod
from typing import Literal

ColumnKind = Literal["truth", "number", "code", "text"]
#: The table of constants, which are columns of every table.
ANYWHERE = ""
#: No small number is larger (see `Graph.small`).
LARGEST_SMALL = 2**31 - 1
_KINDS: dict[type, ColumnKind] = {bool: "truth", float: "number", int: "code", str: "text"}


@dataclass(frozen=True, slots=True, eq=False)
class Node:
    """``operation`` on ``arguments``; ``detail`` is what else it takes (a constant, the name of a fact or a link)."""

    number: int
    table: str
    kind: ColumnKind
    operation: str
    arguments: tuple[Node, ...]
    detail: object = None

    @property
    def constant(self) -> bool:
        return self.operation == "constant"

    def __repr__(self) -> str:
        inside = ", ".join(f"#{a.number}" if not a.constant else repr(a.detail) for a in self.arguments)
        detail = f"; {self.detail}" if self.detail else ""
        return f"#{self.number} {self.table or '·'}.{self.operation}({inside}{detail})"


@dataclass(frozen=True, slots=True)
class Link:
    """A column of row numbers: from each row of ``table`` to one of ``to``."""

    table: str
    name: str
    to: str


@dataclass(frozen=True, slots=True)
class Pairing:
    """A table made of two: each row of ``outer`` beside every row that hangs, by ``link``, on the row that ``owner``
    leads to from the outer one."""

    name: str
    outer: str
    owner: tuple[Link, ...]
    link: Link

    @property
    def outer_link(self) -> Link:
        return Link(self.name, "#outer", self.outer)

    @property
    def inner_link(self) -> Link:
        return Link(self.name, "#inner", self.link.table)


@dataclass(frozen=True)
class Tabled:
    """A column of cells, by their number; or, with ``keys``, the numbers of values (of a kind of column)."""

    kind: ColumnKind
    cells: tuple[object, ...]
    keys: tuple[object, ...] | None = None


@dataclass
class Graph:
    """Nodes in the order they were made, so arguments come first."""

    nodes: list[Node] = field(default_factory=list)
    pairings: dict[str, Pairing] = field(default_factory=dict)
    tabled: dict[int, Tabled] = field(default_factory=dict)
    #: How large a number can be, infinity apart; what is said of facts comes from their declared range.
    reach: dict[int, float] = field(default_factory=dict)
    #: Numbers that are whole, and never infinite, and how large they can be: 32 bits hold them, and what is computed
    #: from them alone is the same as in floats.
    small: dict[int, int] = field(default_factory=dict)
    _known: dict[tuple[object, ...], Node] = field(default_factory=dict)
    _tables: dict[tuple[object, ...], int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.true = self.constant(True)
        self.false = self.constant(False)
        self.infinity = self.constant(float("inf"))
        self.minus_infinity = self.constant(float("-inf"))
        self.zero = self.constant(0.0)

    def node(
        self, table: str, kind: ColumnKind, operation: str, arguments: tuple[Node, ...] = (), detail: object = None
    ) -> Node:
        key = (table, operation, arguments, kind, type(detail), detail)
        found = self._known.get(key)
        if found is None:
            found = Node(len(self.nodes), table, kind, operation, arguments, detail)
            self.nodes.append(found)
            self._known[key] = found
            if kind == "number":
                self._measure(found)
        return found

    def _measure(self, node: Node) -> None:
        """Is a number small, because those are that it is computed from?"""
        if node.constant:
            value = float(node.detail)  # type: ignore[arg-type]
            most = int(abs(value)) if value.is_integer() else LARGEST_SMALL + 1
        elif node.operation == "count":
            most = len(node.arguments)
        elif node.operation in _SMALL_OF_SMALL:
            reaches = [self.small.get(a.number, LARGEST_SMALL + 1) for a in node.arguments if a.kind == "number"]
            together = {"+": sum(reaches), "*": prod(reaches)}
            most = together.get(node.operation, max(reaches)) if max(reaches) <= LARGEST_SMALL else LARGEST_SMALL + 1
        else:
            return
        if most <= LARGEST_SMALL:
            self.small[node.number] = most

    def declare(self, node: Node, reach: float, whole: bool) -> None:
        """A number that facts give, with what their type says of it."""
        self.reach[node.number] = reach
        if whole and reach <= LARGEST_SMALL and all(limit.number in self.small for limit in node.arguments):
            self.small[node.number] = int(reach)

    def all_small(self, nodes: Iterable[Node]) -> bool:
        """Are the numbers among these small, and are there any?"""
        numbers = [node.number in self.small for node in nodes if node.kind == "number"]
        return bool(numbers) and all(numbers)

    def constant(self, value: bool | float | int | str) -> Node:
        detail: object = value
        if isinstance(value, float) and value == 0:
            detail = 0.0  # one zero only
        return self.node(ANYWHERE, _KINDS[type(value)], "constant", (), detail)

    def apply(self, kind: ColumnKind, operation: str, *arguments: Node, detail: object = None) -> Node:
        """Row by row, in the one table that the arguments are of."""
        table = ANYWHERE
        for argument in arguments:
            if argument.table != table and argument.table != ANYWHERE:
                assert table == ANYWHERE, (operation, arguments)
                table = argument.table
        return self.node(table, kind, operation, arguments, detail)

    # ---- truth -------------------------------------------------------------------------------------------------------

    def either(self, nodes: Iterable[Node]) -> Node:
        return self._junction("or", self.true, self.false, nodes)

    def both(self, nodes: Iterable[Node]) -> Node:
        return self._junction("and", self.false, self.true, nodes)

    def _junction(self, operation: str, decides: Node, neutral: Node, nodes: Iterable[Node]) -> Node:
        kept: dict[int, Node] = {}
        for node in nodes:
            if node is decides:
                return decides
            if node is not neutral:
                kept[node.number] = node
        for node in kept.values():
            if node.operation == "not" and node.arguments[0].number in kept:
                return decides
        ordered = tuple(kept[number] for number in sorted(kept))
        if not ordered:
            return neutral
        return ordered[0] if len(ordered) == 1 else self.apply("truth", operation, *ordered)

    def either2(self, one: Node, two: Node) -> Node:
        return self._pair("or", self.true, self.false, one, two)

    def both2(self, one: Node, two: Node) -> Node:
        return self._pair("and", self.false, self.true, one, two)

    def _pair(self, operation: str, decides: Node, neutral: Node, one: Node, two: Node) -> Node:
        """`_junction` of two, which most are."""
        if one is decides or two is decides:
            return decides
        if one is neutral or one is two:
            return two
        if two is neutral:
            return one
        if (two.operation == "not" and two.arguments[0] is one) or (one.operation == "not" and one.arguments[0] is two):
            return decides
        return self.apply("truth", operation, *((one, two) if one.number < two.number else (two, one)))

    def opposite(self, node: Node) -> Node:
        if node.constant:
            return self.false if node.detail else self.true
        if node.operation == "not":
            return node.arguments[0]
        return self.apply("truth", "not", node)

    # ---- choice of columns -------------------------------------------------------------------------------------------

    def where(self, test: Node, then: Node, otherwise: Node) -> Node:
        if test.constant:
            return then if test.detail else otherwise
        if then is otherwise:
            return then
        if then.kind == "truth":
            return self.either((self.both2(test, then), self.both2(self.opposite(test), otherwise)))
        return self.apply(then.kind, "where", test, then, otherwise)

    def least(self, *nodes: Node) -> Node:
        return self._extreme("least", self.infinity, self.minus_infinity, nodes)

    def most(self, *nodes: Node) -> Node:
        return self._extreme("most", self.minus_infinity, self.infinity, nodes)

    def _extreme(self, operation: str, neutral: Node, decides: Node, nodes: Iterable[Node]) -> Node:
        kept = {node.number: node for node in nodes if node is not neutral}
        if decides.number in kept:
            return decides
        constants = [float(n.detail) for n in kept.values() if n.constant]  # type: ignore[arg-type]
        if len(constants) > 1:
            kept = {number: node for number, node in kept.items() if not node.constant}
            only = self.constant(min(constants) if operation == "least" else max(constants))
            kept[only.number] = only
        ordered = [kept[number] for number in sorted(kept)]
        if not ordered:
            return neutral
        result = ordered[0]
        for node in ordered[1:]:
            result = self.apply("number", operation, result, node)
        return result

    def reached(self, node: Node) -> float:
        """The largest that a number can be, infinity apart."""
        if node.number in self.small:
            return self.small[node.number]
        pending = [node]
        while pending:
            each = pending[-1]
            numbers = [a for a in each.arguments if a.kind == "number"] if each.operation in _REACHES else []
            self.reach.update((a.number, self.small[a.number]) for a in numbers if a.number in self.small)
            unknown = [a for a in numbers if a.number not in self.reach]
            if unknown:
                pending.extend(unknown)
                continue
            pending.pop()
            if each.number not in self.reach:
                self.reach[each.number] = _reach(each, [self.reach[a.number] for a in numbers])
        return self.reach[node.number]

    # ---- tables of constants -----------------------------------------------------------------------------------------

    def cell(self, kind: ColumnKind, place: Node, cells: Sequence[object]) -> Node:
        """For each row the cell of its number ``place``."""
        if kind != "code" and len(set(cells)) == 1:
            return self.constant(cells[0])  # type: ignore[arg-type]
        return self.apply(kind, "cell", place, detail=self._tabled(Tabled(kind, tuple(cells))))

    def numbered(self, value: Node, keys: Sequence[object]) -> Node:
        """The number of a value among ``keys``; the one after the last where it is none of them."""
        if not keys:
            return self.constant(0)
        known = Tabled("code", tuple(range(len(keys))), tuple(keys))
        return self.apply("code", "numbered", value, detail=self._tabled(known))

    def _tabled(self, tabled: Tabled) -> int:
        number = self._tables.setdefault((tabled.kind, tabled.cells, tabled.keys), len(self.tabled))
        self.tabled[number] = tabled
        return number

    # ---- between tables ----------------------------------------------------------------------------------------------

    def pairing(self, outer: str, owner: tuple[Link, ...], link: Link) -> Pairing:
        found = Pairing(f"{outer} × {link.table} {len(owner)}", outer, owner, link)
        return self.pairings.setdefault(found.name, found)

    def follow(self, node: Node, path: tuple[Link, ...]) -> Node:
        """The node as the rows of the table see it where the path begins."""
        if node.table == ANYWHERE:
            return node
        for link in reversed(path):
            assert node.table == link.to, (node, link)
            node = self.node(link.table, node.kind, "follow", (node,), link)
        return node

    def gathered(self, operation: str, node: Node, link: Link) -> Node:
        """``any``, ``all``, ``sum``, ``least``, ``most`` of a column over the rows that hang on each row of the table
        that the link leads to."""
        kind: ColumnKind = "truth" if operation in ("any", "all") else "number"
        if operation == "any" and node is self.false:
            return self.false
        if operation == "all" and node is self.true:
            return self.true
        if operation == "sum" and node is self.zero:
            return self.zero
        return self.node(link.to, kind, f"{operation} of", (node,), link)


#: Operations whose result is small where what they are of is, and the result no larger than 32 bits hold.
_SMALL_OF_SMALL = frozenset({"+", "*", "where", "least", "most", "negative", "absolute", "follow"})
#: Operations whose result reaches no further than its arguments do together.
_REACHES = frozenset({"+", "*", "where", "least", "most", "negative", "absolute", "follow", "least of", "most of"})


def _reach(node: Node, arguments: list[float]) -> float:
    if node.constant:
        value = float(node.detail)  # type: ignore[arg-type]
        return abs(value) if isfinite(value) else 0.0
    if not arguments or inf in arguments:
        return inf
    match node.operation:
        case "+":
            return sum(arguments)
        case "*":
            return prod(arguments)
    return max(arguments)
