"""Options that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from safetyrules.cli.output import Form, PlainForm, Tongue

CASE = Annotated[
    str,
    typer.Argument(
        metavar="CASE", help="A case file or bare facts, YAML or JSON; - for standard input; with --register a key."
    ),
]
AS_OF = Annotated[str | None, typer.Option("--as-of", metavar="DATE", help="The day the facts describe.")]
LAW_AT = Annotated[
    str | None, typer.Option("--law-at", metavar="DATE", help="The day whose law applies (default: --as-of).")
]
JURISDICTION = Annotated[
    str | None,
    typer.Option("--jurisdiction", metavar="CODE", help="GB/T 2260 code or CN (default: the place of operation)."),
]
TREAT = Annotated[
    str | None,
    typer.Option("--treat-unknown-as", metavar="withhold|worst|best", help="What becomes of undetermined conclusions."),
]
CLOSED = Annotated[
    list[str] | None,
    typer.Option("--closed", metavar="SECTION", help="Section in which what is not given is false; * for all."),
]
SECTOR = Annotated[list[str] | None, typer.Option("--sector", metavar="NAME", help="Only these sectors.")]
SET = Annotated[list[str] | None, typer.Option("--set", metavar="PATH=VALUE", help="Set a fact, as a what-if.")]
RULES = Annotated[
    list[Path] | None, typer.Option("--rules", metavar="PATH", help="Documents to load beside the installed law.")
]
FORM = Annotated[Form, typer.Option("--format", help="How to print the answer.")]
PLAIN_FORM = Annotated[PlainForm, typer.Option("--format", help="How to print the answer.")]
LANG = Annotated[Tongue | None, typer.Option("--lang", envvar="SAFETYRULES_LANG", help="Chinese or English.")]
REGISTER = Annotated[
    str | None,
    typer.Option("--register", metavar="IN", help="A register; CASE is then the key of one of its subjects."),
]
MAPPING = Annotated[Path | None, typer.Option("--mapping", metavar="FILE", help="The mapping file of the register.")]
