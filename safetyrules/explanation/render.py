"""Explanations written out: as text for a terminal and as Markdown, in Chinese or English."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from safetyrules.explanation import phrases as p
from safetyrules.explanation.amounts import amount
from safetyrules.explanation.lines import Line, Section
from safetyrules.explanation.outline import Outline
from safetyrules.facts.schema import PartsType, ScalarType, ValuesType
from safetyrules.text import Language, Text

if TYPE_CHECKING:
    from safetyrules.explanation.needs import Need
    from safetyrules.explanation.trace import Node
    from safetyrules.explanation.why import Explanation
    from safetyrules.explanation.why_not import Way, WhyNot
    from safetyrules.result import Assessment

INDENT = "  "
#: Remarks stand in a column of their own unless words beside them are longer than this.
COLUMN = 46


def text(explanation: Explanation, language: Language = "zh") -> str:
    """An explanation as an indented tree with ✓ ✗ ? marks."""
    outline = Outline(language)
    sections = outline.sections(explanation.conclusions)
    numbers = _numbers(sections)
    lines = [header(explanation.assessment, language), ""]
    for number, section in enumerate(sections, start=1):
        lines.append(f"[{number}] {_heading(outline, section)}")
        lines.extend(_tree(section.lines, 1, numbers))
        lines.append("")
    lines.extend(_listed(outline.say(p.SETTLE), needs_words(explanation.needs, language)))
    lines.extend(_listed(outline.say(p.ASSUMPTIONS), _assumptions(explanation, outline)))
    return "\n".join(lines).rstrip() + "\n"


def markdown(explanation: Explanation, language: Language = "zh") -> str:
    """An explanation as Markdown: a heading for each conclusion, nested lists of conditions."""
    outline = Outline(language)
    sections = outline.sections(explanation.conclusions)
    numbers = _numbers(sections)
    lines = [_escaped(header(explanation.assessment, language)), ""]
    for number, section in enumerate(sections, start=1):
        lines.extend((f"## {number}. {_escaped(_heading(outline, section))}", ""))
        lines.extend(_bullets(section.lines, 0, numbers))
        lines.append("")
    for title, items in (
        (p.SETTLE, needs_words(explanation.needs, language)),
        (p.ASSUMPTIONS, list(_assumptions(explanation, outline))),
    ):
        if items:
            lines.extend((f"## {outline.say(title)}", "", *(f"- {_escaped(item)}" for item in items), ""))
    return "\n".join(lines).rstrip() + "\n"


def text_why_not(answer: WhyNot, language: Language = "zh") -> str:
    """Why an outcome is not a level, as text."""
    outline = Outline(language)
    lines = [header(answer.assessment, language), "", _why_not_title(answer, outline)]
    shown: set[Text] = set()
    for number, way in enumerate(answer.ways, start=1):
        lines.append(f"{INDENT}{outline.say(p.WAY, number=number, words=way.by)}")
        lines.extend(_tree(_obstacles(way, outline, shown), 2, {}))
    return "\n".join(lines).rstrip() + "\n"


def markdown_why_not(answer: WhyNot, language: Language = "zh") -> str:
    """Why an outcome is not a level, as Markdown."""
    outline = Outline(language)
    lines = [_escaped(header(answer.assessment, language)), "", f"## {_escaped(_why_not_title(answer, outline))}", ""]
    shown: set[Text] = set()
    for number, way in enumerate(answer.ways, start=1):
        lines.append(f"- {_escaped(outline.say(p.WAY, number=number, words=way.by))}")
        lines.extend(_bullets(_obstacles(way, outline, shown), 1, {}))
    return "\n".join(lines).rstrip() + "\n"


def _why_not_title(answer: WhyNot, outline: Outline) -> str:
    phrase = {"proven": p.PROVEN_ALREADY, "possible": p.STILL_POSSIBLE, "excluded": p.EXCLUDED}[answer.standing]
    if not answer.ways and answer.standing != "proven":
        phrase = p.NO_WAY
    return f"{outline.say(answer.title)}{outline.say(p.COLON)}{outline.say(phrase, level=answer.level_title)}"


def _obstacles(way: Way, outline: Outline, shown: set[Text]) -> list[Line]:
    """The obstacles of a way; what was explained under an earlier way is not again."""
    lines = []
    for each in way.obstacles:
        steps = outline.step(each.step)
        remark, below = (steps[0].remark, steps[0].below) if len(steps) == 1 else ("", tuple(steps))
        if each.words in shown:
            below = ()
        shown.add(each.words)
        wanted = outline.say(p.MUST_HOLD if each.want else p.MUST_FAIL)
        words = f"{wanted}{outline.say(p.COLON)}{outline.say(each.words)}"
        lines.append(Line(words, "?" if each.unknown else "✗", remark, below=below))
    return lines or [Line(outline.say(p.NOTHING_AGAINST), "✓")]


def header(assessment: Assessment, language: Language) -> str:
    """What was asked: dates, jurisdiction, what-if, plan."""
    outline = Outline(language)
    request = assessment.request
    place = assessment.program.places.at(request.jurisdiction, request.law_at)
    named = f"{request.jurisdiction} {outline.say(place.name)}" if place is not None else request.jurisdiction
    parts = [
        outline.say(p.FACTS_OF, day=request.as_of),
        outline.say(p.LAW_AT, day=request.law_at),
        outline.say(p.JURISDICTION, place=named),
    ]
    if request.what_if:
        parts.append(outline.say(p.WHAT_IF))
    parts.append(outline.say(p.PLAN, digest=assessment.plan.digest[:12]))
    return outline.say(p.SEMICOLON).join(parts)


def needs_words(needs: Iterable[Need], language: Language) -> list[str]:
    """Needs, one line each; the same fact of several parts is one line."""
    grouped: dict[tuple[object, ...], list[Need]] = {}
    for need in needs:
        grouped.setdefault((need.kind, need.title, need.value, need.owner is None), []).append(need)
    return [_need(group, Outline(language)) for group in grouped.values()]


def _need(group: list[Need], outline: Outline) -> str:
    need = group[0]
    owners = outline.together([outline.say(each.owner) for each in group if each.owner is not None])
    owner = f"{owners}{outline.say(p.COLON)}" if owners else ""
    words = f"{outline.say(p.NEEDS[need.kind])}{outline.say(p.COLON)}{owner}{outline.say(need.title)}"
    known = need.value is not None and need.type is not None and not isinstance(need.type, PartsType | ValuesType)
    extra = []
    if known and need.value is not None and isinstance(need.type, ScalarType):
        value = amount(need.value, need.type)
        if value.en != "unknown":
            extra.append(outline.say(p.KNOWN, value=value))
    if need.options:
        extra.append(" / ".join(outline.say(title) for _, title in need.options))
    extra.append(need.path if len(group) == 1 else f"{need.path} … {group[-1].path}")
    return f"{words}{outline.say(p.OPENING)}{outline.say(p.SEMICOLON).join(extra)}{outline.say(p.CLOSING)}"


def _assumptions(explanation: Explanation, outline: Outline) -> Iterable[str]:
    for each in explanation.assumptions:
        owner = f"{outline.say(each.owner)}{outline.say(p.COLON)}" if each.owner is not None else ""
        why = outline.say(p.CLOSED) if each.why.startswith("closed world:") else each.why
        path = f"{outline.say(p.OPENING)}{each.path}{outline.say(p.CLOSING)}"
        yield f"{owner}{outline.say(each.title)}{outline.say(p.COLON)}{why}{path}"


def _numbers(sections: Sequence[Section]) -> dict[Node, int]:
    return {node: number for number, section in enumerate(sections, start=1) for node in section.nodes}


def _heading(outline: Outline, section: Section) -> str:
    owners = (
        f"{outline.say(p.OPENING)}{outline.together(section.owners)}{outline.say(p.CLOSING)}" if section.owners else ""
    )
    return f"{section.title}{owners}{outline.say(p.COLON)}{section.outcome}"


def _listed(title: str, items: Iterable[str]) -> list[str]:
    found = list(items)
    return [title, *(f"{INDENT}- {item}" for item in found), ""] if found else []


def _tree(lines: Sequence[Line], depth: int, numbers: dict[Node, int]) -> list[str]:
    found: list[str] = []
    _branch(lines, INDENT * depth, numbers, found)
    return found


def _branch(lines: Sequence[Line], indent: str, numbers: dict[Node, int], found: list[str]) -> None:
    written = [f"{indent}{line.mark} {line.words}" if line.mark else f"{indent}{line.words}" for line in lines]
    remarks = [_remark(line, numbers) for line in lines]
    widths = [width(words) if remark else 0 for words, remark in zip(written, remarks, strict=True)]
    fitting = zip(lines, widths, strict=True)
    column = max((wide for line, wide in fitting if line.remark and wide <= COLUMN), default=0)
    for line, words, remark, wide in zip(lines, written, remarks, widths, strict=True):
        if remark:
            words = f"{words}{' ' * (max(column - wide, 0) + 2)}← {remark}"
        found.append(words.rstrip())
        if line.below:
            _branch(line.below, indent + INDENT, numbers, found)


def _bullets(lines: Sequence[Line], depth: int, numbers: dict[Node, int]) -> Iterable[str]:
    for line in lines:
        mark = f"{line.mark} " if line.mark else ""
        remark = _remark(line, numbers)
        yield f"{INDENT * depth}- {mark}{_escaped(line.words)}{f' ← {_escaped(remark)}' if remark else ''}"
        yield from _bullets(line.below, depth + 1, numbers)


def _remark(line: Line, numbers: dict[Node, int]) -> str:
    if not line.points:
        return line.remark
    points = " ".join(f"[{n}]" for n in dict.fromkeys(numbers[node] for node in line.points if node in numbers))
    return " ".join(each for each in (line.remark, points) if each)


def _escaped(words: str) -> str:
    for character in "\\*_`<>|#":
        words = words.replace(character, f"\\{character}")
    return words


def width(words: str) -> int:
    """Columns on a terminal: East Asian wide characters take two."""
    if words.isascii():
        return len(words)
    return len(words) + sum(unicodedata.east_asian_width(character) in "WF" for character in words)
