"""Is a sector there, whatever is said of it? Facts that speak against its denial."""

from __future__ import annotations

from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import Evidence
from safetyrules.values import Finite, Interval, Scalar


def speaking(evidence: Evidence, entity: Entity) -> list[str]:
    """The facts of ``entity`` that prove the sector present: lists with members, and what implies it."""
    return [
        *(name for name in evidence.lists if entity.lists[name].items),
        *(name for name in evidence.facts if implies(entity.values[name])),
        *(name for name, codes in evidence.codes.items() if begins(entity.values[name], codes)),
    ]


def implies(value: Scalar) -> bool:
    """True, or a number above 0, whatever else is still possible."""
    if isinstance(value, Interval):
        return not value.nothing and not value.empty and value.low is not None and value.low > 0
    return isinstance(value, Finite) and value.outcomes == {True}


def begins(value: Scalar, codes: tuple[str, ...]) -> bool:
    """Whichever code it is, it begins with one of these."""
    return isinstance(value, Finite) and all(isinstance(o, str) and o.startswith(codes) for o in value.outcomes)
