"""Strict YAML: what scalars mean, where nodes stand, what is refused, and how fast it is."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path

import pytest
import yaml
from hypothesis import assume, given
from hypothesis import strategies as st

from safetyrules.diagnostics import RulesetError, Span
from safetyrules.language.locate import locator
from safetyrules.language.yaml_source import (
    Limits,
    MappingNode,
    Node,
    ScalarNode,
    SequenceNode,
    load_yaml,
    parse_yaml,
    to_plain,
)

FOLDER = Path(__file__).parent / "read"
GOOD = sorted((FOLDER / "good").glob("*.yaml"))
BAD = sorted((FOLDER / "bad").glob("*.yaml"))
FAST_PARSER = hasattr(yaml, "CSafeLoader")


def value_of(scalar: str) -> object:
    node = load_yaml(f"key: {scalar}\n", "any.yaml")
    assert isinstance(node, MappingNode)
    value = node.entries[0][1]
    assert isinstance(value, ScalarNode)
    return value.value


def codes(content: str | bytes, **limits: int) -> list[str]:
    return [problem.code for problem in parse_yaml(content, "any.yaml", Limits(**limits)).problems]


# Scalars


@pytest.mark.parametrize("word", ["yes", "no", "on", "off", "Yes", "NO", "y", "n", "True", "FALSE", "Null", "none"])
def test_only_our_words_are_booleans_and_null(word: str) -> None:
    assert value_of(word) == word


@pytest.mark.parametrize(("word", "value"), [("true", True), ("false", False), ("null", None), ("~", None), ("", None)])
def test_booleans_and_null(word: str, value: bool | None) -> None:
    assert value_of(word) is value


@pytest.mark.parametrize("quoted", ["'{}'", '"{}"'])
@pytest.mark.parametrize("word", ["true", "null", "30", "2024-01-31", ".inf", "~", "2023-02-30", "1e999"])
def test_quoted_scalars_are_text(quoted: str, word: str) -> None:
    assert value_of(quoted.format(word)) == word


@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("0", Fraction(0)),
        ("-0", Fraction(0)),
        ("+30", Fraction(30)),
        ("0.1", Fraction(1, 10)),
        ("-2.50", Fraction(-5, 2)),
        ("1e3", Fraction(1000)),
        ("1.5E-2", Fraction(3, 200)),
        ("1e400", Fraction(10) ** 400),
        ("1e-400", Fraction(1, 10**400)),
        ("1e0000000000002", Fraction(100)),
    ],
)
def test_numbers_are_exact(written: str, value: Fraction) -> None:
    assert value_of(written) == value


@pytest.mark.parametrize(
    "written",
    ["007", "0111", "0x10", "0o7", "1_000", "12:30", ".5", "5.", "1e", "+", "3..9", "1,5", "٣", "３", "2024-1-31"],
)
def test_what_only_resembles_a_number_is_text(written: str) -> None:
    assert value_of(written) == written


@given(st.decimals(allow_nan=False, allow_infinity=False, places=6))
def test_any_decimal_is_read_exactly(number: Decimal) -> None:
    assert value_of(f"{number:f}") == Fraction(number)


@pytest.mark.parametrize("written", ["1e401", "1e-401", "1e99999999999999999999", "1" * 401, "9" * 5000])
def test_numbers_are_bounded(written: str) -> None:
    assert codes(f"a: {written}") == ["SR0118"]


@pytest.mark.parametrize("written", [".nan", ".NaN", ".NAN", "NaN", ".inf", "-.inf", "+.INF", "Infinity", "-Infinity"])
def test_not_a_number_is_refused(written: str) -> None:
    assert codes(f"a: [{written}]") == ["SR0119"]


def test_dates() -> None:
    assert value_of("2024-02-29") == date(2024, 2, 29)
    assert codes("a: 2023-02-29\nb: 2023-13-01\nc: 0000-01-01") == ["SR0117"] * 3


# Places


@pytest.mark.parametrize("mark", ["", "\ufeff"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_places_count_characters(mark: str, line_end: str) -> None:
    text = mark + line_end.join(["甲: 乙丙", "😀键: [一, '二''', 三]", "x: {y: 𠀀𠀁z}", ""])
    node = load_yaml(text.encode("utf-8"), "any.yaml")
    assert isinstance(node, MappingNode)
    (first, one), (second, items), (_, inner) = node.entries
    assert first.span == Span("any.yaml", 1, 1, 1, 2)
    assert one.span == Span("any.yaml", 1, 4, 1, 6)
    assert second.span == Span("any.yaml", 2, 1, 2, 3)
    assert isinstance(items, SequenceNode)
    assert [item.span.column for item in items.items] == [6, 9, 16]
    assert items.span == Span("any.yaml", 2, 5, 2, 18)
    assert isinstance(inner, MappingNode)
    assert inner.entries[0][1].span == Span("any.yaml", 3, 8, 3, 11)
    assert load_yaml(text, "any.yaml") == node


def test_a_block_collection_ends_with_its_last_value() -> None:
    node = load_yaml("a:\n  - b: 1\n    c: |\n      text\n\n\n# remark\nd: 2\n", "any.yaml")
    assert isinstance(node, MappingNode)
    assert node.entries[0][1].span == Span("any.yaml", 2, 3, 4, 11)


VISIBLE = st.characters(codec="utf-8", exclude_categories=("C", "Z"))
WORDS = st.lists(st.text(VISIBLE, min_size=1, max_size=6), min_size=1, max_size=25)


@given(WORDS, st.sampled_from(["'", '"', "|", ">", None]), st.sampled_from([20, 1000]), st.sampled_from(["\n", "\r\n"]))
def test_every_character_is_found_where_it_was_written(
    words: list[str], style: str | None, width: int, line_end: str
) -> None:
    joiner = "\n" if style == "|" else " "
    value = joiner.join(words)
    text = yaml.dump({"key": value}, default_style=style, width=width, allow_unicode=True, line_break=line_end)
    text = re.sub('^(["\'])key\\1|^\\? .*\\r?\\n.*\\r?\\n: ', "key", text)
    parsed = parse_yaml(text, "any.yaml")
    assume(not parsed.problems)
    assert isinstance(parsed.root, MappingNode)
    scalar = parsed.root.entries[0][1]
    assert isinstance(scalar, ScalarNode)
    assume(scalar.text.rstrip("\n") == value)
    lines = text.split(line_end)
    locate = locator(scalar)
    for offset, character in enumerate(value):
        if character.isspace():
            continue
        span = locate(offset, offset + 1)
        assert span.line == span.end_line
        written = lines[span.line - 1][span.column - 1 : span.end_column - 1]
        doubled = "''" if character == "'" and scalar.style == "single" else character
        assert written in (character, doubled) or yaml.safe_load(f'"{written}"') == character


def test_places_beyond_the_end_of_a_text_are_its_end() -> None:
    node = load_yaml("a: 'x'\nb: 'x''y'\n", "any.yaml")
    assert isinstance(node, MappingNode)
    straight, doubled = (locator(value) for _, value in node.entries if isinstance(value, ScalarNode))
    assert straight(1, 1) == straight(5, 9) == Span("any.yaml", 1, 6, 1, 6)
    assert doubled(3, 3) == doubled(5, 5) == Span("any.yaml", 2, 9, 2, 9)


# Refusals


def test_several_problems_are_reported_together() -> None:
    assert codes("a: &x 1\nb: *x\nc: !t 2\na: 3\nd: 2023-02-30\n") == ["SR0106", "SR0107", "SR0108", "SR0112", "SR0117"]


def test_problems_before_a_syntax_error_are_reported_too() -> None:
    assert codes("a: .nan\nb: 'open\n") == ["SR0119", "SR0115"]


def test_a_flood_of_problems_is_cut() -> None:
    assert len(codes("a: [" + ".nan, " * 100_000 + "]")) == 200


@pytest.mark.parametrize("opening", ["[", "{a: ", "- ", "? "])
def test_deep_nesting_is_refused(opening: str) -> None:
    assert codes(opening * 65 + "x") == ["SR0104"]
    assert codes(opening * 100_000)[-1] in ("SR0104", "SR0115")


def test_limits_are_inclusive() -> None:
    assert codes("a: [b]\n", bytes=7, depth=2, nodes=4) == []
    assert codes("a: [b]\n", bytes=6) == ["SR0103"]
    assert codes("a: [b]\n", depth=1) == ["SR0104"]
    assert codes("a: [b]\n", nodes=3) == ["SR0105"]
    assert codes("甲: [b]\n", bytes=8) == ["SR0103"]


def test_a_refused_file_raises_with_every_problem() -> None:
    with pytest.raises(RulesetError) as caught:
        load_yaml("a: 1\na: 2\nA: 3\n", "any.yaml")
    assert [problem.code for problem in caught.value.diagnostics] == ["SR0112", "SR0113"]


def test_full_width_punctuation_is_named_where_it_broke_the_syntax() -> None:
    (problem,) = parse_yaml("title: {zh: 测试，en: Test}\n", "any.yaml").problems
    assert problem.fix is not None
    assert "line 1, column 15" in problem.fix.en
    (problem,) = parse_yaml("zh: 甲，乙\nsector\nb: 1\n", "any.yaml").problems
    assert problem.fix is not None
    assert "full-width" not in problem.fix.en


def test_quoted_keys_and_texts_may_be_full_width() -> None:
    assert to_plain(load_yaml("'（１）': ：，“”（）＞！\n", "any.yaml")) == {"（１）": "：，“”（）＞！"}


# Both parsers of PyYAML


@pytest.mark.skipif(not FAST_PARSER, reason="PyYAML was built without its C library")
@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_both_parsers_give_the_same_tree(path: Path) -> None:
    content = path.read_bytes()
    fast = parse_yaml(content, path.name, parser=yaml.CSafeLoader)
    assert fast == parse_yaml(content, path.name, parser=yaml.SafeLoader)
    assert fast.problems == ()


@pytest.mark.skipif(not FAST_PARSER, reason="PyYAML was built without its C library")
@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_both_parsers_refuse_with_the_same_words(path: Path) -> None:
    content = path.read_bytes()
    fast = parse_yaml(content, path.name, parser=yaml.CSafeLoader).problems
    slow = parse_yaml(content, path.name, parser=yaml.SafeLoader).problems
    assert [(problem.code, problem.message) for problem in fast] == [(each.code, each.message) for each in slow]


# Plain data


def test_plain_data() -> None:
    text = "a: [1, 1.50, 1e2, -0.0, '1']\nb: {c: null, d: true, e: 2024-01-31}\nf: no\n1: x\n"
    plain = to_plain(load_yaml(text, "any.yaml"))
    assert plain == {
        "a": [1, Decimal("1.50"), 100, 0, "1"],
        "b": {"c": None, "d": True, "e": date(2024, 1, 31)},
        "f": "no",
        "1": "x",
    }
    assert isinstance(plain, dict)
    assert isinstance(plain["a"], list)
    assert [type(item) for item in plain["a"]] == [int, Decimal, int, int, str]


LINE = st.text(st.characters(exclude_categories=("C", "Zl", "Zp")))
PLAIN = st.recursive(
    st.none() | st.booleans() | st.integers() | st.dates() | LINE,
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(st.from_regex("[a-z]{1,8}", fullmatch=True), inner, max_size=4),
    max_leaves=12,
)


def written_out(value: object) -> str:
    """``value`` in flow style, every text in double quotes."""
    match value:
        case str():
            return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'
        case list():
            return "[" + ", ".join(map(written_out, value)) + "]"
        case dict():
            return "{" + ", ".join(f"{key}: {written_out(item)}" for key, item in value.items()) + "}"
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case _:
            return str(value)


@given(PLAIN)
def test_plain_data_survives(value: object) -> None:
    assert to_plain(load_yaml(written_out({"key": value}), "any.yaml")) == {"key": value}


# Speed


def depth_of(node: Node) -> int:
    if isinstance(node, ScalarNode):
        return 0
    children = node.items if isinstance(node, SequenceNode) else [value for _, value in node.entries]
    return 1 + max(map(depth_of, children), default=0)


def test_work_grows_with_the_text_and_not_faster() -> None:
    """A text of one long line, and one with a hundred thousand keys, are read; a quadratic reader would hang here."""
    wide = load_yaml("{" + ", ".join(f"k{number}: {number}" for number in range(100_000)) + "}", "any.yaml")
    assert isinstance(wide, MappingNode)
    assert len(wide.entries) == 100_000
    assert depth_of(wide) == 1
