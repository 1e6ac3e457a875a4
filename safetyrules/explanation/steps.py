"""Terms at their places as steps of an explanation: what each came to, on what, and whether it mattered."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from safetyrules.engine import algebra
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import amount, plain
from safetyrules.explanation.evaluate import Spot
from safetyrules.explanation.makers import About, Readable, maker, outer
from safetyrules.explanation.needs import cannot_exceed
from safetyrules.explanation.trace import Listed, Node, Replay
from safetyrules.explanation.words import item_of, kind_of, label
from safetyrules.facts.entity import Entity, Provenance
from safetyrules.language import terms as t
from safetyrules.language.ruleform import Cell
from safetyrules.text import Text
from safetyrules.values import FALSE, TRUE, Finite, Interval, Scalar

#: At most so many members of a list, or findings of a count, are shown; the others are counted.
SHOWN = 20
_PLAIN = Provenance()


class Steps:
    """Makes the steps of conclusions, one after the other; ``read`` collects the conclusions that those of one read.

    What of a step the plan settles (its words, what it is made of) is settled once, in a function for each term.
    """

    __slots__ = ("_concluded", "facts", "home", "read", "reference", "replay")

    def __init__(self, replay: Replay, home: Entity) -> None:
        self.replay = replay
        self.facts = replay.facts_read
        self._concluded = replay.conclusions_read
        self.reference = replay.reference
        self.begin(home)

    def begin(self, home: Entity) -> None:
        """Turn to a conclusion of an entity."""
        self.home = home
        self.read: dict[Node, None] = {}

    def step(self, term: t.Term, place: Spot, matters: bool = True, about: About = None) -> r.Step:
        return maker(self.replay.view, term, about)(self, place, matters)

    # ---- lists -------------------------------------------------------------------------------------------------------

    def quantified(self, term: t.Quantified, place: Spot, matters: bool, about: About) -> r.OverList:
        value = self.replay.value(term, place)
        weight = {"exists": True, "all": False}.get(term.quantifier)
        shown: list[r.Member] = []
        others = 0
        inside = self.inside(term.operand, term.variable, about)
        for member in self.replay.members(term.operand, place):
            spot = place.at(term.variable, member)
            body = self.replay.value(term.body, spot)
            if not _counts(value, body, member, weight) or len(shown) >= SHOWN:
                others += 1
                continue
            step = self.step(term.body, spot, matters, inside)
            shown.append(self._member(member, term.operand, step, matters, inside))
        words = self.replay.words.condition(term, about)
        return r.OverList(
            words, value, term.type, matters, tuple(self._lists(term.operand, place)), tuple(shown), others
        )

    def aggregate(self, term: t.Aggregate, place: Spot, matters: bool, about: About) -> r.OverList:
        shown: list[r.Member] = []
        others = 0
        for member in self.replay.members(term.operand, place):
            if len(shown) >= SHOWN:
                others += 1
                continue
            shown.append(self._member(member, term.operand, self._computed(member, matters), matters, about))
        return r.OverList(
            self.replay.words.value(term, about),
            self.replay.value(term, place),
            term.type,
            matters,
            tuple(self._lists(term.operand, place)),
            tuple(shown),
            others,
        )

    def _computed(self, member: Listed, matters: bool) -> r.Step | None:
        """How a member that is a computed value came about."""
        if member.source is None:
            return None
        term, spot = member.source
        variable = next(
            (v for v, bound in spot.members.items() if isinstance(bound.value, Entity) and bound.path == member.path),
            None,
        )
        bound = spot.bound.get(variable) if variable is not None else None
        about = t.Variable(variable, bound.kind) if variable is not None and isinstance(bound, Entity) else None
        return self.step(term, spot, matters, about)

    def _member(
        self, member: Listed, operand: t.ListTerm, step: r.Step | None, matters: bool, about: About
    ) -> r.Member:
        tests = (
            tuple(self.step(test, spot, matters, about) for test, spot in member.tests) if not member.certain else ()
        )
        return r.Member(member.path, self._label(member, operand), member.certain, tests, step)

    def _label(self, member: Listed, operand: t.ListTerm) -> Text:
        if isinstance(member.value, Entity):
            return label(member.value, self.replay.plan.schema)
        entity = self.replay.reference.by_path.get(member.path)
        if entity is not None:
            return label(entity, self.replay.plan.schema)
        sector = self.replay.plan.schema.sectors.get(member.path)
        if sector is not None:
            return sector.title
        if member.open_list is not None:
            return Text("未列出的值", "a value not listed")
        if member.source is not None:
            return self.replay.words.value(member.source[0])
        return amount(member.value, item_of(operand))

    def inside(self, operand: t.ListTerm, variable: str, about: About) -> t.EntityTerm | None:
        kind = kind_of(operand)
        return t.Variable(variable, kind) if kind is not None else about

    # ---- tables, counts, lookups -------------------------------------------------------------------------------------

    def idle(self, term: t.DecisionTable, place: Spot) -> set[int]:
        """The rows of a ranked table that cannot rise above a row that surely holds."""
        if term.hit not in ("collect max", "collect min", "priority"):
            return set()
        least = term.hit != "collect max"
        sure = [
            (n, self.replay.value(row.then, place))
            for n, row in enumerate(term.rows, 1)
            if self.replay.value(row.when, place) == TRUE
        ]
        valued = [(n, value) for n, value in sure if not algebra.has_nothing(value)]
        top = next((v for v in valued if all(cannot_exceed(other, v[1], term, least) for _, other in sure)), None)
        if top is None:
            return set()
        thens = ((n, self.replay.value(row.then, place)) for n, row in enumerate(term.rows, 1))
        return {n for n, then in thens if n != top[0] and cannot_exceed(then, top[1], term, least)}

    def permission(self, term: t.Permitted, place: Spot, matters: bool) -> r.Permission:
        decision = None
        if isinstance(term.settled_by, t.FactValue):
            decision = self.fact(self.replay.owner(term.settled_by.entity, place), term.settled_by.fact)
        value = self.replay.value(term, place)
        permitted = tuple(plain(each, term.type) for each in term.permitted)
        settled = value.known and len(term.permitted) > 1
        return r.Permission(permitted, decision, settled, value, term.type, matters)

    def count(self, term: t.FindingCount, place: Spot, matters: bool, about: About) -> r.Count:
        found: list[r.ConclusionRead] = []
        possible: list[r.ConclusionRead] = []
        others = 0
        for node, _, outcome in self.replay.counted(term):
            if True not in outcome.outcomes:
                others += 1
                continue
            sure = outcome == TRUE and not self.replay.entity(node[0]).residual
            read = self.concluded(self.replay.entity(node[0]), node[1], matters)
            (found if sure else possible).append(read)
        words = self.replay.words.value(term, about)
        in_force = term.sector in self.replay.plan.findings
        return r.Count(
            words, self.replay.value(term, place), term.type, matters, tuple(found), tuple(possible), others, in_force
        )

    def lookup(self, term: t.LookupValue, place: Spot, matters: bool, about: About) -> r.Step:
        table = self.replay.plan.tables[term.table]
        values = [self.replay.value(key, place) for key in term.keys]
        keys = tuple(
            (self.replay.words.value(key, about), amount(value, key.type))
            for key, value in zip(term.keys, values, strict=True)
        )
        cells = tuple(_cell(value) for value in values)
        row_exists = None if None in cells else cells in table.index
        for key in term.keys:
            list(self._reads(key, place, matters))
        return r.Lookup(
            table.title,
            self.replay.view.cite(f"{table.instrument}#{table.clause}"),
            term.column,
            keys,
            self.replay.value(term, place),
            term.type,
            matters,
            row_exists,
        )

    # ---- what is read ------------------------------------------------------------------------------------------------

    def _reads(self, term: t.Term, place: Spot, matters: bool) -> Iterator[r.Read]:
        """The facts and conclusions that a term reads outside its details, each once."""
        return self.reads(self.replay.view.static("outer", term, outer), place, matters)

    def reads(self, terms: tuple[Readable, ...], place: Spot, matters: bool) -> Iterator[r.Read]:
        seen: set[Node] = set()
        for each in terms:
            if isinstance(each, t.ItemValue):
                member = place.members.get(each.variable)
                if member is not None and member.source is not None:
                    yield from self._reads(*member.source, matters)
                continue
            owner = self.replay.owner(each.entity, place)
            name = each.fact if isinstance(each, t.FactValue) else each.conclusion
            if (owner.path, name) not in seen:
                seen.add((owner.path, name))
                is_fact = isinstance(each, t.FactValue)
                yield self.fact(owner, name) if is_fact else self.concluded(owner, name, matters)

    def fact(self, owner: Entity, name: str) -> r.FactRead:
        key = (owner, name, owner is self.home)
        found = self.facts.get(key)
        if found is None:
            fact: Any = self.replay.plan.schema.kinds[owner.kind].facts[name]
            from_ = owner.provenance.get(name, _PLAIN)
            of, known, given = self._owner(owner), owner.values[name], name in owner.given
            path, source, assumed = f"{owner.path}.{name}", from_.source, from_.assumed
            found = self.facts[key] = r.make(
                r.FactRead, (path, fact.title, of, known, fact.type, given, source, assumed)
            )
        return found

    def concluded(self, entity: Entity, name: str, matters: bool) -> r.ConclusionRead:
        key = (entity, name, entity is self.home)
        found = self._concluded.get(key)
        if found is None:
            node = (entity.path, name)
            conclusion = self.replay.plan.by_key[entity.kind, name]
            value = self.reference.told(entity, name)
            found = self._concluded[key] = r.make(
                r.ConclusionRead, (node, conclusion.title, self._owner(entity), conclusion.kind, value, conclusion.type)
            )
        if matters:
            self.read[found.node] = None
        return found

    def _lists(self, term: t.ListTerm, place: Spot) -> Iterator[r.ListRead]:
        pending: list[t.ListTerm] = [term]
        while pending:
            each = pending.pop()
            if isinstance(each, t.PartsOf | t.ValuesOf):
                yield self._list(self.replay.owner(each.entity, place), each.fact)
            elif isinstance(each, t.Filtered | t.Mapped):
                pending.append(each.operand)

    def _list(self, owner: Entity, name: str) -> r.ListRead:
        fact = self.replay.plan.schema.kinds[owner.kind].facts[name]
        members, from_ = owner.lists[name], owner.provenance.get(name)
        return r.ListRead(
            f"{owner.path}.{name}",
            fact.title,
            self._owner(owner),
            len(members.items),
            members.residual is not None,
            name in owner.given,
            from_.source if from_ else None,
            from_.assumed if from_ else None,
        )

    def _owner(self, entity: Entity) -> Text | None:
        if entity is self.home or entity.parent is None:
            return None
        return label(entity, self.replay.plan.schema)


def _cell(value: Scalar) -> Cell:
    """The known value of a key; None where it is not known or there is none."""
    if not value.known or not algebra.has_value(value):
        return None
    if isinstance(value, Finite):
        (only,) = value.outcomes
        return only if isinstance(only, bool | str) else None
    return value.low if isinstance(value, Interval) else None


def _counts(value: Scalar, body: Scalar, member: Listed, weight: bool | None) -> bool:
    """Did a member have a say? ``weight`` is the truth that decides a quantifier; None where all members do."""
    if weight is None:
        return True
    deciding = TRUE if weight else FALSE
    if value == deciding:
        return member.certain and body == deciding
    neutral = FALSE if weight else TRUE
    if not value.known:
        return body != neutral
    return True
