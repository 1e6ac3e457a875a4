"""Every decision row of the confined-space texts, evaluated in Python over known facts, against the rule for it."""

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

DOCUMENT = yaml.safe_load(Path(__file__).with_name("confined_space_rows.yaml").read_text("utf-8"))
ROWS: list[dict[str, Any]] = DOCUMENT["rows"]
PARAMETERS = [pytest.param(row, id=row["row"]) for row in ROWS]
LEVELS = ("enterprise", "space", "entry", "reading")
MOST = 300  # combinations tried of each row
LAW_AT = date(2026, 5, 1)
Facts = Mapping[str, Any]


def combinations(row: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Our facts and the row's other words, all combinations or a fixed choice of them."""
    values = {name: choices for level in row["facts"].values() for name, choices in level.items()}
    values |= row.get("others", {})
    every = list(product(*values.values()))
    chosen = every if len(every) <= MOST else random.Random(row["row"]).sample(every, MOST)
    return [dict(zip(values, each, strict=True)) for each in chosen]


def meaning(row: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    return {**facts, **{word: value_of(str(ours), facts) for word, ours in row.get("words", {}).items()}}


def status(applies: str, violated: str, words: Facts) -> str:
    if not value_of(applies, words):
        return "not_applicable"
    return "found" if value_of(violated, words) else "not_found"


def wanted(row: Mapping[str, Any], facts: Facts) -> tuple[str, int | None]:
    """What the rule must say, and which difference from its row makes it say so."""
    words = meaning(row, facts)
    for number, difference in enumerate(row.get("differences", [])):
        if value_of(difference["where"], words):
            applies, violated = (difference.get(key, row[key]) for key in ("applies", "violated"))
            return difference.get("status") or status(applies, violated, words), number
    return status(row["applies"], row["violated"], words), None


def enterprise(row: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """The facts where they belong: an enterprise with one space, one job, one reading. Who has no space has no job."""
    varied = row["facts"]
    parts = {level: {name: facts[name] for name in varied.get(level, ()) if name in facts} for level in LEVELS}
    section = parts["enterprise"]
    if "has_confined_space" not in varied.get("enterprise", ()):
        section["has_confined_space"] = True
    if section.get("has_confined_space", True) and varied.keys() - {"enterprise"}:
        job = {**parts["entry"], "readings": [parts["reading"]]}
        section["spaces"] = [{**parts["space"], "entries": [job]}]
    return {"confined_space": section}


def said(answer: Assessment, row: Mapping[str, Any]) -> str:
    if "value" in row:
        accepted = answer[f"confined_space.spaces[0].entries[0].readings[0]#{row['value']}"].possible
        assert accepted is not None
        return {frozenset({True}): "not_found", frozenset({False}): "found"}.get(frozenset(accepted), "undetermined")
    statuses = {each.status for each in answer.findings if each.name in row["rules"]}
    return min(statuses, key=("found", "undetermined", "not_found", "not_applicable").index)


def ask(row: Mapping[str, Any], facts: Facts, law_at: date | None = None) -> Assessment:
    day = law_at or row.get("law_at", LAW_AT)
    return default_program().assess(enterprise(row, facts), as_of=day, sectors=["confined_space"])


@pytest.mark.parametrize("row", PARAMETERS)
def test_rule_equals_row(row: Mapping[str, Any]) -> None:
    seen = set()
    for facts in combinations(row):
        expected, _ = wanted(row, facts)
        assert said(ask(row, facts), row) == expected, facts
        seen.add(expected)
    assert {"found", "not_found"} <= seen


@pytest.mark.parametrize("row", [each for each in PARAMETERS if "differences" in each.values[0]])  # type: ignore[operator]
def test_every_difference_is_one_and_has_a_reason(row: Mapping[str, Any]) -> None:
    told = set()
    for facts in combinations(row):
        expected, difference = wanted(row, facts)
        words = meaning(row, facts)
        if difference is not None and expected != status(row["applies"], row["violated"], words):
            told.add(difference)
    assert told == set(range(len(row["differences"])))
    assert all(each["why"] for each in row["differences"])


def test_every_translation_has_a_reason() -> None:
    """A word that only has another name in our facts needs none."""
    for row in ROWS:
        renamed = all(str(ours).isidentifier() for ours in row.get("words", {}).values())
        assert renamed or row["why"], row["row"]


def test_every_finding_of_the_sector_has_a_row() -> None:
    rules = {name for name, rule in default_program().linked.rules.items() if _is_finding(rule)}
    of_rows = {rule for row in ROWS for rule in row.get("rules", ())}
    assert rules == of_rows | set(DOCUMENT["without_row"])
    assert not of_rows & set(DOCUMENT["without_row"])


def _is_finding(rule: Any) -> bool:
    return rule.kind == "finding" and rule.sector == "confined_space"


@pytest.mark.parametrize("row", PARAMETERS)
def test_a_missing_fact_never_looks_clean(row: Mapping[str, Any]) -> None:
    """Leave any one fact out: what is then said holds for every value that it may have."""
    choose = random.Random(row["row"])
    every = combinations(row)
    for facts in choose.sample(every, min(len(every), 12)):
        for level, missing in ((level, name) for level, names in row["facts"].items() for name in names):
            if level != "enterprise" and not facts.get("has_confined_space", True):
                continue
            possible = {wanted(row, {**facts, missing: value})[0] for value in row["facts"][level][missing]}
            answer = said(ask(row, {name: value for name, value in facts.items() if name != missing}), row)
            assert answer in ({"undetermined"} if len(possible) > 1 else {"undetermined", *possible}), (facts, missing)


# ---- what changed on 2023-05-15 --------------------------------------------------------------------------------------


def _row(name: str) -> Mapping[str, Any]:
    return next(row for row in ROWS if row["row"] == name)


def _both_days(old: str, new: str, **facts: Any) -> tuple[str, str]:
    """What the list of 2017 says on its last day and Order 10 on its first, of the same facts."""
    known = {name: choices[0] for level in _row(new)["facts"].values() for name, choices in level.items()}
    known |= {"stage": "in_progress", "ledger": "current"} | facts
    row = _row(new)
    last, first = (ask(row, known, day) for day in (date(2023, 5, 14), date(2023, 5, 15)))
    assert not [each for each in last.findings if each.name in row["rules"]]
    assert not [each for each in first.findings if each.name in _row(old)["rules"]]
    return said(last, _row(old)), said(first, row)


def test_one_half_alone_was_a_major_hazard_and_is_none() -> None:
    assert _both_days("N129-CS-01", "O10-13-1", warning_signs_posted=False) == ("found", "not_found")
    assert _both_days("N129-CS-01", "O10-13-1", spaces_identified=False, ledger="none") == ("found", "not_found")
    both = _both_days("N129-CS-01", "O10-13-1", spaces_identified=False, ledger="none", warning_signs_posted=False)
    assert both == ("found", "found")


def test_a_ledger_was_not_asked_for() -> None:
    unsettled = _both_days("N129-CS-01", "O10-13-1", spaces_identified=True, ledger="none")
    assert unsettled == ("not_found", "not_found")


def test_without_a_poisoning_risk_it_was_a_major_hazard_and_is_none() -> None:
    none = {"has_poisoning_risk_in_confined_space": False}
    assert _both_days("N129-CS-01", "O10-13-1", warning_signs_posted=False, **none) == ("found", "not_applicable")
    assert _both_days("N129-CS-02", "O10-13-2", entry_approved=False, **none) == ("found", "not_applicable")


@pytest.mark.parametrize("fact", ["ventilated_before_test", "tested_before_entry", "guardian_present"])
def test_test_and_guard_are_major_since_order_10(fact: str) -> None:
    assert _both_days("N129-CS-02", "O10-13-2", **{fact: False}) == ("not_found", "found")


def test_work_without_approval_is_major_under_both() -> None:
    assert _both_days("N129-CS-02", "O10-13-2", entry_approved=False) == ("found", "found")


# ---- the evaluator ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "words", ["__import__('os')", "a.b", "a[0]", "(lambda: 1)()", "a + 1", "[x for x in a]", "1 < a < 3", "f'{a}'"]
)
def test_rows_run_no_code(words: str) -> None:
    with pytest.raises((ValueError, SyntaxError)):
        value_of(words, {"a": 1})


def test_a_word_that_is_nowhere_declared() -> None:
    with pytest.raises(KeyError):
        value_of("a and b", {"a": True})
