"""The synthetic rules by hand in SQL, for unknown facts too: on DuckDB and on Spark.

Each step is a query over the one before, so that a column is computed once. SQL's own logic is Kleene's.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from benchmarks.register_data import COMPRESSION, GRADES, LEVEL, ROW_GROUP, SETS, Program
from benchmarks.register_polars import FAULTS
from benchmarks.synthetic_rules import COUNTS, FLAGS

Step = Mapping[str, str]


def chosen(test: str, then: str, otherwise: str) -> str:
    either = f"CASE WHEN {then} = {otherwise} THEN {then} END"
    return f"CASE WHEN {test} THEN {then} WHEN NOT {test} THEN {otherwise} ELSE {either} END"


def booleans() -> list[str]:
    return [
        "b0 AND NOT b1",
        "h0 OR n1 > 25",
        "NOT h1 AND (b2 OR b5)",
        chosen("h2", "(n3 >= 35)", "b6"),
        "h3 AND NOT b4",
        "h4 OR n5 > 45",
        "NOT h5 AND (b6 OR b9)",
        chosen("h6", "(n7 >= 55)", "b0"),
        "h7 AND NOT b8",
        "h8 OR n1 > 65",
        "NOT h9 AND (b0 OR b3)",
        chosen("h10", "(n3 >= 25)", "b4"),
        "h11 AND NOT b2",
        "h12 OR n5 > 35",
        "NOT h13 AND (b4 OR b7)",
        chosen("h14", "(n7 >= 45)", "b8"),
        "h15 AND NOT b6",
        "h16 OR n1 > 55",
        "NOT h17 AND (b8 OR b1)",
        chosen("h18", "(n3 >= 65)", "b2"),
    ]


def steps() -> list[Step]:
    """What each query adds to the columns before it."""
    found: list[Step] = [{
        **{f"{n}_low": f"COALESCE(CAST({n} AS BIGINT), 0)" for n in COUNTS},
        **{f"{n}_high": f"COALESCE(CAST({n} AS BIGINT), 100)" for n in COUNTS},
    }]  # fmt: skip
    found.extend({f"h{i}": boolean} for i, boolean in enumerate(booleans()))
    parts = range(0, 15, 3)
    ends = ("low", "high")
    found.append({f"t{i}_{e}": f"n{i % 8}_{e} * {i % 4 + 1} + n{(i + 1) % 8}_{e}" for i in parts for e in ends})
    found.append({f"t{i + 1}_{e}": _second(i, e, other) for i in parts for e, other in (ends, ends[::-1])})
    found.append({f"t{i + 2}_{e}": _third(i, e) for i in parts for e in ends})
    found.append({key: text for name, fault in FAULTS.items() for key, text in _table(name, fault).items()})
    words = ("red", "orange", "yellow", "surely_red", "surely_orange", "surely_yellow")
    found.append({f"overall_{word}": " OR ".join(f"{name}_{word}" for name in FAULTS) for word in words})
    return found


def _second(i: int, end: str, other: str) -> str:
    test, first, number = f"h{i + 1}", f"t{i}_{end}", f"n{(i + 1) % 8}_{other}"
    join = "LEAST" if end == "low" else "GREATEST"
    then, otherwise = f"{first} - {number}", f"{first} + {i + 1}"
    return f"CASE WHEN {test} THEN {then} WHEN NOT {test} THEN {otherwise} ELSE {join}({then}, {otherwise}) END"


def _third(i: int, end: str) -> str:
    unknown = 10 if end == "low" else 20
    ten_or_twenty = f"CASE WHEN h{i + 2} THEN 10 WHEN NOT h{i + 2} THEN 20 ELSE {unknown} END"
    return f"({ten_or_twenty}) + t{i + 1}_{end} + t{i}_{end}"


def _table(name: str, fault: str) -> Step:
    low, high = f"t{name[1:]}_low", f"t{name[1:]}_high"
    proven, possible = f"COALESCE({fault}, FALSE)", f"COALESCE({fault}, TRUE)"
    red, surely_red = f"({high} >= 200 AND {possible})", f"({low} >= 200 AND {proven})"
    surely_yellow = f"({low} >= 40 AND {high} <= 119 AND NOT {possible})"
    return {
        f"{name}_red": red,
        f"{name}_surely_red": surely_red,
        f"{name}_orange": f"{high} >= 120 AND NOT {surely_red}",
        f"{name}_surely_orange": f"{low} >= 120 AND NOT {red}",
        f"{name}_yellow": f"{high} >= 40 AND {low} <= 119 AND NOT {proven}",
        f"{name}_surely_yellow": surely_yellow,
        f"{name}_blue": f"{low} < 120 AND NOT {surely_yellow}",
    }


def last() -> Step:
    """The columns of `SETS`; a level is a text, a dot an underscore."""
    found: dict[str, str] = {}
    for i in range(20):
        found[f"h{i}_proven"], found[f"h{i}_possible"] = f"COALESCE(h{i}, FALSE)", f"COALESCE(h{i}, TRUE)"
        found[f"h{i}_undetermined"] = f"h{i} IS NULL"
    for i in range(15):
        found[f"t{i}_at_least"], found[f"t{i}_at_most"] = f"t{i}_low", f"t{i}_high"
        found[f"t{i}_undetermined"] = f"t{i}_low <> t{i}_high"
    for name in GRADES:
        worst = _worst(name, "")
        least = _worst(name, "surely_") if name == "overall" else _least(name)
        found[f"{name}_proven"], found[f"{name}_possible"] = least, worst
    return found


def _worst(name: str, surely: str) -> str:
    rows = " ".join(f"WHEN {name}_{surely}{word} THEN '{word}'" for word in ("red", "orange", "yellow"))
    return f"CASE {rows} ELSE 'blue' END"


def _least(name: str) -> str:
    rows = " ".join(f"WHEN {name}_{word} THEN '{word}'" for word in ("blue", "yellow", "orange"))
    return f"CASE {rows} ELSE 'red' END"


def query(source: str, quote: str) -> str:
    """All steps over one table. ``quote`` is put around names with a dot."""
    text = f"SELECT {', '.join((*FLAGS, *COUNTS))} FROM {source}"
    for step in steps():
        text = f"SELECT *, {_listed(step)} FROM ({text}) AS facts"
    text = f"SELECT {_listed(last())} FROM ({text}) AS facts"
    columns = []
    for name in SETS:
        base, _, part = name.partition(".")
        compared = base in GRADES and part == "undetermined"
        written = f"{base}_proven <> {base}_possible" if compared else f"{base}_{part}"
        columns.append(f"{written} AS {quote}{name}{quote}")
    return f"SELECT {', '.join(columns)} FROM ({text}) AS facts"


def _listed(step: Step) -> str:
    return ", ".join(f"{text} AS {name}" for name, text in step.items())


def duckdb() -> Program:
    module = import_module("duckdb")
    options = f"FORMAT parquet, COMPRESSION {COMPRESSION}, COMPRESSION_LEVEL {LEVEL}, ROW_GROUP_SIZE {ROW_GROUP}"

    def answer(source: Path, target: Path) -> None:
        with module.connect() as connection:
            text = query(f"read_parquet('{source}')", '"')
            connection.execute(f"COPY ({text}) TO '{target}' ({options})")

    return answer


def pyspark() -> Program:
    """On this machine, in one process. Spark writes a folder, of one file a task."""
    session = import_module("pyspark.sql").SparkSession.builder.master("local[*]").appName("register")
    settings = {
        "spark.ui.enabled": "false", "spark.driver.memory": "3g", "spark.sql.shuffle.partitions": "2",
        "spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1", "spark.log.level": "ERROR",
        "spark.hadoop.parquet.compression.codec.zstd.level": str(LEVEL),
    }  # fmt: skip
    for key, value in settings.items():
        session = session.config(key, value)
    spark: Any = session.getOrCreate()

    def answer(source: Path, target: Path) -> None:
        spark.read.parquet(str(source)).createOrReplaceTempView("facts_given")
        found = spark.sql(query("facts_given", "`"))
        found.write.mode("overwrite").option("compression", COMPRESSION).parquet(str(target))

    return answer
