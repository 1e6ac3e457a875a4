"""The data dictionary has every fact once, in its place, with the rules that read it."""

from __future__ import annotations

import json
from collections import Counter
from pathlib import Path

import jsonschema
import pytest

from safetyrules import Program
from safetyrules.cli import main
from safetyrules.dictionary.entries import Entry, dictionary
from safetyrules.dictionary.telling import INDEX, markdown, markdown_pages
from safetyrules.plugins import load_installed, load_with_paths

HERE = Path(__file__).parent
LAW = HERE / "law"


@pytest.fixture(scope="module")
def program() -> Program:
    return load_with_paths([LAW], installed=False)


def entry(program: Program, path: str) -> Entry:
    (found,) = (entry for page in dictionary(program) for entry in page.entries if entry.path == path)
    return found


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_page_for_a_reader(program: Program, language: str) -> None:
    (page,) = (page for page in dictionary(program) if page.name == "yard")
    written = (HERE / f"yard_{language}.md").read_text(encoding="utf-8")
    assert markdown(page, "zh" if language == "zh" else "en") == written


def test_sections_of_the_subject_and_other_subjects_have_pages(program: Program) -> None:
    assert [page.name for page in dictionary(program)] == ["firm", "yard", "office"]


def test_a_part_stands_below_the_list_that_it_lives_in(program: Program) -> None:
    (page,) = (page for page in dictionary(program) if page.name == "yard")
    assert [(group.kind, group.list_path) for group in page.groups] == [
        ("firm", None), ("yard.stack", "yard.stacks"), ("yard.check", "yard.stacks[*].checks"),
    ]  # fmt: skip


def test_rules_that_read_a_fact_are_told_by_ruleset(program: Program) -> None:
    (read,) = entry(program, "yard.present").read_by
    assert (read.ruleset, read.rules) == ("yard", ("yard.bad_stack", "yard.full"))
    assert read.clauses == ("yard-1#1", "yard-1#2", "yard-2#a_")


def test_an_overlay_makes_its_rule_a_reader(program: Program) -> None:
    (read,) = entry(program, "yard.stacks").read_by
    assert (read.rules, read.clauses) == (("yard.full",), ("yard-2#b",))


def test_what_a_register_shares_is_read_where_its_members_read_it(program: Program) -> None:
    assert [read.rules for read in entry(program, "office.level").read_by] == [("regulated_dark",)]
    assert entry(program, "level").read_by == entry(program, "office.level").read_by


def test_what_speaks_for_a_sector_says_so(program: Program) -> None:
    paths = ["yard.present", "yard.stored", "yard.stacks", "industry", "name"]
    said = {path: [(use.sector, use.role, use.codes) for use in entry(program, path).sectors] for path in paths}
    assert said == {
        "yard.present": [("yard", "present", ())],
        "yard.stored": [("yard", "implied", ())],
        "yard.stacks": [("yard", "listed", ())],
        "industry": [("yard", "code", ("59",))],
        "name": [],
    }


def test_the_index_counts_what_nobody_reads(program: Program) -> None:
    pages = markdown_pages(dictionary(program), "en")
    assert set(pages) == {INDEX, "firm.md", "yard.md", "office.md"}
    assert "| [`firm`](firm.md) | 单位 / Firm | 3 | 1 |" in pages[INDEX]
    assert "| [`office`](office.md) | 机关 / Office | 3 |  |" in pages[INDEX]


def test_every_shipped_fact_stands_there_once() -> None:
    program = load_installed()
    pages = dictionary(program)
    found = Counter((entry.kind, entry.fact.name) for page in pages for entry in page.entries)
    declared = [(kind.name, fact) for kind in program.schema.kinds.values() for fact in kind.facts]
    assert found == Counter(declared)
    assert len({(page.name, entry.path) for page in pages for entry in page.entries}) == len(declared)


# ---- the command ----------------------------------------------------------------------------------------------------


def listed(capsys: pytest.CaptureFixture[str], *arguments: str) -> list[dict[str, object]]:
    assert main(["facts", *arguments, "--rules", str(LAW), "--format", "json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert main(["schema", "facts-list/v2"]) == 0
    jsonschema.validate(document, json.loads(capsys.readouterr().out))
    return list(document["facts"])


def test_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    facts = {str(each["path"]): each for each in listed(capsys, "yard.stack")}
    assert list(facts) == ["yard.stacks[*].shade", "yard.stacks[*].checks"]
    shade, checks = facts.values()
    assert (shade["type"], shade["scale"]) == ("choice", True)
    assert shade["values"] == [
        {"value": "pale", "title": {"zh": "浅", "en": "Pale"}}, {"value": "dark", "title": {"zh": "深", "en": "Dark"}}
    ]  # fmt: skip
    assert shade["read_by"] == [
        {"ruleset": "yard", "rules": ["yard.bad_stack", "yard.full"], "clauses": ["yard-1#2", "yard-2#b"]}
    ]
    assert (checks["type"], checks["of"], checks["log"]) == ("list", "yard.check", "day")
    stored = {str(each["fact"]): each for each in listed(capsys, "firm")}["yard.stored"]
    assert (stored["unit"], stored["may_not_apply"]) == ("t", True)
    assert (stored["minimum"], stored["maximum"]) == (
        {"exact": "0", "decimal": "0"}, {"exact": "1000", "decimal": "1000"}
    )  # fmt: skip
    assert stored["help"] == {"zh": "看台账。", "en": "See the ledger [A_1]."}
    tags = {str(each["fact"]): each for each in listed(capsys, "firm")}["tags"]
    assert (tags["type"], tags["of"], tags["values"]) == ("list", "text", [])
    (firms,) = (each for each in listed(capsys, "office") if each["fact"] == "firms")
    assert (firms["type"], firms["of"]) == ("subjects", "firm")


def test_a_section_with_its_parts_and_a_word(capsys: pytest.CaptureFixture[str]) -> None:
    assert len(listed(capsys, "yard")) == 8
    assert [each["path"] for each in listed(capsys, "yard", "--search", "CHECKS[*].day")] == [
        "yard.stacks[*].checks[*].day"
    ]
    assert [each["path"] for each in listed(capsys, "--search", "料堆")] == ["yard.stacks"]
    assert main(["facts", "yard", "--search", "amount", "--rules", str(LAW), "--format", "markdown"]) == 0
    page = capsys.readouterr().out
    assert page.startswith("# 堆场 / Yard `yard`\n\nFacts: 1\n")
    assert [line for line in page.splitlines() if line.startswith("###")] == ["### `yard.stored`"]


def test_pages_are_written_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["facts", "yard", "--pages", str(tmp_path / "new"), "--rules", str(LAW), "--lang", "zh"]) == 0
    assert sorted(path.name for path in (tmp_path / "new").iterdir()) == [INDEX, "yard.md"]
    assert (tmp_path / "new" / "yard.md").read_bytes() == (HERE / "yard_zh.md").read_bytes()
    (tmp_path / "file").write_text("")
    assert main(["facts", "yard", "--pages", str(tmp_path / "file"), "--rules", str(LAW)]) == 2
    assert "SR4031" in capsys.readouterr().err


def test_a_name_that_is_none_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["facts", "yrad", "--rules", str(LAW), "--lang", "en"]) == 2
    said = capsys.readouterr().err
    assert "SR0412" in said
    assert "did you mean 'yard'?" in said
