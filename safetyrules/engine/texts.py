"""Text functions on texts that may be known in part. Positions count characters (Unicode code points), as in CEL."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from itertools import product

from safetyrules.engine import algebra
from safetyrules.values import NOTHING, UNKNOWN, AnyText, Finite, Interval, Outcome, Scalar

Notice = Callable[..., None]


def text_function(name: str, arguments: list[Scalar], notice: Notice) -> Scalar:
    """Apply ``name`` to every combination of values still possible."""
    if not all(algebra.has_value(argument) for argument in arguments):
        return algebra.NO_NUMBER if name == "size" else algebra.ONLY_NOTHING
    none = any(algebra.has_nothing(argument) for argument in arguments)
    result = _apply(name, arguments, notice)
    return algebra.with_nothing(result) if none else result


def _apply(name: str, arguments: list[Scalar], notice: Notice) -> Scalar:
    if not all(isinstance(a, Finite) or (isinstance(a, Interval) and a.known) for a in arguments):
        if name == "size":
            return Interval(Fraction(0), None)
        return AnyText() if name in ("substring", "concat") else UNKNOWN
    results: list[Scalar] = []
    for values in product(*(list(_values(a)) for a in arguments)):
        result = _one(name, values)
        if result is None:
            notice("SR2007", found=str(values[0]))
            return AnyText()
        results.append(algebra.exactly(result))
    return algebra.joined(results)


def _values(argument: Scalar) -> Iterator[Outcome | Fraction]:
    if isinstance(argument, Finite):
        yield from (o for o in argument.outcomes if o is not NOTHING)
    elif isinstance(argument, Interval) and argument.low is not None:
        yield argument.low


def _one(name: str, values: tuple[object, ...]) -> bool | Fraction | str | None:
    text = str(values[0])
    match name:
        case "size":
            return Fraction(len(text))
        case "startsWith":
            return text.startswith(str(values[1]))
        case "endsWith":
            return text.endswith(str(values[1]))
        case "contains":
            return str(values[1]) in text
        case "concat":
            return text + str(values[1])
    start = int(values[1])  # type: ignore[call-overload]
    end = int(values[2]) if len(values) > 2 else len(text)  # type: ignore[call-overload]
    return text[start:end] if 0 <= start <= end <= len(text) else None
