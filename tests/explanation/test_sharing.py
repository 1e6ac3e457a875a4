"""What explanations of one assessment share: no answer depends on what was asked before, in which order or by whom."""

from __future__ import annotations

import gc
import random
import weakref
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from generated_law import FINITE, PROGRAMS, Facts, law
from small_law import CASES, assess

from safetyrules.explanation.evaluate import Spot
from safetyrules.explanation.needs import Need
from safetyrules.explanation.trace import Replay
from safetyrules.language import terms as t
from safetyrules.language.term_trees import children
from safetyrules.result import Assessment

DAY = "2024-05-01"


def some_facts(rng: random.Random) -> Facts:
    facts: Facts = {name: rng.choice(values) for name, values in FINITE["enterprise"].items() if rng.random() < 0.6}
    items = [
        {name: rng.choice(values) for name, values in FINITE["item"].items() if rng.random() < 0.6}
        for _ in range(rng.randrange(3))
    ]
    return {**facts, "items": {"items": items, "more": True} if rng.random() < 0.4 else items}


def drawn(seed: int) -> Assessment:
    rng = random.Random(seed)
    return law(seed % PROGRAMS).assess(some_facts(rng), as_of=DAY)


def names(assessment: Assessment) -> list[str]:
    return [f"{outcome.path}#{outcome.name}" for outcome in assessment.outcomes]


def told(assessment: Assessment, name: str) -> tuple[dict[str, Any], tuple[Need, ...]]:
    return assessment.why(name).to_json(), assessment.needs(name)


@pytest.mark.parametrize("seed", range(20))
def test_what_was_asked_before_changes_no_answer(seed: int) -> None:
    shared = drawn(seed)
    asked = names(shared)
    random.Random(seed).shuffle(asked)
    for name in asked:
        assert told(shared, name) == told(drawn(seed), name)


@pytest.mark.parametrize("seed", range(5))
def test_threads_that_ask_at_once_get_the_same_answers(seed: int) -> None:
    shared, alone = drawn(seed), drawn(seed)
    asked = names(shared) * 4
    with ThreadPoolExecutor(8) as threads:
        found = list(threads.map(lambda name: told(shared, name), asked))
    assert found == [told(alone, name) for name in asked]


@pytest.mark.parametrize("seed", range(20))
def test_every_explained_value_is_what_the_assessment_says(seed: int) -> None:
    assessment = drawn(seed)
    for outcome in assessment.outcomes:
        (reason,) = (
            each
            for each in assessment.why(f"{outcome.path}#{outcome.name}").conclusions
            if each.node == (outcome.path, outcome.name)
        )
        assert reason.status == outcome.status
        if not outcome.residual:
            assert reason.value == outcome.scalar


@pytest.mark.parametrize("case", CASES)
def test_every_term_has_the_value_that_the_interpreter_gives(case: str) -> None:
    _, assessment = assess(case)
    require_same_values(assessment)


@pytest.mark.parametrize("seed", range(PROGRAMS))
def test_every_term_of_drawn_law_has_the_value_that_the_interpreter_gives(seed: int) -> None:
    require_same_values(drawn(seed))


def require_same_values(assessment: Assessment) -> None:
    """Compares every term outside lists, at every entity."""
    from safetyrules.engine.reference import Place, Reference

    replay = Replay(assessment)
    plain = Reference(replay.plan, replay.root, assessment.request.as_of).run()
    for conclusion in replay.plan.conclusions:
        for entity in replay.reference.entities.get(conclusion.on, ()):
            pending: list[object] = [conclusion.term]
            while pending:
                term = pending.pop()
                if isinstance(term, t.Quantified | t.Aggregate | t.SectorGrades):
                    continue
                pending.extend(children(term))
                if isinstance(term, t.Term):
                    assert replay.value(term, Spot(entity)) == plain.evaluate(term, Place(entity)), term


def test_an_assessment_and_what_was_found_out_about_it_are_free_at_once() -> None:
    assessment = drawn(3)
    drawn(3).to_document()
    gc.collect()
    gc.disable()
    try:
        for name in names(assessment):
            told(assessment, name)
        replay = weakref.ref(assessment.replay)
        del assessment
        assert replay() is None
    finally:
        gc.enable()
