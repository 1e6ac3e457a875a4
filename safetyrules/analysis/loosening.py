"""Overlays that loosen (design 5.12). A `tighten` is proved stricter by its shape when it is read, an `exempt` says so
itself; here `set` and `replace` are compared with what they change.

Of a finding or duty, what is laxer does not hold somewhere where what it changes does, is less severe, or binds nobody
any more. Of a table of levels, it gives a milder level somewhere.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Literal, NamedTuple

from safetyrules.analysis.examples import example, in_boxes
from safetyrules.analysis.law import Law, nodes_of
from safetyrules.analysis.masked import rank
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.facts.schema import ChoiceType
from safetyrules.language import terms as t
from safetyrules.language.plan import settled
from safetyrules.language.ruleform import LEVELS, Overlay, Rule
from safetyrules.language.spaces import Box, Space, TooMuchError
from safetyrules.text import Text
from safetyrules.values import FALSE, NOTHING, Finite

Verdict = Literal["stricter", "laxer", "unproved"]
#: Tables with more rows are not compared row by row.
MOST_ROWS = 60
NOT_FOUND = (FALSE, Finite(frozenset({NOTHING})))
CHANGED = Text("所改的规则", "the rule it changes")


class Compared(NamedTuple):
    """How a rule as an overlay has it stands to the rule as written; where laxer, a test that shows it."""

    verdict: Verdict
    rule: Rule
    example: Text | None = None


def loosening(law: Law) -> Iterator[Diagnostic]:
    """SR0728 where an overlay is shown laxer, SR0729 where neither that nor the contrary is shown."""
    for overlay in law.linked.overlays:
        found = list(_compared(law, overlay))
        worst = next((each for each in found if each.verdict == "laxer"), None)
        worst = worst or next((each for each in found if each.verdict == "unproved"), None)
        if worst is None:
            continue
        laxer = worst.verdict == "laxer"
        weighty = laxer and not _superior(law, overlay, worst.rule)
        yield diagnostic(
            "SR0728" if laxer else "SR0729", overlay.span, severity=Severity.WARNING if weighty else Severity.NOTE,
            name=overlay.target, clause=overlay.clauses[0], related=[(worst.rule.span, CHANGED)], example=worst.example,
        )  # fmt: skip


def _superior(law: Law, overlay: Overlay, rule: Rule) -> bool:
    """Does the overlay rest on an instrument above that of the rule?"""
    mine = law.linked.instruments[overlay.clauses[0].split("#", 1)[0]]
    return LEVELS[mine.level] < LEVELS[law.linked.instruments[rule.instrument].level]


def _compared(law: Law, overlay: Overlay) -> Iterator[Compared]:
    if overlay.action == "replace" and overlay.rule is not None:
        rule = law.linked.rules[overlay.target]
        yield _stand(law, overlay, rule, overlay.rule)
    elif overlay.action == "set" and overlay.value is not None:
        ruleset, _, name = overlay.target.partition("/")
        before = law.linked.parameters[ruleset, name].value
        if before is None:
            return  # it settles how a clause is read
        for rule in law.linked.rules.values():
            if any(isinstance(n, t.ParameterValue) and (n.ruleset, n.name) == (ruleset, name) for n in nodes_of(rule)):
                there = {key: p.value for key, p in law.linked.parameters.items() if p.value is not None}
                changed = {**there, (ruleset, name): overlay.value}
                yield _stand(law, overlay, _with(rule, there), _with(rule, changed))


def _with(rule: Rule, there: Mapping[tuple[str, str], t.Constant]) -> Rule:
    """The rule with parameters in place."""
    body = settled(rule.body, there)
    return replace(
        rule,
        applies=settled(rule.applies, there) if rule.applies is not None else None,
        body=body,
        when=body if rule.when is rule.body else settled(rule.when, there) if rule.when is not None else None,
    )


def _stand(law: Law, overlay: Overlay, old: Rule, new: Rule) -> Compared:
    try:
        if old.kind in ("finding", "duty"):
            return _conditions(law, overlay, old, new)
        if isinstance(old.body, t.DecisionTable) and isinstance(new.body, t.DecisionTable):
            return _tables(law, overlay, old, new, old.body, new.body)
    except TooMuchError:
        pass
    return Compared("unproved", old)


def _conditions(law: Law, overlay: Overlay, old: Rule, new: Rule) -> Compared:
    before = [*law.given(old), old.body]
    after = [*law.given(new), new.body]
    space = law.space([*before, *after])
    where = law.within(space, before)
    free = list(_some(space, where, law.within(space, after)))
    milder = (old.severity == "major" and new.severity == "general") or (old.binds and not new.binds)
    if not free and not milder:
        return Compared("stricter", old)
    name = Text(f"{old.id}：原为成立", f"{old.id}; held before")
    shown = example(
        law, old, in_boxes(space, free or where), [*before, *after],
        lambda look: all(map(look.holds, before)) and (milder or look.outcome(old) in NOT_FOUND),
        name, law.setting(old, overlay),
    )  # fmt: skip
    return Compared("laxer" if shown is not None or milder else "unproved", old, shown)


class _Region(NamedTuple):
    """Where a table gives a level: in ``boxes``, and in none of ``but``."""

    level: int
    boxes: list[Box]
    but: list[Box]


def _tables(
    law: Law, overlay: Overlay, old: Rule, new: Rule, before: t.DecisionTable, after: t.DecisionTable
) -> Compared:
    given = law.given(old)
    if law.given(new) != given or len(before.rows) > MOST_ROWS or len(after.rows) > MOST_ROWS:
        return Compared("unproved", old)
    conditions = [row.when for table in (before, after) for row in table.rows]
    space = law.space([*given, *conditions])
    within = law.within(space, given)
    ones, twos = _regions(space, before), _regions(space, after)
    if ones is None or twos is None:
        return Compared("unproved", old)
    verdict: Verdict = "stricter"
    for one in ones:
        for two in (each for each in twos if each.level < one.level):
            free = list(_some(space, space.meet(within, one.boxes, two.boxes), [*one.but, *two.but]))
            if not free:
                continue
            verdict = "unproved"
            shown = example(
                law, old, in_boxes(space, free), [*given, *conditions],
                lambda look: look.value(before).known and look.outcome(old) == look.value(after) != look.value(before),
                Text(f"{old.id}：原来更重", f"{old.id}; was graver before"), law.setting(old, overlay),
            )  # fmt: skip
            if shown is not None:
                return Compared("laxer", old, shown)
    return Compared(verdict, old)


def _some(space: Space, within: list[Box], boxes: list[Box]) -> Iterator[Box]:
    """What is free, but no more of it than is ever tried."""
    for number, box in enumerate(space.free(within, boxes)):
        if number == MOST_ROWS:
            return
        yield box


def _regions(space: Space, table: t.DecisionTable) -> list[_Region] | None:
    """None where the results are computed, or stand in no order of gravity."""
    type_ = table.type
    if not isinstance(type_, ChoiceType) or type_.worse == "none":
        return None
    if not all(isinstance(row.then, t.Constant) for row in table.rows):
        return None
    boxes = [space.boxes(row.when) for row in table.rows]
    found = []
    for number, row in enumerate(table.rows):
        own = rank(table, row.then)
        if table.hit == "first":
            before = boxes[:number]
        elif table.hit in ("unique", "any"):
            before = []
        else:
            ranks = [rank(table, other.then) for other in table.rows]
            before = [boxes[n] for n, each in enumerate(ranks) if own is not None and each is not None and each < own]
        found.append(_Region(_gravity(type_, row.then), boxes[number], [box for each in before for box in each]))
    otherwise = table.otherwise or t.NoValueTerm(type_)
    if not isinstance(otherwise, t.Constant | t.NoValueTerm):
        return None
    found.append(_Region(_gravity(type_, otherwise), [space.everything], [box for each in boxes for box in each]))
    return found


def _gravity(type_: ChoiceType, then: t.Term) -> int:
    """The graver the greater; no value weighs least."""
    if not isinstance(then, t.Constant):
        return -1
    place = type_.members.index(str(then.value))
    return place if type_.worse == "last" else len(type_.members) - 1 - place
