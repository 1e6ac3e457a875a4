"""Where columns could go wrong: sums at a threshold, deep tables, long choices, pairs of lists, empty registers."""

from __future__ import annotations

import warnings
from datetime import date
from fractions import Fraction
from typing import Any

import polars as pl
import pytest
from conformance_suite import written
from tabulating import differing, tabulated

from safetyrules import load_program
from safetyrules.engine.columnar.entities import tables_of
from safetyrules.engine.columnar.facts import column_form
from safetyrules.engine.columnar.forms import Code
from safetyrules.engine.columnar.forms import same as same_value
from safetyrules.engine.columnar.nodes import Graph
from safetyrules.engine.columnar.running import Run, column, schedule
from safetyrules.engine.columnar.tables import PARENT, Tables
from safetyrules.engine.columnar.tabulate import tabulate
from safetyrules.facts.schema import ChoiceType
from safetyrules.program import Program
from safetyrules.register.tabulation import tabulate as tabulate_register
from safetyrules.text import Text

AS_OF = date(2024, 1, 1)
WHOLE = {"type": "integer", "minimum": -100}
TEXT, NUMBER = {"type": "text"}, {"type": "number"}


def program(facts: dict[str, Any], rules: list[dict[str, Any]], **documents: Any) -> Program:
    kinds = {"enterprise": {"root": True, "facts": facts}, **documents.pop("kinds", {})}
    first = {"facts": "f", "kinds": kinds, **documents.pop("declared", {})}
    tables = documents.pop("tables", [])
    whole = written([first, *tables, {"ruleset": "r", "rules": rules}], "columns")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        return load_program(whole.documents, open_file=lambda source, name: whole.files[name].encode())


def same(loaded: Program, facts: list[dict[str, Any]], left: set[int] | None = None) -> Any:
    """Columns say what the reference says; ``left`` are the rows that they leave to exact arithmetic."""
    found, apart = tabulated(loaded, facts, as_of=AS_OF)
    assert left is None or apart == left
    for row, each in enumerate(facts):
        if row not in apart:
            said = loaded.assess(each, as_of=AS_OF, engine="reference").scalars
            assert differing(said, found.outcomes(row)) == {}
    return found


def test_ten_tenths_are_one_whatever_floats_make_of_them() -> None:
    rule = {"id": "x", "value": "boolean", "is": "sum(xs) >= 1"}
    loaded = program({"xs": {"type": "list", "of": "number"}}, [rule])
    facts: list[dict[str, Any]] = [{"xs": [0.1] * 10}, {"xs": [0.1] * 9}, {"xs": [0.1] * 11}, {"xs": [1]}, {}]
    same(loaded, facts, left=set())


def test_a_fact_is_compared_with_a_threshold_as_decimals() -> None:
    """No comparison of facts alone is doubtful, however many digits they have."""
    loaded = program({"n": "number", "m": "number"}, [
        {"id": "x", "value": "boolean", "is": "n >= 0.3"}, {"id": "y", "value": "boolean", "is": "n < m"},
        {"id": "z", "value": "boolean", "is": "n in [0.1, 0.30000000000000004]"},
    ])  # fmt: skip
    numbers = [0.3, 0.1 + 0.2, 0.1, 0.30000000000000004, 0.29999999999999999, 1e-300, 123456789.123456]
    same(loaded, [{"n": n, "m": m} for n in numbers for m in numbers], left=set())


@pytest.mark.parametrize("expression", ["a / b >= 0.75", "a * b > 0.06", "a - b == 0.1", "round(a / b, 2) == 0.33"])
def test_near_a_threshold_after_arithmetic(expression: str) -> None:
    loaded = program({"a": "number", "b": "number"}, [{"id": "x", "value": "boolean", "is": expression}])
    pairs = [(3, 4), (0.3, 0.4), (0.2, 0.3), (0.6, 0.1), (0.3, 0.2), (1, 3), (75, 100), (7.5, 9.99), (0, 3), (1, 0)]
    found = same(loaded, [{"a": a, "b": b} for a, b in pairs])
    assert len(found.doubtful) < len(pairs)


def test_months_added_are_as_in_the_reference_to_the_ends_of_the_calendar() -> None:
    loaded = program({"d": {"type": "date"}, "n": {"type": "integer", "minimum": -300000, "maximum": 300000}}, [
        {"id": "x", "value": "date", "is": "add_months(d, n)"},
        {"id": "y", "value": "date", "is": 'add_months(date("2024-01-31"), n)'},
        {"id": "z", "value": "date", "is": "add_months(d, 13)"},
    ])  # fmt: skip
    days = ["0001-01-01", "0001-01-31", "2023-12-31", "2024-01-30", "2024-02-29", "9998-12-01", "9999-12-31", None]
    counts = [-300000, -119988, -24289, -24288, -13, -1, 0, 1, 13, 95711, 95712, 119987, 119988, 300000, None]
    facts = [{"d": d, "n": n} for d in days for n in counts]
    same(loaded, [{k: v for k, v in each.items() if v is not None} for each in facts], left=set())


def test_whole_numbers_are_never_doubtful() -> None:
    loaded = program({"i": WHOLE, "j": WHOLE}, [
        {"id": "x", "value": "boolean", "is": "i * j + i - j >= 12"},
        {"id": "y", "value": "boolean", "is": "i % 7 == j"},
    ])  # fmt: skip
    same(loaded, [{"i": i, "j": j} for i in (-8, 0, 3, 4, 2**31) for j in (-1, 0, 3, 5)], left=set())


def test_a_table_of_many_rows_nests_no_deeper() -> None:
    rows = [{"when": f"n < {number}", "then": number} for number in range(1, 1500)]
    table = {"hit": "first", "rows": rows, "otherwise": 5000}
    loaded = program({"n": "number"}, [{"id": "x", "value": "number", "table": table}])
    same(loaded, [{"n": 0}, {"n": 700.5}, {"n": 1498}, {"n": 9999}, {}, {"n": {"between": [3, 5]}}], left=set())


def test_a_choice_of_more_members_than_fit_two_bytes() -> None:
    members = tuple(f"m{number}" for number in range(70_000))
    choice = ChoiceType("kind", members, (Text("类", "Kind"),) * len(members))
    graph = Graph()
    form = column_form(graph, "enterprise", "c", choice, False, frozenset())
    assert isinstance(form, Code)
    tests = [same_value(graph, form.value, graph.constant(place)) for place in (69_999, 66_000, 464)]
    given = pl.DataFrame({"c": ["m69999", "m66000", "m464", None]}, schema={"c": pl.Enum(members)})
    run = Run(graph, {"enterprise": given})
    waves = schedule([*tests, form.known], graph)
    run.compute(waves)
    found = run.frames["enterprise"].select(column(node) for node in (*tests, form.known))
    assert found.rows() == [
        (True, False, False, True),
        (False, True, False, True),
        (False, False, True, True),
        (False, False, False, False),
    ]


def test_a_conclusion_of_many_members_is_told() -> None:
    members = [f"m{number}" for number in range(80)]
    rules = [{"id": "x", "value": "kind", "is": "c"}]
    loaded = program({"c": {"type": "kind"}}, rules, declared={"choices": {"kind": members}})
    said = tabulate_register([{"c": "m79"}, {"c": "m3"}, {}], program=loaded, as_of=AS_OF).subjects
    assert said.sort("subject").select("x", "x.undetermined").rows() == [("m79", False), ("m3", False), (None, True)]


def test_two_lists_of_one_subject_are_compared_pair_by_pair() -> None:
    loaded = program(
        {"ones": {"type": "list", "of": "a"}, "bs": {"type": "list", "of": "b"}},
        [
            {"id": "x", "value": "boolean", "is": "ones.exists(one, bs.all(two, one.n > two.n))"},
            {"id": "y", "on": "a", "value": "boolean", "is": "enterprise.bs.exists(two, two.n == n)"},
        ],
        kinds={"a": {"facts": {"n": "number"}}, "b": {"facts": {"n": "number"}}},
    )
    lists: list[Any] = [[], [{"n": 1}], [{"n": 1}, {"n": 5}], [{}], {"items": [{"n": 3}], "more": True}, None]
    pairs = [(("ones", a), ("bs", b)) for a in lists for b in lists]
    same(loaded, [{k: v for k, v in pair if v is not None} for pair in pairs], left=set())


def test_texts_that_may_be_several_are_held() -> None:
    table = {
        "table": "t", "keys": ["k"], "columns": {"k": TEXT, "group": TEXT, "n": NUMBER}, "absent_key": "unknown",
        "csv": "k,group,n\na,red,1\nb,red,2\nc,blue,3\n",
    }  # fmt: skip
    second = {
        "table": "u", "keys": ["group"], "columns": {"group": TEXT, "size": NUMBER}, "absent_key": "unknown",
        "csv": "group,size\nred,10\nblue,20\n",
    }  # fmt: skip
    loaded = program({"k": "text", "said": "text"}, [
        {"id": "group", "value": "text", "is": 'lookup("t", k, "group")'},
        {"id": "size", "value": "number", "is": 'lookup("u", group, "size")'},
        {"id": "red", "value": "boolean", "is": 'group == "red"'},
        {"id": "among", "value": "boolean", "is": 'group in ["red", "blue"]'},
        {"id": "either", "value": "text", "is": 'lookup("t", k, "n") >= 2 ? group : "green"'},
        {"id": "known", "value": "boolean", "is": 'either in ["green", "blue"]'},
    ], tables=[table, second])  # fmt: skip
    found = same(loaded, [{"k": "a"}, {"k": "c"}, {"k": "d"}, {}, {"said": "x"}], left=set())
    (outcome,) = [value for (_, name), value in found.outcomes(3).items() if name == "group"]
    assert outcome.outcomes == {"red", "blue"}


def test_an_empty_register() -> None:
    loaded = program({"n": "number"}, [{"id": "x", "value": "boolean", "is": "n > 1"}])
    plan = loaded.plan(AS_OF)
    found = tabulate(plan, "enterprise", AS_OF, tables_of(plan.schema, "enterprise", []))
    assert found.frames["enterprise"].height == 0
    assert found.doubtful.len() == 0


def test_columns_that_are_missing_are_unknown() -> None:
    loaded = program(
        {"n": "number", "items": {"type": "list", "of": "item"}},
        [{"id": "x", "value": "boolean", "is": "n > 1 || items.exists(i, i.b)"}],
        kinds={"item": {"facts": {"b": "boolean", "c": "text"}}},
    )
    plan = loaded.plan(AS_OF)
    items = pl.DataFrame({PARENT: [1], "b": [True]}, schema={PARENT: pl.UInt32, "b": pl.Boolean})
    tables = Tables("enterprise", {"enterprise": pl.DataFrame(height=2), "item": items})
    found = tabulate(plan, "enterprise", AS_OF, tables)
    assert [sorted(map(str, found.outcomes(row)["enterprise", "x"].outcomes)) for row in (0, 1)] == [  # type: ignore[union-attr]
        ["False", "True"], ["True"],
    ]  # fmt: skip


def test_a_constant_that_no_float_holds() -> None:
    """One third, the sum of thirds, and a threshold that lies between two floats. Thirds of what has few places are
    settled all the same."""
    loaded = program({"n": "number"}, [
        {"id": "x", "value": "boolean", "is": "n / 3 * 3 == n"}, {"id": "y", "value": "boolean", "is": "n == 1 / 3"},
    ])  # fmt: skip
    found, apart = tabulated(loaded, [{"n": 1}, {"n": 0.3333333333333333}, {"n": 7.1}, {"n": 0.5}], as_of=AS_OF)
    assert apart == {1}
    for row, n in enumerate((1, Fraction("0.3333333333333333"), Fraction("7.1"), Fraction("0.5"))):
        said = loaded.assess({"n": n}, as_of=AS_OF, engine="reference").scalars
        if row not in apart:
            assert differing(said, found.outcomes(row)) == {}
