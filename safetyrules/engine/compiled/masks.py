"""What generated code calls on masks: sets of outcomes, one bit each (see `layout`)."""

from __future__ import annotations

from typing import Any

from safetyrules.engine import algebra
from safetyrules.values import NOTHING, Finite


def _truth_table(function: Any) -> tuple[int, ...]:
    table = []
    for one in range(8):
        for two in range(8):
            table.append(mask_of(function(finite(one), finite(two))) if one and two else 0)
    return tuple(table)


def finite(mask: int) -> Finite:
    return Finite(frozenset(o for o, bit in ((False, 1), (True, 2), (NOTHING, 4)) if mask & bit))


def mask_of(value: Finite) -> int:
    return sum(bit for o, bit in ((False, 1), (True, 2), (NOTHING, 4)) if any(x is o for x in value.outcomes))


#: Indexed by ``one << 3 | two``; masks of false, true and "no value".
AND = _truth_table(algebra.conjunction)
OR = _truth_table(algebra.disjunction)
#: Indexed by a mask.
NOT = (0, 2, 1, 3, 4, 6, 5, 7)


def equal_masks(one: int, two: int, none: int) -> int:
    """``==`` of two masks of one choice type whose "no value" bit is ``none``."""
    if one == none or two == none:
        return 4
    a, b = one & ~none, two & ~none
    result = 0 if not a & b else 2
    if a != b or a & (a - 1):
        result |= 1
    return result | 4 if (one | two) & none else result


def ordered_masks(operator: str, one: int, two: int, none: int) -> int:
    """``<`` or ``<=`` of two masks of one scale."""
    if one == none or two == none:
        return 4
    a, b = one & ~none, two & ~none
    least_a, most_a = (a & -a).bit_length(), a.bit_length()
    least_b, most_b = (b & -b).bit_length(), b.bit_length()
    if operator == "<":
        true, false = least_a < most_b, most_a >= least_b
    else:
        true, false = least_a <= most_b, most_a > least_b
    return (2 if true else 0) | (1 if false else 0) | (4 if (one | two) & none else 0)


def greatest_mask(one: int, two: int, none: int) -> int:
    """The greater of two levels, pointwise; "no value" gives way to the other."""
    a, b = one & (none - 1), two & (none - 1)
    result = one & two & none
    if a and b:
        result |= (a & ~((b & -b) - 1)) | (b & ~((a & -a) - 1))
    if one & none:
        result |= b
    if two & none:
        result |= a
    return result


def least_mask(one: int, two: int, none: int) -> int:
    a, b = one & (none - 1), two & (none - 1)
    result = one & two & none
    if a and b:
        result |= (a & ((1 << b.bit_length()) - 1)) | (b & ((1 << a.bit_length()) - 1))
    if one & none:
        result |= b
    if two & none:
        result |= a
    return result


def settled(permitted: int, decision: int) -> int:
    """A permission, settled where the recorded decision is surely among what is permitted (design 5.13)."""
    return permitted if decision & ~permitted else decision
