"""Cases as they run: facts and options put together, every expectation with its place."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from safetyrules.diagnostics import Span


@dataclass(frozen=True)
class Expectation:
    """What is expected of the conclusion under ``key``: a plain value, or a mapping of `WrittenExpectation`."""

    key: str
    wanted: Any
    span: Span


@dataclass(frozen=True)
class Refusal:
    """A code with which the facts or the call must be refused, and the path of the fact where that matters."""

    code: str
    at: str | None = None


@dataclass(frozen=True)
class Case:
    """One test. ``options`` are those of `safetyrules.assess`."""

    name: str
    span: Span
    facts: Mapping[str, Any]
    options: Mapping[str, Any]
    expectations: tuple[Expectation, ...] = ()
    notices: tuple[str, ...] = ()
    refusals: tuple[Refusal, ...] = ()

    @property
    def id(self) -> str:
        """What a command line selects it by, and reports name it."""
        return f"{self.span.source}: {self.name}"


@dataclass(frozen=True)
class Suite:
    """The cases of one file. ``rules`` are the documents that it asks for beside the installed law."""

    source: str
    cases: tuple[Case, ...]
    rules: tuple[str, ...] = field(default=())
