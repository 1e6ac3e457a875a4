"""What register is asked for: how many subjects, of which region, how much is unknown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date

from safetyrules.diagnostics import Diagnostic, RequestError, diagnostic, did_you_mean
from safetyrules.program import Program
from safetyrules.register.demo_codes import MOST_ROWS
from safetyrules.text import Text, same

SHENYANG = "210100"
PRESENT = 0.2
#: Mean number of members where there may be any: of the subject itself, of its parts, and of scalars.
PARTS, PARTS_OF_PARTS, VALUES = 3.0, 2.0, 1.0
MOST_PARTS = 1000.0
LATEST_SEED = 2**63 - 1


@dataclass(frozen=True)
class DemoRequest:
    """``missing``: the share of facts that are unknown; ``open_lists``: of lists that may have more members;
    ``boundary``: of numbers and dates on, or one step beside, a bound that a rule names; ``not_applicable``: of facts
    that may not apply. ``present``: the share of subjects with a sector's hazard, by sector; ``parts``: the mean length
    of lists, by the kind of part. ``law_at`` (default: the day the latest instrument took effect) picks the rules whose
    bounds are used and is the day that the facts describe."""

    rows: int
    seed: int = 0
    missing: float = 0.1
    boundary: float = 0.05
    open_lists: float = 0.05
    not_applicable: float = 0.15
    present: Mapping[str, float] = field(default_factory=dict)
    parts: Mapping[str, float] = field(default_factory=dict)
    law_at: date | None = None
    place: str = SHENYANG
    subject: str | None = None

    def mean_parts(self, kind: str, *, of_the_subject: bool) -> float:
        return self.parts.get(kind, PARTS if of_the_subject else PARTS_OF_PARTS)

    def day(self, program: Program) -> date:
        if self.law_at is not None:
            return self.law_at
        first = (instrument.in_force.first for instrument in program.linked.instruments.values())
        return max((day for day in first if day is not None), default=date(2024, 1, 1))

    def root(self, program: Program) -> str:
        roots = program.schema.roots
        if self.subject is None and roots:
            return roots[0]
        if self.subject is None or self.subject not in roots:
            fix, found = did_you_mean(str(self.subject), roots), self.subject
            raise RequestError(
                [diagnostic("SR2106", name=found, found=found, expected=same(" / ".join(roots)), fix=fix)]
            )
        return self.subject

    def checked(self, program: Program) -> DemoRequest:
        """The same request. Raises RequestError with everything that is wrong with it."""
        schema = program.schema
        problems: list[Diagnostic] = []
        for option, number, least, most in (
            ("rows", self.rows, 0, MOST_ROWS),
            ("seed", self.seed, 0, LATEST_SEED),
            ("missing", self.missing, 0, 1),
            ("boundary", self.boundary, 0, 1),
            ("open_lists", self.open_lists, 0, 1),
            ("not_applicable", self.not_applicable, 0, 1),
            *((f"present {name}", rate, 0, 1) for name, rate in self.present.items()),
            *((f"parts {name}", mean, 0, MOST_PARTS) for name, mean in self.parts.items()),
        ):
            if not least <= number <= most:
                expected = Text(f"{least} 至 {most:g}", f"from {least} to {most:g}")
                problems.append(diagnostic("SR2105", option=option, found=number, expected=expected))
        for name in self.present:
            if name not in schema.sectors:
                problems.append(diagnostic("SR2107", name=name, found=name, fix=did_you_mean(name, schema.sectors)))
        listed = [kind.name for kind in schema.kinds.values() if not kind.root]
        for name in self.parts:
            if name not in listed:
                expected, fix = same(" / ".join(listed)), did_you_mean(name, listed)
                problems.append(diagnostic("SR0412", name=name, found=name, expected=expected, fix=fix))
        if problems:
            raise RequestError(problems)
        self.root(program)
        return self
