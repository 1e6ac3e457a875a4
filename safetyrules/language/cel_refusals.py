"""What the grammar of expressions refuses, said so that the author knows what to write instead."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from typing import Any, Final, NamedTuple, NoReturn, cast

from lark import Token
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from safetyrules.diagnostics import RulesetError, Span, diagnostic, shorten
from safetyrules.language.expression import Quantifier
from safetyrules.text import Text, same

Locate = Callable[[int, int], Span]
RESERVED: Final = frozenset(
    {
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop"),
        *("package", "namespace", "return", "var", "void", "while"),
    }
)
"""Words that CEL keeps for host languages; https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax."""


class Written(NamedTuple):
    """The text of one expression, and how to find a stretch of it in its file."""

    text: str
    locate: Locate
    #: A string literal, and what may contain any character (a string literal or a comment), as the grammar has them.
    string: re.Pattern[str]
    skipped: re.Pattern[str]

    def symbols(self) -> Iterator[tuple[int, str]]:
        """The characters outside string literals and comments, with their offsets."""
        position = 0
        while position < len(self.text):
            skipped = self.skipped.match(self.text, position)
            if skipped is not None:
                position = skipped.end()
            else:
                yield position, self.text[position]
                position += 1

    def refuse(
        self,
        code: str,
        start: int,
        end: int,
        *,
        expected: Text | str | None = None,
        fix: Text | None = None,
        related: tuple[tuple[Span, Text], ...] = (),
        **values: Any,
    ) -> NoReturn:
        """There is something wrong with ``text[start:end]``."""
        found = visible(self.text[start:end]) if start < end else None
        span = self.locate(start, end)
        problem = diagnostic(code, span, found=found, expected=expected, fix=fix, related=related, **values)
        raise RulesetError([problem]) from None

    def refuse_construct(self, construct: tuple[Text, Text], start: int, end: int) -> NoReturn:
        """CEL has it, the rule language has not; `construct` is its name and what to write instead."""
        self.refuse("SR0308", start, end, construct=construct[0], fix=construct[1])

    def refuse_word(self, start: int, end: int) -> NoReturn:
        """A word or sign that stands for something else here."""
        word = self.text[start:end]
        if word == "null":
            self.refuse_construct(_NULL, start, end)
        if word in ("not", "NOT") and _NOT_IN.match(self.text, end):
            self.refuse("SR0306", start, end, word=word, fix=Text("写作 !(x in y)", "write !(x in y)"))
        if word in _RESPELLED:
            fix = Text(f"写作 {_RESPELLED[word]}", f"write {_RESPELLED[word]}")
            self.refuse("SR0306", start, end, word=word, fix=fix)
        if word == "in":
            self.refuse("SR0301", start, end, word=word, expected=_OPERAND)
        fix = _TERNARY if word in ("if", "else") else ANOTHER_NAME
        self.refuse("SR0310", start, end, word=word, fix=fix)

    def refuse_number(self, start: int, end: int) -> NoReturn:
        word = self.text[start:end]
        if re.fullmatch(r"0[xX][0-9a-fA-F]+[uU]?", word):
            self.refuse_construct(_HEXADECIMAL, start, end)
        if re.fullmatch(r"[0-9]+[uU]", word):
            self.refuse_construct(_UNSIGNED, start, end)
        self.refuse("SR0316", start, end, word=_excerpt(word), fix=_NUMBER_FIX)


def extent(token: Token) -> tuple[int, int]:
    return cast(int, token.start_pos), cast(int, token.end_pos)


ANOTHER_NAME: Final = Text("换一个名称", "choose another name")
HAS_FIX: Final = Text(
    "写 has(名称)、has(a.b) 或 has(lookup(…))，名称不加引号",
    "write has(name), has(a.b) or has(lookup(…)), the name without quotes",
)
VARIABLE_FIX: Final = Text("第一个参数是变量名，例如 c", "the first argument is the name of a variable, such as c")
CHAIN_FIX: Final = Text(
    "写成 a < b && b < c；比较两个条件时加括号",
    "write a < b && b < c; put brackets around a condition that is itself compared",
)
ESCAPES_EXPECTED: Final = same(r"\n \t \r \\ \" \' \a \b \f \v \? \` \xHH \uHHHH \UHHHHHHHH \OOO")
ESCAPE_FIX: Final = Text(
    r'反斜杠本身写作 \\，或用原样文本 r"…"', r'write \\ for a backslash itself, or use a raw text r"…"'
)
SPLIT_FIX: Final = Text(
    "拆成几条 value 规则，或改用决策表、in [...]",
    "split it into several value rules, or use a decision table or in [...]",
)
_OPERAND: Final = Text("一个值：名称、数字、文本、( 或 [", "a value: a name, a number, a text, ( or [")
_OPERATOR: Final = Text("运算符或表达式结尾", "an operator, or the end of the expression")

MACRO_SHAPES: Final[dict[Quantifier, str]] = {
    "exists": "list.exists(variable, condition)",
    "all": "list.all(variable, condition)",
    "exists_one": "list.exists_one(variable, condition)",
    "filter": "list.filter(variable, condition)",
    "map": "list.map(variable, value) | list.map(variable, condition, value)",
}

_DATES: Final = (
    Text("没有时刻和时长", "there are no instants and durations"),
    Text(
        '日期用 date("2024-01-01")、days_between、add_days、add_months、year',
        'for dates use date("2024-01-01"), days_between, add_days, add_months, year',
    ),
)
_NUMBERS: Final = (
    Text("数只有一种精确类型，不需要转换", "numbers are of one exact type and need no conversion"),
    Text("去掉转换；取整用 round(x, 0)", "leave the conversion out; to round, use round(x, 0)"),
)
_TYPES: Final = (
    Text("类型在检查时已确定", "types are settled when rules are checked"),
    Text("去掉它；事实的类型写在事实声明里", "leave it out; the type of a fact is in its declaration"),
)
REFUSED_FUNCTIONS: Final[dict[str, tuple[Text, Text]]] = {
    "timestamp": _DATES,
    "duration": _DATES,
    "int": _NUMBERS,
    "double": _NUMBERS,
    "uint": _NUMBERS,
    "string": (
        Text("值不能转换成文本", "values are not converted to text"),
        Text("比较值本身，说明文字写在 title 里", "compare the value itself; words for readers go into titles"),
    ),
    "bytes": (
        Text("没有字节串", "there are no bytes"),
        Text('用文本 "…"', 'use a text "…"'),
    ),
    "bool": (
        Text("值不能转换成布尔", "values are not converted to booleans"),
        Text('写出条件，例如 x == "yes"', 'write the condition, such as x == "yes"'),
    ),
    "type": _TYPES,
    "dyn": _TYPES,
    "matches": (
        Text("没有正则表达式", "there are no regular expressions"),
        Text("用 startsWith、endsWith、contains 或 in [...]", "use startsWith, endsWith, contains or in [...]"),
    ),
}

_MAP: Final = (
    Text("映射或消息 {…}", "maps or messages {…}"),
    Text(
        "对照数据放在 table 文档里，用 lookup() 读取",
        "put reference data in a table document and read it with lookup()",
    ),
)
_INDEX: Final = (
    Text("下标 […]", "index […]"),
    Text(
        "用 list.exists(v, …)、list.filter(v, …) 按条件选取",
        "select by a condition: list.exists(v, …), list.filter(v, …)",
    ),
)
_NULL: Final = (
    Text("null", "null"),
    Text(
        "是否适用写 has(x)；未知的事实自动保持未知",
        "write has(x) for whether x applies; unknown facts stay unknown by themselves",
    ),
)
_BYTES: Final = (
    Text('字节串 b"…"', 'bytes b"…"'),
    Text("去掉前缀 b", "leave out the prefix b"),
)
_UNSIGNED: Final = (
    Text("无符号整数 1u", "unsigned integers 1u"),
    Text("去掉后缀 u", "leave out the suffix u"),
)
_HEXADECIMAL: Final = (
    Text("十六进制数 0x1F", "hexadecimal numbers 0x1F"),
    Text("写成十进制", "write it in decimal"),
)
_LEADING_DOT: Final = (
    Text("以点开头的名称 .x", "names with a leading dot .x"),
    Text("去掉开头的点", "leave out the leading dot"),
)
_OPTIONAL: Final = (
    Text("可选值 .? 与 [?]", "optional values .? and [?]"),
    Text("是否适用写 has(x)", "write has(x) for whether x applies"),
)
_QUOTED_NAME: Final = (
    Text("反引号名称 `x`", "names in backquotes `x`"),
    Text("名称只用英文字母、数字和下划线，不加引号", "names are made of ASCII letters, digits and '_', without quotes"),
)

_RESPELLED: Final = {
    "and": "&&",
    "or": "||",
    "not": "!",
    "is": "==",
    "=": "==",
    "===": "==",
    "!==": "!=",
    "<>": "!=",
    "&": "&&",
    "|": "||",
    "=<": "<=",
    "=>": ">=",
    "AND": "&&",
    "OR": "||",
    "NOT": "!",
    "IN": "in",
    "True": "true",
    "TRUE": "true",
    "False": "false",
    "FALSE": "false",
}
NOT_NAMES: Final = RESERVED | {"null", "in", "not", "and", "or", "is"} | {w for w in _RESPELLED if w[0].isupper()}

_LOOK_ALIKES: Final[dict[int, str]] = {
    **{ord(c): '"' for c in "“”„‟「」『』〝〞＂"},
    **{ord(c): "'" for c in "‘’‚‛＇"},
    **{ord(c): "-" for c in "−–—‐‑‒―"},
    **{ord(c): "[" for c in "【〔"},
    **{ord(c): "]" for c in "】〕"},
    **{ord(c): "*" for c in "×∗"},
    **{ord(c): "/" for c in "÷∕"},
    **{ord(c): "<=" for c in "≤≦⩽"},
    **{ord(c): ">=" for c in "≥≧⩾"},
    **str.maketrans({"≠": "!=", "∧": "&&", "∨": "||", "¬": "!", "∈": "in", "。": ".", "、": ","}),
    **{ord(c): " " for c in "\u3000\u00a0\u2002\u2003\u2009\u200a\u202f"},
    **{code: chr(code - 0xFEE0) for code in range(0xFF01, 0xFF5F) if code not in (0xFF02, 0xFF07)},
}

_NUMBER_FIX: Final = Text("例如 30、0.5、1.5e3；不写单位和分隔符", "such as 30, 0.5, 1.5e3; without unit or separators")
_ENGLISH_NAME: Final = Text(
    "用事实声明中的英文名称；文本要加引号", "use the ASCII name from the declaration; put quotes around a text"
)
_TERNARY: Final = Text("条件写作 a ? b : c，或用决策表", "write a ? b : c, or use a decision table")

_WORD = re.compile(r"[^\W\d]\w*")
_ASCII_WORD_END = re.compile(r"(?<!\w)\w*$", re.ASCII)
_NOT_IN = re.compile(r"\s+in(?!\w)", re.IGNORECASE)
_BYTES_PREFIX = re.compile(r"(?<!\w)(?:[bB][rR]?|[rR][bB])$")
_SPELLED_OPERATOR = re.compile(r"===|!==|<>|=[<>]|=(?!=)|&(?!&)|\|(?!\|)")
_DOUBLE_SIGN = re.compile(r"&&|\|\||[=!<>]=")
_LAST_WORD = re.compile(r"(?<![\w.])([A-Za-z_]\w*)\s+$", re.ASCII)
_NUMBER_RUN = re.compile(r"(?<![\w.])[0-9][\w.]*$", re.ASCII)
_NUMBER_REST = re.compile(r"[\w.]+", re.ASCII)


def refuse(written: Written, error: UnexpectedInput) -> NoReturn:
    """Say why the parser stopped where it did. Tried in order, the most telling reason first."""
    text = written.text
    at, wanted = _stop(error, text)
    after_value = "NAME" not in wanted
    if at == len(text):
        _refuse_end(written, after_value)
    character = text[at]
    before = _LAST_WORD.search(text, 0, at)
    if before is not None and before.group(1) in NOT_NAMES:
        written.refuse_word(*before.span(1))
    if ord(character) in _LOOK_ALIKES:
        _refuse_look_alikes(written, at)
    if character in "\"'":
        _refuse_quote(written, at)
    _refuse_construct(written, at, after_value)
    run = _NUMBER_RUN.search(text[:at])
    rest = _NUMBER_REST.match(text, at)
    if run is not None and rest is not None:
        written.refuse_number(run.start(), rest.end())
    begin = at - 1 if text.startswith("<>", at - 1) else at - 2 if text.startswith(("===", "!=="), at - 2) else at
    spelled = _SPELLED_OPERATOR.match(text, begin)
    if spelled is not None:
        written.refuse_word(*spelled.span())
    word = _WORD.match(text, at)
    if word is not None and word.group() in NOT_NAMES:
        written.refuse_word(*word.span())
    end = word.end() if word is not None else at + 1
    if not character.isascii():
        start = at - len(cast(re.Match[str], _ASCII_WORD_END.search(text, 0, at)).group())
        written.refuse("SR0305", start, end, word=_excerpt(text[start:end]), fix=_ENGLISH_NAME)
    longer = written.string.match(text, at) or _DOUBLE_SIGN.match(text, at)
    if longer is not None:
        end = longer.end()
    expected = _OPERATOR if after_value else _OPERAND
    written.refuse("SR0301", at, end, word=_excerpt(text[at:end]), expected=expected)


def _stop(error: UnexpectedInput, text: str) -> tuple[int, Collection[str]]:
    """Where the parser stopped, and the terminals it could have gone on with."""
    if isinstance(error, UnexpectedToken):
        at = len(text) if error.token.type == "$END" else extent(error.token)[0]
        return at, error.expected
    unreadable = cast(UnexpectedCharacters, error)
    return cast(int, unreadable.pos_in_stream), unreadable.allowed or ()


def _refuse_construct(written: Written, at: int, after_value: bool) -> None:
    """Signs of a construct that CEL has and the rule language has not."""
    text = written.text
    character, previous = text[at], text[at - 1 : at]
    if character == "{":
        written.refuse_construct(_MAP, at, at + 1)
    if character == "[" and after_value:
        written.refuse_construct(_INDEX, at, at + 1)
    if character == "`":
        written.refuse_construct(_QUOTED_NAME, at, at + 1)
    if character == "?" and previous in (".", "["):
        written.refuse_construct(_OPTIONAL, at - 1, at + 1)
    if character == "." and not after_value and previous != ".":
        written.refuse_construct(_LEADING_DOT, at, at + 1)


def _refuse_look_alikes(written: Written, at: int) -> NoReturn:
    end = at + 1
    while end < len(written.text) and ord(written.text[end]) in _LOOK_ALIKES:
        end += 1
    ascii_text = _in_ascii(written)
    fix = Text(f"改用半角字符：{ascii_text}", f"type it in ASCII: {ascii_text}")
    written.refuse("SR0304", at, end, word=_excerpt(written.text[at:end]), fix=fix)


def _refuse_quote(written: Written, at: int) -> None:
    """A quote where none may stand: of bytes, or one that is never closed."""
    text = written.text
    prefix = _BYTES_PREFIX.search(text, 0, at)
    if prefix is not None:
        written.refuse_construct(_BYTES, prefix.start(), at + 1)
    if written.string.match(text, at) is None:
        quote = text[at] * 3 if text.startswith(text[at] * 3, at) else text[at]
        written.refuse("SR0311", at, len(text), fix=Text(f"在末尾加上 {quote}", f"close it with {quote}"))


def _refuse_end(written: Written, after_value: bool) -> NoReturn:
    """The text stops where more is needed."""
    text, end = written.text, len(written.text)
    symbols = list(written.symbols())
    if written.string.search(text) is None and not "".join(character for _, character in symbols).strip():
        written.refuse("SR0302", 0, 0, fix=Text("写出条件，或去掉这个键", "write the condition, or leave the key out"))
    run = _NUMBER_RUN.search(text)
    if run is not None and text.endswith("."):
        written.refuse_number(run.start(), end)
    if not after_value:
        written.refuse("SR0303", end, end, expected=_OPERAND)
    opened: list[tuple[int, str]] = []
    for offset, character in symbols:
        if character in "([":
            opened.append((offset, character))
        elif character in ")]":
            opened.pop()
    if not opened:
        written.refuse("SR0303", end, end, expected=Text("“:”和另一个值", "':' and the other value"))
    offset, bracket = opened[-1]
    closing = ")" if bracket == "(" else "]"
    fix = Text(f"补上与“{bracket}”成对的“{closing}”", f"close '{bracket}' with '{closing}'")
    related = ((written.locate(offset, offset + 1), Text("在这里打开", "opened here")),)
    written.refuse("SR0303", end, end, expected=closing, fix=fix, related=related)


def _in_ascii(written: Written) -> str:
    """One line of the text with its look-alikes replaced, except inside string literals and comments."""
    text = written.text
    kept: list[str] = []
    position = 0
    for offset, character in written.symbols():
        kept.append(text[position:offset])
        kept.append(_LOOK_ALIKES.get(ord(character), character))
        position = offset + 1
    kept.append(text[position:])
    return shorten(visible(" ".join("".join(kept).split())))


def _excerpt(words: str) -> str:
    return shorten(visible(words), 40)


def visible(words: str) -> str:
    """``words`` with control characters and half surrogates as escapes, fit to print anywhere."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in words)
