"""The synthetic rules as one would write them in Python, for known facts: checked, then straight down."""

from __future__ import annotations

from typing import Any

FLAGS = frozenset(f"b{number}" for number in range(10))
COUNTS = frozenset(f"n{number}" for number in range(8))


def check(facts: dict[str, Any]) -> None:
    """Raises ValueError with every bad field."""
    problems = [f"{name}: not known here" for name in facts.keys() - FLAGS - COUNTS]
    for name in FLAGS:
        if type(facts.get(name)) is not bool:
            problems.append(f"{name}: true or false expected")
    for name in COUNTS:
        number = facts.get(name)
        if type(number) is not int or not 0 <= number <= 100:
            problems.append(f"{name}: a whole number from 0 to 100 expected")
    if problems:
        raise ValueError(problems)


def assess(facts: dict[str, Any]) -> dict[str, Any]:
    check(facts)
    b0 = facts["b0"]
    b1 = facts["b1"]
    b2 = facts["b2"]
    b3 = facts["b3"]
    b4 = facts["b4"]
    b5 = facts["b5"]
    b6 = facts["b6"]
    b7 = facts["b7"]
    b8 = facts["b8"]
    b9 = facts["b9"]
    n0 = facts["n0"]
    n1 = facts["n1"]
    n2 = facts["n2"]
    n3 = facts["n3"]
    n4 = facts["n4"]
    n5 = facts["n5"]
    n6 = facts["n6"]
    n7 = facts["n7"]
    h0 = b0 and not b1
    h1 = h0 or n1 > 25
    h2 = not h1 and (b2 or b5)
    h3 = n3 >= 35 if h2 else b6
    h4 = h3 and not b4
    h5 = h4 or n5 > 45
    h6 = not h5 and (b6 or b9)
    h7 = n7 >= 55 if h6 else b0
    h8 = h7 and not b8
    h9 = h8 or n1 > 65
    h10 = not h9 and (b0 or b3)
    h11 = n3 >= 25 if h10 else b4
    h12 = h11 and not b2
    h13 = h12 or n5 > 35
    h14 = not h13 and (b4 or b7)
    h15 = n7 >= 45 if h14 else b8
    h16 = h15 and not b6
    h17 = h16 or n1 > 55
    h18 = not h17 and (b8 or b1)
    h19 = n3 >= 65 if h18 else b2
    t0 = n0 * 1 + n1
    t1 = t0 - n1 if h1 else t0 + 1
    t2 = (10 if h2 else 20) + t1 + t0
    t3 = n3 * 4 + n4
    t4 = t3 - n4 if h4 else t3 + 4
    t5 = (10 if h5 else 20) + t4 + t3
    t6 = n6 * 3 + n7
    t7 = t6 - n7 if h7 else t6 + 7
    t8 = (10 if h8 else 20) + t7 + t6
    t9 = n1 * 2 + n2
    t10 = t9 - n2 if h10 else t9 + 10
    t11 = (10 if h11 else 20) + t10 + t9
    t12 = n4 * 1 + n5
    t13 = t12 - n5 if h13 else t12 + 13
    t14 = (10 if h14 else 20) + t13 + t12
    s0 = _level(t0, h5)
    s1 = _level(t1, h6)
    s2 = _level(t2, h7)
    s3 = _level(t3, h8)
    s4 = _level(t4, h9)
    s5 = _level(t5, h10)
    s6 = _level(t6, h11)
    s7 = _level(t7, h12)
    s8 = _level(t8, h13)
    levels = (s0, s1, s2, s3, s4, s5, s6, s7, s8)
    overall = next((level for level in ("red", "orange", "yellow") if level in levels), "blue")
    return {
        "h0": h0, "h1": h1, "h2": h2, "h3": h3, "h4": h4, "h5": h5, "h6": h6, "h7": h7, "h8": h8, "h9": h9,
        "h10": h10, "h11": h11, "h12": h12, "h13": h13, "h14": h14, "h15": h15, "h16": h16, "h17": h17,
        "h18": h18, "h19": h19, "t0": t0, "t1": t1, "t2": t2, "t3": t3, "t4": t4, "t5": t5, "t6": t6, "t7": t7,
        "t8": t8, "t9": t9, "t10": t10, "t11": t11, "t12": t12, "t13": t13, "t14": t14, "s0": s0, "s1": s1,
        "s2": s2, "s3": s3, "s4": s4, "s5": s5, "s6": s6, "s7": s7, "s8": s8, "overall": overall,
    }  # fmt: skip


def _level(number: int, flag: bool) -> str:
    if number >= 200 and flag:
        return "red"
    if number >= 120:
        return "orange"
    return "yellow" if 40 <= number <= 119 and not flag else "blue"
