"""Code that reads raw facts into the slots of a layout, checking them on the way.

The plain reader takes only what is plainly known: a missing key, null or a form (``{at_least: …}``) makes it give up. The
other reads every form, the plain ones inline. Neither explains what is wrong: both raise, and the input models explain.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from safetyrules.engine.compiled.layout import KindLayout, Layout, full_mask, nothing_bit
from safetyrules.engine.compiled.possible import unassigned
from safetyrules.engine.compiled.writer import Writer
from safetyrules.facts.scalars import read_scalar
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Fact,
    Kind,
    NumberType,
    PartsType,
    ScalarType,
    Schema,
    TextType,
    ValuesType,
)
from safetyrules.engine.compiled.runtime import Unplain

Check = Callable[[object], None]


@dataclass
class Level:
    """The keys of one mapping of the input: facts, and sections with levels of their own."""

    facts: dict[str, Fact] = field(default_factory=dict)
    sections: dict[str, Level] = field(default_factory=dict)


def levels(kind: Kind) -> Level:
    """The shape of a kind's input: dotted fact names as nested mappings."""
    top = Level()
    for fact in kind.facts.values():
        *sections, key = fact.name.split(".")
        level = top
        for section in sections:
            level = level.sections.setdefault(section, Level())
        level.facts[key] = fact
    return top


def write_reader(w: Writer, layout: Layout) -> list[str]:
    """The body of the reader of ``layout``; the names that it returns, in order (see `assemble`)."""
    reader = _Reader(w, layout)
    root = layout.kinds[layout.root]
    for here in layout.kinds.values():
        if not here.root:
            w.line(f"{all_name(layout, here.kind.name)} = []")
    reader.entity(root, "facts", None, None)
    return returned_names(layout)


def returned_names(layout: Layout) -> list[str]:
    """The subject's facts and lists, then for every kind of part the list of all its records."""
    root = layout.kinds[layout.root]
    names = [name for slots in root.facts.values() for name in slots] + list(root.lists.values())
    return names + [all_name(layout, here.kind.name) for here in layout.kinds.values() if not here.root]


def all_name(layout: Layout, kind: str) -> str:
    return f"all_{list(layout.kinds).index(kind)}"


class _Reader:
    def __init__(self, w: Writer, layout: Layout) -> None:
        self.w = w
        self.layout = layout
        self.schema = layout.plan.schema
        self._raw_lists: dict[tuple[str, str], str] = {}

    # ---- entities ----------------------------------------------------------------------------------------------------

    def entity(self, here: KindLayout, source: str, parent: str | None, number: str | None) -> str | None:
        """Read one entity; the name of its record, None for the subject."""
        values: dict[str, str] = {}
        self._level(here, levels(here.kind), source, values)
        record = None
        if not here.root:
            record = self.w.fresh("r")
            cells = [parent or "None", number or "0"] + ["None"] * (here.size - 2)
            for slot, value in values.items():
                cells[int(slot)] = value
            self.w.line(f"{record} = [{', '.join(cells)}]")
            self.w.line(f"{all_name(self.layout, here.kind.name)}.append({record})")
        for fact, slot in here.lists.items():
            self._list(here, here.kind.facts[fact], slot, record)
        return record

    def _level(self, here: KindLayout, level: Level, source: str, values: dict[str, str]) -> None:
        w = self.w
        with w.block(f"if {source}.__class__ is not dict:"):
            w.line("raise Unplain")
        read = {key: fact for key, fact in level.facts.items() if fact.name in here.facts or fact.name in here.lists}
        sections = {key: inner for key, inner in level.sections.items() if self._reads(here, inner)}
        rest = w.constant(rest_checks(self.schema, level, {*read, *sections}))
        keys = w.constant(frozenset([*read, *sections]))
        if self.layout.plain:
            with w.block(f"if len({source}) != {len(read) + len(sections)}:"):
                w.line(f"check_rest({source}, {keys}, {rest})")
        else:
            with w.block(f"if not {keys}.issuperset({source}):"):
                w.line(f"check_rest({source}, {keys}, {rest})")
        for key, fact in read.items():
            raw = w.fresh("v")
            w.line(f"{raw} = {source}[{key!r}]" if self.layout.plain else f"{raw} = {source}.get({key!r})")
            if fact.name in here.lists:
                self._raw_lists[here.kind.name, fact.name] = raw
            else:
                self._fact(here, fact, raw, values)
        for key, inner in sections.items():
            raw = w.fresh("s")
            if self.layout.plain:
                w.line(f"{raw} = {source}[{key!r}]")
            else:
                w.line(f"{raw} = {source}.get({key!r})")
                with w.block(f"if {raw} is None:"):
                    w.line(f"{raw} = EMPTY")
            self._level(here, inner, raw, values)

    def _reads(self, here: KindLayout, level: Level) -> bool:
        return any(fact.name in here.facts or fact.name in here.lists for fact in level.facts.values()) or any(
            self._reads(here, inner) for inner in level.sections.values()
        )

    # ---- scalars -----------------------------------------------------------------------------------------------------

    def _fact(self, here: KindLayout, fact: Fact, raw: str, values: dict[str, str]) -> None:
        assert not isinstance(fact.type, PartsType | ValuesType)
        slots = here.facts[fact.name]
        names = slots if here.root else tuple(self.w.fresh() for _ in slots)
        if self.layout.plain:
            self.plain(fact.type, raw, names)
        else:
            self.possible(fact.type, fact.may_not_apply, raw, names)
        given = here.facts.get("given:" + fact.name)
        if given is not None:
            name = given[0] if here.root else self.w.fresh()
            self.w.line(f"{name} = is_given({raw})")
            if not here.root:
                values[given[0]] = name
        if not here.root:
            values.update(zip(slots, names, strict=True))

    def plain(self, type_: ScalarType, raw: str, names: tuple[str, ...]) -> None:
        """Known values only."""
        w = self.w
        match type_:
            case BooleanType():
                with w.block(f"if {raw} is not True and {raw} is not False:"):
                    w.line("raise Unplain")
                w.line(f"{names[0]} = {raw}")
            case NumberType(integer=True):
                tests = [f"{raw}.__class__ is not int", *_outside(raw, type_)]
                with w.block(f"if {' or '.join(tests)}:"):
                    w.line("raise Unplain")
                w.line(f"{names[0]} = {raw}")
            case NumberType(minimum=low, maximum=high):
                inside = "".join(f" and not {test}" for test in _outside(raw, type_))
                with w.block(f"if {raw}.__class__ is int{inside}:"):
                    w.line(f"{names[0]} = {raw}; {names[1]} = 1")
                with w.block("else:"):
                    bounds = f"{_literal(w, low)}, {_literal(w, high)}"
                    w.line(f"{names[0]}, {names[1]} = pair({raw}, {bounds})")
            case ChoiceType(scale=True, members=members):
                places = w.constant({member: i for i, member in enumerate(members)})
                w.line(f"{names[0]} = {places}[{raw}]")
            case ChoiceType(members=members):
                with w.block(f"if {raw} not in {w.constant(frozenset(members))}:"):
                    w.line("raise Unplain")
                w.line(f"{names[0]} = {raw}")
            case DateType():
                w.line(f"{names[0]} = day({raw})")
            case TextType(code=None):
                with w.block(f"if {raw}.__class__ is not str:"):
                    w.line("raise Unplain")
                w.line(f"{names[0]} = {raw}")
            case TextType(code=code):
                w.line(f"{names[0]} = {code}({raw})")

    def possible(self, type_: ScalarType, may_not_apply: bool, raw: str, names: tuple[str, ...]) -> None:
        """Every form; the plain ones inline."""
        w = self.w
        unknown = unassigned(type_, may_not_apply)
        slow = f"read_form({raw}, {w.constant(type_)}, {may_not_apply})"
        match type_:
            case BooleanType():
                w.line(f"{names[0]} = 2 if {raw} is True else 1 if {raw} is False else {unknown[0]} if {raw} is None else {slow}")
            case ChoiceType(members=members):
                bits: dict[object, int] = {member: 1 << i for i, member in enumerate(members)}
                bits[None] = full_mask(type_) | (nothing_bit(type_) if may_not_apply else 0)
                table = w.constant(bits)
                w.line(f"{names[0]} = {table}[{raw}] if {raw}.__class__ is str or {raw} is None else {slow}")
            case NumberType():
                inside = "".join(f" and not {test}" for test in _outside(raw, type_))
                with w.block(f"if {raw} is None:"):
                    w.line(f"{', '.join(names)} = {', '.join(unknown)}")
                with w.block(f"elif {raw}.__class__ is int{inside}:"):
                    w.line(f"{names[0]} = {names[1]} = {raw}; {names[2]} = 0")
                with w.block("else:"):
                    w.line(f"{', '.join(names)} = {slow}")
            case DateType():
                with w.block(f"if {raw} is None:"):
                    w.line(f"{', '.join(names)} = {', '.join(unknown)}")
                with w.block("else:"):
                    w.line(f"{', '.join(names)} = {slow}")
            case TextType(code=code):
                plain = raw if code is None else f"{code}({raw})"
                w.line(f"{names[0]} = {plain} if {raw}.__class__ is str else {unknown[0]} if {raw} is None else {slow}")

    # ---- lists -------------------------------------------------------------------------------------------------------

    def _list(self, here: KindLayout, fact: Fact, slot: str, record: str | None) -> None:
        w = self.w
        raw = self._raw_lists[here.kind.name, fact.name]
        target = slot if here.root else w.fresh("l")
        w.line(f"{target} = []")
        if record is not None:
            w.line(f"{record}[{slot}] = {target}")
        log = isinstance(fact.type, PartsType) and fact.type.log is not None
        residual = w.fresh()
        if self.layout.plain:
            items = raw
            with w.block(f"if {raw}.__class__ is not list:" if not log else "if True:"):
                w.line("raise Unplain")
        else:
            items, since = w.fresh(), w.fresh()
            if log:
                w.line(f"{items}, {residual}, {since} = list_form({raw}, True)")
            else:
                with w.block(f"if {raw}.__class__ is list:"):
                    w.line(f"{items} = {raw}; {residual} = False")
                with w.block("else:"):
                    w.line(f"{items}, {residual}, {since} = list_form({raw}, False)")
        if isinstance(fact.type, PartsType):
            part = self.layout.kinds[fact.type.kind]
            number, source = w.fresh("i"), w.fresh("e")
            with w.block(f"for {number}, {source} in enumerate({items}):"):
                child = self.entity(part, source, record, number)
                w.line(f"{target}.append({child})")
            if not self.layout.plain:
                with w.block(f"if {residual}:"):
                    self._residual(part, record, target, fact.type.log, since if log else None)
        else:
            assert isinstance(fact.type, ValuesType)
            self._values(fact.type.item, items, target, residual)

    def _values(self, item: ScalarType, items: str, target: str, residual: str) -> None:
        w = self.w
        raw = w.fresh("v")
        count = 2 if isinstance(item, NumberType) else 1
        if self.layout.plain:
            names = tuple(w.fresh() for _ in range(count))
            with w.block(f"for {raw} in {items}:"):
                self.plain(item, raw, names)
                if len(names) == 2 and isinstance(item, NumberType) and item.integer:
                    w.line(f"{names[1]} = 1")
                w.line(f"{target}.append(({', '.join(names)}))" if count == 2 else f"{target}.append({names[0]})")
            return
        names = tuple(w.fresh() for _ in range(3 if isinstance(item, NumberType | DateType) else 1))
        with w.block(f"for {raw} in {items}:"):
            self.possible(item, False, raw, names)
            w.line(f"{target}.append((True, {', '.join(names)}))")
        with w.block(f"if {residual}:"):
            w.line(f"{target}.append((False, {', '.join(unassigned(item, False))}))")

    def _residual(self, here: KindLayout, parent: str | None, target: str, log: str | None, since: str | None) -> None:
        """The record that stands for all members not given: everything unknown, lists open."""
        w = self.w
        cells = [parent or "None", "-1"] + ["None"] * (here.size - 2)
        for name, slots in here.facts.items():
            if name.startswith("given:"):
                cells[int(slots[0])] = "False"
                continue
            fact = here.kind.facts[name]
            assert not isinstance(fact.type, PartsType | ValuesType)
            for slot, code in zip(slots, unassigned(fact.type, fact.may_not_apply), strict=True):
                cells[int(slot)] = code
            if name == log and since is not None:
                cells[int(slots[1])] = f"(INF if {since} is None else {since} - 1)"
        record = w.fresh("r")
        w.line(f"{record} = [{', '.join(cells)}]")
        w.line(f"{target}.append({record}); {all_name(self.layout, here.kind.name)}.append({record})")
        for name, slot in here.lists.items():
            fact = here.kind.facts[name]
            inner = w.fresh("l")
            w.line(f"{inner} = []; {record}[{slot}] = {inner}")
            if isinstance(fact.type, PartsType):
                self._residual(self.layout.kinds[fact.type.kind], record, inner, fact.type.log, None)
            elif isinstance(fact.type, ValuesType):
                w.line(f"{inner}.append((False, {', '.join(unassigned(fact.type.item, False))}))")


def _outside(raw: str, type_: NumberType) -> list[str]:
    tests = []
    if type_.minimum is not None:
        tests.append(f"{raw} < {-((-type_.minimum).__floor__())}")
    if type_.maximum is not None:
        tests.append(f"{raw} > {type_.maximum.__floor__()}")
    return tests


def _literal(w: Writer, bound: object) -> str:
    return "None" if bound is None else w.constant(bound)


# ---- what the plan does not read ------------------------------------------------------------------------------------


def rest_checks(schema: Schema, level: Level, read: set[str]) -> dict[str, Check]:
    """Checks of the keys of a level that the plan does not read, so that bad input is still refused."""
    checks: dict[str, Check] = {}
    for key, fact in level.facts.items():
        if key not in read:
            checks[key] = _fact_check(schema, fact)
    for key, inner in level.sections.items():
        if key not in read:
            checks[key] = _level_check(schema, inner)
    return checks


def _fact_check(schema: Schema, fact: Fact) -> Check:
    match fact.type:
        case PartsType(kind=kind):
            inside = _level_check(schema, levels(schema.kinds[kind]))
            return lambda raw: _check_items(raw, inside)
        case ValuesType(item=item):
            return lambda raw: _check_items(raw, lambda each: _check_scalar(item, False, each))
        case of:
            return lambda raw: _check_scalar(of, fact.may_not_apply, raw)


def _level_check(schema: Schema, level: Level) -> Check:
    checks: dict[str, Check] = {}

    def check(raw: object) -> None:
        if raw is None:
            return
        if raw.__class__ is not dict:
            raise Unplain
        if not checks:
            checks.update(rest_checks(schema, level, set()))
        for key, value in raw.items():
            checks[key](value)

    return check


def _check_items(raw: object, inside: Check) -> None:
    """A plain list is checked here; its other forms are left to the input models."""
    if raw is None:
        return
    if raw.__class__ is not list:
        raise Unplain
    for each in raw:
        if each is None:
            raise Unplain
        inside(each)


def _check_scalar(of: ScalarType, may_not_apply: bool, raw: object) -> None:
    read_scalar(of, may_not_apply, raw)
