"""Putting a compiled plan together: readers and deciders, generated and compiled."""

from __future__ import annotations

from collections.abc import Iterator

import networkx

from safetyrules.diagnostics import Severity, diagnostic
from safetyrules.engine.compiled.compiled_plan import NOT_PLAIN as NOT_PLAIN
from safetyrules.engine.compiled.compiled_plan import CompiledPlan, Generated, InterpretedPlan
from safetyrules.engine.compiled.concluding import conclude
from safetyrules.engine.compiled.context import Context
from safetyrules.engine.compiled.known import known
from safetyrules.engine.compiled.layout import Layout, make_layout
from safetyrules.engine.compiled.possible import possible
from safetyrules.engine.compiled.reading import all_name, returned_names, write_reader
from safetyrules.engine.compiled.writer import Writer
from safetyrules.language import terms as t
from safetyrules.language.plan import Conclusion, Plan, reads
from safetyrules.language.term_trees import walk
from safetyrules.text import Text, same

#: Raise what is wrong with generated code instead of answering without it. The tests do: there it is a failure.
raise_defects = False
#: How Python words its own limits where it reports them as errors of syntax.
_LIMITS = ("too many statically nested blocks", "too many nested parentheses", "too many levels of indentation")


class DefectError(RuntimeError):
    """The code generated for a plan is not Python: a mistake of ours, never of a rule's author."""


def compile_plan(plan: Plan, root: str, *, known: bool = True) -> CompiledPlan:
    """The code of ``plan`` for subjects of kind ``root``, ready to be called. ``known`` is False where nobody will
    bring facts that are all known: code for them would be written in vain.

    Where there is none, the interpreter answers, and every answer says so: a law beyond what Python compiles is
    answered late (SR2008); code that is not Python is a defect (SR2009), which must not cost an answer either.
    """
    try:
        return CompiledPlan(plan, generate(plan, root, known))
    except (RecursionError, MemoryError) as error:
        return _interpreted(plan, root, same(type(error).__name__))
    except SyntaxError as error:
        if any(words in str(error.msg) for words in _LIMITS):
            return _interpreted(plan, root, same(str(error.msg)))
        if raise_defects:
            raise DefectError(f"{error.msg} in the code of {plan.digest[:12]}: {error.text}") from error
        notice = diagnostic("SR2009", severity=Severity.WARNING, reason=same(str(error.msg)), fix=_REPORT)
        return InterpretedPlan(plan, root, notice)


_REPORT = Text("请把规则与此消息报给开发者", "report this message to the developers, with the rules")


def _interpreted(plan: Plan, root: str, reason: Text) -> InterpretedPlan:
    return InterpretedPlan(plan, root, diagnostic("SR2008", severity=Severity.NOTE, reason=reason))


def generate(plan: Plan, root: str, known: bool = True) -> Generated:
    """Write and compile the code. Raises SyntaxError, RecursionError or MemoryError where Python refuses it."""
    constants: dict[str, object] = {}
    plain, open_ = make_layout(plan, root, plain=True), make_layout(plan, root, plain=False)
    first = _plain(plain, constants) if known else _NEVER_PLAIN
    source = "\n\n\n".join([first, _reader(open_, constants), _decider(open_, constants)]) + "\n"
    # Not quite in angle brackets: of such names `linecache` asks no source.
    code = compile(source, f"<plan {plan.digest[:12]} of {root}>.py", "exec")
    return Generated(root, source, code, plain, open_, constants)


#: In the place of the function for known facts where there is none: it gives up, and the other decides.
_NEVER_PLAIN = "def decide_plain(facts, as_of):\n    raise Unplain"


def _plain(layout: Layout, constants: dict[str, object]) -> str:
    """The function for known facts, which reads and decides in one."""
    w = Writer(constants)
    write_reader(w, layout)
    _decisions(w, layout)
    return "\n".join(["def decide_plain(facts, as_of):", *w.lines])


def _reader(layout: Layout, constants: dict[str, object]) -> str:
    w = Writer(constants)
    names = write_reader(w, layout)
    return "\n".join(["def read_open(facts):", *w.lines, f"    return {_tuple(names)}"])


def _decider(layout: Layout, constants: dict[str, object]) -> str:
    """The function for facts in any form, read before: entities come without having been read."""
    w = Writer(constants)
    names = returned_names(layout)
    if names:
        w.line(f"{_tuple(names)} = read")
    _decisions(w, layout)
    return "\n".join(["def decide_open(read, as_of):", *w.lines])


def _decisions(w: Writer, layout: Layout) -> None:
    """All conclusions, from what was read; returns the subject's and the records of its parts."""
    root = layout.kinds[layout.root]
    c = Context(w, layout, layout.root, None, known, possible)
    for conclusion in layout.conclusions:
        if conclusion.kind == "finding":
            counter = f"g{len(c.counters)}"
            c.counters[conclusion.key] = counter
            w.line(f"{counter} = 0" if layout.counts(conclusion) else f"{counter}d = {counter}p = 0")
    for name in root.settled:  # not filled where the conclusion did settle
        w.line(f"{' = '.join(root.conclusions[name])} = None")
    for kind, conclusions in _phases(layout):
        if kind == layout.root:
            for conclusion in conclusions:
                conclude(c, conclusion)
            continue
        record = w.fresh("r")
        inner = Context(w, layout, kind, record, known, possible, {}, c.sureness, c.counters)
        with w.block(f"for {record} in {all_name(layout, kind)}:"):
            for conclusion in conclusions:
                conclude(inner, conclusion)
    slots = [slot for names in (*root.conclusions.values(), *root.settled.values()) for slot in names]
    alls = [all_name(layout, here.kind.name) for here in layout.kinds.values() if not here.root]
    w.line(f"return {_tuple(slots)}, {_tuple(alls)}")


def _tuple(names: list[str]) -> str:
    return f"({', '.join(names)}{',' if len(names) == 1 else ''})"


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
                    here = {conclusion.key for conclusion in found}.union(pending)
                    together = after[0] == kind and here.isdisjoint(_of_others(by_key[after], layout))
                    (pending if together else ready.setdefault(after[0], [])).append(after)
        yield kind, found


def _of_others(conclusion: Conclusion, layout: Layout) -> set[tuple[str, str]]:
    """What a conclusion of a part reads of other parts too, so that it has to wait until all of them came to it."""
    found: set[tuple[str, str]] = set()
    if conclusion.on == layout.root:
        return found
    for term in walk(conclusion.term):
        if isinstance(term, t.FindingCount):
            found.update(counted.key for counted in layout.plan.findings.get(term.sector, ()))
        elif isinstance(term, t.ConclusionValue) and isinstance(term.entity, t.Variable):
            found.add((term.entity.kind, term.conclusion))
    return found
