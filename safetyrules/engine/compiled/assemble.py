"""Putting a compiled plan together: readers and deciders, generated, compiled and called."""

from __future__ import annotations

import linecache
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import networkx

from safetyrules.engine.compiled import runtime
from safetyrules.engine.compiled.context import Code, Context
from safetyrules.engine.compiled.decode import Raw, records_of
from safetyrules.engine.compiled.known import known
from safetyrules.engine.compiled.layout import Layout, make_layout
from safetyrules.engine.compiled.possible import possible
from safetyrules.engine.compiled.reading import all_name, returned_names, write_reader
from safetyrules.engine.compiled.runtime import Unplain
from safetyrules.engine.compiled.writer import Writer
from safetyrules.facts.entity import Entity
from safetyrules.facts.refusal import Refused
from safetyrules.language.plan import Conclusion, Plan, reads

#: What reading facts that are not plain may raise; anything else is a defect and is let through.
NOT_PLAIN = (Unplain, Refused, KeyError, TypeError, ValueError, OverflowError, AttributeError)
Function = Callable[..., Any]


class CompiledPlan:
    """A plan as generated code. ``source`` is that code, for those who want to read it."""

    def __init__(self, plan: Plan, root: str, source: str, plain: Layout, open_: Layout, functions: Mapping[str, Function]) -> None:
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
            return Raw(self.plain, self._decide_plain(self._read_plain(facts), as_of))
        except NOT_PLAIN:
            return Raw(self.open, self._decide_open(self._read_open(facts), as_of))

    def decide_entity(self, root: Entity, as_of: int) -> Raw:
        """Decide facts that are already an entity tree."""
        return Raw(self.open, self._decide_open(records_of(self.open, root), as_of))


def compile_plan(plan: Plan, root: str) -> CompiledPlan:
    """Generate and compile the code of ``plan`` for subjects of kind ``root``."""
    constants: dict[str, object] = {}
    plain, open_ = make_layout(plan, root, plain=True), make_layout(plan, root, plain=False)
    pieces = []
    for layout, suffix in ((plain, "plain"), (open_, "open")):
        pieces.append(_reader(layout, suffix, constants))
        pieces.append(_decider(layout, suffix, constants))
    source = "\n\n\n".join(pieces) + "\n"
    name = f"<plan {plan.digest[:12]} of {root}>"
    scope: dict[str, Any] = {k: v for k, v in vars(runtime).items() if not k.startswith("__")}
    scope.update(constants)
    exec(compile(source, name, "exec"), scope)  # noqa: S102 - generated from checked terms; rulesets contribute no text
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
    c = Context(w, layout, layout.root, None)
    for conclusion in layout.conclusions:
        if conclusion.kind == "finding":
            counter = f"g{len(c.counters)}"
            c.counters[conclusion.key] = counter
            w.line(f"{counter} = 0" if layout.sure[conclusion.key] else f"{counter}d = {counter}p = 0")
    for kind, conclusions in _phases(layout):
        if kind == layout.root:
            for conclusion in conclusions:
                _root_conclusion(c, conclusion)
            continue
        record = w.fresh("r")
        inner = Context(w, layout, kind, record, {}, c.sureness, c.counters)
        with w.block(f"for {record} in {all_name(layout, kind)}:"):
            for conclusion in conclusions:
                _part_conclusion(inner, conclusion)
    root = layout.kinds[layout.root]
    slots = [slot for name in root.conclusions.values() for slot in name]
    alls = [all_name(layout, here.kind.name) for here in layout.kinds.values() if not here.root]
    return "\n".join(
        [f"def decide_{suffix}(read, as_of):", *w.lines, f"    return {_tuple(slots)}, {_tuple(alls)}"]
    )


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


def _value(c: Context, conclusion: Conclusion) -> Code:
    sure = c.layout.sure[conclusion.key]
    return known(c, conclusion.term) if sure else possible(c, conclusion.term)


def _root_conclusion(c: Context, conclusion: Conclusion) -> None:
    w = c.writer
    code = _value(c, conclusion)
    slots = c.layout.kinds[conclusion.on].conclusions[conclusion.name]
    w.line(f"{', '.join(slots)} = {', '.join(code[: len(slots)])}")
    counter = c.counters.get(conclusion.key)
    if counter is None:
        return
    if c.layout.sure[conclusion.key]:
        with w.block(f"if {slots[0]}:"):
            w.line(f"{counter} = 1")
    else:
        w.line(f"{counter}d = {slots[0]} == 2; {counter}p = {slots[0]} >> 1 & 1")


def _part_conclusion(c: Context, conclusion: Conclusion) -> None:
    w = c.writer
    code = _value(c, conclusion)
    slots = c.layout.kinds[conclusion.on].conclusions[conclusion.name]
    value = w.let(code[0]) if conclusion.key in c.counters else code[0]
    for slot, part in zip(slots, (value, *code[1:]), strict=False):
        w.line(f"{c.record}[{slot}] = {part}")
    counter = c.counters.get(conclusion.key)
    if counter is None:
        return
    if c.layout.sure[conclusion.key]:
        with w.block(f"if {value}:"):
            w.line(f"{counter} += 1")
        return
    with w.block(f"if {value} & 2:"):
        with w.block(f"if {c.record}[1] < 0:"):
            w.line(f"{counter}p = INF")
        with w.block("else:"):
            w.line(f"{counter}p += 1")
            with w.block(f"if {value} == 2:"):
                w.line(f"{counter}d += 1")


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

