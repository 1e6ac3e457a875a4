"""Installed plugins: found by their entry points, asked for their documents, linked to one program.

A plugin that cannot be used is named with the reason, and the others load. The plugins that ship with the library come
in by the same way as a stranger's; only their order is fixed, first, so that no stranger's mistake is blamed on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from importlib.metadata import EntryPoint, entry_points
from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pluggy

from safetyrules import hookspecs
from safetyrules.diagnostics import Diagnostic, PluginError, RulesetError, Severity, diagnostic
from safetyrules.folders import DocumentFile, ReadDocument, documents_in, read_files, unreadable
from safetyrules.hookspecs import GROUP, DocumentFolder
from safetyrules.passes import Passes
from safetyrules.text import Text, same

if TYPE_CHECKING:
    from safetyrules.cache.kept import Cache, Kept, OpenFile
    from safetyrules.program import Program

HOOK = "safetyrules_documents"


@dataclass(frozen=True)
class Plugin:
    """An installed plugin. One that could not be loaded has ``problems``, the first of which names it."""

    name: str
    distribution: str
    version: str
    documents: tuple[str, ...] = ()
    problems: tuple[Diagnostic, ...] = ()

    @property
    def loaded(self) -> bool:
        return not self.problems


@dataclass
class _Candidate:
    """A plugin on its way in, with the documents it brings: found, then read."""

    plugin: Plugin
    files: tuple[DocumentFile, ...] = ()
    documents: tuple[ReadDocument, ...] = ()

    def failed(self, code: str, reason: Text, problems: Iterable[Diagnostic] = ()) -> None:
        name = self.plugin.name
        head = diagnostic(code, severity=Severity.WARNING, name=name, reason=reason, hook=HOOK)
        self.plugin = replace(self.plugin, problems=(head, *problems))


@lru_cache(maxsize=1)
def load_installed() -> Program:
    """The program of all installed plugins, made once. Raises PluginError where none can be used."""
    from safetyrules.cache import cache_in_use

    return load_plugins(entry_points(group=GROUP), cache=cache_in_use())


def load_plugins(
    points: Iterable[EntryPoint], extra: Sequence[DocumentFile] = (), *, cache: Cache | None = None
) -> Program:
    """The program of these plugins and of ``extra`` documents; ``Program.plugins`` says how each fared.

    Raises PluginError where no plugin can be used, RulesetError where the extra documents do not check.
    """
    passes = Passes()
    with passes("find"):
        candidates = [_asked(point) for point in sorted(points, key=_order)]
        extra = [_held(file) for file in extra]
    kept = None
    if cache is not None:
        kept, found = _from(cache, candidates, extra)
        if found is not None:
            return found
    with passes("read"):
        added, problems = read_files(extra)
        if problems:
            raise RulesetError(problems)
        for candidate in candidates:
            _read(candidate)
    program = _linked(candidates, passes)
    known = [document for candidate in candidates if candidate.plugin.loaded for document in candidate.documents]
    if extra:
        from safetyrules.program import link_program

        digests = {document.digest for document in known}
        added = [document for document in added if document.digest not in digests]
        known = _once(known) + added
        program = link_program(known, passes, tree=program.places, plugins=program.plugins)
    if cache is None:
        return program
    whole = all(candidate.plugin.loaded for candidate in candidates if candidate.files)
    return _keeping(program, known, cache, kept if whole else None)


def load_with_paths(paths: Sequence[str | Path], *, installed: bool = True, anew: bool = False) -> Program:
    """The installed law together with documents in files and folders, or those alone; ``anew`` takes nothing from the
    cache. Raises RulesetError."""
    from safetyrules.cache import cache_in_use

    extra = _each_once(file for path in paths for file in _files_at(Path(path)))
    if installed and not extra and not anew:
        return load_installed()
    if installed:
        return load_plugins(entry_points(group=GROUP), extra, cache=None if anew else cache_in_use())
    from safetyrules.program import link_program

    passes = Passes()
    with passes("read"):
        documents, problems = read_files(extra)
    if problems:
        raise RulesetError(problems)
    return link_program(documents, passes)


def documents_with_paths(program: Program, paths: Sequence[str | Path]) -> list[DocumentFile]:
    """The documents that a program of `load_with_paths` is made of, each once, with what they hold: those of its
    plugins, then those in ``paths`` that these do not bring. Raises RulesetError."""
    named = {name for plugin in program.plugins if plugin.loaded for name in plugin.documents}
    asked = (_asked(point) for point in sorted(entry_points(group=GROUP), key=_order)) if named else ()
    found = {file.name: file for candidate in asked for file in candidate.files if file.name in named}
    held = {file.held for file in found.values()}
    extra = (_held(file) for path in paths for file in _files_at(Path(path)))
    found.update((file.name, file) for file in extra if file.held not in held)
    return list(found.values())


def _files_at(path: Path) -> list[DocumentFile]:
    try:
        if not path.is_dir():
            return [DocumentFile(str(path), path, path.parent)]
        return list(documents_in(path, str(path)))
    except OSError as error:
        raise RulesetError([unreadable(str(path), error)]) from error


def _each_once(found: Iterable[DocumentFile]) -> list[DocumentFile]:
    """Files without those that another path named already."""
    files: dict[object, DocumentFile] = {}
    for each in found:
        files.setdefault(each.file.resolve() if isinstance(each.file, Path) else each.name, each)
    return list(files.values())


def _order(point: EntryPoint) -> tuple[bool, str]:
    return (point.dist is None or point.dist.name != GROUP, point.name)


# ---- asking ----------------------------------------------------------------------------------------------------------


def _asked(point: EntryPoint) -> _Candidate:
    """A plugin and its documents, or why it cannot be used."""
    distribution, version = (point.dist.name, point.dist.version) if point.dist is not None else ("", "")
    candidate = _Candidate(Plugin(point.name, distribution, version))
    manager = pluggy.PluginManager(GROUP)
    manager.add_hookspecs(hookspecs)
    try:
        manager.register(point.load(), point.name)
        manager.check_pending()
        answers: list[Any] = getattr(manager.hook, HOOK)()
    except (Exception, SystemExit) as error:
        candidate.failed("SR3001", same(f"{type(error).__name__}: {error}"))
        return candidate
    if not answers:
        candidate.failed("SR3001", Text(f"没有实现任何钩子（{HOOK}）", f"it implements no hook ({HOOK})"))
        return candidate
    folders = answers[0]
    if not isinstance(folders, list | tuple) or not all(isinstance(each, DocumentFolder) for each in folders):
        candidate.failed("SR3002", same(_shape(folders)))
        return candidate
    found: dict[str, DocumentFile] = {}
    for folder in folders:
        try:
            found.update((file.name, file) for file in _documents(folder))
        except (ImportError, OSError, ValueError, TypeError, AttributeError) as error:
            reason = Text(f"读不到文件夹 {folder}：{error}", f"folder {folder} cannot be read: {error}")
            candidate.failed("SR3002", reason)
            return candidate
    candidate.files = tuple(_held(file) for file in found.values())
    candidate.plugin = replace(candidate.plugin, documents=tuple(found))
    return candidate


def _held(file: DocumentFile) -> DocumentFile:
    """The file with its content, so that what is looked up in the cache and what is read are the same; one that cannot
    be opened as it is, for its problem is told when it is read."""
    try:
        return file.holding()
    except (OSError, KeyError):
        return file


def _read(candidate: _Candidate) -> None:
    documents, problems = read_files(candidate.files)
    if problems:
        candidate.failed("SR3001", Text("它的文件有误", "its documents have errors"), problems)
    candidate.documents = tuple(documents)


def _documents(folder: DocumentFolder) -> list[DocumentFile]:
    root: Traversable = files(folder.package)
    name = folder.package.replace(".", "/")
    for step in folder.folder.split("/") if folder.folder else ():
        if step in ("", ".", ".."):
            raise ValueError(f"folder {folder.folder!r}")
        root, name = root / step, f"{name}/{step}"
    found = list(documents_in(root, name, folder.only))
    if not found:
        raise FileNotFoundError(f"no document in {name} ({', '.join(folder.only)})")
    return found


def _shape(value: object) -> str:
    if isinstance(value, list | tuple):
        return f"[{', '.join(type(each).__name__ for each in value[:5])}]"
    return type(value).__name__


# ---- the cache -------------------------------------------------------------------------------------------------------


def _from(
    cache: Cache, candidates: Sequence[_Candidate], extra: Sequence[DocumentFile]
) -> tuple[Kept | None, Program | None]:
    """What the cache keeps of the program of these documents, and the program where it has it."""
    from safetyrules.cache.kept import content_digest
    from safetyrules.program import kept_program

    files = [file for candidate in candidates for file in candidate.files] + list(extra)
    documents = [(file.name, content_digest(file.held)) for file in files if file.held is not None]
    if len(documents) < len(files):
        return None, None
    bringing = [candidate.plugin for candidate in candidates if candidate.files]
    kept = cache.kept(documents, [(plugin.name, plugin.distribution, plugin.version) for plugin in bringing])
    if kept is None:
        return None, None
    plugins = tuple(candidate.plugin for candidate in candidates)
    return kept, kept_program(kept, _beside(files), plugins, cache.notices)


def _beside(files: Iterable[DocumentFile]) -> OpenFile:
    by_name = {file.name: file for file in files}
    return lambda document, name: by_name[document].beside(name)


def _keeping(program: Program, documents: Sequence[ReadDocument], cache: Cache, kept: Kept | None) -> Program:
    """The same program, kept. A program that some plugin was left out of is not (``kept`` is None): its problems are
    those of documents, which have to be read to be told."""
    from safetyrules.program import Program

    if kept is not None:
        kept.keep_program(program.linked, tuple((read.source, *file) for read in documents for file in read.files))
    return Program(program.linked, program.places, program.plugins, program.timings, kept, cache.notices)


# ---- linking ---------------------------------------------------------------------------------------------------------


def _linked(candidates: Sequence[_Candidate], passes: Passes) -> Program:
    """All usable plugins together; where they do not check together, as many as do: those that ship with the library as
    one, then the others, each where it checks with those already taken."""
    usable = [candidate for candidate in candidates if candidate.plugin.loaded]
    try:
        return _together(candidates, usable, passes)
    except RulesetError as error:
        joint = error
    shipped = [candidate for candidate in usable if candidate.plugin.distribution == GROUP]
    strangers = [[candidate] for candidate in usable if candidate not in shipped]
    taken, left = _taken(candidates, [shipped, *strangers] if shipped else strangers, passes)
    if not taken and len(shipped) > 1:
        taken, left = _taken(candidates, [[candidate] for candidate in usable], passes)
    if not taken:
        raise _nothing_loaded(candidates, joint)
    for candidate, errors in left:
        candidate.failed("SR3001", Text("它的文件不能通过检查", "its documents do not check"), errors)
    return _together(candidates, taken, passes)


_Left = list[tuple[_Candidate, list[Diagnostic]]]


def _taken(
    candidates: Sequence[_Candidate], groups: list[list[_Candidate]], passes: Passes
) -> tuple[list[_Candidate], _Left]:
    """The plugins that check together, added group by group until no more can be; and the others with the reasons."""
    taken: list[_Candidate] = []
    waiting, reasons = groups, dict[int, list[Diagnostic]]()
    while waiting:
        refused = []
        for group in waiting:
            try:
                _together(candidates, [*taken, *group], passes)
                taken.extend(group)
            except RulesetError as error:
                reasons[id(group)] = [each for each in error.diagnostics if each.severity is Severity.ERROR]
                refused.append(group)
        if len(refused) == len(waiting):
            break
        waiting = refused
    return taken, [(candidate, reasons[id(group)]) for group in waiting for candidate in group]


def _together(candidates: Sequence[_Candidate], chosen: Sequence[_Candidate], passes: Passes) -> Program:
    from safetyrules.program import link_program

    documents = _once(document for candidate in chosen for document in candidate.documents)
    if not documents:
        raise _nothing_loaded(candidates, None)
    return link_program(documents, passes, plugins=tuple(candidate.plugin for candidate in candidates))


def _once(documents: Iterable[ReadDocument]) -> list[ReadDocument]:
    """Each document once, however many plugins name it."""
    return list({document.source: document for document in documents}.values())


def _nothing_loaded(candidates: Sequence[_Candidate], joint: RulesetError | None) -> PluginError:
    """The faults of single plugins, and where there are none, the errors of all together."""
    problems = [problem for candidate in candidates for problem in candidate.plugin.problems]
    if not problems and joint is not None:
        problems = [problem for problem in joint.diagnostics if problem.severity is Severity.ERROR]
    return PluginError([diagnostic("SR3003"), *problems])
