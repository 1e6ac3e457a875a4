"""Generated code that cannot be had, and how much of it is kept."""

from __future__ import annotations

import linecache
import traceback
from datetime import date, timedelta
from typing import Any

import pytest
from test_edges import program, value

from safetyrules import program as programs
from safetyrules.engine.compiled import assemble, compiled_plan
from safetyrules.engine.compiled.compiled_plan import Generated
from safetyrules.language.plan import Plan

DAY = date(2024, 1, 1)


def failing(error: BaseException) -> Any:
    def generate(plan: Plan, root: str, known: bool = True) -> Generated:
        raise error

    return generate


def notices(loaded: Any) -> list[tuple[str, str]]:
    answer = loaded.assess({"n": 3}, as_of=DAY)
    assert answer["x"].value is True
    return [(each.code, str(each.severity)) for each in answer.notices if each.code.startswith("SR20")]


@pytest.mark.parametrize(
    "error",
    [
        RecursionError("maximum recursion depth exceeded during compilation"),
        MemoryError(),
        SyntaxError("too many statically nested blocks"),
        SyntaxError("too many nested parentheses"),
        IndentationError("too many levels of indentation"),
    ],
    ids=repr,
)
def test_a_limit_of_python_is_said_in_every_answer(monkeypatch: pytest.MonkeyPatch, error: BaseException) -> None:
    assert notices(value("boolean", "n > 2")) == []
    monkeypatch.setattr(assemble, "generate", failing(error))
    loaded = value("boolean", "n > 2")
    assert notices(loaded) == [("SR2008", "note")]
    assert notices(loaded) == [("SR2008", "note")]


def test_code_nested_too_deep_is_said_to_be() -> None:
    nested = "n > 0"
    for level in range(25):
        nested = f"items.exists(i{level}, {nested})"
    loaded = value("boolean", nested)
    answer = loaded.assess({"n": 1, "items": [{"w": 1}]}, as_of=DAY)
    assert [each.code for each in answer.notices if each.code == "SR2008"] == ["SR2008"]
    assert answer["x"].value is True


def test_a_defect_of_ours_fails_a_test(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "_reader", lambda *_: "def read_plain(facts: return")
    with pytest.raises(assemble.DefectError, match="def read_plain"):
        value("boolean", "n > 2").assess({"n": 3}, as_of=DAY)


def test_a_defect_of_ours_costs_no_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(assemble, "raise_defects", False)
    monkeypatch.setattr(assemble, "_reader", lambda *_: "def read_plain(facts: return")
    assert notices(value("boolean", "n > 2")) == [("SR2009", "warning")]


def test_compiled_plans_are_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    """One plan for each day on which something else is in force; the last used stay."""
    monkeypatch.setattr(programs, "COMPILED_KEPT", 3)
    days = [DAY + timedelta(days=number) for number in range(6)]
    rules = [
        {"id": f"v{number}", "value": "number", "is": "n", "in_force": {"from": day}} for number, day in enumerate(days)
    ]
    loaded = program({"ruleset": "r", "rules": rules})
    plans = [loaded.plan(day) for day in days]
    assert len({plan.digest for plan in plans}) == 6
    first = loaded.compiled(plans[0], "enterprise")
    for plan in plans[1:]:
        assert loaded.compiled(plan, "enterprise") is loaded.compiled(plan, "enterprise")
        assert loaded.compiled(plans[0], "enterprise") is first
        assert len(loaded._compiled) <= 3
    assert loaded.assess({"n": 1}, as_of=DAY)["v0"].value == 1


def test_shown_sources_are_bounded_and_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(compiled_plan, "SOURCES_SHOWN", 3)
    for number in range(8):
        loaded = value("boolean", f"n > {number}")
        compiled = loaded.compiled(loaded.plan(DAY), "enterprise")
        shown = [name for name in linecache.cache if name.startswith("<plan ")]
        assert len(shown) <= 3
        assert compiled.generated is not None
        assert compiled.generated.code.co_filename in shown
    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever the code says to what no caller hands it
        compiled._decide_plain((), 0)
    told = "".join(traceback.format_exception(caught.value))
    assert compiled.source.splitlines()[caught.value.__traceback__.tb_next.tb_lineno - 1].strip() in told  # type: ignore[union-attr]
