"""Rules that give way to each other in a circle: each is named as one that decides, and none as one that prevails."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from conformance_suite import program

import safetyrules
from safetyrules.explanation.reasons import ConclusionReason
from safetyrules.explanation.why import Explanation

ALL = {"a": True, "b": True, "c": True, "d": True}


@lru_cache
def law() -> Any:
    written = program("writers-in-circles", "as_written")
    return safetyrules.load_program(written.documents, open_file=lambda source, name: written.files[name].encode())


def why(name: str, facts: dict[str, bool]) -> tuple[Explanation, ConclusionReason]:
    found: Explanation = law().assess(facts, as_of="2024-01-01").why(name)
    (reason,) = (each for each in found.conclusions if each.node[1] == name)
    return found, reason


def test_all_of_the_circle_decide_and_what_is_below_gives_way() -> None:
    _, reason = why("beneath", ALL)
    standing = {rule.rule.removesuffix(".beneath"): rule.standing for rule in reason.rules}
    assert standing == {"a": "decides", "b": "decides", "c": "decides", "d": "gives_way"}


def test_what_stands_above_the_circle_decides() -> None:
    _, reason = why("above", ALL)
    standing = {rule.rule.removesuffix(".above"): rule.standing for rule in reason.rules}
    assert standing == {"d": "decides", "a": "gives_way", "b": "gives_way", "c": "gives_way"}


def test_in_words() -> None:
    found, _ = why("circle", ALL)
    text = found.to_text("en")
    assert "prevails" not in text
    assert "overrides" not in text
    assert all(f"{law} (1) 1 (1), in force from" in text for law in ("law", "decree", "rule"))
    assert "instruments disagree and the law puts none first; all they say stays possible" in text
    assert "各文件结论不同" in found.to_text("zh")


def test_no_writer_of_the_circle_stands_in_the_way_of_another() -> None:
    ways = law().assess(ALL, as_of="2024-01-01").why_not("beneath", "district").ways
    assert [(way.by.en, [*way.obstacles]) for way in ways] == [("a.beneath", [])]
