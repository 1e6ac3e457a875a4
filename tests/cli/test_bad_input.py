"""Bad files: one clear diagnostic with a place, exit code 2, no traceback, nothing written."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest
from command_line import KUNSHAN, ROOT, Ran, Run
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safetyrules import default_program
from safetyrules.case import read_case
from safetyrules.diagnostics import Diagnostic, FactsError, RulesetError
from safetyrules.language.read import read_document

BOMB = "a: &a [x, x, x, x, x, x, x, x, x]\n" + "".join(
    f"{b}: &{b} [*{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}, *{a}]\n"
    for a, b in zip("abcdefgh", "bcdefghi", strict=True)
)
FACTS: dict[str, tuple[bytes, str]] = {
    "truncated.yaml": (b"facts:\n  dust: {hazard_present: true, collec", "SR0115"),
    "truncated.json": (b'{"facts": {"dust": {"hazard_present": tr', "SR4003"),
    "huge.yaml": (b"facts:\n  name: " + b"x" * (9 * 1024 * 1024), "SR0103"),
    "huge.json": (b'{"name": "' + b"x" * (9 * 1024 * 1024) + b'"}', "SR0103"),
    "deep.yaml": (b"facts: " + b"{a: " * 5000 + b"1" + b"}" * 5000, "SR0104"),
    "deep.json": (b'{"a": ' * 5000 + b"1" + b"}" * 5000, "SR0104"),
    "unclosed.json": (b"[" * 100_000, "SR0104"),
    "bomb.yaml": (BOMB.encode(), "SR0106"),
    "gb18030.yaml": ("facts:\n  name: 昆山中荣\n".encode("gb18030"), "SR0101"),
    "gb18030.json": ('{"name": "昆山中荣"}'.encode("gb18030"), "SR0101"),
    "utf16.yaml": ("facts:\n  name: 昆山\n".encode("utf-16"), "SR0101"),
    "nan.yaml": (b"facts:\n  revenue: .nan\n", "SR0119"),
    "infinity.json": (b'{"revenue": -Infinity}', "SR0119"),
    "endless.json": (b'{"revenue": 1e999999999}', "SR0118"),
    "twice.yaml": (b"facts:\n  employees: 3\n  employees: 4\n", "SR0112"),
    "twice.json": (b'{"employees": 3, "employees": 4}', "SR0112"),
    "case.yaml": (b"facts:\n  employees: 3\n  Employees: 4\n", "SR0113"),
    "case.json": (b'{"employees": 3, "Employees": 4}', "SR0113"),
    "unknown.yaml": (b"facts:\n  employes: 3\n", "SR1001"),
    "unknown.json": (b'{"employes": 3}', "SR1001"),
    "option.yaml": (b"facts: {employees: 3}\nas-of: 2024-01-01\n", "SR4002"),
    "list.yaml": (b"- employees: 3\n", "SR4002"),
    "empty.yaml": (b"", "SR0111"),
    "unit.yaml": (b"facts:\n  employees: {value: 3, unit: kg}\n", "SR1018"),
    "number.yaml": (b"facts:\n  employees: many\n", "SR1005"),
    "negative.yaml": (b"facts:\n  employees: -3\n", "SR1006"),
    "day.yaml": (b"facts:\n  employees: 3\nas_of: 2024-02-30\n", "SR0117"),
    "code.yaml": (b"facts:\n  credit_code: '91330000MA33711183'\n", "SR1041"),
    "wide.yaml": ("facts:\n  ｅｍｐｌｏｙｅｅｓ: 3\n".encode(), "SR0116"),
    "nul.yaml": (b"facts:\n  name: a\x00b\n", "SR0102"),
}

HEAD = "ruleset: bad\ntitle: {zh: 错, en: Bad}\ninstrument: mem-order-10-2023\nrules:\n"
RULE = "  - id: bad.{id}\n    title: {{zh: 错, en: Bad}}\n    clause: '11(3)'\n    on: enterprise\n{rest}"
EXCEPTION = (
    "  - {{id: bad.{id}, except: bad.{base}, title: {{zh: 错, en: Bad}}, "
    "clause: '11(3)', when: 'true', withdraw: true}}\n"
)
WORKERS = "    concludes: dust.workers\n    value: integer\n    unit: person\n    is: '3'\n"
LAW: dict[str, tuple[str, str]] = {
    "truncated": (HEAD + "  - id: bad.x\n    title: {zh: 错", "SR0115"),
    "deep": ("ruleset: bad\nrules: " + "[" * 5000, "SR0104"),
    "bomb": (BOMB, "SR0106"),
    "twice": (HEAD + RULE.format(id="x", rest="    finding: major\n    when: 'true'\n    when: 'false'\n"), "SR0112"),
    "unknown_key": (HEAD + RULE.format(id="x", rest="    finding: major\n    wen: 'true'\n"), "SR0202"),
    "same_but_case": (
        "facts: bad\nkinds:\n  enterprise:\n    facts:\n      lamp: {type: boolean, title: {zh: 灯, en: Lamp}}\n"
        "      Lamp: {type: boolean, title: {zh: 灯, en: Lamp}}\n",
        "SR0113",
    ),
    "unit_clash": (HEAD + RULE.format(id="x", rest="    finding: major\n    when: 'employees > revenue'\n"), "SR0504"),
    "cycle": (
        HEAD + "".join(RULE.format(id=a, rest=f"    value: boolean\n    is: 'bad.{b}'\n") for a, b in ("xy", "yx")),
        "SR0611",
    ),
    "exception_cycle": (
        HEAD + "".join(EXCEPTION.format(id=a, base=b) for a, b in ("xy", "yx")),
        "SR0604",
    ),
    "second_writer": (HEAD + RULE.format(id="x", rest=WORKERS), "SR0609"),
    "dates_out_of_order": (
        "instruments: bad\nlist:\n  - id: bad\n    title: {zh: 错, en: Bad}\n    number: '1'\n"
        "    issuer: {zh: 某, en: One}\n    level: policy\n"
        "    jurisdiction: CN\n    in_force: {from: 2024-01-02, to: 2024-01-01}\n"
        "    clauses: [{id: '1', title: {zh: 一, en: One}, status: not_decidable, reason: {zh: 一, en: One}}]\n",
        "SR0906",
    ),
    "nan": (HEAD + RULE.format(id="x", rest="    finding: major\n    when: 'revenue > nan'\n"), "SR0502"),
    "kinds_inside_each_other": (
        "facts: bad\nkinds:\n"
        "  bad.a: {title: {zh: 甲, en: A}, facts: {more: {type: list, of: bad.b, title: {zh: 乙, en: B}}}}\n"
        "  bad.b: {title: {zh: 乙, en: B}, facts: {many: {type: list, of: bad.a, title: {zh: 甲, en: A}}}}\n",
        "SR0405",
    ),
}  # fmt: skip


def complains(ran: Ran, code: str, source: Path) -> None:
    printed = ran.err + ran.out
    assert ran.code == 2, printed
    assert "Traceback" not in printed
    lines = printed.splitlines()
    (first, *_) = [line for line in lines if code in line]
    place = first.removeprefix(f"{source}:").split(":")
    assert place[0].isdigit(), first
    assert place[1].isdigit(), first
    assert len(printed) < 20_000


@pytest.mark.parametrize("name", FACTS)
def test_bad_facts(run: Run, tmp_path: Path, name: str) -> None:
    content, code = FACTS[name]
    path = tmp_path / name
    path.write_bytes(content)
    started = time.monotonic()
    ran = run("assess", path, *([] if name == "day.yaml" else ["--as-of", "2024-01-01"]), "--lang", "en")
    assert time.monotonic() - started < 10
    assert ran.out == ""
    complains(ran, code, path)
    assert [each.name for each in tmp_path.iterdir()] == [name]


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("name", LAW)
def test_bad_law(run: Run, tmp_path: Path, name: str, language: str) -> None:
    text, code = LAW[name]
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    complains(run("check", path, "--lang", language), code, path)


@pytest.mark.parametrize("name", ["truncated", "unit_clash", "second_writer", "cycle"])
def test_bad_law_stops_an_assessment_before_anything_is_printed(run: Run, tmp_path: Path, name: str) -> None:
    text, code = LAW[name]
    path = tmp_path / f"{name}.yaml"
    path.write_text(text, encoding="utf-8")
    ran = run("assess", KUNSHAN, "--law-at", "2024-01-01", "--rules", path, "--lang", "en")
    assert ran.out == ""
    complains(ran, code, path)


def test_wrongly_encoded_law_and_tables(run: Run, tmp_path: Path) -> None:
    ruleset = tmp_path / "bad.yaml"
    ruleset.write_bytes(HEAD.encode("gb18030"))
    complains(run("check", ruleset, "--lang", "en"), "SR0101", ruleset)
    ruleset.write_text(
        "table: bad.table\nfile: bad.csv\ninstrument: mem-order-10-2023\nclause: '11(3)'\ntitle: {zh: 表, en: Table}\n"
        "keys: [name]\ncolumns:\n  name: {type: text}\n",
        encoding="utf-8",
    )
    (tmp_path / "bad.csv").write_bytes("name\n铝粉\n".encode("gb18030"))
    ran = run("check", ruleset, "--lang", "en")
    assert ran.code == 2
    assert "SR0101" in ran.out
    assert "bad.csv:2:1" in ran.out


def test_a_table_whose_file_is_absent(run: Run, tmp_path: Path) -> None:
    table = tmp_path / "bad.yaml"
    table.write_text(
        "table: bad.table\nfile: absent.csv\ninstrument: mem-order-10-2023\nclause: '11(3)'\n"
        "title: {zh: 表, en: Table}\nkeys: [name]\ncolumns:\n  name: {type: text}\n",
        encoding="utf-8",
    )
    ran = run("check", table, "--lang", "en")
    assert ran.code == 2
    assert "absent.csv" in ran.out
    assert "Traceback" not in ran.out


def test_every_wrong_fact_is_reported_at_once(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "many.yaml"
    path.write_text(
        "facts:\n  employees: many\n  revenue: {value: 3, unit: kg}\n  dust:\n    hazard_presnt: true\n",
        encoding="utf-8",
    )
    ran = run("assess", path, "--as-of", "2024-01-01", "--lang", "en")
    heads = [line for line in ran.err.splitlines() if line.startswith(str(path))]
    assert [head.removeprefix(f"{path}:").split(":")[0] for head in heads] == ["2", "3", "5"]


# ---- fuzz ------------------------------------------------------------------------------------------------------------

SEEDS = [path.read_bytes() for path in sorted((ROOT / "rulesets").glob("*/*.yaml"))[:12]]
CASE = Path(KUNSHAN).read_bytes()
SPLICES = (
    b"{",
    b"}",
    b"[",
    b"]",
    b": ",
    b"- ",
    b"'",
    b'"',
    b"\n",
    b"\t",
    b"&a ",
    b"*a",
    b"!!x ",
    b"---\n",
    b"\xff",
    b"\x00",
    "：".encode(),
    b"# ",
    b"|\n",
    b".nan",
    b"9" * 500,
    b"? ",
    b"%",
)


def mutated(seed: bytes, chance: random.Random) -> bytes:
    data = bytearray(seed)
    for _ in range(chance.randint(1, 6)):
        at = chance.randrange(len(data) + 1)
        match chance.randrange(4):
            case 0:
                data[at:at] = chance.choice(SPLICES)
            case 1:
                del data[at : at + chance.randint(1, 40)]
            case 2:
                start = chance.randrange(len(data) + 1)
                data[at:at] = data[start : start + chance.randint(1, 80)]
            case _:
                del data[at:]
        if not data:
            break
    return bytes(data)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(st.integers(0, 2**32), st.sampled_from(SEEDS))
def test_mutated_law_is_read_or_refused(number: int, seed: bytes) -> None:
    problems: tuple[Diagnostic, ...] = ()
    try:
        read_document(mutated(seed, random.Random(number)), "fuzz.yaml", open_file=lambda name: b"a\n1\n")
    except RulesetError as error:
        problems = error.diagnostics
    assert all(problem.span is not None and problem.span.line >= 1 <= problem.span.column for problem in problems)


@settings(max_examples=100, suppress_health_check=[HealthCheck.too_slow])
@given(st.integers(0, 2**32))
def test_mutated_cases_are_answered_or_refused(number: int) -> None:
    problems: tuple[Diagnostic, ...] = ()
    try:
        case = read_case(mutated(CASE, random.Random(number)), "fuzz.yaml")
        default_program().assess(case.facts, as_of="2024-01-01").to_document()
    except FactsError as error:
        problems = error.diagnostics
    assert all("error SR" in problem.render("zh") for problem in problems)


@settings(max_examples=200)
@given(st.text(alphabet='{}[]:,"\\ 0123456789eE+-.truefalsn\n', max_size=60))
def test_json_agrees_with_the_standard_library(text: str) -> None:
    import json
    from decimal import Decimal

    from safetyrules.language.json_source import parse_json
    from safetyrules.language.yaml_source import to_plain

    def pairs(found: list[tuple[str, object]]) -> dict[str, object]:
        if len({key.casefold() for key, _ in found}) != len(found):
            raise ValueError
        return dict(found)

    def refuse(_: str) -> object:
        raise ValueError

    try:
        expected = json.loads(text, object_pairs_hook=pairs, parse_constant=refuse, parse_float=Decimal)
    except (ValueError, RecursionError):
        expected = ValueError
    parsed = parse_json(text, "fuzz.json")
    if expected is ValueError:
        assert parsed.problems
    elif not parsed.problems:
        assert parsed.root is not None
        assert to_plain(parsed.root) == expected
    else:
        assert {problem.code for problem in parsed.problems} <= {"SR0102", "SR0118"}
