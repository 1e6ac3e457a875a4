"""Metal smelting by hand in Polars: articles 3 to 5 of Order 10, the general findings of Order 91 and of the coal-gas
code, the grade."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import polars as pl

from benchmarks.sectors.logic import (
    BLUE,
    ORANGE,
    RED,
    YELLOW,
    agreed,
    any_of,
    broken,
    by_enterprise,
    byte,
    c,
    chosen,
    first_hit,
    has,
    is_empty,
    scan,
    sector_grade,
    some,
    where,
)
from benchmarks.sectors.questions import DAY

TODAY = date.fromisoformat(DAY)
#: Industry codes of processes of the catalogue of 2015.
CODES = [
    "3110", "3120", "3140", "3211", "3212", "3213", "3214", "3215", "3216", "3217", "3218", "3219", "3221", "3222",
    "3229", "3231", "3232", "3239", "3240", "3391", "3392",
]  # fmt: skip
DIVISIONS = {
    **dict.fromkeys(("13", "14", "15", "19", "20", "21", "22", "23", "24", "29", "41"), "light_industry"),
    **dict.fromkeys(("17", "18"), "textile"),
    **dict.fromkeys(("33", "34", "35", "36", "37", "38", "39", "40", "43"), "machinery"),
    **dict.fromkeys(("51", "52", "59", "61", "62"), "trade"),
    "16": "tobacco", "30": "building_materials", "31": "metallurgy", "32": "nonferrous",
}  # fmt: skip
LIGHT_INDUSTRY = ("305", "3073", "3074", "3075", "3076", "3079")
WELLS, CRANES, LADLES = "smelting.casting_wells", "smelting.cranes", "smelting.ladles"
SYSTEMS, HOLDERS = "smelting.gas_systems", "smelting.gasholders"
#: Of each list, the findings of its parts under metallurgy and under non-ferrous metals.
METALLURGY = {
    "smelting.hoisting_bays": ("4_1",),
    "smelting.casters": ("4_3",),
    "smelting.furnaces": ("4_4", "4_5"),
    SYSTEMS: ("4_6", "4_7", "4_8"),
}
NONFERROUS = {
    "smelting.hoisting_bays": ("5_1",),
    "smelting.furnaces": ("5_3", "5_5"),
    WELLS: ("5_6", "5_7", "5_8", "5_9", "5_10"),
    "smelting.burners": ("5_12",),
    SYSTEMS: ("5_13",),
}


def parts(register: Path) -> list[pl.LazyFrame]:
    """Of each enterprise what its managers, bays, cranes, furnaces, wells and gas systems have."""

    def of(kind: str, **truths: pl.Expr) -> pl.LazyFrame:
        named = {(f"smelting.{name}" if name.startswith("order10") else name): each for name, each in truths.items()}
        return by_enterprise(scan(register, f"smelting.{kind}"), named)

    def counted(kind: str, list_: str, **truths: pl.Expr) -> pl.LazyFrame:
        return of(kind, **truths).with_columns(pl.lit(1, dtype=pl.UInt8).alias(f"{list_}.count"))

    due = (c("appointed").dt.offset_by("6mo") < TODAY) & ~c("assessment_passed")
    rooms = c("gathering_rooms_on_hoisting_bay_floor") > 0
    gauge = c("mounting_height")
    exceeded = _exposed()
    height, corridor = c("height_above_ground"), c("in_plant_corridor")
    either = pl.when(height < 6).then(True).when(height >= 8).then(False)
    too_low = pl.when(corridor).then(height < 8).when(~corridor).then(height < 6).otherwise(either)
    return [
        of("manager", **{"order10.art3_3": due, "unassessed": due}),
        of(
            "hoisting_bay",
            **{
                "order10.art4_1": rooms | c("ladle_repair_station_on_hoisting_bay_floor"),
                "order10.art5_1": rooms,
                "influence": c("gathering_rooms_in_hoisting_influence_zone") > 0,
            },
        ),
        counted(
            "crane",
            CRANES,
            weak=(c("upgraded") & ~c("building_load_checked_and_strengthened")) | ~c("meets_tsg_rules"),
            untested_gear=~c("gear_flaw_tested"),
        ),
        counted("ladle", LADLES, untested_trunnions=~c("trunnions_flaw_tested")),
        of("furnace", **_furnace()),
        of("caster", **_caster()),
        counted("casting_well", WELLS, **_well()),
        of(
            "burner",
            **{
                "order10.art5_12": c("forced_draught")
                & (broken("gas_main_pressure_alarm") | broken("gas_main_shutoff_interlock"))
            },
        ),
        counted("gas_system", SYSTEMS, **_gas_system()),
        counted("gasholder", HOLDERS, unfenced=~c("fenced_monitored_attended")),
        of("gas_bleeder", bleeders=(c("height_above_platform") < 4) | (c("height_above_ground") < 10)),
        of(
            "co_detector",
            detectors=(gauge < 0.8)
            | (gauge > 1.5)
            | (c("range_top") < 1000)
            | (c("last_calibrated").dt.offset_by("12mo") < TODAY)
            | (c("alarm_level") > 24),
        ),
        of(
            "gas_valve",
            valves=(c("open_goggle_valve") & (c("distance_to_furnace") <= 10)) | agreed(too_low, pl.lit(False)),
        ),
        of("gas_work", work=exceeded | ((c("co_concentration") > 30) & has("rest_before") & (c("rest_before") < 2))),
    ]


def _exposed() -> pl.Expr:
    """Longer in carbon monoxide than permitted; above 200 mg/m³ that is read in two ways."""
    co, minutes = c("co_concentration"), c("duration")

    def beyond(at_most: float) -> pl.Expr:
        of_much = pl.when(co > 100).then(minutes > at_most)
        return of_much.when(co > 50).then(minutes > 30).when(co <= 50).then(minutes > 60)

    return (co > 30) & agreed((co > 200) | beyond(15), beyond(20))


def _furnace() -> dict[str, pl.Expr]:
    kind, top, most = c("furnace_type"), c("bf_top_pressure_setpoint"), c("bf_top_pressure_design_max")
    closed, opened = c("closed_loop_cooling"), c("open_loop_cooling")
    temperature, difference = broken("outlet_temp_alarm"), broken("flow_difference_alarm")
    storage, cooled = broken("emergency_discharge_and_storage"), c("water_cooled")
    absent = (c("emergency_discharge_and_storage") == "absent") | (c("containment_bund") == "absent")
    return {
        "order10.art4_4": (kind == "steelmaking")
        & cooled
        & (temperature | difference | broken("interlock_tilt_lance_electrode")),
        "order10.art4_5": (kind == "blast_furnace")
        & (
            _above(top, most)
            | broken("bf_bleeder_interlock")
            | _above(c("bleeder_interlock_setpoint"), c("equipment_design_pressure"))
        ),
        "order10.art5_3": c("feeds_casting") & ~c("furnace_type_exempt") & storage,
        "order10.art5_5": (kind == "smelting")
        & (
            (closed & (temperature | difference))
            | (opened & (broken("inlet_flow_alarm") | broken("inlet_pressure_alarm") | broken("outlet_temp_monitor")))
        ),
        "furnace.cooled": cooled,
        "furnace.dry": cooled & broken("emergency_water_source"),
        "furnace.unstored": agreed(storage | broken("containment_bund"), absent),
    }


def _above(one: pl.Expr, other: pl.Expr) -> pl.Expr:
    """No pressure is below zero, so zero is above none that is not known."""
    return pl.when((one <= 0) & other.is_null()).then(False).otherwise(one > other)


def _caster() -> dict[str, pl.Expr]:
    method, cooled = c("casting_method"), c("water_cooled")
    continuous = any_of(
        map(broken, ("emergency_ladle", "tundish_leak_pit", "tundish_overflow_pit", "leak_swing_chute"))
    )
    return {
        "order10.art4_3": (method != "other")
        & chosen(method == "ingot", broken("emergency_ladle_or_pit_for_ingot"), continuous),
        "caster.cooled": cooled,
        "caster.dry": cooled & broken("emergency_water_source"),
    }


def _well() -> dict[str, pl.Expr]:
    tilting = c("furnace_is_tilting")
    cutoff = broken("launder_quick_cutoff")
    return {
        "order10.art5_6": broken("mould_inlet_pressure_alarm")
        | broken("mould_inlet_flow_alarm")
        | broken("mould_alarm_interlock")
        | (tilting & broken("mould_tilting_interlock")),
        "order10.art5_7": broken("launder_level_alarm_at_furnace_outlet")
        | broken("launder_level_alarm_at_mould_table")
        | (~tilting & broken("furnace_outlet_mechanical_lock")),
        "order10.art5_8": ~tilting
        & (broken("launder_emergency_drain_valve") | cutoff | broken("level_interlock_cutoff_and_drain")),
        "order10.art5_9": tilting & (cutoff | broken("level_interlock_tilt_and_cutoff")),
        "order10.art5_10": c("has_wire_rope_hoist")
        & (~c("rope_is_steel_core") | ~c("rope_inspection_and_replacement_done")),
    }


def _gas_system() -> dict[str, pl.Expr]:
    positive = c("positive_pressure_pipeline")
    drainer = positive & (
        (c("drainer_max_seal_pressure") < 30)
        | c("both_sides_of_isolation_share_drainer")
        | c("drain_pipes_of_different_lines_connected")
        | c("different_media_share_drainer")
    )
    height = c("drainer_effective_height")
    # To a millionth of a millimetre, as decimals are.
    seal = (height - c("calculated_pressure_head") - 500).round(6) < 0
    return {
        "order10.art4_6": (c("risk_points_without_fixed_co_alarm") > 0) | ~c("co_data_reaches_24h_attended_place"),
        "order10.art4_7": c("points_without_isolation_device") > 0,
        "order10.art4_8": drainer,
        "order10.art5_13": drainer,
        "system.positive": positive,
        "system.seal": seal.fill_null(pl.when(height < 500).then(True)),
    }


def enterprise() -> list[dict[str, pl.Expr]]:
    """The columns to make of an enterprise's facts and of what its parts have, step by step."""
    present = c("smelting.hazard_present")
    industry, processes = c("industry"), "smelting.smelting_processes"
    decided = c("smelting.trade_sector_decided")
    sector = pl.coalesce(decided, sector_by_lists())
    runs = pl.when(c(processes).list.len() > 0).then(True).when(c(f"{processes}.complete")).then(False)
    is_smelting = pl.coalesce(c("activities.metal_smelting"), present & (runs | industry.is_in(CODES)))
    findings = _findings()
    general = _general()
    molten = c("smelting.has_molten_metal")
    workers = c("smelting.workers_exposed_max_single_shift")
    toxic = c("smelting.has_toxic_gas_leak_points")
    return [
        {"sector": sector, "is_smelting": is_smelting},
        {
            "metallurgy": present & (c("sector") == "metallurgy"),
            "nonferrous": present & (c("sector") == "nonferrous"),
        },
        {
            "metal": agreed(
                c("metallurgy") | c("nonferrous") | (c("is_smelting") & (c("sector") == "machinery")),
                c("metallurgy") | c("nonferrous"),
            )
        },
        {
            **findings,
            "smelting.general": general,
            "smelting.colour_by_melt": where(
                present,
                first_hit(
                    [
                        (_any_part(WELLS), ORANGE),
                        (_any_part(CRANES) | _any_part(LADLES), ORANGE),
                        (c("is_smelting") | molten, YELLOW),
                    ],
                    BLUE,
                ),
            ),
            "smelting.colour_by_gas": where(
                present,
                first_hit(
                    [
                        (_any_part(HOLDERS), ORANGE),
                        (some("system.positive", SYSTEMS), ORANGE),
                        (_any_part(SYSTEMS) | toxic, YELLOW),
                    ],
                    BLUE,
                ),
            ),
            "smelting.colour_by_workers": where(
                present, first_hit([(workers >= 30, RED), (workers >= 10, ORANGE), (workers >= 3, YELLOW)], BLUE)
            ),
            # Whether the lists' silence makes it graver is not settled.
            "smelting.colour_unlisted": where(
                present & ~c("sector").is_in(["metallurgy", "nonferrous"]), byte(BLUE | RED)
            ),
        },
        {
            "smelting.grade": sector_grade(
                present,
                findings,
                "smelting.general",
                [
                    "smelting.colour_unlisted",
                    "smelting.colour_by_melt",
                    "smelting.colour_by_gas",
                    "smelting.colour_by_workers",
                ],
            )
        },
    ]


def sector_by_lists() -> pl.Expr:
    """The trade sector by the industry code; none where that does not say which."""
    industry = c("industry")
    light = any_of(industry.str.starts_with(each) for each in LIGHT_INDUSTRY)
    by_division = industry.str.slice(0, 2).replace_strict(DIVISIONS, default="outside", return_dtype=pl.String)
    return (
        pl.when(industry.is_null() | industry.is_in(["30", "307"]))
        .then(None)
        .when(light)
        .then(pl.lit("light_industry"))
        .otherwise(by_division)
    )


def _any_part(list_: str) -> pl.Expr:
    return ~is_empty(f"{list_}.count", list_)


def _findings() -> dict[str, pl.Expr]:
    def fact(name: str) -> pl.Expr:
        return c(f"smelting.{name}")

    metallurgy, nonferrous, producing = c("metallurgy"), c("nonferrous"), fact("in_production")
    cooled = some("furnace.cooled", "smelting.furnaces") | some("caster.cooled", "smelting.casters")
    dry = some("furnace.dry", "smelting.furnaces") | some("caster.dry", "smelting.casters")
    found = {"3_3": c("is_smelting") & some("smelting.order10.art3_3", "smelting.managers")}
    for under, lists in ((metallurgy, METALLURGY), (nonferrous, NONFERROUS)):
        for list_, items in lists.items():
            found.update({item: under & some(f"smelting.order10.art{item}", list_) for item in items})
    found["4_5"] = found["4_5"] & producing
    found["4_2"] = metallurgy & producing & (fact("water_found_in_splash_areas") > 0)
    found["5_2"] = nonferrous & producing & (fact("non_process_water_found_in_splash_areas") > 0)
    found["5_3_elsewhere"] = (
        nonferrous & fact("casting_fed_from_elsewhere") & broken("smelting.casting_emergency_storage")
    )
    found["5_4"] = nonferrous & cooled & dry
    found["5_11"] = (
        nonferrous
        & fact("has_toxic_gas_leak_points")
        & (
            (fact("leak_points_without_fixed_alarm") > 0)
            | ~fact("gas_data_reaches_24h_attended_place")
            | (fact("arsine_points_without_alarm_or_equivalent_detection") > 0)
        )
    )
    return {f"smelting.order10.art{item}": each for item, each in found.items()}


def _general() -> pl.Expr:
    def fact(name: str) -> pl.Expr:
        return c(f"smelting.{name}")

    def no(*names: str) -> pl.Expr:
        return any_of(~fact(name) for name in names)

    employees, managers = c("employees"), fact("full_time_safety_managers")
    molten, alarms, gear = (
        fact("has_molten_metal"),
        c("smelting.fixed_gas_alarms"),
        no("portable_co_detector_and_breathing_gear"),
    )
    of_order_91 = [
        c("is_smelting")
        & (employees >= 100)
        & no("has_safety_department")
        & ((managers < 3) | (managers * 1000 < employees * 3)),
        c("is_smelting") & (employees < 100) & no("has_safety_department") & (managers < 1),
        c("is_smelting") & some("unassessed", "smelting.managers"),
        (fact("returned_after_6_months_or_moved") > 0) & (fact("returned_untrained") > 0),
        _any_part(SYSTEMS)
        & (
            (fact("gas_workers_uncertified") > 0)
            | no("gas_protection_station")
            | (fact("gas_drills_per_year") < 1)
            | agreed((alarms != "working") | gear, (alarms == "absent") | gear)
        ),
        fact("has_smelting_project")
        & (
            no("projects_assessed", "projects_design_reviewed")
            | (fact("has_project_in_use") & no("projects_in_use_accepted"))
        ),
        fact("has_major_hazard_installation") & no("registered_monitored_and_filed"),
        fact("has_contractor") & no("contractor_qualified", "contractor_coordinated_and_briefed"),
        no("operation_tag_system", "work_permit_system"),
        some("weak", CRANES),
        some("influence", "smelting.hoisting_bays"),
        molten & (fact("non_process_water_found_in_splash_areas") > 0),
        molten & some("furnace.unstored", "smelting.furnaces"),
        fact("has_molten_transport")
        & (no("route_avoids_or_shields_pipes_and_cables") | fact("vehicle_stops_under_pipes")),
        some("untested_gear", CRANES) | some("untested_trunnions", LADLES),
        some("unfenced", HOLDERS),
        fact("restarting") & no("safety_conditions_confirmed"),
    ]
    of_coal_gas = [
        some("system.seal", SYSTEMS),
        some("bleeders", "smelting.gas_bleeders"),
        some("detectors", "smelting.co_detectors"),
        some("valves", "smelting.gas_valves"),
        some("work", "smelting.gas_work"),
    ]
    return (c("metal") & any_of(of_order_91)) | (fact("hazard_present") & any_of(of_coal_gas))
