"""What became of mutants, as lines for a terminal and as ``mutation/v1``."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any, Literal

from pydantic import AliasChoices, Field

from safetyrules.documents import DiagnosticDocument, diagnostic_document
from safetyrules.mutation.edits import NAMES, Operator
from safetyrules.mutation.lookups import Sampled
from safetyrules.mutation.running import Count, Fate, Status, counted
from safetyrules.mutation.suggestion import Suggestion
from safetyrules.report import Line
from safetyrules.testing.coverage.reporting import percent
from safetyrules.testing.documents import Part
from safetyrules.testing.merging import with_value
from safetyrules.testing.model import Case
from safetyrules.text import Language, Text

_COUNTED = Text(
    "杀死 {killed}，存活 {survived}；等价 {equivalent}，不成立 {stillborn}，未运行 {not_run}",
    "{killed} killed, {survived} survived; {equivalent} equivalent, {stillborn} stillborn, {not_run} not run",
)
_SCORE = Text("变异得分 {percent} %：{counts}", "mutation score {percent} %: {counts}")
_TOOK = Text("用时 {seconds} 秒，{cases} 个案例", "in {seconds} s, by {cases} cases")
_REACHED = Text("{number} 个案例用到它而未察觉", "{number} cases reach it, and none noticed")
_UNREACHED = Text("没有案例用到它", "no case reaches it")
_NEAREST = Text("；最近的是“{name}”（{at}）", "; the nearest is '{name}' ({at})")
_SUGGESTED = Text(
    "能察觉的案例：同“{name}”{changes}，期望 {key}: {expected}（变异后为 {actual}）",
    "a case that would: like '{name}'{changes}, expecting {key}: {expected} (the mutant: {actual})",
)
_WITH = Text("，改 {changes}", " with {changes}")
_FAILING = Text("有 {number} 个案例本来就不通过，没有用上", "{number} cases fail as it is, and were left out")
_SAMPLED = Text("查找表 {table} 只抽取了 {of} 行中的 {rows} 行", "of table {table}, {rows} of {of} rows were drawn")
_NOTHING = Text("（删去）", "(nothing)")
_SCHEMA = AliasChoices("schema", "schema_")
#: A line shows no more of what is written.
LONGEST = 90


@dataclass(frozen=True)
class Mutation:
    """The fates of all mutants, and by what they were run."""

    fates: tuple[Fate, ...]
    cases: int
    failing: tuple[Case, ...]
    sampled: tuple[Sampled, ...]
    seconds: float

    @cached_property
    def rulesets(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(fate.mutant.ruleset for fate in self.fates))

    def counted(self, ruleset: str | None = None) -> Count:
        return counted(self.fates, ruleset)

    def survivors(self, ruleset: str | None = None) -> Iterator[Fate]:
        for fate in self.fates:
            if fate.status == "survived" and ruleset in (None, fate.mutant.ruleset):
                yield fate


def joined(parts: Sequence[Mutation]) -> Mutation:
    """Several as one."""
    return Mutation(
        tuple(fate for part in parts for fate in part.fates), sum(part.cases for part in parts),
        tuple(case for part in parts for case in part.failing), tuple(each for part in parts for each in part.sampled),
        sum(part.seconds for part in parts),
    )  # fmt: skip


# ---- lines -----------------------------------------------------------------------------------------------------------


def terminal(mutation: Mutation, language: Language) -> Iterator[Line]:
    """A line for each ruleset, then the survivors with their places, then the score."""
    for ruleset in mutation.rulesets:
        count = mutation.counted(ruleset)
        style: Literal["good", "open"] = "good" if not count.survived and not count.not_run else "open"
        yield Line(f"{ruleset}: {percent(count.score)} % ({_counts(count, language)})", style)
    for fate in mutation.survivors():
        yield from _survivor(fate, language)
    for each in mutation.sampled:
        words = _SAMPLED.format(table=each.table, rows=each.rows, of=each.of)
        yield Line(words.in_language(language), "open")
    if mutation.failing:
        yield Line(_FAILING.format(number=len(mutation.failing)).in_language(language), "bad")
    count = mutation.counted()
    score = _SCORE.format(percent=percent(count.score), counts=_counts(count, language))
    yield Line(score.in_language(language), "good" if not count.survived and not count.not_run else "open")
    took = _TOOK.format(seconds=f"{mutation.seconds:.1f}", cases=mutation.cases)
    yield Line(took.in_language(language), "quiet", 1)


def _counts(count: Count, language: Language) -> str:
    return _COUNTED.format(
        killed=count.killed, survived=count.survived, equivalent=count.equivalent, stillborn=count.stillborn,
        not_run=count.not_run,
    ).in_language(language)  # fmt: skip


def _survivor(fate: Fate, language: Language) -> Iterator[Line]:
    mutant = fate.mutant
    clause = f" [{mutant.clause}]" if mutant.clause else ""
    yield Line(f"{mutant.span}: {mutant.rule}{clause}: {done(fate, language)}", "open")
    yield from (Line(words, "quiet", 1) for words in beside(fate, language))


def done(fate: Fate, language: Language) -> str:
    """What was done: the operator, and what stands there instead of what."""
    change = fate.mutant.change
    name = NAMES[change.operator].in_language(language)
    return f"{name}: {_short(change.original)} → {_short(change.mutated) or _NOTHING.in_language(language)}"


def beside(fate: Fate, language: Language) -> Iterator[str]:
    """The cases that did not notice, the one that should have, and one that would."""
    reached = _REACHED.format(number=len(fate.reaching)) if fate.reaching else _UNREACHED
    near = fate.nearest
    nearest = _NEAREST.format(name=near.name, at=near.span).in_language(language) if near is not None else ""
    yield reached.in_language(language) + nearest
    if fate.suggestion is not None:
        yield _suggested(fate.suggestion).in_language(language)


def _suggested(suggestion: Suggestion) -> Text:
    changes = [f"{path}: {flow(value)}" for path, value in suggestion.facts.items()]
    if suggestion.as_of is not None:
        changes.append(f"as_of: {suggestion.as_of}")
    said = _WITH.format(changes=", ".join(changes)) if changes else Text("", "")
    return _SUGGESTED.format(
        name=suggestion.like.name, changes=said, key=suggestion.key, expected=suggestion.expected,
        actual=suggestion.actual,
    )  # fmt: skip


def _short(words: str) -> str:
    line = " ".join(words.split())
    return line if len(line) <= LONGEST else line[: LONGEST - 1] + "…"


# ---- a case to paste -------------------------------------------------------------------------------------------------


def as_case(suggestion: Suggestion) -> str:
    """The suggested case as a test file has it."""
    facts: Any = suggestion.like.facts
    for path, value in suggestion.facts.items():
        facts = with_value(facts, path, value)
    options: dict[str, Any] = dict(suggestion.like.options)
    if suggestion.as_of is not None:
        options = {"as_of": suggestion.as_of, **{k: v for k, v in options.items() if k not in ("as_of", "law_at")}}
    name = flow(f"{suggestion.like.name} — {suggestion.key}")
    lines = [f"- name: {name}", *(f"  {key}: {flow(value)}" for key, value in options.items())]
    return "\n".join(
        [*lines, f"  facts: {flow(facts)}", f"  expect: {{{flow(suggestion.key)}: {suggestion.expected}}}"]
    )


def flow(value: Any) -> str:
    """Plain data as YAML on one line."""
    match value:
        case Mapping():
            return "{" + ", ".join(f"{flow(str(key))}: {flow(each)}" for key, each in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(map(flow, value)) + "]"
        case bool():
            return "true" if value else "false"
        case None:
            return "null"
        case date():
            return value.isoformat()
        case int() | Decimal():
            return str(value)
    return json.dumps(str(value), ensure_ascii=False)


# ---- mutation/v1 -----------------------------------------------------------------------------------------------------


class MutationCountDocument(Part):
    """``score`` is what was killed of what was killed or survived, in percent; what was not run counts in neither."""

    killed: int
    survived: int
    equivalent: int
    stillborn: int
    not_run: int
    score: float


class SuggestionDocument(Part):
    """A case that tells the mutant from the law, by what it changes of another, and whole as a test file has it."""

    like: str
    facts: dict[str, str]
    as_of: str | None
    key: str
    expected: str
    actual: str
    case: str


class MutantDocument(Part):
    """One fault. ``reaching`` counts the cases that rest on what was changed."""

    operator: Operator
    rule: str
    clause: str | None
    at: str = Field(description="source:line:column")
    original: str
    mutated: str
    status: Status
    killed_by: str | None
    problem: DiagnosticDocument | None
    reaching: int
    nearest: str | None
    suggestion: SuggestionDocument | None


class RulesetMutationDocument(Part):
    ruleset: str
    total: MutationCountDocument
    mutants: list[MutantDocument]


class SampledDocument(Part):
    table: str
    rows: int
    of: int


class MutationDocument(Part):
    """What tests notice of faults in rulesets."""

    schema_: Literal["mutation/v1"] = Field(
        default="mutation/v1", validation_alias=_SCHEMA, serialization_alias="schema"
    )
    cases: int
    failing: list[str]
    seconds: float
    total: MutationCountDocument
    rulesets: list[RulesetMutationDocument]
    sampled: list[SampledDocument]


def mutation_document(mutation: Mutation) -> MutationDocument:
    return MutationDocument(
        cases=mutation.cases, failing=[case.id for case in mutation.failing], seconds=round(mutation.seconds, 3),
        total=_count(mutation.counted()),
        rulesets=[
            RulesetMutationDocument(
                ruleset=name, total=_count(mutation.counted(name)),
                mutants=[_mutant(fate) for fate in mutation.fates if fate.mutant.ruleset == name],
            )
            for name in mutation.rulesets
        ],
        sampled=[SampledDocument(table=each.table, rows=each.rows, of=each.of) for each in mutation.sampled],
    )  # fmt: skip


def _count(count: Count) -> MutationCountDocument:
    return MutationCountDocument(
        killed=count.killed, survived=count.survived, equivalent=count.equivalent, stillborn=count.stillborn,
        not_run=count.not_run, score=round(count.score, 2),
    )  # fmt: skip


def _mutant(fate: Fate) -> MutantDocument:
    mutant = fate.mutant
    return MutantDocument(
        operator=mutant.operator, rule=mutant.rule, clause=mutant.clause, at=str(mutant.span),
        original=mutant.change.original, mutated=mutant.change.mutated, status=fate.status,
        killed_by=fate.killer.id if fate.killer is not None else None,
        problem=diagnostic_document(fate.problem) if fate.problem is not None else None, reaching=len(fate.reaching),
        nearest=fate.nearest.id if fate.nearest is not None else None,
        suggestion=_suggestion(fate.suggestion) if fate.suggestion is not None else None,
    )  # fmt: skip


def _suggestion(suggestion: Suggestion) -> SuggestionDocument:
    return SuggestionDocument(
        like=suggestion.like.id, facts={path: flow(value) for path, value in suggestion.facts.items()},
        as_of=suggestion.as_of.isoformat() if suggestion.as_of is not None else None, key=suggestion.key,
        expected=suggestion.expected, actual=suggestion.actual, case=as_case(suggestion),
    )  # fmt: skip
