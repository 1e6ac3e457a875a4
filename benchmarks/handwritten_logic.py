"""Three-valued logic for `handwritten_sets`: True, False, None for unknown."""

from __future__ import annotations

from typing import Any

Truth = bool | None
EMPTY: dict[str, Any] = {}
INFINITY = float("inf")
NO_VALUE = frozenset({None})


def all3(*values: Truth) -> Truth:
    if False in values:
        return False
    return None if None in values else True


def any3(*values: Truth) -> Truth:
    if True in values:
        return True
    return None if None in values else False


def not3(value: Truth) -> Truth:
    return None if value is None else not value


def is_(value: str | None, wanted: str) -> Truth:
    return None if value is None else value == wanted


def is_in(value: str | None, wanted: tuple[str, ...]) -> Truth:
    return None if value is None else value in wanted


_OUTCOMES: dict[tuple[Truth, Truth], frozenset[Truth]] = {
    (True, True): frozenset({True}),
    (True, False): frozenset({False}),
    (True, None): frozenset({True, False}),
    (None, True): frozenset({True, None}),
    (None, False): frozenset({False, None}),
    (None, None): frozenset({True, False, None}),
    (False, True): NO_VALUE,
    (False, False): NO_VALUE,
    (False, None): NO_VALUE,
}


def outcome(applies: Truth, when: Truth) -> frozenset[Truth]:
    """What is possible of a finding; None in it for "not applicable"."""
    return _OUTCOMES[applies, when]


def gate(applies: Truth, possible: frozenset[Any]) -> frozenset[Any]:
    """What is possible of a conclusion that there is only where ``applies``."""
    if applies:
        return possible
    return NO_VALUE if applies is False else possible | NO_VALUE
