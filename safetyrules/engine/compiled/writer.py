"""Writing Python source: indentation, fresh names and constants."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Iterator
from contextlib import contextmanager


class Writer:
    """Lines of one generated function. Constants become globals of the generated module."""

    def __init__(self, constants: dict[str, object]) -> None:
        self.lines: list[str] = []
        self.constants = constants
        self._depth = 1
        self._names = 0
        self._interned: dict[tuple[str, object], str] = {}

    def line(self, text: str) -> None:
        self.lines.append("    " * self._depth + text)

    def fresh(self, stem: str = "t") -> str:
        self._names += 1
        return f"{stem}{self._names}"

    def let(self, expression: str) -> str:
        """A name for ``expression``; a name or number is its own."""
        if expression.isidentifier() or expression.lstrip("-").isdigit():
            return expression
        return self.hold(expression)

    def hold(self, expression: str) -> str:
        """A fresh name for ``expression``, even for a literal (which ``is None`` would stumble over)."""
        name = self.fresh()
        self.line(f"{name} = {expression}")
        return name

    def constant(self, value: object, stem: str = "K") -> str:
        """The global that holds ``value``; equal hashable values share one."""
        try:
            key = (type(value).__name__, value)
            known = self._interned.get(key)
        except TypeError:
            key, known = ("", id(value)), None
        if known is not None:
            return known
        name = f"{stem}{len(self.constants)}"
        self.constants[name] = value
        if key[0]:
            self._interned[key] = name
        return name

    @contextmanager
    def block(self, header: str) -> Iterator[None]:
        """An indented block; ``pass`` where nothing was written into it."""
        self.line(header)
        self._depth += 1
        before = len(self.lines)
        yield
        if len(self.lines) == before:
            self.line("pass")
        self._depth -= 1

    def mark(self) -> int:
        return len(self.lines)

    def take(self, mark: int) -> list[str]:
        """Remove and return the lines written since ``mark``."""
        taken = self.lines[mark:]
        del self.lines[mark:]
        return taken

    def put(self, lines: list[str], deeper: int = 1) -> None:
        """Write lines taken earlier, ``deeper`` levels further in than they were."""
        self.lines.extend("    " * deeper + line for line in lines)


# Comparisons with singletons. A literal is compared here and not in the code, where Python would warn of it.


def absent(code: str) -> str:
    """The code of "has no value"."""
    return str(code == "None") if _literal(code) else f"{code} is None"


def present(code: str) -> str:
    return str(code != "None") if _literal(code) else f"{code} is not None"


def unknown_value(code: str) -> str:
    """The code of "the readings did not agree"."""
    return "False" if _literal(code) else f"{code} is UNKNOWN"


def known_value(code: str) -> str:
    return "True" if _literal(code) else f"{code} is not UNKNOWN"


def _literal(code: str) -> bool:
    if code in ("None", "True", "False"):
        return True
    if code[:1] not in "0123456789-'\"":
        return False
    try:
        return isinstance(literal_eval(code), int | str)
    except (ValueError, SyntaxError):
        return False
