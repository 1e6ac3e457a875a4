"""Programs built in code: YAML text of facts, one instrument and rules, as an author would write it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

import yaml

import safetyrules

DAY = date(2024, 6, 30)
COLOURS = ("blue", "yellow", "orange", "red")
Rule = dict[str, Any]


def value(name: str, type_: str, text: str) -> Rule:
    """A rule that computes one value."""
    return {"id": name, "value": type_, "is": text}


def sources(
    facts: Mapping[str, Any],
    rules: Iterable[Rule],
    parts: Mapping[str, Mapping[str, Any]] | None = None,
    parameters: Mapping[str, Any] | None = None,
) -> list[tuple[str, str]]:
    """The documents of a program with one subject kind. ``parts`` are further kinds, by name, with their facts."""
    kinds: dict[str, Any] = {"enterprise": {"root": True, **_kind("enterprise", facts)}}
    kinds.update((name, _kind(name, inside)) for name, inside in (parts or {}).items())
    levels = {level: _text(level) for level in COLOURS}
    documents: dict[str, dict[str, Any]] = {
        "facts.yaml": {
            "facts": "base",
            "scales": {"colour": {"title": _text("colour"), "worse": "last", "levels": levels}},
            "kinds": kinds,
        },
        "instruments.yaml": {"instruments": "law", "list": [_INSTRUMENT]},
        "rules.yaml": {
            "ruleset": "generated",
            "title": _text("generated"),
            "instrument": "law",
            "rules": [_rule(rule) for rule in rules],
        },
    }
    if parameters:
        named = {name: {**each, "title": _text(name)} for name, each in parameters.items()}
        documents["rules.yaml"] = {**documents["rules.yaml"], "parameters": named}
    return [
        (name, str(yaml.safe_dump(document, sort_keys=False, allow_unicode=True)))
        for name, document in documents.items()
    ]


def program(
    facts: Mapping[str, Any], rules: Iterable[Rule], parts: Mapping[str, Mapping[str, Any]] | None = None
) -> safetyrules.Program:
    return safetyrules.load_program(sources(facts, rules, parts))


def _text(words: str) -> dict[str, str]:
    return {"zh": words, "en": words}


def _kind(name: str, facts: Mapping[str, Any]) -> dict[str, Any]:
    def full(fact: str, type_: Any) -> dict[str, Any]:
        return {**({"type": type_} if isinstance(type_, str) else type_), "title": _text(fact)}

    return {"title": _text(name), "facts": {fact: full(fact, type_) for fact, type_ in facts.items()}}


def _rule(rule: Rule) -> Rule:
    start = {} if "except" in rule else {"on": "enterprise"}
    return {"id": rule["id"], **start, "clause": "1", "title": _text(rule["id"]), **rule}


_INSTRUMENT: dict[str, Any] = {
    "id": "law",
    "title": _text("law"),
    "number": "1",
    "issuer": _text("issuer"),
    "level": "law",
    "jurisdiction": "CN",
    "in_force": {"from": date(2000, 1, 1), "to": None},
    "clauses": [{"id": "1", "title": _text("clause")}],
}
