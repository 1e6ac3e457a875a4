"""Forty-five derived values, written once in CEL and put into the words of each engine.

Twenty chained booleans, fifteen numbers that read them, nine decision tables over both, and a grade over the tables.
All numbers are whole, so that engines without exact decimals answer the same.
"""

from __future__ import annotations

import random
import re
from typing import Any, NamedTuple

from benchmarks.programs import Rule, value

FLAGS = tuple(f"b{number}" for number in range(10))
COUNTS = tuple(f"n{number}" for number in range(8))
FACTS: dict[str, Any] = {
    **dict.fromkeys(FLAGS, "boolean"),
    **{name: {"type": "integer", "minimum": 0, "maximum": 100} for name in COUNTS},
}
TABLES = 9
OTHERWISE = "blue"
#: Rows of a table: least and greatest of the number, the boolean (None: either), the level; the first that holds.
ROWS = ((200, None, True, "red"), (120, None, None, "orange"), (40, 119, False, "yellow"))


class Derived(NamedTuple):
    """One value: a formula, or for a table the number and the boolean that it reads."""

    name: str
    type: str
    formula: str
    table: tuple[str, str] | None = None

    @property
    def reads(self) -> list[str]:
        return sorted(set(re.findall(r"\b[bnhts]\d+\b", self.formula)))


def _boolean(i: int) -> str:
    before, flag, other, count = f"h{i - 1}", f"b{i % 10}", f"b{(i + 3) % 10}", f"n{i % 8}"
    if i == 0:
        return "b0 && !b1"
    least = 5 * i % 50 + 20
    return (
        f"{before} && !{flag}",
        f"{before} || {count} > {least}",
        f"!{before} && ({flag} || {other})",
        f"{before} ? {count} >= {least} : {other}",
    )[i % 4]


def _number(i: int) -> str:
    return (
        f"n{i % 8} * {i % 4 + 1} + n{(i + 1) % 8}",
        f"h{i} ? t{i - 1} - n{i % 8} : t{i - 1} + {i}",
        f"(h{i} ? 10 : 20) + t{i - 1} + t{i - 2}",
    )[i % 3]


def _table(i: int) -> Derived:
    number, flag = f"t{i}", f"h{i + 5}"
    text = ""
    for least, most, wanted, level in ROWS:
        tests = [f"{number} >= {least}"]
        tests += [] if most is None else [f"{number} <= {most}"]
        tests += [] if wanted is None else [flag if wanted else f"!{flag}"]
        text += f'{" && ".join(tests)} ? "{level}" : '
    return Derived(f"s{i}", "colour", f'{text}"{OTHERWISE}"', (number, flag))


def _any(level: str) -> str:
    return " || ".join(f's{i} == "{level}"' for i in range(TABLES))


DERIVED = (
    *(Derived(f"h{i}", "boolean", _boolean(i)) for i in range(20)),
    *(Derived(f"t{i}", "integer", _number(i)) for i in range(15)),
    *(_table(i) for i in range(TABLES)),
    Derived(
        "overall",
        "colour",
        "".join(f'{_any(level)} ? "{level}" : ' for _, _, _, level in ROWS) + f'"{OTHERWISE}"',
    ),
)


def ours() -> list[Rule]:
    """As rules: tables as decision tables, the grade as a table that collects the worst."""
    return [_rule(each) for each in DERIVED]


def _rule(each: Derived) -> Rule:
    if each.name == "overall":
        rows = [{"when": _any(level), "then": level} for _, _, _, level in ROWS]
        return {
            "id": each.name,
            "grade": "colour",
            "table": {"hit": "collect max", "rows": rows, "otherwise": OTHERWISE},
        }
    if each.table is None:
        return value(each.name, each.type, each.formula)
    cells = [
        {
            "if": [f">= {least}" if most is None else f"{least}..{most}", "-" if wanted is None else wanted],
            "then": level,
        }
        for least, most, wanted, level in ROWS
    ]
    table = {"hit": "first", "inputs": list(each.table), "rows": cells, "otherwise": OTHERWISE}
    return {"id": each.name, "value": "colour", "table": table}


def python(formula: str) -> str:
    """A formula as a Python expression."""
    *tests, otherwise = re.split(r" : (?![^(]*\))", formula)
    text = ""
    for part in tests:
        test, then = part.rsplit(" ? ", 1)
        text += f"{_words(then)} if {_words(test)} else "
    return text + _words(otherwise)


def _words(text: str) -> str:
    text = re.sub(r"\((\w+) \? (\w+) : (\w+)\)", r"(\2 if \1 else \3)", text)
    return re.sub(r"!(?=\w)", "not ", text.replace("&&", "and").replace("||", "or"))


def zen(formula: str) -> str:
    """A formula in zen's expression language; what the same node derived before is under ``$``."""
    text = re.sub(r"!(\w+)", r"not(\1)", formula.replace("&&", "and").replace("||", "or"))
    return re.sub(r"\b([ht]\d+)\b", r"$.\1", text)


def facts(seed: int) -> dict[str, Any]:
    rng = random.Random(seed)
    found: dict[str, Any] = {name: rng.random() < 0.5 for name in FLAGS}
    found.update((name, rng.randrange(101)) for name in COUNTS)
    return found
