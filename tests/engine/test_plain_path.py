"""The fast path of compiled code: exact ratios, facts that are missing but not needed, readings that agree."""

from __future__ import annotations

import operator
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyrules.engine.compiled.known_values import UNKNOWN, Unplain
from safetyrules.engine.compiled.ranges import greatest_range, multiply, quotient
from safetyrules.engine.compiled.ratio import INF, Ratio, exact, fraction
from safetyrules.facts.schema import BooleanType, ChoiceType, NumberType, PartsType, ValuesType
from safetyrules.program import default_program

wholes = st.integers(-50, 50)
belows = st.integers(1, 20)
OPERATORS = (operator.add, operator.sub, operator.mul)
COMPARISONS = (operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne)


@given(wholes, belows, wholes, belows, st.sampled_from(OPERATORS))
def test_ratios_compute_as_fractions_do(n: int, d: int, m: int, e: int, op: object) -> None:
    assert callable(op)
    assert fraction(op(Ratio(n, d), Ratio(m, e))) == op(Fraction(n, d), Fraction(m, e))
    assert fraction(op(Ratio(n, d), m)) == op(Fraction(n, d), m)
    assert fraction(op(m, Ratio(n, d))) == op(m, Fraction(n, d))


@given(wholes, belows, wholes, belows, st.sampled_from(COMPARISONS))
def test_ratios_compare_as_fractions_do(n: int, d: int, m: int, e: int, op: object) -> None:
    assert callable(op)
    for other, same in ((Ratio(m, e), Fraction(m, e)), (m, m), (INF, INF), (-INF, -INF)):
        assert op(Ratio(n, d), other) == op(Fraction(n, d), same)
        assert op(other, Ratio(n, d)) == op(same, Fraction(n, d))


@given(wholes, belows)
def test_equal_ratios_hash_alike(n: int, d: int) -> None:
    assert hash(Ratio(n, d)) == hash(Ratio(3 * n, 3 * d)) == hash(Fraction(n, d))
    assert exact(n, d) == Fraction(n, d)


bounds = st.one_of(wholes, st.builds(Ratio, wholes, belows), st.sampled_from([INF, -INF]))


@given(st.lists(bounds, min_size=4, max_size=4))
def test_products_and_quotients_hold_every_point(four: list[object]) -> None:
    low, high = sorted(four[:2])  # type: ignore[type-var]
    other_low, other_high = sorted(four[2:])  # type: ignore[type-var]
    points = [p for p in (low, high) if not isinstance(p, float)]
    others = [p for p in (other_low, other_high) if not isinstance(p, float)]
    product_low, product_high = multiply(low, high, other_low, other_high)
    quotient_low, quotient_high = quotient(low, high, other_low, other_high)
    for one in points:
        for two in others:
            assert product_low <= one * two <= product_high  # type: ignore[operator]
            if two != 0:
                assert quotient_low <= exact_quotient(one, two) <= quotient_high


def exact_quotient(one: object, two: object) -> Fraction:
    return fraction(one) / fraction(two)


@given(st.lists(wholes, min_size=4, max_size=4), st.sampled_from([0, 1, 2]), st.sampled_from([0, 1, 2]), st.booleans())
def test_the_greater_of_two_ranges(four: list[int], none: int, other_none: int, least: bool) -> None:
    low, high = sorted(four[:2])
    other_low, other_high = sorted(four[2:])
    found_low, found_high, flag = greatest_range(low, high, none, other_low, other_high, other_none, least)
    pick = min if least else max
    for one in [low, high] * (none != 2) + [None] * (none > 0):
        for two in [other_low, other_high] * (other_none != 2) + [None] * (other_none > 0):
            if one is None and two is None:
                assert flag
            else:
                value = one if two is None else two if one is None else pick(one, two)
                assert flag != 2
                assert found_low <= value <= found_high


@pytest.mark.parametrize(
    "look",
    [
        bool, hash, len, operator.neg, lambda u: u == 1, lambda u: operator.eq(1, u),
        lambda u: u is None or u != None,  # noqa: E711
        lambda u: u < 1, lambda u: operator.lt(1, u), lambda u: u + 1, lambda u: 1 * u,
        lambda u: 1 << u, lambda u: u in {"dry"},
        lambda u: {"dry": 1}[u], lambda u: not u, lambda u: "d" in u,
    ],
)  # fmt: skip
def test_whatever_looks_at_an_unknown_value_stops(look: object) -> None:
    assert callable(look)
    with pytest.raises(Unplain):
        look(UNKNOWN)


DUST = {
    "hazard_present": True, "workers_total": 12, "workers_max_single_shift": 12,
    "cleaning_regime_carried_out": True, "serious_accumulation": False,
    "materials": [], "workshops": [], "zone_20_places": [], "machines": [], "stores": [],
}  # fmt: skip

DUTIES = {
    "management_system_ok": True,
    "training_done_and_recorded": True,
    "ppe_provided": True,
    "emergency_plan_ok": True,
    "drill_done": True,
    "risk_identified_and_graded": True,
    "risk_list_kept": True,
    "warning_signs_ok": True,
    "hazard_check_recorded_and_told": True,
    "safety_equipment_meets_standard": True,
    "safety_equipment_maintained": True,
    "monitoring_disabled_or_data_falsified": False,
    "cleaning_regime_posted": True,
    "area_cleaned_every_shift": True,
    "cleaning_recorded": True,
    "has_new_project": False,
    "handles_al_mg_dust_or_scrap": False,
    "does_equipment_maintenance": False,
    "equipment_without_explosion_control": 0,
    "zoned_places": [],
    "enterprise_checks_per_quarter": 1,
    "workshop_checks_per_month": 1,
    "zones_defined": True,
    "cleans_with_compressed_air": False,
    "uses_inerting": False,
    "equipment_with_inerting_only": 0,
    "has_cleaning_regime": True,
}


def collector(**changes: object) -> dict[str, object]:
    return {
        "system": "dry", "dust_class": "wood", "explosion_venting": "working", "inerting": "absent",
        "explosion_suppression": "absent", "positive_pressure": False, "settling_chamber": "none",
        "uses_dry_tunnel_duct": False, "airlock_discharge": "working", "different_dust_classes_share_system": False,
        "dust_shares_system_with_flammable_gas": False,
        "buildings_or_fire_compartments_share_or_interconnect": False, "fire_compartments_interconnected": False,
        "separator": "cyclone", "separate_by_process_area": True, "uses_tunnel_duct": False,
        "reliable_ignition_control": True, "airlock_spark_pressure_devices_ok": True,
        "monitoring_warning_system_ok": True, "earth_resistance_ohm": 1, "flanges_bonded": True,
        "deduster_run_on_minutes": 10, "duct_is_steel": True, "duct_underground": False, "cleaning_port_spacing": 6,
        "collector_indoors": False, **changes,
    }  # fmt: skip


def facts(collectors: list[dict[str, object]]) -> dict[str, object]:
    activities = default_program().schema.kinds["enterprise"].facts
    return {
        "industry": "3360", "employees": 200, "revenue": 1500, "assets": 10, "affiliation": "none",
        "activities": {n.removeprefix("activities."): False for n in activities if n.startswith("activities.")},
        "outlet": {"is_business_outlet": False}, "dust": {**DUST, **DUTIES, "collectors": collectors},
        "risk": {"points": []}, "accidents": {"reported": []},
        **{name: _nothing_there(name) for name in ("confined_space", "hazmat", "hazmat_diagnosis")},
        **{name: _nothing_there(name) for name in ("smelting", "trade", "inspection", "prevention")},
    }  # fmt: skip


def _nothing_there(section: str) -> dict[str, object]:
    """A sector of which every fact is given, and none speaks of anything that is there."""
    facts = default_program().schema.kinds["enterprise"].facts.items()
    inside = {name.partition(".")[2]: fact.type for name, fact in facts if name.startswith(f"{section}.")}
    plain: dict[str, object] = {}
    for name, type_ in inside.items():
        match type_:
            case BooleanType():
                plain[name] = False
            case NumberType():
                plain[name] = 0
            case ChoiceType(members=members) if "working" in members:
                plain[name] = "working"
            case PartsType() | ValuesType():
                plain[name] = []
    return plain


@pytest.mark.parametrize(
    ("changes", "plain"),
    [
        ({}, True),
        ({"positive_pressure": True, "spark_control": "working"}, True),
        # Nobody needs to know what protects a collector that is vented.
        ({"inerting": None, "explosion_suppression": None}, True),
        ({"explosion_venting": None}, False),
        # GB 15577 does not say how a failed airlock counts; the rest of the plan stays on the fast path.
        ({"airlock_discharge": "failed"}, True),
        # Where the readings differ on whether a rule applies at all, the plan leaves it.
        ({"positive_pressure": True, "spark_control": "working", "dust_class": "other_metal"}, False),
    ],
)
def test_the_plain_function_goes_on_while_nothing_unknown_is_needed(changes: dict[str, object], plain: bool) -> None:
    program = default_program()
    given_facts = facts([collector(), collector(**changes)])
    asked = {"as_of": "2024-01-01", "jurisdiction": "210100", "sectors": ["dust", "hazmat"]}
    answer = program.assess(given_facts, **asked)  # type: ignore[arg-type]
    reference = program.assess(given_facts, engine="reference", **asked)  # type: ignore[arg-type]
    assert dict(answer.scalars) == dict(reference.scalars)
    compiled = program.compiled(answer.plan, "enterprise")
    try:
        compiled.decide_plain(given_facts, answer.request.as_of.toordinal())
        ran = True
    except Exception:
        ran = False
    assert ran == plain
