"""Code that reads raw facts into the slots of a layout, checking them on the way.

The plain reader keeps known values as they are and puts `UNKNOWN` for a fact that is missing: where the law comes to
need that one, `UNKNOWN` raises. It gives up where much is missing, and on forms (``{at_least: …}``). The other reads
every form, the plain ones inline. Neither explains what is wrong: both raise, and the input models explain.
"""

from __future__ import annotations

from fractions import Fraction

from safetyrules.engine.compiled.codes import unassigned
from safetyrules.engine.compiled.layout import KindLayout, Layout, full_mask, most_missing, nothing_bit
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

#: Mappings of fewer keys are taken apart key by key.
ORDERED_KEYS = 4


def write_reader(w: Writer, layout: Layout) -> list[str]:
    """The body of the reader of ``layout``; the names that it returns, in order (see `assemble`)."""
    reader = _Reader(w, layout)
    root = layout.kinds[layout.root]
    for here in layout.kinds.values():
        if not here.root and not in_one_list(layout, here):
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


def in_one_list(layout: Layout, here: KindLayout) -> bool:
    """Are all parts of a kind in one list of the subject? Then that list is the list of them all."""
    return here.kind.parent == layout.root


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
        self._level(here, levels(here.kind), source, values, source)
        if self.layout.plain:
            most = most_missing(len(self.layout.kinds[self.layout.root].facts))
            with self.w.block(f"if missing > {most if here.root else 4 * most}:"):
                self.w.line("raise Unplain")
        record = None
        if not here.root:
            record = self.w.fresh("r")
            cells = [parent or "None", number or "0"] + ["None"] * (here.size - 2)
            for slot, value in values.items():
                cells[int(slot)] = value
            self.w.line(f"{record} = [{', '.join(cells)}]")
            if not in_one_list(self.layout, here):
                self.w.line(f"{all_name(self.layout, here.kind.name)}.append({record})")
        for fact, slot in here.lists.items():
            self._list(here, here.kind.facts[fact], slot, record)
        return record

    def _level(
        self, here: KindLayout, level: Level, source: str, values: dict[str, str], whole: str, prefix: str = ""
    ) -> None:
        """One mapping of the entity that is given as ``whole``."""
        w = self.w
        raws = {key: self._raw(here, level, key) for key in level.keys}
        with w.block(f"if {source}.__class__ is not dict:"):
            w.line("raise Unplain")
        self._fetch(source, raws)
        for key, fact in level.facts.items():
            if fact.name in here.lists:
                self._raw_lists[here.kind.name, fact.name] = raws[key]
            elif fact.name in here.facts:
                self._fact(here, fact, raws[key], values)
            else:
                write_fact_check(w, self.schema, fact, raws[key])
        for key, inner in level.sections.items():
            if self._reads(here, inner):
                with w.block(f"if {raws[key]} is None:"):
                    w.line(f"{raws[key]} = EMPTY")
                self._level(here, inner, raws[key], values, whole, f"{prefix}{key}.")
            else:
                write_section_check(w, self.schema, inner, raws[key])
                self._denials(here, f"{prefix}{key}.", f"({raws[key]} or EMPTY)", whole)
        self._denials(here, prefix, source, whole)

    def _raw(self, here: KindLayout, level: Level, key: str) -> str:
        """The name of what is given under a key: in the plain function the slot itself, for known values stay as they
        are."""
        fact = level.facts.get(key)
        if fact is None:
            return self.w.fresh("s")
        if self.layout.plain and here.root and fact.name in here.facts:
            return here.facts[fact.name][0]
        return self.w.fresh("v")

    def _fetch(self, source: str, raws: dict[str, str]) -> None:
        """Take the values out of a mapping, None for a key that is not there; give up on a key that is not known.

        A mapping in the order of the declarations, as programs write them, is taken as it stands. Of one that has as
        many keys as are declared, each must be there.
        """
        w = self.w
        names = f"{', '.join(raws.values())}{',' if len(raws) == 1 else ''}"
        each = f"{names} = {', '.join(f'{source}[{key!r}]' for key in raws)}{',' if len(raws) == 1 else ''}"
        with w.block(f"if len({source}) == {len(raws)}:"):
            if len(raws) < ORDERED_KEYS:
                w.line(each)
            else:
                with w.block(f"if [*{source}] == {w.constant(list(raws))}:"):
                    w.line(f"{names} = {source}.values()")
                with w.block("else:"):
                    w.line(each)
        with w.block("else:"):
            with w.block(f"if not {w.constant(frozenset(raws))}.issuperset({source}):"):
                w.line("raise Unplain")
            for key, name in raws.items():
                w.line(f"{name} = {source}.get({key!r})")

    def _denials(self, here: KindLayout, prefix: str, section: str, whole: str) -> None:
        """Give up where a sector is said to be absent while other facts of the entity say that it is there."""
        for present, evidence in self.schema.denials(here.kind.name).items():
            if present.rpartition(".")[0] == prefix.removesuffix("."):
                facts = here.kind.facts
                lists, found = (tuple(tuple(n.split(".")) for n in names) for names in (evidence.lists, evidence.facts))
                codes = tuple(
                    (tuple(name.split(".")), facts[name].type, begin) for name, begin in evidence.codes.items()
                )
                said = self.w.hold(f"{section}.get({present.removeprefix(prefix)!r})")
                with self.w.block(f"if {said} is not True and {said} is not None:"):
                    against = ", ".join(self.w.constant(each) for each in (lists, found, codes))
                    self.w.line(f"refuse_denied({said}, {whole}, {against})")

    def _reads(self, here: KindLayout, level: Level) -> bool:
        return any(fact.name in here.facts or fact.name in here.lists for fact in level.facts.values()) or any(
            self._reads(here, inner) for inner in level.sections.values()
        )

    # ---- scalars -----------------------------------------------------------------------------------------------------

    def _fact(self, here: KindLayout, fact: Fact, raw: str, values: dict[str, str]) -> None:
        assert not isinstance(fact.type, PartsType | ValuesType)
        w = self.w
        slots = here.facts[fact.name]
        names = slots if here.root else tuple(w.fresh() for _ in slots)
        if self.layout.plain:
            names = (raw, *names[1:])
            self.plain(fact.type, fact.may_not_apply, names)
        else:
            self.possible(fact.type, fact.may_not_apply, raw, names)
            given = here.facts.get("given:" + fact.name)
            if given is not None:
                name = given[0] if here.root else w.fresh()
                w.line(f"{name} = is_given({raw})")
                if not here.root:
                    values[given[0]] = name
        if not here.root:
            values.update(zip(slots, names, strict=True))

    def plain(self, type_: ScalarType, may_not_apply: bool, names: tuple[str, ...]) -> None:
        """A known value, or ``UNKNOWN`` where there is none; ``names[0]`` is what was given."""
        w = self.w
        name = names[0]
        match type_:
            case BooleanType():
                test = f"{name} is not True and {name} is not False"
            case NumberType(integer=True):
                test = " or ".join([f"{name}.__class__ is not int", *outside(name, type_)])
            case NumberType():
                inside = "".join(f" and not {test}" for test in outside(name, type_))
                with w.block(f"if {name}.__class__ is int{inside}:"):
                    w.line(f"{names[1]} = 1")
                with w.block(f"elif {name}.__class__ is float:"):
                    self._decimal(type_, names)
                with w.block("else:"):
                    self._missing(may_not_apply, names)
                return
            case ChoiceType(scale=True, members=members):
                places = w.constant({member: i for i, member in enumerate(members)})
                with w.block(f"if {name}.__class__ is str:"):
                    w.line(f"{name} = {places}[{name}]")
                with w.block("else:"):
                    self._missing(may_not_apply, names)
                return
            case ChoiceType(members=members):
                test = f"{name}.__class__ is not str or {name} not in {w.constant(frozenset(members))}"
            case DateType():
                with w.block(f"if {name} is None or {name}.__class__ is dict:"):
                    self._missing(may_not_apply, names)
                with w.block("else:"):
                    w.line(f"{name} = day({name})")
                return
            case TextType(code=code):
                with w.block(f"if {name}.__class__ is str:"):
                    if code is None:
                        # What can be printed is no half of a surrogate pair.
                        with w.block(f"if len({name}) > LONGEST_TEXT or not {name}.isprintable():"):
                            w.line(f"{name} = text({name})")
                    else:
                        w.line(f"{name} = {code}({name})")
                with w.block("else:"):
                    self._missing(may_not_apply, names)
                return
        with w.block(f"if {test}:"):
            self._missing(may_not_apply, names)

    def _missing(self, may_not_apply: bool, names: tuple[str, ...]) -> None:
        """What is not given is ``UNKNOWN``; any other form gives up, "not applicable" aside where it is legal."""
        w = self.w
        below = f"; {names[1]} = 1" if len(names) == 2 else ""
        with w.block(f"if {names[0]} is None:"):
            w.line(f"{names[0]} = UNKNOWN{below}; missing += 1")
        with w.block("else:"):
            w.line(f"{names[0]} = no_value({names[0]}){below}" if may_not_apply else "raise Unplain")

    def _decimal(self, type_: NumberType, names: tuple[str, ...]) -> None:
        """A float as the decimal that it prints: most have three places at most (see `inputs.pair`)."""
        w = self.w
        name, below = names
        call = f"{name}, {below} = pair({name}, {_literal(w, type_.minimum)}, {_literal(w, type_.maximum)})"
        most = Fraction(10**9)
        low = -most if type_.minimum is None else max(type_.minimum, -most)
        high = most if type_.maximum is None else min(type_.maximum, most)
        if low.denominator != 1 or high.denominator != 1:
            w.line(call)
            return
        whole = w.fresh()
        with w.block(f"if {low} <= {name} <= {high} and ({whole} := round({name} * 1000.0)) / 1000.0 == {name}:"):
            w.line(f"{name} = {whole}; {below} = 1000")
        with w.block("else:"):
            w.line(call)

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
        part = self.layout.kinds[fact.type.kind] if isinstance(fact.type, PartsType) else None
        whole = f"{all_name(self.layout, part.kind.name)} = " if part and in_one_list(self.layout, part) else ""
        w.line(f"{whole}{target} = []")
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
            assert part is not None
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
            if isinstance(item, ChoiceType) and not item.scale:
                members = w.constant(frozenset(item.members))
                wrong = f"{raw}.__class__ is not str or {raw} not in {members}"
                with w.block(f"for {raw} in {items}:"), w.block(f"if {wrong}:"):
                    w.line("raise Unplain")
                w.line(f"{target}.extend({items})")
                return
            names = tuple(w.fresh() for _ in range(count))
            with w.block(f"for {names[0]} in {items}:"):
                w.line("missing = 0")
                self.plain(item, False, names)
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
        w.line(f"{target}.append({record})")
        if not in_one_list(self.layout, here):
            w.line(f"{all_name(self.layout, here.kind.name)}.append({record})")
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
