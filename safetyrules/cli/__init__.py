"""The command line. `main` is the console script; each verb has a module of its own."""

from __future__ import annotations

from collections.abc import Sequence

#: Exit codes, the same for every verb.
ANSWERED = 0
WARNINGS = 1
BAD_INPUT = 2
INTERNAL = 3


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    from safetyrules.cache import keep_for_user
    from safetyrules.cli.application import run

    keep_for_user()
    return run(arguments)
