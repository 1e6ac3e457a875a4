"""Code that reads raw facts into the slots of a layout, checking them on the way.

The plain reader keeps known values as they are and puts `UNKNOWN` for a fact that is missing: where the law comes to
need that one, `UNKNOWN` raises. It gives up where much is missing, and on forms (``{at_least: …}``). The other reads
every form, the plain ones inline. Neither explains what is wrong: both raise, and the input models explain.
"""

from __future__ import annotations

import re
from fractions import Fraction

from safetyrules.engine.compiled.codes import unassigned
from safetyrules.engine.compiled.layout import KindLayout, Layout, full_mask, nothing_bit
from safetyrules.engine.compiled.unread import Level, levels, outside, write_fact_check, write_section_check
from safetyrules.engine.compiled.writer import Writer
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Fact,
    NumberType,
    PartsType,
    ScalarType,
    TextType,
    ValuesType,
)


def write_reader(w: Writer, layout: Layout) -> list[str]:
    """The body of the reader of ``layout``; the names that it returns, in order (see `assemble`)."""
    reader = _Reader(w, layout)
    root = layout.kinds[layout.root]
    for here in layout.kinds.values():
        if not here.root:
            w.line(f"{all_name(layout, here.kind.name)} = []")
    if layout.plain:
        w.line("missing = 0")
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
        if self.layout.plain:
            most = max(8, len(self.layout.kinds[self.layout.root].facts) // 4)
            with self.w.block(f"if missing > {most if here.root else 4 * most}:"):
                self.w.line("raise Unplain")
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

    def _level(self, here: KindLayout, level: Level, source: str, values: dict[str, str], prefix: str = "") -> None:
        w = self.w
        keys = w.constant(frozenset([*level.facts, *level.sections]))
        with w.block(f"if {source}.__class__ is not dict or not {keys}.issuperset({source}):"):
            w.line("raise Unplain")
        mark = w.mark()
        for key, fact in level.facts.items():
            if fact.name in here.lists:
                raw = w.fresh("v")
                w.line(f"{raw} = {source}.get({key!r})")
                self._raw_lists[here.kind.name, fact.name] = raw
            elif fact.name in here.facts:
                self._fact(here, fact, f"{source}.get({key!r})", values)
            else:
                write_fact_check(w, self.schema, fact, source, key)
        if self.layout.plain and not level.sections:
            self._in_full(source, len(level.facts), w.take(mark))
        for key, inner in level.sections.items():
            if not self._reads(here, inner):
                write_section_check(w, self.schema, inner, source, key)
                self._denials(here, f"{prefix}{key}.", f"({source}.get({key!r}) or EMPTY)")
                continue
            raw = w.fresh("s")
            w.line(f"{raw} = {source}.get({key!r})")
            with w.block(f"if {raw} is None:"):
                w.line(f"{raw} = EMPTY")
            self._level(here, inner, raw, values, f"{prefix}{key}.")
            self._denials(here, f"{prefix}{key}.", raw)

    def _denials(self, here: KindLayout, prefix: str, section: str) -> None:
        """Give up where a sector is said to be absent while its parts are listed."""
        for present, lists in self.schema.denials(here.kind.name).items():
            if present.rpartition(".")[0] + "." == prefix:
                key = present.removeprefix(prefix)
                paths = self.w.constant(tuple(tuple(name.removeprefix(prefix).split(".")) for name in lists))
                with self.w.block(f"if {section}.get({key!r}) is not True:"):
                    self.w.line(f"refuse_denied({section}, {key!r}, {paths})")

    def _in_full(self, source: str, count: int, lines: list[str]) -> None:
        """Where every key is given, take the values without asking whether they are."""
        w = self.w
        with w.block(f"if len({source}) == {count}:"):
            w.put([re.sub(rf"\b{source}\.get\(('\w+')\)", rf"{source}[\1]", line) for line in lines])
        with w.block("else:"):
            w.put(lines)

    def _reads(self, here: KindLayout, level: Level) -> bool:
        return any(fact.name in here.facts or fact.name in here.lists for fact in level.facts.values()) or any(
            self._reads(here, inner) for inner in level.sections.values()
        )

    # ---- scalars -----------------------------------------------------------------------------------------------------

    def _fact(self, here: KindLayout, fact: Fact, get: str, values: dict[str, str]) -> None:
        assert not isinstance(fact.type, PartsType | ValuesType)
        w = self.w
        slots = here.facts[fact.name]
        names = slots if here.root else tuple(w.fresh() for _ in slots)
        if self.layout.plain:
            self.plain(fact.type, fact.may_not_apply, get, names)
        else:
            raw = w.fresh("v")
            w.line(f"{raw} = {get}")
            self.possible(fact.type, fact.may_not_apply, raw, names)
            given = here.facts.get("given:" + fact.name)
            if given is not None:
                name = given[0] if here.root else w.fresh()
                w.line(f"{name} = is_given({raw})")
                if not here.root:
                    values[given[0]] = name
        if not here.root:
            values.update(zip(slots, names, strict=True))

    def plain(self, type_: ScalarType, may_not_apply: bool, get: str, names: tuple[str, ...]) -> None:
        """A known value, or ``UNKNOWN`` where there is none."""
        w = self.w
        name = names[0]
        w.line(f"{name} = {get}")
        absent = "absent_or_none" if may_not_apply else "absent"
        match type_:
            case BooleanType():
                test = f"{name} is not True and {name} is not False"
            case NumberType(integer=True):
                test = " or ".join([f"{name}.__class__ is not int", *outside(name, type_)])
            case NumberType(minimum=low, maximum=high):
                inside = "".join(f" and not {test}" for test in outside(name, type_))
                with w.block(f"if {name}.__class__ is int{inside}:"):
                    w.line(f"{names[1]} = 1")
                with w.block(f"elif {name}.__class__ is float:"):
                    w.line(f"{name}, {names[1]} = pair({name}, {_literal(w, low)}, {_literal(w, high)})")
                with w.block("else:"):
                    w.line(f"{name} = {absent}({name}); {names[1]} = 1; missing += 1")
                return
            case ChoiceType(scale=True, members=members):
                places = w.constant({member: i for i, member in enumerate(members)})
                with w.block(f"if {name}.__class__ is str:"):
                    w.line(f"{name} = {places}[{name}]")
                with w.block("else:"):
                    w.line(f"{name} = {absent}({name}); missing += 1")
                return
            case ChoiceType(members=members):
                test = f"{name}.__class__ is not str or {name} not in {w.constant(frozenset(members))}"
            case DateType():
                with w.block(f"if {name} is None or {name}.__class__ is dict:"):
                    w.line(f"{name} = {absent}({name}); missing += 1")
                with w.block("else:"):
                    w.line(f"{name} = day({name})")
                return
            case TextType(code=code):
                with w.block(f"if {name}.__class__ is str:"):
                    w.line(f"{name} = {code or 'text'}({name})")
                with w.block("else:"):
                    w.line(f"{name} = {absent}({name}); missing += 1")
                return
        with w.block(f"if {test}:"):
            w.line(f"{name} = {absent}({name}); missing += 1")

    def possible(self, type_: ScalarType, may_not_apply: bool, raw: str, names: tuple[str, ...]) -> None:
        """Every form; the plain ones inline."""
        w = self.w
        unknown = unassigned(type_, may_not_apply)
        slow = f"read_form({raw}, {w.constant(type_)}, {may_not_apply})"
        match type_:
            case BooleanType():
                other = f"{unknown[0]} if {raw} is None else {slow}"
                w.line(f"{names[0]} = 2 if {raw} is True else 1 if {raw} is False else {other}")
            case ChoiceType(members=members):
                bits: dict[object, int] = {member: 1 << i for i, member in enumerate(members)}
                bits[None] = full_mask(type_) | (nothing_bit(type_) if may_not_apply else 0)
                table = w.constant(bits)
                w.line(f"{names[0]} = {table}[{raw}] if {raw}.__class__ is str or {raw} is None else {slow}")
            case NumberType():
                inside = "".join(f" and not {test}" for test in outside(raw, type_))
                with w.block(f"if {raw} is None:"):
                    w.line(f"{', '.join(names)} = {', '.join(unknown)}")
                with w.block(f"elif {raw}.__class__ is int{inside}:"):
                    w.line(f"{names[0]} = {names[1]} = {raw}; {names[2]} = 0")
                if not type_.integer:
                    with w.block(f"elif {raw}.__class__ is float:"):
                        bounds = f"{_literal(w, type_.minimum)}, {_literal(w, type_.maximum)}"
                        w.line(f"{names[0]} = {names[1]} = exact(*pair({raw}, {bounds})); {names[2]} = 0")
                with w.block("else:"):
                    w.line(f"{', '.join(names)} = {slow}")
            case DateType():
                with w.block(f"if {raw} is None:"):
                    w.line(f"{', '.join(names)} = {', '.join(unknown)}")
                with w.block("else:"):
                    w.line(f"{', '.join(names)} = {slow}")
            case TextType(code=code):
                other = f"{unknown[0]} if {raw} is None else {slow}"
                w.line(f"{names[0]} = {code or 'text'}({raw}) if {raw}.__class__ is str else {other}")

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
        with w.block(f"if len({items}) > LONGEST_LIST:"):
            w.line("raise Unplain")
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
                w.line("missing = 0")
                self.plain(item, False, raw, names)
                with w.block("if missing:"):
                    w.line("raise Unplain")
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
                cells[int(slots[1])] = f"(INF if {since} is None else max({since} - 1, 1))"
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


def _literal(w: Writer, bound: Fraction | None) -> str:
    if bound is None:
        return "None"
    return str(bound.numerator) if bound.denominator == 1 else w.constant(bound)
