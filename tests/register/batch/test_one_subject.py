"""One subject of a register: its facts, and why its answers are what they are."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest
from batch_folders import AS_OF

import safetyrules
from safetyrules.cli import main
from safetyrules.register.demo_folder import write_demo_register
from safetyrules.register.demo_request import DemoRequest


@pytest.mark.parametrize("form", ["parquet", "csv", "ndjson"])
def test_facts_of_a_key(tmp_path: Path, form: Any) -> None:
    write_demo_register(safetyrules.default_program(), DemoRequest(30, 4), tmp_path / "register", form)
    source: Path = tmp_path / "register"
    if form == "ndjson":
        source = next(source.iterdir())
    mapping = tmp_path / "mapping.yaml"
    several = {"enterprise": "smelting.smelting_processes", "hazmat.material": "categories"}
    tables = (f'{table}: {{columns: {{{fact}: {{fact: {fact}, separator: ";"}}}}}}' for table, fact in several.items())
    mapping.write_text(f"tables: {{{', '.join(tables)}}}")
    with safetyrules.open_register(source, mapping if form == "csv" else None) as register:
        batch = next(register.batches())
        for row, key in enumerate(batch.keys):
            facts = register.facts(key)
            alone = safetyrules.assess(facts, as_of=AS_OF)
            answers = safetyrules.tabulate([{"subject": key, **facts}], as_of=AS_OF)
            assert answers.subjects["overall_grade.worst"][0] == alone["overall_grade"].worst
            assert row < 30
        assert register.height() == 30
        with pytest.raises(safetyrules.RegisterError, match="SR5041"):
            register.facts("nobody")


def test_facts_of_one_that_is_set_aside() -> None:
    table = pl.DataFrame({"subject": ["a", "b"], "employees": ["-3", "3"]})
    with safetyrules.open_register(table) as register:
        with pytest.raises(safetyrules.RegisterError, match="SR1006") as error:
            register.facts("a")
        assert register.facts("b") == {"employees": 3}
    (problem,) = error.value.diagnostics
    assert (problem.path, problem.found) == ("enterprise/employees", "-3")


def test_why_of_a_key(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    table = tmp_path / "enterprise.csv"
    pl.DataFrame({"subject": ["a", "b"], "dust.hazard_present": ["否", "是"]}).write_csv(table)
    asked = ("--register", str(table), "--as-of", AS_OF, "--lang", "en")
    assert main(["why", "b", "dust.grade", *asked]) == 0
    assert "Dust-explosion hazard grade" in capsys.readouterr().out
    assert main(["assess", "a", *asked]) == 0
    assert capsys.readouterr().out
    assert main(["why", "c", "dust.grade", *asked]) == 2
    assert "SR5041" in capsys.readouterr().err
