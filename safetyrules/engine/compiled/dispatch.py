"""Long tables: a few comparisons of what many rows test lead to the few rows that may hold.

Rows that restrict one number, date, level, choice or text to constants are halved by it again and again. A row that may
hold on both sides is written on both; the order of the rows stays, and each row is tested in full where it stands.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from fractions import Fraction
from math import inf
from typing import NamedTuple

from safetyrules.engine.compiled.codes import compare_pairs, constant
from safetyrules.engine.compiled.context import Code, Context
from safetyrules.facts.schema import ChoiceType, DateType, NumberType, TextType
from safetyrules.language import terms as t

#: So many rows or fewer are tested one after the other.
FEW = 6
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<=", "==": "=="}
Key = t.FactValue | t.ConclusionValue
Number = Fraction | float


class Bounds(NamedTuple):
    """Where a row may hold; whether the ends belong to it makes no difference to which side of a cut it is on."""

    low: Number
    high: Number


EVERYWHERE = Bounds(-inf, inf)


def write_rows(c: Context, rows: Sequence[t.TableRow], write: Callable[[Sequence[t.TableRow]], None]) -> None:
    """Have ``write`` write the rows, those that may hold only, wherever that can be told."""
    found = _best(rows) if len(rows) > 2 * FEW else None
    if found is None:
        write(rows)
        return
    key, bounds, values = found
    w = c.writer
    code = c.known(key)
    if values:
        place = w.constant({value: number for number, value in enumerate(values)})
        code = (w.hold(f"{place}.get({code[0]}, -1)"), "1")
    _halve(c, code, list(zip(rows, bounds, strict=True)), write)


def _halve(
    c: Context,
    key: Code,
    rows: list[tuple[t.TableRow, Bounds]],
    write: Callable[[Sequence[t.TableRow]], None],
) -> None:
    cut = _cut(rows) if len(rows) > FEW else None
    if cut is None:
        write([row for row, _ in rows])
        return
    w = c.writer
    limit = (str(cut.numerator), str(cut.denominator))
    with w.block(f"if {compare_pairs('<', key if len(key) == 2 else (*key, '1'), limit)}:"):
        _halve(c, key, [each for each in rows if each[1].low < cut], write)
    with w.block("else:"):
        _halve(c, key, [each for each in rows if each[1].high >= cut], write)


def _cut(rows: Sequence[tuple[t.TableRow, Bounds]]) -> Fraction | None:
    """Where to cut so that both sides have clearly fewer rows."""
    ends = sorted(bounds.low for _, bounds in rows if isinstance(bounds.low, Fraction))
    if not ends:
        return None
    cut = ends[len(ends) // 2]
    assert isinstance(cut, Fraction)
    return cut if _left(rows, cut) <= len(rows) * 3 / 4 else None


def _left(rows: Sequence[tuple[t.TableRow, Bounds]], cut: Fraction) -> int:
    """How many rows are left on the side that has more."""
    return max(sum(1 for _, each in rows if each.low < cut), sum(1 for _, each in rows if each.high >= cut))


# ---- what rows test -------------------------------------------------------------------------------------------------


def _tests(row: t.TableRow) -> list[t.Term]:
    """Terms that must all be true."""
    found: list[t.Term] = []
    waiting = [row.when]
    while waiting:
        term = waiting.pop()
        if isinstance(term, t.Junction) and term.operator == "&&":
            waiting.extend(term.operands)
        else:
            found.append(term)
    return found


def _tested(test: t.Term) -> tuple[Key, str, Sequence[t.Constant]] | None:
    """What a test compares, how, and with which constants."""
    found: t.Term
    operator: str
    values: Sequence[t.Constant]
    match test:
        case t.Comparison(how, left, t.Constant() as right) if how in _MIRRORED:
            found, operator, values = left, how, (right,)
        case t.Comparison(how, t.Constant() as left, right) if how in _MIRRORED:
            found, operator, values = right, _MIRRORED[how], (left,)
        case t.Among(operand, constants):
            found, operator, values = operand, "==", constants
        case _:
            return None
    if not isinstance(found, Key) or found.may_be_nothing:
        return None
    if not isinstance(found.type, NumberType | DateType | ChoiceType | TextType):
        return None
    return found, operator, values


def _best(rows: Sequence[t.TableRow]) -> tuple[Key, list[Bounds], list[object]] | None:
    """What to cut by first, where each row may hold of it, and, of texts and choices, the values in order."""
    counts: dict[Key, int] = {}
    for row in rows:
        for key in dict.fromkeys(found[0] for found in map(_tested, _tests(row)) if found is not None):
            counts[key] = counts.get(key, 0) + 1
    best = None
    fewest = len(rows)
    for key, count in counts.items():
        if count * 2 <= len(rows):
            continue
        values: list[object] = []
        if isinstance(key.type, TextType) or (isinstance(key.type, ChoiceType) and not key.type.scale):
            values = _values(rows, key)
            numbers = {value: Fraction(number) for number, value in enumerate(values)}
            bounds = [_place_bounds(row, key, numbers) for row in rows]
        else:
            bounds = [_bounds(row, key) for row in rows]
        both = list(zip(rows, bounds, strict=True))
        cut = _cut(both)
        if cut is not None and _left(both, cut) < fewest:
            best, fewest = (key, bounds, values), _left(both, cut)
    return best


def _bounds(row: t.TableRow, key: Key) -> Bounds:
    low, high = EVERYWHERE
    for tested in map(_tested, _tests(row)):
        if tested is None or tested[0] != key:
            continue
        numbers = [_number(value) for value in tested[2]]
        if tested[1] in (">", ">=", "=="):
            low = max(low, min(numbers))
        if tested[1] in ("<", "<=", "=="):
            high = min(high, max(numbers))
    return Bounds(low, high)


def _number(value: t.Constant) -> Fraction:
    if isinstance(value.type, ChoiceType):
        return Fraction(constant(value.value, value.type)[0])
    assert isinstance(value.value, Fraction)
    return value.value


def _values(rows: Sequence[t.TableRow], key: Key) -> list[object]:
    """The values that rows ask for, in the order of the rows that ask for them first."""
    found: dict[object, None] = {}
    for row in rows:
        for value in _asked(row, key) or ():
            found[value] = None
    return list(found)


def _place_bounds(row: t.TableRow, key: Key, numbers: dict[object, Fraction]) -> Bounds:
    asked = _asked(row, key)
    if asked is None:
        return EVERYWHERE
    places = [numbers[value] for value in asked]
    return Bounds(min(places), max(places))


def _asked(row: t.TableRow, key: Key) -> list[object] | None:
    """The values one of which a row asks for; None where it takes any."""
    for tested in map(_tested, _tests(row)):
        if tested is not None and tested[0] == key and tested[1] == "==":
            return [value.value for value in tested[2]]
    return None
