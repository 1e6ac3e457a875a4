"""Every decision row of the smelting texts, evaluated in Python over known facts, against the rule for it."""

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

DOCUMENT = yaml.safe_load(Path(__file__).with_name("smelting_rows.yaml").read_text("utf-8"))
ROWS: list[dict[str, Any]] = DOCUMENT["rows"]
PARAMETERS = [pytest.param(row, id=row["row"]) for row in ROWS]
MOST = 200  # combinations tried of each row
LAW_AT = date(2024, 1, 1)
ORDER = ("found", "undetermined", "not_found", "not_applicable")
Facts = Mapping[tuple[str, str], Any]  # (level, fact) → value


def values(row: Mapping[str, Any]) -> dict[tuple[str, str], list[Any]]:
    found = {(level, name): choices for level, facts in row["facts"].items() for name, choices in facts.items()}
    return {key: [_plain(each) for each in choices] for key, choices in found.items()}


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value


def combinations(row: Mapping[str, Any]) -> list[dict[tuple[str, str], Any]]:
    """All combinations of the row's facts, or a fixed choice of them."""
    every = list(product(*values(row).values()))
    chosen = every if len(every) <= MOST else random.Random(row["row"]).sample(every, MOST)
    return [dict(zip(values(row), each, strict=True)) for each in chosen]


def named(facts: Facts) -> dict[str, Any]:
    """The facts by name, those of two lists with the list before it."""
    names = [name for _, name in facts]
    return {name if names.count(name) == 1 else f"{level}_{name}": value for (level, name), value in facts.items()}


def meaning(row: Mapping[str, Any], facts: Facts, reading: Mapping[str, str]) -> dict[str, Any]:
    ours = named(facts)
    translated = {**DOCUMENT["words"], **row.get("words", {}), **reading}
    return {**ours, **{word: value_of(str(words), _true | ours) for word, words in translated.items() if word != "why"}}


_true = {"true": True}


def status(row: Mapping[str, Any], words: Mapping[str, Any]) -> str:
    if not value_of(row["applies"], words):
        return "not_applicable"
    return "found" if value_of(row["violated"], words) else "not_found"


def by_the_row(row: Mapping[str, Any], facts: Facts) -> str:
    """What the row says: the same under all of its readings, or undetermined."""
    statuses = {status(row, meaning(row, facts, reading)) for reading in ({}, *row.get("readings", ()))}
    return statuses.pop() if len(statuses) == 1 else "undetermined"


def wanted(row: Mapping[str, Any], facts: Facts) -> tuple[str, int | None]:
    """What the rule must say, and which difference from its row makes it say so."""
    words = meaning(row, facts, {})
    for number, difference in enumerate(row.get("differences", ())):
        if value_of(difference["where"], words):
            return difference["status"], number
    return by_the_row(row, facts), None


def enterprise(row: Mapping[str, Any], facts: Facts) -> dict[str, Any]:
    """The facts where they belong; a list of the row has one member, or none where it is not listed."""
    root = {name: value for (level, name), value in facts.items() if level == "root"}
    section: dict[str, Any] = {"hazard_present": True, "smelting_processes": []}
    for level in row["facts"]:
        inside = {name: value for (where, name), value in facts.items() if where == level}
        if level == "enterprise":
            section |= inside
        elif level != "root":
            section[level] = [inside] if inside.pop("listed", True) else []
    return {**root, "smelting": section}


def ask(row: Mapping[str, Any], facts: Facts, law_at: date | None = None) -> Assessment:
    day = law_at or row.get("law_at", LAW_AT)
    return default_program().assess(enterprise(row, facts), as_of=LAW_AT, law_at=day, sectors=["smelting"])


def said(answer: Assessment, row: Mapping[str, Any]) -> str:
    statuses = {each.status for each in answer.findings if each.name == row["rule"]}
    return min(statuses, key=ORDER.index, default="not_applicable")


@pytest.mark.parametrize("row", PARAMETERS)
def test_rule_equals_row(row: Mapping[str, Any]) -> None:
    seen = set()
    for facts in combinations(row):
        expected, _ = wanted(row, facts)
        assert said(ask(row, facts), row) == expected, facts
        seen.add(expected)
    assert {"found", "not_found", "not_applicable"} <= seen
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
            if missing[1] in ("listed", "industry"):
                continue
            possible = {wanted(row, {**facts, missing: value})[0] for value in choices}
            answer = said(ask(row, {key: value for key, value in facts.items() if key != missing}), row)
            assert answer in ({"undetermined"} if len(possible) > 1 else {"undetermined", *possible}), (facts, missing)


@pytest.mark.parametrize("row", PARAMETERS)
def test_without_the_industry_nothing_is_clean(row: Mapping[str, Any]) -> None:
    for facts in combinations(row)[:20]:
        known = {key: value for key, value in facts.items() if key[1] != "industry"}
        possible = {wanted(row, {**facts, ("root", "industry"): code})[0] for code in ("3120", "3216", "1310")}
        assert said(ask(row, known), row) in ({"undetermined"} if len(possible) > 1 else {"undetermined", *possible})


def test_every_finding_of_the_sector_has_a_row() -> None:
    rules = {
        name
        for name, rule in default_program().linked.rules.items()
        if rule.kind == "finding" and rule.sector == "smelting"
    }
    of_rows = {row["rule"] for row in ROWS}
    assert rules == of_rows | set(DOCUMENT["without_row"])
    assert not of_rows & set(DOCUMENT["without_row"])


# ---- what changed on 2023-05-15 --------------------------------------------------------------------------------------


def _row(name: str) -> Mapping[str, Any]:
    return next(row for row in ROWS if row["row"] == name)


def _both_days(old: str, new: str, industry: str, **section: Any) -> tuple[str, str]:
    """What the list of 2017 says on its last day and Order 10 on its first, of the same facts."""
    facts = {"industry": industry, "smelting": {"hazard_present": True, "smelting_processes": [], **section}}
    last, first = (
        default_program().assess(facts, as_of=date(2023, 5, 14), law_at=day, sectors=["smelting"])
        for day in (date(2023, 5, 14), date(2023, 5, 15))
    )
    assert not [each for each in last.findings if each.name == _row(new)["rule"]]
    assert not [each for each in first.findings if each.name == _row(old)["rule"]]
    return said(last, _row(old)), said(first, _row(new))


STEEL, ALUMINIUM = "3120", "3216"


def test_the_reach_of_the_hoisting_became_the_floor_of_the_bay() -> None:
    near = {
        "gathering_rooms_in_hoisting_influence_zone": 1,
        "gathering_rooms_on_hoisting_bay_floor": 0,
        "ladle_repair_station_on_hoisting_bay_floor": False,
    }
    assert _both_days("N129-MET-01", "O10-4-1", STEEL, hoisting_bays=[near]) == ("found", "not_found")
    assert _both_days("N129-NF-02", "O10-5-1", ALUMINIUM, hoisting_bays=[near]) == ("found", "not_found")
    inside = near | {"gathering_rooms_on_hoisting_bay_floor": 1}
    assert _both_days("N129-MET-01", "O10-4-1", STEEL, hoisting_bays=[inside]) == ("found", "found")


def test_a_ladle_repair_station_was_no_item() -> None:
    station = {
        "gathering_rooms_in_hoisting_influence_zone": 0,
        "gathering_rooms_on_hoisting_bay_floor": 0,
        "ladle_repair_station_on_hoisting_bay_floor": True,
    }
    assert _both_days("N129-MET-01", "O10-4-1", STEEL, hoisting_bays=[station]) == ("not_found", "found")


def test_water_counts_only_while_producing_and_flammables_no_longer() -> None:
    dry = {"has_molten_metal": True, "water_found_in_splash_areas": 0, "flammables_found_in_splash_areas": 0}
    dry |= {"furnaces": [], "casting_fed_from_elsewhere": False, "in_production": True}
    assert _both_days("N129-MET-04", "O10-4-2", STEEL, **dry) == ("not_found", "not_found")
    wet = {"water_found_in_splash_areas": 1}
    assert _both_days("N129-MET-04", "O10-4-2", STEEL, **dry | wet) == ("found", "found")
    assert _both_days("N129-MET-04", "O10-4-2", STEEL, **dry | wet | {"in_production": False}) == (
        "found",
        "not_applicable",
    )
    flammable = {"flammables_found_in_splash_areas": 1}
    assert _both_days("N129-MET-04", "O10-4-2", STEEL, **dry | flammable) == ("found", "not_found")


def test_tilting_furnaces_need_no_emergency_storage_since_order_10() -> None:
    furnace = {"feeds_casting": True, "furnace_type_exempt": True, "emergency_discharge_and_storage": "absent"}
    assert _both_days("N129-NF-05", "O10-5-3", ALUMINIUM, furnaces=[furnace]) == ("found", "not_applicable")
    furnace["furnace_type_exempt"] = False
    assert _both_days("N129-NF-05", "O10-5-3", ALUMINIUM, furnaces=[furnace]) == ("found", "found")


def test_a_failed_device_is_a_missing_one_since_order_10() -> None:
    furnace = {"water_cooled": True, "emergency_water_source": "failed"}
    parts = {"furnaces": [furnace], "casters": []}
    assert _both_days("N129-NF-06", "O10-5-4", ALUMINIUM, **parts) == ("undetermined", "found")


def test_steel_furnaces_need_another_interlock_since_order_10() -> None:
    furnace = {
        "furnace_type": "steelmaking",
        "water_cooled": True,
        "outlet_temp_alarm": "working",
        "flow_difference_alarm": "working",
        "interlock_tilting_and_oxygen": "working",
        "interlock_tilt_lance_electrode": "absent",
    }
    assert _both_days("N129-MET-06", "O10-4-4", STEEL, furnaces=[furnace]) == ("not_found", "found")


def test_co_alarms_were_asked_of_manned_rooms_only() -> None:
    system = {
        "manned_rooms_without_fixed_co_alarm": 0,
        "risk_points_without_fixed_co_alarm": 1,
        "co_data_reaches_24h_attended_place": True,
    }
    assert _both_days("N129-MET-08", "O10-4-6", STEEL, gas_systems=[system]) == ("not_found", "found")


def test_purging_no_longer_replaces_isolation() -> None:
    system = {"points_without_isolation_or_purge": 0, "points_without_isolation_device": 1}
    assert _both_days("N129-MET-09", "O10-4-7", STEEL, gas_systems=[system]) == ("not_found", "found")


def test_assessment_is_asked_of_every_smelting_enterprise_and_only_when_due() -> None:
    person = {"role": "principal", "appointed": "2023-04-01", "assessment_passed": False}
    assert _both_days("N129-MET-11", "O10-3-3", STEEL, managers=[person]) == ("found", "not_applicable")
    long_since = person | {"appointed": "2020-01-01"}
    assert _both_days("N129-MET-11", "O10-3-3", STEEL, managers=[long_since]) == ("found", "found")
    foundry = {"smelting_processes": ["ferrous_casting"], "managers": [long_since]}
    assert _both_days("N129-MET-11", "O10-3-3", "3391", **foundry) == ("not_applicable", "found")


@pytest.mark.parametrize(
    ("old", "facts"),
    [
        ("N129-MET-02", {"cranes": [{"meets_metallurgical_requirements": False}]}),
        ("N129-MET-03", {"ladles": [{"trunnions_flaw_tested": False}]}),
        ("N129-MET-05", {"furnaces": [{"serious_defect_in_use": True}], "ladles": []}),
        ("N129-MET-07", {"gasholders": [{"lightning_protection_ok": False}]}),
        ("N129-MET-10", {"gas_systems": [{"branch_cutoff": "absent"}]}),
    ],
)
def test_items_without_a_successor(old: str, facts: dict[str, Any]) -> None:
    """Cranes, trunnions, defective vessels, gasholders and branches are in no item of article 4."""
    whole = {"industry": STEEL, "smelting": {"hazard_present": True, **facts}}
    for day, expected in ((date(2023, 5, 14), "found"), (date(2023, 5, 15), "not_applicable")):
        answer = default_program().assess(whole, as_of=day, sectors=["smelting"])
        assert said(answer, _row(old)) == expected
    assert not [
        each for each in answer.findings if each.name.startswith("smelting.order10.") and each.status == "found"
    ]
