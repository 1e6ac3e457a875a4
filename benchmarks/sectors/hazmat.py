"""Hazardous chemicals by hand in Polars: the list of 2017, GB 30871, GB 18218, the diagnosis, the grade."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.sectors import diagnosis
from benchmarks.sectors.installations import LEVEL_1, LEVEL_2, LEVEL_3, LEVEL_4, units
from benchmarks.sectors.logic import (
    ANY_COLOUR,
    BLUE,
    NONE,
    ORANGE,
    RED,
    YELLOW,
    agreed,
    any_of,
    broken,
    by_enterprise,
    byte,
    c,
    first_hit,
    has,
    scan,
    sector_grade,
    some,
    truth,
    where,
    within,
)

OF_UNITS = tuple(f"hazmat.n121.item_{item}" for item in ("03", "04", "05", "10", "12", "14", "15", "19", "20"))
OF_PARTS = {
    "hazmat.n121.item_07": "hazmat.filling_points",
    "hazmat.n121.item_08": "hazmat.gas_pipelines",
    "hazmat.n121.item_13": "hazmat.control_rooms",
}
UNITS = "hazmat.units"


def parts(register: Path) -> list[pl.LazyFrame]:
    """Of each enterprise what its units, tanks, filling points, pipelines, control rooms and operations have."""
    tanks = {"tanks": c("full_pressure_liquefied_hydrocarbon") & broken("water_injection")}
    filling = c("fills_liquefied_hazardous_gas") & ~c("universal_joint_arm_used")
    pipeline = c("carries_highly_toxic_gas_or_hydrogen_sulphide") & c("crosses_public_area_outside_plant_or_park")
    room = c("faces_hazard_unit") & ~c("facing_side_fire_blast_ok")
    return [
        by_enterprise(units(register), _unit()),
        by_enterprise(scan(register, "hazmat.pressure_tank"), tanks),
        by_enterprise(scan(register, "hazmat.filling_point"), {"hazmat.n121.item_07": filling}),
        by_enterprise(scan(register, "hazmat.gas_pipeline"), {"hazmat.n121.item_08": pipeline}),
        by_enterprise(scan(register, "hazmat.control_room"), {"hazmat.n121.item_13": room}),
        by_enterprise(_levelled(scan(register, "hazmat.operation")), {"operations": _operation()}),
    ]


def _unit() -> dict[str, pl.Expr]:
    production, storage = c("unit_type") == "production", c("unit_type") == "storage"
    process = c("has_regulated_process")
    major = c("major")

    def level(*wanted: int) -> pl.Expr:
        return major & within(c("graded"), sum(wanted))

    uncontrolled = process & (broken("process_automatic_control") | broken("emergency_shutdown"))
    no_sis = c("holds_toxic_gas_liquefied_gas_or_highly_toxic_liquid") & broken("independent_sis")
    undetected = c("has_gas_leak_area") & broken("gas_detection")
    unprotected = c("has_explosive_atmosphere") & ~c("electrics_explosion_proof")
    untried = c("is_newly_developed_process") & ~c("lab_pilot_industrial_trials_done")
    unargued = c("is_first_use_in_china") & ~c("provincial_argumentation_done")
    unassessed = c("is_fine_chemical_in_scope") & ~c("reaction_risk_assessment_done")
    mixed, over, zoned = c("incompatibles_mixed"), c("over_quantity_or_variety"), c("storage_zoned_and_classified")
    power, ups = broken("dual_power_supply"), broken("control_system_ups")
    undesigned = production & c("in_service") & ~c("formal_design_done") & ~c("design_diagnosis_done")
    grave = level(LEVEL_1, LEVEL_2)
    return {
        "hazmat.n121.item_03": (c("has_key_chemical") | process | major) & ~c("external_safety_distance_ok"),
        "hazmat.n121.item_04": uncontrolled | (process & ~c("control_and_shutdown_in_use")),
        "hazmat.n121.item_05": storage
        & (c("storage_form") == "tank_farm")
        & grave
        & (broken("emergency_cutoff") | no_sis),
        "hazmat.n121.item_10": undesigned,
        "hazmat.n121.item_12": agreed(undetected | unprotected, undetected & unprotected),
        "hazmat.n121.item_14": production & agreed(power | ups, power & ups),
        "hazmat.n121.item_15": c("has_safety_fittings") & (c("safety_fittings_not_in_service") > 0),
        "hazmat.n121.item_19": untried | unargued | (c("is_new_unit") & ~c("trial_production_plan_done")) | unassessed,
        "hazmat.n121.item_20": storage & agreed(~zoned | over | mixed, ~zoned & over & mixed),
        "unit.open_tanks": pl.when(~c("pressure_tanks.complete").fill_null(False)).then(None).otherwise(False),
        "unit.explosive": truth(c("explosive")),
        "unit.key": c("has_key_chemical") | process,
        "unit.major": major,
        "unit.level_1": level(LEVEL_1),
        "unit.level_2": level(LEVEL_2),
        "unit.level_3": level(LEVEL_3),
        "unit.level_4": level(LEVEL_4),
        "unit.grave": grave,
        "unit.considerable": level(LEVEL_1, LEVEL_2, LEVEL_3),
        "unit.unargued": unargued,
        "unit.unassessed": unassessed,
        "unit.untried": untried,
        "unit.undesigned": undesigned,
        "unit.power": production & power,
        "unit.uncontrolled": uncontrolled,
        "unit.no_sis": grave & no_sis,
        "unit.no_cutoff": grave & broken("emergency_cutoff"),
    }


def _levelled(operations: pl.LazyFrame) -> pl.LazyFrame:
    """Operations with the level of their hot work."""
    area = c("in_fire_explosion_area")
    special, level_1, level_2 = 4, 2, 1
    base = first_hit(
        [
            ((area & c("equipment_running")) | c("inside_dike_of_flammable_major_hazard_tank_farm"), special),
            (c("shutdown_purged_isolated_approved"), level_2),
            (area | c("on_pipe_rack"), level_1),
        ],
        level_2,
    )
    raised = first_hit([(~c("holiday_rest_day_or_night"), c("base")), (within(c("base"), level_2), level_1)], special)
    frame = operations.with_columns(base.alias("base")).with_columns(raised.alias("level"))
    return frame.with_columns(
        within(c("level"), special).alias("is_special"),
        within(c("level"), level_1).alias("is_level_1"),
        within(c("level"), level_2).alias("is_level_2"),
        within(c("level"), special | level_1).alias("is_grave"),
    )


def _operation() -> pl.Expr:
    """Some finding of GB 30871."""
    kind = c("kind")
    hot, inside, lift = kind == "hot_work", kind == "confined_space", kind == "lifting"
    plate, height, power, dig = (kind == each for each in ("blind_plate", "height", "temporary_power", "excavation"))
    mass, wind, lel = c("lifted_mass"), c("wind_grade"), c("lel_pct_vol")
    measured, oxygen, voltage = c("measured_pct_vol"), c("oxygen_pct"), c("lighting_voltage")
    enriched, retested = c("oxygen_enriched_setting"), c("retested")
    fall, silent, layers = c("fall_height"), ~c("communication_provided"), c("protective_layers")

    def near(fact: str, metres: float) -> pl.Expr:
        return has(fact) & (c(fact) <= metres)

    return any_of(
        [
            (~c("permit_issued") & ~(lift & (mass < 10) & c("lifting_risk_analysed"))) | ~c("measures_confirmed"),
            ~c("guardian_present") | ~c("guardian_certified"),
            c("content_place_or_term_changed") & ~c("permit_renewed"),
            c("corrosives_handled") & (~has("rinsing_water_distance") | (c("rinsing_water_distance") > 30)),
            hot
            & any_of(
                [
                    (c("is_special") & (c("permit_level") != "special"))
                    | (c("is_level_1") & (c("permit_level") == "level_2")),
                    c("is_grave") & (c("permit_hours") > 8),
                    c("is_level_2") & (c("permit_hours") > 72),
                    c("is_special") & (~c("filmed") | ~c("continuous_monitoring")),
                    c("open_air") & (wind >= 5) & ~c("upgraded_for_wind"),
                    c("sample_to_start_min") > 30,
                    c("is_grave") & (c("break_min") > 30) & ~retested,
                    c("is_level_2") & (c("break_min") > 60) & ~retested,
                    has("lel_pct_vol") & (lel >= 4) & (measured > 0.5),
                    has("lel_pct_vol") & (lel < 4) & (measured > 0.2),
                    c("in_oxygen_equipment") & (oxygen > 23.5),
                    near("gas_release_distance", 30),
                    near("liquid_release_distance", 15),
                    near("solvent_or_paint_distance", 10),
                    near("dust_sweeping_distance", 10),
                    near("leak_point_distance", 15) & ~c("leak_points_isolated"),
                    near("railway_distance", 25) & c("works_while_hazardous_train_passes"),
                    has("oxygen_acetylene_distance") & (c("oxygen_acetylene_distance") < 5),
                    has("cylinder_distance") & (c("cylinder_distance") < 10),
                ]
            ),
            inside
            & any_of(
                [
                    c("permit_hours") > 24,
                    c("test_to_entry_min") > 30,
                    (c("break_min") > 60) & ~retested,
                    (oxygen < 19.5) | (enriched & (oxygen > 23.5)) | (~enriched & (oxygen > 21)),
                    has("lel_pct_vol") & ((measured > 0.5) | ((lel < 4) & (measured > 0.2))),
                    ~c("toxic_within_limit"),
                    ~c("continuous_detection") | (c("record_interval_min") > 120),
                    has("lighting_voltage") & ((voltage > 36) | (c("wet_or_narrow") & (voltage > 12))),
                ]
            ),
            plate
            & any_of(
                [
                    (c("plates_on_permit") > 1) | (c("actions_on_permit") > 1),
                    c("simultaneous_places_on_pipe") > 1,
                    ~c("depressurised"),
                    c("in_fire_explosion_area") & near("hot_work_distance", 30),
                ]
            ),
            height
            & any_of(
                [
                    (c("permit_days") > 7) | (wind >= 5) | c("dense_fog"),
                    agreed((fall >= 30) & silent, (fall > 30) & silent),
                    c("work_above_and_below") & ((layers < 1) | ((fall > 24) & (layers < 2))),
                ]
            ),
            lift
            & any_of(
                [
                    ((mass >= 40) | c("lifting_special")) & ~c("lifting_plan_approved"),
                    c("open_air") & (wind >= 6),
                    has("load_share_pct") & (c("load_share_pct") > 80),
                ]
            ),
            power
            & any_of(
                [
                    (c("permit_days") > 30) | ((c("permit_days") > 15) & ~c("special_case")),
                    has("overhead_line_height")
                    & ((c("overhead_line_height") < 2.5) | (c("over_road") & (c("overhead_line_height") < 5))),
                    has("burial_depth") & (c("burial_depth") < 0.7),
                    c("power_for_hot_work_or_entry") & ~c("power_time_matches_that_work"),
                ]
            ),
            dig
            & any_of(
                [
                    (c("excavation_depth") > 2) & ~c("ladder_provided"),
                    (c("spoil_distance") < 1) | (c("spoil_height") > 1.5),
                    near("pipe_or_cable_distance", 1) & c("dug_by_machine"),
                    c("buried_hazards_in_hazardous_place")
                    & (c("excavation_depth") > 1.2)
                    & ~c("dug_as_confined_space"),
                ]
            ),
            (kind == "road_breaking")
            & any_of(
                [
                    ~c("traffic_plan_made") | ~c("traffic_warnings_set"),
                    c("at_night_or_in_bad_weather")
                    & any_of(
                        [
                            ~has("road_lamp_height") | (c("road_lamp_height") < 1),
                            ~c("road_lamps_show_outline"),
                            ~has("road_lamp_visible_from") | (c("road_lamp_visible_from") < 150),
                        ]
                    ),
                ]
            ),
        ]
    )


def enterprise() -> list[dict[str, pl.Expr]]:
    """The columns to make of an enterprise's facts and of what its parts have, step by step."""
    present = c("hazmat.hazard_present")
    makes, trades, store = (c(f"hazmat.{name}") for name in ("produces_hazchem", "trades_hazchem", "has_hazchem_store"))
    chemical, medicine = c("hazmat.is_chemical_enterprise"), c("hazmat.is_pharmaceutical_enterprise")
    wide = present & (makes | (trades & store) | chemical | medicine)
    worst = c("hazmat.worst_level")
    graded = worst & byte(ANY_COLOUR)
    has_level = pl.when(worst == NONE).then(False).when(worst < NONE).then(True)
    findings, kept = _findings(), "hazmat.special_work_recordings_kept"
    return [
        {
            "hazmat.under_121": present & (makes | trades | chemical),
            "hazmat.under_wide": wide,
            "hazmat.under_diagnosis": present & (makes | store),
            "hazmat.worst_level": where(
                present,
                first_hit(
                    [
                        (some("unit.level_1", UNITS), LEVEL_1),
                        (some("unit.grave", UNITS), LEVEL_2),
                        (some("unit.considerable", UNITS), LEVEL_3),
                        (some("unit.major", UNITS), LEVEL_4),
                    ],
                    NONE,
                ),
            ),
            "hazmat.colour_by_inherent_risk": where(
                present,
                first_hit([(some("unit.explosive", UNITS), ORANGE), (some("unit.key", UNITS), YELLOW)], BLUE),
            ),
        },
        {
            **findings,
            "hazmat.general": c("hazmat.under_wide")
            & (
                some("operations", "hazmat.operations")
                | (c("hazmat.has_fixed_hot_work_area") & (c("hazmat.fixed_hot_work_area_distance") < 30))
                | (
                    c("hazmat.does_special_work")
                    & ((c("hazmat.special_work_permits_kept") < 12) | (has(kept) & (c(kept) < 1)))
                )
            ),
            "hazmat.colour_by_level": where(
                present & has_level,
                first_hit([(within(graded, LEVEL_1), RED), (within(graded, LEVEL_2 | LEVEL_1), ORANGE)], YELLOW),
            ),
            **{f"score.{end}": points for end, points in diagnosis.score()._asdict().items()},
        },
        {"hazmat_diagnosis.colour": diagnosis.colour(c("hazmat.under_diagnosis"))},
        {
            "hazmat.grade": sector_grade(
                present,
                findings,
                "hazmat.general",
                ["hazmat.colour_by_level", "hazmat_diagnosis.colour", "hazmat.colour_by_inherent_risk"],
            )
        },
    ]


def _findings() -> dict[str, pl.Expr]:
    """The list of 2017, and that of 2026, whose text is not at hand: whether it is kept is not known."""
    under = c("hazmat.under_121")

    def no(*names: str) -> pl.Expr:
        return any_of(~c(f"hazmat.{name}") for name in names)

    of_enterprise = {
        "hazmat.n121.item_01": (c("hazmat.produces_hazchem") | c("hazmat.trades_hazchem"))
        & no("principal_assessment_passed", "safety_managers_assessment_passed"),
        "hazmat.n121.item_02": (c("hazmat.special_operation_posts_count") > 0)
        & (c("hazmat.uncertified_special_operators_on_duty") > 0),
        "hazmat.n121.item_06": truth(pl.max_horizontal(c("tanks").fill_null(0), pl.lit(0, dtype=pl.UInt8)))
        | some("unit.open_tanks", UNITS),
        "hazmat.n121.item_09": c("hazmat.overhead_power_line_crosses_production_area")
        & no("overhead_line_meets_standard"),
        "hazmat.n121.item_11": c("hazmat.uses_obsolete_process_or_equipment"),
        "hazmat.n121.item_16": no("all_staff_responsibility_system_ok", "hazard_investigation_system_ok"),
        "hazmat.n121.item_17": no("operating_procedures_ok", "process_limits_defined"),
        "hazmat.n121.item_18": c("hazmat.does_special_work")
        & no("special_work_system_ok", "special_work_system_effective"),
    }
    of_units = {name: some(name, UNITS) for name in OF_UNITS}
    of_parts = {name: some(name, list_) for name, list_ in OF_PARTS.items()}
    unsettled = pl.when(~c("hazmat.under_wide")).then(False)
    return {
        **{name: under & each for name, each in {**of_enterprise, **of_units, **of_parts}.items()},
        "hazmat.aq3067.not_at_hand": unsettled,
    }
