"""Faults in a ruleset: in its rules, their decision tables and exceptions, its parameters and its overlays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from itertools import pairwise

from safetyrules.diagnostics import Span
from safetyrules.facts.schema import BooleanType, ChoiceType, ScalarType, TextType
from safetyrules.language import document as d
from safetyrules.language.ruleform import LinkedProgram, Rule
from safetyrules.language.source_text import SourceText
from safetyrules.language.yaml_source import MappingNode, Node, ScalarNode, SequenceNode
from safetyrules.mutation.amounts import decimal, moved, nearest, neighbours
from safetyrules.mutation.edits import Change, Mutant, Operator, item_dropped, replaced, swapped, written
from safetyrules.mutation.expressions import Expressions, beside, types_at
from safetyrules.mutation.row_cells import has_cells, of_cells

_SEVERITIES = {"major": "general", "general": "major"}


@dataclass(frozen=True)
class Written:
    """A document with its text and its tree."""

    source: SourceText
    root: Node


def of_ruleset(document: d.RulesetDocument, written_: Written, program: LinkedProgram) -> Iterator[Mutant]:
    """All faults of a ruleset, each as a mutant; what they make need not check."""
    yield from _Ruleset(document, written_, program).mutants()


class _Ruleset:
    def __init__(self, document: d.RulesetDocument, written_: Written, program: LinkedProgram) -> None:
        self.document = document
        self.source = written_.source
        self.nodes = _mappings(written_.root)
        self.program = program
        self.name = document.name.text

    def mutants(self) -> Iterator[Mutant]:
        for parameter in self.document.parameters:
            yield from self._as_mutants(
                parameter.name.text, self._citation(parameter.clause), self._parameter(parameter)
            )
        for rule in self.document.rules:
            linked = self.program.rules[rule.id.text]
            yield from self._rule(rule, linked)
            yield from self._as_mutants(rule.id.text, linked.clauses[0], self._exception(rule, rule.span))
        for overlay in self.document.overlays:
            yield from self._overlay(overlay)

    def _as_mutants(self, rule: str, clause: str | None, changes: Iterator[Change]) -> Iterator[Mutant]:
        for change in changes:
            yield Mutant(change, self.name, rule, clause)

    def _citation(self, citation: d.Citation | None) -> str | None:
        if citation is None:
            return None
        return f"{citation.instrument or self.document.instrument.text}#{citation.clause}"

    # ---- rules -------------------------------------------------------------------------------------------------------

    def _rule(self, rule: d.RuleDocument, linked: Rule) -> Iterator[Mutant]:
        terms = [linked.applies, linked.when, linked.body, linked.duty.due if linked.duty is not None else None]
        inside = Expressions(self.source, types_at(term for term in terms if term is not None))
        changes = self._changes(rule, linked, inside)
        yield from self._as_mutants(rule.id.text, linked.clauses[0], changes)
        if rule.table is not None:
            for clause, change in self._table(rule.table, linked, inside):
                yield Mutant(change, self.name, rule.id.text, clause or linked.clauses[0])

    def _changes(self, rule: d.RuleDocument, linked: Rule, inside: Expressions) -> Iterator[Change]:
        node = self.nodes.get(rule.span)
        for formula in _formulas(rule.applies):
            yield from inside.condition(formula.tree, "applies")
        for formula in _formulas(rule.when):
            yield from inside.condition(formula.tree)
        for formula in _formulas(rule.is_):
            yield from inside.value(formula.tree)
        if rule.then is not None:
            yield from self._outcome(rule.then, linked.type, inside)
        if rule.duty is not None:
            for formula in _formulas(rule.duty.due):
                yield from inside.value(formula.tree)
        if node is None:
            return
        severity = _at(node, "finding")
        if isinstance(severity, ScalarNode) and severity.text in _SEVERITIES:
            yield replaced(self.source, "severity", severity.span, _SEVERITIES[severity.text])
        every = _at(node, "every")
        for key in ("months", "days"):
            if isinstance(every, MappingNode) and isinstance(period := _at(every, key), ScalarNode):
                yield from self._scalar(d.Scalar(period.value, period.span), None)
        if rule.type is not None and rule.type.unit is not None:
            yield from self._unit(rule.type.unit)
        in_force = _at(node, "in_force")
        if isinstance(in_force, MappingNode):
            yield from days_shifted(self.source, in_force)

    def _exception(self, rule: d.RuleDocument, span: Span) -> Iterator[Change]:
        if rule.kind == "exception" and (change := item_dropped(self.source, "exception", span)) is not None:
            yield change

    # ---- decision tables ---------------------------------------------------------------------------------------------

    def _table(
        self, table: d.DecisionTableDocument, linked: Rule, inside: Expressions
    ) -> Iterator[tuple[str | None, Change]]:
        for row in table.rows:
            clause = self._citation(row.clause[0]) if row.clause else None
            for change in self._row(row, linked, inside):
                yield clause, change
            if (dropped := item_dropped(self.source, "row", row.span)) is not None:
                yield clause, dropped
        if table.hit == "first":
            for one, two in pairwise(table.rows):
                clause = self._citation(one.clause[0]) if one.clause else None
                yield clause, swapped(self.source, "order", one.span, two.span)
        if table.otherwise is not None:
            for change in self._outcome(table.otherwise, linked.type, inside):
                yield None, change

    def _row(self, row: d.RowDocument, linked: Rule, inside: Expressions) -> Iterator[Change]:
        for formula in _formulas(row.when):
            if has_cells(self.source, formula):
                yield from of_cells(self.source, formula, inside.types)
            else:
                yield from inside.condition(formula.tree)
        yield from self._outcome(row.then, linked.type, inside)

    def _outcome(self, outcome: d.Outcome, type_: ScalarType, inside: Expressions) -> Iterator[Change]:
        match outcome:
            case d.Formula(tree=tree):
                yield from inside.value(tree)
            case d.Scalar():
                yield from self._scalar(outcome, type_, "result")
            case d.Permission(permitted=permitted) if len(permitted) > 1:
                for each in permitted:
                    change = item_dropped(self.source, "result", each.span)
                    if change is not None:
                        yield change

    def _scalar(self, scalar: d.Scalar, type_: ScalarType | None, kind: Operator = "threshold") -> Iterator[Change]:
        """Faults of a literal that stands in YAML. A result is another one; anything else is moved."""
        value, span = scalar.value, scalar.span
        original = written(self.source, span)
        match value:
            case bool():
                yield replaced(self.source, "result", span, "false" if value else "true")
            case Fraction():
                for operator, number in moved(value, type_):
                    if (words := decimal(number)) is not None:
                        yield replaced(self.source, kind if operator == "threshold" else operator, span, words)
            case date():
                for day in neighbours(value):
                    yield replaced(self.source, "date", span, day.isoformat())
            case str() if isinstance(type_, ChoiceType):
                operator = "level" if type_.scale else "result"
                for member in beside(type_, value):
                    yield replaced(self.source, operator, span, original.replace(value, member, 1))
            case str() if isinstance(type_, TextType) and value:
                yield replaced(self.source, "result", span, original.replace(value, f"{value}_", 1))
            case _ if isinstance(type_, BooleanType):
                return

    # ---- parameters and overlays -------------------------------------------------------------------------------------

    def _parameter(self, parameter: d.ParameterDocument) -> Iterator[Change]:
        type_ = self.program.parameters[self.name, parameter.name.text].type
        if parameter.value is not None:
            yield from self._scalar(parameter.value, type_)
        if parameter.type.unit is not None:
            yield from self._unit(parameter.type.unit)

    def _overlay(self, overlay: d.OverlayDocument) -> Iterator[Mutant]:
        clause = self._citation(overlay.clause[0]) if overlay.clause else None
        target = self.program.rules.get(overlay.target.text)
        linked = next(each for each in self.program.overlays if each.span == overlay.span)
        terms = [term for term in (linked.when, linked.rule.body if linked.rule is not None else None) if term]
        inside = Expressions(self.source, types_at(terms))

        def changes() -> Iterator[Change]:
            if (
                overlay.action == "exempt"
                and (gone := item_dropped(self.source, "exception", overlay.span)) is not None
            ):
                yield gone
            for condition in (overlay.when, overlay.or_when):
                for formula in _formulas(condition):
                    yield from inside.condition(formula.tree)
            if overlay.value is not None:
                ruleset, _, name = overlay.target.text.partition("/")
                yield from self._scalar(overlay.value, self.program.parameters[ruleset, name].type)
            if overlay.raise_to is not None and target is not None and isinstance(target.type, ChoiceType):
                for member in beside(target.type, overlay.raise_to.text):
                    yield replaced(self.source, "level", overlay.raise_to.span, member)

        yield from self._as_mutants(overlay.target.text, clause, changes())
        if overlay.rule is not None and linked.rule is not None:
            yield from self._rule(overlay.rule, linked.rule)

    def _unit(self, unit: d.Word) -> Iterator[Change]:
        """Another unit of the same kind, in place of the first symbol that has one."""
        symbol = unit.text.replace("/", "*").partition("*")[0].partition("^")[0]
        try:
            other = nearest(symbol)
        except KeyError:
            return
        if other is not None:
            yield replaced(self.source, "unit", unit.span, written(self.source, unit.span).replace(symbol, other, 1))


def days_shifted(source: SourceText, in_force: MappingNode) -> Iterator[Change]:
    """First and last day in force, a day later and earlier."""
    for key in ("from", "to"):
        node = _at(in_force, key)
        if isinstance(node, ScalarNode) and isinstance(node.value, date):
            for day in neighbours(node.value):
                yield replaced(source, "date", node.span, day.isoformat())


def mappings(root: Node) -> Mapping[Span, MappingNode]:
    """Every mapping of a tree by its place."""
    return _mappings(root)


def _mappings(node: Node) -> dict[Span, MappingNode]:
    found: dict[Span, MappingNode] = {}
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, MappingNode):
            found[each.span] = each
            pending.extend(value for _, value in each.entries)
        elif isinstance(each, SequenceNode):
            pending.extend(each.items)
    return found


def _at(node: MappingNode, key: str) -> Node | None:
    return next((value for name, value in node.entries if name.text == key), None)


def _formulas(condition: d.Condition | None) -> Iterator[d.Formula]:
    if isinstance(condition, d.Readings):
        yield from (formula for _, formula in condition.readings)
    elif condition is not None:
        yield condition
