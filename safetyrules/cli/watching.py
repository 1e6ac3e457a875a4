"""Doing a thing again whenever a file changes, until the user has seen enough."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from importlib.resources import files
from pathlib import Path

from safetyrules.cli.output import print_diagnostics
from safetyrules.diagnostics import SafetyRulesError
from safetyrules.text import Language

#: Seconds between looks at the files.
INTERVAL = 0.5
_ENDINGS = (".yaml", ".yml", ".csv")


def watch_and(
    once: Callable[[], int],
    paths: Sequence[Path],
    language: Language,
    *,
    sleep: Callable[[float], None] = time.sleep,
    rounds: int | None = None,
) -> int:
    """Runs, and runs again after every change of a document, table or test; ``rounds`` (default: no end) are looks at
    the files. What is refused is said and ends nothing."""
    code = _guarded(once, language)
    before = _stamps(paths)
    while rounds is None or rounds > 0:
        sleep(INTERVAL)
        rounds = None if rounds is None else rounds - 1
        now = _stamps(paths)
        if now != before:
            before = now
            if sys.stdout.isatty():
                sys.stdout.write("\x1b[2J\x1b[H")
            code = _guarded(once, language)
    return code


def _guarded(once: Callable[[], int], language: Language) -> int:
    from safetyrules.cli import BAD_INPUT
    from safetyrules.plugins import load_installed

    load_installed.cache_clear()
    try:
        code = once()
    except SafetyRulesError as error:
        print_diagnostics(error.diagnostics, language)
        code = BAD_INPUT
    sys.stdout.flush()
    return code


def _stamps(paths: Sequence[Path]) -> Mapping[str, tuple[int, int]]:
    found = {}
    for path in _files([*paths, *_installed()]):
        try:
            status = path.stat()
        except OSError:
            continue
        found[str(path)] = (status.st_mtime_ns, status.st_size)
    return found


def _files(paths: Iterable[Path]) -> Iterable[Path]:
    for path in paths:
        if path.is_dir():
            yield from (each for each in path.rglob("*") if each.suffix in _ENDINGS)
        else:
            yield path


def _installed() -> list[Path]:
    """The folders of the installed plugins' documents, where they are folders."""
    from safetyrules.plugins import load_installed

    try:
        plugins = load_installed().plugins
    except SafetyRulesError:
        return []
    names = {document.partition("/")[0] for plugin in plugins for document in plugin.documents}
    return [Path(str(files(name))) for name in sorted(names)]
