"""Names in expressions: what a dotted name means, and what may be read without a ``has()``."""

from __future__ import annotations

from collections.abc import Sequence

from safetyrules.diagnostics import Span, did_you_mean
from safetyrules.facts.schema import Kind, PartsType, ValuesType
from safetyrules.language import terms as t
from safetyrules.language.expression import Expression, Name, Select
from safetyrules.language.hints import PARAMETER
from safetyrules.language.scope import Checked, Scope, applicable, is_list, is_scalar
from safetyrules.language.types import plain_type
from safetyrules.text import Text

CONCLUDE_FIRST = Text(
    "先写一条成员上的规则得出单个结论，再读取它", "write a rule on the member that concludes one value, and read that"
)
REGISTER_LAST = Text(
    "名录的结论在成员的结论之后得出；可读取名录中 shared: true 的事实",
    "what a register concludes comes after what its members conclude; read a fact of it that has shared: true",
)
NO_FIELDS = Text("只有实体才有字段", "only entities have fields")


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
        scope.report("SR0515", expression.span, fix=NO_FIELDS)
        return None
    words = [word for word, _ in parts]
    span = expression.span
    variable = scope.variables.get(words[0])
    if isinstance(variable, t.ItemValue):
        if len(words) > 1:
            type_ = plain_type(variable.type)
            scope.report("SR0515", span, found=type_, fix=Text(f"只写“{words[0]}”", f"write '{words[0]}' alone"))
            return None
        return t.ItemValue(variable.variable, variable.type, span, variable.may_be_nothing)
    if variable is not None:
        of_member = _is_member(variable.kind, scope)
        if len(words) == 1:
            fix = Text(f"写出其中的事实：{words[0]}.…", f"name a fact of it: {words[0]}.…")
            scope.report("SR0514", span, found=variable.kind, fix=fix)
            return None
        found = _attribute(variable, scope.schema.kinds[variable.kind], ".".join(words[1:]), span, scope)
        if of_member and is_list(found):
            scope.report("SR0614", span, name=".".join(words[1:]), fix=CONCLUDE_FIRST)
            return None
        if found is not None:
            return _settled(found, scope, guarded)
        _unknown(parts[1:], scope.schema.kinds[variable.kind], scope)
        return None
    found = _attribute(t.Up(0, scope.kind.name), scope.kind, ".".join(words), span, scope)
    if found is not None:
        return _settled(found, scope, guarded)
    if len(words) == 1 and (parameter := scope.parameters.get((scope.ruleset, words[0]))) is not None:
        scope.parameters_read.add((scope.ruleset, words[0]))
        if parameter.value is None:
            fix = Text("给参数写明 value", "give the parameter a value")
            scope.report("SR0520", span, name=words[0], fix=fix, related=[(parameter.span, PARAMETER)])
            return None
        return t.ParameterValue(scope.ruleset, words[0], parameter.type, span)
    if words == ["as_of"]:
        return t.AsOf(span)
    for levels, kind in enumerate(scope.schema.chain(scope.kind.name)):
        if kind.word == words[0] and len(words) > 1:
            found = _attribute(t.Up(levels, kind.name), kind, ".".join(words[1:]), span, scope)
            if found is not None:
                return _settled(found, scope, guarded)
            if not _of_register(parts, span, scope):
                _unknown(parts[1:], kind, scope)
            return None
    if not _of_register(parts, span, scope):
        _unknown(parts, scope.kind, scope)
    return None


def _is_member(kind: str, scope: Scope) -> bool:
    """Is ``kind`` a subject of its own here, a member of the register that the rule is on?"""
    return scope.schema.chain(kind)[-1].name != scope.schema.chain(scope.kind.name)[-1].name


def _of_register(parts: Sequence[tuple[str, Span]], span: Span, scope: Scope) -> bool:
    """Report a name that means something of a register whose member the rule is on."""
    root = scope.schema.chain(scope.kind.name)[-1].name
    words = [word for word, _ in parts]
    if words[0] == scope.schema.kinds[root].word:
        words = words[1:]
    for kind in scope.schema.kinds.values():
        if len(words) < 2 or kind.word != words[0] or kind.members is None:
            continue
        name = ".".join(words[1:])
        if scope.schema.member_kind(kind.name) != root:
            continue
        if name in scope.conclusion_names.get(kind.name, ()):
            scope.report("SR0613", span, name=name, kind=scope.kind.name, register=kind.name, fix=REGISTER_LAST)
            return True
        if name in kind.facts:
            fix = Text(f"给事实“{name}”加 shared: true", f"give the fact '{name}' shared: true")
            scope.report("SR0502", span, name=".".join(words), kind=scope.kind.name, fix=fix)
            return True
    return False


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
    if scope.is_broken(kind.name, name) or scope.is_broken(f"{scope.ruleset}/", name):
        return
    first, last = parts[0][1], parts[-1][1]
    span = Span(first.source, first.line, first.column, last.end_line, last.end_column)
    scope.report("SR0502", span, name=name, kind=kind.name, fix=_fix_name(name, kind, scope))


def _fix_name(name: str, kind: Kind, scope: Scope) -> Text | None:
    """What the author may have meant: another place for the same name first, then a name that is spelt like it."""
    section = kind.sections.get(name)
    if section is not None:
        return Text(
            f"“{name}”是分区，请写其中的事实", f"'{name}' is a section ({section.title.en}); name a fact inside it"
        )
    for word in (each.word for each in scope.schema.chain(kind.name) if name == each.word):
        return Text(f"请写其中的事实：{word}.…", f"name a fact of it: {word}.…")
    return _inside_list(name, kind) or did_you_mean(name, _readable(kind, scope)) or _elsewhere(name, scope)


def _readable(kind: Kind, scope: Scope) -> list[str]:
    """The names that an expression on ``kind`` may read."""
    known: list[str] = [*kind.facts, *scope.conclusion_names.get(kind.name, ()), *scope.variables]
    known += [p for ruleset, p in scope.parameters if ruleset == scope.ruleset]
    for above in scope.schema.chain(kind.name)[1:]:
        known += [f"{above.word}.{each}" for each in (*above.facts, *scope.conclusion_names.get(above.name, ()))]
    return known


def _inside_list(name: str, kind: Kind) -> Text | None:
    """A fix for a field taken of a list."""
    words = name.split(".")
    for length in range(len(words) - 1, 0, -1):
        fact = kind.facts.get(".".join(words[:length]))
        if fact is not None and isinstance(fact.type, PartsType):
            ask = f"{fact.name}.exists(x, x.{'.'.join(words[length:])} …)"
            return Text(
                f"“{fact.name}”是列表，请对其成员提问：{ask}", f"'{fact.name}' is a list, ask its members: {ask}"
            )
        if fact is not None:
            return Text(f"“{fact.name}”没有字段", f"'{fact.name}' has no fields")
    return None


def _elsewhere(name: str, scope: Scope) -> Text | None:
    """A fix for a name that stands on another kind, or in another ruleset."""
    for other in scope.schema.kinds.values():
        if name in other.facts or name in scope.conclusion_names.get(other.name, ()):
            return Text(f"“{name}”属于种类“{other.name}”", f"'{name}' belongs to kind '{other.name}'")
    for ruleset, parameter in scope.parameters:
        if parameter == name:
            return Text(
                f"“{name}”是规则集“{ruleset}”的参数，只有该规则集能用",
                f"'{name}' is a parameter of ruleset '{ruleset}', and only rules there can read it",
            )
    return None
