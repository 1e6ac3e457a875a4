"""Which rules each term becomes. Outcome by outcome the same as the reference interpreter, whose sets these carry."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Iterator

from safetyrules.engine import algebra
from safetyrules.engine.accumulating import accumulated
from safetyrules.engine.chained.atoms import Recorded, is_atom
from safetyrules.engine.chained.horn import ALWAYS
from safetyrules.engine.chained.rules import Body, KindRules, Literal, Node, joined
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t
from safetyrules.values import NOTHING, Finite, Outcome

#: Pairs of outcomes that one comparison may become; beyond it is decided as an atom.
PAIRS = 96


def lowered(k: KindRules, term: t.Term) -> Node:
    """The node of a term of a finite type."""
    known = k.nodes.get(term)
    if known is None:
        known = k.nodes[term] = k.atom(term) if is_atom(term) else _structure(k, term)
    return known


def _structure(k: KindRules, term: t.Term) -> Node:
    match term:
        case t.Constant(literal):
            assert isinstance(literal, bool | str)
            return {literal: ALWAYS}
        case t.NoValueTerm():
            return {NOTHING: ALWAYS}
        case t.Unassigned(type_):
            everything = algebra.everything(type_)
            assert isinstance(everything, Finite)
            outcomes = sorted(everything.outcomes, key=str)
            return dict.fromkeys((*outcomes, NOTHING) if term.may_be_nothing else outcomes, ALWAYS)
        case t.ConclusionValue(_, name):
            return k.conclusions[name]
        case t.Not(operand):
            node = lowered(k, operand)
            return {o if o is NOTHING else not o: literal for o, literal in node.items()}
        case t.Junction():
            return _junction(k, term)
        case t.Choose(test, then, otherwise):
            which = lowered(k, test)
            clauses = [
                *_where(which.get(True), lowered(k, then) if True in which else {}),
                *_where(which.get(False), lowered(k, otherwise) if False in which else {}),
                (NOTHING, joined(which.get(NOTHING))),
            ]
            return k.define(term, clauses)
        case t.UnsettledReadings(readings):
            return k.define(term, _united(lowered(k, reading) for _, reading in readings))
        case t.Comparison():
            return _comparison(k, term)
        case t.Among(operand, constants):
            members = {constant.value for constant in constants}
            held = ((o if o is NOTHING else o in members, joined(p)) for o, p in lowered(k, operand).items())
            return k.define(term, held)
        case t.Applicable(operand):
            return k.define(term, ((o is not NOTHING, joined(p)) for o, p in lowered(k, operand).items()))
        case t.Sure(inner):
            node = lowered(k, inner)
            return k.define(term, ((o, _sure(k, node, o)) for o in node))
        case t.Permitted():
            return _permitted(k, term)
        case t.DecisionTable():
            return _table(k, term)
        case t.Excepted(base, exceptions):
            return _excepted(k, term, base, exceptions)
        case t.Written():
            return _written(k, term)
    raise AssertionError(f"not chained: {term!r}")


def _where(test: Literal, node: Node) -> Iterator[tuple[Outcome, Body | None]]:
    """The outcomes of ``node``, each where ``test`` holds too."""
    return ((outcome, joined(test, literal)) for outcome, literal in node.items())


def _united(nodes: Iterable[Node]) -> Iterator[tuple[Outcome, Body | None]]:
    return (clause for node in nodes for clause in _where(ALWAYS, node))


def _not_true(k: KindRules, node: Node) -> Literal:
    """May this test be other than true?"""
    return k.either(node.get(False), node.get(NOTHING))


# ---- operators ------------------------------------------------------------------------------------------------------


def _junction(k: KindRules, term: t.Junction) -> Node:
    """Kleene with "no value": the deciding outcome is possible where one operand may have it; the others are carried
    along the operands, one by one."""
    deciding = term.operator == "||"
    nodes = [lowered(k, operand) for operand in term.operands]
    clauses: list[tuple[Outcome, Body | None]] = [(deciding, joined(node.get(deciding))) for node in nodes]
    if not any(NOTHING in node for node in nodes):
        clauses.append((not deciding, joined(*(node.get(not deciding) for node in nodes))))
        return k.define(term, clauses)
    plain, nothing = nodes[0].get(not deciding), nodes[0].get(NOTHING)
    for node in nodes[1:]:
        here, none = node.get(not deciding), node.get(NOTHING)
        nothing = k.either(k.all_of(nothing, k.either(here, none)), k.all_of(plain, none))
        plain = k.all_of(plain, here)
    clauses += [(not deciding, joined(plain)), (NOTHING, joined(nothing))]
    return k.define(term, clauses)


def _comparison(k: KindRules, term: t.Comparison) -> Node:
    left, right = lowered(k, term.left), lowered(k, term.right)
    if len(left) * len(right) > PAIRS:
        return k.atom(term)
    type_ = term.left.type if isinstance(term.left.type, ChoiceType) else term.right.type
    clauses: list[tuple[Outcome, Body | None]] = []
    for one, here in left.items():
        for two, there in right.items():
            if one is NOTHING or two is NOTHING:
                outcome: Outcome = NOTHING
            else:
                held = algebra.compare(term.operator, Finite(frozenset({one})), Finite(frozenset({two})), type_)
                (outcome,) = held.outcomes
            clauses.append((outcome, joined(here, there)))
    return k.define(term, clauses)


def _sure(k: KindRules, node: Node, outcome: Outcome) -> Body | None:
    """ "No value" stays only where nothing else is possible."""
    if outcome is not NOTHING:
        return joined(node[outcome])
    return joined(node[outcome], *(k.absent(literal) for other, literal in node.items() if other is not NOTHING))


def _permitted(k: KindRules, term: t.Permitted) -> Node:
    """A decision that may be outside what is permitted may settle nothing."""
    if term.settled_by is None:
        return dict.fromkeys(term.permitted, ALWAYS)
    decision = lowered(k, term.settled_by)
    outside = k.either(*(literal for outcome, literal in decision.items() if outcome not in term.permitted))
    clauses = ((o, joined(literal)) for o in term.permitted for literal in (decision.get(o), outside))
    return k.define(term, clauses)


# ---- tables ---------------------------------------------------------------------------------------------------------


def _table(k: KindRules, term: t.DecisionTable) -> Node:
    if term.hit == "first":
        return _first(k, term)
    return _any(k, term) if term.hit in ("unique", "any") else _ranked(k, term)


def _otherwise(k: KindRules, term: t.DecisionTable) -> Node:
    return {NOTHING: ALWAYS} if term.otherwise is None else lowered(k, term.otherwise)


def _none_possible(k: KindRules, term: t.DecisionTable) -> Literal:
    """That no row may be true. The `otherwise` of a table proved exhaustive stands only there."""
    return k.all_of(*(k.absent(lowered(k, row.when).get(True)) for row in term.rows))


def _first(k: KindRules, term: t.DecisionTable) -> Node:
    """A row is reached where every row before it may be other than true."""
    clauses: list[tuple[Outcome, Body | None]] = []
    reached: Literal = ALWAYS
    for row in term.rows:
        when = lowered(k, row.when)
        here = k.all_of(reached, when.get(True))
        if here is not None:
            clauses += _where(here, lowered(k, row.then))
        reached = k.all_of(reached, _not_true(k, when))
    last = _none_possible(k, term) if term.exhaustive else reached
    return k.define(term, [*clauses, *_where(last, _otherwise(k, term))])


def _any(k: KindRules, term: t.DecisionTable) -> Node:
    clauses: list[tuple[Outcome, Body | None]] = []
    whens = [lowered(k, row.when) for row in term.rows]
    for row, when in zip(term.rows, whens, strict=True):
        if True in when:
            clauses += _where(when[True], lowered(k, row.then))
    last = _none_possible(k, term) if term.exhaustive else k.all_of(*(_not_true(k, when) for when in whens))
    return k.define(term, [*clauses, *_where(last, _otherwise(k, term))])


def _ranked(k: KindRules, term: t.DecisionTable) -> Node:
    """The best level so far, row by row: each row may leave it as it is, or better it."""
    assert isinstance(term.type, ChoiceType)
    order = term.type.members.index
    pick = min if term.hit in ("collect min", "priority") else max
    state: Node = {NOTHING: ALWAYS}
    for number, row in enumerate(term.rows):
        when = lowered(k, row.when)
        stays = list(_where(_not_true(k, when), state))
        if True in when:
            then = lowered(k, row.then)
            for before, literal in state.items():
                for level, possible in then.items():
                    both = [str(each) for each in (before, level) if each is not NOTHING]
                    better: Outcome = pick(both, key=order) if both else NOTHING
                    stays.append((better, joined(literal, when[True], possible)))
        state = k.define((term, "row", number), stays)
    undecided = state.get(NOTHING)
    levels = [(o, joined(literal)) for o, literal in state.items() if o is not NOTHING]
    if term.exhaustive:
        nothing_else = (k.absent(literal) for o, literal in state.items() if o is not NOTHING)
        undecided = k.all_of(undecided, *nothing_else)
    return k.define(term, [*levels, *_where(undecided, _otherwise(k, term))])


# ---- exceptions and writers -----------------------------------------------------------------------------------------


def _excepted(k: KindRules, label: Hashable, base: t.Term, branches: tuple[t.ExceptionBranch, ...]) -> Node:
    """The base stands where every exception may be other than true; each exception where it may be true."""
    clauses: list[tuple[Outcome, Body | None]] = []
    standing: Literal = ALWAYS
    for branch in branches:
        when = _branch_when(k, branch)
        if True in when:
            if branch.then is None:
                outcome: Node = {NOTHING: ALWAYS}
            else:
                outcome = _excepted(k, branch, branch.then, branch.exceptions)
            clauses += _where(when[True], outcome)
        standing = k.all_of(standing, _not_true(k, when))
    return k.define(label, [*clauses, *_where(standing, lowered(k, base))])


def _branch_when(k: KindRules, branch: t.ExceptionBranch) -> Node:
    when = lowered(k, branch.when)
    if not branch.recorded:
        return when
    assert isinstance(branch.then, t.FactValue)
    given = k.atom(Recorded(branch.then))
    clauses: list[tuple[Outcome, Body | None]] = [
        (True, joined(when.get(True), given[True])),
        (False, joined(when.get(False))),
        (False, joined(given[False])),
        (NOTHING, joined(when.get(NOTHING), given[True])),
    ]
    return k.define(("recorded", branch), clauses)


def _written(k: KindRules, term: t.Written) -> Node:
    """What a writer says stands where every writer that prevails over it may be silent."""
    said = [lowered(k, writer.term) for writer in term.writers]
    if term.accumulates:
        outcomes: tuple[Outcome, ...] = (True, False, NOTHING)
        found = accumulated(
            term,
            [(node.get(True), node.get(False), node.get(NOTHING)) for node in said],
            lambda literals: k.all_of(*literals),
            lambda literals: k.either(*literals),
        )
        return k.define(term, ((o, joined(literal)) for o, literal in zip(outcomes, found, strict=True)))
    clauses: list[tuple[Outcome, Body | None]] = []
    for number, node in enumerate(said):
        prevailing = [said[i].get(NOTHING) for i, writer in enumerate(term.writers) if number in writer.beats]
        silent = k.all_of(*prevailing)
        clauses += _where(silent, {o: literal for o, literal in node.items() if o is not NOTHING})
    clauses.append((NOTHING, joined(*(node.get(NOTHING) for node in said))))
    return k.define(term, clauses)
