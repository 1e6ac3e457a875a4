"""Every decision row of the list of 2017 and of GB 30871, evaluated in Python over known facts, against its rule."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import date
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml
from row_expressions import value_of

from safetyrules.program import default_program
from safetyrules.result import Assessment

DOCUMENT = yaml.safe_load(Path(__file__).with_name("hazmat_rows.yaml").read_text("utf-8"))
ROWS: list[dict[str, Any]] = DOCUMENT["rows"]
PARAMETERS = [pytest.param(row, id=row["row"]) for row in ROWS]
MOST = 200  # combinations tried of each row
LAW_AT = date(2024, 1, 1)
ORDER = ("found", "undetermined", "not_found", "not_applicable")
NOBODY = {
    "produces_hazchem": False,
    "trades_hazchem": False,
    "has_hazchem_store": False,
    "is_chemical_enterprise": False,
    "is_pharmaceutical_enterprise": False,
}
Facts = Mapping[str, Any]


def level(row: Mapping[str, Any]) -> str:
    (found,) = row["facts"]
    return str(found)


def values(row: Mapping[str, Any]) -> dict[str, list[Any]]:
    found: dict[str, list[Any]] = row["facts"][level(row)]
    return found


def combinations(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All combinations of the row's facts, or a fixed choice of them."""
    every = list(product(*values(row).values()))
    chosen = every if len(every) <= MOST else random.Random(row["row"]).sample(every, MOST)
    return [dict(zip(values(row), each, strict=True)) for each in chosen]


def status(row: Mapping[str, Any], facts: Facts, reading: Mapping[str, str]) -> str:
    words = {**row.get("words", {}), **{key: value for key, value in reading.items() if key not in ("violated", "why")}}
    names = {**facts, **{word: value_of(expression, facts) for word, expression in words.items()}}
    if not value_of(row["applies"], names):
        return "not_applicable"
    return "found" if value_of(reading.get("violated", row["violated"]), names) else "not_found"


def by_the_row(row: Mapping[str, Any], facts: Facts) -> str:
    """What the row says: the same under all of its readings, or undetermined."""
    statuses = {status(row, facts, reading) for reading in ({}, *row.get("readings", ()))}
    return statuses.pop() if len(statuses) == 1 else "undetermined"


def wanted(row: Mapping[str, Any], facts: Facts) -> tuple[str, int | None]:
    """What the rule must say, and which difference from its row makes it say so."""
    for number, difference in enumerate(row.get("differences", ())):
        if value_of(difference["where"], facts):
            return difference["status"], number
    return by_the_row(row, facts), None


def enterprise(row: Mapping[str, Any], facts: Facts, **who: Any) -> dict[str, Any]:
    """The facts where they belong, of a producer if nothing else is said; chlorine is a material of its unit."""
    asked = "produces_hazchem" in values(row)
    section: dict[str, Any] = {"hazard_present": True, "offsite_residents_500m": 1}
    section |= who if asked else {"produces_hazchem": True, **who}
    inside = dict(facts)
    if level(row) == "enterprise":
        return {"hazmat": {**section, **inside}}
    if "chlorine" in values(row):
        quantity = inside.pop("chlorine", None)
        inside["materials"] = [{"chemical": "氯", "composition": "pure", "quantity": quantity}]
    if level(row) == "pressure_tanks":
        return {"hazmat": {**section, "units": [{"pressure_tanks": [inside]}]}}
    return {"hazmat": {**section, level(row): [inside]}}


def said(facts: Mapping[str, Any], row: Mapping[str, Any]) -> str:
    answer: Assessment = default_program().assess(facts, as_of=LAW_AT, sectors=["hazmat"])
    statuses = {each.status for each in answer.findings if each.name == row["rule"]}
    return min(statuses, key=ORDER.index, default="not_applicable")


@pytest.mark.parametrize("row", PARAMETERS)
def test_rule_equals_row(row: Mapping[str, Any]) -> None:
    seen = set()
    for facts in combinations(row):
        expected, _ = wanted(row, facts)
        assert said(enterprise(row, facts), row) == expected, facts
        seen.add(expected)
    assert {"found", "not_found"} <= seen
    assert ("undetermined" in seen) == ("readings" in row)


@pytest.mark.parametrize("row", [each for each in PARAMETERS if "differences" in each.values[0]])  # type: ignore[operator]
def test_every_difference_is_one_and_has_a_reason(row: Mapping[str, Any]) -> None:
    told = set()
    for facts in combinations(row):
        expected, difference = wanted(row, facts)
        if difference is not None and expected != by_the_row(row, facts):
            told.add(difference)
    assert told == set(range(len(row["differences"])))
    assert all(each["why"] for each in row["differences"])


def test_every_translation_and_reading_has_a_reason() -> None:
    """A word that only has another name in our facts needs none."""
    for row in ROWS:
        renamed = all(str(ours).isidentifier() for ours in row.get("words", {}).values())
        assert renamed or row["why"], row["row"]
        assert all(reading["why"] for reading in row.get("readings", ())), row["row"]


@pytest.mark.parametrize("row", PARAMETERS)
def test_a_missing_fact_never_looks_clean(row: Mapping[str, Any]) -> None:
    """Leave any one fact out: what is then said holds for every value that it may have."""
    choose = random.Random(row["row"])
    every = combinations(row)
    for facts in choose.sample(every, min(len(every), 12)):
        for missing, choices in values(row).items():
            possible = {wanted(row, {**facts, missing: value})[0] for value in choices}
            answer = said(enterprise(row, {key: value for key, value in facts.items() if key != missing}), row)
            assert answer in ({"undetermined"} if len(possible) > 1 else {"undetermined", *possible}), (facts, missing)


@pytest.mark.parametrize("row", PARAMETERS)
def test_an_enterprise_that_the_text_is_not_about(row: Mapping[str, Any]) -> None:
    """The rows leave the scope of their text to its title; the rules ask who the enterprise is."""
    for facts in combinations(row)[:20]:
        if "produces_hazchem" not in facts:
            assert said(enterprise(row, facts, **NOBODY), row) == "not_applicable"
            assert said(enterprise(row, facts, produces_hazchem=None), row) in {"undetermined", "not_applicable"}


def test_every_finding_of_the_sector_has_a_row() -> None:
    rules = {
        name
        for name, rule in default_program().linked.rules.items()
        if rule.kind == "finding" and rule.sector == "hazmat"
    }
    of_rows = {row["rule"] for row in ROWS}
    assert rules == of_rows | set(DOCUMENT["without_row"])
    assert not of_rows & set(DOCUMENT["without_row"])
