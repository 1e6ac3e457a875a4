"""A finding that several rules write: whoever finds it is named as the one that decides."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from conformance_suite import program

import safetyrules
from safetyrules.explanation.reasons import ConclusionReason
from safetyrules.explanation.why import Explanation
from safetyrules.result import Assessment


@lru_cache
def law() -> Any:
    written = program("findings-accumulate", "as_written")
    return safetyrules.load_program(written.documents, open_file=lambda source, name: written.files[name].encode())


def assessed(facts: dict[str, bool]) -> Assessment:
    found: Assessment = law().assess(facts, as_of="2024-01-01")
    return found


def why(name: str, facts: dict[str, bool]) -> tuple[Explanation, ConclusionReason]:
    found = assessed(facts).why(name)
    (reason,) = (each for each in found.conclusions if each.node[1] == name)
    return found, reason


ALL = {"a": True, "b": True}


@pytest.mark.parametrize(
    ("name", "facts", "standing"),
    [
        ("leak", {**ALL, "f": False, "g": True}, {"b_decree": "decides", "a_law": "gives_way"}),
        ("leak", {**ALL, "f": True, "g": False}, {"a_law": "decides", "b_decree": "gives_way"}),
        ("leak", {**ALL, "f": True, "g": True}, {"a_law": "decides", "b_decree": "decides"}),
        ("leak", {**ALL, "f": False, "g": False}, {"a_law": "decides", "b_decree": "decides"}),
        ("leak", {**ALL, "f": False}, {"b_decree": "decides", "a_law": "may_decide"}),
        ("leak", {**ALL, "f": True}, {"a_law": "decides", "b_decree": "gives_way"}),
        ("leak", {**ALL}, {"a_law": "may_decide", "b_decree": "may_decide"}),
        ("leak", {"a": False, "b": True, "g": False}, {"b_decree": "decides", "a_law": "silent"}),
        ("over", {**ALL, "f": True, "g": False}, {"b_decree": "decides", "a_law": "gives_way"}),
        ("over", {"a": True, "f": True, "g": False}, {"b_decree": "may_decide", "a_law": "may_decide"}),
        ("over", {"a": True, "f": True, "b": False}, {"a_law": "decides", "b_decree": "silent"}),
        ("drill", {**ALL, "f": False, "g": True}, {"b_decree": "decides", "a_law": "gives_way"}),
    ],
)
def test_which_rule_decides(name: str, facts: dict[str, bool], standing: dict[str, str]) -> None:
    found, reason = why(name, facts)
    assert {rule.rule.removesuffix(f".{name}"): rule.standing for rule in reason.rules} == standing
    assert found.to_json()


def test_in_words() -> None:
    found, _ = why("leak", {**ALL, "f": False, "g": True})
    assert "b_decree.leak  ← decides: found" in found.to_text("en")
    words = "a_law.leak     ← does not count: another rule finds it, or overrides this one: not found"
    assert words in found.to_text("en")
    assert "不作数：另有规则已认定，或者明定优先：不成立" in found.to_text("zh")
    found, _ = why("leak", {**ALL, "f": False})
    assert "may decide: what the other rules come to is not known: not found" in found.to_text("en")


def ways(name: str, level: str, facts: dict[str, bool]) -> list[tuple[str, list[str]]]:
    answer = assessed(facts).why_not(name, level)
    return [(way.by.en, [f"{each.words.en} is {each.want}" for each in way.obstacles]) for way in answer.ways]


def test_a_way_to_found_is_any_writer() -> None:
    facts = {**ALL, "f": False, "g": False}
    expected = [("a_law.leak", ["f: yes is True"]), ("b_decree.leak", ["g: yes is True"])]
    assert ways("leak", "found", facts) == expected


def test_a_way_to_not_found_takes_every_writer() -> None:
    facts = {**ALL, "f": True, "g": True}
    assert ways("leak", "not_found", facts)[0] == ("a_law.leak", ["g: yes is False", "f: yes is False"])
    assert ways("leak", "not_found", {**ALL, "f": False, "g": True}) == [("a_law.leak", ["g: yes is False"])]


def test_what_overrides_can_silence_it() -> None:
    facts = {"a": True, "f": True, "b": False, "g": False}
    assert ways("over", "not_found", facts)[0] == ("b_decree.over", ["b: yes is True"])
    # The first overrides the second, which silences the third all the same, whatever it finds itself.
    facts = {"a": True, "f": False, "g": True, "c": True, "h": True}
    assert ("c_rule.chain", ["b: yes is True"]) in ways("chain", "not_found", facts)


def test_no_value_is_silence_of_all() -> None:
    facts = {**ALL, "f": False, "g": True}
    assert ways("leak", "not_applicable", facts) == [
        ("a_law.leak → b_decree.leak", ["a: yes is False", "b: yes is False"])
    ]


def test_what_is_overridden_counts_where_it_overrides_another() -> None:
    facts = {"a": True, "f": False, "b": True, "g": True, "c": True, "h": True}
    assumed: dict[str, Any] = {**facts, "b": {"value": True, "assumed": "not looked at"}}
    found: Explanation = law().assess(assumed, as_of="2024-01-01").why("chain")
    (reason,) = (each for each in found.conclusions if each.node[1] == "chain")
    standing = {rule.rule.removesuffix(".chain"): rule.standing for rule in reason.rules}
    assert standing == {"c_rule": "decides", "b_decree": "gives_way", "a_law": "gives_way"}
    assert [each.path for each in found.assumptions] == ["enterprise.b"]
