"""Resolve pass, second half: rules. Declarations and documents in, a `LinkedProgram` out.

A rule that reads another conclusion must know whether that may have no value, which is known only once its own rules are
checked. So rules are checked with a first guess, and those that read a conclusion whose guess proved too sure are checked
again until nothing changes; a guess only ever moves from "has a value" to "may have none".
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from safetyrules.diagnostics import Diagnostic, RulesetError, Severity, diagnostic, did_you_mean
from safetyrules.facts.schema import ChoiceType, NumberType, ScalarType
from safetyrules.language import terms as t
from safetyrules.language.check import check, check_condition
from safetyrules.language.declare import Declarations, days_of, declare
from safetyrules.language.document import (
    Citation,
    DecisionTableDocument,
    Document,
    Formula,
    NoValue,
    Outcome,
    OverlayDocument,
    Permission,
    RuleDocument,
    RulesetDocument,
    Scalar,
    Word,
)
from safetyrules.language.exhaustive import is_exhaustive
from safetyrules.language.ruleform import Days, Duty, LinkedProgram, Overlay, Remedy, Rule
from safetyrules.language.scope import Scope
from safetyrules.language.types import TypeResolver, constant, plain_type, type_words, unknown_name
from safetyrules.text import Text, same

Key = tuple[str, str]


def link(documents: Iterable[Document], digest: str) -> LinkedProgram:
    """Check and link all documents. Raises RulesetError with every problem found."""
    written = list(documents)
    return _Linking(written, declare(written), digest).run()


class _Linking:
    def __init__(self, documents: Sequence[Document], declarations: Declarations, digest: str) -> None:
        self.declarations = declarations
        self.digest = digest
        self.problems = declarations.problems
        self.rulesets = [d for d in documents if isinstance(d, RulesetDocument)]
        self.types = TypeResolver(dict(declarations.schema.choice_sets), self.problems)
        self.documents: dict[str, tuple[RuleDocument, RulesetDocument]] = {}
        self.owner: dict[str, Key] = {}
        self.conclusion_types: dict[Key, ScalarType] = {}
        self.may_be_nothing: dict[Key, bool] = {}
        self.names: dict[str, list[str]] = {}

    def run(self) -> LinkedProgram:
        self._collect_rules()
        self._type_conclusions()
        self._check_sectors()
        rules = self._check_until_stable()
        overlays = self._overlays(rules)
        self._second_writers(rules)
        self._clauses_without_rules(rules, overlays)
        errors = [p for p in self.problems if p.severity is Severity.ERROR]
        if errors:
            raise RulesetError(sorted(set(self.problems), key=lambda d: (d.span is None, d.span, d.code)))
        d = self.declarations
        return LinkedProgram(
            d.schema, d.instruments, d.tables, d.rulesets, d.parameters, d.conclusions, rules, tuple(overlays),
            tuple(dict.fromkeys(self.problems)), self.digest,
        )  # fmt: skip

    # ---- names of rules and conclusions ------------------------------------------------------------------------------

    def _collect_rules(self) -> None:
        folded: dict[str, Word] = {}
        for ruleset in self.rulesets:
            if ruleset.sector is not None and ruleset.sector.text not in self.declarations.schema.sectors:
                self.problems.append(unknown_name(ruleset.sector, "SR0420", self.declarations.schema.sectors))
            for rule in ruleset.rules:
                first = folded.setdefault(rule.id.text.casefold(), rule.id)
                if first is not rule.id:
                    self.problems.append(
                        diagnostic(
                            "SR0401",
                            rule.id.span,
                            what=Text("规则", "rule"),
                            name=rule.id.text,
                            related=[(first.span, Text("首次出现", "first here"))],
                        )
                    )
                else:
                    self.documents[rule.id.text] = (rule, ruleset)

    def _type_conclusions(self) -> None:
        for (kind, name), declared in self.declarations.conclusions.items():
            self._conclusion((kind, name), declared.type, nothing=True)
        for rule, _ in self.documents.values():
            if rule.kind == "exception":
                continue
            kinds = self.declarations.schema.kinds
            if rule.on is None or rule.on.text not in kinds:
                if rule.on is not None:
                    self.problems.append(unknown_name(rule.on, "SR0412", kinds))
                continue
            key = (rule.on.text, rule.concludes.text)
            if rule.concludes.text in kinds[rule.on.text].facts:
                self.problems.append(
                    diagnostic(
                        "SR0401",
                        rule.concludes.span,
                        what=Text("结论与事实", "conclusion and fact"),
                        name=rule.concludes.text,
                    )
                )
                continue
            type_ = self._type_of(rule, key)
            if type_ is None:
                continue
            known = self.conclusion_types.get(key)
            if known is not None and known != type_:
                self.problems.append(
                    diagnostic(
                        "SR0601",
                        rule.concludes.span,
                        name=rule.concludes.text,
                        found=plain_type(type_),
                        expected=type_words(known),
                    )
                )
                continue
            self.owner[rule.id.text] = key
            nothing = rule.applies is not None or (rule.table is not None and isinstance(rule.table.otherwise, NoValue))
            self._conclusion(key, type_, nothing)
            if rule.kind == "duty" and rule.duty is not None and rule.duty.due is not None:
                self._conclusion((key[0], due_name(key[1])), t.DATE, nothing=True)
        for rule, _ in self.documents.values():
            if rule.kind == "exception":
                self._own_exception(rule)
        for ruleset in self.rulesets:
            for overlay in ruleset.overlays:
                if overlay.action == "exempt" and overlay.target.text in self.owner:
                    self.may_be_nothing[self.owner[overlay.target.text]] = True

    def _conclusion(self, key: Key, type_: ScalarType, nothing: bool) -> None:
        if key not in self.conclusion_types:
            self.names.setdefault(key[0], []).append(key[1])
        self.conclusion_types[key] = type_
        self.may_be_nothing[key] = self.may_be_nothing.get(key, False) or nothing

    def _type_of(self, rule: RuleDocument, key: Key) -> ScalarType | None:
        if rule.kind in ("finding", "duty"):
            return t.BOOLEAN
        assert rule.type is not None
        declared = self.declarations.conclusions.get(key)
        if rule.type.name.text == "choice" and not rule.type.choices and declared is not None:
            return declared.type
        type_ = self.types.scalar(rule.type, f"{key[0]}.{key[1]}", None, None)
        if isinstance(type_, NumberType):
            type_ = NumberType(type_.unit, type_.integer)
        if rule.kind == "grade" and type_ is not None and not (isinstance(type_, ChoiceType) and type_.scale):
            self.problems.append(diagnostic("SR0602", rule.type.name.span, found=plain_type(type_)))
            return None
        return type_

    def _own_exception(self, rule: RuleDocument) -> None:
        assert rule.except_ is not None
        seen = [rule.id.text]
        base = rule
        while base.kind == "exception":
            assert base.except_ is not None
            entry = self.documents.get(base.except_.text)
            if entry is None:
                self.problems.append(unknown_name(base.except_, "SR0603", self.documents))
                return
            if entry[0].id.text in seen:
                path = " → ".join([*seen[seen.index(entry[0].id.text) :], entry[0].id.text])
                self.problems.append(diagnostic("SR0604", rule.except_.span, path=path))
                return
            seen.append(entry[0].id.text)
            base = entry[0]
        key = self.owner.get(base.id.text)
        if key is None:
            return
        self.owner[rule.id.text] = key
        if rule.withdraw:
            self.may_be_nothing[key] = True

    def _check_sectors(self) -> None:
        roots = [k.name for k in self.declarations.schema.kinds.values() if k.root]
        for document in self.declarations.schema.sectors.values():
            for name in (document.present, document.grade):
                known = [
                    n
                    for root in roots
                    for n in (*self.declarations.schema.kinds[root].facts, *self.names.get(root, ()))
                ]
                if name is not None and name not in known:
                    self.problems.append(
                        diagnostic("SR0421", sector=document.name, name=name, found=name, fix=did_you_mean(name, known))
                    )

    # ---- rules -------------------------------------------------------------------------------------------------------

    def _check_until_stable(self) -> dict[str, Rule]:
        rules: dict[str, Rule] = {}
        problems: dict[str, list[Diagnostic]] = {}
        readers: dict[Key, set[str]] = {}
        pending = [name for name in self.documents if name in self.owner]
        while pending:
            for name in pending:
                document, ruleset = self.documents[name]
                problems[name] = []
                rule = self._rule(document, ruleset, self.owner[name], problems[name], readers)
                if rule is not None:
                    rules[name] = rule
            changed = [
                self.owner[name]
                for name in pending
                if name in rules and self._nothing_found(rules[name]) and not self.may_be_nothing[self.owner[name]]
            ]
            for key in changed:
                self.may_be_nothing[key] = True
            pending = sorted({reader for key in changed for reader in readers.get(key, ())})
        for found in problems.values():
            self.problems.extend(found)
        return {name: rules[name] for name in self.documents if name in rules}

    @staticmethod
    def _nothing_found(rule: Rule) -> bool:
        return rule.applies is not None or rule.body.may_be_nothing or rule.withdraw

    def _scope(self, kind: str, ruleset: str, problems: list[Diagnostic], read: set[Key]) -> Scope:
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

    def _rule(
        self,
        document: RuleDocument,
        ruleset: RulesetDocument,
        key: Key,
        problems: list[Diagnostic],
        readers: dict[Key, set[str]],
    ) -> Rule | None:
        read: set[Key] = set()
        scope = self._scope(key[0], ruleset.name.text, problems, read)
        type_ = self.conclusion_types[key]
        clauses = self._citations(document.clause, ruleset, problems)
        days = self._days(document, clauses, problems)
        base = self._base_document(document)
        base_applies = (
            check_condition(
                base.applies, self._scope(key[0], self.documents[base.id.text][1].name.text, [], set()), t.BOOLEAN
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

    def _citations(
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
            clauses = self._citations(row.clause, ruleset, problems) if ruleset is not None else ()
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

    # ---- overlays ----------------------------------------------------------------------------------------------------

    def _overlays(self, rules: dict[str, Rule]) -> list[Overlay]:
        found: list[Overlay] = []
        for ruleset in self.rulesets:
            for document in ruleset.overlays:
                overlay = self._overlay(document, ruleset, rules)
                if overlay is not None:
                    found.append(overlay)
        return found

    def _overlay(self, document: OverlayDocument, ruleset: RulesetDocument, rules: dict[str, Rule]) -> Overlay | None:
        clauses = self._citations(document.clause, ruleset, self.problems)
        if not clauses:
            return None
        jurisdiction = self.declarations.rulesets[ruleset.name.text].jurisdiction
        days = self.declarations.instruments[clauses[0].split("#", 1)[0]].in_force
        overlay = Overlay(
            document.action, document.target.text, clauses, jurisdiction, days, document.span,
            severity=document.severity, raise_to=document.raise_to.text if document.raise_to else None,
            every_months=document.every_months, every_days=document.every_days,
        )  # fmt: skip
        if document.action == "set":
            return self._set_overlay(document, overlay)
        rule = rules.get(document.target.text)
        if rule is None:
            if document.target.text not in self.documents:
                self.problems.append(unknown_name(document.target, "SR0603", self.documents))
            return None
        scope = self._scope(rule.on, ruleset.name.text, self.problems, set()).knowing(rule.applies)
        if document.action == "replace":
            return self._replacing(document, overlay, ruleset, rule)
        condition = document.when if document.action == "exempt" else document.or_when
        when = check_condition(condition, scope, t.BOOLEAN) if condition is not None else None
        if document.action == "exempt":
            return replace(overlay, when=when or t.Constant(True, t.BOOLEAN))
        return self._tightening(document, overlay, rule, when)

    def _set_overlay(self, document: OverlayDocument, overlay: Overlay) -> Overlay | None:
        ruleset, _, name = document.target.text.partition("/")
        parameter = self.declarations.parameters.get((ruleset, name))
        if parameter is None:
            known = [f"{r}/{p}" for r, p in self.declarations.parameters]
            self.problems.append(unknown_name(document.target, "SR0607", known))
            return None
        assert document.value is not None
        value = constant(document.value, parameter.type, self.problems)
        return replace(overlay, value=value) if value is not None else None

    def _replacing(
        self, document: OverlayDocument, overlay: Overlay, ruleset: RulesetDocument, rule: Rule
    ) -> Overlay | None:
        assert document.rule is not None
        self.documents[document.rule.id.text] = (document.rule, ruleset)
        problems: list[Diagnostic] = []
        new = self._rule(document.rule, ruleset, (rule.on, rule.concludes), problems, {})
        self.problems.extend(problems)
        if new is None:
            return None
        return replace(overlay, rule=replace(new, sector=rule.sector, except_=rule.except_, concludes=rule.concludes))

    def _tightening(
        self, document: OverlayDocument, overlay: Overlay, rule: Rule, when: t.Term | None
    ) -> Overlay | None:
        """Proved stricter by its shape (design 5.12); anything else must be a ``replace``."""
        if document.or_when is not None and rule.kind != "finding":
            self.problems.append(diagnostic("SR0608", document.span, name=rule.id, found="or_when"))
            return None
        if document.severity is not None and rule.kind != "finding":
            self.problems.append(diagnostic("SR0608", document.span, name=rule.id, found="severity"))
            return None
        if document.raise_to is not None:
            scale = rule.type
            if (
                not isinstance(scale, ChoiceType)
                or not scale.scale
                or document.raise_to.text not in scale.members
                or scale.worse == "none"
            ):
                self.problems.append(diagnostic("SR0608", document.raise_to.span, name=rule.id, found="raise_to"))
                return None
        if document.every_months is not None or document.every_days is not None:
            duty = rule.duty
            shorter = duty is not None and (
                (
                    document.every_months is not None
                    and duty.every_months is not None
                    and document.every_months < duty.every_months
                )
                or (
                    document.every_days is not None
                    and duty.every_days is not None
                    and document.every_days < duty.every_days
                )
            )
            if not shorter:
                self.problems.append(diagnostic("SR0608", document.span, name=rule.id, found="every"))
                return None
        return replace(overlay, when=when)

    # ---- whole-program checks ----------------------------------------------------------------------------------------

    def _second_writers(self, rules: dict[str, Rule]) -> None:
        writers: dict[Key, list[Rule]] = {}
        for rule in rules.values():
            if rule.except_ is None and rule.binds:
                writers.setdefault((rule.on, rule.concludes), []).append(rule)
        for key, found in writers.items():
            declared = self.declarations.conclusions.get(key)
            for number, second in enumerate(found):
                for first in found[:number]:
                    if declared is None or not declared.open:
                        code = "SR0609"
                    elif (
                        first.overrides.count(second.id)
                        or second.overrides.count(first.id)
                        or (first.jurisdiction != second.jurisdiction or first.days.first != second.days.first)
                    ):
                        continue
                    else:
                        code = "SR0610"
                    self.problems.append(
                        diagnostic(
                            code,
                            second.span,
                            name=key[1],
                            first=first.id,
                            second=second.id,
                            related=[(first.span, Text("另一条规则", "the other rule"))],
                        )
                    )

    def _clauses_without_rules(self, rules: dict[str, Rule], overlays: list[Overlay]) -> None:
        cited = {citation for rule in rules.values() for citation in rule.clauses}
        cited |= {citation for overlay in overlays for citation in overlay.clauses}
        cited |= {
            citation for rule in rules.values() if isinstance(rule.body, t.DecisionTable)
            for row in rule.body.rows for citation in row.clauses
        }  # fmt: skip
        cited |= {f"{table.instrument}#{table.clause}" for table in self.declarations.tables.values()}
        for instrument in self.declarations.instruments.values():
            for clause in instrument.clauses.values():
                if clause.status == "rule" and f"{instrument.id}#{clause.id}" not in cited:
                    self.problems.append(
                        diagnostic(
                            "SR0909", clause.span, severity=Severity.WARNING, clause=clause.id, instrument=instrument.id
                        )
                    )


def due_name(conclusion: str) -> str:
    """The name of the conclusion that is a duty's due day."""
    return f"{conclusion}.due"
