"""A first test file for a ruleset: what its rules say where nothing is known, and which facts they then ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from datetime import date
from pathlib import Path

from safetyrules.diagnostics import RequestError, diagnostic
from safetyrules.folders import TEST_ENDING, read_bytes
from safetyrules.formatting.document import formatted
from safetyrules.language.document import RulesetDocument
from safetyrules.language.plan import NATIONAL
from safetyrules.language.read import read_document
from safetyrules.language.ruleform import Rule
from safetyrules.plugins import load_with_paths
from safetyrules.program import Program
from safetyrules.result import Assessment
from safetyrules.starting.scaffold import SCHEMAS_FOLDER, NewFile
from safetyrules.testing.expectations import Answered


def first_tests(ruleset: Path, others: Sequence[Path] = (), as_of: date | None = None) -> NewFile:
    """A test file to lie beside ``ruleset``, which needs the installed law and ``others``; ``as_of`` is the day of its
    case (default: the first on which all of the rules are in force). Raises RulesetError or RequestError."""
    document = read_document(
        read_bytes(ruleset), str(ruleset), open_file=lambda name: read_bytes(ruleset.parent / name)
    )
    if not isinstance(document, RulesetDocument):
        raise RequestError([diagnostic("SR4222", path=str(ruleset), name=str(ruleset))])
    program = load_with_paths((ruleset.parent, *others))
    rules = [rule for rule in program.linked.rules.values() if rule.ruleset == document.name.text]
    if not rules:
        raise RequestError([diagnostic("SR4222", path=str(ruleset), name=str(ruleset))])
    installed = not any(rule.span.source == str(ruleset) for rule in rules)
    beside = () if installed else (".", *(os.path.relpath(other, ruleset.parent) for other in others))
    day = as_of or max((rule.days.first for rule in rules if rule.days.first is not None), default=date(2024, 1, 1))
    name = f"{ruleset.stem}{TEST_ENDING}"
    text = "\n".join(_lines(program, rules, day, [Path(each).as_posix() for each in beside], ruleset.parent)) + "\n"
    return NewFile(name, formatted(text.encode(), name, lambda _: b""))


def _lines(program: Program, rules: Sequence[Rule], day: date, beside: Sequence[str], folder: Path) -> Iterator[str]:
    schema = next((at for at in (folder, *folder.parents) if (at / SCHEMAS_FOLDER / "tests.json").exists()), None)
    if schema is not None:
        at = Path(os.path.relpath(schema / SCHEMAS_FOLDER / "tests.json", folder)).as_posix()
        yield f"# yaml-language-server: $schema={at}"
    yield "# What the clauses say. Derive what is expected from the clause, never from a run: for each rule found,"
    yield "# not found, unknown and not applicable, and both sides of every bound and day."
    if beside:
        yield f"rules: [{', '.join(beside)}]"
    yield "cases:"
    for subject in dict.fromkeys(_root(program, rule.on) for rule in rules):
        about = [rule for rule in rules if _root(program, rule.on) == subject and rule.except_ is None]
        yield from _case(program, subject, about, day)


def _case(program: Program, subject: str, rules: Sequence[Rule], day: date) -> Iterator[str]:
    place = next((rule.jurisdiction for rule in rules if rule.jurisdiction != NATIONAL), None)
    answer = program.assess({}, as_of=day, jurisdiction=place, subject=subject)
    answered = Answered(answer)
    expected: dict[str, str] = {}
    needs: dict[str, list[str]] = {}
    for rule in rules:
        if rule.on == subject or rule.kind == "finding":
            expected[rule.concludes], names = answered.said(rule.concludes)
            needs[rule.id] = _needs(answer, names)
    expected = expected or dict(_of_parts(answered, rules))
    yield f"  - name: nothing is known of the {subject}"
    yield f"    as_of: {day}"
    yield from (f"    subject: {subject}",) if subject != next(iter(program.schema.roots)) else ()
    yield from (f'    jurisdiction: "{place}"',) if place is not None else ()
    yield "    facts: {}"
    yield "    expect:"
    yield from (f"      {name}: {said}" for name, said in expected.items())
    for rule in rules:
        asked = f" asks for {', '.join(needs[rule.id])}" if needs.get(rule.id) else ""
        yield f"  # {rule.id} ({', '.join(each.partition('#')[2] for each in rule.clauses)}){asked}"


def _of_parts(answered: Answered, rules: Sequence[Rule]) -> Iterator[tuple[str, str]]:
    """What is said of the parts that there may be, where no rule says anything of the subject itself."""
    concluded = {(rule.on, rule.concludes) for rule in rules}
    for outcome in answered.answer.outcomes:
        if outcome.conclusion.key in concluded:
            key = f"{outcome.path}.{outcome.name}".removeprefix(f"{answered.answer.request.subject}.")
            yield f'"{key}"', answered.said(key)[0]


def _needs(answer: Assessment, names: Sequence[str]) -> list[str]:
    root = f"{answer.request.subject}."
    return sorted({need.path.removeprefix(root) for name in names for need in answer.needs(name)})


def _root(program: Program, kind: str) -> str:
    """The subject that a kind is, or is a part of."""
    return program.schema.chain(kind)[-1].name
