"""The hooks of a plugin, all of them. Each returns data; none is called while a subject is assessed.

A plugin is a module (or object) named by an entry point of the group ``safetyrules``. It implements any of these
functions, marked with `safetyrules.hookimpl`. The reference is ``docs/reference/hooks.md``.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import pluggy

#: The project name of the hooks and the entry-point group of plugins.
GROUP: Final = "safetyrules"

hookspec: Final = pluggy.HookspecMarker(GROUP)
hookimpl: Final = pluggy.HookimplMarker(GROUP)


@dataclass(frozen=True, slots=True)
class DocumentFolder:
    """A folder of documents inside an importable package, read with its subfolders wherever the package is installed.

    Every ``*.yaml`` file in it is a document (``*.test.yaml`` files are tests of rulesets and are left out); the CSV
    file of a table lies beside its document. ``only`` limits the documents to file names that match a pattern.
    """

    package: str
    folder: str = ""
    only: tuple[str, ...] = ("*",)


@hookspec
def safetyrules_documents() -> list[DocumentFolder]:  # type: ignore[empty-body]
    """The folders with the plugin's facts, instruments, tables and rulesets.

    Called once, when the installed plugins are loaded. Entity kinds, sections, sectors, scales, lookup tables and rules
    all come as documents, so this is all that a sector needs. Two plugins may name the same document; it is read once.
    """
