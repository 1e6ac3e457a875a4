"""The dust explosion at Kunshan Zhongrong, 2014-08-02, as the published report describes it (examples/kunshan.yaml)."""

from __future__ import annotations

import pytest
from law import assess, example, merged, possible

from safetyrules.explanation.why import why
from safetyrules.result import Assessment, Outcome

CASE = example("kunshan")
ORDER_10 = "mem-order-10-2023"
N129 = "trade-129-2017"


def kunshan(law_at: str, jurisdiction: str | None = None, **more: object) -> Assessment:
    return assess(
        merged(CASE.facts, **more), as_of=CASE.options["as_of"].isoformat(), law_at=law_at, jurisdiction=jurisdiction
    )


def by_item(answer: Assessment, instrument: str, article: str) -> dict[int, str]:
    return {
        int(clause.rpartition("(")[2].rstrip(")")): status
        for clause, status in answer.by_clause.items()
        if clause.startswith(f"{instrument}#{article}(")
    }


def needed(answer: Assessment, rule: str) -> set[str]:
    """The last words of the facts, lists and parameters that can still change a conclusion."""
    paths = [need.path for need in why(answer, rule).needs]
    return {path.rpartition(".")[2].rpartition("#")[2].rpartition("/")[2] for path in paths}


def dust_findings(answer: Assessment) -> list[Outcome]:
    """Those of the sector that the report speaks of; it says nothing of the others."""
    return [each for each in answer.findings if each.name.startswith("dust.")]


# ---- the facts that the issue states -------------------------------------------------------------------------------


def test_only_what_the_report_states_is_given() -> None:
    facts = CASE.facts
    assert facts["place"]["value"] == "320583"
    assert facts["industry"]["value"] == "3360"
    assert facts["industry"]["assumed"]
    assert (facts["employees"]["value"], facts["revenue"]["value"], facts["revenue"]["unit"]) == (
        527,
        16500,
        "10k_yuan",
    )
    dust = facts["dust"]
    (workshop,) = dust["workshops"]
    stated = ("storeys", "structure", "floor_area", "production_lines", "workers")
    assert {key: workshop[key]["value"] for key in stated} == {
        "storeys": 2, "structure": "frame", "floor_area": 2145, "production_lines": 29, "workers": 265,
    }  # fmt: skip
    assert workshop["electrics_explosion_proof"]["value"] is False
    assert [(c["system"]["value"], c["separator"]["value"]) for c in dust["collectors"]] == [("dry", "bag")] * 8
    not_stated = {
        "airlock_discharge", "positive_pressure", "different_dust_classes_share_system", "uses_dry_tunnel_duct",
        "dust_shares_system_with_flammable_gas", "buildings_or_fire_compartments_share_or_interconnect",
        "fire_compartments_interconnected", "settling_chamber", "spark_control", "reliable_ignition_control",
    }  # fmt: skip
    assert not any(not_stated & set(collector) for collector in dust["collectors"])
    assert {"zone_20_places", "machines", "has_cleaning_regime"}.isdisjoint(dust)
    assert {"gathering_rooms", "distance_to_crowded_places_sufficient"}.isdisjoint(workshop)


# ---- as under Order 10 ---------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def order_10() -> Assessment:
    return kunshan("2024-01-01")


def test_order_10_item_by_item(order_10: Assessment) -> None:
    assert by_item(order_10, ORDER_10, "11") == {
        1: "undetermined", 2: "undetermined", 3: "found", 4: "undetermined", 5: "undetermined",
        6: "undetermined", 7: "undetermined", 8: "undetermined", 9: "found", 10: "found",
    }  # fmt: skip


def test_order_10_all_eight_systems_lack_protection(order_10: Assessment) -> None:
    found = [each.path for each in order_10.findings if each.name == "dust.order10.art11_3" and each.status == "found"]
    assert found == [f"enterprise.dust.collectors[{i}]" for i in range(8)]


@pytest.mark.parametrize(
    ("item", "facts"),
    [
        (1, {"gathering_rooms"}),
        (
            2,
            {
                "different_dust_classes_share_system",
                "dust_shares_system_with_flammable_gas",
                "buildings_or_fire_compartments_share_or_interconnect",
            },
        ),
        (4, {"positive_pressure"}),
        (5, {"settling_chamber", "uses_dry_tunnel_duct"}),
        (6, {"airlock_discharge"}),
        (7, {"zone_20_places"}),
        (8, {"machines"}),
    ],
)
def test_undetermined_items_name_what_would_settle_them(order_10: Assessment, item: int, facts: set[str]) -> None:
    assert needed(order_10, f"dust.order10.art11_{item}") == facts


def test_order_10_grade_and_size(order_10: Assessment) -> None:
    assert order_10["dust.grade"].proven == "red"
    assert order_10["dust.grade"].status == "determined"
    assert order_10["size_class"].value == "medium"
    assert order_10["overall_grade"].value == "red"


def test_the_other_list_is_not_in_force(order_10: Assessment) -> None:
    assert by_item(order_10, N129, "special-1") == {}


# ---- 2020: the list of 2017 ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def n129() -> Assessment:
    return kunshan("2020-01-01")


def test_2017_list_item_by_item(n129: Assessment) -> None:
    assert by_item(n129, N129, "special-1") == {
        1: "undetermined", 2: "undetermined", 3: "found", 4: "undetermined", 5: "undetermined",
        6: "undetermined", 7: "undetermined", 8: "undetermined", 9: "undetermined", 10: "undetermined",
    }  # fmt: skip
    assert by_item(n129, ORDER_10, "11") == {}


def test_unsettled_readings_are_shown_as_such(n129: Assessment) -> None:
    """Not cleaned in time is enough if the halves of item 10 are joined by OR, not if by AND."""
    assert "cleaning_reading" in needed(n129, "dust.n129.item_10")


def test_once_the_regime_is_known_only_the_reading_is_open() -> None:
    answer = kunshan("2020-01-01", dust={"has_cleaning_regime": True})
    assert by_item(answer, N129, "special-1")[10] == "undetermined"
    assert needed(answer, "dust.n129.item_10") == {"cleaning_reading"}
    answer = kunshan("2020-01-01", dust={"has_cleaning_regime": False})
    assert by_item(answer, N129, "special-1")[10] == "found"


def test_2017_list_grade_and_size(n129: Assessment) -> None:
    assert n129["dust.grade"].proven == "red"
    assert n129["size_class"].value == "medium"


@pytest.mark.parametrize(
    ("law_at", "instrument"),
    [("2017-11-29", None), ("2017-11-30", N129), ("2023-05-14", N129), ("2023-05-15", ORDER_10)],
)
def test_the_lists_change_on_their_days(law_at: str, instrument: str | None) -> None:
    lists = {str(each.conclusion.clause).partition("#")[0] for each in dust_findings(kunshan(law_at))}
    assert lists == ({instrument} if instrument else set())


# ---- the day itself ------------------------------------------------------------------------------------------------


def test_no_national_list_on_the_day_and_the_answer_says_so() -> None:
    answer = kunshan("2014-08-02")
    assert dust_findings(answer) == []
    (notice,) = [each for each in answer.notices if each.code == "SR0910" and "粉尘涉爆" in each.message.zh]
    assert "2014-08-02" in notice.message.zh
    assert "2014-08-02" in notice.message.en


def test_no_list_in_force_proves_nothing_clean() -> None:
    """The same day, had the enterprise handled little of a mild dust: red stays possible, blue is not earned."""
    mild = {
        "dust": {"hazard_present": True, "materials": [{"name": "烟叶粉尘", "dust_class": "other"}], "workers_total": 1}
    }
    grade = assess(mild, as_of="2014-08-02")["dust.grade"]
    assert {"blue", "red"} <= set(grade.possible or ())


# ---- who supervises it ---------------------------------------------------------------------------------------------


def test_no_instrument_at_hand_assigns_the_tier_there(order_10: Assessment) -> None:
    tier = order_10["supervision_tier"]
    assert order_10.request.place == order_10.request.jurisdiction == "320583"
    assert not order_10.request.what_if
    assert tier.status == "undetermined"
    assert possible(order_10, "supervision_tier") == {"municipal", "district", "township", None}
    assert [need.kind for need in why(order_10, "supervision_tier").needs] == ["instrument"]


def test_what_if_in_shenyang() -> None:
    answer = kunshan("2024-01-01", "210100", is_high_risk_sector=False, outlet={"is_business_outlet": False})
    assert answer.request.what_if
    assert possible(answer, "supervision_tier") == {"municipal", "district"}
    needs = why(answer, "supervision_tier").needs
    assert {need.path for need in needs if need.kind != "decision"} == {"enterprise.affiliation"}
    assert {need.path for need in needs if need.kind == "decision"} == {"enterprise.tier_departure"}


@pytest.mark.parametrize(
    ("affiliation", "tier"),
    [
        ("central", "municipal"), ("province", "municipal"), ("municipal", "municipal"),
        ("district", "district"), ("township", "district"), ("none", "district"),
    ],
)  # fmt: skip
def test_what_settles_it(affiliation: str, tier: str) -> None:
    answer = kunshan(
        "2024-01-01",
        "210100",
        affiliation=affiliation,
        is_high_risk_sector=False,
        outlet={"is_business_outlet": False},
    )
    assert possible(answer, "supervision_tier") == {tier}
