"""Writing Python source: indentation, fresh names and constants."""

from __future__ import annotations

from ast import literal_eval
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Made:
    """A constant that has to be made anew in every process, for it is a function: who makes it, and of what."""

    maker: Callable[..., object]
    arguments: tuple[object, ...]

    def make(self) -> object:
        return self.maker(*self.arguments)


class Writer:
    """Lines of one generated function. Constants become globals of the generated module."""

    def __init__(self, constants: dict[str, object]) -> None:
        self.lines: list[str] = []
        self.constants = constants
        self._depth = 1
        self._names = 0
        self._interned: dict[tuple[str, object], str] = {}
        #: Expressions that have a name wherever the next line may stand, and where each was given it.
        self._named: dict[str, str] = {}
        self._named_at: list[tuple[int, str]] = []

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

    def once(self, expression: str) -> str:
        """A name for an expression whose value never changes: the same for all that is sure to be run after this."""
        if expression.isidentifier() or expression.lstrip("-").isdigit():
            return expression
        known = self._named.get(expression)
        if known is None:
            known = self.hold(expression)
            self.note(expression, known)
        return known

    def note(self, expression: str, name: str) -> None:
        """From here on ``name`` has the value of ``expression``, for good."""
        if expression not in self._named:
            self._named[expression] = name
            self._named_at.append((len(self.lines) - 1, expression))

    def named(self, expression: str) -> str:
        """The name of an expression that has one here, else the expression."""
        return self._named.get(expression, expression)

    def _forget(self, mark: int) -> None:
        """What was named since ``mark`` may not have been computed where the next line will stand."""
        while self._named_at and self._named_at[-1][0] >= mark:
            del self._named[self._named_at.pop()[1]]

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

    def made(self, key: tuple[object, ...], make: Callable[[], object], stem: str = "K") -> str:
        """The global that holds what ``make`` makes of ``key``; made once."""
        known = self._interned.get(("", key))
        if known is None:
            known = self._interned["", key] = self.constant(make(), stem)
        return known

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
        self._forget(before)

    def mark(self) -> int:
        return len(self.lines)

    def take(self, mark: int) -> list[str]:
        """Remove and return the lines written since ``mark``."""
        taken = self.lines[mark:]
        del self.lines[mark:]
        self._forget(mark)
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
