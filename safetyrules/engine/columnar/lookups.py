"""Lookup tables as columns: what each key is, as a number; what all keys together give, as a row of cells.

The cells come from `safetyrules.engine.lookup` itself, asked once for each combination of keys, known and unknown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TYPE_CHECKING

from safetyrules.engine import algebra as exact
from safetyrules.engine import lookup as reference
from safetyrules.engine.columnar import forms
from safetyrules.engine.columnar.forms import EPSILON, MOST_LEVELS, Code, Form, Levels, Number, Truth, Unfit
from safetyrules.engine.columnar.nodes import ColumnKind, Node
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.language import terms as t
from safetyrules.language.ruleform import LookupTable
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

if TYPE_CHECKING:
    from safetyrules.engine.columnar.lowering import Lowering

Column = Callable[[ColumnKind, str, Sequence[object]], Node]
#: More combinations of keys are not laid out.
MOST_COMBINATIONS = 1_000_000
#: Choices of more levels are looked up by the level known, or all.
MOST_SETS = 5
_NOWHERE = "\x00"


@dataclass(frozen=True)
class Tabled:
    """A column of cells, by the number of the combination of keys; or, with ``keys``, their numbers by their values."""

    kind: ColumnKind
    cells: tuple[object, ...]
    keys: tuple[object, ...] | None = None


@dataclass(frozen=True)
class _Key:
    """``node`` numbers what the key is; ``domain`` says what each number stands for."""

    node: Node
    domain: tuple[Scalar, ...]


def lookup(
    lowering: Lowering, table: LookupTable, keys: Sequence[Form], terms: Sequence[t.Term], column: str
) -> Form:
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
    name = f"{table.name}.{column} by {', '.join(str(len(p.domain)) for p in parts)}"
    cells = _cells(table, [p.domain for p in parts], column)
    found = _form(lowering, name, place, cells, table.columns[column])
    if has is not g.true:
        found = lowering.algebra.joined([(has, found), (g.opposite(has), forms.nothing(g, table.columns[column]))])
    return forms.with_none(found, g.either2(found.none, none))


def _product(numbers: Iterable[int]) -> int:
    result = 1
    for number in numbers:
        result *= number
    return result


# ---- keys -----------------------------------------------------------------------------------------------------------


def _key(lowering: Lowering, table: LookupTable, name: str, key: Form, type_: ScalarType) -> _Key:
    g = lowering.graph
    cells = sorted({row[table.place(name)] for row in table.rows if row[table.place(name)] is not None}, key=str)
    match key:
        case Truth(true, false):
            node = g.where(true, g.where(false, g.constant(2), g.constant(1)), g.constant(0))
            return _Key(node, (exact.exactly(False), exact.exactly(True), exact.everything(type_)))
        case Number():
            return _number_key(lowering, table, name, key, cells, type_)
        case Levels(choice, members):
            return _levels_key(lowering, choice, members)
    assert isinstance(key, Code)
    values: list[object]
    if isinstance(key.type, ChoiceType):
        values = [key.type.members.index(str(c)) for c in cells if c in key.type.members]
        absent = next((m for m in key.type.members if m not in cells), None)
        domain = [exact.exactly(str(c)) for c in cells if c in key.type.members]
        domain.append(exact.exactly(_NOWHERE if absent is None else absent))
    else:
        values = list(cells)
        domain = [*(exact.exactly(str(c)) for c in cells), exact.exactly(_NOWHERE)]
    number = _numbered(lowering, f"{table.name}.{name}", key.value, values)
    node = g.where(key.known, number, g.constant(len(domain)))
    return _Key(node, (*domain, exact.everything(key.type)))


def _numbered(lowering: Lowering, name: str, value: Node, values: list[object]) -> Node:
    """The number of a value among ``values``; the one after the last where it is none of them."""
    label = f"{name} ({value.kind})"
    lowering.tabled[label] = Tabled("code", tuple(range(len(values))), tuple(values))
    return lowering.graph.apply("code", "numbered", value, detail=label)


def _number_key(
    lowering: Lowering, table: LookupTable, name: str, key: Number, cells: Sequence[object], type_: ScalarType
) -> _Key:
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
    number = _numbered(lowering, f"{table.name}.{name}", key.low, [float(c) for c in numbers])
    node = g.where(known, number, g.constant(len(numbers) + 1))
    absent = max(numbers, default=Fraction(0)) + 1
    return _Key(node, (*(exact.exactly(c) for c in numbers), exact.exactly(absent), exact.everything(type_)))


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
        return _Key(node, domain)
    node = g.constant(len(members))
    every = g.both(members)
    single = g.false
    for place, member in enumerate(members):
        only = g.both2(member, g.opposite(g.either(m for i, m in enumerate(members) if i != place)))
        node = g.where(only, g.constant(place), node)
        single = g.either2(single, only)
    lowering.algebra.doubt(g.both((g.either(members), g.opposite(single), g.opposite(every))))
    return _Key(node, (*(exact.exactly(m) for m in choice.members), exact.everything(choice)))


# ---- cells ----------------------------------------------------------------------------------------------------------


def _cells(table: LookupTable, domains: Sequence[Sequence[Scalar]], column: str) -> list[Scalar]:
    """What the table gives for every combination. Where all keys are known, its rows do; what they lack is one case."""
    results: list[Scalar] = []
    absent: Scalar | None = None
    for combination in product(*domains):
        if all(each.known for each in combination):
            keys = tuple(_only(each) for each in combination)
            if keys not in table.index:
                if absent is None:
                    absent = reference.lookup(table, combination, column, _unnoticed)
                results.append(absent)
                continue
        results.append(reference.lookup(table, combination, column, _unnoticed))
    return results


def _only(scalar: Scalar) -> object:
    if isinstance(scalar, Interval):
        return scalar.low
    assert isinstance(scalar, Finite)
    (found,) = scalar.outcomes
    return found


def _unnoticed(*_: object, **__: object) -> None:
    """What is noticed of single subjects is said when they are asked for."""


def _form(lowering: Lowering, name: str, place: Node, cells: Sequence[Scalar], type_: ScalarType) -> Form:
    def column(kind: ColumnKind, part: str, values: Sequence[object]) -> Node:
        if len(set(values)) == 1 and kind != "code":
            return lowering.graph.constant(values[0])  # type: ignore[arg-type]
        label = f"{name}: {part}"
        lowering.tabled[label] = Tabled(kind, tuple(values))
        return lowering.graph.apply(kind, "cell", place, detail=label)

    none = column("truth", "none", [exact.has_nothing(cell) for cell in cells])
    match type_:
        case BooleanType():
            true = column("truth", "true", [True in _outcomes(c) for c in cells])
            return Truth(true, column("truth", "false", [False in _outcomes(c) for c in cells]), none)
        case NumberType() | DateType():
            return _number_form(column, cells, none, isinstance(type_, DateType) or type_.integer)
        case ChoiceType(members=members) if len(members) <= MOST_LEVELS:
            return Levels(type_, tuple(column("truth", m, [m in _outcomes(c) for c in cells]) for m in members), none)
    values, knowns, somes = [], [], []
    for cell in cells:
        outcomes = _outcomes(cell)
        everything = isinstance(cell, AnyText) or (
            isinstance(type_, ChoiceType) and len(outcomes) == len(type_.members)
        )
        if len(outcomes) > 1 and not everything:
            lowering.algebra.doubt(column("truth", "several", [_several(c, type_) for c in cells]))
        value = next(iter(outcomes), None) if not everything else None
        blank: object = 0 if isinstance(type_, ChoiceType) else ""
        if value is not None and isinstance(type_, ChoiceType):
            value = type_.members.index(str(value))
        values.append(blank if value is None else value)
        knowns.append(not everything)
        somes.append(everything or bool(outcomes))
    kind: ColumnKind = "code" if isinstance(type_, ChoiceType) else "text"
    value_node, known = column(kind, "value", values), column("truth", "known", knowns)
    return Code(type_, value_node, known, column("truth", "some", somes), none)


def _outcomes(cell: Scalar) -> list[object]:
    return [o for o in cell.outcomes if o is not NOTHING] if isinstance(cell, Finite) else []


def _several(cell: Scalar, type_: ScalarType) -> bool:
    count = len(_outcomes(cell))
    return count > 1 and not (isinstance(type_, ChoiceType) and count == len(type_.members))


def _number_form(column: Column, cells: Sequence[Scalar], none: Node, whole: bool) -> Number:
    ends: tuple[list[float], list[float]] = ([], [])
    errors: tuple[list[float], list[float]] = ([], [])
    inexact = [False, False]
    for cell in cells:
        assert isinstance(cell, Interval)
        for side, (value, infinite) in enumerate(((cell.low, float("-inf")), (cell.high, float("inf")))):
            near = -infinite if cell.empty else infinite if value is None else float(value)
            ends[side].append(near)
            errors[side].append(0.0 if value is None else abs(near) * EPSILON)
            inexact[side] |= value is not None and not cell.empty and Fraction(repr(near)) != value
    low = column("number", "low", ends[0])
    high = low if ends[0] == ends[1] else column("number", "high", ends[1])
    low_error = column("number", "low error", errors[0]) if inexact[0] else None
    high_error = column("number", "high error", errors[1]) if inexact[1] else None
    return Number(low, high, none, low_error, high_error, whole)
