"""Why an outcome is what it is: conclusion ← rules ← conditions ← facts, nested conclusions each explained once."""

from __future__ import annotations

from collections.abc import Set
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any

from safetyrules.diagnostics import Diagnostic, RequestError, diagnostic, did_you_mean
from safetyrules.explanation import reasons as r
from safetyrules.explanation.conclusions import reason_of
from safetyrules.explanation.needs import Need, needs
from safetyrules.explanation.steps import Steps
from safetyrules.explanation.trace import Node, Replay
from safetyrules.language.plan import Conclusion, Key
from safetyrules.text import Language, Text

if TYPE_CHECKING:
    from safetyrules.result import Assessment


@dataclass(frozen=True)
class Assumption:
    """A fact that was assumed and that a conclusion rests on, with the reason given."""

    path: str
    title: Text
    owner: Text | None
    why: str


@dataclass(frozen=True)
class Explanation:
    """Why the conclusions ``roots`` are what they are. Its parts are made when they are first read."""

    replay: Replay = field(repr=False, compare=False)
    roots: tuple[Node, ...]

    @property
    def assessment(self) -> Assessment:
        return self.replay.assessment

    @cached_property
    def conclusions(self) -> tuple[r.ConclusionReason, ...]:
        """The roots, then every conclusion that they rest on, each once, nearest first."""
        pending, seen, found = list(self.roots), set(self.roots), []
        steps, made = Steps(self.replay, self.replay.root), self.replay.reasons
        with self.replay.lock:
            for node in pending:
                known = made.get(node)
                if known is None:
                    known = made[node] = reason_of(steps, node)
                reason, read = known
                found.append(reason)
                if read:
                    new = [each for each in read if each not in seen]
                    seen.update(new)
                    pending.extend(new)
        return tuple(found)

    @cached_property
    def needs(self) -> tuple[Need, ...]:
        """What can still change the roots."""
        found: dict[tuple[str, str], Need] = {}
        with self.replay.lock:
            for root in self.roots:
                for need in needs(self.replay, root):
                    found.setdefault((need.kind, need.path), need)
        return tuple(found.values())

    @cached_property
    def assumptions(self) -> tuple[Assumption, ...]:
        """The assumed facts that the roots rest on."""
        found: dict[str, Assumption] = {}
        for reason in self.conclusions if self.replay.assumes else ():
            for step in steps_of(reason):
                for read in reads_of(step):
                    if read.assumed is not None:
                        found.setdefault(read.path, Assumption(read.path, read.title, read.owner, read.assumed))
        return tuple(found.values())

    def to_text(self, language: Language = "zh") -> str:
        """An indented tree with ✓ ✗ ? marks."""
        from safetyrules.explanation.render import text

        return text(self, language)

    def to_markdown(self, language: Language = "zh") -> str:
        from safetyrules.explanation.render import markdown

        return markdown(self, language)

    def to_json(self) -> dict[str, Any]:
        """Plain JSON data of schema ``explanation/v1``, in both languages."""
        from safetyrules.explanation.document import document

        return document(self)


def steps_of(reason: r.ConclusionReason) -> list[r.Step]:
    """Every step of a conclusion that mattered."""
    pending: list[r.Step | None] = [reason.unwritten]
    for rule in reason.rules:
        # What gives way itself still silences what it overrides.
        if rule.standing != "gives_way" or any(ground == "overrides" for *_, ground in rule.prevails):
            branches = list(rule.exceptions)
            for branch in branches:
                pending.extend((branch.when, branch.then))
                branches.extend(branch.exceptions)
            pending.extend((rule.applies, rule.body))
    found = []
    while pending:
        step = pending.pop()
        if step is not None and step.matters:
            found.append(step)
            pending.extend(inside(step))
    return found


def inside(step: r.Step) -> list[r.Step | None]:
    """The steps directly inside a step."""
    match step:
        case r.Atom(details=details):
            return [*details]
        case r.Group(steps=steps):
            return [*steps]
        case r.OverList(members=members):
            return [each for member in members for each in (*member.tests, member.step)]
        case r.Branch(test=test, then=then, otherwise=otherwise):
            return [test, then, otherwise]
        case r.Table(rows=rows, otherwise=otherwise):
            taken = [row for row in rows if row.standing in ("holds", "may_hold")]
            return [*(row.when for row in rows), *(row.then for row in taken), otherwise]
        case r.Readings(readings=readings):
            return [reading.step for reading in readings]
    return []


def reads_of(step: r.Step) -> list[r.FactRead | r.ListRead]:
    """The facts and lists that a step itself reads."""
    match step:
        case r.Atom(reads=reads):
            return [read for read in reads if not isinstance(read, r.ConclusionRead)]
        case r.OverList(lists=lists):
            return [*lists]
        case r.Permission(decision=decision) if decision is not None:
            return [decision]
    return []


def named(assessment: Assessment, name: str) -> tuple[Node, ...]:
    """The conclusions that a name means: of the subject, of one part (``path#name``), of all parts that have it, or
    those of a clause (``instrument#clause``). Raises RequestError (SR2101)."""
    root = assessment.request.subject
    path, _, last = name.rpartition("#")
    full = root if not path else path if path == root or path.startswith(f"{root}.") else f"{root}.{path}"
    if (full, last) in assessment.scalars:
        return ((full, last),)
    keys = {c.key for c in assessment.plan.conclusions if c.name == name or name in _clauses(assessment, c)}
    found = tuple((o.path, o.name) for o in assessment.outcomes if o.conclusion.key in keys)
    if not found:
        raise RequestError([_none_such(assessment, name, keys)])
    return found


def _none_such(assessment: Assessment, name: str, keys: Set[Key]) -> Diagnostic:
    """There may be rules by that name, but about another root subject than the one assessed."""
    schema, subject = assessment.plan.schema, assessment.request.subject
    roots = {schema.chain(kind)[-1].name for kind, _ in keys}
    if roots and subject not in roots:
        kinds = " / ".join(sorted(roots))
        expected = Text(f"对象是 {kinds}，而不是 {subject}", f"it is about a subject {kinds}, not {subject}")
        return diagnostic("SR2101", name=name, found=name, expected=expected)
    return diagnostic(
        "SR2101", name=name, found=name, fix=did_you_mean(name, [c.name for c in assessment.plan.about(subject)])
    )


def _clauses(assessment: Assessment, conclusion: Conclusion) -> tuple[str, ...]:
    rules = (assessment.plan.rules[name] for name in conclusion.rules)
    return tuple(clause for rule in rules for clause in (*rule.clauses, rule.clauses[0].partition("#")[2]))


def why(assessment: Assessment, name: str) -> Explanation:
    """Why a conclusion is what it is; for ``name`` see `named`. Raises RequestError (SR2101, SR2104)."""
    return Explanation(assessment.replay, named(assessment, name))
