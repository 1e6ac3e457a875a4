"""Faults in an expression: its comparisons, junctions, conditions, numbers, levels and days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from fractions import Fraction

from safetyrules.diagnostics import Span
from safetyrules.facts.schema import ChoiceType, ScalarType
from safetyrules.language import expression as e
from safetyrules.language import terms as t
from safetyrules.language.cel import children_of
from safetyrules.language.source_text import SourceText
from safetyrules.language.term_trees import walk
from safetyrules.mutation.amounts import decimal, moved, neighbours
from safetyrules.mutation.edits import Change, Edit, Operator, end_of, replaced, start_of, written

_COMPARISONS = {">=": ">", ">": ">=", "<=": "<", "<": "<=", "==": "!=", "!=": "=="}
_JUNCTIONS = {"&&": "||", "||": "&&"}
_NEUTRAL = {"&&": "true", "||": "false"}
_SEVERITIES = {"major": "general", "general": "major", "any": "major"}


def types_at(terms: Iterable[object]) -> Mapping[Span, ScalarType]:
    """What the literals of a rule are, by their places: a number as what it is compared with."""
    found: dict[Span, ScalarType] = {}
    for term in terms:
        for each in walk(term):
            if isinstance(each, t.Constant) and each.span is not None:
                found.setdefault(each.span, each.type)
            elif isinstance(each, t.Comparison):
                for one, other in ((each.left, each.right), (each.right, each.left)):
                    if isinstance(one, t.Constant) and one.span is not None:
                        found[one.span] = other.type
    return found


class Expressions:
    """The faults of the expressions of one source. ``types`` say what its literals are."""

    def __init__(self, source: SourceText, types: Mapping[Span, ScalarType]) -> None:
        self.source = source
        self.types = types

    def condition(self, tree: e.Expression, operator: Operator = "condition") -> Iterator[Change]:
        """Faults of a condition that stands alone: also that it is left out."""
        alone = not (isinstance(tree, e.Binary) and tree.operator in _JUNCTIONS)
        if (alone or operator == "applies") and not isinstance(tree, e.LiteralValue):
            yield replaced(self.source, operator, tree.span, "true")
        yield from self.value(tree)

    def value(self, tree: e.Expression) -> Iterator[Change]:
        """Faults anywhere in an expression."""
        match tree:
            case e.Binary(operator="&&" | "||"):
                yield from self._junction(tree)
            case e.Binary(operator="in", left=left, right=e.ListLiteral(items=items)):
                yield from self.value(left)
                for number, item in enumerate(items):
                    yield from self.value(item)
                    if len(items) > 1:
                        yield self._without(items, number)
            case e.Binary():
                if tree.operator in _COMPARISONS:
                    yield self._operator("comparison", tree, _COMPARISONS[tree.operator])
                yield from self.value(tree.left)
                yield from self.value(tree.right)
            case e.Conditional(test=test, then=then, otherwise=otherwise):
                yield from self.condition(test)
                yield from self.value(then)
                yield from self.value(otherwise)
            case e.Comprehension(quantifier=quantifier, operand=operand, body=body, test=test):
                yield from self.value(operand)
                if test is not None:
                    yield from self.condition(test)
                yield from self.value(body) if quantifier == "map" else self.condition(body)
            case e.Call(function="date", arguments=(e.LiteralValue(value=str()) as day,)):
                yield from self._day(day)
            case e.Call(function="findings" | "instances", arguments=(_, e.LiteralValue(value=str()) as severity)):
                yield from self._word("severity", severity, [_SEVERITIES[str(severity.value)]])
            case e.LiteralValue():
                yield from self._literal(tree)
            case _:
                for child in children_of(tree):
                    yield from self.value(child)

    def _junction(self, tree: e.Binary) -> Iterator[Change]:
        operands = list(_operands(tree, tree.operator))
        for operand in operands:
            if not isinstance(operand, e.LiteralValue):
                yield replaced(self.source, "condition", operand.span, _NEUTRAL[tree.operator])
            yield from self.value(operand)
        for each in _chain(tree, tree.operator):
            yield self._operator("junction", each, _JUNCTIONS[tree.operator])

    def _operator(self, kind: Operator, tree: e.Binary, other: str) -> Change:
        """Another operator between the two sides; what is shown is the whole, for a lone sign says little."""
        start, end = end_of(self.source, tree.left.span), start_of(self.source, tree.right.span)
        at = start + self.source.text[start:end].index(tree.operator)
        edit = Edit(self.source.span(at, at + len(tree.operator)), other)
        whole = written(self.source, tree.span)
        cut = at - start_of(self.source, tree.span)
        return Change(kind, (edit,), whole, whole[:cut] + other + whole[cut + len(tree.operator) :])

    def _without(self, items: tuple[e.Expression, ...], number: int) -> Change:
        """A list without one of its items."""
        if number + 1 < len(items):
            start, end = start_of(self.source, items[number].span), start_of(self.source, items[number + 1].span)
        else:
            start, end = end_of(self.source, items[number - 1].span), end_of(self.source, items[number].span)
        edit = Edit(self.source.span(start, end), "")
        return Change("condition", (edit,), written(self.source, items[number].span), "")

    # ---- literals ----------------------------------------------------------------------------------------------------

    def _literal(self, tree: e.LiteralValue) -> Iterator[Change]:
        type_ = self.types.get(tree.span)
        if isinstance(tree.value, Fraction):
            for operator, number in moved(tree.value, type_):
                words = decimal(number)
                if words is not None:
                    words = f"({words})" if number < 0 else words
                    yield replaced(self.source, operator, tree.span, words)
        elif isinstance(tree.value, str) and isinstance(type_, ChoiceType) and type_.scale:
            yield from self._word("level", tree, beside(type_, tree.value))

    def _day(self, tree: e.LiteralValue) -> Iterator[Change]:
        try:
            day = date.fromisoformat(str(tree.value))
        except ValueError:
            return
        yield from self._word("date", tree, [each.isoformat() for each in neighbours(day)])

    def _word(self, operator: Operator, tree: e.LiteralValue, others: Iterable[str]) -> Iterator[Change]:
        """Other words within the same quotes."""
        original = written(self.source, tree.span)
        for other in others:
            if str(tree.value) in original:
                yield replaced(self.source, operator, tree.span, original.replace(str(tree.value), other, 1))


def beside(type_: ChoiceType, member: str) -> list[str]:
    """The levels next to one of a scale; of an unordered choice, the value that is listed next."""
    if member not in type_.members or len(type_.members) < 2:
        return []
    at = type_.members.index(member)
    if not type_.scale:
        return [type_.members[(at + 1) % len(type_.members)]]
    return [type_.members[each] for each in (at - 1, at + 1) if 0 <= each < len(type_.members)]


def _operands(tree: e.Expression, operator: str) -> Iterator[e.Expression]:
    """What one chain of ``&&`` or ``||`` joins."""
    if isinstance(tree, e.Binary) and tree.operator == operator:
        yield from _operands(tree.left, operator)
        yield from _operands(tree.right, operator)
    else:
        yield tree


def _chain(tree: e.Expression, operator: str) -> Iterator[e.Binary]:
    if isinstance(tree, e.Binary) and tree.operator == operator:
        yield from _chain(tree.left, operator)
        yield tree
        yield from _chain(tree.right, operator)
