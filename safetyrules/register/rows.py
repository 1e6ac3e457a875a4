"""The rows of one kind's table as columns of facts: values, what is known in part, lists, and every cell refused."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import TYPE_CHECKING, Any

from safetyrules.diagnostics import diagnostic
from safetyrules.engine.columnar.cells import Cell
from safetyrules.engine.columnar.tables import COMPLETE, HIGH, LOW, NONE, PARENT, SET, SINCE, VALUE
from safetyrules.facts.refusal import Refused, shown
from safetyrules.facts.schema import ChoiceType, Fact, PartsType, ValuesType
from safetyrules.register.binding import BoundTable
from safetyrules.register.column import BoundColumn
from safetyrules.register.labels import Role
from safetyrules.register.reading import ReadCells, read_cells, refusal
from safetyrules.text import Text

if TYPE_CHECKING:
    import polars as pl

#: The columns that every table has after it was read from its source, beside its own.
SUBJECT, PART, ABOVE, ORDER = "#subject", "#part", "#above", "#order"
_BOUNDS = {Role.AT_LEAST: LOW, Role.AT_MOST: HIGH}
_GLUE = "\x1f"


@dataclass(frozen=True, slots=True)
class Fault:
    """Why one row is set aside. ``value`` is the cell as it was found."""

    row: int
    column: str | None
    fact: str | None
    value: str | None
    code: str
    reason: Text


@dataclass
class KindRows:
    """What the table of one kind says. Frames are row by row those of the table; ``forms`` as `facts_of` takes them.

    ``values``: fact → its members, with ``#parent`` as the row they belong to; ``member_forms`` those that columns
    cannot hold, by fact and row of that frame.
    """

    frame: pl.DataFrame
    values: dict[str, pl.DataFrame] = field(default_factory=dict)
    forms: dict[tuple[str, int], Any] = field(default_factory=dict)
    member_forms: dict[tuple[str, int], Any] = field(default_factory=dict)
    faults: list[Fault] = field(default_factory=list)


def read_rows(bound: BoundTable, frame: pl.DataFrame) -> KindRows:
    """All cells of a table. A fact that a column, or a constant, does not give has no column."""
    import polars as pl

    by_fact: dict[str, list[BoundColumn]] = {}
    for column in bound.columns:
        by_fact.setdefault(column.target.fact.name, []).append(column)
    read = KindRows(pl.DataFrame(height=frame.height))
    made: list[pl.Series] = []
    for name, fact in bound.kind.facts.items():
        columns = by_fact.get(name, [])
        if isinstance(fact.type, PartsType | ValuesType):
            made.extend(_of_list(read, fact, columns, frame))
        elif columns:
            made.extend(_of_scalar(read, fact, columns, frame))
        elif name in bound.constants:
            made.extend(_constants(fact, bound.constants[name], frame.height))
    if made:
        read.frame = pl.DataFrame(made)
    return read


def reason_of(refused: Refused) -> Text:
    """A refusal as one sentence in each language."""
    said = refused.at(None)
    if said.expected is None:
        return said.message
    return Text(f"{said.message.zh}；应为：{said.expected.zh}", f"{said.message.en}; expected {said.expected.en}")


def fault(code: str, row: int, column: str | None = None, value: str | None = None, /, **values: Any) -> Fault:
    """A fault that is none of one cell."""
    return Fault(row, column, None, value, code, diagnostic(code, **values).message)


def _faults(read: KindRows, column: BoundColumn, cells: pl.Series, rows: Iterable[int]) -> None:
    known: dict[Any, Refused] = {}
    for row in rows:
        cell = cells[row]
        key = (type(cell), cell if isinstance(cell, str | int | float) else str(cell))
        if key not in known:
            known[key] = refusal(column, cell)
        _add(read, column, row, cell, known[key])


def _add(read: KindRows, column: BoundColumn, row: int, cell: Any, refused: Refused) -> None:
    value = cell if isinstance(cell, str) else shown(cell)
    read.faults.append(Fault(row, column.name, column.target.fact.name, value[:200], refused.code, reason_of(refused)))


def _of_scalar(read: KindRows, fact: Fact, columns: list[BoundColumn], frame: pl.DataFrame) -> list[pl.Series]:
    """The columns of a scalar fact from those that say something of it."""
    import polars as pl

    said: dict[Role, ReadCells] = {}
    for column in columns:
        cells = frame[column.name]
        if column.target.role is Role.ONE_OF:
            said[Role.ONE_OF] = _sets(read, column, cells)
            continue
        found = said[column.target.role] = read_cells(column, cells)
        _faults(read, column, cells, found.bad.arg_true())
    if len(said) == 1 and Role.VALUE in said and not fact.may_not_apply:
        only = said[Role.VALUE]
        read.forms.update({(fact.name, row): number for row, number in only.exact.items()})
        return [only.values.rename(fact.name)]
    assert not isinstance(fact.type, PartsType | ValuesType)
    cell = Cell(fact.name, fact.type, fact.may_not_apply)
    made = pl.DataFrame(
        [
            _column(said, suffix, name, dtype, frame.height)
            for suffix, name, dtype in zip(cell.suffixes, cell.columns, cell.types, strict=True)
        ]
    )
    made = _settled(read, fact, cell, columns, said, made)
    return [series for series in made if series.name == fact.name or series.null_count() < len(series)]


def _column(said: Mapping[Role, ReadCells], suffix: str, name: str, dtype: Any, height: int) -> pl.Series:
    import polars as pl

    empty = pl.Series(name, [None], dtype=dtype).new_from_index(0, height)
    role = {"": Role.VALUE, LOW: Role.AT_LEAST, HIGH: Role.AT_MOST, SET: Role.ONE_OF, NONE: Role.NOT_APPLICABLE}[suffix]
    if role in said:
        return said[role].values.rename(name)
    return empty


def _settled(
    read: KindRows,
    fact: Fact,
    cell: Cell,
    columns: list[BoundColumn],
    said: Mapping[Role, ReadCells],
    made: pl.DataFrame,
) -> pl.DataFrame:
    """Companions that agree with one another; where they do not, the row is refused."""
    import polars as pl

    plain = pl.col(fact.name).is_not_null()
    partly = pl.lit(False)
    for role, companion in (*_BOUNDS.items(), (Role.ONE_OF, SET)):
        if role in said:
            partly |= pl.col(fact.name + companion).is_not_null()
    none = pl.lit(False)
    if fact.may_not_apply:
        of_words = said[Role.VALUE].none if Role.VALUE in said else pl.lit(False)
        none = pl.col(fact.name + NONE).fill_null(False) | of_words
    clash = made.select((plain & partly) | (none & (plain | partly))).to_series()
    _clashes(read, fact, columns, clash, "SR5039")
    if LOW in cell.suffixes:
        low, high = pl.col(fact.name + LOW), pl.col(fact.name + HIGH)
        crossed = made.select((low > high).fill_null(False)).to_series()
        _clashes(read, fact, columns, crossed, "SR1015")
        point = (low == high).fill_null(False)
        made = made.with_columns(
            pl.when(point).then(low).otherwise(pl.col(fact.name)).alias(fact.name),
            pl.when(~point).then(low).alias(low.meta.output_name()),
            pl.when(~point).then(high).alias(high.meta.output_name()),
        )
        _exact_forms(read, fact, said, made)
    elif Role.ONE_OF in said and isinstance(fact.type, ChoiceType):
        made = _sets_settled(read, fact, fact.type, made)
    if fact.may_not_apply:
        has = made.select(plain | partly).to_series()
        held = {row for name, row in read.forms if name == fact.name}
        if held:
            has |= pl.Series([row in held for row in range(made.height)], dtype=pl.Boolean)
        made = made.with_columns(
            pl.when(none).then(True).when(has).then(False).otherwise(pl.col(fact.name + NONE)).alias(fact.name + NONE)
        )
    return made


def _clashes(read: KindRows, fact: Fact, columns: list[BoundColumn], rows: pl.Series, code: str) -> None:
    reason = diagnostic(code).message
    names = ", ".join(column.name for column in columns)
    read.faults.extend(Fault(int(row), names, fact.name, None, code, reason) for row in rows.arg_true())


def _exact_forms(read: KindRows, fact: Fact, said: Mapping[Role, ReadCells], made: pl.DataFrame) -> None:
    """Raw facts of what is known of numbers that the columns cannot hold."""
    if Role.VALUE in said:
        read.forms.update({(fact.name, row): number for row, number in said[Role.VALUE].exact.items()})
    exact = {role: said[role].exact for role in _BOUNDS if role in said}
    for row in sorted({row for numbers in exact.values() for row in numbers}):
        ends: dict[str, Any] = {}
        for role, companion in _BOUNDS.items():
            end = exact.get(role, {}).get(row, made[fact.name + companion][row])
            if end is not None:
                ends[str(role)] = end
        both = [Fraction(end) if isinstance(end, Fraction) else Fraction(repr(end)) for end in ends.values()]
        if len(both) == 2:
            if both[0] > both[1]:
                reason = diagnostic("SR1015").message
                read.faults.append(Fault(row, None, fact.name, None, "SR1015", reason))
                continue
            ends = {"between": both}
        read.forms[fact.name, row] = ends


def _sets(read: KindRows, column: BoundColumn, cells: pl.Series) -> ReadCells:
    """Sets of members as bits. A cell is a list, or the members with a separator between them."""
    import polars as pl

    of = column.words.type
    assert isinstance(of, ChoiceType)
    glue = _GLUE if isinstance(cells.dtype, pl.List | pl.Array) else column.separator or _GLUE
    texts = cells.cast(pl.List(pl.String)).list.join(_GLUE) if glue == _GLUE else cells.cast(pl.String)
    bits: dict[str, int] = {}
    refused: dict[str, Refused] = {}
    for text in texts.drop_nulls().unique():
        words = [word.strip() for word in text.split(glue) if word.strip()]
        try:
            members = {column.read(word) for word in words}
            found = sum(1 << of.members.index(m) for m in members if isinstance(m, str))
            if words and None not in members:
                bits[text] = found
        except Refused as error:
            refused[text] = error
    values = texts.replace_strict(bits, default=None, return_dtype=pl.UInt64)
    bad = texts.is_in(list(refused)).fill_null(False)
    for row in bad.arg_true():
        _add(read, column, int(row), texts[int(row)].replace(_GLUE, ", "), refused[texts[int(row)]])
    return ReadCells(values, pl.repeat(False, len(cells), eager=True), bad)


def _sets_settled(read: KindRows, fact: Fact, of: ChoiceType, made: pl.DataFrame) -> pl.DataFrame:
    """A set of one member is that member; the set of all says that there is a value, which only a raw fact can."""
    import polars as pl

    full = (1 << len(of.members)) - 1
    bits = pl.col(fact.name + SET)
    rows = made.select((bits == full).fill_null(False)).to_series().arg_true()
    if not fact.may_not_apply:
        read.forms.update({(fact.name, int(row)): {"one_of": list(of.members)} for row in rows})
    member = bits.replace_strict(
        {1 << i: m for i, m in enumerate(of.members)}, default=None, return_dtype=pl.Enum(of.members)
    )
    return made.with_columns(
        pl.coalesce(pl.col(fact.name), member).alias(fact.name),
        pl.when(member.is_null() & (bits != full)).then(bits).alias(fact.name + SET),
    )


def _of_list(read: KindRows, fact: Fact, columns: list[BoundColumn], frame: pl.DataFrame) -> list[pl.Series]:
    """What columns say of a list as a whole; the members of a list of values."""
    made: list[pl.Series] = []
    suffixes = {Role.COMPLETE: COMPLETE, Role.COMPLETE_SINCE: SINCE}
    for column in columns:
        cells = frame[column.name]
        if column.target.role is Role.VALUE:
            made.append(_members(read, fact, column, cells))
            continue
        found = read_cells(column, cells)
        _faults(read, column, cells, found.bad.arg_true())
        made.append(found.values.rename(fact.name + suffixes[column.target.role]))
    named = {series.name: series for series in made}
    given = next((series for series in made if series.name == fact.name), None)
    if given is not None:
        complete = named.get(fact.name + COMPLETE)
        whole = given if complete is None else complete.zip_with(complete.is_not_null(), given)
        named[fact.name + COMPLETE] = whole.rename(fact.name + COMPLETE)
        del named[fact.name]
    return list(named.values())


def _members(read: KindRows, fact: Fact, column: BoundColumn, cells: pl.Series) -> pl.Series:
    """Reads the members of a list of values; true where a list is given."""
    import polars as pl

    if column.separator is not None and not isinstance(cells.dtype, pl.List | pl.Array):
        blank = cells.cast(pl.String).str.strip_chars().fill_null("") == ""
        cells = (
            cells.cast(pl.String)
            .str.split(column.separator)
            .zip_with(~blank, pl.Series(cells.name, [None], dtype=pl.List(pl.String)).new_from_index(0, len(cells)))
        )
    elif isinstance(cells.dtype, pl.Array):
        cells = cells.cast(pl.List(cells.dtype.inner))
    elif not isinstance(cells.dtype, pl.List):
        cells = cells.cast(pl.List(pl.String))
    rows = pl.DataFrame({PARENT: pl.int_range(0, len(cells), dtype=pl.UInt32, eager=True), VALUE: cells})
    members = rows.filter(pl.col(VALUE).list.len() > 0).explode(VALUE)
    if members[VALUE].dtype == pl.String and column.separator is not None:
        members = members.filter(pl.col(VALUE).str.strip_chars() != "")
    found = read_cells(column, members[VALUE])
    for member in found.bad.arg_true():
        cell = members[VALUE][int(member)]
        _add(read, column, int(members[PARENT][int(member)]), cell, refusal(column, cell))
    read.member_forms.update({(fact.name, row): number for row, number in found.exact.items()})
    read.values[fact.name] = pl.DataFrame([members[PARENT], found.values.rename(VALUE)])
    return pl.select(pl.when(cells.is_not_null()).then(True)).to_series().rename(fact.name)


def _constants(fact: Fact, cells: Mapping[str, Any], height: int) -> list[pl.Series]:
    import polars as pl

    assert not isinstance(fact.type, PartsType | ValuesType)
    cell = Cell(fact.name, fact.type, fact.may_not_apply)
    return [
        pl.Series(name, [cells[name]], dtype=dtype).new_from_index(0, height)
        for name, dtype in zip(cell.columns, cell.types, strict=True)
        if name == fact.name or cells[name] is not None
    ]
