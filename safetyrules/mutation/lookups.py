"""Faults in the CSV file of a lookup table: a row dropped, a number moved, a result taken from another row."""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from fractions import Fraction
from random import Random

from safetyrules.facts.schema import ChoiceType, NumberType, ScalarType
from safetyrules.language.document import TableDocument
from safetyrules.language.ruleform import LookupTable
from safetyrules.language.source_text import SourceText
from safetyrules.mutation.amounts import decimal, moved
from safetyrules.mutation.edits import Change, Edit, replaced, written
from safetyrules.mutation.expressions import beside

#: Of a longer table, as many rows are drawn.
MOST_ROWS = 500


@dataclass(frozen=True)
class Sampled:
    """A table of which only some rows were mutated."""

    table: str
    rows: int
    of: int


def sampled(document: TableDocument, seed: int) -> tuple[list[int], Sampled | None]:
    """The rows that are mutated, by their number, and what there is to say of it."""
    rows = list(range(len(document.rows)))
    if len(rows) <= MOST_ROWS:
        return rows, None
    drawn = sorted(Random(f"{seed} {document.name.text}").sample(rows, MOST_ROWS))
    return drawn, Sampled(document.name.text, MOST_ROWS, len(rows))


def of_table(
    document: TableDocument, table: LookupTable, source: SourceText, read: Set[str], rows: Sequence[int]
) -> Iterator[Change]:
    """The faults of some rows of a table. ``read`` are the columns that rules look up."""
    places = _columns(source, document)
    for row in rows:
        line = document.row_lines[row]
        fields = _fields(source, line)
        if fields is None:
            continue
        start = source.line_starts[line - 1]
        end = source.line_starts[line] if line < len(source.line_starts) else len(source.text)
        words = source.text[start:end].rstrip("\r\n")
        yield Change("row", (Edit(source.span(start, end), ""),), words, "")
        for column, place in places.items():
            cell = document.rows[row][list(table.columns).index(column)]
            if column in read and cell is not None:
                yield from _cell(source, fields[place], cell, table, column)


def _cell(source: SourceText, field: tuple[int, int], cell: str, table: LookupTable, column: str) -> Iterator[Change]:
    span = source.span(*field)
    original = written(source, span)
    type_ = table.columns[column]
    if isinstance(type_, NumberType):
        for operator, number in moved(Fraction(cell), type_):
            if (words := decimal(number)) is not None:
                yield replaced(source, operator, span, original.replace(cell, words, 1))
        return
    for other in _others(type_, cell, table, column):
        yield replaced(source, "level" if _is_scale(type_) else "result", span, original.replace(cell, other, 1))


def _is_scale(type_: ScalarType) -> bool:
    return isinstance(type_, ChoiceType) and type_.scale


def _others(type_: ScalarType, cell: str, table: LookupTable, column: str) -> list[str]:
    """What may stand there by mistake: the levels beside it, or what stands in the next row that differs."""
    if isinstance(type_, ChoiceType) and type_.scale:
        return beside(type_, cell)
    place = table.place(column)
    different = dict.fromkeys(str(row[place]) for row in table.rows if row[place] is not None)
    if cell not in different or len(different) < 2:
        return []
    ordered = list(different)
    return [ordered[(ordered.index(cell) + 1) % len(ordered)]]


def _columns(source: SourceText, document: TableDocument) -> dict[str, int]:
    """Where each declared column stands in the file."""
    header = _fields(source, 1) or []
    names = [source.text[start:end].strip().strip('"') for start, end in header]
    return {column.name.text: names.index(column.header) for column in document.columns if column.header in names}


def _fields(source: SourceText, line: int) -> list[tuple[int, int]] | None:
    """The fields of a record by their offsets; None where it goes over several lines."""
    start = source.line_starts[line - 1]
    end = source.line_starts[line] if line < len(source.line_starts) else len(source.text)
    text = source.text
    while end > start and text[end - 1] in "\r\n":
        end -= 1
    found: list[tuple[int, int]] = []
    quoted, begin = False, start
    for at in range(start, end):
        if text[at] == '"':
            quoted = not quoted
        elif text[at] == "," and not quoted:
            found.append((begin, at))
            begin = at + 1
    found.append((begin, end))
    return None if quoted else found
