"""What is not known and can still change an undetermined conclusion (design 5.7).

First every unknown that an undecided term still reads is collected, following only operands that can still matter. That
collection never leaves out a fact that could matter. Then `safetyrules.explanation.completions` tries values and
drops what no completion makes a difference to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal, NamedTuple

from safetyrules.engine import algebra
from safetyrules.explanation.amounts import amount, listing
from safetyrules.explanation.evaluate import Spot
from safetyrules.explanation.trace import At, Listed, Node, Replay
from safetyrules.explanation.words import label
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import ChoiceType, FactType
from safetyrules.language import terms as t
from safetyrules.language.term_trees import children
from safetyrules.text import Text, same
from safetyrules.values import FALSE, TRUE, Finite, Interval, Scalar

NeedKind = Literal["fact", "list", "decision", "reading", "instrument", "row", "conflict", "not_computable"]
#: Diagnostics of a conclusion that say what keeps it undetermined.
_NOTICED: Mapping[str, NeedKind] = {
    "SR2001": "not_computable", "SR2007": "not_computable",
    "SR2004": "conflict", "SR2005": "conflict", "SR2006": "conflict",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Need:
    """Something whose value can still change a conclusion.

    ``fact``: a fact not known in full; ``list``: a list that may have members not given; ``decision``: a decision
    that was not recorded; ``reading``: a parameter that chooses a reading; ``instrument``: nothing in force decides;
    ``row``: a lookup table has no row; ``conflict``: rules disagree and the law puts neither first;
    ``not_computable``: a division by zero or the like. ``path`` names it; ``value`` is what is known of a fact.
    """

    kind: NeedKind
    path: str
    title: Text
    owner: Text | None = None
    type: FactType | None = None
    value: Scalar | None = None
    help: Text | None = None
    options: tuple[tuple[str, Text], ...] = ()


NeedKey = tuple[NeedKind, str]


class Own(NamedTuple):
    """What a conclusion itself reads that is not known: needs, with the fact that each is, and other conclusions."""

    needs: tuple[tuple[NeedKey, Need, Node | None], ...]
    conclusions: tuple[Node, ...]


class Openings:
    """The needs of one conclusion and of the conclusions it rests on."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.found: dict[NeedKey, Need] = {}
        self.nodes: dict[NeedKey, Node] = {}

    def collect(self, node: Node) -> Openings:
        pending, seen = [node], {node}
        for each in pending:
            own = self._own(each)
            for key, need, fact in own.needs:
                self.found.setdefault(key, need)
                if fact is not None:
                    self.nodes[key] = fact
            for read in own.conclusions:
                if read not in seen:
                    seen.add(read)
                    pending.append(read)
        return self

    def _own(self, node: Node) -> Own:
        """Collected once for an assessment."""
        found = self.replay.openings.get(node)
        if found is None:
            found = self.replay.openings[node] = _Collecting(self.replay).own(node)
        return found


class _Collecting:
    """Collects the needs of one conclusion, not of those it reads."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.found: dict[NeedKey, Need] = {}
        self.nodes: dict[NeedKey, Node] = {}
        self._pending: list[Node] = []

    def own(self, node: Node) -> Own:
        entity = self.replay.entity(node[0])
        if entity.residual:
            self._open_list(entity)
        if not self.replay.conclusion(node).known:
            self._term(self.replay.plan.by_key[entity.kind, node[1]].term, self.replay.spot(node[0]), node)
            for notice in self.replay.notices(node):
                if (kind := _NOTICED.get(notice.code)) is not None:
                    self._add(kind, "#".join(node), notice.message, owner=self._owner(entity))
        needs = ((key, need, self.nodes.get(key)) for key, need in self.found.items())
        return Own(tuple(needs), tuple(self._pending))

    # ---- terms -------------------------------------------------------------------------------------------------------

    def _term(self, term: t.Term, place: Spot, of: Node) -> None:
        """What can still change the value of a term; ``of`` is the conclusion it belongs to."""
        value = self.replay.value(term, place)
        if value.known:
            return
        match term:
            case t.FactValue(entity, fact):
                self._fact(self.replay.owner(entity, place), fact)
            case t.ConclusionValue(entity, name):
                self._pending.append((self.replay.owner(entity, place).path, name))
            case t.ItemValue(variable):
                self._item(place, variable, of)
            case t.Quantified():
                self._quantified(term, place, of)
            case t.Aggregate(operand=operand):
                for member in self.replay.members(operand, place):
                    self._member(member, of)
            case t.FindingCount():
                self._count(term)
            case t.UnsettledReadings(readings, ruleset, parameter):
                self._reading(ruleset, parameter)
                self._each((reading for _, reading in readings), place, of)
            case t.Choose(test, then, otherwise):
                decided = self.replay.value(test, place)
                assert isinstance(decided, Finite)
                branches = [b for b, truth in ((then, True), (otherwise, False)) if truth in decided.outcomes]
                self._each((test, *branches), place, of)
            case t.Permitted(settled_by=settled_by):
                self._permission(settled_by, place, of)
            case t.DecisionTable():
                self._table(term, place, of)
            case t.Excepted(base, exceptions):
                self._excepted(base, exceptions, place, of)
            case t.Written():
                self._written(term, place, of)
            case t.Unassigned():
                self._unassigned(of)
            case t.LookupValue(table, keys, column):
                self._lookup(table, keys, column, place, of)
            case _:
                self._each((c for c in children(term) if isinstance(c, t.Term)), place, of)

    def _each(self, terms: Iterator[t.Term] | tuple[t.Term, ...], place: Spot, of: Node) -> None:
        for term in terms:
            self._term(term, place, of)

    def _ats(self, ats: tuple[At, ...], of: Node) -> None:
        for term, place in ats:
            self._term(term, place, of)

    # ---- lists -------------------------------------------------------------------------------------------------------

    def _member(self, member: Listed, of: Node) -> None:
        """Whether a member is there, and its value where it is a scalar."""
        if member.open_list is not None:
            self._list(*member.open_list)
        self._ats(member.tests, of)
        if not isinstance(member.value, Entity) and not member.value.known:
            self._scalar_member(member, of)

    def _scalar_member(self, member: Listed, of: Node) -> None:
        if member.source is not None:
            self._ats((member.source,), of)
        elif member.open_list is None and not isinstance(member.value, Entity):
            owner, _, rest = member.path.rpartition(".")
            self._add("fact", member.path, self._list_title(owner, rest.partition("[")[0]), value=member.value)

    def _item(self, place: Spot, variable: str, of: Node) -> None:
        member = place.members.get(variable)
        if member is not None:
            if member.open_list is not None:
                self._list(*member.open_list)
            self._scalar_member(member, of)

    def _quantified(self, term: t.Quantified, place: Spot, of: Node) -> None:
        settled = TRUE if term.quantifier == "all" else FALSE
        for member in self.replay.members(term.operand, place):
            spot = place.at(term.variable, member)
            if self.replay.value(term.body, spot) == settled:
                continue  # whether it is there or not, it changes nothing
            if member.open_list is not None:
                self._list(*member.open_list)
            self._ats(member.tests, of)
            self._term(term.body, spot, of)

    def _count(self, term: t.FindingCount) -> None:
        if term.sector not in self.replay.plan.findings:
            sector = self.replay.plan.schema.sectors[term.sector]
            self._add("instrument", f"sector:{term.sector}", sector.title)
            return
        counted = list(self.replay.counted(term))
        sure = {c for (p, _), c, o in counted if o == TRUE and not self.replay.entity(p).residual}
        for (path, name), counted_as, outcome in counted:
            entity = self.replay.entity(path)
            if True not in outcome.outcomes or (counted_as in sure and not term.instances):
                continue
            if entity.residual:
                self._open_list(entity)
            if outcome != TRUE:
                self._pending.append((path, name))

    # ---- outcomes of rules -------------------------------------------------------------------------------------------

    def _table(self, term: t.DecisionTable, place: Spot, of: Node) -> None:
        if term.hit in ("collect max", "collect min", "priority"):
            self._ranked(term, place, of)
            return
        decided = False
        for row in term.rows:
            when = self.replay.value(row.when, place)
            assert isinstance(when, Finite)
            if True not in when.outcomes:
                continue
            self._term(row.when, place, of)
            if term.hit != "collect count":
                self._term(row.then, place, of)
            decided = decided or when == TRUE
            if decided and term.hit == "first":
                return
        if term.otherwise is not None and not decided:
            self._term(term.otherwise, place, of)

    def _ranked(self, term: t.DecisionTable, place: Spot, of: Node) -> None:
        """A row that cannot rise above what surely holds changes nothing."""
        least = term.hit in ("collect min", "priority")
        rows = []
        floor = algebra.nothing(term.type)
        for row in term.rows:
            when = self.replay.value(row.when, place)
            assert isinstance(when, Finite)
            if True in when.outcomes:
                then = self.replay.value(row.then, place)
                rows.append((row, then))
                if when == TRUE:
                    floor = algebra.greatest(floor, then, term.type, least)
        for row, then in rows:
            if not cannot_exceed(then, floor, term, least):
                self._each((row.when, row.then), place, of)
        if term.otherwise is not None and algebra.has_nothing(floor):
            self._term(term.otherwise, place, of)

    def _excepted(self, base: t.Term, branches: tuple[t.ExceptionBranch, ...], place: Spot, of: Node) -> None:
        sure = False
        for branch in branches:
            when = self.replay.value(branch.when, place)
            assert isinstance(when, Finite)
            if True not in when.outcomes:
                continue
            if branch.recorded:
                assert isinstance(branch.then, t.FactValue)
                self._decision(self.replay.owner(branch.then.entity, place), branch.then.fact)
                if branch.then.fact not in self.replay.owner(branch.then.entity, place).given:
                    self._term(branch.when, place, of)
                    continue
            self._term(branch.when, place, of)
            if branch.then is not None:
                self._excepted(branch.then, branch.exceptions, place, of)
            sure = sure or when == TRUE
        if not sure:
            self._term(base, place, of)

    def _written(self, term: t.Written, place: Spot, of: Node) -> None:
        """A writer that surely gives way changes nothing; where writers accumulate, it still silences those below."""
        said = [self.replay.value(writer.term, place) for writer in term.writers]
        for number, writer in enumerate(term.writers):
            above = [i for i, other in enumerate(term.writers) if number in other.beats]
            silences = term.accumulates and bool(writer.beats)
            if silences or all(algebra.has_nothing(said[i]) for i in above):
                self._term(writer.term, place, of)

    def _permission(self, settled_by: t.Term | None, place: Spot, of: Node) -> None:
        if isinstance(settled_by, t.FactValue):
            self._decision(self.replay.owner(settled_by.entity, place), settled_by.fact)
        elif settled_by is not None:
            self._term(settled_by, place, of)
        else:
            entity = self.replay.entity(of[0])
            self._add("decision", "#".join(of), self.replay.words.title(entity.kind, of[1]), owner=self._owner(entity))

    def _unassigned(self, of: Node) -> None:
        entity = self.replay.entity(of[0])
        title = self.replay.words.title(entity.kind, of[1])
        self._add("instrument", "#".join(of), title, owner=self._owner(entity))

    def _lookup(self, table: str, keys: tuple[t.Term, ...], column: str, place: Spot, of: Node) -> None:
        self._each(keys, place, of)
        values = [self.replay.value(key, place) for key in keys]
        if all(value.known for value in values):
            shown = listing(amount(value, key.type) for value, key in zip(values, keys, strict=True))
            title = self.replay.plan.tables[table].title
            self._add(
                "row", f"{table}/{column}[{shown.en}]", Text(f"{title.zh}：{shown.zh}", f"{title.en}: {shown.en}")
            )

    # ---- what is found -----------------------------------------------------------------------------------------------

    def _fact(self, entity: Entity, name: str) -> None:
        if entity.residual:
            self._open_list(entity)
            return
        fact = self.replay.plan.schema.kinds[entity.kind].facts[name]
        self._add(
            "fact",
            f"{entity.path}.{name}",
            fact.title,
            self._owner(entity),
            fact.type,
            entity.values[name],
            fact.help,
            node=(entity.path, name),
        )

    def _decision(self, entity: Entity, name: str) -> None:
        fact = self.replay.plan.schema.kinds[entity.kind].facts[name]
        if entity.residual:
            self._open_list(entity)
        else:
            self._add(
                "decision",
                f"{entity.path}.{name}",
                fact.title,
                self._owner(entity),
                fact.type,
                entity.values[name],
                fact.help,
            )

    def _open_list(self, entity: Entity) -> None:
        """The list that a residual entity stands for: the outermost one, where lists are nested."""
        outermost = entity
        while outermost.parent is not None and outermost.parent.residual:
            outermost = outermost.parent
        assert outermost.parent is not None
        path = outermost.parent.path
        self._list(path, outermost.path[len(path) + 1 : -len("[?]")])

    def _list(self, path: str, name: str) -> None:
        entity = self.replay.entity(path)
        if entity.residual:
            self._open_list(entity)
            return
        fact = self.replay.plan.schema.kinds[entity.kind].facts[name]
        self._add("list", f"{path}.{name}", fact.title, self._owner(entity), fact.type, help_=fact.help)

    def _reading(self, ruleset: str, parameter: str) -> None:
        declared = self.replay.assessment.program.linked.parameters[ruleset, parameter]
        assert isinstance(declared.type, ChoiceType)
        options = tuple(zip(declared.type.members, declared.type.titles, strict=True))
        self._add("reading", f"{ruleset}/{parameter}", declared.title, type_=declared.type, options=options)

    def _list_title(self, path: str, name: str) -> Text:
        if path in self.replay.reference.by_path:
            facts = self.replay.plan.schema.kinds[self.replay.entity(path).kind].facts
            if name in facts:
                return facts[name].title
        return same(name)

    def _owner(self, entity: Entity) -> Text | None:
        return None if entity.parent is None else label(entity, self.replay.plan.schema)

    def _add(
        self,
        kind: NeedKind,
        path: str,
        title: Text,
        owner: Text | None = None,
        type_: FactType | None = None,
        value: Scalar | None = None,
        help_: Text | None = None,
        options: tuple[tuple[str, Text], ...] = (),
        node: Node | None = None,
    ) -> None:
        key = (kind, path)
        if key not in self.found:
            self.found[key] = Need(kind, path, title, owner, type_, value, help_, options)
        if node is not None:
            self.nodes[key] = node


def cannot_exceed(then: Scalar, floor: Scalar, term: t.DecisionTable, least: bool) -> bool:
    """Can ``then`` not rise above ``floor``, whatever both turn out to be?"""
    if algebra.has_nothing(floor):
        return not algebra.has_value(then)
    if not algebra.has_value(then):
        return True
    then = algebra.without_nothing(then)
    if isinstance(then, Interval) and isinstance(floor, Interval):
        low, high, floor_low, floor_high = *algebra.ends(then), *algebra.ends(floor)
        return low >= floor_high if least else high <= floor_low
    assert isinstance(term.type, ChoiceType)
    assert isinstance(then, Finite)
    assert isinstance(floor, Finite)
    rank = term.type.members.index
    ranks, floors = [rank(str(o)) for o in then.outcomes], [rank(str(o)) for o in floor.outcomes]
    return min(ranks) >= max(floors) if least else max(ranks) <= min(floors)


def openings(replay: Replay, node: Node) -> Openings:
    """Everything unknown that an undetermined conclusion still reads."""
    replay.demand(node)
    return Openings(replay).collect(node)


def needs(replay: Replay, node: Node) -> tuple[Need, ...]:
    """What can still change a conclusion of an entity; nothing where it is determined."""
    found = replay.needs.get(node)
    if found is None:
        found = replay.needs[node] = _needs(replay, node)
    return found


def _needs(replay: Replay, node: Node) -> tuple[Need, ...]:
    from safetyrules.explanation.completions import Completions

    entity = replay.entity(node[0])
    if replay.reference.verify(entity, node[1]).known and not entity.residual:
        return ()
    found = openings(replay, node)
    dropped = Completions(replay, node, found).idle()
    return tuple(need for key, need in found.found.items() if key not in dropped)
