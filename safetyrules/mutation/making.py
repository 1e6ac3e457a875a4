"""All mutants of some rulesets: of the rulesets themselves, of the tables they look up in, and of the days of the
instruments that they rest on."""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import dataclass

from safetyrules.language import document as d
from safetyrules.language import terms as t
from safetyrules.language.ruleform import Rule
from safetyrules.language.term_trees import walk
from safetyrules.language.yaml_source import MappingNode, load_yaml
from safetyrules.mutation.edits import OPERATORS, Mutant, Operator
from safetyrules.mutation.law import Law
from safetyrules.mutation.lookups import Sampled, of_table, sampled
from safetyrules.mutation.rules import Written, days_shifted, mappings, of_ruleset


@dataclass(frozen=True)
class Mutants:
    """Mutants in the order of their places, and the tables of which only some rows were taken."""

    all: tuple[Mutant, ...]
    sampled: tuple[Sampled, ...] = ()


def mutants_of(law: Law, rulesets: Set[str], operators: Set[Operator] = frozenset(OPERATORS), seed: int = 0) -> Mutants:
    """Every mutant of the rulesets that ``operators`` make; a fault that can be made in two ways counts once."""
    making = _Making(law, rulesets, seed)
    found = {mutant.change: mutant for mutant in making.mutants() if mutant.operator in operators}
    ordered = sorted(found.values(), key=lambda mutant: (mutant.ruleset, mutant.span))
    return Mutants(tuple({mutant.change.edits: mutant for mutant in reversed(ordered)}.values())[::-1], making.sampled)


class _Making:
    def __init__(self, law: Law, rulesets: Set[str], seed: int) -> None:
        self.law = law
        self.seed = seed
        self.linked = law.linked
        self.rulesets = rulesets
        self.sampled: tuple[Sampled, ...] = ()
        self.rules = [rule for rule in self.linked.rules.values() if rule.ruleset in rulesets]

    def mutants(self) -> Iterator[Mutant]:
        tables = {}
        for name, document in self.law.documents.items():
            if isinstance(document, d.RulesetDocument) and document.name.text in self.rulesets:
                yield from of_ruleset(document, self._written(name), self.linked)
            elif isinstance(document, d.InstrumentsDocument):
                yield from self._instruments(name, document)
            elif isinstance(document, d.TableDocument):
                tables[document.name.text] = name
        for table, (ruleset, columns) in self._read().items():
            yield from self._table(tables[table], table, ruleset, columns)

    def _written(self, name: str) -> Written:
        return Written(self.law.text(name), load_yaml(self.law.text(name).text, name))

    def _instruments(self, name: str, document: d.InstrumentsDocument) -> Iterator[Mutant]:
        deciding: dict[str, Rule] = {}
        for rule in self.rules:
            deciding.setdefault(rule.instrument, rule)
        cited = [each for each in document.instruments if each.id.text in deciding]
        if not cited:
            return
        written = self._written(name)
        nodes = mappings(written.root)
        for each in cited:
            node = nodes.get(each.in_force.span)
            if isinstance(node, MappingNode):
                for change in days_shifted(written.source, node):
                    yield Mutant(change, deciding[each.id.text].ruleset, each.id.text, None)

    def _read(self) -> dict[str, tuple[str, set[str]]]:
        """The tables that the rules look up in: for whom first, and which columns."""
        found: dict[str, tuple[str, set[str]]] = {}
        for rule in self.rules:
            for lookup in lookups_of(rule):
                found.setdefault(lookup.table, (rule.ruleset, set()))[1].add(lookup.column)
        return found

    def _table(self, name: str, table: str, ruleset: str, columns: Set[str]) -> Iterator[Mutant]:
        document = self.law.documents[name]
        assert isinstance(document, d.TableDocument)
        linked = self.linked.tables[table]
        rows, drawn = sampled(document, self.seed)
        if drawn is not None:
            self.sampled += (drawn,)
        folder, slash, _ = name.rpartition("/")
        source = self.law.text(f"{folder}{slash}{document.file.text}")
        clause = f"{linked.instrument}#{linked.clause}"
        for change in of_table(document, linked, source, columns, rows):
            yield Mutant(change, ruleset, table, clause)


def lookups_of(rule: Rule) -> Iterator[t.LookupValue]:
    terms = (rule.applies, rule.when, rule.body, rule.duty.due if rule.duty is not None else None)
    for term in terms:
        for each in walk(term) if term is not None else ():
            if isinstance(each, t.LookupValue):
                yield each
