"""Plugins as a stranger ships them: built, installed into an environment of their own, and used from there."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import venv
import zipfile
from pathlib import Path

import pytest

HERE = Path(__file__).parent
ROOT = HERE.parents[1]
PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")


def run(*command: str | Path, cwd: Path, **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "SAFETYRULES_LANG")} | variables
    return subprocess.run(
        [str(each) for each in command],
        cwd=cwd,
        env=environment,
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=300,
        check=False,
    )


class Environment:
    """A virtual environment: nothing but what is installed into it, and the third-party packages of ours."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        venv.create(folder, with_pip=False, symlinks=True)
        self.python = folder / "bin" / "python"
        asked = run(self.python, "-c", "import sysconfig; print(sysconfig.get_path('purelib'))", cwd=folder)
        self.packages = Path(asked.stdout.strip())
        ours = [place for place in sys.path if place.endswith("site-packages")]
        (self.packages / "third_party.pth").write_text("\n".join(ours) + "\n", encoding="utf-8")

    def install(self, *what: str | Path) -> None:
        done = run(
            *PIP,
            "--python",
            self.python,
            "install",
            "--no-deps",
            "--no-index",
            "--no-build-isolation",
            *what,
            cwd=self.folder,
        )
        assert done.returncode == 0, done.stderr

    def safetyrules(self, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
        return run(self.folder / "bin" / "safetyrules", *arguments, cwd=self.folder, LANG="C.UTF-8", PYTHONUTF8="1")


@pytest.fixture(scope="module")
def wheels(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Wheels of safetyrules and of the two sample distributions."""
    built = {}
    for name, source in (("main", ROOT), ("sample", HERE / "sample_sector"), ("broken", HERE / "broken_sector")):
        folder = tmp_path_factory.mktemp(name)
        done = run(*PIP, "wheel", "--no-deps", "--no-index", "--no-build-isolation", "-w", folder, source, cwd=folder)
        assert done.returncode == 0, done.stderr
        (built[name],) = folder.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def installed(wheels: dict[str, Path], tmp_path_factory: pytest.TempPathFactory) -> Environment:
    environment = Environment(tmp_path_factory.mktemp("installed"))
    environment.install(wheels["main"], wheels["sample"])
    return environment


def test_the_wheel_holds_three_packages_and_nothing_else(wheels: dict[str, Path]) -> None:
    names = zipfile.ZipFile(wheels["main"]).namelist()
    tops = {name.partition("/")[0] for name in names}
    (information,) = (top for top in tops if top.endswith(".dist-info"))
    assert tops == {"safetyrules", "safetyrules_plugins", "safetyrules_rulesets", information}
    endings = {Path(name).suffix for name in names if not name.startswith(information)}
    assert endings <= {".py", ".yaml", ".csv", ".md", ".typed", ".lark", ".template"}
    assert f"{information}/licenses/LICENSE" in names
    assert {
        "safetyrules/py.typed",
        "safetyrules/starting/templates/ruleset.yaml.template",
        "safetyrules_plugins/dust/facts.yaml",
        "safetyrules_rulesets/tables/places.csv",
    } <= set(names)
    inside = {
        f"safetyrules_rulesets/{path.relative_to(ROOT / 'rulesets').as_posix()}"
        for path in (ROOT / "rulesets").rglob("*") if path.suffix in (".yaml", ".csv")
    }  # fmt: skip
    assert inside <= set(names)


def test_a_stranger_s_sector_is_listed_with_its_version(installed: Environment) -> None:
    done = installed.safetyrules("plugins", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = {plugin["name"]: plugin for plugin in json.loads(done.stdout)["plugins"]}
    assert set(found) == {"confined_space", "dust", "hazmat", "lifting", "smelting", "supervision"}
    assert all(plugin["loaded"] for plugin in found.values())
    assert (found["lifting"]["distribution"], found["lifting"]["version"]) == ("safetyrules-lifting", "2.5.0")


def test_its_rules_are_listed(installed: Environment) -> None:
    done = installed.safetyrules("rules", "--sector", "lifting", "--format", "json")
    assert done.returncode == 0, done.stderr
    assert [rule["id"] for rule in json.loads(done.stdout)["rules"]] == ["lifting.overload", "lifting.grade"]


def test_its_law_is_applied(installed: Environment) -> None:
    done = installed.safetyrules("assess", HERE / "sample_sector" / "case.yaml", "--format", "json")
    assert done.returncode == 0, done.stderr
    document = json.loads(done.stdout)
    (finding,) = (each for each in document["findings"] if each["sector"] == "lifting")
    assert finding["status"] == "found"
    assert finding["found_in"] == ["enterprise.lifting.cranes[0]"]
    grades = {each["name"]: each["value"] for each in document["conclusions"] if each["kind"] == "grade"}
    assert grades["lifting.grade"] == "red"
    assert grades["overall_grade"] == "red"


def test_its_rules_check(installed: Environment) -> None:
    done = installed.safetyrules("check", "--format", "json")
    assert done.returncode == 0, done.stdout


def test_broken_plugins_are_named_and_the_others_load(wheels: dict[str, Path], tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.install(wheels["main"], wheels["sample"], wheels["broken"])
    done = environment.safetyrules("plugins", "--format", "json")
    assert done.returncode == 0, done.stderr
    found = {plugin["name"]: plugin for plugin in json.loads(done.stdout)["plugins"]}
    loaded = {name for name, plugin in found.items() if plugin["loaded"]}
    assert loaded == {"confined_space", "dust", "hazmat", "lifting", "smelting", "supervision"}
    codes = {
        name: [each["code"] for each in plugin["problems"]] for name, plugin in found.items() if not plugin["loaded"]
    }
    assert codes["absent_import"] == ["SR3001"]
    assert codes["no_hook"] == ["SR3001"]
    assert codes["unknown_hook"] == ["SR3001"]
    assert codes["wrong_return"] == ["SR3002"]
    assert codes["conflicting"] == ["SR3001", "SR0609"]
    assert codes["unreadable"][0] == "SR3001"
    assert found["unreadable"]["problems"][1]["at"]["source"] == "safetyrules_broken/unreadable/facts.yaml"
    answered = environment.safetyrules("assess", HERE / "sample_sector" / "case.yaml", "--lang", "en")
    assert answered.returncode == 0, answered.stderr
    assert "'wrong_return' is left out" in answered.stderr
    assert "'wrong_return' is left out" in answered.stdout
    assert "Traceback" not in answered.stderr
    checked = environment.safetyrules("check")
    assert checked.returncode == 2


def test_the_wheel_runs_without_being_unpacked(wheels: dict[str, Path], tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    program = (
        "import safetyrules; p = safetyrules.default_program(); print(*sorted(x.name for x in p.plugins if x.loaded))"
    )
    done = run(environment.python, "-c", program, cwd=tmp_path, PYTHONPATH=str(wheels["main"]))
    assert done.stdout.split() == ["confined_space", "dust", "hazmat", "smelting", "supervision"], done.stderr


def test_an_editable_install_reads_the_clone(tmp_path: Path) -> None:
    environment = Environment(tmp_path)
    environment.install("-e", ROOT)
    program = (
        "import safetyrules, safetyrules_plugins.dust, safetyrules_rulesets\n"
        "from importlib.resources import files\n"
        "print(safetyrules.__file__)\n"
        "print(safetyrules_plugins.dust.__file__)\n"
        "print(files('safetyrules_rulesets') / 'tables' / 'places.csv')\n"
        "print(len(safetyrules.default_program().plugins))\n"
    )
    done = run(environment.python, "-c", program, cwd=tmp_path)
    assert done.stdout.split("\n")[:4] == [
        str(ROOT / "safetyrules" / "__init__.py"),
        str(ROOT / "plugins" / "dust" / "__init__.py"),
        str(ROOT / "rulesets" / "tables" / "places.csv"),
        "5",
    ], done.stderr
