"""What makes the steps of explanations: one function for each term of a plan.

What of a step the plan settles (its words, its type, what stands inside) is settled when the function is made; it
leaves the values and what matters.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Literal, cast

from safetyrules.engine import algebra
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import plain
from safetyrules.explanation.evaluate import Spot, value_of
from safetyrules.language import terms as t
from safetyrules.language.term_trees import children
from safetyrules.values import FALSE, TRUE

if TYPE_CHECKING:
    from safetyrules.explanation.steps import Steps
    from safetyrules.explanation.view import PlanView

_INNER = (t.Quantified, t.Aggregate, t.FindingCount, t.LookupValue, t.UnsettledReadings, t.DecisionTable)
_SIMPLE = (t.FactValue, t.ConclusionValue, t.ItemValue, t.Comparison, t.Among, t.Applicable, t.TextFunction)
#: Makes the step of one term: at a place, and whether it matters there.
Make = Callable[["Steps", Spot, bool], r.Step]
About = t.EntityTerm | None
Readable = t.FactValue | t.ConclusionValue | t.ItemValue


# ---- terms ----------------------------------------------------------------------------------------------------------


def maker(view: PlanView, term: t.Term, about: About) -> Make:
    """The function that makes the step of a term of the view's plan."""
    key = (id(term), about)
    found = view.steps.get(key)
    if found is None:
        found = view.steps[key] = _made(view, term, about)
    return found


def _made(view: PlanView, term: t.Term, about: About) -> Make:
    match term:
        case t.Sure(inner):
            return maker(view, inner, about)
        case t.Constant(literal, type_):
            constant = algebra.exactly(literal)
            same = [r.Atom(plain(literal, type_), constant, type_, matters) for matters in (False, True)]
            return lambda steps, place, matters: same[matters]
        case t.Junction():
            return _junction(view, term, about)
        case t.Not(operand) if not isinstance(_bare(operand), _SIMPLE):
            return _not(view, term, operand, about)
        case t.Quantified():
            return lambda steps, place, matters: steps.quantified(term, place, matters, about)
        case t.Aggregate() if not isinstance(term.operand, t.ListOf):
            return lambda steps, place, matters: steps.aggregate(term, place, matters, about)
        case t.Choose():
            return _choose(view, term, about)
        case t.DecisionTable():
            return _table(view, term, about)
        case t.UnsettledReadings():
            return _readings(view, term, about)
        case t.Permitted():
            return lambda steps, place, matters: steps.permission(term, place, matters)
        case t.FindingCount():
            return lambda steps, place, matters: steps.count(term, place, matters, about)
        case t.LookupValue():
            return lambda steps, place, matters: steps.lookup(term, place, matters, about)
        case t.Unassigned(type_):
            return lambda steps, place, matters: r.Undecided(steps.replay.value(term, place), type_, matters)
    return _atom(view, term, about)


def _atom(view: PlanView, term: t.Term, about: About) -> Make:
    words = view.words.condition(term, about) if term.type == t.BOOLEAN else view.words.value(term, about)
    value, type_ = value_of(view, term), term.type
    details = [maker(view, each, about) for each in view.static("inner", term, _details)]
    read = view.static("outer", term, outer)
    here = _here(read)
    if details or here is None:

        def atom(steps: Steps, place: Spot, matters: bool) -> r.Step:
            inside = tuple([each(steps, place, matters) for each in details]) if details else ()
            reads = tuple(steps.reads(read, place, matters))
            return r.make(r.Atom, (words, value(steps.reference, place), type_, matters, reads, inside))

        return atom

    def simple(steps: Steps, place: Spot, matters: bool) -> r.Step:
        entity = place.entity
        reads = tuple(
            [steps.fact(entity, name) if of_fact else steps.concluded(entity, name, matters) for of_fact, name in here]
        )
        return r.make(r.Atom, (words, value(steps.reference, place), type_, matters, reads, ()))

    if len(here) != 1:
        return simple
    ((of_fact, name),) = here

    def fact(steps: Steps, place: Spot, matters: bool) -> r.Step:
        entity = place.entity
        read = steps.facts.get((entity, name, entity is steps.home)) or steps.fact(entity, name)
        return r.make(r.Atom, (words, value(steps.reference, place), type_, matters, (read,), ()))

    def conclusion(steps: Steps, place: Spot, matters: bool) -> r.Step:
        read = steps.concluded(place.entity, name, matters)
        return r.make(r.Atom, (words, value(steps.reference, place), type_, matters, (read,), ()))

    return fact if of_fact else conclusion


def _here(read: tuple[Readable, ...]) -> tuple[tuple[bool, str], ...] | None:
    """Whether fact and the name of each thing read, where all belong to the entity that the rule is on; else None."""
    found: dict[tuple[bool, str], None] = {}
    for each in read:
        if isinstance(each, t.ItemValue) or not isinstance(each.entity, t.Up) or each.entity.levels != 0:
            return None
        found[(True, each.fact) if isinstance(each, t.FactValue) else (False, each.conclusion)] = None
    return tuple(found)


def _junction(view: PlanView, term: t.Junction, about: About) -> Make:
    words, value, type_ = view.words.condition(term, about), value_of(view, term), term.type
    decided = FALSE if term.operator == "&&" else TRUE
    name: Literal["all", "any"] = "all" if term.operator == "&&" else "any"
    operands = [(value_of(view, each), maker(view, each, about)) for each in term.operands]

    def junction(steps: Steps, place: Spot, matters: bool) -> r.Step:
        of = steps.reference
        found = value(of, place)
        if matters and found is decided:
            inside = [make(steps, place, operand(of, place) is decided) for operand, make in operands]
        else:
            inside = [make(steps, place, matters) for _, make in operands]
        return r.make(r.Group, (name, words, found, type_, matters, tuple(inside)))

    return junction


def _not(view: PlanView, term: t.Not, operand: t.Term, about: About) -> Make:
    words, value, type_, inside = view.words.condition(term, about), value_of(view, term), term.type, operand
    make = maker(view, inside, about)

    def negation(steps: Steps, place: Spot, matters: bool) -> r.Step:
        step = make(steps, place, matters)
        return r.make(r.Group, ("not", words, value(steps.reference, place), type_, matters, (step,)))

    return negation


def _choose(view: PlanView, term: t.Choose, about: About) -> Make:
    value, test, type_ = value_of(view, term), value_of(view, term.test), term.type
    make_test, make_then, make_otherwise = (maker(view, each, about) for each in (term.test, term.then, term.otherwise))

    def choose(steps: Steps, place: Spot, matters: bool) -> r.Step:
        outcomes = test(steps.reference, place).outcomes
        then = make_then(steps, place, matters) if True in outcomes else None
        otherwise = make_otherwise(steps, place, matters) if False in outcomes else None
        tested = make_test(steps, place, matters)
        return r.make(r.Branch, (value(steps.reference, place), type_, matters, tested, then, otherwise))

    return choose


def _readings(view: PlanView, term: t.UnsettledReadings, about: About) -> Make:
    parameter, value = f"{term.ruleset}/{term.parameter}", value_of(view, term)
    declared = view.linked.parameters[term.ruleset, term.parameter]
    readings = [(name, plain(name, declared.type), maker(view, each, about)) for name, each in term.readings]

    def step(steps: Steps, place: Spot, matters: bool) -> r.Step:
        found = tuple([r.Reading(name, title, make(steps, place, matters)) for name, title, make in readings])
        united = value(steps.reference, place)
        return r.Readings(parameter, declared.title, united, term.type, matters, found)

    return step


def _table(view: PlanView, term: t.DecisionTable, about: About) -> Make:
    value, ranked = value_of(view, term), term.hit in ("collect max", "collect min", "priority")
    last = maker(view, term.otherwise, about) if term.otherwise is not None else None
    rows = [
        (
            number,
            value_of(view, row.when),
            maker(view, row.when, about),
            maker(view, row.then, about),
            view.words.condition(row.when, about),
            tuple(view.cite(clause) for clause in row.clauses),
        )
        for number, row in enumerate(term.rows, start=1)
    ]

    def table(steps: Steps, place: Spot, matters: bool) -> r.Step:
        found: list[r.Row] = []
        decided = sure = open_ = False
        idle = steps.idle(term, place) if ranked else ()
        for number, when, make_when, make_then, words, clauses in rows:
            counts = matters and not decided and number not in idle
            then = make_then(steps, place, counts)
            if decided:
                found.append(r.make(r.Row, (number, "not_reached", False, words, None, then, clauses)))
                continue
            outcomes = when(steps.reference, place)
            standing: r.RowStanding = (
                "holds" if outcomes is TRUE else "may_hold" if True in outcomes.outcomes else "does_not_hold"
            )
            found.append(
                r.make(r.Row, (number, standing, counts, words, make_when(steps, place, counts), then, clauses))
            )
            sure, open_ = sure or standing == "holds", open_ or standing == "may_hold"
            decided = term.hit == "first" and outcomes is TRUE
        otherwise = None
        if last is not None and not sure and not (term.exhaustive and open_):
            otherwise = last(steps, place, matters)
        return r.make(r.Table, (term.hit, value(steps.reference, place), term.type, matters, tuple(found), otherwise))

    return table


# ---- what stands inside a term --------------------------------------------------------------------------------------


def _bare(term: t.Term) -> t.Term:
    return term.term if isinstance(term, t.Sure) else term


def _explained(term: object) -> bool:
    """Is a term explained by a step of its own?"""
    return isinstance(term, _INNER) and not (isinstance(term, t.Aggregate) and isinstance(term.operand, t.ListOf))


def _details(term: t.Term) -> tuple[t.Term, ...]:
    """The outermost counts, lookups and lists inside a term."""
    found: list[t.Term] = []
    pending = [] if _explained(term) else list(children(term))
    while pending:
        each = pending.pop(0)
        if _explained(each):
            found.append(cast(t.Term, each))
        else:
            pending[:0] = children(each)
    return tuple(found)


def outer(term: t.Term) -> tuple[Readable, ...]:
    """The facts, conclusions and items that a term reads outside its details; of a lookup its keys."""
    found: list[Readable] = []
    pending: list[object] = [term]
    while pending:
        each = pending.pop(0)
        if isinstance(each, t.FactValue | t.ConclusionValue | t.ItemValue):
            found.append(each)
        elif isinstance(each, t.LookupValue):
            pending[:0] = each.keys
        elif not _explained(each):
            pending[:0] = children(each)
    return tuple(found)
