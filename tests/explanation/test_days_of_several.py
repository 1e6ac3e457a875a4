"""The due day of a duty that several rules write names all of them: the earliest day stands."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import pytest
from conformance_suite import program

import safetyrules
from safetyrules.result import Assessment


@lru_cache
def law() -> Any:
    written = program("duties-of-several", "as_written")
    return safetyrules.load_program(written.documents, open_file=lambda source, name: written.files[name].encode())


def assessed(**facts: object) -> Assessment:
    found: Assessment = law().assess(facts, as_of="2024-01-01", jurisdiction="210100")
    return found


@pytest.mark.parametrize(
    ("facts", "standing"),
    [
        ({"law": True, "city": True, "last": "2023-01-01"}, {"of_law.drill": "decides", "in_city.drill": "gives_way"}),
        ({"law": True, "city": True, "last": "2023-03-01"}, {"in_city.drill": "decides", "of_law.drill": "gives_way"}),
        ({"law": True, "city": True, "last": "2023-02-01"}, {"in_city.drill": "decides", "of_law.drill": "decides"}),
        ({"law": True, "city": False, "last": "2023-03-01"}, {"of_law.drill": "decides", "in_city.drill": "silent"}),
        ({"law": True, "city": True}, {"in_city.drill": "may_decide", "of_law.drill": "may_decide"}),
        ({"law": False, "city": False, "last": "2023-03-01"}, {"in_city.drill": "silent", "of_law.drill": "silent"}),
    ],
)
def test_which_rule_gives_the_day(facts: dict[str, object], standing: dict[str, str]) -> None:
    why = assessed(**facts, ordered="2024-02-01").why("drill.due")
    (reason,) = (each for each in why.conclusions if each.node[1] == "drill.due")
    assert {rule.rule: rule.standing for rule in reason.rules} == standing
    assert why.to_json()


def test_what_is_overridden_is_silent() -> None:
    why = assessed(law=True, city=True, last="2023-01-01", ordered="2024-02-01").why("inspect.due")
    (reason,) = (each for each in why.conclusions if each.node[1] == "inspect.due")
    assert {rule.rule: rule.standing for rule in reason.rules} == {
        "in_city.inspect": "decides",
        "of_law.inspect": "silent",
    }


def test_a_rule_without_a_day_is_not_named() -> None:
    why = assessed(law=True, city=True, ordered="2024-02-01").why("report.due")
    (reason,) = (each for each in why.conclusions if each.node[1] == "report.due")
    assert [rule.rule for rule in reason.rules] == ["in_city.report"]


def test_in_words() -> None:
    why = assessed(law=True, city=True, ordered="2024-02-01").why("drill.due")
    assert "may decide: which day is the earliest is not known: 2024-02-01" in why.to_text("en")
    assert "可能起作用：何者最早尚不能确定：2024-02-01" in why.to_text("zh")
    assert [need.path for need in why.needs] == ["enterprise.last"]


def test_a_document_has_the_bounds_of_the_day() -> None:
    answer = assessed(law=True, city=True, last={"at_least": "2023-01-01"}, ordered="2024-02-01")
    (found,) = (each for each in answer.to_document().conclusions if each.name == "drill.due")
    assert (found.words.en, sorted(found.rules)) == ("2024-01-01 to 2024-02-01", ["in_city.drill", "of_law.drill"])
