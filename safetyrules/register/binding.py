"""Which column gives what: a register's tables against the schema and the mapping, checked before any row is read.

`bind` reports every column that does not fit as a diagnostic with table, column, found, expected and fix.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from safetyrules.diagnostics import Diagnostic, RegisterError, Severity, Span, diagnostic, did_you_mean
from safetyrules.engine.columnar.cells import Cell
from safetyrules.facts.refusal import Refused
from safetyrules.facts.scalars import read_scalar
from safetyrules.facts.schema import Kind, PartsType, Schema, ValuesType
from safetyrules.language.document import Scalar as Literal
from safetyrules.language.document import Word
from safetyrules.register.column import BoundColumn, bound_column
from safetyrules.register.labels import ABOVE, PART, SUBJECT, Labels, Match, key_labels, normal
from safetyrules.register.mapping import ColumnMapping, RegisterMapping, TableMapping, plain_of
from safetyrules.register.sources import SourceTable
from safetyrules.text import Text, same

_NOWHERE = Span("", 0, 0, 0, 0)
_KEY_NAMES = {
    SUBJECT: Text("主体键", "key of the subject"),
    PART: Text("部分键", "key of the part"),
    ABOVE: Text("上级部分键", "key of the part above"),
}


@dataclass(frozen=True)
class BoundTable:
    """The table of one kind: its keys, what its columns give, and what is the same in all its rows.

    ``constants``: fact → its cells by column; ``ignored``: columns that give nothing and that nobody asked to ignore.
    """

    kind: Kind
    table: SourceTable
    subject: str
    part: str | None
    parent: str | None
    columns: tuple[BoundColumn, ...]
    constants: Mapping[str, Any]
    ignored: tuple[str, ...]
    absent_is_none: bool = False
    complete: bool | None = None

    @property
    def read(self) -> tuple[str, ...]:
        """The columns that are read, keys included."""
        keys = [key for key in (self.subject, self.part, self.parent) if key is not None]
        return tuple(dict.fromkeys([*keys, *(column.name for column in self.columns)]))


@dataclass(frozen=True)
class Binding:
    """A register that fits its schema.

    ``without``: kinds of which, by the mapping, no subject has any; ``notices`` list the columns that are not read.
    """

    schema: Schema
    root: str
    tables: Mapping[str, BoundTable]
    without: frozenset[str] = frozenset()
    notices: tuple[Diagnostic, ...] = ()


@dataclass
class _Problems:
    found: list[Diagnostic] = field(default_factory=list)
    notices: list[Diagnostic] = field(default_factory=list)

    def report(self, code: str, word: Word | None, at: SourceTable | None, /, **details: Any) -> None:
        span = word.span if word is not None else None
        path = at.where if at is not None and span is None else None
        self.found.append(diagnostic(code, span, path=path, **details))


def bind(schema: Schema, root: str, tables: Mapping[str, SourceTable], mapping: RegisterMapping) -> Binding:
    """The tables of a register with what their columns give. Raises `RegisterError` with every problem."""
    problems = _Problems()
    kinds = kinds_below(schema, root)
    chosen = dict(_chosen(schema, kinds, tables, mapping, problems))
    if root not in chosen and not problems.found:
        expected = same(f"{root}.parquet / {root}.csv / tables: {{{root}: {{table: …}}}}")
        problems.found.append(diagnostic("SR5002", found=", ".join(tables) or None, expected=expected, kind=root))
    labels = key_labels(schema, root)
    bound: dict[str, BoundTable] = {}
    for kind in kinds:
        if kind in chosen:
            said = mapping.tables.get(kind) or TableMapping(Word(kind, _NOWHERE))
            made = _Binder(schema, schema.kinds[kind], chosen[kind], said, problems).bound(labels, kinds, chosen)
            if made is not None:
                bound[kind] = made
        above = schema.kinds[kind].parent
        if kind in chosen and above is not None and above not in chosen:
            expected = Text(f"{kind} 所在的 {above} 也要有表", f"a table of {above}, which holds {kind}")
            problems.report("SR5002", None, chosen[kind], expected=expected, kind=above)
    for kind, said in mapping.tables.items():
        idle = said.columns or said.constants or said.subject or said.part or said.parent or said.ignored
        if kind in kinds and kind not in chosen and said.table is None and idle:
            problems.report("SR5014", said.kind, None, found=", ".join(tables), table=kind)
    if problems.found:
        raise RegisterError(sorted(problems.found, key=lambda p: (p.span is not None, p.span or _NOWHERE)))
    without = frozenset(kind for kind, said in mapping.tables.items() if kind not in chosen and said.absent == "none")
    return Binding(schema, root, bound, without, tuple(problems.notices))


def kinds_below(schema: Schema, root: str) -> list[str]:
    """The root and the kinds of parts below it, outer before inner."""
    found = [root]
    for name in found:
        found.extend(kind.name for kind in schema.parts(name))
    return found


def _chosen(
    schema: Schema,
    kinds: list[str],
    tables: Mapping[str, SourceTable],
    mapping: RegisterMapping,
    problems: _Problems,
) -> Iterator[tuple[str, SourceTable]]:
    """The table of each kind: the one that the mapping names, else the one called as the kind or its title."""
    titles = {normal(title): kind for kind in reversed(kinds) for title in schema.kinds[kind].title}
    owner: dict[str, str] = {}
    for kind, said in mapping.tables.items():
        if kind not in kinds:
            fix = did_you_mean(kind, kinds)
            problems.report("SR0412", said.kind, None, found=kind, fix=fix, expected=", ".join(kinds), name=kind)
            continue
        if said.table is None:
            continue
        name = said.table.text
        if name not in tables:
            fix = did_you_mean(name, tables)
            problems.report("SR5014", said.table, None, found=name, fix=fix, expected=", ".join(tables), table=name)
        elif name in owner:
            problems.report("SR5016", said.table, None, table=name, kind=kind, other=owner[name])
        else:
            owner[name] = kind
            yield kind, tables[name]
    ignored = {word.text for word in mapping.ignored}
    for word in mapping.ignored:
        if word.text not in tables:
            fix = did_you_mean(word.text, tables)
            problems.report("SR5014", word, None, found=word.text, fix=fix, table=word.text)
    taken = {kind: name for name, kind in owner.items()}
    for name, table in tables.items():
        if name in owner or name in ignored:
            continue
        fitting = name if name in kinds else titles.get(normal(name))
        if fitting is None:
            expected = same(", ".join(kinds))
            fix = did_you_mean(name, kinds) or Text("在映射文件中写 ignored: […]", "write ignored: […] in the mapping")
            problems.report("SR5003", None, table, found=name, expected=expected, fix=fix, table=name)
        elif fitting in taken:
            problems.report("SR5016", None, table, table=name, kind=fitting, other=taken[fitting])
        else:
            taken[fitting] = name
            yield fitting, table


class _Binder:
    """Binds one table."""

    def __init__(self, schema: Schema, kind: Kind, table: SourceTable, said: TableMapping, problems: _Problems) -> None:
        self.schema = schema
        self.kind = kind
        self.table = table
        self.said = said
        self.problems = problems
        self.labels = Labels(kind)

    def bound(
        self, labels: Mapping[str, tuple[str, ...]], kinds: list[str], chosen: Mapping[str, SourceTable]
    ) -> BoundTable | None:
        subject = self._key(SUBJECT, self.said.subject, labels, True)
        part = parent = None
        if not self.kind.root:
            needed = any(k.name in chosen for k in self.schema.parts(self.kind.name))
            part = self._key(PART, self.said.part, labels, needed)
            nested = self.kind.parent is not None and not self.schema.kinds[self.kind.parent].root
            parent = self._key(ABOVE, self.said.parent, labels, True) if nested else None
        columns, ignored = self._columns({key for key in (subject, part, parent) if key is not None})
        constants = dict(self._constants(columns))
        if subject is None:
            return None
        for name in ignored:
            near = did_you_mean(name, self.labels.targets)
            note = diagnostic(
                "SR5019", severity=Severity.NOTE, path=self.table.where, fix=near, table=self.table.name, column=name
            )
            self.problems.notices.append(note)
        return BoundTable(
            self.kind,
            self.table,
            subject,
            part,
            parent,
            columns,
            constants,
            ignored,
            self.said.absent == "none",
            self.said.complete,
        )

    def _key(self, key: str, said: Word | None, labels: Mapping[str, tuple[str, ...]], needed: bool) -> str | None:
        columns = self.table.columns
        if said is not None:
            if said.text in columns:
                return said.text
            self._no_column(said)
            return None
        by_label = {normal(column): column for column in reversed(columns)}
        found = next((by_label[normal(label)] for label in labels[key] if normal(label) in by_label), None)
        if found is None and needed:
            expected = same(" / ".join(labels[key]))
            self.problems.report(
                "SR5004",
                None,
                self.table,
                found=", ".join(columns[:12]),
                expected=expected,
                fix=same(f"{key}: …"),
                table=self.table.name,
                key=_KEY_NAMES[key],
            )
        return found

    def _columns(self, keys: set[str]) -> tuple[tuple[BoundColumn, ...], tuple[str, ...]]:
        mapped = {each.column.text: each for each in self.said.columns}
        for each in (*self.said.columns, *(ColumnMapping(word, word) for word in self.said.ignored)):
            if each.column.text not in self.table.columns:
                self._no_column(each.column)
        silenced = {word.text for word in self.said.ignored}
        given: dict[str, BoundColumn] = {}
        ignored: list[str] = []
        for name in self.table.columns:
            said = mapped.get(name)
            if name in silenced and said is None:
                continue
            match = self._said(said) if said is not None else self._guessed(name, name in keys)
            if match is None:
                if said is None and name not in keys:
                    ignored.append(name)
                continue
            column = bound_column(self.kind.name, name, self.table.types[name], match, said, self._refuse(said))
            if column is None:
                continue
            other = given.setdefault(match.target.name, column)
            if other is not column:
                self.problems.report(
                    "SR5006",
                    said.column if said is not None else None,
                    self.table,
                    table=self.table.name,
                    fact=match.target.name,
                    columns=f"{other.name}, {name}",
                    fix=Text("在映射文件中忽略其中一列", "ignore one of them in the mapping"),
                )
        return tuple(given.values()), tuple(ignored)

    def _said(self, said: ColumnMapping) -> Match | None:
        target = self.labels.targets.get(said.target.text)
        if target is None:
            known = list(self.labels.targets)
            self.problems.report(
                "SR5008",
                said.target,
                None,
                found=said.target.text,
                fix=did_you_mean(said.target.text, known),
                kind=self.kind.name,
                fact=said.target.text,
            )
            return None
        return Match(target)

    def _guessed(self, name: str, key: bool) -> Match | None:
        matches = self.labels.matches(name)
        if len(matches) > 1:
            facts = ", ".join(match.target.name for match in matches)
            if not key:
                self.problems.report(
                    "SR5005", None, self.table, found=name, table=self.table.name, column=name, facts=facts,
                    fix=Text(f"在映射文件中写 {name}: 事实名", f"write {name}: FACT in the mapping"),
                )  # fmt: skip
            return None
        return matches[0] if matches else None

    def _constants(self, columns: tuple[BoundColumn, ...]) -> Iterator[tuple[str, Any]]:
        given = {column.target.fact.name: column for column in columns}
        for name, (word, literal) in self.said.constants.items():
            fact = self.kind.facts.get(name)
            if fact is None or isinstance(fact.type, PartsType | ValuesType):
                self.problems.report(
                    "SR5008", word, None, found=name, fix=did_you_mean(name, self.kind.facts),
                    kind=self.kind.name, fact=name,
                )  # fmt: skip
                continue
            if name in given:
                self.problems.report(
                    "SR5006", word, None, table=self.table.name, fact=name, columns=f"{given[name].name}, constants"
                )
                continue
            cell = Cell(name, fact.type, fact.may_not_apply)
            cells = self._constant(cell, word, literal)
            if cells is not None:
                yield name, dict(zip(cell.columns, cells, strict=True))

    def _constant(self, cell: Cell, word: Word, literal: Literal) -> tuple[Any, ...] | None:
        try:
            read = read_scalar(cell.type, cell.may_not_apply, plain_of(literal.value))
        except Refused as refused:
            self.problems.report(
                "SR5011", Word(word.text, literal.span), None, word=str(literal.value), fact=cell.name,
                expected=refused.expected, fix=refused.fix, found=refused.found,
            )  # fmt: skip
            return None
        cells = cell.cells(cell.anything if read is None else read.value)
        if cells is None:
            self.problems.report("SR5011", Word(word.text, literal.span), None, word=str(literal.value), fact=cell.name)
        return cells

    def _no_column(self, word: Word) -> None:
        self.problems.report(
            "SR5007",
            word,
            None,
            found=word.text,
            fix=did_you_mean(word.text, self.table.columns),
            expected=", ".join(self.table.columns[:12]),
            table=self.table.name,
            column=word.text,
        )

    def _refuse(self, said: ColumnMapping | None) -> Any:
        """How the binding of one column reports what does not fit."""

        def refuse(code: str, place: Word | None = None, /, **details: Any) -> None:
            at = place if place is not None else said.column if said is not None else None
            self.problems.report(code, at, self.table, **details)

        return refuse
