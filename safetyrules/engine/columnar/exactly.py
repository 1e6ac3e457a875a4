"""Subjects that columns do not settle, decided one by one, and put among the others (design 5.18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.forms import Form
from safetyrules.engine.columnar.tabulate import AT, SUBJECT, Tabulated, cells_of, names
from safetyrules.values import Interval, Scalar

Outcomes = Mapping[tuple[str, str], Scalar]


def with_exact(tabulated: Tabulated, decided: Mapping[int, Outcomes]) -> Tabulated:
    """The same, in which the subjects of these rows have these outcomes, and are doubtful no more."""
    writing = _Writing(tabulated)
    for subject, outcomes in decided.items():
        writing.subject(subject, outcomes)
    rows = pl.Series(list(decided), dtype=pl.UInt32)
    frames: dict[str, pl.DataFrame] = {}
    for kind, frame in tabulated.frames.items():
        others = frame.filter(~pl.col(SUBJECT).is_in(rows.implode()))
        fresh = writing.rows[kind]
        if fresh:
            others = others.cast({pl.Int32: pl.Float64})  # the end of a number may be infinite now
            made = pl.DataFrame(fresh, schema=others.schema, orient="row", strict=False)
            order = [SUBJECT, *(name for name in frame.columns if name.startswith(AT))]
            others = pl.concat([others, made]).sort(order, nulls_last=True, maintain_order=True)
        frames[kind] = others
    doubtful = tabulated.doubtful.filter(~tabulated.doubtful.is_in(rows.implode()))
    return replace(tabulated, frames=frames, doubtful=doubtful)


class _Writing:
    """Rows in the order of the frames' columns, from outcomes by path."""

    def __init__(self, tabulated: Tabulated) -> None:
        self.tabulated = tabulated
        self.rows: dict[str, list[list[Any]]] = {kind: [] for kind in tabulated.frames}
        #: By the names of the lists on an entity's path: its kind.
        self.kinds: dict[tuple[str, ...], str] = {}
        self.columns: dict[tuple[str, str], tuple[Form, int]] = {}
        #: Of each kind, where a column stands.
        self.places: dict[str, dict[str, int]] = {}
        for kind, frame in tabulated.frames.items():
            self.places[kind] = {name: place for place, name in enumerate(frame.columns)}
            chain = tabulated.plan.schema.chain(kind)[:-1]
            self.kinds[tuple(str(part.parent_fact) for part in reversed(chain))] = kind
            for (on, name), form in tabulated.forms.items():
                if on == kind:
                    self.columns[kind, name] = form, self.places[kind][names(name, form)[0]]
        self._cells: dict[tuple[int, Scalar], list[Any]] = {}

    def subject(self, subject: int, outcomes: Outcomes) -> None:
        entities: dict[str, tuple[str, list[Any]]] = {}
        for (path, name), scalar in outcomes.items():
            entity = entities.get(path)
            if entity is None:
                entity = entities[path] = self._entity(subject, path)
            kind, row = entity
            held = self.columns.get((kind, name))
            if held is not None:
                form, first = held
                cells = self._said(form, scalar)
                row[first : first + len(cells)] = cells

    def _said(self, form: Form, scalar: Scalar) -> list[Any]:
        if isinstance(scalar, Interval):  # few are alike, and a fraction is dear to hash
            return cells_of(form, scalar)
        key = (id(form), scalar)
        found = self._cells.get(key)
        if found is None:
            found = self._cells[key] = cells_of(form, scalar)
        return found

    def _entity(self, subject: int, path: str) -> tuple[str, list[Any]]:
        """The kind of the entity at a path, and a row for it."""
        steps: list[str] = []
        places: list[int | None] = []
        for step in path.removeprefix(self.tabulated.root).split("]"):
            if step:
                name, _, place = step.removeprefix(".").partition("[")
                steps.append(name)
                places.append(None if place == "?" else int(place))
        kind = self.kinds[tuple(steps)]
        places_of = self.places[kind]
        row: list[Any] = [None] * len(places_of)
        row[places_of[SUBJECT]] = subject
        if RESIDUAL in places_of:
            row[places_of[RESIDUAL]] = "[?]" in path
        for depth, number in enumerate(places):
            row[places_of[f"{AT}{depth}"]] = number
        self.rows[kind].append(row)
        return kind, row
