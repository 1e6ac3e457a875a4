"""`tabulate`: a plan over the facts of many subjects at once. See docs/explanation/tabulate.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from safetyrules.engine import algebra
from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.forms import Code, Form, Levels, Number, Truth, columns
from safetyrules.engine.columnar.lowering import Lowered, lower
from safetyrules.engine.columnar.residuals import with_residuals
from safetyrules.engine.columnar.running import Run, Schedule, schedule
from safetyrules.engine.columnar.tables import PARENT, Tables
from safetyrules.facts.schema import ChoiceType
from safetyrules.language.plan import Plan
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Outcome, Scalar

_SUFFIXES = ("?low", "?high", "?set", "?none")


@dataclass(frozen=True)
class Tabulated:
    """The conclusions of many subjects, one frame for each kind of entity.

    A frame has ``#parent`` and ``#residual`` (see `tables`), and for every conclusion the columns of its form, named by
    `names`. ``doubtful`` are the rows of subjects that only exact arithmetic settles; what their rows say may be wrong.
    """

    plan: Plan
    root: str
    forms: Mapping[tuple[str, str], Form]
    frames: Mapping[str, pl.DataFrame]
    doubtful: pl.Series

    def outcomes(self, row: int) -> dict[tuple[str, str], Scalar]:
        """(entity path, conclusion) → what is still possible, of one subject: what every engine gives."""
        found: dict[tuple[str, str], Scalar] = {}
        self._outcomes_of(self.root, self.root, row, False, found)
        return found

    def _outcomes_of(
        self, kind: str, path: str, row: int, residual: bool, found: dict[tuple[str, str], Scalar]
    ) -> None:
        frame = self.frames[kind]
        for (on, name), form in self.forms.items():
            if on == kind:
                value = read(form, [frame[column][row] for column in names(name, form)])
                # What stands for parts that may not exist may also have no value (design 5.2).
                found[path, name] = algebra.with_nothing(value) if residual else value
        for part in self.plan.schema.parts(kind):
            below = self.frames[part.name]
            rows = below.select(pl.arg_where(pl.col(PARENT) == row))[:, 0].to_list()
            for number, each in enumerate(rows):
                open_ = below[RESIDUAL][each]
                member = f"{path}.{part.parent_fact}[{'?' if open_ else number}]"
                self._outcomes_of(part.name, member, each, open_, found)


def names(conclusion: str, form: Form) -> tuple[str, ...]:
    """The columns of a conclusion."""
    match form:
        case Truth():
            parts: tuple[str, ...] = ("true", "false", "none")
        case Number():
            parts = ("low", "high", "none")
        case Levels(type_):
            parts = (*type_.members, "none")
        case Code():
            parts = ("value", "known", "some", "none")
    return tuple(f"{conclusion}?{part}" for part in parts)


def read(form: Form, cells: list[Any]) -> Scalar:
    """The cells of a conclusion as a value of the reference interpreter."""
    match form:
        case Truth():
            return _finite([True] * cells[0] + [False] * cells[1], cells[2])
        case Number():
            low, high, none = cells
            if low > high:
                return Interval(None, None, nothing=True, empty=True)
            return Interval(_bound(low), _bound(high), none)
        case Levels(type_):
            return _finite([m for m, here in zip(type_.members, cells, strict=False) if here], cells[-1])
        case Code(type_):
            value, known, some, none = cells
            if isinstance(type_, ChoiceType):
                members = [type_.members[value]] if known else list(type_.members)
                return _finite(members if some else [], none)
            return _finite([value] if some else [], none) if known or not some else AnyText(none)


def _finite(outcomes: list[Any], none: bool) -> Finite:
    found: frozenset[Outcome] = frozenset([*outcomes, NOTHING] if none else outcomes)
    return Finite(found)


def _bound(end: float) -> Fraction | None:
    return None if end in (float("inf"), float("-inf")) else Fraction(repr(end))


@dataclass(frozen=True)
class Prepared:
    """A plan lowered and scheduled, to be run on any number of batches whose tables have the same columns."""

    lowered: Lowered
    schedule: Schedule

    def run(self, tables: Tables) -> Tabulated:
        lowered = self.lowered
        frames = with_residuals(lowered.plan.schema, tables)
        run = Run(lowered.graph, lowered.tabled, frames)
        run.compute(self.schedule)
        found: dict[str, pl.DataFrame] = {}
        for kind in lowered.plan.schema.kinds:
            if kind not in run.frames:
                continue
            frame = run.frames[kind]
            kept = [each for each in (PARENT, RESIDUAL) if each in frame.columns]
            values = [
                run.value(node).alias(name)
                for (on, conclusion), form in lowered.conclusions.items()
                if on == kind
                for name, node in zip(names(conclusion, form), columns(form), strict=False)
            ]
            found[kind] = frame.select(*kept, *values)
        doubt = run.frames[lowered.root].with_columns(run.value(lowered.doubtful).alias("doubt"))
        rows = doubt.select(pl.arg_where(pl.col("doubt")).cast(pl.UInt32))["doubt"]
        return Tabulated(lowered.plan, lowered.root, lowered.conclusions, found, rows)


def prepare(plan: Plan, root: str, as_of: date, tables: Tables) -> Prepared:
    """Lower a plan for tables with the columns of ``tables``. Raises Unfit where columns cannot hold the plan."""
    frames = with_residuals(plan.schema, tables)
    companions = frozenset(
        (table, name) for table, frame in frames.items() for name in frame.columns if name.endswith(_SUFFIXES)
    )
    lowered = lower(plan, root, as_of, companions)
    wanted = [node for form in lowered.conclusions.values() for node in columns(form)]
    return Prepared(lowered, schedule(lowered.graph, [*wanted, lowered.doubtful]))


def tabulate(plan: Plan, root: str, as_of: date, tables: Tables) -> Tabulated:
    """Decide every conclusion of every subject in ``tables``."""
    return prepare(plan, root, as_of, tables).run(tables)
