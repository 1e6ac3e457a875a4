"""Code of terms whose value may be known in part only: masks of outcomes and bounds of numbers."""

from __future__ import annotations

import re

from safetyrules.engine.compiled import known as k
from safetyrules.engine.compiled.codes import (
    RANGES,
    Union,
    possible_nothing,
    unassigned,
)
from safetyrules.engine.compiled.context import Code, Context, Item, lift
from safetyrules.engine.compiled.guarded import unguarded
from safetyrules.engine.compiled.layout import full_mask, is_text, member_bit, nothing_bit
from safetyrules.engine.compiled.lists import possible_aggregate, possible_quantified
from safetyrules.engine.compiled.masks import NOT
from safetyrules.engine.compiled.outcomes import possible_outcome
from safetyrules.engine.compiled.possible_calls import possible_lookup, possible_text_function
from safetyrules.engine.compiled.writer import unknown_value
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t
from safetyrules.language.order import Key


def possible(c: Context, term: t.Term) -> Code:
    """The code of ``term`` in the possible representation."""
    if isinstance(term, t.NoValueTerm):
        return possible_nothing(term.type)
    if c.sure(term):
        return lift(c, _looked_at(c, term), term.type, term.may_be_nothing)
    match term:
        case t.FactValue():
            return _fact(c, term)
        case t.ConclusionValue():
            return _conclusion(c, term)
        case t.ItemValue(variable):
            item = c.bound[variable]
            assert isinstance(item, Item)
            return lift(c, item.code, term.type, term.may_be_nothing) if item.known else item.code
        case t.Sure(inner):
            return _sure(c, inner)
        case t.Applicable(operand):
            return _applicable(c, operand)
        case t.Not(operand):
            return (negated(c, possible(c, operand)[0]),)
        case t.Junction():
            return _junction(c, term)
        case t.Comparison():
            return _comparison(c, term)
        case t.Among():
            return _among(c, term)
        case t.Arithmetic():
            return _arithmetic(c, term)
        case t.Negative(operand):
            low, high, none = (c.writer.let(part) for part in possible(c, operand))
            return f"-{high}", f"-{low}", none
        case t.Round(operand, digits):
            low, high, none = possible(c, operand)
            pair = c.writer.let(f"range_rounded({low}, {high}, {digits})")
            return f"{pair}[0]", f"{pair}[1]", none
        case t.Choose():
            return _choose(c, term)
        case t.DateFunction(function, arguments):
            flat = ", ".join(part for each in arguments for part in possible(c, each))
            triple = c.writer.let(f"range_dates({function!r}, {flat})")
            return f"{triple}[0]", f"{triple}[1]", f"{triple}[2]"
        case t.TextFunction():
            return possible_text_function(c, term)
        case t.LookupValue():
            return possible_lookup(c, term)
        case t.UnsettledReadings(readings):
            union = Union(c, term.type)
            for number, (_, reading) in enumerate(readings):
                union.add(possible(c, reading), first=number == 0)
            return union.code
        case t.Quantified():
            return possible_quantified(c, term)
        case t.Aggregate():
            return possible_aggregate(c, term)
        case t.FindingCount():
            return _finding_count(c, term)
        case t.Permitted():
            return _permitted(c, term)
        case t.Unassigned(type_, may_be_nothing):
            return unassigned(type_, may_be_nothing)
        case t.DecisionTable() | t.Excepted() | t.Written():
            return possible_outcome(c, term)
    raise AssertionError(f"no code for {term!r}")


def _looked_at(c: Context, term: t.Term) -> Code:
    """The known code of ``term``, of a value that is not ``UNKNOWN``."""
    code = k.known(c, term)
    if not c.layout.plain or not k.leaks(c, term):
        return code
    code = (c.writer.let(code[0]), *code[1:])
    k.refuse_unknown(c, code[0])
    return code


def _fact(c: Context, term: t.FactValue) -> Code:
    code = tuple(c.writer.once(part) for part in c.fact(term))
    return (code[0], code[1], "0") if len(code) == 3 and not term.may_be_nothing else code


def _conclusion(c: Context, term: t.ConclusionValue) -> Code:
    """The slots of a conclusion; those of a settling one that did settle are lifted."""
    w = c.writer
    settled = c.settled(term)
    code = c.conclusion(term)
    if settled is None:
        return tuple(w.once(part) for part in code)
    keys = [f"lifted {part}" for part in code]
    if w.named(keys[0]) != keys[0]:
        return tuple(w.named(key) for key in keys)
    names = tuple(w.fresh() for _ in code)
    with w.block(f"if {unknown_value(settled[0])}:"):
        w.line(f"{', '.join(names)} = {', '.join(code)}")
    with w.block("else:"):
        w.line(f"{', '.join(names)} = {', '.join(lift(c, settled, term.type, term.may_be_nothing))}")
    for key, name in zip(keys, names, strict=True):
        w.note(key, name)
    return names


def _sure(c: Context, inner: t.Term) -> Code:
    code = possible(c, inner)
    type_ = inner.type
    if isinstance(type_, RANGES):
        none = c.writer.let(code[2])
        return code[0], code[1], none if none == "0" else f"({none} & 2)"
    if is_text(type_):
        held = c.writer.once(code[0])
        return (c.writer.once(f"({held} if {held}.__class__ is str else text_without_nothing({held}))"),)
    held = c.writer.let(code[0])
    return (f"({held} & {full_mask(type_)} or {held})",)


def _applicable(c: Context, operand: t.Term) -> Code:
    code = possible(c, operand)
    type_ = operand.type
    if isinstance(type_, RANGES):
        none = c.writer.let(code[2])
        return ("2",) if none == "0" else (c.writer.once(f"(2, 3, 1)[{none}]"),)
    held = c.writer.once(code[0])
    if is_text(type_):
        return (c.writer.once(f"(2 if {held}.__class__ is str else text_applicable({held}))"),)
    none_bit = nothing_bit(type_)
    return (f"(1 if {held} == {none_bit} else 3 if {held} & {none_bit} else 2)",)


#: Reading a slot.
_LOOK = re.compile(r" *\w+ = \w+(\[\d+\])+$")


def _cheap(lines: list[str]) -> bool:
    """Is an operand computed in one step, slots read aside? Then it is not worth skipping."""
    return sum(1 for line in lines if not _LOOK.match(line)) <= 1


def _junction(c: Context, term: t.Junction) -> Code:
    """Bit by bit: true where all can be, false where any can be (``&&``). A decided result skips what needs
    statements."""
    w = c.writer
    conjunction = term.operator == "&&"
    decided, table = ("1", "AND") if conjunction else ("2", "OR")
    result: str | None = None
    collected: list[str] = []

    def fold() -> str:
        names = ([result] if result else []) + collected
        if not names:
            return "2" if conjunction else "1"
        if len(names) == 1:
            return names[0]
        if term.may_be_nothing:
            code = names[0]
            for name in names[1:]:
                code = f"{table}[{code} << 3 | {name}]"
            return code
        both, either = " & ".join(names), " | ".join(names)
        return f"({both}) & 2 | ({either}) & 1" if conjunction else f"({either}) & 2 | ({both}) & 1"

    for operand in term.operands:
        mark = w.mark()
        (code,) = possible(c, operand)
        held = w.let(code)
        if _cheap(w.lines[mark:]) or (result is None and not collected):
            collected.append(held)
            continue
        lines = w.take(mark)
        first = fold()
        if result is None:
            result = w.fresh()
        if first != result:
            w.line(f"{result} = {first}")
        collected = []
        with w.block(f"if {result} != {decided}:"):
            w.put(lines)
            collected = [held]
            w.line(f"{result} = {fold()}")
            collected = []
    return (f"({fold()})",)


def _comparison(c: Context, term: t.Comparison) -> Code:
    w = c.writer
    left, right = term.left, term.right
    type_ = left.type
    if isinstance(type_, RANGES):
        one = tuple(w.let(part) for part in possible(c, left))
        two = tuple(w.let(part) for part in possible(c, right))
        return (_none_too(compare_ranges(term.operator, one, two), one[2], two[2]),)
    if is_text(type_):
        (a,), (b,) = possible(c, left), possible(c, right)
        code = f"texts_equal({a}, {b})"
    else:
        code = _compare_finite(c, term)
    return (negated(c, code) if term.operator == "!=" else code,)


def negated(c: Context, code: str) -> str:
    """``!`` of a mask; where the code looks the mask up in a table, in a table of the opposites."""
    name, bracket, rest = code.partition("[")
    table = c.writer.constants.get(name) if bracket and rest.count("[") == rest.count("]") - 1 else None
    if isinstance(table, tuple) and code.endswith("]"):
        return f"{c.writer.constant(tuple(NOT[mask] for mask in table))}[{rest}"
    return f"NOT[{code}]"


def compare_ranges(operator: str, one: Code, two: Code) -> str:
    (low, high), (other_low, other_high) = one[:2], two[:2]
    match operator:
        case "==" | "!=":
            yes, no = (2, 1) if operator == "==" else (1, 2)
            return (
                f"({yes} if {low} == {high} == {other_low} == {other_high} else "
                f"{no} if {high} < {other_low} or {other_high} < {low} else 3)"
            )
        case ">=":
            return f"(2 if {low} >= {other_high} else 1 if {high} < {other_low} else 3)"
        case ">":
            return f"(2 if {low} > {other_high} else 1 if {high} <= {other_low} else 3)"
        case "<=":
            return f"(2 if {high} <= {other_low} else 1 if {low} > {other_high} else 3)"
    return f"(2 if {high} < {other_low} else 1 if {low} >= {other_high} else 3)"


def _none_too(code: str, *flags: str) -> str:
    unsure = [flag for flag in flags if flag != "0"]
    if not unsure:
        return code
    never = " or ".join(f"{flag} == 2" for flag in unsure)
    perhaps = " or ".join(unsure)
    return f"(4 if {never} else {code} | 4 if {perhaps} else {code})"


def _compare_finite(c: Context, term: t.Comparison) -> str:
    """``==`` of masks (also for ``!=``, which the caller turns round), or the order of a scale."""
    left, right, operator = term.left, term.right, term.operator
    type_ = left.type if isinstance(left.type, ChoiceType) else right.type
    if isinstance(left, t.Constant) and not isinstance(right, t.Constant):
        left, right = right, left
        operator = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}.get(operator, operator)  # type: ignore[assignment]
    none = nothing_bit(type_)
    if isinstance(right, t.Constant):
        bit = member_bit(type_, right.value)
        accepted = {
            "<": bit - 1, "<=": (bit << 1) - 1, ">": (none - 1) & ~((bit << 1) - 1), ">=": (none - 1) & ~(bit - 1),
        }.get(operator, bit)  # fmt: skip
        return _among_mask(c, possible(c, left)[0], accepted, none, left.may_be_nothing)
    (one,), (two,) = possible(c, left), possible(c, right)
    if operator in ("==", "!="):
        return f"equal_masks({one}, {two}, {none})"
    if operator in (">", ">="):
        one, two, operator = two, one, "<" if operator == ">" else "<="
    return f"ordered_masks({operator!r}, {one}, {two}, {none})"


#: Choices of up to so many members (and "no value") are tested by a table with an entry for every set of them.
TABLE_BITS = 9


def _among_mask(c: Context, code: str, accepted: int, none: int, may_be_nothing: bool) -> str:
    if accepted == 2 and none == 4 and not may_be_nothing:
        return code
    if none < 1 << TABLE_BITS:
        table = tuple(_tested(mask, accepted, none if may_be_nothing else 0) for mask in range(none << 1))
        return f"{c.writer.constant(table)}[{code}]"
    held = c.writer.let(code)
    if not may_be_nothing:
        return f"(1 if not {held} & {accepted} else 3 if {held} & ~{accepted} else 2)"
    value = c.writer.let(f"{held} & {none - 1}")
    plain = f"(0 if not {value} else 1 if not {value} & {accepted} else 3 if {value} & ~{accepted} else 2)"
    return f"({plain} | (4 if {held} & {none} else 0))"


def _tested(mask: int, accepted: int, none: int) -> int:
    """Is one of a set of choices, itself a mask, among those accepted? ``none`` is the bit of "no value", if any."""
    value = mask & ~none
    return (2 if value & accepted else 0) | (1 if value & ~accepted else 0) | (4 if mask & none else 0)


def _among(c: Context, term: t.Among) -> Code:
    type_ = term.operand.type
    if isinstance(type_, RANGES):
        low, high, none = (c.writer.let(part) for part in possible(c, term.operand))
        constants = c.writer.constant(tuple(each.value for each in term.constants))
        return (_none_too(f"range_among({low}, {high}, {constants})", none),)
    (code,) = possible(c, term.operand)
    if is_text(type_):
        return (f"text_among({code}, {c.writer.constant(frozenset(str(each.value) for each in term.constants))})",)
    accepted = 0
    for each in term.constants:
        accepted |= member_bit(type_, each.value)
    return (_among_mask(c, code, accepted, nothing_bit(type_), term.may_be_nothing),)


def _arithmetic(c: Context, term: t.Arithmetic) -> Code:
    w = c.writer
    low, high, none = (w.let(part) for part in possible(c, term.left))
    other_low, other_high, other_none = (w.let(part) for part in possible(c, term.right))
    flag = none if other_none == "0" else other_none if none == "0" else f"max({none}, {other_none})"
    if term.operator == "+":
        return f"({low} + {other_low})", f"({high} + {other_high})", flag
    if term.operator == "-":
        return f"({low} - {other_high})", f"({high} - {other_low})", flag
    function = {"*": "multiply", "/": "quotient", "%": "range_remainder"}[term.operator]
    pair = w.let(f"{function}({low}, {high}, {other_low}, {other_high})")
    return f"{pair}[0]", f"{pair}[1]", flag


def _choose(c: Context, term: t.Choose) -> Code:
    w = c.writer
    lookup = unguarded(term)
    if lookup is not None:
        return possible(c, lookup)
    test = w.let(possible(c, term.test)[0])
    none = possible_nothing(term.type)
    if isinstance(term.otherwise, t.NoValueTerm) and not isinstance(term.type, RANGES) and not is_text(term.type):
        mark = w.mark()
        (then,) = possible(c, term.then)
        lines = w.take(mark)
        if not lines:
            held = then
            return (f"({held} if {test} == 2 else {held} | {none[0]} if {test} & 2 else {none[0]})",)
    union = Union(c, term.type)
    with w.block(f"if {test} & 2:"):
        union.add(possible(c, term.then), first=True)
    with w.block(f"if {test} & 1:"):
        union.add(possible(c, term.otherwise))
    if term.test.may_be_nothing:
        with w.block(f"if {test} & 4:"):
            union.add(none)
    return union.code


def _finding_count(c: Context, term: t.FindingCount) -> Code:
    counted = c.layout.plan.findings.get(term.sector)
    if not counted:
        return "0", "INF", "0"
    groups: dict[str | Key | None, list[tuple[str, str]]] = {}
    for conclusion in counted:
        counter = c.counters.get(conclusion.key)
        if counter is not None and term.severity in (conclusion.severity, "any"):
            names = (counter, counter) if c.layout.counts(conclusion) else (f"{counter}d", f"{counter}p")
            groups.setdefault(None if term.instances else conclusion.counted_as, []).append(names)
    if not groups:
        return "0", "0", "0"
    least: list[str] = []
    most: list[str] = []
    for members in groups.values():
        for codes, index in ((least, 0), (most, 1)):
            each = [pair[index] for pair in members]
            codes.append(" + ".join(each) if term.instances else f"({' or '.join(f'{n} > 0' for n in each)})")
    return f"({' + '.join(least)})", f"({' + '.join(most)})", "0"


def _permitted(c: Context, term: t.Permitted) -> Code:
    mask = 0
    for member in term.permitted:
        mask |= member_bit(term.type, member)
    if term.settled_by is None:
        return (str(mask),)
    if c.layout.plain and isinstance(term.settled_by, t.FactValue):
        decision = c.fact(term.settled_by)
        lifted = lift(c, decision, term.settled_by.type, term.settled_by.may_be_nothing)[0]
        return (f"({mask} if {unknown_value(decision[0])} else settled({mask}, {lifted}))",)
    return (f"settled({mask}, {possible(c, term.settled_by)[0]})",)
