"""Small programs drawn at random from a seed, and facts for them with some left out."""

from __future__ import annotations

import random
from typing import Any

from hypothesis import strategies as st

import safetyrules

PROGRAMS = 60
Facts = dict[str, Any]
#: Every value of every fact.
FINITE: dict[str, dict[str, tuple[object, ...]]] = {
    "enterprise": {"a": (True, False), "b": (True, False), "c": (True, False), "n": (0, 1, 2), "k": ("x", "y", "z")},
    "item": {"bad": (True, False), "m": (1, 2)},
}
FACTS = """
facts: f
scales:
  colour:
    title: {zh: 颜色, en: Colour}
    worse: last
    levels: {blue: {zh: 蓝, en: Blue}, yellow: {zh: 黄, en: Yellow}, red: {zh: 红, en: Red}}
kinds:
  enterprise:
    root: true
    title: {zh: 企业, en: Enterprise}
    facts:
      a: {type: boolean, title: {zh: a, en: a}}
      b: {type: boolean, title: {zh: b, en: b}}
      c: {type: boolean, title: {zh: c, en: c}}
      n: {type: integer, minimum: 0, maximum: 2, title: {zh: n, en: n}}
      k: {type: choice, of: {x: {zh: x, en: x}, y: {zh: y, en: y}, z: {zh: z, en: z}}, title: {zh: k, en: k}}
      items: {type: list, of: item, title: {zh: 项, en: Items}}
  item:
    title: {zh: 项, en: Item}
    facts:
      bad: {type: boolean, title: {zh: 坏, en: Bad}}
      m: {type: integer, minimum: 1, maximum: 2, title: {zh: m, en: m}}
"""
INSTRUMENTS = """
instruments: i
list:
  - id: law
    title: {zh: 法, en: Law}
    number: "1"
    issuer: {zh: 发, en: Issuer}
    level: law
    jurisdiction: CN
    in_force: {from: 2000-01-01, to: null}
    clauses: [{id: "1", title: {zh: 条, en: Clause}}]
"""
HEAD = """
ruleset: r
title: {zh: 规则, en: Rules}
instrument: law
parameters:
  reading:
    type: choice
    of: {one: {zh: 一, en: One}, two: {zh: 二, en: Two}}
    title: {zh: 读法, en: Reading}
rules:
"""


class _Drawing:
    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.booleans = ["a", "b", "c"]
        self.numbers = ["n"]
        self.grades: list[str] = []

    def condition(self, depth: int = 2) -> str:
        if depth == 0 or self.random.random() < 0.25:
            return self.atom()
        match self.random.randrange(5):
            case 0 | 1:
                return f"({self.condition(depth - 1)} && {self.condition(depth - 1)})"
            case 2 | 3:
                return f"({self.condition(depth - 1)} || {self.condition(depth - 1)})"
        return f"({self.condition(depth - 1)} ? {self.condition(depth - 1)} : {self.condition(depth - 1)})"

    def atom(self) -> str:
        number, pick = self.random.randrange(10), self.random.choice
        if number < 3:
            return pick(["", "!"]) + pick(self.booleans)
        if number == 3:
            return f"{pick(self.numbers)} {pick(['>=', '<'])} {pick(['1', '2'])}"
        if number == 4:
            return f'k {pick(["==", "!="])} "{pick("xyz")}"'
        if number == 5:
            return f'k in ["x", "{pick("yz")}"]'
        if number == 6:
            body = pick(["i.bad", "!i.bad", "i.m > 1", "i.bad && i.m > 1", "i.bad || a"])
            return f"items.{pick(['exists', 'all', 'exists_one'])}(i, {body})"
        if number == 7:
            return f"size(items.filter(i, {pick(['i.bad', 'i.m > 1'])})) >= {pick('12')}"
        if number == 8:
            return f"sum(items.map(i, i.m)) > {pick(['1', '2', '3'])}"
        if self.grades:
            return f'{pick(self.grades)} {pick(["==", ">=", "<"])} "{pick(["yellow", "red"])}"'
        return pick(self.booleans)

    def rule(self, number: int) -> str:
        head = f"  - id: r{number}\n    title: {{zh: r{number}, en: r{number}}}\n    clause: '1'\n    on: enterprise\n"
        kind = self.random.randrange(6)
        if kind < 2:
            body = f"    value: boolean\n    is: '{self.condition()}'\n"
            self.booleans.append(f"r{number}")
        elif kind == 2:
            body = (
                "    value: boolean\n    is:\n      chosen_by: reading\n"
                f"      readings: {{one: '{self.condition(1)}', two: '{self.condition(1)}'}}\n"
            )
            self.booleans.append(f"r{number}")
        elif kind == 3:
            one, other = self.random.choice(self.numbers), self.random.randrange(3)
            body = f"    value: integer\n    is: '{self.condition(1)} ? {one} : {other}'\n"
            self.numbers.append(f"r{number}")
        else:
            hit = self.random.choice(["first", "collect max", "any"])
            rows = "".join(
                f"        - {{when: '{self.condition(1)}', then: {self.random.choice(['blue', 'yellow', 'red'])}}}\n"
                for _ in range(self.random.randint(1, 3))
            )
            body = f"    grade: colour\n    table:\n      hit: {hit}\n      rows:\n{rows}      otherwise: blue\n"
            if self.random.random() < 0.5:
                body += (
                    f"  - id: r{number}.but\n    title: {{zh: but, en: but}}\n    clause: '1'\n    except: r{number}\n"
                    f"    when: '{self.condition(1)}'\n    then: {self.random.choice(['yellow', 'red'])}\n"
                )
            self.grades.append(f"r{number}")
        return head + body


def law(seed: int) -> safetyrules.Program:
    drawing = _Drawing(seed)
    rules = "".join(drawing.rule(number) for number in range(5))
    return safetyrules.load_program([("f", FACTS), ("i", INSTRUMENTS), ("r", HEAD + rules)])


def _some(kind: str) -> st.SearchStrategy[Facts]:
    return st.fixed_dictionaries({}, optional={name: st.sampled_from(values) for name, values in FINITE[kind].items()})


@st.composite
def incomplete_facts(draw: st.DrawFn) -> Facts:
    """A complete list of items; everything may be unknown."""
    return {**draw(_some("enterprise")), "items": draw(st.lists(_some("item"), max_size=2))}


@st.composite
def open_facts(draw: st.DrawFn) -> Facts:
    """A list that is open or absent."""
    facts = draw(_some("enterprise"))
    if draw(st.booleans()):
        facts["items"] = {"items": draw(st.lists(_some("item"), max_size=1)), "more": True}
    return facts
