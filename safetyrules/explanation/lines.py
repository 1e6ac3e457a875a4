"""What an outline is made of, in one language."""

from __future__ import annotations

from dataclasses import dataclass

from safetyrules.explanation.trace import Node


@dataclass(frozen=True, slots=True)
class Line:
    """``mark`` (✓ ✗ ? or empty), words, a remark beside them, the conclusions it points at, and what is below."""

    words: str
    mark: str = ""
    remark: str = ""
    matters: bool = True
    points: tuple[Node, ...] = ()
    below: tuple[Line, ...] = ()


@dataclass(frozen=True, slots=True)
class Section:
    """One conclusion, for one entity or for several with the same reasons."""

    nodes: tuple[Node, ...]
    title: str
    owners: tuple[str, ...]
    outcome: str
    lines: tuple[Line, ...]
