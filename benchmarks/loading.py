"""What it costs to begin: importing, loading rules, making and compiling a plan; and whether memory grows after that.

Each is measured in processes of its own, which are this module run by name: ``load COUNT`` or ``grow COUNT``.
"""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from benchmarks.scale import Scale
from benchmarks.timing import Row, Times

ROOT = Path(__file__).resolve().parents[1]
#: Seconds.
IMPORT_LIMIT, COLD_LIMIT, WARM_LIMIT = 0.150, 1.0, 0.150


def run(scale: Scale) -> Iterator[Row]:
    tries = min(scale.rounds, 9)
    yield _imported("import safetyrules", "import safetyrules", tries)
    yield _imported("import safetyrules and its assess", "from safetyrules import assess", tries)
    name = f"load {scale.rules:,} rules"
    loads = [_child("load", scale.rules) for _ in range(min(tries, 3))]
    cold, warm = ([load[which] for load in loads] for which in ("cold", "warm"))
    yield _row(f"{name}, cold", [sum(passes.values()) for passes in cold], "1 s", COLD_LIMIT, _passes(cold))
    note = f"in the same process; nothing is kept from process to process; {_passes(warm)}"
    yield _row(f"{name}, again", [sum(passes.values()) for passes in warm], "150 ms", WARM_LIMIT, note)
    grown = _child("grow", scale.growth)
    before, after = grown["before"], grown["after"]
    yield Row(
        "memory of the process",
        None,
        None,
        "memory before",
        after / before,
        "≤ 1.02",
        f"{before:.1f} MB, then {after:.1f} MB after {scale.growth:,} assessments",
    )


def _row(name: str, seconds: list[float], limit: str, allowed: float, note: str) -> Row:
    spent = sorted(max(each, 0.0) * 1e6 for each in seconds)
    times = Times(median(spent), median(spent), spent[-1])
    return Row(name, times, None, limit, times.typical / 1e6 / allowed, "≤ 1.0", note)


def _imported(name: str, code: str, tries: int) -> Row:
    """Fresh processes with the import and without, in turns."""
    spent = []
    for _ in range(tries + 1):
        without, with_it = _process("pass"), _process(code)
        spent.append(with_it - without)
    note = "process that imports, less one that does nothing; p99 is the slowest"
    return _row(name, spent[1:], "150 ms", IMPORT_LIMIT, note)


def _process(code: str) -> float:
    start = perf_counter()
    subprocess.run([sys.executable, "-c", code], check=True, cwd=ROOT)
    return perf_counter() - start


def _child(*arguments: object) -> Any:
    command = [sys.executable, "-m", "benchmarks.loading", *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE).stdout)


def _passes(loads: list[dict[str, float]]) -> str:
    """Milliseconds of each pass that counts."""
    whole = {name: median(load[name] for load in loads) * 1000 for name in loads[0]}
    return ", ".join(f"{name} {spent:.0f}" for name, spent in whole.items() if spent >= 0.5) + " ms"


# ---- in a process of its own ----------------------------------------------------------------------------------------


def load(count: int) -> dict[str, dict[str, float]]:
    """Seconds by pass of the same rules loaded twice."""
    from benchmarks import generated_rules
    from benchmarks.programs import sources

    written = sources(generated_rules.FACTS, generated_rules.rules(count))
    return {which: _load(written) for which in ("cold", "warm")}


def _load(written: list[tuple[str, str]]) -> dict[str, float]:
    from benchmarks.programs import DAY

    start = perf_counter()
    import safetyrules

    loaded = safetyrules.load_program(written)
    done = perf_counter()
    passes = dict(loaded.timings)
    passes["imports and the rest"] = max(done - start - sum(passes.values()), 0.0)
    plan = loaded.plan(DAY)
    planned = perf_counter()
    loaded.compiled(plan, "enterprise")
    passes["plan"], passes["compile"] = planned - done, perf_counter() - planned
    return passes


def grow(count: int) -> dict[str, float]:
    """Resident memory after warm-up assessments, and after ``count`` further ones.

    Every input has a text and a number of its own, so that whatever is kept by value is seen; half are known in part;
    of some the outcomes are read.
    """
    from benchmarks.programs import DAY, program, value
    from benchmarks.synthetic_rules import FACTS, facts, ours

    extra = {"name": "text", "load": {"type": "number", "minimum": 0}}
    rules = [value("heavy", "boolean", "load > 1000"), value("named", "boolean", 'name == "n1"')]
    loaded = program({**FACTS, **extra}, [*ours(), *rules])
    inputs = [facts(seed) for seed in range(50)]
    inputs += [{name: known for name, known in each.items() if name[1] not in "147"} for each in inputs]

    def ask(numbers: range) -> None:
        for number in numbers:
            given = {**inputs[number % len(inputs)], "name": f"n{number}", "load": number / 8}
            assessment = loaded.assess(given, as_of=DAY)
            if number % 99 < 2:
                len(assessment.outcomes)

    first = max(count // 10, 5_000)
    ask(range(first))
    before = resident()
    ask(range(first, first + count))
    return {"before": before, "after": resident()}


def resident() -> float:
    """Resident memory in MB, or the most so far where the system only says that."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * 4096 / 1e6
    except OSError:
        import resource

        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6


if __name__ == "__main__":
    print(json.dumps({"load": load, "grow": grow}[sys.argv[1]](int(sys.argv[2]))))
