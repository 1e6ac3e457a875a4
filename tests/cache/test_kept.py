"""A program from the cache is the program from its text: digest, answers, explanations and diagnostics."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from datetime import date
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

import kept_law
import pytest
from agreement_facts import facts_of
from agreement_programs import Generated, programs
from hypothesis import given, settings
from hypothesis import strategies as st
from kept_law import CSV, DOCUMENTS, ENTERPRISES, from_cache, load

from safetyrules import Assessment, FactsError, Program, load_program
from safetyrules.cache import cache_at, kept
from safetyrules.cache.classes import LAW
from safetyrules.cache.nodes import write_table
from safetyrules.engine.compiled import assemble
from safetyrules.plugins import load_plugins
from safetyrules.testing.reading import read_suite
from safetyrules.testing.running import Runner

AS_OF = "2024-03-01"
SHIPPED: list[dict[str, Any]] = [
    {},
    {"place": "210100", "employees": 7},
    {
        "place": "320583",
        "employees": {"at_least": 100},
        "dust": {"hazard_present": True, "workers_total": 12, "collectors": [{"system": "dry"}]},
    },
]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "cache"


@pytest.fixture
def nothing_is_compiled(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """From when it is called, code has to come from the cache."""

    def refuse(*_: object) -> None:
        raise AssertionError("compiled")

    return lambda: monkeypatch.setattr(assemble, "generate", refuse)


def said(program: Program, facts: Any, **options: Any) -> Any:
    """Everything an answer says, or what it refuses."""
    try:
        answer = program.assess(facts, as_of=AS_OF, **options)
    except FactsError as error:
        return error.diagnostics
    return answer.to_document().to_json(), dict(answer.scalars), answer.notices, explained(answer)


def explained(answer: Assessment) -> list[str]:
    names = sorted({outcome.name for outcome in answer.outcomes})[:20]
    return [answer.why(name).to_text("zh") for name in names]


def assert_same(one: Program, two: Program) -> None:
    assert one.digest == two.digest
    assert one.linked == two.linked
    assert one.linked.warnings == two.linked.warnings
    assert write_table(one.linked, LAW) == write_table(two.linked, LAW)  # spans take part, order takes part
    assert one.plugins == two.plugins


def files(folder: Path) -> Iterator[Path]:
    return (each for each in folder.iterdir() if each.suffix in (".program", ".plan"))


def test_a_small_law(folder: Path, nothing_is_compiled: Callable[[], None]) -> None:
    plain, first = load(None), load(folder)
    expected = [said(plain, facts) for facts in ENTERPRISES]
    assert [said(first, facts) for facts in ENTERPRISES] == expected
    nothing_is_compiled()
    second = load(folder)
    assert [from_cache(each) for each in (plain, first, second)] == [False, False, True]
    assert second.linked.warnings
    for each in (first, second):
        assert_same(plain, each)
    assert [said(second, facts) for facts in ENTERPRISES] == expected
    assert [said(second, facts, engine="reference") for facts in ENTERPRISES] == [
        said(plain, facts, engine="reference") for facts in ENTERPRISES
    ]


def test_generated_code_is_the_same(folder: Path) -> None:
    plain = load(None)
    load(folder).assess({}, as_of=AS_OF)
    second = load(folder)
    one, two = (each.compiled(each.plan(date(2024, 3, 1)), "enterprise") for each in (plain, second))
    assert one.source == two.source
    assert (two.plain.kinds, two.plain.sure) == (one.plain.kinds, one.plain.sure)
    kinds = two.plain.kinds
    assert kinds
    assert all(here.kind is second.schema.kinds[name] for name, here in kinds.items())


def test_the_law_that_ships(folder: Path, nothing_is_compiled: Callable[[], None]) -> None:
    points = list(entry_points(group="safetyrules"))
    plain = load_plugins(points)
    expected = [said(plain, facts, law_at=day) for facts in SHIPPED for day in ("2024-03-01", "2018-01-01")]
    first = load_plugins(points, cache=cache_at(folder))
    for day in ("2024-03-01", "2018-01-01"):
        for facts in SHIPPED:
            first.assess(facts, as_of=AS_OF, law_at=day)
    nothing_is_compiled()
    second = load_plugins(points, cache=cache_at(folder))
    assert (from_cache(first), from_cache(second)) == (False, True)
    assert_same(plain, second)
    assert [said(second, facts, law_at=day) for facts in SHIPPED for day in ("2024-03-01", "2018-01-01")] == expected


@settings(max_examples=max(settings().max_examples // 4, 10))
@given(st.data(), programs())
def test_any_program(tmp_path_factory: pytest.TempPathFactory, data: st.DataObject, generated: Generated) -> None:
    folder = tmp_path_factory.mktemp("cache")
    named = generated.written.files

    def made(cache: Path | None) -> Program:
        sources = generated.written.documents
        return load_program(sources, open_file=lambda source, name: named[name].encode(), cache=cache)

    plain, first = made(None), made(folder)
    facts = data.draw(facts_of(generated.kinds))
    expected = said(plain, facts)
    assert said(first, facts) == expected
    second = made(folder)
    assert from_cache(second)
    assert_same(plain, second)
    assert said(second, facts) == expected
    assert {path.suffix for path in files(folder)} == {".program", ".plan"}


# ---- the code of the parts that files of tests ask about -------------------------------------------------------------


TESTS = """\
defaults: {as_of: 2024-03-01}
cases:
  - {name: light, facts: {load: 9}, expect: {grade: red}}
  - {name: on another day, as_of: 2021-03-01, facts: {load: 11}, expect: {grade: red, heavy: true}}
  - {name: over, facts: {vessels: [{substance: a, amount: 2}]}, expect: {"vessels[0].over": false}}
"""


def ran(program: Program) -> list[tuple[str, str]]:
    """What cases come to, whatever it is."""
    results = Runner(program).run(read_suite(TESTS, "kept.test.yaml").cases).results
    return [(each.key, each.actual) for result in results for each in result.failures]


def test_code_for_tests_is_kept_for_their_file(folder: Path, nothing_is_compiled: Callable[[], None]) -> None:
    expected = ran(load(None))
    assert ran(load(folder)) == expected
    assert len(list(folder.glob("*.parts"))) == 1
    nothing_is_compiled()
    assert ran(load(folder)) == expected


@pytest.mark.parametrize(
    "damage",
    [lambda whole: whole[:-1], lambda whole: b"", lambda whole: whole[:60] + bytes([whole[60] ^ 1]) + whole[61:]],
    ids=["cut short", "empty", "a bit"],
)
def test_damaged_code_for_tests_is_made_anew(folder: Path, damage: Callable[[bytes], bytes]) -> None:
    expected = ran(load(folder))
    (kept_parts,) = folder.glob("*.parts")
    whole = kept_parts.read_bytes()
    kept_parts.write_bytes(damage(whole))
    assert ran(load(folder)) == expected
    assert kept_parts.read_bytes() == whole


# ---- what an entry rests on ------------------------------------------------------------------------------------------


def changed(number: int, old: str, new: str) -> list[tuple[str, str | bytes]]:
    documents = list(DOCUMENTS)
    name, text = documents[number]
    assert isinstance(text, str)
    assert old in text
    documents[number] = (name, text.replace(old, new))
    return documents


@pytest.mark.parametrize(
    "documents",
    [
        changed(3, "load > 10", "load > 11"),
        changed(0, "颜色", "色"),
        [*DOCUMENTS[:3], ("renamed.yaml", DOCUMENTS[3][1])],
        [*DOCUMENTS[:3], ("rules.yaml", str(DOCUMENTS[3][1]).encode())],
    ],
    ids=["a rule", "a title", "a name", "bytes for text"],
)
def test_another_document_is_another_program(folder: Path, documents: list[tuple[str, str | bytes]]) -> None:
    load(folder)
    program = load(folder, documents=documents)
    assert not from_cache(program)
    assert_same(load(None, documents=documents), program)


def test_a_table_beside_a_document_may_change(folder: Path) -> None:
    facts = ENTERPRISES[2]
    load(folder).assess(facts, as_of=AS_OF)
    csv = CSV.replace("1.5", "2.5")
    program = load(folder, csv=csv)
    assert not from_cache(program)
    assert said(program, facts) == said(load(None, csv=csv), facts) != said(load(None), facts)
    assert from_cache(load(folder, csv=csv))


def test_a_table_that_cannot_be_opened_is_told_as_ever(folder: Path) -> None:
    load(folder)
    with pytest.raises(Exception, match="SR"):
        load_program(DOCUMENTS, cache=folder)


@pytest.mark.parametrize("what", ["_here", "version"])
def test_another_library_or_python_makes_it_anew(folder: Path, monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    load(folder)
    if what == "_here":
        monkeypatch.setattr(kept, "_here", lambda: "another Python")
    else:
        kept._here.cache_clear()
        monkeypatch.setattr("safetyrules.__version__", "0.0.0")
    try:
        assert not from_cache(load(folder))
        assert from_cache(load(folder))
    finally:
        monkeypatch.undo()
        kept._here.cache_clear()


def test_a_program_with_problems_is_told_each_time(folder: Path) -> None:
    for _ in range(2):
        with pytest.raises(Exception, match="SR") as caught:
            load(folder, documents=changed(3, "load > 10", "lode > 10"))
        assert "did you mean" in str(caught.value)


# ---- damage ----------------------------------------------------------------------------------------------------------


def test_damage_is_never_an_error_and_never_an_answer(folder: Path) -> None:
    """A byte changed in every stretch of a file, and a file cut short at every stretch: it is made anew, and kept."""
    plain = load(None)
    facts = ENTERPRISES[2]
    expected = dict(plain.assess(facts, as_of=AS_OF).scalars)
    load(folder).assess(facts, as_of=AS_OF)
    for path in list(files(folder)):
        whole = path.read_bytes()
        places = [*range(0, 64, 3), *range(64, len(whole), max(len(whole) // 40, 1)), len(whole) - 1]
        damages = [whole[:at] + bytes([whole[at] ^ 0x15]) + whole[at + 1 :] for at in places]
        damages += [whole[:at] for at in places] + [b"", whole + b"\0", whole + whole, b"\0" * len(whole)]
        for damage in damages:
            path.write_bytes(damage)
            program = load(folder)
            assert dict(program.assess(facts, as_of=AS_OF).scalars) == expected
            assert from_cache(program) == (path.suffix == ".plan")
            assert path.read_bytes() == whole


def test_one_entry_is_not_taken_for_another(folder: Path) -> None:
    other = changed(3, "load > 10", "load > 11")
    load(folder).assess({}, as_of=AS_OF)
    mine = {path.suffix: path.read_bytes() for path in files(folder)}
    load(folder, documents=other).assess({}, as_of=AS_OF)
    for path in files(folder):
        path.write_bytes(mine[path.suffix])
    program = load(folder, documents=other)
    facts = {"load": 10.5, "spare": False}
    assert said(program, facts) == said(load(None, documents=other), facts) != said(load(None), facts)


# ---- several at once -------------------------------------------------------------------------------------------------


def test_several_processes_at_once(folder: Path) -> None:
    code = (
        "import sys; sys.path[:0] = [sys.argv[1]]\n"
        "from pathlib import Path; import json, kept_law\n"
        "for _ in range(3):\n"
        "    program = kept_law.load(Path(sys.argv[2]))\n"
        "    answer = program.assess(kept_law.ENTERPRISES[1], as_of='2024-03-01')\n"
        "print(program.digest, answer['grade'].value)\n"
    )
    here = str(Path(kept_law.__file__).parent)
    command = [sys.executable, "-c", code, here, str(folder)]
    running = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(4)]
    printed = [each.communicate() for each in running]
    assert printed == [(f"{load(None).digest} red\n", "")] * 4
    assert from_cache(load(folder))
    assert not list(folder.glob("*.part"))


def test_threads_share_a_program_from_the_cache(folder: Path) -> None:
    load(folder).assess({}, as_of=AS_OF)
    program = load(folder)
    expected = [dict(load(None).assess(facts, as_of=AS_OF).scalars) for facts in ENTERPRISES]
    wrong: list[object] = []

    def ask() -> None:
        found = [dict(program.assess(facts, as_of=AS_OF).scalars) for facts in ENTERPRISES]
        if found != expected:
            wrong.append(found)

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


# ---- plugins and the command line ------------------------------------------------------------------------------------


def run(*arguments: str, **variables: str) -> subprocess.CompletedProcess[str]:
    kept_variables = {
        name: value for name, value in os.environ.items() if not name.startswith(("SAFETYRULES_", "XDG_"))
    }
    command = [sys.executable, "-c", "import sys; from safetyrules.cli import main; sys.exit(main())", *arguments]
    environment = {**kept_variables, "SAFETYRULES_LANG": "en", **variables}
    return subprocess.run(command, capture_output=True, text=True, env=environment, check=False)


def test_the_command_line_keeps_its_own(tmp_path: Path) -> None:
    (tmp_path / "home").mkdir()
    home = {"HOME": str(tmp_path / "home")}
    first, second = (run("rules", "--format", "json", **home) for _ in range(2))
    assert (first.returncode, second.returncode, first.stdout) == (0, 0, second.stdout)
    own = tmp_path / "home" / ".cache" / "safetyrules"
    assert [path.suffix for path in files(own)] == [".program"]
    assert own.stat().st_mode & 0o777 == 0o700
    run("rules", XDG_CACHE_HOME=str(tmp_path / "xdg"), **home)
    assert list(files(tmp_path / "xdg" / "safetyrules"))
    assert run("rules", SAFETYRULES_CACHE=str(tmp_path / "named"), **home).returncode == 0
    assert list(files(tmp_path / "named"))


@pytest.mark.parametrize("value", ["off", ""])
def test_the_command_line_without_a_cache(tmp_path: Path, value: str) -> None:
    ran = run("rules", HOME=str(tmp_path), SAFETYRULES_CACHE=value)
    assert ran.returncode == 0
    assert list(tmp_path.iterdir()) == []


def test_a_home_that_cannot_be_written_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    ran = run("check", HOME=str(tmp_path / "file"))
    assert ran.returncode == 0
    assert "SR4007" not in ran.stdout + ran.stderr
    named = run("check", HOME=str(tmp_path), SAFETYRULES_CACHE=str(tmp_path / "file" / "cache"))
    assert named.returncode == 0
    assert "SR4007" in named.stdout


def test_documents_beside_the_installed_law(tmp_path: Path) -> None:
    extra = tmp_path / "extra.yaml"
    text = "ruleset: extra\ntitle: {zh: 加, en: Extra}\ninstrument: safetyrules-choices\nrules:\n  - {id: extra.rule, "
    text += "clause: G22, title: {zh: 加, en: Extra %s}, on: enterprise, value: boolean, is: 'employees > 5'}\n"
    cache = {"SAFETYRULES_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}

    def listed() -> Any:
        ran = run("rules", "extra.rule", "--rules", str(extra), "--format", "json", **cache)
        return json.loads(ran.stdout) if ran.returncode == 0 else ran.stderr

    extra.write_text(text % 5)
    five, again = listed(), listed()
    assert five == again
    extra.write_text(text % 6)
    assert listed() != five


def test_timings_read_everything_anew(tmp_path: Path) -> None:
    cache = {"SAFETYRULES_CACHE": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    run("check", **cache)
    printed = run("check", "--timings", **cache).stdout
    passes = [line.split(":")[0].strip() for line in printed.splitlines() if line.endswith(" ms")]
    assert passes[:7] == ["find", "read", "declare", "resolve", "check", "overlays", "whole program"]
