"""Reading protocol buffer text format, as far as the conformance tests use it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from fractions import Fraction
from typing import NamedTuple

Scalar = bytes | str
"""A string literal as its bytes; a number or an identifier as it is written."""

Message = dict[str, "list[Scalar | Message]"]
"""Every field with all its values, in the order written."""

_TOKEN = re.compile(
    r"""(?P<skip>[\s,;]+|\#[^\n]*)"""
    r"""|(?P<string>"(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*')"""
    r"""|(?P<word>-?[0-9.]+(?:[eE][+-]?[0-9]+)?|-?[A-Za-z_][A-Za-z0-9_.]*)"""
    r"""|(?P<extension>\[[A-Za-z][^\]]*\])"""
    r"""|(?P<sign>[{}:\[\]<>])"""
)
_ESCAPE = re.compile(
    rb"\\(?:([abfnrtv\\'\"?])|[xX]([0-9a-fA-F]{1,2})|([0-7]{1,3})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))"
)
_NAMED = dict(zip(b"abfnrtv", b"\a\b\f\n\r\t\v", strict=True))


class _Token(NamedTuple):
    kind: str
    text: str


def read(text: str) -> Message:
    """The message that ``text`` holds."""
    tokens = [*_tokens(text), _Token("end", "")]
    message, position = _message(tokens, 0, "")
    assert tokens[position].kind == "end"
    return message


def _tokens(text: str) -> Iterator[_Token]:
    position = 0
    while position < len(text):
        match = _TOKEN.match(text, position)
        if match is None or match.lastgroup is None:
            raise ValueError(f"not text format: {text[position : position + 40]!r}")
        position = match.end()
        if match.lastgroup != "skip":
            yield _Token(match.lastgroup, match.group())


def _message(tokens: list[_Token], position: int, close: str) -> tuple[Message, int]:
    message: Message = {}
    while tokens[position].text != close or tokens[position].kind == "string":
        kind, name = tokens[position]
        if kind not in ("word", "extension"):
            raise ValueError(f"a field should start here: {name!r}")
        position += 1
        if tokens[position].text == ":":
            position += 1
        values = message.setdefault(name, [])
        if tokens[position].text == "[" and tokens[position].kind == "sign":
            position += 1
            while tokens[position].text != "]":
                value, position = _value(tokens, position)
                values.append(value)
            position += 1
        else:
            value, position = _value(tokens, position)
            values.append(value)
    return message, position


def _value(tokens: list[_Token], position: int) -> tuple[Scalar | Message, int]:
    kind, text = tokens[position]
    if kind == "sign" and text in "{<":
        message, position = _message(tokens, position + 1, "}" if text == "{" else ">")
        return message, position + 1
    if kind == "string":
        joined = b""
        while tokens[position].kind == "string":
            joined += _unquote(tokens[position].text)
            position += 1
        return joined, position
    if kind == "word":
        return text, position + 1
    raise ValueError(f"a value should stand here: {text!r}")


def _unquote(literal: str) -> bytes:
    def replace(match: re.Match[bytes]) -> bytes:
        named, hexadecimal, octal, *points = match.groups()
        if named is not None:
            return bytes([_NAMED.get(named[0], named[0])])
        if hexadecimal is not None:
            return bytes([int(hexadecimal, 16)])
        if octal is not None:
            return bytes([int(octal, 8)])
        return "".join(chr(int(point, 16)) for point in points if point is not None).encode()

    return _ESCAPE.sub(replace, literal[1:-1].encode())


def number(word: str) -> Fraction | None:
    """The exact value of a number as written; None for what is not finite."""
    return None if word.lstrip("-").lower() in ("inf", "infinity", "nan") else Fraction(word)
