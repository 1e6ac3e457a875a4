"""From an assessment to its document."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from fractions import Fraction
from typing import Any, Literal, TypeGuard, cast

import safetyrules
from safetyrules import documents as d
from safetyrules.explanation.amounts import amount
from safetyrules.explanation.needs import Need, needs
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    FactType,
    NumberType,
    ScalarType,
    TextType,
    type_name,
)
from safetyrules.language.plan import Conclusion
from safetyrules.result import Assessment, Outcome
from safetyrules.text import Text
from safetyrules.values import Finite, Scalar

FOUND = Text("发现", "found")
NOT_FOUND = Text("未发现", "not found")
NOT_APPLICABLE = Text("不适用", "not applicable")
UNDETERMINED = Text("未能确定", "undetermined")
ClauseStatus = Literal["found", "not_found", "not_applicable", "undetermined"]


def assessment_document(
    assessment: Assessment, *, case: Text | None = None, changes: Iterable[tuple[str, str]] = ()
) -> d.AssessmentDocument:
    """The document of an assessment; ``changes`` are facts that were set to ask a what-if."""
    return _Description(assessment).document(case, changes)


class _Description:
    def __init__(self, assessment: Assessment) -> None:
        self.assessment = assessment
        self.plan = assessment.plan
        self.linked = assessment.program.linked
        self.replay = assessment.replay
        self.root: Entity = self.replay.root
        self.entities = {entity.path: entity for entity in self.root.walk()}
        self.kinds = self.plan.schema.kinds
        self.about = self.plan.about(assessment.request.subject)
        self.cited: dict[str, set[str]] = {}
        self.choices: dict[str, ChoiceType] = {}
        #: By the identity of scalar and type, which the assessment and the plan keep alive.
        self._said: dict[tuple[int, int], d.Words] = {}
        #: By the identity of the need.
        self._needs: dict[int, tuple[Need, d.NeedDocument]] = {}
        self._outcomes = assessment.outcomes

    def document(self, case: Text | None, changes: Iterable[tuple[str, str]]) -> d.AssessmentDocument:
        conclusions = [self.conclusion(outcome) for outcome in self._outcomes]
        findings = self.findings()
        paths = dict.fromkeys([self.root.path, *(outcome.path for outcome in self._outcomes)])
        return d.AssessmentDocument(
            engine=self.engine(),
            request=self.request(),
            facts_digest=self.assessment.facts_digest,
            changes=[d.ChangeDocument(path=path, value=value) for path, value in changes],
            case=None if case is None else d.words(case),
            name=self.name(self.root),
            notices=[d.diagnostic_document(notice) for notice in self.assessment.notices],
            sectors=self.sectors(),
            findings=findings,
            conclusions=conclusions,
            assumptions=self.assumptions(),
            entities={path: self.entity(path) for path in paths},
            choices={name: _choice(type_) for name, type_ in sorted(self.choices.items())},
            instruments={name: self.instrument(name) for name in self.linked.instruments if name in self.cited},
        )

    # ---- what was asked ----------------------------------------------------------------------------------------------

    def engine(self) -> d.EngineDocument:
        plugins = [
            d.PluginDocument(name=p.name, distribution=p.distribution, version=p.version, loaded=p.loaded)
            for p in self.assessment.program.plugins
        ]
        return d.EngineDocument(
            version=safetyrules.__version__,
            engine=self.assessment.request.engine,
            program_digest=self.linked.digest,
            plan_digest=self.plan.digest,
            plugins=plugins,
        )

    def request(self) -> d.RequestDocument:
        request = self.assessment.request
        return d.RequestDocument(
            subject=request.subject,
            as_of=request.as_of.isoformat(),
            law_at=request.law_at.isoformat(),
            place=None if request.place is None else self.place(request.place),
            jurisdiction=self.place(request.jurisdiction),
            what_if=request.what_if,
            treat_unknown_as=request.treat_unknown_as,
            closed=sorted(request.closed),
            sectors=list(self.plan.sectors),
        )

    def place(self, code: str) -> d.PlaceName:
        place = self.assessment.program.places.at(code, self.assessment.request.law_at)
        return d.PlaceName(code=code, name=None if place is None else d.words(place.name))

    # ---- conclusions -------------------------------------------------------------------------------------------------

    def conclusion(self, outcome: Outcome) -> d.ConclusionDocument:
        view, type_ = self.replay.view, outcome.conclusion.type
        concluded = view.plan.by_key[outcome.conclusion.key]
        if isinstance(type_, ChoiceType):
            self.choices[type_.name] = type_
        law = view.static("law in documents", concluded, self.law)
        for clause in law["clauses"]:
            self.cite(clause)
        status, value = outcome.status, outcome.value
        open_ = value is None
        low, high = (outcome.bounds if open_ else None) or (None, None)
        possible = outcome.possible if open_ else None
        return d.ConclusionDocument(
            **law,
            path=outcome.path,
            status=status,
            words=self.said(outcome, status),
            value=_value(value),
            possible=None if possible is None else list(possible),
            low=_value(low),
            high=_value(high),
            may_have_no_value=outcome.may_have_no_value,
            proven=outcome.proven,
            worst=outcome.worst,
            treated=outcome.treated,
            needs=self.needs(outcome) if status == "undetermined" else [],
        )

    def law(self, concluded: Conclusion) -> dict[str, Any]:
        """What the document of a conclusion says whatever the facts are."""
        type_ = concluded.type
        rules = [self.plan.rules[name] for name in concluded.rules]
        unit = type_.unit if isinstance(type_, NumberType) else None
        return {
            "name": concluded.name,
            "kind": concluded.kind,
            "title": d.words(concluded.title),
            "type": type_name(type_),
            "choice": type_.name if isinstance(type_, ChoiceType) else None,
            "unit": None if unit is None else str(unit),
            "sector": concluded.sector,
            "severity": concluded.severity,
            "binds": concluded.binds,
            "clauses": list(dict.fromkeys(clause for rule in rules for clause in rule.clauses)),
            "rules": [rule.id for rule in rules],
            "from_memory": any(rule.confidence == "from-memory" for rule in rules),
        }

    def said(self, outcome: Outcome, status: str) -> d.Words:
        """What is still possible of a conclusion, in words; many say the same."""
        if outcome.conclusion.kind in ("finding", "duty"):
            return d.words(_finding_words(outcome.scalar, status))
        key = (id(outcome.scalar), id(outcome.conclusion.type))
        found = self._said.get(key)
        if found is None:
            found = self._said[key] = d.words(amount(outcome.scalar, outcome.conclusion.type))
        return found

    def needs(self, outcome: Outcome) -> list[d.NeedDocument]:
        return [self.need(need) for need in needs(self.replay, (outcome.path, outcome.name))]

    def need(self, need: Need) -> d.NeedDocument:
        """Several conclusions need the same."""
        kept = self._needs.get(id(need))
        if kept is None:
            known = need.value is not None and _is_scalar(need.type)
            document = d.NeedDocument(
                kind=need.kind,
                path=need.path,
                title=d.words(need.title),
                owner=None if need.owner is None else d.words(need.owner),
                known=d.words(amount(need.value, need.type)) if known else None,  # type: ignore[arg-type]
                help=None if need.help is None else d.words(need.help),
            )
            kept = self._needs[id(need)] = need, document
        return kept[1]

    def findings(self) -> list[d.FindingDocument]:
        found = [self.finding(clause) for clause in sorted(self.assessment.by_clause, key=self.clause_order)]
        for finding in found:
            self.cite(finding.clause)
        return found

    def finding(self, clause: str) -> d.FindingDocument:
        outcomes = self.assessment.found_by[clause]
        concluded = self.assessment.concluded_by[clause]
        return d.FindingDocument(
            clause=clause,
            title=d.words(self.linked.clause(clause).title),
            sector=concluded[0].sector,
            severity="major" if any(c.severity == "major" for c in concluded) else "general",
            status=cast(ClauseStatus, self.assessment.by_clause[clause]),
            found_in=[o.path for o in outcomes if o.status == "found" and not o.residual],
            undetermined_in=[
                o.path for o in outcomes if o.status == "undetermined" or (o.status == "found" and o.residual)
            ],
            conclusions=[c.name for c in concluded],
            rules=list(dict.fromkeys(rule for c in concluded for rule in c.rules)),
        )

    def cite(self, citation: str) -> None:
        instrument, _, clause = citation.partition("#")
        self.cited.setdefault(instrument, set()).add(clause)

    def clause_order(self, citation: str) -> tuple[int, int]:
        instrument, _, clause = citation.partition("#")
        clauses = self.linked.instruments[instrument].clauses
        return list(self.linked.instruments).index(instrument), list(clauses).index(clause)

    # ---- what they are about -----------------------------------------------------------------------------------------

    def sectors(self) -> list[d.SectorDocument]:
        found = (self.plan.schema.sectors[name] for name in self.plan.sectors)
        return [
            d.SectorDocument(
                name=sector.name,
                title=d.words(sector.title),
                grade=sector.grade,
                findings_in_force=sector.name in self.plan.findings,
            )
            for sector in found
        ]

    def entity(self, path: str) -> d.EntityDocument:
        entity = self.entities[path]
        title = self.kinds[entity.kind].title
        return d.EntityDocument(
            kind=entity.kind, title=d.words(title), name=self.name(entity), residual=entity.residual
        )

    def name(self, entity: Entity) -> str | None:
        value = entity.values.get("name")
        if isinstance(value, Finite) and value.known:
            (only,) = value.outcomes
            return only if isinstance(only, str) else None
        return None

    def instrument(self, name: str) -> d.InstrumentDocument:
        instrument = self.linked.instruments[name]
        days = instrument.in_force
        cited = [clause for clause in instrument.clauses.values() if clause.id in self.cited[name]]
        return d.InstrumentDocument(
            title=d.words(instrument.title),
            number=instrument.number,
            issuer=d.words(instrument.issuer),
            level=instrument.level,
            jurisdiction=instrument.jurisdiction,
            in_force_from=None if days.first is None else days.first.isoformat(),
            in_force_to=None if days.last is None else days.last.isoformat(),
            inferred=None if days.inferred is None else d.words(days.inferred),
            clauses=[d.ClauseDocument(clause=clause.id, title=d.words(clause.title)) for clause in cited],
        )

    def assumptions(self) -> list[d.AssumptionDocument]:
        found = []
        for entity in self.entities.values():
            facts = self.kinds[entity.kind].facts
            for name, provenance in entity.provenance.items():
                if provenance.assumed is None:
                    continue
                value, type_ = entity.values.get(name), facts[name].type
                said = amount(value, type_) if value is not None and _is_scalar(type_) else _EMPTY
                found.append(
                    d.AssumptionDocument(
                        path=f"{entity.path}.{name}", title=d.words(facts[name].title), value=d.words(said),
                        why=provenance.assumed, source=provenance.source,
                    )
                )  # fmt: skip
        return found


_EMPTY = Text("没有更多", "no more than given")


def _finding_words(scalar: Scalar, status: str) -> Text:
    named = {"found": FOUND, "not_found": NOT_FOUND, "not_applicable": NOT_APPLICABLE, "determined": FOUND}
    return named.get(status, UNDETERMINED)


def _is_scalar(type_: FactType | None) -> TypeGuard[ScalarType]:
    return isinstance(type_, BooleanType | NumberType | DateType | TextType | ChoiceType)


def _choice(type_: ChoiceType) -> d.ChoiceDocument:
    values = {member: d.words(title) for member, title in zip(type_.members, type_.titles, strict=True)}
    return d.ChoiceDocument(scale=type_.scale, worse=type_.worse, values=values)


def _value(value: bool | str | Fraction | date | None) -> d.Value | None:
    if isinstance(value, Fraction):
        return d.exact_number(value)
    return value.isoformat() if isinstance(value, date) else value
