"""The columns of facts, as forms."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from math import inf

from safetyrules.engine.columnar.forms import MOST_LEVELS, Code, Form, Levels, Number, Truth, everything
from safetyrules.engine.columnar.multiples import MOST_STEPS, Multiples
from safetyrules.engine.columnar.nodes import ColumnKind, Graph, Link, Node
from safetyrules.engine.columnar.tables import FINISHED, HIGH, LOW, NONE, PARENT, SET
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Fact,
    NumberType,
    PartsType,
    ScalarType,
    ValuesType,
)

#: The column that marks the row which stands for the members not given.
RESIDUAL = "#residual"
#: No day of a column of dates lies further than this.
FURTHEST_DAY = 2.0**32
#: A column of truths that `decimals.decimal_columns` puts beside that of a number: is it a decimal of few places?
DECIMAL = "?decimal"
#: As many as those, or as the declared range takes.
FEW_DIGITS = 3
#: Among the companions: the column has a value in every row, and no companion.
KNOWN = "?known"
Companions = frozenset[tuple[str, str]]


def list_scope(kind: str, fact: str, part: str | None) -> Link:
    """The link from the members of a list to the entity that has it. Scalars have a table of their own."""
    return Link(part if part is not None else values_table(kind, fact), PARENT, kind)


def values_table(kind: str, fact: str) -> str:
    return f"{kind}/{fact}"


def fact_form(graph: Graph, kind: str, fact: Fact, companions: Companions) -> Form:
    """What is still possible of a scalar fact of every entity of a kind."""
    assert not isinstance(fact.type, PartsType | ValuesType)
    return column_form(graph, kind, fact.name, fact.type, fact.may_not_apply, companions)


def column_form(
    graph: Graph, table: str, name: str, type_: ScalarType, may_not_apply: bool, companions: Companions
) -> Form:
    """A null is everything the type allows, "no value" too where the fact may be not applicable."""

    def column(kind: str, operation: str, suffix: str = "") -> Node:
        return graph.node(table, kind, operation, (), name + suffix)  # type: ignore[arg-type]

    if (table, name + FINISHED + "none") in companions:
        return _finished(graph, table, name, type_, may_not_apply)
    missing = column("truth", "missing")
    none = graph.false
    absent = graph.false
    if (table, name + KNOWN) in companions:
        return _known(graph, table, name, type_)
    if may_not_apply:
        if (table, name + NONE) in companions:
            absent = graph.node(table, "truth", "given true", (), name + NONE)
            not_said = graph.node(table, "truth", "missing", (), name + NONE)
            none = graph.either2(absent, graph.both2(missing, not_said))
        else:
            none = missing
    present = graph.opposite(absent)
    match type_:
        case BooleanType():
            true = graph.both2(present, column("truth", "not given false"))
            false = graph.both2(present, column("truth", "not given true"))
            return Truth(true, false, none)
        case NumberType() | DateType():
            return _number(graph, table, name, type_, absent, none, companions)
        case ChoiceType(members=members) if (table, name + SET) in companions and len(members) <= MOST_LEVELS:
            possible = tuple(
                graph.both2(present, graph.node(table, "truth", "may be member", (), (name, place)))
                for place in range(len(members))
            )
            return Levels(type_, possible, none)
    kind = "code" if isinstance(type_, ChoiceType) else "text"
    return Code(type_, column(kind, "given"), graph.opposite(missing), present, none)


def _finished(graph: Graph, table: str, name: str, type_: ScalarType, may_not_apply: bool) -> Form:
    """What an earlier plan concluded, as its columns have it."""

    def may_be(part: str) -> Node:
        return graph.node(table, "truth", "not given false", (), f"{name}{FINISHED}{part}")

    none = may_be("none") if may_not_apply else graph.false
    match everything(graph, type_):
        case Truth():
            return Truth(may_be("true"), may_be("false"), none)
        case Number(low, high, _, low_error, high_error, places):
            ends = (("low", low), ("high", high))
            low, high = (graph.node(table, "number", "given", (e,), f"{name}{FINISHED}{p}") for p, e in ends)
            return Number(low, high, none, low_error, high_error, places)
        case Levels(members=members, type=levels):
            assert len(members) == len(levels.members)
            return Levels(levels, tuple(may_be(member) for member in levels.members), none)
    kind: ColumnKind = "code" if isinstance(type_, ChoiceType) else "text"
    value = graph.node(table, kind, "given", (), f"{name}{FINISHED}value")
    known = graph.node(table, "truth", "given true", (), f"{name}{FINISHED}known")
    return Code(type_, value, known, may_be("some"), none)


def _known(graph: Graph, table: str, name: str, type_: ScalarType) -> Form:
    """A fact that every row has: one value."""
    match type_:
        case BooleanType():
            true = graph.node(table, "truth", "given true", (), name)
            return Truth(true, graph.opposite(true), graph.false)
        case NumberType() | DateType():
            limits = everything(graph, type_)
            assert isinstance(limits, Number)
            whole = isinstance(type_, DateType) or type_.integer
            value = graph.node(table, "number", "given", (limits.low,), name)
            graph.declare(value, _reach(type_), whole)
            of = _multiples(graph, table, (name,), limits)
            return Number(value, value, graph.false, places=limits.places, multiples=of)
    kind: ColumnKind = "code" if isinstance(type_, ChoiceType) else "text"
    return Code(type_, graph.node(table, kind, "given", (), name), graph.true, graph.true, graph.false)


def _reach(type_: NumberType | DateType) -> float:
    """The largest number of a type."""
    if isinstance(type_, DateType):
        return FURTHEST_DAY
    if type_.minimum is None or type_.maximum is None:
        return inf
    return max(abs(float(type_.minimum)), abs(float(type_.maximum)))


def _number(
    graph: Graph, table: str, name: str, type_: NumberType | DateType, absent: Node, none: Node, companions: Companions
) -> Number:
    whole = isinstance(type_, DateType) or type_.integer
    limits = everything(graph, type_)
    assert isinstance(limits, Number)
    ends = []
    for suffix, limit, outside in ((LOW, limits.low, graph.infinity), (HIGH, limits.high, graph.minus_infinity)):
        read = "given" if (table, name + suffix) not in companions else "given or"
        detail = name if read == "given" else (name, name + suffix)
        end = graph.node(table, "number", read, (limit,), detail)
        # What is known in part of a whole number may have bounds that are none.
        graph.declare(end, _reach(type_), whole and read == "given")
        ends.append(graph.where(absent, outside, end))
    said = (name, *(name + suffix for suffix in (LOW, HIGH) if (table, name + suffix) in companions))
    return replace(limits, low=ends[0], high=ends[1], none=none, multiples=_multiples(graph, table, said, limits))


def _multiples(graph: Graph, table: str, columns: Iterable[str], limits: Number) -> Multiples | None:
    """Decimals of few places, in the rows where the columns of a fact hold no others."""
    if limits.multiples is None:
        return None
    digits = FEW_DIGITS
    while 10**digits % limits.multiples.steps:
        digits += 1
        if 10**digits > MOST_STEPS:
            return None
    held = (graph.node(table, "truth", "given true", (), f"{column}{DECIMAL}{digits}") for column in columns)
    return Multiples(10**digits, graph.both(held))
