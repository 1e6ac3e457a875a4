"""What Spark says of a register is row for row what one machine says of it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl
import pytest

pytest.importorskip("pyspark", reason="pyspark is not installed: pip install 'safetyrules[spark]'")
pytest.importorskip("pandas", reason="pandas is not installed: pip install 'safetyrules[spark]'")

from both_ways import AS_OF, assert_same, check_same, frames, in_spark, on_one_machine
from pyspark.sql import functions as F  # noqa: N812 - its usual name
from yard_law import YARD_LAW
from yards import crowd, faulty, shuffled, yards

from safetyrules.diagnostics import RegisterError, RequestError
from safetyrules.register.mapping import NO_MAPPING, read_mapping
from safetyrules.spark import tabulate_spark
from safetyrules.spark.forms import bound_form
from safetyrules.spark.stream import arrow_schema, register_stream
from safetyrules.spark.task import RegisterForm

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def test_many_partitions_say_what_one_machine_says(session: SparkSession, tmp_path: Path) -> None:
    tables = yards(1500, tmp_path / "register")
    rows = check_same(session, YARD_LAW, tables, partitions=53)
    assert len(rows["subjects"]) == 1500
    assert len(rows["findings"]) > 1000
    assert len(rows["duties"]) > 1000
    assert len({row["plan"] for row in rows["subjects"]}) == 2  # in the city, and where the place is unknown
    statuses = {row["status"] for row in rows["findings"]}
    assert statuses == {"found", "undetermined"}


def test_more_partitions_than_subjects(session: SparkSession, tmp_path: Path) -> None:
    tables = yards(3, tmp_path / "register")
    assert len(check_same(session, YARD_LAW, tables, partitions=12)["subjects"]) == 3


def test_nobody(session: SparkSession, tmp_path: Path) -> None:
    tables = {name: table.clear() for name, table in yards(5, tmp_path / "register").items()}
    rows = check_same(session, YARD_LAW, tables, partitions=3)
    assert not any(rows.values())


def test_one_subject_with_most_parts_and_one_place_with_all_subjects(session: SparkSession) -> None:
    rows = check_same(session, YARD_LAW, crowd(10_000), partitions=4, rows=2000)
    assert sum(row["subject"] == "k100" for row in rows["findings"]) > 1000


def test_a_place_never_decides_where_rows_go(session: SparkSession) -> None:
    spread = frames(session, crowd(10))
    form = RegisterForm("enterprise", {name: arrow_schema(each) for name, each in spread.items()}, NO_MAPPING)
    binding = bound_form(YARD_LAW.program().schema, form)
    stream = register_stream(binding, spread, {}, 8).withColumn("at", F.spark_partition_id())
    held = stream.where(F.col("`#kind`") == 0).groupBy("at").count().collect()
    assert len(held) == 8
    assert max(row["count"] for row in held) < 60


def test_rows_set_aside_are_the_same(session: SparkSession) -> None:
    rows = check_same(session, YARD_LAW, faulty(), partitions=5)
    assert [row["subject"] for row in rows["subjects"]] == []
    assert {row["code"] for row in rows["rejects"]} >= {"SR1006", "SR5031", "SR5032", "SR5033", "SR5034", "SR5035"}


def test_subjects_beside_those_set_aside_are_answered(session: SparkSession) -> None:
    tables = faulty()
    tables["enterprise"] = tables["enterprise"].filter(pl.col("subject").is_in(["a", "b", "c", "e"]).not_())
    good = pl.DataFrame({"subject": ["m", "n"], "place": ["210102", "110101"], "staff": ["300", "301"]})
    tables["enterprise"] = pl.concat([tables["enterprise"], good], how="diagonal")
    rows = check_same(session, YARD_LAW, tables, partitions=5)
    # The law of Shenyang knows what is large; that of the country does not.
    assert [(row["subject"], row["large"]) for row in rows["subjects"]] == [("m", True), ("n", None)]
    assert rows["subjects"][0]["plan"] != rows["subjects"][1]["plan"]


def test_keys_of_other_types_are_the_same_keys(session: SparkSession, tmp_path: Path) -> None:
    tables = yards(100, tmp_path / "register", seed=3)
    number = {key: at for at, key in enumerate(tables["enterprise"]["subject"])}
    for name, dtype in (("enterprise", pl.Float64), ("yard.tank", pl.Int32), ("yard.valve", pl.String)):
        keys = tables[name]["subject"].replace_strict(number, return_dtype=pl.Int64).cast(dtype)
        tables[name] = tables[name].with_columns(keys.alias("subject"))
    assert len(check_same(session, YARD_LAW, tables, partitions=3)["subjects"]) == 100


def test_the_order_in_which_rows_come_changes_nothing(session: SparkSession, tmp_path: Path) -> None:
    tables = yards(300, tmp_path / "register", seed=1)
    there = on_one_machine(YARD_LAW, tables)
    for seed, partitions in ((1, 4), (2, 7)):
        mixed = frames(session, shuffled(tables, seed))
        here = in_spark(tabulate_spark(YARD_LAW, mixed, partitions=partitions, **AS_OF))
        assert_same(there, here)


def test_a_column_may_say_the_order(session: SparkSession) -> None:
    tanks = pl.DataFrame({"subject": "a", "name": ["x", "y"], "substance": ["a", "b"], "amount": [9.0, 99.0]})
    tables = {"enterprise": pl.DataFrame({"subject": ["a"]}), "yard.tank": tanks.drop("name")}
    given = frames(session, {**tables, "yard.tank": tables["yard.tank"].with_columns(at=pl.Series([2, 1]))})
    answers = tabulate_spark(YARD_LAW, given, order={"yard.tank": "at"}, **AS_OF)
    tables["yard.tank"] = tables["yard.tank"].reverse()
    assert not answers.notices
    assert_same(on_one_machine(YARD_LAW, tables), in_spark(answers))


MAPPING = """
tables:
  enterprise: {table: 企业, subject: 户, columns: {Staff: staff, staff: {fact: yard.present, values: {J: true}}}}
  yard.tank: {table: 罐, subject: 户, absent: none, columns: {"a.b`c": amount}, constants: {substance: a}}
"""


def test_a_mapping_names_any_columns(session: SparkSession) -> None:
    tables = {
        "企业": pl.DataFrame({"户": ["x", "y", "z"], "Staff": [1, 2, -3], "present": ["J", None, "J"]}),
        "罐": pl.DataFrame({"户": ["x", "x"], "a.b`c": [1.0, 2.5]}),
    }
    said = read_mapping(MAPPING.replace(" staff: {fact", " present: {fact"), "mapping.yaml")
    rows = check_same(session, YARD_LAW, tables, said)
    assert [(row["subject"], row["yard.load"]) for row in rows["subjects"]] == [("x", 3.5), ("y", 0.0)]
    assert [row["subject"] for row in rows["rejects"]] == ["z"]


def test_counts_add_up(session: SparkSession) -> None:
    with tabulate_spark(YARD_LAW, frames(session, faulty()), partitions=3, **AS_OF) as answers:
        counts = {row["kind"]: tuple(row)[1:] for row in answers.counts.collect()}
        assert counts == {"enterprise": (10, 0, 10), "yard.tank": (11, 0, 11), "yard.valve": (6, 0, 6)}
        assert answers.subjects.count() == answers.findings.count() == answers.duties.count() == 0
        assert answers.rejects.count() > 10


def test_what_does_not_fit_is_said_before_anything_runs(session: SparkSession) -> None:
    tables = {
        "enterprise": pl.DataFrame({"subject": ["a"], "staff": [True], "place": [1.5]}),
        "yard.tnk": pl.DataFrame({"subject": ["a"]}),
    }
    given = frames(session, tables)
    with pytest.raises(RegisterError) as raised:
        tabulate_spark(YARD_LAW, given, **AS_OF)
    assert sorted(problem.code for problem in raised.value.diagnostics) == ["SR5003", "SR5010"]
    with pytest.raises(RequestError):
        tabulate_spark(YARD_LAW, given, as_of="tomorrow")
