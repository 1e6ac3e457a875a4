"""Resolve pass, first half: what the documents declare. Documents in, `Declarations` out.

Kinds, facts, sectors, scales, instruments, lookup tables, parameters and declared conclusions get their types and their
cross-references; rules are left to `safetyrules.language.link`. Every problem is collected, none stops the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import TypeVar

from safetyrules.diagnostics import Diagnostic, diagnostic, did_you_mean
from safetyrules.facts.schema import (
    ChoiceType,
    Fact,
    FactType,
    Kind,
    NumberType,
    PartsType,
    Schema,
    Section,
    Sector,
    ValuesType,
)
from safetyrules.language.document import (
    Document,
    FactDocument,
    FactsDocument,
    InstrumentsDocument,
    KindDocument,
    ParameterDocument,
    RulesetDocument,
    TableDocument,
    TypeDocument,
    Word,
)
from safetyrules.language.functions import TABLES
from safetyrules.language.instruments import check_place, declared_instruments, is_new
from safetyrules.language.lookup_tables import lookup_table
from safetyrules.language.registers import declare_registers
from safetyrules.language.ruleform import (
    ConclusionDeclaration,
    Instrument,
    LookupTable,
    Parameter,
    Ruleset,
)
from safetyrules.language.types import BUILTIN_TYPES, TypeResolver, choice_type, constant, unknown_name
from safetyrules.places import PlaceTree
from safetyrules.text import Text, same

NATIONAL = "CN"
TAKEN_BY_FACT = Text("换一个名称：该种类有同名的事实", "choose another name: the kind has a fact of this name")
HOLD_OR_ROOT = Text(
    "加 root: true，或在某个种类下声明列表事实 {type: list, of: …}",
    "give it root: true, or hold it in a list fact of another kind: {type: list, of: …}",
)
Document_ = TypeVar("Document_")


@dataclass
class Declarations:
    """Everything but rules."""

    schema: Schema
    instruments: dict[str, Instrument]
    tables: dict[str, LookupTable]
    rulesets: dict[str, Ruleset]
    parameters: dict[tuple[str, str], Parameter]
    conclusions: dict[tuple[str, str], ConclusionDeclaration]
    problems: list[Diagnostic] = field(default_factory=list)
    #: What was declared but refused, by kind (``*``: any, ``table``, or a ruleset and ``/``) and name.
    broken: set[tuple[str, str]] = field(default_factory=set)


def declare(documents: Iterable[Document], places: PlaceTree | None = None) -> Declarations:
    """Resolve all declarations; problems are in the result, for the caller to raise together with those of rules.

    Jurisdictions are looked up in ``places`` where that is given.
    """
    return _Declaring(list(documents), places).run()


class _Declaring:
    def __init__(self, documents: list[Document], places: PlaceTree | None) -> None:
        self.documents = documents
        self.places = places
        self.problems: list[Diagnostic] = []
        self.broken: set[tuple[str, str]] = set()
        self.choice_sets: dict[str, ChoiceType] = {}
        self.kinds: dict[str, Kind] = {}
        self.lists_refused = False
        self.types = TypeResolver(self.choice_sets, self.problems)

    def run(self) -> Declarations:
        self._choice_sets()
        self._kinds()
        instruments = declared_instruments(self._each(InstrumentsDocument), self.places, self.problems)
        sectors = self._sectors()
        schema = Schema(self.kinds, self.choice_sets, sectors)
        tables = {t.name: t for t in self._tables(instruments)}
        rulesets, parameters = self._rulesets(instruments)
        conclusions = self._conclusions()
        return Declarations(schema, instruments, tables, rulesets, parameters, conclusions, self.problems, self.broken)

    def _each(self, form: type[Document_]) -> Iterator[Document_]:
        return (document for document in self.documents if isinstance(document, form))

    def _unique(self, seen: dict[str, Word], word: Word, what: Text) -> bool:
        return is_new(seen, word, what, self.problems)

    # ---- choice sets and kinds -----------------------------------------------------------------------------------

    def _choice_sets(self) -> None:
        seen: dict[str, Word] = {}
        for document in self._each(FactsDocument):
            for choices in document.choice_sets:
                if choices.name.text in BUILTIN_TYPES:
                    fix = Text("换一个名称", "choose another name")
                    self.problems.append(diagnostic("SR0402", choices.name.span, name=choices.name.text, fix=fix))
                elif self._unique(seen, choices.name, Text("取值集合", "choice set")):
                    self.choice_sets[choices.name.text] = choice_type(choices)

    def _kinds(self) -> None:
        written: dict[str, list[KindDocument]] = {}
        for document in self._each(FactsDocument):
            for kind in document.kinds:
                written.setdefault(kind.name.text, []).append(kind)
        parents: dict[str, tuple[str, str, Word]] = {}
        for name, parts in written.items():
            title = next((part.title for part in parts if part.title), None)
            if title is None:
                self.problems.append(self._untitled(parts[0].name, written))
                title = same(name)
            sections: dict[str, Section] = {}
            facts: dict[str, Fact] = {}
            seen: dict[str, Word] = {}
            for part in parts:
                for fact in part.facts:
                    self._fact(name, fact, fact.name.text, seen, facts, written, parents)
                for section in part.sections:
                    if section.name.text not in sections or section.title is not None:
                        sections[section.name.text] = Section(
                            section.name.text, section.title or same(section.name.text)
                        )
                    for fact in section.facts:
                        dotted = f"{section.name.text}.{fact.name.text}"
                        self._fact(name, fact, dotted, seen, facts, written, parents)
            for section_name in sections:
                if section_name in facts:
                    self.problems.append(
                        diagnostic(
                            "SR0401",
                            seen[section_name].span,
                            what=Text("事实", "fact"),
                            name=section_name,
                            fix=Text("换一个名称：这是一个分区的名称", "choose another name: a section has this one"),
                        )
                    )
            self.kinds[name] = Kind(name, title, any(part.root for part in parts), facts, sections)
        for name, made in self.kinds.items():
            if name in parents:
                parent, fact_name, _ = parents[name]
                self.kinds[name] = replace(made, parent=parent, parent_fact=fact_name)
            elif not made.root and not self.lists_refused and all(part.title for part in written[name][:1]):
                self.problems.append(diagnostic("SR0404", written[name][0].name.span, name=name, fix=HOLD_OR_ROOT))
        self._refuse_nested_kinds(written)
        for name in declare_registers(self.kinds, written, self.problems):
            self.broken.update((name, fact.name.text) for part in written[name] for fact in part.facts)

    @staticmethod
    def _untitled(word: Word, written: dict[str, list[KindDocument]]) -> Diagnostic:
        """A kind without a title: new, or a misspelt one that was to be added to."""
        titled = [name for name, parts in written.items() if any(part.title for part in parts)]
        fix = did_you_mean(word.text, titled) or Text("写明 title: {zh: …, en: …}", "give it a title: {zh: …, en: …}")
        return diagnostic("SR0403", word.span, name=word.text, fix=fix)

    def _refuse_nested_kinds(self, written: dict[str, list[KindDocument]]) -> None:
        circles: set[frozenset[str]] = set()
        for name in self.kinds:
            above = [name]
            parent = self.kinds[name].parent
            while parent is not None and parent in self.kinds and parent not in above:
                above.append(parent)
                parent = self.kinds[parent].parent
            if parent == name:
                if frozenset(above) not in circles:
                    path = " → ".join([name, *above[:0:-1], name])
                    self.problems.append(diagnostic("SR0405", written[name][0].name.span, cycle=path))
                circles.add(frozenset(above))
        for name in frozenset().union(*circles):
            kind = self.kinds[name]
            self.kinds[name] = Kind(kind.name, kind.title, kind.root, kind.facts, kind.sections)

    def _fact(
        self,
        kind: str,
        fact: FactDocument,
        dotted: str,
        seen: dict[str, Word],
        facts: dict[str, Fact],
        written: dict[str, list[KindDocument]],
        parents: dict[str, tuple[str, str, Word]],
    ) -> None:
        if not self._unique(seen, Word(dotted, fact.name.span), Text("事实", "fact")):
            return
        resolved = self._fact_type(kind, fact, dotted, written)
        if resolved is None:
            self.broken.add((kind, dotted))
            self.lists_refused = self.lists_refused or fact.type.name.text == "list"
            return
        if isinstance(resolved, PartsType) and not resolved.subjects:
            if resolved.kind in parents:
                _, _, first = parents[resolved.kind]
                self.problems.append(
                    diagnostic(
                        "SR0406",
                        fact.name.span,
                        kind=resolved.kind,
                        related=[(first.span, Text("已在此处", "already here"))],
                    )
                )
                self.broken.add((kind, dotted))
                return
            parents[resolved.kind] = (kind, dotted, fact.name)
        facts[dotted] = Fact(dotted, resolved, fact.title, fact.help, fact.may_not_apply, fact.name.span)

    def _fact_type(
        self, kind: str, fact: FactDocument, dotted: str, written: dict[str, list[KindDocument]]
    ) -> FactType | None:
        document = fact.type
        of = document.of
        if fact.log is not None and (of is None or of.text not in written):
            self.problems.append(
                diagnostic("SR0422", fact.log.span, found=document.name.text if of is None else of.text)
            )
        if of is None:
            if document.name.text in written:
                part = document.name.text
                fix = Text(f"写作 {{type: list, of: {part}}}", f"write {{type: list, of: {part}}}")
                self.problems.append(diagnostic("SR0416", document.name.span, name=part, fix=fix))
                self.lists_refused = True
                return None
            return self.types.scalar(document, f"{kind}.{dotted}", fact.minimum, fact.maximum)
        subjects = document.name.text == "subjects"
        if of.text in written or subjects:
            for bound in (fact.minimum, fact.maximum):
                if bound is not None:
                    self.problems.append(diagnostic("SR0413", bound.span, type=f"list of {of.text}"))
            if document.unit is not None:
                self.problems.append(diagnostic("SR0414", document.unit.span, type=f"list of {of.text}"))
            log = fact.log.text if fact.log else None
            if fact.log is not None and subjects:
                self.problems.append(diagnostic("SR0422", fact.log.span, found=document.name.text))
                log = None
            elif fact.log is not None:
                entries = {f.name.text: f for part in written[of.text] for f in part.facts}
                if log not in entries or entries[log].type.name.text != "date":
                    dates = [n for n, f in entries.items() if f.type.name.text == "date"]
                    near = did_you_mean(fact.log.text, dates)
                    expected = ", ".join(dates) if dates and near is None else None
                    self.problems.append(
                        diagnostic(
                            "SR0408", fact.log.span, name=fact.log.text, kind=of.text, fix=near, expected=expected
                        )
                    )
                    log = None
            return PartsType(of.text, log, subjects)
        member = TypeDocument(of, unit=document.unit)
        item = self.types.scalar(member, f"{kind}.{dotted}", fact.minimum, fact.maximum, known=written)
        return ValuesType(item) if item is not None else None

    # ---- instruments, sectors, tables --------------------------------------------------------------------------------

    def _sectors(self) -> dict[str, Sector]:
        sectors: dict[str, Sector] = {}
        seen: dict[str, Word] = {}
        for document in self._each(FactsDocument):
            sector = document.sector
            if sector is not None and self._unique(seen, sector.name, Text("行业领域", "sector")):
                sectors[sector.name.text] = Sector(
                    sector.name.text,
                    sector.title,
                    sector.present.text,
                    sector.grade.text if sector.grade else None,
                    tuple(fact.text for fact in sector.implied_by),
                    {fact.text: tuple(code.text for code in codes) for fact, codes in sector.codes},
                )
        return sectors

    def _tables(self, instruments: dict[str, Instrument]) -> Iterator[LookupTable]:
        seen: dict[str, Word] = {}
        for document in self._each(TableDocument):
            if not self._unique(seen, document.name, Text("查找表", "lookup table")):
                continue
            self.broken.add((TABLES, document.name.text))
            instrument = document.clause.instrument or document.instrument.text
            if instrument not in instruments:
                word = document.instrument
                if document.clause.instrument is not None:
                    word = Word(instrument, document.clause.span)
                self.problems.append(unknown_name(word, "SR0903", instruments))
            elif document.clause.clause not in instruments[instrument].clauses:
                self.problems.append(
                    unknown_name(
                        Word(document.clause.clause, document.clause.span), "SR0905", instruments[instrument].clauses
                    )
                )
            table = lookup_table(document, instrument, self.types)
            if table is not None:
                self.broken.discard((TABLES, document.name.text))
                yield table

    # ---- rulesets: names and parameters ------------------------------------------------------------------------------

    def _rulesets(
        self, instruments: dict[str, Instrument]
    ) -> tuple[dict[str, Ruleset], dict[tuple[str, str], Parameter]]:
        rulesets: dict[str, Ruleset] = {}
        parameters: dict[tuple[str, str], Parameter] = {}
        seen: dict[str, Word] = {}
        for document in self._each(RulesetDocument):
            if not self._unique(seen, document.name, Text("规则集", "ruleset")):
                continue
            instrument = instruments.get(document.instrument.text)
            if instrument is None:
                self.problems.append(unknown_name(document.instrument, "SR0903", instruments))
            jurisdiction = (
                document.jurisdiction.text
                if document.jurisdiction
                else (instrument.jurisdiction if instrument else NATIONAL)
            )
            if document.jurisdiction is not None:
                check_place(document.jurisdiction, self.places, self.problems)
            name = document.name.text
            rulesets[name] = Ruleset(
                name,
                document.title,
                document.instrument.text,
                jurisdiction,
                document.sector.text if document.sector else None,
            )
            names: dict[str, Word] = {}
            for parameter in document.parameters:
                if self._unique(names, parameter.name, Text("参数", "parameter")):
                    resolved = self._parameter(name, document.instrument.text, parameter)
                    if resolved is not None:
                        parameters[name, resolved.name] = resolved
                    else:
                        self.broken.add((f"{name}/", parameter.name.text))
        return rulesets, parameters

    def _parameter(self, ruleset: str, instrument: str, document: ParameterDocument) -> Parameter | None:
        type_ = self.types.scalar(document.type, f"{ruleset}.{document.name.text}", None, None)
        if type_ is None:
            return None
        value = None
        if document.value is not None:
            value = constant(document.value, type_, self.problems)
            if value is None:
                return None
        cited = document.clause
        clause = None if cited is None else f"{cited.instrument or instrument}#{cited.clause}"
        return Parameter(ruleset, document.name.text, type_, document.title, value, document.name.span, clause)

    def _conclusions(self) -> dict[tuple[str, str], ConclusionDeclaration]:
        declared: dict[tuple[str, str], ConclusionDeclaration] = {}
        seen: dict[str, dict[str, Word]] = {}
        for document in self._each(FactsDocument):
            for each in document.conclusions:
                if each.on.text not in self.kinds:
                    self.problems.append(unknown_name(each.on, "SR0412", self.kinds))
                    self.broken.add(("*", each.name.text))
                    continue
                on_kind = seen.setdefault(each.on.text, {})
                if not self._unique(on_kind, each.name, Text("结论", "conclusion")):
                    continue
                if each.name.text in self.kinds[each.on.text].facts:
                    self.problems.append(
                        diagnostic(
                            "SR0401",
                            each.name.span,
                            what=Text("结论", "conclusion"),
                            name=each.name.text,
                            fix=TAKEN_BY_FACT,
                        )
                    )
                    continue
                type_ = self.types.scalar(each.type, f"{each.on.text}.{each.name.text}", None, None)
                if isinstance(type_, NumberType):
                    type_ = NumberType(type_.unit, type_.integer)
                if type_ is None:
                    self.broken.add((each.on.text, each.name.text))
                else:
                    declared[each.on.text, each.name.text] = ConclusionDeclaration(
                        each.name.text, each.on.text, type_, each.title, each.open, each.name.span
                    )
        return declared
