"""What both hand-written programs share: the law's tables as dictionaries, and the checking of input.

A record's fields are listed by what they must be, and checked in loops; every problem is collected before any is
raised.
"""

from __future__ import annotations

import csv
import math
from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from functools import lru_cache
from typing import Any, NamedTuple

from benchmarks.enterprise import (
    ACTIVITIES,
    CREDIT_CHARACTERS,
    CREDIT_WEIGHTS,
    DEVICE,
    DUST_CLASS,
    NOT_APPLICABLE,
    TABLES,
    TIERS,
)

Record = dict[str, Any]


def table(name: str) -> list[dict[str, str]]:
    with (TABLES / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# ---- tables ---------------------------------------------------------------------------------------------------------

GROUPS = {row["group"]: row["industry"] for row in table("enterprise_size_groups.csv")}
DIVISIONS = {row["division"]: row["industry"] for row in table("enterprise_size_divisions.csv")}
SIZE_BOUNDS = {
    row["industry"]: [
        tuple(int(row[f"{size}_{metric}"]) for metric in ("employees", "revenue", "assets"))
        for size in ("large", "medium", "small")
    ]
    for row in table("enterprise_size.csv")
}
SIZES = ("large", "medium", "small")
CATALOGUE = {row["name_zh"]: (row["level"], Fraction(row["kst_mpa_m_s"])) for row in table("dust_catalogue_2015.csv")}
INDEX = {row["chemical"]: (row["row"] or None, row["group"] or None) for row in table("gb18218_index.csv")}
FORMS = {(row["group"], row["form"]): row["row"] or None for row in table("gb18218_forms.csv")}
ROW_THRESHOLD = {row["row"]: Fraction(row["threshold_t"]) for row in table("gb18218_chemicals.csv")}
ROW_TOXIC = {row["row"]: row["table3_name"] or None for row in table("gb18218_chemicals.csv")}
TOXIC_BETA = {row["name_zh"]: int(row["beta"]) * 2 for row in table("gb18218_beta_toxic.csv")}
CATEGORY_THRESHOLD = {row["symbol"]: Fraction(row["threshold_t"]) for row in table("gb18218_categories.csv")}
CATEGORY_BETA = {row["symbol"]: int(Fraction(row["beta"]) * 2) for row in table("gb18218_beta_category.csv")}
#: Every q/Q is a whole multiple of q/COMMON: sums of it need no fractions. Factors beta are kept doubled, alpha ten
#: times.
COMMON = math.lcm(*((1 / q).denominator for q in (*ROW_THRESHOLD.values(), *CATEGORY_THRESHOLD.values())))
ROW_WEIGHT = {row: int(COMMON / q) for row, q in ROW_THRESHOLD.items()}
CATEGORY_WEIGHT = {symbol: int(COMMON / q) for symbol, q in CATEGORY_THRESHOLD.items()}
KNOWN_DIVISIONS = {row["code"] for row in table("industry_divisions.csv")}
PROVINCES = {row["code"][:2] for row in table("places.csv") if row["level"] == "province"}

COAL_GAS = "13"
CARBON_MONOXIDE = "一氧化碳"
COLOURS = ("blue", "yellow", "orange", "red")

# ---- fields ---------------------------------------------------------------------------------------------------------


class Fields(NamedTuple):
    """The fields of a record. ``optional`` are among the others, and need not be given even where all is known."""

    flags: tuple[str, ...] = ()
    counts: tuple[str, ...] = ()
    amounts: tuple[str, ...] = ()
    choices: tuple[tuple[str, frozenset[str]], ...] = ()
    texts: tuple[str, ...] = ()
    others: tuple[str, ...] = ()
    optional: frozenset[str] = frozenset()

    @property
    def names(self) -> frozenset[str]:
        choices = (name for name, _ in self.choices)
        return frozenset((*self.flags, *self.counts, *self.amounts, *choices, *self.texts, *self.others))


def _choices(**values: tuple[str, ...] | list[str]) -> tuple[tuple[str, frozenset[str]], ...]:
    return tuple((name, frozenset(allowed)) for name, allowed in values.items())


_LEVELS = ("high", "fairly_high", "general")
ENTERPRISE = Fields(
    flags=("is_high_risk_sector",),
    counts=("employees",),
    amounts=("revenue", "assets"),
    choices=_choices(
        size_industry_recorded=[*SIZE_BOUNDS, "not_covered"],
        affiliation=("central", "province", "municipal", "district", "township", "none"),
        tier_decision=TIERS,
        tier_departure=TIERS,
    ),
    texts=("name", "tier_departure_reason"),
    others=("credit_code", "place", "industry", "activities", "outlet", "dust", "hazmat"),
    optional=frozenset({"is_high_risk_sector", "tier_decision", "tier_departure", "tier_departure_reason"}),
)
ACTIVITY = Fields(flags=ACTIVITIES)
OUTLET = Fields(
    flags=("is_business_outlet",),
    choices=_choices(parent_supervision_tier=TIERS, entrustment=TIERS),
    optional=frozenset({"entrustment"}),
)
DUST = Fields(
    flags=(
        "hazard_present", "has_cleaning_regime", "cleaning_regime_carried_out", "cleaned_in_time",
        "serious_accumulation",
    ),
    counts=("workers_total", "workers_max_single_shift"),
    others=("materials", "workshops", "collectors", "zone_20_places", "machines", "stores"),
)  # fmt: skip
DUST_MATERIAL = Fields(
    amounts=("kst",), choices=_choices(dust_class=DUST_CLASS, catalogue_level=_LEVELS), texts=("name",)
)
WORKSHOP = Fields(
    flags=("distance_to_crowded_places_sufficient", "electrics_explosion_proof"),
    counts=("storeys", "production_lines", "workers", "gathering_rooms"),
    amounts=("floor_area",),
    choices=_choices(structure=("frame", "masonry", "other")),
    texts=("name",),
)
COLLECTOR = Fields(
    flags=(
        "positive_pressure", "reliable_ignition_control", "different_dust_classes_share_system",
        "dust_shares_system_with_flammable_gas", "buildings_or_fire_compartments_share_or_interconnect",
        "fire_compartments_interconnected", "uses_dry_tunnel_duct",
    ),
    choices=_choices(
        system=("dry", "wet"), separator=("bag", "cartridge", "cyclone", "other"), dust_class=DUST_CLASS,
        settling_chamber=("none", "gravity", "other"), explosion_venting=DEVICE, explosion_isolation=DEVICE,
        inerting=DEVICE, explosion_suppression=DEVICE, spark_control=DEVICE, airlock_discharge=DEVICE,
    ),
    texts=("name",),
)  # fmt: skip
ZONE_20_PLACE = Fields(flags=("electrics_explosion_proof",), texts=("name",))
MACHINE = Fields(
    choices=_choices(
        machine_type=("crusher", "grinder", "granulator", "wood_sander", "other"),
        tramp_removal=DEVICE, spark_detection_elimination=DEVICE, spark_detection_alarm=DEVICE,
    ),
    texts=("name",),
)  # fmt: skip
STORE = Fields(
    flags=("water_reactive", "hydrogen_accumulation_prevented", "stored_dry", "dry_dust_protected_from_water"),
    texts=("name",),
)
DUST_PARTS = {
    "materials": DUST_MATERIAL, "workshops": WORKSHOP, "collectors": COLLECTOR, "zone_20_places": ZONE_20_PLACE,
    "machines": MACHINE, "stores": STORE,
}  # fmt: skip
HAZMAT = Fields(flags=("hazard_present",), counts=("offsite_residents_500m",), others=("units",))
UNIT = Fields(
    counts=("shut_off_valves_between_parts", "fire_dikes", "separate_buildings"),
    choices=_choices(unit_type=("production", "storage"), storage_form=("tank_farm", "warehouse")),
    texts=("name",),
    others=("materials",),
)
MATERIAL = Fields(
    amounts=("quantity",),
    choices=_choices(
        table1_form=sorted({form for _, form in FORMS}),
        composition=("pure", "mixture_same_class", "mixture_other_class"),
    ),
    texts=("name", "chemical"),
    others=("categories", "table1_row_recorded"),
)
NAMES = {
    id(fields): fields.names
    for fields in (
        ENTERPRISE, ACTIVITY, OUTLET, DUST, *DUST_PARTS.values(), HAZMAT, UNIT, MATERIAL,
    )
}  # fmt: skip


# ---- checking -------------------------------------------------------------------------------------------------------


def check(facts: Record, known: bool) -> None:
    """Raises ValueError with everything that is wrong; ``known``: every field must be given."""
    problems: list[str] = []
    _record(facts, ENTERPRISE, "enterprise", problems, known)
    for name, validated in (("credit_code", credit_code), ("place", place), ("industry", industry)):
        value = facts.get(name)
        if (value is not None or known) and not (value.__class__ is str and validated(value)):
            problems.append(f"enterprise.{name}: {value!r}")
    _record(_section(facts, "activities"), ACTIVITY, "activities", problems, known)
    _record(_section(facts, "outlet"), OUTLET, "outlet", problems, known)
    dust = _section(facts, "dust")
    _record(dust, DUST, "dust", problems, known)
    for name, fields in DUST_PARTS.items():
        for number, part in enumerate(_list(dust, name, problems, known)):
            _record(part, fields, f"dust.{name}[{number}]", problems, known)
    hazmat = _section(facts, "hazmat")
    _record(hazmat, HAZMAT, "hazmat", problems, known)
    for number, unit in enumerate(_list(hazmat, "units", problems, known)):
        _record(unit, UNIT, f"hazmat.units[{number}]", problems, known)
        for material in _list(unit, "materials", problems, known):
            _record(material, MATERIAL, f"hazmat.units[{number}].materials", problems, known)
            recorded = material.get("table1_row_recorded")
            if recorded is not None and recorded.__class__ is not str and recorded != NOT_APPLICABLE:
                problems.append(f"hazmat.units[{number}].materials: row {recorded!r}")
            for category in _list(material, "categories", problems, known):
                if category not in CATEGORY_THRESHOLD:
                    problems.append(f"hazmat.units[{number}].materials: category {category!r}")
    if problems:
        raise ValueError("; ".join(problems))


def _section(facts: Record, name: str) -> Record:
    section = facts.get(name)
    return {} if section is None else section


def _list(record: Record, name: str, problems: list[str], known: bool) -> list[Any]:
    value = record.get(name)
    if value.__class__ is list:
        return value
    if value is not None or known:
        problems.append(f"{name}: {value!r} is not a list")
    return []


def _record(record: Any, fields: Fields, path: str, problems: list[str], known: bool) -> None:
    if record.__class__ is not dict:
        problems.append(f"{path}: {record!r} is not a mapping")
        return
    names = NAMES[id(fields)]
    if not names.issuperset(record):
        problems.extend(f"{path}.{name}: no such field" for name in record if name not in names)
    get = record.get
    for name in fields.flags:
        value = get(name)
        if value.__class__ is not bool and _wrong(value, name, fields, known):
            problems.append(f"{path}.{name}: {value!r} is not true or false")
    for name, allowed in fields.choices:
        value = get(name)
        if value not in allowed and _wrong(value, name, fields, known):
            problems.append(f"{path}.{name}: {value!r} is none of {sorted(allowed)}")
    for name in fields.counts:
        value = get(name)
        if (value.__class__ is not int or value < 0) and _wrong(value, name, fields, known):
            problems.append(f"{path}.{name}: {value!r} is not a count")
    for name in fields.amounts:
        value = get(name)
        if not _is_amount(value) and _wrong(value, name, fields, known):
            problems.append(f"{path}.{name}: {value!r} is not an amount")
    for name in fields.texts:
        value = get(name)
        if value.__class__ is not str and _wrong(value, name, fields, known):
            problems.append(f"{path}.{name}: {value!r} is not a text")


def _is_amount(value: Any) -> bool:
    return (value.__class__ is int or (value.__class__ is float and math.isfinite(value))) and value >= 0


def _wrong(value: object, name: str, fields: Fields, known: bool) -> bool:
    return value is not None or (known and name not in fields.optional)


def _cached(check_code: Callable[[str], bool]) -> Callable[[str], bool]:
    return lru_cache(maxsize=4096)(check_code)


@_cached
def credit_code(code: str) -> bool:
    if len(code) != 18 or not code[2:8].isdigit() or not all(c in CREDIT_CHARACTERS for c in code):
        return False
    total = sum(CREDIT_CHARACTERS.index(c) * weight for c, weight in zip(code, CREDIT_WEIGHTS, strict=False))
    return code[17] == CREDIT_CHARACTERS[-total % 31]


@_cached
def place(code: str) -> bool:
    return len(code) in (6, 9, 12) and code.isdigit() and code[:2] in PROVINCES


@_cached
def industry(code: str) -> bool:
    digits = code[1:] if code[:1].isalpha() else code
    return 2 <= len(digits) <= 4 and digits.isdigit() and digits[:2] in KNOWN_DIVISIONS


def recorded_row(material: Record) -> str | None:
    """The row of Table 1 on record for a chemical that the tables do not name; None for "not applicable"."""
    row = material["table1_row_recorded"]
    return row if row.__class__ is str else None


def exact(amount: int | float) -> int | Decimal:
    """The decimal that a float prints."""
    return amount if amount.__class__ is int else Decimal(repr(amount))
