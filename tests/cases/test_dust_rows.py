"""The dust rows of both lists of major hazards, restated, against the rules.

Each row keeps the words in which the criteria were first written down as a plain boolean expression, with a mapping
from its words to our facts. The expression is evaluated in Python over every combination of the facts that it asks for,
and the rule must come to the same outcome. Where we differ on purpose, the row says why.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import product
from typing import Any

import pytest
from law import assess

from safetyrules.diagnostics import FactsError
from safetyrules.program import default_program
from safetyrules.result import Assessment

BOOLEAN = (True, False)
DEVICE = ("working", "failed", "absent")
DUST = ("al_mg_metal", "other_metal", "wood", "grain_feed", "other")
Mapped = Mapping[str, str]  # a word of the row → an expression over our facts


@dataclass(frozen=True)
class Row:
    """``applies`` and ``violated`` are in the row's own words; ``words`` says what they are in ours. ``others`` are
    further readings of the same row, as changes to words or to ``violated``: where readings differ, the rule must not
    decide."""

    rule: str
    at: str  # the list whose members the rule is evaluated for; "" for the enterprise itself
    facts: Mapping[str, tuple[Any, ...]]  # our facts with all their values
    words: Mapped
    applies: str
    violated: str
    others: tuple[Mapped, ...] = ()
    why: str = ""


def present(device: str) -> str:
    return f'{device} != "absent"'


def works(device: str) -> str:
    return f'{device} == "working"'


HAZARD = {"has_dust_explosion_hazard": "hazard_present"}
PER_PART = "The row asks once for the enterprise, the rule for each part: found in one part is found."
ARTICLE_14 = "The row has yes or no; we record working, failed or absent, and a failed device equals a missing one."
NOT_SAID = "The list of 2017 does not say how a failed device counts: where that decides, the outcome is undetermined."
EVERY_SYSTEM = "Each entity is a system: the words for having one are true of it."

ORDER_10 = (
    Row(
        "dust.order10.art11_1", "workshops",
        {"storeys": (1, 2, 3), "structure": ("frame", "masonry", "other"), "gathering_rooms": (0, 1, 5)},
        {
            **HAZARD, "dust_area_in_non_frame_multistorey": 'storeys >= 2 and structure != "frame"',
            "gathering_rooms_inside_dust_area": "gathering_rooms",
        },
        "has_dust_explosion_hazard",
        "dust_area_in_non_frame_multistorey or gathering_rooms_inside_dust_area > 0",
        why=PER_PART,
    ),
    Row(
        "dust.order10.art11_2", "collectors",
        {
            "different_dust_classes_share_system": BOOLEAN, "dust_shares_system_with_flammable_gas": BOOLEAN,
            "buildings_or_fire_compartments_share_or_interconnect": BOOLEAN,
        },
        {**HAZARD, "has_dedusting_system": "True"},
        "has_dust_explosion_hazard and has_dedusting_system",
        "different_dust_classes_share_system or dust_shares_system_with_flammable_gas"
        " or buildings_or_fire_compartments_share_or_interconnect",
        why=f"{PER_PART} {EVERY_SYSTEM}",
    ),
    Row(
        "dust.order10.art11_3", "collectors",
        {
            "system": ("dry", "wet"), "explosion_venting": DEVICE, "explosion_isolation": DEVICE, "inerting": DEVICE,
            "explosion_suppression": DEVICE,
        },
        {
            **HAZARD, "has_dry_dedusting_system": 'system == "dry"',
            "has_explosion_venting": works("explosion_venting"),
            "has_inerting": works("inerting"), "has_explosion_suppression": works("explosion_suppression"),
        },
        "has_dust_explosion_hazard and has_dry_dedusting_system",
        "not has_explosion_venting and not has_inerting and not has_explosion_suppression",
        why=f"{PER_PART} {ARTICLE_14}",
    ),
    Row(
        "dust.order10.art11_4", "collectors",
        {"positive_pressure": BOOLEAN, "dust_class": DUST, "spark_control": DEVICE},
        {
            **HAZARD, "dedusting_is_positive_pressure": "positive_pressure",
            "has_spark_detection_and_elimination_or_equal": works("spark_control"),
        },
        "has_dust_explosion_hazard and dedusting_is_positive_pressure",
        "dust_class == 'al_mg_metal' or not has_spark_detection_and_elimination_or_equal",
        others=(
            {
                "violated": "dust_class in ['al_mg_metal', 'other_metal']"
                " or not has_spark_detection_and_elimination_or_equal"
            },
        ),
        why=f"{PER_PART} {ARTICLE_14} Whether other metals are 'aluminium, magnesium and similar' is unsettled.",
    ),
    Row(
        "dust.order10.art11_5", "collectors",
        {"settling_chamber": ("none", "gravity", "other"), "uses_dry_tunnel_duct": BOOLEAN},
        {**HAZARD, "has_dedusting_system": "True", "uses_gravity_settling_chamber": 'settling_chamber == "gravity"'},
        "has_dust_explosion_hazard and has_dedusting_system",
        "uses_gravity_settling_chamber or uses_dry_tunnel_duct",
        why=f"{PER_PART} {EVERY_SYSTEM}",
    ),
    Row(
        "dust.order10.art11_6", "collectors",
        {"system": ("dry", "wet"), "dust_class": DUST, "airlock_discharge": DEVICE},
        {
            **HAZARD, "has_dry_dedusting_system": 'system == "dry"',
            "has_airlock_discharge": works("airlock_discharge"),
        },
        "has_dust_explosion_hazard and has_dry_dedusting_system"
        " and dust_class in ['al_mg_metal', 'other_metal', 'wood']",
        "not has_airlock_discharge",
        why=f"{PER_PART} {ARTICLE_14}",
    ),
    Row(
        "dust.order10.art11_7", "zone_20_places",
        {"electrics_explosion_proof": BOOLEAN},
        {**HAZARD, "has_zone_20": "True", "zone_20_electrics_explosion_proof": "electrics_explosion_proof"},
        "has_dust_explosion_hazard and has_zone_20",
        "not zone_20_electrics_explosion_proof",
        why=f"{PER_PART} Each entity is a place of zone 20.",
    ),
    Row(
        "dust.order10.art11_8", "machines",
        {
            "machine_type": ("crusher", "grinder", "granulator", "wood_sander", "other"), "tramp_removal": DEVICE,
            "spark_detection_elimination": DEVICE, "spark_detection_alarm": DEVICE,
        },
        {
            **HAZARD, "has_crushing_grinding_granulating": 'machine_type in ("crusher", "grinder", "granulator")',
            "has_wood_sander": 'machine_type == "wood_sander"', "has_tramp_iron_stone_removal": works("tramp_removal"),
            "sander_duct_has_spark_detection_and_elimination": works("spark_detection_elimination"),
        },
        "has_dust_explosion_hazard and (has_crushing_grinding_granulating or has_wood_sander)",
        "(has_crushing_grinding_granulating and not has_tramp_iron_stone_removal)"
        " or (has_wood_sander and not sander_duct_has_spark_detection_and_elimination)",
        why=f"{PER_PART} {ARTICLE_14}",
    ),
    Row(
        "dust.order10.art11_9", "stores",
        {
            "water_reactive": BOOLEAN, "hydrogen_accumulation_prevented": BOOLEAN, "stored_dry": BOOLEAN,
            "dry_dust_protected_from_water": BOOLEAN,
        },
        {**HAZARD, "handles_water_reactive_metal_dust": "water_reactive", "dust_stored_dry": "stored_dry"},
        "has_dust_explosion_hazard and handles_water_reactive_metal_dust",
        "not hydrogen_accumulation_prevented or (dust_stored_dry and not dry_dust_protected_from_water)",
        why=PER_PART,
    ),
    Row(
        "dust.order10.art11_10", "",
        {"cleaning_regime_carried_out": BOOLEAN, "serious_accumulation": BOOLEAN},
        {
            **HAZARD, "dust_cleaning_regime_carried_out": "cleaning_regime_carried_out",
            "serious_dust_accumulation": "serious_accumulation",
        },
        "has_dust_explosion_hazard",
        "not dust_cleaning_regime_carried_out and serious_dust_accumulation",
    ),
)  # fmt: skip

N129 = (
    Row(
        "dust.n129.item_01", "workshops",
        {
            "storeys": (1, 2, 3), "structure": ("frame", "masonry", "other"),
            "distance_to_crowded_places_sufficient": BOOLEAN,
        },
        {**HAZARD, "dust_area_in_non_frame_multistorey": 'storeys >= 2 and structure != "frame"'},
        "has_dust_explosion_hazard",
        "dust_area_in_non_frame_multistorey or not distance_to_crowded_places_sufficient",
        why=PER_PART,
    ),
    Row(
        "dust.n129.item_02", "collectors",
        {
            "dust_shares_system_with_flammable_gas": BOOLEAN, "fire_compartments_interconnected": BOOLEAN,
            "different_dust_classes_share_system": BOOLEAN,
        },
        {**HAZARD, "has_dedusting_system": "True"},
        "has_dust_explosion_hazard and has_dedusting_system",
        "dust_shares_system_with_flammable_gas or fire_compartments_interconnected",
        why=f"{PER_PART} {EVERY_SYSTEM}",
    ),
    Row(
        "dust.n129.item_03", "collectors",
        {
            "system": ("dry", "wet"), "explosion_venting": DEVICE, "explosion_isolation": DEVICE, "inerting": DEVICE,
            "explosion_suppression": DEVICE,
        },
        {
            **HAZARD, "has_dry_dedusting_system": 'system == "dry"',
            "has_explosion_venting": works("explosion_venting"),
            "has_explosion_isolation": works("explosion_isolation"), "has_inerting": works("inerting"),
            "has_explosion_suppression": works("explosion_suppression"),
        },
        "has_dust_explosion_hazard and has_dry_dedusting_system",
        "not has_explosion_venting and not has_explosion_isolation and not has_inerting"
        " and not has_explosion_suppression",
        others=(
            {
                "has_explosion_venting": present("explosion_venting"),
                "has_explosion_isolation": present("explosion_isolation"), "has_inerting": present("inerting"),
                "has_explosion_suppression": present("explosion_suppression"),
            },
        ),
        why=f"{PER_PART} {NOT_SAID}",
    ),
    Row(
        "dust.n129.item_04", "collectors",
        {"positive_pressure": BOOLEAN, "reliable_ignition_control": BOOLEAN, "dust_class": DUST},
        {**HAZARD, "dedusting_is_positive_pressure": "positive_pressure"},
        "has_dust_explosion_hazard and dedusting_is_positive_pressure",
        "not reliable_ignition_control",
        why=PER_PART,
    ),
    Row(
        "dust.n129.item_05", "collectors",
        {"settling_chamber": ("none", "gravity", "other"), "uses_dry_tunnel_duct": BOOLEAN},
        {**HAZARD, "has_dedusting_system": "True", "uses_settling_chamber": 'settling_chamber != "none"'},
        "has_dust_explosion_hazard and has_dedusting_system",
        "uses_settling_chamber or uses_dry_tunnel_duct",
        why=f"{PER_PART} {EVERY_SYSTEM}",
    ),
    Row(
        "dust.n129.item_06", "collectors",
        {"system": ("dry", "wet"), "dust_class": DUST, "airlock_discharge": DEVICE},
        {
            **HAZARD, "has_dry_dedusting_system": 'system == "dry"',
            "has_airlock_discharge": works("airlock_discharge"),
        },
        "has_dust_explosion_hazard and has_dry_dedusting_system"
        " and dust_class in ['al_mg_metal', 'other_metal', 'wood']",
        "not has_airlock_discharge",
        others=({"has_airlock_discharge": present("airlock_discharge")},),
        why=f"{PER_PART} {NOT_SAID}",
    ),
    Row(
        "dust.n129.item_07", "zone_20_places",
        {"electrics_explosion_proof": BOOLEAN},
        {**HAZARD, "has_zone_20": "True", "zone_20_electrics_explosion_proof": "electrics_explosion_proof"},
        "has_dust_explosion_hazard and has_zone_20",
        "not zone_20_electrics_explosion_proof",
        why=f"{PER_PART} Each entity is a place of zone 20.",
    ),
    Row(
        "dust.n129.item_08", "machines",
        {"machine_type": ("crusher", "grinder", "granulator", "wood_sander", "other"), "tramp_removal": DEVICE},
        {
            **HAZARD, "has_crushing_grinding_granulating": 'machine_type in ("crusher", "grinder", "granulator")',
            "has_tramp_iron_stone_removal": works("tramp_removal"),
        },
        "has_dust_explosion_hazard and has_crushing_grinding_granulating",
        "not has_tramp_iron_stone_removal",
        others=({"has_tramp_iron_stone_removal": present("tramp_removal")},),
        why=f"{PER_PART} {NOT_SAID}",
    ),
    Row(
        "dust.n129.item_09", "machines",
        {
            "machine_type": ("crusher", "grinder", "granulator", "wood_sander", "other"),
            "spark_detection_alarm": DEVICE,
        },
        {
            **HAZARD, "has_wood_sander": 'machine_type == "wood_sander"',
            "sander_duct_has_spark_detection_alarm": works("spark_detection_alarm"),
        },
        "has_dust_explosion_hazard and has_wood_sander",
        "not sander_duct_has_spark_detection_alarm",
        others=({"sander_duct_has_spark_detection_alarm": present("spark_detection_alarm")},),
        why=f"{PER_PART} {NOT_SAID}",
    ),
    Row(
        "dust.n129.item_10", "",
        {"has_cleaning_regime": BOOLEAN, "cleaned_in_time": BOOLEAN},
        {**HAZARD, "has_dust_cleaning_regime": "has_cleaning_regime", "dust_cleaned_in_time": "cleaned_in_time"},
        "has_dust_explosion_hazard",
        "not has_dust_cleaning_regime or not dust_cleaned_in_time",
        others=({"violated": "not has_dust_cleaning_regime and not dust_cleaned_in_time"},),
        why="Whether the halves are joined by OR or AND is unsettled.",
    ),
)  # fmt: skip

LAW_AT = {row.rule: day for rows, day in ((ORDER_10, "2024-01-01"), (N129, "2020-01-01")) for row in rows}


def combinations(row: Row) -> Iterator[dict[str, Any]]:
    names = list(row.facts)
    for values in product(*row.facts.values()):
        yield dict(zip(names, values, strict=True))


def by_the_row(row: Row, facts: Mapping[str, Any]) -> str:
    """What the row says of one part: the same under all of its readings, or undetermined."""
    outcomes = set()
    for changes in ({}, *row.others):
        words = {**row.words, **{word: ours for word, ours in changes.items() if word != "violated"}}
        meaning = {**facts, **{word: _true(ours, facts) for word, ours in words.items()}}
        if not _true(row.applies, meaning):
            outcomes.add("not_applicable")
        else:
            outcomes.add("found" if _true(changes.get("violated", row.violated), meaning) else "not_found")
    return outcomes.pop() if len(outcomes) == 1 else "undetermined"


def _true(expression: str, names: Mapping[str, Any]) -> Any:
    return eval(expression, {"__builtins__": {}}, dict(names))


def enterprise(row: Row, *parts: Mapping[str, Any], hazard: bool) -> Assessment:
    inside: dict[str, Any] = {row.at: [dict(part) for part in parts]} if row.at else dict(parts[0])
    return assess({"dust": {"hazard_present": hazard, **inside}}, as_of=LAW_AT[row.rule])


def statuses(answer: Assessment, row: Row) -> list[str]:
    return [each.status for each in answer.findings if each.name == row.rule]


ROWS = [pytest.param(row, id=row.rule) for row in (*ORDER_10, *N129)]


@pytest.mark.parametrize("row", ROWS)
def test_rule_equals_row(row: Row) -> None:
    seen = set()
    for facts in combinations(row):
        wanted = by_the_row(row, {**facts, "hazard_present": True})
        assert statuses(enterprise(row, facts, hazard=True), row) == [wanted], facts
        seen.add(wanted)
    assert {"found", "not_found"} <= seen


@pytest.mark.parametrize("row", ROWS)
def test_without_the_hazard_no_rule_applies(row: Row) -> None:
    """Whatever the row's other facts are; what speaks against the denial is refused (SR1033)."""
    for facts in combinations(row):
        assert by_the_row(row, {**facts, "hazard_present": False}) == "not_applicable"
        if row.at or facts.get("serious_accumulation") is True:
            with pytest.raises(FactsError):
                enterprise(row, facts, hazard=False)
        else:
            assert statuses(enterprise(row, facts, hazard=False), row) == ["not_applicable"]
    denied = assess({"dust": {"hazard_present": False}}, as_of=LAW_AT[row.rule])
    assert statuses(denied, row) == ["not_applicable"]


@pytest.mark.parametrize("row", [each for each in ROWS if each.values[0].at])  # type: ignore[attr-defined]
def test_one_bad_part_among_several(row: Row) -> None:
    """The enterprise is in breach where one of its parts is, whatever the others are."""
    order = ("found", "undetermined", "not_found", "not_applicable")
    choose = random.Random(row.rule)
    every = list(combinations(row))
    for _ in range(25):
        parts = [choose.choice(every) for _ in range(3)]
        wanted = [by_the_row(row, {**part, "hazard_present": True}) for part in parts]
        answer = enterprise(row, *parts, hazard=True)
        assert statuses(answer, row) == wanted
        (clause,) = {each.conclusion.clause for each in answer.findings if each.name == row.rule}
        assert answer.by_clause[str(clause)] == min(wanted, key=order.index)


@pytest.mark.parametrize("row", ROWS)
def test_a_missing_fact_never_looks_clean(row: Row) -> None:
    """Leave any one fact out: what is then said holds for every value that it may have."""
    choose = random.Random(row.rule)
    every = list(combinations(row))
    for facts in choose.sample(every, min(len(every), 25)):
        for missing, values in row.facts.items():
            wanted = {by_the_row(row, {**facts, missing: value, "hazard_present": True}) for value in values}
            given = {name: value for name, value in facts.items() if name != missing}
            (status,) = statuses(enterprise(row, given, hazard=True), row)
            assert status in (wanted if len(wanted) == 1 else {"undetermined"}), (given, missing)


@pytest.mark.parametrize("row", [each for each in ROWS if each.values[0].at])  # type: ignore[attr-defined]
def test_a_missing_list_never_looks_clean(row: Row) -> None:
    answer = assess({"dust": {"hazard_present": True}}, as_of=LAW_AT[row.rule])
    assert statuses(answer, row) == ["undetermined"]


def test_every_rule_of_both_lists_has_a_row() -> None:
    rules = {name for name in default_program().linked.rules if name.startswith(("dust.order10.", "dust.n129."))}
    assert rules == {row.rule for row in (*ORDER_10, *N129)}


def test_every_difference_has_a_reason() -> None:
    assert [row.rule for row in (*ORDER_10, *N129) if (row.at or row.others) and not row.why] == []
