"""So many rules of all common forms, in blocks of ten, with one grade that rests on every block."""

from __future__ import annotations

import random
from typing import Any

from benchmarks.programs import Rule, value

BLOCK = 10
FLAGS = tuple(f"flag_{number}" for number in range(30))
COUNTS = tuple(f"count_{number}" for number in range(30))
FACTS: dict[str, Any] = {
    **dict.fromkeys(FLAGS, "boolean"),
    **{name: {"type": "integer", "minimum": 0, "maximum": 1000} for name in COUNTS},
}
LAST = "overall"


def rules(count: int) -> list[Rule]:
    """``count`` rules; the last is the grade."""
    blocks = -(-count // BLOCK)
    found = [rule for block in range(blocks) for rule in _block(block)][: count - 1]
    names = {rule["id"] for rule in found}
    read = [f"r{block}_level" for block in range(blocks) if f"r{block}_level" in names]
    rows = [
        {"when": " || ".join(f'{name} == "{level}"' for name in read), "then": level} for level in ("orange", "red")
    ]
    grade: Rule = {"id": LAST, "grade": "colour", "table": {"hit": "collect max", "rows": rows, "otherwise": "blue"}}
    return [*found, grade]


def _block(block: int) -> list[Rule]:
    rng = random.Random(block)
    a, b, c, d = rng.sample(FLAGS, 4)
    n, m, k = rng.sample(COUNTS, 3)
    name = f"r{block}_"
    rows = [
        {"if": [f">= {rng.randrange(900, 1500)}", True], "then": "red"},
        {"if": ["200..899", "-"], "then": "orange"},
        {"if": ["< 100", False], "then": "yellow"},
    ]
    table = {"hit": "first", "inputs": [f"{name}load", f"{name}fault"], "rows": rows, "otherwise": "blue"}
    return [
        value(f"{name}guarded", "boolean", f"{a} && !{b} || {n} > {rng.randrange(1000)}"),
        value(f"{name}watched", "boolean", f"{name}guarded ? {c} : {d} && {m} >= {rng.randrange(1000)}"),
        value(f"{name}safe", "boolean", f"{name}guarded && {name}watched && !{d}"),
        value(f"{name}base", "integer", f"{n} + {m} * {rng.randrange(1, 5)}"),
        value(f"{name}load", "integer", f"{name}safe ? {name}base - {k} : {name}base + {rng.randrange(100)}"),
        {
            "id": f"{name}finding",
            "finding": "major",
            "applies": c,
            "when": f"!{name}safe && {k} > {rng.randrange(500)}",
        },
        {"id": f"{name}exempt", "except": f"{name}finding", "when": f"{a} && {n} < 50", "withdraw": True},
        value(f"{name}fault", "boolean", f"!{name}watched || {b}"),
        {"id": f"{name}level", "value": "colour", "table": table},
        value(f"{name}spare", "boolean", f'{name}level == "red" && {name}load > {rng.randrange(1000)}'),
    ]


def facts(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    flags = {name: rng.random() < 0.5 for name in FLAGS}
    return {**flags, **{name: rng.randrange(1001) for name in COUNTS}}
