"""Where code is being written: the writer, the layout, the entity at hand and what variables are bound to."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace

from safetyrules.engine.compiled.layout import KindLayout, Layout, is_text, nothing_bit
from safetyrules.engine.compiled.writer import Writer, absent
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.language import terms as t
from safetyrules.language.term_trees import children

#: Python expressions that hold one value; how many and what they mean depends on the type (see `layout`).
Code = tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """A comprehension variable over scalars: its code, and whether it is in the known representation."""

    code: Code
    known: bool


@dataclass(frozen=True)
class Context:
    """``record`` is the Python expression of the part at hand, None for the subject."""

    writer: Writer
    layout: Layout
    kind: str
    record: str | None
    #: How terms are written (`known.known` and `possible.possible`); carried here because terms nest in all of them.
    write_known: Callable[[Context, t.Term], Code]
    write_possible: Callable[[Context, t.Term], Code]
    bound: dict[str, str | Item] = field(default_factory=dict)
    sureness: dict[int, tuple[object, bool, frozenset[str]]] = field(default_factory=dict)
    counters: dict[tuple[str, str], str] = field(default_factory=dict)
    #: Identities of unsettled readings that come to ``UNKNOWN`` rather than raise where they do not agree, and the
    #: names for what is possible then.
    lenient: frozenset[int] = frozenset()
    apart: Code = ()

    def known(self, term: t.Term) -> Code:
        """The code of ``term`` in the known representation; `sure` must hold."""
        return self.write_known(self, term)

    def possible(self, term: t.Term) -> Code:
        """The code of ``term`` in the possible representation."""
        return self.write_possible(self, term)

    def binding(self, variable: str, value: str | Item) -> Context:
        return replace(self, bound={**self.bound, variable: value})

    def subject(self) -> Context:
        """Where the subject's own facts and conclusions are read, whatever the rule is on."""
        return replace(self, kind=self.layout.root, record=None)

    def entity(self, term: t.EntityTerm) -> tuple[KindLayout, str | None]:
        """The layout of an entity's kind and the expression of its record."""
        if isinstance(term, t.Variable):
            record = self.bound[term.name]
            assert isinstance(record, str)
            return self.layout.kinds[term.kind], record
        record_code = self.record
        kind = self.layout.plan.schema.kinds[self.kind]
        for _ in range(term.levels):
            assert kind.parent is not None
            kind = self.layout.plan.schema.kinds[kind.parent]
            record_code = None if kind.name == self.layout.root else f"{record_code}[0]"
        return self.layout.kinds[kind.name], record_code

    def slots(self, here: KindLayout, record: str | None, slots: tuple[str, ...]) -> Code:
        return slots if here.root else tuple(f"{record}[{slot}]" for slot in slots)

    def _stored(self, here: KindLayout, record: str | None, slots: tuple[str, ...]) -> Code:
        """What slots hold, by name where it has been looked at before."""
        return tuple(self.writer.named(slot) for slot in self.slots(here, record, slots))

    def fact(self, term: t.FactValue) -> Code:
        here, record = self.entity(term.entity)
        return padded(self._stored(here, record, here.facts[term.fact]), term.type, self.layout.plain)

    def list_code(self, term: t.PartsOf | t.ValuesOf) -> str:
        here, record = self.entity(term.entity)
        slot = here.lists[term.fact]
        return slot if here.root else f"{record}[{slot}]"

    def conclusion(self, term: t.ConclusionValue) -> Code:
        """The slots of a conclusion that has one representation here."""
        here, record = self.entity(term.entity)
        sure = self.layout.sure[term.entity.kind, term.conclusion]
        return padded(self._stored(here, record, here.conclusions[term.conclusion]), term.type, sure)

    def settled(self, term: t.ConclusionValue) -> Code | None:
        """The known representation of a settling conclusion; None for any other."""
        if (term.entity.kind, term.conclusion) not in self.layout.settling:
            return None
        here, record = self.entity(term.entity)
        return padded(self._stored(here, record, here.settled[term.conclusion]), term.type, True)

    def sure(self, term: object) -> bool:
        """Is the known representation of ``term`` to be had here?"""
        sure, items = self._surveyed(term)
        return sure and all(self._item_known(name) for name in items)

    def _surveyed(self, term: object) -> tuple[bool, frozenset[str]]:
        """Whether all that ``term`` rests on is sure, and the variables over scalars in it."""
        found = self.sureness.get(id(term))
        if found is None:
            from safetyrules.engine.compiled.layout import node_sure

            sure = node_sure(term, self.layout)
            items = frozenset([term.variable]) if isinstance(term, t.ItemValue) else frozenset()
            for child in children(term):
                child_sure, child_items = self._surveyed(child)
                sure = sure and child_sure
                items |= child_items
            found = self.sureness[id(term)] = (term, sure, items)
        return found[1], found[2]

    def _item_known(self, name: str) -> bool:
        bound = self.bound.get(name)
        return not isinstance(bound, Item) or bound.known


def padded(code: Code, type_: ScalarType, sure: bool) -> Code:
    """A known integer is stored without its denominator; give it back."""
    return (*code, "1") if sure and isinstance(type_, NumberType) and len(code) == 1 else code


def lift(c: Context, code: Code, type_: ScalarType, may_be_nothing: bool) -> Code:
    """A value in the known representation as a possible one."""
    w = c.writer
    match type_:
        case NumberType():
            number, denominator = code
            plain = number if denominator == "1" else f"exact({number}, {denominator})"
            if not may_be_nothing:
                value = w.let(plain)
                return value, value, "0"
            held = w.hold(number)
            plain = held if denominator == "1" else f"exact({held}, {denominator})"
            value = w.let(f"(0 if {absent(held)} else {plain})")
            return value, value, w.let(f"(2 if {absent(held)} else 0)")
        case DateType():
            value = w.hold(code[0]) if may_be_nothing else w.let(code[0])
            if not may_be_nothing:
                return value, value, "0"
            return w.let(f"({value} or 0)"), w.let(f"({value} or 0)"), w.let(f"(2 if {absent(value)} else 0)")
        case BooleanType():
            constant = {"True": "2", "False": "1", "None": "4"}.get(code[0])
            if constant is not None:
                return (constant,)
            if may_be_nothing:
                value = w.hold(code[0])
                return (f"(4 if {absent(value)} else 2 if {value} else 1)",)
            return (f"(2 if {code[0]} else 1)",)
        case ChoiceType(scale=True):
            none = nothing_bit(type_)
            if code[0].isdigit():
                return (str(1 << int(code[0])),)
            if may_be_nothing:
                value = w.hold(code[0])
                return (f"({none} if {absent(value)} else 1 << {value})",)
            return (f"(1 << {code[0]})",)
        case ChoiceType(members=members):
            bits: dict[object, int] = {member: 1 << i for i, member in enumerate(members)}
            bits[None] = nothing_bit(type_)
            return (f"{w.constant(bits)}[{code[0]}]",)
    assert is_text(type_)
    if may_be_nothing:
        value = w.hold(code[0])
        return (f"(ONLY_NOTHING if {absent(value)} else {value})",)
    return code
