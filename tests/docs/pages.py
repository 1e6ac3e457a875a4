"""Runs what documentation pages show: files to write, commands with their output, Python with its results.

In a page, a fenced block ``yaml file=NAME`` is a file; ``console`` holds commands after ``$`` with their output, in
which a line ``…`` stands for any lines; ``python`` with ``>>>`` is a session. A page's blocks share one folder and one
session.
``python tests/docs/pages.py PAGE…`` writes the real output into the console blocks that have no ``…``.
"""

from __future__ import annotations

import contextlib
import doctest
import io
import os
import re
import shlex
import shutil
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from safetyrules.cli import main

ROOT = Path(__file__).parents[2]
BLOCK = re.compile(r"^```(?P<info>[^\n`]+)\n(?P<body>.*?)^```$", re.MULTILINE | re.DOTALL)
ANY = "…"


@dataclass(frozen=True)
class Block:
    info: str
    body: str
    line: int
    start: int
    end: int


def blocks(text: str) -> Iterator[Block]:
    for match in BLOCK.finditer(text):
        line = text.count("\n", 0, match.start()) + 1
        yield Block(match["info"].strip(), match["body"], line, match.start("body"), match.end("body"))


@dataclass
class Session:
    """What a page has done so far."""

    globals: dict[str, Any] = field(default_factory=dict)

    def run(self, block: Block) -> str | None:
        """Do what a block shows; the real text of a console block, else None. Raises AssertionError."""
        kind, _, rest = block.info.partition(" ")
        if rest.startswith("file="):
            path = Path(rest.removeprefix("file="))
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.body, encoding="utf-8")
        elif kind == "console":
            return self._console(block.body)
        elif kind == "python" and ">>>" in block.body:
            self._python(block)
        return None

    def _console(self, body: str) -> str:
        written = []
        for line in body.splitlines():
            if line.startswith("$ "):
                written.append(line)
                written.extend(command(line.removeprefix("$ ")))
        return "\n".join(written) + "\n"

    def _python(self, block: Block) -> None:
        test = doctest.DocTestParser().get_doctest(block.body, self.globals, "page", None, block.line)
        said: list[str] = []
        runner = doctest.DocTestRunner(optionflags=doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE)
        runner.run(test, out=said.append, clear_globs=False)
        self.globals.update(test.globs)
        assert not said, "".join(said)


def command(line: str) -> list[str]:
    """What a command line prints. Commands of other programs are not run."""
    words = shlex.split(line)
    if words[:1] != ["safetyrules"]:
        return []
    out = io.TextIOWrapper(io.BytesIO(), encoding="utf-8")
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
        main(words[1:])
    out.seek(0)
    return out.read().rstrip("\n").split("\n")


def fits(shown: list[str], real: list[str]) -> bool:
    """Do the lines agree, where ``…`` stands for any lines?"""
    if not shown:
        return not real
    if shown[0].strip() == ANY:
        return any(fits(shown[1:], real[i:]) for i in range(len(real) + 1))
    return bool(real) and shown[0].rstrip() == real[0].rstrip() and fits(shown[1:], real[1:])


@contextlib.contextmanager
def workplace() -> Iterator[Session]:
    """A folder like a clone as far as pages need one, English, without a terminal."""
    before, variables = Path.cwd(), dict(os.environ)
    with tempfile.TemporaryDirectory() as folder:
        shutil.copytree(ROOT / "examples", Path(folder, "examples"))
        os.chdir(folder)
        os.environ.update(LANG="C.UTF-8", LC_ALL="C.UTF-8")
        os.environ.pop("SAFETYRULES_LANG", None)
        try:
            yield Session()
        finally:
            os.chdir(before)
            os.environ.clear()
            os.environ.update(variables)


def update(page: Path) -> None:
    text = page.read_text(encoding="utf-8")
    written, at = [], 0
    with workplace() as session:
        for block in blocks(text):
            real = session.run(block)
            if real is not None and ANY not in [line.strip() for line in block.body.splitlines()]:
                written += [text[at : block.start], real]
                at = block.end
    page.write_text("".join(written) + text[at:], encoding="utf-8")


if __name__ == "__main__":
    for name in sys.argv[1:]:
        update(Path(name).resolve())
