"""What an assessment answers: conclusions with what is still possible, and what was asked.

An `Assessment` wraps what an engine computed and reads it out only as it is asked, so that deciding stays cheap. Its
document (`to_document`) is versioned and has a published JSON Schema (`safetyrules.documents`).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from datetime import date
from fractions import Fraction
from functools import cached_property, partial
from typing import TYPE_CHECKING, Literal, NamedTuple

from safetyrules.computed import Treatment as Treatment
from safetyrules.diagnostics import Diagnostic, RequestError, diagnostic, did_you_mean
from safetyrules.engine import algebra
from safetyrules.facts.schema import ChoiceType, DateType
from safetyrules.language import terms as t
from safetyrules.language.order import share_name
from safetyrules.language.plan import Conclusion, Plan
from safetyrules.language.ruleform import Rule
from safetyrules.language.term_trees import walk
from safetyrules.text import Text
from safetyrules.values import FALSE, NOTHING, TRUE, Finite, Interval, Scalar

if TYPE_CHECKING:
    from safetyrules.computed import Computed, Row
    from safetyrules.documents import AssessmentDocument
    from safetyrules.explanation.needs import Need
    from safetyrules.explanation.trace import Replay
    from safetyrules.explanation.why import Assumption, Explanation
    from safetyrules.explanation.why_not import WhyNot
    from safetyrules.program import Program

Value = bool | str | Fraction | date
Status = Literal["found", "not_found", "not_applicable", "determined", "no_value", "undetermined"]
EngineName = Literal["compiled", "reference", "chained"]


class Request(NamedTuple):
    """What was asked, beside the facts."""

    subject: str
    as_of: date
    law_at: date
    place: str | None
    jurisdiction: str
    what_if: bool
    treat_unknown_as: Treatment
    closed: tuple[str, ...]
    engine: EngineName
    sectors: tuple[str, ...] | None = None


def status_of(kind: str, scalar: Scalar) -> Status:
    """The status of a conclusion of a kind of which ``scalar`` is still possible."""
    if scalar is TRUE or scalar is FALSE:  # as it mostly is
        return "determined" if kind != "finding" else "found" if scalar is TRUE else "not_found"
    if not scalar.known:
        return "undetermined"
    if not algebra.has_value(scalar):
        return "not_applicable" if kind in ("finding", "duty") else "no_value"
    if kind == "finding":
        return "found" if scalar == TRUE else "not_found"
    return "determined"


class Outcome(NamedTuple):
    """One conclusion of one entity. ``path`` is the entity's, ``scalar`` what is still possible."""

    path: str
    conclusion: Conclusion
    scalar: Scalar
    treatment: Treatment

    @property
    def name(self) -> str:
        return self.conclusion.name

    @property
    def title(self) -> Text:
        return self.conclusion.title

    @property
    def residual(self) -> bool:
        """Does it stand for parts that an open list may still have?"""
        return "[?]" in self.path

    @property
    def status(self) -> Status:
        return status_of(self.conclusion.kind, self.scalar)

    @property
    def value(self) -> Value | None:
        """The value where it is determined and there is one; else None."""
        scalar = self.scalar
        if isinstance(scalar, Finite):
            outcomes = scalar.outcomes
            if len(outcomes) != 1:
                return None
            (only,) = outcomes
            return None if only is NOTHING else only  # type: ignore[return-value]
        if not isinstance(scalar, Interval) or scalar.nothing:
            return None
        low, high = scalar.low, scalar.high
        return self._bound(low) if low is high or low == high else None

    @property
    def possible(self) -> tuple[bool | str | None, ...] | None:
        """The outcomes still possible, in the order of their type, None for "no value"; None for numbers, dates and
        texts of which nothing is known (see `bounds`)."""
        if not isinstance(self.scalar, Finite):
            return None
        type_ = self.conclusion.type
        order = type_.members if isinstance(type_, ChoiceType) else ()

        def rank(outcome: object) -> tuple[int, int, str]:
            if outcome is NOTHING:
                return (2, 0, "")
            return (0, order.index(str(outcome)) if outcome in order else 0, str(outcome))

        return tuple(o if isinstance(o, bool | str) else None for o in sorted(self.scalar.outcomes, key=rank))

    @property
    def bounds(self) -> tuple[Fraction | date | None, Fraction | date | None] | None:
        """Least and greatest value still possible of a number or date, None where unbounded."""
        if not isinstance(self.scalar, Interval) or self.scalar.empty:
            return None
        return self._bound(self.scalar.low), self._bound(self.scalar.high)

    @property
    def may_have_no_value(self) -> bool:
        return algebra.has_nothing(self.scalar)

    @property
    def proven(self) -> str | None:
        """Of a scale with a worse end: the level that it is at least as bad as."""
        return self._end(worse=False)

    @property
    def worst(self) -> str | None:
        """Of a scale with a worse end: the worst level still possible."""
        return self._end(worse=True)

    def _end(self, worse: bool) -> str | None:
        type_ = self.conclusion.type
        if not isinstance(type_, ChoiceType) or type_.worse == "none" or not isinstance(self.scalar, Finite):
            return None
        levels = [level for level in type_.members if level in self.scalar.outcomes]
        if not levels or (not worse and NOTHING in self.scalar.outcomes):
            return None
        return levels[-1] if (type_.worse == "last") == worse else levels[0]

    @property
    def treated(self) -> bool | str | None:
        """What the caller's ``treat_unknown_as`` makes of an undetermined outcome that has a worse direction; None
        where it has none, where the caller withholds, and for permissions, which only a decision settles (design 5.6,
        5.13)."""
        if self.treatment == "withhold" or self.scalar.known:
            return None
        if any(isinstance(term, t.Permitted) for term in walk(self.conclusion.term)):
            return None
        if self.conclusion.kind == "finding":
            return self.treatment == "worst"
        if self.treatment == "worst":
            return self.worst
        type_ = self.conclusion.type
        return self._best(type_) if isinstance(type_, ChoiceType) and type_.worse != "none" else None

    def _best(self, type_: ChoiceType) -> str | None:
        assert isinstance(self.scalar, Finite)
        levels = [level for level in type_.members if level in self.scalar.outcomes]
        return levels[0 if type_.worse == "last" else -1] if levels else None

    def _bound(self, bound: Fraction | None) -> Fraction | date | None:
        if self.conclusion.type.__class__ is DateType and bound is not None:
            return date.fromordinal(int(bound))
        return bound


#: Makes an outcome of the tuple of its fields, in half the time of calling its class.
_outcome: Callable[[Row], Outcome] = partial(tuple.__new__, Outcome)


class Assessment:
    """The answer for one subject. Reading it never changes it; it holds the facts it was given, so do not change
    those."""

    def __init__(
        self,
        program: Program,
        plan: Plan,
        facts: object,
        request: Request,
        computed: Computed,
        notices: tuple[Diagnostic, ...] = (),
    ) -> None:
        self.program = program
        self.plan = plan
        self.facts = facts
        self.request = request
        self.computed = computed
        self._notices = notices

    @cached_property
    def scalars(self) -> Mapping[tuple[str, str], Scalar]:
        """(entity path, conclusion name) → what is still possible."""
        return self.computed.outcomes()

    @cached_property
    def outcomes(self) -> tuple[Outcome, ...]:
        """Every conclusion of every entity, in the order of the plan."""
        return tuple(map(_outcome, self.computed.rows(self.request.treat_unknown_as)))

    @cached_property
    def conclusions(self) -> Mapping[str, Outcome]:
        """The conclusions of the subject itself, by name."""
        return {o.name: o for o in self.outcomes if o.path == self.request.subject}

    def __getitem__(self, name: str) -> Outcome:
        """The outcome of a conclusion of the subject, or of a part as ``path#conclusion``. Raises RequestError."""
        return self.outcome(name)

    def outcome(self, name: str) -> Outcome:
        path, _, conclusion = name.rpartition("#")
        root = self.request.subject
        if not path and (known := self.plan.by_key.get((root, name))) is not None:
            return Outcome(root, known, self.computed.one(name), self.request.treat_unknown_as)
        path = root if not path else path if path.startswith(root) else f"{root}.{path}"
        for outcome in self.outcomes:
            if outcome.path == path and outcome.name == conclusion:
                return outcome
        names = [o.name if o.path == root else f"{o.path}#{o.name}" for o in self.outcomes]
        raise RequestError([diagnostic("SR2101", name=name, found=name, fix=did_you_mean(name, names))])

    @cached_property
    def findings(self) -> tuple[Outcome, ...]:
        """The binding findings, with one outcome for each entity."""
        return tuple(o for o in self.outcomes if o.conclusion.kind == "finding" and o.conclusion.binds)

    @cached_property
    def concluded_by(self) -> Mapping[str, tuple[Conclusion, ...]]:
        """``instrument#clause`` → the binding findings about such a subject that it may find; one that several clauses
        may find as this one does, with its rules and its severity."""
        grouped: dict[str, list[Conclusion]] = {}
        for conclusion in self.plan.about(self.request.subject):
            if conclusion.kind == "finding" and conclusion.binds:
                for each in conclusion.by_clause:
                    assert each.clause is not None
                    grouped.setdefault(each.clause, []).append(each)
        return {clause: tuple(conclusions) for clause, conclusions in grouped.items()}

    @cached_property
    def found_by(self) -> Mapping[str, tuple[Outcome, ...]]:
        """``instrument#clause`` → what is found by it, with one outcome for each entity. A finding that several clauses
        may find is under each of them, with what that one finds, its rules and its severity. Raises RequestError where
        such a finding is in force and the facts were changed since."""
        grouped: dict[str, list[Outcome]] = {clause: [] for clause in self.concluded_by}
        for outcome in self.findings:
            for each in self._shares(outcome) if outcome.conclusion.shares else (outcome,):
                assert each.conclusion.clause is not None
                grouped[each.conclusion.clause].append(each)
        return {clause: tuple(outcomes) for clause, outcomes in grouped.items()}

    def _shares(self, outcome: Outcome) -> Iterator[Outcome]:
        """What each of several clauses finds of a finding of one entity."""
        for conclusion in outcome.conclusion.by_clause:
            with self.replay.lock:
                self.replay.demand((outcome.path, outcome.name))
                scalar = self.replay.value(conclusion.term, self.replay.spot(outcome.path))
            if outcome.residual:
                scalar = algebra.with_nothing(scalar)
            yield outcome._replace(conclusion=conclusion, scalar=scalar)

    @cached_property
    def scalars_apart(self) -> Mapping[tuple[str, str], Scalar]:
        """`scalars`, with those of what each clause finds of findings that several may find (`Plan.telling_apart`)."""
        shares = (share for each in self.findings if each.conclusion.shares for share in self._shares(each))
        return {**self.scalars, **{(each.path, share_name(each.conclusion)): each.scalar for each in shares}}

    @cached_property
    def by_clause(self) -> Mapping[str, Status]:
        """``instrument#clause`` → the status of what it finds over all entities: found in one is found; then
        undetermined in one; then not found; not applicable where it is so everywhere, or where there is nothing it
        could apply to. Clauses about other subjects are not among them."""
        order: tuple[Status, ...] = ("found", "undetermined", "not_found", "not_applicable")
        found: dict[str, Status] = {}
        for clause, outcomes in self.found_by.items():
            seen = {"undetermined" if each.residual and each.status == "found" else each.status for each in outcomes}
            found[clause] = next((status for status in order if status in seen), "not_applicable")
        return found

    @property
    def grades(self) -> Mapping[str, Outcome]:
        """The grades of the subject, by name."""
        return {name: o for name, o in self.conclusions.items() if o.conclusion.kind == "grade"}

    @property
    def duties(self) -> tuple[Outcome, ...]:
        return tuple(o for o in self.outcomes if o.conclusion.kind == "duty" and o.conclusion.binds)

    def rules(self, outcome: Outcome) -> tuple[Rule, ...]:
        """The rules in force that write an outcome's conclusion."""
        return tuple(self.plan.rules[name] for name in outcome.conclusion.rules)

    @cached_property
    def notices(self) -> tuple[Diagnostic, ...]:
        """What a reader must know beside the outcomes: no list in force, an unknown place, a rule replaced."""
        return (*self._notices, *self.plan.notices)

    @cached_property
    def facts_digest(self) -> str:
        from safetyrules.facts.raw import facts_digest

        return facts_digest(self.facts)

    def to_document(self) -> AssessmentDocument:
        """The answer as a versioned document; ``.to_json()`` gives plain JSON data of schema ``assessment/v1``."""
        from safetyrules.describe import assessment_document

        return assessment_document(self)

    @cached_property
    def replay(self) -> Replay:
        """The assessment replayed, for all its explanations; made of the facts as they are when it is first asked for.
        Raises RequestError where they were changed since."""
        from safetyrules.explanation.trace import Replay

        return Replay(self)

    # ---- explanations ------------------------------------------------------------------------------------------------

    def why(self, name: str) -> Explanation:
        """Why a conclusion is what it is: one of the subject, ``path#name`` of a part, the name alone for all parts
        that have it, or ``instrument#clause``. Raises RequestError (no such conclusion; facts changed since)."""
        from safetyrules.explanation.why import why

        return why(self, name)

    def why_not(self, name: str, level: str | bool | None) -> WhyNot:
        """Why a conclusion is not, or not proven, ``level``, and what would have to be so. Raises RequestError."""
        from safetyrules.explanation.why_not import why_not

        return why_not(self, name, level)

    def needs(self, outcome: Outcome | str) -> tuple[Need, ...]:
        """What is not known and can still change an outcome; empty where it is determined. Raises RequestError."""
        return self.why(self._named(outcome)).needs

    def assumptions(self, outcome: Outcome | str) -> tuple[Assumption, ...]:
        """The assumed facts, those of a closed world included, that an outcome rests on. Raises RequestError."""
        return self.why(self._named(outcome)).assumptions

    def _named(self, outcome: Outcome | str) -> str:
        return outcome if isinstance(outcome, str) else f"{outcome.path}#{outcome.name}"

    def __iter__(self) -> Iterator[Outcome]:
        return iter(self.outcomes)
