"""Does an answer fit what was expected of it, and what is it instead?"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cached_property
from typing import Any

from safetyrules.engine.algebra import has_nothing, has_value
from safetyrules.facts.schema import ChoiceType, DateType, ScalarType
from safetyrules.language.plan import Conclusion
from safetyrules.result import Assessment, Outcome
from safetyrules.testing.model import Expectation
from safetyrules.testing.reasons import clauses_behind, clauses_of_rows
from safetyrules.values import NOTHING, AnyText, Finite, Interval, Scalar

STATUSES = ("found", "not_found", "not_applicable", "no_value", "undetermined", "absent")
_NO_VALUE = ("not_applicable", "no_value")
_PART = re.compile(r"(?P<path>.*\])\.(?P<name>[^\[\]]+)")


@dataclass(frozen=True)
class Key:
    """What an expectation is about: a conclusion of one entity, or of every part (``path`` None), or a clause."""

    name: str
    path: str | None = None
    clause: str | None = None


def key_of(key: str, instruments: object, root: str) -> Key:
    """``name``, ``list[0].name``, ``path#name`` or ``instrument#clause``."""
    left, hash_, right = key.rpartition("#")
    if hash_ and left in instruments:  # type: ignore[operator]
        return Key("", clause=key)
    if hash_:
        path = left if left == root or left.startswith((f"{root}.", f"{root}[")) else f"{root}.{left}"
        return Key(right, path if left else root)
    part = _PART.fullmatch(key)
    return Key(part["name"], f"{root}.{part['path']}") if part else Key(key)


@dataclass(frozen=True)
class Mismatch:
    """What was expected and what is, both as a test file would say it; ``names`` are what `Assessment.why` takes."""

    expected: str
    actual: str
    names: tuple[str, ...]


class Answered:
    """One answer, asked for what a test expects of it."""

    def __init__(self, answer: Assessment) -> None:
        self.answer = answer

    @cached_property
    def _paths_of(self) -> dict[str, list[str]]:
        """The entities that have each conclusion."""
        found: dict[str, list[str]] = {}
        for path, name in self.answer.scalars:
            found.setdefault(name, []).append(path)
        return found

    def outcomes(self, key: Key) -> list[Outcome]:
        answer = self.answer
        if key.clause is not None:
            found = (each for outcomes in answer.found_by.values() for each in outcomes)
            return [each for each in found if self._cites(each.conclusion, key.clause)]
        root = answer.request.subject
        path = root if key.path is None else key.path
        known = answer.plan.by_key.get((root, key.name)) if path == root else None
        scalar = answer.scalars.get((path, key.name))
        if known is not None and scalar is not None:
            return [Outcome(root, known, scalar, answer.request.treat_unknown_as)]
        if key.path is not None:
            if scalar is None:
                return []
            return [answer.outcome(f"{path}#{key.name}")]
        return [
            Outcome(each, conclusion, answer.scalars[each, key.name], answer.request.treat_unknown_as)
            for conclusion in self._findings(key.name)
            for each in self._paths_of.get(key.name, ())
        ]

    def said(self, key: str) -> tuple[str, tuple[str, ...]]:
        """What a test file would say of a conclusion, and the names by which `Assessment.why` takes it."""
        asked = key_of(key, self.answer.program.linked.instruments, self.answer.request.subject)
        found = self.outcomes(asked)
        if not found:
            return "not_applicable" if self._in_force(asked) else "absent", ()
        several = len(found) > 1 or found[0].residual
        return _over_parts(found) if several else shown(found[0]), _names(found)

    def _findings(self, name: str) -> list[Conclusion]:
        return [each for each in self.answer.plan.conclusions if each.name == name and each.kind == "finding"][:1]

    def _cites(self, conclusion: Conclusion, clause: str) -> bool:
        """Is a finding, as one clause finds it, by a rule that cites this one? What another clause finds is not."""
        if conclusion.clause == clause:
            return True
        plan = self.answer.plan
        others = {each.clause for each in plan.by_key[conclusion.key].by_clause} - {conclusion.clause}
        rules = [plan.rules[name] for name in conclusion.rules if name in plan.rules]
        return clause not in others and any(clause in r.clauses for r in rules if r.clauses[0] not in others)

    def _in_force(self, key: Key) -> list[Conclusion]:
        """The findings in force that are meant, though there be nothing that they could be about; of one part, none."""
        if key.clause is not None:
            findings = (each for each in self.answer.plan.conclusions if each.kind == "finding")
            return [one for each in findings for one in each.by_clause if self._cites(one, key.clause)]
        return self._findings(key.name) if key.path is None else []

    def mismatch(self, expectation: Expectation) -> Mismatch | None:
        """What differs; None where nothing does."""
        key = key_of(expectation.key, self.answer.program.linked.instruments, self.answer.request.subject)
        found = self.outcomes(key)
        wanted = expectation.wanted
        if not found:
            actual = "not_applicable" if self._in_force(key) else "absent"
            said_of_it = _without_severity(wanted)
            if said_of_it not in (actual, {"is": actual}, {}):
                return Mismatch(_plain(wanted), actual, ())
            return self._severity(wanted, key, found, ())
        names = _names(found)
        several = len(found) > 1 or found[0].residual
        if isinstance(wanted, dict):
            return self._all(found, several, wanted, names) or self._severity(wanted, key, found, names)
        test = _over_parts(found) == wanted if several else is_value(found[0], wanted)
        return None if test else Mismatch(_plain(wanted), said(found), names)

    def _all(
        self, found: list[Outcome], several: bool, wanted: dict[str, Any], names: tuple[str, ...]
    ) -> Mismatch | None:
        """All that a mapping says."""
        tests: list[tuple[str, bool]] = []
        first = found[0]
        for word, value in wanted.items():
            match word:
                case "is":
                    fits = _over_parts(found) == value if several else is_value(first, value, exactly=True)
                    tests.append((word, fits))
                case "at_least" | "at_most":
                    tests.append((word, not several and bounded(first, value, word == "at_least")))
                case "between":
                    none = bool(wanted.get("none", False))
                    tests.append((word, not several and between(first, value, none)))
                case "undetermined" if value is True:
                    tests.append((word, (_over_parts(found) if several else first.status) == "undetermined"))
                case "undetermined":
                    tests.append((word, not several and only(first.scalar, value)))
        if all(test for _, test in tests) and (mismatch := self._reasons(wanted, names)) is not None:
            return mismatch
        return None if all(test for _, test in tests) else Mismatch(_plain(wanted), said(found), names)

    def _severity(self, wanted: Any, key: Key, found: list[Outcome], names: tuple[str, ...]) -> Mismatch | None:
        """Whether the law in force gives what is asked about this severity, whatever came of it: findings of both
        severities have neither."""
        if not isinstance(wanted, dict) or "severity" not in wanted:
            return None
        conclusions = {each.conclusion.key: each.conclusion for each in found}
        conclusions |= {each.key: each for each in self._in_force(key)}
        severities = sorted({str(each.severity) for each in conclusions.values()})
        if severities == [wanted["severity"]]:
            return None
        actual = severities[0] if len(severities) == 1 else severities
        return Mismatch(
            _plain({"severity": wanted["severity"]}), _plain({"severity": actual}) if severities else "absent", names
        )

    def _reasons(self, wanted: dict[str, Any], names: tuple[str, ...]) -> Mismatch | None:
        """Whether what it needs, and the clauses and rows behind it, are those expected."""
        if "needs" in wanted:
            root = f"{self.answer.request.subject}."
            needs = sorted({need.path.removeprefix(root) for name in names for need in self.answer.needs(name)})
            if needs != sorted({each.removeprefix(root) for each in wanted["needs"]}):
                return Mismatch(_plain({"needs": wanted["needs"]}), _plain({"needs": needs}), names)
        if "clauses" in wanted:
            cited = {clause for name in names for clause in clauses_behind(self.answer.why(name))}
            if set(wanted["clauses"]) - cited:
                return Mismatch(_plain({"clauses": wanted["clauses"]}), _plain({"clauses": sorted(cited)}), names)
        if "rows" in wanted:
            rows = {clause for name in names for clause in clauses_of_rows(self.answer.why(name))}
            if set(wanted["rows"]) != rows:
                return Mismatch(_plain({"rows": wanted["rows"]}), _plain({"rows": sorted(rows)}), names)
        return None


def _without_severity(wanted: Any) -> Any:
    """What is expected to come of a finding, apart from what the law makes of it."""
    return {word: wanted[word] for word in wanted if word != "severity"} if isinstance(wanted, dict) else wanted


def _names(found: list[Outcome]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(f"{each.path}#{each.name}" for each in found))


def _over_parts(found: list[Outcome]) -> str:
    """Found in one part is found; then undetermined in one, or in a part the list may still have; and so on."""
    seen = {"undetermined" if each.residual and each.status == "found" else each.status for each in found}
    return next((status for status in ("found", "undetermined", "not_found", "not_applicable") if status in seen), "?")


def is_value(outcome: Outcome, wanted: Any, exactly: bool = False) -> bool:
    """Is it this status or value? With ``exactly``, a word is the value where it may be either."""
    scalar, kind, type_ = outcome.scalar, outcome.conclusion.kind, outcome.conclusion.type
    if isinstance(wanted, str) and not (exactly and may_be(type_, wanted)):
        if wanted in _NO_VALUE:
            return scalar.known and not has_value(scalar)
        if wanted == "undetermined":
            return not scalar.known
        if kind in ("finding", "duty") and wanted in ("found", "not_found"):
            return isinstance(scalar, Finite) and scalar.outcomes == frozenset({wanted == "found"})
    if not isinstance(scalar, Interval):
        return isinstance(scalar, Finite) and scalar.outcomes == frozenset({wanted})
    number = None if isinstance(wanted, bool) else amount_of(wanted)
    return number is not None and _sure(scalar) and scalar.low == number


def _sure(scalar: Interval) -> bool:
    return scalar.known and not scalar.empty


def may_be(type_: ScalarType, word: str) -> bool:
    """Is the word a value of the type, so that it need not be a status?"""
    if isinstance(type_, ChoiceType):
        return word in type_.members
    return type_.__class__.__name__ == "TextType"


def amount_of(wanted: Any) -> Fraction | None:
    """A number, fraction or day as the engines have it."""
    if isinstance(wanted, date):
        return Fraction(wanted.toordinal())
    try:
        return Fraction(str(wanted))
    except (ValueError, ZeroDivisionError):
        pass
    try:
        return Fraction(date.fromisoformat(str(wanted)).toordinal())
    except ValueError:
        return None


def bounded(outcome: Outcome, wanted: Any, least: bool) -> bool:
    """Is it surely that or more (less)? Of a scale: that level or a worse (milder) one."""
    scalar, type_ = outcome.scalar, outcome.conclusion.type
    if has_nothing(scalar):
        return False
    if isinstance(type_, ChoiceType):
        if not isinstance(scalar, Finite) or wanted not in type_.members:
            return False
        rank = type_.members.index
        later = least == (type_.worse != "first")
        ranks = [rank(str(each)) for each in scalar.outcomes]
        return all(each >= rank(wanted) if later else each <= rank(wanted) for each in ranks)
    number = amount_of(wanted)
    if not isinstance(scalar, Interval) or number is None:
        return False
    end = scalar.low if least else scalar.high
    return end is not None and (end >= number if least else end <= number)


def between(outcome: Outcome, wanted: list[Any], none: bool) -> bool:
    """Are exactly these the bounds?"""
    scalar = outcome.scalar
    if not isinstance(scalar, Interval) or scalar.empty:
        return False
    low, high = (None if each is None else amount_of(each) for each in wanted)
    return (scalar.low, scalar.high, scalar.nothing) == (low, high, none)


def only(scalar: Scalar, wanted: list[Any]) -> bool:
    """Are exactly these outcomes possible?"""
    outcomes = frozenset(NOTHING if each == "none" else each for each in wanted)
    return isinstance(scalar, Finite) and scalar.outcomes == outcomes


# ---- in words -------------------------------------------------------------------------------------------------------


def said(found: list[Outcome]) -> str:
    """Outcomes as a test file would expect them."""
    if len(found) == 1 and not found[0].residual:
        return shown(found[0])
    return f"{_over_parts(found)} ({', '.join(f'{_short(each)}: {shown(each)}' for each in found)})"


def _short(outcome: Outcome) -> str:
    return outcome.path.partition(".")[2] or outcome.path


def shown(outcome: Outcome) -> str:
    """One outcome as a test file would expect it."""
    scalar, status = outcome.scalar, outcome.status
    if status in ("not_applicable", "no_value"):
        return status
    if outcome.conclusion.kind == "finding":
        return status
    if isinstance(scalar, AnyText):
        return "undetermined"
    if isinstance(scalar, Finite):
        words = [_word("none" if each is None else each) for each in outcome.possible or ()]
        return words[0] if len(words) == 1 else f"{{undetermined: [{', '.join(words)}]}}"
    day = isinstance(outcome.conclusion.type, DateType)
    low, high = (_amount(each, day) for each in (scalar.low, scalar.high))
    if scalar.known:
        return low
    return f"{{between: [{low}, {high}]{', none: true' if scalar.nothing else ''}}}"


def _amount(end: Fraction | None, day: bool) -> str:
    if end is None:
        return "null"
    if day:
        return date.fromordinal(int(end)).isoformat()
    from safetyrules.documents import exact_number

    number = exact_number(end)
    return number.decimal if Fraction(number.decimal) == end else f'"{end}"'


def _word(value: bool | str) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    plain = re.fullmatch(r"[^\W\d][\w .-]*", value) is not None and value not in ("true", "false", "null")
    return value if plain else f'"{value}"'


def _plain(wanted: Any) -> str:
    match wanted:
        case dict():
            return "{" + ", ".join(f"{key}: {_plain(value)}" for key, value in wanted.items()) + "}"
        case list():
            return "[" + ", ".join(map(_plain, wanted)) + "]"
        case None:
            return "null"
        case bool() | str():
            return _word(wanted)
    return str(wanted)
