"""GB 18218 by hand in Polars: S, R and the level of each unit.

Sums are of whole numbers, so none is rounded: quantities are tonnes with at most four decimals, every threshold divides
15,000, factors beta are multiples of a half and alpha of a tenth.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

import polars as pl

from benchmarks.sectors.logic import KEY, byte, c, first_hit, scan

TABLES = Path(__file__).resolve().parents[2] / "rulesets" / "tables"
LEVEL_4, LEVEL_3, LEVEL_2, LEVEL_1 = 1, 2, 4, 8
#: A quantity in 0.1 kg times this over its threshold is a whole number.
OVER = 15_000
ONE = 10_000 * OVER
#: A ratio so large decides S, and R with the least alpha and beta; larger ones are taken to be as large.
MOST = 10_000 * ONE
LEAST_ALPHA, MOST_ALPHA = 5, 20
#: Thresholds, and factors beta doubled, of the categories of Table 2 and 4.
CATEGORIES = {
    "J1": (5, 8), "J2": (50, 2), "J3": (50, 4), "J4": (50, 4), "J5": (500, 2), "W1.1": (1, 4), "W1.2": (10, 4),
    "W1.3": (50, 4), "W2": (10, 3), "W3": (150, 2), "W4": (50, 2), "W5.1": (10, 3), "W5.2": (50, 2),
    "W5.3": (1000, 2), "W5.4": (5000, 2), "W6.1": (10, 3), "W6.2": (50, 2), "W7.1": (10, 3), "W7.2": (50, 2),
    "W8": (50, 2), "W9.1": (50, 2), "W9.2": (200, 2), "W10": (200, 2), "W11": (200, 2),
}  # fmt: skip
EXPLOSIVES = ["W1.1", "W1.2", "W1.3"]
BETAS = {
    "一氧化碳": 4, "二氧化硫": 4, "氨": 4, "环氧乙烷": 4, "氯化氢": 6, "溴甲烷": 6, "氯": 8, "硫化氢": 10, "氟化氢": 10,
    "二氧化氮": 20, "氰化氢": 20, "碳酰氯": 40, "磷化氢": 40, "异氰酸甲酯": 40,
}  # fmt: skip
CO = "一氧化碳"
COAL_GAS = "13"
#: As a share of OVER: the greatest and the least threshold of all categories.
CATEGORY_LEAST, CATEGORY_MOST = OVER // 5000, OVER // 1


class Named(NamedTuple):
    """What Table 1 and 3 say of a material. ``named``, ``toxic``: 0 no, 1 perhaps, 2 yes; ``least`` and ``most`` are
    what a quantity is multiplied with; null where the row has no threshold at all."""

    key: str
    named: int
    least: int | None
    most: int | None
    toxic: int
    least_beta: int
    most_beta: int


@lru_cache(maxsize=1)
def named() -> pl.LazyFrame:
    """By what is known of the name, the form and the row recorded."""
    return pl.LazyFrame(list(_named()), schema=Named._fields, orient="row").with_columns(
        c("named", "toxic").cast(pl.UInt8), c("least", "most", "least_beta", "most_beta").cast(pl.Int64)
    )


def _named() -> Iterator[Named]:
    rows = {row["row"]: row for row in _read("gb18218_chemicals.csv")}
    index = _read("gb18218_index.csv")
    forms: dict[str, dict[str, str]] = {}
    for each in _read("gb18218_forms.csv"):
        forms.setdefault(each["group"], {})[each["form"]] = each["row"]

    def said(key: str, of: set[str], maybe_none: bool, co: int = 0) -> Named:
        """``of``: the rows that it may be."""
        if not of:
            return Named(key, 0, OVER, OVER, 2 if co == 2 else 0, BETAS[CO], BETAS[CO])
        known = [rows[row] for row in of if row in rows]
        sure = 1 if maybe_none else 2
        if not known:
            return Named(key, sure, None, None, 2 if not maybe_none else 1, min(BETAS.values()), max(BETAS.values()))
        times = [round(OVER / float(row["threshold_t"])) for row in known]
        names = [row["table3_name"] or None for row in known]
        coal_gas = co == 0 and COAL_GAS in of
        betas = [BETAS[name] for name in names if name] + [BETAS[CO]] * (coal_gas or co > 0)
        toxic = 0 if not betas else 2 if co == 2 or (all(names) and not maybe_none) else 1
        betas = [BETAS[CO]] if co == 2 else betas or [0]
        return Named(key, sure, min(times), max(times), toxic, min(betas), max(betas))

    everything = set(rows)
    for row in sorted({each["row"] for each in index if each["row"]}):
        yield said(f"row {row}", {row}, False)
    for group, by_form in forms.items():
        members = {row for row in by_form.values() if row}
        yield said(f"group {group} ", members, "" in by_form.values())
        for form in FORMS:
            found = by_form.get(form)
            # A form that the group does not have may be misspelt: it may then be any row.
            yield said(f"group {group} {form}", everything if found is None else {found} - {""}, False)
    yield said("group carbon_monoxide", {COAL_GAS}, True, co=2)
    for row in rows:
        yield said(f"recorded {row}", {row}, False)
    yield said("recorded ?", everything, False)
    yield said("recorded ??", everything, True)
    yield said("not recorded", set(), True)
    yield said("unlisted", {""}, False)
    yield said("?", everything, True, co=1)


#: How a chemical of a group may be given.
FORMS = (
    "as_listed", "not_as_listed", "nc_dry_or_wetted_under_25", "nc_unmodified_or_plasticised_under_18",
    "nc_ethanol_25_or_more", "nc_nitrogen_up_to_12_6", "nc_water_25_or_more", "nc_solution", "an_combustibles_over_0_2",
    "an_combustibles_up_to_0_2", "an_fertiliser",
)  # fmt: skip


@lru_cache(maxsize=1)
def index() -> pl.LazyFrame:
    """By CAS number or name: ``row N``, or ``group G``."""
    found = _read("gb18218_index.csv")
    return pl.LazyFrame(
        {
            "chemical": [each["chemical"] for each in found],
            "indexed": [f"row {each['row']}" if each["row"] else f"group {each['group']}" for each in found],
        }
    )


def _read(file: str) -> list[dict[str, str]]:
    with (TABLES / file).open(encoding="utf-8-sig", newline="") as lines:
        return list(csv.DictReader(lines))


# ---- materials -------------------------------------------------------------------------------------------------------


def materials(register: Path) -> pl.LazyFrame:
    """Of each unit (``subject``, ``part``): S and the sum of beta times q/Q, as ends; whether S has no bound at all;
    and whether it holds explosives, as a number."""
    recorded = "table1_row_recorded"
    of_recorded = (
        pl.when(c(recorded).is_not_null())
        .then(pl.when(c(recorded).is_in(_rows())).then(pl.lit("recorded ") + c(recorded)).otherwise(pl.lit("unlisted")))
        .when(c(f"{recorded}.not_applicable"))
        .then(pl.lit("not recorded"))
        .when(~c(f"{recorded}.not_applicable"))
        .then(pl.lit("recorded ?"))
        .otherwise(pl.lit("recorded ??"))
    )
    grouped = c("indexed").str.starts_with("group") & (c("indexed") != "group carbon_monoxide")
    key = (
        pl.when(c("chemical").is_null())
        .then(pl.lit("?"))
        .when(c("indexed").is_null())
        .then(of_recorded)
        .when(grouped)
        .then(c("indexed") + pl.lit(" ") + c("table1_form").fill_null(""))
        .otherwise("indexed")
    )
    rows = scan(register, "hazmat.material").join(index(), on="chemical", how="left").with_columns(key.alias("key"))
    rows = rows.join(named(), on="key", how="left")
    # A chemical that has no name, or a mixture of another class, goes by its categories.
    unnamed = c("chemical.not_applicable").fill_null(False) & c("chemical").is_null()
    unnamed = unnamed | (c("composition") == "mixture_other_class").fill_null(False)
    open_ = c("composition").is_null()

    def settled(name: str) -> pl.Expr:
        return pl.when(unnamed).then(byte(0)).when(open_).then(pl.min_horizontal(c(name), byte(1))).otherwise(c(name))

    element = pl.element()
    # The lowest threshold, and of its categories the greatest beta: the least of one number made of both.
    both = {name: threshold * 100 + 50 - beta for name, (threshold, beta) in CATEGORIES.items()}
    doubled = {name: beta for name, (_, beta) in CATEGORIES.items()}
    rows = rows.with_columns(
        settled("named").alias("named"),
        settled("toxic").alias("toxic"),
        (c("quantity") * 10_000).round().cast(pl.Int64).alias("quantity"),
        c("categories").list.eval(element.replace_strict(both, return_dtype=pl.Int64)).list.min().alias("both"),
        c("categories").list.eval(element.replace_strict(doubled, return_dtype=pl.Int64)).list.max().alias("largest"),
        c("categories").list.eval(element.is_in(EXPLOSIVES)).list.any().fill_null(False).alias("explosive"),
        c("categories.complete").fill_null(False).alias("complete"),
    )
    rows = rows.with_columns((OVER // (c("both") // 100)).alias("times"), (50 - c("both") % 100).alias("beta"))
    given = c("both").is_not_null()
    in_category = pl.when(given).then(byte(2)).when("complete").then(byte(0)).otherwise(byte(1))
    rows = rows.with_columns(
        in_category.alias("in_category"),
        pl.when("complete").then("times").otherwise(pl.coalesce("times", CATEGORY_LEAST)).alias("category_least"),
        pl.when("complete").then("times").otherwise(CATEGORY_MOST).alias("category_most"),
        pl.when("complete")
        .then(pl.min_horizontal("beta", "largest"))
        .otherwise(pl.when(c("times") == CATEGORY_MOST).then("beta").otherwise(2))
        .alias("beta_least"),
        pl.when("complete").then("largest").otherwise(8).alias("beta_most"),
    )
    rows = rows.with_columns(
        _first("named", "least", "category_least", 0, pl.min_horizontal).alias("times_least"),
        _first("named", "most", "category_most", 0, pl.max_horizontal).alias("times_most"),
        _first("toxic", "least_beta", "beta_least", 8, pl.min_horizontal).alias("beta_least"),
        _first("toxic", "most_beta", "beta_most", 8, pl.max_horizontal).alias("beta_most"),
        ((c("named") > 0) & c("least").is_null()).alias("boundless"),
    )
    never = c("times_most") == 0
    low = pl.min_horizontal((c("quantity").fill_null(0) * c("times_least")), MOST)
    high = pl.when(never).then(0).otherwise(pl.min_horizontal(c("quantity") * c("times_most"), MOST).fill_null(MOST))
    rows = rows.with_columns(low.alias("low"), high.alias("high"))
    explosive = pl.when("explosive").then(byte(2)).when("complete").then(byte(0)).otherwise(byte(1))
    return rows.group_by(KEY, c("parent").alias("part")).agg(
        c("low").sum().alias("s.low"),
        c("high").sum().alias("s.high"),
        (c("low") * c("beta_least")).sum().alias("w.low"),
        (c("high") * c("beta_most")).sum().alias("w.high"),
        c("boundless").any(),
        explosive.max().alias("explosive"),
    )


@lru_cache(maxsize=1)
def _rows() -> list[str]:
    return [row["row"] for row in _read("gb18218_chemicals.csv")]


def _first(sure: str, named_: str, category: str, otherwise: int, end: Callable[..., pl.Expr]) -> pl.Expr:
    """An end of: what the name gives, else what the categories give, else ``otherwise``."""
    of_name = pl.when(c(sure) > 0).then(named_)
    of_category = pl.when((c(sure) < 2) & (c("in_category") > 0)).then(category)
    of_neither = pl.when((c(sure) < 2) & (c("in_category") < 2)).then(pl.lit(otherwise, dtype=pl.Int64))
    return end(of_name, of_category, of_neither)


# ---- units -----------------------------------------------------------------------------------------------------------


def units(register: Path) -> pl.LazyFrame:
    """The units, each with ``major`` (is it a major hazard installation?), ``level`` and ``explosive``."""
    people = c("hazmat.offsite_residents_500m")
    alpha = (
        pl.when(people >= 100).then(20).when(people >= 50).then(15).when(people >= 30).then(12)
        .when(people >= 1).then(10).when(people == 0).then(LEAST_ALPHA)
    )  # fmt: skip
    alphas = scan(register, "enterprise").select(KEY, alpha.cast(pl.Int64).alias("alpha"))
    rows = scan(register, "hazmat.unit").join(materials(register), on=[KEY, "part"], how="left")
    rows = rows.join(alphas, on=KEY, how="left")
    open_ = (~c("materials.complete")).fill_null(True)
    wild = c("boundless").fill_null(False)
    rows = rows.with_columns(
        pl.when(wild).then(-1).otherwise(c("s.low").fill_null(0)).alias("s.low"),
        pl.when(wild | open_).then(MOST).otherwise(c("s.high").fill_null(0)).alias("s.high"),
        pl.when(wild).then(-1).otherwise(c("w.low").fill_null(0) * c("alpha").fill_null(LEAST_ALPHA)).alias("r.low"),
        pl.when(wild | open_)
        .then(MOST * LEAST_ALPHA)
        .otherwise(c("w.high").fill_null(0) * c("alpha").fill_null(MOST_ALPHA))
        .alias("r.high"),
        pl.max_horizontal(c("explosive").fill_null(0), open_.cast(pl.UInt8)).alias("explosive"),
    )
    levels = first_hit(
        [(_reaches("r", 100 * 20), LEVEL_1), (_reaches("r", 50 * 20), LEVEL_2), (_reaches("r", 10 * 20), LEVEL_3)],
        LEVEL_4,
    )
    return rows.with_columns(_reaches("s", 1).alias("major"), levels.alias("graded"))


def _reaches(index_: str, bound: int) -> pl.Expr:
    return pl.when(c(f"{index_}.low") >= bound * ONE).then(True).when(c(f"{index_}.high") < bound * ONE).then(False)
