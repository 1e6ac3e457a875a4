"""The text of one source file: decoded strictly, checked for characters nobody can see, and addressed by place.

Both YAML documents and CSV tables enter here, so that a file in the wrong encoding reads the same wherever it turns up.
"""

from __future__ import annotations

import re
from bisect import bisect_right
from dataclasses import dataclass

from safetyrules.diagnostics import Diagnostic, RulesetError, Span, diagnostic
from safetyrules.text import Text

BYTE_ORDER_MARK = "\ufeff"
MOST_INVISIBLE_REPORTED = 20

# Control characters, unusual line ends, zero-width and direction marks, half pairs and non-characters: text that a
# reader does not see must not decide what a rule means.
_INVISIBLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u200b\u200e\u200f\u2028-\u202e\u2060-\u2069\ud800-\udfff\ufeff\ufff9-\ufffb"
    "\ufffe\uffff]"
)
_LINE_END = re.compile("\r\n|\r|\n")


@dataclass(frozen=True, slots=True)
class SourceText:
    """A named text with the offsets at which its lines start. A byte order mark is not part of it."""

    name: str
    text: str
    line_starts: tuple[int, ...]

    def span(self, start: int, end: int) -> Span:
        """The stretch from character ``start`` to before character ``end``."""
        line = bisect_right(self.line_starts, start)
        end_line = bisect_right(self.line_starts, end)
        return Span(
            self.name,
            line,
            start - self.line_starts[line - 1] + 1,
            end_line,
            end - self.line_starts[end_line - 1] + 1,
        )

    def line_at(self, offset: int) -> tuple[int, str]:
        """Where the line around ``offset`` starts, and its text without the line end."""
        number = bisect_right(self.line_starts, offset)
        start = self.line_starts[number - 1]
        end = self.line_starts[number] if number < len(self.line_starts) else len(self.text)
        return start, self.text[start:end].rstrip("\r\n")


def source_text(content: str | bytes, name: str, most_bytes: int) -> SourceText:
    """The checked text of ``content``; raises `RulesetError` where it is too large, not UTF-8 or not visible text."""
    size = len(content) if isinstance(content, bytes) else _utf8_size(content)
    if size > most_bytes:
        raise RulesetError([diagnostic("SR0103", Span(name, 1, 1, 1, 1), size=size, limit=most_bytes)])
    text = _decode(content, name) if isinstance(content, bytes) else content
    source = _lines(text, name)
    problems = invisible_characters(source)
    if problems:
        raise RulesetError(problems)
    return source


def _lines(text: str, name: str) -> SourceText:
    text = text.removeprefix(BYTE_ORDER_MARK)
    return SourceText(name, text, (0, *(match.end() for match in _LINE_END.finditer(text))))


def invisible_characters(source: SourceText) -> list[Diagnostic]:
    """One problem for each of the first characters of ``source`` that cannot be seen."""
    problems: list[Diagnostic] = []
    for match in _INVISIBLE.finditer(source.text):
        problems.append(_invisible(source.span(match.start(), match.end()), match.group()))
        if len(problems) == MOST_INVISIBLE_REPORTED:
            break
    return problems


def invisible_in_value(value: str, span: Span) -> Diagnostic | None:
    """The problem of a text that an escape such as ``\\0`` gave an invisible character, or None."""
    match = _INVISIBLE.search(value)
    return _invisible(span, match.group()) if match else None


def _invisible(span: Span, character: str) -> Diagnostic:
    return diagnostic(
        "SR0102",
        span,
        character=f"U+{ord(character):04X}",
        fix=Text("删除该字符", "delete the character"),
    )


def _utf8_size(text: str) -> int:
    return len(text) if text.isascii() else len(text.encode("utf-8", "surrogatepass"))


def _decode(data: bytes, name: str) -> str:
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        before = _lines(data[: error.start].decode("utf-8"), name)
        end = before.span(len(before.text), len(before.text))
        raise RulesetError(
            [
                diagnostic(
                    "SR0101",
                    Span(name, end.line, end.column, end.line, end.column + 1),
                    found=f"0x{data[error.start]:02X}",
                    fix=_encoding_fix(data),
                    offset=error.start,
                )
            ]
        ) from None


def _encoding_fix(data: bytes) -> Text:
    """Names the encoding the file probably has: what Chinese editors and spreadsheets save by default."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return Text("文件像是 UTF-16 编码：请另存为 UTF-8", "the file looks like UTF-16: save it as UTF-8")
    try:
        data.decode("gb18030")
    except UnicodeDecodeError:
        return Text("请另存为 UTF-8", "save the file as UTF-8")
    return Text("文件像是 GB18030（GBK）编码：请另存为 UTF-8", "the file looks like GB18030 (GBK): save it as UTF-8")
