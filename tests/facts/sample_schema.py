"""A schema made by hand, with every type of fact, for the tests of this folder."""

from __future__ import annotations

from fractions import Fraction

from safetyrules.diagnostics import Diagnostic, FactsError
from safetyrules.facts.entity import Entity
from safetyrules.facts.input import FactModels, parse_facts
from safetyrules.facts.schema import (
    BooleanType,
    ChoiceType,
    DateType,
    Fact,
    FactType,
    Kind,
    NumberType,
    PartsType,
    Schema,
    Section,
    TextType,
    ValuesType,
)
from safetyrules.text import Text
from safetyrules.units import parse_unit
from safetyrules.values import AnyText, Finite, Interval, Scalar

SYSTEM = ChoiceType("system", ("dry", "wet", "none"), (Text("干式", "Dry"), Text("湿式", "Wet"), Text("无", "None")))
COLOUR = ChoiceType("colour", ("blue", "red"), (Text("蓝", "Blue"), Text("红", "Red")), scale=True, worse="last")
PERSONS = NumberType(parse_unit("person"), True, Fraction(0))
TONNES = NumberType(parse_unit("t"), False, Fraction(0), Fraction(100))


def fact(name: str, of: FactType, zh: str, en: str, may_not_apply: bool = False, help: Text | None = None) -> Fact:
    return Fact(name, of, Text(zh, en), help, may_not_apply)


def kind(
    name: str, zh: str, en: str, *facts: Fact, root: bool = False, parent: str = "", parent_fact: str = ""
) -> Kind:
    sections = {"dust": Section("dust", Text("粉尘", "Dust")), "dust.site": Section("dust.site", Text("现场", "Site"))}
    return Kind(
        name,
        Text(zh, en),
        root,
        {f.name: f for f in facts},
        sections if root else {},
        parent or None,
        parent_fact or None,
    )


ENTERPRISE = kind(
    "enterprise",
    "企业",
    "Enterprise",
    fact("name", TextType(), "名称", "Name"),
    fact("credit_code", TextType("credit_code"), "信用代码", "Credit code"),
    fact("place", TextType("place"), "地点", "Place", may_not_apply=True),
    fact("industry", TextType("industry"), "行业", "Industry"),
    fact("workers", PERSONS, "人数", "Workers", help=Text("看名册", "see the roll")),
    fact("permit", BooleanType(), "许可", "Permit"),
    fact("founded", DateType(), "成立", "Founded"),
    fact("closed_on", DateType(), "关闭", "Closed", may_not_apply=True),
    fact("dust.present", BooleanType(), "有粉尘", "Dust present"),
    fact("dust.stock", TONNES, "存量", "Stock", may_not_apply=True),
    fact("dust.temperature", NumberType(parse_unit("degC")), "温度", "Temperature"),
    fact("dust.ratio", NumberType(), "比", "Ratio"),
    fact("dust.system", SYSTEM, "系统", "System", may_not_apply=True),
    fact("dust.colour", COLOUR, "颜色", "Colour"),
    fact("dust.site.cleaned", BooleanType(), "已清扫", "Cleaned"),
    fact("dust.collectors", PartsType("dust.collector"), "除尘器", "Collectors"),
    fact("dust.depths", ValuesType(NumberType(parse_unit("mm"), False, Fraction(0))), "厚度", "Depths"),
    fact("drills", PartsType("drill", log="held_on"), "演练", "Drills"),
    root=True,
)
COLLECTOR = kind(
    "dust.collector",
    "除尘器",
    "Collector",
    fact("system", SYSTEM, "系统", "System"),
    fact("vented", BooleanType(), "泄爆", "Vented"),
    fact("fans", PartsType("fan"), "风机", "Fans"),
    parent="enterprise",
    parent_fact="dust.collectors",
)
FAN = kind(
    "fan",
    "风机",
    "Fan",
    fact("power", NumberType(), "功率", "Power"),
    fact("spark_proof", BooleanType(), "防爆", "Spark proof"),
    parent="dust.collector",
    parent_fact="fans",
)
DRILL = kind(
    "drill",
    "演练",
    "Drill",
    fact("held_on", DateType(), "日期", "Held on"),
    fact("full", BooleanType(), "综合", "Full"),
    parent="enterprise",
    parent_fact="drills",
)
SCHEMA = Schema(
    {k.name: k for k in (ENTERPRISE, COLLECTOR, FAN, DRILL)}, {"system": SYSTEM, "colour": COLOUR}, {}
)
MODELS = FactModels(SCHEMA)


def read(facts: object, *closed: str) -> Entity:
    return parse_facts(MODELS, "enterprise", facts, closed)


def problems(facts: object, *closed: str) -> tuple[Diagnostic, ...]:
    """What is wrong with the facts; empty where they are read."""
    try:
        read(facts, *closed)
    except FactsError as error:
        return error.diagnostics
    return ()


def nested(name: str, value: object) -> dict[str, object]:
    """Facts with one fact, its sections around it."""
    first, _, rest = name.partition(".")
    return {first: nested(rest, value) if rest else value}


def contains(abstract: Scalar, outcome: object) -> bool:
    """Is the outcome among what is possible?"""
    match abstract:
        case Finite(outcomes=outcomes):
            return outcome in outcomes
        case AnyText(nothing=nothing):
            return isinstance(outcome, str) or nothing
        case Interval(low=low, high=high, empty=empty):
            number = Fraction(outcome) if isinstance(outcome, int | Fraction) else None
            return (
                number is not None
                and not empty
                and (low is None or low <= number)
                and (high is None or number <= high)
            )
