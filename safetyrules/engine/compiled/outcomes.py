"""Code of decision tables, exceptions and several writers.

Tables are written as a loop that runs once, ``while True: … break``, so that a thousand rows nest no deeper than one.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial

from safetyrules.engine.accumulating import accumulated
from safetyrules.engine.compiled.codes import (
    RANGES,
    Union,
    assign,
    compare_pairs,
    differs,
    fresh,
    known_nothing,
    possible_nothing,
)
from safetyrules.engine.compiled.context import Code, Context
from safetyrules.engine.compiled.dispatch import write_rows
from safetyrules.engine.compiled.layout import is_text, member_bit, nothing_bit
from safetyrules.engine.compiled.writer import absent, known_value, present
from safetyrules.facts.schema import ChoiceType, NumberType
from safetyrules.language import terms as t


def known_outcome(c: Context, term: t.DecisionTable | t.Excepted) -> Code:
    if isinstance(term, t.Excepted):
        return _known_excepted(c, term.base, term.exceptions)
    if term.hit == "first":
        return _known_first(c, term, list(term.rows))
    if term.hit in ("unique", "any"):
        return _known_united(c, term)
    if term.hit in ("collect sum", "collect count"):
        return _known_summed(c, term)
    if isinstance(term.type, ChoiceType) and all(isinstance(row.then, t.Constant) for row in term.rows):
        least = term.hit != "collect max"
        places = term.type.members.index
        rows = sorted(term.rows, key=lambda row: places(str(row.then.value)), reverse=not least)  # type: ignore[union-attr]
        return _known_first(c, term, rows)
    return _known_ranked(c, term)


# ---- known ----------------------------------------------------------------------------------------------------------


def _known_first(c: Context, term: t.DecisionTable, rows: Sequence[t.TableRow]) -> Code:
    w = c.writer
    result = fresh(c, term.type)

    def write(some: Sequence[t.TableRow]) -> None:
        for row in some:
            (when,) = c.known(row.when)
            if when == "False":
                continue
            with w.block(f"if {when}:"):
                assign(c, result, c.known(row.then))
                w.line("break")

    with w.block("while True:"):
        write_rows(c, rows, write)
        assign(c, result, _known_otherwise(c, term))
        w.line("break")
    return result


def _known_otherwise(c: Context, term: t.DecisionTable) -> Code:
    return known_nothing(term.type) if term.otherwise is None else c.known(term.otherwise)


def _known_united(c: Context, term: t.DecisionTable) -> Code:
    """The first true row decides; two that disagree are not plain (they leave the outcome undetermined)."""
    w = c.writer
    result = fresh(c, term.type)
    seen = w.fresh()
    w.line(f"{seen} = False")

    def write(some: Sequence[t.TableRow]) -> None:
        for row in some:
            (when,) = c.known(row.when)
            with w.block(f"if {when}:"):
                then = tuple(w.hold(part) for part in c.known(row.then))
                with w.block(f"if not {seen}:"):
                    assign(c, result, then)
                    w.line(f"{seen} = True")
                with w.block(f"elif {differs(term.type, then, result)}:"):
                    w.line("raise Unplain")

    write_rows(c, term.rows, write)
    with w.block(f"if not {seen}:"):
        assign(c, result, _known_otherwise(c, term))
    return result


def _known_ranked(c: Context, term: t.DecisionTable) -> Code:
    w = c.writer
    result = fresh(c, term.type)
    assign(c, result, known_nothing(term.type))
    better = "<" if term.hit in ("collect min", "priority") else ">"
    for row in term.rows:
        (when,) = c.known(row.when)
        with w.block(f"if {when}:"):
            then = tuple(w.hold(part) for part in c.known(row.then))
            if isinstance(term.type, NumberType):
                test = compare_pairs(better, then, result)
            elif isinstance(term.type, ChoiceType) and not term.type.scale:
                order = w.constant({member: i for i, member in enumerate(term.type.members)})
                test = f"{order}[{then[0]}] {better} {order}[{result[0]}]"
            else:
                test = f"{then[0]} {better} {result[0]}"
            with w.block(f"if {present(then[0])} and ({absent(result[0])} or {test}):"):
                assign(c, result, then)
    with w.block(f"if {absent(result[0])}:"):
        assign(c, result, _known_otherwise(c, term))
    return result


def _known_summed(c: Context, term: t.DecisionTable) -> Code:
    w = c.writer
    total, common = fresh(c, NumberType())
    w.line(f"{total} = 0; {common} = 1")
    for row in term.rows:
        (when,) = c.known(row.when)
        with w.block(f"if {when}:"):
            if term.hit == "collect count":
                w.line(f"{total} += 1")
                continue
            then = tuple(w.hold(part) for part in c.known(row.then))
            with w.block(f"if {present(then[0])}:"):
                w.line(f"{total}, {common} = add({total}, {common}, {then[0]}, {then[1]})")
    assert isinstance(term.type, NumberType)
    return total, "1" if term.type.integer else common


def _known_excepted(c: Context, base: t.Term, branches: Sequence[t.ExceptionBranch], into: Code | None = None) -> Code:
    """The first true exception decides; a second one that disagrees is not plain. ``into`` are names for the result."""
    w = c.writer
    result = into or fresh(c, base.type)
    if len(branches) == 1:
        (branch,) = branches
        with w.block(f"if {_known_when(c, branch)}:"):
            if branch.then is not None and branch.exceptions:
                _known_excepted(c, branch.then, branch.exceptions, result)
            else:
                assign(c, result, _known_branch(c, base, branch))
        with w.block("else:"):
            assign(c, result, c.known(base))
        return result
    seen = w.fresh()
    w.line(f"{seen} = False")
    for branch in branches:
        with w.block(f"if {_known_when(c, branch)}:"):
            then = _known_branch(c, base, branch)
            then = tuple(w.hold(part) for part in then)
            with w.block(f"if not {seen}:"):
                assign(c, result, then)
                w.line(f"{seen} = True")
            with w.block(f"elif {differs(base.type, then, result)}:"):
                w.line("raise Unplain")
    with w.block(f"if not {seen}:"):
        assign(c, result, c.known(base))
    return result


def _known_when(c: Context, branch: t.ExceptionBranch) -> str:
    """A recorded departure counts only where its decision is given and has a value (design 5.13)."""
    (when,) = c.known(branch.when)
    if not branch.recorded:
        return when
    assert isinstance(branch.then, t.FactValue)
    decision = c.known(branch.then)[0]
    return f"({when} and {present(decision)} and {known_value(decision)})"


def _known_branch(c: Context, base: t.Term, branch: t.ExceptionBranch) -> Code:
    if branch.then is None:
        return known_nothing(base.type)
    if branch.exceptions:
        return _known_excepted(c, branch.then, branch.exceptions)
    return c.known(branch.then)


# ---- possible -------------------------------------------------------------------------------------------------------


def possible_outcome(c: Context, term: t.DecisionTable | t.Excepted | t.Written) -> Code:
    if isinstance(term, t.Excepted):
        return _possible_excepted(c, term.base, term.exceptions)
    if isinstance(term, t.Written):
        return _possible_written(c, term)
    if term.hit == "first":
        return _possible_first(c, term)
    if term.hit in ("unique", "any"):
        return _possible_united(c, term)
    if term.hit in ("collect sum", "collect count"):
        return _possible_summed(c, term)
    return _possible_ranked(c, term)


def _otherwise(c: Context, term: t.DecisionTable) -> Code:
    return possible_nothing(term.type) if term.otherwise is None else c.possible(term.otherwise)


def _possible_first(c: Context, term: t.DecisionTable) -> Code:
    w = c.writer
    union = Union(c, term.type)
    first = True
    with w.block("while True:"):
        for row in term.rows:
            when = w.let(c.possible(row.when)[0])
            if when == "1":
                continue
            with w.block(f"if {when} & 2:"):
                union.add(c.possible(row.then), first)
                first = False
                with w.block(f"if {when} == 2:"):
                    w.line("break")
        _fall_through(c, term, union)
        w.line("break")
    return union.code


def _fall_through(c: Context, term: t.DecisionTable, union: Union) -> None:
    """``otherwise`` joins in, unless some row was proved to decide."""
    if term.exhaustive:
        with c.writer.block(f"if {union.empty}:"):
            union.add(_otherwise(c, term))
    else:
        union.add(_otherwise(c, term))


def _possible_united(c: Context, term: t.DecisionTable) -> Code:
    w = c.writer
    union = Union(c, term.type)
    sure = w.fresh()
    w.line(f"{sure} = False")
    for row in term.rows:
        when = w.let(c.possible(row.when)[0])
        with w.block(f"if {when} & 2:"):
            union.add(c.possible(row.then))
            with w.block(f"if {when} == 2:"):
                w.line(f"{sure} = True")
    with w.block(f"if not {sure}:"):
        _fall_through(c, term, union)
    return union.code


def _possible_ranked(c: Context, term: t.DecisionTable) -> Code:
    if isinstance(term.type, RANGES):
        return _possible_ranked_numbers(c, term)
    w = c.writer
    none = nothing_bit(term.type)
    least = term.hit in ("collect min", "priority")
    state = w.fresh()
    w.line(f"{state} = {none}")
    for row in term.rows:
        when = w.let(c.possible(row.when)[0])
        if when == "1":
            continue
        with w.block(f"if {when} & 2:"):
            if isinstance(row.then, t.Constant):
                raised = _raised(state, member_bit(term.type, row.then.value), none, least)
            else:
                function = "least_mask" if least else "greatest_mask"
                raised = f"{function}({state}, {c.possible(row.then)[0]}, {none})"
            w.line(f"{state} = {raised} if {when} == 2 else {state} | {raised}")
    with w.block(f"if {state} & {none}:"):
        if term.exhaustive:
            with w.block(f"if {state} == {none}:"):
                w.line(f"{state} = {_otherwise(c, term)[0]}")
            with w.block("else:"):
                w.line(f"{state} &= {none - 1}")
        else:
            (otherwise,) = _otherwise(c, term)
            w.line(f"{state} = {state} & {none - 1} | {otherwise}")
    return (state,)


def _raised(state: str, bit: int, none: int, least: bool) -> str:
    """The state with one level counted in: levels beyond it stay, the rest and "no value" become it."""
    kept = (bit << 1) - 1 if least else (none - 1) & ~(bit - 1)
    moved = ((none - 1) & ~kept) | none
    return f"({state} & {kept} | ({bit} if {state} & {moved} else 0))"


def _possible_ranked_numbers(c: Context, term: t.DecisionTable) -> Code:
    w = c.writer
    names = (w.fresh(), w.fresh(), w.fresh())
    joined = ", ".join(names)
    least = term.hit in ("collect min", "priority")
    w.line(f"{names[0]} = {names[1]} = 0; {names[2]} = 2")
    for row in term.rows:
        when = w.let(c.possible(row.when)[0])
        with w.block(f"if {when} & 2:"):
            raised = w.let(f"greatest_range({joined}, {', '.join(c.possible(row.then))}, {least})")
            w.line(f"{joined} = {raised} if {when} == 2 else hull({joined}, *{raised})")
    with w.block(f"if {names[2]}:"):
        otherwise = ", ".join(_otherwise(c, term))
        with w.block(f"if {names[2]} == 2:"):
            w.line(f"{joined} = {otherwise}")
        with w.block("else:"):
            if term.exhaustive:
                w.line(f"{names[2]} = 0")
            else:
                w.line(f"{joined} = hull({names[0]}, {names[1]}, 0, {otherwise})")
    return names


def _possible_summed(c: Context, term: t.DecisionTable) -> Code:
    w = c.writer
    least, most = w.fresh(), w.fresh()
    w.line(f"{least} = {most} = 0")
    for row in term.rows:
        when = w.let(c.possible(row.when)[0])
        with w.block(f"if {when} & 2:"):
            code = ("1", "1", "0") if term.hit == "collect count" else c.possible(row.then)
            low, high, none = (w.let(part) for part in code)
            with w.block(f"if {when} == 2 and not {none}:"):
                w.line(f"{least} += {low}; {most} += {high}")
            with w.block(f"elif {none} != 2:"):
                w.line(f"{least} += min({low}, 0); {most} += max({high}, 0)")
    return least, most, "0"


def _possible_excepted(c: Context, base: t.Term, branches: Sequence[t.ExceptionBranch]) -> Code:
    w = c.writer
    union = Union(c, base.type)
    sure = w.fresh()
    w.line(f"{sure} = False")
    for branch in branches:
        when = w.let(_branch_when(c, branch))
        with w.block(f"if {when} & 2:"):
            if branch.then is None:
                union.add(possible_nothing(base.type))
            elif branch.exceptions:
                union.add(_possible_excepted(c, branch.then, branch.exceptions))
            else:
                union.add(c.possible(branch.then))
            with w.block(f"if {when} == 2:"):
                w.line(f"{sure} = True")
    with w.block(f"if not {sure}:"):
        union.add(c.possible(base))
    return union.code


def _branch_when(c: Context, branch: t.ExceptionBranch) -> str:
    """A recorded departure counts only where its decision is given and has a value (design 5.13)."""
    (when,) = c.possible(branch.when)
    if not branch.recorded:
        return when
    assert isinstance(branch.then, t.FactValue)
    decision = branch.then
    if c.layout.plain:
        code = c.known(decision)[0]
        return f"({when} if {present(code)} and {known_value(code)} else 1)"
    here, record = c.entity(decision.entity)
    flag = c.slots(here, record, here.facts["given:" + decision.fact])[0]
    return f"({when} if {flag} else AND[{when} << 3 | 1])"


def _possible_written(c: Context, term: t.Written) -> Code:
    w = c.writer
    said = [tuple(w.let(part) for part in c.possible(writer.term)) for writer in term.writers]
    if term.accumulates:
        return _possible_accumulated(c, term, said)
    union = Union(c, term.type)
    silent = [_may_be_silent(code, term) for code in said]
    for number, code in enumerate(said):
        prevailing = [silent[i] for i, writer in enumerate(term.writers) if number in writer.beats]
        test = " and ".join([_may_speak(code, term), *prevailing])
        with w.block(f"if {test}:"):
            if isinstance(term.type, RANGES):
                union.add((code[0], code[1], "0"))
            elif is_text(term.type):
                union.add((f"text_without_nothing({code[0]})",))
            else:
                union.add((f"{code[0]} & {nothing_bit(term.type) - 1}",))
    with w.block(f"if {' and '.join(silent)}:"):
        union.add(possible_nothing(term.type))
    return union.code


def _possible_accumulated(c: Context, term: t.Written, said: Sequence[Code]) -> Code:
    w = c.writer

    def join(word: str, neutral: str, parts: Iterable[str]) -> str:
        kept = [each for each in dict.fromkeys(parts) if each != neutral]
        return w.let(f"({f' {word} '.join(kept)})") if len(kept) > 1 else kept[0] if kept else neutral

    may = [tuple(w.let(f"{code} & {bit} != 0") for bit in (2, 1, nothing_bit(term.type))) for (code,) in said]
    found, not_found, none = accumulated(
        term,
        [(finds, fails, silent) for finds, fails, silent in may],
        partial(join, "and", "True"),
        partial(join, "or", "False"),
    )
    bits = zip((found, not_found, none), (2, 1, nothing_bit(term.type)), strict=True)
    return (w.let(" | ".join(f"({bit} if {test} else 0)" for test, bit in bits)),)


def _may_be_silent(code: Code, term: t.Written) -> str:
    if isinstance(term.type, RANGES):
        return f"{code[2]} != 0"
    if is_text(term.type):
        return f"text_applicable({code[0]}) & 1"
    return f"{code[0]} & {nothing_bit(term.type)}"


def _may_speak(code: Code, term: t.Written) -> str:
    if isinstance(term.type, RANGES):
        return f"{code[2]} != 2"
    if is_text(term.type):
        return f"text_applicable({code[0]}) & 2"
    return f"{code[0]} & {nothing_bit(term.type) - 1}"
