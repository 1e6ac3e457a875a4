"""Subjects that columns do not settle, decided one by one, and put among the others (design 5.18)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import polars as pl

from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.forms import Form
from safetyrules.engine.columnar.tabulate import AT, SUBJECT, Tabulated, cells_of, names
from safetyrules.values import Finite, Outcome, Scalar

Outcomes = Mapping[tuple[str, str], Scalar]
#: A list on a path, and the place of a member in it.
_STEP = re.compile(r"\.?([^\[\]]+)\[(\?|\d+)\]")


def with_exact(tabulated: Tabulated, decided: Iterable[tuple[int, Outcomes]]) -> Tabulated:
    """The same, in which the subjects of these rows (in increasing order) have these outcomes, and are doubtful no
    more. Each is written before the next is asked for."""
    writing = _Writing(tabulated)
    subjects = []
    for subject, outcomes in decided:
        subjects.append(subject)
        writing.subject(subject, outcomes)
    rows = pl.Series(subjects, dtype=pl.UInt32)
    frames = {kind: _replaced(frame, rows, writing.kinds[kind].frame()) for kind, frame in tabulated.frames.items()}
    doubtful = tabulated.doubtful.filter(~tabulated.doubtful.is_in(rows.implode()))
    return replace(tabulated, unordered=frames, doubtful=doubtful, ordered=dict)


def _replaced(frame: pl.DataFrame, rows: pl.Series, made: pl.DataFrame) -> pl.DataFrame:
    """A frame with the entities of these subjects taken out, and those ``made`` of them in their places. Both are
    sorted by subject, so all but these subjects is taken over in stretches as it stands."""
    if made.height:
        frame = frame.cast({pl.Int32: pl.Float64})  # the end of a number may be infinite now
    stretches: list[pl.DataFrame] = []
    done = used = 0
    for first, after, here, until in zip(*_spans(frame, rows), *_spans(made, rows), strict=True):
        stretches += (frame.slice(done, first - done), made.slice(here, until - here))
        done, used = after, until
    assert used == made.height
    return pl.concat([*(each for each in stretches if each.height), frame.slice(done)], rechunk=True)


def _spans(frame: pl.DataFrame, rows: pl.Series) -> tuple[list[int], list[int]]:
    """Where the entities of each of these subjects begin, and where they have ended."""
    subjects = frame.get_column(SUBJECT)
    begin, end = (subjects.search_sorted(rows, side=side).to_list() for side in ("left", "right"))
    return begin, end


class _Columns:
    """Where a row has the columns of a conclusion, and what they say of outcomes that were met before."""

    def __init__(self, form: Form, place: slice) -> None:
        self.form = form
        self.place = place
        self.known: dict[frozenset[Outcome], list[Any]] = {}

    def write(self, row: list[Any], scalar: Scalar) -> None:
        if not isinstance(scalar, Finite):  # few numbers are the same
            row[self.place] = cells_of(self.form, scalar)
            return
        cells = self.known.get(scalar.outcomes)
        if cells is None:
            cells = self.known[scalar.outcomes] = cells_of(self.form, scalar)
        row[self.place] = cells


class _Kind:
    """The entities of one kind that were decided, column by column; ``rows`` are those of the last subject."""

    def __init__(self, frame: pl.DataFrame) -> None:
        self.schema = frame.schema
        self.places = {name: place for place, name in enumerate(frame.columns)}
        self.held: dict[str, _Columns] = {}
        self.rows: list[list[Any]] = []
        self.columns: list[list[Any]] = [[] for _ in self.places]

    def entity(self, subject: int, numbers: Sequence[int | None], residual: bool) -> list[Any]:
        row: list[Any] = [None] * len(self.places)
        row[self.places[SUBJECT]] = subject
        if RESIDUAL in self.places:
            row[self.places[RESIDUAL]] = residual
        for depth, number in enumerate(numbers):
            row[self.places[f"{AT}{depth}"]] = number
        self.rows.append(row)
        return row

    def finish_subject(self) -> None:
        """Rows of cells are many objects; columns are few, however many subjects there are."""
        for column, cells in zip(self.columns, zip(*self.rows, strict=True), strict=False):
            column.extend(cells)
        self.rows.clear()

    def frame(self) -> pl.DataFrame:
        """In the order of the frames of columns."""
        types = {name: pl.Float64() if of == pl.Int32 else of for name, of in self.schema.items()}
        cells = zip(types.items(), self.columns, strict=True)
        made = pl.DataFrame([pl.Series(name, each, dtype=of) for (name, of), each in cells])
        order = [SUBJECT, *(name for name in types if name.startswith(AT))]
        return made.sort(order, nulls_last=True, maintain_order=True)


class _Writing:
    """The entities of all kinds, from outcomes by path."""

    def __init__(self, tabulated: Tabulated) -> None:
        self.root = tabulated.root
        self.kinds = {kind: _Kind(frame) for kind, frame in tabulated.frames.items()}
        #: By the names of the lists on an entity's path: its kind.
        self.below: dict[tuple[str, ...], _Kind] = {}
        for name, kind in self.kinds.items():
            chain = tabulated.plan.schema.chain(name)[:-1]
            self.below[tuple(str(part.parent_fact) for part in reversed(chain))] = kind
        for (on, name), form in tabulated.forms.items():
            if on in self.kinds:
                columns = names(name, form)
                first = self.kinds[on].places[columns[0]]
                self.kinds[on].held[name] = _Columns(form, slice(first, first + len(columns)))

    def subject(self, subject: int, outcomes: Outcomes) -> None:
        entities: dict[str, tuple[dict[str, _Columns], list[Any]]] = {}
        for key in outcomes:  # only what has columns is read out
            path, name = key
            entity = entities.get(path)
            if entity is None:
                entity = entities[path] = self._entity(subject, path)
            held, row = entity
            where = held.get(name)
            if where is not None:
                where.write(row, outcomes[key])
        for kind in self.kinds.values():
            kind.finish_subject()

    def _entity(self, subject: int, path: str) -> tuple[dict[str, _Columns], list[Any]]:
        """What is held of the kind of the entity at a path, and a row for it."""
        steps = _STEP.findall(path, len(self.root))
        kind = self.below.get(tuple(name for name, _ in steps))
        if kind is None:  # nothing of this kind is answered
            return {}, []
        numbers = [None if place == "?" else int(place) for _, place in steps]
        return kind.held, kind.entity(subject, numbers, None in numbers)
