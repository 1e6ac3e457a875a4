"""What becomes of each mutant: killed by a case, or survived; not a law at all, or one that says the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import Literal

from safetyrules.diagnostics import Diagnostic, RulesetError
from safetyrules.language.ruleform import LinkedProgram
from safetyrules.mutation.altered import Altered, changed_rows, still_passes
from safetyrules.mutation.baseline import Baseline, Ground, PlanKey
from safetyrules.mutation.edits import Mutant
from safetyrules.mutation.equivalence import Equivalence
from safetyrules.mutation.law import Law
from safetyrules.mutation.suggestion import Suggesting, Suggestion
from safetyrules.program import Program
from safetyrules.testing.model import Case

Status = Literal["killed", "survived", "equivalent", "stillborn", "not_run"]
STATUSES: tuple[Status, ...] = ("killed", "survived", "equivalent", "stillborn", "not_run")
#: Seconds that one mutant may take; one that takes longer counts as not run.
LONGEST = 20.0


@dataclass(frozen=True)
class Fate:
    """What became of a mutant. ``killer`` is the case that noticed; ``problem`` why it is no law; ``reaching`` the
    cases that rest on what was changed, those first that rest on least beside it. Of a survivor, ``nearest`` is the
    case that should have noticed, and ``suggestion`` one that would."""

    mutant: Mutant
    status: Status
    killer: Case | None = None
    problem: Diagnostic | None = None
    reaching: tuple[Case, ...] = ()
    nearest: Case | None = None
    suggestion: Suggestion | None = None


@dataclass(frozen=True)
class Altering:
    """A mutant that is a law, beside the law: its plans for the cases, where they differ."""

    program: Program
    plans: Mapping[PlanKey, Altered]

    def reaching(self, baseline: Baseline) -> list[tuple[Ground, Altered]]:
        """The cases that it may come out otherwise for: those first that ask about what was changed, and rest on least
        beside it."""
        found = [
            (ground, altered)
            for key, altered in self.plans.items()
            for ground in baseline.by_plan.get(key, ())
            if altered.concerns(ground) or self._through_members(ground)
        ]
        return sorted(found, key=lambda each: (_asks_beside(*each), each[0].alone, len(each[0].keys)))

    def _through_members(self, ground: Ground) -> bool:
        """Can it come out otherwise for a register because it does so for a member?"""
        return any(key in self.plans and self.plans[key].touches(keys) for key, keys in ground.members)

    def touching(self, baseline: Baseline) -> list[tuple[Ground, Altered]]:
        """The cases that rest on what was changed, though it may not come out otherwise for them."""
        found = [
            (ground, altered)
            for key, altered in self.plans.items()
            for ground in baseline.by_plan.get(key, ())
            if altered.changed & ground.keys
        ]
        return sorted(found, key=lambda each: (_asks_beside(*each), each[0].alone, len(each[0].keys)))


def _asks_beside(ground: Ground, altered: Altered) -> bool:
    return all(name not in ground.asked for _, name in altered.changed)


class Mutating:
    """Runs mutants against the cases of one law."""

    def __init__(self, law: Law, baseline: Baseline) -> None:
        self.law = law
        self.baseline = baseline
        self.equivalence = Equivalence(law)
        self.suggesting = Suggesting(law.program, baseline)
        self._killed: dict[str, list[Ground]] = {}

    def fate(self, mutant: Mutant, deadline: float | None = None) -> Fate:
        """What becomes of a mutant; past ``deadline``, as `time.perf_counter` counts, nothing is run any more."""
        if deadline is not None and perf_counter() >= deadline:
            return Fate(mutant, "not_run")
        limit = perf_counter() + LONGEST
        limit = limit if deadline is None else min(limit, deadline)
        try:
            linked = self.law.with_edits(mutant.change.edits)
            altering = self.altering(linked)
        except RulesetError as error:
            return Fate(mutant, "stillborn", problem=error.diagnostics[0])
        reaching = altering.reaching(self.baseline)
        for ground, altered in self._likely_first(mutant, reaching):
            if not still_passes(altering.program, altered, ground):
                self._killed.setdefault(mutant.rule, []).insert(0, ground)
                return Fate(mutant, "killed", ground.case)
            if perf_counter() > limit:
                return Fate(mutant, "not_run")
        cases = tuple(ground.case for ground, _ in reaching)
        if self.equivalence.same(linked, limit):
            return Fate(mutant, "equivalent", reaching=cases)
        nearest = self.suggesting.nearest(mutant, [ground for ground, _ in reaching])
        suggestion = None
        if deadline is None or perf_counter() < deadline:
            touched = reaching or altering.touching(self.baseline)
            near = sorted(touched, key=lambda each: each[0] is not nearest)
            suggestion = self.suggesting.suggest(mutant, altering.program, near)
        return Fate(
            mutant, "survived", reaching=cases, nearest=nearest.case if nearest is not None else None,
            suggestion=suggestion,
        )  # fmt: skip

    def altering(self, linked: LinkedProgram) -> Altering:
        """Raises RulesetError where the mutant has no plan."""
        program = Program(linked, self.law.program.places, self.law.program.plugins)
        rows = changed_rows(self.law.linked, linked)
        plans = {}
        for key, before in self.baseline.plans.items():
            altered = Altered(before, program.plan(*key), rows, self.baseline.reads[key], self.baseline.tables[key])
            if altered.changed or any(ground.alone for ground in self.baseline.by_plan.get(key, ())):
                plans[key] = altered
        return Altering(program, plans)

    def _likely_first(
        self, mutant: Mutant, reaching: Sequence[tuple[Ground, Altered]]
    ) -> Iterator[tuple[Ground, Altered]]:
        """Cases that noticed other faults in the same rule go first."""
        noticed = {id(ground): rank for rank, ground in enumerate(self._killed.get(mutant.rule, ())[:8])}
        last = len(noticed)
        yield from sorted(reaching, key=lambda each: noticed.get(id(each[0]), last))


# ---- the score -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Count:
    """How many mutants came to what."""

    killed: int = 0
    survived: int = 0
    equivalent: int = 0
    stillborn: int = 0
    not_run: int = 0

    def plus(self, status: Status) -> Count:
        return replace(self, **{status: getattr(self, status) + 1})

    @property
    def score(self) -> float:
        """Killed of killed and survived, as a percentage; all of none."""
        of = self.killed + self.survived
        return 100.0 if not of else 100.0 * self.killed / of

    @property
    def surely(self) -> float:
        """The score where all that was not run would survive."""
        of = self.killed + self.survived + self.not_run
        return 100.0 if not of else 100.0 * self.killed / of


def counted(fates: Sequence[Fate], ruleset: str | None = None) -> Count:
    count = Count()
    for fate in fates:
        if ruleset in (None, fate.mutant.ruleset):
            count = count.plus(fate.status)
    return count
