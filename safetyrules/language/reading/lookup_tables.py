"""Table documents: the declaration of a lookup table, and the CSV file with its rows."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple

from safetyrules.diagnostics import RulesetError, Span
from safetyrules.language import document_keys
from safetyrules.language.document import ColumnDocument, TableDocument, Word
from safetyrules.language.reading.expressions import read_citation
from safetyrules.language.reading.names import DOCUMENT_NAME, FILE_NAME, NAME
from safetyrules.language.reading.shapes import Reading
from safetyrules.language.reading.types import read_type
from safetyrules.language.source_text import SourceText, source_text
from safetyrules.language.yaml_source import LIMITS, MappingNode, Node, ScalarNode
from safetyrules.text import Text, same


class Rows(NamedTuple):
    """The cells of the declared columns, and the line each row starts on."""

    cells: tuple[tuple[str | None, ...], ...] = ()
    lines: tuple[int, ...] = ()


def read_table(reading: Reading, root: MappingNode) -> TableDocument:
    fields = reading.mapping(root, document_keys.TABLE)
    absent_key = fields["absent_key"]
    columns = tuple(_column(reading, key, node) for key, node in reading.entries(fields["columns"]))
    known_problems = len(reading.problems)
    file = reading.name(fields["file"], FILE_NAME)
    rows = Rows()
    if file.text and len(reading.problems) == known_problems:
        rows = _read_csv(reading, file, columns)
    return TableDocument(
        name=reading.name(fields["table"], DOCUMENT_NAME),
        title=reading.text(fields["title"]),
        instrument=reading.name(fields["instrument"], DOCUMENT_NAME),
        clause=read_citation(reading, fields["clause"]),
        keys=tuple(reading.name(key, NAME) for key in reading.items(fields["keys"])),
        columns=columns,
        absent_key="unknown"
        if absent_key is None
        else reading.one_of(
            absent_key, document_keys.ABSENT_KEY, Text("unknown 或 not_applicable", "unknown or not_applicable")
        ),
        file=file,
        rows=rows.cells,
        row_lines=rows.lines,
    )


def _column(reading: Reading, key: ScalarNode, node: Node) -> ColumnDocument:
    fields = reading.mapping(node, document_keys.COLUMN)
    header = fields["column"]
    return ColumnDocument(
        name=reading.key_name(key, NAME),
        header=key.text if header is None else reading.words(header),
        type=read_type(reading, fields["type"], fields),
    )


def _read_csv(reading: Reading, file: Word, columns: Sequence[ColumnDocument]) -> Rows:
    """The rows of ``file``; its problems are placed in that file, by line."""
    content = _open(reading, file)
    if content is None:
        return Rows()
    folder, slash, _ = reading.source_name.rpartition("/")
    try:
        source = source_text(content, f"{folder}{slash}{file.text}", LIMITS.bytes)
    except RulesetError as error:
        reading.add(*error.diagnostics)
        return Rows()
    records = _records(reading, source)
    header_line, header = next(records, (1, []))
    places = _places(reading, header, _line(source, header_line), columns)
    if places is None:
        return Rows()
    cells: list[tuple[str | None, ...]] = []
    lines: list[int] = []
    for line, record in records:
        if len(record) != len(header):
            reading.report("SR0220", _line(source, line), got=len(record), wanted=len(header))
            continue
        cells.append(tuple(record[place].strip() or None for place in places))
        lines.append(line)
    return Rows(tuple(cells), tuple(lines))


def _open(reading: Reading, file: Word) -> bytes | None:
    reason = Text("此处不能打开文件", "no files can be opened here")
    if reading.open_file is not None:
        try:
            return reading.open_file(file.text)
        except FileNotFoundError:
            reason = Text("没有这个文件", "there is no such file")
        except OSError as error:
            reason = same(error.strerror or type(error).__name__)
    reading.report("SR0218", file.span, file=file.text, reason=reason)
    return None


def _records(reading: Reading, source: SourceText) -> Iterator[tuple[int, list[str]]]:
    """The records of the file with the line each starts on; empty lines at the end are not records."""
    lines = csv.reader(io.StringIO(source.text.rstrip("\r\n"), newline=""), strict=True)
    line = 1
    try:
        for record in lines:
            yield line, record
            line = lines.line_num + 1
    except csv.Error as error:
        reading.report("SR0221", _line(source, line), problem=str(error))


def _places(reading: Reading, header: Sequence[str], span: Span, columns: Sequence[ColumnDocument]) -> list[int] | None:
    """Where each declared column stands in the file; None, with a problem, where the header does not have them."""
    names = [name.strip() for name in header]
    problem: Text | None = None
    place = {name: number for number, name in reversed(list(enumerate(names)))}
    repeated = [name for name, times in Counter(names).items() if times > 1]
    missing = [column.header for column in columns if column.header not in place]
    if not any(names):
        problem = Text("没有列名", "no column names")
    elif "" in names:
        problem = Text("有一列没有列名", "a column without a name")
    elif repeated:
        problem = Text(f"列名重复：{', '.join(repeated)}", f"column names given twice: {', '.join(repeated)}")
    elif missing:
        problem = Text(f"缺少列：{', '.join(missing)}", f"missing columns: {', '.join(missing)}")
    if problem is not None:
        reading.report("SR0219", span, found=", ".join(names) or None, problem=problem)
        return None
    return [place[column.header] for column in columns]


def _line(source: SourceText, line: int) -> Span:
    start, words = source.line_at(source.line_starts[min(line, len(source.line_starts)) - 1])
    return source.span(start, start + len(words))
