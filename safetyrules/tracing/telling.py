"""The matrix for a reader: lines for a terminal, and a table in Markdown."""

from __future__ import annotations

from collections.abc import Collection, Iterator

from safetyrules.report import Line, Style
from safetyrules.text import Language, Text, markdown_safe
from safetyrules.tracing.matrix import STATUSES, Citer, Matrix, Status, TracedClause, TracedInstrument

NAMES: dict[Status, Text] = {
    "rule": Text("有规则", "rule"),
    "other_subject": Text("约束其他主体", "other subject"),
    "not_decidable": Text("不可判定", "not decidable"),
    "text_not_at_hand": Text("原文不在手", "text not at hand"),
    "pending": Text("待写", "pending"),
    "unaccounted": Text("无着落", "unaccounted for"),
}
_MARKS: dict[Status, tuple[str, Style]] = {
    "rule": ("✓", "good"),
    "other_subject": ("·", "quiet"),
    "not_decidable": ("·", "quiet"),
    "text_not_at_hand": ("?", "open"),
    "pending": ("…", "open"),
    "unaccounted": ("✗", "bad"),
}
_WORDS: dict[str, Text] = {
    "row": Text("第 {name} 行", "row {name}"),
    "table": Text("查找表 {name}", "lookup table {name}"),
    "parameter": Text("参数 {name}", "parameter {name}"),
    "overlay": Text("叠加（{name}）", "overlay ({name})"),
}
_CASES = Text("{count} 个案例", "{count} cases")
_UNTESTED = Text("没有案例", "no case")
_FROM_MEMORY = Text("凭记忆", "from memory")
_CONFIDENCE = {
    "verified-2-sources": Text("两处核对", "2 sources"),
    "verified-1-source": Text("一处核对", "1 source"),
    "from-memory": _FROM_MEMORY,
}
_PARTLY = Text("部分{status}", "in part {status}")
_TOTAL = Text("{count} 个条款：{parts}", "{count} clauses: {parts}")
_TESTS = Text(
    "{passed} 个案例通过，{failed} 个失败（失败的不算）；"
    "有规则的 {rules} 个条款中，{untested} 个没有案例，{memory} 个凭记忆",
    "{passed} cases pass, {failed} fail and count for nothing; "
    "of {rules} clauses with rules, {untested} have no case and {memory} rest on memory",
)


def terminal(matrix: Matrix, language: Language, statuses: Collection[Status], cases: bool) -> Iterator[Line]:
    """A heading for each instrument and a line for each clause of ``statuses``; ``cases`` names every case too."""
    for each in matrix.instruments:
        chosen = [clause for clause in each.clauses if clause.status in statuses]
        if not chosen:
            continue
        yield Line(_head(each, language), "heading")
        for clause in chosen:
            yield from _clause(matrix, clause, language, cases)
    yield Line("")
    for line in summary(matrix, language):
        yield Line(line, "bad" if matrix.unaccounted or matrix.untested else "plain")


def summary(matrix: Matrix, language: Language) -> Iterator[str]:
    """How many clauses have which status; what the tests came to."""
    counted = matrix.counted()
    parts = [f"{NAMES[status].in_language(language)} {counted[status]}" for status in STATUSES if counted[status]]
    joined = ("、" if language == "zh" else ", ").join(parts)
    yield _TOTAL.format(count=sum(counted.values()), parts=joined).in_language(language)
    if matrix.tested:
        yield _TESTS.format(
            passed=matrix.passed, failed=matrix.failed, rules=counted["rule"], untested=len(matrix.untested),
            memory=sum(clause.from_memory for clause in matrix.clauses),
        ).in_language(language)  # fmt: skip


def markdown(matrix: Matrix, language: Language, statuses: Collection[Status], cases: bool) -> str:
    """A table for each instrument."""
    zh = language == "zh"
    heads = ("条款", "内容", "状态", "规则", "案例") if zh else ("clause", "title", "status", "rules", "cases")
    written = [f"# {'条款对照表' if zh else 'Clauses, rules and tests'}\n"]
    written.extend(f"{line}\n" for line in summary(matrix, language))
    for each in matrix.instruments:
        chosen = [clause for clause in each.clauses if clause.status in statuses]
        if not chosen:
            continue
        written.append(f"## {markdown_safe(_head(each, language))}\n")
        written.append(f"| {' | '.join(heads)} |\n|{'---|' * len(heads)}")
        for clause in chosen:
            rules = [markdown_safe(_citer(citer, language)) for citer in clause.citers]
            told = _count(clause, language) if matrix.tested and clause.citers else ""
            if cases:
                told = "<br>".join([told, *(markdown_safe(case.id) for case in clause.cases)])
            cells = (
                markdown_safe(clause.clause.id), markdown_safe(clause.clause.title.in_language(language)),
                markdown_safe(_status(clause, language)), "<br>".join(rules), told,
            )  # fmt: skip
            written.append(f"| {' | '.join(cells)} |")
        written.append("")
    return "\n".join(written).rstrip("\n") + "\n"


def _head(traced: TracedInstrument, language: Language) -> str:
    each = traced.instrument
    days = f"{each.in_force.first or ''}..{each.in_force.last or ''}"
    number = f" {each.number}" if each.number else ""
    return f"{each.title.in_language(language)}{number} ({days}) [{each.id}]"


def _clause(matrix: Matrix, clause: TracedClause, language: Language, cases: bool) -> Iterator[Line]:
    mark, style = _MARKS[clause.status]
    if matrix.tested and clause.status == "rule" and not clause.cases:
        mark, style = "!", "bad"
    title = clause.clause.title.in_language(language)
    yield Line(f"{mark} {clause.clause.id} {title} — {_status(clause, language)}", style)
    for citer in clause.citers:
        told = f", {_count(citer, language)}" if matrix.tested else ""
        yield Line(f"{_citer(citer, language)}{told}", "plain", 1)
        for case in citer.cases if cases else ():
            yield Line(case.id, "quiet", 2)


def _status(clause: TracedClause, language: Language) -> str:
    """The status; with the reason where there is one."""
    words = NAMES[clause.status].in_language(language)
    if clause.status == "rule" and clause.clause.status != "rule":
        part = _PARTLY.format(status=NAMES[clause.clause.status]).in_language(language)
        words = f"{words}{'；' if language == 'zh' else '; '}{part}"
    if clause.clause.reason is not None:
        words = f"{words}{'：' if language == 'zh' else ': '}{clause.clause.reason.in_language(language)}"
    return words


def _citer(citer: Citer, language: Language) -> str:
    words = citer.name
    if citer.kind != "rule":
        said = _WORDS[citer.kind].format(name=citer.name).in_language(language)
        words = f"{citer.rule} {said}" if citer.rule is not None else said
    if citer.confidence is not None and citer.kind in ("rule", "row"):
        words = f"{words} ({_CONFIDENCE[citer.confidence].in_language(language)})"
    return words


def _count(reached: Citer | TracedClause, language: Language) -> str:
    count = len(reached.cases)
    return (_CASES.format(count=count) if count else _UNTESTED).in_language(language)
