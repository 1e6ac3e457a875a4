"""Coverage as lines for a terminal, as ``coverage/v1``, and as a page for each ruleset."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape
from typing import Literal

from pydantic import AliasChoices, Field

from safetyrules.documents import Words
from safetyrules.documents import words as both
from safetyrules.report import Line
from safetyrules.testing.coverage.measuring import KINDS, Coverage, Item, Kind, share
from safetyrules.testing.coverage.sources import lines_of, written
from safetyrules.testing.documents import Part
from safetyrules.text import Language, Text

NAMES: dict[Kind, Text] = {
    "rule": Text("规则", "rules"),
    "row": Text("决策表的行", "rows"),
    "condition": Text("条件的取值", "outcomes of conditions"),
    "independence": Text("独立影响", "independence (MC/DC)"),
    "exception": Text("例外", "exceptions"),
    "overlay": Text("叠加", "overlays"),
    "clause": Text("条款", "clauses"),
}
_TOTAL = Text(
    "覆盖率 {percent} %：{of} 项中的 {reached} 项，{cases} 个案例；另有 {impossible} 项不可能",
    "coverage {percent} %: {reached} of {of}, by {cases} cases; {impossible} more are impossible",
)
#: A document names no more cases than this for one item; it says how many there are.
MOST_CASES = 20
_SCHEMA = AliasChoices("schema", "schema_")


def terminal(coverage: Coverage, language: Language) -> Iterator[Line]:
    """A line for each ruleset, then what is left, with its place."""
    for ruleset in coverage.rulesets:
        parts = []
        for kind in KINDS:
            reached, of = coverage.counted(kind, ruleset)
            if of:
                parts.append(f"{NAMES[kind].in_language(language)} {reached}/{of}")
        whole = share(*coverage.counted(ruleset=ruleset))
        style: Literal["good", "open"] = "good" if whole == 100 else "open"
        yield Line(f"{ruleset}: {percent(whole)} % ({', '.join(parts)})", style)
    for item in coverage.left:
        what = "" if item.kind in ("rule", "exception", "overlay", "clause") else written(item.span)
        said = " ".join(filter(None, (what, item.missing.in_language(language))))
        yield Line(f"{item.span}: {item.rule}: {said}", "open")
    reached, of = coverage.counted()
    total = _TOTAL.format(
        percent=percent(coverage.percent), reached=reached, of=of, cases=coverage.cases,
        impossible=sum(not item.wanted for item in coverage.items),
    )  # fmt: skip
    yield Line(total.in_language(language), "good" if reached == of else "open")


def percent(share: float) -> str:
    """Rounded down, so that only all is 100."""
    return "100" if share >= 100 else f"{int(share * 10) / 10:.1f}"


# ---- coverage/v1 ----------------------------------------------------------------------------------------------------


class CountDocument(Part):
    reached: int
    of: int
    percent: float


class ItemDocument(Part):
    """One thing to reach. ``part`` says which: an outcome, the number of a row, a clause. What is not ``possible`` is
    not counted. ``cases`` names some of those that reach it."""

    kind: Literal["rule", "row", "condition", "independence", "exception", "overlay", "clause"]
    rule: str
    at: str = Field(description="source:line:column")
    written: str
    part: str
    possible: bool
    reached: bool
    missing: Words
    count: int
    cases: list[str]


class RulesetCoverageDocument(Part):
    ruleset: str
    total: CountDocument
    kinds: dict[str, CountDocument]
    items: list[ItemDocument]


class CoverageDocument(Part):
    """What tests reach of rulesets."""

    schema_: Literal["coverage/v1"] = Field(
        default="coverage/v1", validation_alias=_SCHEMA, serialization_alias="schema"
    )
    cases: int
    total: CountDocument
    rulesets: list[RulesetCoverageDocument]


def coverage_document(coverage: Coverage) -> CoverageDocument:
    return CoverageDocument(
        cases=coverage.cases,
        total=_count(*coverage.counted()),
        rulesets=[
            RulesetCoverageDocument(
                ruleset=name,
                total=_count(*coverage.counted(ruleset=name)),
                kinds={kind: _count(*coverage.counted(kind, name)) for kind in KINDS},
                items=[_item(item) for item in coverage.items if item.ruleset == name],
            )
            for name in coverage.rulesets
        ],
    )


def _count(reached: int, of: int) -> CountDocument:
    return CountDocument(reached=reached, of=of, percent=round(share(reached, of), 2))


def _item(item: Item) -> ItemDocument:
    return ItemDocument(
        kind=item.kind, rule=item.rule, at=str(item.span), written=written(item.span), part=item.part,
        possible=item.possible, reached=item.reached, missing=both(item.missing), count=len(item.cases),
        cases=[case.id for case in item.cases[:MOST_CASES]],
    )  # fmt: skip


# ---- pages ----------------------------------------------------------------------------------------------------------

STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 76rem; padding: 0 1rem; color: #1b1f24; }
table { border-collapse: collapse; } td, th { text-align: left; padding: .15rem .8rem .15rem 0; }
.source { font: 13px/1.45 ui-monospace, monospace; border: 1px solid #d0d7de; overflow-x: auto; }
.source div { white-space: pre; padding-left: .5rem; border-left: .3rem solid transparent; }
.source .all { border-left-color: #2da44e; background: #eefbf1; }
.source .some { border-left-color: #bf8700; background: #fff8e1; }
.source .none { border-left-color: #cf222e; background: #ffebe9; }
.number { display: inline-block; width: 3.5rem; color: #6e7781; user-select: none; }
.left { white-space: pre-wrap; font-family: system-ui, sans-serif; color: #9a3412; margin-left: 3.5rem; }
.cases { color: #57606a; margin-left: 3.5rem; white-space: normal; }
details summary { cursor: pointer; }
@media (prefers-color-scheme: dark) {
  body { background: #0d1117; color: #e6edf3; } .source .all { background: #12261e; }
  .source .some { background: #2b2111; } .source .none { background: #2d1517; } .left { color: #ffb4a2; }
}
"""


def page(coverage: Coverage, ruleset: str, language: Language) -> str:
    """A page of one file: the counts, and the ruleset as written, each line with what is reached and what is left."""
    items = [item for item in coverage.items if item.ruleset == ruleset]
    whole = percent(share(*coverage.counted(ruleset=ruleset)))
    rows = "".join(
        f"<tr><td>{escape(NAMES[kind].in_language(language))}</td><td>{reached} / {of}</td></tr>"
        for kind in KINDS
        for reached, of in [coverage.counted(kind, ruleset)]
        if of
    )
    sources = dict.fromkeys(item.span.source for item in items if item.kind != "clause")
    title = f"{ruleset}: {whole} %"
    body = "".join(_source(source, items, language) for source in sources) + _clauses(items, language)
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1><table>{rows}</table>{body}</body></html>\n"
    )


def _source(source: str, items: list[Item], language: Language) -> str:
    by_line: dict[int, list[Item]] = {}
    for item in items:
        if item.span.source == source and item.kind != "clause":
            by_line.setdefault(item.span.line, []).append(item)
    written_lines = []
    for number, line in enumerate(lines_of(source), start=1):
        here = [item for item in by_line.get(number, ()) if item.wanted]
        left = [item for item in here if not item.reached]
        shade = "" if not here else "all" if not left else "none" if len(left) == len(here) else "some"
        written_lines.append(
            f'<div class="{shade}" id="L{number}"><span class="number">{number}</span>{escape(line)}'
            f"{''.join(_left(item, language) for item in left)}{_cases(here, language)}</div>"
        )
    return f'<h2>{escape(source)}</h2><div class="source">{"".join(written_lines)}</div>'


def _left(item: Item, language: Language) -> str:
    return f'<div class="left">✗ {escape(written(item.span))} {escape(item.missing.in_language(language))}</div>'


def _cases(items: list[Item], language: Language) -> str:
    names = dict.fromkeys(case.name for item in items for case in item.cases)
    if not names:
        return ""
    told = Text(f"{len(names)} 个案例", f"{len(names)} cases").in_language(language)
    shown = "; ".join(escape(name) for name in list(names)[:MOST_CASES]) + (" …" if len(names) > MOST_CASES else "")
    return f'<details class="cases"><summary>{told}</summary>{shown}</details>'


def _clauses(items: list[Item], language: Language) -> str:
    rows = "".join(
        f"<tr><td>{'✓' if item.reached else '✗'}</td><td>{escape(item.part)}</td><td>{len(item.cases)}</td></tr>"
        for item in items
        if item.kind == "clause"
    )
    heads = Text("<th></th><th>条款</th><th>案例</th>", "<th></th><th>clause</th><th>cases</th>")
    title = NAMES["clause"].in_language(language)
    return f"<h2>{escape(title)}</h2><table><tr>{heads.in_language(language)}</tr>{rows}</table>"
