"""What a command line answered, and where the published case is."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
KUNSHAN = str(ROOT / "examples" / "kunshan.yaml")


@dataclass(frozen=True)
class Ran:
    """What a command printed, and its exit code."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def complaints(self) -> list[Any]:
        return list(json.loads(self.err)["diagnostics"])


Run = Callable[..., Ran]
