"""Comparisons that come out the same whatever the facts: with what a computed number can be, with what an overlay sets,
and with values that no rule ever gives. (Those of single facts the check pass tells, also SR0527.)"""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction

from safetyrules.analysis.examples import comparing, place_of
from safetyrules.analysis.law import Law, nodes_of
from safetyrules.diagnostics import Diagnostic, Severity, Span, diagnostic
from safetyrules.engine import algebra
from safetyrules.facts.schema import ChoiceType, NumberType
from safetyrules.language import terms as t
from safetyrules.language.hints import always, ranged, ranged_words
from safetyrules.language.ruleform import Overlay, Rule
from safetyrules.language.types import plain_number
from safetyrules.text import Text
from safetyrules.values import Interval

_OUTCOMES = {True: Text("成立", "true"), False: Text("不成立", "false")}
_COMPUTED = Text("算出的数", "the computed number")
_COMPARED = Text("在此比较", "compared here")


def thresholds(law: Law) -> Iterator[Diagnostic]:
    """SR0527, at the comparison, or at the overlay that sets what is compared with."""
    setting: dict[str, list[Overlay]] = {}
    for overlay in law.linked.overlays:
        if overlay.action == "set":
            setting.setdefault(overlay.target, []).append(overlay)
    told: set[tuple[Span | None, str]] = set()
    for rule in law.every_rule:
        for node in nodes_of(rule):
            if isinstance(node, t.Comparison) and isinstance(node.left.type, NumberType):
                for problem in (*_computed(law, rule, node), *_set(law, rule, node, setting)):
                    if (problem.span, problem.message.en) not in told:
                        told.add((problem.span, problem.message.en))
                        yield problem


def _computed(law: Law, rule: Rule, node: t.Comparison) -> Iterator[Diagnostic]:
    operand, operator, other = _turned(node)
    value = law.constant_of(other) if isinstance(other, t.ParameterValue) else other
    if not isinstance(value, t.Constant) or not isinstance(value.value, Fraction) or ranged(operand) is not None:
        return
    bounds = bounds_of(operand)
    if bounds.low is None and bounds.high is None:
        return
    assert isinstance(operand.type, NumberType)
    type_ = NumberType(None, operand.type.integer, bounds.low, bounds.high)
    outcome = always(operator, type_, value.value)
    if outcome is not None and node.span is not None:
        yield diagnostic(
            "SR0527", node.span, severity=Severity.WARNING, outcome=_OUTCOMES[outcome], name=_COMPUTED,
            found=plain_number(value.value), expected=ranged_words(type_),
            example=comparing(law, rule, node, outcome, _said(rule, node, outcome)),
        )  # fmt: skip


def _set(law: Law, rule: Rule, node: t.Comparison, setting: dict[str, list[Overlay]]) -> Iterator[Diagnostic]:
    operand, operator, other = _turned(node)
    if not isinstance(other, t.ParameterValue):
        return
    for overlay in setting.get(f"{other.ruleset}/{other.name}", ()):
        assert overlay.value is not None
        value, type_ = overlay.value.value, ranged(operand)
        if type_ is None:
            bounds = bounds_of(operand)
            type_ = NumberType(None, False, bounds.low, bounds.high)
        outcome = always(operator, type_, value) if isinstance(value, Fraction) else None
        if outcome is not None and node.span is not None:
            assert isinstance(value, Fraction)
            yield diagnostic(
                "SR0527", overlay.span, severity=Severity.WARNING, outcome=_OUTCOMES[outcome], name=overlay.target,
                found=plain_number(value), expected=ranged_words(type_), related=[(node.span, _COMPARED)],
                example=comparing(law, rule, node, outcome, _said(rule, node, outcome), law.setting(rule, overlay)),
            )  # fmt: skip


def _said(rule: Rule, node: t.Term, outcome: bool) -> Text:
    words = (
        Text("此比较成立", "this comparison is true") if outcome else Text("此比较不成立", "this comparison is false")
    )
    return Text(f"{rule.id}：{place_of(node)} {words.zh}", f"{rule.id}; {place_of(node)} {words.en}")


def _turned(node: t.Comparison) -> tuple[t.Term, str, t.Term]:
    """What is compared, how, and with what: a literal or parameter stands last."""
    if isinstance(node.left, t.Constant | t.ParameterValue):
        return node.right, t.MIRRORED[node.operator], node.left
    return node.left, node.operator, node.right


def bounds_of(term: t.Term) -> Interval:
    """The least and greatest that a number can be, whatever the facts, as far as its parts are bounded."""
    match term:
        case t.Constant(value) if isinstance(value, Fraction):
            return Interval(value, value)
        case t.Sure(inner):
            return bounds_of(inner)
        case t.FindingCount() | t.Aggregate("size") | t.TextFunction("size"):
            return Interval(Fraction(0), None)
        case t.Aggregate("sum", operand):
            item = _item(operand)
            low = Fraction(0) if item is not None and item.minimum is not None and item.minimum >= 0 else None
            return Interval(low, None)
        case t.Arithmetic(operator, left, right):
            return algebra.arithmetic(operator, bounds_of(left), bounds_of(right))
        case t.Negative(operand):
            return algebra.negative(bounds_of(operand))
        case t.Round(operand, digits):
            return algebra.rounded(bounds_of(operand), digits)
        case t.FactValue() | t.ItemValue() if isinstance(term.type, NumberType):
            return Interval(term.type.minimum, term.type.maximum)
    return Interval(None, None)


def _item(operand: t.ListTerm) -> NumberType | None:
    match operand:
        case t.Mapped(_, _, _, body):
            return body.type if isinstance(body, t.FactValue) and isinstance(body.type, NumberType) else None
        case t.ValuesOf(_, _, item):
            return item if isinstance(item, NumberType) else None
        case t.Filtered(inner):
            return _item(inner)
    return None


# ---- values that no rule gives --------------------------------------------------------------------------------------


def values_never_given(law: Law) -> Iterator[Diagnostic]:
    """SR0726: a conclusion compared with values that decide nothing, for none that a rule can give is on one side."""
    given = _Given(law)
    for rule in law.every_rule:
        for node in nodes_of(rule):
            match node:
                case t.Comparison() if isinstance(node.left.type, ChoiceType):
                    operand, operator, other = _turned(node)
                    if isinstance(other, t.Constant):
                        yield from _never(given, rule, node, operand, [(operator, str(other.value))])
                case t.Among(operand, constants) if isinstance(operand.type, ChoiceType):
                    yield from _never(given, rule, node, operand, [("==", str(each.value)) for each in constants])


def _never(
    given: _Given, rule: Rule, node: t.Comparison | t.Among, operand: t.Term, wanted: list[tuple[str, str]]
) -> Iterator[Diagnostic]:
    inner = operand.term if isinstance(operand, t.Sure) else operand
    if not isinstance(inner, t.ConclusionValue) or not isinstance(inner.type, ChoiceType) or node.span is None:
        return
    members = inner.type.members
    possible = given.by((inner.entity.kind, inner.conclusion), members)
    rank = members.index
    holds = {
        each: any(
            {"==": a == b, "!=": a != b, "<": a < b, "<=": a <= b, ">": a > b, ">=": a >= b}[operator]
            for operator, value in wanted
            for a, b in [(rank(each), rank(value))]
        )
        for each in members
    }
    outcomes = {holds[each] for each in possible}
    if len(outcomes) == 1 and len(set(holds.values())) == 2:
        outcome = outcomes.pop()
        yield diagnostic(
            "SR0726", node.span, severity=Severity.WARNING, name=inner.conclusion, outcome=_OUTCOMES[outcome],
            expected=" / ".join(each for each in members if each in possible),
            example=comparing(given.law, rule, node, outcome, _said(rule, node, outcome)),
        )  # fmt: skip


class _Given:
    """Which values of a choice the rules can give a conclusion. What is declared open may get more writers."""

    def __init__(self, law: Law) -> None:
        self.law = law
        self.writers: dict[tuple[str, str], list[t.Term]] = {}
        for rule in law.every_rule:
            self.writers.setdefault((rule.on, rule.concludes), []).append(rule.body)
        raised = (law.linked.rules[each.target] for each in law.linked.overlays if each.raise_to is not None)
        self.raised = {(rule.on, rule.concludes) for rule in raised}
        self._known: dict[tuple[str, str], frozenset[str]] = {}

    def by(self, key: tuple[str, str], members: tuple[str, ...]) -> frozenset[str]:
        if key not in self._known:
            self._known[key] = frozenset(members)  # what reads itself, through others, can be anything
            declared = self.law.linked.declared.get(key)
            writers = self.writers.get(key)
            if writers and key not in self.raised and not (declared is not None and declared.open):
                found = (self._of(term, members) for term in writers)
                self._known[key] = frozenset().union(*found) or frozenset(members)
        return self._known[key]

    def _of(self, term: t.Term | None, members: tuple[str, ...]) -> frozenset[str]:
        match term:
            case None | t.NoValueTerm():
                return frozenset()
            case t.Constant(value):
                return frozenset({str(value)})
            case t.Sure(inner):
                return self._of(inner, members)
            case t.Choose(_, then, otherwise):
                return self._of(then, members) | self._of(otherwise, members)
            case t.DecisionTable(_, rows, otherwise):
                return frozenset().union(self._of(otherwise, members), *(self._of(row.then, members) for row in rows))
            case t.UnsettledReadings(readings):
                return frozenset().union(*(self._of(reading, members) for _, reading in readings))
            case t.Permitted(permitted):
                return frozenset(permitted)
            case t.ConclusionValue(entity, name):
                return self.by((entity.kind, name), members)
        return frozenset(members)
