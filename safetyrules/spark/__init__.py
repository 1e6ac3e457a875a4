"""The columnar engine inside Apache Spark 4: registers too large, or too far away, for one machine.

`tabulate_spark` takes data frames and gives data frames; `run_batch_spark` does so with folders of Parquet. Every table
is shuffled by the hash of the subject's key, and each partition is read, checked and answered by the very code that
answers a register on one machine. Needs the extra ``safetyrules[spark]`` here, and ``safetyrules`` on every executor.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from safetyrules.spark.answers import SparkAnswers
    from safetyrules.spark.batch import BatchCounts, run_batch_spark
    from safetyrules.spark.source import ProgramSource
    from safetyrules.spark.tabulate import tabulate_spark

_HOMES = {
    "BatchCounts": "batch",
    "ProgramSource": "source",
    "SparkAnswers": "answers",
    "run_batch_spark": "batch",
    "tabulate_spark": "tabulate",
}
__all__ = ["BatchCounts", "ProgramSource", "SparkAnswers", "run_batch_spark", "tabulate_spark"]


def __getattr__(name: str) -> Any:
    home = _HOMES.get(name)
    if home is None:
        raise AttributeError(f"module 'safetyrules.spark' has no attribute {name!r}")
    # Executors import the modules of tasks, not this: they need no more of Spark than what runs them.
    value = getattr(import_module(f"safetyrules.spark.{home}"), name)
    globals()[name] = value
    return value
