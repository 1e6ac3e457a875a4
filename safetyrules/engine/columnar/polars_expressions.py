"""What each operation of a graph is in Polars. Nothing here is ever null, and `where` never meets one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from functools import lru_cache
from math import isfinite
from typing import TYPE_CHECKING, Any

import polars as pl

from safetyrules.engine.algebra import LAST_DAY
from safetyrules.engine.columnar.forms import EPSILON, LEAST_NORMAL
from safetyrules.engine.columnar.nodes import ANYWHERE, ColumnKind, Graph, Node, Tabled
from safetyrules.engine.columnar.tables import SET

if TYPE_CHECKING:
    from collections.abc import Mapping

TYPES: dict[str, Any] = {"truth": pl.Boolean, "number": pl.Float64, "code": pl.UInt32, "text": pl.String}
#: Day 1 of the calendar that dates are counted in, by the days of Polars (from 1970).
EPOCH = 719163
#: The months of the calendar.
MONTHS = 9999 * 12
#: The type of numbers that are small (`Graph.small`).
SMALL_NUMBER = pl.Int32
#: So many truths are counted in bytes, four times as fast as in 32 bits.
_MOST_IN_A_BYTE = 255
Expression = Callable[..., pl.Expr]


@lru_cache(maxsize=4096)
def _whole(value: int, of: Any = SMALL_NUMBER) -> pl.Expr:
    return pl.lit(value, dtype=of)


@lru_cache(maxsize=4096)
def literal(kind: ColumnKind, value: Any) -> pl.Expr:
    """A value as a column of its kind, kept: Polars makes each by way of a series of one."""
    return pl.lit(value, dtype=TYPES[kind])


class Expressions:
    """Writes the expressions of the nodes of a graph. ``columns`` says which fact columns a table has, with their
    types."""

    def __init__(self, graph: Graph, columns: Mapping[str, Mapping[str, Any]]) -> None:
        self.graph = graph
        self.columns = columns

    def of(self, node: Node, written: Callable[[Node], pl.Expr]) -> pl.Expr:
        """``written`` gives the expressions of the arguments."""
        if node.operation == "constant":
            return literal(node.kind, node.detail)
        small = node.number in self.graph.small or (
            node.operation in _COMPARING and self.graph.all_small(node.arguments)
        )
        arguments = [self._argument(each, small, written) for each in node.arguments]
        method = getattr(self, _METHODS.get(node.operation, node.operation.replace(" ", "_")))
        found: pl.Expr = method(node, *arguments)
        return found

    def _argument(self, node: Node, small: bool, written: Callable[[Node], pl.Expr]) -> pl.Expr:
        """As small as the other numbers of an operation, or as wide."""
        if node.kind != "number" or not small:
            return self.wide(node, written(node))
        if node.constant:
            return _whole(int(node.detail))  # type: ignore[call-overload]
        return written(node).cast(SMALL_NUMBER) if node.table == ANYWHERE else written(node)

    def wide(self, node: Node, written: pl.Expr) -> pl.Expr:
        """A column, of which small numbers are turned into floats."""
        if node.table == ANYWHERE or node.number not in self.graph.small:
            return written
        return written.cast(pl.Float64)

    # ---- facts -------------------------------------------------------------------------------------------------------

    def _column(self, node: Node, name: str) -> pl.Expr | None:
        return pl.col(name) if name in self.columns[node.table] else None

    def _plain(self, node: Node, name: str) -> pl.Expr | None:
        """A column as the number, code or text that it is."""
        column = self._column(node, name)
        if column is None:
            return None
        type_ = self.columns[node.table][name]
        if type_ == pl.Date:
            return (column.cast(pl.Int32) + EPOCH).cast(pl.Float64)
        if isinstance(type_, pl.Enum):
            return column.to_physical().cast(pl.UInt32)
        return column.cast(TYPES[node.kind])

    def missing(self, node: Node) -> pl.Expr:
        column = self._column(node, str(node.detail))
        return pl.lit(True) if column is None else column.is_null()

    def given_true(self, node: Node) -> pl.Expr:
        column = self._column(node, str(node.detail))
        return pl.lit(False) if column is None else column.fill_null(False)

    def not_given_false(self, node: Node) -> pl.Expr:
        column = self._column(node, str(node.detail))
        return pl.lit(True) if column is None else column.fill_null(True)

    def not_given_true(self, node: Node) -> pl.Expr:
        column = self._column(node, str(node.detail))
        return pl.lit(True) if column is None else ~column.fill_null(False)

    def given(self, node: Node, limit: pl.Expr | None = None) -> pl.Expr:
        if node.kind == "number":
            assert limit is not None
            if node.number in self.graph.small:
                return self._given_small(node)
            column = self._plain(node, str(node.detail))
            return limit if column is None else column.fill_null(limit)
        column = self._plain(node, str(node.detail))
        blank = literal(node.kind, "" if node.kind == "text" else 0)
        return blank if column is None else column.fill_null(blank)

    def _given_small(self, node: Node) -> pl.Expr:
        """`Prepared.run` has seen to it that the column has no number that is too large."""
        (limit,) = node.arguments
        value = int(limit.detail)  # type: ignore[call-overload]
        column = self._column(node, str(node.detail))
        if column is None:
            return _whole(value)
        of = self.columns[node.table][str(node.detail)]
        if of not in (pl.Float64, pl.Int64):  # may not hold the limit
            return column.cast(SMALL_NUMBER).fill_null(_whole(value))
        return column.fill_null(_whole(value, of)).cast(SMALL_NUMBER, wrap_numerical=True)

    def given_or(self, node: Node, limit: pl.Expr) -> pl.Expr:
        names = node.detail
        assert isinstance(names, tuple)
        columns = [column for name in names if (column := self._plain(node, name)) is not None]
        return pl.coalesce(*columns, limit)

    def may_be_member(self, node: Node) -> pl.Expr:
        """The member itself, one of the set where there is a set, or any where nothing is given."""
        assert isinstance(node.detail, tuple)
        name, place = node.detail
        plain = self._plain_code(node, name)
        bits: pl.Expr = (pl.col(name + SET).fill_null(2**63 - 1) & (1 << place)) != 0
        return bits if plain is None else pl.when(plain.is_null()).then(bits).otherwise(plain == place)

    def _plain_code(self, node: Node, name: str) -> pl.Expr | None:
        column = self._column(node, name)
        return None if column is None else column.to_physical().cast(pl.UInt32)

    # ---- truth -------------------------------------------------------------------------------------------------------

    def and_(self, _: Node, *parts: pl.Expr) -> pl.Expr:
        found = parts[0]
        for part in parts[1:]:
            found = found & part
        return found

    def or_(self, _: Node, *parts: pl.Expr) -> pl.Expr:
        found = parts[0]
        for part in parts[1:]:
            found = found | part
        return found

    def not_(self, _: Node, one: pl.Expr) -> pl.Expr:
        return ~one

    # A constant stands on the right: Polars 2.1 compares one on the left with a column of one repeated value wrongly.

    def equal(self, node: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        found: pl.Expr = two == one if node.arguments[0].table == ANYWHERE else one == two
        return found

    def less(self, node: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        return two > one if node.arguments[0].table == ANYWHERE else one < two

    def at_most(self, node: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        return two >= one if node.arguments[0].table == ANYWHERE else one <= two

    def near(self, node: Node, one: pl.Expr, two: pl.Expr, error: pl.Expr) -> pl.Expr:
        near = (error > 0.0) & ((one - two).abs() <= error)
        for side, end in zip((one, two), node.arguments, strict=False):
            if not (end.constant and isfinite(float(end.detail))):  # type: ignore[arg-type]
                near &= side.is_finite()
        return near

    def near_half(self, node: Node, value: pl.Expr, error: pl.Expr) -> pl.Expr:
        scale = 10.0 ** int(node.detail)  # type: ignore[call-overload]
        scaled = value.abs() * scale
        off = (scaled - scaled.floor() - 0.5).abs()
        found: pl.Expr = value.is_finite() & (off <= (error * scale + scaled * (4 * EPSILON)))
        return found

    def too_large(self, node: Node, one: pl.Expr) -> pl.Expr:
        largest = float(node.detail)  # type: ignore[arg-type]
        found: pl.Expr = one.is_finite() & (one.abs() >= largest)
        return found

    # ---- numbers -----------------------------------------------------------------------------------------------------

    def where(self, _: Node, test: pl.Expr, then: pl.Expr, otherwise: pl.Expr) -> pl.Expr:
        return pl.when(test).then(then).otherwise(otherwise)

    def least(self, _: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        return pl.min_horizontal(one, two)

    def most(self, _: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        return pl.max_horizontal(one, two)

    def plus(self, _: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        return one + two

    def negative(self, _: Node, one: pl.Expr) -> pl.Expr:
        return -one

    def times(self, node: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        if node.number in self.graph.small:
            return one * two
        return pl.when((one == 0.0) | (two == 0.0)).then(0.0).otherwise(one * two)

    def divided(self, _: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        return pl.when(two.is_infinite() | (two == 0.0)).then(0.0).otherwise(one / two)

    def finite(self, _: Node, one: pl.Expr) -> pl.Expr:
        return pl.when(one.is_finite()).then(one).otherwise(0.0)

    def absolute(self, _: Node, one: pl.Expr) -> pl.Expr:
        return one.abs()

    def rounding(self, _: Node, one: pl.Expr) -> pl.Expr:
        return pl.when(one.is_finite() & (one != one.round())).then(one.abs() * EPSILON).otherwise(0.0)

    def step(self, _: Node, one: pl.Expr) -> pl.Expr:
        return pl.when(one.is_finite()).then(one.abs() * (2 * EPSILON)).otherwise(0.0)

    def product_step(self, _: Node, product: pl.Expr, a: pl.Expr, b: pl.Expr) -> pl.Expr:
        off = product.abs() * (2 * EPSILON)
        lost = (product.abs() < LEAST_NORMAL) & (a != 0.0) & (b != 0.0)
        return pl.when(lost).then(LEAST_NORMAL).when(product.is_finite()).then(off).otherwise(0.0)

    def quotient_error(self, _: Node, a: pl.Expr, a_error: pl.Expr, b: pl.Expr, b_error: pl.Expr) -> pl.Expr:
        quotient = (a / b).abs()
        # Polars divides by a constant through its reciprocal, which rounds once more.
        lost = pl.when((quotient < LEAST_NORMAL) & (a != 0.0)).then(LEAST_NORMAL).otherwise(0.0)
        off = (a_error + quotient * b_error) / (b.abs() - b_error) + quotient * (4 * EPSILON) + lost
        # A divisor that may be zero gives no bounds, and is doubtful where it is nearly zero.
        sure = b.is_finite() & a.is_finite() & (b.abs() > b_error)
        return pl.when(sure).then(off).otherwise(0.0)

    def remainder(self, _: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        whole = one.is_finite() & two.is_finite() & (two != 0.0)
        a = pl.when(whole).then(one).otherwise(0.0).abs().cast(pl.Int64)
        b = pl.when(whole).then(two).otherwise(1.0).abs().cast(pl.Int64)
        rest = pl.when(b == 0).then(0).otherwise(a % pl.when(b == 0).then(1).otherwise(b)).cast(pl.Float64)
        return pl.when(one < 0.0).then(-rest).otherwise(rest)

    def round(self, node: Node, value: pl.Expr) -> pl.Expr:
        digits = int(node.detail)  # type: ignore[call-overload]
        steps = (value.abs() * 10.0**digits + 0.5).floor()
        whole = steps / 10.0**digits if digits > 0 else steps * 10.0**-digits
        return pl.when(value.is_infinite()).then(value).when(value < 0.0).then(-whole).otherwise(whole)

    def count(self, _: Node, *truths: pl.Expr) -> pl.Expr:
        narrow = pl.UInt8 if len(truths) <= _MOST_IN_A_BYTE else pl.UInt32
        return pl.sum_horizontal(*(each.cast(narrow) for each in truths)).cast(SMALL_NUMBER)

    # ---- dates -------------------------------------------------------------------------------------------------------

    def year(self, _: Node, day: pl.Expr, outside: pl.Expr) -> pl.Expr:
        return pl.when(_in_calendar(day)).then(_date(day).dt.year().cast(pl.Float64)).otherwise(outside)

    def in_calendar(self, _: Node, day: pl.Expr, outside: pl.Expr) -> pl.Expr:
        return pl.when(_in_calendar(day)).then(day).otherwise(outside)

    def add_months(self, _: Node, day: pl.Expr, months: pl.Expr, outside: pl.Expr) -> pl.Expr:
        sure = _in_calendar(day) & months.is_finite() & (months.abs() < 200_000)
        start = _date(day)
        # Polars computes an expression as often as it is written: the tables of all months keep that short, and they
        # are many times faster than to make dates of years and months. Outside them there is no month.
        month = (start.dt.year() - 1) * 12 + start.dt.month().cast(pl.Int32) + months.cast(pl.Int32, strict=False)
        place = pl.when(sure).then(month.clip(0, MONTHS + 1)).otherwise(0).cast(pl.UInt32)
        firsts, lengths = (pl.lit(table).gather(place) for table in _months())
        days = pl.min_horizontal(start.dt.day().cast(pl.Int32), lengths)
        moved: pl.Expr = (firsts + days - 1).cast(pl.Float64).fill_null(outside)
        return moved

    # ---- texts and tables --------------------------------------------------------------------------------------------

    def characters(self, _: Node, text: pl.Expr) -> pl.Expr:
        return text.str.len_chars().cast(pl.Float64)

    def concat(self, _: Node, one: pl.Expr, two: pl.Expr) -> pl.Expr:
        return one + two

    def substring(self, _: Node, text: pl.Expr, start: pl.Expr, end: pl.Expr | None = None) -> pl.Expr:
        begin = _position(start)
        return text.str.slice(begin, None if end is None else _position(end) - begin)

    def substring_fits(self, _: Node, text: pl.Expr, start: pl.Expr, end: pl.Expr | None = None) -> pl.Expr:
        length = text.str.len_chars().cast(pl.Float64)
        stop = length if end is None else end
        return (start >= 0.0) & (start <= stop) & (stop <= length)

    def starts_with(self, _: Node, text: pl.Expr, part: pl.Expr) -> pl.Expr:
        return text.str.starts_with(part)

    def ends_with(self, _: Node, text: pl.Expr, part: pl.Expr) -> pl.Expr:
        return text.str.ends_with(part)

    def contains(self, _: Node, text: pl.Expr, part: pl.Expr) -> pl.Expr:
        return text.str.contains(part, literal=True)

    def bits(self, _: Node, *truths: pl.Expr) -> pl.Expr:
        """The first is the highest bit."""
        found = literal("code", 0)
        for truth in truths:
            found = found * 2 + truth.cast(pl.UInt32)
        return found.cast(pl.UInt32)

    def place(self, node: Node, *numbers: pl.Expr) -> pl.Expr:
        assert isinstance(node.detail, tuple)
        parts = [number * stride for number, stride in zip(numbers, node.detail, strict=True)]
        return pl.sum_horizontal(*parts).cast(pl.UInt32)

    def numbered(self, node: Node, value: pl.Expr) -> pl.Expr:
        tabled = self.graph.tabled[node.detail]  # type: ignore[index]
        assert tabled.keys is not None
        if not tabled.keys:
            return literal("code", 0)
        if node.arguments[0].kind == "code":
            return self._numbered_codes(value, tabled)
        if node.arguments[0].kind == "text" and tabled.cells == tuple(range(len(tabled.keys))):
            # Many times faster than to replace each; a text that is none of the keys becomes null.
            number = value.cast(pl.Enum([str(key) for key in tabled.keys]), strict=False).to_physical().cast(pl.UInt32)
            return number.fill_null(literal("code", len(tabled.cells)))
        keys = pl.Series(tabled.keys, dtype=TYPES[node.arguments[0].kind])
        numbers = pl.Series(tabled.cells, dtype=pl.UInt32)
        absent = literal("code", len(tabled.cells))
        return value.replace_strict(keys, numbers, default=absent, return_dtype=pl.UInt32)

    def _numbered_codes(self, value: pl.Expr, tabled: Tabled) -> pl.Expr:
        """Codes are small, so their numbers stand in a table by code: ten times faster than to look for them."""
        assert tabled.keys is not None
        numbers = dict(zip(tabled.keys, tabled.cells, strict=True))
        beyond = max(int(key) for key in numbers) + 1  # type: ignore[call-overload]
        table = [numbers.get(code, len(tabled.cells)) for code in range(beyond + 1)]
        return pl.lit(pl.Series(table, dtype=pl.UInt32)).gather(value.clip(upper_bound=beyond))

    def shifted(self, node: Node, number: pl.Expr) -> pl.Expr:
        found: pl.Expr = (number + int(node.detail)).cast(pl.UInt32)  # type: ignore[call-overload]
        return found

    def cell(self, node: Node, place: pl.Expr) -> pl.Expr:
        tabled = self.graph.tabled[node.detail]  # type: ignore[index]
        return pl.lit(pl.Series(tabled.cells, dtype=TYPES[node.kind])).gather(place)


_COMPARING = frozenset({"==", "<", "<="})
_METHODS = {
    "and": "and_", "or": "or_", "not": "not_", "==": "equal", "<": "less", "<=": "at_most", "+": "plus", "*": "times",
    "/": "divided", "startsWith": "starts_with", "endsWith": "ends_with",
}  # fmt: skip


@lru_cache(maxsize=1)
def _months() -> tuple[pl.Series, pl.Series]:
    """The first day and the length of every month of the calendar, from 1; null before and after."""
    first = pl.date_range(date.fromordinal(1), date.fromordinal(LAST_DAY), "1mo", eager=True)
    around = pl.Series([None], dtype=pl.Int32)
    days, lengths = first.cast(pl.Int32) + EPOCH, first.dt.month_end().dt.day().cast(pl.Int32)
    return pl.concat([around, days, around], rechunk=True), pl.concat([around, lengths, around], rechunk=True)


def _in_calendar(day: pl.Expr) -> pl.Expr:
    return (day >= 1.0) & (day <= float(LAST_DAY))


def _date(day: pl.Expr) -> pl.Expr:
    inside = pl.when(_in_calendar(day)).then(day).otherwise(1.0)
    return (inside.cast(pl.Int32) - EPOCH).cast(pl.Date)


def _position(number: pl.Expr) -> pl.Expr:
    return pl.when(number.is_finite() & (number >= 0.0) & (number < 1e9)).then(number).otherwise(0.0).cast(pl.Int64)
