"""Over generated law of every shape, and over the programs of the conformance suite: what is said never to be, never
is; and every example passes as it is printed."""

from __future__ import annotations

from datetime import date
from typing import Any

import conformance_suite
import pytest
from agreement_facts import facts_of
from agreement_programs import Generated, programs
from hypothesis import given, settings
from hypothesis import strategies as st
from test_engines_agree import examples

from safetyrules.analysis.law import Law, Setting
from safetyrules.analysis.run import analyse
from safetyrules.diagnostics import Diagnostic, FactsError
from safetyrules.engine.reference import Place, Reference
from safetyrules.language import terms as t
from safetyrules.program import Program, load_program
from safetyrules.testing.reading import read_suite
from safetyrules.testing.running import Runner
from safetyrules.values import FALSE, TRUE, UNKNOWN, Finite, Scalar

AS_OF = date(2024, 1, 1)


def assert_examples_pass(program: Program, problems: list[Diagnostic]) -> None:
    runner = Runner(program, columns=False)
    for problem in problems:
        if problem.example is not None:
            cases = read_suite(problem.example.en, "pasted.test.yaml").cases
            assert runner.run(cases).failed == (), problem.render("en")


@pytest.mark.parametrize("file", conformance_suite.files())
def test_every_shape_of_the_language_is_analysed(file: str) -> None:
    written = conformance_suite.program(file.removesuffix(".yaml"), "as_written")
    program = load_program(written.documents, open_file=lambda _, name: written.files[name].encode())
    assert_examples_pass(program, analyse(program, [], program.linked.warnings))


def loaded(generated: Generated) -> Program:
    files = generated.written.files
    return load_program(generated.written.documents, open_file=lambda source, name: files[name].encode())


@settings(max_examples=examples(40))
@given(st.data(), programs())
def test_what_is_said_never_to_be_never_is(data: st.DataObject, generated: Generated) -> None:
    program = loaded(generated)
    problems = analyse(program, [], program.linked.warnings)
    assert_examples_pass(program, problems)
    claims = {(each.code, each.span) for each in problems}
    law = Law(program)
    for _ in range(4):
        facts = data.draw(facts_of(generated.kinds))
        for rule in program.linked.rules.values():
            setting = law.setting(rule)
            if setting is not None and setting.place == "CN":
                refuted(law, rule.id, setting, facts, claims)


def refuted(law: Law, name: str, setting: Setting, facts: Any, claims: set[Any]) -> None:
    """Tries to refute what is claimed of a rule on some facts."""
    rule, program = law.linked.rules[name], law.program
    try:
        plan, request, _ = program.asked(facts, as_of=setting.day, engine="reference")
        root = program.entity(facts, request)
    except FactsError:
        return
    reference = Reference(plan, root, request.as_of).run()

    def value(term: t.Term, place: Place) -> Scalar:
        try:
            return reference.evaluate(setting.settled(term), place)
        except KeyError:  # a conclusion that is not of this plan
            return UNKNOWN

    for entity in root.walk():
        if entity.kind != rule.on or entity.residual:
            continue
        place = Place(entity)
        if not all(value(each, place) == TRUE for each in law.given(rule)):
            continue
        asked = rule.when or rule.body
        if rule.kind in ("finding", "duty", "exception"):
            span = getattr(asked, "span", None) or rule.span
            if ("SR0711", span) in claims or ("SR0714", span) in claims:
                assert value(asked, place) != TRUE
            if ("SR0712", span) in claims or ("SR0715", span) in claims:
                assert value(asked, place) != FALSE
        if isinstance(rule.body, t.DecisionTable):
            held = [value(row.when, place) for row in rule.body.rows]
            for number, row in enumerate(rule.body.rows):
                if ("SR0713", row.span) in claims:
                    assert held[number] != TRUE
                if ("SR0704", row.span) in claims and rule.body.hit == "first" and held[number] == TRUE:
                    assert not all(isinstance(each, Finite) and each.known and each != TRUE for each in held[:number])
