"""Quantifiers, aggregates and counts: members of lists, brought together on the row that has the list.

The members of a list of parts or scalars are rows of another table; those of a written list stand beside one another in
the row itself. Where a list belongs to an entity further up, everything is computed there once and followed down; where
a test looks at both, over pairs of rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from safetyrules.engine.columnar import ends, forms
from safetyrules.engine.columnar.facts import RESIDUAL, column_form, list_scope
from safetyrules.engine.columnar.forms import EPSILON, Form, Levels, Number, Truth, Unfit
from safetyrules.engine.columnar.multiples import Multiples
from safetyrules.engine.columnar.nodes import Link, Node
from safetyrules.engine.columnar.scopes import OutOfSight, Path, Scope
from safetyrules.engine.columnar.tables import LARGEST_NUMBER, VALUE
from safetyrules.facts.schema import BooleanType, ChoiceType
from safetyrules.language import terms as t

if TYPE_CHECKING:
    from safetyrules.engine.columnar.lowering import Lowering

PartPath = tuple[Path, str]


@dataclass(frozen=True)
class Member:
    """A member, or every row of a table of members: may it be there, is it surely there, does it stand for many? A part
    is its path and kind."""

    value: Form | PartPath
    present: Node
    certain: Node
    many: Node | None = None


@dataclass(frozen=True)
class Listed:
    """Members in the rows of ``scope``, which hang by ``link`` on the row that has the list (None: they are in it)."""

    scope: Scope
    member: Member
    link: Link | None = None

    def binding(self, variable: str) -> Scope:
        value = self.member.value
        if isinstance(value, tuple):
            return self.scope.binding_part(variable, *value)
        return self.scope.binding_item(variable, value)


def quantified(lowering: Lowering, term: t.Quantified, scope: Scope) -> Form:
    return _where_the_list_is(lowering, term.operand, scope, lambda here: _quantified(lowering, term, here))


def aggregate(lowering: Lowering, term: t.Aggregate, scope: Scope) -> Form:
    return _where_the_list_is(lowering, term.operand, scope, lambda here: _aggregate(lowering, term, here))


def _where_the_list_is(lowering: Lowering, operand: t.ListTerm, scope: Scope, compute: Callable[[Scope], Form]) -> Form:
    owner = _owner(operand)
    path, kind = ((), "") if owner is None else scope.path(owner)
    if not path:
        return compute(scope)
    try:
        return lowering.followed(compute(scope.at(path, kind)), path)
    except OutOfSight:
        return compute(scope)


def _owner(operand: t.ListTerm) -> t.EntityTerm | None:
    while isinstance(operand, t.Filtered | t.Mapped):
        operand = operand.operand
    return operand.entity if isinstance(operand, t.PartsOf | t.ValuesOf) else None


# ---- lists ----------------------------------------------------------------------------------------------------------


def listed(lowering: Lowering, term: t.ListTerm, scope: Scope) -> list[Listed]:
    """The members of a list, those that only may be there included."""
    g = lowering.graph
    match term:
        case t.PartsOf(entity, fact, kind):
            return [_rows(lowering, scope, entity, list_scope(scope.path(entity)[1], fact, kind), None)]
        case t.ValuesOf(entity, fact, item):
            return [_rows(lowering, scope, entity, list_scope(scope.path(entity)[1], fact, None), item)]
        case t.ListOf(items):
            return [Listed(scope, Member(lowering.form(item, scope), g.true, g.true)) for item in items]
        case t.Filtered(operand, variable, test):
            return [_passing(lowering, each, variable, test) for each in listed(lowering, operand, scope)]
        case t.Mapped(operand, variable, test, body):
            found = []
            for each in listed(lowering, operand, scope):
                source = each if test is None else _passing(lowering, each, variable, test)
                value = lowering.form(body, source.binding(variable))
                found.append(replace(source, member=replace(source.member, value=value)))
            return found
    return list(_sector_grades(lowering, term, scope))


def _rows(lowering: Lowering, scope: Scope, entity: t.EntityTerm, link: Link, item: object) -> Listed:
    g = lowering.graph
    path, _ = scope.path(entity)
    inner: Path
    residual = g.node(link.table, "truth", "given true", (), RESIDUAL)
    if not path and scope.table == link.to:
        by, inner = link, ()
    else:
        pairing = g.pairing(scope.table, path, link)
        by, inner = pairing.outer_link, (pairing.inner_link,)
    below = scope.below(by.table, by)
    many = g.follow(residual, inner)
    value: Form | PartPath = (inner, link.table)
    if item is not None:
        column = column_form(g, link.table, VALUE, item, False, lowering.companions)  # type: ignore[arg-type]
        value = lowering.followed(column, inner)
    return Listed(below, Member(value, g.true, g.opposite(many), many), by)


def _passing(lowering: Lowering, each: Listed, variable: str, test: t.Term) -> Listed:
    g, member = lowering.graph, each.member
    passed = lowering.truth(test, each.binding(variable))
    present = g.both2(member.present, passed.true)
    certain = g.both2(member.certain, lowering.algebra.sure(passed))
    return replace(each, member=replace(member, present=present, certain=certain))


def _sector_grades(lowering: Lowering, term: t.SectorGrades, scope: Scope) -> Iterable[Listed]:
    plan, path = lowering.plan, scope.to_root(lowering)
    for name in plan.sectors:
        sector = plan.schema.sectors[name]
        if sector.grade is None:
            continue
        present = lowering.followed(_root_value(lowering, sector.present), path)
        assert isinstance(present, Truth)
        grade = lowering.concluded.get((lowering.root, sector.grade))
        form = forms.everything(lowering.graph, term.item) if grade is None else lowering.followed(grade, path)
        yield Listed(scope, Member(form, present.true, lowering.algebra.sure(present)))


def _root_value(lowering: Lowering, name: str) -> Form:
    facts = lowering.plan.schema.kinds[lowering.root].facts
    if name in facts:
        fact = facts[name]
        assert isinstance(fact.type, BooleanType)
        return column_form(lowering.graph, lowering.root, name, fact.type, fact.may_not_apply, lowering.companions)
    known = lowering.concluded.get((lowering.root, name))
    return forms.everything(lowering.graph, BooleanType()) if known is None else known


# ---- bringing together ----------------------------------------------------------------------------------------------


def _any(lowering: Lowering, each: Listed, node: Node) -> Node:
    node = lowering.graph.both2(each.member.present, node)
    return node if each.link is None else lowering.graph.gathered("any", node, each.link)


def _all(lowering: Lowering, each: Listed, node: Node) -> Node:
    """Of every member that may be there."""
    node = lowering.graph.either2(lowering.graph.opposite(each.member.present), node)
    return node if each.link is None else lowering.graph.gathered("all", node, each.link)


def _count(lowering: Lowering, each: Listed, node: Node) -> Node:
    g = lowering.graph
    one = g.where(node, g.constant(1.0), g.zero)
    return one if each.link is None else g.gathered("sum", one, each.link)


def _total(lowering: Lowering, nodes: Iterable[Node]) -> Node:
    total = lowering.graph.zero
    for node in nodes:
        total = ends.plus(lowering.graph, total, node)
    return total


def _quantified(lowering: Lowering, term: t.Quantified, scope: Scope) -> Truth:
    g = lowering.graph
    members = [
        (each, lowering.truth(term.body, each.binding(term.variable))) for each in listed(lowering, term.operand, scope)
    ]
    if term.quantifier == "exists_one":
        return _exists_one(lowering, members)
    if term.quantifier == "all":
        members = [(each, lowering.algebra.negation(body)) for each, body in members]
    true = g.either(_any(lowering, each, body.true) for each, body in members)
    false = g.both(
        _all(lowering, each, g.either2(g.opposite(each.member.certain), body.false)) for each, body in members
    )
    none = g.either(_any(lowering, each, body.none) for each, body in members)
    if none is not g.false:
        not_true = g.both(
            _all(lowering, each, g.either((g.opposite(each.member.certain), body.false, body.none)))
            for each, body in members
        )
        none = g.both2(none, not_true)
    found = Truth(true, false, none)
    return lowering.algebra.negation(found) if term.quantifier == "all" else found


def _exists_one(lowering: Lowering, members: Sequence[tuple[Listed, Truth]]) -> Truth:
    g, algebra = lowering.graph, lowering.algebra
    maybe = _total(lowering, (_count(lowering, e, g.both2(e.member.present, b.true)) for e, b in members))
    surely = _total(
        lowering,
        (_count(lowering, e, g.both((e.member.present, e.member.certain, algebra.sure(b)))) for e, b in members),
    )
    many = g.either(_any(lowering, e, g.both2(e.member.many, b.true)) for e, b in members if e.member.many is not None)
    one, two = g.constant(1.0), g.constant(2.0)
    true = g.both2(algebra.at_most((surely, None), (one, None)), algebra.at_most((one, None), (maybe, None)))
    false = g.either((
        algebra.at_most((surely, None), (g.zero, None)), algebra.at_most((two, None), (maybe, None)), many,
        # Two that are surely there are two.
        algebra.at_most((two, None), (surely, None)),
    ))  # fmt: skip
    return Truth(true, false, g.either(_any(lowering, e, b.none) for e, b in members))


def _aggregate(lowering: Lowering, term: t.Aggregate, scope: Scope) -> Form:
    members = listed(lowering, term.operand, scope)
    if term.function == "size":
        return _size(lowering, members)
    for each in members:
        assert not isinstance(each.member.value, tuple)
    if term.function == "sum":
        return _sum(lowering, members)
    if isinstance(term.type, ChoiceType):
        return _extreme_level(lowering, members, term.function == "min", term.type)
    return _extreme(lowering, members, term.function == "min", term.type)


def _size(lowering: Lowering, members: Sequence[Listed]) -> Number:
    g = lowering.graph
    least = _total(lowering, (_count(lowering, e, g.both2(e.member.present, e.member.certain)) for e in members))
    most = _total(lowering, (_count(lowering, e, e.member.present) for e in members))
    many = g.either(_any(lowering, e, e.member.many) for e in members if e.member.many is not None)
    return Number(least, g.where(many, g.infinity, most), g.false, places=0)


def _number(value: Form | PartPath) -> Number:
    if not isinstance(value, Number):
        raise Unfit
    return value


def _sum(lowering: Lowering, members: Sequence[Listed]) -> Number:
    g, algebra = lowering.graph, lowering.algebra
    whole = all(_number(each.member.value).whole for each in members)
    both: list[tuple[Node, Node]] = []
    for high in (False, True):
        totals, errors = [], []
        for each in members:
            here = _contribution(lowering, each.member, high)
            value = _number(each.member.value)
            error = g.zero if whole else ends.high_error(g, value) if high else ends.low_error(g, value)
            # Any order of adding n numbers is off by at most n - 1 steps of the sum of their sizes.
            if each.link is not None:
                if not whole:
                    error = _sum_error(lowering, here, error, each.link)
                here = g.gathered("sum", here, each.link)
            totals.append(here)
            errors.append(error)
        total, off = totals[0] if totals else g.zero, errors[0] if errors else g.zero
        for each_total, each_error in zip(totals[1:], errors[1:], strict=True):
            total, off = ends.sum_end(g, total, off, each_total, each_error)
        both.append((total, off))
    (low, low_error), (high_end, high_error) = both
    if whole:
        for end in (low, high_end):
            if not end.constant:
                algebra.doubt(g.apply("truth", "too large", end, detail=LARGEST_NUMBER))
        return Number(low, high_end, g.false, places=0)
    of = _multiples(lowering, members)
    of = None if of is None else replace(of, inverse=None)
    return Number(low, high_end, g.false, low_error, high_error, multiples=of)


def _multiples(lowering: Lowering, members: Sequence[Listed]) -> Multiples | None:
    """What the numbers of all members that may be there are multiples of."""
    g = lowering.graph
    found = forms.multiples(g, *(_number(each.member.value) for each in members))
    if found is None or found.on is g.true:
        return found
    each_of = [(each, forms.multiples_of(g, _number(each.member.value))) for each in members]
    return replace(found, on=g.both(_all(lowering, each, of.on) for each, of in each_of if of is not None))


def _sum_error(lowering: Lowering, here: Node, error: Node, link: Link) -> Node:
    g = lowering.graph
    sizes = g.gathered("sum", ends.absolute(g, here), link)
    count = g.most(ends.plus(g, g.gathered("sum", g.constant(1.0), link), g.constant(-1.0)), g.zero)
    off = ends.times(g, ends.times(g, count, g.constant(EPSILON * 2)), sizes)
    return ends.plus(g, g.gathered("sum", error, link), off)


def _contribution(lowering: Lowering, member: Member, high: bool) -> Node:
    """What a member adds at least (or at most); one that may not be there may add nothing."""
    g = lowering.graph
    value = _number(member.value)
    end = value.high if high else value.low
    none = g.most(end, g.zero) if high else g.least(end, g.zero)
    certain = g.both2(member.certain, g.opposite(value.none))
    found = g.where(certain, end, none)
    if member.many is not None:
        infinite = g.infinity if high else g.minus_infinity
        nonzero = g.apply("truth", "<", g.zero, end) if high else g.apply("truth", "<", end, g.zero)
        found = g.where(member.many, g.where(nonzero, infinite, g.zero), found)
    return g.where(g.both2(member.present, forms.some(g, value)), found, g.zero)


def summed(lowering: Lowering, members: Sequence[Member]) -> Number:
    """The sum of members beside one another."""
    nowhere = Scope(lowering.plan.schema, "", ())
    return _sum(lowering, [Listed(nowhere, member) for member in members])


def _extreme(lowering: Lowering, members: Sequence[Listed], least: bool, type_: object) -> Form:
    """The greatest: no less than any that is surely there, no more than any that may be; no value without any."""
    g = lowering.graph
    exact = all(_number(each.member.value).exact for each in members)
    sure_end, every_near, every_far, sure, there, errors = [], [], [], [], [], []
    for each in members:
        value = _number(each.member.value)
        present = g.both2(each.member.present, forms.some(g, value))
        certain = g.both((present, each.member.certain, g.opposite(value.none)))
        near, far = (value.high, value.low) if least else (value.low, value.high)
        neutral, other = (g.infinity, g.minus_infinity) if least else (g.minus_infinity, g.infinity)
        extreme = "least" if least else "most"
        opposite = "most" if least else "least"
        sure_end.append(_gathered(lowering, each, extreme, g.where(certain, near, neutral)))
        every_far.append(_gathered(lowering, each, extreme, g.where(present, far, neutral)))
        every_near.append(_gathered(lowering, each, opposite, g.where(present, near, other)))
        sure.append(_any(lowering, each, certain))
        there.append(_any(lowering, each, present))
        if not exact:
            error = g.most(ends.low_error(g, value), ends.high_error(g, value))
            errors.append(_gathered(lowering, each, "most", g.where(present, error, g.zero)))
    pick, other_pick = (g.least, g.most) if least else (g.most, g.least)
    surely, some_there = g.either(sure), g.either(there)
    near_end = g.where(surely, pick(*sure_end), other_pick(*every_near))
    far_end = pick(*every_far)
    low, high = (far_end, near_end) if least else (near_end, far_end)
    low, high = g.where(some_there, low, g.infinity), g.where(some_there, high, g.minus_infinity)
    off = None if exact else g.most(*errors)
    whole = all(_number(each.member.value).whole for each in members)
    of = _multiples(lowering, members)
    return Number(low, high, g.opposite(surely), off, off, 0 if whole else None, of)


def _gathered(lowering: Lowering, each: Listed, operation: str, node: Node) -> Node:
    return node if each.link is None else lowering.graph.gathered(operation, node, each.link)


def _extreme_level(lowering: Lowering, members: Sequence[Listed], least: bool, type_: ChoiceType) -> Levels:
    g = lowering.graph
    spread = []
    for each in members:
        value = each.member.value
        if not isinstance(value, forms.Levels | forms.Code):
            raise Unfit
        spread.append((each, forms.levels(g, value)))
    found = []
    for place in range(len(type_.members)):
        inside = range(place, len(type_.members)) if least else range(place + 1)
        here = g.either(_any(lowering, each, form.members[place]) for each, form in spread)
        none_beyond = g.both(
            _all(
                lowering,
                each,
                g.either((g.opposite(each.member.certain), form.none, *(form.members[i] for i in inside))),
            )
            for each, form in spread
        )
        found.append(g.both2(here, none_beyond))
    none = g.both(_all(lowering, each, g.either2(g.opposite(each.member.certain), form.none)) for each, form in spread)
    return Levels(type_, tuple(found), none)


# ---- findings -------------------------------------------------------------------------------------------------------


def finding_count(lowering: Lowering, term: t.FindingCount) -> Form:
    """Bounds of the number of clauses (or instances) found; without a list in force anything is possible."""
    g = lowering.graph
    if term.sector not in lowering.plan.findings:
        return Number(g.zero, g.infinity, g.false, places=0)
    least: dict[object, list[Node]] = {}
    most: dict[object, list[Node]] = {}
    boundless = []
    for conclusion in lowering.plan.findings[term.sector]:
        if term.severity not in (conclusion.severity, "any") or conclusion.on not in lowering.kinds:
            continue
        found = lowering.concluded[conclusion.key]
        assert isinstance(found, Truth)
        surely, residual = lowering.algebra.sure(found), g.false
        if conclusion.on != lowering.root:
            residual = g.node(conclusion.on, "truth", "given true", (), RESIDUAL)
            surely = g.both2(surely, g.opposite(residual))
        clause = conclusion.key if term.instances else conclusion.counted_as
        least.setdefault(clause, []).append(_at_root(lowering, conclusion.on, surely, term.instances))
        most.setdefault(clause, []).append(_at_root(lowering, conclusion.on, found.true, term.instances))
        if term.instances:
            boundless.append(_at_root(lowering, conclusion.on, g.both2(found.true, residual), False))
    low, high = (_counted(lowering, counts.values(), term.instances) for counts in (least, most))
    return Number(low, g.where(g.either(boundless), g.infinity, high), g.false, places=0)


def _at_root(lowering: Lowering, table: str, node: Node, count: bool) -> Node:
    g = lowering.graph
    if count:
        node = g.where(node, g.constant(1.0), g.zero)
    for link in lowering.up_to_root(table):
        node = g.gathered("sum" if count else "any", node, link)
    return node


def _counted(lowering: Lowering, groups: Iterable[list[Node]], count: bool) -> Node:
    g = lowering.graph
    if count:
        return _total(lowering, (node for group in groups for node in group))
    once = [g.either(group) for group in groups]
    fixed = sum(node is g.true for node in once)
    open_ = sorted({n.number: n for n in once if not n.constant}.items())
    # The same column may stand for several clauses: it counts for each.
    times = [sum(node is n for node in once) for _, n in open_]
    counted = [n for (_, n), often in zip(open_, times, strict=True) for _ in range(often)]
    total = g.constant(float(fixed))
    if counted:
        total = ends.plus(g, total, g.apply("number", "count", *counted))
    return total
