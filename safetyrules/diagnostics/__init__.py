"""Diagnostics: what is wrong, where, what was expected and how to fix it.

A diagnostic has a stable code (``SR0103``) whose bilingual wording lives in the catalogue modules of this package,
one per stage, and a page in ``docs/diagnostics/``. Everything that reads text from outside reports through here.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from safetyrules.diagnostics.catalogue import CATALOGUE
from safetyrules.text import Language, Text, same


class Severity(StrEnum):
    ERROR = "error"
    WARNING = "warning"
    NOTE = "note"


@dataclass(frozen=True, slots=True, order=True)
class Span:
    """A stretch of a source text. Lines and columns count from 1, in characters; the end is exclusive."""

    source: str
    line: int
    column: int
    end_line: int
    end_column: int

    def __str__(self) -> str:
        return f"{self.source}:{self.line}:{self.column}"


@dataclass(frozen=True, slots=True)
class Diagnostic:
    """One problem, with its place: a ``span`` in a file, or a ``path`` in facts
    (``enterprise.dust.collectors[2].system``)."""

    code: str
    message: Text
    severity: Severity = Severity.ERROR
    span: Span | None = None
    path: str | None = None
    found: str | None = None
    expected: Text | None = None
    fix: Text | None = None
    related: tuple[tuple[Span, Text], ...] = ()
    #: A test case that shows it, ready to paste into a test file.
    example: Text | None = None

    def render(self, language: Language) -> str:
        """One line for place, code and message; then found, expected, fix, related places and an example, indented."""
        words = {
            "zh": ("发现", "应为", "修正", "另见", "测试"),
            "en": ("found", "expected", "fix", "see also", "as a test"),
        }[language]
        place = str(self.span) if self.span else (self.path or "")
        head = (
            f"{place}: {self.severity} {self.code}: {self.message.in_language(language)}"
            if place
            else (f"{self.severity} {self.code}: {self.message.in_language(language)}")
        )
        lines = [head]
        if self.found is not None:
            lines.append(f"  {words[0]}: {self.found}")
        if self.expected is not None:
            lines.append(f"  {words[1]}: {self.expected.in_language(language)}")
        if self.fix is not None:
            lines.append(f"  {words[2]}: {self.fix.in_language(language)}")
        lines.extend(f"  {words[3]}: {span}: {text.in_language(language)}" for span, text in self.related)
        if self.example is not None:
            lines.append(f"  {words[4]}:")
            lines.extend(f"    {line}" for line in self.example.in_language(language).split("\n"))
        return "\n".join(lines)

    def to_json(self) -> dict[str, object]:
        """A plain dict with both languages, for ``--format json``."""
        document: dict[str, object] = {
            "code": self.code,
            "severity": str(self.severity),
            "message": self.message._asdict(),
        }
        if self.span is not None:
            document["at"] = {
                "source": self.span.source,
                "line": self.span.line,
                "column": self.span.column,
                "end_line": self.span.end_line,
                "end_column": self.span.end_column,
            }
        if self.path is not None:
            document["path"] = self.path
        if self.found is not None:
            document["found"] = self.found
        if self.expected is not None:
            document["expected"] = self.expected._asdict()
        if self.fix is not None:
            document["fix"] = self.fix._asdict()
        if self.related:
            document["related"] = [{"at": str(span), "message": text._asdict()} for span, text in self.related]
        if self.example is not None:
            document["example"] = self.example._asdict()
        return document


def diagnostic(
    code: str,
    span: Span | None = None,
    *,
    severity: Severity = Severity.ERROR,
    path: str | None = None,
    found: object = None,
    expected: Text | str | None = None,
    fix: Text | str | None = None,
    related: Iterable[tuple[Span, Text]] = (),
    example: Text | None = None,
    **values: object,
) -> Diagnostic:
    """A diagnostic with the wording of ``code``; ``values`` fill the ``{fields}`` of its message."""
    return Diagnostic(
        code=code,
        message=CATALOGUE[code].format(**{"found": None if found is None else shorten(str(found)), **values}),
        severity=severity,
        span=span,
        path=path,
        found=None if found is None else shorten(str(found)),
        expected=same(expected) if isinstance(expected, str) and not isinstance(expected, Text) else expected,
        fix=same(fix) if isinstance(fix, str) and not isinstance(fix, Text) else fix,
        related=tuple(related),
        example=example,
    )


def shorten(words: str, limit: int = 160) -> str:
    """Input echoed back in a message, cut so that a huge input cannot flood a terminal."""
    return words if len(words) <= limit else words[: limit - 1] + "…"


def did_you_mean(found: str, known: Iterable[str]) -> Text | None:
    """A fix naming the nearest known word, or None where nothing is near."""
    candidates = sorted(set(known))
    folded = {word.casefold(): word for word in reversed(candidates)}
    near = difflib.get_close_matches(found.casefold(), folded, n=1, cutoff=0.6)
    return Text(f"是否想写“{folded[near[0]]}”？", f"did you mean '{folded[near[0]]}'?") if near else None


class SafetyRulesError(Exception):
    """Base of every error this library raises on purpose. ``diagnostics`` is never empty."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics: tuple[Diagnostic, ...] = tuple(diagnostics)
        super().__init__("\n".join(d.render("en") for d in self.diagnostics))


class RulesetError(SafetyRulesError):
    """Rulesets, facts declarations, instruments or tables do not check."""


class FactsError(SafetyRulesError):
    """The facts given for a subject are not acceptable; lists every bad field."""


class RegisterError(SafetyRulesError):
    """A register, or the mapping of its columns, cannot be used as it is; lists every problem."""


class RequestError(SafetyRulesError):
    """The call itself cannot be answered: an unknown place, conclusion, level or option."""


class PluginError(SafetyRulesError):
    """A plugin could not be loaded."""
