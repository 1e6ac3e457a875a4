"""Reading an assessment: clauses, residual parts, treatment of unknowns."""

from __future__ import annotations

import pytest

from safetyrules import Program, RequestError, load_program

FACTS = """\
facts: small
sector: {name: s, title: {zh: 领域, en: Sector}, present: here}
kinds:
  enterprise:
    root: true
    title: {zh: 企业, en: Enterprise}
    facts:
      here: {type: boolean, title: {zh: 存在, en: Present}}
      machines: {type: list, of: machine, title: {zh: 机器, en: Machines}}
  machine:
    title: {zh: 机器, en: Machine}
    facts:
      guarded: {type: boolean, title: {zh: 有护罩, en: Guarded}}
"""
INSTRUMENTS = """\
instruments: small
list:
  - id: order
    title: {zh: 规定, en: Order}
    number: "1"
    issuer: {zh: 部, en: Ministry}
    level: ministry_rule
    jurisdiction: CN
    in_force: {from: 2020-01-01, to: null}
    clauses: [{id: "1", title: {zh: 护罩, en: Guards}}]
"""
RULES = """\
ruleset: small
title: {zh: 规则, en: Rules}
instrument: order
sector: s
rules:
  - id: machine.unguarded
    clause: "1"
    title: {zh: 无护罩, en: No guard}
    on: machine
    when: "!guarded"
    finding: major
"""


@pytest.fixture(scope="module")
def program() -> Program:
    return load_program([("facts.yaml", FACTS), ("instruments.yaml", INSTRUMENTS), ("rules.yaml", RULES)])


@pytest.mark.parametrize("engine", ["reference", "compiled"])
@pytest.mark.parametrize(
    ("machines", "status"),
    [
        ([], "not_applicable"),
        ([{"guarded": True}], "not_found"),
        ([{"guarded": True}, {"guarded": False}], "found"),
        ([{"guarded": True}, {}], "undetermined"),
        ({"items": [{"guarded": True}], "more": True}, "undetermined"),
        (None, "undetermined"),
    ],
)
def test_every_clause_in_force_has_a_status(program: Program, engine: str, machines: object, status: str) -> None:
    answer = program.assess({"here": True, "machines": machines}, as_of="2024-01-01", engine=engine)
    assert dict(answer.by_clause) == {"order#1": status}


def test_a_part_is_named_by_its_path(program: Program) -> None:
    answer = program.assess({"machines": [{"guarded": True}, {"guarded": False}]}, as_of="2024-01-01")
    assert answer["machines[1]#machine.unguarded"].status == "found"
    with pytest.raises(RequestError) as error:
        answer["machines[2]#machine.unguarded"]
    assert "machines[1]" in error.value.diagnostics[0].render("en")


@pytest.mark.parametrize(("treatment", "treated"), [("withhold", None), ("worst", True), ("best", False)])
def test_an_unknown_finding_is_treated_as_asked(program: Program, treatment: str, treated: bool | None) -> None:
    answer = program.assess({"machines": [{}]}, as_of="2024-01-01", treat_unknown_as=treatment)
    outcome = answer["machines[0]#machine.unguarded"]
    assert (outcome.status, outcome.treated) == ("undetermined", treated)


PLACED = """\
facts: placed
kinds:
  enterprise:
    root: true
    title: {zh: 企业, en: Enterprise}
    sections:
      site:
        title: {zh: 场所, en: Site}
        facts:
          place: {type: place, title: {zh: 经营地, en: Place of operation}}
"""


def test_the_place_of_operation_is_found_in_a_section_and_in_a_model() -> None:
    program = load_program([("facts.yaml", PLACED)])
    facts = {"site": {"place": {"value": "210102", "source": "licence"}}}
    model = program.models.model("enterprise").model_validate(facts)
    for given in (facts, model):
        answer = program.assess(given, as_of="2024-01-01")
        assert (answer.request.jurisdiction, answer.request.what_if) == ("210102", False)


def test_one_conclusion_is_read_as_among_all() -> None:
    program = load_program([("facts.yaml", PLACED), ("instruments.yaml", INSTRUMENTS), ("values.yaml", VALUES)])
    facts = {"site": {"place": "210102"}}
    for engine in ("compiled", "reference"):
        one, read = (program.assess(facts, as_of="2024-01-01", engine=engine) for _ in range(2))
        assert {outcome.name: one[outcome.name] for outcome in read} == read.conclusions
        assert (one["three"].bounds, one["here"].value) == ((3, 3), True)


VALUES = """\
ruleset: values
title: {zh: 规则, en: Rules}
instrument: order
rules:
  - {id: three, clause: "1", title: {zh: 三, en: Three}, on: enterprise, value: integer, is: "1 + 2"}
  - {id: here, clause: "1", title: {zh: 在, en: Here}, on: enterprise, value: boolean, is: 'site.place == "210102"'}
"""


OFFICE = """\
facts: office
kinds:
  office:
    root: true
    title: {zh: 机关, en: Office}
    facts:
      plan_issued: {type: boolean, title: {zh: 印发计划, en: Plan issued}}
"""
OF_THE_OFFICE = """\
ruleset: office
title: {zh: 机关, en: Offices}
instrument: order
rules:
  - id: office.no_plan
    clause: "2"
    title: {zh: 未印发计划, en: No plan}
    on: office
    when: "!plan_issued"
    finding: major
  - id: office.no_guards_asked
    clause: "1"
    title: {zh: 未要求护罩, en: No guards asked for}
    on: office
    when: "!plan_issued"
    finding: major
"""


@pytest.fixture(scope="module")
def with_an_office() -> Program:
    two = INSTRUMENTS.replace("en: Guards}}", 'en: Guards}}, {id: "2", title: {zh: 计划, en: Plan}}')
    general = RULES.replace("finding: major", "finding: general")
    documents = [("facts.yaml", FACTS), ("instruments.yaml", two), ("rules.yaml", general)]
    return load_program([*documents, ("office_facts.yaml", OFFICE), ("office.yaml", OF_THE_OFFICE)])


def test_clauses_about_another_subject_are_no_part_of_an_answer(with_an_office: Program) -> None:
    factory = with_an_office.assess({"here": True, "machines": [{"guarded": False}]}, as_of="2024-01-01")
    assert dict(factory.by_clause) == {"order#1": "found"}
    (finding,) = factory.to_document().findings
    assert (finding.clause, finding.severity, finding.conclusions) == ("order#1", "general", ["machine.unguarded"])
    office = with_an_office.assess({"plan_issued": True}, as_of="2024-01-01", subject="office")
    assert dict(office.by_clause) == {"order#1": "not_found", "order#2": "not_found"}
    found = {each.clause: each for each in office.to_document().findings}
    assert found["order#1"].conclusions == ["office.no_guards_asked"]
    assert found["order#1"].severity == "major"


@pytest.mark.parametrize("name", ["office.no_plan", "order#2"])
def test_why_says_whom_a_rule_about_another_subject_is_about(with_an_office: Program, name: str) -> None:
    factory = with_an_office.assess({"here": True, "machines": []}, as_of="2024-01-01")
    for ask in (factory.why, lambda name: factory.why_not(name, "found")):
        with pytest.raises(RequestError) as error:
            ask(name)
        (problem,) = error.value.diagnostics
        assert problem.code == "SR2101"
        assert problem.expected is not None
        assert "office" in problem.expected.en
        assert problem.fix is None
    with pytest.raises(RequestError) as error:
        factory.why("machine.ungarded")
    assert "machine.unguarded" in error.value.diagnostics[0].render("en")
    with pytest.raises(RequestError) as error:
        factory.why("office.no_plans")
    assert "office.no_plan" not in error.value.diagnostics[0].render("en").partition("fix")[2]
