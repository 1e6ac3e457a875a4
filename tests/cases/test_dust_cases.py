"""Published dust enforcement cases: what the authority held is found, what was not stated stays open.

Each case gives only the facts that its source states. Sources, retold in our own words:

- A furniture maker in Gongzhuling, Jilin, inspected 2024-04-02, and a food maker in Suzhou Industrial Park, inspected
  2024-01-26: cases one and two of the dust enforcement cases of the Ministry of Emergency Management, 2024
  (reprint n2t.a899.cn/html/37b699420.html).
- A maker of traffic facilities in Yunnan, inspected 2024-09-18: a warning case reprinted 2025-08-19
  (sixthsensevr.com/show.asp?id=26173).
- A craft maker in Lianshui, Jiangsu, inspected 2021-06-08: a case on the six dust points (3yestore.cn, news 2426).
- Wangbin decorative materials, Shaowu, Fujian, inspected 2022-07-19 in the hundred-day campaign
  (news.rooaoo.com/20221203/2984961.html).
"""

from __future__ import annotations

from typing import Any

from law import assess, possible

from safetyrules.result import Assessment

ORDER_10, N129, ORDER_6 = "mem-order-10-2023", "trade-129-2017", "mem-order-6-2021"
ABSENT = {f"explosion_{device}": "absent" for device in ("venting", "isolation", "suppression")} | {
    "inerting": "absent"
}


def judged(day: str, **section: Any) -> Assessment:
    return assess({"dust": {"hazard_present": True, **section}}, as_of=day, sectors=["dust"])


def items(answer: Assessment, instrument: str, status: str) -> set[str]:
    return {
        clause.partition("#")[2]
        for clause, said in answer.by_clause.items()
        if clause.startswith(f"{instrument}#") and said == status
    }


def test_furniture_in_gongzhuling() -> None:
    """A dry system without any explosion control, and a cyclone without airlock discharge: 11(3) and 11(6)."""
    collectors = [
        {"name": "滤筒除尘系统", "system": "dry", "dust_class": "wood", **ABSENT},
        {
            "name": "旋风除尘器",
            "system": "dry",
            "separator": "cyclone",
            "dust_class": "wood",
            "airlock_discharge": "absent",
        },
    ]
    answer = judged("2024-04-02", collectors=collectors)
    assert items(answer, ORDER_10, "found") == {"11(3)", "11(6)"}
    assert items(answer, ORDER_10, "not_found") == set()
    assert items(answer, "gb-15577-2018", "found") == {"8.4.6"}
    assert answer["dust.grade"].proven == "red"
    # Containment is the one measure of Order 6, article 15 of which the case says nothing.
    assert answer.by_clause[f"{ORDER_6}#15b"] == "undetermined"


def test_sugar_dust_in_suzhou() -> None:
    """One system for two fire compartments, and its ducts joined: 11(2)."""
    collector = {
        "buildings_or_fire_compartments_share_or_interconnect": True,
        "fire_compartments_interconnected": True,
        "dust_class": "other",
    }
    answer = judged("2024-01-26", collectors=[collector])
    assert items(answer, ORDER_10, "found") == {"11(2)"}
    assert items(answer, ORDER_10, "not_found") == set()
    assert items(answer, ORDER_6, "found") == {"15a"}
    assert items(answer, "gb-15577-2018", "found") == {"8.1.4"}
    assert answer["dust.order6.penalty_29_to"].value == 50000
    assert possible(answer, "dust.order6.penalty_29") == {True}


def test_powder_coating_in_yunnan() -> None:
    """Cleaning not carried out, deposits up to 80 cm: 11(10), and nothing else is said."""
    answer = judged("2024-09-18", cleaning_regime_carried_out=False, serious_accumulation=True)
    assert items(answer, ORDER_10, "found") == {"11(10)"}
    assert items(answer, ORDER_10, "undetermined") == {f"11({n})" for n in range(1, 10)}
    assert items(answer, ORDER_6, "found") == set()
    assert answer["dust.grade"].proven == "red"


def test_crafts_in_lianshui() -> None:
    """Under the list of 2017 and before Order 6: items 3, 4, 5 and 9."""
    collector = {
        "system": "dry",
        "dust_class": "wood",
        "positive_pressure": True,
        "reliable_ignition_control": False,
        "settling_chamber": "gravity",
        **ABSENT,
    }
    sander = {"machine_type": "wood_sander", "spark_detection_alarm": "absent", "spark_detection_elimination": "absent"}
    answer = judged("2021-06-08", collectors=[collector], machines=[sander])
    assert items(answer, N129, "found") == {f"special-1({n})" for n in (3, 4, 5, 9)}
    assert items(answer, N129, "not_found") == set()
    assert items(answer, N129, "not_applicable") == {"special-1(8)"}  # a sander is none of the machines of item 8
    assert items(answer, ORDER_6, "found") == set()
    assert not [clause for clause in answer.by_clause if clause.startswith((ORDER_6, ORDER_10))]


def test_decorative_materials_in_shaowu() -> None:
    """Bins of two systems without explosion control, positive pressure without spark control, cleaning not recorded."""
    bins = {**ABSENT, "explosion_containment": "absent"}
    engraving = {"positive_pressure": True, "reliable_ignition_control": False}
    answer = judged(
        "2022-07-19",
        collectors=[bins, bins, engraving],
        cleaning_recorded=False,
        workers_total={"at_least": 30},
    )
    assert items(answer, N129, "found") == {"special-1(4)"}
    assert items(answer, ORDER_6, "found") == {"15b", "18a"}
    assert answer["dust.order6.penalty_29_to"].value == 50000  # the fine was 11000 yuan
    # Dry or wet, and what dust, is not said; nor whether 30 counts all workers or those of one shift.
    assert answer.by_clause[f"{N129}#special-1(3)"] == "undetermined"
    assert answer.by_clause[f"{ORDER_6}#15e"] == "undetermined"
    assert possible(answer, "dust.key.campaign_2021") == {True, False}
