"""Runs the conformance suite (YAML, see README.md) on every engine."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import pytest
from conformance_suite import ABSENT, Answer, Case, cases, difference, program

from safetyrules import FactsError, load_program
from safetyrules.engine.reference import Reference
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

ENGINES = ("reference", "compiled", "chained")


# ---- the adapter: everything that knows how a result is read -------------------------------------------------------


@lru_cache
def loaded(file: str, order: str) -> Any:
    written = program(file, order)
    return load_program(written.documents, open_file=lambda source, name: written.files[name].encode())


def assess(case: Case, engine: str) -> Any:
    return loaded(case.file, case.order).assess(case.facts, engine=engine, **case.options)


def answer(result: Any, key: str) -> Answer:
    """The conclusion ``name``, or ``entity.path[0]#name`` of a part; ABSENT where there is none."""
    outcome = found(result, key)
    if outcome is None:
        return ABSENT
    return plain(outcome.scalar) if outcome.treated is None else frozenset({outcome.treated})


def found(result: Any, key: str) -> Any:
    """The outcome of a conclusion, or None."""
    path, _, name = key.rpartition("#")
    if member := re.match(r"enterprises\[(\d+)\]\.?", path) if result.request.subject == "regulator" else None:
        return found(result.members[int(member[1])], f"{path[member.end() :]}#{name}" if path[member.end() :] else name)
    root = result.request.subject
    path = f"{root}.{path}" if path else root
    return next((outcome for outcome in result.outcomes if (outcome.path, outcome.name) == (path, name)), None)


def plain(scalar: Scalar) -> Answer:
    if isinstance(scalar, Finite):
        return frozenset(None if each is NOTHING else each for each in scalar.outcomes)
    if isinstance(scalar, AnyText):
        return ("any text", scalar.nothing)
    assert isinstance(scalar, Interval)
    if scalar.empty:
        return frozenset({None})
    return ("between", scalar.low, scalar.high, scalar.nothing)


def aspect(result: Any, key: str, what: str) -> Any:
    """What is said beside the outcome."""
    if what == "due":
        return answer(result, f"{key}.due")
    outcome = found(result, key)
    match what:
        case "severity":
            return outcome.conclusion.severity
        case "clauses":
            return {clause for rule in result.rules(outcome) for clause in rule.clauses}
        case "inferred":
            return any(rule.days.inferred is not None for rule in result.rules(outcome))
        case "assumes":
            return {_inside(assumption.path) for assumption in result.assumptions(outcome)}
        case "needs":
            return {_inside(need.path) for need in result.needs(outcome)}
        case "readings":
            chosen_by = [need.path.split("/") for need in result.needs(outcome) if need.kind == "reading"]
            return {
                reading
                for ruleset, name in chosen_by
                for reading in result.program.linked.parameters[ruleset, name].type.members
            }
    raise AssertionError(f"the suite has no aspect {what}")


def _inside(path: str) -> str:
    """A path as the suite writes it, without the subject."""
    return path.removeprefix("enterprise.")


def diagnostics(result: Any) -> set[str]:
    """The codes of the diagnostics of an assessment, as the reference interpreter gives them on replay."""
    entity = result.program.entity(result.facts, result.request)
    replayed = Reference(result.plan, entity, result.request.as_of).run()
    return {each.code for _, _, each in replayed.diagnostics}


def refused_paths(error: FactsError) -> set[str]:
    """The paths of the refused facts, from the subject."""
    return {str(each.path).partition(".")[2] for each in error.diagnostics}


# ---- the tests -----------------------------------------------------------------------------------------------------

ASPECTS = ("due",)  # aspects that are answers themselves; the others are plain values or lists


@pytest.mark.parametrize("case", list(cases()), ids=lambda case: case.id)
@pytest.mark.parametrize("engine", ENGINES)
def test_conforms(case: Case, engine: str) -> None:
    if case.refused is not None:
        with pytest.raises(FactsError) as refusal:
            assess(case, engine)
        assert refused_paths(refusal.value) == set(case.refused)
        return
    result = assess(case, engine)
    assert differences(case, result) == []
    codes = diagnostics(result)
    assert set(case.diagnostics) <= codes
    assert not codes & set(case.no_diagnostics)


def differences(case: Case, result: Any) -> list[str]:
    found = []
    for key, expected in case.expect.items():
        name, _, what = key.partition("@")
        if not what:
            reason = difference(expected, answer(result, name))
        else:
            said = aspect(result, name, what)
            same = difference(expected, said) is None if what in ASPECTS else _set(expected) == _set(said)
            reason = None if same else f"expected {expected}, got {said}"
        if reason is not None:
            found.append(f"{key}: {reason}")
    return found


def _set(value: Any) -> Any:
    return set(value) if isinstance(value, list | tuple | set | frozenset) else value
