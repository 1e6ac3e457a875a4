"""The other trade sectors by hand in Polars: articles 3, 6 to 10 and 12 of Order 10, and what is graded by others."""

from __future__ import annotations

from pathlib import Path

import polars as pl

from benchmarks.sectors.logic import (
    BLUE,
    NONE,
    ORANGE,
    RED,
    YELLOW,
    agreed,
    any_of,
    broken,
    byte,
    c,
    found_as,
    has,
    where,
)
from benchmarks.sectors.smelting import sector_by_lists

#: Groups that some editions move to light industry.
MOVED = ("338", "376", "384", "385", "386", "387", "403", "405")
COLOURS = {"blue": BLUE, "yellow": YELLOW, "orange": ORANGE, "red": RED}


def parts(register: Path) -> list[pl.LazyFrame]:
    """Nothing here is about parts."""
    return []


def enterprise() -> list[dict[str, pl.Expr]]:
    """The columns to make of an enterprise's facts, step by step."""
    industry, decided = c("industry"), c("smelting.trade_sector_decided")
    moved = (
        pl.when(industry.is_null() | industry.is_in(["33", "37", "38", "40"]))
        .then(None)
        .when(any_of(industry.str.starts_with(each) for each in MOVED))
        .then(pl.lit("light_industry"))
        .when(industry.str.starts_with("28"))
        .then(pl.lit("textile"))
        .otherwise("listed")
    )

    def within(sector: str) -> pl.Expr:
        return agreed(c("moved") == sector, c("listed") == sector)

    chemicals = industry.str.starts_with("251") | industry.str.starts_with("26")
    graded = c("other.grade_decided").replace_strict(COLOURS, return_dtype=pl.UInt8)
    any_grade = byte(BLUE | YELLOW | ORANGE | RED)
    findings = _findings()
    return [
        {"listed": pl.coalesce(decided, sector_by_lists())},
        {"moved": pl.coalesce(decided, moved)},
        {
            "outside": within("outside"),
            **{
                each: within(each)
                for each in ("building_materials", "machinery", "light_industry", "textile", "tobacco")
            },
        },
        findings,
        {
            "trade.grade": where(~c("outside"), found_as(any_of(map(c, findings)), RED)),
            "other.grade": where(
                c("outside") & ~(c("hazmat.hazard_present") & chemicals) & has("other.grade_decided"),
                graded.fill_null(any_grade),
                NONE,
            ),
        },
    ]


def _findings() -> dict[str, pl.Expr]:
    def fact(name: str) -> pl.Expr:
        return c(f"trade.{name}")

    def no(*names: str) -> pl.Expr:
        return any_of(~fact(name) for name in names)

    def dead(*names: str) -> pl.Expr:
        return any_of(broken(f"trade.{name}") for name in names)

    present = ~c("outside")
    freezer = present & fact("uses_ammonia_refrigeration")
    gas_kiln = (
        fact("has_premix_gas_kiln")
        & no("is_hot_producer_gas_kiln")
        & dead("gas_main_pressure_alarm", "gas_main_alarm_interlock")
    )
    painting = (
        fact("has_paint_room")
        & fact("uses_non_waterborne_paint")
        & dead("paint_room_fixed_gas_alarm", "paint_room_ventilation")
    )
    by_sector: dict[str, dict[str, pl.Expr]] = {
        "building_materials": {
            "6_1": fact("has_coal_mill")
            & dead("coal_mill_temp_alarm", "coal_mill_fixed_co_alarm", "coal_mill_gas_extinguishing"),
            "6_2": fact("manual_silo_cleaning") & no("silo_cleaning_fall_collapse_measures_done"),
            "6_3": fact("has_carbide_slag_silo") & dead("silo_flammable_gas_alarm", "silo_alarm_interlock"),
            "6_4": fact("entry_into_listed_equipment")
            & no("unexpected_start_and_inrush_isolated", "entry_fall_collapse_measures_done"),
            "6_5": gas_kiln,
            "6_6": fact("has_hydrogen_or_gas_distribution_room")
            & (fact("rooms_without_fixed_flammable_gas_alarm") > 0),
            "6_7": fact("has_fused_product_electric_furnace") & no("furnace_water_cooling_working"),
            "6_8": fact("has_glass_furnace_or_tin_bath") & dead("water_air_cooling_alarm"),
        },
        "machinery": {
            "7_1": (fact("has_molten_hoisting_bay") | fact("has_pouring_bay"))
            & (fact("gathering_rooms_on_hoisting_or_pouring_floor") > 0),
            "7_2": fact("has_foundry_furnace") & dead("emergency_discharge_and_storage"),
            "7_3": fact("has_foundry_furnace") & fact("in_production") & (fact("water_found_in_foundry_areas") > 0),
            "7_4": fact("has_cooled_foundry_equipment")
            & dead("outlet_temp_alarm", "flow_difference_alarm", "cooling_alarm_interlock"),
            "7_5": fact("has_gas_burner")
            & dead("gas_main_pressure_alarm", "gas_main_alarm_interlock", "flame_monitoring_and_flameout_protection"),
            "7_6": fact("uses_flammable_cleaning_solvent") & no("vapour_accumulation_prevented"),
            "7_7": painting,
        },
        "light_industry": {
            "8_1": fact("has_food_baking_or_frying") & dead("overheat_auto_cutoff"),
            "8_2": fact("has_baijiu_blending_filling_or_store")
            & dead("ethanol_vapour_fixed_alarm", "ethanol_alarm_interlock"),
            "8_3": fact("vaporises_liquid_chlorine") & fact("chlorine_cylinder_heated_by_steam_or_flame"),
            "8_4": gas_kiln,
            "8_5": fact("has_household_glass_furnace") & dead("cooling_protection_alarm"),
            "8_6": painting,
            "8_7": fact("has_li_ion_battery_store") & no("faulty_batteries_physically_isolated"),
        },
        "textile": {
            "9_1": fact("has_heat_setting") & no("heat_source_rooms_separated_or_standalone"),
            "9_2": fact("stores_listed_textile_auxiliaries")
            & (
                fact("auxiliaries_mixed_with_incompatibles")
                | (fact("stores_hydrosulphite") & no("hydrosulphite_store_kept_dry"))
            ),
        },
        "tobacco": {
            "10_1": fact("does_fumigation")
            & (dead("phosphine_alarm") | no("gas_masks_provided", "evacuation_confirmed_before_fumigation")),
            "10_2": fact("uses_liquid_co2_expansion") & dead("co2_fixed_alarm", "co2_alarm_interlock"),
        },
    }
    found = {
        "3_1": present
        & (fact("has_contractor") | fact("has_lessee"))
        & no("third_parties_coordinated", "third_parties_inspected_regularly"),
        "3_2": present
        & (fact("special_operation_posts_count") > 0)
        & (fact("uncertified_special_operators_on_duty") > 0),
        "12_1": freezer & fact("direct_expansion_ammonia_ac_in_work_areas"),
        "12_2": freezer
        & fact("has_quick_freezer")
        & (no("quick_freezer_in_separate_room") | (fact("workers_in_quick_freezer_room") > 9)),
    }
    for sector, items in by_sector.items():
        found.update({item: c(sector) & each for item, each in items.items()})
    return {f"trade.order10.art{item}": each for item, each in found.items()}
