"""Registers over tables: members first, batch after batch, then what the registers conclude of them.

Of the members only the columns that register rules read are kept, so a register may be far larger than its batches.
What columns cannot settle is settled by the reference interpreter, over the same members.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import polars as pl

from safetyrules.engine.columnar.entities import facts_of
from safetyrules.engine.columnar.exactly import with_exact
from safetyrules.engine.columnar.forms import Unfit, everything
from safetyrules.engine.columnar.nodes import Graph
from safetyrules.engine.columnar.subsets import closed as close
from safetyrules.engine.columnar.tables import COMPLETE, FINISHED, HIGH, LOW, NONE, PARENT, SET, Tables
from safetyrules.engine.columnar.tabulate import names, prepare, read, unanswered
from safetyrules.engine.reference import Reference
from safetyrules.facts.build import ALL, Building
from safetyrules.facts.entity import Entity, Members
from safetyrules.facts.input import parse_facts, sections_of
from safetyrules.facts.scalars import anything
from safetyrules.facts.schema import Fact, PartsType, ValuesType
from safetyrules.language.plan import Plan
from safetyrules.members import put, shared_facts, value_at
from safetyrules.register.answering import Answers, Tabulator
from safetyrules.register.member_answers import IN_BATCH, ROW, MemberTabulator, read_of_members
from safetyrules.values import Scalar

if TYPE_CHECKING:
    from safetyrules.program import Program
    from safetyrules.result import Treatment

_KEY = "#key"


class RegisterTabulator(Tabulator):
    """Answers of registers: `add` members batch by batch, then ask for what the registers `conclude`. The options are
    those of `Program.assess`."""

    def __init__(
        self,
        program: Program,
        registers: Tables,
        keys: pl.Series,
        *,
        as_of: date | datetime | str,
        law_at: date | datetime | str | None = None,
        jurisdiction: str | None = None,
        treat_unknown_as: Treatment = "withhold",
        closed: Collection[str] = (),
        sectors: Collection[str] | None = None,
        complete: bool = False,
    ) -> None:
        """``registers`` has the facts of the registers and ``keys`` what members name them by. ``complete``: the
        members added are all there are; otherwise each register says for itself. Raises RequestError."""
        super().__init__(
            program, as_of=as_of, law_at=law_at, jurisdiction=jurisdiction, treat_unknown_as=treat_unknown_as,
            closed=closed, sectors=sectors, subject=registers.root,
        )  # fmt: skip
        self.registers, self.keys = registers, keys.cast(pl.String)
        schema, register = program.schema, registers.root
        members = schema.kinds[register].members
        assert members is not None
        self.list, self.kind, self.complete = members.name, schema.member_kind(register), complete
        known = sections_of(schema, self.kind)
        self.tabulator = MemberTabulator(
            program, read_of_members(program.linked, register), as_of=as_of, law_at=law_at, closed=[
                section for section in closed if section == ALL or section in known
            ], sectors=sectors, subject=self.kind,
        )  # fmt: skip
        self._frames: list[pl.DataFrame] = []
        self._exact: dict[int, Mapping[str, Scalar]] = {}
        self._members = 0
        #: Keys that members name and no register has; such members belong to none here.
        self.unknown_keys: set[str] = set()

    def add(self, members: Tables, keys: pl.Series) -> None:
        """A batch of members; ``keys`` says for each row which register it belongs to, null for none."""
        at = pl.DataFrame({_KEY: self.keys}).with_row_index(PARENT)
        found = keys.cast(pl.String).alias(_KEY).to_frame().with_row_index(IN_BATCH)
        found = found.join(at, on=_KEY, how="left", maintain_order="left")
        self.unknown_keys.update(found.filter(pl.col(PARENT).is_null()).drop_nulls(_KEY)[_KEY])
        answers = self.tabulator.members(self._with_shared(members, found[PARENT]))
        rows = answers.columns.join(found.select(IN_BATCH, PARENT), on=IN_BATCH, how="inner")
        self._frames.append(
            rows.with_columns((pl.col(IN_BATCH) + self._members).alias(ROW)).drop(IN_BATCH).drop_nulls(PARENT)
        )
        self._exact.update({self._members + row: scalars for row, scalars in answers.exact.items()})
        self._members += members.height

    def conclude(self) -> Iterator[Answers]:
        """The answers of the registers, plan by plan, over all members added so far."""
        yield from self.answers(self._with_members())

    # ---- shared facts ------------------------------------------------------------------------------------------------

    def _with_shared(self, members: Tables, owner: pl.Series) -> Tables:
        """Members with the facts that their registers share, where they do not say them themselves."""
        shared = list(shared_facts(self.program, self.registers.root))
        if not shared:
            return members
        frame, apart = members.frames[members.root], dict(members.apart)
        own = self.registers.frames[self.registers.root]
        columns: list[pl.Series] = []
        for there, here in shared:
            suffixes = [s for s in ("", LOW, HIGH, SET, NONE) if here + s in own.columns or there + s in frame.columns]
            given = [pl.col(there + s).is_not_null() for s in suffixes if there + s in frame.columns]
            says = (
                frame.select(pl.any_horizontal(given)).to_series()
                if given
                else pl.repeat(False, frame.height, eager=True)
            )
            for suffix in suffixes:
                theirs = own[here + suffix].gather(owner) if here + suffix in own.columns else None
                mine = frame[there + suffix] if there + suffix in frame.columns else None
                dtype = theirs.dtype if theirs is not None else mine.dtype if mine is not None else pl.Null()
                blank = pl.repeat(None, frame.height, dtype=dtype, eager=True)
                columns.append(
                    (blank if mine is None else mine)
                    .zip_with(says, blank if theirs is None else theirs)
                    .alias(there + suffix)
                )
        raw = set(apart)
        if self.registers.apart:
            raw.update(row for row, register in enumerate(owner) if register in self.registers.apart)
        for row in sorted(raw):
            if owner[row] is None:
                continue
            facts = facts_of(self.program.schema, members, row)
            register = facts_of(self.program.schema, self.registers, owner[row])
            for there, here in shared:
                if value_at(facts, there) is None and (value := value_at(register, here)) is not None:
                    facts = put(facts, there.split("."), value)
            apart[row] = facts
        return replace(members, frames={**members.frames, members.root: frame.with_columns(columns)}, apart=apart)

    # ---- registers ---------------------------------------------------------------------------------------------------

    def _with_members(self) -> Tables:
        root = self.registers.root
        frame = self.registers.frames[root]
        if self.complete:
            frame = frame.with_columns(pl.lit(True).alias(self.list + COMPLETE))
        members = pl.concat(self._frames, how="diagonal") if self._frames else pl.DataFrame(
            schema={PARENT: pl.UInt32, ROW: pl.UInt32}
        )  # fmt: skip
        members = members.with_columns(pl.col(PARENT).cast(pl.UInt32)).sort(PARENT, ROW, maintain_order=True)
        return replace(self.registers, frames={**self.registers.frames, root: frame, self.kind: members})

    def _answered(self, plan: Plan, tables: Tables, rows: pl.Series) -> Answers:
        root = tables.root
        held = close(plan.schema, tables, self.request.closed)
        try:
            prepared = prepare(plan, root, self.request.as_of, held)
        except Unfit:
            found, left = unanswered(plan, root), set(range(tables.height))
        else:
            found = prepared.run(held)
            exact = pl.Series(list(self._exact), dtype=pl.UInt32)
            inexact = tables.frames[self.kind].filter(pl.col(ROW).is_in(exact.implode()))[PARENT]
            left = {*tables.apart, *found.doubtful.to_list(), *inexact.to_list()}
        if not left:
            return Answers(rows, found, 0)
        decided = {row: self._reference(plan, tables, row) for row in sorted(left)}
        return Answers(rows, with_exact(found, decided.items()), len(left), decided)

    def _reference(self, plan: Plan, tables: Tables, row: int) -> Mapping[tuple[str, str], Scalar]:
        """One register, exactly."""
        program, root, kind = self.program, tables.root, self.kind
        own = replace(tables, frames={name: frame for name, frame in tables.frames.items() if name != kind})
        facts = facts_of(program.schema, own, row)
        members = tables.frames[kind].filter(pl.col(PARENT) == row)
        frame = tables.frames[root]
        complete = self.list + COMPLETE in frame.columns and frame[self.list + COMPLETE][row] is True
        given: object = [] if complete else {"more": True} if members.height else None
        entity = parse_facts(program.models, root, put(facts, self.list.split("."), given), self.request.closed)
        stated = entity.lists[self.list]
        path = f"{entity.path}.{self.list}"
        views = []
        for number, cells in enumerate(members.iter_rows(named=True)):
            view = Entity(kind, f"{path}[{number}]", parent=entity)
            for fact in plan.schema.kinds[kind].facts.values():
                view.values[fact.name] = self._value(fact, cells)
            views.append(view)
        residual = None
        if stated.residual is not None:
            residual = Building(plan.schema, lambda _: {}, frozenset()).unknown(kind, f"{path}[?]", entity)
        entity.lists[self.list] = Members(tuple(views), stated.open, residual)
        return Reference(plan, entity, self.request.as_of).run().outcomes()

    def _value(self, fact: Fact, cells: Mapping[str, Any]) -> Scalar:
        exact = self._exact.get(cells[ROW], {})
        if fact.name in exact:
            return exact[fact.name]
        assert not isinstance(fact.type, PartsType | ValuesType)
        form = everything(Graph(), fact.type)
        columns = [column.replace(f"{fact.name}?", f"{fact.name}{FINISHED}", 1) for column in names(fact.name, form)]
        found = [cells.get(column) for column in columns]
        if any(cell is None for cell in found):
            return anything(fact.type, fact.may_not_apply)
        return read(form, found)
