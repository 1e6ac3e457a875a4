"""The conformance tests as cases, and which of them the rule language claims."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from fractions import Fraction
from functools import cached_property
from pathlib import Path
from typing import cast

import yaml

from .textproto import Message, number, read


@dataclass(frozen=True)
class Failure:
    """CEL says that there is no value. For us: refused by the check, or unknown with a diagnostic."""

    message: str = ""


@dataclass(frozen=True)
class Foreign:
    """A value of a type that the rule language does not have."""

    kind: str


Value = bool | Fraction | str | tuple["Value", ...] | Foreign
Outcome = Value | Failure

Evaluate = Callable[[str, Mapping[str, Value]], Outcome]
"""Evaluates an expression text where the names, dotted names among them, are bound to values."""


@dataclass(frozen=True)
class Case:
    file: str
    section: str
    name: str
    expression: str
    bindings: Mapping[str, Value]
    expected: Outcome
    checked: bool
    container: str

    @property
    def path(self) -> str:
        return f"{self.file}/{self.section}/{self.name}"

    @cached_property
    def code(self) -> str:
        """The expression with the inside of its string literals left out, to search for constructs."""
        return _LITERAL.sub(lambda match: match.group("quote") * 2, self.expression)

    @cached_property
    def kinds(self) -> frozenset[str]:
        """What values occur in the bindings and the outcome."""
        return frozenset(_kinds((*self.bindings.values(), self.expected)))


_LITERAL = re.compile(r"""(?P<quote>\"{3}|'{3}|["'])(?:\\[\s\S]|(?!(?P=quote))[\s\S])*(?P=quote)""")


def _kinds(values: tuple[Outcome, ...]) -> Iterator[str]:
    for value in values:
        match value:
            case Foreign(kind):
                yield kind
            case Failure():
                yield "failure"
            case tuple():
                yield "list"
                yield from _kinds(value)


# Reading ---------------------------------------------------------------------------------------------------------


def read_cases(folder: Path) -> list[Case]:
    """All cases of all files, in the order written."""
    return [case for path in sorted(folder.glob("*.textproto")) for case in _file(path)]


def _file(path: Path) -> Iterator[Case]:
    document = read(path.read_text(encoding="utf-8"))
    for section in _messages(document, "section"):
        for test in _messages(section, "test"):
            yield Case(
                file=path.stem,
                section=_text(section, "name"),
                name=_text(test, "name"),
                expression=_text(test, "expr"),
                bindings={_text(b, "key"): _bound(b) for b in _messages(test, "bindings")},
                expected=_expected(test),
                checked="disable_check" not in test,
                container=_text(test, "container"),
            )


def _messages(message: Message, field: str) -> list[Message]:
    return [cast(Message, value) for value in message.get(field, [])]


def _text(message: Message, field: str) -> str:
    return b"".join(cast(bytes, value) for value in message.get(field, [])).decode()


def _bound(binding: Message) -> Value:
    (expression_value,) = _messages(binding, "value")
    return _value(_messages(expression_value, "value")[0]) if "value" in expression_value else Foreign("unknown")


def _expected(test: Message) -> Outcome:
    for failures in _messages(test, "eval_error"):
        return Failure("; ".join(_text(each, "message") for each in _messages(failures, "errors")))
    for value in _messages(test, "value"):
        return _value(value)
    for typed in _messages(test, "typed_result"):
        return _value(_messages(typed, "result")[0]) if "result" in typed else Foreign("type only")
    return True  # "if no result is specified, the value true is expected", says the definition of these files


def _value(message: Message) -> Value:
    ((kind, values),) = message.items()
    (content,) = values
    match kind:
        case "bool_value":
            return content == "true"
        case "int64_value" | "uint64_value" | "double_value":
            exact = number(cast(str, content))
            return Foreign("not finite") if exact is None else exact
        case "string_value":
            return cast(bytes, content).decode()
        case "list_value":
            return tuple(_value(each) for each in _messages(cast(Message, content), "values"))
    return Foreign(kind.removesuffix("_value"))


# Claimed or not --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Reason:
    """Why cases are out of our subset, and how they are recognised: by a construct, a kind of value, or by name."""

    name: str
    why: str
    code: re.Pattern[str] | None
    kinds: frozenset[str]
    cases: tuple[str, ...]
    refused: bool
    """Does our parser refuse all of them?"""

    def covers(self, case: Case) -> bool:
        return (
            (self.code is not None and self.code.search(case.code) is not None)
            or not self.kinds.isdisjoint(case.kinds)
            or any(fnmatchcase(case.path, pattern) for pattern in self.cases)
        )


def read_reasons(path: Path) -> list[Reason]:
    reasons = []
    for name, entry in yaml.safe_load(path.read_text(encoding="utf-8")).items():
        unknown = entry.keys() - {"why", "code", "kinds", "cases", "refused"}
        assert not unknown, (name, unknown)
        reasons.append(
            Reason(
                name=name,
                why=entry["why"],
                code=re.compile(entry["code"]) if "code" in entry else None,
                kinds=frozenset(entry.get("kinds", ())),
                cases=tuple(entry.get("cases", ())),
                refused=entry.get("refused", False),
            )
        )
    return reasons


def reason_against(case: Case, reasons: list[Reason]) -> Reason | None:
    """The first reason that covers a case; None for a case that we claim."""
    return next((reason for reason in reasons if reason.covers(case)), None)


# Running ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Disagreement:
    case: Case
    outcome: Outcome

    def __str__(self) -> str:
        return f"{self.case.path}: {self.case.expression}: expected {self.case.expected!r}, got {self.outcome!r}"


def disagreements(cases: list[Case], evaluate: Evaluate) -> list[Disagreement]:
    """The cases whose outcome is another than CEL's. A failure agrees with any failure: messages are our own."""
    outcomes = ((case, evaluate(case.expression, case.bindings)) for case in cases)
    return [Disagreement(case, outcome) for case, outcome in outcomes if not agree(case.expected, outcome)]


def agree(one: Outcome, two: Outcome) -> bool:
    """Equal values of one type: true is not 1."""
    if isinstance(one, tuple) and isinstance(two, tuple):
        return len(one) == len(two) and all(map(agree, one, two))
    if isinstance(one, Failure) or isinstance(two, Failure):
        return isinstance(one, Failure) and isinstance(two, Failure)
    return type(one) is type(two) and one == two
