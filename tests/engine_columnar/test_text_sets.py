"""Texts of which several are possible: those that tables name, and beside them one that a fact gives."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tabulating import tabulated
from test_columns import AS_OF, NUMBER, TEXT, program, same

from safetyrules.engine.columnar import text_sets
from safetyrules.engine.columnar.tabulate import cells_of, names, read
from safetyrules.program import Program
from safetyrules.values import NOTHING, AnyText, Finite

#: Keys of the first table, its groups, keys of the second, and what no table names.
ROWS = "k,group,n\na,red,1\nb,red,2\nc,blue,3\nd,,4\n"
SAID = ("a", "b", "c", "red", "blue", "green", "unheard of", "")


@pytest.fixture(autouse=True, scope="module", params=["texts of facts known again", "texts of facts beside others"])
def texts_that_are_foreseen(request: pytest.FixtureRequest) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if request.param == "texts of facts beside others":
            patch.setattr(text_sets, "MOST_FORESEEN", 0)
        yield


def table(name: str, columns: dict[str, Any], csv: str, absent: str) -> dict[str, Any]:
    return {"table": name, "keys": [next(iter(columns))], "columns": columns, "absent_key": absent, "csv": csv}


def law(absent: str) -> Program:
    either = {
        "hit": "first",
        "rows": [
            {"when": "p", "then": {"is": 'lookup("t", k, "group")'}},
            {"when": "q", "then": {"is": "said"}},
            {"when": "r", "then": "green"},
        ],
        "otherwise": "none",
    }
    return program(
        {"k": "text", "said": {"type": "text", "may_not_apply": True}, "told": "text"}
        | {name: {"type": "boolean"} for name in "pqr"},
        [
            {"id": "either", "value": "text", "table": either},
            {"id": "size", "applies": "has(either)", "value": "number", "is": 'lookup("u", either, "size")'},
            {"id": "kind", "applies": "has(either)", "value": "text", "is": 'lookup("u", either, "kind")'},
            {"id": "large", "applies": "has(size)", "value": "boolean", "is": "size > 15"},
            {"id": "red", "applies": "has(either)", "value": "boolean", "is": 'either == "red"'},
            {"id": "heard", "applies": "has(either)", "value": "boolean", "is": 'either in ["unheard of", "blue"]'},
            {"id": "again", "applies": "has(either)", "value": "text", "is": 'p ? either : "blue"'},
            {"id": "size_again", "applies": "has(again)", "value": "number", "is": 'lookup("u", again, "size")'},
            {"id": "twice", "applies": "has(either)", "value": "text", "is": "r ? told : either"},
        ],
        tables=[
            table("t", {"k": TEXT, "group": TEXT, "n": NUMBER}, ROWS, absent),
            table(
                "u", {"group": TEXT, "size": NUMBER, "kind": TEXT},
                "group,size,kind\nred,10,warm\nblue,20,cold\ngreen,30,\n", absent,
            ),
        ],
    )  # fmt: skip


LAWS = {absent: law(absent) for absent in ("unknown", "not_applicable")}
given_text = st.sampled_from([*SAID, None])
given_truth = st.sampled_from([True, False, None, None])


@settings(max_examples=150, deadline=None)
@given(
    absent=st.sampled_from(sorted(LAWS)),
    facts=st.lists(
        st.fixed_dictionaries(dict.fromkeys(("k", "said", "told"), given_text) | dict.fromkeys("pqr", given_truth)),
        min_size=1,
        max_size=6,
    ),
)
def test_sets_of_texts_are_as_in_the_reference(absent: str, facts: list[dict[str, Any]]) -> None:
    known = [{name: value for name, value in each.items() if value is not None} for each in facts]
    found, apart = tabulated(LAWS[absent], known, as_of=AS_OF)
    same(LAWS[absent], known)
    # Two texts that facts give are left where they are not known again.
    for row, each in enumerate(known):
        assert row not in apart or each.get("said", each.get("told")) != each.get("told")
    for (on, name), form in found.forms.items():
        for row in range(len(known)):
            said = found.outcomes(row)[on, name]
            if row not in apart and isinstance(said, Finite):
                assert read(form, cells_of(form, said)) == said


def test_a_text_that_no_table_names_stands_beside_those_that_may_be() -> None:
    loaded = LAWS["unknown"]
    facts = [{"said": "unheard of", "q": True, "told": "x", "r": False}, {"said": "red", "q": True, "r": False}]
    facts += [{"k": "c", "said": "blue", "p": True}, {"said": "unheard of", "p": False, "q": True, "r": False}]
    found = same(loaded, facts, left=set())
    either = [found.outcomes(row)["enterprise", "either"] for row in range(4)]
    assert [each.outcomes for each in either if isinstance(each, Finite)] == [
        {"red", "blue", "unheard of", NOTHING}, {"red", "blue", NOTHING}, {"blue"}, {"unheard of"},
    ]  # fmt: skip
    sizes = [found.outcomes(row)["enterprise", "size"] for row in (0, 1)]
    assert [(each.low, each.high) for each in sizes] == [(10, 20), (10, 20)]  # type: ignore[union-attr]


def test_a_set_that_was_not_foreseen_is_any_text() -> None:
    found, _ = tabulated(LAWS["unknown"], [{}], as_of=AS_OF)
    form = found.forms["enterprise", "again"]
    held = Finite(frozenset({"red", "blue", "heard"}))
    assert read(form, cells_of(form, held)) == held
    assert read(form, cells_of(form, Finite(frozenset({"one", "two", "three"})))) == AnyText(False)
    assert len(names("again", form)) == 5
