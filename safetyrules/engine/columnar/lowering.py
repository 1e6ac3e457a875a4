"""From a plan to a graph of columns: `lower` evaluates every conclusion once, for all entities of its kind at a time.

The cases are those of `safetyrules.engine.reference`, and mean the same.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from safetyrules.engine.columnar import forms, members, outcomes
from safetyrules.engine.columnar.algebra import Algebra
from safetyrules.engine.columnar.dates import date_function
from safetyrules.engine.columnar.facts import fact_form, list_scope
from safetyrules.engine.columnar.forms import MOST_LEVELS, Code, Form, Number, Truth, Unfit, levels
from safetyrules.engine.columnar.lookups import lookup
from safetyrules.engine.columnar.nodes import Graph, Link, Node
from safetyrules.engine.columnar.scopes import Scope, whole_kind
from safetyrules.engine.columnar.texts import text_function
from safetyrules.facts.schema import ChoiceType, PartsType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.plan import Plan


@dataclass(frozen=True)
class Lowered:
    """``conclusions`` gives the columns of each conclusion, ``doubtful`` the rows (by table) that only exact arithmetic
    settles; ``companions`` names the fact columns that the graph reads beside the plain ones."""

    plan: Plan
    root: str
    graph: Graph
    conclusions: dict[tuple[str, str], Form]
    doubtful: Node


def lower(plan: Plan, root: str, as_of: date, companions: frozenset[tuple[str, str]]) -> Lowered:
    """The columns of a plan. ``companions`` names the companion columns (`tables`) that the facts have, by table.

    Raises Unfit where the columns cannot hold something that the plan computes.
    """
    lowering = Lowering(plan, root, as_of, companions)
    for conclusion in plan.conclusions:
        if conclusion.on in lowering.kinds:
            scope = whole_kind(plan.schema, conclusion.on)
            lowering.concluded[conclusion.key] = lowering.concluding(conclusion.term, scope)
    doubtful = [lowering.at_root(table, nodes) for table, nodes in lowering.algebra.doubtful.items()]
    return Lowered(plan, root, lowering.graph, lowering.concluded, lowering.graph.either(doubtful))


class Lowering:
    def __init__(self, plan: Plan, root: str, as_of: date, companions: frozenset[tuple[str, str]]) -> None:
        self.plan = plan
        self.root = root
        self.as_of = as_of
        self.companions = companions
        self.graph = Graph()
        self.algebra = Algebra(self.graph)
        self.concluded: dict[tuple[str, str], Form] = {}
        self.facts: dict[tuple[str, str], Form] = {}
        self.kinds = [root]
        for kind in self.kinds:
            self.kinds.extend(part.name for part in plan.schema.parts(kind))
        self.links: dict[str, Link] = {}
        for kind in self.kinds:
            self._link(kind)

    def _link(self, kind: str) -> None:
        for fact in self.plan.schema.kinds[kind].facts.values():
            if isinstance(fact.type, PartsType):
                self.links[fact.type.kind] = list_scope(kind, fact.name, fact.type.kind)
            elif isinstance(fact.type, ValuesType):
                link = list_scope(kind, fact.name, None)
                self.links[link.table] = link

    def up_to_root(self, table: str) -> tuple[Link, ...]:
        """The links from a table of parts, values or pairs to the subjects."""
        path = []
        while table != self.root:
            link = self.graph.pairings[table].outer_link if table in self.graph.pairings else self.links[table]
            path.append(link)
            table = link.to
        return tuple(path)

    def at_root(self, table: str, nodes: dict[int, Node]) -> Node:
        """Is any of the truths so in any row of the table that hangs on the subject?"""
        found = self.graph.either(nodes.values())
        for link in self.up_to_root(table) if table else ():
            found = self.graph.gathered("any", found, link)
        return found

    def concluding(self, term: t.Term, scope: Scope) -> Form:
        """A conclusion: a choice that columns can hold as a set is one."""
        found = self.form(term, scope)
        if isinstance(found, Code) and isinstance(found.type, ChoiceType) and len(found.type.members) <= MOST_LEVELS:
            return levels(self.graph, found)
        return found

    # ---- terms -------------------------------------------------------------------------------------------------------

    def form(self, term: t.Term, scope: Scope) -> Form:
        """What is still possible of ``term`` in every row of the scope's table."""
        algebra, g = self.algebra, self.graph
        match term:
            case t.Constant(literal, type_):
                return forms.constant(g, literal, type_)
            case t.NoValueTerm(type_):
                return forms.nothing(g, type_)
            case t.FactValue(entity, fact):
                path, kind = scope.path(entity)
                return self.followed(self._fact(kind, fact), path)
            case t.ConclusionValue(entity, name):
                path, kind = scope.path(entity)
                return self.followed(self.concluded[kind, name], path)
            case t.ItemValue(variable):
                return scope.item(variable, self.followed)
            case t.AsOf():
                return forms.constant(g, Fraction(self.as_of.toordinal()), term.type)
            case t.Sure(inner):
                return forms.without_nothing(g, self.form(inner, scope))
            case t.Applicable(operand):
                value = self.form(operand, scope)
                return Truth(forms.some(g, value), value.none, g.false)
            case t.Not(operand):
                return algebra.negation(self.truth(operand, scope))
            case t.Junction(operator, operands):
                truths = [self.truth(operand, scope) for operand in operands]
                return algebra.conjunction(truths) if operator == "&&" else algebra.disjunction(truths)
            case t.Comparison(operator, left, right):
                return algebra.compare(operator, self.form(left, scope), self.form(right, scope))
            case t.Among(operand, constants):
                return outcomes.among(self, self.form(operand, scope), constants)
            case t.Arithmetic(operator, left, right):
                return algebra.arithmetic(operator, self.number(left, scope), self.number(right, scope))
            case t.Negative(operand):
                return algebra.negative(self.number(operand, scope))
            case t.Round(operand, digits):
                return algebra.rounded(self.number(operand, scope), digits)
            case t.Choose():
                return outcomes.choose(self, term, scope)
            case t.DateFunction(function, arguments):
                return date_function(algebra, function, [self.number(each, scope) for each in arguments])
            case t.TextFunction(function, arguments):
                return text_function(algebra, function, [self.form(each, scope) for each in arguments])
            case t.LookupValue(table, keys, column):
                return lookup(self, self.plan.tables[table], [self.form(key, scope) for key in keys], keys, column)
            case t.UnsettledReadings(readings):
                return algebra.joined((g.true, self.form(reading, scope)) for _, reading in readings)
            case t.Quantified():
                return members.quantified(self, term, scope)
            case t.Aggregate():
                return members.aggregate(self, term, scope)
            case t.FindingCount():
                return self.followed(members.finding_count(self, term), scope.to_root(self))
            case t.Permitted():
                return outcomes.permitted(self, term, scope)
            case t.DecisionTable():
                return outcomes.table(self, term, scope)
            case t.Excepted(base, exceptions):
                return outcomes.excepted(self, base, exceptions, scope)
            case t.Written():
                return outcomes.written(self, term, scope)
            case t.Unassigned(type_):
                everything = forms.everything(g, type_)
                return forms.with_none(everything, g.true) if term.may_be_nothing else everything
        raise Unfit

    def _fact(self, kind: str, fact: str) -> Form:
        found = self.facts.get((kind, fact))
        if found is None:
            declared = self.plan.schema.kinds[kind].facts[fact]
            found = self.facts[kind, fact] = fact_form(self.graph, kind, declared, self.companions)
        return found

    def truth(self, term: t.Term, scope: Scope) -> Truth:
        found = self.form(term, scope)
        assert isinstance(found, Truth)
        return found

    def number(self, term: t.Term, scope: Scope) -> Number:
        found = self.form(term, scope)
        assert isinstance(found, Number)
        return found

    def followed(self, form: Form, path: tuple[Link, ...]) -> Form:
        """A form of another table, as the rows see it that lead there."""
        if not path:
            return form
        return forms.rebuilt(form, tuple(self.graph.follow(node, path) for node in forms.columns(form)))
