"""The data dictionary for whoever fills in facts: pages in Markdown, with an index."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain

from safetyrules.dictionary.entries import Entry, Group, Page, Role, RulesetUse
from safetyrules.facts.json_forms import both, unit_of
from safetyrules.facts.schema import BooleanType, ChoiceType, FactType, NumberType, PartsType, ValuesType
from safetyrules.facts.table_of_facts import type_words
from safetyrules.text import Language, Text, markdown_safe

INDEX = "README.md"
_TITLE = Text("数据字典", "Data dictionary")
_MADE = Text(
    "本目录由 `safetyrules facts --pages` 生成，不要手工修改。",
    "These pages are written by `safetyrules facts --pages`; changes by hand are lost.",
)
_HOW = Text(
    "不知道的不填，或填 `{unknown: true}`；只知道范围的填 `{at_least: 300}`、"
    "`{between: [30, 50]}` 或 `{one_of: [a, b]}`；"
    "注明可不适用的，查过确实没有的填 `{not_applicable: true}`。路径中的 `[*]` 表示列表中的每一项。",
    "What is not known is left out, or `{unknown: true}`; what is partly known is `{at_least: 300}`, "
    "`{between: [30, 50]}` or `{one_of: [a, b]}`; where it says so, what does not apply is `{not_applicable: true}`. "
    "`[*]` in a path stands for every member of a list.",
)
_HEADS = Text("页面 | 内容 | 事实数 | 没有规则读取的", "page | of | facts | that no rule reads")
_FACTS = Text("事实：{count} 项", "Facts: {count}")
_PART = Text("`{kind}`，列表 `{path}` 的每一项。", "`{kind}`: each member of the list `{path}`.")
_OWN = Text("`{kind}` 自身的事实。", "Facts of `{kind}` itself.")
_VALUE = Text("填写", "value")
_UNIT = Text("单位 {unit}", "in {unit}")
_AT_LEAST = Text("不小于 {bound}", "at least {bound}")
_AT_MOST = Text("不大于 {bound}", "at most {bound}")
_LOG = Text("按 {date} 记日期", "dated by `{date}`")
_ORDERED = Text("从前到后排序", "in this order")
_MAY_NOT_APPLY = Text("可填不适用", "or not applicable")
_FIND_OUT = Text("怎样查明", "how to find out")
_READ_BY = Text("由以下规则读取", "read by")
_UNREAD = Text("没有规则直接读取", "no rule reads it directly")
_LABEL = Text(
    "没有规则读取；用来区分对象，或确定适用哪里的规定",
    "no rule reads it; it tells one from another, or says whose law is meant",
)
_DATE = Text("记录按它排列；没有规则另行读取", "it dates the entries of a log; no rule reads it besides")
_MEMBERS = Text("规则逐项判断其成员", "rules are about its members")
_TRUE, _ABOVE_ZERO = Text("真", "true"), Text("正数", "above 0")
_ROLES: Mapping[Role, Text] = {
    "present": Text("说明是否属于行业领域“{sector}”", "says whether the sector “{sector}” is there"),
    "implied": Text("为{there}时，不能否认行业领域“{sector}”", "where {there}, “{sector}” cannot be denied"),
    "listed": Text("列有成员时，不能否认行业领域“{sector}”", "where it has members, “{sector}” cannot be denied"),
    "code": Text(
        "代码以 {codes} 开头时，不能否认行业领域“{sector}”",
        "where the code begins with {codes}, “{sector}” cannot be denied",
    ),
}


def markdown_pages(pages: Iterable[Page], language: Language) -> dict[str, str]:
    """By name of the file: each page, and the index."""
    found = {f"{page.name}.md": markdown(page, language) for page in pages}
    return {INDEX: index(pages, language), **found}


def index(pages: Iterable[Page], language: Language) -> str:
    heads = _HEADS.in_language(language)
    lines = [f"# {_TITLE.in_language(language)}", "", _HOW.in_language(language), "", _MADE.in_language(language), ""]
    lines += [f"| {heads} |", f"|{'---|' * (heads.count('|') + 1)}"]
    for page in pages:
        entries = list(page.entries)
        unread = sum(_unread(entry) for entry in entries)
        lines.append(f"| [`{page.name}`]({page.name}.md) | {_both(page.title)} | {len(entries)} | {unread or ''} |")
    return "\n".join(lines) + "\n"


def markdown(page: Page, language: Language) -> str:
    """One page: a heading for each kind and section, and for each fact."""
    count = len(list(page.entries))
    head = [f"# {_both(page.title)} `{page.name}`", "", _FACTS.format(count=count).in_language(language)]
    groups = (_group(group, language) for group in page.groups)
    return "\n".join(chain(head, *groups)) + "\n"


def _group(group: Group, language: Language) -> Iterator[str]:
    about = _OWN if group.list_path is None else _PART
    yield from ("", f"## {_both(group.title)}", "")
    yield about.format(kind=group.kind, path=group.list_path).in_language(language)
    for entry in group.entries:
        yield from ("", f"### `{entry.path}`", "", _both(entry.fact.title), "")
        yield from _said(entry, language)


def _said(entry: Entry, language: Language) -> Iterator[str]:
    """What to give, how to find it out, and who reads it."""
    colon = "：" if language == "zh" else ": "
    yield f"- {_VALUE.in_language(language)}{colon}{'; '.join(_value(entry, language))}"
    single = _single(entry.fact.type)
    if isinstance(single, ChoiceType):
        for member, title in zip(single.members, single.titles, strict=True):
            yield f"  - `{member}`: {_both(title)}"
    if entry.fact.help is not None:
        yield f"- {_FIND_OUT.in_language(language)}{colon}{_both(entry.fact.help)}"
    for use in entry.sectors:
        there = _TRUE if isinstance(entry.fact.type, BooleanType) else _ABOVE_ZERO
        words = _ROLES[use.role].format(sector=use.title, codes=", ".join(use.codes), there=there)
        yield f"- {markdown_safe(words.in_language(language))}"
    if not entry.read_by:
        yield f"- {_unread_words(entry).in_language(language)}"
        return
    yield f"- {_READ_BY.in_language(language)}{colon}".rstrip()
    for read in entry.read_by:
        yield f"  - {markdown_safe(read.title.in_language(language))} `{read.ruleset}`: {', '.join(_clauses(read))}"


def _value(entry: Entry, language: Language) -> Iterator[str]:
    """What is given: type, unit, range, whether it may not apply."""
    of = entry.fact.type
    words = type_words(of).in_language(language)
    yield f"{words} (`true` / `false`)" if isinstance(of, BooleanType) else words
    if unit_of(of):
        yield _UNIT.format(unit=unit_of(of)).in_language(language)
    match _single(of):
        case ChoiceType(scale=True):
            yield _ORDERED.in_language(language)
        case NumberType(minimum=low, maximum=high):
            for bound, said in ((low, _AT_LEAST), (high, _AT_MOST)):
                if bound is not None:
                    yield said.format(bound=bound).in_language(language)
    if isinstance(of, PartsType) and of.log is not None:
        yield _LOG.format(date=of.log).in_language(language)
    if entry.fact.may_not_apply:
        yield _MAY_NOT_APPLY.in_language(language)


def _clauses(read: RulesetUse) -> Iterator[str]:
    """The clauses cited; with their instrument where that is not the ruleset's own."""
    for citation in read.clauses:
        instrument, _, clause = citation.partition("#")
        yield markdown_safe(clause if instrument == read.instrument else citation)


def _unread(entry: Entry) -> bool:
    """Does no rule read it, nor the language itself?"""
    return not (entry.read_by or entry.log or entry.label or entry.sectors or isinstance(entry.fact.type, PartsType))


def _unread_words(entry: Entry) -> Text:
    if entry.label:
        return _LABEL
    if entry.log:
        return _DATE
    return _MEMBERS if isinstance(entry.fact.type, PartsType) else _UNREAD


def _single(of: FactType) -> FactType:
    return of.item if isinstance(of, ValuesType) else of


def _both(text: Text) -> str:
    """In both languages, as words of a page."""
    return markdown_safe(both(text))
