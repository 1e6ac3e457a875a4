"""The compiled code by which the cases of a file are decided: made once, and kept in the cache for the file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from safetyrules.engine.compiled.compiled_plan import CompiledPlan
from safetyrules.language.plan import Plan
from safetyrules.program import Program
from safetyrules.testing.asked import Part

if TYPE_CHECKING:
    from safetyrules.cache.kept import KeptParts


class CodeOfFiles:
    """Code of one program, for as long as this lives."""

    def __init__(self, program: Program) -> None:
        self._program = program
        self._code: dict[tuple[int, str, bool], CompiledPlan] = {}
        self._kept: dict[str, KeptParts | None] = {}

    def of(self, file: str, part: Part, subject: str, known: bool) -> CompiledPlan:
        """The code of a part for a root kind; with ``known`` it may expect that all facts are given."""
        key = part.number, subject, known
        found = self._code.get(key)
        if found is None:
            found = self._code[key] = self._new(file, part.plan, subject, known)
        return found

    def write(self) -> None:
        """Keeps in the cache what was made."""
        for kept in self._kept.values():
            if kept is not None:
                kept.write()

    def _new(self, file: str, plan: Plan, subject: str, known: bool) -> CompiledPlan:
        if file not in self._kept:
            self._kept[file] = self._program.kept_parts(file)
        kept = self._kept[file]
        generated = kept.code(plan, subject, known) if kept is not None else None
        if generated is not None:
            return CompiledPlan(plan, generated)
        from safetyrules.engine.compiled.assemble import compile_plan

        made = compile_plan(plan, subject, known=known)
        if kept is not None and made.generated is not None:
            kept.keep(made.generated, plan, known)
        return made
