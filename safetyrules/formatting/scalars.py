"""How one scalar is written: plain where that is safe, an expression in single quotes, else in double quotes."""

from __future__ import annotations

import json
import re

from safetyrules.language.yaml_nodes import resolve_scalar
from safetyrules.language.yaml_source import ScalarNode

#: What may start a text that loses its quotes: no digit, so that a clause number is not taken for a number.
_PLAIN = re.compile(r"[^\W\d][^,\[\]{}\n\r\t]*|[（《“‘【〔—…①-⑳][^,\[\]{}\n\r\t]*")
_STAYS_PLAIN = re.compile(r"[^-?:,\[\]{}\n\r\t][^,\[\]{}\n\r\t]*")
#: A question mark is safe for us and not for every reader of YAML: in brackets some take it for the mark of a key.
_BREAKS = re.compile(r":(?:\s|$)|\s#|\s$|^\s|\?")
_SWITCHES = frozenset({"yes", "no", "on", "off", "y", "n", "true", "false", "null", "none", "~"})


def one_line(node: ScalarNode, *, expression: bool = False) -> str:
    """The scalar on one line, safe in a block and in brackets."""
    if node.value is None and not node.quoted:
        return "null"
    if not node.quoted and not isinstance(node.value, str):
        return node.text
    if _stays_plain(node):
        return node.text
    if expression:
        return _quoted(node.text, "'")
    if _plain(node.text) and node.text.lower() not in _SWITCHES:
        return node.text
    return _quoted(node.text, '"')


def key(node: ScalarNode) -> str:
    """A key. A word such as ``on`` is a key like any other."""
    return node.text if _plain(node.text) else _quoted(node.text, '"')


def several_lines(node: ScalarNode, indent: int) -> list[str] | None:
    """The scalar as its author broke it, continued ``indent`` deep; None where it stands on one line or cannot be."""
    raw = node.written.split("\n")
    margin = " " * indent
    if node.style in ("literal", "folded"):
        value = str(node.value)
        body = raw[1:]
        header = raw[0].partition("#")[0].strip()
        ends = len(value) - len(value.rstrip("\n"))
        if not body or ends > 1 or value[:1] in ("", " ", "\t", "\n") or re.search(r"\d", header):
            return None
        base = next((len(line) - len(line.lstrip(" ")) for line in body if line.strip()), 0)
        mark = {"literal": "|", "folded": ">"}[node.style] + ("" if ends else "-")
        return [mark, *(f"{margin}{line[base:].rstrip(chr(13))}" if line.strip() else "" for line in body)]
    if len(raw) == 1:
        return None
    first, *rest = (line.strip(" \t\r") for line in raw)
    return [first, *(f"{margin}{line}" if line else "" for line in rest)]


def _stays_plain(node: ScalarNode) -> bool:
    """Did its author write it plain, and is that safe in brackets too?"""
    return not node.quoted and _STAYS_PLAIN.fullmatch(node.text) is not None and _BREAKS.search(node.text) is None


def _plain(text: str) -> bool:
    return _PLAIN.fullmatch(text) is not None and _BREAKS.search(text) is None and resolve_scalar(text) == (text, None)


def _quoted(text: str, wanted: str) -> str:
    """In the quotes that are wanted, unless the others need no escape."""
    simple = "\n" not in text and "\r" not in text and "\t" not in text
    single = f"'{text.replace(chr(39), chr(39) * 2)}'"
    double = json.dumps(text, ensure_ascii=False)
    if wanted == "'":
        return single if simple and (chr(39) not in text or '"' in text or "\\" in text) else double
    return single if simple and ('"' in text or "\\" in text) and chr(39) not in text else double
