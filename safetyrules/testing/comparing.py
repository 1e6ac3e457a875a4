"""Cases that were decided one by one are answered by columns together, and both are held against one another."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from safetyrules.facts.entity import Entity
from safetyrules.result import Assessment, Outcome, Request
from safetyrules.testing.asked import Part
from safetyrules.testing.columns import Columns
from safetyrules.testing.expectations import shown
from safetyrules.testing.model import Case
from safetyrules.testing.results import Failure
from safetyrules.values import Scalar


class Decided(NamedTuple):
    """What was decided of a case: ``row`` is its place among all cases, ``part`` what answered it."""

    row: int
    case: Case
    part: Part
    entity: Entity
    answer: Assessment


class Compared(NamedTuple):
    """Where columns say otherwise, each with the place of its case, and how many cases they settled."""

    failures: tuple[tuple[int, Failure], ...]
    settled: int


@dataclass
class _Batch:
    """Cases of one file that one part of the law answers."""

    part: Part
    request: Request
    cases: list[Decided] = field(default_factory=list)


def compare(columns: Columns, decided: Iterable[Decided]) -> Compared:
    """What columns make of these cases: all that can go together at once."""
    failures = []
    settled = 0
    for batch in _batches(decided):
        entities = [each.entity for each in batch.cases]
        said: Sequence[Mapping[tuple[str, str], Scalar]] = [each.answer.scalars for each in batch.cases]
        differences, count = columns.differences(batch.part, batch.request, entities, said)
        settled += count
        for place, path, name, one, two in differences:
            each = batch.cases[place]
            failures.append((each.row, _disagreement(each, path, name, one, two)))
    return Compared(tuple(failures), settled)


def _batches(decided: Iterable[Decided]) -> Iterable[_Batch]:
    """The cases of a file for which the law says the same, on whatever day that is."""
    batches: dict[object, _Batch] = {}
    for each in decided:
        part, request = each.part, each.answer.request
        day = request.as_of if part.dated else None
        key = (each.case.span.source, part.number, day, request.subject)
        batches.setdefault(key, _Batch(part, request)).cases.append(each)
    return batches.values()


def _disagreement(decided: Decided, path: str, name: str, one: Scalar | None, two: Scalar | None) -> Failure:
    conclusion = next((each for each in decided.answer.plan.conclusions if each.name == name), None)
    said = [
        "–" if scalar is None or conclusion is None else shown(Outcome(path, conclusion, scalar, "withhold"))
        for scalar in (one, two)
    ]
    names = (f"{path}#{name}",) if one is not None else ()
    return Failure("disagreement", decided.case.span, f"{path}#{name}", said[0], said[1], decided.answer, names)
