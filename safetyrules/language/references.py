"""Names in expressions: what a dotted name means, and what may be read without a ``has()``."""

from __future__ import annotations

from collections.abc import Sequence

from safetyrules.diagnostics import Span, did_you_mean
from safetyrules.facts.schema import Kind, PartsType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.expression import Expression, Name, Select
from safetyrules.language.scope import Checked, Scope, applicable, is_scalar
from safetyrules.text import Text


def _dotted(expression: Expression) -> list[tuple[str, Span]] | None:
    parts: list[tuple[str, Span]] = []
    while isinstance(expression, Select):
        parts.append((expression.field, expression.field_span))
        expression = expression.operand
    if not isinstance(expression, Name):
        return None
    parts.append((expression.name, expression.span))
    return parts[::-1]


def reference(expression: Name | Select, scope: Scope, guarded: bool) -> Checked:
    """The fact, conclusion, parameter or variable that a dotted name means here; ``guarded`` False inside ``has()``."""
    parts = _dotted(expression)
    if parts is None:
        scope.report("SR0515", expression.span)
        return None
    words = [word for word, _ in parts]
    span = expression.span
    variable = scope.variables.get(words[0])
    if isinstance(variable, t.ItemValue):
        if len(words) > 1:
            scope.report("SR0515", span)
            return None
        return t.ItemValue(variable.variable, variable.type, span)
    if variable is not None:
        if len(words) == 1:
            scope.report("SR0514", span)
            return None
        found = _attribute(variable, scope.schema.kinds[variable.kind], ".".join(words[1:]), span, scope)
        if found is not None:
            return _settled(found, scope, guarded)
        _unknown(parts[1:], scope.schema.kinds[variable.kind], scope)
        return None
    found = _attribute(t.Up(0, scope.kind.name), scope.kind, ".".join(words), span, scope)
    if found is not None:
        return _settled(found, scope, guarded)
    if len(words) == 1 and (parameter := scope.parameters.get((scope.ruleset, words[0]))) is not None:
        if parameter.value is None:
            scope.report("SR0520", span, name=words[0])
            return None
        return t.ParameterValue(scope.ruleset, words[0], parameter.type, span)
    if words == ["as_of"]:
        return t.AsOf(span)
    for levels, kind in enumerate(scope.schema.chain(scope.kind.name)):
        if kind.word == words[0] and len(words) > 1:
            found = _attribute(t.Up(levels, kind.name), kind, ".".join(words[1:]), span, scope)
            if found is not None:
                return _settled(found, scope, guarded)
            _unknown(parts[1:], kind, scope)
            return None
    _unknown(parts, scope.kind, scope)
    return None


def _attribute(entity: t.EntityTerm, kind: Kind, name: str, span: Span, scope: Scope) -> Checked:
    fact = kind.facts.get(name)
    if fact is not None:
        if isinstance(fact.type, PartsType):
            return t.PartsOf(entity, name, fact.type.kind, span)
        if isinstance(fact.type, ValuesType):
            return t.ValuesOf(entity, name, fact.type.item, span)
        return t.FactValue(entity, name, fact.type, fact.may_not_apply, span)
    conclusion = scope.conclusion(kind.name, name)
    if conclusion is not None:
        return t.ConclusionValue(entity, name, conclusion[0], conclusion[1], span)
    return None


def _settled(found: Checked, scope: Scope, guarded: bool) -> Checked:
    return applicable(found, scope) if guarded and is_scalar(found) else found


def passed(found: Checked, scope: Scope) -> Checked:
    """What was read unguarded but is established all the same has a value."""
    return t.Sure(found, found.span) if is_scalar(found) and found in scope.established else found


def _unknown(parts: Sequence[tuple[str, Span]], kind: Kind, scope: Scope) -> None:
    name = ".".join(word for word, _ in parts)
    first, last = parts[0][1], parts[-1][1]
    span = Span(first.source, first.line, first.column, last.end_line, last.end_column)
    known: list[str] = [*kind.facts, *scope.conclusion_names.get(kind.name, ()), *scope.variables]
    known += [p for ruleset, p in scope.parameters if ruleset == scope.ruleset]
    known += [f"{k.word}.{fact}" for k in scope.schema.chain(kind.name)[1:] for fact in k.facts]
    fix = did_you_mean(name, known)
    if fix is None and (section := kind.sections.get(name)) is not None:
        fix = Text(
            f"“{name}”是分区，请写其中的事实", f"'{name}' is a section ({section.title.en}); name a fact inside it"
        )
    scope.report("SR0502", span, name=name, kind=kind.name, found=name, fix=fix)
