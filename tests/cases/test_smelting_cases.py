"""Published cases of metal smelting: what the authority held is found, what was not stated stays open.

Each case gives only the facts that its source states. Sources, retold in our own words:

- Qinghe special steel, Tieling, 2007-04-18: news agency reports of 2007-04-18 and 2007-04-20 (provincial and national
  work-safety authorities); an encyclopaedia article on the investigation (newton.com.tw, 鐵嶺鋼包脫落事件).
- Ganglu steel, Zunhua, 2008-12-24: notice of the State Administration of Work Safety, China News Service, 2008-12-29.
- Handan steel, 2021-03-27, and Beiying steel, Benxi, 2021-11-04: cases on "eight points for steel", Ministry
  of Emergency Management, 2022-03-02 (china.com.cn reprint, dashizg.com).
- Hengxin aluminium, Wujiaqu, 2021-07-15: enforcement cases on "seven points for aluminium", same publication.
- Jianduan aluminium, Meishan, 2021-09-01: the same series.
- Jingmei profiles, Qingyuan, 2022-04-03: notice 应急厅函〔2022〕106号 of the ministry's general office.
- An aluminium enterprise in Baotou, 2024-03-01: cases on deep-well casting published by the ministry in 2024.
- Xiantuo aluminium, Hai'an, 2024-03-03: four cases on molten aluminium of Jiangsu's emergency department, 2024.
"""

from __future__ import annotations

from typing import Any

import pytest
from law import assess, possible

from safetyrules.explanation.why import why
from safetyrules.result import Assessment

ORDER_10, N129 = "mem-order-10-2023", "trade-129-2017"


def judged(industry: str, law_at: str, as_of: str, **section: Any) -> Assessment:
    facts = {"industry": industry, "smelting": {"hazard_present": True, **section}}
    return assess(facts, as_of=as_of, law_at=law_at, sectors=["smelting"])


def items(answer: Assessment, instrument: str, status: str) -> set[str]:
    return {
        clause.partition("#")[2]
        for clause, said in answer.by_clause.items()
        if clause.startswith(f"{instrument}#") and said == status
    }


def needed(answer: Assessment, rule: str) -> set[str]:
    return {need.path.rpartition(".")[2].rpartition("/")[2] for need in why(answer, rule).needs}


# ---- Qinghe special steel: a ladle of 30 t falls beside a shift-handover room; 32 dead -------------------------------

#: A general bridge crane in place of a metallurgical one; the room about 5 m from where the ladle was put down.
QINGHE = {
    "smelting_processes": ["iron_and_steel"],
    "hoisting_bays": [{"gathering_rooms_in_hoisting_influence_zone": {"at_least": 1}}],
    "cranes": [{"meets_metallurgical_requirements": False}],
    "in_production": True,
}


def test_qinghe_as_under_the_2017_list() -> None:
    answer = judged("3120", "2020-01-01", "2007-04-18", **QINGHE)
    assert {"sector-1(1)", "sector-1(2)"} == items(answer, N129, "found")
    assert {f"sector-1({n})" for n in (3, 4, 5, 6, 7, 8, 9, 10, 11)} == items(answer, N129, "undetermined")
    assert answer["smelting.grade"].proven == "red"


def test_qinghe_as_under_order_10_the_floor_of_the_bay_is_not_stated() -> None:
    answer = judged("3120", "2024-01-01", "2007-04-18", **QINGHE)
    assert "4(1)" in items(answer, ORDER_10, "undetermined")
    assert needed(answer, "smelting.order10.art4_1") == {
        "gathering_rooms_on_hoisting_bay_floor", "ladle_repair_station_on_hoisting_bay_floor",
    }  # fmt: skip
    on_the_floor = [{"gathering_rooms_on_hoisting_bay_floor": {"at_least": 1}}]
    answer = judged("3120", "2024-01-01", "2007-04-18", **QINGHE | {"hoisting_bays": on_the_floor})
    assert "4(1)" in items(answer, ORDER_10, "found")


def test_qinghe_under_order_91() -> None:
    answer = judged("3120", "2024-01-01", "2007-04-18", **QINGHE)
    assert answer.by_clause["saws-order-91-2018#27"] == "found"
    assert answer.by_clause["saws-order-91-2018#30"] == "undetermined"


def test_qinghe_on_the_day_no_list_was_in_force() -> None:
    answer = judged("3120", "2007-04-18", "2007-04-18", **QINGHE)
    assert not [each for each in answer.findings if each.status == "found"]
    assert possible(answer, "smelting.grade") >= {"red"}
    assert answer["smelting.grade"].proven != "blue"


# ---- Ganglu steel: blast-furnace gas; 17 dead, 27 poisoned -----------------------------------------------------------

#: No CO monitoring or alarm in the furnace area; top pressure between 54 and 68 kPa before the burst.
GANGLU = {
    "smelting_processes": ["iron_and_steel"],
    "in_production": True,
    "gas_systems": [{"risk_points_without_fixed_co_alarm": {"at_least": 1}}],
    "furnaces": [{"furnace_type": "blast_furnace"}],
}


def test_ganglu_as_under_order_10() -> None:
    answer = judged("3110", "2024-01-01", "2008-12-24", **GANGLU)
    assert items(answer, ORDER_10, "found") == {"4(6)"}
    assert items(answer, ORDER_10, "undetermined") >= {"4(1)", "4(2)", "4(3)", "4(5)", "4(7)", "4(8)"}
    assert items(answer, ORDER_10, "not_applicable") >= {f"5({n})" for n in range(1, 14)}


def test_ganglu_as_under_the_2017_list_only_manned_rooms_count() -> None:
    answer = judged("3110", "2020-01-01", "2008-12-24", **GANGLU)
    assert items(answer, N129, "found") == set()
    assert needed(answer, "smelting.n129.metallurgy_08") == {"manned_rooms_without_fixed_co_alarm"}


# ---- Handan and Beiying steel: fined in 2021, while the 2017 list was in force ---------------------------------------


def test_handan_steel() -> None:
    """A crane of 240 t without fixed gantry hook; an office of the continuous-casting shop without fixed CO alarm."""
    answer = judged(
        "3120", "2021-03-27", "2021-03-27",
        cranes=[{"hoists_full_steel_ladles": True, "fixed_gantry_hook": False}],
        gas_systems=[{"manned_rooms_without_fixed_co_alarm": 1}],
    )  # fmt: skip
    assert items(answer, N129, "found") == {"sector-1(2)", "sector-1(8)"}
    assert items(answer, N129, "undetermined") == {f"sector-1({n})" for n in (1, 3, 4, 5, 6, 7, 9, 10, 11)}
    assert answer["smelting.grade"].proven == "red"


def test_beiying_steel_by_the_law_of_the_day_and_by_order_10() -> None:
    """Other things in an emergency ladle; a fan outlet without CO alarm, and dead alarms around a blast furnace."""
    facts: dict[str, Any] = {
        "casters": [{"casting_method": "continuous", "emergency_ladle": "failed"}],
        "gas_systems": [{"risk_points_without_fixed_co_alarm": {"at_least": 2}}],
    }
    answer = judged("3120", "2021-11-04", "2021-11-04", **facts)
    assert items(answer, N129, "found") == set()
    answer = judged("3120", "2024-01-01", "2021-11-04", **facts)
    assert items(answer, ORDER_10, "found") == {"4(3)", "4(6)"}


# ---- aluminium: deep-well casting ------------------------------------------------------------------------------------


def test_hengxin_aluminium_as_under_order_10() -> None:
    """A fixed furnace without level sensor at its outlet; mould-water alarms of a fixed and of a tilting furnace that
    trip neither cut-off nor drain; the emergency pool not where the drain leads."""
    fixed = {"furnace_is_tilting": False, "launder_level_alarm_at_furnace_outlet": "absent"}
    wells = [
        {**fixed, "mould_alarm_interlock": "absent"},
        {"furnace_is_tilting": True, "mould_alarm_interlock": "absent"},
    ]
    furnaces = [{"feeds_casting": True, "furnace_type_exempt": False, "emergency_discharge_and_storage": "failed"}]
    answer = judged("3252", "2024-01-01", "2021-07-15", casting_wells=wells, furnaces=furnaces)
    assert items(answer, ORDER_10, "found") == {"5(3)", "5(6)", "5(7)"}
    assert items(answer, ORDER_10, "undetermined") >= {"5(1)", "5(2)", "5(4)", "5(8)", "5(9)", "5(10)"}
    both = [each.path for each in answer.findings if each.name == "smelting.order10.art5_6" and each.status == "found"]
    assert len(both) == 2


def test_hengxin_aluminium_by_the_law_of_the_day() -> None:
    """The 2017 list has no item on deep wells; for the storage that does not work its readings differ."""
    furnaces = [{"feeds_casting": True, "emergency_discharge_and_storage": "failed"}]
    answer = judged("3252", "2021-07-15", "2021-07-15", furnaces=furnaces)
    assert items(answer, N129, "found") == set()
    assert needed(answer, "smelting.n129.nonferrous_05") >= {"failed_device_reading"}


def test_jianduan_aluminium() -> None:
    """Level sensors and mould-water alarms not interlocked; no emergency storage."""
    facts: dict[str, Any] = {
        "casting_wells": [
            {
                "furnace_is_tilting": False,
                "level_interlock_cutoff_and_drain": "absent",
                "mould_alarm_interlock": "absent",
            }
        ],
        "furnaces": [{"feeds_casting": True, "emergency_discharge_and_storage": "absent"}],
    }
    answer = judged("3252", "2021-09-01", "2021-09-01", **facts)
    assert items(answer, N129, "found") == {"sector-2(5)"}
    answer = judged("3252", "2024-01-01", "2021-09-01", **facts)
    assert items(answer, ORDER_10, "found") == {"5(6)", "5(8)"}
    assert "5(3)" in items(answer, ORDER_10, "undetermined")  # whether the furnace is of an excepted type is not stated
    assert needed(answer, "smelting.order10.art5_3") >= {"furnace_type_exempt"}


#: Of its devices the notice says nothing: a guide hole of a mould leaked while the watch had left the post.
JINGMEI = {
    "in_production": True,
    "casting_wells": [{"furnace_is_tilting": False}] * 2,
    "smelting_processes": ["nonferrous_alloys"],
}


def test_jingmei_profiles_what_is_not_stated_is_not_found() -> None:
    answer = judged("3252", "2024-01-01", "2022-04-03", **JINGMEI)
    assert items(answer, ORDER_10, "found") == set()
    assert {f"5({n})" for n in (6, 7, 8, 10)} <= items(answer, ORDER_10, "undetermined")
    assert "5(9)" in items(answer, ORDER_10, "not_applicable")
    grade = answer["smelting.grade"]
    assert possible(answer, "smelting.grade") == {"orange", "red"}
    assert grade.proven == "orange"  # by deep-well casting alone


def test_baotou_aluminium() -> None:
    """Emergency basins full of other things and a blocked launder: held to be major by article 14."""
    furnaces = [{"feeds_casting": True, "furnace_type_exempt": False, "emergency_discharge_and_storage": "failed"}]
    answer = judged("3252", "2024-03-01", "2024-03-01", furnaces=furnaces)
    assert items(answer, ORDER_10, "found") == {"5(3)"}
    assert answer["smelting.grade"].proven == "red"


def test_xiantuo_aluminium() -> None:
    """Alarms and interlocks of deep-well casting switched off while casting: held to be major by article 14."""
    well = {"mould_alarm_interlock": "failed", "launder_level_alarm_at_mould_table": "failed"}
    answer = judged("3252", "2024-03-03", "2024-03-03", in_production=True, casting_wells=[well])
    assert items(answer, ORDER_10, "found") == {"5(6)", "5(7)"}
    assert items(answer, ORDER_10, "undetermined") >= {"5(2)", "5(8)", "5(9)", "5(10)"}


@pytest.mark.parametrize("law_at", ["2020-01-01", "2024-01-01"])
def test_every_grade_can_be_explained(law_at: str) -> None:
    """Also where some rows of the grade have no value at all."""
    answer = judged("3252", law_at, law_at, **JINGMEI, workers_exposed_max_single_shift=12)
    assert "Orange" in answer.why("smelting.grade").to_text("en")
