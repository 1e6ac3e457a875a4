"""Which of several writers of a conclusion prevails over which, where they do not accumulate (design 5.10).

The superior instrument wins; within one issuer the special over the general, the later over the earlier; and whoever
`overrides` another, over that one. Where an inferior writer overrides a superior one while a third ranks between them,
each of the three gives way to another: nothing then tells which of them stands, and whatever they say stays possible.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from graphlib import CycleError, TopologicalSorter

from safetyrules.diagnostics import Diagnostic, diagnostic
from safetyrules.language.ruleform import LEVELS, LinkedProgram, Rule
from safetyrules.places import PlaceTree


@dataclass(frozen=True, slots=True)
class Precedence:
    """Of writers, by their places: ``beats`` has those that give way to each where it says something, and leads nowhere
    in a circle. ``circles`` are those of the law, as ids of rules from one that prevails over the next back to it."""

    beats: tuple[frozenset[int], ...]
    circles: tuple[tuple[str, ...], ...]


def precedence(program: LinkedProgram, places: PlaceTree, writers: Sequence[Rule], law_at: date) -> Precedence:
    """Who of ``writers``, in force together at ``law_at``, prevails over whom. In a circle nobody does."""
    numbers = range(len(writers))
    beats = [
        {n for n in numbers if n != number and _beats(program, places, writers[number], writers[n], law_at)}
        for number in numbers
    ]
    reached = [set(below) for below in beats]
    for between in numbers:
        for number in numbers:
            if between in reached[number]:
                reached[number] |= reached[between]
    circles = dict.fromkeys(frozenset(n for n in reached[number] if number in reached[n]) for number in numbers)
    told: list[tuple[str, ...]] = []
    for around in circles:
        above = {writers[n].id: [writers[i].id for i in around if n in beats[i]] for n in around}
        circle = circle_of(above)
        if circle is not None:
            told.append(circle)
    acyclic = (frozenset(n for n in beats[number] if number not in reached[n]) for number in numbers)
    return Precedence(tuple(acyclic), tuple(told))


def circle_of(above: Mapping[str, Collection[str]]) -> tuple[str, ...] | None:
    """A circle in what stands above what: from the first of its names, over all that stand below, back to it."""
    try:
        TopologicalSorter(above).prepare()
    except CycleError as error:
        circle: list[str] = error.args[1]
        first = min(range(len(circle) - 1), key=circle.__getitem__)
        return (*circle[first:-1], *circle[: first + 1])
    return None


def overriding_circles(rules: Mapping[str, Rule]) -> Iterator[Diagnostic]:
    """Rules that override each other: wherever all of them apply, none would count (design 5.10)."""
    above: dict[str, list[str]] = {}
    for rule in rules.values():
        for name in rule.overrides:
            above.setdefault(name, []).append(rule.id)
    while (circle := circle_of(above)) is not None:
        yield diagnostic("SR0617", rules[circle[0]].span, cycle=" → ".join(circle))
        above[circle[1]].remove(circle[0])


def _beats(program: LinkedProgram, places: PlaceTree, one: Rule, two: Rule, law_at: date) -> bool:
    """Does ``one`` prevail over ``two`` where it says something (design 5.10)?"""
    if two.id in one.overrides:
        return True
    if one.id in two.overrides:
        return False
    mine, theirs = program.instruments[one.instrument], program.instruments[two.instrument]
    if LEVELS[mine.level] != LEVELS[theirs.level]:
        return LEVELS[mine.level] < LEVELS[theirs.level]
    if mine.issuer != theirs.issuer or mine.level != theirs.level:
        return False
    later = one.days.first is not None and (two.days.first is None or one.days.first > two.days.first)
    earlier = two.days.first is not None and (one.days.first is None or two.days.first > one.days.first)
    special = one.jurisdiction != two.jurisdiction and bool(places.covers(two.jurisdiction, one.jurisdiction, law_at))
    general = one.jurisdiction != two.jurisdiction and bool(places.covers(one.jurisdiction, two.jurisdiction, law_at))
    if special:
        return not earlier
    return later and not general
