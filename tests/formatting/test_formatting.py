"""fmt: idempotent, meaning kept, comments kept, for what is shipped, for written examples and for generated files."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from messy_yaml import TESTS, messy

from safetyrules.cli import main
from safetyrules.diagnostics import RulesetError
from safetyrules.formatting import document
from safetyrules.formatting.document import formatted, is_ours
from safetyrules.formatting.shapes import TEST_KEYS
from safetyrules.language.read import read_document
from safetyrules.language.yaml_source import parse_yaml, to_plain
from safetyrules.testing import written as w

ROOT = Path(__file__).parents[2]
SHIPPED = sorted([*(ROOT / "rulesets").rglob("*.yaml"), *(ROOT / "plugins").rglob("*.yaml")])
GOOD = sorted((ROOT / "tests" / "language" / "read" / "good").glob("*.yaml"))
EXAMPLES = sorted(Path(__file__).with_name("golden").glob("*.before"))


def of_file(path: Path) -> str:
    return formatted(path.read_bytes(), path.name, lambda name: (path.parent / name).read_bytes())


def of_text(text: str, name: str = "a.yaml") -> str:
    return formatted(text.encode(), name, lambda _: b"")


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_what_is_shipped_is_formatted(path: Path) -> None:
    assert of_file(path) == path.read_text(encoding="utf-8"), f"safetyrules fmt {path}"


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.name)
def test_good_documents_keep_their_meaning(path: Path) -> None:
    text = of_file(path)
    again = formatted(text.encode(), path.name, lambda name: (path.parent / name).read_bytes())
    assert again == text


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_written_examples(path: Path) -> None:
    name, after = f"{path.stem}.yaml", path.with_suffix(".after").read_text(encoding="utf-8")
    assert of_text(path.read_text(encoding="utf-8"), name) == after
    assert of_text(after, name) == after


def test_keys_of_test_files_have_an_order() -> None:
    """A key without one is not formatted at all."""
    models = (w.WrittenFile, w.WrittenFixture, w.WrittenCase, w.WrittenTable, w.WrittenExpectation, w.WrittenRefusal)
    names = {field.alias or name for model in models for name, field in model.model_fields.items()}
    assert names == set(TEST_KEYS)
    text = "- {expect: {x: {rows: [], severity: major, is: found}}, name: a, as_of: 2024-01-01}\n"
    assert "{x: {is: found, severity: major, rows: []}}" in of_text(text, "a.test.yaml")


def hashes(text: str) -> Counter[str]:
    """How often each word that only a comment has occurs."""
    return Counter(line.partition("# ")[2].strip() for line in text.splitlines() if line.strip().startswith("# "))


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(messy())
def test_any_document_is_formatted_once_and_for_all(text: str) -> None:
    parsed = parse_yaml(text, "a.yaml")
    try:
        read_document(text, "a.yaml")
    except RulesetError:
        with pytest.raises(RulesetError):
            of_text(text)
        return
    once = of_text(text)
    assert of_text(once) == once
    assert parsed.root is not None
    root = parse_yaml(once, "a.yaml").root
    assert root is not None
    assert to_plain(root) == to_plain(parsed.root)
    assert hashes(text) - hashes(once) == Counter()
    assert all(line == line.rstrip() for line in once.splitlines())
    assert once.endswith("\n")
    assert not once.endswith("\n\n")
    assert "\n\n\n" not in once


@settings(deadline=None, max_examples=100, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(messy(TESTS))
def test_any_test_file_is_formatted_once_and_for_all(text: str) -> None:
    name = "a.test.yaml"
    before = parse_yaml(text, name)
    assert before.root is not None
    assert not before.problems
    once = of_text(text, name)
    assert of_text(once, name) == once
    after = parse_yaml(once, name)
    assert after.root is not None
    assert to_plain(after.root) == to_plain(before.root)
    assert hashes(text) - hashes(once) == Counter()


def test_no_comment_is_lost_and_none_is_invented() -> None:
    text = "# top\nruleset: a # one\n# two\ntitle: {zh: a, # three\n  en: b}\ninstrument: c\n  # four\n# five\n"
    once = of_text(text)
    assert [line.partition("#")[2].strip() for line in once.splitlines() if "#" in line] == [
        "top", "one", "two", "three", "four", "five",
    ]  # fmt: skip


def test_a_result_that_would_mean_something_else_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "ruleset: a\ntitle: {zh: a, en: b}\ninstrument: c\n"
    monkeypatch.setattr(document, "write", lambda *_: text.replace("en: b", "en: x"))
    with pytest.raises(RulesetError) as refused:
        of_text(text)
    assert [each.code for each in refused.value.diagnostics] == ["SR4211"]
    monkeypatch.setattr(document, "write", lambda *_: "ruleset: a\n")
    with pytest.raises(RulesetError) as refused:
        of_text(text)
    assert [each.code for each in refused.value.diagnostics] == ["SR4211"]
    monkeypatch.setattr(document, "write", lambda *_: text)
    with pytest.raises(RulesetError) as refused:
        of_text(f"{text}# kept\n")
    assert [each.code for each in refused.value.diagnostics] == ["SR4211"]


@pytest.mark.parametrize(
    ("name", "text", "ours"),
    [("a.yaml", "ruleset: a\n", True), ("a.yaml", "register: a\n", False), ("a.test.yaml", "cases: []\n", True)],
)
def test_other_yaml_is_left_alone(name: str, text: str, ours: bool) -> None:
    assert is_ours(text.encode(), name) is ours


# ---- the verb -------------------------------------------------------------------------------------------------------

CASE = "- {expect: {b: red}, as_of: 2024-01-01, name: 'a'}\n"
UGLY = 'ruleset:   a\n\n\n\ninstrument: c\ntitle: {"zh": \'a\', "en": b}\n'
NEAT = "ruleset: a\ntitle: {zh: a, en: b}\n\ninstrument: c\n"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "a.yaml").write_text(UGLY, encoding="utf-8")
    (tmp_path / "other.yaml").write_text("register:   x\n", encoding="utf-8")
    return tmp_path


def test_it_writes(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "a.yaml").chmod(0o640)
    assert main(["fmt", ".", "--lang", "en"]) == 0
    assert capsys.readouterr().out == "formatted a.yaml\n1 files formatted, 0 unchanged\n"
    assert (folder / "a.yaml").read_text() == NEAT
    assert (folder / "a.yaml").stat().st_mode & 0o777 == 0o640
    assert (folder / "other.yaml").read_text() == "register:   x\n"
    assert sorted(each.name for each in folder.iterdir()) == ["a.yaml", "other.yaml"]


def test_check_and_diff_write_nothing(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "a.yaml", "--check", "--lang", "en"]) == 1
    assert "would format a.yaml" in capsys.readouterr().out
    assert main(["fmt", "a.yaml", "--diff"]) == 0
    shown = capsys.readouterr().out
    assert "-ruleset:   a\n" in shown
    assert "+ruleset: a\n" in shown
    assert (folder / "a.yaml").read_text() == UGLY
    (folder / "a.yaml").write_text(NEAT)
    assert main(["fmt", "a.yaml", "--check"]) == 0


def test_what_cannot_be_read_is_told_and_left(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "bad.yaml").write_text("ruleset: a\ninstrmnt: b\n")
    assert main(["fmt", ".", "--lang", "en"]) == 2
    printed = capsys.readouterr()
    assert "SR0202" in printed.err
    assert (folder / "bad.yaml").read_text() == "ruleset: a\ninstrmnt: b\n"
    assert (folder / "a.yaml").read_text() == NEAT


def test_nothing_there(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["fmt", "nowhere"]) == 2
    assert "SR4001" in capsys.readouterr().err


def test_a_file_is_written_whole_or_not_at_all(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", fail)
    assert main(["fmt", "a.yaml"]) == 2
    assert "SR4031" in capsys.readouterr().err
    assert (folder / "a.yaml").read_text() == UGLY
    assert sorted(each.name for each in folder.iterdir()) == ["a.yaml", "other.yaml"]


def test_standard_input_for_editors(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    import io
    import sys

    for given_, wanted in ((UGLY, NEAT), (CASE, "- {name: a, as_of: 2024-01-01, expect: {b: red}}\n")):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(given_.encode()), encoding="utf-8"))
        assert main(["fmt", "-"]) == 0
        assert capsys.readouterr().out == wanted


@pytest.mark.parametrize("text", ["no list of hazards?", "why? nobody knows"])
def test_other_readers_of_yaml_read_questions_in_brackets(text: str) -> None:
    title = f'title: {{zh: 问, en: "{text}"}}'
    scale = f"facts: a\nscales:\n  s:\n    {title}\n    worse: last\n    levels: {{a: {{zh: 甲, en: A}}}}\n"
    written = formatted(scale.encode(), "facts.yaml", lambda _: b"")
    assert yaml.safe_load(written)["scales"]["s"]["title"]["en"] == text
