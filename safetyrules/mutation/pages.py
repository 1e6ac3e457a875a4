"""A page for each ruleset: what is written, with the survivors under their lines."""

from __future__ import annotations

from collections.abc import Iterator
from html import escape

from safetyrules.mutation.reporting import Mutation, as_case, beside, done
from safetyrules.mutation.running import Fate
from safetyrules.testing.coverage.reporting import STYLE, percent
from safetyrules.testing.coverage.sources import lines_of
from safetyrules.text import Language, Text

_ROWS: dict[str, Text] = {
    "killed": Text("杀死", "killed"),
    "survived": Text("存活", "survived"),
    "equivalent": Text("等价", "equivalent"),
    "stillborn": Text("不成立", "stillborn"),
    "not_run": Text("未运行", "not run"),
}


def page(mutation: Mutation, ruleset: str, language: Language) -> str:
    """A page of one file, which needs no other."""
    count = mutation.counted(ruleset)
    title = f"{ruleset}: {percent(count.score)} %"
    rows = "".join(
        f"<tr><td>{escape(words.in_language(language))}</td><td>{getattr(count, name)}</td></tr>"
        for name, words in _ROWS.items()
    )
    fates = [fate for fate in mutation.fates if fate.mutant.ruleset == ruleset]
    body = "".join(_source(source, fates, language) for source in dict.fromkeys(f.mutant.span.source for f in fates))
    return (
        f'<!doctype html>\n<html lang="{language}"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{STYLE}</style></head>'
        f"<body><h1>{escape(title)}</h1><table>{rows}</table>{body}</body></html>\n"
    )


def _source(source: str, fates: list[Fate], language: Language) -> str:
    by_line: dict[int, list[Fate]] = {}
    for fate in fates:
        if fate.mutant.span.source == source:
            by_line.setdefault(fate.mutant.span.line, []).append(fate)
    written = []
    for number, line in enumerate(lines_of(source), start=1):
        here = [fate for fate in by_line.get(number, ()) if fate.status in ("killed", "survived")]
        left = [fate for fate in here if fate.status == "survived"]
        shade = "" if not here else "all" if not left else "none" if len(left) == len(here) else "some"
        survivors = "".join(_survivor(fate, language) for fate in left)
        written.append(
            f'<div class="{shade}" id="L{number}"><span class="number">{number}</span>{escape(line)}{survivors}</div>'
        )
    return f'<h2>{escape(source)}</h2><div class="source">{"".join(written)}</div>'


def _survivor(fate: Fate, language: Language) -> str:
    return f'<div class="left">✗ {escape(done(fate, language))}{"".join(_beside(fate, language))}</div>'


def _beside(fate: Fate, language: Language) -> Iterator[str]:
    for words in beside(fate, language):
        yield f'<div class="cases">{escape(words)}</div>'
    if fate.suggestion is not None:
        told = Text("可直接粘贴的案例", "the case, to paste").in_language(language)
        case = escape(as_case(fate.suggestion))
        yield f'<details class="cases"><summary>{told}</summary><pre>{case}</pre></details>'
