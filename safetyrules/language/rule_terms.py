"""One rule as written becomes one rule typed: its citations, its days, its conditions and the term of its outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set

from safetyrules.diagnostics import Diagnostic, Severity, diagnostic, did_you_mean
from safetyrules.facts.schema import ChoiceType, FactType, NumberType, PartsType, ScalarType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.check import check, check_condition
from safetyrules.language.declare import Declarations
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
from safetyrules.language.instruments import days_of, days_words
from safetyrules.language.ruleform import Days, Duty, Remedy, Rule
from safetyrules.language.scope import Scope
from safetyrules.language.types import constant, plain_type, unknown_name
from safetyrules.text import Text

#: (entity kind, conclusion name)
Key = tuple[str, str]


class RuleChecker:
    """Checks rules against what is declared. ``may_be_nothing`` is read as it stands when a rule is checked;
    ``settable`` names the parameters (``ruleset/parameter``) to which some overlay gives another value."""

    def __init__(
        self,
        declarations: Declarations,
        documents: dict[str, tuple[RuleDocument, RulesetDocument]],
        conclusion_types: Mapping[Key, ScalarType],
        may_be_nothing: Mapping[Key, bool],
        names: Mapping[str, Sequence[str]],
        settable: Set[str] = frozenset(),
    ) -> None:
        self.declarations = declarations
        self.documents = documents
        self.conclusion_types = conclusion_types
        self.may_be_nothing = may_be_nothing
        self.names = names
        self.settable = settable
        self.parameters_read: set[tuple[str, str]] = set()

    def scope(self, kind: str, ruleset: str, problems: list[Diagnostic], read: set[Key]) -> Scope:
        def conclusion(kind: str, name: str) -> tuple[ScalarType, bool] | None:
            type_ = self.conclusion_types.get((kind, name))
            if type_ is None:
                return None
            read.add((kind, name))
            return type_, self.may_be_nothing[kind, name]

        d = self.declarations
        return Scope(
            d.schema, d.schema.kinds[kind], ruleset, conclusion, self.names, d.parameters, d.tables, problems, {},
            check, d.broken, self.parameters_read,
        )  # fmt: skip

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
        inner = scope.knowing(applies) if document.applies is not None else scope
        if base is not document and base.applies is not None:
            inner = inner.knowing(base_applies)
        when = check_condition(document.when, inner, t.BOOLEAN) if document.when is not None else None
        body, recorded = self._body(document, ruleset, key, type_, inner, applies, when, days, problems)
        duty = self._duty(document, inner.knowing(when) if document.when is not None else inner)
        for found in read:
            readers.setdefault(found, set()).add(document.id.text)
        if body is None or not clauses or any(p.severity is Severity.ERROR for p in problems):
            return None
        return Rule(
            id=document.id.text, title=document.title, ruleset=ruleset.name.text,
            sector=ruleset.sector.text if ruleset.sector else None, kind=document.kind, clauses=clauses,
            confidence=document.confidence, force=document.force, on=key[0], concludes=key[1], days=days,
            jurisdiction=self.declarations.rulesets[ruleset.name.text].jurisdiction, type=type_, applies=applies,
            body=body, span=document.span, severity=document.severity, duty=duty,
            remedy=self._remedy(document, key, problems),
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
        if len(clauses) != len(document.clause):
            return days
        instrument = self.declarations.instruments[clauses[0].split("#", 1)[0]]
        theirs = instrument.in_force
        if own.overlaps(theirs):
            days = own.within(theirs)
        else:
            problems.append(
                diagnostic(
                    "SR0907",
                    document.clause[0].span,
                    name=document.id.text,
                    clause=clauses[0],
                    found=days_words(own),
                    expected=Text(f"在 {days_words(theirs)} 之内", f"days within {days_words(theirs)}"),
                    related=[(instrument.span, Text("所引文件", "the instrument"))],
                )
            )
        self._expired(document.clause[1:], clauses[1:], document.id.text, days, problems)
        return days

    def _expired(
        self,
        written: Sequence[Citation],
        clauses: Sequence[str],
        rule: str,
        days: Days,
        problems: list[Diagnostic],
    ) -> None:
        """Warns of further citations whose instrument is not in force on any day of the rule."""
        for citation, clause in zip(written, clauses, strict=True):
            theirs = self.declarations.instruments[clause.split("#", 1)[0]].in_force
            if not days.overlaps(theirs):
                problems.append(
                    diagnostic(
                        "SR0908",
                        citation.span,
                        severity=Severity.WARNING,
                        name=rule,
                        clause=clause,
                        found=days_words(theirs),
                        expected=Text(
                            f"在规则的有效期 {days_words(days)} 内施行", f"in force some day of {days_words(days)}"
                        ),
                    )
                )

    def _body(
        self,
        document: RuleDocument,
        ruleset: RulesetDocument,
        key: Key,
        type_: ScalarType,
        scope: Scope,
        applies: t.Term | None,
        when: t.Term | None,
        days: Days,
        problems: list[Diagnostic],
    ) -> tuple[t.Term | None, bool]:
        """The term of the outcome, and whether it is a recorded departure."""
        if document.kind in ("finding", "duty"):
            return (when if document.when is not None else t.Constant(True, t.BOOLEAN)), False
        if document.kind == "exception":
            if document.withdraw:
                return t.NoValueTerm(type_), False
            if document.decided_by is not None:
                return self._decision(document.decided_by, type_, scope), True
            assert document.then is not None
            return self._outcome(document.then, type_, scope.knowing(when)), False
        if document.table is not None:
            return self._table(document.table, document, ruleset, type_, scope, applies, days, problems), False
        assert document.is_ is not None
        return check_condition(document.is_, scope, type_, passing=True), False

    def _table(
        self,
        table: DecisionTableDocument,
        document: RuleDocument,
        ruleset: RulesetDocument,
        type_: ScalarType,
        scope: Scope,
        applies: t.Term | None,
        days: Days,
        problems: list[Diagnostic],
    ) -> t.Term | None:
        if not self._hit_fits(table, type_, problems):
            return None
        rows: list[t.TableRow] = []
        for row in table.rows:
            when = check_condition(row.when, scope, t.BOOLEAN)
            counted = t.Constant(True, t.BOOLEAN) if table.hit == "collect count" else None
            then = counted or self._outcome(row.then, type_, scope.knowing(when))
            clauses = self.citations(row.clause, ruleset, problems)
            if len(clauses) == len(row.clause):
                self._expired(row.clause, clauses, document.id.text, days, problems)
            if when is not None and then is not None:
                rows.append(t.TableRow(when, then, clauses, row.span))
        otherwise: t.Term | None = None
        if table.otherwise is not None:
            otherwise = self._outcome(table.otherwise, type_, scope)
            if otherwise is None:
                return None
        if len(rows) != len(table.rows):
            return None
        collected = table.hit in ("collect sum", "collect count")
        # A rank passes over a row that has no value to add, so the proof would show too much.
        silent = table.hit not in ("first", "unique", "any") and any(row.then.may_be_nothing for row in rows)
        exhaustive = (
            otherwise is None
            and not (collected or silent)
            and is_exhaustive(tuple(rows), applies, self.declarations, self.settable)
        )
        nothing = not (exhaustive or collected) if otherwise is None else otherwise.may_be_nothing
        nothing = nothing or any(row.then.may_be_nothing or row.when.may_be_nothing for row in rows)
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
            ordered = table.hit in ("collect max", "collect min")
            expected = Text("数值", "a number")
            if table.hit == "priority":
                expected = Text("取值集合或级别表", "a choice or scale")
            elif ordered:
                expected = Text("数值或级别表", "a number or a scale")
            problems.append(
                diagnostic("SR0802", table.hit_span, hit=table.hit, type=plain_type(type_), expected=expected)
            )
            return False
        if table.hit in ("collect sum", "collect count") and table.otherwise is not None:
            fix = Text("删去 otherwise", "leave out otherwise")
            problems.append(diagnostic("SR0803", table.hit_span, hit=table.hit, fix=fix))
            return False
        return True

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
            scope.report("SR0804", permitted[0].span, type=plain_type(type_))
            return None
        members = [constant(scalar, type_, scope.problems) for scalar in permitted]
        decision: t.Term | None = None
        if settled_by is not None:
            decision = self._decision(settled_by, type_, scope)
            if decision is None:
                return None
        good = tuple(str(m.value) for m in members if m is not None)
        return t.Permitted(good, decision, type_, permitted[0].span) if len(good) == len(members) else None

    def _decision(self, word: Word, type_: ScalarType, scope: Scope) -> t.Term | None:
        """The fact that holds a recorded decision: of the same entity, and of the type of what it decides."""
        fact = scope.kind.facts.get(word.text)
        if fact is not None and fact.type == type_:
            return t.FactValue(t.Up(0, scope.kind.name), fact.name, type_, fact.may_not_apply, word.span)
        if not scope.is_broken(scope.kind.name, word.text):
            known = [name for name, each in scope.kind.facts.items() if each.type == type_]
            scope.report(
                "SR0605",
                word.span,
                name=word.text,
                kind=scope.kind.name,
                found=_fact_words(fact.type) if fact is not None else None,
                expected=Text(f"类型为 {plain_type(type_)} 的事实", f"a fact of type {plain_type(type_)}"),
                fix=did_you_mean(word.text, [name for name in known if name != word.text]),
            )
        return None

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
            if word.text not in facts and (key[0], word.text) not in self.declarations.broken:
                fix = did_you_mean(word.text, facts)
                problems.append(diagnostic("SR0606", word.span, name=word.text, kind=key[0], fix=fix))
        return Remedy(document.remedy.text, tuple(word.text for word in document.remedy.facts))

    def _overrides(self, document: RuleDocument, problems: list[Diagnostic]) -> tuple[str, ...]:
        for word in document.overrides:
            if word.text not in self.documents:
                problems.append(unknown_name(word, "SR0603", self.documents))
        return tuple(word.text for word in document.overrides)


def _fact_words(type_: FactType) -> str:
    if isinstance(type_, PartsType | ValuesType):
        return f"list of {type_.kind if isinstance(type_, PartsType) else plain_type(type_.item)}"
    return plain_type(type_)
