"""Putting a compiled plan together: readers and deciders, generated, compiled and called."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Mapping
from datetime import date
from typing import Any

import networkx

from safetyrules.engine.compiled.context import Code, Context
from safetyrules.engine.compiled.decode import Raw, records_of
from safetyrules.engine.compiled.known import known, leaks, refuse_unknown
from safetyrules.engine.compiled.known_values import Unplain
from safetyrules.engine.compiled.layout import Layout, make_layout
from safetyrules.engine.compiled.possible import possible
from safetyrules.engine.compiled.reading import all_name, returned_names, write_reader
from safetyrules.engine.compiled.runtime import SCOPE
from safetyrules.engine.compiled.writer import Writer
from safetyrules.engine.reference import Reference
from safetyrules.facts.entity import Entity
from safetyrules.facts.refusal import Refused
from safetyrules.language.plan import Conclusion, Plan, reads
from safetyrules.values import Scalar

#: What reading facts that are not plain may raise; anything else is a defect and is let through.
NOT_PLAIN = (Unplain, Refused, KeyError, TypeError, ValueError, OverflowError, AttributeError)
Function = Callable[..., Any]


class CompiledPlan:
    """A plan as generated code. ``source`` is that code, for those who want to read it."""

    def __init__(
        self, plan: Plan, root: str, source: str, plain: Layout, open_: Layout, functions: Mapping[str, Function]
    ) -> None:
        self.plan = plan
        self.root = root
        self.source = source
        self.plain = plain
        self.open = open_
        self._read_plain = functions["read_plain"]
        self._decide_plain = functions["decide_plain"]
        self._read_open = functions["read_open"]
        self._decide_open = functions["decide_open"]

    def decide(self, facts: object, as_of: int) -> Raw:
        """Decide raw facts; ``as_of`` is a day number. Raises one of `NOT_PLAIN` where the facts are not plain good
        input: the caller then asks the input models what they are."""
        try:
            return self.decide_plain(facts, as_of)
        except NOT_PLAIN:
            return self.decide_open(facts, as_of)

    def decide_plain(self, facts: object, as_of: int) -> Raw:
        """Decide facts that are all known; raises one of `NOT_PLAIN` where they are not, or leave something open."""
        return Raw(self.plain, self._decide_plain(self._read_plain(facts), as_of))

    def decide_open(self, facts: object, as_of: int) -> Raw:
        """Decide facts in any form."""
        return Raw(self.open, self._decide_open(self._read_open(facts), as_of))

    def decide_entity(self, root: Entity, as_of: int) -> Raw | Interpreted:
        """Decide facts that are already an entity tree."""
        try:
            return Raw(self.open, self._decide_open(records_of(self.open, root), as_of))
        except OverflowError:  # a number too large for a float met an infinite bound
            return Interpreted(self.plan, root, as_of)


class Interpreted:
    """What the reference interpreter computed, where generated code could not."""

    def __init__(self, plan: Plan, root: Entity, as_of: int) -> None:
        self._root = root.path
        self._found = Reference(plan, root, date.fromordinal(as_of)).run().outcomes()

    def outcomes(self) -> dict[tuple[str, str], Scalar]:
        return self._found

    def of_subject(self, name: str) -> Scalar:
        return self._found[self._root, name]


class InterpretedPlan(CompiledPlan):
    """A plan beyond what Python compiles (blocks nested too deep, say): its subjects are left to the interpreter."""

    def __init__(self, plan: Plan, root: str) -> None:
        self.plan = plan
        self.root = root
        self.source = ""

    def decide(self, facts: object, as_of: int) -> Raw:
        raise Unplain

    def decide_entity(self, root: Entity, as_of: int) -> Interpreted:
        return Interpreted(self.plan, root, as_of)


def compile_plan(plan: Plan, root: str) -> CompiledPlan:
    """Generate and compile the code of ``plan`` for subjects of kind ``root``."""
    try:
        return _compiled(plan, root)
    except (SyntaxError, RecursionError, MemoryError):  # Python's own limits: of blocks, of parentheses, of indentation
        return InterpretedPlan(plan, root)


def _compiled(plan: Plan, root: str) -> CompiledPlan:
    constants: dict[str, object] = {}
    plain, open_ = make_layout(plan, root, plain=True), make_layout(plan, root, plain=False)
    pieces = []
    for layout, suffix in ((plain, "plain"), (open_, "open")):
        pieces.append(_reader(layout, suffix, constants))
        pieces.append(_decider(layout, suffix, constants))
    source = "\n\n\n".join(pieces) + "\n"
    name = f"<plan {plan.digest[:12]} of {root}>"
    scope: dict[str, Any] = {**SCOPE, "NOT_PLAIN": NOT_PLAIN}
    scope.update(constants)
    exec(compile(source, name, "exec"), scope)
    linecache.cache[name] = (len(source), None, source.splitlines(keepends=True), name)
    return CompiledPlan(plan, root, source, plain, open_, scope)


def _reader(layout: Layout, suffix: str, constants: dict[str, object]) -> str:
    w = Writer(constants)
    names = write_reader(w, layout)
    return "\n".join([f"def read_{suffix}(facts):", *w.lines, f"    return {_tuple(names)}"])


def _decider(layout: Layout, suffix: str, constants: dict[str, object]) -> str:
    w = Writer(constants)
    names = returned_names(layout)
    if names:
        w.line(f"{_tuple(names)} = read")
    root = layout.kinds[layout.root]
    c = Context(w, layout, layout.root, None, known, possible)
    for conclusion in layout.conclusions:
        if conclusion.kind == "finding":
            counter = f"g{len(c.counters)}"
            c.counters[conclusion.key] = counter
            w.line(f"{counter} = 0" if layout.sure[conclusion.key] else f"{counter}d = {counter}p = 0")
    for name in root.settled:  # not filled where the conclusion did settle
        w.line(f"{' = '.join(root.conclusions[name])} = None")
    for kind, conclusions in _phases(layout):
        if kind == layout.root:
            for conclusion in conclusions:
                _conclude(c, conclusion)
            continue
        record = w.fresh("r")
        inner = Context(w, layout, kind, record, known, possible, {}, c.sureness, c.counters)
        with w.block(f"for {record} in {all_name(layout, kind)}:"):
            for conclusion in conclusions:
                _conclude(inner, conclusion)
    slots = [slot for names in (*root.conclusions.values(), *root.settled.values()) for slot in names]
    alls = [all_name(layout, here.kind.name) for here in layout.kinds.values() if not here.root]
    return "\n".join([f"def decide_{suffix}(read, as_of):", *w.lines, f"    return {_tuple(slots)}, {_tuple(alls)}"])


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _conclude(c: Context, conclusion: Conclusion) -> None:
    """Write the code of one conclusion of the entity at hand, into its slots and its counter."""
    w = c.writer
    here = c.layout.kinds[conclusion.on]
    slots = c.slots(here, c.record, here.conclusions[conclusion.name])
    if c.layout.sure[conclusion.key]:
        _count_known(c, conclusion, _known_value(c, conclusion, slots), "")
        return
    if conclusion.key not in c.layout.settling:
        _count_possible(c, conclusion, _possible_value(c, conclusion, slots))
        return
    settled = c.slots(here, c.record, here.settled[conclusion.name])
    with w.block("try:"):
        _count_known(c, conclusion, _known_value(c, conclusion, settled), "d")
    with w.block("except NOT_PLAIN:"):
        w.line(f"{settled[0]} = UNKNOWN")
        _count_possible(c, conclusion, _possible_value(c, conclusion, slots))


def _known_value(c: Context, conclusion: Conclusion, slots: Code) -> str:
    w = c.writer
    code = known(c, conclusion.term)
    first = w.let(code[0]) if conclusion.key in c.counters else code[0]
    if c.layout.plain and leaks(c, conclusion.term):
        first = w.let(first)
        refuse_unknown(c, first)
    w.line(f"{', '.join(slots)} = {', '.join((first, *code[1:])[: len(slots)])}")
    return first


def _possible_value(c: Context, conclusion: Conclusion, slots: Code) -> str:
    w = c.writer
    code = possible(c, conclusion.term)
    first = w.let(code[0]) if conclusion.key in c.counters else code[0]
    w.line(f"{', '.join(slots)} = {', '.join((first, *code[1:]))}")
    return first


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


def _phases(layout: Layout) -> Iterator[tuple[str, list[Conclusion]]]:
    """The conclusions in order, as few changes of kind as a greedy choice finds: each change is another loop."""
    by_key = {conclusion.key: conclusion for conclusion in layout.conclusions}
    graph: networkx.DiGraph[tuple[str, str]] = networkx.DiGraph()
    graph.add_nodes_from(by_key)
    for key, conclusion in by_key.items():
        graph.add_edges_from((read, key) for read in reads(conclusion, by_key, layout.plan.schema) if read in by_key)
    waiting = {key: graph.in_degree(key) for key in by_key}
    ready: dict[str, list[tuple[str, str]]] = {}
    for key in by_key:
        if not waiting[key]:
            ready.setdefault(key[0], []).append(key)
    while ready:
        # Parts before the subject: what the subject concludes usually counts what its parts came to.
        kind = max(ready, key=lambda name: (name != layout.root, len(ready[name])))
        found: list[Conclusion] = []
        pending = ready.pop(kind)
        while pending:
            key = pending.pop(0)
            found.append(by_key[key])
            for after in graph.successors(key):
                waiting[after] -= 1
                if not waiting[after]:
                    (pending if after[0] == kind else ready.setdefault(after[0], [])).append(after)
        yield kind, found
