"""Printing: text for a terminal, Markdown, JSON, and diagnostics."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Iterable, Sequence
from enum import StrEnum
from io import TextIOWrapper
from typing import Any

from rich.console import Console
from rich.padding import Padding
from rich.table import Table
from rich.text import Text as Styled

from safetyrules.diagnostics import Diagnostic, Severity
from safetyrules.report import Line, Style
from safetyrules.text import Language


class Form(StrEnum):
    text = "text"
    json = "json"
    markdown = "markdown"


class PlainForm(StrEnum):
    text = "text"
    json = "json"


class Tongue(StrEnum):
    zh = "zh"
    en = "en"


_STYLES: dict[Style, str] = {
    "title": "bold",
    "heading": "bold cyan",
    "item": "",
    "plain": "",
    "bad": "bold red",
    "open": "yellow",
    "good": "green",
    "quiet": "dim",
}
_SEVERITIES = {Severity.ERROR: "red", Severity.WARNING: "yellow", Severity.NOTE: "cyan"}


def language_of(tongue: Tongue | None) -> Language:
    """The language asked for; else Chinese in a Chinese locale, English in any other."""
    if tongue is not None:
        return "zh" if tongue is Tongue.zh else "en"
    locale = next((os.environ[name] for name in ("LC_ALL", "LC_MESSAGES", "LANG") if os.environ.get(name)), "")
    return "zh" if locale.lower().startswith("zh") else "en"


def print_json(document: object) -> None:
    sys.stdout.write(json.dumps(document, ensure_ascii=False, indent=2) + "\n")


def print_lines(lines: Iterable[Line]) -> None:
    """A report, wrapped to the terminal, or unwrapped where the output goes into a file."""
    console = Console(highlight=False, soft_wrap=not sys.stdout.isatty())
    for line in lines:
        words = Styled(line.text, _STYLES[line.style])
        if line.style == "heading":
            console.print()
        if console.soft_wrap:
            console.print(Styled("  " * line.depth) + words)
        else:
            console.print(Padding(words, (0, 0, 0, 2 * line.depth)))


def print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A table on a terminal; tab-separated lines, heads first, where the output goes into a file."""
    if not sys.stdout.isatty():
        for row in (heads, *rows):
            sys.stdout.write("\t".join(cell.replace("\t", " ").replace("\n", " ") for cell in row) + "\n")
        return
    table = Table(box=None, pad_edge=False, header_style="bold cyan")
    for head in heads:
        table.add_column(head, overflow="fold")
    for row in rows:
        table.add_row(*(Styled(cell) for cell in row))
    Console(highlight=False).print(table)


def print_diagnostics(problems: Iterable[Diagnostic], language: Language, *, to_stderr: bool = True) -> None:
    console = Console(stderr=to_stderr, highlight=False, soft_wrap=True)
    for problem in problems:
        words = Styled(problem.render(language))
        words.highlight_words([f"{problem.severity} {problem.code}"], _SEVERITIES[problem.severity])
        console.print(words)


def diagnostics_json(problems: Sequence[Diagnostic]) -> dict[str, Any]:
    from safetyrules.documents import diagnostics_document

    return diagnostics_document(list(problems))


def never_fail_on_characters() -> None:
    """A terminal that cannot show a character gets its escape, not an error."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(errors="backslashreplace")
