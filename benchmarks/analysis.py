"""What checking law costs: `safetyrules check` of generated rules and of decision tables of a thousand rows.

Every row is a whole process, from its start to its exit, that reads, links and analyses the law and says what it found.
"""

from __future__ import annotations

import random
import resource
import sys
import tempfile
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path
from statistics import median
from subprocess import PIPE
from subprocess import run as run_process
from time import perf_counter
from typing import Any

from benchmarks import generated_rules
from benchmarks.programs import COLOURS, Rule, sources
from benchmarks.scale import Scale
from benchmarks.timing import Row, Times

ROOT = Path(__file__).resolve().parents[1]
#: Seconds.
RULES_LIMIT, TABLE_LIMIT = 2.0, 5.0
FACTS: dict[str, Any] = {
    "people": {"type": "integer", "minimum": 0, "maximum": 10_000},
    "depth": {"type": "integer", "minimum": 0, "maximum": 10_000},
    "load": {"type": "integer", "minimum": 0},
    "guarded": "boolean",
    "level": "colour",
}
INPUTS = list(FACTS)
Row_ = dict[str, Any]


def run(scale: Scale) -> Iterator[Row]:
    tries = min(scale.rounds // 2, 5)
    count = min(scale.rules, 500)
    yield _measured(f"check {count} rules", generated_rules.FACTS, generated_rules.rules(count), RULES_LIMIT, tries)
    flawed = [_never(number) for number in range(count)]
    name = f"check {count} rules, each of which never fires"
    yield _measured(name, generated_rules.FACTS, flawed, RULES_LIMIT, tries)
    rows = 1_000 if scale.rules >= 500 else 100
    for name, table in tables(rows):
        yield _measured(
            f"check a table of {len(table['rows'])} rows, {name}", FACTS, [_rule(table)], TABLE_LIMIT, tries
        )


def _never(number: int) -> Rule:
    a, n = generated_rules.FLAGS[number % 30], generated_rules.COUNTS[number % 30]
    return {
        "id": f"never_{number}",
        "finding": "general",
        "when": f"{a} && {n} < {number % 90} && {n} > {number + 100}",
    }


def _rule(table: dict[str, Any]) -> Rule:
    return {"id": "table", "grade" if "otherwise" in table else "assign": "colour", "table": table}


def tables(rows: int) -> Iterator[tuple[str, dict[str, Any]]]:
    """Tables with five inputs: one that fills everything once, the same with a hole, and rows thrown at random."""
    rng = random.Random(7)
    grid = _grid(rows, rng)
    yield "each cell once", {"hit": "unique", "inputs": INPUTS, "rows": grid}
    yield "one cell missing", {"hit": "unique", "inputs": INPUTS, "rows": grid[: rows // 3] + grid[rows // 3 + 1 :]}
    kinds: list[tuple[str, str, Callable[[random.Random], Row_]]] = [
        ("bounds at random, first", "first", _bounds),
        ("boxes at random, unique", "unique", _box),
        ("boxes at random, collect max", "collect max", _box),
    ]
    for name, hit, made in kinds:
        scattered = [made(rng) for _ in range(rows)]
        yield name, {"hit": hit, "inputs": INPUTS, "rows": scattered, "otherwise": "blue"}


def _grid(rows: int, rng: random.Random) -> list[Row_]:
    """Bands of three whole numbers, in which every combination has one row."""
    many = round(rows ** (1 / 3))
    bands = [f"{number * 100}..{number * 100 + 99}" for number in range(many - 1)] + [f">= {(many - 1) * 100}"]
    cells = product(bands, bands, bands)
    return [{"if": [*each, "-", "-"], "then": rng.choice(COLOURS)} for each in cells]


def _bounds(rng: random.Random) -> Row_:
    level: Any = rng.choice(["-", "red", ["blue", "red"]])
    cells = [f">= {rng.randrange(10_000)}", f"< {rng.randrange(10_000)}", _band(rng, 500), _flag(rng), level]
    return {"if": cells, "then": rng.choice(COLOURS)}


def _box(rng: random.Random) -> Row_:
    cells = [_band(rng, 900), _band(rng, 900), _band(rng, 500), _flag(rng), "-"]
    return {"if": cells, "then": rng.choice(COLOURS)}


def _band(rng: random.Random, wide: int) -> str:
    low = rng.randrange(10 * wide)
    return f"{low}..{low + rng.randrange(wide)}"


def _flag(rng: random.Random) -> Any:
    return rng.choice(["-", True, False])


def _measured(name: str, facts: dict[str, Any], rules: list[Rule], limit: float, tries: int) -> Row:
    with tempfile.TemporaryDirectory() as folder:
        for file, text in sources(facts, rules):
            (Path(folder) / file).write_text(text, encoding="utf-8")
        spent, busy, said = [], [], ""
        for _ in range(tries):
            start, before = perf_counter(), _processor()
            said = _check(folder)
            spent.append(perf_counter() - start)
            busy.append(_processor() - before)
    typical = median(spent)
    times = Times(typical * 1e6, typical * 1e6, max(spent) * 1e6)
    note = f"{median(busy):.2f} s of the processor; {said}"
    return Row(name, times, None, f"{limit:g} s", typical / limit, "≤ 1.0", note)


def _processor() -> float:
    """Seconds that finished child processes kept a processor busy."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _check(folder: str) -> str:
    """What the command says in its last line."""
    code = "import sys; from safetyrules.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "check", "--only", folder, "--lang", "en"]
    done = run_process(command, check=True, cwd=ROOT, stdout=PIPE, text=True, encoding="utf-8")
    return done.stdout.splitlines()[-1]
