"""A table that is read only where a fact applies needs no row for where it does not."""

from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from planted import Planted, planted, program_of, said_of

from safetyrules.language import terms as t
from safetyrules.program import Program

WHERE_IT_APPLIES = Path(__file__).parent / "clean" / "unique_where_it_applies.yaml"
ROWS = ("flow < 3", "flow >= 3")


def with_rows(*rows: str, applies: str | None = "has(flow)") -> Planted:
    found = planted(WHERE_IT_APPLIES)
    name, text = found.documents[-1]
    text = text[: text.index("        - {when")] + "".join(
        f"        - {{when: '{row}', then: close}}\n" for row in rows
    )
    line = "" if applies is None else f"    applies: '{applies}'\n"
    found.documents[-1] = (name, text.replace("    applies: 'has(flow)'\n", line))
    return found


def table_in(program: Program) -> t.DecisionTable:
    body = program.linked.rules["yard.x"].body
    assert isinstance(body, t.DecisionTable)
    return body


@pytest.mark.parametrize(
    ("rows", "applies", "exhaustive"),
    [
        (ROWS, "has(flow)", True),
        (ROWS, "has(flow) && flow > 1", True),
        (("flow < 3", "flow > 4"), "has(flow)", False),
        (("flow < 3",), "has(flow)", False),
        # What the rule asks already may be asked again.
        (("flow < 3", "has(flow) && flow >= 3"), "has(flow)", True),
        (("has(flow) && flow < 3", "has(flow) && flow >= 3"), "has(flow)", True),
        (("flow >= 3",), "has(flow) && flow > 4", True),
        (("flow > 4",), "has(flow) && flow >= 4", False),
        (("has(flow) && flow < 3", "has(flow) && flow > 4"), "has(flow)", False),
        # Here it is read though the flow may not apply.
        (("has(flow) && flow < 3", "has(flow) && flow >= 3"), None, False),
        (("has(flow) && flow < 3", "has(flow) && flow >= 3", "!has(flow)"), None, True),
    ],
)
def test_exhaustive_where_the_fact_applies(rows: tuple[str, ...], applies: str | None, exhaustive: bool) -> None:
    table = table_in(program_of(with_rows(*rows, applies=applies)))
    assert (table.exhaustive, table.may_be_nothing) == (exhaustive, not exhaustive)


@pytest.mark.parametrize(("rows", "gap"), [(ROWS, False), (("flow < 3", "flow > 4"), True), (("flow < 3",), True)])
def test_only_a_gap_among_the_values_is_a_gap(rows: tuple[str, ...], gap: bool) -> None:
    assert ("SR0701" in [each.code for each in said_of(with_rows(*rows))]) == gap


@pytest.mark.parametrize(
    ("flow", "possible"),
    [
        ({"between": [1, 5]}, {"close", "watch"}),
        ({"not_applicable": True}, {None}),
        ({"unknown": True}, {"close", "watch", None}),
    ],
)
def test_no_value_is_possible_only_where_the_fact_may_not_apply(flow: object, possible: set[str | None]) -> None:
    answer = program_of(planted(WHERE_IT_APPLIES)).assess({"flow": flow}, as_of=date(2024, 1, 1))
    assert set(answer["yard.x"].possible or ()) == possible


def test_rows_that_ask_again_whether_the_fact_applies_give_the_same_answers() -> None:
    again = program_of(with_rows("flow < 3", "has(flow) && flow >= 3"))
    for engine in ("reference", "compiled"):
        answer = again.assess({"flow": {"between": [1, 5]}}, as_of=date(2024, 1, 1), engine=engine)
        assert answer["yard.x"].possible == ("close",)
        answer = again.assess({"flow": {"unknown": True}}, as_of=date(2024, 1, 1), engine=engine)
        assert set(answer["yard.x"].possible or ()) == {"close", None}
        assert answer["yard.x"].may_have_no_value
