"""Rules and exceptions that never or always fire."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import islice

from safetyrules.analysis.examples import MOST_BOXES, Accept, almost, example, in_boxes, place_of
from safetyrules.analysis.law import Law, Setting
from safetyrules.analysis.masked import CAUSES
from safetyrules.diagnostics import Diagnostic, Severity, diagnostic
from safetyrules.language import terms as t
from safetyrules.language.ruleform import Rule
from safetyrules.language.spaces import TooMuchError
from safetyrules.text import Text


def firing(law: Law) -> Iterator[Diagnostic]:
    """SR0711 and SR0712 of findings and duties (and `applies:` of any rule), SR0714 and SR0715 of exceptions."""
    for rule in law.every_rule:
        given = law.given(rule)
        if rule.applies is not None:
            problem = _condition(law, rule, given[:-1], rule.applies, ("SR0711", None))
            if problem is not None:
                yield problem
                continue
        asked = rule.when if rule.when is not None else rule.body
        if rule.kind in ("finding", "duty"):
            problem = _condition(law, rule, given, asked, ("SR0711", "SR0712"))
        elif rule.kind == "exception" and rule.when is not None:
            problem = _condition(law, rule, given, rule.when, ("SR0714", "SR0715"), str(rule.except_))
        else:
            problem = None
        if problem is not None:
            yield problem
    for overlay in law.linked.overlays:
        target = law.linked.rules.get(overlay.target)
        if overlay.action == "exempt" and overlay.when is not None and target is not None:
            problem = _condition(
                law,
                target,
                law.given(target),
                overlay.when,
                ("SR0714", "SR0715"),
                target.id,
                overlay.clauses[0],
                law.setting(target, overlay),
            )
            if problem is not None:
                yield problem


def _condition(
    law: Law,
    rule: Rule,
    given: Sequence[t.Term],
    asked: t.Term,
    codes: tuple[str, str | None],
    target: str = "",
    name: str = "",
    setting: Setting | None = None,
) -> Diagnostic | None:
    """Is the condition never true, or always, where the conditions before it are?"""
    if (isinstance(asked, t.Constant) and asked.value is not False) or not law.same_everywhere([*given, asked]):
        return None
    try:
        space = law.space([*given, asked])
        within = law.within(space, given)
        if not within:
            return None
        never = not space.meet(within, space.boxes(asked))
        always = not never and codes[1] is not None and space.covered(within, space.boxes(asked))
    except TooMuchError:
        return None
    code = codes[0] if never else codes[1]
    if not (never or always) or code is None or law.blamed(asked, CAUSES):
        return None
    accept: Accept = lambda look: look.fails(asked) if never else look.holds(asked)  # noqa: E731
    said = Text("条件不成立", "the condition fails") if never else Text("条件成立", "the condition holds")
    near = [*(almost(asked) if never else ()), *islice(in_boxes(space, within), MOST_BOXES)]
    shown = example(
        law, rule, near, [*given, asked], lambda look: all(map(look.holds, given)) and accept(look),
        Text(f"{rule.id}：{place_of(asked)} {said.zh}", f"{rule.id}; {place_of(asked)} {said.en}"), setting,
    )  # fmt: skip
    return diagnostic(
        code, getattr(asked, "span", None) or rule.span, severity=Severity.WARNING, name=name or rule.id,
        target=target, example=shown,
    )  # fmt: skip
