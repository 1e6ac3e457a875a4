"""One test for each measured limit of durable-rules 2.0.28: what would go wrong there does not go wrong here."""

from __future__ import annotations

import gc
import subprocess
import sys
import threading
from collections.abc import Collection
from typing import Any

import chained_law as law
import chainers
import pytest

from safetyrules import FactsError
from safetyrules.engine import chained
from safetyrules.engine.chained import Chainer, ChainingError, PlainChainer, durable
from safetyrules.engine.chained.durable import DurableChainer, fnv1a, prove_distinct
from safetyrules.engine.chained.horn import Horn, LocalRules
from safetyrules.engine.chained.session import ChainedSession
from safetyrules.engine.chained.shards import JOINED, PROPOSITIONS, RULES, cut
from safetyrules.program import Program

COLLIDING = ("91330000MA337111830", "91330000MA563230956")
BOOLEAN = {"type": "boolean"}


def answers(program: Program, facts: Any, chainer: Chainer) -> dict[tuple[str, str], Any]:
    """What the chainer says, the same as the reference says."""
    said = program.assess(facts, as_of="2024-01-01", engine="reference")
    found = dict(chained.decide(said.plan, program.entity(said.facts, said.request), said.request.as_of, chainer))
    assert found == dict(said.scalars)
    return found


def flags(count: int) -> dict[str, Any]:
    return {f"f{number}": BOOLEAN for number in range(count)}


def test_70_conditions_true_at_once() -> None:
    """There: more than 63 rules satisfied by one message is error 303, and nothing fires."""
    rules = [
        {"id": f"v{number}", "value": "boolean", "is": f"f0 && f{number}"} for number in range(1, 71)
    ]  # fmt: skip
    program = law.program(flags(71), rules)
    found = answers(program, dict.fromkeys(flags(71), True), chainers.durable())
    assert len(found) == 70
    assert all(value.outcomes == {True} for value in found.values())


def test_70_rules_read_one_proposition() -> None:
    horn = [Horn(1 + number, (0,)) for number in range(70)]
    shards = cut(enumerate(horn))
    assert [len(shard.rules) for shard in shards] == [RULES, 70 - RULES]
    assert [len(chainers.durable().fire(shard.rules, [shard.local[0]])) for shard in shards] == [RULES, 70 - RULES]
    with pytest.raises(ChainingError, match=f"SR2602.*{RULES}"):
        chainers.durable().fire(tuple((1 + number, (0,)) for number in range(70)), [0])


def test_600_rules() -> None:
    """There: between 500 and 600 distinct conditions in a ruleset, compiling never returns."""
    rules = [
        {"id": f"v{n}", "value": "boolean", "is": f"f{n} && f{(n * 7 + 1) % 600} || f{(n + 5) % 600}"}
        for n in range(600)
    ]
    program = law.program(flags(600), rules)
    facts = {f"f{number}": number % 3 != 0 for number in range(600)}
    assert len(answers(program, facts, chainers.durable())) == 600


def test_too_many_propositions_in_a_shard() -> None:
    wide = tuple((number * 5 + 4, tuple(range(number * 5, number * 5 + 4))) for number in range(RULES))
    assert max(head for head, _ in wide) >= PROPOSITIONS
    with pytest.raises(ChainingError, match=r"SR260[45]"):
        chainers.durable().fire(wide, [0])


def test_a_rule_that_joins_too_many() -> None:
    """There: more than 16 facts joined in a rule is error 304."""
    with pytest.raises(ChainingError, match=f"SR2603.*{JOINED}"):
        chainers.durable().fire(((20, tuple(range(13))),), [0])
    program = law.program(flags(40), [{"id": "all", "value": "boolean", "is": " && ".join(flags(40))}])
    facts: dict[str, Any] = dict.fromkeys(flags(40), True)
    assert answers(program, facts, chainers.durable())["enterprise", "all"].outcomes == {True}
    facts["f39"] = None
    assert answers(program, facts, chainers.durable())["enterprise", "all"].outcomes == {True, False}


def test_300_facts_on_one_part() -> None:
    """There: 255 or more properties in a message is error 302."""
    rules = [
        {"id": "any", "on": "part", "value": "boolean", "is": " || ".join(flags(300))},
        {"id": "all", "on": "part", "value": "boolean", "is": " && ".join(flags(300))},
    ]
    program = law.program({"parts": {"type": "list", "of": "part"}}, rules, part=flags(300))
    facts = {"parts": [dict.fromkeys(flags(300), True), {**dict.fromkeys(flags(300), False), "f299": True}]}
    found = answers(program, facts, chainers.durable())
    assert found["enterprise.parts[0]", "all"].outcomes == {True}
    assert found["enterprise.parts[1]", "all"].outcomes == {False}
    assert found["enterprise.parts[1]", "any"].outcomes == {True}


DERIVING = [
    {"id": "both", "value": "boolean", "is": "f0 && f1"},
    {"id": "more", "value": "boolean", "is": "both && f2"},
]


def resident() -> int:
    """Resident memory, in kB."""
    with open("/proc/self/statm", encoding="ascii") as statm:
        return int(statm.read().split()[1]) * 4


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_2000_subjects_one_after_another() -> None:
    """There: the 1,025th session id is a MemoryError, and each takes about 96 kB."""
    chainer = chainers.durable()
    rules = ((2, (0, 1)), (4, (2, 3)))
    for _ in range(200):
        chainer.fire(rules, [0, 1, 3])
    gc.collect()
    before = resident()
    for number in range(2000):
        assert chainer.fire(rules, [0, 1, 3] if number % 2 else [0, 3]) == ([0, 1] if number % 2 else [])
    gc.collect()
    assert resident() - before < 20_000  # 2,000 sessions left behind would take 190,000


def test_1100_subjects_alive() -> None:
    program = law.program(flags(3), DERIVING)
    chainer = chainers.durable()
    sessions = [
        ChainedSession(program, {"f0": True, "f1": number % 2 == 0, "f2": True}, as_of="2024-01-01", chainer=chainer)
        for number in range(1100)
    ]
    for number, session in enumerate(sessions):
        changes = session.update("f1", number % 2 == 1)
        assert [(change.conclusion, change.after) for change in changes] == [
            ("both", session.assessment["both"].scalar),
            ("more", session.assessment["more"].scalar),
        ]
        assert session.assessment["more"].value is (number % 2 == 1)


def test_two_credit_codes_that_collide() -> None:
    """There: identity is a bare 32-bit hash, so these two share one session's state."""
    one, two = COLLIDING
    assert fnv1a(one) == fnv1a(two)
    with pytest.raises(ChainingError, match=f"SR2608.*{one}.*{two}"):
        prove_distinct(COLLIDING)
    program = law.program({**flags(3), "code": {"type": "text"}}, DERIVING)
    chainer = chainers.durable()
    sessions = [ChainedSession(program, {"code": code}, as_of="2024-01-01", chainer=chainer) for code in COLLIDING]
    sessions[0].update_all({"f0": True, "f1": True, "f2": True})
    sessions[1].update("f0", False)
    assert [session.assessment["more"].value for session in sessions] == [True, False]


def test_identifiers_in_use_do_not_collide() -> None:
    prove_distinct([*durable.NAMES, *(str(number) for number in range(durable.OPENING + 1))])
    with pytest.raises(ChainingError, match="SR2608"):
        prove_distinct(["1", *COLLIDING])
    assert fnv1a("") == 0x811C9DC5
    assert fnv1a("a") == 0xE40C292C


MEASURED = {"x": {"type": "number"}, "code": {"type": "text"}, "f0": BOOLEAN}
MEASURING = [
    {"id": "tiny", "value": "boolean", "is": "x > 0 && x < 0.0001"},
    {"id": "named", "value": "boolean", "is": 'code == "6" && f0'},
    {"id": "either", "value": "boolean", "is": "tiny || named"},
]


def test_a_small_number_in_exponent_form() -> None:
    """There: 1e-05 is refused (error 204)."""
    found = answers(law.program(MEASURED, MEASURING), {"x": 1e-05, "f0": False}, chainers.durable())
    assert found["enterprise", "tiny"].outcomes == {True}
    assert found["enterprise", "either"].outcomes == {True}
    with pytest.raises(ChainingError, match="SR2605"):
        chainers.durable().fire(((1, (0,)),), [1e-05])  # type: ignore[list-item]


def test_nan() -> None:
    """There: NaN silently matches nothing."""
    program = law.program(MEASURED, MEASURING)
    session = ChainedSession(program, {"x": 1}, as_of="2024-01-01", chainer=chainers.durable())
    with pytest.raises(FactsError, match="SR1012"):
        session.update("x", float("nan"))
    assert session.assessment["tiny"].value is False
    with pytest.raises(ChainingError, match="SR2605"):
        chainers.durable().fire(((1, (0,)),), [float("nan")])  # type: ignore[list-item]


def test_a_number_in_quotes() -> None:
    """There: ``"6" > 5`` and ``"abc" > 5`` hold, and ``1 == "1" == True``."""
    program = law.program(MEASURED, MEASURING)
    with pytest.raises(FactsError, match="SR1005"):
        ChainedSession(program, {"x": "6"}, as_of="2024-01-01", chainer=chainers.durable())
    found = answers(program, {"x": 6, "code": "6", "f0": True}, chainers.durable())
    assert found["enterprise", "named"].outcomes == {True}
    for wrong in ("6", "abc", True, None, 6.0, -1, PROPOSITIONS):
        with pytest.raises(ChainingError, match="SR2605"):
            chainers.durable().fire(((7, (6,)),), [wrong])  # type: ignore[list-item]
        with pytest.raises(ChainingError, match="SR2605"):
            chainers.durable().fire(((8, (6, wrong)),), [6])  # type: ignore[arg-type]


def test_a_derived_fact_nobody_reads() -> None:
    """There: it is lost. Here: collected, read or not."""
    chainer = chainers.durable()
    assert chainer.fire(((1, (0,)),), [0]) == [0]
    assert sorted(chainer.fire(((1, (0,)), (2, (0,)), (3, (1,))), [0])) == [0, 1, 2]
    program = law.program(flags(2), DERIVING[:1])
    assert answers(program, {"f0": True, "f1": True}, chainer)["enterprise", "both"].outcomes == {True}


class ActionError(Exception):
    pass


def test_a_failing_action() -> None:
    """There: what an action raises is swallowed into the state. Here: raised, and the next subject is not touched."""

    def watch(place: int) -> None:
        if place == 1:
            raise ActionError

    chainers.durable()
    failing = DurableChainer(rulesets=chainers.RULESETS, watch=watch)
    rules = ((1, (0,)), (2, (1,)), (3, (2,)))
    with pytest.raises(ActionError):
        failing.fire(rules, [0])
    assert chainers.durable().fire(rules, [2]) == [2]
    assert chainers.durable().fire(rules, [0]) == [0, 1, 2]


class Failing:
    """A chainer that fails when told to."""

    name = "plain"

    def __init__(self) -> None:
        self.fails = False

    def fire(self, rules: LocalRules, given: Collection[int]) -> list[int]:
        if self.fails:
            raise ActionError
        return PlainChainer().fire(rules, given)


def test_a_session_survives_a_failure() -> None:
    chainer = Failing()
    session = ChainedSession(law.program(flags(3), DERIVING), {"f0": True}, as_of="2024-01-01", chainer=chainer)
    before = dict(session.assessment.scalars)
    chainer.fails = True
    with pytest.raises(ActionError):
        session.update_all({"f0": False, "f1": True, "f2": True})
    chainer.fails = False
    assert dict(session.assessment.scalars) == before
    session.update_all({"f1": True, "f2": True})
    assert session.assessment["more"].value is True


def test_a_rule_that_feeds_itself() -> None:
    """There: it never returns."""
    chainer = chainers.durable()
    assert chainer.fire(((0, (0,)),), [0]) == [0]
    assert sorted(chainer.fire(((1, (0,)), (2, (1,)), (0, (2,))), [0])) == [0, 1, 2]
    assert chainer.fire(((1, (1, 0)),), [0]) == []


def test_a_step_budget() -> None:
    chainers.durable()
    short = DurableChainer(rulesets=chainers.RULESETS, steps=2)
    rules = tuple((number + 1, (number,)) for number in range(5))
    assert short.fire(rules, [3]) == [3, 4]
    with pytest.raises(ChainingError, match=r"SR2606.*2"):
        short.fire(rules, [0])
    assert chainers.durable().fire(rules, [0]) == [0, 1, 2, 3, 4]


def test_rulesets_are_bounded_and_shared() -> None:
    """There: a ruleset is never freed."""
    chainer = chainers.durable()
    odd = tuple((100 + number, (number, number + 50)) for number in range(17))
    chainer.fire(odd, [0, 50])
    built = durable.rulesets_built()
    assert chainer.fire(tuple((head, tuple(body)) for head, body in odd), [0, 50]) == [0]
    assert durable.rulesets_built() == built
    bounded = DurableChainer(rulesets=built)
    assert bounded.fire(odd, [1, 51]) == [1]
    with pytest.raises(ChainingError, match=f"SR2607.*{built}"):
        bounded.fire((*odd, (150, (0,))), [0])
    spared = DurableChainer(rulesets=built, spare=PlainChainer())
    assert spared.fire((*odd, (151, (0,))), [0]) == [17]
    assert durable.rulesets_built() == built


def test_a_session_in_which_nothing_fires() -> None:
    """There: deleting it frees memory that was never set, and the process dies. In a process of its own, therefore."""
    chainers.durable()
    script = (
        "from safetyrules.engine.chained.durable import DurableChainer\n"
        "chainer = DurableChainer()\n"
        "for number in range(300):\n"
        "    rules = ((2, (0, 1)), (4, (0, 3)), (5, (number % 40 + 6, 0)))\n"
        "    assert chainer.fire(rules, [3]) == []\n"
        "print('alive')\n"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False, timeout=120)
    assert (done.returncode, done.stdout) == (0, "alive\n"), done.stderr


def test_threads_take_turns() -> None:
    chainer = chainers.durable()
    rules = ((2, (0, 1)), (4, (2, 3)), (5, (4,)))
    wrong: list[Any] = []

    def many(given_: list[int], expected: list[int]) -> None:
        wrong.extend(found for _ in range(300) if (found := chainer.fire(rules, given_)) != expected)

    cases = [([0, 1, 3], [0, 1, 2]), ([0, 3], []), ([2, 3], [1, 2]), ([4], [2])]
    threads = [threading.Thread(target=many, args=case) for case in cases]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_no_thread_is_started() -> None:
    """There: the Python layer starts two that never stop."""
    before = threading.active_count()
    chainers.durable().fire(((1, (0,)),), [0])
    assert threading.active_count() == before


def test_only_the_fence_imports_durable_rules() -> None:
    from pathlib import Path

    import safetyrules

    root = Path(safetyrules.__file__).parent
    words = ("durable_rules_engine", "import durable\n", "from durable.")
    importing = [path.name for path in root.rglob("*.py") if any(word in path.read_text("utf-8") for word in words)]
    assert importing == ["durable.py"]
