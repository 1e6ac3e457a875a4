"""What a YAML parser says when it gives up, in words of our own: place, what was found, and the likely fix.

Both parsers of PyYAML (the C library and the Python one) are understood; a message neither is known to use still names
the place.
"""

from __future__ import annotations

import re

import yaml

from safetyrules.diagnostics import Diagnostic, diagnostic
from safetyrules.language.source_text import SourceText
from safetyrules.text import Text

_QUOTE = Text("给这段文字加上单引号", "put the text in single quotes")
_QUOTE_EXPRESSION = Text(
    "给表达式加上单引号：不加引号的 ! & * 在 YAML 中另有含义",
    "put the expression in single quotes: a bare ! & or * means something else in YAML",
)
_INDENT = Text("检查这一行与上面各行的缩进是否对齐", "check that this line is indented like its neighbours")
_SPACES = Text("用空格缩进，不要用制表符", "indent with spaces, not tabs")
_DOUBLE_QUOTED = Text(
    "双引号内反斜杠要写成 \\\\；或改用单引号", "write \\\\ for a backslash in double quotes, or use single quotes"
)

# What the parsers report (C library first, Python second), what it means, and a fix.
_PROBLEMS: tuple[tuple[str, Text, Text | None], ...] = (
    (
        "while scanning an? (anchor|alias|tag)|found undefined tag handle|undefined tag handle",
        Text("这里以 !、& 或 * 开头，不是文字", "a value that starts with !, & or * is not text"),
        _QUOTE_EXPRESSION,
    ),
    (
        "found (a )?tab|found character '\\\\t'",
        Text("缩进处有制表符", "a tab where the indentation should be"),
        _SPACES,
    ),
    (
        "cannot start any token",
        Text("这个字符不能作为值的开头", "this character cannot start a value"),
        _QUOTE,
    ),
    (
        "while scanning a block scalar",
        Text("“>”或“|”后面只能换行再写文字", "'>' or '|' must be followed by a line end and then the text"),
        _QUOTE,
    ),
    (
        "mapping values are not allowed",
        Text("这里不能再出现冒号", "a colon cannot stand here"),
        Text(
            "若冒号属于文字，给整段加引号；否则检查缩进",
            "if the colon belongs to the text, quote the text; otherwise check the indentation",
        ),
    ),
    (
        "could not find expected ':'",
        Text("这一行缺少冒号", "the line has no colon"),
        Text("写成“键: 值”，冒号后留一个空格", "write 'key: value', with a space after the colon"),
    ),
    (
        "found unexpected end of stream",
        Text("引号没有闭合", "the quoted text is never closed"),
        Text("补上右引号", "add the closing quote"),
    ),
    (
        "found unexpected document (indicator|separator)",
        Text("引号没有闭合", "the quoted text is not closed before the end of the document"),
        Text("补上右引号", "add the closing quote"),
    ),
    (
        "unknown escape|expected hexdecimal|hexadecimal numbers|escape code",
        Text("双引号内有不认识的转义", "an escape in double quotes that does not exist"),
        _DOUBLE_QUOTED,
    ),
    ("expected ',' or ']'", Text("列表缺少“,”或“]”", "the list lacks ',' or ']'"), None),
    ("expected ',' or '}'", Text("映射缺少“,”或“}”", "the mapping lacks ',' or '}'"), None),
    (
        "did not find expected key|while parsing a block mapping",
        Text("这里应是下一个键", "the next key was expected here"),
        _INDENT,
    ),
    (
        "did not find expected '-' indicator|while parsing a block collection",
        Text("这里应是下一个“- ”", "the next '- ' was expected here"),
        _INDENT,
    ),
    (
        "(block )?sequence entries are not allowed",
        Text("这里不能出现“- ”", "'- ' cannot stand here"),
        Text("列表另起一行并缩进", "start the list on a line of its own, indented"),
    ),
    ("mapping keys are not allowed", Text("这里不能出现键", "a key cannot stand here"), _INDENT),
    (
        "expected (the )?node content|while parsing a (block|flow) node",
        Text("这里应有一个值", "a value was expected here"),
        None,
    ),
    (
        "expected .*<?document start>?",
        Text("文档已经结束，后面还有内容", "text after the end of the document"),
        None,
    ),
    (
        "%YAML|%TAG|directive|incompatible YAML",
        Text("不支持 % 开头的 YAML 指令", "YAML directives (%…) are not supported"),
        Text("删除这一行", "delete the line"),
    ),
)
# Where the fault is the beginning of what was being read, not the place where reading stopped.
_BEGINS_AT_FAULT = "expected ':'|while scanning an? (anchor|alias|tag|block scalar)"
_UNKNOWN = Text("此处不是合法的 YAML", "this is not valid YAML")

_PUNCTUATION = re.compile("[：，“”｛｝［］\u3000\u00a0]")

_CONTEXTS: tuple[tuple[str, Text], ...] = (
    ("quoted scalar", Text("引号从这里开始", "the quoted text starts here")),
    ("flow mapping", Text("“{”在这里", "the '{' is here")),
    ("flow sequence", Text("“[”在这里", "the '[' is here")),
    ("block mapping", Text("这个映射从这里开始", "the mapping starts here")),
    ("block (collection|sequence)", Text("这个列表从这里开始", "the list starts here")),
)


def syntax_problem(error: yaml.YAMLError, source: SourceText) -> Diagnostic:
    """``error`` of either parser as a diagnostic of ours."""
    context = str(getattr(error, "context", None) or "")
    problem = str(getattr(error, "problem", None) or "")
    mark = getattr(error, "problem_mark", None)
    context_mark = getattr(error, "context_mark", None)
    offset = min(mark.index, len(source.text)) if mark else len(source.text)
    if context_mark is not None and re.search(_BEGINS_AT_FAULT, f"{context} {problem}"):
        offset = min(context_mark.index, offset)
    tab = "\t" in source.text[offset : offset + 1]
    meaning, fix = _meaning("found a tab" if tab else f"{context} {problem}")
    related = []
    if context_mark is not None and context_mark.index < offset:
        start = context_mark.index
        related = [(source.span(start, start + 1), words) for key, words in _CONTEXTS if re.search(key, context)][:1]
    return diagnostic(
        "SR0115",
        source.span(offset, min(offset + 1, len(source.text))),
        found=_found(source, offset),
        fix=_lookalike_fix(source, offset) or fix,
        related=related,
        problem=meaning,
    )


def _meaning(words: str) -> tuple[Text, Text | None]:
    for pattern, meaning, fix in _PROBLEMS:
        if re.search(pattern, words):
            return meaning, fix
    return _UNKNOWN, None


def _found(source: SourceText, offset: int) -> str | None:
    start, line = source.line_at(offset)
    return line[offset - start :].strip() or line.strip() or None


def _lookalike_fix(source: SourceText, offset: int) -> Text | None:
    """Points at full-width punctuation where it may stand for YAML's own: the usual slip in text typed in Chinese.

    That is the line at fault, or a line before it that has no ASCII colon at all.
    """
    start, line = source.line_at(offset)
    lines = [(start, line)]
    if start > 0:
        before = source.line_at(start - 1)
        lines += [] if ":" in before[1] else [before]
    for begin, words in lines:
        match = _PUNCTUATION.search(words)
        if match:
            span = source.span(begin + match.start(), begin + match.end())
            return Text(
                f"第 {span.line} 行第 {span.column} 列是全角“{match.group()}”，YAML 的标点须为半角",
                f"line {span.line}, column {span.column} has a full-width '{match.group()}'; YAML punctuation is ASCII",
            )
    return None
