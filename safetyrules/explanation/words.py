"""Terms as words a safety engineer reads, in Chinese and English, from the titles of facts, conclusions and choices.

The words of a term depend on the plan alone, so they are made once for each plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from fractions import Fraction

from safetyrules.explanation.amounts import either, listing, number_words, plain
from safetyrules.facts.entity import Entity
from safetyrules.facts.schema import BooleanType, ChoiceType, Kind, ScalarType, Schema, TextType
from safetyrules.language import terms as t
from safetyrules.language.plan import Plan
from safetyrules.text import Text, same

_OPERATORS: Mapping[str, Text] = {
    "==": same("="), "!=": same("≠"), "<": same("<"), "<=": same("≤"), ">": same(">"), ">=": same("≥"),
    "+": same("+"), "-": same("−"), "*": same("×"), "/": same("÷"), "%": Text("除以…的余数", "mod"),
}  # fmt: skip
_SEVERITIES: Mapping[str, Text] = {
    "major": Text("重大隐患", "major findings"),
    "general": Text("一般隐患", "general findings"),
    "any": Text("隐患", "findings"),
}
_JOINS = {"&&": Text("，且", " and "), "||": Text("，或", " or ")}
_ATOMS = (
    t.Constant,
    t.FactValue,
    t.ConclusionValue,
    t.ItemValue,
    t.AsOf,
    t.LookupValue,
    t.FindingCount,
    t.Aggregate,
    t.Sure,
    t.DateFunction,
    t.TextFunction,
    t.Round,
    t.Comparison,
    t.Among,
    t.Not,
    t.Applicable,
)


class Words:
    """The words of the terms of one plan."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan
        self.schema: Schema = plan.schema
        self._made: dict[tuple[int, t.EntityTerm | None], Text] = {}

    # ---- conditions and values ---------------------------------------------------------------------------------------

    def condition(self, term: t.Term, about: t.EntityTerm | None = None) -> Text:
        """A boolean term as a sentence; ``about`` is the entity that need not be named."""
        key = (id(term), about)
        made = self._made.get(key)
        if made is None:
            made = self._made[key] = self._condition(term, about)
        return made

    def _condition(self, term: t.Term, about: t.EntityTerm | None) -> Text:
        match term:
            case t.Constant(value):
                return Text("恒成立", "always") if value is True else Text("恒不成立", "never")
            case t.Sure(inner):
                return self.condition(inner, about)
            case t.FactValue() | t.ItemValue():
                return _is(self.value(term, about), True)
            case t.ConclusionValue():
                return self._concluded(term, about, True)
            case t.Not(operand):
                return self._negated(operand, about)
            case t.Junction(operator, operands):
                parts = [_bracketed(self.condition(o, about), isinstance(o, t.Junction | t.Choose)) for o in operands]
                join = _JOINS[operator]
                return Text(join.zh.join(p.zh for p in parts), join.en.join(p.en for p in parts))
            case t.Comparison():
                return self._comparison(term, about)
            case t.Among(operand, constants):
                words, members = self.value(operand, about), either(plain(c.value, operand.type) for c in constants)
                return Text(f"{words.zh}为{members.zh}", f"{words.en} is {members.en}")
            case t.Applicable(operand):
                words = self.value(operand, about)
                if isinstance(operand, t.LookupValue):
                    return Text(f"表中列有 {operand.column}", f"the table lists {operand.column}")
                if isinstance(operand, t.FactValue):
                    return Text(f"“{words.zh}”适用", f"“{words.en}” applies")
                return Text(f"有“{words.zh}”", f"there is a value for “{words.en}”")
            case t.Quantified():
                return self._quantified(term, about)
            case t.Choose(test, then, otherwise):
                when, one, two = (self.condition(each, about) for each in (test, then, otherwise))
                return Text(f"若{when.zh}，则{one.zh}，否则{two.zh}", f"if {when.en} then {one.en}, otherwise {two.en}")
            case t.TextFunction(function, arguments):
                whole, part = (self.value(each, about) for each in arguments)
                zh = {"startsWith": "以{}开头", "endsWith": "以{}结尾", "contains": "含有{}"}[function]
                en = {"startsWith": "starts with {}", "endsWith": "ends with {}", "contains": "contains {}"}[function]
                return Text(whole.zh + zh.format(part.zh), f"{whole.en} {en.format(part.en)}")
        return self.value(term, about)

    def value(self, term: t.Term, about: t.EntityTerm | None = None) -> Text:
        """A term as the name of its value."""
        match term:
            case t.Constant(value, type_):
                return plain(value, type_)
            case t.NoValueTerm():
                return Text("无", "none")
            case t.FactValue(entity, fact):
                return self._of(entity, about, self.schema.kinds[entity.kind].facts[fact].title)
            case t.ConclusionValue(entity, name):
                return self._of(entity, about, self.title(entity.kind, name))
            case t.ItemValue():
                return Text("该值", "the value")
            case t.AsOf():
                return Text("事实日期", "the day of the facts")
            case t.Sure(inner):
                return self.value(inner, about)
            case t.Arithmetic(operator, left, right):
                one, two = self._operand(left, about), self._operand(right, about)
                sign = _OPERATORS[operator]
                return Text(f"{one.zh} {sign.zh} {two.zh}", f"{one.en} {sign.en} {two.en}")
            case t.Negative(operand):
                words = self._operand(operand, about)
                return Text(f"−{words.zh}", f"−{words.en}")
            case t.Round(operand, digits):
                words = self.value(operand, about)
                return Text(f"{words.zh}（四舍五入到 {digits} 位小数）", f"{words.en} (rounded to {digits} decimals)")
            case t.Choose(test, then, otherwise):
                when, one, two = self.condition(test, about), self.value(then, about), self.value(otherwise, about)
                return Text(f"若{when.zh}取{one.zh}，否则取{two.zh}", f"{one.en} if {when.en}, otherwise {two.en}")
            case t.DateFunction(function, arguments):
                return _dates(function, [self.value(each, about) for each in arguments])
            case t.TextFunction(function, arguments) if function in ("substring", "size", "concat"):
                return self._text(function, arguments, about)
            case t.LookupValue(column=column):
                return Text(f"表列 {column}", f"{column} in the table")
            case t.FindingCount(sector, severity, instances):
                where, what = self.schema.sectors[sector].title, _SEVERITIES[severity]
                measure = Text("处数", "instances of ") if instances else Text("项数", "number of ")
                return Text(f"{where.zh}{what.zh}{measure.zh}", f"{measure.en}{what.en} ({where.en})")
            case t.Aggregate():
                return self._aggregate(term, about)
            case t.Permitted(permitted, _, type_):
                words = either(plain(each, type_) for each in permitted)
                return Text(f"可定为{words.zh}", f"may be {words.en}")
            case t.UnsettledReadings(readings):
                return Text(f"条文有 {len(readings)} 种读法", f"the clause has {len(readings)} readings")
            case t.DecisionTable():
                return Text("按决策表", "by decision table")
            case t.Excepted(base):
                return self.value(base, about)
            case t.Written():
                return Text("按各规则", "by its rules")
            case t.Unassigned():
                return Text("没有现行规定作出规定", "no instrument in force decides this")
        return self.condition(term, about)

    def title(self, kind: str, name: str) -> Text:
        conclusion = self.plan.by_key.get((kind, name))
        return conclusion.title if conclusion is not None else same(name)

    # ---- lists -------------------------------------------------------------------------------------------------------

    def listed(self, term: t.ListTerm, about: t.EntityTerm | None) -> Text:
        """A list by name."""
        match term:
            case t.PartsOf(entity, fact) | t.ValuesOf(entity, fact):
                return self._of(entity, about, self.schema.kinds[entity.kind].facts[fact].title)
            case t.ListOf(items):
                return listing(self.value(item, about) for item in items)
            case t.Filtered(operand, variable, test, kind):
                inside = t.Variable(variable, kind) if kind is not None else about
                words, which = self.condition(test, inside), self.listed(operand, about)
                return Text(f"（{words.zh}）的{which.zh}", f"{which.en} where {words.en}")
            case t.Mapped(operand, variable, test, body):
                kind = kind_of(operand)
                inside = t.Variable(variable, kind) if kind is not None else about
                source = operand if test is None else t.Filtered(operand, variable, test, kind, None)
                words, which = self.value(body, inside), self.listed(source, about)
                return Text(f"各{which.zh}的{words.zh}", f"{words.en} of each of {which.en}")
            case t.SectorGrades():
                return Text("所在各行业领域的等级", "the grades of its sectors")

    def member(self, term: t.ListTerm) -> Text:
        """One member of a list by name."""
        kind = kind_of(term)
        return self.schema.kinds[kind].title if kind is not None else Text("值", "value")

    def _quantified(self, term: t.Quantified, about: t.EntityTerm | None) -> Text:
        kind = kind_of(term.operand)
        inside = t.Variable(term.variable, kind) if kind is not None else about
        body, one = self.condition(term.body, inside), self.member(term.operand)
        if isinstance(term.operand, t.Filtered):
            narrowed = self.condition(term.operand.test, t.Variable(term.operand.variable, kind) if kind else about)
            one = Text(f"（{narrowed.zh}）的{one.zh}", f"{one.en.lower()} with {narrowed.en}")
        english = one.en[:1].lower() + one.en[1:]
        match term.quantifier:
            case "exists":
                return Text(f"存在{one.zh}满足：{body.zh}", f"some {english} where {body.en}")
            case "all":
                return Text(f"所有{one.zh}均满足：{body.zh}", f"every {english}: {body.en}")
        return Text(f"恰有一个{one.zh}满足：{body.zh}", f"exactly one {english} where {body.en}")

    def _aggregate(self, term: t.Aggregate, about: t.EntityTerm | None) -> Text:
        words = self.listed(term.operand, about)
        match term.function:
            case "size":
                return Text(f"{words.zh}的数量", f"the number of {words.en}")
            case "sum":
                return Text(f"{words.zh}之和", f"the sum of {words.en}")
            case "max":
                return Text(f"{words.zh}中的最大者", f"the greatest of {words.en}")
        return Text(f"{words.zh}中的最小者", f"the least of {words.en}")

    # ---- parts of sentences ------------------------------------------------------------------------------------------

    def _of(self, entity: t.EntityTerm, about: t.EntityTerm | None, title: Text) -> Text:
        """A title with its owner before it, where that is not plain."""
        if about is None and not (isinstance(entity, t.Up) and entity.levels == 0):
            plainly = isinstance(entity, t.Up) and self.schema.kinds[entity.kind].root
        else:
            plainly = about is None or entity == about
        if plainly:
            return title
        owner = self.schema.kinds[entity.kind].title
        return Text(f"{owner.zh}的{title.zh}", f"{title.en} ({owner.en.lower()})")

    def _operand(self, term: t.Term, about: t.EntityTerm | None) -> Text:
        return _bracketed(self.value(term, about), not isinstance(term, _ATOMS))

    def _concluded(self, term: t.ConclusionValue, about: t.EntityTerm | None, want: bool) -> Text:
        words = self.value(term, about)
        conclusion = self.plan.by_key.get((term.entity.kind, term.conclusion))
        if conclusion is not None and conclusion.kind == "finding":
            found = ("成立", "found") if want else ("不成立", "not found")
            return Text(f"“{words.zh}”{found[0]}", f"{words.en}: {found[1]}")
        return _is(words, want)

    def _negated(self, operand: t.Term, about: t.EntityTerm | None) -> Text:
        if isinstance(operand, t.Sure):
            return self._negated(operand.term, about)
        if isinstance(operand, t.FactValue | t.ItemValue):
            return _is(self.value(operand, about), False)
        if isinstance(operand, t.ConclusionValue):
            return self._concluded(operand, about, False)
        words = self.condition(operand, about)
        return Text(f"并非：{words.zh}", f"not: {words.en}")

    def _comparison(self, term: t.Comparison, about: t.EntityTerm | None) -> Text:
        left, right = self._operand(term.left, about), self._operand(term.right, about)
        sign = _OPERATORS[term.operator]
        if isinstance(term.left.type, ChoiceType | TextType | BooleanType) and term.operator in ("==", "!="):
            sign = Text(sign.zh, "is" if term.operator == "==" else "is not")
        return Text(f"{left.zh} {sign.zh} {right.zh}", f"{left.en} {sign.en} {right.en}")

    def _text(self, function: str, arguments: tuple[t.Term, ...], about: t.EntityTerm | None) -> Text:
        whole = self.value(arguments[0], about)
        if function == "size":
            return Text(f"{whole.zh}的位数", f"the length of {whole.en}")
        if function == "concat":
            other = self.value(arguments[1], about)
            return Text(f"{whole.zh}连{other.zh}", f"{whole.en} followed by {other.en}")
        ends = [each.value for each in arguments[1:] if isinstance(each, t.Constant)]
        if len(ends) == 2 and all(isinstance(end, Fraction) for end in ends):
            first, last = number_words(Fraction(ends[0]) + 1), number_words(Fraction(ends[1]))
            if ends[0] == 0:
                return Text(f"{whole.zh}的前 {last} 位", f"the first {last} characters of {whole.en}")
            return Text(f"{whole.zh}的第 {first} 至 {last} 位", f"characters {first} to {last} of {whole.en}")
        return Text(f"{whole.zh}的一段", f"a part of {whole.en}")


def kind_of(term: t.ListTerm) -> str | None:
    """The kind of the parts in a list; None for scalars."""
    match term:
        case t.PartsOf(kind=kind):
            return kind
        case t.Filtered(kind=kind):
            return kind
    return None


def item_of(term: t.ListTerm) -> ScalarType:
    """The type of the scalars in a list."""
    item = None if isinstance(term, t.PartsOf) else term.item
    return t.TEXT if item is None else item


def label(entity: Entity, schema: Schema) -> Text:
    """An entity by its own name where it has one, else by kind and number."""
    kind = schema.kinds[entity.kind]
    if entity.residual:
        return Text(f"未列出的{kind.title.zh}", f"a {_lower(kind)} not listed")
    named = entity.values.get("name")
    outcomes: frozenset[object] = getattr(named, "outcomes", frozenset())
    if len(outcomes) == 1 and isinstance(name := next(iter(outcomes)), str):
        return same(name)
    if entity.parent is None:
        return kind.title
    number = int(entity.path.rpartition("[")[2].rstrip("]")) + 1
    return Text(f"第 {number} 个{kind.title.zh}", f"{kind.title.en} {number}")


def _lower(kind: Kind) -> str:
    return kind.title.en[:1].lower() + kind.title.en[1:]


def _is(words: Text, want: bool) -> Text:
    return Text(f"{words.zh} = {'是' if want else '否'}", f"{words.en}: {'yes' if want else 'no'}")


def _bracketed(words: Text, needed: bool) -> Text:
    return Text(f"（{words.zh}）", f"({words.en})") if needed else words


def _dates(function: str, words: list[Text]) -> Text:
    if function == "year":
        return Text(f"{words[0].zh}的年份", f"the year of {words[0].en}")
    one, two = words
    match function:
        case "days_between":
            return Text(f"{one.zh}至{two.zh}的天数", f"days from {one.en} to {two.en}")
        case "add_days":
            return Text(f"{one.zh}之后 {two.zh}", f"{two.en} after {one.en}")
    return Text(f"{one.zh}之后 {two.zh}", f"{two.en} after {one.en}")
