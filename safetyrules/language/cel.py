"""From the text of an expression to its syntax tree.

`parse_expression` is the one entry point. The grammar is ``cel.lark``; this module builds the tree while the parser
runs and turns whatever the grammar refuses into a diagnostic that says what to write instead.
"""

from __future__ import annotations

import re
from decimal import Decimal
from fractions import Fraction
from functools import cache, lru_cache
from importlib.resources import files
from threading import Lock
from typing import Final, NamedTuple, NoReturn, cast

from lark import Lark, Token, Transformer
from lark.exceptions import UnexpectedInput

from safetyrules.diagnostics import Span
from safetyrules.language.cel_refusals import (
    ANOTHER_NAME,
    CHAIN_FIX,
    ESCAPE_FIX,
    ESCAPES_EXPECTED,
    HAS_FIX,
    MACRO_SHAPES,
    NOT_NAMES,
    REFUSED_FUNCTIONS,
    SPLIT_FIX,
    VARIABLE_FIX,
    Locate,
    Written,
    extent,
    refuse,
    visible,
)
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


def parse_expression(text: str, locate: Locate) -> Expression:
    """The tree of ``text``; `RulesetError` with SR03xx diagnostics where it is not an expression of the rule language.

    ``locate(start, end)`` gives the place of ``text[start:end]``, for ``0 <= start <= end <= len(text)``.
    """
    written = Written(text, locate, _string(), _skipped())
    _check_size(written)
    parser, builder = _parser()
    with _parsing:
        builder.written = written
        try:
            tree = cast(_Part, parser.parse(text)).node
        except UnexpectedInput as error:
            refuse(written, error)
        finally:
            builder.written = _NOTHING
    if len(text) > MAX_DEPTH:
        _check_depth(written, tree)
    return tree


def _nowhere(start: int, end: int) -> Span:
    raise AssertionError("no expression is being parsed")


_NOTHING: Final = Written("", _nowhere, re.compile(""), re.compile(""))


# Building the tree -----------------------------------------------------------------------------------------------


class _Part(NamedTuple):
    """A node and the stretch of text it came from, brackets around it included."""

    start: int
    end: int
    node: Expression


_Child = Token | _Part | list[_Part] | None


class _Builder(Transformer[Token, _Part]):
    """Called by the parser at each reduction; one parse at a time (see `_parsing`)."""

    written: Written

    def locate(self, start: int, end: int) -> Span:
        return self.written.locate(start, end)

    def name(self, children: list[Token]) -> _Part:
        token = children[0]
        start, end = extent(token)
        word = str(token)
        if word == "true" or word == "false":
            return _Part(start, end, LiteralValue(self.locate(start, end), word == "true"))
        if word in NOT_NAMES:
            self.written.refuse_word(start, end)
        return _Part(start, end, Name(self.locate(start, end), word))

    def number(self, children: list[Token]) -> _Part:
        token = children[0]
        start, end = extent(token)
        value = _number(str(token))
        if value is None:
            self.written.refuse("SR0315", start, end, digits=MAX_DIGITS, exponent=MAX_EXPONENT)
        return _Part(start, end, LiteralValue(self.locate(start, end), value))

    def text_literal(self, children: list[Token]) -> _Part:
        start, end = extent(children[0])
        value = _unquote(str(children[0]), start, self.written)
        return _Part(start, end, LiteralValue(self.locate(start, end), value))

    def group(self, children: list[_Child]) -> _Part:
        left, inner, right = cast(tuple[Token, _Part, Token], children)
        return _Part(extent(left)[0], extent(right)[1], inner.node)

    def items(self, children: list[_Child]) -> _Part:
        start, end = extent(cast(Token, children[0]))[0], extent(cast(Token, children[-1]))[1]
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
        at, end = extent(field)
        word = str(field)
        if word in KEYWORDS:
            self.written.refuse("SR0310", at, end, word=word, fix=ANOTHER_NAME)
        span = self.locate(operand.start, end)
        return _Part(operand.start, end, Select(span, operand.node, word, self.locate(at, end)))

    def call(self, children: list[_Child]) -> _Part:
        function, arguments = cast(Token, children[0]), cast(list[_Part] | None, children[2]) or []
        word = str(function)
        start, name_end = extent(function)
        end = extent(cast(Token, children[3]))[1]
        if word == "has":
            if len(arguments) != 1 or not isinstance(arguments[0].node, (Name, Select, Call)):
                self.written.refuse("SR0317", start, end, expected="has(name)", fix=HAS_FIX)
            return _Part(start, end, Has(self.locate(start, end), arguments[0].node))
        if word in QUANTIFIERS:
            self.written.refuse("SR0318", start, end, macro=f"{word}()", expected=MACRO_SHAPES[QUANTIFIERS[word]])
        self.refuse_function(function)
        if word in NOT_NAMES or word in KEYWORDS:
            self.written.refuse_word(start, name_end)
        span = self.locate(start, end)
        return _Part(start, end, Call(span, word, tuple(a.node for a in arguments), self.locate(start, name_end)))

    def receiver_call(self, children: list[_Child]) -> _Part:
        receiver, function = cast(_Part, children[0]), cast(Token, children[1])
        arguments = cast(list[_Part] | None, children[3]) or []
        word = str(function)
        at, name_end = extent(function)
        end = extent(cast(Token, children[4]))[1]
        span = self.locate(receiver.start, end)
        if word in QUANTIFIERS:
            return _Part(receiver.start, end, self.comprehension(span, receiver, function, arguments, end))
        self.refuse_function(function)
        if word in KEYWORDS:
            self.written.refuse("SR0310", at, name_end, word=word, fix=ANOTHER_NAME)
        nodes = tuple(argument.node for argument in arguments)
        return _Part(receiver.start, end, Call(span, word, nodes, self.locate(at, name_end), receiver.node))

    def comprehension(
        self, span: Span, receiver: _Part, function: Token, arguments: list[_Part], end: int
    ) -> Comprehension:
        quantifier = QUANTIFIERS[str(function)]
        if len(arguments) != 2 and not (quantifier == "map" and len(arguments) == 3):
            macro, at = f".{function}()", extent(function)[0]
            self.written.refuse("SR0318", at, end, macro=macro, expected=MACRO_SHAPES[quantifier])
        variable, *tests, body = arguments
        if not isinstance(variable.node, Name):
            macro, shape = f".{function}()", MACRO_SHAPES[quantifier]
            self.written.refuse("SR0318", variable.start, variable.end, macro=macro, expected=shape, fix=VARIABLE_FIX)
        test = tests[0].node if tests else None
        return Comprehension(span, quantifier, receiver.node, variable.node.name, body.node, test)

    def refuse_function(self, function: Token) -> None:
        refused = REFUSED_FUNCTIONS.get(str(function))
        if refused is not None:
            construct, fix = refused
            self.written.refuse("SR0309", *extent(function), function=str(function), construct=construct, fix=fix)

    def negation(self, children: list[_Child]) -> _Part:
        return self.prefixed(children, "!")

    def minus(self, children: list[_Child]) -> _Part:
        return self.prefixed(children, "-")

    def prefixed(self, children: list[_Child], operator: str) -> _Part:
        *operators, operand = cast(list[Token], children)
        part = cast(_Part, operand)
        for token in reversed(operators):
            start = extent(token)[0]
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
        self.written.refuse("SR0307", start, end, first=first, second=second, fix=CHAIN_FIX)

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


def _unquote(literal: str, offset: int, written: Written) -> str:
    """The text that a string literal stands for."""
    raw = literal[0] in "rR"
    quoted = literal[1:] if raw else literal
    width = 3 if quoted[:3] in ('"""', "'''") else 1
    body = quoted[width:-width]
    if not body.isascii() and (half := _SURROGATE.search(body)):
        at = offset + raw + width + half.start()
        written.refuse("SR0312", at, at + 1, escape=visible(half.group()), fix=ESCAPE_FIX)
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
            written.refuse("SR0312", at, end, escape=visible(match.group()), expected=ESCAPES_EXPECTED, fix=ESCAPE_FIX)
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


def _check_size(written: Written) -> None:
    text = written.text
    if len(text) * 4 > MAX_BYTES:
        length = len(text.encode("utf-8", "surrogatepass"))
        if length > MAX_BYTES:
            written.refuse("SR0313", 0, len(text), length=length, limit=MAX_BYTES, fix=SPLIT_FIX)
    if text.count("(") + text.count("[") > MAX_DEPTH:
        depth = 0
        for offset, character in written.symbols():
            if character in "([":
                depth += 1
                if depth > MAX_DEPTH:
                    written.refuse("SR0314", offset, offset + 1, limit=MAX_DEPTH, fix=SPLIT_FIX)
            elif character in ")]":
                depth -= 1


def _check_depth(written: Written, tree: Expression) -> None:
    """A tree no deeper than `MAX_DEPTH`, so that whoever walks it may recurse.

    A chain of ``&&`` or of ``||`` is one level, up to `MAX_CHAIN` operands: it is walked as the list that it is.
    """
    pending = [(tree, 1, 1)]
    while pending:
        node, depth, chained = pending.pop()
        if depth > MAX_DEPTH or chained > MAX_CHAIN:
            written.refuse("SR0314", 0, len(written.text), limit=MAX_DEPTH, fix=SPLIT_FIX)
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
