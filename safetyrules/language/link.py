"""Resolve pass, second half: rules. Declarations and documents in, a `LinkedProgram` out.

A rule that reads another conclusion must know whether that may have no value, which is known only once its own rules
are checked. So rules are checked with a first guess, and those that read a conclusion whose guess proved too sure are
checked again until nothing changes; a guess only ever moves from "has a value" to "may have none".
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from safetyrules.diagnostics import Diagnostic, RulesetError, Severity, Span, diagnostic, did_you_mean
from safetyrules.facts.schema import BooleanType, ChoiceType, NumberType, ScalarType, TextType
from safetyrules.language import terms as t
from safetyrules.language.declare import TAKEN_BY_FACT, Declarations, declare
from safetyrules.language.document import (
    Document,
    FactsDocument,
    NoValue,
    RuleDocument,
    RulesetDocument,
    SectorDocument,
    Word,
)
from safetyrules.language.overlays import check_overlays
from safetyrules.language.precedence import overriding_circles
from safetyrules.language.rule_terms import Key, RuleChecker
from safetyrules.language.ruleform import LinkedProgram, Overlay, Rule, due_name
from safetyrules.language.types import TypeResolver, plain_type, type_words, unknown_name
from safetyrules.language.whole_program import (
    cited_clauses,
    clauses_without_rules,
    mixed_outcomes,
    never_effective,
    second_writers,
    unread_parameters,
    without_force,
)
from safetyrules.passes import Passes
from safetyrules.places import PlaceTree
from safetyrules.text import Text, same


def link(
    documents: Iterable[Document], digest: str, places: PlaceTree | None = None, passes: Passes | None = None
) -> LinkedProgram:
    """Check and link all documents. Raises RulesetError with every problem found.

    Jurisdictions are checked where ``places`` is given; ``passes`` notes how long each pass takes.
    """
    passes = passes if passes is not None else Passes()
    written = list(documents)
    with passes("declare"):
        declarations = declare(written, places)
    return _Linking(written, declarations, digest, places, passes).run()


class _Linking:
    def __init__(
        self,
        documents: Sequence[Document],
        declarations: Declarations,
        digest: str,
        places: PlaceTree | None,
        passes: Passes,
    ) -> None:
        self.declarations = declarations
        self.places = places
        self.passes = passes
        self.digest = digest
        self.problems = declarations.problems
        self.rulesets = [d for d in documents if isinstance(d, RulesetDocument)]
        facts = (d for d in documents if isinstance(d, FactsDocument))
        self.sectors = [d.sector for d in facts if d.sector is not None]
        self.types = TypeResolver(dict(declarations.schema.choice_sets), self.problems)
        self.documents: dict[str, tuple[RuleDocument, RulesetDocument]] = {}
        self.owner: dict[str, Key] = {}
        self.conclusion_types: dict[Key, ScalarType] = {}
        self.may_be_nothing: dict[Key, bool] = {}
        self.names: dict[str, list[str]] = {}
        self.typed_at: dict[Key, Span] = {}
        self.broken = declarations.broken
        self.circles: set[frozenset[str]] = set()
        settable = frozenset(o.target.text for r in self.rulesets for o in r.overlays if o.action == "set")
        self.checker = RuleChecker(
            declarations, self.documents, self.conclusion_types, self.may_be_nothing, self.names, settable
        )

    def run(self) -> LinkedProgram:
        with self.passes("resolve"):
            self._collect_rules()
            self._type_conclusions()
            self._check_sectors()
        with self.passes("check"):
            rules = self._check_until_stable()
        with self.passes("overlays"):
            overlays = check_overlays(self.checker, self.rulesets, rules)
            while silenced := self._silenced(rules, overlays):
                self.may_be_nothing.update(dict.fromkeys(silenced, True))
                rules = self._check_until_stable()
                overlays = check_overlays(self.checker, self.rulesets, rules)
        with self.passes("whole program"):
            d = self.declarations
            self.problems.extend(second_writers(d, rules))
            self.problems.extend(overriding_circles(rules))
            self.problems.extend(mixed_outcomes(rules))
            self.problems.extend(without_force(rules, self.places))
            self.problems.extend(never_effective(d, rules, overlays, self.places))
            cited = cited_clauses(self.checker, self.rulesets, rules, overlays)
            if not any(problem.severity is Severity.ERROR for problem in self.problems):
                self.problems.extend(clauses_without_rules(d, cited))
                self.problems.extend(unread_parameters(d, self.checker.parameters_read))
            problems = sorted(dict.fromkeys(self.problems), key=lambda each: (each.span is None, each.span, each.code))
        if any(problem.severity is Severity.ERROR for problem in problems):
            raise RulesetError(problems)
        return LinkedProgram(
            d.schema, d.instruments, d.tables, d.rulesets, d.parameters, d.conclusions, rules, tuple(overlays),
            tuple(problems), self.digest,
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
                    self.broken.add(("*", rule.concludes.text))
                else:
                    self.documents[rule.id.text] = (rule, ruleset)

    def _type_conclusions(self) -> None:
        for (kind, name), declared in self.declarations.conclusions.items():
            self._conclusion((kind, name), declared.type, nothing=True)
            self.typed_at[kind, name] = declared.span
        for rule, _ in self.documents.values():
            if rule.kind == "exception":
                continue
            kinds = self.declarations.schema.kinds
            if rule.on is None or rule.on.text not in kinds:
                if rule.on is not None:
                    self.problems.append(unknown_name(rule.on, "SR0412", kinds))
                self.broken.add(("*", rule.concludes.text))
                continue
            key = (rule.on.text, rule.concludes.text)
            if rule.concludes.text in kinds[rule.on.text].facts:
                self.problems.append(
                    diagnostic(
                        "SR0401",
                        rule.concludes.span,
                        what=Text("结论", "conclusion"),
                        name=rule.concludes.text,
                        fix=TAKEN_BY_FACT,
                    )
                )
                continue
            type_ = self._type_of(rule, key)
            if type_ is None:
                self.broken.add(key)
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
                        related=[(self.typed_at[key], Text("另一处", "the other place"))],
                    )
                )
                continue
            self.owner[rule.id.text] = key
            self.typed_at.setdefault(key, rule.concludes.span)
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
            scales = [n for n, each in self.declarations.schema.choice_sets.items() if each.scale]
            expected = Text("级别表", "a scale") if not scales else same(", ".join(scales))
            self.problems.append(diagnostic("SR0602", rule.type.name.span, found=plain_type(type_), expected=expected))
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
                circle = seen[seen.index(entry[0].id.text) :]
                if frozenset(circle) not in self.circles:
                    cycle = " → ".join([*circle, entry[0].id.text])
                    self.problems.append(diagnostic("SR0604", base.except_.span, cycle=cycle))
                self.circles.add(frozenset(circle))
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
        kinds = self.declarations.schema.kinds
        roots = [kind.name for kind in kinds.values() if kind.root]
        known = [name for root in roots for name in (*kinds[root].facts, *self.names.get(root, ()))]
        for sector in self.sectors:
            for word in (sector.present, sector.grade):
                if word is None or word.text in known or self._is_broken(roots, word.text):
                    continue
                fix = did_you_mean(word.text, known)
                self.problems.append(diagnostic("SR0421", word.span, sector=sector.name.text, name=word.text, fix=fix))
            self._check_evidence(sector, roots)

    def _check_evidence(self, sector: SectorDocument, roots: list[str]) -> None:
        """What implies a sector is a fact of the kind that says whether it is there."""
        kinds = self.declarations.schema.kinds
        present = sector.present.text
        facts = next((kinds[root].facts for root in roots if present in kinds[root].facts), {})
        for words, types in (
            (sector.implied_by, (BooleanType, NumberType)),
            ([fact for fact, _ in sector.codes], (TextType,)),
        ):
            fitting = [fact.name for fact in facts.values() if isinstance(fact.type, types) and fact.name != present]
            for word in words:
                if word.text not in fitting and not self._is_broken(roots, word.text):
                    fix = did_you_mean(word.text, fitting)
                    self.problems.append(
                        diagnostic(
                            "SR0426", word.span, fix=fix, sector=sector.name.text, name=word.text, present=present
                        )
                    )

    def _is_broken(self, kinds: Iterable[str], name: str) -> bool:
        return any((kind, name) in self.broken for kind in (*kinds, "*"))

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
                rule = self.checker.rule(document, ruleset, self.owner[name], problems[name], readers)
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

    def _silenced(self, rules: Mapping[str, Rule], overlays: Iterable[Overlay]) -> set[Key]:
        """The conclusions that, though their own rules always give a value, an overlay may leave without one."""
        found = set()
        for overlay in overlays:
            replaced = overlay.rule is not None and self._nothing_found(overlay.rule)
            tightened = overlay.action == "tighten" and overlay.when is not None and overlay.when.may_be_nothing
            if replaced or tightened:
                rule = rules[overlay.target]
                found.add((rule.on, rule.concludes))
        return {key for key in found if not self.may_be_nothing[key]}

    @staticmethod
    def _nothing_found(rule: Rule) -> bool:
        return rule.applies is not None or rule.body.may_be_nothing or rule.withdraw
