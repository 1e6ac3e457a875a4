"""Confined spaces by hand in Polars: article 13 of Order 10, general findings of Order 13 and GB 46768, the grade."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.sectors.logic import (
    KEY,
    ORANGE,
    RED,
    YELLOW,
    agreed,
    any_of,
    by_enterprise,
    c,
    found_as,
    graver,
    number,
    open_list,
    scan,
    sector_grade,
    some,
    truth,
    where,
    worst_of,
    worst_part,
)

SPACES = "confined_space.spaces"
#: Limits of GBZ 2.1 in mg/m³: the ceiling, else the short-term limit.
LIMITS = {
    "hydrogen_sulphide": 10.0, "carbon_dioxide": 18000.0, "ammonia": 30.0, "chlorine": 1.0, "sulphur_dioxide": 10.0,
    "nitrogen_dioxide": 10.0, "hydrogen_cyanide": 1.0, "hydrogen_chloride": 7.5, "hydrogen_fluoride": 2.0,
    "phosgene": 0.5, "phosphine": 0.3, "arsine": 0.03, "toluene": 100.0, "methanol": 50.0,
}  # fmt: skip
CO_LIMIT, BENZENE_LEAST, BENZENE_MOST = 30.0, 6.0, 10.0
CO_HIGH, CO_VERY_HIGH = 20.0, 15.0
LEAST_LIMIT, MOST_LIMIT = min(LIMITS.values()), max(LIMITS.values())
INFINITY = float("inf")


def parts(register: Path) -> list[pl.LazyFrame]:
    """Of each enterprise what its spaces, entries and readings have."""
    spaces = scan(register, "confined_space.space").with_columns(_colour().alias("colour"))
    of_space = spaces.select(KEY, c("part").alias("parent"), "poisoning_or_suffocation_risk", "explosion_risk")
    entries = scan(register, "confined_space.entry").join(of_space, on=[KEY, "parent"], how="left")
    entries = entries.join(_readings(register), on=[KEY, "part"], how="left")
    return [
        by_enterprise(
            spaces,
            {
                "space.unshut": c("toxic_matter_may_arise") & ~c("physically_shut_against_entry"),
                "space.open": pl.when("entries.complete").then(False),
                **graver("space", c("colour")),
            },
        ).with_columns(pl.lit(1, dtype=pl.UInt8).alias("spaces.count")),
        by_enterprise(entries, _entry()),
    ]


def _colour() -> pl.Expr:
    key, people = c("in_key_catalogue"), c("people_at_once")
    hazard = c("poisoning_or_suffocation_risk") | c("toxic_matter_may_arise") | c("explosion_risk")
    return worst_of(
        [
            found_as((key & (people >= 3)) | (hazard & (people >= 10)), RED),
            found_as(key | hazard, ORANGE),
            found_as(people >= 3, YELLOW),
        ]
    )


def _readings(register: Path) -> pl.LazyFrame:
    """Of each entry (``subject``, ``part``): is a reading before it beyond its limit? As a number."""
    altitude = scan(register, "enterprise").select(KEY, c("confined_space.altitude").alias("altitude"))
    rows = scan(register, "confined_space.reading").join(altitude, on=KEY, how="left")
    gas, recorded, high = c("gas"), c("recorded_limit"), c("altitude")
    monoxide = pl.when(high > 3000).then(CO_VERY_HIGH).when(high >= 2000).then(CO_HIGH).when(high < 2000).then(CO_LIMIT)
    listed = gas.replace_strict(LIMITS, default=None, return_dtype=pl.Float64)

    def limit(of_monoxide: float, benzene: float, of_any: pl.Expr, of_recorded: float) -> pl.Expr:
        return (
            pl.when(gas.is_null())
            .then(of_any)
            .when(gas == "carbon_monoxide")
            .then(monoxide.fill_null(of_monoxide))
            .when(gas == "benzene")
            .then(benzene)
            .otherwise(pl.coalesce(listed, recorded, of_recorded))
        )

    least = limit(CO_VERY_HIGH, BENZENE_LEAST, pl.min_horizontal(recorded.fill_null(0), LEAST_LIMIT), 0.0)
    most = limit(CO_LIMIT, BENZENE_MOST, pl.max_horizontal(recorded.fill_null(INFINITY), MOST_LIMIT), INFINITY)
    concentration = c("concentration")
    beyond = pl.when(concentration > most).then(True).when(concentration <= least).then(False)
    oxygen, flammable = gas == "oxygen", gas == "flammable"
    found = (c("taken") == "before_entry") & (
        (oxygen & ((c("oxygen") < 19.5) | (c("oxygen") > 23.5)))
        | (flammable & (c("flammable") > 10))
        | (~oxygen & ~flammable & beyond)
    )
    return rows.group_by(KEY, c("parent").alias("part")).agg(number(found).max().alias("readings"))


def _entry() -> dict[str, pl.Expr]:
    started = c("stage") != "not_started"

    def no(*names: str) -> pl.Expr:
        return any_of(~c(name) for name in names)

    depth, length = c("vertical_depth"), c("horizontal_length")
    points = c("horizontal_test_points") < 2
    near = c("near_point_distance") < 0.5
    readings = truth(pl.max_horizontal(c("readings").fill_null(0), open_list("readings")))
    return {
        "confined_space.order10.art13_2": started
        & no("entry_approved", "ventilated_before_test", "tested_before_entry", "guardian_present"),
        "entry.order13": started
        & any_of(
            [
                no("entry_approved"),
                c("poisoning_or_suffocation_risk") & c("entry_approved") & (c("approver_role") == "other"),
                no("ventilated_before_test", "tested_before_entry"),
                no("safety_briefing_done", "guardian_checked_each_measure"),
                c("explosion_risk") & no("explosion_proof_equipment"),
                no("guardian_stays_outside", "live_contact_kept"),
                no("continuous_ventilation", "continuous_gas_testing"),
                c("reentry_after_break") & no("reventilated_and_retested"),
            ]
        ),
        "entry.gb46768": started
        & any_of(
            [
                no("signed_by_work_leader", "signed_by_approver", "briefing_signed", "gas_kinds_analysed"),
                no("tested_oxygen", "tested_flammable", "tested_h2s", "tested_co"),
                c("complex_atmosphere_beyond_own_means") & no("tested_by_capable_body"),
                c("residues_inside") & no("stirred_from_outside"),
                no("tested_from_outside_upwind", "pumped_detector_used"),
                c("vertical_test")
                & (depth >= 2)
                & ((c("vertical_test_points") < 3) | (c("end_point_distance") > 1) | (c("vertical_point_spacing") > 8)),
                c("vertical_test") & (depth < 2) & (c("vertical_test_points") < 2),
                c("has_horizontal_entry") & (length >= 2) & (points | near | (c("far_point_distance") < 2)),
                c("has_horizontal_entry") & (length < 2) & (points | near | no("far_point_is_farthest")),
                c("ventilated_with_oxygen"),
                c("sudden_danger_possible") & no("harness_worn", "supplied_air_or_scba"),
                no("real_time_monitoring") | (c("record_interval") > 15),
                c("evacuation_triggered") & no("evacuated"),
                c("break_taken") & no("marked_during_break", "closed_during_break"),
                readings,
            ]
        )
        | ((c("stage") == "finished") & no("completion_check_done")),
    }


def enterprise() -> list[dict[str, pl.Expr]]:
    """The columns to make of an enterprise's facts and of what its parts have, step by step."""

    def fact(name: str) -> pl.Expr:
        return c(f"confined_space.{name}")

    def no(*names: str) -> pl.Expr:
        return any_of(~fact(name) for name in names)

    def some_entry(name: str) -> pl.Expr:
        """Of the entries into all spaces, in those of which nothing is said too."""
        return some(name, SPACES) | truth(c("space.open").fill_null(0))

    present, work = fact("has_confined_space"), fact("has_confined_space_work")
    poisoning = work & fact("has_poisoning_risk_in_confined_space")
    unmarked = no("warning_signs_posted")
    unidentified, ledger = no("spaces_identified"), fact("ledger") == "none"
    untrained = fact("trainings_per_year") < 1
    findings = {
        "confined_space.order10.art13_1": poisoning
        & agreed((unidentified | ledger) & unmarked, unidentified & ledger & unmarked),
        "confined_space.order10.art13_2": poisoning & some_entry("confined_space.order10.art13_2"),
    }
    order_13 = any_of(
        [
            no("principal_is_first_responsible", "confined_space_system_ok"),
            no("guardian_named", "guardian_trained_and_stops_violations"),
            unidentified | (fact("ledger") != "current"),
            fact("work_contracted_out") & no("safety_agreement_ok", "contractor_coordinated"),
            untrained | no("all_four_roles_trained"),
            no("on_site_plan_ok", "drill_done_and_evaluated"),
            unmarked | no("notice_boards_posted"),
            no("gas_detector_ok", "ventilator_ok", "respirator_ok", "harness_ok", "rescue_gear_ok"),
            some("space.unshut", SPACES),
            some_entry("entry.order13"),
        ]
    )
    return [
        {
            **findings,
            "confined_space.general": (present & order_13)
            | (no("follows_gb30871") & ((work & untrained) | some_entry("entry.gb46768"))),
            "confined_space.colour_by_space": where(present, worst_part("space", "spaces.count", SPACES)),
        },
        {
            "confined_space.grade": sector_grade(
                present, findings, "confined_space.general", ["confined_space.colour_by_space"]
            )
        },
    ]
