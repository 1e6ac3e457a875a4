"""Reading documents: golden good and bad files, and what must hold for any text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date
from fractions import Fraction
from pathlib import Path

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from safetyrules.diagnostics import Diagnostic, RulesetError, Span
from safetyrules.diagnostics.source_codes import CODES
from safetyrules.language.cel import parse_expression
from safetyrules.language.document import (
    Citation,
    Document,
    FactsDocument,
    Formula,
    InstrumentsDocument,
    NoValue,
    Permission,
    Readings,
    RuleDocument,
    RulesetDocument,
    Scalar,
    TableDocument,
    Word,
)
from safetyrules.language.expression import Binary, Call, Expression, LiteralValue, Name
from safetyrules.language.read import Source, read_document, read_documents
from safetyrules.language.yaml_source import LIMITS, Limits

FOLDER = Path(__file__).parent / "read"
DIAGNOSTICS = Path(__file__).parents[2] / "docs" / "diagnostics"
GOOD = sorted((FOLDER / "good").glob("*.yaml"))
BAD = sorted((FOLDER / "bad").glob("*.yaml"))


def read(path: Path) -> Document:
    """The document in ``path``; a first line ``# limits: name=number`` sets the limits it is read with."""
    content = path.read_bytes()
    limits = LIMITS
    if match := re.match(rb"# limits: (\w+)=(\d+)", content):
        limits = Limits(**{match[1].decode(): int(match[2])})
    return read_document(
        content, path.name, open_file=lambda name: (path.parent / name).read_bytes(), limits=limits
    )


def spans_in(thing: object) -> Iterator[Span]:
    """Every span anywhere in a document."""
    if isinstance(thing, Span):
        yield thing
    elif is_dataclass(thing) and not isinstance(thing, type):
        for each in fields(thing):
            yield from spans_in(getattr(thing, each.name))
    elif isinstance(thing, tuple):
        for item in thing:
            yield from spans_in(item)


def parts_in(thing: object, sort: type) -> Iterator[object]:
    """Every part of a document that is of ``sort``."""
    if isinstance(thing, sort):
        yield thing
    if is_dataclass(thing) and not isinstance(thing, type):
        for each in fields(thing):
            yield from parts_in(getattr(thing, each.name), sort)
    elif isinstance(thing, tuple):
        for item in thing:
            yield from parts_in(item, sort)


def lines_of(text: str) -> list[str]:
    return re.split("\r\n|\r|\n", text.removeprefix("\ufeff"))


def at(lines: list[str], span: Span) -> str:
    assert span.line == span.end_line
    return lines[span.line - 1][span.column - 1 : span.end_column - 1]


def assert_within(span: Span, lines: list[str]) -> None:
    assert 1 <= span.line <= span.end_line <= len(lines)
    assert 1 <= span.column <= len(lines[span.line - 1]) + 1
    assert 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
    assert (span.line, span.column) <= (span.end_line, span.end_column)


# Golden files


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_bad_file_gives_exactly_these_diagnostics(path: Path) -> None:
    with pytest.raises(RulesetError) as caught:
        read(path)
    rendered = "\n".join(problem.render("en") for problem in caught.value.diagnostics) + "\n"
    assert rendered == path.with_suffix(".txt").read_text(encoding="utf-8")


@pytest.mark.parametrize("path", BAD, ids=lambda path: path.stem)
def test_diagnostics_of_a_bad_file_lie_within_it_and_exist_in_chinese(path: Path) -> None:
    with pytest.raises(RulesetError) as caught:
        read(path)
    for problem in caught.value.diagnostics:
        assert problem.span is not None
        text = (path.parent / problem.span.source).read_bytes().decode("utf-8", "replace")
        assert_within(problem.span, lines_of(text))
        assert re.search("[\u4e00-\u9fff]", problem.message.zh)
        assert not re.search("[\u4e00-\u9fff]", re.sub("['‘].*?['’]", "", problem.message.en))


def test_every_code_has_a_bad_file() -> None:
    golden = "\n".join(path.with_suffix(".txt").read_text(encoding="utf-8") for path in BAD)
    assert set(CODES) <= set(re.findall(r"error (SR\d{4}):", golden))
    assert len(BAD) >= 50


@pytest.mark.parametrize("code", sorted(CODES))
def test_every_code_has_a_page_with_its_wording(code: str) -> None:
    page = (DIAGNOSTICS / f"{code}.md").read_text(encoding="utf-8")
    assert page.startswith(f"# {code}\n\n> {CODES[code].zh}\n>\n> {CODES[code].en}\n")
    assert [line for line in page.splitlines() if line.startswith("## ")] == ["## Meaning", "## Example", "## Fix"]


@pytest.mark.parametrize("path", GOOD, ids=lambda path: path.stem)
def test_words_and_names_of_a_good_file_stand_where_their_spans_say(path: Path) -> None:
    lines = lines_of(path.read_bytes().decode())
    document = read(path)
    for span in spans_in(document):
        assert_within(span, lines)
    for word in parts_in(document, Word):
        assert isinstance(word, Word)
        assert at(lines, word.span).strip("'\"") == word.text
    for name in parts_in(document, Name):
        assert isinstance(name, Name)
        assert at(lines, name.span) == name.name


def test_a_bad_document_reports_all_its_problems_in_the_order_of_the_text() -> None:
    with pytest.raises(RulesetError) as caught:
        read_document("ruleset: Bad\ntitle: x\nsector: [a]\nrules: [{}]\ninstrument: a b\n", "rules.yaml")
    places = [problem.span for problem in caught.value.diagnostics]
    assert places == sorted(places, key=lambda span: span or Span("", 0, 0, 0, 0))
    assert {"SR0203", "SR0204", "SR0207", "SR0208"} <= {problem.code for problem in caught.value.diagnostics}


def test_a_flood_of_problems_is_cut() -> None:
    text = "ruleset: a\n" + "".join(f"k{number}: 1\n" for number in range(5000))
    with pytest.raises(RulesetError) as caught:
        read_document(text, "rules.yaml")
    assert len(caught.value.diagnostics) == 200


# What documents hold


def good(name: str) -> Document:
    return read(FOLDER / "good" / f"{name}.yaml")


def rule(id_: str) -> RuleDocument:
    document = good("ruleset")
    assert isinstance(document, RulesetDocument)
    return next(each for each in document.rules if each.id.text == id_)


def test_facts_document() -> None:
    document = good("facts")
    assert isinstance(document, FactsDocument)
    assert document.sector is not None
    assert document.sector.grade is not None
    assert document.sector.grade.text == "dust.grade"
    colour, category = document.choice_sets
    assert (colour.scale, colour.worse, [level.name.text for level in colour.levels]) == (True, "last", ["blue", "red"])
    assert (category.scale, [level.name.text for level in category.levels]) == (False, ["J1", "W1.1"])
    enterprise, collector = document.kinds
    assert enterprise.root
    workers = enterprise.facts[1]
    assert workers.minimum is not None
    assert workers.maximum is not None
    assert (workers.minimum.value, workers.maximum.value) == (1, 2_000_000)
    assert workers.type.unit is not None
    assert workers.type.unit.text == "person"
    cleanings = enterprise.sections[0].facts[2]
    assert cleanings.log is not None
    assert cleanings.type.of is not None
    assert (cleanings.log.text, cleanings.type.of.text) == ("day", "dust.cleaning")
    assert [level.name.text for level in collector.facts[0].type.choices] == ["dry", "wet"]
    assert collector.facts[1].may_not_apply
    assert document.conclusions[0].open


def test_instruments_document() -> None:
    document = good("instruments")
    assert isinstance(document, InstrumentsDocument)
    order, choices = document.instruments
    assert (order.number, order.level.text, order.jurisdiction.text) == ("第1号", "ministry_rule", "CN")
    assert (order.in_force.first_day, order.in_force.last_day) == (date(2023, 5, 15), None)
    clauses = [(clause.id.text, clause.status) for clause in order.clauses]
    assert clauses == [("11(3)", "rule"), ("4.10", "not_decidable")]
    assert (choices.number, choices.jurisdiction.text, choices.clauses) == ("", "330100", ())
    assert choices.in_force.inferred is not None


def test_table_document_has_its_declared_columns_and_the_lines_of_its_rows() -> None:
    document = good("table")
    assert isinstance(document, TableDocument)
    assert document.rows == (("7664-41-7", "10"), ("50-00-0", "5.0"), ("1-1-1", None))
    assert document.row_lines == (2, 4, 5)
    assert document.absent_key == "not_applicable"


def test_finding() -> None:
    finding = rule("dust.collector.no_explosion_protection")
    assert (finding.kind, finding.severity, finding.confidence) == ("finding", "major", "verified-2-sources")
    assert [(each.instrument, each.clause) for each in finding.clause] == [(None, "11(3)"), ("gb-15577-2018", "6.1")]
    assert finding.concludes == finding.id
    assert finding.in_force is not None
    assert finding.in_force.last_day == date(2025, 12, 31)
    assert finding.remedy is not None
    assert [fact.text for fact in finding.remedy.facts] == ["explosion_vented", "inerted"]
    assert [each.text for each in finding.overrides] == ["dust.old_rule"]
    assert finding.note is not None


def test_unsettled_readings() -> None:
    when = rule("dust.cleaning").when
    assert isinstance(when, Readings)
    assert [word.text for word, _ in when.readings] == ["both", "either"]
    assert when.chosen_by.text == "cleaning_reading"


def test_duty() -> None:
    duty = rule("dust.clean_regularly")
    assert duty.kind == "duty"
    assert duty.when is None
    assert duty.duty is not None
    assert (duty.duty.every_months, duty.duty.every_days, duty.duty.basis) == (12, None, "rolling")
    assert isinstance(duty.duty.due, Formula)


def test_value() -> None:
    value = rule("dust.area")
    assert (value.kind, value.force, value.concludes.text) == ("value", "recorded", "dust_area")
    assert value.type is not None
    assert value.type.unit is not None
    assert (value.type.name.text, value.type.unit.text) == ("number", "m2")


def test_assignment_with_a_permission_and_no_other_value() -> None:
    table = rule("tier").table
    assert table is not None
    assert table.hit == "unique"
    first, second = table.rows
    assert isinstance(first.then, Formula)
    assert isinstance(second.then, Permission)
    assert [scalar.value for scalar in second.then.permitted] == ["district", "township"]
    assert second.then.settled_by is not None
    assert second.then.settled_by.text == "tier_decision"
    assert isinstance(second.when, Formula)
    assert isinstance(second.when.tree, LiteralValue)
    assert second.when.tree.value is True
    assert [(each.instrument, each.clause) for each in second.clause] == [("other-order", "3")]
    assert isinstance(table.otherwise, NoValue)


def test_cells_become_the_condition_written_by_hand() -> None:
    table = rule("dust.grade").table
    assert table is not None
    assert [row.when.text for row in table.rows if isinstance(row.when, Formula)] == [
        'dust.dust_class == "metal" && dust.workers >= 30 && flag == true',
        'dust.dust_class in ["wood", "grain"] && dust.workers >= 3 && dust.workers <= 9 && (a + b) < 2.5'
        ' && day >= date("2024-01-01") && day <= date("2024-12-31")',
        'dust.dust_class != "metal" && (dust.workers == 1 || dust.workers >= 9) && (a + b) == 0.1'
        ' && day == date("2024-01-01")',
        "true",
    ]
    assert table.otherwise is not None
    assert isinstance(table.otherwise, Scalar)
    assert table.otherwise.value == "none"


def shape(tree: object) -> object:
    """A tree without its places."""
    if is_dataclass(tree) and not isinstance(tree, type):
        return type(tree).__name__, *(
            shape(getattr(tree, each.name)) for each in fields(tree) if not each.name.endswith("span")
        )
    return tuple(map(shape, tree)) if isinstance(tree, tuple) else tree


def test_the_tree_of_a_row_is_the_tree_of_its_text() -> None:
    table = rule("dust.grade").table
    assert table is not None
    for row in table.rows:
        assert isinstance(row.when, Formula)
        parsed = parse_expression(row.when.text, lambda start, end: Span("", 1, start + 1, 1, end + 1))
        assert shape(parsed) == shape(_left_to_right(row.when.tree))


def _left_to_right(tree: Expression) -> Expression:
    """``tree`` with conjunctions nested as the parser nests them: to the left."""
    parts = list(_conjuncts(tree))
    joined = parts[0]
    for part in parts[1:]:
        joined = Binary(part.span, "&&", joined, part)
    return joined


def _conjuncts(tree: Expression) -> Iterator[Expression]:
    if isinstance(tree, Binary) and tree.operator == "&&":
        yield from _conjuncts(tree.left)
        yield from _conjuncts(tree.right)
    else:
        yield tree


def test_comparisons_of_a_row_stand_on_its_cells() -> None:
    text = (FOLDER / "good" / "ruleset.yaml").read_text(encoding="utf-8")
    table = rule("dust.grade").table
    assert table is not None
    when = table.rows[0].when
    assert isinstance(when, Formula)
    cells = [at(text.split("\n"), part.span) for part in _conjuncts(when.tree)]
    assert cells == ["metal", '">= 30"', "true"]


def test_a_date_cell_is_a_call_of_date() -> None:
    table = rule("dust.grade").table
    assert table is not None
    when = table.rows[2].when
    assert isinstance(when, Formula)
    *_, day = _conjuncts(when.tree)
    assert isinstance(day, Binary)
    assert isinstance(day.right, Call)
    assert day.right.function == "date"


def test_exceptions() -> None:
    small, dead, decided = rule("dust.grade.small"), rule("dust.grade.dead"), rule("tier.decided")
    assert {each.kind for each in (small, dead, decided)} == {"exception"}
    assert small.on is None
    assert small.except_ is not None
    assert small.concludes == small.except_
    assert isinstance(small.then, Scalar)
    assert (small.then.value, small.withdraw, dead.withdraw, dead.then) == ("blue", False, True, None)
    assert decided.decided_by is not None
    assert decided.when is None


def test_overlays() -> None:
    document = good("ruleset")
    assert isinstance(document, RulesetDocument)
    set_, exempt, replaced, or_when, severity, raised, period = document.overlays
    assert (set_.target.text, set_.value and set_.value.value) == ("dust.grade-choices/many_workers", Fraction(20))
    assert isinstance(exempt.when, Formula)
    assert replaced.rule is not None
    assert replaced.rule.id == replaced.target
    assert replaced.rule.clause == replaced.clause == (Citation("local", "3", replaced.clause[0].span),)
    assert isinstance(or_when.or_when, Formula)
    assert severity.severity == "major"
    assert raised.raise_to is not None
    assert raised.raise_to.text == "orange"
    assert (period.every_months, period.every_days) == (None, 90)


def test_an_expression_keeps_its_places_in_every_quoting() -> None:
    """Names at the same depth of an expression, wherever YAML puts them."""
    head = "ruleset: a\ntitle: {zh: 一, en: One}\ninstrument: b\nrules:\n"
    rule_ = "  - {{id: r{0}, clause: '1', title: {{zh: 一, en: One}}, on: unit, value: boolean, is: {1}}}\n"
    flow = ["first == 'x' && second", "'first == ''x'' && second'", '"first == \'\\u7532\' && second"']
    block = "  - id: r\n    clause: '1'\n    title: {zh: 一, en: One}\n    on: unit\n    value: boolean\n    is: "
    blocks = [">\n      first == 1\n\n      && second\n", "|\n      first == 1\n        && second\n"]
    text = head + "".join(rule_.format(number, each) for number, each in enumerate(flow))
    text += "".join(block.replace("id: r", f"id: s{number}") + each for number, each in enumerate(blocks))
    document = read_document(text, "rules.yaml")
    names = [name for name in parts_in(document, Name) if isinstance(name, Name)]
    assert [at(text.split("\n"), name.span) for name in names] == ["first", "second"] * 5


# Tables and several documents

TABLE = "table: t\ntitle: {zh: 一, en: One}\ninstrument: b\nclause: '1'\nkeys: [cas]\ncolumns: {cas: {type: text}}\n"


def test_the_file_of_a_table_is_named_beside_the_document() -> None:
    with pytest.raises(RulesetError, match=r"^law/tables/a\.csv:2:1: error SR0220"):
        read_document(TABLE + "file: a.csv\n", "law/tables/t.yaml", open_file=lambda name: b"cas\n1,2\n")


def test_a_table_needs_a_way_to_open_its_file() -> None:
    with pytest.raises(RulesetError, match="no files can be opened here"):
        read_document(TABLE + "file: a.csv\n", "t.yaml")


def test_why_a_file_cannot_be_opened_is_said() -> None:
    def refuse(name: str) -> bytes:
        raise PermissionError(13, "Permission denied", name)

    with pytest.raises(RulesetError, match=r"SR0218: .*Permission denied"):
        read_document(TABLE + "file: a.csv\n", "t.yaml", open_file=refuse)


@pytest.mark.parametrize("name", ["/etc/passwd", "../a.csv", "a/b.csv", "..", "a\\b.csv", ".csv", "c:a.csv"])
def test_only_a_file_beside_the_document_is_opened(name: str) -> None:
    opened: list[str] = []

    def open_file(name: str) -> bytes:
        opened.append(name)
        return b"cas\n"

    with pytest.raises(RulesetError, match="SR0207"):
        read_document(TABLE + f"file: '{name}'\n", "t.yaml", open_file=open_file)
    assert opened == []


def test_read_documents_reports_the_problems_of_all() -> None:
    sources = [Source("a.yaml", "ruleset: A\n"), Source("b.yaml", TABLE + "file: a.csv\n", lambda name: b"cas\n1\n")]
    with pytest.raises(RulesetError) as caught:
        read_documents([*sources, Source("c.yaml", b"\xff")])
    assert {problem.span.source for problem in caught.value.diagnostics if problem.span} == {"a.yaml", "c.yaml"}
    assert [type(each) for each in read_documents(sources[1:])] == [TableDocument]


# Any text at all

PIECES = (
    [path.read_bytes().decode() for path in GOOD]
    + ["- ", ": ", "\n", "  ", "{", "}", "[", "]", "'", '"', "&a ", "*a", "!t ", "<<: ", "? ", "| \n", ">-\n", "---\n"]
    + ["null", "true", "1e500", "2024-02-30", ".inf", "：", "，", "＞", "\u3000", "\t", "\x00", "\u200b", "\ufeff", "%"]
    + ["facts: a\n", "table: a\n", "when: ", "if: [", "then: ", "readings: {a: b}", "#", "\r\n", "\r", "..", ">= 3"]
)


@st.composite
def mutated(draw: st.DrawFn) -> str:
    """A good file with a few cuts, repetitions and foreign pieces."""
    text = draw(st.sampled_from(PIECES[: len(GOOD)]))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(text)))
        end = min(len(text), start + draw(st.integers(0, 30)))
        piece = draw(st.sampled_from(PIECES[len(GOOD) :]) | st.text(max_size=5) | st.just(text[start:end] * 2))
        text = text[:start] + piece + text[end:]
    return text


def assert_read_or_refused(content: str | bytes) -> None:
    """Any other exception fails the test."""
    document: Document | None = None
    problems: tuple[Diagnostic, ...] = ()
    try:
        document = read_document(content, "any.yaml", open_file=lambda name: b"cas,threshold_t\n1,2\n")
    except RulesetError as error:
        problems = error.diagnostics
    assert (document is None) == bool(problems)
    lines = lines_of(content if isinstance(content, str) else content.decode("utf-8", "replace"))
    for span in spans_in(document):
        assert_within(span, lines)
    for problem in problems:
        assert problem.render("zh")
        assert problem.render("en")
        assert problem.span is not None
        for span in (problem.span, *(related for related, _ in problem.related)):
            if span.source == "any.yaml":
                assert_within(span, lines)


@given(st.text())
@example("\ud800")
@example("a: " + "[" * 5000)
@example("? " * 3000)
@example("- " * 3000)
@example('a: "\\ud800"')
@example("facts: a\nkinds: 3")
def test_any_text_is_read_or_refused(text: str) -> None:
    assert_read_or_refused(text)


@given(st.binary())
@example(b"\r\x80")
@example(b"\xef\xbb\xbfa: \xff")
def test_any_bytes_are_read_or_refused(content: bytes) -> None:
    assert_read_or_refused(content)


@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(mutated())
def test_a_damaged_file_is_read_or_refused(text: str) -> None:
    assert_read_or_refused(text)
