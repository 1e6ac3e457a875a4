"""A subject kept loaded: what is told of a change, and how little is done for it."""

from __future__ import annotations

from typing import Any

import chained_law as law
import chainers
import networkx
import pytest

from safetyrules import FactsError, RequestError
from safetyrules.engine.chained.session import ChainedSession
from safetyrules.values import FALSE, TRUE, UNKNOWN

RULES: list[dict[str, Any]] = [
    {"id": "bad", "on": "part", "value": "boolean", "is": "leaking || cracked && enterprise.strict"},
    {"id": "watched", "on": "part", "value": "boolean", "is": "bad && tagged"},
    {"id": "any_bad", "value": "boolean", "is": "parts.exists(p, p.bad)"},
    {"id": "strict", "value": "boolean", "is": "large || ordered"},
    {"id": "total", "value": "number", "is": "sum(parts.map(p, p.load)) + extra"},
    {"id": "heavy", "value": "boolean", "is": "total > 10 && strict"},
]
FACTS: dict[str, Any] = {
    "parts": {"type": "list", "of": "part"}, "large": {"type": "boolean"}, "ordered": {"type": "boolean"},
    "extra": {"type": "number"},
}  # fmt: skip
PART: dict[str, Any] = {
    "leaking": {"type": "boolean"}, "cracked": {"type": "boolean"}, "tagged": {"type": "boolean"},
    "load": {"type": "number"},
}  # fmt: skip
SOUND = {"leaking": False, "cracked": False, "tagged": True, "load": 1}
START: dict[str, Any] = {"parts": [SOUND, {**SOUND, "cracked": True}], "large": True, "ordered": True, "extra": 0}


@pytest.fixture(params=chainers.NAMES)
def session(request: pytest.FixtureRequest) -> ChainedSession:
    chainer = chainers.chainer(request.param)
    return ChainedSession(law.program(FACTS, RULES, part=PART), START, as_of="2024-01-01", chainer=chainer)


def told(changes: Any) -> list[tuple[str, str, Any, Any]]:
    return [(change.path, change.conclusion, change.before, change.after) for change in changes]


def test_a_conclusion_falls_with_its_last_support(session: ChainedSession) -> None:
    assert session.assessment["strict"].value is True
    assert told(session.update("large", False)) == []  # an order still makes it strict
    assert told(session.update("ordered", False)) == [
        ("enterprise", "strict", TRUE, FALSE),
        ("enterprise.parts[1]", "bad", TRUE, FALSE),
        ("enterprise", "any_bad", TRUE, FALSE),
        ("enterprise.parts[1]", "watched", TRUE, FALSE),
    ]
    assert told(session.update("large", None))[0] == ("enterprise", "strict", FALSE, UNKNOWN)


def test_only_what_is_touched_is_chained(session: ChainedSession) -> None:
    session.update("extra", 1)
    assert session.chain.chainings == 0  # the total is of no finite type, and what it is compared with did not change
    session.update("parts[0].tagged", False)
    assert session.chain.chainings <= 1
    decided: list[str] = []
    decide = session.chain.decider.decide

    def counted(term: Any, entity: Any) -> Any:
        decided.append(entity.path)
        return decide(term, entity)

    session.chain.decider.decide = counted  # type: ignore[method-assign]
    session.update("parts[0].leaking", True)
    assert set(decided) == {"enterprise.parts[0]", "enterprise"}
    assert decided.count("enterprise.parts[0]") == 1


def test_parts_come_and_go(session: ChainedSession) -> None:
    leaking = {**SOUND, "leaking": True}
    changes = told(session.update("parts", [SOUND, {**SOUND, "cracked": True}, leaking]))
    assert ("enterprise.parts[2]", "bad", None, TRUE) in changes
    changes = told(session.update("parts", [SOUND]))
    assert ("enterprise.parts[2]", "watched", TRUE, None) in changes
    assert ("enterprise", "any_bad", TRUE, FALSE) in changes
    assert ("enterprise.parts[0]", "bad", FALSE, FALSE) not in changes
    changes = told(session.update("parts", None))
    assert ("enterprise", "any_bad", FALSE, UNKNOWN) in changes
    assert "enterprise.parts[?]" in session.chain.states


def test_a_bad_value_changes_nothing(session: ChainedSession) -> None:
    before, facts = dict(session.assessment.scalars), session.facts
    for path, value in (("large", "yes"), ("parts[1].load", "6"), ("extra", float("inf")), ("parts", [{"oops": 1}])):
        with pytest.raises(FactsError) as refused:
            session.update_all({"ordered": False, path: value})
        assert str(refused.value.diagnostics[0].path).startswith(f"enterprise.{path}")
    assert dict(session.assessment.scalars) == before
    assert session.facts == facts


@pytest.mark.parametrize(
    "path",
    ["", "lorge", "parts[2].load", "parts[0]", "parts[0].", "parts.load", "large.x", "large[0]", "parts[-1].load"],
)
def test_a_path_to_no_fact(path: str) -> None:
    chainer = chainers.chainer("plain")
    session = ChainedSession(law.program(FACTS, RULES, part=PART), START, as_of="2024-01-01", chainer=chainer)
    with pytest.raises(RequestError, match="SR2611"):
        session.update(path, True)


def test_what_was_given_out_does_not_change(session: ChainedSession) -> None:
    given = session.assessment
    before, digest = dict(given.scalars), given.facts_digest
    session.update("ordered", False)
    session.update("large", False)
    assert dict(given.scalars) == before
    assert given.facts_digest == digest
    assert given.why("strict")
    assert START["large"] is True


def test_justifications_say_why(session: ChainedSession) -> None:
    assert networkx.is_directed_acyclic_graph(session.justifications.graph)
    both = session.why("enterprise", "strict")["True"]
    assert len(both) == 2
    session.update("large", False)
    one = session.why("enterprise", "strict")["True"]
    assert len(one) == 1
    assert one[0] in both


def test_another_place_is_another_law() -> None:
    from conformance_suite import written

    from safetyrules import load_program

    facts = {"place": {"type": "place"}, "a": {"type": "boolean"}}
    local = {"id": "local", "level": "policy", "jurisdiction": "210100", "clauses": ["1"]}
    tighter = {"tighten": "v", "or_when": "!a"}
    documents: list[dict[str, Any]] = [
        {"facts": "base", "kinds": {"enterprise": {"root": True, "facts": facts}}},
        {"instruments": "local", "list": [local]},
        {"ruleset": "base", "rules": [{"id": "v", "finding": "major", "when": "a"}]},
        {"ruleset": "l", "instrument": "local", "jurisdiction": "210100", "overlays": [tighter]},
    ]  # fmt: skip
    made = written(documents, "places")
    program = load_program(made.documents)
    session = ChainedSession(program, {"a": False}, as_of="2024-01-01", chainer=chainers.chainer("plain"))
    assert told(session.update("place", "210102")) == [("enterprise", "v", FALSE, TRUE)]
    assert session.request.jurisdiction == "210102"
    assert told(session.update("a", True)) == []
    assert told(session.update("place", None)) == []
    assert told(session.update("a", False)) == [("enterprise", "v", TRUE, FALSE)]
