"""``safetyrules test``: exit codes, what it prints and what it writes."""

from __future__ import annotations

import json
from pathlib import Path
from xml.etree import ElementTree as Xml

import pytest

from safetyrules.cli import main
from safetyrules.cli.watching import watch_and

GOOD = "- {name: clear, as_of: 2024-01-01, facts: {dust: {hazard_present: false}}, expect: {dust.grade: no_value}}\n"
BAD = "- {name: wrong, as_of: 2024-01-01, facts: {dust: {hazard_present: false}}, expect: {dust.grade: red}}\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAFETYRULES_CACHE", str(tmp_path / "cache"))
    return tmp_path


def written(folder: Path, text: str) -> str:
    (folder / "a.test.yaml").write_text(text, encoding="utf-8")
    return "a.test.yaml"


def test_all_pass(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", written(folder, GOOD), "--lang", "en"]) == 0
    assert capsys.readouterr().out.startswith("1 cases passed, 0 failed")


@pytest.mark.parametrize(
    ("language", "words"), [("en", "expected red, got no_value"), ("zh", "期望 red，实际 no_value")]
)
def test_a_failure(folder: Path, capsys: pytest.CaptureFixture[str], language: str, words: str) -> None:
    assert main(["test", written(folder, GOOD + BAD), "--lang", language]) == 1
    told = capsys.readouterr().out
    assert "a.test.yaml:2:10: wrong" in told
    assert words in told


@pytest.mark.parametrize("text", ["- {nme: a}\n", "just words\n", BAD.replace("red", "purple")])
def test_bad_input(folder: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    assert main(["test", written(folder, text)]) == 2
    assert capsys.readouterr().out == ""


@pytest.mark.parametrize("path", ["nowhere.test.yaml", "."])
def test_nothing_to_run(folder: Path, path: str) -> None:
    assert main(["test", path]) == 2


def test_some_by_their_words(folder: Path) -> None:
    assert main(["test", written(folder, GOOD + BAD), "-k", "A.TEST clear"]) == 0


def test_those_that_failed(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", written(folder, GOOD + BAD)]) == 1
    assert main(["test", written(folder, GOOD + BAD.replace("red", "no_value")), "--lf", "--lang", "en"]) == 0
    assert "\n1 cases passed, 0 failed" in capsys.readouterr().out
    assert main(["test", "a.test.yaml", "--lf", "--lang", "en"]) == 0
    assert "2 cases passed, 0 failed" in capsys.readouterr().out


def test_documents(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    files = ["--junit", "out.xml", "--coverage-json", "c.json", "--coverage-html", "pages"]
    command = ["test", written(folder, GOOD + BAD), "--format", "json", *files]
    assert main(command) == 1
    assert json.loads(capsys.readouterr().out)["schema"] == "test-results/v1"
    assert Xml.fromstring((folder / "out.xml").read_bytes()).get("failures") == "1"
    assert json.loads((folder / "c.json").read_text(encoding="utf-8"))["schema"] == "coverage/v1"
    assert [page.name for page in (folder / "pages").iterdir()] == ["choices.dust_grade.html"]


def test_less_than_wanted(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["test", written(folder, GOOD), "--min-coverage", "0.5", "--lang", "en"]) == 0
    assert main(["test", written(folder, GOOD), "--min-coverage", "90", "--lang", "en"]) == 1
    told = capsys.readouterr()
    assert "dust_grade.yaml:" in told.out
    assert "SR4111" in told.err


def test_again_after_a_change(folder: Path) -> None:
    path = folder / written(folder, GOOD)
    codes: list[int] = []

    def once() -> int:
        codes.append(main(["test", str(path)]))
        return codes[-1]

    def change(_: float) -> None:
        written(folder, [BAD, BAD, "- {\n"][min(len(codes) - 1, 2)] + " " * len(codes))

    watch_and(once, [path], "en", sleep=change, rounds=2)
    assert codes[:2] == [0, 1]
    assert len(codes) == 3
