"""What comes of several writers of one finding or duty, from what each of them may say (design 5.10).

The chained, the columnar and the compiled engine use it, each with propositions of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import TypeVar

from safetyrules.language import terms as t

P = TypeVar("P")
Join = Callable[[Iterable[P]], P]


def accumulated(term: t.Written, said: Sequence[tuple[P, P, P]], both: Join[P], either: Join[P]) -> tuple[P, P, P]:
    """Whether the outcome may be found, not found, or no value.

    ``said`` has of each writer whether it may find, may not find, may say nothing; ``both`` and ``either`` join
    propositions, of none to what always and to what never holds. As exact as writers that depend on nothing common are.
    """
    above = [[i for i, other in enumerate(term.writers) if n in other.beats] for n in range(len(said))]
    stands = [both(said[i][2] for i in before) for before in above]
    found = either(both((finds, stands[n])) for n, (finds, _, _) in enumerate(said))
    not_found = either(
        both((fails, stands[n], _nobody_finds(said, above, above[n], both, either)))
        for n, (_, fails, _) in enumerate(said)
    )
    return found, not_found, both(silent for _, _, silent in said)


def _nobody_finds(
    said: Sequence[tuple[P, P, P]],
    above: Sequence[Sequence[int]],
    silent: Sequence[int],
    both: Join[P],
    either: Join[P],
) -> P:
    """May it be that nobody finds it while those of ``silent`` say nothing?

    Every other writer may not find, or say nothing, or be overridden by one that speaks. One that does not find speaks,
    and one that is overridden itself may just as well find: the more speak, the more of the others are overridden.
    """
    never = either(())
    speaks: list[P] = []
    conditions: list[P] = []
    for n, (finds, fails, none) in enumerate(said):
        if n in silent:
            speaks.append(never)
            continue
        overridden = either(speaks[i] for i in above[n])
        speaks.append(either((fails, both((finds, overridden)))))
        conditions.append(either((fails, none, overridden)))
    return both(conditions)
