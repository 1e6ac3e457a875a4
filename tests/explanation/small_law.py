"""A small law of every form of rule, and facts under which each has something to explain."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import safetyrules
from safetyrules.result import Assessment

FACTS = """
facts: works
sector:
  name: furnace
  title: {zh: 熔炼, en: Furnaces}
  present: smelts
  grade: furnace.grade
scales:
  colour:
    title: {zh: 风险颜色, en: Risk colour}
    worse: last
    levels: {blue: {zh: 蓝色, en: Blue}, yellow: {zh: 黄色, en: Yellow}, red: {zh: 红色, en: Red}}
  tier:
    title: {zh: 监管层级, en: Supervision tier}
    worse: none
    levels: {town: {zh: 乡镇级, en: Township}, city: {zh: 市级, en: Municipal}}
kinds:
  enterprise:
    root: true
    title: {zh: 企业, en: Enterprise}
    facts:
      place: {type: place, title: {zh: 生产经营地, en: Place of operation}}
      smelts: {type: boolean, title: {zh: 有熔炼作业, en: Metal is melted}}
      workers:
        type: integer
        unit: person
        title: {zh: 从业人员, en: Employees}
        help: {zh: 期末在岗人数。, en: Those at work at period end.}
      cleaned: {type: boolean, title: {zh: 及时清扫, en: Cleaned in time}}
      regime: {type: boolean, title: {zh: 有清扫制度, en: A cleaning regime exists}}
      waiver: {type: boolean, title: {zh: 已获批准豁免, en: A waiver was granted}}
      trial: {type: boolean, title: {zh: 处于试生产, en: On trial run}}
      city_owned: {type: boolean, title: {zh: 市属, en: Owned by the city}}
      tier_decision: {type: tier, title: {zh: 层级决定, en: Decision on the tier}}
      substance: {type: text, title: {zh: 物质代码, en: Code of the substance}}
      stock: {type: number, unit: t, minimum: 0, title: {zh: 存量, en: Stock}}
      furnaces: {type: list, of: furnace, title: {zh: 熔炉, en: Furnaces}}
  furnace:
    title: {zh: 熔炉, en: Furnace}
    facts:
      name: {type: text, title: {zh: 名称, en: Name}}
      state:
        type: choice
        of: {sound: {zh: 完好, en: Sound}, cracked: {zh: 开裂, en: Cracked}, unlined: {zh: 无炉衬, en: Unlined}}
        title: {zh: 炉体状态, en: State of the shell}
      cooled: {type: boolean, title: {zh: 有水冷保护, en: Water-cooled}}
conclusions:
  colour: {on: enterprise, type: colour, open: true, title: {zh: 颜色, en: Colour}}
  tier: {on: enterprise, type: tier, open: true, title: {zh: 监管层级, en: Supervision tier}}
  furnace.grade: {on: enterprise, type: colour, open: true, title: {zh: 熔炼风险等级, en: Hazard grade of furnaces}}
"""

INSTRUMENTS = """
instruments: works
list:
  - id: order-1
    title: {zh: 熔炼隐患判定标准, en: Criteria for furnace hazards}
    number: 第1号令
    issuer: {zh: 应急管理部, en: Ministry of Emergency Management}
    level: ministry_rule
    jurisdiction: CN
    in_force: {from: 2020-01-01, to: null}
    clauses:
      - {id: "1", title: {zh: 炉体开裂, en: Cracked shell}}
      - {id: "2", title: {zh: 清扫不落实, en: Cleaning not carried out}}
      - {id: "3", title: {zh: 颜色, en: Colours}}
      - {id: "4", title: {zh: 监管层级, en: Tiers}}
      - {id: "5", title: {zh: 临界量, en: Thresholds}}
  - id: choices
    title: {zh: 设计选择, en: Design choices}
    number: choices
    issuer: {zh: 本项目, en: This project}
    level: design_choice
    jurisdiction: CN
    in_force: {from: null, to: null, inferred: {zh: 不是法律。, en: Not law.}}
    clauses:
      - {id: "G", title: {zh: 等级, en: Grade}}
  - id: city-opinion
    title: {zh: 沈阳市意见, en: Opinion of Shenyang}
    number: 沈安〔2021〕1号
    issuer: {zh: 沈阳市政府, en: Government of Shenyang}
    level: policy
    jurisdiction: "210100"
    in_force: {from: 2021-01-01, to: null, inferred: {zh: 文中没有日期, en: The text has no date}}
    clauses:
      - {id: "1", title: {zh: 人数下限, en: Number of workers}}
      - {id: "2", title: {zh: 豁免, en: Exemption}}
      - {id: "3", title: {zh: 地方颜色, en: Local colours}}
"""

RULES = """
ruleset: works.rules
title: {zh: 熔炼, en: Furnaces}
instrument: order-1
sector: furnace
parameters:
  many: {type: integer, value: 300, unit: person, title: {zh: 人数下限, en: Number of workers}}
  reading:
    type: choice
    of: {both: {zh: 两者兼有才算, en: Both are needed}, either: {zh: 有一即算, en: Either suffices}}
    title: {zh: “未清扫”的读法, en: How "not cleaned" reads}
rules:
  - id: cracked
    title: {zh: 炉体开裂, en: Cracked furnace}
    clause: "1"
    confidence: from-memory
    on: furnace
    applies: 'enterprise.smelts'
    when: 'state == "cracked" && !cooled'
    finding: major
    remedy: {text: {zh: 停用并修复, en: Take it out of use and repair it}, facts: [state]}
    note: {zh: 只看炉体。, en: The shell alone counts.}
  - id: uncleaned
    title: {zh: 清扫不落实, en: Cleaning not carried out}
    clause: "2"
    on: enterprise
    applies: 'smelts'
    when:
      readings: {both: '!cleaned && !regime', either: '!cleaned || !regime'}
      chosen_by: reading
    finding: general
  - id: some_cracked
    title: {zh: 有开裂的熔炉, en: A furnace is cracked}
    clause: "1"
    on: enterprise
    value: boolean
    is: 'furnaces.exists(f, f.state == "cracked")'
  - id: furnace.grade
    title: {zh: 熔炼风险等级, en: Hazard grade of furnaces}
    clause: choices#G
    on: enterprise
    grade: colour
    table:
      hit: collect max
      rows:
        - {when: 'findings("furnace", "major") >= 1', then: red}
        - {when: 'workers >= many', then: yellow}
      otherwise: blue
  - id: colour.base
    title: {zh: 一般颜色, en: General colour}
    clause: "3"
    on: enterprise
    concludes: colour
    grade: colour
    table:
      hit: first
      rows:
        - {when: 'workers >= many', then: red}
      otherwise: yellow
  - id: colour.trial
    title: {zh: 试生产, en: Trial run}
    except: colour.base
    clause: "3"
    when: 'trial'
    then: red
  - id: tier.rule
    title: {zh: 监管层级, en: Supervision tier}
    clause: "4"
    on: enterprise
    concludes: tier
    assign: tier
    table:
      hit: first
      rows:
        - {when: 'city_owned', then: city}
        - {when: 'true', may: [town, city], settled_by: tier_decision}
  - id: over
    title: {zh: 超过临界量, en: Over the threshold}
    clause: "5"
    on: enterprise
    applies: 'has(lookup("thresholds", substance, "limit"))'
    value: boolean
    is: 'stock >= lookup("thresholds", substance, "limit")'
"""

LOCAL = """
ruleset: works.shenyang
title: {zh: 沈阳, en: Shenyang}
instrument: city-opinion
jurisdiction: "210100"
rules:
  - id: colour.local
    title: {zh: 沈阳颜色, en: Colour in Shenyang}
    clause: "3"
    on: enterprise
    concludes: colour
    grade: colour
    table:
      hit: first
      rows:
        - {when: 'smelts', then: red}
      otherwise: blue
overlays:
  - {set: works.rules/many, value: 100, clause: "1"}
  - {exempt: colour.base, when: 'waiver', clause: "2"}
"""

TABLE = """
table: thresholds
file: thresholds.csv
instrument: order-1
clause: "5"
title: {zh: 临界量表, en: Table of thresholds}
keys: [code]
columns:
  code: {type: text}
  limit: {type: number, unit: t}
"""
CSV = b"code,limit\nA,10\nB,50\n"

SOUND = {"name": "1号炉", "state": {"value": "sound", "source": "巡检"}, "cooled": True}
CRACKED = {
    "name": "2号炉",
    "state": {"value": "cracked", "source": "巡检"},
    "cooled": {"value": False, "assumed": "图纸未见"},
}
DAMAGED = {"name": "3号炉", "state": {"one_of": ["cracked", "unlined"]}}
MORE = {"items": [CRACKED, SOUND], "more": True}

#: name -> (what is asked, facts, options)
CASES: dict[str, tuple[str, dict[str, Any], dict[str, Any]]] = {
    "finding_found": ("furnaces[1]#cracked", {"smelts": True, "furnaces": [SOUND, CRACKED]}, {}),
    "finding_undetermined": ("cracked", {"furnaces": [DAMAGED, SOUND]}, {}),
    "grade_table": ("furnace.grade", {"smelts": True, "workers": {"at_least": 250}, "furnaces": MORE}, {}),
    "grade_closed_world": ("furnace.grade", {"smelts": True, "workers": 20}, {"closed": ["*"]}),
    "exception_and_overlay": ("colour", {"workers": 120, "waiver": False, "smelts": False}, {"jurisdiction": "210100"}),
    "exemption_unknown": ("colour", {"place": "210100", "workers": 120, "trial": False}, {}),
    "two_writers": ("colour", {"place": "210100", "workers": 120, "trial": True, "waiver": False, "smelts": True}, {}),
    "readings": ("uncleaned", {"smelts": True, "cleaned": False, "regime": True}, {}),
    "permission": ("tier", {"city_owned": False}, {}),
    "permission_settled": ("tier", {"city_owned": False, "tier_decision": "town"}, {}),
    "open_list": ("some_cracked", {"furnaces": {"items": [SOUND, {"name": "4号炉"}], "more": True}}, {}),
    "member_decides": ("some_cracked", {"furnaces": [SOUND, CRACKED, {}]}, {}),
    "lookup_unknown_key": ("over", {"stock": 20}, {}),
    "lookup_no_row": ("over", {"stock": 20, "substance": "Z"}, {}),
    "no_list_in_force": ("furnace.grade", {"smelts": True, "workers": {"at_most": 400}}, {"law_at": "2019-05-01"}),
}  # fmt: skip


@lru_cache
def program() -> safetyrules.Program:
    written = {"facts": FACTS, "law": INSTRUMENTS, "rules": RULES, "local": LOCAL, "table": TABLE}
    sources = [(f"{name}.yaml", text) for name, text in written.items()]
    return safetyrules.load_program(sources, open_file=lambda source, name: CSV)


def assess(case: str) -> tuple[str, Assessment]:
    asked, facts, options = CASES[case]
    return asked, program().assess(facts, **{"as_of": "2024-05-01", "engine": "reference", **options})
