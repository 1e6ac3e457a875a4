"""``safetyrules assess``: the published case, and every option."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from command_line import KUNSHAN, Run

from safetyrules.documents import MODELS, json_schema


def statuses(document: Any, instrument: str) -> dict[str, str]:
    clauses = (finding for finding in document["findings"] if finding["clause"].startswith(f"{instrument}#"))
    return {finding["clause"].partition("#")[2]: finding["status"] for finding in clauses}


def conclusion(document: Any, name: str) -> Any:
    (found,) = (c for c in document["conclusions"] if c["name"] == name and c["path"] == "enterprise")
    return found


def test_kunshan_under_order_10(run: Run) -> None:
    document = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--sector", "dust", "--format", "json").json
    found = {f"11({n})": "found" for n in (3, 9, 10)}
    assert (
        statuses(document, "mem-order-10-2023") == {f"11({n})": "undetermined" for n in (1, 2, 4, 5, 6, 7, 8)} | found
    )
    needs: dict[str, set[str]] = {}
    for each in document["conclusions"]:
        needs.setdefault(each["name"], set()).update(need["path"] for need in each["needs"])
    for finding in document["findings"]:
        if finding["status"] == "undetermined":
            assert all(needs[name] for name in finding["conclusions"]), finding["clause"]
    assert "enterprise.dust.workshops[0].gathering_rooms" in needs["dust.order10.art11_1"]
    assert conclusion(document, "dust.grade")["proven"] == "red"
    assert conclusion(document, "size_class")["value"] == "medium"
    assert {"enterprise.industry"} <= {each["path"] for each in document["assumptions"]}


def test_kunshan_under_notice_129(run: Run) -> None:
    document = run("assess", KUNSHAN, "--law-at", "2020-01-01", "--sector", "dust", "--format", "json").json
    assert statuses(document, "mem-order-10-2023") == {}
    found = statuses(document, "trade-129-2017")
    assert len(found) == 10
    assert found["special-1(3)"] == "found"
    kinds = {need["kind"] for each in document["conclusions"] for need in each["needs"]}
    assert "reading" in kinds


def test_kunshan_on_its_own_day_has_no_list_in_force(run: Run) -> None:
    document = run("assess", KUNSHAN, "--sector", "dust", "--format", "json").json
    assert document["findings"] == []
    assert "SR0910" in [notice["code"] for notice in document["notices"]]
    text = run("assess", KUNSHAN, "--lang", "zh").out
    assert "没有已载入且施行中的“粉尘涉爆”隐患判定清单" in text


def test_the_tier_in_shenyang_is_a_what_if(run: Run) -> None:
    options = ("--law-at", "2024-01-01", "--jurisdiction", "210100", "--set", "is_high_risk_sector=false")
    document = run("assess", KUNSHAN, *options, "--set", "outlet.is_business_outlet=false", "--format", "json").json
    assert document["request"]["what_if"] is True
    assert document["request"]["jurisdiction"] == {"code": "210100", "name": {"zh": "沈阳市", "en": "Shenyang"}}
    tier = conclusion(document, "supervision_tier")
    assert tier["possible"] == ["district", "municipal"]
    assert "enterprise.affiliation" in {need["path"] for need in tier["needs"]}
    assert document["changes"][0] == {"path": "is_high_risk_sector", "value": "false"}


def test_the_tier_at_the_place_of_operation_is_not_decided(run: Run) -> None:
    tier = conclusion(run("assess", KUNSHAN, "--law-at", "2024-01-01", "--format", "json").json, "supervision_tier")
    assert tier["status"] == "undetermined"
    assert [need["kind"] for need in tier["needs"]] == ["instrument"]


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        (
            "zh",
            "事实截至 2014-08-02|适用 2024-01-01 的规定|昆山市（320583）|✗ 11(3)|企业规模：中型|假设的事实|规则摘要",
        ),
        (
            "en",
            "facts of 2014-08-02|law of 2024-01-01|Kunshan (320583)|✗ 11(3)|Enterprise size: Medium|Assumed facts",
        ),
    ],
)
def test_the_report_says_who_what_when_and_why_not(run: Run, language: str, expected: str) -> None:
    words = expected.split("|")
    ran = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--lang", language)
    assert ran.code == 0
    assert ran.err == ""
    first = ran.out.splitlines()[0]
    assert all(word in first for word in words[:3])
    assert all(word in ran.out for word in words[3:])


def test_the_language_follows_the_locale(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "law of" in run("assess", KUNSHAN).out
    monkeypatch.setenv("LANG", "zh_CN.UTF-8")
    assert "的规定" in run("assess", KUNSHAN).out
    monkeypatch.setenv("SAFETYRULES_LANG", "en")
    assert "law of" in run("assess", KUNSHAN).out


def test_markdown_has_the_same_lines(run: Run) -> None:
    text = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--lang", "zh").out
    marked = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--lang", "zh", "--format", "markdown").out
    assert marked.startswith("# 昆山中荣金属制品有限公司")
    plain = [line.strip() for line in text.splitlines() if line.strip()]
    bare = [line.strip("# -\n").replace("\\", "") for line in marked.splitlines() if line.strip()]
    assert bare == plain


def test_bare_facts_a_case_file_and_standard_input_answer_the_same(run: Run, tmp_path: Path) -> None:
    facts = {"place": "210100", "dust": {"hazard_present": True, "workers_total": 12}}
    bare, case = tmp_path / "bare.json", tmp_path / "case.json"
    bare.write_text(json.dumps(facts))
    case.write_text(json.dumps({"facts": facts, "as_of": "2024-01-01"}))
    one = run("assess", bare, "--as-of", "2024-01-01", "--format", "json").json
    written = 'place: "210100"\ndust: {hazard_present: true, workers_total: 12}\n'
    assert run("assess", case, "--format", "json").json == one
    assert run("assess", "-", "--as-of", "2024-01-01", "--format", "json", stdin=written).json == one


def test_numbers_are_read_from_their_text(run: Run) -> None:
    facts = '{"hazmat": {"hazard_present": true, "offsite_residents_500m": 0}, "revenue": 0.1}'
    in_json = run("assess", "-", "--as-of", "2024-01-01", "--format", "json", stdin=facts).json
    written = "hazmat: {hazard_present: true, offsite_residents_500m: 0}\nrevenue: 0.10\n"
    in_yaml = run("assess", "-", "--as-of", "2024-01-01", "--format", "json", stdin=written).json
    assert in_json["facts_digest"] == in_yaml["facts_digest"]


def test_treat_unknown_as_worst_is_printed(run: Run) -> None:
    ran = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--treat-unknown-as", "worst", "--lang", "en")
    assert "What is undetermined is treated as the worst" in ran.out
    assert "undetermined; treated as found" in ran.out


def test_a_closed_world_is_printed_and_its_assumptions_listed(run: Run) -> None:
    ran = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--closed", "dust", "--lang", "en")
    assert "Closed world: what is not given in dust counts as false or none" in ran.out
    assert "closed world: dust" in ran.out


def test_one_sector_only(run: Run) -> None:
    document = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--sector", "dust", "--format", "json").json
    assert [sector["name"] for sector in document["sectors"]] == ["dust"]


def test_every_conclusion_on_request(run: Run) -> None:
    short = run("assess", KUNSHAN, "--law-at", "2024-01-01").out
    long = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--all").out
    assert "dust.colour_by_dust" not in short
    assert "dust.colour_by_dust" in long


def test_the_document_fits_its_schema(run: Run) -> None:
    schema = run("schema", "assessment/v1").json
    for law_at in ("2014-08-02", "2020-01-01", "2024-01-01"):
        document = run("assess", KUNSHAN, "--law-at", law_at, "--format", "json").json
        jsonschema.validate(document, schema)


@pytest.mark.parametrize("name", MODELS)
def test_every_schema_is_a_json_schema(name: str) -> None:
    jsonschema.Draft202012Validator.check_schema(json_schema(name))


@pytest.mark.parametrize(
    ("verb", "schema"),
    [
        ("version", "version/v1"),
        ("plugins", "plugins/v1"),
        ("rules", "rules/v1"),
        ("facts", "facts-list/v2"),
        ("check", "diagnostics/v1"),
    ],
)
def test_what_is_printed_as_json_fits_its_schema(run: Run, verb: str, schema: str) -> None:
    ran = run(verb, "--format", "json")
    assert ran.code == 0
    jsonschema.validate(ran.json, run("schema", schema).json)


def test_the_facts_schema_accepts_the_case(run: Run) -> None:
    from safetyrules.case import read_case

    schema = run("schema", "facts").json
    facts = read_case(Path(KUNSHAN).read_bytes(), KUNSHAN).facts
    jsonschema.validate(json.loads(json.dumps(facts, default=float)), schema)
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate({"employes": 3}, schema)
