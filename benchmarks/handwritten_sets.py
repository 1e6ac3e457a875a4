"""The shipped law for Shenyang at 2024-01-01, written by hand for facts of which some are unknown.

A field that is missing or null is unknown. Conditions are True, False or None (unknown); a finite conclusion is the
frozenset of what is still possible, None in it for "no value"; a number is (least, greatest, may have no value). The
same sets and bounds as the library gives are promised, no tighter and no wider.
"""

from __future__ import annotations

from fractions import Fraction
from functools import lru_cache
from typing import Any

from benchmarks.handwritten_chemicals import unit
from benchmarks.handwritten_input import (
    CATALOGUE,
    COLOURS,
    DIVISIONS,
    GROUPS,
    SIZE_BOUNDS,
    SIZES,
    Record,
    check,
    exact,
)
from benchmarks.handwritten_logic import EMPTY, INFINITY, NO_VALUE, Truth, all3, any3, gate, is_, is_in, not3, outcome

GRAVE_FIRST = ("red", "orange", "yellow")
LEVELS = ("level_1", "level_2", "level_3", "level_4")
ALL_SIZES = frozenset({*SIZE_BOUNDS, "not_covered"})
RESIDUAL: tuple[tuple[Any, Record], ...] = (("?", EMPTY),)


def assess(facts: Record) -> Record:
    """Every conclusion, as a mapping for the enterprise with a list of mappings for each kind of part."""
    check(facts, known=False)
    result: Record = {}
    dust, hazmat = facts.get("dust") or EMPTY, facts.get("hazmat") or EMPTY
    _dust(dust, result)
    _hazmat(hazmat, result)
    _size(facts, result)
    _supervision(facts, result)
    sectors = (
        (dust.get("hazard_present"), result["dust.grade"]),
        (hazmat.get("hazard_present"), result["hazmat.grade"]),
    )
    result["overall_grade"] = _overall(sectors)
    return result


def numbered(record: Record, name: str) -> Any:
    """The members of a list; of one that is not given, the member that stands for all there may be."""
    members = record.get(name)
    return RESIDUAL if members is None else enumerate(members)


def worst(
    members: tuple[frozenset[Any], ...], grave_first: tuple[str, ...], otherwise: str | None, certain: bool
) -> frozenset[Any]:
    """The gravest that some member has; ``certain``: the members are all there are, and are there."""
    found: set[str | None] = set()
    for place, value in enumerate(grave_first):
        worse = grave_first[: place + 1]
        if any(not member.isdisjoint(worse) for member in members):
            found.add(value)
        if certain and any(member.issubset(worse) for member in members):
            return frozenset(found)
    return frozenset({*found, otherwise})


# ---- dust -----------------------------------------------------------------------------------------------------------


def _dust(dust: Record, result: Record) -> None:
    present: Truth = dust.get("hazard_present")
    lists = {
        name: [_part(rules, number, part, present) for number, part in numbered(dust, name)]
        for name, rules in DUST_RULES.items()
    }
    result.update(lists)
    colours = [_dust_colour(part) for _, part in numbered(dust, "materials")]
    open_list = dust.get("materials") is None
    result["materials"] = [
        {"number": "?", "dust_colour": colour | NO_VALUE} if open_list else {"dust_colour": colour}
        for colour in colours
    ]
    regime = all3(not3(dust.get("cleaning_regime_carried_out")), dust.get("serious_accumulation"))
    result["dust.order10.art11_10"] = outcome(present, regime)
    workers = dust.get("workers_total")
    result["dust.workers"] = (
        None if present is False else (workers or 0, INFINITY if workers is None else workers, present is None)
    )
    by_workers = frozenset(COLOURS) if workers is None else _by_workers(workers)
    result["dust.colour_by_workers"] = by_workers = gate(present, by_workers)
    result["dust.colour_by_dust"] = by_dust = gate(present, _by_dust(tuple(colours), open_list))
    least = most = False
    for parts in lists.values():
        for part in parts:
            for name, found in part.items():
                if name != "number" and True in found:
                    most = True
                    least = least or (len(found) == 1 and "number" not in part)
    regime_found = result["dust.order10.art11_10"]
    most = most or True in regime_found
    least = least or (True in regime_found and len(regime_found) == 1)
    result["dust.grade"] = gate(present, _dust_grade(True if least else None if most else False, by_dust, by_workers))


def _part(rules: Any, number: Any, part: Record, present: Truth) -> Record:
    found: Record = rules(part, present)
    if number == "?":
        return {"number": "?", **{name: possible | NO_VALUE for name, possible in found.items()}}
    return found


def _collector(part: Record, present: Truth) -> Record:
    get = part.get
    dust_class = get("dust_class")
    dry = all3(present, is_(get("system"), "dry"))
    no_control = not3(is_(get("spark_control"), "working"))
    wide = any3(is_in(dust_class, ("al_mg_metal", "other_metal")), no_control)
    narrow = any3(is_(dust_class, "al_mg_metal"), no_control)
    return {
        "dust.order10.art11_2": outcome(
            present,
            any3(
                get("different_dust_classes_share_system"),
                get("dust_shares_system_with_flammable_gas"),
                get("buildings_or_fire_compartments_share_or_interconnect"),
            ),
        ),
        "dust.order10.art11_3": outcome(
            dry,
            not3(
                any3(
                    is_(get("explosion_venting"), "working"),
                    is_(get("inerting"), "working"),
                    is_(get("explosion_suppression"), "working"),
                )
            ),
        ),
        "dust.order10.art11_4": outcome(all3(present, get("positive_pressure")), wide if wide == narrow else None),
        "dust.order10.art11_5": outcome(
            present, any3(is_(get("settling_chamber"), "gravity"), get("uses_dry_tunnel_duct"))
        ),
        "dust.order10.art11_6": outcome(
            all3(dry, is_in(dust_class, ("al_mg_metal", "other_metal", "wood"))),
            not3(is_(get("airlock_discharge"), "working")),
        ),
    }


def _workshop(part: Record, present: Truth) -> Record:
    storeys, rooms = part.get("storeys"), part.get("gathering_rooms")
    several = None if storeys is None else storeys >= 2
    gathering = None if rooms is None else rooms > 0
    tall = all3(several, not3(is_(part.get("structure"), "frame")))
    return {"dust.order10.art11_1": outcome(present, any3(tall, gathering))}


def _zone_20_place(part: Record, present: Truth) -> Record:
    return {"dust.order10.art11_7": outcome(present, not3(part.get("electrics_explosion_proof")))}


def _machine(part: Record, present: Truth) -> Record:
    kind = part.get("machine_type")
    spark = not3(is_(part.get("spark_detection_elimination"), "working"))
    tramp = not3(is_(part.get("tramp_removal"), "working"))
    either = spark if spark == tramp else None
    when = either if kind is None else spark if kind == "wood_sander" else tramp
    sparking = all3(present, is_in(kind, ("crusher", "grinder", "granulator", "wood_sander")))
    return {"dust.order10.art11_8": outcome(sparking, when)}


def _store(part: Record, present: Truth) -> Record:
    damp = all3(part.get("stored_dry"), not3(part.get("dry_dust_protected_from_water")))
    when = any3(not3(part.get("hydrogen_accumulation_prevented")), damp)
    return {"dust.order10.art11_9": outcome(all3(present, part.get("water_reactive")), when)}


DUST_RULES = {
    "collectors": _collector, "workshops": _workshop, "zone_20_places": _zone_20_place, "machines": _machine,
    "stores": _store,
}  # fmt: skip
CATALOGUE_KST = (min(kst for _, kst in CATALOGUE.values()), max(kst for _, kst in CATALOGUE.values()))


def _dust_colour(part: Record) -> frozenset[Any]:
    aluminium = is_(part.get("dust_class"), "al_mg_metal")
    if aluminium:
        return frozenset({"red"})
    name, level, kst = part.get("name"), part.get("catalogue_level"), part.get("kst")
    low, high = (0, INFINITY) if kst is None else (kst, kst)
    if name is None:
        level = None
        low, high = min(low, CATALOGUE_KST[0]), max(high, CATALOGUE_KST[1])
    elif name in CATALOGUE:
        level, low = CATALOGUE[name]
        high = low
    found = set() if aluminium is False else {"red"}
    violent = True if low > 20 else False if high <= 20 else None
    if level is None or level == "high":
        if violent is not False:
            found.add("red")
        if not (level == "high" and violent):
            found.add("orange")
    if level != "high":
        if level != "general":
            found.add("yellow")
        if level != "fairly_high":
            found.add("blue")
    return frozenset(found)


def _by_workers(workers: int) -> frozenset[str]:
    return frozenset({"red" if workers >= 30 else "orange" if workers >= 10 else "yellow" if workers >= 3 else "blue"})


@lru_cache(maxsize=1024)
def _by_dust(colours: tuple[frozenset[Any], ...], open_list: bool) -> frozenset[str]:
    if not colours:
        return frozenset({"red"})
    found = worst(colours, GRAVE_FIRST, "blue", certain=not open_list)
    return found | {"red"} if open_list else found


@lru_cache(maxsize=1024)
def _dust_grade(major: Truth, by_dust: frozenset[Any], by_workers: frozenset[Any]) -> frozenset[str]:
    """Every outcome of the worst of all; red where there is a major finding."""
    if major:
        return frozenset({"red"})
    found = {
        max(one, two, key=COLOURS.index)
        for one in (by_dust - NO_VALUE or {"blue"})
        for two in (by_workers - NO_VALUE or {"blue"})
    }
    if None in by_dust:
        found |= (by_workers - NO_VALUE) | (by_dust - NO_VALUE) | {"blue"}
    return frozenset(found | ({"red"} if major is None else set()))


# ---- hazardous chemicals --------------------------------------------------------------------------------------------


def _hazmat(hazmat: Record, result: Record) -> None:
    present: Truth = hazmat.get("hazard_present")
    residents = hazmat.get("offsite_residents_500m")
    if residents is None:
        alpha = (5, 20)
    else:
        one = 20 if residents >= 100 else 15 if residents >= 50 else 12 if residents >= 30 else 10 if residents else 5
        alpha = (one, one)
    result["hazmat.alpha"] = (Fraction(alpha[0], 10), Fraction(alpha[1], 10))
    units = result["units"] = [unit(record, alpha) for _, record in numbered(hazmat, "units")]
    open_list = hazmat.get("units") is None
    levels = tuple(record["level"] for record in units)
    sources = [record["is_major_hazard_source"] for record in units]
    least = sum(len(each) == 1 and True in each for each in sources)
    most: Any = INFINITY if open_list else sum(True in each for each in sources)
    if open_list:
        least = 0
        for record in units:
            _with_nothing(record)
    result["hazmat.major_hazard_sources"] = None if present is False else (least, most, present is None)
    worst = gate(present, _worst_level(levels, open_list))
    result["hazmat.worst_level"] = worst
    result["hazmat.grade"] = gate(present, _hazmat_grade(worst))


def _with_nothing(record: Record) -> None:
    """What an open list may still have may not be there at all."""
    for name in ("drawn_correctly", "is_major_hazard_source", "level"):
        record[name] = record[name] | NO_VALUE
    for name in ("s", "r"):
        low, high, *_ = record[name]
        record[name] = (low, high, True)
    record["number"] = "?"


@lru_cache(maxsize=1024)
def _worst_level(levels: tuple[frozenset[Any], ...], open_list: bool) -> frozenset[Any]:
    return worst(levels, LEVELS, None, certain=not open_list)


@lru_cache(maxsize=1024)
def _hazmat_grade(worst: frozenset[Any]) -> frozenset[str]:
    """The highest of the colours that hold; one that only may hold raises only perhaps.

    Red and yellow are always among those that may: no list of major hazards of hazardous chemicals is at hand.
    """
    found = {"blue", "yellow", "red"}
    for colour, levels in (("red", {"level_1"}), ("orange", {"level_1", "level_2"}), ("yellow", set(LEVELS))):
        if worst & levels:
            raised = {max(each, colour, key=COLOURS.index) for each in found}
            found = raised if worst <= levels else found | raised
    return frozenset(found)


# ---- size, high risk, tier, overall grade ---------------------------------------------------------------------------

EVERY_INDUSTRY = ALL_SIZES
RANGES: dict[frozenset[str], Any] = {}


def _size(facts: Record, result: Record) -> None:
    code = facts.get("industry")
    if code is None:
        industries = EVERY_INDUSTRY
    else:
        digits = code[1:] if code[0].isalpha() else code
        industry = GROUPS.get(digits[:3]) if len(digits) >= 3 else None
        if industry is None:
            if digits[:2] in ("59", "70"):
                industry = facts.get("size_industry_recorded")
            else:
                industry = DIVISIONS.get(digits[:2], "not_covered")
        industries = EVERY_INDUSTRY if industry is None else frozenset({industry})
    result["size_industry"] = industries
    size = result["size_class"] = _size_class(facts, industries)
    medium = _medium(size)
    result["is_medium_or_larger"] = medium


def _size_class(facts: Record, industries: frozenset[str]) -> frozenset[Any]:
    covered = industries - {"not_covered"}
    if not covered:
        return NO_VALUE
    metrics = []
    for name in ("employees", "revenue", "assets"):
        value = facts.get(name)
        metrics.append((0, INFINITY) if value is None else (exact(value), exact(value)))
    found: set[Any] = set() if len(covered) == len(industries) else {None}
    for size, bounds in zip(SIZES, _bounds(covered), strict=True):
        tests: list[Truth] = [
            True if low >= most else False if high < least else None
            for (low, high), (least, most) in zip(metrics, bounds, strict=True)
        ]
        reached = all3(*tests)
        if reached is not False:
            found.add(size)
        if reached:
            return frozenset(found)
    return frozenset({*found, "micro"})


def _bounds(industries: frozenset[str]) -> Any:
    """Least and greatest bound of each metric of each size, over industries."""
    known = RANGES.get(industries)
    if known is None:
        rows = [SIZE_BOUNDS[each] for each in industries]
        known = RANGES[industries] = [
            [(min(row[size][m] for row in rows), max(row[size][m] for row in rows)) for m in range(3)]
            for size in range(3)
        ]
    return known


def _medium(size: frozenset[Any]) -> frozenset[bool]:
    """Whether one outside the size measure is "medium or larger" is not settled."""
    found = {name in ("medium", "large") for name in size if name is not None}
    return frozenset(found | {True, False}) if None in size else frozenset(found)


BOTH = frozenset({True, False})
LAW24 = (
    "coal_mine", "noncoal_mine", "metal_smelting", "construction", "transport", "hazardous_goods_carrier",
    "hazchem_production", "hazchem_trading",
    "hazchem_storage", "hazchem_loading", "fireworks", "civil_explosives",
)  # fmt: skip
RESCUE = (
    "coal_mine", "noncoal_mine", "metal_smelting", "construction", "urban_rail", "hazchem_production",
    "hazchem_trading", "hazchem_storage", "fireworks", "civil_explosives",
)  # fmt: skip
LISTS = {
    "high_risk.wsl24": LAW24,
    "high_risk.wsl27_exam": LAW24,
    "high_risk.wsl27_cse": (
        "coal_mine", "noncoal_mine", "metal_smelting", "hazchem_production", "hazchem_storage", "hazchem_loading",
        "fireworks", "civil_explosives",
    ),
    "high_risk.liability_insurance": (
        "coal_mine", "noncoal_mine", "hazchem_production", "hazchem_storage", "hazchem_trading", "fireworks",
        "transport", "hazardous_goods_carrier", "construction", "civil_explosives", "metal_smelting", "fishery",
    ),
    "high_risk.expense_2022": (
        "coal_mine", "noncoal_mine", "oil_gas", "construction", "hazchem_production", "hazchem_storage", "transport",
        "hazardous_goods_carrier", "fireworks", "civil_explosives", "metallurgy_all", "metal_smelting",
        "machinery", "weapons", "power",
    ),
    "high_risk.training_order3": (
        "coal_mine", "noncoal_mine", "hazchem_production", "hazchem_storage", "hazchem_trading", "fireworks",
        "metal_smelting",
    ),
    "high_risk.emergency_reg8": (*RESCUE, "hazardous_goods_carrier", "crowded_venue"),
    "high_risk.wsl82": RESCUE,
}  # fmt: skip
POSSIBLE: dict[Truth, frozenset[bool]] = {True: frozenset({True}), False: frozenset({False}), None: BOTH}


def _supervision(facts: Record, result: Record) -> None:
    activities = facts.get("activities") or EMPTY
    get = activities.get
    for name, tags in LISTS.items():
        values = [get(tag) for tag in tags]
        result[name] = POSSIBLE[True if True in values else None if None in values else False]
    determined = facts.get("is_high_risk_sector")
    if determined is not None:
        high_risk = POSSIBLE[determined]
    else:
        # Which list "high-risk industry" means is not settled.
        high_risk = (
            result["high_risk.wsl24"] | result["high_risk.liability_insurance"] | result["high_risk.expense_2022"]
        )
    result["is_high_risk"] = high_risk
    result["supervision_tier"] = _tier(facts, _truth(high_risk), _truth(result["is_medium_or_larger"]))


def _truth(possible: frozenset[bool]) -> Truth:
    return None if len(possible) == 2 else True in possible


def _tier(facts: Record, high_risk: Truth, medium: Truth) -> frozenset[str]:
    departure = facts.get("tier_departure")
    if departure is not None:
        return frozenset({departure})
    outlet = facts.get("outlet") or EMPTY
    affiliation = facts.get("affiliation")
    rows = (
        (
            all3(outlet.get("is_business_outlet"), is_(outlet.get("parent_supervision_tier"), "municipal")),
            ("municipal", "district"), outlet.get("entrustment"),
        ),
        (is_in(affiliation, ("central", "province", "municipal")), ("municipal",), None),
        (all3(high_risk, medium), ("municipal",), None),
        (high_risk, ("district",), None),
        (medium, ("district",), None),
        (is_(affiliation, "district"), ("district",), None),
        (True, ("township", "district"), facts.get("tier_decision")),
    )  # fmt: skip
    found: set[Any] = set()
    for when, permitted, decided in rows:
        if when is not False:
            found.update([decided] if decided in permitted else permitted)
        if when:
            break
    return frozenset(found)


def _overall(sectors: tuple[tuple[Truth, frozenset[Any]], ...]) -> frozenset[Any]:
    there = [(present, grade) for present, grade in sectors if present is not False]
    found: set[str] = set()
    for place, colour in enumerate(GRAVE_FIRST):
        worse = GRAVE_FIRST[: place + 1]
        if any(not grade.isdisjoint(worse) for _, grade in there):
            found.add(colour)
        if any(present and grade.issubset(worse) for present, grade in there):
            return frozenset(found)
    return frozenset(found | {"blue"})
