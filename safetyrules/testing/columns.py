"""The cases of one plan as one batch of columns, and where columns say otherwise than `decide`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from fractions import Fraction
from typing import Any

from safetyrules.engine import algebra
from safetyrules.engine.columnar.entities import tables_of
from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.forms import Unfit
from safetyrules.engine.columnar.tables import Tables
from safetyrules.engine.columnar.tabulate import AT, SUBJECT, Prepared, Tabulated, names, prepare, read
from safetyrules.facts.entity import Entity
from safetyrules.result import Request
from safetyrules.testing.asked import Part
from safetyrules.values import Interval, Scalar

#: What columns say beside what was decided: of one subject (by its row), one entity and one conclusion.
Difference = tuple[int, str, str, Scalar | None, Scalar | None]
_ROUNDING = Fraction(1, 10**13)


class Columns:
    """Lowers each plan once, for as long as this lives."""

    def __init__(self) -> None:
        self._prepared: dict[object, Prepared | None] = {}

    def differences(
        self,
        part: Part,
        request: Request,
        entities: Sequence[Entity],
        decided: Sequence[Mapping[tuple[str, str], Scalar]],
    ) -> tuple[list[Difference], int]:
        """Where columns say otherwise, and how many subjects they settled."""
        tables = tables_of(part.plan.schema, request.subject, entities, facts=part.facts)
        prepared = self._prepare(part, request, tables)
        if prepared is None:
            return [], 0
        found = prepared.run(tables)
        apart = {*tables.apart, *found.doubtful.to_list()}
        return list(_differences(found, decided, apart)), len(entities) - len(apart)

    def _prepare(self, part: Part, request: Request, tables: Tables) -> Prepared | None:
        columns = tuple((kind, *frame.columns) for kind, frame in sorted(tables.frames.items()))
        values = tuple((*key, *frame.columns) for key, frame in sorted(tables.values.items()))
        key = (part.number, request.subject, request.as_of if part.dated else None, columns, values)
        if key not in self._prepared:
            try:
                self._prepared[key] = prepare(part.plan, request.subject, request.as_of, tables)
            except Unfit:
                self._prepared[key] = None
        return self._prepared[key]


def _differences(
    found: Tabulated, decided: Sequence[Mapping[tuple[str, str], Scalar]], apart: set[int]
) -> Iterator[Difference]:
    seen = [0] * len(decided)
    for kind, frame in found.frames.items():
        if not frame.height:
            continue
        subjects = frame[SUBJECT].to_list()
        residual = frame[RESIDUAL].to_list() if RESIDUAL in frame.columns else [False] * len(subjects)
        places = [name for name in frame.columns if name.startswith(AT)]
        paths = [found.path(kind, row) for row in frame.select(places).iter_rows(named=True)] if places else []
        paths = paths or [found.root] * len(subjects)
        for (on, name), form in found.forms.items():
            if on != kind:
                continue
            known: dict[Any, Scalar] = {}
            cells = zip(*(frame[column].to_list() for column in names(name, form)), residual, strict=True)
            for subject, path, row in zip(subjects, paths, cells, strict=True):
                if subject in apart:
                    continue
                scalar = known.get(row)
                if scalar is None:
                    scalar = read(form, list(row[:-1]))
                    scalar = known[row] = algebra.with_nothing(scalar) if row[-1] else scalar
                seen[subject] += 1
                try:
                    other = decided[subject][path, name]
                except KeyError:
                    other = None
                if other is not scalar and other != scalar and not rounded(other, scalar):
                    yield subject, path, name, other, scalar
    for subject, count in enumerate(seen):
        if subject not in apart and count != len(decided[subject]):
            yield subject, found.root, "*", None, None


def rounded(one: Scalar | None, two: Scalar | None) -> bool:
    """Are these numbers that differ by no more than what a Float64 rounds?"""
    if not isinstance(one, Interval) or not isinstance(two, Interval):
        return False
    if (one.nothing, one.empty) != (two.nothing, two.empty):
        return False
    return all(
        a == b or (a is not None and b is not None and abs(a - b) <= abs(a) * _ROUNDING)
        for a, b in ((one.low, two.low), (one.high, two.high))
    )
