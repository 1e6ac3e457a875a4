"""What is wrong sets whole subjects aside, is said for each cell, and is counted."""

from __future__ import annotations

from typing import Any

import polars as pl
import pytest
from register_rows import MAPPING, codes, credit_code, only, read, small

import safetyrules
from safetyrules.diagnostics import FactsError
from safetyrules.diagnostics.catalogue import CATALOGUE

A, B = credit_code(1), credit_code(2)


def with_enterprise(**columns: list[Any]) -> dict[str, pl.DataFrame]:
    tables = small()
    tables["enterprise"] = tables["enterprise"].with_columns(
        pl.Series(name.replace("__", "."), cells, dtype=pl.String) for name, cells in columns.items()
    )
    return tables


def counted(batch: Any) -> None:
    """Nothing is dropped: every row read is accepted or set aside, and who is set aside is named."""
    for kind, count in batch.counts.items():
        assert count.read == count.accepted + count.set_aside
        assert batch.tables.frames[kind].height == count.accepted
    if any(count.set_aside for count in batch.counts.values()):
        assert batch.rejects.height
    assert set(batch.rejects["subject"].drop_nulls()).isdisjoint(batch.keys)
    assert set(batch.rejects["code"]) <= set(CATALOGUE)


def test_a_bad_cell_sets_its_subject_aside() -> None:
    batch = only(with_enterprise(employees=["-1", "10"], affiliation=["centre", "central"]), MAPPING)
    counted(batch)
    assert codes(batch) == [(B, "enterprise", "employees", "SR1006"), (B, "enterprise", "affiliation", "SR1009")]
    assert batch.keys.to_list() == [A]
    assert {kind: tuple(count) for kind, count in batch.counts.items()} == {
        "enterprise": (2, 1, 1), "dust.collector": (2, 0, 2), "hazmat.unit": (2, 1, 1), "hazmat.material": (3, 1, 2),
    }  # fmt: skip
    first = batch.rejects.row(0, named=True)
    assert (first["fact"], first["value"], first["part"]) == ("employees", "-1", None)
    assert "范围" in first["reason_zh"]
    assert "at least 0" in first["reason_en"]


def test_a_bad_cell_of_a_part_of_a_part_does_so_too() -> None:
    tables = small()
    tables["hazmat.material"] = tables["hazmat.material"].with_columns(categories=pl.Series(["W2、J99", None, "W2"]))
    batch = only(tables, MAPPING)
    counted(batch)
    assert batch.rejects.select("subject", "kind", "part", "fact", "value", "code").rows() == [
        (B, "hazmat.material", "m1", "categories", "J99", "SR1009")
    ]


def test_subjects_without_a_key_or_with_that_of_another() -> None:
    batch = only(with_enterprise(subject=[" ", A]), MAPPING)
    counted(batch)
    assert [row for row in codes(batch) if row[1] == "enterprise"] == [(None, "enterprise", "subject", "SR5031")]
    assert {row[3] for row in codes(batch) if row[1] != "enterprise"} == {"SR5033"}
    batch = only(with_enterprise(subject=[A, A]), MAPPING)
    counted(batch)
    assert [row for row in codes(batch) if row[1] == "enterprise"] == [(A, "enterprise", "subject", "SR5032")] * 2
    assert batch.keys.to_list() == []


def test_parts_of_nobody_and_parts_that_come_twice() -> None:
    tables = small()
    tables["dust.collector"] = tables["dust.collector"].with_columns(subject=pl.Series([B, "nobody"]))
    tables["hazmat.unit"] = tables["hazmat.unit"].with_columns(part=pl.Series(["u1", "u3"]))
    batch = only(tables, MAPPING)
    counted(batch)
    assert sorted(codes(batch)) == [
        (A, "hazmat.material", "parent", "SR5034"),
        ("nobody", "dust.collector", "subject", "SR5033"),
    ]
    assert batch.keys.to_list() == [B]
    tables = small()
    tables["dust.collector"] = tables["dust.collector"].with_columns(part=pl.lit("1"))
    batch = only(tables, MAPPING)
    counted(batch)
    assert codes(batch) == [(B, "dust.collector", "part", "SR5035")] * 2


@pytest.mark.parametrize("as_type", [pl.String, pl.Int64])
def test_parts_of_nobody_that_come_twice_are_told_as_both(as_type: Any) -> None:
    subjects = [B, B, "nobody", "nobody", "nobody", "no one", "no one", None, None]
    keys = pl.Series([1, 2, 1, 1, 2, 1, None, 1, 1]).cast(as_type)
    tables = {**small(), "dust.collector": pl.DataFrame({"subject": subjects, "part": keys})}
    batch = only(tables, MAPPING)
    counted(batch)
    assert batch.keys.to_list() == [A, B]
    told = batch.rejects.select("subject", "part", "column", "code").rows()
    assert [row for row in told if row[0] is not None] == [
        ("no one", "1", "subject", "SR5033"),
        ("no one", None, "subject", "SR5033"),
        *[("nobody", "1", "subject", "SR5033"), ("nobody", "1", "part", "SR5035")] * 2,
        ("nobody", "2", "subject", "SR5033"),
    ]
    assert {row[-1] for row in told if row[0] is None} == {"SR5031"}
    reasons = batch.rejects.filter(code="SR5035")["reason_en"]
    assert reasons.unique().to_list() == ["2 parts of the subject have the key '1'"]


def test_a_sector_denied_while_its_parts_are_listed() -> None:
    batch = only(with_enterprise(dust__hazard_present=["false", None]), MAPPING)
    counted(batch)
    assert codes(batch) == [(B, "enterprise", "dust.hazard_present", "SR1033")]
    assert "dust.collectors" in batch.rejects["reason_en"][0]
    assert only(with_enterprise(dust__hazard_present=[None, "false"]), MAPPING).rejects.height == 0


def test_a_sector_denied_beside_what_implies_it() -> None:
    columns = {
        "dust__hazard_present": ["false", "false"],
        "dust__workers_total": ["0", "12"],
        "hazmat__hazard_present": ["true", None],
        "smelting__hazard_present": ["false", None],
        "industry": ["3120", "3120"],
    }
    tables = with_enterprise(**columns)
    del tables["dust.collector"]
    batch = only(tables, MAPPING)
    counted(batch)
    assert codes(batch) == [
        (A, "enterprise", "dust.hazard_present", "SR1033"),
        (B, "enterprise", "smelting.hazard_present", "SR1033"),
    ]
    assert "dust.workers_total" in batch.rejects["reason_en"][0]
    assert "industry" in batch.rejects["reason_en"][1]


@pytest.mark.parametrize("cell", [["90071992547409931", "0"], ["1", "0"]])
def test_a_number_that_no_column_holds_speaks_too(cell: list[str]) -> None:
    tables = with_enterprise(dust__hazard_present=["false", "false"], dust__workers_total__at_least=cell)
    del tables["dust.collector"]
    assert codes(only(tables, MAPPING))[-1] == (B, "enterprise", "dust.hazard_present", "SR1033")


def test_a_value_and_what_is_known_in_part() -> None:
    batch = only(with_enterprise(employees__at_least=["30", "5"], employees__at_most=[None, "3"]), MAPPING)
    counted(batch)
    assert sorted(code for *_, code in codes(batch)) == ["SR1015", "SR5039", "SR5039"]


def test_numbers_no_float_prints_go_apart_and_are_assessed() -> None:
    batch = only(
        with_enterprise(revenue=["0.12345678901234567891", None], employees=["9007199254740993", "1"]), MAPPING
    )
    counted(batch)
    assert batch.rejects.height == 0
    assert list(batch.tables.apart) == [1]
    facts = batch.tables.apart[1]
    assert facts["employees"] == 2**53 + 1
    assert str(float(facts["revenue"])).startswith("0.1234567")
    safetyrules.assess(facts, as_of="2024-01-01")


def test_whatever_is_accepted_is_accepted_as_facts() -> None:
    program = safetyrules.default_program()
    from safetyrules.engine.columnar.entities import facts_of

    cells = ["1", "-1", "x", "3.5", "1e3", "", "99999999999999999999", None]
    tables = {
        "enterprise": pl.DataFrame(
            {
                "subject": [str(i) for i in range(64)],
                "employees": [c for c in cells for _ in cells],
                "revenue": cells * 8,
            }
        )
    }
    batch = only(tables)
    counted(batch)
    assert 0 < batch.tables.height < 64
    for row in range(batch.tables.height):
        program.assess(facts_of(program.schema, batch.tables, row), as_of="2024-01-01")
    bad = {int(key) for key in batch.rejects["subject"]}
    for number in bad:
        one, two = (None if c in (None, "") else c for c in (cells[number // 8], cells[number % 8]))
        raw = {k: float(v) if v != "x" else v for k, v in (("employees", one), ("revenue", two)) if v is not None}
        with pytest.raises(FactsError):
            program.assess(raw, as_of="2024-01-01")


def test_a_broken_file_is_one_error(tmp_path: Any) -> None:
    (tmp_path / "enterprise.csv").write_text("subject,name\n1,a,b,c\n", encoding="utf-8")
    with pytest.raises(safetyrules.RegisterError) as caught:
        read(tmp_path)
    assert [problem.code for problem in caught.value.diagnostics] == ["SR5001"]
