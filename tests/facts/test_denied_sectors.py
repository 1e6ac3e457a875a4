"""A hazard that is said to be absent while its parts are listed is refused: believed, it would make a wrong blue."""

from __future__ import annotations

from typing import Any

import pytest

from safetyrules import ChainedSession, FactsError, assess, default_program

ENGINES = ("compiled", "reference")
UNIT = {"name": "1", "materials": []}
CONTRADICTIONS: list[tuple[dict[str, Any], str]] = [
    ({"hazmat": {"hazard_present": False, "units": [UNIT]}}, "enterprise.hazmat.hazard_present"),
    ({"hazmat": {"hazard_present": {"value": False, "source": "x"}, "units": [UNIT]}}, "enterprise.hazmat"),
    ({"hazmat": {"hazard_present": {"one_of": [False]}, "units": {"items": [{}]}}}, "enterprise.hazmat"),
    ({"dust": {"hazard_present": False, "stores": [{}], "machines": {"items": [{}], "more": True}}}, "machines"),
    ({"hazmat": {"hazard_present": False, "produces_hazchem": True}}, "hazmat.produces_hazchem"),
    ({"hazmat": {"produces_hazchem": {"one_of": [True]}, "hazard_present": False}}, "hazmat.produces_hazchem"),
    ({"hazmat": {"hazard_present": False}, "hazmat_diagnosis": {"key_process_kinds": 1}}, "key_process_kinds"),
    ({"dust": {"hazard_present": False, "workers_total": {"at_least": 1}}}, "dust.workers_total"),
    ({"dust": {"hazard_present": False, "workers_total": {"between": [3, 9]}}}, "dust.workers_total"),
    ({"smelting": {"hazard_present": False}, "industry": "3120"}, "industry"),
    ({"smelting": {"hazard_present": False}, "industry": "C31"}, "industry"),
    ({"smelting": {"hazard_present": False}, "industry": {"one_of": ["3120", "3391"]}}, "industry"),
    ({"industry": "5942", "hazmat": {"hazard_present": False}}, "industry"),
    ({"confined_space": {"has_confined_space": False, "has_confined_space_work": True}}, "has_confined_space_work"),
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
        {"hazard_present": False, "produces_hazchem": False},
        {"hazard_present": False, "produces_hazchem": {"unknown": True}},
        {"hazard_present": False, "produces_hazchem": {"one_of": [True, False]}},
        {"produces_hazchem": True},
        {"hazard_present": True, "produces_hazchem": True},
    ],
)
def test_no_contradiction(section: dict[str, Any], engine: Any) -> None:
    assess({"hazmat": section}, as_of="2024-01-01", engine=engine)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    "facts",
    [
        {"dust": {"hazard_present": False, "workers_total": 0}},
        {"dust": {"hazard_present": False, "workers_total": {"at_least": 0}}},
        {"dust": {"hazard_present": False, "workers_total": {"at_most": 9}}},
        {"smelting": {"hazard_present": False}, "industry": "3311"},
        {"smelting": {"hazard_present": False}, "industry": {"one_of": ["3120", "3311"]}},
        {"smelting": {"hazard_present": False}, "industry": {"unknown": True}},
    ],
)
def test_what_only_may_imply_a_sector_does_not_contradict(facts: dict[str, Any], engine: Any) -> None:
    assess(facts, as_of="2024-01-01", engine=engine)


def test_codes_of_metal_works_are_those_of_the_catalogue_and_of_the_sectors() -> None:
    """Whoever is metal smelting, or metallurgy or non-ferrous metals, by a code cannot deny it."""
    program = default_program()
    codes = program.schema.sectors["smelting"].codes["industry"]
    tables = program.linked.tables
    smelting = [str(row[0]) for row in tables["smelting.codes"].rows]
    metals = [str(row[0]) for row in tables["smelting.sectors"].rows if {"metallurgy", "nonferrous"}.intersection(row)]
    assert len(smelting) > 20
    assert all(code.startswith(codes) for code in [*smelting, *metals])
    assert all(any(known.startswith(code) for known in [*smelting, *metals]) for code in codes)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize(
    ("facts", "sector"),
    [
        ({"hazmat": {"produces_hazchem": True}}, "hazmat"),
        ({"industry": "3120"}, "smelting"),
        ({"dust": {"workers_total": {"at_least": 1}}}, "dust"),
    ],
)
def test_a_closed_world_assumes_no_sector_away_that_is_implied(
    facts: dict[str, Any], sector: str, engine: Any
) -> None:
    said = assess(facts, as_of="2024-01-01", closed=["*"], engine=engine)
    assert said[f"{sector}.grade"].status == "undetermined"
    assert said["overall_grade"].worst != "blue"


def test_a_dossier_refuses_what_would_contradict_and_stays_as_it_was() -> None:
    facts = {"hazmat": {"hazard_present": False}}
    dossier = ChainedSession(default_program(), facts, as_of="2024-01-01")
    with pytest.raises(FactsError):
        dossier.update("hazmat.produces_hazchem", True)
    assert dossier.assessment["hazmat.grade"].status == "no_value"
    dossier.update("hazmat.produces_hazchem", False)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("industry", ["0610", "4812", "2611", "2710"])
def test_no_industry_is_blue_because_its_law_is_not_here(industry: str, engine: Any) -> None:
    """A coal mine that denies all sectors has answered for none of its hazards."""
    denied = {name: {"hazard_present": False} for name in ("dust", "hazmat", "smelting")}
    facts = {**denied, "confined_space": {"has_confined_space": False}, "industry": industry}
    assessment = assess(facts, as_of="2026-11-22", engine=engine)
    said = assessment["overall_grade"]
    assert (said.status, said.worst) == ("undetermined", "red")
    assert any("other.grade_decided" in need.path for need in assessment.needs("overall_grade"))
    decided = {**facts, "other": {"grade_decided": {"not_applicable": True}}}
    assert assess(decided, as_of="2026-11-22", engine=engine)["overall_grade"].possible == ("blue",)


@pytest.mark.parametrize("engine", ENGINES)
@pytest.mark.parametrize("closed", ["dust", "*"])
def test_a_closed_world_assumes_no_sector_away_whose_parts_are_listed(closed: str, engine: Any) -> None:
    facts = {"dust": {"collectors": [{"system": "dry"}]}}
    said = assess(facts, as_of="2024-01-01", closed=[closed], sectors=["dust"], engine=engine)
    assert said["dust.grade"].status == "undetermined"
    assert said["dust.grade"].worst == "red"
    absent = assess({}, as_of="2024-01-01", closed=[closed], sectors=["dust"], engine=engine)
    assert absent["dust.grade"].status == "no_value"
