"""The fence: the only module that imports durable-rules, and all that it is ever given.

durable-rules 2.0.28 chains forward over joins of facts, and is used for that. What it cannot bear was measured (named
in docs/explanation/chaining.md) and is kept from it here, each with a limit and an error of its own:

- It sees messages ``{"p": 17, "id": 17, "sid": 1}`` and nothing else: small integers, proven free of hash collisions.
  No number that was measured, no text, no business id.
- Shards are small: rules, joins and distinct propositions are counted before anything is compiled.
- We run its agenda ourselves, one firing at a time. Its Python layer would swallow what an action raises, lose a
  derived fact that no rule reads, and start threads; here an error is raised, every firing is collected whether or not
  a rule reads its head, and the steps are counted.
- One session at a time, deleted after use. Nothing of a subject stays, so it is never asked to retract. Deleting a
  session in which nothing ever fired frees memory that was never set, and the process dies: so every ruleset has one
  rule more, whose firing opens the session before anything else is asserted.
- Rulesets are never freed by it. They are kept by shape, shared by all plans, and bounded in number.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Collection, Iterable
from importlib import import_module
from types import ModuleType
from typing import Any

from safetyrules.diagnostics import diagnostic
from safetyrules.engine.chained.horn import Chainer, ChainingError, LocalRules
from safetyrules.engine.chained.shards import JOINED, PROPOSITIONS, RULES

#: Rulesets of this process. One of 48 rules takes about 0.4 MB that is never given back.
RULESETS = 256
#: The session id: one session lives at a time. (The 1,025th alive would be a MemoryError.)
SESSION = 1
#: What opens a session; no shard has a proposition of this number.
OPENING = PROPOSITIONS
NAMES = ("p", "id", "sid", f"sid-{SESSION}")

_lock = threading.Lock()
_rulesets: dict[LocalRules, Any] = {}


def fnv1a(text: str) -> int:
    """The 32-bit hash by which alone durable-rules knows an identifier."""
    value = 0x811C9DC5
    for byte in text.encode():
        value = (value ^ byte) * 0x01000193 & 0xFFFFFFFF
    return value


def prove_distinct(identifiers: Iterable[str]) -> None:
    """Raises ChainingError where two identifiers have one hash."""
    seen: dict[int, str] = {}
    for identifier in identifiers:
        other = seen.setdefault(fnv1a(identifier), identifier)
        if other != identifier:
            raise _refused("SR2608", one=other, two=identifier)


class DurableChainer:
    """Chains on durable-rules. Safe to share between threads: one shard is chained at a time.

    ``rulesets`` bounds the rulesets of the process; beyond it ``spare`` chains what has none yet or, without one, an
    error says so. ``steps`` bounds the firings of one shard over one entity (default: each rule once). ``watch`` is
    called with each rule that fires; what it raises is raised.
    """

    name = "durable"

    def __init__(
        self,
        *,
        rulesets: int = RULESETS,
        spare: Chainer | None = None,
        steps: int | None = None,
        watch: Callable[[int], None] | None = None,
    ) -> None:
        self._engine = _imported()
        self._bound = rulesets
        self._spare = spare
        self._steps = steps
        self._watch = watch
        prove_distinct([*NAMES, *(str(number) for number in range(OPENING + 1))])

    def fire(self, rules: LocalRules, given: Collection[int]) -> list[int]:
        read = {proposition for _, body in rules for proposition in body}
        for proposition in given:
            _small(proposition)
        asserted = sorted(read.intersection(given))
        if not asserted:
            return []
        with _lock:
            handle = _rulesets.get(rules)
            if handle is None:
                check(rules)
                if len(_rulesets) >= self._bound:
                    if self._spare is None:
                        raise _refused("SR2607", found=len(_rulesets), limit=self._bound)
                    return self._spare.fire(rules, given)
                handle = _rulesets[rules] = self._compiled(rules)
            return self._run(handle, rules, read, asserted)

    def _compiled(self, rules: LocalRules) -> Any:
        definition = {
            f"r{number}": {"all": [{f"m_{place}": {"p": proposition}} for place, proposition in enumerate(body)]}
            for number, (_, body) in enumerate(rules)
        }
        definition["open"] = {"all": [{"m_0": {"p": OPENING}}]}
        return self._told(self._engine.create_ruleset, f"s{len(_rulesets)}", json.dumps(definition))

    def _run(self, handle: Any, rules: LocalRules, read: set[int], asserted: list[int]) -> list[int]:
        """Assert, then take the agenda firing by firing, asserting what each concludes where a rule reads it."""
        engine = self._engine
        budget = len(rules) if self._steps is None else self._steps
        holding = set(asserted)
        fired: list[int] = []
        _, state = self._told(engine.assert_fact, handle, json.dumps(_message(OPENING)))
        if not self._told(engine.start_action_for_state, handle, state):
            raise _refused("SR2609", reason="the session did not open")
        try:
            self._told(engine.assert_facts, handle, json.dumps([_message(p) for p in asserted]))
            while message := self._told(engine.complete_and_start_action, handle, state):
                (rule,) = json.loads(message)
                number = int(rule[1:])
                if len(fired) >= budget:
                    raise _refused("SR2606", found=len(fired) + 1, limit=budget)
                fired.append(number)
                if self._watch is not None:
                    self._watch(number)
                head = rules[number][0]
                if head not in holding:
                    holding.add(head)
                    if head in read:
                        self._told(engine.assert_fact, handle, json.dumps(_message(head)))
        finally:
            engine.delete_state(handle, str(SESSION))
        return fired

    def _told(self, call: Callable[..., Any], *arguments: Any) -> Any:
        """Call durable-rules; what it says is wrong becomes ours."""
        try:
            return call(*arguments)
        except (self._engine.error, MemoryError) as error:
            raise _refused("SR2609", reason=str(error) or type(error).__name__) from error


def importable() -> bool:
    """Can durable-rules be used here?"""
    try:
        _imported()
    except ChainingError:
        return False
    return True


def rulesets_built() -> int:
    """How many rulesets this process holds."""
    return len(_rulesets)


def check(rules: LocalRules) -> None:
    """Raises ChainingError where a shard is beyond what durable-rules bears."""
    if len(rules) > RULES:
        raise _refused("SR2602", found=len(rules), limit=RULES)
    for head, body in rules:
        for proposition in (head, *body):
            _small(proposition)
        if len(set(body)) > JOINED:
            raise _refused("SR2603", found=len(set(body)), limit=JOINED)
    distinct = {proposition for head, body in rules for proposition in (head, *body)}
    if len(distinct) > PROPOSITIONS:
        raise _refused("SR2604", found=len(distinct), limit=PROPOSITIONS)


def _small(proposition: object) -> None:
    # bool is an int to Python, and True, 1 and "1" are one to durable-rules.
    if type(proposition) is not int or not 0 <= proposition < PROPOSITIONS:
        raise _refused("SR2605", found=repr(proposition), limit=PROPOSITIONS - 1)


def _message(proposition: int) -> dict[str, int]:
    return {"p": proposition, "id": proposition, "sid": SESSION}


def _imported() -> ModuleType:
    try:
        return import_module("durable_rules_engine")
    except ImportError as error:
        raise _refused("SR2601", reason=str(error)) from error


def _refused(code: str, *, found: object = None, limit: int | None = None, **values: object) -> ChainingError:
    if limit is not None:
        values["limit"] = limit
    return ChainingError([diagnostic(code, found=found, **values)])  # type: ignore[arg-type]
