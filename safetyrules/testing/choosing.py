"""Which cases run: by words, and those that failed last time."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence

from safetyrules.cache import cache_in_use
from safetyrules.testing.model import Case


def chosen(cases: Iterable[Case], words: str | None) -> list[Case]:
    """The cases whose file and name have all the words, however they are written."""
    wanted = [] if words is None else words.casefold().split()
    return [case for case in cases if all(word in case.id.casefold() for word in wanted)]


class LastFailed:
    """The cases that failed last time in this folder, as far as a cache keeps them."""

    def __init__(self) -> None:
        cache = cache_in_use()
        self._folder = cache.folder if cache is not None else None
        digest = hashlib.sha256(os.fsencode(os.getcwd())).hexdigest()
        self._name = f"failed-{digest[:32]}.tests"

    def among(self, cases: Sequence[Case]) -> list[Case]:
        """Those that failed last time; all where none of these did, or nothing is kept."""
        kept = self._folder.read(self._name) if self._folder is not None else None
        try:
            failed = set(json.loads(bytes(kept))) if kept is not None else set()
        except ValueError:
            failed = set()
        return [case for case in cases if case.id in failed] or list(cases)

    def keep(self, failed: Iterable[Case]) -> None:
        if self._folder is not None:
            self._folder.write(self._name, json.dumps([case.id for case in failed]).encode())
