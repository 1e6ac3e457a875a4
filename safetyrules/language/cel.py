"""From the text of an expression to its syntax tree.

`parse_expression` is the one entry point. The grammar is ``cel.lark``; this module builds the tree while the parser
runs and turns whatever the grammar refuses into a diagnostic that says what to write instead.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from threading import Lock
from typing import Any, Final, NamedTuple, NoReturn, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedCharacters, UnexpectedInput, UnexpectedToken

from safetyrules.diagnostics import RulesetError, Span, diagnostic, shorten
from safetyrules.language.expression import (
    Binary,
    BinaryOperator,
    Call,
    Comprehension,
    Conditional,
    Expression,
    Has,
    ListLiteral,
    LiteralValue,
    Name,
    Quantifier,
    Select,
    Unary,
)
from safetyrules.text import Text, same

Locate = Callable[[int, int], Span]

MAX_BYTES: Final = 16 * 1024
MAX_DEPTH: Final = 100
MAX_CHAIN: Final = 350
MAX_DIGITS: Final = 100
MAX_EXPONENT: Final = 400

PRECEDENCE: Final[dict[str, int]] = {
    "||": 1,
    "&&": 2,
    **dict.fromkeys(("==", "!=", "<", "<=", ">", ">=", "in"), 3),
    **dict.fromkeys(("+", "-"), 4),
    **dict.fromkeys(("*", "/", "%"), 5),
}
COMPARISON: Final = PRECEDENCE["=="]

QUANTIFIERS: Final[dict[str, Quantifier]] = {
    "exists": "exists",
    "all": "all",
    "exists_one": "exists_one",
    "existsOne": "exists_one",
    "filter": "filter",
    "map": "map",
}

KEYWORDS: Final = frozenset({"true", "false", "null", "in"})
RESERVED: Final = frozenset(
    {
        *("as", "break", "const", "continue", "else", "for", "function", "if", "import", "let", "loop"),
        *("package", "namespace", "return", "var", "void", "while"),
    }
)
"""Words that CEL keeps for host languages; https://github.com/google/cel-spec/blob/master/doc/langdef.md#syntax."""


def parse_expression(text: str, locate: Locate) -> Expression:
    """The tree of ``text``; `RulesetError` with SR03xx diagnostics where it is not an expression of the rule language.

    ``locate(start, end)`` gives the place of ``text[start:end]``, for ``0 <= start <= end <= len(text)``.
    """
    written = _Written(text, locate)
    _check_size(written)
    parser, builder = _parser()
    with _parsing:
        builder.written = written
        try:
            tree = cast(_Part, parser.parse(text)).node
        except UnexpectedInput as error:
            _refuse(written, error)
        finally:
            builder.written = _NOTHING
    if len(text) > MAX_DEPTH:
        _check_depth(written, tree)
    return tree


class _Written(NamedTuple):
    """The text of one expression, and how to find a stretch of it in its file."""

    text: str
    locate: Locate

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
        found = _visible(self.text[start:end]) if start < end else None
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
        fix = _TERNARY if word in ("if", "else") else _ANOTHER_NAME
        self.refuse("SR0310", start, end, word=word, fix=fix)

    def refuse_number(self, start: int, end: int) -> NoReturn:
        word = self.text[start:end]
        if re.fullmatch(r"0[xX][0-9a-fA-F]+[uU]?", word):
            self.refuse_construct(_HEXADECIMAL, start, end)
        if re.fullmatch(r"[0-9]+[uU]", word):
            self.refuse_construct(_UNSIGNED, start, end)
        self.refuse("SR0316", start, end, word=_excerpt(word), fix=_NUMBER_FIX)


def _nowhere(start: int, end: int) -> Span:
    raise AssertionError("no expression is being parsed")


_NOTHING: Final = _Written("", _nowhere)


# Building the tree -----------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """A node and the stretch of text it came from, brackets around it included."""

    start: int
    end: int
    node: Expression


_Child = Token | _Part | list[_Part] | None


class _Builder(Transformer[Token, _Part]):
    """Called by the parser at each reduction; one parse at a time (see `_parsing`)."""

    written: _Written

    def locate(self, start: int, end: int) -> Span:
        return self.written.locate(start, end)

    def name(self, children: list[Token]) -> _Part:
        token = children[0]
        start, end = _extent(token)
        word = str(token)
        if word == "true" or word == "false":
            return _Part(start, end, LiteralValue(self.locate(start, end), word == "true"))
        if word in _NOT_NAMES:
            self.written.refuse_word(start, end)
        return _Part(start, end, Name(self.locate(start, end), word))

    def number(self, children: list[Token]) -> _Part:
        token = children[0]
        start, end = _extent(token)
        value = _number(str(token))
        if value is None:
            self.written.refuse("SR0315", start, end, digits=MAX_DIGITS, exponent=MAX_EXPONENT)
        return _Part(start, end, LiteralValue(self.locate(start, end), value))

    def text_literal(self, children: list[Token]) -> _Part:
        start, end = _extent(children[0])
        value = _unquote(str(children[0]), start, self.written)
        return _Part(start, end, LiteralValue(self.locate(start, end), value))

    def group(self, children: list[_Child]) -> _Part:
        left, inner, right = cast(tuple[Token, _Part, Token], children)
        return _Part(_extent(left)[0], _extent(right)[1], inner.node)

    def items(self, children: list[_Child]) -> _Part:
        start, end = _extent(cast(Token, children[0]))[0], _extent(cast(Token, children[-1]))[1]
        items = tuple(part.node for part in children[1]) if isinstance(children[1], list) else ()
        return _Part(start, end, ListLiteral(self.locate(start, end), items))

    def first_argument(self, children: list[_Part]) -> list[_Part]:
        return children

    def next_argument(self, children: list[_Child]) -> list[_Part]:
        arguments, argument = cast(tuple[list[_Part], _Part], children)
        arguments.append(argument)
        return arguments

    def select(self, children: list[_Child]) -> _Part:
        operand, field = cast(tuple[_Part, Token], children)
        at, end = _extent(field)
        word = str(field)
        if word in KEYWORDS:
            self.written.refuse("SR0310", at, end, word=word, fix=_ANOTHER_NAME)
        span = self.locate(operand.start, end)
        return _Part(operand.start, end, Select(span, operand.node, word, self.locate(at, end)))

    def call(self, children: list[_Child]) -> _Part:
        function, arguments = cast(Token, children[0]), cast(list[_Part] | None, children[2]) or []
        word = str(function)
        start, name_end = _extent(function)
        end = _extent(cast(Token, children[3]))[1]
        if word == "has":
            if len(arguments) != 1 or not isinstance(arguments[0].node, (Name, Select, Call)):
                self.written.refuse("SR0317", start, end, expected="has(name)", fix=_HAS_FIX)
            return _Part(start, end, Has(self.locate(start, end), arguments[0].node))
        if word in QUANTIFIERS:
            self.written.refuse("SR0318", start, end, macro=f"{word}()", expected=_MACRO_SHAPES[QUANTIFIERS[word]])
        self.refuse_function(function)
        if word in _NOT_NAMES or word in KEYWORDS:
            self.written.refuse_word(start, name_end)
        span = self.locate(start, end)
        return _Part(start, end, Call(span, word, tuple(a.node for a in arguments), self.locate(start, name_end)))

    def receiver_call(self, children: list[_Child]) -> _Part:
        receiver, function = cast(_Part, children[0]), cast(Token, children[1])
        arguments = cast(list[_Part] | None, children[3]) or []
        word = str(function)
        at, name_end = _extent(function)
        end = _extent(cast(Token, children[4]))[1]
        span = self.locate(receiver.start, end)
        if word in QUANTIFIERS:
            return _Part(receiver.start, end, self.comprehension(span, receiver, function, arguments, end))
        self.refuse_function(function)
        if word in KEYWORDS:
            self.written.refuse("SR0310", at, name_end, word=word, fix=_ANOTHER_NAME)
        nodes = tuple(argument.node for argument in arguments)
        return _Part(receiver.start, end, Call(span, word, nodes, self.locate(at, name_end), receiver.node))

    def comprehension(
        self, span: Span, receiver: _Part, function: Token, arguments: list[_Part], end: int
    ) -> Comprehension:
        quantifier = QUANTIFIERS[str(function)]
        if len(arguments) != 2 and not (quantifier == "map" and len(arguments) == 3):
            macro, at = f".{function}()", _extent(function)[0]
            self.written.refuse("SR0318", at, end, macro=macro, expected=_MACRO_SHAPES[quantifier])
        variable, *tests, body = arguments
        if not isinstance(variable.node, Name):
            macro, shape = f".{function}()", _MACRO_SHAPES[quantifier]
            self.written.refuse("SR0318", variable.start, variable.end, macro=macro, expected=shape, fix=_VARIABLE_FIX)
        test = tests[0].node if tests else None
        return Comprehension(span, quantifier, receiver.node, variable.node.name, body.node, test)

    def refuse_function(self, function: Token) -> None:
        refused = _REFUSED_FUNCTIONS.get(str(function))
        if refused is not None:
            construct, fix = refused
            self.written.refuse("SR0309", *_extent(function), function=str(function), construct=construct, fix=fix)

    def negation(self, children: list[_Child]) -> _Part:
        return self.prefixed(children, "!")

    def minus(self, children: list[_Child]) -> _Part:
        return self.prefixed(children, "-")

    def prefixed(self, children: list[_Child], operator: str) -> _Part:
        *operators, operand = cast(list[Token], children)
        part = cast(_Part, operand)
        for token in reversed(operators):
            start = _extent(token)[0]
            span = self.locate(start, part.end)
            part = _Part(start, part.end, Unary(span, "!" if operator == "!" else "-", part.node))
        return part

    def chain(self, children: list[_Child]) -> _Part:
        """``a || b && c …``: operands and operators in turn, joined by precedence, the left one first among equals."""
        operands = [cast(_Part, children[0])]
        pending: list[Token] = []
        for index in range(1, len(children), 2):
            operator = cast(Token, children[index])
            level = PRECEDENCE[operator]
            while pending and PRECEDENCE[pending[-1]] >= level:
                if level == COMPARISON and PRECEDENCE[pending[-1]] == COMPARISON:
                    third = cast(_Part, children[index + 1])
                    self.refuse_chain(operands[-2].start, third.end, pending[-1], operator)
                self.join(operands, pending.pop())
            pending.append(operator)
            operands.append(cast(_Part, children[index + 1]))
        while pending:
            self.join(operands, pending.pop())
        return operands[0]

    def join(self, operands: list[_Part], operator: Token) -> None:
        right = operands.pop()
        left = operands.pop()
        span = self.locate(left.start, right.end)
        node = Binary(span, cast(BinaryOperator, operator.value), left.node, right.node)
        operands.append(_Part(left.start, right.end, node))

    def refuse_chain(self, start: int, end: int, first: Token, second: Token) -> NoReturn:
        self.written.refuse("SR0307", start, end, first=first, second=second, fix=_CHAIN_FIX)

    def conditional(self, children: list[_Child]) -> _Part:
        test, then, otherwise = cast(tuple[_Part, _Part, _Part], children)
        span = self.locate(test.start, otherwise.end)
        return _Part(test.start, otherwise.end, Conditional(span, test.node, then.node, otherwise.node))


@cache
def _parser() -> tuple[Lark, _Builder]:
    builder = _Builder()
    grammar = (files("safetyrules.language") / "cel.lark").read_text(encoding="utf-8")
    return Lark(grammar, parser="lalr", lexer="contextual", transformer=builder), builder


_parsing = Lock()
"""The parser calls one shared builder, so expressions are parsed one at a time."""


def _extent(token: Token) -> tuple[int, int]:
    return cast(int, token.start_pos), cast(int, token.end_pos)


@lru_cache(maxsize=1024)
def _number(word: str) -> Fraction | None:
    """The exact value of a decimal, or None where it exceeds the limits."""
    digits, _, exponent = word.lower().partition("e")
    if len(digits) > MAX_DIGITS + 1 or len(digits.replace(".", "")) > MAX_DIGITS or len(exponent) > MAX_DIGITS:
        return None
    if exponent and abs(int(exponent)) > 10 * MAX_EXPONENT:
        return None
    value = Decimal(word)
    return Fraction(value) if abs(value.adjusted()) <= MAX_EXPONENT else None


_ESCAPE = re.compile(
    r"\\(?:([abfnrtv\\?\"'`])|x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})"
    r"|(.?))",
    re.DOTALL,
)
_NAMED_ESCAPES: Final = {"a": "\a", "b": "\b", "f": "\f", "n": "\n", "r": "\r", "t": "\t", "v": "\v"}
_SURROGATE = re.compile("[\ud800-\udfff]")


def _unquote(literal: str, offset: int, written: _Written) -> str:
    """The text that a string literal stands for."""
    raw = literal[0] in "rR"
    quoted = literal[1:] if raw else literal
    width = 3 if quoted[:3] in ('"""', "'''") else 1
    body = quoted[width:-width]
    if not body.isascii() and (half := _SURROGATE.search(body)):
        at = offset + raw + width + half.start()
        written.refuse("SR0312", at, at + 1, escape=_visible(half.group()), fix=_ESCAPE_FIX)
    if raw or "\\" not in body:
        return body

    def replace(match: re.Match[str]) -> str:
        simple, *coded, octal, _ = match.groups()
        if simple is not None:
            return _NAMED_ESCAPES.get(simple, simple)
        point = int(octal, 8) if octal else next((int(digits, 16) for digits in coded if digits), None)
        if point is None and any(digits is not None for digits in (*coded, octal)):
            point = 0
        if point is None or 0xD800 <= point <= 0xDFFF or point > 0x10FFFF:
            at = offset + width + match.start()
            end = at + len(match.group())
            written.refuse(
                "SR0312", at, end, escape=_visible(match.group()), expected=_ESCAPES_EXPECTED, fix=_ESCAPE_FIX
            )
        return chr(point)

    return _ESCAPE.sub(replace, body)


# Limits ----------------------------------------------------------------------------------------------------------


@cache
def _string() -> re.Pattern[str]:
    """A string literal, as the grammar has it."""
    return re.compile(_parser()[0].get_terminal("STRING").pattern.to_regexp())


@cache
def _skipped() -> re.Pattern[str]:
    """What may contain any character: a string literal or a comment."""
    comment = _parser()[0].get_terminal("COMMENT").pattern.to_regexp()
    return re.compile(f"{_string().pattern}|{comment}")


def _symbols(text: str) -> Iterator[tuple[int, str]]:
    """The characters outside string literals and comments, with their offsets."""
    position = 0
    while position < len(text):
        skipped = _skipped().match(text, position)
        if skipped is not None:
            position = skipped.end()
        else:
            yield position, text[position]
            position += 1


def _check_size(written: _Written) -> None:
    text = written.text
    if len(text) * 4 > MAX_BYTES:
        length = len(text.encode("utf-8", "surrogatepass"))
        if length > MAX_BYTES:
            written.refuse("SR0313", 0, len(text), length=length, limit=MAX_BYTES, fix=_SPLIT_FIX)
    if text.count("(") + text.count("[") > MAX_DEPTH:
        depth = 0
        for offset, character in _symbols(text):
            if character in "([":
                depth += 1
                if depth > MAX_DEPTH:
                    written.refuse("SR0314", offset, offset + 1, limit=MAX_DEPTH, fix=_SPLIT_FIX)
            elif character in ")]":
                depth -= 1


def _check_depth(written: _Written, tree: Expression) -> None:
    """A tree no deeper than `MAX_DEPTH`, so that whoever walks it may recurse.

    A chain of ``&&`` or of ``||`` is one level, up to `MAX_CHAIN` operands: it is walked as the list that it is.
    """
    pending = [(tree, 1, 1)]
    while pending:
        node, depth, chained = pending.pop()
        if depth > MAX_DEPTH or chained > MAX_CHAIN:
            written.refuse("SR0314", 0, len(written.text), limit=MAX_DEPTH, fix=_SPLIT_FIX)
        chain = node.operator if isinstance(node, Binary) and node.operator in ("&&", "||") else None
        for child in children_of(node):
            same_chain = chain is not None and isinstance(child, Binary) and child.operator == chain
            pending.append((child, depth + (not same_chain), chained + 1 if same_chain else 1))


def children_of(node: Expression) -> tuple[Expression, ...]:
    """The direct parts of an expression, as written from left to right."""
    match node:
        case LiteralValue() | Name():
            return ()
        case Select(operand=operand) | Has(operand=operand) | Unary(operand=operand):
            return (operand,)
        case Binary(left=left, right=right):
            return (left, right)
        case Conditional(test=test, then=then, otherwise=otherwise):
            return (test, then, otherwise)
        case ListLiteral(items=items):
            return items
        case Comprehension(operand=operand, test=test, body=body):
            return (operand, body) if test is None else (operand, test, body)
        case Call(receiver=receiver, arguments=arguments):
            return arguments if receiver is None else (receiver, *arguments)


# What the grammar refuses ----------------------------------------------------------------------------------------

_ANOTHER_NAME: Final = Text("换一个名称", "choose another name")
_HAS_FIX: Final = Text(
    "写 has(名称)、has(a.b) 或 has(lookup(…))，名称不加引号",
    "write has(name), has(a.b) or has(lookup(…)), the name without quotes",
)
_VARIABLE_FIX: Final = Text("第一个参数是变量名，例如 c", "the first argument is the name of a variable, such as c")
_CHAIN_FIX: Final = Text(
    "写成 a < b && b < c；比较两个条件时加括号",
    "write a < b && b < c; put brackets around a condition that is itself compared",
)
_ESCAPES_EXPECTED: Final = same(r"\n \t \r \\ \" \' \a \b \f \v \? \` \xHH \uHHHH \UHHHHHHHH \OOO")
_ESCAPE_FIX: Final = Text(
    r'反斜杠本身写作 \\，或用原样文本 r"…"', r'write \\ for a backslash itself, or use a raw text r"…"'
)
_SPLIT_FIX: Final = Text(
    "拆成几条 value 规则，或改用决策表、in [...]",
    "split it into several value rules, or use a decision table or in [...]",
)
_OPERAND: Final = Text("一个值：名称、数字、文本、( 或 [", "a value: a name, a number, a text, ( or [")
_OPERATOR: Final = Text("运算符或表达式结尾", "an operator, or the end of the expression")

_MACRO_SHAPES: Final[dict[Quantifier, str]] = {
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
_REFUSED_FUNCTIONS: Final[dict[str, tuple[Text, Text]]] = {
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
_NOT_NAMES: Final = RESERVED | {"null", "in", "not", "and", "or", "is"} | {w for w in _RESPELLED if w[0].isupper()}

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


def _refuse(written: _Written, error: UnexpectedInput) -> NoReturn:
    """Say why the parser stopped where it did. Tried in order, the most telling reason first."""
    text = written.text
    at, wanted = _stop(error, text)
    after_value = "NAME" not in wanted
    if at == len(text):
        _refuse_end(written, after_value)
    character = text[at]
    before = _LAST_WORD.search(text, 0, at)
    if before is not None and before.group(1) in _NOT_NAMES:
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
    if word is not None and word.group() in _NOT_NAMES:
        written.refuse_word(*word.span())
    end = word.end() if word is not None else at + 1
    if not character.isascii():
        start = at - len(cast(re.Match[str], _ASCII_WORD_END.search(text, 0, at)).group())
        written.refuse("SR0305", start, end, word=_excerpt(text[start:end]), fix=_ENGLISH_NAME)
    longer = _string().match(text, at) or _DOUBLE_SIGN.match(text, at)
    if longer is not None:
        end = longer.end()
    expected = _OPERATOR if after_value else _OPERAND
    written.refuse("SR0301", at, end, word=_excerpt(text[at:end]), expected=expected)


def _stop(error: UnexpectedInput, text: str) -> tuple[int, Collection[str]]:
    """Where the parser stopped, and the terminals it could have gone on with."""
    if isinstance(error, UnexpectedToken):
        at = len(text) if error.token.type == "$END" else _extent(error.token)[0]
        return at, error.expected
    unreadable = cast(UnexpectedCharacters, error)
    return cast(int, unreadable.pos_in_stream), unreadable.allowed or ()


def _refuse_construct(written: _Written, at: int, after_value: bool) -> None:
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


def _refuse_look_alikes(written: _Written, at: int) -> NoReturn:
    end = at + 1
    while end < len(written.text) and ord(written.text[end]) in _LOOK_ALIKES:
        end += 1
    ascii_text = _in_ascii(written.text)
    fix = Text(f"改用半角字符：{ascii_text}", f"type it in ASCII: {ascii_text}")
    written.refuse("SR0304", at, end, word=_excerpt(written.text[at:end]), fix=fix)


def _refuse_quote(written: _Written, at: int) -> None:
    """A quote where none may stand: of bytes, or one that is never closed."""
    text = written.text
    prefix = _BYTES_PREFIX.search(text, 0, at)
    if prefix is not None:
        written.refuse_construct(_BYTES, prefix.start(), at + 1)
    if _string().match(text, at) is None:
        quote = text[at] * 3 if text.startswith(text[at] * 3, at) else text[at]
        written.refuse("SR0311", at, len(text), fix=Text(f"在末尾加上 {quote}", f"close it with {quote}"))


def _refuse_end(written: _Written, after_value: bool) -> NoReturn:
    """The text stops where more is needed."""
    text, end = written.text, len(written.text)
    symbols = list(_symbols(text))
    if _string().search(text) is None and not "".join(character for _, character in symbols).strip():
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


def _in_ascii(text: str) -> str:
    """One line of ``text`` with its look-alikes replaced, except inside string literals and comments."""
    kept: list[str] = []
    position = 0
    for offset, character in _symbols(text):
        kept.append(text[position:offset])
        kept.append(_LOOK_ALIKES.get(ord(character), character))
        position = offset + 1
    kept.append(text[position:])
    return shorten(_visible(" ".join("".join(kept).split())))


def _excerpt(words: str) -> str:
    return shorten(_visible(words), 40)


def _visible(words: str) -> str:
    """``words`` with control characters and half surrogates as escapes, fit to print anywhere."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in words)
