"""Invented registers of yards."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import polars as pl
from yard_law import YARD_LAW

from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest


def yards(rows: int, folder: Path, seed: int = 0) -> dict[str, pl.DataFrame]:
    """Enterprises with tanks and valves; a tenth of the facts is unknown."""
    request = DemoRequest(rows, seed, missing=0.1, present={"yard": 0.7})
    write_demo_register(YARD_LAW.program(), request, folder)
    return {file.stem: pl.read_parquet(file) for file in sorted(folder.iterdir())}


def shuffled(tables: Mapping[str, pl.DataFrame], seed: int) -> dict[str, pl.DataFrame]:
    return {name: table.sample(fraction=1, shuffle=True, seed=seed) for name, table in tables.items()}


def crowd(tanks: int) -> dict[str, pl.DataFrame]:
    """Two hundred enterprises of one place, of which one has nearly all the tanks."""
    keys = [f"k{number:03d}" for number in range(200)]
    owners = ["k100"] * tanks + keys[::3]
    return {
        "enterprise": pl.DataFrame({"subject": keys, "place": "210102", "yard.present": True}),
        "yard.tank": pl.DataFrame(
            {
                "subject": owners,
                "part": range(1, len(owners) + 1),
                "substance": [("a", "b", None)[number % 3] for number in range(len(owners))],
                "amount": [number % 7 / 2 for number in range(len(owners))],
            }
        ),
    }


def faulty() -> dict[str, pl.DataFrame]:
    """Everything that sets rows aside: bad cells, subjects and parts that come twice, parts of nobody, no keys."""
    return {
        "enterprise": pl.DataFrame(
            {
                "subject": ["a", " b\u3000", "c", "c", "d", "e", None, "  ", "f", "g"],
                "place": ["210102", "110101", None, "210102", "99", "210100", "210100", None, "330100", "210103"],
                "staff": ["12", "-3", "1", "2", "300", "many", "7", "-8", "", "301"],
                "yard.present": ["是", "no", "true", None, "maybe", "true", "true", None, "true", "false"],
            }
        ),
        "yard.tank": pl.DataFrame(
            {
                "subject": ["a", "b", "b", "nobody", "d", "f", "f", None, "g", "a ", "c"],
                "part": ["t1", "t1", "t2", "t1", "t1", "t9", "t9", "t1", "t1", "t0", "t1"],
                "amount": ["1.5", "2", "3", "4", "-5", "6", "7", "-8", "x", "0.1", "9"],
                "substance": ["a", "b", "c", "a", "b", "a", "a", None, "a", "b", None],
            }
        ),
        "yard.valve": pl.DataFrame(
            {
                "subject": ["a", "a", "b", "f", "a", None],
                "part": ["v2", "v1", "v1", "v1", "v3", "v1"],
                "parent": ["t1", "t0", "t1", "t9", "none", "t1"],
                "stuck": ["true", None, "false", "true", "true", "true"],
            }
        ),
    }
