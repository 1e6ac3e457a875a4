"""The library's answer: a folder of tables, read and checked, through the columns of the engine to one Parquet file.

The pieces are those of `safetyrules batch`, for the conclusions asked about only; who is left to exact arithmetic is
decided one by one, as there.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Generator, Iterator, Mapping
from contextlib import closing
from pathlib import Path
from time import perf_counter
from typing import Any

import polars as pl

import safetyrules
from benchmarks.register_data import COMPRESSION, LEVEL, ROW_GROUP
from benchmarks.sectors.logic import scan
from benchmarks.sectors.questions import DAY, KEY, PLACE, SECTORS, Question, question
from safetyrules.engine.columnar.entities import all_facts
from safetyrules.engine.columnar.exactly import with_exact
from safetyrules.engine.columnar.facts import RESIDUAL
from safetyrules.engine.columnar.subsets import subset
from safetyrules.engine.columnar.tables import Tables, repeated
from safetyrules.engine.columnar.tabulate import SUBJECT, Prepared, Tabulated, names, prepare
from safetyrules.engine.compiled.assemble import compile_plan
from safetyrules.facts.schema import PartsType, ValuesType
from safetyrules.language.order import Conclusion
from safetyrules.register.ahead import ahead
from safetyrules.register.mapping import NO_MAPPING, RegisterMapping, read_mapping
from safetyrules.register.register import BATCH, open_register
from safetyrules.testing.asked import Parts


class Ours:
    """Answers register after register. ``seconds``: by stage, what the last one took; ``exact``: how many enterprises
    of it were decided one by one."""

    def __init__(self) -> None:
        self.law = safetyrules.default_program()
        self.question: Question = question()
        _, self.request, _ = self.law.asked({}, as_of=DAY, law_at=DAY, jurisdiction=PLACE)
        self.facts = Parts().of(self.law.plan(self.request.law_at, PLACE), frozenset(self.question.levels)).facts
        self.code = compile_plan(self.question.plan, self.request.subject)
        self.seconds: defaultdict[str, float] = defaultdict(float)
        self.exact = 0

    def __call__(self, register: Path, target: Path) -> None:
        """Raises AssertionError where an enterprise of the register is set aside."""
        self.seconds, self.exact = defaultdict(float), 0
        columns = self.question.columns()
        tables = self.tables(register)
        mapping = self.mapping(register, tables)

        with open_register(tables, mapping, program=self.law) as opened:
            with closing(ahead(opened.batches(BATCH))) as batches, closing(ahead(self._answers(batches))) as answers:
                pieces = (self._shaped(found, keys) for found, keys in answers)
                frames = [frame.select(pl.col(name).cast(of) for name, of in columns.items()) for frame in pieces]
            start = perf_counter()
            pl.concat(frames).write_parquet(
                target, compression=COMPRESSION, compression_level=LEVEL, row_group_size=ROW_GROUP
            )
            self.seconds["writing"] += perf_counter() - start

    def tables(self, register: Path) -> dict[str, Path]:
        """The tables with something that is read."""
        kinds = {kind for kind, _ in self.facts} | {each.on for each in self.question.plan.conclusions}
        found: dict[str, Path] = {}
        for kind in sorted(kinds):
            found.update((kind, each) for each in (register / kind, register / f"{kind}.parquet") if each.exists())
        return found

    def mapping(self, register: Path, tables: Mapping[str, Path]) -> RegisterMapping:
        """Leaves out the columns that nothing asked about reads."""
        lines = ["tables:"]
        for kind in tables:
            read = {name for on, name in self.facts if on == kind}
            lists = self.law.schema.kinds[kind].facts
            read |= {f"{name}.complete" for name in read if isinstance(lists[name].type, PartsType | ValuesType)}
            read |= {f"{name}.not_applicable" for name in read} | {"subject", "part", "parent"}
            ignored = [name for name in scan(register, kind).collect_schema().names() if name not in read]
            if ignored:
                lines += [f"  {kind}:", f"    ignored: [{', '.join(ignored)}]"]
        return read_mapping("\n".join(lines) + "\n", "mapping") if len(lines) > 1 else NO_MAPPING

    def _answers(self, batches: Iterator[Any]) -> Generator[tuple[Tabulated, pl.Series], None, None]:
        prepared: Prepared | None = None
        while True:
            start = perf_counter()
            batch = next(batches, None)
            self.seconds["reading, checking, sorting and placing parts"] += perf_counter() - start
            if batch is None:
                return
            assert not batch.rejects.height, batch.rejects
            if prepared is None:
                start = perf_counter()
                asked, request = self.question, self.request
                prepared = prepare(asked.plan, request.subject, request.as_of, batch.tables, told=asked.told)
                self.seconds["lowering"] += perf_counter() - start
            start = perf_counter()
            found = prepared.run(batch.tables)
            self.seconds["rules"] += perf_counter() - start
            start = perf_counter()
            found = self._exact(found, batch.tables)
            self.seconds["deciding one by one"] += perf_counter() - start
            yield found, batch.keys

    def _shaped(self, found: Tabulated, keys: pl.Series) -> pl.DataFrame:
        start = perf_counter()
        frame = self.shaped(found, keys)
        self.seconds["shaping answers"] += perf_counter() - start
        return frame

    def _exact(self, found: Tabulated, tables: Tables) -> Tabulated:
        left = sorted({*tables.apart, *found.doubtful.to_list()})
        self.exact += len(left)
        if not left:
            return found
        facts = all_facts(self.law.schema, subset(self.law.schema, tables, pl.Series(left, dtype=pl.UInt32)))
        decided = (
            (row, self.law.decide(self.code, each, self.request).outcomes())
            for row, each in zip(left, facts, strict=True)
        )
        return with_exact(found, decided)

    def shaped(self, found: Tabulated, keys: pl.Series) -> pl.DataFrame:
        """The columns of the question, a row for each enterprise."""
        asked = self.question
        root = found.unordered[found.root]
        parts = (kind for kind in found.unordered if kind != found.root)
        told = root.hstack([mark for kind in parts for mark in self._marks(found, kind)])
        columns: list[pl.Expr] = []
        for sector in SECTORS:
            flags = {each.name: self._flags(found, each) for each in asked.majors[sector]}
            if asked.generals[sector]:
                sure, possible = zip(*(self._flags(found, each) for each in asked.generals[sector]), strict=True)
                flags[f"{sector}.general"] = pl.any_horizontal(sure), pl.any_horizontal(possible)
            # True where it is sure, null where it is only possible.
            columns += (
                pl.when(sure).then(True).when(~possible).then(False).alias(name)
                for name, (sure, possible) in flags.items()
            )
        for name, each in asked.levels.items():
            cells = names(name, found.forms[each.key])
            bits = [pl.col(cell).cast(pl.UInt8) * (1 << place) for place, cell in enumerate(cells)]
            columns.append(pl.sum_horizontal(bits).cast(pl.UInt8).alias(name))
        return told.select(keys.alias(KEY), *columns)

    def _flags(self, found: Tabulated, each: Conclusion) -> tuple[pl.Expr, pl.Expr]:
        """Has an enterprise, or a part of it, a finding for sure; may it have it?"""
        if each.on != found.root:
            return pl.col(f"{each.name}!"), pl.col(f"{each.name}?")
        true, false, none = (pl.col(name) for name in names(each.name, found.forms[each.key]))
        return true & ~false & ~none, true

    def _marks(self, found: Tabulated, kind: str) -> Iterator[pl.Series]:
        """The same of each finding of parts, a row for each enterprise."""
        frame, height = found.unordered[kind], found.unordered[found.root].height
        for by_sector in (self.question.majors, self.question.generals):
            for each in (each for listed in by_sector.values() for each in listed if each.on == kind):
                true, false, none = (frame.get_column(name) for name in names(each.name, found.forms[each.key]))
                sure = true & ~false & ~none & ~frame.get_column(RESIDUAL)
                for mark, rows in (("!", sure), ("?", true)):
                    subjects = frame.get_column(SUBJECT).filter(rows)
                    marked = repeated(False, pl.Boolean, height).scatter(subjects, repeated(True, pl.Boolean, 1))
                    yield marked.alias(f"{each.name}{mark}")
