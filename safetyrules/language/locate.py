"""From a place inside a scalar's text to the place in the file.

An expression is parsed from the text that YAML made of it; its problems belong at the characters the author typed,
past quotes, escapes, doubled quotes and the indentation of blocks.
"""

from __future__ import annotations

from collections.abc import Callable

from safetyrules.diagnostics import Span
from safetyrules.language.yaml_nodes import ScalarNode

Locate = Callable[[int, int], Span]

_ESCAPE_LENGTH = {"x": 4, "u": 6, "U": 10}
_BLANK = " \t"
_SPACE = " \t\r\n"


def locator(scalar: ScalarNode) -> Locate:
    """A function from character offsets in ``scalar.text`` (end exclusive) to the span in the file."""
    lead = 1 if scalar.style in ("single", "double") else 0
    straight = scalar.span.line == scalar.span.end_line and scalar.end - scalar.start == len(scalar.text) + 2 * lead
    if straight:
        return _straight(scalar, lead)
    places: list[tuple[int, int]] = []

    def locate(start: int, end: int) -> Span:
        if not places:
            places.extend(_places(scalar))
        last = len(places) - 1
        begin = places[min(start, last)][0]
        finish = places[min(end - 1, last)][1] if end > start else begin
        return scalar.source.span(begin, max(begin, finish))

    return locate


def _straight(scalar: ScalarNode, lead: int) -> Locate:
    """One line, character for character as written."""
    span = scalar.span
    first = span.column + lead
    length = len(scalar.text)

    def locate(start: int, end: int) -> Span:
        start = min(start, length)
        return Span(span.source, span.line, first + start, span.line, first + max(start, min(end, length)))

    return locate


def _places(scalar: ScalarNode) -> list[tuple[int, int]]:
    """For each character of the text, and for its end, where it starts and ends in the source.

    Whatever YAML folds or strips is white space, so the other characters stand in the source in the same order;
    escapes and doubled quotes are the only ones written longer than they read.
    """
    source = scalar.source.text
    at = scalar.start
    if scalar.style in ("single", "double"):
        at += 1
    elif scalar.style in ("literal", "folded"):
        at = min(scalar.end, at + len(scalar.written.partition("\n")[0]) + 1)
    places: list[tuple[int, int]] = []
    for character in scalar.text:
        begin, finish = _next(scalar, source, at, character)
        places.append((begin, finish))
        at = finish
    places.append((at, at))
    return places


def _next(scalar: ScalarNode, source: str, at: int, character: str) -> tuple[int, int]:
    """Where the next ``character`` of the text stands, searching from ``at``."""
    if scalar.style == "double":
        at = _past_escaped_line_end(source, at, scalar.end)
    if at < scalar.end and source[at] == "\\" and scalar.style == "double":
        return at, min(scalar.end, at + _ESCAPE_LENGTH.get(source[at + 1 : at + 2], 2))
    if character in _SPACE:
        blank = at < scalar.end and source[at] in _BLANK
        return at, at + 1 if blank else at
    while at < scalar.end and source[at] in _SPACE:
        at += 1
        if scalar.style == "double":
            at = _past_escaped_line_end(source, at, scalar.end)
    if scalar.style == "double" and source[at : at + 1] == "\\":
        return at, min(scalar.end, at + _ESCAPE_LENGTH.get(source[at + 1 : at + 2], 2))
    width = 2 if scalar.style == "single" and character == "'" else 1
    return min(at, scalar.end), min(at + width, scalar.end)


def _past_escaped_line_end(source: str, at: int, end: int) -> int:
    """Past a backslash at the end of a line, and the indentation that follows."""
    while source[at : at + 1] == "\\" and source[at + 1 : at + 2] in ("\r", "\n"):
        at += 2
        while at < end and source[at] in _SPACE:
            at += 1
    return at
