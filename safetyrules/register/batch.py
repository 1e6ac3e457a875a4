"""Whole subjects out of their rows: `assemble` makes the tables of a batch and sets aside the subjects with a fault."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import reduce
from operator import or_
from typing import TYPE_CHECKING, Any, NamedTuple

from safetyrules.engine.columnar.cells import Cell
from safetyrules.engine.columnar.entities import facts_of
from safetyrules.engine.columnar.subsets import speaking_columns
from safetyrules.engine.columnar.tables import COMPLETE, PARENT, SINCE, VALUE, Tables, column_type, repeated
from safetyrules.facts.presence import begins, implies
from safetyrules.facts.scalars import read_scalar
from safetyrules.facts.schema import Evidence, PartsType, Schema, ValuesType
from safetyrules.register.binding import Binding, BoundTable
from safetyrules.register.part_keys import doubled, part_rows, subject_rows
from safetyrules.register.rows import ABOVE, ORDER, PART, SUBJECT, Fault, KindRows, fault, read_rows
from safetyrules.text import Text

if TYPE_CHECKING:
    import polars as pl

#: A row of a kind's table, as the layout of `Tables` does not have it.
_ROW = "#row"
_KEYS = (SUBJECT, PART, ABOVE, ORDER)
_THE_ROW = Text("这一行", "the row")


class Count(NamedTuple):
    """Rows of one kind: ``read`` is always ``accepted`` and ``set_aside`` together."""

    read: int
    accepted: int
    set_aside: int


@dataclass(frozen=True)
class Batch:
    """Whole subjects with all their parts, in the order of their keys.

    ``keys``: the key of the subject in each row of ``tables``; ``rejects``: why rows were set aside, a row for each
    fault; ``counts``: by kind; ``part_keys``: by kind, as they are compared.
    """

    tables: Tables
    keys: pl.Series
    rejects: pl.DataFrame
    counts: Mapping[str, Count]
    part_keys: Mapping[str, pl.Series]

    @property
    def parts(self) -> dict[str, pl.Series]:
        """By kind, the keys of parts as texts, row by row of ``tables``."""
        import polars as pl

        return {kind: keys.cast(pl.String).rename("part") for kind, keys in self.part_keys.items()}


def assemble(binding: Binding, frames: Mapping[str, pl.DataFrame]) -> Batch:
    """The batch of the rows of some subjects: for each kind its frame, sorted by ``#subject`` and ``#order``."""
    return _Assembling(binding, frames).batch()


def reject_columns() -> dict[str, Any]:
    """The columns of a table of rejects."""
    import polars as pl

    names = ("subject", "kind", "part", "column", "fact", "value", "code", "reason_zh", "reason_en")
    return {name: pl.String() for name in names}


class _Assembling:
    """One batch on its way."""

    def __init__(self, binding: Binding, frames: Mapping[str, pl.DataFrame]) -> None:
        self.binding = binding
        self.schema: Schema = binding.schema
        self.root = binding.root
        self.kinds = list(binding.tables)
        #: The keys of the rows of each kind.
        self.frames = {kind: _columns(frame, _KEYS).with_row_index(_ROW) for kind, frame in frames.items()}
        self.rows: dict[str, KindRows] = {
            kind: read_rows(bound, frames[kind]) for kind, bound in binding.tables.items()
        }
        #: Of each row of a kind of parts, the row of what it is a part of; null where there is none.
        self.above: dict[str, pl.Series] = {}
        self.kept: dict[str, pl.DataFrame] = {}

    def batch(self) -> Batch:
        self._keys()
        self._denials()
        self._keep()
        frames, values = self._frames()
        tables = Tables(self.root, frames, values)
        apart = self._apart(tables)
        counts = {
            kind: Count(
                self.frames[kind].height, self.kept[kind].height, self.frames[kind].height - self.kept[kind].height
            )
            for kind in self.kinds
        }
        keys = self.kept[self.root][SUBJECT].rename("subject")
        parts = {kind: kept[PART] for kind, kept in self.kept.items() if kind != self.root and PART in kept.columns}
        return Batch(Tables(self.root, frames, values, apart), keys, self._rejects(), counts, parts)

    # ---- faults of rows ----------------------------------------------------------------------------------------------

    def _keys(self) -> None:
        """Rows without a key, subjects and parts that come twice, parts of nobody; of each part the row above it."""
        keys = {kind: frame.get_column(SUBJECT) for kind, frame in self.frames.items()}
        subjects = subject_rows(keys, self.root)
        for kind in self.kinds:
            frame, bound = self.frames[kind], self.binding.tables[kind]
            if keys[kind].null_count():
                self._at_fault(kind, keys[kind].is_null().arg_true(), "SR5031", bound.subject)
            if kind == self.root:
                self._twice(kind, keys[kind], None, "SR5032", bound.subject)
                continue
            self.above[kind] = owners = subjects[kind]
            if owners.null_count() > keys[kind].null_count():
                orphans = (owners.is_null() & keys[kind].is_not_null()).arg_true()
                self._at_fault(kind, orphans, "SR5033", bound.subject, keys[kind])
                # Parts of the same nobody may come twice too: each nobody has a number beyond the rows of subjects.
                owners = owners.fill_null(keys[kind].rank("dense") + self.frames[self.root].height)
            if bound.part is not None:
                self._twice(kind, owners, frame.get_column(PART), "SR5035", bound.part)
            if bound.parent is None:
                continue
            assert bound.kind.parent is not None
            above = self.frames[bound.kind.parent]
            parents = frame.get_column(ABOVE)
            self.above[kind] = part_rows(subjects[kind], parents, subjects[bound.kind.parent], above.get_column(PART))
            if self.above[kind].null_count() > subjects[kind].null_count():
                lost = (self.above[kind].is_null() & subjects[kind].is_not_null()).arg_true()
                self._at_fault(kind, lost, "SR5034", bound.parent, parents)

    def _at_fault(
        self, kind: str, rows: Iterable[int], code: str, column: str | None, keys: pl.Series | None = None
    ) -> None:
        """Of each of the rows a fault in a key."""
        for row in rows:
            key = None if keys is None or keys[row] is None else str(keys[row])
            more: dict[str, Any] = {"row": _THE_ROW} if code == "SR5031" else {}
            if code == "SR5034":
                more["parent"] = key or ""
            self.rows[kind].faults.append(fault(code, int(row), column, key, **more))

    def _twice(self, kind: str, owners: pl.Series, parts: pl.Series | None, code: str, column: str | None) -> None:
        """Of each row whose key another row has too a fault."""
        rows = doubled(owners, parts).to_list()
        found = [(owners[row], None if parts is None else parts[row]) for row in rows]
        counts = Counter(found)
        for row, (owner, part) in zip(rows, found, strict=True):
            if parts is None:
                self.rows[kind].faults.append(fault(code, row, column, str(owner), count=counts[owner, part]))
            else:
                said = {"part": str(part), "count": counts[owner, part]}
                self.rows[kind].faults.append(fault(code, row, column, str(part), **said))

    def _denials(self) -> None:
        """Subjects that deny a sector which other facts say is there."""
        import polars as pl

        read = self.rows[self.root]
        for present, evidence in self.schema.denials(self.root).items():
            if present not in read.frame.columns:
                continue
            height = self.frames[self.root].height
            speaking = {
                name: _marked(holders, height)
                for name in evidence.lists
                if (holders := self._holders(name)) is not None
            }
            columns = speaking_columns(self.schema, self.root, evidence, read.frame.columns)
            asked = dict.fromkeys(each for says in columns.values() for each in says.meta.root_names())
            answered = _columns(read.frame, asked).select(says.alias(name) for name, says in columns.items())
            speaking |= {each.name: each for each in answered.get_columns()}
            for (name, row), form in read.forms.items():
                if self._speaks(evidence, name, form):
                    here = _marked(pl.Series([row], dtype=pl.UInt32), height)
                    speaking[name] = speaking[name] | here if name in speaking else here
            column = next((c.name for c in self.binding.tables[self.root].columns if c.target.name == present), None)
            denies = (~read.frame.get_column(present)).fill_null(False)
            against = reduce(or_, speaking.values(), _marked(pl.Series(dtype=pl.UInt32), height))
            for row in (denies & against).arg_true():
                said = ", ".join(name for name in evidence.names if name in speaking and speaking[name][int(row)])
                made = fault("SR1033", int(row), column, "false", facts=said)
                read.faults.append(Fault(made.row, column, present, made.value, made.code, made.reason))

    def _speaks(self, evidence: Evidence, name: str, form: Any) -> bool:
        """Does a value that no column holds speak for a sector?"""
        of = self.schema.kinds[self.root].facts[name].type
        if isinstance(of, PartsType | ValuesType) or (name not in evidence.facts and name not in evidence.codes):
            return False
        given = read_scalar(of, True, form)
        assert given is not None
        return begins(given.value, evidence.codes[name]) if name in evidence.codes else implies(given.value)

    def _holders(self, name: str) -> pl.Series | None:
        """The rows of the root that have members in a list, each as often as it has."""
        of = self.schema.kinds[self.root].facts[name].type
        if isinstance(of, ValuesType):
            members = self.rows[self.root].values.get(name)
            return None if members is None else members[PARENT]
        assert isinstance(of, PartsType)
        if of.kind not in self.frames:
            return None
        return self.above[of.kind].drop_nulls()

    # ---- what is kept ------------------------------------------------------------------------------------------------

    def _keep(self) -> None:
        """Subjects without a fault, each row with the row of its parent among those that are kept."""
        import polars as pl

        bad: set[str] = set()
        for kind in self.kinds:
            faulty = sorted({each.row for each in self.rows[kind].faults})
            if faulty:
                bad.update(self.frames[kind][SUBJECT].gather(faulty).drop_nulls().to_list())
        root = self.frames[self.root]
        stays = root[SUBJECT].is_not_null()
        if bad:
            stays &= ~root[SUBJECT].is_in(list(bad)).fill_null(True)
        self.kept[self.root], now = _staying(root, stays)
        places = {self.root: now}
        for kind in self.kinds:
            if kind == self.root:
                continue
            above = self.binding.tables[kind].kind.parent
            assert above is not None
            parent = places[above].gather(self.above[kind])
            kept, places[kind] = _staying(self.frames[kind].with_columns(parent.alias(PARENT)), parent.is_not_null())
            if not kept[PARENT].is_sorted():
                kept = kept.sort(PARENT, ORDER)
                now = pl.repeat(None, len(parent), dtype=pl.UInt32, eager=True)
                places[kind] = now.scatter(kept[_ROW], pl.int_range(kept.height, dtype=pl.UInt32, eager=True))
            self.kept[kind] = kept

    def _frames(self) -> tuple[dict[str, pl.DataFrame], dict[tuple[str, str], pl.DataFrame]]:
        """The frames of all kinds and lists of values, of kinds without a table too."""
        import polars as pl

        frames: dict[str, pl.DataFrame] = {}
        values: dict[tuple[str, str], pl.DataFrame] = {}
        kinds = [self.root]
        for name in kinds:
            kind = self.schema.kinds[name]
            kinds.extend(part.name for part in self.schema.parts(name))
            for fact in kind.facts.values():
                if isinstance(fact.type, ValuesType):
                    empty = {PARENT: pl.UInt32(), VALUE: column_type(fact.type.item)}
                    values[name, fact.name] = pl.DataFrame(schema=empty)
            if name not in self.kept:
                cells = [
                    Cell(f.name, f.type, f.may_not_apply)
                    for f in kind.facts.values()
                    if not isinstance(f.type, PartsType | ValuesType)
                ]
                frames[name] = pl.DataFrame(schema={PARENT: pl.UInt32(), **{c.name: c.types[0] for c in cells}})
                continue
            kept, read = self.kept[name], self.rows[name]
            frame = _rows_of(read.frame, kept[_ROW])
            if name != self.root:
                frame = frame.insert_column(0, kept[PARENT])
            for fact_name, members in read.values.items():
                values[name, fact_name] = self._members(name, members)
            frames[name] = frame
        for name in frames:
            frames[name] = self._with_lists(name, frames)
        return frames, values

    def _members(self, kind: str, members: pl.DataFrame) -> pl.DataFrame:
        import polars as pl

        rows = self.kept[kind].select(pl.col(_ROW).alias(PARENT)).with_row_index("#new")
        kept = members.join(rows, on=PARENT, how="inner", maintain_order="left").sort("#new", maintain_order=True)
        return kept.select(pl.col("#new").alias(PARENT), VALUE)

    def _with_lists(self, kind: str, frames: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
        """The frame of a kind with what is known of its lists as a whole."""
        import polars as pl

        height = self.kept[kind].height if kind in self.kept else 0
        columns = {each.name: each for each in frames[kind].get_columns()}
        for name, fact in self.schema.kinds[kind].facts.items():
            if not isinstance(fact.type, PartsType):
                continue
            child: BoundTable | None = self.binding.tables.get(fact.type.kind)
            said, since = columns.get(name + COMPLETE), columns.get(name + SINCE)
            if child is None:
                whole = repeated(fact.type.kind in self.binding.without, pl.Boolean, height)
            else:
                present = child.complete if child.complete is not None else fact.type.log is None
                whole = repeated(child.absent_is_none, pl.Boolean, height)
                if present != child.absent_is_none:
                    listed = _marked(frames[fact.type.kind][PARENT], height)
                    whole = repeated(present, pl.Boolean, height).zip_with(listed, whole)
            if said is not None:
                whole = said.zip_with(said.is_not_null(), whole)
            if since is not None:
                whole = whole & since.is_null()
            columns[name + COMPLETE] = whole.alias(name + COMPLETE)
        return pl.DataFrame(list(columns.values())) if columns else frames[kind]

    # ---- what columns cannot hold ------------------------------------------------------------------------------------

    def _apart(self, tables: Tables) -> dict[int, Any]:
        """The raw facts of subjects of which the columns cannot hold something."""
        forms: dict[tuple[str, str, int], Any] = {}
        apart: set[int] = set()
        for kind in self.kinds:
            read = self.rows[kind]
            if not read.forms and not read.member_forms:
                continue
            new = {int(old): at for at, old in enumerate(self.kept[kind][_ROW])}
            for (fact, old), form in read.forms.items():
                if old in new:
                    forms[kind, fact, new[old]] = form
                    apart.add(self._root_row(tables, kind, new[old]))
            for (fact, member), form in read.member_forms.items():
                old = int(read.values[fact][PARENT][member])
                if old in new:
                    row = new[old]
                    first = int(tables.values[kind, fact][PARENT].search_sorted(row, side="left"))
                    before = int(read.values[fact][PARENT].search_sorted(old, side="left"))
                    forms[kind, fact, first + member - before] = form
                    apart.add(self._root_row(tables, kind, row))
        return {row: facts_of(self.schema, tables, row, forms) for row in sorted(apart)}

    def _root_row(self, tables: Tables, kind: str, row: int) -> int:
        above = self.schema.kinds[kind].parent
        if kind == self.root or above is None:
            return row
        return self._root_row(tables, above, int(tables.frames[kind][PARENT][row]))

    def _rejects(self) -> pl.DataFrame:
        """All faults, in the order of subjects, kinds and rows."""
        import polars as pl

        found: list[tuple[Any, ...]] = []
        for number, kind in enumerate(self.kinds):
            frame = self.frames[kind]
            subjects = frame[SUBJECT]
            parts = frame[PART] if PART in frame.columns else None
            for each in self.rows[kind].faults:
                part = None if parts is None else parts[each.row]
                said = (each.column, each.fact, each.value, each.code, each.reason.zh, each.reason.en)
                found.append(((subjects[each.row] or "", number, each.row), (subjects[each.row], kind, part, *said)))
        rows = [row for _, row in sorted(found, key=lambda pair: pair[0])]
        return pl.DataFrame(rows, schema=reject_columns(), orient="row")


def _columns(frame: pl.DataFrame, names: Iterable[str]) -> pl.DataFrame:
    """Some columns; a query for them takes as long as the frame is wide."""
    import polars as pl

    there = frozenset(frame.columns)
    return pl.DataFrame([frame.get_column(name) for name in names if name in there])


def _marked(rows: pl.Series, height: int) -> pl.Series:
    """Of so many rows, is each among ``rows``?"""
    import polars as pl

    return repeated(False, pl.Boolean, height).scatter(rows, repeated(True, pl.Boolean, 1))


def _staying(frame: pl.DataFrame, stays: pl.Series) -> tuple[pl.DataFrame, pl.Series]:
    """The rows that stay, and for every row the number that it then has; null where it does not stay."""
    import polars as pl

    if stays.all():
        return frame, pl.int_range(frame.height, dtype=pl.UInt32, eager=True)
    numbers = (stays.cast(pl.UInt32).cum_sum() - 1).cast(pl.UInt32)
    return frame.filter(stays), numbers.to_frame("n").select(pl.when(stays).then(pl.col("n"))).to_series()


def _rows_of(frame: pl.DataFrame, rows: pl.Series) -> pl.DataFrame:
    import polars as pl

    if not frame.width:
        return pl.DataFrame(height=len(rows))
    if len(rows) == frame.height and rows.is_sorted():  # all of them, in their order
        return frame
    return frame.select(pl.all().gather(rows))
