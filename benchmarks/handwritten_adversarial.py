"""The adversarial inputs as one would write them in Python, for known facts, checked first."""

from __future__ import annotations

from decimal import Decimal
from fractions import Fraction
from typing import Any

Facts = dict[str, Any]
LIMITS = (1, 5, 10, 20, 50, 100, 200)
#: Every quotient is a whole multiple of quantity / COMMON.
COMMON = 200
WEIGHTS = {limit: COMMON // limit for limit in LIMITS}
WIDE_FLAGS = tuple(f"a{number}" for number in range(150))
WIDE_COUNTS = tuple(f"c{number}" for number in range(150))
_WIDE = frozenset((*WIDE_FLAGS, *WIDE_COUNTS))
_CHAIN = tuple(f"v{number}" for number in range(200))
_BANDS = tuple((37 * i % 1000, 37 * i % 1000 + i % 9, i % 2 == 0, i) for i in range(1000))


def _refuse_others(facts: Facts, names: frozenset[str], problems: list[str]) -> None:
    problems.extend(f"{name}: not known here" for name in facts.keys() - names)


def _counts(facts: Facts, names: tuple[str, ...], problems: list[str]) -> None:
    for name in names:
        if type(facts.get(name)) is not int or facts[name] < 0:
            problems.append(f"{name}: a whole number expected")


def _flags(facts: Facts, names: tuple[str, ...], problems: list[str]) -> None:
    for name in names:
        if type(facts.get(name)) is not bool:
            problems.append(f"{name}: true or false expected")


def _raise(problems: list[str]) -> None:
    if problems:
        raise ValueError(problems)


def wide(facts: Facts) -> Facts:
    problems: list[str] = []
    _refuse_others(facts, _WIDE, problems)
    _flags(facts, WIDE_FLAGS, problems)
    _counts(facts, WIDE_COUNTS, problems)
    _raise(problems)
    found: Facts = {}
    for i in range(0, 150, 5):
        one = (facts[f"a{i}"] and not facts[f"a{i + 1}"]) or (facts[f"a{i + 2}"] and facts[f"c{i + 3}"] > 500)
        found[f"w{i}"] = one and (facts[f"a{i + 3}"] or facts[f"c{i + 4}"] < 100 or facts[f"a{i + 4}"])
        found[f"x{i}"] = facts[f"c{i}"] + facts[f"c{i + 1}"] * 2 - facts[f"c{i + 2}"]
    return found


def exceptions(facts: Facts) -> Facts:
    problems: list[str] = []
    _refuse_others(facts, frozenset({"n"}), problems)
    _counts(facts, ("n",), problems)
    _raise(problems)
    result = -1
    for depth in range(40):
        if facts["n"] <= depth:
            break
        result = depth
    return {"x": result}


def table(facts: Facts) -> Facts:
    problems: list[str] = []
    _refuse_others(facts, frozenset({"n", "flag"}), problems)
    _counts(facts, ("n",), problems)
    _flags(facts, ("flag",), problems)
    _raise(problems)
    number, flag = facts["n"], facts["flag"]
    for least, most, wanted, result in _BANDS:
        if least <= number <= most and flag is wanted:
            return {"x": result}
    return {"x": -1}


def materials(facts: Facts) -> Facts:
    problems: list[str] = []
    _refuse_others(facts, frozenset({"materials"}), problems)
    total: int | Decimal = 0
    for place, each in enumerate(facts["materials"]):
        quantity, limit = each.get("quantity"), each.get("limit")
        if len(each) != 2 or type(quantity) not in (int, float) or not 0 <= quantity <= 1e9 or limit not in WEIGHTS:
            problems.append(f"materials[{place}]: a quantity and a limit expected")
        elif type(quantity) is float:
            total += Decimal(repr(quantity)) * WEIGHTS[limit]
        else:
            total += quantity * WEIGHTS[limit]
    _raise(problems)
    return {"s": Fraction(total) / COMMON, "major": total >= COMMON}


def chain(facts: Facts) -> Facts:
    problems: list[str] = []
    _refuse_others(facts, frozenset({"n"}), problems)
    _counts(facts, ("n",), problems)
    _raise(problems)
    value = number = facts["n"]
    found = [value]
    for step in range(1, 200):
        value = value + number if step % 2 else value - 1000 if value > 1000 else value * 2
        found.append(value)
    return dict(zip(_CHAIN, found, strict=True))
