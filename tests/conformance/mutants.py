"""Wrong engines, and the conformance files that kill them: ``python -m tests.conformance.mutants`` prints the table.

A mutant is a change to the source of one module: a text that occurs in it exactly once, and what stands there instead.
The changed module runs in process, and its code takes the place of the right one's; where the text is gone, the harness says so.
Only wrong answers kill: a mutant that merely crashes counts as alive. `MUTANTS.md` is the list of the larger first run.
"""

# ruff: noqa: E501 - a mutant is one line of the table
from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

HERE = Path(__file__).parent
if str(HERE) not in sys.path:
    sys.path.insert(0, str(HERE))

import conformance_suite as suite  # noqa: E402

from safetyrules import FactsError, RulesetError  # noqa: E402

ALGEBRA, REFERENCE, LOOKUP, TEXTS = "engine.algebra", "engine.reference", "engine.lookup", "engine.texts"
SCALARS, BUILD, PLAN = "facts.scalars", "facts.build", "language.plan"


@dataclass(frozen=True)
class Mutant:
    name: str
    module: str
    old: str
    new: str
    killers: tuple[str, ...]


def _m(name: str, module: str, old: str, new: str, *killers: str) -> Mutant:
    return Mutant(name, module, old, new, killers)


MUTANTS = (
    _m("an unknown boolean fact is false", SCALARS, "return _finite((True, False), may_not_apply)", "return _finite((False,), may_not_apply)", "and-or-not"),
    _m("at_most is read as at_least", SCALARS, "        high = _bound(of, raw, unit)\n    if", "        low = _bound(of, raw, unit)\n    if", "comparison"),
    _m("one_of of numbers keeps the first", SCALARS, "Interval(min(numbers), max(numbers))", "Interval(numbers[0], numbers[0])", "comparison"),
    _m("units are not converted", SCALARS, "number = convert(number, unit, of.unit)", "pass", "units"),
    _m("the declared maximum does not cut a partly known number", SCALARS, "high = of.maximum if high is None else min(high, of.maximum)", "pass", "arithmetic", "comparison"),
    _m("an absent list is empty", BUILD, "return Members((), True, self._residual(entity, fact, of, None))", "return Members((), True, None)", "lists-quantifiers"),
    _m("`more: true` is ignored", BUILD, "or bool(read.more) or read.complete_since", "or read.complete_since", "lists-quantifiers", "lists-aggregates"),
    _m("a log without complete_since is complete", BUILD, "read.complete_since is not None or silent_log\n", "read.complete_since is not None\n", "logs"),
    _m("complete_since does not cover its own day", BUILD, "max(complete_since - 1, 1)", "complete_since", "logs"),
    _m("false && unknown is unknown", ALGEBRA, "    if one is False or two is False:\n        return False", "    if one is False and two is False:\n        return False", "and-or-not"),
    _m("true || unknown is false", ALGEBRA, "    if one is True or two is True:\n        return True", "    if one is True and two is True:\n        return True", "and-or-not"),
    _m("< is sure although the ends touch", ALGEBRA, "possible(low < other_high, high >= other_low, none)", "possible(low < other_high, high > other_low, none)", "comparison"),
    _m("<= is not sure where the ends touch", ALGEBRA, "possible(low <= other_high, high > other_low, none)", "possible(low <= other_high, high >= other_low, none)", "comparison"),
    _m("== of overlapping intervals is false", ALGEBRA, "possible(low <= other_high and other_low <= high, not", "possible(low == high == other_low == other_high, not", "comparison"),
    _m("a difference subtracts low from low", ALGEBRA, "interval(plus(low, -other_high), plus(high, -other_low), none)", "interval(plus(low, -other_low), plus(high, -other_high), none)", "arithmetic"),
    _m("a product looks at two corners only", ALGEBRA, "products = [_times(a, b) for a in (low, high) for b in (other_low, other_high)]", "products = [_times(low, other_low), _times(high, other_high)]", "arithmetic"),
    _m("unary minus does not swap the bounds", ALGEBRA, "return interval(-high, -low, value.nothing)", "return interval(-low, -high, value.nothing)", "arithmetic"),
    _m("a division by what may be zero is bounded", ALGEBRA, "    if other_low <= 0 <= other_high:\n        return interval(-INFINITY, INFINITY, none)", "    if other_low <= 0 <= other_high:\n        return interval(Fraction(0), Fraction(0), none)", "division-by-zero"),
    _m("% takes the sign of the divisor", ALGEBRA, "rest if low >= 0 else -rest, rest if low >= 0 else -rest", "low % other_low, low % other_low", "integers-rounding"),
    _m("round half up, towards plus infinity", ALGEBRA, "return whole if bound >= 0 else -whole", "return whole if bound >= 0 else -(whole - (1 if scaled % 1 == Fraction(1, 2) else 0))", "integers-rounding"),
    _m("a sum in binary floating point", REFERENCE, "low, high = algebra.plus(low, least), algebra.plus(high, most)", "low, high = (\n            b if abs(b) == algebra.INFINITY else Fraction(float(b)) for b in (algebra.plus(low, least), algebra.plus(high, most))\n        )", "exact-numbers"),
    _m("add_months does not clamp but runs over", ALGEBRA, "date(year, month + 1, min(start.day, last)).toordinal()", "date(year, month + 1, 1).toordinal() + start.day - 1", "dates"),
    _m("days_between is turned round", ALGEBRA, '_and_nothing(arithmetic("-", end, start), none)', '_and_nothing(arithmetic("-", start, end), none)', "dates"),
    _m("max of a scale goes by the name of the level", ALGEBRA, "choose(a, b, key=type_.members.index)", "choose(a, b)", "hit-collect", "scales"),
    _m("< on a scale goes by the name of the level", ALGEBRA, "a, b = type_.members.index(str(one)), type_.members.index(str(two))", "a, b = str(one), str(two)", "scales"),
    _m("has() of unknown is true", REFERENCE, "algebra.possible(algebra.has_value(value), algebra.has_nothing(value), False)", "algebra.possible(algebra.has_value(value), not algebra.has_value(value), False)", "has", "findings-outcomes"),
    _m("an unknown test of ?: takes the first branch", REFERENCE, "        if False in test.outcomes:\n            found", "        if test.outcomes == {False}:\n            found", "conditional-equality"),
    _m("a maybe-member makes exists true", REFERENCE, "                body = Finite(body.outcomes | {absent})", "                pass", "lists-quantifiers", "lists-filter-map"),
    _m("exists_one is exists", REFERENCE, "bool(counts - {1}), none)", "0 in counts, none)", "lists-quantifiers"),
    _m("count counts maybe-members as certain", REFERENCE, "least = sum(member.certain for member in members)", "least = len(members)", "lists-filter-map", "lists-aggregates"),
    _m("filter drops members whose test is unknown", REFERENCE, "            if True in passed.outcomes:\n                yield replace(member", "            if passed == TRUE:\n                yield replace(member", "lists-filter-map"),
    _m("a sum takes maybe-members in full", REFERENCE, "least, most = min(least, Fraction(0)), max(most, Fraction(0))", "pass", "lists-filter-map", "hit-collect-sum-count"),
    _m("a sum over an open list is bounded above", REFERENCE, "most = algebra.INFINITY if most > 0 else Fraction(0)", "most = Fraction(0)", "lists-aggregates"),
    _m("hit first does not stop at a true row", REFERENCE, "            if when == TRUE:\n                return algebra.joined(found)", "            if when == TRUE:\n                pass", "hit-first"),
    _m("hit first stops at an unknown row", REFERENCE, "            if when == TRUE:\n                return algebra.joined(found)", "            if True in when.outcomes:\n                return algebra.joined(found)", "hit-first"),
    _m("collect max takes unknown rows as true", REFERENCE, "result = raised if when == TRUE else algebra.join(result, raised)", "result = raised", "hit-collect"),
    _m("collect min is collect max", REFERENCE, 'least = term.hit in ("collect min", "priority")', "least = False", "hit-collect"),
    _m("hit any adds otherwise beside a true row", REFERENCE, "        if not sure and not (term.exhaustive and found):", "        if not (term.exhaustive and found):", "hit-unique-any"),
    _m("collect sum counts rows without value", REFERENCE, 'if term.hit == "collect count" else', "if True else", "hit-collect-sum-count"),
    _m("a decision is ignored", REFERENCE, "return decision if decision.outcomes <= permitted.outcomes else permitted", "return permitted", "permissions"),
    _m("an unsettled reading picks the first", REFERENCE, "return algebra.joined(self.evaluate(reading, place) for _, reading in readings)", "return self.evaluate(readings[0][1], place)", "readings"),
    _m("the base stays beside a true exception", REFERENCE, "        if not sure:\n            found.append(self.evaluate(base, place))", "        if True:\n            found.append(self.evaluate(base, place))", "exceptions"),
    _m("an exception of unknown condition replaces", REFERENCE, "            if when == TRUE:\n                sure.append(outcome)", "            if True:\n                sure.append(outcome)", "exceptions"),
    _m("a superior that may be silent silences the inferior", REFERENCE, "silent = all(algebra.has_nothing(said[i])", "silent = all(not algebra.has_value(said[i])", "writers", "writers-numbers"),
    _m("writers in a circle silence each other", "language.precedence", "if number not in reached[n])", "if True)", "writers-in-circles"),
    _m("the first writer of a finding that says something silences the others", REFERENCE, "outcome if counts and so_far is not True else so_far", "outcome if counts and so_far is NOTHING else so_far", "findings-accumulate"),
    _m("an overridden writer of a finding still counts", REFERENCE, "counts = outcome is not NOTHING and not above & spoken", "counts = outcome is not NOTHING", "findings-accumulate", "duties-of-several"),
    _m("an overriding writer silences even where it says nothing", REFERENCE, "speaks = outcome is not NOTHING and writer.beats", "speaks = writer.beats", "findings-accumulate"),
    _m("findings counts undetermined findings", REFERENCE, "if outcome == TRUE and not entity.residual:", "if not entity.residual:", "findings-counting"),
    _m("findings counts instances", REFERENCE, "if term.instances else conclusion.counted_as", "if True else conclusion.counted_as", "findings-counting"),
    _m("findings that share the clause of one of their rules are one", REFERENCE, "if term.instances else conclusion.counted_as", "if term.instances else conclusion.clause", "findings-counting-of-several"),
    _m("the residual outcome is dropped", REFERENCE, "for (path, name), value in self.values.items()\n        }", "for (path, name), value in self.values.items() if path not in residual\n        }", "residual", "duties"),
    _m("sector_grades takes sectors of unknown presence as present", REFERENCE, "yield Member(grade, certain=present == TRUE)", "yield Member(grade)", "sector-grades"),
    _m("an absent key is not applicable", LOOKUP, "        found.append(algebra.everything(type_))", "        found.append(algebra.nothing(type_))", "lookup"),
    _m("an empty cell is unknown", LOOKUP, "return algebra.nothing(table.columns[column]) if cell is None", "return algebra.everything(table.columns[column]) if cell is None", "lookup"),
    _m("the due day of several duties is that of the first rule by its id", PLAN, "    if len(writers) == 1:\n        return writers[0].duty", "    if writers:\n        return writers[0].duty", "duties-of-several"),
    _m("startsWith is contains", TEXTS, "return text.startswith(str(values[1]))", "return str(values[1]) in text", "text"),
    _m("substring takes a length", TEXTS, "text[start:end] if", "text[start:start + end] if", "text"),
)  # fmt: skip


@dataclass(frozen=True)
class Verdict:
    mutant: Mutant
    run: int
    wrong: tuple[str, ...]
    crashed: int


def verdict(mutant: Mutant, most: int = 3) -> Verdict:
    """Run the killers of a mutant until ``most`` cases are answered wrongly."""
    wrong: list[str] = []
    run = crashed = 0
    with applied(mutant), _programs_of_its_own():
        for case in suite.cases():
            if case.file not in mutant.killers or case.refused is not None or len(wrong) >= most:
                continue
            run += 1
            try:
                if _differs(case):
                    wrong.append(case.id)
            except (FactsError, RulesetError):
                wrong.append(case.id)
            except Exception:  # a mutant may break in any way; that is no wrong answer
                crashed += 1
    return Verdict(mutant, run, tuple(wrong), crashed)


@contextmanager
def _programs_of_its_own() -> Iterator[None]:
    """What a program has prepared holds for the code that prepared it: nobody else may go on with it."""
    import test_conformance as adapter

    adapter.loaded.cache_clear()
    try:
        yield
    finally:
        adapter.loaded.cache_clear()


def _differs(case: suite.Case) -> bool:
    import test_conformance as adapter

    return bool(adapter.differences(case, adapter.assess(case, "reference")))


@contextmanager
def applied(mutant: Mutant) -> Iterator[None]:
    """The mutant in place of the right module: its functions and methods hold for whoever uses them."""
    module = importlib.import_module(f"safetyrules.{mutant.module}")
    assert module.__file__ is not None
    source = Path(module.__file__).read_text(encoding="utf-8")
    assert source.count(mutant.old) == 1, f"{mutant.name}: {source.count(mutant.old)} times in {mutant.module}"
    wrong = ModuleType(module.__name__)
    wrong.__dict__.update(__file__=module.__file__, __package__=module.__package__)
    exec(compile(source.replace(mutant.old, mutant.new), module.__file__, "exec"), vars(wrong))
    changes = list(_changes(module, wrong))
    for target, name, new, _ in changes:
        setattr(target, name, new)
    _forget_plans()
    try:
        yield
    finally:
        for target, name, _, old in changes:
            setattr(target, name, old)
        _forget_plans()


def _forget_plans() -> None:
    """A program keeps the plans that it made, right or wrong."""
    import test_conformance as adapter

    adapter.loaded.cache_clear()


def _changes(module: ModuleType, wrong: ModuleType) -> Iterator[tuple[Any, str, Any, Any]]:
    """Code of functions and methods is exchanged in place, so that every importer of a name sees the change."""
    for name, old in vars(module).items():
        new = vars(wrong).get(name)
        if getattr(old, "__module__", None) != module.__name__ or new is None:
            continue
        if isinstance(old, type):
            for key, method in vars(old).items():
                other = vars(new).get(key)
                if (
                    hasattr(method, "__code__")
                    and other is not None
                    and method.__code__.co_freevars == other.__code__.co_freevars
                ):
                    yield method, "__code__", other.__code__, method.__code__
        elif hasattr(old, "__code__"):
            yield old, "__code__", new.__code__, old.__code__


def main() -> None:
    alive = []
    for number, mutant in enumerate(MUTANTS, 1):
        found = verdict(mutant)
        shown = found.wrong[0] if found.wrong else "ALIVE"
        print(f"{number:3} {mutant.name:62} {mutant.module:18} {found.run:4} run {found.crashed:3} crashed  {shown}")
        if not found.wrong:
            alive.append(mutant.name)
    print(f"{len(MUTANTS) - len(alive)} of {len(MUTANTS)} killed by wrong answers")
    raise SystemExit(1 if alive else 0)


if __name__ == "__main__":
    main()
