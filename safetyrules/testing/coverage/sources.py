"""The text in which rules are written, for reports that show it."""

from __future__ import annotations

from functools import lru_cache
from importlib.resources import files
from pathlib import Path

from safetyrules.diagnostics import Span


@lru_cache(maxsize=64)
def lines_of(source: str) -> tuple[str, ...]:
    """The lines of a document, by the name that places have; none where it cannot be read."""
    try:
        text = Path(source).read_text(encoding="utf-8")
    except (OSError, ValueError):
        package, _, rest = source.partition("/")
        try:
            text = files(package).joinpath(rest).read_text(encoding="utf-8")
        except (ImportError, OSError, ValueError, TypeError):
            return ()
    return tuple(text.splitlines())


def written(span: Span, most: int = 100) -> str:
    """What stands in a place, its first line only."""
    lines = lines_of(span.source)
    if span.line > len(lines):
        return ""
    line = lines[span.line - 1]
    end = span.end_column - 1 if span.end_line == span.line else len(line)
    words = line[span.column - 1 : end].strip()
    return words if len(words) <= most else words[: most - 1] + "…"
