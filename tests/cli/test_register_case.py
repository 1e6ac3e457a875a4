"""A register as a case file: the regulator's answer, and that of one of its enterprises."""

from __future__ import annotations

import jsonschema
from command_line import ROOT, Run

from safetyrules.documents import json_schema

BUREAU = str(ROOT / "examples" / "shenyang_bureau.yaml")


def test_the_regulator_is_assessed_over_its_enterprises(run: Run) -> None:
    answered = run("assess", BUREAU, "--format", "json")
    assert answered.code == 0
    jsonschema.validate(answered.json, json_schema("assessment/v1"))
    clauses = {each["clause"].partition("#")[2]: each["status"] for each in answered.json["findings"]}
    assert clauses["二(二)2-a"] == "found"
    assert clauses["二(二)1-d"] == "undetermined"
    assert clauses["二(二)2-b"] == "not_found"


def test_what_if_of_one_of_its_enterprises(run: Run) -> None:
    words = run("assess", BUREAU, "--set", "enterprises[1].affiliation=central", "--lang", "en").out
    assert "✓ 二(二)1-d" in words


def test_why_of_the_regulator_and_of_one_of_its_enterprises(run: Run) -> None:
    name = "shenyang.portfolio.everything_handed_down"
    assert "regulator.enterprises[1]#supervision_tier" in run("why", BUREAU, name, "--lang", "en").out
    inside = run("why", BUREAU, "enterprises[1]#supervision_tier", "--lang", "zh")
    assert (inside.code, "隶属关系" in inside.out) == (0, True)
    assert run("why-not", BUREAU, "enterprises[0]#supervision_tier", "municipal").code == 0


def test_a_bad_fact_of_an_enterprise_is_shown_where_it_stands(run: Run) -> None:
    refused = run("assess", BUREAU, "--set", "enterprises[0].employees=many", "--format", "json")
    assert refused.code != 0
    assert "enterprises[0].employees" in refused.err
