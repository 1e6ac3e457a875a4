"""Replaying: changed facts are noticed, every value can be asked for, and the graph says what rests on what."""

from __future__ import annotations

from typing import Any

import networkx
import pytest
from small_law import CASES, assess, program

from safetyrules.diagnostics import RequestError
from safetyrules.explanation.trace import Replay


@pytest.mark.parametrize("case", CASES)
def test_a_replay_gives_what_the_assessment_said(case: str) -> None:
    _, assessment = assess(case)
    replay = Replay(assessment)
    for conclusion in assessment.plan.conclusions:
        replay.reference.demand(conclusion.key)
    assert replay.reference.outcomes() == dict(assessment.scalars)


@pytest.mark.parametrize("change", ["value", "member"])
def test_facts_changed_after_the_assessment_are_noticed(change: str) -> None:
    facts: dict[str, Any] = {"smelts": True, "furnaces": [{"state": "cracked", "cooled": False}]}
    assessment = program().assess(facts, as_of="2024-05-01", engine="reference")
    dict(assessment.scalars)
    if change == "value":
        facts["furnaces"][0]["state"] = "sound"
    else:
        facts["furnaces"].append({})
    with pytest.raises(RequestError) as refusal:
        _ = assessment.why("furnace.grade").conclusions
    assert [d.code for d in refusal.value.diagnostics] == ["SR2104"]


def test_the_graph_leads_from_facts_to_what_rests_on_them() -> None:
    _, assessment = assess("grade_table")
    graph = Replay(assessment).graph()
    grade, found = ("enterprise", "furnace.grade"), ("enterprise.furnaces[0]", "cracked")
    assert graph.nodes[grade]["kind"] == "conclusion"
    assert graph.nodes[found[0], "state"]["kind"] == "fact"
    assert graph.has_edge(found, grade)
    assert networkx.has_path(graph, (found[0], "state"), grade)
    assert not networkx.has_path(graph, ("enterprise", "trial"), grade)
    assert networkx.is_directed_acyclic_graph(graph)
    some = ("enterprise", "some_cracked")
    assert set(graph.predecessors(some)) == {
        ("enterprise", "furnaces"), *((f"enterprise.furnaces[{n}]", "state") for n in (0, 1, "?"))
    }  # fmt: skip


def test_a_deep_chain_is_explained_without_deep_recursion() -> None:
    from safetyrules.program import load_program

    fact = "{a: {type: boolean, title: {zh: a, en: a}}}"
    facts = f"facts: f\nkinds: {{e: {{root: true, title: {{zh: e, en: e}}, facts: {fact}}}}}\n"
    law = (
        "instruments: i\n"
        "list: [{id: law, title: {zh: l, en: l}, number: '1', issuer: {zh: i, en: i}, level: law, jurisdiction: CN,"
        " in_force: {from: 2000-01-01, to: null}, clauses: [{id: '1', title: {zh: c, en: c}}]}]\n"
    )
    rule = "  - {{id: c{n}, title: {{zh: c{n}, en: c{n}}}, clause: '1', on: e, value: boolean, is: '{read}'}}\n"
    rules = "".join(rule.format(n=n, read=f"c{n - 1}" if n else "a") for n in range(1500))
    text = f"ruleset: r\ntitle: {{zh: r, en: r}}\ninstrument: law\nrules:\n{rules}"
    made = load_program([("f", facts), ("i", law), ("r", text)])
    assessment = made.assess({}, as_of="2024-01-01", engine="reference")
    explanation = assessment.why("c1499")
    assert len(explanation.conclusions) == 1500
    assert [need.path for need in explanation.needs] == ["e.a"]


def test_names_of_conclusions() -> None:
    _, assessment = assess("grade_table")
    cracked = tuple((f"enterprise.furnaces[{n}]", "cracked") for n in (0, 1, "?"))
    assert assessment.why("cracked").roots == cracked
    assert assessment.why("order-1#1").roots == (("enterprise", "some_cracked"), *cracked)
    assert assessment.why("furnaces[0]#cracked").roots == cracked[:1]
    assert assessment.why("enterprise.furnaces[0]#cracked").roots == cracked[:1]
    with pytest.raises(RequestError) as refusal:
        assessment.why("furnace.grad")
    (problem,) = refusal.value.diagnostics
    assert problem.code == "SR2101"
    assert problem.fix is not None
    assert "furnace.grade" in problem.fix.en
