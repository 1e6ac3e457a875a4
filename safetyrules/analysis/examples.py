"""Facts that show what a finding says, tried by the reference interpreter and written as a test case.

An example is what the law answers as it stands: the case passes until the law is put right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from safetyrules.analysis.law import Law, Setting
from safetyrules.analysis.worlds import Draft, Goal, Hold, Member, Search, Spot, goals_of
from safetyrules.diagnostics import SafetyRulesError
from safetyrules.engine.reference import Place, Reference
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import DateType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.plan import NATIONAL
from safetyrules.language.ruleform import Rule
from safetyrules.language.spaces import OTHER_TEXT, Box, Space
from safetyrules.testing.expectations import Answered, key_of, shown
from safetyrules.testing.model import Case
from safetyrules.testing.reading import read_suite
from safetyrules.text import LANGUAGES, Text
from safetyrules.values import NOTHING, TRUE, Finite, Scalar

#: Proposals of one search that are evaluated, and boxes that are searched, before giving up.
MOST_PROPOSALS = 40
MOST_BOXES = 16
#: Every section is closed: missing booleans are false, missing lists empty.
CLOSED = ("*",)
#: A number with more digits after the point is written as a fraction.
MOST_DIGITS = 12


class Look:
    """One subject under one plan, as the reference interpreter has it, at the entity that a rule is about."""

    def __init__(self, reference: Reference, entity: Entity, setting: Setting) -> None:
        self.reference = reference
        self.place = Place(entity)
        self.setting = setting

    def value(self, term: t.Term) -> Scalar:
        return self.reference.evaluate(self.setting.settled(term), self.place)

    def holds(self, term: t.Term) -> bool:
        return self.value(term) == TRUE

    def fails(self, term: t.Term) -> bool:
        """Is it known to be false, or to have no value?"""
        value = self.value(term)
        return isinstance(value, Finite) and value.known and value != TRUE

    def outcome(self, rule: Rule) -> Scalar:
        return self.reference.conclusion(self.place.entity, rule.concludes)

    def noticed(self, rule: Rule) -> set[str]:
        path = self.place.entity.path
        return {d.code for at, name, d in self.reference.diagnostics if (at, name) == (path, rule.concludes)}


Accept = Callable[[Look], bool]


def example(
    law: Law,
    rule: Rule,
    goals: Iterable[Sequence[Goal] | Callable[[Spot], Sequence[Goal]]],
    terms: Sequence[t.Term],
    accept: Accept,
    name: Text,
    setting: Setting | None = None,
) -> Text | None:
    """A test case that shows what ``accept`` looks for: facts that meet some ``goals`` of a rule. ``terms`` are the
    conditions that must come out known. None where none is found."""
    setting = setting or law.setting(rule)
    if setting is None:
        return None
    root = law.linked.schema.chain(rule.on)[-1].name
    for number, wanted in enumerate(goals):
        if number >= MOST_BOXES:
            break
        for closed in ((), CLOSED):
            found = _searched(law, rule, setting, root, wanted, terms, accept, closed)
            if found is not None:
                return _written(law, rule, setting, found, closed, name)
    return None


def in_boxes(law: Law, space: Space, boxes: Iterable[Box]) -> Iterator[Callable[[Spot], list[Goal]]]:
    """The goals of being in one of the boxes."""
    for box in boxes:
        constraints = space.constraints(box)
        yield lambda spot, constraints=constraints: goals_of(constraints, spot)


def almost(asked: t.Term) -> list[Callable[[Spot], list[Goal]]]:
    """Goals that come as near to a condition as what never holds can be come: all that it asks for but one thing."""
    operands = list(asked.operands) if isinstance(asked, t.Junction) and asked.operator == "&&" else [asked]

    def goals(left_out: int) -> Callable[[Spot], list[Goal]]:
        return lambda spot: [Hold(each, spot, True) for number, each in enumerate(operands) if number != left_out]

    return [goals(number) for number in reversed(range(len(operands)))]


def comparing(law: Law, rule: Rule, node: t.Term, outcome: bool, name: Text, setting: Setting | None = None) -> Text | None:
    """A test case in which a comparison of a rule comes out so; None where it is made of members of a list."""
    if any(isinstance(each, t.Variable | t.ItemValue) for each in t.walk(node)):
        return None

    def accept(look: Look) -> bool:
        return all(map(look.holds, law.given(rule))) and (look.holds(node) if outcome else look.fails(node))

    def goals(spot: Spot) -> list[Goal]:
        return [*(Hold(each, spot, True) for each in law.given(rule)), Hold(node, spot, outcome)]

    return example(law, rule, [goals], [*law.given(rule), node], accept, name, setting)


def place_of(term: t.Term) -> str:
    """Line and column of a term, to tell the cases of one rule apart."""
    span = getattr(term, "span", None)
    return f"{span.line}:{span.column}" if span is not None else ""


def _searched(
    law: Law,
    rule: Rule,
    setting: Setting,
    root: str,
    wanted: Sequence[Goal] | Callable[[Spot], Sequence[Goal]],
    terms: Sequence[t.Term],
    accept: Accept,
    closed: Sequence[str],
) -> str | None:
    """The facts, written, that pass."""
    search = Search(setting.plan, Draft(root), setting.day)
    spot = search.spot_of(rule.on)
    goals = wanted(spot) if callable(wanted) else wanted
    settled = [setting.settled(term) for term in terms]
    tried: set[str] = set()
    for number, _ in enumerate(search.solve([_settled(goal, setting) for goal in goals])):
        if number >= MOST_PROPOSALS:
            break
        for whole in (False, True):
            if whole:
                search.complete(settled, spot)
            facts = _facts(law, search.root)
            if facts in tried:
                continue
            tried.add(facts)
            look = _look(law, rule, setting, root, facts, closed)
            if look is not None and accept(look):
                return facts
    return None


def _settled(goal: Goal, setting: Setting) -> Goal:
    """A goal as the plan has its terms; lists in boxes are settled with the terms that they are in."""
    return goal if isinstance(goal, Member) else replace(goal, term=setting.settled(goal.term))


def _look(law: Law, rule: Rule, setting: Setting, root: str, facts: str, closed: Sequence[str]) -> Look | None:
    case = _case(_lines(rule, setting, root, facts, closed, law, "x", "{}"))
    try:
        plan, request, _ = law.program.asked(case.facts, engine="reference", **case.options)
        entity = law.program.entity(case.facts, request)
    except SafetyRulesError:
        return None
    reference = Reference(plan, entity, request.as_of).run()
    at = next((each for each in entity.walk() if each.kind == rule.on and not each.residual), None)
    return Look(reference, at, setting) if at is not None else None


# ---- writing --------------------------------------------------------------------------------------------------------


def _case(text: str) -> Case:
    return read_suite(text, "example").cases[0]


def _lines(
    rule: Rule, setting: Setting, root: str, facts: str, closed: Sequence[str], law: Law, name: str, expected: str
) -> str:
    lines = [f"- name: {_word(name)}", f"  as_of: {setting.day.isoformat()}"]
    if setting.place != NATIONAL:
        lines.append(f'  jurisdiction: "{setting.place}"')
    if root != law.linked.schema.roots[0]:
        lines.append(f"  subject: {root}")
    if closed:
        lines.append(f"  closed: [{', '.join(json.dumps(each) for each in closed)}]")
    lines.append(f"  facts: {facts}")
    lines.append(f"  expect: {expected if expected != '{}' else '{' + _word(rule.concludes) + ': absent}'}")
    return "\n".join(lines)


def _written(law: Law, rule: Rule, setting: Setting, facts: str, closed: Sequence[str], name: Text) -> Text | None:
    """The whole case with what the law answers, in both languages."""
    root = law.linked.schema.chain(rule.on)[-1].name
    case = _case(_lines(rule, setting, root, facts, closed, law, "x", "{}"))
    try:
        answer = law.program.assess(case.facts, engine="reference", **case.options)
    except SafetyRulesError:
        return None
    path = next(
        (path for path, concluded in answer.scalars if concluded == rule.concludes and "?" not in path), None
    )
    if path is None:
        return None
    inside = path.partition(".")[2]
    key = f"{inside}#{rule.concludes}" if inside else rule.concludes
    outcomes = Answered(answer).outcomes(key_of(key, law.linked.instruments, root))
    if len(outcomes) != 1:
        return None
    expected = f"{{{_word(key)}: {shown(outcomes[0])}}}"
    texts = (
        _lines(rule, setting, root, facts, closed, law, name.in_language(language), expected) for language in LANGUAGES
    )
    return Text(*texts)


def _facts(law: Law, draft: Draft) -> str:
    """The facts of a draft as a test file has them."""
    return _flow(_plain(law, draft))


def _plain(law: Law, draft: Draft) -> dict[str, Any]:
    kind = law.linked.schema.kinds[draft.kind]
    found: dict[str, Any] = {}
    for fact, value in draft.values.items():
        day = isinstance(kind.facts[fact].type, DateType)
        _put(found, fact, date.fromordinal(int(value)) if day and isinstance(value, Fraction) else value)
    for fact, members in draft.lists.items():
        type_ = kind.facts[fact].type
        day = isinstance(type_, ValuesType) and isinstance(type_.item, DateType)
        _put(
            found,
            fact,
            [
                _plain(law, each) if isinstance(each, Draft) else date.fromordinal(int(each)) if day else each
                for each in members
            ],
        )
    return found


def _put(found: dict[str, Any], fact: str, value: object) -> None:
    *sections, name = fact.split(".")
    for section in sections:
        found = found.setdefault(section, {})
    found[name] = value


def _flow(value: Any) -> str:
    match value:
        case bool():
            return "true" if value else "false"
        case Mapping():
            return "{" + ", ".join(f"{_word(key)}: {_flow(each)}" for key, each in value.items()) + "}"
        case list():
            return "[" + ", ".join(map(_flow, value)) + "]"
        case Fraction():
            return _number(value)
        case date():
            return value.isoformat()
        case str():
            return _word("x" if value == OTHER_TEXT else value)
    assert value is NOTHING
    return "{not_applicable: true}"


def _number(value: Fraction) -> str:
    """Digits where it has finitely many, and else a fraction."""
    places = 0
    while (value * 10**places).denominator != 1:
        places += 1
        if places > MOST_DIGITS:
            return f'"{value}"'
    return format(Decimal((value * 10**places).numerator).scaleb(-places), "f")


def _word(word: str) -> str:
    plain = re.fullmatch(r"[^\W\d][\w .;；：]*", word) is not None
    bare = plain and word not in ("true", "false", "null") and word == word.strip()
    return word if bare else json.dumps(word, ensure_ascii=False)
