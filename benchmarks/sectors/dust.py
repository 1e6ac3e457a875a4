"""Dust explosion by hand in Polars: article 11 of Order 10, the general findings of Order 6 and GB 15577, the grade."""

from __future__ import annotations

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
    c,
    chosen,
    first_hit,
    graver,
    has,
    scan,
    sector_grade,
    some,
    where,
    worst_part,
)

#: Dusts of the catalogue of 2015: hazard level, and Kst in MPa·m/s.
CATALOGUE = {
    "镁粉": ("high", 35.9),
    "铝粉": ("high", 62.0),
    "铝铁合金粉": ("high", 19.3),
    "钙铝合金粉": ("high", 42.0),
    "铜硅合金粉": ("high", 13.4),
    "硅粉": ("high", 13.5),
    "锌粉": ("fairly_high", 3.4),
    "玉米淀粉": ("high", 16.9),
    "小麦粉": ("fairly_high", 4.2),
    "木粉": ("high", 19.2),
    "烟叶粉尘": ("general", 1.2),
    "亚麻": ("fairly_high", 1.7),
    "棉花": ("fairly_high", 2.4),
    "硫磺": ("high", 15.1),
    "静电粉末涂料": ("high", 8.6),
}
LISTS = {
    "dust.workshop": "dust.workshops",
    "dust.collector": "dust.collectors",
    "dust.zone_20_place": "dust.zone_20_places",
    "dust.machine": "dust.machines",
    "dust.store": "dust.stores",
    "dust.zoned_place": "dust.zoned_places",
}
MAJORS = {
    "dust.workshop": ("dust.order10.art11_1",),
    "dust.collector": tuple(f"dust.order10.art11_{item}" for item in (2, 3, 4, 5, 6)),
    "dust.zone_20_place": ("dust.order10.art11_7",),
    "dust.machine": ("dust.order10.art11_8",),
    "dust.store": ("dust.order10.art11_9",),
}
ENTERPRISE = "dust.order10.art11_10"
GENERAL = {kind: f"{kind}.general" for kind in ("dust.workshop", "dust.collector", "dust.machine", "dust.zoned_place")}


def parts(register: Path) -> list[pl.LazyFrame]:
    """Of each enterprise what its workshops, collectors, places, machines, stores and dusts have."""
    return [
        by_enterprise(scan(register, "dust.workshop"), _workshop()),
        by_enterprise(scan(register, "dust.collector"), _collector()),
        by_enterprise(scan(register, "dust.zone_20_place"), {"dust.order10.art11_7": ~c("electrics_explosion_proof")}),
        by_enterprise(scan(register, "dust.machine"), _machine()),
        by_enterprise(scan(register, "dust.store"), _store()),
        by_enterprise(
            scan(register, "dust.zoned_place"),
            {"dust.zoned_place.general": (c("dust_cloud") != "never") & ~c("electrics_match_zone")},
        ),
        _materials(register),
    ]


def _workshop() -> dict[str, pl.Expr]:
    unframed = (c("storeys") >= 2) & (c("structure") != "frame")
    rooms = c("gathering_rooms") > 0
    return {
        "dust.order10.art11_1": unframed | rooms,
        "dust.workshop.general": any_of(
            [
                c("in_public_or_residential_building") | unframed,
                c("exits_directly_outdoors") < 1,
                ~c("building_meets_dust_standard"),
                rooms,
            ]
        ),
    }


def _collector() -> dict[str, pl.Expr]:
    dry, bag = c("system") == "dry", c("separator") == "bag"
    al_mg = c("dust_class") == "al_mg_metal"
    metal = c("dust_class").is_in(["al_mg_metal", "other_metal"])
    vent, inert, suppress = (broken(d) for d in ("explosion_venting", "inerting", "explosion_suppression"))
    contain, airlock = broken("explosion_containment"), broken("airlock_discharge")
    absent = {
        name: c(name) == "absent"
        for name in (
            "explosion_venting", "inerting", "explosion_suppression", "explosion_containment", "airlock_discharge",
        )
    }  # fmt: skip
    none_of_three = absent["explosion_venting"] & absent["explosion_suppression"] & absent["explosion_containment"]
    pressure = c("positive_pressure")
    tunnel = c("uses_dry_tunnel_duct")
    port = "cleaning_port_spacing"
    uncontrolled = vent & inert & suppress & contain
    uncontrolled_absent = none_of_three & absent["inerting"]
    return {
        "dust.order10.art11_2": c("different_dust_classes_share_system")
        | c("dust_shares_system_with_flammable_gas")
        | c("buildings_or_fire_compartments_share_or_interconnect"),
        "dust.order10.art11_3": dry & vent & inert & suppress,
        "dust.order10.art11_4": pressure & agreed(metal | broken("spark_control"), al_mg | broken("spark_control")),
        "dust.order10.art11_5": (c("settling_chamber") == "gravity") | tunnel,
        "dust.order10.art11_6": dry & c("dust_class").is_in(["al_mg_metal", "other_metal", "wood"]) & airlock,
        "dust.collector.general": any_of(
            [
                # GB 15577
                agreed(
                    uncontrolled,
                    uncontrolled_absent,
                    vent & suppress & contain,
                    none_of_three,
                ),
                c("different_dust_classes_share_system"),
                c("fire_compartments_interconnected"),
                (c("earth_resistance_ohm") >= 100) | ~c("flanges_bonded"),
                c("deduster_run_on_minutes") < 10,
                ~c("duct_is_steel") | c("duct_underground") | tunnel,
                has(port) & (c(port) > 6),
                dry
                & c("collector_indoors")
                & (~c("separate_room_at_outer_wall") | (c("fire_wall_hours") < 3) | ~c("collector_vents_outdoors")),
                bag & ~c("pressure_difference_alarm_ok"),
                bag & (c("uses_mechanical_shaking") | ~c("bags_antistatic_flame_retardant")),
                dry & agreed(airlock, absent["airlock_discharge"]),
                # Order 6, article 15, and 8.1.7 of GB 15577, which says the same of pressure
                ~c("separate_by_process_area")
                | c("dust_shares_system_with_flammable_gas")
                | c("fire_compartments_interconnected"),
                agreed(uncontrolled, uncontrolled_absent),
                (c("settling_chamber") != "none") | tunnel | c("uses_tunnel_duct"),
                agreed(metal & pressure, al_mg & pressure),
                pressure & agreed(~metal, ~al_mg) & ~c("reliable_ignition_control"),
                dry & (~c("airlock_spark_pressure_devices_ok") | ~c("monitoring_warning_system_ok")),
                (c("system") == "wet")
                & agreed(metal, al_mg)
                & (~c("wet_level_and_flow_alarm_interlocked") | ~c("wet_system_ventilated") | ~c("sludge_cleared")),
            ]
        ),
    }


def _machine() -> dict[str, pl.Expr]:
    listed = c("machine_type") != "other"
    return {
        "dust.order10.art11_8": listed
        & chosen(c("machine_type") == "wood_sander", broken("spark_detection_elimination"), broken("tramp_removal")),
        "dust.machine.general": listed & ~c("tramp_removal_or_spark_elimination_ok"),
    }


def _store() -> dict[str, pl.Expr]:
    return {
        "dust.order10.art11_9": c("water_reactive")
        & (~c("hydrogen_accumulation_prevented") | (c("stored_dry") & ~c("dry_dust_protected_from_water")))
    }


def _materials(register: Path) -> pl.LazyFrame:
    listed = pl.LazyFrame(
        {
            "name": list(CATALOGUE),
            "listed_level": [level for level, _ in CATALOGUE.values()],
            "listed_kst": [kst for _, kst in CATALOGUE.values()],
        }
    )
    rows = scan(register, "dust.material").join(listed, on="name", how="left")
    named = c("name").is_not_null()
    level = pl.when(named).then(pl.coalesce("listed_level", "catalogue_level"))
    kst = pl.when(named).then(pl.coalesce("listed_kst", "kst"))
    high = level == "high"
    colour = first_hit(
        [
            (c("dust_class") == "al_mg_metal", RED),
            (high & (kst > 20), RED),
            (high, ORANGE),
            (level == "fairly_high", YELLOW),
        ],
        BLUE,
    )
    numbers = by_enterprise(rows.with_columns(colour.alias("colour")), graver("dust.material", c("colour")))
    return numbers.with_columns(pl.lit(1, dtype=pl.UInt8).alias("dust.materials.count"))


def enterprise() -> list[dict[str, pl.Expr]]:
    """The columns to make of an enterprise's facts and of what its parts have, step by step."""
    present = c("dust.hazard_present")
    findings = {name: present & some(name, LISTS[kind]) for kind, names in MAJORS.items() for name in names}
    findings[ENTERPRISE] = present & ~c("dust.cleaning_regime_carried_out") & c("dust.serious_accumulation")
    general = any_of([*_general(), *(some(name, LISTS[kind]) for kind, name in GENERAL.items())])
    workers = c("dust.workers_total")
    return [
        {
            **findings,
            "dust.general": present & general,
            "dust.colour_by_dust": where(
                present, worst_part("dust.material", "dust.materials.count", "dust.materials")
            ),
            "dust.colour_by_workers": where(
                present, first_hit([(workers >= 30, RED), (workers >= 10, ORANGE), (workers >= 3, YELLOW)], BLUE)
            ),
        },
        {
            "dust.grade": sector_grade(
                present, findings, "dust.general", ["dust.colour_by_dust", "dust.colour_by_workers"]
            )
        },
    ]


def _general() -> list[pl.Expr]:
    def no(*names: str) -> pl.Expr:
        return any_of(~c(f"dust.{name}") for name in names)

    equipment = c("dust.equipment_without_explosion_control") > 0
    return [
        # Order 6
        no("management_system_ok", "training_done_and_recorded", "ppe_provided", "emergency_plan_ok", "drill_done"),
        no("risk_identified_and_graded", "risk_list_kept", "warning_signs_ok", "hazard_check_recorded_and_told"),
        c("dust.has_new_project") & no("safety_design_done_and_built"),
        equipment,
        no("safety_equipment_meets_standard", "safety_equipment_maintained"),
        c("dust.monitoring_disabled_or_data_falsified"),
        no("cleaning_regime_posted", "area_cleaned_every_shift", "cleaning_recorded"),
        c("dust.handles_al_mg_dust_or_scrap") & (c("dust.piled_or_stacked") | no("separate_dry_ventilated_store")),
        c("dust.does_equipment_maintenance")
        & no("special_permit_and_plan", "dust_cleared_before_hot_work", "production_stopped", "non_sparking_tools"),
        # GB 15577
        (c("dust.enterprise_checks_per_quarter") < 1) | (c("dust.workshop_checks_per_month") < 1),
        no("zones_defined", "has_cleaning_regime"),
        c("dust.uses_inerting") & no("oxygen_monitoring_ok"),
        agreed(equipment, equipment | (c("dust.equipment_with_inerting_only") > 0)),
        c("dust.cleans_with_compressed_air"),
    ]
