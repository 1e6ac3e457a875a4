"""A register as a subject: its members beside it, and what concerns a member asked of that member."""

from __future__ import annotations

from typing import Any

import pytest
from conformance_suite import program as written

from safetyrules import FactsError, RequestError, load_program
from safetyrules.language.plan import make_plan
from safetyrules.members import RegisterAssessment
from safetyrules.program import Program

FACTS: dict[str, Any] = {
    "level": "municipal",
    "enterprises": [{"big": True, "officer": True}, {"place": "210102", "officer": {"unknown": True}}],
}


@pytest.fixture(scope="module")
def program() -> Program:
    return load_program(written("register-rules", "as_written").documents)


def assessed(program: Program, facts: Any = FACTS, **options: Any) -> RegisterAssessment:
    answer = program.assess(facts, as_of="2024-01-01", subject="regulator", **options)
    assert isinstance(answer, RegisterAssessment)
    return answer


def test_members_are_assessed_where_they_are(program: Program) -> None:
    answer = assessed(program)
    assert [member.request.subject for member in answer.members] == ["enterprise", "enterprise"]
    assert [member.plan.place for member in answer.members] == ["CN", "210102"]
    assert {notice.code for notice in answer.notices} >= {"SR2108"}


def test_another_place_is_a_what_if_of_the_register_alone(program: Program) -> None:
    answer = assessed(program, jurisdiction="210100")
    assert answer.request.what_if
    assert [member.request.what_if for member in answer.members] == [False, False]
    assert answer["here_only"].status == "undetermined"


def test_what_concerns_a_member_is_asked_of_it(program: Program) -> None:
    answer = assessed(program)
    assert answer["enterprises[0]#tier_of"].value == "municipal"
    assert answer["regulator.enterprises[0]#kept"].value is True
    assert "municipal" in answer.why("enterprises[0]#tier_of").to_text("en")
    assert answer.why_not("enterprises[0]#tier_of", "township").to_text("en")
    assert [need.path for need in answer.needs("enterprises[1]#tier_of")] == ["enterprise.big"]
    for name in ("enterprises[7]#tier_of", "enterprises[0]#all_down"):
        with pytest.raises(RequestError):
            answer.outcome(name)


def test_an_explanation_says_where_it_goes_on(program: Program) -> None:
    words = assessed(program).why("municipal_ones").to_text("en")
    assert "regulator.enterprises[1]#tier_of" in words


def test_what_members_assume_is_assumed_of_the_register(program: Program) -> None:
    answer = assessed(program, {"level": "municipal", "enterprises": [{"officer": True}]}, closed=["*"])
    assert answer["all_down"].status == "found"
    (assumption,) = answer.assumptions("all_down")
    assert assumption.path == "regulator.enterprises[0].tier_of"
    assert "enterprise.big" in assumption.why


def test_facts_may_come_as_a_model(program: Program) -> None:
    form = program.models.model("regulator").model_validate(FACTS)
    assert dict(assessed(program, form).scalars).keys() == dict(assessed(program).scalars).keys()
    assert assessed(program, form)["named"].scalar == assessed(program)["named"].scalar


def test_no_plan_of_a_member_has_anything_of_a_register(program: Program) -> None:
    enterprise = make_plan(program.linked, program.places, assessed(program).request.law_at, "210100")
    register = program.plan(assessed(program).request.law_at, "210100", None, "regulator")
    assert {conclusion.on for conclusion in enterprise.conclusions} == {"enterprise", "tank"}
    assert {conclusion.on for conclusion in register.conclusions} == {"regulator"}
    assert enterprise.digest != register.digest


def test_every_bad_fact_of_every_member_is_named(program: Program) -> None:
    facts = {"staff": "many", "enterprises": [{"big": 1}, {"bigg": True}]}
    with pytest.raises(FactsError) as refused:
        assessed(program, facts)
    paths = [problem.path for problem in refused.value.diagnostics]
    assert paths == ["regulator.staff", "regulator.enterprises[0].big", "regulator.enterprises[1].bigg"]


def test_where_no_subject_is_named_it_is_no_register(program: Program) -> None:
    assert program.schema.roots == ("enterprise", "regulator")
    assert program.assess({}, as_of="2024-01-01").request.subject == "enterprise"
