"""What shows only in plans: cycles of what reads another, and circles of rules that override each other once they are
replaced; looked for on every day and in every place where something changes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date, timedelta

import networkx

from safetyrules.diagnostics import Diagnostic, RulesetError
from safetyrules.language import terms as t
from safetyrules.language.order import Key, sector_keys
from safetyrules.language.plan import jurisdictions, make_plan, overlays_in_force, select_rules
from safetyrules.language.ruleform import LinkedProgram, Overlay, Rule, due_name
from safetyrules.language.term_trees import walk
from safetyrules.places import PlaceTree


def check_plans(program: LinkedProgram, places: PlaceTree) -> list[Diagnostic]:
    """The cycles of all plans that the program can have, each once.

    Where not even all rules of all days and places together make a cycle, no plan does, and none is made.
    """
    if not _may_have_cycles(program) and not _may_override_in_circles(program):
        return []
    problems: dict[tuple[str, object], Diagnostic] = {}
    registers = (None, *(kind.name for kind in program.schema.kinds.values() if kind.members is not None))
    for day, place in _different_plans(program, places):
        try:
            for register in registers:
                make_plan(program, places, day, place, register=register)
        except RulesetError as error:
            for problem in error.diagnostics:
                problems.setdefault((problem.code, problem.message), problem)
    return list(problems.values())


def _may_have_cycles(program: LinkedProgram) -> bool:
    graph: networkx.DiGraph[Key] = networkx.DiGraph()
    replacing = [overlay.rule for overlay in program.overlays if overlay.rule is not None]
    rules = [*program.rules.values(), *replacing]
    findings: dict[str | None, list[Key]] = {}
    for rule in rules:
        if rule.kind == "finding":
            findings.setdefault(rule.sector, []).append((rule.on, rule.concludes))
    sectors = list(sector_keys(program.schema))
    for key, terms in (*_terms_of_rules(rules), *_terms_of_overlays(program)):
        for term in terms:
            for part in walk(term):
                match part:
                    case t.ConclusionValue(entity, name):
                        graph.add_edge((entity.kind, name), key)
                    case t.FindingCount(sector):
                        graph.add_edges_from((read, key) for read in findings.get(sector, ()))
                    case t.SectorGrades():
                        graph.add_edges_from((read, key) for read in sectors)
    return not networkx.is_directed_acyclic_graph(graph)


def _may_override_in_circles(program: LinkedProgram) -> bool:
    """What the rules themselves do is known already (SR0617)."""
    replacing = [(each.target, each.rule.overrides) for each in program.overlays if each.rule is not None]
    graph: networkx.DiGraph[str] = networkx.DiGraph()
    for name, below in (*((rule.id, rule.overrides) for rule in program.rules.values()), *replacing):
        graph.add_edges_from((name, other) for other in below)
    return not networkx.is_directed_acyclic_graph(graph)


def _terms_of_rules(rules: Iterable[Rule]) -> Iterator[tuple[Key, list[t.Term]]]:
    for rule in rules:
        key = (rule.on, rule.concludes)
        yield key, [term for term in (rule.applies, rule.when, rule.body) if term is not None]
        if rule.duty is not None and rule.duty.due is not None:
            owed = t.ConclusionValue(t.Up(0, rule.on), rule.concludes, t.BOOLEAN, True)
            yield (rule.on, due_name(rule.concludes)), [rule.duty.due, owed]


def _terms_of_overlays(program: LinkedProgram) -> Iterator[tuple[Key, list[t.Term]]]:
    for overlay in program.overlays:
        rule = program.rules.get(overlay.target)
        if rule is not None and overlay.when is not None:
            yield (rule.on, rule.concludes), [overlay.when]


def _different_plans(program: LinkedProgram, places: PlaceTree) -> Iterator[tuple[date, str]]:
    """A day and place of every choice of rules and overlays that can be in force together."""
    seen: set[tuple[frozenset[str], tuple[Overlay, ...]]] = set()
    sectors = tuple(program.schema.sectors)
    for day in days_of_change(program):
        for place in jurisdictions(program):
            rules = frozenset(select_rules(program, places, day, place, sectors))
            overlays = tuple(overlays_in_force(program, places, day, place))
            if (rules, overlays) not in seen:
                seen.add((rules, overlays))
                yield day, place


def days_of_change(program: LinkedProgram) -> list[date]:
    """A day of every stretch between two days on which something comes into force or ends."""
    stretches = [rule.days for rule in program.rules.values()] + [overlay.days for overlay in program.overlays]
    firsts = {days.first for days in stretches if days.first is not None}
    after = {days.last + timedelta(days=1) for days in stretches if days.last is not None and days.last < date.max}
    return sorted({date.min} | firsts | after)
