"""Cases as the rows of a CSV file: thresholds, one bound after another."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from safetyrules.diagnostics import Diagnostic, RulesetError, Span, diagnostic
from safetyrules.language.limits import LIMITS
from safetyrules.language.source_text import source_text
from safetyrules.language.yaml_source import parse_yaml, to_plain
from safetyrules.text import Text

EXPECT = "expect:"
_OPTIONS = frozenset({"as_of", "law_at", "jurisdiction", "closed", "sectors", "subject", "treat_unknown_as"})
#: Columns whose cells are text whatever they look like.
_TEXTS = frozenset({"jurisdiction", "subject"})


@dataclass(frozen=True)
class CaseRow:
    name: str
    span: Span
    facts: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    expect: dict[str, Any] = field(default_factory=dict)


def rows_of(content: bytes, source: str, problems: list[Diagnostic]) -> Iterator[CaseRow]:
    """The rows of a table. An empty cell says nothing; others are written as values are in YAML."""
    try:
        text = source_text(content, source, LIMITS.bytes)
    except RulesetError as error:
        problems.extend(error.diagnostics)
        return
    reader = csv.reader(io.StringIO(text.text, newline=""), strict=True)
    try:
        heads = [head.strip() for head in next(reader, [])]
        if not _fit(heads, Span(source, 1, 1, 1, 1), problems):
            return
        before = reader.line_num
        for number, cells in enumerate(reader, start=1):
            span = Span(source, before + 1, 1, reader.line_num, 1)
            before = reader.line_num
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) != len(heads):
                reason = Text(
                    f"有 {len(cells)} 格，表头有 {len(heads)} 列", f"{len(cells)} cells under {len(heads)} columns"
                )
                problems.append(diagnostic("SR4108", span, reason=reason))
                continue
            yield _row(heads, cells, number, span, problems)
    except csv.Error as error:
        reason = Text(f"不是 CSV：{error}", f"this is not CSV: {error}")
        problems.append(
            diagnostic("SR4108", Span(source, max(reader.line_num, 1), 1, reader.line_num, 1), reason=reason)
        )


def _fit(heads: list[str], span: Span, problems: list[Diagnostic]) -> bool:
    before = len(problems)
    twice = sorted({head for head in heads if heads.count(head) > 1})
    if twice or "" in heads:
        reason = Text("列名为空或重复", "a column has no name, or the same as another")
        problems.append(diagnostic("SR4108", span, reason=reason, found=", ".join(twice)))
    if not any(head.startswith(EXPECT) for head in heads):
        reason = Text("没有“expect:结论”列", "there is no column 'expect:CONCLUSION'")
        problems.append(diagnostic("SR4108", span, reason=reason))
    return len(problems) == before


def _row(heads: list[str], cells: list[str], number: int, span: Span, problems: list[Diagnostic]) -> CaseRow:
    row = CaseRow("", span)
    name = str(number)
    for head, cell in zip(heads, cells, strict=True):
        words = cell.strip()
        if not words:
            continue
        if head == "name":
            name = words
            continue
        value: Any = words
        if head not in _TEXTS:
            parsed = parse_yaml(words, f"{span.source}:{span.line} {head}")
            if parsed.root is None or parsed.problems:
                problems.extend(parsed.problems)
                continue
            value = to_plain(parsed.root)
        if head.startswith(EXPECT):
            row.expect[head.removeprefix(EXPECT).strip()] = value
        elif head in _OPTIONS:
            row.options[head] = value
        else:
            row.facts[head] = value
    return CaseRow(name, span, row.facts, row.options, row.expect)
