"""``safetyrules facts``: which facts can be given."""

from __future__ import annotations

from typing import Annotated

import typer

from safetyrules.cli import options as o
from safetyrules.cli.output import PlainForm, language_of, print_json, print_table
from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.text import same


def facts(
    kind: Annotated[str | None, typer.Argument(metavar="[KIND]", help="An entity kind (default: all).")] = None,
    search: Annotated[
        str | None, typer.Option("--search", metavar="WORD", help="Only facts with this word in name or title.")
    ] = None,
    rules: o.RULES = None,
    form: o.PLAIN_FORM = PlainForm.text,
    lang: o.LANG = None,
) -> int:
    """List the facts of each entity kind: type, unit, range, title."""
    from safetyrules.facts.table_of_facts import describe
    from safetyrules.plugins import load_with_paths

    schema = load_with_paths(rules or ()).schema
    if kind is not None and kind not in schema.kinds:
        fix, expected = did_you_mean(kind, schema.kinds), same(" / ".join(schema.kinds))
        raise RequestError([diagnostic("SR0412", name=kind, found=kind, expected=expected, fix=fix)])
    language = language_of(lang)
    word = (search or "").casefold()
    found = [
        row for row in describe(schema, language)
        if kind in (None, row.kind) and (not word or word in row.fact.casefold() or word in row.title.casefold())
    ]  # fmt: skip
    if form is PlainForm.json:
        from safetyrules.documents import FactDocument, FactsListDocument

        print_json(FactsListDocument(facts=[FactDocument(**row._asdict()) for row in found]).to_json())
        return 0
    heads = {
        "zh": ("实体", "事实", "类型", "单位", "取值", "名称"),
        "en": ("kind", "fact", "type", "unit", "values", "title"),
    }[language]
    print_table(heads, [row[:6] for row in found])
    return 0
