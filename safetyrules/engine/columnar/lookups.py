"""Lookup tables as columns: what each key is, as a number; what all keys together give, as a row of cells.

The cells come from `safetyrules.engine.lookup` itself, asked once for each combination of keys, known and unknown.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cached_property, lru_cache
from itertools import product
from typing import TYPE_CHECKING

from safetyrules.engine import algebra as exact
from safetyrules.engine import lookup as reference
from safetyrules.engine.columnar import forms
from safetyrules.engine.columnar.forms import (
    EPSILON,
    MOST_LEVELS,
    TEXT,
    Code,
    Form,
    Levels,
    Number,
    Sets,
    TextSet,
    Truth,
    Unfit,
)
from safetyrules.engine.columnar.multiples import of_values
from safetyrules.engine.columnar.nodes import ColumnKind, Graph, Node
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.language import terms as t
from safetyrules.language.ruleform import Cell, LookupTable
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

if TYPE_CHECKING:
    from safetyrules.engine.columnar.lowering import Lowering

Column = Callable[[ColumnKind, Sequence[object]], Node]
#: More combinations of keys are not laid out.
MOST_COMBINATIONS = 1_000_000
#: Choices of more levels are looked up by the level known, or all.
MOST_SETS = 5
_NOWHERE = "\x00"
#: So many layouts are kept for plans that look up the same.
_MOST_KEPT = 128


@dataclass(frozen=True)
class _Key:
    """``node`` numbers what the key is; ``domain`` says what each number stands for. Where ``beside`` holds, it may
    also be what ``value`` numbers."""

    node: Node
    domain: tuple[Scalar, ...]
    beside: Node | None = None
    value: Node | None = None


def lookup(lowering: Lowering, table: LookupTable, keys: Sequence[Form], terms: Sequence[t.Term], column: str) -> Form:
    g = lowering.graph
    has = g.both(forms.some(g, key) for key in keys)
    none = g.either(key.none for key in keys)
    parts = [
        _key(lowering, table, name, key, term.type) for name, key, term in zip(table.keys, keys, terms, strict=True)
    ]
    count = 1
    for part in parts:
        count *= len(part.domain)
    if count > MOST_COMBINATIONS:
        raise Unfit
    strides = tuple(_product(len(p.domain) for p in parts[i + 1 :]) for i in range(len(parts)))
    place = parts[0].node if len(parts) == 1 else g.apply("code", "place", *(p.node for p in parts), detail=strides)
    cells = _cells(table, [p.domain for p in parts], column)
    cases = [(has, _form(lowering, place, cells, table.columns[column]))]
    for part in parts:
        if part.beside is not None and part.value is not None:
            if len(parts) > 1:
                lowering.algebra.doubt(g.both2(has, part.beside))
            else:
                beside = _form(lowering, part.value, cells, table.columns[column])
                cases.append((g.both2(has, part.beside), beside))
    cases.append((g.opposite(has), forms.nothing(g, table.columns[column])))
    found = lowering.algebra.joined(cases)
    return forms.with_none(found, g.either2(found.none, none))


def _product(numbers: Iterable[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result


# ---- keys -----------------------------------------------------------------------------------------------------------


def _key(lowering: Lowering, table: LookupTable, name: str, key: Form, type_: ScalarType) -> _Key:
    g = lowering.graph
    match key:
        case Truth(true, false):
            node = g.where(true, g.where(false, g.constant(2), g.constant(1)), g.constant(0))
            return _Key(node, _one((exact.exactly(False), exact.exactly(True), exact.everything(type_))))
        case Number():
            return _number_key(lowering, key, _named(table, name), type_)
        case Levels(choice, members):
            return _levels_key(lowering, choice, members)
    assert isinstance(key, Code)
    values, named, domain = _texts_domain(table, name, key.type, None if key.sets is None else key.sets.domain)
    number = g.numbered(key.value, values)
    node = g.where(key.known, number, g.constant(named))
    if key.sets is None:
        return _Key(node, domain)
    # Number 0 of the sets is "no set".
    node = g.where(key.sets.some(g), g.apply("code", "shifted", key.sets.node, detail=named), node)
    if not any(each.and_value for each in key.sets.domain):
        return _Key(node, domain)
    # A value that the table names is looked up beside the set; the domain has it that it is named nowhere.
    is_named = g.opposite(forms.same(g, number, g.constant(len(values))))
    beside = g.both2(key.sets.told(g, lambda each: each.and_value), is_named)
    # Where the set has no row, what the table gives for it would be anything.
    unnamed = key.sets.told(g, lambda each: each.texts.isdisjoint(map(str, values)))
    lowering.algebra.doubt(g.both((key.some, beside, unnamed)))
    alone = g.cell("code", key.sets.node, _alone(key.sets.domain, named))
    return _Key(g.where(beside, alone, node), domain, beside, number)


def _alone(sets: tuple[TextSet, ...], named: int) -> list[int]:
    """The numbers, in the domain, of sets without the value: those that have one follow all sets."""
    number = named + len(sets)
    found = [named]
    for place, each in enumerate(sets, start=named + 1):
        number += each.and_value
        found.append(number if each.and_value else place)
    return found


#: What a key of texts or of a long choice may be: the values that are named, the number of "anything", and the domain.
_TextsDomain = tuple[tuple[object, ...], int, tuple[Scalar, ...]]
_DOMAINS: dict[tuple[object, ...], tuple[LookupTable, _TextsDomain]] = {}


def _texts_domain(table: LookupTable, name: str, type_: ScalarType, sets: tuple[TextSet, ...] | None) -> _TextsDomain:
    """Plans of the same law have the same ones."""
    key = (id(table), name, type_, sets)
    found = _DOMAINS.get(key)
    if found is None:
        if len(_DOMAINS) >= _MOST_KEPT:
            _DOMAINS.clear()
        cells = [str(cell) for cell in _named(table, name)]
        values: tuple[object, ...] = tuple(cells)
        nowhere = _NOWHERE
        if isinstance(type_, ChoiceType):
            nowhere = next((member for member in type_.members if member not in cells), _NOWHERE)
            cells = [cell for cell in cells if cell in type_.members]
            values = tuple(type_.members.index(cell) for cell in cells)
        one_each = [exact.exactly(cell) for cell in (*cells, nowhere)]
        several = (Finite(each.texts | {nowhere} if each.and_value else each.texts) for each in sets or ())
        alone = (Finite(each.texts) for each in sets or () if each.and_value)
        domain = (*one_each, exact.everything(type_), *several, *alone)
        found = _DOMAINS[key] = table, (values, len(one_each), domain)
    return found[1]


def _named(table: LookupTable, name: str) -> list[Cell]:
    """What stands in a column of keys, each once."""
    place = table.place(name)
    return sorted({row[place] for row in table.rows if row[place] is not None}, key=str)


@lru_cache(maxsize=256)
def _one(domain: tuple[Scalar, ...]) -> tuple[Scalar, ...]:
    """The one of equal domains by which tables are kept."""
    return domain


def _number_key(lowering: Lowering, key: Number, cells: Sequence[object], type_: ScalarType) -> _Key:
    """A number that is known in part is left to exact arithmetic, unless it is not known at all."""
    g = lowering.graph
    numbers = [c for c in cells if isinstance(c, Fraction)]
    limits = forms.everything(g, type_)
    assert isinstance(limits, Number)
    if not key.exact or not limits.exact or any(Fraction(repr(float(c))) != c for c in numbers):
        raise Unfit
    known = forms.same(g, key.low, key.high)
    unknown = g.both2(forms.same(g, key.low, limits.low), forms.same(g, key.high, limits.high))
    lowering.algebra.doubt(g.both((forms.some(g, key), g.opposite(known), g.opposite(unknown))))
    number = g.numbered(key.low, [float(c) for c in numbers])
    node = g.where(known, number, g.constant(len(numbers) + 1))
    absent = max(numbers, default=Fraction(0)) + 1
    return _Key(node, _one((*(exact.exactly(c) for c in numbers), exact.exactly(absent), exact.everything(type_))))


def _levels_key(lowering: Lowering, choice: ChoiceType, members: tuple[Node, ...]) -> _Key:
    g = lowering.graph
    if len(members) <= MOST_SETS:
        subsets = list(product((False, True), repeat=len(members)))
        node = g.apply("code", "bits", *members)
        domain = tuple(
            Finite(frozenset(m for m, here in zip(choice.members, subset, strict=True) if here))
            if any(subset)
            else exact.everything(choice)
            for subset in subsets
        )
        return _Key(node, _one(domain))
    node = g.constant(len(members))
    every = g.both(members)
    single = g.false
    for place, member in enumerate(members):
        only = g.both2(member, g.opposite(g.either(m for i, m in enumerate(members) if i != place)))
        node = g.where(only, g.constant(place), node)
        single = g.either2(single, only)
    lowering.algebra.doubt(g.both((g.either(members), g.opposite(single), g.opposite(every))))
    return _Key(node, _one((*(exact.exactly(m) for m in choice.members), exact.everything(choice))))


# ---- cells ----------------------------------------------------------------------------------------------------------


class _Cells(list[Scalar]):
    """What a table gives for every combination of keys, with what was made of it."""

    @cached_property
    def nothing(self) -> tuple[bool, ...]:
        """Of each, whether there may be no value."""
        return tuple(map(exact.has_nothing, self))

    @cached_property
    def ends(self) -> _Ends:
        return _number_ends(self)

    @cached_property
    def finite(self) -> frozenset[Fraction]:
        """The ends of numbers, infinity apart."""
        cells = {id(cell): cell for cell in self if isinstance(cell, Interval)}.values()
        return frozenset(end for cell in cells for end in (cell.low, cell.high) if end is not None)

    @cached_property
    def texts(self) -> _Texts:
        return _texts_of(self)


#: Plans of the same law look the same things up; laying one out takes as long as all else about a plan.
_KEPT: dict[tuple[object, ...], tuple[LookupTable, Sequence[object], _Cells]] = {}


def _cells(table: LookupTable, domains: Sequence[Sequence[Scalar]], column: str) -> _Cells:
    """What the table gives for every combination, laid out once."""
    key = (id(table), column, *map(id, domains))
    found = _KEPT.get(key)
    if found is None:
        if len(_KEPT) >= _MOST_KEPT:
            _KEPT.clear()
        found = _KEPT[key] = table, domains, _laid_out(table, domains, column)
    return found[2]


def _laid_out(table: LookupTable, domains: Sequence[Sequence[Scalar]], column: str) -> _Cells:
    """What a combination gives hangs on the cells of the rows that it may have, and on whether it may have none: it is
    looked up once for all that have the same."""
    results = _Cells()
    place = table.place(column)
    known: dict[frozenset[object], Scalar] = {}
    for combination in product(*domains):
        exactly = reference.exact_keys(combination)
        if exactly is None:
            results.append(reference.lookup(table, combination, column, _unnoticed))
            continue
        rows = (table.index.get(keys) for keys in exactly)
        # A truth is no number, though equal to one.
        cells = frozenset(None if row is None else (row[place].__class__, row[place]) for row in rows)
        found = known.get(cells)
        if found is None:
            found = known[cells] = reference.lookup(table, combination, column, _unnoticed)
        results.append(found)
    return results


def _unnoticed(*_: object, **__: object) -> None:
    """What is noticed of single subjects is said when they are asked for."""


def _form(lowering: Lowering, place: Node, cells: _Cells, type_: ScalarType) -> Form:
    g = lowering.graph

    def column(kind: ColumnKind, values: Sequence[object]) -> Node:
        return g.cell(kind, place, values)

    none = column("truth", cells.nothing)
    match type_:
        case BooleanType():
            true = column("truth", [True in _outcomes(c) for c in cells])
            return Truth(true, column("truth", [False in _outcomes(c) for c in cells]), none)
        case NumberType() | DateType():
            return _number_form(g, column, cells, none, isinstance(type_, DateType) or type_.integer)
        case ChoiceType(members=members) if len(members) <= MOST_LEVELS:
            return Levels(type_, tuple(column("truth", [m in _outcomes(c) for c in cells]) for m in members), none)
        case ChoiceType(members=members):
            several = [1 < len(_outcomes(c)) < len(members) for c in cells]
            lowering.algebra.doubt(column("truth", several))
            known = [len(_outcomes(c)) == 1 for c in cells]
            values = [members.index(str(_outcomes(c)[0])) if sure else 0 for c, sure in zip(cells, known, strict=True)]
            there = column("truth", [bool(_outcomes(c)) for c in cells])
            return Code(type_, column("code", values), column("truth", known), there, none)
    return _text_form(g, place, cells, none)


#: Of each cell: its text, is it one, is it any, the number of its set; the sets; and the texts that stand alone.
_Texts = tuple[
    tuple[str, ...], tuple[bool, ...], tuple[bool, ...], tuple[int, ...], tuple[TextSet, ...], frozenset[str]
]


def _text_form(g: Graph, place: Node, cells: _Cells, none: Node) -> Code:
    """A text, any text, or one of the texts of several rows."""
    values, knowns, somes, numbers, sets, texts = cells.texts
    held = Sets(g.cell("code", place, numbers), sets) if sets else None
    there = g.cell("truth", place, somes)
    known = g.cell("truth", place, knowns)
    return Code(TEXT, g.cell("text", place, values), known, there, none, held, texts)


def _texts_of(cells: _Cells) -> _Texts:
    sets: dict[frozenset[str], int] = {}
    values, knowns, somes, numbers = [], [], [], []
    for cell in cells:
        texts = frozenset(str(o) for o in _outcomes(cell))
        values.append(next(iter(texts)) if len(texts) == 1 else "")
        knowns.append(len(texts) == 1)
        somes.append(isinstance(cell, AnyText) or bool(texts))
        numbers.append(sets.setdefault(texts, len(sets) + 1) if len(texts) > 1 else 0)
    alone = frozenset(value for value, known in zip(values, knowns, strict=True) if known)
    return tuple(values), tuple(knowns), tuple(somes), tuple(numbers), tuple(map(TextSet, sets)), alone


def _outcomes(cell: Scalar) -> list[object]:
    return [o for o in cell.outcomes if o is not NOTHING] if isinstance(cell, Finite) else []


#: Least and greatest numbers, their errors, and whether any was rounded.
_Ends = tuple[tuple[tuple[float, ...], ...], tuple[tuple[float, ...], ...], list[bool]]


def _number_form(graph: Graph, column: Column, cells: _Cells, none: Node, whole: bool) -> Number:
    ends, errors, inexact = cells.ends
    low = column("number", ends[0])
    high = low if ends[0] == ends[1] else column("number", ends[1])
    low_error = column("number", errors[0]) if inexact[0] else None
    high_error = column("number", errors[1]) if inexact[1] else None
    of = of_values(graph, cells.finite)
    return Number(low, high, none, low_error, high_error, 0 if whole else None, of)


def _number_ends(cells: _Cells) -> _Ends:
    told: dict[int, tuple[_End, _End]] = {}
    for cell in cells:
        assert isinstance(cell, Interval)
        if id(cell) not in told:
            low, high = (-math.inf, math.inf) if not cell.empty else (math.inf, -math.inf)
            told[id(cell)] = _end(cell, cell.low, low), _end(cell, cell.high, high)
    sides = [[told[id(cell)][side] for cell in cells] for side in (0, 1)]
    ends, errors = (tuple(tuple(each[part] for each in side) for side in sides) for part in (0, 1))
    return ends, errors, [any(each[2] for each in side) for side in sides]


#: A number, its error, and whether it was rounded.
_End = tuple[float, float, bool]


def _end(cell: Interval, value: Fraction | None, infinite: float) -> _End:
    if cell.empty or value is None:
        return infinite, 0.0, False
    near = float(value)
    return near, abs(near) * EPSILON, Fraction(repr(near)) != value
