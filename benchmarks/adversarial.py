"""Inputs chosen to hurt: wide, deep, long, empty and on the very boundary. Each against the same by hand."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from benchmarks import handwritten_adversarial as by_hand
from benchmarks import handwritten_sets
from benchmarks.answers import Answers, finite, known_number, of_assessment, require_equal
from benchmarks.decide import assess, unknown_enterprises
from benchmarks.handwritten_answers import compared, of_handwritten
from benchmarks.programs import DAY, Rule, program, value
from benchmarks.scale import Scale
from benchmarks.timing import Row, compare
from safetyrules import Program

Facts = dict[str, Any]
COUNT = {"type": "integer", "minimum": 0}
MATERIAL = {"quantity": {"type": "number", "minimum": 0}, "limit": {"type": "number", "minimum": 1}}
ALL_MATERIALS = "sum(materials.map(m, m.quantity / m.limit))"


class Case(NamedTuple):
    """``facts`` makes an input from a seed."""

    name: str
    program: Callable[[], Program]
    facts: Callable[[int], Facts]
    hand: Callable[[Facts], Facts]


def _wide() -> Program:
    facts: Facts = {**dict.fromkeys(by_hand.WIDE_FLAGS, "boolean"), **dict.fromkeys(by_hand.WIDE_COUNTS, COUNT)}
    rules: list[Rule] = []
    for i in range(0, 150, 5):
        one = f"a{i} && !a{i + 1} || a{i + 2} && c{i + 3} > 500"
        rules.append(value(f"w{i}", "boolean", f"({one}) && (a{i + 3} || c{i + 4} < 100 || a{i + 4})"))
        rules.append(value(f"x{i}", "integer", f"c{i} + c{i + 1} * 2 - c{i + 2}"))
    return program(facts, rules)


def _wide_facts(seed: int) -> Facts:
    rng = random.Random(seed)
    flags = {name: rng.random() < 0.5 for name in by_hand.WIDE_FLAGS}
    return {**flags, **{name: rng.randrange(1000) for name in by_hand.WIDE_COUNTS}}


def _exceptions() -> Program:
    rules: list[Rule] = [value("x", "integer", "-1")]
    for depth in range(40):
        base = f"e{depth - 1}" if depth else "x"
        rules.append({"id": f"e{depth}", "except": base, "when": f"n > {depth}", "then": depth})
    return program({"n": COUNT}, rules)


def _table() -> Program:
    rows = [{"if": [f"{37 * i % 1000}..{37 * i % 1000 + i % 9}", i % 2 == 0], "then": i} for i in range(1000)]
    table = {"hit": "first", "inputs": ["n", "flag"], "rows": rows, "otherwise": -1}
    return program({"n": COUNT, "flag": "boolean"}, [{"id": "x", "value": "integer", "table": table}])


def _materials() -> Program:
    rules = [value("s", "number", ALL_MATERIALS), value("major", "boolean", "s >= 1")]
    return program({"materials": {"type": "list", "of": "material"}}, rules, {"material": MATERIAL})


def _many(seed: int) -> Facts:
    rng = random.Random(seed)
    quantities = (0, 1, 0.125, 2.5, 0.1, 180.75, 0.3)
    return {
        "materials": [{"quantity": rng.choice(quantities), "limit": rng.choice(by_hand.LIMITS)} for _ in range(1000)]
    }


#: Sums of quotients that are exactly 1, and one that is just less. In binary fractions some of them come out otherwise.
BOUNDARY = (
    [(0.1, 1)] * 10,
    [(0.7, 1), (0.2, 1), (0.1, 1)],
    [(0.1, 1), (0.2, 1), (3.5, 5)],
    [(0.3, 10)] * 30 + [(0.1, 1)],
    [(1.1, 5), (2.2, 5), (1.7, 5)],
    [(0.1, 1)] * 9 + [(0.0999999999999999, 1)],
)


def _boundary(seed: int) -> Facts:
    terms = BOUNDARY[seed % len(BOUNDARY)]
    return {"materials": [{"quantity": quantity, "limit": limit} for quantity, limit in terms]}


def _chain() -> Program:
    rules = [value("v0", "integer", "n")]
    for step in range(1, 200):
        last = f"v{step - 1}"
        text = f"{last} + n" if step % 2 else f"{last} > 1000 ? {last} - 1000 : {last} * 2"
        rules.append(value(f"v{step}", "integer", text))
    return program({"n": COUNT}, rules)


CASES = (
    Case("wide record, 300 facts", _wide, _wide_facts, by_hand.wide),
    Case("exceptions, 40 deep", _exceptions, lambda seed: {"n": seed * 7 % 45}, by_hand.exceptions),
    Case("table of 1,000 rows", _table, lambda s: {"n": s * 131 % 1010, "flag": s % 2 == 0}, by_hand.table),
    Case("1,000 materials", _materials, _many, by_hand.materials),
    Case("boundary sums", _materials, _boundary, by_hand.materials),
    Case("chain of 200", _chain, lambda seed: {"n": seed * 53 % 500}, by_hand.chain),
)


def run(scale: Scale) -> Iterator[Row]:
    size: dict[str, Any] = {"inputs": scale.inputs, "rounds": scale.rounds, "seconds": scale.seconds}
    for case in CASES:
        yield _measured(case, scale, size)
    nothing = unknown_enterprises(scale.inputs, 1.0)
    for number, facts in enumerate(nothing):
        ours = compared(of_assessment(assess(facts)))
        require_equal(f"all unknown {number}", ours, of_handwritten(handwritten_sets.assess(facts)))
    yield compare(
        "all unknown, shipped law",
        lambda number: assess(nothing[number]),
        lambda number: handwritten_sets.assess(nothing[number]),
        "hand-written, sets and bounds",
        target="≤ 1.5",
        **size,
    )


def _measured(case: Case, scale: Scale, size: dict[str, Any]) -> Row:
    loaded = case.program()
    for seed in range(scale.equal):
        facts = case.facts(seed)
        require_equal(f"{case.name} {seed}", of_assessment(loaded.assess(facts, as_of=DAY)), _answers(case.hand(facts)))
    inputs = [case.facts(seed) for seed in range(scale.inputs)]
    return compare(
        case.name,
        lambda number: loaded.assess(inputs[number], as_of=DAY),
        lambda number: case.hand(inputs[number]),
        "hand-written, known facts",
        target="≤ 1.0",
        **size,
    )


def _answers(found: Facts) -> Answers:
    return {
        ("enterprise", name): finite(each) if isinstance(each, bool) else known_number(each)
        for name, each in found.items()
    }
