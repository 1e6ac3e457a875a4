"""Why an outcome is what it is: conclusion ← rules ← conditions ← facts, nested conclusions each explained once."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.engine import algebra
from safetyrules.explanation import reasons as r
from safetyrules.explanation.amounts import plain
from safetyrules.explanation.needs import Need, needs
from safetyrules.explanation.steps import Steps
from safetyrules.explanation.trace import Node, Replay, Spot
from safetyrules.explanation.words import label
from safetyrules.language import terms as t
from safetyrules.language.plan import Conclusion
from safetyrules.language.ruleform import LEVELS, Overlay, Rule
from safetyrules.result import Outcome
from safetyrules.text import Language, Text
from safetyrules.values import TRUE, Finite, Scalar

if TYPE_CHECKING:
    from safetyrules.result import Assessment


@dataclass(frozen=True)
class Assumption:
    """A fact that was assumed and that a conclusion rests on, with the reason given."""

    path: str
    title: Text
    owner: Text | None
    why: str


@dataclass(frozen=True)
class Explanation:
    """Why the conclusions ``roots`` are what they are. Its parts are made when they are first read."""

    replay: Replay = field(repr=False, compare=False)
    roots: tuple[Node, ...]

    @property
    def assessment(self) -> Assessment:
        return self.replay.assessment

    @cached_property
    def conclusions(self) -> tuple[r.ConclusionReason, ...]:
        """The roots, then every conclusion that they rest on, each once, nearest first."""
        making = Conclusions(self.replay)
        pending, seen, found = list(self.roots), set(self.roots), []
        for node in pending:
            reason, read = making.reason(node)
            found.append(reason)
            new = [each for each in read if each not in seen]
            seen.update(new)
            pending.extend(new)
        return tuple(found)

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """What can still change the roots."""
        found: dict[tuple[str, str], Need] = {}
        for root in self.roots:
            for need in needs(self.replay, root):
                found.setdefault((need.kind, need.path), need)
        return tuple(found.values())

    @cached_property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The assumed facts that the roots rest on."""
        found: dict[str, Assumption] = {}
        for reason in self.conclusions:
            for step in steps_of(reason):
                for read in reads_of(step):
                    if read.assumed is not None:
                        found.setdefault(read.path, Assumption(read.path, read.title, read.owner, read.assumed))
        return tuple(found.values())

    def to_text(self, language: Language = "zh") -> str:
        """An indented tree with ✓ ✗ ? marks."""
        from safetyrules.explanation.render import text

        return text(self, language)

    def to_markdown(self, language: Language = "zh") -> str:
        from safetyrules.explanation.render import markdown

        return markdown(self, language)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data of schema ``explanation/v1``, in both languages."""
        from safetyrules.explanation.document import document

        return document(self).model_dump(mode="json")


def steps_of(reason: r.ConclusionReason) -> list[r.Step]:
    """Every step of a conclusion that mattered."""
    pending: list[r.Step | None] = [reason.unwritten]
    for rule in reason.rules:
        if rule.standing != "gives_way":
            branches = list(rule.exceptions)
            for branch in branches:
                pending.extend((branch.when, branch.then))
                branches.extend(branch.exceptions)
            pending.extend((rule.applies, rule.body))
    found = []
    while pending:
        step = pending.pop()
        if step is not None and step.matters:
            found.append(step)
            pending.extend(inside(step))
    return found


def inside(step: r.Step) -> list[r.Step | None]:
    """The steps directly inside a step."""
    match step:
        case r.Atom(details=details):
            return [*details]
        case r.Group(steps=steps):
            return [*steps]
        case r.OverList(members=members):
            return [each for member in members for each in (*member.tests, member.step)]
        case r.Branch(test=test, then=then, otherwise=otherwise):
            return [test, then, otherwise]
        case r.Table(rows=rows, otherwise=otherwise):
            taken = [row for row in rows if row.standing in ("holds", "may_hold")]
            return [*(row.when for row in rows), *(row.then for row in taken), otherwise]
        case r.Readings(readings=readings):
            return [reading.step for reading in readings]
    return []


def reads_of(step: r.Step) -> list[r.FactRead | r.ListRead]:
    """The facts and lists that a step itself reads."""
    match step:
        case r.Atom(reads=reads):
            return [read for read in reads if not isinstance(read, r.ConclusionRead)]
        case r.OverList(lists=lists):
            return [*lists]
        case r.Permission(decision=decision) if decision is not None:
            return [decision]
    return []


class Conclusions:
    """Makes the reasons of conclusions."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.linked = replay.assessment.program.linked
        self._citations: dict[str, r.Citation] = {}

    def reason(self, node: Node) -> tuple[r.ConclusionReason, tuple[Node, ...]]:
        """Why a conclusion of an entity is what it is, and the conclusions that it reads."""
        entity = self.replay.entity(node[0])
        conclusion = self.replay.plan.by_key[entity.kind, node[1]]
        value = self.replay.conclusion(node)
        steps = Steps(self.replay, entity, self.cite)
        spot = self.replay.spot(node[0])
        rules: tuple[r.RuleReason, ...] = ()
        unwritten = None
        if conclusion.kind == "declared":
            unwritten = steps.step(conclusion.term, spot)
        else:
            rules = self._rules(conclusion, steps, spot)
        status = Outcome(
            entity.path, conclusion, algebra.with_nothing(value) if entity.residual else value, "withhold"
        ).status
        owner = None if entity.parent is None else label(entity, self.replay.plan.schema)
        reason = r.ConclusionReason(
            node,
            conclusion.title,
            owner,
            conclusion.kind,
            conclusion.severity,
            status,
            value,
            conclusion.type,
            rules,
            unwritten,
            self.replay.notices(node),
        )
        return reason, tuple(steps.read)

    # ---- rules -------------------------------------------------------------------------------------------------------

    def _rules(self, conclusion: Conclusion, steps: Steps, spot: Spot) -> tuple[r.RuleReason, ...]:
        rules = self.replay.plan.rules
        if not isinstance(conclusion.term, t.Written):
            base = next(rules[name] for name in conclusion.rules if rules[name].except_ is None)
            value = self.replay.value(conclusion.term, spot)
            standing: r.WriterStanding = "decides" if algebra.has_value(value) else "silent"
            return (self._rule(conclusion, base, conclusion.term, steps, spot, standing, ()),)
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
            standing = _writer_standing(said[number], above)
            found.append(self._rule(conclusion, rules[writer.rule], writer.term, steps, spot, standing, below))
        order = ("decides", "may_decide", "gives_way", "silent")
        return tuple(sorted(found, key=lambda each: order.index(each.standing)))

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

    def _rule(
        self,
        conclusion: Conclusion,
        rule: Rule,
        term: t.Term,
        steps: Steps,
        spot: Spot,
        standing: r.WriterStanding,
        prevails: tuple[tuple[str, Text, r.Ground], ...],
    ) -> r.RuleReason:
        value = self.replay.value(term, spot)
        applies = body = None
        exceptions: tuple[r.ExceptionReason, ...] = ()
        guarded = rule.applies is not None or conclusion.kind == "due"
        open_ = True
        if guarded and isinstance(term, t.Choose):
            applies = steps.step(term.test, spot)
            truth = self.replay.value(term.test, spot)
            assert isinstance(truth, Finite)
            open_ = True in truth.outcomes
            term = term.then
        if open_:
            if isinstance(term, t.Excepted):
                exceptions = tuple(self._exception(branch, steps, spot) for branch in term.exceptions)
                term = term.base
            replaced = any(each.standing == "applies" for each in exceptions)
            body = steps.step(term, spot, matters=not replaced)
        return r.RuleReason(
            rule.id,
            rule.title,
            tuple(self.cite(clause) for clause in rule.clauses),
            rule.confidence,
            rule.force,
            rule.note,
            rule.remedy.text if rule.remedy is not None else None,
            value,
            conclusion.type,
            standing,
            prevails,
            self._settings(rule),
            self._overlays(rule),
            applies,
            body,
            exceptions,
        )

    def _exception(self, branch: t.ExceptionBranch, steps: Steps, spot: Spot) -> r.ExceptionReason:
        when = self.replay.value(branch.when, spot)
        assert isinstance(when, Finite)
        standing: r.ExceptionStanding
        if branch.recorded and not self._recorded(branch, spot):
            standing = "does_not_apply"
        else:
            standing = "applies" if when == TRUE else "may_apply" if True in when.outcomes else "does_not_apply"
        rule = self.replay.plan.rules.get(branch.rule)
        clauses = rule.clauses if rule is not None else (branch.rule,)
        citations = tuple(self.cite(clause) for clause in clauses)
        title = rule.title if rule is not None else citations[0].clause_title
        then = None
        if branch.then is not None and (standing != "does_not_apply" or branch.recorded):
            then = steps.step(branch.then, spot, matters=standing != "does_not_apply")
        inner = (
            tuple(self._exception(each, steps, spot) for each in branch.exceptions)
            if standing != "does_not_apply"
            else ()
        )
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

    def _recorded(self, branch: t.ExceptionBranch, spot: Spot) -> bool:
        assert isinstance(branch.then, t.FactValue)
        owner = self.replay.owner(branch.then.entity, spot)
        return branch.then.fact in owner.given and algebra.has_value(owner.values[branch.then.fact])

    # ---- what a rule cites -------------------------------------------------------------------------------------------

    def cite(self, citation: str) -> r.Citation:
        if citation not in self._citations:
            name, _, clause = citation.partition("#")
            instrument = self.linked.instruments[name]
            self._citations[citation] = r.Citation(
                name,
                clause,
                instrument.title,
                instrument.number,
                instrument.clauses[clause].title,
                instrument.level,
                instrument.in_force.first,
                instrument.in_force.last,
                instrument.in_force.inferred,
            )
        return self._citations[citation]

    def _settings(self, rule: Rule) -> tuple[r.Setting, ...]:
        """The parameters that a rule reads, with their values here."""
        names = self.replay.view.static("parameters", rule, _parameters)
        found = []
        for name in names:
            declared, overlay = self.linked.parameters[name], self._set("/".join(name))
            value = overlay.value if overlay is not None else declared.value
            if value is not None:
                cited = tuple(self.cite(clause) for clause in overlay.clauses) if overlay is not None else ()
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
        return tuple(r.OverlayReason(each.action, tuple(self.cite(c) for c in each.clauses)) for each in overlays)


def _parameters(rule: Rule) -> dict[tuple[str, str], None]:
    """The parameters that a rule reads."""
    names: dict[tuple[str, str], None] = {}
    for root in (rule.applies, rule.when, rule.body):
        for term in t.walk(root) if root is not None else ():
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


def named(assessment: Assessment, name: str) -> tuple[Node, ...]:
    """The conclusions that a name means: of the subject, of one part (``path#name``), of all parts that have it, or
    those of a clause (``instrument#clause``). Raises RequestError (SR2101)."""
    root = assessment.request.subject
    path, _, last = name.rpartition("#")
    full = root if not path else path if path == root or path.startswith(f"{root}.") else f"{root}.{path}"
    if (full, last) in assessment.scalars:
        return ((full, last),)
    keys = {c.key for c in assessment.plan.conclusions if c.name == name or name in _clauses(assessment, c)}
    found = tuple((o.path, o.name) for o in assessment.outcomes if o.conclusion.key in keys)
    if not found:
        known = [c.name for c in assessment.plan.conclusions]
        raise RequestError([diagnostic("SR2101", name=name, found=name, fix=did_you_mean(name, known))])
    return found


def _clauses(assessment: Assessment, conclusion: Conclusion) -> tuple[str, ...]:
    rules = (assessment.plan.rules[name] for name in conclusion.rules)
    return tuple(clause for rule in rules for clause in (*rule.clauses, rule.clauses[0].partition("#")[2]))


def why(assessment: Assessment, name: str) -> Explanation:
    """Why a conclusion is what it is; for ``name`` see `named`. Raises RequestError (SR2101, SR2104)."""
    return Explanation(Replay(assessment), named(assessment, name))
