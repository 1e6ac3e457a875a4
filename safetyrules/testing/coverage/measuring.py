"""What cases reach of rulesets, and what is left.

A case reaches only what the conclusions that it expects something of rest on: what merely ran beside them is tested by
nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from safetyrules.diagnostics import FactsError, RequestError, Span
from safetyrules.folders import TEST_ENDING
from safetyrules.language import terms as t
from safetyrules.language.plan import overlays_in_force
from safetyrules.language.ruleform import LinkedProgram, Overlay, Rule
from safetyrules.language.term_trees import walk
from safetyrules.program import Program
from safetyrules.testing.asked import part_of
from safetyrules.testing.coverage.feasible import Outcome, Space, Vector
from safetyrules.testing.coverage.listening import Heard, Listening
from safetyrules.testing.coverage.points import (
    Condition,
    Key,
    Row,
    RulePoints,
    conditions_of,
    key_of,
    points_of,
)
from safetyrules.testing.expectations import key_of as expected_key
from safetyrules.testing.model import Case
from safetyrules.text import Text

Kind = Literal["rule", "row", "condition", "independence", "exception", "overlay", "clause"]
KINDS: tuple[Kind, ...] = ("rule", "row", "condition", "independence", "exception", "overlay", "clause")
_OUTCOMES: tuple[Outcome, ...] = ("true", "false", "unknown")
_WORDS: Mapping[Outcome, Text] = {
    "true": Text("从未成立", "is never true"),
    "false": Text("从未不成立", "is never false"),
    "unknown": Text("从未未知", "is never unknown"),
}


@dataclass(frozen=True)
class Item:
    """One thing to reach. ``cases`` reach it (of an independence: the pairs that show it); ``possible`` is false where
    nothing can. ``missing`` says what no case has shown."""

    kind: Kind
    ruleset: str
    rule: str
    span: Span
    missing: Text
    cases: tuple[Case, ...]
    possible: bool = True
    part: str = ""

    @property
    def reached(self) -> bool:
        return bool(self.cases)

    @property
    def wanted(self) -> bool:
        """Is it to be counted?"""
        return self.possible or self.reached


@dataclass(frozen=True)
class Citing:
    """What cites a clause: a rule, a row of its table, an overlay on it, or a lookup table or parameter that it reads;
    ``name`` says which. ``cases`` reach it."""

    clause: str
    kind: Literal["rule", "row", "table", "parameter", "overlay"]
    name: str
    rule: Rule
    span: Span
    cases: tuple[Case, ...]


@dataclass(frozen=True)
class Coverage:
    """All items of some rulesets."""

    items: tuple[Item, ...]
    cases: int

    @property
    def left(self) -> tuple[Item, ...]:
        return tuple(item for item in self.items if item.wanted and not item.reached)

    def counted(self, kind: Kind | None = None, ruleset: str | None = None) -> tuple[int, int]:
        """How many are reached, of how many."""
        chosen = [
            item for item in self.items if item.wanted and kind in (None, item.kind) and ruleset in (None, item.ruleset)
        ]
        return sum(item.reached for item in chosen), len(chosen)

    @property
    def percent(self) -> float:
        return share(*self.counted())

    @property
    def rulesets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(item.ruleset for item in self.items))


def share(reached: int, of: int) -> float:
    """As a percentage; everything of nothing."""
    return 100.0 if not of else 100.0 * reached / of


def rulesets_of(program: LinkedProgram, cases: Sequence[Case]) -> frozenset[str]:
    """The rulesets that have a rule whose conclusion, or whose clause, some case expects something of. Where test files
    are named after documents (``tier.test.yaml`` after ``tier.yaml``), the rulesets of those."""
    names, clauses = _asked(program, cases)
    files = {case.span.source.rpartition("/")[2].removesuffix(TEST_ENDING) for case in cases}
    found: set[str] = set()
    beside: set[str] = set()
    for rule in program.rules.values():
        if rule.concludes in names or not clauses.isdisjoint(rule.clauses):
            found.add(rule.ruleset)
            if rule.span.source.rpartition("/")[2].rpartition(".")[0] in files:
                beside.add(rule.ruleset)
    return frozenset(beside or found)


def _asked(program: LinkedProgram, cases: Iterable[Case]) -> tuple[set[str], set[str]]:
    """The conclusions and the clauses that cases expect something of."""
    keys = [expected_key(each.key, program.instruments, "") for case in cases for each in case.expectations]
    return {key.name for key in keys if key.clause is None}, {key.clause for key in keys if key.clause is not None}


def measure(program: Program, cases: Sequence[Case], rulesets: frozenset[str] | None = None) -> Coverage:
    """What the cases reach of these rulesets (default: of those they expect something of)."""
    chosen = rulesets_of(program.linked, cases) if rulesets is None else rulesets
    measuring = _Measuring(program, chosen)
    for case in cases:
        measuring.hear(case)
    return Coverage(tuple(measuring.items()), len(cases))


def citing(program: Program, cases: Sequence[Case]) -> tuple[Citing, ...]:
    """Everything in the program that cites a clause, with the cases that reach it."""
    measuring = _Measuring(program, frozenset(program.linked.rulesets))
    for case in cases:
        measuring.hear(case)
    return tuple(measuring.citing())


class _Measuring:
    def __init__(self, program: Program, rulesets: frozenset[str]) -> None:
        self.program = program
        self.linked = program.linked
        rules = [rule for rule in self.linked.rules.values() if rule.ruleset in rulesets]
        self.points = [points_of(self.linked, rule) for rule in sorted(rules, key=lambda rule: rule.span)]
        named = {rule.id for rule in rules}
        self.overlays = [
            overlay
            for overlay in self.linked.overlays
            if overlay.target in named or overlay.target.partition("/")[0] in rulesets
        ]
        self.conditions: dict[Key, Condition] = {}
        for points in self.points:
            self.conditions.update((each.key, each) for each in points.conditions)
        for overlay in self.overlays:
            self.conditions.update((each.key, each) for each in conditions_of(self.linked, overlay))
        self.computed: dict[Key, list[Case]] = {}
        self.rows: dict[Key, list[Case]] = {}
        self.vectors: dict[Key, dict[Vector, list[Case]]] = {}
        self.exceptions: dict[tuple[str, Outcome | None], list[Case]] = {}
        self.tables: dict[str, list[Case]] = {}
        self.in_force: dict[Span, list[Case]] = {}

    def hear(self, case: Case) -> None:
        heard = self._heard(case)
        if heard is None:
            return
        for key in heard.computed:
            self.computed.setdefault(key, []).append(case)
        for key in heard.rows:
            self.rows.setdefault(key, []).append(case)
        for key, vectors in heard.vectors.items():
            for vector in vectors:
                self.vectors.setdefault(key, {}).setdefault(vector, []).append(case)
        for rule, outcomes in heard.exceptions.items():
            for outcome in outcomes:
                self.exceptions.setdefault((rule, outcome), []).append(case)
        for table in heard.tables:
            self.tables.setdefault(table, []).append(case)

    def _heard(self, case: Case) -> Heard | None:
        """None where the case is refused, or asks for nothing that is concluded."""
        try:
            plan, request, _ = self.program.asked(case.facts, **case.options)
            entity = self.program.entity(case.facts, request)
        except (FactsError, RequestError):
            return None
        names, clauses = _asked(self.linked, [case])
        for conclusion in plan.conclusions:
            if any(clause in plan.rules[rule].clauses for rule in conclusion.rules for clause in clauses):
                names.add(conclusion.name)
        part = part_of(plan, frozenset(names))
        if self.overlays:
            for overlay in overlays_in_force(self.linked, self.program.places, request.law_at, request.jurisdiction):
                self.in_force.setdefault(overlay.span, []).append(case)
        listening = Listening(part, entity, request.as_of, self.conditions)
        listening.run()
        return listening.heard

    # ---- items -------------------------------------------------------------------------------------------------------

    def items(self) -> Iterator[Item]:
        citing: dict[str, Citing] = {}
        for points in self.points:
            rule = points.rule
            cases = self._reaching(rule)
            missing = Text("没有案例用到这条规则", "no case reaches the rule")
            yield Item("rule", rule.ruleset, rule.id, rule.span, missing, tuple(cases))
            yield from self._exception(rule)
            for row in points.rows:
                yield self._row(rule, row, points)
            for condition in points.conditions:
                yield from self._condition(rule, condition)
        for overlay in self.overlays:
            yield from self._overlay(overlay)
        for each in self.citing():
            citing.setdefault(each.clause, each)
            citing[each.clause] = replace(citing[each.clause], cases=_once((*citing[each.clause].cases, *each.cases)))
        for name, each in sorted(citing.items()):
            missing = Text(f"没有案例用到条款 {name}", f"no case reaches clause {name}")
            span = self.linked.clause(name).span
            yield Item("clause", each.rule.ruleset, each.rule.id, span, missing, each.cases, part=name)

    def citing(self) -> Iterator[Citing]:
        """Everything that cites a clause, with the cases that reach it: rules, rows, and what rules read and overlays
        add."""
        for points in self.points:
            rule = points.rule
            cases = _once(self._reaching(rule))
            for clause in rule.clauses:
                yield Citing(clause, "rule", rule.id, rule, rule.span, cases)
            for row in points.rows:
                for clause in row.clauses:
                    number = "otherwise" if row.number is None else str(row.number)
                    yield Citing(clause, "row", number, rule, row.span, _once(self._row_cases(rule, row)))
            for table in _tables_of(rule):
                found = self.linked.tables[table]
                clause = f"{found.instrument}#{found.clause}"
                yield Citing(clause, "table", table, rule, rule.span, _once(self.tables.get(table, ())))
            for parameter in _parameters_of(rule):
                declared = self.linked.parameters.get(parameter)
                if declared is not None and declared.clause is not None:
                    yield Citing(declared.clause, "parameter", "/".join(parameter), rule, declared.span, cases)
        for overlay in self.overlays:
            target = self.linked.rules.get(overlay.target) or self._reader(overlay.target)
            if target is not None:
                for clause in overlay.clauses:
                    cases = _once(self._overlay_cases(overlay))
                    yield Citing(clause, "overlay", overlay.action, target, overlay.span, cases)

    def _reader(self, parameter: str) -> Rule | None:
        """A rule that reads a parameter (``ruleset/parameter``)."""
        ruleset, _, name = parameter.partition("/")
        return next((each.rule for each in self.points if (ruleset, name) in _parameters_of(each.rule)), None)

    def _reaching(self, rule: Rule) -> list[Case]:
        if rule.withdraw:
            return self.exceptions.get((rule.id, "true"), [])
        bodies: list[object] = [rule.body]
        if isinstance(rule.body, t.UnsettledReadings):
            bodies.extend(reading for _, reading in rule.body.readings)
        return list(_once(case for body in bodies for case in self.computed.get(key_of(body), ())))

    def _exception(self, rule: Rule) -> Iterator[Item]:
        if rule.except_ is None:
            return
        sides: tuple[tuple[Outcome, Text], ...] = (
            ("true", Text("例外从未适用", "the exception never applies")),
            ("false", Text("例外从未不适用", "the exception always applies")),
        )
        for outcome, missing in sides:
            cases = self.exceptions.get((rule.id, outcome), ())
            yield Item("exception", rule.ruleset, rule.id, rule.span, missing, tuple(cases), part=outcome)

    def _row(self, rule: Rule, row: Row, points: RulePoints) -> Item:
        cases = self._row_cases(rule, row)
        if row.number is None:
            missing = Text("没有案例落到 otherwise", "no case comes to otherwise")
        else:
            missing = Text(f"第 {row.number} 行从未成立", f"row {row.number} never holds")
        possible = self._can_hold(row.when, points) if row.when is not None else self._can_miss(rule, row)
        part = "otherwise" if row.number is None else str(row.number)
        return Item("row", rule.ruleset, rule.id, row.span, missing, tuple(cases), possible, part)

    def _row_cases(self, rule: Rule, row: Row) -> Sequence[Case]:
        if row.number is None:
            return self.rows.get((_table_span(rule, row), t.DecisionTable, None), ())
        return self.rows.get((row.span, t.TableRow, None), ())

    def _can_hold(self, when: t.Term, points: RulePoints) -> bool:
        if isinstance(when, t.UnsettledReadings):
            # Unless a parameter chooses, all readings must hold for the row to hold surely.
            return all(self._can_hold(reading, points) for _, reading in when.readings)
        if isinstance(when, t.Constant):
            return when.value is True
        condition = next((each for each in points.conditions if each.key == key_of(when)), None)
        vectors = self._possible(condition) if condition is not None else None
        return vectors is None or any(result == "true" for _, result in vectors)

    def _can_miss(self, rule: Rule, row: Row) -> bool:
        """Can it surely be that no row of the table holds?"""
        table = next((e for e in walk(rule.body) if isinstance(e, t.DecisionTable) and e.otherwise is row.then), None)
        if table is None or table is not rule.body:
            return True
        given = (rule.applies,) if rule.applies is not None else ()
        whens = tuple(each.when for each in table.rows)
        if any(isinstance(each, t.UnsettledReadings) for each in whens):
            return True
        return Space(self.linked, Condition(rule.id, whens[-1], given, whens)).all_can_miss()

    def _condition(self, rule: Rule, condition: Condition) -> Iterator[Item]:
        possible = self._possible(condition)
        heard = self.vectors.get(condition.key, {})
        several = sum(not isinstance(atom, t.Constant) for atom in condition.atoms) > 1
        for number, atom in enumerate(condition.atoms):
            span = getattr(atom, "span", None) or condition.span
            if isinstance(atom, t.Constant):
                continue
            for outcome in _OUTCOMES:
                cases = _once(c for (atoms, _), found in heard.items() if atoms[number] == outcome for c in found)
                can = possible is None or any(atoms[number] == outcome for atoms, _ in possible)
                yield Item("condition", rule.ruleset, rule.id, span, _WORDS[outcome], cases, can, outcome)
            if several:
                pair = next(_pairs(heard, number), None)
                cases = () if pair is None else _once((heard[pair[0]][0], heard[pair[1]][0]))
                can = possible is None or next(_pairs(possible, number), None) is not None
                missing = Text(
                    "没有一对案例显示它独自改变结果", "no pair of cases shows that it alone changes the outcome"
                )
                yield Item("independence", rule.ruleset, rule.id, span, missing, cases, can)

    def _possible(self, condition: Condition) -> frozenset[Vector] | None:
        return Space(self.linked, condition).vectors()

    def _overlay_cases(self, overlay: Overlay) -> Sequence[Case]:
        rule = self.linked.rules.get(overlay.target)
        cases = self.in_force.get(overlay.span, [])
        if rule is None:
            return cases
        reaching = {id(case) for case in self._reaching(rule)}
        return [case for case in cases if id(case) in reaching]

    def _overlay(self, overlay: Overlay) -> Iterator[Item]:
        rule = self.linked.rules.get(overlay.target)
        ruleset = rule.ruleset if rule is not None else overlay.target.partition("/")[0]
        cases = self._overlay_cases(overlay)
        missing = Text("没有案例用到这项叠加", "no case reaches the overlay")
        yield Item("overlay", ruleset, overlay.target, overlay.span, missing, tuple(cases), part=overlay.action)
        if rule is not None:
            for condition in conditions_of(self.linked, overlay):
                yield from self._condition(rule, condition)


def _pairs(vectors: Iterable[Vector], atom: int) -> Iterator[tuple[Vector, Vector]]:
    """Pairs in which the atom and the whole turn and nothing else does: other atoms are the same, or not asked in one
    of the two because the result was decided before (masking MC/DC)."""
    found = list(vectors)
    ones = [each for each in found if each[0][atom] == "true" and each[1] in ("true", "false")]
    twos = [each for each in found if each[0][atom] == "false" and each[1] in ("true", "false")]
    for one in ones:
        for two in twos:
            if one[1] != two[1] and all(
                a == b or a is None or b is None
                for number, (a, b) in enumerate(zip(one[0], two[0], strict=True))
                if number != atom
            ):
                yield one, two


def _once(cases: Iterable[Case]) -> tuple[Case, ...]:
    return tuple({id(case): case for case in cases}.values())


def _tables_of(rule: Rule) -> list[str]:
    terms = [term for term in (rule.applies, rule.when, rule.body) if term is not None]
    found = (each.table for term in terms for each in walk(term) if isinstance(each, t.LookupValue))
    return list(dict.fromkeys(found))


def _parameters_of(rule: Rule) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    for term in (rule.applies, rule.when, rule.body):
        for each in walk(term) if term is not None else ():
            if isinstance(each, t.ParameterValue):
                found.append((each.ruleset, each.name))
            elif isinstance(each, t.UnsettledReadings):
                found.append((each.ruleset, each.parameter))
    return list(dict.fromkeys(found))


def _table_span(rule: Rule, row: Row) -> Span | None:
    """The place of the table that a row belongs to."""
    for each in walk(rule.body):
        if isinstance(each, t.DecisionTable) and each.otherwise is row.then:
            return each.span
    return None
