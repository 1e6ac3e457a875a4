"""Answering a whole register into a folder, partition by partition: `run_batch`.

A partition counts once its line is in the journal, which is written after all its files. A run that was stopped goes on
with the first partition that does not count or does not stand any more, and ends with the bytes of one that was not.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Protocol

import polars as pl

import safetyrules
from safetyrules.diagnostics import RegisterError, RequestError, diagnostic
from safetyrules.language.order import Conclusion
from safetyrules.program import Program
from safetyrules.register.ahead import ahead
from safetyrules.register.answer_frames import Framing, RegisterAnswers
from safetyrules.register.answers_folder import (
    CODEBOOK,
    JOURNAL,
    MANIFEST,
    SCRATCH,
    AnswersFolder,
    FileRecord,
    opened,
)
from safetyrules.register.batch import Batch, Count
from safetyrules.register.manifest import SCHEMA, Asked, Partition, Totals, input_files, manifest, partition_of, totals
from safetyrules.register.ordering import DIVISION
from safetyrules.register.partitions import reason_of
from safetyrules.register.register import Register
from safetyrules.register.summary import RollUp, roll_ups
from safetyrules.result import Treatment
from safetyrules.text import Text

#: Subjects in one file: half of what is decided at a time elsewhere, for answers are in memory beside the next facts.
PARTITION_ROWS = 100_000


@dataclass(frozen=True)
class BatchOptions:
    """What is asked of a register. Those before ``outcomes`` are as `Program.assess` has them.

    ``by``: the roll-ups to make, each the names that it counts by; ``overwrite``: start again where answers are.
    """

    as_of: date | str
    law_at: date | str | None = None
    jurisdiction: str | None = None
    treat_unknown_as: Treatment = "withhold"
    closed: tuple[str, ...] = ()
    sectors: tuple[str, ...] | None = None
    outcomes: bool = False
    partition_rows: int = PARTITION_ROWS
    by: tuple[tuple[str, ...], ...] = ()
    overwrite: bool = False

    def framing(self, program: Program, root: str) -> Framing:
        return Framing(
            program, as_of=self.as_of, law_at=self.law_at, jurisdiction=self.jurisdiction,
            treat_unknown_as=self.treat_unknown_as, closed=self.closed, sectors=self.sectors, subject=root,
            outcomes=self.outcomes,
        )  # fmt: skip


class Progress(Protocol):
    """Who is told how far a run has come."""

    def started(self, rows: int, done: int) -> None: ...

    def answered(self, done: int) -> None: ...


class _Silent:
    def started(self, rows: int, done: int) -> None:
        pass

    def answered(self, done: int) -> None:
        pass


@dataclass(frozen=True)
class BatchResult:
    """What a finished run says: ``grades`` are the conclusions counted by level, ``overall`` those made of all
    sectors; ``kept``: partitions that an earlier run had finished."""

    totals: Totals
    grades: Mapping[str, Conclusion]
    overall: tuple[str, ...]
    summaries: Mapping[str, pl.DataFrame]
    partitions: int
    kept: int


def run_batch(
    program: Program, register: Register, out: Path, options: BatchOptions, progress: Progress | None = None
) -> BatchResult:
    """Write the answers of a register to the folder ``out``, or go on where an earlier run was stopped.

    Raises RequestError where the options cannot be answered; RegisterError where the register cannot be read to its
    end, ``out`` cannot be written or holds other answers. What was finished stays.
    """
    return _BatchRun(program, register, options, progress or _Silent()).into(out)


class _BatchRun:
    def __init__(self, program: Program, register: Register, options: BatchOptions, progress: Progress) -> None:
        if options.partition_rows < 1:
            expected = Text("至少 1", "at least 1")
            raise RequestError(
                [diagnostic("SR2105", option="partition_rows", found=options.partition_rows, expected=expected)]
            )
        self.program = program
        self.register = register
        self.options = options
        self.progress = progress
        self.framing = options.framing(program, register.root)
        self.roll_ups: tuple[RollUp, ...] = roll_ups(self.framing, options.by)

    def into(self, out: Path) -> BatchResult:
        with opened(out) as folder:
            before = self._looked_at()
            asked = self._asked()
            finished = self._finished(folder, asked)
            kept = len(finished)
            document = folder.read_json(MANIFEST)
            complete = document is not None and document.get("complete") and kept == len(document["partitions"])
            if not complete:
                folder.write_json(MANIFEST, manifest(asked, (), None, {}))
                self._answer(folder, finished)
                if self._looked_at() != before:
                    raise self._changed(before)
            total = totals(self.register.root, finished)
            self._add_up(total)
            records, summaries = self._summaries(folder, finished)
            if self.framing.book is not None:
                folder.write_json(CODEBOOK, {"schema": SCHEMA, "kinds": self.framing.book.to_json()})
            folder.write_json(MANIFEST, manifest(asked, finished, total, records))
            folder.remove(JOURNAL)
        schema = self.framing.schema
        own = schema.conclusions[schema.root]
        grades = {name: own[name] for name in schema.grades}
        return BatchResult(total, grades, schema.overall, summaries, len(finished), kept)

    # ---- where an earlier run stopped --------------------------------------------------------------------------------

    def _asked(self) -> Asked:
        request, options = self.framing.request, self.options
        said: dict[str, Any] = {
            "subject": request.subject,
            "as_of": request.as_of.isoformat(),
            "law_at": request.law_at.isoformat(),
            "jurisdiction": options.jurisdiction,
            "treat_unknown_as": options.treat_unknown_as,
            "closed": sorted(set(options.closed)),
            "sectors": None if options.sectors is None else sorted(set(options.sectors)),
            "outcomes": options.outcomes,
            "partition_rows": options.partition_rows,
        }
        engine = {"safetyrules": safetyrules.__version__, "polars": pl.__version__, "division": DIVISION}
        try:
            files = input_files(self.register.files)
        except OSError as error:
            where = error.filename or self.register.root
            raise RegisterError(
                [diagnostic("SR5001", path=str(where), name=str(where), reason=reason_of(error))]
            ) from error
        return Asked(self.program.digest, engine, said, self.register.mapping_digest, files)

    def _finished(self, folder: AnswersFolder, asked: Asked) -> list[Partition]:
        """The partitions of an earlier run that stand. Raises RegisterError where it asked something else."""
        found: list[Partition] = []
        summaries: list[str] = []
        document = None if self.options.overwrite else folder.read_json(MANIFEST)
        if document is None:
            folder.clear()
        else:
            self._compare(folder, asked, document)
            said = document["partitions"] if document["complete"] else folder.recovered_lines(JOURNAL)
            for line in said:
                partition = Partition.from_json(line)
                if not all(folder.stands(name, record) for name, record in partition.files.items()):
                    break
                found.append(partition)
            if len(found) < len(said):
                self._journal_again(folder, found)
            elif document["complete"]:
                summaries = list(document["summaries"])
        folder.sweep(frozenset(name for each in found for name in each.files) | frozenset(summaries))
        return found

    def _journal_again(self, folder: AnswersFolder, finished: list[Partition]) -> None:
        folder.remove(JOURNAL)
        for each in finished:
            folder.append(JOURNAL, each.to_json())

    def _compare(self, folder: AnswersFolder, asked: Asked, document: Any) -> None:
        name = folder.path.name
        fix = Text("换一个文件夹，或加 --overwrite 重新开始", "name another folder, or start again with --overwrite")
        if not isinstance(document, dict) or document.get("schema") != SCHEMA:
            what = Text("格式", "schema")
            raise RegisterError([diagnostic("SR5101", path=str(folder.path), name=name, what=what, fix=fix)])
        differences = asked.differences(document["asked"])
        if not asked.input:  # tables in memory have no identity
            differences.append(Text("登记册", "register"))
        if differences:
            what = Text("、".join(each.zh for each in differences), ", ".join(each.en for each in differences))
            raise RegisterError([diagnostic("SR5101", path=str(folder.path), name=name, what=what, fix=fix)])

    # ---- answering ---------------------------------------------------------------------------------------------------

    def _answer(self, folder: AnswersFolder, finished: list[Partition]) -> None:
        """Adds the partitions that are not finished yet."""
        done = sum(each.rows[self.register.root].read for each in finished)
        self.progress.started(self.register.height(), done)
        scratch = folder.path / SCRATCH
        shutil.rmtree(scratch, ignore_errors=True)
        try:
            read = self.register.batches(self.options.partition_rows, len(finished), scratch)
            with closing(ahead(read)) as batches:
                for batch in batches:
                    partition = self._partition(folder, f"part-{len(finished):05d}", batch)
                    folder.append(JOURNAL, partition.to_json())
                    finished.append(partition)
                    done += partition.rows[self.register.root].read
                    self.progress.answered(done)
            if not finished:  # an empty register has empty tables
                nobody = self.framing.framed((), pl.Series(dtype=pl.String), None, None)
                rows = {self.register.root: Count(0, 0, 0)}
                finished.append(self._written(folder, "part-00000", rows, nobody))
                folder.append(JOURNAL, finished[0].to_json())
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _partition(self, folder: AnswersFolder, name: str, batch: Batch) -> Partition:
        frames = self.framing.frames(batch)
        read, accepted, set_aside = batch.counts[self.register.root]
        if not (read == accepted + set_aside and accepted == len(batch.keys) == frames.subjects.height):
            raise self._unequal(read, frames.subjects.height, set_aside)
        return self._written(folder, name, batch.counts, frames)

    def _written(
        self, folder: AnswersFolder, name: str, rows: Mapping[str, Count], frames: RegisterAnswers
    ) -> Partition:
        files: dict[str, FileRecord] = {}
        for table, frame in frames.tables():
            file = f"{table}/{name}.parquet"
            files[file] = folder.write_table(file, frame)
        return partition_of(name, rows, frames, self.framing.schema, files)

    def _add_up(self, total: Totals) -> None:
        read = self.register.height()
        set_aside = total.rows[self.register.root].set_aside if total.rows else 0
        if read != total.read or read != total.answered + set_aside:
            raise self._unequal(read, total.answered, set_aside)

    def _unequal(self, read: int, answered: int, set_aside: int) -> RegisterError:
        return RegisterError([diagnostic("SR5105", read=read, answered=answered, set_aside=set_aside)])

    def _looked_at(self) -> dict[Path, tuple[int, int]]:
        """Size and time of each input file."""
        found = {}
        for file in self.register.files:
            try:
                said = file.stat()
            except OSError:
                found[file] = (-1, -1)
            else:
                found[file] = (said.st_size, said.st_mtime_ns)
        return found

    def _changed(self, before: Mapping[Path, tuple[int, int]]) -> RegisterError:
        now = self._looked_at()
        fix = Text("登记册不再变化后，加 --overwrite 重新开始", "start again with --overwrite once nobody writes to it")
        return RegisterError(
            diagnostic("SR5104", path=str(file), name=file.name, fix=fix)
            for file, said in now.items()
            if said != before[file]
        )

    # ---- roll-ups ----------------------------------------------------------------------------------------------------

    def _summaries(
        self, folder: AnswersFolder, finished: list[Partition]
    ) -> tuple[dict[str, FileRecord], dict[str, pl.DataFrame]]:
        """Makes those asked for; those of an earlier command stay."""
        document = folder.read_json(MANIFEST) or {}
        records = {name: FileRecord(**said) for name, said in document.get("summaries", {}).items()}
        tables = {}
        files = [folder.path / name for each in finished for name in each.files if name.startswith("subjects/")]
        for roll_up in self.roll_ups:
            frame = tables[roll_up.name] = roll_up.count(files)
            file = f"summary/{roll_up.name}.parquet"
            records[file] = folder.write_table(file, frame)
        return dict(sorted(records.items())), tables
