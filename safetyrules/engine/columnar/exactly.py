"""Subjects that columns do not settle, decided one by one, and put among the others (design 5.18)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import polars as pl

from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.tabulate import AT, SUBJECT, Tabulated, cells_of, names
from safetyrules.facts.schema import Kind
from safetyrules.values import Scalar

Outcomes = Mapping[tuple[str, str], Scalar]


def with_exact(tabulated: Tabulated, decided: Mapping[int, Outcomes]) -> Tabulated:
    """The same, in which the subjects of these rows have these outcomes, and are doubtful no more."""
    rows = pl.Series(list(decided), dtype=pl.UInt32)
    frames: dict[str, pl.DataFrame] = {}
    for kind, frame in tabulated.frames.items():
        declared = tabulated.plan.schema.kinds[kind]
        fresh = [row for subject, outcomes in decided.items() for row in _rows(tabulated, declared, subject, outcomes)]
        others = frame.filter(~pl.col(SUBJECT).is_in(rows.implode()))
        if fresh:
            made = pl.DataFrame(fresh, schema=frame.schema, orient="row", strict=False)
            order = [SUBJECT, *(name for name in frame.columns if name.startswith(AT))]
            others = pl.concat([others, made]).sort(order, nulls_last=True, maintain_order=True)
        frames[kind] = others
    doubtful = tabulated.doubtful.filter(~tabulated.doubtful.is_in(rows.implode()))
    return replace(tabulated, frames=frames, doubtful=doubtful)


def _rows(tabulated: Tabulated, kind: Kind, subject: int, outcomes: Outcomes) -> list[list[Any]]:
    """The rows of a subject's entities of one kind, in the order of the frame's columns."""
    found: dict[str, dict[str, Any]] = {}
    forms = {name: form for (on, name), form in tabulated.forms.items() if on == kind.name}
    steps = [part.parent_fact for part in reversed(tabulated.plan.schema.chain(kind.name)[:-1])]
    for (path, name), scalar in outcomes.items():
        places = _places(path, tabulated.root, steps)
        if places is None or name not in forms:
            continue
        row = found.setdefault(path, {SUBJECT: subject, **{f"{AT}{i}": place for i, place in enumerate(places)}})
        row[RESIDUAL] = "[?]" in path
        row.update(zip(names(name, forms[name]), cells_of(forms[name], scalar), strict=True))
    return [[row.get(column) for column in tabulated.frames[kind.name].columns] for row in found.values()]


def _places(path: str, root: str, steps: list[str | None]) -> list[int | None] | None:
    """Where an entity stands in each list on its path; None where the path is of another kind."""
    rest = path.removeprefix(root)
    places: list[int | None] = []
    for step in steps:
        head = f".{step}["
        if not rest.startswith(head):
            return None
        place, _, rest = rest[len(head) :].partition("]")
        places.append(None if place == "?" else int(place))
    return places if not rest else None

