"""Code over lists: loops for members that are certain, that may be there, and for the one that stands for all
others."""

from __future__ import annotations

from collections.abc import Callable

from safetyrules.engine.compiled.codes import (
    assign,
    compare_pairs,
    fresh,
    known_nothing,
)
from safetyrules.engine.compiled.context import Code, Context, Item, lift
from safetyrules.engine.compiled.layout import nothing_bit
from safetyrules.engine.compiled.ratio import SMALL
from safetyrules.engine.compiled.writer import absent, present, unknown_value
from safetyrules.facts.schema import ChoiceType, DateType, NumberType, ScalarType
from safetyrules.language import terms as t

#: What a member is bound to, for known lists.
Each = Callable[[Context, "str | Item"], None]
#: The same for lists of which membership may be unknown: with the code of "surely a member" and "stands for many".
EachPossible = Callable[[Context, "str | Item", str, str], None]


def each_known(c: Context, term: t.ListTerm, body: Each) -> None:
    """Write ``body`` for every member of a known list."""
    w = c.writer
    match term:
        case t.PartsOf():
            record = w.fresh("r")
            with w.block(f"for {record} in {c.list_code(term)}:"):
                body(c, record)
        case t.ValuesOf(item=item):
            names = fresh(c, item)
            with w.block(f"for {', '.join(names)} in {c.list_code(term)}:"):
                body(c, Item(names, known=True))
        case t.ListOf(items):
            for each in items:
                body(c, Item(c.known(each), known=True))
        case t.Filtered(operand, variable, passes):

            def passing(inner: Context, value: str | Item) -> None:
                (code,) = inner.binding(variable, value).known(passes)
                with w.block(f"if {code}:"):
                    body(inner, value)

            each_known(c, operand, passing)
        case t.Mapped(operand, variable, test, mapped):

            def mapping(inner: Context, value: str | Item) -> None:
                here = inner.binding(variable, value)
                if test is None:
                    body(inner, Item(here.known(mapped), known=True))
                    return
                (code,) = here.known(test)
                with w.block(f"if {code}:"):
                    body(inner, Item(here.known(mapped), known=True))

            each_known(c, operand, mapping)
        case t.SectorGrades():
            for name in c.layout.plan.sectors:
                sector = c.layout.plan.schema.sectors[name]
                if sector.grade is not None:
                    present, grade = _sector_terms(c, sector.present, sector.grade, term.item)
                    subject = c.subject()
                    with w.block(f"if {subject.known(present)[0]}:"):
                        body(c, Item(subject.known(grade), known=True))


def each_possible(c: Context, term: t.ListTerm, body: EachPossible) -> None:
    """Write ``body`` for every member that is or may be there."""
    w = c.writer
    if c.sure(term) and not isinstance(term, t.SectorGrades):
        each_known(c, term, lambda inner, value: body(inner, value, "True", "False"))
        return
    match term:
        case t.PartsOf():
            record = w.fresh("r")
            with w.block(f"for {record} in {c.list_code(term)}:"):
                if c.layout.plain:
                    body(c, record, "True", "False")
                else:
                    body(c, record, f"{record}[1] >= 0", f"{record}[1] < 0")
        case t.ValuesOf(item=item):
            names = possible_names(c, item)
            certain = w.fresh()
            with w.block(f"for {certain}, {', '.join(names)} in {c.list_code(term)}:"):
                body(c, Item(names, known=False), certain, f"not {certain}")
        case t.ListOf(items):
            for each in items:
                body(c, Item(c.possible(each), known=False), "True", "False")
        case t.Filtered(operand, variable, passes):

            def passing(inner: Context, value: str | Item, certain: str, many: str) -> None:
                _if_passes(
                    inner, inner.binding(variable, value), passes, certain, lambda sure: body(inner, value, sure, many)
                )

            each_possible(c, operand, passing)
        case t.Mapped(operand, variable, test, mapped):

            def mapping(inner: Context, value: str | Item, certain: str, many: str) -> None:
                here = inner.binding(variable, value)
                if test is None:
                    body(inner, Item(here.possible(mapped), known=False), certain, many)
                else:
                    _if_passes(
                        inner,
                        here,
                        test,
                        certain,
                        lambda sure: body(inner, Item(here.possible(mapped), known=False), sure, many),
                    )

            each_possible(c, operand, mapping)
        case t.SectorGrades():
            _each_sector(c, term, body)


def _if_passes(c: Context, here: Context, test: t.Term, certain: str, body: Callable[[str], None]) -> None:
    w = c.writer
    passed = w.let(here.possible(test)[0])
    with w.block(f"if {passed} & 2:"):
        body(f"{passed} == 2" if certain == "True" else f"({passed} == 2 and {certain})")


def _sector_terms(c: Context, present: str, grade: str, scale: ChoiceType) -> tuple[t.Term, t.Term]:
    here = t.Up(0, c.layout.root)
    kinds = c.layout.plan.schema.kinds[c.layout.root]
    if present in kinds.facts:
        first: t.Term = t.FactValue(here, present, t.BOOLEAN, kinds.facts[present].may_not_apply)
    elif (c.layout.root, present) in c.layout.plan.by_key:
        first = t.ConclusionValue(
            here, present, t.BOOLEAN, c.layout.plan.by_key[c.layout.root, present].term.may_be_nothing
        )
    else:
        first = t.Unassigned(t.BOOLEAN, False)
    conclusion = c.layout.plan.by_key.get((c.layout.root, grade))
    if conclusion is None:
        return first, t.Unassigned(scale, False)
    return first, t.ConclusionValue(here, grade, scale, conclusion.term.may_be_nothing)


def _each_sector(c: Context, term: t.SectorGrades, body: EachPossible) -> None:
    w = c.writer
    for name in c.layout.plan.sectors:
        sector = c.layout.plan.schema.sectors[name]
        if sector.grade is None:
            continue
        present, grade = _sector_terms(c, sector.present, sector.grade, term.item)
        there = w.let(c.subject().possible(present)[0])
        with w.block(f"if {there} & 2:"):
            body(c, Item(c.subject().possible(grade), known=False), f"{there} == 2", "False")


def possible_names(c: Context, type_: ScalarType) -> Code:
    return tuple(c.writer.fresh() for _ in range(3 if isinstance(type_, NumberType | DateType) else 1))


def item_possible(c: Context, value: Item, type_: ScalarType, may_be_nothing: bool) -> Code:
    """The code of a member in the possible representation."""
    return lift(c, value.code, type_, may_be_nothing) if value.known else value.code


# ---- quantifiers ----------------------------------------------------------------------------------------------------


def known_quantified(c: Context, term: t.Quantified) -> Code:
    w = c.writer
    result = w.fresh()
    if term.quantifier == "exists_one":
        return _known_exists_one(c, term, result)
    exists = term.quantifier == "exists"
    w.line(f"{result} = {not exists}")

    def body(inner: Context, value: str | Item) -> None:
        (code,) = inner.binding(term.variable, value).known(term.body)
        if term.may_be_nothing:
            w.line(f"{result} = {'or3' if exists else 'and3'}({result}, {code})")
        else:
            with w.block(f"if {code}:" if exists else f"if not {code}:"):
                w.line(f"{result} = {exists}")
                if isinstance(term.operand, t.PartsOf | t.ValuesOf):
                    w.line("break")

    each_known(c, term.operand, body)
    return (result,)


def _known_exists_one(c: Context, term: t.Quantified, count: str) -> Code:
    w = c.writer
    w.line(f"{count} = 0")
    none = w.fresh()
    if term.may_be_nothing:
        w.line(f"{none} = False")

    def body(inner: Context, value: str | Item) -> None:
        code = w.let(inner.binding(term.variable, value).known(term.body)[0])
        with w.block(f"if {code}:"):
            w.line(f"{count} += 1")
        if term.may_be_nothing:
            with w.block(f"elif {absent(code)}:"):
                w.line(f"{none} = True")

    each_known(c, term.operand, body)
    if term.may_be_nothing:
        # A member without a value leaves the answer possible either way: see the reference.
        with w.block(f"if {none}:"):
            w.line("raise Unplain")
    return (f"({count} == 1)",)


def possible_quantified(c: Context, term: t.Quantified) -> Code:
    w = c.writer
    if term.quantifier == "exists_one":
        return _possible_exists_one(c, term)
    exists = term.quantifier == "exists"
    result = w.fresh()
    w.line(f"{result} = {1 if exists else 2}")
    table, absent, decided = ("OR", 1, 2) if exists else ("AND", 2, 1)

    def body(inner: Context, value: str | Item, certain: str, many: str) -> None:
        code = inner.binding(term.variable, value).possible(term.body)[0]
        if certain != "True":
            code = f"({code} if {certain} else {code if code.isidentifier() else w.let(code)} | {absent})"
        w.line(f"{result} = {table}[{result} << 3 | {code}]")
        if isinstance(term.operand, t.PartsOf | t.ValuesOf):
            with w.block(f"if {result} == {decided}:"):
                w.line("break")

    each_possible(c, term.operand, body)
    return (result,)


def _possible_exists_one(c: Context, term: t.Quantified) -> Code:
    w = c.writer
    least, most, none = w.fresh(), w.fresh(), w.fresh()
    w.line(f"{least} = {most} = {none} = 0")

    def body(inner: Context, value: str | Item, certain: str, many: str) -> None:
        code = w.let(inner.binding(term.variable, value).possible(term.body)[0])
        w.line(f"{none} |= {code} & 4")
        with w.block(f"if {code} & 2:"):
            w.line(f"{most} += 2 if {many} else 1")
            with w.block(f"if {code} == 2 and {certain}:"):
                w.line(f"{least} += 1")

    each_possible(c, term.operand, body)
    w.line(f"{least} = min({least}, 2); {most} = min({most}, 2)")
    return (f"((2 if {least} <= 1 <= {most} else 0) | (0 if {least} == 1 == {most} else 1) | {none})",)


# ---- aggregates -----------------------------------------------------------------------------------------------------


def known_aggregate(c: Context, term: t.Aggregate) -> Code:
    w = c.writer
    if term.function == "size":
        if isinstance(term.operand, t.PartsOf | t.ValuesOf):
            return f"len({c.list_code(term.operand)})", "1"
        count = w.fresh()
        w.line(f"{count} = 0")
        each_known(c, term.operand, lambda inner, value: w.line(f"{count} += 1"))
        return count, "1"
    if term.function == "sum":
        return _known_sum(c, term)
    result = fresh(c, term.type)
    assign(c, result, (*known_nothing(term.type),))
    better = "<" if term.function == "min" else ">"

    def body(inner: Context, value: str | Item) -> None:
        assert isinstance(value, Item)
        code = tuple(w.let(part) for part in value.code)
        if isinstance(term.type, NumberType):
            test = compare_pairs(better, code, result)
        else:
            test = f"{code[0]} {better} {result[0]}"
        test = f"{absent(result[0])} or {test}"
        if _may_be_nothing(term.operand):
            code = (w.hold(code[0]), *code[1:])
            test = f"{present(code[0])} and ({test})"
        with w.block(f"if {test}:"):
            assign(c, result, code)

    each_known(c, term.operand, body)
    return result


def _may_be_nothing(members: t.ListTerm) -> bool:
    """May a member of a list have no value?"""
    match members:
        case t.Mapped(body=body):
            return body.may_be_nothing
        case t.Filtered(operand=operand):
            return _may_be_nothing(operand)
        case t.ListOf(items):
            return any(item.may_be_nothing for item in items)
    return not isinstance(members, t.ValuesOf)


def _known_sum(c: Context, term: t.Aggregate) -> Code:
    w = c.writer
    assert isinstance(term.type, NumberType)
    total, common = w.fresh(), w.fresh()
    w.line(f"{total} = 0")
    if not term.type.integer:
        w.line(f"{common} = 1")

    def body(inner: Context, value: str | Item) -> None:
        assert isinstance(value, Item)
        number, denominator = value.code
        held = w.hold(number)
        with w.block(f"if {present(held)}:"):
            if term.type.integer:  # type: ignore[union-attr]
                w.line(f"{total} += {held}")
                return
            _add_known(c, (total, common), (held, denominator))

    each_known(c, term.operand, body)
    return total, "1" if term.type.integer else common


def possible_aggregate(c: Context, term: t.Aggregate) -> Code:
    w = c.writer
    if term.function == "size":
        least, most = w.fresh(), w.fresh()
        w.line(f"{least} = {most} = 0")

        def count(inner: Context, value: str | Item, certain: str, many: str) -> None:
            with w.block(f"if {certain}:"):
                w.line(f"{least} += 1")
            w.line(f"{most} += INF if {many} else 1")

        each_possible(c, term.operand, count)
        return least, most, "0"
    if term.function == "sum":
        return _possible_sum(c, term)
    if isinstance(term.type, NumberType | DateType):
        return _possible_extreme(c, term)
    none = nothing_bit(term.type)
    state = w.fresh()
    w.line(f"{state} = {none}")
    function = "least_mask" if term.function == "min" else "greatest_mask"

    def body(inner: Context, value: str | Item, certain: str, many: str) -> None:
        assert isinstance(value, Item)
        (code,) = item_possible(inner, value, term.type, True)
        member = code if certain == "True" else f"{code} if {certain} else {code} | {none}"
        w.line(f"{state} = {function}({state}, {member}, {none})")

    each_possible(c, term.operand, body)
    return (state,)


def _possible_sum(c: Context, term: t.Aggregate) -> Code:
    """The bounds are collected and added up at the end, where a common denominator comes cheaper."""
    w = c.writer
    lows, highs, least, most = w.fresh(), w.fresh(), w.fresh(), w.fresh()
    w.line(f"{lows} = []; {highs} = []")
    settling = _settling_member(c, term.operand)
    known = (w.fresh(), w.fresh())
    if settling is not None:
        w.line(f"{known[0]} = 0; {known[1]} = 1")

    def counted(low: str, high: str) -> None:
        w.line(f"{lows}.append({low}); {highs}.append({high})")

    def body(inner: Context, value: str | Item, certain: str, many: str) -> None:
        assert isinstance(value, Item)
        low, high, none = (w.let(part) for part in item_possible(inner, value, term.type, True))
        if certain == "True" and none == "0":
            counted(low, high)
            return
        present = certain if none == "0" else f"{certain} and not {none}"
        with w.block(f"if {present}:"):
            counted(low, high)
        with w.block("else:" if none == "0" else f"elif {none} != 2:"):
            if many == "False":
                counted(f"min({low}, 0)", f"max({high}, 0)")
                return
            with w.block(f"if {many}:"):
                counted(f"-INF if {low} < 0 else 0", f"INF if {high} > 0 else 0")
            with w.block("else:"):
                counted(f"min({low}, 0)", f"max({high}, 0)")

    def settled(inner: Context, value: str | Item, certain: str, many: str) -> None:
        """What settled is added up as it is; bounds are had of the rest only."""
        assert settling is not None
        assert certain == "True"
        here = inner.binding(settling.variable, value)
        assert isinstance(settling.body, t.ConclusionValue)
        code = here.settled(settling.body)
        assert code is not None
        with w.block(f"if {unknown_value(code[0])}:"):
            body(here, Item(here.conclusion(settling.body), known=False), certain, many)
        with w.block(f"elif {present(code[0])}:"):
            _add_known(c, known, code)

    if settling is None:
        each_possible(c, term.operand, body)
        w.line(f"{least}, {most} = totals({lows}, {highs})")
    else:
        each_possible(c, settling.operand, settled)
        w.line(f"{least}, {most} = totals({lows}, {highs}, {', '.join(known)})")
    return least, most, "0"


def _settling_member(c: Context, operand: t.ListTerm) -> t.Mapped | None:
    """Members of which each gives a conclusion that usually settles."""
    if not isinstance(operand, t.Mapped) or operand.test is not None or not isinstance(operand.operand, t.PartsOf):
        return None
    body = operand.body
    if not isinstance(body, t.ConclusionValue) or (body.entity.kind, body.conclusion) not in c.layout.settling:
        return None
    return operand


def _add_known(c: Context, total: Code, code: Code) -> None:
    """Add a number to another; both are numerator and denominator."""
    w = c.writer
    (sum_, common), (number, denominator) = total, code
    below = w.let(denominator)
    with w.block(f"if {below} == {common}:"):
        w.line(f"{sum_} += {number}")
    with w.block(f"elif not {common} % {below}:"):
        w.line(f"{sum_} += {number} * ({common} // {below})")
    with w.block(f"elif {common} < {SMALL}:"):
        w.line(f"{sum_} = {sum_} * {below} + {number} * {common}; {common} *= {below}")
    with w.block("else:"):
        w.line(f"{sum_}, {common} = add({sum_}, {common}, {number}, {below})")


def _possible_extreme(c: Context, term: t.Aggregate) -> Code:
    w = c.writer
    low, high, none = w.fresh(), w.fresh(), w.fresh()
    w.line(f"{low} = {high} = 0; {none} = 2")
    least = term.function == "min"

    def body(inner: Context, value: str | Item, certain: str, many: str) -> None:
        assert isinstance(value, Item)
        other_low, other_high, other_none = item_possible(inner, value, term.type, True)
        if certain != "True":
            other_none = f"({other_none} if {certain} else {other_none} or 1)"
        state = f"{low}, {high}, {none}"
        w.line(f"{state} = greatest_range({state}, {other_low}, {other_high}, {other_none}, {least})")

    each_possible(c, term.operand, body)
    return low, high, none
