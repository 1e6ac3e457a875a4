"""Pieces that both representations are written with: constants, assignments, comparisons, unions of outcomes."""

from __future__ import annotations

from fractions import Fraction

from safetyrules.engine.compiled.context import Code, Context
from safetyrules.engine.compiled.layout import full_mask, is_text, nothing_bit
from safetyrules.engine.compiled.writer import absent, present
from safetyrules.facts.schema import ChoiceType, DateType, NumberType, ScalarType
from safetyrules.language import terms as t

RANGES = (NumberType, DateType)
NONE_NUMBER: Code = ("None", "1")


def differs(type_: ScalarType, one: Code, two: Code) -> str:
    """The test that two known values are not the same."""
    if not isinstance(type_, NumberType):
        return f"{one[0]} != {two[0]}"
    if one == two:
        return "False"
    unequal = compare_pairs("!=", one, two)
    return f"({absent(one[0])}) != ({absent(two[0])}) or {present(one[0])} and {unequal}"


def constant(value: bool | Fraction | str, type_: ScalarType) -> Code:
    match type_:
        case NumberType():
            assert isinstance(value, Fraction)
            return str(value.numerator), str(value.denominator)
        case DateType():
            assert isinstance(value, Fraction)
            return (str(int(value)),)
        case ChoiceType(scale=True, members=members):
            return (str(members.index(str(value))),)
    return (repr(value),)


def known_constant(term: t.Term) -> Code:
    assert isinstance(term, t.Constant)
    return constant(term.value, term.type)


def known_nothing(type_: ScalarType) -> Code:
    return NONE_NUMBER if isinstance(type_, NumberType) else ("None",)


def assign(c: Context, names: Code, code: Code) -> None:
    """``names = code``; a name less than the code has drops the denominator of an integer."""
    c.writer.line(f"{', '.join(names)} = {', '.join(code[: len(names)])}")


def fresh(c: Context, type_: ScalarType) -> Code:
    return tuple(c.writer.fresh() for _ in range(2 if isinstance(type_, NumberType) else 1))


def is_none(code: Code) -> str:
    return f"{absent(code[0])}"


def compare_pairs(operator: str, left: Code, right: Code) -> str:
    """Cross-multiplied: denominators are positive."""
    one = left[0] if right[1] == "1" else f"{left[0]} * {right[1]}"
    two = right[0] if left[1] == "1" else f"{right[0]} * {left[1]}"
    return f"{one} {operator} {two}"


class Union:
    """Code that joins outcomes: ``add`` writes one in, wherever it stands; ``code`` is all that were added."""

    code: Code

    def __init__(self, c: Context, type_: ScalarType, names: Code = ()) -> None:
        """``names`` are given where all is added in one place, the first as the first."""
        self.c = c
        self.type = type_
        w = c.writer
        if names:
            self.code = names
        elif isinstance(type_, RANGES):
            self.code = (w.fresh(), w.fresh(), w.fresh())
            w.line(f"{self.code[0]} = {self.code[1]} = 0; {self.code[2]} = 3")
        else:
            self.code = (w.fresh(),)
            w.line(f"{self.code[0]} = {'None' if is_text(type_) else '0'}")

    def add(self, code: Code, first: bool = False) -> None:
        """``first``: nothing can have been added before this."""
        w = self.c.writer
        names = ", ".join(self.code)
        if first:
            w.line(f"{names} = {', '.join(code)}")
        elif isinstance(self.type, RANGES) and code[2] == "2":
            w.line(f"{self.code[2]} = 1 if {self.code[2]} < 2 else 2")
        elif isinstance(self.type, RANGES):
            w.line(f"{names} = hull({names}, {', '.join(code)})")
        elif is_text(self.type):
            w.line(f"{names} = join_texts({names}, {code[0]})")
        else:
            w.line(f"{names} |= {code[0]}")

    @property
    def empty(self) -> str:
        """The code of "nothing was added"."""
        if isinstance(self.type, RANGES):
            return f"{self.code[2]} == 3"
        return f"{absent(self.code[0])}" if is_text(self.type) else f"not {self.code[0]}"


def possible_nothing(type_: ScalarType) -> Code:
    if isinstance(type_, RANGES):
        return "0", "0", "2"
    return ("ONLY_NOTHING",) if is_text(type_) else (str(nothing_bit(type_)),)


def unassigned(type_: ScalarType, may_be_nothing: bool) -> Code:
    if isinstance(type_, NumberType):
        low = "-INF" if type_.minimum is None else _number(type_.minimum)
        high = "INF" if type_.maximum is None else _number(type_.maximum)
        return low, high, "1" if may_be_nothing else "0"
    if isinstance(type_, DateType):
        return "-INF", "INF", "1" if may_be_nothing else "0"
    if is_text(type_):
        return ("ANY_TEXT_OR_NOTHING" if may_be_nothing else "ANY_TEXT",)
    return (str(full_mask(type_) | (nothing_bit(type_) if may_be_nothing else 0)),)


def _number(value: Fraction) -> str:
    return str(value.numerator) if value.denominator == 1 else f"Ratio({value.numerator}, {value.denominator})"
