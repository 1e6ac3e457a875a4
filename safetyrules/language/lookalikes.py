"""Full-width look-alikes: characters a Chinese input method types where the language wants the ASCII one."""

from __future__ import annotations

import re

from safetyrules.text import Text

_ASCII = {chr(code): chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F)} | {
    "“": '"',
    "”": '"',
    "‘": "'",
    "’": "'",
    "、": ",",
    "。": ".",
    "\u3000": " ",
    "\u00a0": " ",
    "−": "-",
    "–": "-",
    "—": "-",
    "≥": ">=",
    "≤": "<=",
    "≠": "!=",
}
_LOOKALIKE = re.compile("[" + "".join(map(re.escape, _ASCII)) + "]")
_TO_ASCII = str.maketrans(_ASCII)


def first_lookalike(text: str) -> int | None:
    """The offset of the first look-alike in ``text``."""
    match = _LOOKALIKE.search(text)
    return match.start() if match else None


def with_ascii(text: str) -> str:
    """``text`` with every look-alike replaced by what it stands for."""
    return text.translate(_TO_ASCII)


def ascii_fix(text: str) -> Text:
    """A fix that shows ``text`` as it should be typed."""
    fixed = with_ascii(text)
    return Text(f"改用半角字符：{fixed}", f"type it in ASCII: {fixed}")
