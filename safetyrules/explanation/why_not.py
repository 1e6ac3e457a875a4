"""Why an outcome is not, or not proven, a given level: for each way to reach it, the fewest conditions in between.

A way is a path through the rules that would give the level: a row of a table with the rows before it out of the way, an
exception, one of several writers. Of each way the smallest set of conditions is kept that do not stand as it needs
them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.engine import algebra
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import NO_VALUE, either, plain
from safetyrules.explanation.evaluate import Spot
from safetyrules.explanation.steps import Steps
from safetyrules.explanation.trace import Node, Replay
from safetyrules.explanation.why import named
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t
from safetyrules.text import Language, Text
from safetyrules.values import FALSE, NOTHING, TRUE, Finite, Outcome

if TYPE_CHECKING:
    from safetyrules.result import Assessment

#: At most so many ways are kept, those with the fewest obstacles.
WAYS = 12
Standing = Literal["proven", "possible", "excluded"]
_FINDING_LEVELS: dict[str, Outcome] = {"found": True, "not_found": False, "not_applicable": NOTHING}
_BOOLEAN_LEVELS: dict[str, Outcome] = {"true": True, "false": False}


@dataclass(frozen=True, slots=True)
class Obstacle:
    """A condition that would have to be ``want`` and is not, or is not known to be."""

    step: r.Step
    words: Text
    want: bool
    unknown: bool


@dataclass(frozen=True, slots=True)
class Way:
    """One way to the level, by what; ``blocked`` where a condition surely stands against it."""

    by: Text
    obstacles: tuple[Obstacle, ...]

    @property
    def blocked(self) -> bool:
        return any(not each.unknown for each in self.obstacles)


@dataclass(frozen=True)
class WhyNot:
    """Why a conclusion is not ``level``: is it proven, still possible or excluded, and what stands in each way."""

    replay: Replay = field(repr=False, compare=False)
    node: Node
    title: Text
    level: str
    level_title: Text
    standing: Standing
    ways: tuple[Way, ...]

    @property
    def assessment(self) -> Assessment:
        return self.replay.assessment

    def to_text(self, language: Language = "zh") -> str:
        from safetyrules.explanation.render import text_why_not

        return text_why_not(self, language)

    def to_markdown(self, language: Language = "zh") -> str:
        from safetyrules.explanation.render import markdown_why_not

        return markdown_why_not(self, language)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data of schema ``explanation/v1``."""
        from safetyrules.explanation.document import document_why_not

        return document_why_not(self)


_Path = tuple[tuple[Text, ...], tuple[Obstacle, ...]]


class _Ways:
    def __init__(self, replay: Replay, node: Node) -> None:
        self.replay = replay
        entity = replay.entity(node[0])
        self.steps = Steps(replay, entity)

    # ---- conditions --------------------------------------------------------------------------------------------------

    def condition(
        self, term: t.Term, place: Spot, want: bool, about: t.EntityTerm | None = None
    ) -> tuple[Obstacle, ...] | None:
        """The fewest conditions in the way of ``term`` being ``want``; None where it cannot be so."""
        value = self.replay.value(term, place)
        if value == (TRUE if want else FALSE):
            return ()
        match term:
            case t.Constant():
                return None
            case t.Sure(inner):
                return self.condition(inner, place, want, about)
            case t.Not(operand):
                return self.condition(operand, place, not want, about)
            case t.Junction(operator, operands):
                found = [self.condition(each, place, want, about) for each in operands]
                return _every(found) if (operator == "&&") == want else _fewest(found)
            case t.Choose(test, then, otherwise):
                branches = ((True, then), (False, otherwise))
                return _fewest(
                    [
                        _every([self.condition(test, place, truth, about), self.condition(b, place, want, about)])
                        for truth, b in branches
                    ]
                )
            case t.Quantified(quantifier="exists" | "all"):
                return self._quantified(term, place, want, about)
            case t.UnsettledReadings(readings):
                return _fewest([self.condition(each, place, want, about) for _, each in readings])
        step = self.steps.step(term, place, True, about)
        words = self.replay.words.condition(term, about)
        assert isinstance(value, Finite)
        return (Obstacle(step, words, want, want in value.outcomes),)

    def _quantified(
        self, term: t.Quantified, place: Spot, want: bool, about: t.EntityTerm | None
    ) -> tuple[Obstacle, ...] | None:
        """One member suffices for "exists" to hold or "all" to fail; else every member counts."""
        one_will_do = (term.quantifier == "exists") == want
        open_ = False
        found: list[tuple[Obstacle, ...] | None] = []
        inside = self.steps.inside(term.operand, term.variable, about)
        for member in self.replay.members(term.operand, place):
            if member.many:
                open_ = True
                continue
            spot = place.at(term.variable, member)
            body = self.condition(term.body, spot, want, inside)
            tests = [self.condition(test, at, one_will_do, inside) for test, at in member.tests if not member.certain]
            found.append(_every([body, *tests]) if one_will_do else _fewest([body, *tests]) if tests else body)
        itself = (
            Obstacle(self.steps.step(term, place, True, about), self.replay.words.condition(term, about), want, open_),
        )
        if one_will_do:
            return _fewest(found) if any(each is not None for each in found) else itself
        rest = _every(found)
        return rest if rest is None or not open_ else (*rest, *itself)

    # ---- outcomes ----------------------------------------------------------------------------------------------------

    def outcome(self, term: t.Term, place: Spot, level: Outcome) -> Iterator[_Path]:
        """The ways in which a term may come to a level."""
        if isinstance(level, bool) and not isinstance(
            term, t.DecisionTable | t.Excepted | t.Written | t.Choose | t.UnsettledReadings | t.NoValueTerm
        ):
            obstacles = self.condition(term, place, level)
            if obstacles is not None:
                yield (), obstacles
            return
        match term:
            case t.Constant(value):
                if value == level:
                    yield (), ()
            case t.NoValueTerm():
                if level is NOTHING:
                    yield (), ()
            case t.Sure(inner):
                yield from self.outcome(inner, place, level)
            case t.Choose(test, then, otherwise):
                for truth, branch in ((True, then), (False, otherwise)):
                    yield from self._guarded([(test, truth)], place, self.outcome(branch, place, level))
            case t.DecisionTable():
                yield from self._table(term, place, level)
            case t.Excepted(base, exceptions):
                yield from self._excepted(base, exceptions, place, level)
            case t.Written(writers, accumulates=True):
                yield from self._accumulated(writers, place, level)
            case t.Written(writers):
                for number, writer in enumerate(writers):
                    rule = self.replay.plan.rules[writer.rule]
                    above = [other for other in writers if number in other.beats]
                    silent = [next(iter(self.outcome(each.term, place, NOTHING)), None) for each in above]
                    if any(each is None for each in silent):
                        continue
                    extra = tuple(o for each in silent if each is not None for o in each[1])
                    yield from self._named(rule.title, self.outcome(writer.term, place, level), extra)
            case t.UnsettledReadings(readings, ruleset, parameter):
                declared = self.replay.assessment.program.linked.parameters[ruleset, parameter]
                assert isinstance(declared.type, ChoiceType)
                titles = dict(zip(declared.type.members, declared.type.titles, strict=True))
                for name, reading in readings:
                    yield from self._named(titles[name], self.outcome(reading, place, level))
            case t.Permitted(permitted, settled_by):
                if level in permitted:
                    yield (), self._itself(settled_by or term, place, level)
            case _:
                yield from self._plain(term, place, level)

    def _accumulated(self, writers: tuple[t.Writer, ...], place: Spot, level: Outcome) -> Iterator[_Path]:
        """Found by any that nobody silences; not found by one while nobody else finds it; no value where all are
        silent."""
        rules = self.replay.plan.rules
        if level is NOTHING:
            silent = _every([self._silent(each, place) for each in writers])
            if silent is not None:
                yield tuple(rules[each.rule].title for each in writers), silent
            return
        for number, writer in enumerate(writers):
            above = [each for each in writers if number in each.beats]
            extra = _every([self._silent(each, place) for each in above])
            if extra is not None and level is False:
                others = [i for i, each in enumerate(writers) if i != number and each not in above]
                extra = _every([extra, *(self._not_finding(writers, i, number, above, place) for i in others)])
            if extra is not None:
                yield from self._named(rules[writer.rule].title, self.outcome(writer.term, place, level), extra)

    def _silent(self, writer: t.Writer, place: Spot) -> tuple[Obstacle, ...] | None:
        return _fewest([obstacles for _, obstacles in self.outcome(writer.term, place, NOTHING)])

    def _not_finding(
        self, writers: tuple[t.Writer, ...], number: int, finder: int, silent: list[t.Writer], place: Spot
    ) -> tuple[Obstacle, ...] | None:
        """The fewest conditions in the way of one of several writers not finding it, or of another silencing it, where
        ``finder`` says something. What is silenced itself may just as well find it."""
        speaking = [
            i == finder or not algebra.has_nothing(self.replay.value(each.term, place))
            for i, each in enumerate(writers)
        ]
        ways: list[tuple[t.Writer, Outcome]] = [(writers[number], False), (writers[number], NOTHING)]
        for above, each in enumerate(writers):
            if number in each.beats and each not in silent:
                if speaking[above]:
                    return ()
                silenced = any(above in other.beats for i, other in enumerate(writers) if speaking[i])
                ways += [(each, False), (each, True)] if silenced else [(each, False)]
        return _fewest([obstacles for each, level in ways for _, obstacles in self.outcome(each.term, place, level)])

    def _plain(self, term: t.Term, place: Spot, level: Outcome) -> Iterator[_Path]:
        value = self.replay.value(term, place)
        if not isinstance(value, Finite):
            return
        if isinstance(term, t.FactValue | t.ConclusionValue | t.Aggregate | t.LookupValue | t.Unassigned) and (
            level is not NOTHING or term.may_be_nothing
        ):
            yield (), self._itself(term, place, level)

    def _itself(self, term: t.Term, place: Spot, level: Outcome) -> tuple[Obstacle, ...]:
        """The term would have to be the level."""
        value = self.replay.value(term, place)
        assert isinstance(value, Finite)
        if value.outcomes == {level}:
            return ()
        name = self.replay.words.value(term)
        wanted = plain(level, term.type) if isinstance(level, bool | str) else NO_VALUE
        words = Text(f"{name.zh} = {wanted.zh}", f"{name.en} is {wanted.en}")
        return (Obstacle(self.steps.step(term, place), words, True, level in value.outcomes),)

    def _guarded(
        self, conditions: Iterable[tuple[t.Term, bool]], place: Spot, paths: Iterable[_Path]
    ) -> Iterator[_Path]:
        """Paths that need conditions besides."""
        extra = _every([self.condition(term, place, want) for term, want in conditions])
        if extra is not None:
            yield from self._with((), paths, extra)

    def _named(self, name: Text, paths: Iterable[_Path], extra: tuple[Obstacle, ...] = ()) -> Iterator[_Path]:
        yield from self._with((name,), paths, extra)

    def _with(self, names: tuple[Text, ...], paths: Iterable[_Path], extra: tuple[Obstacle, ...]) -> Iterator[_Path]:
        for by, obstacles in paths:
            yield (*names, *by), (*extra, *obstacles)

    def _table(self, term: t.DecisionTable, place: Spot, level: Outcome) -> Iterator[_Path]:
        for number, row in enumerate(term.rows):
            name = Text(f"第 {number + 1} 行", f"row {number + 1}")
            others = _every(
                [self._kept_out(term, other, place, level) for other in self._in_the_way(term, number, place, level)]
            )
            if others is not None:
                inner = self._guarded([(row.when, True)], place, self.outcome(row.then, place, level))
                yield from self._named(name, inner, others)
        last = Text("各行均不成立", "no row holds")
        none = [(row.when, False) for row in term.rows]
        if term.otherwise is not None:
            yield from self._named(last, self._guarded(none, place, self.outcome(term.otherwise, place, level)))
        elif level is NOTHING:
            yield from self._named(last, self._guarded(none, place, [((), ())]))

    def _in_the_way(self, term: t.DecisionTable, number: int, place: Spot, level: Outcome) -> list[t.TableRow]:
        """The rows that would give another outcome although a row gives the level."""
        if term.hit in ("collect sum", "collect count"):
            return []
        others = term.rows[:number] if term.hit == "first" else (*term.rows[:number], *term.rows[number + 1 :])
        return [row for row in others if self._outdoes(term, row, place, level)]

    def _outdoes(self, term: t.DecisionTable, row: t.TableRow, place: Spot, level: Outcome) -> bool:
        then = self.replay.value(row.then, place)
        if then == Finite(frozenset({level})):
            return False
        ranked = term.hit in ("collect max", "collect min", "priority")
        if not ranked or not isinstance(then, Finite) or not isinstance(term.type, ChoiceType) or level is NOTHING:
            return True
        rank = term.type.members.index
        ranks = [rank(str(each)) for each in then.outcomes if each is not NOTHING]
        mine = rank(str(level))
        return bool(ranks) and (max(ranks) > mine if term.hit == "collect max" else min(ranks) < mine)

    def _kept_out(
        self, term: t.DecisionTable, row: t.TableRow, place: Spot, level: Outcome
    ) -> tuple[Obstacle, ...] | None:
        """What keeps a row from outdoing the level: it fails or, in a ranked table, what it gives ranks no higher."""
        fails = self.condition(row.when, place, False)
        then = self.replay.value(row.then, place)
        ranked = term.hit in ("collect max", "collect min", "priority")
        if not ranked or isinstance(row.then, t.Constant) or not isinstance(level, str) or not isinstance(then, Finite):
            return fails
        assert isinstance(term.type, ChoiceType)
        rank = term.type.members.index
        names = [
            m
            for m in term.type.members
            if (rank(m) > rank(level) if term.hit == "collect max" else rank(m) < rank(level))
        ]
        name, worse = self.replay.words.value(row.then), either(plain(m, term.type) for m in names)
        words = Text(f"{name.zh}为{worse.zh}", f"{name.en} is {worse.en}")
        lower = Obstacle(self.steps.step(row.then, place), words, False, bool(then.outcomes - set(names)))
        return _fewest([(lower,), fails])

    def _excepted(
        self, base: t.Term, branches: tuple[t.ExceptionBranch, ...], place: Spot, level: Outcome
    ) -> Iterator[_Path]:
        in_the_way = [(b.when, False) for b in branches if not b.recorded and self.replay.value(b.when, place) != FALSE]
        decided = tuple(o for b in branches if b.recorded for o in self._recorded(b, place, level))
        yield from self._with((), self._guarded(in_the_way, place, self.outcome(base, place, level)), decided)
        for branch in branches:
            rule = self.replay.plan.rules.get(branch.rule)
            name = rule.title if rule is not None else self.replay.view.cite(branch.rule).clause_title
            then: Iterable[_Path] = [((), ())] if level is NOTHING else []
            if branch.then is not None:
                then = self._excepted(branch.then, branch.exceptions, place, level)
            yield from self._named(name, self._guarded([(branch.when, True)], place, then))

    def _recorded(self, branch: t.ExceptionBranch, place: Spot, level: Outcome) -> tuple[Obstacle, ...]:
        """A recorded decision for something else stands in the way of the base."""
        assert isinstance(branch.then, t.FactValue)
        if branch.then.fact not in self.replay.owner(branch.then.entity, place).given:
            return ()
        return self._itself(branch.then, place, level)


def _every(found: Iterable[tuple[Obstacle, ...] | None]) -> tuple[Obstacle, ...] | None:
    """All of them together; None where one cannot be."""
    joined: dict[tuple[Text, bool], Obstacle] = {}
    for each in found:
        if each is None:
            return None
        for obstacle in each:
            joined.setdefault((obstacle.words, obstacle.want), obstacle)
    return tuple(joined.values())


def _fewest(found: Iterable[tuple[Obstacle, ...] | None]) -> tuple[Obstacle, ...] | None:
    """The smallest; where some are merely unknown, rather those."""
    usable = [each for each in found if each is not None]
    return min(usable, key=_effort, default=None)


def _effort(obstacles: tuple[Obstacle, ...]) -> tuple[int, int]:
    return sum(not each.unknown for each in obstacles), len(obstacles)


def why_not(assessment: Assessment, name: str, level: str | bool | None) -> WhyNot:
    """Why a conclusion is not, or not proven, ``level``: a level of its scale or choice, ``true`` or ``false``,
    ``found``, ``not_found`` or ``not_applicable`` of a finding, ``no_value``. Raises RequestError (SR2101, SR2102,
    SR2104)."""
    node = named(assessment, name)[0]
    replay = assessment.replay
    with replay.lock:
        return _why_not(replay, node, name, level)


def _why_not(replay: Replay, node: Node, name: str, level: str | bool | None) -> WhyNot:
    replay.demand(node)
    entity = replay.entity(node[0])
    conclusion = replay.plan.by_key[entity.kind, node[1]]
    value = replay.conclusion(node)
    outcome = _level(conclusion.kind, conclusion.type, level, name)
    shown = _shown(conclusion.kind, conclusion.type, outcome)
    standing: Standing = "excluded"
    if isinstance(value, Finite) and outcome in value.outcomes:
        standing = "proven" if value.known else "possible"
    ways: list[Way] = []
    if standing != "proven":
        seen: dict[frozenset[tuple[Text, bool]], None] = {}
        paths = list(_Ways(replay, node).outcome(conclusion.term, replay.spot(node[0]), outcome))
        for by, obstacles in sorted(paths, key=lambda path: _effort(path[1])):
            key = frozenset((each.words, each.want) for each in obstacles)
            if key not in seen and not any(before <= key for before in seen) and len(ways) < WAYS:
                seen[key] = None
                ways.append(Way(_path(by, conclusion.title), tuple(_every([obstacles]) or ())))
    if standing == "possible":
        ways = [way for way in ways if not way.blocked] or ways
    return WhyNot(replay, node, conclusion.title, _level_name(level), shown, standing, tuple(ways))


def _path(by: tuple[Text, ...], title: Text) -> Text:
    if not by:
        return title
    return Text(" → ".join(each.zh for each in by), " → ".join(each.en for each in by))


def _level_name(level: str | bool | None) -> str:
    return "no_value" if level is None else str(level).lower() if isinstance(level, bool) else level


def _level(kind: str, type_: object, level: str | bool | None, name: str) -> Outcome:
    levels: dict[str, Outcome] = {"no_value": NOTHING}
    if kind == "finding":
        levels |= _FINDING_LEVELS | _BOOLEAN_LEVELS
    elif isinstance(type_, ChoiceType):
        levels |= {member: member for member in type_.members}
    elif type_ == t.BOOLEAN:
        levels |= _BOOLEAN_LEVELS
    else:
        levels = {}
    found = _level_name(level)
    if found not in levels:
        raise RequestError(
            [diagnostic("SR2102", name=name, found=found, expected=" / ".join(levels), fix=did_you_mean(found, levels))]
        )
    return levels[found]


def _shown(kind: str, type_: object, outcome: Outcome) -> Text:
    from safetyrules.explanation.phrases import STATUSES

    if kind == "finding":
        return STATUSES[next(name for name, value in _FINDING_LEVELS.items() if value is outcome)]
    if not isinstance(outcome, bool | str):
        return NO_VALUE
    return plain(outcome, type_)  # type: ignore[arg-type]
