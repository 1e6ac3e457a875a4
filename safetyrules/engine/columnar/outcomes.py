"""Conditionals, decision tables, exceptions, permissions and several writers, on columns."""

from __future__ import annotations

from collections.abc import Sequence
from fractions import Fraction
from typing import TYPE_CHECKING

from safetyrules.engine.accumulating import accumulated
from safetyrules.engine.columnar import forms
from safetyrules.engine.columnar.forms import Code, Form, Levels, Number, Truth, Unfit
from safetyrules.engine.columnar.members import Member, summed
from safetyrules.engine.columnar.nodes import Node
from safetyrules.engine.columnar.tables import ASSUMED, HIGH, LOW, NONE, SET
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t

if TYPE_CHECKING:
    from safetyrules.engine.columnar.lowering import Lowering
    from safetyrules.engine.columnar.scopes import Scope


def among(lowering: Lowering, operand: Form, constants: Sequence[t.Constant]) -> Truth:
    """``operand in [constants]``."""
    g, algebra = lowering.graph, lowering.algebra
    has = forms.some(g, operand)
    match operand:
        case Number():
            values = [forms.constant(g, constant.value, constant.type) for constant in constants]
            equal = [algebra.compare("==", forms.with_none(operand, g.false), value) for value in values]
            true, false = g.either(e.true for e in equal), g.both(e.false for e in equal)
            return Truth(g.both2(has, true), g.both2(has, false), operand.none)
        case Truth():
            named = {bool(constant.value) for constant in constants}
            both = ((True, operand.true), (False, operand.false))
            true = g.either(node for value, node in both if value in named)
            return Truth(true, g.either(node for value, node in both if value not in named), operand.none)
        case Levels(type_, members, none):
            places = {type_.members.index(str(constant.value)) for constant in constants}
            inside = g.either(m for i, m in enumerate(members) if i in places)
            return Truth(inside, g.either(m for i, m in enumerate(members) if i not in places), none)
    return _code_among(lowering, operand, constants)


def _code_among(lowering: Lowering, operand: Code, constants: Sequence[t.Constant]) -> Truth:
    g = lowering.graph
    if isinstance(operand.type, ChoiceType):
        places = {operand.type.members.index(str(constant.value)) for constant in constants}
        inside = g.either(forms.same(g, operand.value, g.constant(place)) for place in sorted(places))
        may_be_out = g.constant(len(places) < len(operand.type.members))
    else:
        inside = g.either(forms.same(g, operand.value, g.constant(str(c.value))) for c in constants)
        may_be_out = g.true
    unknown = g.opposite(operand.known)
    may_be_in = g.true
    if operand.sets is not None:
        named = {str(constant.value) for constant in constants}
        held, with_value = operand.sets.some(g), operand.sets.told(g, lambda each: each.and_value)
        may_be_in = g.either((
            g.opposite(held), operand.sets.told(g, lambda each: bool(each.texts & named)), g.both2(with_value, inside),
        ))  # fmt: skip
        may_be_out = g.either((
            g.opposite(held), operand.sets.told(g, lambda each: bool(each.texts - named)),
            g.both2(with_value, g.opposite(inside)),
        ))  # fmt: skip
    true = g.both2(operand.some, g.either2(g.both2(operand.known, inside), g.both2(unknown, may_be_in)))
    false = g.both2(operand.some, g.where(operand.known, g.opposite(inside), may_be_out))
    return Truth(true, false, operand.none)


def choose(lowering: Lowering, term: t.Choose, scope: Scope) -> Form:
    test = lowering.truth(term.test, scope)
    return lowering.algebra.joined([
        (test.true, lowering.form(term.then, scope)),
        (test.false, lowering.form(term.otherwise, scope)),
        (test.none, forms.nothing(lowering.graph, term.then.type)),
    ])  # fmt: skip


def permitted(lowering: Lowering, term: t.Permitted, scope: Scope) -> Levels:
    """A decision that may be outside what is permitted settles nothing."""
    g = lowering.graph
    allowed = [member in term.permitted for member in term.type.members]
    if term.settled_by is None:
        return Levels(term.type, tuple(g.constant(each) for each in allowed), g.false)
    decision = forms.levels(g, lowering.form(term.settled_by, scope))
    outside = g.either((decision.none, *(m for m, each in zip(decision.members, allowed, strict=True) if not each)))
    members = tuple(
        g.either2(outside, m) if each else g.false for m, each in zip(decision.members, allowed, strict=True)
    )
    return Levels(term.type, members, g.false)


# ---- decision tables ------------------------------------------------------------------------------------------------


def table(lowering: Lowering, term: t.DecisionTable, scope: Scope) -> Form:
    rows = [(lowering.truth(row.when, scope), row.then) for row in term.rows]
    match term.hit:
        case "first":
            return _first(lowering, term, rows, scope)
        case "unique" | "any":
            return _united(lowering, term, rows, scope)
        case "collect sum" | "collect count":
            return _summed(lowering, term, rows, scope)
    return _ranked(lowering, term, rows, scope)


Rows = Sequence[tuple[Truth, t.Term]]


def _otherwise(lowering: Lowering, term: t.DecisionTable, scope: Scope) -> Form:
    if term.otherwise is None:
        return forms.nothing(lowering.graph, term.type)
    return lowering.form(term.otherwise, scope)


def _first(lowering: Lowering, term: t.DecisionTable, rows: Rows, scope: Scope) -> Form:
    g, algebra = lowering.graph, lowering.algebra
    undecided = g.true
    cases: list[tuple[Node, Form]] = []
    for when, then in rows:
        cases.append((g.both2(undecided, when.true), lowering.form(then, scope)))
        undecided = g.both2(undecided, g.opposite(algebra.sure(when)))
    if term.exhaustive:
        undecided = g.both2(undecided, g.opposite(g.either(case for case, _ in cases)))
    cases.append((undecided, _otherwise(lowering, term, scope)))
    return algebra.joined(cases)


def _united(lowering: Lowering, term: t.DecisionTable, rows: Rows, scope: Scope) -> Form:
    g, algebra = lowering.graph, lowering.algebra
    cases = [(when.true, lowering.form(then, scope)) for when, then in rows]
    missing = g.opposite(g.either(algebra.sure(when) for when, _ in rows))
    if term.exhaustive:
        missing = g.both2(missing, g.opposite(g.either(case for case, _ in cases)))
    return algebra.joined([*cases, (missing, _otherwise(lowering, term, scope))])


def _ranked(lowering: Lowering, term: t.DecisionTable, rows: Rows, scope: Scope) -> Form:
    g, algebra = lowering.graph, lowering.algebra
    least = term.hit in ("collect min", "priority")
    result: Form
    if isinstance(term.type, ChoiceType):
        members = [(when.true, algebra.sure(when), forms.levels(g, lowering.form(then, scope))) for when, then in rows]
        result = algebra.greatest_level(members, least, term.type)
    else:
        result = forms.nothing(g, term.type)
        for when, then in rows:
            here = lowering.form(then, scope)
            assert isinstance(result, Number)
            assert isinstance(here, Number)
            raised = algebra.greatest(result, here, least)
            result = algebra.joined([(g.opposite(algebra.sure(when)), result), (when.true, raised)])
    has = forms.some(g, result)
    silent = g.both2(result.none, g.opposite(has)) if term.exhaustive else result.none
    cases = [(has, forms.with_none(result, g.false)), (silent, _otherwise(lowering, term, scope))]
    return algebra.joined(cases)


def _summed(lowering: Lowering, term: t.DecisionTable, rows: Rows, scope: Scope) -> Form:
    g = lowering.graph
    members = []
    for when, then in rows:
        one = forms.constant(g, Fraction(1), t.INTEGER) if term.hit == "collect count" else lowering.number(then, scope)
        assert isinstance(one, Number)
        members.append(Member(one, when.true, lowering.algebra.sure(when)))
    return summed(lowering, members)


# ---- exceptions and writers -----------------------------------------------------------------------------------------


def excepted(lowering: Lowering, base: t.Term, branches: Sequence[t.ExceptionBranch], scope: Scope) -> Form:
    g, algebra = lowering.graph, lowering.algebra
    cases: list[tuple[Node, Form]] = []
    sure: list[Node] = []
    for branch in branches:
        when = lowering.truth(branch.when, scope)
        if branch.recorded:
            decided = _decided(lowering, branch, scope)
            when = algebra.conjunction([when, Truth(decided, g.opposite(decided), g.false)])
        outcome = (
            forms.nothing(g, base.type)
            if branch.then is None
            else excepted(lowering, branch.then, branch.exceptions, scope)
        )
        cases.append((when.true, outcome))
        sure.append(algebra.sure(when))
    cases.append((g.opposite(g.either(sure)), lowering.form(base, scope)))
    return algebra.joined(cases)


def _decided(lowering: Lowering, branch: t.ExceptionBranch, scope: Scope) -> Node:
    """Was the decision recorded, in any form that has a value?"""
    g = lowering.graph
    assert isinstance(branch.then, t.FactValue)
    path, kind = scope.path(branch.then.entity)
    fact = branch.then.fact
    given = [g.opposite(g.node(kind, "truth", "missing", (), fact))]
    for suffix in (LOW, HIGH, SET):
        if (kind, fact + suffix) in lowering.companions:
            given.append(g.opposite(g.node(kind, "truth", "missing", (), fact + suffix)))
    found = g.either(given)
    if (kind, fact + NONE) in lowering.companions:
        found = g.both2(found, g.opposite(g.node(kind, "truth", "given true", (), fact + NONE)))
    if (kind, fact + ASSUMED) in lowering.companions:
        found = g.both2(found, g.opposite(g.node(kind, "truth", "given true", (), fact + ASSUMED)))
    return g.follow(found, path)


def written(lowering: Lowering, term: t.Written, scope: Scope) -> Form:
    """What a writer says stands where every writer that prevails over it may be silent."""
    g = lowering.graph
    if term.accumulates:
        truths = [lowering.truth(writer.term, scope) for writer in term.writers]
        return Truth(*accumulated(term, [(each.true, each.false, each.none) for each in truths], g.both, g.either))
    said = [lowering.form(writer.term, scope) for writer in term.writers]
    cases: list[tuple[Node, Form]] = []
    for number, form in enumerate(said):
        silent = g.both(said[i].none for i, writer in enumerate(term.writers) if number in writer.beats)
        cases.append((g.both2(silent, forms.some(g, form)), forms.with_none(form, g.false)))
    cases.append((g.both(form.none for form in said), forms.nothing(g, term.type)))
    if not cases:
        raise Unfit
    return lowering.algebra.joined(cases)
