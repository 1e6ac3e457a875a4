"""A reference interpreter that notes what is asked, and how it came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from safetyrules.engine.reference import Place, Reference
from safetyrules.facts.entity import Entity
from safetyrules.language import terms as t
from safetyrules.language.plan import Plan
from safetyrules.testing.coverage.feasible import Outcome, Vector, outcome_of
from safetyrules.testing.coverage.points import Condition, Key, key_of
from safetyrules.values import TRUE, Finite, Scalar


@dataclass
class Heard:
    """What one case reached: terms that were computed, outcomes of conditions and of rows, tables looked up in."""

    computed: set[Key] = field(default_factory=set)
    vectors: dict[Key, set[Vector]] = field(default_factory=dict)
    rows: set[Key] = field(default_factory=set)
    exceptions: dict[str, set[Outcome | None]] = field(default_factory=dict)
    tables: set[str] = field(default_factory=set)


@dataclass
class _Asked:
    """A condition that is being computed."""

    places: Mapping[Key, int]
    outcomes: list[Outcome | None]


class Listening(Reference):
    """Computes as the reference interpreter does. ``conditions`` are those listened to."""

    def __init__(self, plan: Plan, root: Entity, as_of: date, conditions: Mapping[Key, Condition]) -> None:
        super().__init__(plan, root, as_of)
        self.heard = Heard()
        self._conditions = conditions
        self._places: dict[Key, dict[Key, int]] = {}
        self._asked: list[_Asked] = []

    def evaluate(self, term: t.Term, place: Place) -> Scalar:
        key = key_of(term)
        condition = self._conditions.get(key) if key[0] is not None else None
        value = super().evaluate(term, place) if condition is None else self._condition(condition, term, place)
        self.heard.computed.add(key)
        if isinstance(term, t.LookupValue):
            self.heard.tables.add(term.table)
        if self._asked and isinstance(value, Finite) and key[0] is not None:
            asked = self._asked[-1]
            number = asked.places.get(key)
            if number is not None:
                asked.outcomes[number] = outcome_of(value)
        return value

    def _condition(self, condition: Condition, term: t.Term, place: Place) -> Scalar:
        places = self._places.get(condition.key)
        if places is None:
            places = self._places[condition.key] = {key_of(atom): i for i, atom in enumerate(condition.atoms)}
        asked = _Asked(places, [None] * len(condition.atoms))
        self._asked.append(asked)
        try:
            value = super().evaluate(term, place)
        finally:
            self._asked.pop()
        assert isinstance(value, Finite)
        result = outcome_of(value)
        if len(condition.atoms) == 1 and condition.key in places:
            asked.outcomes[0] = result
        self.heard.vectors.setdefault(condition.key, set()).add((tuple(asked.outcomes), result))
        return value

    def _first(self, term: t.DecisionTable, place: Place) -> Scalar:
        self._rows(term, place)
        return super()._first(term, place)

    def _rows(self, term: t.DecisionTable, place: Place) -> None:
        """Notes the rows that surely hold, and whether surely none does."""
        asked, self._asked = self._asked, []
        reached = True
        none = True
        for row in term.rows:
            when = self.truth(row.when, place)
            if when == TRUE and (reached or term.hit != "first"):
                self.heard.rows.add((row.span, t.TableRow, None))
            none = none and outcome_of(when) in ("false", None)
            reached = reached and when != TRUE
            if not reached and term.hit == "first":
                break
        if none:
            self.heard.rows.add((term.span, t.DecisionTable, None))
        self._asked = asked

    def _table(self, term: t.DecisionTable, place: Place) -> Scalar:
        if term.hit != "first":
            self._rows(term, place)
        return super()._table(term, place)

    def _branch_when(self, branch: t.ExceptionBranch, place: Place) -> Finite:
        when = super()._branch_when(branch, place)
        self.heard.exceptions.setdefault(branch.rule, set()).add(outcome_of(when))
        return when
