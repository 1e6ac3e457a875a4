"""``safetyrules new ruleset|plugin|test``: files that check and pass as they are made."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safetyrules.cli import ANSWERED
from safetyrules.cli import options as o
from safetyrules.cli.output import language_of
from safetyrules.text import Language, Text

new = typer.Typer(
    help="Start a ruleset, a plugin or a test file: an example that checks and passes, to be changed.",
    no_args_is_help=True,
    rich_markup_mode=None,
)

_NAME = Annotated[str, typer.Argument(metavar="NAME", help="Lower case words joined by _.")]
_FOLDER = Annotated[
    Path | None,
    typer.Option("--folder", metavar="PATH", help="Where to write it (default: NAME, or safetyrules-NAME)."),
]
_ZH = Annotated[str | None, typer.Option("--zh", metavar="TEXT", help="Its title in Chinese (default: NAME).")]
_EN = Annotated[str | None, typer.Option("--en", metavar="TEXT", help="Its title in English (default: NAME).")]


@new.command("ruleset")
def ruleset(name: _NAME, folder: _FOLDER = None, zh: _ZH = None, en: _EN = None, lang: o.LANG = None) -> int:
    """Write a folder with facts, an instrument, a ruleset and its tests."""
    from safetyrules.starting.scaffold import ruleset_files, write_new

    where = folder or Path(name)
    files = ruleset_files(name, _title(name, zh, en))
    write_new(where, files)
    _told(where, [each.path for each in files], language_of(lang))
    _next(language_of(lang), f"safetyrules check {where}", f"safetyrules test {where} --min-coverage 100")
    return ANSWERED


@new.command("plugin")
def plugin(name: _NAME, folder: _FOLDER = None, zh: _ZH = None, en: _EN = None, lang: o.LANG = None) -> int:
    """Write a sector as a package that can be installed: facts, an instrument, rules, a grade and tests."""
    from safetyrules.starting.scaffold import plugin_files, write_new

    where = folder or Path(f"safetyrules-{name.replace('_', '-')}")
    files = plugin_files(name, _title(name, zh, en))
    write_new(where, files)
    _told(where, [each.path for each in files], language_of(lang))
    law = f"{where}/safetyrules_{name}/law"
    _next(
        language_of(lang), f"safetyrules check {law}", f"safetyrules test {law} --rules {law} --min-coverage 100",
        f"pip install ./{where}" if not where.is_absolute() else f"pip install {where}", "safetyrules plugins",
    )  # fmt: skip
    return ANSWERED


@new.command("test")
def first(
    ruleset: Annotated[Path, typer.Argument(metavar="RULESET", help="The file of the ruleset.")],
    rules: o.RULES = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            "--as-of", metavar="DATE", help="The day of the case (default: the first on which all rules hold)."
        ),
    ] = None,
    lang: o.LANG = None,
) -> int:
    """Write a test file beside a ruleset: what it says where nothing is known, and the facts that its rules ask for."""
    from safetyrules.diagnostics import RulesetError
    from safetyrules.folders import unreadable
    from safetyrules.program import day_of
    from safetyrules.starting.first_tests import first_tests
    from safetyrules.starting.scaffold import write_new

    try:
        file = first_tests(ruleset, rules or (), None if as_of is None else day_of("as_of", as_of))
    except OSError as error:
        raise RulesetError([unreadable(str(ruleset), error)]) from error
    write_new(ruleset.parent, (file,))
    _told(ruleset.parent, [file.path], language_of(lang))
    _next(language_of(lang), f"safetyrules test {ruleset.parent / file.path}")
    return ANSWERED


def _title(name: str, zh: str | None, en: str | None) -> Text:
    words = name.replace("_", " ")
    return Text(zh or words, en or words[:1].upper() + words[1:])


def _told(where: Path, paths: list[str], language: Language) -> None:
    for path in paths:
        print(Text(f"已写入 {where / path}", f"wrote {where / path}").in_language(language))


def _next(language: Language, *commands: str) -> None:
    print(Text("接下来：", "next:").in_language(language))
    for command in commands:
        print(f"  {command}")
