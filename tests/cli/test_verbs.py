"""The other verbs, exit codes, and what happens when the reader leaves."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from command_line import KUNSHAN, ROOT, Run

import safetyrules
from safetyrules.diagnostics.catalogue import CATALOGUE

COMMAND = (sys.executable, "-c", "import sys; from safetyrules.cli import main; sys.exit(main())")


def test_version(run: Run) -> None:
    assert run("version").out.startswith(f"safetyrules {safetyrules.__version__} ")


def test_rules_in_force_on_a_day(run: Run) -> None:
    ids = {
        rule["id"]
        for rule in run("rules", "--law-at", "2020-01-01", "--sector", "dust", "--format", "json").json["rules"]
    }
    assert any(each.startswith("dust.n129.") for each in ids)
    assert not any(each.startswith("dust.order10.") for each in ids)


def test_rules_of_a_place(run: Run) -> None:
    national = run("rules", "--jurisdiction", "CN", "--format", "json").json["rules"]
    local = run("rules", "--jurisdiction", "210100", "--format", "json").json["rules"]
    assert {rule["id"] for rule in national} < {rule["id"] for rule in local}


def test_one_rule_in_full(run: Run) -> None:
    ran = run("rules", "dust.order10.art11_3", "--lang", "zh")
    assert "应急管理部" in ran.out or "mem-order-10-2023#11(3)" in ran.out
    assert "safetyrules_rulesets/dust/order_10.yaml:" in ran.out


def test_facts_of_a_kind(run: Run) -> None:
    ran = run("facts", "dust.collector", "--search", "pressure", "--lang", "en")
    assert ran.out.splitlines()[0].split("\t")[:2] == ["kind", "fact"]
    assert "positive_pressure" in ran.out


def test_check_of_the_installed_law_is_clean(run: Run) -> None:
    ran = run("check", "--lang", "en")
    assert ran.code == 0, ran.out
    assert "0 error(s)" in ran.out


def test_check_finds_the_place_of_an_error(run: Run, tmp_path: Path) -> None:
    wrong = tmp_path / "law" / "wrong.yaml"
    wrong.parent.mkdir()
    wrong.write_text(
        "ruleset: wrong\ntitle: {zh: 错, en: Wrong}\ninstrument: mem-order-10-2023\nrules:\n"
        "  - id: wrong.rule\n    title: {zh: 错, en: Wrong}\n    clause: '11(3)'\n    on: enterprise\n"
        "    when: 'dust.hazard_presnt'\n    finding: major\n",
        encoding="utf-8",
    )
    (tmp_path / "law" / "wrong.test.yaml").write_text("- not: a document\n", encoding="utf-8")
    ran = run("check", tmp_path / "law", "--lang", "en")
    assert ran.code == 2
    assert f"{wrong}:9:12: error SR0502" in ran.out
    assert "did you mean" in ran.out


def test_check_of_paths_alone(run: Run) -> None:
    assert run("check", "--only", ROOT / "rulesets", ROOT / "plugins").code == 0
    assert run("check", "--only", ROOT / "rulesets").code == 2


def test_the_same_documents_given_again_are_read_once(run: Run) -> None:
    assert run("check", ROOT / "rulesets" / "dust").code == 0


def test_strict_makes_warnings_count(run: Run, tmp_path: Path) -> None:
    instrument = tmp_path / "instrument.yaml"
    instrument.write_text(
        "instruments: more\nlist:\n  - id: more\n    title: {zh: 多, en: More}\n    number: '1'\n"
        "    issuer: {zh: 某, en: One}\n    level: policy\n"
        "    jurisdiction: CN\n    in_force: {from: 2020-01-01, to: null}\n"
        "    clauses: [{id: '1', title: {zh: 一, en: One}}]\n",
        encoding="utf-8",
    )
    assert run("check", instrument).code == 0
    strict = run("check", instrument, "--strict", "--lang", "en")
    assert strict.code == 1
    assert "warning SR0909" in strict.out


def test_a_cycle_that_only_a_plan_shows(run: Run, tmp_path: Path) -> None:
    cycle = tmp_path / "cycle.yaml"
    rules = "".join(
        f"  - id: c.{one}\n    title: {{zh: 环, en: Cycle}}\n    clause: '11(3)'\n    on: enterprise\n"
        f"    value: boolean\n    is: 'c.{two}'\n"
        for one, two in (("a", "b"), ("b", "a"))
    )
    cycle.write_text(
        f"ruleset: c\ntitle: {{zh: 环, en: Cycle}}\ninstrument: mem-order-10-2023\nrules:\n{rules}", encoding="utf-8"
    )
    ran = run("check", cycle, "--lang", "en")
    assert ran.code == 2
    assert f"{cycle}:" in ran.out
    assert "SR0611" in ran.out
    assert "c.a" in ran.out


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (("assess",), "SR4004"),
        (("frobnicate",), "SR4004"),
        (("assess", KUNSHAN, "--format", "yaml"), "SR4004"),
        (("assess", "nowhere.yaml"), "SR4001"),
        (("assess", str(ROOT)), "SR4001"),
        (("assess", KUNSHAN, "--law-at", "2024-02-30"), "SR2105"),
        (("assess", KUNSHAN, "--treat-unknown-as", "wurst"), "SR2105"),
        (("assess", KUNSHAN, "--jurisdiction", "999999"), "SR2103"),
        (("assess", KUNSHAN, "--sector", "dusk"), "SR2107"),
        (("assess", KUNSHAN, "--closed", "dusk"), "SR1030"),
        (("assess", KUNSHAN, "--set", "dust.workers_total"), "SR4005"),
        (("assess", KUNSHAN, "--set", "dust.collectors[99].system=dry"), "SR4005"),
        (("assess", KUNSHAN, "--set", "dust.workers_total=[1"), "SR0115"),
        (("assess", KUNSHAN, "--set", "dust.workers_total=many"), "SR1005"),
        (("assess", KUNSHAN, "--rules", "nowhere"), "SR4001"),
        (("why", KUNSHAN, "dust.grad"), "SR2101"),
        (("rules", "dust.order10.art11_33"), "SR0603"),
        (("rules", "--sector", "dusk"), "SR2107"),
        (("facts", "enterprize"), "SR0412"),
        (("schema", "assessment/v9"), "SR4006"),
        (("check", "nowhere"), "SR4001"),
    ],
)
def test_a_wrong_call_gets_one_clear_diagnostic(run: Run, arguments: tuple[str, ...], code: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    printed = ran.out + ran.err
    assert code in printed
    assert "Traceback" not in printed
    if arguments[0] != "check":
        assert ran.out == ""


def test_without_a_verb_the_verbs_are_listed(run: Run) -> None:
    ran = run()
    assert ran.code == 2
    assert "why-not" in ran.err


def test_errors_are_json_where_json_is_asked_for(run: Run) -> None:
    ran = run("assess", KUNSHAN, "--jurisdiction", "999999", "--format", "json")
    assert ran.out == ""
    assert [each["code"] for each in ran.complaints] == ["SR2103"]


def test_an_internal_error_is_said_without_a_traceback(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("by an engineer")

    monkeypatch.setattr("safetyrules.cli.assess.ask", fail)
    ran = run("assess", KUNSHAN)
    assert ran.code == 3
    assert "SR4090" in ran.err
    assert "Traceback" not in ran.err
    monkeypatch.setenv("SAFETYRULES_TRACEBACK", "1")
    with pytest.raises(ZeroDivisionError):
        run("assess", KUNSHAN)


def test_a_reader_that_leaves_ends_it_quietly() -> None:
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run([*COMMAND, "rules"], stdout=writing, stderr=subprocess.PIPE, check=False, timeout=60)
    os.close(writing)
    assert done.returncode == 141
    assert done.stderr == b""


def test_ctrl_c_ends_it_quietly() -> None:
    # What runs in the background of a script starts with Ctrl-C ignored; a terminal's command does not.
    heard = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler)"
    ready = f"import sys; {heard}; from safetyrules.cli.application import run; print(flush=True); sys.exit(run())"
    process = subprocess.Popen(
        [sys.executable, "-c", ready, "assess", "-", "--as-of", "2024-01-01"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert process.stdout is not None
    process.stdout.readline()
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=60)
    assert process.returncode == 130
    assert said == b""


def test_a_terminal_without_chinese_gets_escapes() -> None:
    environment = {**os.environ, "PYTHONIOENCODING": "ascii", "PYTHONUTF8": "0"}
    done = subprocess.run(
        [*COMMAND, "assess", KUNSHAN, "--lang", "zh"], env=environment, capture_output=True, check=False, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert b"\\u6606" in done.stdout


def test_the_exit_codes_are_documented() -> None:
    page = (ROOT / "docs" / "reference" / "cli.md").read_text(encoding="utf-8")
    assert all(f"| {code} |" in page for code in (0, 1, 2, 3, 130, 141))


def test_every_code_of_the_command_line_is_in_the_catalogue() -> None:
    assert {"SR4001", "SR4002", "SR4003", "SR4004", "SR4005", "SR4006", "SR4090"} <= set(CATALOGUE)


def test_check_counts_notes_and_prints_them_on_demand(run: Run, tmp_path: Path) -> None:
    shutil.copytree(ROOT / "plugins" / "hazmat", tmp_path / "law", ignore=shutil.ignore_patterns("*.py*"))
    (tmp_path / "law" / "s").mkdir()
    shutil.copy(ROOT / "plugins" / "supervision" / "facts.yaml", tmp_path / "law" / "s")
    told = run("check", "--only", tmp_path / "law", "--lang", "en")
    assert "SR0722" not in told.out
    assert "note(s) (--notes)" in told.out
    assert "SR0722" in run("check", "--only", tmp_path / "law", "--notes", "--lang", "en").out
    codes = {
        each["code"]
        for each in json.loads(run("check", "--only", tmp_path / "law", "--format", "json").out)["diagnostics"]
    }
    assert "SR0722" in codes


def test_check_analyses_tables_and_prints_a_test(run: Run, tmp_path: Path) -> None:
    planted = (ROOT / "tests" / "analysis" / "defects" / "overlap_bounds_touch.yaml").read_text(encoding="utf-8")
    for name, document in zip(("facts", "law", "rules"), planted.split("---\n"), strict=True):
        (tmp_path / f"{name}.yaml").write_text(document, encoding="utf-8")
    ran = run("check", "--only", tmp_path, "--strict", "--lang", "zh")
    assert ran.code == 1
    assert "rules.yaml:14:11: warning SR0702" in ran.out
    assert "      facts: {load: 10}\n      expect: {yard.x: {undetermined: [blue, red]}}\n" in ran.out
    document = json.loads(run("check", "--only", tmp_path, "--format", "json").out)
    (found,) = (each for each in document["diagnostics"] if each["code"] == "SR0702")
    assert found["example"]["en"].startswith("- name: yard.x; rows 1 and 2 hold\n")
    assert "masked rows:" in run("check", "--only", tmp_path, "--timings", "--lang", "en").out


def test_check_says_nothing_of_tests_that_it_cannot_read(run: Run, tmp_path: Path) -> None:
    planted = (ROOT / "tests" / "analysis" / "defects" / "overlap_bounds_touch.yaml").read_text(encoding="utf-8")
    for name, document in zip(("facts", "law", "rules"), planted.split("---\n"), strict=True):
        (tmp_path / f"{name}.yaml").write_text(document, encoding="utf-8")
    assert "SR0724" in run("check", "--only", tmp_path, "--notes", "--lang", "en").out
    (tmp_path / "broken.test.yaml").write_text("cases: [", encoding="utf-8")
    assert "SR0724" not in run("check", "--only", tmp_path, "--notes", "--lang", "en").out
