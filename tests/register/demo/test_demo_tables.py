"""Invented registers in memory: accepted by the input models, lifelike in shape, the same for the same seed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import polars as pl
import pytest
from facts_of_tables import facts_of_tables
from polars.testing import assert_frame_equal

from safetyrules.diagnostics import RequestError
from safetyrules.engine.columnar.tables import COMPLETE, NONE, PARENT, SINCE, Tables, column_type
from safetyrules.facts.codes import credit_code, industry
from safetyrules.facts.schema import ChoiceType, PartsType, ValuesType
from safetyrules.program import Program
from safetyrules.register.demo import demo_pieces, demo_tables
from safetyrules.register.demo_codes import credit_codes
from safetyrules.register.demo_request import DemoRequest

DAY = date(2024, 6, 30)


@pytest.fixture(scope="module")
def many(shipped: Program) -> Tables:
    return demo_tables(shipped, 30_000, seed=3)


# ---- accepted --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("options", [{}, {"missing": 0.0, "open_lists": 0.0}, {"missing": 0.7, "open_lists": 0.5}])
def test_every_subject_is_accepted_by_the_shipped_law(shipped: Program, options: dict[str, Any]) -> None:
    tables = demo_tables(shipped, 300, seed=11, present={"dust": 0.6, "hazmat": 0.6}, boundary=0.3, **options)
    for facts in facts_of_tables(shipped.schema, tables):
        shipped.assess(facts, as_of=DAY)


def test_a_stranger_s_sector_is_invented_too(lifting: Program) -> None:
    tables = demo_tables(lifting, 400, seed=2, present={"lifting": 0.8}, boundary=0.3)
    outcomes = [lifting.assess(facts, as_of=DAY) for facts in facts_of_tables(lifting.schema, tables)]
    seen = {outcome.by_clause["lifting-measure-2020#5"] for outcome in outcomes}
    assert {"found", "not found"} <= {word.replace("_", " ") for word in seen}
    cranes = tables.frames["lifting.crane"]
    assert {"QD-10", "QD-20"} < set(cranes["model"].drop_nulls())
    assert {9.99, 10.0, 10.01, 19.99, 20.0, 20.01} <= set(cranes["load"])


@pytest.mark.parametrize("root", ["works", "office"])
def test_any_root_with_dates_logs_and_lists_of_texts(pits: Program, root: str) -> None:
    tables = demo_tables(pits, 300, seed=5, subject=root, present={"pits": 0.9}, boundary=0.3)
    for facts in facts_of_tables(pits.schema, tables):
        pits.assess(facts, as_of=DAY, subject=root)


# ---- the layout ------------------------------------------------------------------------------------------------------


def test_the_layout_is_that_of_tables(many: Tables, shipped: Program) -> None:
    assert (many.root, many.height) == ("enterprise", 30_000)
    kinds = shipped.schema.kinds
    assert set(many.frames) == {kind for kind in kinds if shipped.schema.chain(kind)[-1].name == "enterprise"}
    for name, frame in many.frames.items():
        kind = shipped.schema.kinds[name]
        for fact in kind.facts.values():
            if isinstance(fact.type, PartsType | ValuesType):
                assert frame.schema[fact.name + COMPLETE] == pl.Boolean
                assert fact.name not in frame.columns
            else:
                assert frame.schema[fact.name] == column_type(fact.type)
                assert (fact.name + NONE in frame.columns) == fact.may_not_apply
        if kind.parent is not None:
            assert frame.schema[PARENT] == pl.UInt32
            assert frame[PARENT].is_sorted()
            assert frame[PARENT].max() < many.frames[kind.parent].height


def test_a_denied_sector_has_no_parts_and_no_particulars(many: Tables) -> None:
    denied = many.frames["enterprise"].with_row_index().filter(~pl.col("dust.hazard_present"))
    assert denied.height > 10_000
    assert denied["dust.workers_total"].null_count() == denied.height
    with_parts = set(many.frames["dust.collector"][PARENT].unique())
    assert with_parts
    assert with_parts.isdisjoint(denied["index"])


def test_the_columns_of_nobody_are_there(shipped: Program) -> None:
    some, none = demo_tables(shipped, 5), demo_tables(shipped, 0)
    assert {k: f.schema for k, f in none.frames.items()} == {k: f.schema for k, f in some.frames.items()}
    assert {k: f.schema for k, f in none.values.items()} == {k: f.schema for k, f in some.values.items()}
    assert none.height == 0


# ---- the same for the same seed --------------------------------------------------------------------------------------


def assert_same(one: Tables, two: Tables) -> None:
    for kind, frame in one.frames.items():
        assert_frame_equal(frame, two.frames[kind], check_exact=True)
    for key, frame in one.values.items():
        assert_frame_equal(frame, two.values[key], check_exact=True)


@pytest.mark.parametrize("chunk", [1, 7, 100, 10_000])
def test_the_size_of_chunks_changes_nothing(shipped: Program, chunk: int) -> None:
    assert_same(demo_tables(shipped, 100, seed=9), demo_tables(shipped, 100, seed=9, chunk=chunk))


def test_a_longer_register_begins_with_the_shorter_one(shipped: Program) -> None:
    short, long = demo_tables(shipped, 150, seed=9), demo_tables(shipped, 4_000, seed=9)
    assert_same(short, Tables(long.root, {k: long.frames[k].head(f.height) for k, f in short.frames.items()},
                              {k: long.values[k].head(f.height) for k, f in short.values.items()}))  # fmt: skip


def test_another_seed_gives_another_register(shipped: Program) -> None:
    one, two = demo_tables(shipped, 100, seed=1), demo_tables(shipped, 100, seed=2)
    assert not one.frames["enterprise"]["revenue"].equals(two.frames["enterprise"]["revenue"])


# ---- codes and places ------------------------------------------------------------------------------------------------


def test_credit_codes_are_valid_unique_and_in_order(many: Tables) -> None:
    codes = many.frames["enterprise"]["credit_code"].to_list()
    assert codes == sorted(set(codes))
    for code in codes[::50]:
        assert credit_code(code) == code
        assert code[16] == organisation_check(code[8:16])


def test_the_last_credit_codes_are_in_order_too() -> None:
    from safetyrules.register.demo_codes import MOST_ROWS

    rows = pl.select(pl.int_range(MOST_ROWS - 1000, MOST_ROWS, dtype=pl.UInt64).alias("row"))
    codes = rows.select(credit_codes(pl.col("row"), pl.col("row"), "210100")).to_series().to_list()
    assert codes == sorted(set(codes))
    assert {len(code) for code in codes} == {18}


def organisation_check(first: str) -> str:
    """GB 11714, as it is written there."""
    values = [int(c) if c.isdigit() else ord(c) - 55 for c in first]
    check = 11 - sum(v * w for v, w in zip(values, (3, 7, 9, 10, 5, 8, 4, 2), strict=True)) % 11
    return {10: "X", 11: "0"}.get(check, str(check))


def test_industries_are_codes_and_cover_every_division_that_rules_name(many: Tables) -> None:
    codes = set(many.frames["enterprise"]["industry"].drop_nulls())
    assert {industry(code) for code in codes} == codes
    assert len({industry(code)[:2] for code in codes}) > 80


@pytest.mark.parametrize(("place", "expected"), [("210106", {"210106"}), ("210100", None)])
def test_places_are_inside_the_region(shipped: Program, place: str, expected: set[str] | None) -> None:
    tables = demo_tables(shipped, 2_000, place=place)
    found = set(tables.frames["enterprise"]["place"].drop_nulls())
    assert expected is None or found == expected
    assert all(shipped.places.covers(place, each, DAY) for each in found)
    assert len(found) == (1 if expected else 13)


def test_a_region_may_be_the_country(shipped: Program) -> None:
    assert demo_tables(shipped, 200, place="CN").frames["enterprise"]["place"].n_unique() > 30


# ---- lifelike --------------------------------------------------------------------------------------------------------


def test_shares_are_as_asked(shipped: Program) -> None:
    tables = demo_tables(shipped, 20_000, seed=4, missing=0.25, open_lists=0.15, present={"dust": 0.4})
    subjects = tables.frames["enterprise"]
    assert subjects["affiliation"].null_count() / 20_000 == pytest.approx(0.25, abs=0.02)
    assert subjects["dust.hazard_present"].mean() == pytest.approx(0.4, abs=0.02)
    assert subjects["hazmat.hazard_present"].mean() == pytest.approx(0.2, abs=0.02)
    assert (~subjects["dust.collectors?complete"]).mean() == pytest.approx(0.15, abs=0.02)
    materials = tables.frames["hazmat.material"]
    assert materials["chemical?none"].mean() == pytest.approx(0.15, abs=0.03)
    assert materials.filter(pl.col("chemical?none") & pl.col("chemical").is_not_null()).height == 0
    assert materials["chemical?none"].null_count() / materials.height == pytest.approx(0.25, abs=0.03)


def test_nothing_is_missing_where_nothing_may_be(shipped: Program) -> None:
    tables = demo_tables(shipped, 500, missing=0.0, open_lists=0.0, not_applicable=0.0)
    assert sum(tables.frames["dust.collector"].null_count().row(0)) == 0
    assert sum(tables.frames["hazmat.material"].null_count().row(0)) == 0


def test_sizes_are_skewed_and_go_together(many: Tables) -> None:
    subjects = many.frames["enterprise"].select("employees", "revenue", "assets").drop_nulls()
    employees = subjects["employees"]
    assert employees.mean() > 4 * employees.median()
    assert employees.max() > 3_000
    assert subjects.select(pl.corr("employees", "revenue", method="spearman")).item() > 0.5


def test_most_lists_are_short_and_some_are_very_long(shipped: Program) -> None:
    tables = demo_tables(shipped, 30_000, seed=8, present={"dust": 1.0}, parts={"dust.collector": 6})
    lengths = tables.frames["dust.collector"].group_by(PARENT).len()["len"]
    assert lengths.sum() / 30_000 == pytest.approx(6, rel=0.1)
    assert lengths.median() < 6
    assert lengths.max() > 100


def test_numbers_stand_on_the_bounds_that_rules_name_and_beside_them(many: Tables) -> None:
    workers = set(many.frames["enterprise"]["dust.workers_total"])
    assert {2.0, 3.0, 4.0, 9.0, 10.0, 11.0, 29.0, 30.0, 31.0} <= workers
    # Compared through a ratio: the threshold of a chemical is a cell of a table.
    assert {0.99, 1.0, 1.01, 4999.99, 5000.0, 5000.01, 0.75} <= set(many.frames["hazmat.material"]["quantity"])


def test_numbers_have_the_decimals_of_a_measurement(many: Tables) -> None:
    revenues = many.frames["enterprise"]["revenue"].drop_nulls()
    assert max(len(repr(value).partition(".")[2]) for value in revenues) == 2


def test_without_boundary_values_bounds_are_rare(shipped: Program) -> None:
    on_the_line = {
        share: demo_tables(shipped, 20_000, boundary=share).frames["enterprise"]["revenue"].is_in([300.0, 2000.0]).sum()
        for share in (0.0, 0.3)
    }
    assert on_the_line[0.0] < 10 < 100 < on_the_line[0.3]


def test_every_member_of_a_choice_and_every_key_of_a_table_occurs(many: Tables, shipped: Program) -> None:
    for name, frame in many.frames.items():
        for fact in shipped.schema.kinds[name].facts.values():
            if isinstance(fact.type, ChoiceType):
                assert set(frame[fact.name].drop_nulls()) == set(fact.type.members), fact.name
    index = shipped.linked.tables["gb18218.index"]
    assert {row[0] for row in index.rows} <= set(many.frames["hazmat.material"]["chemical"])
    catalogue = {row[0] for row in next(t for n, t in shipped.linked.tables.items() if "catalogue" in n).rows}
    assert catalogue <= set(many.frames["dust.material"]["name"])


def test_recorded_decisions_are_rare(many: Tables) -> None:
    subjects = many.frames["enterprise"]
    for decision in ("is_high_risk_sector", "tier_decision", "tier_departure", "outlet.entrustment"):
        assert 0.01 < 1 - subjects[decision].null_count() / subjects.height < 0.1


def test_dates_stand_on_the_days_of_the_law_and_beside_them(pits: Program) -> None:
    tables = demo_tables(pits, 20_000, seed=1, law_at=DAY, boundary=0.5, present={"pits": 1.0})
    opened = set(tables.frames["works"]["opened"])
    for day in (date(2022, 7, 1), date(2021, 3, 1), DAY, DAY - timedelta(45), date(2021, 12, 30)):
        assert {day - timedelta(1), day, day + timedelta(1)} <= opened, day
    pit = tables.frames["pits.pit"]
    assert {19.49, 19.5, 19.51, 23.49, 23.5, 23.51} <= set(pit["oxygen"])
    assert {12.124, 12.125, 12.126} <= set(pit["depth"])
    assert pit["oxygen"].max() <= 100
    assert {"硫化氢", "一氧化碳"} <= set(tables.values["pits.pit", "gases"]["value"])
    since = tables.frames["pits.pit"]["entries" + SINCE]
    assert since.null_count() < pit.height
    assert pit.filter(pl.col("entries?complete") & pl.col("entries?since").is_not_null()).height == 0


# ---- refused ---------------------------------------------------------------------------------------------------------


def test_everything_wrong_with_a_request_is_said_at_once(shipped: Program) -> None:
    with pytest.raises(RequestError) as refused:
        demo_tables(shipped, -1, missing=2.0, boundary=float("nan"), present={"dusty": 0.5}, parts={"enterprise": 3.0})
    codes = [problem.code for problem in refused.value.diagnostics]
    assert codes == ["SR2105", "SR2105", "SR2105", "SR2107", "SR0412"]


@pytest.mark.parametrize(("options", "code"), [({"place": "999999"}, "SR2103"), ({"subject": "works"}, "SR2106")])
def test_an_unknown_place_or_root_is_refused(shipped: Program, options: dict[str, str], code: str) -> None:
    with pytest.raises(RequestError) as refused:
        demo_tables(shipped, 10, **options)
    assert [problem.code for problem in refused.value.diagnostics] == [code]


def test_pieces_number_parts_within_their_subject(shipped: Program) -> None:
    request = DemoRequest(200, present={"hazmat": 1.0})
    (piece,) = demo_pieces(shipped, request)
    materials = piece.frames["hazmat.material"]
    for (_,), parts in materials.group_by("#subject", maintain_order=True):
        assert parts["#part"].to_list() == list(range(1, parts.height + 1))
