"""An explanation as an outline in one language: sections of marked lines, which every written form prints."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from safetyrules.engine import algebra
from safetyrules.explanation import phrases as p
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import NO_VALUE, amount, either, standing
from safetyrules.explanation.lines import Line, Section
from safetyrules.explanation.trace import Node
from safetyrules.facts.schema import ScalarType
from safetyrules.language.ruleform import ACCUMULATING
from safetyrules.text import Language, Text
from safetyrules.values import Scalar

#: More entities than this are not all named in a row.
NAMED = 4


class Outline:
    """Writes reasons in one language."""

    def __init__(self, language: Language) -> None:
        self.language = language

    def say(self, text: Text, **values: object) -> str:
        return (text.format(**values) if values else text).in_language(self.language)

    # ---- conclusions -------------------------------------------------------------------------------------------------

    def sections(self, reasons: Iterable[r.ConclusionReason]) -> tuple[Section, ...]:
        """One section for each conclusion; entities with the same reasons share one."""
        found: list[Section] = []
        by_name: dict[str, list[int]] = {}
        for reason in reasons:
            made = self.section(reason)
            places = by_name.setdefault(reason.node[1], [])
            for place in places:
                before = found[place]
                if (before.outcome, before.lines) == (made.outcome, made.lines):
                    nodes, owners = (*before.nodes, *made.nodes), (*before.owners, *made.owners)
                    found[place] = Section(nodes, before.title, owners, before.outcome, before.lines)
                    break
            else:
                places.append(len(found))
                found.append(made)
        return tuple(found)

    def section(self, reason: r.ConclusionReason) -> Section:
        lines: list[Line] = []
        for rule in reason.rules:
            lines.extend(self._rule(reason, rule, several=len(reason.rules) > 1))
        if reason.unwritten is not None:
            lines.extend(self.step(reason.unwritten))
        lines.extend(Line(words, "!") for words in dict.fromkeys(self.say(notice.message) for notice in reason.notices))
        owners = (self.say(reason.owner),) if reason.owner is not None else ()
        return Section((reason.node,), self.say(reason.title), owners, self.outcome(reason), tuple(lines))

    def outcome(self, reason: r.ConclusionReason) -> str:
        """The outcome of a conclusion in a few words."""
        words = self.concluded(reason.kind, reason.value, reason.type)
        if reason.kind == "finding" and reason.severity is not None and reason.status in ("found", "undetermined"):
            severities = p.SEVERITIES if reason.status == "found" else p.IF_FOUND
            severity = self.say(severities[reason.severity])
            return f"{words}{self.say(p.OPENING)}{severity}{self.say(p.CLOSING)}"
        return words

    def concluded(self, kind: str, value: Scalar, type_: ScalarType) -> str:
        """What is possible of a conclusion, in the words of its kind."""
        if kind == "finding":
            status = {"true": "found", "false": "not_found", "unknown": "undetermined"}.get(
                standing(value), "not_applicable"
            )
            return self.say(p.STATUSES[status])
        if kind == "duty":
            state = standing(value)
            if state in ("true", "false"):
                return self.say(p.DUTY[state == "true"])
            return self.say(p.STATUSES["undetermined" if state == "unknown" else "not_applicable"])
        return self.say(amount(value, type_, spelt_out=True))

    # ---- rules -------------------------------------------------------------------------------------------------------

    def _rule(self, reason: r.ConclusionReason, rule: r.RuleReason, several: bool) -> list[Line]:
        lines = [*self._laws(rule.citations, rule.confidence)]
        if rule.force in p.FORCES:
            lines.append(Line(self.say(p.FORCES[rule.force])))
        for _, title, ground in rule.prevails:
            lines.append(Line(f"{self.say(p.GROUNDS[ground])}{self.say(p.COLON)}{self.say(title)}", "▸"))
        lines.extend(self._settings(rule))
        for overlay in rule.overlays:
            lines.append(
                Line(
                    f"{self.say(p.OVERLAYS[overlay.action])}{self.say(p.COLON)}{self.citations(overlay.citations)}", "▸"
                )
            )
        if rule.applies is not None:
            lines.append(self._headed(p.APPLIES, rule.applies))
        if rule.body is not None:
            head = p.WHEN if reason.kind in ("finding", "duty") else p.OUTCOME
            lines.append(
                self._headed(head, rule.body)
                if rule.body.matters
                else Line(self.say(head), "·", self.say(p.REPLACED), False)
            )
        lines.extend(self._exception(each) for each in rule.exceptions)
        counts = not several or rule.standing in ("decides", "may_decide")
        if rule.remedy is not None and counts and reason.status in ("found", "undetermined"):
            lines.append(Line(f"{self.say(p.REMEDY)}{self.say(p.COLON)}{self.say(rule.remedy)}"))
        if rule.note is not None:
            lines.append(Line(f"{self.say(p.NOTE)}{self.say(p.COLON)}{self.say(rule.note)}"))
        if not several:
            return lines
        says = self.concluded(reason.kind, rule.value, rule.type)
        standings = (
            p.DAYS if reason.kind == "due" else p.ACCUMULATING_WRITERS if reason.kind in ACCUMULATING else p.WRITERS
        )
        standing = standings[rule.standing]
        remark = f"{self.say(standing)}{self.say(p.COLON)}{says}"
        mark = {"decides": "✓", "may_decide": "?", "gives_way": "✗", "silent": "–"}[rule.standing]
        return [Line(self.say(rule.title), mark, remark, below=tuple(lines))]

    def _laws(self, citations: Sequence[r.Citation], confidence: str | None = None) -> Iterable[Line]:
        """One line for each instrument, with its clauses and the days it is in force."""
        for number, group in enumerate(_by_instrument(citations)):
            parts = [self.days(group[0])]
            if group[0].inferred is not None:
                parts.append(self.say(p.INFERRED, why=self.say(group[0].inferred).rstrip("。.")))
            if number == 0 and confidence is not None and confidence in p.CONFIDENCE:
                parts.append(self.say(p.CONFIDENCE[confidence]))
            cited = self._cited(group)
            yield Line(
                f"{self.say(p.LAW)}{self.say(p.COLON)}{cited}{self.say(p.COMMA)}{self.say(p.SEMICOLON).join(parts)}"
            )

    def _cited(self, group: Sequence[r.Citation]) -> str:
        """Clauses of one instrument, as one writes them."""
        first = group[0]
        if self.language == "zh":
            number = first.number if first.number.startswith("（") else f"（{first.number}）"
            return f"《{first.instrument_title.zh}》{number}" + "、".join(
                f"{c.clause} {c.clause_title.zh}" for c in group
            )
        number = first.number.strip("（）")
        return f"{first.instrument_title.en} ({number}) " + ", ".join(
            f"{c.clause} ({c.clause_title.en})" for c in group
        )

    def citations(self, citations: Sequence[r.Citation]) -> str:
        """Clauses with their instruments, without days."""
        return self.say(p.SEMICOLON).join(self._cited(group) for group in _by_instrument(citations))

    def days(self, citation: r.Citation) -> str:
        if citation.first is None and citation.last is None:
            return self.say(p.ALWAYS)
        words = self.say(p.IN_FORCE, first=citation.first) if citation.first is not None else ""
        return words + (self.say(p.UNTIL, last=citation.last) if citation.last is not None else "")

    def _settings(self, rule: r.RuleReason) -> Iterable[Line]:
        for setting in rule.settings:
            cited = (
                f"{self.say(p.OPENING)}{self.citations(setting.citations)}{self.say(p.CLOSING)}"
                if setting.citations
                else ""
            )
            words = (
                f"{self.say(p.SETTING)}{self.say(p.COLON)}{self.say(setting.title)} = {self.say(setting.value)}{cited}"
            )
            yield Line(words, "▸")

    def _exception(self, exception: r.ExceptionReason) -> Line:
        mark, how = p.EXCEPTIONS[exception.standing]
        words = f"{self.say(p.EXCEPTION)}{self.say(p.COLON)}{self.say(exception.title)}"
        below = [*self._laws(exception.citations)]
        if exception.recorded:
            below.append(Line(self.say(p.RECORDED)))
        else:
            below.extend(self.step(exception.when))
        if exception.then is not None:
            below.append(self._headed(p.OUTCOME, exception.then))
        elif not exception.recorded and exception.standing != "does_not_apply":
            below.append(Line(f"{self.say(p.OUTCOME)}{self.say(p.COLON)}{self.say(p.WITHDRAWN)}"))
        below.extend(self._exception(each) for each in exception.exceptions)
        return Line(words, mark, self.say(how), below=tuple(below))

    # ---- steps -------------------------------------------------------------------------------------------------------

    def _headed(self, head: Text, step: r.Step) -> Line:
        """A step under a heading, joined on one line where it is one."""
        lines = self.step(step)
        if len(lines) > 1:
            return Line(self.say(head), self._mark(step), self._idle(step), step.matters, below=tuple(lines))
        (only,) = lines
        words = f"{self.say(head)}{self.say(p.COLON)}{only.words}"
        if isinstance(step, r.Group) and step.matters:
            words = f"{self.say(head)}{self.say(p.OPENING)}{only.words}{self.say(p.CLOSING)}"
        return Line(words, only.mark, only.remark, only.matters, only.points, only.below)

    def step(self, step: r.Step) -> list[Line]:
        """A step as lines."""
        match step:
            case r.Atom():
                return [self._atom(step)]
            case r.Group(matters=False):
                return [Line(self.say(step.words), self._mark(step), self._idle(step), False)]
            case r.Group():
                below = tuple(line for each in step.steps for line in self.step(each))
                return [
                    Line(
                        self.say(p.GROUPS[step.operator]), self._mark(step), self._idle(step), step.matters, below=below
                    )
                ]
            case r.OverList():
                return [self._over_list(step)]
            case r.Branch():
                return self._branch(step)
            case r.Table():
                return [self._table(step)]
            case r.Count():
                return [self._count(step)]
            case r.Lookup():
                return [self._lookup(step)]
            case r.Readings():
                title = self.say(p.READINGS, count=len(step.readings), title=step.title, path=step.parameter)
                below = tuple(
                    Line(
                        self.say(p.READING, title=each.title),
                        self._mark(each.step),
                        self._value(each.step),
                        below=tuple(self.step(each.step)),
                    )
                    for each in step.readings
                )
                return [Line(title, self._mark(step), self._value(step), step.matters, below=below)]
            case r.Permission():
                return [self._permission(step)]
            case r.Undecided():
                return [Line(self.say(p.UNDECIDED), "?", self._idle(step), step.matters)]

    def _atom(self, atom: r.Atom) -> Line:
        mark, below = self._mark(atom), [line for each in atom.details for line in self.step(each)]
        words = self.say(atom.words)
        if mark == "=" or (not atom.reads and not atom.details and mark in "✓✗"):
            plainly = self._value(atom)
            if words == plainly or not (atom.reads or atom.details):
                return Line(words, "" if mark == "=" else mark, self._idle(atom), atom.matters, below=tuple(below))
        points: tuple[Node, ...] = ()
        remarks = []
        if len(atom.reads) == 1 and not atom.details:
            remarks.append(self.read(atom.reads[0], named=False))
            points = self._points(atom.reads[0])
        else:
            if mark == "=":
                remarks.append(self._value(atom))
            below = [Line(self.read(each, named=True), points=self._points(each)) for each in atom.reads] + below
        if idle := self._idle(atom):
            remarks.append(idle)
        return Line(words, mark, self.say(p.SEMICOLON).join(remarks), atom.matters, points, tuple(below))

    def _over_list(self, step: r.OverList) -> Line:
        below = [Line(self._list(each)) for each in step.lists]
        for member in step.members:
            inner = [line for test in member.tests for line in self.step(test)]
            if member.step is not None:
                inner.extend(self.step(member.step))
            remark = "" if member.certain or member.path.endswith("[?]") else self.say(p.MAY_BE_ABSENT)
            mark = self._mark(member.step) if member.step is not None else ""
            if len(inner) == 1 and member.step is not None and not member.tests:
                (only,) = inner
                words = f"{self.say(member.label)}{self.say(p.COLON)}{only.words}"
                remark = self.say(p.SEMICOLON).join(each for each in (only.remark, remark) if each)
                below.append(Line(words, only.mark or mark, remark, only.matters, only.points, only.below))
            else:
                below.append(Line(self.say(member.label), mark, remark, below=tuple(inner)))
        if step.others:
            below.append(Line(self.say(p.OTHERS, count=step.others), "·"))
        remark = self._value(step) if standing(step.value) == "value" else ""
        remark = self.say(p.SEMICOLON).join(each for each in (remark, self._idle(step)) if each)
        return Line(self.say(step.words), self._mark(step), remark, step.matters, below=tuple(below))

    def _branch(self, step: r.Branch) -> list[Line]:
        lines = [
            Line(
                self.say(p.IF), self._mark(step.test), self._idle(step), step.matters, below=tuple(self.step(step.test))
            )
        ]
        if step.then is not None:
            lines.append(self._headed(p.THEN, step.then))
        if step.otherwise is not None:
            lines.append(self._headed(p.OTHERWISE, step.otherwise))
        return lines

    def _table(self, table: r.Table) -> Line:
        rows: list[Line] = []
        unused: list[r.Row] = []
        for row in table.rows:
            if row.standing == "not_reached":
                unused.append(row)
            else:
                rows.append(self._row(row))
        if unused:
            number = f"{unused[0].number}" if len(unused) == 1 else f"{unused[0].number}–{unused[-1].number}"
            rows.append(
                Line(f"{self.say(p.ROW, number=number)}{self.say(p.COLON)}{self.say(p.ROWS['not_reached'][1])}", "·")
            )
        if table.otherwise is not None:
            rows.append(self._headed(p.NO_ROW_HOLDS, table.otherwise))
        return Line(
            self.say(p.BY_TABLE, hit=p.HITS[table.hit]),
            self._mark(table),
            self._value(table),
            table.matters,
            below=tuple(rows),
        )

    def _row(self, row: r.Row) -> Line:
        mark, _ = p.ROWS[row.standing]
        head, then = self.say(p.ROW, number=row.number), self._then(row.then)
        if isinstance(row.when, r.Group) and row.matters:
            words = f"{head} → {then}{self.say(p.OPENING)}{self.say(p.GROUPS[row.when.operator])}{self.say(p.CLOSING)}"
        else:
            words = f"{head}{self.say(p.COLON)}{self.say(row.words)} → {then}"
        if row.clauses:
            words += f" [{self.say(p.SEMICOLON).join(each.clause for each in row.clauses)}]"
        if not row.matters:
            return Line(words, mark, self.say(p.NO_DIFFERENCE), False)
        below: list[Line] = []
        remark = ""
        points: tuple[Node, ...] = ()
        if isinstance(row.when, r.Atom) and not row.when.details:
            only = self._atom(row.when)
            remark, points, below = only.remark, only.points, list(only.below)
        elif isinstance(row.when, r.Atom | r.Group | r.OverList):
            below.extend(line for each in self.step(row.when) for line in each.below)
        elif row.when is not None:
            below.extend(self.step(row.when))
        if row.standing != "does_not_hold" and not (
            isinstance(row.then, r.Atom) and not row.then.reads and not row.then.details
        ):
            below.append(self._headed(p.THEN, row.then))
        return Line(words, mark, remark, True, points, tuple(below))

    def _then(self, then: r.Step) -> str:
        if isinstance(then, r.Permission):
            return self.say(p.PERMITTED, choices=either(then.permitted))
        return self.say(then.words) if isinstance(then, r.Atom | r.OverList | r.Count) else self._value(then)

    def _count(self, count: r.Count) -> Line:
        below = [*self._counted(count.found, "✓"), *self._counted(count.possible, "?")]
        if not count.in_force:
            below.append(Line(self.say(p.NO_LIST), "!"))
        if count.others:
            below.append(Line(self.say(p.OTHER_FINDINGS, count=count.others), "·"))
        return Line(self.say(count.words), "=", self._value(count), count.matters, below=tuple(below))

    def _counted(self, reads: Sequence[r.ConclusionRead], mark: str) -> Iterable[Line]:
        grouped: dict[str, list[r.ConclusionRead]] = {}
        for read in reads:
            grouped.setdefault(self.say(read.title), []).append(read)
        for title, group in grouped.items():
            owners = [self.say(each.owner) for each in group if each.owner is not None]
            remark = self.together(owners)
            yield Line(title, mark, remark, points=tuple(each.node for each in group))

    def together(self, owners: Sequence[str]) -> str:
        """Several entities in a row, the later ones counted."""
        join = "、" if self.language == "zh" else ", "
        if len(owners) <= NAMED:
            return join.join(owners)
        return self.say(p.AND_MORE, words=join.join(owners[: NAMED - 1]), count=len(owners))

    def _lookup(self, step: r.Lookup) -> Line:
        keys = self.say(p.COMMA).join(f"{self.say(name)} = {self.say(value)}" for name, value in step.keys)
        words = self.say(p.LOOKED_UP, title=step.title, keys=keys, column=step.column, value=self._value(step))
        return Line(
            words,
            "=" if step.value.known else "?",
            self.say(p.NO_ROW) if step.row_exists is False else "",
            step.matters,
        )

    def _permission(self, step: r.Permission) -> Line:
        words = self.say(p.PERMITTED, choices=either(step.permitted))
        if step.decision is None:
            remark = self.say(p.NO_DECISION)
        else:
            remark = self.say(p.SETTLED if step.settled else p.UNSETTLED, title=step.decision.title)
            if step.settled or step.decision.given:
                remark += f"{self.say(p.COLON)}{self.read(step.decision, named=False)}"
        return Line(words, self._mark(step), remark, step.matters)

    # ---- facts -------------------------------------------------------------------------------------------------------

    def read(self, read: r.Read, named: bool) -> str:
        """A fact, list or conclusion with its value and where that comes from."""
        if isinstance(read, r.ListRead):
            return self._list(read)
        owner = (
            f"{self.say(read.owner)}{'的' if self.language == 'zh' else ': '}"
            if read.owner is not None and named
            else ""
        )
        head = f"{owner}{self.say(read.title)}{self.say(p.COLON)}" if named else ""
        if isinstance(read, r.ConclusionRead):
            return head + self.concluded(read.kind, read.value, read.type)
        unknown = not read.given and read.assumed is None
        value = (
            self.say(p.NOT_GIVEN)
            if unknown
            else self.say(amount(read.value, read.type, Text("不适用", "not applicable")))
        )
        return head + value + self._origin(read)

    def _list(self, read: r.ListRead) -> str:
        counted = (
            self.say(p.GIVEN_COUNT, count=read.count)
            if read.given or read.count or not read.open
            else self.say(p.NOT_GIVEN)
        )
        more = f"{self.say(p.COMMA)}{self.say(p.OPEN)}" if read.open else ""
        return f"{self.say(read.title)}{self.say(p.COLON)}{counted}{more}{self._origin(read)}"

    def _origin(self, read: r.FactRead | r.ListRead) -> str:
        parts = []
        if read.source is not None:
            parts.append(self.say(p.SOURCE, source=read.source))
        if read.assumed is not None:
            closed = read.assumed.startswith("closed world:")
            parts.append(self.say(p.ASSUMED, why=self.say(p.CLOSED) if closed else read.assumed))
        return f"{self.say(p.OPENING)}{self.say(p.SEMICOLON).join(parts)}{self.say(p.CLOSING)}" if parts else ""

    def _points(self, read: r.Read) -> tuple[Node, ...]:
        return (read.node,) if isinstance(read, r.ConclusionRead) else ()

    # ---- marks -------------------------------------------------------------------------------------------------------

    def _mark(self, step: r.Step) -> str:
        mark = p.MARKS[standing(step.value)]
        return "?" if mark == "=" and not step.value.known else mark

    def _idle(self, step: r.Step) -> str:
        return "" if step.matters else self.say(p.NO_DIFFERENCE)

    def _value(self, step: r.Step) -> str:
        if not algebra.has_value(step.value):
            return self.say(NO_VALUE)
        return self.say(amount(step.value, step.type, spelt_out=True))


def _by_instrument(citations: Sequence[r.Citation]) -> list[list[r.Citation]]:
    grouped: dict[str, list[r.Citation]] = {}
    for citation in citations:
        grouped.setdefault(citation.instrument, []).append(citation)
    return list(grouped.values())
