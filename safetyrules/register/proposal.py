"""A mapping file to begin with: what `safetyrules map init` proposes for a register it has not seen."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from safetyrules.facts.schema import BooleanType, ChoiceType, Kind, Schema
from safetyrules.register.binding import kinds_below
from safetyrules.register.labels import ABOVE, PART, SUBJECT, Labels, Match, Role, key_labels, normal
from safetyrules.register.sources import SourceTable, find_tables
from safetyrules.register.words import NO, UNKNOWN_WORDS, YES
from safetyrules.text import Language

if TYPE_CHECKING:
    import polars as pl

#: Rows that are looked at for the values of a column, and values that make one a code list.
_ROWS, _MOST_VALUES = 1000, 12
_NEAR = 0.6


def propose(
    schema: Schema,
    root: str,
    source: object,
    read: Mapping[str, Iterable[str]],
    scratch: Path,
    language: Language = "en",
) -> str:
    """The text of a mapping file for ``source``. ``read``: by kind, the facts that rules read."""
    kinds = kinds_below(schema, root)
    found = find_tables(source, root, scratch)
    lines = [
        _words(language, "check every line; then: safetyrules map check", "逐行核对，再运行 safetyrules map check"),
        "tables:",
    ]
    placed = {_kind_of(schema, kinds, table): table for table in reversed(found.values())}
    for kind in kinds:
        if kind in placed:
            lines.extend(
                _Proposing(schema, root, schema.kinds[kind], placed[kind], language).lines(set(read.get(kind, ())))
            )
    ignored = [table.name for table in found.values() if placed.get(_kind_of(schema, kinds, table)) is not table]
    if ignored:
        lines.append(f"ignored: [{', '.join(map(_quoted, ignored))}]")
    return "\n".join(lines) + "\n"


def _kind_of(schema: Schema, kinds: list[str], table: SourceTable) -> str | None:
    """The kind that a table is called after, else the one that most of its columns fit."""
    for kind in kinds:
        if normal(table.name) in {normal(kind), *map(normal, schema.kinds[kind].title)}:
            return kind
    fitting = {kind: sum(bool(Labels(schema.kinds[kind]).matches(c)) for c in table.columns) for kind in kinds}
    best = max(kinds, key=lambda kind: fitting[kind])
    return best if fitting[best] else None


class _Proposing:
    """Proposes the mapping of one table."""

    def __init__(self, schema: Schema, root: str, kind: Kind, table: SourceTable, language: Language) -> None:
        self.schema = schema
        self.kind = kind
        self.table = table
        self.language = language
        self.labels = Labels(kind)
        self.keys = key_labels(schema, root)

    def lines(self, read: set[str]) -> Iterator[str]:
        yield f"  {self.kind.name}:"
        yield f"    table: {_quoted(self.table.name)}"
        taken: dict[str, str] = {}
        wanted = [SUBJECT] if self.kind.root else [SUBJECT, PART]
        if self.kind.parent is not None and not self.schema.kinds[self.kind.parent].root:
            wanted.append(ABOVE)
        keys = {}
        for key in wanted:
            by_label = {normal(column): column for column in reversed(self.table.columns)}
            column = next((by_label[normal(label)] for label in self.keys[key] if normal(label) in by_label), None)
            if column is not None:
                keys[key] = column
                yield f"    {key}: {_quoted(column)}"
            elif key != PART:
                yield f"    # {key}: {self._say('which column has this key?', '哪一列是这个键？')}"
        sample = self.table.frame.head(_ROWS).collect()
        mapped: list[str] = []
        ignored: list[str] = []
        for column in self.table.columns:
            matches = self._matches(column)
            if len(matches) == 1 and matches[0].target.name not in taken:
                taken[matches[0].target.name] = column
                mapped.append(f"      {_quoted(column)}: {self._column(matches[0], sample[column])}")
            elif column not in keys.values():
                names = [match.target.name for match in matches] or self._near(column)
                note = f"  # {self._say('perhaps', '可能是')} {', '.join(names)}" if names else ""
                ignored.append(f"      - {_quoted(column)}{note}")
        if mapped:
            yield from ("    columns:", *mapped)
        if ignored:
            yield from ("    ignored:", *ignored)
        missing = [
            name for name in self.kind.facts if name in read and name not in taken and name in self.labels.targets
        ]
        if missing:
            yield f"    # {self._say('rules also read', '规则还读取')}:"
            for name in missing:
                yield f"    #   {name}  ({self.kind.facts[name].title.in_language(self.language)})"

    def _matches(self, column: str) -> tuple[Match, ...]:
        """By name and title; else by the last word of a name."""
        found = self.labels.matches(column)
        if found:
            return found
        last = {name for name in self.kind.facts if normal(name.rpartition(".")[2]) == normal(column)}
        return tuple(Match(self.labels.targets[name]) for name in last if name in self.labels.targets)

    def _column(self, match: Match, cells: pl.Series) -> str:
        """A fact, with its unit and code list where they are not those of the fact."""
        fact = match.target.fact.type
        extra = [f"unit: {match.unit}"] if match.unit is not None else []
        if match.target.role is Role.VALUE and isinstance(fact, BooleanType | ChoiceType):
            strange = self._strange(fact, cells)
            if strange:
                values = ", ".join(f"{_quoted(word)}: unknown" for word in strange)
                extra.append(f"values: {{{values}}}")
        return f"{{{', '.join([f'fact: {match.target.name}', *extra])}}}" if extra else match.target.name

    def _strange(self, of: BooleanType | ChoiceType, cells: pl.Series) -> list[str]:
        """Words in the column that nobody knows, where they are few."""
        import polars as pl

        if cells.dtype != pl.String:
            return []
        known = {*UNKNOWN_WORDS, *YES, *NO}
        if isinstance(of, ChoiceType):
            known = {*UNKNOWN_WORDS, *map(str.casefold, of.members), *(w.casefold() for t in of.titles for w in t)}
        found = sorted({word.strip() for word in cells.drop_nulls() if word.strip().casefold() not in {*known, ""}})
        return found if len(found) <= _MOST_VALUES else []

    def _near(self, column: str) -> list[str]:
        """Facts whose name or title is like the label."""
        from difflib import SequenceMatcher

        label = normal(column)
        scored: dict[str, float] = {}
        for fact in self.kind.facts.values():
            names = (*fact.title, fact.name.rpartition(".")[2])
            score = max(SequenceMatcher(None, label, normal(name)).ratio() for name in names)
            if score >= _NEAR:
                scored[fact.name] = score
        return sorted(scored, key=lambda name: (-scored[name], name))[:3]

    def _say(self, en: str, zh: str) -> str:
        return zh if self.language == "zh" else en


def _words(language: Language, en: str, zh: str) -> str:
    return f"# {zh if language == 'zh' else en}"


def _quoted(words: str) -> str:
    """A text as YAML takes it whatever it holds."""
    return json.dumps(words, ensure_ascii=False)
