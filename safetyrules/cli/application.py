"""The verbs together, and what happens when one fails: one clear diagnostic, no traceback, an exit code."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Sequence
from itertools import pairwise

import typer

from safetyrules.cli import BAD_INPUT, INTERNAL, output
from safetyrules.cli.assess import assess
from safetyrules.cli.batch import batch
from safetyrules.cli.check import check
from safetyrules.cli.demo import demo
from safetyrules.cli.facts import facts
from safetyrules.cli.fmt import fmt
from safetyrules.cli.graph import graph
from safetyrules.cli.map import mapping
from safetyrules.cli.mutate import mutate
from safetyrules.cli.new import new
from safetyrules.cli.plugins import plugins
from safetyrules.cli.rules import rules
from safetyrules.cli.schema import schema
from safetyrules.cli.test import run_cases
from safetyrules.cli.trace import trace
from safetyrules.cli.version import version
from safetyrules.cli.why import why, why_not
from safetyrules.diagnostics import Diagnostic, SafetyRulesError, diagnostic
from safetyrules.text import Language, same

INTERRUPTED = 130
BROKEN_PIPE = 141
#: Set to show where an internal error comes from.
TRACEBACK = "SAFETYRULES_TRACEBACK"

application = typer.Typer(
    name="safetyrules",
    help="Work-safety law as rules: what is found, which grade, which tier, and why. 安全生产规则引擎。",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
)
for verb, name in (
    (assess, "assess"),
    (why, "why"),
    (why_not, "why-not"),
    (batch, "batch"),
    (check, "check"),
    (run_cases, "test"),
    (trace, "trace"),
    (fmt, "fmt"),
    (graph, "graph"),
    (mutate, "mutate"),
    (rules, "rules"),
    (facts, "facts"),
    (plugins, "plugins"),
    (schema, "schema"),
    (version, "version"),
):
    application.command(name)(verb)
application.add_typer(demo, name="demo")
application.add_typer(mapping, name="map")
application.add_typer(new, name="new")

#: The base of every complaint about the command line itself, wherever this release of typer keeps it.
_UsageError = next(base for base in typer.BadParameter.__mro__ if base.__name__ == "UsageError")


def run(arguments: Sequence[str] | None = None) -> int:
    """Run one command line and return its exit code."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    output.never_fail_on_characters()
    try:
        code = _run(given)
        sys.stdout.flush()
    except BrokenPipeError:
        return _pipe_closed()
    return code


def _run(given: list[str]) -> int:
    try:
        code = typer.main.get_command(application).main(given, prog_name="safetyrules", standalone_mode=False)
    except SafetyRulesError as error:
        return _refused(error.diagnostics, given, BAD_INPUT)
    except SystemExit as leaving:
        if isinstance(leaving.__context__, BrokenPipeError):  # typer has already turned it into an exit
            raise BrokenPipeError from None
        return leaving.code if isinstance(leaving.code, int) else INTERNAL
    except (KeyboardInterrupt, typer.Abort):
        return INTERRUPTED
    except BrokenPipeError:
        raise
    except Exception as error:
        if isinstance(error, _UsageError):
            return _misused(error, given)
        if os.environ.get(TRACEBACK):
            raise
        reason = same(f"{type(error).__name__}: {str(error)[:200]}")
        return _refused([diagnostic("SR4090", reason=reason, fix=same(f"{TRACEBACK}=1"))], given, INTERNAL)
    return code if isinstance(code, int) else 0


def _misused(error: Exception, given: list[str]) -> int:
    if type(error).__name__ == "NoArgsIsHelpError":
        context = getattr(error, "ctx", None)
        sys.stderr.write(f"{context.get_help()}\n" if context is not None else "")
        return BAD_INPUT
    words = str(getattr(error, "format_message", lambda: str(error))())
    return _refused([diagnostic("SR4004", reason=same(words), fix=same("safetyrules --help"))], given, BAD_INPUT)


def _refused(problems: Sequence[Diagnostic], given: list[str], code: int) -> int:
    """Print the problems to standard error, as JSON where the command line asked for that."""
    if "json" in _options(given, "--format"):
        sys.stderr.write(json.dumps(output.diagnostics_json(problems), ensure_ascii=False, indent=2) + "\n")
    else:
        output.print_diagnostics(problems, _language(given))
    return code


def _language(given: list[str]) -> Language:
    asked = [word for word in _options(given, "--lang") if word in ("zh", "en")] or [
        os.environ.get("SAFETYRULES_LANG", "")
    ]
    return output.language_of(output.Tongue(asked[-1]) if asked[-1] in ("zh", "en") else None)


def _options(given: list[str], name: str) -> list[str]:
    values = [following for word, following in pairwise(given) if word == name]
    return values + [word.partition("=")[2] for word in given if word.startswith(f"{name}=")]


def _pipe_closed() -> int:
    """Who reads us has enough; what Python still holds must not be written."""
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    return BROKEN_PIPE
