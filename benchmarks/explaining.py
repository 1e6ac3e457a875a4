"""What explanations cost in a program of 200 rules: as typed reasons down to the facts, as text, as JSON; what is
needed; and what reading an assessment out costs beside deciding it."""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from typing import Any

from benchmarks import generated_rules
from benchmarks.programs import DAY, program
from benchmarks.scale import Scale
from benchmarks.timing import Row, alternate
from safetyrules import Assessment

RULES = 200
#: Microseconds that a full explanation may take.
LIMIT = 1000
ONE = "r3_finding"
ALL = generated_rules.LAST
Facts = dict[str, Any]
How = Callable[[Assessment], object]


def everything(assessment: Assessment) -> object:
    """Why each conclusion, from one assessment."""
    return [assessment.why(outcome.name).conclusions for outcome in assessment.outcomes]


def needs(assessment: Assessment) -> object:
    """What each conclusion that is not determined needs."""
    return [assessment.needs(outcome) for outcome in assessment.outcomes if outcome.status == "undetermined"]


def document(assessment: Assessment) -> object:
    return json.dumps(assessment.to_document().to_json())


#: "The grade" rests on nearly every rule. Reasons are complete when they are given: nothing is put off.
EXPLAINED: dict[str, How] = {
    "why, one finding": lambda assessment: assessment.why(ONE).conclusions,
    "why, one finding, as text": lambda assessment: assessment.why(ONE).to_text("zh"),
    "why, one finding, as JSON": lambda assessment: json.dumps(assessment.why(ONE).to_json()),
    "why, the grade and all below it": lambda assessment: assessment.why(ALL).conclusions,
    "why, the grade, as text": lambda assessment: assessment.why(ALL).to_text("zh"),
    "why, the grade, as JSON": lambda assessment: json.dumps(assessment.why(ALL).to_json()),
    "why, each of all conclusions": everything,
}
READ: dict[str, How] = {
    "deciding alone": lambda assessment: assessment,
    "all outcomes read": lambda assessment: [outcome.value for outcome in assessment.outcomes],
    "the document, as JSON": document,
}
OPEN: dict[str, How] = {
    "why, the grade and all below it": lambda assessment: assessment.why(ALL).conclusions,
    "needs of all conclusions": needs,
    "the document, as JSON": document,
}
TARGETS = {"why, the grade and all below it": "≤ 1.0"}


def known(seed: int) -> Facts:
    return generated_rules.facts(seed)


def a_third_unknown(seed: int) -> Facts:
    rng = random.Random(seed)
    return {name: value for name, value in generated_rules.facts(seed).items() if rng.random() > 1 / 3}


def run(scale: Scale) -> Iterator[Row]:
    loaded = program(generated_rules.FACTS, generated_rules.rules(RULES))
    for given, hows in ((known, {**EXPLAINED, **READ}), (a_third_unknown, OPEN)):
        inputs = [given(seed) for seed in range(scale.inputs)]
        for facts in inputs:
            engines = (loaded.assess(facts, as_of=DAY, engine=engine) for engine in ("compiled", "reference"))
            compiled, reference = (dict(each.scalars) for each in engines)
            if compiled != reference:
                raise AssertionError("compiled code answers otherwise than the interpreter that explains")
        for name, how in hows.items():

            def call(number: int, how: How = how, inputs: list[Facts] = inputs) -> object:
                return how(loaded.assess(inputs[number], as_of=DAY))

            times = alternate({name: call}, min(scale.inputs, 5), min(scale.rounds, 5), scale.seconds)[name]
            unknown = given is a_third_unknown
            title = f"{name}, a third unknown" if unknown else name
            target = "" if unknown else TARGETS.get(name, "")
            yield Row(title, times, None, "1 ms", times.typical / LIMIT, target, f"{RULES} rules, assessment included")
