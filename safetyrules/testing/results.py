"""What running cases found: of each case the failures, of a run all cases in their order."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from safetyrules.diagnostics import Diagnostic, RequestError, Span
from safetyrules.result import Assessment
from safetyrules.testing.model import Case
from safetyrules.text import Language

FailureKind = Literal["expectation", "refusal", "notice", "disagreement"]


@dataclass(frozen=True)
class Failure:
    """One thing that is not as expected. ``names`` are what `why` explains."""

    kind: FailureKind
    span: Span
    key: str
    expected: str
    actual: str
    answer: Assessment | None = field(default=None, repr=False, compare=False)
    names: tuple[str, ...] = ()
    diagnostics: tuple[Diagnostic, ...] = ()

    def why(self, language: Language) -> str:
        """The reasons that led there; empty where there are none."""
        if self.answer is None:
            return ""
        try:
            return "\n".join(self.answer.why(name).to_text(language).rstrip("\n") for name in self.names[:3])
        except RequestError:
            return ""


@dataclass(frozen=True)
class Result:
    case: Case
    failures: tuple[Failure, ...]
    seconds: float = 0.0

    @property
    def passed(self) -> bool:
        return not self.failures


@dataclass(frozen=True)
class Run:
    """All results, in the order of the cases. ``by_columns`` counts the cases that columns settled."""

    results: tuple[Result, ...]
    seconds: float
    by_columns: int

    @property
    def failed(self) -> tuple[Result, ...]:
        return tuple(result for result in self.results if not result.passed)
