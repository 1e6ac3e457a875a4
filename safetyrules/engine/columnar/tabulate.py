"""`tabulate`: a plan over the facts of many subjects at once. See docs/explanation/tabulate.md."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl

from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.forms import Code, Form, Levels, Number, Truth, columns
from safetyrules.engine.columnar.lowering import Lowered, lower
from safetyrules.engine.columnar.nodes import Node
from safetyrules.engine.columnar.polars_expressions import TYPES
from safetyrules.engine.columnar.residuals import with_residuals
from safetyrules.engine.columnar.running import Run, Schedule, column, schedule
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

    def scalar(self, kind: str, name: str, row: int) -> Scalar:
        """What is still possible of one conclusion of one entity."""
        frame = self.frames[kind]
        form = self.forms[kind, name]
        cells = [frame[column][row] for column in names(name, form)]
        return read(form, cells)


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
                _value(node).alias(name)
                for (on, conclusion), form in lowered.conclusions.items()
                if on == kind
                for name, node in zip(names(conclusion, form), columns(form), strict=False)
            ]
            found[kind] = frame.select(*kept, *values)
        doubt = run.frames[lowered.root].select(_value(lowered.doubtful).alias("doubt").cast(pl.Boolean))
        if doubt.height != tables.height:
            doubt = pl.DataFrame({"doubt": [bool(lowered.doubtful.detail)] * tables.height}, schema={"doubt": pl.Boolean})
        rows = doubt.select(pl.arg_where(pl.col("doubt")).cast(pl.UInt32))["doubt"]
        return Tabulated(lowered.plan, lowered.root, lowered.conclusions, found, rows)


def _value(node: Node) -> pl.Expr:
    return pl.lit(node.detail, dtype=TYPES[node.kind]) if node.constant else pl.col(column(node))


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
