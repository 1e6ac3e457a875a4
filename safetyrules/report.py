"""An assessment for a reader: lines from its document, in one language, for a terminal or as Markdown."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Literal

from safetyrules.documents import (
    AssessmentDocument,
    ConclusionDocument,
    FindingDocument,
    InstrumentDocument,
    NeedDocument,
    PlaceName,
    Words,
)
from safetyrules.text import Language, Text

Style = Literal["title", "heading", "item", "bad", "open", "good", "quiet", "plain"]
_INDEX = re.compile(r"\[(?:[0-9]+|\?)\]")
_MOST_NAMES = 3
_MOST_NEEDS = 6
_MARKS: dict[str, tuple[str, Style]] = {
    "found": ("✗", "bad"),
    "undetermined": ("?", "open"),
    "not_found": ("✓", "good"),
}


@dataclass(frozen=True)
class Line:
    """One line of a report. ``depth`` indents it."""

    text: str
    style: Style = "plain"
    depth: int = 0


def report(document: AssessmentDocument, language: Language, *, everything: bool = False) -> list[Line]:
    """The report; ``everything`` adds each conclusion of the subject and its parts."""
    return list(_Report(document, language).lines(everything))


def markdown(lines: Iterable[Line]) -> str:
    """The lines as Markdown."""
    written: list[str] = []
    for line in lines:
        words = re.sub(r"([\\`*_<>|])", r"\\\1", line.text)
        match line.style:
            case "title":
                written.append(f"# {words}\n")
            case "heading":
                written.append(f"\n## {words}\n")
            case _:
                written.append(f"{'  ' * line.depth}- {words}")
    return "\n".join(written) + "\n"


class _Report:
    def __init__(self, document: AssessmentDocument, language: Language) -> None:
        self.document = document
        self.language = language
        self.root = document.request.subject
        self.by_name: dict[tuple[str, str], ConclusionDocument] = {(c.path, c.name): c for c in document.conclusions}

    def say(self, zh: str, en: str) -> str:
        return zh if self.language == "zh" else en

    def words(self, words: Words) -> str:
        return words.zh if self.language == "zh" else words.en

    def listed(self, words: Iterable[str]) -> str:
        return self.say("、", ", ").join(words)

    def lines(self, everything: bool) -> Iterator[Line]:
        yield from self.head()
        yield from self.notices()
        yield from self.grades()
        yield from self.findings()
        yield from self.classes()
        yield from self.duties()
        if everything:
            yield from self.conclusions()
        yield from self.assumptions()
        yield from self.basis()

    # ---- who, what, when ---------------------------------------------------------------------------------------------

    def head(self) -> Iterator[Line]:
        document, request = self.document, self.document.request
        who = document.name or self.words(document.entities[self.root].title)
        facts = self.say(f"事实截至 {request.as_of}", f"facts of {request.as_of}")
        law = self.say(f"适用 {request.law_at} 的规定", f"law of {request.law_at}")
        where = self.place(request.jurisdiction)
        what_if = [self.say("假设情形", "WHAT IF")] if request.what_if or document.changes else []
        yield Line(" · ".join([who, facts, law, where, *what_if]), "title")
        if document.case is not None:
            yield Line(self.words(document.case), "quiet")
        if request.what_if:
            place = self.say("未知", "not known") if request.place is None else self.place(request.place)
            zh = f"假设：地域按上述地方，实际经营地为：{place}"
            yield Line(
                self.say(zh, f"What if: the jurisdiction is as above; the place of operation is {place}"), "open"
            )
        for change in document.changes:
            yield Line(
                self.say(f"假设：{change.path} = {change.value}", f"What if: {change.path} = {change.value}"), "open"
            )
        if request.treat_unknown_as != "withhold":
            worst = request.treat_unknown_as == "worst"
            zh = f"未能确定的结论按{'最坏' if worst else '最好'}情形处理"
            yield Line(self.say(zh, f"What is undetermined is treated as the {request.treat_unknown_as}"), "open")
        if request.closed:
            sections = ", ".join(request.closed)
            zh = f"封闭假设：{sections} 中未给出的一律视为“否”或“没有”"
            yield Line(self.say(zh, f"Closed world: what is not given in {sections} counts as false or none"), "open")

    def place(self, place: PlaceName) -> str:
        if place.name is None:
            return place.code
        name = self.words(place.name)
        return name if place.code == "CN" else self.say(f"{name}（{place.code}）", f"{name} ({place.code})")

    def notices(self) -> Iterator[Line]:
        if self.document.notices:
            yield Line(self.say("须知", "Please note"), "heading")
        for notice in self.document.notices:
            found = f" ({notice.found})" if notice.found is not None else ""
            yield Line(f"{self.words(notice.message)}{found} [{notice.code}]", "open", 1)

    # ---- grades and classes ------------------------------------------------------------------------------------------

    def grades(self) -> Iterator[Line]:
        sector_grades = {sector.grade for sector in self.document.sectors}
        found = [
            c for c in self.document.conclusions
            if c.path == self.root and (c.name in sector_grades or (c.kind == "grade" and c.sector is None))
        ]  # fmt: skip
        if found:
            yield Line(self.say("风险等级", "Hazard grades"), "heading")
        for conclusion in sorted(found, key=lambda c: c.name in sector_grades):
            yield from self.graded(conclusion)

    def graded(self, conclusion: ConclusionDocument) -> Iterator[Line]:
        said = f"{self.words(conclusion.title)}{self.say('：', ': ')}"
        proven = conclusion.proven is not None
        if conclusion.status == "determined":
            mark = self.say("（已证实）", " (proven)") if proven else ""
            yield Line(f"{said}{self.words(conclusion.words)}{mark}", "bad" if self.at_worst(conclusion) else "item", 1)
            return
        if conclusion.status == "no_value":
            yield Line(f"{said}{self.say('不适用', 'does not apply')}", "quiet", 1)
            return
        if proven and conclusion.worst is not None:
            low, high = self.level(conclusion, conclusion.proven), self.level(conclusion, conclusion.worst)
            said += self.say(f"已证实至少为{low}，可能为{high}", f"at least {low} (proven), possibly {high}")
        else:
            said += self.possible(conclusion)
        yield Line(said + self.treated(conclusion), "open", 1)
        yield from self.needs([conclusion], 2)

    def possible(self, conclusion: ConclusionDocument) -> str:
        words = self.words(conclusion.words)
        if conclusion.possible is None:
            return self.say(f"未能确定（{words}）", f"undetermined ({words})")
        names = self.listed(self.level(conclusion, level) for level in conclusion.possible)
        return self.say(f"未能确定，可能为：{names}", f"undetermined, one of: {names}")

    def level(self, conclusion: ConclusionDocument, value: bool | str | None) -> str:
        if value is None:
            return self.say("无结论", "no outcome")
        if isinstance(value, bool):
            return self.say("是", "yes") if value else self.say("否", "no")
        if conclusion.choice is None:
            return value
        return self.words(self.document.choices[conclusion.choice].values[value])

    def at_worst(self, conclusion: ConclusionDocument) -> bool:
        if conclusion.choice is None:
            return False
        choice = self.document.choices[conclusion.choice]
        levels = list(choice.values)
        worst = {"last": levels[-1], "first": levels[0], "none": None}[choice.worse]
        return conclusion.value == worst

    def treated(self, conclusion: ConclusionDocument) -> str:
        if conclusion.treated is None:
            return ""
        value = self.level(conclusion, conclusion.treated)
        if conclusion.kind == "finding":
            value = self.say("发现", "found") if conclusion.treated else self.say("未发现", "not found")
        return self.say(f"；按{value}处理", f"; treated as {value}")

    def classes(self) -> Iterator[Line]:
        grades = {sector.grade for sector in self.document.sectors}
        found = [
            c for c in self.document.conclusions
            if c.path == self.root and c.sector is None and c.kind != "grade" and c.name not in grades and c.binds
            and (c.kind == "assignment" or (c.choice is not None and self.document.choices[c.choice].scale))
        ]  # fmt: skip
        if found:
            yield Line(self.say("分类与监管", "Class and supervision"), "heading")
        for conclusion in found:
            yield from self.one(conclusion)

    def one(self, conclusion: ConclusionDocument) -> Iterator[Line]:
        said = f"{self.words(conclusion.title)}{self.say('：', ': ')}"
        if conclusion.status == "undetermined":
            yield Line(said + self.possible(conclusion) + self.treated(conclusion), "open", 1)
            if not conclusion.rules and not conclusion.needs:
                yield Line(
                    self.say("没有已载入的规定作出判定", "no instrument that is loaded here decides it"), "quiet", 2
                )
            yield from self.needs([conclusion], 2)
            return
        value = (
            self.say("不适用", "does not apply") if conclusion.status == "no_value" else self.words(conclusion.words)
        )
        yield Line(f"{said}{value}{self.cited(conclusion.clauses)}", "item", 1)

    # ---- findings ----------------------------------------------------------------------------------------------------

    def findings(self) -> Iterator[Line]:
        grouped: dict[str, list[FindingDocument]] = {}
        for finding in self.document.findings:
            grouped.setdefault(finding.clause.partition("#")[0], []).append(finding)
        for name, found in grouped.items():
            yield Line(self.instrument(self.document.instruments[name]), "heading")
            for finding in found:
                if finding.status != "not_applicable":
                    yield from self.finding(finding)
            skipped = [finding.clause.partition("#")[2] for finding in found if finding.status == "not_applicable"]
            if skipped:
                yield Line(
                    self.say(f"不适用：{self.listed(skipped)}", f"Not applicable: {self.listed(skipped)}"), "quiet", 1
                )

    def instrument(self, instrument: InstrumentDocument) -> str:
        days = (
            [instrument.in_force_from or "…", instrument.in_force_to]
            if instrument.in_force_to
            else [instrument.in_force_from or "…"]
        )
        force = self.say(
            f"{days[0]} 起施行" if len(days) == 1 else f"{days[0]} 至 {days[1]} 施行",
            f"in force from {days[0]}" if len(days) == 1 else f"in force {days[0]} to {days[1]}",
        )
        number = f"{instrument.number}{self.say('，', ', ')}" if instrument.number else ""
        inferred = self.say("（推定）", " (inferred)") if instrument.inferred is not None else ""
        return self.say(
            f"隐患判定：{instrument.title.zh}（{number}{force}{inferred}）",
            f"Findings: {instrument.title.en} ({number}{force}{inferred})",
        )

    def finding(self, finding: FindingDocument) -> Iterator[Line]:
        mark, style = _MARKS[finding.status]
        severity = {"major": self.say("重大", "major"), "general": self.say("一般", "general"), None: ""}[
            finding.severity
        ]
        status = {
            "found": self.say(f"发现{severity}隐患", f"{severity} hazard found"),
            "undetermined": self.say("未能确定", "undetermined"),
            "not_found": self.say("未发现", "not found"),
        }[finding.status]
        clause = finding.clause.partition("#")[2]
        title = self.words(finding.title)
        said = self.say(f"{mark} {clause} {title} —— {status}", f"{mark} {clause} {title} — {status}")
        if finding.status == "found" and (places := self.places(finding.found_in)):
            said += self.say(f"：{places}", f": {places}")
        conclusions = [
            self.by_name[path, name]
            for path in finding.undetermined_in
            for name in finding.conclusions
            if (path, name) in self.by_name
        ]
        if finding.status == "undetermined" and conclusions:
            said += self.treated(conclusions[0])
            if all(each.status == "found" for each in conclusions):
                said += self.say("（已依其他条款发现）", " (found by another clause)")
        yield Line(said + self.memory(finding), style, 1)
        if finding.status == "undetermined":
            yield from self.needs(conclusions, 2)

    def memory(self, finding: FindingDocument) -> str:
        concluded = (c for c in self.document.conclusions if c.name in finding.conclusions)
        return (
            self.say("（规则凭记忆写成）", " (rule written from memory)")
            if any(c.from_memory for c in concluded)
            else ""
        )

    def places(self, paths: list[str]) -> str:
        names = [self.entity(path) for path in paths if path != self.root]
        if len(names) <= _MOST_NAMES:
            return self.listed(names)
        shown = self.listed(names[:_MOST_NAMES])
        return self.say(f"{shown}等共 {len(names)} 处", f"{shown} and {len(names) - _MOST_NAMES} more")

    def entity(self, path: str) -> str:
        entity = self.document.entities[path]
        title = self.words(entity.title)
        if entity.residual:
            return self.say(f"未列出的{title}", f"any {title} not listed")
        number = int(path.rpartition("[")[2].rstrip("]")) + 1 if path.endswith("]") else 0
        return entity.name or (f"{title} {number}" if number else title)

    def needs(self, conclusions: list[ConclusionDocument], depth: int) -> Iterator[Line]:
        """What would settle them, the same fact of several parts on one line."""
        grouped: dict[tuple[str, str], list[NeedDocument]] = {}
        for conclusion in conclusions:
            for need in conclusion.needs:
                same = grouped.setdefault((need.kind, _INDEX.sub("[*]", need.path)), [])
                if all(other.path != need.path for other in same):
                    same.append(need)
        shown = list(grouped.items())[:_MOST_NEEDS]
        for (kind, path), found in shown:
            yield Line(self.need(kind, path, found), "quiet", depth)
        if len(grouped) > len(shown):
            more = len(grouped) - len(shown)
            yield Line(
                self.say(f"… 另有 {more} 项（--format json 全部列出）", f"… {more} more (--format json lists all)"),
                "quiet",
                depth,
            )

    def need(self, kind: str, path: str, found: list[NeedDocument]) -> str:
        verbs = {
            "fact": Text("需查明", "find out"),
            "list": Text("需确认是否还有", "find out whether there are more"),
            "decision": Text("需要作出并记录决定", "needs a recorded decision"),
            "reading": Text("条文读法未定，须先选定", "the reading of the clause is unsettled; it must be chosen"),
            "instrument": Text("没有施行中的规定判定", "no instrument in force decides"),
            "row": Text("表中没有此项", "the table has no row"),
            "conflict": Text("规定互相冲突", "the rules conflict"),
            "not_computable": Text("无法计算", "cannot be computed"),
        }
        verb = verbs[kind].in_language(self.language)
        title = self.words(found[0].title)
        where = ""
        if len(found) > 1:
            where = self.say(f"，共 {len(found)} 处", f", in {len(found)} places")
        elif found[0].owner is not None and "[" in path:
            where = self.say(f"，{found[0].owner.zh}", f", {found[0].owner.en}")
        named = path.removeprefix(f"{self.root}.")
        known = ""
        if (
            len({need.known.en for need in found if need.known is not None}) == 1
            and found[0].known is not None
            and found[0].known.en != "unknown"
        ):
            known = self.say(f"，目前知道：{found[0].known.zh}", f", known so far: {found[0].known.en}")
        return self.say(f"{verb}：{title}{where}{known}〔{named}〕", f"{verb}: {title}{where}{known} [{named}]")

    # ---- the rest ----------------------------------------------------------------------------------------------------

    def duties(self) -> Iterator[Line]:
        found = [
            c
            for c in self.document.conclusions
            if c.kind == "duty" and c.binds and c.status in ("determined", "undetermined")
        ]
        if found:
            yield Line(self.say("义务", "Duties"), "heading")
        for duty in found:
            due = self.by_name.get((duty.path, f"{duty.name}.due"))
            when = self.say(f"，期限：{due.words.zh}", f", due: {due.words.en}") if due is not None else ""
            status = (
                self.say("；是否适用未能确定", "; whether it applies is undetermined")
                if duty.status == "undetermined"
                else ""
            )
            where = "" if duty.path == self.root else f" — {self.entity(duty.path)}"
            yield Line(
                f"{self.words(duty.title)}{where}{when}{status}{self.cited(duty.clauses)}",
                "open" if status else "item",
                1,
            )

    def conclusions(self) -> Iterator[Line]:
        yield Line(self.say("全部结论", "All conclusions"), "heading")
        colon = self.say("：", ": ")
        path = None
        for conclusion in sorted(self.document.conclusions, key=lambda c: c.path):
            if conclusion.path != path:
                path = conclusion.path
                yield Line(f"{self.entity(path)} ({path})", "item", 1)
            yield Line(
                f"{self.words(conclusion.title)}{colon}{self.words(conclusion.words)} [{conclusion.name}]",
                "plain",
                2,
            )

    def assumptions(self) -> Iterator[Line]:
        if self.document.assumptions:
            yield Line(self.say("假设的事实", "Assumed facts"), "heading")
        for assumed in self.document.assumptions:
            said = f"{self.words(assumed.title)} = {self.words(assumed.value)}"
            yield Line(self.say(f"{said}：{assumed.why}", f"{said}: {assumed.why}"), "item", 1)

    def basis(self) -> Iterator[Line]:
        engine = self.document.engine
        yield Line(self.say("依据", "Basis"), "heading")
        plugins = ", ".join(f"{plugin.name} {plugin.version}" for plugin in engine.plugins if plugin.loaded)
        loaded = f"{self.say('；插件 ', '; plugins ')}{plugins}" if plugins else ""
        how = self.say(f"（{engine.engine}）", f" ({engine.engine})")
        yield Line(f"safetyrules {engine.version}{how}{loaded}", "quiet", 1)
        yield Line(self.say(f"规则摘要 {engine.plan_digest}", f"plan {engine.plan_digest}"), "quiet", 1)
        yield Line(
            self.say(f"事实摘要 {self.document.facts_digest}", f"facts {self.document.facts_digest}"), "quiet", 1
        )

    def cited(self, clauses: list[str]) -> str:
        if not clauses:
            return ""
        instrument, _, _ = clauses[0].partition("#")
        title = self.words(self.document.instruments[instrument].title)
        ids = self.listed(c.partition("#")[2] for c in clauses if c.startswith(f"{instrument}#"))
        return self.say(f"（{title} {ids}）", f" ({title} {ids})")
