"""Decision rows as they were first written down, against the rules for them.

A document of rows has ``section`` and ``sectors`` (what is asked), ``law_at``, ``words`` of every row, and ``rows``.
A row has ``rule``; ``applies`` and ``violated`` in its own words; ``words``, what these are in our facts; ``facts``,
by list (or ``enterprise`` for the section itself, ``root`` for the enterprise) with the values to try; ``readings``,
further meanings of the same row, each with its reason: where they differ, nothing may be decided; ``differences``:
for which facts the rule does not say what the row says, what it says instead, and why.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import yaml
from row_expressions import value_of

from safetyrules.program import default_program
from safetyrules.result import Assessment

MOST = 120  # combinations tried of each row
ORDER = ("found", "undetermined", "not_found", "not_applicable")
Row = Mapping[str, Any]
Facts = Mapping[tuple[str, str], Any]  # (level, fact) → value


@dataclass(frozen=True)
class Rows:
    section: str
    sectors: list[str]
    law_at: date
    words: Mapping[str, str]
    base: Mapping[str, Any]  # facts of the section that every row has
    rows: list[Row]

    def enterprise(self, row: Row, facts: Facts) -> dict[str, Any]:
        """The facts where they belong; a list of the row has one member."""
        root = {name: value for (level, name), value in facts.items() if level == "root"}
        varied = row["facts"].get("enterprise", {})
        section: dict[str, Any] = {name: value for name, value in self.base.items() if name not in varied}
        for level in row["facts"]:
            inside = {name: value for (where, name), value in facts.items() if where == level}
            if level == "enterprise":
                section |= inside
            elif level != "root":
                section[level] = [inside]
        return {**root, self.section: section}

    def said(self, row: Row, facts: Facts) -> str:
        day = row.get("law_at", self.law_at)
        given = self.enterprise(row, facts)
        answer: Assessment = default_program().assess(given, as_of=day, law_at=day, sectors=self.sectors)
        statuses = {each.status for each in answer.findings if each.name == row["rule"]}
        return min(statuses, key=ORDER.index, default="not_applicable")

    def wanted(self, row: Row, facts: Facts) -> tuple[str, int | None]:
        """What the rule must say, and which difference from its row makes it say so."""
        words = self._meaning(row, facts, {})
        for number, difference in enumerate(row.get("differences", ())):
            if value_of(difference["where"], words):
                return difference["status"], number
        return self.by_the_row(row, facts), None

    def by_the_row(self, row: Row, facts: Facts) -> str:
        """What the row says: the same under all of its readings, or undetermined."""
        statuses = set()
        for reading in ({}, *row.get("readings", ())):
            words = self._meaning(row, facts, reading)
            if not value_of(reading.get("applies", row["applies"]), words):
                statuses.add("not_applicable")
            else:
                statuses.add("found" if value_of(reading.get("violated", row["violated"]), words) else "not_found")
        return statuses.pop() if len(statuses) == 1 else "undetermined"

    def _meaning(self, row: Row, facts: Facts, reading: Mapping[str, str]) -> dict[str, Any]:
        ours = {name: value for (_, name), value in facts.items()}
        known = {"true": True, **{name: value for name, value in self.base.items() if isinstance(value, bool)}} | ours
        translated = {**self.words, **row.get("words", {}), **reading}
        skipped = ("why", "applies", "violated")
        return known | {word: value_of(str(is_), known) for word, is_ in translated.items() if word not in skipped}


def read(file: Path) -> Rows:
    document = yaml.safe_load(file.read_text("utf-8"))
    return Rows(
        document["section"],
        document["sectors"],
        document["law_at"],
        document["words"],
        document["base"],
        document["rows"],
    )


def values(row: Row) -> dict[tuple[str, str], list[Any]]:
    return {(level, name): choices for level, facts in row["facts"].items() for name, choices in facts.items()}


def combinations(row: Row) -> Iterator[dict[tuple[str, str], Any]]:
    """All combinations of the row's facts, or a fixed choice of them."""
    every = list(product(*values(row).values()))
    chosen = every if len(every) <= MOST else random.Random(row["row"]).sample(every, MOST)
    for each in chosen:
        yield dict(zip(values(row), each, strict=True))


def rule_equals_row(rows: Rows, row: Row) -> None:
    seen = set()
    for facts in combinations(row):
        expected, _ = rows.wanted(row, facts)
        assert rows.said(row, facts) == expected, facts
        seen.add(expected)
    assert {"found", "not_found"} <= seen
    assert ("undetermined" in seen) == ("readings" in row)


def every_difference_is_one(rows: Rows, row: Row) -> None:
    told = set()
    for facts in combinations(row):
        expected, difference = rows.wanted(row, facts)
        if difference is not None and expected != rows.by_the_row(row, facts):
            told.add(difference)
    assert told == set(range(len(row.get("differences", ()))))
    assert all(each["why"] for each in (*row.get("differences", ()), *row.get("readings", ())))


def a_missing_fact_never_looks_clean(rows: Rows, row: Row) -> None:
    """Leave any one fact out: what is then said holds for every value that it may have."""
    choose = random.Random(row["row"])
    every = list(combinations(row))
    for facts in choose.sample(every, min(len(every), 8)):
        for missing, choices in values(row).items():
            possible = {rows.wanted(row, {**facts, missing: value})[0] for value in choices}
            answer = rows.said(row, {key: value for key, value in facts.items() if key != missing})
            assert answer in ({"undetermined"} if len(possible) > 1 else {"undetermined", *possible}), (facts, missing)
