"""The law as the analyses read it: rules with the conditions under which they are considered, a plan for each."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from safetyrules.diagnostics import Diagnostic, Span
from safetyrules.language import terms as t
from safetyrules.language.plan import NATIONAL, Conclusion, Key, Plan, overlays_in_force, reads, settled
from safetyrules.language.ruleform import Days, LinkedProgram, Overlay, Rule, due_name
from safetyrules.language.spaces import Box, Space
from safetyrules.language.term_trees import walk
from safetyrules.program import Program
from safetyrules.testing.model import Suite

#: The day that examples are made for, where the rule is in force on it.
USUAL_DAY = date(2024, 1, 1)


@dataclass
class Setting:
    """Where and when a rule is tried."""

    day: date
    place: str
    plan: Plan
    parameters: Mapping[tuple[str, str], t.Constant]
    _reads: dict[Key, set[Key]] = field(default_factory=dict)

    def settled(self, term: t.Term) -> t.Term:
        """A term with parameters as constants, as the plan has it."""
        found: t.Term = settled(term, self.parameters)
        return found

    def behind(self, rule: Rule, terms: Iterable[t.Term]) -> set[Key] | None:
        """All conclusions that a rule's own and some terms of it rest on; None where one is not of this plan."""
        of_terms = (Conclusion("", rule.on, rule.title, rule.type, "value", each) for each in terms)
        pending = [(rule.on, rule.concludes)]
        for each in of_terms:
            pending.extend(reads(each, self.plan.by_key, self.plan.schema))
        found: set[Key] = set()
        while pending:
            key = pending.pop()
            if key not in found:
                if key not in self.plan.by_key:
                    return None
                found.add(key)
                if key not in self._reads:
                    self._reads[key] = reads(self.plan.by_key[key], self.plan.by_key, self.plan.schema)
                pending.extend(self._reads[key])
        return found


@dataclass(frozen=True)
class Table:
    """A decision table of a rule, and the conditions under which it is asked."""

    rule: Rule
    term: t.DecisionTable
    given: tuple[t.Term, ...]


class Law:
    """A program and its tests. ``said`` is what other passes have reported already; with ``drafting``, rules without a
    test get a first one."""

    def __init__(
        self,
        program: Program,
        suites: tuple[Suite, ...] | None = None,
        said: Iterable[Diagnostic] = (),
        drafting: bool = False,
    ) -> None:
        self.program = program
        self.linked: LinkedProgram = program.linked
        self.suites = suites
        self.said = [*said]
        self.drafting = drafting
        self._settings: dict[tuple[str, str], Setting | None] = {}

    # ---- parameters --------------------------------------------------------------------------------------------------

    def constant_of(self, term: t.ParameterValue) -> t.Constant | None:
        return self.linked.parameters[term.ruleset, term.name].value

    @cached_property
    def set_elsewhere(self) -> frozenset[str]:
        """The parameters (``ruleset/parameter``) that have another value in some place or time."""
        return frozenset(overlay.target for overlay in self.linked.overlays if overlay.action == "set")

    def same_everywhere(self, terms: Iterable[t.Term]) -> bool:
        """Do the terms read no parameter that has another value somewhere?"""
        if not self.set_elsewhere:
            return True
        return not any(
            isinstance(node, t.ParameterValue) and f"{node.ruleset}/{node.name}" in self.set_elsewhere
            for term in terms
            for node in walk(term)
        )

    # ---- conditions --------------------------------------------------------------------------------------------------

    def base(self, rule: Rule) -> Rule | None:
        return self.linked.rules.get(rule.except_) if rule.except_ is not None else None

    def given(self, rule: Rule) -> tuple[t.Term, ...]:
        """The conditions under which a rule's own are asked: what applies, and of an exception what its base asks."""
        found: list[t.Term] = []
        base = self.base(rule)
        if base is not None:
            found.extend(self.given(base))
            if base.except_ is not None and base.when is not None:
                found.append(base.when)
        if rule.applies is not None:
            found.append(rule.applies)
        return tuple(found)

    @cached_property
    def tables(self) -> tuple[Table, ...]:
        """The decision tables of all rules."""
        found = []
        for rule in self.every_rule:
            if not isinstance(rule.body, t.DecisionTable):
                continue
            when = (rule.when,) if rule.when is not None else ()
            found.append(Table(rule, rule.body, (*self.given(rule), *when)))
        return tuple(found)

    @cached_property
    def every_rule(self) -> tuple[Rule, ...]:
        """The rules, and those that overlays put in their place."""
        replacing = (overlay.rule for overlay in self.linked.overlays if overlay.rule is not None)
        return (*self.linked.rules.values(), *replacing)

    @cached_property
    def concluded_as(self) -> dict[str, set[tuple[str, str]]]:
        """The conclusions that a name or a clause (``instrument#clause``) stands for in a test."""
        found: dict[str, set[tuple[str, str]]] = {}
        for rule in self.linked.rules.values():
            for name in (rule.concludes, due_name(rule.concludes), *rule.clauses):
                found.setdefault(name, set()).add((rule.on, rule.concludes))
        return found

    def space(self, terms: Iterable[t.Term]) -> Space:
        """The cells of some conditions. Raises TooMuchError."""
        return Space(terms, self.constant_of)

    @staticmethod
    def within(space: Space, given: Iterable[t.Term]) -> list[Box]:
        """Where all the conditions are true."""
        return space.meet(*(space.boxes(each) for each in given))

    # ---- settings ----------------------------------------------------------------------------------------------------

    def setting(self, rule: Rule, overlay: Overlay | None = None) -> Setting | None:
        """A day and a place where the rule is in force as it is written (or as ``overlay`` has it); None where there is
        no such plan, or the rule is about a register."""
        if self.linked.schema.register(rule.on) is not None:
            return None
        days, place = rule.days, rule.jurisdiction
        if overlay is not None:
            days, place = days.within(overlay.days), overlay.jurisdiction
        return self._setting_at(_day_of(days), place)

    def _setting_at(self, day: date, place: str) -> Setting | None:
        key = (day.isoformat(), place)
        if key not in self._settings:
            self._settings[key] = self._made(day, place)
        return self._settings[key]

    def _made(self, day: date, place: str) -> Setting | None:
        if place != NATIONAL and not self.program.places.known(place):
            return None
        plan = self.program.plan(day, place)
        parameters = {key: p.value for key, p in self.linked.parameters.items() if p.value is not None}
        for overlay in overlays_in_force(self.linked, self.program.places, day, place):
            if overlay.action == "set" and overlay.value is not None:
                ruleset, _, name = overlay.target.partition("/")
                parameters[ruleset, name] = overlay.value
        return Setting(day, place, plan, parameters)

    # ---- what was said -----------------------------------------------------------------------------------------------

    def blamed(self, term: t.Term, codes: tuple[str, ...]) -> bool:
        """Is something inside the term the cause, and told already?"""
        span = getattr(term, "span", None)
        return span is not None and any(
            problem.code in codes and problem.span is not None and inside(problem.span, span) for problem in self.said
        )


def inside(one: Span, two: Span) -> bool:
    return (
        one.source == two.source
        and (two.line, two.column) <= (one.line, one.column)
        and (one.end_line, one.end_column) <= (two.end_line, two.end_column)
    )


def _day_of(days: Days) -> date:
    if days.covers(USUAL_DAY):
        return USUAL_DAY
    return days.first or days.last or USUAL_DAY


def terms_of(rule: Rule) -> Iterator[t.Term]:
    """Every term of a rule."""
    for term in (rule.applies, rule.when, rule.body, rule.duty.due if rule.duty is not None else None):
        if term is not None and not (term is rule.when and term is not rule.body and rule.body is rule.when):
            yield term


def nodes_of(rule: Rule) -> Iterator[Any]:
    """Everything inside the terms of a rule, each place once."""
    seen: set[int] = set()
    for term in terms_of(rule):
        for node in walk(term):
            if id(node) not in seen:
                seen.add(id(node))
                yield node
