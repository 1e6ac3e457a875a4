"""How long each named pass from text to program takes. Nothing depends on it but what is shown to the curious."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from time import perf_counter


class Passes:
    """Seconds by the name of the pass, in the order in which they first ran; one that runs again adds to its own."""

    def __init__(self) -> None:
        self.seconds: dict[str, float] = {}

    @contextmanager
    def __call__(self, name: str) -> Iterator[None]:
        """Counts the time spent inside the ``with`` block as the pass ``name``."""
        start = perf_counter()
        try:
            yield
        finally:
            self.seconds[name] = self.seconds.get(name, 0.0) + perf_counter() - start
