"""Finding test files: in the paths that are named, else beside the documents of the installed plugins."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from safetyrules.diagnostics import Diagnostic, RequestError, RulesetError, diagnostic
from safetyrules.folders import TEST_ENDING, read_bytes, unreadable
from safetyrules.plugins import Plugin, load_with_paths
from safetyrules.program import Program
from safetyrules.testing.model import Suite
from safetyrules.testing.reading import read_suite


class CaseFile(NamedTuple):
    """A test file: what messages call it, the file, and the folder with the files it may name."""

    name: str
    file: Traversable
    folder: Traversable


class Loaded(NamedTuple):
    """A program, and the suites that it answers."""

    program: Program
    suites: tuple[Suite, ...]


def files_in(paths: Sequence[Path]) -> list[CaseFile]:
    """The test files in paths. Raises RulesetError where there are none, or a path cannot be read."""
    found: dict[str, CaseFile] = {}
    problems: list[Diagnostic] = []
    for path in paths:
        if path.is_dir():
            inside = [CaseFile(str(file), file, file.parent) for file in sorted(path.rglob(f"*{TEST_ENDING}"))]
            if not inside:
                problems.append(diagnostic("SR4110", path=str(path), name=str(path)))
            found.update((each.name, each) for each in inside)
        else:
            found[str(path)] = CaseFile(str(path), path, path.parent)
    if problems:
        raise RulesetError(problems)
    return list(found.values())


def files_of(plugins: Iterable[Plugin]) -> list[CaseFile]:
    """The test files that lie in the folders of the plugins' documents."""
    folders = {document.rpartition("/")[0] for plugin in plugins if plugin.loaded for document in plugin.documents}
    found = [each for folder in sorted(folders) for each in _beside(folder)]
    if not found:
        raise RulesetError([diagnostic("SR4110", name=", ".join(sorted(folders)))])
    return found


def suites_beside(plugins: Iterable[Plugin], paths: Sequence[Path] = ()) -> list[Suite] | None:
    """The tests that lie with the documents of plugins and in (or beside) paths; None where one of them cannot be read,
    so that nothing can be said of what is not tested."""
    folders = {document.rpartition("/")[0] for plugin in plugins if plugin.loaded for document in plugin.documents}
    found = {each.name: each for folder in sorted(folders) for each in _beside(folder)}
    for path in paths:
        files = path.rglob(f"*{TEST_ENDING}") if path.is_dir() else path.parent.glob(f"*{TEST_ENDING}")
        found.update((str(file), CaseFile(str(file), file, file.parent)) for file in sorted(files))
    try:
        return read_suites(found.values())
    except RulesetError:
        return None


def _beside(folder: str) -> Iterator[CaseFile]:
    package, *steps = folder.split("/")
    try:
        at: Traversable = files(package)
        for step in steps:
            at = at / step
        entries = sorted(at.iterdir(), key=lambda entry: entry.name)
    except (ImportError, OSError):
        return
    for entry in entries:
        if entry.name.endswith(TEST_ENDING):
            yield CaseFile(f"{folder}/{entry.name}", entry, at)


def read_suites(found: Iterable[CaseFile]) -> list[Suite]:
    """The suites of test files. Raises RulesetError with every problem of every file."""
    suites: list[Suite] = []
    problems: list[Diagnostic] = []
    for each in found:
        try:
            suites.append(read_suite(read_bytes(each.file), each.name, partial(_open, each.folder)))
        except RulesetError as error:
            problems.extend(error.diagnostics)
        except OSError as error:
            problems.append(unreadable(each.name, error))
    if problems:
        raise RulesetError(problems)
    return suites


def _open(folder: Traversable, name: str) -> bytes:
    if ".." in name.split("/") or name.startswith("/"):
        raise FileNotFoundError(name)
    return read_bytes(folder / name)


def load(suites: Iterable[Suite], rules: Sequence[Path] = (), *, installed: bool = True) -> list[Loaded]:
    """The programs that suites ask for, each with its suites. Raises RulesetError or PluginError."""
    grouped: dict[tuple[str, ...], list[Suite]] = {}
    for suite in suites:
        grouped.setdefault(tuple(dict.fromkeys((*map(str, rules), *suite.rules))), []).append(suite)
    return [Loaded(load_with_paths(paths, installed=installed), tuple(each)) for paths, each in grouped.items()]


def ask_for_tests(paths: Sequence[Path], rules: Sequence[Path] = ()) -> list[Loaded]:
    """What a command line asks for: the tests in ``paths``, else those of the installed plugins with their program.
    Raises RulesetError, PluginError or RequestError."""
    for path in (*paths, *rules):
        if not path.exists():
            raise RequestError([unreadable(str(path), FileNotFoundError(str(path)))])
    if paths:
        return load(read_suites(files_in(paths)), rules)
    program = load_with_paths(tuple(rules))
    return load(read_suites(files_of(program.plugins)), rules)
