"""Changes of what is written: each is a text in place of another, with its place, so that a reader sees what was done
and the mutated law passes through the same reading and checking as any other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from safetyrules.diagnostics import Span
from safetyrules.language.source_text import SourceText
from safetyrules.text import Text

Operator = Literal[
    "threshold", "unit", "comparison", "junction", "condition", "applies", "exception", "severity", "level", "date",
    "order", "row", "result",
]  # fmt: skip
OPERATORS: tuple[Operator, ...] = get_args(Operator)
NAMES: dict[Operator, Text] = {
    "threshold": Text("界限偏移", "threshold moved"),
    "unit": Text("单位弄错", "wrong unit"),
    "comparison": Text("比较符换掉", "comparison changed"),
    "junction": Text("且或互换", "and / or exchanged"),
    "condition": Text("漏掉条件", "condition dropped"),
    "applies": Text("漏掉适用条件", "applies dropped"),
    "exception": Text("漏掉例外", "exception dropped"),
    "severity": Text("隐患等级换掉", "severity swapped"),
    "level": Text("级别换掉", "level swapped"),
    "date": Text("日期偏移", "date shifted"),
    "order": Text("行序互换", "rows swapped"),
    "row": Text("漏掉行", "row dropped"),
    "result": Text("结果换掉", "result changed"),
}


@dataclass(frozen=True, slots=True)
class Edit:
    """``replacement`` stands in place of what is written at ``span``."""

    span: Span
    replacement: str


@dataclass(frozen=True, slots=True)
class Change:
    """One fault: the operator that makes it, its edits (of one source), and both texts as a report shows them."""

    operator: Operator
    edits: tuple[Edit, ...]
    original: str
    mutated: str

    @property
    def span(self) -> Span:
        return self.edits[0].span


@dataclass(frozen=True, slots=True)
class Mutant:
    """A change of a ruleset, or of a table or instrument that it rests on. ``rule`` is the id of a rule, or the name
    of the parameter, table or instrument that is changed; ``clause`` is ``instrument#clause`` where one is cited."""

    change: Change
    ruleset: str
    rule: str
    clause: str | None

    @property
    def span(self) -> Span:
        return self.change.span

    @property
    def operator(self) -> Operator:
        return self.change.operator


def start_of(source: SourceText, span: Span) -> int:
    return source.line_starts[span.line - 1] + span.column - 1


def end_of(source: SourceText, span: Span) -> int:
    return source.line_starts[span.end_line - 1] + span.end_column - 1


def written(source: SourceText, span: Span) -> str:
    """What stands at ``span``."""
    return source.text[start_of(source, span) : end_of(source, span)]


def replaced(source: SourceText, operator: Operator, span: Span, replacement: str) -> Change:
    """The change that puts ``replacement`` in place of what stands at ``span``."""
    return Change(operator, (Edit(span, replacement),), written(source, span), replacement)


def swapped(source: SourceText, operator: Operator, one: Span, two: Span) -> Change:
    """The change that exchanges two stretches."""
    first, second = written(source, one), written(source, two)
    return Change(operator, (Edit(one, second), Edit(two, first)), first, second)


def item_dropped(source: SourceText, operator: Operator, span: Span) -> Change | None:
    """The change that takes the item at ``span`` out of its list; None where it cannot be told how it stands there, or
    where the list would be empty."""
    start, end = start_of(source, span), end_of(source, span)
    text = source.text
    before = text[:start].rstrip(" ")
    after = len(text) - len(text[end:].lstrip())
    if before.endswith("-") and before[before.rfind("\n") + 1 :].strip() == "-":
        cut = (len(before) - 1, end)
    elif text[after : after + 1] == ",":
        cut = (start, len(text) - len(text[after + 1 :].lstrip()))
    elif text[:start].rstrip().endswith(","):
        cut = (len(text[:start].rstrip()) - 1, end)
    else:
        return None
    edit = Edit(source.span(*cut), "")
    return Change(operator, (edit,), written(source, span), "")


def applied(source: SourceText, edits: Iterable[Edit]) -> str:
    """The text of ``source`` with all ``edits`` made; they do not overlap."""
    text = source.text
    for edit in sorted(edits, key=lambda edit: start_of(source, edit.span), reverse=True):
        text = text[: start_of(source, edit.span)] + edit.replacement + text[end_of(source, edit.span) :]
    return text
