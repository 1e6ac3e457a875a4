"""A small law with one thing of each kind that can be changed, in files of a folder."""

from __future__ import annotations

from pathlib import Path

from safetyrules.folders import DocumentFile, documents_in
from safetyrules.mutation.edits import Mutant
from safetyrules.mutation.law import Law
from safetyrules.mutation.making import mutants_of
from safetyrules.testing.model import Case
from safetyrules.testing.reading import read_suite

FACTS = """\
facts: small
sector: {name: works, title: {zh: 厂, en: Works}, present: present, grade: grade}
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
      present: {type: boolean, title: {zh: 有, en: Present}}
      workers: {type: integer, maximum: 1000, title: {zh: 人数, en: Workers}}
      opened: {type: date, title: {zh: 开业日, en: Opened}}
      licensed: {type: boolean, title: {zh: 有证, en: Licensed}}
      stuff: {type: text, title: {zh: 物质, en: Substance}}
      amount: {type: number, unit: t, minimum: 0, maximum: 500, title: {zh: 数量, en: Amount}}
      tanks: {type: list, of: tank, title: {zh: 罐, en: Tanks}}
  tank:
    title: {zh: 罐, en: Tank}
    facts:
      form: {type: choice, of: {dry: {zh: 干, en: Dry}, wet: {zh: 湿, en: Wet}}, title: {zh: 形式, en: Form}}
      leaking: {type: boolean, title: {zh: 泄漏, en: Leaking}}
      vented: {type: boolean, title: {zh: 通风, en: Vented}}
"""
INSTRUMENTS = """\
instruments: small
list:
  - id: order-1
    title: {zh: 第一号令, en: Order 1}
    number: 第1号
    issuer: {zh: 部, en: Ministry}
    level: ministry_rule
    jurisdiction: CN
    in_force: {from: 2020-01-01, to: 2030-12-31}
    clauses:
      - {id: "1", title: {zh: 罐, en: Tanks}}
      - {id: "2", title: {zh: 等级, en: Grade}}
      - {id: "3", title: {zh: 例外, en: Exception}}
"""
RULES = """\
ruleset: small
title: {zh: 小, en: Small}
instrument: order-1
sector: works
parameters:
  many: {type: integer, value: 30, title: {zh: 多, en: Many}}
rules:
  - id: tank.unsafe
    title: {zh: 罐不安全, en: Unsafe tank}
    clause: "1"
    on: tank
    applies: 'form == "dry"'
    when: 'leaking && !vented'
    finding: major
  - id: grade
    title: {zh: 等级, en: Grade}
    clause: "2"
    on: enterprise
    applies: 'present'
    grade: colour
    table:
      hit: first
      rows:
        - {when: 'findings("works", "major") >= 1', then: red}
        - {when: 'workers >= many', then: red}
        - {when: 'workers > 9', then: yellow}
      otherwise: blue
  - id: grade.licensed
    title: {zh: 有证, en: Licensed}
    clause: "3"
    except: grade
    when: 'licensed'
    then: blue
  - id: crowd
    title: {zh: 人群, en: Crowd}
    clause: "2"
    on: enterprise
    value: number
    table:
      hit: unique
      inputs: [workers]
      rows:
        - {if: [">= 50"], then: 2}
        - {if: ["10..49"], then: 1.5}
        - {if: ["< 10"], then: 1}
  - id: ratio
    title: {zh: 比值, en: Ratio}
    clause: "2"
    on: enterprise
    applies: 'has(lookup("limits", stuff, "limit"))'
    value: number
    is: 'amount / lookup("limits", stuff, "limit")'
  - id: heavy
    title: {zh: 重, en: Heavy}
    clause: "2"
    on: enterprise
    value: boolean
    is: 'has(ratio) && ratio >= 1'
  - id: old
    title: {zh: 老企业, en: Old}
    clause: "2"
    on: enterprise
    value: boolean
    is: 'opened <= date("2010-01-01")'
"""
TABLE = """\
table: limits
file: limits.csv
instrument: order-1
clause: "2"
title: {zh: 限量, en: Limits}
keys: [stuff]
absent_key: not_applicable
columns:
  stuff: {type: text}
  limit: {type: number, unit: t}
"""
LIMITS = "stuff,limit,note\nchlorine,5,\nammonia,10,gas\nwater,,none\n"
DOCUMENTS = {"facts.yaml": FACTS, "instruments.yaml": INSTRUMENTS, "small.yaml": RULES, "limits.yaml": TABLE}
CASES = """\
defaults: {as_of: 2024-01-01}
cases:
  - {name: nine, facts: {present: true, workers: 9, licensed: false, tanks: []}, expect: {grade: blue, crowd: 1}}
  - {name: ten, facts: {present: true, workers: 10, licensed: false, tanks: []}, expect: {grade: yellow, crowd: 1.5}}
  - {name: thirty, facts: {present: true, workers: 30, licensed: false, tanks: []}, expect: {grade: red}}
  - {name: licensed, facts: {present: true, workers: 30, licensed: true, tanks: []}, expect: {grade: blue}}
  - name: a tank
    facts: {present: true, workers: 1, licensed: false, tanks: [{form: dry, leaking: true, vented: false}]}
    expect: {tank.unsafe: found, grade: red}
  - {name: five tonnes, facts: {stuff: chlorine, amount: 5}, expect: {heavy: true}}
  - {name: nothing known, facts: {}, expect: {grade: undetermined, ratio: {needs: [stuff, amount]}}}
  - {name: before the order, as_of: 2019-12-31, facts: {workers: 9}, expect: {crowd: absent}}
  - {name: after it, as_of: 2031-01-01, facts: {present: true, workers: 9, tanks: []}, expect: {heavy: absent}}
  - {name: a word not known, facts: {workers: many}, refused: [SR1005]}
"""


def law_in(folder: Path, **instead: str) -> Law:
    """The law, with other texts in place of some documents (named without their ending)."""
    for name, text in DOCUMENTS.items():
        (folder / name).write_text(instead.get(name.partition(".")[0], text), encoding="utf-8")
    (folder / "limits.csv").write_text(instead.get("csv", LIMITS), encoding="utf-8")
    found = documents_in(folder, "law")
    return Law(DocumentFile(file.name.rpartition("/")[2], file.file, file.folder) for file in found)


def cases(text: str = CASES) -> tuple[Case, ...]:
    return read_suite(text, "small.test.yaml").cases


def mutants(law: Law) -> tuple[Mutant, ...]:
    return mutants_of(law, frozenset({"small"})).all
