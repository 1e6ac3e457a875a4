"""Is a mutant another law at all? Its plans are compared with those of the law as it is, on every day and in every
place where something changes; where conclusions differ in what they say, `safetyrules.mutation.sameness` may prove that
they come to the same, and where numbers of lookup tables differ, `safetyrules.mutation.cells`."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from time import perf_counter

from safetyrules.diagnostics import SafetyRulesError
from safetyrules.engine import algebra
from safetyrules.engine.reference import Reference
from safetyrules.language import terms as t
from safetyrules.language.order import Key, reads
from safetyrules.language.plan import Plan, jurisdictions, make_plan, overlays_in_force, select_rules
from safetyrules.language.plan_checks import days_of_change
from safetyrules.language.ruleform import LinkedProgram, LookupTable
from safetyrules.language.term_trees import walk
from safetyrules.mutation.altered import Altered, changed_rows
from safetyrules.mutation.cells import Moved, Uses, moved
from safetyrules.mutation.law import Law
from safetyrules.mutation.making import lookups_of
from safetyrules.mutation.sameness import Possible, same_outcome
from safetyrules.values import Scalar


@dataclass(frozen=True)
class _Asked:
    """Of what a plan is made."""

    day: date
    place: str
    register: str | None


class Equivalence:
    """Proves that laws say the same as one law does."""

    def __init__(self, law: Law) -> None:
        self.program = law.program
        self.linked = law.linked
        self.places = law.program.places
        self._plans: dict[_Asked, Plan] = {}
        self._possible: dict[str, Possible] = {}
        self._uses: dict[str, Uses] = {}

    def same(self, other: LinkedProgram, limit: float = float("inf")) -> bool:
        """Is it proved that no facts are answered otherwise? ``limit`` is when to give up."""
        numbers = self._moved(other)
        if numbers is None:
            return False
        proved: set[tuple[object, object]] = set()
        for asked in self._asked(other):
            if perf_counter() > limit:
                return False
            before = self._plan(asked)
            after = make_plan(other, self.places, asked.day, asked.place, register=asked.register)
            if [each.code for each in before.notices] != [each.code for each in after.notices]:
                return False
            altered = Altered(before, after, {}, {}, {})
            if not altered.same_keys or (numbers and altered.changed):
                return False
            if not all(self._uses_in(before).same(each, self._possible_in(asked, before)) for each in numbers):
                return False
            for key in altered.changed:
                one, two = before.by_key[key], after.by_key[key]
                if not altered.only_terms(key):
                    return False
                if (one.term, two.term) in proved:
                    continue
                if not same_outcome(one.term, two.term, self._possible_in(asked, before), limit):
                    return False
                proved.add((one.term, two.term))
        return True

    def _moved(self, other: LinkedProgram) -> list[Moved] | None:
        """The numbers of lookup tables that are others now; None where a row says more otherwise than that."""
        found: list[Moved] = []
        for name, keys in changed_rows(self.linked, other).items():
            table, columns = self.linked.tables[name], self._columns.get(name, ())
            places = [table.place(column) for column in columns]
            for key in keys:
                one, two = (_cells(each, key, places) for each in (table, other.tables[name]))
                numbers = [] if one == two else moved(table, other.tables[name], key, columns)
                if numbers is None:
                    return None
                found.extend(numbers)
        return found

    @cached_property
    def _columns(self) -> dict[str, set[str]]:
        found: dict[str, set[str]] = {}
        for rule in self.linked.rules.values():
            for lookup in lookups_of(rule):
                found.setdefault(lookup.table, set()).add(lookup.column)
        return found

    # ---- plans -------------------------------------------------------------------------------------------------------

    def _asked(self, other: LinkedProgram) -> Iterator[_Asked]:
        """A day and place of every choice of rules and overlays that either law can have in force."""
        seen: set[object] = set()
        sectors = tuple(self.linked.schema.sectors)
        registers = (None, *sorted(self.program.registers))
        for day in sorted({*days_of_change(self.linked), *days_of_change(other)}):
            for place in jurisdictions(self.linked):
                chosen = tuple(
                    (
                        frozenset(select_rules(linked, self.places, day, place, sectors)),
                        tuple(each.span for each in overlays_in_force(linked, self.places, day, place)),
                    )
                    for linked in (self.linked, other)
                )
                if chosen not in seen:
                    seen.add(chosen)
                    yield from (_Asked(day, place, register) for register in registers)

    def _uses_in(self, plan: Plan) -> Uses:
        found = self._uses.get(plan.digest)
        if found is None:
            found = self._uses[plan.digest] = Uses(plan)
        return found

    def _plan(self, asked: _Asked) -> Plan:
        found = self._plans.get(asked)
        if found is None:
            found = make_plan(self.linked, self.places, asked.day, asked.place, register=asked.register)
            self._plans[asked] = found
        return found

    # ---- what is possible at all -------------------------------------------------------------------------------------

    def _possible_in(self, asked: _Asked, plan: Plan) -> Possible:
        """What is possible of conclusions when nothing at all is known, and so always; nothing is said of those that
        depend on the day, or of registers."""
        if asked.register is not None:
            return Possible()
        found = self._possible.get(plan.digest)
        if found is None:
            findings = {
                sector: tuple((each.severity, each.counted_as) for each in conclusions)
                for sector, conclusions in plan.findings.items()
            }
            found = self._possible[plan.digest] = Possible(self._computed(plan), findings)
        return found

    def _computed(self, plan: Plan) -> dict[Key, Scalar]:
        dated = _dated(plan)
        found: dict[Key, Scalar] = {}
        for kind in plan.schema.roots:
            if kind in self.program.registers:
                continue
            try:
                _, request, _ = self.program.asked({}, as_of=plan.law_at, subject=kind)
                entity = self.program.entity({}, request)
            except SafetyRulesError:
                return {}
            run = Reference(plan, entity, plan.law_at).run()
            kinds = {each.path: each.kind for each in entity.walk()}
            for (path, name), value in run.values.items():
                key = (kinds[path], name)
                if key not in dated:
                    found[key] = algebra.join(found[key], value) if key in found else value
        return found


def _dated(plan: Plan) -> set[Key]:
    """The conclusions that depend on the day the facts describe."""
    found: set[Key] = set()
    for each in plan.conclusions:
        own = any(isinstance(term, t.AsOf) for term in walk(each.term))
        if own or not found.isdisjoint(reads(each, plan.by_key, plan.schema)):
            found.add(each.key)
    return found


def _cells(table: LookupTable, key: tuple[object, ...], columns: list[int]) -> object:
    """What a lookup finds in a row; a row that says nothing is as none, where that means that nothing applies."""
    row = table.index.get(key)  # type: ignore[arg-type]
    if row is not None:
        cells = [row[place] for place in columns]
        silent = table.absent_key == "not_applicable" and all(cell is None for cell in cells)
        return None if silent else cells
    return None if table.absent_key == "not_applicable" else "unknown"
