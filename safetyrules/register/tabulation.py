"""`tabulate`: the answers of a register as data frames in memory."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import closing
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import polars as pl

from safetyrules.diagnostics import Diagnostic, FactsError, diagnostic
from safetyrules.engine.columnar.exactly import with_exact
from safetyrules.engine.columnar.tabulate import unanswered
from safetyrules.language.plan import Plan
from safetyrules.program import Program, default_program
from safetyrules.register.ahead import ahead
from safetyrules.register.answer_frames import Framing, RegisterAnswers, joined
from safetyrules.register.answering import Answers
from safetyrules.register.batch import reject_columns
from safetyrules.register.documents import SUBJECT, key_fact, key_of, reject
from safetyrules.register.mapping import RegisterMapping
from safetyrules.register.register import BATCH, Register, open_register
from safetyrules.result import Assessment, Treatment
from safetyrules.text import Text


def tabulate(
    source: object,
    *,
    as_of: date | datetime | str,
    law_at: date | datetime | str | None = None,
    jurisdiction: str | None = None,
    treat_unknown_as: Treatment = "withhold",
    closed: Collection[str] = (),
    sectors: Collection[str] | None = None,
    subject: str | None = None,
    mapping: str | os.PathLike[str] | RegisterMapping | None = None,
    outcomes: bool = False,
    program: Program | None = None,
) -> RegisterAnswers:
    """The answers of all subjects of ``source``, as tables sorted by subject.

    ``source``: a `Register`, whatever `open_register` opens (with ``mapping``), or a list or iterator of subjects as
    `assess` takes them, each with its key under ``subject``, else its credit code, else its place in the list. The
    other options are those of `Program.assess`; ``outcomes`` adds every outcome of every entity as bits.

    Raises RegisterError where the register cannot be read, RequestError when the call itself cannot be answered.
    """
    law = program if program is not None else default_program()
    framing = Framing(
        law, as_of=as_of, law_at=law_at, jurisdiction=jurisdiction, treat_unknown_as=treat_unknown_as, closed=closed,
        sectors=sectors, subject=source.root if isinstance(source, Register) else subject, outcomes=outcomes,
    )  # fmt: skip
    if isinstance(source, Register):
        return _of_register(framing, source)
    if isinstance(source, list | tuple | Iterator):
        return _of_subjects(framing, source)
    with open_register(source, mapping, program=law, subject=subject) as register:
        return _of_register(framing, register)


def _of_register(framing: Framing, register: Register) -> RegisterAnswers:
    with closing(ahead(register.batches(BATCH))) as batches:
        found = joined(framing.frames(batch) for batch in batches)
    return found or framing.framed((), pl.Series(dtype=pl.String), None, None)


def _of_subjects(framing: Framing, subjects: Iterable[Any]) -> RegisterAnswers:
    """Each subject decided by generated code; frames are made of the answers only."""
    root = framing.request.subject
    fact = key_fact(framing.program.schema, root)
    named = [(_key(each, place, fact), each) for place, each in enumerate(subjects)]
    counts = Counter(key for key, _ in named)
    keys: list[str] = []
    places: list[str | None] = []
    answered: dict[str, tuple[Plan, dict[int, Assessment]]] = {}
    rejects: list[tuple[Any, ...]] = []
    for place, (key, each) in enumerate(named):
        if key is None:
            row = Text(f"第 {place + 1} 个主体", f"subject {place + 1}")
            rejects.append(reject(root, None, diagnostic("SR5031", path=SUBJECT, row=row)))
            continue
        found = _assessed(framing, each, counts[key])
        if not isinstance(found, Assessment):
            rejects.extend(reject(root, key, problem) for problem in found)
            continue
        answered.setdefault(found.plan.digest, (found.plan, {}))[1][len(keys)] = found
        keys.append(key)
        places.append(found.request.place)
    return framing.framed(
        (_answers(plan, root, assessed) for plan, assessed in answered.values()),
        pl.Series(keys, dtype=pl.String),
        pl.Series(places, dtype=pl.String) if framing.place is not None else None,
        pl.DataFrame(sorted(rejects, key=lambda row: row[0] or ""), schema=reject_columns(), orient="row"),
    )


def _key(subject: Any, place: int, fact: str | None) -> str | None:
    """The key of a subject of a list. One that names its key, but as something that is none, has none: the number of
    its place may be the key of another."""
    named = isinstance(subject, Mapping) and subject.get(SUBJECT) is not None
    return key_of(subject, fact) or (None if named else str(place))


def _assessed(framing: Framing, subject: Any, count: int) -> Assessment | list[Diagnostic]:
    """The assessment of one subject, or what is wrong with it."""
    if count > 1:
        return [diagnostic("SR5032", count=count)]
    facts = subject
    if isinstance(subject, Mapping):
        facts = {name: value for name, value in subject.items() if name != SUBJECT}
    try:
        assessment = framing.program.assess(facts, **framing.tabulator.options)
        assessment.scalars  # noqa: B018 - decided now, while what is wrong can still set it aside
    except FactsError as error:
        return list(error.diagnostics)
    return assessment


def _answers(plan: Plan, root: str, assessed: Mapping[int, Assessment]) -> Answers:
    rows = pl.Series(list(assessed), dtype=pl.UInt32)
    decided = ((row, each.scalars_apart) for row, each in enumerate(assessed.values()))
    return Answers(rows, with_exact(replace(unanswered(plan.telling_apart, root), plan=plan), decided), len(assessed))
