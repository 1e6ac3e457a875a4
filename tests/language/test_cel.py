"""Expressions: what their text means as a tree, where each part stands, and what is said of text that is none."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from safetyrules.diagnostics import RulesetError, Span
from safetyrules.diagnostics.expression_codes import CODES
from safetyrules.language.cel import MAX_BYTES, MAX_DEPTH, children_of, parse_expression
from safetyrules.language.expression import (
    Binary,
    Call,
    Comprehension,
    Conditional,
    Expression,
    Has,
    ListLiteral,
    LiteralValue,
    Name,
    Select,
    Unary,
)

PAGES = Path(__file__).parents[2] / "docs" / "diagnostics"


def locate(start: int, end: int) -> Span:
    return Span("rule", 1, start + 1, 1, end + 1)


def parse(text: str) -> Expression:
    return parse_expression(text, locate)


def cut(text: str, span: Span) -> str:
    """The part of ``text`` that a span from `locate` covers."""
    return text[span.column - 1 : span.end_column - 1]


def refused(text: str) -> RulesetError:
    with pytest.raises(RulesetError) as caught:
        parse(text)
    return caught.value


def shape(node: Expression) -> str:
    """The tree in prefix form, every operation in brackets."""
    match node:
        case LiteralValue(value=bool() | Fraction() as value):
            return str(value).lower()
        case LiteralValue(value=text):
            return repr(text)
        case Name(name=name):
            return name
        case Select(operand=operand, field=field):
            return f"(. {shape(operand)} {field})"
        case Has(operand=operand):
            return f"(has {shape(operand)})"
        case Unary(operator=operator) | Binary(operator=operator):
            return f"({operator} {' '.join(map(shape, children_of(node)))})"
        case Conditional():
            return f"(? {' '.join(map(shape, children_of(node)))})"
        case ListLiteral(items=items):
            return f"[{' '.join(map(shape, items))}]"
        case Comprehension(quantifier=quantifier, variable=variable):
            members, *parts = map(shape, children_of(node))
            return f"({quantifier} {members} {variable} {' '.join(parts)})"
        case Call(function=function, arguments=arguments, receiver=receiver):
            called = " ".join((function, *map(shape, arguments)))
            return f"({called})" if receiver is None else f"({shape(receiver)} . {called})"
    raise AssertionError(node)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("a || b && c", "(|| a (&& b c))"),
        ("a && b || c", "(|| (&& a b) c)"),
        ("(a || b) && c", "(&& (|| a b) c)"),
        ("a || b || c", "(|| (|| a b) c)"),
        ("a || (b || c)", "(|| a (|| b c))"),
        ("a && b == c", "(&& a (== b c))"),
        ("a == b + c * d", "(== a (+ b (* c d)))"),
        ("a * b + c < d", "(< (+ (* a b) c) d)"),
        ("a - b - c", "(- (- a b) c)"),
        ("a - (b - c)", "(- a (- b c))"),
        ("a / b * c % d", "(% (* (/ a b) c) d)"),
        ("a + b in c", "(in (+ a b) c)"),
        ("a in b && c", "(&& (in a b) c)"),
        ("inside in in_use", "(in inside in_use)"),
        ("!a && b", "(&& (! a) b)"),
        ("!!a", "(! (! a))"),
        ("!a.b", "(! (. a b))"),
        ("!(a && b)", "(! (&& a b))"),
        ("-a * b", "(* (- a) b)"),
        ("a - -b", "(- a (- b))"),
        ("a--b", "(- a (- b))"),
        ("-a.size()", "(- (a . size))"),
        ("a ? b : c ? d : e", "(? a b (? c d e))"),
        ("(a ? b : c) ? d : e", "(? (? a b c) d e)"),
        ("a || b ? c && d : e || f", "(? (|| a b) (&& c d) (|| e f))"),
        ("a.b.c", "(. (. a b) c)"),
        ("(a + b).c", "(. (+ a b) c)"),
        ("a . b", "(. a b)"),
        ("a.package", "(. a package)"),
        ("has(a) && has(a.b.c)", "(&& (has a) (has (. (. a b) c)))"),
        ('has(lookup("t", a, "c"))', "(has (lookup 't' a 'c'))"),
        ("f()", "(f)"),
        ("f(a, b + c)", "(f a (+ b c))"),
        ("a.b.f(c).g()", "(((. a b) . f c) . g)"),
        ("[]", "[]"),
        ("[a, [b], c,]", "[a [b] c]"),
        ("a in [1, 2]", "(in a [1 2])"),
        ("a.exists(c, c.x > 1)", "(exists a c (> (. c x) 1))"),
        ("a.all(c, c)", "(all a c c)"),
        ("a.exists_one(c, c)", "(exists_one a c c)"),
        ("a.existsOne(c, c)", "(exists_one a c c)"),
        ("a.filter(c, c > 1).map(d, d + 1)", "(map (filter a c (> c 1)) d (+ d 1))"),
        ("a.map(c, c > 1, c * 2)", "(map a c (> c 1) (* c 2))"),
        ("a.has(b)", "(a . has b)"),
        ("exists", "exists"),
        ("matches && type", "(&& matches type)"),
        ("true == !false", "(== true (! false))"),
        ("truely", "truely"),
        ("a // the rest is said, not run: && (\n && b", "(&& a b)"),
        ("\ta\n&&\r\nb\f", "(&& a b)"),
        ('"//" == a', "(== '//' a)"),
    ],
)
def test_tree(text: str, expected: str) -> None:
    assert shape(parse(text)) == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("0", Fraction(0)),
        ("007", Fraction(7)),
        ("30", Fraction(30)),
        ("0.1", Fraction(1, 10)),
        (".5", Fraction(1, 2)),
        ("1e3", Fraction(1000)),
        ("1.25E-2", Fraction(1, 80)),
        ("1e+2", Fraction(100)),
        ("1e400", Fraction(10**400)),
        ("1e-400", Fraction(1, 10**400)),
        ("0e400", Fraction(0)),
        ("9" * 100, Fraction(int("9" * 100))),
        ("true", True),
        ("false", False),
        ('""', ""),
        ("''", ""),
        ('"干式"', "干式"),
        ("'a \"b\"'", 'a "b"'),
        (r'"\a\b\f\n\r\t\v\\\?\"\'\`"', "\a\b\f\n\r\t\v\\?\"'`"),
        (r'"\x41\X42\u5e72\U0001F600\101\377\000"', "AB干\U0001f600A\xff\0"),
        (r'r"\d"', r"\d"),
        (r"R'\'", "\\"),
        ('"""a "b"\nc"""', 'a "b"\nc'),
        ("'''it's'''", "it's"),
        (r'"""\"""" ', '"'),
        ('r"""\\"\n"""', '\\"\n'),
        ('""""""', ""),
        ('"＞，。“”"', "＞，。“”"),
    ],
)
def test_literal(text: str, value: bool | Fraction | str) -> None:
    literal = parse(text)
    assert isinstance(literal, LiteralValue)
    assert literal.value == value
    assert type(literal.value) is type(value)
    assert cut(text, literal.span) == text.rstrip()


def nodes(root: Expression) -> list[Expression]:
    return [root, *(node for child in children_of(root) for node in nodes(child))]


def test_each_node_knows_its_text() -> None:
    text = '(a.b >= 3) && !f("干式", x).g() ? [1, -y].exists(v, has(v.企)) : "粉尘" in c'.replace("企", "q")
    assert [cut(text, node.span) for node in nodes(parse(text))] == [
        text,
        '(a.b >= 3) && !f("干式", x).g()',
        "a.b >= 3",
        "a.b",
        "a",
        "3",
        '!f("干式", x).g()',
        'f("干式", x).g()',
        'f("干式", x)',
        '"干式"',
        "x",
        "[1, -y].exists(v, has(v.q))",
        "[1, -y]",
        "1",
        "-y",
        "y",
        "has(v.q)",
        "v.q",
        "v",
        '"粉尘" in c',
        '"粉尘"',
        "c",
    ]


def test_brackets_belong_to_what_they_are_part_of() -> None:
    text = "(a + b) * (c)"
    product = parse(text)
    assert isinstance(product, Binary)
    assert cut(text, product.span) == text
    assert cut(text, product.left.span) == "a + b"


def test_names_of_fields_and_functions_have_places_of_their_own() -> None:
    text = '"粉" + a . field + f (x) + a.g()'
    by_name = {node.field: node.field_span for node in nodes(parse(text)) if isinstance(node, Select)}
    by_name |= {node.function: node.function_span for node in nodes(parse(text)) if isinstance(node, Call)}
    assert {name: cut(text, span) for name, span in by_name.items()} == {"field": "field", "f": "f", "g": "g"}


ONE_DEEP = "(" * MAX_DEPTH + "a" + ")" * MAX_DEPTH
REFUSALS = [
    # text, code, the part it points at, words of the fix or of what was expected
    ("a b", "SR0301", "b", "operator"),
    ("a 'x y'", "SR0301", "'x y'", "operator"),
    ("a)", "SR0301", ")", "operator"),
    ("(a]", "SR0301", "]", "operator"),
    ("a,b", "SR0301", ",", "operator"),
    ("a;", "SR0301", ";", "operator"),
    ("a !b", "SR0301", "!", "operator"),
    ("a\\b", "SR0301", "\\", "operator"),
    ("a ? b ? c : d : e", "SR0301", "?", "operator"),
    ("a && || b", "SR0301", "||", "value"),
    ("a ** b", "SR0301", "*", "value"),
    ("f(a,)", "SR0301", ")", "value"),
    ("a..b", "SR0301", ".", "value"),
    ("in", "SR0301", "in", "value"),
    ("!-a", "SR0301", "-", "value"),
    ("$a", "SR0301", "$", "value"),
    ("", "SR0302", "", "leave the key out"),
    (" \n ", "SR0302", "", "leave the key out"),
    ("// 待定", "SR0302", "", "leave the key out"),
    ("a &&", "SR0303", "", "value"),
    ("!", "SR0303", "", "value"),
    ('"(" == a &&', "SR0303", "", "value"),
    ("(a", "SR0303", "", "close '(' with ')'"),
    ("f(a[", "SR0308", "[", "exists"),
    ("f([a", "SR0303", "", "close '[' with ']'"),
    ("a ? b", "SR0303", "", "':'"),
    ("a ＞ 3", "SR0304", "＞", "a > 3"),
    ("a ＝＝ １２", "SR0304", "＝＝", "a == 12"),
    ("（a）", "SR0304", "（", "(a)"),
    ("！a", "SR0304", "！", "!a"),
    ("f(a，b)", "SR0304", "，", "f(a,b)"),
    ("“干式” == a", "SR0304", "“", '"干式" == a'),
    ("a == ‘b’", "SR0304", "‘", "a == 'b'"),
    ("a ≥ 3", "SR0304", "≥", "a >= 3"),
    ("a\u3000&& b", "SR0304", "\u3000", "a && b"),
    ("a == '，' ＆＆ b", "SR0304", "＆＆", "a == '，' && b"),
    ("ｗorkers", "SR0304", "ｗ", "workers"),
    ("干式 == a", "SR0305", "干式", "ASCII name"),
    ("a == b干式2", "SR0305", "b干式2", "ASCII name"),
    ("a.面积", "SR0305", "面积", "ASCII name"),
    ("é", "SR0305", "é", "ASCII name"),
    ("a = 3", "SR0306", "=", "write =="),
    ("a === 3", "SR0306", "===", "write =="),
    ("a !== 3", "SR0306", "!==", "write !="),
    ("a <> 3", "SR0306", "<>", "write !="),
    ("a => 3", "SR0306", "=>", "write >="),
    ("a =< 3", "SR0306", "=<", "write <="),
    ("a & b", "SR0306", "&", "write &&"),
    ("a | b", "SR0306", "|", "write ||"),
    ("a and b", "SR0306", "and", "write &&"),
    ("a OR b", "SR0306", "OR", "write ||"),
    ("not a", "SR0306", "not", "write !"),
    ("not (a && b)", "SR0306", "not", "write !"),
    ("a && not b", "SR0306", "not", "write !"),
    ("a not in b", "SR0306", "not", "write !(x in y)"),
    ("a is b", "SR0306", "is", "write =="),
    ("a == True", "SR0306", "True", "write true"),
    ("1 < a < 3", "SR0307", "1 < a < 3", "&&"),
    ("x && a == b == c || y", "SR0307", "a == b == c", "&&"),
    ("a in b in c + 1", "SR0307", "a in b in c", "&&"),
    ('{"a": 1}', "SR0308", "{", "lookup"),
    ("Message{}", "SR0308", "{", "lookup"),
    ("a[0]", "SR0308", "[", "exists"),
    ("a == null", "SR0308", "null", "has(x)"),
    ("null == a", "SR0308", "null", "has(x)"),
    ('b"a"', "SR0308", 'b"', "prefix"),
    ("a == rb'a'", "SR0308", "rb'", "prefix"),
    ("a > 1u", "SR0308", "1u", "suffix"),
    ("a > 0x1F", "SR0308", "0x1F", "decimal"),
    (".a", "SR0308", ".", "dot"),
    ("`a`", "SR0308", "`", "ASCII"),
    ("a.?b", "SR0308", ".?", "has(x)"),
    ("[?a]", "SR0308", "[?", "has(x)"),
    ('timestamp("2024-01-01T00:00:00Z")', "SR0309", "timestamp", "days_between"),
    ('a + duration("1h")', "SR0309", "duration", "add_days"),
    ("a.matches('x')", "SR0309", "matches", "startsWith"),
    ("matches(a, 'x')", "SR0309", "matches", "startsWith"),
    ("type(a) == b", "SR0309", "type", "declaration"),
    ("dyn(a)", "SR0309", "dyn", "declaration"),
    ("int(a)", "SR0309", "int", "round"),
    ("uint(a)", "SR0309", "uint", "round"),
    ("double(a)", "SR0309", "double", "round"),
    ("string(a)", "SR0309", "string", "compare"),
    ("bytes(a)", "SR0309", "bytes", "text"),
    ("bool(a)", "SR0309", "bool", "condition"),
    ("if", "SR0310", "if", "a ? b : c"),
    ("if a > 3", "SR0310", "if", "a ? b : c"),
    ("let == 3", "SR0310", "let", "another name"),
    ("import(a)", "SR0310", "import", "another name"),
    ("a.true", "SR0310", "true", "another name"),
    ("a.in(b)", "SR0310", "in", "another name"),
    ('a == "b', "SR0311", '"b', 'close it with "'),
    ("'a\n'", "SR0311", "'a\n'", "close it with '"),
    ('"""a"', "SR0311", '"""a"', 'close it with """'),
    (r"'a\'", "SR0311", r"'a\'", "close it with '"),
    (r'"干\q"', "SR0312", r"\q", r"\\"),
    (r'"\x4"', "SR0312", r"\x", r"\\"),
    (r'"\ud800"', "SR0312", r"\ud800", r"\\"),
    (r'"\U00110000"', "SR0312", r"\U00110000", r"\\"),
    (r'"\400"', "SR0312", r"\4", r"\\"),
    ('r"a\ud800"', "SR0312", "\ud800", r"\\"),
    ("a" * (MAX_BYTES + 1), "SR0313", "a" * (MAX_BYTES + 1), "split"),
    (f'"{"尘" * (MAX_BYTES // 3)}"', "SR0313", f'"{"尘" * (MAX_BYTES // 3)}"', "split"),
    (f"({ONE_DEEP})", "SR0314", "(", "split"),
    ("(" * 10_000, "SR0314", "(", "split"),
    ("(" * 8_000 + ")" * 8_000, "SR0314", "(", "split"),
    ("[" * 8_000 + "]" * 8_000, "SR0314", "[", "split"),
    ("!" * MAX_DEPTH + "a", "SR0314", "!" * MAX_DEPTH + "a", "split"),
    ("-" * 16_000 + "a", "SR0314", "-" * 16_000 + "a", "split"),
    ("a" + "+a" * MAX_DEPTH, "SR0314", "a" + "+a" * MAX_DEPTH, "split"),
    ("a?b:" * 4_000 + "a", "SR0314", "a?b:" * 4_000 + "a", "split"),
    ("a" + ".b" * 8_000, "SR0314", "a" + ".b" * 8_000, "split"),
    ("a" + ".b()" * 4_000, "SR0314", "a" + ".b()" * 4_000, "split"),
    ("9" * 101, "SR0315", "9" * 101, ""),
    ("0." + "9" * 101, "SR0315", "0." + "9" * 101, ""),
    ("1e401", "SR0315", "1e401", ""),
    ("10e400", "SR0315", "10e400", ""),
    ("1e-401", "SR0315", "1e-401", ""),
    ("1e" + "9" * 5_000, "SR0315", "1e" + "9" * 5_000, ""),
    ("1.", "SR0316", "1.", "without unit"),
    ("a > 30m", "SR0316", "30m", "without unit"),
    ("1_000", "SR0316", "1_000", "without unit"),
    ("1.5.2", "SR0316", "1.5.2", "without unit"),
    ("has()", "SR0317", "has()", "has(a.b)"),
    ("has('a')", "SR0317", "has('a')", "has(a.b)"),
    ("has(a, b)", "SR0317", "has(a, b)", "has(a.b)"),
    ("has(a > 1)", "SR0317", "has(a > 1)", "has(a.b)"),
    ("exists(a, b)", "SR0318", "exists(a, b)", "list.exists(variable, condition)"),
    ("a.all(c)", "SR0318", "all(c)", "list.all(variable, condition)"),
    ("a.exists(c, d, e)", "SR0318", "exists(c, d, e)", "list.exists(variable, condition)"),
    ("a.map(b, c, d, e)", "SR0318", "map(b, c, d, e)", "list.map(variable, condition, value)"),
    ("a.filter()", "SR0318", "filter()", "list.filter(variable, condition)"),
    ("a.exists(c.d, c)", "SR0318", "c.d", "name of a variable"),
]


@pytest.mark.parametrize(("text", "code", "found", "advice"), REFUSALS, ids=lambda value: str(value)[:30])
def test_refusal(text: str, code: str, found: str, advice: str) -> None:
    (problem,) = refused(text).diagnostics
    assert problem.code == code
    assert problem.span is not None
    assert cut(text, problem.span) == found
    given_advice = " ".join(words.en for words in (problem.fix, problem.expected) if words is not None)
    assert advice in given_advice
    for language in ("zh", "en"):
        rendered = problem.render(language)
        assert rendered.encode()
        assert len(rendered) < 1000


def test_what_is_just_within_the_limits_parses() -> None:
    assert shape(parse(ONE_DEEP)) == "a"
    assert parse("a" + "+a" * (MAX_DEPTH - 1))
    assert parse("a" * MAX_BYTES)
    assert shape(parse(f"'{'(' * 10_000}'")).count("(") == 10_000


def test_unclosed_bracket_shows_where_it_was_opened() -> None:
    text = 'a && (b || f(c) == "("'
    ((place, _),) = refused(text).diagnostics[0].related
    assert place == locate(5, 6)


def test_control_characters_are_not_echoed() -> None:
    for text in ("a \x1b[31m", "\x00", '"\x1b\\q', "\x1b\ud800"):
        message = str(refused(text))
        assert message.replace("\n", "").isprintable()


def test_every_code_is_reached_and_explained() -> None:
    assert {code for _, code, _, _ in REFUSALS} == set(CODES)
    assert {page.stem for page in PAGES.glob("SR03*.md")} == set(CODES)


ABBREVIATED = {"SR0313", "SR0314"}
"""Pages whose example is too long to print in full."""


@pytest.mark.parametrize("code", sorted(set(CODES) - ABBREVIATED))
def test_page_example_is_refused_and_its_fix_parses(code: str) -> None:
    page = (PAGES / f"{code}.md").read_text(encoding="utf-8")
    wrong, right = re.findall(r"```cel\n(.*?)\n```", page, re.DOTALL)
    assert refused(wrong).diagnostics[0].code == code
    assert parse(right)
    for wording in CODES[code]:
        assert wording in page


def test_threads_do_not_mix_expressions() -> None:
    texts = [f'f{number}("{number}") + {number} * (a{number} - 1)' for number in range(200)]
    expected = [f"(+ (f{n} '{n}') (* {n} (- a{n} 1)))" for n in range(200)]
    with ThreadPoolExecutor(8) as pool:
        assert [shape(tree) for tree in pool.map(parse, texts)] == expected


FRAGMENTS = [
    *("a", "b1", "_", "true", "in", "null", "has", "exists", "map", "not", "if", "干", "1", "0.5", "1e3", "0x", "1u"),
    *("(", ")", "[", "]", "{", "}", ",", ".", "?", ":", "!", "-", "+", "*", "/", "%", "&&", "||", "==", "=", "<", ">"),
    *('"', "'", '"""', "'x'", "r'", "b'", "\\", "\\u", "//", "\n", " ", "　", "＞", "“", "`", "&", "\ud800", "\x00"),
]
TEXTS = st.one_of(
    st.text(max_size=40),
    st.text(alphabet=st.characters(exclude_categories=[]), max_size=20),
    st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join),
    st.lists(st.sampled_from(FRAGMENTS), max_size=25).map(" ".join),
)


@settings(max_examples=500, deadline=None)
@given(TEXTS)
@example("(" * 10_000)
@example("'''" * 5_000)
@example('"\\' * 5_000)
@example("_" * 16_000 + "干")
@example("干" * 5_000)
@example("a " * 8_000)
@example("＞" * 5_000)
def test_any_text_parses_or_is_refused_with_a_place(text: str) -> None:
    try:
        tree = parse(text)
    except RulesetError as error:
        for problem in error.diagnostics:
            assert problem.code in CODES
            assert problem.span is not None
            assert 1 <= problem.span.column <= problem.span.end_column <= len(text) + 1
            assert problem.render("zh").encode()
    else:
        for node in nodes(tree):
            assert 1 <= node.span.column < node.span.end_column <= len(text) + 1
