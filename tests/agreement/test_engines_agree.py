"""Compiled equals reference, on random programs and random facts."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from datetime import date
from types import MappingProxyType
from typing import Any

from agreement_facts import facts_of
from agreement_programs import Generated, programs
from hypothesis import given, settings
from hypothesis import strategies as st

from safetyrules import FactsError, load_program
from safetyrules.engine.compiled.assemble import NOT_PLAIN
from safetyrules.program import Program

AS_OF = date(2024, 3, 1)
PLACES = ("CN", "210100", "210102")
LAW_DAYS = (date(2024, 3, 1), date(2012, 1, 1), date(2002, 1, 1))
places = st.sampled_from(PLACES)
law_days = st.sampled_from(LAW_DAYS)


def examples(count: int) -> int:
    """So many in the ``ci`` profile, more in ``full``."""
    return count * settings().max_examples // 100


def load(generated: Generated) -> Program:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        files = generated.written.files
        return load_program(generated.written.documents, open_file=lambda source, name: files[name].encode())


def answers(program: Program, facts: Any, **options: Any) -> tuple[Any, Any]:
    """What each engine says: scalars, or what it refuses."""
    found = []
    for engine in ("reference", "compiled"):
        try:
            found.append(dict(program.assess(facts, as_of=AS_OF, engine=engine, **options).scalars))  # type: ignore[arg-type]
        except FactsError as error:
            found.append(tuple(error.diagnostics))  # type: ignore[arg-type]
    return found[0], found[1]


def assert_agree(program: Program, facts: Any, **options: Any) -> Any:
    reference, compiled = answers(program, facts, **options)
    assert type(reference) is type(compiled), (reference, compiled)
    if isinstance(reference, dict):
        differing = {
            key: (reference[key], compiled.get(key)) for key in reference if reference[key] != compiled.get(key)
        }
        assert differing == {}
    assert reference == compiled
    return reference


@settings(max_examples=examples(60))
@given(st.data(), programs(), places, law_days)
def test_on_facts_known_in_part(data: st.DataObject, generated: Generated, place: str, law_at: date) -> None:
    program = load(generated)
    for _ in range(6):
        assert_agree(program, data.draw(facts_of(generated.kinds)), law_at=law_at, jurisdiction=place)


@settings(max_examples=examples(30))
@given(st.data(), programs(), places)
def test_on_known_facts_and_on_both_paths(data: st.DataObject, generated: Generated, place: str) -> None:
    """Where the plain path answers, the other one answers the same."""
    program = load(generated)
    compiled = program.compiled(program.plan(AS_OF, place), "enterprise")
    for _ in range(4):
        facts = data.draw(facts_of(generated.kinds, known=True))
        said = assert_agree(program, facts, jurisdiction=place)
        if isinstance(said, dict):
            raw = compiled.decide_open(facts, AS_OF.toordinal())
            assert raw.outcomes() == said


@settings(max_examples=examples(25))
@given(st.data(), programs())
def test_on_bad_facts(data: st.DataObject, generated: Generated) -> None:
    program = load(generated)
    for _ in range(4):
        assert_agree(program, data.draw(facts_of(generated.kinds, bad=12)))


@settings(max_examples=examples(15))
@given(st.data(), programs(), st.sampled_from([("plant",), ("*",), ("plant", "*")]))
def test_on_a_closed_world_models_and_mappings(
    data: st.DataObject, generated: Generated, closed: tuple[str, ...]
) -> None:
    program = load(generated)
    facts = data.draw(facts_of(generated.kinds))
    closed = tuple(name for name in closed if name == "*" or program.schema.kinds["enterprise"].sections)
    assert_agree(program, facts, closed=closed)
    plainly = assert_agree(program, facts)
    assert assert_agree(program, MappingProxyType(facts)) == plainly
    if isinstance(plainly, dict):
        model = program.models.model("enterprise").model_validate(_copied(facts))
        assert assert_agree(program, model) == plainly


def _copied(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _copied(item) for key, item in value.items()}
    return [_copied(item) for item in value] if isinstance(value, list) else value


@settings(max_examples=examples(15))
@given(st.data(), programs(), st.randoms(use_true_random=False), places)
def test_no_order_matters(data: st.DataObject, generated: Generated, random: Any, place: str) -> None:
    """Neither that of documents, nor of rules in them, nor of keys in facts."""
    from conformance_suite import written

    program = load(generated)
    documents = [
        {**d, **({"rules": random.sample(d["rules"], len(d["rules"]))} if "rules" in d else {})}
        for d in generated.documents
    ]
    random.shuffle(documents)
    shuffled = load(Generated(written(documents, "shuffled"), generated.kinds, tuple(documents)))
    facts = data.draw(facts_of(generated.kinds))
    said = assert_agree(program, facts, jurisdiction=place)
    assert assert_agree(shuffled, _reversed(facts), jurisdiction=place) == said


def _reversed(facts: Any) -> Any:
    if isinstance(facts, dict):
        return {key: _reversed(value) for key, value in reversed(facts.items())}
    return [_reversed(each) for each in facts] if isinstance(facts, list) else facts


def test_known_facts_take_the_plain_path() -> None:
    """Where no log (which is never known in full) is read and nothing stops, known facts are decided plainly."""
    taken = given_up = 0

    @settings(max_examples=examples(30), database=None)
    @given(st.data(), programs(small=True))
    def count(data: st.DataObject, generated: Generated) -> None:
        nonlocal taken, given_up
        program = load(generated)
        compiled = program.compiled(program.plan(AS_OF), "enterprise")
        facts = data.draw(facts_of(generated.kinds, known=True))
        try:
            compiled.decide_plain(facts, AS_OF.toordinal())
            taken += 1
        except NOT_PLAIN:
            given_up += 1

    count()
    assert taken >= given_up
    assert taken > 5
