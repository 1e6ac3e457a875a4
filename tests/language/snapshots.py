"""Typed rules and plans in few words, for golden files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from datetime import date

from safetyrules.facts.schema import DateType, PartsType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.plan import Plan
from safetyrules.language.ruleform import Days, LinkedProgram, Rule
from safetyrules.language.types import plain_type, written


def program_lines(program: LinkedProgram) -> Iterator[str]:
    """The rules and overlays of a program and its warnings; of one without rules its facts and law."""
    if not program.rules:
        yield from _declared_lines(program)
    for parameter in program.parameters.values():
        value = "none" if parameter.value is None else term_words(parameter.value)
        yield f"parameter {parameter.ruleset}/{parameter.name}: {plain_type(parameter.type)} = {value}"
    for table in program.tables.values():
        yield f"table {table.name}({', '.join(table.keys)}) {len(table.rows)} rows"
    for rule in program.rules.values():
        yield from _rule_lines(rule)
    for overlay in program.overlays:
        yield f"overlay {overlay.action} {overlay.target} {overlay.jurisdiction} {_days(overlay.days)}"
    for warning in program.warnings:
        yield f"warning {warning.code} {warning.span}"


def _declared_lines(program: LinkedProgram) -> Iterator[str]:
    for kind in program.schema.kinds.values():
        yield f"kind {kind.name}" + (f" in {kind.parent}.{kind.parent_fact}" if kind.parent else " (root)")
        for fact in kind.facts.values():
            yield f"  {fact.name}: {_type(fact.type)}{' or not applicable' if fact.may_not_apply else ''}"
    for instrument in program.instruments.values():
        yield f"instrument {instrument.id} {instrument.level} {instrument.jurisdiction} {_days(instrument.in_force)}"


def _rule_lines(rule: Rule) -> Iterator[str]:
    exception = f" except {rule.except_}" if rule.except_ else ""
    yield f"{rule.kind} {rule.id}{exception} {rule.jurisdiction} {_days(rule.days)} [{', '.join(rule.clauses)}]"
    yield f"  {rule.on} -> {rule.concludes}: {plain_type(rule.type)}"
    if rule.applies is not None:
        yield f"  applies {term_words(rule.applies)}"
    if rule.kind == "exception" and rule.when is not None:
        yield f"  when {term_words(rule.when)}"
    yield f"  is {term_words(rule.body)}"
    if rule.duty is not None and rule.duty.due is not None:
        yield f"  due {term_words(rule.duty.due)}"


def plan_lines(plan: Plan) -> Iterator[str]:
    """The conclusions of a plan in order, with what they read, its rules, overlays and notices."""
    yield f"plan {plan.law_at} {plan.place} sectors {', '.join(plan.sectors) or 'none'}"
    yield f"rules {', '.join(sorted(plan.rules)) or 'none'}"
    for rule, overlays in sorted(plan.overlays.items()):
        yield f"overlaid {rule}: {', '.join(f'{overlay.action} under {overlay.clauses[0]}' for overlay in overlays)}"
    for conclusion in plan.conclusions:
        rules = f" by {', '.join(conclusion.rules)}" if conclusion.rules else ""
        yield f"{conclusion.kind} {conclusion.on} {conclusion.name}{rules}"
        yield f"  {term_words(conclusion.term)}"
    for notice in plan.notices:
        yield f"{notice.severity} {notice.code}: {notice.message.en}"


def term_words(term: object) -> str:
    """A term as nested words; ``?`` marks what may have no value, ``!`` what was shown to have one."""
    match term:
        case t.Constant(value, type_):
            day = isinstance(type_, DateType) and not isinstance(value, bool | str)
            return date.fromordinal(int(value)).isoformat() if day else written(value)
        case t.FactValue(entity, name) | t.ConclusionValue(entity, name):
            sign = "@" if isinstance(term, t.ConclusionValue) else ""
            return f"{_entity(entity)}{sign}{name}{'?' if term.may_be_nothing else ''}"
        case t.PartsOf(entity, name) | t.ValuesOf(entity, name):
            return f"{_entity(entity)}{name}[]"
        case t.ParameterValue(ruleset, name):
            return f"${ruleset}/{name}"
        case t.Sure(inner):
            return f"{term_words(inner)}!"
        case t.ItemValue(variable):
            return variable
        case tuple():
            return f"[{', '.join(map(term_words, term))}]"
        case frozenset():
            return f"{{{', '.join(sorted(map(str, term)))}}}"
    if not is_dataclass(term) or isinstance(term, type):
        return str(term)
    named = [each.name for each in fields(term) if each.name not in ("span", "type", "item", "may_be_nothing")]
    inside = ", ".join(term_words(getattr(term, name)) for name in named)
    return f"{type(term).__name__}({inside}){'?' if getattr(term, 'may_be_nothing', False) else ''}"


def _entity(entity: t.EntityTerm) -> str:
    return "^" * entity.levels if isinstance(entity, t.Up) else f"{entity.name}."


def _type(type_: object) -> str:
    match type_:
        case PartsType(kind, log):
            return f"list of {kind}" + (f" by {log}" if log else "")
        case ValuesType(item):
            return f"list of {plain_type(item)}"
    return plain_type(type_)  # type: ignore[arg-type]


def _days(days: Days) -> str:
    return f"{days.first or '…'}..{days.last or '…'}"
