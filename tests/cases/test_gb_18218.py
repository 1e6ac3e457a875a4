"""GB 18218-2018: worked examples, lines, traps of the older edition, and what missing facts may never hide."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest
from law import assess, possible

from safetyrules import FactsError

NOT_NAMED = {"not_applicable": True}


def material(chemical: Any, quantity: Any, *categories: str, **more: Any) -> dict[str, Any]:
    return {"chemical": chemical, "composition": "pure", "quantity": quantity, "categories": list(categories), **more}


def unlisted(quantity: Any, *categories: str, **more: Any) -> dict[str, Any]:
    """A chemical looked up in Table 1 and not named there."""
    return material("7732-18-5", quantity, *categories, table1_row_recorded=NOT_NAMED, **more)


def site(*materials: Any, residents: Any = 0, **unit: Any) -> Any:
    hazmat: dict[str, Any] = {
        "hazard_present": True,
        "units": [{"unit_type": "storage", **unit, "materials": list(materials)}],
    }
    if residents is not None:
        hazmat["offsite_residents_500m"] = residents
    return assess({"hazmat": hazmat})


def number(answer: Any, name: str, unit: int = 0) -> Fraction | None:
    return answer[f"hazmat.units[{unit}]#{name}"].value


def bounds(answer: Any, name: str) -> Any:
    return answer[f"hazmat.units[0]#{name}"].bounds


def is_source(answer: Any, unit: int = 0) -> set[Any]:
    return possible(answer, f"hazmat.units[{unit}]#is_major_hazard_source")


def level(answer: Any, unit: int = 0) -> set[Any]:
    return possible(answer, f"hazmat.units[{unit}]#level")


# ---- worked examples -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("materials", "residents", "s", "alpha", "r", "grade"),
    [
        ([material("7782-50-5", 10, "J1")], 60, "2", "1.5", "12", "level_3"),
        ([material("67-56-1", 400, "W5.3"), material("67-64-1", 50, "W5.3")], 0, "0.9", "0.5", None, None),
        ([material("7664-41-7", 300, "J3")], 120, "30", "2", "120", "level_1"),
        ([material("1333-74-0", 5, "W2")], 0, "1", "0.5", "0.75", "level_4"),
    ],
    ids=["chlorine", "methanol and acetone", "ammonia", "hydrogen"],
)
def test_worked_examples(
    materials: list[Any], residents: int, s: str, alpha: str, r: str | None, grade: str | None
) -> None:
    answer = site(*materials, residents=residents)
    assert number(answer, "s") == Fraction(s)
    assert answer["hazmat.alpha"].value == Fraction(alpha)
    assert is_source(answer) == {grade is not None}
    assert number(answer, "r") == (None if r is None else Fraction(r))
    assert level(answer) == {grade}


@pytest.mark.parametrize(
    ("chemical", "category", "threshold", "beta"),
    [
        ("7782-50-5", "J1", "5", "4"), ("液氯", "J1", "5", "4"),
        ("7664-41-7", "J3", "10", "2"), ("液氨", "J3", "10", "2"),
        ("68476-85-7", "W2", "50", "1.5"), ("液化石油气", "W2", "50", "1.5"), ("丙烷", "W2", "50", "1.5"),
        ("86290-81-5", "W5.3", "200", "1"), ("汽油", "W5.3", "200", "1"), ("乙醇汽油", "W5.3", "200", "1"),
    ],
)  # fmt: skip
def test_common_chemicals(chemical: str, category: str, threshold: str, beta: str) -> None:
    """Chlorine, ammonia, LPG and petrol, by CAS number and by name, on the line."""
    answer = site(material(chemical, float(threshold), category), residents=1)
    path = "hazmat.units[0].materials[0]"
    assert answer[f"{path}#threshold"].value == Fraction(threshold)
    assert answer[f"{path}#beta"].value == Fraction(beta)
    assert number(answer, "s") == 1
    assert number(answer, "r") == Fraction(beta)


# ---- the line S = 1 ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("quantities", "found"),
    [
        ([0.1] * 10, True),
        ([0.1] * 9 + [0.0999], False),
        ([0.1] * 9 + [0.1001], True),
        ([0.7, 0.1, 0.2], True),
        ([0.3, 0.3, 0.3999999999], False),
        ([1], True),
        ([0.9999999999999999], False),
    ],
)
def test_decimal_shares_around_the_line(quantities: list[Any], found: bool) -> None:
    """Explosives of W1.1 (1 t): shares are added as decimals, not as binary fractions."""
    answer = site(*(unlisted(quantity, "W1.1") for quantity in quantities))
    assert number(answer, "s") == sum(Fraction(str(quantity)) for quantity in quantities)
    assert is_source(answer) == {found}


def test_thirds_add_up() -> None:
    """Phosgene at 0.1 t has the share 1/3: three of them are on the line."""
    answer = site(*[material("75-44-5", 0.1, "J1")] * 3)
    assert number(answer, "s") == 1
    assert is_source(answer) == {True}


def test_many_small_shares_of_different_chemicals() -> None:
    shares = [("7664-41-7", 2), ("7782-50-5", 1), ("67-56-1", 100), ("86290-81-5", 40), ("71-43-2", 9.99)]
    answer = site(*(material(chemical, quantity, "W5.3") for chemical, quantity in shares))
    assert number(answer, "s") == Fraction("0.9998")
    assert is_source(answer) == {False}


# ---- the edition of 2009 -------------------------------------------------------------------------------------------


def test_units_are_never_merged_by_their_distance() -> None:
    """Two dikes with six tenths each: the edition of 2009 made one unit of what stood within 500 m."""
    half = {
        "unit_type": "storage",
        "storage_form": "tank_farm",
        "fire_dikes": 1,
        "materials": [material("氨", 6, "J3")],
    }
    answer = assess({"hazmat": {"hazard_present": True, "units": [half, half], "offsite_residents_500m": 0}})
    assert [is_source(answer, unit) for unit in (0, 1)] == [{False}, {False}]
    assert answer["hazmat.major_hazard_sources"].value == 0


def test_a_distance_is_no_fact() -> None:
    with pytest.raises(FactsError):
        site(material("氨", 6, "J3"), edge_distance=100)


@pytest.mark.parametrize(
    ("unit", "drawn"),
    [
        ({"unit_type": "storage", "storage_form": "tank_farm", "fire_dikes": 1}, {True}),
        ({"unit_type": "storage", "storage_form": "tank_farm", "fire_dikes": 2}, {False}),
        ({"unit_type": "storage", "storage_form": "warehouse", "separate_buildings": 2}, {False}),
        ({"unit_type": "production", "shut_off_valves_between_parts": 1}, {False}),
        ({"unit_type": "production"}, {True, False}),
    ],
)
def test_how_units_are_drawn(unit: dict[str, Any], drawn: set[bool]) -> None:
    assert possible(site(**unit), "hazmat.units[0]#drawn_correctly") == drawn


def test_before_its_first_day_nothing_is_identified() -> None:
    facts = {"hazmat": {"hazard_present": True, "units": [{"materials": [material("氨", 300, "J3")]}]}}
    answer = assess(facts, as_of="2019-02-28")
    assert is_source(answer) == {True, False}  # read by the list of 2017; the edition of 2009 is not at hand
    assert "blue" in (answer["hazmat.grade"].possible or ())
    assert answer["hazmat.grade"].status == "undetermined"


# ---- categories and mixtures ---------------------------------------------------------------------------------------


def test_several_categories_take_the_lowest_threshold() -> None:
    answer = site(unlisted(10, "W5.4", "W5.1", "J5"), residents=1)
    assert answer["hazmat.units[0].materials[0]#threshold"].value == 10
    assert number(answer, "s") == 1
    assert number(answer, "r") == Fraction("1.5")


def test_the_factor_of_several_categories_is_unsettled() -> None:
    """W5.1 has the lowest threshold and 1.5, J3 the largest factor 2: the standard does not say which counts."""
    assert bounds(site(unlisted(10, "W5.1", "J3"), residents=1), "r") == (Fraction("1.5"), 2)


def test_a_named_chemical_never_goes_by_its_category() -> None:
    """Methanol: 500 t by name, though W5.3 would say 1000 t and W5.1 10 t."""
    assert number(site(material("甲醇", 500, "W5.3")), "s") == 1
    assert number(site(material("甲醇", 500, "W5.1")), "s") == 1


@pytest.mark.parametrize(
    ("composition", "s"), [("pure", "1"), ("mixture_same_class", "1"), ("mixture_other_class", "0.01")]
)
def test_mixtures(composition: str, s: str) -> None:
    """50 t with benzene: whole as benzene (50 t) in its own class, otherwise by the new class W5.4 (5000 t)."""
    assert number(site(material("苯", 50, "W5.4", composition=composition)), "s") == Fraction(s)


def test_a_mixture_of_which_the_class_is_unknown_may_be_either() -> None:
    benzene = material("苯", 50, "W5.4")
    del benzene["composition"]
    assert bounds(site(benzene), "s") == (Fraction("0.01"), 1)


def test_a_mixture_without_a_substance_to_name_it() -> None:
    mixture = material({"not_applicable": True}, 1000, "W5.3", composition="mixture_other_class")
    assert number(site(mixture), "s") == 1


def test_w11_2_is_refused() -> None:
    with pytest.raises(FactsError) as refusal:
        site(unlisted(1, "W11.2"))
    assert "W11.2" in str(refusal.value)
    assert number(site(unlisted(200, "W11")), "s") == 1


@pytest.mark.parametrize("composition", ["pure", "mixture_same_class"])
def test_form_decides_where_table_1_says_so(composition: str) -> None:
    """Formaldehyde solution is not the formaldehyde of Table 1; of unknown strength it may be."""
    solution = material("50-00-0", 50, "J2", composition=composition)
    assert number(site({**solution, "table1_form": "as_listed"}), "s") == 10
    assert number(site({**solution, "table1_form": "not_as_listed"}), "s") == 1
    assert bounds(site(solution), "s") == (1, 10)


def test_a_form_that_does_not_fit_the_chemical_settles_nothing() -> None:
    nitrate = material("6484-52-2", 6, table1_form="as_listed")
    assert True in is_source(site(nitrate))


# ---- alpha and levels ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("residents", "alpha"),
    [(0, "0.5"), (1, "1"), (29, "1"), (30, "1.2"), (49, "1.2"), (50, "1.5"), (99, "1.5"), (100, "2"), (100000, "2")],
)
def test_alpha_bands(residents: int, alpha: str) -> None:
    answer = site(material("氨", 10, "J3"), residents=residents)
    assert answer["hazmat.alpha"].value == Fraction(alpha)
    assert number(answer, "r") == 2 * Fraction(alpha)


@pytest.mark.parametrize(
    ("residents", "alpha"),
    [(None, ("0.5", "2")), ({"at_least": 30}, ("1.2", "2")), ({"between": [1, 29]}, ("1", "1"))],
)
def test_alpha_of_residents_not_known_in_full(residents: Any, alpha: tuple[str, str]) -> None:
    assert site(residents=residents)["hazmat.alpha"].bounds == tuple(Fraction(each) for each in alpha)


@pytest.mark.parametrize(
    ("r", "expected"),
    [
        ("100", "level_1"), ("100.001", "level_1"), ("99.999", "level_2"), ("50", "level_2"), ("49.999", "level_3"),
        ("10", "level_3"), ("9.999", "level_4"), ("1", "level_4"),
    ],
)  # fmt: skip
def test_level_borders(r: str, expected: str) -> None:
    """J2 has 50 t and the factor 1; with one resident R is q / 50 t."""
    answer = site(unlisted({"value": int(Fraction(r) * 50_000), "unit": "kg"}, "J2"), residents=1)
    assert number(answer, "r") == Fraction(r)
    assert level(answer) == {expected}


@pytest.mark.parametrize(("border", "expected"), [(10, "level_3"), (50, "level_2"), (100, "level_1")])
def test_borders_reached_by_adding_decimals(border: int, expected: str) -> None:
    """With nobody around each 0.1 t of W1.1 (1 t, factor 2) adds 0.1 to R."""
    answer = site(*[unlisted(0.1, "W1.1")] * (border * 10), residents=0)
    assert number(answer, "r") == border
    assert level(answer) == {expected}


def test_alpha_only_after_identification() -> None:
    """S = 0.9 among a thousand residents would give R = 7.2: it is not graded at all."""
    answer = site(material("氯", 4.5, "J1"), residents=1000)
    assert is_source(answer) == {False}
    assert number(answer, "r") is None
    assert level(answer) == {None}
    assert possible(answer, "hazmat.worst_level") == {None}


def test_few_people_do_not_undo_identification() -> None:
    """S = 1 with nobody around has R = 0.5 for petrol: still a major hazard installation, level 4."""
    answer = site(material("汽油", 200, "W5.3"), residents=0)
    assert number(answer, "r") == Fraction("0.5")
    assert level(answer) == {"level_4"}


# ---- what is missing never looks clean -----------------------------------------------------------------------------


def test_a_quantity_unknown_gives_a_lower_bound() -> None:
    answer = site(material("氯", 10, "J1"), material("氨", None, "J3"), residents=60)
    assert bounds(answer, "s") == (2, None)
    assert is_source(answer) == {True}
    assert bounds(answer, "r") == (12, None)
    assert level(answer) == {"level_3", "level_2", "level_1"}


def test_a_quantity_unknown_below_the_line_leaves_it_open() -> None:
    assert is_source(site(material("氯", 4, "J1"), material("氨", None, "J3"))) == {True, False}


@pytest.mark.parametrize(
    ("quantity", "found"),
    [({"at_least": 5}, {True}), ({"at_most": 4.9}, {False}), ({"between": [4, 6]}, {True, False})],
)
def test_a_quantity_known_in_part(quantity: Any, found: set[bool]) -> None:
    assert is_source(site(material("氯", quantity, "J1"))) == found


def test_a_category_unknown_may_be_any() -> None:
    substance = unlisted(4)
    del substance["categories"]
    answer = site(substance)
    assert bounds(answer, "s") == (0, 4)
    assert is_source(answer) == {True, False}


def test_categories_not_complete_give_a_lower_bound() -> None:
    substance = {**unlisted(10), "categories": {"items": ["W2"], "more": True}}
    assert bounds(site(substance), "s") == (1, 10)


def test_an_open_list_of_materials_gives_a_lower_bound() -> None:
    unit = {"unit_type": "storage", "materials": {"items": [material("氯", 4, "J1")], "more": True}}
    answer = assess({"hazmat": {"hazard_present": True, "units": [unit], "offsite_residents_500m": 0}})
    assert bounds(answer, "s") == (Fraction("0.8"), None)
    assert is_source(answer) == {True, False}


@pytest.mark.parametrize("units", [None, {"items": [], "more": True}])
def test_an_open_list_of_units_hides_nothing(units: Any) -> None:
    answer = assess({"hazmat": {"hazard_present": True, "units": units, "offsite_residents_500m": 0}})
    assert answer["hazmat.major_hazard_sources"].bounds == (0, None)
    assert {"level_1", None} <= possible(answer, "hazmat.worst_level")
    assert {"blue", "red"} <= possible(answer, "hazmat.grade")


@pytest.mark.parametrize("chemical", ["绿气", "7782-50-6", "chlorine", "ＴＮＴ", "tnt", "甲醇。"])
def test_a_name_that_is_not_found_is_not_outside_the_table(chemical: str) -> None:
    """A misspelt name or number is not a chemical that Table 1 does not name."""
    answer = site(material(chemical, 10))
    assert is_source(answer) == {True, False}
    assert is_source(site(material(chemical, 10, "W5.4"))) == {True, False}
    assert is_source(site(material(chemical, 10, table1_row_recorded=NOT_NAMED))) == {False}
    assert is_source(site(material(chemical, 10, table1_row_recorded="12"))) == {True}


def test_a_recorded_row_does_not_overrule_the_table() -> None:
    chlorine = material("氯", 10, "J1", table1_row_recorded=NOT_NAMED)
    assert is_source(site(chlorine)) == {True}
    assert is_source(site({**chlorine, "table1_row_recorded": "46"})) == {True}


def test_a_recorded_row_that_does_not_exist_settles_nothing() -> None:
    assert is_source(site(material("绿气", 10, table1_row_recorded="86"))) == {True, False}


def test_the_chemical_unknown() -> None:
    substance = {"composition": "pure", "quantity": 10, "categories": []}
    assert is_source(site(substance)) == {True, False}


def test_carbon_monoxide_has_no_row_of_its_own() -> None:
    """20 t: on the line as coal gas, twice the line as a flammable gas; a source either way."""
    answer = site(material("630-08-0", 20, "W2", "J3"), residents=1)
    assert bounds(answer, "s") == (1, 2)
    assert is_source(answer) == {True}
    assert is_source(site(material("630-08-0", 15, "W2", "J3"))) == {True, False}


def test_units_alone_never_prove_blue() -> None:
    answer = site(material("氢", 1, "W2"))
    assert possible(answer, "hazmat.grade") == {"blue", "yellow", "orange", "red"}


@pytest.mark.parametrize(
    ("worst", "colour"),
    [
        ("level_1", {"red"}),
        ("level_2", {"orange", "red"}),
        ("level_3", {"yellow", "orange", "red"}),
        ("level_4", {"yellow", "orange", "red"}),
    ],
)
def test_colour_by_level(worst: str, colour: set[str]) -> None:
    tonnes = {"level_1": 5000, "level_2": 2500, "level_3": 500, "level_4": 50}[worst]
    answer = site(unlisted(tonnes, "J2"), residents=1)
    assert possible(answer, "hazmat.worst_level") == {worst}
    assert possible(answer, "hazmat.grade") == colour
