"""Shenyang's supervision tiers: every combination of what rows e to k ask for, against a table written by hand."""

from __future__ import annotations

from itertools import product
from typing import Any

import pytest
from law import assess, possible

SHENYANG = "210100"
SIZES: dict[str, dict[str, Any]] = {
    "micro": {"industry": "3360", "employees": 19, "revenue": 300},
    "small": {"industry": "3360", "employees": 20, "revenue": 300},
    "medium": {"industry": "3360", "employees": 300, "revenue": 2000},
    "large": {"industry": "3360", "employees": 1000, "revenue": 40000},
}
AFFILIATIONS = ("central", "province", "municipal", "district", "township", "none")
MUNICIPAL, DISTRICT, FREE = {"municipal"}, {"district"}, {"township", "district"}

# By hand from rows e to k. Rows: affiliation. Columns: high-risk and small, high-risk and medium, other and small,
# other and medium, where "medium" is medium or larger. Row e: central, province, municipal to the municipality
# whatever they do. f: medium high-risk to the municipality. h: other high-risk to the district. i: other medium to the
# district. j: of the district to the district. k: the rest may go to the township.
BY_HAND: dict[str, tuple[set[str], set[str], set[str], set[str]]] = {
    "central": (MUNICIPAL, MUNICIPAL, MUNICIPAL, MUNICIPAL),
    "province": (MUNICIPAL, MUNICIPAL, MUNICIPAL, MUNICIPAL),
    "municipal": (MUNICIPAL, MUNICIPAL, MUNICIPAL, MUNICIPAL),
    "district": (DISTRICT, MUNICIPAL, DISTRICT, DISTRICT),
    "township": (DISTRICT, MUNICIPAL, FREE, DISTRICT),
    "none": (DISTRICT, MUNICIPAL, FREE, DISTRICT),
}
# Row g: an outlet of an enterprise that the municipality supervises stays with it unless entrusted to the district.
# An outlet of any other enterprise goes by its own facts.
OUTLETS: dict[str, tuple[dict[str, Any], set[str] | None]] = {
    "no outlet": ({"is_business_outlet": False}, None),
    "outlet of a district enterprise": ({"is_business_outlet": True, "parent_supervision_tier": "district"}, None),
    "outlet of a township enterprise": ({"is_business_outlet": True, "parent_supervision_tier": "township"}, None),
    "outlet, undecided": (
        {"is_business_outlet": True, "parent_supervision_tier": "municipal"},
        {"municipal", "district"},
    ),
    "outlet, entrusted": (
        {"is_business_outlet": True, "parent_supervision_tier": "municipal", "entrustment": "district"},
        DISTRICT,
    ),
    "outlet, not entrusted": (
        {"is_business_outlet": True, "parent_supervision_tier": "municipal", "entrustment": "municipal"},
        MUNICIPAL,
    ),
}


def tier(jurisdiction: str = SHENYANG, **facts: Any) -> set[Any]:
    return possible(assess(facts, jurisdiction=jurisdiction), "supervision_tier")


def by_hand(affiliation: str, high_risk: bool, size: str, outlet: str) -> set[str]:
    own = BY_HAND[affiliation][(0 if high_risk else 2) + (size in ("medium", "large"))]
    return OUTLETS[outlet][1] or own


@pytest.mark.parametrize(
    ("affiliation", "high_risk", "size", "outlet"), list(product(AFFILIATIONS, (True, False), SIZES, OUTLETS))
)
def test_every_combination(affiliation: str, high_risk: bool, size: str, outlet: str) -> None:
    found = tier(affiliation=affiliation, is_high_risk_sector=high_risk, outlet=OUTLETS[outlet][0], **SIZES[size])
    assert found == by_hand(affiliation, high_risk, size, outlet)


@pytest.mark.parametrize(
    ("affiliation", "high_risk", "size"),
    list(product((*AFFILIATIONS, None), (True, False, None), (*SIZES, None))),
)
def test_what_is_unknown_leaves_every_completion_possible(
    affiliation: str | None, high_risk: bool | None, size: str | None
) -> None:
    """Of facts not stated, the tiers of all their values and no others (but for size: an unknown size may be none)."""
    facts: dict[str, Any] = {"outlet": {"is_business_outlet": False}}
    facts |= {"affiliation": affiliation} if affiliation else {}
    facts |= {"is_high_risk_sector": high_risk} if high_risk is not None else {}
    facts |= SIZES[size] if size else {}
    completions = product(
        (affiliation,) if affiliation else AFFILIATIONS,
        (True, False) if high_risk is None else (high_risk,),
        (size,) if size else SIZES,
    )
    assert tier(**facts) == set().union(*(by_hand(*each, "no outlet") for each in completions))


@pytest.mark.parametrize("decision", ["township", "district"])
def test_row_k_is_settled_by_a_recorded_decision_only(decision: str) -> None:
    facts = {"affiliation": "none", "is_high_risk_sector": False, "outlet": {"is_business_outlet": False}}
    assert tier(**facts, **SIZES["small"], tier_decision=decision) == {decision}
    assert tier(**facts, **SIZES["medium"], tier_decision=decision) == DISTRICT


@pytest.mark.parametrize("treatment", ["worst", "best"])
def test_a_permission_is_never_turned_into_an_assignment(treatment: Any) -> None:
    facts = {"affiliation": "none", "is_high_risk_sector": False, "outlet": {"is_business_outlet": False}}
    answer = assess({**facts, **SIZES["small"]}, jurisdiction=SHENYANG, treat_unknown_as=treatment)
    assert answer["supervision_tier"].treated is None


def test_row_l_a_recorded_departure_replaces_any_row() -> None:
    facts = {"outlet": {"is_business_outlet": False}, "tier_departure_reason": "行业管理另有规定", **SIZES["large"]}
    for affiliation, high_risk, departure in product(
        AFFILIATIONS, (True, False), ("municipal", "district", "township")
    ):
        found = tier(**facts, affiliation=affiliation, is_high_risk_sector=high_risk, tier_departure=departure)
        assert found == {departure}


@pytest.mark.parametrize("inside", ["210100", "210102", "210114", "210181", "210112001"])
def test_inside_the_city(inside: str) -> None:
    assert tier(inside, affiliation="central", outlet={"is_business_outlet": False}) == MUNICIPAL


@pytest.mark.parametrize("outside", ["CN", "210000", "210200", "210400", "211000", "211200", "110000", "320583"])
def test_outside_the_city_its_rows_say_nothing(outside: str) -> None:
    """Not in its province, not in its neighbours, not where only the first digits look alike."""
    found = tier(outside, affiliation="central", outlet={"is_business_outlet": False})
    assert found == {"municipal", "district", "township", None}


def test_the_place_of_operation_decides_not_a_guess() -> None:
    facts = {"affiliation": "central", "outlet": {"is_business_outlet": False}}
    assert possible(assess({**facts, "place": "210181"}), "supervision_tier") == MUNICIPAL
    assert None in possible(assess(facts), "supervision_tier")
    for unknown in ("210199", "210423"):
        answer = assess({**facts, "place": unknown})
        assert None in possible(answer, "supervision_tier")
        assert "SR2109" in {notice.code for notice in answer.notices}


def test_before_the_opinion_can_have_existed() -> None:
    facts = {"affiliation": "central", "outlet": {"is_business_outlet": False}}
    answer = assess(facts, jurisdiction=SHENYANG, as_of="2017-12-31")
    assert possible(answer, "supervision_tier") == {"municipal", "district", "township", None}


def test_the_grade_does_not_change_the_tier() -> None:
    facts = {"affiliation": "none", "is_high_risk_sector": False, "outlet": {"is_business_outlet": False}}
    red = {"hazard_present": True, "cleaning_regime_carried_out": False, "serious_accumulation": True}
    assert tier(**facts, **SIZES["small"], dust=red) == tier(**facts, **SIZES["small"], dust={"hazard_present": False})


HIGH_RISK_LISTS = {  # an activity, and whether the law's, the insurance and the expense list hold it: all, some or none
    "coal_mine": {True}, "metal_smelting": {True}, "hazchem_trading": {True, False}, "fishery": {True, False},
    "power": {True, False}, "urban_rail": {False}, "crowded_venue": {False},
}  # fmt: skip


@pytest.mark.parametrize(("activity", "high_risk"), HIGH_RISK_LISTS.items())
def test_which_list_is_meant_is_unsettled(activity: str, high_risk: set[bool]) -> None:
    """High-risk by every list, by none, or by some: the text does not name its list."""
    answer = assess({"activities": {activity: True}}, jurisdiction=SHENYANG, closed=["activities"])
    assert possible(answer, "is_high_risk") == high_risk
