"""Resolve pass: lookup tables. Cells of CSV files become values of the types of their columns."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

from safetyrules.diagnostics import Diagnostic, diagnostic, shorten
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.language.document import TableDocument
from safetyrules.language.ruleform import Cell, LookupTable
from safetyrules.language.types import TypeResolver, type_words, unknown_name, written
from safetyrules.text import Text

MOST_LINES_NAMED = 8


def lookup_table(document: TableDocument, instrument: str, types: TypeResolver) -> LookupTable | None:
    """The table with its cells read, or None where its columns or keys do not stand."""
    columns: dict[str, ScalarType] = {}
    for column in document.columns:
        resolved = types.scalar(column.type, f"{document.name.text}.{column.name.text}", None, None)
        if resolved is None:
            return None
        columns[column.name.text] = resolved
    for key in document.keys:
        if key.text not in columns:
            types.problems.append(unknown_name(key, "SR0409", columns))
            return None
    read = [
        _column(document, place, name, type_, types.problems) for place, (name, type_) in enumerate(columns.items())
    ]
    rows = tuple(zip(*read, strict=True))
    keys = tuple(key.text for key in document.keys)
    _refuse_repeated_keys(document, [list(columns).index(key) for key in keys], rows, types.problems)
    return LookupTable(
        document.name.text, document.title, instrument, document.clause.clause, keys, columns, rows, document.absent_key
    )


def _column(
    document: TableDocument, place: int, name: str, type_: ScalarType, problems: list[Diagnostic]
) -> list[Cell]:
    """The cells of one column; those that do not fit make one problem: a wrong type is not reported row by row."""
    cells: list[Cell] = []
    wrong: list[tuple[int, str]] = []
    for line, row in zip(document.row_lines, document.rows, strict=True):
        text = row[place]
        cell = None if text is None else _cell(text, type_)
        if cell is None and text is not None:
            wrong.append((line, text))
        cells.append(cell)
    if wrong:
        problems.append(
            diagnostic(
                "SR0411",
                document.file.span,
                file=document.file.text,
                line=wrong[0][0],
                more=_more([line for line, _ in wrong[1:]]),
                column=name,
                found=wrong[0][1],
                expected=type_words(type_),
            )
        )
    return cells


def _cell(text: str, type_: ScalarType) -> Cell:
    """The value of a cell; None where it is not of the type."""
    try:
        match type_:
            case BooleanType():
                return {"true": True, "false": False}[text]
            case NumberType(integer=integer):
                value = Fraction(text)
                return value if value.denominator == 1 or not integer else None
            case DateType():
                return Fraction(date.fromisoformat(text).toordinal())
            case ChoiceType(members=members):
                return text if text in members else None
    except (KeyError, ValueError, ZeroDivisionError):
        return None
    return text


def _refuse_repeated_keys(
    document: TableDocument, places: list[int], rows: tuple[tuple[Cell, ...], ...], problems: list[Diagnostic]
) -> None:
    lines: dict[tuple[Cell, ...], list[int]] = {}
    for line, row in zip(document.row_lines, rows, strict=True):
        lines.setdefault(tuple(row[place] for place in places), []).append(line)
    repeated = [(key, found) for key, found in lines.items() if len(found) > 1]
    if repeated:
        key, found = repeated[0]
        others = [line for _, more in repeated[1:] for line in more[1:]]
        problems.append(
            diagnostic(
                "SR0410",
                document.file.span,
                file=document.file.text,
                line=found[1],
                more=_more([*found[2:], *others]),
                first=found[0],
                found=shorten(", ".join("(空 empty)" if cell is None else written(cell) for cell in key)),
            )
        )


def _more(lines: list[int]) -> Text:
    """The other lines with the same problem."""
    if not lines:
        return Text("", "")
    named = ", ".join(str(line) for line in sorted(lines)[:MOST_LINES_NAMED])
    rest = len(lines) - MOST_LINES_NAMED
    if rest > 0:
        return Text(f"（另有第 {named} 行等 {len(lines)} 行）", f" (and lines {named} and {rest} more)")
    return Text(f"（另有第 {named} 行）", f" (and line{'s' if len(lines) > 1 else ''} {named})")
