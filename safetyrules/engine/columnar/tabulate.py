"""`tabulate`: a plan over the facts of many subjects at once. See docs/explanation/tabulate.md."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from functools import cached_property, partial
from typing import Any

import polars as pl

from safetyrules.engine import algebra
from safetyrules.engine.columnar.decimals import decimal_columns, exact_ends
from safetyrules.engine.columnar.facts import DECIMAL, KNOWN, RESIDUAL, values_table
from safetyrules.engine.columnar.few_rows import FewRows
from safetyrules.engine.columnar.forms import Code, Form, Levels, Number, Truth, columns, everything
from safetyrules.engine.columnar.lowering import Lowered, lower
from safetyrules.engine.columnar.nodes import ANYWHERE, Graph, Node
from safetyrules.engine.columnar.polars_expressions import TYPES
from safetyrules.engine.columnar.residuals import columns_of, row_orders, with_residuals
from safetyrules.engine.columnar.running import Run, Schedule, Written, column, paired, schedule
from safetyrules.engine.columnar.tables import (
    ASSUMED,
    FINISHED,
    HIGH,
    LOW,
    NONE,
    PARENT,
    SET,
    Tables,
    repeated,
    row_numbers,
)
from safetyrules.facts.schema import ChoiceType, Schema, ValuesType
from safetyrules.language.order import Conclusion
from safetyrules.language.plan import Plan
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Outcome, Scalar

_SUFFIXES = (LOW, HIGH, SET, NONE, ASSUMED, FINISHED + "none")


Known = frozenset[str]
#: Where no table has more rows, Polars is not asked: its queries cost more than the rows do.
FEW_ROWS = 1000
SUBJECT = "#subject"
#: The place of a part in its list, outermost list first; null where the row stands for what is not given.
AT = "#at"


@dataclass(frozen=True)
class Tabulated:
    """The conclusions of many subjects, one frame for each kind of entity: in ``frames``, or as they were computed in
    ``unordered``, in which parts not given stand last; ``ordered`` gives the order where it is another (`row_orders`).

    A frame has ``#subject`` (the row of the subject), ``#at0``, ``#at1``, … (where the part stands in its list, and
    each list around it) and, for every conclusion, the columns of its form, named by `names`. The ends of a number are
    Float64, or Int32 where it is whole and of small range. ``doubtful`` are the subjects that only exact arithmetic
    settles: what is said of them here may be wrong.
    """

    plan: Plan
    root: str
    forms: Mapping[tuple[str, str], Form]
    unordered: Mapping[str, pl.DataFrame]
    doubtful: pl.Series
    ordered: Callable[[], Mapping[str, pl.Series]] = dict

    @cached_property
    def frames(self) -> dict[str, pl.DataFrame]:
        """The frames, sorted by subject and place, with what stands for parts not given below those of its owner."""
        orders = self.ordered()
        return {kind: frame[orders[kind]] if kind in orders else frame for kind, frame in self.unordered.items()}

    def outcomes(self, subject: int) -> dict[tuple[str, str], Scalar]:
        """(entity path, conclusion) → what is still possible, of one subject: what every engine gives."""
        found: dict[tuple[str, str], Scalar] = {}
        for kind, frame in self.frames.items():
            for row in frame.filter(pl.col(SUBJECT) == subject).iter_rows(named=True):
                path, residual = self.path(kind, row), bool(row.get(RESIDUAL))
                for (on, name), form in self.forms.items():
                    if on == kind:
                        value = read(form, [row[column] for column in names(name, form)])
                        # What stands for parts that may not exist may also have no value (design 5.2).
                        found[path, name] = algebra.with_nothing(value) if residual else value
        return found

    def path(self, kind: str, row: Mapping[str, Any]) -> str:
        """The path of an entity, as the other engines have it."""
        path = self.root
        for depth, part in enumerate(reversed(self.plan.schema.chain(kind)[:-1])):
            place = row[f"{AT}{depth}"]
            path += f".{part.parent_fact}[{'?' if place is None else place}]"
        return path


def names(conclusion: str, form: Form) -> tuple[str, ...]:
    """The columns of a conclusion."""
    match form:
        case Truth():
            parts: tuple[str, ...] = ("true", "false", "none")
        case Number():
            parts = ("low", "high", "none")
        case Levels(type_):
            parts = (*type_.members, "none")
        case Code(sets=sets):
            parts = ("value", "known", "some", "none") if sets is None else ("value", "known", "some", "none", "set")
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
            value, known, some, none = cells[:4]
            if form.sets is not None and cells[4] and some:
                held = form.sets.domain[cells[4] - 1]
                return _finite([*held.texts, value] if held.and_value else list(held.texts), none)
            if isinstance(type_, ChoiceType):
                members = [type_.members[value]] if known else list(type_.members)
                return _finite(members if some else [], none)
            return _finite([value] if some else [], none) if known or not some else AnyText(none)


def cells_of(form: Form, scalar: Scalar) -> list[Any]:
    """The inverse of `read`; a set of texts that was not foreseen becomes any text."""
    match form:
        case Truth():
            assert isinstance(scalar, Finite)
            return [True in scalar.outcomes, False in scalar.outcomes, NOTHING in scalar.outcomes]
        case Number():
            assert isinstance(scalar, Interval)
            if scalar.empty:
                return [math.inf, -math.inf, True]
            low = -math.inf if scalar.low is None else float(scalar.low)
            return [low, math.inf if scalar.high is None else float(scalar.high), scalar.nothing]
        case Levels(type_):
            assert isinstance(scalar, Finite)
            return [*(member in scalar.outcomes for member in type_.members), NOTHING in scalar.outcomes]
        case Code(type_):
            values = [o for o in scalar.outcomes if o is not NOTHING] if isinstance(scalar, Finite) else []
            value: Any = values[0] if len(values) == 1 else None
            if isinstance(type_, ChoiceType):
                value = 0 if value is None else type_.members.index(str(value))
            some = not isinstance(scalar, Finite) or bool(values)
            found = ["" if value is None else value, len(values) == 1, some, algebra.has_nothing(scalar)]
            if form.sets is None:
                return found
            number, beside = form.sets.held(frozenset(str(each) for each in values))
            return [beside or found[0], *found[1:], number]


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
    known: Known = frozenset()
    written: dict[object, dict[int, Written]] = field(default_factory=dict)

    def run(self, tables: Tables) -> Tabulated:
        lowered = self.lowered
        subjects = tables.frames[lowered.root]
        if any(subjects[name].null_count() for name in self.known):
            raise ValueError("a fact is missing that the plan was lowered to have")
        frames = with_residuals(lowered.plan.schema, tables, self._tables)
        self._require_small(frames)
        for table, names_ in self._decimal.items():
            frames[table] = frames[table].hstack(decimal_columns(frames[table], names_))
        _locate(lowered.plan.schema, lowered.root, frames)
        for pairing in lowered.graph.pairings.values():
            frames[pairing.name] = paired(pairing, frames)
        few = all(frame.height <= FEW_ROWS for frame in frames.values())
        run = FewRows(lowered.graph, frames) if few else Run(lowered.graph, frames, self.written)
        run.compute(self.schedule)
        found: dict[str, pl.DataFrame] = {}
        for kind in lowered.plan.schema.kinds:
            if kind not in run.frames:
                continue
            frame = run.frames[kind]
            kept = [each for each in frame.columns if each in (SUBJECT, RESIDUAL) or each.startswith(AT)]
            found[kind] = self._settled(kind, frame, self._answered(frame, kept, self._answers.get(kind, {})))
        doubtful = self._series(run.frames[lowered.root], lowered.doubtful, {}).arg_true()
        columns = (PARENT, RESIDUAL)
        above = {
            kind: pl.DataFrame([frame.get_column(each) for each in columns])
            for kind, frame in frames.items()
            if {*columns} <= {*frame.columns}
        }
        above[lowered.root] = frames[lowered.root].get_column(RESIDUAL).to_frame()
        ordered = partial(row_orders, lowered.plan.schema, above, lowered.root)
        return Tabulated(lowered.plan, lowered.root, lowered.conclusions, found, doubtful.cast(pl.UInt32), ordered)

    def _require_small(self, frames: Mapping[str, pl.DataFrame]) -> None:
        """A number outside its declared range would wrap around where 32 bits are to hold it."""
        for (table, name), most in self._small.items():
            if table in frames and name in frames[table].columns:
                cells = frames[table].get_column(name)
                if cells.len() and max(cells.max() or 0, -(cells.min() or 0)) > most:  # type: ignore[operator]
                    raise ValueError(f"{table}.{name} is beyond its declared range, which reaches to {most}")

    @cached_property
    def _small(self) -> dict[tuple[str, str], int]:
        """The facts that are read as small numbers, and how far they may reach."""
        graph = self.lowered.graph
        given = (node for node in graph.nodes if node.operation == "given" and node.number in graph.small)
        return {(node.table, str(node.detail)): graph.small[node.number] for node in given}

    @cached_property
    def _decimal(self) -> dict[str, list[str]]:
        """The columns by table that are made to say where numbers are decimals of few places."""
        found: dict[str, list[str]] = {}
        for node in self.schedule.needed:
            if node.operation == "given true" and DECIMAL in str(node.detail):
                found.setdefault(node.table, []).append(str(node.detail))
        return found

    @cached_property
    def _tables(self) -> frozenset[str]:
        """The tables that answers are computed from or are about, and the kinds above them: the others are not made."""
        schema = self.lowered.plan.schema
        links = {link for between in self.schedule.between.values() for link in between}
        used = {table for within in self.schedule.within.values() for table in within}
        used |= {kind for kind, _ in self.lowered.conclusions}
        for pairing in self.lowered.graph.pairings.values():
            links |= {*pairing.owner, pairing.link}
            used.add(pairing.outer)
        used |= {table for link in links for table in (link.table, link.to)}
        owners = {
            values_table(kind.name, fact.name): kind.name
            for kind in schema.kinds.values()
            for fact in kind.facts.values()
            if isinstance(fact.type, ValuesType)
        }
        kinds = {owners.get(table, table) for table in used} & schema.kinds.keys()
        return frozenset(used | {above.name for kind in kinds for above in schema.chain(kind)})

    def _answered(self, frame: pl.DataFrame, kept: list[str], answers: Mapping[str, Node]) -> pl.DataFrame:
        """The columns of conclusions under their names; a query that renames as many would cost more than this."""
        constants: dict[tuple[str, Any], pl.Series] = {}
        named = [self._series(frame, node, constants).alias(name) for name, node in answers.items()]
        return pl.DataFrame([*(frame.get_column(name) for name in kept), *named])

    def _settled(self, kind: str, frame: pl.DataFrame, answered: pl.DataFrame) -> pl.DataFrame:
        """The ends of numbers that are off, and can only be one number, are the float nearest to that: no answer hangs
        on the error, so none is to show it."""
        ends = []
        for (on, conclusion), form in self.lowered.conclusions.items():
            if on == kind and isinstance(form, Number) and form.multiples is not None:
                low, high, _ = names(conclusion, form)
                for name, error in ((low, form.low_error), (high, form.high_error)):
                    if error is not None:
                        off, held = (self._series(frame, node, {}) for node in (error, form.multiples.on))
                        ends.append(exact_ends(answered.get_column(name), off, held, form.multiples))
        return answered.with_columns(ends) if ends else answered

    def _series(self, frame: pl.DataFrame, node: Node, constants: dict[tuple[str, Any], pl.Series]) -> pl.Series:
        """The column of a node. Constants are few: most columns that say "never without a value" share one."""
        if node.table != ANYWHERE:
            return frame.get_column(column(node))
        key = node.kind, self.schedule.constants[node.number]
        if key not in constants:
            constants[key] = repeated(key[1], TYPES[node.kind], frame.height)
        return constants[key]

    @cached_property
    def _answers(self) -> dict[str, dict[str, Node]]:
        """The columns of conclusions, by kind."""
        found: dict[str, dict[str, Node]] = {}
        for (kind, conclusion), form in self.lowered.conclusions.items():
            found.setdefault(kind, {}).update(zip(names(conclusion, form), columns(form), strict=False))
        return found


def _locate(schema: Schema, root: str, frames: dict[str, pl.DataFrame]) -> None:
    """Of every part: whose it is, and where it stands."""
    frames[root] = frames[root].hstack([row_numbers(frames[root].height).alias(SUBJECT)])
    pending = [root]
    for kind in pending:
        for part in schema.parts(kind):
            if part.name not in frames:
                continue
            pending.append(part.name)
            frame, owner = frames[part.name], frames[kind]
            above = [name for name in owner.columns if name == SUBJECT or name.startswith(AT)]
            parent = frame[PARENT]
            rows = row_numbers(frame.height)
            rest = max(frame.height - 1, 0)
            begins = repeated(True, pl.Boolean, frame.height - rest).append(parent.slice(1) != parent.slice(0, rest))
            place = rows - rows.filter(begins)[begins.cast(pl.UInt32).cum_sum() - 1]
            unplaced = repeated(None, pl.UInt32, frame.height)
            frames[part.name] = frame.hstack(
                [
                    *(owner[name][parent].alias(name) for name in above),
                    unplaced.zip_with(frame[RESIDUAL], place).alias(f"{AT}{len(above) - 1}"),
                ]
            )


def known_facts(tables: Tables) -> Known:
    """The facts of the subjects, where every subject has every one of them; else none. A plan that is lowered for them
    is faster by half: no sets, one column for each value."""
    frame = tables.frames[tables.root]
    plain = [name for name in frame.columns if not name.startswith("#") and "?" not in name]
    if not frame.height or any(name.endswith(_SUFFIXES) for name in frame.columns):
        return frozenset()
    return frozenset() if any(frame[name].null_count() for name in plain) else frozenset(plain)


def prepare(
    plan: Plan,
    root: str,
    as_of: date,
    tables: Tables,
    known: Known = frozenset(),
    told: Callable[[Conclusion], bool] | None = None,
) -> Prepared:
    """Lower a plan for tables with the columns of ``tables``, and for subjects that have the facts ``known``. Only
    conclusions that are ``told`` are answered; None is all. Raises Unfit where columns cannot hold the plan."""
    companions = frozenset(each for each in columns_of(plan.schema, tables) if each[1].endswith(_SUFFIXES))
    lowered = lower(plan, root, as_of, companions | {(root, name + KNOWN) for name in known})
    if told is not None:
        answered = {key: form for key, form in lowered.conclusions.items() if told(plan.by_key[key])}
        lowered = replace(lowered, conclusions=answered)
    wanted = [node for form in lowered.conclusions.values() for node in _wanted(form)]
    return Prepared(lowered, schedule([*wanted, lowered.doubtful], lowered.graph), known)


def _wanted(form: Form) -> tuple[Node, ...]:
    """The columns of a form that have names; of numbers that may be settled, what settles them too."""
    settled = isinstance(form, Number) and form.multiples is not None
    return columns(form) if settled else columns(form)[: len(names("", form))]


def unanswered(plan: Plan, root: str) -> Tabulated:
    """No subject at all, with the columns that answers have: where no column can hold the plan, all are put in one by
    one."""
    graph = Graph()
    kinds = [root]
    for kind in kinds:
        kinds.extend(part.name for part in plan.schema.parts(kind))
    forms = {c.key: everything(graph, c.type) for c in plan.conclusions if c.on in kinds}
    frames = {}
    for depth, kind in ((len(plan.schema.chain(kind)) - 1, kind) for kind in kinds):
        types: dict[str, Any] = {SUBJECT: pl.UInt32, RESIDUAL: pl.Boolean}
        types.update({f"{AT}{i}": pl.UInt32 for i in range(depth)})
        for (on, conclusion), form in forms.items():
            if on == kind:
                nodes = zip(names(conclusion, form), columns(form), strict=False)
                types.update({name: TYPES[node.kind] for name, node in nodes})
        frames[kind] = pl.DataFrame(schema=types)
    return Tabulated(plan, root, forms, frames, pl.Series(dtype=pl.UInt32))


def tabulate(plan: Plan, root: str, as_of: date, tables: Tables) -> Tabulated:
    """Decide every conclusion of every subject in ``tables``."""
    return prepare(plan, root, as_of, tables, known_facts(tables)).run(tables)
