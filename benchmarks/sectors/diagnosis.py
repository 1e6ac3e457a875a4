"""The diagnosis of 2018 by hand in Polars: its score, in tenths of a point as two ends, and its colour."""

from __future__ import annotations

from typing import NamedTuple

import polars as pl

from benchmarks.sectors.logic import BLUE, ORANGE, RED, YELLOW, c, first_hit, some, where

#: So many tenths are more than any section takes off.
MUCH = 10**6
UNITS = "hazmat.units"


class Points(NamedTuple):
    """Tenths of a point."""

    low: pl.Expr
    high: pl.Expr


def score() -> Points:
    """Of an enterprise under the diagnosis."""

    def unit(name: str) -> pl.Expr:
        return some(f"unit.{name}", UNITS)

    def kinds(name: str, tenths: int) -> Points:
        return _each(f"hazmat_diagnosis.{name}", tenths)

    def fact(name: str, tenths: int) -> Points:
        return _if(c(f"hazmat_diagnosis.{name}"), tenths)

    standard = c("hazmat_diagnosis.standardisation_level")
    systems = c("hazmat.does_special_work") & (
        ~c("hazmat.special_work_system_ok") | ~c("hazmat.special_work_system_effective")
    )
    sections = [
        _off(
            100, _if(unit("level_1"), 100), _if(unit("level_2"), 80), _if(unit("level_3"), 60), _if(unit("level_4"), 40)
        ),
        _off(
            50,
            kinds("explosive_chemical_kinds", 20),
            kinds("inhalation_highly_toxic_kinds", 20),
            kinds("other_key_chemical_kinds", 1),
        ),
        _off(100, kinds("key_process_kinds", 20)),
        _off(
            50,
            kinds("class_a_fire_places", 10),
            kinds("class_b_fire_places", 5),
            fact("tank_farm_or_gasholder_next_to_open_flame", 50),
        ),
        _off(100, fact("outside_chemical_park", 30), _if(some("hazmat.n121.item_03", UNITS), 100)),
        _with_bonus(
            100,
            [_if(unit("unargued"), 50), _if(unit("unassessed"), 100)],
            [fact("designed_by_grade_a_institute", 20)],
        ),
        _off(
            50,
            kinds("obsolete_equipment_count", 20),
            fact("special_equipment_unregistered", 20),
            _if(unit("power"), 50),
        ),
        _off(
            100,
            _if(unit("uncontrolled"), 100),
            _if(unit("no_sis"), 100),
            _if(unit("no_cutoff"), 50),
            kinds("remote_monitoring_gaps", 10),
            kinds("gas_detection_gaps", 10),
            kinds("non_explosion_proof_places", 10),
            kinds("offices_in_class_ab_units", 50),
        ),
        _with_bonus(
            150,
            [
                kinds("unassessed_managers", 50),
                kinds("safety_managers_below_education", 50),
                kinds("key_unit_staff_below_education", 50),
                fact("no_registered_safety_engineer", 30),
            ],
            [kinds("principals_with_chemistry_degree", 20)],
        ),
        _off(
            100,
            _if(~c("hazmat.operating_procedures_ok") | ~c("hazmat.process_limits_defined"), 50),
            _if(systems, 100),
            kinds("posts_without_responsibility", 20),
        ),
        _sum(fact("own_fire_brigade", 30)),
        _with_bonus(
            100,
            [
                kinds("larger_accidents_3y", 100),
                fact("fatal_accident_1_to_2_deaths_3y", 80),
                fact("no_casualty_fire_explosion_poisoning_3y", 50),
            ],
            [
                _if(standard == "level_1", 150),
                _if(standard == "level_2", 50),
                _if(standard == "level_3", 20),
                fact("accident_free_5y", 50),
            ],
        ),
    ]
    total = _sum(*sections)
    return Points(1000 + total.low, 1000 + total.high)


def colour(under: pl.Expr) -> pl.Expr:
    """By ``score.low`` and ``score.high``."""

    def reaches(points: int) -> pl.Expr:
        return pl.when(c("score.low") >= points * 10).then(True).when(c("score.high") < points * 10).then(False)

    posts = (c("hazmat.uncertified_special_operators_on_duty") > 0) | (
        c("hazmat_diagnosis.special_operators_below_high_school") > 0
    )
    return where(
        under,
        first_hit(
            [
                (some("unit.untried", UNITS), RED),
                (some("unit.undesigned", UNITS), RED),
                (posts, RED),
                (c("hazmat_diagnosis.major_accidents_3y") >= 1, RED),
                (c("hazmat_diagnosis.larger_accidents_3y") >= 2, RED),
                (c("hazmat_diagnosis.fatal_general_accidents_1y") >= 2, RED),
                (reaches(90), BLUE),
                (reaches(75), YELLOW),
                (reaches(60), ORANGE),
            ],
            RED,
        ),
    )


def _if(test: pl.Expr, tenths: int) -> Points:
    under = c("hazmat.under_diagnosis") & test
    return Points(
        pl.when(under).then(tenths).otherwise(0).cast(pl.Int64),
        pl.when(~under).then(0).otherwise(tenths).cast(pl.Int64),
    )


def _each(fact: str, tenths: int) -> Points:
    points = (c(fact) * tenths).clip(upper_bound=MUCH)
    return Points(
        pl.when("hazmat.under_diagnosis").then(points).otherwise(0).fill_null(0),
        pl.when(~c("hazmat.under_diagnosis")).then(0).otherwise(points.fill_null(MUCH)),
    )


def _sum(*several: Points) -> Points:
    return Points(pl.sum_horizontal(each.low for each in several), pl.sum_horizontal(each.high for each in several))


def _off(most: int, *several: Points) -> Points:
    """Taken off, at most so many."""
    low, high = _sum(*several)
    return Points(-pl.min_horizontal(high, most), -pl.min_horizontal(low, most))


def _with_bonus(most: int, off: list[Points], added: list[Points]) -> Points:
    """Whether the deduction stops at its most before or after points are added is not settled."""
    taken, given = _off(most, *off), _sum(*added)
    whole = _sum(*off)
    low = pl.max_horizontal(given.low - whole.high, pl.lit(-most))
    high = pl.max_horizontal(given.high - whole.low, pl.lit(-most))
    return Points(pl.min_horizontal(given.low + taken.low, low), pl.max_horizontal(given.high + taken.high, high))
