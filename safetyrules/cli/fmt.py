"""``safetyrules fmt``: documents and tests in the one way in which they are written."""

from __future__ import annotations

import difflib
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated

import typer

from safetyrules.cli import ANSWERED, BAD_INPUT, WARNINGS
from safetyrules.cli import options as o
from safetyrules.cli.output import language_of, print_diagnostics
from safetyrules.diagnostics import Diagnostic, RequestError, RulesetError, diagnostic
from safetyrules.folders import TEST_ENDING, read_bytes, unreadable
from safetyrules.text import Language, Text, same

STDIN = "-"
_DONE = Text("已改写 {name}", "formatted {name}")
_WOULD = Text("需要改写 {name}", "would format {name}")
_SUMMARY = Text("{changed} 个文件{what}，{same} 个不变", "{changed} files {what}, {same} unchanged")


def fmt(
    paths: Annotated[
        list[str], typer.Argument(metavar="PATH...", help="Documents, tests, or folders of them; - for standard input.")
    ],
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; exit with 1 where a file would change.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    lang: o.LANG = None,
) -> int:
    """Format rulesets, facts, instruments, tables and tests. Never changes what they mean."""
    language = language_of(lang)
    if STDIN in paths:
        return _standard_input(language)
    problems: list[Diagnostic] = []
    changed = unchanged = 0
    for path in _files(paths):
        try:
            content = read_bytes(path)
            text = _formatted(path, content)
            if text is None:
                continue
            if text.encode() == content:
                unchanged += 1
                continue
            if not check and not diff:
                _replace(path, text)
        except RulesetError as error:
            problems.extend(error.diagnostics)
            continue
        except OSError as error:
            problems.append(unreadable(str(path), error))
            continue
        changed += 1
        if diff:
            sys.stdout.writelines(_diff(str(path), content.decode(), text))
        else:
            print((_WOULD if check else _DONE).format(name=path).in_language(language))
    print_diagnostics(problems, language)
    if not diff:
        what = Text("需要改写", "would change") if check else Text("已改写", "formatted")
        print(_SUMMARY.format(changed=changed, same=unchanged, what=what).in_language(language))
    if problems:
        return BAD_INPUT
    return WARNINGS if check and changed else ANSWERED


def _standard_input(language: Language) -> int:
    """What an editor gives, formatted to standard output; where that cannot be, nothing."""
    from safetyrules.formatting.document import formatted, is_ours

    content = sys.stdin.buffer.read()
    name = "stdin.yaml" if is_ours(content, STDIN) else f"stdin{TEST_ENDING}"
    try:
        sys.stdout.write(formatted(content, name, lambda beside: read_bytes(Path(beside))))
    except RulesetError as error:
        print_diagnostics(error.diagnostics, language)
        return BAD_INPUT
    return ANSWERED


def _files(paths: list[str]) -> Iterator[Path]:
    """The YAML files in paths, each once. Raises RequestError where a path is not there."""
    missing = [path for path in paths if not Path(path).exists()]
    if missing:
        raise RequestError([unreadable(path, FileNotFoundError(path)) for path in missing])
    seen: set[Path] = set()
    for path in map(Path, paths):
        inside = (
            sorted(each for ending in ("*.yaml", "*.yml") for each in path.rglob(ending)) if path.is_dir() else [path]
        )
        for each in inside:
            hidden = path.is_dir() and any(part.startswith(".") for part in each.relative_to(path).parts)
            if each.is_file() and not hidden and each.resolve() not in seen:
                seen.add(each.resolve())
                yield each


def _formatted(path: Path, content: bytes) -> str | None:
    """The text; None of YAML that is neither a document nor a test file. Raises RulesetError."""
    from safetyrules.formatting.document import formatted, is_ours

    if not is_ours(content, str(path)):
        return None
    return formatted(content, str(path), lambda name: read_bytes(path.parent / name))


def _replace(path: Path, text: str) -> None:
    """Writes the whole file or nothing. Raises RulesetError."""
    target = path.resolve()
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(text.encode())
        os.chmod(temporary, target.stat().st_mode)
        os.replace(temporary, target)
    except OSError as error:
        Path(temporary).unlink(missing_ok=True)
        reason = same(str(error.strerror or error))
        raise RulesetError([diagnostic("SR4031", path=str(path), name=str(path), reason=reason)]) from error


def _diff(name: str, before: str, after: str) -> Iterator[str]:
    lines = difflib.unified_diff(
        before.splitlines(keepends=True), after.splitlines(keepends=True), name, f"{name} (formatted)"
    )
    for line in lines:
        yield line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"
