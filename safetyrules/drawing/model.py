"""A picture before it has places: boxes in lanes, and arrows between them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from safetyrules.text import Text

#: What a box is; its colour says so.
Sort = Literal["major", "general", "grade", "value", "assign", "duty", "fact"]
#: How it came out for the subject; None where no subject was judged.
State = Literal["bad", "good", "open", "settled", "absent"]


@dataclass(frozen=True)
class Box:
    """``words`` are its title, ``below`` a line in small print, ``tip`` what a pointer shows. ``path``: it is on the
    path that decides (None: nothing is decided in this picture)."""

    id: str
    lane: str
    sort: Sort
    words: Text
    below: Text
    tip: Text
    state: State | None = None
    path: bool | None = None


@dataclass(frozen=True)
class Arrow:
    """``target`` rests on ``source``."""

    source: str
    target: str
    path: bool | None = None


@dataclass(frozen=True)
class Picture:
    """``lanes`` by their ids, in order. The arrows have no circle."""

    title: Text
    boxes: tuple[Box, ...]
    arrows: tuple[Arrow, ...]
    lanes: dict[str, Text]
