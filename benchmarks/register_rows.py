"""Engines that take one enterprise at a time, or known facts only: a loop over decide, zen-engine."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl

from benchmarks.peers import zen_content
from benchmarks.programs import COLOURS, DAY
from benchmarks.register_data import VALUES, Program, write
from benchmarks.register_ours import synthetic_rules
from safetyrules.values import Finite, Interval, Scalar

BATCH = 1_000


def decide() -> Program:
    """`assess`, enterprise by enterprise; its sets are read."""
    rules = synthetic_rules()

    def answer(source: Path, target: Path) -> None:
        rows = []
        for facts in pl.read_parquet(source).iter_rows(named=True):
            known = {name: value for name, value in facts.items() if value is not None}
            row: dict[str, Any] = {}
            for (_, name), scalar in rules.assess(known, as_of=DAY).scalars.items():
                row.update(_parts(name, scalar))
            rows.append(row)
        write(pl.DataFrame(rows, infer_schema_length=None), target)

    return answer


def _parts(name: str, scalar: Scalar) -> dict[str, Any]:
    if isinstance(scalar, Interval):
        assert scalar.low is not None
        assert scalar.high is not None
        low, high = int(scalar.low), int(scalar.high)
        return {f"{name}.at_least": low, f"{name}.at_most": high, f"{name}.undetermined": low != high}
    assert isinstance(scalar, Finite)
    several = len(scalar.outcomes) > 1
    if name[0] == "h":
        may = True in scalar.outcomes
        return {f"{name}.proven": may and not several, f"{name}.possible": may, f"{name}.undetermined": several}
    possible = [level for level in COLOURS if level in scalar.outcomes]
    return {f"{name}.proven": possible[0], f"{name}.possible": possible[-1], f"{name}.undetermined": several}


def zen() -> Program:
    """The engine's own batches, of so many enterprises that Python holds little of them."""
    loader = {"type": "static", "content": {"rules": zen_content()}}
    engine: Any = import_module("zen").ZenEngine({"loader": loader})

    def answer(source: Path, target: Path) -> None:
        found: list[dict[str, Any]] = []
        for facts in pl.read_parquet(source).iter_slices(BATCH):
            for said in engine.evaluate_batch([{"key": "rules", "context": each} for each in facts.to_dicts()]):
                result = said["data"]["result"]
                found.append({name: result[name] for name in VALUES})
        write(pl.DataFrame(found, schema=VALUES), target)

    return answer
