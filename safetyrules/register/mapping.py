"""The mapping file: which table and column gives which fact, in which unit, with which words for its values.

`read_mapping` takes the YAML text to a `RegisterMapping` with places; whether it fits a register and a schema is
decided by `safetyrules.register.binding`.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from fractions import Fraction
from typing import Literal

from safetyrules.diagnostics import RegisterError, Span
from safetyrules.language.document import Scalar, Word
from safetyrules.language.reading.shapes import Fields, Reading, TooManyProblemsError, optional
from safetyrules.language.yaml_source import Node, ScalarNode, parse_yaml
from safetyrules.register.sources import ENCODINGS
from safetyrules.text import Text

Absent = Literal["unknown", "none"]
ABSENT: tuple[Absent, ...] = ("unknown", "none")


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """What one column gives. ``target`` is a fact, or a fact with what is known of it (``employees.at_least``)."""

    column: Word
    target: Word
    unit: Word | None = None
    values: Mapping[str, Scalar] = field(default_factory=dict)
    format: Word | None = None
    separator: Word | None = None
    empty: Scalar | None = None
    pad: tuple[int, Span] | None = None


@dataclass(frozen=True, slots=True)
class TableMapping:
    """One kind of entity: its table, its keys, its columns.

    ``absent``: what it means that a subject has no rows here; ``complete``: whether rows that there are are all.
    """

    kind: Word
    table: Word | None = None
    subject: Word | None = None
    part: Word | None = None
    parent: Word | None = None
    columns: tuple[ColumnMapping, ...] = ()
    constants: Mapping[str, tuple[Word, Scalar]] = field(default_factory=dict)
    ignored: tuple[Word, ...] = ()
    absent: Absent = "unknown"
    complete: bool | None = None


@dataclass(frozen=True, slots=True)
class RegisterMapping:
    """A whole mapping file. ``ignored`` are tables that give no facts."""

    name: str
    tables: Mapping[str, TableMapping] = field(default_factory=dict)
    ignored: tuple[Word, ...] = ()
    encoding: str | None = None


NO_MAPPING = RegisterMapping("")

_FILE = Text("映射文件", "a mapping file")
_TABLE = Text("种类的映射", "the mapping of a kind")
_COLUMN = Text("列的映射", "the mapping of a column")
_COLUMN_KEYS = ("unit", "values", "format", "separator", "empty", "pad")
_TABLE_KEYS = ("table", "subject", "part", "parent", "columns", "constants", "ignored", "absent", "complete")


def read_mapping(text: str | bytes, source: str) -> RegisterMapping:
    """The mapping in ``text``; ``source`` names it in messages. Raises `RegisterError` with every problem."""
    parsed = parse_yaml(text, source)
    problems = list(parsed.problems)
    mapping: RegisterMapping | None = None
    if parsed.root is not None and parsed.readable:
        reading = Reading(source)
        with suppress(TooManyProblemsError):
            mapping = _mapping(reading, parsed.root)
        problems.extend(reading.problems)
    if problems or mapping is None:
        raise RegisterError(problems)
    return mapping


def _mapping(reading: Reading, root: Node) -> RegisterMapping:
    fields = reading.fields(root, _FILE, ("tables",), ("ignored", "encoding"))
    encoding = None
    if fields["encoding"] is not None:
        encoding = reading.one_of(fields["encoding"], ENCODINGS, Text("编码", "an encoding"))
    return RegisterMapping(
        reading.source_name,
        {key.text: _table(reading, key, node) for key, node in reading.entries(fields["tables"])},
        _words(reading, fields["ignored"], Text("表名", "the name of a table")),
        encoding,
    )


def _table(reading: Reading, key: ScalarNode, node: Node) -> TableMapping:
    fields = reading.fields(node, _TABLE, (), _TABLE_KEYS)
    column = Text("列名", "the name of a column")
    absent = fields["absent"]
    complete = fields["complete"]
    return TableMapping(
        Word(key.text, key.span),
        _word(reading, fields, "table", Text("表名", "the name of a table")),
        _word(reading, fields, "subject", column),
        _word(reading, fields, "part", column),
        _word(reading, fields, "parent", column),
        tuple(_column(reading, name, inner) for name, inner in reading.entries(fields["columns"])),
        {
            name.text: (Word(name.text, name.span), reading.scalar(inner))
            for name, inner in reading.entries(fields["constants"])
        },
        _words(reading, fields["ignored"], column),
        "unknown" if absent is None else reading.one_of(absent, ABSENT, Text("unknown 或 none", "unknown or none")),
        None if complete is None else reading.flag(complete),
    )


def _column(reading: Reading, key: ScalarNode, node: Node) -> ColumnMapping:
    column = Word(key.text, key.span)
    wanted = Text("事实名", "the name of a fact")
    if isinstance(node, ScalarNode):
        return ColumnMapping(column, reading.word(node, wanted))
    fields = reading.fields(node, _COLUMN, ("fact",), _COLUMN_KEYS)
    pad = fields["pad"]
    return ColumnMapping(
        column,
        reading.word(fields["fact"], wanted),
        _word(reading, fields, "unit", Text("单位", "a unit")),
        {name.text: _value(reading, inner) for name, inner in reading.entries(fields["values"])},
        _word(reading, fields, "format", Text("日期写法，如 %Y/%m/%d", "how dates are written: %Y/%m/%d")),
        _separator(reading, fields["separator"]),
        optional(fields["empty"], lambda inner: _value(reading, inner)),
        None if pad is None else (reading.whole(pad, 1), pad.span),
    )


def _value(reading: Reading, node: Node) -> Scalar:
    return reading.scalar(node)


def _separator(reading: Reading, node: Node | None) -> Word | None:
    """What stands between values; blanks count."""
    if node is None:
        return None
    if isinstance(node, ScalarNode) and isinstance(node.value, str) and node.value:
        return Word(node.value, node.span)
    reading.wrong_shape(node, Text("分隔符，加引号", "a separator, in quotes"))
    return None


def _word(reading: Reading, fields: Fields, key: str, wanted: Text) -> Word | None:
    return optional(fields[key], lambda node: reading.word(node, wanted))


def _words(reading: Reading, node: Node | None, wanted: Text) -> tuple[Word, ...]:
    return tuple(reading.word(item, wanted) for item in reading.items(node, empty=True))


def plain_of(value: object) -> object:
    """A literal of the file as raw facts have it."""
    if isinstance(value, Fraction) and value.denominator == 1:
        return value.numerator
    assert value is None or isinstance(value, bool | str | Fraction | date)
    return value
