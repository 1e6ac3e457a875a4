"""How many cases of tests run in a second: ``python -m benchmarks.testing``. Nothing is asserted.

As typed: ``safetyrules test`` as a process of its own, with an empty cache and then with what that run kept; the tests
that ship, and one table of many cases. Beside the seconds that it prints stand those of the whole process. Then in this
process: the first run prepares the plans, the next ones find them prepared.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from statistics import median
from time import perf_counter

from safetyrules.program import default_program
from safetyrules.testing.coverage.measuring import measure
from safetyrules.testing.finding import files_of, read_suites
from safetyrules.testing.running import Runner

#: Cases a second.
TARGET = 2000
ROUNDS = 5
MANY = 20_000
COMMAND = (sys.executable, "-c", "import sys; from safetyrules.cli import main; sys.exit(main())", "test")
_SAID = re.compile(r"(\d+) cases passed, 0 failed\s+in ([\d.]+) s")
SUITE = """\
defaults: {as_of: 2026-11-01}
fixtures:
  two chemicals:
    facts:
      hazmat:
        hazard_present: true
        units:
          - unit_type: storage
            materials:
              - {chemical: 氯, composition: pure, categories: [J1]}
              - {chemical: 甲醇, composition: pure, categories: [W5.3]}
tables:
  - {file: sums.test.csv, name: sums, from: two chemicals}
"""


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        tables = Path(folder) / "tables"
        tables.mkdir()
        write_many(tables, MANY)
        cache = Path(folder) / "cache"
        as_typed("as typed, the shipped tests, nothing kept", cache, [], 1)
        as_typed("as typed, the shipped tests, the next runs", cache, [], ROUNDS)
        as_typed(f"as typed, a table of {MANY:,} cases", cache, [str(tables / "sums.test.yaml")], ROUNDS)
    program = default_program()
    started = perf_counter()
    cases = [case for suite in read_suites(files_of(program.plugins)) for case in suite.cases]
    _say("read", len(cases), perf_counter() - started)
    runner = Runner(program)
    _say("one process, first run", len(cases), runner.run(cases).seconds)
    _say("one process, next runs", len(cases), median(runner.run(cases).seconds for _ in range(ROUNDS)))
    alone = Runner(program, columns=False)
    alone.run(cases)
    _say("deciding alone", len(cases), median(alone.run(cases).seconds for _ in range(ROUNDS)))
    started = perf_counter()
    measure(program, cases)
    _say("coverage", len(cases), perf_counter() - started)


def as_typed(what: str, cache: Path, arguments: list[str], rounds: int) -> None:
    """The median of what the command prints, and of how long it takes in all."""
    printed, whole = [], []
    for _ in range(rounds):
        started = perf_counter()
        ran = subprocess.run(
            [*COMMAND, *arguments, "--lang", "en"],
            env={**os.environ, "SAFETYRULES_CACHE": str(cache)}, capture_output=True, text=True, encoding="utf-8",
        )  # fmt: skip
        whole.append(perf_counter() - started)
        said = _SAID.search(ran.stdout)
        if said is None:
            raise SystemExit(ran.stdout + ran.stderr)
        cases = int(said[1])
        printed.append(float(said[2]))
    _say(what, cases, median(printed))
    _say("  the whole process", cases, median(whole))


def write_many(folder: Path, count: int) -> None:
    """Two quantities in each case, and whether the unit is a major hazard source by GB 18218-2018, where Q is 5 t and
    500 t."""
    chosen = random.Random(18218)
    names = "hazmat.units[0].materials[{}].quantity"
    lines = [f"name,{names.format(0)},{names.format(1)},expect:hazmat.units[0].is_major_hazard_source"]
    for number in range(count):
        chlorine, methanol = chosen.randint(0, 700), chosen.randint(0, 700)
        reached = Fraction(chlorine, 100) / 5 + Fraction(methanol, 500) >= 1
        lines.append(f"case {number},{chlorine / 100},{methanol},{str(reached).lower()}")
    (folder / "sums.test.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    (folder / "sums.test.yaml").write_text(SUITE, encoding="utf-8")


def _say(what: str, cases: int, seconds: float) -> None:
    print(f"{what}: {cases:,} cases in {seconds:.2f} s, {cases / seconds:,.0f} a second (target {TARGET:,})")


if __name__ == "__main__":
    main()
