"""``safetyrules graph``: a picture of the law, or of the reasons for one subject's conclusion."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from safetyrules.cli import ANSWERED
from safetyrules.cli import options as o
from safetyrules.cli.output import language_of, print_diagnostics
from safetyrules.diagnostics import RequestError, diagnostic, did_you_mean
from safetyrules.text import Language, same

if TYPE_CHECKING:
    from safetyrules.drawing.model import Picture
    from safetyrules.language.ruleform import Rule
    from safetyrules.program import Program

FORMATS = (".svg", ".png")


def graph(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write: NAME.svg or NAME.png.")],
    wanted: Annotated[
        str | None, typer.Option("--for", metavar="CONCLUSION", help="Only this conclusion and what it rests on.")
    ] = None,
    facts: Annotated[
        str | None,
        typer.Option("--facts", metavar="CASE", help="The reasons of this subject, the decided path coloured."),
    ] = None,
    as_of: o.AS_OF = None,
    law_at: o.LAW_AT = None,
    jurisdiction: o.JURISDICTION = None,
    closed: o.CLOSED = None,
    sector: o.SECTOR = None,
    changes: o.SET = None,
    ruleset: Annotated[
        list[str] | None, typer.Option("--ruleset", metavar="NAME", help="Only the rules of this ruleset.")
    ] = None,
    font: Annotated[
        list[Path] | None, typer.Option("--font", metavar="FILE", help="A font file for PNG, beside the system's.")
    ] = None,
    rules: o.RULES = None,
    lang: o.LANG = None,
) -> int:
    """Draw the conclusions and what they rest on; with --facts, why one subject's came out as they did."""
    language = language_of(lang)
    if out.suffix not in FORMATS:
        raise RequestError(
            [diagnostic("SR4232", path=str(out), found=out.suffix or out.name, expected=same(" / ".join(FORMATS)))]
        )
    if facts is None:
        picture = _of_law(wanted, law_at, jurisdiction, sector or [], ruleset or [], rules or [])
    else:
        picture = _of_subject(facts, wanted, as_of, law_at, jurisdiction, closed, sector, changes, rules)
    _write(out, picture, language, font or [])
    return ANSWERED


def _of_law(
    wanted: str | None, law_at: str | None, jurisdiction: str | None, sectors: list[str], rulesets: list[str],
    paths: list[Path],
) -> Picture:  # fmt: skip
    from safetyrules.cli.rules import chosen_rules
    from safetyrules.drawing.law import picture_of_law
    from safetyrules.plugins import load_with_paths

    program = load_with_paths(paths)
    found = chosen_rules(program, law_at, jurisdiction, sectors)
    if rulesets:
        _known("SR4234", rulesets, program.linked.rulesets)
        found = [rule for rule in found if rule.ruleset in rulesets]
    _some(found, program, wanted)
    return picture_of_law(program.linked, found, wanted)


def _some(rules: list[Rule], program: Program, wanted: str | None) -> None:
    """Raises RequestError where there is nothing to draw."""
    if wanted is not None:
        _known("SR2101", [wanted], {rule.concludes: rule for rule in rules})
    if not rules:
        raise RequestError([diagnostic("SR4233")])


def _known(code: str, names: list[str], known: object) -> None:
    problems = [
        diagnostic(code, name=name, found=name, fix=did_you_mean(name, known))  # type: ignore[arg-type]
        for name in names
        if name not in known  # type: ignore[operator]
    ]
    if problems:
        raise RequestError(problems)


def _of_subject(
    case: str, wanted: str | None, as_of: str | None, law_at: str | None, jurisdiction: str | None,
    closed: list[str] | None, sectors: list[str] | None, changes: list[str] | None, rules: list[Path] | None,
) -> Picture:  # fmt: skip
    from safetyrules.cli.asking import Question, ask
    from safetyrules.cli.why import of_the_answer
    from safetyrules.drawing.reasons import picture_of_reasons

    answer = ask(Question(case, as_of, law_at, jurisdiction, None, closed, sectors, changes, rules))
    assessment = answer.assessment
    explanation = of_the_answer(assessment) if wanted is None else assessment.why(wanted)
    linked = assessment.program.linked
    lanes = {rule.id: (rule.ruleset, linked.rulesets[rule.ruleset].title) for rule in linked.rules.values()}
    name = assessment.to_document().name
    return picture_of_reasons(explanation.to_json(), name, lanes)


def _write(out: Path, picture: Picture, language: Language, fonts: list[Path]) -> None:
    from safetyrules.cli.coverage import write
    from safetyrules.drawing.layout import lay_out
    from safetyrules.drawing.png import png, shows
    from safetyrules.drawing.svg import svg

    text = svg(picture, language)
    if out.suffix == ".svg":
        write(out, text.encode())
        return
    layout = lay_out(picture)
    if not shows(text, fonts):
        print_diagnostics([diagnostic("SR4235", fix=same("fonts-noto-cjk / --font FILE"))], language)
    write(out, png(text, layout.width, layout.height, fonts))
