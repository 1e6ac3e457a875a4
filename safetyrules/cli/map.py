"""``safetyrules map``: a mapping file for a register, proposed and checked."""

from __future__ import annotations

import sys
import tempfile
from datetime import date
from pathlib import Path
from typing import Annotated

import typer

from safetyrules.cli import options as o
from safetyrules.cli.output import language_of, print_diagnostics
from safetyrules.diagnostics import RequestError, diagnostic
from safetyrules.program import Program
from safetyrules.text import same

mapping = typer.Typer(
    name="map", help="Propose and check the mapping of a register's columns to facts.", no_args_is_help=True
)
REGISTER = Annotated[str, typer.Argument(metavar="REGISTER", help="A file, or a folder of files named after kinds.")]


@mapping.command()
def init(
    register: REGISTER,
    out: Annotated[
        Path | None, typer.Option("-o", "--out", metavar="FILE", help="Write here (default: print).")
    ] = None,
    rules: o.RULES = None,
    lang: o.LANG = None,
) -> int:
    """Propose a mapping file: columns matched to facts, what is left over, what rules also read."""
    from safetyrules.plugins import load_with_paths
    from safetyrules.register.proposal import propose

    program = load_with_paths(rules or ())
    root = program.schema.roots[0]
    with tempfile.TemporaryDirectory(prefix="register-") as scratch:
        text = propose(program.schema, root, register, _facts_read(program, root), Path(scratch), language_of(lang))
    if out is None:
        sys.stdout.write(text)
        return 0
    try:
        with out.open("x", encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        reason = same(error.strerror or type(error).__name__)
        raise RequestError([diagnostic("SR4001", path=str(out), name=str(out), reason=reason)]) from None
    sys.stdout.write(f"{out}\n")
    return 0


@mapping.command()
def check(
    register: REGISTER,
    file: Annotated[Path | None, typer.Option("--mapping", metavar="FILE", help="The mapping file.")] = None,
    rules: o.RULES = None,
    lang: o.LANG = None,
) -> int:
    """Check that every column of a register fits, without reading its rows; print the columns that are not read."""
    from safetyrules.plugins import load_with_paths
    from safetyrules.register.register import open_register

    with open_register(register, file, program=load_with_paths(rules or ())) as opened:
        print_diagnostics(opened.notices, language_of(lang), to_stderr=False)
    return 0


def _facts_read(program: Program, root: str) -> dict[str, set[str]]:
    """By kind, the facts that the latest law reads."""
    from safetyrules.engine.compiled.layout import facts_read

    plan = program.plan(date.max)
    return facts_read(plan, root, plan.conclusions)
