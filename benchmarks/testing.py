"""How many cases of the shipped tests run in a second: ``python -m benchmarks.testing``. Nothing is asserted.

The first run prepares the plans, the next ones find them prepared, as ``safetyrules test --watch`` does.
"""

from __future__ import annotations

from time import perf_counter

from safetyrules.program import default_program
from safetyrules.testing.coverage.measuring import measure
from safetyrules.testing.finding import files_of, read_suites
from safetyrules.testing.running import Runner

#: Cases a second.
TARGET = 2000
ROUNDS = 5


def main() -> None:
    program = default_program()
    started = perf_counter()
    cases = [case for suite in read_suites(files_of(program.plugins)) for case in suite.cases]
    _say("read", len(cases), perf_counter() - started)
    runner = Runner(program)
    _say("first run", len(cases), runner.run(cases).seconds)
    _say("next runs, the best", len(cases), min(runner.run(cases).seconds for _ in range(ROUNDS)))
    alone = Runner(program, columns=False)
    alone.run(cases)
    _say("deciding alone, the best", len(cases), min(alone.run(cases).seconds for _ in range(ROUNDS)))
    started = perf_counter()
    measure(program, cases)
    _say("coverage", len(cases), perf_counter() - started)


def _say(what: str, cases: int, seconds: float) -> None:
    print(f"{what}: {cases} cases in {seconds:.3f} s, {cases / seconds:,.0f} a second (target {TARGET:,})")


if __name__ == "__main__":
    main()
