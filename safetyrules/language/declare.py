"""Resolve pass, first half: what the documents declare. Documents in, `Declarations` out.

Kinds, facts, sectors, scales, instruments, lookup tables, parameters and declared conclusions get their types and their
cross-references; rules are left to `safetyrules.language.link`. Every problem is collected, none stops the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date
from fractions import Fraction
from typing import TypeVar

from safetyrules.diagnostics import Diagnostic, diagnostic, did_you_mean
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    Kind,
    NumberType,
    PartsType,
    ScalarType,
    Schema,
    Section,
    Sector,
    ValuesType,
)
from safetyrules.language.document import (
    Document,
    FactDocument,
    FactsDocument,
    InForce,
    InstrumentDocument,
    InstrumentsDocument,
    KindDocument,
    ParameterDocument,
    RulesetDocument,
    TableDocument,
    TypeDocument,
    Word,
)
from safetyrules.language.ruleform import (
    LEVELS,
    Cell,
    Clause,
    ConclusionDeclaration,
    Days,
    Instrument,
    LookupTable,
    Parameter,
    Ruleset,
)
from safetyrules.language.types import BUILTIN_TYPES, TypeResolver, choice_type, constant, type_words, unknown_name
from safetyrules.text import Text, same

NATIONAL = "CN"
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


def declare(documents: Iterable[Document]) -> Declarations:
    """Resolve all declarations; problems are in the result, for the caller to raise together with those of rules."""
    return _Declaring(list(documents)).run()


class _Declaring:
    def __init__(self, documents: list[Document]) -> None:
        self.documents = documents
        self.problems: list[Diagnostic] = []
        self.choice_sets: dict[str, ChoiceType] = {}
        self.kinds: dict[str, Kind] = {}
        self.types = TypeResolver(self.choice_sets, self.problems)

    def run(self) -> Declarations:
        self._choice_sets()
        self._kinds()
        instruments = self._instruments()
        sectors = self._sectors()
        schema = Schema(self.kinds, self.choice_sets, sectors)
        tables = {t.name: t for t in self._tables(instruments)}
        rulesets, parameters = self._rulesets(instruments)
        conclusions = self._conclusions()
        return Declarations(schema, instruments, tables, rulesets, parameters, conclusions, self.problems)

    def _each(self, form: type[Document_]) -> Iterator[Document_]:
        return (document for document in self.documents if isinstance(document, form))

    def _unique(self, seen: dict[str, Word], word: Word, what: Text) -> bool:
        """True when the name is new; also refuses names that differ only by case."""
        first = seen.get(word.text.casefold())
        if first is None:
            seen[word.text.casefold()] = word
            return True
        self.problems.append(
            diagnostic(
                "SR0401", word.span, what=what, name=word.text, related=[(first.span, Text("首次出现", "first here"))]
            )
        )
        return False

    # ---- choice sets and kinds -----------------------------------------------------------------------------------

    def _choice_sets(self) -> None:
        seen: dict[str, Word] = {}
        for document in self._each(FactsDocument):
            for choices in document.choice_sets:
                if choices.name.text in BUILTIN_TYPES:
                    self.problems.append(diagnostic("SR0402", choices.name.span, name=choices.name.text))
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
                self.problems.append(diagnostic("SR0403", parts[0].name.span, name=name))
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
                            what=Text("分区与事实", "section and fact"),
                            name=section_name,
                        )
                    )
            self.kinds[name] = Kind(name, title, any(part.root for part in parts), facts, sections)
        for name, made in self.kinds.items():
            if name in parents:
                parent, fact_name, _ = parents[name]
                self.kinds[name] = replace(made, parent=parent, parent_fact=fact_name)
            elif not made.root:
                self.problems.append(diagnostic("SR0404", written[name][0].name.span, name=name))
        self._refuse_nested_kinds(written)

    def _refuse_nested_kinds(self, written: dict[str, list[KindDocument]]) -> None:
        for name in self.kinds:
            above = [name]
            parent = self.kinds[name].parent
            while parent is not None and parent in self.kinds and parent not in above:
                above.append(parent)
                parent = self.kinds[parent].parent
            if parent == name:
                self.problems.append(diagnostic("SR0405", written[name][0].name.span, path=" → ".join([*above, name])))
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
            return
        if isinstance(resolved, PartsType):
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
                return
            parents[resolved.kind] = (kind, dotted, fact.name)
        facts[dotted] = Fact(dotted, resolved, fact.title, fact.help, fact.may_not_apply)

    def _fact_type(
        self, kind: str, fact: FactDocument, dotted: str, written: dict[str, list[KindDocument]]
    ) -> FactType | None:
        document = fact.type
        if document.name.text != "list":
            return self.types.scalar(document, f"{kind}.{dotted}", fact.minimum, fact.maximum)
        of = document.of
        if of is None:
            self.problems.append(diagnostic("SR0407", document.name.span))
            return None
        if of.text in written:
            log = fact.log.text if fact.log else None
            if fact.log is not None:
                entries = {f.name.text: f for part in written[of.text] for f in part.facts}
                if log not in entries or entries[log].type.name.text != "date":
                    self.problems.append(diagnostic("SR0408", fact.log.span, name=fact.log.text, kind=of.text))
                    log = None
            return PartsType(of.text, log)
        item = self.types.scalar(TypeDocument(of), f"{kind}.{dotted}", fact.minimum, fact.maximum, known=written)
        return ValuesType(item) if item is not None else None

    # ---- instruments, sectors, tables --------------------------------------------------------------------------------

    def _instruments(self) -> dict[str, Instrument]:
        seen: dict[str, Word] = {}
        instruments: dict[str, Instrument] = {}
        documents: dict[str, InstrumentDocument] = {}
        for document in self._each(InstrumentsDocument):
            for each in document.instruments:
                if not self._unique(seen, each.id, Text("文件", "instrument")):
                    continue
                if each.level.text not in LEVELS:
                    self.problems.append(
                        diagnostic(
                            "SR0901",
                            each.level.span,
                            found=each.level.text,
                            expected=", ".join(LEVELS),
                            fix=did_you_mean(each.level.text, LEVELS),
                        )
                    )
                    continue
                documents[each.id.text] = each
                instruments[each.id.text] = self._instrument(each)
        for name, each in documents.items():
            self._succession(name, each, instruments)
        return instruments

    def _instrument(self, document: InstrumentDocument) -> Instrument:
        clauses: dict[str, Clause] = {}
        seen: dict[str, Word] = {}
        for clause in document.clauses:
            if not self._unique(seen, clause.id, Text("条款", "clause")):
                continue
            if clause.status != "rule" and clause.reason is None:
                self.problems.append(diagnostic("SR0902", clause.id.span, clause=clause.id.text))
            clauses[clause.id.text] = Clause(clause.id.text, clause.title, clause.status, clause.reason, clause.id.span)
        return Instrument(
            document.id.text, document.title, document.number, document.issuer, document.level.text,
            document.jurisdiction.text, self._days(document.in_force),
            tuple(word.text for word in document.supersedes), clauses, document.span,
        )  # fmt: skip

    def _days(self, in_force: InForce) -> Days:
        return days_of(in_force, self.problems)

    def _succession(self, name: str, document: InstrumentDocument, instruments: dict[str, Instrument]) -> None:
        for word in document.supersedes:
            before = instruments.get(word.text)
            if before is None:
                self.problems.append(unknown_name(word, "SR0903", instruments))
                continue
            first = instruments[name].in_force.first
            if first is not None and (before.in_force.last is None or before.in_force.last >= first):
                self.problems.append(
                    diagnostic(
                        "SR0904",
                        word.span,
                        later=name,
                        earlier=word.text,
                        first=first,
                        found=before.in_force.last or "null",
                        related=[(before.span, Text("被替代的文件", "superseded here"))],
                    )
                )

    def _sectors(self) -> dict[str, Sector]:
        sectors: dict[str, Sector] = {}
        seen: dict[str, Word] = {}
        for document in self._each(FactsDocument):
            sector = document.sector
            if sector is not None and self._unique(seen, sector.name, Text("行业领域", "sector")):
                sectors[sector.name.text] = Sector(
                    sector.name.text, sector.title, sector.present.text, sector.grade.text if sector.grade else None
                )
        return sectors

    def _tables(self, instruments: dict[str, Instrument]) -> Iterator[LookupTable]:
        seen: dict[str, Word] = {}
        for document in self._each(TableDocument):
            if not self._unique(seen, document.name, Text("查找表", "lookup table")):
                continue
            instrument = document.clause.instrument or document.instrument.text
            if instrument not in instruments:
                self.problems.append(unknown_name(document.instrument, "SR0903", instruments))
            elif document.clause.clause not in instruments[instrument].clauses:
                self.problems.append(
                    unknown_name(
                        Word(document.clause.clause, document.clause.span), "SR0905", instruments[instrument].clauses
                    )
                )
            table = self._table(document, instrument)
            if table is not None:
                yield table

    def _table(self, document: TableDocument, instrument: str) -> LookupTable | None:
        columns: dict[str, ScalarType] = {}
        for column in document.columns:
            resolved = self.types.scalar(column.type, f"{document.name.text}.{column.name.text}", None, None)
            if resolved is None:
                return None
            columns[column.name.text] = resolved
        for key in document.keys:
            if key.text not in columns:
                self.problems.append(unknown_name(key, "SR0409", columns))
                return None
        rows: list[tuple[Cell, ...]] = []
        seen: dict[tuple[Cell, ...], int] = {}
        places = [list(columns).index(key.text) for key in document.keys]
        for line, raw in zip(document.row_lines, document.rows, strict=True):
            cells = [
                self._cell(document, line, name, column_type, cell)
                for (name, column_type), cell in zip(columns.items(), raw, strict=True)
            ]
            key_cells = tuple(cells[place] for place in places)
            if key_cells in seen:
                self.problems.append(
                    diagnostic(
                        "SR0410",
                        document.file.span,
                        file=document.file.text,
                        line=line,
                        first=seen[key_cells],
                        found=", ".join(str(cell) for cell in key_cells),
                    )
                )
            seen.setdefault(key_cells, line)
            rows.append(tuple(cells))
        return LookupTable(
            document.name.text, document.title, instrument, document.clause.clause,
            tuple(key.text for key in document.keys), columns, tuple(rows), document.absent_key,
        )  # fmt: skip

    def _cell(self, document: TableDocument, line: int, column: str, type_: ScalarType, text: str | None) -> Cell:
        if text is None:
            return None
        try:
            if isinstance(type_, BooleanType):
                return {"true": True, "false": False}[text]
            if isinstance(type_, NumberType):
                value = Fraction(text)
                if type_.integer and value.denominator != 1:
                    raise ValueError
                return value
            if isinstance(type_, DateType):
                return Fraction(date.fromisoformat(text).toordinal())
            if isinstance(type_, ChoiceType) and text not in type_.members:
                raise ValueError
        except (KeyError, ValueError, ZeroDivisionError):
            self.problems.append(
                diagnostic(
                    "SR0411",
                    document.file.span,
                    file=document.file.text,
                    line=line,
                    column=column,
                    found=text,
                    expected=type_words(type_),
                )
            )
            return None
        return text

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
                    resolved = self._parameter(name, parameter)
                    if resolved is not None:
                        parameters[name, resolved.name] = resolved
        return rulesets, parameters

    def _parameter(self, ruleset: str, document: ParameterDocument) -> Parameter | None:
        type_ = self.types.scalar(document.type, f"{ruleset}.{document.name.text}", None, None)
        if type_ is None:
            return None
        value = None
        if document.value is not None:
            value = constant(document.value, type_, self.problems)
        return Parameter(ruleset, document.name.text, type_, document.title, value, document.name.span)

    def _conclusions(self) -> dict[tuple[str, str], ConclusionDeclaration]:
        declared: dict[tuple[str, str], ConclusionDeclaration] = {}
        seen: dict[str, Word] = {}
        for document in self._each(FactsDocument):
            for each in document.conclusions:
                if each.on.text not in self.kinds:
                    self.problems.append(unknown_name(each.on, "SR0412", self.kinds))
                    continue
                if not self._unique(
                    seen, Word(f"{each.on.text} {each.name.text}", each.name.span), Text("结论", "conclusion")
                ):
                    continue
                if each.name.text in self.kinds[each.on.text].facts:
                    self.problems.append(
                        diagnostic(
                            "SR0401",
                            each.name.span,
                            what=Text("结论与事实", "conclusion and fact"),
                            name=each.name.text,
                        )
                    )
                    continue
                type_ = self.types.scalar(each.type, f"{each.on.text}.{each.name.text}", None, None)
                if isinstance(type_, NumberType):
                    type_ = NumberType(type_.unit, type_.integer)
                if type_ is not None:
                    declared[each.on.text, each.name.text] = ConclusionDeclaration(
                        each.name.text, each.on.text, type_, each.title, each.open, each.name.span
                    )
        return declared


def days_of(in_force: InForce, problems: list[Diagnostic]) -> Days:
    """Bounds of an ``in_force``, refused when they stand the wrong way round."""
    if in_force.first_day and in_force.last_day and in_force.last_day < in_force.first_day:
        problems.append(diagnostic("SR0906", in_force.span, found=f"{in_force.first_day} … {in_force.last_day}"))
    return Days(in_force.first_day, in_force.last_day, in_force.inferred)
