"""Published accidents and penalties in confined spaces: what the authority held is found, the rest stays open.

Sources are the pages on which authorities, or papers quoting them, published the cases. The facts are restated from
them; whatever a page does not say is not given.
"""

from __future__ import annotations

from typing import Any

import pytest
from law import assess, possible

from safetyrules.explanation.why import why
from safetyrules.result import Assessment

ORDER_13 = "confined_space.order13."
ORDER_10_13_1 = "confined_space.order10.art13_1"
ORDER_10_13_2 = "confined_space.order10.art13_2"
N129_1 = "confined_space.n129.item_1"
ARTICLES = {f"{ORDER_13}art{n}" for n in (4, 5, 6, 8, 9, 10, 11, 12, 13)}
JOBS = {f"{ORDER_13}art{n}" for n in ("7_1", "7_2", "14_1", "14_2", "14_3", "15_1", "15_2", "15_3")}


def judged(as_of: str, section: dict[str, Any], **options: Any) -> Assessment:
    facts = {"confined_space": {"has_confined_space": True, **section}}
    return assess(facts, as_of=as_of, sectors=["confined_space"], **options)


def by_status(answer: Assessment) -> dict[str, set[str]]:
    """The rules by the status that they have in some part; found goes before undetermined."""
    order = ("found", "undetermined", "not_found", "not_applicable")
    best: dict[str, str] = {}
    for each in answer.findings:
        best[each.name] = min(best.get(each.name, each.status), each.status, key=order.index)
    return {status: {name for name, worst in best.items() if worst == status} for status in order}


def needed(answer: Assessment, rule: str) -> set[str]:
    return {need.path.rpartition(".")[2].rpartition("/")[2] for need in why(answer, rule).needs}


def most(answer: Assessment, name: str) -> int:
    (amount,) = possible_numbers(answer, name)
    return amount


def possible_numbers(answer: Assessment, name: str) -> tuple[int, ...]:
    low, high = answer[name].bounds or (None, None)
    assert low is not None
    assert high is not None
    return (int(low),) if low == high else (int(low), int(high))


# ---- Jiashan, 2025-06-23: no guardian --------------------------------------------------------------------------------
# The county's emergency bureau, in 南湖晚报 (http://www.gamebaike.com/new/713963463577183232): an environmental company
# with a sewage pool identified as a confined space had no guarding of the work and had named no guardian. Held
# against article 5; fined 40 000 yuan, and its safety manager 7 000, by article 21(1).


def jiashan() -> Assessment:
    return judged(
        "2025-06-23",
        {
            "has_confined_space_work": True,
            "guardian_named": False,
            "spaces": {"items": [{"name": "污水池"}], "more": True},
        },
    )


def test_jiashan_a_guardian_is_missing_and_nothing_else_is_known() -> None:
    answer = jiashan()
    statuses = by_status(answer)
    assert statuses["found"] == {f"{ORDER_13}art5"}
    assert statuses["undetermined"] == (ARTICLES | JOBS | {ORDER_10_13_1, ORDER_10_13_2}) - {f"{ORDER_13}art5"}
    assert statuses["not_found"] == set()
    assert possible(answer, "confined_space.grade") == {"yellow", "orange", "red"}


def test_jiashan_the_fines_are_inside_the_range() -> None:
    answer = jiashan()
    assert most(answer, "confined_space.penalty.art21_fine_most") >= 40_000
    assert most(answer, "confined_space.penalty.art21_person_most") >= 7_000


# ---- A maker of sports goods, 2024-06-15: seven spaces, none identified, no ledger -----------------------------------
# http://www.spcc0zscm.cn/fj/rdzt/fjpdztgrdztfjsyjt/fjpdztgrdztyjyw/20250611/t20250611_527205365.shtml: seven spaces,
# among them sewer wells, were not identified and there was no ledger. Held against article 6; 10 000 yuan, and 2 000
# for the person in charge, by article 21(2).


def sports_goods() -> Assessment:
    return judged(
        "2024-06-15", {"spaces_identified": False, "ledger": "none", "spaces": [{"name": str(n)} for n in range(7)]}
    )


def test_sports_goods_not_identified_is_general_and_perhaps_major() -> None:
    answer = sports_goods()
    assert by_status(answer)["found"] == {f"{ORDER_13}art6"}
    assert needed(answer, ORDER_10_13_1) == {
        "has_confined_space_work", "has_poisoning_risk_in_confined_space", "warning_signs_posted",
    }  # fmt: skip
    assert most(answer, "confined_space.penalty.art21_fine_most") >= 10_000
    assert most(answer, "confined_space.penalty.art21_person_most") >= 2_000


# ---- Yong'an, 2024-07-04: no sign at a manhole -----------------------------------------------------------------------
# The emergency bureau of Yong'an
# (http://www.ya.gov.cn/zfxxgkzl/fdzdgknr/zdlyxxgk/xzql/xzql/202409/t20240924_2063162.htm): no warning sign at the
# manhole of a desulphurisation tower. Held against article 11.


def yongan(**more: Any) -> Assessment:
    spaces = {"items": [{"name": "脱硫塔"}], "more": True}
    return judged("2024-07-04", {"warning_signs_posted": False, "spaces": spaces, **more})


def test_yongan_a_missing_sign_is_general() -> None:
    answer = yongan()
    assert by_status(answer)["found"] == {f"{ORDER_13}art11"}
    assert ORDER_10_13_1 in by_status(answer)["undetermined"]
    assert possible_numbers(answer, "confined_space.penalty.art19_fine_most") == (50_000, 200_000)


def test_yongan_with_identification_and_ledger_it_is_no_major_hazard() -> None:
    at_work = {"has_confined_space_work": True, "has_poisoning_risk_in_confined_space": True}
    answer = yongan(spaces_identified=True, ledger="current", **at_work)
    assert ORDER_10_13_1 in by_status(answer)["not_found"]


# ---- A maker of car parts, 2023-09-21: before Order 13 ---------------------------------------------------------------
# https://wxredian.com/art?id=e81585c88ed95cca2a8f8807454b8400: drying tunnels and a tempering furnace, places of
# confined-space work, were not identified and there was no ledger; fined by the order of 2013 then in force, which
# this release does not hold. The page adds that Order 13, since 2024, would be applied to the same act.

CAR_PARTS = {"has_confined_space_work": True, "spaces_identified": False, "ledger": "none"}


def test_car_parts_on_its_own_day() -> None:
    answer = judged("2023-09-21", CAR_PARTS)
    assert {each.name for each in answer.findings} == {ORDER_10_13_1, ORDER_10_13_2}
    assert by_status(answer)["found"] == set()
    assert needed(answer, ORDER_10_13_1) == {"has_poisoning_risk_in_confined_space", "warning_signs_posted"}


def test_car_parts_as_under_the_list_of_2017_and_as_under_order_13() -> None:
    assert N129_1 in by_status(judged("2023-09-21", CAR_PARTS, law_at="2023-05-14"))["found"]
    today = judged("2023-09-21", CAR_PARTS, law_at="2024-07-31")
    assert f"{ORDER_13}art6" in by_status(today)["found"]
    assert most(today, "confined_space.penalty.art21_fine_most") == 50_000


# ---- Changzhou, published 2020-11-27: an incomplete identification ---------------------------------------------------
# The city's emergency bureau (https://yjglj.changzhou.gov.cn/html/ajj/2020/MQQIPFAQ_1127/32796.html): a pit and a
# pool were identified and in the ledger, dust collectors were overlooked.


def test_changzhou_incomplete_identification_is_a_gap() -> None:
    facts = {"spaces_identified": False, "ledger": "outdated"}
    answer = judged("2020-11-27", facts)
    assert by_status(answer)["found"] == set()
    assert needed(answer, N129_1) == {"has_confined_space_work"}
    assert N129_1 in by_status(judged("2020-11-27", {**facts, "has_confined_space_work": True}))["found"]


# ---- Chongqing, 2024-07-28: a maker of pickled bamboo shoots, three dead ---------------------------------------------
# Report: http://yjj.cq.gov.cn/zwgk_230/fdzdgknr/jdjc11/202410/t20241028_13745372.html; circular of the ministry as
# reprinted at http://m.niuyw.com/index.php?a=show&catid=204&id=59701. One man was sent into a pool and two went after
# him; a fan came only then. No guardian, no training, no sign or board, detector and masks dead, no self-contained
# breathing gear, no on-site plan and no drill, and the order of ventilating, testing and working was not kept. Hours
# later hydrogen sulphide stood at 42 ppm, six times over, and oxygen at 20.4 %.


def chongqing() -> Assessment:
    after = "hours after the accident, by the experts of the district"
    return judged(
        "2024-07-28",
        {
            "has_confined_space_work": True,
            "has_poisoning_risk_in_confined_space": True,
            "follows_gb30871": False,
            "guardian_named": False,
            "warning_signs_posted": False,
            "notice_boards_posted": False,
            "all_four_roles_trained": False,
            "on_site_plan_ok": False,
            "drill_done_and_evaluated": False,
            "gas_detector_ok": False,
            "respirator_ok": False,
            "rescue_gear_ok": False,
            "spaces": {
                "items": [
                    {
                        "name": "1#池",
                        "poisoning_or_suffocation_risk": True,
                        "toxic_matter_may_arise": True,
                        "entries": [
                            {
                                "stage": "in_progress",
                                "guardian_present": False,
                                "ventilated_before_test": False,
                                "tested_before_entry": False,
                                "readings": {
                                    "items": [
                                        # 42 ppm are 55 to 64 mg/m3, at whatever temperature
                                        {
                                            "gas": "hydrogen_sulphide",
                                            "concentration": {"between": [55, 64], "source": after},
                                        },
                                        {"gas": "oxygen", "oxygen": {"value": 20.4, "source": after}},
                                    ],
                                    "more": True,
                                },
                            }
                        ],
                    }
                ],
                "more": True,
            },
        },
    )


def test_chongqing_what_the_circular_held() -> None:
    found = by_status(chongqing())["found"]
    assert found == {f"{ORDER_13}art{n}" for n in ("5", "9", "10", "11", "13", "14_1")} | {ORDER_10_13_2}


def test_chongqing_what_it_did_not_say() -> None:
    answer = chongqing()
    statuses = by_status(answer)
    assert {ORDER_10_13_1, *(f"{ORDER_13}art{n}" for n in ("4", "6", "7_1", "7_2", "12", "14_2", "15_2"))} <= statuses[
        "undetermined"
    ]
    assert {"spaces_identified", "ledger"} <= needed(answer, ORDER_10_13_1)
    assert "entry_approved" in needed(answer, f"{ORDER_13}art7_1")
    assert statuses["not_found"] == set()


def test_chongqing_is_red_and_nobody_may_be_inside() -> None:
    answer = chongqing()
    entry = "confined_space.spaces[0].entries[0]"
    assert answer["confined_space.grade"].proven == "red"
    assert possible(answer, f"{entry}#entry_state") == {"leave"}
    assert possible(answer, f"{entry}.readings[0]#acceptable") == {False}
    assert possible(answer, f"{entry}.readings[1]#acceptable") == {True}


# ---- Haicheng, 2025-06-21: a paper mill, three dead ------------------------------------------------------------------
# As reprinted by the emergency bureau of Changzhou
# (https://yjglj.changzhou.gov.cn/html/ajj/2025/MQQIPFAQ_0701/38126.html): a collecting pit of the sewage plant;
# hydrogen sulphide at 37 ppm. Ledger, training, drills and approval of jobs were missing, the pit had no sign, nobody
# was trained; the job was not approved, and people went in without ventilating or testing.


def haicheng(**more: Any) -> Assessment:
    job = {
        "stage": "in_progress",
        "entry_approved": False,
        "ventilated_before_test": False,
        "tested_before_entry": False,
    }
    pit = {"name": "集水池", "poisoning_or_suffocation_risk": True, "entries": [job]}
    return judged(
        "2025-06-21",
        {
            "has_confined_space_work": True,
            "has_poisoning_risk_in_confined_space": True,
            "ledger": "none",
            "all_four_roles_trained": False,
            "drill_done_and_evaluated": False,
            "warning_signs_posted": False,
            "spaces": {"items": [pit], "more": True},
            **more,
        },
    )


def test_haicheng_what_the_circular_held() -> None:
    found = by_status(haicheng())["found"]
    assert found == {f"{ORDER_13}art{n}" for n in ("6", "7_1", "9", "10", "11", "14_1")} | {ORDER_10_13_2}


def test_haicheng_no_ledger_and_no_sign_hangs_on_the_reading_and_on_the_identification() -> None:
    answer = haicheng()
    assert ORDER_10_13_1 in by_status(answer)["undetermined"]
    assert needed(answer, ORDER_10_13_1) == {"first_half_reading", "spaces_identified"}
    assert ORDER_10_13_1 in by_status(haicheng(spaces_identified=False))["found"]


@pytest.mark.parametrize("answer", [chongqing, haicheng])
def test_an_article_about_spaces_that_nobody_listed_is_never_clean(answer: Any) -> None:
    assert not {f"{ORDER_13}art12", *JOBS} & by_status(answer())["not_found"]
