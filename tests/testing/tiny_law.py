"""A law small enough to know by heart, as documents and as a program."""

from __future__ import annotations

from functools import cache
from typing import Any

from safetyrules.program import Program, load_program
from safetyrules.testing.model import Case
from safetyrules.testing.reading import read_suite

FACTS = """\
facts: tiny
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
      workers: {type: integer, title: {zh: 人数, en: Workers}}
      opened: {type: date, title: {zh: 开业日, en: Opened}}
      licensed: {type: boolean, title: {zh: 有证, en: Licensed}}
      tanks: {type: list, of: tank, title: {zh: 罐, en: Tanks}}
  tank:
    title: {zh: 罐, en: Tank}
    facts:
      leaking: {type: boolean, title: {zh: 泄漏, en: Leaking}}
      vented: {type: boolean, title: {zh: 通风, en: Vented}}
      dike: {type: boolean, title: {zh: 围堰, en: Dike}}
"""
INSTRUMENTS = """\
instruments: tiny
list:
  - id: order-1
    title: {zh: 第一号令, en: Order 1}
    number: 第1号
    issuer: {zh: 部, en: Ministry}
    level: ministry_rule
    jurisdiction: CN
    in_force: {from: 2020-01-01, to: null}
    clauses:
      - {id: "1", title: {zh: 罐, en: Tanks}}
      - {id: "2", title: {zh: 等级, en: Grade}}
      - {id: "3", title: {zh: 例外, en: Exception}}
"""
RULES = """\
ruleset: tiny
title: {zh: 小, en: Tiny}
instrument: order-1
rules:
  - id: tank.unsafe
    title: {zh: 罐不安全, en: Unsafe tank}
    clause: "1"
    on: tank
    applies: 'has(dike)'
    when: 'leaking && (!vented || !dike)'
    finding: major
  - id: grade
    title: {zh: 等级, en: Grade}
    clause: "2"
    on: enterprise
    grade: colour
    table:
      hit: first
      rows:
        - {when: 'workers >= 30', then: red}
        - {when: 'workers >= 10', then: yellow}
      otherwise: blue
  - id: grade.licensed
    title: {zh: 有证, en: Licensed}
    clause: "3"
    except: grade
    when: 'licensed'
    then: blue
  - id: share
    title: {zh: 人均, en: Share}
    clause: "2"
    on: enterprise
    value: number
    is: '30 / workers'
  - id: old
    title: {zh: 老企业, en: Old}
    clause: "2"
    on: enterprise
    value: boolean
    is: 'opened <= date("2010-01-01") && as_of >= date("2020-01-01")'
  - id: since
    title: {zh: 起, en: Since}
    clause: "2"
    on: enterprise
    value: date
    is: 'add_days(opened, 1)'
"""
DOCUMENTS = {"facts.yaml": FACTS, "instruments.yaml": INSTRUMENTS, "tiny.yaml": RULES}


@cache
def program() -> Program:
    return load_program(list(DOCUMENTS.items()))


def cases(*written: str, head: str = "") -> tuple[Case, ...]:
    """Cases of one line each, all of 2024-01-01."""
    lines = "".join(f"  - {{name: case {number}, {each}}}\n" for number, each in enumerate(written))
    return read_suite(f"{head}defaults: {{as_of: 2024-01-01}}\ncases:\n{lines}", "tiny.test.yaml").cases


def case(facts: str, expect: str, **others: Any) -> str:
    more = "".join(f", {key}: {value}" for key, value in others.items())
    return f"facts: {{{facts}}}, expect: {{{expect}}}{more}"
