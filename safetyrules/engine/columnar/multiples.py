"""What the exact ends of numbers are multiples of: it settles comparisons of floats that are nearer than their error.

Decimals of three places are multiples of a thousandth. Their sums are so too, their products multiples of a millionth;
divided by thresholds of 10, 20 and 50 they are multiples of 1/100,000, whichever threshold it was.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from fractions import Fraction
from math import lcm

from safetyrules.engine.columnar.nodes import Graph, Node

#: Finer steps are not followed; floats hold the number of them, and count as many of them exactly.
MOST_STEPS = 10**13


@dataclass(frozen=True, slots=True)
class Multiples:
    """In the rows of ``on``, every exact end is infinite or a multiple of 1/``steps``; and with ``inverse``, one
    divided by an end that is neither infinite nor 0 is a multiple of 1/``inverse``.

    Two such numbers are equal, or a whole step apart. Floats that are off by less than a quarter of a step, and differ
    by no more than that, therefore stand for the same number.
    """

    steps: int
    on: Node
    inverse: int | None = None

    def settle(self, graph: Graph, error: Node) -> Node:
        """Where does an error leave no more than one multiple?"""
        return graph.both2(self.on, graph.apply("truth", "<", error, graph.constant(self.least_doubt)))

    @property
    def least_doubt(self) -> float:
        """The least error that may leave several multiples."""
        return 1 / (4 * self.steps)

    def plus(self, graph: Graph, other: Multiples) -> Multiples | None:
        """Of sums and differences."""
        found = common(graph, (self, other))
        return None if found is None else replace(found, inverse=None)

    def times(self, graph: Graph, other: Multiples) -> Multiples | None:
        inverse = None if self.inverse is None or other.inverse is None else self.inverse * other.inverse
        return _bounded(self.steps * other.steps, graph.both2(self.on, other.on), inverse)

    def over(self, graph: Graph, other: Multiples) -> Multiples | None:
        """Of quotients: a divisor that may be zero leaves no bounds."""
        if other.inverse is None:
            return None
        inverse = None if self.inverse is None else self.inverse * other.steps
        return _bounded(self.steps * other.inverse, graph.both2(self.on, other.on), inverse)


def _bounded(steps: int, on: Node, inverse: int | None) -> Multiples | None:
    if steps > MOST_STEPS:
        return None
    return Multiples(steps, on, None if inverse is None or inverse > MOST_STEPS else inverse)


def common(graph: Graph, each: Iterable[Multiples]) -> Multiples | None:
    """What ends of any of these are multiples of, where all are."""
    each = tuple(each)
    inverses = [one.inverse for one in each if one.inverse is not None]
    inverse = _lcm(inverses) if len(inverses) == len(each) else None
    return _bounded(_lcm(one.steps for one in each), graph.both(one.on for one in each), inverse)


def of_values(graph: Graph, values: Iterable[Fraction]) -> Multiples | None:
    """What these are multiples of; None where that is too fine."""
    values = tuple(values)
    inverse = _lcm(abs(value.numerator) for value in values if value)
    return _bounded(_lcm(value.denominator for value in values), graph.true, inverse)


def _lcm(numbers: Iterable[int]) -> int:
    """The least common multiple, or as much of it as is too large."""
    found = 1
    for number in numbers:
        found = lcm(found, number)
        if found > MOST_STEPS:
            break
    return found
