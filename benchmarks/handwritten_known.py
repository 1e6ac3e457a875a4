"""The shipped law for Shenyang at 2024-01-01, written by hand for facts that are all known.

As a careful engineer would write it without a library: checked input, exact sums in whole multiples, no classes. What
the law itself leaves open (unsettled readings, permissions) is answered as the frozenset of what is possible.
"""

from __future__ import annotations

from fractions import Fraction
from typing import Any

from benchmarks.handwritten_input import (
    CARBON_MONOXIDE,
    CATALOGUE,
    CATEGORY_BETA,
    CATEGORY_WEIGHT,
    COAL_GAS,
    COLOURS,
    COMMON,
    DIVISIONS,
    FORMS,
    GROUPS,
    INDEX,
    ROW_TOXIC,
    ROW_WEIGHT,
    SIZE_BOUNDS,
    SIZES,
    TOXIC_BETA,
    Record,
    check,
    exact,
    recorded_row,
)

EITHER = frozenset({True, False})
MUNICIPAL_OR_DISTRICT = frozenset({"municipal", "district"})
TOWNSHIP_OR_DISTRICT = frozenset({"township", "district"})
METAL_OR_WOOD = frozenset({"al_mg_metal", "other_metal", "wood"})
SPARKING = frozenset({"crusher", "grinder", "granulator", "wood_sander"})
RED = {colour: colour if colour == "red" else frozenset({colour, "red"}) for colour in COLOURS}
#: Red and yellow stay possible: no list of major hazards of hazardous chemicals is at hand.
HAZMAT_COLOUR = {
    "level_1": "red", "level_2": frozenset({"orange", "red"}), "level_3": frozenset({"yellow", "red"}),
    "level_4": frozenset({"yellow", "red"}), None: frozenset({"blue", "yellow", "red"}),
}  # fmt: skip
GRAVE_FIRST = ("red", "orange", "yellow")
LEVELS = ("level_1", "level_2", "level_3", "level_4")


def assess(facts: Record) -> Record:
    """Every conclusion, as a mapping for the enterprise with a list of mappings for each kind of part."""
    check(facts, known=True)
    result: Record = {}
    _dust(facts["dust"], result)
    _hazmat(facts["hazmat"], result)
    _size(facts, result)
    _supervision(facts, result)
    grades = [result[name] for name in ("dust.grade", "hazmat.grade") if result[name] is not None]
    result["overall_grade"] = _worst(grades, GRAVE_FIRST, "blue")
    return result


# ---- dust -----------------------------------------------------------------------------------------------------------


def _dust(dust: Record, result: Record) -> None:
    present = dust["hazard_present"]
    result["collectors"] = [_collector(part, present) for part in dust["collectors"]]
    result["workshops"] = [
        {
            "dust.order10.art11_1": (part["storeys"] >= 2 and part["structure"] != "frame")
            or part["gathering_rooms"] > 0
            if present
            else None
        }
        for part in dust["workshops"]
    ]
    result["zone_20_places"] = [
        {"dust.order10.art11_7": not part["electrics_explosion_proof"] if present else None}
        for part in dust["zone_20_places"]
    ]
    result["machines"] = [{"dust.order10.art11_8": _machine(part) if present else None} for part in dust["machines"]]
    result["stores"] = [
        {
            "dust.order10.art11_9": not part["hydrogen_accumulation_prevented"]
            or (part["stored_dry"] and not part["dry_dust_protected_from_water"])
            if present and part["water_reactive"]
            else None
        }
        for part in dust["stores"]
    ]
    colours = [_dust_colour(part) for part in dust["materials"]]
    result["materials"] = [{"dust_colour": colour} for colour in colours]
    if not present:
        for name in (
            "dust.order10.art11_10",
            "dust.workers",
            "dust.colour_by_workers",
            "dust.colour_by_dust",
            "dust.grade",
        ):
            result[name] = None
        return
    result["dust.order10.art11_10"] = not dust["cleaning_regime_carried_out"] and dust["serious_accumulation"]
    workers = result["dust.workers"] = dust["workers_total"]
    by_workers = "red" if workers >= 30 else "orange" if workers >= 10 else "yellow" if workers >= 3 else "blue"
    by_dust = max(colours, key=COLOURS.index) if colours else "red"
    result["dust.colour_by_workers"] = by_workers
    result["dust.colour_by_dust"] = by_dust
    outcomes = [outcome for name in ("collectors", "workshops", "zone_20_places", "machines", "stores")
                for part in result[name] for outcome in part.values()]  # fmt: skip
    outcomes.append(result["dust.order10.art11_10"])
    colour = max(by_dust, by_workers, key=COLOURS.index)
    result["dust.grade"] = "red" if True in outcomes else RED[colour] if EITHER in outcomes else colour


def _collector(part: Record, present: bool) -> Record:
    if not present:
        return dict.fromkeys([f"dust.order10.art11_{item}" for item in (2, 3, 4, 5, 6)])
    dry = part["system"] == "dry"
    dust_class = part["dust_class"]
    pressure: Any = None
    if part["positive_pressure"]:
        # Whether other metals are "aluminium, magnesium and similar" is not settled.
        no_control = part["spark_control"] != "working"
        pressure = (
            True if no_control or dust_class == "al_mg_metal" else EITHER if dust_class == "other_metal" else False
        )
    return {
        "dust.order10.art11_2": part["different_dust_classes_share_system"]
        or part["dust_shares_system_with_flammable_gas"]
        or part["buildings_or_fire_compartments_share_or_interconnect"],
        "dust.order10.art11_3": part["explosion_venting"] != "working"
        and part["inerting"] != "working"
        and part["explosion_suppression"] != "working"
        if dry
        else None,
        "dust.order10.art11_4": pressure,
        "dust.order10.art11_5": part["settling_chamber"] == "gravity" or part["uses_dry_tunnel_duct"],
        "dust.order10.art11_6": part["airlock_discharge"] != "working" if dry and dust_class in METAL_OR_WOOD else None,
    }


def _machine(part: Record) -> bool | None:
    kind = part["machine_type"]
    if kind not in SPARKING:
        return None
    device: str = part["spark_detection_elimination"] if kind == "wood_sander" else part["tramp_removal"]
    return device != "working"


def _dust_colour(part: Record) -> str:
    if part["dust_class"] == "al_mg_metal":
        return "red"
    listed = CATALOGUE.get(part["name"])
    level, kst = listed if listed is not None else (part["catalogue_level"], part["kst"])
    if level == "high":
        return "red" if kst > 20 else "orange"
    return "yellow" if level == "fairly_high" else "blue"


# ---- hazardous chemicals --------------------------------------------------------------------------------------------


def _hazmat(hazmat: Record, result: Record) -> None:
    residents = hazmat["offsite_residents_500m"]
    ten_alpha = 20 if residents >= 100 else 15 if residents >= 50 else 12 if residents >= 30 else 10 if residents else 5
    result["hazmat.alpha"] = Fraction(ten_alpha, 10)
    units = result["units"] = [_unit(unit, ten_alpha) for unit in hazmat["units"]]
    if not hazmat["hazard_present"]:
        result["hazmat.major_hazard_sources"] = result["hazmat.worst_level"] = result["hazmat.grade"] = None
        return
    sources = [unit["is_major_hazard_source"] for unit in units]
    least, perhaps = sources.count(True), sources.count(EITHER)
    result["hazmat.major_hazard_sources"] = (least, least + perhaps)
    worst = result["hazmat.worst_level"] = _worst_level([unit["level"] for unit in units])
    if worst.__class__ is frozenset:
        colours: frozenset[str] = frozenset().union(*(_set(HAZMAT_COLOUR[level]) for level in worst))
        result["hazmat.grade"] = next(iter(colours)) if len(colours) == 1 else colours
    else:
        result["hazmat.grade"] = HAZMAT_COLOUR[worst]


def _set(outcome: Any) -> frozenset[Any]:
    return outcome if outcome.__class__ is frozenset else frozenset({outcome})


def _unit(unit: Record, ten_alpha: int) -> Record:
    low: Any = 0
    high: Any = 0
    weighted_low: Any = 0
    weighted_high: Any = 0
    for material in unit["materials"]:
        least, most, beta_least, beta_most = _material(material)
        low += least
        high += most
        weighted_low += beta_least * least
        weighted_high += beta_most * most
    found: Record = {"drawn_correctly": _drawn_correctly(unit), "s": (Fraction(low) / COMMON, Fraction(high) / COMMON)}
    major: Any = low >= COMMON if low >= COMMON or high < COMMON else EITHER
    found["is_major_hazard_source"] = major
    if major is False:
        found["r"] = found["level"] = None
        return found
    scale = 20 * COMMON
    weighted_low *= ten_alpha
    weighted_high *= ten_alpha
    found["r"] = (Fraction(weighted_low) / scale, Fraction(weighted_high) / scale, major is EITHER)
    first, last = _level(weighted_high, scale), _level(weighted_low, scale)
    if first == last and major is True:
        found["level"] = LEVELS[first]
    else:
        found["level"] = frozenset(LEVELS[first : last + 1]) | (frozenset() if major is True else {None})
    return found


def _level(weighted: Any, scale: int) -> int:
    return 0 if weighted >= 100 * scale else 1 if weighted >= 50 * scale else 2 if weighted >= 10 * scale else 3


def _drawn_correctly(unit: Record) -> bool:
    if unit["unit_type"] == "production":
        return not unit["shut_off_valves_between_parts"] > 0
    if unit["storage_form"] == "tank_farm":
        return not unit["fire_dikes"] > 1
    return not unit["separate_buildings"] > 1


def _material(material: Record) -> tuple[Any, Any, int, int]:
    """Bounds of q/Q in multiples of 1/COMMON, and of twice the factor beta."""
    quantity = exact(material["quantity"])
    row, group = INDEX.get(material["chemical"], (None, None))
    categories = material["categories"]
    perhaps_coal_gas = False
    if material["composition"] == "mixture_other_class":
        row = group = None
    elif row is None and group is not None:
        # Whether carbon monoxide belongs to the row "coal gas (CO ...)" is not settled.
        perhaps_coal_gas = group == "carbon_monoxide"
        row = None if perhaps_coal_gas else FORMS[group, material["table1_form"]]
    elif row is None:
        row = recorded_row(material)
    by_category = quantity * max([CATEGORY_WEIGHT[c] for c in categories]) if categories else 0
    if row is not None:
        least = most = quantity * ROW_WEIGHT[row]
    elif perhaps_coal_gas:
        named = quantity * ROW_WEIGHT[COAL_GAS]
        least, most = min(named, by_category), max(named, by_category)
    else:
        least = most = by_category
    toxic = CARBON_MONOXIDE if group == "carbon_monoxide" else ROW_TOXIC[row] if row is not None else None
    if toxic is not None and row != COAL_GAS:
        beta = TOXIC_BETA[toxic]
        return least, most, beta, beta
    low, high = _category_beta(categories)
    if row == COAL_GAS:
        # Whether coal gas takes the factor of carbon monoxide is not settled.
        beta = TOXIC_BETA[CARBON_MONOXIDE]
        low, high = min(low, beta), max(high, beta)
    return least, most, low, high


def _category_beta(categories: list[str]) -> tuple[int, int]:
    """Whether the factor of the category with the lowest threshold is taken, or the largest, is not settled."""
    if not categories:
        return 8, 8
    if len(categories) == 1:
        beta = CATEGORY_BETA[categories[0]]
        return beta, beta
    decisive = max(CATEGORY_WEIGHT[c] for c in categories)
    return (
        max(CATEGORY_BETA[c] for c in categories if CATEGORY_WEIGHT[c] == decisive),
        max(CATEGORY_BETA[c] for c in categories),
    )


def _worst_level(levels: list[Any]) -> Any:
    """The gravest of levels of which some are sets."""
    return _worst(levels, LEVELS, None)


def _worst(outcomes: list[Any], grave_first: tuple[str, ...], otherwise: str | None) -> Any:
    found: set[str | None] = set()
    for place, value in enumerate(grave_first):
        worse = grave_first[: place + 1]
        if any(each in worse if each.__class__ is not frozenset else not each.isdisjoint(worse) for each in outcomes):
            found.add(value)
            if any(each in worse if each.__class__ is not frozenset else each.issubset(worse) for each in outcomes):
                break
    else:
        found.add(otherwise)
    return next(iter(found)) if len(found) == 1 else frozenset(found)


# ---- size, high risk, tier, overall grade ---------------------------------------------------------------------------


def _size(facts: Record, result: Record) -> None:
    code = facts["industry"]
    digits = code[1:] if code[0].isalpha() else code
    industry = GROUPS.get(digits[:3]) if len(digits) >= 3 else None
    if industry is None:
        industry = (
            facts["size_industry_recorded"] if digits[:2] in ("59", "70") else DIVISIONS.get(digits[:2], "not_covered")
        )
    result["size_industry"] = industry
    if industry == "not_covered":
        result["size_class"] = None
        result["is_medium_or_larger"] = EITHER
        return
    employees, revenue, assets = facts["employees"], exact(facts["revenue"]), exact(facts["assets"])
    size = "micro"
    for name, bounds in zip(SIZES, SIZE_BOUNDS[industry], strict=True):
        if employees >= bounds[0] and revenue >= bounds[1] and assets >= bounds[2]:
            size = name
            break
    result["size_class"] = size
    result["is_medium_or_larger"] = size in ("large", "medium")


def _supervision(facts: Record, result: Record) -> None:
    a = facts["activities"]
    mines = a["coal_mine"] or a["noncoal_mine"]
    blasting = a["fireworks"] or a["civil_explosives"]
    made = a["hazchem_production"] or a["hazchem_storage"]
    smelting, building = a["metal_smelting"], a["construction"]
    transport = a["transport"] or a["hazardous_goods_carrier"]
    law24 = (
        mines or smelting or building or transport or made or a["hazchem_trading"] or a["hazchem_loading"] or blasting
    )
    insurance = mines or made or a["hazchem_trading"] or blasting or transport or building or smelting or a["fishery"]
    expense = (
        mines or a["oil_gas"] or building or made or transport or blasting
        or a["metallurgy_all"] or smelting or a["machinery"] or a["weapons"] or a["power"]
    )  # fmt: skip
    rescue = mines or smelting or building or a["urban_rail"] or made or a["hazchem_trading"] or blasting
    result["high_risk.wsl24"] = result["high_risk.wsl27_exam"] = law24
    result["high_risk.wsl27_cse"] = mines or smelting or made or a["hazchem_loading"] or blasting
    result["high_risk.liability_insurance"] = insurance
    result["high_risk.expense_2022"] = expense
    result["high_risk.training_order3"] = mines or made or a["hazchem_trading"] or a["fireworks"] or smelting
    result["high_risk.emergency_reg8"] = rescue or a["hazardous_goods_carrier"] or a["crowded_venue"]
    result["high_risk.wsl82"] = rescue
    # Which list "high-risk industry" means is not settled.
    high_risk: Any = facts.get("is_high_risk_sector")
    if high_risk is None:
        high_risk = law24 if law24 == insurance == expense else EITHER
    result["is_high_risk"] = high_risk
    tier = _tier(facts, high_risk, result["is_medium_or_larger"])
    result["supervision_tier"] = next(iter(tier)) if len(tier) == 1 else tier


def _tier(facts: Record, high_risk: Any, medium: Any) -> frozenset[str]:
    departure = facts.get("tier_departure")
    if departure is not None:
        return frozenset({departure})
    outlet = facts["outlet"]
    if outlet["is_business_outlet"] and outlet["parent_supervision_tier"] == "municipal":
        entrusted = outlet.get("entrustment")
        return frozenset({entrusted}) if entrusted in MUNICIPAL_OR_DISTRICT else MUNICIPAL_OR_DISTRICT
    affiliation = facts["affiliation"]
    if affiliation in ("central", "province", "municipal") or (high_risk is True and medium is True):
        return frozenset({"municipal"})
    found = {"municipal"} if high_risk is not False and medium is not False else set()
    if high_risk is not False or medium is not False or affiliation == "district":
        found.add("district")
    if not (high_risk is True or medium is True or affiliation == "district"):
        decided = facts.get("tier_decision")
        found |= {decided} if decided in TOWNSHIP_OR_DISTRICT else TOWNSHIP_OR_DISTRICT
    return frozenset(found)
