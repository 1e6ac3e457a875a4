"""Functions of texts, on columns. Positions count characters, as in CEL."""

from __future__ import annotations

from collections.abc import Sequence

from safetyrules.engine.columnar import forms
from safetyrules.engine.columnar.algebra import Algebra
from safetyrules.engine.columnar.forms import TEXT, Code, Form, Levels, Number, Truth, Unfit
from safetyrules.engine.columnar.nodes import Node
from safetyrules.facts.schema import ChoiceType


def text_function(algebra: Algebra, name: str, arguments: Sequence[Form]) -> Form:
    """Of known texts; anything of the result's type where one is not known."""
    g = algebra.graph
    none = g.either(argument.none for argument in arguments)
    has = g.both(forms.some(g, argument) for argument in arguments)
    values: list[Node] = []
    knowns: list[Node] = []
    for argument in arguments:
        value, known = _known(algebra, argument)
        values.append(value)
        knowns.append(known)
    known = g.both(knowns)
    match name:
        case "size":
            length = g.apply("number", "characters", values[0])
            low = g.where(has, g.where(known, length, g.zero), g.infinity)
            high = g.where(has, g.where(known, length, g.infinity), g.minus_infinity)
            return Number(low, high, none, places=0)
        case "concat" | "substring":
            if name == "substring":
                known = g.both2(known, g.apply("truth", "substring fits", *values))
            return Code(TEXT, g.apply("text", name, *values), known, has, none)
    unknown = g.opposite(known)
    found = g.apply("truth", name, *values)
    return Truth(g.both2(has, g.either2(unknown, found)), g.both2(has, g.either2(unknown, g.opposite(found))), none)


def _known(algebra: Algebra, argument: Form) -> tuple[Node, Node]:
    """The value of an argument and where it is known."""
    g = algebra.graph
    match argument:
        case Number():
            return argument.low, forms.same(g, argument.low, argument.high)
        case Code(type_) if not isinstance(type_, ChoiceType):
            if argument.sets is not None:
                algebra.doubt(argument.sets.some(g))
            return argument.value, argument.known
        case Levels() | Code():
            spread = forms.levels(g, argument)
            value = g.constant("")
            known = g.false
            for place, member in enumerate(spread.members):
                others = g.either(m for i, m in enumerate(spread.members) if i != place)
                only = g.both2(member, g.opposite(others))
                value = g.where(only, g.constant(spread.type.members[place]), value)
                known = g.either2(known, only)
            # Several members have several texts: a set that columns do not hold.
            algebra.doubt(g.opposite(known))
            return value, known
    raise Unfit
