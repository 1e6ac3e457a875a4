"""From a batch to the tables of its answers: `Framing.frames`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

import polars as pl

from safetyrules.language.order import Conclusion
from safetyrules.program import Program
from safetyrules.register.answer_schema import PLACE, AnswerSchema, answer_schema
from safetyrules.register.answering import Answers, Tabulator
from safetyrules.register.batch import Batch, reject_columns
from safetyrules.register.outcome_words import PART, Codebook, codebook, outcome_words
from safetyrules.register.tables_of_answers import KEY, duties, findings, is_read, subjects
from safetyrules.result import Request, Treatment


@dataclass(frozen=True)
class PlanUse:
    """A plan that answered: the places whose law it is, and how many subjects it was asked for."""

    places: frozenset[str]
    subjects: int

    def __add__(self, other: PlanUse) -> PlanUse:
        return PlanUse(self.places | other.places, self.subjects + other.subjects)


@dataclass(frozen=True)
class RegisterAnswers:
    """The answers of some subjects, each table sorted by subject. ``exact`` counts those decided one by one."""

    subjects: pl.DataFrame
    findings: pl.DataFrame
    duties: pl.DataFrame
    rejects: pl.DataFrame
    outcomes: Mapping[str, pl.DataFrame] = field(default_factory=dict)
    plans: Mapping[str, PlanUse] = field(default_factory=dict)
    exact: int = 0

    def tables(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """All tables, by the names they have on disk."""
        yield from (("subjects", self.subjects), ("findings", self.findings))
        yield from (("duties", self.duties), ("rejects", self.rejects))
        yield from ((f"outcomes/{kind}", frame) for kind, frame in self.outcomes.items())

    def set_aside(self) -> dict[str, int]:
        """How many subjects each code set aside. One that several codes set aside is in several."""
        counted = self.rejects.unique(["code", KEY]).group_by("code").len().sort("code")
        return dict(counted.iter_rows())


class Framing:
    """Makes the tables of batch after batch of a register. The options are those of `Program.assess`."""

    def __init__(
        self,
        program: Program,
        *,
        as_of: date | datetime | str,
        law_at: date | datetime | str | None = None,
        jurisdiction: str | None = None,
        treat_unknown_as: Treatment = "withhold",
        closed: Collection[str] = (),
        sectors: Collection[str] | None = None,
        subject: str | None = None,
        outcomes: bool = False,
    ) -> None:
        """Raises RequestError when the call itself cannot be answered."""
        self.program = program
        self.tabulator = Tabulator(
            program, as_of=as_of, law_at=law_at, jurisdiction=jurisdiction, treat_unknown_as=treat_unknown_as,
            closed=closed, sectors=sectors, subject=subject, told=None if outcomes else self._read,
        )  # fmt: skip
        chosen = None if sectors is None else tuple(sorted(set(sectors)))
        self.schema: AnswerSchema = answer_schema(program, self.request, chosen)
        self.book: Codebook | None = codebook(self.schema) if outcomes else None
        self.place = program.place_fact(self.request.subject)

    @property
    def request(self) -> Request:
        return self.tabulator.request

    def _read(self, conclusion: Conclusion) -> bool:
        return is_read(conclusion, self.request.subject)

    def frames(self, batch: Batch) -> RegisterAnswers:
        frame = batch.tables.frames[batch.tables.root]
        places = frame[self.place] if self.place is not None and self.place in frame.columns else None
        return self.framed(self.tabulator.answers(batch.tables), batch.keys, places, batch.rejects)

    def framed(
        self, answered: Iterable[Answers], keys: pl.Series, places: pl.Series | None, rejects: pl.DataFrame | None
    ) -> RegisterAnswers:
        """The tables of answers that name the rows of ``keys``."""
        treatment = self.request.treat_unknown_as
        pieces: dict[str, list[pl.DataFrame]] = {"subjects": [], "findings": [], "duties": []}
        words: dict[str, list[pl.DataFrame]] = {kind: [] for kind in (self.book.kinds if self.book else ())}
        plans: dict[str, PlanUse] = {}
        exact = 0
        for answers in answered:
            pieces["subjects"].append(self.schema.fitted("subjects", self._subjects(answers, keys, places)))
            pieces["findings"].append(findings(answers, keys, treatment))
            pieces["duties"].append(duties(answers, keys))
            if self.book is not None:
                for kind, frame in outcome_words(answers, keys, self.book).items():
                    words[kind].append(frame)
            used = PlanUse(self._places(answers, places), answers.rows.len())
            plans[answers.plan.digest] = plans.get(answers.plan.digest, PlanUse(frozenset(), 0)) + used
            exact += answers.exact
        by = {"subjects": [KEY], "findings": [KEY, "rule", "part"], "duties": [KEY, "rule", "part"]}
        made = {name: self._together(pieces[name], self.schema.tables[name], by[name]) for name in pieces}
        outcomes = {
            kind: self._together(frames, self.book.columns(kind), [KEY, PART])
            for kind, frames in words.items()
            if self.book is not None
        }
        set_aside = rejects if rejects is not None else pl.DataFrame(schema=reject_columns())
        return RegisterAnswers(**made, rejects=set_aside, outcomes=outcomes, plans=plans, exact=exact)

    def _subjects(self, answers: Answers, keys: pl.Series, places: pl.Series | None) -> pl.DataFrame:
        made = subjects(answers, keys, self.request.treat_unknown_as)
        if places is None:
            return made
        here = pl.DataFrame({KEY: keys.gather(answers.rows), PLACE: places.gather(answers.rows)})
        return made.join(here, on=KEY, how="left", maintain_order="left")

    def _places(self, answers: Answers, places: pl.Series | None) -> frozenset[str]:
        """The jurisdictions under whose law these subjects are."""
        if self.tabulator.options["jurisdiction"] is not None or places is None:
            return frozenset([self.request.jurisdiction])
        found = places.gather(answers.rows).unique().to_list()
        return frozenset(self.program.jurisdiction_of(each) for each in found)

    def _together(self, pieces: list[pl.DataFrame], columns: Mapping[str, Any], by: list[str]) -> pl.DataFrame:
        if not pieces:
            return pl.DataFrame(schema=columns)
        return pl.concat(pieces).sort(by, maintain_order=True).rechunk()


def joined(frames: Iterable[RegisterAnswers]) -> RegisterAnswers | None:
    """The tables of all of them together; None where there are none."""
    each = list(frames)
    if not each:
        return None
    plans: dict[str, PlanUse] = {}
    for one in each:
        for digest, used in one.plans.items():
            plans[digest] = plans.get(digest, PlanUse(frozenset(), 0)) + used
    return RegisterAnswers(
        pl.concat([one.subjects for one in each]),
        pl.concat([one.findings for one in each]),
        pl.concat([one.duties for one in each]),
        pl.concat([one.rejects for one in each]),
        {kind: pl.concat([one.outcomes[kind] for one in each]) for kind in each[0].outcomes},
        plans,
        sum(one.exact for one in each),
    )


UNDETERMINED, NO_VALUE = "undetermined", "no_value"


def said(name: str) -> pl.Expr:
    """The outcome of a conclusion of subjects, in a word: its value, undetermined, no value."""
    value = pl.col(name).cast(pl.String).fill_null(NO_VALUE)
    return pl.when(pl.col(f"{name}.undetermined").fill_null(False)).then(pl.lit(UNDETERMINED)).otherwise(value)


def levels_of(frame: pl.DataFrame, name: str) -> Counter[str]:
    """How many subjects have each outcome of a conclusion."""
    counted = frame.select(said(name).alias("level")).group_by("level").len().sort("level")
    return Counter(dict(counted.iter_rows()))
