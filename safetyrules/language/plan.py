"""From program to plan: select by date → overlay jurisdictions → join rules into conclusions → order.

A `Plan` is the program at one law date, in one jurisdiction, for a set of sectors. It is immutable, ordered so that
every conclusion follows what it reads, and named by its digest. Every engine starts from it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from graphlib import TopologicalSorter
from typing import Any

from safetyrules.diagnostics import Diagnostic, RulesetError, Severity, diagnostic
from safetyrules.facts.schema import ChoiceType, Schema
from safetyrules.language import terms as t
from safetyrules.language.counting import counting_own
from safetyrules.language.order import Conclusion as Conclusion
from safetyrules.language.order import Key as Key
from safetyrules.language.order import in_order
from safetyrules.language.order import reads as reads
from safetyrules.language.precedence import overriding_circles, precedence
from safetyrules.language.registers import of_subject, register_plan_parts
from safetyrules.language.ruleform import ACCUMULATING, LinkedProgram, LookupTable, Overlay, Rule, due_name
from safetyrules.language.shares import rule_term, shares_of, with_exceptions
from safetyrules.language.term_trees import rewritten
from safetyrules.places import PlaceTree
from safetyrules.text import same

NATIONAL = "CN"


@dataclass(frozen=True)
class Plan:
    """``conclusions`` are in order; ``rules`` are those in force here, as overlaid; ``place`` is the jurisdiction."""

    schema: Schema
    tables: Mapping[str, LookupTable]
    law_at: date
    place: str
    sectors: tuple[str, ...]
    conclusions: tuple[Conclusion, ...]
    rules: Mapping[str, Rule]
    overlays: Mapping[str, tuple[Overlay, ...]]
    notices: tuple[Diagnostic, ...]
    digest: str

    @cached_property
    def by_key(self) -> dict[Key, Conclusion]:
        return {conclusion.key: conclusion for conclusion in self.conclusions}

    @cached_property
    def findings(self) -> dict[str, tuple[Conclusion, ...]]:
        """The binding finding conclusions of each sector that has any in force."""
        found: dict[str, list[Conclusion]] = {}
        for conclusion in self.conclusions:
            if conclusion.kind == "finding" and conclusion.binds and conclusion.sector is not None:
                found.setdefault(conclusion.sector, []).append(conclusion)
        return {sector: tuple(conclusions) for sector, conclusions in found.items()}

    @cached_property
    def telling_apart(self) -> Plan:
        """With what each clause finds of findings that several may find, as conclusions beside them."""
        shares = tuple(share for conclusion in self.conclusions for share in conclusion.told_apart)
        return replace(self, conclusions=(*self.conclusions, *shares)) if shares else self

    def about(self, subject: str) -> tuple[Conclusion, ...]:
        """The conclusions of a root kind and its parts. Those of other roots are never evaluated for it."""
        kinds = {kind for kind in self.schema.kinds if self.schema.chain(kind)[-1].name == subject}
        return tuple(conclusion for conclusion in self.conclusions if conclusion.on in kinds)

    def root_kind(self, subject: str | None = None) -> str:
        return subject or self.schema.roots[0]


def make_plan(
    program: LinkedProgram,
    places: PlaceTree,
    law_at: date,
    jurisdiction: str = NATIONAL,
    sectors: Iterable[str] | None = None,
    register: str | None = None,
) -> Plan:
    """The plan of ``program`` at ``law_at`` for a subject in ``jurisdiction``: for a ``register``, or for subjects that
    are none. Raises RulesetError on a cycle."""
    chosen = tuple(program.schema.sectors) if sectors is None else tuple(sorted(set(sectors)))
    notices: list[Diagnostic] = []
    schema = program.schema
    rules = of_subject(select_rules(program, places, law_at, jurisdiction, chosen), schema, register)
    overlays = overlays_in_force(program, places, law_at, jurisdiction)
    if register is not None:
        schema, rules, overlays = register_plan_parts(program, register, rules, overlays)
    parameters, rules, by_rule = _overlay(program, rules, overlays, notices)
    conclusions = _join(program, places, rules, by_rule, law_at, register)
    own = not any(overlay.action == "set" for overlay in overlays)
    settled = {key: _settled(program, each, parameters, own) for key, each in conclusions.items()}
    ordered = in_order(counting_own(settled, schema), schema)
    judging = {c.sector for c in ordered if c.kind == "finding" and c.binds and _text_is_known(program, c)}
    # Of a sector that no list ever judges, only its grade says what is not known.
    ever = {rule.sector for rule in program.rules.values() if rule.kind == "finding"}
    for sector in chosen if register is None else ():
        if sector in ever and sector not in judging:
            notices.append(
                diagnostic(
                    "SR0910",
                    severity=Severity.NOTE,
                    sector=program.schema.sectors[sector].title,
                    name=sector,
                    day=law_at,
                )
            )
    notices += _not_at_hand(program, rules.values(), law_at)
    # Who prevails over whom may change with the dated tree of places, though the rules stay the same.
    prevailing = [
        f"{writer.rule} > {sorted(writer.beats)}"
        for conclusion in ordered
        if isinstance(conclusion.term, t.Written)
        for writer in conclusion.term.writers
    ]
    named = [program.digest, *sorted(rules), *(str(overlay.span) for overlay in overlays), *chosen, *prevailing]
    if register is not None:
        named.append(f"register {register}")
    digest = hashlib.sha256("\n".join(named).encode()).hexdigest()
    return Plan(schema, program.tables, law_at, jurisdiction, chosen, ordered, rules, by_rule, tuple(notices), digest)


def _text_is_known(program: LinkedProgram, conclusion: Conclusion) -> bool:
    """False of a finding that only stands for a text that is not at hand: it is no list, and judges nothing."""
    citations = [citation for rule in conclusion.rules for citation in program.rules[rule].clauses]
    return any(program.clause(citation).status != "text_not_at_hand" for citation in citations)


def _not_at_hand(program: LinkedProgram, rules: Iterable[Rule], law_at: date) -> list[Diagnostic]:
    """A note for each instrument whose clauses stand here, in findings, for a text that is not at hand."""
    waiting: dict[str, set[str]] = {}
    for rule in rules:
        for citation in rule.clauses if rule.kind == "finding" else ():
            if program.clause(citation).status == "text_not_at_hand":
                waiting.setdefault(citation.partition("#")[0], set()).add(citation)
    found = [(program.instruments[name], len(clauses)) for name, clauses in sorted(waiting.items())]
    return [
        diagnostic("SR0915", severity=Severity.NOTE, day=law_at, title=each.title, number=each.number, count=count)
        for each, count in found
    ]


def jurisdictions(program: LinkedProgram) -> list[str]:
    """The country, and every place that has rules or overlays of its own."""
    named = {rule.jurisdiction for rule in program.rules.values()} | {each.jurisdiction for each in program.overlays}
    return [NATIONAL, *sorted(named - {NATIONAL})]


# ---- select by date and place ---------------------------------------------------------------------------------------


def select_rules(
    program: LinkedProgram, places: PlaceTree, law_at: date, place: str, sectors: tuple[str, ...]
) -> dict[str, Rule]:
    found = {
        name: rule
        for name, rule in program.rules.items()
        if rule.days.covers(law_at)
        and places.covers(rule.jurisdiction, place, law_at)
        and (rule.sector is None or rule.sector in sectors)
    }
    # An exception without its base in force says nothing.
    while orphans := [name for name, rule in found.items() if rule.except_ is not None and rule.except_ not in found]:
        for name in orphans:
            del found[name]
    return found


def overlays_in_force(program: LinkedProgram, places: PlaceTree, law_at: date, place: str) -> list[Overlay]:
    """General before special, so that the special has the last word."""
    found = [
        overlay for overlay in program.overlays
        if overlay.days.covers(law_at) and places.covers(overlay.jurisdiction, place, law_at)
    ]  # fmt: skip
    return sorted(found, key=lambda overlay: len(places.ancestors(overlay.jurisdiction, law_at)))


# ---- overlays -------------------------------------------------------------------------------------------------------


def _overlay(
    program: LinkedProgram, rules: dict[str, Rule], overlays: list[Overlay], notices: list[Diagnostic]
) -> tuple[dict[Key, t.Constant], dict[str, Rule], dict[str, tuple[Overlay, ...]]]:
    parameters = {key: p.value for key, p in program.parameters.items() if p.value is not None}
    rules = dict(rules)
    by_rule: dict[str, tuple[Overlay, ...]] = {}
    applied: dict[str, t.Term] = {}
    for overlay in overlays:
        if overlay.action == "set":
            ruleset, _, name = overlay.target.partition("/")
            assert overlay.value is not None
            parameters[ruleset, name] = overlay.value
            continue
        rule = rules.get(overlay.target)
        if rule is None:
            continue
        by_rule[rule.id] = (*by_rule.get(rule.id, ()), overlay)
        if overlay.action == "replace":
            assert overlay.rule is not None
            # It takes the place of the rule: what gives way to that gives way to it, unless it says so itself.
            rules[rule.id] = replace(overlay.rule, id=rule.id, overrides=overlay.rule.overrides or rule.overrides)
            if rule.applies is not None:
                applied.setdefault(rule.id, rule.applies)
            notices.append(
                diagnostic("SR0911", overlay.span, severity=Severity.NOTE, name=rule.id, clause=overlay.clauses[0])
            )
        elif overlay.action == "tighten":
            rules[rule.id] = _tightened(rule, overlay)
    for name, replaced in applied.items():
        _guard_exceptions(name, replaced, rules, by_rule)
    if any(overlay.rule is not None and overlay.rule.overrides for overlay in overlays) and (
        circles := list(overriding_circles(rules))
    ):
        raise RulesetError(circles)
    return parameters, rules, by_rule


def _guard_exceptions(
    name: str, applies: t.Term, rules: dict[str, Rule], by_rule: dict[str, tuple[Overlay, ...]]
) -> None:
    """What was written as an exception to a rule that has since been replaced was checked where that rule applied, and
    is considered nowhere else."""

    def guarded(when: t.Term | None) -> t.Term:
        return applies if when is None else t.Junction("&&", (applies, when), True)

    for each in list(rules.values()):
        base: Rule | None = each
        while base is not None and base.except_ is not None and base.except_ != name:
            base = rules.get(base.except_)
        if base is not None and base.except_ == name:
            rules[each.id] = replace(each, applies=guarded(each.applies))
    by_rule[name] = tuple(
        replace(overlay, when=guarded(overlay.when)) if overlay.action == "exempt" else overlay
        for overlay in by_rule[name]
    )


def _tightened(rule: Rule, overlay: Overlay) -> Rule:
    body = rule.body
    if overlay.when is not None:
        nothing = body.may_be_nothing or overlay.when.may_be_nothing
        body = t.Junction("||", (body, overlay.when), nothing, overlay.span)
    if overlay.raise_to is not None and isinstance(rule.type, ChoiceType):
        floor = t.ListOf((body, t.Constant(overlay.raise_to, rule.type, overlay.span)), rule.type, overlay.span)
        body = t.Aggregate("max" if rule.type.worse == "last" else "min", floor, rule.type, False, overlay.span)
    duty = rule.duty
    if duty is not None:
        duty = replace(
            duty,
            every_months=overlay.every_months or duty.every_months,
            every_days=overlay.every_days or duty.every_days,
        )
    return replace(rule, body=body, severity=overlay.severity or rule.severity, duty=duty)


# ---- join rules into conclusions ------------------------------------------------------------------------------------


def _join(
    program: LinkedProgram,
    places: PlaceTree,
    rules: Mapping[str, Rule],
    overlays: Mapping[str, tuple[Overlay, ...]],
    law_at: date,
    register: str | None,
) -> dict[Key, Conclusion]:
    exceptions: dict[str, list[Rule]] = {}
    writers: dict[Key, list[Rule]] = {}
    for rule in sorted(rules.values(), key=lambda rule: rule.id):
        if rule.except_ is not None:
            exceptions.setdefault(rule.except_, []).append(rule)
        else:
            writers.setdefault((rule.on, rule.concludes), []).append(rule)
    conclusions: dict[Key, Conclusion] = {}
    for key, found in writers.items():
        rule = found[0]
        alone = len(found) == 1 and rule.id not in exceptions and rule.id not in overlays
        if alone and program.rules.get(rule.id) is rule:
            made = program.joined.get(rule.id)
            if made is None:
                made = _written(program, places, key, found, exceptions, overlays, law_at)
                program.joined[rule.id] = made
            conclusions.update(made)
        else:
            conclusions.update(_written(program, places, key, found, exceptions, overlays, law_at))
    for key, declared in program.declared.items():
        if key not in conclusions and program.schema.register(key[0]) == register:
            conclusions[key] = Conclusion(
                key[1],
                key[0],
                declared.title,
                declared.type,
                "declared",
                t.Unassigned(declared.type, True, declared.span),
            )
    _add_absent(program, conclusions)
    return conclusions


def _written(
    program: LinkedProgram,
    places: PlaceTree,
    key: Key,
    found: list[Rule],
    exceptions: Mapping[str, list[Rule]],
    overlays: Mapping[str, tuple[Overlay, ...]],
    law_at: date,
) -> dict[Key, Conclusion]:
    terms = [rule_term(rule, exceptions, overlays) for rule in found]
    first = found[0]
    if len(found) == 1:
        term = terms[0]
    else:
        accumulates = first.kind in ACCUMULATING
        said = dict(zip((rule.id for rule in found), terms, strict=True))
        ordered = _overriding_first(found) if accumulates else found
        beats = _overridden(ordered) if accumulates else precedence(program, places, ordered, law_at).beats
        writers = (t.Writer(rule.id, said[rule.id], below) for rule, below in zip(ordered, beats, strict=True))
        term = t.Written(tuple(writers), first.type, accumulates)
    names = tuple(sorted({rule.id for base in found for rule in with_exceptions(base, exceptions)}))
    declared = program.declared.get(key)
    title = declared.title if declared is not None else first.title
    # Rules in force together that differ are an error of the law (SR0718, SR0719); until it is mended the severer one
    # counts, and for a sector rather than none.
    sector = next((rule.sector for rule in found if rule.sector is not None), None)
    severity = "major" if any(rule.severity == "major" for rule in found) else first.severity
    shares = shares_of(found, terms, exceptions, overlays) if first.kind == "finding" else ()
    conclusion = Conclusion(
        key[1],
        key[0],
        title,
        first.type,
        first.kind,
        term,
        names,
        sector,
        severity,
        first.clauses[0],
        first.binds,
        key if shares else first.clauses[0],
        shares,
    )
    conclusions = {key: conclusion}
    day = _due_day(found, terms)
    if day is not None:
        owed = t.ConclusionValue(t.Up(0, key[0]), key[1], t.BOOLEAN, True)
        due = t.Choose(owed, day, t.NoValueTerm(t.DATE), t.DATE, True)
        name = due_name(key[1])
        conclusions[key[0], name] = Conclusion(
            name, key[0], title, t.DATE, "due", due, names, sector, binds=first.binds
        )
    return conclusions


def _overriding_first(rules: Sequence[Rule]) -> list[Rule]:
    """Each rule before those that it overrides. Rules that override each other in a circle do not get here (SR0617)."""
    names = {rule.id: rule for rule in rules}
    above = {rule.id: [other.id for other in rules if rule.id in other.overrides] for rule in rules}
    return [names[name] for name in TopologicalSorter(above).static_order()]


def _overridden(rules: Sequence[Rule]) -> list[frozenset[int]]:
    """Of each rule the places of those that it overrides."""
    return [frozenset(place for place, other in enumerate(rules) if other.id in rule.overrides) for rule in rules]


def _due_day(writers: Sequence[Rule], terms: Sequence[t.Term]) -> t.Term | None:
    """The last day in time of a duty that is owed: of several writers the earliest day, for the stricter period stands
    whichever of them is superior (design 5.10). Only what a writer itself says is owed, and no writer that overrides it
    says something about, is due by it."""
    if len(writers) == 1:
        return writers[0].duty.due if writers[0].duty is not None else None
    days: list[t.Term] = []
    for writer, term in zip(writers, terms, strict=True):
        if writer.duty is None or writer.duty.due is None:
            continue
        owed = [term.test, term.then] if writer.applies is not None and isinstance(term, t.Choose) else [term]
        for other, said in zip(writers, terms, strict=True):
            if writer.id in other.overrides:
                owed.append(t.Not(t.Applicable(said), False))
        tests = tuple(each for each in owed if each != t.Constant(True, t.BOOLEAN)) or (t.Constant(True, t.BOOLEAN),)
        test = tests[0] if len(tests) == 1 else t.Junction("&&", tests, True)
        days.append(t.Choose(test, writer.duty.due, t.NoValueTerm(t.DATE), t.DATE, True))
    return t.Aggregate("min", t.ListOf(tuple(days), t.DATE), t.DATE, True) if days else None


def _add_absent(program: LinkedProgram, conclusions: dict[Key, Conclusion]) -> None:
    """Conclusions that rules in force read but none in force writes: every outcome stays possible."""
    pending = list(conclusions.values())
    known = {(rule.on, rule.concludes): rule for rule in program.rules.values()}
    for conclusion in pending:
        for read in conclusion.mentions:
            if isinstance(read, t.ConclusionValue):
                key = (read.entity.kind, read.conclusion)
                if key not in conclusions:
                    rule = known.get(key)
                    title = rule.title if rule is not None else same(read.conclusion)
                    conclusions[key] = Conclusion(
                        key[1], key[0], title, read.type, "declared", t.Unassigned(read.type, read.may_be_nothing)
                    )


# ---- settle parameters and readings ---------------------------------------------------------------------------------


def _settled(
    program: LinkedProgram, conclusion: Conclusion, parameters: Mapping[Key, t.Constant], own: bool
) -> Conclusion:
    """Where the parameters are the program's ``own``, what one rule alone concludes is settled once for all plans."""
    rule = conclusion.rules[0] if own and len(conclusion.rules) == 1 else ""
    if program.joined.get(rule, {}).get(conclusion.key) is not conclusion:
        return _settle(conclusion, parameters)
    found = program.settled.get((rule, *conclusion.key))
    if found is None:
        found = program.settled[rule, *conclusion.key] = _settle(conclusion, parameters)
    return found


def _settle(conclusion: Conclusion, parameters: Mapping[Key, t.Constant]) -> Conclusion:
    if not any(isinstance(each, t.ParameterValue | t.UnsettledReadings) for each in conclusion.mentions):
        return conclusion
    term = settled(conclusion.term, parameters)
    if term is conclusion.term:
        return conclusion
    shares = tuple(replace(each, term=settled(each.term, parameters)) for each in conclusion.shares)
    return replace(conclusion, term=term, shares=shares)


def settled(value: Any, parameters: Mapping[Key, t.Constant]) -> Any:
    """The same tree with parameters as constants and chosen readings in place; shared where nothing changed."""
    if isinstance(value, t.ParameterValue):
        constant = parameters[value.ruleset, value.name]
        return replace(constant, type=value.type, span=value.span)
    if isinstance(value, t.UnsettledReadings):
        chosen = parameters.get((value.ruleset, value.parameter))
        if chosen is not None:
            return settled(dict(value.readings)[str(chosen.value)], parameters)
    return rewritten(value, lambda inner: settled(inner, parameters))
