"""Code of terms whose value is known: plain Python expressions, lazily where a part needs statements of its own."""

from __future__ import annotations

from fractions import Fraction

from safetyrules.engine.compiled.cells import cell_form
from safetyrules.engine.compiled.codes import (
    NONE_NUMBER,
    Union,
    assign,
    compare_pairs,
    constant,
    differs,
    fresh,
    known_nothing,
)
from safetyrules.engine.compiled.context import Code, Context, Item, lift
from safetyrules.engine.compiled.guarded import unguarded
from safetyrules.engine.compiled.known_lookup import known_lookup
from safetyrules.engine.compiled.lists import known_aggregate, known_quantified
from safetyrules.engine.compiled.outcomes import known_outcome
from safetyrules.engine.compiled.writer import absent, unknown_value
from safetyrules.facts.schema import NumberType, ScalarType
from safetyrules.language import terms as t
from safetyrules.language.order import Key


def known(c: Context, term: t.Term) -> Code:
    """The code of ``term`` in the known representation; `Context.sure` must hold."""
    match term:
        case t.Constant(value, type_):
            return constant(value, type_)
        case t.NoValueTerm(type_):
            return known_nothing(type_)
        case t.FactValue():
            return c.fact(term)
        case t.ConclusionValue():
            return c.settled(term) or c.conclusion(term)
        case t.UnsettledReadings(readings):
            return _agreed(c, term, [reading for _, reading in readings])
        case t.ItemValue(variable):
            item = c.bound[variable]
            assert isinstance(item, Item)
            return item.code
        case t.AsOf():
            return ("as_of",)
        case t.Sure(inner):
            return known(c, inner)
        case t.Applicable(operand):
            return _applicable(c, operand)
        case t.Not(operand):
            return _not(c, operand)
        case t.Junction():
            return _junction(c, term)
        case t.Comparison():
            return _comparison(c, term)
        case t.Among():
            return _among(c, term)
        case t.Arithmetic():
            return _arithmetic(c, term)
        case t.Negative(operand):
            number, denominator = known(c, operand)
            held = c.writer.let(number)
            return _unless_none(operand, held, f"-{held}"), denominator
        case t.Round(operand, digits):
            number, denominator = (c.writer.let(part) for part in known(c, operand))
            pair = c.writer.let(
                _unless_none(operand, number, f"rounded_pair({number}, {denominator}, {digits})", "(None, 1)")
            )
            return (f"{pair}[0]", "1" if digits <= 0 else f"{pair}[1]")
        case t.Choose():
            return _choose(c, term)
        case t.DateFunction():
            return _date_function(c, term)
        case t.TextFunction():
            return _text_function(c, term)
        case t.LookupValue():
            return known_lookup(c, term)
        case t.Quantified():
            return known_quantified(c, term)
        case t.Aggregate():
            return known_aggregate(c, term)
        case t.FindingCount():
            return _finding_count(c, term)
        case t.DecisionTable() | t.Excepted():
            return known_outcome(c, term)
        case t.Written():
            return _written(c, term)
    raise AssertionError(f"no code for {term!r}")


def leaks(c: Context, term: t.Term) -> bool:
    """May ``UNKNOWN`` come through as the value of ``term``? Anything computed from it raises; what is only passed on
    does not."""
    match term:
        case t.FactValue():
            return True
        case t.ConclusionValue(entity, name):
            return (entity.kind, name) in c.layout.settling
        case t.UnsettledReadings(readings):
            return leaks(c, readings[0][1])
        case t.Sure(inner):
            return leaks(c, inner)
        case t.Choose(_, then, otherwise):
            return leaks(c, then) or leaks(c, otherwise)
        case t.Junction(operands=operands):
            return leaks(c, operands[-1])
        case t.Arithmetic("/", left, _):
            return leaks(c, left)
        case t.DecisionTable(rows=rows, otherwise=last):
            return any(leaks(c, row.then) for row in rows) or (last is not None and leaks(c, last))
        case t.Excepted(base, exceptions):
            return leaks(c, base) or any(_branch_leaks(c, branch) for branch in exceptions)
        case t.Aggregate("min" | "max"):
            return True
    return False


def refuse_unknown(c: Context, name: str) -> None:
    with c.writer.block(f"if {unknown_value(name)}:"):
        c.writer.line("raise Unplain")


def _branch_leaks(c: Context, branch: t.ExceptionBranch) -> bool:
    if branch.then is not None and leaks(c, branch.then):
        return True
    return any(_branch_leaks(c, each) for each in branch.exceptions)


def _agreed(c: Context, term: t.UnsettledReadings, readings: list[t.Term]) -> Code:
    """The value that all readings give; where they differ there is none that is known."""
    w = c.writer
    first, *others = (tuple(w.hold(part) for part in known(c, reading)) for reading in readings)
    tests = [differs(term.type, first, code) for code in others]
    with w.block(f"if {' or '.join(tests)}:"):
        if id(term) not in c.lenient:
            w.line("raise Unplain")
            return first
        for code, reading in zip((first, *others), readings, strict=True):
            if leaks(c, reading):
                refuse_unknown(c, code[0])
        union = Union(c, term.type, c.apart)
        for number, (code, reading) in enumerate(zip((first, *others), readings, strict=True)):
            union.add(lift(c, code, term.type, reading.may_be_nothing), first=number == 0)
        w.line(f"{first[0]} = UNKNOWN")
    return first


def _written(c: Context, term: t.Written) -> Code:
    """Found where a writer finds it that none above it silences; not found where one says something at all."""
    said = []
    for writer in term.writers:
        said.append(c.writer.hold(known(c, writer.term)[0]))
        if leaks(c, writer.term):
            refuse_unknown(c, said[-1])
    finds = []
    for number, name in enumerate(said):
        above = (said[i] for i, writer in enumerate(term.writers) if number in writer.beats)
        finds.append(" and ".join([name, *(absent(each) for each in above)]))
    found, silent = " or ".join(finds), " and ".join(map(absent, said))
    return (c.writer.hold(f"True if {found} else None if {silent} else False"),)


def _unless_none(term: t.Term, held: str, code: str, none: str = "None") -> str:
    return f"({none} if {absent(held)} else {code})" if term.may_be_nothing else code


def _applicable(c: Context, operand: t.Term) -> Code:
    if not operand.may_be_nothing:
        return ("True",)
    # ``UNKNOWN != None`` raises, where ``is not`` would take it for a value.
    different = "!=" if leaks(c, operand) else "is not"
    return (f"({known(c, operand)[0]} {different} None)",)


def _not(c: Context, operand: t.Term) -> Code:
    (code,) = known(c, operand)
    if not operand.may_be_nothing:
        return (f"(not {code})",)
    held = c.writer.let(code)
    return (f"(None if {absent(held)} else not {held})",)


def _junction(c: Context, term: t.Junction) -> Code:
    """``and``/``or``; an operand that needs statements stands in a branch that is skipped once the result is
    decided."""
    w = c.writer
    conjunction = term.operator == "&&"
    word, combine, decided = (" and ", "and3", "False") if conjunction else (" or ", "or3", "True")
    collected: list[str] = []
    result: str | None = None
    plain = not term.may_be_nothing
    for operand in term.operands:
        mark = w.mark()
        (code,) = known(c, operand)
        lines = w.take(mark)
        if not lines and plain:
            collected.append(code)
            continue
        if result is None:
            result = w.fresh()
            w.line(f"{result} = {word.join(collected) if collected else ('True' if conjunction else 'False')}")
            collected = []
        elif collected:
            w.line(f"{result} = {word.join([result, *collected])}")
            collected = []
        undecided = f"{result} is not {decided}" if not plain else result if conjunction else f"not {result}"
        with w.block(f"if {undecided}:"):
            w.put(lines)
            w.line(f"{result} = {code}" if plain else f"{result} = {combine}({result}, {code})")
    parts = ([result] if result else []) + collected
    return (parts[0] if len(parts) == 1 else f"({word.join(parts)})",)


def _comparison(c: Context, term: t.Comparison) -> Code:
    w = c.writer
    left, right = known(c, term.left), known(c, term.right)
    if term.may_be_nothing:
        left = tuple(w.let(code) for code in left)
        right = tuple(w.let(code) for code in right)
    if isinstance(term.left.type, NumberType):
        code = compare_pairs(term.operator, left, right)
    else:
        code = f"{left[0]} {term.operator} {right[0]}"
    return (f"({_unless_either_none(term, left, right)}{code})",)


def _unless_either_none(term: t.Comparison | t.Arithmetic, left: Code, right: Code) -> str:
    """The start of a conditional expression that is None where a side has no value."""
    sides = ((term.left, left), (term.right, right))
    tests = [f"{absent(code[0])}" for side, code in sides if side.may_be_nothing]
    return f"None if {' or '.join(tests)} else " if tests else ""


def _among(c: Context, term: t.Among) -> Code:
    code = known(c, term.operand)
    held = c.writer.let(code[0]) if term.may_be_nothing else code[0]
    if isinstance(term.operand.type, NumberType):
        values: object = frozenset(constant.value for constant in term.constants)
        operand = held if code[1] == "1" else f"exact({held}, {code[1]})"
    else:
        form = cell_form(term.operand.type)
        values = frozenset(form(each.value) for each in term.constants)
        operand = held
    return (_unless_none(term.operand, held, f"({operand} in {c.writer.constant(values)})"),)


def _arithmetic(c: Context, term: t.Arithmetic) -> Code:
    left, right = known(c, term.left), known(c, term.right)
    if not term.may_be_nothing:
        return _combined(c, term.operator, left, right, _positive(c, term.right))
    w = c.writer
    left = tuple(w.let(code) for code in left)
    right = tuple(w.let(code) for code in right)
    result = fresh(c, term.type)
    tests = _unless_either_none(term, left, right).removeprefix("None ").removesuffix(" else ")
    with w.block(f"{tests}:"):
        assign(c, result, NONE_NUMBER)
    with w.block("else:"):
        assign(c, result, _combined(c, term.operator, left, right, positive=False))
    return result


def _combined(c: Context, operator: str, left: Code, right: Code, positive: bool) -> Code:
    (n, d), (m, e) = left, right
    match operator:
        case "*":
            return f"({n} * {m})", _product(d, e)
        case "/":
            if m.isdigit() and m != "0":
                return f"({n} * {e})" if e != "1" else n, _product(d, m)
            if positive:
                return _product(n, e), _product(d, m)
            return _unpacked(c, f"divide({n}, {d}, {m}, {e})")
        case "%":
            return f"remainder({n}, {m})", "1"
    if d == e:
        return f"({n} {operator} {m})", d
    if operator == "-":
        m = f"-({m})"
    return _unpacked(c, f"add({n}, {d}, {m}, {e})")


def _unpacked(c: Context, pair: str) -> Code:
    number, denominator = c.writer.fresh(), c.writer.fresh()
    c.writer.line(f"{number}, {denominator} = {pair}")
    return number, denominator


def _positive(c: Context, term: t.Term) -> bool:
    """Is it a fact declared to be positive, or a cell of a column that holds nothing but positive numbers?"""
    if isinstance(term, t.FactValue) and isinstance(term.type, NumberType) and not term.may_be_nothing:
        return term.type.minimum is not None and term.type.minimum > 0
    if not isinstance(term, t.LookupValue) or term.may_be_nothing:
        return False
    table = c.layout.plan.tables[term.table]
    cells = [row[table.place(term.column)] for row in table.rows]
    return all(isinstance(cell, Fraction) and cell > 0 for cell in cells)


def _product(d: str, e: str) -> str:
    if d == "1" or e == "1":
        return e if d == "1" else d
    return f"({d} * {e})"


def _choose(c: Context, term: t.Choose) -> Code:
    w = c.writer
    lookup = unguarded(term)
    if lookup is not None:
        return known(c, lookup)
    (test,) = known(c, term.test)
    held = w.let(test)
    mark = w.mark()
    then = known(c, term.then)
    then_lines = w.take(mark)
    otherwise = known(c, term.otherwise)
    other_lines = w.take(mark)
    if not then_lines and not other_lines:
        codes = [a if a == b else f"({a} if {held} else {b})" for a, b in zip(then, otherwise, strict=True)]
        if term.test.may_be_nothing:
            codes[0] = f"(None if {absent(held)} else {codes[0]})"
        return tuple(codes)
    result = fresh(c, term.type)
    with w.block(f"if {held}:"):
        w.put(then_lines)
        assign(c, result, then)
    if term.test.may_be_nothing:
        with w.block(f"elif {absent(held)}:"):
            assign(c, result, known_nothing(term.type))
    with w.block("else:"):
        w.put(other_lines)
        assign(c, result, otherwise)
    return result


def _date_function(c: Context, term: t.DateFunction) -> Code:
    arguments = [c.writer.let(known(c, each)[0]) for each in term.arguments]
    match term.function:
        case "days_between":
            code = f"({arguments[1]} - {arguments[0]})"
        case "add_days":
            code = f"in_calendar({arguments[0]} + {arguments[1]})"
        case "add_months":
            code = f"shifted_months({arguments[0]}, {arguments[1]})"
        case _:
            code = f"year({arguments[0]})"
    return _guarded(term.arguments, arguments, code, term.type)


def _text_function(c: Context, term: t.TextFunction) -> Code:
    arguments = [c.writer.let(known(c, each)[0]) for each in term.arguments]
    method = {"startsWith": "startswith", "endsWith": "endswith"}.get(term.function)
    if method is not None:
        code = f"{arguments[0]}.{method}({arguments[1]})"
    elif term.function == "contains":
        code = f"({arguments[1]} in {arguments[0]})"
    elif term.function == "concat":
        code = f"({arguments[0]} + {arguments[1]})"
    elif term.function == "size":
        code = f"len({arguments[0]})"
    else:
        code = f"cut({', '.join(arguments)})"
    return _guarded(term.arguments, arguments, code, term.type)


def _guarded(terms: tuple[t.Term, ...], arguments: list[str], code: str, type_: ScalarType) -> Code:
    tests = [f"{absent(name)}" for each, name in zip(terms, arguments, strict=True) if each.may_be_nothing]
    if tests:
        code = f"(None if {' or '.join(tests)} else {code})"
    return (code, "1") if isinstance(type_, NumberType) else (code,)


def _finding_count(c: Context, term: t.FindingCount) -> Code:
    w = c.writer
    groups: dict[str | Key | None, list[str]] = {}
    for conclusion in c.layout.plan.findings[term.sector]:
        counter = c.counters.get(conclusion.key)
        if counter is None or term.severity not in (conclusion.severity, "any"):
            continue
        if not c.layout.counts(conclusion):
            with w.block(f"if {counter}d != {counter}p:"):
                w.line("raise Unplain")
            counter = f"{counter}d"
        groups.setdefault(None if term.instances else conclusion.counted_as, []).append(counter)
    if term.instances:
        return f"({' + '.join(groups.get(None, ['0']))})", "1"
    codes = [f"({' or '.join(f'{name} > 0' for name in names)})" for names in groups.values()]
    return (f"({' + '.join(codes)})" if codes else "0"), "1"
