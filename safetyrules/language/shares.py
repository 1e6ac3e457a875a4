"""What a rule says, with its exceptions; and of a finding that several clauses may find, what each of them does.

A clause finds by the rules that cite it first, by overlays that add to a rule (`tighten` with `or_when`), and by
exceptions that find instead of a rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from safetyrules.language import terms as t
from safetyrules.language.order import Share
from safetyrules.language.ruleform import Overlay, Rule

Exceptions = Mapping[str, list[Rule]]
Overlays = Mapping[str, tuple[Overlay, ...]]

_FALSE = t.Constant(False, t.BOOLEAN)


def shares_of(
    found: Sequence[Rule], said: Sequence[t.Term], exceptions: Exceptions, overlays: Overlays
) -> tuple[Share, ...]:
    """What each clause finds of a finding that ``found`` write, who together have ``said``; nothing where only one
    clause may find it. A rule that is overridden by one that says something finds nothing."""
    own = {rule.id: tuple(dict.fromkeys(_clauses(rule, exceptions, overlays))) for rule in found}
    clauses = tuple(dict.fromkeys(clause for each in own.values() for clause in each))
    return tuple(_share(each, found, said, own, exceptions, overlays) for each in clauses) if len(clauses) > 1 else ()


def _share(
    clause: str,
    found: Sequence[Rule],
    said: Sequence[t.Term],
    own: Mapping[str, tuple[str, ...]],
    exceptions: Exceptions,
    overlays: Overlays,
) -> Share:
    of_clause = [rule for rule in found if clause in own[rule.id]]
    # An exception that finds by another clause leaves this one nothing to find.
    here = {
        base: [
            each if clause == each.clauses[0] or not _finds(each) else replace(each, withdraw=True) for each in among
        ]
        for base, among in exceptions.items()
    }
    writers: list[t.Writer] = []
    for rule in of_clause:
        term = rule_term(replace(rule, body=_body(rule, clause, overlays)), here, overlays)
        silent = tuple(
            t.Not(t.Applicable(each), False)
            for other, each in zip(found, said, strict=True)
            if rule.id in other.overrides
        )
        if silent:
            test = silent[0] if len(silent) == 1 else t.Junction("&&", silent, False)
            term = t.Choose(test, term, t.NoValueTerm(t.BOOLEAN), t.BOOLEAN, True)
        writers.append(t.Writer(rule.id, term, frozenset()))
    term = writers[0].term if len(writers) == 1 else t.Written(tuple(writers), t.BOOLEAN, True)
    names = {each.id for rule in of_clause for each in with_exceptions(rule, exceptions)}
    severity = "major" if any(rule.severity == "major" for rule in of_clause) else of_clause[0].severity
    return Share(clause, tuple(sorted(names)), severity, term)


def _clauses(rule: Rule, exceptions: Exceptions, overlays: Overlays) -> Iterable[str]:
    """The clauses by which a rule may find something, its own first."""
    yield rule.clauses[0]
    for overlay in _added(rule, overlays):
        yield overlay.clauses[0]
    for each in with_exceptions(rule, exceptions):
        if each is not rule and _finds(each):
            yield each.clauses[0]


def _finds(exception: Rule) -> bool:
    return not exception.withdraw and exception.body != _FALSE


def _added(rule: Rule, overlays: Overlays) -> list[Overlay]:
    """What overlays add to a rule as it stands: what they added to one that was then replaced is gone."""
    found: list[Overlay] = []
    for overlay in overlays.get(rule.id, ()):
        if overlay.action == "replace":
            found = []
        elif overlay.action == "tighten" and overlay.when is not None:
            found.append(overlay)
    return found


def _body(rule: Rule, clause: str, overlays: Overlays) -> t.Term:
    """That of what finds in a rule which is of this clause: the rule itself, and what overlays add."""
    body, added = rule.body, _added(rule, overlays)
    for _ in added:
        assert isinstance(body, t.Junction)
        body = body.operands[0]
    parts = [(rule.clauses[0], body), *((each.clauses[0], each.when) for each in added)]
    here = tuple(term for cited, term in parts if cited == clause and term is not None)
    if not here:
        return t.NoValueTerm(t.BOOLEAN)
    return here[0] if len(here) == 1 else t.Junction("||", here, any(each.may_be_nothing for each in here))


def with_exceptions(rule: Rule, exceptions: Mapping[str, list[Rule]]) -> Iterable[Rule]:
    yield rule
    for each in exceptions.get(rule.id, ()):
        yield from with_exceptions(each, exceptions)


def rule_term(rule: Rule, exceptions: Mapping[str, list[Rule]], overlays: Mapping[str, tuple[Overlay, ...]]) -> t.Term:
    branches = _branches(rule, exceptions, overlays)
    branches += tuple(t.ExceptionBranch(clause, when, None, False, ()) for clause, when in _exempting(rule, overlays))
    term = rule.body
    if branches:
        nothing = term.may_be_nothing or any(
            b.then is None or b.then.may_be_nothing or b.when.may_be_nothing for b in branches
        )
        term = t.Excepted(term, branches, rule.type, nothing, rule.span)
    if rule.applies is not None:
        term = t.Choose(rule.applies, term, t.NoValueTerm(rule.type), rule.type, True, rule.span)
    return term


def _exempting(rule: Rule, overlays: Mapping[str, tuple[Overlay, ...]]) -> Iterable[tuple[str, t.Term]]:
    for overlay in overlays.get(rule.id, ()):
        if overlay.action == "exempt" and overlay.when is not None:
            yield overlay.clauses[0], overlay.when


def _branches(
    rule: Rule, exceptions: Mapping[str, list[Rule]], overlays: Mapping[str, tuple[Overlay, ...]]
) -> tuple[t.ExceptionBranch, ...]:
    found = []
    for each in exceptions.get(rule.id, ()):
        when = each.when or t.Constant(True, t.BOOLEAN)
        if each.applies is not None:
            when = t.Junction("&&", (each.applies, when), each.applies.may_be_nothing or when.may_be_nothing)
        for _, exempted in _exempting(each, overlays):
            # Whom an exception is not for is left with what it is an exception to.
            kept = t.Not(exempted, exempted.may_be_nothing, exempted.span)
            when = t.Junction("&&", (when, kept), when.may_be_nothing or kept.may_be_nothing)
        then = None if each.withdraw else each.body
        found.append(t.ExceptionBranch(each.id, when, then, each.recorded, _branches(each, exceptions, overlays)))
    return tuple(found)
