"""Cases of several files, some of which fail, and a run of them as plain data. Nothing here starts a thread."""

from __future__ import annotations

import json
from typing import Any

from tiny_law import case

from safetyrules.testing.model import Case
from safetyrules.testing.reading import read_suite
from safetyrules.testing.results import Run


def written() -> tuple[Case, ...]:
    """Three files, turn by turn; one case of the second fails, one of the third is refused."""
    cases: list[Case] = []
    for number in range(30):
        expected = "yellow" if number == 4 else "red" if number >= 20 else "blue"
        licensed = "" if number == 11 else f", licensed: {'false' if number >= 20 else 'true'}"
        text = case(f"workers: {number * 2 if number != 17 else -1}{licensed}", f"grade: {expected}")
        suite = f"defaults: {{as_of: 2024-01-01}}\ncases:\n  - {{name: case {number}, {text}}}\n"
        cases += read_suite(suite, f"{'abc'[number % 3]}.test.yaml").cases
    return tuple(cases)


def told(run: Run) -> Any:
    failures = [
        [(each.kind, each.key, each.expected, each.actual, each.why("en")) for each in result.failures]
        for result in run.results
    ]
    return json.loads(json.dumps([[result.case.name for result in run.results], failures, run.by_columns]))
