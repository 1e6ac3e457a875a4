"""Why one given value is refused, before its place in the facts is known."""

from __future__ import annotations

from collections.abc import Sized
from datetime import date
from decimal import Decimal
from fractions import Fraction

from safetyrules.diagnostics import Diagnostic, Severity, shorten
from safetyrules.diagnostics.catalogue import CATALOGUE
from safetyrules.text import Text

#: Integers beyond this many bits are not printed, nor accepted as facts.
LARGEST_BITS = 4000

_FULL_WIDTH = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20}


class Refused(ValueError):  # noqa: N818 - it is the value that is refused
    """A value that is not acceptable: diagnostic code, what was found, what was expected, how to fix it."""

    def __init__(
        self,
        code: str,
        found: object,
        expected: Text | None = None,
        fix: Text | None = None,
        **values: str,
    ) -> None:
        self.code = code
        self.found = shown(found)
        self.expected = expected
        self.fix = fix
        self.values = values
        super().__init__(code)

    def __str__(self) -> str:
        return self.at(None).render("en")

    def at(self, path: str | None, severity: Severity = Severity.ERROR) -> Diagnostic:
        """The diagnostic of this refusal at its place."""
        return Diagnostic(
            self.code,
            CATALOGUE[self.code].format(**self.values),
            severity=severity,
            path=path,
            found=shorten(self.found),
            expected=self.expected,
            fix=self.fix,
        )


def half_width(words: str) -> str:
    """Full-width look-alikes as the ASCII characters they imitate."""
    return words.translate(_FULL_WIDTH)


def shown(value: object, depth: int = 0) -> str:
    """A given value in a message: never long, never failing, whatever the value is."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, str):
        return f'"{printable(value)}"'
    if isinstance(value, int):
        return int.__repr__(value) if value.bit_length() <= LARGEST_BITS else _huge(value)
    if isinstance(value, float):
        return float.__repr__(value)
    if isinstance(value, Fraction):
        parts = [shown(value.numerator)] + ([shown(value.denominator)] if value.denominator != 1 else [])
        return "/".join(parts)
    if isinstance(value, Decimal):
        return shorten(Decimal.__str__(value))
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, dict):
        if depth:
            return "{…}" if value else "{}"
        pairs = [f"{shown_key(k)}: {shown(v, 1)}" for k, v in list(value.items())[:4]]
        return "{" + ", ".join(pairs) + _rest(value, 4) + "}"
    if isinstance(value, list | tuple):
        if depth:
            return "[…]" if value else "[]"
        return "[" + ", ".join(shown(item, 1) for item in value[:4]) + _rest(value, 4) + "]"
    return f"<{type(value).__name__}>"


def shown_key(key: object) -> str:
    """A mapping's key in a message or a path."""
    return printable(key, 60) if isinstance(key, str) else shown(key, 1)


def printable(words: str, limit: int = 120) -> str:
    """Text that any terminal takes: cut, with control characters and lone surrogates escaped."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in shorten(words, limit))


def _huge(value: int) -> str:
    return ("-" if value < 0 else "") + f"<{value.bit_length()} bit>"


def _rest(value: Sized, shown_items: int) -> str:
    return ", …" if len(value) > shown_items else ""
