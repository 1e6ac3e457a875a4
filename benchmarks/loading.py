"""What it costs to begin: importing, loading rules, making and compiling a plan; and whether memory grows after that.

Each is measured in processes of its own, which are this module run by name: ``load FOLDER``, ``write COUNT FOLDER`` or
``grow COUNT``.
"""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
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
    with tempfile.TemporaryDirectory() as folder:
        _process(sys.executable, "-m", "benchmarks.loading", "write", str(scale.rules), folder)
        cold = [_child("load", folder, "anew") for _ in range(min(tries, 5))]
        first = _child("load", folder, "kept")
        warm = [_child("load", folder, "kept") for _ in range(tries)]
    yield _row(f"{name}, cold", _totals(cold), "1 s", COLD_LIMIT, _passes(cold))
    yield _row(f"{name}, cold, and keep them", _totals([first]), "1 s", COLD_LIMIT, _passes([first]))
    note = f"a new process, from the cache; {_passes(warm)}"
    yield _row(f"{name}, warm", _totals(warm), "150 ms", WARM_LIMIT, note)
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


def _totals(loads: list[dict[str, float]]) -> list[float]:
    return [sum(passes.values()) for passes in loads]


def _row(name: str, seconds: list[float], limit: str, allowed: float, note: str) -> Row:
    spent = sorted(max(each, 0.0) * 1e6 for each in seconds)
    times = Times(median(spent), median(spent), spent[-1])
    return Row(name, times, None, limit, times.typical / 1e6 / allowed, "≤ 1.0", note)


def _imported(name: str, code: str, tries: int) -> Row:
    """Fresh processes with the import and without, in turns."""
    spent = []
    for _ in range(tries + 1):
        without, with_it = (_process(sys.executable, "-c", each) for each in ("pass", code))
        spent.append(with_it - without)
    note = "process that imports, less one that does nothing; p99 is the slowest"
    return _row(name, spent[1:], "150 ms", IMPORT_LIMIT, note)


def _process(*command: str) -> float:
    start = perf_counter()
    subprocess.run(command, check=True, cwd=ROOT)
    return perf_counter() - start


def _child(*arguments: object) -> Any:
    command = [sys.executable, "-m", "benchmarks.loading", *map(str, arguments)]
    return json.loads(subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.PIPE).stdout)


def _passes(loads: list[dict[str, float]]) -> str:
    """Milliseconds of each pass that counts."""
    whole = {name: median(load[name] for load in loads) * 1000 for name in loads[0]}
    return ", ".join(f"{name} {spent:.0f}" for name, spent in whole.items() if spent >= 0.5) + " ms"


# ---- in a process of its own ----------------------------------------------------------------------------------------


def write(count: int, folder: str) -> None:
    """The documents of so many rules and the facts of one enterprise, for processes that are to load nothing else."""
    from benchmarks import generated_rules
    from benchmarks.programs import DAY, sources

    documents = sources(generated_rules.FACTS, generated_rules.rules(count))
    asked = {"facts": generated_rules.facts(1), "as_of": DAY.isoformat()}
    (Path(folder) / "input.json").write_text(json.dumps({"documents": documents, **asked}), encoding="utf-8")


def load(folder: str, which: str) -> dict[str, float]:
    """Seconds by pass, from after ``import safetyrules`` until the first enterprise has its overall grade."""
    import safetyrules

    given = json.loads((Path(folder) / "input.json").read_text(encoding="utf-8"))
    start = perf_counter()
    load_program = safetyrules.load_program
    imported = perf_counter()
    documents = [(name, text) for name, text in given["documents"]]
    loaded = load_program(documents, cache=None if which == "anew" else Path(folder) / "cache")
    done = perf_counter()
    answer = loaded.assess(given["facts"], as_of=given["as_of"])
    assert answer["overall"].value is not None
    answered = perf_counter()
    passes = {"imports": imported - start, **loaded.timings}
    passes["the rest"] = done - start - sum(passes.values())
    passes["plan, compile and assess"] = answered - done
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
    if sys.argv[1] == "write":
        write(int(sys.argv[2]), sys.argv[3])
    else:
        print(json.dumps(load(*sys.argv[2:]) if sys.argv[1] == "load" else grow(int(sys.argv[2]))))
