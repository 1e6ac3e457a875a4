"""A small law with everything that a kept program has to bring back: tables, parts, readings, overlays, warnings."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from safetyrules import Program, load_program

FACTS = """
facts: base
scales:
  colour:
    title: {zh: 颜色, en: Colour}
    worse: last
    levels: {blue: {zh: 蓝, en: Blue}, red: {zh: 红, en: Red}}
kinds:
  enterprise:
    title: {zh: 企业, en: Enterprise}
    root: true
    facts:
      load: {type: number, unit: t, minimum: 0, maximum: 99.5, title: {zh: 量, en: Load}}
      day: {type: date, title: {zh: 日, en: Day}}
      spare: {type: boolean, title: {zh: 备, en: Spare}}
      vessels: {type: list, of: vessel, title: {zh: 容器, en: Vessels}}
      idle: {type: list, of: tank, title: {zh: 闲罐, en: Idle tanks}}
  vessel:
    title: {zh: 容器, en: Vessel}
    facts:
      substance: {type: text, title: {zh: 物质, en: Substance}}
      amount: {type: number, title: {zh: 数, en: Amount}}
  tank:
    title: {zh: 罐, en: Tank}
    facts:
      full: {type: boolean, title: {zh: 满, en: Full}}
"""
LAW = """
instruments: law
list:
  - id: law
    title: {zh: 法, en: Law}
    level: policy
    issuer: {zh: 部, en: Ministry}
    number: "1"
    jurisdiction: CN
    in_force: {from: 2020-01-01}
    clauses:
      - {id: "1", title: {zh: 一, en: One}}
      - {id: "2", title: {zh: 二, en: Two}}
"""
TABLE = """
table: limits
title: {zh: 限, en: Limits}
instrument: law
clause: "1"
file: limits.csv
keys: [substance]
columns:
  substance: {type: text}
  limit: {type: number}
"""
RULES = """
ruleset: rules
title: {zh: 规则, en: Rules}
instrument: law
rules:
  - {id: heavy, clause: "1", title: {zh: 重, en: Heavy}, on: enterprise, value: boolean, is: 'load > 10 && !spare'}
  - id: over
    clause: "1"
    title: {zh: 超, en: Over}
    on: vessel
    finding: major
    when: 'amount > lookup("limits", substance, "limit")'
  - id: grade
    clause: "1"
    title: {zh: 级, en: Grade}
    on: enterprise
    grade: colour
    table: {hit: collect max, rows: [{when: 'heavy', then: red}], otherwise: blue}
"""
CSV = "substance,limit\na,1.5\nb,20\n"
DOCUMENTS: list[tuple[str, str | bytes]] = [
    ("facts.yaml", FACTS), ("law.yaml", LAW), ("limits.yaml", TABLE), ("rules.yaml", RULES)
]  # fmt: skip
ENTERPRISES: list[dict[str, Any]] = [
    {},
    {"load": 12.25, "spare": False, "day": "2024-02-29"},
    {"load": {"between": [9, 11]}, "vessels": [{"substance": "a", "amount": 2}, {"substance": "c"}]},
    {"spare": True, "vessels": [{"substance": {"one_of": ["a", "b"]}, "amount": 3}], "idle": [{"full": True}]},
]


def load(cache: Path | None, csv: str = CSV, documents: list[tuple[str, str | bytes]] = DOCUMENTS) -> Program:
    return load_program(documents, open_file=lambda source, name: csv.encode(), cache=cache)


def from_cache(program: Program) -> bool:
    return list(program.timings) == ["cache"]
