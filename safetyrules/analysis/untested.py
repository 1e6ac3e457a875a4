"""Rules that no test asks after: none of its expectations rests on what they conclude.

Read from the tests and not run. Whether a test reaches every row and condition, `safetyrules test --coverage` says.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from safetyrules.analysis.examples import example
from safetyrules.analysis.goals import Goal, Hold, Spot
from safetyrules.analysis.law import Law, nodes_of
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.language import terms as t
from safetyrules.language.order import Key, sector_keys
from safetyrules.language.ruleform import Rule
from safetyrules.testing.expectations import key_of
from safetyrules.testing.model import Case
from safetyrules.text import Text
from safetyrules.values import TRUE


def untested(law: Law) -> Iterator[Diagnostic]:
    """SR0724, with a first test where the law's ``drafting`` is asked for; nothing where the tests are not known."""
    if law.suites is None:
        return
    reads = _Reads(law)
    asked: dict[Key, list[set[str]]] = {}
    for suite in law.suites:
        for case in suite.cases:
            facts = set(_names(case.facts))
            for key in reads.behind(expected(law, case)):
                asked.setdefault(key, []).append(facts)
    for rule in law.linked.rules.values():
        cases = asked.get((rule.on, rule.concludes), [])
        if not cases or not _tried(rule, cases):
            yield diagnostic(
                "SR0724", rule.span, severity=Severity.NOTE, name=rule.id,
                example=_first_test(law, rule) if law.drafting else None,
            )  # fmt: skip


def _tried(rule: Rule, cases: Iterable[set[str]]) -> bool:
    """Of an exception: does one of the cases say anything that it asks for?"""
    if rule.except_ is None:
        return True
    wanted = {node.fact.rpartition(".")[2] for node in nodes_of(rule) if isinstance(node, t.FactValue | t.PartsOf)}
    return not wanted or any(wanted & facts for facts in cases)


def _names(facts: Any) -> Iterator[str]:
    """The names of all facts that a case gives."""
    if isinstance(facts, Mapping):
        for name, value in facts.items():
            yield str(name)
            yield from _names(value)
    elif isinstance(facts, list):
        for value in facts:
            yield from _names(value)


def expected(law: Law, case: Case) -> set[Key]:
    """The conclusions that a case asks for by themselves."""
    root = str(case.options.get("subject") or law.linked.schema.roots[0])
    keys = (key_of(expectation.key, law.linked.instruments, root) for expectation in case.expectations)
    return {found for key in keys for found in law.concluded_as.get(key.clause or key.name, ())}


class _Reads:
    """What each conclusion reads, by all rules that write it."""

    def __init__(self, law: Law) -> None:
        self.graph: dict[Key, set[Key]] = {}
        findings: dict[str | None, set[Key]] = {}
        for rule in law.linked.rules.values():
            if rule.kind == "finding":
                findings.setdefault(rule.sector, set()).add((rule.on, rule.concludes))
        grades = set(sector_keys(law.linked.schema))
        for rule in law.every_rule:
            found = self.graph.setdefault((rule.on, rule.concludes), set())
            for node in nodes_of(rule):
                match node:
                    case t.ConclusionValue(entity, name):
                        found.add((entity.kind, name))
                    case t.FindingCount(sector):
                        found |= findings.get(sector, set())
                    case t.SectorGrades():
                        found |= grades

    def behind(self, keys: set[Key]) -> set[Key]:
        """The conclusions, and those that they rest on."""
        found: set[Key] = set()
        pending = list(keys)
        while pending:
            key = pending.pop()
            if key not in found:
                found.add(key)
                pending.extend(self.graph.get(key, ()))
        return found


def _first_test(law: Law, rule: Rule) -> Text | None:
    """A case in which the rule finds, or concludes something known."""
    given = list(law.given(rule))
    asked = rule.when if rule.when is not None else rule.body if rule.type == t.BOOLEAN else None
    conditions = given if asked is None else [*given, asked]

    def goals(spot: Spot) -> list[Goal]:
        return [Hold(each, spot, True) for each in conditions]

    return example(
        law, rule, [goals], conditions if asked is not None else [*given, rule.body],
        lambda look: look.outcome(rule).known and (rule.kind != "finding" or look.outcome(rule) == TRUE),
        Text(f"{rule.id}：待核对条款", f"{rule.id}; compare with the clause"),
    )  # fmt: skip
