"""A plan as generated code, ready to be called: what `assemble` makes, or the cache gives back.

Apart from `assemble` so that a plan from the cache needs none of the modules that write code.
"""

from __future__ import annotations

import linecache
from collections import OrderedDict
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from threading import Lock
from types import CodeType
from typing import Any

from safetyrules.computed import Finished
from safetyrules.diagnostics import Diagnostic
from safetyrules.engine.compiled.decode import Raw, records_of
from safetyrules.engine.compiled.known_values import Unplain
from safetyrules.engine.compiled.layout import Layout
from safetyrules.engine.compiled.runtime import SCOPE
from safetyrules.engine.compiled.writer import Made
from safetyrules.facts.entity import Entity
from safetyrules.facts.refusal import Refused
from safetyrules.language.plan import Plan

#: What reading facts that are not plain may raise; anything else is a defect and is let through.
NOT_PLAIN = (Unplain, Refused, KeyError, TypeError, ValueError, OverflowError, AttributeError)
#: Generated sources that Python is told of, so that a traceback shows their lines.
SOURCES_SHOWN = 32


@dataclass(frozen=True)
class Generated:
    """The code of a plan for one kind of subject, compiled and not yet run; ``constants`` are its globals."""

    root: str
    source: str
    code: CodeType
    plain: Layout
    open: Layout
    constants: Mapping[str, object]


class CompiledPlan:
    """A plan as generated code. ``source`` is that code, for those who want to read it."""

    #: What an answer of this plan must say beside.
    notices: tuple[Diagnostic, ...] = ()

    def __init__(self, plan: Plan, generated: Generated) -> None:
        self.plan = plan
        self.generated: Generated | None = generated
        self.root = generated.root
        self.source = generated.source
        self.plain = generated.plain
        self.open = generated.open
        functions: dict[str, Any] = {**SCOPE, "NOT_PLAIN": NOT_PLAIN}
        functions.update(
            (name, value.make() if isinstance(value, Made) else value) for name, value in generated.constants.items()
        )
        exec(generated.code, functions)
        _shown.show(generated.code.co_filename, generated.source)
        self._decide_plain: Callable[..., Any] = functions["decide_plain"]
        self._read_open: Callable[..., Any] = functions["read_open"]
        self._decide_open: Callable[..., Any] = functions["decide_open"]

    def decide(self, facts: object, as_of: int) -> Raw:
        """Decide raw facts; ``as_of`` is a day number. Raises one of `NOT_PLAIN` where the facts are not plain good
        input: the caller then asks the input models what they are."""
        try:
            return Raw(self.plain, self._decide_plain(facts, as_of))
        except NOT_PLAIN:
            return self.decide_open(facts, as_of)

    def decide_plain(self, facts: object, as_of: int) -> Raw:
        """Decide facts that are all known; raises one of `NOT_PLAIN` where they are not, or leave something open."""
        return Raw(self.plain, self._decide_plain(facts, as_of))

    def decide_open(self, facts: object, as_of: int) -> Raw:
        """Decide facts in any form."""
        return Raw(self.open, self._decide_open(self._read_open(facts), as_of))

    def decide_entity(self, root: Entity, as_of: int) -> Raw | Interpreted:
        """Decide facts that are already an entity tree."""
        try:
            return Raw(self.open, self._decide_open(records_of(self.open, root), as_of))
        except OverflowError:  # a number too large for a float met an infinite bound
            return Interpreted(self.plan, root, as_of)


class Interpreted(Finished):
    """What the reference interpreter computed, where generated code could not."""

    def __init__(self, plan: Plan, root: Entity, as_of: int) -> None:
        from safetyrules.engine.reference import Reference

        super().__init__(plan, root.path, Reference(plan, root, date.fromordinal(as_of)).run().outcomes())


class InterpretedPlan(CompiledPlan):
    """A plan that has no code: its subjects are left to the interpreter, and ``notice`` says why in every answer."""

    def __init__(self, plan: Plan, root: str, notice: Diagnostic) -> None:
        self.plan = plan
        self.generated = None
        self.root = root
        self.source = ""
        self.notices = (notice,)

    def decide(self, facts: object, as_of: int) -> Raw:
        raise Unplain

    def decide_entity(self, root: Entity, as_of: int) -> Interpreted:
        return Interpreted(self.plan, root, as_of)


class _ShownSources:
    """The generated sources that `linecache` knows, no more than `SOURCES_SHOWN`; split into lines when asked for."""

    def __init__(self) -> None:
        self._names: OrderedDict[str, None] = OrderedDict()
        self._lock = Lock()

    def show(self, name: str, source: str) -> None:
        with self._lock:
            linecache.cache[name] = (lambda: source,)
            self._names[name] = None
            self._names.move_to_end(name)
            while len(self._names) > SOURCES_SHOWN:
                oldest, _ = self._names.popitem(last=False)
                with suppress(KeyError):
                    del linecache.cache[oldest]


_shown = _ShownSources()
