"""Batches made ahead are the same batches."""

from __future__ import annotations

import threading
from collections.abc import Generator

import pytest

from safetyrules.register.ahead import ahead


class Source:
    """Numbers up to a limit, after which something goes wrong, or nothing comes."""

    def __init__(self, limit: int, error: Exception | None = None) -> None:
        self.limit, self.error = limit, error
        self.made: list[int] = []
        self.closed = False

    def numbers(self) -> Generator[int, None, None]:
        try:
            for number in range(self.limit):
                self.made.append(number)
                yield number
            if self.error is not None:
                raise self.error
        finally:
            self.closed = True


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_all_come_in_their_order(limit: int) -> None:
    source = Source(limit)
    assert list(ahead(source.numbers())) == list(range(limit))
    assert source.closed


def test_the_next_is_made_while_one_is_used() -> None:
    reached = threading.Event()

    def numbers() -> Generator[int, None, None]:
        yield 1
        reached.set()
        yield 2

    batches = ahead(numbers())
    assert next(batches) == 1
    assert reached.wait(timeout=60)
    assert next(batches) == 2


def test_an_error_comes_where_the_batch_would() -> None:
    source = Source(2, ValueError("broken file"))
    batches = ahead(source.numbers())
    assert [next(batches), next(batches)] == [0, 1]
    with pytest.raises(ValueError, match="broken file"):
        next(batches)
    assert source.closed


def test_who_stops_early_leaves_nothing_running() -> None:
    source = Source(1000)
    batches = ahead(source.numbers())
    assert next(batches) == 0
    batches.close()
    assert source.closed
    assert len(source.made) <= 2
    assert not [each for each in threading.enumerate() if each.name.startswith("register")]
