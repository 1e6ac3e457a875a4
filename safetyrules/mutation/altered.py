"""A plan beside the same plan under another law: what differs, and whether a case still passes there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cached_property

from safetyrules.computed import Finished
from safetyrules.engine.reference import Place, Reference
from safetyrules.language.order import Conclusion, Key, reads
from safetyrules.language.plan import Plan
from safetyrules.language.ruleform import Cell, LinkedProgram, LookupTable
from safetyrules.mutation.baseline import Ground
from safetyrules.program import Program
from safetyrules.result import Assessment
from safetyrules.testing.asked import names_asked, part_of
from safetyrules.testing.expectations import Answered
from safetyrules.testing.running import Runner

#: Table → the keys whose rows are not the same.
Rows = Mapping[str, frozenset[tuple[Cell, ...]]]


def changed_rows(before: LinkedProgram, after: LinkedProgram) -> Rows:
    """The rows of lookup tables that two laws do not have alike."""
    found: dict[str, frozenset[tuple[Cell, ...]]] = {}
    for name, one in before.tables.items():
        two = after.tables[name]
        if one.rows != two.rows:
            found[name] = frozenset(_different(one, two))
    return found


def _different(one: LookupTable, two: LookupTable) -> Iterator[tuple[Cell, ...]]:
    for key in one.index.keys() | two.index.keys():
        if one.index.get(key) != two.index.get(key):
            yield key


class Altered:
    """``changed`` are the conclusions that the plan says something else of after the change than ``before`` it;
    ``affected`` those and all that rest on them."""

    def __init__(
        self,
        before: Plan,
        after: Plan,
        rows: Rows,
        reads_before: Mapping[Key, set[Key]],
        tables: Mapping[Key, frozenset[str]],
    ) -> None:
        """``tables`` are those that each conclusion looks up in before the change, ``rows`` those that it changes."""
        self.before = before
        self.after = after
        self.rows = rows
        self.same_keys = before.by_key.keys() == after.by_key.keys()
        looking = (key for key, read in tables.items() if not read.isdisjoint(rows))
        self.changed = frozenset((*_changed(before, after), *looking))
        self._reads_before = reads_before

    def only_terms(self, key: Key) -> bool:
        """Do the two plans differ in how a conclusion comes about, and in nothing else of it?"""
        one, two = self.before.by_key[key], self.after.by_key[key]
        return _about(one) == _about(two) and _cited(self.before, one) == _cited(self.after, two)

    @cached_property
    def reads(self) -> Mapping[Key, set[Key]]:
        """What each conclusion needs first, before the change or after it."""
        before = self._reads_before
        if self.same_keys and all(_counted(self.before, key) == _counted(self.after, key) for key in self.changed):
            again = [self.after.by_key[key] for key in self.changed]
            found = dict(before)
        else:  # who counts a conclusion may have changed with it
            again = list(self.after.conclusions)
            found = {each.key: before.get(each.key, set()) for each in again}
        for each in again:
            found[each.key] = found[each.key] | reads(each, self.after.by_key, self.after.schema)
        return found

    @cached_property
    def affected(self) -> tuple[Conclusion, ...]:
        """In the order of the plan."""
        keys = set(self.changed)
        found = []
        for each in self.after.conclusions:
            if each.key in keys or not keys.isdisjoint(self.reads[each.key]):
                keys.add(each.key)
                found.append(each)
        return tuple(found)

    def concerns(self, ground: Ground) -> bool:
        """Can it come out otherwise for a case? Of a register, as far as its own plan goes."""
        mine = self.changed & ground.keys
        if ground.alone:
            return bool(mine) or not self.same_keys or self._notices_differ
        if not self.same_keys:
            return True
        if not mine:
            return False
        if self.rows and not any(self._written_otherwise(key) for key in mine):
            return any(self._looked_up(ground, table) for table in self.rows)
        return True

    @cached_property
    def _notices_differ(self) -> bool:
        return [each.code for each in self.before.notices] != [each.code for each in self.after.notices]

    def touches(self, keys: frozenset[Key]) -> bool:
        """Is any of these conclusions said otherwise, or not there?"""
        return not self.same_keys or not self.changed.isdisjoint(keys)

    def _written_otherwise(self, key: Key) -> bool:
        return not _same(self.before.by_key[key], self.after.by_key[key])

    def _looked_up(self, ground: Ground, table: str) -> bool:
        keys = ground.looked_up.get(table, frozenset())
        return keys is None or not keys.isdisjoint(self.rows[table])

    def keys_for(self, program: Program, ground: Ground) -> frozenset[Key]:
        """What the case rests on now; more does no harm."""
        mine = self.changed & ground.keys
        if self.same_keys and all(self.reads[key] <= ground.keys for key in mine):
            return ground.keys
        part = part_of(self.after, names_asked(program, self.after, ground.case))
        return frozenset(conclusion.key for conclusion in part.conclusions)


def _changed(before: Plan, after: Plan) -> Iterator[Key]:
    yield from before.by_key.keys() ^ after.by_key.keys()
    for key, one in before.by_key.items():
        two = after.by_key.get(key)
        if two is not None and (not _same(one, two) or _cited(before, one) != _cited(after, two)):
            yield key


def _same(one: Conclusion, two: Conclusion) -> bool:
    """Do they say the same? Where it is written does not count."""
    return _about(one) == _about(two) and one.term == two.term


def _about(one: Conclusion) -> tuple[object, ...]:
    return one.kind, one.sector, one.severity, one.binds, one.clause, one.counted_as, one.rules, one.type


def _counted(plan: Plan, key: Key) -> object:
    """What decides whether other conclusions count this one."""
    one = plan.by_key[key]
    return one.kind, one.sector, one.severity, one.binds


def _cited(plan: Plan, conclusion: Conclusion) -> list[tuple[str, ...]]:
    return [plan.rules[rule].clauses for rule in conclusion.rules]


# ---- running a case again --------------------------------------------------------------------------------------------


class Again(Reference):
    """A case once more, computing only what may differ. ``differs`` says whether anything that it rests on did."""

    def __init__(self, altered: Altered, ground: Ground, keys: frozenset[Key]) -> None:
        super().__init__(altered.after, ground.entity, ground.request.as_of)
        self._altered = altered
        self._ground = ground
        self._before = ground.values
        self._keys = keys
        self.differs = False

    def recomputed(self) -> Again:
        altered, keys = self._altered, self._keys
        self.values = dict(self._before)
        if not altered.same_keys:
            self._forget(altered.before.by_key.keys() - altered.after.by_key.keys())
        dirty = set(altered.changed)
        computed = self._ground.keys
        for conclusion in altered.affected if keys == computed else altered.after.conclusions:
            key = conclusion.key
            if key not in keys or (key in computed and key not in dirty and dirty.isdisjoint(altered.reads[key])):
                continue
            for entity in self.entities.get(conclusion.on, ()):
                place = (entity.path, conclusion.name)
                value = self.values[place] = self.evaluate(conclusion.term, Place(entity))
                if self._before.get(place) != value:
                    self.differs = True
                    dirty.add(key)
        return self

    def _forget(self, gone: set[Key]) -> None:
        kinds = {entity.path: kind for kind, entities in self.entities.items() for entity in entities}
        for path, name in self._before:
            if (kinds[path], name) in gone:
                del self.values[path, name]
                self.differs = True


def still_passes(program: Program, altered: Altered, ground: Ground) -> bool:
    """Does a case pass under another law? ``program`` is that law."""
    if ground.alone or ground.reasons_expected:
        return Runner(program, engine="reference", columns=False).run([ground.case]).results[0].passed
    keys = altered.keys_for(program, ground)
    again = Again(altered, ground, keys).recomputed()
    if not again.differs and not ground.severity_expected:
        return True
    part = replace(altered.after, conclusions=tuple(each for each in altered.after.conclusions if each.key in keys))
    request = ground.request._replace(engine="reference")
    computed = Finished(part, request.subject, again.outcomes())
    answer = Answered(Assessment(program, part, ground.case.facts, request, computed))
    return all(answer.mismatch(each) is None for each in ground.case.expectations)
