"""The cache: linked programs and compiled plans that outlast a process.

Off unless asked for: by ``load_program(…, cache=…)``, by the environment, or by the command line, which keeps one in
the user's own cache folder. It only saves time. What is damaged, foreign or of another version is made anew.

`nodes` turns frozen data into tables, of the `classes` that may stand in them; `compiled_plans` does so with generated
code; `folder` keeps files; `kept` knows what an entry rests on.
"""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from safetyrules.cache.kept import Cache

#: Names the folder of the cache; ``off`` or empty for none.
VARIABLE = "SAFETYRULES_CACHE"
OFF = ("", "off")
_NAME = "safetyrules"

_default: Path | None = None


def cache_at(path: str | os.PathLike[str]) -> Cache:
    """The cache in a folder, which is made where there is none."""
    from safetyrules.cache.kept import Cache

    return Cache(Path(path))


def cache_in_use() -> Cache | None:
    """The cache of the installed law: the one that the environment names, else the command line's own, else none."""
    named = os.environ.get(VARIABLE)
    if named is not None:
        return None if named in OFF else cache_at(named)
    if _default is None:
        return None
    from safetyrules.cache.kept import Cache

    return Cache(_default, quiet=True)


def keep_for_user() -> None:
    """Keep a cache in the user's own folder from now on, where the environment says nothing else. For a program that
    is started anew for every question, as the command line is."""
    global _default
    _default = _user_folder()


def _user_folder() -> Path | None:
    """As the XDG base directory specification has it: a relative folder is no folder."""
    named = os.environ.get("XDG_CACHE_HOME", "")
    if os.path.isabs(named):
        return Path(named) / _NAME
    home = os.path.expanduser("~")
    return Path(home) / ".cache" / _NAME if os.path.isabs(home) else None
