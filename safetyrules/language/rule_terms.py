"""One rule as written becomes one rule typed: its citations, its days, its conditions and the term of its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.facts.schema import ChoiceType, NumberType, ScalarType
from safetyrules.language import terms as t
from safetyrules.language.check import check, check_condition
from safetyrules.language.declare import Declarations, days_of
from safetyrules.language.document import (
    Citation,
    DecisionTableDocument,
    Formula,
    NoValue,
    Outcome,
    Permission,
    RuleDocument,
    RulesetDocument,
    Scalar,
    Word,
)
from safetyrules.language.exhaustive import is_exhaustive
from safetyrules.language.ruleform import Days, Duty, Remedy, Rule
from safetyrules.language.scope import Scope
from safetyrules.language.types import constant, plain_type, unknown_name
from safetyrules.text import same

#: (entity kind, conclusion name)
Key = tuple[str, str]


class RuleChecker:
    """Checks rules against what is declared. ``may_be_nothing`` is read as it stands when a rule is checked."""

    def __init__(
        self,
        declarations: Declarations,
        documents: dict[str, tuple[RuleDocument, RulesetDocument]],
        conclusion_types: Mapping[Key, ScalarType],
        may_be_nothing: Mapping[Key, bool],
        names: Mapping[str, Sequence[str]],
    ) -> None:
        self.declarations = declarations
        self.documents = documents
        self.conclusion_types = conclusion_types
        self.may_be_nothing = may_be_nothing
        self.names = names

    def scope(self, kind: str, ruleset: str, problems: list[Diagnostic], read: set[Key]) -> Scope:
        def conclusion(kind: str, name: str) -> tuple[ScalarType, bool] | None:
            type_ = self.conclusion_types.get((kind, name))
            if type_ is None:
                return None
            read.add((kind, name))
            return type_, self.may_be_nothing[kind, name]

        d = self.declarations
        return Scope(
            d.schema, d.schema.kinds[kind], ruleset, conclusion, self.names, d.parameters, d.tables, problems, {}, check
        )

    def rule(
        self,
        document: RuleDocument,
        ruleset: RulesetDocument,
        key: Key,
        problems: list[Diagnostic],
        readers: dict[Key, set[str]],
    ) -> Rule | None:
        """The rule that writes conclusion ``key``, or None after problems; what it reads is noted in ``readers``."""
        read: set[Key] = set()
        scope = self.scope(key[0], ruleset.name.text, problems, read)
        type_ = self.conclusion_types[key]
        clauses = self.citations(document.clause, ruleset, problems)
        days = self._days(document, clauses, problems)
        base = self._base_document(document)
        base_applies = (
            check_condition(
                base.applies, self.scope(key[0], self.documents[base.id.text][1].name.text, [], set()), t.BOOLEAN
            )
            if base is not document and base.applies
            else None
        )
        applies = check_condition(document.applies, scope, t.BOOLEAN) if document.applies is not None else None
        inner = scope.knowing(applies).knowing(base_applies)
        when = check_condition(document.when, inner, t.BOOLEAN) if document.when is not None else None
        body, recorded = self._body(document, key, type_, inner, when, problems)
        duty = self._duty(document, inner.knowing(when))
        for found in read:
            readers.setdefault(found, set()).add(document.id.text)
        if body is None or not clauses or any(p.severity is Severity.ERROR for p in problems):
            return None
        return Rule(
            id=document.id.text, title=document.title, ruleset=ruleset.name.text,
            sector=ruleset.sector.text if ruleset.sector else None, kind=document.kind, clauses=clauses,
            confidence=document.confidence, force=document.force, on=key[0], concludes=key[1], days=days,
            jurisdiction=self.declarations.rulesets[ruleset.name.text].jurisdiction, type=type_, applies=applies, body=body,
            span=document.span, severity=document.severity, duty=duty, remedy=self._remedy(document, key, problems),
            except_=document.except_.text if document.except_ else None, withdraw=document.withdraw, recorded=recorded,
            when=when, overrides=self._overrides(document, problems), note=document.note,
        )  # fmt: skip

    def _base_document(self, document: RuleDocument) -> RuleDocument:
        while document.kind == "exception" and document.except_ is not None:
            document = self.documents[document.except_.text][0]
        return document

    def citations(
        self, citations: Sequence[Citation], ruleset: RulesetDocument, problems: list[Diagnostic]
    ) -> tuple[str, ...]:
        found: list[str] = []
        for citation in citations:
            name = citation.instrument or ruleset.instrument.text
            instrument = self.declarations.instruments.get(name)
            if instrument is None:
                if citation.instrument is not None:
                    problems.append(unknown_name(Word(name, citation.span), "SR0903", self.declarations.instruments))
            elif citation.clause not in instrument.clauses:
                word = Word(citation.clause, citation.span)
                problems.append(unknown_name(word, "SR0905", instrument.clauses))
            else:
                found.append(f"{name}#{citation.clause}")
        return tuple(found)

    def _days(self, document: RuleDocument, clauses: tuple[str, ...], problems: list[Diagnostic]) -> Days:
        own = days_of(document.in_force, problems) if document.in_force is not None else Days(None, None)
        days = own
        for number, citation in enumerate(clauses):
            theirs = self.declarations.instruments[citation.split("#", 1)[0]].in_force
            if not own.overlaps(theirs):
                problems.append(
                    diagnostic(
                        "SR0907",
                        document.id.span,
                        name=document.id.text,
                        clause=citation,
                        found=f"{own.first} … {own.last}",
                        expected=same(f"{theirs.first} … {theirs.last}"),
                    )  # fmt: skip
                )
            if number == 0:
                first = max((d for d in (own.first, theirs.first) if d is not None), default=None)
                last = min((d for d in (own.last, theirs.last) if d is not None), default=None)
                days = Days(first, last, own.inferred or theirs.inferred)
            elif not days.overlaps(theirs):
                problems.append(
                    diagnostic(
                        "SR0908",
                        document.clause[number].span,
                        severity=Severity.WARNING,
                        name=document.id.text,
                        clause=citation,
                        found=f"{theirs.first} … {theirs.last}",
                        expected=same(f"{days.first} … {days.last}"),
                    )  # fmt: skip
                )
        return days

    def _body(
        self,
        document: RuleDocument,
        key: Key,
        type_: ScalarType,
        scope: Scope,
        when: t.Term | None,
        problems: list[Diagnostic],
    ) -> tuple[t.Term | None, bool]:
        """The term of the outcome, and whether it is a recorded departure."""
        if document.kind in ("finding", "duty"):
            return (when if document.when is not None else t.Constant(True, t.BOOLEAN)), False
        if document.kind == "exception":
            if document.withdraw:
                return t.NoValueTerm(type_), False
            if document.decided_by is not None:
                fact = scope.kind.facts.get(document.decided_by.text)
                if fact is None or fact.type != type_:
                    problems.append(
                        unknown_name(
                            document.decided_by, "SR0605", [n for n, f in scope.kind.facts.items() if f.type == type_]
                        )
                    )
                    return None, True
                return t.FactValue(
                    t.Up(0, key[0]), fact.name, type_, fact.may_not_apply, document.decided_by.span
                ), True
            assert document.then is not None
            return self._outcome(document.then, type_, scope.knowing(when)), False
        if document.table is not None:
            return self._table(document.table, document, key, type_, scope, problems), False
        assert document.is_ is not None
        return check_condition(document.is_, scope, type_, passing=True), False

    def _table(
        self,
        table: DecisionTableDocument,
        document: RuleDocument,
        key: Key,
        type_: ScalarType,
        scope: Scope,
        problems: list[Diagnostic],
    ) -> t.Term | None:
        if not self._hit_fits(table, type_, problems):
            return None
        rows: list[t.TableRow] = []
        ruleset = self.documents[document.id.text][1] if document.id.text in self.documents else None
        for row in table.rows:
            when = check_condition(row.when, scope, t.BOOLEAN)
            counted = t.Constant(True, t.BOOLEAN) if table.hit == "collect count" else None
            then = counted or self._outcome(row.then, type_, scope.knowing(when))
            clauses = self.citations(row.clause, ruleset, problems) if ruleset is not None else ()
            if when is not None and then is not None:
                rows.append(t.TableRow(when, then, clauses, row.span))
        otherwise: t.Term | None = None
        if table.otherwise is not None:
            otherwise = self._outcome(table.otherwise, type_, scope)
            if otherwise is None:
                return None
        elif document.kind == "grade":
            problems.append(diagnostic("SR0801", table.span, name=document.id.text))
            return None
        if len(rows) != len(table.rows):
            return None
        collected = table.hit in ("collect sum", "collect count")
        exhaustive = otherwise is None and not collected and is_exhaustive(tuple(rows), self.declarations)
        nothing = any(row.then.may_be_nothing or row.when.may_be_nothing for row in rows)
        if otherwise is None:
            nothing = nothing or not (exhaustive or collected)
        else:
            nothing = nothing or otherwise.may_be_nothing
        return t.DecisionTable(table.hit, tuple(rows), otherwise, exhaustive, type_, nothing, table.span)

    def _hit_fits(self, table: DecisionTableDocument, type_: ScalarType, problems: list[Diagnostic]) -> bool:
        scale = isinstance(type_, ChoiceType) and type_.scale
        fits = {
            "collect max": scale or isinstance(type_, NumberType),
            "collect min": scale or isinstance(type_, NumberType),
            "collect sum": isinstance(type_, NumberType),
            "collect count": isinstance(type_, NumberType),
            "priority": isinstance(type_, ChoiceType),
        }.get(table.hit, True)
        if not fits:
            problems.append(diagnostic("SR0802", table.hit_span, hit=table.hit, found=plain_type(type_)))
        if table.hit in ("collect sum", "collect count") and table.otherwise is not None:
            problems.append(diagnostic("SR0803", table.hit_span, hit=table.hit))
            return False
        return fits

    def _outcome(self, outcome: Outcome, type_: ScalarType, scope: Scope) -> t.Term | None:
        match outcome:
            case NoValue(span):
                return t.NoValueTerm(type_, span)
            case Scalar():
                return constant(outcome, type_, scope.problems)
            case Formula():
                return check_condition(outcome, scope, type_, passing=True)
            case Permission(span, permitted, settled_by):
                return self._permission(span, permitted, settled_by, type_, scope)

    def _permission(
        self, span: object, permitted: Sequence[Scalar], settled_by: Word | None, type_: ScalarType, scope: Scope
    ) -> t.Term | None:
        if not isinstance(type_, ChoiceType):
            scope.report("SR0804", permitted[0].span, found=plain_type(type_))
            return None
        members = [constant(scalar, type_, scope.problems) for scalar in permitted]
        decision: t.Term | None = None
        if settled_by is not None:
            fact = scope.kind.facts.get(settled_by.text)
            if fact is None or fact.type != type_:
                known = [n for n, f in scope.kind.facts.items() if f.type == type_]
                scope.problems.append(unknown_name(settled_by, "SR0605", known))
                return None
            decision = t.FactValue(t.Up(0, scope.kind.name), fact.name, type_, fact.may_not_apply, settled_by.span)
        good = tuple(str(m.value) for m in members if m is not None)
        return t.Permitted(good, decision, type_, permitted[0].span) if len(good) == len(members) else None

    def _duty(self, document: RuleDocument, scope: Scope) -> Duty | None:
        if document.duty is None:
            return None
        written = document.duty
        due = check_condition(written.due, scope, t.DATE) if written.due is not None else None
        return Duty(written.text, written.evidence, due, written.every_months, written.every_days, written.basis)

    def _remedy(self, document: RuleDocument, key: Key, problems: list[Diagnostic]) -> Remedy | None:
        if document.remedy is None:
            return None
        facts = self.declarations.schema.kinds[key[0]].facts
        for word in document.remedy.facts:
            if word.text not in facts:
                problems.append(unknown_name(word, "SR0606", facts))
        return Remedy(document.remedy.text, tuple(word.text for word in document.remedy.facts))

    def _overrides(self, document: RuleDocument, problems: list[Diagnostic]) -> tuple[str, ...]:
        for word in document.overrides:
            if word.text not in self.documents:
                problems.append(unknown_name(word, "SR0603", self.documents))
        return tuple(word.text for word in document.overrides)
