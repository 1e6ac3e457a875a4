"""What becomes of each mutant: killed by a case, or survived; not a law at all, or one that says the same."""

from __future__ import annotations

from collections.abc import Sequence
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
#: As many cases that noticed faults in a rule are asked first about the next one there.
MOST_REMEMBERED = 8


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


class Altering:
    """A mutant that is a law, beside the law. Its plans are made as they are asked for: most mutants fall to the first
    cases of the first plan."""

    def __init__(self, law: Law, linked: LinkedProgram, baseline: Baseline) -> None:
        self.program = Program(linked, law.program.places, law.program.plugins)
        self.baseline = baseline
        self._rows = changed_rows(law.linked, linked)
        self._plans: dict[PlanKey, Altered] = {}

    def plan(self, key: PlanKey) -> Altered:
        """What is altered in one plan. Raises RulesetError where the mutant has none."""
        found = self._plans.get(key)
        if found is None:
            before, reads = self.baseline.plans[key], self.baseline.reads[key]
            found = Altered(before, self.program.plan(*key), self._rows, reads, self.baseline.tables[key])
            self._plans[key] = found
        return found

    def reaching(self, key: PlanKey) -> list[tuple[Ground, Altered]]:
        """The cases under one plan that it may come out otherwise for: those first that ask about what was changed, and
        rest on least beside it."""
        altered = self.plan(key)
        return sorted(
            (
                (ground, altered)
                for ground in self.baseline.by_plan[key]
                if altered.concerns(ground) or self._through_members(ground)
            ),
            key=_specific,
        )

    def _through_members(self, ground: Ground) -> bool:
        """Can it come out otherwise for a register because it does so for a member?"""
        return any(self.plan(key).touches(keys) for key, keys in ground.members)

    def touching(self) -> list[tuple[Ground, Altered]]:
        """The cases that rest on what was changed, though it may not come out otherwise for them."""
        found = [
            (ground, self.plan(key))
            for key, grounds in self.baseline.by_plan.items()
            for ground in grounds
            if self.plan(key).changed & ground.keys
        ]
        return sorted(found, key=_specific)


def _specific(each: tuple[Ground, Altered]) -> tuple[bool, bool, int]:
    return _asks_beside(*each), each[0].alone, len(each[0].keys)


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
        reaching: list[tuple[Ground, Altered]] = []
        try:
            linked = self.law.with_edits(mutant.change.edits)
            altering = Altering(self.law, linked, self.baseline)
            noticed = self._killed.get(mutant.rule, ())[:MOST_REMEMBERED]
            for key in dict.fromkeys((*(ground.plan_key for ground in noticed), *self.baseline.by_plan)):
                reached = altering.reaching(key)
                reaching.extend(reached)
                for ground, altered in _likely_first(reached, noticed):
                    if not still_passes(altering.program, altered, ground):
                        self._killed.setdefault(mutant.rule, []).insert(0, ground)
                        return Fate(mutant, "killed", ground.case)
                    if perf_counter() > limit:
                        return Fate(mutant, "not_run")
        except RulesetError as error:
            return Fate(mutant, "stillborn", problem=error.diagnostics[0])
        reaching.sort(key=_specific)
        cases = tuple(ground.case for ground, _ in reaching)
        if self.equivalence.same(linked, limit):
            return Fate(mutant, "equivalent", reaching=cases)
        nearest = self.suggesting.nearest(mutant, [ground for ground, _ in reaching])
        suggestion = None
        if deadline is None or perf_counter() < deadline:
            touched = reaching or altering.touching()
            near = sorted(touched, key=lambda each: each[0] is not nearest)
            suggestion = self.suggesting.suggest(mutant, altering.program, near)
        return Fate(
            mutant, "survived", reaching=cases, nearest=nearest.case if nearest is not None else None,
            suggestion=suggestion,
        )  # fmt: skip


def _likely_first(reached: Sequence[tuple[Ground, Altered]], noticed: Sequence[Ground]) -> list[tuple[Ground, Altered]]:
    """Cases that noticed other faults in the same rule go first."""
    ranks = {id(ground): rank for rank, ground in enumerate(noticed)}
    return sorted(reached, key=lambda each: ranks.get(id(each[0]), len(ranks)))


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
