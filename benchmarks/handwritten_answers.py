"""The answers of the hand-written programs in the form of `answers`, and which of ours they are compared with.

Compared is every conclusion that an authority or an enterprise asks for; steps on the way to them, which the
hand-written programs keep in local variables (the row of a table, the q/Q of one material), are not.
"""

from __future__ import annotations

from typing import Any

from benchmarks.answers import NOTHING, Answers, finite, known_number
from benchmarks.handwritten_input import Record

PARTS = {
    "collectors": "enterprise.dust.collectors", "workshops": "enterprise.dust.workshops",
    "machines": "enterprise.dust.machines",
    "zone_20_places": "enterprise.dust.zone_20_places", "stores": "enterprise.dust.stores",
    "materials": "enterprise.dust.materials", "units": "enterprise.hazmat.units",
}  # fmt: skip
NUMBERS = frozenset({"s", "r", "hazmat.alpha", "hazmat.major_hazard_sources", "dust.workers"})
STEPS = frozenset({
    "size_group_industry", "size_division_industry", "listed_level", "listed_kst", "level_used", "kst_used",
})  # fmt: skip


def compared(answers: Answers) -> Answers:
    """The answers of the library that the hand-written programs give too."""
    return {
        (path, name): value
        for (path, name), value in answers.items()
        if name not in STEPS and ".units[" not in path.rpartition(".")[0]
    }


def of_handwritten(result: Record) -> Answers:
    """What a hand-written program answers."""
    found: Answers = {}
    for name, value in result.items():
        if name in PARTS:
            for number, part in enumerate(value):
                index = part.get("number", number)
                for inner, outcome in part.items():
                    if inner != "number":
                        found[f"{PARTS[name]}[{index}]", inner] = _answer(inner, outcome)
        else:
            found["enterprise", name] = _answer(name, value)
    return found


def _answer(name: str, value: Any) -> Any:
    if name not in NUMBERS:
        return finite(value)
    if value is None:
        return NOTHING
    if isinstance(value, tuple):
        low, high, *none = value
        return (None if low == -INFINITY else low, None if high == INFINITY else high, bool(none and none[0]))
    return known_number(value)


INFINITY = float("inf")
