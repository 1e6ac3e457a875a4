"""``safetyrules rules``: which rules are loaded, and what one says."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Annotated

import typer

from safetyrules.cli import options as o
from safetyrules.cli.output import PlainForm, language_of, print_json, print_table
from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.documents import RuleDocument, RulesDocument, words
from safetyrules.language.plan import NATIONAL
from safetyrules.language.ruleform import LinkedProgram, Rule
from safetyrules.plugins import load_with_paths
from safetyrules.program import Program, day_of
from safetyrules.text import Language


def rules(
    name: Annotated[str | None, typer.Argument(metavar="[RULE]", help="One rule, in full.")] = None,
    law_at: Annotated[
        str | None, typer.Option("--law-at", metavar="DATE", help="Only rules in force on this day.")
    ] = None,
    jurisdiction: Annotated[
        str | None, typer.Option("--jurisdiction", metavar="CODE", help="Only rules that hold there.")
    ] = None,
    sector: Annotated[str | None, typer.Option("--sector", metavar="NAME", help="Only rules of this sector.")] = None,
    paths: o.RULES = None,
    form: o.PLAIN_FORM = PlainForm.text,
    lang: o.LANG = None,
) -> int:
    """List the rules: clause, days in force, jurisdiction, title; or one rule in full."""
    program = load_with_paths(paths or ())
    linked, language = program.linked, language_of(lang)
    if name is None:
        found = chosen_rules(program, law_at, jurisdiction, [] if sector is None else [sector])
    else:
        if name not in linked.rules:
            raise RequestError([diagnostic("SR0603", name=name, found=name, fix=did_you_mean(name, linked.rules))])
        found = [linked.rules[name]]
    if form is PlainForm.json:
        print_json(RulesDocument(rules=[_document(rule) for rule in found]).to_json())
    elif name is not None:
        print_table(("", ""), _detail(linked, found[0], language))
    else:
        heads = {
            "zh": ("规则", "类别", "条款", "施行", "地域", "名称"),
            "en": ("rule", "kind", "clause", "in force", "place", "title"),
        }[language]
        print_table(heads, [_row(rule, language) for rule in found])
    return 0


def chosen_rules(program: Program, law_at: str | None, jurisdiction: str | None, sectors: Sequence[str]) -> list[Rule]:
    """The rules in force on a day, that hold in a place, of some sectors; each only where it is asked for. Raises
    RequestError."""
    found = list(program.linked.rules.values())
    for sector in sectors:
        if sector not in program.schema.sectors:
            raise RequestError(
                [diagnostic("SR2107", name=sector, found=sector, fix=did_you_mean(sector, program.schema.sectors))]
            )
    if sectors:
        found = [rule for rule in found if rule.sector in sectors]
    if law_at is not None or jurisdiction is not None:
        day = date.max if law_at is None else day_of("law_at", law_at)
        place = jurisdiction or NATIONAL
        if place != NATIONAL and not program.places.known(place):
            raise RequestError(
                [diagnostic("SR2103", name=place, found=place, fix=did_you_mean(place, program.places.codes))]
            )
        found = [
            rule for rule in found
            if (law_at is None or rule.days.covers(day))
            and (jurisdiction is None or program.places.covers(rule.jurisdiction, place, day))
        ]  # fmt: skip
    return found


def _row(rule: Rule, language: Language) -> tuple[str, ...]:
    return (
        rule.id, _kind(rule), ", ".join(rule.clauses), _days(rule), rule.jurisdiction, rule.title.in_language(language),
    )  # fmt: skip


def _kind(rule: Rule) -> str:
    return f"{rule.kind} ({rule.severity})" if rule.severity is not None else str(rule.kind)


def _days(rule: Rule) -> str:
    return f"{rule.days.first or ''}..{rule.days.last or ''}"


def _detail(linked: LinkedProgram, rule: Rule, language: Language) -> list[tuple[str, str]]:
    zh = language == "zh"
    rows = [
        ("规则" if zh else "rule", rule.id),
        ("名称" if zh else "title", rule.title.in_language(language)),
        ("类别" if zh else "kind", _kind(rule)),
        ("实体" if zh else "on", rule.on),
        ("结论" if zh else "concludes", rule.concludes),
        ("施行" if zh else "in force", _days(rule)),
        ("地域" if zh else "place", rule.jurisdiction),
        ("约束力" if zh else "force", rule.force),
        ("规则集" if zh else "ruleset", rule.ruleset),
        ("位置" if zh else "written at", str(rule.span)),
    ]
    for citation in rule.clauses:
        instrument = linked.instruments[citation.partition("#")[0]]
        title, clause = instrument.title.in_language(language), linked.clause(citation)
        rows.append(
            ("条款" if zh else "clause", f"{title} {clause.id} {clause.title.in_language(language)} [{citation}]")
        )
    if rule.except_ is not None:
        rows.append(("例外于" if zh else "except", rule.except_))
    if rule.overrides:
        rows.append(("优先于" if zh else "overrides", ", ".join(rule.overrides)))
    if rule.remedy is not None:
        rows.append(("整改" if zh else "remedy", rule.remedy.text.in_language(language)))
    if rule.note is not None:
        rows.append(("说明" if zh else "note", rule.note.in_language(language)))
    if rule.confidence is not None:
        rows.append(("来源可靠度" if zh else "confidence", rule.confidence))
    return rows


def _document(rule: Rule) -> RuleDocument:
    return RuleDocument(
        id=rule.id,
        title=words(rule.title),
        kind=rule.kind,
        severity=rule.severity,
        sector=rule.sector,
        ruleset=rule.ruleset,
        on=rule.on,
        concludes=rule.concludes,
        clauses=list(rule.clauses),
        force=rule.force,
        confidence=rule.confidence,
        in_force_from=None if rule.days.first is None else rule.days.first.isoformat(),
        in_force_to=None if rule.days.last is None else rule.days.last.isoformat(),
        jurisdiction=rule.jurisdiction,
        except_=rule.except_,
        overrides=list(rule.overrides),
        remedy=None if rule.remedy is None else words(rule.remedy.text),
        note=None if rule.note is None else words(rule.note),
        at=str(rule.span),
    )
