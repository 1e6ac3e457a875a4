"""Resolve pass: instruments, with their levels, days, places, clauses and succession."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import date, timedelta

from safetyrules.diagnostics import Diagnostic, diagnostic, did_you_mean
from safetyrules.language.document import InForce, InstrumentDocument, InstrumentsDocument, Word
from safetyrules.language.ruleform import LEVELS, Clause, Days, Instrument
from safetyrules.language.types import unknown_name
from safetyrules.places import PlaceTree
from safetyrules.text import Text


def declared_instruments(
    documents: Iterable[InstrumentsDocument], places: PlaceTree | None, problems: list[Diagnostic]
) -> dict[str, Instrument]:
    """All instruments by their ids. One of an unknown level stays, so that what cites it is not blamed."""
    seen: dict[str, Word] = {}
    instruments: dict[str, Instrument] = {}
    written: dict[str, InstrumentDocument] = {}
    for document in documents:
        for each in document.instruments:
            if is_new(seen, each.id, Text("文件", "instrument"), problems):
                known = _of_known_level(each, problems)
                check_place(each.jurisdiction, places, problems)
                written[each.id.text] = known
                instruments[each.id.text] = _instrument(known, problems)
    for name, each in written.items():
        _check_succession(name, each, instruments, problems)
    return instruments


def _of_known_level(document: InstrumentDocument, problems: list[Diagnostic]) -> InstrumentDocument:
    word = document.level
    if word.text in LEVELS:
        return document
    near = did_you_mean(word.text, LEVELS)
    expected = ", ".join(LEVELS) if near is None else None
    problems.append(diagnostic("SR0901", word.span, level=word.text, expected=expected, fix=near))
    return replace(document, level=Word("policy", word.span))


def _instrument(document: InstrumentDocument, problems: list[Diagnostic]) -> Instrument:
    clauses: dict[str, Clause] = {}
    seen: dict[str, Word] = {}
    for clause in document.clauses:
        if is_new(seen, clause.id, Text("条款", "clause"), problems):
            clauses[clause.id.text] = Clause(clause.id.text, clause.title, clause.status, clause.reason, clause.id.span)
    return Instrument(
        document.id.text, document.title, document.number, document.issuer, document.level.text,
        document.jurisdiction.text, days_of(document.in_force, problems),
        tuple(word.text for word in document.supersedes), clauses, document.span,
    )  # fmt: skip


def _check_succession(
    name: str, document: InstrumentDocument, instruments: dict[str, Instrument], problems: list[Diagnostic]
) -> None:
    """What is superseded must exist, and end before its successor begins."""
    for word in document.supersedes:
        before = instruments.get(word.text)
        if before is None:
            problems.append(unknown_name(word, "SR0903", instruments))
            continue
        first, last = instruments[name].in_force.first, before.in_force.last
        if first is not None and (last is None or last >= first):
            problems.append(
                diagnostic(
                    "SR0904",
                    word.span,
                    later=name,
                    earlier=word.text,
                    first=first,
                    found=f"to: {last or 'null'}",
                    expected=f"to: {first - timedelta(days=1)}" if first > date.min else None,
                    related=[(before.span, Text("被替代的文件", "superseded here"))],
                )
            )


def check_place(word: Word, places: PlaceTree | None, problems: list[Diagnostic]) -> None:
    """Reports a jurisdiction that is not in the tree of places, where there is one."""
    if places is not None and not places.known(word.text):
        fix = did_you_mean(word.text, places.codes)
        expected = Text("CN 或 GB/T 2260 代码", "CN or a GB/T 2260 code") if fix is None else None
        problems.append(diagnostic("SR0912", word.span, name=word.text, expected=expected, fix=fix))


def is_new(seen: dict[str, Word], word: Word, what: Text, problems: list[Diagnostic]) -> bool:
    """Notes a name among those ``seen``; one that is taken, in whatever case, is reported."""
    first = seen.setdefault(word.text.casefold(), word)
    if first is word:
        return True
    related = [(first.span, Text("首次出现", "first here"))]
    problems.append(diagnostic("SR0401", word.span, what=what, name=word.text, related=related))
    return False


def days_of(in_force: InForce, problems: list[Diagnostic]) -> Days:
    """Bounds of an ``in_force``; where they stand the wrong way round that is reported and they are left open."""
    if in_force.first_day and in_force.last_day and in_force.last_day < in_force.first_day:
        found = f"from: {in_force.first_day}, to: {in_force.last_day}"
        problems.append(diagnostic("SR0906", in_force.span, found=found, fix=Text("交换两个日期", "swap the two days")))
        return Days(None, None, in_force.inferred)
    return Days(in_force.first_day, in_force.last_day, in_force.inferred)


def days_words(days: Days) -> str:
    """The bounds as an author writes them."""
    return f"from: {days.first or 'null'}, to: {days.last or 'null'}"
