"""How much of a stranger's file is read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Limits:
    """How much of a stranger's file is read before giving up."""

    bytes: int = 8 * 1024 * 1024
    depth: int = 64
    nodes: int = 2_000_000


LIMITS: Final = Limits()
