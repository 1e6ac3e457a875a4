"""What a compiled plan stores, and where.

The subject's facts and conclusions are local variables. A part is a *record*, a Python list: its parent's record
(None when the parent is the subject), its number in its list (-1 for the member that stands for all others), then
slots for the facts and lists that the plan reads and for the conclusions of its kind.

Representations of a value, by type: *known*: bool, int (scale level by place, date by ordinal), str (choice, text), a
pair of integers (number as numerator and positive denominator); None is "no value". *Possible*: an int mask (boolean:
1 false, 2 true; choice and scale: one bit a member; the bit above all is "no value"); two bounds and a flag for
numbers and dates (0 has a value, 1 may have none, 2 has none); a str or a `Scalar` for texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property

from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Kind,
    NumberType,
    PartsType,
    ScalarType,
    TextType,
    ValuesType,
)
from safetyrules.language import terms as t
from safetyrules.language.plan import Conclusion, Plan
from safetyrules.language.term_trees import walk


def width(type_: ScalarType, sure: bool) -> int:
    """How many Python values hold a value of ``type_``. A known integer needs no denominator."""
    if isinstance(type_, NumberType):
        return 3 if not sure else 1 if type_.integer else 2
    if isinstance(type_, DateType):
        return 1 if sure else 3
    return 1


def nothing_bit(type_: ScalarType) -> int:
    """The mask bit of "no value"."""
    return 4 if isinstance(type_, BooleanType) else 1 << len(type_.members) if isinstance(type_, ChoiceType) else 0


def full_mask(type_: ScalarType) -> int:
    """Every value, "no value" aside."""
    return nothing_bit(type_) - 1


def member_bit(type_: ScalarType, value: object) -> int:
    if isinstance(type_, ChoiceType):
        return 1 << type_.members.index(str(value))
    return 2 if value else 1


@dataclass
class KindLayout:
    """Slots of one kind. For the subject they are names of local variables; for parts, indices into the record."""

    kind: Kind
    root: bool
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    conclusions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    settled: dict[str, tuple[str, ...]] = field(default_factory=dict)
    size: int = 2

    def slots(self, stem: str, count: int) -> tuple[str, ...]:
        if self.root:
            return tuple(f"{stem}_{i}" for i in range(count))
        found = tuple(str(self.size + i) for i in range(count))
        self.size += count
        return found


@dataclass
class Layout:
    """The layout of one generated function: ``plain`` for the one that reads known facts only.

    A conclusion is *sure* where it always has one known value when the function runs to its end, and *settling* where
    it usually has: only unsettled readings stand in the way, and they often agree. A settling conclusion has slots
    for both representations; its known one holds ``UNKNOWN`` where the readings did not agree, and only then is the
    other filled.
    """

    plan: Plan
    root: str
    plain: bool
    kinds: dict[str, KindLayout]
    sure: dict[tuple[str, str], bool]
    conclusions: list[Conclusion]
    settling: set[tuple[str, str]] = field(default_factory=set)

    def counts(self, conclusion: Conclusion) -> bool:
        """Is a finding counted by one number? Not one on parts that may stand for others: how many, nobody knows."""
        return self.sure.get(conclusion.key, True) and (self.plain or conclusion.on == self.root)

    @cached_property
    def root_slots(self) -> tuple[str, ...]:
        """What a decider returns of the subject, in order."""
        here = self.kinds[self.root]
        return tuple(slot for slots in (*here.conclusions.values(), *here.settled.values()) for slot in slots)


def most_missing(read: int) -> int:
    """Of so many facts of the subject, how many may be missing where the law may still come to need none of them."""
    return max(8, read // 4)


def reached_kinds(plan: Plan, root: str) -> list[str]:
    """The subject's kind and the kinds of parts below it, outer before inner."""
    found = [root]
    for name in found:
        found.extend(kind.name for kind in plan.schema.parts(name))
    return found


def facts_read(plan: Plan, root: str, conclusions: Iterable[Conclusion]) -> dict[str, set[str]]:
    """Kind → the facts and lists that the plan needs; kinds of which it needs nothing are left out.

    A recorded departure also needs to know whether its fact was given, read as ``given:FACT``.
    """
    read: dict[str, set[str]] = {root: set()}
    for conclusion in conclusions:
        read.setdefault(conclusion.on, set())
        for term in walk(conclusion.term):
            if isinstance(term, t.FactValue | t.PartsOf | t.ValuesOf):
                read.setdefault(term.entity.kind, set()).add(term.fact)
            if isinstance(term, t.PartsOf):
                read.setdefault(term.kind, set())
            elif isinstance(term, t.Excepted):
                for branch in _branches(term.exceptions):
                    if branch.recorded and isinstance(branch.then, t.FactValue):
                        read.setdefault(branch.then.entity.kind, set()).add("given:" + branch.then.fact)
            elif isinstance(term, t.SectorGrades):
                present = {sector.present for sector in plan.schema.sectors.values()}
                read[root] |= present & set(plan.schema.kinds[root].facts)
    for name in list(read):
        kind = plan.schema.kinds[name]
        while kind.name != root and kind.parent is not None and kind.parent_fact is not None:
            read.setdefault(kind.parent, set()).add(kind.parent_fact)
            kind = plan.schema.kinds[kind.parent]
    return read


def _branches(branches: Iterable[t.ExceptionBranch]) -> Iterable[t.ExceptionBranch]:
    for branch in branches:
        yield branch
        yield from _branches(branch.exceptions)


def make_layout(plan: Plan, root: str, plain: bool) -> Layout:
    """Decide representations and slots. In the plain function facts are sure; what rests on something that the law
    leaves open (an unsettled reading, a permission, an unassigned conclusion) is not."""
    reached = set(reached_kinds(plan, root))
    conclusions = [conclusion for conclusion in plan.conclusions if conclusion.on in reached]
    layout = Layout(plan, root, plain, {}, {}, conclusions)
    for conclusion in conclusions:
        layout.sure[conclusion.key] = _all_sure([conclusion.term], layout)
        if plain and not layout.sure[conclusion.key] and _may_settle(conclusion.term, layout):
            layout.settling.add(conclusion.key)
    read = facts_read(plan, root, conclusions)
    for name in reached_kinds(plan, root):
        if name not in read:
            continue
        kind = plan.schema.kinds[name]
        here = KindLayout(kind, name == root)
        layout.kinds[name] = here
        for fact in kind.facts.values():
            stem = fact.name.replace(".", "__")
            if fact.name not in read[name]:
                continue
            if isinstance(fact.type, PartsType | ValuesType):
                (here.lists[fact.name],) = here.slots(f"l_{stem}", 1)
            else:
                here.facts[fact.name] = here.slots(f"f_{stem}", width(fact.type, plain))
            if "given:" + fact.name in read[name] and not plain:
                here.facts["given:" + fact.name] = here.slots(f"g_{stem}", 1)
    for number, conclusion in enumerate(conclusions):
        here = layout.kinds[conclusion.on]
        count = width(conclusion.type, layout.sure[conclusion.key])
        here.conclusions[conclusion.name] = here.slots(f"c{number}", count)
        if conclusion.key in layout.settling:
            here.settled[conclusion.name] = here.slots(f"k{number}", width(conclusion.type, True))
    return layout


def _may_settle(term: object, layout: Layout) -> bool:
    for node in walk(term):
        match node:
            case t.UnsettledReadings():
                continue
            case t.ConclusionValue(entity, name) if (entity.kind, name) in layout.settling:
                continue
            case t.FindingCount():
                counted = layout.plan.findings.get(node.sector, ())
                if counted and all(layout.sure.get(c.key, True) or c.key in layout.settling for c in counted):
                    continue
                return False
            case _:
                if not node_sure(node, layout):
                    return False
    return True


def _all_sure(terms: Iterable[object], layout: Layout) -> bool:
    return all(node_sure(node, layout) for term in terms for node in walk(term))


def node_sure(node: object, layout: Layout) -> bool:
    match node:
        case t.FactValue() | t.PartsOf() | t.ValuesOf():
            return layout.plain
        case t.ConclusionValue(entity, name):
            return layout.sure[entity.kind, name]
        case t.UnsettledReadings() | t.Permitted() | t.Unassigned() | t.Written(accumulates=False):
            return False
        case t.FindingCount():
            counted = layout.plan.findings.get(node.sector, ())
            return bool(counted) and all(layout.counts(c) for c in counted)
        case t.SectorGrades():
            return _sectors_sure(layout)
    return layout.plain or not may_stop(node, layout.plan)


def may_stop(node: object, plan: Plan) -> bool:
    """May the known code of ``node`` find that there is no one value? The plain function then gives up; the other one
    must not begin."""
    match node:
        case t.Arithmetic("/" | "%", _, right):
            return not (isinstance(right, t.Constant) and right.value)
        case t.DateFunction("add_days" | "add_months"):
            return True
        case t.TextFunction("substring"):
            return True
        case t.LookupValue(table):
            return plan.tables[table].absent_key == "unknown"
        case t.DecisionTable("unique" | "any"):
            return True
        case t.Excepted(_, exceptions):
            return _has_siblings(exceptions)
        case t.Quantified("exists_one"):
            return node.may_be_nothing
    return False


def _has_siblings(branches: tuple[t.ExceptionBranch, ...]) -> bool:
    return len(branches) > 1 or any(_has_siblings(branch.exceptions) for branch in branches)


def _sectors_sure(layout: Layout) -> bool:
    schema = layout.plan.schema
    for name in layout.plan.sectors:
        sector = schema.sectors[name]
        if sector.grade is None:
            continue
        if sector.present in schema.kinds[layout.root].facts:
            present = layout.plain
        else:
            present = layout.sure.get((layout.root, sector.present), False)
        if not present or not layout.sure.get((layout.root, sector.grade), False):
            return False
    return True


def is_text(type_: ScalarType) -> bool:
    return isinstance(type_, TextType)
