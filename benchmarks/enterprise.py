"""Invented enterprises: dust and hazardous chemicals, realistic in shape and size, the same for the same seed.

Every fact that an inspector would write down is given, those that no rule reads included; what is only given after a
decision (a recorded departure, a determination, an outlet's entrustment) is left out unless ``decisions`` asks for it.
"""

from __future__ import annotations

import csv
import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

Facts = dict[str, Any]

TABLES = Path(__file__).resolve().parents[1] / "rulesets" / "tables"
LAW_AT = "2024-01-01"
AS_OF = "2024-06-30"
SHENYANG = "210100"

DEVICE = ("working", "failed", "absent")
DUST_CLASS = ("al_mg_metal", "other_metal", "wood", "grain_feed", "other")
ACTIVITIES = (
    "coal_mine", "noncoal_mine", "oil_gas", "metal_smelting", "hazchem_production", "hazchem_storage",
    "hazchem_trading", "hazchem_loading", "hazchem_use", "fireworks", "civil_explosives", "construction", "transport",
    "hazardous_goods_carrier", "metallurgy_all", "machinery", "weapons", "power", "fishery", "urban_rail",
    "crowded_venue",
)  # fmt: skip
INDUSTRIES = ("3360", "2662", "C1331", "20", "5911", "59", "70", "7010", "5212", "6820", "4710", "2110", "0111")
TIERS = ("township", "district", "municipal")
CREDIT_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
CREDIT_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def column(table: str, name: str) -> list[str]:
    """One column of a table of the shipped law."""
    with (TABLES / table).open(encoding="utf-8", newline="") as file:
        return [row[name] for row in csv.DictReader(file)]


CHEMICALS = column("gb18218_index.csv", "chemical")
CATEGORIES = column("gb18218_categories.csv", "symbol")
CHEMICAL_GROUPS = dict(zip(CHEMICALS, column("gb18218_index.csv", "group"), strict=True))
FORMS: dict[str, list[str]] = {}
for _group, _form in zip(column("gb18218_forms.csv", "group"), column("gb18218_forms.csv", "form"), strict=True):
    FORMS.setdefault(_group, []).append(_form)
#: What facts say that are otherwise only so where there is combustible dust.
ABSENT: Facts = {"workers_total": 0, "workers_max_single_shift": 0, "serious_accumulation": False}
NOT_APPLICABLE = {"not_applicable": True}
DUSTS = column("dust_catalogue_2015.csv", "name_zh")
SIZE_INDUSTRIES = column("enterprise_size.csv", "industry")


def enterprise(
    rng: random.Random, *, collectors: int = 8, units: int = 2, materials: int = 4, decisions: bool = False
) -> Facts:
    """An enterprise of which everything is known."""
    flag = _flag(rng)
    facts: Facts = {
        "name": f"沈阳示例金属制品有限公司{rng.randrange(100)}",
        "credit_code": _credit_code(rng),
        "place": rng.choice([SHENYANG, "210102", "210106"]),
        "industry": rng.choice(INDUSTRIES),
        "employees": rng.choice([3, 19, 20, 120, 299, 300, 527, 1000, 4000]),
        "revenue": _amount(rng, 50_000),
        "assets": _amount(rng, 150_000),
        "size_industry_recorded": rng.choice(SIZE_INDUSTRIES),
        "affiliation": rng.choice(("none", "none", "district", "municipal", "township")),
        "activities": {name: flag(0.04) for name in ACTIVITIES},
        "outlet": {"is_business_outlet": flag(0.1), "parent_supervision_tier": rng.choice(TIERS)},
        "dust": _dust(rng, collectors),
        "hazmat": {
            "hazard_present": flag(0.9),
            "offsite_residents_500m": rng.choice([0, 1, 29, 30, 49, 50, 99, 100, 2500]),
            "units": [_unit(rng, number, materials) for number in range(units)],
        },
    }
    if decisions:
        facts["is_high_risk_sector"] = flag()
        facts["tier_decision"] = rng.choice(TIERS)
        facts["outlet"]["entrustment"] = rng.choice(TIERS)
        if flag(0.3):
            facts["tier_departure"] = rng.choice(TIERS)
            facts["tier_departure_reason"] = "行业另有规定"
    for sector in ("dust", "hazmat"):
        _without_what_speaks_against_a_denial(facts[sector])
    return facts


def _without_what_speaks_against_a_denial(section: Facts) -> None:
    if not section["hazard_present"]:
        section.update({name: [] for name, value in section.items() if isinstance(value, list)})
        section.update({name: none for name, none in ABSENT.items() if name in section})


def _dust(rng: random.Random, collectors: int) -> Facts:
    flag = _flag(rng)
    return {
        "hazard_present": flag(0.9),
        "workers_total": rng.choice([0, 2, 3, 9, 10, 29, 30, 265]),
        "workers_max_single_shift": rng.randrange(30),
        "has_cleaning_regime": flag(0.8),
        "cleaning_regime_carried_out": flag(0.8),
        "cleaned_in_time": flag(0.8),
        "serious_accumulation": flag(0.2),
        "materials": [_dust_material(rng) for _ in range(rng.randint(0, 3))],
        "workshops": [_workshop(rng, number) for number in range(rng.randint(1, 4))],
        "collectors": [_collector(rng, number) for number in range(collectors)],
        "zone_20_places": [
            {"name": f"{number}号除尘器内部", "electrics_explosion_proof": flag(0.95)}
            for number in range(rng.randint(0, 3))
        ],
        "machines": [_machine(rng, number) for number in range(rng.randint(0, 6))],
        "stores": [_store(rng, number) for number in range(rng.randint(0, 3))],
    }


def _dust_material(rng: random.Random) -> Facts:
    return {
        "name": rng.choice([*DUSTS, "铝合金粉", "皮革粉尘"]),
        "dust_class": rng.choice(DUST_CLASS),
        "catalogue_level": rng.choice(("high", "fairly_high", "general")),
        "kst": rng.choice([12, 20, 20.0, 20.1, 35.9]),
    }


def _workshop(rng: random.Random, number: int) -> Facts:
    flag = _flag(rng)
    return {
        "name": f"抛光{number}车间",
        "storeys": rng.choice([1, 1, 2]),
        "structure": rng.choice(("frame", "frame", "masonry", "other")),
        "floor_area": rng.choice([800, 2145, 1200.5]),
        "production_lines": rng.randrange(30),
        "workers": rng.randrange(265),
        "gathering_rooms": rng.choice([0, 0, 0, 1]),
        "distance_to_crowded_places_sufficient": flag(0.9),
        "electrics_explosion_proof": flag(0.9),
    }


def _collector(rng: random.Random, number: int) -> Facts:
    flag = _flag(rng)
    facts: Facts = {
        "name": f"{number}号除尘系统",
        "system": rng.choice(("dry", "dry", "wet")),
        "separator": rng.choice(("bag", "cartridge", "cyclone", "other")),
        "dust_class": rng.choice(DUST_CLASS),
        "settling_chamber": "none" if flag(0.9) else "gravity",
    }
    for device in (
        "explosion_venting", "explosion_isolation", "inerting", "explosion_suppression", "spark_control",
        "airlock_discharge",
    ):  # fmt: skip
        facts[device] = "working" if flag(0.8) else rng.choice(DEVICE)
    facts["reliable_ignition_control"] = flag(0.9)
    for name in (
        "positive_pressure", "different_dust_classes_share_system", "dust_shares_system_with_flammable_gas",
        "buildings_or_fire_compartments_share_or_interconnect", "fire_compartments_interconnected",
        "uses_dry_tunnel_duct",
    ):  # fmt: skip
        facts[name] = flag(0.08)
    return facts


def _machine(rng: random.Random, number: int) -> Facts:
    return {
        "name": f"{number}号设备",
        "machine_type": rng.choice(("crusher", "grinder", "granulator", "wood_sander", "other")),
        "tramp_removal": rng.choice(("working", "working", *DEVICE)),
        "spark_detection_elimination": rng.choice(("working", "working", *DEVICE)),
        "spark_detection_alarm": rng.choice(DEVICE),
    }


def _store(rng: random.Random, number: int) -> Facts:
    flag = _flag(rng)
    return {
        "name": f"{number}号贮存点",
        "water_reactive": flag(),
        "hydrogen_accumulation_prevented": flag(0.9),
        "stored_dry": flag(),
        "dry_dust_protected_from_water": flag(0.9),
    }


def _unit(rng: random.Random, number: int, materials: int) -> Facts:
    return {
        "name": f"{number}号单元",
        "unit_type": rng.choice(("production", "storage")),
        "storage_form": rng.choice(("tank_farm", "warehouse")),
        "shut_off_valves_between_parts": rng.choice([0, 0, 1]),
        "fire_dikes": rng.choice([0, 1, 1, 2]),
        "separate_buildings": rng.choice([0, 1, 1, 2]),
        "materials": [material(rng) for _ in range(rng.randint(1, 2 * materials - 1))],
    }


def material(rng: random.Random) -> Facts:
    """One hazardous chemical of a unit. One that the tables do not name has its row, or that it has none, on record."""
    chemical = rng.choice([*CHEMICALS, *CHEMICALS, "64-19-7", "未列名物质"])
    facts: Facts = {
        "name": "物料",
        "chemical": chemical,
        "table1_form": rng.choice(FORMS.get(CHEMICAL_GROUPS.get(chemical, ""), ["not_as_listed"])),
        "composition": rng.choice(("pure", "pure", "mixture_same_class", "mixture_other_class")),
        "categories": rng.sample(CATEGORIES, rng.choice([0, 1, 1, 1, 2, 3])),
        "quantity": rng.choice([0, 1, 5, 12, 50, 0.3, 2.5, 0.125, 180.75, 0.1]),
    }
    if chemical not in CHEMICAL_GROUPS:
        facts["table1_row_recorded"] = rng.choice(["66", NOT_APPLICABLE, NOT_APPLICABLE])
    return facts


def forget(facts: Facts, rng: random.Random, share: float) -> Facts:
    """The same enterprise with a share of its scalar facts, and a tenth of that of its lists, not known."""

    def forgotten(value: Any) -> Any:
        if isinstance(value, list):
            return [forgotten(each) for each in value]
        if not _is_record(value):
            return value
        return {key: forgotten(inner) for key, inner in value.items() if _is_record(inner) or kept(inner)}

    def kept(value: Any) -> bool:
        return rng.random() >= (share / 10 if isinstance(value, list) else share)

    result: Facts = forgotten(facts)
    result["place"] = facts["place"]
    return result


def _is_record(value: Any) -> bool:
    return isinstance(value, dict) and value is not NOT_APPLICABLE


def _flag(rng: random.Random) -> Callable[..., bool]:
    return lambda likely=0.5: rng.random() < likely


def _amount(rng: random.Random, most: int) -> int | float:
    return rng.choice([rng.randrange(most), round(rng.uniform(0, most), 2), 2000, 300, 40_000])


def _credit_code(rng: random.Random) -> str:
    first = "91210100" + "".join(rng.choice(CREDIT_CHARACTERS) for _ in range(9))
    total = sum(CREDIT_CHARACTERS.index(c) * weight for c, weight in zip(first, CREDIT_WEIGHTS, strict=True))
    return first + CREDIT_CHARACTERS[-total % 31]
