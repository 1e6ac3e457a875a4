"""Writing a tree as text and reading it back gives the tree."""

from __future__ import annotations

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from safetyrules.diagnostics import RulesetError, Span
from safetyrules.language.cel import parse_expression
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
from safetyrules.language.unparse import unparse

PLACE = Span("rule", 1, 1, 1, 1)


def parse(text: str) -> Expression:
    """The tree of ``text`` with one place for everything, so that trees compare by what they say."""
    return parse_expression(text, lambda start, end: PLACE)


words = st.sampled_from(["a", "b", "workers", "dust_class", "_x", "x1", "rb", "u", "e5", "all", "size", "inside"])
decimals = st.builds(
    lambda digits, power: Fraction(digits) * Fraction(10) ** power,
    st.integers(0, 10**90),
    st.one_of(st.integers(-3, 3), st.integers(-300, 300)),
)
literals = st.one_of(st.booleans(), decimals, st.text(max_size=8)).map(lambda value: LiteralValue(PLACE, value))
names = words.map(lambda word: Name(PLACE, word))
paths = st.recursive(
    names, lambda inner: st.builds(lambda o, f: Select(PLACE, o, f, PLACE), inner, words), max_leaves=3
)
lookups = st.builds(
    lambda keys: Call(PLACE, "lookup", tuple(keys), PLACE), st.lists(st.one_of(literals, paths), max_size=3)
)
functions = st.sampled_from(["size", "sum", "lookup", "startsWith", "days_between"])


def larger(inner: st.SearchStrategy[Expression]) -> st.SearchStrategy[Expression]:
    tuples = st.lists(inner, max_size=3).map(tuple)
    return st.one_of(
        st.builds(Select, st.just(PLACE), inner, words, st.just(PLACE)),
        st.builds(Unary, st.just(PLACE), st.sampled_from(["!", "-"]), inner),
        st.builds(
            Binary,
            st.just(PLACE),
            st.sampled_from(["&&", "||", "==", "!=", "<", "<=", ">", ">=", "+", "-", "*", "/", "%", "in"]),
            inner,
            inner,
        ),
        st.builds(Conditional, st.just(PLACE), inner, inner, inner),
        st.builds(ListLiteral, st.just(PLACE), tuples),
        st.builds(
            Comprehension,
            st.just(PLACE),
            st.sampled_from(["exists", "all", "exists_one", "filter", "map"]),
            inner,
            words,
            inner,
        ),
        st.builds(Comprehension, st.just(PLACE), st.just("map"), inner, words, inner, inner),
        st.builds(Call, st.just(PLACE), functions, tuples, st.just(PLACE), st.none() | inner),
    )


expressions: st.SearchStrategy[Expression] = st.recursive(
    st.one_of(literals, names, st.one_of(paths, lookups).map(lambda operand: Has(PLACE, operand))),
    larger,
    max_leaves=25,
)


@settings(max_examples=400, deadline=None)
@given(expressions)
def test_reading_back_gives_the_same_tree(tree: Expression) -> None:
    assert parse(unparse(tree)) == tree


@settings(max_examples=200, deadline=None)
@given(expressions)
def test_each_bracket_is_needed(tree: Expression) -> None:
    """Taking away any pair of grouping brackets changes the tree, or leaves no expression."""
    text = unparse(tree)
    for start, end in grouping_brackets(text):
        bare = f"{text[:start]} {text[start + 1 : end]} {text[end + 1 :]}"
        try:
            changed = parse(bare)
        except RulesetError:
            continue
        assert changed != tree, (text, bare)


def grouping_brackets(text: str) -> list[tuple[int, int]]:
    """The places of brackets that do not enclose the arguments of a call, texts left aside."""
    pairs: list[tuple[int, int]] = []
    opened: list[tuple[int, bool]] = []
    offset = 0
    while offset < len(text):
        character = text[offset]
        if character == '"':
            offset += 1
            while text[offset] != '"':
                offset += 2 if text[offset] == "\\" else 1
        elif character == "(":
            before = text[offset - 1 : offset]
            opened.append((offset, not (before.isalnum() or before == "_")))
        elif character == ")":
            start, grouping = opened.pop()
            if grouping:
                pairs.append((start, offset))
        offset += 1
    return pairs


@pytest.mark.parametrize(
    "text",
    [
        "a || b && !c",
        "(a || b) && c",
        "a - (b - c) - d",
        "a * (b + c) / d",
        "(a == b) == (c in d)",
        "!(a && b)",
        "!!a.b",
        "-(-a + 1)",
        "!(-a)",
        "a ? b : c ? d : e",
        "(a ? b : c) ? (d ? e : f) : g",
        "(a + b).c.f(x, [1, 2.5]).exists(v, has(v.w) ? v.w : false)",
        "a.map(v, v > 1, v * 2)",
        r'"干式 \"x\" \\ \n \u200b"',
        "0.05 + 1000000 + 1e30 + 1.5e-30",
    ],
)
def test_text_with_no_bracket_too_many_stays_as_it_is(text: str) -> None:
    assert unparse(parse(text)) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(Fraction(-5), "a + -5"), (Fraction(1, 3), "a + 1 / 3"), (Fraction(-1, 3), "a + -(1 / 3)")],
)
def test_numbers_no_literal_has_are_written_as_operations(value: Fraction, text: str) -> None:
    assert unparse(Binary(PLACE, "+", Name(PLACE, "a"), LiteralValue(PLACE, value))) == text
