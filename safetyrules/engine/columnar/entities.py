"""Parsed subjects as tables, and one subject of tables as raw facts.

`tables_of` takes what `safetyrules.facts.input.parse_facts` makes; `facts_of` gives what `safetyrules.assess` takes.
What the tables cannot hold of a subject puts it apart, so nothing is lost either way.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, NamedTuple

from safetyrules.engine.columnar.cells import MISSING, Cell
from safetyrules.engine.columnar.tables import ASSUMED, COMPLETE, PARENT, SINCE, VALUE, Tables
from safetyrules.facts.entity import Entity, Members
from safetyrules.facts.schema import BooleanType, Fact, NumberType, PartsType, ScalarType, Schema, ValuesType
from safetyrules.values import FALSE, Interval, Scalar

if TYPE_CHECKING:
    import polars as pl

#: So many values of a table are remembered with their cells.
VALUES_HELD = 4096


def tables_of(
    schema: Schema,
    root: str,
    entities: Iterable[Entity],
    raw: Mapping[int, Any] | None = None,
    facts: Collection[tuple[str, str]] | None = None,
) -> Tables:
    """The tables of subjects of the kind ``root``, a row for each in their order.

    ``raw`` has, by row, the facts as they were given, for subjects that must be decided apart; for a row it does not
    have they are written from the entity. Facts that a closed world assumed have their value and a companion that says
    so. ``facts`` (kind, name) are those to write; None is all.
    """
    writing = _Writing(schema, root, facts)
    apart: dict[int, Any] = {}
    for row, entity in enumerate(entities):
        writing.held = True
        writing.entity(entity, None)
        if not writing.held:
            apart[row] = raw[row] if raw is not None and row in raw else raw_of(schema, entity)
    return Tables(
        root,
        {kind: columns.frame() for kind, columns in writing.frames.items()},
        {key: columns.frame() for key, columns in writing.values.items()},
        apart,
    )


#: What is known of facts that their columns cannot hold, by kind, fact and row (of a list of values: of its member).
Forms = Mapping[tuple[str, str, int], Any]
#: A row of a table.
Cells = tuple[Any, ...]


def facts_of(schema: Schema, tables: Tables, row: int, forms: Forms = MappingProxyType({})) -> Any:
    """The facts of the subject in ``row``, as `safetyrules.assess` takes them; ``forms`` go before what columns say."""
    if row in tables.apart:
        return tables.apart[row]
    return _part(_Rows(schema, tables), tables.root, row, forms)


def all_facts(schema: Schema, tables: Tables) -> Iterator[Any]:
    """The facts of every subject of tables that are small, as `facts_of` gives them, one after the other."""
    source = _AllRows(schema, tables)
    for row in range(tables.height):
        yield tables.apart[row] if row in tables.apart else _part(source, tables.root, row, {})


def raw_of(schema: Schema, entity: Entity) -> dict[str, Any]:
    """The facts of a parsed subject in the forms they may be given in; where they come from is left out."""
    found: dict[str, Any] = {}
    for name, fact in schema.kinds[entity.kind].facts.items():
        match fact.type:
            case PartsType(log=log):
                members = entity.lists[name]
                items = [raw_of(schema, item) for item in members.items if isinstance(item, Entity)]
                form = _list_form(items, not members.open, _since(members, log), log is not None)
            case ValuesType(item=of):
                cell = Cell(VALUE, of, False)
                members = entity.lists[name]
                each = [cell.form(item, True) for item in members.items if not isinstance(item, Entity)]
                form = _list_form([None if item is MISSING else item for item in each], not members.open, None, False)
            case of:
                form = Cell(name, of, fact.may_not_apply).form(entity.values[name], name in entity.given)
        _put(found, name, form)
    return found


class _Columns:
    """The columns of one frame as they grow."""

    def __init__(self, cells: Iterable[Cell], others: Mapping[str, Any]) -> None:
        self.cells = {cell.name: cell for cell in cells}
        self.types: dict[str, Any] = dict(others)
        for cell in self.cells.values():
            self.types.update(zip(cell.columns, cell.types, strict=True))
        self.kept = {PARENT, *self.cells}
        #: What is said, by column and row; most facts of most subjects say nothing.
        self.said: dict[str, dict[int, Any]] = {name: {} for name in self.types}
        self.height = 0
        #: Of each column the object that last said nothing: it says nothing of other entities too.
        self.nothing: dict[str, Scalar] = {}
        #: What was said of a value, by its identity: many facts share one object. It is held, so none takes its place.
        self._known: dict[tuple[str, int], tuple[Scalar, tuple[bool, list[tuple[dict[int, Any], Any]]] | None]] = {}

    def scalar(self, cell: Cell, value: Scalar, given: bool) -> bool:
        """Writes the cells of a scalar into the last row; False where it cannot be held."""
        key = (cell.name, id(value))
        known = self._known.get(key)
        if known is None:
            if len(self._known) >= VALUES_HELD:
                self._known.clear()
            known = self._known[key] = value, None if value == cell.anything else self._cells(cell, value)
            if known[1] is None:
                self.nothing[cell.name] = value
        cells = known[1]
        if cells is None:
            return not given
        for column, plain in cells[1]:
            column[self.height - 1] = plain
        return cells[0]

    def _cells(self, cell: Cell, value: Scalar) -> tuple[bool, list[tuple[dict[int, Any], Any]]]:
        """Can a value be held, and what each of its columns then says."""
        said = cell.cells(value)
        named = zip(cell.columns, said or (), strict=False)
        return said is not None, [(self.said[name], plain) for name, plain in named if plain is not None]

    def frame(self) -> pl.DataFrame:
        """Companions that say nothing are left out."""
        import polars as pl

        series = []
        for name, said in self.said.items():
            if name in self.kept or said:
                values = [None] * self.height
                for row, value in said.items():
                    values[row] = value
                series.append(pl.Series(name, values, dtype=self.types[name], strict=True))
        return pl.DataFrame(series) if series else pl.DataFrame(height=self.height)


class _Writing:
    """The frames of all kinds below the root, as subjects are written to them."""

    def __init__(self, schema: Schema, root: str, facts: Collection[tuple[str, str]] | None) -> None:
        import polars as pl

        self.schema = schema
        self.held = True
        self.lists: dict[str, list[str]] = {}
        self.frames: dict[str, _Columns] = {}
        self.values: dict[tuple[str, str], _Columns] = {}
        kinds = [root]
        for kind in kinds:
            cells: list[Cell] = []
            others: dict[str, Any] = {} if kind == root else {PARENT: pl.UInt32()}
            lists = self.lists[kind] = []
            for name, fact in schema.kinds[kind].facts.items():
                if facts is not None and (kind, name) not in facts:
                    continue
                if isinstance(fact.type, PartsType | ValuesType):
                    lists.append(name)
                match fact.type:
                    case PartsType(kind=part, log=log):
                        kinds.append(part)
                        others[name + COMPLETE] = pl.Boolean()
                        if log is not None:
                            others[name + SINCE] = pl.Date()
                    case ValuesType(item=of):
                        others[name + COMPLETE] = pl.Boolean()
                        self.values[kind, name] = _Columns([Cell(VALUE, of, False)], {PARENT: pl.UInt32()})
                    case of:
                        cells.append(Cell(name, of, fact.may_not_apply))
                        if isinstance(of, BooleanType):
                            others[name + ASSUMED] = pl.Boolean()
            self.frames[kind] = _Columns(cells, others)

    def entity(self, entity: Entity, parent: int | None) -> None:
        columns = self.frames[entity.kind]
        row = columns.height
        columns.height += 1
        if parent is not None:
            columns.said[PARENT][row] = parent
        values, nothing = entity.values, columns.nothing
        for name, cell in columns.cells.items():
            value, given = values[name], name in entity.given
            if not given and value is nothing.get(name):
                continue
            if not columns.scalar(cell, value, given):
                self.held = False
            if not given and value == FALSE and cell.name + ASSUMED in columns.said:
                columns.said[cell.name + ASSUMED][row] = True
        for name in self.lists[entity.kind]:
            members = entity.lists[name]
            columns.said[name + COMPLETE][row] = not members.open
            of = self.schema.kinds[entity.kind].facts[name].type
            if isinstance(of, PartsType):
                if of.log is not None:
                    since = _since(members, of.log)
                    if since is not None:
                        columns.said[name + SINCE][row] = since
                for item in members.items:
                    if isinstance(item, Entity):
                        self.entity(item, row)
            else:
                self._values(self.values[entity.kind, name], members, row)

    def _values(self, columns: _Columns, members: Members, parent: int) -> None:
        for item in members.items:
            assert not isinstance(item, Entity)
            columns.said[PARENT][columns.height] = parent
            columns.height += 1
            if not columns.scalar(columns.cells[VALUE], item, False):
                self.held = False


def _since(members: Members, log: str | None) -> date | None:
    """The day from which a log is complete: its residual entry lies before it."""
    if log is None or not isinstance(members.residual, Entity):
        return None
    days = members.residual.values[log]
    if not isinstance(days, Interval) or days.high is None:
        return None
    return date.fromordinal(int(days.high) + 1)


class _Scalar(NamedTuple):
    """Where a row holds a scalar fact: its plain column, and all its columns as `Cell` has them (None: not there)."""

    name: str
    cell: Cell
    whole: bool
    plain: int | None
    places: tuple[int | None, ...]
    beside: tuple[int, ...]

    def form(self, cells: Cells) -> Any:
        """What a row says of it; most say it plainly, or nothing."""
        plain = None if self.plain is None else cells[self.plain]
        if plain is not None:
            return int(plain) if self.whole else plain
        if any(cells[place] is not None for place in self.beside):
            return self.cell.form(self.cell.scalar([None if p is None else cells[p] for p in self.places]))
        return MISSING


class _List(NamedTuple):
    """Where a row holds what is said of a list; ``item`` where its members are scalars, else the kind of its parts."""

    name: str
    item: _Scalar | str
    complete: int | None
    since: int | None
    log: bool


def _scalar(name: str, of: ScalarType, may_not_apply: bool, at: Mapping[str, int]) -> _Scalar:
    cell = Cell(name, of, may_not_apply)
    places = tuple(at.get(column) for column in cell.columns)
    beside = tuple(place for place in places[1:] if place is not None)
    return _Scalar(name, cell, isinstance(of, NumberType) and of.integer, places[0], places, beside)


class _Rows:
    """The rows of tables, read one at a time."""

    def __init__(self, schema: Schema, tables: Tables) -> None:
        self.schema = schema
        self.tables = tables
        self._layouts: dict[str, list[_Scalar | _List]] = {}

    def layout(self, kind: str) -> list[_Scalar | _List]:
        """The facts of a kind that its tables may say something of."""
        found = self._layouts.get(kind)
        if found is None:
            at = {name: place for place, name in enumerate(self.tables.frames[kind].columns)}
            each = (self._fact(kind, fact, at) for fact in self.schema.kinds[kind].facts.values())
            found = self._layouts[kind] = [fact for fact in each if fact is not None]
        return found

    def _fact(self, kind: str, fact: Fact, at: Mapping[str, int]) -> _Scalar | _List | None:
        name = fact.name
        match fact.type:
            case PartsType(kind=part, log=log):
                return _List(name, part, at.get(name + COMPLETE), at.get(name + SINCE), log is not None)
            case ValuesType(item=of):
                frame = self.tables.values.get((kind, name))
                columns = {} if frame is None else {column: place for place, column in enumerate(frame.columns)}
                return _List(name, _scalar(VALUE, of, False, columns), at.get(name + COMPLETE), None, False)
            case of:
                return _scalar(name, of, fact.may_not_apply, at)

    def at(self, kind: str, row: int) -> Cells:
        return self.tables.frames[kind].row(row)

    def parts(self, kind: str, parent: int) -> range:
        return range(*_members(self.tables.frames.get(kind), parent))

    def values(self, kind: str, fact: str, parent: int) -> Iterable[tuple[int, Cells]]:
        frame = self.tables.values.get((kind, fact))
        first, after = _members(frame, parent)
        return enumerate(frame.slice(first, after - first).iter_rows() if frame is not None else (), start=first)


class _AllRows(_Rows):
    """The rows of small tables, read at once."""

    def __init__(self, schema: Schema, tables: Tables) -> None:
        super().__init__(schema, tables)
        self.rows = {kind: frame.rows() for kind, frame in tables.frames.items()}
        self.listed = {key: frame.rows() for key, frame in tables.values.items()}
        self.below = {kind: _spans(frame) for kind, frame in tables.frames.items() if kind != tables.root}
        self.values_below = {key: _spans(frame) for key, frame in tables.values.items()}

    def at(self, kind: str, row: int) -> Cells:
        return self.rows[kind][row]

    def parts(self, kind: str, parent: int) -> range:
        return self.below.get(kind, {}).get(parent, range(0))

    def values(self, kind: str, fact: str, parent: int) -> Iterable[tuple[int, Cells]]:
        span = self.values_below.get((kind, fact), {}).get(parent, range(0))
        return ((number, self.listed[kind, fact][number]) for number in span)


def _spans(frame: pl.DataFrame) -> dict[int, range]:
    """Of each parent, the rows of its members."""
    spans: dict[int, range] = {}
    for number, parent in enumerate(frame.get_column(PARENT).to_list()):
        first = spans[parent].start if parent in spans else number
        spans[parent] = range(first, number + 1)
    return spans


def _part(source: _Rows, kind: str, row: int, forms: Forms) -> dict[str, Any]:
    found: dict[str, Any] = {}
    cells = source.at(kind, row)
    for fact in source.layout(kind):
        name = fact.name
        if isinstance(fact, _Scalar):
            form = forms.get((kind, name, row), MISSING) if forms else MISSING
            if form is MISSING:
                form = fact.form(cells)
        else:
            form = _listed(source, kind, row, fact, cells, forms)
        if form is not MISSING:
            _put(found, name, form)
    return found


def _listed(source: _Rows, kind: str, row: int, fact: _List, cells: Cells, forms: Forms) -> Any:
    complete = fact.complete is not None and bool(cells[fact.complete])
    since = None if fact.since is None else cells[fact.since]
    if isinstance(fact.item, str):
        parts = [_part(source, fact.item, each, forms) for each in source.parts(fact.item, row)]
        return _list_form(parts, complete, since, fact.log)
    items = [
        forms[kind, fact.name, number] if (kind, fact.name, number) in forms else fact.item.form(each)
        for number, each in source.values(kind, fact.name, row)
    ]
    return _list_form([None if item is MISSING else item for item in items], complete, None, False)


def _members(frame: pl.DataFrame | None, parent: int) -> tuple[int, int]:
    """The rows of a parent's members, from and before; a frame of parts is sorted by ``#parent``."""
    if frame is None or not frame.height:
        return 0, 0
    above = frame[PARENT]
    return int(above.search_sorted(parent, side="left")), int(above.search_sorted(parent, side="right"))


def _list_form(items: list[Any], complete: bool, since: date | None, log: bool) -> Any:
    if complete:
        return {"items": items, "more": False} if log else items
    if since is not None:
        return {"items": items, "complete_since": since}
    return {"items": items, "more": True} if items else MISSING


def _put(facts: dict[str, Any], name: str, form: Any) -> None:
    if form is MISSING:
        return
    *sections, key = name.split(".")
    for section in sections:
        facts = facts.setdefault(section, {})
    facts[key] = form
