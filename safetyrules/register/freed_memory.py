"""Memory between the batches of a register."""

from __future__ import annotations

import os

#: Where the memory that Polars allocates reads its options from: jemalloc, in Polars' own build of it.
_OPTIONS = "_RJEM_MALLOC_CONF"
_KEPT_SECONDS = 5


def keep_freed_memory() -> None:
    """Polars gives memory back to the system half a second after it was freed. Batch after batch needs as much again,
    and to be given it anew takes up to a tenth of the whole time; it is therefore kept for some seconds.

    Counts for a process that has not imported Polars yet. Options that are set already stay as they are.
    """
    os.environ.setdefault(_OPTIONS, f"dirty_decay_ms:{_KEPT_SECONDS * 1000}")
