"""A subject kept loaded: change a fact, and hear what that changes.

Only what reads a changed fact is decided again, only shards that gain something are chained, and a conclusion falls
with its last support. After any changes the answers are those of a fresh assessment.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from safetyrules.computed import Finished
from safetyrules.diagnostics import RequestError, diagnostic
from safetyrules.engine import algebra
from safetyrules.engine.chained import default_chainer
from safetyrules.engine.chained.horn import Chainer
from safetyrules.engine.chained.justifications import Justifications
from safetyrules.engine.chained.renewal import renew
from safetyrules.engine.chained.run import Chain
from safetyrules.engine.chained.strata import chained_plan
from safetyrules.facts.entity import Entity
from safetyrules.facts.raw import copy_of
from safetyrules.facts.refusal import Refused
from safetyrules.facts.scalars import Given, reader
from safetyrules.facts.schema import Fact, PartsType, ValuesType
from safetyrules.result import Assessment, Treatment
from safetyrules.values import Scalar

if TYPE_CHECKING:
    from safetyrules.program import Program

Step = str | int
_STEP = re.compile(r"([A-Za-z_][A-Za-z_0-9]*)((?:\[\d+\])?)(?:\.|$)")


@dataclass(frozen=True, slots=True)
class Change:
    """A conclusion of the entity at ``path`` that is not what it was; None: the entity was not, or is no longer,
    there."""

    path: str
    conclusion: str
    before: Scalar | None
    after: Scalar | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A fact by its place: the entity's path, the fact, and the keys that lead to it in the input."""

    entity: str
    fact: Fact
    steps: tuple[Step, ...]


class ChainedSession:
    """One subject under the law of one day. Not to be shared between threads; any number may be alive."""

    def __init__(
        self,
        program: Program,
        facts: Mapping[str, Any],
        *,
        as_of: date | datetime | str,
        law_at: date | datetime | str | None = None,
        jurisdiction: str | None = None,
        treat_unknown_as: Treatment = "withhold",
        closed: Collection[str] = (),
        sectors: Collection[str] | None = None,
        subject: str | None = None,
        chainer: Chainer | None = None,
    ) -> None:
        """Load a subject; the options are those of `Program.assess`. Raises FactsError, RequestError, ChainingError."""
        self.program = program
        self.chainer = chainer or default_chainer()
        self._options: dict[str, Any] = {
            "as_of": as_of,
            "law_at": law_at,
            "jurisdiction": jurisdiction,
            "treat_unknown_as": treat_unknown_as,
            "closed": closed,
            "sectors": sectors,
            "subject": subject,
            "engine": "chained",
        }
        self._load(_own(facts))

    def _load(self, facts: Any) -> None:
        plan, request, notices = self.program.asked(facts, **self._options)
        justifications = Justifications()
        root = self.program.entity(facts, request)
        chain = Chain(plan, chained_plan(plan), root, request.as_of, self.chainer, justifications).settle()
        chain.before.clear()
        self.facts: Any = facts
        self.plan, self.request, self._notices = plan, request, notices
        self.chain, self.justifications = chain, justifications
        self._broken = False

    @property
    def assessment(self) -> Assessment:
        """The answers as they are now; it does not change with the session."""
        self._mended()
        outcomes = Finished(self.plan, self.request.subject, self.chain.outcomes())
        return Assessment(self.program, self.plan, self.facts, self.request, outcomes, self._notices)

    # ---- changes -----------------------------------------------------------------------------------------------------

    def update(self, path: str, value: object) -> tuple[Change, ...]:
        """Give one fact, in any form that facts may be given in; None makes it unknown. See `update_all`."""
        return self.update_all({path: value})

    def update_all(self, changes: Mapping[str, object]) -> tuple[Change, ...]:
        """Give several facts at once, by their paths from the subject (``dust.collectors[2].system``): what changes.

        Raises RequestError for a path that leads to no fact, FactsError for a bad value; the session is then as before.
        """
        self._mended()
        places = [self._place(path) for path in changes]
        facts = self.facts
        for place, value in zip(places, changes.values(), strict=True):
            facts = _replaced(facts, place.steps, value)
        plan, request, notices = self.program.asked(facts, **self._options)
        if plan is not self.plan:
            return self._moved(facts)
        read = [_read(place.fact, value) for place, value in zip(places, changes.values(), strict=True)]
        denials = self.plan.schema.denials(request.subject)
        about = {*denials, *(name for evidence in denials.values() for name in evidence.names)}
        if all(given is not None for given in read) and about.isdisjoint(place.fact.name for place in places):
            for place, given in zip(places, read, strict=True):
                assert given is not None
                self._give(place, given)
        else:
            renew(self.chain, self.program.entity(facts, request))
        self._broken = True  # until all is worked in; what stops halfway is loaded again as it was
        self.chain.settle()
        self._broken = False
        self.facts, self.request, self._notices = facts, request, notices
        return self._changed()

    def _mended(self) -> None:
        if self._broken:
            self._load(self.facts)

    def _moved(self, facts: Any) -> tuple[Change, ...]:
        """The place of operation has changed, and with it the law: everything is answered anew."""
        before = self.chain.outcomes()
        self._load(facts)
        after = self.chain.outcomes()
        keys = dict.fromkeys((*after, *before))
        return tuple(Change(*k, before.get(k), after.get(k)) for k in keys if before.get(k) != after.get(k))

    def _give(self, place: _Place, given: Given) -> None:
        """Put a value in the tree, which is the session's own."""
        entity, name = self._entity(place.entity), place.fact.name
        entity.values[name] = given.value
        entity.given = entity.given - {name} if given.unknown else entity.given | {name}
        entity.provenance.pop(name, None)
        if given.provenance is not None:
            entity.provenance[name] = given.provenance
        self.chain.touch(entity, name)

    def _changed(self) -> tuple[Change, ...]:
        order = {conclusion.key: number for number, conclusion in enumerate(self.plan.conclusions)}
        paths = {entity.path: entity for entity in self.chain.decider.root.walk()}
        before, self.chain.before = self.chain.before, {}
        found = [
            Change(path, name, _shown(path, old), _shown(path, new))
            for (path, name), old in before.items()
            if old != (new := self.chain.values.get((path, name)))
        ]
        found = [change for change in found if change.before != change.after]

        def place(change: Change) -> tuple[int, str]:
            entity = paths.get(change.path)
            return (order[entity.kind, change.conclusion] if entity is not None else len(order), change.path)

        return tuple(sorted(found, key=place))

    def why(self, path: str, conclusion: str) -> dict[str, list[tuple[int, tuple[int, ...]]]]:
        """For each outcome still possible of a finite conclusion, the rules that support it with their premises; none
        where it is decided rather than chained."""
        state = self.chain.states[path]
        return {
            str(outcome): self.justifications.supports(path, proposition)
            for outcome, proposition in state.kind.rules.conclusions[conclusion].items()
            if proposition in state.holding
        }

    # ---- paths -------------------------------------------------------------------------------------------------------

    def _entity(self, path: str) -> Entity:
        return next(entity for entity in self.chain.decider.root.walk() if entity.path == path)

    def _place(self, path: str) -> _Place:
        root = self.request.subject
        words = path.removeprefix(f"{root}.")
        entity = self.chain.decider.root
        steps: list[Step] = []
        name = ""
        position = 0
        while position < len(words) and (match := _STEP.match(words, position)):
            word, index = match.groups()
            position = match.end()
            name = f"{name}.{word}" if name else word
            steps.append(word)
            fact = self.plan.schema.kinds[entity.kind].facts.get(name)
            if fact is not None and not index and position == len(words) and not words.endswith("."):
                return _Place(entity.path, fact, tuple(steps))
            if index:
                number = int(index[1:-1])
                items = entity.lists[name].items if fact is not None and isinstance(fact.type, PartsType) else ()
                if number >= len(items):
                    break
                part = items[number]
                assert isinstance(part, Entity)
                entity, name = part, ""
                steps.append(number)
        raise RequestError([diagnostic("SR2611", name=path, found=path)])


def _shown(path: str, value: Scalar | None) -> Scalar | None:
    """As answers show it: what stands for parts that may not exist may also have no value."""
    return algebra.with_nothing(value) if value is not None and "[?]" in path else value


def _read(fact: Fact, value: object) -> Given | None:
    """A scalar as it is read; None where the whole input must be read to know, or to say what is wrong."""
    if value is None or isinstance(fact.type, PartsType | ValuesType):
        return None
    copied = copy_of(value)
    if copied.refused:
        return None
    try:
        return reader(fact.type, fact.may_not_apply)(copied.facts)
    except Refused:
        return None


def _replaced(facts: Any, steps: tuple[Step, ...], value: object) -> Any:
    """The facts with another value at a place; what was there is not changed."""
    step, *rest = steps
    if isinstance(step, int):
        if isinstance(facts, Mapping):
            return {**facts, "items": _replaced(facts["items"], steps, value)}
        return [_replaced(each, tuple(rest), value) if n == step else each for n, each in enumerate(facts)]
    plain = dict(facts) if isinstance(facts, Mapping) else {}
    plain[step] = _replaced(plain.get(step), tuple(rest), value) if rest else _own(value)
    return plain


def _own(value: Any) -> Any:
    """A copy that nobody else can change; what is refused is kept as it is, for the input models to say so."""
    copied = copy_of(value)
    return value if copied.refused else copied.facts
