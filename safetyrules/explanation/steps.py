"""Terms at their places as steps of an explanation: what each came to, on what, and whether it mattered."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from safetyrules.engine import algebra
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import amount, plain
from safetyrules.explanation.needs import cannot_exceed
from safetyrules.explanation.trace import Listed, Node, Replay, Spot
from safetyrules.explanation.words import item_of, kind_of, label
from safetyrules.facts.entity import Entity, Provenance
from safetyrules.facts.schema import PartsType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.ruleform import Cell
from safetyrules.text import Text
from safetyrules.values import FALSE, TRUE, Finite, Interval, Scalar

#: At most so many members of a list, or findings of a count, are shown; the others are counted.
SHOWN = 20
_PLAIN = Provenance()
Cite = Callable[[str], r.Citation]
_INNER = (t.Quantified, t.Aggregate, t.FindingCount, t.LookupValue, t.UnsettledReadings, t.DecisionTable)
_SIMPLE = (t.FactValue, t.ConclusionValue, t.ItemValue, t.Comparison, t.Among, t.Applicable, t.TextFunction)


class Steps:
    """Makes the steps of one conclusion of one entity; ``read`` collects the conclusions that they read."""

    def __init__(self, replay: Replay, home: Entity, cite: Cite) -> None:
        self.replay = replay
        self.home = home
        self.cite = cite
        self.read: dict[Node, None] = {}

    def step(self, term: t.Term, place: Spot, matters: bool = True, about: t.EntityTerm | None = None) -> r.Step:
        match term:
            case t.Sure(inner):
                return self.step(inner, place, matters, about)
            case t.Constant(value, type_):
                return r.Atom(plain(value, type_), self.replay.value(term, place), type_, matters)
            case t.Junction():
                return self._junction(term, place, matters, about)
            case t.Not(operand) if not isinstance(_bare(operand), _SIMPLE):
                inside = self.step(operand, place, matters, about)
                return r.Group(
                    "not",
                    self.replay.words.condition(term, about),
                    self.replay.value(term, place),
                    term.type,
                    matters,
                    (inside,),
                )
            case t.Quantified():
                return self._quantified(term, place, matters, about)
            case t.Aggregate() if not isinstance(term.operand, t.ListOf):
                return self._aggregate(term, place, matters, about)
            case t.Choose():
                return self._choose(term, place, matters, about)
            case t.DecisionTable():
                return self._table(term, place, matters, about)
            case t.UnsettledReadings(readings, ruleset, parameter):
                declared = self.replay.assessment.program.linked.parameters[ruleset, parameter]
                found = tuple(
                    r.Reading(name, plain(name, declared.type), self.step(each, place, matters, about))
                    for name, each in readings
                )
                united = self.replay.value(term, place)
                return r.Readings(f"{ruleset}/{parameter}", declared.title, united, term.type, matters, found)
            case t.Permitted():
                return self._permission(term, place, matters)
            case t.FindingCount():
                return self._count(term, place, matters, about)
            case t.LookupValue():
                return self._lookup(term, place, matters, about)
            case t.Unassigned():
                return r.Undecided(self.replay.value(term, place), term.type, matters)
        return self._atom(term, place, matters, about)

    def _atom(self, term: t.Term, place: Spot, matters: bool, about: t.EntityTerm | None) -> r.Atom:
        words = (
            self.replay.words.condition(term, about) if term.type == t.BOOLEAN else self.replay.words.value(term, about)
        )
        inner = self.replay.view.static("inner", term, _details)
        details = tuple(self.step(each, place, matters, about) for each in inner)
        return r.Atom(
            words, self.replay.value(term, place), term.type, matters, tuple(self._reads(term, place, matters)), details
        )

    # ---- conditions --------------------------------------------------------------------------------------------------

    def _junction(self, term: t.Junction, place: Spot, matters: bool, about: t.EntityTerm | None) -> r.Group:
        value = self.replay.value(term, place)
        decided = FALSE if term.operator == "&&" else TRUE
        steps = []
        for operand in term.operands:
            counts = matters and (value != decided or self.replay.value(operand, place) == decided)
            steps.append(self.step(operand, place, counts, about))
        return r.Group(
            "all" if term.operator == "&&" else "any",
            self.replay.words.condition(term, about),
            value,
            term.type,
            matters,
            tuple(steps),
        )

    def _choose(self, term: t.Choose, place: Spot, matters: bool, about: t.EntityTerm | None) -> r.Branch:
        decided = self.replay.value(term.test, place)
        assert isinstance(decided, Finite)
        then = self.step(term.then, place, matters, about) if True in decided.outcomes else None
        otherwise = self.step(term.otherwise, place, matters, about) if False in decided.outcomes else None
        test = self.step(term.test, place, matters, about)
        return r.Branch(self.replay.value(term, place), term.type, matters, test, then, otherwise)

    def _quantified(self, term: t.Quantified, place: Spot, matters: bool, about: t.EntityTerm | None) -> r.OverList:
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

    def _aggregate(self, term: t.Aggregate, place: Spot, matters: bool, about: t.EntityTerm | None) -> r.OverList:
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
        self, member: Listed, operand: t.ListTerm, step: r.Step | None, matters: bool, about: t.EntityTerm | None
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

    def inside(self, operand: t.ListTerm, variable: str, about: t.EntityTerm | None) -> t.EntityTerm | None:
        kind = kind_of(operand)
        return t.Variable(variable, kind) if kind is not None else about

    # ---- tables, counts, lookups -------------------------------------------------------------------------------------

    def _table(self, term: t.DecisionTable, place: Spot, matters: bool, about: t.EntityTerm | None) -> r.Table:
        rows: list[r.Row] = []
        decided = False
        idle = self._idle(term, place)
        for number, row in enumerate(term.rows, start=1):
            counts = matters and not decided and number not in idle
            words = self.replay.words.condition(row.when, about)
            clauses = tuple(self.cite(clause) for clause in row.clauses)
            then = self.step(row.then, place, counts, about)
            if decided:
                rows.append(r.Row(number, "not_reached", False, words, None, then, clauses))
                continue
            when = self.replay.value(row.when, place)
            assert isinstance(when, Finite)
            standing: r.RowStanding = (
                "holds" if when == TRUE else "may_hold" if True in when.outcomes else "does_not_hold"
            )
            rows.append(
                r.Row(number, standing, counts, words, self.step(row.when, place, counts, about), then, clauses)
            )
            decided = term.hit == "first" and when == TRUE
        sure = any(row.standing == "holds" for row in rows)
        otherwise = (
            term.otherwise
            if not sure and not (term.exhaustive and any(row.standing == "may_hold" for row in rows))
            else None
        )
        last = self.step(otherwise, place, matters, about) if otherwise is not None else None
        return r.Table(term.hit, self.replay.value(term, place), term.type, matters, tuple(rows), last)

    def _idle(self, term: t.DecisionTable, place: Spot) -> set[int]:
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

    def _permission(self, term: t.Permitted, place: Spot, matters: bool) -> r.Permission:
        decision = None
        if isinstance(term.settled_by, t.FactValue):
            decision = self._fact(self.replay.owner(term.settled_by.entity, place), term.settled_by.fact)
        value = self.replay.value(term, place)
        permitted = tuple(plain(each, term.type) for each in term.permitted)
        settled = value.known and len(term.permitted) > 1
        return r.Permission(permitted, decision, settled, value, term.type, matters)

    def _count(self, term: t.FindingCount, place: Spot, matters: bool, about: t.EntityTerm | None) -> r.Count:
        found: list[r.ConclusionRead] = []
        possible: list[r.ConclusionRead] = []
        others = 0
        for node, _, outcome in self.replay.counted(term):
            if True not in outcome.outcomes:
                others += 1
                continue
            sure = outcome == TRUE and not self.replay.entity(node[0]).residual
            (found if sure else possible).append(self._concluded(node, matters))
        words = self.replay.words.value(term, about)
        in_force = term.sector in self.replay.plan.findings
        return r.Count(
            words, self.replay.value(term, place), term.type, matters, tuple(found), tuple(possible), others, in_force
        )

    def _lookup(self, term: t.LookupValue, place: Spot, matters: bool, about: t.EntityTerm | None) -> r.Step:
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
            self.cite(f"{table.instrument}#{table.clause}"),
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
        seen: set[Node] = set()
        for each in self.replay.view.static("outer", term, _outer):
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
                yield self._fact(owner, name) if is_fact else self._concluded((owner.path, name), matters)

    def _fact(self, owner: Entity, name: str) -> r.FactRead:
        fact = self.replay.plan.schema.kinds[owner.kind].facts[name]
        assert not isinstance(fact.type, PartsType | ValuesType)
        from_ = owner.provenance.get(name, _PLAIN)
        return r.FactRead(
            f"{owner.path}.{name}",
            fact.title,
            self._owner(owner),
            owner.values[name],
            fact.type,
            name in owner.given,
            from_.source,
            from_.assumed,
        )

    def _concluded(self, node: Node, matters: bool) -> r.ConclusionRead:
        if matters:
            self.read[node] = None
        entity = self.replay.entity(node[0])
        conclusion = self.replay.plan.by_key[entity.kind, node[1]]
        value: Scalar = self.replay.conclusion(node)
        return r.ConclusionRead(node, conclusion.title, self._owner(entity), conclusion.kind, value, conclusion.type)

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


def _bare(term: t.Term) -> t.Term:
    return term.term if isinstance(term, t.Sure) else term


def _cell(value: Scalar) -> Cell:
    """The known value of a key; None where it is not known or there is none."""
    if not value.known or not algebra.has_value(value):
        return None
    if isinstance(value, Finite):
        (only,) = value.outcomes
        return only if isinstance(only, bool | str) else None
    return value.low if isinstance(value, Interval) else None


def _explained(term: object) -> bool:
    """Is a term explained by a step of its own?"""
    return isinstance(term, _INNER) and not (isinstance(term, t.Aggregate) and isinstance(term.operand, t.ListOf))


def _details(term: t.Term) -> Iterator[t.Term]:
    """The outermost counts, lookups and lists inside a term."""
    pending = [] if _explained(term) else list(t.children(term))
    while pending:
        each = pending.pop(0)
        if _explained(each):
            yield each  # type: ignore[misc]
        else:
            pending[:0] = t.children(each)


def _outer(term: t.Term) -> Iterator[t.FactValue | t.ConclusionValue | t.ItemValue]:
    """The facts, conclusions and items that a term reads outside its details; of a lookup its keys."""
    pending: list[object] = [term]
    while pending:
        each = pending.pop(0)
        if isinstance(each, t.FactValue | t.ConclusionValue | t.ItemValue):
            yield each
        elif isinstance(each, t.LookupValue):
            pending[:0] = each.keys
        elif not _explained(each):
            pending[:0] = t.children(each)


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
