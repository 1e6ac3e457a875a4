"""Registers of documents: NDJSON, a subject a line in the form that `safetyrules.assess` takes.

The keys of all lines are read first; then the lines are read again in the order of their keys, some at a time. A number
is read from its text.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetyrules.diagnostics import Diagnostic, FactsError, RegisterError, diagnostic, did_you_mean
from safetyrules.engine.columnar.entities import tables_of
from safetyrules.facts.entity import Entity
from safetyrules.facts.input import FactModels, parse_facts
from safetyrules.facts.plain import PlainReader
from safetyrules.facts.schema import PartsType, Schema, TextType
from safetyrules.register.batch import Batch, Count, reject_columns
from safetyrules.register.binding import kinds_below
from safetyrules.register.mapping import RegisterMapping
from safetyrules.text import Text, same

if TYPE_CHECKING:
    import polars as pl

#: The key of a document that is no fact: the key of its subject.
SUBJECT = "subject"
#: JSON can name half a character; no table holds a text with one.
_HALF = re.compile("[\ud800-\udfff]")


@dataclass(frozen=True)
class Documents:
    """A file of documents. ``key`` is the fact that has the key where a document has no ``subject`` of its own."""

    models: FactModels
    root: str
    path: Path
    key: str | None
    notices: tuple[Diagnostic, ...] = ()

    @property
    def files(self) -> tuple[Path, ...]:
        return (self.path,)

    def height(self) -> int:
        with self.path.open("rb") as file:
            return sum(_says_something(line) for line in file)

    def batch_of(self, key: str) -> Batch:
        """The lines of one subject."""
        import polars as pl

        index = self._index().filter(pl.col("key") == key)
        with self.path.open("rb") as file:
            return self._batch(file, index, {key: index.height} if index.height > 1 else {})

    def batches(self, size: int, scratch: Path, skip: int) -> Iterator[Batch]:
        """Batches in the order of keys; lines without one come first."""
        index = self._index()
        keys = index["key"].fill_null("")
        twice = Counter(keys.filter(keys.is_duplicated() & (keys != "")).to_list())
        first = 0
        with self.path.open("rb") as file:
            while first < index.height:
                after = min(first + size, index.height)
                while after < index.height and keys[after] == keys[after - 1]:
                    after += 1
                if skip:
                    skip -= 1
                else:
                    yield self._batch(file, index.slice(first, after - first), twice)
                first = after

    def _index(self) -> pl.DataFrame:
        """Where each line is, counted from 1, and the key of its subject."""
        import polars as pl

        keys: list[str | None] = []
        starts: list[int] = []
        lengths: list[int] = []
        numbers: list[int] = []
        at = 0
        with self.path.open("rb") as file:
            for number, line in enumerate(file, 1):
                if _says_something(line):
                    keys.append(key_of(_parsed(line, number)[0], self.key))
                    starts.append(at)
                    lengths.append(len(line))
                    numbers.append(number)
                at += len(line)
        columns = {"key": keys, "start": starts, "length": lengths, "line": numbers}
        return pl.DataFrame(columns, schema_overrides={"key": pl.String}).sort("key", "line", nulls_last=False)

    def _batch(self, file: Any, lines: pl.DataFrame, twice: Mapping[str, int]) -> Batch:
        import polars as pl

        kinds = kinds_below(self.models.schema, self.root)
        read, kept = dict.fromkeys(kinds, 0), dict.fromkeys(kinds, 0)
        entities: list[Entity] = []
        raw: dict[int, Any] = {}
        keys: list[str] = []
        rejects: list[tuple[Any, ...]] = []
        for key, start, length, number in lines.select("key", "start", "length", "line").iter_rows():
            file.seek(start)
            document, problem = _parsed(file.read(length), number)
            found = {self.root: 1}
            if isinstance(document, dict):
                facts = {name: value for name, value in document.items() if name != SUBJECT}
                _count(self.models.schema, self.root, facts, found)
                problem = self._problem(key, document, number, twice)
            faults = [problem] if problem is not None else []
            if not faults:
                try:
                    entities.append(self._entity(facts))
                except FactsError as error:
                    faults = list(error.diagnostics)
            for kind, count in found.items():
                read[kind] += count
                kept[kind] += 0 if faults else count
            if faults:
                rejects.extend(reject(self.root, key, each) for each in faults)
            else:
                raw[len(entities) - 1] = facts
                keys.append(key)
        tables = tables_of(self.models.schema, self.root, entities, raw)
        counts = {kind: Count(read[kind], kept[kind], read[kind] - kept[kind]) for kind in kinds}
        table = pl.DataFrame(rejects, schema=reject_columns(), orient="row")
        return Batch(tables, pl.Series("subject", keys, dtype=pl.String), table, counts, {})

    def _entity(self, facts: Any) -> Entity:
        """Raises FactsError with every bad field."""
        plain = self._plain_reader.entity(self.root, facts)
        return plain if plain is not None else parse_facts(self.models, self.root, facts)

    @cached_property
    def _plain_reader(self) -> PlainReader:
        return PlainReader(self.models.schema)

    def _problem(
        self, key: str | None, document: Mapping[str, Any], line: int, twice: Mapping[str, int]
    ) -> Diagnostic | None:
        path = SUBJECT if self.key is None or document.get(SUBJECT) is not None else self.key
        if key is None:
            return diagnostic("SR5031", path=path, row=Text(f"第 {line} 行", f"line {line}"))
        return diagnostic("SR5032", path=path, found=key, count=twice[key]) if key in twice else None


def key_of(document: Any, fact: str | None) -> str | None:
    """The key of a document: what it says under ``subject``, else the fact that has it."""
    value: Any = document
    if isinstance(document, Mapping) and document.get(SUBJECT) is not None:
        value = document[SUBJECT]
    elif fact is not None:
        for step in fact.split("."):
            value = value.get(step) if isinstance(value, Mapping) else None
        value = value.get("value") if isinstance(value, Mapping) else value
    else:
        value = None
    text = str(value).strip() if isinstance(value, str | int) and not isinstance(value, bool) else ""
    return text if text and not _HALF.search(text) else None


def key_fact(schema: Schema, root: str) -> str | None:
    """The fact that has the key of documents which name no subject: its credit code."""
    facts = schema.kinds[root].facts
    return next((n for n, f in facts.items() if isinstance(f.type, TextType) and f.type.code == "credit_code"), None)


def reject(root: str, key: str | None, problem: Diagnostic) -> tuple[Any, ...]:
    """The row of a table of rejects."""
    reason = problem.message
    if problem.expected is not None:
        reason = Text(f"{reason.zh}；应为：{problem.expected.zh}", f"{reason.en}; expected {problem.expected.en}")
    path = (problem.path or "").removeprefix(f"{root}.") or None
    return key, root, None, path, path, problem.found, problem.code, reason.zh, reason.en


def find_documents(models: FactModels, root: str, path: Path, mapping: RegisterMapping) -> Documents:
    """The documents of a file. Of a mapping, only the ``subject`` of the root kind is used: the fact with the key."""
    if not path.is_file():
        reason = Text("没有这个文件", "there is no such file")
        raise RegisterError([diagnostic("SR5001", path=str(path), name=str(path), reason=reason)])
    facts = models.schema.kinds[root].facts
    said = mapping.tables.get(root)
    if said is not None and said.subject is not None:
        word = said.subject
        if word.text not in facts:
            fix = did_you_mean(word.text, facts)
            raise RegisterError([diagnostic("SR5008", word.span, found=word.text, fix=fix, kind=root, fact=word.text)])
        return Documents(models, root, path, word.text)
    return Documents(models, root, path, key_fact(models.schema, root))


def _says_something(line: bytes) -> bool:
    return bool(line.strip()) and line != b"\xef\xbb\xbf\n"


def _parsed(line: bytes, number: int) -> tuple[Any, Diagnostic | None]:
    """The document of a line, or why there is none. ``number``: which line of the file it is."""
    reason = Text("应为映射", "a mapping belongs here")
    try:
        document = json.loads(
            line.decode("utf-8-sig"), parse_float=Decimal, object_pairs_hook=_once, parse_constant=_no_constant
        )
        if isinstance(document, dict):
            return document, None
    except json.JSONDecodeError as error:
        place = error.pos + 1
        reason = Text(f"第 {place} 个字符：{error.msg}", f"character {place}: {error.msg}")
    except InvalidOperation:
        reason = Text("有一个数过大或过小", "a number is too large or too small")
    except (ValueError, RecursionError) as error:
        reason = same(str(error)[:120])
    return None, diagnostic("SR5038", line=number, reason=reason)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"'{next(n for n in names if names.count(n) > 1)}' is given twice")
    return found


def _no_constant(word: str) -> Any:
    raise ValueError(word)


def _count(schema: Schema, kind: str, facts: Any, found: dict[str, int]) -> None:
    """Counts the parts in a document, as far as they are there."""
    for name, fact in schema.kinds[kind].facts.items():
        if not isinstance(fact.type, PartsType):
            continue
        value = facts
        for step in name.split("."):
            value = value.get(step) if isinstance(value, dict) else None
        items = value.get("items") if isinstance(value, dict) else value
        for item in items if isinstance(items, list) else ():
            found[fact.type.kind] = found.get(fact.type.kind, 0) + 1
            _count(schema, fact.type.kind, item, found)
