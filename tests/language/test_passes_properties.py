"""What must hold of the passes from text to plan whatever an author does to a good program, and how fast they are."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
from golden_passes import PASSES, Case, case, cases, linked
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from safetyrules import load_program
from safetyrules.diagnostics import RulesetError, Span
from safetyrules.language.plan import make_plan
from safetyrules.language.plan_checks import check_plans
from safetyrules.language.terms import DecisionTable
from safetyrules.places import places

GOOD = [case(path) for name in PASSES for path in cases(name, "good")]
WORDS = sorted(
    {word for found in GOOD for _, text in found.documents for word in re.findall(r"[\w.]+|[^\w\s]", text)}
    | {"null", "true", "1e9", "0", "-1", "2024-02-30", "1/3", "“", "：", "no", "[]", "{}", '""', "dust", "now()"}
)
DAYS = (date(2015, 6, 1), date(2024, 1, 1))


@st.composite
def damaged(draw: st.DrawFn) -> Case:
    """A good program with a few words exchanged or lines moved, left out or repeated."""
    found = draw(st.sampled_from(GOOD))
    documents = list(found.documents)
    for _ in range(draw(st.integers(1, 3))):
        place = draw(st.integers(0, len(documents) - 1))
        name, text = documents[place]
        if draw(st.booleans()):
            tokens = list(re.finditer(r"[\w.]+|[^\w\s]", text))
            token = draw(st.sampled_from(tokens))
            text = text[: token.start()] + draw(st.sampled_from(WORDS)) + text[token.end() :]
        else:
            lines = text.split("\n")
            one, two = (draw(st.integers(0, len(lines) - 1)) for _ in range(2))
            match draw(st.sampled_from(("swap", "drop", "repeat"))):
                case "swap":
                    lines[one], lines[two] = lines[two], lines[one]
                case "drop":
                    del lines[one]
                case _:
                    lines.insert(two, lines[one])
            text = "\n".join(lines)
        documents[place] = (name, text)
    return replace(found, documents=documents)


@settings(max_examples=400, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(damaged())
def test_a_damaged_program_is_refused_in_words_or_can_be_planned(found: Case) -> None:
    try:
        program = linked(found)
        problems = list(program.warnings)
        if not (cycles := check_plans(program, places())):
            for day in DAYS:
                make_plan(program, places(), day, "210100")
        problems += cycles
    except RulesetError as error:
        problems = list(error.diagnostics)
        assert problems
    for problem in problems:
        assert problem.render("zh")
        assert problem.render("en")
        for span in (problem.span, *(span for span, _ in problem.related)):
            assert span is not None
            assert_within(span, found)


def assert_within(span: Span, found: Case) -> None:
    """The place is in some document of that name: a case holds several."""
    texts = [re.split("\r\n|\r|\n", text) for name, text in found.documents if name == span.source]
    assert any(
        1 <= span.line <= span.end_line <= len(lines)
        and 1 <= span.column <= len(lines[span.line - 1]) + 1
        and 1 <= span.end_column <= len(lines[span.end_line - 1]) + 1
        for lines in texts
    )


def written(rules: str, name: str = "rules") -> list[tuple[str, str]]:
    """The base documents with these rules, as `load_program` takes them."""
    parts = (Path(__file__).parent / "base.yaml").read_text(encoding="utf-8").split("---\n")
    law = f"ruleset: {name}\ntitle: {{zh: 规则, en: Rules}}\ninstrument: order\nsector: dust\nrules:\n{rules}"
    return [*((f"{number}.yaml", part) for number, part in enumerate(parts)), ("rules.yaml", law)]


def rule(name: str, body: str) -> str:
    return f'  - id: {name}\n    title: {{zh: 规则, en: Rule}}\n    clause: "11(3)"\n    on: enterprise\n{body}'


def chain(length: int) -> str:
    """Findings, values that read one another, and grades, as in a large ruleset."""
    rules = [rule("value_0", "    value: number\n    is: '1'\n")]
    for number in range(1, length // 3 + 1):
        stock = number % 400
        rules += [
            rule(f"finding_{number}", f"    finding: major\n    applies: 'dust.hazard_present && has(dust.flow)'\n"
                 f"    when: 'dust.flow > {number} && (dust.stock >= {stock} || employees < 3)'\n"),
            rule(f"value_{number}", f"    value: number\n    is: 'value_{number - 1} + (employees > 9 ? 1 : 2)'\n"),
            rule(f"grade_{number}", f"    grade: colour\n    table:\n      hit: first\n      rows:\n"
                 f"        - {{when: 'value_{number} >= 3', then: red}}\n"
                 f"        - {{when: 'dust.class_of_dust == \"metal\"', then: yellow}}\n      otherwise: blue\n"),
        ]  # fmt: skip
    return "".join(rules)


def long_table(rows: int) -> str:
    """A table whose every row is needed for the proof that some row always decides."""
    cells = "".join(
        f'        - {{if: [{number}, {"true" if number % 2 else "false"}, "-"], then: 1}}\n'
        f'        - {{if: [{number}, {"false" if number % 2 else "true"}, "-"], then: 1}}\n'
        for number in range(rows // 2 - 1)
    )
    last = rows // 2 - 1
    return rule("long", "    value: integer\n    table:\n      hit: unique\n"
                "      inputs: [employees, dust.hazard_present, dust.class_of_dust]\n      rows:\n"
                f'{cells}        - {{if: [">= {last}", "-", "-"], then: 2}}\n')  # fmt: skip


@pytest.mark.parametrize("rules", [chain(1000), long_table(1000)], ids=["a thousand rules", "a thousand rows"])
def test_large_rulesets_check(rules: str) -> None:
    program = load_program(written(rules))
    assert not check_plans(program.linked, program.places)


def test_many_mistakes_are_all_reported() -> None:
    rules = "".join(
        rule(f"x_{number}", f"    finding: major\n    when: 'dust.hazzard_{number}'\n") for number in range(500)
    )
    with pytest.raises(RulesetError) as caught:
        load_program(written(rules))
    assert len(caught.value.diagnostics) == 500


def test_the_passes_are_named_in_order() -> None:
    program = load_program(written(chain(9)))
    assert list(program.timings) == ["read", "declare", "resolve", "check", "overlays", "whole program"]
    assert all(seconds >= 0 for seconds in program.timings.values())


# Whether some row always decides, against trying every case


NUMBERS = st.builds(
    lambda operator, number: f"employees {operator} {number}",
    st.sampled_from(("==", "!=", "<", "<=", ">", ">=")),
    st.integers(-1, 6),
)
OTHERS = st.sampled_from((
    "dust.hazard_present", 'dust.class_of_dust == "metal"', 'dust.class_of_dust != "wood"', "employees in [0, 2, 5]",
    'dust.class_of_dust in ["wood", "grain"]', "3 > employees", "true", "dust.hazard_present == false",
))  # fmt: skip
CONDITIONS = st.recursive(
    NUMBERS | OTHERS,
    lambda inner: (
        st.builds("({} && {})".format, inner, inner)
        | st.builds("({} || {})".format, inner, inner)
        | st.builds("!({})".format, inner)
    ),
    max_leaves=6,
)


@settings(max_examples=150, deadline=None)
@given(st.lists(CONDITIONS, min_size=1, max_size=5))
def test_a_table_is_held_exhaustive_exactly_where_every_case_has_a_row(conditions: list[str]) -> None:
    rows = "".join(f"        - {{when: '{condition}', then: 1}}\n" for condition in conditions)
    body = f"    value: integer\n    table:\n      hit: first\n      rows:\n{rows}"
    table = load_program(written(rule("x", body))).linked.rules["x"].body
    assert isinstance(table, DecisionTable)
    every = (
        {"employees": staff, "present": present, "klass": klass}
        for staff in range(9) for present in (False, True) for klass in ("metal", "wood", "grain")
    )  # fmt: skip
    python = [as_python(condition) for condition in conditions]
    assert table.exhaustive == all(any(eval(each, {}, known) for each in python) for known in every)


def as_python(condition: str) -> str:
    text = (
        condition.replace("!=", "≠").replace("!", " not ").replace("≠", "!=").replace("&&", "and").replace("||", "or")
    )
    text = text.replace("dust.hazard_present", "present").replace("dust.class_of_dust", "klass")
    return text.replace("true", "True").replace("false", "False")
