"""Forward chaining: cold and incremental cost of both chainers against `decide` and against CLIPS on the same rules,
and the memory of very many subjects. Figures are printed, not asserted; that all answers are equal is.

    python -m benchmarks.chained [--small] [--subjects 100000]

CLIPS (clipspy) takes the place of a chainer: the same shards, the same propositions, the same sessions around it.
"""

from __future__ import annotations

import argparse
import gc
import random
import sys
from collections.abc import Collection, Iterable, Iterator
from importlib import import_module
from typing import Any

from benchmarks.enterprise import AS_OF, LAW_AT, SHENYANG, Facts, enterprise, forget
from benchmarks.scale import FULL, Scale
from benchmarks.timing import Row, Times, alternate
from safetyrules import Assessment, default_program
from safetyrules.engine import chained
from safetyrules.engine.chained import Chainer, ChainingError, PlainChainer
from safetyrules.engine.chained.durable import DurableChainer, rulesets_built
from safetyrules.engine.chained.horn import LocalRules
from safetyrules.engine.chained.session import ChainedSession
from safetyrules.engine.chained.strata import chained_plan


class ClipsChainer:
    """The same shards on CLIPS: one environment for each, kept.

    Facts go in as one text and firings come out by a call: every fact that clipspy shows to Python stays with the
    environment for good, and slows it down more and more.
    """

    name = "clips"

    def __init__(self) -> None:
        self._clips = import_module("clips")
        self._kept: dict[LocalRules, Any] = {}
        self._fired: list[int] = []

    def fire(self, rules: LocalRules, given: Collection[int]) -> list[int]:
        environment = self._kept.get(rules)
        if environment is None:
            environment = self._kept[rules] = self._built(rules)
        self._fired.clear()
        environment.reset()
        environment.load_facts(" ".join(f"(holds {proposition})" for proposition in given))
        environment.run()
        return list(self._fired)

    def _built(self, rules: LocalRules) -> Any:
        environment = self._clips.Environment()
        environment.define_function(lambda number: self._fired.append(int(number)), name="fired")
        for number, (head, body) in enumerate(rules):
            joined = " ".join(f"(holds {proposition})" for proposition in body)
            environment.build(f"(defrule r{number} {joined} => (assert (holds {head})) (fired {number}))")
        return environment


def chainers() -> dict[str, Chainer]:
    """Every chainer that can be used here; what cannot be is said."""
    found: dict[str, Chainer] = {"plain": PlainChainer()}
    try:
        found["durable"] = DurableChainer()
    except ChainingError as error:
        print(error)
    try:
        found["clips"] = ClipsChainer()
    except ImportError as error:
        print(f"clipspy is left out: {error}")
    return found


def assess(facts: Facts, engine: Any = "compiled") -> Assessment:
    return default_program().assess(facts, as_of=AS_OF, law_at=LAW_AT, jurisdiction=SHENYANG, engine=engine)


def subjects(count: int) -> list[Facts]:
    """Enterprises known, and known in part, in turns."""
    found = []
    for seed in range(count):
        facts = enterprise(random.Random(seed))
        found.append(forget(facts, random.Random(~seed), 1 / 3) if seed % 2 else facts)
    return found


def cold(found: dict[str, Chainer], inputs: list[Facts], rounds: int, seconds: float) -> dict[str, Times]:
    """One decision, facts parsed and all answers read, as each engine gives it."""
    program = default_program()

    def by(chainer: Chainer, facts: Facts) -> Any:
        plan, request, _ = program.asked(facts, as_of=AS_OF, law_at=LAW_AT, jurisdiction=SHENYANG)
        return chained.decide(plan, program.entity(facts, request), request.as_of, chainer)

    for facts in inputs:
        expected = dict(assess(facts, "reference").scalars)
        for name, chainer in found.items():
            if dict(by(chainer, facts)) != expected:
                raise AssertionError(f"{name} answers otherwise than the reference")
    calls: dict[str, Any] = {"decide (compiled)": lambda number: assess(inputs[number]).scalars}
    for name, chainer in found.items():
        calls[f"chained, {name}"] = lambda number, chainer=chainer: by(chainer, inputs[number])
    return alternate(calls, len(inputs), rounds, seconds)


FLIPS = (
    "dust.collectors[0].positive_pressure",
    "dust.collectors[1].uses_dry_tunnel_duct",
    "dust.has_cleaning_regime",
    "activities.fireworks",
    "dust.serious_accumulation",
)


def incremental(found: dict[str, Chainer], rounds: int, seconds: float) -> dict[str, Times]:
    """One fact of a loaded subject flipped: what changes. `decide` answers the same by deciding everything anew."""
    facts = enterprise(random.Random(0))
    sessions = {
        name: ChainedSession(
            default_program(), facts, as_of=AS_OF, law_at=LAW_AT, jurisdiction=SHENYANG, chainer=chainer
        )
        for name, chainer in found.items()
    }
    flipped: dict[str, list[bool]] = {name: [True] * len(FLIPS) for name in (*sessions, "decide")}

    def turned(name: str, number: int) -> bool:
        flipped[name][number] = not flipped[name][number]
        return flipped[name][number]

    def flip(name: str, number: int) -> Any:
        return sessions[name].update(FLIPS[number], turned(name, number))

    for number in range(len(FLIPS)):
        for name, session in sessions.items():
            flip(name, number)
            if dict(session.assessment.scalars) != dict(assess(session.facts, "reference").scalars):
                raise AssertionError(f"{name} answers otherwise than a fresh assessment")
    anew = next(iter(sessions.values())).facts
    calls: dict[str, Any] = {"decide (compiled), anew": lambda number: assess(anew).scalars}
    for name in sessions:
        calls[f"session, {name}"] = lambda number, name=name: flip(name, number)
    return alternate(calls, len(FLIPS), rounds, seconds)


def resident() -> float:
    """Resident memory in MB; 0 where the system does not say."""
    try:
        with open("/proc/self/statm", encoding="ascii") as statm:
            return int(statm.read().split()[1]) * 4096 / 1e6
    except OSError:
        return 0.0


def memory(chainer: Chainer, count: int) -> Iterable[tuple[int, float]]:
    """Resident memory while ``count`` small subjects are decided one after another, every fiftieth kept in a session
    and changed before it is let go."""
    small: list[Facts] = [
        {"dust": {"hazard_present": True, "workers_total": seed, "collectors": [{"system": "dry"}] * (seed % 2)}}
        for seed in range(20)
    ]
    program = default_program()
    options: dict[str, Any] = {"as_of": AS_OF, "law_at": LAW_AT, "sectors": ["dust"], "closed": ["*"]}
    marks = {0, count // 100, *(count * tenth // 10 for tenth in range(1, 11))}
    for number in range(count + 1):
        if number in marks:
            gc.collect()
            yield number, resident()
        facts = small[number % len(small)]
        if number % 50 == 0:
            session = ChainedSession(program, facts, chainer=chainer, **options)
            session.update("dust.workers_total", number % 40)
        else:
            plan, request, _ = program.asked(facts, **options)
            chained.decide(plan, program.entity(facts, request), request.as_of, chainer)


def run(scale: Scale) -> Iterator[Row]:
    """The rows for ``python -m benchmarks``; the memory of very many subjects is left to this module's own command."""
    small = scale.rules < FULL.rules
    inputs, rounds, seconds = (2, 3, 2.0) if small else (6, 7, 20.0)
    found = chainers()
    for title, times in (
        ("cold, one subject", cold(found, subjects(inputs), rounds, seconds)),
        ("incremental, one fact flipped", incremental(found, rounds, seconds)),
    ):
        first = next(iter(times))
        for name, each in times.items():
            if name != first:
                yield Row(f"{title}: {name}", each, times[first], first, each.typical / times[first].typical)


def shown(title: str, times: dict[str, Times]) -> None:
    print(f"\n{title}")
    for name, each in times.items():
        print(f"  {name:26} {each.typical:10.0f}   p50 {each.p50:10.0f}   p99 {each.p99:10.0f}")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--small", action="store_true", help="seconds rather than minutes")
    parser.add_argument("--only", choices=("cost", "memory"), help="one of the two parts")
    parser.add_argument("--subjects", type=int, help="subjects in the memory run")
    options = parser.parse_args(arguments)
    inputs, rounds, seconds = (2, 3, 3.0) if options.small else (6, 7, 40.0)
    count = options.subjects or (300 if options.small else 100_000)
    found = chainers()
    plan = assess(enterprise(random.Random(0))).plan
    ready = chained_plan(plan)
    rules = sum(len(kind.rules.rules) for kind in ready.kinds.values())
    print(f"the shipped law: {rules} Horn rules in {len(ready.shards)} shards and {ready.depth} strata")
    if options.only != "memory":
        shown("cold, microseconds for one subject", cold(found, subjects(inputs), rounds, seconds))
        shown("incremental, microseconds for one fact flipped", incremental(found, rounds, seconds))
        print(f"\nrulesets that durable-rules holds: {rulesets_built()}")
    for name in ("durable", "plain") if options.only != "cost" else ():
        if name in found:
            print(f"\nmemory, {name}, subjects one after another")
            for number, megabytes in memory(found[name], count):
                print(f"  {number:8}  {megabytes:8.1f} MB", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
