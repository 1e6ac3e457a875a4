"""A graph over few rows, without Polars: a query costs as much for one row as for a thousand.

A column of truths is one whole number, a bit for each row, so that "and" of two columns is one operation whatever the
rows; other columns are lists. What the operations mean is in `polars_expressions`; here they are of one row's values.
"""

from __future__ import annotations

import math
import operator
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from fractions import Fraction
from functools import partial, reduce
from itertools import islice, repeat
from operator import and_, or_
from typing import TYPE_CHECKING, Any

import polars as pl

from safetyrules.engine.algebra import LAST_DAY
from safetyrules.engine.algebra import add_months as exact_add_months
from safetyrules.engine.columnar.forms import EPSILON, LEAST_NORMAL
from safetyrules.engine.columnar.nodes import ANYWHERE, Graph, Link, Node
from safetyrules.engine.columnar.polars_expressions import EPOCH, SMALL_NUMBER, TYPES
from safetyrules.engine.columnar.tables import SET, repeated

if TYPE_CHECKING:
    from safetyrules.engine.columnar.running import Schedule

#: A column: the bits of truths, or a list of anything else.
Values = Any


class FewRows:
    """Runs a graph over the frames of one batch, as `running.Run` does; the frames then hold what was wanted."""

    def __init__(self, graph: Graph, frames: dict[str, pl.DataFrame]) -> None:
        self.graph = graph
        self.frames = frames
        self._heights = {name: frame.height for name, frame in frames.items()}
        self._values: dict[int, Values] = {}
        self._given: dict[tuple[str, str], list[Any] | None] = {}
        self._missing: dict[tuple[str, str], int] = {}
        self._cells: dict[int, Any] = {}

    def compute(self, plan: Schedule) -> None:
        self._plan = plan
        values = self._values
        for node in plan.needed:
            if node.table != ANYWHERE:
                values[node.number] = self._value(node)
        made: dict[str, list[pl.Series]] = {}
        for name, node in plan.wanted.items():
            if node.table != ANYWHERE:
                made.setdefault(node.table, []).append(self._series(node).alias(name))
        for table, columns in made.items():
            self.frames[table] = self.frames[table].hstack(columns)

    def _value(self, node: Node) -> Values:
        operation, table = node.operation, node.table
        if operation == "and":
            return reduce(and_, [self._of(each, table) for each in node.arguments])
        if operation == "or":
            return reduce(or_, [self._of(each, table) for each in node.arguments])
        if operation == "not":
            return self._all(table) & ~self._of(node.arguments[0], table)
        if isinstance(node.detail, Link):
            return self._between(node, node.detail)
        of_fact = _FACTS.get(operation)
        if of_fact is not None:
            return of_fact(self, node)
        columns = [self._listed(each, table) for each in node.arguments]
        if operation == "where":
            return [then if test else otherwise for test, then, otherwise in zip(*columns, strict=False)]
        apply = _PLAIN.get(operation)
        if apply is None:
            detail = self._tabled(node) if operation in ("cell", "numbered") else node.detail
            apply = partial(_DETAILED[operation], detail)
        found = list(map(apply, *columns))
        return _packed(found) if node.kind == "truth" else found

    # ---- columns -----------------------------------------------------------------------------------------------------

    def _all(self, table: str) -> int:
        return (1 << self._heights[table]) - 1

    def _of(self, node: Node, table: str) -> int:
        """A column of truths; a constant is one of every table."""
        if node.table != ANYWHERE:
            found: int = self._values[node.number]
            return found
        return self._all(table) if self._plan.constants[node.number] else 0

    def _listed(self, node: Node, table: str) -> Iterable[Any]:
        """The values of a column row by row; a constant is repeated without end."""
        if node.table == ANYWHERE:
            return repeat(self._plan.constants[node.number])
        found = self._values[node.number]
        return _unpacked(found, self._heights[table]) if node.kind == "truth" else found

    def _series(self, node: Node) -> pl.Series:
        height = self._heights[node.table]
        found = self._values[node.number]
        if node.kind == "truth":
            if found in (0, self._all(node.table)):
                return repeated(bool(found), pl.Boolean, height)
            return pl.Series(list(map(bool, _unpacked(found, height))), dtype=pl.Boolean)
        if node.kind == "number":
            small = node.number in self.graph.small
            return pl.Series(map(int if small else float, found), dtype=SMALL_NUMBER if small else pl.Float64)
        return pl.Series(found, dtype=TYPES[node.kind])

    def _tabled(self, node: Node) -> Any:
        number: int = node.detail  # type: ignore[assignment]
        if number not in self._cells:
            tabled = self.graph.tabled[number]
            if tabled.keys is None:
                self._cells[number] = tabled.cells
            else:
                self._cells[number] = dict(zip(tabled.keys, tabled.cells, strict=True)), len(tabled.cells)
        return self._cells[number]

    # ---- facts -------------------------------------------------------------------------------------------------------

    def _column(self, table: str, name: str) -> list[Any] | None:
        """The cells of a column of facts, as numbers, codes, texts or truths; None where there is no such column."""
        key = table, name
        if key not in self._given:
            frame = self.frames[table]
            self._given[key] = _plain(frame.get_column(name)) if name in frame.columns else None
        return self._given[key]

    def missing(self, node: Node) -> int:
        key = node.table, str(node.detail)
        if key not in self._missing:
            cells = self._column(*key)
            self._missing[key] = self._all(node.table) if cells is None else _packed([cell is None for cell in cells])
        return self._missing[key]

    def given_true(self, node: Node) -> int:
        return _packed([cell is True for cell in self._column(node.table, str(node.detail)) or ()])

    def not_given_false(self, node: Node) -> int:
        return self.given_true(node) | self.missing(node)

    def not_given_true(self, node: Node) -> int:
        return self._all(node.table) & ~self.given_true(node)

    def given(self, node: Node) -> list[Any]:
        height = self._heights[node.table]
        cells = self._column(node.table, str(node.detail)) or [None] * height
        blanks = self._listed(node.arguments[0], node.table) if node.arguments else repeat(_BLANKS[node.kind])
        return [blank if cell is None else cell for cell, blank in zip(cells, blanks, strict=False)]

    def given_or(self, node: Node) -> list[Any]:
        """The first of several columns that has a value, else the limit."""
        assert isinstance(node.detail, tuple)
        columns = [column for name in node.detail if (column := self._column(node.table, name)) is not None]
        (limit,) = islice(self._listed(node.arguments[0], node.table), 1)
        rows = zip(*columns, strict=True) if columns else repeat((), self._heights[node.table])
        return [next((cell for cell in row if cell is not None), limit) for row in rows]

    def may_be_member(self, node: Node) -> int:
        assert isinstance(node.detail, tuple)
        name, place = node.detail
        height = self._heights[node.table]
        cells = self._column(node.table, name) or [None] * height
        sets = self._column(node.table, name + SET) or [None] * height
        return _packed(
            [
                cell == place if cell is not None else bits is None or bool(bits >> place & 1)
                for cell, bits in zip(cells, sets, strict=True)
            ]
        )

    # ---- between tables ----------------------------------------------------------------------------------------------

    def _between(self, node: Node, link: Link) -> Values:
        (argument,) = node.arguments
        rows = self._column(link.table, link.name)
        assert rows is not None
        if node.operation == "follow":
            found = self._values[argument.number]
            if node.kind == "truth":
                found = _unpacked(found, self._heights[link.to])
            gathered = [found[row] for row in rows]
            return _packed(gathered) if node.kind == "truth" else gathered
        members = self._listed(argument, link.table)
        height = self._heights[node.table]
        if node.operation == "any of":
            return reduce(or_, (1 << row for row, true in zip(rows, members, strict=False) if true), 0)
        if node.operation == "all of":
            failing = reduce(or_, (1 << row for row, true in zip(rows, members, strict=False) if not true), 0)
            return self._all(node.table) & ~failing
        combine, start = _GATHERING[node.operation]
        totals = [start] * height
        for row, member in zip(rows, members, strict=False):
            totals[row] = combine(totals[row], member)
        return totals


def _plain(cells: pl.Series) -> list[Any]:
    if isinstance(cells.dtype, pl.Enum):
        return cells.to_physical().to_list()
    if cells.dtype == pl.Date:
        return [None if day is None else float(day + EPOCH) for day in cells.to_physical().to_list()]
    if cells.dtype.is_integer() and not cells.name.startswith("#") and not cells.name.endswith(SET):
        return [None if cell is None else float(cell) for cell in cells.to_list()]
    return cells.to_list()


def _packed(truths: list[bool]) -> int:
    """A bit for each, the first the lowest."""
    return int(bytes(truths).translate(_DIGITS)[::-1], 2) if truths else 0


def _unpacked(bits: int, height: int) -> bytes:
    """0 or 1 for each row."""
    return f"{bits:0{height}b}".encode()[::-1].translate(_TRUTHS) if height else b""


# ---- one row --------------------------------------------------------------------------------------------------------


def _near(_: object, one: float, two: float, error: float) -> bool:
    return math.isfinite(one) and math.isfinite(two) and error > 0 and abs(one - two) <= error


def _near_half(digits: Any, value: float, error: float) -> bool:
    if not math.isfinite(value):
        return False
    scale = 10.0 ** int(digits)
    scaled = abs(value) * scale
    off = abs(scaled - math.floor(scaled) - 0.5)
    return off <= error * scale + scaled * (4 * EPSILON)


def _times(_: object, one: float, two: float) -> float:
    return 0.0 if one == 0 or two == 0 else one * two


def _divided(_: object, one: float, two: float) -> float:
    return 0.0 if two == 0 or math.isinf(two) else one / two


def _quotient_error(_: object, a: float, a_error: float, b: float, b_error: float) -> float:
    if not (math.isfinite(a) and math.isfinite(b) and abs(b) > b_error):
        return 0.0
    quotient = abs(a / b)
    lost = LEAST_NORMAL if quotient < LEAST_NORMAL and a else 0.0
    return (a_error + quotient * b_error) / (abs(b) - b_error) + quotient * (4 * EPSILON) + lost


def _product_step(_: object, product: float, a: float, b: float) -> float:
    if abs(product) < LEAST_NORMAL and a and b:
        return LEAST_NORMAL
    return abs(product) * (2 * EPSILON) if math.isfinite(product) else 0.0


def _remainder(_: object, one: float, two: float) -> float:
    if not (math.isfinite(one) and math.isfinite(two)) or int(abs(two)) == 0:
        return 0.0
    return math.copysign(float(int(abs(one)) % int(abs(two))), one) + 0.0


def _round(digits: Any, value: float) -> float:
    if math.isinf(value):
        return value
    steps = math.floor(abs(value) * 10.0 ** int(digits) + 0.5)
    whole = steps / 10.0**digits if digits > 0 else steps * 10.0**-digits
    return -whole if value < 0 else float(whole)


def _year(_: object, day: float, outside: float) -> float:
    return float(date.fromordinal(int(day)).year) if 1 <= day <= LAST_DAY else outside


def _add_months(_: object, day: float, months: float, outside: float) -> float:
    if not (math.isfinite(day) and math.isfinite(months) and abs(months) < 200_000):
        return outside
    found = exact_add_months(Fraction(day), Fraction(int(months)))
    return outside if found is None else float(found)


def _substring(_: object, text: str, start: float, end: float | None = None) -> str:
    begin = _position(start)
    return text[begin:] if end is None else text[begin : max(begin, _position(end))]


def _substring_fits(_: object, text: str, start: float, end: float | None = None) -> bool:
    return 0 <= start <= (len(text) if end is None else end) <= len(text)


def _position(number: float) -> int:
    return int(number) if math.isfinite(number) and 0 <= number < 1e9 else 0


def _bits(_: object, *truths: int) -> int:
    return reduce(lambda found, true: found * 2 + true, truths, 0)


_PLAIN: Mapping[str, Callable[..., Any]] = {
    "==": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    "least": min,
    "most": max,
    "+": operator.add,
    "negative": operator.neg,
    "absolute": abs,
    "concat": operator.add,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
    "contains": operator.contains,
}
#: Of what stands beside the arguments, and of the arguments.
_DETAILED: Mapping[str, Callable[..., Any]] = {
    "near": _near,
    "near half": _near_half,
    "too large": lambda largest, one: math.isfinite(one) and abs(one) >= largest,
    "*": _times,
    "/": _divided,
    "finite": lambda _, one: one if math.isfinite(one) else 0.0,
    "rounding": lambda _, one: abs(one) * EPSILON if math.isfinite(one) and one != round(one) else 0.0,
    "step": lambda _, one: abs(one) * (2 * EPSILON) if math.isfinite(one) else 0.0,
    "product step": _product_step,
    "quotient error": _quotient_error,
    "remainder": _remainder,
    "round": _round,
    "count": lambda _, *truths: sum(truths),
    "year": _year,
    "in calendar": lambda _, day, outside: day if 1 <= day <= LAST_DAY else outside,
    "add months": _add_months,
    "characters": lambda _, text: float(len(text)),
    "substring": _substring,
    "substring fits": _substring_fits,
    "bits": _bits,
    "place": lambda strides, *numbers: sum(n * stride for n, stride in zip(numbers, strides, strict=True)),
    "numbered": lambda tabled, value: tabled[0].get(value, tabled[1]),
    "shifted": lambda by, number: number + by,
    "cell": lambda cells, place: cells[place],
}
_FACTS: Mapping[str, Callable[[FewRows, Node], Values]] = {
    "missing": FewRows.missing,
    "given true": FewRows.given_true,
    "not given false": FewRows.not_given_false,
    "not given true": FewRows.not_given_true,
    "given": FewRows.given,
    "given or": FewRows.given_or,
    "may be member": FewRows.may_be_member,
}
_GATHERING: Mapping[str, tuple[Callable[[float, float], float], float]] = {
    "sum of": (lambda one, two: one + two, 0.0),
    "least of": (min, math.inf),
    "most of": (max, -math.inf),
}
_DIGITS = bytes.maketrans(b"\x00\x01", b"01")
_TRUTHS = bytes.maketrans(b"01", b"\x00\x01")
_BLANKS: Mapping[str, Any] = {"text": "", "code": 0}
