"""Why one conclusion of one entity is what it is: the rules that write it, what they cite, and what each came to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import NamedTuple

from safetyrules.engine import algebra
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import plain
from safetyrules.explanation.evaluate import Spot, Value, value_of
from safetyrules.explanation.makers import Make, maker
from safetyrules.explanation.steps import Steps
from safetyrules.explanation.trace import Node, Replay
from safetyrules.explanation.words import label
from safetyrules.facts.schema import ScalarType
from safetyrules.language import terms as t
from safetyrules.language.plan import Conclusion
from safetyrules.language.ruleform import LEVELS, Overlay, Rule
from safetyrules.language.term_trees import walk
from safetyrules.result import status_of
from safetyrules.text import Text
from safetyrules.values import TRUE, Finite, Interval, Scalar


class RuleForm(NamedTuple):
    """A rule as a conclusion is written by it: what its reason begins and goes on with whatever the facts are, what
    gives its value, its ``applies`` where it has one, and its body."""

    head: tuple[object, ...]
    middle: tuple[object, ...]
    type: ScalarType
    value: Value
    test: tuple[Value, Make] | None
    body: Make
    exceptions: tuple[t.ExceptionBranch, ...]

    def reason(
        self, steps: Steps, spot: Spot, standing: r.WriterStanding, prevails: tuple[tuple[str, Text, r.Ground], ...]
    ) -> r.RuleReason:
        reference = steps.reference
        if self.test is None and not self.exceptions:
            tail: tuple[object, ...] = (None, self.body(steps, spot, True), ())
        else:
            tail = self._tail(steps, spot)
        said = (self.value(reference, spot), self.type, standing, prevails)
        return r.make(r.RuleReason, self.head + said + self.middle + tail)

    def _tail(self, steps: Steps, spot: Spot) -> tuple[object, ...]:
        applies = body = None
        exceptions: tuple[r.ExceptionReason, ...] = ()
        open_ = True
        if self.test is not None:
            test, make_test = self.test
            applies = make_test(steps, spot, True)
            open_ = True in test(steps.reference, spot).outcomes
        if open_:
            replaced = False
            if self.exceptions:
                exceptions = tuple([_exception(branch, steps, spot) for branch in self.exceptions])
                replaced = any(each.standing == "applies" for each in exceptions)
            body = self.body(steps, spot, not replaced)
        return applies, body, exceptions


def _exception(branch: t.ExceptionBranch, steps: Steps, spot: Spot) -> r.ExceptionReason:
    when = steps.replay.value(branch.when, spot)
    assert isinstance(when, Finite)
    standing: r.ExceptionStanding
    if branch.recorded and not _recorded(branch, steps, spot):
        standing = "does_not_apply"
    else:
        standing = "applies" if when == TRUE else "may_apply" if True in when.outcomes else "does_not_apply"
    rule = steps.replay.plan.rules.get(branch.rule)
    clauses = rule.clauses if rule is not None else (branch.rule,)
    citations = tuple(steps.replay.view.cite(clause) for clause in clauses)
    title = rule.title if rule is not None else citations[0].clause_title
    then = None
    if branch.then is not None and (standing != "does_not_apply" or branch.recorded):
        then = steps.step(branch.then, spot, matters=standing != "does_not_apply")
    inner = tuple(_exception(each, steps, spot) for each in branch.exceptions) if standing != "does_not_apply" else ()
    return r.ExceptionReason(
        branch.rule,
        title,
        citations,
        standing,
        branch.recorded,
        steps.step(branch.when, spot),
        then,
        inner,
    )


def _recorded(branch: t.ExceptionBranch, steps: Steps, spot: Spot) -> bool:
    assert isinstance(branch.then, t.FactValue)
    owner = steps.replay.owner(branch.then.entity, spot)
    return branch.then.fact in owner.given and algebra.has_value(owner.values[branch.then.fact])


def reason_of(steps: Steps, node: Node) -> tuple[r.ConclusionReason, tuple[Node, ...]]:
    """Why a conclusion of an entity is what it is, and the conclusions that it reads. Raises RequestError where the
    facts no longer give it."""
    replay = steps.replay
    path, name = node
    reference = replay.reference
    entity = reference.by_path[path]
    key = (entity.kind, name)
    conclusion = replay.plan.by_key[key]
    value = reference.verify(entity, name)
    steps.begin(entity)
    spot = reference.spots[path]
    rules: tuple[r.RuleReason, ...] = ()
    unwritten = None
    form = replay.view.forms.get(key)
    if form is not None:
        rules = (form.reason(steps, spot, "decides" if algebra.has_value(value) else "silent", ()),)
    elif conclusion.kind == "declared":
        unwritten = steps.step(conclusion.term, spot)
    else:
        rules = Writing(replay).rules(conclusion, value, steps, spot)
    reason = r.make(
        r.ConclusionReason,
        (
            node,
            conclusion.title,
            None if entity.parent is None else label(entity, replay.plan.schema),
            conclusion.kind,
            conclusion.severity,
            status_of(conclusion.kind, algebra.with_nothing(value) if entity.residual else value),
            value,
            conclusion.type,
            rules,
            unwritten,
            reference.notices.get(node, ()),
        ),
    )
    return reason, tuple(steps.read)


class Writing:
    """Puts the rules that write conclusions into the form that explains them, once for a plan, and tells how they stand
    to one another."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.view = replay.view
        self.linked = replay.view.linked

    # ---- rules -------------------------------------------------------------------------------------------------------

    def rules(self, conclusion: Conclusion, value: Scalar, steps: Steps, spot: Spot) -> tuple[r.RuleReason, ...]:
        rules = self.replay.plan.rules
        if conclusion.kind == "due" and len(self._bases(conclusion)) > 1:
            return self._due(conclusion, value, steps, spot)
        if not isinstance(conclusion.term, t.Written):
            form = self.view.forms[conclusion.key] = self._form(conclusion, self._bases(conclusion)[0], conclusion.term)
            return (form.reason(steps, spot, "decides" if algebra.has_value(value) else "silent", ()),)
        writers = conclusion.term.writers
        said = [self.replay.value(writer.term, spot) for writer in writers]
        found = []
        for number, writer in enumerate(writers):
            above = [said[i] for i, other in enumerate(writers) if number in other.beats]
            below = tuple(
                (
                    writers[i].rule,
                    rules[writers[i].rule].title,
                    self._ground(rules[writer.rule], rules[writers[i].rule]),
                )
                for i in sorted(writer.beats)
            )
            if conclusion.term.accumulates:
                standing = _accumulating_standing(conclusion.term, said, number)
            else:
                standing = _writer_standing(said[number], above)
            form = self._written(conclusion, rules[writer.rule], writer.term)
            found.append(form.reason(steps, spot, standing, below))
        return _by_standing(found)

    def _due(self, conclusion: Conclusion, value: Scalar, steps: Steps, spot: Spot) -> tuple[r.RuleReason, ...]:
        """The rules that say by which day a duty of several is due, of which the earliest day stands."""
        earliest = conclusion.term
        assert isinstance(earliest, t.Choose)
        assert isinstance(earliest.then, t.Aggregate)
        assert isinstance(earliest.then.operand, t.ListOf)
        dated = [rule for rule in self._bases(conclusion) if rule.duty is not None and rule.duty.due is not None]
        found = []
        for rule, day in zip(dated, earliest.then.operand.items, strict=True):
            assert isinstance(day, t.Choose)
            test = t.Junction("&&", (earliest.test, day.test), True)
            form = self._written(conclusion, rule, replace(day, test=test))
            standing = _day_standing(self.replay.value(day, spot), value)
            found.append(form.reason(steps, spot, standing, ()))
        return _by_standing(found)

    def _bases(self, conclusion: Conclusion) -> list[Rule]:
        """The rules that write a conclusion, exceptions aside, by their ids."""
        rules = self.replay.plan.rules
        return [rules[name] for name in conclusion.rules if rules[name].except_ is None]

    def _ground(self, one: Rule, two: Rule) -> r.Ground:
        """Why ``one`` prevails over ``two`` (design 5.10)."""
        if two.id in one.overrides:
            return "overrides"
        mine, theirs = self.linked.instruments[one.instrument], self.linked.instruments[two.instrument]
        if LEVELS[mine.level] != LEVELS[theirs.level]:
            return "superior"
        places, day = self.replay.assessment.program.places, self.replay.plan.law_at
        narrower = one.jurisdiction != two.jurisdiction and places.covers(two.jurisdiction, one.jurisdiction, day)
        return "special" if narrower else "later"

    def _written(self, conclusion: Conclusion, rule: Rule, term: t.Term) -> RuleForm:
        """The form of one of several rules that write a conclusion."""
        key = (*conclusion.key, rule.id)
        found = self.view.forms.get(key)
        if found is None:
            found = self.view.forms[key] = self._form(conclusion, rule, term)
        return found

    def _form(self, conclusion: Conclusion, rule: Rule, term: t.Term) -> RuleForm:
        citations = tuple(self.view.cite(clause) for clause in rule.clauses)
        remedy = rule.remedy.text if rule.remedy is not None else None
        head = (rule.id, rule.title, citations, rule.confidence, rule.force, rule.note, remedy)
        middle = (self._settings(rule), self._overlays(rule))
        value, test = value_of(self.view, term), None
        if (rule.applies is not None or conclusion.kind == "due") and isinstance(term, t.Choose):
            test = (value_of(self.view, term.test), maker(self.view, term.test, None))
            term = term.then
        exceptions: tuple[t.ExceptionBranch, ...] = ()
        if isinstance(term, t.Excepted):
            exceptions = term.exceptions
            term = term.base
        return RuleForm(head, middle, conclusion.type, value, test, maker(self.view, term, None), exceptions)

    # ---- what a rule cites -------------------------------------------------------------------------------------------

    def _settings(self, rule: Rule) -> tuple[r.Setting, ...]:
        """The parameters that a rule reads, with their values here."""
        found = []
        for name in _parameters(rule):
            declared, overlay = self.linked.parameters[name], self._set("/".join(name))
            value = overlay.value if overlay is not None else declared.value
            if value is not None:
                cited = tuple(self.view.cite(clause) for clause in overlay.clauses) if overlay is not None else ()
                found.append(r.Setting("/".join(name), declared.title, plain(value.value, declared.type), cited))
        return tuple(found)

    def _set(self, target: str) -> Overlay | None:
        """The overlay that sets a parameter here: the most special one in force."""
        places, plan = self.replay.assessment.program.places, self.replay.plan
        found = [
            overlay for overlay in self.linked.overlays
            if overlay.action == "set" and overlay.target == target and overlay.days.covers(plan.law_at)
            and places.covers(overlay.jurisdiction, plan.place, plan.law_at)
        ]  # fmt: skip
        return max(found, key=lambda each: len(places.ancestors(each.jurisdiction, plan.law_at)), default=None)

    def _overlays(self, rule: Rule) -> tuple[r.OverlayReason, ...]:
        overlays = self.replay.plan.overlays.get(rule.id, ())
        return tuple(r.OverlayReason(each.action, tuple(self.view.cite(c) for c in each.clauses)) for each in overlays)


def _parameters(rule: Rule) -> dict[tuple[str, str], None]:
    """The parameters that a rule reads."""
    names: dict[tuple[str, str], None] = {}
    for root in (rule.applies, rule.when, rule.body):
        for term in walk(root) if root is not None else ():
            if isinstance(term, t.ParameterValue):
                names[term.ruleset, term.name] = None
            elif isinstance(term, t.UnsettledReadings):
                names[term.ruleset, term.parameter] = None
    return names


def _writer_standing(said: Scalar, above: list[Scalar]) -> r.WriterStanding:
    if not algebra.has_value(said):
        return "silent"
    if any(not algebra.has_nothing(other) for other in above):
        return "gives_way"
    return "decides" if not any(algebra.has_value(other) for other in above) else "may_decide"


def _accumulating_standing(term: t.Written, said: list[Scalar], number: int) -> r.WriterStanding:
    """How one of the writers of a finding or duty stands to the others: what any of them finds stands."""
    if not algebra.has_value(said[number]):
        return "silent"
    above = [[said[place] for place, other in enumerate(term.writers) if i in other.beats] for i in range(len(said))]
    stands = [not any(map(algebra.has_value, over)) for over in above]
    may_stand = [all(map(algebra.has_nothing, over)) for over in above]
    others = [i for i in range(len(said)) if i != number]
    if not may_stand[number]:
        return "gives_way"
    if stands[number] and said[number] == TRUE:
        return "decides"
    if any(stands[i] and said[i] == TRUE for i in others):
        return "gives_way"
    return (
        "decides" if stands[number] and not any(may_stand[i] and _may_find(said[i]) for i in others) else "may_decide"
    )


def _may_find(said: Scalar) -> bool:
    return isinstance(said, Finite) and True in said.outcomes


def _day_standing(day: Scalar, earliest: Scalar) -> r.WriterStanding:
    """How one due day stands to the earliest of all, where the duty is owed."""
    if not algebra.has_value(day) or not algebra.has_value(earliest):
        return "silent"
    assert isinstance(day, Interval)
    assert isinstance(earliest, Interval)
    (first, last), (least, most) = algebra.ends(day), algebra.ends(earliest)
    if first > most:
        return "gives_way"
    return "decides" if last <= least and not algebra.has_nothing(day) else "may_decide"


def _by_standing(found: Iterable[r.RuleReason]) -> tuple[r.RuleReason, ...]:
    order = ("decides", "may_decide", "gives_way", "silent")
    return tuple(sorted(found, key=lambda each: order.index(each.standing)))
