from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from safetyrules.diagnostics import RulesetError
from safetyrules.places import LEVELS, PlaceTree, places

TODAY = date(2024, 6, 1)
TREE = places()


def row(code: str, name: str, level: str, parent: str, since: str = "", until: str = "", **more: str) -> dict[str, str]:
    return {
        "code": code, "name_zh": name, "name_en": name, "level": level, "parent": parent, "from": since, "to": until,
        "confidence": "from-memory", **more,
    }  # fmt: skip


def loading(*rows: dict[str, str]) -> tuple[str, ...]:
    with pytest.raises(RulesetError) as caught:
        PlaceTree.load(rows)
    return tuple(d.code for d in caught.value.diagnostics)


COUNTRY = row("CN", "中国", "country", "")


def test_all_34_provinces_are_there() -> None:
    assert len(TREE.of_level("province")) == 34
    assert all(p.parent == "CN" and p.code.endswith("0000") for p in TREE.of_level("province"))


def test_kunshan_and_its_chain() -> None:
    assert TREE.ancestors("320583", TODAY) == ("320583", "320500", "320000", "CN")
    assert [p.code for p in TREE.find("昆山市")] == ["320583"]
    assert TREE.name("320583", TODAY).en == "Kunshan"


@pytest.mark.parametrize(
    ("area", "place", "covered"),
    [
        ("CN", "320583", True), ("320000", "320583", True), ("320500", "320583", True), ("320583", "320583", True),
        ("320583", "320500", False), ("320100", "320583", False), ("500000", "500110", True),
        ("320583", "320583-KETD", True), ("320583-KETD", "320583", False), ("320000", "320583100", True),
        ("320583", "320583100201", True), ("350581001", "350581001002", True), ("350581002", "350581001002", False),
        ("CN", "329999", True), ("320000", "329999", None), ("329999", "320583", None), ("320000", "329999001", None),
    ],
)  # fmt: skip
def test_covers(area: str, place: str, covered: bool | None) -> None:
    assert TREE.covers(area, place, TODAY) is covered


def test_covers_is_not_a_prefix() -> None:
    tree = PlaceTree.load([
        COUNTRY, row("320000", "江苏省", "province", "CN"), row("320500", "苏州市", "prefecture", "320000"),
        row("370000", "山东省", "province", "CN"), row("320599", "飞地", "county", "370000"),
    ])  # fmt: skip
    assert tree.covers("320000", "320599", TODAY) is False
    assert tree.covers("370000", "320599", TODAY) is True


def test_a_code_that_changed_hands() -> None:
    before, since = date(2011, 10, 21), date(2011, 10, 22)
    assert TREE.name("500110", before).zh == "万盛区"
    assert TREE.name("500110", since).zh == "綦江区"
    assert TREE.name("500222", before).zh == "綦江县"
    assert TREE.find("万盛区", before)
    assert not TREE.find("万盛区", since)


def test_a_place_that_was_taken_over_whole_is_found_under_its_new_code() -> None:
    old, new = date(2015, 6, 1), date(2017, 6, 1)
    assert TREE.ancestors("210122", old) == ("210122", "210100", "210000", "CN")
    assert TREE.ancestors("210122", new) == ("210115", "210100", "210000", "CN")
    assert TREE.covers("210115", "210122", new) is True
    assert TREE.covers("210122", "210115", new) is True
    assert TREE.covers("210115", "210122", old) is None, "the district did not exist yet"
    assert TREE.ancestors("210115", old) == ()


def test_a_move_to_another_parent() -> None:
    tree = PlaceTree.load([
        COUNTRY, row("1", "甲", "prefecture", "CN"), row("2", "乙", "prefecture", "CN"),
        row("3", "丙", "county", "1", "", "2019-12-31"), row("3", "丙", "county", "2", "2020-01-01"),
    ])  # fmt: skip
    last, first = date(2019, 12, 31), date(2020, 1, 1)
    assert (tree.covers("1", "3", last), tree.covers("2", "3", last)) == (True, False)
    assert (tree.covers("1", "3", first), tree.covers("2", "3", first)) == (False, True)


def test_parks_have_a_managing_body_and_lie_in_a_territory() -> None:
    park = TREE.at("500110-WSETD", TODAY)
    assert park is not None
    assert park.managing_body is not None
    assert park.parent == "500110"


def test_names_shared_by_several_places() -> None:
    tree = PlaceTree.load([COUNTRY, row("1", "和平区", "county", "CN"), row("2", "和平区", "county", "CN")])
    assert [p.code for p in tree.find("和平区")] == ["1", "2"]
    assert tree.find("没有") == ()


def test_known() -> None:
    assert TREE.known("320583")
    assert TREE.known("320583100")
    assert TREE.known("320583100201")
    assert not TREE.known("329999")
    assert not TREE.known("329999001")
    assert "320583100" not in TREE


def test_a_table_that_does_not_fit_is_refused_with_every_row() -> None:
    assert loading(COUNTRY, row("1", "", "county", "CN"), row("2", "乙", "city", "CN")) == ("SR1050", "SR1050")
    assert loading(COUNTRY, row("1", "甲", "county", "CN", "2020-13-01")) == ("SR1050",)
    assert loading(COUNTRY, row("1", "甲", "county", "CN", "2020-01-02", "2020-01-01")) == ("SR1050",)
    assert loading({"code": "1"}) == ("SR1050",)
    assert loading(COUNTRY, row("1", "甲", "county", "9")) == ("SR1051",)
    assert loading(COUNTRY, row("1", "甲", "county", "")) == ("SR1051",)
    twice = row("1", "甲", "county", "CN", "", "2020-01-01"), row("1", "乙", "county", "CN", "2020-01-01")
    assert loading(COUNTRY, *twice) == ("SR1052",)
    assert loading(COUNTRY, row("1", "甲", "county", "2"), row("2", "乙", "county", "1")) == ("SR1053", "SR1053")


def test_the_packaged_table_is_well_formed() -> None:
    for code in TREE.codes:
        rows = [p for p in (TREE.at(code, day) for day in (date(2000, 1, 1), TODAY)) if p is not None]
        assert rows, code
        assert all(p.level in LEVELS and p.name.zh and p.name.en for p in rows)


codes = st.sampled_from(TREE.codes) | st.text("0123456789", min_size=6, max_size=12)
days = st.dates(date(1990, 1, 1), date(2040, 1, 1))


@given(codes, codes, days)
def test_covers_agrees_with_ancestors(area: str, place: str, day: date) -> None:
    above = TREE.ancestors(place, day)
    here = TREE.at(area, day)
    expected = True if area == "CN" else (here.code in above if here is not None and above else None)
    assert TREE.covers(area, place, day) is expected
    if above:
        assert above[-1] == "CN"
        assert len(set(above)) == len(above)


@given(codes, days)
def test_what_is_inside_is_inside_all_that_is_around(place: str, day: date) -> None:
    for area in TREE.ancestors(place, day):
        assert TREE.covers(area, place, day) is True
        assert set(TREE.ancestors(area, day)) <= set(TREE.ancestors(place, day))
