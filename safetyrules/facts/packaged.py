"""The tables that ship with the library, found by name."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from importlib.resources.abc import Traversable


def packaged_rows(name: str) -> tuple[dict[str, str], ...]:
    """The rows of the packaged table file ``name``. Raises FileNotFoundError where there is none."""
    return tuple(csv.DictReader(packaged_text(name).splitlines()))


def packaged_text(name: str) -> str:
    """The packaged table file ``name``, as it is written. Raises FileNotFoundError where there is none."""
    return (_tables() / name).read_text(encoding="utf-8")


def _tables() -> Traversable:
    """Beside the engine in a source tree, else the installed rulesets package."""
    beside = Path(__file__).resolve().parents[2] / "rulesets" / "tables"
    if beside.is_dir():
        return beside
    from importlib import resources

    return resources.files("safetyrules_rulesets") / "tables"
