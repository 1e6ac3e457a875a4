"""Facts that show what a finding says, tried by the reference interpreter and written as a test case.

An example is what the law answers as it stands: the case passes until the law is put right.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import partial
from itertools import islice
from typing import Any

from safetyrules.analysis.goals import Draft, Goal, Hold, Member, Spot, goals_of
from safetyrules.analysis.law import Law, Setting
from safetyrules.analysis.worlds import Search
from safetyrules.diagnostics import SafetyRulesError
from safetyrules.engine.reference import Place, Reference
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import DateType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.plan import NATIONAL, Key
from safetyrules.language.ruleform import Rule
from safetyrules.language.spaces import OTHER_TEXT, Box, Space
from safetyrules.language.term_trees import walk
from safetyrules.result import Outcome
from safetyrules.testing.expectations import shown
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
    trying = _Trying.of(law, rule, setting, terms, accept) if setting is not None else None
    if trying is None:
        return None
    for wanted in islice(goals, MOST_BOXES):
        for closed in ((), CLOSED):
            found = trying.searched(wanted, closed)
            if found is not None:
                return Text(*(trying.written(*found, name.in_language(language)) for language in LANGUAGES))
    return None


def in_boxes(space: Space, boxes: Iterable[Box]) -> Iterator[Callable[[Spot], list[Goal]]]:
    """The goals of being in one of the boxes."""
    for box in boxes:
        yield partial(goals_of, space.constraints(box))


def almost(asked: t.Term) -> list[Callable[[Spot], list[Goal]]]:
    """Goals that come as near to a condition as what never holds can be come: all that it asks for but one thing."""
    operands = list(asked.operands) if isinstance(asked, t.Junction) and asked.operator == "&&" else [asked]

    def goals(left_out: int) -> Callable[[Spot], list[Goal]]:
        return lambda spot: [Hold(each, spot, True) for number, each in enumerate(operands) if number != left_out]

    return [goals(number) for number in reversed(range(len(operands)))]


def comparing(
    law: Law, rule: Rule, node: t.Term, outcome: bool, name: Text, setting: Setting | None = None
) -> Text | None:
    """A test case in which a comparison of a rule comes out so; None where it is made of members of a list."""
    if any(isinstance(each, t.Variable | t.ItemValue) for each in walk(node)):
        return None

    def accept(look: Look) -> bool:
        return all(map(look.holds, law.given(rule))) and (look.holds(node) if outcome else look.fails(node))

    def goals(spot: Spot) -> list[Goal]:
        return [*(Hold(each, spot, True) for each in law.given(rule)), Hold(node, spot, outcome)]

    return example(law, rule, [goals], [*law.given(rule), node], accept, name, setting)


def all_hold(terms: Sequence[t.Term]) -> Accept:
    return lambda look: all(map(look.holds, terms))


def place_of(term: t.Term) -> str:
    """Line and column of a term, to tell the cases of one rule apart."""
    span = getattr(term, "span", None)
    return f"{span.line}:{span.column}" if span is not None else ""


@dataclass
class _Trying:
    """A rule, where it is tried, and what is looked for. ``behind`` are the conclusions that have to be evaluated."""

    law: Law
    rule: Rule
    setting: Setting
    root: str
    terms: list[t.Term]
    accept: Accept
    behind: set[Key]

    @classmethod
    def of(cls, law: Law, rule: Rule, setting: Setting, terms: Iterable[t.Term], accept: Accept) -> _Trying | None:
        settled = [setting.settled(term) for term in terms]
        behind = setting.behind(rule, settled)
        root = law.linked.schema.chain(rule.on)[-1].name
        return None if behind is None else cls(law, rule, setting, root, settled, accept, behind)

    def searched(
        self, wanted: Sequence[Goal] | Callable[[Spot], Sequence[Goal]], closed: Sequence[str]
    ) -> tuple[str, Sequence[str], Look] | None:
        """The first facts proposed that pass, written, and how the law sees them."""
        search = Search(self.setting.plan, Draft(self.root), self.setting.day)
        spot = search.spot_of(self.rule.on)
        goals = wanted(spot) if callable(wanted) else wanted
        tried: set[str] = set()
        for _ in islice(search.solve([self._settled(goal) for goal in goals]), MOST_PROPOSALS):
            for whole in (False, True):
                if whole:
                    search.complete(self.terms, spot)
                facts = _flow(_plain(self.law, search.root))
                if facts in tried:
                    continue
                tried.add(facts)
                look = self._look(facts, closed)
                if look is not None and self.accept(look):
                    return facts, closed, look
        return None

    def _settled(self, goal: Goal) -> Goal:
        """A goal as the plan has its terms; lists in boxes are settled with the terms that they are in."""
        return goal if isinstance(goal, Member) else replace(goal, term=self.setting.settled(goal.term))

    def _look(self, facts: str, closed: Sequence[str]) -> Look | None:
        """The facts are read as they are written."""
        (case,) = read_suite(self._lines(facts, closed, "x", "{x: absent}"), "example").cases
        try:
            plan, request, _ = self.law.program.asked(case.facts, engine="reference", **case.options)
            entity = self.law.program.entity(case.facts, request)
        except SafetyRulesError:
            return None
        reference = Reference(plan, entity, request.as_of).run(self.behind)
        at = next((each for each in entity.walk() if each.kind == self.rule.on and not each.residual), None)
        return Look(reference, at, self.setting) if at is not None else None

    def written(self, facts: str, closed: Sequence[str], look: Look, name: str) -> str:
        """The whole case, with what the law answers."""
        entity = look.place.entity
        inside = entity.path.partition(".")[2]
        key = f"{inside}#{self.rule.concludes}" if inside else self.rule.concludes
        conclusion = self.setting.plan.by_key[self.rule.on, self.rule.concludes]
        outcome = Outcome(entity.path, conclusion, look.outcome(self.rule), "withhold")
        return self._lines(facts, closed, name, f"{{{_word(key)}: {shown(outcome)}}}")

    def _lines(self, facts: str, closed: Sequence[str], name: str, expected: str) -> str:
        lines = [f"- name: {_word(name)}", f"  as_of: {self.setting.day.isoformat()}"]
        if self.setting.place != NATIONAL:
            lines.append(f'  jurisdiction: "{self.setting.place}"')
        if self.root != self.law.linked.schema.roots[0]:
            lines.append(f"  subject: {self.root}")
        if closed:
            lines.append(f"  closed: [{', '.join(json.dumps(each) for each in closed)}]")
        return "\n".join((*lines, f"  facts: {facts}", f"  expect: {expected}"))


# ---- writing --------------------------------------------------------------------------------------------------------


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
