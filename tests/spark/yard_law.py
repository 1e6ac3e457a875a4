"""A small law with all that a register can hold: parts of parts, values, a table, duties, law of one place."""

from __future__ import annotations

from safetyrules.spark import ProgramSource

FACTS = """
facts: base
scales:
  colour:
    title: {zh: 颜色, en: Colour}
    worse: last
    levels: {blue: {zh: 蓝, en: Blue}, yellow: {zh: 黄, en: Yellow}, red: {zh: 红, en: Red}}
kinds:
  enterprise:
    title: {zh: 企业, en: Enterprise}
    root: true
    facts:
      place: {type: place, title: {zh: 经营地, en: Place of operation}}
      staff: {type: integer, minimum: 0, title: {zh: 人数, en: Staff}}
"""
YARD = """
facts: yard
sector:
  name: yard
  title: {zh: 堆场, en: Yard}
  present: yard.present
  grade: yard.grade
kinds:
  enterprise:
    sections:
      yard:
        title: {zh: 堆场, en: Yard}
        facts:
          present: {type: boolean, title: {zh: 有堆场, en: There is a yard}}
          last_drill: {type: date, title: {zh: 上次演练, en: Last drill}}
          goods: {type: list, of: text, title: {zh: 货物, en: Goods}}
          tanks: {type: list, of: yard.tank, title: {zh: 储罐, en: Tanks}}
  yard.tank:
    title: {zh: 储罐, en: Tank}
    facts:
      substance: {type: text, title: {zh: 物质, en: Substance}}
      amount: {type: number, unit: t, minimum: 0, title: {zh: 储量, en: Amount}}
      valves: {type: list, of: yard.valve, title: {zh: 阀门, en: Valves}}
  yard.valve:
    title: {zh: 阀门, en: Valve}
    facts:
      stuck: {type: boolean, title: {zh: 卡死, en: Stuck}}
      spare: {type: boolean, may_not_apply: true, title: {zh: 有备件, en: Has a spare}}
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
      - {id: "3", title: {zh: 三, en: Three}}
      - {id: "4", title: {zh: 四, en: Four}}
  - id: local
    title: {zh: 沈阳办法, en: Measure of Shenyang}
    level: policy
    issuer: {zh: 市, en: City}
    number: "2"
    jurisdiction: "210100"
    in_force: {from: 2020-01-01}
    clauses:
      - {id: "1", title: {zh: 一, en: One}}
"""
TABLE = """
table: yard.limits
title: {zh: 限, en: Limits}
instrument: law
clause: "1"
file: limits.csv
keys: [substance]
columns:
  substance: {type: text}
  limit: {type: number, unit: t}
"""
CSV = b"substance,limit\na,1.5\nb,20\n"
RULES = """
ruleset: yard.rules
title: {zh: 规则, en: Rules}
instrument: law
sector: yard
rules:
  - id: yard.over
    clause: "1"
    title: {zh: 超量, en: Too much}
    on: yard.tank
    applies: 'has(lookup("yard.limits", substance, "limit"))'
    when: 'amount > lookup("yard.limits", substance, "limit")'
    finding: major
  - {id: yard.stuck, clause: "2", title: {zh: 卡死, en: Stuck}, on: yard.valve, finding: general, when: 'stuck'}
  - {id: yard.load, clause: "3", title: {zh: 总量, en: Load}, on: enterprise, value: number, unit: t,
     is: 'sum(yard.tanks.map(t, t.amount))'}
  - {id: yard.drill, clause: "4", title: {zh: 演练, en: Drill}, on: enterprise, applies: 'yard.present',
     duty: {text: {zh: 演练, en: Drill}},
     due: 'add_months(yard.last_drill, 6)', every: {months: 6, basis: rolling}}
  - id: yard.grade
    clause: "3"
    title: {zh: 等级, en: Grade}
    on: enterprise
    applies: 'yard.present'
    grade: colour
    table:
      hit: collect max
      rows:
        - {when: 'findings("yard", "major") >= 1', then: red}
        - {when: 'yard.load > 30 || size(yard.goods) > 2', then: yellow}
      otherwise: blue
"""
LOCAL = """
ruleset: yard.local
title: {zh: 沈阳规则, en: Rules of Shenyang}
instrument: local
jurisdiction: "210100"
rules:
  - {id: large, clause: "1", title: {zh: 大, en: Large}, on: enterprise, value: boolean, is: 'staff >= 300'}
"""
DOCUMENTS: list[tuple[str, str | bytes]] = [
    ("base.yaml", FACTS), ("law.yaml", LAW), ("limits.yaml", TABLE), ("local.yaml", LOCAL), ("rules.yaml", RULES),
    ("yard.yaml", YARD),
]  # fmt: skip
YARD_LAW = ProgramSource.of_texts(DOCUMENTS, {("limits.yaml", "limits.csv"): CSV})
