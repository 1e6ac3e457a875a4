"""How much a run measures: the full run, or the small one for continuous integration."""

from __future__ import annotations

from typing import NamedTuple


class Scale(NamedTuple):
    """``equal`` enterprises are compared before anything is timed; ``inputs`` are timed, in turns, for ``seconds`` a
    row in so many ``rounds`` (enough inputs that a 99th percentile is not that of one odd one); ``growth`` assessments
    are made while memory is watched; ``rules`` are generated to load."""

    equal: int
    inputs: int
    rounds: int
    seconds: float
    growth: int
    rules: int


FULL = Scale(equal=300, inputs=100, rounds=15, seconds=3.0, growth=1_000_000, rules=1_000)
SMALL = Scale(equal=20, inputs=5, rounds=3, seconds=0.15, growth=20_000, rules=100)
