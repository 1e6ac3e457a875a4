"""Small random programs: every type of fact, every kind of outcome, and every way in which rules meet."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from agreement_expressions import COLOURS, MATERIALS, ExpressionWriter, KindScene, Listed, Named, Scene
from conformance_suite import Program as Written
from conformance_suite import written
from hypothesis import strategies as st

Document = dict[str, Any]
ROOT = "enterprise"
SECTORS = ("dust", "heat")
LAWS = ("law", "decree", "rule-a", "rule-b", "local")

TABLES: list[Document] = [
    {
        "table": "strict", "keys": ["material"],
        "columns": {
            "material": {"type": "material"}, "share": {"type": "number"}, "amount": {"type": "number", "unit": "t"},
        },
        "csv": "material,share,amount\nwood,0.5,3\nmetal,,0.1\n",
    },
    {
        "table": "lenient", "keys": ["material"], "absent_key": "not_applicable",
        "columns": {
            "material": {"type": "material"}, "share": {"type": "number"}, "amount": {"type": "number", "unit": "t"},
        },
        "csv": "material,share,amount\nwood,2,\ncoal,0.3,5\n",
    },
    {
        "table": "pair", "keys": ["material", "count"],
        "columns": {
            "material": {"type": "material"}, "count": {"type": "number"}, "share": {"type": "number"},
            "amount": {"type": "number", "unit": "t"},
        },
        "csv": "material,count,share,amount\nwood,1,1,2\nwood,2,2.5,0.3\nmetal,1,,7\ncoal,3,0.1,1\n",
    },
]  # fmt: skip


def since(first: date, last: date | None = None) -> Document:
    return {"from": first, "to": last}


INSTRUMENTS: Document = {
    "instruments": "all",
    "list": [
        {"id": "law", "clauses": ["1", "2", "3"]},
        {"id": "decree", "level": "administrative_regulation", "in_force": since(date(2005, 1, 1))},
        {
            "id": "rule-a", "level": "ministry_rule", "issuer": {"zh": "甲", "en": "A"},
            "in_force": since(date(2010, 1, 1)),
        },
        {
            "id": "rule-b", "level": "ministry_rule", "issuer": {"zh": "乙", "en": "B"},
            "in_force": since(date(2015, 1, 1), date(2023, 12, 31)),
        },
        {"id": "local", "level": "policy", "jurisdiction": "210100", "in_force": since(date(2020, 1, 1))},
    ],
}  # fmt: skip


class Generated:
    """A program and the facts that it knows: kind → what facts of it there are."""

    def __init__(self, written: Written, kinds: dict[str, KindScene], documents: tuple[Document, ...]) -> None:
        self.written = written
        self.kinds = kinds
        self.documents = documents

    def __repr__(self) -> str:
        """The rules alone: the rest is much the same in every program."""
        shown = [d for d in self.documents if "ruleset" in d and (d.get("rules") or d.get("overlays"))]
        return repr([{k: d[k] for k in ("ruleset", "rules", "overlays") if k in d} for d in shown])


def _fact(named: Named, word: str) -> Document:
    out: Document = {"type": named.type, "title": {"zh": word, "en": word}}
    if named.unit is not None:
        out["unit"] = named.unit
    if named.low is not None:
        out["minimum"] = named.low
    if named.high is not None:
        out["maximum"] = named.high
    if named.maybe:
        out["may_not_apply"] = True
    return out


class ProgramWriter:
    def __init__(self, draw: Any, small: bool) -> None:
        self.e = ExpressionWriter(draw)
        self.small = small
        self.kinds: dict[str, KindScene] = {}
        self.rules: list[Document] = []
        self.local: list[Document] = []
        self.overlays: list[Document] = []
        self.conclusions: dict[str, Document] = {}
        self.parameters: dict[str, Document] = {}
        self.number = 0

    # ---- facts -------------------------------------------------------------------------------------------------------

    def facts(self) -> list[Document]:
        root: Document = {"root": True, "facts": {}, "sections": {"plant": {"facts": {}}}}
        scene = self.kinds[ROOT] = KindScene(ROOT)
        for number in range(self.e.one([2, 3] if self.small else [4, 5, 6])):
            section = "plant." if self.e.chance(40) else ""
            named = self._named(f"f{number}", number)
            target = root["sections"]["plant"]["facts"] if section else root["facts"]
            target[named.name] = _fact(named, named.name)
            scene.named.append(replace(named, name=section + named.name))
        for sector in SECTORS:
            root["facts"][f"has_{sector}"] = {"type": "boolean"}
            scene.named.append(Named(f"has_{sector}", "boolean"))
        root["facts"]["decision"] = {"type": "colour"}
        scene.named.append(Named("decision", "colour"))
        kinds = {ROOT: root}
        kinds["item"] = self._part("item", ROOT, "items", root["facts"])
        if not self.small:
            values = Named("·", self.e.one(["number", "integer", "material", "boolean", "date", "colour"]))
            root["facts"]["values"] = {"type": "list", "of": values.type}
            scene.lists.append(Listed("values", item=values))
            if self.e.chance(60):
                kinds["item.cell"] = self._part("item.cell", "item", "cells", kinds["item"]["facts"])
            if self.e.chance(50):
                kinds["entry"] = self._part("entry", ROOT, "entries", root["sections"]["plant"]["facts"], log=True)
        if not root["sections"]["plant"]["facts"]:
            del root["sections"]
        first = {
            "facts": "first", "scales": {"colour": {"worse": "last", "levels": list(COLOURS)}},
            "choices": {"material": list(MATERIALS)},
            "sector": {"name": "dust", "present": "has_dust", "grade": "grade_dust"}, "kinds": kinds,
        }  # fmt: skip
        second = {"facts": "second", "sector": {"name": "heat", "present": "has_heat", "grade": "grade_heat"}}
        if self.conclusions:
            second["conclusions"] = self.conclusions
        return [first, second]

    def _named(self, name: str, number: int) -> Named:
        types = ["boolean", "number", "integer", "material", "colour", "text", "date", "number"]
        type_ = types[number] if number < 2 else self.e.one(types)
        maybe = self.e.chance(25)
        if type_ == "number":
            low, high = self.e.one([(None, None), (0, None), (0, 10), (-2, 5)])
            return Named(name, type_, self.e.one([None, "t"]), maybe, low, high)
        if type_ == "integer":
            low, high = self.e.one([(None, None), (-2, 5), (0, 5)])
            return Named(name, type_, None, maybe, low, high)
        return Named(name, type_, None, maybe)

    def _part(self, kind: str, parent: str, name: str, holder: Document, log: bool = False) -> Document:
        scene = self.kinds[kind] = KindScene(kind, parent=parent, parent_list=name)
        facts: Document = {}
        for number in range(1 if self.small else 3):
            named = self._named(f"p{number}", number + (1 if self.small else 0))
            facts[named.name] = _fact(named, named.name)
            scene.named.append(named)
        holder[name] = {"type": "list", "of": kind}
        if log:
            facts["on"] = {"type": "date"}
            scene.named.append(Named("on", "date"))
            holder[name]["log"] = "on"
        prefix = "plant." if log else ""
        self.kinds[parent].lists.append(Listed(prefix + name, kind=kind, log=log))
        return {"facts": facts}

    # ---- rules -------------------------------------------------------------------------------------------------------

    def scene(self, kind: str, **more: Any) -> Scene:
        parameters = () if kind == "·" else (Named("limit", "number"), Named("many", "integer"))
        return Scene(self.kinds, kind, SECTORS, parameters=parameters, **{"tables": not self.small, **more})

    def name(self, stem: str) -> str:
        self.number += 1
        return f"{stem}{self.number}"

    def add(self, rule: Document, scene: Scene, type_: str, sure: bool, unit: str | None = None) -> None:
        """Take a rule in, with exceptions to it perhaps; then what it concludes can be read."""
        self.rules.append(rule)
        excepted = self._exceptions(rule["id"], scene, type_, unit, 0)
        maybe = not sure or self.e.loose or excepted
        name = rule.get("concludes", rule["id"])
        self.kinds[scene.kind].named.append(Named(name, type_, unit, maybe))

    def _exceptions(self, base: str, scene: Scene, type_: str, unit: str | None, level: int) -> bool:
        found = False
        for _ in range(self.e.one([0, 0, 0, 1, 2]) if level < 2 else 0):
            found = True
            exception: Document = {"id": self.name("except"), "except": base}
            decided = type_ == "colour" and scene.kind == ROOT and self.e.chance(20)
            if decided:
                exception["decided_by"] = "decision"
            else:
                exception["when"] = self.e.boolean(scene, 1)
                if self.e.chance(30):
                    exception["withdraw"] = True
                else:
                    exception["then"] = {"is": self.e.scalar(scene, type_, 1, unit)}
            self.rules.append(exception)
            self._exceptions(exception["id"], scene, type_, unit, level + 1)
        return found

    def value(self, **more: Any) -> None:
        kind = self.e.one([ROOT, ROOT, *self.kinds])
        scene = self.scene(kind, **more)
        type_ = self.e.one(["boolean", "boolean", "number", "integer", "date", "text", "material", "colour"])
        unit = self.e.one([None, "t"]) if type_ == "number" else None
        self.e.loose = False
        rule: Document = {"id": self.name("value"), "on": kind, "value": type_}
        if unit is not None:
            rule["unit"] = unit
        sure = True
        if self.e.chance(25):
            rule["applies"] = self.e.boolean(scene, 1)
            sure = False
        if self.e.chance(35):
            rule["table"], sure_rows = self._table(scene, type_, unit, collect=type_ in ("number", "integer", "colour"))
            sure = sure and sure_rows
        elif self.e.chance(10):
            rule["is"] = self._readings(scene, type_, unit)
        else:
            rule["is"] = self.e.scalar(scene, type_, 1 if self.small else 2, unit)
        self.add(rule, scene, type_, sure, unit)

    def _readings(self, scene: Scene, type_: str, unit: str | None = None) -> Document:
        readings = {name: self.e.scalar(scene, type_, 1, unit) for name in ("both", "either")}
        return {"readings": readings, "chosen_by": self.e.one(["reading", "settled"])}

    def _table(
        self, scene: Scene, type_: str, unit: str | None, collect: bool, grade: bool = False
    ) -> tuple[Document, bool]:
        hits = ["first", "first", "unique", "any"]
        if collect:
            hits += ["collect max", "collect min", *(["priority"] if type_ == "colour" else [])]
        if type_ in ("number", "integer"):
            hits += ["collect sum", "collect count"]
        if type_ == "material":
            hits.append("priority")
        hit = self.e.one(hits)
        test = self.e.boolean(scene, 1)
        rows: list[Document] = []
        for number in range(self.e.one([1, 2, 3])):
            when = (
                self.e.one([f"!({test})", test]) if number == 1 else test if number == 0 else self.e.boolean(scene, 1)
            )
            row: Document = {"when": when}
            if hit != "collect count":
                row["then"] = {"is": self.e.scalar(scene, type_, 1, unit)}
                if type_ == "colour" and scene.kind == ROOT and self.e.chance(20):
                    del row["then"]
                    row["may"] = [self.e.one(COLOURS[:2]), self.e.one(COLOURS[2:])]
                    if self.e.chance(60):
                        row["settled_by"] = "decision"
            else:
                row["then"] = 1
            rows.append(row)
        table: Document = {"hit": hit, "rows": rows}
        if hit in ("collect sum", "collect count"):
            return table, True
        if grade or self.e.chance(60):
            table["otherwise"] = {"is": self.e.scalar(scene, type_, 0, unit)}
            return table, True
        if self.e.chance(20):
            table["otherwise"] = "none"
        return table, False

    def finding(self, sector: str) -> Document:
        kind = self.e.one([ROOT, *self.kinds])
        scene = self.scene(kind)
        self.e.loose = False
        rule: Document = {
            "id": self.name("finding"), "on": kind, "clause": self.e.one(["1", "2", "3"]),
            "finding": self.e.one(["major", "general"]), "when": self.e.boolean(scene, 1 if self.small else 2),
        }  # fmt: skip
        if self.e.chance(15):
            rule["when"] = self._readings(scene, "boolean")
        if self.e.chance(30):
            rule["applies"] = self.e.boolean(scene, 1)
        if self.e.chance(10):
            rule["force"] = self.e.one(["may", "encouraged", "recorded"])
        self.add(rule, scene, "boolean", "applies" not in rule)
        return rule

    def duty(self) -> None:
        scene = self.scene(self.e.one([ROOT, *self.kinds]))
        self.e.loose = False
        rule: Document = {"id": self.name("duty"), "on": scene.kind, "duty": {}, "when": self.e.boolean(scene, 1)}
        if self.e.chance(60):
            rule["due"] = self.e.date(scene, 1)
            rule["every"] = {"months": 6, "basis": "rolling"}
        self.add(rule, scene, "boolean", True)

    def writers(self) -> None:
        """A conclusion that several instruments write."""
        name = self.name("open")
        type_ = self.e.one(["colour", "number", "boolean", "text"])
        self.conclusions[name] = {"on": ROOT, "type": type_, "open": True}
        scene = self.scene(ROOT)
        found: list[Document] = []
        for law in LAWS[: self.e.one([2, 3, 5])]:
            target = self.local if law == "local" else self.rules
            here = replace(scene, parameters=()) if law == "local" else scene
            rule: Document = {
                "id": self.name("writer"), "concludes": name, "clause": f"{law}#1", "value": type_,
                "is": self.e.scalar(here, type_, 1),
            }  # fmt: skip
            if self.e.chance(75):
                rule["applies"] = self.e.boolean(here, 1)
            target.append(rule)
            found.append(rule)
        if self.e.chance(30):  # with one that ranks between them they are a circle
            found[-1]["overrides"] = [found[0]["id"]]
        self.kinds[ROOT].named.append(Named(name, type_, None, True))

    def several(self, outcome: Document) -> None:
        """A finding or duty that several instruments write, some of which override others."""
        name = self.name("open")
        if self.e.chance(50):
            self.conclusions[name] = {"on": ROOT, "type": "boolean"}
        scene = self.scene(ROOT)
        self.e.loose = False
        found: list[Document] = []
        for law in LAWS[: self.e.one([2, 2, 3] if self.small else [2, 3, 5])]:
            here = replace(scene, parameters=()) if law == "local" else scene
            rule: Document = {
                "id": self.name("writer"), "concludes": name, "clause": f"{law}#1", **outcome,
                "when": self.e.boolean(here, 1),
            }  # fmt: skip
            if self.e.chance(60):
                rule["applies"] = self.e.boolean(here, 1)
            if "duty" in outcome and self.e.chance(60):
                rule["due"] = self.e.date(here, 1)
            (self.local if law == "local" else self.rules).append(rule)
            found.append(rule)
            if law != "local":
                self._exceptions(rule["id"], scene, "boolean", None, 1)
        downwards = self.e.chance(50)
        for number, one in enumerate(found):
            for other in found[:number]:
                if self.e.chance(25):
                    above, below = (other, one) if downwards else (one, other)
                    above.setdefault("overrides", []).append(below["id"])
        self.kinds[ROOT].named.append(Named(name, "boolean", None, True))

    def grade(self, sector: str) -> None:
        scene = self.scene(ROOT, counting=True)
        self.e.loose = False
        table, _ = self._table(scene, "colour", None, collect=True, grade=True)
        self.rules.append({"id": f"grade_{sector}", "grade": "colour", "table": table})

    def overlay(self) -> None:
        bases = [rule for rule in self.rules if "except" not in rule and "concludes" not in rule]
        rule = self.e.one(bases)
        scene = self.scene(rule.get("on", ROOT), tables=False)
        match self.e.one(["set", "set", "exempt", "replace", "tighten", "settle"]):
            case "set":
                self.overlays.append({"set": "main/limit", "value": self.e.one([0, 2, 5])})
            case "settle":
                self.overlays.append({"set": "main/reading", "value": self.e.one(["both", "either"])})
            case "exempt" if self._may_have_no_value(rule, scene):
                self._overlaying(rule, {"exempt": rule["id"], "when": self._plain_test(scene)})
            case "tighten" if "finding" in rule:
                tightened = {"or_when": self._plain_test(scene)} if self.e.chance(70) else {"severity": "major"}
                self._overlaying(rule, {"tighten": rule["id"], **tightened})
            case "replace" if "finding" in rule:
                new = {"on": rule["on"], "finding": "general", "when": self._plain_test(scene)}
                # Who reads the finding without has() would be refused, were it not to apply of a sudden.
                if self._may_have_no_value(rule, scene) and self.e.chance(60):
                    new["applies"] = self._plain_test(scene)
                self._overlaying(rule, {"replace": rule["id"], "with": new})

    def _may_have_no_value(self, rule: Document, scene: Scene) -> bool:
        return any(named.name == rule["id"] and named.maybe for named in self.kinds[scene.kind].named)

    def _plain_test(self, scene: Scene) -> str:
        """A test of facts alone, which closes no circle."""
        plain = {name: replace_named(kind) for name, kind in self.kinds.items()}
        return self.e.boolean(replace(scene, kinds=plain, parameters=()), 1)

    def _overlaying(self, rule: Document, overlay: Document) -> None:
        if not any(rule["id"] in each.values() for each in self.overlays):
            self.overlays.append(overlay)

    def run(self) -> Generated:
        self.facts_documents = self.facts()
        for _ in range(self.e.one([1, 2] if self.small else [2, 3, 4])):
            self.value()
        findings: dict[str, list[Document]] = {}
        for sector in SECTORS:
            mark = len(self.rules)
            for _ in range(self.e.one([0, 1, 2])):
                self.finding(sector)
            if self.e.chance(35):
                self.several({"finding": self.e.one(["major", "general"])})
            findings[sector] = self.rules[mark:]
            del self.rules[mark:]
        if self.e.chance(40):
            self.duty()
        if self.e.chance(20):
            self.several({"duty": {}})
        if self.e.chance(40):
            self.writers()
        for sector in SECTORS:
            self.grade(sector)
        for _ in range(self.e.one([0, 1])):
            self.value(counting=True)
        if self.e.chance(60):
            self.value(counting=True, grading=True)
        main = self.rules
        self.rules = [*main, *findings["dust"], *findings["heat"]]
        for _ in range(self.e.one([0, 1, 2])):
            self.overlay()
        return self._documents(main, findings)

    def _documents(self, main: list[Document], findings: dict[str, list[Document]]) -> Generated:
        self.facts_documents[1].pop("conclusions", None)
        if self.conclusions:
            self.facts_documents[1]["conclusions"] = self.conclusions
        parameters = {
            "limit": {"type": "number", "value": 3}, "many": {"type": "integer", "value": 2},
            "reading": {"type": "choice", "of": ["both", "either"]},
            "settled": {"type": "choice", "of": ["both", "either"], "value": "either"},
        }  # fmt: skip
        documents = [*self.facts_documents, INSTRUMENTS, *TABLES]
        documents.append({"ruleset": "main", "parameters": parameters, "rules": main})
        for sector, rules in findings.items():
            documents.append({"ruleset": sector, "sector": sector, "parameters": parameters, "rules": rules})
        local = {"ruleset": "local", "instrument": "local", "jurisdiction": "210100", "rules": self.local}
        if self.overlays:
            local["overlays"] = self.overlays
        documents.append(local)
        return Generated(written(documents, "generated"), self.kinds, tuple(documents))


def replace_named(kind: KindScene) -> KindScene:
    """A kind without its conclusions."""
    facts = [named for named in kind.named if named.name.rstrip("0123456789") not in CONCLUSIONS]
    return KindScene(kind.name, facts, kind.lists, kind.parent, kind.parent_list)


CONCLUSIONS = ("value", "finding", "duty", "open")


@st.composite
def programs(draw: Any, small: bool = False) -> Generated:
    """A program; ``small`` ones have few facts, so that what is unknown can be completed in every way."""
    return ProgramWriter(draw, small).run()
