"""The tables that ship with the library, found by name."""

from __future__ import annotations

import csv
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path


def packaged_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of the packaged table file ``name``. Raises FileNotFoundError where there is none."""
    words = (_tables() / name).read_text(encoding="utf-8")
    return tuple(csv.DictReader(words.splitlines()))


def _tables() -> Traversable:
    """Beside the engine in a source tree, else the installed rulesets package."""
    beside = Path(__file__).resolve().parents[2] / "rulesets" / "tables"
    return beside if beside.is_dir() else resources.files("safetyrules_rulesets") / "tables"
