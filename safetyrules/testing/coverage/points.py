"""What there is to reach in rules: the rules, the rows of their tables, and their conditions, each with its place.

A *condition* is a boolean expression in which something is decided; its *atoms* are the parts that ``&&``, ``||`` and
``!`` join. A condition inside an atom (the body of an ``exists``, the test of a ``? :``) is one of its own.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from safetyrules.diagnostics import Span
from safetyrules.language import terms as t
from safetyrules.language.ruleform import LinkedProgram, Overlay, Rule
from safetyrules.language.term_trees import children

#: A term as plans have it too, though its parameters were settled: where it is written, and what it is. Of a cell such
#: as ``30..49`` two comparisons stand in one place.
Key = tuple[Span | None, type, str | None]


def key_of(term: object) -> Key:
    return getattr(term, "span", None), term.__class__, getattr(term, "operator", None)


@dataclass(frozen=True)
class Condition:
    """``given`` are the conditions that may have held before this one is asked; ``missed`` those that did not surely
    hold, being rows above it."""

    rule: str
    term: t.Term
    given: tuple[t.Term, ...] = ()
    missed: tuple[t.Term, ...] = ()

    @property
    def key(self) -> Key:
        return key_of(self.term)

    @property
    def span(self) -> Span:
        span: Span | None = getattr(self.term, "span", None)
        assert span is not None
        return span

    @cached_property
    def atoms(self) -> tuple[t.Term, ...]:
        return tuple(_atoms(self.term))


@dataclass(frozen=True)
class Row:
    """A row of a decision table, or (``number`` None) what stands where no row holds."""

    rule: str
    number: int | None
    span: Span
    when: t.Term | None
    then: t.Term
    clauses: tuple[str, ...] = ()


@dataclass(frozen=True)
class RulePoints:
    """What one rule has to reach."""

    rule: Rule
    conditions: tuple[Condition, ...]
    rows: tuple[Row, ...]


def points_of(program: LinkedProgram, rule: Rule) -> RulePoints:
    walking = _Walking(program, rule)
    if rule.applies is not None:
        walking.condition(rule.applies, (), ())
    given = (rule.applies,) if rule.applies is not None else ()
    if rule.when is not None and rule.when is not rule.body:
        walking.condition(rule.when, given, ())
        given = (*given, rule.when)
    if not rule.recorded:  # a recorded decision is taken as it is
        walking.value(rule.body, given, ())
    if rule.duty is not None and rule.duty.due is not None:
        walking.value(rule.duty.due, given, ())
    return RulePoints(rule, tuple(walking.conditions), tuple(walking.rows))


def conditions_of(program: LinkedProgram, overlay: Overlay) -> tuple[Condition, ...]:
    """The conditions that an overlay adds."""
    rule = program.rules.get(overlay.target)
    if overlay.when is None or rule is None:
        return ()
    walking = _Walking(program, rule)
    walking.condition(overlay.when, (rule.applies,) if rule.applies is not None else (), ())
    return tuple(walking.conditions)


class _Walking:
    def __init__(self, program: LinkedProgram, rule: Rule) -> None:
        self.program = program
        self.rule = rule
        self.conditions: list[Condition] = []
        self.rows: list[Row] = []
        self._seen: set[Key] = set()

    def condition(self, term: t.Term, given: tuple[t.Term, ...], missed: tuple[t.Term, ...]) -> None:
        """A boolean term in which something is decided."""
        if isinstance(term, t.UnsettledReadings):
            for each in self._readings(term):
                self.condition(each, given, missed)
            return
        if isinstance(term, t.Choose):
            self._choose(term, given, missed)
            return
        if isinstance(term, t.DecisionTable | t.Excepted):
            self.value(term, given, missed)
            return
        condition = Condition(self.rule.id, term, given, missed)
        if key_of(term) in self._seen or getattr(term, "span", None) is None:
            return
        self._seen.add(key_of(term))
        if any(not isinstance(atom, t.Constant) for atom in condition.atoms):
            self.conditions.append(condition)
        for atom in condition.atoms:
            self._inside(atom)

    def value(self, term: object, given: tuple[t.Term, ...], missed: tuple[t.Term, ...]) -> None:
        """A term of any type."""
        match term:
            case t.UnsettledReadings():
                for each in self._readings(term):
                    self.value(each, given, missed)
            case t.Choose():
                self._choose(term, given, missed)
            case t.DecisionTable():
                self._table(term, given, missed)
            case _ if getattr(term, "type", None) == t.BOOLEAN:
                self.condition(term, given, missed)  # type: ignore[arg-type]
            case _:
                self._inside(term)

    def _choose(self, term: t.Choose, given: tuple[t.Term, ...], missed: tuple[t.Term, ...]) -> None:
        self.condition(term.test, given, missed)
        self.value(term.then, (*given, term.test), missed)
        self.value(term.otherwise, given, (*missed, term.test))

    def _table(self, term: t.DecisionTable, given: tuple[t.Term, ...], missed: tuple[t.Term, ...]) -> None:
        above = missed
        for number, row in enumerate(term.rows, start=1):
            assert row.span is not None
            self.rows.append(Row(self.rule.id, number, row.span, row.when, row.then, row.clauses))
            self.condition(row.when, given, above)
            self.value(row.then, (*given, row.when), above)
            if term.hit == "first":
                above = (*above, row.when)
        if term.otherwise is not None and not isinstance(term.otherwise, t.NoValueTerm):
            span: Span | None = getattr(term.otherwise, "span", None) or term.span
            assert span is not None
            self.rows.append(Row(self.rule.id, None, span, None, term.otherwise))
            self.value(term.otherwise, given, above)

    def _inside(self, term: object) -> None:
        """Conditions inside something that is itself no condition: each stands alone."""
        match term:
            case t.Quantified(_, operand, _, body):
                self._inside(operand)
                self.condition(body, (), ())
            case t.Filtered(operand, _, test):
                self._inside(operand)
                self.condition(test, (), ())
            case t.Mapped(operand, _, test, body):
                self._inside(operand)
                if test is not None:
                    self.condition(test, (), ())
                self.value(body, (), ()) if not _plain(body) else None
            case t.Choose() | t.DecisionTable() | t.UnsettledReadings():
                self.value(term, (), ())
            case _:
                for child in children(term):
                    if not _plain(child):
                        self._inside(child)

    def _readings(self, term: t.UnsettledReadings) -> Iterator[t.Term]:
        """The readings that can be in force: all, or the one that the parameter chooses."""
        parameter = self.program.parameters.get((term.ruleset, term.parameter))
        chosen = parameter.value if parameter is not None else None
        target = f"{term.ruleset}/{term.parameter}"
        settable = any(each.action == "set" and each.target == target for each in self.program.overlays)
        for name, reading in term.readings:
            if chosen is None or settable or name == chosen.value:
                yield reading


def _plain(term: object) -> bool:
    """Has it nothing inside that decides?"""
    return isinstance(term, t.Constant | t.FactValue | t.ConclusionValue | t.ItemValue | t.AsOf | t.Up | t.Variable)


def _atoms(term: t.Term) -> Iterator[t.Term]:
    if isinstance(term, t.Junction):
        for operand in term.operands:
            yield from _atoms(operand)
    elif isinstance(term, t.Not):
        yield from _atoms(term.operand)
    else:
        yield term
