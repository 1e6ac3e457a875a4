"""Batches of a register, each read while the one before it is answered: reading and answering take about as long."""

from __future__ import annotations

from collections.abc import Generator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

_Batch = TypeVar("_Batch")


def ahead(batches: Generator[_Batch, None, None]) -> Generator[_Batch, None, None]:
    """The same batches, of which the next is made by another thread meanwhile. What goes wrong there is raised where
    that batch would come; whoever stops early leaves nothing running, and ``batches`` closed."""
    reader = ThreadPoolExecutor(1, thread_name_prefix="register")
    try:
        following = reader.submit(next, batches, None)
        while (batch := following.result()) is not None:
            following = reader.submit(next, batches, None)
            yield batch
    finally:
        reader.shutdown(wait=True)
        batches.close()
