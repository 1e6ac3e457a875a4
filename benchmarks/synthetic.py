"""The synthetic program of 45 derived values, against the same by hand and on other engines. All facts are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from typing import Any

from benchmarks import handwritten_synthetic
from benchmarks.peers import NAMES, PACKAGES, PEERS
from benchmarks.programs import DAY, program
from benchmarks.scale import Scale
from benchmarks.synthetic_rules import FACTS, facts, ours
from benchmarks.timing import Row, compare
from safetyrules import Assessment

Facts = dict[str, Any]
HAND = "hand-written, known facts"


def values(assessment: Assessment) -> dict[str, Any]:
    """Every value, plain."""
    return {outcome.name: outcome.value for outcome in assessment.outcomes}


def require_same(what: str, found: dict[str, Any], expected: dict[str, Any]) -> None:
    """Raises AssertionError where one of the 45 values is another, or of another kind."""
    wrong = [name for name in sorted(NAMES) if name not in found or plain(found[name]) != plain(expected[name])]
    if wrong:
        shown = "; ".join(f"{name}: {found.get(name)!r} for {expected[name]!r}" for name in wrong[:5])
        raise AssertionError(f"{what}: {len(wrong)} values differ, first {shown}")


def plain(value: Any) -> Any:
    """A value with its kind: a truth value is not a number, a whole number is one whatever holds it."""
    return ("number", Fraction(value)) if not isinstance(value, bool | str) else (type(value), value)


def available() -> tuple[dict[str, Callable[[Facts], dict[str, Any]]], list[str]]:
    """The peers that are installed, ready, and what is missing."""
    ready, missing = {}, []
    for name, make in PEERS.items():
        try:
            ready[name] = make()
        except ImportError:
            missing.append(f"{name} (package {PACKAGES[name]})")
    return ready, missing


def run(scale: Scale) -> Iterator[Row]:
    loaded = program(FACTS, ours())
    peers, missing = available()
    for name in missing:
        print(f"left out, not installed: {name}")
    for seed in range(scale.equal):
        given = facts(seed)
        expected = handwritten_synthetic.assess(given)
        require_same(f"synthetic {seed}", values(loaded.assess(given, as_of=DAY)), expected)
        for name, answer in peers.items():
            require_same(f"synthetic {seed}, {name}", answer(given), expected)
    inputs = [facts(seed) for seed in range(scale.inputs)]
    size: dict[str, Any] = {"inputs": scale.inputs, "rounds": scale.rounds, "seconds": scale.seconds}

    def decided(number: int) -> Any:
        return loaded.assess(inputs[number], as_of=DAY)

    def read(number: int) -> Any:
        return values(loaded.assess(inputs[number], as_of=DAY))

    def by_hand(number: int) -> Any:
        return handwritten_synthetic.assess(inputs[number])

    yield compare("45 values", decided, by_hand, HAND, target="≤ 1.0", **size)
    yield compare("45 values, all read", read, by_hand, HAND, **size)
    for name, answer in peers.items():
        target = "≤ 0.1" if name == "zen-engine" else ""

        def theirs(number: int, answer: Callable[[Facts], Any] = answer) -> Any:
            return answer(inputs[number])

        yield compare("45 values", decided, theirs, name, target=target, **size)
        yield compare("45 values, all read", read, theirs, name, target=target, **size)
