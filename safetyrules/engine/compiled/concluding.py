"""Code of one conclusion: its value into the slots of its entity, and what findings it adds to the counters."""

from __future__ import annotations

from dataclasses import replace
from keyword import iskeyword

from safetyrules.engine.compiled.context import Code, Context
from safetyrules.engine.compiled.known import known, leaks, refuse_unknown
from safetyrules.engine.compiled.layout import KindLayout
from safetyrules.engine.compiled.possible import possible
from safetyrules.engine.compiled.writer import absent, unknown_value
from safetyrules.language import terms as t
from safetyrules.language.plan import Conclusion
from safetyrules.language.term_trees import walk


def conclude(c: Context, conclusion: Conclusion) -> None:
    """Write the code of one conclusion of the entity at hand, into its slots and its counter."""
    here = c.layout.kinds[conclusion.on]
    if c.layout.sure[conclusion.key]:
        value = _known_value(c, conclusion, here)
        if c.layout.counts(conclusion):
            _count_known(c, conclusion, value, "")
        elif conclusion.key in c.counters:
            with c.writer.block(f"if {value}:"):
                _count_possible(c, conclusion, "2")
    elif conclusion.key in c.layout.settling:
        _settle(c, conclusion, here)
    else:
        _count_possible(c, conclusion, _possible_value(c, conclusion, here))


def _known_value(c: Context, conclusion: Conclusion, here: KindLayout) -> str:
    w = c.writer
    code = known(c, conclusion.term)
    first = w.let(code[0]) if conclusion.key in c.counters or not here.root else code[0]
    if c.layout.plain and leaks(c, conclusion.term):
        first = w.let(first)
        refuse_unknown(c, first)
    _store(c, here, here.conclusions[conclusion.name], (first, *code[1:]))
    return first


def _possible_value(c: Context, conclusion: Conclusion, here: KindLayout) -> str:
    w = c.writer
    code = possible(c, conclusion.term)
    first = w.let(code[0]) if conclusion.key in c.counters or not here.root else code[0]
    _store(c, here, here.conclusions[conclusion.name], (first, *code[1:]))
    return first


def _store(c: Context, here: KindLayout, slots: tuple[str, ...], code: Code) -> None:
    """Put a value where it belongs. What reads it further down in the same block reads the local variable."""
    w = c.writer
    targets = c.slots(here, c.record, slots)
    if here.root:
        w.line(f"{', '.join(targets)} = {', '.join(code[: len(targets)])}")
        return
    for target, part in zip(targets, code, strict=False):
        held = w.let(part)
        w.line(f"{target} = {held}")
        if held.isidentifier() and not iskeyword(held):
            w.note(target, held)


def _settle(c: Context, conclusion: Conclusion, here: KindLayout) -> None:
    """Of a conclusion that may settle: the known value, and where there is none, what is possible.

    Where something that it reads did not settle, the known code would only come to raise: it is not begun.
    """
    w = c.writer
    slots = here.settled[conclusion.name]
    names = tuple(w.fresh() for _ in slots)
    nothing = f"{', '.join(names)} = {', '.join(('UNKNOWN', '1')[: len(names)])}"
    passed_on = _passed_on(conclusion.term)
    apart: Code = ()
    if passed_on:
        apart = tuple(w.fresh() for _ in here.conclusions[conclusion.name])
        w.line(f"{apart[0]} = None")
    lenient = replace(c, lenient=frozenset(map(id, passed_on)), apart=apart)

    def attempt() -> None:
        with w.block("try:"):
            code = known(lenient, conclusion.term)
            w.line(f"{', '.join(names)} = {', '.join(code[: len(names)])}")
        with w.block("except NOT_PLAIN:"):
            w.line(nothing)

    unsettled = _unsettled(c, conclusion)
    if unsettled:
        with w.block(f"if {' or '.join(unsettled)}:"):
            w.line(nothing)
        with w.block("else:"):
            attempt()
    else:
        attempt()
    _store(c, here, slots, names)
    with w.block(f"if {unknown_value(names[0])}:"):
        if passed_on:
            with w.block(f"if {absent(apart[0])}:"):
                w.line(f"{', '.join(apart)} = {', '.join(possible(c, conclusion.term))}")
            _store(c, here, here.conclusions[conclusion.name], apart)
            _count_possible(c, conclusion, apart[0])
        else:
            _count_possible(c, conclusion, _possible_value(c, conclusion, here))
    if conclusion.key in c.counters:
        with w.block("else:"):
            _count_known(c, conclusion, names[0], "d")


def _passed_on(term: t.Term) -> list[t.UnsettledReadings]:
    """The readings whose value is, unchanged, the value of ``term``."""
    match term:
        case t.UnsettledReadings():
            return [term]
        case t.Choose(_, then, otherwise):
            return _passed_on(then) + _passed_on(otherwise)
    return []


def _unsettled(c: Context, conclusion: Conclusion) -> list[str]:
    """Tests that something did not settle which the conclusion reads of its own entity or of those above it."""
    tests: dict[str, None] = {}
    for term in walk(conclusion.term):
        match term:
            case t.ConclusionValue(t.Up(), _):
                code = c.settled(term)
                if code is not None:
                    tests[unknown_value(code[0])] = None
            case t.FindingCount(sector=sector):
                for counted in c.layout.plan.findings.get(sector, ()):
                    counter = c.counters.get(counted.key)
                    counts = counter is not None and term.severity in (counted.severity, "any")
                    if counts and not c.layout.counts(counted):
                        tests[f"{counter}d != {counter}p"] = None
    return list(tests)


def _count_known(c: Context, conclusion: Conclusion, value: str, suffix: str) -> None:
    counter = c.counters.get(conclusion.key)
    if counter is not None:
        with c.writer.block(f"if {value}:"):
            c.writer.line(f"{counter}{suffix} += 1")
            if suffix:
                c.writer.line(f"{counter}p += 1")


def _count_possible(c: Context, conclusion: Conclusion, value: str) -> None:
    counter = c.counters.get(conclusion.key)
    if counter is None:
        return
    w = c.writer
    with w.block(f"if {value} & 2:"):
        if c.record is not None and not c.layout.plain:
            with w.block(f"if {c.record}[1] < 0:"):
                w.line(f"{counter}p = INF")
            with w.block("else:"):
                _count_one(c, counter, value)
        else:
            _count_one(c, counter, value)


def _count_one(c: Context, counter: str, value: str) -> None:
    c.writer.line(f"{counter}p += 1")
    with c.writer.block(f"if {value} == 2:"):
        c.writer.line(f"{counter}d += 1")
