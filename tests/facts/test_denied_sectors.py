"""A hazard that is said to be absent while its parts are listed is refused: believed, it would make a wrong blue."""

from __future__ import annotations

from typing import Any

import pytest

from safetyrules import FactsError, assess

ENGINES = ("compiled", "reference")
UNIT = {"name": "1", "materials": []}
CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"hazmat": {"hazard_present": False, "units": [UNIT]}}, "enterprise.hazmat.hazard_present"),
    ({"hazmat": {"hazard_present": {"value": False, "source": "x"}, "units": [UNIT]}}, "enterprise.hazmat"),
    ({"hazmat": {"hazard_present": {"one_of": [False]}, "units": {"items": [{}]}}}, "enterprise.hazmat"),
    ({"dust": {"hazard_present": False, "stores": [{}], "machines": {"items": [{}], "more": True}}}, "machines"),
]


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(("facts", "words"), CONTRADICTIONS)
def test_refused(facts: dict[str, Any], words: str, engine: Any) -> None:
    with pytest.raises(FactsError) as caught:
        assess(facts, as_of="2024-01-01", engine=engine)
    (problem,) = caught.value.diagnostics
    assert problem.code == "SR1033"
    assert words in problem.render("en")


@pytest.mark.parametrize("engine", ENGINES)
def test_refused_also_where_the_sector_is_not_asked_for(engine: Any) -> None:
    with pytest.raises(FactsError):
        assess(CONTRADICTIONS[0][0], as_of="2024-01-01", sectors=["dust"], engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "section",
    [
        {"hazard_present": False},
        {"hazard_present": False, "units": []},
        {"hazard_present": False, "units": {"unknown": True}},
        {"hazard_present": {"unknown": True}, "units": [UNIT]},
        {"hazard_present": True, "units": [UNIT]},
        {"units": [UNIT]},
    ],
)
def test_no_contradiction(section: dict[str, Any], engine: Any) -> None:
    assess({"hazmat": section}, as_of="2024-01-01", engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("closed", ["dust", "*"])
def test_a_closed_world_assumes_no_sector_away_whose_parts_are_listed(closed: str, engine: Any) -> None:
    facts = {"dust": {"collectors": [{"system": "dry"}]}}
    said = assess(facts, as_of="2024-01-01", closed=[closed], sectors=["dust"], engine=engine)
    assert said["dust.grade"].status == "undetermined"
    assert said["dust.grade"].worst == "red"
    absent = assess({}, as_of="2024-01-01", closed=[closed], sectors=["dust"], engine=engine)
    assert absent["dust.grade"].status == "no_value"
