"""Generated decision tables, as ruleset text and as formulas of Z3: numbers, whole numbers, choices, booleans, dates,
and facts that may not apply."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import z3
from hypothesis import strategies as st

from safetyrules.language.link import link
from safetyrules.language.read import read_document
from safetyrules.places import places
from safetyrules.program import Program

CHOICES = ("wood", "grain", "metal")
LEVELS = ("blue", "yellow", "orange", "red")
LOW, HIGH = 0, 12
FIRST = date(2020, 1, 1)
FACTS = f"""\
facts: generated
scales:
  colour:
    title: {{zh: 颜色, en: Colour}}
    worse: last
    levels:
      blue: {{zh: 蓝, en: Blue}}
      yellow: {{zh: 黄, en: Yellow}}
      orange: {{zh: 橙, en: Orange}}
      red: {{zh: 红, en: Red}}
choices:
  material:
    title: {{zh: 物料, en: Material}}
    of: {{wood: {{zh: 木, en: Wood}}, grain: {{zh: 粮, en: Grain}}, metal: {{zh: 金, en: Metal}}}}
kinds:
  enterprise:
    root: true
    title: {{zh: 企业, en: Enterprise}}
    facts:
      a: {{type: boolean, title: {{zh: 甲, en: A}}}}
      b: {{type: boolean, title: {{zh: 乙, en: B}}}}
      n: {{type: integer, minimum: {LOW}, maximum: {HIGH}, title: {{zh: 丙, en: N}}}}
      x: {{type: number, minimum: {LOW}, maximum: {HIGH}, title: {{zh: 丁, en: X}}}}
      f: {{type: number, may_not_apply: true, title: {{zh: 戊, en: F}}}}
      d: {{type: date, title: {{zh: 己, en: D}}}}
      m: {{type: material, title: {{zh: 庚, en: M}}}}
      level: {{type: colour, title: {{zh: 辛, en: Level}}}}
"""
INSTRUMENTS = """\
instruments: generated
list:
  - id: law
    title: {zh: 法, en: Law}
    number: "1"
    issuer: {zh: 部, en: Ministry}
    level: law
    jurisdiction: CN
    in_force: {from: 2020-01-01, to: null}
    clauses: [{id: "1", title: {zh: 一, en: One}}]
"""
A, B, HAS_F = z3.Bools("a b has_f")
N, M, LEVEL, D = z3.Ints("n m level d")
X, F = z3.Reals("x f")
#: What the declared types allow.
DOMAIN = z3.And(N >= LOW, N <= HIGH, X >= LOW, X <= HIGH, M >= 0, len(CHOICES) > M, LEVEL >= 0, len(LEVELS) > LEVEL)
_OPERATORS: dict[str, Any] = {
    "<": lambda one, two: one < two,
    "<=": lambda one, two: one <= two,
    ">": lambda one, two: one > two,
    ">=": lambda one, two: one >= two,
    "==": lambda one, two: one == two,
    "!=": lambda one, two: one != two,
}


@dataclass(frozen=True)
class Condition:
    """The same condition for an author and for the oracle."""

    text: str
    formula: Any


def _numbers(name: str, variable: Any) -> st.SearchStrategy[Condition]:
    number = st.integers(LOW, HIGH)
    return st.builds(
        lambda operator, value: Condition(f"{name} {operator} {value}", _OPERATORS[operator](variable, value)),
        st.sampled_from(list(_OPERATORS)),
        number,
    )


def _day(operator: str, days: int) -> Condition:
    day = (FIRST + timedelta(days=days)).isoformat()
    return Condition(f'd {operator} date("{day}")', _OPERATORS[operator](D, days))


def _guarded(each: Condition) -> Condition:
    return Condition(f"(has(f) && {each.text})", z3.And(HAS_F, each.formula))


_atoms = st.one_of(
    st.sampled_from(
        [Condition("a", A), Condition("b", B), Condition("has(f)", HAS_F), Condition("!has(f)", z3.Not(HAS_F))]
    ),
    _numbers("n", N),
    _numbers("x", X),
    _numbers("f", F).map(_guarded),
    st.builds(_day, st.sampled_from(list(_OPERATORS)), st.integers(0, 3)),
    st.sampled_from(range(len(CHOICES))).map(lambda c: Condition(f'm == "{CHOICES[c]}"', c == M)),
    st.lists(st.sampled_from(range(len(CHOICES))), min_size=1, max_size=2, unique=True).map(
        lambda cs: Condition(
            f"m in [{', '.join(repr(CHOICES[c]) for c in cs)}]".replace("'", '"'), z3.Or([c == M for c in cs])
        )
    ),
    st.builds(
        lambda operator, place: Condition(f'level {operator} "{LEVELS[place]}"', _OPERATORS[operator](LEVEL, place)),
        st.sampled_from(list(_OPERATORS)),
        st.sampled_from(range(len(LEVELS))),
    ),
)


def _joined(operator: str, combine: Any, parts: list[Condition]) -> Condition:
    return Condition(
        f"({f' {operator} '.join(each.text for each in parts)})", combine([each.formula for each in parts])
    )


conditions = st.recursive(
    _atoms,
    lambda inner: st.one_of(
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: _joined("&&", z3.And, parts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda parts: _joined("||", z3.Or, parts)),
        inner.map(lambda each: Condition(f"!({each.text})", z3.Not(each.formula))),
        st.builds(
            lambda test, one, two: Condition(
                f"({test.text} ? {one.text} : {two.text})", z3.If(test.formula, one.formula, two.formula)
            ),
            inner, inner, inner,
        ),
    ),
    max_leaves=5,
)  # fmt: skip


@dataclass(frozen=True)
class Rows:
    applies: Condition
    rows: tuple[tuple[Condition, str], ...]


tables = st.builds(
    Rows,
    st.one_of(st.just(Condition("true", z3.BoolVal(True))), conditions),
    st.lists(st.tuples(conditions, st.sampled_from(LEVELS)), min_size=1, max_size=6).map(tuple),
)


def possible(*formulas: Any) -> bool:
    """Are there facts for which all the formulas hold?"""
    solver = z3.Solver()
    solver.add(DOMAIN, *formulas)
    answer = solver.check()
    assert answer != z3.unknown
    return bool(answer == z3.sat)


def linked(rules: str, instruments: str = INSTRUMENTS, *more: tuple[str, str]) -> Program:
    """The program of a ruleset over these facts."""
    texts = (("facts.yaml", FACTS), ("law.yaml", instruments), ("rules.yaml", rules), *more)
    tree = places()
    return Program(link([read_document(text, name) for name, text in texts], rules, tree), tree)


def program_of(table: Rows, hit: str, otherwise: str | None) -> Program:
    rows = "".join(f"        - {{when: '{when.text}', then: {then}}}\n" for when, then in table.rows)
    rules = f"""\
ruleset: generated
title: {{zh: 表, en: Table}}
instrument: law
rules:
  - id: generated.x
    title: {{zh: 表, en: Table}}
    clause: "1"
    on: enterprise
    applies: '{table.applies.text}'
    assign: colour
    table:
      hit: {hit}
      rows:
{rows}"""
    if otherwise is not None:
        rules += f"      otherwise: {otherwise}\n"
    return linked(rules)


RULE = """\
ruleset: generated
title: {{zh: 规则, en: Rule}}
instrument: law
rules:
  - id: generated.x
    title: {{zh: 规则, en: Rule}}
    clause: "1"
    on: enterprise
    applies: '{applies}'
    {outcome}
    when: '{when}'
"""
CITY = """\
  - id: city
    title: {zh: 通知, en: Notice}
    number: "2"
    issuer: {zh: 市, en: City}
    level: policy
    jurisdiction: "210100"
    in_force: {from: 2021-01-01, to: null}
    clauses: [{id: "1", title: {zh: 一, en: One}}]
"""
REPLACING = """\
ruleset: city
title: {{zh: 市, en: City}}
instrument: city
jurisdiction: "210100"
overlays:
  - replace: generated.x
    clause: "1"
    with:
      on: enterprise
      title: {{zh: 规则, en: Rule}}
      clause: "1"
      applies: '{applies}'
      {outcome}
      when: '{when}'
"""
EXCEPTION = """\
  - id: generated.x.{name}
    title: {{zh: 例外, en: Exception}}
    clause: "1"
    except: generated.x
    when: '{when}'
    {outcome}
"""


def finding(applies: Condition, when: Condition) -> Program:
    return linked(RULE.format(applies=applies.text, outcome="finding: major", when=when.text))


def replaced(old: tuple[Condition, Condition], new: tuple[Condition, Condition]) -> Program:
    """A finding, each with what it applies to and its condition, that a city replaces."""
    outcome = "finding: major"
    rules = RULE.format(applies=old[0].text, outcome=outcome, when=old[1].text)
    city = REPLACING.format(applies=new[0].text, outcome=outcome, when=new[1].text)
    return linked(rules, INSTRUMENTS + CITY, ("city.yaml", city))


def excepted(applies: Condition, one: Condition, two: Condition, outcomes: tuple[str, str]) -> Program:
    """A finding with two exceptions."""
    rules = RULE.format(applies=applies.text, outcome="finding: major", when="a")
    for name, when, outcome in zip(("one", "two"), (one, two), outcomes, strict=True):
        rules += EXCEPTION.format(name=name, when=when.text, outcome=outcome)
    return linked(rules)


#: The first row is in this line of the ruleset.
FIRST_LINE = 14
