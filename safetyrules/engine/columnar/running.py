"""Running a graph: stage after stage, with what passes between tables in between. What a stage computes in a table,
wave after wave of expressions, is one lazy query, so that Polars keeps no column that nothing reads; the queries of
all tables run side by side.

A column that several expressions read, that another table reads, or that lies deep enough, is computed once and kept;
everything else is written out where it is read.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

import polars as pl

from safetyrules.engine.columnar.nodes import ANYWHERE, Graph, Link, Node, Pairing
from safetyrules.engine.columnar.polars_expressions import TYPES, Expressions, literal
from safetyrules.engine.columnar.tables import repeated, row_numbers

#: Expressions nest no deeper than this, so that no row of a long table of rules exhausts a stack.
DEEPEST = 24
#: The graph has every expression once and no column that nothing reads: there is nothing for Polars to find.
AS_WRITTEN = pl.QueryOptFlags.none()
#: What the names of columns of nodes begin with.
_NODE = "#n"
_LEAVES = frozenset({"constant", "missing", "given true", "not given false", "not given true", "given"})
_DEFAULTS = {"sum of": 0.0, "least of": float("inf"), "most of": float("-inf")}


@dataclass(frozen=True)
class Schedule:
    """What is computed at which stage: columns between tables, then waves of columns within each; and what is
    constant."""

    within: Mapping[int, Mapping[str, list[list[Node]]]]
    between: Mapping[int, Mapping[Link, list[Node]]]
    kept: frozenset[int]
    last: int
    constants: Mapping[int, Any]
    #: The last stage that reads a column; after the last of all for what is wanted.
    read_last: Mapping[int, int]
    #: All that has to be computed, arguments first; and of it what is wanted, by the names of its columns.
    needed: tuple[Node, ...]
    wanted: Mapping[str, Node]


class _Place(NamedTuple):
    """Where an expression stands: the stage and the wave that all columns it reads are there, how deep it nests in
    them, and which they are."""

    stage: int = 0
    wave: int = 0
    depth: int = 0
    reads: frozenset[int] = frozenset()


def schedule(wanted: Iterable[Node], graph: Graph) -> Schedule:
    """The stages and waves that compute ``wanted``."""
    wanted = list(wanted)
    needed = _needed(wanted)
    uses = Counter(argument.number for node in needed for argument in node.arguments)
    crossing = {node.number for node in needed if isinstance(node.detail, Link)}
    crossed = {argument.number for node in needed if node.number in crossing for argument in node.arguments}
    kept = {node.number for node in wanted} | crossing | crossed
    places: dict[int, _Place] = {}
    read_last: dict[int, int] = defaultdict(int)
    within: dict[int, dict[str, dict[int, list[Node]]]] = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    between: dict[int, dict[Link, list[Node]]] = defaultdict(lambda: defaultdict(list))
    for node in needed:
        here = _beside([places[argument.number] for argument in node.arguments])
        if (uses[node.number] > 1 and node.operation not in _LEAVES) or here.depth > DEEPEST:
            kept.add(node.number)
        if node.table == ANYWHERE:
            kept.discard(node.number)
        if node.number in kept:
            if isinstance(node.detail, Link):
                here = _Place(here.stage + 1, 0, 0, here.reads)
                between[here.stage][node.detail].append(node)
            else:
                here = _Place(here.stage, here.wave + 1, 0, here.reads)
                within[here.stage][node.table][here.wave].append(node)
            for number in here.reads:
                read_last[number] = max(read_last[number], here.stage)
            here = here._replace(reads=frozenset((node.number,)))
        places[node.number] = here
    last = max((*within, *between), default=0)
    for node in wanted:
        for number in places[node.number].reads:
            read_last[number] = last + 1
    waves = {
        stage: {table: [nodes for _, nodes in sorted(of.items())] for table, of in tables.items()}
        for stage, tables in within.items()
    }
    named = {column(node): node for node in wanted}
    constants = _constants(needed, graph)
    return Schedule(waves, dict(between), frozenset(kept), last, constants, dict(read_last), tuple(needed), named)


def _beside(arguments: Sequence[_Place]) -> _Place:
    """Where an expression of these stands. Of an earlier stage, no wave is waited for."""
    if not arguments:
        return _Place(depth=1)
    stage = max(each.stage for each in arguments)
    wave = max(each.wave for each in arguments if each.stage == stage)
    depth = max(each.depth for each in arguments) + 1
    return _Place(stage, wave, depth, frozenset().union(*(each.reads for each in arguments)))


def _constants(needed: Iterable[Node], graph: Graph) -> dict[int, Any]:
    """The values of what is computed from constants alone, which no table has a column for."""
    found: dict[int, Any] = {}
    expressions = Expressions(graph, {})
    for node in needed:
        if node.constant:
            found[node.number] = node.detail
        elif node.table == ANYWHERE:
            written = expressions.of(node, lambda each: literal(each.kind, found[each.number]))
            found[node.number] = pl.select(written).item()
    return found


def _needed(wanted: Iterable[Node]) -> list[Node]:
    found: dict[int, Node] = {}
    pending = list(wanted)
    while pending:
        node = pending.pop()
        if node.number not in found:
            found[node.number] = node
            pending.extend(node.arguments)
    return [found[number] for number in sorted(found)]


def paired(pairing: Pairing, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Every outer row beside every inner row that hangs on the same owner."""
    row = numbers = row_numbers(frames[pairing.outer].height)
    for link in pairing.owner:
        row = frames[link.table][link.name][row]
    outer = pl.DataFrame({"#outer": numbers, "#owner": row})
    owner = frames[pairing.link.table][pairing.link.name]
    inner = pl.DataFrame({"#inner": row_numbers(owner.len()), "#owner": owner})
    return outer.join(inner, on="#owner", how="inner", maintain_order="left_right").drop("#owner")


class Written(NamedTuple):
    """The expression of a node under the name of its column, and the columns that it reads."""

    expression: pl.Expr
    reads: tuple[str, ...]


@dataclass
class Run:
    """A graph over the frames of one batch; after `compute` the frames hold a column for every node that was kept."""

    graph: Graph
    frames: dict[str, pl.DataFrame]
    #: Expressions by node, once written, for tables with the same columns; kept from batch to batch.
    written: dict[object, dict[int, Written]] = field(default_factory=dict)
    _plan: Schedule = field(init=False)

    def compute(self, plan: Schedule) -> None:
        self._plan = plan
        given = {name: dict(frame.schema) for name, frame in self.frames.items()}
        self._expressions = Expressions(self.graph, given)
        same = tuple((name, tuple(columns.items())) for name, columns in given.items())
        self._tops = self.written.setdefault(same, {})
        self._columns = {name: {each.name: each for each in frame.get_columns()} for name, frame in self.frames.items()}
        for stage in range(plan.last + 1):
            for link, nodes in plan.between.get(stage, {}).items():
                self._cross(link, nodes)
            self._within(stage, plan.within.get(stage, {}))
        self.frames.update((name, pl.DataFrame(list(columns.values()))) for name, columns in self._columns.items())

    def _within(self, stage: int, tables: Mapping[str, list[list[Node]]]) -> None:
        """Compute a stage in each table. Columns that are read no more from now on are let go."""
        queries = [self._query(stage, table, waves) for table, waves in tables.items()]
        found = pl.collect_all(queries, optimizations=AS_WRITTEN)
        for table, fresh in zip(tables, found, strict=True):
            columns = self._columns[table]
            for name in [name for name in columns if not self._read(name, stage)]:
                del columns[name]
            columns.update((each.name, each) for each in fresh.get_columns())

    def _query(self, stage: int, table: str, waves: list[list[Node]]) -> pl.LazyFrame:
        columns, read_last = self._columns[table], self._plan.read_last
        tops = [[self._top(node) for node in nodes] for nodes in waves]
        # A query takes as long as its table is wide, whatever is read of it; the first column gives it its height.
        read = dict.fromkeys(name for wave in tops for top in wave for name in top.reads if name in columns)
        query = pl.DataFrame([columns[name] for name in read or list(columns)[:1]]).lazy()
        for wave in tops:
            query = query.with_columns(top.expression for top in wave)
        return query.select(_kept(node.number) for nodes in waves for node in nodes if read_last[node.number] > stage)

    def _top(self, node: Node) -> Written:
        found = self._tops.get(node.number)
        if found is None:
            expression = self._written(node, top=True).alias(column(node))
            found = self._tops[node.number] = Written(expression, tuple(expression.meta.root_names()))
        return found

    def _read(self, name: str, stage: int) -> bool:
        """Is a column read after a stage? What is no node's stays."""
        return not name.startswith(_NODE) or self._plan.read_last[int(name.removeprefix(_NODE))] > stage

    def _written(self, node: Node, top: bool) -> pl.Expr:
        return _Writing(self._expressions, self._plan).expression(node, top)

    def _cross(self, link: Link, nodes: list[Node]) -> None:
        rows, source = self._columns[link.table][link.name], self._columns[link.to]
        following = [node for node in nodes if node.operation == "follow"]
        if following:
            followed = pl.DataFrame([source[column(node.arguments[0])].alias(column(node)) for node in following])
            self._columns[link.table].update((each.name, each) for each in followed[rows].get_columns())
        gathering = [node for node in nodes if node.operation != "follow"]
        if gathering:
            self._gather(link, gathering)

    def _gather(self, link: Link, nodes: list[Node]) -> None:
        """Bring the rows of a table together on the rows that they hang on."""
        height = self.frames[link.to].height
        found = {node.number: self._marked(link, node, height) for node in nodes if node.kind == "truth"}
        numbers = [node for node in nodes if node.kind != "truth"]
        if numbers:
            aggregates = (self._aggregate(node).alias(column(node)) for node in numbers)
            frame = pl.DataFrame(list(self._columns[link.table].values()))
            grouped = frame.lazy().group_by(link.name).agg(*aggregates).collect()
            for node in numbers:
                blank = repeated(_DEFAULTS[node.operation], TYPES[node.kind], height)
                found[node.number] = blank.scatter(grouped[link.name], grouped[column(node)])
        self._columns[link.to].update((column(node), found[node.number].alias(column(node))) for node in nodes)

    def _marked(self, link: Link, node: Node, height: int) -> pl.Series:
        """``any`` and ``all`` by marking the rows that decide them, many times faster than by grouping."""
        (argument,) = node.arguments
        decides = node.operation == "any of"
        rows = self._columns[link.table][link.name]
        if argument.table != ANYWHERE:
            value = self._columns[link.table][column(argument)]
            rows = rows.filter(value if decides else ~value)
        elif self._plan.constants[argument.number] != decides:
            rows = rows.clear()
        return repeated(not decides, pl.Boolean, height).scatter(rows, repeated(decides, pl.Boolean, 1))

    def _aggregate(self, node: Node) -> pl.Expr:
        (argument,) = node.arguments
        value = self._expressions.wide(argument, self._written(argument, top=False))
        if argument.table != ANYWHERE:
            return _AGGREGATES[node.operation](value)
        return value * pl.len() if node.operation == "sum of" else value


class _Writing:
    def __init__(self, expressions: Expressions, plan: Schedule) -> None:
        self.expressions = expressions
        self.plan = plan

    def expression(self, node: Node, top: bool = False) -> pl.Expr:
        if node.table == ANYWHERE:
            return literal(node.kind, self.plan.constants[node.number])
        if node.number in self.plan.kept and not top:
            return _kept(node.number)
        return self.expressions.of(node, self.expression)


@lru_cache(maxsize=65536)
def _kept(number: int) -> pl.Expr:
    return pl.col(f"{_NODE}{number}")


_AGGREGATES: dict[str, Callable[[pl.Expr], pl.Expr]] = {
    "sum of": lambda value: value.sum(),
    "least of": lambda value: value.min(),
    "most of": lambda value: value.max(),
}


def column(node: Node) -> str:
    """The name of the column that holds a node; no fact has such a name."""
    return f"{_NODE}{node.number}"
