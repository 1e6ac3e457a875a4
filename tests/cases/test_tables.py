"""The lookup tables: counts, sums and single values that a wrong row would upset."""

from __future__ import annotations

import csv
from collections import Counter
from fractions import Fraction
from pathlib import Path

import pytest

TABLES = Path(__file__).parents[2] / "rulesets" / "tables"


def rows(name: str) -> list[dict[str, str]]:
    with (TABLES / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def keyed(name: str, key: str, value: str) -> dict[str, str]:
    found = {row[key]: row[value] for row in rows(name)}
    assert len(found) == len(rows(name))
    return found


CHEMICALS = {row["row"]: row for row in rows("gb18218_chemicals")}
CATEGORIES = keyed("gb18218_categories", "symbol", "threshold_t")
BETA = keyed("gb18218_beta_category", "symbol", "beta")
TOXIC = keyed("gb18218_beta_toxic", "name_zh", "beta")


def test_table_1_has_85_rows_in_order() -> None:
    assert [row["row"] for row in rows("gb18218_chemicals")] == [str(number) for number in range(1, 86)]
    assert all(row["name_zh"] and row["name_en"] for row in CHEMICALS.values())


def test_table_1_thresholds() -> None:
    """How often each threshold occurs, and the sum of all."""
    assert Counter(row["threshold_t"] for row in CHEMICALS.values()) == {
        "0.3": 1, "0.5": 3, "0.75": 1, "1": 17, "5": 9, "10": 9, "20": 13, "50": 14, "75": 1, "100": 5, "200": 3,
        "500": 8, "1000": 1,
    }  # fmt: skip
    assert sum(Fraction(row["threshold_t"]) for row in CHEMICALS.values()) == Fraction("7289.55")


@pytest.mark.parametrize(
    ("number", "name", "cas", "tonnes"),
    [
        ("1", "氨", "7664-41-7", "10"),
        ("6", "碳酰氯", "75-44-5", "0.3"),
        ("12", "氯", "7782-50-5", "5"),
        ("20", "氟化氢", "7664-39-3", "1"),
        ("26", "三氧化硫", "7446-11-9", "75"),
        ("30", "异氰酸甲酯", "624-83-9", "0.75"),
        ("31", "叠氮化钡", "18810-58-7", "0.5"),
        ("44", "硝酸铵（含可燃物≤0.2%）", "6484-52-2", "50"),
        ("46", "硝酸钾", "7757-79-1", "1000"),
        ("54", "乙炔", "74-86-2", "1"),
        ("66", "汽油（乙醇汽油、甲醇汽油）", "86290-81-5", "200"),
        ("85", "钠", "7440-23-5", "10"),
    ],
)
def test_table_1_spot_checks(number: str, name: str, cas: str, tonnes: str) -> None:
    row = CHEMICALS[number]
    assert (row["name_zh"], row["cas"], row["threshold_t"]) == (name, cas, tonnes)


def test_cas_numbers_are_well_formed() -> None:
    """The last digit of a CAS number is a check digit."""
    numbers = [cas for row in CHEMICALS.values() for cas in row["cas"].split(";") if cas]
    assert len(numbers) == 85 - 3 + 1 + 2  # rows 13, 45 and 74 have none; 49 has two, 52 three
    for number in [*numbers, *(row["cas"] for row in rows("gb18218_beta_toxic"))]:
        digits = number.replace("-", "")
        weighted = sum(place * int(digit) for place, digit in enumerate(reversed(digits[:-1]), start=1))
        assert weighted % 10 == int(digits[-1]), number


def test_the_index_leads_every_name_and_number_to_its_row() -> None:
    index = {row["chemical"]: row for row in rows("gb18218_index")}
    groups = {(row["group"], row["row"]) for row in rows("gb18218_forms")}
    for number, chemical in CHEMICALS.items():
        assert index[chemical["name_zh"]]["row"] == number
        for cas in filter(None, chemical["cas"].split(";")):
            found = index[cas]
            assert found["row"] == number or (found["group"], number) in groups
    assert {row["row"] for row in index.values()} - {""} <= set(CHEMICALS)
    assert {row["group"] for row in index.values()} - {""} == {group for group, _ in groups} | {"carbon_monoxide"}
    assert all(bool(row["row"]) != bool(row["group"]) for row in index.values())


def test_tables_2_and_4_have_the_same_24_symbols() -> None:
    assert len(CATEGORIES) == 24
    assert list(CATEGORIES) == list(BETA)
    assert "W11.2" not in CATEGORIES
    assert sum(map(Fraction, CATEGORIES.values())) == 7806
    assert sum(map(Fraction, BETA.values())) == 34


@pytest.mark.parametrize(
    ("symbol", "tonnes", "beta"),
    [
        ("J1", "5", "4"), ("J2", "50", "1"), ("J3", "50", "2"), ("J5", "500", "1"), ("W1.1", "1", "2"),
        ("W2", "10", "1.5"),
        ("W3", "150", "1"), ("W5.1", "10", "1.5"), ("W5.3", "1000", "1"), ("W5.4", "5000", "1"), ("W9.2", "200", "1"),
        ("W11", "200", "1"),
    ],
)  # fmt: skip
def test_tables_2_and_4_spot_checks(symbol: str, tonnes: str, beta: str) -> None:
    assert (CATEGORIES[symbol], BETA[symbol]) == (tonnes, beta)


def test_table_3() -> None:
    assert TOXIC == {
        "一氧化碳": "2", "二氧化硫": "2", "氨": "2", "环氧乙烷": "2", "氯化氢": "3", "溴甲烷": "3", "氯": "4",
        "硫化氢": "5",
        "氟化氢": "5", "二氧化氮": "10", "氰化氢": "10", "碳酰氯": "20", "磷化氢": "20", "异氰酸甲酯": "20",
    }  # fmt: skip
    named = {row["table3_name"] for row in CHEMICALS.values()} - {""}
    assert named == set(TOXIC) - {"一氧化碳"}


def test_dust_catalogue() -> None:
    levels = Counter(row["level"] for row in rows("dust_catalogue_2015"))
    assert levels == {"high": 10, "fairly_high": 4, "general": 1}
    kst = keyed("dust_catalogue_2015", "name_zh", "kst_mpa_m_s")
    assert (kst["镁粉"], kst["铝粉"], kst["木粉"], kst["烟叶粉尘"]) == ("35.9", "62", "19.2", "1.2")


def test_size_divisions_cover_what_the_measure_covers() -> None:
    divisions = keyed("enterprise_size_divisions", "division", "industry")
    everything = {row["code"] for row in rows("industry_divisions")}
    outside = {"53", "66", "67", "68", "69", "83", "84", "91", "92", "93", "94", "95", "96", "97"}
    assert everything - set(divisions) == outside | {"59", "70"}
    groups = keyed("enterprise_size_groups", "group", "industry")
    assert Counter(group[:2] for group in groups) == {"59": 7, "70": 5}
    assert [group for group, industry in groups.items() if industry == "not_covered"] == ["704"]
