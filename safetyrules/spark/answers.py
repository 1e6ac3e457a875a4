"""The answers of a register as data frames."""

from __future__ import annotations

from dataclasses import dataclass
from types import TracebackType

from pyspark import StorageLevel
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # noqa: N812 - its usual name

from safetyrules.diagnostics import Diagnostic
from safetyrules.spark.layouts import AT, COUNTS, DUTIES, FINDINGS, KEY, OUTPUT, OUTPUTS, REJECTS, SUBJECTS


@dataclass(frozen=True)
class SparkAnswers:
    """What is said of the subjects of a register, as `safetyrules.register.tables_of_answers` describes it.

    All outputs come out of one run over the register, ``stream``. Nothing runs until one is read, and every read runs
    it again unless the answers are persisted: use ``with tabulate_spark(…) as answers``, or call `persist`. ``notices``
    list the columns that are not read.
    """

    stream: DataFrame
    notices: tuple[Diagnostic, ...] = ()

    @property
    def subjects(self) -> DataFrame:
        """A row for each subject."""
        return self.output(SUBJECTS)

    @property
    def findings(self) -> DataFrame:
        """A row for each finding that is found or undetermined."""
        return self.output(FINDINGS)

    @property
    def duties(self) -> DataFrame:
        """A row for each duty that is had or may be."""
        return self.output(DUTIES)

    @property
    def rejects(self) -> DataFrame:
        """A row for each fault that set a subject aside."""
        return self.output(REJECTS)

    @property
    def counts(self) -> DataFrame:
        """By kind, the rows read, accepted and set aside."""
        summed = [F.sum(name).alias(name) for name in ("read", "accepted", "set_aside")]
        return self.output(COUNTS).groupBy("kind").agg(*summed)

    def output(self, name: str, *, in_order: bool = False) -> DataFrame:
        """An output by its name; ``in_order``: by subject, and of one subject in the order of a run on one machine."""
        rows = self.stream.where(F.col(f"`{OUTPUT}`") == OUTPUTS.index(name))
        if in_order:
            rows = rows.orderBy(F.col(f"`{KEY}`").asc_nulls_first(), F.col(f"`{AT}`"))
        return rows.select(f"{name}.*")

    def persist(self) -> SparkAnswers:
        """The same, kept on the executors' disks when first read, so that further reads cost no second run."""
        self.stream.persist(StorageLevel.DISK_ONLY)
        return self

    def unpersist(self) -> None:
        self.stream.unpersist()

    def __enter__(self) -> SparkAnswers:
        return self.persist()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.unpersist()
