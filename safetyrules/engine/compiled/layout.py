"""What a compiled plan stores, and where.

The subject's facts and conclusions are local variables. A part is a *record*, a Python list: its parent's record (None when
the parent is the subject), its number in its list (-1 for the member that stands for all others), then slots for the facts
and lists that the plan reads and for the conclusions of its kind.

Representations of a value, by type: *known*: bool, int (scale level by place, date by ordinal), str (choice, text), a pair
of integers (number as numerator and positive denominator); None is "no value". *Possible*: an int mask (boolean: 1 false,
2 true; choice and scale: one bit a member; the bit above all is "no value"); two bounds and a flag for numbers and dates (0
has a value, 1 may have none, 2 has none); a str or a `Scalar` for texts.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field

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
    """Slots of one kind. For the subject, ``names`` are local variables; for parts, indices into the record."""

    kind: Kind
    root: bool
    facts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    conclusions: dict[str, tuple[str, ...]] = field(default_factory=dict)
    size: int = 2

    def slots(self, count: int) -> tuple[str, ...]:
        found = tuple(str(self.size + i) for i in range(count))
        self.size += count
        return found


@dataclass
class Layout:
    """The layout of one generated function: ``plain`` for the one that reads known facts only."""

    plan: Plan
    root: str
    plain: bool
    kinds: dict[str, KindLayout]
    sure: dict[tuple[str, str], bool]

    def conclusion_sure(self, kind: str, name: str) -> bool:
        return self.sure[kind, name]


def reached_kinds(plan: Plan, root: str) -> list[str]:
    """The subject's kind and the kinds of parts below it, outer before inner."""
    found = [root]
    for name in found:
        found.extend(kind.name for kind in plan.schema.parts(name))
    return found


def conclusions_for(plan: Plan, root: str) -> list[Conclusion]:
    reached = set(reached_kinds(plan, root))
    return [conclusion for conclusion in plan.conclusions if conclusion.on in reached]


def facts_read(plan: Plan, root: str) -> dict[str, set[str]]:
    """Kind → the facts and lists that some term reads."""
    read: dict[str, set[str]] = {name: set() for name in reached_kinds(plan, root)}
    for conclusion in conclusions_for(plan, root):
        for term in t.walk(conclusion.term):
            if isinstance(term, t.FactValue | t.PartsOf | t.ValuesOf):
                read[term.entity.kind].add(term.fact)
            elif isinstance(term, t.SectorGrades):
                for sector in plan.schema.sectors.values():
                    if sector.present in plan.schema.kinds[root].facts:
                        read[root].add(sector.present)
    return read


def make_layout(plan: Plan, root: str, plain: bool) -> Layout:
    """Decide representations and slots. In the plain function facts are sure; what rests on something that the law leaves
    open (an unsettled reading, a permission, an unassigned conclusion) is not."""
    layout = Layout(plan, root, plain, {}, {})
    for conclusion in conclusions_for(plan, root):
        layout.sure[conclusion.key] = _all_sure([conclusion.term], layout)
    read = facts_read(plan, root)
    for name in reached_kinds(plan, root):
        kind = plan.schema.kinds[name]
        here = KindLayout(kind, name == root)
        layout.kinds[name] = here
        for fact in kind.facts.values():
            if fact.name not in read[name] and not isinstance(fact.type, PartsType):
                continue
            stem = "f_" + fact.name.replace(".", "__")
            if isinstance(fact.type, PartsType | ValuesType):
                here.lists[fact.name] = "l_" + stem if here.root else here.slots(1)[0]
            else:
                count = width(fact.type, plain)
                here.facts[fact.name] = (
                    tuple(f"{stem}_{i}" for i in range(count)) if here.root else here.slots(count)
                )
    for number, conclusion in enumerate(conclusions_for(plan, root)):
        here = layout.kinds[conclusion.on]
        count = width(conclusion.type, layout.sure[conclusion.key])
        here.conclusions[conclusion.name] = (
            tuple(f"c{number}_{i}" for i in range(count)) if here.root else here.slots(count)
        )
    return layout


def term_sure(term: object, layout: Layout) -> bool:
    """Has ``term`` one known value whenever this function runs to its end?"""
    return _all_sure([term], layout)


def _all_sure(terms: Iterable[object], layout: Layout) -> bool:
    return all(_node_sure(node, layout) for term in terms for node in t.walk(term))


def _node_sure(node: object, layout: Layout) -> bool:
    match node:
        case t.FactValue() | t.PartsOf() | t.ValuesOf():
            return layout.plain
        case t.ConclusionValue(entity, name):
            return layout.sure[entity.kind, name]
        case t.UnsettledReadings() | t.Permitted() | t.Unassigned() | t.Written():
            return False
        case t.ExceptionBranch(recorded=True):
            return layout.plain
        case t.FindingCount():
            counted = layout.plan.findings.get(node.sector, ())
            return bool(counted) and all(layout.sure.get(c.key, True) for c in counted)
        case t.SectorGrades():
            return _sectors_sure(layout)
    return True


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
