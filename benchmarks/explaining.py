"""What an explanation costs, in a program of 200 rules: replay and reasons, of one conclusion and of all."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from benchmarks import generated_rules
from benchmarks.programs import DAY, program
from benchmarks.scale import Scale
from benchmarks.timing import Row, alternate
from safetyrules import Assessment

RULES = 200
#: Microseconds that a full explanation may take.
LIMIT = 1000
ONE = "r3_finding"


def one(assessment: Assessment) -> object:
    """Why one finding, its clause, conditions and facts."""
    return assessment.why(ONE).conclusions


def grade(assessment: Assessment) -> object:
    """Why the grade that rests on nearly every rule."""
    return assessment.why(generated_rules.LAST).conclusions


def everything(assessment: Assessment) -> object:
    """Why each conclusion."""
    return [assessment.why(outcome.name).conclusions for outcome in assessment.outcomes]


def text(assessment: Assessment) -> object:
    return assessment.why(ONE).to_text("zh")


HOWS: dict[str, Callable[[Assessment], object]] = {
    "why, one finding": one,
    "why, one finding, as text": text,
    "why, the grade and all below it": grade,
    "why, each of all conclusions": everything,
}


def run(scale: Scale) -> Iterator[Row]:
    loaded = program(generated_rules.FACTS, generated_rules.rules(RULES))
    inputs = [generated_rules.facts(seed) for seed in range(scale.inputs)]
    for facts in inputs:
        compiled, reference = (loaded.assess(facts, as_of=DAY, engine=engine) for engine in ("compiled", "reference"))
        if dict(compiled.scalars) != dict(reference.scalars):
            raise AssertionError("compiled code answers otherwise than the interpreter that explains")
    for name, how in HOWS.items():

        def call(number: int, how: Callable[[Assessment], object] = how) -> object:
            return how(loaded.assess(inputs[number], as_of=DAY))

        times = alternate({name: call}, min(scale.inputs, 5), min(scale.rounds, 5), scale.seconds)[name]
        target = "≤ 1.0" if name.startswith("why, the grade") else ""
        yield Row(name, times, None, "1 ms", times.typical / LIMIT, target, f"{RULES} rules, assessment included")
