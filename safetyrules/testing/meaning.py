"""Can a test mean what it says? Names that nothing concludes, and values that a conclusion never has."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from safetyrules.diagnostics import Diagnostic, RulesetError, diagnostic, did_you_mean
from safetyrules.facts.schema import BooleanType, ChoiceType, DateType, NumberType, ScalarType
from safetyrules.language.ruleform import LinkedProgram, due_name
from safetyrules.testing.expectations import STATUSES, amount_of, key_of
from safetyrules.testing.model import Case, Expectation
from safetyrules.text import Text, same

_WITHOUT_SEVERITY = Text("去掉 severity", "leave severity out")
_FINDINGS = ("found", "not_found", "not_applicable", "undetermined", "absent")


class Meaning:
    """Checks the expectations of cases against a program."""

    def __init__(self, program: LinkedProgram) -> None:
        self.program = program
        self.roots = [kind.name for kind in program.schema.kinds.values() if kind.root]
        self.types: dict[str, ScalarType] = {}
        self.findings: set[str] = set()
        for (_, name), declared in program.declared.items():
            self.types[name] = declared.type
        for rule in program.rules.values():
            self.types.setdefault(rule.concludes, rule.type)
            if rule.kind == "finding":
                self.findings.add(rule.concludes)
            if rule.duty is not None and rule.duty.due is not None:
                self.types.setdefault(due_name(rule.concludes), DateType())

        replacing = (each.rule for each in program.overlays if each.rule is not None)
        #: The clauses that findings and their exceptions cite.
        self.cited = {
            clause
            for rule in (*program.rules.values(), *replacing)
            if rule.concludes in self.findings
            for clause in rule.clauses
        }

    def problems(self, cases: Iterable[Case]) -> list[Diagnostic]:
        return [problem for case in cases for each in case.expectations for problem in self._of(each)]

    def refuse(self, cases: Iterable[Case]) -> None:
        """Raises RulesetError with every expectation that cannot be meant."""
        if problems := self.problems(cases):
            raise RulesetError(problems)

    def _of(self, expectation: Expectation) -> Iterator[Diagnostic]:
        root = self.roots[0] if self.roots else ""
        key = key_of(expectation.key, self.program.instruments, root)
        if key.clause is not None:
            instrument, _, clause = key.clause.rpartition("#")
            clauses = self.program.instruments[instrument].clauses
            if clause not in clauses:
                yield diagnostic(
                    "SR4106", expectation.span, name=key.clause, found=clause, fix=did_you_mean(clause, clauses)
                )
            else:
                yield from self._status(expectation)
                yield from self._severity(expectation, key.clause in self.cited)
            return
        if key.name not in self.types:
            known = list(self.types)
            yield diagnostic(
                "SR4106", expectation.span, name=key.name, found=key.name, fix=did_you_mean(key.name, known)
            )
        elif key.name in self.findings:
            yield from self._status(expectation)
            yield from self._severity(expectation, True)
        else:
            yield from self._value(expectation, self.types[key.name])
            yield from self._severity(expectation, False)

    def _status(self, expectation: Expectation) -> Iterator[Diagnostic]:
        wanted = expectation.wanted
        said = [wanted] if not isinstance(wanted, dict) else [wanted[word] for word in ("is",) if word in wanted]
        odd = [word for word in ("at_least", "at_most", "between") if isinstance(wanted, dict) and word in wanted]
        if odd or any(each not in _FINDINGS for each in said):
            reason = Text("它是判定隐患的结论", "it is a finding")
            yield self._cannot(expectation, reason, odd or said, " / ".join(_FINDINGS))

    def _severity(self, expectation: Expectation, finding: bool) -> Iterator[Diagnostic]:
        """Only what is in force as a finding has a severity."""
        wanted = expectation.wanted
        if not isinstance(wanted, dict) or "severity" not in wanted:
            return
        found = [f"severity: {wanted['severity']}"]
        if not finding:
            reason = Text("只有隐患的判定才有 severity", "only a finding has a severity")
            yield self._cannot(expectation, reason, found)
        elif wanted.get("is") == "absent":
            reason = Text("不在施行中的判定没有 severity", "what is not in force has no severity")
            yield self._cannot(expectation, reason, found)

    def _value(self, expectation: Expectation, type_: ScalarType) -> Iterator[Diagnostic]:
        wanted = expectation.wanted
        said: Mapping[str, Any] = wanted if isinstance(wanted, dict) else {"is": wanted}
        for word, value in said.items():
            values = value if isinstance(value, list) else [value]
            if word not in ("is", "at_least", "at_most", "between", "undetermined"):
                continue
            if word == "undetermined" and value is True:
                continue
            if word in ("at_least", "at_most", "between") and not _ordered(type_, word):
                yield self._cannot(expectation, Text("它没有大小次序", "it has no order"), [word], _expected(type_))
            for each in values:
                if not _may_be(type_, each, word):
                    reason = Text("它没有这个取值", "it never has this value")
                    yield self._cannot(expectation, reason, [each], _expected(type_))

    def _cannot(
        self, expectation: Expectation, reason: Text, found: list[Any], expected: str | None = None
    ) -> Diagnostic:
        said = ", ".join(str(each) for each in found)
        fix = did_you_mean(said, expected.split(" / ")) if expected is not None else _WITHOUT_SEVERITY
        words = same(expected) if expected is not None else None
        name = expectation.key
        return diagnostic("SR4107", expectation.span, name=name, reason=reason, found=said, expected=words, fix=fix)


def _ordered(type_: ScalarType, word: str) -> bool:
    if isinstance(type_, ChoiceType):
        return type_.scale and word != "between"
    return isinstance(type_, NumberType | DateType)


def _may_be(type_: ScalarType, value: Any, word: str) -> bool:
    if (value is None and word == "between") or (value == "none" and word == "undetermined"):
        return True
    if isinstance(value, str) and value in STATUSES and word == "is":
        return True
    match type_:
        case BooleanType():
            return isinstance(value, bool)
        case ChoiceType(members=members):
            return value in members
        case NumberType() | DateType():
            return not isinstance(value, bool) and amount_of(value) is not None
    return isinstance(value, str)


def _expected(type_: ScalarType) -> str:
    match type_:
        case BooleanType():
            return "true / false"
        case ChoiceType(members=members):
            return " / ".join(members)
        case DateType():
            return "YYYY-MM-DD"
        case NumberType():
            return '2.5 / "1/3"'
    return '"…"'
