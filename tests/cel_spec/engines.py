"""The rule language's two engines as evaluators of single expressions: a small program with the bindings as facts."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from safetyrules import RulesetError, load_program
from safetyrules.program import Program
from safetyrules.values import Finite, Interval, Scalar

from .cases import Failure, Outcome, Value

AS_OF = date(2024, 1, 1)
LAW = (
    "instruments: law\nlist:\n- {id: law, title: {zh: l, en: l}, number: '1', issuer: {zh: i, en: i}, level: law, "
    "jurisdiction: CN, in_force: {from: 2000-01-01, to: null}, clauses: [{id: '1', title: {zh: c, en: c}}]}\n"
)
TYPES = ("boolean", "number", "text")
TITLE = {"zh": "t", "en": "t"}


def evaluate(expression: str, bindings: Mapping[str, Value], engine: str) -> Outcome:
    """The value of an expression, in the first of our types that it has; a list is read member by member."""
    refusal: RulesetError | None = None
    for type_ in TYPES:
        try:
            program = _program(bindings, {"is": expression, "value": type_})
        except RulesetError as error:
            refusal = refusal or error
            continue
        return _value(_assess(program, bindings, engine))
    listed = _list(expression, bindings, engine)
    assert refusal is not None
    return Failure(refusal.diagnostics[0].code) if listed is None else listed


def _list(expression: str, bindings: Mapping[str, Value], engine: str) -> Outcome | None:
    """A list, found out by asking how long it is and whether it is one of the lists that its members could make."""
    try:
        size = _assess(_program(bindings, {"is": f"size({expression})", "value": "integer"}), bindings, engine)
    except RulesetError:
        return None
    length = _value(size)
    if not isinstance(length, Fraction):
        return length
    members: list[Value] = []
    candidates = [Fraction(n) for n in range(-10, 200)] if length else []
    for candidate in candidates:
        test = {"is": f"size(({expression}).filter(member_of_list, member_of_list == {candidate}))", "value": "integer"}
        count = _value(_assess(_program(bindings, test), bindings, engine))
        if not isinstance(count, Fraction):
            return count
        members += [candidate] * int(count)
        if len(members) == length:
            break
    return tuple(members)


def _program(bindings: Mapping[str, Value], outcome: dict[str, str]) -> Program:
    top: dict[str, Any] = {"title": TITLE, "root": True, "facts": {}, "sections": {}}
    for name, value in bindings.items():
        *section, key = name.rsplit(".", 1)
        holder = top["facts"]
        if section:
            holder = top["sections"].setdefault(section[0], {"title": TITLE, "facts": {}})["facts"]
        holder[key] = _fact(value)
    kinds = {"enterprise": {key: value for key, value in top.items() if value}}
    rule = {"id": "result_of_case", "title": TITLE, "clause": "1", "on": "enterprise", **outcome}
    documents = [
        {"facts": "f", "kinds": kinds},
        {"ruleset": "r", "title": TITLE, "instrument": "law", "rules": [rule]},
    ]
    if not kinds["enterprise"].get("facts") and "sections" not in kinds["enterprise"]:
        kinds["enterprise"]["facts"] = {"unused_fact": {"type": "boolean", "title": TITLE}}
    return load_program(
        [("law.yaml", LAW), *((f"{i}.yaml", json.dumps(d, ensure_ascii=False)) for i, d in enumerate(documents))]
    )


def _fact(value: Value) -> dict[str, Any]:
    if isinstance(value, tuple):
        item = value[0] if value else Fraction(0)
        return {"type": "list", "of": _type(item), "title": TITLE}
    return {"type": _type(value), "title": TITLE}


def _type(value: Value) -> str:
    return "boolean" if isinstance(value, bool) else "number" if isinstance(value, Fraction) else "text"


def _assess(program: Program, bindings: Mapping[str, Value], engine: Any) -> Scalar:
    facts: dict[str, Any] = {}
    for name, value in bindings.items():
        *section, key = name.rsplit(".", 1)
        (facts.setdefault(section[0], {}) if section else facts)[key] = (
            list(value) if isinstance(value, tuple) else value
        )
    return program.assess(facts, as_of=AS_OF, engine=engine).scalars["enterprise", "result_of_case"]


def _value(scalar: Scalar) -> Outcome:
    """The one value; whatever is unknown though all facts are known failed."""
    if isinstance(scalar, Finite) and scalar.known:
        (only,) = scalar.outcomes
        return only if isinstance(only, bool | str) else Failure("no value")
    if isinstance(scalar, Interval) and scalar.known and scalar.low is not None:
        return scalar.low
    return Failure("unknown")
