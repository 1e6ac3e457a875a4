"""``safetyrules facts``: which facts can be given, and which rules read them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from safetyrules.cli import options as o
from safetyrules.cli.output import Form, language_of, print_json, print_table
from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.text import same

if TYPE_CHECKING:
    from safetyrules.dictionary.entries import Entry, Page
    from safetyrules.facts.schema import Schema


def facts(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[NAME]", help="An entity kind, or a section with the parts in it (default: all)."),
    ] = None,
    search: Annotated[
        str | None, typer.Option("--search", metavar="WORD", help="Only facts with this word in name or title.")
    ] = None,
    pages: Annotated[
        Path | None,
        typer.Option("--pages", metavar="FOLDER", help="Write a Markdown page for each section, and an index."),
    ] = None,
    rules: o.RULES = None,
    form: o.FORM = Form.text,
    lang: o.LANG = None,
) -> int:
    """List the facts that can be given: type, unit, range, title; as Markdown or JSON also who reads them."""
    from safetyrules.dictionary.entries import chosen, dictionary
    from safetyrules.plugins import load_with_paths

    program = load_with_paths(rules or ())
    language = language_of(lang)
    everything = dictionary(program)
    found = everything if name is None else _named(everything, program.schema, name)
    if search:
        word = search.casefold()
        found = chosen(found, lambda entry: any(word in said.casefold() for said in _names(entry)))
    if pages is not None:
        from safetyrules.cli.coverage import write
        from safetyrules.dictionary.telling import markdown_pages

        for file, text in markdown_pages(found, language).items():
            write(pages / file, text.encode())
    elif form is Form.json:
        from safetyrules.dictionary.documents import facts_document

        print_json(facts_document(found).to_json())
    elif form is Form.markdown:
        from safetyrules.dictionary.telling import markdown

        sys.stdout.write("\n".join(markdown(page, language) for page in found))
    else:
        from safetyrules.facts.table_of_facts import describe

        kept = {(entry.kind, entry.fact.name) for page in found for entry in page.entries}
        heads = {
            "zh": ("实体", "事实", "类型", "单位", "取值", "名称"),
            "en": ("kind", "fact", "type", "unit", "values", "title"),
        }[language]
        print_table(heads, [row[:6] for row in describe(program.schema, language) if (row.kind, row.fact) in kept])
    return 0


def _named(pages: tuple[Page, ...], schema: Schema, name: str) -> tuple[Page, ...]:
    """The facts of a kind, else a page. Raises RequestError."""
    from safetyrules.dictionary.entries import chosen

    if name in schema.kinds:
        return chosen(pages, lambda entry: entry.kind == name)
    found = tuple(page for page in pages if page.name == name)
    if not found:
        known = [*schema.kinds, *(page.name for page in pages if page.name not in schema.kinds)]
        fix = did_you_mean(name, known)
        raise RequestError([diagnostic("SR0412", name=name, found=name, expected=same(" / ".join(known)), fix=fix)])
    return found


def _names(entry: Entry) -> tuple[str, ...]:
    return (entry.path, *entry.fact.title)
