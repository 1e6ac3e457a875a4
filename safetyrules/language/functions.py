"""The functions an expression may call: their arguments, types and terms."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from fractions import Fraction

from safetyrules.diagnostics import did_you_mean
from safetyrules.facts.schema import ChoiceType, DateType, NumberType, ScalarType, TextType
from safetyrules.language import terms as t
from safetyrules.language.expression import Call, Expression, ListLiteral, LiteralValue, Unary
from safetyrules.language.scope import (
    Checked,
    Scope,
    applicable,
    check_list,
    check_scalar,
    is_list,
    is_scalar,
    item_type,
    list_words,
)
from safetyrules.language.types import plain_type
from safetyrules.text import Text, same
from safetyrules.units import parse_unit

DAYS = NumberType(parse_unit("day"), integer=True)
SEVERITIES = ("major", "general", "any")


def check_call(call: Call, scope: Scope, expected: ScalarType | None, guarded: bool = True) -> Checked:
    """The term of a function call; ``guarded`` False inside ``has()``."""
    if call.receiver is not None:
        call = Call(call.span, f".{call.function}", (call.receiver, *call.arguments), call.function_span)
        if call.function == ".size":
            call = Call(call.span, "size", call.arguments, call.function_span)
    entry = FUNCTIONS.get(call.function)
    if entry is None:
        scope.report(
            "SR0510",
            call.function_span,
            name=call.function.lstrip("."),
            fix=_function_fix(call),
        )
        return None
    least, most, check = entry
    if not least <= len(call.arguments) <= most:
        count = same(str(least) if least == most else f"{least}…{most}")
        if most == MANY:
            count = Text(f"至少 {least}", f"at least {least}")
        if call.function == "lookup":
            count = same('lookup("table", key, …, "column")')
        receiver = 1 if call.function.startswith(".") else 0
        if receiver and most < MANY:
            count = same(str(least - 1) if least == most else f"{least - 1}…{most - 1}")
        given = len(call.arguments) - receiver
        scope.report("SR0511", call.span, name=call.function.lstrip("."), found=given, expected=count)
        return None
    if check is _lookup:
        return _lookup(call, scope, expected, guarded)
    return check(call, scope, expected)


MANY = 10_000
#: Stands for a kind where a scope lists refused lookup tables.
TABLES = "table"


def _text_literal(expression: Expression, scope: Scope) -> str | None:
    if isinstance(expression, LiteralValue) and isinstance(expression.value, str):
        return expression.value
    scope.report("SR0512", expression.span, expected=Text("引号中的文本", "a text in quotes"))
    return None


def _named(expression: Expression, scope: Scope, known: Iterable[str], what: Text) -> str | None:
    """A text literal that must be one of ``known``."""
    name = _text_literal(expression, scope)
    names = list(known)
    if name is not None and name not in names:
        fix = did_you_mean(name, names)
        expected = same(", ".join(names)) if fix is None and 0 < len(names) <= 12 else None
        scope.report("SR0513", expression.span, what=what, name=name, fix=fix, expected=expected)
        return None
    return name


def _function_fix(call: Call) -> Text | None:
    """The same name called the other way, else a name spelt like it."""
    name = call.function.lstrip(".")
    if call.function.startswith(".") and name in FUNCTIONS:
        return Text(f"写作 {name}(…, …)", f"write {name}(…, …)")
    if f".{name}" in FUNCTIONS:
        return Text(f"写作 ….{name}(…)", f"write ….{name}(…)")
    names = [each.lstrip(".") for each in FUNCTIONS]
    return did_you_mean(name, [*names, "has", "exists", "all", "exists_one", "filter", "map"])


def _aggregate(call: Call, scope: Scope, expected: ScalarType | None) -> Checked:
    name = "size" if call.function == "count" else call.function
    if len(call.arguments) > 1:
        operand = check_list(ListLiteral(call.span, call.arguments), scope, expected)
    elif name == "size":
        found = scope.check(call.arguments[0], scope, None, False)
        if is_scalar(found):
            if isinstance(found.type, TextType):
                return t.TextFunction("size", (found,), t.INTEGER, found.may_be_nothing, call.span)
            scope.report("SR0509", call.arguments[0].span, found=plain_type(found.type))
            return None
        operand = found if is_list(found) else None
    else:
        operand = check_list(call.arguments[0], scope, expected)
    if operand is None:
        return None
    if name == "size":
        return t.Aggregate("size", operand, t.INTEGER, False, call.span)
    item = item_type(operand)
    if isinstance(item, NumberType):
        type_: ScalarType = NumberType(item.unit, item.integer)
    elif name != "sum" and (isinstance(item, DateType) or (isinstance(item, ChoiceType) and item.scale)):
        type_ = item
    else:
        fix = None
        if item is None:
            inside = f"{name}(….map(x, x.…))"
            fix = Text(f"先用 map 取出要算的数：{inside}", f"pick the number with map first: {inside}")
        scope.report("SR0523", call.span, name=name, type=list_words(operand), fix=fix)
        return None
    sure = isinstance(operand, t.ListOf) and any(not each.may_be_nothing for each in operand.items)
    return t.Aggregate(name, operand, type_, name != "sum" and not sure, call.span)  # type: ignore[arg-type]


def _date(call: Call, scope: Scope, expected: ScalarType | None) -> Checked:
    text = _text_literal(call.arguments[0], scope)
    if text is None:
        return None
    try:
        return t.Constant(Fraction(date.fromisoformat(text).toordinal()), t.DATE, call.span)
    except ValueError:
        scope.report("SR0524", call.arguments[0].span, found=text)
        return None


def _date_function(name: t.DateFunctionName, inputs: tuple[ScalarType, ...], output: ScalarType) -> Check:
    def check(call: Call, scope: Scope, expected: ScalarType | None) -> Checked:
        arguments = [check_scalar(each, scope, type_) for each, type_ in zip(call.arguments, inputs, strict=True)]
        good = tuple(a for a in arguments if a is not None)
        if len(good) != len(arguments):
            return None
        return t.DateFunction(name, good, output, any(a.may_be_nothing for a in good), call.span)

    return check


def _text_function(name: t.TextFunctionName, inputs: tuple[ScalarType, ...], output: ScalarType) -> Check:
    def check(call: Call, scope: Scope, expected: ScalarType | None) -> Checked:
        arguments = [check_scalar(each, scope, type_) for each, type_ in zip(call.arguments, inputs, strict=False)]
        good = tuple(a for a in arguments if a is not None)
        if len(good) != len(arguments):
            return None
        return t.TextFunction(name, good, output, any(a.may_be_nothing for a in good), call.span)

    return check


def _round(call: Call, scope: Scope, expected: ScalarType | None) -> Checked:
    operand = check_scalar(call.arguments[0], scope, t.NUMBER)
    digits = call.arguments[1] if len(call.arguments) > 1 else LiteralValue(call.span, Fraction(0))
    sign = 1
    if isinstance(digits, Unary) and digits.operator == "-":
        sign, digits = -1, digits.operand
    value = digits.value if isinstance(digits, LiteralValue) else None
    if not isinstance(value, Fraction) or isinstance(value, bool) or value.denominator != 1 or abs(value) > 30:
        whole = Text("-30 至 30 的整数", "a whole number from -30 to 30")
        scope.report("SR0512", call.arguments[-1].span, expected=whole)
        return None
    if operand is None:
        return None
    assert isinstance(operand.type, NumberType)
    places = sign * int(value)
    return t.Round(operand, places, NumberType(operand.type.unit, places <= 0), operand.may_be_nothing, call.span)


def _lookup(call: Call, scope: Scope, expected: ScalarType | None, guarded: bool = True) -> Checked:
    written = call.arguments[0]
    if isinstance(written, LiteralValue) and scope.is_broken(TABLES, str(written.value)):
        return None
    name = _named(written, scope, scope.tables, Text("查找表", "lookup table"))
    if name is None:
        return None
    table = scope.tables[name]
    if len(call.arguments) != len(table.keys) + 2:
        scope.report(
            "SR0511",
            call.span,
            name="lookup",
            found=len(call.arguments),
            expected=same(f'lookup("{name}", {", ".join(table.keys)}, "column")'),
        )
        return None
    column = _named(call.arguments[-1], scope, table.columns, Text("列", "column"))
    keys = [check_scalar(e, scope, table.columns[k]) for e, k in zip(call.arguments[1:-1], table.keys, strict=True)]
    good = tuple(key for key in keys if key is not None)
    if column is None or len(good) != len(keys):
        return None
    nothing = table.absent_key == "not_applicable" or table.has_empty(column) or any(k.may_be_nothing for k in good)
    value = t.LookupValue(name, good, column, table.columns[column], nothing, call.span)
    return applicable(value, scope) if guarded else value


def _findings(instances: bool) -> Check:
    def check(call: Call, scope: Scope, expected: ScalarType | None) -> Checked:
        sector = _named(call.arguments[0], scope, scope.schema.sectors, Text("行业领域", "sector"))
        severity = _named(call.arguments[1], scope, SEVERITIES, Text("严重程度", "severity"))
        if sector is None or severity is None:
            return None
        return t.FindingCount(sector, severity, instances, call.span)  # type: ignore[arg-type]

    return check


def _sector_grades(call: Call, scope: Scope, expected: ScalarType | None) -> Checked:
    scales: dict[str, ChoiceType] = {}
    for sector in scope.schema.sectors.values():
        for kind in scope.schema.kinds.values():
            found = scope.conclusion(kind.name, sector.grade) if kind.root and sector.grade is not None else None
            if found is not None and isinstance(found[0], ChoiceType):
                scales[found[0].name] = found[0]
    if len(scales) != 1:
        scope.report("SR0525", call.span, found=", ".join(sorted(scales)) or "0")
        return None
    return t.SectorGrades(next(iter(scales.values())), call.span)


Check = Callable[[Call, Scope, ScalarType | None], Checked]

#: name -> (fewest arguments, most arguments, check). A leading dot marks a function of its receiver.
FUNCTIONS: dict[str, tuple[int, int, Check]] = {
    "size": (1, 1, _aggregate),
    "count": (1, 1, _aggregate),
    "sum": (1, MANY, _aggregate),
    "min": (1, MANY, _aggregate),
    "max": (1, MANY, _aggregate),
    "date": (1, 1, _date),
    "days_between": (2, 2, _date_function("days_between", (t.DATE, t.DATE), DAYS)),
    "add_days": (2, 2, _date_function("add_days", (t.DATE, DAYS), t.DATE)),
    "add_months": (2, 2, _date_function("add_months", (t.DATE, NumberType(parse_unit("month"), integer=True)), t.DATE)),
    "year": (1, 1, _date_function("year", (t.DATE,), t.INTEGER)),
    "round": (1, 2, _round),
    "lookup": (3, MANY, _lookup),
    "findings": (2, 2, _findings(instances=False)),
    "instances": (2, 2, _findings(instances=True)),
    "sector_grades": (0, 0, _sector_grades),
    ".startsWith": (2, 2, _text_function("startsWith", (t.TEXT, t.TEXT), t.BOOLEAN)),
    ".endsWith": (2, 2, _text_function("endsWith", (t.TEXT, t.TEXT), t.BOOLEAN)),
    ".contains": (2, 2, _text_function("contains", (t.TEXT, t.TEXT), t.BOOLEAN)),
    ".substring": (2, 3, _text_function("substring", (t.TEXT, t.INTEGER, t.INTEGER), t.TEXT)),
}
