"""Published accidents and inspections: what the authority held is found, what was not stated stays undetermined.

Each case gives only facts that its source states, with the place where it was read; where a case is older than the law,
it is judged as under a later day, which its test says.
"""

from __future__ import annotations

from typing import Any

from law import assess, possible

from safetyrules.result import Assessment

N121 = "hazchem-121-2017"
GB_30871 = "gb-30871-2022"


def statuses(answer: Assessment, instrument: str) -> dict[str, str]:
    return {
        clause.partition("#")[2]: status
        for clause, status in answer.by_clause.items()
        if clause.startswith(f"{instrument}#")
    }


def hazmat(**facts: Any) -> dict[str, Any]:
    return {"hazmat": {"hazard_present": True, **facts}}


# ---- Jinzhou Xintaiji Fine Chemicals, explosion and fire of 2024-05-12, 2 dead ---------------------------------------
# isa-hsse.com (catid 207, id 59868) on the published report: a unit in service was rebuilt for another product without
# a safety argumentation, without reaction risk assessment; temperatures and pressures were read and set by hand.

XINTAIJI = hazmat(
    produces_hazchem=True,
    is_chemical_enterprise=True,
    is_pharmaceutical_enterprise=True,
    units={
        "items": [
            {
                "unit_type": "production",
                "in_service": True,
                "is_fine_chemical_in_scope": True,
                "reaction_risk_assessment_done": False,
                "process_automatic_control": "absent",
            }
        ],
        "more": True,
    },
)


def test_jinzhou_2024_item_by_item() -> None:
    found = statuses(assess(XINTAIJI, as_of="2024-05-12"), N121)
    assert found.pop("19") == "found"
    # Without automatic control: whether the process is a key supervised one is not stated.
    assert found.pop("4") == "undetermined"
    # Rebuilt without design: the unit was once designed, and a diagnosis is not spoken of.
    assert found.pop("10") == "undetermined"
    assert set(found.values()) == {"undetermined"}


def test_jinzhou_2024_is_red_by_its_finding_alone() -> None:
    answer = assess(XINTAIJI, as_of="2024-05-12")
    assert possible(answer, "hazmat.grade") == {"red"}
    assert len(possible(answer, "hazmat_diagnosis.colour")) > 1


# ---- Jiangsu Tianjiayi Chemical, inspection of January 2018 (the explosion at Xiangshui came on 2019-03-21) ----------
# ppfocus.com/0/scc4f939c.html on the inspectors' list: operating procedures of units incomplete, none for the benzene
# tank farm and no process limits there.

TIANJIAYI = hazmat(
    produces_hazchem=True,
    is_chemical_enterprise=True,
    operating_procedures_ok=False,
    process_limits_defined=False,
)


def test_tianjiayi_2018_item_by_item() -> None:
    found = statuses(assess(TIANJIAYI, as_of="2018-01-31"), N121)
    assert found.pop("17") == "found"
    assert set(found.values()) == {"undetermined"}


def test_tianjiayi_2018_is_red_a_year_before() -> None:
    assert possible(assess(TIANJIAYI, as_of="2018-01-31"), "hazmat.grade") == {"red"}


def test_tianjiayi_a_day_before_the_list_nothing_is_judged_and_nothing_clean() -> None:
    answer = assess(TIANJIAYI, as_of="2017-11-12")
    assert statuses(answer, N121) == {}
    assert {"blue", "red"} <= possible(answer, "hazmat.grade")


# ---- A chemical works in Chongqing, hot work of 1997-05-04, 12 dead; as under the law of 2024 -----------------------
# m.120dnk.com (catid 209, id 8784): fitters welded on the cover of the sewage basin. They had asked for the permit by
# telephone, had been told to carry the valve elsewhere, and began without it.

CHONGQING = hazmat(
    produces_hazchem=True,
    is_chemical_enterprise=True,
    does_special_work=True,
    operations=[{"kind": "hot_work", "permit_issued": False}],
)


def test_hot_work_without_a_permit() -> None:
    answer = assess(CHONGQING, as_of="2024-01-01")
    found = statuses(answer, GB_30871)
    assert found.pop("4.6") == "found"
    # Level, sampling, gas, guardian, distances: not stated.
    of_hot_work = {"4.10", "4.16", "5.1.5", "5.2.11", "5.2.15", "5.3", "5.3.1", "5.3.2", "gas release", "B.1"}
    assert {found.pop(clause) for clause in of_hot_work} == {"undetermined"}
    # Other kinds of work are not asked about.
    assert {found[clause] for clause in ("6.3", "6.4", "6.5", "7.11", "8.2.6", "9.2.1", "10.8", "11")} == {
        "not_applicable"
    }


def test_one_permit_missing_does_not_say_that_there_is_no_system() -> None:
    answer = assess(CHONGQING, as_of="2024-01-01")
    assert statuses(answer, N121)["18"] == "undetermined"
    assert "blue" not in possible(answer, "hazmat.grade")


# ---- A dilution kettle flushed with nitrogen, entered without replacing the air, 2 dead ------------------------------
# ylrqf.cn/information/case: no air was blown in and no gas tested before entry, with a mask that does not help against
# nitrogen. No number was measured, so oxygen stays unknown.

KETTLE = hazmat(
    is_chemical_enterprise=True,
    operations=[{"kind": "confined_space", "measures_confirmed": False, "continuous_detection": False}],
)


def test_entry_without_a_gas_test() -> None:
    found = statuses(assess(KETTLE, as_of="2025-12-25"), GB_30871)
    assert (found["4.6"], found["6.5"]) == ("found", "found")
    assert (found["6.3"], found["6.4"], found["6.10"], found["4.10"]) == ("undetermined",) * 4
    assert (found["5.3.1"], found["7.11"]) == ("not_applicable", "not_applicable")


# ---- A petrol station in Jianghua with its leak alarm switched off, inspection of 2023-07-31 ------------------------
# tesolexpressonline.com (2024-05) on the county's case: the controller of the leak alarm of four tanks was off. The
# authority fined it for that under the Work Safety Law; no item of the list of 2017 speaks of leak alarms of tanks.


def test_what_no_item_speaks_of_is_no_finding() -> None:
    station = hazmat(produces_hazchem=False, trades_hazchem=True, has_hazchem_store=True, is_chemical_enterprise=False)
    found = statuses(assess(station, as_of="2023-07-31"), N121)
    assert set(found.values()) == {"undetermined"}
    assert "blue" in possible(assess(station, as_of="2023-07-31"), "hazmat.grade")
