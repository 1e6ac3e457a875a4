"""Deciding an enterprise by the shipped law, against the same law written by hand in Python."""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from typing import Any

import safetyrules
from benchmarks import handwritten_known, handwritten_sets
from benchmarks.answers import of_assessment, require_equal
from benchmarks.enterprise import AS_OF, LAW_AT, SHENYANG, Facts, enterprise, forget
from benchmarks.frozen_law import frozen_law
from benchmarks.handwritten_answers import compared, of_handwritten
from benchmarks.scale import Scale
from benchmarks.timing import Row, compare

UNKNOWN = 1 / 3


def assess(facts: Facts) -> safetyrules.Assessment:
    return frozen_law().assess(facts, as_of=AS_OF, law_at=LAW_AT, jurisdiction=SHENYANG)


def known_enterprises(count: int, start: int = 0) -> list[Facts]:
    """The realistic enterprise: eight collectors, two units, everything known but for decisions that nobody took."""
    return [enterprise(random.Random(seed)) for seed in range(start, start + count)]


def unknown_enterprises(count: int, share: float = UNKNOWN, start: int = 0) -> list[Facts]:
    return [forget(facts, random.Random(~seed), share) for seed, facts in enumerate(known_enterprises(count, start))]


def check_equal(count: int) -> int:
    """Every answer compared on invented enterprises of all sizes; how many. Raises AssertionError."""
    shares = (0.0, 0.1, UNKNOWN, UNKNOWN, 0.7, 1.0)
    for seed in range(count):
        whole = enterprise(random.Random(seed), collectors=seed % 9, units=seed % 4, decisions=seed % 3 == 0)
        ours = compared(of_assessment(assess(whole)))
        require_equal(f"enterprise {seed}, known", ours, of_handwritten(handwritten_known.assess(whole)))
        part = forget(whole, random.Random(~seed), shares[seed % len(shares)])
        ours = compared(of_assessment(assess(part)))
        require_equal(f"enterprise {seed}, in part", ours, of_handwritten(handwritten_sets.assess(part)))
    return count


def run(scale: Scale) -> Iterator[Row]:
    checked = check_equal(scale.equal)
    note = f"answers equal on {checked} enterprises"
    known, unknown = known_enterprises(scale.inputs), unknown_enterprises(scale.inputs)
    size: dict[str, Any] = {"inputs": scale.inputs, "rounds": scale.rounds, "seconds": scale.seconds}

    def row(name: str, facts: list[Facts], hand: Any, against: str, target: str, read: Any, hand_read: Any) -> Row:
        return compare(
            name,
            lambda number: read(assess(facts[number])),
            lambda number: hand_read(hand.assess(facts[number])),
            against,
            target=target,
            **size,
        )

    plain: tuple[Any, Any] = (_result, _result)
    one: tuple[Any, Any] = (_read_one, lambda result: result["overall_grade"])
    document: tuple[Any, Any] = (_document, lambda result: json.dumps(result, default=_jsonable, ensure_ascii=False))
    ours, theirs = "hand-written, known facts", "hand-written, sets and bounds"
    first = row("all known", known, handwritten_known, ours, "≤ 1.0", *plain)
    yield Row(first.name, first.ours, first.theirs, first.against, first.ratio, first.target, note)
    yield row("a third unknown", unknown, handwritten_sets, theirs, "≤ 1.5", *plain)
    yield row("all known, one conclusion read", known, handwritten_known, ours, "", *one)
    yield row("a third unknown, one conclusion read", unknown, handwritten_sets, theirs, "", *one)
    yield row("all known, full JSON document", known, handwritten_known, ours, "", *document)
    yield row("a third unknown, full JSON document", unknown, handwritten_sets, theirs, "", *document)


def _result(result: Any) -> Any:
    return result


def _read_one(assessment: safetyrules.Assessment) -> Any:
    return assessment["overall_grade"].possible


def _document(assessment: safetyrules.Assessment) -> str:
    to_document = getattr(assessment, "to_document", None)
    if to_document is not None:
        return json.dumps(to_document(), ensure_ascii=False, default=_jsonable)
    outcomes = [
        {"path": o.path, "name": o.name, "status": o.status, "possible": o.possible, "bounds": o.bounds}
        for o in assessment.outcomes
    ]
    return json.dumps(outcomes, ensure_ascii=False, default=_jsonable)


def _jsonable(value: object) -> Any:
    return list(value) if isinstance(value, frozenset) else str(value)
