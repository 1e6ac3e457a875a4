"""What `new` writes checks, is formatted, is wholly tested and passes at once; a plugin also installs."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import jsonschema
import pytest

from safetyrules.cli import main
from safetyrules.formatting.document import formatted
from safetyrules.starting.first_tests import first_tests

ROOT = Path(__file__).parents[2]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("SAFETYRULES_CACHE", str(tmp_path / ".cache"))
    monkeypatch.setenv("SAFETYRULES_LANG", "en")
    return tmp_path


def printed(capsys: pytest.CaptureFixture[str], *arguments: str, code: int = 0) -> str:
    assert main(list(arguments)) == code, capsys.readouterr()
    told = capsys.readouterr()
    return told.out + told.err


@pytest.mark.parametrize("title", [[], ["--zh", "“危险”作业：第1类", "--en", 'Work: "dangerous", of kind # 1']])
def test_a_ruleset_passes_at_once(folder: Path, capsys: pytest.CaptureFixture[str], title: list[str]) -> None:
    said = printed(capsys, "new", "ruleset", "stage_work", *title)
    assert "safetyrules test stage_work --min-coverage 100" in said
    assert "0 error(s), 0 warning(s)" in printed(capsys, "check", "stage_work", "--strict")
    printed(capsys, "test", "stage_work", "--min-coverage", "100")
    printed(capsys, "fmt", "stage_work", "--check")
    printed(capsys, "trace", "stage_work", "--strict")
    printed(capsys, "mutate", "stage_work", "--min-score", "100")


def test_a_plugin_passes_at_once(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "new", "plugin", "stage_work", "--zh", "舞台", "--en", 'Stage "work"')
    law = "safetyrules-stage-work/safetyrules_stage_work/law"
    printed(capsys, "check", law, "--strict")
    printed(capsys, "test", law, "--rules", law, "--min-coverage", "100")
    printed(capsys, "fmt", "safetyrules-stage-work", "--check")
    printed(capsys, "trace", law, "--strict")
    printed(capsys, "mutate", law, "--rules", law, "--min-score", "100")


def test_a_plugin_installs(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "new", "plugin", "stage_work", "--en", 'Stage "work"')
    target = folder / "installed"
    done = subprocess.run(
        [sys.executable, "-m", "pip", "--disable-pip-version-check", "-q", "install", "--no-deps", "--no-index",
         "--no-build-isolation", "--target", str(target), "./safetyrules-stage-work"],
        capture_output=True, text=True, check=False, timeout=300,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    variables = {**os.environ, "PYTHONPATH": f"{target}{os.pathsep}{ROOT}", "SAFETYRULES_CACHE": str(folder / ".cache")}

    def run(*arguments: str) -> str:
        ran = subprocess.run(
            [sys.executable, "-c", "import sys; from safetyrules.cli import main; sys.exit(main())", *arguments],
            capture_output=True, text=True, check=False, timeout=300, env=variables, cwd=folder,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        return ran.stdout

    listed = {each["name"]: each for each in json.loads(run("plugins", "--format", "json"))["plugins"]}
    assert listed["stage_work"]["loaded"] is True
    assert listed["stage_work"]["version"] == "0.1.0"
    run("check", "--strict")
    passed = json.loads(run("test", "--format", "json"))
    assert passed["failed"] == 0
    assert sum("stage_work" in each["at"] for each in passed["cases"]) == 10


def test_what_editors_need(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "new", "plugin", "pools")
    settings = json.loads((folder / "safetyrules-pools/.vscode/settings.json").read_text())
    for schema in settings["yaml.schemas"]:
        jsonschema.Draft7Validator.check_schema(json.loads((folder / "safetyrules-pools" / schema).read_text()))
    written = sorted((folder / "safetyrules-pools").rglob("*.yaml"))
    assert len(written) == 4
    for path in written:
        head, _, place = path.read_text().partition("\n")[0].partition("$schema=")
        assert head == "# yaml-language-server: "
        schema = "tests.json" if path.name.endswith(".test.yaml") else "document.json"
        assert (path.parent / place).resolve() == (folder / "safetyrules-pools/.safetyrules" / schema).resolve()
        assert (path.parent / place).exists()


def test_nothing_is_overwritten(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (folder / "pools").mkdir()
    (folder / "pools" / "facts.yaml").write_text("mine")
    assert "SR4221" in printed(capsys, "new", "ruleset", "pools", code=2)
    assert [each.name for each in (folder / "pools").iterdir()] == ["facts.yaml"]
    assert (folder / "pools" / "facts.yaml").read_text() == "mine"


@pytest.mark.parametrize("name", ["Pools", "in", "a-b", "1st"])
def test_names_are_names(folder: Path, capsys: pytest.CaptureFixture[str], name: str) -> None:
    assert "SR0207" in printed(capsys, "new", "ruleset", name, code=2)
    assert list(folder.iterdir()) == []


def test_first_tests_pass_and_name_the_facts(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    printed(capsys, "new", "ruleset", "pools")
    (folder / "pools" / "pools.test.yaml").unlink()
    printed(capsys, "new", "test", "pools/pools.yaml")
    printed(capsys, "test", "pools")
    text = (folder / "pools" / "pools.test.yaml").read_text()
    assert text.startswith("# yaml-language-server: $schema=.safetyrules/tests.json\n")
    assert "# pools.no_officer (2) asks for pools.officer, pools.present, pools.workers" in text
    assert "SR4221" in printed(capsys, "new", "test", "pools/pools.yaml", code=2)
    assert "SR4222" in printed(capsys, "new", "test", "pools/facts.yaml", code=2)


SHIPPED = sorted(
    path
    for path in (ROOT / "rulesets").rglob("*.yaml")
    if re.search("^ruleset:.*^rules:", path.read_text("utf-8"), re.MULTILINE | re.DOTALL)
)


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.name)
def test_first_tests_of_what_is_shipped_pass(folder: Path, capsys: pytest.CaptureFixture[str], path: Path) -> None:
    new = first_tests(path)
    (folder / "first.test.yaml").write_text(new.text, encoding="utf-8")
    assert formatted(new.text.encode(), new.path, lambda _: b"") == new.text
    assert "0 failed" in printed(capsys, "test", "first.test.yaml")
