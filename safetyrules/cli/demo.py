"""``safetyrules demo register``: an invented register, to try things out and to measure with."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Protocol

import typer

from safetyrules.cli import options as o
from safetyrules.cli.output import language_of, print_table
from safetyrules.diagnostics import RequestError, diagnostic
from safetyrules.text import Text

demo = typer.Typer(help="Invented data. 示例数据。", no_args_is_help=True, rich_markup_mode=None)


class RegisterForm(StrEnum):
    parquet = "parquet"
    csv = "csv"
    ndjson = "ndjson"


class _Written(Protocol):
    def __call__(self, rows: int) -> None: ...


@demo.callback()
def _demo() -> None:
    """Invented data. 示例数据。"""


@demo.command("register")
def register(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder to make, with a table of each kind.")],
    rows: Annotated[int, typer.Option("--rows", metavar="N", help="How many subjects.")] = 1000,
    seed: Annotated[int, typer.Option("--seed", metavar="S", help="The same seed gives the same register.")] = 0,
    missing: Annotated[float, typer.Option("--missing", metavar="SHARE", help="Facts that are unknown.")] = 0.1,
    boundary: Annotated[
        float, typer.Option("--boundary", metavar="SHARE", help="Numbers and dates on a bound of the law or beside it.")
    ] = 0.05,
    open_lists: Annotated[
        float, typer.Option("--open", metavar="SHARE", help="Lists that may have more members.")
    ] = 0.05,
    present: Annotated[
        list[str] | None,
        typer.Option("--present", metavar="SECTOR=SHARE", help="Subjects with a sector's hazard (default: 0.2)."),
    ] = None,
    parts: Annotated[
        list[str] | None,
        typer.Option("--parts", metavar="KIND=MEAN", help="Parts of a kind in a list, on average (default: 3, 2)."),
    ] = None,
    law_at: Annotated[
        str | None,
        typer.Option("--law-at", metavar="DATE", help="The day whose law gives the bounds (default: the latest law)."),
    ] = None,
    place: Annotated[
        str, typer.Option("--place", metavar="CODE", help="The region that the subjects are in (default: Shenyang).")
    ] = "210100",
    form: Annotated[
        RegisterForm, typer.Option("--format", help="Tables, or documents, one a line.")
    ] = RegisterForm.parquet,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace a folder that holds tables and nothing else.")
    ] = False,
    rules: o.RULES = None,
    lang: o.LANG = None,
) -> int:
    """Invent a register: subjects with their parts, made from the facts of all loaded sectors."""
    from safetyrules.plugins import load_with_paths
    from safetyrules.program import day_of
    from safetyrules.register.demo_folder import write_demo_register
    from safetyrules.register.demo_request import DemoRequest

    request = DemoRequest(
        rows,
        seed,
        missing=missing,
        boundary=boundary,
        open_lists=open_lists,
        present=_numbers("--present", present or ()),
        parts=_numbers("--parts", parts or ()),
        law_at=None if law_at is None else day_of("law_at", law_at),
        place=place,
    )
    program = load_with_paths(rules or ())
    with _progress(rows) as written:
        tables = write_demo_register(program, request, out, form.value, overwrite=overwrite, written=written)
    heads = {"zh": ("表", "行数"), "en": ("table", "rows")}[language_of(lang)]
    print_table(heads, [(kind, str(count)) for kind, count in tables.items()])
    return 0


def _numbers(option: str, given: Sequence[str]) -> dict[str, float]:
    """The numbers of ``NAME=NUMBER`` texts."""
    found: dict[str, float] = {}
    for each in given:
        name, equals, number = each.partition("=")
        try:
            if not equals:
                raise ValueError(each)
            found[name.strip()] = float(number)
        except ValueError:
            expected = Text("名称=数", "NAME=NUMBER")
            raise RequestError([diagnostic("SR2105", option=option, found=each, expected=expected)]) from None
    return found


@contextmanager
def _progress(rows: int) -> Iterator[_Written]:
    """A bar on a terminal; nothing where the output goes into a file."""
    if not sys.stderr.isatty():
        yield lambda rows: None
        return
    from rich.console import Console
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=rows)
        yield lambda rows: bar.update(task, completed=rows)
