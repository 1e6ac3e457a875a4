"""Runs over registers, and what they leave on disk."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import safetyrules
from safetyrules.register.batch_run import BatchOptions, BatchResult, run_batch
from safetyrules.register.register import open_register

AS_OF = "2026-01-01"


def run(source: Any, out: Path, progress: Any = None, mapping: Any = None, **options: Any) -> BatchResult:
    program = safetyrules.default_program()
    with open_register(source, mapping, program=program) as register:
        asked = BatchOptions(**{"as_of": AS_OF, "partition_rows": 150, **options})
        return run_batch(program, register, out, asked, progress)


def digests(out: Path) -> dict[str, str]:
    """Every file of a folder, hidden ones too."""
    return {
        str(file.relative_to(out)): hashlib.sha256(file.read_bytes()).hexdigest()
        for file in sorted(out.rglob("*"))
        if file.is_file()
    }


class Stopping:
    """Stops a run after some partitions."""

    def __init__(self, after: int, error: BaseException) -> None:
        self.after, self.error = after, error

    def started(self, rows: int, done: int) -> None:
        pass

    def answered(self, done: int) -> None:
        self.after -= 1
        if self.after == 0:
            raise self.error
